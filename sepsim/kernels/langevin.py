"""Brownian dynamics without inertia: particles that diffuse and are carried, between walls.

Of a particle with the diffusion coefficient D, in each axis,

    x(t + dt) = x(t) + sum_f strength_f v_f(x) dt + sqrt(2 D dt) g

with fields v_f that stand in closed form, g from the normal distribution. Walls reflect, or take up at the speed k
(D dc/dx = k c): a particle that went from the distance a to the distance b of such a wall has touched it if b < 0, else
with the probability exp(-a b/(D dt)), and one that touched it stays there with the probability

    k sqrt(pi dt/D) erfcx((a + |b|)/(2 sqrt(D dt)) + k sqrt(dt/D))

which is the exact solution next to one wall without drift, and 1 for a wall that keeps all. (Erban and Chapman take
the limit of short steps, k sqrt(pi dt/D) for every end beyond the wall.)

Positions are double precision: in single precision a drift of 1e-11 m per step is lost on a height of 1e-3 m. The
noise is single precision: Philox4x32-10 by (seed; particle, axis, step), four steps at a time, and Box and Muller's
transform, cut at 6.7 standard deviations. So a particle's path depends on nothing but its own number, and not on
blocks, slices or threads. Particles are the lanes of vectors, in blocks, with the loop over time inside the block.

The scheme is of first order in the step: `walk` repeats it with steps twice as long on the same noise, and takes the
error off (Richardson).

Sources: Ermak, McCammon, J. Chem. Phys. 69 (1978) 1352 (the step); Salmon et al., Proc. SC11 (2011) 16 (Philox);
Andrews, Bray, Phys. Biol. 1 (2004) 137 (crossings between steps); Erban, Chapman, Phys. Biol. 4 (2007) 16 (walls).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]

OK, NOT_FINITE, STEP_TOO_LONG = 0, 1, 2
MOVING = 0  # fate of a particle that no wall holds; else 1 + number of the face
FACES = ("x low", "x high", "y low", "y high", "z low", "z high")
UNIFORM, CENTRIFUGAL, SLIT, RECTANGLE, WAVE, ROLLS, POLYNOMIAL, EXPONENTIAL, POSTS, CUSTOM = range(10)
LONGEST = 0.5  # a step, sqrt(2 D dt), over the room between two walls
BATCHES = 32  # of particles, whose scatter tells the standard error

_W = 64  # lanes of a block
_GROUP = 4  # steps that one draw serves
_JIT = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": {"contract"}}

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_K0, _K1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_UNIT, _HALF_UNIT = np.float32(2.0**-32), np.float32(2.0**-33)
_EIGHTH = np.float32(math.pi / 4 * 2.0**-31)
_LN2 = np.float32(math.log(2.0))
_ROOT_HALF, _SHIFT = np.int32(0x3F3504F3), np.int32(0x3F800000 - 0x3F3504F3)
_TOUCHING = 23.0  # -log of a probability below the smallest uniform number


class Walkers(NamedTuple):
    """Particles.

    Attributes
    ----------
    position : ndarray, shape (3, n) [m]
    diffusivity : ndarray, shape (n,) [m2/s]
    radius : ndarray, shape (n,) [m]
        Centres stay that far from walls and posts.
    """

    position: Array
    diffusivity: Array
    radius: Array


class Walls(NamedTuple):
    """A box.

    Attributes
    ----------
    low, high : ndarray, shape (3,) [m]
        Infinite where there is no wall.
    uptake : ndarray, shape (6,) or (6, n) [m/s]
        Speed at which the faces x low, x high, y low, y high, z low, z high take particles up: 0 reflects all, infinite
        keeps all. The compiled kernel wants (6, n).
    """

    low: Array
    high: Array
    uptake: Array


class Walked(NamedTuple):
    """Where the particles went.

    Attributes
    ----------
    position : ndarray, shape (3, n) [m]
        In the end, or where a wall took the particle up.
    time : ndarray, shape (n,) [s]
        Until the end, or until a wall took the particle up: the middle of that step.
    fate : ndarray of int, shape (n,)
        0 if the particle still moves, else 1 + number of the face that holds it.
    paths : ndarray, shape (frames, 3, n) [m]
        Positions at the ends of equal intervals.
    status : int
        OK, NOT_FINITE (a field gave no number), or STEP_TOO_LONG (the room between two walls is not resolved).
    """

    position: Array
    time: Array
    fate: NDArray[np.int64]
    paths: Array
    status: int


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
    share : Estimate, shape (7,) [-]
        Of the particles that still move, and that each face holds.
    mean : Estimate, shape (3,) [m]
        Position of the particles that still move.
    variance : Estimate, shape (3,) [m2]
        Of the same.
    """

    walked: Walked
    share: Estimate
    mean: Estimate
    variance: Estimate


