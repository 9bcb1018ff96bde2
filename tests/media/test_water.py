"""Water against IAPWS values, and its warnings."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA

from sepsim.errors import ModelRangeWarning
from sepsim.media import Water, water

pytestmark = pytest.mark.lowest

TABLE = DATA / "water_d2o.csv"


@pytest.fixture(scope="module")
def iapws():
    with TABLE.open() as file:
        rows = list(csv.DictReader(file))
    columns = ("T_C", "rho_h2o_kg_m3", "eta_h2o_mPa_s")
    celsius, density, viscosity = (np.array([float(row[column]) for row in rows]) for column in columns)
    return celsius + 273.15, density, 1e-3 * viscosity


def test_density_agrees_with_iapws_95(iapws):
    temperature, density, _ = iapws
    assert temperature.size > 40
    np.testing.assert_allclose(water.density(temperature), density, rtol=0, atol=0.01)


def test_viscosity_agrees_with_iapws_2008(iapws):
    temperature, _, viscosity = iapws
    np.testing.assert_allclose(water.viscosity(temperature), viscosity, rtol=0.0015)


def test_water_is_densest_near_4_degrees():
    temperature = np.linspace(273.15, 283.15, 1001)
    densest = temperature[np.argmax(water.density(temperature))]
    assert densest == pytest.approx(277.13, abs=0.1)


@given(st.floats(273.15, 312.15), st.floats(0.01, 1.0))
def test_viscosity_falls_with_temperature(temperature, step):
    assert water.viscosity(temperature + step) < water.viscosity(temperature)


@pytest.mark.parametrize(("name", "tolerance"), [("density", 1e-4), ("viscosity", 5e-3)])
@pytest.mark.parametrize("temperature", [272.0, 318.15, np.array([290.0, 318.15])])
def test_beyond_the_range_warns_and_goes_on_as_the_values_of_iapws_do(name, tolerance, temperature, iapws):
    known, density, viscosity = iapws
    onwards = np.polynomial.Polynomial.fit(known, np.log({"density": density, "viscosity": viscosity}[name]), 5)
    with pytest.warns(ModelRangeWarning, match=r"outside its range of 0 to 40 degC"):
        beyond = getattr(water, name)(temperature)
    np.testing.assert_allclose(beyond, np.exp(onwards(temperature)), rtol=tolerance)


@pytest.mark.parametrize("function", [water.density, water.viscosity])
def test_the_warning_names_the_source_and_where_it_was_used(function):
    with pytest.warns(ModelRangeWarning, match=r"(Kell 1975|Kestin 1978)\): used at 50 degC") as caught:
        function(323.15)
    assert caught[0].filename == __file__


def test_scalars_give_floats_and_arrays_keep_their_shape():
    assert type(water.density(293.15)) is float
    assert water.viscosity(np.full((2, 3), 293.15)).shape == (2, 3)


@pytest.mark.parametrize(("celsius", "density", "viscosity"), [(8, 999.851, 1.38472e-3), (38, 992.9663, 0.67804e-3)])
def test_the_fluid_has_the_values_of_iapws(celsius, density, viscosity):
    fluid = Water()
    assert fluid.density(celsius + 273.15) == pytest.approx(density, abs=0.01)
    assert fluid.viscosity(celsius + 273.15) == pytest.approx(viscosity, rel=1.5e-3)
    assert fluid.osmolality == 0.0
