"""Filtration over time: lines are those of the run, stages are shaded and named."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from membranes_drawn import SPIN, TFF, filtered

import sepsim
from sepsim.errors import InputError
from sepsim.plots import filtration_course
from sepsim.techniques.filtration.pictures.filtration_course import log_axis


@pytest.fixture(scope="module")
def spun():
    return filtered(SPIN)


@pytest.fixture(scope="module")
def washed():
    return filtered(SPIN, concentrate_to_mL=1, diavolumes=9, washes=3)


@pytest.fixture(scope="module")
def pumped():
    return filtered(TFF, volume_mL=100, concentration_factor=10, diavolumes=7)


def axis(figure, text):
    return next(ax for ax in figure.axes if text in ax.get_ylabel())


def drawn(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def shades(ax):
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]


def top(ax):
    """Names and places of the stages."""
    (axis,) = ax.child_axes
    return {text.get_text(): place for text, place in zip(axis.get_xticklabels(), axis.get_xticks(), strict=True)}


def test_flux_and_pressure_are_those_of_the_run_in_lab_units(spun):
    run = spun.outcome.trace
    figure = filtration_course(spun)[0].figure
    minutes, flux = drawn(axis(figure, "flux [L m"))["flux"].get_data()
    assert minutes * 60 == pytest.approx(run.time)
    assert flux == pytest.approx(run.flux * 3600 * 1000)
    assert drawn(axis(figure, "pressure [bar]"))["pressure"].get_ydata() == pytest.approx(run.pressure / 1e5)


def test_what_has_permeated_is_the_area_under_the_flux(pumped):
    minutes, flux = drawn(filtration_course(pumped)[0])["flux"].get_data()
    litres = np.trapezoid(flux, minutes / 60) * pumped.outcome.trace.membrane.area
    assert litres == pytest.approx(0.09 + 7 * 0.01, rel=0.02)


def test_volume_falls_and_is_replenished_at_once(washed):
    figure = filtration_course(washed)[0].figure
    (fill,) = axis(figure, "volume in the vessel [mL]").collections
    corners = fill.get_paths()[0].vertices
    assert corners[:, 1].max() == pytest.approx(15)
    ends = washed.outcome.trace.time[list(washed.outcome.trace.ends)] / 60
    for end in ends[:2]:
        here = corners[np.isclose(corners[:, 0], end, rtol=1e-12) & (corners[:, 1] > 0), 1]
        assert set(np.round(here, 6)) == {1.0, 4.0}  # 1 mL, and 3 mL of buffer poured onto it


def test_concentrations_start_at_one_and_rise_with_what_is_held_back(spun):
    """LDL is 2.6 times as wide as the rated protein: held back but for a little, and rises as the volume falls."""
    (line,) = drawn(filtration_course(spun, "ldl")[1]).values()
    run = spun.outcome.trace
    assert line.get_ydata()[0] == 1
    assert line.get_ydata() == pytest.approx(run.volume[0] / run.volume, rel=0.1)


def test_poured_buffer_dilutes(washed):
    (line,) = drawn(filtration_course(washed, "ldl")[1]).values()
    minutes, concentration = line.get_data()
    twice = np.flatnonzero(np.diff(minutes) == 0)
    assert len(twice) == 3
    assert concentration[twice + 1] == pytest.approx(concentration[twice] / 4)


def test_stages_are_shaded_and_named(pumped, washed):
    for step, names in (
        (pumped, ["concentrate", "diafilter"]),
        (washed, ["concentrate", "wash 1", "wash 2", "wash 3"]),
    ):
        run = step.outcome.trace
        ends = run.time[list(run.ends)] / 60
        borders = [*zip([0, *ends[:-1]], ends, strict=True)]
        upper, _ = filtration_course(step)
        for text in ("pressure", "volume in the vessel"):
            assert np.array(shades(axis(upper.figure, text))) == pytest.approx(np.array(borders))
        assert top(upper) == pytest.approx({name: np.mean(border) for name, border in zip(names, borders, strict=True)})


def test_narrow_stages_are_named_without_a_slant():
    """Twelve washes have no room for their names, and together they have."""
    upper, _ = filtration_course(filtered(SPIN, 5, concentrate_to_mL=1, diavolumes=36, washes=12))
    upper.figure.draw_without_rendering()
    (names,) = upper.child_axes
    texts = {text.get_text(): text for text in names.get_xticklabels()}
    assert "wash 1\u201312" in texts
    assert set(texts) <= {"concentrate", "wash 1\u201312"}
    assert {text.get_rotation() for text in texts.values()} == {0}
    boxes = [text.get_window_extent() for text in texts.values()]
    assert not any(one.overlaps(other) for one, other in pairwise(boxes))


def test_a_single_pass_is_drawn_over_the_volume_of_the_permeate():
    table = {"name": "filter", "method": "filtration", "keep": "permeate", "devices": 2}
    sample = {"medium": "PBS", "volume_mL": 10, "size_bins": 2, "density_quantiles": 1,
              "population": [{"name": "ldl", "particles_per_mL": 1e3}]}  # fmt: skip
    step = sepsim.protocol_from_table({"target": "ldl", "sample": sample, "step": [table]}).run(seed=1).bench[0]
    upper, lower = filtration_course(step)
    assert lower.get_xlabel() == "volume of the permeate [mL]"
    permeate = step.outcome.fractions["permeate"].volume * 1e6
    assert lower.get_xlim() == pytest.approx((0, permeate))
    assert drawn(upper)["flux"].get_xdata()[-1] == pytest.approx(permeate)
    assert shades(axis(upper.figure, "pressure")) == [pytest.approx((0, permeate))]


@pytest.mark.parametrize("limits", [(2240, 12320), (0.7, 3), (1, 300), (1e-3, 50), (1.8, 2300), (3, 4.4)])
def test_a_logarithmic_axis_has_numbers_enough_and_not_too_many(limits):
    ax = Figure().add_subplot()
    log_axis(ax, *limits)
    ax.figure.draw_without_rendering()
    ticks = [tick for tick in ax.get_yticks() if limits[0] <= tick <= limits[1]]
    assert 2 <= len(ticks) <= 11
    assert len(ticks) >= 4 or limits == (3, 4.4)


def test_a_membrane_without_a_name_is_not_named():
    own = {"material": "alumina", "pore_diameter_nm": 20, "area_cm2": 5, "permeability_L_m2_h_bar": 100}
    title = filtration_course(filtered({**SPIN, "membrane": own}, 5, ["ldl"]))[0].figure.get_suptitle()
    assert title == "ultrafiltration"


def test_why_it_ended_early_is_told():
    step = filtered(SPIN, time_min=0.1)
    title = filtration_course(step)[0].figure.get_suptitle()
    assert "ended early: 'concentrate': the time is over" in title
    assert "ended early" not in filtration_course(filtered(SPIN))[0].figure.get_suptitle()


def test_names_and_units_within_the_picture(pumped, washed):
    for step in (pumped, washed):
        upper, lower = filtration_course(step)
        figure = upper.figure
        figure.draw_without_rendering()
        assert lower.get_xlabel() == "time [min]"
        assert "× that of the sample" in lower.get_ylabel()
        assert step.outcome.trace.membrane.name in figure.get_suptitle()
        used = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
        assert min(used.x0, used.y0) >= -2
        assert used.x1 <= figure.bbox.x1 + 2
        assert used.y1 <= figure.bbox.y1 + 2
        legend = lower.get_legend().get_window_extent()
        assert not legend.overlaps(axis(figure, "volume in the vessel").yaxis.label.get_window_extent())


def test_draws_into_the_figure_given(spun):
    figure = Figure()
    assert all(ax.figure is figure for ax in filtration_course(spun, figure=figure))


def test_what_cannot_be_drawn_is_refused(spun, run):
    with pytest.raises(InputError, match="centrifugation is no filtration through a membrane"):
        filtration_course(run.bench[0])
    with pytest.raises(InputError, match="'albumine' was not loaded; did you mean 'albumin'"):
        filtration_course(spun, "albumine")
