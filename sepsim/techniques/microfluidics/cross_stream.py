"""From inlets to outlets of a channel in which particles drift across the flow: who leaves where.

Streams and outlets divide the flow across the channel: each is one or more bands between streamlines, in shares of the
flow from the left wall on. Particles keep their depth, and `kernels.cross_stream` marches each class down layers of it.

Shares are 2 f - g of a fine march f and a coarse one g, whose errors are of first order. A third, coarser one, treated
alike, tells the error that is left.

Dividing surfaces stand upright: they cut the flow at one y at all depths, as walls between inlets and outlets do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.errors import InputError, did_you_mean
from sepsim.techniques.microfluidics.chips.channel import Channel

Band = tuple[float, float]  # from one share of the flow, counted from the left wall, to another
Across = Callable[[IntArray, FloatArray], FloatArray]  # rows (n,) and places y (m,) [m] to (n, m)

CELLS = 240  # of the finest march, and its steps
LAYERS = 6  # over half of the depth, which is symmetric
FEWEST = 3  # cells of a band
MOST_LANES = 600  # classes that are marched one by one; beyond, similar ones are taken together
PROBES = 33  # places at which classes are compared
DIGITS = (9, 3, 2, 1)  # to which they are the same
ROUND_OFF = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Crossing:
    """Where classes of particles leave a channel.

    Attributes
    ----------
    shares : mapping of str to ndarray, shape (n,) [-]
        By outlet, of each class.
    taken : ndarray, shape (2, n) [-]
        Shares that the left and the right wall take up.
    error : float [-]
        Largest estimated error of a share.
    faces : ndarray, shape (cells + 1,) [m]
        Of the cells across the channel.
    outflow : ndarray, shape (lanes, cells) [-]
        Share of each lane that leaves in each cell, of the fine march.
    lane : ndarray of int, shape (n,)
        Of each class; -1 of those that were not marched, whose shares are 0.
    """

    shares: Mapping[str, FloatArray]
    taken: FloatArray
    error: float
    faces: FloatArray
    outflow: FloatArray
    lane: IntArray


def bands(at: str, share: float) -> tuple[Band, ...]:
    """Return the bands of a stream or an outlet.

    Parameters
    ----------
    at : str
        "centre", "sides" (in two equal parts), "left" or "right".
    share : float [-]
        Of the flow.

    Returns
    -------
    tuple of (float, float)

    Raises
    ------
    InputError
        If there is no such place.

    Examples
    --------
    >>> bands("centre", 0.5), bands("sides", 0.5)
    (((0.25, 0.75),), ((0.0, 0.25), (0.75, 1.0)))
    """
    places = {
        "centre": ((0.5 - 0.5 * share, 0.5 + 0.5 * share),),
        "sides": ((0.0, 0.5 * share), (1.0 - 0.5 * share, 1.0)),
        "left": ((0.0, share),),
        "right": ((1.0 - share, 1.0),),
    }
    if at not in places:
        raise InputError(f"{at!r}: must be one of {', '.join(map(repr, places))}{did_you_mean(at, places)}")
    return places[at]


def overlap(first: tuple[Band, ...], second: tuple[Band, ...]) -> float:
    """Return the share of the flow that lies in bands of both kinds.

    Parameters
    ----------
    first, second : tuple of (float, float)

    Returns
    -------
    float [-]

    Examples
    --------
    >>> overlap(bands("centre", 0.5), bands("left", 0.5))
    0.25
    """
    return sum(max(min(a[1], b[1]) - max(a[0], b[0]), 0.0) for a in first for b in second)


def cross_stream(
    channel: Channel,
    flow: float,
    inlet: tuple[Band, ...],
    outlets: Mapping[str, tuple[Band, ...]],
    diffusivity: FloatArray,
    drift: Across,
    *,
    stirring: Across | None = None,
    uptake: FloatArray | None = None,
    present: BoolArray | None = None,
) -> Crossing:
    """Return where classes of particles leave that drift and diffuse across a channel.

    Parameters
    ----------
    channel : Channel
    flow : float [m3/s]
        Through all of it.
    inlet : tuple of (float, float)
        Bands in which the particles enter, evenly over the liquid.
    outlets : mapping of str to tuple of (float, float)
        Bands of each; together the whole flow.
    diffusivity : ndarray, shape (n,) [m2/s]
    drift : callable
        From indices of classes (k,) and places y (m,) [m] to speeds towards the right wall, shape (k, m) [m/s].
    stirring : callable, optional
        Likewise, to what is added to the diffusivity [m2/s].
    uptake : ndarray, shape (2, n) [m/s], optional
        Of the left and the right wall; left out: they take up nothing.
    present : ndarray of bool, shape (n,), optional
        Classes that are marched; left out: all.

    Returns
    -------
    Crossing

    Notes
    -----
    Classes that move alike are marched once. Of more than 600 that do not, those that differ by less than about 0.1, 1
    or 10 % are taken together.

    Examples
    --------
    What drifts by a quarter of the width, from the left half of the stream:

    >>> channel = Channel(width=200e-6, height=50e-6, length=10e-3)
    >>> flow = channel.area * 1e-3
    >>> outlets = {"left": bands("left", 0.5), "right": bands("right", 0.5)}
    >>> found = cross_stream(
    ...     channel, flow, bands("left", 0.5), outlets, np.array([1e-12]),
    ...     lambda rows, y: np.full((rows.size, y.size), 5e-6),
    ... )
    >>> f"{found.shares['right'][0]:.2f}"
    '0.46'
    """
    classes = diffusivity.size
    rows = np.arange(classes) if present is None else np.flatnonzero(present)
    none = np.zeros((2, classes)) if uptake is None else uptake
    stirred = _still if stirring is None else stirring
    lead, lane_of = _alike(rows, channel.width, diffusivity, drift, stirred, none)
    marches = [
        _march(channel, flow, inlet, outlets, lead, diffusivity, drift, stirred, none, CELLS // coarse)
        for coarse in (1, 2, 4)
    ]
    fine, middle, coarse = (march[0] for march in marches)
    best, second = _extrapolated(fine, middle), _extrapolated(middle, coarse)
    lane = np.full(classes, -1)
    lane[rows] = lane_of
    of_rows = np.zeros((len(best), classes))
    of_rows[:, rows] = best[:, lane_of]
    faces, outflow = marches[0][1:]
    return Crossing(
        shares=dict(zip(outlets, of_rows[2:], strict=True)),
        taken=of_rows[:2],
        error=float(np.max(np.abs(best - second), initial=0.0)),
        faces=faces,
        outflow=outflow,
        lane=lane,
    )


def _still(rows: IntArray, y: FloatArray) -> FloatArray:
    return np.zeros((rows.size, y.size))


def _extrapolated(fine: FloatArray, coarse: FloatArray) -> FloatArray:
    """Return shares without the error of first order; none below 0, in all 1."""
    positive = np.maximum(2.0 * fine - coarse, 0.0)
    shares: FloatArray = positive / np.maximum(positive.sum(axis=0), ROUND_OFF)
    return shares


def _alike(
    rows: IntArray, width: float, diffusivity: FloatArray, drift: Across, stirring: Across, uptake: FloatArray
) -> tuple[IntArray, IntArray]:
    """Return one class of each kind that moves alike, and of which kind each of the rows is."""
    y = np.linspace(0.0, 1.0, PROBES) * width
    speed, spread = drift(rows, y), diffusivity[rows, None] + stirring(rows, y)
    fastest = np.maximum(np.abs(speed).max(axis=1, initial=0.0), np.finfo(float).tiny)[:, None]
    walls = np.where(np.isinf(uptake[:, rows]), -1.0, uptake[:, rows] * width / diffusivity[rows])
    key = np.hstack([np.log(diffusivity[rows, None]), np.log(fastest), speed / fastest, np.log(spread), walls.T])
    for digits in DIGITS:
        _, first, kind = np.unique(key.round(digits), axis=0, return_index=True, return_inverse=True)
        if first.size <= MOST_LANES:
            break
    return rows[first], kind.reshape(-1)


def _march(
    channel: Channel,
    flow: float,
    inlet: tuple[Band, ...],
    outlets: Mapping[str, tuple[Band, ...]],
    rows: IntArray,
    diffusivity: FloatArray,
    drift: Across,
    stirring: Across,
    uptake: FloatArray,
    cells: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what the walls take and the outlets get of the rows, the faces of the cells, and the outflow."""
    from sepsim.techniques.microfluidics.kernels.cross_stream import OK, solve_cross_stream

    nodes, weights = np.polynomial.legendre.leggauss(LAYERS)
    up, depth = 0.25 * (nodes + 1.0), 0.5 * weights
    edges = np.unique(np.array([0.0, 1.0, *(edge for band in (*inlet, *_all(outlets)) for edge in band)]).round(9))
    faces = _faces(channel, edges, up, depth, cells)
    middles = 0.5 * (faces[1:] + faces[:-1])
    velocity = channel.profile(middles / channel.width, up[:, None])
    carried = depth @ velocity * np.diff(faces)
    velocity *= channel.mean_velocity(flow) * channel.width / carried.sum()
    place = np.cumsum(carried) / carried.sum() - 0.5 * carried / carried.sum()
    found = solve_cross_stream(
        faces, np.ascontiguousarray(velocity), depth, channel.length,
        np.ascontiguousarray(drift(rows, faces), dtype=float), np.ascontiguousarray(diffusivity[rows], dtype=float),
        np.ascontiguousarray(stirring(rows, faces), dtype=float), _within(inlet, place) * 1.0,
        np.ascontiguousarray(uptake[:, rows], dtype=float), cells,
    )  # fmt: skip
    if found.status != OK:
        raise InputError("drift: the march across the stream lost particles; check the settings of the chip")
    got = [found.outflow[:, _within(taken, place)].sum(axis=1) for taken in outlets.values()]
    return np.vstack([found.taken, *got]), faces, found.outflow


def _all(outlets: Mapping[str, tuple[Band, ...]]) -> list[Band]:
    return [band for taken in outlets.values() for band in taken]


def _faces(channel: Channel, edges: FloatArray, up: FloatArray, depth: FloatArray, cells: int) -> FloatArray:
    """Return faces of about even cells, of which some lie on the edges of all bands."""
    y = np.linspace(0.0, 1.0, 8 * CELLS + 1)
    below = np.concatenate([[0.0], np.cumsum(depth @ channel.profile(0.5 * (y[1:] + y[:-1]), up[:, None]))])
    ends = channel.width * np.interp(edges, below / below[-1], y)
    parts = [
        np.linspace(low, high, max(FEWEST, round(cells * (high - low) / channel.width)) + 1)
        for low, high in pairwise(ends)
    ]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _within(taken: tuple[Band, ...], place: FloatArray) -> BoolArray:
    """Return which cells lie in bands."""
    inside: BoolArray = np.any([(place > low) & (place < high) for low, high in taken], axis=0)
    return inside
