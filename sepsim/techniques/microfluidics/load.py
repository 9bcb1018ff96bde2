"""What enters a chip: a sample, the buffer beside it, and how its particles move in what the two become."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sepsim.arrays import BoolArray, FloatArray
from sepsim.media import Medium
from sepsim.particles.osmosis import State, state_at
from sepsim.particles.transport import diffusion_coefficient
from sepsim.samples.sample import Sample


@dataclass(frozen=True, eq=False, kw_only=True)
class Load:
    """A sample on its way into chips.

    Attributes
    ----------
    sample : Sample
        What is treated, at the temperature of the chips; without what stays in dead volumes.
    buffer : Medium
        Flows in beside it, or carries it.
    carrier : Medium
        In which its particles move.
    flow : float [m3/s]
        Of the sample into one chip.
    buffer_flow : float [m3/s]
        Of the buffer into one chip.
    chips : int
        Alike, side by side.
    """

    sample: Sample
    buffer: Medium
    carrier: Medium
    flow: float
    buffer_flow: float
    chips: int = 1

    @property
    def total_flow(self) -> float:
        """Of sample and buffer through one chip [m3/s]."""
        return self.flow + self.buffer_flow

    @property
    def volume(self) -> float:
        """Of the sample that flows through the chips [m3]."""
        return self.sample.volume

    @property
    def flow_time(self) -> float:
        """In which the chips take up the sample [s]."""
        return self.volume / (self.flow * self.chips)

    @cached_property
    def moving(self) -> FloatArray:
        """Number of bodies that move, of each class, shape (n,): a cluster is one."""
        return self.sample.particles.moving(self.sample.counts)

    @property
    def bodies(self) -> FloatArray:
        """Number of bodies that pass, of each class, shape (n,): as `moving`, and of what beads carry a bead each."""
        variants = self.sample.particles.variants
        if variants is None:
            return self.moving
        bodies: FloatArray = np.where(variants.carried, self.sample.counts, self.moving)
        return bodies

    @property
    def passing(self) -> BoolArray:
        """Of which classes at least one body passes, shape (n,)."""
        passing: BoolArray = self.bodies >= 1.0
        return passing

    @cached_property
    def _state(self) -> State:
        return state_at(self.sample.particles, self.carrier.osmolality)

    @property
    def diameter(self) -> FloatArray:
        """Hydrodynamic, of what moves, in the carrier, shape (n,) [m]."""
        return self._state.diameter

    @property
    def radius(self) -> FloatArray:
        """Half the diameter, shape (n,) [m]."""
        return 0.5 * self._state.diameter

    @property
    def particle_volume(self) -> FloatArray:
        """Of the solids of what moves, shape (n,) [m3]."""
        return self._state.volume

    @property
    def density(self) -> FloatArray:
        """Of these solids, shape (n,) [kg/m3]."""
        return self._state.mass / self._state.volume

    @cached_property
    def diffusivity(self) -> FloatArray:
        """In the carrier, shape (n,) [m2/s]."""
        return diffusion_coefficient(self.sample.particles, self.carrier)
