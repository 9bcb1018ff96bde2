"""Particles that sink onto a floor: paths traced through the flow, and what vesicles have of it."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from sepsim.techniques.microfluidics.landing import bound_on_the_floor, landed_share

HEIGHT, LENGTH, VELOCITY = 1e-4, 0.02, 2e-3


@pytest.mark.parametrize("sinking", [2e-6, 5e-6, 9e-6])
def test_what_has_landed_is_what_paths_say(sinking):
    """A path that ends on the floor at the outlet: all that entered below it has landed."""

    def speed(y):
        return 6 * VELOCITY * y / HEIGHT * (1 - y / HEIGHT)

    def reach(entered):
        return quad(lambda time: speed(entered - sinking * time), 0.0, entered / sinking)[0]

    entered = brentq(lambda y: reach(y) - LENGTH, 1e-9, HEIGHT)
    below = quad(speed, 0.0, entered)[0] / (VELOCITY * HEIGHT)
    found = landed_share(np.array([sinking]), LENGTH, HEIGHT, VELOCITY)[0]
    assert found == pytest.approx(below, rel=1e-6)


def test_all_lands_in_the_end_and_nothing_that_floats():
    sinking = np.array([1e-3, 0.0, -1e-5])
    assert landed_share(sinking, LENGTH, HEIGHT, VELOCITY).tolist() == [1.0, 0.0, 0.0]


def test_what_rolls_by_binds_the_less_the_faster_it_rolls():
    one = np.ones(3)
    shares = [
        bound_on_the_floor(7e-6 * one, 7e-6 * one, 3e-14 * one, np.array([0.0, 1e-10, 1.0]), 1e-8, LENGTH, rate)
        for rate in (1.0, 10.0, 1000.0)
    ]
    assert np.all(np.diff(shares, axis=0) <= 0)
    assert shares[1][0] == 0.0
    assert shares[1][2] == pytest.approx(1.0)
    assert shares[1][1] == pytest.approx(1 - np.exp(-1e-10 / 1e-8 * 0.01 / (0.5 * 10 * 7e-6)), rel=1e-9)
