"""Ionisation: how many charges peptides and whole particles carry away.

Electrospray leaves compact ions with about the charge at which a drop of their size bursts (Rayleigh); peptides take
a proton at their basic sites. Matrix-assisted laser desorption (MALDI) leaves one charge, seldom two or three.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray, IntArray
from sepsim.constants import ELEMENTARY_CHARGE_C, VACUUM_PERMITTIVITY_F_PER_M
from sepsim.errors import InputError
from sepsim.settings import Settings, number, settings
from sepsim.techniques.mass_spectrometry.ions.peptides import basic_sites
from sepsim.units import to_si

WATER_SURFACE_TENSION = 0.072  # N/m; at room temperature
_SPREAD = 6.0  # standard deviations of a charge-state distribution that are kept


class ChargeStates(NamedTuple):
    """Charges of the ions of one species.

    Attributes
    ----------
    charge : ndarray of int, shape (n,) [-]
        Elementary charges, rising, at least 1.
    share : ndarray, shape (n,) [-]
        Sums to 1.
    """

    charge: IntArray
    share: FloatArray


def rayleigh_charge(radius: npt.ArrayLike, surface_tension: float = WATER_SURFACE_TENSION) -> FloatArray:
    """Return the number of elementary charges at which a drop bursts: z_R = 8 pi sqrt(eps0 gamma R^3) / e.

    Parameters
    ----------
    radius : array_like [m]
    surface_tension : float [N/m]
        Default: of water.

    Returns
    -------
    ndarray, shape of `radius` [-]
        Not rounded.

    Raises
    ------
    InputError
        If a radius or the surface tension is not positive.

    Notes
    -----
    Rayleigh 1882; for a conducting sphere in vacuum, without gravity.

    Examples
    --------
    A 100 nm vesicle:

    >>> round(float(rayleigh_charge(50e-9)))
    1400
    """
    radii = np.asarray(radius, dtype=np.float64)
    if not (np.all(radii > 0) and surface_tension > 0):
        raise InputError("radius and surface tension: must be above 0")
    charge = 8.0 * np.pi * np.sqrt(VACUUM_PERMITTIVITY_F_PER_M * surface_tension * radii**3)
    return np.asarray(charge / ELEMENTARY_CHARGE_C)


def compact_radius(mass: npt.ArrayLike, density: npt.ArrayLike) -> FloatArray:
    """Return the radius of a sphere of a mass and a density.

    Parameters
    ----------
    mass : array_like [kg]
    density : array_like [kg/m3]
        About 1350 for proteins in the gas phase, 1100 for vesicles with their lumen.

    Returns
    -------
    ndarray [m]

    Raises
    ------
    InputError
        If a mass or a density is not positive.

    Examples
    --------
    >>> from sepsim.constants import DALTON_KG
    >>> round(2e9 * float(compact_radius(66.5e3 * DALTON_KG, 1350)), 1)  # diameter of albumin, nm
    5.4
    """
    masses, densities = np.asarray(mass, dtype=np.float64), np.asarray(density, dtype=np.float64)
    if not (np.all(masses > 0) and np.all(densities > 0)):
        raise InputError("mass and density: must be above 0")
    return np.asarray(np.cbrt(0.75 / np.pi * masses / densities))


def gaussian_charges(mean: float, deviation: float) -> ChargeStates:
    """Return whole charges spread as a Gaussian about a mean; none below 1.

    Parameters
    ----------
    mean, deviation : float [-]
        Of the Gaussian; its share between z - 1/2 and z + 1/2 falls to z, and what lies below 1/2 falls to 1.

    Returns
    -------
    ChargeStates
        Within 6 standard deviations.

    Raises
    ------
    InputError
        If the mean is not positive or the deviation negative.

    Examples
    --------
    >>> gaussian_charges(15.0, 0.5).charge
    array([12, 13, 14, 15, 16, 17, 18])
    """
    from scipy.special import ndtr  # imported here: this module is loaded by light commands

    if not (mean > 0 and deviation >= 0):
        raise InputError(f"mean = {mean!r}, deviation = {deviation!r}: the mean must be above 0, the other at least 0")
    first = max(1, round(mean - _SPREAD * deviation))
    last = max(first, round(mean + _SPREAD * deviation))
    charge = np.arange(first, last + 1)
    if deviation == 0.0 or first == last:
        return ChargeStates(charge[:1], np.ones(1))
    inner = ndtr((charge[:-1] + 0.5 - mean) / deviation)
    return ChargeStates(charge, np.diff(inner, prepend=0.0, append=1.0))


class IonSource(ABC):
    """What makes ions out of peptides and of whole particles."""

    __slots__ = ()

    @property
    @abstractmethod
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys."""

    @property
    @abstractmethod
    def ion_yield(self) -> float:
        """Share of molecules or particles that reach the analyser as ions [-]."""

    @abstractmethod
    def peptide_charges(self, sequence: str) -> ChargeStates:
        """Return the charge states of the ions of a peptide."""

    @abstractmethod
    def particle_charges(self, radius: float) -> ChargeStates:
        """Return the charge states of whole particles of one outer radius [m]."""

    @abstractmethod
    def mean_charge(self, radius: FloatArray) -> FloatArray:
        """Return the mean number of charges of whole particles of a radius [m], same shape [-]."""

    @abstractmethod
    def draw_charges(self, radius: FloatArray, rng: np.random.Generator) -> IntArray:
        """Draw the charges of single particles of a radius [m], same shape [-]; at least 1 each."""


