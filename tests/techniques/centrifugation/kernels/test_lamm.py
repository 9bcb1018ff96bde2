"""The Lamm kernel against closed forms, conservation laws and an independent discretisation."""

import importlib.util

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import BENCHMARKS
from scipy.linalg import expm, solve_banded
from scipy.special import erfc

from sepsim.techniques.centrifugation.kernels import lamm

INNER, OUTER = 0.060, 0.072  # m, the sector cell of P1-P4
P2 = {"s": 1.2e-11, "D": 4.3e-12}
OMEGA2 = (2.0 * np.pi * 10_000.0 / 60.0) ** 2
REFERENCE = BENCHMARKS / "lamm_reference.npz"
FINE = {"front_resolution": 0.3, "step_resolution": 0.5}


def p2(**options):
    """P2: 120 S vesicles, 10 000 rpm, 2 h, closed sector cell; profiles if output times are given."""
    arguments = {"inner": INNER, "outer": OUTER, **P2, "omega_squared": OMEGA2, "duration": 7200.0}
    arguments |= {"sector": True, "absorbing": False, **options}
    return (lamm.solve_lamm_profiles if "output_times" in options else lamm.solve_lamm_fractions)(**arguments)


def at_radii(run, radii):
    """Concentration [time, radius] of the only lane in the cell of P1-P4."""
    return lamm.interpolate_profiles(run.mesh, run.profiles[:, 0], (np.asarray(radii) - INNER) / (OUTER - INNER))


def plug_flow(inner, outer, s, dose, sector=False):
    """Fraction still suspended without diffusion."""
    q = np.exp(-np.abs(s) * dose)
    if sector:
        left = np.where(s > 0, (outer * q) ** 2 - inner**2, outer**2 - (inner / q) ** 2)
        return np.maximum(left, 0.0) / (outer**2 - inner**2)
    left = np.where(s > 0, outer * q - inner, outer - inner / q)
    return np.maximum(left, 0.0) / (outer - inner)


def random_lanes(n, seed=1):
    """Lanes of a fixed-angle rotor: proteins to vesicles, sinking and floating, chords of 1-40 mm."""
    rng = np.random.default_rng(seed)
    half = rng.uniform(0.0005, 0.020, n)
    diameter = np.geomspace(5e-9, 60e-9, n)
    s = diameter**2 * rng.uniform(-60.0, 150.0, n) / 18e-3
    return 0.07 - half, 0.07 + half, s, 4.1e-21 / (3.0 * np.pi * 1e-3 * diameter)


# ---- closed forms --------------------------------------------------------------------------------


@pytest.mark.parametrize("sector", [False, True])
@pytest.mark.parametrize("s", [2e-11, -2e-11])
@pytest.mark.parametrize("hours", [0.2, 0.6, 4.0])
def test_without_diffusion_particles_move_in_plug_flow(sector, s, hours):
    solution = lamm.solve_lamm_fractions(INNER, OUTER, s, 0.0, OMEGA2, hours * 3600.0, sector=sector)
    expected = plug_flow(INNER, OUTER, np.array([s]), OMEGA2 * hours * 3600.0, sector)
    # a numerical diffusion keeps the Peclet number finite, which shows only when the front arrives
    assert solution.status[0] == lamm.DIFFUSION_RAISED
    assert solution.suspended[0] == pytest.approx(expected[0], abs=1e-10)
    assert (solution.pelleted if s > 0 else solution.floated)[0] == pytest.approx(1 - expected[0], abs=1e-10)


@pytest.mark.parametrize("seconds", [3600.0, 7200.0])
def test_pellet_of_a_vesicle_equals_plug_flow(seconds):
    solution = p2(duration=seconds, absorbing=True)
    expected = plug_flow(INNER, OUTER, np.array([P2["s"]]), OMEGA2 * seconds, sector=True)
    assert solution.suspended == pytest.approx(expected, abs=1e-9)


def test_plateau_dilutes_by_the_sector_law_and_not_in_a_tube():
    rate = P2["s"] * OMEGA2
    for sector, power in ((True, 2.0), (False, 1.0)):
        solution = p2(output_times=[3600.0], sector=sector)
        assert at_radii(solution, [0.069])[0, 0] == pytest.approx(np.exp(-power * rate * 3600.0), abs=1e-9)


@pytest.mark.parametrize("sector", [False, True])
@pytest.mark.parametrize("s", [5e-14, -5e-14])
def test_closed_cell_reaches_sedimentation_equilibrium(sector, s):
    D = 5e-11
    times = np.linspace(1e6, 4e7, 40)  # the late steps of a run are long; outputs make them short
    solution = p2(s=s, D=D, sector=sector, duration=4e7, output_times=times, front_resolution=0.1)
    r = INNER + solution.mesh * (OUTER - INNER)
    nu = s * OMEGA2 / D
    x, w = np.polynomial.legendre.leggauss(60)
    x = 0.5 * (OUTER + INNER) + 0.5 * (OUTER - INNER) * x
    weight = x * w if sector else w
    scale = weight.sum() / (weight * np.exp(nu * x**2 / 2)).sum()
    assert solution.profiles[-1, 0] == pytest.approx(scale * np.exp(nu * r**2 / 2), rel=1e-8)


