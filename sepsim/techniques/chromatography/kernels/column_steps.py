"""Chromatography in steps of time: beds of porous beads in series with binding that saturates, or that is switched.

The equations of a bed are those of linear chromatography (general rate model with Danckwerts' conditions), and in the
pores binding with a shared capacity; q is bound per volume of bead, p the concentration in the pores:

    kappa dp/dt = P D_p (1 / r^2) d/dr (r^2 dp/dr) - P k_pore p - dq/dt
    dq_i/dt = ka_i p_i (1 - sum_j a_j q_j) - kd_i q_i

a_j is the share of the capacity that one unit of q_j takes. The outer surface of the beads, behind the film but before
the pores, may hold species too, with a storage, rates and a capacity of its own. From a given time on, or from when a
front that starts then has come so far, ka and kd have other values (step elution).

Space: cells of one step's travel, dx = u dt, in each bed; a bead is divided into shells of equal volume. The flow
between shells is that of a parabola with their means, which is how a bead follows a slow change outside. Mean and
variance of what leaves are therefore right for any number of shells, and one shell is the linear driving force
(Glueckauf). Where pore diffusion is without bound the bead is well mixed.

Time: per step the liquid moves on by one cell, which is exact. Between two moves (Strang): half a step of dispersion
and of binding, a step of exchange between liquid and beads, half a step of binding and of dispersion; binding and
exchange may be divided into shorter steps. Exchange is
the exponential of its matrix, one per bed and lane; dispersion that of the discrete Laplace operator between closed
ends, a convolution with mirror images: both exact in time, conservative, and nowhere negative. The variance that
filling beads once per step adds is taken off the dispersion. Binding is the exponential for a free capacity that is
constant over the half step, the implicit one at the point where an exponential approach has its mean: of second order,
exact where the liquid is in great excess, and never beyond saturation.

Accuracy: of second order in the step where film or pores limit exchange, of about first order where exchange is at
equilibrium within a step: that, or binding so fast, acts like a Peclet number of 2 n (1 + k) / k in n cells, k being
held per amount in the liquid, which is taken off the dispersion as far as there is any. The mean time of leaving is
exact. Without binding, shares that have left are within 4e-4 of the load with 100 cells and 24 shells, 1e-3 with 400
and 8, while there is dispersion to take from. A bed is passed in its cells times the step, which is as near its
residence time as cells allow. Amounts are kept to 1e-10.

Layout: lanes (species) innermost.

Sources: Strang, SIAM J. Numer. Anal. 5 (1968) 506 (splitting); Glueckauf, Trans. Faraday Soc. 51 (1955) 1540 (linear
driving force); Moler, Van Loan, SIAM Rev. 45 (2003) 3 (exponentials by scaling and squaring).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]
Index = NDArray[np.int64]
BedArrays = SpeciesArrays = Injection = Any  # those of linear chromatography; kernels import one another not

OK, UNBALANCED = range(2)  # status of a lane

MASS_TOLERANCE = 1e-10  # of the load; a lane that gains or loses more is UNBALANCED
MAX_STEPS = 1_000_000
UNEVEN = 1e-2  # relative difference of a bed's residence from its cells times the step

_LEAST = 1e-30  # of the load; less is nothing, so that empty cells stay empty
_STIFFEST = 1e6  # rates times the step; faster exchange is at equilibrium within a step
_ITERATIONS = 60  # of Newton's method, which comes from one side; about five are taken
_LIQUID, _LOST, _BOUND = range(3)  # rows of an inventory; from the last on, one per bed
_RESIDENCE, _PECLET, _PHASE_RATIO, _BEAD_RADIUS = range(4)  # rows of packed beds
_FILM, _PORE_SHARE, _STORAGE, _PORE_DIFFUSIVITY, _LIQUID_LOSS, _PORE_LOSS, _SURFACE = range(7)  # and of packed species
_BED_FIELDS = ("residence", "peclet", "phase_ratio", "bead_radius")
_SPECIES_FIELDS = ("film", "pore_share", "storage", "pore_diffusivity", "liquid_loss", "pore_loss", "surface")

_JIT = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": {"contract"}}


class BindingArrays(NamedTuple):
    """How the beds bind each species, beyond what a linear isotherm holds at any time; by default not at all.

    Lists do as well as arrays; what has fewer dimensions is spread.

    Attributes
    ----------
    adsorption, desorption : ndarray, shape (n_beds, n_species) [1/s]
        Rates ka and kd of binding in the pores.
    capacity_use : ndarray, shape (n_beds, n_species) [m3]
        Volume of bead that one unit of load takes, the inverse of its capacity; 0 binds without limit.
    surface_adsorption : ndarray, shape (n_beds, n_species) [1/s]
        Rate ka of binding on the outer surface of the beads, where the species has a `surface` above 0; desorption is
        that of the pores.
    surface_use : ndarray, shape (n_beds, n_species) [m3]
        As `capacity_use`, of the capacity of the surface.
    adsorption_after, desorption_after, surface_adsorption_after : ndarray, shape (n_beds, n_species) [1/s]
        The rates after the switch.
    switch : float [s]
        Time of the switch.
    front : ndarray, shape (n_beds,) [s]
        Time that the switch takes to pass each bed; 0 switches everywhere at once.
    """

    adsorption: Array = 0.0
    desorption: Array = 0.0
    capacity_use: Array = 0.0
    surface_adsorption: Array = 0.0
    surface_use: Array = 0.0
    adsorption_after: Array = 0.0
    desorption_after: Array = 0.0
    surface_adsorption_after: Array = 0.0
    switch: float = math.inf
    front: Array = 0.0


class ColumnBalance(NamedTuple):
    """Where the load is: what has left the column by each time, and the rest at the last time.

    Attributes
    ----------
    shares : ndarray, shape (n_species, n_times) [-]
        Left by each time.
    liquid : ndarray, shape (n_species,) [-]
        In liquid, pores, linear storage and mixer.
    bound : ndarray, shape (n_beds, n_species) [-]
        Bound with a capacity or a rate, by bed.
    lost : ndarray, shape (n_species,) [-]
        Captured.
    mass_error : ndarray, shape (n_species,) [-]
        Of their sum.
    status : ndarray of int, shape (n_species,)
        OK or UNBALANCED.

    Examples
    --------
    >>> found = ColumnBalance([[0.0, 0.75]], [0.25], [[0.0]], [0.0], [0.0], [OK])
    >>> found.shares[0][-1] + found.liquid[0]
    1.0
    """

    shares: Array
    liquid: Array
    bound: Array
    lost: Array
    mass_error: Array
    status: Index


class _Steps(NamedTuple):
    """What one step does to the content of a column."""

    length: float  # [s]
    substeps: int
    cells: Index  # (n_beds,)
    exchange: Array  # (n_beds, nodes + 2, nodes + 1, lanes), from `_propagators`, in a substep
    weights: Array  # (n_beds, lanes, widest + 1), of dispersion in half a step
    width: Index  # (n_beds, lanes), of those that are not zero
    rates: Array  # (2, 2, 2, n_beds, lanes) [1/s]: surface or pores, before or after the switch, on or off
    use: Array  # (2, n_beds, lanes), of the capacity of a node: surface or pores
    binds: Index  # (n_beds,), 0 not, 1 without limit, 2 up to a capacity
    outer: int  # 1 if the first node of a bead is its surface, else 0
    switch: Array  # (n_cells,) [s]


class _Content(NamedTuple):
    """What is where in a column, in shares of the load; changed in place."""

    liquid: Array  # (n_cells, lanes), between the beads
    nodes: Array  # (n_cells, nodes, lanes), in the beads from the outside in
    bound: Array  # (n_cells, nodes, lanes)
    tank: Array  # (lanes,), in the mixer
    lost: Array  # (lanes,)


@njit(**_JIT)
def _exponential(A: Array, work: Array) -> None:
    """Replace A, rates times a step from column to row that sum to zero in columns, by exp(A)."""
    n = A.shape[0]
    fastest = 0.0
    for i in range(n):
        fastest = max(fastest, -A[i, i])
    halvings = 0
    while fastest > 0.5:
        fastest *= 0.5
        halvings += 1
    scale = 0.5**halvings
    term, total = work[0], work[1]
    for i in range(n):  # exp(A) = exp(-fastest) exp(A + fastest): sums of positive numbers alone
        for j in range(n):
            A[i, j] *= scale
            term[i, j] = total[i, j] = 1.0 if i == j else 0.0
        A[i, i] += fastest
    for order in range(1, 17):
        for i in range(n):
            for j in range(n):
                x = 0.0
                for k in range(n):
                    x += A[i, k] * term[k, j]
                work[2, i, j] = x / order
        for i in range(n):
            for j in range(n):
                term[i, j] = work[2, i, j]
                total[i, j] += term[i, j]
    _conserve(total)
    for _ in range(halvings):
        for i in range(n):
            for j in range(n):
                x = 0.0
                for k in range(n):
                    x += total[i, k] * total[k, j]
                term[i, j] = x
        total[:] = term
        _conserve(total)
    A[:] = total


@njit(**_JIT)
def _conserve(M: Array) -> None:
    """Divide columns by their sums, which are one but for round-off."""
    for j in range(M.shape[1]):
        x = 0.0
        for i in range(M.shape[0]):
            x += M[i, j]
        for i in range(M.shape[0]):
            M[i, j] /= x


@njit(**_JIT)
def _couple(ratio: float, radius: float, bead: Array, step: float, outer: int, A: Array) -> None:
    """Fill in the rates times the step between liquid (0), beads from the outside in, and what is lost (last).

    With `outer` 1 the first node of the beads is their surface, else it is their first shell. Nodes that a species does
    not enter would hand on at once what they never have.
    """
    film, share, storage, diffusivity, liquid_loss, pore_loss, surface = bead
    nodes = A.shape[0] - 2
    shells = nodes - outer
    A[:] = 0.0
    above, source, resistance = 0, 1.0, 1.0 / film if film > 0.0 else math.inf
    exchanges = ratio > 0.0 and film > 0.0
    if outer == 1 and exchanges and surface > 0.0:
        held = ratio * surface
        most = _STIFFEST * min(1.0, held)
        flow = min(ratio * 3.0 / radius * film * step, most)
        A[1, 0] = flow
        A[0, 1] = flow / held
        above, source, resistance = 1, held, 0.0
    elif outer == 1:
        A[0, 1] = 1.0
    if exchanges and storage > 0.0 and not (share > 0.0 and diffusivity == 0.0):
        mixed = share == 0.0 or diffusivity == math.inf
        held = ratio * storage / shells
        before = 1.0  # mean square of the radius: of the surface, then of the last shell
        for k in range(shells):
            node = k + 1 + outer
            outside, inside = ((shells - k) / shells) ** (1.0 / 3.0), ((shells - k - 1) / shells) ** (1.0 / 3.0)
            mean = 0.6 * (outside**5 - inside**5) * shells
            resistance += 0.0 if mixed else radius * (before - mean) / (2.0 * outside * share * diffusivity)
            most = _STIFFEST * min(source, held)
            flow = ratio * 3.0 / radius * outside * outside * step
            flow = min(flow / resistance, most) if resistance > flow / most else most
            A[node, above] = flow / source
            A[above, node] = flow / held
            A[nodes + 1, node] = min(share * pore_loss / storage * step, _STIFFEST)
            above, source, resistance, before = node, held, 0.0, mean
    else:
        for node in range(1 + outer, nodes + 1):
            A[0, node] = 1.0
    A[nodes + 1, 0] = min(liquid_loss * step, _STIFFEST)
    for j in range(nodes + 1):
        x = 0.0
        for i in range(nodes + 2):
            x += A[i, j]
        A[j, j] = -x


@njit(**_JIT)
def _propagators(beds: Array, bead: Array, step: float, outer: int, M: Array) -> None:
    """Fill in what of each node (second index) comes to each node (first) in a step, per bed and lane (last)."""
    n = M.shape[1]
    A, work = np.empty((n, n)), np.empty((3, n, n))
    for b in range(M.shape[0]):
        for j in range(M.shape[3]):
            _couple(beds[_PHASE_RATIO, b], beds[_BEAD_RADIUS, b], bead[:, b, j], step, outer, A)
            _exponential(A, work)
            M[b, :, :, j] = A[:, : n - 1]


@njit(**_JIT)
def _disperse(liquid: Array, weights: Array, width: Index, padded: Array, out: Array) -> None:
    """Spread the liquid (cells, lanes) of one bed, with mirror images beyond its ends."""
    n, lanes = liquid.shape
    for j in range(lanes):
        pad = width[j]
        if pad == 0:
            continue
        for i in range(n):
            padded[pad + i] = liquid[i, j]
        for i in range(pad):
            at = i % (2 * n)
            at = at if at < n else 2 * n - 1 - at
            padded[pad - 1 - i] = liquid[at, j]
            padded[pad + n + i] = liquid[n - 1 - at, j]
        for i in range(n):
            out[i] = weights[j, 0] * padded[pad + i]
        for w in range(1, pad + 1):
            weight = weights[j, w]
            for i in range(n):
                out[i] += weight * (padded[pad + i - w] + padded[pad + i + w])
        for i in range(n):
            liquid[i, j] = out[i] if out[i] > _LEAST else 0.0


@njit(**_JIT)
def _exchange(liquid: Array, shells: Array, M: Array, out: Array, lost: Array) -> None:
    """Exchange between the liquid of one cell and its beads for a step."""
    n, lanes = shells.shape
    for i in range(n + 2):
        for j in range(lanes):
            out[i, j] = M[i, 0, j] * liquid[j]
        for k in range(n):
            for j in range(lanes):
                out[i, j] += M[i, k + 1, j] * shells[k, j]
    for j in range(lanes):
        liquid[j] = out[0, j] if out[0, j] > _LEAST else 0.0
        lost[j] += out[n + 1, j]
    for k in range(n):
        for j in range(lanes):
            shells[k, j] = out[k + 1, j] if out[k + 1, j] > _LEAST else 0.0


@njit(**_JIT)
def _free(pores: Array, bound: Array, on: Array, off: Array, use: Array, step: float) -> float:
    """Free share of the capacity, to be taken as constant over a step."""
    taken = pull = 0.0
    for j in range(use.size):
        taken += use[j] * bound[j]
        pull += use[j] * on[j] * pores[j]
    pull *= step
    if pull == 0.0 and taken == 0.0:
        return 1.0
    # an approach exp(-pull t / step) has its mean here
    place = step * (1.0 / -math.expm1(-pull) - 1.0 / pull if pull > 1e-4 else 0.5 + pull / 12.0)
    # the start takes binding for constant and nothing for released, so that it is below the root, where Newton's stays
    free = max(1.0 - taken, 0.0) / (1.0 + pull * place / step)
    for _ in range(_ITERATIONS):
        excess, slope = free - 1.0, 1.0
        for j in range(use.size):
            all_ = pores[j] + bound[j]
            if use[j] * all_ == 0.0:
                continue
            rate = on[j] * free + off[j]
            if rate * place < 1e-8:  # first order
                excess += use[j] * (bound[j] + (on[j] * free * pores[j] - off[j] * bound[j]) * place)
                slope += use[j] * on[j] * pores[j] * place
                continue
            even = on[j] * free / rate * all_
            left = math.exp(-rate * place)
            excess += use[j] * (even + (bound[j] - even) * left)
            slope += use[j] * on[j] * (all_ * off[j] / (rate * rate) * (1.0 - left) - (bound[j] - even) * place * left)
        change = -excess / slope
        if change <= 0.0:
            break
        free += change
        if change <= 1e-8 * free:  # the next would be its square
            break
    return free


@njit(**_JIT)
def _bind(pores: Array, bound: Array, on: Array, off: Array, use: Array, limited: bool, step: float) -> None:
    """Bind and release in one shell for a step; on = ka / kappa and off = kd are rates of amounts."""
    free = _free(pores, bound, on, off, use, step) if limited else 1.0
    for j in range(pores.size):
        rate = on[j] * free + off[j]
        all_ = pores[j] + bound[j]
        if rate == 0.0 or all_ == 0.0:
            continue
        even = on[j] * free / rate * all_
        x = even + (bound[j] - even) * math.exp(-rate * step)
        x = x if x > _LEAST else 0.0
        bound[j] = min(x, all_)
        pores[j] = all_ - bound[j]


@njit(**_JIT)
def _bind_until(
    nodes: Array, bound: Array, rates: Array, use: Array, limited: bool, outer: int, start: float, step: float,
    switch: float,
) -> None:  # fmt: skip
    """Bind in all nodes of the beads of a cell for a step that a switch of rates may divide.

    Rates (2, 2, 2, lanes) are by place (surface, pores), before or after the switch, and on or off; use (2, lanes) by
    place.
    """
    before = min(max(switch - start, 0.0), step)
    for k in range(nodes.shape[0]):
        place = 0 if k < outer else 1
        if before > 0.0:
            _bind(nodes[k], bound[k], rates[place, 0, 0], rates[place, 0, 1], use[place], limited, before)
        if before < step:
            _bind(nodes[k], bound[k], rates[place, 1, 0], rates[place, 1, 1], use[place], limited, step - before)


@njit(**_JIT)
def _entered(time: float, step: float, pulse: float) -> float:
    """Share of the load that has entered, its mean over a step around the time."""
    low, high = time - 0.5 * step, time + 0.5 * step
    if low >= pulse:
        return 1.0
    if high <= 0.0:
        return 0.0
    inside = min(high, pulse)
    start = max(low, 0.0)
    area = (inside * inside - start * start) / (2.0 * pulse) if pulse > 0.0 else 0.0
    return (area + max(high - pulse, 0.0)) / step


@njit(**_JIT)
def _take_stock(cells: Index, content: _Content, part: float, stock: Array) -> None:
    """Add a part of what is where to `stock` (2 + n_beds, lanes)."""
    liquid, nodes, bound, tank, lost = content
    lanes = lost.size
    first = 0
    for b in range(cells.size):
        for i in range(first, first + cells[b]):
            for j in range(lanes):
                stock[_LIQUID, j] += part * liquid[i, j]
            for k in range(nodes.shape[1]):
                for j in range(lanes):
                    stock[_LIQUID, j] += part * nodes[i, k, j]
                    stock[_BOUND + b, j] += part * bound[i, k, j]
        first += cells[b]
    for j in range(lanes):
        stock[_LIQUID, j] += part * tank[j]
        stock[_LOST, j] += part * lost[j]


@njit(**_JIT)
def _between_moves(time: float, steps: _Steps, content: _Content, busy: Array, padded: Array, out: Array) -> None:
    """Dispersion, binding and exchange from the middle of one step, `time`, to that of the next."""
    liquid, nodes, bound, _, lost = content
    weights, width, binds, outer = steps.weights, steps.width, steps.binds, steps.outer
    lanes = lost.size
    first = 0
    part = steps.length / steps.substeps
    half = 0.5 * part
    for b in range(steps.cells.size):
        beyond = first + steps.cells[b]
        M, rates, use, limited = steps.exchange[b], steps.rates[:, :, :, b], steps.use[:, b], binds[b] > 1
        _disperse(liquid[first:beyond], weights[b], width[b], padded[0], padded[1])
        for i in range(first, beyond):
            if busy[i] == 0.0:
                for j in range(lanes):
                    busy[i] = max(busy[i], liquid[i, j])
                if busy[i] == 0.0:
                    continue
            switch = steps.switch[i]
            for sub in range(steps.substeps):
                start = time + sub * part
                if binds[b] > 0:
                    _bind_until(nodes[i], bound[i], rates, use, limited, outer, start, half, switch)
                _exchange(liquid[i], nodes[i], M, out, lost)
                if binds[b] > 0:
                    _bind_until(nodes[i], bound[i], rates, use, limited, outer, start + half, half, switch)
        _disperse(liquid[first:beyond], weights[b], width[b], padded[0], padded[1])
        first = beyond


@njit(**_JIT)
def _solve(
    steps: _Steps, content: _Content, pulse: float, mixing: float, times: Array, shares: Array, stock: Array
) -> None:
    """March from an empty column to the last time; fill in shares and `stock` (2 + n_beds, lanes) at the last time."""
    step, cells = steps.length, steps.cells
    liquid, tank = content.liquid, content.tank
    n, lanes = liquid.shape
    busy = np.zeros(n)
    padded = np.empty((2, n + 2 * steps.width.max()))
    out = np.empty((content.nodes.shape[1] + 2, lanes))
    before, now = np.zeros(lanes), np.zeros(lanes)
    z = step / mixing if mixing > 0.0 else 0.0
    stays, arrives = math.exp(-z), (-math.expm1(-z) / z if z > 0.0 else 0.0)
    end = times[times.size - 1]
    last = max(math.ceil(end / step - 1e-9), 1)
    entered = _entered(0.0, step, pulse)
    liquid[0, :] = entered
    part = 0.5 * (1.0 - min(end / step, 1.0)) if last == 1 else 0.0
    _take_stock(cells, content, part, stock)
    _between_moves(-0.5 * step, steps, content, busy, padded, out)
    _take_stock(cells, content, part, stock)
    at = 0
    while at < times.size and times[at] <= 0.0:
        at += 1
    for t in range(1, last + 1):
        before[:] = now
        for j in range(lanes):
            leaving = liquid[n - 1, j]
            if z > 0.0:
                kept = tank[j] * stays + leaving * arrives
                leaving += tank[j] - kept
                tank[j] = kept
            now[j] += leaving
        for i in range(n - 1, 0, -1):
            for j in range(lanes):
                liquid[i, j] = liquid[i - 1, j]
        entering = _entered(t * step, step, pulse)
        liquid[0, :] = entering - entered
        entered = entering
        passed = min((end - (t - 1) * step) / step, 1.0) if t == last else 0.0
        part = 0.5 * (passed if t == last else 1.0 - min((end - t * step) / step, 1.0) if t == last - 1 else 0.0)
        if part > 0.0:  # the end of a step lies half-way between two moves
            _take_stock(cells, content, part, stock)
        _between_moves((t - 0.5) * step, steps, content, busy, padded, out)
        if part > 0.0:
            _take_stock(cells, content, part, stock)
        while at < times.size and (times[at] <= t * step or t == last):
            passed = min((times[at] - (t - 1) * step) / step, 1.0)
            for j in range(lanes):
                shares[j, at] = before[j] + passed * (now[j] - before[j])
            at += 1


def _entered_by(time: float, step: float, pulse: float) -> float:
    """Share of the load that has entered by a time, on the line between the ends of steps."""
    t = max(math.ceil(time / step - 1e-9), 1)
    passed = min((time - (t - 1) * step) / step, 1.0)
    early = _entered((t - 1) * step, step, pulse)
    return early + passed * (_entered(t * step, step, pulse) - early)


def _spread(number: float) -> Array:
    """Return the weights of a diffusion step on a grid, D dt / h^2 = number, from the middle to one side.

    They are exp(-2 number) I_n(2 number), from their Fourier transform.
    """
    size = 1 << max(6, math.ceil(math.log2(24.0 * math.sqrt(2.0 * number) + 16.0)))
    wave = np.sin(np.pi * np.arange(size // 2 + 1) / size)
    weights = np.fft.irfft(np.exp(-4.0 * number * wave * wave), size)[: size // 2]
    weights = np.maximum(weights[: int(np.flatnonzero(weights > 1e-17)[-1]) + 1], 0.0)
    return weights / (2.0 * weights.sum() - weights[0])


def _dispersion(cells: Index, beds: Array, bead: Array, M: Array, step: float) -> tuple[Array, Index]:
    """Return weights (n_beds, n_species, widest + 1) and widths of dispersion in half a step.

    Beads are filled and emptied once per step, which adds a variance of the second order to the time of passage. It is
    taken off the dispersion, as far as there is any. `M` is without loss.
    """
    shape = bead.shape[1:]
    spreads = []
    for b in range(shape[0]):
        Pe = beds[_PECLET, b]
        plain = 0.5 * cells[b] / Pe
        for j in range(shape[1]):
            if not (M[b, 1:-1, 0, j] > 0.0).any():
                spreads.append(_spread(plain))
                continue
            film, share, storage, diffusivity, _, _, surface = bead[:, b, j]
            radius = beds[_BEAD_RADIUS, b]
            stay = np.eye(M.shape[2] - 1) - M[b, 1:-1, 1:, j]
            visits = np.linalg.solve(stay, M[b, 1:-1, 0, j])  # steps in shells between steps in the liquid
            held = visits.sum()
            stepped = 2.0 * np.linalg.solve(stay, visits).sum() - held - held * held
            delay = (storage + surface) ** 2 * radius / (3.0 * film)
            if share > 0.0 and storage > 0.0:
                delay += storage * storage * radius**2 / (15.0 * share * diffusivity)
            excess = stepped - 2.0 * beds[_PHASE_RATIO, b] * delay / step
            wanted = 2.0 / Pe * (1.0 + math.expm1(-Pe) / Pe) - excess / (cells[b] * (1.0 + held) ** 2)
            left = 0.5 * cells[b] / _peclet(wanted) if wanted > 1e-9 else 0.0
            spreads.append(_spread(min(left, plain)))
    width = np.array([spread.size - 1 for spread in spreads])
    weights = np.zeros((len(spreads), width.max() + 1))
    for row, spread in zip(weights, spreads, strict=True):
        row[: spread.size] = spread
    return weights.reshape(*shape, -1), width.reshape(shape)


def _peclet(variance: float) -> float:
    """Return the Peclet number of a bed with the relative variance of the passage, below 1 and above 1e-9."""
    low, high = 1e-9, 2.0 / variance
    for _ in range(80):
        middle = 0.5 * (low + high)
        enough = 2.0 / middle * (1.0 + math.expm1(-middle) / middle) > variance
        low, high = (middle, high) if enough else (low, middle)
    return high


def _numbers(name: str, value: ArrayLike) -> Array:
    """Return numbers of any shape."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers, in an array or in lists of the same length") from None


