"""Paths of particles through a chip, stepped by Brownian dynamics, with what parts them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sepsim.drawing.canvas import AxesArray, new_figure, plain, tidy, together, wrapped
from sepsim.drawing.curves import legend_beside
from sepsim.drawing.palette import label, looks
from sepsim.method import StepResult
from sepsim.techniques.microfluidics.brownian import Drive, Tracks, tracks
from sepsim.techniques.microfluidics.chip_run import ChipRun
from sepsim.techniques.microfluidics.drives import LONG, drive
from sepsim.techniques.microfluidics.lateral_displacement import LateralDisplacement
from sepsim.techniques.microfluidics.pictures.chip_drawn import (
    View,
    draw_chip,
    draw_posts,
    rows_of,
    shown_populations,
    view_of,
)
from sepsim.techniques.microfluidics.pictures.passed import passage_of

EACH, CROWDED = 5, 2  # paths of a population, and where particles pass a channel up and down many times
FRAMES = 3000
POINTS, FEWER = 3000, 80  # of a path; of one that goes up and down many times
NAME_WIDTH = 24
WINDOW = (28, 10)  # posts along and across that are shown to scale
CLOSE = 3000  # frames of the window


def chip_paths(step: StepResult, populations: str | Sequence[str] | None = None, *, seed: int = 1) -> AxesArray:
    r"""Draw the paths of some particles of each population through a chip, with what parts them.

    Seen from above where the stream is divided, from the side where a floor, a membrane or a wall takes particles.
    Channels are far longer than broad: the axis across is stretched, and says so. An array of posts is shown again to
    scale, close up. Paths are stepped by Brownian dynamics; sizes are picked by number. Seen from the side, a path is
    drawn at up to 80 times, over a logarithmic height at a membrane; ridges on walls do not stir here.

    Parameters
    ----------
    step : StepResult
        Of microfluidics.
    populations : str or sequence of str, optional
        Which to draw; default the target and up to four others.
    seed : int
        Of the random walks.

    Returns
    -------
    ndarray of Axes, shape (1,) or (2,)
        Of the chip, and of its posts.

    Raises
    ------
    InputError
        If the step is no flow through a chip, or a population was not loaded.

    Examples
    --------
    >>> import sepsim
    >>> chip = {"method": "microfluidics", "chip": "free-flow electrophoresis", "keep": "target outlet"}
    >>> urine = {"source": "urine", "volume_mL": 0.1, "size_bins": 2, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [chip]}).run()
    >>> (ax,) = chip_paths(run.bench[0], ["exosome", "albumin"])
    >>> ax.get_ylabel()
    'across the channel [µm]\n(stretched 3.7-fold)'
    """
    done, _ = passage_of(step)
    names = shown_populations(done, populations if populations is None else [*_asked(populations)], step.target)
    view = view_of(done.chip)
    rows = rows_of(done, names, CROWDED if view.across == 2 else EACH, seed)
    driven = drive(done.chip, done, rows, seed)
    posts = isinstance(done.chip, LateralDisplacement)
    figure = new_figure(13.0, 8.6 if posts else 5.2)
    axes = [*np.atleast_1d(figure.subplots(2 if posts else 1, 1))]
    load = done.load
    passing = "" if driven.program else f", {driven.time / LONG:.2g} s in the chip on the mean"
    flow = f"{load.flow * 6e10:.3g} µL/min of sample{passing}"
    draw_chip(axes[0], done, view, f"{plain(done.chip.name)}: {wrapped(step.name, 50)}\n{flow}")
    _draw_paths(axes[0], done, tracks(driven, FRAMES, seed), rows, view, FEWER if view.across == 2 else POINTS)
    every = looks(load.sample.particles.names)
    handles = [Line2D([], [], color=every[name].color, linewidth=3.0, label=label(name, NAME_WIDTH)) for name in names]
    others = [each for each in (*axes[0].collections, *axes[0].patches) if not str(each.get_label()).startswith("_")]
    legend_beside(axes[0], [*handles, *{str(each.get_label()): each for each in others}.values()], 1.3)
    if isinstance(done.chip, LateralDisplacement):
        _draw_close(axes[1], done, done.chip, driven, seed)
    return together(axes)


def _asked(populations: str | Sequence[str]) -> Sequence[str]:
    return [populations] if isinstance(populations, str) else populations


def _draw_paths(ax: Axes, done: ChipRun, found: Tracks, rows: np.ndarray, view: View, points: int = POINTS) -> None:
    """Draw a line for each particle, and a dot where a wall has taken it."""
    table = done.load.sample.particles
    every = looks(table.names)
    for place, row in enumerate(rows):
        name = table.names[table.population[row]]
        way = found.position[:, :, place]
        passed = int(np.argmax(way[:, 0] == way[-1, 0]))  # since when it has not moved on
        seen = np.unique(np.linspace(0, passed, min(passed, points) + 1).round().astype(int))
        x, y = way[seen, 0] * view.scale, way[seen, view.across] * 1e6
        ax.plot(x, y, color=every[name].color, linewidth=1.4, alpha=0.9, label=f"_{name}")
        if found.fate[place] > 2:
            ax.plot(x[-1:], y[-1:], color=every[name].color, marker="o", markersize=7, label=f"_held {name}")


def _draw_close(ax: Axes, done: ChipRun, chip: LateralDisplacement, driven: Drive, seed: int) -> None:
    """Draw the posts to scale, with paths that start between them."""
    pitch = 1e-9 * chip.pitch_nm
    length, breadth = (number * pitch for number in WINDOW)
    low = round(0.25 * chip.array.width / pitch) * pitch
    start = driven.start.copy()
    start[1] = low + breadth * (np.random.default_rng(seed).random(driven.rows.size) * 0.6 + 0.1)
    high = driven.high.copy()
    high[0] = length
    velocity = float(driven.strength[0, 0])
    near = driven._replace(start=start, high=high, time=4.0 * length / velocity)
    _draw_paths(ax, done, tracks(near, CLOSE, seed), driven.rows, View(1, length, breadth, "µm", 1e6))
    draw_posts(ax, chip, (0.0, length, low, low + breadth))
    critical = f"critical diameter {chip.critical_diameter * 1e9:.3g} nm"
    tidy(ax, title=f"close up, to scale: {critical}", x="along [µm]", y="across [µm]")
