"""The Lamm equation: sedimentation or flotation with diffusion, for many particle classes at once.

A lane is one particle class on one straight path (chord) along the centrifugal field. On its
chord, inner <= r <= outer [m from the rotor axis], the concentration c obeys

    A(r) dc/dt = -d/dr { A(r) [ s omega^2(t) r c - D dc/dr ] }

with s [s] signed (s < 0 floats), D [m^2/s], and a cross-section A(r) that is constant (a stream
tube of a preparative tube) or proportional to r (sector-shaped cell). No flux passes the end the
particles come from. The end they move to is closed as well, or absorbing: what the field carries
there stays there (flux s omega^2 r c, no diffusion across the end).

Space: on the scaled chord x = (r - inner) / (outer - inner) all lanes are one problem with
different coefficients and share a mesh of quadratic finite elements. Elements grow with the width of the
front and shrink towards the layers at the ends. The middle node of an element is eliminated, which leaves
a tridiagonal system.
Time: the Pade(3,4) approximation of exp, that is Radau IIA of order 7, L-stable: two independent
complex solves per step, with factors kept as long as speed and step stay the same. Steps start small
after a change of speed and grow geometrically until the front's travel per step limits them.

Mass: the test functions sum to one, so the scheme conserves mass. So do the factors: their pivots come
from column sums, which are known exactly, and not from differences of large diagonals; otherwise round-off
in the layer at a closed end would gain or lose up to 2e-7 of the load. Nothing is rescaled: `mass_error`
is what the march itself gained or lost, 1e-11 at most in 13 000 random runs of Peclet numbers up to 1e5.
Beyond 1e-10 a lane is UNBALANCED.

Positivity: quadratic elements undershoot in the trace behind a sharp front. At the default resolution the
march falls below zero by 1.2e-3 of the plateau at most (which is 1 or, in flotation, up to outer / inner
times the load, squared in a sector) in 90 000 random runs of Peclet numbers 1e2 to 1e5; at the ends of
elements by 1.1e-3. Profiles handed out are lifted to zero there, and the next positive values give what
this takes, so that no mass is made. The exception is a chord that is cleared, whose content may end below
zero (by 1e-6 of the load at most) and is handed out as zero. The march goes on from the unlifted state,
which is handed out as well, so that a restart from it changes nothing.

Accuracy at the default resolutions, seen in random runs and in fractions of the load: pelleted, floated and
suspended within 1e-5; a single profile, without the twelfth of the chord at its far end, within 1e-3 RMS
(99 of 100 within 3.5e-4), most at the moment when a sharp front meets the end; 100 profiles of each of three
benchmark problems within 1e-4 RMS.

Budget: STEP_BUDGET_EXCEEDED says that MAX_ELEMENTS or MAX_STEPS were too few. For lanes up to a Peclet number of
1e5 and at the default resolutions they are enough, but for these. In `solve_lamm_profiles`, below a Peclet number of
4e-4 / step_resolution, that is 2e-4, if the run carries the particles over more than 7500 step_resolution, that is
15 000, chords. There too, if lanes that share their steps differ so much that the speed of one with the diffusion of
another makes a Peclet number of 1e9 or more. In `solve_lamm_fractions`, below a Peclet number of 0.01, if one of
several stages is weaker than another and lasts for more than 1e6 mixing times length^2 / D. Elements become too few
above a Peclet number of 1e6 front_resolution^2 at resolutions finer than 0.3.

Sources: Claverie, Dreux, Cohen, Biopolymers 14 (1975) 1685 (finite elements for this equation);
Cao, Demeler, Biophys. J. 89 (2005) 1589 (elements that follow the front); Brown, Schuck, Comput.
Phys. Commun. 178 (2008) 105 (graded meshes, permeable bottom); Grassmann, Taksar, Heyman, Oper. Res. 33 (1985)
1107 (elimination by column sums).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]
Index = NDArray[np.int64]
U = np.uint64  # unsigned indices carry no wrap-around test, so that the loops over lanes vectorise

OK, DIFFUSION_RAISED, STEP_BUDGET_EXCEEDED, UNBALANCED = range(4)  # status of a lane

LANES = 8  # lanes of a block; as a constant it proves to the compiler that fields do not overlap
MAX_ELEMENTS = 4000
MAX_PHASES = 20_000  # of equal steps, in one schedule
MAX_STEPS = 30_000
MASS_TOLERANCE = 1e-10  # of the load; a lane that gains or loses more is UNBALANCED
MAX_PECLET = 1e5  # of a lane, |s| omega^2 outer (outer - inner) / D; D is raised beyond

# Element length: at most LONGEST; geometric to the layer (START layers, ratio about 1 + GROWTH) at the
# end that the particles move to. All are multiplied by front_resolution.
_LONGEST = 0.1
_CLOSED_START, _CLOSED_GROWTH = 0.5, 0.25
_OPEN_START, _OPEN_GROWTH = 2.0, 0.5
# Steps: the first after a change of speed, in units of the time in which the layer forms and of the
# chord's mixing time; growth of the elapsed time per step; longest travel, in chords, at a step resolution
# of 1 (for well mixed chords); step per elapsed time once a chord is cleared and only slow modes are left;
# how long equal steps are kept, as they share factors, per age of the front.
_FIRST_STEP, _FIRST_MIXING, _STEP_GROWTH, _MIXED, _LATE_STEP, _KEEP = 0.2, 0.02, 3.0, 0.25, 1.0, 3.0

# Poles theta of the Pade(3,4) approximation R(z) of exp(z) in the upper half plane, each with -2 times
# its residue: R(z) = Re sum weight / (theta - z).
_POLES = (
    (4.7871931031284660 + 1.5674764168952081j, -26.603079991942974 + 120.14346547409489j),
    (3.2128068968715340 + 4.7730874332766425j, 22.603079991942974 - 24.943351700500463j),
)

# One row of the work buffer is an element with its inner end. Its fields are LANES wide: profile and
# load vector at the end and at the middle; then, for each pole, complex numbers (real, imaginary).
_END, _MIDDLE, _LOAD_END, _LOAD_MIDDLE, _POLE = (LANES * i for i in range(5))
_X, _LOWER, _PIVOT, _UPPER, _FROM_IN, _FROM_OUT, _TO_IN, _TO_OUT = (LANES * i for i in range(0, 16, 2))
_OWN, _POLE_SIZE = LANES * 16, LANES * 17
_ROW = _POLE + 2 * _POLE_SIZE

# Rows of the array that describes a block of lanes: s, D / length^2, inner / length, A = AREA + SLOPE x.
_S, _SPREAD, _INNER, _AREA, _SLOPE = range(5)


@njit(cache=True, error_model="numpy", nogil=True)
def _get(buffer: Array, at: U) -> complex:
    """Complex number of one lane."""
    return complex(buffer[at], buffer[at + U(LANES)])


@njit(cache=True, error_model="numpy", nogil=True)
def _put(buffer: Array, at: U, z: complex) -> None:
    """Store the complex number of one lane."""
    buffer[at] = z.real
    buffer[at + U(LANES)] = z.imag


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _reciprocal(z: complex) -> complex:
    """1 / z without the branches of a guarded complex division."""
    return complex(z.real, -z.imag) * (1.0 / (z.real * z.real + z.imag * z.imag))


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _load(buffer: Array, row: int, width: int, lane: Array, x: float, h: float) -> None:
    """Add mass matrix times profile of the element [x, x + h] to the load vector."""
    here = U(row) * U(_ROW)
    there = here + U(_ROW)
    for j in range(width):
        k = U(j)
        a = (lane[_AREA, j] + lane[_SLOPE, j] * x) * (h / 30.0)
        b = lane[_SLOPE, j] * (h * h / 60.0)
        left = buffer[here + U(_END) + k]
        middle = buffer[here + U(_MIDDLE) + k]
        right = buffer[there + U(_END) + k]
        buffer[here + U(_LOAD_END) + k] += a * (4.0 * left + 2.0 * middle - right) + b * (left - right)
        buffer[here + U(_LOAD_MIDDLE) + k] = a * (2.0 * (left + right) + 16.0 * middle) + b * (
            16.0 * middle + 4.0 * right
        )
        buffer[there + U(_LOAD_END) + k] = a * (2.0 * middle - left + 4.0 * right) + b * (
            4.0 * middle - left + 7.0 * right
        )


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _forward(buffer: Array, row: int, width: int, pole: int) -> None:
    """Forward elimination in one row; the row before the first is zero."""
    here = U(row) * U(_ROW)
    before = here - U(_ROW)
    p = U(_POLE + pole * _POLE_SIZE)
    for j in range(width):
        k = U(j)
        y = (
            buffer[here + U(_LOAD_END) + k]
            - _get(buffer, here + p + U(_FROM_IN) + k) * buffer[here + U(_LOAD_MIDDLE) + k]
            - _get(buffer, before + p + U(_FROM_OUT) + k) * buffer[before + U(_LOAD_MIDDLE) + k]
            - _get(buffer, here + p + U(_LOWER) + k) * _get(buffer, before + p + U(_X) + k)
        )
        _put(buffer, here + p + U(_X) + k, y)


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _backward(buffer: Array, row: int, width: int, pole: int) -> None:
    """Back substitution in one row; the new profile is the sum of real parts over the poles."""
    here = U(row) * U(_ROW)
    p = U(_POLE + pole * _POLE_SIZE)
    o = here + p
    keep = np.float64(pole)  # the first pole overwrites, the second adds
    for j in range(width):
        k = U(j)
        outer = _get(buffer, o + U(_ROW) + U(_X) + k)
        end = _get(buffer, o + U(_PIVOT) + k) * _get(buffer, o + U(_X) + k) - _get(buffer, o + U(_UPPER) + k) * outer
        _put(buffer, o + U(_X) + k, end)
        middle = (
            buffer[o + U(_OWN) + k] * buffer[here + U(_LOAD_MIDDLE) + k]
            - (_get(buffer, o + U(_TO_IN) + k) * end).real
            - (_get(buffer, o + U(_TO_OUT) + k) * outer).real
        )
        buffer[here + U(_END) + k] = end.real + keep * buffer[here + U(_END) + k]
        buffer[here + U(_MIDDLE) + k] = middle + keep * buffer[here + U(_MIDDLE) + k]


@njit(cache=True, error_model="numpy", nogil=True)
def _advance(buffer: Array, mesh: Array, width: int, lane: Array) -> None:
    """One time step of every lane of the block, with the factors in the buffer."""
    n = mesh.size - 1
    buffer[_ROW + _LOAD_END : _ROW + _LOAD_END + LANES] = 0.0
    for e in range(n):
        _load(buffer, e + 1, width, lane, mesh[e], mesh[e + 1] - mesh[e])
        _forward(buffer, e + 1, width, 0)
        _forward(buffer, e + 1, width, 1)
    _forward(buffer, n + 1, width, 0)
    _forward(buffer, n + 1, width, 1)
    for row in range(n + 1, 0, -1):
        _backward(buffer, row, width, 0)
        _backward(buffer, row, width, 1)


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _eliminate(
    buffer: Array,
    row: int,
    width: int,
    lane: Array,
    x: float,
    h: float,
    dose: float,
    dt: float,
    pole: int,
) -> None:
    """Element matrix theta M - dt K of [x, x + h] with its middle node eliminated; dose = omega^2 dt.

    M is the mass and K the transport matrix, in closed form for A(r) r and A(r) polynomial. The row
    receives its upper entry, the next row its lower entry. In the place of the diagonal stand the sums of
    the columns, in which the entries of K cancel: the integrals of A times the shape functions, times theta.
    """
    theta, weight = _POLES[pole]
    o = U(row) * U(_ROW) + U(_POLE + pole * _POLE_SIZE)
    after = o + U(_ROW)
    for j in range(width):
        k = U(j)
        a = lane[_AREA, j] + lane[_SLOPE, j] * x
        b = lane[_SLOPE, j] * h
        r = lane[_INNER, j] + x
        drift = lane[_S, j] * dose
        q0, q1, q2 = drift * (a * r), drift * (a * h + b * r), drift * (b * h)
        d0, d1 = a * lane[_SPREAD, j] * (dt / h), b * lane[_SPREAD, j] * (dt / h)
        # dt K; rows of the middle (m) and outer (r) test functions, the inner one is minus their sum
        k_ml = 2 / 3 * q0 + 2 / 15 * q1 + 1 / 15 * q2 + 8 / 3 * d0 + 2 / 3 * d1
        k_mm = -4 / 15 * (q1 + q2) - 16 / 3 * d0 - 8 / 3 * d1
        k_mr = -2 / 3 * q0 - 8 / 15 * q1 - 7 / 15 * q2 + 8 / 3 * d0 + 2.0 * d1
        k_rl = -1 / 6 * q0 - 1 / 15 * q1 - 1 / 20 * q2 - 1 / 3 * d0 - 1 / 6 * d1
        k_rm = 2 / 3 * q0 + 7 / 15 * q1 + 1 / 3 * q2 + 8 / 3 * d0 + 2.0 * d1
        k_rr = 1 / 2 * q0 + 13 / 30 * q1 + 23 / 60 * q2 - 7 / 3 * d0 - 11 / 6 * d1
        a *= h / 30.0
        b *= h / 60.0
        lm, mr, lr = theta * (2.0 * a), theta * (2.0 * a + 4.0 * b), theta * (-a - b)
        own = _reciprocal(theta * (16.0 * (a + b)) - k_mm)
        inward, outward = lm - k_ml, mr - k_mr
        from_in = (lm + (k_mm + k_rm)) * own
        from_out = (mr - k_rm) * own
        _put(buffer, o + U(_FROM_IN) + k, from_in)
        _put(buffer, o + U(_FROM_OUT) + k, from_out)
        _put(buffer, o + U(_TO_IN) + k, inward * own)
        _put(buffer, o + U(_TO_OUT) + k, outward * own)
        buffer[o + U(_OWN) + k] = weight.real * own.real - weight.imag * own.imag
        in_middle = theta * (20.0 * (a + b)) * own
        column = theta * (5.0 * a) - in_middle * inward
        _put(buffer, o + U(_PIVOT) + k, _get(buffer, o + U(_PIVOT) + k) + column)
        _put(buffer, o + U(_UPPER) + k, lr + (k_mr + k_rr) - from_in * outward)
        _put(buffer, after + U(_LOWER) + k, lr - k_rl - from_out * inward)
        _put(buffer, after + U(_PIVOT) + k, theta * (5.0 * a + 10.0 * b) - in_middle * outward)


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _pivot(buffer: Array, row: int, width: int, pole: int) -> None:
    """LU factors of one row in place; the inverse pivot carries the weight of the pole.

    After Grassmann, Taksar, Heyman (1985): eliminating a row keeps the column sums of the rest exact, and
    the pivot is the column sum less the entry below, both of one sign, so that mass is kept to round-off
    however stiff the step. X holds the column sum until the first solve overwrites it.
    """
    weight = _POLES[pole][1]
    unweight = _reciprocal(weight)
    o = U(row) * U(_ROW) + U(_POLE + pole * _POLE_SIZE)
    before = o - U(_ROW)
    for j in range(width):
        k = U(j)
        lower = _get(buffer, o + U(_LOWER) + k)
        column = _get(buffer, o + U(_PIVOT) + k) - _get(buffer, before + U(_X) + k) * _get(
            buffer, before + U(_UPPER) + k
        )
        inverse = _reciprocal(column - _get(buffer, o + U(_ROW) + U(_LOWER) + k))
        _put(buffer, o + U(_X) + k, column)
        _put(buffer, o + U(_LOWER) + k, lower * (_get(buffer, before + U(_PIVOT) + k) * unweight))
        _put(buffer, o + U(_UPPER) + k, _get(buffer, o + U(_UPPER) + k) * inverse)
        _put(buffer, o + U(_PIVOT) + k, inverse * weight)


@njit(cache=True, error_model="numpy", nogil=True)
def _outflow(lane: Array, j: int, x: float) -> float:
    """Outflow per omega^2 and concentration through the absorbing end at x = 0 or 1."""
    carried = lane[_S, j] if x > 0.0 else -lane[_S, j]
    return max(carried, 0.0) * (lane[_INNER, j] + x) * (lane[_AREA, j] + lane[_SLOPE, j] * x)


@njit(cache=True, error_model="numpy", nogil=True)
def _factorise(buffer: Array, mesh: Array, width: int, lane: Array, dose: float, dt: float, absorbing: bool) -> None:
    """Factors of theta M - dt K for both poles; dose = omega^2 dt."""
    n = mesh.size - 1
    for pole in range(2):
        first = _ROW + _POLE + pole * _POLE_SIZE
        last = first + n * _ROW
        buffer[first + _LOWER : first + _LOWER + 2 * LANES] = 0.0
        buffer[first + _PIVOT : first + _PIVOT + 2 * LANES] = 0.0
        if absorbing:
            for j in range(width):
                buffer[first + _PIVOT + j] = dose * _outflow(lane, j, 0.0)
        for e in range(n):
            _eliminate(buffer, e + 1, width, lane, mesh[e], mesh[e + 1] - mesh[e], dose, dt, pole)
            _pivot(buffer, e + 1, width, pole)
        if absorbing:
            for j in range(width):
                buffer[last + _PIVOT + j] += dose * _outflow(lane, j, 1.0)
        buffer[last + _UPPER : last + _UPPER + 2 * LANES] = 0.0
        _pivot(buffer, n + 1, width, pole)


@njit(cache=True, error_model="numpy", nogil=True)
def _contents(buffer: Array, mesh: Array, width: int, lane: Array, out: Array) -> None:
    """Integral of A c over the mesh, exact for the elements, into out[lane]."""
    out[:] = 0.0
    for e in range(mesh.size - 1):
        h = mesh[e + 1] - mesh[e]
        o = (e + 1) * _ROW
        for j in range(width):
            a = (lane[_AREA, j] + lane[_SLOPE, j] * mesh[e]) * (h / 6.0)
            b = lane[_SLOPE, j] * (h * h / 6.0)
            middle = buffer[o + _MIDDLE + j]
            right = buffer[o + _ROW + _END + j]
            out[j] += a * (buffer[o + _END + j] + 4.0 * middle + right) + b * (2.0 * middle + right)


@njit(cache=True, error_model="numpy", nogil=True)
def _collect(buffer: Array, n: int, width: int, lane: Array, dose: float, out: Array) -> None:
    """Add the outflow of the last step; Re sum solution / theta is the scheme's mean concentration."""
    for j in range(width):
        for x in range(2):
            mean = 0.0
            for pole in range(2):
                at = U((1 + x * n) * _ROW + _POLE + pole * _POLE_SIZE + _X + j)
                mean += (_get(buffer, at) * _reciprocal(_POLES[pole][0])).real
            out[j] += mean * dose * _outflow(lane, j, np.float64(x))


