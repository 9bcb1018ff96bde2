"""What every chip is: a record of its sizes and of what drives it, and the questions that a run asks it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sepsim.errors import InputError
from sepsim.media import Medium
from sepsim.particles.states import ParticleState
from sepsim.samples.sample import Sample
from sepsim.settings import Settings, number, settings, text
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Liquid, Passage
from sepsim.text.tables import rounded_down
from sepsim.units import to_si

TARGET, WASTE = "target outlet", "waste"
LAMINAR = 2000.0  # Reynolds number of a channel beyond which a flow may be turbulent
WATER_BOILS = 373.15  # K, at the pressure of air


@settings
class Chip(Settings, ABC):
    """A chip of some mechanism.

    A subclass is a record under `sepsim.settings.settings` that names its `mechanism`, and answers below.

    Parameters
    ----------
    name : str
    flow_uL_min : float [uL/min]
        Of the sample into one chip, unless a step says another.
    buffer_ratio : float [-]
        Volumes of buffer that flow in beside one of sample.
    dead_volume_uL : float [uL]
        Of sample that stays in one chip and its tubing.
    adsorbed_percent : float [%]
        Of the particles, lost on its walls.
    pressure_limit_bar : float [bar]
        Beyond which it leaks.

    Examples
    --------
    >>> import sepsim
    >>> isinstance(sepsim.chip("AF4 490 um"), Chip)
    True
    """

    mechanism: ClassVar[str]

    name: str = text(default="own chip", help="name of the chip")
    flow_uL_min: float = number(minimum=1e-9, maximum=1e6, help="flow of the sample into one chip")
    buffer_ratio: float = number(default=0.0, minimum=0, maximum=1e4, help="volumes of buffer beside one of sample")
    dead_volume_uL: float = number(default=1.0, minimum=0, maximum=1e5, help="sample that stays in it and its tubing")
    adsorbed_percent: float = number(default=10.0, minimum=0, maximum=99, help="of the particles, lost on its walls")
    pressure_limit_bar: float = number(default=10.0, above=0, maximum=1e4, help="beyond which it leaks")

    @property
    @abstractmethod
    def channel(self) -> Channel:
        """The main channel."""

    @abstractmethod
    def liquids(self, load: Load) -> dict[str, Liquid]:
        """Return what liquid leaves by each outlet; cheap, of settings and volumes alone."""

    @abstractmethod
    def passage(self, load: Load) -> Passage:
        """Return where the particles leave, and how."""

    @property
    def outlets(self) -> tuple[str, ...]:
        """Names of the fractions that it hands out."""
        return (TARGET, WASTE)

    @property
    def numbered(self) -> int:
        """How many of them are numbered, ``fraction 1`` to that."""
        return 0

    @property
    def antigens(self) -> tuple[str, ...]:
        """Antigens whose copies on each particle it needs to know."""
        return ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of its physics."""
        return ()

    def states(self, sample: Sample) -> tuple[ParticleState, ...]:
        """Return the states that it can bring particles into; none by default."""
        return ()

    def handed_out(self, outlet: str, fraction: Sample, passage: Passage | None) -> Sample:
        """Return a fraction as it is handed out; one that changes its particles overrides it.

        Parameters
        ----------
        outlet : str
        fraction : Sample
        passage : Passage or None
            None of a dry run.

        Returns
        -------
        Sample
        """
        return fraction

    def spent(self, outlet: str) -> str:
        """Return why what leaves by an outlet cannot be treated by a later step, or an empty text."""
        return ""

    def product_remark(self, outlet: str) -> str:
        """Return what is worth telling of what leaves by an outlet if it is the product, or an empty text."""
        return ""

    def carrier(self, sample: Sample, buffer: Medium) -> Medium:
        """Return in what particles move: sample and buffer, mixed as they flow in."""
        return sample.dilute(self.buffer_ratio * sample.volume, buffer).liquid

    def channel_flow(self, load: Load) -> float:
        """Return what flows through the channel of one chip [m3/s]: sample and buffer."""
        return load.total_flow

    def viscosity(self, load: Load) -> float:
        """Return that of what flows through the channel [Pa s]: of the carrier."""
        return load.carrier.viscosity

    def reynolds(self, load: Load) -> float:
        """Return the Reynolds number of the channel [-]."""
        return self.channel.reynolds(self.channel_flow(load), load.carrier.density, self.viscosity(load))

    def pressure(self, load: Load) -> float:
        """Return what drives a load through one chip [Pa]."""
        return self.channel.pressure_drop(self.channel_flow(load), self.viscosity(load))

    def residence(self, load: Load) -> float:
        """Return the mean time of the liquid in a chip [s]."""
        return self.channel.residence_time(self.channel_flow(load))

    def time(self, load: Load) -> float:
        """Return how long the chips take [s]."""
        return load.flow_time + self.residence(load)

    def heating(self, load: Load) -> float:
        """Return by how much what drives the particles heats the liquid [K]; 0 by default."""
        return 0.0

    def refuse(self, load: Load) -> None:
        """Raise if a load cannot pass: turbulence, pressure, boiling; a mechanism adds its own.

        Raises
        ------
        InputError
        """
        self._refuse_flow("flow_uL_min", load.flow, self.reynolds(load), self.pressure(load))
        hottest = load.carrier.temperature + self.heating(load)
        if hottest >= WATER_BOILS:
            raise InputError(
                f"{self.heating_cause}: heats the liquid by {self.heating(load):.3g} K, and it boils; take less of it, "
                "a buffer that conducts less, or a flatter channel"
            )

    def _refuse_flow(self, key: str, flow: float, reynolds: float, pressure: float) -> None:
        """Raise if a flow [m3/s] that a key sets is not laminar, or takes more pressure [Pa] than the chip holds."""
        shown, per_minute = f"{key} = {flow * 6e10:.4g}", flow * 6e10
        if reynolds > LAMINAR:
            raise InputError(
                f"{shown}: the Reynolds number of the channel is {reynolds:.3g}, and above {LAMINAR:g} the flow is not "
                f"laminar; give at most {rounded_down(per_minute * LAMINAR / reynolds, 3)}, or more chips"
            )
        limit = to_si("pressure_limit_bar", self.pressure_limit_bar)
        if pressure > limit:
            raise InputError(
                f"{shown}: takes {pressure * 1e-5:.3g} bar, and the chip holds {self.pressure_limit_bar:g} bar; give "
                f"at most {rounded_down(per_minute * limit / pressure, 3)}, or more chips"
            )

    @property
    def heating_cause(self) -> str:
        """What heats the liquid, as a setting with its value."""
        return "chip"

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield what makes a run less certain, as far as settings, volumes and media tell."""
        return iter(())

    def to_table(self) -> dict[str, Any]:
        """Return the record as a table, with its mechanism."""
        return {"mechanism": self.mechanism, **super(Chip, self).to_table()}

    def given(self) -> dict[str, Any]:
        """Return the table without what is left at its default."""
        return {"mechanism": self.mechanism, **super(Chip, self).given()}

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Any:
        """Build the record from a table that may name the mechanism.

        Raises
        ------
        InputError
            With one problem per key.
        """
        return super(Chip, cls).from_table({key: value for key, value in table.items() if key != "mechanism"})

    def chips_within(self, load: Load, seconds: float) -> int:
        """Return how many such chips take the load in a time."""
        return math.ceil(load.flow_time * load.chips / seconds)
