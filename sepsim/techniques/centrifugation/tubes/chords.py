"""The tube as a bundle of chords along the radius, and plug flow in it.

In spin every particle moves along the radius. The filled tube is a bundle of chords, each from where a particle
may start (the meniscus, the cap or the inner wall) to where it meets the outer wall. With the dose exponent s W
(W the integral of omega^2 dt) a particle at x moves to x e^(sW). So of a uniform load

    unpelleted = (1/V) integral of max(0, q x_outer - x_inner) dA
    q = e^(-sW),   V = integral of (x_outer - x_inner) dA

and the same with the ends exchanged has not floated when s < 0. The one formula covers swinging buckets,
fixed-angle, near-vertical and vertical rotors, which differ in their chords alone.

Assumptions: the chords are parallel (planar: a tube is narrow against its distance from the axis); the surface
of the liquid in spin is a plane across the radius; no diffusion; what meets a wall stays there.

Source: Livshits et al. 2015, doi 10.1038/srep17319, whose formulas are the cases of a flat-bottomed cylinder and
of one elliptic section.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.rotors.rotors import Rotor, Tube
from sepsim.techniques.centrifugation.tubes import tilted_tube

RESOLUTION = 64


class Chords(NamedTuple):
    """A bundle of parallel chords that fills the liquid.

    Attributes
    ----------
    inner, outer : ndarray, shape (n_chords,) [m]
        Ends of each chord, as distances from the rotor's axis.
    area : ndarray, shape (n_chords,) [m2]
        Cross-section that each chord stands for.
    """

    inner: FloatArray
    outer: FloatArray
    area: FloatArray

    @property
    def volumes(self) -> FloatArray:
        """Volume of liquid on each chord, shape (n_chords,) [m3]."""
        return self.area * (self.outer - self.inner)

    @property
    def volume(self) -> float:
        """Volume of the liquid [m3]."""
        return float(self.volumes.sum())

    @property
    def clearing_exponent(self) -> float:
        """Dose exponent s W that clears every chord, the largest ln(outer/inner) [-]."""
        return float(np.log(self.outer / self.inner).max())


class PlugFlow(NamedTuple):
    """Shares of each class at the outer wall, and at the meniscus or the inner wall.

    Attributes
    ----------
    pelleted, floated : ndarray, shape (n_classes,) [-]
        Between 0 and 1; one of the two is 0.
    """

    pelleted: FloatArray
    floated: FloatArray


def chords(rotor: Rotor, fill_volume: float, *, resolution: int = RESOLUTION) -> Chords:
    """Return the chords of a tube filled with a volume, in spin.

    Parameters
    ----------
    rotor : Rotor
        With its tube.
    fill_volume : float [m3]
        Volume in one tube.
    resolution : int
        Planes across a tilted tube; it takes up to six chords for each, a swinging bucket eight.

    Returns
    -------
    Chords

    Raises
    ------
    InputError
        If the volume is not above 0 or more than the tube takes.

    Notes
    -----
    The tube is placed by r_max, its angle, its bore and its length. The catalogue's r_min is not used: together
    with the length it would over-determine the body.

    The volume agrees with the fill to round-off. Largest error of the pelleted share over all doses and all rotors
    of the catalogue, against a bundle five times finer: 3e-7 in a swinging bucket at least half full (2e-6 in one
    nearly empty), 1.3e-4 in a tilted tube.

    A flat bottom gives the published P = r_max (1 - q)/(r_max - r_m). A hemisphere of radius R shortens the outer
    chords: while none of them is cleared, P/(1 - q) = (r_max - R/3)/(r_max - r_m - R/3).

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> bundle = chords(rotor("SW 41 Ti"), 12e-6)
    >>> round(float(bundle.inner[0]) * 1e3, 1), round(bundle.volume * 1e6, 9)  # meniscus in mm, volume in mL
    (72.3, 12.0)
    """
    _check_fill(rotor, fill_volume)
    if rotor.angle_deg == 90:
        return _bucket_chords(rotor, _bucket_meniscus(rotor, fill_volume), 4 * resolution)
    return _tilted_chords(rotor, fill_volume, resolution)


def meniscus(rotor: Rotor, fill_volume: float) -> float:
    """Return the radius at which the liquid's surface stands in spin.

    Parameters
    ----------
    rotor : Rotor
        With its tube.
    fill_volume : float [m3]
        Volume in one tube.

    Returns
    -------
    float [m]

    Raises
    ------
    InputError
        If the volume is not above 0 or does not fit into the tube.

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> round(meniscus(rotor("SW 41 Ti"), 12e-6) * 1e3, 1)  # mm
    72.3
    """
    _check_fill(rotor, fill_volume)
    if rotor.angle_deg == 90:
        return _bucket_meniscus(rotor, fill_volume)
    return rotor.mouth_radius + tilted_tube.meniscus(tilted_tube.body(rotor), fill_volume)


def fill_volume(rotor: Rotor, meniscus: float) -> float:
    """Return the volume in a tube whose surface stands at a radius in spin; the inverse of `meniscus`.

    Parameters
    ----------
    rotor : Rotor
        With its tube.
    meniscus : float [m]
        Radius of the surface.

    Returns
    -------
    float [m3]

    Raises
    ------
    InputError
        If the surface would stand outside the tube, or the tube would be fuller than it may be.

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> round(fill_volume(rotor("SW 41 Ti"), 72.3e-3) * 1e6, 1)  # mL
    12.0
    """
    innermost = rotor.mouth_radius - rotor.tube.radius * math.cos(rotor.angle)
    if not innermost - 1e-9 <= meniscus < rotor.r_max:
        raise InputError(
            f"meniscus_mm = {meniscus * 1e3:g}: must lie inside the tube of rotor {rotor.name!r}, "
            f"from {innermost * 1e3:.4g} to {rotor.rmax_mm:g}"
        )
    if rotor.angle_deg == 90:
        volume = bucket_volume(rotor.tube, rotor.r_max - meniscus)
    else:
        volume, _ = tilted_tube.volume_beyond(tilted_tube.body(rotor), meniscus - rotor.mouth_radius)
    if volume > rotor.tube.volume * (1 + 1e-9):
        raise InputError(
            f"meniscus_mm = {meniscus * 1e3:g}: is a fill of {volume * 1e6:.4g} mL, but tube {rotor.tube.name!r} "
            f"takes at most {rotor.tube.volume_mL:g} mL; move the meniscus outwards"
        )
    return volume


def pelleted_fraction(chords: Chords, dose_exponent: npt.ArrayLike) -> PlugFlow:
    """Return the share of each class that has pelleted or floated, by plug flow.

    P = [volume of the cleared chords + (1 - e^(-sW)) sum of area * outer over the others] / V, where a chord is
    cleared once sW >= ln(outer/inner). Flotation has e^|sW| - 1 and the inner ends instead. Sums over the chords,
    sorted by ln(outer/inner), make it a look-up, and nothing cancels however small sW is.

    Parameters
    ----------
    chords : Chords
        The filled tube, with a uniform load.
    dose_exponent : array_like, shape (n_classes,) [-]
        s W, signed: positive sinks, negative floats.

    Returns
    -------
    PlugFlow
        `pelleted` where s W > 0, `floated` where s W < 0, zero elsewhere; shape (n_classes,).

    Notes
    -----
    Exact for the bundle. Plug flow holds where diffusion is short against the tube (high Peclet number). To first
    order P = sW (1/2 + x_mid A/V), with A the area across the radius and x_mid the mean middle of the chords: the
    field that grows along the chord gives sW/2 more than the constant field of the middle.

    Livshits et al. 2015, doi 10.1038/srep17319, supplement, for one section; here for any bundle.

    Examples
    --------
    >>> one_chord = Chords(np.array([0.05]), np.array([0.10]), np.array([1e-4]))
    >>> pelleted_fraction(one_chord, [np.log(4 / 3), 1.0]).pelleted.round(3)  # 0.10 m (1 - 3/4): half
    array([0.5, 1. ])
    """
    exponent = np.asarray(dose_exponent, dtype=float)
    clearing = np.log(chords.outer / chords.inner)
    order = np.argsort(clearing)
    inner, outer, area = (column[order] for column in chords)
    volume = _sums(area * (outer - inner))
    size = np.abs(exponent)
    cleared = np.searchsorted(clearing[order], size, side="right")
    still = np.minimum(size, clearing[order[-1]])  # keeps the exponential of a cleared class finite
    sinking = -np.expm1(-still) * _rest(area * outer)[cleared]
    floating = np.expm1(still) * _rest(area * inner)[cleared]
    sunk = np.minimum((volume[cleared] + sinking) / volume[-1], 1.0)
    risen = np.minimum((volume[cleared] + floating) / volume[-1], 1.0)
    return PlugFlow(np.where(exponent > 0, sunk, 0.0), np.where(exponent < 0, risen, 0.0))


def condensed(chords: Chords, count: int) -> Chords:
    """Return a bundle of fewer chords, each the mean of neighbours that clear at nearly the same dose.

    Keeps the volume exactly, and the pelleted and the floated share to first order in sW. The pelleted share is off
    by less than 1e-2 with 12 chords, and by less than 1e-5 with 400.

    Parameters
    ----------
    chords : Chords
    count : int
        Number of chords wanted; fewer come back if the bundle has fewer.

    Returns
    -------
    Chords

    Examples
    --------
    >>> from sepsim.rotors.rotors import rotor
    >>> few = condensed(chords(rotor("Type 45 Ti"), 60e-6), 12)
    >>> few.inner.size, round(few.volume * 1e6, 9)
    (12, 60.0)
    """
    order = np.argsort(chords.outer / chords.inner)
    inner, outer, area = (column[order] for column in chords)
    spread = np.log(outer / inner)
    until = np.cumsum(area * (outer - inner))
    position = 0.5 * (until / until[-1] + spread / spread[-1])
    group = np.minimum((position * count).astype(int), count - 1)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    areas = np.add.reduceat(area, starts)
    return Chords(np.add.reduceat(area * inner, starts) / areas, np.add.reduceat(area * outer, starts) / areas, areas)


def _sums(terms: FloatArray) -> FloatArray:
    """Return the sum of the first k terms for every k from 0."""
    return np.concatenate([[0.0], np.cumsum(terms)])


def _rest(terms: FloatArray) -> FloatArray:
    """Return the sum of all but the first k terms for every k from 0."""
    return _sums(terms[::-1])[::-1]


def _check_fill(rotor: Rotor, volume: float) -> None:
    if not (0 < volume <= rotor.tube.volume * (1 + 1e-9)):
        raise InputError(
            f"fill volume {volume * 1e6:g} mL: must be above 0 and at most {rotor.tube.volume_mL:g} mL, what "
            f"tube {rotor.tube.name!r} of rotor {rotor.name!r} takes; use more tubes, or another rotor"
        )


def _tilted_chords(rotor: Rotor, volume: float, planes: int) -> Chords:
    """Return the chords of a leaning tube, the areas scaled so that the volume is the fill to round-off."""
    body = tilted_tube.body(rotor)
    level = tilted_tube.meniscus(body, volume)
    inner, outer, area = tilted_tube.cut_chords(body, level, planes, planes // 3)
    fine = Chords(rotor.mouth_radius + inner, rotor.mouth_radius + outer, area)
    return condensed(fine._replace(area=area * (volume / fine.volume)), 6 * planes)


def _bucket_meniscus(rotor: Rotor, volume: float) -> float:
    """Return the meniscus [m] of a swinging bucket: r_max less the depth of the liquid, in closed form."""
    tube = rotor.tube
    disc, height = math.pi * tube.radius**2, tube.bottom_height
    missing = disc * tube.length - tube.brim_volume  # what the bottom takes away from the cylinder
    if volume >= disc * height - missing:
        return rotor.r_max - (volume + missing) / disc
    if tube.bottom == "round":
        turn = math.acos(1.0 - 1.5 * volume / (disc * tube.radius))
        return rotor.r_max - tube.radius * (1.0 + 2.0 * math.cos((turn - 2.0 * math.pi) / 3.0))
    return rotor.r_max - height * math.cbrt(3.0 * volume / (disc * height))


def bucket_volume(tube: Tube, depth: float) -> float:
    """Return the volume [m3] below a depth [m] of liquid in an upright tube.

    Parameters
    ----------
    tube : Tube
    depth : float [m]
        Of liquid above the deepest point.
    """
    disc, height = math.pi * tube.radius**2, tube.bottom_height
    if depth >= height:
        return disc * (depth - tube.length) + tube.brim_volume
    if tube.bottom == "round":
        return math.pi * depth**2 * (tube.radius - depth / 3.0)
    return disc * height / 3.0 * (depth / height) ** 3


def _bucket_chords(rotor: Rotor, level: float, cells: int) -> Chords:
    """Return the chords of a swinging bucket, concentric shells from the level to the bottom.

    Two Gauss nodes per cell of the bottom's own height above its rim, in which length and area are polynomials.
    """
    tube = rotor.tube
    joint = rotor.r_max - tube.bottom_height
    if tube.bottom == "flat":
        return Chords(np.array([level]), np.array([joint]), np.array([math.pi * tube.radius**2]))
    start = max(level - joint, 0.0)
    border, cell = np.linspace(start, tube.bottom_height, cells, endpoint=False, retstep=True)
    rise = (border[:, None] + cell * tilted_tube.gauss(2)[0]).ravel()
    if tube.bottom == "round":
        area = math.pi * cell * rise
    else:
        area = math.pi * cell * (tube.radius / tube.bottom_height) ** 2 * (tube.bottom_height - rise)
    return Chords(np.full(rise.size, level), joint + rise, area)
