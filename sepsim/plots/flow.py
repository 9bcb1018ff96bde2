"""Where each population went: one row per population, one column per step."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sepsim.particles.size_distribution import FloatArray
from sepsim.plots.canvas import INK, LABEL_PT, SMALL_PT, TEXT_PT, TITLE_PT, own_or_new, percent
from sepsim.plots.palette import in_families, label, look, tint
from sepsim.plots.routing import LOST, Column, columns, shares
from sepsim.run import Run, StepResult

PITCH = 152.0  # from column to column, where a column is 100 % wide
LANES = {"bench": 176.0, "ideal": 224.0}  # right edges of the yields behind the last column
BAR = 0.78
FAMILY_GAP = 0.45
HEAD_WIDTH, FATE_WIDTH = 17, 24  # letters
SAME_PERCENT = 1.0  # ideal handling is marked where it differs by more than this
GREYS = ("#9C9C9C", "#CDCDCD", "#B4B4B4", "#7F7F7F")
TRACK = "#F3F3F3"
SECOND_TINT = 0.45
HATCH: dict[str, Any] = {"facecolor": "white", "edgecolor": "#555555", "hatch": "/////", "linewidth": 0.0}
OTHERS = "other fractions"

Rows = Mapping[str, float]


class _Part(NamedTuple):
    """One kind of bar; without a style of its own it has the population's colour, mixed with white."""

    name: str
    fractions: tuple[str, ...]
    strength: float = 1.0
    style: Mapping[str, Any] | None = None


def protocol_flow(run: Run, ax: Axes | None = None) -> Axes:
    """Draw where each population went, step by step.

    One row per population (vesicles first) and one column per step. A bar divides what entered the step: what
    goes on in the population's colour, then what is left behind and what is lost in handling, all in percent of the
    load. The number beside it is what goes on. A black tick marks what goes on with ideal handling, where that
    differs by more than one percent of the load.

    Parameters
    ----------
    run : Run
        Of any techniques.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes
        Each kind of bar of each step is a container labelled ``"step: part"``, its lengths in percent of the load.

    Examples
    --------
    >>> from sepsim.methods.handling import Aliquot
    >>> from sepsim.protocol import Protocol, Step
    >>> from sepsim.sample_recipe import sample_from_catalog
    >>> half = Step(name="halve", method=Aliquot(volume_mL=5), keep="aliquot")
    >>> urine = sample_from_catalog("urine", volume_mL=10)
    >>> run = Protocol(name="half of the urine", target="exosome", sample=urine, steps=(half,)).run()
    >>> float(protocol_flow(run).containers[1][0].get_width())  # exosomes: percent of the load in the aliquot
    50.0
    """
    rows, steps = _rows(run), columns(run)
    greys = _greys(steps)
    axes = own_or_new(ax, 4.4 + 1.95 * len(steps), 3.4 + 0.36 * max(rows.values()))
    shown: dict[str, Any] = {}
    for step in steps:
        for part, handle in _draw_column(axes, run, step, greys, rows):
            shown.setdefault(part, handle)
        _mark_ideal(axes, run, step, rows)
        _head(axes, run, step)
    _yields(axes, run, rows)
    _frame(axes, run, rows)
    _legend(axes, shown, len(steps))
    return axes


def _rows(run: Run) -> dict[str, float]:
    """Return the height of each population's row, families apart."""
    heights: dict[str, float] = {}
    for gap, members in enumerate(in_families(run.loaded.particles.names)):
        for name in members:
            heights[name] = len(heights) + gap * FAMILY_GAP
    return heights


def _greys(steps: Sequence[Column]) -> dict[str, str]:
    """Return a grey for each fraction that is left behind; if they are many, the same for all."""
    names = dict.fromkeys(name for step in steps for name in step.behind)
    if len(names) > len(GREYS):
        return dict.fromkeys(names, GREYS[1])
    return dict(zip(names, GREYS, strict=False))


def _parts(step: Column, greys: Mapping[str, str]) -> Iterator[_Part]:
    """Yield the parts of a column from left to right."""
    yield _Part("goes on", step.onward[:1])
    yield _Part("goes on to another step", step.onward[1:], strength=SECOND_TINT)
    if len(set(greys.values())) < len(greys):
        yield _Part(f"{OTHERS}, left behind", step.behind, style={"facecolor": GREYS[1]})
    else:
        for name in sorted(step.behind, key=[*greys].index):
            yield _Part(f"{name}, left behind", (name,), style={"facecolor": greys[name]})
    yield _Part("lost in handling", (LOST,) if step.lossy else (), style=HATCH)


def _draw_column(
    ax: Axes, run: Run, step: Column, greys: Mapping[str, str], rows: Rows
) -> Iterator[tuple[str, Patch | tuple[Patch, ...]]]:
    """Draw the bars of a step; yields the name and the legend's handle of each part."""
    names = [name for name in rows if run.loaded.by_population[name]]
    heights = [rows[name] for name in names]
    left = np.full(len(names), step.number * PITCH)
    ax.barh(heights, 100.0, BAR, step.number * PITCH, color=TRACK, label=f"{step.bench.name}: load")
    for part in _parts(step, greys):
        if not part.fractions:
            continue
        held = shares(run, step.bench, part.fractions)
        lengths = np.array([100.0 * held[name] for name in names])
        colors = [tint(look(name).color, part.strength) for name in names]
        style = {"facecolor": colors} if part.style is None else part.style
        ax.barh(heights, lengths, BAR, left, label=f"{step.bench.name}: {part.name}", **style)
        left = left + lengths
        yield part.name, _handle(part, [*rows][:3])


