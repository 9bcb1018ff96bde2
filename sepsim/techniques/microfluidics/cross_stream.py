"""From inlets to outlets of a channel in which particles drift across the flow: who leaves where.

Streams and outlets divide the flow across the channel: each is one or more bands between streamlines, in shares of the
flow from the left wall on. `kernels.cross_stream` marches each class down layers of the depth. Particles that change
their depth on the way are in fast and in slow liquid by turns: `depth_times` tells how long they then are on their way.

Shares are 2 f - g of a fine march f and a coarse one g, whose errors are of first order. A third, coarser one, treated
alike, tells the error that is left, and the few classes of which it is large are marched more finely. What more layers
change is found on coarse cells and added, until it is small.

Dividing surfaces stand upright: they cut the flow at one y at all depths, as walls between inlets and outlets do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.errors import InputError, did_you_mean
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.depth_times import times_in_layer

Band = tuple[float, float]  # from one share of the flow, counted from the left wall, to another
Across = Callable[[IntArray, FloatArray, float], FloatArray]  # rows (n,), y (m,) [m], and z/height to (n, m)

CELLS = 120  # of the march of all classes, and its steps
MOST_WORK = 1500 * 240**2  # classes times cells and steps of a finer march
FINEST = 960  # cells
EDGE_CELLS, EDGE_LAYERS = 1920, 12  # of the sums over the flow that place the edges of bands
TOLERANCE = 0.005  # error of a share, beyond which a class is marched in finer steps
LAYERS, MOST_LAYERS = 5, 80  # over half of the depth, which is symmetric; more for classes that need them
FEWEST = 3  # cells of a band
MOST_LANES = 1500  # classes that are marched one by one; beyond, similar ones are taken together
PROBES, DEPTHS = 33, (0.1, 0.5)  # places at which classes are compared
DIFFERENCES = (1e-9, 1e-3, 1e-2, 0.03, 0.1, 0.3)  # up to which they are the same, relative
SLOW = 0.1  # Peclet number of the width below which a drift does not matter
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
    tuple of (float, float) [-]

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
    first, second : tuple of (float, float) [-]

    Returns
    -------
    float [-]

    Examples
    --------
    >>> overlap(bands("centre", 0.5), bands("left", 0.5))
    0.25
    """
    return sum(max(min(a[1], b[1]) - max(a[0], b[0]), 0.0) for a in first for b in second)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stream:
    """A channel, and how it is shared out among what flows in and what leaves.

    Attributes
    ----------
    channel : Channel
    flow : float [m3/s]
        Through all of it.
    inlet : tuple of (float, float)
        Bands in which the particles enter, evenly over the liquid.
    outlets : mapping of str to tuple of (float, float)
        Bands of each; together the whole flow.
    """

    channel: Channel
    flow: float
    inlet: tuple[Band, ...]
    outlets: Mapping[str, tuple[Band, ...]]

    def forgetting(self, diffusivity: FloatArray) -> FloatArray:
        """Return how far particles forget their depth on the way, D t/h^2, shape (n,) [-]."""
        forgotten: FloatArray = diffusivity * self.channel.residence_time(self.flow) / self.channel.height**2
        return forgotten


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Movers:
    """How classes of particles move across the stream.

    Attributes
    ----------
    diffusivity : ndarray, shape (n,) [m2/s]
    drift : callable
        From indices of classes (k,), places y (m,) [m] and one z, as a share of the height, to speeds towards the right
        wall, shape (k, m) [m/s].
    stirring : callable
        Likewise, to what is added to the diffusivity [m2/s].
    uptake : ndarray, shape (2, n) [m/s]
        Of the left and the right wall.
    """

    diffusivity: FloatArray
    drift: Across
    stirring: Across
    uptake: FloatArray


