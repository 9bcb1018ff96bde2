"""What is captured along a channel with antibodies on its walls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, grid, own_or_new, plain, tidy, wrapped
from sepsim.drawing.curves import Lines, chosen, draw_lines, legend_beside, own_lines
from sepsim.drawing.palette import looks
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.techniques.microfluidics.chip_run import ChipRun
from sepsim.techniques.microfluidics.pictures.passed import passage_of
from sepsim.techniques.microfluidics.wall_results import WallCourse
from sepsim.techniques.microfluidics.wall_uptake import WallUptake, wall_uptake

PER_MM2 = 1e-6  # of 1/m2
DECADES = 4.0  # below the highest that are drawn
MOST_LINES = 5


def capture_along(step: StepResult, populations: str | Sequence[str] | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw how many particles sit on an area of the wall, along the channel, when the sample has passed.

    Of a chip with ridges, what the same channel without them holds is drawn thin, beside. What is not drawn: the wash
    after it, and what sinks to the floor.

    Parameters
    ----------
    step : StepResult
        Of microfluidics, on a chip of wall immunocapture.
    populations : str or sequence of str, optional
        Which to draw; default all that the walls take, at most five.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step captures nothing on walls, or a population is not captured.

    Examples
    --------
    >>> import sepsim
    >>> chip = {"method": "microfluidics", "chip": "planar", "keep": "captured"}
    >>> urine = {"source": "urine", "volume_mL": 0.1, "size_bins": 2, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [chip]}).run()
    >>> line = capture_along(run.bench[0], "exosome").lines[0]
    >>> bool(line.get_ydata()[0] > line.get_ydata()[-1])  # the depleted layer grows
    True
    """
    done, passage = passage_of(step)
    course = passage.course
    if not isinstance(course, WallCourse):
        raise InputError(f"step {step.name!r}: has no walls that capture; draw it with outlet_split")
    names = done.load.sample.particles.names
    held = {name: curve for name, curve in _held(done, course, course.uptake).items() if curve.max() > 0}
    most = max((float(curve.max()) for curve in held.values()), default=0.0)
    many = [name for name in held if held[name].max() > most * 10.0**-DECADES]
    asked = chosen(populations, [*held], sorted(many, key=lambda name: -held[name].max())[:MOST_LINES])
    ridged = course.channel.renewal is not None
    axes = own_or_new(ax, 10.0, 5.6)
    middle = 0.5e3 * (course.uptake.place[1:] + course.uptake.place[:-1])
    highest = max(held[name].max() for name in asked)
    lowest = highest * 10.0**-DECADES
    shapes = {name: np.log10(np.maximum(held[name] / lowest, 1.0)) / DECADES for name in asked}
    lines: Lines = own_lines(shapes, apart=populations is not None, target=step.target)
    draw_lines(axes, middle, held, lines, names, step.target)
    seen = [*axes.get_legend_handles_labels()[0]]
    if ridged:
        _draw_flat(axes, done, course, [each[0] for each in lines.own])
        seen.append(Line2D([], [], color=INK, linewidth=1.2, linestyle=":", label="same channel, flat"))
    title = f"{plain(done.chip.name)}: {wrapped(step.name, 50)}\nwall shear rate {course.channel.shear_rate:.3g} 1/s"
    tidy(axes, title=title, x="place along the channel [mm]", y="on the wall [1/mm²]")
    axes.set_yscale("log")
    axes.set_ylim(max(lowest, 0.3 * min(held[name].min() for name in asked)), 2.0 * highest)
    axes.set_xlim(0.0, course.channel.length * 1e3)
    grid(axes)
    legend_beside(axes, seen)
    return axes


def _held(done: ChipRun, course: WallCourse, uptake: WallUptake) -> dict[str, FloatArray]:
    """Return what sits on the wall of each population, in each section [1/mm2]."""
    table, lanes = done.load.sample.particles, course.lanes
    groups = int(lanes.group.max(initial=-1)) + 1
    belongs = np.zeros((groups, len(table.names)))
    np.add.at(belongs, (lanes.group, table.population[lanes.rows]), done.load.moving[lanes.rows])
    belongs /= np.maximum(belongs.sum(axis=1, keepdims=True), 1e-300)
    held = PER_MM2 * uptake.along @ belongs[lanes.of]
    return dict(zip(table.names, held.T, strict=True))


def _draw_flat(ax: Axes, done: ChipRun, course: WallCourse, names: Sequence[str]) -> None:
    """Draw what the channel would hold without ridges."""
    flat = wall_uptake(replace(course.channel, renewal=None), course.lanes, done.load.flow_time)
    middle = 0.5e3 * (flat.place[1:] + flat.place[:-1])
    every = looks(done.load.sample.particles.names)
    held = _held(done, course, flat)
    for name in names:
        ax.plot(middle, held[name], color=every[name].color, linewidth=1.6, linestyle=":", label=f"_flat {name}")
