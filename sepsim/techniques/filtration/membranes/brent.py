"""Brent's method: where a function of one number is zero, between two places at which its signs differ."""

from __future__ import annotations

import math
from collections.abc import Callable

TOLERANCE = 1e-14  # of a root, absolute and relative


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return a root of a continuous function by inverse quadratic interpolation, a secant or bisection.

    An interpolation is taken only where its step is shorter than half of the step before last; else the bracket is
    halved. It goes the same steps as `scipy.optimize.brentq`, which takes longer to import than a dry run may last.

    Parameters
    ----------
    function : callable
        Of a float; returns a float.
    low, high : float [-]
        Places at which its signs differ.

    Returns
    -------
    float [-]
        Within 1e-14 (1 + |root|).

    Raises
    ------
    ValueError
        If the signs are the same.

    Examples
    --------
    >>> round(root(lambda x: x**3 - 2.0, 0.0, 2.0), 12)
    1.259921049895

    References
    ----------
    Brent, R. P., Algorithms for Minimization without Derivatives, Prentice-Hall (1973), chapter 4.
    """
    before, here = low, high
    f_before, f_here = function(before), function(here)
    if f_before == 0.0:
        return before
    if f_here == 0.0:
        return here
    if (f_before < 0.0) == (f_here < 0.0):
        raise ValueError(f"the function has the same sign at {low:g} and at {high:g}")
    across, f_across = before, f_before  # the last place at which the sign is the other one
    last = step = here - before
    while True:
        if (f_before < 0.0) != (f_here < 0.0):
            across, f_across = before, f_before
            last = step = here - before
        if abs(f_across) < abs(f_here):
            before, here, across = here, across, here
            f_before, f_here, f_across = f_here, f_across, f_here
        near, half = 0.5 * (TOLERANCE + TOLERANCE * abs(here)), 0.5 * (across - here)
        if f_here == 0.0 or abs(half) < near:
            return here
        trial = math.inf
        if abs(last) > near and abs(f_here) < abs(f_before):
            trial = _interpolated((before, f_before), (here, f_here), (across, f_across))
        last, step = (step, trial) if 2.0 * abs(trial) < min(abs(last), 3.0 * abs(half) - near) else (half, half)
        before, f_before = here, f_here
        here += step if abs(step) > near else math.copysign(near, half)
        f_here = function(here)


def _interpolated(before: tuple[float, float], here: tuple[float, float], across: tuple[float, float]) -> float:
    """Return the step from here to where a parabola in the values, or a secant, is zero; infinite if there is none."""
    (a, f_a), (b, f_b), (c, f_c) = before, here, across
    if a == c:
        return -f_b * (b - a) / (f_b - f_a)
    slope, chord = (f_a - f_b) / (a - b), (f_c - f_b) / (c - b)
    bend = chord * slope * (f_c - f_a)  # may be below the smallest float
    return -f_b * (f_c * chord - f_a * slope) / bend if bend != 0.0 else math.inf
