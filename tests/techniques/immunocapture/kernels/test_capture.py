"""The kernel of capture against closed forms, SciPy's stiff integrators, conservation and monotonicity."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from sepsim.techniques.immunocapture.kernels import capture as kernel
from sepsim.techniques.immunocapture.kernels.capture import Lanes, free_room, solve_capture

JAMMING = 0.547


def lanes(binding, sticking=0.0, opening=0.0, covers=0.0, soils=0.0):
    binding = np.atleast_1d(np.asarray(binding, dtype=float))
    return Lanes(*(np.broadcast_to(column, binding.shape) for column in (binding, sticking, opening, covers, soils)))


def scattered(n=60, seed=1):
    rng = np.random.default_rng(seed)
    some = rng.random(n) < 0.5
    return Lanes(
        binding=10 ** rng.uniform(-5, -1, n),
        sticking=10 ** rng.uniform(-8, -4, n) * some,
        opening=10 ** rng.uniform(-8, -3, n) * ~some,
        covers=rng.uniform(0, 6 / n, n),
        soils=rng.uniform(0, 200 / n, n),
    )


def by_scipy(species, times, clearing=math.inf, method="Radau"):
    """The same equations, written down anew."""
    n = species.binding.size

    def room(x):
        x = min(max(x, 0.0), 1.0)
        return (1 + 0.812 * x + 0.426 * x**2 + 0.0716 * x**3) * (1 - x) ** 3

    def rates(t, y):
        f, b, s = y.reshape(3, n)
        there = max(0.0, 1.0 - t / clearing)
        bound = species.binding * room(species.covers @ b) * there * f - species.opening * b
        stuck = species.sticking * room(species.soils @ s) * there * f
        return np.concatenate([-bound - stuck, bound, stuck])

    start = np.concatenate([np.ones(n), np.zeros(2 * n)])
    done = solve_ivp(rates, (0, times[-1]), start, method=method, t_eval=times, rtol=1e-9, atol=1e-12)
    return done.y.reshape(3, n, -1).transpose(0, 2, 1)


def test_dilute_beads_take_exponentially():
    times = np.linspace(0, 5e3, 7)
    found = solve_capture(lanes([1e-4, 1e-3, 1e-2]), times)
    assert found.free == pytest.approx(np.exp(-np.outer(times, [1e-4, 1e-3, 1e-2])), abs=1e-12)
    assert found.status == kernel.OK


def test_binding_and_opening_end_in_equilibrium():
    found = solve_capture(lanes([2e-3], opening=1e-3), [1e6])
    assert found.bound[-1, 0] / found.free[-1, 0] == pytest.approx(2.0, rel=1e-12)


def test_sticking_alone_is_exponential_and_for_good():
    found = solve_capture(lanes([0.0], sticking=1e-4), [1e4])
    assert found.stuck[-1, 0] == pytest.approx(1 - math.exp(-1), abs=1e-12)
    assert found.bound[-1, 0] == 0


def test_a_lane_that_binds_opens_and_sticks_is_the_exponential_of_its_matrix():
    from scipy.linalg import expm

    k, u, r, t = 2e-3, 5e-4, 1e-3, 1500.0
    exact = expm(np.array([[-k - u, r, 0], [k, -r, 0], [u, 0, 0]]) * t)[:, 0]
    found = solve_capture(lanes([k], sticking=u, opening=r), [t])
    assert [found.free[-1, 0], found.bound[-1, 0], found.stuck[-1, 0]] == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("method", ["Radau", "BDF"])
@pytest.mark.parametrize("clearing", [math.inf, 4000.0])
def test_stiff_integrators_agree(clearing, method):
    times = np.linspace(0, 4e4, 9)
    species = scattered(20)
    found = solve_capture(species, times, clearing_time=clearing, tolerance=1e-5)
    expected = by_scipy(species, times, clearing, method)
    for own, other in zip((found.free, found.bound, found.stuck), expected, strict=True):
        assert own == pytest.approx(other, abs=1e-5)


def test_error_falls_with_the_tolerance():
    times = [2e4]
    expected = by_scipy(scattered(25), times)
    errors = [
        np.abs(solve_capture(scattered(25), times, tolerance=tolerance).bound - expected[1]).max()
        for tolerance in (1e-2, 1e-4, 1e-6)
    ]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_beads_fill_up_to_jamming_and_no_further():
    times = np.geomspace(1, 1e7, 30)
    found = solve_capture(lanes([1e-2], covers=5.0), times)
    assert np.all(found.coverage <= 1.0)
    assert found.coverage[-1] > 0.97
    assert np.all(np.diff(found.coverage) >= 0)


def test_an_abundant_population_takes_the_room_of_a_rare_one():
    rare = lanes([1e-3, 1e-3], covers=np.array([1e-6, 0.0]))
    crowded = lanes([1e-3, 1e-3], covers=np.array([1e-6, 50.0]))
    alone, beside = (solve_capture(species, [3600.0]).bound[-1, 0] for species in (rare, crowded))
    assert beside < 0.1 * alone


def test_beads_that_have_settled_take_no_more():
    times = [0.0, 999.0, 1000.0, 1e5]
    found = solve_capture(lanes([1e-3]), times, clearing_time=1000.0)
    assert found.free[2:, 0] == pytest.approx(math.exp(-0.5), abs=1e-6)


def test_room_is_that_of_random_sequential_adsorption():
    """Known series of hard discs, 1 - 4 theta + (6 sqrt 3/pi) theta^2 + 1.4069 theta^3, and the cube at jamming."""
    theta = np.array([1e-3, 3e-3, 1e-2])
    series = 1 - 4 * theta + 6 * math.sqrt(3) / math.pi * theta**2 + 1.4069 * theta**3
    assert [free_room(x / JAMMING) for x in theta] == pytest.approx(series, abs=5e-6)
    ratio = free_room(1 - 2e-4) / free_room(1 - 1e-4)
    assert ratio == pytest.approx(8.0, rel=1e-3)


rates = st.one_of(st.just(0.0), st.floats(-9, 0).map(lambda power: 10.0**power))
species = st.lists(st.tuples(rates, rates, rates, st.floats(0, 10), st.floats(0, 1e4)), min_size=1, max_size=8)


@settings(deadline=None)
@given(species, st.floats(1, 1e6), st.one_of(st.just(math.inf), st.floats(1, 1e6)))
def test_shares_stay_shares(rows, time, clearing):
    columns = Lanes(*np.array(rows).T)
    found = solve_capture(columns, [0.0, 0.3 * time, time], clearing_time=clearing)
    for share in (found.free, found.bound, found.stuck):
        assert np.all(share >= 0)
        assert np.all(share <= 1 + 1e-12)
    assert found.free + found.bound + found.stuck == pytest.approx(np.ones(found.free.shape), abs=1e-12)
    assert np.all(found.coverage <= 1 + 1e-9)
    assert found.coverage == pytest.approx(found.bound @ columns.covers, rel=1e-9, abs=1e-12)
    assert np.all(found.bound[:, columns.binding == 0] == 0)
    assert np.all(found.stuck[:, columns.sticking == 0] <= 1e-15)


@settings(deadline=None)
@given(st.lists(st.tuples(rates, st.floats(0, 10)), min_size=1, max_size=6), st.floats(1.5, 30))
def test_more_beads_take_more(rows, factor):
    """Of beads that hold on: binding goes with their number, and what each covers against it."""
    binding, covers = np.array(rows).T
    few = solve_capture(lanes(binding, covers=covers), [3600.0], tolerance=1e-5).bound[-1]
    many = solve_capture(lanes(factor * binding, covers=covers / factor), [3600.0], tolerance=1e-5).bound[-1]
    assert np.all(many >= few - 1e-5)


@settings(deadline=None)
@given(species)
def test_what_holds_on_only_grows(rows):
    binding, sticking, _, covers, soils = np.array(rows).T
    found = solve_capture(Lanes(binding, sticking, np.zeros_like(binding), covers, soils), np.linspace(0, 1e4, 6))
    assert np.all(np.diff(found.bound, axis=0) >= -1e-7)
    assert np.all(np.diff(found.free, axis=0) <= 1e-7)


def test_order_of_lanes_does_not_matter():
    turned = Lanes(*(column[::-1] for column in scattered()))
    straight, back = (solve_capture(each, [1e4]).bound[-1] for each in (scattered(), turned))
    assert back[::-1] == pytest.approx(straight, abs=1e-6)


def test_steps_are_bounded():
    found = solve_capture(scattered(), [1e5], tolerance=1e-9, most_steps=5)
    assert found.status == kernel.OUT_OF_STEPS
    assert found.steps == 5
    assert found.free[-1] + found.bound[-1] + found.stuck[-1] == pytest.approx(np.ones(60), abs=1e-12)


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ({"opening": np.array([-1.0])}, [1.0]),
        ({"binding": np.array([np.inf])}, [1.0]),
        ({"covers": np.zeros(2)}, [1.0]),
        ({}, [2.0, 1.0]),
        ({}, [-1.0]),
        ({}, []),
    ],
)
def test_misuse_is_refused(changes, times):
    with pytest.raises(ValueError, match=r"lanes|times"):
        solve_capture(lanes([1e-3])._replace(**changes), times)


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="both are the same")
def test_compiled_and_plain_code_agree(monkeypatch):
    times = [0.0, 100.0, 5e3]
    compiled = solve_capture(scattered(12), times)
    for name in ("free_room", "_advance", "_middle", "_refine", "_march"):
        monkeypatch.setattr(kernel, name, getattr(kernel, name).py_func)
    plain = solve_capture(scattered(12), times)
    assert plain.steps == compiled.steps
    for one, other in zip(plain[:5], compiled[:5], strict=True):
        assert one == pytest.approx(other, abs=1e-12)