# ---- random numbers --------------------------------------------------------------------------------------------


@njit(**_JIT)
def _begin_draws(first: int, axis: Any, stream: Any, key0: Any, key1: Any, begun: Any) -> None:
    """Do what of the first two rounds depends on the lane only: counter (group, axis, particle, stream)."""
    for lane in range(_W):
        product = _M1 * np.uint64(first + lane)
        again = _M0 * ((product >> _HALF) ^ axis ^ key0)
        begun[0, lane] = product & _LOW
        begun[1, lane] = again >> _HALF
        begun[2, lane] = again & _LOW


@njit(**_JIT)
def _draw(begun: Any, group: Any, stream: Any, key0: Any, key1: Any, bits: Any) -> None:
    """Fill bits (4, lanes) with what Philox4x32-10 gives for a group of steps."""
    product = _M0 * group
    held = product & _LOW
    second = _M1 * ((product >> _HALF) ^ stream ^ key1)
    top, c1 = (second >> _HALF) ^ ((key0 + _K0) & _LOW), second & _LOW
    side = held ^ ((key1 + _K1) & _LOW)
    for lane in range(_W):
        a, b, c, d = top ^ begun[0, lane], c1, side ^ begun[1, lane], begun[2, lane]
        k0, k1 = key0 + _K0, key1 + _K1
        for _ in range(8):
            k0, k1 = (k0 + _K0) & _LOW, (k1 + _K1) & _LOW
            p, q = _M0 * a, _M1 * c
            a, b, c, d = (q >> _HALF) ^ b ^ k0, q & _LOW, (p >> _HALF) ^ d ^ k1, p & _LOW
        bits[0, lane] = np.uint32(a)
        bits[1, lane] = np.uint32(b)
        bits[2, lane] = np.uint32(c)
        bits[3, lane] = np.uint32(d)


@njit(**_JIT)
def _normal(bits: Any, normals: Any) -> None:
    """Turn uniform bits (4, lanes) into numbers of the normal distribution: Box and Muller."""
    for pair in range(0, 4, 2):
        for lane in range(_W):
            u = np.float32(np.float32(bits[pair, lane]) * _UNIT + _HALF_UNIT)
            moved = np.int32(u.view(np.int32) + _SHIFT)
            k = np.float32(np.int32(moved >> 23) - np.int32(127))
            whole = np.int32((moved & np.int32(0x7FFFFF)) + _ROOT_HALF)
            f = whole.view(np.float32) - np.float32(1.0)
            p = np.float32(7.0376836292e-2) * f - np.float32(1.1514610310e-1)
            p = p * f + np.float32(1.1676998740e-1)
            p = p * f - np.float32(1.2420140846e-1)
            p = p * f + np.float32(1.4249322787e-1)
            p = p * f - np.float32(1.6668057665e-1)
            p = p * f + np.float32(2.0000714765e-1)
            p = p * f - np.float32(2.4999993993e-1)
            p = p * f + np.float32(3.3333331174e-1)
            square = f * f
            log = k * _LN2 + (p * f * square - np.float32(0.5) * square + f)
            radius = np.sqrt(max(np.float32(-2.0) * log, np.float32(0.0)))
            turn = bits[pair + 1, lane]
            angle = np.float32(np.int32(turn << np.uint32(2))) * _EIGHTH
            z = angle * angle
            s = np.float32(-1.9515295891e-4) * z + np.float32(8.3321608736e-3)
            s = (s * z - np.float32(1.6666654611e-1)) * z * angle + angle
            c = np.float32(2.443315711809948e-5) * z - np.float32(1.388731625493765e-3)
            c = (c * z + np.float32(4.166664568298827e-2)) * z * z - np.float32(0.5) * z + np.float32(1.0)
            quarter = np.int32(turn >> np.uint32(30))
            c = -c if quarter & 2 else c
            normals[pair, lane] = radius * (s if quarter & 1 else c)
            normals[pair + 1, lane] = radius * (c if quarter & 1 else s)


