"""Free-flow electrophoresis: a field across the stream, in which particles part by their charge.

What happens in the chip: the sample flows in beside buffer, between two electrodes along the sides. Negative particles
cross to the anode, at the right, the more charged and the larger ones faster, while the stream carries all of them to
the outlets; neutral ones stay where they are.

    v = -mu V/w                                              (mu: `electrophoretic_mobility`, w: width)

Particles drift and diffuse across the stream, in layers of its height: near floor and lid they have more time, and get
further. Where they leave is a closed solution (`even_drift`); those that spread to the walls are marched
(`cross_stream`). A current heats the liquid by up to h^2 sigma E^2/(8 k) (`heating`).

Assumptions: an even field, with all of the voltage between the sides; floor and lid coated, so that no electro-osmosis
turns the liquid over; salt and pH even, though sample and buffer differ, so that no boundary sharpens; what the
electrodes make is taken away behind membranes; mobilities as at the temperature of the inlet.

Valid range: zeta potentials below 50 mV; heating below some 10 K.

Sources: Ohshima 1994; Kirby & Hasselbrink 2004; Ramos et al. 1998. Free-flow electrophoresis of extracellular vesicles
has no published balance; across a membrane of 30 nm, 65 % of them came through (Cho 2016, recalled).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.media.electrolyte import conductivity
from sepsim.settings import number, settings
from sepsim.techniques.microfluidics.chips.sheath_chip import SheathFlowChip
from sepsim.techniques.microfluidics.cross_stream import Crossing, cross_stream
from sepsim.techniques.microfluidics.electrophoretic_mobility import LARGEST_ZETA, mobilities, zeta_potentials
from sepsim.techniques.microfluidics.even_drift import spreads_little, with_even_drift
from sepsim.techniques.microfluidics.heating import channel_heating, too_warm
from sepsim.techniques.microfluidics.load import Load

UNEVEN = 2.0  # times that the conductivity of sample and buffer may differ
LONGEST = 6  # populations in a line


@settings
class Electrophoresis(SheathFlowChip):
    """A channel with a cathode along its left side and an anode along its right one.

    Parameters
    ----------
    name, flow_uL_min, buffer_ratio, dead_volume_uL, adsorbed_percent, pressure_limit_bar
        As for `Chip`.
    width_um, height_um, length_mm, channels, sample_at, target_at, target_percent
        As for `SheathFlowChip`.
    voltage_V : float [V]
        Between the two sides of the channel: what electrodes behind membranes lose is not part of it.
    pH : float [-]
        At which particles are charged.

    Examples
    --------
    >>> chip = Electrophoresis(flow_uL_min=1, width_um=2000, height_um=50, length_mm=20, voltage_V=20)
    >>> f"{chip.field:.0f} V/m"
    '10000 V/m'
    """

    mechanism: ClassVar[str] = "electrophoresis"

    voltage_V: float = number(above=0, maximum=1e5, help="between the two sides of the channel")
    pH: float = number(default=7.4, minimum=1, maximum=14, help="at which particles are charged")

    @property
    def field(self) -> float:
        """Across the channel [V/m]."""
        return self.voltage_V / self.channel.width

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of its physics."""
        return ("ohshima1994", "kirby2004", "midekessa2020", "ramos1998", "robinson1959", "wu1991")

    def drift(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return how fast classes drift to the anode, the same at every place, shape (n, m) [m/s]."""
        return np.tile(self._speed(load)[rows, None], (1, y.size))

    def crossing(self, load: Load) -> Crossing:
        """Return where particles leave: in closed form, and marched where they spread to walls."""
        stream, movers, present = self.stream(load), self.movers(load), load.sample.counts > 0
        closed = present & spreads_little(stream, movers.diffusivity)
        marched = cross_stream(stream, movers, present & ~closed)
        return with_even_drift(marched, stream, closed, self._speed(load), movers.diffusivity)

    def _speed(self, load: Load) -> FloatArray:
        """Return how fast classes drift to the anode, shape (n,) [m/s]."""
        speed: FloatArray = -self.field * mobilities(load, self.pH)
        return speed

    def heating(self, load: Load) -> float:
        """Return by how much the current heats the middle of the channel [K]."""
        thin = min(self.channel.width, self.channel.height)
        return channel_heating(self.field, conductivity(load.carrier), thin)

    @property
    def heating_cause(self) -> str:
        """The voltage."""
        return f"voltage_V = {self.voltage_V:g}"

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield where heat, charges or an uneven salt take the model out of its range."""
        yield from super(Electrophoresis, self).doubts(load)
        if told := too_warm(load.carrier.temperature, self.heating(load)):
            yield told
        sample, buffer = conductivity(load.sample.medium), conductivity(load.buffer)
        if self.buffer_ratio > 0 and max(sample, buffer) > UNEVEN * min(sample, buffer):
            yield (
                f"the sample conducts {sample:.2g} S/m and the buffer {buffer:.2g} S/m: the field is not even, and "
                "particles stack at the boundary, which is left out; bring the sample into the buffer first"
            )
        zeta = np.abs(zeta_potentials(load, self.pH))
        if high := load.sample.particles.named((zeta > LARGEST_ZETA) & (load.moving >= 1.0)):
            yield (
                f"zeta potentials of {', '.join(high)} above "
                f"{1e3 * LARGEST_ZETA:g} mV: the double layer lags behind, and they are slower than Henry's law says"
            )

    def told(self, load: Load, crossing: Crossing) -> dict[str, Any]:
        """Return what else a passage holds: its course, and the mobilities."""
        return {"course": crossing, "remarks": tuple(self._remarks(load))}

    def _remarks(self, load: Load) -> Iterator[str]:
        table, moving = load.sample.particles, load.moving
        total = table.totals(moving)
        mean = table.totals(mobilities(load, self.pH) * moving) / np.maximum(total, 1e-300)
        first = sorted(np.flatnonzero(total > 0), key=lambda index: table.kinds[index] != "vesicle")[:LONGEST]
        told = ", ".join(f"{table.names[index]} {1e8 * mean[index]:.2g}" for index in first)
        yield (
            f"mobilities in {conductivity(load.carrier):.2g} S/m: {told} um cm/(V s); the field is "
            f"{1e-2 * self.field:.3g} V/cm"
        )
