"""Clusters of rows of particles: closed forms, what is kept, and what brings whom together."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.techniques.precipitation.aggregation import Conditions, Primaries, aggregate, discretisation_error

HOUR = 3600.0
KB = 1.380649e-23


def rows(diameter, number, density=1060.0, sticking=1.0):
    """Compact spheres."""
    diameter = np.atleast_1d(np.asarray(diameter, dtype=float))
    each = {
        "diameter": diameter, "volume": math.pi / 6 * diameter**3, "density": density, "number": number,
        "sticking": sticking,
    }  # fmt: skip
    return Primaries(**{key: np.broadcast_to(value, diameter.shape).astype(float) for key, value in each.items()})


def bench(**changes):
    """8 % PEG at 4 degC as the notes take it, without gravity."""
    made = {"temperature": 277.15, "viscosity": 5e-3, "liquid_density": 1010.0, "acceleration": 0.0}
    return Conditions(**(made | changes))


VESICLES = rows(100e-9, 1e14)
PLASMA = rows([20e-9, 40e-9, 80e-9, 150e-9], [3e18, 1e17, 1e16, 1e15], [1050.0, 1080.0, 1100.0, 1120.0])


def half_time(primaries, conditions):
    """When half of the clusters are left, by bisection."""
    k = 8 * KB * conditions.temperature / (3 * conditions.viscosity)
    low, high = 0.0, 2 / (k * primaries.number.sum())
    for _ in range(40):
        middle = 0.5 * (low + high)
        if aggregate(primaries, conditions, [middle]).mean_size[0] < 2:
            low = middle
        else:
            high = middle
    return middle


# ---- equal vesicles ------------------------------------------------------------------------------


def test_a_night_brings_seven_vesicles_together():
    """1 + k N0 t / 2 with k = 8 kT / (3 mu) holds while clusters are alike, and is a lower bound when they spread."""
    k = 8 * KB * 277.15 / (3 * 5e-3)
    closed = 1 + 0.5 * k * 1e14 * 16 * HOUR
    assert closed == pytest.approx(6.9, abs=0.05)
    found = aggregate(VESICLES, bench(), [16 * HOUR]).mean_size[0]
    assert closed < found < 1.2 * closed


def test_a_night_is_not_enough_for_a_spin_and_a_hundred_times_the_vesicles_are():
    """3,000 x g for 60 min along 5 cm brings down compact bodies of 0.84 um, some seventy vesicles at D = 2."""
    least = math.sqrt(18 * 5e-3 * 0.05 / (60 * 3000 * 9.80665 * HOUR))
    assert least == pytest.approx(0.84e-6, abs=0.005e-6)
    needed = (least / 100e-9) ** 2
    assert needed == pytest.approx(70, abs=2)
    assert aggregate(VESICLES, bench(), [16 * HOUR]).mean_size[0] < needed / 5
    assert aggregate(replace(VESICLES, number=[1e16]), bench(), [16 * HOUR]).mean_size[0] > 5 * needed


def test_first_clusters_form_at_the_rate_of_smoluchowski():
    k = 8 * KB * 277.15 / (3 * 5e-3)
    theta = 0.01
    found = aggregate(VESICLES, bench(), [2 * theta / (k * 1e14)])
    assert found.mean_size[0] - 1 == pytest.approx(theta, rel=0.01)


@pytest.mark.parametrize(
    ("primaries", "conditions", "longer"),
    [
        (VESICLES, bench(viscosity=10e-3), 2.0),
        (replace(VESICLES, number=[4e14]), bench(), 0.25),
        (VESICLES, bench(temperature=2 * 277.15), 0.5),
        (replace(VESICLES, sticking=[0.01]), bench(), 100.0),
    ],
)
def test_half_time_scales(primaries, conditions, longer):
    plain = half_time(VESICLES, bench())
    times = np.array([0.3, 1.0, 30.0]) * plain
    expected = aggregate(VESICLES, bench(), times).mean_size
    np.testing.assert_allclose(aggregate(primaries, conditions, times * longer).mean_size, expected, rtol=1e-10)


def test_half_time_of_equal_vesicles():
    """2 / (k N0) if any two clusters met at one rate; a little sooner since they become unlike."""
    k = 8 * KB * 277.15 / (3 * 5e-3)
    assert 0.9 * 2 / (k * 1e14) < half_time(VESICLES, bench()) < 2 / (k * 1e14)


def test_denser_clusters_meet_at_much_the_same_rate_by_diffusion():
    """R cancels in (1/R + 1/R')(R + R') but for how unlike clusters are."""
    sizes = [aggregate(VESICLES, bench(fractal_dimension=d), [16 * HOUR]).mean_size[0] for d in (1.8, 2.5)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


# ---- what brings clusters together ---------------------------------------------------------------


def test_settling_adds_to_diffusion_once_clusters_are_large():
    many = replace(VESICLES, number=[1e17])
    still, settling = (
        aggregate(many, bench(acceleration=g), [60.0, 16 * HOUR]).mean_size_by_volume for g in (0.0, 3e3)
    )
    assert settling[0] == pytest.approx(still[0], rel=0.01)
    assert settling[1] > 1.5 * still[1]


def test_gravity_alone_hardly_adds_to_the_diffusion_of_small_clusters():
    """Clusters of R and 2R meet pi (3R)^2 w / (4.5 x 2kT/3mu) times as often by settling; 4e-4 at R = 0.3 um."""
    sizes = [aggregate(VESICLES, bench(acceleration=g), [16 * HOUR]).mean_size[0] for g in (0.0, 9.81)]
    assert sizes[0] <= sizes[1] < 1.01 * sizes[0]


def test_mixing_makes_larger_clusters():
    sizes = [aggregate(VESICLES, bench(shear_rate=G), [16 * HOUR]).mean_size[0] for G in (0.0, 10.0, 100.0)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_clusters_as_dense_as_the_liquid_do_not_settle():
    floating = replace(VESICLES, density=[1010.0])
    still = aggregate(floating, bench(), [16 * HOUR]).number
    np.testing.assert_allclose(aggregate(floating, bench(acceleration=1e4), [16 * HOUR]).number, still, rtol=1e-12)


def test_few_vesicles_are_carried_by_many_lipoproteins():
    """At 1e8 per mL alone they stay single for half an hour; among 1e12 lipoproteins per mL they are in clusters."""
    alone = aggregate(VESICLES, bench(), [0.5 * HOUR])
    among = aggregate(rows([100e-9, 25e-9], [1e14, 1e18]), bench(), [0.5 * HOUR])
    assert alone.mean_size[0] < 1.3
    large = among.share[0, 0] @ (among.diameter[0] > 0.5e-6)
    assert large > 0.9
    assert alone.share[0, 0] @ (alone.diameter[0] > 0.5e-6) < 1e-3


def test_vesicles_that_hardly_stick_stay_behind():
    alike = aggregate(rows([80e-9, 126e-9], [1e15, 1e15]), bench(), [HOUR])
    mixed = aggregate(rows([80e-9, 126e-9], [1e15, 1e15], sticking=[1e-4, 1.0]), bench(), [HOUR])
    assert alike.fate[0, 0, 0] < 0.1
    assert mixed.fate[0, 0, 0] > 0.9


def met_one_by_one(primaries, count, conditions, duration, seed):
    """Draw collisions of single clusters, each of its own make-up (Marcus, Lushnikov); return what each holds."""
    draw = np.random.default_rng(seed)
    held = np.repeat(np.eye(len(count)), count, axis=0)
    bulk = held @ (0.5 * primaries.diameter) ** 2
    brownian = 2 * KB * conditions.temperature / (3 * conditions.viscosity)
    volume, time = sum(count) / primaries.number.sum(), 0.0
    while True:
        n, radius = bulk.size, np.sqrt(bulk)
        most = 2 + radius.max() / radius.min() + radius.min() / radius.max()
        i = draw.integers(n, size=400)
        j = (i + draw.integers(1, n, size=400)) % n
        meet = draw.random(400) * most < 2 + radius[i] / radius[j] + radius[j] / radius[i]
        first = int(np.argmax(meet)) if meet.any() else 399
        time += draw.exponential(volume / (0.5 * n * (n - 1) * brownian * most), first + 1).sum()
        if time > duration:
            return held
        if meet[first]:
            a, b = i[first], j[first]
            held[a] += held[b]
            bulk[a] += bulk[b]
            held[b], bulk[b] = held[-1], bulk[-1]
            held, bulk = held[:-1], bulk[:-1]


def test_collisions_drawn_one_by_one_agree():
    """250 vesicles among 4,750 lipoproteins: bins hold means, and here each cluster has its own radius."""
    primaries, count = rows([25e-9, 100e-9], [0.95e17, 0.05e17]), (4750, 250)
    found = aggregate(primaries, bench(), [60.0])
    left, around = [], []
    for seed in range(3):
        held = met_one_by_one(primaries, count, bench(), 60.0, seed)
        assert held.sum(axis=0).tolist() == list(count)
        left.append(len(held) / 5000)
        around.append(held.T @ (held @ primaries.volume) / count)
    assert found.number.sum() / 1e17 == pytest.approx(np.mean(left), rel=0.03)
    np.testing.assert_allclose(found.share[0] @ found.solids, np.mean(around, axis=0), rtol=0.12)


# ---- what is kept --------------------------------------------------------------------------------


def test_solids_of_rows_and_of_bins_agree():
    found = aggregate(PLASMA, bench(acceleration=9.81), [0.0, 1.0, 60.0, 1800.0])
    assert np.abs(found.share.sum(axis=2) - 1).max() < 1e-12
    held = np.einsum("r,trb->tb", PLASMA.number * PLASMA.volume, found.share)
    np.testing.assert_allclose(found.number * found.solids, held, rtol=1e-12)
    particles = np.einsum("r,trb->tb", PLASMA.number, found.share)
    np.testing.assert_allclose(found.particles, particles, rtol=1e-12)
    heavy = np.einsum("r,trb->tb", PLASMA.number * PLASMA.volume * PLASMA.density, found.share)
    np.testing.assert_allclose((found.number * found.solids * found.density).sum(axis=1), heavy.sum(axis=1), rtol=1e-12)


def test_at_the_start_each_particle_is_alone():
    found = aggregate(PLASMA, bench(), [0.0])
    assert found.number.sum() == pytest.approx(PLASMA.number.sum(), rel=1e-12)
    assert found.mean_size[0] == pytest.approx(1.0, rel=1e-12)
    where = (found.share[0] @ found.diameter[0]) / PLASMA.diameter
    np.testing.assert_allclose(where, 1.0, atol=0.25)  # width of a bin


def test_two_halves_of_an_incubation_are_the_whole():
    conditions = bench(acceleration=9.81)
    whole = aggregate(PLASMA, conditions, [1800.0])
    first = aggregate(PLASMA, conditions, [100.0])
    second = aggregate(PLASMA, conditions, [1700.0], start=first)
    np.testing.assert_allclose(second.share, whole.share, atol=2e-4)
    assert second.mean_size == pytest.approx(whole.mean_size, rel=1e-4)


def test_a_spin_goes_on_from_the_bench():
    many = replace(VESICLES, number=[1e16])
    night = aggregate(many, bench(acceleration=9.81), [16 * HOUR])
    spun = aggregate(many, bench(acceleration=3000 * 9.81), [0.0, 1800.0], start=night)
    still = aggregate(many, bench(), [1800.0], start=night)
    np.testing.assert_allclose(spun.number[0], night.number[-1], rtol=1e-12)
    assert spun.mean_size[1] > 1.5 * still.mean_size[0]


def test_what_goes_on_is_summed_anew_only_in_another_liquid():
    first = aggregate(PLASMA, bench(), [60.0])
    on = aggregate(PLASMA, bench(acceleration=100.0), [60.0], start=first)
    lighter = aggregate(PLASMA, bench(liquid_density=990.0), [60.0], start=first)
    assert on.kinds is first.kinds
    assert lighter.kinds.constituents.excess == pytest.approx(first.kinds.constituents.excess + 20.0)
    assert lighter.kinds.number == pytest.approx(first.kinds.number)


def test_what_has_left_does_not_come_back():
    """Half of all clusters gone: the rest goes on as if there had been half as many from the start."""
    first = aggregate(PLASMA, bench(), [60.0])
    left = replace(first, fate=0.5 * first.fate)
    found = aggregate(PLASMA, bench(), [60.0], start=left)
    assert np.abs(found.fate.sum(axis=1) - 0.5).max() < 1e-12
    fewer = replace(PLASMA, number=0.5 * PLASMA.number)
    same = aggregate(fewer, bench(), [60.0], start=first)
    np.testing.assert_allclose(found.number, same.number, rtol=1e-9)


def test_nothing_left_stays_nothing():
    first = aggregate(PLASMA, bench(), [60.0])
    found = aggregate(PLASMA, bench(), [60.0], start=replace(first, fate=0.0 * first.fate))
    assert not found.number.any()
    assert not found.fate.any()


def test_rows_without_particles_are_tracers():
    """Labelled vesicles fare as the others of their size do."""
    marked = rows([100e-9, 100e-9], [1e16, 0.0])
    found = aggregate(marked, bench(), [HOUR])
    np.testing.assert_allclose(found.share[0, 1], found.share[0, 0], atol=1e-12)


def test_nothing_at_all_stays_as_it_is():
    found = aggregate(rows([50e-9, 100e-9], 0.0), bench(), [0.0, 16 * HOUR])
    np.testing.assert_allclose(found.fate[1], found.fate[0], atol=1e-12)
    assert np.all(np.isnan(found.mean_size))


@st.composite
def mixtures(draw):
    n = draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return rows(
        10 ** random.uniform(-8, -6.3, n), 10 ** random.uniform(10, 18, n), random.uniform(990, 1300, n),
        10 ** random.uniform(-3, 0, n),
    )  # fmt: skip


@given(
    primaries=mixtures(), dimension=st.floats(1.7, 3.0), gravity=st.floats(0, 3e4), shear=st.floats(0, 50),
    seed=st.integers(0, 1000),
)  # fmt: skip
@settings(deadline=None)
def test_any_mixture(primaries, dimension, gravity, shear, seed):
    """Solids are kept, numbers are positive, clusters grow, and the order of rows does not matter."""
    conditions = bench(fractal_dimension=dimension, acceleration=gravity, shear_rate=shear)
    times = [1.0, 30.0, 1000.0]
    found = aggregate(primaries, conditions, times, bins=40)
    assert found.number.min() >= 0.0
    assert found.fate.min() >= 0.0
    assert np.abs(found.fate.sum(axis=1) - 1).max() < 1e-12
    solids = primaries.number @ primaries.volume
    np.testing.assert_allclose(found.number @ found.solids, solids, rtol=1e-12)
    assert np.all(np.diff(found.mean_size) >= -1e-9 * found.mean_size[:-1])
    assert np.all(np.diff(found.mean_size_by_volume) >= -1e-9 * found.mean_size_by_volume[:-1])
    assert found.mean_size[0] >= 1 - 1e-12

    order = np.random.default_rng(seed).permutation(primaries.number.size)
    shuffled = Primaries(**{name: getattr(primaries, name)[order] for name in primaries.__slots__})
    again = aggregate(shuffled, conditions, times, bins=40)
    np.testing.assert_allclose(again.share, found.share[:, order], atol=1e-7)


def test_the_order_of_rows_does_not_matter_and_rows_may_be_divided():
    whole = aggregate(PLASMA, bench(), [600.0])
    twice = [np.repeat(getattr(PLASMA, name), 2) for name in PLASMA.__slots__]
    divided = Primaries(**dict(zip(PLASMA.__slots__, twice, strict=True)))
    found = aggregate(replace(divided, number=divided.number * np.tile([0.25, 0.75], 4)), bench(), [600.0])
    np.testing.assert_allclose(found.share[:, ::2], whole.share, atol=1e-10)
    np.testing.assert_allclose(found.share[:, 1::2], whole.share, atol=1e-10)


# ---- bins ----------------------------------------------------------------------------------------


def test_the_error_of_bins_is_what_finer_bins_say():
    conditions = bench(acceleration=9.81)
    many = replace(VESICLES, number=[1e16])
    stated = discretisation_error(many, conditions, [1800.0], bins=60)[0]
    sizes = [aggregate(many, conditions, [1800.0], bins=bins).mean_size[0] for bins in (30, 60, 120, 240)]
    assert stated < 0.02
    assert abs(sizes[1] / sizes[3] - 1) < 0.02
    assert abs(sizes[2] - sizes[3]) < abs(sizes[1] - sizes[3]) < abs(sizes[0] - sizes[3])


def test_bins_reach_clusters_of_a_tenth_of_a_millimetre():
    found = aggregate(PLASMA, bench(), [0.0])
    assert found.solids[0] == pytest.approx(PLASMA.volume.min(), rel=1e-12)
    assert found.diameter[0, -1] == pytest.approx(100e-6, rel=0.05)


def test_what_grows_beyond_the_bins_is_told():
    found = aggregate(rows(100e-9, 1e19), bench(acceleration=9.81), [16 * HOUR])
    assert found.gelled
    assert found.reached == 16 * HOUR
    assert found.share[0, 0, -1] > 0.5


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": [-1.0]}, "number"),
        ({"number": [1.0, 2.0]}, "number"),
        ({"diameter": [0.0]}, "above 0"),
        ({"volume": [math.nan]}, "volume"),
        ({"sticking": [1.5]}, "sticking"),
    ],
)
def test_impossible_particles_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        replace(VESICLES, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"viscosity": 0.0},
        {"temperature": -1.0},
        {"shear_rate": -1.0},
        {"acceleration": math.inf},
        {"fractal_dimension": 1.0},
    ],
)
def test_impossible_conditions_are_refused(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        bench(**changes)


@pytest.mark.parametrize("times", [[-1.0], [2.0, 1.0], [], [math.nan]])
def test_times_increase(times):
    with pytest.raises(ValueError, match="times"):
        aggregate(VESICLES, bench(), times)


def test_few_bins_and_foreign_starts_are_refused():
    with pytest.raises(ValueError, match="bins"):
        aggregate(VESICLES, bench(), [1.0], bins=3)
    with pytest.raises(ValueError, match="start"):
        aggregate(PLASMA, bench(), [1.0], start=aggregate(VESICLES, bench(), [1.0]))
