"""From inlets to outlets: bands of streamlines, and the shares of what drifts from one to another."""

import math

import numpy as np
import pytest

from sepsim.errors import InputError
from sepsim.techniques.microfluidics import cross_stream as module
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.cross_stream import Movers, Stream, bands, cross_stream, overlap

CHANNEL = Channel(width=200e-6, height=1e-2, length=10e-3)  # so high that only the profile across counts
LEFT, RIGHT = bands("left", 0.5), bands("right", 0.5)
HALVES = {"left": LEFT, "right": RIGHT}


def crossed(
    speed, diffusivity=1e-16, inlet=LEFT, outlets=HALVES, channel=CHANNEL, uptake=None, present=None, drift=None
):
    diffusivity = np.broadcast_to(diffusivity, speed.shape)
    stream = Stream(channel=channel, flow=channel.area * 1e-3, inlet=inlet, outlets=outlets)
    movers = Movers(
        diffusivity=diffusivity,
        drift=drift or (lambda rows, y, z: speed[rows, None] + 0.0 * y),
        stirring=lambda rows, y, z: np.zeros((rows.size, y.size)),
        uptake=np.zeros((2, speed.size)) if uptake is None else uptake,
    )
    return cross_stream(stream, movers, np.ones(speed.size, dtype=bool) if present is None else present)


@pytest.mark.parametrize("at", ["centre", "sides", "left", "right"])
@pytest.mark.parametrize("share", [0.1, 0.75, 1.0])
def test_bands_hold_their_share(at, share):
    assert overlap(bands(at, share), ((0.0, 1.0),)) == pytest.approx(share)


def test_a_place_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="centre"):
        bands("center", 0.5)


@pytest.mark.parametrize(("at", "share"), [("sides", 0.2), ("centre", 0.37), ("left", 0.61)])
@pytest.mark.parametrize("height", [20e-6, 200e-6])
def test_what_neither_drifts_nor_diffuses_stays_on_its_streamlines(at, share, height):
    outlets = {"target": bands(at, share), "rest": ((0.0, 1.0),)}
    channel = Channel(width=200e-6, height=height, length=1e-2)
    found = crossed(np.zeros(1), inlet=bands("left", 1.0), outlets=outlets, channel=channel)
    assert found.shares["target"][0] / found.shares["rest"][0] == pytest.approx(share, abs=2e-3)


@pytest.mark.parametrize("speed", [2e-6, 5e-6, 9e-6])
def test_drift_carries_over_the_divide_what_a_streamline_tells(speed):
    """In a parabola, from y0 to w/2 takes the length (U/v) times the flow between: 3 s^2 - 2 s^3 in shares."""
    found = crossed(np.array([speed]))
    expected = speed * CHANNEL.length / (1e-3 * CHANNEL.width)  # of the flow, that has crossed any line
    assert found.shares["right"][0] == pytest.approx(2.0 * expected, abs=5e-3)
    assert found.error < 0.01


def test_the_error_is_about_that_of_the_result():
    speeds = np.linspace(1e-6, 9e-6, 9)
    found = crossed(speeds)
    expected = 2.0 * speeds * CHANNEL.length / (1e-3 * CHANNEL.width)
    assert np.abs(found.shares["right"] - expected).max() < 3.0 * found.error


def test_diffusion_ends_in_equal_parts():
    found = crossed(np.zeros(1), 1e-7)
    assert found.shares["right"][0] == pytest.approx(0.5, abs=1e-6)


def test_rows_that_move_alike_are_marched_once():
    speeds = np.tile([1e-6, 3e-6], 50)
    found = crossed(speeds, np.full(100, 1e-12))
    assert len(found.outflow) == 2
    assert np.ptp(found.shares["right"][::2]) == 0.0


def test_classes_that_are_not_there_are_not_marched():
    found = crossed(np.array([1e-6, 3e-6]), np.full(2, 1e-12), present=np.array([False, True]))
    assert len(found.outflow) == 1
    assert found.shares["left"][0] == found.shares["right"][0] == 0.0


def test_large_tables_cost_a_bounded_work(monkeypatch):
    monkeypatch.setattr(module, "MOST_LANES", 40)
    speeds, diffusivity = np.linspace(1e-6, 9e-6, 500), np.full(500, 1e-12)
    found = crossed(speeds, diffusivity)
    assert len(found.outflow) <= 40
    whole = 2.0 * speeds * CHANNEL.length / (1e-3 * CHANNEL.width)
    assert np.abs(found.shares["right"] - whole).max() < 0.12


def test_walls_keep_what_they_take_up():
    found = crossed(np.array([1e-5]), 1e-12, uptake=np.array([[0.0], [math.inf]]), inlet=bands("left", 1.0))
    expected = 1e-5 * CHANNEL.length / (1e-3 * CHANNEL.width)
    assert found.taken[1, 0] == pytest.approx(expected, abs=0.01)
    assert found.taken[:, 0].sum() + sum(share[0] for share in found.shares.values()) == pytest.approx(1.0)


def test_a_drift_may_follow_the_flow_at_its_depth():
    """What moves at a share of the local velocity crosses by that share of the length, at whatever depth."""
    channel = Channel(width=200e-6, height=100e-6, length=1e-2)

    def with_flow(rows, y, z):
        return np.full((rows.size, 1), 5e-3) * 1e-3 * channel.profile(y / channel.width, z)

    found = crossed(np.zeros(1), channel=channel, drift=with_flow)
    y = (np.arange(2000) + 0.5) / 2000
    u = channel.profile(y, np.linspace(0.0, 0.5, 101)[1:, None]).mean(axis=0)
    crossing = u[(y > 0.25) & (y < 0.5)].sum() / u[y < 0.5].sum()
    assert found.shares["right"][0] == pytest.approx(crossing, abs=0.01)


def test_a_drift_that_sets_in_at_a_depth_gets_as_many_layers_as_it_needs():
    """What drifts in the middle half of the depth alone crosses over there; few layers would miss that by 0.1."""
    channel = Channel(width=1e-2, height=100e-6, length=1e-1)  # so wide that only the profile over the depth counts

    def middle_only(rows, y, z):
        return np.full((rows.size, y.size), 1e-3 if z > 0.25 else 0.0)

    found = crossed(np.zeros(1), channel=channel, drift=middle_only)
    slow = 2.0 * (3.0 * 0.25**2 - 2.0 * 0.25**3)  # share of the flow beside floor and ceiling
    assert found.shares["left"][0] == pytest.approx(slow, abs=0.02)
    assert abs(found.shares["left"][0] - slow) < 2.0 * found.error
