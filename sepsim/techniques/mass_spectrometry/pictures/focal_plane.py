"""The focal plane of a Mattauch-Herzog spectrograph: all masses in focus at once, on a straight plate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, SMALL_PT, TITLE_PT, AxesArray, grid, new_figure, tidy
from sepsim.drawing.palette import SOLID
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.techniques.mass_spectrometry.optics.rays import Rays
from sepsim.techniques.mass_spectrometry.peak_profile import source_rays
from sepsim.techniques.mass_spectrometry.pictures.instrument import design_of
from sepsim.techniques.mass_spectrometry.pictures.ion_paths import AXIS, FIELDS, JAW, MASS_COLORS
from sepsim.techniques.mass_spectrometry.pictures.ray_paths import ray_paths
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import MattauchHerzog
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_layout import layout, poses
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Spectrometer

RAYS = 4000  # of each mass
BEYOND, MARGIN = 1.08, 0.08  # plate and poles beyond the last image and path [of its distance]
HALF_ANGLE, HALF_ENERGY = 20e-3, 0.03  # of the paths that are drawn, wider than a real beam


def focal_plane(
    design: MattauchHerzog | StepResult | None = None,
    masses_Da: Sequence[float] = (7.0, 14.0, 28.0, 44.0, 60.0),
    *,
    figure: Figure | None = None,
) -> AxesArray:
    """Draw the paths of several masses onto the plate, and how sharp their images on it are.

    Above the instrument, to scale: of each mass rays of three directions and three energies, spread wider than a real
    beam. Below the plate, against the distance from where the beam meets it: a mass stands at sqrt(2) times the radius
    of its path, so that distances grow with the root of the mass; the bars span the middle 98 % of the ions of the
    source, with its slit, angles and energies, by the exact maps.

    Parameters
    ----------
    design : MattauchHerzog or StepResult, optional
    masses_Da : sequence of float
        At the charge of the ion on the axis [Da].
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (2,)

    Raises
    ------
    InputError
        If there is no mass, one is not positive, or the instrument is of another design.

    Examples
    --------
    >>> instrument, plate = focal_plane(masses_Da=[7, 28])
    >>> marks = [line.get_xdata().mean() for line in plate.lines if line.get_label() == "_image"]
    >>> round(float(marks[1] / marks[0]), 3)  # four times the mass, twice as far
    2.0
    """
    if not len(masses_Da) or not min(masses_Da) > 0.0:
        raise InputError(f"masses_Da = {[*masses_Da]}: give at least one mass, each above 0")
    chosen = MattauchHerzog() if design is None else design_of(design)
    if not isinstance(chosen, MattauchHerzog):
        raise InputError(f"{type(chosen).__name__}: has no plate; draw it with ion_paths")
    spectrometer = chosen.spectrometer
    fig = new_figure(10.5, 8.2) if figure is None else figure
    axes: AxesArray = fig.subplots(2, 1, height_ratios=(1.5, 1.0))
    colors = dict(zip(masses_Da, cycle(MASS_COLORS), strict=False))
    _draw_instrument(axes[0], spectrometer, colors)
    _draw_plate(axes[1], spectrometer, colors)
    return axes


def _draw_instrument(ax: Axes, spectrometer: Spectrometer, colors: dict[float, str]) -> None:
    start = poses(spectrometer)[-2][:2]  # where the beam enters the magnet, one end of the plate
    names: list[tuple[float, FloatArray]] = []
    farthest = np.empty((0, 2))
    for mass, color in colors.items():
        paths = ray_paths(spectrometer, _spread(mass / spectrometer.ion.mass_Da - 1.0))
        for path in np.moveaxis(paths, 1, 0):
            points = path[np.isfinite(path[:, 0])]
            ax.plot(*points.T, color=color, linestyle=SOLID, linewidth=0.7, label="_path", zorder=2)
        names.append((mass, paths[-1].mean(axis=0)))
        if mass == max(colors):
            middle = paths[:, paths.shape[1] // 2]
            middle = middle[np.isfinite(middle[:, 0])]
            farthest = middle[np.hypot(*(middle - start).T).argmin() :]
    end = farthest[-1]
    for outline in layout(spectrometer):
        x, y = outline.points.T
        if outline.kind == "electric sector":
            ax.fill(x, y, facecolor=FIELDS[outline.kind], edgecolor="#777777", linewidth=1.0, zorder=1)
        elif outline.kind == "source":
            ax.plot(x, y, color=JAW, linewidth=3.0, label="_source", zorder=3)
    plate = np.array([start, start + BEYOND * (end - start)])
    heading = poses(spectrometer)[-2][2]
    aside = np.array([-math.sin(heading), math.cos(heading)])
    aside *= -MARGIN * math.dist(start, end) * np.sign(aside @ (end - start))  # away from the side it bends to
    poles = np.concatenate([start + BEYOND * (farthest - start) + aside, plate[::-1]])
    ax.fill(*poles.T, facecolor=FIELDS["magnetic sector"], edgecolor=AXIS, linewidth=1.0, zorder=1)
    ax.plot(*plate.T, color=JAW, linewidth=3.5, label="_plate", zorder=3)
    across = np.array([plate[1, 1] - plate[0, 1], plate[0, 0] - plate[1, 0]])
    across /= np.hypot(*across)
    for mass, place in names:
        ax.annotate(
            f"{mass:g}", place + 0.02 * across * np.hypot(*(end - start)), ha="center", va="top", fontsize=SMALL_PT
        )
    tidy(ax, title="Mattauch\N{EN DASH}Herzog spectrograph, to scale; masses in Da", x="[m]", y="[m]")
    ax.set_aspect("equal", adjustable="datalim")
    spread = f"directions ±{1e3 * HALF_ANGLE:g} mrad\nenergies ±{100 * HALF_ENERGY:g} %"
    ax.text(0.01, 0.98, spread, transform=ax.transAxes, va="top", fontsize=SMALL_PT, color=INK)


def _spread(g: float) -> Rays:
    angle, energy = np.meshgrid([-HALF_ANGLE, 0.0, HALF_ANGLE], [-HALF_ENERGY, 0.0, HALF_ENERGY])
    return Rays(a=angle.ravel(), d=energy.ravel(), g=np.full(angle.size, g))


def _draw_plate(ax: Axes, spectrometer: Spectrometer, colors: dict[float, str]) -> None:
    source = spectrometer.source
    start = source_rays(RAYS, slit=source.width, half_angle=source.half_angle, energy_fwhm=spectrometer.energy_spread)
    entrance = math.dist(poses(spectrometer)[-2][:2], poses(spectrometer)[-1][:2])
    for mass, color in colors.items():
        g = np.array(mass / spectrometer.ion.mass_Da - 1.0)
        middle = entrance + spectrometer.trace(Rays(g=g)).x.item()
        landed = entrance + spectrometer.trace(Rays(x=start.x, a=start.a, d=start.d, g=g)).x
        low, high = 1e6 * (np.quantile(landed, [0.01, 0.99]) - middle)
        ax.plot([1e3 * middle] * 2, [low, high], color=color, linewidth=7.0, solid_capstyle="butt", label="_image")
        ax.annotate(f"{mass:g} Da", (1e3 * middle, high), (0, 4), textcoords="offset points", ha="center")
    tidy(
        ax,
        title="Images on the plate",
        x="distance along the plate from where the beam meets it [mm]",
        y="extent of the image [µm]",
    )
    ax.title.set_fontsize(TITLE_PT)
    grid(ax)
    ax.set_xlim(left=0.0)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.15 * (high - low))
    text = (
        f"slit {1e6 * source.width:g} µm, ±{1e3 * source.half_angle:g} mrad, {100 * spectrometer.energy_spread:.2g} %"
    )
    ax.text(0.01, 0.03, f"source: {text} of the energy", transform=ax.transAxes, fontsize=SMALL_PT, color=INK)
