"""Build a particle table whose rows tell marker strata and states apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.particles.marker_profile import REFERENCE_DIAMETER, Stratum
from sepsim.particles.osmotic_water import OsmoticWater
from sepsim.particles.particle_table import Grid, ParticleTable
from sepsim.particles.states import ParticleState
from sepsim.particles.variants import Variants


def with_variants(
    plain: ParticleTable,
    strata: Mapping[str, Sequence[Stratum]],
    antigens: Sequence[str],
    states: Sequence[ParticleState],
) -> tuple[ParticleTable, IntArray, FloatArray]:
    """Return a table whose rows tell strata and states apart.

    Parameters
    ----------
    plain : ParticleTable
        Without variants.
    strata : mapping of str to sequence of Stratum
        Of each population that carries antigens, their copies in the order of `antigens`.
    antigens : sequence of str
    states : sequence of ParticleState

    Returns
    -------
    table : ParticleTable
        Population by population: the free rows of each stratum, then those of each state that the kind can reach. A
        particle with more solids than a body of the sample has no row in that.
    row : ndarray of int, shape (n_classes,)
        Of the plain table.
    share : ndarray, shape (n_classes,) [-]
        Of the particles of that row; 0 outside the free state.

    Notes
    -----
    Copies go with the area of the bare particle, n (d - 2 corona)^2/d0^2.
    """
    blocks = [*_blocks(plain, strata, antigens, states)]
    row = np.concatenate([block.rows for block in blocks])
    lengths = [block.rows.size for block in blocks]
    state = np.repeat([block.state for block in blocks], lengths)
    starts = np.cumsum([0, *lengths])[:-1]
    free = {
        (block.population, block.stratum): (start, block.rows)
        for block, start in zip(blocks, starts, strict=True)
        if block.state == 0
    }
    origin = np.concatenate(
        [
            start + np.searchsorted(rows, block.rows)
            for block in blocks
            for start, rows in [free[block.population, block.stratum]]
        ]
    )
    per_area = np.repeat([block.copies for block in blocks], lengths, axis=0).reshape(row.size, len(antigens)).T
    bare_area = ((plain.diameter - 2.0 * plain.corona)[row] / REFERENCE_DIAMETER) ** 2
    reached = [None, *states]
    bare, carried, in_body = (
        np.array([bool(each and getattr(each, quality)) for each in reached])[state]
        for quality in ("bare", "carried", "body")
    )
    volume = _of_bodies(plain.volume[row], reached, state, "volume")
    density = _of_bodies(np.zeros(row.size), reached, state, "density")
    variants = Variants(
        states=tuple(states),
        state=state,
        origin=origin,
        members=np.where(carried, 1.0, volume / plain.volume[row]),
        antigens=tuple(antigens),
        copies=per_area * bare_area * ~bare,
        rides=plain.rides[row] | carried,
        in_body=in_body,
        alike=_alike(plain, row, state, reached),
    )
    table = replace(
        plain,
        population=plain.population[row],
        diameter=_of_bodies(plain.diameter[row], reached, state, "diameter"),
        mass=np.where(in_body, volume * density, plain.mass[row]),
        volume=volume,
        protein_mass=plain.protein_mass[row],
        rna_mass=plain.rna_mass[row],
        osmotic_water=_inert_where(in_body, plain.osmotic_water.chosen(row)),
        corona=np.where(in_body, 0.0, plain.corona[row]),
        intrinsic_viscosity=plain.intrinsic_viscosity[row],
        grids=tuple(_grids(plain, index, blocks) for index in range(len(plain.names))),
        variants=variants,
    )
    share = np.repeat([block.share * (block.state == 0) for block in blocks], lengths)
    return table, row, share


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows of one population, stratum and state."""

    population: int
    stratum: int
    state: int
    share: float
    copies: tuple[float, ...]
    rows: IntArray


def _blocks(
    plain: ParticleTable,
    strata: Mapping[str, Sequence[Stratum]],
    antigens: Sequence[str],
    states: Sequence[ParticleState],
) -> list[_Block]:
    none = (Stratum(1.0, (0.0,) * len(antigens)),)
    blocks = []
    for index, (name, kind) in enumerate(zip(plain.names, plain.kinds, strict=True)):
        (rows,) = np.nonzero(plain.population == index)
        reached = [0, *(place for place, state in enumerate(states, 1) if kind in state.kinds)]
        blocks += [
            _Block(index, number, place, stratum.share, stratum.copies, fitting)
            for place in reached
            for fitting in [rows if place == 0 else rows[_fits(plain.volume[rows], states[place - 1])]]
            for number, stratum in enumerate(strata.get(name, none))
            if fitting.size
        ]
    return blocks


def _fits(volume: FloatArray, state: ParticleState) -> BoolArray:
    """Return which particles a body has room for: a cluster is no smaller than any of its members."""
    body = None if state.carried else state.body
    return volume < (np.inf if body is None else body.volume)


def _of_bodies(own: FloatArray, reached: Sequence[ParticleState | None], state: IntArray, quantity: str) -> FloatArray:
    """Return a quantity of the body that moves, or of the particle itself."""
    bodies = [None if each is None else each.body for each in reached]
    of_body = np.array([0.0 if body is None else getattr(body, quantity) for body in bodies])[state]
    return np.where(np.array([body is not None for body in bodies])[state], of_body, own)


def _alike(plain: ParticleTable, row: IntArray, state: IntArray, reached: Sequence[ParticleState | None]) -> IntArray:
    """Return the groups of rows that move alike: strata of one class, and all classes of a population in one body."""
    apart = np.array([index if each and (each.body or not each.intact) else 0 for index, each in enumerate(reached)])
    within = np.array([each is None or each.body is None for each in reached])[state]
    key = np.column_stack([plain.population[row], apart[state], np.where(within, row, -1), plain.rides[row]])
    _, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    return rank[group.reshape(-1)]


def _inert_where(chosen: BoolArray, water: OsmoticWater) -> OsmoticWater:
    """Return the water of particles of which the chosen ones neither swell nor shrink."""
    return OsmoticWater(**{field.name: np.where(chosen, 0.0, getattr(water, field.name)) for field in fields(water)})


def _grids(plain: ParticleTable, index: int, blocks: Sequence[_Block]) -> tuple[Grid, ...]:
    """Return the grids of a population: those of the plain table for each of its blocks; in a body none is a size."""
    return tuple(
        grid
        for block in blocks
        if block.population == index
        for grid in (plain.grids[index] if block.state == 0 else ((block.rows.size, 1, 1),))
    )
