"""Exact map of many ions through a row of drifts, sectors, Wien filters and slits with hard edges.

A ray at a plane across the axis: x [m] to the left of the flight, a [rad] the angle of its projection into the bending
plane, y [m] up, b [rad] its angle to the bending plane. d is the relative excess of energy per charge, g that of
mass per charge; nothing else of an ion matters. A sector of sense +1 bends to the right, so that +x is outward; one of
sense -1 is its mirror image. Lengths are divided by the radius r of the axis, energies by twice that of the
reference ion; e is twice the energy of the motion in the bending plane.

Electric sector, c = r / (vertical radius of the middle surface): cylinder 0, sphere 1. The field on the middle plane
is (1 + w)^-(1 + c) with w = x / r, the potential

    phi(w) = [1 - (1 + w)^-c] / c        (ln(1 + w) where c = 0)

At either edge an ion passes phi at once: its radial velocity stays, the longitudinal one changes. With h the angular
momentum and u = 1 / (1 + w), the orbit against the angle is

    u'' = -u + u^(c - 1) / h^2

linear for a sphere, and nearly an oscillator of wave number k = sqrt(2 - c) about u = 1 + (1 / h^2 - 1) / k^2 for
all. The oscillator is rotated exactly; the rest, of second order, is added in kicks by the symmetric scheme
ABA(8,6,4), 7 kicks per step. Error over 90 degrees of a cylinder, of r: 1e-9 in one step, 5e-13 in two for a ray of
x = 1e-3 r, a = 2 mrad; 2e-8 and 3e-11 at x = 0.01 r, a = 10 mrad.

Magnetic sector: arcs of circles between straight pole faces, tilted by edge angles, in closed form. A field
B = (1 + w)^-n turns the arc of the uniform field into the part that is exact, and the difference into kicks.

Wien filter: the cycloid in closed form; the time of flight through it by Newton's iteration.

Vertical motion is exact in drifts, cylinders, uniform magnets without tilted faces and Wien filters. Elsewhere
(c, n, tilted faces) it is of first order, and its effect of second order on x is left out, as is the index within
the wedge of a tilted face beyond second order.

An ion is lost in the first element in which abs(x) (electrodes, slits) or abs(y) (poles) exceeds the half gap, or
that turns it back. Electrodes are tested at the ends and at each kick, poles at the ends.

Layout: blocks of `LANES` ions, ions innermost; an ion's result does not depend on the others.

Sources: Wollnik, Optics of Charged Particles (1987), chapters 2 to 4 (sectors, edges); Blanes, Casas, Farres, Laskar,
Makazaga, Murua, Appl. Numer. Math. 68 (2013) 58 (ABA(8,6,4)).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]

DRIFT, ELECTRIC, MAGNETIC, WIEN, SLIT = range(5)  # kind of an element
# Columns of a table of elements. Lengths [m], angles [rad]; no wall: GAP or HALF_WIDTH inf. PSI: what the extent of
# the fringe field takes off the vertical focusing of a tilted face.
KIND, LENGTH, ANGLE, EDGE_IN, EDGE_OUT, INDEX, SENSE, GAP, HALF_WIDTH, PSI_IN, PSI_OUT = range(11)
COLUMNS = 11
_FINITE = {
    "angle": ANGLE,
    "edge_in": EDGE_IN,
    "edge_out": EDGE_OUT,
    "index": INDEX,
    "psi_in": PSI_IN,
    "psi_out": PSI_OUT,
}
_WALLS = {"gap": GAP, "half_width": HALF_WIDTH}

LANES = 512
STEPS = 2  # of a sector, unless told
_X, _S, _Y, _T, _E, _M, _LOST, _Z, _P, _H, _Q, _R, _WIDE, _MID = range(
    14
)  # rows of the work space; _Z and after: scratch
_ROWS = 14

_A1, _A2, _A3, _A4 = 0.0711334264982231178, 0.241153427956640099, 0.521411761772814789, -0.333698616227678006
_B1, _B2, _B3, _B4 = 0.183083687472197222, 0.310782859898574870, -0.0265646185119588006, 0.0653961422823734184
DRIFTS = (_A1, _A2, _A3, _A4, _A4, _A3, _A2, _A1)
KICKS = (_B1, _B2, _B3, _B4, _B3, _B2, _B1)

_NEWTON = 5  # iterations of the time through a Wien filter

_JIT = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": {"contract"}}


class Image(NamedTuple):
    """Rays at the last plane.

    Examples
    --------
    >>> Image([0.0], [0.0], [0.0], [0.0], [1]).lost  # in the first element
    [1]
    """

    x: Array  # (n_ions,) [m]; nan for ions that were lost, as in all columns
    a: Array  # (n_ions,) [rad]
    y: Array  # (n_ions,) [m]
    b: Array  # (n_ions,) [rad]
    lost: NDArray[np.int64]  # (n_ions,), 0: arrived; i: lost in the i-th element, counted from 1


def element(
    kind: int,
    length: float = 0.0,
    angle: float = 0.0,
    *,
    edge_in: float = 0.0,
    edge_out: float = 0.0,
    index: float = 0.0,
    sense: float = 1.0,
    gap: float = math.inf,
    half_width: float = math.inf,
    psi_in: float = 0.0,
    psi_out: float = 0.0,
) -> Array:
    """Return a row of the table of elements.

    Parameters
    ----------
    kind : int
        DRIFT, ELECTRIC, MAGNETIC, WIEN or SLIT.
    length : float
        Length of a drift or Wien filter, radius of the axis in a sector [m].
    angle : float
        Angle of a sector [rad]; of a Wien filter, length over the radius of its magnetic field alone [rad].
    edge_in, edge_out : float
        Tilt of the pole faces [rad]; positive shortens the outer paths.
    index : float
        Ratio c of the radii of electrodes, or field index n of a magnet [-].
    sense : float
        +1 bends to the right, -1 to the left [-].
    gap : float
        Distance of electrodes (across x) or poles (across y) [m].
    half_width : float
        Half the width of a slit [m].
    psi_in, psi_out : float
        What the fringe field takes off the tilt in the vertical focusing of a face [rad].

    Returns
    -------
    ndarray
        (COLUMNS,) [m, rad].

    Raises
    ------
    ValueError
        If an argument is not as it is documented; it is named.

    Examples
    --------
    >>> element(DRIFT, 0.5)[LENGTH]
    np.float64(0.5)
    """
    row = np.array(
        [kind, length, angle, edge_in, edge_out, index, sense, gap, half_width, psi_in, psi_out], dtype=np.float64
    )
    if found := _faults(row):
        raise ValueError("; ".join(found))
    return row


def _faults(row: Array) -> list[str]:
    """Return what is wrong with a row of the table of elements."""
    kind, length = row[KIND], row[LENGTH]
    if kind not in (DRIFT, ELECTRIC, MAGNETIC, WIEN, SLIT):
        return [f"kind must be DRIFT, ELECTRIC, MAGNETIC, WIEN or SLIT (0 to 4), and not {kind:g}"]
    bends = kind in (ELECTRIC, MAGNETIC, WIEN)
    found = []
    if not (0.0 <= length < math.inf and (length > 0.0 or not bends)):
        found.append(f"length must be finite and {'above' if bends else 'at least'} 0, and not {length:g}")
    if bends and abs(row[SENSE]) != 1.0:
        found.append(f"sense must be 1 or -1, and not {row[SENSE]:g}")
    for name, column in _FINITE.items():
        if not math.isfinite(row[column]):
            found.append(f"{name} must be finite, and not {row[column]:g}")
    for name, column in _WALLS.items():
        if not row[column] >= 0.0:
            found.append(f"{name} must be at least 0, and not {row[column]:g}")
    return found


def _elements(table: ArrayLike) -> Array:
    """Return a table of elements that the map can follow."""
    try:
        rows = np.ascontiguousarray(table, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("table must be rows of `element`") from None
    if rows.ndim != 2 or rows.shape[1] != COLUMNS:
        raise ValueError(f"table must have the shape (n_elements, {COLUMNS}), rows of `element`, and not {rows.shape}")
    found = [f"element {number}: {fault}" for number, row in enumerate(rows, 1) for fault in _faults(row)]
    if found:
        raise ValueError("; ".join(found))
    return rows


def _count(name: str, value: int) -> int:
    """Return a whole number of at least 1."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, and not {value}")
    return int(value)


