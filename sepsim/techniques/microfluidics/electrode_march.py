"""Particles that flow over electrodes, marched along the channel: who comes down to the floor.

Across the height z they drift at m d<E^2>/dz and diffuse; along the channel they are carried at the mean over its
width. The cells are finest at the floor, where the field changes over the width of a bar.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.electrode_field import Electrodes

CELLS, STEPS = 160, 160
FINEST = 0.02  # of the length over which the field decays
ACROSS = 41  # places over the width


class Touched(NamedTuple):
    """Particles after the electrodes.

    Attributes
    ----------
    share : ndarray, shape (n,) [-]
        That touched the floor.
    height : ndarray, shape (cells,) [m]
        Middles of the cells.
    outflow : ndarray, shape (n, cells) [-]
        Share that leaves in each.
    error : float [-]
        Of the shares, by a march of half the cells and steps.
    """

    share: FloatArray
    height: FloatArray
    outflow: FloatArray
    error: float


def touched(
    channel: Channel,
    electrodes: Electrodes,
    velocity: float,
    mobility: FloatArray,
    diffusivity: FloatArray,
    radius: FloatArray,
) -> Touched:
    """Return which particles touch the floor of a channel with electrodes.

    Parameters
    ----------
    channel : Channel
    electrodes : Electrodes
    velocity : float [m/s]
        Mean, of the liquid.
    mobility, diffusivity, radius : ndarray, shape (n,) [m4/V2/s], [m2/s], [m]
        Speed over the slope of the field; those above zero stay on the floor.

    Returns
    -------
    Touched

    Examples
    --------
    >>> channel = Channel(width=1e-3, height=50e-6, length=0.02)
    >>> bars = Electrodes(width=10e-6, gap=10e-6, voltage=5.0)
    >>> one = np.ones(2)
    >>> found = touched(channel, bars, 1e-3, np.array([1e-22, -1e-22]), 4.9e-12 * one, 50e-9 * one)
    >>> bool(found.share[0] > 0.2), float(found.share[1])
    (True, 0.0)
    """
    lanes, which = np.unique(np.column_stack([mobility, diffusivity, radius]), axis=0, return_inverse=True)
    coarse, _, _ = _march(channel, electrodes, velocity, lanes, CELLS // 2, STEPS // 2)
    fine, outflow, faces = _march(channel, electrodes, velocity, lanes, CELLS, STEPS)
    share = np.clip(2.0 * fine - coarse, 0.0, 1.0)  # of first order in cells and steps
    which = which.reshape(-1)
    middle = 0.5 * (faces[1:] + faces[:-1])
    return Touched(share[which], middle, outflow[which], float(np.max(np.abs(fine - coarse), initial=0.0)))


def _march(
    channel: Channel, electrodes: Electrodes, velocity: float, lanes: FloatArray, cells: int, steps: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what touched the floor, where the rest leaves, and the faces of the cells."""
    from sepsim.techniques.microfluidics.kernels.cross_stream import solve_cross_stream  # numba loads only here

    faces = _faces(channel.height, FINEST * electrodes.decay_length, cells)
    mobility, diffusivity, radius = lanes.T
    drift = np.array(
        [m * electrodes.slope(np.maximum(faces, r)) for m, r in zip(mobility, radius, strict=True)]
    ).reshape(-1, cells + 1)
    uptake = np.zeros((2, mobility.size))
    uptake[0, mobility > 0.0] = np.inf
    middle = 0.5 * (faces[1:] + faces[:-1]) / channel.height
    across = (np.arange(ACROSS) + 0.5) / ACROSS
    profile = channel.profile(across[:, None], middle[None, :]).mean(axis=0)
    done = solve_cross_stream(
        faces,
        velocity * profile[None, :],
        np.ones(1),
        channel.length,
        drift,
        np.ascontiguousarray(diffusivity),
        np.zeros_like(drift),
        np.ones(cells),
        uptake,
        steps,
    )
    return done.taken[0], done.outflow, faces


def _faces(height: float, first: float, cells: int) -> FloatArray:
    """Return faces from 0 to a height, in a geometric series from a first cell on, or even ones if that is no finer."""
    if first * cells >= height:
        return np.linspace(0.0, height, cells + 1)
    low, high = 1.0, 2.0
    for _ in range(60):
        ratio = 0.5 * (low + high)
        reached = first * (ratio**cells - 1.0) / (ratio - 1.0)
        low, high = (ratio, high) if reached < height else (low, ratio)
    faces = high ** np.arange(cells + 1, dtype=np.float64) - 1.0
    return np.asarray(height * faces / faces[-1])
