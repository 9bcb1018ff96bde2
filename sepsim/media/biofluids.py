"""Biofluids, buffers and culture media, tabulated at a few temperatures in ``media.csv``.

Between the tabulated temperatures two quantities that hardly depend on temperature are interpolated linearly:
the excess of the density over that of water, and the ratio of the viscosity to that of water. Beyond the
table they stay constant. No published temperature function stands behind this: it is a modelling choice.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from sepsim.constants import ZERO_CELSIUS_K
from sepsim.errors import InputError, ModelRangeWarning
from sepsim.media import water
from sepsim.media.diffusion import diffusion_in_water
from sepsim.units import to_si

TOLERATED_K = 5.0  # beyond the tabulated temperatures without a warning
URINE_OSMOLALITY = (0.187, 1.107)  # osm/kg, range of the samples behind `urine_density`


@dataclass(frozen=True, kw_only=True, slots=True)
class Biofluid:
    """A fluid known by its density and viscosity relative to water at a few temperatures.

    Parameters
    ----------
    name : str
    temperatures : tuple of float, one per tabulated point [K]
        Rising.
    density_excesses : tuple of float, one per tabulated point [kg/m3]
        Density minus that of water.
    viscosity_ratios : tuple of float, one per tabulated point [1]
        Viscosity over that of water.
    osmolality : float [osm/kg]
    sources : tuple of str
        Keys of the bibliography.
    index : float [-]
        Refractive index at 20 degC; None if unknown.
    spreads_as : str
        A substance of ``diffusion.csv``: what spreads where the fluid meets another.
    protein : float [kg/m3]
        Dissolved protein that is in its density and its viscosity.

    Examples
    --------
    >>> point = {"temperatures": (293.15,), "density_excesses": (7.0,), "viscosity_ratios": (1.01,)}
    >>> round(Biofluid(name="brine", **point).density(293.15), 1)
    1005.2
    """

    name: str
    temperatures: tuple[float, ...]
    density_excesses: tuple[float, ...]
    viscosity_ratios: tuple[float, ...]
    osmolality: float = 0.29
    sources: tuple[str, ...] = ()
    index: float | None = None
    spreads_as: str = "salt"
    protein: float = 0.0

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str]], protein: float = 0.0) -> Self:
        """Build the fluid from its rows of ``media.csv``, in lab units, and its protein [kg/m3]."""
        points = sorted(rows, key=lambda row: float(row["temperature_C"]))
        temperatures, densities, viscosities, osmolalities = (
            tuple(to_si(column, float(row[column])) for row in points)
            for column in ("temperature_C", "density_g_mL", "viscosity_mPa_s", "osmolality_mOsm_kg")
        )
        return cls(
            name=points[0]["medium"],
            temperatures=temperatures,
            density_excesses=tuple(
                density - water.density(temperature)
                for density, temperature in zip(densities, temperatures, strict=True)
            ),
            viscosity_ratios=tuple(
                viscosity / water.viscosity(temperature)
                for viscosity, temperature in zip(viscosities, temperatures, strict=True)
            ),
            osmolality=osmolalities[0],
            sources=tuple(dict.fromkeys([*(key for row in points for key in row["source"].split()), *water.SOURCES])),
            index=float(points[0]["refractive_index"]) if points[0]["refractive_index"] else None,
            spreads_as=points[0]["spreads_as"],
            protein=protein,
        )

    @property
    def refractive_index(self) -> float:
        """Refractive index at 20 degC [-]; nan if unknown."""
        return math.nan if self.index is None else self.index

    def density(self, temperature: float) -> float:
        """Return the density [kg/m3] at a temperature [K]; a `ModelRangeWarning` 5 K beyond the table."""
        self._warn_beyond_table(temperature)
        return water.density(temperature) + float(np.interp(temperature, self.temperatures, self.density_excesses))

    def viscosity(self, temperature: float) -> float:
        """Return the viscosity [Pa s] at a temperature [K]; a `ModelRangeWarning` 5 K beyond the table."""
        self._warn_beyond_table(temperature)
        return water.viscosity(temperature) * float(np.interp(temperature, self.temperatures, self.viscosity_ratios))

    def interdiffusion(self, temperature: float) -> float:
        """Return how fast what distinguishes it from water spreads [m2/s] at a temperature [K]."""
        return diffusion_in_water(self.spreads_as, temperature)

    def _warn_beyond_table(self, temperature: float) -> None:
        lowest, highest = self.temperatures[0], self.temperatures[-1]
        if lowest - TOLERATED_K <= temperature <= highest + TOLERATED_K:
            return
        message = (
            f"{self.name}: used at {temperature - ZERO_CELSIUS_K:.4g} degC, tabulated at "
            f"{lowest - ZERO_CELSIUS_K:.4g} to {highest - ZERO_CELSIUS_K:.4g} degC ({' '.join(self.sources)})"
        )
        warnings.warn(message, ModelRangeWarning, stacklevel=3)


def urine_density(osmolality: float, temperature: float) -> float:
    """Return the density of urine from its osmolality.

    Specific gravity (to water at the same temperature) = 1.00144 + 0.0246 osmolality [osm/kg], a line
    through 45 samples without calcium oxalate crystals; single samples scatter by 0.002.

    Parameters
    ----------
    osmolality : float [osm/kg]
        Valid at 0.187-1.107; a `ModelRangeWarning` outside.
    temperature : float [K]

    Returns
    -------
    float [kg/m3]

    Raises
    ------
    InputError
        If the osmolality is not positive.

    Examples
    --------
    A sample of 0.577 osm/kg was measured at a specific gravity of 1.017.

    >>> round(urine_density(0.577, 293.15) / water.density(293.15), 4)
    1.0156

    References
    ----------
    Data: Andrews, D. F., Herzberg, A. M., Data, Springer (1985); the line is a fit of the sepsim developers.
    """
    if not osmolality > 0.0:
        raise InputError(f"osmolality of urine = {osmolality!r} osm/kg: must be above 0")
    lowest, highest = URINE_OSMOLALITY
    if not lowest <= osmolality <= highest:
        message = (
            f"density of urine (Andrews and Herzberg 1985): used at {osmolality:.4g} osm/kg, "
            f"outside its range of {lowest} to {highest} osm/kg"
        )
        warnings.warn(message, ModelRangeWarning, stacklevel=2)
    return water.density(temperature) * (1.0 + 1.44e-3 + 2.46e-2 * osmolality)
