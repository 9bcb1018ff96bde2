"""Taylor coefficients of an ion-optical map, to second order in the bending plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.optics.rays import Rays

VARIABLES = "xadg"
PAIRS = tuple(first + second for index, first in enumerate(VARIABLES) for second in VARIABLES[index:])


@dataclass(frozen=True, slots=True, eq=False)
class TransferMap:
    """How x and a at the end depend on x, a, d and g at the start, and y and b on y and b.

    x_end = sum (x|i) z_i + sum_{i<=j} (x|ij) z_i z_j with z = (x, a, d, g), and so for a. Terms of second order in y
    and b are left out. Source: Wollnik 1987 for the notation.

    Parameters
    ----------
    first_order : array (2, 4)
        Rows x, a; columns x, a, d, g [SI].
    second_order : array (2, 4, 4)
        Symmetric in the last two axes: half of (x|ij) stands at ij and at ji [SI].
    vertical : array (2, 2)
        First order in y and b [SI].

    Examples
    --------
    >>> lens = TransferMap.linear([[1, 0, 0, 0], [-2.0, 1, 0, 0]], [[1, 0], [0, 1]])
    >>> float(lens.then(lens).coefficient("a|x"))
    -4.0
    """

    first_order: FloatArray
    second_order: FloatArray
    vertical: FloatArray

    @classmethod
    def linear(cls, first_order: object, vertical: object) -> TransferMap:
        """Return a map without terms of second order."""
        return cls(np.array(first_order, float), np.zeros((2, 4, 4)), np.array(vertical, float))

    @classmethod
    def drift(cls, length: float) -> TransferMap:
        """Return the map of a space without field of a length [m], which may be negative."""
        return cls.linear([[1, length, 0, 0], [0, 1, 0, 0]], [[1, length], [0, 1]])

    @property
    def _whole(self) -> FloatArray:
        return np.vstack([self.first_order, np.eye(4)[2:]])

    def then(self, following: TransferMap) -> TransferMap:
        """Return the map of this one followed by another."""
        first = following.first_order @ self._whole
        second = np.einsum("ik,kmn->imn", following.first_order[:, :2], self.second_order)
        second = second + np.einsum("pm,ipq,qn->imn", self._whole, following.second_order, self._whole)
        return TransferMap(first, second, following.vertical @ self.vertical)

    def scaled(self, length: float) -> TransferMap:
        """Return a map in metres, of one whose unit of length is `length` [m]."""
        into, out = np.array([1.0 / length, 1.0, 1.0, 1.0]), np.array([length, 1.0])
        return TransferMap(
            out[:, None] * self.first_order * into,
            out[:, None, None] * self.second_order * into[:, None] * into,
            out[:, None] * self.vertical / out,
        )

    def mirrored(self) -> TransferMap:
        """Return the map with left and right exchanged."""
        into = np.array([-1.0, -1.0, 1.0, 1.0])
        return TransferMap(-self.first_order * into, -self.second_order * into[:, None] * into, self.vertical)

    def coefficient(self, name: str) -> float:
        """Return a coefficient by its name, such as "x|a", "x|ad", "a|xx", "y|b" [SI].

        Raises
        ------
        InputError
            If there is none of that name.
        """
        row, _, column = name.partition("|")
        if row in ("y", "b") and column in ("y", "b"):
            return float(self.vertical["yb".index(row), "yb".index(column)])
        if row not in ("x", "a") or len(column) not in (1, 2) or not set(column) <= set(VARIABLES):
            raise InputError(
                f"{name!r}: no coefficient; allowed are x or a | one or two of x, a, d, g, and y or b | y, b"
            )
        indices = [VARIABLES.index(letter) for letter in column]
        if len(indices) == 1:
            return float(self.first_order["xa".index(row), indices[0]])
        half = float(self.second_order["xa".index(row), indices[0], indices[1]])
        return half if indices[0] == indices[1] else 2.0 * half

    def coefficients(self) -> dict[str, float]:
        """Return all coefficients by name [SI]."""
        plane = [f"{row}|{column}" for row in "xa" for column in (*VARIABLES, *PAIRS)]
        return {name: self.coefficient(name) for name in [*plane, "y|y", "y|b", "b|y", "b|b"]}

    def apply(self, rays: Rays) -> Rays:
        """Return rays as the polynomial sends them."""
        start = np.stack([rays.x, rays.a, rays.d, rays.g])
        end = np.tensordot(self.first_order, start, 1)
        end = end + np.einsum("imn,m...,n...->i...", self.second_order, start, start)
        upright = np.tensordot(self.vertical, np.stack([rays.y, rays.b]), 1)
        return Rays(x=end[0], a=end[1], y=upright[0], b=upright[1], d=rays.d, g=rays.g)
