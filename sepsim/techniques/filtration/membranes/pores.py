"""Pores of a membrane: a lognormal spread of round pores, and what its rating says about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.errors import InputError
from sepsim.techniques.filtration.membranes.brent import root
from sepsim.techniques.filtration.membranes.hindrance import hindered_convection

WIDEST_GEOMETRIC_SD = 10.0  # of a distribution fitted to two points

_FARTHEST = 10.0  # standard deviations beyond which the flow share, 1e-23, is left out
_LOWEST_CELL, _HIGHEST_CELL = -6.0, 9.0  # standard deviations that the bins cover
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


@dataclass(frozen=True, kw_only=True, slots=True)
class PoreDistribution:
    """Round pores whose radii are lognormal in number.

    The flow through a pore goes with r^4 (Poiseuille), so that the share of the flow is again lognormal, with the same
    geometric standard deviation and the median r50 exp(4 ln^2 sd). A few large pores carry much of the flow.

    Parameters
    ----------
    median_radius : float
        Median of the number of pores [m]; above 0.
    geometric_sd : float
        At least 1; 1 is a membrane of equal pores.

    Examples
    --------
    >>> narrow = PoreDistribution(median_radius=4e-9, geometric_sd=1.2)
    >>> round(narrow.flow_median_radius * 1e9, 3)
    4.569

    References
    ----------
    Michaels, A. S., Sep. Sci. Technol. 15, 1305 (1980): sieving curves of membranes are lognormal in the radius.
    """

    median_radius: float
    geometric_sd: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        problems = []
        if not (self.median_radius > 0 and math.isfinite(self.median_radius)):
            problems.append(f"median_radius = {self.median_radius:g}: must be above 0 and finite [m]")
        if not (self.geometric_sd >= 1 and math.isfinite(self.geometric_sd)):
            problems.append(f"geometric_sd = {self.geometric_sd:g}: must be at least 1 (equal pores) and finite")
        if problems:
            raise InputError(*problems)

    @classmethod
    def from_rating(cls, radius: float, rejection: float, geometric_sd: float) -> Self:
        """Return the pores that reject a share of a solute at high flux: what a molecular-weight cut-off means.

        Parameters
        ----------
        radius : float
            Of the rated solute [m].
        rejection : float
            1 - S of that solute, between 0 and 1 [1]; mostly 0.9.
        geometric_sd : float
            Spread of the pores [1].

        Returns
        -------
        PoreDistribution

        Raises
        ------
        InputError
            If the rejection is not between 0 and 1.

        Examples
        --------
        >>> pores = PoreDistribution.from_rating(protein_radius(100), 0.9, 1.5)
        >>> round(pores.median_radius * 1e9, 2), round(float(pores.sieving(protein_radius(100))), 6)
        (2.22, 0.1)
        """
        if not 0 < rejection < 1:
            raise InputError(f"rejection = {rejection:g}: must be above 0 and below 1; makers rate at 0.9")
        return cls(median_radius=_rated_median(radius, 1.0 - rejection, geometric_sd), geometric_sd=geometric_sd)

    @classmethod
    def from_sieving(cls, first: tuple[float, float], second: tuple[float, float]) -> Self:
        """Return the pores that have two measured sieving coefficients at high flux.

        Parameters
        ----------
        first, second : tuple of float
            Radius of a solute [m] and its sieving coefficient, between 0 and 1 [1]; in any order.

        Returns
        -------
        PoreDistribution

        Raises
        ------
        InputError
            If the larger solute does not sieve less, or the two differ more than equal pores can make them, or less
            than a geometric standard deviation of 10.

        Examples
        --------
        >>> pores = PoreDistribution.from_sieving((3.5e-9, 0.41), (12e-9, 0.0097))
        >>> round(pores.geometric_sd, 2), round(pores.median_radius * 1e9, 1)
        (1.5, 4.1)

        References
        ----------
        Michaels, A. S., Sep. Sci. Technol. 15, 1305 (1980).
        """
        (small, passing), (large, held) = sorted([first, second])
        if not (0 < small < large and 1 > passing > held > 0):
            raise InputError(
                f"sieving of {passing:g} at {small:g} m and {held:g} at {large:g} m: two radii are needed, and the "
                "larger solute must sieve less, both between 0 and 1"
            )

        def excess(geometric_sd: float) -> float:
            pores = cls(median_radius=_rated_median(small, passing, geometric_sd), geometric_sd=geometric_sd)
            return float(pores.sieving(large)) - held

        if excess(1.0) >= 0:
            raise InputError(
                f"sieving of {held:g} at {large:g} m: falls more steeply from {passing:g} at {small:g} m than equal "
                "pores allow; check the two radii"
            )
        if excess(WIDEST_GEOMETRIC_SD) <= 0:
            raise InputError(
                f"sieving of {held:g} at {large:g} m: falls less from {passing:g} at {small:g} m than a geometric_sd "
                f"of {WIDEST_GEOMETRIC_SD:g} allows; has the membrane a leak?"
            )
        spread = root(excess, 1.0, WIDEST_GEOMETRIC_SD)
        return cls(median_radius=_rated_median(small, passing, spread), geometric_sd=spread)

    @property
    def log_sd(self) -> float:
        """Standard deviation of ln r."""
        return math.log(self.geometric_sd)

    @property
    def flow_median_radius(self) -> float:
        """Radius that halves the flow, r50 exp(4 ln^2 sd) [m]."""
        return self.median_radius * math.exp(4.0 * self.log_sd**2)

    def moment(self, order: float) -> float:
        """Return the mean of r^order over the number of pores, r50^order exp(order^2 ln^2 sd / 2).

        Parameters
        ----------
        order : float [1]

        Returns
        -------
        float [m^order]

        Examples
        --------
        >>> PoreDistribution(median_radius=2e-9).moment(2)
        4e-18
        """
        return float(self.median_radius**order * math.exp(0.5 * (order * self.log_sd) ** 2))

    def sieving(self, radius: ArrayLike) -> NDArray[np.float64]:
        """Return the sieving coefficient at high flux, the flow-weighted mean of W(radius / r) over the pores.

        The integral over ln r starts where the sphere just enters, at r = radius, and ends where the flow share has
        fallen by 22 decades from there; so the far tail is right as well: relative error below 1e-8.

        Parameters
        ----------
        radius : array_like [m]
            Of the particles; above 0.

        Returns
        -------
        ndarray of the same shape [1]

        Examples
        --------
        LDL (radius 12 nm) on a membrane rated 100 kDa with proteins.

        >>> pores = PoreDistribution.from_rating(protein_radius(100), 0.9, 1.5)
        >>> f"{float(pores.sieving(12e-9)):.1e}"
        '1.5e-04'
        """
        size = np.asarray(radius, dtype=float) / self.flow_median_radius
        if self.log_sd == 0.0:
            return hindered_convection(size)
        entry = (np.log(size) / self.log_sd)[..., None]  # standard deviations from the flow's median to the entry
        lowest = np.maximum(entry, -_FARTHEST)
        highest = np.hypot(np.maximum(entry, 0.0), _FARTHEST)
        z = lowest + (highest - lowest) * 0.5 * (_NODES + 1.0)
        share = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        carried = hindered_convection(np.exp(-self.log_sd * (z - entry)))
        sieving: NDArray[np.float64] = (0.5 * (highest - lowest) * _WEIGHTS * share * carried).sum(axis=-1)
        return sieving

    def bins(self, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the pores in bins, small to large: cells of equal width in ln r with their shares of the flow.

        The cells reach from 6 standard deviations below the flow's median to 9 above it, because the pores that pass a
        large particle are the rare largest ones. Each cell has its exact share; its radius is the mean of ln r over
        that share. Sieving summed over 80 bins (geometric_sd 1.5) is within 0.4 % down to S = 0.01, 4 % at 1e-7.

        Parameters
        ----------
        count : int
            Number of bins, at least 1.

        Returns
        -------
        radius : ndarray (count,) [m]
        share : ndarray (count,) [1]
            Of the flow; sums to 1.

        Examples
        --------
        >>> radius, share = PoreDistribution(median_radius=4e-9, geometric_sd=1.5).bins(40)
        >>> round(float(share.sum()), 12), radius.shape
        (1.0, (40,))
        """
        edges = np.linspace(_LOWEST_CELL, _HIGHEST_CELL, count + 1)
        beyond = np.array([0.5 * math.erfc(abs(edge) / math.sqrt(2.0)) for edge in edges])  # exact in both tails
        low, high = beyond[:-1], beyond[1:]
        share = np.where(edges[1:] <= 0, high - low, np.where(edges[:-1] >= 0, low - high, 1.0 - low - high))
        height = np.exp(-0.5 * edges * edges) / math.sqrt(2.0 * math.pi)
        mean = (height[:-1] - height[1:]) / share
        return self.flow_median_radius * np.exp(self.log_sd * mean), share / share.sum()


