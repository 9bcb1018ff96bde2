"""Caesium chloride, the salt of self-forming gradients.

With c in mol/L and t in degC, in water::

    rho = rho_w + A c + B c t + C c t^2 + c^1.5 (D + E t + F t^2)        [kg/m3], 0-100 degC, to saturation

Relative viscosity and refractive index at 20 degC are interpolated in the weight fraction (CRC Handbook, 0-64 % w/w);
the viscosity falls to 0.92 of that of water near 30 % w/w and rises to 1.24 at 64 % w/w. Its ratio to water is used at
every temperature. The osmolality follows Pitzer's equation at 25 degC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import ZERO_CELSIUS_K
from sepsim.data import rows
from sepsim.media.diffusion import diffusion_in_water
from sepsim.media.monotone import MonotoneCurve
from sepsim.media.solute import GAS_CONSTANT_J_PER_MOL_K, Solute, coefficients, weight_fraction
from sepsim.media.water import kell_1975

IONS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class CesiumChloride(Solute):
    """Caesium chloride in solution.

    Parameters
    ----------
    beta : float [m5 kg-1 s-2]
        Constant of its self-forming gradient; 1e7 times smaller than in cgs units. Default 114, at 1.7 g/mL.
    name : str

    Notes
    -----
    In sedimentation equilibrium the flux s w^2 r c - D dc/dr is zero. Ideal ions give s / D = M (1 - v rho) / (2 R T).
    At high concentration the activity of the salt rises faster, and the measured gradient is drho/dr = w^2 r / beta
    instead. Choosing s / D = 1 / (beta c drho/dc) makes it so: dc/dr = (s / D) w^2 r c, hence
    drho/dr = (drho/dc) (dc/dr) = w^2 r / beta. The smaller of the two is used: the ideal one where dilute (below about
    1.4 g/mL), the measured one above. beta is taken as constant although it varies by some percent over 1.4-1.8 g/mL.

    Examples
    --------
    >>> salt = CesiumChloride()
    >>> round(float(998.2 * (1 - salt.volume(500.0, 293.15)) + 500.0))
    1372

    References
    ----------
    Novotny, P., Sohnel, O., J. Chem. Eng. Data 33, 49 (1988). Ifft, J. B., Voet, D. H., Vinograd, J., J. Phys. Chem.
    65, 1138 (1961). Pitzer, K. S., Mayorga, G., J. Phys. Chem. 77, 2300 (1973).
    """

    beta: float = coefficients("cscl", "beta")[0]
    name: str = "CsCl"

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        return ("novotny1988", "crc2021", "ifft1961", "pitzer1973")

    @property
    def molar_mass(self) -> float:
        """Molar mass [kg/mol]."""
        return coefficients("cscl", "molar_mass")[0]

    def specific_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the apparent specific volume in water [m3/kg]."""
        linear, root = _at(temperature)
        scale = 1e-3 / self.molar_mass  # kg/m3 -> mol/L
        gained = scale * (linear + root * np.sqrt(scale * np.asarray(concentration)))
        volume: FloatArray = (1.0 - gained) / kell_1975(temperature)
        return volume

    def relative_viscosity(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the viscosity over that of the solvent [-]; not monotone."""
        return np.exp(_curve("viscosity_mPa_s")(self._weight_fraction(concentration, temperature)))

    def osmolality(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg] from the mass ratio [kg/kg], after Pitzer, at 25 degC."""
        a, b, beta_0, beta_1, c = coefficients("cscl", "osmotic")
        m = np.asarray(mass_ratio) / self.molar_mass
        root = np.sqrt(m)
        coefficient = 1.0 - a * root / (1.0 + b * root) + m * (beta_0 + beta_1 * np.exp(-2.0 * root) + m * c)
        osmolality: FloatArray = IONS * m * coefficient
        return osmolality

    def diffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient in water [m2/s] at a temperature [K]."""
        return diffusion_in_water("cscl", temperature)

    def sedimentation_per_diffusion(
        self, concentration: float | FloatArray, density: float | FloatArray, temperature: float
    ) -> FloatArray:
        """Return the sedimentation over the diffusion coefficient [s2/m2]: the smaller of ideal and measured.

        Parameters
        ----------
        concentration : float or array [kg/m3]
        density : float or array [kg/m3]
            Of the solution around it.
        temperature : float [K]
        """
        c = np.asarray(concentration)
        buoyancy = 1.0 - self.specific_volume(c, temperature) * density
        ideal = self.molar_mass * buoyancy / (IONS * GAS_CONSTANT_J_PER_MOL_K * temperature)
        steepness = self.beta * c * self._density_slope(c, temperature)
        ratio: FloatArray = ideal / np.maximum(1.0, ideal * steepness)
        return ratio

    def highest_concentration(self, temperature: float) -> float:
        """Return the concentration of the saturated solution in water [kg/m3]."""
        return _saturated(self, temperature)

    def saturation(self, temperature: float) -> float:
        """Return the concentration of the saturated solution in water [kg/m3]: its gradients run to equilibrium."""
        return self.highest_concentration(temperature)

    def refractive_increment(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the refractive index minus that of the solvent at 20 degC [-]."""
        return _curve("refractive_index")(self._weight_fraction(concentration, temperature))

    def _weight_fraction(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        return weight_fraction(self, concentration, temperature, kell_1975(temperature))

    def _density_slope(self, concentration: FloatArray, temperature: float) -> FloatArray:
        linear, root = _at(temperature)
        scale = 1e-3 / self.molar_mass
        slope: FloatArray = scale * (linear + 1.5 * root * np.sqrt(scale * concentration))
        return slope


def _at(temperature: float) -> tuple[float, float]:
    t = temperature - ZERO_CELSIUS_K
    a, b, c, d, e, f = coefficients("cscl", "density")
    return a + t * (b + t * c), d + t * (e + t * f)


@lru_cache(maxsize=64)
def _saturated(salt: CesiumChloride, temperature: float) -> float:
    constant, linear, quadratic = coefficients("cscl", "solubility")
    t = temperature - ZERO_CELSIUS_K
    fraction = constant + t * (linear + t * quadratic)
    water = kell_1975(temperature)
    concentration = fraction * water
    for _ in range(60):  # each pass halves the error at least: w drho/dc < 0.5
        concentration = fraction * float(water * (1.0 - salt.volume(concentration, temperature)) + concentration)
    return concentration


@cache
def _curve(column: str) -> MonotoneCurve:
    points = [row for row in rows("aqueous_solutions") if row["solute"] == "cscl"]
    fractions = [float(row["solute_percent_w_w"]) / 100 for row in points]
    values = [float(row[column]) for row in points]
    if column == "viscosity_mPa_s":
        return MonotoneCurve(fractions, [math.log(value / values[0]) for value in values])
    return MonotoneCurve(fractions, [value - values[0] for value in values])