# ---- elementary functions whose loops vectorise ---------------------------------------------------


@njit(**_JIT)
def _sine(a: float) -> float:
    """sin(a), to round-off for abs(a) <= 1.5."""
    q = a * a
    p = 1.0 - q * (1 / 420) * (1.0 - q * (1 / 506))
    p = 1.0 - q * (1 / 342) * p
    p = 1.0 - q * (1 / 272) * p
    p = 1.0 - q * (1 / 210) * p
    p = 1.0 - q * (1 / 156) * p
    p = 1.0 - q * (1 / 110) * p
    p = 1.0 - q * (1 / 72) * p
    p = 1.0 - q * (1 / 42) * p
    p = 1.0 - q * (1 / 20) * p
    return a * (1.0 - q * (1 / 6) * p)


@njit(**_JIT)
def _arcsine(s: float) -> float:
    """asin(s) from the series at half the angle; to round-off for abs(s) <= 0.6, to 1e-10 at 0.9."""
    h = s / math.sqrt(2.0 + 2.0 * math.sqrt(1.0 - s * s))
    q = h * h
    p = 1.0 + q * (27 * 27 / (28.0 * 29.0))
    p = 1.0 + q * (25 * 25 / (26.0 * 27.0)) * p
    p = 1.0 + q * (23 * 23 / (24.0 * 25.0)) * p
    p = 1.0 + q * (21 * 21 / (22.0 * 23.0)) * p
    p = 1.0 + q * (19 * 19 / (20.0 * 21.0)) * p
    p = 1.0 + q * (17 * 17 / (18.0 * 19.0)) * p
    p = 1.0 + q * (15 * 15 / (16.0 * 17.0)) * p
    p = 1.0 + q * (13 * 13 / (14.0 * 15.0)) * p
    p = 1.0 + q * (11 * 11 / (12.0 * 13.0)) * p
    p = 1.0 + q * (9 * 9 / (10.0 * 11.0)) * p
    p = 1.0 + q * (7 * 7 / (8.0 * 9.0)) * p
    p = 1.0 + q * (5 * 5 / (6.0 * 7.0)) * p
    p = 1.0 + q * (3 * 3 / (4.0 * 5.0)) * p
    return 2.0 * h * (1.0 + q * (1 / 6) * p)