def _rated_median(radius: float, sieving: float, geometric_sd: float) -> float:
    """Return the median radius [m] of the pores that sieve a solute of a radius [m] as stated."""
    unit = PoreDistribution(median_radius=1.0, geometric_sd=geometric_sd)
    reach = 38.0 * unit.log_sd  # the normal density is 0 in floats beyond

    def excess(log_ratio: float) -> float:
        return math.log(max(float(unit.sieving(math.exp(log_ratio) * unit.flow_median_radius)), 5e-324) / sieving)

    return radius / (math.exp(root(excess, -20.0 - reach, reach)) * unit.flow_median_radius)


def dextran_radius(molar_mass: float) -> float:
    """Return the hydrodynamic radius of a dextran, 0.033 nm (M in g/mol)^0.463.

    Fits fluorescently labelled dextrans, 2.29 nm at 9.5 kDa. Other laws in use run up to 1.8 times larger at 1 MDa.

    Parameters
    ----------
    molar_mass : float [kg/mol]
        Numerically kDa; 4 to 1000.

    Returns
    -------
    float [m]

    Examples
    --------
    >>> round(dextran_radius(100) * 1e9, 2)
    6.82

    References
    ----------
    Article PMC8145727, Table 1.
    """
    return float(0.033e-9 * (1e3 * molar_mass) ** 0.463)


def protein_radius(molar_mass: float) -> float:
    """Return the hydrodynamic radius of a globular protein, 1.2 times its smallest radius 0.066 nm (M in g/mol)^(1/3).

    The smallest radius is that of the same mass as a smooth sphere of partial specific volume 0.73 mL/g; shape and
    hydration add 10 to 30 %, of which the middle is taken.

    Parameters
    ----------
    molar_mass : float [kg/mol]
        Numerically kDa.

    Returns
    -------
    float [m]

    Examples
    --------
    Albumin, measured 3.5 nm: its surface is rougher than the mean.

    >>> round(protein_radius(66.5) * 1e9, 2)
    3.21

    References
    ----------
    Erickson, H. P., Biol. Proced. Online 11, 32 (2009).
    """
    return float(1.2 * 0.066e-9 * (1e3 * molar_mass) ** (1.0 / 3.0))
