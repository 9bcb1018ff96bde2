"""The field above interdigitated electrodes: bars of alternating voltage on the floor, across the flow.

With bars of width w at gaps g, the amplitude V of each over the mean, and the potential falling in a straight line
across the gap, the potential is a series of waves that decay from the floor::

    phi = sum over odd n of A_n cos(k_n x) exp(-k_n z),   k_n = n pi/(w + g)
    A_n = (4 V/(n pi)) sin(k_n g/2)/(k_n g/2) (-1)^((n-1)/2)

A particle that is carried over many bars feels the mean over x, where the waves do not mix::

    <E^2>_rms = (1/2) sum k_n^2 A_n^2 exp(-2 k_n z)

which far above is that of the first wave alone, the same at every x. That is what drives it up or down.

Assumptions: particles cross the bars fast beside how they drift; the lid is far away on the scale (w + g)/pi; the edges
of bars, where the field is stronger still, are rounded by the linear gap and the cut of the series.

Source: Morgan, Izquierdo, Bakewell, Green & Ramos, J. Phys. D 34, 1553 (2001), whose series it is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray

WAVES = 60  # odd ones


class Electrodes(NamedTuple):
    """Bars on the floor of a channel.

    Attributes
    ----------
    width, gap : float [m]
    voltage : float [V]
        Amplitude of each bar over the mean: a quarter of peak to peak between neighbours.
    """

    width: float
    gap: float
    voltage: float

    @property
    def decay_length(self) -> float:
        """Over which E^2 of the first wave falls by e [m]."""
        return (self.width + self.gap) / (2.0 * math.pi)

    def mean_square(self, height: FloatArray) -> FloatArray:
        """Return the mean square of the field over bars and time.

        Parameters
        ----------
        height : ndarray, shape (m,) [m]
            Over the floor.

        Returns
        -------
        ndarray, shape (m,) [V2/m2]

        Examples
        --------
        >>> bars = Electrodes(width=10e-6, gap=10e-6, voltage=5.0)
        >>> fall = bars.mean_square(np.array([30e-6])) / bars.mean_square(np.array([30e-6 + bars.decay_length]))
        >>> round(float(fall[0]), 3)
        2.718
        """
        k, power = self.waves
        return np.asarray(np.exp(-2.0 * np.multiply.outer(height, k)) @ power)

    def slope(self, height: FloatArray) -> FloatArray:
        """Return the derivative of `mean_square` over the height, shape (m,) [V2/m3]; it is below zero."""
        k, power = self.waves
        return np.asarray(np.exp(-2.0 * np.multiply.outer(height, k)) @ (-2.0 * k * power))

    @property
    def waves(self) -> tuple[FloatArray, FloatArray]:
        """Wave numbers [1/m], and mean squares of the field of each at the floor [V2/m2]."""
        n = np.arange(1, 2 * WAVES, 2)
        k = np.asarray(n * math.pi / (self.width + self.gap), dtype=np.float64)
        amplitude = 4.0 * self.voltage / (n * math.pi) * np.sinc(k * self.gap / (2.0 * math.pi))
        return k, np.asarray(0.5 * (k * amplitude) ** 2)
