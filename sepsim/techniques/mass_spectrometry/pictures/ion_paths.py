"""Ion paths through a spectrometer, drawn to scale: the picture that explains double focusing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, SMALL_PT, new_figure, tidy
from sepsim.drawing.palette import DASHED, DOTTED, SOLID, LineStyle
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.optics.rays import Rays
from sepsim.techniques.mass_spectrometry.pictures.instrument import Instrument, spectrometer_of
from sepsim.techniques.mass_spectrometry.pictures.ray_paths import ray_paths
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_layout import layout, poses
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Spectrometer

FIELDS = {"electric sector": "#F3DFA2", "magnetic sector": "#C9D6E4", "wien filter": "#D9E5C9"}
MASS_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
SLOW, EQUAL, FAST = DOTTED, SOLID, DASHED
POLES = 2.4  # times as wide as in the layout, so that the spread beam lies between them
AXIS, JAW = "#888888", "#222222"
HEAVIER = 1.06  # times the ion on the axis: the second mass, unless told
FOCUSED = 1e-6  # energy over mass dispersion, below which energies meet
CLOSE_UP = 8.0  # length of what is enlarged over its half width


def ion_paths(
    instrument: Instrument,
    *,
    masses_Da: Sequence[float] | None = None,
    energies_percent: Sequence[float] = (-3.0, 0.0, 3.0),
    half_angle_mrad: float = 20.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the paths of ions of several masses and energies through a spectrometer, to scale, by the exact maps.

    All start from the middle of the source slit, along the axis and at the half angle to both sides. The fields are
    shaded, slits are jaws. Each sector on its own bends slow ions more; in a double-focusing instrument the two shifts
    cancel at the detector, so that ions of one mass and different energy and direction meet in one point there. A
    detector behind a slit is in focus for the mass on the axis, to which the field is set; other masses are a little
    blurred. Slits end paths, plates and poles do not. Default angles and energies are some ten times those of a real
    beam, so that the paths can be told apart. An instrument that is higher than wide is turned by a quarter.

    Parameters
    ----------
    instrument : Spectrometer, design or StepResult
    masses_Da : sequence of float, optional
        Masses at the charge of the ion on the axis [Da]; default that ion and one 6 % heavier.
    energies_percent : sequence of float
        Kinetic energies, less that of the ion on the axis [%].
    half_angle_mrad : float
        Largest angle to the axis at the source [mrad].
    ax : Axes, optional
        Where to draw; a new figure without, which also holds the surroundings of the detector, enlarged.

    Returns
    -------
    Axes
        Of the instrument as a whole.

    Raises
    ------
    InputError
        If a mass is not positive, an energy falls to zero, or a step deflected no ions.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> ax = ion_paths(NierJohnson(), masses_Da=[28, 30], energies_percent=[-2, 0, 2])
    >>> ax.get_xlabel()
    '[m]'
    """
    spectrometer = spectrometer_of(instrument)
    masses = (spectrometer.ion.mass_Da * np.array([1.0, HEAVIER])).tolist() if masses_Da is None else [*masses_Da]
    _check(masses, energies_percent)
    bundles = _bundles(spectrometer, masses, energies_percent, half_angle_mrad)
    colors = dict(zip(masses, cycle(MASS_COLORS), strict=False))
    axes: Axes
    if ax is None:
        axes, close_up = new_figure(13.5, 6.2).subplots(1, 2, width_ratios=(1.9, 1.0))
        _draw_close_up(close_up, spectrometer, bundles, colors)
    else:
        axes = ax
    quarter = _is_high(spectrometer)
    draw_instrument(axes, spectrometer, quarter=quarter)
    for (mass, energy), paths in bundles.items():
        draw_paths(axes, turned(paths) if quarter else paths, colors[mass], energy_style(energy))
    tidy(axes, title="Ion paths in the bending plane, to scale", x="[m]", y="[m]")
    axes.set_aspect("equal", adjustable="datalim")
    _legend(axes, colors, energies_percent, half_angle_mrad)
    return axes


def _check(masses: Iterable[float], energies_percent: Iterable[float]) -> None:
    problems = [f"masses_Da: {mass:g} must be above 0" for mass in masses if not mass > 0.0]
    problems += [f"energies_percent: {one:g} must be above -100" for one in energies_percent if not one > -100.0]
    if problems:
        raise InputError(*problems)


def _bundles(
    spectrometer: Spectrometer, masses: Sequence[float], energies_percent: Sequence[float], half_angle_mrad: float
) -> dict[tuple[float, float], FloatArray]:
    """Return the paths (n_points, 3, 2) [m] of each mass and energy: along the axis and at the angle to both sides."""
    mass, energy, angle = np.meshgrid(
        masses, energies_percent, np.array([-1e-3, 0.0, 1e-3]) * half_angle_mrad, indexing="ij"
    )
    rays = Rays(a=angle.ravel(), d=1e-2 * energy.ravel(), g=mass.ravel() / spectrometer.ion.mass_Da - 1.0)
    paths = ray_paths(spectrometer, rays)
    names = [(mass, energy) for mass in masses for energy in energies_percent]
    return dict(zip(names, np.split(paths, len(names), axis=1), strict=True))


def _is_high(spectrometer: Spectrometer) -> bool:
    across, high = np.ptp(poses(spectrometer)[:, :2], axis=0)
    return bool(high > across)


def turned(points: FloatArray) -> FloatArray:
    """Return points (..., 2) turned to the left by a quarter.

    Examples
    --------
    >>> turned(np.array([0.0, -1.0]))
    array([1., 0.])
    """
    return np.stack([-points[..., 1], points[..., 0]], axis=-1)


