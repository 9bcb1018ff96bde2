"""Solutes that shape the density of a medium: sucrose, iodixanol, caesium chloride, or one of the user.

The apparent specific volume v of a solute is what it takes up in water; it is carried over to other solvents, so that
the density of a solution is rho0 (1 - sum v_j c_j) + sum c_j with the density rho0 of the solvent alone. Likewise the
viscosity over that of the solvent is that measured in water. Several solutes in one solution do not feel each other.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cache

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import AVOGADRO_PER_MOL, BOLTZMANN_J_PER_K
from sepsim.data import rows

GAS_CONSTANT_J_PER_MOL_K = BOLTZMANN_J_PER_K * AVOGADRO_PER_MOL


class Solute(ABC):
    """A dissolved substance as functions of its concentration; implementations are frozen and compared by value.

    Concentrations are mass per volume of solution, at least 0; temperatures are in kelvin. All methods that take a
    concentration take arrays of any shape. Beyond `highest_concentration` they continue smoothly or stay constant:
    `Blend` warns.
    """

    __slots__ = ()

    name: str

    @property
    @abstractmethod
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""

    @property
    @abstractmethod
    def molar_mass(self) -> float:
        """Molar mass [kg/mol]."""

    @abstractmethod
    def specific_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the apparent specific volume in water [m3/kg] at a concentration [kg/m3] and temperature [K]."""

    @abstractmethod
    def relative_viscosity(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the viscosity over that of the solvent [-] at a concentration [kg/m3] and temperature [K]."""

    @abstractmethod
    def osmolality(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg] from the mass of solute per mass of solvent [kg/kg]."""

    @abstractmethod
    def diffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient at infinite dilution in water [m2/s] at a temperature [K].

        In a solution it is lower by the viscosity of water over that of the solution.
        """

    @abstractmethod
    def highest_concentration(self, temperature: float) -> float:
        """Return the concentration in water [kg/m3] at which the solubility or the correlation ends."""

    @abstractmethod
    def refractive_increment(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the refractive index at 20 degC minus that of the solvent [-]; nan where no source gives it.

        The concentration [kg/m3] is that at the given temperature [K]: the same solution is read at 20 degC, as
        compensated refractometers do.
        """

    def saturation(self, temperature: float) -> float:
        """Return the concentration [kg/m3] at which a gradient at equilibrium crystallises, at a temperature [K].

        Infinite, unless a solute is run to equilibrium, as salts that form their gradient themselves are.
        """
        return math.inf

    def volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the volume that the solute takes up per volume of solution [-]."""
        volume: FloatArray = np.asarray(concentration) * self.specific_volume(concentration, temperature)
        return volume

    def sedimentation_per_diffusion(
        self, concentration: float | FloatArray, density: float | FloatArray, temperature: float
    ) -> FloatArray:
        """Return the sedimentation over the diffusion coefficient [s2/m2].

        For neutral molecules M (1 - v rho) / (R T), the equation of Svedberg.

        Parameters
        ----------
        concentration : float or array [kg/m3]
        density : float or array [kg/m3]
            Of the solution around it.
        temperature : float [K]
        """
        buoyancy = 1.0 - self.specific_volume(concentration, temperature) * density
        ratio: FloatArray = self.molar_mass * buoyancy / (GAS_CONSTANT_J_PER_MOL_K * temperature)
        return ratio


def weight_fraction(
    solute: Solute, concentration: float | FloatArray, temperature: float, water_density: float
) -> FloatArray:
    """Return the weight fraction of a solute in water.

    Parameters
    ----------
    solute : Solute
    concentration : float or array of any shape [kg/m3]
    temperature : float [K]
    water_density : float [kg/m3]

    Returns
    -------
    array of the same shape [kg/kg]

    Examples
    --------
    >>> from sepsim.media.iodixanol import Iodixanol
    >>> round(float(weight_fraction(Iodixanol(), 600.0, 293.15, 998.2)), 4)
    0.4545
    """
    density = water_density * (1.0 - solute.volume(concentration, temperature)) + concentration
    fraction: FloatArray = np.asarray(concentration) / density
    return fraction


@cache
def coefficients(solute: str, quantity: str) -> tuple[float, ...]:
    """Return the coefficients of a quantity of a solute from ``gradient_solutes.csv``, in order.

    Examples
    --------
    >>> coefficients("cscl", "molar_mass")
    (0.168358,)
    """
    chosen = [row for row in rows("gradient_solutes") if (row["solute"], row["quantity"]) == (solute, quantity)]
    return tuple(float(row["value"]) for row in sorted(chosen, key=lambda row: int(row["index"])))
