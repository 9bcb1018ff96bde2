"""What becomes of the beads after the incubation: collected, washed, eluted, as shares of each bin of particles.

Beads are collected, the liquid is taken off but for a rest between them, and fresh medium comes on. Of the beads each
collection misses some, and some are poured off; they take along what they carry. In a wash of the time t contacts whose
bonds have opened are gone, 1 - exp(-t/T_1), and nothing binds again. Of all that is in the liquid the share
V_r/(V_r + V) stays with the beads.

An elution opens each bond faster, by a factor on k_off, and lets fewer form, by one on k_r, or it sets a share free
whatever holds it. What it leaves on the beads is bound for good.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.immunocapture.beads.elutions import Elution
from sepsim.techniques.immunocapture.binding import residence_time, survival
from sepsim.techniques.immunocapture.incubation import Incubation
from sepsim.units import to_si


@dataclass(frozen=True, kw_only=True, slots=True)
class Handling:
    """How beads are washed, for all tubes together.

    Parameters
    ----------
    collected : float [-]
        Share of the beads that the magnet collects each time.
    bead_loss : float [-]
        Share of the beads that a wash loses besides.
    residual, load, wash, final : float [m3]
        Volumes: left between the beads, of the sample, of a wash, and of the eluate or of the beads taken up.
    washes : int
    wash_time : float [s]
    elution : Elution or None
    """

    collected: float
    bead_loss: float
    residual: float
    load: float
    wash: float
    final: float
    washes: int
    wash_time: float
    elution: Elution | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shares:
    """Where the particles of each bin, or of each class, are in the end; the shares sum to one.

    Attributes
    ----------
    unbound, wash : ndarray, shape (n,) [-]
        Free, in the liquid taken off after the incubation and in the washes.
    held : ndarray, shape (n,) [-]
        On the beads that are left, by antigens or without.
    around : ndarray, shape (n,) [-]
        Free in the liquid between them.
    released : ndarray, shape (n,) [-]
        Free in the eluate.
    lost_free, lost_held : ndarray, shape (n,) [-]
        In the liquid left on the beads after an elution, and on beads that are lost or hold on for good.
    """

    unbound: FloatArray
    wash: FloatArray
    held: FloatArray
    around: FloatArray
    released: FloatArray
    lost_free: FloatArray
    lost_held: FloatArray


def wash_and_elute(incubation: Incubation, handling: Handling) -> Shares:
    """Return where the particles of each bin are in the end.

    Parameters
    ----------
    incubation : Incubation
    handling : Handling

    Returns
    -------
    Shares
        Of the bins.
    """
    bound, stuck, free = incubation.bound[-1], incubation.stuck[-1], incubation.free[-1]
    around = free * handling.residual / handling.load
    unbound = free - around
    missed = 1.0 - handling.collected
    lost = (bound + stuck) * missed
    bound, stuck = bound - bound * missed, stuck - stuck * missed
    washed = np.zeros_like(free)
    kept = handling.collected * (1.0 - handling.bead_loss)
    stays = handling.residual / (handling.residual + handling.wash)
    lasting = wash_survival(incubation, handling.wash_time)
    for _ in range(handling.washes):
        opened = bound * (1.0 - lasting)
        liquid = around + opened
        around = liquid * stays
        washed += liquid - around
        bound = bound - opened
        lost = lost + (bound + stuck) * (1.0 - kept)
        bound, stuck = bound * kept, stuck * kept
    nothing = np.zeros_like(free)
    if handling.elution is None:
        return Shares(
            unbound=unbound, wash=washed, held=bound + stuck, around=around,
            released=nothing, lost_free=nothing, lost_held=lost,
        )  # fmt: skip
    off = bound * released_share(incubation, handling.elution)
    loose = stuck * to_si("stuck_release_percent", handling.elution.stuck_release_percent)
    liquid = around + off + loose
    left = liquid * handling.residual / (handling.residual + handling.final)
    return Shares(
        unbound=unbound, wash=washed, held=nothing, around=nothing,
        released=liquid - left, lost_free=left, lost_held=lost + (bound - off) + (stuck - loose),
    )  # fmt: skip


def wash_survival(incubation: Incubation, time: float) -> FloatArray:
    """Return the share of the contacts of each bin that outlast a wash.

    Parameters
    ----------
    incubation : Incubation
    time : float [s]

    Returns
    -------
    ndarray, shape (n_bins,) [-]
    """
    conditions = incubation.conditions
    return survival(time, incubation.bonds, conditions.ligand.k_off, conditions.model.rebinding_per_s)


def released_share(incubation: Incubation, elution: Elution) -> FloatArray:
    """Return the share of the bound particles of each bin that an elution sets free.

    Parameters
    ----------
    incubation : Incubation
    elution : Elution

    Returns
    -------
    ndarray, shape (n_bins,) [-]
    """
    if elution.release_percent is not None:
        return np.full(incubation.bins.row.size, to_si("release_percent", elution.release_percent))
    conditions = incubation.conditions
    opening = conditions.ligand.k_off * (elution.k_off_factor or 1.0)
    closing = conditions.model.rebinding_per_s * elution.rebinding_factor
    lasting = residence_time(incubation.bonds, opening, closing)
    return -np.expm1(-to_si("time_min", elution.time_min) / lasting)


def eluted_share(incubation: Incubation, handling: Handling, elution: Elution, numbers: FloatArray) -> float:
    """Return the share of some particles, held on the washed beads by their antigens, that an elution sets free.

    Parameters
    ----------
    incubation : Incubation
    handling : Handling
    elution : Elution
    numbers : ndarray, shape (n,) [-]
        Of the particles that are meant, in each class.

    Returns
    -------
    float [-]
        0 if the beads hold none.
    """
    bins = incubation.bins
    lasting = wash_survival(incubation, handling.wash_time) ** handling.washes
    held = numbers[bins.row] * bins.share * incubation.bound[-1] * lasting
    return float(held @ released_share(incubation, elution)) / max(float(held.sum()), 1e-300)


def handling_time(handling: Handling, collecting: float, incubation: float) -> float:
    """Return how long all of it takes on the bench.

    Parameters
    ----------
    handling : Handling
    collecting, incubation : float [s]
        Of one collection, and of the incubation.

    Returns
    -------
    float [s]
    """
    rounds = [incubation, *[handling.wash_time] * handling.washes]
    if handling.elution is not None:
        rounds.append(to_si("time_min", handling.elution.time_min))
    return math.fsum(rounds) + len(rounds) * collecting
