"""The gradient kernel against closed forms, conservation laws and independent solvers."""

import importlib.util

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import erf

from sepsim.techniques.centrifugation.kernels import lamm, lamm_gradient
from sepsim.techniques.centrifugation.kernels.lamm_gradient import (
    GradientParticles,
    GradientSteps,
    TubeMesh,
    solve_gradient,
)

K = 1.380649e-23  # J/K
T = 277.15  # K
OMEGA2 = 1e5 * 9.80665 / 0.11  # 100 000 g at 11 cm
AREA = 1.5e-4  # m2

# A swinging-bucket tube: cylinder and hemisphere, 12 mL
RADIUS, R_MAX, R_MIN = 0.0069, 0.1531, 0.0706


def tube(n):
    """Faces, areas, volumes of the swinging-bucket tube."""
    faces = np.linspace(R_MIN, R_MAX, n + 1)
    height = np.maximum(R_MAX - faces, 0.0)
    round_bottom = height < RADIUS
    areas = np.where(round_bottom, np.pi * (2 * RADIUS * height - height**2), np.pi * RADIUS**2)
    below = np.where(
        round_bottom,
        np.pi * (RADIUS * height**2 - height**3 / 3),
        np.pi * RADIUS**2 * (height - RADIUS) + 2 / 3 * np.pi * RADIUS**3,
    )
    return faces, areas, -np.diff(below)


def particles(s, D):
    """Rigid particles that have s and D in a medium of no density and viscosity 1 mPa s."""
    s, D = np.atleast_1d(s)[:, None], np.atleast_1d(D)[:, None]
    core = K * T / (3 * np.pi * 1e-3 * D)
    return GradientParticles(s * 3 * np.pi * 1e-3 * core, volume=0.0, diameter=core)


def uniform(faces, areas, volumes, s, D, load, *, dose=0.0, duration=0.0, steps=1, **options):
    """Solve with constant coefficients."""
    medium = GradientSteps(np.full(steps, dose / steps), duration / steps, 0.0, 1e-3, node=0.0)
    mesh = TubeMesh(faces, areas, volumes)
    return solve_gradient(mesh, medium, particles(s, D), T, np.atleast_2d(load), **options)


def vesicle(diameter, density):
    """One rigid sphere."""
    volume = np.pi / 6 * diameter**3
    return GradientParticles(density * volume, volume, diameter)


def gradient(faces, density, viscosity, load, hours, steps, particle, **options):
    """Solve in a frozen gradient at 100 000 g in a tube of constant section."""
    dt = hours * 3600.0 / steps
    medium = GradientSteps(np.full(steps, OMEGA2 * dt), dt, density, viscosity, node=0.0)
    return solve_gradient(straight(faces), medium, particle, T, np.atleast_2d(load), **options)


def straight(faces):
    """Mesh of a tube of constant section."""
    return TubeMesh(faces, AREA, np.diff(faces) * AREA)


def middles(faces):
    return 0.5 * (faces[1:] + faces[:-1])


# ---- closed forms --------------------------------------------------------------------------------


def suspended_in_plug_flow(q):
    """Closed form for a cylinder with a hemispherical bottom."""
    z = np.clip(R_MIN / q - (R_MAX - RADIUS), 0.0, RADIUS)
    volume = np.pi * RADIUS**2 * (R_MAX - R_MIN - RADIUS / 3)
    left = (q * (R_MAX - RADIUS) - R_MIN) * (RADIUS**2 - z**2) / 2 + q * (RADIUS**3 - z**3) / 3
    return 2 * np.pi / volume * left


@pytest.mark.parametrize("steps", [1, 7, 100])
@pytest.mark.parametrize("travelled", [0.01, 0.2, 0.5, 0.68])
def test_uniform_medium_is_plug_flow(steps, travelled):
    faces, areas, volumes = tube(400)
    load = volumes / volumes.sum()
    found = uniform(faces, areas, volumes, 1e-11, 1e-13, load, dose=travelled / 1e-11, duration=1e-9, steps=steps)
    assert found.amounts.sum() == pytest.approx(suspended_in_plug_flow(np.exp(-travelled)), abs=1e-12)
    assert found.amounts.sum() + found.pelleted[0] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("travelled", [0.73, 0.745, 0.76, 0.77])
