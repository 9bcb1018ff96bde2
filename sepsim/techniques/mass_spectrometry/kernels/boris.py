"""Boris pushes of many ions: uniform fields, sectors with hard edges, sectors with fringe fields.

A push is drift by half a step, half an electric kick, rotation about the magnetic field by tan(angle / 2) =
charge B dt / (2 mass), half a kick, drift by half a step: of second order, reversible, and without change of energy
by B. Steps may differ in length. Between elements ions fly straight, exactly.

Rays and tables of elements are those of the exact map (`ion_optics`): x, a, y, b at planes across the axis, d and g
relative to the reference ion. Its speed is the unit of velocity, so that time is a length [m]. In a sector X points
from the centre through the entrance, Z along the flight there.

Hard edges. On entering and on leaving an electric sector or a Wien filter an ion crosses the potential of the
electrodes at once: the velocity across the edge changes, that along the edge stays. Without this step the field would
do net work on every ray beside the axis, and shorter steps would converge to a wrong image. After its steps an ion
lands on the exit plane by steps of what is left.

Fringes. F(s) = 1 / (1 + exp(P(s / G))) with Enge's polynomial P, the full gap G and the distance s outside the
effective edge. The electric field is -grad(V F), the magnetic one grad(B y F): both with their components along the
flight, the electric one free of curl, so that energy is kept to the order of the step. Of the two edges of an element
the nearer one counts, and only the element's own field: fringes of neighbours must not overlap. exp is a polynomial
of exp(z / 64), squared six times: error of F below 1e-14.

Only cylinders (c = 0) and uniform magnets (n = 0), faces tilted or not, and Wien filters.

Accuracy: the error falls with the square of the step, and with hard edges nothing else is wrong. With fringes, steps
above a fifth of the gap lose the fringe; the image differs from that of hard edges by what the fringe does, which
shifts the whole beam with the square of the gap and changes its shape about in proportion to the gap.

Layout: blocks of `LANES` ions, ions innermost, all steps of an element before the next block.

Sources: Boris, Proc. 4th Conf. Numerical Simulation of Plasmas (1970) 3; Enge, in: Septier (ed.), Focusing of Charged
Particles II (1967) 203; coefficients of the fringe as in COSY INFINITY's default dipole.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]

DRIFT, ELECTRIC, MAGNETIC, WIEN, SLIT = range(5)  # kinds and columns as in ion_optics; kernels import one another not
KIND, LENGTH, ANGLE, EDGE_IN, EDGE_OUT, INDEX, SENSE, GAP, HALF_WIDTH, PSI_IN, PSI_OUT = range(11)
COLUMNS = 11

LANES = 256
REACH = 4.0  # gaps from an edge, within which the fringe is followed
PER_GAP, PER_RADIUS = 10.0, 500.0  # steps, unless told
ENGE = (0.478959, 1.911289, -1.185953, 1.630554, -1.082657, 0.318111)

_X, _Y, _Z, _U, _V, _W, _RATE, _DT, _LOST, _WIDE, _D, _TWICE = range(
    12
)  # place, velocity (across, up, along), 1 / (1 + g)
_ROWS = 12
_SLACK = 0.05  # of a sector's path, flown beyond its end and back along a straight line
_NEAR, _FAR = -2.5, 3.2  # gaps, beyond which F is 1 or 0 to round-off
_STEEPEST = 36.0  # exponent of a fringe at most
_REST, _LANDINGS = 16, 3  # steps of what is left to the exit plane; last steps, by Newton's iteration

_JIT = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": {"contract"}}


class PushedImage(NamedTuple):
    """Rays at the last plane.

    Examples
    --------
    >>> PushedImage([0.0], [0.0], [0.0], [0.0], [0.0], [1]).lost  # in the first element
    [1]
    """

    x: Array  # (n_ions,) [m]; nan for ions that were lost, as in all columns
    a: Array  # (n_ions,) [rad]
    y: Array  # (n_ions,) [m]
    b: Array  # (n_ions,) [rad]
    gain: Array  # (n_ions,) [-], kinetic energy at the end over that at the start, less one: the error of the steps
    lost: NDArray[np.int64]  # (n_ions,), 0: arrived; i: lost in the i-th element, counted from 1


# ---- uniform fields ---------------------------------------------------------------------------------


@njit(**_JIT)
def _axes(magnetic: Array) -> Array:
    """Three unit vectors in rows, right-handed, the last along the magnetic field."""
    found = np.eye(3)
    size = math.sqrt(magnetic[0] ** 2 + magnetic[1] ** 2 + magnetic[2] ** 2)
    if size == 0.0:
        return found
    c = magnetic / size
    least = int(np.argmin(np.abs(c)))
    a = -c[least] * c
    a[least] += 1.0
    a /= math.sqrt(a[0] ** 2 + a[1] ** 2 + a[2] ** 2)
    found[0], found[2] = a, c
    for k in range(3):
        found[1, k] = c[(k + 1) % 3] * a[(k + 2) % 3] - c[(k + 2) % 3] * a[(k + 1) % 3]
    return found


@njit(**_JIT)
def _along_axes(work: Array, first: int, axes: Array) -> None:
    """Go over to components along other axes, for the three rows from the first."""
    x, y, z = work[first], work[first + 1], work[first + 2]
    for i in range(LANES):
        x0, y0, z0 = x[i], y[i], z[i]
        x[i] = axes[0, 0] * x0 + axes[0, 1] * y0 + axes[0, 2] * z0
        y[i] = axes[1, 0] * x0 + axes[1, 1] * y0 + axes[1, 2] * z0
        z[i] = axes[2, 0] * x0 + axes[2, 1] * y0 + axes[2, 2] * z0


@njit(**_JIT)
def _gyrate(u: float, v: float, once: float, twice: float, kick_u: float, kick_v: float) -> tuple[float, float]:
    """Half a kick, rotation, half a kick, in the plane across the magnetic field."""
    u0, v0 = u + kick_u, v + kick_v
    u1, v1 = u0 + once * v0, v0 - once * u0
    return u0 + twice * v1 + kick_u, v0 - twice * u1 + kick_v


@njit(**_JIT)
def _push_along_field(work: Array, electric: Array, strength: float, dt: float, steps: int) -> None:
    """Push with the magnetic field along the third axis; row 6 holds charge over mass.

    Two steps per pass over the ions: loads and stores cost as much as a step.
    """
    ex, ey, ez = electric[0], electric[1], electric[2]
    x, y, z, u, v, w = work[0], work[1], work[2], work[3], work[4], work[5]
    ratio, once, twice = work[6], work[7], work[8]
    for i in range(LANES):
        ratio[i] *= 0.5 * dt
        once[i] = ratio[i] * strength
        twice[i] = 2.0 * once[i] / (1.0 + once[i] * once[i])
        x[i] += 0.5 * dt * u[i]
        y[i] += 0.5 * dt * v[i]
        z[i] += 0.5 * dt * w[i]
    for _ in range(steps // 2):
        for i in range(LANES):
            h, t, s = ratio[i], once[i], twice[i]
            u1, v1 = _gyrate(u[i], v[i], t, s, h * ex, h * ey)
            w1 = w[i] + 2.0 * h * ez
            u2, v2 = _gyrate(u1, v1, t, s, h * ex, h * ey)
            w2 = w1 + 2.0 * h * ez
            x[i] = x[i] + dt * u1 + dt * u2
            y[i] = y[i] + dt * v1 + dt * v2
            z[i] = z[i] + dt * w1 + dt * w2
            u[i], v[i], w[i] = u2, v2, w2
    for _ in range(steps % 2):
        for i in range(LANES):
            h = ratio[i]
            u[i], v[i] = _gyrate(u[i], v[i], once[i], twice[i], h * ex, h * ey)
            w[i] += 2.0 * h * ez
            x[i] += dt * u[i]
            y[i] += dt * v[i]
            z[i] += dt * w[i]
    for i in range(LANES):
        x[i] -= 0.5 * dt * u[i]
        y[i] -= 0.5 * dt * v[i]
        z[i] -= 0.5 * dt * w[i]


@njit(**_JIT)
def _push_uniform(state: Array, ratio: Array, electric: Array, magnetic: Array, dt: float, steps: int) -> None:
    """Push ions block by block, in place."""
    axes = _axes(magnetic)
    back = axes.T.copy()
    strength = math.sqrt(magnetic[0] ** 2 + magnetic[1] ** 2 + magnetic[2] ** 2)
    inside = np.zeros(3)
    for k in range(3):
        inside[k] = axes[k, 0] * electric[0] + axes[k, 1] * electric[1] + axes[k, 2] * electric[2]
    work = np.empty((9, LANES))
    n = ratio.size
    for first in range(0, n, LANES):
        last = min(first + LANES, n)
        work[:7, last - first :] = 0.0
        for k in range(6):
            work[k, : last - first] = state[k][first:last]
        work[6, : last - first] = ratio[first:last]
        _along_axes(work, 0, axes)
        _along_axes(work, 3, axes)
        _push_along_field(work, inside, strength, dt, steps)
        _along_axes(work, 0, back)
        _along_axes(work, 3, back)
        for k in range(6):
            state[k][first:last] = work[k, : last - first]


# ---- fields -------------------------------------------------------------------------------------------


@njit(**_JIT)
def _log_square(q: float) -> float:
    """ln(q) / 2, to round-off for 0.5 <= q <= 2."""
    return _log_series((q - 1.0) / (q + 1.0))


@njit(**_JIT)
def _log_series(v: float) -> float:
    """ln((1 + v) / (1 - v)) / 2, to round-off for abs(v) <= 0.33."""
    p = v * v
    s = 1 / 11 + p * (1 / 13 + p * (1 / 15 + p * (1 / 17 + p * (1 / 19 + p * (1 / 21)))))
    return v * (1.0 + p * (1 / 3 + p * (1 / 5 + p * (1 / 7 + p * (1 / 9 + p * s)))))


@njit(**_JIT)
def _sigmoid(z: float) -> float:
    """1 / (1 + exp(z)), absolute error below 1e-14 for abs(z) <= 36."""
    s = z * (1 / 64)
    p = 1.0 + s * (1 / 11)
    p = 1.0 + s * (1 / 10) * p
    p = 1.0 + s * (1 / 9) * p
    p = 1.0 + s * (1 / 8) * p
    p = 1.0 + s * (1 / 7) * p
    p = 1.0 + s * (1 / 6) * p
    p = 1.0 + s * (1 / 5) * p
    p = 1.0 + s * (1 / 4) * p
    p = 1.0 + s * (1 / 3) * p
    p = 1.0 + s * (1 / 2) * p
    p = 1.0 + s * p
    p *= p
    p *= p
    p *= p
    p *= p
    p *= p
    p *= p
    return 1.0 / (1.0 + p)


@njit(**_JIT)
def _exponent(s: float) -> float:
    p = ENGE[0] + s * (ENGE[1] + s * (ENGE[2] + s * (ENGE[3] + s * (ENGE[4] + s * ENGE[5]))))
    return min(max(p, -_STEEPEST), _STEEPEST)


@njit(**_JIT)
def _rise(s: float) -> float:
    return ENGE[1] + s * (2.0 * ENGE[2] + s * (3.0 * ENGE[3] + s * (4.0 * ENGE[4] + s * (5.0 * ENGE[5]))))


@njit(**_JIT)
def _half_drift(work: Array, share: float) -> None:
    """Drift in the bending plane by half a step, on (share = 0.5) or back (-0.5)."""
    x, z, u, w, dt = work[_X], work[_Z], work[_U], work[_W], work[_DT]
    for i in range(LANES):
        x[i] += share * dt[i] * u[i]
        z[i] += share * dt[i] * w[i]


@njit(**_JIT)
def _fall(x: float, z: float, u: float, w: float, kick: float, dt: float) -> tuple[float, float, float, float]:
    """Kick towards the centre of a condenser, then drift."""
    inward = kick / (x * x + z * z)
    u -= inward * x
    w -= inward * z
    return x + dt * u, z + dt * w, u, w


@njit(**_JIT)
def _push_condenser(work: Array, steps: int) -> None:
    """Push in -grad ln r, over 1 + g; four steps per pass over the ions, as loads and stores cost as well."""
    x, z, u, w, rate, dt, kick = work[_X], work[_Z], work[_U], work[_W], work[_RATE], work[_DT], work[_WIDE]
    for i in range(LANES):
        kick[i] = dt[i] * rate[i]
    _half_drift(work, 0.5)
    for _ in range(steps // 4):
        for i in range(LANES):
            k, t = kick[i], dt[i]
            x1, z1, u1, w1 = _fall(x[i], z[i], u[i], w[i], k, t)
            x1, z1, u1, w1 = _fall(x1, z1, u1, w1, k, t)
            x1, z1, u1, w1 = _fall(x1, z1, u1, w1, k, t)
            x[i], z[i], u[i], w[i] = _fall(x1, z1, u1, w1, k, t)
    for _ in range(steps % 4):
        for i in range(LANES):
            x[i], z[i], u[i], w[i] = _fall(x[i], z[i], u[i], w[i], kick[i], dt[i])
    _half_drift(work, -0.5)


@njit(**_JIT)
def _push_magnet(work: Array, turn: float, plate: float, steps: int) -> None:
    """Push in B = turn and in E = plate along X, over 1 + g."""
    x, z, u, w, rate, dt = work[_X], work[_Z], work[_U], work[_W], work[_RATE], work[_DT]
    once, twice = work[_WIDE], work[_TWICE]
    share = plate / turn
    for i in range(LANES):
        once[i] = 0.5 * dt[i] * rate[i] * turn
        twice[i] = 2.0 * once[i] / (1.0 + once[i] * once[i])
    _half_drift(work, 0.5)
    for _ in range(steps):
        for i in range(LANES):
            w[i], u[i] = _gyrate(w[i], u[i], once[i], twice[i], 0.0, once[i] * share)
            x[i] += dt[i] * u[i]
            z[i] += dt[i] * w[i]
    _half_drift(work, -0.5)


@njit(**_JIT)
def _push_hard(work: Array, kind: int, turn: float, steps: int) -> None:
    """Push in the field inside an element."""
    if kind == ELECTRIC:
        _push_condenser(work, steps)
    else:
        _push_magnet(work, turn, turn if kind == WIEN else 0.0, steps)


@njit(**_JIT)
def _push_electric_fringe(work: Array, edges: Array, radius: float, gap: float, steps: int) -> None:
    """Push in -grad(ln(r / radius) F)."""
    x, z, u, w, rate, dt, wide = work[_X], work[_Z], work[_U], work[_W], work[_RATE], work[_DT], work[_WIDE]
    middle_x, middle_z, middle_0 = edges[2, 0], edges[2, 1], edges[2, 2]
    in_x, in_z, in_0, out_x, out_z, out_0 = (
        edges[0, 0], edges[0, 1], edges[0, 2], edges[1, 0], edges[1, 1], edges[1, 2],
    )  # fmt: skip
    per_gap, per_square = 1.0 / gap, 1.0 / (radius * radius)
    for i in range(LANES):
        x[i] += 0.5 * dt[i] * u[i]
        z[i] += 0.5 * dt[i] * w[i]
    for _ in range(steps):
        for i in range(LANES):
            before = middle_x * x[i] + middle_z * z[i] + middle_0 < 0.0
            normal_x = in_x if before else out_x
            normal_z = in_z if before else out_z
            s = (normal_x * x[i] + normal_z * z[i] + (in_0 if before else out_0)) * per_gap
            s = min(max(s, _NEAR), _FAR)
            share = _sigmoid(_exponent(s))
            slope = -share * (1.0 - share) * _rise(s) * per_gap
            square = (x[i] * x[i] + z[i] * z[i]) * per_square
            inverse = 1.0 / (square * (square + 1.0))
            level = _log_series((square - 1.0) * square * inverse)
            inward = share * per_square * (square + 1.0) * inverse
            kick = -dt[i] * rate[i]
            u[i] += kick * (inward * x[i] + level * slope * normal_x)
            w[i] += kick * (inward * z[i] + level * slope * normal_z)
            wide[i] = max(wide[i], abs(square - 1.0) * share)
            x[i] += dt[i] * u[i]
            z[i] += dt[i] * w[i]
    for i in range(LANES):
        x[i] -= 0.5 * dt[i] * u[i]
        z[i] -= 0.5 * dt[i] * w[i]


@njit(**_JIT)
def _push_magnetic_fringe(work: Array, edges: Array, turn: float, plate: float, gap: float, steps: int) -> None:
    """Push in B = turn grad(y F) and E = plate grad(x F); x from the axis where there are plates."""
    x, y, z, u, v, w = work[_X], work[_Y], work[_Z], work[_U], work[_V], work[_W]
    rate, dt, wide = work[_RATE], work[_DT], work[_WIDE]
    middle_x, middle_z, middle_0 = edges[2, 0], edges[2, 1], edges[2, 2]
    in_x, in_z, in_0, out_x, out_z, out_0 = (
        edges[0, 0], edges[0, 1], edges[0, 2], edges[1, 0], edges[1, 1], edges[1, 2],
    )  # fmt: skip
    per_gap = 1.0 / gap
    for i in range(LANES):
        x[i] += 0.5 * dt[i] * u[i]
        y[i] += 0.5 * dt[i] * v[i]
        z[i] += 0.5 * dt[i] * w[i]
    for _ in range(steps):
        for i in range(LANES):
            before = middle_x * x[i] + middle_z * z[i] + middle_0 < 0.0
            normal_x = in_x if before else out_x
            normal_z = in_z if before else out_z
            s = (normal_x * x[i] + normal_z * z[i] + (in_0 if before else out_0)) * per_gap
            s = min(max(s, _NEAR), _FAR)
            share = _sigmoid(_exponent(s))
            slope = -share * (1.0 - share) * _rise(s) * per_gap
            half = 0.5 * dt[i] * rate[i]
            push_x = half * plate * (share + x[i] * slope * normal_x)
            push_z = half * plate * x[i] * slope * normal_z
            h = half * turn
            bx, by, bz = h * y[i] * slope * normal_x, h * share, h * y[i] * slope * normal_z
            square = bx * bx + by * by + bz * bz
            t = 2.0 - 2.0 * square  # 2 / (1 + square), by one step of Newton's iteration: to square^4
            t *= 2.0 - 0.5 * t * (1.0 + square)
            u0, v0, w0 = u[i] + push_x, v[i], w[i] + push_z
            u1 = u0 + v0 * bz - w0 * by
            v1 = v0 + w0 * bx - u0 * bz
            w1 = w0 + u0 * by - v0 * bx
            u[i] = u0 + t * (v1 * bz - w1 * by) + push_x
            v[i] = v0 + t * (w1 * bx - u1 * bz)
            w[i] = w0 + t * (u1 * by - v1 * bx) + push_z
            wide[i] = max(wide[i], abs(x[i] if plate != 0.0 else y[i]) * share)
            x[i] += dt[i] * u[i]
            y[i] += dt[i] * v[i]
            z[i] += dt[i] * w[i]
    for i in range(LANES):
        x[i] -= 0.5 * dt[i] * u[i]
        y[i] -= 0.5 * dt[i] * v[i]
        z[i] -= 0.5 * dt[i] * w[i]


# ---- one element over one block ----------------------------------------------------------------------


@njit(**_JIT)
def _geometry(row: Array) -> tuple[float, float, float, float]:
    """Offset of the axis from the origin of X, angle turned, length of the axis, place of the exit along Z."""
    if int(row[KIND]) == WIEN:
        return 0.0, 0.0, row[LENGTH], row[LENGTH]
    return row[LENGTH], row[ANGLE], row[LENGTH] * row[ANGLE], 0.0


@njit(**_JIT)
def _edges(row: Array) -> Array:
    """Outward normals and offsets of entrance and exit, and of the plane between them, (3, 3)."""
    offset, angle, _, along = _geometry(row)
    found = np.empty((3, 3))
    found[0, 0], found[0, 1] = math.sin(row[EDGE_IN]), -math.cos(row[EDGE_IN])
    found[0, 2] = -offset * math.sin(row[EDGE_IN])
    leaving = angle - row[EDGE_OUT]
    found[1, 0], found[1, 1] = -math.sin(leaving), math.cos(leaving)
    found[1, 2] = -offset * math.sin(row[EDGE_OUT]) - along
    found[2, 0], found[2, 1], found[2, 2] = -math.sin(0.5 * angle), math.cos(0.5 * angle), -0.5 * along
    return found


@njit(**_JIT)
def _to_plane(work: Array, across: float, along: float, offset: float) -> None:
    """Straight on or back to the plane across X + along Z + offset = 0."""
    x, y, z, u, v, w = work[_X], work[_Y], work[_Z], work[_U], work[_V], work[_W]
    for i in range(LANES):
        time = -(across * x[i] + along * z[i] + offset) / (across * u[i] + along * w[i])
        x[i] += time * u[i]
        y[i] += time * v[i]
        z[i] += time * w[i]


@njit(**_JIT)
def _cross_face(work: Array, across: float, along: float, turn: float) -> None:
    """Kick upwards by the field in a pole face, y dB/ds along the normal, which acts at once; the speed is kept."""
    y, u, v, w, rate = work[_Y], work[_U], work[_V], work[_W], work[_RATE]
    for i in range(LANES):
        normal = across * u[i] + along * w[i]
        tangent = along * u[i] - across * w[i]
        up = v[i] + rate[i] * turn * y[i] * tangent / abs(normal)
        level = u[i] * u[i] + w[i] * w[i]
        slower = math.sqrt((level + v[i] * v[i] - up * up) / level)
        u[i] *= slower
        v[i] = up
        w[i] *= slower


@njit(**_JIT)
def _step(work: Array, kind: int, offset: float, sign: float) -> None:
    """Cross the potential at an edge (sign +1 inwards, -1 outwards) at Z = 0; only the velocity along Z changes."""
    x, w, rate = work[_X], work[_W], work[_RATE]
    for i in range(LANES):
        potential = _log_square((x[i] / offset) ** 2) if kind == ELECTRIC else -x[i] / offset
        w[i] = math.sqrt(w[i] * w[i] - sign * 2.0 * potential * rate[i])


@njit(**_JIT)
def _turn(work: Array, co: float, si: float, along: float) -> None:
    """Go over to axes turned with the axis of the beam."""
    x, z, u, w = work[_X], work[_Z], work[_U], work[_W]
    for i in range(LANES):
        x[i], z[i] = co * x[i] + si * z[i], co * z[i] - si * x[i] - along
        u[i], w[i] = co * u[i] + si * w[i], co * w[i] - si * u[i]


@njit(**_JIT)
def _shift(work: Array, by: float, sense: float) -> None:
    """Mirror and move the origin of X: from the axis (by > 0) or back to it."""
    x, u = work[_X], work[_U]
    for i in range(LANES):
        x[i] = sense * x[i] + by
        u[i] *= sense


@njit(**_JIT)
def _time(work: Array, path: float, steps: int) -> None:
    """Step of each ion so that it flies a path in a number of steps."""
    rate, d, dt = work[_RATE], work[_D], work[_DT]
    for i in range(LANES):
        dt[i] = path / steps / math.sqrt((1.0 + d[i]) * rate[i])


@njit(**_JIT)
def _hard(work: Array, row: Array, steps: int) -> None:
    """Fly through an element with hard edges, from entrance plane to exit plane."""
    kind = int(row[KIND])
    offset, angle, path, along = _geometry(row)
    turn = 0.0 if kind == ELECTRIC else (row[ANGLE] / row[LENGTH] if kind == WIEN else 1.0 / offset)
    across = offset if kind == ELECTRIC else (1.0 / turn)
    edges, co, si = _edges(row), math.cos(angle), math.sin(angle)
    _to_plane(work, edges[0, 0], edges[0, 1], edges[0, 2])
    if kind == MAGNETIC:
        _cross_face(work, edges[0, 0], edges[0, 1], turn)
    else:
        _step(work, kind, across, 1.0)
    x, z, y, u, v, w, dt = work[_X], work[_Z], work[_Y], work[_U], work[_V], work[_W], work[_DT]
    start = y.copy()
    _time(work, path, steps)
    for i in range(LANES):
        y[i] = steps * dt[i]  # the time, until the end of the element
    _push_hard(work, kind, turn, steps)
    normal_x, normal_z, normal_0 = edges[1, 0], edges[1, 1], edges[1, 2]
    for landing in range(1 + _LANDINGS):
        pushes = 1 if landing else _REST
        for i in range(LANES):
            distance = normal_x * x[i] + normal_z * z[i] + normal_0
            dt[i] = -distance / (normal_x * u[i] + normal_z * w[i]) / pushes
            y[i] += pushes * dt[i]
        _push_hard(work, kind, turn, pushes)
    for i in range(LANES):
        y[i] = start[i] + v[i] * y[i]
    if kind == MAGNETIC:
        _cross_face(work, normal_x, normal_z, turn)
    _turn(work, co, si, along)
    if kind != MAGNETIC:
        _step(work, kind, across, -1.0)
    _to_plane(work, 0.0, 1.0, 0.0)


@njit(**_JIT)
def _soft(work: Array, row: Array, steps: int) -> None:
    """Fly through an element with its fringes, from entrance plane to exit plane; straight beyond the fringes."""
    kind, gap = int(row[KIND]), row[GAP]
    offset, angle, path, along = _geometry(row)
    edges, co, si = _edges(row), math.cos(angle), math.sin(angle)
    _to_plane(work, 0.0, 1.0, REACH * gap)
    _time(work, path * (1.0 + _SLACK) + 2.0 * REACH * gap, steps)
    work[_WIDE] = 0.0
    if kind == ELECTRIC:
        _push_electric_fringe(work, edges, offset, gap, steps)
        y, v, dt = work[_Y], work[_V], work[_DT]
        for i in range(LANES):
            y[i] += steps * dt[i] * v[i]
    elif kind == MAGNETIC:
        _push_magnetic_fringe(work, edges, 1.0 / offset, 0.0, gap, steps)
    else:
        strength = row[ANGLE] / row[LENGTH]
        _push_magnetic_fringe(work, edges, strength, strength, gap, steps)
    _turn(work, co, si, along)
    z, w = work[_Z], work[_W]
    for i in range(LANES):
        if not z[i] > _FAR * gap:
            w[i] = math.nan  # it did not come out of the field
    _to_plane(work, 0.0, 1.0, 0.0)


@njit(**_JIT)
def _wall(place: Array, half: float, lost: Array, number: float) -> None:
    for i in range(LANES):
        lost[i] = number if (lost[i] == 0.0) & ~(abs(place[i]) <= half) else lost[i]


@njit(**_JIT)
def _pass(work: Array, row: Array, steps: int, soft: bool, number: float) -> None:
    """One element, with its walls."""
    kind, half, lost = int(row[KIND]), 0.5 * row[GAP], work[_LOST]
    if kind == DRIFT:
        _to_plane(work, 0.0, 1.0, -row[LENGTH])
        work[_Z] = 0.0
    elif kind == SLIT:
        _wall(work[_X], row[HALF_WIDTH], lost, number)
    else:
        place = work[_Y] if kind == MAGNETIC else work[_X]
        _wall(place, half, lost, number)
        offset = _geometry(row)[0]
        _shift(work, offset, row[SENSE])
        if soft:
            _soft(work, row, steps)
            across = half if kind != ELECTRIC else (2.0 * half + half * half / offset) / offset
            _wall(work[_WIDE], across, lost, number)
        else:
            _hard(work, row, steps)
        _shift(work, -row[SENSE] * offset, row[SENSE])
        _wall(place, half, lost, number)
        work[_Z] = 0.0
    _wall(work[_X], math.inf, lost, number)  # turned back: no number any more
    _wall(work[_W], math.inf, lost, number)


@njit(**_JIT)
def _push(
    table: Array, rays: Array, steps: NDArray[np.int64], soft: bool, image: Array, lost: NDArray[np.int64]
) -> None:
    """Pass ions through all elements, block by block.

    Parameters
    ----------
    table : ndarray
        (n_elements, COLUMNS) [m, rad].
    rays : ndarray
        (6, n_ions): x [m], y [m], velocity across, up and along [over that of the reference ion], 1 / (1 + g) [-].
    steps : ndarray
        (n_elements,), pushes in each element [-].
    soft : bool
        Whether elements have fringes, of the scale of their gaps.
    image : ndarray
        (5, n_ions), takes x [m], y [m] and the velocity [-] at the last plane.
    lost : ndarray
        (n_ions,), takes the number of the element [-] in which an ion was lost, or 0.
    """
    work = np.empty((_ROWS, LANES))
    n = rays.shape[1]
    kept = (_X, _Y, _U, _V, _W, _RATE)
    for first in range(0, n, LANES):
        last = min(first + LANES, n)
        work[:] = 0.0
        work[_W] = 1.0
        work[_RATE] = 1.0
        for j in range(6):
            work[kept[j], : last - first] = rays[j][first:last]
        for i in range(LANES):
            speed = work[_U, i] ** 2 + work[_V, i] ** 2 + work[_W, i] ** 2
            work[_D, i] = speed / work[_RATE, i] - 1.0
        for k in range(table.shape[0]):
            _pass(work, table[k], steps[k], soft, k + 1.0)
        for j in range(5):
            image[j][first:last] = work[kept[j], : last - first]
        for i in range(last - first):
            lost[first + i] = int(work[_LOST, i])


# ---- for users --------------------------------------------------------------------------------------------


def _finite(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return finite numbers of a shape."""
    try:
        found = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers of the shape {shape}") from None
    if found.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, and not {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite")
    return found


def push_uniform(
    state: Array, ratio: ArrayLike, electric: ArrayLike, magnetic: ArrayLike, dt: float, steps: int
) -> None:
    """Push ions through uniform fields, in place.

    Parameters
    ----------
    state : ndarray
        (6, n_ions): position [m] and velocity [m/s] along three axes; changed. A contiguous array of float64.
    ratio : array_like
        (n_ions,), charge over mass [C/kg].
    electric : array_like
        (3,) field [V/m].
    magnetic : array_like
        (3,) field [T].
    dt : float
        Step [s]; below 0 ions fly back.
    steps : int
        Number of steps [-].

    Raises
    ------
    ValueError
        If an argument is not as it is documented; it is named.

    Examples
    --------
    A proton at 1e5 m/s in 1 T turns once in 65.6 ns, on a circle of 2.09 mm diameter:

    >>> proton, field = [9.5788e7], [0.0, 0.0, 1.0]
    >>> state = np.array([[0.0], [0.0], [0.0], [1e5], [0.0], [0.0]])
    >>> push_uniform(state, proton, [0.0, 0.0, 0.0], field, math.pi / 9.5788e7 / 500, 500)  # half a turn
    >>> (state[:2, 0] * 1e3).round(2) + 0.0  # mm
    array([ 0.  , -2.09])
    """
    if not isinstance(state, np.ndarray) or state.dtype != np.float64 or state.ndim != 2 or state.shape[0] != 6:
        raise ValueError("state must be an array of float64 of the shape (6, n_ions)")
    if not (state.flags.c_contiguous and state.flags.writeable):
        raise ValueError("state must be contiguous in memory and writeable, as it is changed in place")
    if not isinstance(steps, int | np.integer) or steps < 0:
        raise ValueError(f"steps must be a whole number of at least 0, and not {steps}")
    rates = _finite("ratio", ratio, state.shape[1:])
    fields = _finite("electric", electric, (3,)), _finite("magnetic", magnetic, (3,))
    _push_uniform(state, rates, *fields, float(_finite("dt", [dt], (1,))[0]), steps)


def _elements(table: ArrayLike) -> Array:
    """Return rows of elements of known kinds."""
    try:
        rows = np.ascontiguousarray(table, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("table must be rows of `element`") from None
    if rows.ndim != 2 or rows.shape[1] != COLUMNS:
        raise ValueError(f"table must have the shape (n_elements, {COLUMNS}), rows of `element`, and not {rows.shape}")
    for number, kind in enumerate(rows[:, KIND], 1):
        if kind not in (DRIFT, ELECTRIC, MAGNETIC, WIEN, SLIT):
            raise ValueError(f"element {number}: kind must be one of `element` (0 to 4), and not {kind:g}")
    return rows


def pushes(table: ArrayLike, *, soft: bool, refine: float = 1.0) -> NDArray[np.int64]:
    """Return the number of pushes for each element: PER_RADIUS to a radius, and PER_GAP to a gap where it has fringes.

    Parameters
    ----------
    table : array_like
        (n_elements, COLUMNS) [m, rad].
    soft : bool
        Whether elements have fringes.
    refine : float
        Factor of the number of pushes [-].

    Returns
    -------
    ndarray
        (n_elements,) [-]; 0 where there is no field.

    Examples
    --------
    >>> magnet = [MAGNETIC, 0.3, 1.0, 0, 0, 0, 1, 0.003, 0, 0, 0]
    >>> pushes([magnet], soft=False).tolist(), pushes([magnet], soft=True).tolist()
    ([500], [1130])
    """
    found = []
    for row in _elements(table):
        kind = int(row[KIND])
        if kind in (DRIFT, SLIT):
            found.append(0)
            continue
        path = row[LENGTH] if kind == WIEN else row[LENGTH] * row[ANGLE]
        step = (row[LENGTH] / row[ANGLE] if kind == WIEN else row[LENGTH]) / PER_RADIUS
        if soft:
            step = min(step, row[GAP] / PER_GAP)
            path = path * (1.0 + _SLACK) + 2.0 * REACH * row[GAP]
        found.append(math.ceil(path / step * refine - 1e-9))
    return np.array(found, dtype=np.int64)


def problems(table: ArrayLike, *, soft: bool) -> list[str]:
    """Return what these pushes cannot do with a row of elements.

    Parameters
    ----------
    table : array_like
        (n_elements, COLUMNS) [m, rad].
    soft : bool
        Whether elements have fringes.

    Returns
    -------
    list of str
        Empty if nothing.

    Examples
    --------
    >>> sphere = [ELECTRIC, 0.3, 1.0, 0, 0, 1.0, 1, 0.003, 0, 0, 0]
    >>> problems([sphere], soft=False)
    ['element 1: only cylinders and uniform magnets are pushed, its index is 1; use the exact map']
    """
    found = []
    free, last = math.inf, 0.0
    for number, row in enumerate(_elements(table), 1):
        kind = int(row[KIND])
        if kind == DRIFT:
            free += row[LENGTH]
        if kind in (DRIFT, SLIT):
            continue
        if row[INDEX] != 0.0:
            found.append(
                f"element {number}: only cylinders and uniform magnets are pushed, its index is {row[INDEX]:g}; "
                "use the exact map"
            )
        if not soft:
            continue
        gap = row[GAP]
        if math.isinf(gap):
            found.append(
                f"element {number}: its fringes have no scale; give the element a gap_mm "
                "(designs: electric_gap_mm, magnet_gap_mm or gap_mm), or fly with hard edges"
            )
            free, last = 0.0, 0.0
            continue
        path = row[LENGTH] if kind == WIEN else row[LENGTH] * row[ANGLE]
        if not path > 2.0 * REACH * gap:
            found.append(f"element {number}: shorter than {2.0 * REACH:g} gaps, its fringes overlap; narrow the gap")
        elif free < REACH * (last + gap):
            found.append(
                f"element {number}: {free:g} m from the one before, fringes overlap below {REACH * (last + gap):g} m; "
                "narrow the gaps"
            )
        free, last = 0.0, gap
    return found


def push_ions(
    table: ArrayLike,
    x: ArrayLike,
    a: ArrayLike,
    y: ArrayLike = 0.0,
    b: ArrayLike = 0.0,
    d: ArrayLike = 0.0,
    g: ArrayLike = 0.0,
    *,
    soft: bool,
    refine: float = 1.0,
) -> PushedImage:
    """Return where ions arrive behind a row of elements, by pushes.

    Parameters
    ----------
    table : array_like
        (n_elements, COLUMNS) [m, rad]; fringes need finite gaps.
    x : array_like
        (n_ions,) or scalar, start beside the axis [m].
    a : array_like
        Angle to the axis within the bending plane [rad].
    y : array_like
        Start above the bending plane [m].
    b : array_like
        Angle to the bending plane [rad].
    d, g : array_like
        Relative excess of energy per charge and of mass per charge [-].
    soft : bool
        With fringe fields, or with hard edges.
    refine : float
        Factor of the number of pushes [-].

    Returns
    -------
    PushedImage
        Positions and angles at the last plane, error of the energy, and where ions were lost.

    Raises
    ------
    ValueError
        With the `problems` of the table, or if it is no table of elements.

    Examples
    --------
    >>> drift = [DRIFT, 0.3, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    >>> magnet = [MAGNETIC, 0.3, math.pi / 2, 0, 0, 0, 1, math.inf, 0, 0, 0]
    >>> round(float(push_ions([drift, magnet, drift], 1e-6, 0.0, soft=False).x[0] * 1e6), 3)
    -1.0
    """
    table = _elements(table)
    found = problems(table, soft=soft)
    if found:
        raise ValueError("; ".join(found))
    x, a, y, b, d, g = (
        np.asarray(v, dtype=np.float64) for v in np.broadcast_arrays(*map(np.atleast_1d, (x, a, y, b, d, g)))
    )
    rate = 1.0 / (1.0 + g)
    speed = np.sqrt((1.0 + d) * rate)
    level = speed * np.cos(b)
    rays = np.array([x, y, level * np.sin(a), speed * np.sin(b), level * np.cos(a), rate])
    found_at, lost = np.empty((5, x.size)), np.empty(x.size, dtype=np.int64)
    _push(table, rays, pushes(table, soft=soft, refine=refine), soft, found_at, lost)
    x, y, u, v, w = np.where(lost > 0, math.nan, found_at)
    return PushedImage(
        x, np.arctan2(u, w), y, np.arctan2(v, np.hypot(u, w)), (u * u + v * v + w * w) / speed**2 - 1.0, lost
    )
