"""Which particles pass a membrane, by their size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from sepsim.drawing.canvas import INK, SMALL_PT, grid, own_or_new, tidy, wrapped
from sepsim.drawing.curves import legend_beside
from sepsim.drawing.palette import COLORS, MARKERS, label
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.particles.catalog import population_row
from sepsim.techniques.filtration.filter_settings import FilterSettings
from sepsim.techniques.filtration.membranes.membranes import MEMBRANES, Membrane

AnyMembrane = str | Mapping[str, Any] | Membrane

SMALLEST_NM, LARGEST_NM, POINTS = 1.0, 1000.0, 600
LANDMARKS = ("albumin", "igg", "ldl", "exosome", "microvesicle")
LOWEST = 1e-8  # sieving coefficient on a logarithmic axis
NAME_WIDTH = 34  # letters
LANDMARK = "#999999"


def sieving_curve(
    membranes: AnyMembrane | StepResult | Sequence[AnyMembrane], *, log_scale: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw the sieving coefficient of membranes against the diameter of the particles.

    The intrinsic one: the share of the concentration at the membrane that gets through with the liquid at high flux,
    for spheres without charge that neither stick nor give way. What piles up in front of the membrane lets more through
    than that share of the concentration in the vessel. A marker shows the solute that a cut-off was rated with; along
    the top stand familiar particles, at their median diameters in the catalogue.

    Parameters
    ----------
    membranes : str, mapping, Membrane or StepResult, or a sequence of membranes
        Names of the catalogue, membranes of one's own, or a step that filtered through one.
    log_scale : bool
        Whether the sieving coefficient is logarithmic, down to 1e-8: what leaks through the widest pores.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a membrane is unknown or wrong, there is none, or the step has none.

    Examples
    --------
    >>> ax = sieving_curve(["Amicon Ultra-15 100 kDa", "0.22 um syringe filter"])
    >>> ax.get_xlabel()
    'particle diameter [nm]'
    """
    if isinstance(membranes, StepResult):
        membranes = _membrane_of(membranes)
    asked = [membranes] if isinstance(membranes, (str, Mapping, Membrane)) else [*membranes]
    if not asked:
        raise InputError("membranes: none; name at least one")
    axes = own_or_new(ax, 11.0, 6.0)
    for each, color, marker in zip(asked, cycle(COLORS), cycle(MARKERS), strict=False):
        _draw(axes, MEMBRANES.get(each), color, marker)
    _frame(axes, log_scale=log_scale)
    _mark_familiar(axes)
    legend_beside(axes, axes.get_legend_handles_labels()[0])
    return axes


def _membrane_of(step: StepResult) -> Membrane:
    if not isinstance(step.method, FilterSettings):
        raise InputError(f"step {step.name!r}: {step.technique} has no membrane; choose a filtration")
    return step.method.membrane


def _draw(ax: Axes, membrane: Membrane, color: str, marker: str) -> None:
    diameters = np.geomspace(SMALLEST_NM, LARGEST_NM, POINTS)
    sieving = membrane.pores.sieving(0.5e-9 * diameters)
    ax.plot(diameters, sieving, color=color, linewidth=2.6, label=wrapped(membrane.name, NAME_WIDTH))
    rated = 2e9 * membrane.rated_radius
    if not math.isnan(rated):
        passing = 1.0 - 1e-2 * membrane.rejection_percent
        solute = f"rated: {membrane.mwco_kDa:g} kDa {membrane.rated_with}, {rated:.2g} nm,\n{100 * passing:g} % passes"
        ax.plot([rated], [passing], color=color, marker=marker, markersize=9, linestyle="none", label=solute)


def _frame(ax: Axes, *, log_scale: bool) -> None:
    tidy(
        ax,
        title="What passes a membrane",
        x="particle diameter [nm]",
        y="intrinsic sieving coefficient [-],\nwithout polarisation",
    )
    grid(ax)
    ax.set_xscale("log")
    ax.set_xlim(SMALLEST_NM, LARGEST_NM)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if log_scale:
        ax.set_yscale("log")
        ax.set_ylim(LOWEST, 1.5)
    else:
        ax.set_ylim(0.0, 1.04)


def _mark_familiar(ax: Axes) -> None:
    """Draw faint lines at the sizes of familiar particles, with their names along the top."""
    sizes = {name: _diameter_nm(name) for name in LANDMARKS}
    top = ax.secondary_xaxis("top")
    top.set_xticks([*sizes.values()], [f"{label(name)}, {size:.3g} nm" for name, size in sizes.items()])
    top.tick_params(axis="x", which="minor", top=False)
    top.tick_params(axis="x", labelrotation=35, labelsize=SMALL_PT, colors=INK)
    for text in top.get_xticklabels():
        text.set(ha="left", rotation_mode="anchor")
    for size in sizes.values():
        ax.axvline(size, color=LANDMARK, linewidth=0.9, linestyle=(0, (2, 3)), zorder=0, label="_familiar")


def _diameter_nm(population: str) -> float:
    """Return the median diameter of a population of the catalogue [nm]; a protein's from its Stokes radius."""
    row = population_row(population)
    return float(row["median_diameter_nm"] or 2.0 * float(row["stokes_radius_nm"]))