def test_plug_flow_while_the_last_front_is_in_the_round_bottom(travelled):
    """What is left is under 2 % here; remapping widens the front a little, which the curved wall notices."""
    expected = suspended_in_plug_flow(np.exp(-travelled))
    for steps, tolerance in ((1, 1e-5), (60, 1e-4)):
        faces, areas, volumes = tube(400)
        load = volumes / volumes.sum()
        found = uniform(faces, areas, volumes, 1e-11, 1e-13, load, dose=travelled / 1e-11, duration=1e-9, steps=steps)
        assert found.amounts.sum() == pytest.approx(expected, abs=tolerance)


def test_walls_that_let_slide_lose_nothing_before_the_bottom():
    faces, areas, volumes = tube(200)
    load = np.where(np.arange(200) < 50, volumes, 0.0)
    slid, stuck = (
        uniform(faces, areas, volumes, 1e-11, 1e-13, load, dose=0.6 / 1e-11, duration=1e-9, steps=20, walls_catch=catch)
        for catch in (False, True)
    )
    assert slid.pelleted[0] < stuck.pelleted[0]
    assert slid.pelleted[0] == pytest.approx(load[middles(faces) * np.exp(0.6) > R_MAX].sum(), rel=0.1)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_cleared_zone_of_plug_flow_is_empty_and_the_rest_dilutes(sign):
    faces = np.linspace(0.07, 0.15, 401)
    density = np.full(401, 1000.0)
    particle = vesicle(300e-9, 1000.0 + sign * 60.0)
    s = sign * 60.0 * (300e-9) ** 2 / 18 / 1e-3
    hours = 0.15 / (abs(s) * OMEGA2) / 3600
    found = gradient(faces, density, 1e-3, np.diff(faces), hours, 10, particle)
    c = found.amounts[0] / np.diff(faces)
    r = middles(faces)
    moved = sign * 0.15
    front = (0.07 if sign > 0 else 0.15) * np.exp(moved)
    full = sign * (r - front) > 0.002
    inside = full & (r > 0.073)  # off the layer at the meniscus, where floating particles gather
    assert c[inside] == pytest.approx(np.full(inside.sum(), np.exp(-moved)), rel=1e-9)
    assert c[sign * (r - front) < -0.002].max() < 1e-6


@pytest.mark.parametrize("load_at", [0.12, 0.5, 0.88])
@pytest.mark.parametrize("steps", [30, 200])
def test_isopycnic_band_is_the_gaussian_of_equilibrium(load_at, steps):
    faces = np.linspace(0.105, 0.115, 401)
    slope = 2500.0  # kg/m4
    density = 1100.0 + slope * (faces - 0.11)
    particle = vesicle(100e-9, 1100.0)
    sigma = np.sqrt(K * T / (particle.volume * OMEGA2 * 0.11 * slope))
    assert sigma == pytest.approx(55e-6, rel=0.01)  # by hand: 100 nm at 100 000 g
    load = np.zeros(400)
    load[int(load_at * 400)] = 1.0
    found = gradient(faces, density, 2e-3, load, 18.0, steps, particle)
    r, a = middles(faces), found.amounts[0]
    mean = a @ r
    assert mean == pytest.approx(0.11, abs=0.1 * sigma)
    assert np.sqrt(a @ (r - mean) ** 2) == pytest.approx(sigma, rel=0.02)
    expected = 0.5 * np.diff(erf((faces - 0.11) / (np.sqrt(2) * sigma)))
    assert np.abs(a - expected).sum() < 0.02


