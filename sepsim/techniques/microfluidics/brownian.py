"""Particles that are stepped through a chip by Brownian dynamics: their paths, and the outlets that they reach.

What drives particles is that of the chip: its flow, drift, walls and posts, as fields of `kernels.langevin` in a box
whose end, at the length of the channel, takes up what has passed. `drives` says it for each mechanism.

Shares of outlets are those of many particles of one class that enter evenly over the liquid, extrapolated in the step,
each with a standard error. They are a check of what `Chip.passage` marches or sums, and share no line with it but the
fields.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray, IntArray

Program = Callable[[float, FloatArray], FloatArray]  # from time [s] and position (3, n) [m] to strengths


class Drive(NamedTuple):
    """What drives particles through a chip, as the kernel takes it; each particle is of one class of a load.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Class of each particle.
    fields : ndarray, shape (n_fields, width) [SI]
    strength : ndarray, shape (n_fields, n) [SI]
        What multiplies each field.
    diffusivity, radius : ndarray, shape (n,) [m2/s], [m]
    start : ndarray, shape (3, n) [m]
    low, high : ndarray, shape (3,) [m]
        Of the box.
    uptake : ndarray, shape (6, n) [m/s]
        Of its faces.
    axes : tuple of int
        In which particles move.
    step : float [s]
    time : float [s]
        In which nearly all have passed.
    program : callable, optional
        Strengths in the course of the time, where these change.
    """

    rows: IntArray
    fields: FloatArray
    strength: FloatArray
    diffusivity: FloatArray
    radius: FloatArray
    start: FloatArray
    low: FloatArray
    high: FloatArray
    uptake: FloatArray
    axes: tuple[int, ...]
    step: float
    time: float
    program: Program | None = None


class Tracks(NamedTuple):
    """Where particles were.

    Attributes
    ----------
    time : ndarray, shape (frames + 1,) [s]
    position : ndarray, shape (frames + 1, 3, n) [m]
        What a wall or the end of the channel has taken stays there.
    fate : ndarray of int, shape (n,)
        As of `kernels.Walked`: 0 under way, 2 at the end of the channel, others on a wall.
    """

    time: FloatArray
    position: FloatArray
    fate: IntArray


def tracks(drive: Drive, frames: int, seed: int) -> Tracks:
    """Return the paths of particles.

    Parameters
    ----------
    drive : Drive
    frames : int
        Equal intervals of time at whose ends positions are kept.
    seed : int

    Returns
    -------
    Tracks

    Examples
    --------
    >>> box = np.array([-np.inf, 0.0, 0.0]), np.array([1e-2, 1e-4, 1e-4])
    >>> out = np.zeros((6, 2))
    >>> out[1] = np.inf
    >>> drive = Drive(np.arange(2), np.array([[0.0, 1.0, 0.0, 0.0]]), np.full((1, 2), 1e-3), np.full(2, 1e-12),
    ...               np.zeros(2), np.full((3, 2), 5e-5), *box, out, (0, 1, 2), 1e-2, 20.0)
    >>> tracks(drive, 10, seed=1).fate.tolist()
    [2, 2]
    """
    from sepsim.kernels.langevin import Walkers, Walls, solve_langevin  # numba loads only here

    each = max(round(drive.time / (frames * drive.step)), 1)
    step, n = drive.time / (frames * each), drive.rows.size
    axes = np.array(drive.axes)
    if drive.program is None:
        walkers = Walkers(drive.start, drive.diffusivity, drive.radius)
        walls = Walls(drive.low, drive.high, drive.uptake)
        found = solve_langevin(
            walkers, drive.fields, drive.strength, walls, step, frames * each, seed, axes, 0, True, 1, frames
        )
        position = np.concatenate([drive.start[None], found.paths])
        return Tracks(np.linspace(0.0, drive.time, frames + 1), position, found.fate)
    position, fate = np.empty((frames + 1, 3, n)), np.zeros(n, dtype=np.int64)
    position[0] = drive.start
    for frame in range(frames):
        moves = fate == 0
        position[frame + 1] = position[frame]
        if not moves.any():
            continue
        here = np.ascontiguousarray(position[frame][:, moves])
        strength = drive.program(frame * each * step, position[frame])[:, moves]
        walkers = Walkers(here, drive.diffusivity[moves], drive.radius[moves])
        walls = Walls(drive.low, drive.high, np.ascontiguousarray(drive.uptake[:, moves]))
        found = solve_langevin(
            walkers, drive.fields, np.ascontiguousarray(strength), walls, step, each, seed + frame, axes
        )
        position[frame + 1][:, moves] = found.position
        fate[moves] = found.fate
    return Tracks(np.linspace(0.0, drive.time, frames + 1), position, fate)


class Stepped(NamedTuple):
    """A share that random walks tell.

    Attributes
    ----------
    value, error, step_error : ndarray
        As of `kernels.Estimate`.
    under_way : float [-]
        Share of the particles that have not passed.
    """

    value: FloatArray
    error: FloatArray
    step_error: FloatArray
    under_way: float


def stepped_shares(drive: Drive, law: Callable[[FloatArray, IntArray], FloatArray], seed: int) -> Stepped:
    """Return averages over particles that are stepped through a chip.

    Parameters
    ----------
    drive : Drive
        Without a program.
    law : callable
        From positions (3, n) [m] and fates (n,) in the end to the share of each outlet.
    seed : int

    Returns
    -------
    Stepped
    """
    from sepsim.kernels.brownian_walk import estimate, walk
    from sepsim.kernels.langevin import Walkers, Walls  # numba loads only here

    steps = 4 * max(round(0.25 * drive.time / drive.step), 1)
    found = walk(
        Walkers(drive.start, drive.diffusivity, drive.radius),
        drive.fields,
        drive.strength,
        Walls(drive.low, drive.high, drive.uptake),
        drive.time / steps,
        steps,
        seed,
        axes=drive.axes,
    )
    shares = estimate(lambda walked: law(walked.position, walked.fate), found.walked, found.coarse)
    return Stepped(shares.value, shares.error, shares.step_error, float(np.mean(found.walked.fate == 0)))