def test_no_sedimentation_coefficient_is_pure_diffusion():
    duration = 2e5
    mesh = np.linspace(0.0, 1.0, 401)
    start = 1.0 + np.cos(np.pi * mesh)[None, :]
    times = np.linspace(0.05, 1.0, 20) * duration
    solution = p2(s=0.0, sector=False, duration=duration, initial=(mesh, start), output_times=times)
    decay = np.exp(-P2["D"] * duration * (np.pi / (OUTER - INNER)) ** 2)
    assert solution.profiles[-1, 0] == pytest.approx(1.0 + decay * np.cos(np.pi * mesh), abs=1e-10)
    assert solution.suspended[0] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("absorbing", [False, True])
def test_a_rotor_at_rest_does_nothing(absorbing):
    solution = p2(omega_squared=0.0, absorbing=absorbing, output_times=[0.0, 7200.0])
    assert solution.pelleted[0] == solution.floated[0] == 0.0
    assert solution.profiles == pytest.approx(np.ones_like(solution.profiles), abs=1e-12)


def test_front_follows_the_half_line_solution():
    t = 3600.0
    rate = P2["s"] * OMEGA2
    r = np.linspace(0.0615, 0.068, 200)
    c = at_radii(p2(output_times=[t]), r)[0]
    y = r * np.exp(-rate * t)
    tau = P2["D"] * (1.0 - np.exp(-2.0 * rate * t)) / (2.0 * rate)
    expected = 0.5 * np.exp(-2.0 * rate * t) * erfc((INNER - y) / (2.0 * np.sqrt(tau)))
    assert c == pytest.approx(expected, abs=1.5e-3)


# ---- independent solutions -----------------------------------------------------------------------


def test_values_of_a_vesicle_in_a_sector_cell_computed_elsewhere():
    radii = [0.063, 0.0645, 0.066, 0.06645, 0.067, OUTER]
    run = p2(output_times=[3600.0, 7200.0], front_resolution=0.1, step_resolution=0.5)
    early, late = at_radii(run, radii)
    assert early[0] == pytest.approx(0.627890, abs=1e-5)
    assert early[1] == pytest.approx(0.909602, abs=2e-6)
    assert late[2] == pytest.approx(0.461084, abs=1e-5)
    assert late[3] == pytest.approx(0.801846, abs=1e-5)
    assert late[4] == pytest.approx(0.827347, abs=2e-6)
    assert early[5] == pytest.approx(718.8937, rel=1e-5)
    assert late[5] == pytest.approx(1370.98134, rel=1e-5)


def finite_volumes(times, cells=8000, steps=12_000):
    """P2 by central finite volumes and BDF2 on a fine uniform mesh; cell centres, c."""
    edges = np.linspace(INNER, OUTER, cells + 1)
    r = 0.5 * (edges[1:] + edges[:-1])
    h = edges[1] - edges[0]
    volume = r * h
    speed = P2["s"] * OMEGA2 * edges[1:-1]
    # central flux: cell Peclet number 0.3 at most, so that it is monotone and of second order
    left = edges[1:-1] * (0.5 * speed + P2["D"] / h)
    right = edges[1:-1] * (0.5 * speed - P2["D"] / h)
    bands = np.zeros((3, cells))
    bands[1, :-1] -= left
    bands[0, 1:] -= right
    bands[2, :-1] += left
    bands[1, 1:] += right
    c, profiles, now, dt = np.ones(cells), [], 0.0, times[-1] / steps
    previous = None
    for _ in range(steps):
        lead, load = (1.0, c) if previous is None else (1.5, 2.0 * c - 0.5 * previous)
        matrix = -dt * bands
        matrix[1] += lead * volume
        previous, c = c, solve_banded((1, 1), matrix, volume * load, check_finite=False)
        now += dt
        if any(abs(now - t) < 0.5 * dt for t in times):
            profiles.append(c)
    return r, np.array(profiles)


def test_profiles_agree_with_finite_volumes():
    times = np.linspace(600.0, 7200.0, 12)
    r, expected = finite_volumes(times)
    inside = r <= 0.071
    c = at_radii(p2(output_times=times), r[inside])
    error = c - expected[:, inside]
    assert np.sqrt(np.mean(error**2)) < 1e-4
    assert c.min() >= 0.0


@pytest.mark.parametrize(
    ("name", "s", "D", "rpm", "duration"),
    [
        ("P1", 5e-13, 5e-11, 60_000, 21_600.0),
        ("P2", 1.2e-11, 4.3e-12, 10_000, 7200.0),
        ("P3", 2e-10, 1e-12, 3000, 7200.0),
    ],
)
def test_default_settings_agree_with_the_stored_reference(name, s, D, rpm, duration):
    with np.load(REFERENCE) as stored:
        expected = stored[name]
    radii = np.linspace(INNER, OUTER, 241)
    inside = radii <= 0.0710001
    times = duration * np.arange(1, 101) / 100
    run = p2(s=s, D=D, omega_squared=(2 * np.pi * rpm / 60) ** 2, duration=duration, output_times=times)
    error = at_radii(run, radii[inside]) - expected[:, inside]
    assert np.sqrt(np.mean(error**2)) <= 1e-4
    assert run.mass_error[0] <= 1e-12


