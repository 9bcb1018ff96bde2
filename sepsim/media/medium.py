"""What particles float in: fluids and dissolved solutes at a temperature.

Mixtures are ideal by choice: see `sepsim.media.blend`. Without solutes the density is linear in the volume fractions,
the logarithm of the viscosity is linear in them, and so is the osmolality.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media.blend import Blend
from sepsim.media.fluid import ConstantFluid, Dissolved, Fluid, Shares, composition
from sepsim.media.protein_solution import ProteinSolution, own_protein, without_excess
from sepsim.media.solute import Solute
from sepsim.text.tables import cut
from sepsim.units import from_si

__all__ = ["ConstantFluid", "Fluid", "Medium"]

LONGEST_NAME = 140  # letters in a line
TEMPERATURE_RANGE_K = (250.0, 400.0)  # roughly where the media of separations are liquid
Part = TypeVar("Part", Fluid, Solute)


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """Fluids in volume fractions, with solutes in them, at a temperature; frozen, hashable, compared by value.

    Parameters
    ----------
    components : tuple of (Fluid, float) [1]
        Each fluid once, with its share in the volume of the solvent; the shares sum to 1. Kept in falling order.
    temperature : float [K]
        250-400 K.
    solutes : tuple of (Solute, float) [kg/m3]
        Each solute once, with its mass per volume of medium; those at zero are left out. Kept in falling order.
    label : str
        What the medium is called if not by its composition; plays no part in comparisons.

    Raises
    ------
    InputError
        If a fraction is not positive, a fluid or solute stands twice, the sum is not 1, a concentration is negative,
        or the temperature is outside 250-400 K.

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

    components: Shares
    temperature: float
    solutes: Dissolved = ()
    label: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Check the fractions, concentrations and temperature, and put the parts in order."""
        problems = [
            *_fraction_problems(self.components),
            *_concentration_problems(self.solutes),
            *_temperature_problems(self.temperature),
        ]
        if problems:
            raise InputError(*problems)
        object.__setattr__(self, "components", _in_order(self.components))
        object.__setattr__(self, "solutes", _in_order(part for part in self.solutes if part[1] > 0.0))

    def __repr__(self) -> str:
        return f"Medium({cut(self.name, LONGEST_NAME)} at {from_si('temperature_C', self.temperature):.4g} °C)"

    @classmethod
    def pure(cls, fluid: Fluid, temperature: float) -> Medium:
        """Return one fluid at a temperature [K]; a solution becomes its solvent and its solutes."""
        shares, solutes = composition(fluid, temperature)
        return cls(shares, temperature, solutes, label=fluid.name)

    @classmethod
    def mixed(cls, parts: Sequence[tuple[Medium, float]]) -> Medium:
        """Return what results when volumes of media are poured together.

        The temperature is the volume-weighted mean: equal heat capacity per volume, no heat exchanged. Volumes add;
        solutes mix by volume, diluents by the volume of solvent that the solutes leave; thermal expansion is neglected.

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
        tempered = [(medium.at(temperature), volume) for medium, volume in filled]
        solvents = [(medium, volume * medium._solvent_volume) for medium, volume in tempered]
        solvent = math.fsum(volume for _, volume in solvents)
        shares = _gathered((fluid, volume * share) for medium, volume in solvents for fluid, share in medium.components)
        solutes = _gathered((solute, volume * c) for medium, volume in tempered for solute, c in medium.solutes)
        return cls(
            tuple((fluid, volume / solvent) for fluid, volume in shares.items()),
            temperature,
            tuple((solute, mass / total) for solute, mass in solutes.items()),
        )

    def at(self, temperature: float) -> Medium:
        """Return the same medium at another temperature [K]: the same masses of solute per mass of solvent."""
        if not self.solutes or temperature == self.temperature:
            return replace(self, temperature=temperature)
        ratios = self._blend.mass_ratios(*self._amounts)
        elsewhere = Blend(self._blend.diluents, self._blend.solutes, temperature)
        concentrations = elsewhere.concentrations(self._amounts[0], ratios)
        solutes = tuple((solute, float(c)) for (solute, _), c in zip(self.solutes, concentrations, strict=True))
        return replace(self, temperature=temperature, solutes=solutes)

    @property
    def bare(self) -> Medium:
        """The same without the proteins that `laden` brought."""
        shares = _gathered((without_excess(part), share) for part, share in self.components)
        return replace(self, components=tuple(shares.items()))

    def laden(self, *, excess: float, displaced: float, crowding: float, own_crowding: float) -> Medium:
        """Return the same medium with more protein in it, or less.

        Parameters
        ----------
        excess, displaced : float [kg/m3], [-]
            Protein that comes to it and its volume, per volume of medium; may be negative.
        crowding, own_crowding : float [-]
            As in `ProteinSolution`.

        Examples
        --------
        >>> from sepsim.media import fluid
        >>> albumin = {"excess": 100.0, "displaced": 0.0733, "crowding": 0.42}
        >>> buffer = Medium.pure(fluid("PBS"), 293.15)
        >>> rich = buffer.laden(**albumin, own_crowding=0.0)
        >>> round(rich.viscosity / buffer.viscosity, 2)
        1.67
        """
        solvent = self._solvent_volume
        gained = {"excess": excess / solvent, "displaced": displaced / solvent}
        thickened = {"crowding": crowding, "own_crowding": own_crowding}
        shares = tuple((ProteinSolution(fluid=part, **gained, **thickened), share) for part, share in self.components)
        return replace(self, components=shares)

    @property
    def name(self) -> str:
        """What it is called, or the solutes and fluids with their percentages."""
        if self.label:
            return self.label
        solvent = " + ".join(f"{100 * share:.3g} % {fluid.name}" for fluid, share in self.components)
        if len(self.components) == 1:
            solvent = self.components[0][0].name
        if not self.solutes:
            return solvent
        return " + ".join(f"{c / 10:.3g} % w/v {solute.name}" for solute, c in self.solutes) + f" in {solvent}"

    @property
    def density(self) -> float:
        """Density [kg/m3]."""
        return float(self._blend.density(*self._amounts))

    @property
    def viscosity(self) -> float:
        """Dynamic viscosity [Pa s]."""
        return float(self._blend.viscosity(*self._amounts))

    @property
    def osmolality(self) -> float:
        """Osmolality [osm/kg]."""
        return float(self._blend.osmolality(*self._amounts))

    @property
    def proteins(self) -> dict[Fluid, float]:
        """Protein that each fluid stands for, per volume of medium [kg/m3]; those of none are left out.

        Examples
        --------
        >>> from sepsim.media import fluid
        >>> parts = [(Medium.pure(fluid(name), 293.15), 1.0) for name in ("plasma", "PBS")]
        >>> [*Medium.mixed(parts).proteins.values()]
        [29.5]
        """
        carried = {part: share * own_protein(part) for part, share in self.components}
        solvent = self._solvent_volume if any(carried.values()) else 1.0
        return {part: solvent * protein for part, protein in carried.items() if protein}

    @property
    def refractive_index(self) -> float:
        """Refractive index at 20 degC, sodium D line [-]; nan if that of a part is unknown."""
        return float(self._blend.refractive_index(*self._amounts))

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography, those of the mixing rules included."""
        keys = [key for fluid, _ in self.components for key in fluid.sources]
        keys += [key for solute, _ in self.solutes for key in solute.sources]
        rule = ["grunberg1949", "sepsim_choice"] if len(self.components) > 1 or len(self.solutes) > 1 else []
        return tuple(dict.fromkeys(keys + rule))

    @property
    def _blend(self) -> Blend:
        diluents = tuple(fluid for fluid, _ in self.components)
        return Blend(diluents, tuple(solute for solute, _ in self.solutes), self.temperature)

    @property
    def _amounts(self) -> tuple[FloatArray, FloatArray]:
        shares, concentrations = ([amount for _, amount in parts] for parts in (self.components, self.solutes))
        return np.array(shares, dtype=np.float64), np.array(concentrations, dtype=np.float64)

    @property
    def _solvent_volume(self) -> float:
        return float(self._blend.solvent_volume(self._amounts[1]))


def _in_order(parts: Iterable[tuple[Part, float]]) -> tuple[tuple[Part, float], ...]:
    return tuple(sorted(parts, key=lambda part: (-part[1], part[0].name, repr(part[0]))))


def _gathered(parts: Iterable[tuple[Part, float]]) -> dict[Part, float]:
    amounts: dict[Part, list[float]] = {}
    for part, amount in parts:
        amounts.setdefault(part, []).append(amount)
    return {part: math.fsum(found) for part, found in amounts.items()}


def _concentration_problems(solutes: Dissolved) -> list[str]:
    problems = [
        f"concentration of {solute.name} = {c!r} kg/m3: must be a finite number, at least 0"
        for solute, c in solutes
        if not (math.isfinite(c) and c >= 0.0)
    ]
    if len({solute for solute, _ in solutes}) < len(solutes):
        problems.append("solutes of a medium: each must stand once")
    return problems


def _fraction_problems(components: Shares) -> list[str]:
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
