"""Protocols compared: how much of the target comes through, and how clean it is."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from sepsim.drawing.canvas import INK, SMALL_PT, TEXT_PT, grid, own_or_new, plain, tidy
from sepsim.drawing.labels import Label, place_labels
from sepsim.drawing.palette import label, plural
from sepsim.errors import InputError
from sepsim.protocols.run import Run
from sepsim.samples.metrics import Purity

DECADE = 10.0
LABEL_WIDTH, ONE_LINE, NOTE_WIDTH = 36, 75, 100  # letters
DOT = 11.0
LARGEST_PLAIN = 1e5  # written out on an axis; larger numbers as powers of ten


class PurityFigure(NamedTuple):
    """A figure of purity to compare protocols by.

    Attributes
    ----------
    name : str
        For the axis, with its unit, as matplotlib takes it.
    of : callable
        Takes a `Purity` and returns the figure; nan where undefined.
    """

    name: str
    of: Callable[[Purity], float]


PROTEIN_PURITY = PurityFigure("purity by protein mass [%]", lambda purity: 100.0 * purity.protein)
PARTICLE_PURITY = PurityFigure("purity by number, from 30 nm on [%]", lambda purity: 100.0 * purity.particle)
PARTICLES_PER_UG = PurityFigure("particles per µg protein [1/µg]", lambda purity: purity.particles_per_ug_protein)


def enrichment_over(contaminant: str) -> PurityFigure:
    """Return the enrichment of the target over a contaminant, as a figure of purity.

    Parameters
    ----------
    contaminant : str
        Name of a population, such as ``"ldl"`` or ``"albumin"``.

    Returns
    -------
    PurityFigure

    Examples
    --------
    >>> enrichment_over("ldl").name
    'enrichment over LDL [-]'
    """
    return PurityFigure(
        f"enrichment over {label(contaminant)} [-]", lambda purity: purity.enrichment.get(contaminant, math.nan)
    )


class _Points(NamedTuple):
    """A protocol in the plane: percent yield and purity with bench and with ideal handling."""

    name: str
    hours: float
    bench: tuple[float, float]
    ideal: tuple[float, float]


def yield_against_purity(
    runs: Run | Sequence[Run], purity: PurityFigure = PROTEIN_PURITY, ax: Axes | None = None
) -> Axes:
    """Draw the yield of the target against its purity, one filled dot per protocol.

    A ring marks the same protocol with ideal handling. The axis of purity is logarithmic where it spans more than
    a decade. What is undefined or infinite is not drawn, nor is a purity of 0 on a logarithmic axis; notes name them.

    Parameters
    ----------
    runs : Run or sequence of Run
        Of any techniques.
    purity : PurityFigure
        Default the purity by protein mass.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no run.
    """
    asked = [runs] if isinstance(runs, Run) else [*runs]
    if not asked:
        raise InputError("runs: none; give at least one")
    axes = own_or_new(ax, 10.0, 6.2)
    points = [_points(run, purity) for run in asked]
    logarithmic = _spans_decades([point for each in points for point in (each.bench, each.ideal)])
    drawn = [each for each in points if _drawable(each.bench, logarithmic)]
    for each in drawn:
        _draw(axes, each, logarithmic)
    targets = " or ".join(dict.fromkeys(plural(run.target) for run in asked))
    tidy(axes, title=f"Yield against purity of {targets}", x=f"yield of {targets} [%]", y=purity.name)
    grid(axes)
    _scale(axes, drawn, logarithmic)
    _legend(axes)
    _note(axes, [each for each in points if each not in drawn])
    _name(axes, drawn, logarithmic)
    return axes


def _points(run: Run, purity: PurityFigure) -> _Points:
    bench, ideal = (
        (100.0 * run.yields[run.target][handling], purity.of(run.purity[handling])) for handling in ("bench", "ideal")
    )
    return _Points(run.name, run.duration / 3600.0, bench, ideal)


def _spans_decades(points: Iterable[tuple[float, float]]) -> bool:
    positive = [y for _, y in points if 0 < y < math.inf]
    return bool(positive) and max(positive) > DECADE * min(positive)


def _defined(point: tuple[float, float]) -> bool:
    return all(map(math.isfinite, point))


def _drawable(point: tuple[float, float], logarithmic: bool) -> bool:
    return _defined(point) and (point[1] > 0 or not logarithmic)


def _draw(ax: Axes, each: _Points, logarithmic: bool) -> None:
    if _drawable(each.ideal, logarithmic):
        ax.plot(*zip(each.bench, each.ideal, strict=True), color="#8A8A8A", linewidth=1.2, zorder=2)
        ax.plot(*each.ideal, "o", markersize=DOT, color=INK, markerfacecolor="white", markeredgewidth=1.8, zorder=3)
    ax.plot(*each.bench, "o", markersize=DOT, color=INK, zorder=4)


def _scale(ax: Axes, drawn: Sequence[_Points], logarithmic: bool) -> None:
    """Start the axes at zero where they are linear; leave room for the labels."""
    points = [point for each in drawn for point in (each.bench, each.ideal) if _drawable(point, logarithmic)]
    if not points:
        return
    largest_x, largest_y = (max(point[axis] for point in points) for axis in (0, 1))
    ax.set_xlim(0.0, min(1.25 * largest_x, 104.0) or 100.0)
    if logarithmic:
        ax.set_yscale("log")
        if largest_y < LARGEST_PLAIN:
            ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.set_ylim(min(y for _, y in points) / 3.0, 4.0 * largest_y)
    else:
        ax.set_ylim(0.0, 1.35 * largest_y or 1.0)


def _legend(ax: Axes) -> None:
    style: dict[str, Any] = {"color": INK, "markersize": DOT, "linestyle": "none", "marker": "o"}
    handles = [
        *ax.plot([], [], label="bench, with the losses of handling", **style),
        *ax.plot([], [], label="ideal handling", markerfacecolor="white", markeredgewidth=1.8, **style),
    ]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.0, -0.13), ncols=2, frameon=False, fontsize=TEXT_PT)


def _note(ax: Axes, left_out: Sequence[_Points]) -> None:
    """Name below the legend what is not drawn, and why."""
    reasons = {
        "as undefined": [each.name for each in left_out if any(map(math.isnan, each.bench))],
        "infinite, above the axis": [each.name for each in left_out if math.isinf(each.bench[1])],
        "purity 0, below the axis": [each.name for each in left_out if _defined(each.bench)],
    }
    notes = [f"Not drawn, {why}: {'; '.join(names)}" for why, names in reasons.items() if names]
    if notes:
        ax.annotate(
            plain("\n".join(textwrap.fill(note, NOTE_WIDTH) for note in notes)),
            (0.0, 0.0),
            xytext=(0, -76),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            fontsize=SMALL_PT,
            color=INK,
        )


def _name(ax: Axes, drawn: Sequence[_Points], logarithmic: bool) -> None:
    """Write names and run times beside the dots, or beside the rings where that covers less."""
    ends = [[point for point in (each.bench, each.ideal) if _drawable(point, logarithmic)] for each in drawn]
    labels = [
        Label([_label(each, LABEL_WIDTH), _label(each, ONE_LINE)], points)
        for each, points in zip(drawn, ends, strict=True)
    ]
    place_labels(ax, labels, ends)


def _label(each: _Points, width: int) -> str:
    return plain(textwrap.fill(f"{each.name}, {each.hours:.1f}\N{NO-BREAK SPACE}h", width))
