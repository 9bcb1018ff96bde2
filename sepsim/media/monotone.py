"""A smooth curve through tabulated points that never overshoots them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sepsim.arrays import FloatArray, IntArray


class MonotoneCurve:
    """Piecewise cubic through points, monotone wherever the points are; beyond them a straight line.

    The slope at a point is the weighted harmonic mean of the slopes on both sides, and zero where they differ in sign
    (Fritsch and Butland); at the ends it is the slope of the outermost interval.

    Parameters
    ----------
    x : sequence of float
        Rising [any unit].
    y : sequence of float, one per x
        [any unit]

    Examples
    --------
    >>> MonotoneCurve([0, 1, 2], [0, 1, 1])([0.5, 1.5, 3.0]).tolist()
    [0.625, 1.0, 1.0]

    References
    ----------
    Fritsch, F. N., Butland, J., SIAM J. Sci. Stat. Comput. 5, 300 (1984).
    """

    def __init__(self, x: Sequence[float], y: Sequence[float]) -> None:
        self._x, self._y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if self._x.size < 2 or self._x.shape != self._y.shape or not np.all(np.diff(self._x) > 0):
            raise ValueError("a curve needs at least two points, with rising x")
        self._slope = _slopes(np.diff(self._x), np.diff(self._y) / np.diff(self._x))

    def __call__(self, x: float | Sequence[float] | FloatArray) -> FloatArray:
        """Return the curve at any x."""
        at = np.asarray(x, dtype=np.float64)
        left, width, s = self._interval(at)
        inside = np.clip(s, 0.0, 1.0)
        rest = 1.0 - inside
        value = self._y[left] * rest * rest * (1.0 + 2.0 * inside) + self._y[left + 1] * inside * inside * (
            1.0 + 2.0 * rest
        )
        value += width * inside * rest * (self._slope[left] * rest - self._slope[left + 1] * inside)
        beyond = (s - inside) * width
        curve: FloatArray = value + beyond * np.where(beyond > 0.0, self._slope[-1], self._slope[0])
        return curve

    def slope(self, x: float | Sequence[float] | FloatArray) -> FloatArray:
        """Return the slope of the curve at any x."""
        left, width, s = self._interval(np.asarray(x, dtype=np.float64))
        s = np.clip(s, 0.0, 1.0)
        rest = 1.0 - s
        secant = (self._y[left + 1] - self._y[left]) / width
        ends = self._slope[left] * rest * (1.0 - 3.0 * s) + self._slope[left + 1] * s * (1.0 - 3.0 * rest)
        slope: FloatArray = 6.0 * s * rest * secant + ends
        return slope

    def _interval(self, at: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return the point before each place, the width of the interval behind it, and how far into it the place is."""
        left = np.clip(np.searchsorted(self._x, at, side="right") - 1, 0, self._x.size - 2)
        width = self._x[left + 1] - self._x[left]
        return left, width, (at - self._x[left]) / width


def _slopes(widths: FloatArray, secants: FloatArray) -> FloatArray:
    slopes = np.empty(secants.size + 1)
    slopes[0], slopes[-1] = secants[0], secants[-1]
    before, after = secants[:-1], secants[1:]
    heavy, light = 2.0 * widths[1:] + widths[:-1], widths[1:] + 2.0 * widths[:-1]
    same = before * after > 0.0
    safe_before, safe_after = np.where(same, before, 1.0), np.where(same, after, 1.0)
    slopes[1:-1] = np.where(same, (heavy + light) / (heavy / safe_before + light / safe_after), 0.0)
    return slopes
