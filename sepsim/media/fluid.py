"""Fluids: what a medium is made of, apart from the solutes that shape its density."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sepsim.media import water
from sepsim.media.diffusion import diffusion_in_water
from sepsim.media.solute import Solute
from sepsim.settings import Settings, number, settings, text
from sepsim.units import to_si

ISO_OSMOTIC_MOSM_KG = 290.0
Shares = tuple[tuple["Fluid", float], ...]  # of the volume of the solvent
Dissolved = tuple[tuple[Solute, float], ...]  # mass per volume of solution [kg/m3]


@runtime_checkable
class Fluid(Protocol):
    """What a medium is made of; implementations are frozen, hashable and compared by value."""

    @property
    def name(self) -> str:
        """What the fluid is called."""

    @property
    def osmolality(self) -> float:
        """Osmolality [osm/kg]."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""

    @property
    def refractive_index(self) -> float:
        """Refractive index at 20 degC, sodium D line [-]; nan if unknown."""

    def density(self, temperature: float) -> float:
        """Return the density [kg/m3] at a temperature [K]."""

    def viscosity(self, temperature: float) -> float:
        """Return the viscosity [Pa s] at a temperature [K]."""

    def interdiffusion(self, temperature: float) -> float:
        """Return how fast what distinguishes the fluid from water spreads [m2/s] at a temperature [K]."""


@runtime_checkable
class Composed(Protocol):
    """A fluid that consists of other fluids and solutes."""

    def composition(self, temperature: float) -> tuple[Shares, Dissolved]:
        """Return the volume shares of the solvent and the concentrations [kg/m3] at a temperature [K]."""


@dataclass(frozen=True, slots=True)
class Water:
    """Pure water as a fluid.

    Examples
    --------
    >>> round(Water().density(277.15), 1)
    1000.0
    """

    name: str = "water"

    @property
    def osmolality(self) -> float:
        """Osmolality, zero [osm/kg]."""
        return 0.0

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        return water.SOURCES

    @property
    def refractive_index(self) -> float:
        """Refractive index at 20 degC, sodium D line [-]."""
        return water.REFRACTIVE_INDEX

    def density(self, temperature: float) -> float:
        """Return the density [kg/m3] at a temperature [K]."""
        return water.density(temperature)

    def viscosity(self, temperature: float) -> float:
        """Return the viscosity [Pa s] at a temperature [K]."""
        return water.viscosity(temperature)

    def interdiffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient [m2/s] of common salts, which tell other fluids from water."""
        return diffusion_in_water("salt", temperature)


@settings
class ConstantFluid(Settings):
    """A fluid given by the user, with properties that do not change with temperature.

    Parameters
    ----------
    density_g_mL : float [g/mL]
        At the temperature of use.
    viscosity_mPa_s : float [mPa s]
        At the temperature of use.
    name : str
    osmolality_mOsm_kg : float [mOsm/kg]
        Left out: 290, that of buffered saline. Give that of concentrated salt or sugar, some 1900 for 1 mol/L of NaCl:
        vesicles lose water there, and lipoproteins the water on their surface.
    protein_mg_per_mL : float [mg/mL]
        Dissolved protein that is in its density and viscosity already; default 0.

    Raises
    ------
    InputError
        If a value is missing, not a number or out of range.

    Examples
    --------
    >>> ConstantFluid(density_g_mL=1.0, viscosity_mPa_s=1.55).density(277.15)
    1000.0
    """

    density_g_mL: float = number(minimum=0.5, maximum=5, help="density at the temperature of use")
    viscosity_mPa_s: float = number(minimum=0.01, maximum=1e6, help="dynamic viscosity at the temperature of use")
    name: str = text(default="own fluid", help="what the fluid is called")
    osmolality_mOsm_kg: float | None = number(
        default=None,
        minimum=0,
        maximum=1e5,
        help="osmolality; left out: 290, and concentrated salts and sugars have more",
    )
    protein_mg_per_mL: float = number(
        default=0.0, minimum=0, maximum=600, help="dissolved protein that is in its density and viscosity already"
    )

    @property
    def osmolality(self) -> float:
        """Osmolality [osm/kg]."""
        told = ISO_OSMOTIC_MOSM_KG if self.osmolality_mOsm_kg is None else self.osmolality_mOsm_kg
        return to_si("osmolality_mOsm_kg", told)

    @property
    def protein(self) -> float:
        """Dissolved protein that is in its density and viscosity already [kg/m3]."""
        return to_si("protein_mg_per_mL", self.protein_mg_per_mL)

    @property
    def sources(self) -> tuple[str, ...]:
        """No keys: the numbers are the user's."""
        return ()

    @property
    def refractive_index(self) -> float:
        """Unknown."""
        return math.nan

    def density(self, temperature: float) -> float:
        """Return the density [kg/m3], the same at every temperature [K]."""
        return to_si("density_g_mL", self.density_g_mL)

    def viscosity(self, temperature: float) -> float:
        """Return the viscosity [Pa s], the same at every temperature [K]."""
        return to_si("viscosity_mPa_s", self.viscosity_mPa_s)

    def interdiffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient [m2/s] of common salts at a temperature [K]."""
        return diffusion_in_water("salt", temperature)


def composition(fluid: Fluid, temperature: float) -> tuple[Shares, Dissolved]:
    """Return what a fluid consists of: itself, unless it is composed.

    Parameters
    ----------
    fluid : Fluid
    temperature : float [K]

    Returns
    -------
    shares : tuple of (Fluid, float) [-]
        Volume shares of the solvent; they sum to 1.
    solutes : tuple of (Solute, float) [kg/m3]

    Examples
    --------
    >>> composition(Water(), 293.15)
    (((Water(name='water'), 1.0),), ())
    """
    if isinstance(fluid, Composed):
        return fluid.composition(temperature)
    return ((fluid, 1.0),), ()
