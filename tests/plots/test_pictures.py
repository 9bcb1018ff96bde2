"""What holds for every picture."""

import subprocess
import sys

import matplotlib
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from sepsim import plots
from sepsim.drawing.palette import label, look

ROTORS = ["Type 45 Ti", "SW 32 Ti"]
ONE_AXES = {
    "protocol_flow": lambda run, ax: plots.protocol_flow(run, ax=ax),
    "yield_against_purity": lambda run, ax: plots.yield_against_purity([run], ax=ax),
    "pelleted_percentage": lambda run, ax: plots.pelleted_percentage(ROTORS, speed_rpm=30_000, time_min=60, ax=ax),
}
MANY_AXES = {
    "size_distributions": lambda run, figure: plots.size_distributions(run, figure=figure),
    "tube_during_spin": lambda run, figure: plots.tube_during_spin(run.bench[1], figure=figure),
}
PICTURES = ONE_AXES | MANY_AXES


@pytest.mark.parametrize("name", ONE_AXES)
def test_draws_into_the_axes_given(run, name):
    ax = Figure().add_subplot()
    assert ONE_AXES[name](run, ax) is ax
    assert ax.has_data()


@pytest.mark.parametrize("name", MANY_AXES)
def test_draws_into_the_figure_given(run, name):
    figure = Figure()
    assert all(ax.figure is figure for ax in MANY_AXES[name](run, figure))


@pytest.mark.parametrize("name", PICTURES)
def test_axes_have_titles_units_and_legible_text(run, name):
    drawn = PICTURES[name](run, None)
    panels = [drawn] if isinstance(drawn, Axes) else list(drawn)
    figure = panels[0].figure
    figure.draw_without_rendering()
    names_of_rows = name == "protocol_flow"
    y_label = panels[0].get_ylabel() or figure.get_supylabel()
    assert names_of_rows or "[" in y_label or "per decade" in y_label
    for ax in panels:
        assert "[" in ax.get_xlabel()
        assert ax.get_title(loc="left")
        written = [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
        assert min(text.get_fontsize() for text in written) >= 9


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_cut_off(run, name):
    drawn = PICTURES[name](run, None)
    figure = (drawn if isinstance(drawn, Axes) else drawn[0]).figure
    figure.draw_without_rendering()
    whole, used = figure.bbox, figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert used.x0 >= whole.x0 - 2
    assert used.x1 <= whole.x1 + 2
    assert used.y0 >= whole.y0 - 2
    assert used.y1 <= whole.y1 + 2


def test_a_population_has_one_colour_in_all_pictures(run):
    wanted = look("exosome").color
    sizes, tube = plots.size_distributions(run), plots.tube_during_spin(run.bench[1])
    curves = [
        line for ax in (sizes[0], sizes[1], tube[-1]) for line in ax.lines if line.get_label() == label("exosome")
    ]
    assert len(curves) == 3
    assert all(same_color(line.get_color(), wanted) for line in curves)
    assert same_color(tube[0].lines[-1].get_color(), wanted)
    flow = next(bars for bars in plots.protocol_flow(run).containers if bars.get_label().endswith(": goes on"))
    assert same_color(flow[0].get_facecolor(), wanted)


def test_global_settings_stay_as_they_are(run):
    before = dict(matplotlib.rcParams)
    for draw in PICTURES.values():
        draw(run, None)
    assert dict(matplotlib.rcParams) == before


def test_pyplot_is_never_imported():
    script = (
        "import sys, io, sepsim\nfrom sepsim import plots\n"
        "ax = plots.pelleted_percentage('SW 32 Ti', speed_rpm=30_000, time_min=60)\n"
        "ax.figure.savefig(io.BytesIO())\n"
        "print('matplotlib.pyplot' in sys.modules, 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_every_technique_will_do(aliquot, branched):
    for other in (aliquot, branched):
        flow = plots.protocol_flow(other)
        texts = " ".join(text.get_text().replace("\n", " ") for text in flow.texts)
        for number, step in enumerate(other.bench, 1):
            assert f"{number}. {step.name}" in texts
            (bars,) = [each for each in flow.containers if each.get_label() == f"{step.name}: goes on"]
            assert max(bar.get_width() for bar in bars) > 1
        load, product = plots.size_distributions(other)
        assert "exosome" in [line.get_label() for line in load.lines]
        assert "exosome" in [line.get_label() for line in product.lines]
    dots = [line for line in plots.yield_against_purity([aliquot, branched]).lines if line.get_marker() == "o"]
    yields = {100 * one.yields["exosome"][hands] for one in (aliquot, branched) for hands in ("bench", "ideal")}
    drawn = {float(x) for dot in dots for x in dot.get_xdata()}
    assert all(min(abs(x - each) for x in drawn) < 1e-9 for each in yields)
