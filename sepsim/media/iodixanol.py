"""Iodixanol, the solute of OptiPrep: density, viscosity, association.

Density: linear mixing by volume of the stock (60 % w/v in water, 1.320 g/mL at 20 degC) with the diluent, that is a
constant apparent specific volume of 0.4645 mL/g. Viscosity: a form of Mooney through four measured points at 55 and
65 % w/v, 20 and 37 degC; between 5 and 50 % w/v nothing is measured, and at 4 degC it is an extrapolation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.media.diffusion import diffusion_in_water
from sepsim.media.solute import Solute, coefficients
from sepsim.media.water import kell_1975

STOCK_TEMPERATURE_K = 293.15  # at which the stock is 60 % w/v
LEAST_ROOM = 0.3  # in the law of Mooney, reached near 100 % w/v, far beyond all data


@dataclass(frozen=True, kw_only=True, slots=True)
class Iodixanol(Solute):
    """Iodixanol in solution.

    Parameters
    ----------
    viscosity_factor : float [-]
        Multiplies the logarithm of the relative viscosity, for studies of its uncertainty: about 15 % of the viscosity
        at 4 degC, that is a factor of 0.93 to 1.07 at 40 % w/v.
    name : str

    Notes
    -----
    ln(eta / eta_solvent) = a c / (1 - k c) with a and k linear in temperature. Measured at 20-37 degC, used at
    0-40 degC, up to 60 % w/v.

    The molecules associate: the stock has a third of the ideal osmolality. Step by step, with one constant K for each
    molecule that joins (isodesmic), the molality of particles is (sqrt(1 + 4 K m) - 1) / (2 K) and its slope, which
    sets diffusion and the gradient in equilibrium, 1 / sqrt(1 + 4 K m). K = 12.7 kg/mol meets the osmolality of the
    stock. At 0.48-0.61 mol/kg the slope is then 0.18-0.20, where label values of X-ray solutions give about 0.24, and
    the osmotic coefficient 0.30-0.33, where they give 0.35 +- 0.04; how they rise to 1 on dilution is not measured.
    Self-forming gradients therefore are not quantitative, and a run that forms one says so.

    Examples
    --------
    20 % w/v in water at 20 degC:

    >>> round(float(Iodixanol().relative_viscosity(200.0, 293.15)), 2)
    1.89
    >>> round(1e3 * float(Iodixanol().specific_volume(200.0, 293.15)), 4)
    0.4645

    References
    ----------
    Visipaque, summary of product characteristics; OptiPrep data sheet (unverified).
    """

    viscosity_factor: float = 1.0
    name: str = "iodixanol"

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        return ("optiprep", "visipaque_smpc")

    @property
    def molar_mass(self) -> float:
        """Molar mass [kg/mol]."""
        return _one("molar_mass")

    def specific_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the apparent specific volume [m3/kg], the same at every concentration and temperature."""
        return np.full(np.shape(concentration), _specific_volume())

    def relative_viscosity(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the viscosity over that of the solvent [-]."""
        above = temperature - STOCK_TEMPERATURE_K
        a, k = (start + slope * above for start, slope in (_pair("viscosity_a"), _pair("viscosity_k")))
        c = np.asarray(concentration)
        room = np.maximum(1.0 - k * c, LEAST_ROOM)
        relative: FloatArray = np.exp(self.viscosity_factor * a * c / room)
        return relative

    def osmolality(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg] of molecules that associate, from the mass ratio [kg/kg]."""
        osmolality: FloatArray = 0.5 * (1.0 / self.thermodynamic_factor(mass_ratio) - 1.0) / _association()
        return osmolality

    def thermodynamic_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the slope of the osmolality over the molality [-]."""
        m = np.asarray(mass_ratio) / self.molar_mass
        factor: FloatArray = 1.0 / np.sqrt(1.0 + 4.0 * _association() * m)
        return factor

    def spreading_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the cube root of the thermodynamic factor [-]: aggregates of 1/F molecules in compact spheres."""
        return np.cbrt(self.thermodynamic_factor(mass_ratio))

    def diffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient in water [m2/s] at a temperature [K]."""
        return diffusion_in_water("iodixanol", temperature)

    def highest_concentration(self, temperature: float) -> float:
        """Return the concentration of the stock [kg/m3], 600 at 20 degC."""
        ratio, solvent = stock_mass_ratio(), kell_1975(temperature)
        return ratio * solvent / (1.0 + ratio * solvent * _specific_volume())

    def refractive_increment(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return nan: no table of its refractive index could be read."""
        return np.full(np.shape(concentration), np.nan)


def stock_concentration() -> float:
    """Return the concentration of the stock at 20 degC [kg/m3].

    Examples
    --------
    >>> stock_concentration()
    600.0
    """
    return _one("stock_concentration")


def stock_mass_ratio() -> float:
    """Return the mass of iodixanol per mass of water in the stock [kg/kg].

    Examples
    --------
    >>> round(stock_mass_ratio(), 4)
    0.8333
    """
    return stock_concentration() / (_one("stock_density") - stock_concentration())


def _association() -> float:
    """Return the constant K [kg/mol] with which the molality of particles in the stock is its osmolality."""
    molality, osmolality = stock_mass_ratio() / _one("molar_mass"), _one("stock_osmolality")
    return (molality - osmolality) / osmolality**2


def _specific_volume() -> float:
    water = _one("stock_density") - stock_concentration()
    return (1.0 - water / kell_1975(STOCK_TEMPERATURE_K)) / stock_concentration()


def _one(quantity: str) -> float:
    return coefficients("iodixanol", quantity)[0]


def _pair(quantity: str) -> tuple[float, float]:
    start, slope = coefficients("iodixanol", quantity)
    return start, slope