def _filled(name: str, value: ArrayLike, shape: tuple[int, ...], above: bool = False, finite: bool = True) -> Array:
    """Return `value` spread to `shape`, not below zero."""
    array, given = np.empty(shape), _numbers(name, value)
    try:
        array[...] = given
    except ValueError:
        raise ValueError(f"{name} must have the shape {shape}, and not {given.shape}") from None
    if not ((array > 0.0 if above else array >= 0.0) & (array < math.inf if finite else True)).all():
        raise ValueError(f"{name} must be {'finite numbers ' if finite else ''}{'above' if above else 'of at least'} 0")
    return array


def _scalar(name: str, value: float, above: bool = False) -> float:
    """Return a finite number, not below zero."""
    return float(_filled(name, value, (1,), above=above)[0])


def _whole(name: str, value: int) -> int:
    """Return a whole number."""
    if not isinstance(value, int | np.integer):
        raise ValueError(f"{name} must be a whole number, and not {value}")
    return int(value)


def _fields(name: str, record: object, kind: str, names: tuple[str, ...]) -> dict[str, ArrayLike]:
    """Return the fields of a record."""
    missing = [field for field in names if not hasattr(record, field)]
    if missing:
        raise ValueError(f"{name} must be a sepsim.kernels.{kind}: a {type(record).__name__} has no {missing[0]}")
    return {field: getattr(record, field) for field in names}


