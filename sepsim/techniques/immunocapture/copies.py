"""How many antigens the particles of a class carry: a distribution about its mean, in bins.

Each particle carries a whole number n of them, by Poisson about the mean, or over-dispersed by a negative binomial,

    variance = mu + mu^2/r,

which is Poisson with a mean that differs from particle to particle by a gamma distribution of shape r. Of several
antigens the same factor multiplies all, so that their sum has the same law. A particle without any is bound by none:
its share, exp(-mu) or (1 + mu/r)^-r, is a bin of its own, and so are one to four antigens. Larger numbers share bins,
each with its own mean, so that no antigen is lost or gained.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray, IntArray

ALONE = 4  # antigens up to which each number has its own bin
GROWTH = 1.35  # of a bin over the one below
NEGLIGIBLE = 1e-12  # share of a class


class AntigenBins(NamedTuple):
    """Classes, divided by how many antigens their particles carry.

    Attributes
    ----------
    row : ndarray of int, shape (n_bins,)
        Class of each bin; rising.
    antigens : ndarray, shape (n_bins,) [-]
        Mean over the particles of the bin; whole up to 4.
    share : ndarray, shape (n_bins,) [-]
        Of the particles of the class; sums to 1 over each.
    """

    row: IntArray
    antigens: FloatArray
    share: FloatArray


def antigen_bins(mean: FloatArray, dispersion: float | None = None) -> AntigenBins:
    """Return classes divided by the antigens of their particles.

    Parameters
    ----------
    mean : ndarray, shape (n,) [-]
        Antigens per particle of each class.
    dispersion : float, optional [-]
        r of the negative binomial; None: Poisson.

    Returns
    -------
    AntigenBins

    Examples
    --------
    >>> bins = antigen_bins(np.array([0.0, 2.0]))
    >>> bins.antigens[:3].tolist(), round(float(bins.share[1]), 4)  # exp(-2)
    ([0.0, 0.0, 1.0], 0.1353)
    """
    if not mean.size:
        return AntigenBins(np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0))
    first = _starts(float(mean.max()), dispersion)
    below = _below(first, mean, dispersion)
    share = np.diff(below, axis=1)
    counted = mean[:, None] * np.diff(_below(first - 1.0, mean, dispersion, sizes_up=1.0), axis=1)
    share[:, -1] = np.maximum(1.0 - share[:, :-1].sum(axis=1), 0.0)
    counted[:, -1] = np.maximum(mean - counted[:, :-1].sum(axis=1), 0.0)
    kept = share > NEGLIGIBLE
    kept[np.arange(len(mean)), share.argmax(axis=1)] = True
    row, place = np.nonzero(kept)
    held = share[kept] / np.add.reduceat(share[kept], np.flatnonzero(np.diff(row, prepend=-1)))[row]
    lowest = first[:-1][place]
    highest = np.append(first[1:-1] - 1.0, np.inf)[place]
    return AntigenBins(row, np.clip(counted[kept] / share[kept], lowest, highest), held)


def _starts(largest: float, dispersion: float | None) -> FloatArray:
    """Return the first number of each bin, and an end beyond all."""
    spread = np.sqrt(largest + (0.0 if dispersion is None else largest**2 / dispersion))
    end = largest + (8.0 if dispersion is None else 30.0) * spread + 10.0
    starts = [*np.arange(ALONE + 1.0)]
    while starts[-1] < end:
        starts.append(np.floor(max(starts[-1] * GROWTH, starts[-1] + 1.0)))
    return np.array(starts)


def _below(n: FloatArray, mean: FloatArray, dispersion: float | None, sizes_up: float = 0.0) -> FloatArray:
    """Return the probability of fewer than n antigens, shape (n_classes, n_starts).

    With `sizes_up` 1 that of the law whose probability at n - 1 is n/mu times that at n: the share of the antigens.
    """
    from scipy.special import betainc, gammaincc

    mu, most = mean[:, None], n[None, :]
    there = np.maximum(most, 1.0)  # the functions below end at one
    if dispersion is None:
        found = gammaincc(there, np.broadcast_to(mu, np.broadcast_shapes(mu.shape, there.shape)))
    else:
        found = betainc(dispersion + sizes_up, there, dispersion / (dispersion + mu))
    return np.where(most >= 1.0, found, 0.0)
