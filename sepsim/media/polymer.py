"""Water-soluble polymers that push particles together: polyethylene glycol and dextran.

With M the molar mass, N = M/M0 the number of repeat units and c the concentration::

    Pi = (c R T/M) [1 + 0.49 (c/c_N)^1.25],   c_N = N^-0.8/V        (osmotic pressure, Cohen et al. 2009)
    eta/eta_solvent = 1 + x + k x^2,          x = [eta] c           (Huggins), [eta] = K M^a
    c* = M/(N_A (4/3) pi Rg^3)                                      (overlap of the coils)

Two concentrations scale these laws, c_N of the osmotic pressure and c* of the coils, and they differ by a factor of
2.5. Radii and viscosities over that of the solvent are those near 25 degC at every temperature; coils of polyethylene
glycol shrink a little on heating. Beyond some 20 % w/v the viscosity of a polyethylene glycol of 6 kg/mol is higher
than that of Huggins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import AVOGADRO_PER_MOL, BOLTZMANN_J_PER_K
from sepsim.media.solute import GAS_CONSTANT_J_PER_MOL_K, Solute, coefficients
from sepsim.media.water import kestin_1978

POLYMERS = {"PEG": "mohsen_nia2005 cohen2009 devanand1991 flory1951", "dextran": "cohen2009 sepsim_choice"}
STRENGTH, POWER = 0.49, 1.25  # of the law of the osmotic pressure
WATER_KG_PER_M3 = 997.0  # at which it is carried over to osmolalities


@dataclass(frozen=True, slots=True)
class Polymer(Solute):
    """A polymer in solution.

    Parameters
    ----------
    kind : "PEG" | "dextran"
    molar_mass : float [kg/mol]

    Examples
    --------
    8 % w/v of PEG 6000 makes water four times as viscous and holds an osmotic pressure of one atmosphere:

    >>> peg = Polymer("PEG", 6.0)
    >>> peg.name, round(float(peg.relative_viscosity(80.0, 277.15)), 1), round(float(peg.pressure(80.0, 277.15)) / 1e3)
    ('PEG 6000', 4.0, 99)

    References
    ----------
    Cohen, J. A., et al., J. Phys. Chem. B 113, 3709 (2009). Flory, P. J., Fox, T. G., J. Am. Chem. Soc. 73, 1904
    (1951).
    """

    kind: str
    molar_mass: float

    @property
    def name(self) -> str:  # type: ignore[override]
        """What it is called, with its molar mass in g/mol."""
        return f"{self.kind} {1e3 * self.molar_mass:g}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        return tuple(POLYMERS[self.kind].split())

    @property
    def coil_radius(self) -> float:
        """Radius of gyration of a coil that is alone [m]."""
        return self._power_law("coil")

    @property
    def overlap(self) -> float:
        """Concentration at which the coils touch [kg/m3]."""
        return self.molar_mass / (AVOGADRO_PER_MOL * 4.0 / 3.0 * math.pi * self.coil_radius**3)

    def pressure(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the osmotic pressure [Pa] at a concentration [kg/m3] and temperature [K]."""
        c = np.asarray(concentration, dtype=np.float64)
        ideal = c * GAS_CONSTANT_J_PER_MOL_K * temperature / self.molar_mass
        pressure: FloatArray = ideal * (1.0 + STRENGTH * (c / self._crossover) ** POWER)
        return pressure

    def specific_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the apparent specific volume [m3/kg], the same at every concentration and temperature."""
        return np.full(np.shape(concentration), self._one("specific_volume"))

    def relative_viscosity(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the viscosity over that of the solvent [-]."""
        x = self._power_law("intrinsic_viscosity") * np.asarray(concentration)
        relative: FloatArray = 1.0 + x * (1.0 + self._one("huggins") * x)
        return relative

    def osmolality(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg] from the mass ratio [kg/kg]."""
        c = self._concentration(mass_ratio)
        osmolality: FloatArray = self.pressure(c, 1.0) / (GAS_CONSTANT_J_PER_MOL_K * WATER_KG_PER_M3)
        return osmolality

    def thermodynamic_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the slope of the osmolality over the molality [-]."""
        c = self._concentration(mass_ratio)
        left = c / (np.maximum(np.asarray(mass_ratio), 1e-300) * WATER_KG_PER_M3)  # solvent per volume of solution
        slope = 1.0 + (1.0 + POWER) * STRENGTH * (c / self._crossover) ** POWER
        factor: FloatArray = slope * np.where(c > 0.0, left, 1.0) ** 2
        return factor

    def diffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient in water [m2/s] at a temperature [K], by Stokes and Einstein."""
        radius = self._power_law("stokes")
        return BOLTZMANN_J_PER_K * temperature / (6.0 * math.pi * kestin_1978(temperature) * radius)

    def highest_concentration(self, temperature: float) -> float:
        """Return the concentration of the saturated solution [kg/m3], the same at every temperature."""
        return self._one("solubility")

    def refractive_increment(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the refractive index minus that of the solvent [-]."""
        increment: FloatArray = self._one("refraction") * np.asarray(concentration)
        return increment

    @property
    def _crossover(self) -> float:
        """Concentration from which the osmotic pressure is that of entangled chains [kg/m3]."""
        return float((self.molar_mass / self._one("monomer")) ** -0.8) / self._one("monomer_volume")

    def _concentration(self, mass_ratio: float | FloatArray) -> FloatArray:
        solvent = np.asarray(mass_ratio, dtype=np.float64) * WATER_KG_PER_M3
        concentration: FloatArray = solvent / (1.0 + solvent * self._one("specific_volume"))
        return concentration

    def _power_law(self, quantity: str) -> float:
        factor, power = coefficients(self.kind.lower(), quantity)
        return float(factor * (1e3 * self.molar_mass) ** power)

    def _one(self, quantity: str) -> float:
        return coefficients(self.kind.lower(), quantity)[0]
