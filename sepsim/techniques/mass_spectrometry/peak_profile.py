"""What a collector slit sees of a beam of one m/z: the peak profile, its width, and the resolving power.

The beam at the collector is an image of the source slit, blurred by aberrations; moving it over the collector slit
gives a peak whose shape is the convolution of both. Two sharp slits give a trapezoid. Resolving power is the dispersion
D (shift per relative mass) over a width of the peak, and the width must be named: full width at half maximum (FWHM), or
the width at 5 % of the height, at which two equal peaks leave a valley of 10 % between them.

Conventions: x [m] across the beam, a [rad] its angle, d = dK/K, g = dm/m; image coefficients are Taylor coefficients
without factorials, named by their variables: {"x": M, "a": 0, "d": 0, "g": D, "aa": ..., "ad": ..., "dd": ...}.

Sources: the IUPAC terms for mass spectrometry (Murray et al. 2013); geometry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.errors import InputError

VALLEY = 0.1  # of the height, between two peaks that count as resolved

_POINTS = 2001  # of a profile from rays
_BASES = (2, 3, 5)  # of the Halton sequence: place, angle, energy


class ResolvingPower(NamedTuple):
    """Resolving power by its two definitions [-].

    Attributes
    ----------
    fwhm : float
        m / dm with the full width at half maximum.
    valley : float
        m / dm with the width at 5 % of the height: two equal peaks so far apart leave a valley of 10 %.
    """

    fwhm: float
    valley: float


class SourceRays(NamedTuple):
    """Rays that start from a source slit, each of shape (n,): place x [m], angle a [rad], relative energy d [-]."""

    x: FloatArray
    a: FloatArray
    d: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PeakProfile:
    """The share of a beam that enters the collector slit, against where the slit stands; linear between the points.

    Parameters
    ----------
    position : ndarray, shape (n,) [m]
        Of the middle of the slit from the image of the axis, increasing.
    signal : ndarray, shape (n,) [-]
        Share of the ions that came from the source slit; 0 at both ends.

    Examples
    --------
    >>> peak = slit_profile(100e-6, 100e-6)
    >>> f"{peak.area:.1e}", [f"{peak.width(level):.2e}" for level in (0.5, 0.05)]
    ('1.0e-04', ['1.00e-04', '1.90e-04'])
    """

    position: FloatArray
    signal: FloatArray

    @property
    def height(self) -> float:
        """Largest signal [-]."""
        return float(self.signal.max())

    @property
    def area(self) -> float:
        """Integral of the signal over the position [m]: the width of the collector slit, if no ion misses it."""
        return float(0.5 * (self.signal[1:] + self.signal[:-1]) @ np.diff(self.position))

    def at(self, position: npt.ArrayLike) -> FloatArray:
        """Return the signal at positions of the slit [m]; 0 outside."""
        return np.interp(np.asarray(position, dtype=np.float64), self.position, self.signal, left=0.0, right=0.0)

    def width(self, level: float) -> float:
        """Return the outermost width [m] at a share of the height, above 0 and below 1."""
        wanted = level * self.height
        above = np.flatnonzero(self.signal >= wanted)
        return self._crossing(above[-1], above[-1] + 1, wanted) - self._crossing(above[0], above[0] - 1, wanted)

    def resolving_power(self, dispersion: float) -> ResolvingPower:
        """Return the resolving power by both definitions for a dispersion [m] per relative mass."""
        return ResolvingPower(fwhm=abs(dispersion) / self.width(0.5), valley=abs(dispersion) / self.width(0.5 * VALLEY))

    def _crossing(self, inside: int, outside: int, wanted: float) -> float:
        """Return where the signal falls through a value between two neighbouring points."""
        share = (self.signal[inside] - wanted) / (self.signal[inside] - self.signal[outside])
        return float(self.position[inside] + share * (self.position[outside] - self.position[inside]))


def slit_profile(image_width: float, collector_width: float) -> PeakProfile:
    """Return the trapezoid that a sharp, evenly filled image of the source slit gives; exact without aberrations.

    Parameters
    ----------
    image_width : float [m]
        Magnification times width of the source slit.
    collector_width : float [m]

    Returns
    -------
    PeakProfile
        Base: the sum of both widths; top: their difference; width at half height: the larger.

    Raises
    ------
    InputError
        If a width is not positive.

    Examples
    --------
    >>> r = slit_profile(2 / 3 * 100e-6, 100e-6).resolving_power(0.254)
    >>> round(r.fwhm), round(r.valley)
    (2540, 1588)
    """
    _check_widths(image_width=image_width, collector_width=collector_width)
    base, top = 0.5 * (image_width + collector_width), 0.5 * abs(image_width - collector_width)
    top = min(top, base * (1.0 - 1e-12))
    height = min(1.0, collector_width / image_width)
    return PeakProfile(position=np.array([-base, -top, top, base]), signal=height * np.array([0.0, 1.0, 1.0, 0.0]))


def source_rays(count: int, *, slit: float, half_angle: float, energy_fwhm: float) -> SourceRays:
    """Return evenly spread rays from a source slit: uniform in place and angle, gaussian in energy.

    The points are the Halton sequence, not random: errors of shares fall nearly as 1/n, and the same call gives the
    same rays.

    Parameters
    ----------
    count : int
        Number of rays.
    slit : float [m]
        Width of the source slit.
    half_angle : float [rad]
    energy_fwhm : float [-]
        Full width at half maximum of dK/K.

    Returns
    -------
    SourceRays

    Examples
    --------
    >>> rays = source_rays(1000, slit=1e-4, half_angle=2e-3, energy_fwhm=1e-3)
    >>> f"{rays.x.max():.1e}", f"{rays.a.min():.1e}", f"{2.3548 * rays.d.std():.2e}"
    ('5.0e-05', '-2.0e-03', '9.98e-04')
    """
    from scipy.special import ndtri

    along = [_mirrored_digits(count, base) for base in _BASES]
    deviation = energy_fwhm / math.sqrt(8.0 * math.log(2.0))
    return SourceRays(x=slit * (along[0] - 0.5), a=half_angle * (2.0 * along[1] - 1.0), d=deviation * ndtri(along[2]))


def image_positions(coefficients: Mapping[str, float], rays: SourceRays) -> FloatArray:
    """Return where rays of the reference mass meet the image plane, by the coefficients of the image.

    Parameters
    ----------
    coefficients : mapping of str to float [m per rad etc.]
        By the variables that they multiply, such as ``"x"``, ``"aa"``, ``"ad"``; terms in g or in the vertical plane
        are left out here.
    rays : SourceRays

    Returns
    -------
    ndarray, shape (n,) [m]

    Examples
    --------
    >>> rays = SourceRays(x=np.zeros(2), a=np.array([2e-3, -2e-3]), d=np.zeros(2))
    >>> (1e6 * image_positions({"x": 2 / 3, "aa": -0.2449 * 0.3048}, rays)).round(3).tolist()
    [-0.299, -0.299]
    """
    place = np.zeros(rays.x.shape)
    for term, coefficient in coefficients.items():
        if set(term) <= set(SourceRays._fields):
            place = place + coefficient * math.prod((getattr(rays, variable) for variable in term), start=1.0)
    return place


def ray_profile(positions: npt.ArrayLike, collector_width: float, sent: int | None = None) -> PeakProfile:
    """Return the profile of rays that meet the collector plane at given positions: shares within a moving slit.

    Parameters
    ----------
    positions : array_like, shape (n,) [m]
        One for each ray that arrives; those that were lost on the way are left out.
    collector_width : float [m]
    sent : int, optional
        Rays that left the source slit, where some were lost on the way.

    Returns
    -------
    PeakProfile

    Raises
    ------
    InputError
        If no rays arrive, if a position is not finite, or the slit is not positive.

    Examples
    --------
    >>> peak = ray_profile(np.linspace(-1e-5, 1e-5, 4001), 10e-6)
    >>> f"{peak.width(0.5):.2e}", f"{peak.height:.2f}"
    ('2.00e-05', '0.50')
    """
    _check_widths(collector_width=collector_width)
    places = np.sort(np.asarray(positions, dtype=np.float64))
    if places.size == 0:
        raise InputError("positions: no ray reaches the collector; open the slits, or mend the focus")
    if not np.isfinite(places[[0, -1]]).all():
        raise InputError(
            "positions: must be finite; leave out the rays that were lost and give their number with `sent`"
        )
    ends = places[[0, -1]] + np.array([-0.5001, 0.5001]) * collector_width
    position = np.linspace(ends[0], ends[1], _POINTS)
    reached = np.searchsorted(places, position + 0.5 * collector_width, side="right")
    missed = np.searchsorted(places, position - 0.5 * collector_width, side="left")
    return PeakProfile(position=position, signal=(reached - missed) / (places.size if sent is None else sent))


def aberration_widths(
    coefficients: Mapping[str, float], half_angle: float, half_energy: float = 0.0
) -> dict[str, float]:
    """Return how much each aberration widens the image: the full width of its term over the beam.

    A term that changes its sign over the beam (a, d, ad) spans twice its largest value, one that does not (aa, dd)
    spans it once. Terms that contain the place in the slit are left out.

    Parameters
    ----------
    coefficients : mapping of str to float [m per rad etc.]
        As for `image_positions`.
    half_angle : float [rad]
    half_energy : float [-]
        Half of the width of dK/K.

    Returns
    -------
    dict of str to float [m]

    Examples
    --------
    >>> widths = aberration_widths({"x": -1.0, "d": 0.3, "aa": -0.3}, 2e-3, 0.5e-3)
    >>> {term: f"{width:.1e}" for term, width in widths.items()}
    {'d': '3.0e-04', 'aa': '1.2e-06'}
    """
    reach = {"a": half_angle, "d": half_energy}
    return {
        term: abs(coefficient)
        * math.prod(reach[variable] for variable in term)
        * (1.0 if all(term.count(variable) % 2 == 0 for variable in term) else 2.0)
        for term, coefficient in coefficients.items()
        if set(term) <= set(reach)
    }


def estimated_resolving_power(
    coefficients: Mapping[str, float],
    *,
    source_slit: float,
    collector_slit: float,
    half_angle: float = 0.0,
    half_energy: float = 0.0,
) -> float:
    """Return the design formula R = D / (|M| s1 + s2 + aberrations), with the widths of `aberration_widths`.

    The width is that of the base of the peak, so that R is a little below that of the 10 % valley; adding widths up
    overrates several aberrations of like size.

    Parameters
    ----------
    coefficients : mapping of str to float [m per rad etc.]
        As for `image_positions`; ``"x"`` and ``"g"`` are needed.
    source_slit, collector_slit : float [m]
    half_angle : float [rad]
    half_energy : float [-]

    Returns
    -------
    float [-]

    Examples
    --------
    >>> nier_johnson = {"x": 2 / 3, "g": 5 / 6 * 0.3048, "aa": -0.2449 * 0.3048}
    >>> round(estimated_resolving_power(nier_johnson, source_slit=100e-6, collector_slit=100e-6))
    1524
    """
    _check_widths(source_slit=source_slit, collector_slit=collector_slit)
    blur = sum(aberration_widths(coefficients, half_angle, half_energy).values())
    return abs(coefficients["g"]) / (abs(coefficients["x"]) * source_slit + collector_slit + blur)


def _mirrored_digits(count: int, base: int) -> FloatArray:
    """Return the whole numbers from 1 with their digits mirrored behind the point, between 0 and 1."""
    left, mirrored, weight = np.arange(1, count + 1), np.zeros(count), 1.0 / base
    while left.any():
        mirrored += weight * (left % base)
        left //= base
        weight /= base
    return mirrored


def _check_widths(**widths: float) -> None:
    problems = [f"{name} = {width:g}: must be above 0" for name, width in widths.items() if not width > 0.0]
    if problems:
        raise InputError(*problems)
