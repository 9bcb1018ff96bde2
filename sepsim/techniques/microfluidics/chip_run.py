"""A run of a chip: what went in, what came out, and the results that hold of any mechanism."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sepsim.techniques.microfluidics.chips.chip import Chip
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Liquid, Passage


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ChipRun:
    """A run of a chip, as pictures and tables need it.

    Attributes
    ----------
    chip : Chip
    load : Load
    liquids : mapping of str to Liquid
        By outlet.
    passage : Passage or None
        None of a dry run.
    """

    chip: Chip
    load: Load
    liquids: Mapping[str, Liquid]
    passage: Passage | None

    @property
    def reynolds(self) -> float:
        """Of the channel [-]."""
        return self.chip.reynolds(self.load)

    @property
    def wall_stress(self) -> float:
        """Shear stress at the wider walls [Pa]."""
        return self.chip.viscosity(self.load) * self.chip.channel.wall_shear_rate(self.chip.channel_flow(self.load))

    @property
    def pressure(self) -> float:
        """What drives sample and buffer through a chip [Pa]."""
        return self.chip.pressure(self.load)

    @property
    def residence(self) -> float:
        """Mean time in the channel [s]."""
        return self.chip.residence(self.load)

    @property
    def throughput(self) -> float:
        """Sample over the time that it takes [m3/s]."""
        return self.load.volume / self.chip.time(self.load)

    def dilution(self, outlet: str) -> float:
        """Return the volume that leaves by an outlet over that of its part of the sample [-]."""
        liquid = self.liquids[outlet]
        part = liquid.load_share * self.load.volume
        return (part + liquid.buffer) / part if part > 0 else float("inf")