@pytest.mark.parametrize("time", [600.0, 3600.0, 36_000.0])
def test_a_step_at_rest_spreads_as_an_error_function(time):
    faces = np.linspace(0.07, 0.09, 401)
    D = 2e-11
    load = np.where(middles(faces) < 0.08, 1.0, 0.25) * np.diff(faces) * AREA
    steps = 200
    found = uniform(faces, np.full(401, AREA), np.diff(faces) * AREA, 0.0, D, load, duration=time, steps=steps)
    x = (faces - 0.08) / np.sqrt(4 * D * time)
    integral = x * erf(x) + np.exp(-(x**2)) / np.sqrt(np.pi)
    expected = 0.625 - 0.375 * np.diff(integral) / np.diff(x)
    cells_in_width = np.sqrt(4 * D * time) / 5e-5
    assert found.amounts[0] / load.max() == pytest.approx(expected, abs=0.1 / cells_in_width**2)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("cells", "tolerance"), [(50, 0.04), (100, 0.012)])
def test_closed_tube_reaches_sedimentation_equilibrium(sign, cells, tolerance):
    """Over four decades of concentration, in every cell, with errors of order two."""
    faces = np.linspace(0.07, 0.08, cells + 1)
    s, D, omega2, steps = 2e-13, 6e-11, 4e6, 5000
    core = K * T / (3 * np.pi * 1e-3 * D)
    volume = np.pi / 6 * core**3
    dt = 2 * 0.01**2 / D / steps
    medium = GradientSteps(np.full(steps, omega2 * dt), dt, 1000.0, 1e-3, node=0.0)
    mass = 1000.0 * volume + sign * s * 3 * np.pi * 1e-3 * core
    particle = GradientParticles(mass, volume, core)
    found = solve_gradient(straight(faces), medium, particle, T, np.diff(faces)[None], absorbing=False)
    expected = np.exp(sign * s * omega2 / D * (middles(faces) ** 2 - 0.075**2) / 2)
    expected *= 0.01 / (expected @ np.diff(faces))
    assert expected.max() / expected.min() > 1e4
    assert found.amounts[0] / np.diff(faces) == pytest.approx(expected, rel=tolerance)
    assert found.pelleted[0] == 0.0


def test_states_between_nodes_by_hand():
    """Hand calculation: 100 nm, 30 % of it as water leaves half way between nodes, corona 5 nm, 1150 kg/m3, 3 mPa s."""
    volume = np.pi / 6 * 1e-21
    mass = 1080.0 * volume
    left = 0.7 * volume  # 100 % - 30 %
    heavy = mass - 1000.0 * 0.3 * volume
    diameter = (6 / np.pi * left) ** (1 / 3) + 10e-9
    assert diameter == pytest.approx(98.79e-9, abs=1e-11)
    assert heavy / left == pytest.approx(1114.3, abs=0.1)
    s = (heavy - 1150.0 * left) / (3 * np.pi * 3e-3 * diameter)
    D = K * T / (3 * np.pi * 3e-3 * diameter)
    faces = np.linspace(0.07, 0.13, 1201)
    load = np.zeros(1200)
    load[800] = 1.0
    lost = np.array([0.0, 0.1, 0.5])  # of the volume; the place lies between the second and the third
    sizes = np.interp(lost, [0.0, 0.1, 0.3, 0.5], [110e-9, 105e-9, diameter, 2 * diameter - 105e-9])
    particle = GradientParticles(mass - 1000.0 * lost * volume, volume * (1 - lost), sizes)
    found, still = (
        solve_gradient(straight(faces), GradientSteps(dose, duration, 1150.0, 3e-3, node=1.5), particle, T, load[None])
        for dose, duration in ((0.1 / abs(s), 100.0), (0.0, 1e5))
    )
    r = middles(faces)
    assert found.amounts[0] @ r == pytest.approx(r[800] * np.exp(-0.1), abs=1e-6)  # a fiftieth of a cell
    mean = still.amounts[0] @ r
    assert still.amounts[0] @ (r - mean) ** 2 == pytest.approx(2 * D * 1e5, rel=1e-3)