def _packed(beds: BedArrays, species: SpeciesArrays) -> tuple[Array, Array]:
    """Return the beds as the rows of an array (4, n_beds), and the species of one (7, n_beds, n_species)."""
    of_beds = _fields("beds", beds, "BedArrays", _BED_FIELDS)
    of_species = _fields("species", species, "SpeciesArrays", _SPECIES_FIELDS)
    of, shape = (_numbers("residence", beds.residence).size,), _numbers("film", species.film).shape
    if of[0] < 1:
        raise ValueError("residence must be that of one bed at least")
    if len(shape) != 2 or shape[0] != of[0]:
        raise ValueError(f"film must have the shape (n_beds, n_species) with {of[0]} beds, and not {shape}")
    rows = np.stack([_filled(name, value, of, above=name != "phase_ratio") for name, value in of_beds.items()])
    bead = np.stack(
        [
            _filled(name, value, shape, finite=name not in ("film", "pore_diffusivity"))
            for name, value in of_species.items()
        ]
    )
    if (bead[_PORE_SHARE] > 1.0).any() or (bead[_STORAGE] < bead[_PORE_SHARE]).any():
        raise ValueError("pore_share must be at most 1, and storage at least pore_share")
    return rows, bead


def _rates(binding: BindingArrays, bead: Array) -> Array:
    """Return the rates (2, 2, 2, n_beds, n_species) at which amounts bind, for `_Steps`."""
    shape = bead.shape[1:]
    off, on_surface, on_pores = (
        np.stack([_filled(name, getattr(binding, name), shape) for name in (rate, f"{rate}_after")])
        for rate in ("desorption", "surface_adsorption", "adsorption")
    )
    if (on_surface[:, bead[_SURFACE] == 0.0] > 0.0).any():
        raise ValueError("surface_adsorption needs a surface above 0")
    rates = np.empty((2, 2, 2, *shape))
    rates[:, :, 1] = off
    rates[0, :, 0] = on_surface / np.where(bead[_SURFACE] > 0.0, bead[_SURFACE], math.inf)
    rates[1, :, 0] = on_pores / np.where(bead[_STORAGE] > 0.0, bead[_STORAGE], math.inf)
    return rates


