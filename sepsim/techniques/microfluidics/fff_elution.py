"""Elution from a channel with a cross flow: when each size leaves, how broad its band is, and what the membrane passes.

Liquid enters a channel of volume V0 and membrane area A at the flow Vout + Vc, Vc passes the membrane and Vout leaves.
With x the share of the area that a band has still ahead of it, whatever the outline of the channel,

    dx/dt = -R (Vout + Vc x)/V0,
    var(x) grows by chi R (Vout + Vc x)^2/(D A^2) in a second, and shrinks as the stream does,

so that at constant flows t_r = V0/(R Vc) ln(1 + Vc/Vout). Both are linear in x, and are solved exactly over each step.
The layer follows the cross flow with a delay: if its profile stays exponential, its mean height <h> obeys

    d<h>/dt = D/(lambda w) - Vc/A,

which ends at lambda = D V0/(Vc w^2), and without a cross flow fills the channel by diffusion. The membrane passes the
share s of what liquid carries to it; with e = 1/(lambda (1 - exp(-1/lambda))), the concentration at the wall over the
mean if nothing passes, the channel is emptied at the rate (Vc/V0) s/(s + (1 - s)/e).

A lane may stand for all sizes to halfway to its neighbours: its bands are then spread evenly over the way between what
it and they do, in each half on its own, so that a size at which elution turns round has both halves on one side.

Assumptions: dilute particles, relaxed at the start; one exponential layer; a band of one size is Gaussian when it
reaches the outlet, with the spread that it gathered at its mean. A layer whose field falls
suddenly is a half Gaussian, whose mean height is a fifth less than here.

Sources: Wahlund & Giddings 1987 (asymmetrical channel); `fff_retention`. The delayed layer is worked out here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.techniques.microfluidics.fff_retention import FILLED, layer_capacity, retention_ratio, spreading

FAINT = 1e-12  # share of a lane below which nothing is out, or left to come out
LARGEST = 500.0  # exponent
NEAR = 1e-4  # standard deviations, within which a mean is the value in the middle


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossFlowChannel:
    """A flat channel above a membrane.

    Parameters
    ----------
    thickness : float [m]
    area : float [m2]
        Of the membrane.
    outlet_flow : float [m3/s]
    start : float [-]
        Share of the area ahead of the band when elution starts.
    width : float [-]
        Standard deviation of the band then, as a share of the area.
    gamma : float [-]
        Steric factor.
    """

    thickness: float
    area: float
    outlet_flow: float
    start: float = 1.0
    width: float = 0.0
    gamma: float = 1.0

    @property
    def volume(self) -> float:
        """Of the channel [m3]."""
        return self.thickness * self.area


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Elution:
    """What has left a channel, by time.

    Attributes
    ----------
    time : ndarray, shape (n_times,) [s]
    eluted : ndarray, shape (n_times, n_lanes) [-]
        Share that has left by the outlet.
    passed : ndarray, shape (n_times, n_lanes) [-]
        That has passed the membrane.
    retention_time : ndarray, shape (n_lanes,) [s]
        At which the middle of the band leaves; nan if it is still in the channel.
    """

    time: FloatArray
    eluted: FloatArray
    passed: FloatArray
    retention_time: FloatArray

    @property
    def left(self) -> FloatArray:
        """Share still in the channel at the end, shape (n_lanes,) [-]."""
        rest: FloatArray = 1.0 - self.eluted[-1] - self.passed[-1]
        return np.where(rest < FAINT, 0.0, rest)


def elute(
    channel: CrossFlowChannel,
    *,
    time: FloatArray,
    cross_flow: FloatArray,
    diffusivity: FloatArray,
    radius: FloatArray,
    passage: FloatArray,
    held: float = 0.0,
    before: IntArray | None = None,
    after: IntArray | None = None,
) -> Elution:
    """Return what leaves a channel in the course of a run.

    Parameters
    ----------
    channel : CrossFlowChannel
    time : ndarray, shape (n_times,) [s]
        Rising, from 0.
    cross_flow : ndarray, shape (n_times,) [m3/s]
        Then; linear between. Above 0 at the start.
    diffusivity : ndarray, shape (n_lanes,) [m2/s]
    radius : ndarray, shape (n_lanes,) [m]
    passage : ndarray, shape (n_lanes,) [-]
        Share of what liquid carries to the membrane that passes it.
    held : float [s]
        For which the first cross flow held the particles before, while they were injected and focused.
    before, after : ndarray of int, shape (n_lanes,) [-]
        Lanes of the neighbours in size, to halfway to which the particles of a lane reach; its own number where there
        is none. Left out: each lane is of one size.

    Returns
    -------
    Elution

    Examples
    --------
    100 nm vesicles at constant flows, with V0 = 1.225 mL, R = 0.0353 and V0/(R Vc) ln 1.5 = 28 min:

    >>> channel = CrossFlowChannel(thickness=350e-6, area=35e-4, outlet_flow=1e-6 / 60)
    >>> time = np.linspace(0.0, 3600.0, 2001)
    >>> run = elute(channel, time=time, cross_flow=np.full(2001, 0.5e-6 / 60), diffusivity=np.array([4.907e-12]),
    ...             radius=np.array([0.0]), passage=np.zeros(1))
    >>> run.retention_time.round(-1)
    array([1710.])
    """
    layers = _layers(channel, time, cross_flow, diffusivity)
    middle = 0.5 * (layers[1:] + layers[:-1])
    length, flow = np.diff(time)[:, None], (0.5 * (cross_flow[1:] + cross_flow[:-1]))[:, None]
    speed = retention_ratio(middle, radius / channel.thickness, channel.gamma) / channel.volume
    moved, shrunk = _carried(channel, length, flow, speed)
    ahead = np.maximum(channel.start - moved[:-1], 0.0) / shrunk[:-1]
    halfway = np.maximum(ahead - 0.5 * length * speed * (channel.outlet_flow + flow * ahead), 0.0)
    through = channel.outlet_flow + flow * halfway
    rate = spreading(middle) * through**2 / (diffusivity * channel.area**2)
    spread = channel.width**2 + _summed(shrunk[1:] * shrunk[:-1] * rate * length)
    deviation = np.sqrt(np.maximum(spread, 1e-18))
    held_back = held * _passing(layers[0], passage, cross_flow[0] / channel.volume)
    kept = np.exp(-held_back - _summed(length * _passing(middle, passage, flow / channel.volume)))
    lanes = np.arange(radius.size)
    out = _left(channel.start, moved, deviation, lanes if before is None else before, lanes if after is None else after)
    eluted, passed = np.zeros_like(out), np.zeros_like(out)
    np.cumsum(0.5 * (kept[1:] + kept[:-1]) * np.diff(out, axis=0), axis=0, out=eluted[1:])
    np.cumsum(0.5 * (2.0 - out[1:] - out[:-1]) * -np.diff(kept, axis=0), axis=0, out=passed[1:])
    course = (moved - channel.start) / deviation
    return Elution(time=time, eluted=eluted, passed=passed + 1.0 - kept[0], retention_time=_crossing(time, course))


def _summed(steps: FloatArray) -> FloatArray:
    """Return what has come together before each step and after the last, shape (n_times, n_lanes)."""
    total = np.zeros((steps.shape[0] + 1, steps.shape[1]))
    np.cumsum(steps, axis=0, out=total[1:])
    return total


def _layers(channel: CrossFlowChannel, time: FloatArray, cross_flow: FloatArray, diffusivity: FloatArray) -> FloatArray:
    """Return lambda in the course of a run, shape (n_times, n_lanes)."""
    per_second = diffusivity / channel.thickness**2
    found = np.empty((time.size, diffusivity.size))
    found[0] = np.minimum(diffusivity * channel.volume / (cross_flow[0] * channel.thickness**2), FILLED)
    for step, (length, flow) in enumerate(zip(np.diff(time), cross_flow[1:], strict=True)):
        found[step + 1] = _relaxed(found[step], per_second, flow / channel.volume, length)
    return found


def _carried(
    channel: CrossFlowChannel, length: FloatArray, flow: FloatArray, speed: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return from how far up what now leaves has come, and by how much bands have shrunk, until the middle is out."""
    growth, inside = speed * flow * length, np.ones(speed.shape, dtype=bool)
    for _ in range(2):  # the first time to find when the middle is out
        growth = np.where(inside, growth, 0.0)
        shrunk = np.exp(np.minimum(_summed(growth), LARGEST))
        mean = np.where(growth > 0.0, np.expm1(np.minimum(growth, LARGEST)) / np.maximum(growth, 1e-300), 1.0)
        moved = _summed(shrunk[:-1] * mean * speed * length * channel.outlet_flow)
        inside = moved[:-1] < channel.start
    return moved, shrunk


