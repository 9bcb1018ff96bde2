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
noise is single precision: Philox4x32-7 by (seed; particle, axis, step), four steps at a time, and Box and Muller's
transform, cut at 6.7 standard deviations. So a particle's path depends on nothing but its own number, and not on
blocks, slices or threads. Particles are the lanes of vectors, in blocks, with the loop over time inside the block.

The scheme is of first order in the step: `brownian_walk` repeats it with steps twice as long on the same noise, and
takes the error off (Richardson). Rows of fields come from `drift_fields`.

Sources: Ermak, McCammon, J. Chem. Phys. 69 (1978) 1352 (the step); Salmon et al., Proc. SC11 (2011) 16 (Philox);
Andrews, Bray, Phys. Biol. 1 (2004) 137 (crossings between steps); Erban, Chapman, Phys. Biol. 4 (2007) 16 (walls).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sepsim.kernels.caching import borrow, call_block, njit

Array = NDArray[np.float64]

OK, NOT_FINITE, STEP_TOO_LONG = 0, 1, 2
MOVING = 0  # fate of a particle that no wall holds; else 1 + number of the face
FACES = ("x low", "x high", "y low", "y high", "z low", "z high")
UNIFORM, CENTRIFUGAL, SLIT, RECTANGLE, WAVE, ROLLS, POLYNOMIAL, EXPONENTIAL, POSTS, CUSTOM = range(10)
LONGEST = 0.5  # a step, sqrt(2 D dt), over the room between two walls

LANES = _W = 64  # of a block
_GROUP = 4  # steps that one draw serves
_ROUNDS = (
    7  # of Philox4x32: the fewest that pass all tests of BigCrush; 10 is the cautious choice, and an eighth slower
)
_JIT = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": {"contract"}}
_INLINED = {**_JIT, "forceinline": True}  # a call with arrays costs as much as a loop over the lanes

_PERFECT = 1e30  # k/D [1/m] above which a wall keeps all that touches it
_SMALLEST = 1e-150
_FAR = 23.0  # -log of a chance below the smallest that is drawn

_F, _I = np.float32, np.int32
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_K0, _K1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_UNIT, _HALF_UNIT = np.float32(2.0**-32), np.float32(2.0**-33)
_MANTISSA, _SIGN, _SWAP = np.int32(0x7FFFFF), np.int32(-(2**31)), np.int32(2**30)
_ROOT_HALF = np.int32(0x3F3504F3)
_TWO_LN2 = np.float32(-2.0 * math.log(2.0))
_EIGHTH = np.float32(math.pi / 4 * 2.0**-31)


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


# ---- random numbers --------------------------------------------------------------------------------------------


@njit(**_JIT)
def _begin_draws(first: int, axis: int, stream: int, key0: Any, key1: Any, begun: Any) -> None:
    """Do what of the first two rounds of Philox depends on the lane: counter (group of steps, axis, lane, stream)."""
    for lane in range(_W):
        product = _M1 * (np.uint64(first + lane) & _LOW)
        again = _M0 * (((product >> _HALF) ^ np.uint64(axis) ^ key0) & _LOW)
        begun[stream, axis, 0, lane] = np.uint32(product)
        begun[stream, axis, 1, lane] = np.uint32(again >> _HALF)
        begun[stream, axis, 2, lane] = np.uint32(again)


@njit(**_INLINED)
def _draw(begun: Any, group: int, axis: int, stream: int, key0: Any, key1: Any, bits: Any) -> None:
    """Fill bits (4, lanes) with what Philox4x32 gives for a group of steps."""
    product = _M0 * (np.uint64(group) & _LOW)
    second = _M1 * (((product >> _HALF) ^ np.uint64(stream) ^ key1) & _LOW)
    top, side = (second >> _HALF) ^ ((key0 + _K0) & _LOW), (product ^ (key1 + _K1)) & _LOW
    for lane in range(_W):
        a, b = np.uint64(top ^ np.uint64(begun[stream, axis, 0, lane])), np.uint64(second)
        c, d = np.uint64(side ^ np.uint64(begun[stream, axis, 1, lane])), np.uint64(begun[stream, axis, 2, lane])
        k0, k1 = key0 + _K0, key1 + _K1
        for _ in range(_ROUNDS - 2):
            k0, k1 = (k0 + _K0) & _LOW, (k1 + _K1) & _LOW
            p, q = _M0 * (a & _LOW), _M1 * (c & _LOW)
            a, b, c, d = (q >> _HALF) ^ b ^ k0, q, (p >> _HALF) ^ d ^ k1, p
        bits[0, lane] = np.uint32(a)
        bits[1, lane] = np.uint32(b)
        bits[2, lane] = np.uint32(c)
        bits[3, lane] = np.uint32(d)