def _capacity_use(binding: BindingArrays, load: ArrayLike, n_species: int, volume: Array, shells: int) -> Array:
    """Return how often a load fills the capacity of a node (2, n_beds, n_species); `volume` of the beads of a cell."""
    shape = (volume.size, n_species)
    use = np.stack([_filled(name, getattr(binding, name), shape) for name in ("surface_use", "capacity_use")])
    use *= _filled("load", load, (n_species,))
    use /= np.where(volume > 0.0, volume, math.inf)[:, None]
    use[1] *= shells  # which share the capacity
    return use


def _binds(rates: Array, use: Array) -> Index:
    """Return whether each bed binds: 0 not, 1 without limit, 2 up to a capacity."""
    return np.where((rates > 0.0).any(axis=(0, 1, 2, 4)), 1 + (use > 0.0).any(axis=(0, 2)), 0)


def _switch(binding: BindingArrays, cells: Index) -> Array:
    """Return when the front of a switch comes to the middle of each cell [s]."""
    if np.shape(binding.switch) or math.isnan(_numbers("switch", binding.switch)):
        raise ValueError(f"switch must be a time, and not {binding.switch}")
    delay = _filled("front", binding.front, cells.shape)
    return np.concatenate(
        [binding.switch + delay[:b].sum() + delay[b] * (np.arange(n) + 0.5) / n for b, n in enumerate(cells)]
    )


