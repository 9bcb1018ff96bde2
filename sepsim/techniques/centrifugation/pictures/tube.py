"""A tube while it spins: the moving fronts, and the pellet that grows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sepsim.drawing.canvas import (
    INK,
    NOT_A_STEP,
    TEXT_PT,
    TITLE_PT,
    AxesArray,
    grid,
    new_figure,
    tidy,
    together,
    wrapped,
)
from sepsim.drawing.palette import Look, label, looks, tint
from sepsim.errors import InputError, did_you_mean
from sepsim.method import StepResult
from sepsim.rotors.rotors import rcf
from sepsim.settings import as_float
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.spin import Spin
from sepsim.techniques.centrifugation.spin_profile import concentration_profile, pelleted_over_time
from sepsim.units import from_si

PREFERRED = ("exosome", "microvesicle", "apoptotic_body", "cell", "platelet", "ldl", "albumin")
MOST_BY_DEFAULT = 4
WIDEST = 4  # panels in a row
MOMENTS = (0.0, 0.125, 0.25, 0.5, 1.0)  # of the duration
PANEL, LEAST_WIDTH = 3.4, 8.0  # widths of a panel, and of all [inch]
LETTERS = 7.0  # per inch of a heading
NAME_WIDTH = 28  # letters
POINTS = 240
PALEST = 0.25


def tube_during_spin(
    spin: Spin | StepResult,
    populations: str | Sequence[str] | None = None,
    *,
    times_min: float | Sequence[float] | None = None,
    figure: Figure | None = None,
) -> AxesArray:
    """Draw how the particles move through the tube, and how much has pelleted by when.

    Above, one panel per population: its concentration along the radius relative to the load, the later the
    darker. Below: the share that has met the outer wall, by plug flow (see `sepsim.techniques.centrifugation.spin`).

    Parameters
    ----------
    spin : Spin or StepResult
        A spin, or the result of a centrifugation step.
    populations : str or sequence of str, optional
        Which to draw; default up to four of the vesicles and main contaminants that were loaded.
    times_min : float or sequence of float, optional [min]
        Since the start; default the start, an eighth, a quarter, a half and the end.
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (n_populations + 1,)
        The profiles, then the pellet.

    Raises
    ------
    InputError
        If the step was no spin, a population was not loaded, a time is no finite number of at least 0, or nothing is
        left to draw.
    """
    spun = _spin(spin)
    names = _chosen(spun, populations)
    end = from_si("time_min", spun.profile.clock)
    moments = [share * end for share in MOMENTS] if times_min is None else _moments(times_min)
    width, rows = min(len(names), WIDEST), -(-len(names) // WIDEST)
    canvas = new_figure(_across(width) + 1.8, PANEL * rows + 3.8) if figure is None else figure
    layout = canvas.add_gridspec(rows + 1, width)
    panels: list[Axes] = []
    for index in range(len(names)):
        place = layout[divmod(index, WIDEST)]
        panels.append(canvas.add_subplot(place, sharey=panels[0] if panels else None))
    pellet = canvas.add_subplot(layout[rows, :])
    every = looks(spun.particles.names)
    seen = {name: every[name] for name in names}
    _draw_profiles(panels, spun, seen, moments)
    _draw_pellet(pellet, spun, seen, moments)
    canvas.suptitle(_title(spun), fontsize=TITLE_PT, color=INK)
    return together([*panels, pellet])


def _spin(spin: Spin | StepResult) -> Spin:
    if isinstance(spin, Spin):
        return spin
    if not hasattr(spin, "outcome"):
        raise InputError(NOT_A_STEP)
    if isinstance(spin.outcome.trace, GradientSpin):
        raise InputError(f"step {spin.name!r}: is a spin in a gradient or on a cushion; draw it with gradient_tube")
    if not isinstance(spin.outcome.trace, Spin):
        raise InputError(f"step {spin.name!r}: {spin.technique} is not a spin; choose a centrifugation step")
    return spin.outcome.trace


def _chosen(spin: Spin, populations: str | Sequence[str] | None) -> list[str]:
    """Return the populations to draw; those of one's own choice must have been loaded."""
    totals = spin.particles.totals(spin.counts)
    loaded = [name for name, total in zip(spin.particles.names, totals, strict=True) if total > 0]
    if not loaded:
        raise InputError("spin: nothing was loaded into this tube")
    there = f"; there are: {', '.join(loaded)}"
    if populations is None:
        known = [name for name in PREFERRED if name in loaded]
        return [*known, *(name for name in loaded if name not in known)][:MOST_BY_DEFAULT]
    asked = [populations] if isinstance(populations, str) else [*populations]
    if not asked:
        raise InputError(f"populations = []: name at least one, or leave it out{there}")
    for name in asked:
        if name not in loaded:
            raise InputError(f"populations: {name!r} was not in this tube{did_you_mean(str(name), loaded) or there}")
    return [*dict.fromkeys(asked)]


