"""Sucrose against the CRC Handbook and Laliberté, its monotony, joins, conversions and limits."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA

from sepsim.errors import InputError, ModelRangeWarning
from sepsim.media import Solution, Sucrose, sucrose, water

AT_20 = 293.15

temperatures = st.floats(273.15, 333.15)


def column(table, name, *, needed=None):
    with (DATA / f"{table}.csv").open() as file:
        return np.array([float(row[name]) for row in csv.DictReader(file) if row[needed or name]])


def test_density_agrees_with_the_crc_handbook():
    percent, density = (column("sucrose_20C_check", name) for name in ("w_percent", "rho_crc_kg_m3"))
    covered = percent <= 74
    assert covered.sum() > 50
    computed = sucrose.density(percent[covered] / 100, AT_20)
    np.testing.assert_allclose(computed, density[covered], rtol=0, atol=0.5)


def test_viscosity_agrees_with_the_crc_handbook():
    percent = column("sucrose_20C_check", "w_percent", needed="eta_crc_mPa_s")
    viscosity = column("sucrose_20C_check", "eta_crc_mPa_s")
    covered = percent <= 74
    assert covered.sum() > 50
    computed = sucrose.viscosity(percent[covered] / 100, AT_20)
    np.testing.assert_allclose(1e3 * computed, viscosity[covered], rtol=0.015)


@pytest.mark.parametrize("celsius", [10, 20, 30, 40])
def test_agrees_with_the_correlation_of_laliberte_up_to_half_sucrose(celsius):
    chosen = column("sucrose_laliberte", "temperature_C") == celsius
    fraction = column("sucrose_laliberte", "sucrose_percent_w_w")[chosen] / 100
    density, viscosity = (column("sucrose_laliberte", name)[chosen] for name in ("rho_kg_m3", "eta_mPa_s"))
    kelvin = celsius + 273.15
    np.testing.assert_allclose(sucrose.density(fraction, kelvin), density, rtol=0, atol=1.0)
    np.testing.assert_allclose(1e3 * sucrose.viscosity(fraction, kelvin), viscosity, rtol=0.06)


@given(temperatures)
def test_density_and_viscosity_rise_with_sucrose(temperature):
    fraction = np.linspace(0.0, 0.75, 3001)
    assert np.all(np.diff(sucrose.density(fraction, temperature)) > 0)
    assert np.all(np.diff(sucrose.viscosity(fraction, temperature)) > 0)


@given(st.floats(0.0, 0.75), st.floats(273.15, 332.0), st.floats(0.01, 1.0))
def test_viscosity_falls_with_temperature(fraction, temperature, step):
    assert sucrose.viscosity(fraction, temperature + step) < sucrose.viscosity(fraction, temperature)


@pytest.mark.parametrize("join", [0.46, 0.48, 0.50])
@pytest.mark.parametrize("temperature", [277.15, AT_20, 310.15])
def test_viscosity_has_no_step_where_the_branches_meet(join, temperature):
    below, above = sucrose.viscosity(np.array([join - 1e-7, join + 1e-7]), temperature)
    assert abs(above / below - 1) < 5e-4 * 0.01


@given(st.floats(273.15, 313.15))
def test_without_sucrose_it_has_the_density_of_water(temperature):
    assert sucrose.density(0.0, temperature) == pytest.approx(water.density(temperature), abs=1e-9)


def test_without_sucrose_it_has_nearly_the_viscosity_of_water():
    assert sucrose.viscosity(0.0, AT_20) == pytest.approx(water.viscosity(AT_20), rel=0.005)


def test_the_isoosmotic_buffer():
    fraction = sucrose.weight_fraction_from_molarity(250.0, AT_20)
    assert fraction == pytest.approx(0.0830, rel=0.005)
    assert sucrose.density(fraction, AT_20) == pytest.approx(1030.8, rel=0.0005)
    assert sucrose.osmolality(fraction) == pytest.approx(0.27, rel=0.005)


def test_thirty_percent_by_weight_and_by_volume_are_two_fluids():
    by_volume = sucrose.weight_fraction_from_mass_concentration(300.0, AT_20)
    assert sucrose.density(0.30, AT_20) == pytest.approx(1127.0, abs=2)
    assert sucrose.density(by_volume, AT_20) == pytest.approx(1112.5, abs=2)


def test_osmolality_is_ideal_when_dilute_and_exceeds_it_when_concentrated():
    fraction = np.array([1e-4, 0.3])
    molality = fraction / (0.3423 * (1 - fraction))
    dilute, concentrated = sucrose.osmolality(fraction) / molality
    assert dilute == pytest.approx(1.0, abs=1e-4)
    assert concentrated > 1.05


@given(st.floats(0.0, 0.75), temperatures)
def test_conversions_return_to_the_weight_fraction(fraction, temperature):
    by_volume = sucrose.mass_concentration(fraction, temperature)
    amount = sucrose.molarity(fraction, temperature)
    back = sucrose.weight_fraction_from_mass_concentration(by_volume, temperature)
    assert back == pytest.approx(fraction, abs=1e-12)
    assert sucrose.weight_fraction_from_molarity(amount, temperature) == pytest.approx(fraction, abs=1e-12)


def test_conversions_take_arrays():
    fraction = np.linspace(0, 0.75, 6).reshape(2, 3)
    back = sucrose.weight_fraction_from_mass_concentration(sucrose.mass_concentration(fraction, AT_20), AT_20)
    np.testing.assert_allclose(back, fraction, atol=1e-12)


@pytest.mark.parametrize("function", [sucrose.density, sucrose.viscosity, sucrose.molarity])
@pytest.mark.parametrize("fraction", [-0.01, 0.76, float("nan"), np.array([0.1, 0.8])])
def test_concentrations_beyond_the_correlation_are_refused(function, fraction):
    with pytest.raises(InputError, match=r"must lie within 0 to 0\.75"):
        function(fraction, AT_20)


def test_percent_in_place_of_a_fraction_is_recognised():
    with pytest.raises(InputError, match="percent were meant"):
        sucrose.density(30.0, AT_20)


@pytest.mark.parametrize("concentration", [-1.0, 1100.0, float("nan")])
def test_mass_concentrations_beyond_the_correlation_are_refused(concentration):
    with pytest.raises(InputError, match="mass concentration of sucrose"):
        sucrose.weight_fraction_from_mass_concentration(concentration, AT_20)


@pytest.mark.parametrize("function", [sucrose.density, sucrose.viscosity])
@pytest.mark.parametrize("temperature", [270.0, 340.0])
def test_temperatures_beyond_the_correlation_warn(function, temperature):
    with pytest.warns(ModelRangeWarning, match=r"Barber 1966.*0 to 60 degC"):
        function(0.3, temperature)


def test_osmolality_beyond_the_measurements_warns():
    with pytest.warns(ModelRangeWarning, match="6 mol/kg"):
        sucrose.osmolality(0.70)


def test_a_solution_is_the_correlation_at_its_concentration():
    solution = Solution(sucrose_percent_w_w=40)
    assert solution.density(277.15) == pytest.approx(sucrose.density(0.40, 277.15), rel=1e-9)
    assert solution.viscosity(277.15) == pytest.approx(sucrose.viscosity(0.40, 277.15), rel=1e-5)
    assert solution.osmolality == pytest.approx(sucrose.osmolality(0.40), rel=1e-9)
    with pytest.raises(InputError, match="sucrose_percent_w_w"):
        Solution(sucrose_percent_w_w=80)


@given(st.floats(0.0, 0.75), temperatures)
def test_the_solute_is_the_correlation_interpolated(fraction, temperature):
    c = sucrose.mass_concentration(fraction, temperature)
    solute, solvent = Sucrose(), water.kell_1975(temperature)
    density = solvent * (1.0 - float(solute.volume(c, temperature))) + c
    assert density == pytest.approx(sucrose.density(fraction, temperature), rel=1e-7)
    patched = sucrose.viscosity(fraction, temperature) / water.kestin_1978(temperature)
    offset = sucrose.viscosity(0.0, temperature) / water.kestin_1978(temperature)
    expected = patched / offset ** ((1.0 - fraction) ** 12)
    assert float(solute.relative_viscosity(c, temperature)) == pytest.approx(expected, rel=1e-6)
    assert float(solute.relative_viscosity(c, temperature)) == pytest.approx(patched, rel=0.01)


def test_the_solute_warns_beyond_the_correlation_every_time():
    for _ in range(2):
        with pytest.warns(ModelRangeWarning, match="Barber 1966"):
            Sucrose().volume(100.0, 340.0)


@pytest.mark.parametrize("celsius", [30, 35, 39, 45])
def test_diffusion_scaled_from_25_degrees_agrees_with_measurements(celsius):
    """Ribeiro et al. 2006, J. Chem. Eng. Data 51, 1836, Table 5, at infinite dilution."""
    measured = {30: 6.09e-10, 35: 7.08e-10, 39: 8.00e-10, 45: 9.15e-10}[celsius]
    assert Sucrose().diffusion(celsius + 273.15) == pytest.approx(measured, rel=0.10)


@pytest.mark.parametrize(("percent", "index"), [(2, 1.3359), (12, 1.3509), (26, 1.3741), (36, 1.3922), (46, 1.4118)])
def test_refractive_index_between_the_tabulated_points(percent, index):
    """CRC Handbook, 102nd edition: rows that are not among those interpolated."""
    assert Solution(sucrose_percent_w_w=percent).refractive_index == pytest.approx(index, abs=1e-4)


def test_the_index_is_that_of_the_same_solution_whatever_its_temperature():
    fraction = 0.4
    cold, warm = (
        float(Sucrose().refractive_increment(sucrose.mass_concentration(fraction, t), t)) for t in (277.15, 310.15)
    )
    assert cold == pytest.approx(warm, abs=1e-9)


@pytest.mark.parametrize(
    ("celsius", "percent"), [(0, 64.18), (10, 65.58), (20, 67.09), (30, 68.70), (40, 70.42), (50, 72.25), (60, 74.18)]
)
def test_solubility_meets_the_table(celsius, percent):
    """Mohos 2010, table A2.3."""
    temperature = celsius + 273.15
    saturated = Sucrose().highest_concentration(temperature)
    assert saturated == pytest.approx(sucrose.mass_concentration(percent / 100, temperature), rel=2e-4)


def test_beyond_solubility_is_refused():
    with pytest.raises(InputError, match=r"sucrose_percent_w_w = 70: at most 67\.09 at 20 degC, where the solubility"):
        Solution(sucrose_percent_w_w=70)