def _rising(times: ArrayLike) -> Array:
    """Return times that do not fall and end above zero."""
    t = _numbers("times", times)
    t = _filled("times", t, (t.size,))
    if t.size == 0 or t[-1] <= 0.0 or (np.diff(t) < 0.0).any():
        raise ValueError("times must not fall, and the last must be above 0")
    return t


def _divided(residence: Array, cells: ArrayLike, shells: int, substeps: int, end: float) -> tuple[Index, float]:
    """Return the cells of each bed, and the step [s] that passes one."""
    given = _filled("cells", cells, residence.shape)
    if (given % 1.0 != 0.0).any():
        raise ValueError(f"cells must be whole numbers, and not {cells}")
    number = given.astype(np.int64)
    if number.min() < 1 or not 1 <= _whole("shells", shells) <= 100 or not 1 <= _whole("substeps", substeps) <= 100:
        raise ValueError("cells must be at least 1 in each bed, and shells and substeps 1 to 100")
    step = residence.sum() / number.sum()
    if (np.abs(number * step / residence - 1.0) > UNEVEN).any():
        raise ValueError(f"cells must be in proportion to residence {residence}, and not {number}; try even_cells")
    if end > MAX_STEPS * step:
        raise ValueError(f"times must end within {MAX_STEPS} steps of {step:g} s")
    return number, float(step)


