"""The march of classes across a stream, against closed forms."""

import inspect
import math

import numpy as np
import pytest

from sepsim.kernels import Walkers, Walls, slit_capture, slit_flow, standing_wave, walk
from sepsim.techniques.microfluidics.kernels import cross_stream as kernel
from sepsim.techniques.microfluidics.kernels.cross_stream import OK, solve_cross_stream

WIDTH = 200e-6
ONE = np.ones(1)


def march(drift, diffusivity, *, cells=100, steps=200, length=1e-2, flow=None, start=None, uptake=None, stirring=None):
    """Solve one layer of lanes; the drift is a function of y [m], or an array of lanes and faces."""
    faces = np.linspace(0.0, WIDTH, cells + 1)
    diffusivity = np.atleast_1d(np.asarray(diffusivity, dtype=float))
    lanes = diffusivity.size
    drift = np.ascontiguousarray(np.broadcast_to(drift(faces) if callable(drift) else drift, (lanes, cells + 1)))
    velocity = np.full((1, cells), 1e-3) if flow is None else flow
    return faces, solve_cross_stream(
        faces,
        velocity,
        np.full(len(velocity), 1.0 / len(velocity)),
        length,
        drift.astype(float),
        diffusivity,
        np.zeros((lanes, cells + 1)) if stirring is None else stirring,
        np.ones(cells) if start is None else start,
        np.zeros((2, lanes)) if uptake is None else uptake,
        steps,
    )


def parabola(cells):
    """Velocity of a slit across y, the mean of each cell, for a mean of 1 mm/s."""
    relative = np.linspace(0.0, 1.0, cells + 1)
    return 1e-3 * np.diff(3.0 * relative**2 - 2.0 * relative**3)[None] * cells


@pytest.mark.parametrize(("zeta", "damkohler"), [(0.01, math.inf), (0.1, math.inf), (0.2, math.inf), (0.3, 2.0)])
def test_a_wall_takes_what_graetz_says(zeta, damkohler):
    diffusivity = zeta * 1e-3 * WIDTH**2 / 1e-2
    uptake = np.array([[damkohler * diffusivity / WIDTH], [0.0]])
    _, found = march(0.0, diffusivity, flow=parabola(200), cells=200, steps=400, uptake=uptake)
    assert found.taken[0, 0] == pytest.approx(float(slit_capture(zeta, damkohler)), rel=0.005)
    assert found.taken[1, 0] == 0.0


def test_both_walls_are_alike():
    low, high = ([[math.inf], [0.0]], [[0.0], [math.inf]])
    drift = 3e-6
    _, first = march(-drift, 4e-10, uptake=np.array(low))
    _, last = march(drift, 4e-10, uptake=np.array(high))
    assert first.taken[0, 0] == pytest.approx(last.taken[1, 0], rel=1e-12)


def test_a_standing_wave_ends_in_the_profile_of_boltzmann():
    diffusivity, amplitude = 1e-9, 2e-4
    wave = math.pi / WIDTH

    def drift(y):
        return amplitude * np.sin(2.0 * wave * y)

    faces, found = march(drift, diffusivity, cells=200, length=1.0)
    middles = 0.5 * (faces[1:] + faces[:-1])
    # SG faces hold the drift constant between middles: exp of the sum of v h/D is the exact discrete law.
    potential = np.concatenate([[0.0], np.cumsum(drift(faces[1:-1]) * np.diff(middles) / diffusivity)])
    weights = np.exp(potential - potential.max())
    assert found.outflow[0] == pytest.approx(weights / weights.sum(), rel=1e-9)
    exact = np.exp(-amplitude / (2.0 * wave * diffusivity) * np.cos(2.0 * wave * middles))
    assert found.outflow[0] == pytest.approx(exact / exact.sum(), rel=2e-3)


def test_a_layer_thinner_than_a_cell_keeps_its_share():
    """What gathers at a wall within D/v of it is all in the last cell, even if that is ten times as wide."""
    _, found = march(2e-5, 2e-12, cells=20, length=1.0)
    assert found.outflow[0, -1] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("cells", [100, 200, 400])