@njit(**_INLINED)
def _normal(axis: int, bits: Any, normals: Any) -> None:
    """Turn bits (4, lanes) into numbers of the normal distribution: Box and Muller, with minimax polynomials."""
    for pair in range(0, _GROUP, 2):
        for lane in range(_W):
            u = _F(_F(bits[pair, lane]) * _UNIT + _HALF_UNIT)  # 2^-33 to 1
            moved = _I(u.view(np.int32) - _ROOT_HALF)
            whole = _I((moved & _MANTISSA) + _ROOT_HALF)
            f = whole.view(np.float32) - _F(1.0)  # u = 2^k (1 + f)
            p = _F(-0.23762131998297314) * f + _F(0.3786187940100697)
            p = p * f + _F(-0.4119366697130199)
            p = p * f + _F(0.497538875508701)
            p = p * f + _F(-0.6660753811481258)
            p = p * f + _F(1.0000425491592004)
            p = p * f + _F(-2.0000062139497663)
            radius = np.sqrt(max(p * f + _F(_I(moved >> 23)) * _TWO_LN2, _F(0.0)))  # sqrt(-2 ln u)
            turn = _I(bits[pair + 1, lane])
            angle = _F(_I(turn << 2)) * _EIGHTH  # of an eighth either way; the other bits choose the quarter
            z = angle * angle
            s = (_F(0.008123242389099781) * z + _F(-0.16660301072401568)) * z + _F(0.9999951819114605)
            c = (_F(-0.0013571119163811609) * z + _F(0.04165408738978475)) * z + _F(-0.49999855009539634)
            side, along = radius * angle * s, _F(radius * (c * z + _F(0.9999999986339583)))
            along = _I(along.view(np.int32) ^ (turn & _SIGN)).view(np.float32)
            swapped = (turn & _SWAP) != 0
            normals[axis, pair, lane] = side if swapped else along
            normals[axis, pair + 1, lane] = along if swapped else side


@njit(**_JIT)
def _merge(axis: int, normals: Any, chances: Array, merge: int) -> None:
    """Make the draws of some short steps those of a long one, at the place of the first of them."""
    for part in range(0, _GROUP, merge):
        for lane in range(_W):
            total, best = np.float64(normals[axis, part, lane]), chances[axis, part, lane]
            for other in range(1, merge):
                total += normals[axis, part + other, lane]
                best = min(best, chances[axis, part + other, lane])
            normals[axis, part, lane] = np.float32(total / math.sqrt(merge))
            chances[axis, part, lane] = 1.0 - (1.0 - best) ** merge


# ---- fields: each adds what it moves a block in a step; weight is strength times step --------------------------


@njit(**_INLINED)
def _exp(x: float) -> float:
    """Exponential of -700 to 700, within 1e-14."""
    k = math.floor(x * 1.4426950408889634 + 0.5)
    r = x - k * 0.693147180369123816490 - k * 1.90821492927058770002e-10
    p = 1.0 / 3628800.0 + r * (1.0 / 39916800.0)
    p = 1.0 / 40320.0 + r * (1.0 / 362880.0 + r * p)
    p = 1.0 / 720.0 + r * (1.0 / 5040.0 + r * p)
    p = 1.0 / 24.0 + r * (1.0 / 120.0 + r * p)
    p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * p)))
    power = np.int64((np.int64(k) + 1023) << 52)
    return p * power.view(np.float64)


