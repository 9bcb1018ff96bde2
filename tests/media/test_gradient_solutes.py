"""Iodixanol, salts and the solute of a user, each on its own."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA
from scipy.optimize import brentq

from sepsim.errors import InputError
from sepsim.media import Iodixanol, Salt, Sucrose, TabulatedSolute, fluid, water
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


CSCL, KBR, NABR = (Salt(name) for name in ("CsCl", "KBr", "NaBr"))
SOLUTES = [Sucrose(), Iodixanol(), CSCL, KBR, NABR, nycodenz()]
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
def test_viscosity_starts_at_that_of_the_solvent_and_rises_unless_the_salt_breaks_its_structure(solute, temperature):
    c = np.linspace(0.0, solute.highest_concentration(temperature), 500)
    relative = solute.relative_viscosity(c, temperature)
    assert relative[0] == pytest.approx(1.0, rel=1e-12)
    if solute not in (CSCL, KBR):
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
    np.testing.assert_allclose(density(CSCL, fraction * rho, AT_20), rho, rtol=0, atol=2.0)


def test_cscl_density_molarity_and_weight_fraction_at_25_degrees():
    rho, molarity, percent = (column("cscl_25C", name) for name in ("rho25_g_mL", "c_mol_L", "w_percent"))
    c = 1e3 * molarity * CSCL.molar_mass
    np.testing.assert_allclose(density(CSCL, c, AT_25), 1e3 * rho, rtol=0, atol=0.2)
    np.testing.assert_allclose(100 * c / density(CSCL, c, AT_25), percent, rtol=0, atol=0.02)


def test_cscl_osmolality_agrees_with_freezing_points():
    """1.858 K kg/osm; freezing points hold below 0 degC, the equation at 25 degC, where salts are less ideal: 7 %."""
    freezing = [row for row in rows("cscl_crc_20C") if row["freezing_depression_K"]]
    fraction = np.array([float(row["percent_w_w"]) / 100 for row in freezing])
    measured = np.array([float(row["freezing_depression_K"]) for row in freezing]) / 1.858
    np.testing.assert_allclose(CSCL.osmolality(fraction / (1 - fraction)), measured, rtol=0.07)


def dissolved(solute, rho, temperature):
    """Concentration of a solution of a density in water [kg/m3], and its mass per mass of water."""
    c = brentq(lambda c: float(density(solute, c, temperature)) - rho, 0.0, 3000.0)
    return c, c / (rho - c)


def own_cscl(molality):
    """Density at 25 degC [g/mL] and ln(gamma) by Pitzer, written down again from the coefficients."""
    t, m = 25.0, molality

    def rho_of(c):
        linear, root = 132.7 - 0.1511 * t + 1.251e-3 * t**2, -3.113 + 4.181e-2 * t - 3.319e-4 * t**2
        return 997.045 + linear * c + root * c**1.5

    c = brentq(lambda c: c / (rho_of(c) - 168.358 * c) * 1e3 - m, 1e-9, 9.0)
    a, b, beta0, beta1, cphi = 0.3915, 1.2, 0.03745, 0.02709, -0.00103
    root = np.sqrt(m)
    charges = -a * (root / (1 + b * root) + 2 / b * np.log(1 + b * root))
    pairs = 2 * beta0 + 2 * beta1 / (4 * m) * (1 - (1 + 2 * root - 2 * m) * np.exp(-2 * root))
    return rho_of(c) / 1e3, charges + m * pairs + 1.5 * cphi * m**2


@pytest.mark.parametrize("molality", [0.5, 1.72, 3.73, 6.15, 9.14])
def test_the_gradient_of_cscl_follows_from_its_activity_and_density(molality):
    """beta = 2 R T (1 + dln(gamma)/dln(m)) / [m M (1 - v rho) drho/dm]; slopes numerical, v from (1 + m M)/rho."""
    step, mass = 1e-4, 0.168358
    (low, below), (rho, _), (high, above) = (own_cscl(molality * f) for f in (1 - step, 1.0, 1 + step))
    factor = 1.0 + (above - below) / np.log((1 + step) / (1 - step))
    span = molality * 2 * step
    volume = ((1 + molality * (1 + step) * mass) / high - (1 + molality * (1 - step) * mass) / low) / (
        span * mass
    )  # L/kg
    buoyancy = 1.0 - volume * rho
    beta = 2 * 8.314462618 * AT_25 * factor / (molality * mass * buoyancy * 1e3 * (high - low) / span)
    c, ratio = dissolved(CSCL, 1e3 * rho, AT_25)
    per_field = float(CSCL.sedimentation_per_diffusion(c, 1e3 * rho, ratio, AT_25)) * c
    slope = float(density(CSCL, c + 0.1, AT_25) - density(CSCL, c - 0.1, AT_25)) / 0.2
    assert 1.0 / (per_field * slope) == pytest.approx(beta, rel=2e-3)


@pytest.mark.parametrize("row", rows("cscl_beta"), ids=lambda row: row["rho25_g_mL"])
def test_the_gradient_of_cscl_is_that_of_the_reference(row):
    """The table is trusted to 2 % at 1.45, 5 % at 1.55 and 10 % at 1.7 g/mL; the same equations meet it to 0.5 %."""
    rho = 1e3 * float(row["rho25_g_mL"])
    c, ratio = dissolved(CSCL, rho, AT_25)
    assert ratio / CSCL.molar_mass == pytest.approx(float(row["molality_mol_kg"]), abs=0.006)
    assert float(CSCL.thermodynamic_factor(ratio)) == pytest.approx(float(row["thermodynamic_factor"]), abs=6e-4)
    assert 1e3 * float(CSCL.partial_volume(c, AT_25)) == pytest.approx(float(row["partial_volume_mL_g"]), abs=6e-4)
    slope = float(density(CSCL, c + 0.1, AT_25) - density(CSCL, c - 0.1, AT_25)) / 0.2
    beta = 1.0 / (slope * c * float(CSCL.sedimentation_per_diffusion(c, rho, ratio, AT_25)))
    assert 1e7 * beta == pytest.approx(1e9 * float(row["beta_1e9_cgs"]), rel=5e-3)


@each_solute
def test_a_dilute_solute_follows_svedberg(solute):
    c = 0.02
    v = float(solute.specific_volume(c, AT_25))
    ideal = solute.molar_mass * (1.0 - v * 1010.0) / (solute.ions * 8.314462618 * AT_25)
    found = float(solute.sedimentation_per_diffusion(c, 1010.0, 2e-5, AT_25))
    assert found == pytest.approx(ideal, rel=0.03)  # a table of one's own starts at its first point


@each_solute
@given(ratio=st.floats(1e-3, 0.5))
def test_one_thermodynamics_serves_osmosis_and_sedimentation(solute, ratio):
    step = 1e-4 * ratio
    rise = float(solute.osmolality(ratio + step)) - float(solute.osmolality(ratio - step))
    slope = rise / (2 * step) * solute.molar_mass / solute.ions
    assert float(solute.thermodynamic_factor(ratio)) == pytest.approx(slope, rel=1e-3)


@each_solute
@given(share=st.floats(0.01, 1.0), temperature=temperatures)
def test_the_partial_volume_is_that_of_adding_solute_to_a_flask(solute, share, temperature):
    """A litre of water with c kg in V m3; a little more solute swells it by v dm."""
    c = share * solute.highest_concentration(temperature)

    def volume_with(mass):  # of 1 kg of water
        water_density = water.kell_1975(temperature)
        return brentq(
            lambda v: v * (1.0 - float(solute.volume(mass / v, temperature))) - 1.0 / water_density, 1e-4, 1.0
        )

    mass = c / (water.kell_1975(temperature) * (1.0 - float(solute.volume(c, temperature))))
    added = 1e-3 * mass
    swelling = (volume_with(mass + added) - volume_with(mass - added)) / (2 * added)
    assert float(solute.partial_volume(c, temperature)) == pytest.approx(swelling, rel=0.02)


@pytest.mark.parametrize("row", rows("bromides_crc_20C"), ids=lambda row: f"{row['solute']}-{row['percent_w_w']}")
def test_bromides_agree_with_the_crc_handbook(row):
    """Density within 2.5 kg/m3, viscosity within 2 %, osmolality within 6 % (of freezing points, 1.858 K kg/osm)."""
    salt, fraction, rho = Salt(row["solute"]), float(row["percent_w_w"]) / 100, 1e3 * float(row["density_g_mL"])
    assert float(density(salt, fraction * rho, AT_20)) == pytest.approx(rho, abs=2.5)
    viscosity = water.kestin_1978(AT_20) * float(salt.relative_viscosity(fraction * rho, AT_20))
    assert 1e3 * viscosity == pytest.approx(float(row["viscosity_mPa_s"]), rel=0.02)
    if row["freezing_depression_K"]:
        osmolality = float(salt.osmolality(fraction / (1.0 - fraction)))
        assert osmolality == pytest.approx(float(row["freezing_depression_K"]) / 1.858, rel=0.06)


@pytest.mark.parametrize(
    ("key", "grams"),
    [("kbr_g_mL", [27.4, 89.2, 178.1, 302.6]), ("nabr_g_mL", [25.6, 83.1, 165.4, 280.1])],
)
def test_the_bromide_that_makes_the_densities_of_lipoprotein_classes(key, grams):
    """Grams in a litre at 15 degC, computed by another program from the same densities."""
    made = [fluid({key: rho, "prepared_at_C": 15}) for rho in (1.019, 1.063, 1.125, 1.210)]
    assert [each.composition(288.15)[1][0][1] for each in made] == pytest.approx(grams, abs=0.1)
    assert [each.density(288.15) for each in made] == pytest.approx([1019, 1063, 1125, 1210], abs=0.01)


@pytest.mark.parametrize(
    ("salt", "celsius", "viscosities"),
    [
        (KBR, 4, [1.44, 1.35, 1.32]),
        (KBR, 20, [0.96, 0.94, 0.95]),
        (NABR, 4, [1.61, 1.75, 2.09]),
        (NABR, 20, [1.07, 1.18, 1.40]),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_potassium_bromide_thins_water_and_sodium_bromide_thickens_it(salt, celsius, viscosities):
    """mPa s at 10, 20 and 30 % w/w, by another program."""
    made = [fluid({f"{salt.name.lower()}_percent_w_w": percent}) for percent in (10, 20, 30)]
    assert [1e3 * each.viscosity(273.15 + celsius) for each in made] == pytest.approx(viscosities, abs=0.006)


@pytest.mark.parametrize(
    ("salt", "published"),
    [(KBR, {0.5: 1.85, 1.0: 1.93, 2.0: 2.09, 3.0: 2.22}), (NABR, {0.5: 1.51, 1.0: 1.57, 2.0: 1.70, 3.0: 1.79})],
    ids=["KBr", "NaBr"],
)
def test_bromides_diffuse_by_nernst_and_hartley(salt, published):
    """1e-9 m2/s at 25 degC over mol/L, by another program."""
    for molarity, diffusion in published.items():
        c = 1e3 * molarity * salt.molar_mass
        ratio = c / (water.kell_1975(AT_25) * (1.0 - float(salt.volume(c, AT_25))))
        mobility = salt.diffusion(AT_25) / float(salt.relative_viscosity(c, AT_25))
        assert 1e9 * mobility * float(salt.thermodynamic_factor(ratio)) == pytest.approx(diffusion, rel=0.005)


def test_iodixanol_associates_as_its_osmolality_says():
    """Labels of X-ray solutions: phi 0.35 +- 0.04 and d(phi m)/dm about 0.24 at 0.48-0.61 mol/kg; 1 when dilute."""
    ratio = 1.55 * np.array([0.48, 0.538, 0.607])
    assert Iodixanol().osmolality(ratio) / (ratio / 1.55) == pytest.approx([0.35] * 3, abs=0.05)
    assert Iodixanol().thermodynamic_factor(ratio) == pytest.approx([0.24] * 3, abs=0.065)
    assert float(Iodixanol().thermodynamic_factor(1e-6)) == pytest.approx(1.0, abs=1e-4)


def test_cscl_index_rises_with_density_as_ifft_found():
    """Ifft, Voet and Vinograd 1961: drho/dn = 10.86 g/mL over 1.2-1.8 g/mL."""
    c = np.array([400.0, 1000.0])
    index = CSCL.refractive_increment(c, AT_25)
    assert np.diff(density(CSCL, c, AT_25) / 1e3) / np.diff(index) == pytest.approx(10.86, rel=0.01)


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
