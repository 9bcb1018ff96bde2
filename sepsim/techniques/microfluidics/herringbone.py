"""Ridges in a herringbone pattern, which stir the liquid above a wall: how thin a depleted layer they leave.

Along a flat wall the layer that capture has emptied grows, and the transfer coefficient m = D Sh/h falls, with Sh on
the mean over the flow after zeta = x D/(U h^2)

    Sh(zeta) = d ln(1 - f)/d(-zeta),    f of `sepsim.kernels.slit_capture`

Stirred by ridges it falls as long only as the stream takes to carry the layer away, an entrance that does not depend on
the Peclet number; from there on Sh stays what it is at its end, and rises with the cube root of the speed as there
("modified Graetz", Kirtland & others). How long the entrance is has not been read; one cycle of ridges is a choice, and
its band is wide. Without ridges the entrance is the channel, and the share taken is f itself.

The coefficient is that of a wall that keeps all it meets, in series with the binding of the real one. Where the
entrance is more than a fifth of the channel and binding is slow, ridges may so take up to 3 % less than a flat wall.

Another picture, a bound beside it: n segments that end in full mixing, 1 - (1 - f(zeta/n))^n. Segments of the
mixing length, the cycle times ln(Pe) (Stroock & others), take about as much as the film of one cycle.

Sources: Kirtland, McGraw & Stroock, Phys. Fluids 18 (2006) 073602 (abstract); Stroock & others, Science 295 (2002) 647
(recalled).
"""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.model_constants import ModelConstants
from sepsim.settings import Settings, number, settings
from sepsim.techniques.microfluidics.bare_slit import bare_slit
from sepsim.units import to_si

CONSTANTS = ModelConstants("wall_chip_model")
DIFFERENCE = 1e-4  # relative, of zeta, over which Sh is the slope


@settings
class Herringbone(Settings):
    """Ridges on the roof of a channel.

    Parameters
    ----------
    cycle_mm : float [mm]
        Length of a cycle, after which the pattern comes again.
    renewal_cycles : float [-]
        Cycles along which the depleted layer grows before it is carried away.

    Examples
    --------
    >>> Herringbone(cycle_mm=1.0).renewal
    0.001
    """

    cycle_mm: float = number(minimum=1e-3, maximum=1e3, help="length of a cycle of the pattern")
    renewal_cycles: float = CONSTANTS.setting(
        "renewal_cycles", "cycles along which the depleted layer grows", above=0, maximum=1e3
    )

    @property
    def cycle(self) -> float:
        """Length of a cycle [m]."""
        return to_si("cycle_mm", self.cycle_mm)

    @property
    def renewal(self) -> float:
        """Length along which the depleted layer grows [m]."""
        return self.renewal_cycles * self.cycle


def film_transfer(
    place: FloatArray, renewal: float, height: float, velocity: float, diffusivity: FloatArray, walls: int
) -> FloatArray:
    """Return the transfer coefficients of sections along a wall that is stirred.

    Parameters
    ----------
    place : ndarray, shape (sections + 1,) [m]
        Faces of the sections, from 0 on.
    renewal : float [m]
        Length along which the depleted layer grows.
    height : float [m]
        Of the channel.
    velocity : float [m/s]
    diffusivity : ndarray, shape (n,) [m2/s]
    walls : int
        That take up.

    Returns
    -------
    ndarray, shape (sections, n) [m/s]
        Of each wall, on the mean over the flow.

    Examples
    --------
    >>> stirred = film_transfer(np.array([0.0, 1e-3, 0.02]), 1e-3, 1e-4, 1e-3, np.array([4.9e-12]), 1)
    >>> layer = 4.9e-12 / stirred[1, 0]
    >>> print(f"a layer of {layer * 1e6:.0f} um")
    a layer of 8 um
    """
    from sepsim.kernels.graetz import log_slit_left

    alike, of = np.unique(diffusivity, return_inverse=True)
    scale = alike / (velocity * height**2)
    ends = np.minimum(place, renewal)
    left = log_slit_left(np.multiply.outer(ends, scale), walls)
    length = np.diff(ends)[:, None]
    growing = -np.diff(left, axis=0)
    edge = renewal * scale * np.array([[1.0 - DIFFERENCE], [1.0 + DIFFERENCE]])
    slope = -np.diff(log_slit_left(edge, walls), axis=0) / (2.0 * DIFFERENCE * renewal)
    spans = np.diff(place)[:, None]
    transfer: FloatArray = velocity * height / walls * (growing + slope * (spans - length)) / spans
    return transfer[:, of.reshape(-1)]


def remixed_capture(zeta: FloatArray, segments: FloatArray, damkohler: FloatArray, walls: int = 1) -> FloatArray:
    """Return the share that bare walls of a slit take up whose liquid is mixed at the end of each segment.

    Parameters
    ----------
    zeta : ndarray, shape (n,) [-]
        Of the whole slit, as of `sepsim.kernels.slit_capture`.
    segments : ndarray, shape (n,) [-]
        Length of the slit over that of a segment, at least 1; the last segment may be shorter than the others.
    damkohler : ndarray, shape (n,) [-]
        As of `sepsim.kernels.slit_capture`.
    walls : int
        That take up.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> segments = np.array([1.0, 10.0])
    >>> remixed_capture(np.full(2, 0.1), segments, np.full(2, np.inf)).round(3).tolist()
    [0.292, 0.495]
    """
    whole = np.floor(segments * (1.0 + 1e-12))
    each = bare_slit(zeta / segments, damkohler, walls)
    last = bare_slit(zeta * np.maximum(1.0 - whole / segments, 0.0), damkohler, walls)
    share: FloatArray = 1.0 - (1.0 - each) ** whole * (1.0 - last)
    return share
