"""Arrays of posts: critical diameters, the smeared step, what posts meet, and where outlets divide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from sepsim.kernels.brownian_walk import walk
from sepsim.kernels.drift_fields import post_array_field
from sepsim.kernels.langevin import Walkers, Walls
from sepsim.kernels.post_array import post_flow
from sepsim.techniques.microfluidics.bump_array import (
    bump_probability,
    charged_distance,
    critical_diameter,
    flattening,
    plug_critical_diameter,
    share_beyond,
)
from sepsim.techniques.microfluidics.lateral_displacement import WALKED

NM = 1e-9


@pytest.mark.parametrize(("gap", "expected"), [(235, 108.9), (25, 11.6)])
def test_critical_diameter_of_davis(gap, expected):
    assert critical_diameter(gap * NM, 0.1) / NM == pytest.approx(expected, rel=0.005)


@given(shift=st.floats(0.02, 0.4))
def test_davis_lies_near_the_first_stream_of_a_parabola(shift):
    # Inglis 2006: the stream next to the post carries the share eps of 6 x (1 - x); the fit is above it, up to a third
    edge = brentq(lambda x: 3.0 * x**2 - 2.0 * x**3 - shift, 0.0, 0.5)
    assert 1.0 < critical_diameter(1.0, shift) / (2.0 * edge) < 1.35


@given(shift=st.floats(0.01, 0.5))
def test_plug_flow_lowers_the_critical_diameter(shift):
    assert plug_critical_diameter(1.0, shift) == 2.0 * shift
    assert plug_critical_diameter(1.0, shift) < critical_diameter(1.0, shift) + 1e-2


def test_nano_posts_bump_110_nm_half_the_time_and_let_20_nm_pass():
    # gaps of 235 nm, 300 um/s, pitch 400 nm: Pe 4.9 and 26.9
    critical = critical_diameter(235 * NM, 0.1)
    small, middle, large = bump_probability(np.array([20, 110, 200]) * NM, critical, np.array([4.9, 26.9, 48.9]), 1.0)
    assert small < 0.2
    assert middle == pytest.approx(0.5, abs=0.02)
    assert large > 0.95
    assert bump_probability(np.array([critical]), critical, np.array([3.0]), 2.0) == pytest.approx([0.5], rel=1e-12)


@given(peclet=st.floats(1, 1e4), factor=st.floats(1.1, 100))
def test_sharpness_rises_as_the_root_of_the_speed(peclet, factor):
    critical, step = 100 * NM, 1e-4 * NM

    def slope(number):
        low, high = bump_probability(np.array([critical - step, critical + step]), critical, np.full(2, number), 1.0)
        return (high - low) / (2 * step)

    assert slope(peclet * factor) / slope(peclet) == pytest.approx(factor**0.5, rel=1e-4)


@given(radius=st.floats(20e-9, 1e-6), shear=st.floats(1, 1e6))
def test_shear_flattens_large_and_soft_vesicles_most(radius, shear):
    axis = flattening(np.array([radius, 1.1 * radius]), shear, 1e-3, 80e-21)
    assert 0 < axis[1] < axis[0] < 1
    assert np.all(flattening(np.array([radius]), shear, 1e-3, 20e-21) < axis[0])


def test_repulsion_reaches_some_debye_lengths_and_only_between_equal_charges():
    radius, zeta = np.array([50 * NM] * 3), np.array([-20e-3, 0.0, 20e-3])
    for debye in (0.8 * NM, 10 * NM):
        near, none, opposite = charged_distance(radius, zeta, -40e-3, debye, 78.4, 298.15)
        assert debye < near < 8 * debye
        assert none == opposite == 0.0


@given(start=st.floats(1, 20), moved=st.floats(0, 40), spread=st.floats(1e-3, 10), divider=st.floats(1, 30))
def test_share_beyond_a_divider_is_that_of_the_spread_stream(start, moved, spread, divider):
    from scipy.special import ndtr

    entered = (np.arange(4000) + 0.5) / 4000 * start + moved
    expected = np.mean(ndtr((entered - divider) / spread) + ndtr((-entered - divider) / spread))
    found = share_beyond(divider, start=start, moved=np.array([moved]), spread=np.array([spread]))
    assert found == pytest.approx([expected], abs=2e-3)


def test_a_longer_array_parts_more_sharply():
    sizes = np.array([90, 120]) * NM
    bumped = bump_probability(sizes, 105 * NM, np.array([50.0, 65.0]), 1.0)
    parted = []
    for length in (1.0, 4.0, 16.0):  # full bumps of 10, of which a half is the divider
        moved, spread = 10 * length * bumped, np.sqrt(10 * length * bumped * (1 - bumped))
        small, large = share_beyond(5 * length, start=1.0, moved=moved, spread=spread)
        parted.append(large - small)
    assert parted[0] < parted[1] < parted[2]
    assert parted[2] > bumped[1] - bumped[0]


def walked(ratios, peclet, *, gap=0.5875, shift=0.1, each=192, rows=120):
    """Return the displacement of walks among round posts as a share of the full bump, for diameters over the gap."""
    flow = post_flow(1.0, 1.0 - gap, shift)
    radius = 0.5 * gap * np.repeat(ratios, each)
    n = radius.size
    start = np.zeros((3, n))
    start[0], start[1] = 0.5, np.random.default_rng(3).uniform(size=n)
    walkers = Walkers(start, np.full(n, 1.0 / gap / peclet), radius)
    open_space = Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros((6, n)))
    field = post_array_field(flow.coefficients, flow.pitch, flow.diameter, flow.shift)
    step = 0.005
    done = walk(walkers, [field], [1.0], open_space, step, 2 * round(rows / step / 2), 5, axes=(0, 1))
    way = (done.walked.position - start)[:2].reshape(2, len(ratios), each).sum(axis=2)
    return way[1] / (shift * way[0])


@pytest.mark.slow
def test_walks_among_round_posts_find_the_width_and_the_shift_that_a_run_tells_beside_the_law():
    ratios = np.array([0.25, 0.46, 0.56, 0.75])
    for peclet, error in ((300.0, 0.1), (100.0, 0.1), (50.0, 0.1), (20.0, 0.13)):
        law = bump_probability(ratios, critical_diameter(1.0, 0.1), np.full(4, peclet), *WALKED)
        found = walked(ratios, peclet)
        assert np.all(np.diff(found) > 0)
        assert found == pytest.approx(law, abs=error)


@pytest.mark.slow
def test_walks_that_hardly_diffuse_zigzag_or_are_bumped():
    small, large = walked(np.array([0.2, 0.6]), 1e4)
    assert small == pytest.approx(0.0, abs=0.03)
    assert large == pytest.approx(1.0, abs=0.03)


def test_a_membrane_that_keeps_its_area_flattens_no_further():
    axis = flattening(np.geomspace(20e-9, 1e-6, 30), 1e5, 1e-3, 80e-21, shortest=0.8)
    assert np.all(np.diff(axis) <= 0.0)
    assert axis[0] > 0.8
    assert axis[-1] == 0.8
