"""A sphere at a wall: published drag, and the way that the drained liquid lengthens."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from sepsim.techniques.microfluidics.near_wall import draining_length, wall_drag


def test_the_stream_pulls_as_goldman_cox_and_brenner_say():
    """1.7009 times Stokes' drag at the speed of the centre, gdot R (O'Neill 1968; Goldman 1967)."""
    stokes = 6 * math.pi * 1e-3 * 1e-6 * (100 * 1e-6)
    assert wall_drag(1e-6, 100.0, 1e-3) / stokes == pytest.approx(1.7009)


@pytest.mark.parametrize("radius", [20e-9, 50e-9, 500e-9])
@pytest.mark.parametrize("far", [1e-6, 5e-5])
def test_a_gap_drains_as_slowly_as_the_mobility_at_the_wall_says(radius, far):
    def slower(gap):
        return (6 * gap**2 + 9 * radius * gap + 2 * radius**2) / (6 * gap**2 + 2 * radius * gap) - 1

    expected, _ = quad(lambda log: slower(math.exp(log)) * math.exp(log), math.log(10e-9), math.log(far))
    assert draining_length(radius, 10e-9, far) == pytest.approx(expected, rel=1e-6)


def test_the_mobility_is_that_of_lubrication_and_of_faxen_at_its_ends():
    """D(g)/D = g/R in contact (Brenner), 1 - 9/8 R/z far off: the slopes of the way with the logarithm of the gap."""
    radius, step = 1e-6, 1e-4
    near = (draining_length(radius, 1e-12, 1e-9) - draining_length(radius, 1e-12, 1e-9 * (1 - step))) / step
    assert near / radius == pytest.approx(1.0, rel=1e-2)
    away = (draining_length(radius, 1e-9, 1e-3) - draining_length(radius, 1e-9, 1e-3 * (1 - step))) / step
    assert away / radius == pytest.approx(9 / 8, rel=0.05)


def test_there_is_nothing_to_drain_for_what_is_already_near():
    assert draining_length(np.array([1e-6]), 10e-9, 5e-9) == 0
