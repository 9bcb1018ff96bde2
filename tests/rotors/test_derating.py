"""Derating: the square root, its threshold by kind of rotor, and rotors without a largest speed."""

import math

import pytest

from sepsim.rotors.derating import derated_speed, rated_density
from sepsim.rotors.rotors import ROTORS, rotor


def rpm(speed):
    return speed * 60 / (2 * math.pi)


@pytest.mark.parametrize(
    ("density", "allowed"), [(1.0, 41_000), (1.2, 41_000), (1.3, 39_400), (1.4, 38_000), (1.5, 36_700), (1.7, 34_400)]
)
def test_sw_41_ti_is_derated_by_the_square_root(density, allowed):
    assert rpm(derated_speed(rotor("SW 41 Ti"), 1e3 * density)) == pytest.approx(allowed, abs=60)


@pytest.mark.parametrize("name", ROTORS.names)
def test_speed_is_full_up_to_the_rated_density_and_falls_steadily_beyond(name):
    one = rotor(name)
    rated = rated_density(one)
    assert rated == (1700 if one.angle_deg < 10 else 1200)
    assert derated_speed(one, rated) == derated_speed(one, 1000.0) == one.max_angular_speed
    if one.max_rpm is not None:
        force = [density * derated_speed(one, density) ** 2 for density in (rated, 1.2 * rated, 1.5 * rated)]
        assert force == pytest.approx([rated * one.max_angular_speed**2] * 3)
    else:
        assert derated_speed(one, 2000.0) == math.inf
