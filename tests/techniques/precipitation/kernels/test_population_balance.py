"""The population balance against closed forms, conservation laws, order of convergence and a stiff integrator."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from sepsim.techniques.precipitation.kernels import population_balance as kernel
from sepsim.techniques.precipitation.kernels.population_balance import solve_aggregation

ONE = 1e-21  # m3, solids of a particle
NUMBER = 1e16  # 1/m3
RATE = 1e-18  # m3/s
KT = 4e-21  # J
MU = 1e-3  # Pa s


def particles(volume, **changes):
    """Constituents of given solids per volume, all else alike."""
    volume = np.atleast_1d(np.asarray(volume, dtype=float))
    one = np.ones(volume.size)
    return kernel.Constituents(volume, one, one, one, 0.0 * one)._replace(**changes)


def spheres(radius, number, excess=60.0, sticking=1.0, dimension=2.0):
    """Constituents that are spheres of given radii, and the volumes of one of each."""
    radius, number = np.atleast_1d(radius).astype(float), np.atleast_1d(number).astype(float)
    volume = 4.0 / 3.0 * math.pi * radius**3
    one = np.ones(radius.size)
    made = kernel.Constituents(
        number * volume,
        radius**dimension / volume,
        radius**2 / volume,
        radius**2 / volume * np.sqrt(sticking),
        excess * one,
    )
    return made, volume


def alike(pivots, times, rate=RATE, **options):
    """Solution for equal particles that begin in the first bin, at one rate or with a matrix of them."""
    m = pivots.size
    matrix = np.array(np.broadcast_to(rate, (m, m)), dtype=float)
    parts = particles(NUMBER * pivots[0])
    return solve_aggregation(pivots, np.eye(m)[:, :1], parts, kernel.Collisions(matrix), times, **options)


# ---- closed forms --------------------------------------------------------------------------------


def test_one_rate_gives_the_numbers_of_smoluchowski():
    theta = np.array([0.1, 1.0, 3.0])[:, None]
    j = np.arange(1, 201)
    found = alike(ONE * j, 2 * theta[:, 0] / (RATE * NUMBER), tolerance=1e-6)
    exact = NUMBER * theta ** (j - 1) / (1 + theta) ** (j + 1)
    np.testing.assert_allclose(found.number, exact, rtol=0, atol=1e-6 * NUMBER)


def test_large_clusters_are_right_to_many_digits():
    theta, j = 3.0, np.arange(1, 101)
    found = alike(ONE * j, [2 * theta / (RATE * NUMBER)], tolerance=1e-8)
    exact = NUMBER * theta ** (j - 1) / (1 + theta) ** (j + 1)
    np.testing.assert_allclose(found.number[0, :20], exact[:20], rtol=1e-6)


def test_half_of_the_clusters_are_left_at_the_half_time():
    found = alike(ONE * np.geomspace(1, 1e6, 60), [2.0 / (RATE * NUMBER)], tolerance=1e-6)
    assert found.number.sum() == pytest.approx(0.5 * NUMBER, rel=1e-6)


@pytest.mark.parametrize("power", [0.0, 0.5, 2.0 / 3.0, 1.0])
def test_moments_on_sixty_bins(power):
    pivots = np.geomspace(1, 1e3, 60)
    theta, j = np.array([1.0, 3.0, 10.0]), np.arange(1, 2000)
    found = alike(ONE * pivots, 2 * theta / (RATE * NUMBER))
    share = (theta / (1 + theta))[:, None]
    exact = share ** (j - 1) @ j**power / (1 + theta) ** 2
    np.testing.assert_allclose(found.number @ pivots**power / NUMBER, exact, rtol=1e-3)


@pytest.mark.parametrize("theta", [2.0, 20.0])
def test_error_falls_with_the_square_of_the_width_of_bins(theta):
    """The second moment is 1 + 2 theta; pivots at powers of 2^(1/s)."""
    errors = []
    for parts in (1, 2, 4, 8):
        pivots = 2.0 ** (np.arange(14 * parts + 1) / parts)
        found = alike(ONE * pivots, [2 * theta / (RATE * NUMBER)], tolerance=1e-6)
        errors.append(found.number[0] @ pivots**2 / NUMBER / (1 + 2 * theta) - 1)
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(slopes[1:] - 2.0) < 0.1)
    assert slopes[0] > 1.9


def test_rates_that_add_up_let_numbers_fall_exponentially():
    pivots = ONE * np.geomspace(1, 1e5, 50)
    rate = RATE / ONE * (pivots[:, None] + pivots)
    times = np.array([0.5, 2.0]) / (RATE * NUMBER)
    found = alike(pivots, times, rate, tolerance=1e-6)
    np.testing.assert_allclose(found.number.sum(axis=1), NUMBER * np.exp(-RATE * NUMBER * times), rtol=1e-5)
    assert found.status == kernel.DONE


def test_rates_that_multiply_gel():
    """d(sum x^2 N)/dt = k (sum x^2 N)^2 ends at t = 1/(k N0); before, clusters fall as N0 - k N0^2 t / 2."""
    pivots = ONE * np.geomspace(1, 1e5, 50)
    rate = RATE / ONE**2 * np.outer(pivots, pivots)
    gel = 1.0 / (RATE * NUMBER)
    before = alike(pivots, [0.5 * gel], rate, tolerance=1e-6)
    assert before.number.sum() == pytest.approx(0.75 * NUMBER, rel=1e-5)
    assert before.status == kernel.DONE
    after = alike(pivots, [0.5 * gel, 3.0 * gel], rate)
    assert after.status == kernel.GELLED
    assert np.all(np.isfinite(after.shares))
    assert np.abs(after.shares.sum(axis=1) - 1.0).max() < 1e-12
    assert after.shares[1, -1, 0] > 0.5


def test_all_may_end_in_the_last_bin():
    pivots = ONE * np.geomspace(1, 30, 10)
    found = alike(pivots, [1e9 / (RATE * NUMBER)])
    assert found.status == kernel.GELLED
    assert found.number[0, -1] == pytest.approx(NUMBER / 30, rel=1e-9)


# ---- the rates -----------------------------------------------------------------------------------


def fall(parts, start, pivots, collisions, duration):
    """Return how fast the number of clusters falls at first."""
    found = solve_aggregation(pivots, start, parts, collisions, [0.0, duration], tolerance=1e-10)
    before, after = found.number.sum(axis=1)
    return (before - after) / duration


@pytest.mark.parametrize("how", ["brownian", "shear", "settling"])
def test_unlike_spheres_meet_at_the_rate_of_smoluchowski(how):
    a, b, number = 1e-6, 2e-6, NUMBER
    parts, volume = spheres([a, b], [number, number], dimension=3.0)
    pivots = np.array([volume[0], volume[1], *volume[1] * 2.0 ** np.arange(1, 5)])
    zero = np.zeros((6, 6))
    push = 9.81 / (6 * math.pi * MU)
    strength = {"brownian": 2 * KT / (3 * MU), "shear": 50.0, "settling": push}[how]

    def pair(r, s):
        w = 2 / 9 * 60.0 * 9.81 / MU * (r * r - s * s)
        return {
            "brownian": 2 * KT / (3 * MU) * (1 / r + 1 / s) * (r + s),
            "shear": 4 / 3 * 50.0 * (r + s) ** 3,
            "settling": math.pi * (r + s) ** 2 * abs(w),
        }[how]

    expected = (0.5 * pair(a, a) + 0.5 * pair(b, b) + pair(a, b)) * number**2
    found = fall(parts, np.eye(6)[:, :2], pivots, kernel.Collisions(zero, **{how: strength}), 1e-5 * number / expected)
    assert found == pytest.approx(expected, rel=1e-4)


def test_clusters_are_fractal():
    parts, volume = spheres(50e-9, NUMBER, dimension=1.8)
    pivots = volume * np.array([1.0, 10.0, 100.0])
    collisions = kernel.Collisions(np.full((3, 3), RATE), fractal_dimension=1.8)
    found = solve_aggregation(pivots, np.eye(3)[:, :1], parts, collisions, [1.0 / (RATE * NUMBER)])
    np.testing.assert_allclose(found.radius[0], 50e-9 * np.array([1.0, 10.0, 100.0]) ** (1 / 1.8), rtol=1e-12)


def test_sticking_slows_all_down_alike():
    parts, volume = spheres(50e-9, NUMBER)
    slow, _ = spheres(50e-9, NUMBER, sticking=0.01)
    pivots = volume * np.geomspace(1, 1e4, 30)
    collisions = kernel.Collisions(np.zeros((30, 30)), brownian=2 * KT / (3 * MU), fractal_dimension=2.0)
    start = np.eye(30)[:, :1]
    soon = solve_aggregation(pivots, start, parts, collisions, [10.0])
    late = solve_aggregation(pivots, start, slow, collisions, [1000.0])
    np.testing.assert_allclose(late.number, soon.number, rtol=1e-9)


def test_what_does_not_stick_stays_alone_among_what_does():
    radius = np.array([50e-9, 50e-9 * 2 ** (1 / 3)])
    parts, volume = spheres(radius, [NUMBER, NUMBER], sticking=np.array([1.0, 0.0]))
    pivots = volume[0] * 2.0 ** np.arange(12)
    collisions = kernel.Collisions(np.zeros((12, 12)), brownian=2 * KT / (3 * MU), fractal_dimension=2.0)
    # The second kind begins in a bin of its own, below the first: nothing reaches that bin.
    start = np.eye(12)[:, [1, 0]]
    found = solve_aggregation(pivots, start, parts, collisions, [100.0])
    assert found.shares[0, 0, 1] == 1.0
    assert found.shares[0, 1, 0] < 0.2


# ---- what is kept --------------------------------------------------------------------------------


def test_solids_and_composition_are_kept_at_any_time():
    parts, volume = spheres(np.geomspace(10e-9, 200e-9, 12), np.geomspace(1e18, 1e15, 12))
    pivots = np.geomspace(volume[0], 1e9 * volume[0], 60)
    start = np.zeros((60, 12))
    start[np.searchsorted(pivots, volume * 0.999), np.arange(12)] = 1.0
    collisions = kernel.Collisions(np.zeros((60, 60)), 2 * KT / (3 * MU), 5.0, 9.81 / (6 * math.pi * MU), 2.0)
    found = solve_aggregation(pivots, start, parts, collisions, np.geomspace(1e-3, 1e5, 20))
    assert np.abs(found.shares.sum(axis=1) - 1.0).max() < 1e-12
    assert found.shares.min() >= 0.0
    held = found.shares @ parts.volume
    np.testing.assert_allclose(found.number * pivots, held, rtol=1e-12)


def test_a_mixture_of_equal_particles_stays_a_mixture():
    parts = particles(NUMBER * ONE * np.array([0.3, 0.7]))
    pivots, start = ONE * np.geomspace(1, 1e5, 40), np.zeros((40, 2))
    start[0] = 1.0
    found = solve_aggregation(pivots, start, parts, kernel.Collisions(np.full((40, 40), RATE)), [1e3])
    np.testing.assert_allclose(found.shares[..., 0], found.shares[..., 1], rtol=1e-12)


def test_a_tracer_of_no_volume_fares_like_what_it_is_among():
    parts = particles(NUMBER * ONE * np.array([1.0, 1e-30]))
    pivots, start = ONE * np.geomspace(1, 1e5, 40), np.zeros((40, 2))
    start[0] = 1.0
    found = solve_aggregation(pivots, start, parts, kernel.Collisions(np.full((40, 40), RATE)), [1e3])
    alone = alike(pivots, [1e3])
    np.testing.assert_allclose(found.shares[0, :, 1], alone.shares[0, :, 0], rtol=1e-9)


@given(
    seed=st.integers(0, 2**32 - 1),
    bins=st.integers(3, 25),
    kinds=st.integers(1, 6),
    growth=st.floats(1.05, 4.0),
    shear=st.floats(0, 100),
    gravity=st.floats(0, 1e4),
)
@settings(deadline=None)
def test_any_mixture_keeps_its_solids_and_never_turns_negative(seed, bins, kinds, growth, shear, gravity):
    draw = np.random.default_rng(seed)
    parts, volume = spheres(
        10 ** draw.uniform(-8, -6, kinds), 10 ** draw.uniform(10, 18, kinds), draw.uniform(-50, 300)
    )
    pivots = volume.min() * growth ** np.arange(bins)
    start = np.zeros((bins, kinds))
    start[draw.integers(0, bins, kinds), np.arange(kinds)] = 1.0
    collisions = kernel.Collisions(np.zeros((bins, bins)), 2 * KT / (3 * MU), shear, gravity / (6 * math.pi * MU), 2.0)
    found = solve_aggregation(pivots, start, parts, collisions, [1e-2, 1.0, 1e2], most_steps=3000)
    assert found.shares.min() >= 0.0
    assert np.abs(found.shares.sum(axis=1) - 1.0).max() < 1e-12
    clusters = found.number.sum(axis=1)
    assert np.all(np.diff(clusters) <= 1e-9 * clusters[:-1])

    order = draw.permutation(kinds)
    shuffled = kernel.Constituents(*(each[order] for each in parts))
    again = solve_aggregation(pivots, start[:, order], shuffled, collisions, [1e-2, 1.0, 1e2], most_steps=3000)
    np.testing.assert_allclose(again.shares, found.shares[:, :, order], atol=1e-8)


# ---- work is bounded -----------------------------------------------------------------------------


def test_too_many_steps_are_told():
    found = alike(ONE * np.geomspace(1, 1e5, 40), [0.0, 1.0, 1e6], most_steps=20)
    assert found.status == kernel.TOO_MANY_STEPS
    assert found.steps == 20
    assert found.reached < 1e6
    assert np.abs(found.shares.sum(axis=1) - 1.0).max() < 1e-12


def test_steps_grow_with_time():
    decades = [alike(ONE * np.geomspace(1, 1e9, 60), [10.0**power / (RATE * NUMBER)]).steps for power in (2, 4, 6)]
    assert decades[2] - decades[1] < 3 * (decades[1] - decades[0])
    assert decades[2] < 300


def test_a_spin_of_a_crowded_sample_takes_no_more_steps():
    """At 1e5 m/s2 clusters of 100 um sweep up small ones 1e4 times faster than those change."""
    parts, volume = spheres([10e-9, 50e-9], [1e20, 1e16])
    pivots = np.geomspace(volume[0], 2.5e7 * volume[0], 60)
    start = np.zeros((60, 2))
    start[[0, np.searchsorted(pivots, volume[1])], [0, 1]] = 1.0
    bench, spin = (
        solve_aggregation(
            pivots, start, parts, kernel.Collisions(np.zeros((60, 60)), 2 * KT / (3 * MU), 0.0, push, 2.0), [1800.0]
        )
        for push in (9.81 / (6 * math.pi * MU), 1e5 / (6 * math.pi * MU))
    )
    assert spin.status == kernel.GELLED
    assert spin.steps < 2 * bench.steps < 1000


# ---- other solvers -------------------------------------------------------------------------------


def shares_of_daughters(pivots):
    """Part of the solids of a new cluster of i and j that goes to bin k, shape (m, m, m), by loops."""
    m = pivots.size
    part = np.zeros((m, m, m))
    for i in range(m):
        for j in range(m):
            both = pivots[i] + pivots[j]
            if both >= pivots[-1]:
                part[-1, i, j] = 1.0
                continue
            k = np.flatnonzero(pivots <= both)[-1]
            number = (pivots[k + 1] - both) / (pivots[k + 1] - pivots[k])
            part[k, i, j] = number * pivots[k] / both
            part[k + 1, i, j] = (1.0 - number) * pivots[k + 1] / both
    return part


def slope_of(pivots, parts, law):
    """Return the right-hand side in shares of constituents, written from the equations."""
    part = shares_of_daughters(pivots)
    m, n = pivots.size, parts.volume.size

    def slope(_, state):
        shares = state.reshape(m, n)
        held = shares * parts.volume
        solids = held.sum(axis=1)
        number, solids = solids / pivots, np.where(solids > 0, solids, 1.0)
        radius = np.maximum(pivots * (held @ parts.bulk) / solids, 1e-30) ** (1 / law.fractal_dimension)
        w = law.settling * pivots * (held @ parts.excess) / solids / radius
        R = radius[:, None] + radius
        K = law.brownian * R * (1 / radius[:, None] + 1 / radius) + math.pi * R**2 * np.abs(w[:, None] - w)
        flow = K * number  # [i, j]: how fast a cluster of bin i meets one of bin j
        moved = np.einsum("kij,ij->ki", part, flow)
        return (moved @ shares - flow.sum(axis=1)[:, None] * shares).ravel()

    return slope


def test_a_stiff_integrator_finds_the_same():
    """Diffusion and settling of three kinds, from first collisions to clusters of thousands: four decades of time."""
    m = 24
    parts, volume = spheres([40e-9, 60e-9, 120e-9], [1e17, 3e16, 3e15], excess=np.array([50.0, 60.0, 200.0]))
    pivots = np.geomspace(volume[0], 1e5 * volume[0], m)
    start = np.zeros((m, 3))
    start[[0, np.searchsorted(pivots, volume[1]), np.searchsorted(pivots, volume[2])], range(3)] = 1.0
    law = kernel.Collisions(np.zeros((m, m)), 2 * KT / (3 * MU), 0.0, 1000 * 9.81 / (6 * math.pi * MU), 2.0)
    times = np.geomspace(0.2, 2e3, 5)
    found = solve_aggregation(pivots, start, parts, law, times, tolerance=1e-6)
    peer = solve_ivp(
        slope_of(pivots, parts, law), (0.0, times[-1]), start.ravel(), method="BDF", t_eval=times, rtol=1e-8, atol=1e-13
    )
    assert peer.success
    exact = peer.y.T.reshape(5, m, 3)
    clusters = (exact @ parts.volume / pivots).sum(axis=1)
    assert clusters[0] > 0.5 * 1.33e17
    assert clusters[-1] < 1e-3 * 1.33e17
    np.testing.assert_allclose(found.number.sum(axis=1), clusters, rtol=1e-5)
    np.testing.assert_allclose(found.shares, exact, atol=1e-5)


def test_a_spread_of_sizes_is_faster_than_equal_sizes():
    """At equal numbers and mean radius: (1/R + 1/R')(R + R') is 4 for equal spheres and more for unlike ones."""
    law = kernel.Collisions(np.zeros((40, 40)), brownian=2 * KT / (3 * MU), fractal_dimension=2.0)
    time = [2.0 / (8 * KT / (3 * MU) * NUMBER)]
    left = []
    for spread in (0.0, 0.8):
        radius = 50e-9 * np.exp(spread * np.array([-1.0, 0.0, 1.0]))
        parts, volume = spheres(radius, np.full(3, NUMBER / 3))
        pivots = np.unique([*volume, *volume[-1] * np.geomspace(2, 1e5, 40)])
        start = (pivots[:, None] == volume).astype(float)
        left.append(solve_aggregation(pivots, start, parts, law._replace(matrix=np.zeros((pivots.size,) * 2)), time))
    equal, unlike = (found.number.sum() for found in left)
    assert equal < 0.5 * NUMBER  # clusters are unlike soon
    assert unlike < 0.95 * equal


# ---- one source, two ways to run it --------------------------------------------------------------


def test_the_compiled_kernel_agrees_with_its_source(monkeypatch):
    parts, volume = spheres([30e-9, 60e-9], [1e17, 1e16], sticking=np.array([1.0, 0.3]))
    pivots = np.geomspace(volume[0], 300 * volume[0], 9)
    start = np.zeros((9, 2))
    start[[0, 4], [0, 1]] = 1.0
    law = kernel.Collisions(np.full((9, 9), 1e-20), 2 * KT / (3 * MU), 3.0, 9.81 / (6 * math.pi * MU), 2.0)
    compiled = solve_aggregation(pivots, start, parts, law, [0.1, 10.0])
    for name, value in inspect.getmembers(kernel, lambda each: hasattr(each, "py_func")):
        monkeypatch.setattr(kernel, name, value.py_func)
    plain = solve_aggregation(pivots, start, parts, law, [0.1, 10.0])
    assert plain.steps == compiled.steps
    np.testing.assert_allclose(plain.shares, compiled.shares, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(plain.radius, compiled.radius, rtol=1e-12)
