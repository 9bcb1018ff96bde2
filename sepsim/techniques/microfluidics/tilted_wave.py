"""Particles that a flow carries obliquely over the lines of a standing wave: locked to a line, or slipping over it.

Across the lines the flow carries with a = u sin(theta), the wave holds back with up to b, and particles diffuse,

    dn/dt = a - b sin(2 k n) + noise,    <dn/dt> = (a^2 - b^2)^(1/2) for a > b, 0 below, without noise

The stationary density of such a washboard gives the mean speed for any noise (Stratonovich). With c_n the mean of
exp(2 i k n n'), that is a chain c_n = S_n c_(n-1), S_n = b/(2 (2 k D n - i a) + b S_(n+1)), and <dn/dt> = a - b Im S_1.
What the wave holds back, a - <dn/dt>, is the drift across the lines; along them particles go with the flow.

Sources: Stratonovich, Topics in the Theory of Random Noise II (1967), chapter 9; Riaud et al., arXiv:1902.08892 (2019),
for waves that are tilted against a flow (abstract).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sepsim.arrays import FloatArray

STEEPNESSES = (0.0, 1.0, 10.0, 100.0, 1000.0, 5000.0)  # b over the spread; above the last there is as good as no noise


def held_back(carried: FloatArray, held: FloatArray, spread: FloatArray) -> FloatArray:
    """Return what a wave takes off the speed across its lines.

    Parameters
    ----------
    carried : ndarray [m/s]
        a, of the flow; at least 0.
    held : ndarray [m/s]
        b, the fastest drift in the wave; its sign does not count.
    spread : ndarray [m/s]
        2 k D.

    Returns
    -------
    ndarray, shape of the three broadcast [m/s]
        At most a.

    Examples
    --------
    Locked, slipping without noise, and slipping with as much noise as drive:

    >>> held_back(np.array([1.0, 2.0, 2.0]), np.array([1.5, 1.0, 1.0]), np.array([1e-9, 1e-9, 2.0])).round(3)
    array([1.   , 0.268, 0.122])
    """
    a, b, d = np.broadcast_arrays(*(np.asarray(each, dtype=float) for each in (carried, np.abs(held), spread)))
    taken = np.where(a > b, a - np.sqrt(np.maximum(a**2 - b**2, 0.0)), a)
    steepness = b / d
    for low, high in pairwise(STEEPNESSES):
        noisy = (steepness >= low) & (steepness < high)
        chain = np.zeros(np.count_nonzero(noisy), dtype=complex)
        # The density of what is held is as narrow as the root of d/b: the terms of its series go to some such widths.
        for term in range(int(15 + 5 * np.sqrt(high)), 0, -1):
            chain = b[noisy] / (2.0 * (d[noisy] * term - 1j * a[noisy]) + b[noisy] * chain)
        taken[noisy] = b[noisy] * chain.imag
    return taken
