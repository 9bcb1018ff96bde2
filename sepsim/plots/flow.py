"""Where each population went: one row per population, one column per step."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, LABEL_PT, SMALL_PT, TEXT_PT, TITLE_PT, own_or_new, plain, short_percent, wrapped
from sepsim.drawing.palette import Look, in_families, label, looks, tint
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.plots.routing import LOST, OTHERS, FlowStep, Fraction, flow_steps, shares
from sepsim.protocols.run import Run
from sepsim.samples.fractions import is_numbered, shortened

PITCH = 152.0  # from column to column, where a column is 100 % wide
LANES = {"bench": 176.0, "ideal": 224.0}  # right edges of the yields behind the last column
TOP = -0.5  # edge of the first row
BAR = 0.78
FAMILY_GAP = 0.45
HEAD_WIDTH, FATE_WIDTH, PRODUCT_WIDTH, NAME_WIDTH = 18, 24, 12, 28  # letters
HEAD_LINES = 4
PITCH_INCH, ROW_INCH = 2.2, 0.36
LINE, BETWEEN = 0.62, 0.3  # of a row: a line of a population's name, and the space between two names
MARGIN_INCH = 0.3
SPREAD = 1.05  # by which text is wider at another resolution
SAME_PERCENT = 1.0  # ideal handling is marked where it differs by more than this
GREYS = ("#9C9C9C", "#CDCDCD", "#B4B4B4", "#7F7F7F")


class Fill(NamedTuple):
    """How a kind of bar is filled.

    Attributes
    ----------
    face : str or float
        A colour, or how much of the population's colour is mixed with white [-].
    hatch : str
        As matplotlib takes it.
    ink : str or float
        Of the hatch, like `face`.
    """

    face: str | float
    hatch: str = ""
    ink: str | float = "none"

    def style(self, look: Look) -> dict[str, Any]:
        """Return the properties of the bar of a population."""
        face, ink = (value if isinstance(value, str) else tint(look.color, value) for value in (self.face, self.ink))
        return {"facecolor": face, "edgecolor": ink, "hatch": self.hatch or None, "linewidth": 0.0}


GOES_ON, GOES_ELSEWHERE, LOST_PART = "goes on", "goes on to another step", LOST
WAITS, GONE = "waits in a branch", "gone in an earlier step"
FILLS = {
    GOES_ON: Fill(1.0),
    GOES_ELSEWHERE: Fill(0.8, "\\\\\\", "white"),
    LOST_PART: Fill("white", "/////", "#555555"),
    WAITS: Fill("white", "....", 1.0),
    GONE: Fill("#F3F3F3"),
}
IDEAL = "goes on with ideal handling"
MEANINGS = {LOST_PART: "lost: in handling, stuck or burst"}  # of names that the legend explains
FIRST, LAST = (GOES_ON, GOES_ELSEWHERE), (LOST_PART, WAITS, GONE, IDEAL)  # in the legend

Rows = Mapping[str, float]


class _Part(NamedTuple):
    """One kind of bar in a column: its name, what it holds, and how it is filled."""

    name: str
    held: Sequence[Fraction]
    fill: Fill


def protocol_flow(run: Run, ax: Axes | None = None) -> Axes:
    """Draw where each population went, step by step.

    One row per population (vesicles first) and one column per step. A bar divides the load, in percent: what goes on in
    the population's colour (striped if to another than the next step), what is left behind (numbered fractions as one),
    what is lost (in handling, or because it sticks or bursts), what waits in a branch for a later step, and what is
    gone. The number beside it is all that goes on or waits. A black tick marks what goes on with ideal handling, where
    that differs by more than one percent of the load. The legend names what occurs.

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

    Raises
    ------
    InputError
        If it is no run.

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> from sepsim.protocols.protocol import Protocol, Step
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> half = Step(name="halve", method=Aliquot(volume_mL=5), keep="aliquot")
    >>> urine = sample_from_catalog("urine", volume_mL=10)
    >>> run = Protocol(name="half of the urine", target="exosome", sample=urine, steps=(half,)).run()
    >>> float(protocol_flow(run).containers[0][0].get_width())  # exosomes: percent of the load in the aliquot
    50.0
    """
    if not isinstance(run, Run):
        raise InputError(f"{type(run).__name__}: give a run, such as protocol.run()")
    rows, steps = _rows(run), flow_steps(run)
    seen, kinds = looks(run.loaded.particles.names), _kinds(steps)
    axes = own_or_new(ax, PITCH_INCH * (len(steps) + 1), ROW_INCH * (len(rows) + 10))
    shown: dict[str, Any] = {}
    for step in steps:
        shown |= _draw_column(axes, run, step, kinds, rows, seen)
        shown |= _mark_ideal(axes, run, step, rows)
        _number(axes, run, step, rows)
        _head(axes, run, step)
    _yields(axes, run, rows)
    title, legend = _frame(axes, run, rows), _legend(axes, shown, len(steps))
    if ax is None:
        _fit(axes, [title, legend])
    return axes


def _rows(run: Run) -> dict[str, float]:
    """Return the middle of each population's row, families apart."""
    middles: dict[str, float] = {}
    edge = TOP
    for members in in_families(run.loaded.particles.names):
        for name in members:
            middles[name] = edge + 0.5 * _height(name)
            edge += _height(name)
        edge += FAMILY_GAP
    return middles


