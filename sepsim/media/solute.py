"""Solutes that shape the density of a medium: sucrose, iodixanol, salts, or one of the user.

The apparent specific volume v of a solute is what it takes up in water; it is carried over to other solvents, so that
the density of a solution is rho0 (1 - sum v_j c_j) + sum c_j with the density rho0 of the solvent alone. Likewise the
viscosity over that of the solvent is that measured in water. Several solutes in one solution do not feel each other.

One thermodynamics serves osmosis, diffusion and sedimentation. With m the molality, phi the osmotic coefficient, n the
ions of a molecule and v the partial specific volume, per volume of solution::

    osmolality = n phi m,    F = d(phi m)/dm,    D = D0 F eta_water/eta,    s/D = M (1 - v rho)(1 - c v)/(n R T F)

(for molecules that associate D is larger, `spreading_factor`). F is 1 for ideal solutions and 1 + dln(gamma)/dln(m) for
salts. The factor 1 - c v turns molalities into concentrations, dln(c)/dln(m): in sedimentation equilibrium the gradient
dc/dr = (s/D) w^2 r c is that of equal chemical potentials.
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
SPACING = 1.0  # kg/m3, over which volumes are differentiated


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

        In a solution it is lower by the viscosity of water over that of the solution, times `spreading_factor`.
        """

    def spreading_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return by how much it diffuses faster than tracers of its molecules do [-]: the thermodynamic factor."""
        return self.thermodynamic_factor(mass_ratio)

    @abstractmethod
    def thermodynamic_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the slope d(phi m)/dm [-] of the osmolality at a mass ratio [kg/kg]; above 0, and 1 when dilute."""

    @property
    def ions(self) -> int:
        """Into how many particles a molecule falls apart when dilute."""
        return 1

    @property
    def crystallises(self) -> bool:
        """Whether its solubility ends at `highest_concentration`, and not only the data on it."""
        return False

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

    def partial_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return by how much a solution swells per mass of solute added [m3/kg], at constant mass of water."""
        c = np.asarray(concentration, dtype=np.float64)
        below = np.maximum(c - SPACING, 0.0)
        slope = (self.volume(c + SPACING, temperature) - self.volume(below, temperature)) / (c + SPACING - below)
        volume: FloatArray = slope / (1.0 + c * slope - self.volume(c, temperature))
        return volume

    def sedimentation_per_diffusion(
        self,
        concentration: float | FloatArray,
        density: float | FloatArray,
        mass_ratio: float | FloatArray,
        temperature: float,
    ) -> FloatArray:
        """Return the sedimentation over the diffusion coefficient [s2/m2].

        Parameters
        ----------
        concentration : float or array [kg/m3]
        density : float or array [kg/m3]
            Of the solution around it.
        mass_ratio : float or array [kg/kg]
            Mass of solute per mass of solvent.
        temperature : float [K]
        """
        v = self.partial_volume(concentration, temperature)
        heavier = self.molar_mass * (1.0 - v * density) * (1.0 - v * np.asarray(concentration))
        spreading = self.ions * GAS_CONSTANT_J_PER_MOL_K * temperature * self.thermodynamic_factor(mass_ratio)
        ratio: FloatArray = heavier / spreading
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
