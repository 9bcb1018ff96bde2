"""Salts and organic solvents that take the water away from dissolved protein.

Known by tables of their solutions in water at 20 degC (CRC Handbook): between the points the apparent specific volume
and the logarithm of the viscosity over that of water are interpolated in the weight fraction, and used at every
temperature. Organic solvents cross membranes, so that they do not count in the osmolality that vesicles feel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import ZERO_CELSIUS_K
from sepsim.data import rows
from sepsim.media.diffusion import diffusion_in_water
from sepsim.media.monotone import MonotoneCurve
from sepsim.media.solute import Solute, coefficients
from sepsim.media.water import kell_1975
from sepsim.units import to_si

ORGANIC_SOLVENTS = ("methanol", "ethanol", "acetone")
AMMONIUM_SULFATE, SODIUM_CHLORIDE = "ammonium sulfate", "sodium chloride"
IONS = {AMMONIUM_SULFATE: 3, SODIUM_CHLORIDE: 2}
IONIC_STRENGTHS = {AMMONIUM_SULFATE: 3.0, SODIUM_CHLORIDE: 1.0}  # over the concentration


@dataclass(frozen=True, slots=True)
class Precipitant(Solute):
    """A salt or an organic solvent in water.

    Parameters
    ----------
    name : "ammonium sulfate" | "sodium chloride" | "methanol" | "ethanol" | "acetone"

    Examples
    --------
    >>> half = Precipitant("methanol")
    >>> round(float(half.relative_viscosity(0.4 * 934.7, 293.15)), 2)  # 40 % w/w
    1.83

    References
    ----------
    CRC Handbook of Chemistry and Physics, 102nd edition (2021), concentrative properties of aqueous solutions.
    """

    name: str

    @property
    def ions(self) -> int:
        """Those of a salt; one of a solvent."""
        return IONS.get(self.name, 1)

    def ionic_strength(self, concentration: float) -> float:
        """Return the ionic strength that it makes [mol/m3] at a concentration [kg/m3]; none of a solvent."""
        return IONIC_STRENGTHS.get(self.name, 0.0) * concentration / self.molar_mass

    @property
    def crystallises(self) -> bool:
        """Whether it is a salt."""
        return not self.crosses_membranes

    @property
    def crosses_membranes(self) -> bool:
        """Whether it is an organic solvent."""
        return self.name in ORGANIC_SOLVENTS

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        more = {name: ("sepsim_choice",) for name in ("acetone", SODIUM_CHLORIDE)} | {AMMONIUM_SULFATE: ("lide2005",)}
        return ("crc2021", *more.get(self.name, ()))

    @property
    def molar_mass(self) -> float:
        """Molar mass [kg/mol]."""
        return coefficients(self.name, "molar_mass")[0]

    def specific_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the apparent specific volume in water [m3/kg] at a concentration [kg/m3]."""
        return _table(self.name).volume(np.minimum(concentration, _table(self.name).last))

    def relative_viscosity(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the viscosity over that of the solvent [-]; not monotone for an organic solvent."""
        return np.exp(_table(self.name).log_viscosity(np.minimum(concentration, _table(self.name).last)))

    def osmolality(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg] that membranes feel: none of a solvent, which crosses them."""
        if self.crosses_membranes:
            return np.zeros(np.shape(mass_ratio))
        osmolality: FloatArray = self.ions * _osmotic(self.name) * np.asarray(mass_ratio) / self.molar_mass
        return osmolality

    def thermodynamic_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the slope of the osmolality over the molality of ions [-], the same at every concentration."""
        return np.full(np.shape(mass_ratio), 1.0 if self.crosses_membranes else _osmotic(self.name))

    def diffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient in water [m2/s] at a temperature [K]."""
        return diffusion_in_water(self.name, temperature)

    def highest_concentration(self, temperature: float) -> float:
        """Return the concentration of the saturated solution, or of the last point of the table [kg/m3]."""
        if self.crosses_membranes:
            return _table(self.name).last
        constant, slope = coefficients(self.name, "solubility")
        fraction = constant + slope * (temperature - ZERO_CELSIUS_K)
        water = kell_1975(temperature)
        c = fraction * water
        for _ in range(60):
            c = fraction * float(water * (1.0 - self.volume(c, temperature)) + c)
        return c

    def refractive_increment(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the refractive index minus that of the solvent at 20 degC [-]; nan where no source gives it."""
        index = _table(self.name).index
        return index(concentration) if index is not None else np.full(np.shape(concentration), np.nan)

    def pure_density(self) -> float:
        """Return the density of the pure liquid at 20 degC [kg/m3]; of a salt there is none."""
        return coefficients(self.name, "density")[0]


@dataclass(frozen=True, slots=True)
class _Table:
    """Curves over the concentration [kg/m3]: apparent volume, ln of the viscosity over water, rise of the index."""

    last: float
    volume: MonotoneCurve
    log_viscosity: MonotoneCurve
    index: MonotoneCurve | None


def _osmotic(name: str) -> float:
    return coefficients(name, "osmotic")[0]


@cache
def _table(name: str) -> _Table:
    points = [row for row in rows("tabulated_solutions") if row["solute"] == name]
    densities = [to_si("density_g_mL", float(row["density_g_mL"])) for row in points]
    water, *rest = densities
    c = [
        density * to_si("solute_percent_w_w", float(row["solute_percent_w_w"]))
        for row, density in zip(points, densities, strict=True)
    ]
    volumes = [(1.0 - (density - each) / water) / each for density, each in zip(rest, c[1:], strict=True)]
    viscosities = [float(row["viscosity_mPa_s"]) for row in points]
    indices = [row["refractive_index"] for row in points]
    return _Table(
        last=c[-1],
        volume=MonotoneCurve(c, [volumes[0], *volumes]),
        log_viscosity=MonotoneCurve(c, [math.log(each / viscosities[0]) for each in viscosities]),
        index=MonotoneCurve(c, [float(each) - float(indices[0]) for each in indices]) if all(indices) else None,
    )
