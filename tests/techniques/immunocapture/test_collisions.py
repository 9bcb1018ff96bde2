"""Encounters with beads: the tables of the reference, and the limits of each way."""

import numpy as np
import pytest

from sepsim.techniques.immunocapture.collisions import (
    brownian,
    diffusive_collisions,
    settling_collisions,
    settling_speed,
    shear_collisions,
)

WARM, WATER = 298.15, 0.89e-3  # K, Pa s

# Computed apart from this code: beads [m], vesicles [m], mL/s.
K_D = [
    (4.5e-6, (2.84e-10, 1.45e-10, 7.57e-11)),
    (2.8e-6, (1.79e-10, 9.26e-11, 4.96e-11)),
    (1.0e-6, (6.80e-11, 3.73e-11, 2.22e-11)),
    (50e-9, (1.23e-11, 1.39e-11, 1.93e-11)),
]


@pytest.mark.parametrize(("bead", "rates"), K_D)
def test_diffusion_brings_vesicles_to_beads_as_tabulated(bead, rates):
    vesicles = np.array([25e-9, 50e-9, 100e-9])
    assert diffusive_collisions(vesicles, 0.5 * bead, WARM, WATER) * 1e6 == pytest.approx(rates, rel=5e-3)


@pytest.mark.parametrize(
    ("bead", "per_mL", "seconds"),
    [
        (2.8e-6, 1e6, 3.0 * 3600),
        (2.8e-6, 1e7, 18.0 * 60),
        (2.8e-6, 1e8, 108),
        (4.5e-6, 1e6, 1.92 * 3600),
        (4.5e-6, 1e7, 11.5 * 60),
        (1e-6, 1e8, 4.47 * 60),
        (50e-9, 1e10, 7.2),
    ],
)
def test_times_of_diffusion_are_those_tabulated(bead, per_mL, seconds):
    rate = diffusive_collisions(50e-9, 0.5 * bead, WARM, WATER) * per_mL * 1e6
    assert 1.0 / rate == pytest.approx(seconds, rel=5e-3)


@pytest.mark.parametrize(("diameter", "density", "um_s"), [(2.8e-6, 1400, 1.9), (4.5e-6, 1500, 6.2)])
def test_beads_settle_as_tabulated(diameter, density, um_s):
    assert settling_speed(0.5 * diameter, density - 997.0, WATER) * 1e6 == pytest.approx(um_s, rel=0.05)


def test_a_light_bead_rises_and_meets_as_many():
    up, down = (settling_speed(1e-6, excess, WATER) for excess in (-50.0, 50.0))
    assert up == -down
    assert settling_collisions(50e-9, 1e-6, up) == settling_collisions(50e-9, 1e-6, down) > 0


def test_equal_spheres_in_shear_meet_as_smoluchowski_says():
    assert shear_collisions(1e-6, 1e-6, 10.0) == pytest.approx(4 / 3 * 10.0 * (2e-6) ** 3)


def test_diffusion_rules_at_gentle_mixing():
    ways = (
        diffusive_collisions(50e-9, 1.4e-6, WARM, WATER),
        settling_collisions(50e-9, 1.4e-6, settling_speed(1.4e-6, 403.0, WATER)),
        shear_collisions(50e-9, 1.4e-6, 2.1),
    )
    assert ways[0] > 5 * max(ways[1:])


def test_a_sphere_twice_as_large_diffuses_half_as_far():
    assert brownian(2e-8, WARM, WATER) == pytest.approx(0.5 * brownian(1e-8, WARM, WATER))
