"""The closed form of capture in a slit (Graetz) for many particles at once, each with its own zeta and its own Da."""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray

STEP = 0.2  # in ln(Da), between numbers for which the series is summed; its logarithm is straight within 1.3e-3
FEW = 8  # numbers for which each is summed
SLOW = 1e-9  # Da of a wall that takes nothing


def bare_slit(zeta: FloatArray, damkohler: FloatArray, walls: int) -> FloatArray:
    """Return the share of particles that bare walls of a slit take up which let nothing go.

    Parameters
    ----------
    zeta, damkohler : ndarray, shape (n,) [-]
        As of `sepsim.kernels.slit_capture`.
    walls : int
        That take up, 1 or 2.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> bare_slit(np.array([0.1, 1.0]), np.array([np.inf, 0.01]), 1).round(4).tolist()
    [0.2919, 0.0099]
    """
    from sepsim.kernels.graetz import slit_capture

    share = np.zeros(zeta.size)
    fast = np.isinf(damkohler)
    share[fast] = slit_capture(zeta[fast], walls=walls)
    (some,) = np.nonzero(~fast & (damkohler > SLOW) & (zeta > 0))
    if not some.size:
        return share
    place = np.log(damkohler[some])
    numbers = np.unique(place)
    nodes = numbers if numbers.size <= FEW else _nodes(float(numbers[0]), float(numbers[-1]))
    series = np.log([slit_capture(zeta[some], float(np.exp(node)), walls) for node in nodes])
    below = np.clip(np.searchsorted(nodes, place, side="right") - 1, 0, max(nodes.size - 2, 0))
    above, lane = np.minimum(below + 1, nodes.size - 1), np.arange(some.size)
    width = np.where(above > below, nodes[above] - nodes[below], 1.0)
    part = (place - nodes[below]) / width
    share[some] = np.exp((1.0 - part) * series[below, lane] + part * series[above, lane])
    return share


def _nodes(least: float, most: float) -> FloatArray:
    return np.linspace(least, most, max(int(np.ceil((most - least) / STEP)), 1) + 1)
