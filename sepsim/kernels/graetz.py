"""Graetz and Leveque: the share of particles that the walls of a slit take from a laminar flow, in closed form.

With y = distance/h, u = 6 y (1 - y), zeta = L D/(U h^2) and Da = k h/D, of a wall that takes up at the speed k,

    u dc/dzeta = d2c/dy2,   dc/dy = Da c at y = 0,   dc/dy = 0 at y = 1,   c = 1 at zeta = 0

has the mean over the flow c_out/c_in = sum_n A_n exp(-lambda_n zeta). Where both walls take up alike, dc/dy = -Da c
stands at y = 1. Eigenvalues and weights come from Galerkin's method on Legendre polynomials. The entrance needs ever
more terms: below zeta = 0.001 a wall that keeps all it meets takes 1.46741 zeta^(2/3) - 0.2 zeta (Leveque, with one
more term), and 1 - exp(-zeta Da) is the limit of a slow one. Near the entrance two walls take twice that.

In terms of heat transfer, with 2 h as the hydraulic diameter, lambda_1 is the Nusselt number of two isothermal walls,
7.541, and half of that of one wall beside an insulated one, 4.861 (Shah & London).

Sources: Leveque, Ann. Mines 13 (1928) 201; Shah & London, Laminar Flow Forced Convection in Ducts (1978).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

TERMS = 100  # polynomials; the first forty eigenvalues are good to 1e-7
ENTRANCE = 1e-3  # zeta below which Leveque's law stands for the series
LEVEQUE = (2.0 / 3.0) ** (1.0 / 3.0) * 1.5 / math.gamma(4.0 / 3.0)


def slit_capture(zeta: ArrayLike, damkohler: float = math.inf, walls: int = 1) -> Array:
    """Return the share of what enters a slit that its walls take up.

    Parameters
    ----------
    zeta : array_like [-]
        Length times diffusion coefficient over mean velocity times height squared.
    damkohler : float [-]
        Speed of a wall's uptake times height over diffusion coefficient; infinite: it keeps all it meets.
    walls : int
        That take up: 1, with the wall opposite inert, or 2.

    Returns
    -------
    ndarray
        Shape as `zeta` [-].

    Notes
    -----
    For a wall that keeps all it meets within 5e-4 of itself below zeta = 0.001, and 1e-6 above. Of a slower wall the
    series stands for all zeta; above Da = 1e5, where the wall is as good as perfect, round-off comes in.

    Examples
    --------
    >>> slit_capture([0.001, 0.01, 0.1, 1.0]).round(4)
    array([0.0145, 0.066 , 0.2919, 0.9212])
    >>> round(float(slit_capture(1.0, damkohler=0.01)), 4), round(1 - math.exp(-0.01), 4)
    (0.0099, 0.01)
    """
    place = np.asarray(zeta, dtype=float)
    values, weights = graetz_series(damkohler, walls)
    share: Array = -np.expm1(-np.multiply.outer(place, values)) @ weights
    if math.isinf(damkohler):
        near = walls * (LEVEQUE * np.cbrt(place) ** 2 - 0.2 * place)
        share = np.where(place < ENTRANCE, near, share)
    return share


def log_slit_left(zeta: ArrayLike, walls: int = 1) -> Array:
    """Return the logarithm of the share that walls leave which keep all they meet, however little it is.

    Parameters
    ----------
    zeta : array_like [-]
        As of `slit_capture`.
    walls : int
        That take up, 1 or 2.

    Returns
    -------
    ndarray
        Shape as `zeta` [-].

    Examples
    --------
    >>> print(f"{log_slit_left(20.0) - log_slit_left(10.0):.3f}")  # -10 lambda_1
    -24.304
    """
    place = np.asarray(zeta, dtype=float)
    values, weights = graetz_series(walls=walls)
    series = np.exp(-np.multiply.outer(place, values - values[0])) @ weights
    near = slit_capture(np.minimum(place, ENTRANCE), walls=walls)
    left: Array = np.where(place < ENTRANCE, np.log1p(-near), np.log(series) - values[0] * place)
    return left


def graetz_series(damkohler: float = math.inf, walls: int = 1) -> tuple[Array, Array]:
    """Return the eigenvalues lambda_n, rising, and the weights A_n, which sum to one.

    Parameters
    ----------
    damkohler : float [-]
    walls : int
        That take up, 1 or 2; with 2 every second weight is nothing, of modes that are odd about the middle.

    Returns
    -------
    values, weights : ndarray, shape (n,) [-]

    Examples
    --------
    >>> values, weights = graetz_series()
    >>> values[:3].round(4), weights[:3].round(5)
    (array([ 2.4304, 23.5907, 66.1619]), array([0.89556, 0.0605 , 0.01804]))
    >>> print(f"{graetz_series(walls=2)[0][0]:.4f}")  # the Nusselt number of two isothermal walls
    7.5407
    """
    perfect = math.isinf(damkohler)
    stiffness, walled, amounts = _forms(perfect, walls)
    if not perfect:
        stiffness = stiffness + damkohler * walled
    values, modes = np.linalg.eigh(stiffness)
    return values, (amounts @ modes) ** 2


@cache
def _forms(perfect: bool, walls: int) -> tuple[Array, Array, Array]:
    """Return stiffness of the liquid and of walls of Da = 1, and amounts, where the flow is the unit matrix."""
    nodes, quadrature = legendre.leggauss(TERMS + 4)
    y, quadrature = 0.5 * (nodes + 1.0), 0.5 * quadrature
    norms = np.sqrt(2.0 * np.arange(TERMS) + 1.0)
    basis = legendre.legvander(nodes, TERMS - 1) * norms
    slope = 2.0 * legendre.legvander(nodes, TERMS - 2) @ legendre.legder(np.eye(TERMS)) * norms
    at_wall, opposite = (-1.0) ** np.arange(TERMS) * norms, norms * (walls == 2)
    if perfect:
        zero, rise = (y, np.ones_like(y)) if walls == 1 else (y * (1.0 - y), 1.0 - 2.0 * y)
        slope = zero[:, None] * slope + rise[:, None] * basis
        basis = zero[:, None] * basis
    flow = 6.0 * y * (1.0 - y) * quadrature
    inverse = np.linalg.inv(np.linalg.cholesky(basis.T @ (flow[:, None] * basis)))
    walled = np.outer(at_wall, at_wall) + np.outer(opposite, opposite)
    stiffness, walled = (inverse @ form @ inverse.T for form in (slope.T @ (quadrature[:, None] * slope), walled))
    return stiffness, walled, flow @ basis @ inverse.T
