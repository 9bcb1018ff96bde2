"""Fields that carry particles in Brownian dynamics, as rows of a table that `langevin` reads: which, and its numbers.

Rows of several fields act together (`superpose`); what multiplies each, for each particle, is its strength.

Sources: Bruus, Theoretical Microfluidics (2008), for flows; those of streaming and of posts stand with them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sepsim.kernels.caching import block_function
from sepsim.kernels.langevin import (
    CENTRIFUGAL,
    CUSTOM,
    EXPONENTIAL,
    LANES,
    POLYNOMIAL,
    POSTS,
    RECTANGLE,
    ROLLS,
    SLIT,
    UNIFORM,
    WAVE,
)

Array = NDArray[np.float64]


def superpose(*rows: Array) -> Array:
    """Return fields that act together, one below another.

    Parameters
    ----------
    *rows : ndarray, shape (width,) [SI]
        Of the functions below.

    Returns
    -------
    ndarray, shape (n_fields, width) [SI]

    Examples
    --------
    >>> superpose(uniform_field((1.0, 0.0, 0.0)), slit_flow(1e-4)).shape
    (2, 4)
    """
    fields = np.zeros((len(rows), max((row.size for row in rows), default=1)))
    for line, row in zip(fields, rows, strict=True):
        line[: row.size] = row
    return fields


def uniform_field(direction: Sequence[float]) -> Array:
    """Return the row of a drift that is the same everywhere; its strength is a speed [m/s].

    Parameters
    ----------
    direction : sequence of 3 floats [-]

    Returns
    -------
    ndarray

    Examples
    --------
    >>> uniform_field((0.0, 0.0, -1.0))
    array([ 0.,  0.,  0., -1.])
    """
    return np.array([UNIFORM, *direction], dtype=float)


def centrifugal_field(omega_squared: float, inner: float = 0.0, sector: bool = False) -> Array:
    """Return the row of the drift s omega^2 r along x; its strength is s [s].

    Parameters
    ----------
    omega_squared : float [1/s2]
    inner : float [m]
        Radius at x = 0.
    sector : bool
        Whether the cell widens with the radius: the drift D/r of the volume is added, independent of the strength.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> centrifugal_field(1e6, 0.06)
    array([1.e+00, 1.e+06, 6.e-02, 0.e+00])
    """
    return np.array([CENTRIFUGAL, omega_squared, inner, sector], dtype=float)


def slit_flow(height: float, axis: int = 2, low: float = 0.0) -> Array:
    """Return the row of a laminar flow along x in a slit, 6 y (1 - y); its strength is the mean velocity [m/s].

    Parameters
    ----------
    height : float [m]
    axis : int
        Across which the flow varies.
    low : float [m]
        Where the lower wall stands.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> slit_flow(1e-4)
    array([2.e+00, 2.e+00, 1.e-04, 0.e+00])
    """
    return np.array([SLIT, axis, height, low], dtype=float)


def standing_wave(wavenumber: float, node: float, axis: int = 1) -> Array:
    """Return the row of -sin(2 k (y - node)): what a standing wave drives to its pressure nodes.

    The strength is the largest speed [m/s], positive for a positive contrast.

    Parameters
    ----------
    wavenumber : float [1/m]
        k, 2 pi over the wavelength of sound.
    node : float [m]
        Where a pressure node stands.
    axis : int
        Along the wave.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> standing_wave(np.pi / 1e-4, 5e-5)
    array([4.e+00, 1.e+00, 1.e+04, 5.e-05])
    """
    return np.array([WAVE, axis, wavenumber / math.pi, node], dtype=float)


def polynomial_field(
    axis: int, low: float, high: float, coefficients: Sequence[float], along: int | None = None
) -> Array:
    """Return the row of a drift that is a polynomial across an axis; its strength is a speed [m/s].

    Parameters
    ----------
    axis : int
        Across which the drift varies.
    low, high : float [m]
        Where the variable of the polynomial is -1 and 1.
    coefficients : sequence of float [-]
        From the constant term upwards.
    along : int, optional
        Along which the drift points; left out, along the same axis.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> polynomial_field(1, 0.0, 1e-4, [0.0, -1.0]).size  # to the middle
    8
    """
    along = axis if along is None else along
    return np.array([POLYNOMIAL, axis, along, 0.5 * (low + high), 2.0 / (high - low), len(coefficients), *coefficients])


def exponential_field(axis: int, origin: float, decay: float) -> Array:
    """Return the row of exp(-(y - origin)/decay); its strength is the speed at the origin [m/s].

    Parameters
    ----------
    axis : int
    origin : float [m]
    decay : float [m]
        Negative if the drift falls towards low positions.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> exponential_field(2, 0.0, 1e-6)
    array([7.e+00, 2.e+00, 0.e+00, 1.e-06])
    """
    return np.array([EXPONENTIAL, axis, origin, decay], dtype=float)


def rectangle_flow(width: float, height: float) -> Array:
    """Return the row of a laminar flow along x in a rectangle; its strength is the mean velocity [m/s].

    Parameters
    ----------
    width, height : float [m]
        Of the channel, which reaches from 0 along y and z.

    Returns
    -------
    ndarray

    Notes
    -----
    (1 - y^2)(1 - z^2) times a polynomial in y^2 and z^2, y and z from -1 to 1, fitted to the series of cosines: within
    8e-4 of the mean velocity.

    Raises
    ------
    ValueError
        If one side is more than 30 times as long as the other.

    Examples
    --------
    >>> rectangle_flow(2e-4, 1e-4)[:3]
    array([3.e+00, 1.e+04, 2.e+04])
    """
    ratio = max(width / height, height / width)
    if ratio > 30.0:
        raise ValueError("width and height: beyond an aspect ratio of 30 take a slit")
    many = math.ceil(2.5 * math.sqrt(ratio)) + 3
    degrees = (many, 6) if width >= height else (6, many)
    nodes = [np.sin(0.5 * math.pi * (np.arange(60 + 4 * size) + 0.5) / (60 + 4 * size)) for size in degrees]
    wanted = _rectangle_series(nodes[0], nodes[1], width, height)
    bases = [np.vander(node**2, size, increasing=True) for node, size in zip(nodes, degrees, strict=True)]
    falls = [1.0 - node**2 for node in nodes]
    inner = [
        np.linalg.lstsq(fall[:, None] * base, np.eye(fall.size), rcond=None)[0]
        for fall, base in zip(falls, bases, strict=True)
    ]
    coefficients = inner[0] @ wanted @ inner[1].T
    return np.array([RECTANGLE, 2.0 / width, 2.0 / height, *degrees, *coefficients.ravel()])


def _rectangle_series(y: Array, z: Array, width: float, height: float) -> Array:
    """Return the velocity over its mean at places from -1 to 1: a parabola and cosines along the shorter side."""
    if width < height:
        return _rectangle_series(z, y, height, width).T
    odd = np.arange(1, 400, 2)[:, None]
    alpha = 0.5 * math.pi * odd
    beta = alpha * width / height
    sign = np.where(odd % 4 == 1, 1.0, -1.0)
    with np.errstate(under="ignore"):
        fall = (np.exp(beta * (np.abs(y) - 1.0)) + np.exp(-beta * (np.abs(y) + 1.0))) / (1.0 + np.exp(-2.0 * beta))
    wall = (2.0 * sign / alpha**3 * fall).T @ np.cos(alpha * z)
    mean = 1.0 / 3.0 - float(np.sum(2.0 / alpha**4 / beta * np.tanh(beta)))
    return np.asarray((0.5 * (1.0 - z**2) - wall) / mean)


def streaming_rolls(wavenumber: float, node: float, low: float, high: float, axis: int = 1, across: int = 2) -> Array:
    """Return the row of Rayleigh's streaming of a standing wave between two plates along it.

    Along the plates the liquid slips with s sin(2 k (y - node)), away from the pressure node; in the middle it comes
    back. The strength is s [m/s], 3 E/(2 rho c) at an energy density E of a wave of sound of the speed c.

    Parameters
    ----------
    wavenumber : float [1/m]
        k, 2 pi over the wavelength of sound.
    node : float [m]
        Where a pressure node stands.
    low, high : float [m]
        Where the plates stand.
    axis, across : int
        Along the wave, and from plate to plate.

    Returns
    -------
    ndarray

    Notes
    -----
    Stokes flow with the stream function sin(q y) f(z), q = 2 k, f = A sinh(q z) + B z cosh(q z); the polynomial that
    stands for f is within 1e-6 of it for a height of up to a wavelength. For a low channel the speed along the wave is
    s (3 z^2 - 1)/2, with z = -1 and 1 at the plates. Layers on the plates that are not thin are beyond it.

    Raises
    ------
    ValueError
        If the plates are more than a wavelength apart.

    Source: Rayleigh, Phil. Trans. R. Soc. 175 (1884) 1; Muller et al., Lab Chip 12 (2012) 4617.

    Examples
    --------
    >>> round(float(streaming_rolls(1e4, 0.0, 0.0, 1e-5)[8]), 3)  # -1/2 (z - z^3)
    -0.5
    """
    half = 0.5 * (high - low)
    q = max(2.0 * wavenumber * half, 1e-3)
    if q > 2.0 * math.pi * (1.0 + 1e-9):
        raise ValueError("low and high: the plates are more than a wavelength apart")
    z = np.sin(0.5 * math.pi * (np.arange(80) + 0.5) / 80)
    coth = math.cosh(q) / math.sinh(q)
    # f = B (z cosh q z - coth(q) sinh q z), f(1) = 0, f'(1) = 1
    slope = math.cosh(q) + q * math.sinh(q) - coth * q * math.cosh(q)
    form = (z * np.cosh(q * z) - coth * np.sinh(q * z)) / slope
    base = np.vander(z**2, 6, increasing=True)
    coefficients = np.linalg.lstsq((z - z**3)[:, None] * base, form, rcond=None)[0]
    return np.array([ROLLS, axis, across, wavenumber / math.pi, node, 0.5 * (low + high), half, q, *coefficients])


def post_array_field(coefficients: Array, pitch: float, diameter: float, shift: float) -> Array:
    """Return the row of the flow past a lattice of posts, which are walls too; its strength is the mean velocity [m/s].

    Centres of posts stand at (i pitch, (j + i shift) pitch). Particles are kept from the posts by their radius.

    Parameters
    ----------
    coefficients : ndarray, shape (n, n) [-]
        Of cubic splines, of what the stream function over pitch and mean velocity has beside y, in the coordinates
        x/pitch and y/pitch - shift x/pitch.
    pitch, diameter : float [m]
    shift : float [-]
        Of a row, over the pitch.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> post_array_field(np.zeros((8, 8)), 4e-7, 2e-7, 0.1).size
    126
    """
    padded = np.pad(coefficients, ((1, 2), (1, 2)), mode="wrap")
    return np.array([POSTS, pitch, shift, 0.5 * diameter, len(coefficients), *padded.ravel()])


def custom_field(function: Callable[..., tuple[float, float, float]]) -> Array:
    """Return the row of a drift of one's own; its strength multiplies it.

    Parameters
    ----------
    function : callable
        From x, y, z [m] to the drift along them; it is compiled, and must be what Numba compiles.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> def trap(x, y, z):
    ...     return -x, -y, -z
    >>> custom_field(trap).size
    2
    """
    return np.array([CUSTOM, block_function(function, LANES)], dtype=float)
