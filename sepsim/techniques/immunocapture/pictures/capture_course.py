"""What beads take of each population in the course of the incubation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import grid, own_or_new, tidy, wrapped
from sepsim.drawing.curves import chosen, draw_lines, legend_beside, loaded, own_lines, trace_of
from sepsim.method import StepResult
from sepsim.techniques.immunocapture.captured_sample import Capture
from sepsim.text.sentences import listed

LOWEST_PERCENT = 1e-3  # that is drawn
NO_CAPTURE = "no capture on beads"


def capture_of(step: StepResult) -> Capture:
    """Return the trace of a step of immunocapture, or raise InputError."""
    return trace_of(step, Capture, NO_CAPTURE)


def capture_course(step: StepResult, populations: str | Sequence[str] | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw which share of each population is on the beads, in the course of the incubation.

    In percent of what was there, on a logarithmic axis, since what merely sticks is far less than what is bound. What
    rides on vesicles is not drawn: it goes with them.

    Parameters
    ----------
    step : StepResult
        Of immunocapture.
    populations : str or sequence of str, optional
        Which to draw; default all, with one line for those that look alike, at most eight lines, and the rest in grey.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step captures nothing on beads, or a population was not there.

    Examples
    --------
    >>> import sepsim
    >>> beads = {"method": "immunocapture", "beads": "M-280", "beads_per_mL": 1e8, "antigen": "CD9",
    ...          "incubation_min": 30, "keep": "bound"}
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [beads]}).run()
    >>> capture_course(run.bench[0], "exosome").get_xlabel()
    'time with the beads [min]'
    """
    done = capture_of(step)
    table = done.load.particles
    there = loaded(table, done.load.counts * ~table.rides)
    asked = chosen(populations, there, there)
    curves = {name: curve for name, curve in _curves(done).items() if name in asked}
    lowest = max(LOWEST_PERCENT, 0.3 * min(float(curve[-1]) for curve in curves.values()))
    drawn = {name: np.maximum(curve, 0.1 * lowest) for name, curve in curves.items()}
    shapes = {name: np.log(curve / lowest).clip(0.0) / np.log(100.0 / lowest) for name, curve in drawn.items()}
    axes = own_or_new(ax, 10.0, 5.6)
    minutes = done.incubation.times / 60.0
    lines = own_lines(shapes, apart=populations is not None, target=step.target)
    draw_lines(axes, minutes, drawn, lines, table.names, target=step.target)
    conditions = done.incubation.conditions
    title = f"Capture on {conditions.bead.name} beads against {listed(done.antigens)}: {wrapped(step.name, 40)}"
    tidy(axes, title=title, x="time with the beads [min]", y="on the beads [% of the load]")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_ylim(lowest, 130.0)
    axes.set_xlim(0.0, float(minutes[-1]))
    grid(axes)
    legend_beside(axes, axes.get_legend_handles_labels()[0])
    return axes


def _curves(done: Capture) -> dict[str, FloatArray]:
    """Return the share of each population that is on the beads, by the times of the incubation [%]."""
    table, incubation = done.load.particles, done.incubation
    on_beads = incubation.of_rows(incubation.bound + incubation.stuck)[:, done.group]
    counts = done.load.counts[done.rows]
    found = {}
    for index, name in enumerate(table.names):
        members = table.population[done.rows] == index
        if (number := counts[members].sum()) > 0:
            found[name] = 100.0 * on_beads[:, members] @ counts[members] / number
    return found
