"""Size distributions of what went in and of what came out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from sepsim.arrays import BoolArray, FloatArray
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
from sepsim.drawing.palette import Look, in_families, label, looks
from sepsim.method import StepResult
from sepsim.particles.particle_table import ParticleTable
from sepsim.plots.routing import OTHERS
from sepsim.protocols.run import Run
from sepsim.samples.fractions import is_numbered, poured
from sepsim.samples.sample import Sample, pool

WIDEST = 4  # panels in a row
TITLE_WIDTH, NAME_WIDTH, NOTE_WIDTH = 32, 28, 100  # letters
LETTERS_PER_INCH = 8.0  # of a title
WIDE_RANGE = 100.0  # of diameters, from which on only powers of ten are labelled
DEPTH = 1e-2  # of the lowest peak, down to which the axis reaches
GHOST: dict[str, Any] = {"alpha": 0.4, "linewidth": 1.0}


def number_density(particles: ParticleTable, counts: FloatArray, population: str) -> tuple[FloatArray, FloatArray]:
    """Return the size distribution dN/dlog10(d) of a population; densities of one diameter are summed.

    A bin reaches half-way, in log d, to its neighbours. Lipoproteins that go with vesicles have no size of their own
    and are left out.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number of particles of each class.
    population : str
        Of more than one size.

    Returns
    -------
    diameters : ndarray, shape (n,) [m]
        In ascending order.
    density : ndarray, shape (n,) [-]
        Particles per decade of diameter.
    """
    members = _of_own_size(particles, population)
    diameters, size = np.unique(particles.diameter[members], return_inverse=True)
    numbers = np.bincount(size, weights=particles.moving(counts)[members], minlength=diameters.size)
    position = np.log10(diameters)
    middle = 0.5 * (position[1:] + position[:-1])
    edges = np.concatenate([[2 * position[0] - middle[0]], middle, [2 * position[-1] - middle[-1]]])
    return diameters, numbers / np.diff(edges)


def size_distributions(of: Run | StepResult, *, figure: Figure | None = None) -> AxesArray:
    """Draw the size distributions of the load and the product of a run, or of what enters and leaves one step.

    Numbers are totals, with the losses of the bench, so that a curve that sinks has lost particles and not
    merely been diluted. Thin lines repeat the first panel. A note names what is not drawn: populations of one size
    have no distribution, and of some less than one particle went in.

    Parameters
    ----------
    of : Run or StepResult
        Of any technique. Of a step what enters it and each of its fractions are drawn; of numbered fractions those that
        are kept together, and the others together.
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (n_panels,)
    """
    samples = _load_and_product(of) if isinstance(of, Run) else _fractions(of)
    first = next(iter(samples.values()))
    names = [name for group in in_families(first.particles.names) for name in group]
    seen = looks(names)
    width, rows = min(len(samples), WIDEST), -(-len(samples) // WIDEST)
    canvas = new_figure(3.4 + 4.2 * width, 1.2 + 4.6 * rows) if figure is None else figure
    grid_of_axes = canvas.subplots(rows, width, sharex=True, sharey=True, squeeze=False)
    axes: AxesArray = grid_of_axes.ravel()[: len(samples)]
    for unused in grid_of_axes.ravel()[len(samples) :]:
        unused.remove()
    one_size = [name for name in names if _of_one_size(first.particles, name)]
    numbers = {name: first.counts[_of_own_size(first.particles, name)].sum() for name in names}
    absent = [name for name in names if name not in one_size and numbers[name] < 1.0]
    drawn = {name: seen[name] for name in names if name not in one_size and name not in absent}
    for ax, (title, sample) in zip(axes, samples.items(), strict=True):
        _draw_panel(ax, title, sample, drawn, None if sample is first else first)
    _limit(axes, first, drawn)
    _explain(canvas, axes[0], of.name)
    _note(canvas, {"Of one size": one_size, "Less than one particle": absent})
    return axes


def _load_and_product(run: Run) -> dict[str, Sample]:
    return {"load": run.loaded, f"product: {run.bench[-1].keep} of {run.bench[-1].name}": run.product}


def _fractions(step: StepResult) -> dict[str, Sample]:
    fractions = step.outcome.fractions
    groups: dict[str, list[Sample]] = {}
    for fraction, sample in fractions.items():
        if sample.counts.sum() > 0:
            groups.setdefault(_panel(step, fraction), []).append(sample)
    entered = {f"into {step.name}": pool([*fractions.values()])}
    return entered | {title: poured(group) for title, group in groups.items()}


def _panel(step: StepResult, fraction: str) -> str:
    """Return the panel that shows a fraction: its own, or of numbered ones that of all kept or of all others."""
    if not is_numbered(fraction):
        return fraction
    return step.keep if fraction in step.chosen else OTHERS


def _of_own_size(particles: ParticleTable, population: str) -> BoolArray:
    """Return which classes are a population's and ride on nothing, shape (n_classes,)."""
    own: BoolArray = (particles.population == particles.names.index(population)) & ~particles.rides
    return own