def lobatto(degree):
    """Gauss-Lobatto-Legendre nodes, weights, differentiation matrix."""
    legendre = np.polynomial.Legendre.basis(degree)
    x = np.concatenate(([-1.0], np.sort(legendre.deriv().roots().real), [1.0]))
    gaps = x[:, None] - x[None, :] + np.eye(degree + 1)
    derivative = legendre(x)[:, None] / (legendre(x)[None, :] * gaps)
    np.fill_diagonal(derivative, 0.0)
    np.fill_diagonal(derivative, -derivative.sum(axis=1))
    return x, 2.0 / (degree * (degree + 1) * legendre(x) ** 2), derivative


def spectral(inner, outer, s, D, stages, sector, absorbing, degree=8):
    """Radii, concentration and suspended fraction by spectral elements and the matrix exponential.

    Elements double in length from both ends, from 1 / Pe to three widths of the front.
    """
    length = outer - inner
    peclet = max(abs(s) * max(w2 for w2, _ in stages) * outer * length / D, 1.0)
    ends = [0.0]
    while ends[-1] < 0.5:
        ends.append(ends[-1] + min(max(1.0 / peclet, ends[-1]), 3.0 / np.sqrt(peclet), 0.125))
    half = np.array(ends) * 0.5 / ends[-1]
    ends = np.concatenate((half, 1.0 - half[-2::-1]))
    x, weight, derivative = lobatto(degree)
    n = degree * (ends.size - 1) + 1
    mass, r, drift, diffusion = np.zeros(n), np.empty(n), np.zeros((n, n)), np.zeros((n, n))
    for e in range(ends.size - 1):
        h = 0.5 * length * (ends[e + 1] - ends[e])
        at = slice(degree * e, degree * (e + 1) + 1)
        r[at] = inner + length * ends[e] + h * (x + 1.0)
        area = r[at] if sector else np.ones_like(x)
        mass[at] += weight * h * area
        drift[at, at] += derivative.T * (weight * area * s * r[at])
        diffusion[at, at] -= (derivative.T * (weight * area * D / h)) @ derivative
    if absorbing:
        end = -1 if s > 0 else 0
        drift[end, end] -= abs(s) * r[end] * (r[end] if sector else 1.0)
    c = np.ones(n)
    for w2, seconds in stages:
        c = expm((w2 * drift + diffusion) * seconds / mass[:, None]) @ c
    return r, c, (mass @ c) / mass.sum()


any_lane = st.tuples(
    st.floats(0.005, 0.1),  # inner end, m
    st.floats(-3.0, -1.1),  # log10 chord
    st.floats(-1.0, 2.5),  # log10 Peclet number
    st.floats(-12.5, -9.7),  # log10 D
    st.sampled_from([1.0, -1.0]),
)
any_stages = st.lists(st.tuples(st.floats(4.0, 7.3), st.floats(-2.0, 0.8)), min_size=1, max_size=2)


@given(any_lane, any_stages, st.booleans())
@settings(deadline=None, max_examples=60)
def test_fractions_agree_with_the_matrix_exponential(lane, stages, sector):
    inner, D, peclet = lane[0], 10 ** lane[3], 10 ** lane[2]
    outer = inner + 10 ** lane[1]
    s = lane[4] * peclet * D / (10 ** max(w2 for w2, _ in stages) * outer * (outer - inner))
    rate = abs(s) * outer / (outer - inner)
    run = [(10**w2, min(10**travel / (rate * 10**w2), 1e7)) for w2, travel in stages]
    _, _, expected = spectral(inner, outer, s, D, run, sector, absorbing=True)
    found = lamm.solve_lamm_fractions(inner, outer, s, D, *zip(*run, strict=True), sector=sector)
    assert found.status[0] == lamm.OK
    assert found.suspended[0] == pytest.approx(expected, abs=1e-5)


@given(any_lane, st.floats(-2.0, 0.5), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=30)
def test_profiles_agree_with_the_matrix_exponential(lane, travel, sector, absorbing):
    inner, D, peclet = lane[0], 10 ** lane[3], 10 ** lane[2]
    outer = inner + 10 ** lane[1]
    s = lane[4] * peclet * D / (1e7 * outer * (outer - inner))
    seconds = 10**travel / (abs(s) * 1e7 * outer / (outer - inner))
    r, expected, _ = spectral(inner, outer, s, D, [(1e7, seconds)], sector, absorbing)
    run = lamm.solve_lamm_profiles(inner, outer, s, D, 1e7, seconds, [seconds], sector=sector, absorbing=absorbing)
    x = (r - inner) / (outer - inner)
    inside = (x <= 11 / 12) if s > 0 else (x >= 1 / 12)  # without the layer that a closed end builds up
    error = lamm.interpolate_profiles(run.mesh, run.profiles[0, 0], x.clip(0.0, 1.0)) - expected
    assert np.sqrt(np.mean(error[inside] ** 2)) < 1e-3 * max(1.0, expected[inside].max())


