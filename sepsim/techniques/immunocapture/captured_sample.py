"""A sample that meets beads: who takes part, what comes of those that ride along, and the fractions in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.errors import InputError
from sepsim.media import Medium
from sepsim.particles.osmosis import state_at
from sepsim.particles.states import ParticleState
from sepsim.samples.changes import NOT_PREPARED, changed
from sepsim.samples.sample import Sample
from sepsim.techniques.immunocapture.bodies import antigens_of_bodies
from sepsim.techniques.immunocapture.conditions import Conditions
from sepsim.techniques.immunocapture.incubation import Incubate, Incubation, Particles
from sepsim.techniques.immunocapture.washing import Handling, Shares, wash_and_elute
from sepsim.units import to_si

DIGITS = 9  # to which sizes, as logarithms, and antigens must agree for rows to be alike
SIZE_BAND = 0.15  # in the logarithm of the diameter, within which a vesicle is about as large as what rides along


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """What beads did to a sample.

    Attributes
    ----------
    load : Sample
    antigens : tuple of str
        That the beads bind.
    state : ParticleState
        Of what a bead carries.
    handling : Handling
    incubation : Incubation
        Of the rows that take part; those of one size and number of antigens together.
    rows, group : ndarray of int, shape (n,)
        Their places in the particle table, and in the incubation.
    of_bins : Shares
        In the end, of the bins of the incubation.
    shares : Shares
        In the end, of all rows of the table.
    """

    load: Sample
    antigens: tuple[str, ...]
    state: ParticleState
    handling: Handling
    incubation: Incubation
    rows: IntArray
    group: IntArray
    of_bins: Shares
    shares: Shares

    @property
    def vesicles(self) -> FloatArray:
        """Number of vesicles in each class of the incubation, shape (n,) [-]."""
        table = self.load.particles
        vesicle = table.of_kind("vesicle")[self.rows]
        classes = self.incubation.particles.radius.size
        return np.bincount(self.group, weights=vesicle * self.load.counts[self.rows], minlength=classes).astype(
            np.float64
        )


def capture(
    sample: Sample,
    conditions: Conditions,
    handling: Handling,
    antigens: Sequence[str],
    state: ParticleState,
    *,
    time: float,
    dispersion: float | None,
    incubate: Incubate,
) -> Capture:
    """Return what beads do to a sample.

    Parameters
    ----------
    sample : Sample
        With the strata of the antigens.
    conditions : Conditions
    handling : Handling
    antigens : sequence of str
        That the beads bind.
    state : ParticleState
        Of what a bead carries.
    time : float [s]
        Of the incubation.
    dispersion : float or None [-]
        Of the antigens.
    incubate : callable
        `incubation.incubate`, or `incubation.estimate` in a dry run.

    Returns
    -------
    Capture

    Raises
    ------
    InputError
        If the sample was prepared without strata and states.
    """
    table, variants = sample.particles, sample.particles.variants
    if variants is None:
        raise InputError(NOT_PREPARED)
    moving = table.moving(sample.counts)
    riders = table.rides & ~variants.carried
    (rows,) = np.nonzero((moving > 0) | (riders & (sample.counts > 0)))
    copies = antigens_of_bodies(sample, antigens)
    radius = 0.5 * state_at(table, sample.medium.osmolality).diameter
    particles, group = _alike(radius[rows], moving[rows] / sample.volume, copies[rows], dispersion)
    incubation = incubate(conditions, particles, time)
    of_bins = wash_and_elute(incubation, handling)
    of_rows = {field.name: incubation.of_rows(getattr(of_bins, field.name))[group] for field in fields(Shares)}
    on_vesicles = to_si("association_bound_percent", conditions.model.association_bound_percent)
    shares = _of_table(sample, of_rows, rows, riders, on_vesicles, handling)
    return Capture(sample, tuple(antigens), state, handling, incubation, rows, group, of_bins, shares)


def _alike(
    radius: FloatArray, numbers: FloatArray, antigens: FloatArray, dispersion: float | None
) -> tuple[Particles, IntArray]:
    """Return particles with those of one size and number of antigens together, and where each row is among them."""
    key = np.column_stack([np.round(np.log(radius), DIGITS), np.round(antigens, DIGITS)])
    _, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    total = np.bincount(group, weights=numbers, minlength=first.size).astype(np.float64)
    return Particles(radius[first], total, antigens[first], dispersion), group


def _of_table(
    sample: Sample,
    of_rows: Mapping[str, FloatArray],
    rows: IntArray,
    riders: BoolArray,
    on_vesicles: float,
    handling: Handling,
) -> Shares:
    """Return the shares of all rows: of those that took part, of riders, and of what was on beads before.

    Of the riders a part is bound to vesicles; the rest is as large as they are, and fares as what has no antigens.
    """
    table = sample.particles
    carried = table.rides & ~riders
    sizes, of_size = np.unique(table.diameter[riders], return_inverse=True)
    hosts = rider_hosts(sample, rows, sizes)
    kept = handling.collected * (handling.collected * (1.0 - handling.bead_loss)) ** handling.washes
    found = {}
    for name, own in of_rows.items():
        share = np.zeros(len(table))
        share[rows] = own
        share[riders] = on_vesicles * (hosts @ own)[of_size] + (1.0 - on_vesicles) * share[riders]
        found[name] = share
    still = kept if handling.elution is None else 0.0
    found["held"][carried] = still
    found["lost_held"][carried] = 1.0 - still
    return Shares(**found)


def rider_hosts(sample: Sample, rows: IntArray, sizes: FloatArray) -> FloatArray:
    """Return how much each row that takes part counts for riders of some sizes.

    What rides along goes with the free vesicles of about its size; of another size only where there is none.

    Parameters
    ----------
    sample : Sample
    rows : ndarray of int, shape (n_rows,) [-]
        Of the particle table, that take part.
    sizes : ndarray, shape (n_sizes,) [m]
        Diameters of riders.

    Returns
    -------
    ndarray, shape (n_sizes, n_rows) [-]
        Sums to one over the rows.
    """
    table = sample.particles
    vesicle = table.of_kind("vesicle")[rows]
    apart = np.log(sizes[:, None] / table.diameter[rows][None, :]) / SIZE_BAND
    with np.errstate(divide="ignore"):
        weight = np.where(vesicle, np.log(sample.counts[rows]) - 0.5 * apart**2, -np.inf)
    most = weight.max(axis=1, initial=-np.inf, keepdims=True)
    if not sizes.size or not np.all(np.isfinite(most)):
        return np.full((sizes.size, rows.size), 1.0 / max(rows.size, 1))
    weight = np.exp(weight - most)
    part: FloatArray = weight / weight.sum(axis=1, keepdims=True)
    return part


def fractions(done: Capture, fresh: Medium) -> dict[str, Sample]:
    """Return the fractions of a capture.

    Parameters
    ----------
    done : Capture
    fresh : Medium
        Of washes and eluate, at the temperature of the sample.

    Returns
    -------
    dict of str to Sample
    """
    load, shares, handling = done.load, done.shares, done.handling
    left, washed = _liquids(load.medium, fresh, handling)
    rest = handling.residual
    nothing = np.zeros_like(shares.unbound)
    unbound = _fraction(done, load.medium, load.volume - rest, shares.unbound, nothing)
    wash = _fraction(done, washed, handling.washes * handling.wash, shares.wash, nothing)
    if handling.elution is None:
        poured = max(handling.final - rest, 0.0)
        taken_up = _mixed([(left, rest), (fresh, poured)])
        bound = _fraction(done, taken_up, rest + poured, shares.around, shares.held)
        lost = _fraction(done, left, 0.0, shares.lost_free, shares.lost_held)
        return {"bound": bound, "unbound": unbound, "wash": wash, "lost": lost}
    eluate = _mixed([(left, rest), (fresh, handling.final)])
    eluted = _fraction(done, eluate, handling.final, shares.released, nothing)
    lost = _fraction(done, eluate, rest, shares.lost_free, shares.lost_held)
    return {"eluted": eluted, "unbound": unbound, "wash": wash, "lost": lost}


def _fraction(done: Capture, medium: Medium, volume: float, free: FloatArray, on_beads: FloatArray) -> Sample:
    """Return shares of the load in a liquid, some of them on beads."""
    total = free + on_beads
    taken = replace(done.load, medium=medium, volume=volume, counts=done.load.counts * total)
    if not np.any(on_beads):
        return taken
    share = np.minimum(on_beads / np.maximum(total, 1e-300), 1.0)
    variants = done.load.particles.variants
    assert variants is not None  # by `capture`
    # What has burst or lost its antigens stays so, and what is on other beads stays on those.
    return changed(taken, done.state.name, share * (variants.intact & ~variants.carried & ~variants.bare))


def _liquids(sample: Medium, fresh: Medium, handling: Handling) -> tuple[Medium, Medium]:
    """Return the liquid that is left between the beads after all washes, and that of the washes poured together."""
    left, washes = sample, []
    for _ in range(handling.washes):
        left = _mixed([(left, handling.residual), (fresh, handling.wash)])
        washes.append((left, handling.wash))
    return left, _mixed(washes) if washes else fresh


def _mixed(parts: Sequence[tuple[Medium, float]]) -> Medium:
    return Medium.mixed([(medium, volume) for medium, volume in parts if volume > 0])