def cross_stream(stream: Stream, movers: Movers, present: BoolArray) -> Crossing:
    """Return where classes of particles leave that drift and diffuse across a channel.

    Parameters
    ----------
    stream : Stream
    movers : Movers
    present : ndarray of bool, shape (n,) [-]
        Classes that are marched.

    Returns
    -------
    Crossing

    Notes
    -----
    Classes that move alike are marched once. Of more than 1500 that do not, those that differ by less than 0.1, 1, 3,
    10 or at last 30 % are taken together, as little as brings them below.

    Examples
    --------
    What drifts by a quarter of the width, from the left half of the stream:

    >>> channel = Channel(width=200e-6, height=50e-6, length=10e-3)
    >>> outlets = {"left": bands("left", 0.5), "right": bands("right", 0.5)}
    >>> stream = Stream(channel=channel, flow=channel.area * 1e-3, inlet=bands("left", 0.5), outlets=outlets)
    >>> movers = Movers(
    ...     diffusivity=np.array([1e-12]),
    ...     drift=lambda rows, y, z: np.full((rows.size, y.size), 5e-6),
    ...     stirring=lambda rows, y, z: np.zeros((rows.size, y.size)),
    ...     uptake=np.zeros((2, 1)),
    ... )
    >>> f"{cross_stream(stream, movers, np.array([True])).shares['right'][0]:.2f}"
    '0.48'
    """
    rows = np.flatnonzero(present)
    lead, kind = _alike(rows, stream.channel.width, movers)
    coarse, middle, fine = (_march(stream, movers, lead, CELLS // by) for by in (4, 2, 1))
    best, error = _settled(stream, movers, lead, [coarse.shares, middle.shares, fine.shares])
    deeper, between = _layered(stream, movers, lead, coarse.shares)
    best, error = _as_shares(best + deeper), error + between
    lane = np.full(present.size, -1)
    lane[rows] = kind
    of_rows = np.zeros((len(best), present.size))
    of_rows[:, rows] = best[:, kind]
    return Crossing(
        shares=dict(zip(stream.outlets, of_rows[2:], strict=True)),
        taken=of_rows[:2],
        error=float(np.max(error, initial=0.0)),
        faces=fine.faces,
        outflow=fine.outflow,
        lane=lane,
    )


def _settled(
    stream: Stream, movers: Movers, rows: IntArray, coarser: list[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return the best shares of rows and their errors, with finer marches of the few that need them."""
    second, best = (_extrapolated(*pair[::-1]) for pair in pairwise(coarser))
    error = np.max(np.abs(best - second), axis=0, initial=0.0)
    cells, finest = CELLS, coarser[-1]
    while True:
        open_ones, cells = np.flatnonzero(error > TOLERANCE), 2 * cells
        if not open_ones.size or cells > FINEST or open_ones.size * cells**2 > MOST_WORK:
            return best, error
        finer = _march(stream, movers, rows[open_ones], cells).shares
        better = _extrapolated(finer, finest[:, open_ones])
        error[open_ones] = np.max(np.abs(better - best[:, open_ones]), axis=0, initial=0.0)
        best[:, open_ones], finest = better, finest.copy()
        finest[:, open_ones] = finer


def _layered(stream: Stream, movers: Movers, rows: IntArray, first: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what more layers add to the first shares of coarse cells, and the error of layers that is left."""
    last, error, layers = first.copy(), np.full(rows.size, math.inf), LAYERS
    while layers < MOST_LAYERS and (error > TOLERANCE).any():
        layers, open_ones = 2 * layers, np.flatnonzero(error > TOLERANCE)
        finer = _march(stream, movers, rows[open_ones], CELLS // 4, layers).shares
        error[open_ones] = np.max(np.abs(finer - last[:, open_ones]), axis=0, initial=0.0)
        last[:, open_ones] = finer
    return last - first, np.where(np.isinf(error), 0.0, error)


class _March(NamedTuple):
    """What the walls take and the outlets get, shape (2 + outlets, lanes), and where it leaves."""

    shares: FloatArray
    faces: FloatArray
    outflow: FloatArray


def _extrapolated(fine: FloatArray, coarse: FloatArray) -> FloatArray:
    """Return shares without the error of first order."""
    return _as_shares(2.0 * fine - coarse)


def _as_shares(found: FloatArray) -> FloatArray:
    """Return the same without what is below 0, in all 1."""
    positive = np.maximum(found, 0.0)
    shares: FloatArray = positive / np.maximum(positive.sum(axis=0), ROUND_OFF)
    return shares


def _alike(rows: IntArray, width: float, movers: Movers) -> tuple[IntArray, IntArray]:
    """Return one class of each kind that moves alike, and of which kind each of the rows is."""
    y = np.linspace(0.0, 1.0, PROBES) * width
    diffusivity = movers.diffusivity[rows, None]
    taken = movers.uptake[:, rows].T
    speed = np.hstack([movers.drift(rows, y, z) for z in DEPTHS])
    spread = np.hstack([movers.stirring(rows, y, z) for z in DEPTHS])
    fastest, widest = (np.abs(each).max(axis=1, keepdims=True, initial=0.0) for each in (speed, spread))
    key = np.hstack([
        np.log(diffusivity), np.log1p(widest / diffusivity), np.arcsinh(fastest * width / diffusivity / SLOW),
        speed / np.maximum(fastest, SLOW * diffusivity / width), spread / np.maximum(widest, diffusivity),
        np.arcsinh(np.where(np.isinf(taken), -1.0, taken * width / diffusivity) / SLOW),
    ])  # fmt: skip
    for difference in DIFFERENCES:
        _, first, kind = np.unique((key / difference).round(), axis=0, return_index=True, return_inverse=True)
        if first.size <= MOST_LANES:
            break
    return rows[first], kind.reshape(-1)


def _march(stream: Stream, movers: Movers, rows: IntArray, cells: int, layers: int = LAYERS) -> _March:
    """March rows down the channel, layer by layer of its depth."""
    from sepsim.techniques.microfluidics.kernels.cross_stream import OK, solve_cross_stream

    channel = stream.channel
    nodes, weights = np.polynomial.legendre.leggauss(layers)
    up, depth = 0.25 * (nodes + 1.0), 0.5 * weights
    faces = _faces(stream, cells)
    velocity = channel.profile(0.5 * (faces[1:] + faces[:-1]) / channel.width, up[:, None])
    carried = depth @ velocity * np.diff(faces)
    velocity *= channel.mean_velocity(stream.flow) * channel.width / carried.sum()
    place = (np.cumsum(carried) - 0.5 * carried) / carried.sum()
    start = within(stream.inlet, place) * 1.0
    entering = depth * (velocity * start * np.diff(faces)).sum(axis=1)
    outflow, taken = np.zeros((rows.size, faces.size - 1)), np.zeros((2, rows.size))
    turned = movers.stirring(rows, faces, 0.5).mean(axis=1)  # rolls turn over the depth as they do across
    forgetting = stream.forgetting(movers.diffusivity[rows] + turned)
    for layer, share in enumerate(entering / entering.sum()):
        slower = times_in_layer(up[layer], forgetting)
        found = solve_cross_stream(
            faces, velocity[layer : layer + 1], np.ones(1), channel.length,
            _plain(slower[:, None] * movers.drift(rows, faces, up[layer])), _plain(slower * movers.diffusivity[rows]),
            _plain(slower[:, None] * movers.stirring(rows, faces, up[layer])), start,
            _plain(slower * movers.uptake[:, rows]), cells,
        )  # fmt: skip
        if found.status != OK:
            raise InputError("chip: the march across the stream lost particles; check what drives them")
        outflow += share * found.outflow
        taken += share * found.taken
    got = [outflow[:, within(leaving, place)].sum(axis=1) for leaving in stream.outlets.values()]
    return _March(np.vstack([taken, *got]), faces, outflow)


def _plain(values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(values, dtype=float)


def _faces(stream: Stream, cells: int) -> FloatArray:
    """Return faces of about even cells, of which some lie on the edges of all bands."""
    ends = [edge for taken in (stream.inlet, *stream.outlets.values()) for band in taken for edge in band]
    edges = _edges(stream.channel, tuple(np.unique(np.round([0.0, 1.0, *ends], 9)).tolist()))
    parts = [np.linspace(low, high, max(FEWEST, round(cells * (high - low))) + 1) for low, high in pairwise(edges)]
    return stream.channel.width * np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


@lru_cache(maxsize=32)
def _edges(channel: Channel, shares: tuple[float, ...]) -> FloatArray:
    """Return where shares of the flow end, in widths from the left wall."""
    nodes, weights = np.polynomial.legendre.leggauss(EDGE_LAYERS)
    y = np.linspace(0.0, 1.0, EDGE_CELLS + 1)
    below = np.cumsum(weights @ channel.profile(0.5 * (y[1:] + y[:-1]), 0.25 * (nodes[:, None] + 1.0)))
    edges: FloatArray = np.interp(shares, np.concatenate([[0.0], below / below[-1]]), y)
    return edges


def within(taken: tuple[Band, ...], place: FloatArray) -> BoolArray:
    """Return which places lie in any of some bands.

    Parameters
    ----------
    taken : tuple of (float, float) [-]
    place : ndarray, shape (n,) [-]
        In shares of the flow from the left wall on.

    Returns
    -------
    ndarray of bool, shape (n,) [-]

    Examples
    --------
    >>> within(bands("sides", 0.5), np.array([0.1, 0.5, 0.9])).tolist()
    [True, False, True]
    """
    inside: BoolArray = np.any([(place > low) & (place < high) for low, high in taken], axis=0)
    return inside