def test_pelleted_fractions_do_not_move_when_mesh_and_steps_are_refined():
    lanes = random_lanes(50)
    for seconds in (600.0, 4200.0, 72_000.0):
        coarse = lamm.solve_lamm_fractions(*lanes, 1.4e7, seconds)
        fine = lamm.solve_lamm_fractions(*lanes, 1.4e7, seconds, **FINE)
        assert np.all(coarse.status <= lamm.DIFFUSION_RAISED)
        assert np.abs(coarse.suspended - fine.suspended).max() < 1e-5


# ---- conservation, bounds, independence ----------------------------------------------------------

lanes = st.tuples(
    st.floats(0.01, 0.15),  # inner end, m
    st.floats(0.001, 0.09),  # chord, m
    st.one_of(st.just(0.0), st.floats(1e-20, 3e-11), st.floats(-1e-11, -1e-20)),  # s
    st.floats(2e-13, 2e-10),  # D, m^2/s
)
runs = st.tuples(st.floats(0.0, 2e7), st.floats(1.0, 72_000.0))  # rad^2/s^2, s
stages = st.lists(runs, min_size=1, max_size=4)


@given(st.lists(lanes, min_size=1, max_size=12), stages, st.booleans(), st.booleans())
@settings(deadline=None, max_examples=60)
def test_any_lane_conserves_its_load(some, run, sector, absorbing):
    inner, chord, s, D = np.array(some).T
    run = np.array(run).T
    solution = lamm.solve_lamm_fractions(inner, inner + chord, s, D, *run, sector=sector, absorbing=absorbing)
    total = solution.pelleted + solution.floated + solution.suspended
    assert np.all(solution.status <= lamm.DIFFUSION_RAISED)
    assert np.all(np.abs(total - 1.0) <= 1e-10)
    assert solution.mass_error == pytest.approx(np.abs(total - 1.0), abs=1e-14)
    for part in (solution.pelleted, solution.floated, solution.suspended):
        assert part.min() >= -1e-6
        assert part.max() <= 1.0 + 1e-6
    assert np.all(solution.floated[s >= 0] == 0.0)
    assert np.all(solution.pelleted[s <= 0] == 0.0)


@given(st.lists(lanes, min_size=1, max_size=8), runs, st.floats(1.0, 3.0))
@settings(deadline=None, max_examples=40)
def test_a_longer_run_pellets_more(some, run, factor):
    inner, chord, s, D = np.array(some).T
    short = lamm.solve_lamm_fractions(inner, inner + chord, s, D, *run)
    long = lamm.solve_lamm_fractions(inner, inner + chord, s, D, run[0], run[1] * factor)
    assert np.all(long.suspended <= short.suspended + 2e-5)


@given(st.permutations(range(30)), st.integers(1, 30))
@settings(deadline=None, max_examples=20)
def test_a_lane_does_not_depend_on_its_neighbours(order, keep):
    everything = random_lanes(30)
    chosen = list(order)[:keep]
    whole = lamm.solve_lamm_fractions(*everything, 1.4e7, 4200.0)
    part = lamm.solve_lamm_fractions(*(a[chosen] for a in everything), 1.4e7, 4200.0)
    assert part.suspended == pytest.approx(whole.suspended[chosen], abs=1e-13)
    assert part.pelleted == pytest.approx(whole.pelleted[chosen], abs=1e-13)


def test_on_a_shared_mesh_a_lane_depends_on_its_neighbours_within_the_accuracy():
    inner, outer, s, D = random_lanes(30)
    alone = lamm.solve_lamm_fractions(inner, outer, s, D, 1.4e7, 4200.0)
    shared = lamm.solve_lamm_profiles(inner, outer, s, D, 1.4e7, 4200.0, output_times=[4200.0])
    assert shared.suspended == pytest.approx(alone.suspended, abs=1e-5)
    assert shared.profiles.shape == (1, 30, shared.mesh.size)


sharp_lanes = st.tuples(
    st.floats(0.01, 0.15),  # inner end, m
    st.floats(-3.0, -1.1),  # log10 chord
    st.floats(2.0, 5.0),  # log10 Peclet number
    st.floats(-13.0, -9.7),  # log10 D
    st.sampled_from([1.0, -1.0]),
    st.floats(-2.0, 0.5),  # log10 travel in chords
)


def sharp_run(lane, sector, absorbing):
    """Profiles of a lane of Peclet number 1e2 to 1e5 at five times."""
    inner, D = lane[0], 10 ** lane[3]
    outer = inner + 10 ** lane[1]
    s = lane[4] * 10 ** lane[2] * D / (1e7 * outer * (outer - inner))
    seconds = 10 ** lane[5] / (abs(s) * 1e7 * outer / (outer - inner))
    times = seconds * np.array([0.01, 0.1, 0.3, 0.6, 1.0])
    return lamm.solve_lamm_profiles(inner, outer, s, D, 1e7, seconds, times, sector=sector, absorbing=absorbing)