def test_focusing_follows_the_tangent_law(cells):
    """tan(k y) grows as exp(2 k v x/U) where v sin(2 k y) is all that moves the particles."""
    wave, amplitude, length, place = math.pi / WIDTH, 2e-5, 2e-3, 0.25 * WIDTH
    _, found = march(lambda y: amplitude * np.sin(2.0 * wave * y), 1e-16, cells=cells, steps=4 * cells, length=length)
    edge = math.atan(math.tan(wave * place) * math.exp(-2.0 * wave * amplitude * length / 1e-3)) / wave
    share = found.outflow[0, : cells // 4].sum()
    error = abs(share - edge / WIDTH)
    assert error < 2.0 / cells


def test_lanes_do_not_see_each_other():
    generator = np.random.default_rng(3)
    diffusivity = 10.0 ** generator.uniform(-13, -9, 70)
    drift = generator.normal(0.0, 1e-4, (70, 101))
    stirring = generator.uniform(0.0, 1e-10, (70, 101))
    uptake = generator.uniform(0.0, 1e-6, (2, 70))
    order = generator.permutation(70)
    _, found = march(drift, diffusivity, uptake=uptake, stirring=stirring)
    _, again = march(
        drift[order], diffusivity[order], uptake=np.ascontiguousarray(uptake[:, order]), stirring=stirring[order]
    )
    assert np.array_equal(found.outflow[order], again.outflow)
    assert np.array_equal(found.taken[:, order], again.taken)


@pytest.mark.parametrize("size", [1e-9, 1e-4, 10.0])
def test_numbers_are_conserved_and_never_negative(size):
    generator = np.random.default_rng(5)
    lanes = 40
    drift = generator.normal(0.0, size, (lanes, 101))
    diffusivity = 10.0 ** generator.uniform(-16, -8, lanes)
    uptake = np.array([[0.0] * lanes, generator.choice([0.0, 1e-7, math.inf], lanes)])
    flow = generator.uniform(1e-7, 1e-1, (3, 100))
    _, found = march(drift, diffusivity, flow=flow, uptake=uptake, start=(np.arange(100) < 20) * 1.0)
    assert found.status == OK
    assert found.mass_error < 1e-10
    assert found.outflow.min() >= 0.0
    assert found.taken.min() >= 0.0


def test_layers_are_independent():
    slow, fast = np.full((1, 100), 5e-4), np.full((1, 100), 2e-3)
    each = [march(3e-6, 1e-11, flow=flow)[1].outflow for flow in (slow, fast)]
    _, both = march(3e-6, 1e-11, flow=np.concatenate([slow, fast]))
    assert both.outflow == pytest.approx((0.2 * each[0] + 0.8 * each[1]), rel=1e-12)


def test_compiled_as_interpreted(monkeypatch):
    faces, flow = np.linspace(0.0, WIDTH, 13), parabola(12)
    drift, lanes = np.linspace(-1e-5, 1e-5, 26).reshape(2, 13), 2
    arguments = (faces, flow, ONE, 1e-2, drift, np.array([1e-12, 1e-9]), np.full((lanes, 13), 1e-12))
    arguments += (np.arange(12.0), np.array([[0.0, 1e-6], [math.inf, 0.0]]), 10)
    compiled = solve_cross_stream(*arguments)
    for name, value in inspect.getmembers(kernel, lambda each: hasattr(each, "py_func")):
        monkeypatch.setattr(kernel, name, value.py_func)
    interpreted = kernel.solve_cross_stream(*arguments)
    assert compiled.outflow == pytest.approx(interpreted.outflow, rel=1e-12)
    assert compiled.taken == pytest.approx(interpreted.taken, rel=1e-12)


@pytest.mark.slow
def test_brownian_particles_leave_where_the_march_says():
    """A standing wave across a slit in which the flow varies over the depth, from one eighth of the width."""
    width, height, length, mean, speed, diffusivity, n = 200e-6, 50e-6, 4e-3, 1e-3, 2e-5, 2e-11, 40_000
    generator = np.random.default_rng(7)
    deep = np.interp(generator.random(n), *(lambda s: (3.0 * s**2 - 2.0 * s**3, s))(np.linspace(0.0, 1.0, 2001)))
    place = np.array([np.zeros(n), generator.random(n) * width / 8.0, deep * height])
    walkers = Walkers(place, np.full(n, diffusivity), np.zeros(n))
    walls = Walls(np.array([-np.inf, 0.0, 0.0]), np.array([length, width, height]), np.array([0, np.inf, 0, 0, 0, 0]))
    fields = [slit_flow(height), standing_wave(math.pi / width, 0.5 * width)]
    found = walk(walkers, fields, np.array([mean, speed]), walls, 0.02, 4000, 11, axes=(0, 1)).walked
    left = found.fate == 2
    assert left.mean() > 0.95  # the rest is slow, close to floor and ceiling

    nodes, weights = np.polynomial.legendre.leggauss(16)
    up = 0.5 * (nodes + 1.0)
    cells, lane = 160, np.ones(1)
    faces = np.linspace(0.0, width, cells + 1)
    flow = np.repeat(6.0 * mean * (up * (1.0 - up))[:, None], cells, axis=1)
    drift = speed * np.sin(2.0 * math.pi * faces / width)[None]
    start = (np.arange(cells) < cells // 8) * 1.0
    marched = solve_cross_stream(
        faces,
        flow,
        0.5 * weights,
        length,
        drift,
        diffusivity * lane,
        np.zeros((1, cells + 1)),
        start,
        np.zeros((2, 1)),
        400,
    )
    for part in (0.25, 0.4, 0.6):
        walked = (found.position[1, left] < part * width).mean()
        assert marched.outflow[0, : int(part * cells)].sum() == pytest.approx(walked, abs=0.025)