@njit(cache=True, error_model="numpy", nogil=True)
def _start(buffer: Array, n: int, width: int, member: Index, initial: Array) -> None:
    """Clear the buffer and write the initial profiles initial[lane, node]; none means 1 everywhere."""
    buffer[: (n + 3) * _ROW] = 0.0
    for node in range(2 * n + 1):
        o = (node // 2 + 1) * _ROW + (node & 1) * _MIDDLE
        for j in range(width):
            buffer[o + j] = 1.0 if initial.size == 0 else initial[member[j], node]


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract", "reassoc"})
def _add_weighted(buffer: Array, n: int, width: int, weight: Array, out: Array) -> None:
    """Add the weighted sum of the lanes to out[node]."""
    for node in range(2 * n + 1):
        o = (node // 2 + 1) * _ROW + (node & 1) * _MIDDLE
        total = 0.0
        for j in range(width):
            total += weight[j] * buffer[o + j]
        out[node] += total


@njit(cache=True, error_model="numpy", nogil=True)
def _copy_profiles(buffer: Array, n: int, size: int, member: Index, out: Array) -> None:
    """Write the profiles to out[lane, node]."""
    for node in range(2 * n + 1):
        o = (node // 2 + 1) * _ROW + (node & 1) * _MIDDLE
        for j in range(size):
            out[member[j], node] = buffer[o + j]


@njit(cache=True, error_model="numpy", nogil=True)
def _solve(
    buffer: Array,
    mesh: Array,
    size: int,
    lane: Array,
    member: Index,
    absorbing: bool,
    phases: Array,
    output: Index,
    weights: Array,
    profiles: Array,
    left: Array,
) -> None:
    """Take one block through phases[(omega^2, step, count), phase]; add the outflow to left[lane]."""
    n = mesh.size - 1
    width = 1 if size == 1 else LANES  # a full vector costs no more than two single lanes
    omega2 = -1.0
    dt = 0.0
    weight = np.zeros(LANES)
    if weights.size > 0:
        for j in range(size):
            weight[j] = weights[member[j]]
    for i in range(phases.shape[1]):
        count = np.int64(phases[2, i])
        if count > 0 and (phases[0, i] != omega2 or abs(phases[1, i] - dt) > 1e-10 * dt):
            omega2 = phases[0, i]
            dt = phases[1, i]
            _factorise(buffer, mesh, width, lane, omega2 * dt, dt, absorbing)
        for _ in range(count):
            _advance(buffer, mesh, width, lane)
            if absorbing:
                _collect(buffer, n, width, lane, omega2 * dt, left)
        if output[i] >= 0 and weights.size > 0:
            _add_weighted(buffer, n, width, weight, profiles[output[i], 0])
        elif output[i] >= 0:
            _copy_profiles(buffer, n, size, member, profiles[output[i]])


@njit(cache=True, error_model="numpy", nogil=True)
def _run_group(
    buffer: Array,
    mesh: Array,
    quantities: Array,
    members: Index,
    absorbing: bool,
    initial: Array,
    phases: Array,
    output: Index,
    weights: Array,
    profiles: Array,
    state: Array,
    accounts: Array,
) -> None:
    """Solve the lanes `members`, which share mesh and phases; accounts[(load, left, rest), lane].

    state[lane, node] receives the last profiles, unless it is empty.
    """
    lane = np.empty((5, LANES))
    member = np.empty(LANES, np.int64)
    sums = np.empty((3, LANES))
    for first in range(0, members.size, LANES):
        size = min(LANES, members.size - first)
        for j in range(LANES):
            member[j] = members[first + j % size]
            lane[:, j] = quantities[:, member[j]]
        _start(buffer, mesh.size - 1, LANES, member, initial)
        _contents(buffer, mesh, LANES, lane, sums[0])
        sums[1] = 0.0
        _solve(buffer, mesh, size, lane, member, absorbing, phases, output, weights, profiles, sums[1])
        _contents(buffer, mesh, LANES, lane, sums[2])
        for j in range(size):
            accounts[:, member[j]] = sums[:, j]
        if state.size > 0:
            _copy_profiles(buffer, mesh.size - 1, size, member, state)


@njit(cache=True, error_model="numpy", nogil=True)
def _node_content(mesh: Array, node: int, area: float, slope: float) -> float:
    """Integral of A times the shape function of a node: the mass that its value stands for."""
    e = node // 2
    content = 0.0
    if e < mesh.size - 1:
        h = mesh[e + 1] - mesh[e]
        a = (area + slope * mesh[e]) * (h / 6.0)
        if node & 1:
            return 4.0 * a + slope * (h * h / 3.0)
        content = a
    if e > 0:
        h = mesh[e] - mesh[e - 1]
        content += (area + slope * mesh[e]) * (h / 6.0)
    return content


@njit(cache=True, error_model="numpy", nogil=True)
def _lift(c: Array, mesh: Array, area: float, slope: float) -> None:
    """Lift the negative values of a profile to zero; the next positive ones give the mass, outwards first."""
    debt = 0.0
    for inwards in range(2):
        for i in range(c.size):
            node = c.size - 1 - i if inwards else i
            if c[node] < 0.0 or debt < 0.0:
                content = _node_content(mesh, node, area, slope)
                debt += c[node] * content
                c[node] = debt / content if debt > 0.0 else 0.0
                debt = min(debt, 0.0)
        if debt == 0.0:
            return


@njit(cache=True, error_model="numpy", nogil=True)
def _lift_all(profiles: Array, mesh: Array, quantities: Array) -> None:
    """Lift all of profiles[time, lane, node]; a weighted sum has the geometry of lane 0."""
    for t in range(profiles.shape[0]):
        for lane in range(profiles.shape[1]):
            _lift(profiles[t, lane], mesh, quantities[_AREA, lane], quantities[_SLOPE, lane])


@njit(cache=True, error_model="numpy", nogil=True)
def _element_length(x: float, peclet: float, absorbing: bool) -> float:
    """Element length, for lanes up to a Peclet number, at distance x from the end they come from.

    The front that has travelled x is sqrt(2 x / Pe) wide; layers at the ends are 1 / Pe thick.
    """
    layer = 1.0 / peclet
    start, growth = (_OPEN_START, _OPEN_GROWTH) if absorbing else (_CLOSED_START, _CLOSED_GROWTH)
    front = math.sqrt(2.0 * x * layer + layer * layer)
    return min(front, start * layer + growth * (1.0 - x), _LONGEST)


@njit(cache=True, error_model="numpy", nogil=True)
def _mesh(sinking: float, floating: float, absorbing: bool, resolution: float) -> Array:
    """Element ends on [0, 1] for sinking and floating lanes up to the given Peclet numbers.

    Empty if MAX_ELEMENTS do not reach from 0 to 1.
    """
    ends = np.empty(MAX_ELEMENTS + 1)
    ends[0] = 0.0
    n = 0
    while ends[n] < 1.0 and n < MAX_ELEMENTS:
        x = ends[n]
        down = _element_length(x, sinking, absorbing)
        up = _element_length(1.0 - x, floating, absorbing)
        n += 1
        ends[n] = x + resolution * min(down, up)
    return ends[: n + 1] / ends[n] if ends[n] >= 1.0 else ends[:0]


@njit(cache=True, error_model="numpy", nogil=True)
def _longest_step(
    age: float, travelled: float, growing: float, velocity: float, spread: float, resolution: float
) -> float:
    """Longest step [s]: geometric growth, and a front of some age that travels within its own width.

    A chord counts as cleared once the slowest lane has travelled three times its length. A well mixed
    chord empties exponentially, which half a chord of travel per step resolves.
    """
    if velocity == 0.0:
        return growing
    front = resolution * min(math.sqrt(2.0 * spread * age), _MIXED)
    return min(growing, max(front, _LATE_STEP * (travelled - 3.0)) / velocity)


@njit(cache=True, error_model="numpy", nogil=True)
def _schedule(
    speed: float, slowest: float, spread: float, legs: Array, restart: bool, resolution: float, phases: Array
) -> int:
    """Fill phases[(omega^2, step, count, leg that it ends), phase]; the number of phases, or -1.

    legs[(omega^2, end time), leg]; on the scaled chord, speed * omega^2 and slowest * omega^2 bound the
    velocities of the lanes, and spread their diffusion from below [1/s]. -1: MAX_PHASES or MAX_STEPS
    is not enough.
    """
    t = before = since = travelled = total = 0.0
    first = 1e-4 / spread if restart else math.inf
    age = math.inf
    n = 0
    for leg in range(legs.shape[1]):
        velocity = speed * legs[0, leg]
        end = legs[1, leg]
        if velocity != before:
            # a change of speed starts a new layer, and a front that leaves it: the weaker, the wider
            layer = spread / (velocity - before) ** 2
            first = min(first + (_STEP_GROWTH - 1.0) * since, _FIRST_STEP * layer, _FIRST_MIXING / spread)
            age = min(age, layer)
            since = 0.0
            before = velocity
        done = False
        while not done:
            if n == phases.shape[1] or total > MAX_STEPS:
                return -1
            growing = first + (_STEP_GROWTH - 1.0) * since
            h = _longest_step(age, travelled, growing, velocity, spread, resolution)
            length = min(end - t, max(h, _KEEP * age if h < growing else 0.0))
            done = end - t - length < 0.5 * h
            if done:
                length = end - t
            count = max(1, math.ceil(length / h - 0.01)) if length > 1e-12 * end else 0
            phases[0, n] = legs[0, leg]
            phases[1, n] = length / max(count, 1)
            phases[2, n] = count
            phases[3, n] = leg if done else -1
            n += 1
            total += count
            since += length
            age += length
            travelled += slowest * legs[0, leg] * length
            t = end if done else t + length
    return n


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _interpolate(profiles: Array, index: Index, weights: Array, out: Array) -> None:
    """Interpolate profiles[:, node] at stencils with weights[4, x]; not below the least of the four nodes."""
    for t in range(out.shape[0]):
        c = profiles[t]
        for i in range(index.size):
            at = U(index[i])
            c0, c1, c2, c3 = c[at], c[at + U(1)], c[at + U(2)], c[at + U(3)]
            value = weights[0, i] * c0 + weights[1, i] * c1 + weights[2, i] * c2 + weights[3, i] * c3
            least = min(min(c0, c1), min(c2, c3))
            out[t, i] = least if value < least else value


def _stencils(nodes: Array, x: Array) -> tuple[Index, Array]:
    """First node and cubic Lagrange weights[4, x] of the four nodes around each x."""
    index = np.clip(np.searchsorted(nodes, x) - 2, 0, nodes.size - 4)
    near = nodes[index + np.arange(4)[:, None]]
    weights = np.ones_like(near)
    for i in range(4):
        for k in {0, 1, 2, 3} - {i}:
            weights[i] *= (x - near[k]) / (near[i] - near[k])
    return index, weights


def _checked(name: str, values: ArrayLike, least: float = -math.inf, *, ndim: int = 1) -> Array:
    """Contiguous float64; an error names the argument unless all are finite and not below the least."""
    array = np.ascontiguousarray(np.atleast_1d(values), dtype=np.float64)
    if array.ndim != ndim or not np.all(np.isfinite(array)) or np.any(array < least):
        above = "" if least == -math.inf else f", {least:g} or larger"
        raise ValueError(f"{name} must be finite numbers{above}, in an array of {ndim} dimension(s)")
    return array


def _resolution(name: str, value: float) -> float:
    """Return one resolution."""
    if not (math.isfinite(value) and value > 0.0):
        raise ValueError(f"{name} must be finite and larger than 0, and not {value}")
    return float(value)


def _stages(omega_squared: ArrayLike, duration: ArrayLike) -> tuple[Array, Array]:
    """Check the stages of a run."""
    omega_squared = _checked("omega_squared", omega_squared, 0.0)
    duration = _checked("duration", duration, 0.0)
    if omega_squared.size != duration.size or not duration.size:
        raise ValueError(
            f"omega_squared and duration must have one value per stage; sizes are {omega_squared.size}, {duration.size}"
        )
    return omega_squared, duration


def _initial(mesh: ArrayLike, profiles: ArrayLike, quantities: Array) -> tuple[Array, Array]:
    """Check what a run goes on from: element ends, and profiles[lane, node]."""
    lanes = quantities.shape[1]
    nodes = _checked("the mesh of initial", mesh)
    ends = nodes[::2]
    if nodes.size % 2 == 0 or not 3 <= nodes.size <= 2 * MAX_ELEMENTS + 1:
        raise ValueError(f"the mesh of initial must have an odd number of nodes, 3 to {2 * MAX_ELEMENTS + 1}")
    middles = 0.5 * (ends[1:] + ends[:-1])
    if abs(nodes[0]) > 1e-12 or abs(nodes[-1] - 1.0) > 1e-12 or np.any(np.diff(nodes) <= 0.0):
        raise ValueError("the mesh of initial must increase from 0 to 1")
    if np.any(np.abs(nodes[1::2] - middles) > 1e-6 * np.diff(ends)):
        raise ValueError("the mesh of initial must hold ends and middles of elements, in turn")
    start = _checked("the profiles of initial", profiles, ndim=2)
    if start.shape != (lanes, nodes.size):
        raise ValueError(f"the profiles of initial must have shape {(lanes, nodes.size)}, and not {start.shape}")
    carried = (quantities[_AREA, :, None] + quantities[_SLOPE, :, None] * nodes) * start
    content = (carried[:, :-1:2] + 4.0 * carried[:, 1::2] + carried[:, 2::2]) @ np.diff(ends)
    empty = np.flatnonzero(~(content > 0.0))
    if empty.size:
        raise ValueError(f"the profiles of initial must have a content above 0 in every lane; not in {empty.tolist()}")
    return np.ascontiguousarray(ends), start


def _aligned(size: int) -> Array:
    """Uninitialised floats on a 64-byte boundary; off it, the lanes take up to half as long again."""
    raw = np.empty(size * 8 + 64, dtype=np.uint8)
    offset = -raw.ctypes.data % 64
    return raw[offset : offset + size * 8].view(np.float64)


def _legs(omega_squared: Array, duration: Array, times: Array) -> tuple[Array, Index]:
    """Cut the run at stage ends and output times: (omega^2, end) and the output (or -1) of each leg."""
    ends = np.cumsum(duration)
    late = np.any(times > ends[-1] * (1 + 1e-9))
    times = np.minimum(times, ends[-1])
    if late or np.any(np.diff(times) <= 0.0):
        raise ValueError(f"output_times must increase, from 0 at the earliest to {ends[-1]} s at most")
    stops = np.unique(np.concatenate((ends, times)))
    output = np.full(stops.size, -1)
    output[np.searchsorted(stops, times)] = np.arange(times.size)
    return np.stack((omega_squared[np.searchsorted(ends, stops)], stops)), output


def _groups(
    speed: Array, spread: Array, floats: NDArray[np.bool_], top: float, shared: bool
) -> Iterator[tuple[Index, float, float, float]]:
    """Lanes to be solved together, with bounds on their speed (both) and their spread (lower).

    On a shared mesh: blocks of lanes of similar speed, and the bounds of the block. Otherwise classes
    (same sign, speed and spread within the same powers of two), and the bounds of the class.
    """
    if shared:
        order = np.argsort(speed, kind="stable")
        for a in range(0, order.size, LANES):
            members = order[a : a + LANES]
            some = speed[members]
            yield members, float(some.max()), float(some.min()), float(spread[members].min())
        return
    if not speed.size:
        return
    fast = np.ceil(np.log2(np.maximum(speed, 1e-2 * spread / max(top, 1e-12))))
    slow = np.floor(np.log2(spread))
    order = np.lexsort((slow, fast, floats))
    key = np.stack((floats, fast, slow))[:, order]
    starts = np.flatnonzero(np.any(key[:, 1:] != key[:, :-1], axis=0)) + 1
    for members in np.split(order, starts):
        v = float(2.0 ** fast[members[0]])
        yield members, v, 0.5 * v, float(2.0 ** slow[members[0]])


class _Lanes(NamedTuple):
    """What the lanes of a run are, on the scaled chord."""

    quantities: Array  # [_S .. _SLOPE, lane]
    speed: Array  # [lane] largest |ds/dt| per omega^2 [s]
    spread: Array  # [lane] D / length^2, raised where needed [1/s]
    floats: NDArray[np.bool_]  # [lane]
    top: float  # largest omega^2 [rad^2/s^2]
    status: Index  # [lane] OK or DIFFUSION_RAISED


def _lanes(inner: ArrayLike, outer: ArrayLike, s: ArrayLike, D: ArrayLike, top: float, sector: bool) -> _Lanes:
    """Check and scale the lanes."""
    inner, outer, D = (
        _checked(name, a, 0.0) for name, a in (("inner", inner), ("outer", outer), ("D", D))
    )  # fmt: skip
    s = _checked("s", s)
    sizes = {a.size for a in (inner, outer, s, D)} - {1}
    if len(sizes) > 1:
        raise ValueError(f"inner, outer, s and D must have one value per lane, or one for all; sizes are {sizes}")
    inner, outer, s, D = np.broadcast_arrays(inner, outer, s, D)
    if np.any(outer <= inner):
        raise ValueError("outer must be larger than inner in every lane")
    length = outer - inner
    speed = np.abs(s) * outer / length
    spread = np.maximum(D / length**2, np.maximum(speed * top / MAX_PECLET, 1e-300))
    area, slope = (inner / length, np.ones(s.size)) if sector else (np.ones(s.size), np.zeros(s.size))
    quantities = np.stack((s, spread, inner / length, area, slope))
    status = np.where(spread > D / length**2, DIFFUSION_RAISED, OK)
    return _Lanes(quantities, speed, spread, s < 0.0, top, status)


def _own_mesh(speed: float, spread: float, floats: bool, top: float, absorbing: bool, resolution: float) -> Array:
    """Mesh of lanes of one sign, up to a speed and down to a spread."""
    peclet = max(speed * top / spread, 0.01)
    sinking, floating = (0.01, peclet) if floats else (peclet, 0.01)
    return _mesh(sinking, floating, absorbing, resolution)


def _common_mesh(lanes: _Lanes, absorbing: bool, resolution: float) -> Array:
    """Mesh of all lanes of a run."""
    peclet = np.maximum(lanes.speed * lanes.top / lanes.spread, 0.01)
    sinking, floating = (float(peclet[side].max(initial=0.01)) for side in (~lanes.floats, lanes.floats))
    return _mesh(sinking, floating, absorbing, resolution)


def _account(lanes: _Lanes, accounts: Array) -> tuple[Array, Array, Array, Array, Index]:
    """Fractions pelleted, floated and suspended, mass error, status, of accounts[(load, left, rest), lane]."""
    gone, suspended = accounts[1:] / accounts[0]
    mass_error = np.abs(gone + suspended - 1.0)
    status = lanes.status.copy()
    status[~(mass_error <= MASS_TOLERANCE)] = UNBALANCED
    status[np.isnan(accounts[0])] = STEP_BUDGET_EXCEEDED
    return np.where(lanes.floats, 0.0, gone), np.where(lanes.floats, gone, 0.0), suspended, mass_error, status


class LammFractions(NamedTuple):
    """What became of the load of each lane; nan where the status is STEP_BUDGET_EXCEEDED.

    Attributes
    ----------
    pelleted, floated, suspended : ndarray, shape (n_lanes,) [-]
        Fractions of the load that left through the outer end, through the inner end, and not.
    mass_error : ndarray, shape (n_lanes,) [-]
        What the march itself gained or lost: the difference of their sum from 1.
    status : ndarray of int, shape (n_lanes,)
        OK, DIFFUSION_RAISED, STEP_BUDGET_EXCEEDED or UNBALANCED.
    """

    pelleted: Array
    floated: Array
    suspended: Array
    mass_error: Array
    status: Index


class LammProfiles(NamedTuple):
    """Concentrations in the course of a run, and what became of the load of each lane.

    Attributes
    ----------
    mesh : ndarray, shape (n_nodes,) [-]
        (r - inner) / (outer - inner): ends and middles of elements, in turn. Empty if MAX_ELEMENTS are too few.
    profiles : ndarray, shape (n_times, n_lanes, n_nodes) or (n_times, 1, n_nodes) [-]
        Concentrations, nowhere negative; with weights, their weighted sum.
    state : ndarray, shape (n_lanes, n_nodes) [-]
        Concentrations at the end of the run as the march holds them: what a restart goes on from.
    pelleted, floated, suspended, mass_error : ndarray, shape (n_lanes,) [-]
        As in `LammFractions`.
    status : ndarray of int, shape (n_lanes,)
        As in `LammFractions`.
    """

    mesh: Array
    profiles: Array
    state: Array
    pelleted: Array
    floated: Array
    suspended: Array
    mass_error: Array
    status: Index


def solve_lamm_fractions(
    inner: ArrayLike,
    outer: ArrayLike,
    s: ArrayLike,
    D: ArrayLike,
    omega_squared: ArrayLike,
    duration: ArrayLike,
    *,
    sector: bool = False,
    absorbing: bool = True,
    front_resolution: float = 0.65,
    step_resolution: float = 2.0,
) -> LammFractions:
    """Solve the Lamm equation in every lane from a uniform load, for what leaves and what stays.

    Mesh and steps of a lane follow from its own Peclet number and rates alone, so that its fractions do not
    depend on the other lanes. Valid for Peclet numbers |s| omega^2 outer (outer - inner) / D up to 1e5; D is
    raised beyond. At the default resolutions fractions are within 1e-5 of the load (module docstring).
    Source: Claverie et al. 1975, for the elements; see the module.

    Parameters
    ----------
    inner, outer : array_like, shape (n_lanes,) [m]
        Ends of the chord, distances from the rotor axis; 0 <= inner < outer.
    s : array_like, shape (n_lanes,) [s]
        Sedimentation coefficient; negative if the particles float.
    D : array_like, shape (n_lanes,) [m2/s]
        Diffusion coefficient, 0 or larger.
    omega_squared : array_like, shape (n_stages,) [rad2/s2]
        Angular speed squared of each stage.
    duration : array_like, shape (n_stages,) [s]
        Of each stage.
    sector : bool
        Cross-section proportional to r; default constant.
    absorbing : bool
        The end that the particles move to keeps what the field carries there (default), or is closed.
    front_resolution, step_resolution : float [-]
        Longest element, and travel per step, in widths of the front; smaller is finer.

    Returns
    -------
    LammFractions
        Shape (n_lanes,) [-]: what pelleted, floated and stayed, of a load of 1.

    Raises
    ------
    ValueError
        If an argument is not as said above; it is named.

    Examples
    --------
    Half an hour at 15 000 rpm on a chord of 4 cm, for vesicles of 1100 and lipid droplets of 920 kg/m3 in buffer:

    >>> import numpy as np
    >>> diameter = np.array([60e-9, 100e-9, 150e-9, 150e-9])
    >>> excess = np.array([1100.0, 1100.0, 1100.0, 920.0]) - 1005.0
    >>> s, D = excess * diameter**2 / (18 * 1.5e-3), 3.82e-21 / (3 * np.pi * 1.5e-3 * diameter)
    >>> found = solve_lamm_fractions(0.05, 0.09, s, D, (15_000 * 2 * np.pi / 60) ** 2, 1800.0)
    >>> found.pelleted.round(4)
    array([0.1231, 0.3255, 0.667 , 0.    ])
    >>> found.floated.round(4)
    array([0.    , 0.    , 0.    , 0.4621])
    """
    omega_squared, duration = _stages(omega_squared, duration)
    front = _resolution("front_resolution", front_resolution)
    step = _resolution("step_resolution", step_resolution)
    lanes = _lanes(inner, outer, s, D, float(omega_squared.max()), sector)
    legs, _ = _legs(omega_squared, duration, np.empty(0))
    accounts = np.full((3, lanes.speed.size), np.nan)
    phases = np.empty((4, MAX_PHASES))
    nothing, buffer = np.zeros((0, 0)), _aligned(0)
    for members, speed, slowest, spread in _groups(*lanes[1:5], shared=False):
        mesh = _own_mesh(speed, spread, lanes.floats[members[0]], lanes.top, absorbing, front)
        n = _schedule(speed, slowest, spread, legs, False, step, phases)
        if n < 0 or not mesh.size:
            continue
        if buffer.size < (mesh.size + 2) * _ROW:
            buffer = _aligned((mesh.size + 2) * _ROW)
        _run_group(
            buffer, mesh, lanes.quantities, members, absorbing, nothing, phases[:3, :n], np.full(n, -1),
            np.zeros(0), nothing[None], nothing, accounts,
        )  # fmt: skip
    return LammFractions(*_account(lanes, accounts))


def solve_lamm_profiles(
    inner: ArrayLike,
    outer: ArrayLike,
    s: ArrayLike,
    D: ArrayLike,
    omega_squared: ArrayLike,
    duration: ArrayLike,
    output_times: ArrayLike,
    *,
    sector: bool = False,
    absorbing: bool = True,
    front_resolution: float = 0.65,
    step_resolution: float = 2.0,
    weights: ArrayLike | None = None,
    initial: tuple[ArrayLike, ArrayLike] | None = None,
) -> LammProfiles:
    """Solve the Lamm equation in every lane, for profiles on one mesh that all lanes share.

    Valid as `solve_lamm_fractions`; accuracy and positivity of profiles: see the module. Source: Claverie et al. 1975.

    Parameters
    ----------
    inner, outer : array_like, shape (n_lanes,) [m]
        Ends of the chord, distances from the rotor axis; 0 <= inner < outer.
    s : array_like, shape (n_lanes,) [s]
        Sedimentation coefficient; negative if the particles float.
    D : array_like, shape (n_lanes,) [m2/s]
        Diffusion coefficient, 0 or larger.
    omega_squared : array_like, shape (n_stages,) [rad2/s2]
        Angular speed squared of each stage.
    duration : array_like, shape (n_stages,) [s]
        Of each stage.
    output_times : array_like, shape (n_times,) [s]
        Increasing, within the run.
    sector : bool
        Cross-section proportional to r; default constant.
    absorbing : bool
        The end that the particles move to keeps what the field carries there (default), or is closed.
    front_resolution, step_resolution : float [-]
        Longest element, and travel per step, in widths of the front; smaller is finer.
    weights : array_like, shape (n_lanes,) [-], optional
        0 or larger. Asks for the weighted sum of the lanes, all on one chord, in place of their profiles.
    initial : tuple of array_like, (n_nodes,) [-] and (n_lanes, n_nodes) [-], optional
        Mesh and state of earlier `LammProfiles` to go on from, instead of a uniform load 1; with a content above 0 in
        every lane.

    Returns
    -------
    LammProfiles
        Shape (n_times, n_lanes, n_nodes) [-], of a concentration of 1 at the start.

    Raises
    ------
    ValueError
        If an argument is not as said above; it is named.

    Examples
    --------
    A vesicle of 120 S in a closed sector cell, after one and two hours at 10 000 rpm; the plateau dilutes:

    >>> import numpy as np
    >>> run = solve_lamm_profiles(
    ...     0.060, 0.072, [1.2e-11], [4.3e-12], (10_000 * 2 * np.pi / 60) ** 2, 7200.0, np.array([3600.0, 7200.0]),
    ...     sector=True, absorbing=False,
    ... )
    >>> radius = np.array([0.063, 0.069])
    >>> interpolate_profiles(run.mesh, run.profiles[:, 0], (radius - 0.060) / 0.012).round(3)
    array([[0.628, 0.91 ],
           [0.   , 0.827]])
    """
    omega_squared, duration = _stages(omega_squared, duration)
    front = _resolution("front_resolution", front_resolution)
    step = _resolution("step_resolution", step_resolution)
    lanes = _lanes(inner, outer, s, D, float(omega_squared.max()), sector)
    n_lanes = lanes.speed.size
    times = _checked("output_times", output_times, 0.0)
    legs, output = _legs(omega_squared, duration, times)
    factors = np.zeros(0) if weights is None else _checked("weights", weights, 0.0)
    if weights is not None and factors.size != n_lanes:
        raise ValueError(f"weights must have one value per lane, {n_lanes}, and not {factors.size}")
    if weights is not None and (np.ptp(inner) or np.ptp(outer)):
        raise ValueError("weights must be left out for lanes on different chords: their sum has no radius")
    start = np.empty((0, 0))
    if initial is None:
        mesh = _common_mesh(lanes, absorbing, front)
    else:
        mesh, start = _initial(*initial, lanes.quantities)
    n_nodes = max(2 * mesh.size - 1, 0)
    profiles = np.zeros((times.size, n_lanes if weights is None else 1, n_nodes))
    state = np.full((n_lanes, n_nodes), np.nan)
    accounts = np.full((3, n_lanes), np.nan)
    phases = np.empty((4, MAX_PHASES))
    buffer = _aligned((mesh.size + 2) * _ROW)
    for members, speed, slowest, spread in _groups(*lanes[1:5], shared=True):
        n = _schedule(speed, slowest, spread, legs, initial is not None, step, phases)
        if n < 0 or not mesh.size:
            profiles[:, members if weights is None else 0] = np.nan
            continue
        at_output = np.append(output, -1)[phases[3, :n].astype(np.int64)]
        _run_group(
            buffer, mesh, lanes.quantities, members, absorbing, start, phases[:3, :n], at_output,
            factors, profiles, state, accounts,
        )  # fmt: skip
    _lift_all(profiles, mesh, lanes.quantities)
    nodes = np.interp(np.arange(n_nodes) / 2.0, np.arange(mesh.size), mesh) if mesh.size else mesh
    return LammProfiles(nodes, profiles, state, *_account(lanes, accounts))


def interpolate_profiles(mesh: ArrayLike, profiles: ArrayLike, x: ArrayLike) -> Array:
    """Interpolate profiles by cubics, nowhere below the least of the four nodes around a position.

    Parameters
    ----------
    mesh : array_like, shape (n_nodes,) [-]
        Increasing positions, as in `LammProfiles`; four at least.
    profiles : array_like, shape (..., n_nodes) [-]
        Concentrations at the nodes.
    x : array_like, shape (n_positions,) [-]
        (r - inner) / (outer - inner), within the mesh.

    Returns
    -------
    ndarray, shape (..., n_positions) [-]
        Concentrations at the positions.

    Raises
    ------
    ValueError
        If an argument is not as said above; it is named.

    Examples
    --------
    >>> import numpy as np
    >>> mesh = np.linspace(0.0, 1.0, 5)
    >>> interpolate_profiles(mesh, [mesh**3, 1.0 - mesh], [0.125, 0.625]).round(6)
    array([[0.001953, 0.244141],
           [0.875   , 0.375   ]])
    """
    mesh, x = _checked("mesh", mesh), _checked("x", x)
    values = np.ascontiguousarray(profiles, dtype=np.float64)
    if mesh.size < 4 or np.any(np.diff(mesh) <= 0.0):
        raise ValueError("mesh must be four or more increasing positions")
    if values.shape[-1:] != mesh.shape:
        raise ValueError(f"profiles must have {mesh.size} nodes along their last axis, and not shape {values.shape}")
    if np.any(x < mesh[0]) or np.any(x > mesh[-1]):
        raise ValueError(f"x must lie within the mesh, {mesh[0]} to {mesh[-1]}")
    out = np.empty((math.prod(values.shape[:-1]), x.size))
    _interpolate(values.reshape(-1, mesh.size), *_stencils(mesh, x), out)
    return out.reshape(*values.shape[:-1], x.size)
