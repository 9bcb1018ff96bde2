"""Capture: particles that stick to sites which they share, for good or until their bonds open.

Lanes are particles that are alike: a class, with so many antigens. Of each lane the share f is free, b bound by its
antigens, and s stuck without any; with t the time since the start,

    df/dt = -[k phi(c) + u phi(d)] a f + r b,   db/dt = k phi(c) a f - r b,   ds/dt = u phi(d) a f
    c = sum_l w_l b_l,   d = sum_l v_l s_l,   a = max(0, 1 - t/T)

Each lane takes part of one surface, of which c is covered, over that at jamming, and what sticks without antigens takes
part of the bare surface between the ligands, of which d is covered. The beads fall out of the liquid until the time T.
Spheres that stick at random (random sequential adsorption) find room with the probability

    phi(x) = (1 + 0.812 x + 0.426 x^2 + 0.0716 x^3) (1 - x)^3

which is 1 - 4 theta + 3.31 theta^2 + 1.41 theta^3 for a low coverage theta = 0.547 x, and falls as the cube near
jamming.

In a step phi and a are those of its middle, and each lane is solved exactly: so shares stay above zero and sum to one,
and dilute beads are exact in one step. A whole step against two half ones gives the error of each step, which is of
second order and then taken off (Richardson), but in lanes where that would leave a share below zero.

Source: Schaaf, Talbot, J. Chem. Phys. 91 (1989) 4401 (phi).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]
_Columns = tuple[Array, Array, Array, Array, Array]
_Levels = tuple[float, float]

OK, OUT_OF_STEPS = 0, 1
MOST_STEPS = 20_000
_SHORTEST = 1e-14  # step, of the whole time
_MOST_TAKEN = 0.5  # of the room that is left, in half a step
_GROWTH, _SHRINK, _SAFETY = 4.0, 0.2, 0.9
_JIT = {"cache": True, "error_model": "numpy"}


class Lanes(NamedTuple):
    """Particles that are alike.

    Attributes
    ----------
    binding, sticking, opening : ndarray, shape (n,) [1/s]
        Rates k, u and r at which a free particle binds to bare beads, sticks to them without antigens, and gets away.
    covers, soils : ndarray, shape (n,) [-]
        w and v: of the surface at jamming, what all particles of the lane would cover by their bonds, and what they
        would cover of the bare surface.
    """

    binding: Array
    sticking: Array
    opening: Array
    covers: Array
    soils: Array


class Captured(NamedTuple):
    """Where the particles of each lane are.

    Attributes
    ----------
    free, bound, stuck : ndarray, shape (n_times, n) [-]
        Shares of each lane, which sum to one.
    coverage, soiling : ndarray, shape (n_times,) [-]
        c and d.
    steps : int
    status : int
        OK or OUT_OF_STEPS.
    """

    free: Array
    bound: Array
    stuck: Array
    coverage: Array
    soiling: Array
    steps: int
    status: int


def solve_capture(
    lanes: Lanes,
    times: ArrayLike,
    clearing_time: float = math.inf,
    tolerance: float = 1e-4,
    most_steps: int = MOST_STEPS,
) -> Captured:
    """Return where the particles of each lane are at some times.

    Parameters
    ----------
    lanes : Lanes
    times : array_like, shape (n_times,) [s]
        Rising, from 0.
    clearing_time : float [s]
        After which all beads have left the liquid, T; infinite if they are kept in it.
    tolerance : float [-]
        Error of a share that a step may make before it is taken off; what is left is some tenfold smaller.
    most_steps : int

    Returns
    -------
    Captured
        With shares as they are when the steps are used up, if they are.

    Raises
    ------
    ValueError
        If shapes differ, a rate is negative or not finite, or times do not rise from 0.

    Examples
    --------
    >>> one = np.ones(1)
    >>> sparse = Lanes(binding=1e-3 * one, sticking=0 * one, opening=0 * one, covers=0 * one, soils=0 * one)
    >>> round(float(solve_capture(sparse, [0.0, 1000.0]).free[-1, 0]), 6)  # exp(-1)
    0.367879
    """
    columns = [np.array(column, dtype=np.float64, order="C") for column in lanes]
    wanted = np.array(times, dtype=np.float64, order="C")
    if any(column.shape != columns[0].shape or column.ndim != 1 for column in columns):
        raise ValueError(f"lanes: all columns must have one shape (n,), not {[column.shape for column in columns]}")
    if not all(np.all((column >= 0) & np.isfinite(column)) for column in columns):
        raise ValueError("lanes: every number must be finite and at least 0")
    if wanted.ndim != 1 or not wanted.size or wanted[0] < 0 or np.any(np.diff(wanted) < 0) or wanted[-1] == math.inf:
        raise ValueError("times: must rise from 0 and be finite")
    if not clearing_time > 0 or not tolerance > 0:
        raise ValueError("clearing_time and tolerance: must be above 0")
    shape = (wanted.size, columns[0].size)
    free, bound, stuck = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    covered = np.zeros((2, wanted.size))
    steps, status = _march(tuple(columns), wanted, clearing_time, tolerance, most_steps, free, bound, stuck, covered)
    return Captured(free, bound, stuck, covered[0], covered[1], steps, status)


@njit(**_JIT)
def free_room(covered: float) -> float:
    """Return the probability phi that a sphere finds room on a surface.

    Parameters
    ----------
    covered : float [-]
        Coverage over that at jamming.

    Returns
    -------
    float [-]

    Examples
    --------
    >>> free_room(0.0), free_room(1.0)
    (1.0, 0.0)
    """
    x = min(max(covered, 0.0), 1.0)
    return (1.0 + x * (0.812 + x * (0.426 + x * 0.0716))) * (1.0 - x) ** 3


@njit(**_JIT)
def _advance(lanes: _Columns, before: Array, bare: float, clean: float, time: float, after: Array) -> _Levels:
    """Solve all lanes over a time at constant rooms; `lanes` and shares as rows. Returns both coverages."""
    binding, sticking, opening, covers, soils = lanes
    coverage, soiling = 0.0, 0.0
    for i in range(binding.size):
        p, q, r = binding[i] * bare, sticking[i] * clean, opening[i]
        f, b, s = before[0, i], before[1, i], before[2, i]
        held = f + b
        if q == 0.0:
            if p + r > 0.0:
                fallen = math.expm1(-(p + r) * time)
                share = -fallen / (p + r)
                f, b = f * (1.0 + fallen) + held * r * share, b * (1.0 + fallen) + held * p * share
        else:
            half = 0.5 * (p + q + r)
            root = math.sqrt(max(half * half - q * r, 0.0))
            slow = math.exp(-q * r / (half + root) * time)
            quick = math.exp(-2.0 * root * time)
            mean = 0.5 * slow * (1.0 + quick)
            skew = 0.5 * slow * (1.0 - quick) / root if root * time > 1e-6 else slow * time * (1.0 - root * time)
            tilt = 0.5 * (r - p - q)
            f, b = (
                max(mean + tilt * skew, 0.0) * f + r * skew * b,
                p * skew * f + max(mean - tilt * skew, 0.0) * b,
            )
            s += max(held - f - b, 0.0)
        after[0, i], after[1, i], after[2, i] = f, b, s
        coverage += covers[i] * b
        soiling += soils[i] * s
    return coverage, soiling


@njit(**_JIT)
def _middle(
    lanes: _Columns,
    before: Array,
    start: float,
    covered: _Levels,
    clearing: float,
    time: float,
    after: Array,
    scratch: Array,
) -> tuple[float, float, float]:
    """One step by the rule of the middle. Returns both coverages, and which part of the room is taken to the middle."""
    here = max(0.0, 1.0 - (start + 0.25 * time) / clearing)
    there = _advance(lanes, before, free_room(covered[0]) * here, free_room(covered[1]) * here, 0.5 * time, scratch)
    middle = max(0.0, 1.0 - (start + 0.5 * time) / clearing)
    coverage, soiling = _advance(
        lanes, before, free_room(there[0]) * middle, free_room(there[1]) * middle, time, after
    )  # fmt: skip
    taken = max(
        (there[0] - covered[0]) / max(1.0 - covered[0], 1e-12), (there[1] - covered[1]) / max(1.0 - covered[1], 1e-12)
    )
    return coverage, soiling, taken


@njit(**_JIT)
def _refine(lanes: _Columns, whole: Array, halves: Array) -> _Levels:
    """Take the error of second order off two half steps; returns both coverages."""
    covers, soils = lanes[3], lanes[4]
    coverage, soiling = 0.0, 0.0
    for i in range(covers.size):
        f = halves[0, i] + (halves[0, i] - whole[0, i]) / 3.0
        b = halves[1, i] + (halves[1, i] - whole[1, i]) / 3.0
        s = halves[2, i] + (halves[2, i] - whole[2, i]) / 3.0
        if min(f, b, s) >= 0.0:
            halves[0, i], halves[1, i], halves[2, i] = f, b, s
        coverage += covers[i] * halves[1, i]
        soiling += soils[i] * halves[2, i]
    return coverage, soiling


@njit(**_JIT)
def _march(
    lanes: _Columns,
    times: Array,
    clearing: float,
    tolerance: float,
    most_steps: int,
    free: Array,
    bound: Array,
    stuck: Array,
    covered: Array,
) -> tuple[int, int]:
    """Fill the shares at all times; returns the number of steps and the status."""
    n = lanes[0].size
    now, whole, half, done, scratch = (
        np.zeros((3, n)), np.empty((3, n)), np.empty((3, n)), np.empty((3, n)), np.empty((3, n)),
    )  # fmt: skip
    now[0, :] = 1.0
    at, levels, steps, status = 0.0, (0.0, 0.0), 0, OK
    step = times[-1]
    for index in range(times.size):
        end = times[index]
        while at < end and status == OK:
            # The fall of the beads has a kink at its end, which no step may cross.
            stop = clearing if at < clearing < end else end
            time = min(step, stop - at)
            coarse = _middle(lanes, now, at, levels, clearing, time, whole, scratch)
            first = _middle(lanes, now, at, levels, clearing, 0.5 * time, half, scratch)
            second = _middle(lanes, half, at + 0.5 * time, first[:2], clearing, 0.5 * time, done, scratch)
            error = max(abs(coarse[0] - second[0]), abs(coarse[1] - second[1]))
            for i in range(n):
                error = max(error, abs(whole[0, i] - done[0, i]), abs(whole[1, i] - done[1, i]))
            error /= 3.0 * tolerance
            if coarse[2] > _MOST_TAKEN:  # beyond all room the rule of the middle takes nothing, whatever the step
                error = max(error, 8.0 * coarse[2] / _MOST_TAKEN)
            change = _SAFETY / max(error, 1e-9) ** (1.0 / 3.0)
            if error <= 1.0 or time <= _SHORTEST * times[-1]:
                at = stop if time == stop - at else at + time
                levels = _refine(lanes, whole, done)
                now, done = done, now
                step = max(step, time * min(change, _GROWTH)) if time < step else time * min(change, _GROWTH)
            else:
                step = time * max(change, _SHRINK)
            steps += 1
            if steps >= most_steps:
                status = OUT_OF_STEPS
        free[index], bound[index], stuck[index] = now[0], now[1], now[2]
        covered[0, index], covered[1, index] = levels
    return steps, status