@njit(**_INLINED)
def _sine_cosine(turns: float) -> tuple[float, float]:
    """Sine and cosine of 2 pi turns, within 1e-9."""
    quarters = math.floor(4.0 * turns + 0.5)
    angle = (turns - 0.25 * quarters) * 6.283185307179586
    z = angle * angle
    s = 1.0 / 120.0 + z * (-1.0 / 5040.0 + z * (1.0 / 362880.0))
    s = angle * (1.0 + z * (-1.0 / 6.0 + z * s))
    c = 1.0 / 24.0 + z * (-1.0 / 720.0 + z * (1.0 / 40320.0 + z * (-1.0 / 3628800.0)))
    c = 1.0 + z * (-0.5 + z * c)
    quarter = np.int64(quarters) & 3
    odd = (quarter & 1) != 0
    sine, cosine = (c if odd else s), (s if odd else c)
    return (-sine if quarter >= 2 else sine), (-cosine if (quarter == 1) | (quarter == 2) else cosine)


@njit(**_INLINED)
def _renew(source: Array, target: Array, chosen: Any) -> None:
    for axis in range(3):
        if chosen[axis]:
            for lane in range(_W):
                target[axis, lane] = source[axis, lane] + 0.0  # lest it becomes a call of memcpy, slow for so few


@njit(**_JIT)
def _mark_axes(fields: Array, field: int, varied: Any, read: Any) -> None:
    """Mark the axes in which a field moves particles differently from place to place, and those that it looks at."""
    kind, axis = int(fields[field, 0]), int(fields[field, 1])
    if kind in (WAVE, EXPONENTIAL):
        varied[axis] = read[axis] = True
    elif kind in (ROLLS, POLYNOMIAL):
        varied[int(fields[field, 2])] = read[axis] = True
        if kind == ROLLS:
            varied[axis] = read[int(fields[field, 2])] = True
    elif kind == SLIT:
        varied[0] = read[axis] = True
    elif kind != UNIFORM:
        for every in range(3):
            varied[every] = read[every] = True


@njit(**_JIT)
def _add_uniform(fields: Array, field: int, weight: Array, moved: Array) -> None:
    for axis in range(3):
        for lane in range(_W):
            moved[axis, lane] += weight[field, lane] * fields[field, 1 + axis]


@njit(**_JIT)
def _add_centrifugal(fields: Array, field: int, weight: Array, volume: Array, x: Array, moved: Array) -> None:
    omega2, inner, sector = fields[field, 1], fields[field, 2], fields[field, 3]
    for lane in range(_W):
        r = inner + x[0, lane]
        moved[0, lane] += weight[field, lane] * omega2 * r + sector * volume[lane] / r


@njit(**_INLINED)
def _add_slit(fields: Array, field: int, weight: Array, x: Array, moved: Array) -> None:
    axis, over, low = int(fields[field, 1]), 1.0 / fields[field, 2], fields[field, 3]
    for lane in range(_W):
        y = (x[axis, lane] - low) * over
        moved[0, lane] += 6.0 * weight[field, lane] * y * (1.0 - y)


@njit(**_JIT)
def _add_rectangle(fields: Array, field: int, weight: Array, x: Array, moved: Array) -> None:
    over_y, over_z, ys, zs = fields[field, 1], fields[field, 2], int(fields[field, 3]), int(fields[field, 4])
    total, inner = np.zeros(_W), np.empty(_W)
    for i in range(ys - 1, -1, -1):
        inner[:] = 0.0
        for j in range(zs - 1, -1, -1):
            term = fields[field, 5 + i * zs + j]
            for lane in range(_W):
                z = x[2, lane] * over_z - 1.0
                inner[lane] = inner[lane] * (z * z) + term
        for lane in range(_W):
            y = x[1, lane] * over_y - 1.0
            total[lane] = total[lane] * (y * y) + inner[lane]
    for lane in range(_W):
        y, z = x[1, lane] * over_y - 1.0, x[2, lane] * over_z - 1.0
        moved[0, lane] += weight[field, lane] * (1.0 - y * y) * (1.0 - z * z) * total[lane]


