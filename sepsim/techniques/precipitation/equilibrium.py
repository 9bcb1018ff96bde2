"""Who wants to come down: the share of each class that a precipitant pulls out of solution, before any time has passed.

Dissolved proteins, and lipoproteins below 12 nm, follow their solubility (`solubility`). Everything larger follows the
bonds of pairs (`pair_potential`): a particle i is bound once

    x_i = sum over j of K_ij n_j > 1,   and 1/x_i of its class stays dispersed.

With one kind of particles that is a threshold, the concentration 1/K. Spheres of two sizes are bound as equal ones of
the radius 2 a a'/(a + a') (Derjaguin), over the surface of their sum. Only what the precipitant adds counts: K less
that of the sample as it was, which is a stable dispersion as it is given. Salt and solvents bring larger particles down
by the law of solubility too, as a protein of 12.7 nm: beyond it nobody measured how a solubility goes with the size.

Some of the protein that would stay dissolved comes down in proportion to the precipitated share of all protein.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import BoolArray, FloatArray
from sepsim.particles.osmosis import state_at
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.surface_charge import surface_charge
from sepsim.samples.sample import Sample
from sepsim.techniques.precipitation.pair_potential import Surroundings, bonds
from sepsim.techniques.precipitation.precipitation_model import PrecipitationModel
from sepsim.techniques.precipitation.solubility import Brine, log_solubility, precipitated_share

SMALLEST_PARTICLE_M = 12e-9  # diameter of a lipoprotein from which depletion holds
RADII = 48  # at which bonds are computed
LARGEST_SOLUTE_M = 12.7e-9  # radius of IgM, the largest protein by which the size enters a solubility
MOST_LOG = 600.0


class Wanting(NamedTuple):
    """What is to come down, shape (n_classes,) each.

    Attributes
    ----------
    share : ndarray [-]
        Of each class.
    sticking : ndarray [-]
        Chance that a contact of two equal particles lasts.
    dissolves : ndarray of bool
        Which classes follow their solubility.
    bound : ndarray [-]
        x of each class; nan of those that follow their solubility.
    """

    share: FloatArray
    sticking: FloatArray
    dissolves: BoolArray
    bound: FloatArray


def follows_solubility(particles: ParticleTable) -> BoolArray:
    """Return which classes follow their solubility: dissolved protein and small lipoproteins, shape (n_classes,).

    Parameters
    ----------
    particles : ParticleTable

    Returns
    -------
    ndarray of bool, shape (n_classes,)

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> plasma = sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare().particles
    >>> small = follows_solubility(plasma)
    >>> {name: bool(small[plasma.population == plasma.names.index(name)].any()) for name in ("hdl", "vldl", "exosome")}
    {'hdl': True, 'vldl': False, 'exosome': False}
    """
    lipoprotein = np.array([kind == "lipoprotein" for kind in particles.kinds])[particles.population]
    small = particles.diameter < SMALLEST_PARTICLE_M
    chosen: BoolArray = particles.dissolved | (lipoprotein & small & ~particles.rides)
    return chosen


def wanting(
    sample: Sample, before: Surroundings, after: Surroundings, brine: Brine, model: PrecipitationModel
) -> Wanting:
    """Return what a precipitant pulls out of solution.

    Parameters
    ----------
    sample : Sample
        With the precipitant in it.
    before, after : Surroundings
        Of the sample as it was, and with the precipitant.
    brine : Brine
        With the precipitant.
    model : PrecipitationModel

    Returns
    -------
    Wanting

    Examples
    --------
    Nothing comes down without a precipitant:

    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> plasma = sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare()
    >>> saline = Surroundings(298.15, 150.0, 78.4, 3.1e-21, 1e8, 0.25e-9)
    >>> float(wanting(plasma, saline, saline, Brine(7.4, 150.0), PrecipitationModel()).share.max())
    0.0
    """
    particles = sample.particles
    dissolves = follows_solubility(particles)
    charge = surface_charge(particles, brine.pH)
    bound, sticking = _bound(sample, before, after, charge.potential, dissolves)
    by_bonds = 1.0 - 1.0 / np.maximum(bound, 1.0)
    by_solubility = _out_of_solution(sample, charge.isoelectric, brine, model, dissolves)
    share = np.where(dissolves, by_solubility, np.maximum(by_bonds, by_solubility))
    share = _taken_along(sample, share, model.coprecipitation)
    return Wanting(share, sticking, dissolves, np.where(dissolves, np.nan, bound))


def _out_of_solution(
    sample: Sample, isoelectric: FloatArray, brine: Brine, model: PrecipitationModel, dissolves: BoolArray
) -> FloatArray:
    """Return the share of each class that its solubility leaves out, by the concentration of its population."""
    particles = sample.particles
    small_only = brine._replace(polymer=None)
    radius = 0.5 * particles.diameter
    kilograms = particles.totals(particles.moving(sample.counts) * particles.mass)
    concentration = (kilograms / sample.volume)[particles.population]
    of_small = log_solubility(radius, isoelectric, brine, model)
    if brine.salting_out == 0.0 and brine.inverse_permittivity == 0.0:
        return np.where(dissolves, precipitated_share(of_small, concentration), 0.0)
    of_large = log_solubility(np.minimum(radius, LARGEST_SOLUTE_M), isoelectric, small_only, model)
    return precipitated_share(np.where(dissolves, of_small, of_large), concentration)


def _taken_along(sample: Sample, share: FloatArray, coprecipitation: float) -> FloatArray:
    """Return the shares with the dissolved protein that goes along with what precipitates."""
    dissolved = sample.particles.dissolved
    protein = sample.counts * sample.particles.protein_mass * dissolved
    total = float(protein.sum())
    if total <= 0.0:
        return share
    precipitated = float(protein @ share) / total
    along: FloatArray = np.where(dissolved, share + coprecipitation * precipitated * (1.0 - share), share)
    return along


def _bound(
    sample: Sample, before: Surroundings, after: Surroundings, potential: FloatArray, dissolves: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return x of each class, and the chance that a contact lasts."""
    particles = sample.particles
    chosen = np.flatnonzero(~dissolves)
    bound, sticking = np.zeros(len(particles)), np.ones(len(particles))
    if not chosen.size:
        return bound, sticking
    radius = 0.5 * state_at(particles, sample.medium.osmolality).diameter[chosen]
    grid = np.geomspace(0.5 * radius.min(), radius.max(), RADII)
    # one potential for all, the mean by kind of what is there: charges are screened within a nanometre
    usual = np.interp(grid, *_rising(radius, potential[chosen]))
    held, free = bonds(after, grid, usual), bonds(before, grid, usual)
    surface = np.log(4.0 * np.pi * (2.0 * grid) ** 2)
    added = _log_difference(held.log_constant, free.log_constant) - surface
    number = particles.felt(sample.counts)[chosen] / sample.volume
    cells = np.searchsorted(grid, radius).clip(max=RADII - 1)
    numbers = np.bincount(cells, number, RADII)
    mean = 2.0 * grid[:, None] * grid / (grid[:, None] + grid)
    strength = _interpolated(np.log(mean), np.log(grid), added)
    contact = np.log(4.0 * np.pi * (grid[:, None] + grid) ** 2)
    pairs = np.exp(np.clip(strength + contact, -MOST_LOG, MOST_LOG))
    bound[chosen] = np.interp(radius, grid, pairs @ numbers)
    sticking[chosen] = np.interp(radius, grid, 1.0 / np.maximum(held.stability, 1.0))
    return bound, sticking


def _log_difference(more: FloatArray, less: FloatArray) -> FloatArray:
    """Return the logarithm of the difference of two numbers given by theirs; -inf where there is none."""
    ratio = np.exp(np.minimum(np.where(np.isfinite(more), less - np.where(np.isfinite(more), more, 0.0), 0.0), 0.0))
    left = np.where(np.isfinite(more), 1.0 - ratio, 0.0)
    difference: FloatArray = np.where(left > 0.0, more, -np.inf) + np.log(np.where(left > 0.0, left, 1.0))
    return difference


def _interpolated(at: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Interpolate values that may be -inf, as far below all others as matters."""
    values: FloatArray = np.interp(at, x, np.maximum(y, -2.0 * MOST_LOG))
    return values


def _rising(radius: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return radii that rise, each once, with the mean of the values there."""
    places, inverse = np.unique(radius, return_inverse=True)
    return places, np.bincount(inverse, values) / np.bincount(inverse)