def energy_style(energy_percent: float) -> LineStyle:
    """Return the line of ions that are slower than, as fast as or faster than those on the axis.

    Examples
    --------
    >>> energy_style(-1) == energy_style(1)
    False
    """
    return SLOW if energy_percent < 0 else FAST if energy_percent > 0 else EQUAL


def draw_instrument(ax: Axes, spectrometer: Spectrometer, *, quarter: bool = False) -> None:
    """Draw the fields of a spectrometer shaded, its axis thin, and its slits and its detector in black.

    How far poles reach to the sides does not matter to the beam; they are drawn 0.36 of the radius wide.

    Parameters
    ----------
    ax : Axes
        In metres.
    spectrometer : Spectrometer
    quarter : bool
        Whether to turn it by a quarter.

    Examples
    --------
    >>> from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson
    >>> ax = new_figure(5, 4).add_subplot()
    >>> draw_instrument(ax, NierJohnson().spectrometer)
    >>> len(ax.patches)  # the two sectors
    2
    """
    for outline in layout(spectrometer):
        x, y = (turned(outline.points) if quarter else outline.points).T
        if outline.closed:
            if outline.kind == "magnetic sector":
                x, y = widened(np.stack([x, y], axis=-1), POLES).T
            ax.fill(x, y, facecolor=FIELDS[outline.kind], edgecolor="#777777", linewidth=1.0, zorder=1)
        elif outline.kind == "axis":
            ax.plot(x, y, color=AXIS, linewidth=0.8, linestyle=(0, (8, 4)), label="_axis", zorder=1.5)
        else:
            ax.plot(x, y, color=JAW, linewidth=3.0, solid_capstyle="butt", label=f"_{outline.kind}", zorder=3)


def widened(border: FloatArray, times: float) -> FloatArray:
    """Return a border (2 n, 2), out along one side and back along the other, with its sides further apart.

    Examples
    --------
    >>> widened(np.array([[0.0, 1.0], [2.0, 1.0], [2.0, -1.0], [0.0, -1.0]]), 2.0).tolist()
    [[0.0, 2.0], [2.0, 2.0], [2.0, -2.0], [0.0, -2.0]]
    """
    middle = 0.5 * (border + border[::-1])
    return middle + times * (border - middle)


def draw_paths(ax: Axes, paths: FloatArray, color: str, style: LineStyle) -> None:
    """Draw each path (n_points, n_rays, 2) [m] from its source to where it ends."""
    for path in np.moveaxis(paths, 1, 0):
        x, y = path[np.isfinite(path[:, 0])].T
        ax.plot(x, y, color=color, linestyle=style, linewidth=0.8, label="_path", zorder=2)


def _draw_close_up(
    ax: Axes,
    spectrometer: Spectrometer,
    bundles: dict[tuple[float, float], FloatArray],
    colors: dict[float, str],
) -> None:
    """Draw the last of the flight in the detector's own frame, across it enlarged."""
    pose = poses(spectrometer)[-1]
    seen = {key: _seen_from(pose, paths) for key, paths in bundles.items()}
    for (mass, energy), paths in seen.items():
        draw_paths(ax, paths, colors[mass], energy_style(energy))
    detector = _seen_from(pose, layout(spectrometer)[-1].points)
    ax.plot(*detector.T, color=JAW, linewidth=4.0, solid_capstyle="butt", label="_detector", zorder=1.8)
    tidy(ax, title=_what_meets(spectrometer), x="along the axis, from the detector [mm]", y="to the left of it [mm]")
    across = np.concatenate([paths[-1, :, 1] for paths in seen.values()])
    across = across[np.isfinite(across)]
    lowest, highest = (float(across.min()), float(across.max())) if across.size else (0.0, 0.0)
    reach = max(highest - lowest, 1e-3)
    ax.set_xlim(-0.5 * CLOSE_UP * reach, 0.4 * reach)
    ax.set_ylim(lowest - 0.6 * reach, highest + 0.6 * reach)


def _what_meets(spectrometer: Spectrometer) -> str:
    image = spectrometer.image
    focused = abs(image.coefficient("x|d")) < FOCUSED * abs(image.coefficient("x|g"))
    meeting = "meet" if focused else "do not meet"
    return f"At the detector, stretched:\nenergies of {spectrometer.ion.mass_Da:g} Da {meeting}"


def _seen_from(pose: FloatArray, paths: FloatArray) -> FloatArray:
    """Return points in the frame of a pose [mm]."""
    cosine, sine = np.cos(pose[2]), np.sin(pose[2])
    x, y = paths[..., 0] - pose[0], paths[..., 1] - pose[1]
    return 1e3 * np.stack([x * cosine + y * sine, y * cosine - x * sine], axis=-1)


def _energy_name(energy_percent: float) -> str:
    return f"energy {energy_percent:+g} %".replace("-", "\N{MINUS SIGN}") if energy_percent else "energy as on the axis"


def _legend(ax: Axes, colors: dict[float, str], energies_percent: Sequence[float], half_angle_mrad: float) -> None:
    fields = {patch.get_facecolor() for patch in ax.patches}
    shaded = [Patch(facecolor=color, edgecolor="#777777", label=kind) for kind, color in FIELDS.items()]
    lines = [Line2D([], [], color=color, linewidth=2.0, label=f"{mass:.6g} Da") for mass, color in colors.items()]
    lines += [
        Line2D([], [], color=INK, linestyle=energy_style(energy), linewidth=1.4, label=_energy_name(energy))
        for energy in energies_percent
    ]
    ax.legend(
        handles=[*lines, *(patch for patch in shaded if patch.get_facecolor() in fields)],
        title=f"angles 0 and ±{half_angle_mrad:g} mrad",
        fontsize=SMALL_PT,
        title_fontsize=SMALL_PT,
        frameon=False,
        loc="best",
    )
