"""A sphere at a wall: how hard the stream pulls at it, and how slowly the liquid between them gives way.

At rest on a wall, a sphere in shear flow feels F = 1.7009 x 6 pi eta R^2 gdot. On its way there the gap g drains, so
that it diffuses more slowly,

    D(g)/D = (6 g^2 + 2 R g)/(6 g^2 + 9 R g + 2 R^2)

The way from far off to a gap is as long as a free one longer by

    the integral of D/D(g) - 1  =  R [ln(G/g) + ln((3 G + R)/(3 g + R))/6]

A wall that drains, such as one of pores, spares it.

Sources: Goldman, Cox & Brenner, Chem. Eng. Sci. 22 (1967) 653; O'Neill, Chem. Eng. Sci. 23 (1968) 1293; Brenner, Chem.
Eng. Sci. 16 (1961) 242, as fitted by Bevan & Prieve, J. Chem. Phys. 113 (2000) 1228.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from sepsim.arrays import FloatArray

Number = TypeVar("Number", float, FloatArray)

TOUCHING = 1.7009  # drag on a sphere that touches the wall, over Stokes' drag at the speed of its centre


def wall_drag(radius: Number, shear_rate: float, viscosity: float) -> Number:
    """Return the force of shear flow on a sphere that is held at a wall, 1.7009 x 6 pi eta R^2 gdot.

    Parameters
    ----------
    radius : float or ndarray [m]
    shear_rate : float [1/s]
        At the wall.
    viscosity : float [Pa s]

    Returns
    -------
    float or ndarray [N]

    Examples
    --------
    >>> [f"{wall_drag(radius, 100.0, 1e-3) * 1e12:.2g} pN" for radius in (50e-9, 10e-6)]
    ['0.008 pN', '3.2e+02 pN']
    """
    return TOUCHING * 6.0 * math.pi * viscosity * shear_rate * radius**2


def draining_length(radius: Number, gap: float, far: float) -> Number:
    """Return by how much the liquid that must drain lengthens the way of a sphere to a wall.

    Parameters
    ----------
    radius : float or ndarray [m]
    gap : float [m]
        Between surface and wall, at which it binds; above 0.
    far : float [m]
        Gap from which it comes.

    Returns
    -------
    float or ndarray [m]
        0 where it comes from no farther than the gap.

    Examples
    --------
    >>> f"{draining_length(50e-9, 10e-9, 50e-6) * 1e6:.2f} um"
    '0.49 um'
    """
    start = max(far, gap)
    length: Number = radius * (math.log(start / gap) + np.log((3.0 * start + radius) / (3.0 * gap + radius)) / 6.0)
    return length
