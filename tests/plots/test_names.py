"""Names of the user's own: drawn as they are written, told apart, and not over one another."""

import io
from dataclasses import replace
from itertools import combinations

import matplotlib
import pytest
from matplotlib.colors import same_color

from sepsim.equipment.catalog import rotor
from sepsim.methods.centrifugation import Centrifugation
from sepsim.plots import enrichment_over, pelleted_percentage, tube_during_spin, yield_against_purity
from sepsim.plots.canvas import plain, wrapped
from sepsim.plots.palette import label, looks, plural
from sepsim.protocol import Protocol, Step
from sepsim.sample_recipe import sample_from_catalog

BROKEN = "costs $x_{, or 5$"  # no mathematics, and an error as such
LONG = [f"small vesicles of mesenchymal stem cells, batch {number} of the year" for number in range(4)]


def beads(name, **settings):
    return {"name": name, "kind": "particle", "density_g_mL": 1.05, "particles_per_mL": 1e9, **settings}


def run_of(*names):
    sizes = {"median_diameter_nm": 100, "geometric_sd": 1.4}
    own = [beads(name, **sizes) for name in names]
    sample = sample_from_catalog("conditioned medium", volume_mL=60, size_bins=6, density_quantiles=1, population=own)
    method = Centrifugation(rotor="Type 45 Ti", speed_rpm=30_000, time_min=60)
    step = Step(name="spin", method=method, keep="supernatant")
    return Protocol(name=f"of {names[0]}", target=names[0], sample=sample, steps=(step,)).run(seed=1)


def written(ax):
    """The picture's text, letter by letter."""
    file = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        ax.figure.savefig(file, format="svg")
    return file.getvalue().decode()


def test_dollars_are_no_mathematics():
    run = run_of(BROKEN)
    compared = written(yield_against_purity([run, replace(run, name="1$ + 1$")]))
    assert f">of {BROKEN}," in compared
    assert ">1$ + 1$," in compared
    assert f"yield of '{BROKEN}' [%]" in compared
    assert "r$" not in compared
    assert f"enrichment over {BROKEN.replace('_', ' ')} [-]" in written(
        yield_against_purity([run], enrichment_over(BROKEN))
    )
    panels = tube_during_spin(run.bench[0], [BROKEN])
    assert written(panels[0]).count(f">{label(BROKEN, 99).replace(chr(92), '')}<") == 2  # the heading and the legend


def test_dollars_in_the_name_of_a_rotor():
    own = replace(rotor("Type 45 Ti"), name=BROKEN)
    assert f">{BROKEN}, {own.kind}<" in written(pelleted_percentage(own, speed_rpm=30_000, time_min=60))


@pytest.mark.parametrize("text", ["$", "$$", "a $b$ c", r"\$", r"a \$ b $", "no money"])
def test_plain_text_is_drawn_as_it_is(text):
    figure = matplotlib.figure.Figure()
    figure.suptitle(plain(text))
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file := io.BytesIO(), format="svg")
    assert f">{text}<" in file.getvalue().decode()


def test_lines_are_not_broken_within_an_escape():
    assert wrapped("$" * 20, 10) == r"\$" * 10 + "\n" + r"\$" * 10
    assert plural("5$") == r"'5\$'"


def test_long_names_are_cut_off_after_some_lines():
    lines = wrapped("x" * 300, 20).split("\n")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 20
    assert lines[-1].endswith("…")


def test_two_of_ones_own_have_the_same_two_looks_in_all_pictures():
    names = ["100 nm beads", "200 nm beads"]
    run = run_of(*names)
    wanted = looks(run.loaded.particles.names)
    assert not same_color(wanted[names[0]].color, wanted[names[1]].color)
    for chosen in (names, names[::-1], names[:1], names[1:]):
        *panels, pellet = tube_during_spin(run.bench[0], chosen)
        for name, ax in zip(chosen, panels, strict=True):
            assert same_color(
                ax.lines[len(ax.lines) - 1 if ax is not panels[-1] else 4].get_color(), wanted[name].color
            )
        assert {line.get_label() for line in pellet.lines if line.get_label() in names} == set(chosen)
        for line in pellet.lines:
            if line.get_label() in names:
                assert same_color(line.get_color(), wanted[line.get_label()].color)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_headings_of_long_names_do_not_overlap(count):
    panels = tube_during_spin(run_of(*LONG).bench[0], LONG[:count])
    figure = panels[0].figure
    figure.draw_without_rendering()
    boxes = [ax._left_title.get_window_extent() for ax in panels[:-1]]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert all("…" not in ax.get_title(loc="left") for ax in panels[:-1])
