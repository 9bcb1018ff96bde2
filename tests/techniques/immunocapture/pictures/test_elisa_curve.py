"""The curve of an assay: a line for each reading, a marker at each limit that is reached."""

import pytest

import sepsim
from sepsim.errors import InputError
from sepsim.plots import elisa_curve


def reading(per_mL):
    population = {"name": "exosome", "diameter_nm": 100, "particles_per_mL": per_mL}
    recipe = sepsim.SampleRecipe(volume_mL=1, temperature_C=25, medium="PBS", population=[population])
    return sepsim.elisa(recipe, sepsim.ElisaPlate(antigen="CD81", detection="CD63"), [1e-4, 1e-2, 1.0])


def test_each_reading_has_a_line_and_its_limit_a_marker():
    strong, weak = reading(1e12), reading(1e6)
    ax = elisa_curve({"strong": strong, "weak": weak})
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["strong"].get_ydata() == pytest.approx(strong.signal)
    assert lines["weak"].get_xdata() == pytest.approx(weak.vesicles_per_mL)
    (limit,) = [line for name, line in lines.items() if name.startswith("limit")]
    assert limit.get_xdata() == pytest.approx([strong.detection_limit_per_mL])


def test_a_reading_alone_is_named_by_its_antibodies():
    assert elisa_curve(reading(1e10)).lines[0].get_label().replace("\n", " ") == "captured by CD81, detected by CD63"


def test_nothing_to_draw_is_told():
    with pytest.raises(InputError, match="readings: none"):
        elisa_curve({})


def test_the_blank_is_named_below_all_curves():
    ax = elisa_curve(reading(1e10))
    (told,) = [text for text in ax.texts if text.get_text().startswith("blank")]
    assert told.xy[1] < min(line.get_ydata().min() for line in ax.lines)