def _height(population: str) -> float:
    """Return the height of a row: 1, or more if the name takes several lines."""
    return max(1.0, LINE * _lines(label(population, NAME_WIDTH)) + BETWEEN)


def _lines(text: str) -> int:
    return text.count("\n") + 1


def _kinds(steps: Sequence[FlowStep]) -> dict[str, str]:
    """Return what each fraction that is left behind is shown as: numbered ones as one, and all if they are many."""
    kinds = {name: OTHERS if is_numbered(name) else name for step in steps for name in step.behind}
    return kinds if len({*kinds.values()}) <= len(GREYS) else dict.fromkeys(kinds, OTHERS)


def _parts(step: FlowStep, kinds: Mapping[str, str]) -> Iterator[_Part]:
    """Yield the parts of a column from left to right."""
    yield _Part(GOES_ON, _of(step.bench, step.onward), FILLS[GOES_ON])
    yield _Part(GOES_ELSEWHERE, _of(step.bench, step.elsewhere), FILLS[GOES_ELSEWHERE])
    for kind, grey in zip(dict.fromkeys(kinds.values()), GREYS, strict=False):
        left = [name for name in step.behind if kinds[name] == kind]
        yield _Part(f"{kind}, left behind", _of(step.bench, left), Fill(grey))
    yield _Part(LOST_PART, _of(step.bench, [LOST] if step.lossy else []), FILLS[LOST_PART])
    yield _Part(WAITS, step.waiting, FILLS[WAITS])
    yield _Part(GONE, step.gone, FILLS[GONE])


def _of(step: StepResult, fractions: Sequence[str]) -> list[Fraction]:
    return [(step, name) for name in fractions]


def _draw_column(
    ax: Axes, run: Run, step: FlowStep, kinds: Mapping[str, str], rows: Rows, seen: Mapping[str, Look]
) -> dict[str, Any]:
    """Draw the bars of a step; returns the legend's handle of each part that occurs."""
    names = [name for name in rows if run.loaded.by_population[name]]
    heights = [rows[name] for name in names]
    left = np.full(len(names), step.number * PITCH)
    handles = {}
    for part in _parts(step, kinds):
        if not part.held:
            continue
        held = shares(run, part.held)
        lengths = np.array([100.0 * held[name] for name in names])
        bars = ax.barh(heights, lengths, BAR, left, label=f"{step.bench.name}: {part.name}")
        for bar, name in zip(bars, names, strict=True):
            bar.set(**part.fill.style(seen[name]))
        left = left + lengths
        if np.any(lengths > 0):
            handles[part.name] = _handle(part.fill, [seen[name] for name in names[:3]])
    return handles


def _handle(fill: Fill, some: Iterable[Look]) -> Patch | tuple[Patch, ...]:
    """Return a patch, or one for each of some populations if the fill has their colours."""
    patches = [Patch(**fill.style(look)) for look in some]
    return patches[0] if isinstance(fill.face, str) and isinstance(fill.ink, str) else tuple(patches)


def _mark_ideal(ax: Axes, run: Run, step: FlowStep, rows: Rows) -> dict[str, Line2D]:
    """Mark where the first bar would end with ideal handling; returns the legend's handle if that differs anywhere."""
    going = (
        _of(step.bench, step.onward or step.elsewhere),
        _of(step.ideal, step.onward_ideal or step.elsewhere_ideal),
    )
    bench, ideal = (100.0 * _of_rows(run, fractions, rows) for fractions in going)
    differs = np.abs(ideal - bench) > SAME_PERCENT
    if not np.any(differs):
        return {}
    heights = np.array([*rows.values()])[differs]
    at = step.number * PITCH + ideal[differs]
    ax.vlines(at, heights - 0.46, heights + 0.46, color="black", linewidth=2.2, label=f"{step.bench.name}: ideal")
    tick = Line2D([], [], color="black", marker="|", markeredgewidth=2.2, markersize=14, linestyle="none")
    return {IDEAL: tick}


def _number(ax: Axes, run: Run, step: FlowStep, rows: Rows) -> None:
    """Write beside the bars of a step, unless the last, what goes on or waits."""
    if step.bench is run.bench[-1]:
        return
    values = _of_rows(run, [*_of(step.bench, (*step.onward, *step.elsewhere)), *step.waiting], rows)
    for height, value in zip(rows.values(), values, strict=True):
        ax.text(step.number * PITCH + 104, height, short_percent(value), fontsize=TEXT_PT, va="center", color=INK)


def _of_rows(run: Run, fractions: Sequence[Fraction], rows: Rows) -> FloatArray:
    """Return the share of each row's load that is in some fractions."""
    held = shares(run, fractions)
    return np.array([held[name] for name in rows])


