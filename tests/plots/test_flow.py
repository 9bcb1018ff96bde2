"""The flow of a protocol: bars are shares of the load."""

from itertools import pairwise

import numpy as np
import pytest

from sepsim.plots import protocol_flow
from sepsim.plots.canvas import percent
from sepsim.plots.palette import in_families
from sepsim.plots.routing import columns, shares


def lengths(ax, label):
    """Bar lengths in percent, in the order of the rows."""
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
    assert lengths(ax, "10000 x g: lost in handling") == pytest.approx(expected(run, 0, "lost"))
    assert lengths(ax, "100000 x g: goes on") == pytest.approx(expected(run, 1, "pellet"))


def test_each_row_adds_up_to_what_entered_the_step(run):
    ax = protocol_flow(run)
    parts = [c.get_label() for c in ax.containers if not c.get_label().endswith((": load", ": ideal"))]
    first = sum(lengths(ax, label) for label in parts if label.startswith("10000 "))
    second = sum(lengths(ax, label) for label in parts if label.startswith("100000 "))
    assert first == pytest.approx(100.0)
    assert second == pytest.approx(lengths(ax, "10000 x g: goes on"))


def test_bars_of_a_row_do_not_overlap(run):
    first = [c for c in protocol_flow(run).containers if c.get_label().startswith("10000 ")][1:]
    for before, after in pairwise(first):
        for left, right in zip(before, after, strict=True):
            assert right.get_x() == pytest.approx(left.get_x() + left.get_width())


def test_branches_go_on(branched):
    ax = protocol_flow(branched)
    assert lengths(ax, "10000 x g: goes on to another step") == pytest.approx(expected(branched, 0, "pellet"))
    assert not any("pellet, left behind" in container.get_label() for container in ax.containers)
    texts = " ".join(text.get_text() for text in ax.texts)
    assert "→ supernatant, pellet" in texts


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
    assert [text.get_text() for text in names][:4] == ["exosome", "microvesicle", "apoptotic body", "VLDL"]
    assert [text.get_text() for text in names if text.get_fontweight() == "bold"] == ["exosome"]


def test_dead_ends_are_left_behind(run):
    unused = [column.behind for column in columns(run)]
    assert unused == [("pellet",), ("supernatant",)]
    assert [column.onward for column in columns(run)] == [("supernatant",), ("pellet",)]


def test_share_of_what_was_not_loaded_is_undefined(aliquot):
    assert np.isnan(shares(aliquot, aliquot.bench[0], ["aliquot"])["platelet"])


@pytest.mark.parametrize(("share", "text"), [(1.0, "100"), (0.0996, "10"), (0.0095, "0.9"), (0.00996, "1.0")])
def test_percentages_are_short(share, text):
    assert percent(share) == text
