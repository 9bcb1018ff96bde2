"""Flow past posts: walls, conservation, symmetry, the drag of a dilute lattice, and particles among the posts."""

import math

import numpy as np
import pytest

from sepsim.kernels import post_array
from sepsim.kernels.brownian_walk import walk
from sepsim.kernels.drift_fields import post_array_field, superpose
from sepsim.kernels.langevin import Walkers, Walls, solve_langevin
from sepsim.kernels.post_array import post_flow

FLOW = post_flow(1.0, 0.4, 0.1)


def velocity(flow, x, y):
    """Return what the kernel makes of the flow, as velocities: one short step without noise."""
    place = np.zeros((3, x.size))
    place[0], place[1] = x, y
    n = x.size
    free = Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros((6, n)))
    field = post_array_field(flow.coefficients, flow.pitch, 0.0, flow.shift)  # without its walls
    walkers = Walkers(place, np.zeros(n), np.zeros(n))
    one = solve_langevin(walkers, superpose(field), np.ones((1, n)), free, 1e-3, 1, 0, np.arange(2), noise=False)
    return ((one.position - place) / 1e-3)[:2]


def outside(n, flow=FLOW):
    """Return places outside the posts."""
    place = np.random.default_rng(1).uniform(-3, 3, (2, 4 * n))
    column = np.round(place[0])
    line = np.round(place[1] - flow.shift * column)
    far = np.hypot(place[0] - column, place[1] - line - flow.shift * column) > 0.5 * flow.diameter + 0.01
    return place[:, far][:, :n]


@pytest.mark.parametrize(("diameter", "shift"), [(0.25, 0.05), (0.4, 0.1), (0.6, 1 / 3), (0.8, 0.0)])
def test_the_liquid_sticks_to_the_posts(diameter, shift):
    flow = post_flow(1.0, diameter, shift)
    angle = np.linspace(0, 2 * np.pi, 200)
    speed = np.hypot(*velocity(flow, 0.5 * diameter * np.cos(angle) + 2, 0.5 * diameter * np.sin(angle) + 2 * shift))
    assert flow.slip < 1e-4
    assert speed.max() < 5e-3  # over the mean; what the splines add


def test_the_flow_repeats_from_post_to_post():
    x, y = outside(100)
    here = velocity(FLOW, x, y)
    assert velocity(FLOW, x + 1, y + 0.1) == pytest.approx(here, abs=1e-9)
    assert velocity(FLOW, x, y - 2) == pytest.approx(here, abs=1e-9)


def test_no_liquid_is_made():
    x, y = outside(200)
    tiny = 1e-4
    along = velocity(FLOW, x + tiny, y)[0] - velocity(FLOW, x - tiny, y)[0]
    across = velocity(FLOW, x, y + tiny)[1] - velocity(FLOW, x, y - tiny)[1]
    assert along + across == pytest.approx(np.zeros(200), abs=2 * tiny * 1e-3)


def test_the_net_flow_runs_along_the_channel():
    """Through a gap flows pitch times mean velocity; through a tilted side of the cell, the shift times as much."""
    s = np.linspace(0, 1, 4001)
    across = velocity(FLOW, np.zeros(s.size), s)[0]
    inside = (s > 0.2) & (s < 0.8)
    assert np.trapezoid(np.where(inside, across, 0.0), s) == pytest.approx(1.0, abs=2e-3)
    slanted = velocity(FLOW, s, 0.1 * s)
    free = np.hypot(s, 0.1 * s) > 0.2
    free &= np.hypot(s - 1, 0.1 * (s - 1)) > 0.2
    assert np.trapezoid(np.where(free, 0.1 * slanted[0] - slanted[1], 0.0), s) == pytest.approx(0.1, abs=2e-3)


@pytest.mark.parametrize("diameter", [0.16, 0.24])
def test_the_drag_of_a_dilute_square_lattice_is_hasimotos(diameter):
    """4 pi/(ln(c^-1/2) - 0.738 + c) with the share c of the posts (Hasimoto 1959), to second order in c."""
    share = math.pi * diameter**2 / 4
    expected = 4 * math.pi / (-0.5 * math.log(share) - 0.738 + share)
    flow = post_flow(1.0, diameter, 0.0)
    assert flow.drag[0] == pytest.approx(expected, rel=2 * share**2 + 3e-4)
    assert flow.drag[1] == pytest.approx(0.0, abs=1e-9)


def test_narrow_gaps_resist_as_lubrication_says():
    """Drag of a square lattice goes as (9 pi/(2 sqrt 2)) e^-5/2, with e the gap over the pitch, as e goes to 0."""
    gaps = np.array([0.07, 0.14])
    ratios = [post_flow(1.0, 1 - gap, 0.0).drag[0] / (9 * math.pi / (2 * math.sqrt(2)) * gap**-2.5) for gap in gaps]
    limit = ratios[0] - gaps[0] * (ratios[1] - ratios[0]) / (gaps[1] - gaps[0])
    assert limit == pytest.approx(1.0, abs=0.03)


def test_a_tilted_lattice_pushes_the_liquid_aside():
    """The mirrored lattice pushes to the other side, and one shifted by whole pitches not at all."""
    left, right = post_flow(1.0, 0.5, 0.2), post_flow(1.0, 0.5, -0.2)
    assert left.drag[0] == pytest.approx(right.drag[0], rel=1e-9)
    assert left.drag[1] == pytest.approx(-right.drag[1], rel=1e-9)
    assert abs(left.drag[1]) > 0.1
    assert post_flow(1.0, 0.5, 1.0).drag == pytest.approx(post_flow(1.0, 0.5, 0.0).drag, abs=1e-5)


def test_a_finer_sum_gives_the_same_flow(monkeypatch):
    x, y = outside(300)
    coarse = velocity(FLOW, x, y)
    monkeypatch.setattr(post_array, "_COARSEST", 80)
    fine = velocity(post_flow(1.0, 0.4, 0.1), x, y)
    assert np.abs(fine - coarse).max() < 2e-3


@pytest.mark.parametrize(("diameter", "message"), [(0.99, "gaps"), (0.01, "thin|posts")])
def test_lattices_beyond_the_method_are_refused(diameter, message):
    with pytest.raises(ValueError, match=message):
        post_flow(1.0, diameter, 0.1)


def test_particles_stay_off_posts_and_follow_streamlines_between_them():
    n = 200
    place = np.zeros((3, n))
    place[0], place[1] = 0.5, np.linspace(0.26, 0.84, n)
    free = Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros(6))
    field = post_array_field(FLOW.coefficients, 1.0, 0.4, 0.1)
    walkers = Walkers(place, np.full(n, 0.05), np.full(n, 0.05))
    found = walk(walkers, [field], [1.0], free, 1e-3, 4000, 1, axes=(0, 1), frames=40).walked
    column = np.round(found.paths[:, 0])
    line = np.round(found.paths[:, 1] - 0.1 * column)
    distance = np.hypot(found.paths[:, 0] - column, found.paths[:, 1] - line - 0.1 * column)
    assert distance.min() >= 0.25 - 1e-12
    still = walk(walkers, [field], [1.0], free, 1e-3, 10_000, 1, axes=(0, 1), noise=False).walked
    aside = still.position[1] - place[1]
    assert still.position[0].mean() > 7
    big = walk(
        walkers._replace(radius=np.full(n, 0.2)), [field], [1.0], free, 1e-3, 10_000, 1, axes=(0, 1), noise=False
    )
    assert np.median(aside) < 0.3 < np.median(big.walked.position[1] - place[1])  # zigzag, and bumped along the tilt
