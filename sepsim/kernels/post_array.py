"""Slow flow past a lattice of round posts, as in deterministic lateral displacement.

Posts of the diameter d stand at (i, j + i e) times the pitch, with the shift e of each row. The flow is Stokes's, and
its net flow runs along x only: the mean pressure gradient across that this needs comes out of it.

With lengths in pitches and velocities over the mean velocity, the stream function is y + phi, and phi is periodic in
the coordinates a = x and b = y - e x. It is that of forces on a ring inside the post, each spread as a Gaussian, which
solve Stokes's equations outside the post, where the Gaussians have died out; the forces are those that leave the least
velocity on the surface of the post. In Fourier space, with the wave vector k,

    phi_k = -i (k_y F_x - k_x F_y) exp(-k^2 w^2/2 - i k.r)/(viscosity k^4)

All is smooth, also inside the post, so cubic splines on the grid of the Fourier sum stand for phi.

Sources: Hasimoto, J. Fluid Mech. 5 (1959) 317 (forces in a lattice, drag of a dilute one); Fairweather, Karageorghis,
Adv. Comput. Math. 9 (1998) 69 (the method of fundamental solutions).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_NARROWEST, _THINNEST = 0.05, 0.1  # gap and diameter, over the pitch
_WIDTHS = 5.2  # from the ring of forces to the surface, in widths of a Gaussian
_FADED = 5.6  # wave number times the width, where the sum ends
_COARSEST = 48  # waves along an axis


class PostFlow(NamedTuple):
    """Flow past a lattice of posts.

    Attributes
    ----------
    coefficients : ndarray, shape (n, n) [-]
        Of cubic splines for phi, along a and b.
    pitch, diameter : float [m]
    shift : float [-]
        Of a row, over the pitch.
    drag : tuple of 2 floats [-]
        Force of the liquid on a post along x and y, over viscosity, mean velocity and length of the post. Over the area
        of a cell it is the mean pressure gradient.
    slip : float [-]
        Largest velocity left on the surface of the post, over the mean velocity.
    """

    coefficients: Array
    pitch: float
    diameter: float
    shift: float
    drag: tuple[float, float]
    slip: float


def post_flow(pitch: float, diameter: float, shift: float) -> PostFlow:
    """Return the flow past a lattice of posts.

    Parameters
    ----------
    pitch : float [m]
        From post to post, along x and across.
    diameter : float [m]
        Of the posts; the gap is what it leaves of the pitch.
    shift : float [-]
        Of a row against the one before, over the pitch.

    Returns
    -------
    PostFlow
        For `post_array_field`.

    Raises
    ------
    ValueError
        If posts are thinner than a tenth of the pitch, or the gap is narrower than a twentieth of it.

    Notes
    -----
    No velocity above 1e-5 of the mean is left on posts with gaps of 0.1 to 0.8 pitches.

    Examples
    --------
    >>> flow = post_flow(4e-7, 1.65e-7, 0.1)  # gaps of 235 nm
    >>> flow.slip < 1e-5, flow.coefficients.shape[0] >= 64
    (True, True)
    """
    radius, gap = 0.5 * diameter / pitch, 1.0 - diameter / pitch
    if not (2.0 * radius >= _THINNEST and gap >= _NARROWEST):
        raise ValueError(
            f"diameter: posts must be at least {_THINNEST:g}, and gaps at least {_NARROWEST:g}, of the pitch"
        )
    depth = min(0.5 * radius, gap)
    width = depth / _WIDTHS
    half = max(math.ceil(_FADED / (2.0 * math.pi * width)), _COARSEST)
    along, across = np.arange(half), np.arange(1 - half, half)  # the other half of the waves is conjugate
    kx = 2.0 * math.pi * (along[:, None] - shift * across)
    ky = np.broadcast_to(2.0 * math.pi * across, kx.shape)
    square = kx**2 + ky**2
    square[0, half - 1] = np.inf  # the mean flow is given
    weight = (
        np.where(along[:, None] > 0, 2.0, 1.0)
        * np.exp(-0.5 * np.minimum(square, 1e3 / width**2) * width**2)
        / square**2
    )

    def waves(places: Array) -> Array:
        first = np.exp(2j * math.pi * np.outer(places[0], along))
        second = np.exp(2j * math.pi * np.outer(places[1] - shift * places[0], across))
        return first[:, :, None] * second[:, None, :]

    ring = math.ceil(4.0 * math.pi * radius / depth) + 16
    spread = np.conj(waves(_circle(radius - depth, ring))) * (-1j * weight)
    streams = np.concatenate([ky * spread, -kx * spread]).reshape(2 * ring, -1)

    def velocities(places: Array) -> Array:
        here = waves(places)
        both = np.concatenate([1j * ky * here, -1j * kx * here]).reshape(2 * places.shape[1], -1)
        return np.asarray(both.real @ streams.real.T - both.imag @ streams.imag.T)

    points = 2 * ring
    mean = np.repeat([1.0, 0.0], points)
    forces = np.linalg.lstsq(velocities(_circle(radius, points)), -mean, rcond=1e-13)[0]
    left = velocities(_circle(radius, points, 0.5)) @ forces + mean
    n = 2 * half
    knots = [(2.0 + np.cos(2.0 * math.pi * each / n)) / 3.0 for each in (along, across)]
    modes = (forces @ streams).reshape(kx.shape) / np.outer(*knots)
    grid = np.arange(n) / n
    first, second = (np.exp(2j * math.pi * np.outer(grid, each)) for each in (along, across))
    return PostFlow(
        np.asarray((first @ modes @ second.T).real),
        pitch,
        diameter,
        shift,
        (-float(forces[:ring].sum()), -float(forces[ring:].sum())),
        float(np.hypot(*left.reshape(2, -1)).max()),
    )


def _circle(radius: float, points: int, offset: float = 0.0) -> Array:
    angle = 2.0 * math.pi * (np.arange(points) + offset) / points
    return radius * np.array([np.cos(angle), np.sin(angle)])
