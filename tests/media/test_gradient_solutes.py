"""Iodixanol, caesium chloride and the solute of a user, each on its own."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA

from sepsim.errors import InputError
from sepsim.media import CesiumChloride, Iodixanol, Sucrose, TabulatedSolute, water
from sepsim.media.monotone import MonotoneCurve

AT_20, AT_25 = 293.15, 298.15
temperatures = st.floats(275.15, 312.15)


def rows(table):
    with (DATA / f"{table}.csv").open() as file:
        return list(csv.DictReader(file))


def column(table, name):
    return np.array([float(row[name]) for row in rows(table) if row[name]])


def density(solute, c, temperature):
    return water.kell_1975(temperature) * (1.0 - solute.volume(c, temperature)) + c


def nycodenz(**changes):
    table = {
        "name": "Nycodenz",
        "percent_w_v": [10, 30, 60],
        "density_g_mL": [1.052, 1.159, 1.319],
        "viscosity_mPa_s": [1.3, 1.8, 7.2],
        "molar_mass_kDa": 0.821,
        "stokes_radius_nm": 0.6,
    }
    return TabulatedSolute(**(table | changes))


SOLUTES = [Sucrose(), Iodixanol(), CesiumChloride(), nycodenz()]
each_solute = pytest.mark.parametrize("solute", SOLUTES, ids=lambda solute: solute.name)


@each_solute
@given(temperature=temperatures)
def test_density_rises_with_concentration_and_starts_at_water(solute, temperature):
    c = np.linspace(0.0, solute.highest_concentration(temperature), 500)
    rho = density(solute, c, temperature)
    assert rho[0] == pytest.approx(water.kell_1975(temperature), rel=1e-12)
    assert np.all(np.diff(rho) > 0)
    assert np.all(solute.volume(c[1:], temperature) > 0)


@each_solute
@given(temperature=temperatures)
def test_viscosity_starts_at_that_of_the_solvent_and_rises_unless_the_solute_is_a_salt(solute, temperature):
    c = np.linspace(0.0, solute.highest_concentration(temperature), 500)
    relative = solute.relative_viscosity(c, temperature)
    assert relative[0] == pytest.approx(1.0, rel=1e-12)
    if not isinstance(solute, CesiumChloride):
        assert np.all(np.diff(relative) > 0)


@each_solute
def test_osmolality_rises_from_zero_and_diffusion_follows_stokes_and_einstein(solute):
    ratio = np.linspace(0.0, 0.8, 50)
    osmolality = solute.osmolality(ratio)
    assert osmolality[0] == 0.0
    assert np.all(np.diff(osmolality) > 0)
    friction = [solute.diffusion(t) * water.viscosity(t) / t for t in (277.15, 310.15)]
    assert friction[0] == pytest.approx(friction[1], rel=1e-9)


@each_solute
def test_solutes_are_values(solute):
    assert {solute: 1}[solute] == 1
    assert solute.volume(np.full((2, 3), 50.0), AT_20).shape == (2, 3)


@pytest.mark.parametrize(
    "row", rows("iodixanol_viscosity"), ids=lambda row: f"{row['percent_w_v']}-{row['temperature_C']}"
)
def test_iodixanol_meets_the_measured_viscosities(row):
    kelvin = 273.15 + float(row["temperature_C"])
    computed = water.viscosity(kelvin) * float(Iodixanol().relative_viscosity(10 * float(row["percent_w_v"]), kelvin))
    assert 1e3 * computed == pytest.approx(float(row["viscosity_mPa_s"]), rel=1e-3)


def test_the_viscosity_factor_of_iodixanol_multiplies_the_logarithm():
    thin, thick = (Iodixanol(viscosity_factor=factor).relative_viscosity(400.0, AT_20) for factor in (1.0, 1.1))
    assert np.log(thick) == pytest.approx(1.1 * np.log(thin))
    assert Iodixanol(viscosity_factor=1.1) != Iodixanol()


def test_iodixanol_of_the_stock_has_a_third_of_the_ideal_osmolality():
    """600 g/L in 720 g/L of water are 0.538 mol/kg; a tight association lowers the osmotic coefficient to 0.32."""
    assert float(Iodixanol().osmolality(600.0 / 720.0)) == pytest.approx(0.170, rel=1e-6)
    assert np.isnan(Iodixanol().refractive_increment(100.0, AT_20))


def test_cscl_density_agrees_with_the_crc_handbook():
    fraction = column("cscl_crc_20C", "percent_w_w") / 100
    rho = 1e3 * column("cscl_crc_20C", "density_g_mL")
    np.testing.assert_allclose(density(CesiumChloride(), fraction * rho, AT_20), rho, rtol=0, atol=2.0)


def test_cscl_density_molarity_and_weight_fraction_at_25_degrees():
    rho, molarity, percent = (column("cscl_25C", name) for name in ("rho25_g_mL", "c_mol_L", "w_percent"))
    c = 1e3 * molarity * CesiumChloride().molar_mass
    np.testing.assert_allclose(density(CesiumChloride(), c, AT_25), 1e3 * rho, rtol=0, atol=0.2)
    np.testing.assert_allclose(100 * c / density(CesiumChloride(), c, AT_25), percent, rtol=0, atol=0.02)


def test_cscl_osmolality_agrees_with_freezing_points():
    """1.858 K kg/osm; freezing points hold at 0 degC, the equation at 25 degC: 6 %."""
    freezing = [row for row in rows("cscl_crc_20C") if row["freezing_depression_K"]]
    fraction = np.array([float(row["percent_w_w"]) / 100 for row in freezing])
    measured = np.array([float(row["freezing_depression_K"]) for row in freezing]) / 1.858
    np.testing.assert_allclose(CesiumChloride().osmolality(fraction / (1 - fraction)), measured, rtol=0.06)


def test_concentrated_cscl_forms_the_gradient_that_beta_states():
    """In equilibrium drho/dr = (drho/dc) (s/D) w^2 r c; times 1 / (w^2 r) that is 1 / beta."""
    salt, c = CesiumChloride(beta=120.0), np.linspace(800.0, 1150.0, 50)
    slope = np.gradient(density(salt, c, AT_25), c)
    per_field = slope * salt.sedimentation_per_diffusion(c, density(salt, c, AT_25), AT_25) * c
    np.testing.assert_allclose(per_field[1:-1], 1.0 / 120.0, rtol=1e-4)


def test_dilute_cscl_sediments_as_two_ideal_ions():
    salt, c = CesiumChloride(), 20.0
    v = float(salt.specific_volume(c, AT_25))
    ideal = salt.molar_mass * (1.0 - v * 1012.0) / (2 * 8.314462618 * AT_25)
    assert float(salt.sedimentation_per_diffusion(c, 1012.0, AT_25)) == pytest.approx(ideal, rel=1e-9)
    assert 0.23e-3 < v < 0.29e-3


def test_cscl_index_rises_with_density_as_ifft_found():
    """Ifft, Voet and Vinograd 1961: drho/dn = 10.86 g/mL over 1.2-1.8 g/mL."""
    c = np.array([400.0, 1000.0])
    index = CesiumChloride().refractive_increment(c, AT_25)
    assert np.diff(density(CesiumChloride(), c, AT_25) / 1e3) / np.diff(index) == pytest.approx(10.86, rel=0.01)


def test_neutral_solutes_follow_svedberg():
    c, rho = 100.0, 1030.0
    expected = 0.3423 * (1 - float(Sucrose().specific_volume(c, AT_20)) * rho) / (8.314462618 * AT_20)
    assert float(Sucrose().sedimentation_per_diffusion(c, rho, AT_20)) == pytest.approx(expected, rel=1e-9)


def test_a_table_of_ones_own_is_met_at_its_points():
    own = nycodenz(osmolality_mOsm_kg=[100, 250, 600], refractive_index=[1.349, 1.382, 1.431])
    c = np.array([100.0, 300.0, 600.0])
    np.testing.assert_allclose(density(own, c, AT_20), [1052, 1159, 1319], rtol=1e-9)
    viscosity = 1e3 * water.kestin_1978(AT_20) * own.relative_viscosity(c, AT_20)
    np.testing.assert_allclose(viscosity, [1.3, 1.8, 7.2], rtol=1e-9)
    np.testing.assert_allclose(own.osmolality(c / ([1052, 1159, 1319] - c)), [0.1, 0.25, 0.6], rtol=1e-9)
    np.testing.assert_allclose(1.333 + own.refractive_increment(c, AT_20), [1.349, 1.382, 1.431], rtol=1e-9)
    assert own.highest_concentration(AT_20) == pytest.approx(600.0)
    assert TabulatedSolute.from_table(own.to_table()) == own


def test_a_table_of_iodixanol_is_iodixanol():
    """A table drawn from a known solute gives it back between the points, coefficient of diffusion included."""
    c = np.arange(100.0, 601.0, 100.0)
    eta = 1e3 * water.kestin_1978(AT_20) * Iodixanol().relative_viscosity(c, AT_20)
    rho = density(Iodixanol(), c, AT_20) / 1e3
    own = nycodenz(percent_w_v=[*(c / 10)], density_g_mL=[*rho], viscosity_mPa_s=[*eta], stokes_radius_nm=0.88)
    between = np.array([50.0, 150.0, 350.0, 550.0])
    np.testing.assert_allclose(density(own, between, AT_20), density(Iodixanol(), between, AT_20), rtol=1e-9)
    relative = own.relative_viscosity(between, AT_20) / Iodixanol().relative_viscosity(between, AT_20)
    np.testing.assert_allclose(relative, 1.0, rtol=0.02)
    assert own.diffusion(AT_20) == pytest.approx(Iodixanol().diffusion(AT_20), rel=0.01)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"density_g_mL": [1.05, 1.16]}, "2 values for 3 of percent_w_v"),
        ({"percent_w_v": [10, 60, 30]}, "percent_w_v: must rise"),
        ({"density_g_mL": [1.2, 1.4, 1.7]}, "does not fit percent_w_v"),
        ({"viscosity_mPa_s": "thick"}, "must be a list of numbers"),
        ({"viscosity_mPa_s": [1.0, -2.0, 3.0]}, "must be a list of numbers"),
        ({"diffusion_m2_s": 2e-10}, "exactly one of diffusion_m2_s and stokes_radius_nm"),
        ({"stokes_radius_nm": None}, "exactly one of diffusion_m2_s and stokes_radius_nm"),
    ],
)
def test_unsound_tables_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        nycodenz(**changes)


@given(st.lists(st.floats(0.1, 10.0), min_size=2, max_size=8), st.floats(0.0, 1.0))
def test_a_curve_never_leaves_the_range_of_its_interval(steps, along):
    x = np.arange(len(steps) + 1.0)
    y = np.concatenate(([0.0], np.cumsum(steps)))
    fine = np.linspace(0.0, len(steps), 101)
    values = MonotoneCurve(x, y)(fine)
    assert np.all(np.diff(values) >= -1e-12)
    np.testing.assert_allclose(MonotoneCurve(x, y)(x), y, atol=1e-12)


def test_a_curve_reproduces_a_line_and_needs_two_points():
    line = MonotoneCurve([0, 1, 3], [1, 3, 7])
    np.testing.assert_allclose(line([-1.0, 0.5, 2.0, 5.0]), [-1.0, 2.0, 5.0, 11.0])
    with pytest.raises(ValueError, match="at least two points"):
        MonotoneCurve([0], [1])
