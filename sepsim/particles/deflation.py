"""The shape of a vesicle that has lost volume and kept its membrane: what drag it has."""

from __future__ import annotations

from functools import cache

import numpy as np

from sepsim.arrays import FloatArray

LONGEST = 1e4  # axial ratio of the spheroids in the table, at 1.4 % of the volume of the sphere
SHAPES = 4000


def prolate_drag(reduced_volume: FloatArray) -> FloatArray:
    """Return the hydrodynamic diameter of a prolate spheroid over the diameter of the sphere of equal area.

    f = v^(1/3) F(p), with the factor of Perrin, F = sqrt(p^2 - 1)/{p^(1/3) ln[p + sqrt(p^2 - 1)]}, and the axial ratio
    p at which a spheroid of that area holds the share v of the sphere's volume.

    Parameters
    ----------
    reduced_volume : ndarray of any shape [-]
        v, volume over that of the sphere of equal area: 0.015 to 1.

    Returns
    -------
    ndarray, same shape [-]
        1 for v = 1, and more for less volume: a long body of the same area drags more.

    Notes
    -----
    Mean over all orientations. Perrin 1936, J. Phys. Radium 7:1. Interpolated in a table, to 1e-6.

    Examples
    --------
    A vesicle that has lost half of its volume, as a prolate and as a sphere:

    >>> prolate_drag(np.array([1.0, 0.5])).round(3), round(0.5 ** (1 / 3), 3)
    (array([1.   , 1.142]), 0.794)
    """
    volumes, drags = _table()
    return np.interp(reduced_volume, volumes, drags)


@cache
def _table() -> tuple[FloatArray, FloatArray]:
    """Return rising reduced volumes, and the drag of each."""
    p = np.geomspace(LONGEST, 1.0 + 1e-4, SHAPES)
    eccentricity = np.sqrt(1.0 - p**-2)
    area = 0.5 * (1.0 + p * np.arcsin(eccentricity) / eccentricity)  # of the sphere with the short axis
    volume = p / area**1.5
    root = np.sqrt(p**2 - 1.0)
    perrin = root / (np.cbrt(p) * np.log(p + root))
    return np.append(volume, 1.0), np.append(np.cbrt(volume) * perrin, 1.0)