@njit(**_JIT)
def _add_wave(fields: Array, field: int, weight: Array, x: Array, moved: Array) -> None:
    axis, over, node = int(fields[field, 1]), fields[field, 2], fields[field, 3]
    for lane in range(_W):
        sine, _ = _sine_cosine((x[axis, lane] - node) * over)
        moved[axis, lane] -= weight[field, lane] * sine


@njit(**_JIT)
def _add_rolls(fields: Array, field: int, weight: Array, x: Array, moved: Array) -> None:
    axis, across, over, node, middle, half = (
        int(fields[field, 1]),
        int(fields[field, 2]),
        fields[field, 3],
        fields[field, 4],
        fields[field, 5],
        1.0 / fields[field, 6],
    )
    ratio = fields[field, 7]  # 2 k times half the height
    for lane in range(_W):
        sine, cosine = _sine_cosine((x[axis, lane] - node) * over)
        y = (x[across, lane] - middle) * half
        z = y * y
        p = fields[field, 8] + z * (
            fields[field, 9]
            + z * (fields[field, 10] + z * (fields[field, 11] + z * (fields[field, 12] + z * fields[field, 13])))
        )
        slope = fields[field, 9] + z * (
            2.0 * fields[field, 10]
            + z * (3.0 * fields[field, 11] + z * (4.0 * fields[field, 12] + z * (5.0 * fields[field, 13])))
        )
        moved[axis, lane] += weight[field, lane] * sine * ((1.0 - 3.0 * z) * p + 2.0 * z * (1.0 - z) * slope)
        moved[across, lane] -= weight[field, lane] * cosine * ratio * y * (1.0 - z) * p


@njit(**_JIT)
def _add_polynomial(fields: Array, field: int, weight: Array, x: Array, moved: Array) -> None:
    axis, along, middle, over, terms = (
        int(fields[field, 1]),
        int(fields[field, 2]),
        fields[field, 3],
        fields[field, 4],
        int(fields[field, 5]),
    )
    total = np.zeros(_W)
    for term in range(5 + terms, 5, -1):
        for lane in range(_W):
            total[lane] = total[lane] * ((x[axis, lane] - middle) * over) + fields[field, term]
    for lane in range(_W):
        moved[along, lane] += weight[field, lane] * total[lane]


@njit(**_JIT)
def _add_exponential(fields: Array, field: int, weight: Array, x: Array, moved: Array) -> None:
    axis, origin, over = int(fields[field, 1]), fields[field, 2], 1.0 / fields[field, 3]
    for lane in range(_W):
        moved[axis, lane] += weight[field, lane] * _exp(min(max((origin - x[axis, lane]) * over, -700.0), 700.0))


@njit(**_INLINED)
def _cubic(t: float) -> tuple[float, float, float, float]:
    """Return the four cubic B-splines that reach a place between two knots."""
    s = 1.0 - t
    return (
        s * s * s / 6.0,
        (4.0 - 3.0 * t * t * (2.0 - t)) / 6.0,
        (4.0 - 3.0 * s * s * (2.0 - s)) / 6.0,
        t * t * t / 6.0,
    )


@njit(**_INLINED)
def _cubic_slope(t: float) -> tuple[float, float, float, float]:
    s = 1.0 - t
    return -0.5 * s * s, t * (1.5 * t - 2.0), s * (2.0 - 1.5 * s), 0.5 * t * t


@njit(**_JIT)
def _add_posts(fields: Array, field: int, weight: Array, x: Array, moved: Array) -> None:
    """Add the slopes of the stream function, which is y plus splines in the coordinates of the lattice."""
    over, shift, n = 1.0 / fields[field, 1], fields[field, 2], int(fields[field, 4])
    for lane in range(_W):
        a = x[0, lane] * over
        b = x[1, lane] * over - shift * a
        a, b = (a - math.floor(a)) * n, (b - math.floor(b)) * n
        i, j = min(int(a), n - 1), min(int(b), n - 1)
        first, second = _cubic(a - i), _cubic(b - j)
        slope_first, slope_second = _cubic_slope(a - i), _cubic_slope(b - j)
        along_a, along_b = 0.0, 0.0
        for p in range(4):
            start = 5 + (i + p) * (n + 3) + j
            value, slope = 0.0, 0.0
            for q in range(4):
                value += second[q] * fields[field, start + q]
                slope += slope_second[q] * fields[field, start + q]
            along_a += slope_first[p] * value
            along_b += first[p] * slope
        moved[0, lane] += weight[field, lane] * (1.0 + n * along_b)
        moved[1, lane] -= weight[field, lane] * n * (along_a - shift * along_b)