# ---- fields: each adds to the drift of a block -----------------------------------------------------------------


@njit(**_JIT)
def _add_uniform(row: Array, strength: Array, drift: Array) -> None:
    for axis in range(3):
        for lane in range(_W):
            drift[axis, lane] += strength[lane] * row[1 + axis]


@njit(**_JIT)
def _add_centrifugal(row: Array, strength: Array, diffusivity: Array, x: Array, drift: Array) -> None:
    omega2, inner, sector = row[1], row[2], row[3]
    for lane in range(_W):
        r = inner + x[0, lane]
        drift[0, lane] += strength[lane] * omega2 * r + sector * diffusivity[lane] / r


@njit(**_JIT)
def _add_slit(row: Array, strength: Array, x: Array, drift: Array) -> None:
    axis, over, low = int(row[1]), 1.0 / row[2], row[3]
    for lane in range(_W):
        y = (x[axis, lane] - low) * over
        drift[0, lane] += 6.0 * strength[lane] * y * (1.0 - y)


@njit(**_JIT)
def _add_polynomial(row: Array, strength: Array, x: Array, drift: Array) -> None:
    axis, along, middle, over, terms = int(row[1]), int(row[2]), row[3], row[4], int(row[5])
    for lane in range(_W):
        y = (x[axis, lane] - middle) * over
        total = row[5 + terms]
        for term in range(4 + terms, 5, -1):
            total = total * y + row[term]
        drift[along, lane] += strength[lane] * total


@njit(**_JIT)
def _exp(x: float) -> float:
    """Exponential of -700 to 700."""
    k = math.floor(x * 1.4426950408889634 + 0.5)
    r = x - k * 0.693147180369123816490 - k * 1.90821492927058770002e-10
    p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0))))))
    r7 = r * r * r * r * r * r * r
    p += r7 * (1.0 / 5040.0 + r * (1.0 / 40320.0 + r * (1.0 / 362880.0 + r * (1.0 / 3628800.0 + r / 39916800.0))))
    power = np.int64((np.int64(k) + 1023) << 52)
    return p * power.view(np.float64)


@njit(**_JIT)
def _add_exponential(row: Array, strength: Array, x: Array, drift: Array) -> None:
    axis, origin, over = int(row[1]), row[2], 1.0 / row[3]
    for lane in range(_W):
        drift[axis, lane] += strength[lane] * _exp(min(max((origin - x[axis, lane]) * over, -700.0), 700.0))


@njit(**_JIT)
def _sin_cos(turns: float) -> tuple[float, float]:
    """Sine and cosine of 2 pi turns, within 2e-11."""
    quarters = math.floor(4.0 * turns + 0.5)
    angle = (turns - 0.25 * quarters) * 6.283185307179586
    z = angle * angle
    s = angle * (
        1.0 + z * (-1.0 / 6.0 + z * (1.0 / 120.0 + z * (-1.0 / 5040.0 + z * (1.0 / 362880.0 - z / 39916800.0))))
    )
    c = 1.0 + z * (-0.5 + z * (1.0 / 24.0 + z * (-1.0 / 720.0 + z * (1.0 / 40320.0 - z / 3628800.0))))
    quarter = np.int64(quarters) & 3
    one, other = (c, s) if quarter & 1 else (s, c)
    return (-one if quarter & 2 else one), (-other if (quarter + 1) & 2 else other)