@njit(**_JIT)
def _log(w: float) -> float:
    """ln(1 + w), to round-off for -0.3 <= w <= 0.45."""
    v = w / (2.0 + w)
    q = v * v
    p = 1 / 11 + q * (1 / 13 + q * (1 / 15 + q * (1 / 17 + q * (1 / 19))))
    return 2.0 * v * (1.0 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * p)))))


@njit(**_JIT)
def _exprel(z: float) -> float:
    """(exp(z) - 1) / z, to round-off for abs(z) <= 0.5."""
    p = 1.0 + z * (1 / 13)
    p = 1.0 + z * (1 / 12) * p
    p = 1.0 + z * (1 / 11) * p
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
def _excess(w: float, n: float) -> float:
    """(1 + w)^-n - 1."""
    z = -n * _log(w)
    return z * _exprel(z)


# ---- elements, each over one block ------------------------------------------------------------------


@njit(**_JIT)
def _lose(work: Array, number: float) -> None:
    """Note ions whose coordinates are no numbers any more."""
    x, s, lost = work[_X], work[_S], work[_LOST]
    for i in range(LANES):
        lost[i] = number if (lost[i] == 0.0) & ~((abs(x[i]) < math.inf) & (abs(s[i]) < 1.0)) else lost[i]


@njit(**_JIT)
def _wall(place: Array, half: float, lost: Array, number: float) -> None:
    """Lose ions further than half [m] from the axis."""
    for i in range(LANES):
        lost[i] = number if (lost[i] == 0.0) & ~(abs(place[i]) <= half) else lost[i]


@njit(**_JIT)
def _mirror(work: Array, sense: float) -> None:
    x, s = work[_X], work[_S]
    for i in range(LANES):
        x[i] *= sense
        s[i] *= sense


