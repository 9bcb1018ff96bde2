"""Populations per fraction: bars are shares of what went in, densities those of the fractions."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

import sepsim
from sepsim.drawing.palette import label, look
from sepsim.errors import InputError
from sepsim.method import Outcome
from sepsim.plots import fraction_bars


@pytest.fixture(scope="module")
def spun():
    """Twelve fractions from the bottom, with handling losses; three of them are kept."""
    step = {
        "name": "gradient",
        "method": "density_gradient",
        "rotor": "SW 41 Ti",
        "speed_rpm": 35_000,
        "time_min": 60,
        "layers": [{"volume_mL": 5.5, "sucrose_percent_w_w": percent} for percent in (10, 40)],
        "fractions": 12,
        "collect_from": "bottom",
        "resuspend": {"medium": "PBS", "volume_mL": 0.5},
        "pellet_recovery": 0.5,
        "keep": "fractions 4-6",
    }
    names = ["exosome", "albumin", "cell", {"name": "beads", "kind": "particle", "density_g_mL": 2, "diameter_nm": 500}]
    populations = [{"particles_per_mL": 1e6, **(name if isinstance(name, dict) else {"name": name})} for name in names]
    sample = {"medium": "PBS", "volume_mL": 1, "size_bins": 3, "density_quantiles": 2, "population": populations}
    return sepsim.protocol_from_table({"sample": sample, "step": [step]}).run(seed=1).bench[0]


def heights(ax):
    return np.array([bar.get_height() for bar in ax.containers[0]])


def columns(ax):
    return [text.get_text() for text in ax.get_xticklabels()]


def test_bars_sum_to_all_that_went_in(spun, collected):
    step = collected.bench[1]
    there = [label(name, 14) for name, number in step.kept.by_population.items() if number > 0]
    rows = fraction_bars(step)[1:]
    assert sorted(ax.get_ylabel() for ax in rows) == sorted(there)
    for ax in (*rows, *fraction_bars(spun)[1:]):
        assert heights(ax).sum() == pytest.approx(100)


def test_bars_are_the_shares_of_the_fractions(spun):
    axes = fraction_bars(spun)
    names = [*(f"fraction {number}" for number in range(1, 13)), "pellet", "lost"]
    fractions = spun.outcome.fractions
    assert columns(axes[-1]) == [*(str(number) for number in range(1, 13)), "pellet", "lost"]
    assert [ax.get_ylabel() for ax in axes[1:]] == ["exosome", "beads", "albumin", "cell"]
    for ax, name in zip(axes[1:], ("exosome", "beads", "albumin", "cell"), strict=True):
        numbers = np.array([fractions[column].by_population[name] for column in names])
        assert heights(ax) == pytest.approx(100 * numbers / numbers.sum())
        assert same_color(ax.containers[0][0].get_facecolor(), look(name).color)
    assert heights(axes[2])[-2:] == pytest.approx([50, 50], abs=0.1)  # of a pellet, half of which comes back


def test_density_is_that_of_the_fractions(spun):
    line = fraction_bars(spun)[0].lines[0]
    densities = [spun.outcome.fractions[f"fraction {number}"].medium.density for number in range(1, 13)]
    assert line.get_xdata() == pytest.approx(range(12))
    assert line.get_ydata() * 1e3 == pytest.approx(densities)
    assert line.get_ydata()[0] > 1.17 > 1.04 > line.get_ydata()[-1]  # collected from the bottom


@pytest.mark.parametrize("which", ["spun", "collected"])
def test_what_is_kept_stands_on_a_shade(which, spun, collected):
    step = spun if which == "spun" else collected.bench[1]
    order = [name for name in step.outcome.fractions if name.startswith("fraction")]
    for ax in fraction_bars(step, ["exosome", "albumin"]):
        bars = {id(bar) for container in ax.containers for bar in container}
        shaded = [patch.get_x() + 0.5 for patch in ax.patches if id(patch) not in bars]
        assert [order[round(place)] for place in shaded] == list(step.chosen)


def test_any_technique_with_numbered_fractions_will_do(collected):
    axes = fraction_bars(collected.bench[1], "exosome")
    assert len(axes) == 2
    assert len(axes[1].containers[0]) == 24 + 2
    assert axes[0].lines[0].get_ydata() == pytest.approx(1.0 + 0.01 * np.arange(24), abs=0.005)  # and its proteins


def test_nothing_lost_has_no_column(spun):
    names = {**spun.outcome.fractions, "lost": spun.outcome.fractions["lost"].take(0.0, 0.0)[0]}
    assert "lost" not in columns(fraction_bars(replace(spun, outcome=Outcome(fractions=names)), "exosome")[-1])


def test_names_and_units_within_the_picture(spun, collected):
    for step, chosen in ((spun, None), (collected.bench[1], ["albumin"])):
        axes = fraction_bars(step, chosen)
        figure = axes[0].figure
        figure.draw_without_rendering()
        assert "[% of what went in]" in figure.get_supylabel()
        assert "[g/mL]" in axes[0].get_ylabel()
        assert step.keep in figure.get_suptitle()
        written = [text for ax in axes for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]]
        assert min(text.get_fontsize() for text in written) >= 9
        sides = [text.get_window_extent() for text in figure.texts]  # clipped, so that the box of all leaves them out
        assert min(min(side.x0, side.y0) for side in sides) >= -2
        assert max(side.y1 for side in sides) <= figure.bbox.y1 + 2
        used = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
        assert min(used.x0, used.y0) >= -2
        assert used.x1 <= figure.bbox.x1 + 2
        assert used.y1 <= figure.bbox.y1 + 2


def test_draws_into_the_figure_given(spun):
    figure = Figure()
    assert all(ax.figure is figure for ax in fraction_bars(spun, figure=figure))


def test_fractions_without_numbers_are_drawn_under_their_names(aliquot):
    density, exosomes = fraction_bars(aliquot.bench[0], "exosome")
    assert columns(exosomes) == ["aliquot", "rest"]
    assert heights(exosomes) == pytest.approx([25, 75])
    assert density.lines[0].get_ydata()[0] == density.lines[0].get_ydata()[1]


def test_what_cannot_be_drawn_is_refused(run, spun):
    with pytest.raises(InputError, match="give one step of a run"):
        fraction_bars(run)
    with pytest.raises(InputError, match="'exosom' was not loaded; did you mean 'exosome'"):
        fraction_bars(spun, "exosom")
    with pytest.raises(InputError, match=r"populations = \[\]: name at least one"):
        fraction_bars(spun, [])
