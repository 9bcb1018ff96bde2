"""Particles that stay in clusters after a pellet is taken up, as states of their rows.

Resuspension breaks a pellet up, and dilution takes the polymer away that holds it together, but not all of it. What
stays together is told on three sizes; clusters are fractal, so that a diameter D holds (D/100 nm)^Df vesicles of 100
nm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sepsim.arrays import BoolArray, FloatArray
from sepsim.particles.states import FREE, Body, ParticleState
from sepsim.samples.changes import changed
from sepsim.samples.sample import Sample

KINDS = ("vesicle", "lipoprotein", "protein", "particle")
SIZES_UM = (0.3, 1.0, 3.0)
MEMBER_M = 100e-9  # of which the clusters are counted
BURST = ParticleState(name="burst", kinds=("vesicle",), intact=False)
STRIPPED = ParticleState(name="stripped of antigens", kinds=("vesicle",), bare=True)
SINGLE = {False: FREE, True: STRIPPED.name}  # states of what is in no cluster, whether it is stripped


def cluster_names(*, stripped: bool = False) -> tuple[str, ...]:
    """Return the names of the states, by rising size.

    Parameters
    ----------
    stripped : bool
        Of particles without their antigens.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> cluster_names()
    ('in clusters of 0.3 um', 'in clusters of 1 um', 'in clusters of 3 um')
    """
    what = f"{STRIPPED.name} and " if stripped else ""
    return tuple(f"{what}in clusters of {size:g} um" for size in SIZES_UM)


def cluster_states(density: float, fractal_dimension: float, *, stripped: bool = False) -> tuple[ParticleState, ...]:
    """Return the states of particles in clusters.

    Parameters
    ----------
    density : float [kg/m3]
        Of their solids.
    fractal_dimension : float [-]
    stripped : bool
        Of vesicles without their antigens.

    Returns
    -------
    tuple of ParticleState

    Examples
    --------
    >>> [round(state.body.volume / (3.14159 / 6 * 1e-21)) for state in cluster_states(1100.0, 2.0)]
    [9, 100, 900]
    """
    solids = math.pi / 6.0 * MEMBER_M**3
    return tuple(
        ParticleState(
            name=name,
            kinds=STRIPPED.kinds if stripped else KINDS,
            bare=stripped,
            body=Body(
                diameter=1e-6 * size, volume=(1e-6 * size / MEMBER_M) ** fractal_dimension * solids, density=density
            ),
        )
        for name, size in zip(cluster_names(stripped=stripped), SIZES_UM, strict=True)
    )


def shares_of_sizes(by_bin: FloatArray, diameter: FloatArray) -> FloatArray:
    """Return which part of what is in clusters is in each of the sizes: the nearest by ratio.

    Parameters
    ----------
    by_bin : ndarray, shape (n_classes, n_bins) [-]
        Amounts in clusters of each bin.
    diameter : ndarray, shape (n_bins,) [m]

    Returns
    -------
    ndarray, shape (3, n_classes) [-]
        Sums over the sizes are 1, or 0 where there is nothing.

    Examples
    --------
    >>> shares_of_sizes(np.array([[1.0, 3.0]]), np.array([0.2e-6, 20e-6])).ravel().tolist()
    [0.25, 0.0, 0.75]
    """
    sizes = 1e-6 * np.array(SIZES_UM)
    borders = np.sqrt(sizes[1:] * sizes[:-1])
    place = np.searchsorted(borders, diameter)
    held = np.stack([by_bin[:, place == index].sum(axis=1) for index in range(sizes.size)])
    total = held.sum(axis=0)
    parts: FloatArray = np.divide(held, total, out=np.zeros_like(held), where=total > 0)
    return parts


def loosened(sample: Sample, share: FloatArray) -> Sample:
    """Return a sample of which a share of what is in clusters has come off them.

    Parameters
    ----------
    sample : Sample
        With the rows of `cluster_states`.
    share : ndarray, shape (n_classes,) [-]
        Of each row that is in clusters; of others nothing changes.

    Returns
    -------
    Sample
    """
    for bare, single in SINGLE.items():
        if (rows := _are(sample, cluster_names(stripped=bare))).any():
            sample = changed(sample, single, share * rows)
    return sample


def clustered(sample: Sample, share: FloatArray, sizes: FloatArray) -> Sample:
    """Return a sample of which a share of what is in no cluster has come into clusters.

    Parameters
    ----------
    sample : Sample
        With the rows of `cluster_states`.
    share : ndarray, shape (n_classes,) [-]
        Of each row that is in none; of burst particles nothing changes.
    sizes : ndarray, shape (3, n_classes) [-]
        Part of that in each size.

    Returns
    -------
    Sample
    """
    for bare, single in SINGLE.items():
        if (rows := _are(sample, (single,))).any():
            sample = _moved(sample, cluster_names(stripped=bare), share * sizes * rows)
    return sample


def stripped(sample: Sample) -> Sample:
    """Return a sample whose vesicles have lost their antigens, free ones and those in clusters.

    Parameters
    ----------
    sample : Sample
        With the rows of `STRIPPED` and of `cluster_states` of both kinds.

    Returns
    -------
    Sample
    """
    before, after = ((SINGLE[bare], *cluster_names(stripped=bare)) for bare in (False, True))
    for name, bare_name in zip(before, after, strict=True):
        sample = changed(sample, bare_name, _are(sample, (name,)).astype(np.float64))
    return sample


def _are(sample: Sample, names: Sequence[str]) -> BoolArray:
    """Return which rows are in one of some states."""
    variants = sample.particles.variants
    if variants is None:
        return np.full(len(sample.particles), FREE in names)
    named = np.array([name in names for name in (FREE, *(state.name for state in variants.states))])
    rows: BoolArray = named[variants.state]
    return rows


def _moved(sample: Sample, names: Sequence[str], shares: FloatArray) -> Sample:
    """Move a share of what each row holds at first to several states, one after the other."""
    left = np.ones(len(sample.particles))
    for name, share in zip(names, shares, strict=True):
        part = np.divide(share, left, out=np.zeros_like(share), where=left > 0).clip(0.0, 1.0)
        sample = changed(sample, name, np.where(sample.counts > 0, part, 0.0))
        left = left - share
    return sample