@njit(**_JIT)
def _drift(work: Array, length: float) -> None:
    x, s, y, t = work[_X], work[_S], work[_Y], work[_T]
    for i in range(LANES):
        path = length / math.sqrt(1.0 - s[i] * s[i])
        x[i] += s[i] * path
        y[i] += t[i] * path


@njit(**_JIT)
def _focus_vertically(work: Array, squared: float, angle: float, radius: float) -> None:
    """Paraxial map of y'' = -squared y over an angle; the energy of the motion in the bending plane follows."""
    k = math.sqrt(abs(squared))
    if squared > 0.0:
        co, si = math.cos(k * angle), math.sin(k * angle) / k
    elif squared < 0.0:
        co, si = math.cosh(k * angle), math.sinh(k * angle) / k
    else:
        co, si = 1.0, angle
    y, t, e = work[_Y], work[_T], work[_E]
    for i in range(LANES):
        steep = co * t[i] - squared * si / radius * y[i]
        y[i] = co * y[i] + si * radius * t[i]
        e[i] *= (1.0 + t[i] * t[i]) / (1.0 + steep * steep)
        t[i] = steep


@njit(**_JIT)
def _enter_electric(work: Array, radius: float, c: float) -> None:
    """Cross the potential at the edge, and go over to u less that of the middle of the oscillation, and du/dtheta."""
    x, s, t, e = work[_X], work[_S], work[_T], work[_E]
    z, p, h, rise, back, mid = work[_Z], work[_P], work[_H], work[_Q], work[_R], work[_MID]
    for i in range(LANES):
        w = x[i] / radius
        depth = _log(w)
        potential = depth if c == 0.0 else depth * _exprel(-c * depth)
        speed = math.sqrt(e[i])
        momentum = (1.0 + w) * math.sqrt(e[i] * (1.0 - s[i] * s[i]) - 2.0 * potential)
        inverse = 1.0 / momentum
        h[i] = inverse * inverse
        mid[i] = (h[i] - 1.0) / (2.0 - c)
        z[i] = -w / (1.0 + w) - mid[i]
        p[i] = -s[i] * speed * inverse
        rise[i] = radius * t[i] * speed * inverse
        back[i] = momentum / speed


@njit(**_JIT)
def _rotate(z: Array, p: Array, co: float, si: float, k: float) -> None:
    ahead, behind = si / k, -si * k
    for i in range(LANES):
        before = z[i]
        z[i] = co * before + ahead * p[i]
        p[i] = behind * before + co * p[i]


@njit(**_JIT)
def _kick_cylinder(work: Array, length: float) -> None:
    z, p, h, rise, y, wide, mid = work[_Z], work[_P], work[_H], work[_Q], work[_Y], work[_WIDE], work[_MID]
    for i in range(LANES):
        place = z[i] + mid[i]
        r = 1.0 / (1.0 + place)
        p[i] += length * place * (1.0 - h[i] * r)
        y[i] += length * rise[i] * r * r
        wide[i] = max(wide[i], abs(r - 1.0))


@njit(**_JIT)
def _kick_torus(work: Array, length: float, c: float) -> None:
    z, p, h, wide, mid = work[_Z], work[_P], work[_H], work[_WIDE], work[_MID]
    for i in range(LANES):
        place = z[i] + mid[i]
        p[i] += length * ((1.0 - c) * place + h[i] * _excess(place, 1.0 - c))
        wide[i] = max(wide[i], abs(1.0 / (1.0 + place) - 1.0))


@njit(**_JIT)
def _leave_electric(work: Array, radius: float) -> None:
    x, s, z, p, back, mid = work[_X], work[_S], work[_Z], work[_P], work[_R], work[_MID]
    for i in range(LANES):
        place = z[i] + mid[i]
        x[i] = -radius * place / (1.0 + place)
        s[i] = -p[i] * back[i]


@njit(**_JIT)
def _electric(work: Array, row: Array, turns: Array, steps: int) -> None:
    radius, angle, c = row[LENGTH], row[ANGLE], row[INDEX]
    _enter_electric(work, radius, c)
    if c != 0.0:
        _focus_vertically(work, c, angle, radius)
    k, z, p = math.sqrt(2.0 - c), work[_Z], work[_P]
    work[_WIDE] = 0.0
    for _ in range(steps):
        for j in range(7):
            _rotate(z, p, turns[j, 0], turns[j, 1], k)
            if c == 0.0:
                _kick_cylinder(work, KICKS[j] * angle / steps)
            else:
                _kick_torus(work, KICKS[j] * angle / steps, c)
        _rotate(z, p, turns[7, 0], turns[7, 1], k)
    _leave_electric(work, radius)


