"""What is drawn off: each population over the fractions, and the density of these."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sepsim.drawing.canvas import (
    INK,
    LABEL_PT,
    NOT_A_STEP,
    SMALL_PT,
    TEXT_PT,
    TITLE_PT,
    AxesArray,
    grid,
    new_figure,
    plain,
    short_percent,
    tidy,
    wrapped,
)
from sepsim.drawing.curves import chosen
from sepsim.drawing.palette import in_families, label, looks
from sepsim.errors import InputError, collected_warnings
from sepsim.method import StepResult
from sepsim.plots.routing import LOST
from sepsim.samples.fractions import is_numbered, shortened

Shares = Mapping[str, Mapping[str, float]]  # by population and fraction

PELLET = "pellet"
COLUMN_ITSELF = "column"  # where chromatography leaves what has not eluted
SOLID = (PELLET, COLUMN_ITSELF, LOST)  # no liquid, and behind the others
NARROW, COLUMN = 6.0, 0.6  # least width, and of a column [inch]
WIDEST = 13.0  # inch
ROW, DENSITY_ROW = 0.78, 1.5  # inch
MOST_NUMBERS = 30  # columns, up to which bars have numbers, and each column its name
LEAST_TAIL = 3  # fractions at the end of an elution that are drawn as one
LEAST_SHOWN = 0.005  # share, from which on a bar has a number, or a fraction of the tail a column
NAME_WIDTH = 14  # letters
NUMBER = re.compile("^fractions? ")
KEPT = "#F1EBDD"
BROWN = "#7A6540"


def fraction_bars(
    step: StepResult, populations: str | Sequence[str] | None = None, *, figure: Figure | None = None
) -> AxesArray:
    """Draw what each fraction holds of each population, and the density of the fractions.

    Above, the density of each fraction, unless they come from a column, where it tells nothing. Below, a row for each
    population (vesicles first): bars in percent of what the step was given, which sum to 100 over the row, what is
    pelleted, stays on the column or is lost included. All rows have one scale. The fractions that are kept stand on a
    shade. The last fractions of a column are drawn as one where they hold less than 0.5 % of each population together.

    Parameters
    ----------
    step : StepResult
        Of any technique.
    populations : str or sequence of str, optional
        Which to draw; default all that were there.
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (n_populations + 1,), or (n_populations,) of a column
        The density, then a row for each population.

    Raises
    ------
    InputError
        If it is no step, or a population was not there.

    Examples
    --------
    >>> import sepsim
    >>> layers = [{"volume_mL": 5, "sucrose_percent_w_w": percent} for percent in (10, 60)]
    >>> spin = {"method": "density_gradient", "rotor": "SW 41 Ti", "speed_rpm": 35_000, "time_min": 60,
    ...         "layers": layers, "fractions": 6, "keep": "fractions 3-4"}
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 2, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [spin]}).run()
    >>> axes = fraction_bars(run.bench[0], ["exosome", "albumin"])
    >>> round(float(sum(bar.get_height() for bar in axes[1].containers[0])), 6)
    100.0
    """
    if not hasattr(step, "outcome"):
        raise InputError(NOT_A_STEP)
    eluted = COLUMN_ITSELF in step.outcome.fractions
    shares = _shares(step)
    names = chosen(populations, [*shares], [*shares])
    if eluted:
        shares = _with_tail_as_one(step, names, shares)
    every = looks(next(iter(step.outcome.fractions.values())).by_population)
    columns = _columns(names, shares)
    width = min(max(NARROW, COLUMN * len(columns)), WIDEST) + 2.6
    above = [] if eluted else [DENSITY_ROW]
    heights = [*above, *(ROW for _ in names)]
    canvas = new_figure(width, 1.9 + sum(heights)) if figure is None else figure
    axes: AxesArray = canvas.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    if above:
        _draw_density(axes[0], step, columns)
    highest = max(shares[name][column] for name in names for column in columns)
    for ax, name in zip(axes[len(above) :], names, strict=True):
        _draw_row(ax, name, every[name].color, [shares[name][column] for column in columns], highest)
    for ax in axes:
        _mark_kept(ax, step, columns)
    _name_columns(axes[-1], columns)
    canvas.supylabel("particles\n[% of what went in]", fontsize=LABEL_PT, color=INK)
    title = f"Fractions of {wrapped(step.name, 60)}\nshaded: what is kept, {plain(step.keep)}"
    canvas.suptitle(title, fontsize=TITLE_PT, color=INK)
    return axes


def _shares(step: StepResult) -> dict[str, dict[str, float]]:
    """Return the share of each population that was there in each fraction, vesicles first [-]."""
    held = {name: sample.by_population for name, sample in step.outcome.fractions.items()}
    totals = {name: math.fsum(part[name] for part in held.values()) for name in next(iter(held.values()))}
    there = [name for family in in_families(totals) for name in family if totals[name] > 0]
    return {name: {column: part[name] / totals[name] for column, part in held.items()} for name in there}


def _with_tail_as_one(step: StepResult, names: Sequence[str], shares: Shares) -> dict[str, dict[str, float]]:
    """Draw together the last fractions that hold next to nothing of what is shown and are not kept."""
    tail: list[str] = []
    for column in reversed([name for name in step.outcome.fractions if is_numbered(name)]):
        held = max(math.fsum(shares[name][each] for each in (*tail, column)) for name in names)
        if column in step.chosen or held >= LEAST_SHOWN:
            break
        tail.insert(0, column)
    if len(tail) < LEAST_TAIL:
        return {name: {**held} for name, held in shares.items()}
    (together,) = shortened(tail)
    rest = [column for column in step.outcome.fractions if column not in tail]
    last = rest.index(COLUMN_ITSELF)  # behind the liquid
    order = [*rest[:last], together, *rest[last:]]
    sums = {name: {together: math.fsum(held[column] for column in tail), **held} for name, held in shares.items()}
    return {name: {column: held[column] for column in order} for name, held in sums.items()}


def _columns(names: Sequence[str], shares: Shares) -> list[str]:
    """Return the fractions in the order in which they are drawn off, the pellet and what is lost at the end."""
    fractions = [*shares[names[0]]]
    liquid = [name for name in fractions if name not in SOLID]
    solid = [name for name in SOLID if name in fractions]
    return [*liquid, *(name for name in solid if name == PELLET or any(shares[each][name] > 0 for each in names))]


def _draw_density(ax: Axes, step: StepResult, columns: Sequence[str]) -> None:
    liquid = [name for name in columns if name not in SOLID]
    with collected_warnings():  # warnings about densities stand among those of the step
        densities = [step.outcome.fractions[name].liquid.density * 1e-3 for name in liquid]
    ax.plot(range(len(liquid)), densities, color=BROWN, marker="o", linewidth=2.2, label="density")
    tidy(ax, title="density of the fractions", x="", y="[g/mL]")
    grid(ax)
    ax.margins(y=0.15)
    ax.tick_params(bottom=False, labelbottom=False)


def _draw_row(ax: Axes, name: str, color: str, shares: Sequence[float], highest: float) -> None:
    bars = ax.bar(range(len(shares)), [100.0 * share for share in shares], 0.8, color=color, label=label(name))
    tidy(ax, title="", x="", y="")
    ax.set_ylabel(label(name, NAME_WIDTH), fontsize=TEXT_PT, color=INK, rotation=0, ha="right", va="center")
    ax.set_ylim(0.0, 135.0 * highest)  # with room for the numbers
    ax.tick_params(axis="y", labelsize=SMALL_PT)
    ax.tick_params(axis="x", bottom=False, labelbottom=False)
    grid(ax)
    ax.xaxis.grid(False)
    if len(shares) <= MOST_NUMBERS:
        texts = [short_percent(share) if share >= LEAST_SHOWN else "" for share in shares]
        ax.bar_label(bars, texts, fontsize=SMALL_PT, color=INK, padding=1)


def _mark_kept(ax: Axes, step: StepResult, columns: Sequence[str]) -> None:
    """Shade the columns of what is kept."""
    style: dict[str, Any] = {"color": KEPT, "linewidth": 0, "zorder": 0}
    for place, column in enumerate(columns):
        if column in step.chosen:
            ax.axvspan(place - 0.5, place + 0.5, **style)


def _name_columns(ax: Axes, columns: Sequence[str]) -> None:
    """Write the number or the name of each column under the last row, or of some of them if they are many."""
    stride = -(-len(columns) // MOST_NUMBERS)
    wide = [place for place, name in enumerate(columns) if name in SOLID or "-" in name]  # or several as one
    ticks = [place for place in range(len(columns)) if place in wide or place % stride == 0]
    ax.set_xticks(ticks, [NUMBER.sub("", columns[place]) for place in ticks])
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.tick_params(axis="x", bottom=True, labelbottom=True, labelsize=SMALL_PT, colors=INK)
    if COLUMN * len(columns) > WIDEST:
        for text, place in zip(ax.get_xticklabels(), ticks, strict=True):
            text.set_rotation(90 if place in wide else 0)
    ax.set_xlabel("fraction", fontsize=LABEL_PT, color=INK)