def _handle(part: _Part, names: Sequence[str]) -> Patch | tuple[Patch, ...]:
    if part.style is not None:
        return Patch(**part.style)
    return tuple(Patch(color=tint(look(name).color, part.strength)) for name in names)


def _mark_ideal(ax: Axes, run: Run, step: Column, rows: Rows) -> None:
    bench, ideal = (100.0 * _going_on(run, step, result, rows) for result in (step.bench, step.ideal))
    differs = np.abs(ideal - bench) > SAME_PERCENT
    heights = np.array([*rows.values()])[differs]
    at = step.number * PITCH + ideal[differs]
    ax.vlines(at, heights - 0.46, heights + 0.46, color="black", linewidth=2.2, label=f"{step.bench.name}: ideal")
    if step.bench is run.bench[-1]:
        return
    for height, value in zip(rows.values(), bench, strict=True):
        ax.text(step.number * PITCH + 104, height, percent(value / 100), fontsize=TEXT_PT, va="center", color=INK)


def _going_on(run: Run, step: Column, result: StepResult, rows: Rows) -> FloatArray:
    """Return the share of each row's load that is in the first of the fractions that go on."""
    held = shares(run, result, step.onward[:1])
    return np.array([held[name] for name in rows])


def _head(ax: Axes, run: Run, step: Column) -> None:
    """Write above a column what is done and what goes on."""
    text = textwrap.shorten(f"→ {', '.join(step.onward) or 'nothing'}", FATE_WIDTH, placeholder=" …")
    if step.bench is run.bench[-1]:
        text = f"product: {step.bench.keep}"
    at = (step.number * PITCH, -0.5)
    place: dict[str, Any] = {"xytext": (0, 8), "textcoords": "offset points", "va": "bottom", "color": INK}
    ax.annotate(f"{_step_name(step.number, step.bench.name)}\n", at, fontsize=LABEL_PT, fontweight="bold", **place)
    ax.annotate(text, at, fontsize=TEXT_PT, **place)


def _step_name(index: int, name: str) -> str:
    return textwrap.fill(f"{index + 1}. {name}", HEAD_WIDTH)


def _yields(ax: Axes, run: Run, rows: Rows) -> None:
    """Write the yields behind the last column, bench and ideal."""
    start = (len(run.bench) - 1) * PITCH
    style: dict[str, Any] = {"ha": "right", "color": INK, "fontsize": TEXT_PT}
    above: dict[str, Any] = {"xytext": (0, 8), "textcoords": "offset points", "va": "bottom", **style}
    ax.annotate("yield [%]\n", (start + LANES["ideal"], -0.5), linespacing=1.5, **above)
    for handling, edge in LANES.items():
        weight = "bold" if handling == "bench" else "normal"
        ax.annotate(handling, (start + edge, -0.5), fontweight=weight, **above)
        for name, height in rows.items():
            share = percent(run.yields[name][handling])
            ax.text(start + edge, height, share, va="center", fontweight=weight, **style)


def _frame(ax: Axes, run: Run, rows: Rows) -> None:
    starts = np.arange(len(run.bench)) * PITCH
    ax.set_xlim(-3, starts[-1] + max(LANES.values()) + 2)
    ax.set_ylim(max(rows.values()) + 0.6, -0.5)
    ax.set_xticks(np.ravel([(start, start + 50, start + 100) for start in starts]), ["0", "50", "100"] * starts.size)
    ax.set_yticks([*rows.values()], [label(name) for name in rows])
    for text, name in zip(ax.get_yticklabels(), rows, strict=True):
        text.set_fontweight("bold" if name == run.target else "normal")
    ax.tick_params(axis="y", length=0, labelsize=LABEL_PT, colors=INK)
    ax.tick_params(axis="x", labelsize=SMALL_PT, colors=INK)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("share of the load [%]", fontsize=LABEL_PT, color=INK)
    lines = 1 + max(_step_name(index, step.name).count("\n") + 1 for index, step in enumerate(run.bench))
    title = f"{textwrap.fill(run.name, 25 + 22 * len(run.bench))}\nWhere each population goes, in percent of the load"
    ax.set_title(title, fontsize=TITLE_PT, color=INK, loc="left", pad=16 + 17 * lines)


def _legend(ax: Axes, shown: Mapping[str, Any], steps: int) -> None:
    tick = Line2D([], [], color="black", marker="|", markeredgewidth=2.2, markersize=14, linestyle="none")
    gone = {"gone in an earlier step": Patch(color=TRACK)} if steps > 1 else {}
    handles = {**shown, **gone, "goes on with ideal handling": tick}
    ax.legend(
        handles.values(),
        handles.keys(),
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
        loc="upper center",
        bbox_to_anchor=(0.5, -0.02),
        borderaxespad=3.5,
        ncols=max(1, round(0.75 * steps)),
        frameon=False,
        fontsize=TEXT_PT,
    )