@njit(**_JIT)
def _add_wave(row: Array, strength: Array, x: Array, drift: Array) -> None:
    axis, over, node = int(row[1]), row[2], row[3]
    for lane in range(_W):
        sine, _ = _sin_cos((x[axis, lane] - node) * over)
        drift[axis, lane] -= strength[lane] * sine


@njit(**_JIT)
def _add_field(row: Array, strength: Array, diffusivity: Array, x: Array, drift: Array) -> None:
    """Add one field that depends on the place."""
    kind = int(row[0])
    if kind == CENTRIFUGAL:
        _add_centrifugal(row, strength, diffusivity, x, drift)
    elif kind == SLIT:
        _add_slit(row, strength, x, drift)
    elif kind == WAVE:
        _add_wave(row, strength, x, drift)
    elif kind == POLYNOMIAL:
        _add_polynomial(row, strength, x, drift)
    elif kind == EXPONENTIAL:
        _add_exponential(row, strength, x, drift)


# ---- a step in one axis ----------------------------------------------------------------------------------------


@njit(**_JIT)
def _move(x: Array, drift: Array, step: float, spread: Array, normals: Any) -> None:
    for lane in range(_W):
        x[lane] += drift[lane] * step + spread[lane] * np.float64(normals[lane])


@njit(**_JIT)
def _reflect(x: Array, low: Array, high: Array, has_low: Any, has_high: Any) -> None:
    """Mirror what lies beyond walls, and bring back what a mirror sent beyond the other."""
    if has_low and has_high:
        for lane in range(_W):
            inside = low[lane] + abs(x[lane] - low[lane])
            inside = high[lane] - abs(high[lane] - inside)
            x[lane] = max(inside, low[lane])
    elif has_low:
        for lane in range(_W):
            x[lane] = low[lane] + abs(x[lane] - low[lane])
    elif has_high:
        for lane in range(_W):
            x[lane] = high[lane] - abs(high[lane] - x[lane])


@njit(**_JIT)
def _take_up(
    face: int,
    sign: float,
    start: Array,
    x: Array,
    wall: Array,
    uptake: Array,
    over: Array,
    root: Array,
    chance: Array,
    fate: Any,
) -> None:
    """Let a wall take up what touched it; over = 1/(D dt), root = sqrt(D dt), uptake over D, chance uniform."""
    for lane in range(_W):
        before, after = sign * (start[lane] - wall[lane]), sign * (x[lane] - wall[lane])
        touches = _exp(-min(max(before * after * over[lane], 0.0), 700.0))
        z = 0.5 * (before + abs(after)) / root[lane] + uptake[lane] * root[lane]
        t = 1.0 / (1.0 + 0.5 * z)
        p = 0.17087277 * t - 0.82215223
        p = p * t + 1.48851587
        p = p * t - 1.13520398
        p = p * t + 0.27886807
        p = p * t - 0.18628806
        p = p * t + 0.09678418
        p = p * t + 0.37409196
        p = p * t + 1.00002368
        p = p * t - 1.26551223
        stays = 1.7724538509055159 * uptake[lane] * root[lane] * t * _exp(p)
        stays = 1.0 if uptake[lane] > 1e30 else stays
        taken = fate[lane] == MOVING and chance[lane] < touches * stays
        fate[lane] = face if taken else fate[lane]
        x[lane] = wall[lane] if taken else x[lane]