def test_particles_alike_at_all_nodes_are_rigid():
    faces = np.linspace(0.07, 0.15, 101)
    density = np.interp(faces, [0.07, 0.15], [1000.0, 1200.0])
    load = np.ones(100)
    rigid = gradient(faces, density, 2e-3, load, 1.0, 10, vesicle(1e-7, 1100.0))
    soft = GradientParticles(*(np.array([[each, each, 2 * each]]) for each in vesicle(1e-7, 1100.0)))
    assert gradient(faces, density, 2e-3, load, 1.0, 10, soft).amounts == pytest.approx(rigid.amounts, rel=1e-9)


def test_lighter_floats_to_the_meniscus_and_heavier_pellets():
    faces = np.linspace(0.07, 0.15, 201)
    density = np.interp(faces, [0.07, 0.15], [1050.0, 1150.0])
    light = gradient(faces, density, 2e-3, np.ones(200), 20.0, 60, vesicle(200e-9, 1000.0))
    heavy = gradient(faces, density, 2e-3, np.ones(200), 20.0, 60, vesicle(200e-9, 1250.0))
    assert light.amounts[0, :3].sum() == pytest.approx(200.0, rel=1e-3)
    assert light.pelleted[0] == 0.0
    assert heavy.pelleted[0] == pytest.approx(200.0, rel=1e-6)


def test_a_field_of_no_strength_leaves_a_uniform_load():
    faces, areas, volumes = tube(100)
    found = uniform(faces, areas, volumes, 1e-11, 1e-9, volumes, duration=1e5, steps=5)
    assert found.amounts[0] == pytest.approx(volumes, rel=1e-11)
    assert found.pelleted[0] == 0.0


# ---- independent solvers -------------------------------------------------------------------------


@pytest.mark.parametrize(("s", "D"), [(4.3e-13, 6e-11), (1.9e-12, 2.5e-11), (2e-11, 4e-12)])
def test_pellet_in_a_uniform_medium_equals_the_finite_elements(s, D):
    faces = np.linspace(0.07, 0.10, 401)
    expected = lamm.solve_lamm_fractions(0.07, 0.10, s, D, OMEGA2, 20_000.0)
    load = np.diff(faces) / 0.03
    found = uniform(
        faces, np.full(401, AREA), np.diff(faces) * AREA, s, D, load, dose=OMEGA2 * 20_000, duration=20_000.0, steps=100
    )
    assert expected.pelleted[0] > 0.05
    assert found.pelleted[0] == pytest.approx(expected.pelleted[0], abs=1e-3)


def band_problem(n, steps):
    """A band that moves from thin to thick medium, without reaching its density; amounts on 50 fractions."""
    faces = np.linspace(0.07, 0.11, n + 1)
    density = 1000.0 + 150.0 * ((faces - 0.07) / 0.04) ** 2
    viscosity = 1e-3 * np.exp(50.0 * (faces - 0.07))
    start = 0.5 * np.diff(erf((faces - 0.078) / (np.sqrt(2) * 0.0015)))
    found = gradient(faces, density, viscosity, start, 1.0, steps, vesicle(30e-9, 1180.0))
    return found.amounts[0].reshape(50, -1).sum(axis=1)


@pytest.fixture(scope="module")
def band_reference():
    """The same by the method of lines: central finite volumes of order two, Richardson-extrapolated."""

    def lines(n):
        faces = np.linspace(0.07, 0.11, n + 1)
        h = 0.04 / n
        x = (faces - 0.07) / 0.04
        drag = 3 * np.pi * 1e-3 * np.exp(50.0 * (faces - 0.07)) * 30e-9
        volume = np.pi / 6 * (30e-9) ** 3
        v = (1180.0 - 1000.0 - 150.0 * x**2) * volume / drag * OMEGA2 * faces
        D = K * T / drag

        def rate(_, c):
            flux = np.zeros(n + 1)
            flux[1:-1] = 0.5 * v[1:-1] * (c[1:] + c[:-1]) - D[1:-1] * np.diff(c) / h
            flux[-1] = v[-1] * c[-1]
            return -np.diff(flux) / h

        c = 0.5 * np.diff(erf((faces - 0.078) / (np.sqrt(2) * 0.0015))) / h
        done = solve_ivp(rate, (0.0, 3600.0), c, method="LSODA", rtol=1e-9, atol=1e-9, lband=1, uband=1)
        return (done.y[:, -1] * h).reshape(50, -1).sum(axis=1)

    return (4 * lines(1600) - lines(800)) / 3


