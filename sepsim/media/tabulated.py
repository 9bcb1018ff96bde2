"""A gradient solute of the user, such as Nycodenz, given as a table of its solutions in water."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import AVOGADRO_PER_MOL, BOLTZMANN_J_PER_K
from sepsim.media.diffusion import scaled_diffusion
from sepsim.media.monotone import MonotoneCurve
from sepsim.media.solute import Solute
from sepsim.media.water import REFRACTIVE_INDEX, kell_1975, kestin_1978
from sepsim.settings import Accepts, Settings, number, number_list, settings, text
from sepsim.text.tables import rounded_down, rounded_up
from sepsim.units import to_si

LEAST_FACTOR = 0.05  # slope of the osmolality over the molality; flatter tables would make a solute settle in a heap
LEAST_RELATIVE_VISCOSITY = 0.8  # salts that break the structure of water come down to 0.9


@settings
class TabulatedSolute(Settings, Solute):
    """A solute known by a table of its solutions in water at one temperature.

    Between the points, and from pure water to the first, its apparent specific volume and the logarithm of its
    relative viscosity are interpolated by a monotone cubic; both are used at every temperature.

    Parameters
    ----------
    name : str
    percent_w_v : list of float [% w/v]
        Concentrations of the points, rising; grams in 100 mL of solution.
    density_g_mL : list of float [g/mL]
        Density at each, rising.
    viscosity_mPa_s : list of float [mPa s]
        Viscosity at each.
    molar_mass_kDa : float [kDa]
    diffusion_m2_s : float [m2/s]
        In water at infinite dilution, at `measured_at_C`; or instead
    stokes_radius_nm : float [nm]
    measured_at_C : float [degC]
        Temperature of the table, 0-40.
    osmolality_mOsm_kg : list of float [mOsm/kg]
        At each point, rising; left out: ideal, from the molar mass.
    refractive_index : list of float [-]
        At each point, at 20 degC.

    Raises
    ------
    InputError
        If a list has another length, falls, or a value is out of range.

    Examples
    --------
    >>> own = TabulatedSolute(name="my medium", percent_w_v=[20, 40], density_g_mL=[1.11, 1.21],
    ...     viscosity_mPa_s=[1.8, 3.9], molar_mass_kDa=0.82, stokes_radius_nm=0.6)
    >>> round(float(998.2 * (1 - own.volume(200.0, 293.15)) + 200.0))
    1110
    """

    name: str = text(help="what the solute is called")
    percent_w_v: Accepts[tuple[float, ...], Sequence[float]] = number_list(
        above=0, maximum=200, help="grams in 100 mL of solution, rising"
    )
    density_g_mL: Accepts[tuple[float, ...], Sequence[float]] = number_list(
        above=0.5, maximum=5, help="density at each concentration"
    )
    viscosity_mPa_s: Accepts[tuple[float, ...], Sequence[float]] = number_list(
        above=0.1, maximum=1e5, help="viscosity at each concentration"
    )
    molar_mass_kDa: float = number(above=0, maximum=1e5, help="molar mass")
    diffusion_m2_s: float | None = number(
        default=None, minimum=1e-14, maximum=1e-7, help="diffusion coefficient in water"
    )
    stokes_radius_nm: float | None = number(default=None, minimum=0.05, maximum=1000, help="Stokes radius, instead")
    measured_at_C: float = number(default=20.0, minimum=0, maximum=40, help="temperature of the table")
    osmolality_mOsm_kg: Accepts[tuple[float, ...] | None, Sequence[float] | None] = number_list(
        default=None, above=0, maximum=1e5, help="osmolality at each concentration"
    )
    refractive_index: Accepts[tuple[float, ...] | None, Sequence[float] | None] = number_list(
        default=None, above=1, maximum=2, help="refractive index at each concentration"
    )

    def conflicts(self) -> list[str]:
        """Give lists of one length, rising where they must, and one measure of diffusion."""
        of_lists = self.found(self._length_problems, self._order_problems, self._viscosity_problems)
        of_lists = of_lists or self.found(self._density_problems)
        of_diffusion = self.found(self._diffusion_problems)
        of_mass = [] if of_lists or of_diffusion else self.found(self._mass_problems)
        return [*of_lists, *of_diffusion, *of_mass]

    def _length_problems(self) -> Iterator[str]:
        wanted = len(self.percent_w_v)
        for key in ("density_g_mL", "viscosity_mPa_s", "osmolality_mOsm_kg", "refractive_index"):
            values = getattr(self, key)
            if values is not None and len(values) != wanted:
                yield f"{key}: {len(values)} values for {wanted} of percent_w_v; give one for each"

    def _order_problems(self) -> Iterator[str]:
        for key in ("percent_w_v", "density_g_mL", "osmolality_mOsm_kg"):
            if any(low >= high for low, high in pairwise(getattr(self, key) or ())):
                yield f"{key}: must rise from point to point"

    def _viscosity_problems(self) -> Iterator[str]:
        thinnest = LEAST_RELATIVE_VISCOSITY * kestin_1978(_measured_at(self)) * 1e3
        for value in self.viscosity_mPa_s:
            if value < thinnest:
                least = rounded_up(thinnest, 2)
                yield f"viscosity_mPa_s: {value:g} is far thinner than water; must be at least {least}"

    def _density_problems(self) -> Iterator[str]:
        if any(density * 100 <= c for density, c in zip(self.density_g_mL, self.percent_w_v, strict=True)):
            yield "percent_w_v: as much solute as solution, or more; leave the pure solute out"
        elif any(not 0.0 < v < 1e-3 for v in _specific_volumes(self)):
            yield (
                "density_g_mL: does not fit percent_w_v; a solute denser than water gives densities between that of "
                "water and that of water plus its own mass"
            )

    def _diffusion_problems(self) -> Iterator[str]:
        if (self.diffusion_m2_s is None) == (self.stokes_radius_nm is None):
            yield "give exactly one of diffusion_m2_s and stokes_radius_nm"

    def _mass_problems(self) -> Iterator[str]:
        if self._largest_mass < self.molar_mass:
            yield (
                f"molar_mass_kDa = {self.molar_mass_kDa:g}: at most {rounded_down(self._largest_mass, 3)} kDa fill a "
                "sphere of its Stokes radius; check the radius, or the diffusion coefficient"
            )

    @property
    def _largest_mass(self) -> float:
        """Molar mass [kg/mol] of a sphere that the bare solute fills up to its Stokes radius, with a tenth to spare."""
        drag = 6.0 * math.pi * kestin_1978(_measured_at(self)) * self.diffusion(_measured_at(self))
        radius = 1.1 * BOLTZMANN_J_PER_K * _measured_at(self) / drag
        return AVOGADRO_PER_MOL * 4.0 / 3.0 * math.pi * radius**3 / min(_specific_volumes(self))

    @property
    def sources(self) -> tuple[str, ...]:
        """No keys: the numbers are the user's."""
        return ()

    @property
    def molar_mass(self) -> float:
        """Molar mass [kg/mol]."""
        return to_si("molar_mass_kDa", self.molar_mass_kDa)

    def specific_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the apparent specific volume [m3/kg]; constant below the first and beyond the last point."""
        c = _concentrations(self)
        return _volume_curve(self)(np.clip(concentration, c[0], c[-1]))

    def relative_viscosity(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the viscosity over that of the solvent [-]."""
        return np.exp(_viscosity_curve(self)(concentration))

    def osmolality(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg] from the mass ratio [kg/kg]."""
        return _osmolality_curve(self)(mass_ratio)

    def thermodynamic_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the slope of the osmolality over the molality [-], at least 0.05; 1 if no osmolality is given."""
        return np.maximum(self.molar_mass * _osmolality_curve(self).slope(mass_ratio), LEAST_FACTOR)

    def diffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient in water [m2/s] at a temperature [K]."""
        if self.diffusion_m2_s is not None:
            return scaled_diffusion(self.diffusion_m2_s, _measured_at(self), temperature)
        radius = to_si("stokes_radius_nm", self.stokes_radius_nm or math.nan)
        return BOLTZMANN_J_PER_K * temperature / (6.0 * math.pi * kestin_1978(temperature) * radius)

    def highest_concentration(self, temperature: float) -> float:
        """Return the concentration of the last point [kg/m3], at the temperature [K]."""
        solvent = _mass_ratios(self)[-1] * kell_1975(temperature)
        return solvent / (1.0 + solvent * _specific_volumes(self)[-1])

    def refractive_increment(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the refractive index minus that of the solvent [-]; nan if not given."""
        if self.refractive_index is None:
            return np.full(np.shape(concentration), np.nan)
        return _index_curve(self)(concentration)