@njit(**_JIT)
def solve_langevin(
    walkers: Walkers,
    fields: Array,
    strength: Array,
    walls: Walls,
    step: float,
    steps: int,
    seed: int,
    axes: Any,
    first: int = 0,
    noise: bool = True,
    merge: int = 1,
    frames: int = 0,
) -> Walked:
    """Return where particles go that diffuse and are carried, without error estimate.

    Parameters
    ----------
    walkers : Walkers
    fields : ndarray, shape (n_fields, width) [SI]
        Of `superpose`.
    strength : ndarray, shape (n_fields, n) [SI]
        What multiplies each field, for each particle.
    walls : Walls
        With an uptake of shape (6, n).
    step : float [s]
    steps : int
    seed : int
        At least 0.
    axes : ndarray of int, shape (n_axes,) [-]
        Axes in which particles move; in the others they stay where they are.
    first : int
        Number of the first particle: particles draw by their number.
    noise : bool
        Whether particles diffuse.
    merge : int
        Draws that make the noise of a step, 1, 2 or 4: a walk of steps twice as long on the same noise merges 2.
    frames : int
        Equal intervals of time at the ends of which positions are kept; it divides the steps.

    Returns
    -------
    Walked

    Examples
    --------
    >>> n = 1000
    >>> walkers = Walkers(np.zeros((3, n)), np.full(n, 5e-12), np.zeros(n))
    >>> free = Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros((6, n)))
    >>> still, none = uniform_field((0.0, 0.0, 0.0))[None, :], np.zeros((1, n))
    >>> walked = solve_langevin(walkers, still, none, free, 0.01, 100, 7, np.arange(3))
    >>> 2.8e-11 < float((walked.position**2).sum(0).mean()) < 3.2e-11  # 6 D t
    True
    """
    n = walkers.diffusivity.size
    position = walkers.position.copy()
    time = np.full(n, steps * step)
    fate = np.zeros(n, dtype=np.int64)
    paths = np.zeros((frames, 3, n))
    status = OK
    key0, key1 = np.uint64(seed) & _LOW, np.uint64(seed) >> _HALF
    stream, chance_stream = np.uint64(0), np.uint64(1)
    root_merge = 1.0 / math.sqrt(merge)

    x, start = np.zeros((3, _W)), np.zeros((3, _W))
    constant, drift, low, high = np.zeros((3, _W)), np.zeros((3, _W)), np.zeros((3, _W)), np.zeros((3, _W))
    spread, diffusivity, over, root = np.zeros(_W), np.zeros(_W), np.zeros(_W), np.zeros(_W)
    uptake, weight = np.zeros((6, _W)), np.zeros((fields.shape[0], _W))
    held = np.zeros(_W, dtype=np.int64)
    begun = np.zeros((3, 3, _W), dtype=np.uint64)
    begun_chances = np.zeros((3, 3, _W), dtype=np.uint64)
    bits = np.zeros((_GROUP, _W), dtype=np.uint32)
    normals = np.zeros((3, _GROUP, _W), dtype=np.float32)
    chances = np.ones((3, _GROUP, _W))
    has_low, has_high = np.isfinite(walls.low), np.isfinite(walls.high)

    for block in range(0, n, _W):
        count = min(_W, n - block)
        for lane in range(_W):
            source = block + min(lane, count - 1)
            diffusivity[lane] = walkers.diffusivity[source]
            root[lane] = math.sqrt(diffusivity[lane] * step)
            spread[lane] = math.sqrt(2.0) * root[lane] if noise else 0.0
            over[lane] = 1.0 / (diffusivity[lane] * step) if diffusivity[lane] > 0 else 1e300
            held[lane] = MOVING
            for axis in range(3):
                x[axis, lane] = walkers.position[axis, source]
                constant[axis, lane] = 0.0
                low[axis, lane] = walls.low[axis] + walkers.radius[source]
                high[axis, lane] = walls.high[axis] - walkers.radius[source]
                if 2.0 * root[lane] > LONGEST * (high[axis, lane] - low[axis, lane]) and noise:
                    for moved in axes:
                        status = STEP_TOO_LONG if moved == axis and status == OK else status
            for face in range(6):
                uptake[face, lane] = walls.uptake[face, source] / max(diffusivity[lane], 1e-300)
            for field in range(fields.shape[0]):
                weight[field, lane] = strength[field, source]
        varies, takes = False, False
        for field in range(fields.shape[0]):
            if int(fields[field, 0]) == UNIFORM:
                _add_uniform(fields[field], weight[field], constant)
            else:
                varies = True
        for axis in axes:
            _begin_draws(first + block, np.uint64(axis), stream, key0, key1, begun[axis])
            _begin_draws(first + block, np.uint64(axis), chance_stream, key0, key1, begun_chances[axis])
            for face in (2 * axis, 2 * axis + 1):
                for lane in range(_W):
                    takes = takes or uptake[face, lane] > 0.0
        now = constant if not varies else drift

        for number in range(steps):
            part = (number * merge) % _GROUP
            if part == 0 and noise:
                group = np.uint64((number * merge) // _GROUP)
                for axis in axes:
                    _draw(begun[axis], group, stream, key0, key1, bits)
                    _normal(bits, normals[axis])
                    if takes:
                        _draw(begun_chances[axis], group, chance_stream, key0, key1, bits)
                        for draw in range(_GROUP):
                            for lane in range(_W):
                                chances[axis, draw, lane] = (np.float64(bits[draw, lane]) + 0.5) * 2.0**-32
                    if merge > 1:
                        _merge(normals[axis], chances[axis], merge, root_merge, takes)
            if varies:
                drift[:] = constant
                for field in range(fields.shape[0]):
                    if int(fields[field, 0]) != UNIFORM:
                        _add_field(fields[field], weight[field], diffusivity, x, drift)
            if takes:
                start[:] = x
            for axis in axes:
                _move(x[axis], now[axis], step, spread, normals[axis, part])
            if takes:
                _take_all(axes, start, x, low, high, uptake, over, root, chances, part, has_low, has_high, held)
            for axis in axes:
                _reflect(x[axis], low[axis], high[axis], has_low[axis], has_high[axis])
            if takes:
                moving = _settle(block, count, start, x, held, (number + 0.5) * step, position, time, fate)
            if frames > 0 and (number + 1) % (steps // frames) == 0:
                for axis in range(3):
                    for lane in range(count):
                        stopped = fate[block + lane] != MOVING
                        at = position[axis, block + lane] if stopped else x[axis, lane]
                        paths[(number + 1) // (steps // frames) - 1, axis, block + lane] = at
            if takes and moving == 0 and frames == 0:
                break
        for lane in range(count):
            if fate[block + lane] == MOVING:
                for axis in range(3):
                    position[axis, block + lane] = x[axis, lane]
                    if not math.isfinite(x[axis, lane]):
                        status = NOT_FINITE
    return Walked(position, time, fate, paths, status)


@njit(**_JIT)
def _merge(normals: Any, chances: Array, merge: int, root: float, takes: bool) -> None:
    """Make the draws of some short steps those of a long one, at the place of the first of them."""
    for part in range(0, _GROUP, merge):
        for other in range(1, merge):
            for lane in range(_W):
                normals[part, lane] += normals[part + other, lane]
        for lane in range(_W):
            normals[part, lane] = np.float32(normals[part, lane] * root)
        if takes:
            for lane in range(_W):
                best = chances[part, lane]
                for other in range(1, merge):
                    best = min(best, chances[part + other, lane])
                chances[part, lane] = 1.0 - (1.0 - best) ** merge


@njit(**_JIT)
def _take_all(
    axes: Any,
    start: Array,
    x: Array,
    low: Array,
    high: Array,
    uptake: Array,
    over: Array,
    root: Array,
    chances: Array,
    part: int,
    has_low: Any,
    has_high: Any,
    held: Any,
) -> None:
    for axis in axes:
        if has_low[axis]:
            _take_up(
                2 * axis + 1, 1.0, start[axis], x[axis], low[axis], uptake[2 * axis], over, root,
                chances[axis, part], held,
            )  # fmt: skip
        if has_high[axis]:
            _take_up(
                2 * axis + 2, -1.0, start[axis], x[axis], high[axis], uptake[2 * axis + 1], over, root,
                chances[axis, part], held,
            )  # fmt: skip


@njit(**_JIT)
def _settle(
    block: int, count: int, start: Array, x: Array, held: Any, now: float, position: Array, time: Array, fate: Any
) -> int:
    """Write down what walls took up in this step, and return how many particles still move."""
    moving = 0
    for lane in range(count):
        if held[lane] == MOVING:
            moving += 1
        elif fate[block + lane] == MOVING:
            fate[block + lane] = held[lane]
            time[block + lane] = now
            for axis in range(3):
                position[axis, block + lane] = x[axis, lane]
    return moving


# ---- fields, as rows -------------------------------------------------------------------------------------------


def superpose(*rows: Array) -> Array:
    """Return fields that act together, one below another.

    Parameters
    ----------
    *rows : ndarray, shape (width,) [SI]
        Of the functions below.

    Returns
    -------
    ndarray, shape (n_fields, width) [SI]

    Examples
    --------
    >>> superpose(uniform_field((1.0, 0.0, 0.0)), slit_flow(1e-4)).shape
    (2, 4)
    """
    fields = np.zeros((len(rows), max((row.size for row in rows), default=1)))
    for line, row in zip(fields, rows, strict=True):
        line[: row.size] = row
    return fields


def uniform_field(direction: Sequence[float]) -> Array:
    """Return the row of a drift that is the same everywhere; its strength is a speed [m/s].

    Parameters
    ----------
    direction : sequence of 3 floats [-]

    Returns
    -------
    ndarray

    Examples
    --------
    >>> uniform_field((0.0, 0.0, -1.0))
    array([ 0.,  0.,  0., -1.])
    """
    return np.array([UNIFORM, *direction], dtype=float)


def centrifugal_field(omega_squared: float, inner: float = 0.0, sector: bool = False) -> Array:
    """Return the row of the drift s omega^2 r along x; its strength is s [s].

    Parameters
    ----------
    omega_squared : float [1/s2]
    inner : float [m]
        Radius at x = 0.
    sector : bool
        Whether the cell widens with the radius: the drift D/r of the volume is added, independent of the strength.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> centrifugal_field(1e6, 0.06)
    array([1.e+00, 1.e+06, 6.e-02, 0.e+00])
    """
    return np.array([CENTRIFUGAL, omega_squared, inner, sector], dtype=float)


def slit_flow(height: float, axis: int = 2, low: float = 0.0) -> Array:
    """Return the row of a laminar flow along x in a slit, 6 y (1 - y); its strength is the mean velocity [m/s].

    Parameters
    ----------
    height : float [m]
    axis : int
        Across which the flow varies.
    low : float [m]
        Where the lower wall stands.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> slit_flow(1e-4)
    array([2.e+00, 2.e+00, 1.e-04, 0.e+00])
    """
    return np.array([SLIT, axis, height, low], dtype=float)


def standing_wave(wavenumber: float, node: float, axis: int = 1) -> Array:
    """Return the row of -sin(2 k (y - node)): what a standing wave drives to its pressure nodes.

    The strength is the largest speed [m/s], positive for a positive contrast.

    Parameters
    ----------
    wavenumber : float [1/m]
        k, 2 pi over the wavelength of sound.
    node : float [m]
        Where a pressure node stands.
    axis : int
        Along the wave.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> standing_wave(np.pi / 1e-4, 5e-5)
    array([4.e+00, 1.e+00, 1.e+04, 5.e-05])
    """
    return np.array([WAVE, axis, wavenumber / math.pi, node], dtype=float)


def polynomial_field(
    axis: int, low: float, high: float, coefficients: Sequence[float], along: int | None = None
) -> Array:
    """Return the row of a drift that is a polynomial across an axis; its strength is a speed [m/s].

    Parameters
    ----------
    axis : int
        Across which the drift varies.
    low, high : float [m]
        Where the variable of the polynomial is -1 and 1.
    coefficients : sequence of float [-]
        From the constant term upwards.
    along : int, optional
        Along which the drift points; left out, along the same axis.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> polynomial_field(1, 0.0, 1e-4, [0.0, -1.0]).size  # to the middle
    8
    """
    along = axis if along is None else along
    return np.array([POLYNOMIAL, axis, along, 0.5 * (low + high), 2.0 / (high - low), len(coefficients), *coefficients])


def exponential_field(axis: int, origin: float, decay: float) -> Array:
    """Return the row of exp(-(y - origin)/decay); its strength is the speed at the origin [m/s].

    Parameters
    ----------
    axis : int
    origin : float [m]
    decay : float [m]
        Negative if the drift falls towards low positions.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> exponential_field(2, 0.0, 1e-6)
    array([7.e+00, 2.e+00, 0.e+00, 1.e-06])
    """
    return np.array([EXPONENTIAL, axis, origin, decay], dtype=float)


# ---- the door --------------------------------------------------------------------------------------------------


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
        An even number.
    seed : int
    axes : sequence of int
        In which particles move.
    first : int
        Number of the first particle.
    noise : bool
        Whether particles diffuse.
    frames : int
        Equal intervals of time at the ends of which positions are kept.
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
    >>> n = 4096
    >>> walkers = Walkers(np.full((3, n), 5e-6), np.full(n, 5e-12), np.zeros(n))
    >>> slit = Walls(np.array([-np.inf, -np.inf, 0.0]), np.array([np.inf, np.inf, 1e-5]), np.zeros(6))
    >>> found = walk(walkers, [uniform_field((0.0, 0.0, -1.0))], [4e-6], slit, 0.01, 2000, 1, axes=(2,))
    >>> bool(abs(found.mean.value[2] - 1.2466e-6) < 4 * found.mean.error[2])  # stationary at Pe = 8
    True
    """
    walkers, table, weights, walls = _checked(walkers, fields, strength, walls, step, steps, axes, frames)
    moved = np.array(axes, dtype=np.int64)
    n = walkers.diffusivity.size

    def run(length: float, number: int, merge: int, kept: int) -> Walked:
        def part(begin: int, end: int) -> Any:
            some = Walkers(*(np.ascontiguousarray(each[..., begin:end]) for each in walkers))
            box = Walls(walls.low, walls.high, np.ascontiguousarray(walls.uptake[:, begin:end]))
            own = np.ascontiguousarray(weights[:, begin:end])
            return solve_langevin(
                some, table, own, box, length, number, seed, moved, first + begin, noise, merge, kept
            )  # fmt: skip

        cuts = _W * np.linspace(0, -(-n // _W), threads + 1).astype(int)
        ends = [(begin, min(end, n)) for begin, end in pairwise(cuts) if begin < n]
        with ThreadPoolExecutor(max(threads, 1)) as pool:
            parts = [*pool.map(lambda each: part(*each), ends)]
        arrays = [np.concatenate(each, axis=-1) for each in zip(*(part[:4] for part in parts), strict=True)]
        return Walked(*arrays, status=max(part.status for part in parts))

    fine, coarse = run(step, steps, 1, frames), run(2.0 * step, steps // 2, 2, 0)
    return Walk(fine, *(_estimate(law, fine, coarse) for law in (_shares, _means, _variances)))


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
    if steps < 2 or steps % 2 or (frames and steps % frames):
        raise ValueError("steps: must be an even number above 0, and a multiple of the frames")
    return walkers, table, weights, Walls(low, high, uptake)


def _shares(walked: Walked, chosen: slice) -> Array:
    return np.bincount(walked.fate[chosen], minlength=7) / max(walked.fate[chosen].size, 1)


def _means(walked: Walked, chosen: slice) -> Array:
    position = walked.position[:, chosen][:, walked.fate[chosen] == MOVING]
    return position.mean(axis=1) if position.size else np.full(3, np.nan)


def _variances(walked: Walked, chosen: slice) -> Array:
    position = walked.position[:, chosen][:, walked.fate[chosen] == MOVING]
    return position.var(axis=1, ddof=1) if position.shape[1] > 1 else np.full(3, np.nan)


def _estimate(law: Any, fine: Walked, coarse: Walked) -> Estimate:
    """Extrapolate in the step, and take the standard error from batches of particles."""
    everything = slice(None)
    finest, coarser = law(fine, everything), law(coarse, everything)
    n = fine.fate.size
    batches = min(BATCHES, n // 2)
    rows = [slice(batch, None, batches) for batch in range(batches)]
    spread = np.array([2.0 * law(fine, row) - law(coarse, row) for row in rows])
    error = spread.std(axis=0, ddof=1) / math.sqrt(batches) if batches > 1 else np.full(finest.shape, np.nan)
    return Estimate(2.0 * finest - coarser, error, finest - coarser)
