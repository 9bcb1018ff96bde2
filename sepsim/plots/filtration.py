"""A filtration over time: how fast liquid permeates, under which pressure, and what the vessel holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy import typing as npt

from sepsim.particles.size_distribution import FloatArray
from sepsim.plots.canvas import INK, LABEL_PT, SMALL_PT, TEXT_PT, TITLE_PT, grid, new_figure, plain, tidy, wrapped
from sepsim.plots.curves import draw_lines, legend_beside, own_lines, trace_of
from sepsim.plots.gradient_frames import chosen
from sepsim.run import StepResult

if TYPE_CHECKING:
    from sepsim.membrane_run import MembraneRun

AxesArray = npt.NDArray[np.object_]  # of Axes

MOST_LINES = 6
LOWEST_FACTOR = 1e-3  # that is drawn
LOWEST_FLUX = 1e-4  # of the highest, that is drawn
FINE = 200.0  # ratio of the ends of an axis, below which 2 and 5 are marked as well
RIGHT_AXIS = 1.1  # width of its name and numbers [inch]
TINTS = ("#F4F4F4", "#E6E6E6")
FLUX, PRESSURE, LIQUID = "#4477AA", "#AA3377", "#9FC3DF"
LETTER, NARROWEST = 0.014, 0.04  # width of a letter, and of a stage that is named [widths of the axes]


def membrane_run(step: StepResult) -> MembraneRun:
    """Return the filtration of a step, or raise InputError if it is of another technique."""
    from sepsim.membrane_run import MembraneRun  # loads numba

    run: MembraneRun = trace_of(step, MembraneRun, "no filtration through a membrane")
    return run


class Course(NamedTuple):
    """What the vessels hold over time, with the moments at which buffer is poured in.

    Attributes
    ----------
    time : ndarray, shape (n_points,) [s]
    volume : ndarray, shape (n_points,) [m3]
        In all devices.
    held : ndarray, shape (n_points, n_populations) [-]
        Numbers of particles in them.
    filled : float [m3]
        Volume of the sample, in all devices.
    """

    time: FloatArray
    volume: FloatArray
    held: FloatArray
    filled: float

    @classmethod
    def of(cls, run: MembraneRun) -> Course:
        """Return the course of a filtration; what is poured in is there at once."""
        time, volume, held = run.time, run.volume, run.vessel
        begun = [*zip(run.stages[1:], run.ends[:-1], strict=False)]
        for stage, end in reversed(begun):
            if stage.poured > 0:
                time = np.insert(time, end + 1, time[end])
                volume = np.insert(volume, end + 1, volume[end] + stage.poured)
                held = np.insert(held, end + 1, held[end], axis=0)
        return cls(time, volume * run.devices, held, filled(run))


def filled(run: MembraneRun) -> float:
    """Return the volume of the sample in all devices, before any buffer [m3]."""
    return float(run.volume[0] - run.stages[0].poured) * run.devices


def filtration_course(
    step: StepResult, populations: str | Sequence[str] | None = None, *, figure: Figure | None = None
) -> AxesArray:
    """Draw flux and pressure of a filtration, and below volume and concentrations in the vessel, over time.

    Stages stand on shades, with their names. Concentrations are over those of the sample, down to a thousandth; what
    lies on the membrane is not in the liquid.

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
    _draw_flux(axes[0], run)
    _draw_contents(axes[1], run, asked, apart=populations is not None)
    _name_stages(axes[0], run)
    canvas.suptitle(f"{wrapped(step.name, 60)}: {_setting(run)}", fontsize=TITLE_PT, color=INK)
    return axes


def _setting(run: MembraneRun) -> str:
    devices = f"{run.devices} of " if run.devices > 1 else ""
    end = f"\nended early: {run.stopped}" if run.stopped else ""
    return f"{devices}{wrapped(run.membrane.name, 70)}{end}"


