"""Times of particles that change their depth: of mean one, with Taylor's and Aris' variance after a long way."""

import numpy as np
import pytest

from sepsim.techniques.microfluidics.depth_times import times_in_layer

NODES, WEIGHTS = np.polynomial.legendre.leggauss(400)
DEPTH, WEIGHTS = 0.25 * (NODES + 1.0), 0.5 * WEIGHTS
FASTNESS = 6.0 * DEPTH * (1.0 - DEPTH)


def times(forgetting):
    """Times of the layers, over L/U."""
    found = np.array([times_in_layer(float(depth), np.array([forgetting]))[0] for depth in DEPTH])
    return found / FASTNESS


@pytest.mark.parametrize("forgetting", [1e-4, 1e-2, 0.1, 1.0, 100.0])
def test_the_mean_over_the_flow_is_the_mean_time(forgetting):
    assert WEIGHTS @ (FASTNESS * times(forgetting)) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("forgetting", [10.0, 100.0])
def test_a_long_way_spreads_as_taylor_and_aris_say(forgetting):
    variance = WEIGHTS @ (FASTNESS * (times(forgetting) - 1.0) ** 2)
    assert variance == pytest.approx(2.0 / (210.0 * forgetting), rel=0.02)


def test_who_keeps_a_depth_takes_the_time_of_its_liquid():
    assert times(0.0) * FASTNESS == pytest.approx(np.ones(DEPTH.size), abs=1e-3)


def test_who_visits_all_depths_takes_the_mean_time():
    assert WEIGHTS @ (FASTNESS * (times(1e6) - 1.0) ** 2) < 1e-7


def test_the_spread_falls_with_what_is_forgotten():
    spreads = [WEIGHTS @ (FASTNESS * (times(forgetting) - 1.0) ** 2) for forgetting in np.geomspace(1e-4, 10.0, 12)]
    assert np.all(np.diff(spreads) < 0.0)