@njit(**_JIT)
def _keep_off_posts(fields: Array, field: int, radius: Array, x: Array) -> None:
    """Mirror centres that came closer to a post than their radius."""
    pitch, shift, post = fields[field, 1], fields[field, 2], fields[field, 3]
    for lane in range(_W):
        column = math.floor(x[0, lane] / pitch + 0.5)
        line = math.floor(x[1, lane] / pitch - shift * column + 0.5)
        dx, dy = x[0, lane] - column * pitch, x[1, lane] - (line + shift * column) * pitch
        nearest = post + radius[lane]
        distance = max(math.sqrt(dx * dx + dy * dy), 1e-30)
        longer = max(2.0 * nearest - distance, distance) / distance
        x[0, lane] += dx * (longer - 1.0)
        x[1, lane] += dy * (longer - 1.0)


@njit(**_INLINED)
def _add_field(fields: Array, field: int, weight: Array, volume: Array, x: Array, moved: Array) -> None:
    """Add one field that depends on the place."""
    kind = int(fields[field, 0])
    if kind == CENTRIFUGAL:
        _add_centrifugal(fields, field, weight, volume, x, moved)
    elif kind == SLIT:
        _add_slit(fields, field, weight, x, moved)
    elif kind == RECTANGLE:
        _add_rectangle(fields, field, weight, x, moved)
    elif kind == WAVE:
        _add_wave(fields, field, weight, x, moved)
    elif kind == ROLLS:
        _add_rolls(fields, field, weight, x, moved)
    elif kind == POLYNOMIAL:
        _add_polynomial(fields, field, weight, x, moved)
    elif kind == EXPONENTIAL:
        _add_exponential(fields, field, weight, x, moved)
    elif kind == POSTS:
        _add_posts(fields, field, weight, x, moved)
    elif kind == CUSTOM:
        call_block(np.int64(fields[field, 1]), x, weight[field], moved)


# ---- a step in one axis ----------------------------------------------------------------------------------------


@njit(**_INLINED)
def _step(axis: int, part: int, x: Array, moved: Array, spread: Array, normals: Any, box: Array, mirrors: bool) -> None:
    if mirrors:
        for lane in range(_W):
            place = x[axis, lane] + (moved[axis, lane] + spread[lane] * np.float64(normals[axis, part, lane]))
            inside = max(place, 2.0 * box[axis, 0, lane] - place)
            inside = min(inside, 2.0 * box[axis, 1, lane] - inside)
            x[axis, lane] = max(inside, box[axis, 0, lane])
    else:
        for lane in range(_W):
            x[axis, lane] += moved[axis, lane] + spread[lane] * np.float64(normals[axis, part, lane])


@njit(**_INLINED)
def _reflect(axis: int, x: Array, box: Array) -> None:
    """Mirror what lies beyond walls, and bring back what a mirror sent beyond the other."""
    for lane in range(_W):
        inside = max(x[axis, lane], 2.0 * box[axis, 0, lane] - x[axis, lane])
        inside = min(inside, 2.0 * box[axis, 1, lane] - inside)
        x[axis, lane] = max(inside, box[axis, 0, lane])


@njit(**_INLINED)
def _step_group(axis: int, x: Array, moved: Array, spread: Array, normals: Any, box: Array, walled: bool) -> None:
    """Take all steps of a group, if what moves the particles is the same in all; the same numbers as one by one."""
    if walled:
        for lane in range(_W):
            place, low, high = x[axis, lane], 2.0 * box[axis, 0, lane], 2.0 * box[axis, 1, lane]
            for part in range(_GROUP):
                place += moved[axis, lane] + spread[lane] * np.float64(normals[axis, part, lane])
                inside = max(place, low - place)
                inside = min(inside, high - inside)
                place = max(inside, box[axis, 0, lane])
            x[axis, lane] = place
    else:
        for lane in range(_W):
            place = x[axis, lane]
            for part in range(_GROUP):
                place += moved[axis, lane] + spread[lane] * np.float64(normals[axis, part, lane])
            x[axis, lane] = place


