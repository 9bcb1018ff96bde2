"""Whether the liquid of a gradient carries its particles, or turns over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.media import own_protein
from sepsim.particles.osmosis import StateTable
from sepsim.particles.particle_table import ParticleTable
from sepsim.samples.crowding import SOLUTE_DIAMETER_M
from sepsim.techniques.centrifugation.gradient.gradient import DENSITY_TOLERANCE, Gradient
from sepsim.techniques.centrifugation.gradient.gradient_setup import GradientSetup

LEAST_FALL = 1e-12  # kg/m3, far below what any gradient carries


class Stability(NamedTuple):
    """Where the liquid comes nearest to turning over.

    Attributes
    ----------
    carried : float [-]
        How many times the load the gradient would carry there; below 1 it turns over, at 0 without any load.
    time : float [s]
        Since the start.
    depth : float [m3]
        Volume of liquid above.
    """

    carried: float
    time: float
    depth: float


def small_and_others(particles: ParticleTable, counts: FloatArray) -> FloatArray:
    """Return the numbers of the small classes, and of the others; what rides on a host is part of its weight.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]

    Returns
    -------
    ndarray, shape (2, n_classes) [-]

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=1).prepare()
    >>> free = urine.counts * ~urine.particles.rides
    >>> bool(np.all(small_and_others(urine.particles, urine.counts).sum(axis=0) == free))
    True
    """
    small, free = particles.diameter < SOLUTE_DIAMETER_M, particles.moving(counts)
    return np.stack([free * small, free * ~small])


def excess_mass(states: StateTable, cells: Gradient) -> FloatArray:
    """Return by how much a particle of each class is heavier than the liquid in its place.

    Parameters
    ----------
    states : StateTable
    cells : Gradient

    Returns
    -------
    ndarray, shape (n_cells, n_classes) [kg]
    """
    osmolality = cells.blend.osmolality(cells.shares, cells.solutes.clip(min=0.0))
    mass, volume = states.weighed_at(osmolality)
    return mass - volume * cells.density[:, None]


def least_stable(
    setup: GradientSetup, times: FloatArray, gradients: Sequence[Gradient], excess: FloatArray
) -> Stability:
    """Return the place and time at which the rise of the gradient carries the least multiple of the particles.

    What is small counts among the particles, and no longer in the density of the liquid that it was loaded in.

    Parameters
    ----------
    setup : GradientSetup
    times : ndarray, shape (n_times,) [s]
        From the start on.
    gradients : sequence of Gradient
        At each time.
    excess : ndarray, shape (n_times, 2, n_cells) [kg]
        By how much the small particles in each cell are heavier than the liquid in their place, and the others; in all
        tubes.

    Returns
    -------
    Stability
    """
    worst = Stability(np.inf, 0.0, 0.0)
    usual = _usual_excess(setup, excess[0, 0])
    for time, cells, (small, large) in zip(times, gradients, excess, strict=True):
        fall = -np.diff((small + large) / (setup.tubes * setup.column.volumes))
        rise = np.diff(cells.density - usual / setup.tubes * _protein(cells)) + DENSITY_TOLERANCE
        carried = np.where(rise < fall, 0.0, np.inf)
        carried = np.where(fall > LEAST_FALL, rise.clip(min=0.0) / np.maximum(fall, LEAST_FALL), carried)
        place = int(np.argmin(carried))
        if carried[place] < worst.carried:
            worst = Stability(float(carried[place]), float(time), float(setup.column.depths[place + 1]))
    return worst


def _protein(cells: Gradient) -> FloatArray:
    """Return the protein that the liquid of each cell stands for, shape (n_cells,) [kg/m3]."""
    held: FloatArray = np.array([own_protein(fluid) for fluid in cells.blend.diluents]) @ cells.diluents
    return held


def _usual_excess(setup: GradientSetup, small: FloatArray) -> float:
    """Return the excess mass of small particles per mass of the protein that the liquid stands for [-]."""
    protein = float(_protein(setup.gradient) @ setup.column.volumes)
    return float(small.sum()) / protein if protein > 0 else 0.0
