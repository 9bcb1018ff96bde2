"""Brownian dynamics: laws of diffusion, closed forms, generators of random numbers, and other kernels beside it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sepsim.kernels import langevin
from sepsim.kernels.brownian_walk import estimate, walk
from sepsim.kernels.drift_fields import (
    centrifugal_field,
    custom_field,
    exponential_field,
    polynomial_field,
    post_array_field,
    rectangle_flow,
    slit_flow,
    standing_wave,
    streaming_rolls,
    superpose,
    uniform_field,
)
from sepsim.kernels.graetz import slit_capture
from sepsim.kernels.langevin import Walkers, Walls, solve_langevin
from sepsim.kernels.post_array import post_flow
from sepsim.techniques.centrifugation.kernels.lamm import solve_lamm_fractions

FREE = Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros(6))
STILL = uniform_field((0, 0, 0))


def walkers(position, diffusivity=1.0, radius=0.0):
    position = np.array(position, dtype=float)
    n = position.shape[1]
    return Walkers(position, np.full(n, diffusivity), np.full(n, radius))


def at(n, *place):
    return np.repeat(np.array(place, dtype=float)[:, None], n, axis=1)


def slit(axis=2, low=0.0, high=1.0, uptake=(0.0, 0.0)):
    lows, highs, speeds = np.full(3, -np.inf), np.full(3, np.inf), np.zeros(6)
    lows[axis], highs[axis], speeds[2 * axis : 2 * axis + 2] = low, high, uptake
    return Walls(lows, highs, speeds)


def flow_weighted(n):
    """Return heights at which particles enter a slit: 6 y (1 - y) has the distribution 3 y^2 - 2 y^3."""
    grid = np.linspace(0, 1, 4001)
    return np.interp((np.arange(n) + 0.5) / n, 3 * grid**2 - 2 * grid**3, grid)


# ---- random numbers --------------------------------------------------------------------------------------------


def philox(counter, key, rounds=7):
    """Return Philox4x32 in plain integers (Salmon et al. 2011)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(rounds):
        p, q = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (q >> 32) ^ c1 ^ k0, q & 0xFFFFFFFF, (p >> 32) ^ c3 ^ k1, p & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


ONES, PI = (0xFFFFFFFF,) * 4, (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)