def error_of_band(n, steps, reference):
    return np.abs(band_problem(n, steps) - reference).sum()


def test_moving_band_equals_the_method_of_lines(band_reference):
    assert error_of_band(400, 20, band_reference) < 5e-5


def test_error_falls_with_the_square_of_the_steps(band_reference):
    """The band moves by three of its widths, in one step, two and four."""
    errors = np.array([error_of_band(800, steps, band_reference) for steps in (1, 2, 4)])
    assert np.all(np.log2(errors[:-1] / errors[1:]) > 1.8)


def test_error_falls_with_the_third_power_of_the_cells_at_least(band_reference):
    errors = np.array([error_of_band(n, 100, band_reference) for n in (50, 100, 200)])
    assert np.all(np.log2(errors[:-1] / errors[1:]) > 2.8)


# ---- conservation, positivity, lanes -------------------------------------------------------------


def wild(seed, n_cells, n_steps, n_lanes):
    """Arguments by name, not yet grouped, of particles of all kinds in a rough background."""
    rng = np.random.default_rng(seed)
    faces = 0.05 + np.cumsum(rng.uniform(1e-6, 1e-3, n_cells + 1))
    areas = rng.uniform(0.0, 1e-4, n_cells + 1)
    volumes = 0.5 * (areas[1:] + areas[:-1]) * np.diff(faces) * rng.uniform(0.9, 1.1, n_cells) + 1e-15
    shape = (n_steps, n_cells + 1)
    volume = np.pi / 6 * (10.0 ** rng.uniform(-8.5, -6.0, (n_lanes, 1))) ** 3
    lost = volume * rng.choice([0.0, 0.5, 0.9], (n_lanes, 1)) * np.sort(rng.random(5))
    amounts = np.where(rng.random((n_lanes, n_cells)) < 0.5, 0.0, 10.0 ** rng.uniform(-6, 6, (n_lanes, n_cells)))
    return {
        "faces": faces, "areas": areas, "volumes": volumes,
        "dose": 10.0 ** rng.uniform(5, 11, n_steps) * (rng.random(n_steps) < 0.9),
        "duration": 10.0 ** rng.uniform(0, 5, n_steps),
        "density": rng.choice([1000.0, 1100.0, rng.uniform(900.0, 1400.0)], shape) + rng.normal(0.0, 20.0, shape),
        "viscosity": 10.0 ** rng.uniform(-3.5, -1.0, shape), "node": rng.uniform(0.0, 4.0, shape),
        "mass": volume * rng.uniform(1000.0, 1300.0, (n_lanes, 1)) - 1000.0 * lost, "volume": volume - lost,
        "diameter": np.cbrt(6 / np.pi * (volume - lost)) + rng.choice([0.0, 1e-8], (n_lanes, 1)),
        "temperature": T, "amounts": amounts,
    }  # fmt: skip


def solve(arguments, kernel=lamm_gradient, **options):
    """Group arguments, and solve."""
    mesh, steps, particles = (
        group(*(arguments[name] for name in group._fields)) for group in (TubeMesh, GradientSteps, GradientParticles)
    )
    return kernel.solve_gradient(mesh, steps, particles, arguments["temperature"], arguments["amounts"], **options)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1), st.integers(4, 60), st.integers(1, 12), st.integers(1, 5), st.booleans(), st.booleans()
)
def test_nothing_is_lost_and_nothing_is_negative(seed, n_cells, n_steps, n_lanes, absorbing, walls_catch):
    arguments = wild(seed, n_cells, n_steps, n_lanes)
    found = solve(arguments, absorbing=absorbing, walls_catch=walls_catch)
    load = arguments["amounts"].sum(axis=1)
    assert np.all(found.amounts >= 0.0)
    assert np.all(found.pelleted >= 0.0)
    assert found.amounts.sum(axis=1) + found.pelleted == pytest.approx(load, rel=1e-10)
    assert np.all(found.status == lamm_gradient.OK)
    if not absorbing:
        assert np.all(found.pelleted == 0.0)