def node_weights(run, inner, outer, sector):
    """Weight of each node in the integral of A c over the mesh, exact for the elements."""
    ends = run.mesh[::2]
    r = inner + run.mesh * (outer - inner)
    weight = np.zeros(run.mesh.size)
    h = np.diff(ends) / 6.0
    # c quadratic, A linear: exact weights of ends and middles
    left, right = (r[:-1:2], r[2::2]) if sector else (np.ones(h.size), np.ones(h.size))
    weight[:-1:2] += h * left
    weight[2::2] += h * right
    weight[1::2] = 2.0 * h * (left + right)
    return weight


@given(sharp_lanes, st.booleans(), st.booleans())
@settings(deadline=None, max_examples=100)
def test_profiles_are_never_negative(lane, sector, absorbing):
    run = sharp_run(lane, sector, absorbing)
    assert run.status[0] <= lamm.DIFFUSION_RAISED
    assert run.profiles.min() >= 0.0
    assert lamm.interpolate_profiles(run.mesh, run.profiles, np.linspace(0.0, 1.0, 999)).min() >= 0.0
    plateau = (1.0 + 10 ** lane[1] / lane[0]) ** (1 + sector) if lane[4] < 0.0 else 1.0  # grows in flotation
    assert run.state.min() >= -3e-3 * plateau  # the march itself undershoots behind a sharp front
    weight = node_weights(run, lane[0], lane[0] + 10 ** lane[1], sector)
    held = weight @ run.state[0]
    assert held >= -1e-6 * weight.sum()  # a chord that is cleared may end below zero, which nothing can lift
    assert weight @ run.profiles[-1, 0] == pytest.approx(max(held, 0.0), abs=1e-12 * weight.sum())


def test_an_undershoot_is_lifted_without_making_mass():
    seconds = 0.6 * 2816.0
    times = seconds * np.array([0.02, 0.2, 0.5, 1.0])
    run = lamm.solve_lamm_profiles(0.1325, 0.1384, 2.2e-11, 1.85e-12, 1.16e6, seconds, times)
    assert run.state[0, ::2].min() < -1e-6
    assert run.profiles.min() >= 0.0
    weight = node_weights(run, 0.1325, 0.1384, sector=False)
    assert weight @ run.profiles[-1, 0] == pytest.approx(weight @ run.state[0], abs=1e-13)
    fine = lamm.solve_lamm_profiles(0.1325, 0.1384, 2.2e-11, 1.85e-12, 1.16e6, seconds, times, **FINE)
    x = np.linspace(0.0, 1.0, 500)
    found, expected = (lamm.interpolate_profiles(each.mesh, each.profiles[:, 0], x) for each in (run, fine))
    error = found - expected
    assert np.sqrt(np.mean(error**2)) < 5e-4


def test_interpolation_hides_no_negative_value():
    mesh = np.linspace(0.0, 1.0, 6)
    values = np.array([0.0, 0.0, -1e-3, 0.0, 1.0, 1.0])
    assert lamm.interpolate_profiles(mesh, values, mesh) == pytest.approx(values, abs=1e-15)
    assert lamm.interpolate_profiles(mesh, np.maximum(values, 0.0), np.linspace(0.0, 1.0, 101)).min() == 0.0


@pytest.mark.parametrize("sector", [False, True])
def test_closed_cells_keep_their_load_to_round_off(sector):
    """Long runs at high speed, the stiffest layers: nothing is rescaled, so this is what the march keeps."""
    rng = np.random.default_rng(4)
    for _ in range(6):
        inner, chord = rng.uniform(0.01, 0.15, 8), rng.uniform(0.001, 0.09, 8)
        s, D = 10 ** rng.uniform(-14, -10, 8) * rng.choice([-1, 1], 8), 10 ** rng.uniform(-12.5, -9.7, 8)
        run = lamm.solve_lamm_fractions(inner, inner + chord, s, D, 1.7e7, 12_000.0, sector=sector, absorbing=False)
        assert run.mass_error.max() <= lamm.MASS_TOLERANCE
        assert np.all(run.status <= lamm.DIFFUSION_RAISED)
    stiff = lamm.solve_lamm_fractions(0.1442, 0.16916, 2.06e-11, 1.06e-11, 1.69e7, 11_696.0, absorbing=False)
    assert stiff.mass_error[0] < 2e-11


def test_a_lane_that_does_not_hold_its_load_is_unbalanced(monkeypatch):
    monkeypatch.setattr(lamm, "MASS_TOLERANCE", 0.0)
    assert p2().status[0] == lamm.UNBALANCED


# ---- stages, restarts, limits --------------------------------------------------------------------


def test_splitting_a_stage_changes_nothing():
    once = p2(absorbing=True, sector=False)
    split = p2(absorbing=True, sector=False, omega_squared=[OMEGA2] * 3, duration=[1000.0, 0.0, 6200.0])
    assert split.suspended == pytest.approx(once.suspended, abs=1e-9)


