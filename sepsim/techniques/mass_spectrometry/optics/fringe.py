"""How the field of a sector falls off at its ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray

ENGE_DIPOLE = (0.478959, 1.911289, -1.185953, 1.630554, -1.082657, 0.318111)


@dataclass(frozen=True, slots=True)
class HardEdge:
    """A field that ends at once: 1 inside, 0 outside.

    Examples
    --------
    >>> HardEdge().share(np.array([-1e-3, 1e-3]))
    array([1., 0.])
    """

    def share(self, outside: FloatArray) -> FloatArray:
        """Return the share of the inner field at a distance [m] outside the edge."""
        return np.where(outside < 0.0, 1.0, 0.0)

    def slope(self, outside: FloatArray) -> FloatArray:
        """Return the derivative of the share [1/m]; the jump at the edge itself is left out."""
        return np.zeros_like(outside)


@dataclass(frozen=True, slots=True)
class EngeFringe:
    """A field that falls off as Enge's function.

    F(s) = 1/(1 + exp(c0 + c1 s/G + ... + c5 (s/G)^5)), with the full gap G and the distance s outside the effective
    edge. The default coefficients are those of an unclamped dipole (transcribed); they bring the area under F to that
    of a hard edge within 1e-4 G. Beyond 6 gaps F is 0 or 1. Source: Enge 1967.

    Parameters
    ----------
    gap : float [m]
    coefficients : tuple of float [1]

    Examples
    --------
    >>> EngeFringe(0.01).share(np.array([-0.05, 0.0, 0.05])).round(3)
    array([1.   , 0.382, 0.   ])
    """

    gap: float
    coefficients: tuple[float, ...] = ENGE_DIPOLE

    def share(self, outside: FloatArray) -> FloatArray:
        """Return the share of the inner field at a distance [m] outside the edge."""
        return 0.5 * (1.0 - np.tanh(0.5 * self._exponent(outside)))

    def slope(self, outside: FloatArray) -> FloatArray:
        """Return the derivative of the share [1/m]."""
        near = np.clip(outside / self.gap, -6.0, 6.0)
        rise = np.polynomial.polynomial.polyval(near, np.polynomial.polynomial.polyder(self.coefficients))
        share = self.share(outside)
        inside_range = near == outside / self.gap
        return np.where(inside_range, -share * (1.0 - share) * rise / self.gap, 0.0)

    def _exponent(self, outside: FloatArray) -> FloatArray:
        near = np.clip(outside / self.gap, -6.0, 6.0)  # further out the polynomial means nothing
        return np.asarray(np.polynomial.polynomial.polyval(near, self.coefficients))


Fringe = HardEdge | EngeFringe