@njit(**_JIT)
def _take_up(
    face: int, part: int, start: Array, x: Array, box: Array, speed: Array, root: Array, chances: Array, held: Any
) -> int:
    """Let a wall take up what touched it, and return how much; speed is k/D, root sqrt(D dt), chances uniform."""
    axis, side = face // 2, face % 2
    sign = 1.0 if side == 0 else -1.0
    near = 0
    for lane in range(_W):
        both = (start[axis, lane] - box[axis, side, lane]) * (x[axis, lane] - box[axis, side, lane])
        near += 1 if both < _FAR * root[lane] * root[lane] else 0
    if near == 0:
        return 0
    count = 0
    for lane in range(_W):
        before, after = (
            sign * (start[axis, lane] - box[axis, side, lane]),
            sign * (x[axis, lane] - box[axis, side, lane]),
        )
        touched = _exp(-min(max(before * after / (root[lane] * root[lane]), 0.0), 700.0))
        z = 0.5 * (before + abs(after)) / root[lane] + speed[face, lane] * root[lane]
        t = 1.0 / (1.0 + 0.5 * z)  # erfcx(z) = t exp(p(t)) within 1.2e-7
        p = 0.17087277 * t - 0.82215223
        p = p * t + 1.48851587
        p = p * t - 1.13520398
        p = p * t + 0.27886807
        p = p * t - 0.18628806
        p = p * t + 0.09678418
        p = p * t + 0.37409196
        p = p * t + 1.00002368
        p = p * t - 1.26551223
        stays = 1.7724538509055159 * speed[face, lane] * root[lane] * t * _exp(p)
        stays = 1.0 if speed[face, lane] > _PERFECT else stays
        taken = (held[lane] == MOVING) & (chances[axis, part, lane] < touched * stays)
        held[lane] = face + 1 if taken else held[lane]
        x[axis, lane] = box[axis, side, lane] if taken else x[axis, lane]
        count += 1 if taken else 0
    return count


@njit(**_INLINED)
def _fill_chances(axis: int, bits: Any, chances: Array) -> None:
    for part in range(_GROUP):
        for lane in range(_W):
            chances[axis, part, lane] = (np.float64(bits[part, lane]) + 0.5) * 2.0**-32


class _Work(NamedTuple):
    """Numbers of the lanes of one block."""

    places: Array  # where they are, were, what constant fields move them in a step, what all fields do
    box: Array
    speed: Array
    weight: Array
    own: Array  # rms of the noise, sqrt(D dt), D dt, radius
    held: NDArray[np.int64]
    begun: NDArray[np.uint32]  # draws of noise, and of chances at walls
    bits: NDArray[np.uint32]
    normals: NDArray[np.float32]
    chances: Array


@njit(**_JIT)
def _load_block(
    walkers: Walkers,
    strength: Array,
    walls: Walls,
    block: int,
    count: int,
    step: float,
    axes: Any,
    noise: bool,
    x: Array,
    constant: Array,
    box: Array,
    speed: Array,
    weight: Array,
    own: Array,
    held: Any,
) -> tuple[bool, bool]:
    """Load the particles of a block into its lanes; return whether walls take any up, and whether the step is short.

    Lanes beyond the last particle repeat it.
    """
    takes, fits = False, True
    for lane in range(_W):
        source = block + min(lane, count - 1)
        diffusivity = walkers.diffusivity[source] if noise else 0.0
        own[0, lane] = math.sqrt(2.0 * diffusivity * step)
        own[1, lane] = max(math.sqrt(diffusivity * step), _SMALLEST)
        own[2, lane] = diffusivity * step
        own[3, lane] = walkers.radius[source]
        held[lane] = MOVING
        for axis in range(3):
            constant[axis, lane] = 0.0
            x[axis, lane] = walkers.position[axis, source]
            box[axis, 0, lane] = walls.low[axis] + own[3, lane]
            box[axis, 1, lane] = walls.high[axis] - own[3, lane]
        for axis in axes:
            fits = fits and own[0, lane] <= LONGEST * (box[axis, 1, lane] - box[axis, 0, lane])
        for face in range(6):
            speed[face, lane] = walls.uptake[face, source] / max(diffusivity, _SMALLEST)
            takes = takes or speed[face, lane] > 0.0
        for field in range(strength.shape[0]):
            weight[field, lane] = strength[field, source] * step
    return takes, fits