def test_standing_before_the_run_changes_nothing():
    lanes = random_lanes(40)
    spin = lamm.solve_lamm_fractions(*lanes, 1.4e7, 4200.0)
    stood = lamm.solve_lamm_fractions(*lanes, [0.0, 1.4e7], [50_000.0, 4200.0])
    assert np.all(stood.status <= lamm.DIFFUSION_RAISED)
    assert stood.suspended == pytest.approx(spin.suspended, abs=1e-5)


def test_protein_lanes_of_short_chords_keep_the_accuracy():
    rng = np.random.default_rng(11)
    for _ in range(30):
        n = 6
        inner, chord = rng.choice([0.02, 0.05, 0.08], n), 10 ** rng.uniform(-3.0, -1.05, n)
        D, peclet = 10 ** rng.uniform(-12.5, -9.3, n), 10 ** rng.uniform(-2.0, 3.0, n)
        s = rng.choice([-1.0, 1.0], n) * peclet * D / (1e7 * (inner + chord) * chord)
        run = (inner, inner + chord, s, D, [1e6, 1e7], 10 ** rng.uniform(1.0, 4.7, 2))
        coarse = lamm.solve_lamm_fractions(*run)
        fine = lamm.solve_lamm_fractions(*run, front_resolution=0.4, step_resolution=0.7)
        assert np.abs(coarse.suspended - fine.suspended).max() < 1e-5


def test_a_well_mixed_chord_empties_exponentially():
    inner, outer, s, D = 0.07, 0.071, 1e-13, 1e-8
    hours = np.array([0.1, 1.0, 5.0, 20.0]) * 3600.0
    left = [lamm.solve_lamm_fractions(inner, outer, s, D, 1.4e7, t).suspended[0] for t in hours]
    fine = [lamm.solve_lamm_fractions(inner, outer, s, D, 1.4e7, t, **FINE).suspended[0] for t in hours]
    assert left == pytest.approx(fine, abs=1e-6)
    assert left == pytest.approx(np.exp(-s * 1.4e7 * outer / (outer - inner) * hours), abs=2e-3)


def test_a_slow_stage_before_a_fast_one_keeps_the_accuracy():
    lanes = random_lanes(40)
    for omega2 in ([1e5, 1.4e7, 0.0, 3e6], [3e6, 1.4e7, 1e3, 1.4e7]):
        stages = (omega2, [20_000.0, 600.0, 3000.0, 1200.0])
        coarse = lamm.solve_lamm_fractions(*lanes, *stages)
        fine = lamm.solve_lamm_fractions(*lanes, *stages, **FINE)
        assert np.abs(coarse.suspended - fine.suspended).max() < 1e-5


def test_a_ramp_counts_by_its_dose():
    ramp, plateau, stages = 600.0, 3000.0, 20
    edges = np.linspace(0.0, 1.0, stages + 1)
    # the mean of omega^2 over each piece of a linear ramp of omega
    omega2 = OMEGA2 * np.diff(edges**3) / np.diff(edges) / 3.0
    duration = np.full(stages, ramp / stages)
    omega2, duration = np.append(omega2, OMEGA2), np.append(duration, plateau)
    ramped = lamm.solve_lamm_fractions(INNER, OUTER, 1.2e-11, 0.0, omega2, duration)
    flat = lamm.solve_lamm_fractions(INNER, OUTER, 1.2e-11, 0.0, OMEGA2, plateau + ramp / 3.0)
    assert ramped.pelleted == pytest.approx(flat.pelleted, abs=1e-12)


def test_a_restart_from_the_mesh_continues_the_run():
    first = p2(duration=3600.0, output_times=[3600.0], front_resolution=0.4, step_resolution=0.1)
    second = p2(duration=3600.0, initial=(first.mesh, first.state), output_times=[3600.0], step_resolution=0.1)
    whole = p2(output_times=[7200.0], front_resolution=0.4, step_resolution=0.1)
    inside = whole.mesh < 0.9
    assert second.mesh == pytest.approx(whole.mesh, abs=1e-15)
    assert second.state[0, inside] == pytest.approx(whole.state[0, inside], abs=1e-9)
    assert second.suspended == pytest.approx(1.0, abs=1e-10)


def test_restart_accounts_are_fractions_of_the_restarted_load():
    start = p2(absorbing=True, duration=3600.0, output_times=[3600.0], **FINE)
    rest = p2(absorbing=True, duration=3600.0, initial=(start.mesh, start.state), output_times=[3600.0], **FINE)
    whole = p2(absorbing=True, **FINE)
    assert start.suspended * rest.suspended == pytest.approx(whole.suspended, abs=1e-7)


@pytest.mark.parametrize("sector", [False, True])
def test_a_restart_needs_a_content_and_not_only_a_positive_value(sector):
    """A chord that is cleared, with values on both sides of zero: what leaves it is no share of anything."""
    mesh = np.linspace(0.0, 1.0, 5)
    values = np.array([-1.0, -1.0, 0.0, 1.0, 1.0])
    # the elements' content is Simpson's: -(1 + 4)/6 + (4 + 1)/6 = 0 in a tube, above 0 in a sector, where r grows
    options = {"output_times": [10.0], "duration": 10.0, "sector": sector, "absorbing": True}
    if sector:
        assert p2(initial=(mesh, values[None]), **options).status[0] == lamm.OK
        values = values - 0.5
    both = np.stack([np.ones(5), values])
    with pytest.raises(ValueError, match=r"content above 0 in every lane; not in \[1\]"):
        p2(initial=(mesh, both), s=[P2["s"]] * 2, **options)