@settings
class Electrospray(Settings, IonSource):
    """Ions out of evaporating drops.

    Particles: z about f z_R, with f the share of the Rayleigh charge z_R of their outer radius, as a Gaussian.
    Peptides: each basic site (K, R, H and the amino end) takes a proton with one probability, at least one site does.

    Parameters
    ----------
    surface_tension_mN_m : float [mN/m]
        Of the drop; 72 for water.
    rayleigh_share : float
        Of compact ions; 0.65 to 1.1 is measured from 3.3 kDa to 1.4 MDa; the default is a choice within.
    charge_spread_percent : float [%]
        Standard deviation of the charge of equal particles, over its mean; a choice.
    protonated_percent : float [%]
        Chance that a basic site of a peptide holds a proton; a choice.
    ion_yield_percent : float [%]
        Molecules or particles that reach the analyser as ions; a choice, equal for all.

    Notes
    -----
    Share: Fernandez de la Mora 2000. Denatured proteins and floppy chains carry more, up to their basic sites.

    Examples
    --------
    >>> spray = Electrospray(rayleigh_share=1.0)
    >>> round(float(spray.mean_charge(np.array(50e-9))))
    1400
    >>> spray.peptide_charges("DYVSQFEGSALGK").charge
    array([1, 2])
    """

    surface_tension_mN_m: float = number(default=72.0, above=0, maximum=500, help="surface tension of the drops")
    rayleigh_share: float = number(
        default=0.85, above=0, maximum=2, help="charge of a particle over its Rayleigh charge"
    )
    charge_spread_percent: float = number(
        default=5.0, minimum=0, maximum=50, help="spread of the charge of equal particles"
    )
    protonated_percent: float = number(
        default=90.0, above=0, maximum=100, help="basic sites of a peptide with a proton"
    )
    ion_yield_percent: float = number(
        default=1.0, above=0, maximum=100, help="molecules that reach the analyser as ions"
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the limit and of the measured share of it."""
        return ("rayleigh1882", "delamora2000", "sepsim_choice")

    @property
    def ion_yield(self) -> float:
        """Share of molecules or particles that become ions [-]."""
        return to_si("ion_yield_percent", self.ion_yield_percent)

    @property
    def _spread(self) -> float:
        return to_si("charge_spread_percent", self.charge_spread_percent)

    def peptide_charges(self, sequence: str) -> ChargeStates:
        """Return a binomial over the basic sites, without the uncharged."""
        sites, chance = basic_sites(sequence), to_si("protonated_percent", self.protonated_percent)
        charge = np.arange(1, sites + 1)
        share = np.array([math.comb(sites, z) * chance**z * (1.0 - chance) ** (sites - z) for z in charge.tolist()])
        return ChargeStates(charge, share / share.sum())

    def mean_charge(self, radius: FloatArray) -> FloatArray:
        """Return the share of the Rayleigh charge; at least 1."""
        tension = to_si("surface_tension_mN_m", self.surface_tension_mN_m)
        return np.maximum(self.rayleigh_share * rayleigh_charge(radius, tension), 1.0)

    def particle_charges(self, radius: float) -> ChargeStates:
        """Return the charge states of particles of one radius [m].

        Examples
        --------
        >>> native = Electrospray().particle_charges(2.7e-9)  # albumin
        >>> int(native.charge[native.share.argmax()])
        15
        """
        mean = float(self.mean_charge(np.asarray(radius)))
        return gaussian_charges(mean, self._spread * mean)

    def draw_charges(self, radius: FloatArray, rng: np.random.Generator) -> IntArray:
        """Draw from the Gaussian, rounded; at least 1."""
        mean = self.mean_charge(radius)
        drawn = np.rint(rng.normal(mean, self._spread * mean))
        return np.maximum(drawn, 1.0).astype(np.int64)


@settings
class Maldi(Settings, IonSource):
    """Ions out of a matrix that a laser evaporates: one charge, with small shares of two and three.

    Parameters
    ----------
    double_percent, triple_percent : float [%]
        Ions of two and three charges; choices.
    ion_yield_percent : float [%]
        Molecules that reach the analyser as ions; a choice, equal for all.

    Raises
    ------
    InputError
        If the shares of two and three charges leave less than half for one.

    Examples
    --------
    >>> Maldi().peptide_charges("DYVSQFEGSALGK").share
    array([0.945, 0.05 , 0.005])
    """

    double_percent: float = number(default=5.0, minimum=0, maximum=50, help="ions of two charges")
    triple_percent: float = number(default=0.5, minimum=0, maximum=50, help="ions of three charges")
    ion_yield_percent: float = number(
        default=1.0, above=0, maximum=100, help="molecules that reach the analyser as ions"
    )

    def conflicts(self) -> list[str]:
        """Let one charge be the rule."""
        more = self.double_percent + self.triple_percent
        if more <= 50:
            return []
        return [f"double_percent + triple_percent = {more:g}: must be at most 50; one charge is the rule"]

    @property
    def sources(self) -> tuple[str, ...]:
        """All shares are choices."""
        return ("sepsim_choice",)

    @property
    def ion_yield(self) -> float:
        """Share of molecules or particles that become ions [-]."""
        return to_si("ion_yield_percent", self.ion_yield_percent)

    @property
    def charges(self) -> ChargeStates:
        """Charge states of any molecule; states that none takes are left out."""
        more = [to_si(key, getattr(self, key)) for key in ("double_percent", "triple_percent")]
        share = np.array([1.0 - sum(more), *more])
        return ChargeStates(np.flatnonzero(share) + 1, share[share > 0])

    def peptide_charges(self, sequence: str) -> ChargeStates:
        """Return the charge states of any molecule."""
        return self.charges

    def particle_charges(self, radius: float) -> ChargeStates:
        """Return the charge states of any molecule."""
        return self.charges

    def mean_charge(self, radius: FloatArray) -> FloatArray:
        """Return the mean of the charge states, whatever the radius."""
        return np.full_like(radius, float(self.charges.charge @ self.charges.share))

    def draw_charges(self, radius: FloatArray, rng: np.random.Generator) -> IntArray:
        """Draw from the charge states, whatever the radius."""
        return rng.choice(self.charges.charge, size=np.shape(radius), p=self.charges.share)