def _head(ax: Axes, run: Run, step: FlowStep) -> None:
    """Write above a column what is done and what goes on."""
    going = ", ".join((*shortened(step.onward), *shortened(step.elsewhere)))
    text = textwrap.shorten(f"→ {going or 'nothing'}", FATE_WIDTH, placeholder=" …")
    if step.bench is run.bench[-1]:
        text = _product(run)
    at = (step.number * PITCH, TOP)
    place: dict[str, Any] = {"xytext": (0, 8), "textcoords": "offset points", "va": "bottom", "color": INK}
    below = "\n" * _lines(text)
    ax.annotate(f"{_step_name(step.number, step.bench.name)}{below}", at, fontsize=LABEL_PT, fontweight="bold", **place)
    ax.annotate(plain(text), at, fontsize=TEXT_PT, **place)


def _product(run: Run) -> str:
    """Return what the product is, in two lines where one would reach the yields."""
    keep = run.bench[-1].keep
    return f"product:{' ' if len(keep) <= PRODUCT_WIDTH else chr(10)}{keep}"


def _step_name(index: int, name: str) -> str:
    return wrapped(f"{index + 1}. {name}", HEAD_WIDTH, HEAD_LINES)


def _yields(ax: Axes, run: Run, rows: Rows) -> None:
    """Write the yields behind the last column, bench and ideal."""
    start = (len(run.bench) - 1) * PITCH
    style: dict[str, Any] = {"ha": "right", "color": INK, "fontsize": TEXT_PT}
    above: dict[str, Any] = {"xytext": (0, 8), "textcoords": "offset points", "va": "bottom", **style}
    ax.annotate("yield [%]\n", (start + LANES["ideal"], TOP), linespacing=1.5, **above)
    for handling, edge in LANES.items():
        weight = "bold" if handling == "bench" else "normal"
        ax.annotate(handling, (start + edge, TOP), fontweight=weight, **above)
        for name, height in rows.items():
            share = short_percent(run.yields[name][handling])
            ax.text(start + edge, height, share, va="center", fontweight=weight, **style)


def _frame(ax: Axes, run: Run, rows: Rows) -> Text:
    """Name the rows and the axes; returns the title."""
    starts = np.arange(len(run.bench)) * PITCH
    ax.set_xlim(-3, starts[-1] + max(LANES.values()) + 2)
    last = [*rows][-1]
    ax.set_ylim(rows[last] + 0.5 * _height(last) + 0.1, TOP)
    ax.set_xticks(np.ravel([(start, start + 50, start + 100) for start in starts]), ["0", "50", "100"] * starts.size)
    ax.set_yticks([*rows.values()], [label(name, NAME_WIDTH) for name in rows])
    for text, name in zip(ax.get_yticklabels(), rows, strict=True):
        text.set_fontweight("bold" if name == run.target else "normal")
    ax.tick_params(axis="y", length=0, labelsize=LABEL_PT, colors=INK)
    ax.tick_params(axis="x", labelsize=SMALL_PT, colors=INK)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("share of the load [%]", fontsize=LABEL_PT, color=INK)
    lines = max(_lines(_step_name(index, step.name)) for index, step in enumerate(run.bench)) + _lines(_product(run))
    name = plain(textwrap.fill(run.name, 25 + 22 * len(run.bench)))
    title = f"{name}\nWhere each population goes, in percent of the load"
    return ax.set_title(title, fontsize=TITLE_PT, color=INK, loc="left", pad=16 + 17 * lines)


def _legend(ax: Axes, shown: Mapping[str, Any], steps: int) -> Legend:
    """Name the fills that occur, in the order of the bars."""
    behind = [name for name in shown if name not in FIRST + LAST]
    names = [name for name in (*FIRST, *behind, *LAST) if name in shown]
    return ax.legend(
        [shown[name] for name in names],
        [plain(MEANINGS.get(name, name)) for name in names],
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        borderaxespad=4.3,
        ncols=max(1, round(0.75 * steps)),
        frameon=False,
        fontsize=TEXT_PT,
    )


def _fit(ax: Axes, wide: Sequence[Text | Legend]) -> None:
    """Give the figure the size that the rows, the columns, their names, and what is as wide as all columns need."""
    figure, box = ax.figure.canvas.figure, ax.get_window_extent()
    names = max(text.get_window_extent().width for text in ax.get_yticklabels())
    widest = max(part.get_window_extent().width for part in wide)
    around = (ax.get_tightbbox() or box).height - box.height  # heads, title, legend
    columns_inch = PITCH_INCH / PITCH * np.ptp(ax.get_xlim())
    rows_inch = ROW_INCH * np.ptp(ax.get_ylim())
    width = SPREAD * names / figure.dpi + max(SPREAD * widest / figure.dpi, columns_inch)
    figure.set_size_inches(width + MARGIN_INCH, rows_inch + around / figure.dpi + MARGIN_INCH)
