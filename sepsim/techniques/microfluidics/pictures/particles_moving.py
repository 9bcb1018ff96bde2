"""Particles on their way through a chip, as a moving picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.lines import Line2D

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, TITLE_PT, new_figure, plain, wrapped
from sepsim.drawing.curves import legend_beside
from sepsim.drawing.moving import MovingPicture
from sepsim.drawing.palette import label, looks
from sepsim.method import StepResult
from sepsim.techniques.microfluidics.brownian import Tracks, tracks
from sepsim.techniques.microfluidics.drives import LONG, drive
from sepsim.techniques.microfluidics.pictures.chip_drawn import draw_chip, rows_of, shown_populations, view_of
from sepsim.techniques.microfluidics.pictures.passed import passage_of

PARTICLES = 300
PER_PASSAGE = 20  # frames in the mean residence
SHOWN = 40  # frames
NAME_WIDTH = 24
DOT = 6.0


def particles_moving(
    step: StepResult, populations: str | Sequence[str] | None = None, *, particles: int = PARTICLES, seed: int = 1
) -> MovingPicture:
    """Draw particles on their way through a chip, as a moving picture: as many of each population.

    They enter evenly in the course of the mean residence of the liquid, and are followed for another; those that walls
    hold stay there. In a field-flow fractionation all start together when the elution begins, and are followed to its
    end. What is seen is that of `chip_paths`.

    Parameters
    ----------
    step : StepResult
        Of microfluidics.
    populations : str or sequence of str, optional
        Which to draw; default the target and up to four others.
    particles : int
        In all.
    seed : int
        Of the random walks.

    Returns
    -------
    MovingPicture
        To be saved as ``.gif``, or as ``.mp4`` where ffmpeg is installed.

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
    >>> len(particles_moving(run.bench[0], ["exosome", "igg"]).frames)
    41
    """
    done, _ = passage_of(step)
    asked = [populations] if isinstance(populations, str) else populations
    names = shown_populations(done, asked if asked is None else [*asked], step.target)
    rows = rows_of(done, names, max(particles // len(names), 1), seed)
    driven = drive(done.chip, done, rows, seed)
    table, view = done.load.sample.particles, view_of(done.chip)
    if driven.program is None:
        found = _entering(tracks(driven, round(LONG * PER_PASSAGE), seed))
    else:
        found = tracks(driven, SHOWN, seed)
    gone = found.position[:, 0] >= driven.high[0] - 1.001 * driven.radius
    place = np.where(gone[:, None], np.nan, found.position)
    figure = new_figure(12.0, 5.0)
    ax = figure.add_subplot()
    title = f"{plain(done.chip.name)}: {wrapped(step.name, 50)}"
    draw_chip(ax, done, view, f"{title}\n ")
    every = looks(table.names)
    dots: list[tuple[Line2D, FloatArray]] = []
    for name in names:
        mine = np.flatnonzero(table.population[rows] == table.names.index(name))
        style = {
            "color": every[name].color,
            "marker": every[name].marker,
            "markersize": DOT,
            "markeredgecolor": "white",
        }
        (line,) = ax.plot([], [], linestyle="none", markeredgewidth=0.4, label=label(name, NAME_WIDTH), **style)
        dots.append((line, np.stack([place[:, 0, mine] * view.scale, place[:, view.across, mine] * 1e6])))
    legend_beside(ax, [line for line, _ in dots], 1.3)

    def show(frame: int) -> None:
        for line, path in dots:
            line.set_data(path[0, frame], path[1, frame])
        ax.set_title(f"{title}\nafter {_clock(found.time[frame], found.time[SHOWN])}", fontsize=TITLE_PT, color=INK,
                     loc="left")  # fmt: skip

    show(SHOWN)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # from here on nothing moves but the particles
    return MovingPicture(figure=figure, show=show, frames=range(SHOWN + 1))


def _entering(found: Tracks) -> Tracks:
    """Return tracks of particles that enter one after another, in the first half of what is shown."""
    n = found.fate.size
    late = np.random.default_rng(n).permutation(np.arange(n) * PER_PASSAGE // n)
    frame = np.arange(SHOWN + 1)[:, None] - late
    position = np.where(
        (frame >= 0)[:, None], np.take_along_axis(found.position, np.maximum(frame, 0)[:, None], axis=0), np.nan
    )
    return Tracks(found.time[: SHOWN + 1], position, found.fate)


def _clock(time: float, whole: float) -> str:
    """Return a time [s] in a unit that suits the whole, always in as many digits."""
    clocks = (("min", 60.0), ("s", 1.0), ("ms", 1e-3))
    unit, length = next((each for each in clocks if whole >= 2.0 * each[1]), clocks[-1])
    digits = 1 if whole < 100.0 * length else 0
    return f"{time / length:.{digits}f} {unit}"
