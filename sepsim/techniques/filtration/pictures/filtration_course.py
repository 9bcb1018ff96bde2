"""A filtration over time: how fast liquid permeates, under which pressure, and what the vessel holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import (
    INK,
    LABEL_PT,
    SMALL_PT,
    TEXT_PT,
    TITLE_PT,
    AxesArray,
    grid,
    new_figure,
    plain,
    tidy,
    wrapped,
)
from sepsim.drawing.curves import chosen, draw_lines, legend_beside, own_lines, own_name, trace_of
from sepsim.method import StepResult

if TYPE_CHECKING:
    from sepsim.techniques.filtration.membrane_run import MembraneRun


MOST_LINES = 6
LOWEST_FACTOR = 1e-3  # that is drawn
LOWEST_FLUX = 1e-4  # of the highest, that is drawn
MARKS: tuple[tuple[float, ...], ...] = ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8))  # in a decade of an axis
LEAST_MARKS = 4  # on an axis
RIGHT_AXIS = 1.1  # width of its name and numbers [inch]
TINTS = ("#F4F4F4", "#E6E6E6")
FLUX, PRESSURE, LIQUID = "#4477AA", "#AA3377", "#9FC3DF"
LETTER = 0.013  # width of a letter [widths of the axes]


def membrane_run(step: StepResult) -> MembraneRun:
    """Return the filtration of a step, or raise InputError if it is of another technique."""
    from sepsim.techniques.filtration.membrane_run import MembraneRun

    return trace_of(step, MembraneRun, "no filtration through a membrane")


class Abscissa(NamedTuple):
    """Against what a filtration is drawn.

    Attributes
    ----------
    values : ndarray, shape (n_steps + 1,) [unit of the axis]
    name : str
        With the unit.
    """

    values: FloatArray
    name: str

    @classmethod
    def of(cls, step: StepResult, run: MembraneRun) -> Abscissa:
        """Return the time, or of a filter through which all is pushed the volume that has passed it."""
        if passed_once(step):
            return cls(run.permeate * run.devices * 1e6, "volume of the permeate [mL]")
        return cls(run.time / 60.0, "time [min]")


def passed_once(step: StepResult) -> bool:
    """Return whether all of the liquid is pushed through a filter, so that its volume falls to nothing."""
    return step.technique == "filtration"


class Course(NamedTuple):
    """What the vessels hold, with the moments at which buffer is poured in.

    Attributes
    ----------
    x : ndarray, shape (n_points,) [unit of the axis]
    volume : ndarray, shape (n_points,) [m3]
        In all devices.
    held : ndarray, shape (n_points, n_populations) [-]
        Numbers of particles in them.
    filled : float [m3]
        Volume of the sample, in all devices.
    """

    x: FloatArray
    volume: FloatArray
    held: FloatArray
    filled: float

    @classmethod
    def of(cls, run: MembraneRun, x: FloatArray) -> Course:
        """Return the course of a filtration; what is poured in is there at once."""
        volume, held = run.volume, run.vessel
        begun = [*zip(run.stages[1:], run.ends[:-1], strict=False)]
        for stage, end in reversed(begun):
            if stage.poured > 0:
                x = np.insert(x, end + 1, x[end])
                volume = np.insert(volume, end + 1, volume[end] + stage.poured)
                held = np.insert(held, end + 1, held[end], axis=0)
        return cls(x, volume * run.devices, held, filled(run))


def filled(run: MembraneRun) -> float:
    """Return the volume of the sample in all devices, before any buffer [m3]."""
    return float(run.volume[0] - run.stages[0].poured) * run.devices


def filtration_course(
    step: StepResult, populations: str | Sequence[str] | None = None, *, figure: Figure | None = None
) -> AxesArray:
    """Draw flux and pressure of a filtration, and below volume and concentrations in the vessel.

    Over time, or of a single pass through a filter over the volume of the permeate. Stages stand on shades, with their
    names. Concentrations are over those of the sample, down to a thousandth; what lies on the membrane is not in the
    liquid.

    Parameters
    ----------
    step : StepResult
        Of ultrafiltration or filtration.
    populations : str or sequence of str, optional
        Which to draw; default all, with one line for those that look alike, at most six lines, and the rest in grey.
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (2,)
        Flux, then concentrations; pressure and volume are in axes of their own, ``figure.axes`` holds all four.

    Raises
    ------
    InputError
        If the step is no filtration, or a population was not there.

    Examples
    --------
    >>> import sepsim
    >>> spin = {"method": "ultrafiltration", "membrane": "Amicon Ultra-15 100 kDa", "spin_filter": {"rcf_xg": 4000},
    ...         "concentration_factor": 10, "keep": "retentate"}
    >>> medium = {"source": "conditioned medium", "volume_mL": 10, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": medium, "step": [spin]}).run()
    >>> flux, concentrations = filtration_course(run.bench[0], "ldl")
    >>> bool(9 < concentrations.lines[0].get_ydata()[-1] < 10)  # held back; a little lies on the membrane
    True
    """
    run = membrane_run(step)
    there = [name for name, number in zip(run.particles.names, run.vessel[0], strict=True) if number > 0]
    asked = chosen(populations, there, there)
    canvas = new_figure(11.0, 8.2) if figure is None else figure
    axes: AxesArray = canvas.subplots(2, 1, sharex=True, squeeze=False)[:, 0]
    along = Abscissa.of(step, run)
    _draw_flux(axes[0], run, along)
    _draw_contents(axes[1], run, along, asked, apart=populations is not None)
    _name_stages(axes[0], run, along)
    canvas.suptitle(_title(step, run), fontsize=TITLE_PT, color=INK)
    return axes


def _title(step: StepResult, run: MembraneRun) -> str:
    devices = [f"{run.devices} devices"] if run.devices > 1 else []
    name = [wrapped(own_name(run.membrane), 70)] if own_name(run.membrane) else []
    end = f"\nended early: {run.stopped}" if run.stopped else ""
    return f"{': '.join([wrapped(step.name, 60), *devices, *name])}{end}"


def _draw_flux(ax: Axes, run: MembraneRun, along: Abscissa) -> None:
    (flux,) = ax.plot(along.values, run.flux * 3.6e6, color=FLUX, linewidth=2.6, label="flux")
    tidy(ax, title="", x="", y="flux [L m$^{-2}$ h$^{-1}$]")
    highest = float(run.flux.max()) * 3.6e6 or 1.0  # a membrane that is closed from the start
    log_axis(ax, max(0.4 * float(run.flux.min()) * 3.6e6, LOWEST_FLUX * highest), 2.2 * highest)
    other = _axis_on_the_right(ax, "pressure [bar]", PRESSURE)
    (pressure,) = other.plot(
        along.values, run.pressure * 1e-5, color=PRESSURE, linewidth=2.2, linestyle=(0, (5, 2)), label="pressure"
    )
    other.set_ylim(0.0, 1.08 * float(run.pressure.max()) * 1e-5)
    _shade_stages(other, run, along)
    legend_beside(ax, [flux, pressure], RIGHT_AXIS)


def _draw_contents(ax: Axes, run: MembraneRun, along: Abscissa, asked: Sequence[str], *, apart: bool) -> None:
    course = Course.of(run, along.values)
    held = {name: course.held[:, run.particles.names.index(name)] for name in asked}
    curves = {name: numbers / numbers[0] * course.filled / course.volume for name, numbers in held.items()}
    highest = max(2.0, *(float(curve.max()) for curve in curves.values()))
    decades = np.log10(highest / LOWEST_FACTOR)
    shapes = {name: np.log10(np.maximum(curve, LOWEST_FACTOR)) / decades for name, curve in curves.items()}
    lines = own_lines(shapes, apart=apart, most=MOST_LINES)
    draw_lines(ax, course.x, curves, lines, run.particles.names)
    tidy(ax, title="", x=along.name, y="concentration\n[× that of the sample]")
    log_axis(ax, max(0.7 * min(float(curve.min()) for curve in curves.values()), LOWEST_FACTOR), 1.5 * highest)
    ax.set_xlim(0.0, float(course.x[-1]) or 1.0)
    other = _axis_on_the_right(ax, "volume in the vessel [mL]", FLUX)
    filling = other.fill_between(
        course.x, course.volume * 1e6, color=LIQUID, alpha=0.45, linewidth=0, label="volume in the vessel"
    )
    other.set_ylim(0.0, 1.05 * float(course.volume.max()) * 1e6)
    _shade_stages(other, run, along)
    legend_beside(ax, [*ax.get_legend_handles_labels()[0], filling], RIGHT_AXIS)


def log_axis(ax: Axes, lowest: float, highest: float) -> None:
    """Make the y axis logarithmic, in plain numbers."""
    ax.set_yscale("log")
    ax.set_ylim(lowest, highest)
    ax.yaxis.set_major_locator(LogLocator(subs=_marks(lowest, highest)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    grid(ax)


def _marks(lowest: float, highest: float) -> tuple[float, ...]:
    """Return the multiples of powers of ten that stand on an axis: as few as give it enough numbers."""
    decades = 10.0 ** np.arange(np.floor(np.log10(lowest)), np.ceil(np.log10(highest)) + 1)

    def enough(marks: tuple[float, ...]) -> bool:
        values = np.multiply.outer(decades, marks)
        return int(np.count_nonzero((values >= lowest) & (values <= highest))) >= LEAST_MARKS

    return next(filter(enough, MARKS), MARKS[-1])


def _axis_on_the_right(ax: Axes, name: str, color: str) -> Axes:
    """Return axes with the same x that lie behind, and whose values stand on the right."""
    other = ax.twinx()
    other.set_zorder(ax.get_zorder() - 1)
    ax.patch.set_visible(False)
    other.set_ylabel(name, fontsize=LABEL_PT, color=color)
    other.tick_params(labelsize=TEXT_PT, colors=color)
    other.spines[:].set_visible(False)
    return other


class _Span(NamedTuple):
    """A stage, or several alike, in the picture: its name, and where it starts and ends [unit of the axis]."""

    name: str
    start: float
    end: float

    def reach(self, whole: float) -> tuple[float, float]:
        """Return where its name starts and ends, written in the middle, if the axis ends at `whole`."""
        middle, half = 0.5 * (self.start + self.end), 0.5 * LETTER * len(self.name) * whole
        return middle - half, middle + half

    def holds(self, whole: float) -> bool:
        """Return whether there is room for its name."""
        start, end = self.reach(whole)
        return self.start <= start and end <= self.end


def _stage_spans(run: MembraneRun, along: Abscissa) -> list[_Span]:
    """Return the stages that were begun."""
    ends = along.values[[*run.ends]].tolist()
    return [
        _Span(stage.name, start, end) for stage, start, end in zip(run.stages, [0.0, *ends[:-1]], ends, strict=False)
    ]


def _shade_stages(ax: Axes, run: MembraneRun, along: Abscissa) -> None:
    """Tell the stages apart by their grounds."""
    for index, (_, start, end) in enumerate(_stage_spans(run, along)):
        ax.axvspan(start, end, color=TINTS[index % 2], linewidth=0, zorder=0)


def _name_stages(ax: Axes, run: MembraneRun, along: Abscissa) -> None:
    """Write the name of each stage above it, of narrow washes together; leave out what would cover another."""
    spans = _stage_spans(run, along)
    whole = spans[-1].end or 1.0
    named: list[_Span] = []
    for span in sorted(_washes_together(spans, whole), key=lambda span: not span.holds(whole)):
        start, end = span.reach(whole)
        if all(end <= other.reach(whole)[0] or other.reach(whole)[1] <= start for other in named):
            named.append(span)
    top = ax.secondary_xaxis("top")
    top.set_xticks([0.5 * (span.start + span.end) for span in named], [plain(span.name) for span in named])
    top.tick_params(length=0, labelsize=SMALL_PT, colors=INK)
    top.spines[:].set_visible(False)


def _washes_together(spans: Sequence[_Span], whole: float) -> list[_Span]:
    """Return the stages, those that are numbered as one if there is no room for each of their names."""
    numbered = [span for span in spans if span.name.split()[-1].isdigit()]
    if len(numbered) < 2 or all(span.holds(whole) for span in numbered):
        return [*spans]
    first, last = numbered[0], numbered[-1]
    stem, number = first.name.rsplit(" ", 1)
    together = _Span(f"{stem} {number}\u2013{last.name.split()[-1]}", first.start, last.end)
    return [*(span for span in spans if span not in numbered), together]
