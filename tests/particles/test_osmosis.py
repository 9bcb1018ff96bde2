"""Vesicles and lipoproteins in media of any osmolality against independently computed figures, limits and balances."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.errors import InputError
from sepsim.media import Medium, fluid, sucrose
from sepsim.particles.catalog import population
from sepsim.particles.osmosis import (
    StateTable,
    isopycnic_bands,
    isopycnic_density,
    lysis_osmolality,
    state_at,
    water_share,
)
from sepsim.particles.particle_table import particle_table
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient

COLD = 277.15
PERCENT = np.linspace(0.0, 66.0, 661)
IN_SUCROSE = sucrose.density(PERCENT / 100, COLD), sucrose.osmolality(PERCENT / 100)
ISO_OSMOTIC = np.linspace(950.0, 1350.0, 401), np.full(401, 0.29)
DIAMETERS = st.floats(15, 1000)
OSMOLALITIES = st.floats(0, 8)
IDEAL = {"hydration_g_g": 0, "lumen_molar_mass_kDa": 1e9}  # all water of the lumen free, its protein without pressure


def classes_of(diameters, **settings):
    settings = {"kind": "vesicle", "particles_per_mL": 1} | settings
    each = [population({"name": "x", "diameter_nm": d, **settings}).classes(1, 3) for d in np.atleast_1d(diameters)]
    return particle_table([(f"{k}", settings["kind"], classes) for k, classes in enumerate(each)])


def lumen(solids):
    """Density of a lumen with a volume fraction of solids of 0.73 mL/g in water with 9 g/L of salts [g/mL]."""
    return max(solids / 0.73 + (1 - solids) * 1.009, 1.009)  # but for round-off


def bisected(falling, low, high):
    """Root of a falling function."""
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return 0.5 * (low + high)


def by_hand(diameter, thickness, membrane, solids, osmolality, hydration=0.35, kda=20.0):
    """Mass [g], volume [mL] and share of the free water of a vesicle: membrane, solids, salts, bound and free water.

    A litre of lumen holds the solids, water bound to them, and free water with the salts; hard spheres of solids and
    bound water press by Carnahan-Starling; below 290 mOsm/kg a membrane of 288 mN/m holds against it, up to 3 % area.
    """
    ball, inner = np.pi / 6 * diameter**3 * 1e-21, np.pi / 6 * max(diameter - 2 * thickness, 0) ** 3 * 1e-21
    spheres = solids + hydration * solids / 0.73
    molar = solids / 0.73 / kda  # mol per L of the lumen as it is stated

    def pressing(free):
        filled = spheres / (spheres + free)
        return molar / (spheres + free) * (1 + filled + filled**2 - filled**3) / (1 - filled) ** 3

    free = 1 - spheres
    salts = (0.29 - pressing(free)) * free
    most = free + (1.03**1.5 - 1) * ball / inner

    def excess(now):
        growth = ((ball + inner * (now - free)) / ball) ** (1 / 3)
        tension = 0.288 * max(growth**2 - 1, 0.0)
        held = 4 * tension / (growth * diameter * 1e-9) / (8.314462618 * 293.15 * 1000)
        return salts / now + pressing(now) - held - osmolality

    now = most if excess(most) > 0 else bisected(excess, 1e-9, most)
    volume = ball + inner * (now - free)
    salt_mass = 0.009 * inner * (1 - solids)
    mass = membrane * (ball - inner) + inner * (solids / 0.73 + 1 - solids + now - free) + salt_mass
    return mass, volume, now / free


def in_sucrose(diameter, hydration, kda):
    """Density at which the default vesicle has no buoyancy, and the share of all its water that has left."""
    solids = (1.075 - 1.009) / (1 / 0.73 - 1.009)

    def vesicle(percent):
        osmolality = np.interp(percent, PERCENT, IN_SUCROSE[1])
        return by_hand(diameter, 6, 1.16, solids, osmolality, hydration, kda)

    def excess(percent):
        mass, volume, _ = vesicle(percent)
        return 1e3 * mass / volume - np.interp(percent, PERCENT, IN_SUCROSE[0])

    percent = bisected(excess, 5.0, 66.0)
    gone = (1 - solids - hydration * solids / 0.73) * (1 - vesicle(percent)[2])
    return np.interp(percent, PERCENT, IN_SUCROSE[0]), gone / (1 - solids)


# Diameter [nm], solids; then computed independently: densities in PBS and in sucrose at 4 degC [g/mL], and where that
# is [% w/w], of an ideal osmometer with a shell of 5 nm and 1.13 g/mL.
OSMOMETER = [
    (40, 0.10, 1.094, 1.135, 30.7),
    (60, 0.10, 1.081, 1.140, 31.6),
    (100, 0.10, 1.068, 1.148, 33.4),
    (100, 0.20, 1.094, 1.196, 42.6),
    (200, 0.10, 1.057, 1.169, 37.3),
]


@pytest.mark.parametrize(("nm", "solids", "light", "dense", "percent"), OSMOMETER)
def test_where_ideal_osmometers_band(nm, solids, light, dense, percent):
    shell = {"membrane_thickness_nm": 5, "membrane_density_g_mL": 1.13}
    particles = classes_of(nm, **shell, lumen_density_g_mL=lumen(solids), **IDEAL)
    assert isopycnic_density(particles, *ISO_OSMOTIC) == pytest.approx(light * 1e3, abs=1)
    bands_at = isopycnic_density(particles, *IN_SUCROSE)
    assert bands_at == pytest.approx(dense * 1e3, abs=1)
    assert np.interp(bands_at, IN_SUCROSE[0], PERCENT) == pytest.approx(percent, abs=0.3)


@pytest.mark.parametrize("kda", [20, 44, 66.5])
@pytest.mark.parametrize("hydration", [0.2, 0.35, 0.6])
def test_where_vesicles_band_in_sucrose(hydration, kda):
    sizes = [50, 100, 200]
    particles = classes_of(sizes, hydration_g_g=hydration, lumen_molar_mass_kDa=kda)
    expected = np.repeat([in_sucrose(nm, hydration, kda)[0] for nm in sizes], 1)
    assert isopycnic_density(particles, *IN_SUCROSE) == pytest.approx(expected, abs=0.2)


def test_bound_water_brings_the_bands_of_all_sizes_together():
    # Another calculation: 1.163-1.168 g/mL for 50-200 nm at 0.35 g/g, 1.155-1.173 over 0.3-0.5, 69 % of the water
    # gone; its molar mass was not told, and these are the values of 20 kDa.
    sizes = [50, 70, 100, 150, 200]
    band = {h: isopycnic_density(classes_of(sizes, hydration_g_g=h), *IN_SUCROSE) for h in (
        0.3, 0.35, 0.5)}  # fmt: skip
    assert (band[0.35].min(), band[0.35].max()) == pytest.approx((1163, 1168), abs=1)
    assert (band[0.5].min(), band[0.3].max()) == pytest.approx((1155, 1173), abs=1)
    assert in_sucrose(100, 0.35, 20)[1] == pytest.approx(0.69, abs=0.01)


@pytest.mark.parametrize("nm", [50, 70, 100, 150, 200])
@pytest.mark.parametrize("hydration", [0.2, 0.35, 0.6])
def test_vesicles_meet_both_published_ranges(nm, hydration):
    # Exosomes in sucrose: 1.13-1.19 g/mL. In iodixanol the core-shell model alone counts: 1.123 to 1.089 g/mL.
    particles = classes_of(nm, hydration_g_g=hydration)
    assert 1130 < isopycnic_density(particles, *IN_SUCROSE)[0] < (1200 if hydration < 0.3 else 1190)
    iodixanol = {50: 1123, 70: 1112, 100: 1102, 150: 1094, 200: 1089}[nm]
    assert isopycnic_density(particles, *ISO_OSMOTIC) == pytest.approx(iodixanol, abs=1)


@given(DIAMETERS, st.floats(1.05, 3), st.floats(0.12, 0.3))
def test_smaller_is_denser_in_iodixanol_and_in_sucrose_larger_is_if_ideal(nm, factor, solids):
    particles = classes_of([nm, factor * nm], lumen_density_g_mL=lumen(solids), **IDEAL)
    small, large = isopycnic_density(particles, *ISO_OSMOTIC)
    assert small > large
    small, large = np.nan_to_num(isopycnic_density(particles, *IN_SUCROSE), nan=np.inf)  # denser than 66 % sucrose
    assert large > small or small == np.inf


@settings(deadline=None)
@given(
    DIAMETERS,
    st.floats(3, 10),
    st.floats(1.0, 1.3),
    st.floats(0, 0.35),
    OSMOLALITIES,
    st.floats(0, 0.6),
    st.floats(15, 1e5),
)
def test_the_balance_of_membrane_solids_salts_and_water(nm, thickness, membrane, solids, osmolality, hydration, kda):
    assume(nm > 2.1 * thickness)
    particles = classes_of(
        nm,
        membrane_thickness_nm=thickness,
        membrane_density_g_mL=membrane,
        lumen_density_g_mL=lumen(solids),
        hydration_g_g=hydration,
        lumen_molar_mass_kDa=kda,
    )
    assume(particles.osmotic_water.free[0] > 1e-3 * particles.osmotic_water.lumen[0])
    filled = solids * (1 + hydration / 0.73)
    pressing = solids / 0.73 / kda * (1 + filled + filled**2 - filled**3) / (1 - filled) ** 3
    assume(pressing < 0.29)  # more is no solution of such molecules
    mass, volume, share = by_hand(nm, thickness, membrane, solids, osmolality, hydration, kda)
    state = state_at(particles, osmolality)
    assert water_share(particles, osmolality) == pytest.approx(share, rel=1e-7)
    assert state.mass == pytest.approx(mass * 1e-3, rel=1e-7, abs=0)
    assert state.volume == pytest.approx(volume * 1e-6, rel=1e-7, abs=0)


@given(DIAMETERS, OSMOLALITIES, st.floats(0, 20), st.floats(0, 1))
def test_what_leaves_is_water(nm, osmolality, corona, response):
    particles = classes_of(nm, corona_thickness_nm=corona, osmotic_response=response, deflated_prolate=0)
    state = state_at(particles, osmolality)
    lost = particles.volume - state.volume
    assert particles.mass - state.mass == pytest.approx(1000 * lost, rel=1e-6, abs=1e-14 * particles.mass[0])
    core, shrunk = particles.diameter - 2 * particles.corona, state.diameter - 2 * particles.corona
    assert np.pi / 6 * (core**3 - shrunk**3) == pytest.approx(lost, rel=1e-6, abs=1e-14 * particles.volume[0])


@given(DIAMETERS, OSMOLALITIES, OSMOLALITIES, st.floats(0, 20), st.none() | st.floats(1.0, 1.37), st.floats(0, 0.6))
def test_more_osmolality_means_less_water_and_denser(nm, one, other, corona, density, hydration):
    particles = classes_of(
        nm, corona_thickness_nm=corona, density_g_mL=density, density_sd_g_mL=0.006, hydration_g_g=hydration
    )
    low, high = sorted([one, other])
    assert np.all(water_share(particles, high) <= water_share(particles, low) + 1e-12)
    before, after = state_at(particles, low), state_at(particles, high)
    assert np.all(after.volume <= before.volume * (1 + 1e-12))
    sinks = before.mass > 1000 * before.volume
    assert np.all((after.density >= before.density * (1 - 1e-12))[sinks])


@given(DIAMETERS, OSMOLALITIES, st.floats(0, 0.6), st.floats(1, 1e4), st.floats(1.0, 1.37))
def test_membrane_solids_and_bound_water_stay(nm, osmolality, hydration, kda, density):
    particles = classes_of(nm, hydration_g_g=hydration, lumen_molar_mass_kDa=kda, density_g_mL=density)
    water = particles.osmotic_water
    assert np.all((water.free >= 0) & (water.free <= water.water) & (water.water <= water.lumen))
    state = state_at(particles, osmolality)
    stays = particles.volume - water.free
    assert np.all((state.volume >= stays * (1 - 1e-9)) & (state.volume <= particles.volume * 1.03**1.5 * (1 + 1e-9)))
    driest = (particles.mass - 1000 * water.free) / np.maximum(stays, 1e-6 * particles.volume)
    bounds = np.sort([state.density * 0 + 1000, particles.mass / particles.volume, driest], axis=0)
    assert np.all((state.density >= bounds[0] * (1 - 1e-9)) & (state.density <= bounds[-1] * (1 + 1e-9)))


@given(st.floats(15, 3000), st.floats(0.5, 2), OSMOLALITIES, st.floats(0.9, 1.4))
def test_no_given_density_leaves_an_impossible_rest(nm, density, osmolality, membrane):
    # What is left of a vesicle lies between fat and dry protein with its salts, unless it lay outside all along.
    particles = classes_of(nm, density_g_mL=density, membrane_density_g_mL=membrane)
    water = particles.osmotic_water.water
    share = water / particles.volume
    rest = (particles.mass - 1009 * water) / (particles.volume - water)
    assert np.all((share >= 0) & (share < 1))
    low, high = min(900, density * 1e3), max(1370, density * 1e3, membrane * 1e3)
    assert np.all((rest > low - 1e-6) & (rest < high + 1e-6))
    state = state_at(particles, osmolality)
    assert np.all(np.isfinite(state.diameter) & (state.volume > 0))


def test_a_measured_density_tells_the_water():
    # 1.20 g/mL in a sphere of 1.8 um: the lumen, nearly all of it, is (1.20 - 1.009)/(1/0.73 - 1.009) = 53 % solids.
    dense = classes_of(1800, density_g_mL=1.20)
    assert dense.osmotic_water.water / dense.volume == pytest.approx(0.47, abs=0.015)
    assert dense.osmotic_water.free / dense.volume == pytest.approx(0.47 - 0.35 * 0.53 / 0.73, abs=0.025)
    default = classes_of(100)
    same = classes_of(100, density_g_mL=default.mass[0] / default.volume[0] / 1e3)
    assert same.osmotic_water.free == pytest.approx(default.osmotic_water.free, rel=1e-9, abs=0)


def test_a_spread_of_densities_is_a_spread_of_water():
    particles = classes_of(100, density_sd_g_mL=0.01)
    assert np.all(np.diff(particles.mass) > 0)
    assert np.all(np.diff(particles.osmotic_water.free) < 0)


@given(st.floats(0, 10))
def test_an_iso_osmotic_medium_changes_nothing(corona):
    particles = classes_of([30, 100, 1000], corona_thickness_nm=corona)
    mass, volume, diameter = state_at(particles, 0.29)
    assert np.all(mass == particles.mass)
    assert np.all(volume == particles.volume)
    assert diameter == pytest.approx(particles.diameter, rel=1e-14, abs=0)


# Diameter [nm] and the difference of osmolalities [osm/kg] that 4 tau/(d R T) holds at 20 degC with 8.6 mN/m.
TENSIONS = [(50, 0.282), (85, 0.166), (100, 0.141), (150, 0.094), (220, 0.064), (500, 0.028), (1000, 0.014)]


@pytest.mark.parametrize(("nm", "held"), TENSIONS)
def test_where_vesicles_burst(nm, held):
    # The lumen itself is diluted by 4.5 % of the vesicle's volume, taken up by what of the lumen is free water.
    water = classes_of(nm).osmotic_water
    inside = 0.29 / (1 + 0.0453 * np.pi / 6 * (nm * 1e-9) ** 3 / water.free[0])
    assert lysis_osmolality(classes_of(nm)) == pytest.approx(inside - held, abs=0.005)


def test_a_vesicle_swells_until_it_bursts():
    particles = classes_of([50, 100, 1000])
    least = lysis_osmolality(particles)
    assert least[0] < 0 < least[1] < least[2]
    growth = state_at(particles, [0.0, 0.05, 0.2]).diameter / particles.diameter
    assert growth[:, 2] == pytest.approx(1.03**0.5)  # burst in all of them
    assert growth[:, 1] == pytest.approx([1.03**0.5, 1.03**0.5, growth[2, 1]])
    assert 1 < growth[2, 1] < 1.03**0.5
    assert 1 < growth[0, 0] < 1.03**0.5  # survives water


@pytest.mark.parametrize(
    "rigid",
    [
        {"osmotic_response": 0},
        {"kind": "particle", "density_g_mL": 1.1},
        {"kind": "lipoprotein", "density_g_mL": 1.1, "hydration_g_g": 0},
        {"membrane_thickness_nm": 50},
        {"lumen_density_g_mL": 1.37},
        {"hydration_g_g": 2, "lumen_density_g_mL": 1.2},
    ],
    ids=str,
)
@pytest.mark.parametrize("osmolality", [0.0, 3.0])
def test_rigid_particles_do_not_answer(rigid, osmolality):
    particles = classes_of(100, **rigid)
    mass, volume, diameter = state_at(particles, osmolality)
    assert [*mass, *volume, *diameter] == [*particles.mass, *particles.volume, *particles.diameter]
    assert np.all(np.isneginf(lysis_osmolality(particles)))
    assert isopycnic_density(particles, *IN_SUCROSE) == pytest.approx(particles.mass / particles.volume, abs=0.05)


def test_half_a_response_loses_half_the_water():
    whole, half = (classes_of(100, osmotic_response=response) for response in (1, 0.5))
    lost = [particles.volume - state_at(particles, 1.0).volume for particles in (whole, half)]
    assert lost[1] / lost[0] == pytest.approx(0.5)


def test_a_dense_lumen_is_in_balance_at_iso_osmolality():
    # Hard spheres of 0.73 g/mL of protein would press by far more than 0.29 osm/kg; the stated size must hold anyway.
    dense = classes_of(1800, density_g_mL=1.20)
    below, above = water_share(dense, [0.289, 0.291])
    assert np.all((below > 1) & (below < 1.01) & (above < 1) & (above > 0.99))
    assert np.all(water_share(dense, 3.0) > 0.3)  # and resists more than an ideal osmometer


@pytest.mark.parametrize("kept", [0.0, 0.5, 1.0])
def test_a_deflated_vesicle_drags_between_a_sphere_and_a_prolate_of_its_area(kept):
    # A prolate spheroid with axes 4:1:1, computed here: volume over that of the sphere with the same area, and drag.
    p = 4.0
    e = np.sqrt(1 - 1 / p**2)
    area = 2 * np.pi * (1 + p / e * np.arcsin(e))  # short half axis 1
    radius = np.sqrt(area / (4 * np.pi))
    reduced = p / radius**3
    perrin = np.sqrt(p**2 - 1) / np.log(p + np.sqrt(p**2 - 1)) / radius
    particles = classes_of(100, deflated_prolate=kept)
    osmolality = bisected(lambda osm: state_at(particles, osm).volume[0] / particles.volume[0] - reduced, 0.29, 8)
    expected = reduced ** (1 / 3) + kept * (perrin - reduced ** (1 / 3))
    assert state_at(particles, osmolality).diameter[0] * 1e7 == pytest.approx(expected, rel=1e-5)


def test_a_gradient_is_one_row_for_each_medium():
    particles, gradient = classes_of([40, 100]), np.array([[0.1, 0.29], [0.5, 2.0]])
    along = state_at(particles, gradient)
    assert along.mass.shape == (2, 2, 2)
    for place, osmolality in np.ndenumerate(gradient):
        for all_of, one in zip(along, state_at(particles, osmolality), strict=True):
            assert all_of[place] == pytest.approx(one, rel=1e-12, abs=0)


def test_without_bound_water_and_protein_the_share_is_inverse_to_the_osmolality():
    particles = classes_of(100, **IDEAL)
    assert water_share(particles, [0.29, 0.58, 2.9])[:, 0] == pytest.approx([1, 0.5, 0.1], rel=1e-6)


@pytest.mark.parametrize(("low", "high", "within"), [(0.29, 8.0, 1e-4), (0.0, 0.29, 1e-3)])
def test_a_table_of_states_is_as_good_as_the_equation(low, high, within):
    particles = classes_of([40, 100, 400, 1800])
    osmolality = np.random.default_rng(3).uniform(low, high, 2000)
    table = StateTable.of(particles, osmolality)
    mass, volume = table.weighed_at(osmolality)
    state = state_at(particles, osmolality)
    assert np.abs((volume - state.volume) / particles.osmotic_water.free).max() < within
    assert np.abs((mass - state.mass) / particles.osmotic_water.free / 1000).max() < within
    places = table.among_nodes(osmolality)
    between = [np.interp(places, np.arange(len(table.mass)), column) for column in table.diameter.T]
    assert np.abs(np.array(between).T / state.diameter - 1).max() < within


def test_motion_in_a_hyperosmotic_medium():
    particles = classes_of(100, lumen_density_g_mL=lumen(0.2), deflated_prolate=0)
    brine = {"density_g_mL": 1.02, "viscosity_mPa_s": 1.7, "osmolality_mOsm_kg": 580}
    medium = Medium.pure(fluid(brine), COLD)
    mass, volume, _ = by_hand(100, 6, 1.16, 0.2, 0.58)
    drag = 3 * np.pi * 1.7e-3 * (6 / np.pi * volume * 1e-6) ** (1 / 3)
    s = (mass - volume * 1.02) * 1e-3 / drag
    assert sedimentation_coefficient(particles, medium) == pytest.approx(s, rel=1e-6, abs=0)
    assert diffusion_coefficient(particles, medium) == pytest.approx(BOLTZMANN_J_PER_K * COLD / drag, rel=1e-6, abs=0)


# Density in salt and in iodixanol [g/mL] of the limits of LDL, as published: what water on the surface that implies.
LIMITS = [(1.019, 1.016), (1.034, 1.028), (1.060, 1.043)]


@pytest.mark.parametrize(("salt", "iodixanol"), LIMITS)
def test_lipoproteins_are_lighter_in_iodixanol_than_in_salt(salt, iodixanol):
    implied = (iodixanol / salt - 1) / (1 - iodixanol)  # from (1 + h)/(1/rho + h) with water of 1 g/mL
    assert 0.18 <= implied <= 0.38
    particles = classes_of(20, kind="lipoprotein", density_g_mL=salt, hydration_g_g=implied)
    assert isopycnic_density(particles, *ISO_OSMOTIC) == pytest.approx(iodixanol * 1e3, abs=0.1)


def test_ldl_bands_in_iodixanol_where_it_was_found():
    # Davies et al. 2003: at or below 1.028 g/mL in a self-forming gradient of 12 % iodixanol.
    ldl = particle_table([("ldl", "lipoprotein", population({"name": "ldl", "particles_per_mL": 1}).classes(1, 1))])
    liquids = [fluid({"iodixanol_percent_w_v": percent, "diluent": "PBS"}) for percent in np.linspace(0, 30, 61)]
    assert isopycnic_bands(ldl, [Medium.pure(each, COLD) for each in liquids]).density[0] < 1028.5
    # The salts in which lipoproteins are classed, from 1.019 g/mL of KBr on, leave the density in salt.
    assert state_at(ldl, 0.75).density[0] == pytest.approx(1035, abs=1.5)
    assert state_at(ldl, [1.6, 5.0]).density[:, 0] == pytest.approx(1035, abs=0.3)


@given(st.floats(5, 300), st.floats(0.92, 1.25), OSMOLALITIES, st.floats(0, 0.5))
def test_water_on_a_lipoprotein(nm, density, osmolality, hydration):
    particles = classes_of(nm, kind="lipoprotein", density_g_mL=density, hydration_g_g=hydration)
    state = state_at(particles, osmolality)
    share = min(1, 0.29 / osmolality) ** 2 if osmolality > 0 else 1
    assert state.mass == pytest.approx(particles.mass * (1 + hydration * share), rel=1e-12, abs=0)
    assert state.volume - particles.volume == pytest.approx(
        particles.mass * hydration * share / 1000, abs=1e-12 * nm**3 * 1e-27
    )
    assert np.all(state.diameter == particles.diameter)  # stated sizes are hydrodynamic


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
