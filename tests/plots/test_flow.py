"""The flow of a protocol: bars are shares of the load."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sepsim.drawing.canvas import short_percent
from sepsim.drawing.palette import in_families
from sepsim.handling import Aliquot, Pooling
from sepsim.plots import protocol_flow
from sepsim.plots.routing import flow_steps, shares
from sepsim.protocols.protocol import Protocol, Source, Step
from sepsim.samples.sample_recipe import sample_from_catalog
from sepsim.techniques.centrifugation.centrifugation import Centrifugation


def lengths(ax, label):
    """Return lengths of bars in percent, in the order of the rows."""
    bars = next(container for container in ax.containers if container.get_label() == label)
    return np.array([bar.get_width() for bar in bars])


def expected(run, step, fraction):
    held = run.bench[step].outcome.fractions[fraction].by_population
    names = [name for members in in_families(held) for name in members]
    return np.array([100 * held[name] / run.loaded.by_population[name] for name in names])


def test_bars_are_the_shares_of_the_outcome(run):
    ax = protocol_flow(run)
    assert lengths(ax, "10000 x g: goes on") == pytest.approx(expected(run, 0, "supernatant"))
    assert lengths(ax, "10000 x g: pellet, left behind") == pytest.approx(expected(run, 0, "pellet"))
    assert lengths(ax, "10000 x g: lost") == pytest.approx(expected(run, 0, "lost"))
    assert lengths(ax, "100000 x g: goes on") == pytest.approx(expected(run, 1, "pellet"))


@pytest.mark.parametrize("name", ["run", "branched", "gathered", "collected"])
def test_each_row_adds_up_to_the_load(name, request):
    run = request.getfixturevalue(name)
    ax = protocol_flow(run)
    for step in run.bench:
        parts = [c.get_label() for c in ax.containers if c.get_label().startswith(f"{step.name}: ")]
        assert sum(lengths(ax, part) for part in parts) == pytest.approx(100.0)


def test_what_is_left_behind_or_lost_is_gone_in_the_next_step(run):
    ax = protocol_flow(run)
    left = lengths(ax, "10000 x g: pellet, left behind") + lengths(ax, "10000 x g: lost")
    assert lengths(ax, "100000 x g: gone in an earlier step") == pytest.approx(left)
    assert not any("waits" in container.get_label() for container in ax.containers)


def test_bars_of_a_row_do_not_overlap(run):
    first = [c for c in protocol_flow(run).containers if c.get_label().startswith("10000 ")]
    for before, after in pairwise(first):
        for left, right in zip(before, after, strict=True):
            assert right.get_x() == pytest.approx(left.get_x() + left.get_width())


def test_branches_go_on(branched):
    ax = protocol_flow(branched)
    assert lengths(ax, "10000 x g: goes on to another step") == pytest.approx(expected(branched, 0, "pellet"))
    assert not any("pellet, left behind" in container.get_label() for container in ax.containers)
    texts = " ".join(text.get_text() for text in ax.texts)
    assert "→ supernatant, pellet" in texts


@pytest.fixture(scope="module")
def parted():
    """Two parts spun in turn, joined in the end."""
    urine = sample_from_catalog("urine", volume_mL=60, size_bins=4, density_quantiles=1)
    pbs = {"medium": "PBS", "volume_mL": 1}
    method = Centrifugation(rotor="Type 45 Ti", rcf_xg=100_000, rcf_at="rav", time_min=70, resuspend=pbs)
    ends = (Source("spin A", "pellet"), Source("spin B", "pellet"), Source("spin B", "supernatant"))
    steps = (
        Step(name="split", method=Aliquot(volume_mL=20), keep="aliquot"),
        Step(name="spin A", method=method, keep="pellet"),
        Step(name="spin B", method=method, keep="pellet", sources=(Source("split", "rest"),)),
        Step(name="join", method=Pooling(), keep="pool", sources=ends),
    )
    return Protocol(name="in two parts", target="exosome", sample=urine, steps=steps).run(seed=1)


def test_what_is_kept_for_a_later_step_does_not_go_to_the_next(parted):
    ax = protocol_flow(parted)
    drawn = {container.get_label() for container in ax.containers}
    assert "spin A: goes on" not in drawn
    assert lengths(ax, "spin A: goes on to another step") == pytest.approx(expected(parted, 1, "pellet"))
    assert lengths(ax, "split: goes on") == pytest.approx(expected(parted, 0, "aliquot"))
    assert lengths(ax, "split: goes on to another step") == pytest.approx(expected(parted, 0, "rest"))
    both = expected(parted, 2, "pellet") + expected(parted, 2, "supernatant")
    assert lengths(ax, "spin B: goes on") == pytest.approx(both)
    stripes = next(bars for bars in ax.containers if bars.get_label() == "spin A: goes on to another step")
    assert all(bar.get_hatch() for bar in stripes)


def test_what_the_next_step_treats_goes_on_though_another_fraction_is_kept(parted):
    other = replace(parted.bench[0], keep="rest", chosen=("rest",))
    ax = protocol_flow(replace(parted, bench=(other, *parted.bench[1:])))
    assert lengths(ax, "split: goes on") == pytest.approx(expected(parted, 0, "aliquot"))
    assert lengths(ax, "split: goes on to another step") == pytest.approx(expected(parted, 0, "rest"))


def test_ideal_is_marked_where_all_goes_to_a_later_step(parted):
    ideal = parted.ideal[1].outcome.fractions["pellet"].by_population["exosome"]
    ax = protocol_flow(parted)
    ticks = next(lines for lines in ax.collections if lines.get_label() == "spin A: ideal")
    marked = [segment[0, 0] - 152 for segment in ticks.get_segments()]
    wanted = 100 * ideal / parted.loaded.by_population["exosome"]
    assert min(abs(at - wanted) for at in marked) == pytest.approx(0, abs=1e-6)


def test_of_many_fractions_those_that_are_left_are_shown_as_one(collected):
    ax = protocol_flow(collected)
    kept, waiting = [11, 12, 13, 14], [1, 2]
    others = set(range(1, 25)) - {*kept, *waiting}
    for part, members in (
        ("goes on", kept),
        ("goes on to another step", waiting),
        ("other fractions, left behind", others),
    ):
        held = sum(expected(collected, 1, f"fraction {number}") for number in members)
        assert lengths(ax, f"collect: {part}") == pytest.approx(held)
    assert lengths(ax, "collect: pellet, left behind") == pytest.approx(expected(collected, 1, "pellet"))
    assert {c.get_label().partition(": ")[2] for c in ax.containers if c.get_label().startswith("collect: ")} == {
        "goes on", "goes on to another step", "other fractions, left behind", "pellet, left behind", "lost",
        "gone in an earlier step",
    }  # fmt: skip
    assert [name for name in legend(ax) if "left behind" in name] == [
        "pellet, left behind",
        "other fractions, left behind",
        "rest, left behind",
    ]
    assert "fractions 11-14, …" in " ".join(text.get_text() for text in ax.texts)


def test_what_waits_in_a_branch_and_returns_is_not_gone(gathered):
    ax = protocol_flow(gathered)
    waits = [lengths(ax, f"{step}: waits in a branch") for step in ("10000 x g", "100000 x g")]
    first, second = (expected(gathered, step, "pellet") for step in (0, 1))
    assert waits[0] == pytest.approx(first)
    assert waits[1] == pytest.approx(first + second)
    names = [text.get_text() for text in ax.get_yticklabels()]
    for name in ("cell", "apoptotic body"):
        row = names.index(name)
        assert waits[0][row] > 80  # of large particles a tenth is stirred up on decanting
        assert lengths(ax, "pool: goes on")[row] > 80
        for step in ("10000 x g", "100000 x g", "pool"):
            lost = sum(lengths(ax, f"{earlier.name}: lost")[row] for earlier in gathered.bench[:-1])
            left = sum(expected(gathered, earlier, "supernatant")[row] for earlier in (0, 1))  # stirred up
            assert lengths(ax, f"{step}: gone in an earlier step")[row] <= lost + left + 1e-9
    assert "pool: waits in a branch" not in [container.get_label() for container in ax.containers]


def test_numbers_beside_the_bars_include_what_waits(gathered):
    ax = protocol_flow(gathered)
    row = [text.get_text() for text in ax.get_yticklabels()].index("cell")
    beside = [text for text in ax.texts if text.get_position()[1] == ax.get_yticks()[row]]
    first_three = [float(text.get_text()) for text in sorted(beside, key=lambda text: text.get_position()[0])[:3]]
    assert min(first_three) > 80


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_legend_names_what_occurs_and_nothing_else(run, gathered, aliquot):
    ideal = "goes on with ideal handling"
    assert legend(protocol_flow(aliquot)) == ["goes on", "rest, left behind"]
    assert legend(protocol_flow(run)) == [
        "goes on",
        "pellet, left behind",
        "supernatant, left behind",
        "lost: in handling, stuck or burst",
        "gone in an earlier step",
        ideal,
    ]
    assert {"goes on to another step", "waits in a branch"} < set(legend(protocol_flow(gathered)))
    no_losses = replace(run, bench=run.ideal)
    assert not {"lost: in handling, stuck or burst", ideal} & set(legend(protocol_flow(no_losses)))


def test_ideal_is_marked_where_it_differs(run):
    ax = protocol_flow(run)
    ticks = next(lines for lines in ax.collections if lines.get_label() == "100000 x g: ideal")
    start = 152.0
    marked = {round(segment[0, 0] - start, 6) for segment in ticks.get_segments()}
    assert round(100 * run.yields["exosome"]["ideal"], 6) in marked
    assert len(marked) < len(run.loaded.by_population)


def test_yields_are_written_and_undefined_is_a_dash(aliquot):
    ax = protocol_flow(aliquot)
    written = [text.get_text() for text in ax.texts]
    assert written.count("–") == 2  # platelets, bench and ideal
    assert "25" in written
    assert written.count("0") == 0
    loaded = sum(number > 0 for number in aliquot.loaded.by_population.values())
    assert lengths(ax, "take: goes on") == pytest.approx(np.full(loaded, 25.0))


def test_vesicles_lead_the_rows_and_the_target_is_bold(run):
    names = protocol_flow(run).get_yticklabels()
    assert [text.get_text() for text in names][:5] == [
        *("exosome", "microvesicle", "apoptotic body", "bovine vesicle", "VLDL")
    ]
    assert [text.get_text() for text in names if text.get_fontweight() == "bold"] == ["exosome"]


def test_dead_ends_are_left_behind(run):
    unused = [step.behind for step in flow_steps(run)]
    assert unused == [("pellet",), ("supernatant",)]
    assert [step.onward for step in flow_steps(run)] == [("supernatant",), ("pellet",)]


def test_ideal_handling_has_fractions_of_its_own(collected):
    step = flow_steps(collected)[1]
    assert step.onward == step.onward_ideal == tuple(f"fraction {number}" for number in range(11, 15))
    fewer = replace(collected.ideal[1], chosen=("fraction 11",))
    again = (*collected.ideal[2].treated[:1], *collected.ideal[2].treated[4:])
    changed = (collected.ideal[0], fewer, replace(collected.ideal[2], treated=again), collected.ideal[3])
    step = flow_steps(replace(collected, ideal=changed))[1]
    assert step.onward_ideal == ("fraction 11",)
    assert len(step.onward) == 4


def test_kept_fractions_that_nothing_is_done_with_are_left_behind(collected):
    keep_others = replace(collected.bench[1], chosen=("fraction 20", "fraction 21"))
    step = flow_steps(replace(collected, bench=(collected.bench[0], keep_others, *collected.bench[2:])))[1]
    assert step.onward == tuple(f"fraction {number}" for number in range(11, 15))
    assert step.elsewhere == ("fraction 1", "fraction 2")
    assert {"fraction 20", "fraction 21"} <= set(step.behind)


def test_share_of_what_was_not_loaded_is_undefined(aliquot):
    assert np.isnan(shares(aliquot, [(aliquot.bench[0], "aliquot")])["platelet"])


@pytest.mark.parametrize("keep", ["fraction 12", "1.06-1.13 g/mL", "fractions 100-120"])
def test_the_product_does_not_run_into_the_yields(run, keep):
    last = replace(run.bench[-1], keep=keep)
    ax = protocol_flow(replace(run, bench=(*run.bench[:-1], last)))
    ax.figure.draw_without_rendering()
    (product,) = [text for text in ax.texts if text.get_text().startswith("product:")]
    (bench,) = [text for text in ax.texts if text.get_text() == "bench"]
    (name,) = [text for text in ax.texts if text.get_text().startswith("2. 100000")]
    assert product.get_text().split() == ["product:", *keep.split()]
    assert product.get_window_extent().x1 < bench.get_window_extent().x0
    first_line = name.get_text().rstrip("\n").count("\n") + 1
    line = name.get_window_extent().height / (name.get_text().count("\n") + 1)
    assert name.get_window_extent().y1 - first_line * line > product.get_window_extent().y1 - 0.4 * line
    assert name.get_window_extent().y1 < ax.title.get_window_extent().y0 or ax.get_title() == ""


@pytest.mark.parametrize(("share", "text"), [(1.0, "100"), (0.0996, "10"), (0.0095, "0.9"), (0.00996, "1.0")])
def test_percentages_are_short(share, text):
    assert short_percent(share) == text
