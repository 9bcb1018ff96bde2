"""Particles that drift and diffuse across a laminar stream: where each class of them leaves a channel.

In each layer of the depth, with the velocity u of the liquid along x, the drift v and the stirring E across,

    u(y) dc/dx = d/dy [(D + E) dc/dy - v c],    c = start(y) at x = 0

and at the walls nothing crosses, or a flux k c is taken up. Layers are independent: particles stay at their depth. That
holds where the depth is long against sqrt(2 D t), as it is for vesicles within seconds in channels of tens of um.

Faces of cells carry the flux of a constant drift between two concentrations (Scharfetter & Gummel), so that the profile
of Boltzmann, at which drift and diffusion balance, is met exactly, however thin its layers. Steps along x are implicit
(backward), short at the inlet. No number falls below zero, and all are conserved to round-off, whatever the resolution.

Error, first order in both: where the drift outruns diffusion, v h > 2 D with h the width of a cell, cells spread
particles as a diffusivity v h/2; n steps spread the length by its share (4/3n)^(1/2). 200 cells and 200 steps keep the
shares of outlets to about 0.02; twice the result of fine cells less that of coarse ones to about 0.005.

Lanes are classes of particles, and do not see each other: to permute, add or drop some changes no other.

Sources: Graetz, Ann. Phys. Chem. 18 (1882) 79; Scharfetter & Gummel, IEEE Trans. Electron Devices 16 (1969) 64.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]

OK, UNBALANCED = 0, 1  # statuses

_BALANCE = 1e-10  # relative error of a class's number beyond which a solution is not trusted
_GRADING = 2.0  # power by which steps grow from the inlet on
_BLOCK = 32  # lanes that are solved together, and stay in the cache
_STEEP = 700.0  # exponent near the largest
_FLAT = 1e-5  # exponent below which a series stands for the quotient
_JIT = {"cache": True, "error_model": "numpy", "nogil": True}


class CrossStream(NamedTuple):
    """Where the particles of n classes leave a channel.

    Attributes
    ----------
    outflow : ndarray, shape (n, cells) [-]
        Share of a class that leaves in each cell.
    taken : ndarray, shape (2, n) [-]
        Share that the wall at the first face takes up, and that at the last.
    mass_error : float [-]
        Largest distance from one of the sum of a class.
    status : int
        `OK` or `UNBALANCED`.
    """

    outflow: Array
    taken: Array
    mass_error: float
    status: int


@njit(**_JIT)
def _bernoulli(exponent: float) -> float:
    """Return p/(e^p - 1)."""
    size = abs(exponent)
    if size < _FLAT:
        return 1.0 - 0.5 * exponent
    steep = min(size, _STEEP)
    value = steep / math.expm1(steep)
    return value if exponent > 0.0 else value + size


@njit(**_JIT)
def _leaves(
    faces: Array, drift: Array, diffusivity: Array, stirring: Array, uptake: Array, first: int, up: Array, down: Array
) -> None:
    """Fill in at which speed a concentration leaves through each face, upward from below it and downward from above it.

    At the walls it is the speed of the uptake, in series with drift and diffusion through half a cell.
    """
    cells, lanes = faces.size - 1, up.shape[1]
    for face in range(cells + 1):
        below, above = max(face - 1, 0), min(face + 1, cells)
        gap = 0.5 * (faces[above] - faces[below])
        for lane in range(lanes):
            spread = diffusivity[first + lane] + stirring[first + lane, face]
            exchange, exponent = spread / gap, drift[first + lane, face] * gap / spread
            up[face, lane] = exchange * _bernoulli(-exponent)
            down[face, lane] = exchange * _bernoulli(exponent)
    for lane in range(lanes):
        low, high = uptake[0, first + lane], uptake[1, first + lane]
        down[0, lane] *= 1.0 if math.isinf(low) else low / (low + up[0, lane])
        up[cells, lane] *= 1.0 if math.isinf(high) else high / (high + down[cells, lane])
        up[0, lane] = down[cells, lane] = 0.0


@njit(**_JIT)
def _march(content: Array, carried: Array, place: Array, up: Array, down: Array, taken: Array) -> None:
    """March concentrations down a layer, and add up what the walls take.

    `carried` is the flow of each cell, and `place` the ends of the steps. A cell loses what it carries off, what leaves
    upward, and of what leaves downward the part that does not come back: sums alone, so that no number loses digits.
    """
    cells, lanes = content.shape
    follows, loses = np.empty((cells, lanes)), np.empty(lanes)
    for number in range(place.size - 1):
        step = place[number + 1] - place[number]
        held = carried[0] / step
        for lane in range(lanes):
            loses[lane] = held + down[0, lane]
            whole = 1.0 / (loses[lane] + up[1, lane])
            follows[0, lane] = down[1, lane] * whole
            content[0, lane] *= held * whole
            loses[lane] *= whole
        for cell in range(1, cells):
            held = carried[cell] / step
            for lane in range(lanes):
                loss = held + down[cell, lane] * loses[lane]
                whole = 1.0 / (loss + up[cell + 1, lane])
                content[cell, lane] = (held * content[cell, lane] + up[cell, lane] * content[cell - 1, lane]) * whole
                follows[cell, lane] = down[cell + 1, lane] * whole
                loses[lane] = loss * whole
        for cell in range(cells - 2, -1, -1):
            for lane in range(lanes):
                content[cell, lane] += follows[cell, lane] * content[cell + 1, lane]
        for lane in range(lanes):
            taken[0, lane] += step * down[0, lane] * content[0, lane]
            taken[1, lane] += step * up[cells, lane] * content[cells - 1, lane]


@njit(**_JIT)
def solve_cross_stream(
    faces: Array,
    flow: Array,
    depth: Array,
    length: float,
    drift: Array,
    diffusivity: Array,
    stirring: Array,
    start: Array,
    uptake: Array,
    steps: int = 200,
) -> CrossStream:
    """Return where classes of particles leave a channel in which they drift and diffuse across the flow.

    Parameters
    ----------
    faces : ndarray, shape (cells + 1,) [m]
        Of the cells across the channel, rising; at least two cells.
    flow : ndarray, shape (layers, cells) [m/s]
        Velocity of the liquid, the mean of each cell; above 0.
    depth : ndarray, shape (layers,) [-]
        Share of the depth that each layer stands for: weights of a quadrature.
    length : float [m]
    drift : ndarray, shape (n, cells + 1) [m/s]
        Of each class at the faces, towards higher y; those at the walls count only if the walls take up.
    diffusivity : ndarray, shape (n,) [m2/s]
        Above 0.
    stirring : ndarray, shape (n, cells + 1) [m2/s]
        What is added to it at the faces.
    start : ndarray, shape (cells,) [-]
        Concentration at the inlet, in any unit; not 0 everywhere.
    uptake : ndarray, shape (2, n) [m/s]
        Of the wall at the first face and at the last: 0 reflects, infinite keeps all.
    steps : int
        Along the channel.

    Returns
    -------
    CrossStream

    Notes
    -----
    Diffusion along the channel is left out, which holds for U h/D above some ten.

    Examples
    --------
    Particles that drift at 10 um/s for ten seconds through 200 um, against the wall at which they gather:

    >>> faces, one = np.linspace(0.0, 200e-6, 101), np.ones(1)
    >>> flow, none = np.full((1, 100), 1e-3), np.zeros((1, 101))
    >>> drift, start, uptake = none + 1e-5, np.ones(100), np.zeros((2, 1))
    >>> found = solve_cross_stream(faces, flow, one, 1e-2, drift, 1e-12 * one, none, start, uptake)
    >>> f"{found.outflow[0, 90:].sum():.2f} beside the wall, {found.outflow[0, :40].sum():.2f} left behind"
    '0.60 beside the wall, 0.00 left behind'
    """
    cells, lanes = faces.size - 1, diffusivity.size
    widths, place = faces[1:] - faces[:-1], length * (np.arange(steps + 1) / steps) ** _GRADING
    outflow, taken = np.zeros((lanes, cells)), np.zeros((2, lanes))
    entered = 0.0
    for layer in range(depth.size):
        entered += depth[layer] * (flow[layer] * widths * start).sum()
    for first in range(0, lanes, _BLOCK):
        count = min(_BLOCK, lanes - first)
        up, down = np.empty((cells + 1, count)), np.empty((cells + 1, count))
        _leaves(faces, drift, diffusivity, stirring, uptake, first, up, down)
        content = np.empty((cells, count))
        for layer in range(depth.size):
            carried, caught = flow[layer] * widths, np.zeros((2, count))
            for cell in range(cells):
                content[cell] = start[cell]
            _march(content, carried, place, up, down, caught)
            share = depth[layer] / entered
            taken[:, first : first + count] += share * caught
            for cell in range(cells):
                outflow[first : first + count, cell] += share * carried[cell] * content[cell]
    error = 0.0
    for lane in range(lanes):
        error = max(error, abs(outflow[lane].sum() + taken[0, lane] + taken[1, lane] - 1.0))
    return CrossStream(outflow, taken, error, OK if error < _BALANCE else UNBALANCED)