def _left(start: float, moved: FloatArray, deviation: FloatArray, before: IntArray, after: IntArray) -> FloatArray:
    """Return the share of each lane that is out, as if its sizes reached evenly to halfway to its neighbours.

    Halfway in size is the geometric mean of how far neighbours have moved. A lane that is its own neighbour reaches as
    far that way as the other way, or not at all.
    """
    lanes = np.arange(before.size)
    share, safe = np.zeros_like(moved), np.maximum(moved, 1e-300)
    reach = [np.sqrt(safe[:, other] / safe) for other in (before, after)]
    for near, this, other in ((before, *reach), (after, *reach[::-1])):
        factor = np.where(near == lanes, 1.0 / other, this)
        cuts = [(moved * factor**part - start) / deviation for part in (0.0, 0.5, 1.0)]
        share += 0.25 * (_mean_share(cuts[0], cuts[1]) + _mean_share(cuts[1], cuts[2]))
    share = np.maximum.accumulate(share, axis=0)
    share[share < FAINT], share[share > 1.0 - FAINT] = 0.0, 1.0
    return share


def _mean_share(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the mean of the normal distribution function between two places."""
    from scipy.special import ndtr  # scipy loads only when a band is drawn

    tails = [np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi) - np.abs(z) * ndtr(-np.abs(z)) for z in (first, second)]
    whole = np.maximum(second, 0.0) - np.maximum(first, 0.0)  # the integral is this and the tails
    apart = second - first
    close = np.abs(apart) < NEAR
    mean = (whole + tails[1] - tails[0]) / np.where(close, 1.0, apart)
    shares: FloatArray = np.where(close, ndtr(0.5 * (first + second)), mean)
    return shares


def _relaxed(lam: FloatArray, per_second: FloatArray, pull: float, length: float) -> FloatArray:
    """Return layers after a step: exact of a thin one without a field, and at rest where it is at rest."""
    slowed = length / layer_capacity(lam)
    fall = pull * slowed
    following: FloatArray = np.minimum(np.sqrt(fall**2 + lam**2 + 2.0 * per_second * slowed) - fall, FILLED)
    return following


def _passing(lam: FloatArray, passage: FloatArray, exchange: float | FloatArray) -> FloatArray:
    """Return the rate at which a channel is emptied through its membrane [1/s]."""
    over_wall = lam * -np.expm1(-1.0 / lam)
    rate: FloatArray = exchange * passage / (passage + (1.0 - passage) * over_wall)
    return rate


def _crossing(time: FloatArray, course: FloatArray) -> FloatArray:
    """Return when each lane passes 0, between the steps around it."""
    after = np.argmax(course >= 0.0, axis=0)
    lanes = np.arange(course.shape[1])
    low, high = course[after - 1, lanes], course[after, lanes]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = time[after] - (time[after] - time[after - 1]) * high / (high - low)
    return np.where(after > 0, found, np.nan)
