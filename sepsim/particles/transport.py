"""How particles move in a medium: sedimentation and diffusion coefficients, for all classes at once."""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.media import Medium
from sepsim.particles.osmosis import state_at
from sepsim.particles.particle_table import ParticleTable


def sedimentation_coefficient(particles: ParticleTable, medium: Medium) -> FloatArray:
    """Return the sedimentation coefficient of each class; negative where it floats.

    s = (m - V rho) / (3 pi eta d): buoyant mass over Stokes friction. For a sphere this is d^2 (rho_p - rho)/(18 eta),
    for a protein M (1 - v rho) D/(R T). Mass, volume and diameter of a vesicle are those in this medium.

    Parameters
    ----------
    particles : ParticleTable
        The classes.
    medium : Medium
        Gives density rho, viscosity eta at its temperature, and osmolality.

    Returns
    -------
    ndarray, shape (n_classes,) [s]
        1 svedberg is 1e-13 s.

    Notes
    -----
    Creeping flow (Reynolds number below 0.1), infinite dilution. Svedberg & Pedersen 1940.
    """
    state = state_at(particles, medium.osmolality)
    buoyant_mass = state.mass - state.volume * medium.density
    return buoyant_mass / (3.0 * np.pi * medium.viscosity * state.diameter)


def diffusion_coefficient(particles: ParticleTable, medium: Medium) -> FloatArray:
    """Return the diffusion coefficient of each class, Stokes-Einstein: D = k T / (3 pi eta d).

    Parameters
    ----------
    particles : ParticleTable
        The classes.
    medium : Medium
        Gives temperature, viscosity and osmolality.

    Returns
    -------
    ndarray, shape (n_classes,) [m2/s]

    Notes
    -----
    Dilute spheres, or molecules by their Stokes radius. Einstein 1905, doi 10.1002/andp.19053220806.
    """
    thermal_energy = BOLTZMANN_J_PER_K * medium.temperature
    return thermal_energy / (3.0 * np.pi * medium.viscosity * state_at(particles, medium.osmolality).diameter)
