"""What the sectors share: harmonic motion about the axis, and the exact integration of the equation of motion."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from sepsim.arrays import FloatArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_ROWS = 7  # of the extrapolation: order 14
_LONGEST_STEP = 0.2  # rad


def harmonic(k_squared: float, angle: float) -> tuple[float, float, float]:
    """Return C = cos k phi, S = sin(k phi)/k and D = (1 - C)/k^2, for k^2 of any sign.

    Parameters
    ----------
    k_squared : float [1]
        Square of the oscillations about the axis per turn.
    angle : float [rad]

    Returns
    -------
    tuple of float
        [1]

    Examples
    --------
    >>> harmonic(0.0, 2.0)
    (1.0, 2.0, 2.0)
    """

    def sine(phi: float) -> float:
        k = math.sqrt(abs(k_squared))
        if k * abs(phi) < 1e-5:  # the next term of the series is below rounding
            return phi * (1.0 - k_squared * phi * phi / 6.0)
        return (math.sin(k * phi) if k_squared > 0 else math.sinh(k * phi)) / k

    half = sine(0.5 * angle)
    return 1.0 - 2.0 * k_squared * half * half, sine(angle), 2.0 * half * half


def quadrature(angle: float) -> Iterator[tuple[float, float]]:
    """Yield the nodes and the weights [rad] of a Gauss quadrature from 0 to an angle, exact for what sectors need.

    Parameters
    ----------
    angle : float [rad]

    Yields
    ------
    tuple of float
        Node and weight [rad].

    Examples
    --------
    >>> round(sum(weight * math.sin(node) for node, weight in quadrature(math.pi)), 12)
    2.0
    """
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        yield 0.5 * angle * (1.0 + float(node)), 0.5 * angle * float(weight)


def product(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the symmetric matrix of the quadratic form that is the product of two linear forms.

    Parameters
    ----------
    first, second : array (n,) [SI or normalised]

    Returns
    -------
    array (n, n)

    Examples
    --------
    >>> product(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    array([[0. , 0.5],
           [0.5, 0. ]])
    """
    return 0.5 * (np.outer(first, second) + np.outer(second, first))


def integrated(rate: Callable[[FloatArray], FloatArray], state: FloatArray, length: float | FloatArray) -> FloatArray:
    """Return the state of an autonomous equation of motion after a length, to rounding.

    Gragg's modified midpoint rule, extrapolated to order 14 over steps of at most 0.2 rad (Hairer, Norsett & Wanner
    1993, II.9); for the sectors the error stays near 1e-14.

    Parameters
    ----------
    rate : callable
        Derivative of a state; takes and returns an array (n, ...).
    state : array (n, ...) [SI or normalised]
    length : float or array (...) [rad]
        Of the path, of either sign, per ray.

    Returns
    -------
    array (n, ...)

    Examples
    --------
    >>> circle = integrated(lambda z: np.stack([z[1], -z[0]]), np.array([[1.0], [0.0]]), 1.0)
    >>> abs(float(circle[0, 0]) - math.cos(1.0)) < 1e-13
    True
    """
    longest = float(np.max(np.abs(np.nan_to_num(np.real(np.asarray(length)))), initial=0.0))
    count = max(1, math.ceil(longest / _LONGEST_STEP))
    for _ in range(count):
        state = _extrapolated(rate, state, length / count)
    return state


def _extrapolated(rate: Callable[[FloatArray], FloatArray], state: FloatArray, step: float | FloatArray) -> FloatArray:
    table: list[FloatArray] = []
    for row in range(_ROWS):
        count = 2 * (row + 1)
        entry = _modified_midpoint(rate, state, step / count, count)
        for column, above in enumerate(list(table)):
            table[column] = entry
            ratio = (count / (2.0 * (row - column))) ** 2
            entry = entry + (entry - above) / (ratio - 1.0)
        table.append(entry)
    return table[-1]


def _modified_midpoint(
    rate: Callable[[FloatArray], FloatArray], state: FloatArray, step: float | FloatArray, count: int
) -> FloatArray:
    before, here = state, state + step * rate(state)
    for _ in range(count - 1):
        before, here = here, before + 2.0 * step * rate(here)
    return 0.5 * (before + here + step * rate(here))
