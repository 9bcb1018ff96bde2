"""Sedimentation, flotation and diffusion of many particle classes in a gradient that evolves.

A lane is one particle class. All lanes share a radial mesh of finite volumes, faces r_0 < ... < r_n [m from the
rotor axis] with the tube's cross-section A [m2] at the faces, and a background that is given at the faces for
every time step: density, viscosity, and the state of the medium (its osmolality, say) as a place among nodes at which
mass m, displaced volume V and hydrodynamic diameter d_h of each class are given; in between they are linear. A lane
obeys

    A dc/dt = -d/dr { A [ s omega^2 r c - D dc/dr ] } - wall
    s = (m - V density) / (3 pi viscosity d_h),    D = k T / (3 pi viscosity d_h)

with s of either sign, and changing sign on the way (the isopycnic point). No flux passes the meniscus. The bottom
absorbs what the field carries there, or is closed; diffusion passes neither end. Where the tube narrows outwards,
walls catch: what moves outwards goes straight on, as along a bundle of chords, and what meets the wall is pelleted
(wall = -(dA/dr) s omega^2 r c). In a uniform medium this is the plug flow of a swinging bucket.

Advection: the exact flow map of the velocity field that is linear between faces. The travel time of each cell is a
logarithm; every face walks back through them to the point it came from, all faces in one sweep. A cell receives
what lay between the points of departure of its faces, from a parabola per cell (Colella, Woodward) with edges of
order four and a limiter that keeps smooth extrema (Colella, Sekora) and nothing below zero. Steps may be as long as
the background allows: there is no limit of the CFL kind.

Diffusion follows the particles: along a path, the spread D dt of an instant is stretched by the flow until the end
of the step. One implicit solve per step, with the mean of D g^2 along the path (g: stretch from then to the end), is
of second order in time, and exact in a linear velocity field: a band at its isopycnic point has the width
sqrt(D / lambda), lambda = -d(s omega^2 r)/dr, however large lambda dt. Crank-Nicolson where D dt / h^2 <= 1; beyond,
each face is as implicit as keeps everything positive, and the step is divided into a few. Elimination adds
positive numbers only (Grassmann, Taksar, Heyman), so that amounts are never negative and mass is kept to round-off.

Closed ends: flow and diffusion meet there within a step. Within six diffusion lengths sqrt(2 D dt) of a closed end
the drift moves over to the implicit step (exponentially fitted, Scharfetter, Gummel), where the length spans two
cells; not where the field clears the end by much more than the length, as then the flow must be exact.

Accuracy: the error falls with the square of the steps and with the third power of the cells in the bulk, with the
square of the cells in layers. Limits: (a) remapping widens a sharp front by a few cells;
while such a front is in a round bottom what is left there, under 2 %, is off by up to 1e-4 of the load in 60 steps
and 1e-5 in one. (b) A layer at a closed end has its right form where D dt / h^2 is of order one; in P1, a protein
of Peclet number 313 in a closed cell, 250 steps leave 1.5e-4 RMS off the layer, and 8e-3 in the first scan at the
meniscus. (c) Where D dt / h^2 is large, diffusion in a step is of first order.

Layout: the walk depends on the data of a lane, so that lanes cannot be the innermost loop, except in the
elimination, where `LANES` of them go side by side. Loops over cells vectorise. A lane's result does not depend
on the others.

Sources: Colella, Woodward, J. Comput. Phys. 54 (1984) 174 (parabolas); Colella, Sekora, J. Comput. Phys. 227
(2008) 7069 (limiter at extrema); Leonard, Lock, MacVean, Mon. Weather Rev. 124 (1996) 2588 (long conservative
steps through the cumulative amount); Grassmann, Taksar, Heyman, Oper. Res. 33 (1985) 1107 (elimination).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]
Index = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
U = np.uint64  # unsigned indices carry no wrap-around test, so that the loops over lanes vectorise

OK, UNBALANCED, NOT_FINITE = range(3)  # status of a lane

MASS_TOLERANCE = 1e-10  # of the load; a lane that gains or loses more is UNBALANCED
BOLTZMANN = 1.380649e-23  # J/K, exact

_NEAR_Z, _NEAR_T = 0.3, 0.15  # where series stand for exponentials and logarithms
_LEAST = 1e-150  # what is less is nothing; tails of denormal numbers would take twenty times as long
_TINY = 1e-300  # m; keeps a drift of zero from dividing
_FAR = 2.0  # steps; a cell that takes longer than one step is not left backwards in one
_EXTREMUM = 1.25  # C of Colella, Sekora
_LAYER = 6.0  # lengths sqrt(2 D dt) from a closed end in which drift moves to the diffusion step
_SUBSTEPS = 4  # parts, at most, of a diffusion step with D dt / h^2 > 1
_NARROWEST = 1e-4  # least ratio of a cell's lengths before and after a step that diffusion sees

LANES = 16  # lanes of a block of the elimination
# One row of its buffer is a cell with its inner face; fields are LANES wide. Amount per hold; hold; exchange through
# the face and its explicit share; pivot less its last term; right-hand side, then solution.
_LEVEL, _HOLD, _OUTWARD, _INWARD, _NOW, _PIVOT, _LOAD = (LANES * i for i in range(7))
_ROW = 7 * LANES

_JIT = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": {"contract"}}


class TubeMesh(NamedTuple):
    """Cells of a tube, from the meniscus to the bottom.

    Attributes
    ----------
    faces : array_like, shape (n_faces,) [m]
        Increasing distances from the rotor axis; at least 4 cells between them, n_cells = n_faces - 1.
    areas : array_like, shape (n_faces,) [m2]
        Cross-section of the tube at the faces; 0 is allowed.
    volumes : array_like, shape (n_cells,) [m3]
        Of the cells.
    """

    faces: ArrayLike
    areas: ArrayLike
    volumes: ArrayLike


class GradientSteps(NamedTuple):
    """Time steps of a spin, and the liquid in the middle of each.

    Attributes
    ----------
    dose : array_like, shape (n_steps,) [rad2/s]
        Integral of omega^2 over each step.
    duration : array_like, shape (n_steps,) [s]
        Of each step.
    density, viscosity : array_like, shape (n_steps, n_faces) [kg/m3], [Pa s]
        Of the liquid at the faces of the mesh.
    node : array_like, shape (n_steps, n_faces) [-]
        Place of the medium there among the nodes of the particles, 0 to n_nodes - 1; 0 if there is one node.
    """

    dose: ArrayLike
    duration: ArrayLike
    density: ArrayLike
    viscosity: ArrayLike
    node: ArrayLike


class GradientParticles(NamedTuple):
    """What one particle of each class is, at each node of the state of the medium.

    Attributes
    ----------
    mass : array_like, shape (n_lanes, n_nodes) or (n_lanes, 1) [kg]
    volume : array_like, same shape [m3]
        Of medium that this mass displaces.
    diameter : array_like, same shape [m]
        Hydrodynamic diameter.
    """

    mass: ArrayLike
    volume: ArrayLike
    diameter: ArrayLike


class GradientDistribution(NamedTuple):
    """Where the particles are after a spin in a gradient, and what was pelleted.

    Attributes
    ----------
    amounts : ndarray, shape (n_lanes, n_cells) [any]
        In each cell, in the unit of the load.
    pelleted : ndarray, shape (n_lanes,) [any]
        Through the bottom and on walls, in the unit of the load.
    mass_error : ndarray, shape (n_lanes,) [-]
        What the solver itself gained or lost: abs(amounts + pelleted - load) / load.
    status : ndarray of int, shape (n_lanes,)
        OK, UNBALANCED or NOT_FINITE.
    history : ndarray, shape (n_recorded, n_lanes, n_cells) [any]
        Amounts after the recorded steps.
    pelleted_history : ndarray, shape (n_recorded, n_lanes) [any]
        Pelleted after the recorded steps.
    """

    amounts: Array
    pelleted: Array
    mass_error: Array
    status: Index
    history: Array
    pelleted_history: Array


@njit(**_JIT)
def _exprel_near(z: float) -> float:
    """(exp(z) - 1) / z by its series; to round-off for abs(z) <= _NEAR_Z."""
    p = 1.0 + z * (1 / 11)
    p = 1.0 + z * (1 / 10) * p
    p = 1.0 + z * (1 / 9) * p
    p = 1.0 + z * (1 / 8) * p
    p = 1.0 + z * (1 / 7) * p
    p = 1.0 + z * (1 / 6) * p
    p = 1.0 + z * (1 / 5) * p
    p = 1.0 + z * (1 / 4) * p
    p = 1.0 + z * (1 / 3) * p
    return 1.0 + z * (1 / 2) * p


@njit(**_JIT)
def _exprel(z: float) -> float:
    """(exp(z) - 1) / z."""
    return math.expm1(z) / z if abs(z) > _NEAR_Z else _exprel_near(z)


@njit(**_JIT)
def _log_near(t: float) -> float:
    """ln((1 + t) / (1 - t)) / (2 t) by its series; to round-off for abs(t) <= _NEAR_T."""
    u = t * t
    return 1.0 + u * (1 / 3 + u * (1 / 5 + u * (1 / 7 + u * (1 / 9 + u * (1 / 11 + u * (1 / 13 + u * (1 / 15)))))))


@njit(**_JIT)
def _log_far(t: float) -> float:
    """ln((1 + t) / (1 - t)) / (2 t)."""
    return math.log((1.0 + t) / (1.0 - t)) / (2.0 * t)


@njit(**_JIT)
def _fields(
    lane: Array, rigid: bool, r: Array, dose: float, heat: float, background: Array, drift: Array, spread: Array
) -> None:
    """Displacement s omega^2 r dt [m] and D dt [m2] of a step at the faces; heat = k T dt; lane (3, n_nodes)."""
    density, fluidity, place = background[0], background[1], background[2]
    if rigid:
        mass, volume = lane[0, 0], lane[1, 0]
        mobility = 1.0 / (3.0 * math.pi * lane[2, 0])
        for i in range(r.size):
            drift[i] = dose * mobility * fluidity[i] * (mass - volume * density[i]) * r[i]
            spread[i] = heat * mobility * fluidity[i]
        return
    last = lane.shape[1] - 2
    masses, volumes, diameters = lane[0], lane[1], lane[2]
    for i in range(r.size):
        node = min(int(place[i]), last)
        late = place[i] - node
        k = U(node)
        mass = masses[k] + late * (masses[k + U(1)] - masses[k])
        volume = volumes[k] + late * (volumes[k + U(1)] - volumes[k])
        diameter = diameters[k] + late * (diameters[k + U(1)] - diameters[k])
        mobility = fluidity[i] / (3.0 * math.pi * diameter)
        drift[i] = dose * mobility * (mass - volume * density[i]) * r[i]
        spread[i] = heat * mobility


@njit(**_JIT)
def _ease(r: Array, drift: Array, spread: Array, absorbing: bool, slip: Array) -> None:
    """Move drift near closed ends over to the diffusion step, where it meets the end and diffusion at once.

    Within the length that a particle diffuses in a step, flow first and diffusion afterwards would be wrong by the
    root of the step. Where the length is below two cells there is no layer to resolve; where the field leaves the end
    by much more than the length, the flow must be exact.
    """
    n = r.size - 1
    slip[: n + 1] = 0.0
    for end in (0, n):
        if end == n and absorbing and drift[n] > 0.0:
            continue
        length = _LAYER * math.sqrt(2.0 * spread[end])
        if length < 2.0 * (r[1] - r[0] if end == 0 else r[n] - r[n - 1]):
            continue
        leaving = drift[0] if end == 0 else -drift[n]
        most = 1.0 / (1.0 + (max(leaving, 0.0) * _LAYER / length) ** 4)
        for k in range(n + 1):
            i = k if end == 0 else n - k
            x = 1.0 - abs(r[i] - r[end]) / length
            if x <= 0.0:
                break
            eased = most * x * x * (drift[i] + slip[i])
            if abs(eased) > abs(slip[i]):
                drift[i] += slip[i] - eased
                slip[i] = eased


@njit(**_JIT)
def _travel(h: Array, drift: Array, steps: Array, reach: Array) -> None:
    """Sum the steps from the first face to each face; a cell counts for _FAR at most, as one with a turning point."""
    n = h.size
    for j in range(n):
        a, b = drift[j], drift[j + 1]
        both = abs(a) + abs(b) + _TINY
        time = min(2.0 * h[j] / both * _log_near((b - a) / both), _FAR)
        steps[j] = time if a * b > 0.0 else _FAR
    for j in range(n):
        a, b = drift[j], drift[j + 1]
        if a * b > 0.0 and abs(b - a) > _NEAR_T * abs(a + b):
            both = abs(a + b)
            steps[j] = min(2.0 * h[j] / both * _log_far((b - a) / both), _FAR)
    reach[0] = 0.0
    for j in range(n):
        reach[j + 1] = reach[j] + steps[j]


@njit(**_JIT)
def _walk(drift: Array, reach: Array, cell: Index, rest: Array) -> tuple[int, int]:
    """Cell from which each face is reached in one step, and the steps spent in it.

    Returns the first face that does not come from beyond the first end, and one after the last such face at the
    other end.
    """
    n = reach.size - 1
    first, beyond = 0, n + 1
    outwards = inwards = 0
    for i in range(n + 1):
        cell[i] = i
        rest[i] = 0.0
        if drift[i] > 0.0:
            start = reach[i] - 1.0
            if start < 0.0:
                cell[i] = 0
                first = i + 1
                continue
            while reach[outwards + 1] <= start:
                outwards += 1
            cell[i] = outwards
            rest[i] = reach[outwards + 1] - start
        elif drift[i] < 0.0:
            start = reach[i] + 1.0
            if start >= reach[n]:
                cell[i] = n
                beyond = min(beyond, i)
                continue
            while reach[inwards + 1] <= start:
                inwards += 1
            cell[i] = inwards
            rest[i] = start - reach[inwards]
    return first, beyond


@njit(**_JIT)
def _depart(
    r: Array,
    h: Array,
    drift: Array,
    spread: Array,
    cell: Index,
    rest: Array,
    place: Array,
    origin: Array,
    early: Array,
    z: Array,
    way: Array,
) -> None:
    """Where each face departs from, as a share of its cell and as a radius, and D dt there.

    `h`, `drift` and `spread` end with a ghost: a face that departs from the last one has the cell behind it.
    """  # fmt: skip
    faces = cell.size
    for i in range(faces):  # gathers apart, as they keep a loop from being vectorised
        c = U(cell[i])
        a, b = drift[c], drift[c + U(1)]
        part = rest[i] / h[c]
        z[i] = (a - b) * part
        way[i] = part * (b if drift[i] > 0.0 else -a)
    for i in range(faces):
        x = way[i] * _exprel_near(z[i])
        x = 1.0 - x if drift[i] > 0.0 else x
        place[i] = min(max(x, 0.0), 1.0) if rest[i] > 0.0 else 0.0
    for i in range(faces):
        if abs(z[i]) > _NEAR_Z:
            x = way[i] * _exprel(z[i])
            place[i] = min(max(1.0 - x if drift[i] > 0.0 else x, 0.0), 1.0)
    for i in range(faces):
        c = U(cell[i])
        origin[i] = r[c] + place[i] * h[c]
        early[i] = spread[c] + place[i] * (spread[c + U(1)] - spread[c])


@njit(**_JIT)
def _stretch(h: Array, origin: Array, share: Array, weight: Array) -> None:
    """Root of the mean of g^2 in each cell, and how much of that mean belongs to the place of departure.

    With J the ratio of a cell's length at departure to its length, and L = 2 ln J: mean of g^2 = (1 - exp(-L)) / L =
    sinh(L/2) / (L/2) / J; what is linear in time has the mean (1 - weight) arrival + weight departure, weight =
    1 / L - 1 / (exp(L) - 1).
    """
    for j in range(share.size):
        before = max(origin[j + 1] - origin[j], _NARROWEST * h[j])
        both = before + h[j]
        scale = 1.0 / (before * both)
        u = (before - h[j]) * before * scale
        half = 2.0 * u * _log_near(u)
        square = half * half
        mean = 1.0 + square * (1 / 6 + square * (1 / 120 + square * (1 / 5040 + square * (1 / 362880))))
        share[j] = math.sqrt(mean * (h[j] * both * scale))
        weight[j] = 0.5 - half * (1 / 6 - square * (1 / 90 - square * (1 / 945 - square * (1 / 9450))))
    for j in range(share.size):
        before = origin[j + 1] - origin[j]
        if abs(before - h[j]) > _NEAR_T * (before + h[j]):
            J = min(max(before / h[j], _NARROWEST), 1.0 / _NARROWEST)
            L = 2.0 * math.log(J)
            share[j] = math.sqrt((1.0 - 1.0 / (J * J)) / L)
            weight[j] = 1.0 / L - 1.0 / (J * J - 1.0)


@njit(**_JIT)
def _extend(values: Array, first: int, last: int, otherwise: float) -> None:
    """Give cells that come from beyond an end the value of the nearest that does not."""
    if first >= last:
        values[:] = otherwise
        return
    values[:first] = values[first]
    values[last:] = values[last - 1]


@njit(**_JIT)
def _parabolas(stencil: Array, q: Array, edge: Array, left: Array, right: Array) -> None:
    """Values of the parabolas at the inner and outer face of each cell; q has two ghost cells at either end.

    Faces: order four, limited by second differences where the value leaves the range of the cells beside it. Cells:
    at an extremum, the parabola bends no more than its neighbourhood (Colella, Sekora); elsewhere it is made
    monotone (Colella, Woodward); nowhere is it below zero.
    """
    n = left.size
    q[1] = 2.0 * q[2] - q[3]
    q[0] = 2.0 * q[1] - q[2]
    q[n + 2] = 2.0 * q[n + 1] - q[n]
    q[n + 3] = 2.0 * q[n + 2] - q[n + 1]
    for i in range(n + 1):
        edge[i] = stencil[0, i] * q[i] + stencil[1, i] * q[i + 1] + stencil[2, i] * q[i + 2] + stencil[3, i] * q[i + 3]
    for i in range(n + 1):
        a, b, e = q[i + 1], q[i + 2], edge[i]
        d, da, db = 3.0 * (a - 2.0 * e + b), q[i] - 2.0 * a + b, a - 2.0 * b + q[i + 3]
        up = max(min(d, min(_EXTREMUM * da, _EXTREMUM * db)), 0.0)
        down = min(max(d, max(_EXTREMUM * da, _EXTREMUM * db)), 0.0)
        limited = 0.5 * (a + b) - (up + down) / 6.0
        edge[i] = max(limited if (e - a) * (b - e) < 0.0 else e, 0.0)
    for j in range(n):
        p, c, s = q[j + 1], q[j + 2], q[j + 3]
        a, b = edge[j] - c, edge[j + 1] - c
        bend = 6.0 * (a + b)
        dc, dp, ds = p - 2.0 * c + s, q[j] - 2.0 * p + c, c - 2.0 * s + q[j + 4]
        up = max(min(min(bend, _EXTREMUM * dc), min(_EXTREMUM * dp, _EXTREMUM * ds)), 0.0)
        down = min(max(max(bend, _EXTREMUM * dc), max(_EXTREMUM * dp, _EXTREMUM * ds)), 0.0)
        keep = (up + down) / (bend if bend != 0.0 else 1.0)
        smooth_a, smooth_b = a * keep, b * keep
        steep_a = -2.0 * b if abs(a) > 2.0 * abs(b) else a
        steep_b = -2.0 * a if abs(b) > 2.0 * abs(a) else b
        extremum = a * b >= 0.0 or (s - c) * (c - p) <= 0.0
        a = smooth_a if extremum else steep_a
        b = smooth_b if extremum else steep_b
        # lowest value of the parabola: at an end, or at its vertex x = (2 a + b) / (3 (a + b)) if that is inside
        curve = 3.0 * (a + b)
        x = (2.0 * a + b) / (curve if curve > 0.0 else 1.0)
        vertex = a - curve * x * x
        low = min(min(a, b), vertex if curve > 0.0 and x > 0.0 and x < 1.0 else 0.0)
        keep = c / -low if c + low < 0.0 else 1.0
        left[j] = c + a * keep
        right[j] = c + b * keep


@njit(**_JIT)
def _before(content: float, length: float, mean: float, left: float, right: float, x: float) -> float:
    """Content of a cell inside of the place x, 0 to 1, by the parabola with this mean and values at the faces."""
    bow = 6.0 * mean - 3.0 * (left + right)
    part = length * x * (left + x * (0.5 * (right - left + bow) - x * (bow * (1 / 3))))
    return min(max(part, 0.0), content)


@njit(**_JIT)
def _between(content: Array, catch: Array, a: int, part_a: float, b: int, part_b: float) -> tuple[float, float]:
    """Sum what lies between two places, as chord content and as amount; parts are the contents inside of them."""
    if a == b:
        whole = max(part_b - part_a, 0.0)
        return whole, whole * catch[U(a)]
    whole = content[U(a)] - part_a
    amount = whole * catch[U(a)]
    for k in range(a + 1, b):
        whole += content[U(k)]
        amount += content[U(k)] * catch[U(k)]
    return whole + part_b, amount + part_b * catch[U(b)]


@njit(**_JIT)
def _remap(
    h: Array,
    catch: Array,
    drift: Array,
    cell: Index,
    place: Array,
    content: Array,
    q: Array,
    left: Array,
    right: Array,
    part: Array,
    absorbing: bool,
    new: Array,
) -> float:
    """Amounts after the flow; returns what was pelleted. Faces at closed ends depart from themselves.

    Content is what fills the chords, amount = content * catch what fills the tube.
    """  # fmt: skip
    n = new.size
    cell[0], place[0] = 0, 0.0
    if drift[n] < 0.0 or not absorbing:
        cell[n], place[n] = n, 0.0
    for i in range(n + 1):
        c = U(min(cell[i], n - 1))
        inside = _before(content[c], h[c], q[c + U(2)], left[c], right[c], place[i])
        part[i] = content[c] if cell[i] == n else inside
        cell[i] = min(cell[i], n - 1)
    pelleted = 0.0
    for j in range(n):
        a, b = drift[j], drift[j + 1]
        if a * b < 0.0:
            middle = _before(content[j], h[j], q[j + 2], left[j], right[j], a / (a - b))
            lower, amount_lower = _between(content, catch, cell[j], part[j], j, middle)
            upper, amount_upper = _between(content, catch, j, middle, cell[j + 1], part[j + 1])
            outward, amount_out, inward = (
                (lower, amount_lower, amount_upper) if a > 0.0 else (upper, amount_upper, amount_lower)
            )
            kept = min(outward * catch[j], amount_out)
            new[j] = kept + inward
            pelleted += amount_out - kept
        else:
            whole, amount = _between(content, catch, cell[j], part[j], cell[j + 1], part[j + 1])
            kept = min(whole * catch[j], amount) if a + b > 0.0 else amount
            new[j] = kept
            pelleted += amount - kept
    return pelleted + _between(content, catch, cell[n], part[n], n - 1, content[n - 1])[1]


@njit(**_JIT)
def _couple(
    h: Array,
    areas: Array,
    volumes: Array,
    spread: Array,
    early: Array,
    share: Array,
    weight: Array,
    slip: Array,
    cell: Index,
    place: Array,
    outward: Array,
    inward: Array,
    now: Array,
    hold: Array,
) -> int:
    """Coefficients of the diffusion step, and in how many equal parts to do it.

    With y = amount / hold, hold = volume per stretch, the flux through a face is outward * y inside - inward * y
    outside (exponentially fitted, Scharfetter, Gummel), the share `now` of it explicit: a half, or as much as
    empties no cell.
    """  # fmt: skip
    n = volumes.size
    for j in range(n):
        hold[j] = volumes[j] / share[j]
    outward[0] = inward[0] = now[0] = 0.0
    for i in range(1, n):
        late = 0.5 * (weight[i - 1] + weight[i])
        now[i] = spread[i] + late * (early[i] - spread[i])
    for i in range(1, n):
        inward[i] = now[i] * areas[i] * (share[i - 1] + share[i]) / (h[i - 1] + h[i])
    for i in range(1, n):
        outward[i] = inward[i]
    for i in range(1, n):
        if slip[i] != 0.0 and inward[i] > 0.0:
            c = cell[i]
            late = 0.5 * (weight[i - 1] + weight[i])
            eased = slip[i] + late * (slip[c] + place[i] * (slip[c + 1] - slip[c]) - slip[i])
            peclet = eased * areas[i] / inward[i]
            outward[i] /= _exprel(-peclet)
            inward[i] /= _exprel(peclet)
    largest = 0.0
    for i in range(1, n):
        now[i] = max(outward[i] / hold[i - 1], inward[i] / hold[i])
    for i in range(1, n):
        largest = max(largest, now[i])
    parts = math.ceil(min(max(largest, 1.0), float(_SUBSTEPS)))
    part = 1.0 / parts
    for i in range(1, n):
        outward[i] *= part
        inward[i] *= part
        now[i] = 0.5 / max(1.0, now[i] * part)
    return parts


@njit(**_JIT)
def _diffuse(buffer: Array, n: int, parts: Index, part: int) -> None:
    """One part of the diffusion step of every lane of the block, where the lane has as many.

    Pivots are sums of what is positive: the column sums of the matrix are the holds, and stay known in elimination.
    The row before the first and that behind the last have no content and no exchange.
    """
    for row in range(1, n + 1):
        o = U(row) * U(_ROW)
        before, after = o - U(_ROW), o + U(_ROW)
        for lane in range(LANES):
            k = U(lane)
            now, then = buffer[o + U(_NOW) + k], buffer[after + U(_NOW) + k]
            outward, inward = buffer[o + U(_OUTWARD) + k], buffer[o + U(_INWARD) + k]
            hold = buffer[o + U(_HOLD) + k]
            leaves = now * inward + then * buffer[after + U(_OUTWARD) + k]
            load = (
                max(hold - leaves, 0.0) * buffer[o + U(_LEVEL) + k]
                + now * outward * buffer[before + U(_LEVEL) + k]
                + then * buffer[after + U(_INWARD) + k] * buffer[after + U(_LEVEL) + k]
            )
            column = buffer[before + U(_PIVOT) + k]
            outward -= now * outward
            ratio = 1.0 / (column + outward)
            buffer[o + U(_PIVOT) + k] = hold + (inward - now * inward) * (column * ratio)
            load += outward * ratio * buffer[before + U(_LOAD) + k]
            buffer[o + U(_LOAD) + k] = load if load > _LEAST else 0.0
    for row in range(n, 0, -1):
        o = U(row) * U(_ROW)
        after = o + U(_ROW)
        for lane in range(LANES):
            k = U(lane)
            later = 1.0 - buffer[after + U(_NOW) + k]
            outward, inward = later * buffer[after + U(_OUTWARD) + k], later * buffer[after + U(_INWARD) + k]
            level = (buffer[o + U(_LOAD) + k] + inward * buffer[after + U(_LOAD) + k]) / (
                buffer[o + U(_PIVOT) + k] + outward
            )
            level = level if level > _LEAST else 0.0
            buffer[o + U(_LOAD) + k] = level
            old = buffer[o + U(_LEVEL) + k]
            buffer[o + U(_LEVEL) + k] = level if part < parts[lane] else old


@njit(**_JIT)
def _advance(
    lane: Array,
    rigid: bool,
    r: Array,
    h: Array,
    areas: Array,
    volumes: Array,
    catch: Array,
    stencil: Array,
    dose: float,
    heat: float,
    background: Array,
    absorbing: bool,
    work: Array,
    cell: Index,
    amount: Array,
    stage: Array,
) -> tuple[float, int]:
    """Flow of one lane in one step; returns what was pelleted, and the parts of the diffusion step.

    The amounts are changed in place; what diffusion needs is left in the stage, in the order of the buffer.
    """  # fmt: skip
    n = volumes.size
    level, hold, outward, inward, now = stage[0], stage[1], stage[2], stage[3], stage[4]
    drift, spread, slip, reach = work[0], work[1], work[2], work[3, : n + 1]
    rest, place, part, edge = work[4, : n + 1], work[5, : n + 1], work[6, : n + 1], work[7, : n + 1]
    content, share, weight, left, right = work[8, :n], work[9, :n], work[10, :n], work[11, :n], work[12, :n]
    q, origin, early = work[13], work[14, : n + 1], work[15, : n + 1]
    _fields(lane, rigid, r, dose, heat, background, drift, spread)
    _ease(r, drift, spread, absorbing, slip)
    _travel(h[:n], drift, content, reach)
    first, beyond = _walk(drift, reach, cell, rest)
    _depart(r, h, drift, spread, cell, rest, place, origin, early, part, edge)
    last = beyond - 1
    if first < last:
        _stretch(h[first:last], origin[first : last + 1], share[first:last], weight[first:last])
    _extend(share, first, last, 1.0)
    _extend(weight, first, last, 0.5)
    parts = _couple(
        h, areas, volumes, spread, early, share, weight, slip, cell, place, outward, inward, now, hold
    )  # fmt: skip
    for j in range(n):
        content[j] = amount[j] / catch[j]
        q[j + 2] = content[j] / h[j]
    _parabolas(stencil, q, edge, left, right)
    pelleted = _remap(h, catch, drift, cell, place, content, q, left, right, part, absorbing, amount)
    for j in range(n):
        level[j] = amount[j] / hold[j]
    return pelleted, parts


@njit(**_JIT)
def _solve(
    r: Array,
    h: Array,
    areas: Array,
    volumes: Array,
    catch: Array,
    stencil: Array,
    dose: Array,
    heat: Array,
    background: Array,
    lanes: Array,
    rigid: BoolArray,
    absorbing: bool,
    record: Index,
    buffer: Array,
    state: Array,
    pelleted: Array,
    history: Array,
    pelleted_history: Array,
) -> None:
    """Do all steps of all lanes, LANES of them side by side; state (n_lanes, n_cells) and pelleted are changed."""
    n = volumes.size
    work = np.zeros((16, n + 4))
    stage = np.zeros((LANES, 5, n + 4))
    cell = np.zeros(n + 1, np.int64)
    parts = np.ones(LANES, np.int64)
    for start in range(0, lanes.shape[0], LANES):
        width = min(LANES, lanes.shape[0] - start)
        buffer[:] = 1.0
        stage[:] = 0.0
        stage[:, 1] = 1.0
        for field in (_LEVEL, _OUTWARD, _INWARD, _NOW, _LOAD):
            for row in (0, n + 1):
                buffer[row * _ROW + field : row * _ROW + field + LANES] = 0.0
        for step in range(dose.size):
            for k in range(width):
                lost, parts[k] = _advance(
                    lanes[start + k], rigid[start + k], r, h, areas, volumes, catch, stencil, dose[step], heat[step],
                    background[step], absorbing, work, cell, state[start + k], stage[k],
                )  # fmt: skip
                pelleted[start + k] += lost
            for field in range(5):  # in the order of the fields of the buffer
                for j in range(n):
                    o = U(j + 1) * U(_ROW) + U(field * LANES)
                    for lane in range(LANES):
                        buffer[o + U(lane)] = stage[lane, field, j]
            for part in range(parts[:width].max()):
                _diffuse(buffer, n, parts, part)
            for j in range(n):
                o = U(j + 1) * U(_ROW)
                for k in range(width):
                    state[start + k, j] = buffer[o + U(_LEVEL) + U(k)] * buffer[o + U(_HOLD) + U(k)]
            if record[step] >= 0:
                history[record[step], start : start + width] = state[start : start + width]
                pelleted_history[record[step], start : start + width] = pelleted[start : start + width]


def _aligned(size: int) -> Array:
    """Zeros that start at a cache line: unaligned rows of lanes cost a third of the speed."""
    store = np.zeros(size * 8 + 64, dtype=np.uint8)
    first = -store.ctypes.data % 64
    return store[first : first + size * 8].view(np.float64)


def _edge_weights(faces: Array) -> Array:
    """Weights, (4, n_faces), of the averages of four cells in the value at each face, exact for cubics.

    Cells i - 2 to i + 1 of face i; at the ends, where ghost cells stand in for some of them, the nearest four.
    """
    n = faces.size - 1
    base = np.clip(np.arange(n + 1) - 2, 0, n - 4)
    x = (faces[base[:, None] + np.arange(5)] - faces[:, None]) / (faces[base + 4] - faces[base])[:, None]
    power = np.arange(1, 5)
    moments = np.diff(x[:, None, :] ** power[:, None], axis=2) / (power[:, None] * np.diff(x)[:, None, :])
    value = np.zeros((n + 1, 4, 1))
    value[:, 0] = 1.0
    return np.ascontiguousarray(np.linalg.solve(moments, value)[:, :, 0].T)


def _caught(faces: Array, areas: Array, volumes: Array) -> Array:
    """Share of the bundle of chords through each cell that is not yet cut off by the wall."""
    widest = np.maximum.accumulate(areas)
    chords = np.where(areas[1:] < widest[1:], widest[1:] * np.diff(faces), volumes)
    return np.minimum(volumes / chords, 1.0)


def _array(name: str, value: ArrayLike, shape: tuple[int, ...], low: float = -math.inf, above: bool = False) -> Array:
    """Value as a contiguous float64 array of the shape, finite, and not below (or above) a bound."""
    try:
        array = np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), shape), order="C")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers of shape {shape}, and not of shape {np.shape(value)}") from error
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite")
    if np.any(array <= low if above else array < low):
        raise ValueError(f"{name} must be {'above' if above else 'at least'} {low:g}, and not {array.min():g}")
    return array


def _checked_mesh(mesh: TubeMesh) -> TubeMesh:
    """Mesh as arrays that fit together."""
    faces = _array("faces", mesh.faces, (np.size(mesh.faces),))
    n = faces.size - 1
    if n < 4 or np.any(np.diff(faces) <= 0.0) or faces[0] < 0.0:
        raise ValueError("faces must be five or more increasing distances from the axis, 0 or larger")
    return TubeMesh(
        faces=faces,
        areas=_array("areas", mesh.areas, (n + 1,), 0.0),
        volumes=_array("volumes", mesh.volumes, (n,), 0.0, above=True),
    )


def _checked_steps(steps: GradientSteps, n_faces: int, last_node: int) -> GradientSteps:
    """Time steps as arrays that fit together and to the mesh."""
    n_steps = np.size(steps.dose)
    each, at_faces = (n_steps,), (n_steps, n_faces)
    dose = _array("dose", steps.dose, each, 0.0)
    duration = _array("duration", steps.duration, each, 0.0)
    node = _array("node", steps.node, at_faces, 0.0)
    if np.any(node > last_node):
        raise ValueError(f"node must be at most {last_node}, the last of the particles, and not {node.max():g}")
    density = _array("density", steps.density, at_faces, 0.0)
    viscosity = _array("viscosity", steps.viscosity, at_faces, 0.0, above=True)
    return GradientSteps(dose, duration, density, viscosity, node)


def _checked_particles(particles: GradientParticles, n_lanes: int) -> Array:
    """Particles as one array, (n_lanes, 3, n_nodes), of mass, volume and diameter."""
    nodes = max((np.shape(values)[-1] if np.ndim(values) else 1) for values in particles)
    each = (n_lanes, nodes)
    return np.stack(
        (
            _array("mass", particles.mass, each, 0.0),
            _array("volume", particles.volume, each, 0.0),
            _array("diameter", particles.diameter, each, 0.0, above=True),
        ),
        axis=1,
    )


def _places(record: Sequence[int], n_steps: int) -> Index:
    """Place of each step among the recorded ones, -1 for one that is not recorded."""
    recorded = np.asarray(record, dtype=np.int64).reshape(-1)
    if np.any((recorded < 0) | (recorded >= n_steps)) or np.unique(recorded).size != recorded.size:
        raise ValueError(f"record must be different steps, 0 to {n_steps - 1}")
    places = np.full(n_steps, -1)
    places[recorded] = np.arange(recorded.size)
    return places


def solve_gradient(
    mesh: TubeMesh,
    steps: GradientSteps,
    particles: GradientParticles,
    temperature: float,
    amounts: ArrayLike,
    *,
    absorbing: bool = True,
    walls_catch: bool = True,
    record: Sequence[int] = (),
) -> GradientDistribution:
    """Solve the Lamm equation of particle classes in a gradient that changes with place and time.

    The equation, the method and its sources stand in the module. Valid for any cell Peclet number and any travel per
    step, as long as the liquid changes little within a step and a cell. The error falls with the square of the steps
    and of the cells. Arrays of fewer dimensions, such as a gradient that stays as it is, are spread.

    Parameters
    ----------
    mesh : TubeMesh
        Faces [m], areas [m2] and volumes [m3] of the cells.
    steps : GradientSteps
        Dose [rad2/s] and duration [s] of each step; density [kg/m3], viscosity [Pa s] and place among the nodes [-],
        at each face in the middle of each step.
    particles : GradientParticles
        Mass [kg], volume [m3] and diameter [m] of each class at each node; with one node, particles that no medium
        changes.
    temperature : float [K]
        Of the liquid.
    amounts : array_like, shape (n_lanes, n_cells) [any]
        Load of each cell, numbers of particles for example.
    absorbing : bool
        The bottom keeps what the field carries there (default), or is closed.
    walls_catch : bool
        Where the tube narrows outwards, what meets the wall is pelleted (default), or slides on; it slides on above a
        closed bottom.
    record : sequence of int
        Steps after which the amounts are kept; default none.

    Returns
    -------
    GradientDistribution
        Amounts of each class in each cell and in the pellet, in the unit of the load.

    Raises
    ------
    ValueError
        If an argument, or a field of one, is not as said above; it is named.

    Examples
    --------
    Vesicles of 1.09 and 1.15 g/mL, loaded everywhere, gather where a linear gradient has their density:

    >>> import numpy as np
    >>> faces = np.linspace(0.07, 0.15, 161)
    >>> mesh = TubeMesh(faces, areas=1e-4, volumes=1e-4 * np.diff(faces))
    >>> density = np.interp(faces, [0.07, 0.15], [1000.0, 1240.0])
    >>> steps = GradientSteps(np.full(40, 1.5e10), 1000.0, density, viscosity=2e-3, node=0.0)
    >>> diameter = np.array([[150e-9], [120e-9]])
    >>> volume = np.pi / 6 * diameter**3
    >>> mass = np.array([[1090.0], [1150.0]]) * volume
    >>> particles = GradientParticles(mass, volume, diameter)
    >>> found = solve_gradient(mesh, steps, particles, 277.15, np.ones((2, 160)))
    >>> radius = found.amounts @ (0.5 * (faces[1:] + faces[:-1])) / 160.0
    >>> np.interp(radius, faces, density).round(), found.pelleted.round(6)
    (array([1090., 1150.]), array([0., 0.]))
    """
    mesh = _checked_mesh(mesh)
    r, n = mesh.faces, mesh.volumes.size
    thermal_energy = BOLTZMANN * float(_array("temperature", temperature, (1,), 0.0, above=True)[0])
    state = _array("amounts", amounts, (*(np.shape(amounts) or (0,))[:1], n), 0.0)
    n_lanes = state.shape[0]
    lanes = _checked_particles(particles, n_lanes)
    steps = _checked_steps(steps, n + 1, lanes.shape[2] - 1)
    places = _places(record, steps.dose.size)
    n_recorded = np.count_nonzero(places >= 0)
    load, pelleted = state.sum(axis=1), np.zeros(n_lanes)
    history, pelleted_history = np.empty((n_recorded, *state.shape)), np.empty((n_recorded, n_lanes))
    _solve(
        r,
        np.append(np.diff(r), 1.0),
        mesh.areas,
        mesh.volumes,
        _caught(*mesh) if walls_catch and absorbing else np.ones(n),
        _edge_weights(r),
        steps.dose,
        thermal_energy * steps.duration,
        np.stack((steps.density, 1.0 / steps.viscosity, steps.node), axis=1),
        lanes,
        np.all(lanes == lanes[:, :, :1], axis=(1, 2)),
        absorbing,
        places,
        _aligned((n + 2) * _ROW),
        state,
        pelleted,
        history,
        pelleted_history,
    )
    error = np.abs(state.sum(axis=1) + pelleted - load) / np.where(load > 0.0, load, 1.0)
    status = np.where(np.isfinite(error), np.where(error > MASS_TOLERANCE, UNBALANCED, OK), NOT_FINITE)
    return GradientDistribution(state, pelleted, error, status, history, pelleted_history)
