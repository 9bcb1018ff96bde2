"""Capture on a wall that carries ligands, of a chip or an assay plate: the binding of beads on a flat surface.

A particle with n antigens binds to a bare wall at the speed k = k_on sigma n g/N_A and comes off at 1/T_1 (see
`binding`), where it may bind again before it gets away. It covers pi R^2 of a wall that jams at 0.547. What the liquid
brings is solved with it by `sepsim.kernels`: `solve_wall_well` for liquid at rest, `solve_wall_slit` for flow. Which of
the two limits the uptake is told by Da = k h/D, with the distance h over which particles diffuse.

Assumptions: an even wall; room by Langmuir, 1 - theta, with the capacity of random sequential adsorption; particles
that do not settle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sepsim.arrays import FloatArray
from sepsim.techniques.immunocapture.beads.ligands import Ligand
from sepsim.techniques.immunocapture.binding import most_bonds, reaction_rate, residence_time, within_reach
from sepsim.techniques.immunocapture.capacity import JAMMING
from sepsim.techniques.immunocapture.capture_model import CaptureModel

if TYPE_CHECKING:
    from sepsim.kernels.wall_capture import WallSpecies

Number = TypeVar("Number", float, FloatArray)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wall:
    """A wall with ligands.

    Parameters
    ----------
    ligand : Ligand
    density : float [1/m2]
        Ligands that can bind, per area.
    model : CaptureModel
    kinds : int
        Antigens that the ligands bind, in equal parts.

    Examples
    --------
    >>> import numpy as np
    >>> from sepsim.techniques.immunocapture.beads.ligands import LIGANDS
    >>> wall = Wall(ligand=LIGANDS.get("mAb"), density=2.5e16, model=CaptureModel())
    >>> f"{wall.speed(np.array([10.0]))[0] * 1e6:.3g} um/s"
    '20.8 um/s'
    """

    ligand: Ligand
    density: float
    model: CaptureModel
    kinds: int = 1

    def speed(self, antigens: FloatArray) -> FloatArray:
        """Return how fast the bare wall takes up what touches it, shape as given [m/s]."""
        return reaction_rate(self.ligand.k_on, self.density / self.kinds, antigens, self.model.accessible_fraction)

    def bonds(self, radius: FloatArray, antigens: FloatArray) -> FloatArray:
        """Return the most bonds of a contact, at least 1 [-]: antigens, or the ligands within reach."""
        return most_bonds(antigens, within_reach(radius, self.model.reach, self.density))

    def opening(self, radius: FloatArray, antigens: FloatArray) -> FloatArray:
        """Return the rate at which contacts open [1/s]."""
        return 1.0 / residence_time(self.bonds(radius, antigens), self.ligand.k_off, self.model.rebinding_per_s)

    def species(
        self, radius: FloatArray, concentration: FloatArray, antigens: FloatArray, diffusivity: FloatArray
    ) -> WallSpecies:
        """Return particles as the kernels of capture on a wall take them.

        Parameters
        ----------
        radius : ndarray, shape (n,) [m]
        concentration : ndarray, shape (n,) [1/m3]
        antigens : ndarray, shape (n,) [-]
            On one particle.
        diffusivity : ndarray, shape (n,) [m2/s]

        Returns
        -------
        WallSpecies
        """
        from sepsim.kernels.wall_capture import WallSpecies

        return WallSpecies(
            concentration=concentration,
            diffusivity=diffusivity,
            adsorption=self.speed(antigens),
            desorption=self.opening(radius, antigens),
            footprint=wall_footprint(radius),
        )


def wall_footprint(radius: Number) -> Number:
    """Return the area of a wall that one particle takes up, pi R^2/0.547.

    Parameters
    ----------
    radius : float or ndarray [m]

    Returns
    -------
    float or ndarray [m2]

    Examples
    --------
    >>> round(1e-12 / wall_footprint(50e-9))  # vesicles of 100 nm on a square micrometre
    70
    """
    return math.pi * radius**2 / JAMMING


def damkohler(speed: Number, distance: Number, diffusivity: Number) -> Number:
    """Return uptake over diffusion, Da = k h/D: far below 1 the reaction is the limit, far above 1 the transport.

    Parameters
    ----------
    speed : float or ndarray [m/s]
        Of uptake by the bare wall.
    distance : float or ndarray [m]
        Over which particles diffuse to the wall.
    diffusivity : float or ndarray [m2/s]

    Returns
    -------
    float or ndarray [-]

    Examples
    --------
    >>> round(damkohler(1e-6, 100e-6, 5e-12), 3)
    20.0
    """
    return speed * distance / diffusivity


def depleted_layer(diffusivity: Number, time: float) -> Number:
    """Return the depth of the liquid that holds what a wall at rest could have taken up, 2 sqrt(D t/pi).

    Parameters
    ----------
    diffusivity : float or ndarray [m2/s]
    time : float [s]

    Returns
    -------
    float or ndarray [m]

    Examples
    --------
    >>> round(1e6 * depleted_layer(5e-12, 7200.0))  # um, in two hours
    214
    """
    layer: Number = 2.0 * (diffusivity * time / math.pi) ** 0.5
    return layer
