"""Particles that sink onto a coated floor, roll along it and bind: cells, which diffuse to no wall.

Of a slit of the height h with the mean velocity U the share w L/(U h) of particles that sink at w has landed after the
length L, whatever the profile of the flow, since a streamline carries what lies below it. What has landed lies within
l = D/w of the floor, or within the reach of the ligands, binds at k/l and rolls on at some half of gdot R (Goldman, Cox
& Brenner, of a gap of a thousandth of the radius), so that over the half of the channel that it has before it

    s = 1 - exp(-(k/l) (L/2)/(gdot R/2))

of it binds. Assumptions: the chip lies flat, its floor is coated, and it is not full. Vesicles below some 500 nm land
hardly at all.
"""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray

ROLLING = 0.5  # speed of a sphere that rolls on a wall, over gdot R


def landed_share(sinking: FloatArray, length: float, height: float, velocity: float) -> FloatArray:
    """Return the share of particles that has sunk to the floor of a slit.

    Parameters
    ----------
    sinking : ndarray, shape (n,) [m/s]
        Negative where they float.
    length, height : float [m]
    velocity : float [m/s]
        Mean over the slit.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> landed_share(np.array([7e-6, 1e-9, -1e-6]), 0.02, 1e-4, 2e-3).tolist()  # a cell, a vesicle, a chylomicron
    [0.7, 0.0001, 0.0]
    """
    return np.clip(sinking * length / (velocity * height), 0.0, 1.0)


def bound_on_the_floor(
    sinking: FloatArray,
    radius: FloatArray,
    diffusivity: FloatArray,
    adsorption: FloatArray,
    reach: float,
    length: float,
    shear_rate: float,
) -> FloatArray:
    """Return the share of what has landed that binds before it leaves.

    Parameters
    ----------
    sinking : ndarray, shape (n,) [m/s]
    radius : ndarray, shape (n,) [m]
    diffusivity : ndarray, shape (n,) [m2/s]
    adsorption : ndarray, shape (n,) [m/s]
        Speed of uptake by the wall.
    reach : float [m]
        Of the ligands.
    length : float [m]
    shear_rate : float [1/s]
        Above 0.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> one = np.ones(1)
    >>> [bound_on_the_floor(7e-6 * one, 7e-6 * one, 3e-14 * one, k * one, 1e-8, 0.02, 100.0).round(3).item()
    ...  for k in (1e-6, 1e-12)]
    [1.0, 0.003]
    """
    layer = np.maximum(diffusivity / np.maximum(sinking, 1e-300), reach)
    time = 0.5 * length / (ROLLING * shear_rate * radius)
    share: FloatArray = -np.expm1(-adsorption / layer * time)
    return share