def _transport(
    beds: Array, bead: Array, cells: Index, step: float, substeps: int, nodes: int, outer: int
) -> tuple[Array, Array, Index]:
    """Return the propagators of exchange in a substep, and the weights and widths of dispersion."""
    M = np.empty((cells.size, nodes + 2, nodes + 1, bead.shape[2]))
    unlost = bead.copy()
    unlost[[_LIQUID_LOSS, _PORE_LOSS]] = 0.0
    _propagators(beds, unlost, step, outer, M)
    weights, width = _dispersion(cells, beds, bead, M, step)
    if bead[[_LIQUID_LOSS, _PORE_LOSS]].any() or substeps > 1:
        _propagators(beds, bead, step / substeps, outer, M)
    return M, weights, width


def even_cells(residence: ArrayLike, total: int) -> Index:
    """Return numbers of cells for beds in series, such that one step serves all of them well.

    Parameters
    ----------
    residence : array_like, shape (n_beds,) [s]
    total : int
        Least number of cells; up to a third more are taken where they fit better.

    Returns
    -------
    cells : ndarray of int, shape (n_beds,)

    Raises
    ------
    ValueError
        If an argument is not as it is documented; it is named.

    Examples
    --------
    >>> even_cells([200.0, 40.0], 400)
    array([335,  67])
    """
    tau = _filled("residence", residence, (_numbers("residence", residence).size,), above=True)
    if tau.size == 0:
        raise ValueError("residence must be that of one bed at least")
    total = _whole("total", total)
    best, least = np.ceil(tau / tau.sum() * total).astype(np.int64), math.inf
    for count in range(max(total, tau.size), max(4 * total // 3, tau.size) + 1):
        cells = np.maximum(np.rint(tau / tau.sum() * count), 1.0).astype(np.int64)
        if cells.sum() < total:
            continue
        worst = np.abs(tau / cells * (cells.sum() / tau.sum()) - 1.0).max()
        if worst < 0.999 * least - 1e-12:
            best, least = cells, worst
    return best


def solve_column(
    beds: BedArrays,
    species: SpeciesArrays,
    injection: Injection,
    times: ArrayLike,
    *,
    cells: ArrayLike,
    shells: int = 8,
    substeps: int = 1,
    binding: BindingArrays | None = None,
    flow: float = 1.0,
    load: ArrayLike = 1.0,
) -> ColumnBalance:
    """Step a load through an empty column.

    Equations, method, accuracy and sources stand in the module. Valid at constant flow.

    Parameters
    ----------
    beds : sepsim.kernels.BedArrays
    species : sepsim.kernels.SpeciesArrays
    injection : sepsim.kernels.Injection
        All three as for linear chromatography, or records with the same fields; the mixer is behind the beds.
    times : array_like, shape (n_times,) [s]
        Not falling, from 0 on, the last above 0.
    cells : array_like of int, shape (n_beds,) [-]
        Cells of each bed (`even_cells`). The step is the sum of the residences over that of the cells; each bed is
        passed in its cells times the step, which must agree with its residence to UNEVEN.
    shells : int
        Shells of a bead.
    substeps : int
        Into which a step of exchange and binding is divided.
    binding : BindingArrays, optional
        None: nothing binds beyond the linear isotherm.
    flow : float [m3/s]
        With `load` it makes concentrations of shares; needed where there is a capacity.
    load : array_like, shape (n_species,) [any]
        Amounts loaded, numbers of particles for example.

    Returns
    -------
    ColumnBalance

    Raises
    ------
    ValueError
        If a field or an argument is not as it is documented; it is named.

    Examples
    --------
    A capacity for a quarter of the load, bound at once and for good; a switch releases it after 900 s:

    >>> from sepsim.techniques.chromatography.kernels.column import BedArrays, Injection, SpeciesArrays
    >>> bed = BedArrays([200.0], [400.0], [2.0], [5e-5])
    >>> species = SpeciesArrays([[1e-4]], pore_share=0.5, storage=0.5, pore_diffusivity=1e-9)
    >>> beads = 2.0 * 200.0 * 1e-8  # m3
    >>> binding = BindingArrays(adsorption=10.0, capacity_use=4 * beads / 1e9, switch=900.0, desorption_after=0.1)
    >>> found = solve_column(
    ...     bed, species, Injection(100.0), [900.0, 1800.0], cells=[100], binding=binding, flow=1e-8, load=[1e9]
    ... )
    >>> print(found.shares.round(3), found.bound.round(3))
    [[0.75 1.  ]] [[0.]]
    """
    rows, bead = _packed(beds, species)
    entry = _fields("injection", injection, "Injection", ("pulse", "mixing"))
    pulse, mixing = (_scalar(name, value) for name, value in entry.items())
    t = _rising(times)
    number, step = _divided(rows[_RESIDENCE], cells, shells, substeps, t[-1])
    binding = BindingArrays() if binding is None else binding
    _fields("binding", binding, "BindingArrays", BindingArrays._fields)
    rates = _rates(binding, bead)
    n_species = bead.shape[2]
    use = _capacity_use(binding, load, n_species, _scalar("flow", flow, above=True) * step * rows[_PHASE_RATIO], shells)
    outer = int(bead[_SURFACE].any())
    nodes = outer + shells
    transport = _transport(rows, bead, number, step, substeps, nodes, outer)
    steps = _Steps(step, substeps, number, *transport, rates, use, _binds(rates, use), outer, _switch(binding, number))
    n_cells = number.sum()
    content = _Content(
        liquid=np.zeros((n_cells, n_species)),
        nodes=np.zeros((n_cells, nodes, n_species)),
        bound=np.zeros((n_cells, nodes, n_species)),
        tank=np.zeros(n_species),
        lost=np.zeros(n_species),
    )
    shares, stock = np.zeros((n_species, t.size)), np.zeros((2 + number.size, n_species))
    _solve(steps, content, pulse, mixing, t, shares, stock)
    error = np.abs(shares[:, -1] + stock.sum(axis=0) - _entered_by(t[-1], step, pulse))
    status = np.where(error <= MASS_TOLERANCE, OK, UNBALANCED)
    return ColumnBalance(shares, stock[_LIQUID], stock[_BOUND:], stock[_LOST], error, status)
