"""Stirred walls: the flat limit, the cube root of the speed, and segments that are mixed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.kernels import slit_capture
from sepsim.techniques.microfluidics.bare_slit import bare_slit
from sepsim.techniques.microfluidics.herringbone import Herringbone, film_transfer, remixed_capture

DIFFUSIVITY, HEIGHT, LENGTH = 4.907e-12, 100e-6, 0.03
PLACE = LENGTH * np.linspace(0, 1, 301) ** 2


def share(velocity, renewal, walls=1):
    """Taken by walls that keep all they meet: 1 - exp(-N)."""
    transfer = film_transfer(PLACE, renewal, HEIGHT, velocity, np.array([DIFFUSIVITY]), walls)[:, 0]
    return -math.expm1(-transfer @ np.diff(PLACE) * walls / (velocity * HEIGHT))


@pytest.mark.parametrize("walls", [1, 2])
@pytest.mark.parametrize("velocity", [1e-5, 1e-4, 1e-3])
def test_a_layer_that_is_never_renewed_is_that_of_a_flat_wall(velocity, walls):
    zeta = LENGTH * DIFFUSIVITY / (velocity * HEIGHT**2)
    expected = float(slit_capture(zeta, walls=walls))
    assert share(velocity, 1.0, walls) == pytest.approx(expected, abs=3e-7)


def test_the_transfer_coefficient_stays_behind_the_entrance_and_goes_with_the_cube_root_of_the_speed():
    """Kirtland 2006 (abstract): as Graetz before, constant behind, at a length without the Peclet number."""
    slow, fast = (
        film_transfer(PLACE, 1e-3, HEIGHT, velocity, np.array([DIFFUSIVITY]), 1)[:, 0] for velocity in (1e-3, 8e-3)
    )
    behind = PLACE[:-1] >= 1e-3
    assert np.ptp(slow[behind]) < 1e-9 * slow[-1]
    assert np.all(np.diff(slow[~behind]) < 0)
    assert fast[-1] / slow[-1] == pytest.approx(2.0, rel=0.02)


@pytest.mark.slow
@given(
    st.floats(1e-5, 1e-2), st.floats(1e-4, 0.05), st.floats(1.1, 30.0), st.sampled_from([1, 2]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_stirring_takes_more_and_speed_less(velocity, renewal, factor, walls):
    taken = share(velocity, renewal, walls)
    flat = share(velocity, 1.0, walls)
    assert flat * (1 - 1e-6) <= taken <= 1.0
    assert share(velocity, renewal / factor, walls) >= taken * (1 - 1e-6)
    assert share(velocity * factor, renewal, walls) <= taken * (1 + 1e-6)


def remixed(zeta, segments, damkohler=math.inf):
    return float(remixed_capture(np.array([zeta]), np.array([segments]), np.array([damkohler]))[0])


def test_mixed_segments_are_those_computed_elsewhere():
    """zeta = 0.1 as one slit and as ten segments: 0.292 and 0.495."""
    assert [remixed(0.1, segments) for segments in (1.0, 10.0)] == pytest.approx([0.292, 0.495], abs=6e-4)
    between = [remixed(0.1, segments) for segments in (2.0, 2.2, 2.5, 2.8, 3.0)]
    assert between == sorted(between)
    assert remixed(5.0, 7.0, 0.001) == pytest.approx(-math.expm1(-0.005), rel=1e-3)


def test_both_pictures_agree_within_their_band():
    """A film of one cycle against segments of ln(Pe) cycles: within 40 % of each other's capture."""
    velocity, cycle = 1e-3, Herringbone(cycle_mm=1.0)
    peclet = velocity * HEIGHT / DIFFUSIVITY
    zeta = LENGTH * DIFFUSIVITY / (velocity * HEIGHT**2)
    segments = remixed(zeta, LENGTH / (cycle.cycle * math.log(peclet)))
    assert share(velocity, cycle.renewal) == pytest.approx(segments, rel=0.4)


@pytest.mark.parametrize("walls", [1, 2])
def test_many_particles_at_once_are_each_by_itself(walls):
    rng = np.random.default_rng(3)
    zeta, damkohler = np.exp(rng.uniform(-7, 1, 40)), np.exp(rng.uniform(-5, 6, 40))
    expected = [float(slit_capture(place, number, walls)) for place, number in zip(zeta, damkohler, strict=True)]
    assert bare_slit(zeta, damkohler, walls) == pytest.approx(np.array(expected), rel=1.5e-3)
    assert bare_slit(zeta, np.zeros(40), walls) == pytest.approx(0.0)


@pytest.mark.parametrize("walls", [1, 2])
def test_a_slow_stream_leaves_a_film_as_thick_as_far_down_a_flat_slit(walls):
    """At zeta far above 1 the coefficient of a wall stays lambda_1 D/(walls h); it does not vanish."""
    rate = {1: 2.43036839, 2: 7.54070087}[walls]
    transfer = film_transfer(PLACE, 0.02, HEIGHT, 1e-7, np.array([DIFFUSIVITY]), walls)[:, 0]
    assert transfer[-1] * HEIGHT / DIFFUSIVITY == pytest.approx(rate / walls, rel=1e-4)
