"""Aggregation: the population balance of Smoluchowski on bins of solids, with what each bin is made of.

Clusters of n_i and n_j per volume meet and stick at the rate K_ij n_i n_j. A bin k holds N_k clusters per volume, each
of the same volume of solids x_k, its pivot. A new cluster of volume v between two pivots goes to both, in parts that
keep number and volume (fixed pivot; Kumar, Ramkrishna, Chem. Eng. Sci. 51 (1996) 1311):

    v = x_i + x_j,    b = (v - x_k) / (x_k+1 - x_k) of a cluster to bin k + 1,    1 - b to bin k.

So each collision takes one cluster away and no solids. The last bin collects: what becomes larger than its pivot stays
in it as volume, so that its number counts clusters of the size of the pivot and not collisions.

Solids are told apart by constituents. The share S_kc of constituent c that is in bin k follows

    dS_kc/dt = sum_i T_ki S_ic,    T_ki = sum_j K_ij N_j s_kij - delta_ki sum_j K_ij N_j,    N_k = sum_c V_c S_kc / x_k

with the part s_kij of the volume of a new cluster of i and j that goes to k, which carries the composition of both, and
the volume V_c of all of constituent c. Nothing moves to a smaller bin, columns of T add up to 0, and one T moves all
constituents, so that a constituent without volume is a tracer. Numbers follow from volumes and cannot part from them.

Collisions: K_ij = g_i g_j (M_ij + K_brownian + K_shear + K_settling) with a matrix M of one's own and

    K_brownian = (2 kT / 3 mu) (1/R_i + 1/R_j) (R_i + R_j)
    K_shear    = (4/3) G (R_i + R_j)^3
    K_settling = pi (R_i + R_j)^2 |w_i - w_j|

(Smoluchowski, Z. Phys. Chem. 92 (1917) 129; Camp, Stein, J. Boston Soc. Civ. Eng. 30 (1943) 219). Terms are added, and
clusters meet on straight lines: where one is much larger than the other, flow around it makes settling and shear slower
than this. A cluster is fractal: each particle of radius a adds a^D to R^D. It settles at w by the weight of its solids
against the drag of a sphere of radius R. The chance that a contact sticks is p for two equal particles, sqrt(p p') for
unlike ones, and those that touch are drawn by their surfaces, which makes it a product g_i g_j. R, w and g are those of
the mean of what a bin holds at the moment.

Time: linearly implicit Euler steps with T of their start, (1 - h T) S' = S, which are solved from the smallest bin
upwards, keep solids and stay positive however long they are. Each step is taken in one, two and three parts, and these
are extrapolated to third order (Deuflhard, SIAM Rev. 27 (1985) 505); how far that is from second order controls the
step. What extrapolation leaves below zero counts as part of the error and is set to zero, and the rest of the
constituent is scaled to its sum before. Numbers fall as 1/t and steps grow with t; large clusters that sweep up small
ones fast do not hold them up.

Constituents are lanes: the innermost loop of a step goes over them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]
Index = NDArray[np.int64]

DONE, TOO_MANY_STEPS, GELLED = 0, 1, 2  # how a solution ends

_EMPTY = 1e-280  # volume of solids per volume, below which a bin has no properties of its own
_FIRST = 0.05  # of what the fastest bin loses, in the first step
_LEAST_GROWTH, _MOST_GROWTH = 0.2, 3.0  # of a step over the one before
_GEL = 0.5  # share of the solids in the last bin
_JIT = {"cache": True, "error_model": "numpy", "nogil": True}
_SUMS = {"fastmath": {"reassoc"}, **_JIT}  # so that sums are taken in lanes

_NUMBER, _RADIUS, _CURVATURE, _VELOCITY, _GRIP = range(5)  # rows of what describes bins


# ---- what a caller brings and gets ---------------------------------------------------------------


class Constituents(NamedTuple):
    """What n kinds of primary particles bring into a cluster, per volume of their solids.

    Attributes
    ----------
    volume : ndarray, shape (n,) [m3/m3]
        Solids of all particles of a kind, per volume of liquid, above 0.
    bulk : ndarray, shape (n,) [m^(D - 3)]
        Radius to the power of the fractal dimension.
    surface : ndarray, shape (n,) [1/m]
        Square of the radius.
    grip : ndarray, shape (n,) [1/m]
        Square of the radius times the square root of the chance to stick.
    excess : ndarray, shape (n,) [kg/m3]
        Density of the solids less that of the liquid.
    """

    volume: Array
    bulk: Array
    surface: Array
    grip: Array
    excess: Array


class Collisions(NamedTuple):
    """How clusters meet.

    Attributes
    ----------
    matrix : ndarray, shape (m, m) [m3/s]
        Rate constants of one's own for each pair of bins, symmetric; they are added to the others.
    brownian : float [m3/s]
        2 kT / (3 mu).
    shear : float [1/s]
        Shear rate G.
    settling : float [m2/(kg s)]
        Acceleration over 6 pi mu: a velocity times a radius, for each kg by which a cluster is heavier than its liquid.
    fractal_dimension : float [-]
    """

    matrix: Array
    brownian: float = 0.0
    shear: float = 0.0
    settling: float = 0.0
    fractal_dimension: float = 3.0


class Aggregation(NamedTuple):
    """Clusters at the times asked for; of a solution that ended before, the last state stands for what is missing.

    Attributes
    ----------
    shares : ndarray, shape (n_times, m, n) [-]
        Of each constituent in each bin; sums over bins are those of the start.
    number : ndarray, shape (n_times, m) [1/m3]
        Clusters in each bin; in the last one, its solids over its pivot.
    radius : ndarray, shape (n_times, m) [m]
        At which clusters meet.
    reached : float [s]
        Time of the last state.
    steps : int
        Tried, those included that were too long.
    status : int
        ``DONE``, ``TOO_MANY_STEPS`` or ``GELLED``: most of the solids are in the last bin, whose clusters are larger
        than its pivot tells.
    """

    shares: Array
    number: Array
    radius: Array
    reached: float
    steps: int
    status: int


# ---- public kernel -------------------------------------------------------------------------------


def solve_aggregation(
    pivots: ArrayLike, start: ArrayLike, constituents: Constituents, collisions: Collisions, times: ArrayLike, *,
    tolerance: float = 1e-4, most_steps: int = 10_000,
) -> Aggregation:  # fmt: skip
    """Let clusters meet and stick.

    Parameters
    ----------
    pivots : array_like, shape (m,) [m3]
        Volume of solids of a cluster in each bin, increasing, m > 1.
    start : array_like, shape (m, n) [-]
        Share of each constituent in each bin at time 0; sums over bins are 1, or less where some has left.
    constituents : Constituents
        What the solids are.
    collisions : Collisions
        How clusters meet.
    times : array_like, shape (n_times,) [s]
        At which the state is asked for, increasing, none below 0.
    tolerance : float [-]
        Error of a step: of the share of any constituent that is in the wrong bin, and of the number of all clusters.
        The error at the end is smaller.
    most_steps : int
        After which the solution ends as it is.

    Returns
    -------
    Aggregation

    Examples
    --------
    Equal particles of which any two meet at one rate; after two half times a third of the number is left:

    >>> import numpy as np
    >>> pivots = 1e-21 * 2.0 ** np.arange(12)
    >>> start = np.eye(12)[:, :1]
    >>> one = np.ones(1)
    >>> particles = Constituents(volume=1e-21 * 1e16 * one, bulk=one, surface=one, grip=one, excess=0 * one)
    >>> found = solve_aggregation(pivots, start, particles, Collisions(np.full((12, 12), 1e-18)), [0.0, 400.0])
    >>> (found.number.sum(axis=1) / 1e16).round(4).tolist()
    [1.0, 0.3333]
    """
    x: Array = np.ascontiguousarray(pivots, dtype=np.float64)
    shares: Array = np.ascontiguousarray(start, dtype=np.float64)
    asked: Array = np.ascontiguousarray(times, dtype=np.float64)
    parts = Constituents(*(np.ascontiguousarray(each, dtype=np.float64) for each in constituents))
    matrix: Array = np.ascontiguousarray(collisions.matrix, dtype=np.float64)
    law = Collisions(matrix, *(float(each) for each in collisions[1:]))
    return Aggregation(*_solve(x, shares, parts, law, asked, float(tolerance), int(most_steps)))


# ---- steps in time -------------------------------------------------------------------------------


@njit(**_JIT)
def _solve(
    pivots: Array, start: Array, parts: Constituents, law: Collisions, times: Array, tolerance: float, most_steps: int
) -> tuple[Array, Array, Array, float, int, int]:
    m, n = start.shape
    target, near, upward = _daughters(pivots)
    bins, first, leaves_first = np.zeros((5, m)), np.zeros((m, m)), np.zeros(m)
    transfer, leaving = np.zeros((m, m)), np.zeros(m)
    shares, runs = start.copy(), np.zeros((4, m, n))
    found, number, radius = np.zeros((times.size, m, n)), np.zeros((times.size, m)), np.zeros((times.size, m))
    time, steps, step, fresh = 0.0, 0, math.inf, True
    for snapshot in range(times.size):
        while time < times[snapshot] and steps < most_steps:
            steps += 1
            if fresh:
                _describe(shares, pivots, parts, law, bins)
                fastest = _fill_transfer(target, near, upward, law, bins, first, leaves_first)
            remaining = times[snapshot] - time
            tried = min(step if step < math.inf else _FIRST / fastest, remaining)
            for pieces in range(1, 4):
                run = runs[pieces - 1]
                _move(tried / pieces, shares, first, leaves_first, run)
                for _ in range(1, pieces):
                    _describe(run, pivots, parts, law, bins)
                    _fill_transfer(target, near, upward, law, bins, transfer, leaving)
                    _move(tried / pieces, run, transfer, leaving, run)
            error = _extrapolate(shares, runs, pivots, parts)
            fresh = error <= tolerance
            growth = min(0.9 * (tolerance / max(error, 1e-300)) ** (1.0 / 3.0), _MOST_GROWTH) if error >= 0.0 else 0.0
            longer = tried * max(growth, _LEAST_GROWTH)
            if fresh:
                step = max(step, longer) if tried == remaining and step < math.inf else longer
                time = times[snapshot] if tried == remaining else time + tried
                shares[:] = runs[3]
            else:
                step = longer
        _describe(shares, pivots, parts, law, bins)
        found[snapshot], number[snapshot], radius[snapshot] = shares, bins[_NUMBER], bins[_RADIUS]
    status = DONE
    if time < times[-1]:
        status = TOO_MANY_STEPS
    elif bins[_NUMBER, m - 1] * pivots[m - 1] > _GEL * np.sum(parts.volume):
        status = GELLED
    return found, number, radius, time, steps, status


@njit(**_JIT)
def _move(step: float, shares: Array, transfer: Array, leaving: Array, found: Array) -> None:
    """Fill the shares after an implicit step, from the smallest bin upwards; both may be one array."""
    m, n = shares.shape
    for k in range(m):
        row = found[k]
        for c in range(n):
            row[c] = shares[k, c]
        blocks = k // 4
        for i in range(0, 4 * blocks, 4):  # four at once spare three of four trips to the row
            a, b = step * transfer[i, k], step * transfer[i + 1, k]
            d, e = step * transfer[i + 2, k], step * transfer[i + 3, k]
            for c in range(n):
                row[c] += (a * found[i, c] + b * found[i + 1, c]) + (d * found[i + 2, c] + e * found[i + 3, c])
        for i in range(4 * blocks, k):
            a = step * transfer[i, k]
            for c in range(n):
                row[c] += a * found[i, c]
        stays = 1.0 / (1.0 + step * leaving[k])
        for c in range(n):
            row[c] *= stays


@njit(**_SUMS)
def _extrapolate(shares: Array, runs: Array, pivots: Array, parts: Constituents) -> float:
    """Fill the last of the runs from those in one, two and three parts; return its distance to second order."""
    _, m, n = runs.shape
    wrong, before, total = np.zeros(n), np.zeros(n), np.zeros(n)
    missing = clusters = 0.0
    for k in range(m):
        solids = after = 0.0
        for c in range(n):
            one, two, three = runs[0, k, c], runs[1, k, c], runs[2, k, c]
            third = 4.5 * three - 4.0 * two + 0.5 * one
            apart = 1.5 * three - 2.0 * two + 0.5 * one
            kept = max(third, 0.0)
            apart += kept - third
            runs[3, k, c] = kept
            before[c] += shares[k, c]
            total[c] += kept
            wrong[c] += abs(apart)
            solids += parts.volume[c] * apart
            after += parts.volume[c] * kept
        missing += abs(solids) / pivots[k]
        clusters += after / pivots[k]
    for c in range(n):
        total[c] = before[c] / total[c] if total[c] > 0.0 else 0.0
    for k in range(m):
        for c in range(n):
            runs[3, k, c] *= total[c]
    return max(0.5 * np.max(wrong), missing / clusters if clusters > 0.0 else 0.0)


# ---- rates at a moment ---------------------------------------------------------------------------


@njit(**_SUMS)
def _describe(shares: Array, pivots: Array, parts: Constituents, law: Collisions, bins: Array) -> None:
    """Fill number, radius, velocity and grip of the clusters of each bin; of an empty one as of the mean of all."""
    power = 1.0 / law.fractal_dimension
    volume = np.sum(parts.volume)
    for k in range(pivots.size):
        solids = bulk = surface = grip = excess = 0.0
        for c in range(parts.volume.size):
            part = parts.volume[c] * shares[k, c]
            solids += part
            bulk += part * parts.bulk[c]
            surface += part * parts.surface[c]
            grip += part * parts.grip[c]
            excess += part * parts.excess[c]
        bins[_NUMBER, k] = solids / pivots[k]
        if solids <= _EMPTY:
            solids, bins[_NUMBER, k] = volume, 0.0
            bulk, surface = np.sum(parts.volume * parts.bulk), np.sum(parts.volume * parts.surface)
            grip, excess = np.sum(parts.volume * parts.grip), np.sum(parts.volume * parts.excess)
        bins[_RADIUS, k] = (pivots[k] * (bulk / solids)) ** power
        bins[_CURVATURE, k] = 1.0 / bins[_RADIUS, k]
        bins[_VELOCITY, k] = law.settling * pivots[k] * (excess / solids) / bins[_RADIUS, k]
        bins[_GRIP, k] = grip / surface


@njit(**_JIT)
def _fill_transfer(
    target: Index, near: Index, upward: Array, law: Collisions, bins: Array, transfer: Array,
    leaving: Array,
) -> float:  # fmt: skip
    """Fill how fast the solids of each bin go to each larger one, and leave it; return how fast the fastest leave."""
    m = leaving.size
    fastest = 1e-300
    met = np.empty(m)
    matrix, shear = law.matrix, 4.0 / 3.0 * law.shear
    for i in range(m - 1):  # nothing leaves the last
        row, radius, velocity, grip = transfer[i], bins[_RADIUS, i], bins[_VELOCITY, i], bins[_GRIP, i]
        brownian = law.brownian * bins[_CURVATURE, i]
        row[:] = 0.0
        leaving[i] = 0.0
        if bins[_NUMBER, i] <= 0.0:
            continue
        for j in range(m):
            reach = radius + bins[_RADIUS, j]
            swept = brownian * bins[_CURVATURE, j] + shear * reach + math.pi * abs(velocity - bins[_VELOCITY, j])
            met[j] = (matrix[i, j] + reach * reach * swept) * (grip * bins[_GRIP, j] * bins[_NUMBER, j])
        row[i + 1] = _dot(met[: near[i, 0]], upward[i])
        for j in range(near[i, 0], near[i, 1]):
            k = target[i, j]
            row[k] += met[j] * (1.0 - upward[i, j])
            if upward[i, j] > 0.0:
                row[k + 1] += met[j] * upward[i, j]
        first = near[i, 1]
        far, here, there = met[first:], row[first:], upward[i, first:]  # their indices from 0 are what SIMD takes
        for j in range(m - first):
            here[j] += far[j] * (1.0 - there[j])
        for j in range(m - first - 1):
            here[j + 1] += far[j] * there[j]
        leaving[i] = _sum(row[i + 1 :])
        fastest = max(fastest, leaving[i])
    return fastest


@njit(**_SUMS)
def _dot(values: Array, weights: Array) -> float:
    total = 0.0
    for j in range(values.size):
        total += values[j] * weights[j]
    return total


@njit(**_SUMS)
def _sum(values: Array) -> float:
    total = 0.0
    for j in range(values.size):
        total += values[j]
    return total


@njit(**_JIT)
def _daughters(pivots: Array) -> tuple[Index, Index, Array]:
    """Return for each pair the lower bin of a new cluster, and the part of its solids that goes to the upper one.

    For each bin there is also a stretch of partners, from the first on and before the second, outside which the lower
    bin is that of the larger of both.
    """
    m = pivots.size
    target, near, upward = np.zeros((m, m), dtype=np.int64), np.zeros((m, 2), dtype=np.int64), np.zeros((m, m))
    for i in range(m):
        near[i] = i + 1
        for j in range(m):
            larger, both = max(i, j), pivots[i] + pivots[j]
            k = min(max(np.searchsorted(pivots, both * (1.0 + 1e-14), side="right") - 1, larger), m - 1)
            target[i, j] = k
            if k > larger:
                near[i, 0], near[i, 1] = min(near[i, 0], j), max(near[i, 1], j + 1)
            if k < m - 1:
                above = pivots[min(i, j)] if k == larger else max(both - pivots[k], 0.0)  # exact for a small partner
                upward[i, j] = above / (pivots[k + 1] - pivots[k]) * (pivots[k + 1] / both)
    return target, near, upward
