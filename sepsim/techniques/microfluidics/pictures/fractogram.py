"""What leaves a field-flow fractionation in the course of the elution, with its cross flow and its fractions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import (
    INK,
    SMALL_PT,
    TITLE_PT,
    AxesArray,
    grid,
    new_figure,
    plain,
    tidy,
    together,
    wrapped,
)
from sepsim.drawing.curves import chosen, draw_lines, legend_beside, loaded, own_lines
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.samples.fractions import numbered
from sepsim.techniques.microfluidics.field_flow_fractionation import FieldFlowFractionation, Fractogram
from sepsim.techniques.microfluidics.pictures.passed import passage_of

STRIP, HEADROOM = 0.10, 1.06  # below zero, for the fraction marks, and above [heights of the curves]
MOST_NUMBERS = 26  # fractions, up to which each has its number
STRIDES = (1, 2, 5, 10, 20, 50, 100)
LEAST_OUT = 0.01  # share of a population that must leave in fractions for its curve to mean something
KEPT, MARK, CROSS = "#F1E3BC", "#555555", "#4477AA"


def fractogram(step: StepResult, populations: str | Sequence[str] | None = None) -> AxesArray:
    """Draw what leaves a field-flow fractionation against time, and below it the cross flow.

    Each population over its own highest rate, since numbers differ by many powers of ten. The marks below zero are the
    borders of the fractions, with their numbers; what is kept is shaded. Injection, focus and purge are left out.

    Parameters
    ----------
    step : StepResult
        Of microfluidics, on a chip of field-flow fractionation.
    populations : str or sequence of str, optional
        Which to draw; default all of which at least 1 % leave in fractions, with one line for those that look alike, at
        most eight lines, and the rest in grey.

    Returns
    -------
    ndarray of Axes, shape (2,)
        Of the populations, and of the cross flow.

    Raises
    ------
    InputError
        If the step is no field-flow fractionation, or a population was not loaded.

    Examples
    --------
    >>> import sepsim
    >>> chip = {"method": "microfluidics", "chip": "AF4 490 um", "keep": "fractions 10-20"}
    >>> urine = {"source": "urine", "volume_mL": 0.1, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [chip]}).run()
    >>> signal, cross_flow = fractogram(run.bench[0], ["exosome", "albumin"])
    >>> exosome, albumin = (line.get_xdata()[line.get_ydata().argmax()] for line in signal.lines[:2])
    >>> bool(albumin < exosome)  # small ones diffuse up into the stream
    True
    """
    done, passage = passage_of(step)
    chip, course = done.chip, passage.course
    if not isinstance(chip, FieldFlowFractionation) or not isinstance(course, Fractogram):
        raise InputError(f"step {step.name!r}: is no field-flow fractionation; draw it with outlet_split")
    table = done.load.sample.particles
    there = loaded(table, done.load.moving)
    asked = chosen(populations, there, there)
    out = sum(passage.shares[name] for name in numbered(chip.fractions))
    share = table.totals(done.load.moving * out) / np.maximum(table.totals(done.load.moving), 1e-300)
    curves = {
        name: course.signal[place] / course.signal[place].max()
        for name in asked
        if share[place := table.names.index(name)] >= LEAST_OUT
    }
    minutes = course.time / 60.0
    figure = new_figure(12.0, 7.0)
    axes = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 1.0))
    draw_lines(axes[0], minutes, curves, own_lines(curves, apart=populations is not None, target=step.target),
               table.names, step.target)  # fmt: skip
    tidy(axes[0], title="", x="", y="particles that leave\n[share of each one's highest rate]")
    axes[0].set_ylim(-STRIP, HEADROOM)
    axes[0].set_yticks(np.linspace(0.0, 1.0, 6))
    _cross_flow(axes[1], minutes, course.cross_flow)
    kept = _mark_fractions(axes, step, chip, float(minutes[-1]))
    figure.suptitle(f"Fractogram, {plain(chip.name)}: {wrapped(step.name, 60)}", fontsize=TITLE_PT, color=INK)
    seen = [*axes[0].get_legend_handles_labels()[0]]
    if kept:
        seen.append(Patch(color=KEPT, label=f"kept: {plain(step.keep)}"))
    if late := [name for name in asked if name not in curves]:
        seen.append(Patch(color="none", label=f"leave elsewhere: {len(late)}"))
    legend_beside(axes[0], seen)
    return together(axes)


def _cross_flow(ax: Axes, minutes: FloatArray, flow: FloatArray) -> None:
    ax.fill_between(minutes, flow * 6e7, color=CROSS, alpha=0.25, linewidth=0)
    ax.plot(minutes, flow * 6e7, color=CROSS, linewidth=2.4)
    tidy(ax, title="", x="time since the elution began [min]", y="cross flow\n[mL/min]")
    ax.set_xlim(0.0, float(minutes[-1]))
    ax.set_ylim(0.0, 1.1 * float(flow.max()) * 6e7)
    grid(ax)


def _mark_fractions(axes: Sequence[Axes], step: StepResult, chip: FieldFlowFractionation, end: float) -> bool:
    """Mark borders of fractions below zero, with the numbers there is room for; shade and tell whether any is kept."""
    top = axes[0]
    borders = np.linspace(0.0, end, chip.fractions + 1)
    top.axhline(0.0, color=MARK, linewidth=0.8)
    crowded = chip.fractions > MOST_NUMBERS
    top.vlines(borders, -(0.3 if crowded else 1.0) * STRIP, 0.0, color=MARK, linewidth=0.8, label="_fraction marks")
    stride = next((stride for stride in STRIDES if chip.fractions <= stride * MOST_NUMBERS), STRIDES[-1])
    kept = False
    for number, (name, span) in enumerate(zip(numbered(chip.fractions), pairwise(borders), strict=True), start=1):
        if number % stride == 0 or stride == 1:
            place = (0.5 * (span[0] + span[1]), -(0.65 if crowded else 0.5) * STRIP)
            top.text(*place, str(number), ha="center", va="center", fontsize=SMALL_PT, color=INK)
        if name in step.chosen:
            kept = True
            for ax in axes:
                ax.axvspan(*span, color=KEPT, linewidth=0, zorder=0)
    return kept