@njit(**_JIT)
def _focus_face(work: Array, radius: float, edge: float, psi: float, n: float, side: float) -> None:
    """Thin vertical lens of a pole face, by the angle of incidence; side is +1 at the entrance, -1 at the exit."""
    tilt, soft = math.tan(edge), math.tan(edge - psi)
    x, s, y, t, e, m = work[_X], work[_S], work[_Y], work[_T], work[_E], work[_M]
    for i in range(LANES):
        c = math.sqrt(1.0 - s[i] * s[i])
        path = side * x[i] * tilt / (c - side * s[i] * tilt)  # from the plane across the axis to the face
        tangent = (soft * c + side * s[i]) / (c - side * s[i] * soft)
        height = y[i] + t[i] * path
        field = 1.0 if n == 0.0 else 1.0 + _excess((x[i] + s[i] * path) / radius, n)
        steep = t[i] - height * field * tangent / (radius * math.sqrt(e[i] * m[i]))
        y[i] = height - steep * path
        e[i] *= (1.0 + t[i] * t[i]) / (1.0 + steep * steep)
        t[i] = steep


@njit(**_JIT)
def _arc(work: Array, radius: float, angle: float, edge_in: float, edge_out: float) -> None:
    """Straight to the entrance face, along a circle to the exit face, straight on to the exit plane."""
    x, s, y, t, e, m = work[_X], work[_S], work[_Y], work[_T], work[_E], work[_M]
    co, si = math.cos(angle), math.sin(angle)
    tan_in, tan_out = math.tan(edge_in), math.tan(edge_out)
    cos_out, sin_out = math.cos(edge_out), math.sin(edge_out)
    for i in range(LANES):
        w, s0 = x[i] / radius, s[i]
        c0 = math.sqrt(1.0 - s0 * s0)
        to_face = w * tan_in / (c0 - s0 * tan_in)
        rho = math.sqrt(e[i] * m[i])
        across = 1.0 + w + s0 * to_face - rho * c0  # centre of the orbit, from that of the sector
        along = c0 * to_face + rho * s0
        ahead, aside = along * co - across * si, across * co + along * si
        tilted = (ahead + tan_out * (aside - 1.0)) * cos_out / rho  # sine of the angle to the normal of the face
        upright = math.sqrt(1.0 - tilted * tilted)
        s1 = tilted * cos_out + upright * sin_out
        c1 = upright * cos_out - tilted * sin_out
        from_face = -(ahead - rho * s1) / c1
        turned = angle + _arcsine(s0 * c1 - c0 * s1)
        x[i] = radius * (aside + rho * c1 - 1.0 + s1 * from_face)
        y[i] += radius * t[i] * (to_face + rho * turned + from_face)
        s[i] = s1


@njit(**_JIT)
def _polar_arc(work: Array, co: float, si: float) -> None:
    """Along a circle from one radial plane to another; _Z holds w, _P the sine of the angle, _H the radius."""
    z, p, h = work[_Z], work[_P], work[_H]
    for i in range(LANES):
        across = 1.0 + z[i] - h[i] * math.sqrt(1.0 - p[i] * p[i])
        along = h[i] * p[i]
        sine = (along * co - across * si) / h[i]
        z[i] = across * co + along * si + h[i] * math.sqrt(1.0 - sine * sine) - 1.0
        p[i] = sine


@njit(**_JIT)
def _kick_index(work: Array, length: float, n: float) -> None:
    """Field beyond the uniform one, over an angle at the radius of the ion."""
    z, p, h = work[_Z], work[_P], work[_H]
    for i in range(LANES):
        p[i] -= length * (1.0 + z[i]) * _excess(z[i], n) / h[i]


