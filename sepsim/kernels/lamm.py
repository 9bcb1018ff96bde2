"""The Lamm equation: sedimentation or flotation with diffusion, for many particle classes at once.

A lane is one particle class on one straight path (chord) along the centrifugal field. On its
chord, inner <= r <= outer [m from the rotor axis], the concentration c obeys

    A(r) dc/dt = -d/dr { A(r) [ s omega^2(t) r c - D dc/dr ] }

with s [s] signed (s < 0 floats), D [m^2/s], and a cross-section A(r) that is constant (a stream
tube of a preparative tube) or proportional to r (sector-shaped cell). No flux passes the end the
particles come from. The end they move to is closed as well, or absorbing: what the field carries
there stays there (flux s omega^2 r c, no diffusion across the end).

Space: on the scaled chord x = (r - inner) / (outer - inner) all lanes are one problem with
different coefficients and share a mesh of quadratic finite elements. The test functions sum to one,
so mass is conserved exactly. Elements grow with the width of the front and shrink towards the layers
at the ends. The middle node of an element is eliminated, which leaves a tridiagonal system.
Time: the Pade(3,4) approximation of exp, that is Radau IIA of order 7, L-stable: two independent
complex solves per step, with factors kept as long as speed and step stay the same. Steps start small
after a change of speed and grow geometrically until the front's travel per step limits them.

Sources: Claverie, Dreux, Cohen, Biopolymers 14 (1975) 1685 (finite elements for this equation);
Cao, Demeler, Biophys. J. 89 (2005) 1589 (elements that follow the front); Brown, Schuck, Comput.
Phys. Commun. 178 (2008) 105 (graded meshes, permeable bottom).
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]
U = np.uint64  # unsigned indices carry no wrap-around test, so that the loops over lanes vectorise

OK, DIFFUSION_RAISED, STEP_BUDGET_EXCEEDED, UNBALANCED = range(4)  # status of a lane

LANES = 8  # lanes of a block; as a constant it proves to the compiler that fields do not overlap
MAX_ELEMENTS = 4000
MAX_PHASES = 20_000  # of equal steps, in one schedule
MAX_STEPS = 30_000
MAX_PECLET = 1e5  # of a lane, |s| omega^2 outer (outer - inner) / D; D is raised beyond

# Element length: at most LONGEST; geometric to the layer (START layers, ratio about 1 + GROWTH) at the
# end that the particles move to. All are multiplied by front_resolution.
_LONGEST = 0.1
_CLOSED_START, _CLOSED_GROWTH = 0.5, 0.25
_OPEN_START, _OPEN_GROWTH = 2.0, 0.5
# Steps: the first after a change of speed, in units of the time in which the layer forms and of the
# chord's mixing time; growth of the elapsed time per step; step per elapsed time once a chord is cleared
# and only slow modes are left; how long equal steps are kept, as they share factors, per age of the front.
_FIRST_STEP, _FIRST_MIXING, _STEP_GROWTH, _LATE_STEP, _KEEP = 0.2, 0.02, 4.0, 1.0, 3.0

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
    receives its upper entry and adds to its diagonal; the next row receives its lower entry and the
    start of its diagonal.
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
        diagonal = theta * (4.0 * a + b) + (k_ml + k_rl) - from_in * inward
        _put(buffer, o + U(_PIVOT) + k, _get(buffer, o + U(_PIVOT) + k) + diagonal)
        _put(buffer, o + U(_UPPER) + k, lr + (k_mr + k_rr) - from_in * outward)
        _put(buffer, after + U(_LOWER) + k, lr - k_rl - from_out * inward)
        _put(buffer, after + U(_PIVOT) + k, theta * (4.0 * a + 7.0 * b) - k_rr - from_out * outward)


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
def _pivot(buffer: Array, row: int, width: int, pole: int) -> None:
    """LU factors of one row in place; the inverse pivot carries the weight of the pole."""
    weight = _POLES[pole][1]
    unweight = _reciprocal(weight)
    o = U(row) * U(_ROW) + U(_POLE + pole * _POLE_SIZE)
    before = o - U(_ROW)
    for j in range(width):
        k = U(j)
        lower = _get(buffer, o + U(_LOWER) + k)
        diagonal = _get(buffer, o + U(_PIVOT) + k) - lower * _get(buffer, before + U(_UPPER) + k)
        inverse = _reciprocal(diagonal)
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
        buffer[first + _LOWER : first + _UPPER] = 0.0
        if absorbing:
            for j in range(width):
                buffer[first + _PIVOT + j] = dose * _outflow(lane, j, 0.0)
        for e in range(n):
            _eliminate(buffer, e + 1, width, lane, mesh[e], mesh[e + 1] - mesh[e], dose, dt, pole)
            _pivot(buffer, e + 1, width, pole)
        if absorbing:
            for j in range(width):
                buffer[last + _PIVOT + j] += dose * _outflow(lane, j, 1.0)
        buffer[last + _UPPER : last + _FROM_IN] = 0.0
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
def _restore(buffer: Array, mesh: Array, width: int, lane: Array, load: Array) -> None:
    """Take the drift of round-off out of the contents of closed chords, by a common factor.

    It grows with the concentration at the closed end; a larger difference than 1e-6 is left to be seen.
    """
    factor = np.empty(LANES)
    _contents(buffer, mesh, width, lane, factor)
    for j in range(width):
        factor[j] = load[j] / factor[j]
        if not abs(factor[j] - 1.0) < 1e-6:
            factor[j] = 1.0
    for row in range(1, mesh.size + 1):
        for j in range(width):
            buffer[row * _ROW + _END + j] *= factor[j]
            buffer[row * _ROW + _MIDDLE + j] *= factor[j]


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
def _march(
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
    load: Array,
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
        if not absorbing and (i % 16 == 15 or i == phases.shape[1] - 1):
            _restore(buffer, mesh, width, lane, load)
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
    accounts: Array,
) -> None:
    """Solve the lanes `members`, which share mesh and phases; accounts[(load, left, rest), lane]."""
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
        _march(buffer, mesh, size, lane, member, absorbing, phases, output, weights, profiles, sums[0], sums[1])
        _contents(buffer, mesh, LANES, lane, sums[2])
        for j in range(size):
            accounts[:, member[j]] = sums[:, j]


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
    """Element ends on [0, 1] for sinking and floating lanes up to the given Peclet numbers."""
    ends = np.empty(MAX_ELEMENTS + 1)
    ends[0] = 0.0
    n = 0
    while ends[n] < 1.0 and n < MAX_ELEMENTS:
        x = ends[n]
        down = _element_length(x, sinking, absorbing)
        up = _element_length(1.0 - x, floating, absorbing)
        n += 1
        ends[n] = x + resolution * min(down, up)
    return ends[: n + 1] / ends[n]


@njit(cache=True, error_model="numpy", nogil=True)
def _longest_step(
    age: float, travelled: float, growing: float, velocity: float, spread: float, resolution: float
) -> float:
    """Longest step [s]: geometric growth, and a front of some age that travels within its own width.

    A chord counts as cleared once the slowest lane has travelled three times its length. A well mixed
    chord empties exponentially, which half a chord of travel resolves.
    """
    if velocity == 0.0:
        return growing
    front = resolution * min(math.sqrt(2.0 * spread * age), 0.5)
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
    """Interpolate profiles[time, 0, node] at stencils with weights[4, radius]; not below zero."""
    for t in range(out.shape[0]):
        c = profiles[t, 0]
        for i in range(index.size):
            at = U(index[i])
            value = weights[0, i] * c[at] + weights[1, i] * c[at + U(1)]
            value += weights[2, i] * c[at + U(2)] + weights[3, i] * c[at + U(3)]
            out[t, i] = 0.0 if value < 0.0 else value


def _stencils(nodes: Array, x: Array) -> tuple[Index, Array]:
    """First node and cubic Lagrange weights[4, x] of the four nodes around each x."""
    index = np.clip(np.searchsorted(nodes, x) - 2, 0, nodes.size - 4)
    near = nodes[index + np.arange(4)[:, None]]
    weights = np.ones_like(near)
    for i in range(4):
        for k in {0, 1, 2, 3} - {i}:
            weights[i] *= (x - near[k]) / (near[i] - near[k])
    return index, weights


def _vector(values: ArrayLike) -> Array:
    """Contiguous 1-D float64."""
    return np.ascontiguousarray(np.atleast_1d(values), dtype=np.float64)


def _aligned(size: int) -> Array:
    """Uninitialised floats on a 64-byte boundary; off it, the lanes take half as long again."""
    raw = np.empty(size * 8 + 64, dtype=np.uint8)
    offset = -raw.ctypes.data % 64
    return raw[offset : offset + size * 8].view(np.float64)


def _legs(omega_squared: Array, duration: Array, times: Array) -> tuple[Array, Index]:
    """Cut the run at stage ends and output times: (omega^2, end) and the output (or -1) of each leg."""
    ends = np.cumsum(duration)
    if np.any(np.diff(times) <= 0.0) or np.any(times < 0.0) or np.any(times > ends[-1] * (1 + 1e-9)):
        raise ValueError(f"output_times must increase, from 0 at the earliest to {ends[-1]} s at most")
    times = np.minimum(times, ends[-1])
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
    fast = np.ceil(np.log2(np.maximum(speed, 1e-2 * spread / max(top, 1e-12))))
    slow = np.floor(np.log2(spread))
    order = np.lexsort((slow, fast, floats))
    key = np.stack((floats, fast, slow))[:, order]
    starts = np.flatnonzero(np.any(key[:, 1:] != key[:, :-1], axis=0)) + 1
    for members in np.split(order, starts):
        v = float(2.0 ** fast[members[0]])
        yield members, v, 0.5 * v, float(2.0 ** slow[members[0]])


class Solution(NamedTuple):
    """What became of each lane's load, and profiles where asked for.

    The fractions come from the solver's own mesh and add up to 1 (nan if STEP_BUDGET_EXCEEDED).
    """

    pelleted: Array  # [lane] fraction of the load that left through the outer end
    floated: Array  # [lane] fraction that left through the inner end
    suspended: Array  # [lane]
    status: Index  # [lane] OK, DIFFUSION_RAISED, STEP_BUDGET_EXCEEDED or UNBALANCED
    mesh: Array  # [node] (r - inner) / (outer - inner): ends and middles of elements, in turn
    profiles: Array  # [output time, lane, node]; with output radii [output time, 1, node], the sum
    concentration: Array  # [output time, output radius]


def solve(
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
    output_times: ArrayLike | None = None,
    output_radii: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    initial: tuple[Array, Array] | None = None,
) -> Solution:
    """Solve the Lamm equation in every lane, from a uniform load 1 or from given profiles.

    Parameters
    ----------
    inner, outer : [lane] ends of the chord, distances from the rotor axis [m]; 0 <= inner < outer
    s, D : [lane] sedimentation coefficient, signed [s]; diffusion coefficient [m^2/s], >= 0
    omega_squared, duration : [stage] angular speed squared [rad^2/s^2] and length [s] of each stage
    sector : cross-section proportional to r, instead of constant
    absorbing : the end that the particles move to keeps what the field carries there
    front_resolution, step_resolution : longest element, and travel per step, in widths of the front.
        The defaults keep fractions within 1e-5 and profiles within 1e-4 (RMS) of the load
    output_times : [time], increasing [s]; asks for the profiles, on one mesh for all lanes
    output_radii, weights : [radius] [m] and [lane]; asks for the weighted sum (1 each by default) of
        lanes on one chord, interpolated there, not below zero, in place of the profiles
    initial : (mesh, profiles[lane, node]) as in a Solution, to go on from on the same mesh

    Returns
    -------
    Solution
        Without output times and initial profiles, mesh and steps of a lane follow from its own Peclet
        number and rates alone, so that its fractions do not depend on the other lanes.
        Element ends (even nodes) are never negative; in the trace behind a sharp front, middles may
        undershoot by about 5e-5 at the default resolution.
    """
    inner, outer, s, D = np.broadcast_arrays(*(_vector(a) for a in (inner, outer, s, D)))
    times = _vector(() if output_times is None else output_times)
    legs, output = _legs(_vector(omega_squared), _vector(duration), times)
    top = float(legs[0].max())
    length = outer - inner
    floats = s < 0.0
    speed = np.abs(s) * outer / length
    spread = np.maximum(D / length**2, np.maximum(speed * top / MAX_PECLET, 1e-300))
    status = np.where(spread > D / length**2, DIFFUSION_RAISED, OK)
    area, slope = (inner / length, np.ones(s.size)) if sector else (np.ones(s.size), np.zeros(s.size))
    quantities = np.stack((s, spread, inner / length, area, slope))

    w = np.zeros(0)
    if output_radii is not None:
        if np.ptp(inner) or np.ptp(outer):
            raise ValueError("output_radii: the lanes have different chords, so their sum has no radius")
        w = np.ones(s.size) if weights is None else _vector(weights)
    shared = output_times is not None or initial is not None
    start = np.empty((0, 0))
    mesh = np.ones(1)
    if initial is not None:
        mesh, start = (np.ascontiguousarray(a) for a in (initial[0][::2], initial[1]))
    elif shared:
        peclet = np.maximum(speed * top / spread, 0.01)
        ends = (float(peclet[side].max(initial=0.01)) for side in (~floats, floats))
        mesh = _mesh(*ends, absorbing, front_resolution)
    profiles = np.zeros((times.size, 1 if w.size else s.size, 2 * mesh.size - 1))
    accounts = np.full((3, s.size), np.nan)
    phases = np.empty((4, MAX_PHASES))
    buffer = _aligned(0)
    for members, v, slowest, d in _groups(speed, spread, floats, top, shared):
        if not shared:
            peclet = max(v * top / d, 0.01)
            ends = (0.01, peclet) if floats[members[0]] else (peclet, 0.01)
            mesh = _mesh(*ends, absorbing, front_resolution)
        n = _schedule(v, slowest, d, legs, initial is not None, step_resolution, phases)
        if n < 0 or mesh.size > MAX_ELEMENTS:
            status[members] = STEP_BUDGET_EXCEEDED
            profiles[:, 0 if w.size else members] = np.nan
            continue
        if buffer.size < (mesh.size + 2) * _ROW:
            buffer = _aligned((mesh.size + 2) * _ROW)
        at_output = np.append(output, -1)[phases[3, :n].astype(np.int64)]
        _run_group(
            buffer,
            mesh,
            quantities,
            members,
            absorbing,
            start,
            phases[:3, :n],
            at_output,
            w,
            profiles,
            accounts,
        )
    gone, suspended = accounts[1:] / accounts[0]
    unbalanced = ~(np.abs(gone + suspended - 1.0) < 1e-9)
    status[unbalanced & (status != STEP_BUDGET_EXCEEDED)] = UNBALANCED
    nodes = np.interp(np.arange(2 * mesh.size - 1) / 2.0, np.arange(mesh.size), mesh)
    radii = _vector(() if output_radii is None else output_radii)
    concentration = np.empty((times.size, radii.size))
    if radii.size:
        at = _stencils(nodes, (radii - inner[0]) / length[0])
        _interpolate(profiles, *at, concentration)
    pelleted, floated = np.where(floats, 0.0, gone), np.where(floats, gone, 0.0)
    nodes = nodes if shared else np.zeros(0)
    return Solution(pelleted, floated, suspended, status, nodes, profiles, concentration)