@pytest.mark.parametrize(
    ("rounds", "counter", "key", "known"),
    [
        (10, (0,) * 4, (0,) * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        (10, ONES, ONES[:2], "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (10, PI, (0xA4093822, 0x299F31D0), "d16cfe09 94fdcceb 5001e420 24126ea1"),
        (7, (0,) * 4, (0,) * 2, "5f6fb709 0d893f64 4f121f81 4f730a48"),
        (7, ONES, ONES[:2], "5207ddc2 45165e59 4d8ee751 8c52f662"),
        (7, PI, (0xA4093822, 0x299F31D0), "4dfccaba 190a87f0 c47362ba b6b5242a"),
    ],
)
def test_the_generator_in_plain_integers_gives_the_known_answers(rounds, counter, key, known):
    """The file kat_vectors of Random123."""
    assert " ".join(f"{word:08x}" for word in philox(counter, key, rounds)) == known


def drawn(first, axis, group, stream, seed):
    key0, key1 = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    begun = np.zeros((2, 3, 3, langevin._W), dtype=np.uint32)
    bits = np.zeros((4, langevin._W), dtype=np.uint32)
    langevin._begin_draws(first, axis, stream, key0, key1, begun)
    langevin._draw(begun, group, axis, stream, key0, key1, bits)
    return bits


@pytest.mark.parametrize(
    ("first", "axis", "group", "stream", "seed"),
    [(0, 0, 0, 0, 0), (2**32 - 64, 2, 2**32 - 1, 1, 2**63 - 1), (12345, 2, 678, 1, 0xA4093822299F31D0)],
)
def test_lanes_draw_what_philox_gives_for_step_axis_and_particle(first, axis, group, stream, seed):
    bits = drawn(first, axis, group, stream, seed)
    for lane in range(0, langevin._W, 7):
        counter = (group, axis, first + lane, stream)
        assert tuple(bits[:, lane].tolist()) == philox(counter, (seed & 0xFFFFFFFF, seed >> 32))


def test_the_noise_is_normal():
    """Moments within four standard errors, and Kolmogorov and Smirnov's distance at 1 %."""
    n = 400_000
    noise = walk(walkers(np.zeros((3, n)), 0.5), [STILL], [0.0], FREE, 1.0, 2, 11, axes=(0,), frames=2).walked
    first, both = noise.paths[0, 0], noise.paths[1, 0]
    for sample in (first, both - first):
        assert abs(sample.mean()) < 4 / math.sqrt(n)
        assert sample.var() == pytest.approx(1.0, abs=4 * math.sqrt(2 / n))
        assert stats.kurtosis(sample, fisher=False) == pytest.approx(3.0, abs=4 * math.sqrt(24 / n))
        assert stats.kstest(sample, "norm").pvalue > 0.01
        assert (np.abs(sample) > 3).mean() == pytest.approx(2 * stats.norm.sf(3), abs=4 * math.sqrt(0.0027 / n))
    assert abs(np.corrcoef(first, both - first)[0, 1]) < 4 / math.sqrt(n)


def test_the_normal_numbers_are_box_and_mullers():
    bits = drawn(0, 0, 5, 0, 3)
    bits[0, :3] = (0, 0xFFFFFFFF, 0x80000000)
    normals = np.zeros((3, 4, langevin._W), dtype=np.float32)
    langevin._normal(0, bits, normals)
    radius = np.sqrt(-2 * np.log(np.minimum((bits[::2] + 0.5) / 2**32, 1.0)))
    assert np.hypot(normals[0, ::2], normals[0, 1::2]) == pytest.approx(radius, abs=5e-4)
    assert normals[0, 0, 1] == normals[0, 1, 1] == 0.0  # u = 1 after rounding
    assert np.hypot(*normals[0, :2, 0]) == pytest.approx(math.sqrt(66 * math.log(2)), rel=1e-5)  # 6.76: the tail ends


# ---- lanes, slices, threads ------------------------------------------------------------------------------------


def busy(n):
    rng = np.random.default_rng(4)
    kind = Walkers(rng.uniform(0.2, 0.8, (3, n)), rng.uniform(0.5, 2.0, n), rng.uniform(0.0, 0.1, n))
    box = Walls(np.zeros(3), np.ones(3), np.where(np.arange(n) % 3 == 0, np.array([[0, 0, 2, np.inf, 0, 0]]).T, 0.0))
    return kind, box


def test_threads_slices_and_neighbours_leave_a_particle_its_path():
    n = 1000
    kind, box = busy(n)
    fields, strength = [slit_flow(1.0), uniform_field((0, 1, 1))], np.ones((2, n))
    whole = walk(kind, fields, strength, box, 1e-3, 22, 9).walked
    two = walk(kind, fields, strength, box, 1e-3, 22, 9, threads=2).walked
    assert all(np.array_equal(a, b) for a, b in zip(whole[:3], two[:3], strict=True))
    for begin, end in ((0, 1), (37, 200), (999, 1000), (64, 192)):
        some = Walkers(*(each[..., begin:end] for each in kind))
        inside = box._replace(uptake=box.uptake[:, begin:end])
        part = walk(some, fields, strength[:, begin:end], inside, 1e-3, 22, 9, first=begin).walked
        assert all(np.array_equal(a[..., begin:end], b) for a, b in zip(whole[:3], part[:3], strict=True))


def test_steps_one_by_one_and_by_groups_are_the_same():
    """Frames that cut the groups of four make the kernel go one by one."""
    kind = walkers(at(100, 0.5, 0.5, 0.5))
    fields, strength, box = superpose(uniform_field((0, 0, -1))), np.ones((1, 100)), slit()
    box = box._replace(uptake=np.zeros((6, 100)))
    groups, single = (
        solve_langevin(kind, fields, strength, box, 1e-3, 24, 1, np.arange(3), frames=frames) for frames in (0, 12)
    )
    assert np.array_equal(groups.position, single.position)
    assert np.array_equal(single.paths[-1], single.position)


def test_an_axis_does_not_depend_on_which_others_move():
    kind = walkers(np.zeros((3, 100)))
    three = walk(kind, [STILL], [0.0], FREE, 1.0, 6, 1).walked.position
    one = walk(kind, [STILL], [0.0], FREE, 1.0, 6, 1, axes=(1,)).walked.position
    assert np.array_equal(one[1], three[1])
    assert not one[[0, 2]].any()


def every_field():
    flow = post_flow(1.0, 0.3, 0.1)
    return [
        slit_flow(1.0), standing_wave(3.0, 0.5), rectangle_flow(1.0, 1.0), streaming_rolls(3.0, 0.5, 0.0, 1.0),
        polynomial_field(1, 0.0, 1.0, [0.0, -1.0]), exponential_field(2, 0.0, 0.2), uniform_field((0, 1, 1)),
        centrifugal_field(1.0, 0.1, sector=True), post_array_field(*flow[:4]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("noise", "merge", "within"),
    [(False, 1, 1e-12), (True, 1, 2e-7), (True, 2, 2e-7)],  # noise is single precision
)
def test_the_source_in_plain_python_gives_the_same(noise, merge, within, monkeypatch):
    kind, box = busy(3)
    fields = superpose(*every_field())
    strength = np.full((len(fields), 3), 0.3)
    arguments = (kind, fields, strength, box, 1e-3, 6, 1, np.arange(3), 0, noise, merge)
    compiled = langevin._walk_blocks
    plain = {name: each.py_func for name, each in vars(langevin).items() if hasattr(each, "py_func")}
    places = []
    for run, patches in ((compiled, {}), (compiled.py_func, plain)):
        for name, each in patches.items():
            monkeypatch.setattr(langevin, name, each)
        work, walked = langevin._allocate(kind, fields, 6e-3, 0)
        assert run(*arguments, work, walked) == langevin.OK
        places.append(walked.position)
    assert places[0] == pytest.approx(places[1], abs=within)


# ---- laws of diffusion -----------------------------------------------------------------------------------------


def test_mean_square_displacement_is_twice_its_axes_times_dt():
    found = walk(walkers(np.zeros((3, 100_000)), 5e-12), [STILL], [0.0], FREE, 0.1, 20, 3)
    assert found.variance.value / (2 * 5e-12 * 2.0) == pytest.approx(np.ones(3), abs=0.01)
    assert np.all(np.abs(found.mean.value) < 4 * found.mean.error)
    assert np.abs(found.variance.step_error / found.variance.value).max() < 1e-4


def test_single_precision_would_lose_the_drift():
    """20 000 steps of 1e-11 m from 5e-4 m, where numbers of single precision lie 5.8e-11 m apart."""
    place = walkers(at(64, 5e-4, 0, 0), 5e-12)
    found = walk(place, [uniform_field((1, 0, 0))], [1e-8], FREE, 1e-3, 20_000, 3, noise=False)
    assert found.walked.position[0] - 5e-4 == pytest.approx(2.0e-7, rel=1e-6)


def test_the_stationary_profile_is_exponential():
    """Pe exp(-Pe z)/(1 - exp(-Pe)) has the mean 0.12466 at Pe = 8; the step's bias v dt/2 is found and taken off."""
    n = 200_000
    place = np.zeros((3, n))
    place[2] = -np.log1p(math.expm1(-8) * (np.arange(n) + 0.5) / n) / 8
    found = walk(walkers(place), [uniform_field((0, 0, -1))], [8.0], slit(), 2e-4, 800, 5, axes=(2,))
    exact = 1 / 8 - 1 / math.expm1(8)
    assert found.mean.step_error[2] == pytest.approx(-8e-4, rel=0.2)
    assert found.mean.error[2] < 5e-4
    assert found.mean.value[2] == pytest.approx(exact, abs=4 * found.mean.error[2])


def test_taylor_and_aris_disperse_in_a_slit():
    """D (1 + Pe^2/210), Pe = U h/D: 5.286 at 30."""
    n, step, steps = 16_384, 1e-3, 1500
    place = np.zeros((3, n))
    place[2] = (np.arange(n) + 0.5) / n
    half = walk(walkers(place), [slit_flow(1.0)], [30.0], slit(), step, steps, 8, axes=(0, 2), frames=3)
    middle, end = half.walked.paths[0, 0], half.walked.paths[2, 0]
    dispersion = (end.var() - middle.var()) / (2 * step * steps * 2 / 3)
    assert dispersion == pytest.approx(1 + 900 / 210, rel=0.04)  # 2 % and the standard error, sqrt(2/n) twice
    assert half.mean.value[0] / (step * steps) == pytest.approx(30, rel=2e-3)


def test_first_passage_is_inverse_gaussian():
    """Times to fall from 1 to an absorbing wall: mean 1/v, shape 1/(2 D)."""
    n, v, d = 20_000, 1.0, 0.1
    wall = slit(low=0.0, high=np.inf, uptake=(np.inf, 0.0))
    found = walk(walkers(at(n, 0, 0, 1), d), [uniform_field((0, 0, -1))], [v], wall, 0.01, 1000, 2, axes=(2,))
    shape = 1 / (2 * d)
    law = stats.invgauss(1 / shape, scale=shape)
    assert found.walked.fate.min() == 5
    assert found.walked.position[2].max() == 0.0
    assert stats.kstest(found.walked.time, law.cdf).pvalue > 0.01
    early = (found.walked.time < 0.8).mean()
    assert early == pytest.approx(law.cdf(0.8), abs=4 * math.sqrt(0.25 / n))


@pytest.mark.parametrize(("zeta", "damkohler"), [(0.1, math.inf), (0.4, math.inf), (0.1, 10.0), (0.1, 1.0)])
def test_a_wall_of_a_slit_takes_what_graetz_says(zeta, damkohler):
    """Walls that keep all, and sticky ones; at U h/D = 300 diffusion along the flow changes less than 1e-3."""
    n, peclet, steps = 8192, 300.0, 4000
    place = np.zeros((3, n))
    place[2] = flow_weighted(n)
    channel = Walls(
        np.array([-np.inf, -np.inf, 0.0]),
        np.array([zeta * peclet, np.inf, 1.0]),
        np.array([0, np.inf, 0, 0, damkohler, 0]),
    )
    duration = 2.5 * math.sqrt(zeta)
    found = walk(walkers(place), [slit_flow(1.0)], [peclet], channel, duration / steps, steps, 6, axes=(0, 2))
    assert found.share.value[0] < 2e-3
    assert found.share.error[5] < 8e-3
    assert found.share.value[5] == pytest.approx(
        float(slit_capture(zeta, damkohler)), abs=4 * found.share.error[5] + 1e-3
    )


def test_lamm_and_the_walk_agree_on_a_spin():
    """A sector of which the end keeps what the field carries there: a wall that takes up at the speed s omega^2 r."""
    inner, outer, s, d, omega2, duration = 0.060, 0.090, 2e-12, 2e-9, 3000.0**2, 8000.0
    n = 16_384
    radius = np.sqrt(inner**2 + (outer**2 - inner**2) * (np.arange(n) + 0.5) / n)
    place = np.zeros((3, n))
    place[0] = radius - inner
    tube = slit(axis=0, low=0.0, high=outer - inner, uptake=(0.0, s * omega2 * outer))
    found = walk(
        walkers(place, d),
        [centrifugal_field(omega2, inner, sector=True)],
        [s],
        tube,
        duration / 2000,
        2000,
        4,
        axes=(0,),
    )
    lamm = solve_lamm_fractions(inner, outer, np.array([s]), np.array([d]), omega2, duration, sector=True)
    assert 0.3 < lamm.pelleted[0] < 0.7
    assert found.share.value[2] == pytest.approx(lamm.pelleted[0], abs=4 * found.share.error[2] + 1e-3)


# ---- fields ----------------------------------------------------------------------------------------------------


def displacement(field, place, strength=1.0):
    """Return what one step without noise moves particles."""
    n = place.shape[1]
    one = solve_langevin(
        walkers(place), superpose(field), np.full((1, n), strength), FREE._replace(uptake=np.zeros((6, n))),
        1e-3, 1, 0, np.arange(3), noise=False,
    )  # fmt: skip
    return (one.position - place) / 1e-3


PLACES = np.random.default_rng(2).uniform(0.05, 0.95, (3, 70))


def test_simple_fields_are_what_they_say():
    x, y, z = PLACES
    assert displacement(uniform_field((1, 2, 3)), PLACES, 2.0) == pytest.approx(at(70, 2, 4, 6), rel=1e-9)
    assert displacement(centrifugal_field(4.0, 3.0), PLACES, 2.0)[0] == pytest.approx(8 * (3 + x), rel=1e-9)
    assert displacement(slit_flow(1.0), PLACES)[0] == pytest.approx(6 * z * (1 - z), rel=1e-9)
    assert displacement(standing_wave(40.0, 0.3), PLACES)[1] == pytest.approx(-np.sin(80 * (y - 0.3)), abs=1e-8)
    assert displacement(exponential_field(2, 0.1, 0.02), PLACES)[2] == pytest.approx(np.exp((0.1 - z) / 0.02), rel=1e-9)
    cubic = displacement(polynomial_field(1, 0.0, 1.0, [1.0, -2.0, 0.0, 0.5], along=0), PLACES)[0]
    assert cubic == pytest.approx(np.polynomial.polynomial.polyval(2 * y - 1, [1.0, -2.0, 0.0, 0.5]), rel=1e-9)


def test_the_middle_of_rectangles_runs_as_the_series_says():
    """Shah, London 1978: largest over mean velocity 2.0962 (square) and 1.992 (2:1); a slit has 1.5."""
    for width, expected in ((1.0, 2.0962), (2.0, 1.992)):
        middle = at(64, 0.0, 0.5 * width, 0.5)
        assert displacement(rectangle_flow(width, 1.0), middle)[0, 0] == pytest.approx(expected, rel=1e-3)
    assert displacement(rectangle_flow(20.0, 1.0), at(64, 0.0, 10.0, 0.5))[0, 0] == pytest.approx(
        1.5 / (1 - 0.63 / 20), rel=3e-3
    )
    walls = at(64, 0.0, 0.0, 0.5)
    walls[1] = np.linspace(0, 3.0, 64)
    walls[2] = 1.0
    assert displacement(rectangle_flow(3.0, 1.0), walls)[0] == pytest.approx(np.zeros(64), abs=1e-12)
    with pytest.raises(ValueError, match="slit"):
        rectangle_flow(31.0, 1.0)


def test_streaming_rolls_slip_on_the_plates_and_close():
    """Rayleigh: sin(2 k y) (3 z^2 - 1)/2 in a low channel, no net flow, nothing through plates, no sources."""
    k, height = 2.0, 0.05
    rolls = streaming_rolls(k, 0.3, 0.0, height)
    x, y, z = PLACES[0], PLACES[1], height * PLACES[2]
    place = np.array([x, y, z])
    moved = displacement(rolls, place)
    assert moved[1] == pytest.approx(np.sin(2 * k * (y - 0.3)) * (1.5 * (2 * PLACES[2] - 1) ** 2 - 0.5), abs=1e-3)
    plates = np.array([x, y, np.where(np.arange(70) % 2, height, 0.0)])
    for tall in (height, math.pi / k * 0.9):
        rolls = streaming_rolls(k, 0.3, 0.0, tall)
        moved = displacement(rolls, plates * np.array([[1], [1], [tall / height]]))
        assert moved[1] == pytest.approx(np.sin(2 * k * (y - 0.3)), abs=1e-4)
        assert moved[2] == pytest.approx(np.zeros(70), abs=1e-6)
        place = np.array([x, y, tall * PLACES[2]])
        tiny = 1e-4 * tall
        steps = [
            (displacement(rolls, place + tiny * unit) - displacement(rolls, place - tiny * unit)) / (2 * tiny)
            for unit in np.eye(3)[:, :, None]
        ]
        assert steps[1][1] + steps[2][2] == pytest.approx(np.zeros(70), abs=1e-3)


def test_a_function_of_ones_own_moves_particles():
    def trap(x, y, z):
        return -x, 2.0 * z, x * y

    x, y, z = PLACES
    assert displacement(custom_field(trap), PLACES, 3.0) == pytest.approx(
        np.array([-3 * x, 6 * z, 3 * x * y]), rel=1e-9
    )


# ---- walls and bad input ---------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 2**62), step=st.floats(1e-5, 0.02), speed=st.floats(-50.0, 50.0),
    radius=st.floats(0.0, 0.4), uptake=st.sampled_from([0.0, 1.0, math.inf]),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_nothing_gets_beyond_the_walls(seed, step, speed, radius, uptake):
    box = Walls(np.zeros(3), np.ones(3), np.array([0, 0, 0, uptake, uptake, 0]))
    found = walk(
        walkers(at(70, 0.5, 0.5, 0.5), radius=radius), [uniform_field((1, 1, -1))], [speed], box, step, 20, seed
    )
    assert np.all((found.walked.position >= radius) & (found.walked.position <= 1 - radius))
    assert found.share.value.sum() == pytest.approx(1.0)
    held = found.walked.fate > 0
    assert np.all(found.walked.time[held] < 20 * step)
    assert np.all(found.walked.time[~held] == 20 * step)


def test_a_step_as_long_as_the_slit_is_told():
    found = walk(walkers(at(64, 0, 0, 0.5)), [STILL], [0.0], slit(), 0.2, 4, 1, axes=(2,))
    assert found.walked.status == langevin.STEP_TOO_LONG


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_field_without_a_number_is_told():
    def broken(x, y, z):
        return math.log(-1.0 - x * x), y, z

    found = walk(walkers(at(64, 0, 0, 0.5)), [custom_field(broken)], [1.0], FREE, 0.2, 4, 1)
    assert found.walked.status == langevin.NOT_FINITE


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"step": 0.0}, "step"),
        ({"steps": 3}, "even"),
        ({"steps": 10**13}, "hours"),
        ({"strength": [np.nan]}, "strength"),
        ({"walkers": walkers(at(4, 0, 0, 2.0))}, "beyond"),
        ({"walkers": walkers(at(4, 0, 0, 0.5), radius=0.6)}, "does not fit"),
        ({"walkers": walkers(at(4, 0, 0, 0.5), diffusivity=-1.0)}, "at least 0"),
        ({"walkers": Walkers(np.zeros((2, 4)), np.ones(4), np.zeros(4))}, "positions"),
        ({"walls": slit(uptake=(-1.0, 0.0))}, "uptake"),
    ],
)
def test_nonsense_is_refused(change, message):
    arguments = {
        "walkers": walkers(at(4, 0, 0, 0.5)), "fields": [STILL], "strength": [0.0], "walls": slit(),
        "step": 1e-3, "steps": 4, "seed": 1,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        walk(**(arguments | change))


def test_few_particles_have_no_standard_error():
    found = walk(walkers(np.zeros((3, 3))), [STILL], [0.0], FREE, 1.0, 2, 1)
    assert np.isnan(found.mean.error).all()
    assert np.isfinite(estimate(lambda walked: walked.position[0].mean(), found.walked, found.coarse).value)
