"""Vesicles in hyperosmotic media against independently computed figures, limits and balances."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.errors import InputError
from sepsim.media import Medium, fluid, sucrose
from sepsim.particles.catalog import population
from sepsim.particles.osmosis import isopycnic_bands, isopycnic_density, state_at, water_share
from sepsim.particles.particle_table import particle_table
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient

COLD = 277.15
PERCENT = np.linspace(0.0, 66.0, 661)
IN_SUCROSE = sucrose.density(PERCENT / 100, COLD), sucrose.osmolality(PERCENT / 100)
ISO_OSMOTIC = np.linspace(950.0, 1350.0, 401), np.full(401, 0.29)
DIAMETERS = st.floats(15, 1000)
OSMOLALITIES = st.floats(0.29, 8)


def classes_of(diameters, **settings):
    settings = {"kind": "vesicle", "particles_per_mL": 1} | settings
    each = [population({"name": "x", "diameter_nm": d, **settings}).classes(1, 3) for d in np.atleast_1d(diameters)]
    return particle_table([(f"{k}", settings["kind"], classes) for k, classes in enumerate(each)])


def lumen(solids):
    """Density of a lumen with a volume fraction of solids of 0.73 mL/g in water with 9 g/L of salts [g/mL]."""
    return max(solids / 0.73 + (1 - solids) * 1.009, 1.009)  # but for round-off


def by_hand(diameter, thickness, membrane, solids, osmolality):
    """Mass [g], volume [mL] and diameter [nm] of a vesicle, as a balance of membrane, solids, salts and water."""
    ball, inner = np.pi / 6 * diameter**3 * 1e-21, np.pi / 6 * max(diameter - 2 * thickness, 0) ** 3 * 1e-21
    water = inner * (1 - solids) * 0.29 / max(0.29, osmolality)
    volume = ball - inner + inner * solids + water
    salts = 0.009 * inner * (1 - solids)
    mass = membrane * (ball - inner) + inner * solids / 0.73 + salts + 1.0 * water
    return mass, volume, (6 / np.pi * volume * 1e21) ** (1 / 3)


# Diameter [nm], solids; then computed independently: densities in PBS and in sucrose at 4 degC [g/mL], where that is
# [% w/w], and the diameter there [nm]. Shell of 5 nm and 1.13 g/mL.
OSMOMETER = [
    (40, 0.10, 1.094, 1.135, 30.7, 35.5),
    (60, 0.10, 1.081, 1.140, 31.6, 50.0),
    (100, 0.10, 1.068, 1.148, 33.4, 77.1),
    (100, 0.20, 1.094, 1.196, 42.6, 78.4),
    (200, 0.10, 1.057, 1.169, 37.3, 139.5),
]


@pytest.mark.parametrize(("nm", "solids", "light", "dense", "percent", "shrunk"), OSMOMETER)
def test_where_vesicles_band(nm, solids, light, dense, percent, shrunk):
    particles = classes_of(nm, membrane_thickness_nm=5, membrane_density_g_mL=1.13, lumen_density_g_mL=lumen(solids))
    assert isopycnic_density(particles, *ISO_OSMOTIC) == pytest.approx(light * 1e3, abs=1)
    bands_at = isopycnic_density(particles, *IN_SUCROSE)
    assert bands_at == pytest.approx(dense * 1e3, abs=1)
    at = np.interp(bands_at, IN_SUCROSE[0], PERCENT)
    assert at == pytest.approx(percent, abs=0.3)
    there = state_at(particles, sucrose.osmolality(at / 100))
    assert there.diameter * 1e9 == pytest.approx(np.array([[shrunk]]), abs=0.5)


# The default vesicle in sucrose at 4 degC, computed independently: diameter [nm], density [g/mL], diameter there [nm].
DEFAULTS = [(40, 1.172, 36.5), (60, 1.184, 51.5), (85, 1.196, 69.2), (100, 1.204, 79.4)]


@pytest.mark.parametrize(("nm", "dense", "shrunk"), DEFAULTS)
def test_where_default_vesicles_band_in_sucrose(nm, dense, shrunk):
    particles = classes_of(nm)
    bands_at = isopycnic_density(particles, *IN_SUCROSE)
    assert bands_at == pytest.approx(dense * 1e3, abs=1)
    osmolality = np.interp(bands_at, *IN_SUCROSE)
    assert state_at(particles, osmolality).diameter.ravel() * 1e9 == pytest.approx(shrunk, abs=0.5)


@pytest.mark.parametrize("nm", [50, 70])
def test_small_vesicles_meet_both_published_ranges(nm):
    # Exosomes in sucrose: 1.13-1.19 g/mL. Measured in iodixanol at 108.6 nm: up to 1.119, and smaller ones are denser.
    particles = classes_of(nm)
    assert 1130 < isopycnic_density(particles, *IN_SUCROSE)[0] < 1191
    assert 1086 < isopycnic_density(particles, *ISO_OSMOTIC)[0] < 1125


@given(DIAMETERS, st.floats(1.05, 3), st.floats(0.12, 0.3))
def test_smaller_is_denser_in_iodixanol_and_larger_in_sucrose(nm, factor, solids):
    particles = classes_of([nm, factor * nm], lumen_density_g_mL=lumen(solids))
    small, large = isopycnic_density(particles, *ISO_OSMOTIC)
    assert small > large
    small, large = np.nan_to_num(isopycnic_density(particles, *IN_SUCROSE), nan=np.inf)  # denser than 66 % sucrose
    assert large > small or small == np.inf


@given(DIAMETERS, st.floats(3, 10), st.floats(1.0, 1.3), st.floats(0, 1), st.floats(0, 8))
def test_the_balance_of_membrane_solids_salts_and_water(nm, thickness, membrane, solids, osmolality):
    assume(nm > 2 * thickness)
    particles = classes_of(
        nm, membrane_thickness_nm=thickness, membrane_density_g_mL=membrane, lumen_density_g_mL=lumen(solids)
    )
    state = state_at(particles, osmolality)
    mass, volume, diameter = by_hand(nm, thickness, membrane, solids, osmolality)
    assert state.mass == pytest.approx(mass * 1e-3, rel=1e-9, abs=0)
    assert state.volume == pytest.approx(volume * 1e-6, rel=1e-9, abs=0)
    assert state.diameter == pytest.approx(diameter * 1e-9, rel=1e-9, abs=0)
    assert state.density == pytest.approx(mass / volume * 1e3, rel=1e-9, abs=0)


@given(DIAMETERS, OSMOLALITIES, st.floats(0, 20), st.floats(0, 1))
def test_what_leaves_is_water(nm, osmolality, corona, response):
    particles = classes_of(nm, corona_thickness_nm=corona, osmotic_response=response)
    state = state_at(particles, osmolality)
    lost = particles.volume - state.volume
    assert particles.mass - state.mass == pytest.approx(1000 * lost, rel=1e-6, abs=1e-14 * particles.mass[0])
    core, shrunk = particles.diameter - 2 * particles.corona, state.diameter - 2 * particles.corona
    assert np.pi / 6 * (core**3 - shrunk**3) == pytest.approx(lost, rel=1e-6, abs=1e-14 * particles.volume[0])


@given(DIAMETERS, OSMOLALITIES, OSMOLALITIES, st.floats(0, 20), st.none() | st.floats(1.0, 1.37))
def test_more_osmolality_means_smaller_and_denser(nm, one, other, corona, density):
    particles = classes_of(nm, corona_thickness_nm=corona, density_g_mL=density, density_sd_g_mL=0.006)
    low, high = sorted([one, other])
    before, after = state_at(particles, low), state_at(particles, high)
    assert np.all(after.diameter <= before.diameter)
    sinks = particles.mass > 1000 * particles.volume
    assert np.all((after.density >= before.density * (1 - 1e-12))[sinks])


@given(st.floats(15, 3000), st.floats(0.5, 2), st.floats(0.29, 8), st.floats(0.9, 1.4))
def test_no_given_density_leaves_an_impossible_rest(nm, density, osmolality, membrane):
    # What is left of a vesicle lies between fat and dry protein with its salts, unless it lay outside all along.
    particles = classes_of(nm, density_g_mL=density, membrane_density_g_mL=membrane)
    share = particles.osmotic_water / particles.volume
    rest = (particles.mass - 1009 * particles.osmotic_water) / (particles.volume - particles.osmotic_water)
    assert np.all((share >= 0) & (share < 1))
    low, high = min(900, density * 1e3), max(1370, density * 1e3, membrane * 1e3)
    assert np.all((rest > low - 1e-6) & (rest < high + 1e-6))
    assert np.all(state_at(particles, osmolality).volume > 0)


def test_a_measured_density_tells_the_water():
    # 1.20 g/mL in a sphere of 1.8 um: the lumen, nearly all of it, is (1.20 - 1.009)/(1/0.73 - 1.009) = 53 % solids.
    dense = classes_of(1800, density_g_mL=1.20)
    assert dense.osmotic_water / dense.volume == pytest.approx(0.47, abs=0.015)
    default = classes_of(100)
    same = classes_of(100, density_g_mL=default.mass[0] / default.volume[0] / 1e3)
    assert same.osmotic_water == pytest.approx(default.osmotic_water, rel=1e-9, abs=0)


def test_a_spread_of_densities_is_a_spread_of_water():
    particles = classes_of(100, density_sd_g_mL=0.01)
    assert np.all(np.diff(particles.mass) > 0)
    assert np.all(np.diff(particles.osmotic_water) < 0)


@given(st.floats(0.2, 0.29), st.floats(0, 10))
def test_an_iso_osmotic_medium_changes_nothing(osmolality, corona):
    particles = classes_of([30, 100, 1000], corona_thickness_nm=corona)
    mass, volume, diameter = state_at(particles, osmolality)
    assert np.all(mass == particles.mass)
    assert np.all(volume == particles.volume)
    assert diameter == pytest.approx(particles.diameter, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    "rigid",
    [
        {"osmotic_response": 0},
        {"kind": "particle", "density_g_mL": 1.1},
        {"kind": "lipoprotein", "density_g_mL": 1.1},
        {"membrane_thickness_nm": 50},
        {"lumen_density_g_mL": 1.37},
    ],
    ids=str,
)
def test_rigid_particles_do_not_answer(rigid):
    particles = classes_of(100, **rigid)
    mass, volume, diameter = state_at(particles, 3.0)
    assert [*mass, *volume, *diameter] == [*particles.mass, *particles.volume, *particles.diameter]
    assert isopycnic_density(particles, *IN_SUCROSE) == pytest.approx(particles.mass / particles.volume, abs=0.05)


def test_half_a_response_loses_half_the_water():
    whole, half = (classes_of(100, osmotic_response=response) for response in (1, 0.5))
    lost = [particles.volume - state_at(particles, 1.0).volume for particles in (whole, half)]
    assert lost[1] / lost[0] == pytest.approx(0.5)


def test_a_gradient_is_one_row_for_each_medium():
    particles, gradient = classes_of([40, 100]), np.array([[0.1, 0.29], [0.5, 2.0]])
    along = state_at(particles, gradient)
    assert along.mass.shape == (2, 2, 2)
    for place, osmolality in np.ndenumerate(gradient):
        for all_of, one in zip(along, state_at(particles, osmolality), strict=True):
            assert np.all(all_of[place] == one)


def test_water_share_is_inverse_to_the_osmolality():
    assert water_share([0.0, 0.29, 0.58, 2.9]) == pytest.approx([1, 1, 0.5, 0.1])


def test_motion_in_a_hyperosmotic_medium():
    # A 100 nm vesicle with 20 % solids in 0.58 osm/kg: half of its water is gone.
    particles = classes_of(100, lumen_density_g_mL=lumen(0.2))
    brine = {"density_g_mL": 1.02, "viscosity_mPa_s": 1.7, "osmolality_mOsm_kg": 580}
    medium = Medium.pure(fluid(brine), COLD)
    mass, volume, diameter = by_hand(100, 6, 1.16, 0.2, 0.58)
    drag = 3 * np.pi * 1.7e-3 * diameter * 1e-9
    s = (mass - volume * 1.02) * 1e-3 / drag
    assert sedimentation_coefficient(particles, medium) == pytest.approx(s, rel=1e-9, abs=0)
    assert diffusion_coefficient(particles, medium) == pytest.approx(BOLTZMANN_J_PER_K * COLD / drag, rel=1e-9, abs=0)


def test_no_buoyancy_where_it_bands():
    particles = classes_of(100)
    bands_at = isopycnic_density(particles, *IN_SUCROSE)[0]
    for shift, sign in ((-2, 1), (2, -1)):
        osmolality = np.interp(bands_at + shift, *IN_SUCROSE)
        here = {
            "density_g_mL": (bands_at + shift) * 1e-3,
            "viscosity_mPa_s": 9,
            "osmolality_mOsm_kg": osmolality * 1e3,
        }
        assert np.sign(sedimentation_coefficient(particles, Medium.pure(fluid(here), COLD))) == sign


def test_what_does_not_band_is_nan():
    particles = classes_of([100, 100, 100], kind="particle", density_g_mL=1.1)
    assert isopycnic_density(particles, [1100.0, 1200.0], [0.29, 2.0]) == pytest.approx(1100)
    assert isopycnic_density(particles, [1000.0, 1100.0], [0.29, 2.0]) == pytest.approx(1100)
    vesicle, osmolality = classes_of(100), np.array([0.3, 0.5, 0.7])
    neutral_everywhere = state_at(vesicle, osmolality).density.ravel()
    assert np.isnan(isopycnic_density(vesicle, neutral_everywhere, osmolality))
    for grid in ([1000.0, 1099.0], [1101.0, 1200.0], [1100.0]):
        assert np.all(np.isnan(isopycnic_density(particles, grid, [0.29] * len(grid))))


def test_bands_are_neither_heavier_nor_lighter_than_their_medium():
    particles = classes_of([40, 100, 300])
    media = [Medium.pure(fluid({"sucrose_percent_w_w": percent}), COLD) for percent in np.linspace(1, 60, 600)]
    bands = isopycnic_bands(particles, media)
    there = [state_at(particles, osmolality) for osmolality in bands.osmolality]
    assert bands.diameter == pytest.approx([each.diameter[k] for k, each in enumerate(there)], rel=1e-12)
    assert bands.density == pytest.approx([each.density[k] for k, each in enumerate(there)], rel=1e-5)
    assert np.interp(bands.density, *IN_SUCROSE) == pytest.approx(bands.osmolality, rel=1e-3)
    assert np.all(bands.diameter < particles.diameter)


def test_bands_of_what_does_not_band_are_nan():
    media = [Medium.pure(fluid({"sucrose_percent_w_w": percent}), COLD) for percent in (1, 10)]
    assert np.isnan(isopycnic_bands(classes_of(100), media)).all()


def test_of_two_bands_it_is_the_lighter():
    # A jump of osmolality makes the vesicle denser than the medium once more.
    particles = classes_of(100, density_g_mL=1.1)
    grid = [1000.0, 1110.0, 1111.0, 1400.0]
    assert isopycnic_density(particles, grid, [0.29, 0.29, 3.0, 3.0]) == pytest.approx(1100)


@pytest.mark.parametrize(
    ("density", "osmolality"),
    [([1000, 1000], [0, 1]), ([1100, 1000], [0, 1]), ([1000, 1100], [0]), ([[1, 2]], [[1, 2]])],
)
def test_a_density_that_does_not_rise_is_refused(density, osmolality):
    with pytest.raises(InputError, match="rising densities"):
        isopycnic_density(classes_of(100), density, osmolality)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("osmotic_response", 1.2, "at most 1"),
        ("osmotic_response", -0.1, "at least 0"),
        ("lumen_density_g_mL", 1.4, "at most 1.37"),
        ("lumen_density_g_mL", 1.0, "at least 1.009"),
    ],
)
def test_impossible_vesicles_are_refused(key, value, message):
    with pytest.raises(InputError, match=f"{key} = .*{message}"):
        classes_of(100, **{key: value})
