"""Whether the liquid of a gradient carries its particles, or turns over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.media import own_protein
from sepsim.particles.osmosis import WATER_DENSITY, water_share
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


def weights(particles: ParticleTable, counts: FloatArray) -> FloatArray:
    """Return mass, volume and osmotic water of the small classes, then of the others.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]

    Returns
    -------
    ndarray, shape (6, n_classes) [kg], [m3], [m3], [kg], [m3], [m3]

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=1).prepare()
    >>> weighed = weights(urine.particles, urine.counts)
    >>> bool(np.allclose(weighed[0] + weighed[3], urine.particles.mass * urine.counts))
    True
    """
    small = particles.diameter < SOLUTE_DIAMETER_M
    weighed = np.stack([particles.mass, particles.volume, particles.osmotic_water]) * counts
    return np.concatenate([weighed * small, weighed * ~small])


def least_stable(
    setup: GradientSetup, times: FloatArray, gradients: Sequence[Gradient], weighed: FloatArray
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
    weighed : ndarray, shape (n_times, 6, n_cells) [kg], [m3]
        Sums of `weights` over the particles in each cell, in all tubes.

    Returns
    -------
    Stability
    """
    worst = Stability(np.inf, 0.0, 0.0)
    both = weighed.reshape(len(weighed), 2, 3, -1)
    usual = _usual_excess(setup, both[0, 0])
    for time, cells, (small, large) in zip(times, gradients, both, strict=True):
        fall = -np.diff(_excess(cells, small + large) / (setup.tubes * setup.column.volumes))
        rise = np.diff(cells.density - usual / setup.tubes * _protein(cells)) + DENSITY_TOLERANCE
        carried = np.where(rise < fall, 0.0, np.inf)
        carried = np.where(fall > LEAST_FALL, rise.clip(min=0.0) / np.maximum(fall, LEAST_FALL), carried)
        place = int(np.argmin(carried))
        if carried[place] < worst.carried:
            worst = Stability(float(carried[place]), float(time), float(setup.column.depths[place + 1]))
    return worst


def _excess(cells: Gradient, weighed: FloatArray) -> FloatArray:
    """Return by how much particles are heavier than the liquid in their place, shape (n_cells,) [kg]."""
    mass, volume, water = weighed
    density = cells.density
    kept = water_share(cells.blend.osmolality(cells.shares, cells.solutes.clip(min=0.0)))
    excess: FloatArray = mass - volume * density - water * (1.0 - kept) * (WATER_DENSITY - density)
    return excess


def _protein(cells: Gradient) -> FloatArray:
    """Return the protein that the liquid of each cell stands for, shape (n_cells,) [kg/m3]."""
    held: FloatArray = np.array([own_protein(fluid) for fluid in cells.blend.diluents]) @ cells.diluents
    return held


def _usual_excess(setup: GradientSetup, small: FloatArray) -> float:
    """Return the excess mass of small particles per mass of the protein that the liquid stands for [-]."""
    protein = float(_protein(setup.gradient) @ setup.column.volumes)
    return float(_excess(setup.gradient, small).sum()) / protein if protein > 0 else 0.0