@njit(**_JIT)
def _kick_wedge(work: Array, radius: float, edge: float, n: float) -> None:
    """Field beyond the uniform one, over the wedge that a tilted face takes from the sector."""
    x, s, e, m = work[_X], work[_S], work[_E], work[_M]
    tilt = math.tan(edge)
    for i in range(LANES):
        w = x[i] / radius
        s[i] += w * tilt * _excess(w, n) / math.sqrt(e[i] * m[i])


@njit(**_JIT)
def _graded(work: Array, row: Array, turns: Array, steps: int) -> None:
    """Magnet with a field index."""
    radius, angle, n = row[LENGTH], row[ANGLE], row[INDEX]
    y = work[_Y].copy()
    _arc(work, radius, 0.0, row[EDGE_IN], 0.0)
    _kick_wedge(work, radius, row[EDGE_IN], n)
    x, s, e, m, z, p, h = work[_X], work[_S], work[_E], work[_M], work[_Z], work[_P], work[_H]
    for i in range(LANES):
        z[i], p[i], h[i] = x[i] / radius, s[i], math.sqrt(e[i] * m[i])
    for _ in range(steps):
        for j in range(7):
            _polar_arc(work, turns[j, 0], turns[j, 1])
            _kick_index(work, KICKS[j] * angle / steps, n)
        _polar_arc(work, turns[7, 0], turns[7, 1])
    for i in range(LANES):
        x[i], s[i] = radius * z[i], p[i]
    _kick_wedge(work, radius, row[EDGE_OUT], n)
    _arc(work, radius, 0.0, 0.0, row[EDGE_OUT])
    work[_Y] = y  # wedges leave it to the vertical map
    _focus_vertically(work, n, angle, radius)


@njit(**_JIT)
def _magnetic(work: Array, row: Array, turns: Array, steps: int) -> None:
    radius = row[LENGTH]
    _focus_face(work, radius, row[EDGE_IN], row[PSI_IN], row[INDEX], 1.0)
    if row[INDEX] == 0.0:
        _arc(work, radius, row[ANGLE], row[EDGE_IN], row[EDGE_OUT])
    else:
        _graded(work, row, turns, steps)
    _focus_face(work, radius, row[EDGE_OUT], row[PSI_OUT], row[INDEX], -1.0)


@njit(**_JIT)
def _wien(work: Array, length: float, angle: float) -> None:
    """Crossed uniform fields; lengths over the radius in the magnetic field alone, time over that of a radian."""
    rho = length / angle
    x, s, y, t, e, m = work[_X], work[_S], work[_Y], work[_T], work[_E], work[_M]
    for i in range(LANES):
        w = x[i] / rho
        speed = math.sqrt(e[i] / m[i])
        across = s[i] * speed
        excess = math.sqrt(e[i] * (1.0 - s[i] * s[i]) / m[i] + 2.0 * w / m[i]) - 1.0
        phase = angle / m[i] / (1.0 + excess)
        co, si = 1.0, 0.0
        for _ in range(_NEWTON):
            half = _sine(phase / 8.0)  # three doublings of 1 - cos and sin
            less, si = 2.0 * _sine(phase / 16.0) ** 2, half
            for _ in range(3):
                less, si = 2.0 * si * si, 2.0 * si * (1.0 - less)
            co = 1.0 - less
            passed = m[i] * (phase + excess * si + across * less) - angle
            phase -= passed / (m[i] * (1.0 + excess * co + across * si))
        out = across * co - excess * si
        x[i] = rho * (w + m[i] * (across * si - excess * (1.0 - co)))
        y[i] += rho * t[i] * speed * m[i] * phase
        s[i] = out / speed


# ---- the row of elements ------------------------------------------------------------------------------


@njit(**_JIT)
def _turns(table: Array, steps: int) -> Array:
    """Cosine and sine of the exact parts of each step of each sector."""
    found = np.zeros((table.shape[0], 8, 2))
    for k in range(table.shape[0]):
        kind = int(table[k, KIND])
        if kind in (ELECTRIC, MAGNETIC):
            wave = math.sqrt(2.0 - table[k, INDEX]) if kind == ELECTRIC else 1.0
            for j in range(8):
                found[k, j, 0] = math.cos(DRIFTS[j] * wave * table[k, ANGLE] / steps)
                found[k, j, 1] = math.sin(DRIFTS[j] * wave * table[k, ANGLE] / steps)
    return found


