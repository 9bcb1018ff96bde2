"""Solids of clusters by diameter: bins of the population balance drawn as densities over the logarithm of diameter.

A bin stands for all clusters up to its neighbours: its solids are spread over the axis on both sides, up to two bins
away, so that the area under a curve is the solids. Clusters above 100 um are flakes whose size the model does not know;
they are told as one number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from sepsim.arrays import FloatArray

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.aggregation import Aggregates, Primaries
    from sepsim.techniques.precipitation.growth import Landed

LARGEST_M = 100e-6  # diameter, up to which bins of clusters mean a size
CELLS_PER_DECADE = 40
DECADES = (-9.5, -4.0)  # log10 of m
EDGES: FloatArray = np.linspace(*DECADES, 1 + round((DECADES[1] - DECADES[0]) * CELLS_PER_DECADE))


class SizeShares(NamedTuple):
    """How solids are shared out over diameters.

    Attributes
    ----------
    per_decade : ndarray, shape (n_cells,) [1/decade]
        Share in each cell of the axis over its width; cells lie between `EDGES`.
    larger : float [-]
        Share in clusters above 100 um.
    """

    per_decade: FloatArray
    larger: float

    @classmethod
    def of(cls, shares: FloatArray, diameter: FloatArray, width: float) -> Self:
        """Return the shares of bins over the axis.

        Parameters
        ----------
        shares : ndarray, shape (n_bins,) [-]
            Of solids; the last bin holds what is larger than all others.
        diameter : ndarray, shape (n_bins,) [m]
            Of clusters in each bin; without meaning where there are none.
        width : float [decades]
            Between bins.

        Returns
        -------
        SizeShares

        Examples
        --------
        >>> import numpy as np
        >>> found = SizeShares.of(np.array([0.5, 0.3, 0.2]), np.array([1e-7, 1e-6, 1.0]), 0.1)
        >>> round(float(found.per_decade.sum() / CELLS_PER_DECADE), 9), round(found.larger, 9)
        (0.8, 0.2)
        """
        held = (shares > 0) & np.isfinite(diameter) & (diameter > 0)
        middle = np.log10(diameter[held])[:, None]
        away = ((EDGES - middle) / (2.0 * width)).clip(-1.0, 1.0)
        below = 0.5 * (1.0 + away + np.sin(np.pi * away) / np.pi)  # of Hann's window: windows of even bins sum to 1
        below[(middle[:, 0] > np.log10(LARGEST_M)) | (np.flatnonzero(held) == shares.size - 1)] = 0.0
        cumulated = shares[held] @ below
        return cls(np.diff(cumulated) * CELLS_PER_DECADE, float(shares[held].sum() - cumulated[-1]))


def bin_width(grown: Aggregates, fractal_dimension: float) -> float:
    """Return the distance between bins on the axis of diameters [decades]."""
    return float(np.log10(grown.solids[1] / grown.solids[0])) / fractal_dimension


def shares_of_solids(grown: Aggregates, time: int) -> FloatArray:
    """Return the share of all solids in each bin at one of the times, shape (n_bins,) [-]."""
    held = grown.number[time] * grown.solids
    shares: FloatArray = held / held.sum()
    return shares


def after_spin(parts: Primaries, landed: Landed) -> tuple[FloatArray, FloatArray]:
    """Return the shares of solids by bin that have met the wall, and that are still suspended.

    Parameters
    ----------
    parts : Primaries
    landed : Landed

    Returns
    -------
    ndarray, shape (n_bins,) [-]
    ndarray, shape (n_bins,) [-]
        Both together sum to 1.
    """
    solids = parts.number * parts.volume
    solids = solids / solids.sum()
    return solids @ landed.by_bin, solids @ landed.grown.origin @ landed.grown.fate[-1].T


def mean_log_diameter(shares: FloatArray, diameter: FloatArray) -> float:
    """Return the mean of log10 of diameter over solids, where flakes count as 100 um."""
    held = (shares > 0) & np.isfinite(diameter) & (diameter > 0)
    return float(shares[held] @ np.log10(np.minimum(diameter[held], LARGEST_M)) / shares[held].sum())