LANES_OF = (*GradientParticles._fields, "amounts")


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_lanes_do_not_feel_one_another(seed, n_lanes):
    arguments = wild(seed, 30, 4, n_lanes)
    together = solve(arguments)
    order = np.random.default_rng(seed).permutation(n_lanes)
    permuted = solve(arguments | {name: arguments[name][order] for name in LANES_OF})
    assert np.array_equal(permuted.amounts, together.amounts[order])
    assert np.array_equal(permuted.pelleted, together.pelleted[order])
    alone = solve(arguments | {name: arguments[name][:1] for name in LANES_OF})
    assert np.array_equal(alone.amounts[0], together.amounts[0])


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 0.25, 2.0**-10]))
def test_a_class_split_in_two_behaves_as_its_whole(seed, part):
    """The limiter is not linear, but it has no scale."""
    arguments = wild(seed, 30, 4, 3)
    whole = solve(arguments)
    split = solve(arguments | {"amounts": arguments["amounts"] * part})
    assert np.array_equal(split.amounts, whole.amounts * part)


def test_recorded_steps_are_those_of_a_shorter_spin():
    arguments = wild(3, 40, 9, 4)
    found = solve(arguments, record=[2, 8])
    shorter = solve(arguments | {name: arguments[name][:3] for name in GradientSteps._fields})
    assert np.array_equal(found.history[0], shorter.amounts)
    assert np.array_equal(found.pelleted_history[0], shorter.pelleted)
    assert np.array_equal(found.history[1], found.amounts)
    assert np.array_equal(found.pelleted_history[1], found.pelleted)


# ---- bad input, plain Python ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("faces", [0.1, 0.2, 0.2, 0.3, 0.4]),
        ("faces", [0.1, 0.2, 0.3]),
        ("areas", -1.0),
        ("volumes", 0.0),
        ("dose", [np.nan, 1.0]),
        ("dose", [-1.0, 1.0]),
        ("duration", np.inf),
        ("density", np.nan),
        ("viscosity", 0.0),
        ("node", np.full((2, 9), 4.5)),
        ("node", np.ones((3, 9))),
        ("node", -1.0),
        ("mass", np.nan),
        ("volume", -1.0),
        ("diameter", 0.0),
        ("temperature", -1.0),
        ("amounts", [[-1.0] * 8]),
        ("amounts", [[1.0] * 7]),
        ("record", [2]),
        ("record", [0, 0]),
    ],
)
def test_bad_input_is_named(name, value):
    arguments = wild(1, 8, 2, 1)
    options = {"record": value} if name == "record" else {}
    with pytest.raises(ValueError, match=name):
        solve(arguments | {name: value}, **options)


def test_no_lanes_and_no_steps():
    arguments = wild(1, 8, 2, 1)
    none = {name: arguments[name][:0] for name in LANES_OF}
    assert solve(arguments | none).amounts.shape == (0, 8)
    still = {name: arguments[name][:0] for name in GradientSteps._fields}
    assert np.array_equal(solve(arguments | still).amounts, arguments["amounts"])


def test_plain_python_agrees():
    spec = importlib.util.spec_from_file_location("lamm_gradient_plain", lamm_gradient.__file__)
    plain = importlib.util.module_from_spec(spec)
    numba.config.DISABLE_JIT = True
    try:
        spec.loader.exec_module(plain)
    finally:
        numba.config.DISABLE_JIT = False
    assert not hasattr(plain._solve, "py_func")
    for seed, options in ((1, {}), (2, {"absorbing": False}), (3, {"walls_catch": False})):
        arguments = wild(seed, 12, 3, 3)
        fast, slow = solve(arguments, **options), solve(arguments, plain, **options)
        load = arguments["amounts"].sum()
        assert slow.amounts == pytest.approx(fast.amounts, rel=1e-9, abs=1e-12 * load)
        assert slow.pelleted == pytest.approx(fast.pelleted, rel=1e-9, abs=1e-12 * load)
