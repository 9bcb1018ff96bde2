"""Capture on a wall: limits of transport and of reaction, Langmuir's laws, conservation, and SciPy beside it."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import erfcx

from sepsim.kernels import wall_capture
from sepsim.kernels.graetz import slit_capture
from sepsim.kernels.wall_capture import OK, WallSpecies, solve_wall_film, solve_wall_slit, solve_wall_well

DIFFUSIVITY = 4.907e-12  # m2/s, of 100 nm in water at 25 degC
HEIGHT, VELOCITY = 100e-6, 1e-4


def species(concentration=1e15, adsorption=1.0, desorption=0.0, footprint=0.0, diffusivity=DIFFUSIVITY):
    arrays = np.broadcast_arrays(*map(np.atleast_1d, (concentration, diffusivity, adsorption, desorption, footprint)))
    return WallSpecies(*(np.ascontiguousarray(each, dtype=float) for each in arrays))


def caught(zeta, kind, **resolution):
    """Return the share of what enters a slit that its wall takes."""
    length = zeta * VELOCITY * HEIGHT**2 / DIFFUSIVITY
    found = solve_wall_slit(HEIGHT, length, VELOCITY, 10.0, kind, **resolution)
    return 1.0 - found.outlet[-1, 0] / kind.concentration[0]


# ---- limits ----------------------------------------------------------------------------------------------------


def test_a_wall_that_keeps_all_takes_what_diffusion_brings():
    """Cottrell: 2 c sqrt(D t/pi) while the layer is thin against the depth."""
    found = solve_wall_well(3e-3, 7200.0, species())
    expected = 2e15 * np.sqrt(DIFFUSIVITY * found.time / np.pi)
    assert found.bound[20:, 0] == pytest.approx(expected[20:], rel=0.03)
    assert found.bound[-1, 0] == pytest.approx(expected[-1], rel=2e-3)


@pytest.mark.parametrize("adsorption", [3e-9, 1e-8, 1e-7, 1e-6])
def test_a_rate_at_the_wall_stands_in_series_with_diffusion(adsorption):
    """Crank 1975, eq. 3.35-3.37: (c/h) (exp(h2 D t) erfc(h sqrt(D t)) - 1 + 2 h sqrt(D t/pi)), h = k/D."""
    duration = 3600.0
    reduced = adsorption * math.sqrt(duration / DIFFUSIVITY)
    expected = 1e15 * DIFFUSIVITY / adsorption * (erfcx(reduced) - 1 + 2 * reduced / math.sqrt(math.pi))
    found = solve_wall_well(3e-3, duration, species(adsorption=adsorption))
    assert found.bound[-1, 0] == pytest.approx(expected, rel=3e-3)


@pytest.mark.parametrize(
    ("zeta", "share"), [(0.001, 0.01447), (0.01, 0.06596), (0.1, 0.29192), (0.2, 0.44866), (1.0, 0.92119)]
)
def test_a_slit_catches_what_graetz_and_leveque_say(zeta, share):
    """Spectral solution, computed independently; 1.46741 zeta^(2/3) - 0.2 zeta at 0.001 within 5e-4."""
    assert caught(zeta, species()) == pytest.approx(share, rel=4e-3)


@pytest.mark.parametrize("damkohler", [0.1, 1.0, 10.0, 100.0, math.inf])
@pytest.mark.parametrize("zeta", [0.01, 0.1, 1.0])
def test_a_slit_catches_what_the_series_says_at_any_speed_of_the_wall(zeta, damkohler):
    kind = species(adsorption=min(damkohler, 1e9) * DIFFUSIVITY / HEIGHT)
    assert caught(zeta, kind, cells=60, sections=200, steps=2) == pytest.approx(
        float(slit_capture(zeta, damkohler)), rel=4e-3
    )


@pytest.mark.parametrize("zeta", [0.1, 1.0, 10.0])
def test_a_slow_wall_sees_the_mean_concentration(zeta):
    """Da = k h/D << 1: 1 - exp(-zeta Da), to first order in Da."""
    damkohler = 0.01
    slow = species(adsorption=damkohler * DIFFUSIVITY / HEIGHT)
    assert caught(zeta, slow) == pytest.approx(-math.expm1(-zeta * damkohler), rel=5e-3)


@pytest.mark.parametrize("desorption", [0.0, 1e-4, 1e-3])
def test_without_a_limit_by_the_liquid_the_wall_fills_exponentially(desorption):
    """Langmuir: G = G_max K c/(1 + K c) (1 - exp(-(k a c + d) t)), K = k a/d."""
    footprint, adsorption, concentration = 1e-14, 1e-6, 1e15
    stirred = species(concentration, adsorption, desorption, footprint, diffusivity=1.0)
    found = solve_wall_well(10.0, 3600.0, stirred, 20, 800)
    rate = adsorption * footprint * concentration + desorption
    level = adsorption * concentration / rate
    expected = -level * np.expm1(-rate * found.time)
    assert found.bound[-1, 0] == pytest.approx(expected[-1], rel=1e-3)
    assert np.abs(found.bound[:, 0] - expected).max() < 2e-3 * level


@given(st.floats(1e13, 1e17), st.floats(1e-8, 1e-4), st.floats(1e-4, 1e-2))
@settings(max_examples=30, deadline=None)
def test_in_the_end_langmuirs_isotherm_holds_with_what_is_left(concentration, adsorption, desorption):
    footprint = 1e-14
    found = solve_wall_well(1e-4, 1e6, species(concentration, adsorption, desorption, footprint))
    left = found.liquid[0, 0]
    loading = adsorption * footprint * left / desorption
    assert footprint * found.bound[-1, 0] == pytest.approx(loading / (1 + loading), rel=1e-6)
    assert found.liquid[:, 0] == pytest.approx(left, rel=1e-6)


def test_a_slit_that_is_fed_long_enough_is_in_equilibrium_all_along():
    loading = 3.0
    kind = species(1e15, 1e-6, 1e-6 * 1e-14 * 1e15 / loading, 1e-14)
    found = solve_wall_slit(HEIGHT, 0.02, VELOCITY, 1e9, kind)
    assert 1e-14 * found.along[:, 0] == pytest.approx(loading / (1 + loading), rel=1e-6)
    assert found.outlet[-1, 0] == pytest.approx(1e15, rel=1e-9)


def test_a_wall_that_fills_lets_the_front_move_down_the_slit():
    found = solve_wall_slit(HEIGHT, 0.02, VELOCITY, 3600.0, species(1e16, 1e-4, 0.0, 1e-14))
    assert np.all(np.diff(found.along[:, 0]) < 1e-9 * found.along[0, 0])
    assert 1e-14 * found.along[0, 0] > 0.95
    assert np.all(np.diff(found.outlet[:, 0]) > -1e-9 * 1e16)


# ---- independent integration -----------------------------------------------------------------------------------


def by_scipy(depth, duration, kind, cells=400):
    """Return what is bound of each species in the end: lines on even cells of the root of y, a stiff integrator."""
    faces = depth * np.linspace(0.0, 1.0, cells + 1) ** 2
    widths, middles = np.diff(faces), 0.5 * (faces[1:] + faces[:-1])
    gaps, lanes = np.diff(middles), kind.concentration.size

    def rates(_, state):
        liquid, bound = state[lanes:].reshape(cells, lanes), state[:lanes]
        free = 1.0 - kind.footprint @ bound
        speed = 1.0 / (1.0 / (kind.adsorption * max(free, 1e-300)) + middles[0] / kind.diffusivity)
        back = kind.desorption * bound * (1.0 - speed * middles[0] / kind.diffusivity)
        flux = speed * liquid[0] - back
        between = kind.diffusivity * np.diff(liquid, axis=0) / gaps[:, None]
        change = np.empty_like(liquid)
        change[0] = (between[0] - flux) / widths[0]
        change[1:-1] = np.diff(between, axis=0) / widths[1:-1, None]
        change[-1] = -between[-1] / widths[-1]
        return np.concatenate([flux, change.ravel()])

    start = np.concatenate([np.zeros(lanes), np.tile(kind.concentration, cells)])
    found = solve_ivp(
        rates, (0.0, duration), start, method="LSODA", rtol=1e-7, atol=1e-3, lband=2 * lanes, uband=2 * lanes
    )
    return found.y[:lanes, -1]


def test_two_species_that_compete_are_bound_as_scipy_integrates_them():
    kind = species([2e17, 5e16], [2e-6, 2e-5], [3e-4, 1e-5], [1.4e-14, 3e-14], [9e-12, 3e-12])
    expected = by_scipy(3e-4, 7200.0, kind)
    assert 0.3 < kind.footprint @ expected < 1.0
    found = solve_wall_well(3e-4, 7200.0, kind, 120, 800)
    assert found.bound[-1] == pytest.approx(expected, rel=3e-3)


@pytest.mark.parametrize("damkohler", [0.1, 1.0, 10.0, math.inf])
@pytest.mark.parametrize("zeta", [0.005, 0.05, 0.5])
def test_two_walls_catch_what_the_series_says(zeta, damkohler):
    speed = 1.0 if math.isinf(damkohler) else damkohler * DIFFUSIVITY / HEIGHT
    found = caught(zeta, species(adsorption=speed), walls=2, sections=200)
    assert found == pytest.approx(float(slit_capture(zeta, damkohler, walls=2)), rel=4e-3)


FILM = np.linspace(0.0, 0.02, 401)


def through_film(kind, transfer, duration=10.0):
    return solve_wall_film(0.5 * HEIGHT, FILM, VELOCITY, duration, kind, np.full((FILM.size - 1, 1), transfer))


@pytest.mark.parametrize("speed", [1e-8, 2e-7, 1e-3])
def test_a_film_and_the_reaction_behind_it_are_in_series(speed):
    """1 - exp(-N), N = L/(U depth) (1/m + 1/k)^-1: plug flow along a wall behind a film."""
    transfer = 2e-7
    units = FILM[-1] / (VELOCITY * 0.5 * HEIGHT) / (1 / transfer + 1 / speed)
    found = through_film(species(adsorption=speed), transfer)
    assert 1 - found.outlet[-1, 0] / 1e15 == pytest.approx(-math.expm1(-units), rel=3e-3)


def test_a_wall_behind_a_film_comes_to_the_isotherm():
    """Langmuir: G a = K c/(1 + K c) once it takes up no more, whatever the film."""
    kind = species(1e15, 1e-5, 1e-3, 1e-14)
    covered = 1e-5 * 1e15 * 1e-14 / 1e-3
    found = through_film(kind, 2e-7, 3e7)
    assert found.along[:, 0] * 1e-14 == pytest.approx(covered / (1 + covered), rel=1e-3)


# ---- properties ------------------------------------------------------------------------------------------------

MANY = st.tuples(
    st.lists(st.just(0.0) | st.floats(1e6, 1e18), min_size=3, max_size=3),
    st.lists(st.floats(0.0, 1e-2), min_size=3, max_size=3),
    st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
    st.lists(st.floats(0.0, 1e-12), min_size=3, max_size=3),
    st.lists(st.floats(1e-13, 1e-10), min_size=3, max_size=3),
)


@given(MANY)
@settings(max_examples=50, deadline=None)
def test_numbers_are_kept_none_is_negative_and_the_wall_never_overflows(kind):
    arrays = species(*kind)
    well = solve_wall_well(1e-3, 3600.0, arrays, 40, 40)
    slit = solve_wall_slit(HEIGHT, 0.02, VELOCITY, 3600.0, arrays, 20, 20, 20, 2)
    place = np.linspace(0.0, 0.02, 21)
    film = solve_wall_film(HEIGHT, place, VELOCITY, 3600.0, arrays, np.full((20, 3), 1e-6), 20)
    for found, everywhere in ((well, well.bound), (slit, slit.along), (film, film.along)):
        assert found.status == OK
        assert found.mass_error < 1e-11
        assert everywhere.min() >= -1e-9 * max(everywhere.max(), 1.0)
        assert (everywhere @ arrays.footprint).max() <= 1 + 1e-9
    assert well.liquid.min() >= -1e-9 * max(well.liquid.max(), 1.0)


def test_the_order_of_species_does_not_matter():
    kind = species([2e16, 5e15, 1e15], [2e-6, 2e-5, 0.0], [3e-4, 1e-5, 0.0], [1.4e-14, 3e-14, 1e-14])
    turned = WallSpecies(*(each[::-1].copy() for each in kind))
    one, other = solve_wall_well(3e-4, 7200.0, kind), solve_wall_well(3e-4, 7200.0, turned)
    assert one.bound[-1] == pytest.approx(other.bound[-1, ::-1], rel=1e-12)
    assert one.bound[-1, 2] == 0


def test_an_abundant_species_takes_the_place_of_a_rare_one():
    rare = ([1e13], [1e-5], [0.0], [1.4e-14])
    crowd = ([1e13, 1e18], [1e-5, 1e-5], [0.0, 0.0], [1.4e-14, 1.4e-14])
    alone, crowded = (solve_wall_well(1e-3, 7200.0, species(*each)) for each in (rare, crowd))
    assert crowded.bound[-1, 0] < 0.4 * alone.bound[-1, 0]


@pytest.mark.parametrize("coarse", [50, 100, 200])
def test_the_error_falls_with_the_number_of_steps(coarse):
    kind = species([2e16, 5e15], [2e-6, 2e-5], [3e-4, 1e-5], [1.4e-14, 3e-14], [9e-12, 3e-12])
    first, second, third = (
        solve_wall_well(3e-4, 7200.0, kind, 60, steps).bound[-1] for steps in (coarse, 2 * coarse, 4 * coarse)
    )
    assert (first - second) / (second - third) == pytest.approx([2.0, 2.0], rel=0.15)


PAIR = species([2e16, 5e15], [2e-6, 2e-5], [3e-4, 1e-5], [1.4e-14, 3e-14])


@pytest.mark.parametrize(
    ("solve", "place"),
    [
        (solve_wall_well, (3e-4, 7200.0, PAIR, 12, 10)),
        (solve_wall_slit, (1e-4, 0.02, 1e-4, 3600.0, PAIR, 10, 8, 6)),
        (solve_wall_film, (1e-4, np.linspace(0, 0.02, 9), 1e-4, 3600.0, PAIR, np.full((8, 2), 1e-6), 6)),
    ],
)
def test_compiled_and_plain_python_agree(solve, place, monkeypatch):
    found = solve(*place)
    for name, value in inspect.getmembers(wall_capture, lambda each: hasattr(each, "py_func")):
        monkeypatch.setattr(wall_capture, name, value.py_func)
    for compiled, plain in zip(found, solve.py_func(*place), strict=True):
        assert compiled == pytest.approx(plain, rel=1e-12, abs=1e-12)