@njit(**_JIT)
def _walk_blocks(
    walkers: Walkers,
    fields: Array,
    strength: Array,
    walls: Walls,
    step: float,
    steps: int,
    seed: int,
    axes: Any,
    first: int,
    noise: bool,
    merge: int,
    work: _Work,
    walked: Walked,
) -> int:
    n, n_fields = walkers.diffusivity.size, fields.shape[0]
    fields = borrow(fields)
    position, time, fate, paths = (
        borrow(walked.position),
        borrow(walked.time),
        borrow(walked.fate),
        borrow(walked.paths),
    )
    frames = paths.shape[0]
    interval = steps // frames if frames > 0 else steps + 1
    key0, key1 = np.uint64(seed) & _LOW, np.uint64(seed) >> _HALF
    x, start, constant, moved = (
        borrow(work.places[0]),
        borrow(work.places[1]),
        borrow(work.places[2]),
        borrow(work.places[3]),
    )
    own = borrow(work.own)
    spread, root, volume, radius = borrow(own[0]), borrow(own[1]), borrow(own[2]), borrow(own[3])
    box, speed, weight, held = borrow(work.box), borrow(work.speed), borrow(work.weight), borrow(work.held)
    begun, bits, normals = borrow(work.begun), borrow(work.bits), borrow(work.normals)
    chances = borrow(work.chances)
    walled, wanted = np.zeros(3, dtype=np.bool_), np.zeros(6, dtype=np.bool_)
    for axis in axes:
        wanted[2 * axis], wanted[2 * axis + 1] = math.isfinite(walls.low[axis]), math.isfinite(walls.high[axis])
        walled[axis] = wanted[2 * axis] or wanted[2 * axis + 1]
    varied, read, everywhere = np.zeros(3, dtype=np.bool_), np.zeros(3, dtype=np.bool_), np.ones(3, dtype=np.bool_)
    posts = -1
    for field in range(n_fields):
        _mark_axes(fields, field, varied, read)
        posts = field if int(fields[field, 0]) == POSTS else posts
    varies = varied[0] or varied[1] or varied[2]
    status = OK

    for block in range(0, n, _W):
        count = min(_W, n - block)
        takes, fits = _load_block(
            walkers, strength, walls, block, count, step, axes, noise, x, constant, box, speed, weight, own, held
        )
        status = status if fits else STEP_TOO_LONG
        for field in range(n_fields):
            if int(fields[field, 0]) == UNIFORM:
                _add_uniform(fields, field, weight, constant)
        for axis in axes:
            for stream in range(2):
                _begin_draws(first + block, axis, stream, key0, key1, begun)
        _renew(constant, moved, everywhere)
        group = 0
        moving, number, part, frame, kept, ahead = count, 0, 0, 0, interval, False
        while number < steps and moving > 0:
            if part == 0 and noise:
                for axis in axes:
                    for stream in range(2 if takes else 1):
                        _draw(begun, group, axis, stream, key0, key1, bits)
                        if stream == 0:
                            _normal(axis, bits, normals)
                        else:
                            _fill_chances(axis, bits, chances)
                    if merge > 1:
                        _merge(axis, normals, chances, merge)
                group += 1
            if part == 0:  # axes that nothing looks at, and that nothing changes, take the steps of a group at once
                ahead = not takes and merge == 1 and number + _GROUP <= min(steps, kept)
                for axis in axes:
                    if ahead and not (varied[axis] or read[axis]):
                        _step_group(axis, x, moved, spread, normals, box, walled[axis])
            if ahead and not varies:
                number += _GROUP
            else:
                if varies:
                    _renew(constant, moved, varied)
                    for field in range(n_fields):
                        if int(fields[field, 0]) != UNIFORM:
                            _add_field(fields, field, weight, volume, x, moved)
                if takes:
                    _renew(x, start, everywhere)
                for axis in axes:
                    if not ahead or varied[axis] or read[axis]:
                        _step(axis, part, x, moved, spread, normals, box, walled[axis] and not takes)
                number += 1
                if takes:
                    taken = 0
                    for face in range(6):
                        if wanted[face]:
                            taken += _take_up(face, part, start, x, box, speed, root, chances, held)
                    for axis in axes:
                        if walled[axis]:
                            _reflect(axis, x, box)
                    if taken > 0:
                        moving -= _settle(block, count, x, held, (number - 0.5) * step, position, time, fate)
                if posts >= 0:
                    _keep_off_posts(fields, posts, radius, x)
                part = (part + merge) & (_GROUP - 1)
            if number == kept:
                for axis in range(3):
                    for lane in range(count):
                        paths[frame, axis, block + lane] = x[axis, lane]
                frame, kept = frame + 1, kept + interval
        for lane in range(count):
            if fate[block + lane] == MOVING:
                for axis in range(3):
                    position[axis, block + lane] = x[axis, lane]
                if not math.isfinite(x[0, lane] + x[1, lane] + x[2, lane]):
                    status = NOT_FINITE
            elif frames > 0:
                for frame in range(int(time[block + lane] / step) // interval, frames):
                    for axis in range(3):
                        paths[frame, axis, block + lane] = position[axis, block + lane]
    return status


@njit(**_JIT)
def _settle(block: int, count: int, x: Array, held: Any, now: float, position: Array, time: Array, fate: Any) -> int:
    """Write down what walls took up in this step, and return how many it was."""
    taken = 0
    for lane in range(count):
        if held[lane] != MOVING and fate[block + lane] == MOVING:
            fate[block + lane] = held[lane]
            time[block + lane] = now
            for axis in range(3):
                position[axis, block + lane] = x[axis, lane]
            taken += 1
    return taken


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
    >>> from sepsim.kernels.drift_fields import uniform_field
    >>> n = 1000
    >>> walkers = Walkers(np.zeros((3, n)), np.full(n, 5e-12), np.zeros(n))
    >>> free = Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros((6, n)))
    >>> still, none = uniform_field((0.0, 0.0, 0.0))[None, :], np.zeros((1, n))
    >>> walked = solve_langevin(walkers, still, none, free, 0.01, 100, 7, np.arange(3))
    >>> 2.8e-11 < float((walked.position**2).sum(0).mean()) < 3.2e-11  # 6 D t
    True
    """
    work, walked = _allocate(walkers, fields, steps * step, frames)
    status = _walk_blocks(
        walkers, fields, strength, walls, float(step), steps, seed, axes, first, noise, merge, work, walked
    )
    return walked._replace(status=status)


def _allocate(walkers: Walkers, fields: Array, duration: float, frames: int) -> tuple[_Work, Walked]:
    n = walkers.diffusivity.size
    work = _Work(
        places=np.zeros((4, 3, _W)),
        box=np.zeros((3, 2, _W)),
        speed=np.zeros((6, _W)),
        weight=np.zeros((len(fields), _W)),
        own=np.zeros((4, _W)),
        held=np.zeros(_W, dtype=np.int64),
        begun=np.zeros((2, 3, 3, _W), dtype=np.uint32),
        bits=np.zeros((_GROUP, _W), dtype=np.uint32),
        normals=np.zeros((3, _GROUP, _W), dtype=np.float32),
        chances=np.full((3, _GROUP, _W), 0.5),
    )
    fate, paths = np.zeros(n, dtype=np.int64), np.zeros((frames, 3, n))
    return work, Walked(walkers.position.copy(), np.full(n, duration), fate, paths, OK)