@njit(**_JIT)
def _pass(work: Array, row: Array, turns: Array, steps: int, number: float) -> None:
    """One element, with its walls."""
    kind, half, lost = int(row[KIND]), 0.5 * row[GAP], work[_LOST]
    if kind == DRIFT:
        _drift(work, row[LENGTH])
    elif kind == SLIT:
        _wall(work[_X], row[HALF_WIDTH], lost, number)
    else:
        place = work[_Y] if kind == MAGNETIC else work[_X]
        _wall(place, half, lost, number)
        _mirror(work, row[SENSE])
        if kind == ELECTRIC:
            _electric(work, row, turns, steps)
            _wall(work[_WIDE], half / row[LENGTH], lost, number)
        elif kind == MAGNETIC:
            _magnetic(work, row, turns, steps)
        else:
            _wien(work, row[LENGTH], row[ANGLE])
        _mirror(work, row[SENSE])
        _wall(place, half, lost, number)
    _lose(work, number)


@njit(**_JIT)
def _load(work: Array, rays: Array, first: int, last: int) -> None:
    """Fill a block with rays x, a, y, b, d, g; what is left over with the reference ion.

    Rows are sliced one by one: a slice along the second axis of a matrix would not be known to be contiguous.
    """
    size = last - first
    a, b, d = rays[1][first:last], rays[3][first:last], rays[4][first:last]
    s, t, e = work[_S], work[_T], work[_E]
    for i in range(size):
        sine = _sine(b[i])
        s[i] = _sine(a[i])
        t[i] = sine / math.sqrt(1.0 - sine * sine)
        e[i] = (1.0 + d[i]) * (1.0 - sine * sine)
    work[_X, :size] = rays[0][first:last]
    work[_Y, :size] = rays[2][first:last]
    work[_M, :size] = 1.0 + rays[5][first:last]
    work[:_E, size:] = 0.0
    work[_E:_LOST, size:] = 1.0
    work[_LOST] = 0.0


@njit(**_JIT)
def _store(work: Array, image: Array, lost: NDArray[np.int64], first: int, last: int) -> None:
    x, a, y, b = image[0][first:last], image[1][first:last], image[2][first:last], image[3][first:last]
    gone, s, t = work[_LOST], work[_S], work[_T]
    for i in range(last - first):
        nothing = math.nan if gone[i] > 0.0 else 0.0
        x[i] = work[_X, i] + nothing
        y[i] = work[_Y, i] + nothing
        a[i] = _arcsine(s[i]) + nothing
        b[i] = _arcsine(t[i] / math.sqrt(1.0 + t[i] * t[i])) + nothing
    place = lost[first:last]
    for i in range(last - first):
        place[i] = int(gone[i])


@njit(**_JIT)
def _trace(table: Array, rays: Array, steps: int, image: Array, lost: NDArray[np.int64]) -> None:
    """Pass ions through all elements, block by block.

    Parameters
    ----------
    table : ndarray
        (n_elements, COLUMNS) [m, rad], rows of `element`.
    rays : ndarray
        (6, n_ions): x [m], a [rad], y [m], b [rad], d [-], g [-].
    steps : int
        Steps of a sector that has no closed form.
    image : ndarray
        (4, n_ions), takes x [m], a [rad], y [m], b [rad] at the last plane.
    lost : ndarray
        (n_ions,), takes the number of the element [-] in which an ion was lost, or 0.
    """
    turns = _turns(table, steps)
    work = np.empty((_ROWS, LANES))
    n = rays.shape[1]
    for first in range(0, n, LANES):
        last = min(first + LANES, n)
        _load(work, rays, first, last)
        for k in range(table.shape[0]):
            _pass(work, table[k], turns[k], steps, k + 1.0)
        _store(work, image, lost, first, last)