def _draw_flux(ax: Axes, run: MembraneRun) -> None:
    minutes = run.time / 60.0
    (flux,) = ax.plot(minutes, run.flux * 3.6e6, color=FLUX, linewidth=2.6, label="flux")
    tidy(ax, title="", x="", y="flux [L m$^{-2}$ h$^{-1}$]")
    highest = float(run.flux.max()) * 3.6e6 or 1.0  # a membrane that is closed from the start
    log_axis(ax, max(0.4 * float(run.flux.min()) * 3.6e6, LOWEST_FLUX * highest), 2.2 * highest)
    other = _axis_on_the_right(ax, "pressure [bar]", PRESSURE)
    (pressure,) = other.plot(
        minutes, run.pressure * 1e-5, color=PRESSURE, linewidth=2.2, linestyle=(0, (5, 2)), label="pressure"
    )
    other.set_ylim(0.0, 1.08 * float(run.pressure.max()) * 1e-5)
    _shade_stages(other, run)
    legend_beside(ax, [flux, pressure], RIGHT_AXIS)


def _draw_contents(ax: Axes, run: MembraneRun, asked: Sequence[str], *, apart: bool) -> None:
    course = Course.of(run)
    minutes = course.time / 60.0
    held = {name: course.held[:, run.particles.names.index(name)] for name in asked}
    curves = {name: numbers / numbers[0] * course.filled / course.volume for name, numbers in held.items()}
    highest = max(2.0, *(float(curve.max()) for curve in curves.values()))
    decades = np.log10(highest / LOWEST_FACTOR)
    shapes = {name: np.log10(np.maximum(curve, LOWEST_FACTOR)) / decades for name, curve in curves.items()}
    lines = own_lines(shapes, apart=apart, most=MOST_LINES)
    draw_lines(ax, minutes, curves, lines, run.particles.names)
    tidy(ax, title="", x="time [min]", y="concentration\n[× that of the sample]")
    log_axis(ax, max(0.7 * min(float(curve.min()) for curve in curves.values()), LOWEST_FACTOR), 1.5 * highest)
    ax.set_xlim(0.0, float(minutes[-1]) or 1.0)
    other = _axis_on_the_right(ax, "volume in the vessel [mL]", FLUX)
    filling = other.fill_between(
        minutes, course.volume * 1e6, color=LIQUID, alpha=0.45, linewidth=0, label="volume in the vessel"
    )
    other.set_ylim(0.0, 1.05 * float(course.volume.max()) * 1e6)
    _shade_stages(other, run)
    legend_beside(ax, [*ax.get_legend_handles_labels()[0], filling], RIGHT_AXIS)


def log_axis(ax: Axes, lowest: float, highest: float) -> None:
    """Make the y axis logarithmic, in plain numbers."""
    ax.set_yscale("log")
    ax.set_ylim(lowest, highest)
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if highest < FINE * lowest else (1.0,)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    grid(ax)


def _axis_on_the_right(ax: Axes, name: str, color: str) -> Axes:
    """Return axes with the same x that lie behind, and whose values stand on the right."""
    other = ax.twinx()
    other.set_zorder(ax.get_zorder() - 1)
    ax.patch.set_visible(False)
    other.set_ylabel(name, fontsize=LABEL_PT, color=color)
    other.tick_params(labelsize=TEXT_PT, colors=color)
    other.spines[:].set_visible(False)
    return other


def _stage_spans(run: MembraneRun) -> list[tuple[str, float, float]]:
    """Return name, start and end of each stage that was begun [min]."""
    ends = run.time[[*run.ends]] / 60.0
    return [
        (stage.name, float(start), float(end))
        for stage, start, end in zip(run.stages, [0.0, *ends[:-1]], ends, strict=False)
    ]


def _shade_stages(ax: Axes, run: MembraneRun) -> None:
    """Tell the stages apart by their grounds."""
    for index, (_, start, end) in enumerate(_stage_spans(run)):
        ax.axvspan(start, end, color=TINTS[index % 2], linewidth=0, zorder=0)


def _name_stages(ax: Axes, run: MembraneRun) -> None:
    """Write the name of each stage above it, at a slant where it is narrow; leave it out where there is no room."""
    spans = _stage_spans(run)
    whole = spans[-1][2] or 1.0
    named = [(name, start, end) for name, start, end in spans if end - start >= NARROWEST * whole]
    top = ax.secondary_xaxis("top")
    top.set_xticks([0.5 * (start + end) for _, start, end in named], [plain(name) for name, *_ in named])
    top.tick_params(length=0, labelsize=SMALL_PT, colors=INK)
    top.spines[:].set_visible(False)
    for text, (name, start, end) in zip(top.get_xticklabels(), named, strict=True):
        if end - start < LETTER * len(name) * whole:
            text.set(rotation=30, ha="left", rotation_mode="anchor")
