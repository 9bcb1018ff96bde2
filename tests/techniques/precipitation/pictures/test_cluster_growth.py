"""Clusters as they are drawn: solids add up, sizes grow, bars are shares of what is there."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from precipitates_drawn import PLASMA, alone, precipitated, within

from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.errors import InputError
from sepsim.plots import cluster_growth

DENSE, DILUTE = 1e10, 1e8
CELLS = 40  # in a decade


@pytest.fixture(scope="module")
def vesicles():
    return precipitated(alone("exosome", DENSE))


@pytest.fixture(scope="module")
def plasma():
    return precipitated(PLASMA)


def curves(ax):
    """Return the densities that are drawn by time, with the flakes at that time."""
    flakes = {line.get_label(): line.get_ydata()[0] for line in ax.lines if line.get_label().startswith("_larger")}
    return {
        line.get_label(): (line.get_xdata(), line.get_ydata(), flakes.get(f"_larger after {line.get_label()}", 0.0))
        for line in ax.lines
        if not line.get_label().startswith("_")
    }


def areas(ax):
    """Return the area of each filled outline [%], by its name."""
    found = {}
    for patch in ax.patches:
        if hasattr(patch, "get_data"):
            values, edges, base = patch.get_data()
            found[patch.get_label()] = float((values - base) @ np.diff(np.log10(edges)))
    return found


def bars(ax):
    """Return the widths of the bars by name and population [%]."""
    names = [text.get_text() for text in ax.get_yticklabels()]
    return {
        kind.get_label().removeprefix("_"): dict(zip(names, [bar.get_width() for bar in kind], strict=True))
        for kind in ax.containers
    }


def needed(ax):
    (line,) = [line for line in ax.lines if "lands" in line.get_label()]
    return line.get_xdata()[0]


@pytest.mark.parametrize("name", ["vesicles", "plasma"])
def test_the_area_of_each_curve_is_all_that_came_out(name, request):
    growing, after, _, _ = cluster_growth(request.getfixturevalue(name))
    drawn = curves(growing)
    assert len(drawn) >= 3
    for _, density, flakes in drawn.values():
        assert density.sum() / CELLS + flakes == pytest.approx(100, abs=1.1)  # flakes below 1 % are not drawn
    assert sum(areas(after).values()) == pytest.approx(100, abs=1e-6)


def test_clusters_grow(vesicles, plasma):
    growing = cluster_growth(vesicles)[0]
    means = [np.average(np.log(x), weights=density) for x, density, _ in curves(growing).values()]
    assert np.all(np.diff(means) > 0)
    assert 0.05 < np.exp(means[0]) < 0.2  # um: single vesicles
    flakes = [larger for _, _, larger in curves(cluster_growth(plasma)[0]).values()]
    assert flakes[0] == 0
    assert flakes[-1] > 99  # plasma sets to flakes within the hour


def test_what_pellets_is_the_share_of_solids_that_landed(vesicles):
    made = vesicles.outcome.trace
    solids = made.parts.number * made.parts.volume
    landed = 100 * float(solids @ made.landed.share / solids.sum())
    assert 1 < landed < 99
    after = cluster_growth(vesicles)[1]
    found = areas(after)
    assert sum(area for name, area in found.items() if "pelleted" in name) == pytest.approx(landed)
    (text,) = [t.get_text() for t in after.get_legend().get_texts() if t.get_text().startswith("pelleted")]
    assert float(text.split()[1]) == pytest.approx(landed, rel=0.05)


@pytest.mark.parametrize("name", ["vesicles", "plasma"])
def test_bars_sum_to_all_and_to_what_pelleted(name, request):
    step = request.getfixturevalue(name)
    ax = cluster_growth(step)[3]
    kinds = bars(ax)
    spin = step.outcome.trace.spin
    pelleted = spin.particles.totals(spin.counts * spin.pelleted) / spin.particles.totals(spin.counts)
    numbers = [*kinds["pelleted in clusters"].values()]
    totals = np.sum([[*widths.values()] for widths in kinds.values()], axis=0)
    assert len(numbers) == len(spin.particles.names)
    assert totals == pytest.approx(100)
    assert min(min(widths.values()) for widths in kinds.values()) >= -1e-9
    down = np.add(numbers, [*kinds["pelleted alone"].values()])
    assert np.sort(down) == pytest.approx(np.sort(100 * pelleted))


def test_what_stays_dispersed_is_shown(plasma):
    dispersed = bars(cluster_growth(plasma)[3])["dispersed"]
    assert dispersed["albumin"] > 50 > dispersed["exosome"]
    title = cluster_growth(plasma)[0].figure.get_suptitle()
    came, stayed = (float(word) for word in title.split("\n")[1].split() if word.replace(".", "").isdigit())
    assert came + stayed == pytest.approx(100, abs=1)
    assert stayed > 20  # most of the albumin, which is half of the protein of plasma


def test_vesicles_that_burst_are_told():
    step = precipitated(alone("exosome", DENSE), solvent="methanol", solvent_percent_v_v=80)
    title = cluster_growth(step)[0].figure.get_suptitle()
    burst = sum(part.by_state.get("burst", {}).get("exosome", 0.0) for part in step.outcome.fractions.values())
    share = burst / step.outcome.trace.given.counts.sum()
    assert share > 0.1
    assert f"bursts {100 * share:.0f} % of the vesicles" in title


def test_equal_spheres_follow_smoluchowski():
    """1 + k N t/2 with k = 8 kT/(3 mu): clusters of unlike sizes meet somewhat more often."""
    step = precipitated(alone("v", DENSE, kind="vesicle", diameter_nm=100), incubation_min=10)
    ax = cluster_growth(step)[2]
    lines = {line.get_label(): line for line in ax.lines}
    minutes, simple = lines["Brownian only: 1 + k N t/2"].get_data()
    made = step.outcome.trace
    sample = made.mixture.sample
    number = made.given.counts.sum() * made.wanting.share.max() / sample.volume
    rate = 8 * BOLTZMANN_J_PER_K * 277.15 / (3 * sample.liquid.viscosity)
    assert np.max(made.wanting.sticking) == pytest.approx(1, abs=0.01)
    assert simple == pytest.approx(1 + rate * number * 60 * minutes / 2, rel=0.02)
    mean = lines["mean over clusters"].get_ydata()
    assert np.all((mean > 0.999 * simple) & (mean < 1.25 * simple))
    assert np.all(lines["mean over solids"].get_ydata() >= mean)


def test_a_faster_spin_needs_smaller_clusters(vesicles):
    faster = precipitated(alone("exosome", DENSE), time_min=240)
    slow, fast = (cluster_growth(step) for step in (vesicles, faster))
    assert needed(fast[1]) == pytest.approx(needed(slow[1]) / 4, rel=0.05)  # s grows with the diameter, if D = 2
    members = [ax[2].lines[-1].get_ydata()[0] for ax in (slow, fast)]
    assert members[0] / members[1] == pytest.approx(16, rel=0.1)


def test_dilute_vesicles_stay_up(vesicles):
    dilute = precipitated(alone("exosome", DILUTE))
    few, many = (bars(cluster_growth(step)[3])["pelleted in clusters"]["exosome"] for step in (dilute, vesicles))
    assert few < many
    assert bars(cluster_growth(dilute)[3])["in clusters, suspended"]["exosome"] > 50


def test_names_units_and_room(vesicles, plasma):
    for step in (vesicles, plasma):
        growing, after, mean, fates = cluster_growth(step)
        assert growing.get_xscale() == after.get_xscale() == mean.get_xscale() == mean.get_yscale() == "log"
        assert after.get_xlabel() == "cluster diameter [µm]"
        assert "[% per decade of diameter]" in growing.get_ylabel()
        assert mean.get_xlabel() == "time since mixing [min]"
        assert fates.get_xlabel() == "particles of each population [%]"
        assert within(growing.figure)
        times = list(curves(growing))
        assert (times[0], times[-1]) == ("as mixed", "1 h")


def test_without_an_incubation_there_is_no_course():
    growing, _, mean, _ = cluster_growth(precipitated(alone("exosome", DENSE), incubation_min=0))
    assert [*curves(growing)] == ["as mixed"]
    assert "no incubation" in mean.texts[0].get_text()
    growing.figure.draw_without_rendering()


def test_draws_what_is_asked_into_the_figure_given(plasma):
    own = Figure(layout="constrained")
    axes = cluster_growth(plasma, ["albumin", "exosome"], figure=own)
    assert axes[0].figure is own
    assert [text.get_text() for text in axes[3].get_yticklabels()] == ["exosome", "albumin"]


def test_what_cannot_be_drawn_is_refused(vesicles, run):
    with pytest.raises(InputError, match="centrifugation is no precipitation"):
        cluster_growth(run.bench[0])
    with pytest.raises(InputError, match="'ldl' was not loaded"):
        cluster_growth(vesicles, "ldl")
    with pytest.raises(InputError, match="nothing came out of solution"):
        cluster_growth(precipitated(alone("exosome", DENSE), peg_percent_w_v=0))
