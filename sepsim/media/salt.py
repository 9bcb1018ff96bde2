"""Salts of two ions that make water dense: caesium chloride, potassium bromide, sodium bromide.

Density in water, with c in mol/L and t in degC (Novotny & Sohnel 1988, 0-100 degC, to saturation)::

    rho = rho_w + A c + B c t + C c t^2 + c^1.5 (D + E t + F t^2)        [kg/m3]

Osmotic coefficient, with m in mol/kg (Pitzer & Mayorga 1973, coefficients of May et al. 2011, 25 degC)::

    phi = 1 - A m^0.5/(1 + b m^0.5) + m (beta0 + beta1 exp(-2 m^0.5)) + m^2 C

The osmolality 2 m phi, and with it the activity that sets the gradient in sedimentation equilibrium, follow from these
coefficients: 1 + dln(gamma)/dln(m) = d(phi m)/dm. They are used at every temperature.

Relative viscosity: for the bromides the mixing rule of Laliberte (2009) with his water, KBr 0-95 degC to 46 % w/w, NaBr
5-60 degC to 54 % w/w. KBr thins water, NaBr thickens it. For CsCl, of which there are no such coefficients, and for all
refractive indices, points at 20 degC are interpolated in the weight fraction (CRC Handbook).
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
from sepsim.media.solute import Solute, coefficients, weight_fraction
from sepsim.media.water import kell_1975

SALTS = ("CsCl", "KBr", "NaBr")
RUN_TO_EQUILIBRIUM = ("CsCl",)  # bromides float lipoproteins in a day, which is too short
MOST_SALT = 0.6  # weight fraction; the viscosity stays constant above, where no salt dissolves


@dataclass(frozen=True, slots=True)
class Salt(Solute):
    """A salt of two ions in solution.

    Parameters
    ----------
    name : "CsCl" | "KBr" | "NaBr"

    Notes
    -----
    The gradient that CsCl forms in equilibrium at 25 degC is trusted to 2 % up to 1.45 g/mL, 5 % to 1.55 and 10 % at
    1.7 g/mL: other volumes of the same authors make it 2, 3 and 11 % steeper there.

    Examples
    --------
    >>> salt = Salt("CsCl")
    >>> round(float(998.2 * (1 - salt.volume(500.0, 293.15)) + 500.0))
    1372
    >>> [round(float(Salt(name).relative_viscosity(150.0, 293.15)), 2) for name in ("KBr", "NaBr")]
    [0.95, 1.1]

    References
    ----------
    Novotny, P., Sohnel, O., J. Chem. Eng. Data 33, 49 (1988). Pitzer, K. S., Mayorga, G., J. Phys. Chem. 77, 2300
    (1973). May, P. M., et al., J. Chem. Eng. Data 56, 5066 (2011). Laliberte, M., J. Chem. Eng. Data 54, 1725 (2009).
    """

    name: str

    @property
    def ions(self) -> int:
        """Two."""
        return 2

    @property
    def crystallises(self) -> bool:
        """Yes."""
        return True

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        viscosity = "laliberte2009" if _of(self, "viscosity") else "crc2021"
        solubility = [] if self.name == "CsCl" else ["crc2017"]
        return tuple(dict.fromkeys(["novotny1988", viscosity, "crc2021", *solubility, "pitzer1973", "may2011"]))

    @property
    def molar_mass(self) -> float:
        """Molar mass [kg/mol]."""
        return _of(self, "molar_mass")[0]

    def specific_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the apparent specific volume in water [m3/kg]."""
        t = temperature - ZERO_CELSIUS_K
        a, b, c, d, e, f = _of(self, "density")
        linear, root = a + t * (b + t * c), d + t * (e + t * f)
        scale = 1e-3 / self.molar_mass  # kg/m3 -> mol/L
        gained = scale * (linear + root * np.sqrt(scale * np.asarray(concentration)))
        volume: FloatArray = (1.0 - gained) / kell_1975(temperature)
        return volume

    def relative_viscosity(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the viscosity over that of the solvent [-]; not monotone."""
        fraction = self._weight_fraction(concentration, temperature)
        if constants := _of(self, "viscosity"):
            return _laliberte(constants, fraction, temperature - ZERO_CELSIUS_K)
        return np.exp(_curve(self.name, "viscosity_mPa_s")(fraction))

    def osmolality(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg] from the mass ratio [kg/kg], at 25 degC."""
        a, b, beta_0, beta_1, c = _of(self, "osmotic")
        m = np.asarray(mass_ratio) / self.molar_mass
        root = np.sqrt(m)
        coefficient = 1.0 - a * root / (1.0 + b * root) + m * (beta_0 + beta_1 * np.exp(-2.0 * root) + m * c)
        osmolality: FloatArray = self.ions * m * coefficient
        return osmolality

    def thermodynamic_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return 1 + dln(gamma)/dln(m) [-] at a mass ratio [kg/kg], at 25 degC."""
        a, b, beta_0, beta_1, c = _of(self, "osmotic")
        m = np.asarray(mass_ratio) / self.molar_mass
        root = np.sqrt(m)
        charges = a * root * (1.5 + b * root) / (1.0 + b * root) ** 2
        factor: FloatArray = 1.0 - charges + m * (2.0 * beta_0 + beta_1 * np.exp(-2.0 * root) * (2.0 - root))
        return factor + 3.0 * c * m * m

    def diffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient in water [m2/s] at a temperature [K]."""
        return diffusion_in_water(self.name.lower(), temperature)

    def highest_concentration(self, temperature: float) -> float:
        """Return the concentration of the saturated solution in water [kg/m3]."""
        return _saturated(self, temperature)

    def saturation(self, temperature: float) -> float:
        """Return the concentration of the saturated solution in water [kg/m3] for a salt that is run to equilibrium."""
        return self.highest_concentration(temperature) if self.name in RUN_TO_EQUILIBRIUM else math.inf

    def refractive_increment(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the refractive index minus that of the solvent at 20 degC [-]."""
        return _curve(self.name, "refractive_index")(self._weight_fraction(concentration, temperature))

    def _weight_fraction(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        return weight_fraction(self, concentration, temperature, kell_1975(temperature))


def _of(salt: Salt, quantity: str) -> tuple[float, ...]:
    return coefficients(salt.name.lower(), quantity)


def _laliberte(constants: tuple[float, ...], fraction: FloatArray, t: float) -> FloatArray:
    """Return (eta_salt / eta_water)^w, of the rule ln(eta) = (1 - w) ln(eta_water) + w ln(eta_salt), at t degC."""
    v1, v2, v3, v4, v5, v6 = constants
    w = np.clip(fraction, 1e-15, MOST_SALT)
    salt = (v1 * w**v2 + v3) / (v4 * t + 1.0) - np.log(v5 * w**v6 + 1.0)
    solvent = math.log((t + 246.0) / ((0.05594 * t + 5.2842) * t + 137.37))
    relative: FloatArray = np.exp(w * (salt - solvent))
    return relative


@lru_cache(maxsize=64)
def _saturated(salt: Salt, temperature: float) -> float:
    constant, linear, quadratic = _of(salt, "solubility")
    t = temperature - ZERO_CELSIUS_K
    fraction = constant + t * (linear + t * quadratic)
    water = kell_1975(temperature)
    concentration = fraction * water
    for _ in range(60):  # each pass halves the error at least: w drho/dc < 0.5
        concentration = fraction * float(water * (1.0 - salt.volume(concentration, temperature)) + concentration)
    return concentration


@cache
def _curve(name: str, column: str) -> MonotoneCurve:
    points = [row for row in rows("aqueous_solutions") if row["solute"] == name.lower() and row[column]]
    fractions = [float(row["solute_percent_w_w"]) / 100 for row in points]
    values = [float(row[column]) for row in points]
    if column == "viscosity_mPa_s":
        return MonotoneCurve(fractions, [math.log(value / values[0]) for value in values])
    return MonotoneCurve(fractions, [value - values[0] for value in values])
