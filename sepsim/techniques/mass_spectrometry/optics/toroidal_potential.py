"""The potential of an ideal toroidal condenser and of a magnet with a field index, exact off the middle plane too.

Both are homogeneous functions of the distance from the centre: on the middle plane a power of the radius, off it
what Laplace's equation makes of that, a hypergeometric series in (y/rho)^2 with rho^2 = r^2 + y^2. Lengths are over
the radius of the axis.
"""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray

_TERMS = 20  # to rounding while |y| stays below 0.4 rho
_CYLINDER = 1e-15  # a toroid below this is a cylinder, to rounding


def _series(a: float, b: float, c: float, w: FloatArray) -> FloatArray:
    """Return the hypergeometric function 2F1(a, b; c; w) of a small w."""
    total = np.ones_like(w)
    for n in range(_TERMS, 0, -1):
        total = 1.0 + total * w * ((a + n - 1.0) * (b + n - 1.0) / ((c + n - 1.0) * n))
    return total


def potential(r: FloatArray, y: FloatArray, toroid: float) -> FloatArray:
    """Return the potential of a toroidal condenser, 0 on its axis, over E0 r_e.

    U = (1 - rho^-c F)/c with F = 2F1(c/2, (1-c)/2; 1/2; (y/rho)^2): ln r for the cylinder (c = 0), 1 - 1/rho for the
    sphere (c = 1). Valid for |y| < 0.4 rho. Source: separation of Laplace's equation in spherical coordinates.

    Parameters
    ----------
    r : array [1]
        Distance from the axis of rotation, over the radius of the beam's axis.
    y : array [1]
        Height, over the same.
    toroid : float [1]
        c, the beam's radius over the vertical radius of the middle surface.

    Returns
    -------
    array [1]

    Examples
    --------
    >>> float(potential(np.array(1.25), np.array(0.0), 1.0).round(12))
    0.2
    """
    if toroid < _CYLINDER:
        return np.log(r)
    rho_squared = r * r + y * y
    w = y * y / rho_squared
    # (F - 1)/c, summed without the leading 1, so that a small c loses nothing
    rest, term = np.zeros_like(w), (1.0 - toroid) * w / 2.0
    for n in range(1, _TERMS + 1):
        rest = rest + term
        term = term * w * ((0.5 * toroid + n) * (0.5 * (1.0 - toroid) + n) / ((0.5 + n) * (n + 1.0)))
    return -np.expm1(np.log1p(toroid * rest) - 0.5 * toroid * np.log(rho_squared)) / toroid


def potential_gradient(r: FloatArray, y: FloatArray, toroid: float) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives of `potential` along r and along y.

    On the middle plane they are r^-(1+c) and 0.

    Parameters
    ----------
    r, y : array [1]
    toroid : float [1]

    Returns
    -------
    tuple of array [1]

    Examples
    --------
    >>> outward, up = potential_gradient(np.array(2.0), np.array(0.0), 0.5)
    >>> float(outward.round(6)), float(up)
    (0.353553, 0.0)
    """
    if toroid < _CYLINDER:
        return 1.0 / r, np.zeros_like(r)
    rho_squared = r * r + y * y
    w = y * y / rho_squared
    factor = rho_squared ** (-0.5 * toroid - 1.0)
    level = _series(0.5 * toroid, 0.5 * (1.0 - toroid), 0.5, w)
    bend = (1.0 - toroid) * _series(1.0 + 0.5 * toroid, 0.5 * (3.0 - toroid), 1.5, w)
    return r * factor * (level + w * bend), y * factor * (level - (1.0 - w) * bend)


def indexed_field(r: FloatArray, y: FloatArray, index: float) -> tuple[FloatArray, FloatArray]:
    """Return the magnetic field of a sector with a field index along r and along y, over that on its axis.

    On the middle plane B_y = r^-n and B_r = 0; off it B = grad(y rho^-n G) with G = 2F1(n/2, (3-n)/2; 3/2; (y/rho)^2).
    Valid for |y| < 0.4 rho. Source: separation of Laplace's equation in spherical coordinates.

    Parameters
    ----------
    r : array [1]
        Distance from the centre of the bend, over the radius of the beam's axis.
    y : array [1]
        Height, over the same.
    index : float [1]
        n = -(r/B) dB/dr on the axis.

    Returns
    -------
    tuple of array [1]

    Examples
    --------
    >>> outward, up = indexed_field(np.array(1.0), np.array(0.01), 0.5)
    >>> float(outward.round(4)), float(up.round(4))
    (-0.005, 1.0)
    """
    if index == 0.0:
        return np.zeros_like(r), np.ones_like(r)
    rho_squared = r * r + y * y
    w = y * y / rho_squared
    factor = rho_squared ** (-0.5 * index)
    level = _series(0.5 * index, 0.5 * (3.0 - index), 1.5, w)
    slope = index * (3.0 - index) / 6.0 * _series(0.5 * index + 1.0, 0.5 * (5.0 - index), 2.5, w)
    outward = -y * r * factor / rho_squared * (index * level + 2.0 * w * slope)
    up = factor * ((1.0 - index * w) * level + 2.0 * w * (1.0 - w) * slope)
    return outward, up


def indexed_potential(r: FloatArray, y: FloatArray, index: float) -> FloatArray:
    """Return the scalar potential whose gradient is `indexed_field`, 0 on the middle plane.

    Parameters
    ----------
    r, y : array [1]
    index : float [1]

    Returns
    -------
    array [1]

    Examples
    --------
    >>> float(indexed_potential(np.array(1.3), np.array(0.02), 0.0))
    0.02
    """
    w = y * y / (r * r + y * y)
    return y * (r * r + y * y) ** (-0.5 * index) * _series(0.5 * index, 0.5 * (3.0 - index), 1.5, w)
