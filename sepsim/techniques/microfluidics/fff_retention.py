"""How far a layer of particles at a wall lags behind the flow, and how it spreads while it is carried.

In a channel of thickness w a cross flow holds particles to the accumulation wall in a layer of thickness l = lambda w
at their distance from it, against their diffusion. There the stream is slow: the particles run at a share R of its mean
velocity <v>, and spread with a plate height H = chi w^2 <v>/D.

With alpha = a/w for the radius a, which keeps the centre of a particle off the walls,

    R = 6 gamma (alpha - alpha^2) + 6 lambda (1 - 2 alpha) [coth((1 - 2 alpha)/2 lambda) - 2 lambda/(1 - 2 alpha)]

where gamma says how a particle near a wall is dragged along. The first term makes large particles run ahead of smaller
ones: elution is inverted beyond the diameter at which R is least. And with p the density of the layer,

    chi = (2/R) int_0^1 [int_0^x (v/<v> - R) p dx']^2/p dx,

24 lambda^3 of a thin layer and 1/105 (Taylor and Aris) without a field.

Sources: Giddings 1978 (steric correction); Giddings, Yoon, Caldwell, Myers & Hovingh 1975 (non-equilibrium). The
integral is that of Aris, and is worked out here.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from sepsim.arrays import FloatArray

FILLED = 30.0  # lambda from which on a layer fills the channel
THIN = 1e-5  # and the thinnest that is looked up
NODES = 200
SMALL = 0.01  # argument below which series replace differences of large numbers


def retention_ratio(lam: ArrayLike, alpha: ArrayLike = 0.0, gamma: float = 1.0) -> FloatArray:
    """Return the velocity of a layer over that of the stream.

    Parameters
    ----------
    lam : array_like [-]
        Thickness of the layer over that of the channel.
    alpha : array_like [-]
        Radius of the particles over it, below 0.5.
    gamma : float [-]
        Steric factor.

    Returns
    -------
    ndarray [-]
        1 without a field, of points; a little more of particles that cannot reach the slow stream at the walls.

    Examples
    --------
    >>> retention_ratio([0.0294, 1e9]).round(3)
    array([0.166, 1.   ])
    """
    thickness, radius = np.asarray(lam, dtype=float), np.asarray(alpha, dtype=float)
    free = 1.0 - 2.0 * radius
    away = free / (2.0 * thickness)
    langevin = np.where(
        away < SMALL,
        away / 3.0 - away**3 / 45.0,
        1.0 / np.tanh(np.maximum(away, SMALL)) - 1.0 / np.maximum(away, SMALL),
    )
    ratio: FloatArray = 6.0 * gamma * (radius - radius**2) + 6.0 * thickness * free * langevin
    return ratio


def layer_capacity(lam: ArrayLike) -> FloatArray:
    """Return by how much the mean height of a layer rises with its thickness: 1 of a thin one, 0 of one that fills all.

    Parameters
    ----------
    lam : array_like [-]

    Returns
    -------
    ndarray [-]
        d<x>/d lambda of p = exp(-x/lambda), 0 < x < 1: 1 - (q/2)^2/sinh^2(q/2) with q = 1/lambda.

    Examples
    --------
    >>> layer_capacity([0.01, 10.0]).round(4).tolist()
    [1.0, 0.0008]
    """
    half = np.minimum(0.5 / np.asarray(lam, dtype=float), 300.0)
    small = half**2 / 3.0 - half**4 / 15.0
    full = 1.0 - (half / np.sinh(half)) ** 2
    capacity: FloatArray = np.where(half < SMALL, small, full)
    return capacity


def spreading(lam: ArrayLike) -> FloatArray:
    """Return R chi: by how much a layer spreads, whatever holds the particles off the wall.

    Parameters
    ----------
    lam : array_like [-]

    Returns
    -------
    ndarray [-]
        Of points; the rate at which the variance of their place grows is R chi w^2 <v>^2/D.

    Examples
    --------
    >>> thin = 1e-3
    >>> bool(abs(spreading(thin) / (6 * thin * 24 * thin**3) - 1) < 0.01), round(105 * float(spreading(30.0)), 2)
    (True, 1.0)
    """
    places, values = _table()
    found: FloatArray = np.exp(np.interp(np.log(np.clip(lam, THIN, FILLED)), places, values))
    return found


@cache
def _table() -> tuple[FloatArray, FloatArray]:
    """Return logarithms of lambda, and of R chi there."""
    places = np.geomspace(THIN, FILLED, 600)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return np.log(places), np.log([_spreading(place, nodes, weights) for place in places])


def _spreading(lam: float, nodes: FloatArray, weights: FloatArray) -> float:
    """Integrate over a layer that ends at the other wall, or within 60 thicknesses."""
    depth = min(1.0, 60.0 * lam)
    x, weights = 0.5 * depth * (nodes + 1.0), 0.5 * depth * weights
    whole = -np.expm1(-1.0 / lam)
    first, second = 6.0 * lam * (2.0 * lam - 1.0), 6.0 * lam
    missing = (first + second) * (np.exp(-1.0 / lam) - np.exp((x - 1.0) / lam)) / whole
    carried = missing + first * x + second * x**2  # int_0^x (v/<v> - R) p, over p
    return float(2.0 / (lam * whole) * np.sum(weights * carried**2 * np.exp(-x / lam)))
