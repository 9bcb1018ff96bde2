"""From what a wall has taken up to what a chip hands out: washed, eluted or left on the wall, with what goes along.

In a wash of the time t contacts go whose bonds have opened, 1 - exp(-t/T), and nothing binds again; its stream may
pull harder than that of the sample. Of the liquid in the channels the wash leaves exp(-V_wash/V_channel), as if it were
mixed, a choice. An elution sets free as on beads; of what is free then exp(-V/V_channel) stays in the channels, and
what still holds is lost. Particles without antigens stick to the wall with a small probability of an encounter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.immunocapture.beads.elutions import Elution
from sepsim.techniques.immunocapture.captured_sample import rider_hosts
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.wall_lanes import Lanes
from sepsim.techniques.microfluidics.wall_uptake import CoatedChannel, WallUptake, bare_capture
from sepsim.units import to_si


@dataclass(frozen=True, kw_only=True, slots=True)
class Rinse:
    """How a chip is washed and eluted.

    Parameters
    ----------
    time : float [s]
        Of the wash.
    shear_rate : float [1/s]
        Of the wash at the wall.
    viscosity : float [Pa s]
        Of the wash.
    left : float [-]
        Share of the sample's liquid in the channels that the wash leaves there.
    held_volume : float [-]
        Of the channels, over that of the sample; at most 1.
    elution : Elution or None
    flushed : float [-]
        Share of what an elution sets free that leaves the channels.
    """

    time: float
    shear_rate: float
    viscosity: float
    left: float
    held_volume: float
    elution: Elution | None
    flushed: float

    @property
    def liquid(self) -> float:
        """Share of the liquid of the sample that is in the channels in the end [-]."""
        return self.left * self.held_volume


class WallShares(NamedTuple):
    """Where the particles of each class are in the end; what is missing to 1 stays in the chip for good.

    Attributes
    ----------
    wall, free, waste : ndarray, shape (n,) [-]
        Handed out on the wall, handed out free, and in what flowed through and in the wash.
    """

    wall: FloatArray
    free: FloatArray
    waste: FloatArray


def wall_shares(channel: CoatedChannel, load: Load, lanes: Lanes, uptake: WallUptake, rinse: Rinse) -> WallShares:
    """Return where the particles of each class of a load are in the end.

    Parameters
    ----------
    channel : CoatedChannel
    load : Load
    lanes : Lanes
    uptake : WallUptake
    rinse : Rinse

    Returns
    -------
    WallShares
    """
    classes = load.moving.size
    kept = _washed(channel, lanes, uptake, rinse)
    taken, bound = (lanes.of_rows(each, classes) for each in (uptake.share, kept))
    stuck = _stuck(channel, load) * (1.0 - taken)
    around = (1.0 - taken - stuck) * rinse.liquid
    waste = np.maximum(1.0 - stuck - around - bound, 0.0)
    if rinse.elution is None:
        return _with_riders(load, WallShares(bound + stuck, around, waste), channel)
    off = lanes.of_rows(kept * _released(channel, lanes, rinse.elution), classes)
    loose = stuck * to_si("stuck_release_percent", rinse.elution.stuck_release_percent)
    free = rinse.flushed * (off + loose + around)
    return _with_riders(load, WallShares(np.zeros(classes), free, waste), channel)


def eluted_share(channel: CoatedChannel, lanes: Lanes, uptake: WallUptake, rinse: Rinse) -> float:
    """Return the share of what the washed walls hold by antigens that an elution sets free; 0 if they hold nothing.

    Parameters
    ----------
    channel : CoatedChannel
    lanes : Lanes
    uptake : WallUptake
    rinse : Rinse
        With an elution.

    Returns
    -------
    float [-]
    """
    assert rinse.elution is not None
    held = lanes.concentration * _washed(channel, lanes, uptake, rinse)
    return float(held @ _released(channel, lanes, rinse.elution)) / max(float(held.sum()), 1e-300)


def _washed(channel: CoatedChannel, lanes: Lanes, uptake: WallUptake, rinse: Rinse) -> FloatArray:
    """Return the share of the particles of each lane that the walls hold after the wash."""
    washed = replace(channel, viscosity=rinse.viscosity)
    kept: FloatArray = uptake.share * np.exp(-rinse.time * washed.held(lanes, rinse.shear_rate).opening)
    return kept


def _stuck(channel: CoatedChannel, load: Load) -> FloatArray:
    """Return what sticks of each class without antigens: a share of what a wall that keeps all would take."""
    if not channel.wall.model.sticking_probability:
        return np.zeros(load.moving.size)
    alike, of = np.unique(load.diffusivity, return_inverse=True)
    met = bare_capture(channel, alike, np.full(alike.size, math.inf))
    share: FloatArray = channel.wall.model.sticking_probability * met[of.reshape(-1)]
    return share


def _released(channel: CoatedChannel, lanes: Lanes, elution: Elution) -> FloatArray:
    """Return the share of what is held of each lane that an elution sets free."""
    if elution.release_percent is not None:
        return np.full(lanes.antigens.size, to_si("release_percent", elution.release_percent))
    held = channel.held(lanes, 0.0, elution.k_off_factor or 1.0, elution.rebinding_factor)
    return -np.expm1(-to_si("time_min", elution.time_min) / held.residence)


def _with_riders(load: Load, shares: WallShares, channel: CoatedChannel) -> WallShares:
    """Return shares with those of what rides on vesicles, and of what came on beads, which flows through."""
    sample = load.sample
    table, variants = sample.particles, sample.particles.variants
    carried = np.zeros(len(table), dtype=bool) if variants is None else variants.carried
    riders = table.rides & ~carried
    on_vesicles = to_si("association_bound_percent", channel.wall.model.association_bound_percent)
    (rows,) = np.nonzero(load.moving > 0)
    sizes, of_size = np.unique(table.diameter[riders], return_inverse=True)
    hosts = rider_hosts(sample, rows, sizes)
    found = []
    for own in shares:
        share = own.copy()
        share[riders] = on_vesicles * (hosts @ own[rows])[of_size] + (1.0 - on_vesicles) * share[riders]
        share[carried] = 0.0
        found.append(share)
    wall, free, waste = found
    waste[carried] = 1.0
    return WallShares(wall, free, waste)
