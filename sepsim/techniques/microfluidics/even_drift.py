"""Particles that drift evenly across a stream and hardly diffuse: where they leave, in closed form.

At each depth a particle crosses streamlines at the same rate, whatever the profile. With q the flow between the left
wall and where it is, per depth, and u the velocity in the middle of the width, and v and D times `times_in_layer`::

    q(L) = q(0) + v L + noise,   variance 2 D L u

so that of what enters evenly over the flow between a and b, what leaves to the right of q is

    [G(b + v L - q) - G(a + v L - q)]/(b - a),   G(x) = x N(x/s) + s n(x/s),   s^2 = 2 D L u

with n and N of the normal law. Depths are summed by their flow. The noise is that of the middle of the width, which
near the side walls of a wide channel is not quite so; walls are left out, which holds while what spreads stays far from
between them and the edges of the outlets (`spreads_little`).
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.techniques.microfluidics.cross_stream import Crossing, Stream, within
from sepsim.techniques.microfluidics.depth_times import times_in_layer

DEPTHS, FEWER_DEPTHS = 24, 16  # places over half of the depth; the second tell the error
DRAWN_DEPTHS = 6  # of the outflow by cells, which pictures show
DEVIATIONS = 4.0  # of the spread, which must lie between a wall and the nearest edge of an outlet


def spreads_little(stream: Stream, diffusivity: FloatArray) -> BoolArray:
    """Return which particles reach no edge of an outlet and a wall alike by diffusion.

    Parameters
    ----------
    stream : Stream
    diffusivity : ndarray, shape (n,) [m2/s]

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    channel = stream.channel
    edges = {edge for leaving in stream.outlets.values() for band in leaving for edge in band} - {0.0, 1.0}
    nearest = channel.width * min((min(edge, 1.0 - edge) for edge in edges), default=0.0)
    few: BoolArray = DEVIATIONS * np.sqrt(2.0 * diffusivity * channel.residence_time(stream.flow)) < nearest
    return few


def with_even_drift(
    marched: Crossing, stream: Stream, rows: BoolArray, speed: FloatArray, diffusivity: FloatArray
) -> Crossing:
    """Return a crossing with classes added that drift evenly.

    Parameters
    ----------
    marched : Crossing
        Of the other classes.
    stream : Stream
    rows : ndarray of bool, shape (n,) [-]
        Which classes are added.
    speed : ndarray, shape (n,) [m/s]
    diffusivity : ndarray, shape (n,) [m2/s]
        Of all classes.

    Returns
    -------
    Crossing
    """
    lanes, kind = np.unique(np.column_stack([speed, diffusivity])[rows], axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    faces, place = marched.faces, _place(stream, marched.faces)
    every = np.arange(faces.size)
    lane, error = marched.lane.copy(), marched.error
    lane[rows] = len(marched.outflow) + kind
    shares = {}
    for outlet, leaving in stream.outlets.items():
        own = np.zeros((2, len(lanes)))
        for band in leaving:
            inside = np.flatnonzero(within((band,), place))
            ends = every[[inside[0], inside[-1] + 1]] if inside.size else every[[0, 0]]
            own -= [np.diff(_beyond(stream, faces, ends, lanes, depths))[:, 0] for depths in (DEPTHS, FEWER_DEPTHS)]
        own = np.clip(own, 0.0, 1.0)
        error = max(error, float(np.max(np.abs(own[0] - own[1]), initial=0.0)))
        shares[outlet] = marched.shares[outlet].copy()
        shares[outlet][rows] = own[0, kind]
    drawn = np.maximum(-np.diff(_beyond(stream, faces, every, lanes, DRAWN_DEPTHS)), 0.0)
    return dataclasses.replace(
        marched, shares=shares, error=error, outflow=np.vstack([marched.outflow, drawn]), lane=lane
    )


def _beyond(stream: Stream, faces: FloatArray, which: IntArray, lanes: FloatArray, depths: int) -> FloatArray:
    """Return the share of each lane that leaves to the right of some faces, shape (n, m)."""
    place, length = _place(stream, faces), stream.channel.length
    forgetting = stream.forgetting(lanes[:, 1])
    beyond, entered = np.zeros((len(lanes), which.size)), 0.0
    for weight, velocity, up in zip(*_layers(stream, faces, depths), strict=True):
        flow = np.concatenate([[0.0], np.cumsum(velocity * np.diff(faces))])
        slower = times_in_layer(up, forgetting)
        speed, diffusivity = slower * lanes[:, 0], slower * lanes[:, 1]
        spread = np.sqrt(2.0 * diffusivity * length * velocity[velocity.size // 2])[:, None]
        for band in stream.inlet:
            inside = np.flatnonzero(within((band,), place))
            if inside.size:
                low, high = flow[inside[0]], flow[inside[-1] + 1]
                ahead = (speed * length)[:, None] - flow[which]
                beyond += weight * (_integral(high + ahead, spread) - _integral(low + ahead, spread))
                entered += weight * (high - low)
    walls = np.where(which == 0, 1.0, np.where(which == faces.size - 1, 0.0, np.nan))
    return np.where(np.isnan(walls), beyond / entered, walls)


def _integral(x: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the integral of the normal law of a spread up to x."""
    from scipy.special import ndtr

    scaled = x / spread
    whole: FloatArray = x * ndtr(scaled) + spread * np.exp(-0.5 * scaled**2) / math.sqrt(2.0 * math.pi)
    return whole


def _layers(stream: Stream, faces: FloatArray, depths: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weights of depths, velocities at them, shape (depths, cells) [m/s], and where they are."""
    nodes, weights = np.polynomial.legendre.leggauss(depths)
    up = 0.25 * (nodes + 1.0)
    velocity = stream.channel.profile(0.5 * (faces[1:] + faces[:-1]) / stream.channel.width, up[:, None])
    mean = float(0.5 * weights @ velocity @ np.diff(faces)) / stream.channel.width
    return 0.5 * weights, velocity * (stream.channel.mean_velocity(stream.flow) / mean), up


def _place(stream: Stream, faces: FloatArray) -> FloatArray:
    """Return where the middles of cells are, in shares of the flow from the left wall on."""
    weights, velocity, _ = _layers(stream, faces, DEPTHS)
    carried = weights @ velocity * np.diff(faces)
    place: FloatArray = (np.cumsum(carried) - 0.5 * carried) / carried.sum()
    return place
