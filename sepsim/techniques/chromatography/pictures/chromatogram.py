"""What leaves a column, against the volume since the sample entered it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, LABEL_PT, SMALL_PT, TEXT_PT, TITLE_PT, own_or_new, plain, tidy, wrapped
from sepsim.drawing.curves import chosen, draw_lines, legend_beside, loaded, own_lines, own_name, together, trace_of
from sepsim.method import StepResult
from sepsim.samples.fractions import is_numbered
from sepsim.techniques.chromatography.elution import Elution
from sepsim.units import from_si

LEAST_OUT = 0.01  # share of a population that must leave for its curve to mean something
STRIP, HEADROOM = 0.10, 1.20  # below zero, for the fraction marks, and above, for names [heights of the curves]
MOST_NUMBERS = 26  # fractions, up to which each has its number
NUMBER_STEPS = (1, 2, 5, 10, 20, 50, 100)
LEAST_MG_ML = 0.1  # of protein, below which it is drawn in ug/mL
ROOM = 0.4  # of the width, that a name beside a line needs
ROWS = (1.12, 1.05)  # heights at which they stand
PROTEIN_AXIS = 1.05  # width of its names and numbers [inch]
PROTEIN, PROTEIN_INK = "#DADADA", "#777777"
KEPT = "#F1E3BC"
MARK = "#555555"


def chromatogram(
    step: StepResult,
    populations: str | Sequence[str] | None = None,
    *,
    target: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what leaves a column: each population, the protein, and where the fractions are cut.

    Each population over its own highest concentration (on the left), since numbers differ by many powers of ten; what
    the fractions hold of it is drawn by `fraction_bars`. All protein, as an absorbance at 280 nm would follow it,
    in grey (on the right). Volume since the sample entered, and along the top beyond the void volume. The marks
    below are the borders of the fractions, with their numbers; what is kept is shaded.

    Parameters
    ----------
    step : StepResult
        Of chromatography.
    populations : str or sequence of str, optional
        Which to draw; default all of which at least 1 % leave the column, with one line for those that look alike, at
        most eight lines, and the rest in grey.
    target : str, optional
        Drawn solid, widest and on top, if it is there; default the population that the protocol wants.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes
        Of the populations; those of the protein lie behind, ``ax.figure.axes`` holds both.

    Raises
    ------
    InputError
        If the step is no chromatography, or a population was not loaded.

    Examples
    --------
    >>> import sepsim
    >>> column = {"method": "chromatography", "column": "Sepharose CL-2B, 10 mL", "flow_mL_min": 0.5,
    ...           "fraction_volume_mL": 0.5, "fractions": 26, "keep": "fractions 8-11"}
    >>> urine = {"source": "urine", "volume_mL": 0.5, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [column]}).run()
    >>> ax = chromatogram(run.bench[0], ["exosome", "albumin"])
    >>> exosome, albumin = (line.get_xdata()[line.get_ydata().argmax()] for line in ax.lines[:2])
    >>> bool(exosome < albumin)  # what enters the pores is late
    True
    """
    elution = trace_of(step, Elution, "no elution from a column")
    wanted = step.target if target is None else target
    volumes = elution.volumes * 1e6
    there = loaded(elution.particles, elution.counts)
    asked = chosen(populations, there, there)
    curves = _relative(elution, asked)
    lines = own_lines(curves, apart=populations is not None, target=wanted)
    axes = own_or_new(ax, 11.5, 6.2)
    behind = _protein_axis(axes, volumes, elution.protein.sum(axis=0))
    draw_lines(axes, volumes, curves, lines, elution.names, wanted)
    _frame(axes, step, elution)
    _mark_fractions(axes, step, elution)
    _mark_moments(axes, elution)
    drawn = [handle for handle in axes.get_legend_handles_labels()[0]]
    seen = [Patch(color=PROTEIN, label="all protein")]
    if kept := _kept_spans(step, elution):
        seen.append(Patch(color=KEPT, label=f"kept: {plain(step.keep)}"))
    for span in kept:
        behind.axvspan(*span, color=KEPT, linewidth=0, zorder=0)
    if staying := [name for name in asked if name not in curves]:
        seen.append(Patch(color="none", label=f"stay on the column:\n{together(staying)}"))
    legend_beside(axes, [*drawn, *seen], PROTEIN_AXIS)
    return axes


def _relative(elution: Elution, asked: Sequence[str]) -> dict[str, FloatArray]:
    """Return the curves of what leaves over their highest values [-]; what stays has none."""
    particles, counts = elution.particles, elution.counts
    before = particles.totals(counts)
    out = particles.totals(counts * elution.collected.shares.sum(axis=0))
    places = [elution.names.index(name) for name in asked]
    return {
        elution.names[place]: elution.concentration[place] / elution.concentration[place].max()
        for place in places
        if out[place] >= LEAST_OUT * before[place]
    }


