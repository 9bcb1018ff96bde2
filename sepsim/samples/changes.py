"""Particles that change: samples whose rows tell strata and states apart, and moves from row to row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.errors import InputError
from sepsim.particles.marker_profile import Stratum
from sepsim.particles.particle_table import Grid, ParticleTable
from sepsim.particles.states import ParticleState
from sepsim.particles.variants import Variants
from sepsim.particles.varied_table import with_variants
from sepsim.samples.sample import Sample

TINY = 1e-300
NOT_PREPARED = (
    "the sample cannot change: it was prepared without the rows for it; run the step within a Protocol, or prepare the "
    "sample with sepsim.prepared_sample(recipe, [method, ...])"
)


def varied(
    sample: Sample,
    strata: Mapping[str, Sequence[Stratum]],
    antigens: Sequence[str],
    states: Sequence[ParticleState],
) -> Sample:
    """Return a sample whose rows tell strata and states apart; all particles are free.

    Parameters
    ----------
    sample : Sample
        As a recipe prepares it.
    strata : mapping of str to sequence of Stratum
        Of populations that carry antigens, copies in the order of `antigens`.
    antigens : sequence of str
    states : sequence of ParticleState
        That particles can reach.

    Returns
    -------
    Sample

    Examples
    --------
    >>> import sepsim
    >>> urine = sepsim.sample_from_catalog("urine", volume_mL=1).prepare()
    >>> burst = ParticleState(name="burst", kinds=("vesicle",), intact=False)
    >>> both = varied(urine, {}, (), [burst])
    >>> len(both.particles) > len(urine.particles), both.by_population == urine.by_population
    (True, True)
    """
    table, row, share = with_variants(sample.particles, strata, antigens, states)
    return replace(sample, particles=table, counts=sample.counts[row] * share)


def changed(sample: Sample, state: str, share: FloatArray) -> Sample:
    """Return a sample of which a share of each row has come into a state.

    Parameters
    ----------
    sample : Sample
        With variants.
    state : str
        Name of a state of its table, or "free".
    share : ndarray, shape (n_classes,) [-]
        Of the particles of each row, from 0 to 1; where a row cannot reach the state nothing moves.

    Returns
    -------
    Sample

    Raises
    ------
    KeyError
        If no row can be in such a state.

    Examples
    --------
    >>> import sepsim
    >>> urine = sepsim.sample_from_catalog("urine", volume_mL=1).prepare()
    >>> burst = ParticleState(name="burst", kinds=("vesicle",), intact=False)
    >>> half = changed(varied(urine, {}, (), [burst]), "burst", 0.5)
    >>> round(half.by_population["exosome"] / urine.by_population["exosome"], 12)
    0.5
    """
    there = _variants(sample).in_state(state)
    moved = sample.counts * share * (there >= 0)
    counts = sample.counts - moved
    np.add.at(counts, there.clip(min=0), moved)
    return replace(sample, counts=counts)


def by_origin(sample: Sample, counts: FloatArray) -> FloatArray:
    """Sum numbers of rows over those of one origin, shape (n_classes,); the numbers themselves in a plain table."""
    variants = sample.particles.variants
    if variants is None:
        return counts
    return np.bincount(variants.origin, weights=counts, minlength=counts.size).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """A sample whose rows that move alike are one row, and the way back.

    Attributes
    ----------
    sample : Sample
        What a method treats that does not tell such rows apart.
    apart : Sample
        What it stands for.
    alike : ndarray of int, shape (n_classes,)
        Row of `sample` for each row of `apart`.
    """

    sample: Sample
    apart: Sample
    alike: IntArray

    def told_apart(self, fraction: Sample) -> Sample:
        """Return a fraction of the merged sample with its rows told apart: each keeps its share of its group."""
        share = fraction.counts / np.maximum(self.sample.counts, TINY)
        return replace(fraction, particles=self.apart.particles, counts=share[self.alike] * self.apart.counts)


def merged(sample: Sample) -> Merged:
    """Merge the rows of a sample that move alike: strata of one class, and all classes of a population in one body.

    Protein, RNA, copies and members of a merged row are means by number.

    Parameters
    ----------
    sample : Sample
        With variants.

    Returns
    -------
    Merged

    Examples
    --------
    >>> import sepsim
    >>> urine = sepsim.sample_from_catalog("urine", volume_mL=1).prepare()
    >>> strata = {"exosome": (Stratum(0.5, (20.0,)), Stratum(0.5, (0.0,)))}
    >>> apart = varied(urine, strata, ("CD9",), ())
    >>> both = merged(apart)
    >>> len(apart.particles) > len(both.sample.particles) == len(urine.particles)
    True
    """
    table, variants = sample.particles, _variants(sample)
    groups = int(variants.alike.max()) + 1
    _, first = np.unique(variants.alike, return_index=True)
    numbers = np.bincount(variants.alike, weights=sample.counts, minlength=groups).astype(np.float64)
    weights = np.where(numbers[variants.alike] > 0, sample.counts, 1.0)
    total = np.bincount(variants.alike, weights=weights, minlength=groups)

    def mean(quantity: FloatArray) -> FloatArray:
        return np.bincount(variants.alike, weights=weights * quantity, minlength=groups) / total

    together = replace(
        table,
        population=table.population[first],
        diameter=table.diameter[first],
        mass=table.mass[first],
        volume=table.volume[first],
        protein_mass=mean(table.protein_mass),
        rna_mass=mean(table.rna_mass),
        osmotic_water=table.osmotic_water.chosen(first),
        corona=table.corona[first],
        intrinsic_viscosity=table.intrinsic_viscosity[first],
        grids=_grids(table, first),
        variants=Variants(
            states=variants.states,
            state=variants.state[first],
            origin=np.arange(groups),
            members=1.0 / mean(1.0 / variants.members),
            antigens=variants.antigens,
            copies=np.array([mean(copies) for copies in variants.copies]).reshape(-1, groups),
            rides=variants.rides[first],
            in_body=variants.in_body[first],
            alike=np.arange(groups),
        ),
    )
    return Merged(replace(sample, particles=together, counts=numbers), sample, variants.alike)


def _grids(table: ParticleTable, first: IntArray) -> tuple[tuple[Grid, ...], ...]:
    """Return the grids of merged rows: of the free ones those of the plain table; the others form none."""
    found = []
    for index, grids in enumerate(table.grids):
        rows = int(np.count_nonzero(table.population[first] == index))
        free = int(np.count_nonzero((table.population[first] == index) & (_variants_of(table).state[first] == 0)))
        kept: list[Grid] = []
        for grid in grids:
            if sum(map(math.prod, kept)) == free:
                break
            kept.append(grid)
        found.append((*kept, *([(rows - free, 1, 1)] if rows > free else [])))
    return tuple(found)


def _variants(sample: Sample) -> Variants:
    return _variants_of(sample.particles)


def _variants_of(table: ParticleTable) -> Variants:
    if table.variants is None:
        raise InputError(NOT_PREPARED)
    return table.variants
