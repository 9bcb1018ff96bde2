"""How a pore hinders a sphere: partition, convection and diffusion against the ratio of their radii.

A hard, uncharged sphere of radius r_s in a straight round pore of radius r_p, lambda = r_s / r_p. Its centre keeps off
the wall by its own radius, which alone leaves it the share Phi = (1 - lambda)^2 of the pore; drag along the wall slows
it further. All factors refer to the concentration outside the pore, are 1 at lambda = 0 and 0 from lambda = 1 on.
Charge, shape and adsorption are not part of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Dechadilok and Deen 2006: H = 1 + 9/8 lambda ln lambda + the terms in lambda, lambda^2 ... lambda^7.
_DIFFUSION = (-1.56034, 0.528155, 1.91521, -2.81903, 0.270788, 1.10115, -0.435933)
_BLEND = (0.95, 0.952)  # from the polynomial to the law of the tight pore


def partition(ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the share of a pore's cross-section that the centre of a sphere can reach, Phi = (1 - lambda)^2.

    Parameters
    ----------
    ratio : array_like [1]
        lambda, radius of the sphere over radius of the pore; >= 0.

    Returns
    -------
    ndarray of the same shape [1]
        0 from lambda = 1 on.

    Examples
    --------
    >>> partition([0.0, 0.5, 1.5]).tolist()
    [1.0, 0.25, 0.0]
    """
    room = 1.0 - np.minimum(np.asarray(ratio, dtype=float), 1.0)
    share: NDArray[np.float64] = room * room
    return share


def hindered_convection(ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the factor W by which the flow through a pore carries a sphere, in the mean over the cross-section.

    W = Phi (1 + 3.867 lambda - 1.907 lambda^2 - 0.834 lambda^3) / (1 + 1.867 lambda - 0.741 lambda^2). At high flux it
    is the sieving coefficient of the pore. It lies 5 to 8 % below the result for spheres on the centreline for lambda =
    0.2 to 0.7. The formula falls steadily to 0 at lambda = 1, so it serves for the whole range.

    Parameters
    ----------
    ratio : array_like [1]
        lambda, radius of the sphere over radius of the pore; >= 0.

    Returns
    -------
    ndarray of the same shape [1]

    Examples
    --------
    >>> hindered_convection([0.1, 0.5, 1.0]).round(5).tolist()
    [0.93879, 0.33641, 0.0]

    References
    ----------
    Dechadilok, P., Deen, W. M., Ind. Eng. Chem. Res. 45, 6953 (2006), as transcribed in public codes.
    """
    lam = np.minimum(np.asarray(ratio, dtype=float), 1.0)
    carried = 1.0 + lam * (3.867 + lam * (-1.907 - 0.834 * lam))
    factor: NDArray[np.float64] = partition(lam) * carried / (1.0 + lam * (1.867 - 0.741 * lam))
    return factor


def hindered_diffusion(ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the factor H by which a sphere diffuses more slowly along a pore than in free liquid.

    Up to lambda = 0.95 the published polynomial, H = 1 + 9/8 lambda ln lambda - 1.56034 lambda + 0.528155 lambda^2 +
    1.91521 lambda^3 - 2.81903 lambda^4 + 0.270788 lambda^5 + 1.10115 lambda^6 - 0.435933 lambda^7; above 0.952 the law
    of the tight pore, H = Phi 0.984 ((1 - lambda) / lambda)^(5/2).

    At 0.95 the law lies 0.6 % above the polynomial, and above 0.957 the polynomial, a sum of terms near 1 with rounded
    coefficients, rises again. Between 0.95 and 0.952, where the two cross, log H is therefore blended from one to the
    other, so that H is continuous and falls strictly.

    Parameters
    ----------
    ratio : array_like [1]
        lambda, radius of the sphere over radius of the pore; >= 0.

    Returns
    -------
    ndarray of the same shape [1]

    Examples
    --------
    >>> hindered_diffusion([0.1, 0.5, 1.0]).round(5).tolist()
    [0.59184, 0.04745, 0.0]

    References
    ----------
    Dechadilok, P., Deen, W. M., Ind. Eng. Chem. Res. 45, 6953 (2006), as transcribed in public codes.
    """
    lam = np.minimum(np.asarray(ratio, dtype=float), 1.0)
    first, last = _BLEND
    polynomial, law = _polynomial(np.minimum(lam, last)), _tight_pore(np.maximum(lam, first))
    step = np.clip((lam - first) / (last - first), 0.0, 1.0)
    weight = step * step * (3.0 - 2.0 * step)
    blend = polynomial ** (1.0 - weight) * law**weight
    factor: NDArray[np.float64] = np.where(lam <= first, polynomial, np.where(lam >= last, law, blend))
    return factor


def _polynomial(lam: NDArray[np.float64]) -> NDArray[np.float64]:
    tail = np.zeros_like(lam)
    for coefficient in reversed(_DIFFUSION):
        tail = lam * (coefficient + tail)
    logarithm = np.log(np.where(lam > 0.0, lam, 1.0))  # lambda ln lambda is 0 at lambda = 0
    factor: NDArray[np.float64] = 1.0 + 1.125 * lam * logarithm + tail
    return factor


def _tight_pore(lam: NDArray[np.float64]) -> NDArray[np.float64]:
    factor: NDArray[np.float64] = partition(lam) * 0.984 * ((1.0 - lam) / lam) ** 2.5
    return factor
