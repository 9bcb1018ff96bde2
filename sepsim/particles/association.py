"""Lipoproteins and proteins that go with vesicles: bound to them, or entrained in what is as large and as dense.

Laboratories do not get rid of the last lipoproteins, whatever they separate by: a cushion and a column together remove
some hundredfold, although both part free lipoproteins from vesicles far better. Protein sticks, too: as a corona, and
in aggregates. A share of each lipoprotein and of each soluble protein therefore moves as vesicles do, through every
technique.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import chain

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.particles.osmotic_water import OsmoticWater
from sepsim.particles.particle_table import ParticleClasses

COLUMNS = tuple(field.name for field in fields(ParticleClasses) if field.name not in ("osmotic_water", "grids"))
HOSTS = 12  # vesicles that stand for all sizes and densities


def hosts_among(vesicles: Sequence[tuple[ParticleClasses, FloatArray]]) -> ParticleClasses | None:
    """Return vesicles that stand for all of a sample by number.

    Parameters
    ----------
    vesicles : sequence of (ParticleClasses, ndarray)
        The classes of each population of vesicles, and how many there are of each class [-].

    Returns
    -------
    ParticleClasses or None
        Some of the classes, each with the same weight; None if there are no vesicles.

    Examples
    --------
    >>> from sepsim.particles.catalog import population
    >>> exosomes = population({"name": "exosome", "particles_per_mL": 1e9}).classes(40, 5)
    >>> hosts = hosts_among([(exosomes, exosomes.weight)])
    >>> len(hosts.weight), bool(abs(np.median(hosts.diameter) - 85e-9) < 5e-9)
    (12, True)
    """
    numbers = np.concatenate([number for _, number in vesicles]) if vesicles else np.zeros(0)
    if not numbers.sum() > 0:
        return None
    every = _stacked([classes for classes, _ in vesicles])
    rising = np.lexsort((every.mass, every.diameter))
    reached = np.cumsum(numbers[rising]) / numbers.sum()
    places = rising[np.searchsorted(reached, (np.arange(HOSTS) + 0.5) / HOSTS)]
    return replace(_chosen(every, places), weight=np.full(HOSTS, 1.0 / HOSTS))


def with_association(guests: ParticleClasses, hosts: ParticleClasses, share: float) -> ParticleClasses:
    """Return lipoproteins or proteins of which a share moves as vesicles do.

    Parameters
    ----------
    guests : ParticleClasses
        Free ones.
    hosts : ParticleClasses
        As `hosts_among` gives them.
    share : float [-]
        Of the guests, by number.

    Returns
    -------
    ParticleClasses
        The free ones, then those that ride: size, mass and water of their host, protein and RNA of their own.

    Notes
    -----
    Both defaults of a sample are choices. Of lipoproteins, 1 % is about what is left after a cushion and a column (a
    hundredfold removal, recalled); 0.1 to 3 % are defensible. Of soluble protein, 0.65 % of that of plasma left a
    column with the vesicles (Boing et al. 2014, doi 10.3402/jev.v3.23430), in part for the tail of its own peak: at
    most that, 0.1 % by default, 0.01 % at least. It is more than the surface of the vesicles of plasma could carry, so
    that most of it must be aggregates of the size of vesicles. A host counts one particle, however many ride on it:
    riders add to no particle count, no deposit and no load.

    Examples
    --------
    >>> from sepsim.particles.catalog import population
    >>> exosomes = population({"name": "exosome", "particles_per_mL": 1e9}).classes(40, 5)
    >>> ldl = population({"name": "ldl", "particles_per_mL": 1e14}).classes(5, 1)
    >>> both = with_association(ldl, hosts_among([(exosomes, exosomes.weight)]), 0.01)
    >>> round(float(both.weight.sum()), 12), round(float(both.weight[both.diameter > 30e-9].sum()), 12)
    (1.0, 0.01)
    """
    riders = replace(
        hosts,
        weight=share * hosts.weight,
        protein_mass=np.full(HOSTS, guests.weight @ guests.protein_mass),
        rna_mass=np.full(HOSTS, guests.weight @ guests.rna_mass),
    )
    return _stacked([replace(guests, weight=(1.0 - share) * guests.weight), riders])


def _stacked(parts: Sequence[ParticleClasses]) -> ParticleClasses:
    """Return several lots of classes, one behind the other."""
    columns = {name: np.concatenate([getattr(each, name) for each in parts]) for name in COLUMNS}
    return ParticleClasses(
        **columns,
        osmotic_water=OsmoticWater.stacked([each.osmotic_water for each in parts]),
        grids=tuple(chain.from_iterable(each.grids for each in parts)),
    )


def _chosen(classes: ParticleClasses, places: IntArray) -> ParticleClasses:
    """Return some of the classes, in an order of size."""
    return ParticleClasses(
        **{name: getattr(classes, name)[places] for name in COLUMNS},
        osmotic_water=classes.osmotic_water.chosen(places),
        grids=((1, places.size, 1),),
    )
