"""How long particles of a laminar stream are on their way, when they change their depth as they go.

A particle that keeps its depth takes the time L/u, one that visits all depths L/U. In between, its time is the integral
of 1/u along its path. Deviations of U/u from one are written in the modes phi_n of the depth,

    phi'' + lambda_n (u/U) phi = 0,  no flux at middle and wall,    U/u - 1 = sum_n a_n phi_n,   a_n = <phi_n>

each of which is forgotten at the rate 4 lambda_n D/h^2, so that of its spread over paths this part is left:

    s_n = [2 (x - 1 + exp(-x))]^(1/2)/x,    x = 4 lambda_n D t/h^2,  t = L/U

The times of a layer are those of sum_n s_n a_n phi_n in its place. Their mean is L/U, and their variance that of the
paths, which after a long way is Taylor's and Aris', 2 t h^2/(210 D). Their law is that of the layers, a choice between
the two limits: shares of outlets are within 0.02 of Brownian particles where D t/h^2 is 0.02 or 0.05, and within 0.06
where it is 0.17.

Where rolls stir, D is that and what they add, since they turn over the depth as they do across.

Assumptions: a wide slit, u = 3/2 U (1 - (2z/h)^2); particles that enter evenly over the flow; what they do across the
stream does not depend on the depth.

Sources: Taylor, Proc. R. Soc. A 219 (1953) 186; Aris, Proc. R. Soc. A 235 (1956) 67.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.polynomial import legendre

from sepsim.arrays import FloatArray

MODES = 120
LITTLE = 1e-6  # of a mode forgotten


def times_in_layer(depth: float, forgetting: FloatArray) -> FloatArray:
    """Return the time of a layer over that of particles that keep to it, times of a mean of one over the flow.

    Parameters
    ----------
    depth : float [-]
        Of the layer, from a wall on, as a share of the height.
    forgetting : ndarray, shape (n,) [-]
        D t/h^2 of classes, with the mean time t = L/U.

    Returns
    -------
    ndarray, shape (n,) [-]
        1 where the depth is kept, u/U where all depths are visited.

    Examples
    --------
    >>> times_in_layer(0.5, np.array([0.0, 1e-3, 0.1, 1e3])).round(2)  # in the middle, where liquid is fastest
    array([1.  , 1.  , 1.15, 1.5 ])
    """
    rates, amounts, modes = _modes()
    x = np.abs(2.0 * depth - 1.0)
    fastness = 1.5 * (1.0 - x**2)
    forgotten = np.maximum(4.0 * np.multiply.outer(forgetting, rates), LITTLE)
    kept = np.sqrt(2.0 * np.maximum(forgotten + np.expm1(-forgotten), 0.0)) / forgotten
    shapes = amounts * (legendre.legvander(np.array([x]), 2 * MODES)[0, ::2] @ modes)
    rest = 1.0 / fastness - 1.0 - shapes.sum()  # beyond the last mode, forgotten like it
    times: FloatArray = fastness * (1.0 + kept @ shapes + kept[:, -1] * rest)
    return times


@cache
def _modes() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return lambda_n, a_n and the modes as sums of even Legendre polynomials, by Galerkin's method."""
    nodes, weights = legendre.leggauss(4 * MODES)
    even = slice(None, None, 2)
    basis = legendre.legvander(nodes, 2 * MODES)[:, even]
    slope = (legendre.legvander(nodes, 2 * MODES - 1) @ legendre.legder(np.eye(2 * MODES + 1)))[:, even]
    weights = 0.5 * weights
    root = np.linalg.cholesky(basis.T @ ((weights * 1.5 * (1.0 - nodes**2))[:, None] * basis))
    inverse = np.linalg.inv(root)
    rates, modes = np.linalg.eigh(inverse @ (slope.T @ (weights[:, None] * slope)) @ inverse.T)
    modes = inverse.T @ modes
    used = slice(1, MODES // 2)  # without the even one, and those that the basis does not resolve
    return rates[used], (weights @ basis @ modes)[used], modes[:, used]
