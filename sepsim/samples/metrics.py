"""Yield, purity and enrichment: figures of an input sample and what became of it.

Undefined is nan, never 0: the purity of an empty fraction, the yield of a population that was not there. Infinite is
another mark: the enrichment over a contaminant of which nothing is left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sepsim.arrays import FloatArray
from sepsim.samples.sample import Sample

APOB_LIPOPROTEINS = ("chylomicron", "vldl", "idl", "ldl")  # one apoB each
COUNTED_FROM_M = 30e-9  # smallest diameter that number purity counts as a particle, about the reach of NTA


@dataclass(frozen=True, kw_only=True, slots=True)
class Purity:
    """How clean a sample is of everything but the target.

    Attributes
    ----------
    particle : float [-]
        Target particles over all particles of at least 30 nm.
    protein : float [-]
        Protein mass of the target over total protein mass.
    rna : float [-]
        RNA mass of the target over total RNA mass.
    rna_ug : float [ug]
        All RNA, as an assay of the product would give.
    particles_per_ug_protein : float [1/ug]
        All particles of at least 30 nm per microgram of total protein, as an NTA and a protein assay would give.
    enrichment : dict of str to float [-]
        For each other population, and for all lipoproteins with apoB together, the yield of the target over its
        yield: the primary figure of purity; infinite where nothing of it is left.
    """

    particle: float
    protein: float
    rna: float
    rna_ug: float
    particles_per_ug_protein: float
    enrichment: dict[str, float]


def yields(loaded: Sample, product: Sample) -> dict[str, float]:
    """Return the yield (recovery) of each population: number in the product over number loaded.

    Parameters
    ----------
    loaded, product : Sample
        Of the same run.

    Returns
    -------
    dict of str to float [-]
        nan where nothing was loaded.
    """
    recovered = product.by_population
    return {name: _ratio(recovered[name], number) for name, number in loaded.by_population.items()}


def purity(loaded: Sample, product: Sample, target: str) -> Purity:
    """Return the purity of a product with respect to a target population.

    Parameters
    ----------
    loaded, product : Sample
        Of the same run.
    target : str
        Name of the population that is wanted.

    Returns
    -------
    Purity

    Notes
    -----
    Enrichment over apoB lipoproteins and albumin is the figure that immunoassays measure (Ter-Ovanesyan et al. 2021,
    doi 10.7554/eLife.70725). Particles per microgram: Webber & Clayton 2013, doi 10.3402/jev.v2i0.19861.
    """
    particles = product.particles
    counted = _counted(product)
    is_target = particles.population == particles.names.index(target)
    all_counted = float(counted.sum())
    protein = product.protein_by_population
    all_protein = math.fsum(protein.values())
    rna = product.rna_by_population
    all_rna = math.fsum(rna.values())
    recovered = yields(loaded, product)
    contaminants = {name: value for name, value in recovered.items() if name != target}
    apob = [name for name in APOB_LIPOPROTEINS if name in contaminants]
    if len(apob) > 1 and "apoB lipoproteins" not in recovered:
        contaminants["apoB lipoproteins"] = _pooled_yield(loaded, product, apob)
    return Purity(
        particle=_ratio(float(counted[is_target].sum()), all_counted),
        protein=_ratio(protein[target], all_protein),
        rna=_ratio(rna[target], all_rna),
        rna_ug=all_rna * 1e9,
        particles_per_ug_protein=_ratio(all_counted, all_protein * 1e9),
        enrichment={name: _ratio(recovered[target], value) for name, value in contaminants.items()},
    )


def particle_yield(loaded: Sample, product: Sample) -> float:
    """Return the recovery of all particles of at least 30 nm, which is what an NTA sees of a yield.

    Parameters
    ----------
    loaded, product : Sample
        Of the same run.

    Returns
    -------
    float [-]
        nan if none was loaded.
    """
    return _ratio(float(_counted(product).sum()), float(_counted(loaded).sum()))


def counted_by_population(sample: Sample) -> dict[str, float]:
    """Return the number of particles of each population that an NTA counts: of at least 30 nm, each cluster as one.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    dict of str to float
    """
    particles = sample.particles
    return dict(zip(particles.names, particles.totals(_counted(sample)).tolist(), strict=True))


def _counted(sample: Sample) -> FloatArray:
    """Return the bodies of each class that an NTA counts, shape (n_classes,): large enough, a cluster as one."""
    particles = sample.particles
    return particles.moving(sample.counts) * (particles.diameter >= COUNTED_FROM_M) * particles.intact


def _pooled_yield(loaded: Sample, product: Sample, names: Sequence[str]) -> float:
    before, after = (math.fsum(sample.by_population[name] for name in names) for sample in (loaded, product))
    return _ratio(after, before)


def _ratio(part: float, whole: float) -> float:
    if math.isnan(part) or math.isnan(whole) or part == whole == 0:
        return math.nan
    return part / whole if whole else math.inf
