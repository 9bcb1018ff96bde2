"""Filling in what lies between the bands of neighbouring particle classes.

A class stands for all particles halfway to its neighbours, in size or in density, and is computed as if they were one.
Where bands are narrower than the distance to the next, their sum is a comb. Here each class is spread to halfway: its
particle below a share u of the class reaches from its own place to the middle between this and the place below the same
share u of the neighbour,

    x_k(u) ... (x_k(u) + x_k+1(u)) / 2,

half of them towards each neighbour, evenly. Where there is no neighbour on one side, they reach as far that way as the
other way, and no further than the ends of the liquid. This is displacement interpolation (McCann, Adv. Math. 128 (1997)
153), the path on which the least is moved, with the classes as its nodes.

Number is kept to round-off, nothing falls below zero, a class without neighbours stays as it is. With more classes the
spread falls with their distance. What is no longer in the liquid does not take part.

Layout: a lane is one class; a lane's result depends on its own and its neighbours' places alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_JIT = {"cache": True, "error_model": "numpy", "nogil": True}


@njit(**_JIT)
def _passed(amounts: Array) -> Array:
    """Return the share of each lane above each face, shape (n_lanes, n_faces); 0 throughout for an empty lane."""
    lanes, cells = amounts.shape
    passed = np.zeros((lanes, cells + 1))
    for lane in range(lanes):
        for cell in range(cells):
            passed[lane, cell + 1] = passed[lane, cell] + amounts[lane, cell]
        if passed[lane, cells] > 0.0:
            passed[lane] /= passed[lane, cells]
    return passed


@njit(**_JIT)
def _place(passed: Array, depths: Array, share: float, start: int) -> tuple[float, int]:
    """Return the depth above which a share lies, and its cell, searched from one that begins above it."""
    cell = start
    while passed[cell + 1] < share:
        cell += 1
    part = (share - passed[cell]) / (passed[cell + 1] - passed[cell])
    return depths[cell] + part * (depths[cell + 1] - depths[cell]), cell


@njit(**_JIT)
def _spread_evenly(amount: float, centre: float, width: float, depths: Array, row: Array) -> None:
    """Add an amount evenly to the cells that a stretch of liquid covers, as far as there is liquid."""
    low, high = max(centre - 0.5 * width, depths[0]), min(centre + 0.5 * width, depths[-1])
    cell = np.searchsorted(depths, low, side="right") - 1
    while cell < row.size and depths[cell] < high:
        covered = min(depths[cell + 1], high) - max(depths[cell], low)
        row[cell] += amount * (covered / (high - low))
        cell += 1


@njit(**_JIT)
def _spread(amounts: Array, depths: Array, before: Index, after: Index) -> Array:
    passed = _passed(amounts)
    found = np.zeros_like(amounts)
    for lane in range(amounts.shape[0]):
        first, second = before[lane], after[lane]
        here, there = passed[first, -1] > 0.0 and first != lane, passed[second, -1] > 0.0 and second != lane
        if not here and not there:
            found[lane] = amounts[lane]
            continue
        above = below = 0
        for cell in range(amounts.shape[1]):
            amount = amounts[lane, cell]
            if amount == 0.0:
                continue
            width, middle = depths[cell + 1] - depths[cell], 0.5 * (depths[cell + 1] + depths[cell])
            share = 0.5 * (passed[lane, cell + 1] + passed[lane, cell])
            to_first = to_second = 0.0
            if here:
                place, above = _place(passed[first], depths, share, above)
                to_first = 0.5 * (place - middle)
            if there:
                place, below = _place(passed[second], depths, share, below)
                to_second = 0.5 * (place - middle)
            if not here:
                to_first = -to_second
            if not there:
                to_second = -to_first
            for reach in (to_first, to_second):
                _spread_evenly(0.5 * amount, middle + 0.5 * reach, max(abs(reach), width), depths, found[lane])
    return found


def spread_between(amounts: ArrayLike, depths: ArrayLike, before: ArrayLike, after: ArrayLike) -> Array:
    """Spread each class to halfway to its neighbours.

    Parameters
    ----------
    amounts : array_like, shape (n_lanes, n_cells) [any one unit]
        Of each class in each cell, none below 0.
    depths : array_like, shape (n_cells + 1,) [any one unit]
        Increasing places of the faces, in volume or in length: what is spread evenly is even in that measure.
    before, after : array_like of int, shape (n_lanes,) [-]
        The neighbours of each lane; its own number where there is none.

    Returns
    -------
    ndarray, shape (n_lanes, n_cells)

    Examples
    --------
    Three bands of one cell each, four cells apart; the outer two reach as far outwards as inwards:

    >>> bands = np.zeros((3, 12))
    >>> bands[[0, 1, 2], [1, 5, 9]] = 4.0
    >>> spread_between(bands, np.arange(13.0), [0, 0, 1], [1, 2, 2]).sum(axis=0).round(2).tolist()
    [1.33, 1.17, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5]
    """
    numbers: Array = np.ascontiguousarray(amounts, dtype=np.float64)
    faces: Array = np.ascontiguousarray(depths, dtype=np.float64)
    first: Index = np.ascontiguousarray(before, dtype=np.int64)
    second: Index = np.ascontiguousarray(after, dtype=np.int64)
    spread: Array = _spread(numbers, faces, first, second)
    return spread