def trace_ions(
    table: ArrayLike,
    x: ArrayLike,
    a: ArrayLike,
    y: ArrayLike = 0.0,
    b: ArrayLike = 0.0,
    d: ArrayLike = 0.0,
    g: ArrayLike = 0.0,
    *,
    steps: int = STEPS,
) -> Image:
    """Return where ions arrive behind a row of elements.

    Parameters
    ----------
    table : array_like
        (n_elements, COLUMNS) [m, rad], rows of `element`.
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
    steps : int
        Steps of an electric sector and of a magnet with an index [-].

    Returns
    -------
    Image
        Positions and angles at the last plane, and where ions were lost.

    Raises
    ------
    ValueError
        If the table or the steps are not as they are documented.

    Examples
    --------
    A magnet of 90 degrees images its object with a magnification of -1:

    >>> whole = [element(DRIFT, 0.3), element(MAGNETIC, 0.3, math.pi / 2), element(DRIFT, 0.3)]
    >>> round(float(trace_ions(whole, 1e-6, 0.0).x[0] * 1e6), 3)
    -1.0
    """
    rows, steps = _elements(table), _count("steps", steps)
    rays = np.ascontiguousarray(
        np.array(np.broadcast_arrays(*map(np.atleast_1d, (x, a, y, b, d, g)))), dtype=np.float64
    )
    image = np.empty((4, rays.shape[1]))
    lost = np.empty(rays.shape[1], dtype=np.int64)
    _trace(rows, rays, steps, image, lost)
    return Image(*image, lost)


# ---- pictures --------------------------------------------------------------------------------------------


def _slices(row: Array, points: int) -> list[Array]:
    """Cut an element across the axis; the potential steps at inner cuts cancel."""
    kind = int(row[KIND])
    if kind == SLIT:
        return [row]
    parts = np.tile(row, (points, 1))
    if kind in (DRIFT, WIEN):
        parts[:, LENGTH] /= points
    parts[:, ANGLE] /= points
    parts[1:, [EDGE_IN, PSI_IN]] = 0.0
    parts[:-1, [EDGE_OUT, PSI_OUT]] = 0.0
    return list(parts)


def _advance(place: Array, row: Array) -> Array:
    """Follow the axis through an element; place is s [m], x [m] and heading to the left [rad]."""
    s, x, heading = place
    kind = int(row[KIND])
    if kind == SLIT:
        return place
    if kind in (DRIFT, WIEN):
        ahead, aside, turned = row[LENGTH], 0.0, 0.0
    else:
        ahead = row[LENGTH] * math.sin(row[ANGLE])
        aside = -row[SENSE] * row[LENGTH] * (1.0 - math.cos(row[ANGLE]))
        turned = row[SENSE] * row[ANGLE]
    co, si = math.cos(heading), math.sin(heading)
    return np.array([s + ahead * co - aside * si, x + ahead * si + aside * co, heading - turned])


def trace_paths(
    table: ArrayLike,
    x: ArrayLike,
    a: ArrayLike,
    y: ArrayLike = 0.0,
    b: ArrayLike = 0.0,
    d: ArrayLike = 0.0,
    g: ArrayLike = 0.0,
    *,
    points: int = 32,
) -> Array:
    """Return the paths of a few ions in space, for pictures.

    Parameters
    ----------
    table : array_like
        (n_elements, COLUMNS) [m, rad], rows of `element`.
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
    points : int
        Planes per element, except for slits, at which a path is given [-].

    Returns
    -------
    ndarray
        (n_planes, n_ions, 3) [m]: along the axis at the start, to the left of it, and up; nan after a loss.

    Raises
    ------
    ValueError
        If the table or the points are not as they are documented.

    Examples
    --------
    >>> found = trace_paths([element(MAGNETIC, 0.5, math.pi / 2)], 0.0, 0.0, points=2)
    >>> found[:, 0, :2].round(3).tolist()
    [[0.0, 0.0], [0.354, -0.146], [0.5, -0.5]]
    """
    rows, points = _elements(table), _count("points", points)
    x, a, y, b, d, g = np.array(np.broadcast_arrays(*map(np.atleast_1d, (x, a, y, b, d, g))), dtype=np.float64)
    place, found = np.zeros(3), [np.stack([np.zeros_like(x), x, y], axis=-1)]
    for row in rows:
        for part in _slices(row, points):
            x, a, y, b, _ = trace_ions([part], x, a, y, b, d, g)
            place = _advance(place, part)
            co, si = math.cos(place[2]), math.sin(place[2])
            found.append(np.stack([place[0] - si * x, place[1] + co * x, y], axis=-1))
    return np.array(found)
