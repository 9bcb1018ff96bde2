"""Names of the user's own: drawn as they are written, told apart, and not over one another."""

import io
from dataclasses import replace
from functools import cache
from itertools import combinations

import matplotlib
import pytest
from matplotlib.colors import same_color

from sepsim import plots
from sepsim.drawing.canvas import plain, wrapped
from sepsim.drawing.palette import label, looks, plural
from sepsim.errors import InputError
from sepsim.plots import (
    enrichment_over,
    pelleted_percentage,
    protocol_flow,
    size_distributions,
    tube_during_spin,
    yield_against_purity,
)
from sepsim.protocols.protocol import Protocol, Step
from sepsim.rotors.rotors import rotor
from sepsim.samples.sample_recipe import sample_from_catalog
from sepsim.techniques.centrifugation.centrifugation import Centrifugation

BROKEN = "costs $x_{, or 5$"  # no mathematics, and an error as such
LONG = [f"small vesicles of mesenchymal stem cells, batch {number} of the year" for number in range(4)]


def beads(name, **settings):
    return {"name": name, "kind": "particle", "density_g_mL": 1.05, "particles_per_mL": 1e9, **settings}


@cache
def run_of(*names, steps=1, step_name="spin"):
    sizes = {"median_diameter_nm": 100, "geometric_sd": 1.4}
    own = [beads(name, **sizes) for name in names]
    sample = sample_from_catalog("conditioned medium", volume_mL=60, size_bins=6, density_quantiles=1, population=own)
    method = Centrifugation(rotor="Type 45 Ti", speed_rpm=30_000, time_min=60)
    spins = [Step(name=f"{step_name}{' again' * index}", method=method, keep="supernatant") for index in range(steps)]
    return Protocol(name=f"of {names[0]}", target=names[0], sample=sample, steps=tuple(spins)).run(seed=1)


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


def test_dollars_in_the_flow():
    """Steps, fractions that go on, are left behind or are the product, the run and its populations."""
    run = run_of(BROKEN, steps=2, step_name="a 5$ x_{ 10$")
    renamed = [_with_broken_fractions(step) for step in run.bench]
    text = written(protocol_flow(replace(run, bench=tuple(renamed), ideal=tuple(renamed))))
    assert f">of {BROKEN}<" in text
    assert f">{BROKEN.replace('_', ' ')}<" in text
    assert ">1. a 5$ x_{ 10$<" in text
    assert ">product:<" in text
    assert ">supernatant $1_{$<" in text
    assert ">→ supernatant $1_{$<" in text
    assert ">pellet $1_{$, left behind<" in text


def _with_broken_fractions(step):
    fractions = {f"{name} $1_{{$": sample for name, sample in step.outcome.fractions.items()}
    treated = tuple((name, f"{fraction} $1_{{$") for name, fraction in step.treated)
    keep = f"{step.keep} $1_{{$"
    return replace(step, keep=keep, chosen=(keep,), treated=treated, outcome=replace(step.outcome, fractions=fractions))


def test_dollars_in_size_distributions():
    run = run_of(BROKEN, step_name="a 5$ x_{ 10$")
    panels = size_distributions(run)
    text = written(panels[0])
    assert f">of {BROKEN}<" in text
    assert ">10$<" in text  # the second line over the panel of the product
    assert f">{BROKEN.replace('_', ' ')}<" in text
    one_step = written(size_distributions(run.step("a 5$ x_{ 10$"))[0])
    assert ">into a 5$ x_{ 10$<" in one_step


def test_one_size_with_dollars_is_named_below():
    long_word = "$" * 120
    sample = sample_from_catalog(
        "conditioned medium",
        volume_mL=60,
        size_bins=6,
        density_quantiles=1,
        population=[beads(name, diameter_nm=100) for name in (BROKEN, long_word)],
    )
    method = Centrifugation(rotor="Type 45 Ti", speed_rpm=30_000, time_min=60)
    step = Step(name="spin", method=method, keep="supernatant")
    run = Protocol(name="beads", target=BROKEN, sample=sample, steps=(step,)).run(seed=1)
    text = written(size_distributions(run)[0])
    assert f"{BROKEN.replace('_', ' ')}," in text
    assert chr(92) not in text.partition("Not drawn")[2].partition("</svg>")[0]


def test_own_populations_have_one_look_in_all_pictures_of_a_run():
    names = ["100 nm beads", "200 nm beads"]
    run = run_of(*names)
    wanted = looks(run.loaded.particles.names)
    curves = {line.get_label(): line for line in size_distributions(run)[0].lines}
    flow = protocol_flow(run)
    rows = dict(zip([text.get_text() for text in flow.get_yticklabels()], flow.get_yticks(), strict=True))
    bars = {bar.get_y() + bar.get_height() / 2: bar for bar in flow.containers[0]}
    for name in names:
        assert same_color(curves[name].get_color(), wanted[name].color)
        assert same_color(bars[rows[name]].get_facecolor(), wanted[name].color)


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("names", [["beads"], LONG], ids=["short", "long"])
def test_the_flow_is_drawn_whole(names, steps):
    run = run_of(*names, steps=steps)
    ax = protocol_flow(replace(run, name="Isolation of the vesicles of stem cells, " * 3))
    figure = ax.figure
    title = next(artist for artist in ax.get_children() if _title(artist))
    for dpi in (60, 100, 200):  # letters are not exactly as wide
        figure.set_dpi(dpi)
        figure.draw_without_rendering()
        labels = [text.get_window_extent() for text in ax.get_yticklabels()]
        boxes = [*labels, *(part.get_window_extent() for part in (title, ax.get_legend(), *ax.texts))]
        assert min(box.x0 for box in boxes) >= 0
        assert max(box.x1 for box in boxes) <= figure.bbox.x1
        assert min(box.y0 for box in boxes) >= 0
        assert max(box.y1 for box in boxes) <= figure.bbox.y1
        assert not any(one.overlaps(other) for one, other in combinations(labels, 2))
        start, end = ax.transData.transform([(0, 0), (100, 0)])[:, 0] / dpi
        assert end - start > 1.1  # inch, of a bar of 100 %


def _title(artist):
    return isinstance(artist, matplotlib.text.Text) and "percent of the load" in artist.get_text()


@pytest.mark.parametrize("draw", ["gradient_tube", "density_and_bands", "fraction_bars", "tube_during_spin"])
def test_a_run_in_place_of_a_step_is_told(draw, run):
    with pytest.raises(InputError, match=r"give one step of a run, such as run\.bench\[-1\]"):
        getattr(plots, draw)(run)
