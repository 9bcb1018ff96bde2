"""Mathieu's equation, x'' + (a - 2 q cos 2 xi) x = 0: how an ion moves across a quadrupole field, and when it stays.

The equation has the period pi. The matrix that carries (x, x') through it has the determinant 1; the motion is bounded
where its trace lies between -2 and 2. All of it rests on exact products of fourth-order Magnus steps.

Source: McLachlan 1947; borders of stability agree with the characteristic values a_0, b_1, a_1 of SciPy.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray

_STEPS = 1024  # in half a period
_STEPS_PER_PHASE = 8  # with the 40 phases at which ions are watched: 1e-8


def one_period_trace(a: npt.ArrayLike, q: npt.ArrayLike) -> FloatArray:
    """Return the trace of the matrix that carries (x, x') through one period of x'' + (a - 2 q cos 2 xi) x = 0.

    The motion is bounded where it lies between -2 and 2. Computed as the product of fourth-order Magnus steps over half
    a period; the other half follows from the symmetry in time. Errors below 1e-9 for abs(a) and abs(q) up to 3.

    Parameters
    ----------
    a, q : array_like [-]

    Returns
    -------
    ndarray, broadcast shape [-]

    Examples
    --------
    >>> round(float(one_period_trace(1 / 9, 0.0)), 10)  # 2 cos(pi sqrt(a))
    1.0
    """
    half = _product(_step_matrices(a, q, np.linspace(0.0, 0.5 * math.pi, _STEPS + 1)))
    return np.asarray(4.0 * half[..., 0, 0] * half[..., 1, 1] - 2.0)


def is_stable(a: npt.ArrayLike, q: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return whether ions stay bounded both in x and in y.

    Parameters
    ----------
    a, q : array_like [-]

    Returns
    -------
    ndarray of bool, broadcast shape

    Examples
    --------
    >>> is_stable([0.0, 0.0, 0.2, 0.24], [0.5, 0.95, 0.7, 0.706]).tolist()
    [True, False, True, False]
    """
    along_x, along_y = one_period_trace(a, q), one_period_trace(-np.asarray(a), q)
    return np.asarray((np.abs(along_x) < 2.0) & (np.abs(along_y) < 2.0))


@cache
def apex() -> tuple[float, float]:
    """Return (a, q) at the tip of the first stable region, where a filter separates best.

    There y is at its limit of trace 2 and x at its limit of trace -2.

    Examples
    --------
    >>> [round(value, 5) for value in apex()]
    [0.23699, 0.706]
    """
    from scipy.optimize import fsolve

    def outside(point: FloatArray) -> list[float]:
        a, q = point
        return [float(one_period_trace(a, q)) + 2.0, float(one_period_trace(-a, q)) - 2.0]

    start = (0.5 * (math.sqrt(3.0) - 1.0) ** 2, math.sqrt(3.0) - 1.0)  # a = q^2 / 2 meets a = 1 - q
    a, q = fsolve(outside, start, xtol=1e-14)
    return float(a), float(q)


@cache
def stable_interval(ratio: float) -> tuple[float, float]:
    """Return the lowest and the highest stable q on the line a = ratio q.

    Parameters
    ----------
    ratio : float [-]
        a / q = 2 U / V, from 0 to below that of the apex.

    Returns
    -------
    lowest, highest : float [-]

    Examples
    --------
    >>> [round(q, 6) for q in stable_interval(0.0)]
    [0.0, 0.908046]
    """
    from scipy.optimize import brentq

    tip = apex()[1]
    highest = brentq(lambda q: float(one_period_trace(ratio * q, q)) + 2.0, tip, 0.95, xtol=1e-13)
    if ratio == 0.0:
        return 0.0, float(highest)
    lowest = brentq(lambda q: float(one_period_trace(-ratio * q, q)) - 2.0, 2.0 * ratio, tip, xtol=1e-13)
    return float(lowest), float(highest)


def phase_matrices(a: npt.ArrayLike, q: npt.ArrayLike, phases: int) -> FloatArray:
    """Return the matrices that carry (x, x') from each of some even phases of one period to the next.

    Parameters
    ----------
    a, q : array_like [-]
    phases : int
        Number of parts of the period pi.

    Returns
    -------
    ndarray, shape (..., phases, 2, 2) [-]

    Examples
    --------
    >>> parts = phase_matrices(0.1, 0.3, 40)
    >>> whole = np.linalg.multi_dot(parts[::-1])
    >>> bool(abs(np.trace(whole) - one_period_trace(0.1, 0.3)) < 1e-7)
    True
    """
    steps = _step_matrices(a, q, np.linspace(0.0, math.pi, phases * _STEPS_PER_PHASE + 1))
    return _product(steps.reshape(*steps.shape[:-3], phases, _STEPS_PER_PHASE, 2, 2))


def _step_matrices(a: npt.ArrayLike, q: npt.ArrayLike, edges: FloatArray) -> FloatArray:
    """Return one matrix for each interval between edges, shape (..., steps, 2, 2): fourth-order Magnus steps."""
    a, q = np.broadcast_arrays(np.asarray(a, dtype=np.float64)[..., None], np.asarray(q, dtype=np.float64)[..., None])
    h, middle = np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    apart = h / math.sqrt(12.0)
    early, late = (a - 2.0 * q * np.cos(2.0 * (middle + side * apart)) for side in (-1.0, 1.0))
    mean = 0.5 * (early + late)
    twist = math.sqrt(3.0) / 12.0 * h**2 * (late - early)
    angle2 = h**2 * mean - twist**2  # of either sign: cos and sin(x)/x by their series
    cosine = 1.0 - angle2 / 2.0 * (1.0 - angle2 / 12.0 * (1.0 - angle2 / 30.0 * (1.0 - angle2 / 56.0)))
    sine = 1.0 - angle2 / 6.0 * (1.0 - angle2 / 20.0 * (1.0 - angle2 / 42.0 * (1.0 - angle2 / 72.0)))
    rows = [[cosine + sine * twist, sine * h], [-sine * h * mean, cosine - sine * twist]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _product(matrices: FloatArray) -> FloatArray:
    """Return the product in order of time, the last one leftmost; the number of matrices is a power of two."""
    while matrices.shape[-3] > 1:
        matrices = matrices[..., 1::2, :, :] @ matrices[..., 0::2, :, :]
    return matrices[..., 0, :, :]
