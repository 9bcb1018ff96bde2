"""A rectangular channel: its profile and its resistance against textbook values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.techniques.microfluidics.chips.channel import Channel

# f Re of laminar flow in rectangles, of the hydraulic diameter (Shah & London 1978): dp = 2 (f Re) eta U L/D_h^2
FRICTION = {1.0: 14.22708, 0.5: 15.54806, 0.25: 18.23278, 0.1: 21.16888}


@pytest.mark.parametrize("ratio", FRICTION)
@pytest.mark.parametrize("upright", [False, True])
def test_pressure_drop_of_a_rectangle(ratio, upright):
    sides = (1e-4, 1e-4 * ratio)[:: -1 if upright else 1]
    channel = Channel(width=sides[0], height=sides[1], length=0.01)
    flow, viscosity = 1e-10, 9e-4
    expected = 2.0 * FRICTION[ratio] * viscosity * channel.mean_velocity(flow) * 0.01 / channel.hydraulic_diameter**2
    assert channel.pressure_drop(flow, viscosity) == pytest.approx(expected, rel=2e-6)


@given(ratio=st.floats(0.02, 50.0))
def test_profile_carries_the_flow_and_rests_at_the_walls(ratio):
    channel = Channel(width=1e-4 * ratio, height=1e-4, length=0.01)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    place, weights = 0.5 * (nodes + 1.0), 0.5 * weights
    speed = channel.profile(place[:, None], place[None, :])
    assert weights @ speed @ weights == pytest.approx(1.0, abs=1e-4)
    assert np.abs(channel.profile([0.0, 1.0, 0.5, 0.5], [0.5, 0.5, 0.0, 1.0])).max() < 1e-3
    assert np.all(speed >= 0.0)


def test_a_square_is_fastest_in_its_middle_as_the_textbook_says():
    square = Channel(width=1e-4, height=1e-4, length=0.01)
    assert square.profile(0.5, 0.5) == pytest.approx(2.0962, abs=2e-4)


def test_wall_shear_of_a_slit():
    slit = Channel(width=0.01, height=1e-4, length=0.02)
    flow = 1e-9
    assert slit.wall_shear_rate(flow) == pytest.approx(6.0 * slit.mean_velocity(flow) / 1e-4, rel=0.01)


def test_channels_side_by_side_share_the_flow():
    one, four = (Channel(width=2e-4, height=1e-4, length=0.02, parallel=number) for number in (1, 4))
    assert four.pressure_drop(4e-9, 1e-3) == pytest.approx(one.pressure_drop(1e-9, 1e-3), rel=1e-12)
    assert four.reynolds(4e-9, 1e3, 1e-3) == pytest.approx(one.reynolds(1e-9, 1e3, 1e-3), rel=1e-12)
    assert four.residence_time(4e-9) == pytest.approx(one.residence_time(1e-9), rel=1e-12)
