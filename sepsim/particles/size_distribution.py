"""Number-weighted size distributions, as bins of diameter and the share of particles in each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.errors import InputError

SPAN_IN_SD = 4.0  # bins reach to +-4 standard deviations, beyond which lie 6e-5 of the particles


@dataclass(frozen=True, slots=True, eq=False)
class SizeDistribution:
    """Diameters and the number share of the particles at each.

    Parameters
    ----------
    diameters : ndarray, shape (n,) [m]
        Hydrodynamic diameters, above 0.
    weights : ndarray, shape (n,) [-]
        Number shares or any number proportional to them; normalised to sum 1.

    Raises
    ------
    InputError
        If a diameter or weight is not finite, out of range, or nothing is left.

    Examples
    --------
    >>> tabulated([50e-9, 100e-9], [1, 3]).weights
    array([0.25, 0.75])
    """

    diameters: FloatArray
    weights: FloatArray

    def __post_init__(self) -> None:
        """Check and normalise."""
        diameters = np.ascontiguousarray(self.diameters, dtype=np.float64)
        weights = np.ascontiguousarray(self.weights, dtype=np.float64)
        if diameters.shape != weights.shape or diameters.ndim != 1:
            raise InputError(
                f"{diameters.size} diameters and {weights.size} weights: give one weight for each diameter"
            )
        if not np.all(np.isfinite(diameters)) or np.any(diameters <= 0):
            raise InputError("diameters: every one must be a finite number above 0")
        if not np.all(np.isfinite(weights)) or np.any(weights < 0):
            raise InputError("weights: every one must be a finite number, at least 0")
        if weights.sum() <= 0:
            raise InputError("weights: all are 0; at least one must be above 0")
        object.__setattr__(self, "diameters", diameters)
        object.__setattr__(self, "weights", weights / weights.sum())

    @property
    def mean(self) -> float:
        """Number-weighted mean diameter [m]."""
        return float(self.weights @ self.diameters)


def single(diameter: float) -> SizeDistribution:
    """Return particles of one size; diameter in [m].

    Parameters
    ----------
    diameter : float [m]

    Examples
    --------
    >>> float(single(100e-9).mean)
    1e-07
    """
    return SizeDistribution(np.array([diameter]), np.array([1.0]))


def lognormal(median: float, geometric_sd: float, bins: int = 40) -> SizeDistribution:
    """Return a lognormal distribution in bins of equal width in ln d over +-4 standard deviations.

    The share of a bin is the exact difference of the cumulative distribution at its edges.

    Parameters
    ----------
    median : float [m]
        Median diameter.
    geometric_sd : float [-]
        Geometric standard deviation, exp of the standard deviation of ln d; 1 means one size.
    bins : int
        Number of bins.

    Returns
    -------
    SizeDistribution
        Bins at their geometric centres.

    Examples
    --------
    An exosome population of median 85 nm and standard deviation of ln d 0.35 has the mean
    85 nm * exp(0.35**2 / 2) = 90.4 nm:

    >>> round(lognormal(85e-9, 1.4190675, 400).mean * 1e9, 1)
    90.4
    """
    if geometric_sd == 1.0:
        return single(median)
    edges, shares = _normal_bins(bins)
    centres = 0.5 * (edges[1:] + edges[:-1])
    return SizeDistribution(median * np.exp(math.log(geometric_sd) * centres), shares)


def normal(mean: float, sd: float, bins: int = 40) -> SizeDistribution:
    """Return a normal distribution in bins of equal width over +-4 standard deviations, cut off at 0.

    Parameters
    ----------
    mean, sd : float [m]
        Mean and standard deviation of the diameter before the cut at 0.
    bins : int
        Number of bins before the cut.

    Returns
    -------
    SizeDistribution
        Bins with a centre above 0.

    Examples
    --------
    >>> round(normal(100e-9, 10e-9).mean * 1e9, 6)
    100.0
    """
    if sd == 0.0:
        return single(mean)
    edges, shares = _normal_bins(bins)
    centres = mean + sd * 0.5 * (edges[1:] + edges[:-1])
    positive = centres > 0
    return SizeDistribution(centres[positive], shares[positive])


def tabulated(diameters: npt.ArrayLike, weights: npt.ArrayLike) -> SizeDistribution:
    """Return a distribution given by a table, for example measured; empty bins are dropped.

    Parameters
    ----------
    diameters : array_like, shape (n,) [m]
        Diameters.
    weights : array_like, shape (n,) [any one unit]
        Number of particles at each.

    Examples
    --------
    >>> tabulated([50e-9, 60e-9, 70e-9], [1, 0, 1]).diameters.size
    2
    """
    full = SizeDistribution(np.asarray(diameters, np.float64), np.asarray(weights, np.float64))
    filled = full.weights > 0
    return SizeDistribution(full.diameters[filled], full.weights[filled])


def equal_quantiles(count: int) -> FloatArray:
    """Return `count` equally likely values of a standard normal variable, with mean 0 and variance 1.

    Each is the mean of its quantile slab, scaled so that the discrete variance is exactly 1.
    They stand for a spread of density within one diameter bin.

    Parameters
    ----------
    count : int
        Number of quantiles; 1 gives the mean alone.

    Returns
    -------
    ndarray, shape (count,) [-]
        Values in ascending order.

    Examples
    --------
    >>> equal_quantiles(1), equal_quantiles(2)
    (array([0.]), array([-1.,  1.]))
    """
    if count == 1:
        return np.zeros(1)
    gauss = NormalDist()
    inner_edges = [gauss.inv_cdf(k / count) for k in range(1, count)]
    density_at_edges = np.array([0.0, *(gauss.pdf(edge) for edge in inner_edges), 0.0])
    slab_means = -count * np.diff(density_at_edges)
    scale: float = np.sqrt(np.mean(slab_means**2))
    return slab_means / scale


def _normal_bins(bins: int) -> tuple[FloatArray, FloatArray]:
    """Return edges in standard deviations and the probability of each bin."""
    edges = np.linspace(-SPAN_IN_SD, SPAN_IN_SD, bins + 1)
    cumulative = np.array([NormalDist().cdf(edge) for edge in edges])
    return edges, np.diff(cumulative)
