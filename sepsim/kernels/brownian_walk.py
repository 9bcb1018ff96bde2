"""Random walks with their errors: Brownian dynamics twice on the same noise, extrapolated in the step.

The scheme of `langevin` is of first order in its step. With what a walk tells f, and with steps twice as long on the
same noise g, 2 f - g is without that error, and f - g is its estimate; the scatter of batches of particles is that of
chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.drift_fields import superpose
from sepsim.kernels.langevin import LANES, MOVING, Walked, Walkers, Walls, solve_langevin

Array = NDArray[np.float64]

MOST = 1e13  # steps of particles in a walk
BATCHES = 32  # of particles, whose scatter tells the standard error


class Estimate(NamedTuple):
    """A number that random walks tell.

    Attributes
    ----------
    value : ndarray
        Extrapolated to a step of zero.
    error : ndarray
        Standard error, of the finite number of particles.
    step_error : ndarray
        What the extrapolation took off.
    """

    value: Array
    error: Array
    step_error: Array


class Walk(NamedTuple):
    """Random walks and what they tell.

    Attributes
    ----------
    walked : Walked
    coarse : Walked
        The same with steps twice as long, on the same noise.
    share : Estimate, shape (7,) [-]
        Of the particles that still move, and that each face holds.
    mean : Estimate, shape (3,) [m]
        Position of the particles that still move.
    variance : Estimate, shape (3,) [m2]
        Of the same.
    """

    walked: Walked
    coarse: Walked
    share: Estimate
    mean: Estimate
    variance: Estimate


def walk(
    walkers: Walkers,
    fields: Array | Sequence[Array],
    strength: ArrayLike,
    walls: Walls,
    step: float,
    steps: int,
    seed: int,
    *,
    axes: Sequence[int] = (0, 1, 2),
    first: int = 0,
    noise: bool = True,
    frames: int = 0,
    threads: int = 1,
) -> Walk:
    """Return where particles go that diffuse and are carried, with errors.

    Parameters
    ----------
    walkers : Walkers
    fields : ndarray, shape (n_fields, width), or sequence of rows [SI]
    strength : array_like, shape (n_fields,) or (n_fields, n) [SI]
        What multiplies each field.
    walls : Walls
    step : float [s]
    steps : int
        An even number, of which the coarse walk takes half.
    seed : int
        At least 0.
    axes : sequence of int
        In which particles move; in the others they stay where they are.
    first : int
        Number of the first particle: the particles first, first + 1 ... draw the same in every call.
    noise : bool
        Whether particles diffuse.
    frames : int
        Equal intervals of time at the ends of which positions are kept; it divides the steps.
    threads : int
        The result is the same for any number.

    Returns
    -------
    Walk

    Raises
    ------
    ValueError
        If shapes differ, numbers are not finite, or a particle does not fit between its walls or starts beyond them.

    Examples
    --------
    >>> from sepsim.kernels.drift_fields import uniform_field
    >>> n = 4096
    >>> walkers = Walkers(np.full((3, n), 1e-6), np.full(n, 5e-12), np.zeros(n))
    >>> slit = Walls(np.array([-np.inf, -np.inf, 0.0]), np.array([np.inf, np.inf, 1e-5]), np.zeros(6))
    >>> found = walk(walkers, [uniform_field((0.0, 0.0, -1.0))], [4e-6], slit, 0.005, 4000, 1, axes=(2,))
    >>> bool(abs(found.mean.value[2] - 1.2466e-6) < 4 * found.mean.error[2])  # stationary at Pe = 8
    True
    """
    walkers, table, weights, walls = _checked(walkers, fields, strength, walls, step, steps, axes, frames)
    moved = np.array(axes, dtype=np.int64)
    n = walkers.diffusivity.size
    cuts = LANES * np.linspace(0, -(-n // LANES), max(threads, 1) + 1).astype(int)
    slices = [(begin, min(end, n)) for begin, end in pairwise(cuts) if begin < end]

    def part(begin: int, end: int, merge: int) -> Walked:
        return solve_langevin(
            Walkers(*(np.ascontiguousarray(each[..., begin:end]) for each in walkers)),
            table,
            np.ascontiguousarray(weights[:, begin:end]),
            Walls(walls.low, walls.high, np.ascontiguousarray(walls.uptake[:, begin:end])),
            merge * step,
            steps // merge,
            seed,
            moved,
            first + begin,
            noise,
            merge,
            frames if merge == 1 else 0,
        )

    with ThreadPoolExecutor(len(slices)) as pool:
        jobs = [[pool.submit(part, *each, merge) for each in slices] for merge in (1, 2)]
        fine, coarse = (_joined([job.result() for job in run]) for run in jobs)
    return Walk(fine, coarse, *(estimate(law, fine, coarse) for law in (_shares, _means, _variances)))


def _joined(parts: Sequence[Walked]) -> Walked:
    arrays = [np.concatenate(each, axis=-1) for each in zip(*(part[:-1] for part in parts), strict=True)]
    return Walked(*arrays, status=max(part.status for part in parts))


def _checked(
    walkers: Walkers,
    fields: Any,
    strength: ArrayLike,
    walls: Walls,
    step: float,
    steps: int,
    axes: Sequence[int],
    frames: int,
) -> tuple[Walkers, Array, Array, Walls]:
    """Give arrays their shapes, and refuse what makes no sense."""
    walkers = Walkers(*(np.array(each, dtype=float, order="C") for each in walkers))
    n = walkers.diffusivity.size
    if walkers.position.shape != (3, n) or walkers.radius.shape != (n,) or n == 0:
        raise ValueError("walkers: want positions (3, n), diffusivities (n,) and radii (n,), of at least one particle")
    if (
        not all(np.all(np.isfinite(each)) for each in walkers)
        or min(walkers.diffusivity.min(), walkers.radius.min()) < 0
    ):
        raise ValueError("walkers: every number must be finite, and diffusivities and radii at least 0")
    table = fields if isinstance(fields, np.ndarray) and fields.ndim == 2 else superpose(*fields)
    table = np.array(table, dtype=float, order="C")
    weights = np.asarray(strength, dtype=float)
    weights = np.array(np.broadcast_to(weights[:, None] if weights.ndim == 1 else weights, (len(table), n)), order="C")
    if not np.all(np.isfinite(weights)):
        raise ValueError("strength: every number must be finite")
    low, high, uptake = (np.array(each, dtype=float) for each in walls)
    uptake = np.array(np.broadcast_to(uptake[:, None] if uptake.ndim == 1 else uptake, (6, n)), order="C")
    if not np.all(uptake >= 0):
        raise ValueError("walls: uptake must be at least 0")
    for axis in axes:
        if np.any(high[axis] - low[axis] <= 2.0 * walkers.radius):
            raise ValueError(f"walls: a particle does not fit between those of axis {axis}")
        inside = (walkers.position[axis] - low[axis] >= 0.0) & (walkers.position[axis] <= high[axis])
        if not np.all(inside):
            raise ValueError(f"walkers: a position lies beyond the walls of axis {axis}")
    if not 0.0 < step < math.inf:
        raise ValueError("step: must be above 0 and finite")
    if not steps * n <= MOST:
        raise ValueError(f"steps: at most {MOST:.0e} steps of particles, hours of work")
    if steps < 2 or steps % 2 or (frames and steps % frames):
        raise ValueError("steps: must be an even number above 0, and a multiple of the frames")
    return walkers, table, weights, Walls(low, high, uptake)


def estimate(law: Callable[[Walked], ArrayLike], fine: Walked, coarse: Walked) -> Estimate:
    """Return what two walks on the same noise tell, extrapolated in the step, with a standard error.

    Parameters
    ----------
    law : callable
        From `Walked` to numbers, as averages over its particles.
    fine, coarse : Walked
        The second with steps twice as long.

    Returns
    -------
    Estimate
        With the standard error from the scatter of 32 batches of particles; not a number for less than four particles.

    Examples
    --------
    >>> from sepsim.kernels.drift_fields import uniform_field
    >>> n = 1024
    >>> walkers = Walkers(np.zeros((3, n)), np.full(n, 5e-12), np.zeros(n))
    >>> free = Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros(6))
    >>> found = walk(walkers, [uniform_field((1.0, 0.0, 0.0))], [1e-6], free, 0.1, 10, 1)
    >>> ahead = estimate(lambda walked: (walked.position[0] > 1e-6).mean(), found.walked, found.coarse)
    >>> bool(abs(ahead.value - 0.5) < 4 * ahead.error)
    True
    """
    finest, coarser = np.asarray(law(fine), dtype=float), np.asarray(law(coarse), dtype=float)
    batches = min(BATCHES, fine.fate.size // 2)
    if batches < 2:
        return Estimate(2.0 * finest - coarser, np.full(finest.shape, np.nan), finest - coarser)
    rows = [slice(batch, None, batches) for batch in range(batches)]
    scatter = np.array([2.0 * np.asarray(law(_some(fine, row))) - np.asarray(law(_some(coarse, row))) for row in rows])
    return Estimate(2.0 * finest - coarser, scatter.std(axis=0, ddof=1) / math.sqrt(batches), finest - coarser)


def _some(walked: Walked, row: slice) -> Walked:
    return Walked(*(each[..., row] for each in walked[:-1]), status=walked.status)


def _shares(walked: Walked) -> Array:
    return np.bincount(walked.fate, minlength=7) / walked.fate.size


def _means(walked: Walked) -> Array:
    position = walked.position[:, walked.fate == MOVING]
    return position.mean(axis=1) if position.size else np.full(3, np.nan)


def _variances(walked: Walked) -> Array:
    position = walked.position[:, walked.fate == MOVING]
    return position.var(axis=1, ddof=1) if position.shape[1] > 1 else np.full(3, np.nan)
