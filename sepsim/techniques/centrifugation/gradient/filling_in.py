"""Where the particles are that lie between the classes of a population: classes are no subpopulations.

A population is computed as classes of one size and one density each. In a gradient each has a band of its own, and
where that is narrower than the distance to the next band, the sum of the classes is a comb that the population is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import ProtocolError
from sepsim.particles.particle_table import Grid


def filled_in(shares: FloatArray, depths: FloatArray, grids: Sequence[Grid]) -> FloatArray:
    """Spread each class of a population to halfway to its neighbours, in size and then in density.

    Parameters
    ----------
    shares : ndarray, shape (..., n_classes, n_cells) [any]
        Of each class in each cell; a class without any is no neighbour.
    depths : ndarray, shape (n_cells + 1,) [m3]
        Volume of liquid above the faces.
    grids : sequence of (int, int, int)
        Series, sizes and densities of the classes, as in `sepsim.particles.particle_table.ParticleClasses`.

    Returns
    -------
    ndarray, shape (..., n_classes, n_cells)
        With the sum of each class kept.

    Notes
    -----
    What moves is the place, not the size: what is told of a class, such as its mass, stays that of the class. See
    `sepsim.techniques.centrifugation.kernels.between_classes` for how far it reaches.

    Examples
    --------
    >>> bands = np.array([[0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0]])
    >>> filled_in(bands, np.arange(6.0), [(1, 2, 1)]).sum(axis=0).tolist()  # of one law
    [0.25, 0.5, 0.5, 0.5, 0.25]
    >>> filled_in(bands, np.arange(6.0), [(2, 1, 1)]).sum(axis=0).tolist()  # of a list of sizes
    [0.0, 1.0, 0.0, 1.0, 0.0]
    """
    ends = np.cumsum([0, *(math.prod(grid) for grid in grids)])
    parts = [
        _filled_in(shares[..., begin:end, :], depths, grid)
        for (begin, end), grid in zip(pairwise(ends), grids, strict=True)
    ]
    return np.concatenate(parts, axis=-2)


def _filled_in(shares: FloatArray, depths: FloatArray, grid: Grid) -> FloatArray:
    try:  # numba loads only when a gradient runs
        from sepsim.techniques.centrifugation.kernels.between_classes import spread_between
    except RuntimeError as error:
        raise ProtocolError(
            f"the compiled kernels cannot be kept ({error}); name a writable folder in NUMBA_CACHE_DIR"
        ) from error

    lanes = np.arange(shares[..., 0].size).reshape(-1, *grid)
    found: FloatArray = shares.reshape(lanes.size, -1)
    for axis in (2, 3):
        if lanes.shape[axis] > 1:
            last = lanes.shape[axis] - 1
            before = np.take(lanes, np.arange(-1, last).clip(min=0), axis=axis)
            after = np.take(lanes, np.arange(1, last + 2).clip(max=last), axis=axis)
            found = spread_between(found, depths, before.ravel(), after.ravel())
    return found.reshape(shares.shape)
