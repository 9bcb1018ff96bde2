"""Laws of particle sizes as a user states them: their bins for a run, and what holds of them whatever the bins."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.particles import size_distribution
from sepsim.particles.size_distribution import SPAN_IN_SD, SizeDistribution

_GAUSS = NormalDist()
_POWERS = np.arange(4)


class Lognormal(NamedTuple):
    """Diameters whose logarithm is normal.

    Attributes
    ----------
    median : float [m]
    geometric_sd : float [-]
        exp of the standard deviation of ln d, at least 1.

    Examples
    --------
    >>> exosome = Lognormal(85e-9, 1.419)
    >>> round(float(exosome.moments[1]) * 1e9, 1), exosome.share_below(85e-9)
    (90.4, 0.5)
    """

    median: float
    geometric_sd: float

    def in_bins(self, bins: int) -> SizeDistribution:
        """Return the distribution in `bins` bins."""
        return size_distribution.lognormal(self.median, self.geometric_sd, bins)

    @property
    def moments(self) -> FloatArray:
        """Means of d^0, d^1, d^2 and d^3 [m^k], shape (4,): median^k exp(k^2 s^2 / 2)."""
        moments: FloatArray = self.median**_POWERS * np.exp(0.5 * (_POWERS * math.log(self.geometric_sd)) ** 2)
        return moments

    @property
    def largest(self) -> float:
        """Upper edge of the bins, whatever their number [m]."""
        return float(self.median * self.geometric_sd**SPAN_IN_SD)

    def share_below(self, diameter: float) -> float:
        """Return the share of particles below a diameter [m]."""
        if self.geometric_sd == 1.0:
            return float(self.median < diameter)
        return _GAUSS.cdf(math.log(diameter / self.median) / math.log(self.geometric_sd))


class Normal(NamedTuple):
    """Normal diameters, cut off at 0.

    Attributes
    ----------
    mean, sd : float [m]
        Before the cut.

    Examples
    --------
    >>> Normal(100e-9, 10e-9).share_below(100e-9)
    0.5
    """

    mean: float
    sd: float

    def in_bins(self, bins: int) -> SizeDistribution:
        """Return the distribution in `bins` bins."""
        return size_distribution.normal(self.mean, self.sd, bins)

    @property
    def moments(self) -> FloatArray:
        """Means of d^0, d^1, d^2 and d^3 [m^k], shape (4,): of the normal law above 0."""
        if self.sd == 0.0:
            return np.array(self.mean**_POWERS)
        variance, cut = self.sd**2, -self.mean / self.sd
        first = self.mean + self.sd * _GAUSS.pdf(cut) / _GAUSS.cdf(-cut)
        second = variance + self.mean * first
        return np.array([1.0, first, second, 2.0 * variance * first + self.mean * second])

    @property
    def largest(self) -> float:
        """Upper edge of the bins, whatever their number [m]."""
        return self.mean + SPAN_IN_SD * self.sd

    def share_below(self, diameter: float) -> float:
        """Return the share of particles below a diameter [m]."""
        if self.sd == 0.0:
            return float(self.mean < diameter)
        cut = _GAUSS.cdf(-self.mean / self.sd)
        return (_GAUSS.cdf((diameter - self.mean) / self.sd) - cut) / (1.0 - cut)


class Tabulated(NamedTuple):
    """Diameters one by one.

    Attributes
    ----------
    diameters : ndarray, shape (n,) [m]
    weights : ndarray, shape (n,) [any one unit]
        Number of particles at each.

    Examples
    --------
    >>> beads = Tabulated(np.array([50e-9, 100e-9]), np.array([1.0, 3.0]))
    >>> round(float(beads.moments[1]) * 1e9, 1), beads.share_below(60e-9)
    (87.5, 0.25)
    """

    diameters: FloatArray
    weights: FloatArray

    def in_bins(self, bins: int) -> SizeDistribution:
        """Return the table itself, whatever `bins` says."""
        return size_distribution.tabulated(self.diameters, self.weights)

    @property
    def moments(self) -> FloatArray:
        """Means of d^0, d^1, d^2 and d^3 [m^k], shape (4,)."""
        table = self.in_bins(1)
        return np.array([table.weights @ table.diameters**power for power in _POWERS])

    @property
    def largest(self) -> float:
        """The largest diameter that has particles [m]."""
        return float(self.in_bins(1).diameters.max())

    def share_below(self, diameter: float) -> float:
        """Return the share of particles below a diameter [m]."""
        table = self.in_bins(1)
        return float(table.weights[table.diameters < diameter].sum())


SizeLaw = Lognormal | Normal | Tabulated


def one_size(diameter: float) -> Tabulated:
    """Return the law of particles of one size.

    Parameters
    ----------
    diameter : float [m]

    Examples
    --------
    >>> one_size(100e-9).largest
    1e-07
    """
    return Tabulated(np.array([diameter]), np.array([1.0]))


def mean_volume(law: SizeLaw, shell: float) -> float:
    """Return the mean volume of spheres that wear a shell, from the moments of their law: pi <(d + 2c)^3>/6.

    Parameters
    ----------
    law : Lognormal, Normal or Tabulated
        Of the diameters without the shell, d.
    shell : float [m]
        Its thickness, c.

    Returns
    -------
    float [m3]

    Examples
    --------
    >>> round(mean_volume(one_size(100e-9), 0.0) / (100e-9) ** 3, 4)
    0.5236
    """
    grown = np.array([8.0 * shell**3, 12.0 * shell**2, 6.0 * shell, 1.0])
    return float(np.pi / 6.0 * (grown @ law.moments))
