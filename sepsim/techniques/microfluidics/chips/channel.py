"""A straight channel of rectangular cross-section: how a laminar flow fills it, and what it takes to drive it.

With the half breadth b of the wider side and the half height a of the other, and in units of the mean velocity,

    u(y, z) = sum over odd n of (-1)^((n-1)/2)/n^3 [1 - cosh(n pi y/2a)/cosh(n pi b/2a)] cos(n pi z/2a)

scaled to a mean of one, and the pressure drop 12 eta L Q/[w h^3 (1 - (192 h/pi^5 w) sum tanh(n pi w/2h)/n^5)], h <= w.

Assumptions: fully developed, no slip, Newtonian; Reynolds numbers below some 2000. Source: Bruus, Theoretical
Microfluidics (2008), section 3.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sepsim.arrays import FloatArray

TERMS = 60  # odd numbers of the series


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel, or several alike side by side.

    Parameters
    ----------
    width, height, length : float [m]
        Across (y), up (z) and along (x) the flow.
    parallel : int
        Channels that share the flow.

    Examples
    --------
    >>> slit = Channel(width=1e-2, height=1e-4, length=0.02)
    >>> f"{slit.pressure_drop(1e-8 / 60, 1e-3):.3g} Pa"  # 12 eta L Q/(w h^3) of a wide one
    '4.03 Pa'
    """

    width: float
    height: float
    length: float
    parallel: int = 1

    @property
    def area(self) -> float:
        """Cross-section of all of them [m2]."""
        return self.parallel * self.width * self.height

    @property
    def volume(self) -> float:
        """Of all of them [m3]."""
        return self.area * self.length

    @property
    def hydraulic_diameter(self) -> float:
        """Four times the cross-section over its circumference [m]."""
        return 2.0 * self.width * self.height / (self.width + self.height)

    def mean_velocity(self, flow: float) -> float:
        """Return flow [m3/s] over cross-section [m/s]."""
        return flow / self.area

    def residence_time(self, flow: float) -> float:
        """Return volume over flow [s]."""
        return self.volume / flow

    def pressure_drop(self, flow: float, viscosity: float) -> float:
        """Return what drives a flow [m3/s] of a viscosity [Pa s] [Pa]."""
        low, high = sorted((self.width, self.height))
        odd = np.arange(1, 2 * TERMS, 2)
        narrowed = 1.0 - 192.0 * low / (math.pi**5 * high) * float(
            np.sum(np.tanh(odd * math.pi * high / (2.0 * low)) / odd**5)
        )
        opening = high * low**3 * narrowed
        return 12.0 * viscosity * self.length * flow / self.parallel / opening if opening > 0 else math.inf

    def reynolds(self, flow: float, density: float, viscosity: float) -> float:
        """Return the Reynolds number of the hydraulic diameter [-]."""
        return density * self.mean_velocity(flow) * self.hydraulic_diameter / viscosity

    def wall_shear_rate(self, flow: float) -> float:
        """Return the shear rate at the middle of the wider walls, 6 U/h of a wide channel [1/s]."""
        low = min(self.width, self.height)
        step = 1e-4
        near = self.profile(*self._at_wide_wall(step))
        return self.mean_velocity(flow) * float(near) / (step * low)

    def profile(self, y: ArrayLike, z: ArrayLike) -> FloatArray:
        """Return the velocity over its mean.

        Parameters
        ----------
        y, z : array_like [-]
            Across and up, as shares of width and height from 0 to 1; broadcast against each other.

        Returns
        -------
        ndarray [-]

        Examples
        --------
        >>> wide, square = (Channel(width=width, height=1e-4, length=1e-2) for width in (1e-2, 1e-4))
        >>> float(wide.profile(0.5, 0.5).round(3)), float(square.profile(0.5, 0.5).round(3))
        (1.51, 2.096)
        """
        across, up = np.broadcast_arrays(np.asarray(y, dtype=float), np.asarray(z, dtype=float))
        long, short = (across, up) if self.width >= self.height else (up, across)
        ratio = max(self.width, self.height) / min(self.width, self.height)
        odd = np.arange(1, 2 * TERMS, 2)
        place = math.pi * odd * ratio * (np.abs(long[..., None] - 0.5))
        edge = math.pi * odd * ratio * 0.5
        away = np.exp(place - edge) * (1.0 + np.exp(-2.0 * place)) / (1.0 + np.exp(-2.0 * edge))
        waves = np.where(odd % 4 == 1, 1.0, -1.0) / odd**3 * np.cos(math.pi * odd * (short[..., None] - 0.5))
        mean = np.sum((2.0 / math.pi) / odd**4 * (1.0 - np.tanh(edge) / edge))
        speed: FloatArray = np.sum((1.0 - away) * waves, axis=-1) / mean
        return np.maximum(speed, 0.0)

    def _at_wide_wall(self, step: float) -> tuple[float, float]:
        return (0.5, step) if self.width >= self.height else (step, 0.5)
