"""How often a particle meets a bead: by diffusion, because the bead settles, and in shear.

    K = 4 pi (D_p + D_b)(R_p + R_b) + pi (R_p + R_b)^2 |w_b| + (4/3) G (R_p + R_b)^3

Assumptions: dilute spheres; the three ways add up, and a bead that falls or is sheared past a particle touches all that
lies in its way. Flow carries small particles around a large bead, so the two last terms are upper bounds; both are
smaller than the first one for beads of micrometres at gentle rotation.

Sources: Smoluchowski 1917.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K, STANDARD_GRAVITY_M_PER_S2

Number = TypeVar("Number", float, FloatArray)


def brownian(radius: Number, temperature: float, viscosity: float) -> Number:
    """Return the diffusion coefficient of a sphere, k T / (6 pi eta R).

    Parameters
    ----------
    radius : float or ndarray [m]
    temperature : float [K]
    viscosity : float [Pa s]

    Returns
    -------
    float or ndarray [m2/s]

    Notes
    -----
    Einstein 1905, doi 10.1002/andp.19053220806.

    Examples
    --------
    >>> round(brownian(50e-9, 298.15, 0.89e-3) * 1e12, 2)  # um2/s
    4.91
    """
    return BOLTZMANN_J_PER_K * temperature / (6.0 * np.pi * viscosity * radius)


def diffusive_collisions(particle: Number, bead: float, temperature: float, viscosity: float) -> Number:
    """Return the rate at which Brownian motion brings a particle to a bead, 4 pi (D_p + D_b)(R_p + R_b).

    Parameters
    ----------
    particle : float or ndarray [m]
        Radius of the particle.
    bead : float [m]
        Radius of the bead.
    temperature : float [K]
    viscosity : float [Pa s]

    Returns
    -------
    float or ndarray [m3/s]
        Times beads per volume: encounters of a particle per second.

    Notes
    -----
    Smoluchowski 1917; no interaction at a distance.

    Examples
    --------
    >>> float(f"{diffusive_collisions(50e-9, 1.4e-6, 298.15, 0.89e-3) * 1e6:.3g}")  # mL/s
    9.26e-11
    """
    mobile = brownian(particle, temperature, viscosity) + brownian(bead, temperature, viscosity)
    return 4.0 * np.pi * mobile * (particle + bead)


def settling_speed(radius: float, excess_density: float, viscosity: float) -> float:
    """Return how fast a sphere falls, 2 (rho_b - rho) g R^2 / (9 eta); negative if it rises.

    Parameters
    ----------
    radius : float [m]
    excess_density : float [kg/m3]
        Of the sphere over the liquid.
    viscosity : float [Pa s]

    Returns
    -------
    float [m/s]

    Notes
    -----
    Stokes; Reynolds number below 0.1.

    Examples
    --------
    >>> round(settling_speed(1.4e-6, 1400.0 - 997.0, 0.89e-3) * 1e6, 1)  # um/s
    1.9
    """
    return 2.0 * excess_density * STANDARD_GRAVITY_M_PER_S2 * radius**2 / (9.0 * viscosity)


def settling_collisions(particle: Number, bead: float, speed: float) -> Number:
    """Return the rate at which a bead meets particles as it falls, pi (R_p + R_b)^2 |w|.

    Parameters
    ----------
    particle : float or ndarray [m]
        Radius of the particle.
    bead : float [m]
        Radius of the bead.
    speed : float [m/s]
        Of the bead; the particle hardly settles.

    Returns
    -------
    float or ndarray [m3/s]

    Examples
    --------
    >>> settling_collisions(50e-9, 1.4e-6, 0.0)
    0.0
    """
    return np.pi * (particle + bead) ** 2 * abs(speed)


def shear_collisions(particle: Number, bead: float, shear_rate: float) -> Number:
    """Return the rate at which shear brings a particle to a bead, (4/3) G (R_p + R_b)^3.

    Parameters
    ----------
    particle : float or ndarray [m]
        Radius of the particle.
    bead : float [m]
        Radius of the bead.
    shear_rate : float [1/s]

    Returns
    -------
    float or ndarray [m3/s]

    Notes
    -----
    Smoluchowski 1917, straight paths.

    Examples
    --------
    >>> shear_collisions(50e-9, 1.4e-6, 0.0)
    0.0
    """
    return 4.0 / 3.0 * shear_rate * (particle + bead) ** 3
