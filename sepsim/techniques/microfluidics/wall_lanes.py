"""Particles as a wall with ligands meets them: those that are alike together, divided by their antigens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.particles.transport import sedimentation_coefficient
from sepsim.techniques.immunocapture.bodies import antigens_of_bodies
from sepsim.techniques.immunocapture.copies import antigen_bins
from sepsim.techniques.microfluidics.load import Load

ALIKE = 0.05  # in the logarithm of size and antigens, within which particles count as one
TINY = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lanes:
    """Particles that move and carry an antigen; a lane is what is alike in size and antigens.

    Attributes
    ----------
    rows : ndarray of int, shape (n_carriers,)
        Of the particle table, that take part.
    group : ndarray of int, shape (n_carriers,)
        Of each of them.
    of : ndarray of int, shape (n_lanes,)
        Group of each lane; rising.
    part : ndarray, shape (n_lanes,) [-]
        Of the particles of the group; what is missing to 1 carries no antigen.
    radius : ndarray, shape (n_lanes,) [m]
    diffusivity : ndarray, shape (n_lanes,) [m2/s]
    antigens : ndarray, shape (n_lanes,) [-]
    concentration : ndarray, shape (n_lanes,) [1/m3]
    sinking : ndarray, shape (n_lanes,) [m/s]
        In the gravity of the Earth; negative where they float.
    """

    rows: IntArray
    group: IntArray
    of: IntArray
    part: FloatArray
    radius: FloatArray
    diffusivity: FloatArray
    antigens: FloatArray
    concentration: FloatArray
    sinking: FloatArray

    def of_rows(self, values: FloatArray, classes: int) -> FloatArray:
        """Return the sum over the lanes of each class, weighted by their parts, shape (classes,)."""
        groups = int(self.group.max(initial=-1)) + 1
        summed = np.bincount(self.of, weights=self.part * values, minlength=groups)
        found = np.zeros(classes)
        found[self.rows] = summed[self.group]
        return found


def wall_lanes(load: Load, antigens: Sequence[str], dispersion: float | None) -> Lanes:
    """Return the particles of a load that a wall can bind.

    Parameters
    ----------
    load : Load
        With the strata of the antigens.
    antigens : sequence of str
        Summed.
    dispersion : float or None [-]
        As of `immunocapture.copies.antigen_bins`.

    Returns
    -------
    Lanes
    """
    copies = antigens_of_bodies(load.sample, antigens)
    (rows,) = np.nonzero((load.moving > 0) & (copies > 0))
    quantities = np.array([load.radius[rows], load.diffusivity[rows], copies[rows]])
    key = np.round(np.log(np.maximum(quantities, TINY**2)) / ALIKE).T
    _, group = np.unique(key, axis=0, return_inverse=True)
    group = group.reshape(-1)
    moving = load.moving[rows] / load.volume
    groups = int(group.max(initial=-1)) + 1
    numbers = np.bincount(group, weights=moving, minlength=groups)
    falls = sedimentation_coefficient(load.sample.particles, load.carrier)[rows] * STANDARD_GRAVITY_M_PER_S2
    radius, diffusivity, carried, sinking = (
        np.bincount(group, weights=moving * each, minlength=groups) / numbers for each in (*quantities, falls)
    )
    bins = antigen_bins(carried, dispersion)
    some = bins.antigens > 0
    of = bins.row[some]
    return Lanes(
        rows=rows,
        group=group,
        of=of,
        part=bins.share[some],
        radius=radius[of],
        diffusivity=diffusivity[of],
        antigens=bins.antigens[some],
        concentration=numbers[of] * bins.share[some],
        sinking=sinking[of],
    )
