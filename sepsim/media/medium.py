"""What particles float in: one fluid or a mixture, at a temperature.

Mixtures are ideal by choice: the density is linear in the volume fractions (no change of volume on mixing),
the logarithm of the viscosity is linear in them (the law of Arrhenius, in the form of Grunberg and Nissan
without interaction), and the osmolality is linear in them (dilute solutions). No measurement of a plasma or
serum dilution stands behind the viscosity rule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sepsim.errors import InputError
from sepsim.settings import Settings, number, text
from sepsim.units import to_si

TEMPERATURE_RANGE_K = (250.0, 400.0)  # roughly where the media of separations are liquid


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

    def density(self, temperature: float) -> float:
        """Return the density [kg/m3] at a temperature [K]."""

    def viscosity(self, temperature: float) -> float:
        """Return the viscosity [Pa s] at a temperature [K]."""


@dataclass(frozen=True, kw_only=True, slots=True)
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

    Raises
    ------
    InputError
        If a value is missing, not a number or out of range.

    Examples
    --------
    >>> ConstantFluid(density_g_mL=1.0, viscosity_mPa_s=1.55).density(277.15)
    1000.0
    """

    density_g_mL: float = number(above=0, maximum=5, help="density at the temperature of use")
    viscosity_mPa_s: float = number(above=0, help="dynamic viscosity at the temperature of use")
    name: str = text("own fluid", help="what the fluid is called")
    osmolality_mOsm_kg: float = number(290.0, minimum=0, help="osmolality")

    @property
    def osmolality(self) -> float:
        """Osmolality [osm/kg]."""
        return to_si("osmolality_mOsm_kg", self.osmolality_mOsm_kg)

    @property
    def sources(self) -> tuple[str, ...]:
        """No keys: the numbers are the user's."""
        return ()

    def density(self, temperature: float) -> float:
        """Return the density [kg/m3], the same at every temperature [K]."""
        return to_si("density_g_mL", self.density_g_mL)

    def viscosity(self, temperature: float) -> float:
        """Return the viscosity [Pa s], the same at every temperature [K]."""
        return to_si("viscosity_mPa_s", self.viscosity_mPa_s)