def test_a_cleared_chord_is_no_start():
    """Its state holds round-off of either sign; below zero, a restart would call the chord pelleted."""
    for seconds in (20_000.0, 40_000.0, 80_000.0):
        run = p2(absorbing=True, duration=seconds, output_times=[seconds])
        assert run.suspended[0] == pytest.approx(0.0, abs=1e-8)
        again = {"absorbing": True, "duration": 10.0, "output_times": [10.0], "initial": (run.mesh, run.state)}
        if run.suspended[0] > 0.0:
            assert 0.0 <= p2(**again).pelleted[0] <= 1.0
        else:
            with pytest.raises(ValueError, match="content above 0"):
                p2(**again)


def test_output_times_at_the_end_are_taken_as_the_end():
    end = 7200.0
    exact, late = (p2(output_times=[3600.0, time]) for time in (end, end * (1 + 5e-10)))
    assert np.array_equal(exact.profiles, late.profiles)
    with pytest.raises(ValueError, match="output_times must increase"):
        p2(output_times=[end * (1 + 2e-10), end * (1 + 5e-10)])


def low_peclet(peclet, chords, **options):
    """A lane of a Peclet number that is carried over some chords."""
    s = peclet * P2["D"] / (OMEGA2 * OUTER * (OUTER - INNER))
    seconds = chords * (OUTER - INNER) / (s * OMEGA2 * OUTER)
    return lamm.solve_lamm_profiles(INNER, OUTER, s, P2["D"], OMEGA2, seconds, [seconds], **options)


@pytest.mark.parametrize("step_resolution", [2.0, 0.5, 0.1])
def test_profiles_of_low_peclet_numbers_take_too_many_steps_beyond_the_stated_travel_alone(step_resolution):
    limit, far = 4e-4 / step_resolution, 7500.0 * step_resolution
    options = {"step_resolution": step_resolution}
    for peclet in (1e-8, 1e-6, 1e-4, 1e-2, 1.0):
        assert low_peclet(peclet, 0.9 * far, **options).status[0] == lamm.OK
    for chords in (10.0 * far, 1e3 * far):
        assert low_peclet(1.5 * limit, chords, **options).status[0] == lamm.OK
    assert low_peclet(0.5 * limit, 1e3 * far, **options).status[0] == lamm.STEP_BUDGET_EXCEEDED
    assert np.isnan(low_peclet(0.5 * limit, 1e3 * far, **options).profiles).all()


def test_profiles_of_very_different_diffusion_take_too_many_steps_together_and_not_alone():
    alike, apart = ({"s": [1e-12, s], "D": [1e-11, D], "duration": 1e5} for s, D in ((1e-15, 1e-15), (1e-18, 1e-19)))
    mixed = 1e-12 * OMEGA2 * OUTER * (OUTER - INNER) / np.array([alike["D"][1], apart["D"][1]])
    assert mixed[0] < 1e9 < mixed[1]
    assert np.all(p2(**alike, output_times=[1e5]).status == lamm.OK)
    assert np.all(p2(**apart, output_times=[1e5]).status == lamm.STEP_BUDGET_EXCEEDED)
    assert np.all(p2(**apart).status == lamm.OK)


@pytest.mark.parametrize("front_resolution", [0.1, 0.05, 0.02])
@pytest.mark.parametrize("absorbing", [False, True])
def test_fine_elements_are_enough_up_to_the_stated_peclet_number(front_resolution, absorbing):
    peclet = 1e6 * front_resolution**2
    s = peclet * P2["D"] / (OMEGA2 * OUTER * (OUTER - INNER))
    options = {"front_resolution": front_resolution, "absorbing": absorbing, "duration": 1.0}
    assert p2(s=s, **options).status[0] == lamm.OK
    assert p2(s=s, output_times=[1.0], **options).status[0] == lamm.OK
    assert p2(s=10.0 * s, **options).status[0] == lamm.STEP_BUDGET_EXCEEDED


@pytest.mark.parametrize("budget", [{"step_resolution": 1e-5}, {"front_resolution": 1e-3}])
@pytest.mark.parametrize("options", [{}, {"output_times": [7200.0]}, {"output_times": [7200.0], "weights": [1.0]}])
def test_too_many_steps_or_elements_are_reported_and_not_taken(budget, options):
    solution = p2(absorbing=True, **budget, **options)
    assert solution.status[0] == lamm.STEP_BUDGET_EXCEEDED
    assert np.isnan(solution.suspended[0])
    if options:
        assert np.isnan(solution.profiles).all()
        assert np.isnan(solution.state).all()