def _of_one_size(particles: ParticleTable, population: str) -> bool:
    return bool(np.ptp(particles.diameter[_of_own_size(particles, population)]) == 0)


def _draw_panel(ax: Axes, title: str, sample: Sample, drawn: Mapping[str, Look], before: Sample | None) -> None:
    for name, look in drawn.items():
        style: dict[str, Any] = {"color": look.color, "linestyle": look.line}
        if before is not None:
            ax.plot(*_curve(before, name), label="_before", **{**style, **GHOST})
        ax.plot(*_curve(sample, name), linewidth=2.4, label=label(name, NAME_WIDTH), **style)
    tidy(ax, title=wrapped(title, TITLE_WIDTH), x="diameter [nm]", y="")
    grid(ax)


def _curve(sample: Sample, population: str) -> tuple[FloatArray, FloatArray]:
    """Return diameters [nm] and density; what is empty is not drawn."""
    diameters, density = number_density(sample.particles, sample.counts, population)
    return diameters * 1e9, np.where(density > 0, density, np.nan)


def _limit(axes: AxesArray, first: Sample, drawn: Iterable[str]) -> None:
    """Set log axes that show every population of the first panel down to a hundredth of its peak."""
    curves = [_curve(first, name) for name in drawn]
    for ax in axes:
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.yaxis.set_major_locator(LogLocator(numticks=9))
        ax.yaxis.set_minor_formatter(NullFormatter())
    if curves:
        peaks = [float(np.nanmax(density)) for _, density in curves]
        there = np.concatenate([diameters[density >= min(peaks) * DEPTH] for diameters, density in curves])
        axes[0].set_xlim(there.min(), there.max())
        subs = (1.0,) if there.max() > WIDE_RANGE * there.min() else (1.0, 2.0, 5.0)
        axes[0].xaxis.set_major_locator(LogLocator(subs=subs))
        axes[0].set_ylim(min(peaks) * DEPTH, 3.0 * max(peaks))


def _explain(figure: Figure, ax: Axes, name: str) -> None:
    title = plain(textwrap.fill(name, round(LETTERS_PER_INCH * figure.get_figwidth())))
    figure.suptitle(f"{title}\nNumber of particles by size", fontsize=TITLE_PT, color=INK)
    figure.supylabel("particles per decade of diameter, dN/dlog$_{10}$(d)", fontsize=LABEL_PT, color=INK)
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        style: dict[str, Any] = {"frameon": False, "fontsize": TEXT_PT, "handlelength": 3.2}
        figure.legend(handles, labels, loc="outside right upper", **style)


def _note(figure: Figure, left_out: Mapping[str, list[str]]) -> None:
    """Name below the panels what is not drawn, and why."""
    notes = [
        f"{why}: {', '.join(label(name, NOTE_WIDTH) for name in names)}" for why, names in left_out.items() if names
    ]
    if notes:
        text = textwrap.fill("Not drawn. " + ". ".join(notes), NOTE_WIDTH, break_long_words=False)
        figure.supxlabel(text, fontsize=SMALL_PT, color=INK)
