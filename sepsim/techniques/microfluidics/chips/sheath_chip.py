"""A channel into which a sample flows beside buffer, and whose outlets divide the stream: what such chips share.

A mechanism says how fast particles drift across, and how strongly the liquid is stirred, or, where that differs between
depths, gives its own `movers`; who leaves where follows from `cross_stream`. Liquid stays on its streamlines.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.errors import InputError
from sepsim.particles.transport import sedimentation_coefficient
from sepsim.settings import integer, number, settings, text
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.chips.chip import TARGET, WASTE, Chip
from sepsim.techniques.microfluidics.cross_stream import Band, Crossing, Movers, Stream, bands, cross_stream, overlap
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Liquid, Passage
from sepsim.units import to_si

PLACES = ("centre", "sides", "left", "right")
LARGE = 0.1  # diameter over the narrower side from which on a particle is no point
PLACES_OF_PECLET = 65


@settings
class SheathFlowChip(Chip):
    """A straight channel in which particles drift across the flow.

    A subclass names its `mechanism`, and answers `drift`.

    Parameters
    ----------
    name, flow_uL_min, buffer_ratio, dead_volume_uL, adsorbed_percent, pressure_limit_bar
        As for `Chip`.
    width_um, height_um, length_mm : float [um], [um], [mm]
        Of a channel, or of its part in which particles drift.
    channels : int
        Side by side in a chip; they share the flow.
    sample_at : str
        Where the sample flows in; the buffer takes the rest of the width.
    target_at : str
        Where the target outlet takes the stream.
    target_percent : float [%]
        Of the flow that leaves by it.
    """

    width_um: float = number(minimum=0.01, maximum=1e5, help="width of a channel, across which particles drift")
    height_um: float = number(minimum=0.01, maximum=1e5, help="height of a channel")
    length_mm: float = number(minimum=1e-3, maximum=1e4, help="length over which they drift")
    channels: int = integer(default=1, minimum=1, maximum=10_000, help="channels side by side in a chip")
    sample_at: str = text(default="sides", choices=PLACES, help="where the sample flows in, beside the buffer")
    target_at: str = text(default="centre", choices=PLACES, help="where the target outlet takes the stream")
    target_percent: float = number(default=50.0, above=0, maximum=99.99, help="of the flow that leaves by it")

    @abstractmethod
    def drift(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return how fast classes drift towards the right wall.

        Parameters
        ----------
        load : Load
        rows : ndarray of int, shape (n,)
            Of the load.
        y : ndarray, shape (m,) [m]
            Places, from the left wall on.

        Returns
        -------
        ndarray, shape (n, m) [m/s]
        """

    def stirring(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return what flow across adds to the diffusivity, shape (n, m) [m2/s]; none by default."""
        return np.zeros((rows.size, y.size))

    def diffusivity(self, load: Load) -> FloatArray:
        """Return that of each class, shape (n,) [m2/s]: in the carrier by default."""
        return load.diffusivity

    def uptake(self, load: Load) -> FloatArray | None:
        """Return how fast the left and the right wall take particles up, shape (2, n) [m/s]; None: not at all."""
        return None

    def drift_length(self) -> float:
        """Return over which length drift and diffusion compete in the Peclet number [m]: the width by default."""
        return self.channel.width

    @property
    def channel(self) -> Channel:
        """The channel, or the channels."""
        return Channel(
            width=to_si("width_um", self.width_um),
            height=to_si("height_um", self.height_um),
            length=to_si("length_mm", self.length_mm),
            parallel=self.channels,
        )

    @property
    def inlet(self) -> tuple[Band, ...]:
        """Bands of the flow in which the sample enters."""
        return bands(self.sample_at, 1.0 / (1.0 + self.buffer_ratio))

    @property
    def outlet_bands(self) -> Mapping[str, tuple[Band, ...]]:
        """Bands of the flow that leave by each outlet."""
        target = bands(self.target_at, to_si("target_percent", self.target_percent))
        edges = sorted({0.0, 1.0, *(edge for band in target for edge in band)})
        rest = [band for band in pairwise(edges) if band not in target]
        return {TARGET: target, WASTE: tuple(rest)}

    def liquids(self, load: Load) -> dict[str, Liquid]:
        """Return what liquid the outlets take: that of their streamlines."""
        entering = 1.0 / (1.0 + self.buffer_ratio)
        liquids = {}
        for outlet, taken in self.outlet_bands.items():
            sample = overlap(self.inlet, taken) / entering
            whole = overlap(((0.0, 1.0),), taken) * (1.0 + self.buffer_ratio) * load.volume
            liquids[outlet] = Liquid(sample, max(whole - sample * load.volume, 0.0))
        return liquids

    def refuse(self, load: Load) -> None:
        """Raise if a particle clogs the channel, besides what any chip refuses."""
        super(SheathFlowChip, self).refuse(load)
        narrow = min(self.channel.width, self.channel.height)
        largest = float(np.max(load.diameter, where=load.passing, initial=0.0))
        if largest >= narrow:
            key = "width_um" if self.width_um <= self.height_um else "height_um"
            raise InputError(
                f"{key} = {getattr(self, key):g}: particles of {largest * 1e6:.3g} um clog it; take them out first, or "
                "take a wider channel"
            )

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield which particles are no points, or settle on their way."""
        channel, table = self.channel, load.sample.particles
        narrow = min(channel.width, channel.height)
        fall = np.abs(sedimentation_coefficient(table, load.carrier)) * STANDARD_GRAVITY_M_PER_S2
        wide = load.passing & (load.diameter > LARGE * narrow)
        settle = (load.moving >= 1.0) & (fall * channel.residence_time(load.total_flow) > 0.5 * channel.height)
        cases = (
            (wide, "are wide beside the channel, and flow otherwise than points do"),
            (settle, "settle to its floor on the way"),
        )
        for which, what in cases:
            names = table.named(which)
            if names:
                yield f"particles of {', '.join(names)} {what}, which is left out"

    def stream(self, load: Load) -> Stream:
        """Return the channel with what flows in and out."""
        return Stream(channel=self.channel, flow=load.total_flow, inlet=self.inlet, outlets=self.outlet_bands)

    def movers(self, load: Load) -> Movers:
        """Return how the particles of a load move across the stream.

        Parameters
        ----------
        load : Load

        Returns
        -------
        Movers
        """
        still = np.zeros((2, load.diffusivity.size))
        uptake = self.uptake(load)
        return Movers(
            diffusivity=self.diffusivity(load),
            drift=lambda rows, y, z: self.drift(load, rows, y),
            stirring=lambda rows, y, z: self.stirring(load, rows, y),
            uptake=still if uptake is None else uptake,
        )

    def crossing(self, load: Load) -> Crossing:
        """Return where the particles of a load leave, band by band.

        Parameters
        ----------
        load : Load

        Returns
        -------
        Crossing
        """
        sample = load.sample
        known = (sample.particles, sample.medium, load.buffer, load.carrier, load.flow, load.buffer_flow)
        return _crossing(_Case((self, *known, (sample.counts > 0).tobytes()), load))

    def peclet(self, load: Load) -> FloatArray:
        """Return fastest drift times `drift_length` over diffusivity of each class, shape (n,) [-]."""
        y = np.linspace(0.0, 1.0, PLACES_OF_PECLET) * self.channel.width
        fastest = np.abs(self.drift(load, np.arange(load.diffusivity.size), y)).max(axis=1)
        number: FloatArray = fastest * self.drift_length() / self.diffusivity(load)
        return number

    def passage(self, load: Load) -> Passage:
        """Return where the particles leave."""
        crossing = self.crossing(load)
        return Passage(
            shares=crossing.shares,
            peclet=self.peclet(load),
            heating=self.heating(load),
            error=crossing.error,
            **self.told(load, crossing),
        )

    def told(self, load: Load, crossing: Crossing) -> dict[str, Any]:
        """Return what else a passage holds: its course, remarks and warnings."""
        return {"course": crossing}


@dataclass(frozen=True, slots=True)
class _Case:
    """A load in a chip, and what its crossing depends on: which particles are there, and not how many."""

    known: tuple[Hashable, ...]
    load: Load = field(compare=False)


@lru_cache(maxsize=4)
def _crossing(case: _Case) -> Crossing:
    """March a case; kept, since bench and ideal handling often differ in the numbers alone."""
    chip, load = case.known[0], case.load
    assert isinstance(chip, SheathFlowChip)
    return cross_stream(chip.stream(load), chip.movers(load), load.sample.counts > 0)