NODES = np.linspace(0.0, 1.0, 5)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"inner": -0.01}, "inner"),
        ({"inner": np.nan}, "inner"),
        ({"inner": 0.072}, "outer must be larger"),
        ({"outer": [[0.07]]}, "outer"),
        ({"outer": np.inf}, "outer"),
        ({"s": np.nan}, "s must"),
        ({"s": [1e-11, 2e-11], "D": [1e-12] * 3}, "one value per lane"),
        ({"D": -1e-12}, "D must"),
        ({"D": np.nan}, "D must"),
        ({"omega_squared": -1.0}, "omega_squared"),
        ({"omega_squared": np.nan}, "omega_squared"),
        ({"omega_squared": [1e6, 1e6]}, "one value per stage"),
        ({"omega_squared": [], "duration": []}, "one value per stage"),
        ({"duration": -1.0}, "duration"),
        ({"duration": np.inf}, "duration"),
        ({"front_resolution": 0.0}, "front_resolution"),
        ({"step_resolution": np.nan}, "step_resolution"),
        ({"output_times": [10.0, 5.0]}, "output_times"),
        ({"output_times": [-1.0]}, "output_times"),
        ({"output_times": [1e9]}, "output_times"),
        ({"output_times": [np.nan]}, "output_times"),
        ({"output_times": [1.0], "weights": [1.0, 2.0]}, "weights"),
        ({"output_times": [1.0], "weights": [-1.0]}, "weights"),
        ({"output_times": [1.0], "inner": [0.06, 0.061], "weights": [1.0, 1.0]}, "different chords"),
        ({"output_times": [1.0], "initial": (NODES[:4], np.ones((1, 4)))}, "odd number of nodes"),
        ({"output_times": [1.0], "initial": (NODES, np.ones((2, 5)))}, "must have shape"),
        ({"output_times": [1.0], "initial": (NODES, np.ones(5))}, "profiles of initial"),
        ({"output_times": [1.0], "initial": (0.5 * NODES, np.ones((1, 5)))}, "from 0 to 1"),
        ({"output_times": [1.0], "initial": (NODES**2, np.ones((1, 5)))}, "middles of elements"),
        ({"output_times": [1.0], "initial": (NODES, np.full((1, 5), np.nan))}, "profiles of initial"),
        ({"output_times": [1.0], "initial": (NODES, np.zeros((1, 5)))}, "content above 0"),
    ],
)
def test_arguments_out_of_range_are_refused_by_name(options, named):
    with pytest.raises(ValueError, match=named):
        p2(**options)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((NODES, np.ones(5), [-0.1]), "x must"),
        ((NODES, np.ones(5), [1.1]), "x must"),
        ((NODES, np.ones(5), [np.nan]), "x must"),
        ((NODES, np.ones(4), [0.5]), "profiles must"),
        ((NODES[:3], np.ones(3), [0.5]), "mesh must"),
        ((NODES[::-1], np.ones(5), [0.5]), "mesh must"),
    ],
)
def test_interpolation_outside_the_mesh_is_refused(arguments, named):
    with pytest.raises(ValueError, match=named):
        lamm.interpolate_profiles(*arguments)


def test_no_lanes_are_no_work():
    assert lamm.solve_lamm_fractions([], [], [], [], 1e6, 10.0).suspended.size == 0
    assert lamm.solve_lamm_profiles([], [], [], [], 1e6, 10.0, [5.0]).profiles.shape[:2] == (1, 0)


def test_weighted_sum_is_the_sum_of_profiles():
    s = np.array([0.8, 1.0, 1.3]) * P2["s"]
    weights = [0.2, 0.5, 0.3]
    times = [0.0, 1000.0, 7200.0]
    each = p2(s=s, output_times=times)
    total = p2(s=s, output_times=times, weights=weights)
    expected = np.einsum("j,tjn->tn", weights, each.profiles)
    assert total.profiles[:, 0] == pytest.approx(expected, rel=1e-12, abs=1e-4)  # lifted before and after the sum
    last = np.einsum("j,jn->n", weights, each.state)
    assert total.profiles[-1, 0, last > 0.01] == pytest.approx(last[last > 0.01], rel=1e-12)


# ---- compiled against plain Python ---------------------------------------------------------------


def plain_python():
    """The same source with compilation switched off."""
    spec = importlib.util.spec_from_file_location("lamm_plain", lamm.__file__)
    module = importlib.util.module_from_spec(spec)
    before = numba.config.DISABLE_JIT
    numba.config.DISABLE_JIT = True
    try:
        spec.loader.exec_module(module)
    finally:
        numba.config.DISABLE_JIT = before
    return module


def test_compiled_code_equals_its_python_source():
    arguments = ([0.06, 0.065], [0.07, 0.069], [1e-13, -3e-13], [4e-11, 2e-11], [1e7, 1.2e7], [60.0, 900.0])
    coarse = {"front_resolution": 1.5, "step_resolution": 3.0, "sector": True}
    plain = plain_python()
    for options in ({}, {"absorbing": False, "output_times": [30.0, 960.0]}):
        solver = "solve_lamm_profiles" if options else "solve_lamm_fractions"
        fast, slow = (getattr(module, solver)(*arguments, **coarse, **options) for module in (lamm, plain))
        for a, b in zip(fast, slow, strict=True):
            assert a == pytest.approx(b, rel=1e-11, abs=1e-13)