def _protein_axis(ax: Axes, volumes: FloatArray, protein: FloatArray) -> Axes:
    """Fill the protein behind the curves, on an axis of its own whose zero is that of the curves."""
    behind = ax.twinx()
    behind.set_zorder(ax.get_zorder() - 1)
    ax.patch.set_visible(False)
    scale, unit = (1.0, "mg/mL") if protein.max() >= LEAST_MG_ML else (1e3, "µg/mL")
    behind.fill_between(volumes, scale * protein, color=PROTEIN, linewidth=0, label="all protein")
    highest = scale * float(protein.max()) or 1.0
    behind.set_ylim(-STRIP * highest, HEADROOM * highest)
    behind.set_ylabel(f"all protein [{unit}]", fontsize=LABEL_PT, color=PROTEIN_INK)
    behind.tick_params(labelsize=TEXT_PT, colors=PROTEIN_INK)
    behind.set_yticks([tick for tick in behind.get_yticks() if 0.0 <= tick <= HEADROOM * highest])
    behind.spines[:].set_visible(False)
    return behind


def _frame(ax: Axes, step: StepResult, elution: Elution) -> None:
    tidy(ax, title="", x="volume since the sample entered [mL]", y="concentration\n[share of each one's highest]")
    ax.set_xlim(0.0, float(elution.volumes[-1]) * 1e6)
    ax.set_ylim(-STRIP, HEADROOM)
    ax.set_yticks(np.linspace(0.0, 1.0, 6))
    void = elution.void_volume * 1e6
    top = ax.secondary_xaxis("top", functions=(lambda v: np.subtract(v, void), lambda v: np.add(v, void)))
    top.set_xlabel("volume beyond the void volume [mL]", fontsize=LABEL_PT, color=INK)
    top.tick_params(labelsize=TEXT_PT, colors=INK)
    flow = from_si("flow_mL_min", elution.conditions.flow)
    column = f"{wrapped(name, 60)}; " if (name := own_name(elution.column)) else ""
    setting = f"{column}{elution.load_volume * 1e6:.3g} mL of sample, {flow:.3g} mL/min"
    ax.set_title(f"Chromatogram of {wrapped(step.name, 60)}\n{setting}", fontsize=TITLE_PT, color=INK, loc="left")


def _mark_fractions(ax: Axes, step: StepResult, elution: Elution) -> None:
    """Mark the borders of the fractions in the strip below zero, and write the numbers there is room for."""
    ax.axhline(0.0, color=MARK, linewidth=0.8)
    ax.vlines(elution.collected.borders * 1e6, -STRIP, 0.0, color=MARK, linewidth=0.8, label="_fraction marks")
    spans = _spans(step, elution)
    count = sum(map(is_numbered, spans))
    stride = next((stride for stride in NUMBER_STEPS if count <= stride * MOST_NUMBERS), NUMBER_STEPS[-1])
    for name, (start, end) in spans.items():
        text = name.removeprefix("fraction ")
        if not is_numbered(name) or stride == 1 or int(text) % stride == 0:
            place = (0.5 * (start + end), -0.5 * STRIP)
            ax.text(*place, text, ha="center", va="center", fontsize=SMALL_PT, color=INK)


def _spans(step: StepResult, elution: Elution) -> dict[str, tuple[float, float]]:
    """Return where each fraction of liquid starts and ends [mL]."""
    borders = [float(border) * 1e6 for border in elution.collected.borders]
    return dict(zip(step.outcome.fractions, pairwise(borders), strict=False))  # the column and what is lost come last


def _kept_spans(step: StepResult, elution: Elution) -> list[tuple[float, float]]:
    return [span for name, span in _spans(step, elution).items() if name in step.chosen]


def _mark_moments(ax: Axes, elution: Elution) -> None:
    """Draw lines where the void volume ends and where a stronger eluent enters."""
    moments = [("end of the void volume", elution.void_volume)]
    if (stronger := elution.conditions.stronger) is not None:
        moments.append(("stronger eluent enters", stronger.after))
    for (text, volume), height in zip(moments, ROWS, strict=False):
        ax.axvline(volume * 1e6, color=MARK, linewidth=1.4, linestyle=":", label=f"_{text}")
        left = volume >= ROOM * elution.volumes[-1]
        ax.annotate(
            text,
            (volume * 1e6, height),
            xytext=(-4 if left else 4, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=TEXT_PT,
            color=MARK,
        )
