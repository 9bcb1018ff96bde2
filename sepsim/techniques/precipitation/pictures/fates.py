"""What becomes of each population in a precipitation, up to the end of the spin."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.particles.particle_table import ParticleTable

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.precipitate import Precipitate


class Fates(NamedTuple):
    """Shares of the particles of each population, shape (n_populations,) [-]; they sum to 1 where there are any.

    Attributes
    ----------
    in_clusters : ndarray
        Came out of solution and lie at the wall.
    alone : ndarray
        Stayed dispersed and lie at the wall.
    suspended : ndarray
        Came out of solution and are still suspended, or float.
    dispersed : ndarray
        Stayed dispersed and are in the liquid.
    """

    in_clusters: FloatArray
    alone: FloatArray
    suspended: FloatArray
    dispersed: FloatArray

    @classmethod
    def of(cls, made: Precipitate) -> Self:
        """Return the fates in a precipitation."""
        wanted = made.wanting.share
        landed = wanted * (1.0 if made.landed is None else made.landed.share)
        pelleted = made.spin.pelleted
        alone = (pelleted - landed).clip(min=0.0)
        parts = (pelleted - alone, alone, wanted - landed, 1.0 - wanted - alone)
        spin = made.spin
        return cls(*(share_by_population(spin.particles, spin.counts, part) for part in parts))


def share_by_population(particles: ParticleTable, counts: FloatArray, share: FloatArray) -> FloatArray:
    """Return the share of the particles of each population, shape (n_populations,) [-]; 0 of what is not there."""
    total = particles.totals(counts)
    return np.divide(particles.totals(counts * share), total, out=np.zeros_like(total), where=total > 0)
