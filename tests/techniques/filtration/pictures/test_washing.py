"""What is left in the vessel: shares of the load, between what is held back and what passes freely."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from membranes_drawn import SPIN, TFF, filtered

import sepsim
from sepsim.errors import InputError
from sepsim.plots import washing_out

TINY = {"name": "tiny", "kind": "particle", "diameter_nm": 0.5, "density_g_mL": 1.3, "particles_per_mL": 1e8}


def drawn(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def guide(ax):
    (line,) = [line for text, line in drawn(ax).items() if text.startswith("goes with the liquid")]
    return line


@pytest.fixture(scope="module")
def diafiltered():
    return filtered(TFF, 100, ["ldl", "albumin", TINY], concentration_factor=10, diavolumes=7, final_volume_mL=5)


@pytest.fixture(scope="module")
def in_portions():
    return filtered(SPIN, 10, ["ldl", "albumin", TINY], concentrate_to_mL=1, diavolumes=9, washes=3)


def test_what_passes_freely_follows_the_guide(diafiltered):
    """S = 1: concentrating ten times leaves a tenth, and each diavolume divides by e."""
    ax = washing_out(diafiltered)
    diavolumes, left = drawn(ax)["tiny"].get_data()
    assert diavolumes[[0, -1]] == pytest.approx([0, 7])  # the last concentration washes nothing
    assert left == pytest.approx(10 * np.exp(-diavolumes), rel=0.03)
    assert guide(ax).get_ydata() == pytest.approx(10 * np.exp(-diavolumes))
    assert "exp(–N)" in guide(ax).get_label()


def test_shares_are_those_of_the_run(diafiltered):
    run = diafiltered.outcome.trace
    start, end = run.ends[:2]
    line = drawn(washing_out(diafiltered, "albumin"))["albumin"]
    numbers = run.vessel[start : end + 1, run.particles.names.index("albumin")]
    assert line.get_ydata() == pytest.approx(100 * numbers / 1e10)  # 100 mL of 1e8 per mL
    assert line.get_xdata() == pytest.approx(run.diavolumes[start : end + 1])


def test_portions_wash_less_well_than_a_steady_flow(in_portions):
    """Each of three portions of three volumes leaves a quarter of what passes freely; exp(-3) is a twentieth."""
    ax = washing_out(in_portions)
    diavolumes, left = drawn(ax)["tiny"].get_data()
    ends = [int(np.argmin(np.abs(diavolumes - place))) for place in (3, 6, 9)]
    assert left[ends] == pytest.approx([10 / 4, 10 / 16, 10 / 64], rel=0.05)
    assert np.all(left[ends] > guide(ax).get_ydata()[ends])
    marks = [line.get_xdata()[0] for line in ax.lines if line.get_label() == "_end of a stage"]
    assert marks == pytest.approx([3, 6])


def test_without_washing_the_volume_is_followed():
    step = filtered(SPIN, 10, ["ldl", TINY])
    ax = washing_out(step)
    assert ax.get_xlabel() == "concentration factor X of the volume [-]"
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    factor, left = drawn(ax)["tiny"].get_data()
    assert factor[[0, -1]] == pytest.approx([1, 10])
    assert left == pytest.approx(100 / factor, rel=0.02)
    assert guide(ax).get_ydata() == pytest.approx(100 / factor)
    assert drawn(ax)["LDL"].get_ydata()[-1] > 90  # three times as wide as what the cut-off names


def test_what_lies_down_on_the_membrane_goes_with_the_liquid_too():
    """Nothing stirs a syringe filter: cells leave the liquid with it, and none is in the permeate."""
    table = {"name": "filter", "method": "filtration", "keep": "permeate"}
    cells = {"medium": "PBS", "volume_mL": 10, "size_bins": 2, "density_quantiles": 1,
             "population": [{"name": "cell", "particles_per_mL": 1e3}]}  # fmt: skip
    protocol = sepsim.protocol_from_table({"target": "cell", "sample": cells, "step": [table]})
    step = protocol.run(seed=1).bench[0]
    ax = washing_out(step)
    assert ax.get_xlabel() == "volume of the permeate [mL]"
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "linear")
    assert drawn(ax)["cell"].get_xdata()[-1] == pytest.approx(step.outcome.fractions["permeate"].volume * 1e6)
    assert guide(ax).get_ydata() == pytest.approx(100 - 10 * guide(ax).get_xdata())  # of 10 mL
    assert drawn(ax)["cell"].get_ydata() == pytest.approx(guide(ax).get_ydata(), rel=0.02)
    assert "or onto it" in guide(ax).get_label().replace("\n", " ")
    assert step.outcome.fractions["permeate"].by_population["cell"] == pytest.approx(0, abs=1)


def test_what_lies_on_the_membrane_is_told_of_what_was_filled_in():
    cells = {"name": "cell", "particles_per_mL": 1e3}
    step = filtered(SPIN, 10, [cells, "ldl", TINY], deposit_recovery=0)
    run = step.outcome.trace
    loaded = step.outcome.fractions["lost"].by_population["cell"] + run.vessel[-1][run.particles.names.index("cell")]
    lying = 100 * step.outcome.fractions["lost"].by_population["cell"] / loaded  # nothing sticks, bursts or comes back
    (told,) = [
        text.get_text() for text in washing_out(step).get_legend().get_texts() if "on the membrane" in text.get_text()
    ]
    assert "deposit_recovery" in told
    assert f"cell {lying:.0f}" in told
    assert "tiny" not in told
    assert not [text for text in washing_out(step, "tiny").get_legend().get_texts() if "at the end" in text.get_text()]


def test_a_membrane_without_a_name_is_not_named():
    own = {"material": "alumina", "pore_diameter_nm": 20, "area_cm2": 5, "permeability_L_m2_h_bar": 100}
    title = washing_out(filtered({**SPIN, "membrane": own}, 5, ["ldl"])).get_title(loc="left")
    assert title == "What is left in the vessel on concentrating: ultrafiltration"


def test_washing_from_the_start_counts_the_first_portion():
    step = filtered(SPIN, 5, [TINY, "ldl"], diavolumes=2, washes=1)
    diavolumes, left = drawn(washing_out(step))["tiny"].get_data()
    assert diavolumes[[0, -1]] == pytest.approx([0, 2])
    assert left[[0, -1]] == pytest.approx([100, 100 / 3], rel=0.02)


def test_guides_names_and_units(in_portions):
    ax = washing_out(in_portions)
    assert drawn(ax)["held back and swept back"].get_ydata() == [100, 100]
    assert "[% of what was filled in]" in ax.get_ylabel()
    assert ax.get_xlabel() == "diavolumes of permeate [-]"
    assert in_portions.outcome.trace.membrane.name in ax.get_title(loc="left")
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert {"tiny", "LDL", "albumin", "held back and swept back"} <= set(texts)
    figure = ax.figure
    figure.draw_without_rendering()
    used = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert min(used.x0, used.y0) >= -2
    assert used.x1 <= figure.bbox.x1 + 2
    assert used.y1 <= figure.bbox.y1 + 2


def test_draws_into_the_axes_given(in_portions):
    ax = Figure().add_subplot()
    assert washing_out(in_portions, ax=ax) is ax


def test_what_cannot_be_drawn_is_refused(in_portions, run):
    with pytest.raises(InputError, match="centrifugation is no filtration through a membrane"):
        washing_out(run.bench[0])
    with pytest.raises(InputError, match="'exosome' was not loaded"):
        washing_out(in_portions, "exosome")