def _moments(times_min: float | Sequence[float]) -> list[float]:
    """Return the times to draw in order [min]."""
    times = [as_float(time) for time in np.ravel(np.asarray(times_min, dtype=object))]
    if not times or not all(time is not None and 0 <= time < math.inf for time in times):
        raise InputError(f"times_min = {times_min!r}: must be one or more finite numbers [min], each at least 0")
    return sorted(time for time in times if time is not None)


def _across(width: int) -> float:
    """Return the width of a row of panels [inch]."""
    return max(PANEL * width, LEAST_WIDTH)


def _draw_profiles(panels: Sequence[Axes], spin: Spin, seen: Mapping[str, Look], moments: Sequence[float]) -> None:
    names, width = [*seen], min(len(seen), WIDEST)
    letters = int(LETTERS * _across(width) / width)
    inner, outer = spin.chords.inner.min(), spin.chords.outer.max()
    radii = np.linspace(inner, outer, POINTS + 2)[1:-1]  # a leaning tube begins and ends in a point
    profile = concentration_profile(_only(spin, names), [60.0 * moment for moment in moments], radii)
    for index, (ax, name) in enumerate(zip(panels, names, strict=True)):
        curves = profile[spin.particles.names.index(name)]
        for curve, moment, strength in zip(curves, moments, _strengths(len(moments)), strict=True):
            color = tint(seen[name].color, strength)
            ax.plot(radii * 1e3, 100.0 * curve, color=color, linewidth=2.4, label=f"{moment:.3g} min")
        y = "concentration [% of load]" if index % WIDEST == 0 else ""
        tidy(ax, title=label(name, letters), x="distance from axis [mm]", y=y)
        ax.tick_params(labelleft=index % WIDEST == 0)
        ax.set_xlim(inner * 1e3, outer * 1e3)
        grid(ax)
    panels[0].set_ylim(-2.0, 1.05 * max(100.0, 100.0 * float(np.nanmax(profile[_indices(spin, names)]))))
    _time_legend(panels[min(len(panels), WIDEST) - 1], moments)


def _only(spin: Spin, names: Sequence[str]) -> Spin:
    """Return the spin with nothing but some populations, which saves time."""
    kept = np.isin(spin.particles.population, _indices(spin, names))
    return replace(spin, counts=np.where(kept, spin.counts, 0.0))


def _indices(spin: Spin, names: Sequence[str]) -> list[int]:
    return [spin.particles.names.index(name) for name in names]


def _strengths(count: int) -> list[float]:
    """Return how strong the colour of each moment is, the last in full."""
    return [1.0] if count == 1 else list(np.linspace(PALEST, 1.0, count))


def _time_legend(ax: Axes, moments: Sequence[float]) -> None:
    greys = [tint("#000000", strength) for strength in _strengths(len(moments))]
    handles = [ax.plot([], [], color=grey, linewidth=2.4)[0] for grey in greys]
    ax.legend(
        handles,
        [f"{moment:.3g} min" for moment in moments],
        title="after",
        title_fontsize=TEXT_PT,
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        frameon=False,
        fontsize=TEXT_PT,
    )


def _draw_pellet(ax: Axes, spin: Spin, seen: Mapping[str, Look], moments: Sequence[float]) -> None:
    end = max(spin.profile.clock, 60.0 * max(moments))
    times = np.linspace(0.0, end, POINTS)
    shares = pelleted_over_time(spin, times)
    for name, drawn in seen.items():
        style: dict[str, Any] = {"color": drawn.color, "linestyle": drawn.line, "linewidth": 2.6}
        percent = 100.0 * shares[spin.particles.names.index(name)]
        ax.plot(times / 60.0, percent, label=label(name, NAME_WIDTH), **style)
    for moment in moments:
        ax.axvline(moment, color="#BBBBBB", linewidth=0.8, zorder=0)
    tidy(ax, title="The pellet grows (grey: the moments above)", x="time [min]", y="pelleted [% of load]")
    ax.set_xlim(0.0, end / 60.0)
    ax.set_ylim(-2.0, 104.0)
    ax.legend(loc="upper left", bbox_to_anchor=(1.005, 1.0), frameon=False, fontsize=TEXT_PT, handlelength=3.0)


def _title(spin: Spin) -> str:
    omega = math.sqrt(max(spin.profile.omega_squared))
    speed = f"{from_si('speed_rpm', omega):,.0f} rpm ({rcf(omega, spin.rotor.r_max):,.0f} x g at r$_{{max}}$)"
    minutes = from_si("time_min", spin.profile.clock)
    rotor = wrapped(spin.rotor.name, 2 * NAME_WIDTH)
    return f"In the tube: {rotor} at {speed}, {minutes:.3g} min, {spin.fill_volume * 1e6:.3g} mL"
