"""How much of a bead's pores a particle may enter: size exclusion from the geometry of the pores.

K is the share of the pores' liquid that is open to the centre of a sphere: 1 for a point, 0 for a particle that no
pore admits. A resin multiplies it by the porosity of its beads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sepsim.arrays import FloatArray

LEAST = 1e-100  # smaller shares are none: products with them would leave the range of normal floats


class PartitionLaw(Protocol):
    """What every law answers."""

    @property
    def limit(self) -> float:
        """Radius from which on nothing enters [m]; infinite if the law has no sharp end."""

    def partition(self, radius: float | FloatArray) -> FloatArray:
        """Return K for spheres of a radius [m], any shape; between 0 and 1, never rising with the radius."""


@dataclass(frozen=True, slots=True)
class CylindricalPore:
    """Straight round pores of one radius, or of a spread of radii.

    A sphere of radius r in a pore of radius R: K = (1 - r/R)^2, and 0 from r = R on. With a spread, ln R is normally
    distributed over the volume of the pores with the standard deviation ln(geometric_sd), and K is the mean over
    that volume. It has a closed form: with m_k(r) = E[R^k; R > r] = R_0^k exp(k^2 s^2/2) Phi((ln(R_0/r) + k s^2)/s),
    K = m_0 - 2 r m_-1 + r^2 m_-2.

    Valid for spheres that neither stick to the wall nor push one another (dilute). Source: Hagel 1996 reports the
    pores of chromatography media in these terms; the law itself is in any text on size exclusion.

    Parameters
    ----------
    radius : float [m]
        Median radius of the pores, by volume.
    geometric_sd : float
        Geometric standard deviation of the radius; 1: all pores are equal.

    Examples
    --------
    >>> pore = CylindricalPore(37.5e-9)
    >>> [round(float(share), 2) for share in pore.partition(np.array([0.0, 3.5e-9, 12e-9, 50e-9]))]
    [1.0, 0.82, 0.46, 0.0]
    """

    radius: float
    geometric_sd: float = 1.0

    @property
    def limit(self) -> float:
        """Radius from which on nothing enters [m]; infinite with a spread.

        Examples
        --------
        >>> CylindricalPore(37.5e-9).limit
        3.75e-08
        """
        return self.radius if self.geometric_sd == 1.0 else math.inf

    def partition(self, radius: float | FloatArray) -> FloatArray:
        """Return K for spheres of a radius [m], any shape."""
        ratio = np.asarray(radius, dtype=float) / self.radius
        return _single(ratio) if self.geometric_sd == 1.0 else _spread(ratio, math.log(self.geometric_sd))


@dataclass(frozen=True, slots=True)
class FibreGel:
    """A random network of long fibres (Ogston 1958), such as agarose.

    K = exp(-phi ((r + r_f)/r_f)^2): the chance that no fibre comes near enough to touch the sphere. At r = 0 it is
    exp(-phi), about 1 - phi: the volume of the fibres is part of K, so that the porosity of the bead is then the
    share of the bead that is gel.

    Valid for straight, rigid, randomly placed fibres in a dilute gel (phi up to about 0.1) and spheres that do not
    stick. Source: Ogston 1958.

    Parameters
    ----------
    fibre_radius : float [m]
    volume_fraction : float
        phi, the share of the gel that is fibre.

    Examples
    --------
    >>> gel = FibreGel(2.5e-9, 0.021)
    >>> [round(float(share), 2) for share in gel.partition(np.array([0.0, 5e-9, 12e-9, 50e-9]))]
    [0.98, 0.83, 0.49, 0.0]
    """

    fibre_radius: float
    volume_fraction: float

    @property
    def limit(self) -> float:
        """Infinite: some gap between random fibres admits any sphere.

        Examples
        --------
        >>> FibreGel(2.5e-9, 0.021).limit
        inf
        """
        return math.inf

    def partition(self, radius: float | FloatArray) -> FloatArray:
        """Return K for spheres of a radius [m], any shape."""
        reach = 1.0 + np.asarray(radius, dtype=float) / self.fibre_radius
        return _none_below(np.exp(-self.volume_fraction * reach**2))


@dataclass(frozen=True, slots=True)
class Solid:
    """Beads or fibres without pores: nothing enters.

    Examples
    --------
    >>> float(Solid().partition(1e-9)), Solid().limit
    (0.0, 0.0)
    """

    @property
    def limit(self) -> float:
        """Zero: not even a point enters.

        Examples
        --------
        >>> Solid().limit
        0.0
        """
        return 0.0

    def partition(self, radius: float | FloatArray) -> FloatArray:
        """Return zero for each radius [m], any shape."""
        return np.zeros_like(np.asarray(radius, dtype=float))


def _single(ratio: FloatArray) -> FloatArray:
    share: FloatArray = np.maximum(1.0 - ratio, 0.0) ** 2
    return share


def _spread(ratio: FloatArray, sd: float) -> FloatArray:
    """Return K over lognormal pores; `ratio` is r over the median, `sd` that of ln R."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore"):  # ln 0 at r = 0 puts every pore above
        above = -np.log(ratio) / sd
    m0, m1, m2 = (math.exp(0.5 * (power * sd) ** 2) * ndtr(above + power * sd) for power in (0, -1, -2))
    return _none_below(np.minimum(m0 - 2.0 * ratio * m1 + ratio**2 * m2, 1.0))  # by round-off also below 0


def _none_below(share: FloatArray) -> FloatArray:
    return np.where(share < LEAST, 0.0, share)