def _measured_at(solute: TabulatedSolute) -> float:
    return to_si("measured_at_C", solute.measured_at_C)


def _concentrations(solute: TabulatedSolute) -> tuple[float, ...]:
    return tuple(to_si("solute_percent_w_v", value) for value in solute.percent_w_v)


def _specific_volumes(solute: TabulatedSolute) -> tuple[float, ...]:
    water = kell_1975(_measured_at(solute))
    return tuple(
        (1.0 - (to_si("density_g_mL", density) - c) / water) / c
        for c, density in zip(_concentrations(solute), solute.density_g_mL, strict=True)
    )


def _mass_ratios(solute: TabulatedSolute) -> tuple[float, ...]:
    return tuple(
        c / (to_si("density_g_mL", density) - c)
        for c, density in zip(_concentrations(solute), solute.density_g_mL, strict=True)
    )


@lru_cache(maxsize=32)
def _volume_curve(solute: TabulatedSolute) -> MonotoneCurve:
    volumes = _specific_volumes(solute)
    return MonotoneCurve([0.0, *_concentrations(solute)], [volumes[0], *volumes])


@lru_cache(maxsize=32)
def _viscosity_curve(solute: TabulatedSolute) -> MonotoneCurve:
    water = kestin_1978(_measured_at(solute))
    logs = [math.log(to_si("viscosity_mPa_s", value) / water) for value in solute.viscosity_mPa_s]
    return MonotoneCurve([0.0, *_concentrations(solute)], [0.0, *logs])


@lru_cache(maxsize=32)
def _osmolality_curve(solute: TabulatedSolute) -> MonotoneCurve:
    ratios = _mass_ratios(solute)
    if solute.osmolality_mOsm_kg is None:
        return MonotoneCurve([0.0, ratios[-1]], [0.0, ratios[-1] / solute.molar_mass])
    return MonotoneCurve(
        [0.0, *ratios], [0.0, *(to_si("osmolality_mOsm_kg", value) for value in solute.osmolality_mOsm_kg)]
    )


@lru_cache(maxsize=32)
def _index_curve(solute: TabulatedSolute) -> MonotoneCurve:
    increments = [value - REFRACTIVE_INDEX for value in solute.refractive_index or ()]
    return MonotoneCurve([0.0, *_concentrations(solute)], [0.0, *increments])