@dataclass(frozen=True, slots=True)
class Medium:
    """Fluids in volume fractions at a temperature; frozen, hashable, compared by value.

    Parameters
    ----------
    components : tuple of (Fluid, float) [1]
        Each fluid once, with its volume fraction; the fractions sum to 1. Kept in falling order of fraction.
    temperature : float [K]
        250-400 K.

    Raises
    ------
    InputError
        If a fraction is not positive, a fluid stands twice, the sum is not 1, or the temperature is outside
        250-400 K.

    Examples
    --------
    >>> brine = ConstantFluid(name="brine", density_g_mL=1.10, viscosity_mPa_s=1.44)
    >>> water = ConstantFluid(name="water", density_g_mL=1.00, viscosity_mPa_s=1.00)
    >>> half = Medium.mixed([(Medium.pure(brine, 293.15), 2.0), (Medium.pure(water, 293.15), 2.0)])
    >>> half.name, round(half.density), round(1e3 * half.viscosity, 6)
    ('50 % brine + 50 % water', 1050, 1.2)

    References
    ----------
    Grunberg, L., Nissan, A. H., Nature 164, 799 (1949).
    """

    components: tuple[tuple[Fluid, float], ...]
    temperature: float

    def __post_init__(self) -> None:
        """Check the fractions and the temperature, and put the components in order."""
        problems = [*_fraction_problems(self.components), *_temperature_problems(self.temperature)]
        if problems:
            raise InputError(*problems)
        ordered = tuple(sorted(self.components, key=lambda part: (-part[1], part[0].name, repr(part[0]))))
        object.__setattr__(self, "components", ordered)

    @classmethod
    def pure(cls, fluid: Fluid, temperature: float) -> Medium:
        """Return one fluid at a temperature [K]."""
        return cls(((fluid, 1.0),), temperature)

    @classmethod
    def mixed(cls, parts: Sequence[tuple[Medium, float]]) -> Medium:
        """Return what results when volumes of media are poured together.

        The temperature is the volume-weighted mean: equal heat capacity per volume, no heat exchanged.

        Parameters
        ----------
        parts : sequence of (Medium, float) [any one unit of volume]
            Media and their volumes; a volume may be zero.

        Returns
        -------
        Medium
            The same medium if all parts are equal.

        Raises
        ------
        InputError
            If there are no parts, a volume is negative, or different media have no volume at all.
        """
        if not parts or any(not (math.isfinite(volume) and volume >= 0.0) for _, volume in parts):
            raise InputError("mixing media needs at least one part, and volumes of at least 0")
        filled = [part for part in parts if part[1] > 0.0]
        distinct = {medium for medium, _ in filled or parts}
        if len(distinct) == 1:
            return distinct.pop()
        if not filled:
            raise InputError("mixing different media needs at least one volume above 0")
        total = math.fsum(volume for _, volume in filled)
        temperature = math.fsum(volume * medium.temperature for medium, volume in filled) / total
        poured = _volumes_of_fluids(filled)
        return cls(tuple((fluid, volume / total) for fluid, volume in poured.items()), temperature)

    def at(self, temperature: float) -> Medium:
        """Return the same fluids at another temperature [K]."""
        return Medium(self.components, temperature)

    @property
    def name(self) -> str:
        """The fluid, or the fluids with their volume percentages."""
        if len(self.components) == 1:
            return self.components[0][0].name
        return " + ".join(f"{100 * fraction:.3g} % {fluid.name}" for fluid, fraction in self.components)

    @property
    def density(self) -> float:
        """Density [kg/m3], linear in the volume fractions."""
        return math.fsum(part * fluid.density(self.temperature) for fluid, part in self.components)

    @property
    def viscosity(self) -> float:
        """Dynamic viscosity [Pa s], logarithmic in the volume fractions."""
        if len(self.components) == 1:
            return self.components[0][0].viscosity(self.temperature)
        return math.exp(
            math.fsum(part * math.log(fluid.viscosity(self.temperature)) for fluid, part in self.components)
        )

    @property
    def osmolality(self) -> float:
        """Osmolality [osm/kg], linear in the volume fractions."""
        return math.fsum(part * fluid.osmolality for fluid, part in self.components)

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography, those of the mixing rule included."""
        keys = [key for fluid, _ in self.components for key in fluid.sources]
        rule = ["grunberg1949", "sepsim_choice"] if len(self.components) > 1 else []
        return tuple(dict.fromkeys(keys + rule))


def _volumes_of_fluids(parts: Sequence[tuple[Medium, float]]) -> dict[Fluid, float]:
    volumes: dict[Fluid, list[float]] = {}
    for medium, volume in parts:
        for fluid, fraction in medium.components:
            volumes.setdefault(fluid, []).append(volume * fraction)
    return {fluid: math.fsum(poured) for fluid, poured in volumes.items()}


def _fraction_problems(components: tuple[tuple[Fluid, float], ...]) -> list[str]:
    problems = [
        f"volume fraction of {fluid.name} = {fraction!r}: must be above 0 and at most 1"
        for fluid, fraction in components
        if not 0.0 < fraction <= 1.0 + 1e-9
    ]
    if len({fluid for fluid, _ in components}) < len(components):
        problems.append("components of a medium: each fluid must stand once")
    total = math.fsum(fraction for _, fraction in components)
    if not problems and not math.isclose(total, 1.0, abs_tol=1e-9):
        problems.append(f"volume fractions sum to {total!r}: must sum to 1")
    return problems


def _temperature_problems(temperature: float) -> list[str]:
    lowest, highest = TEMPERATURE_RANGE_K
    if lowest <= temperature <= highest:
        return []
    return [f"temperature = {temperature!r} K: must be in kelvin, within {lowest:g} to {highest:g}"]
