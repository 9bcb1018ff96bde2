"""Tabulated fluids: interpolation relative to water, limits of the table, and urine."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA

from sepsim.errors import InputError, ModelRangeWarning
from sepsim.media import fluid, water
from sepsim.media.biofluids import Biofluid, urine_density
from sepsim.media.diffusion import diffusion_in_water

URINE = DATA / "urine_andrews1985.csv"


def row(celsius, density, viscosity):
    return {
        "medium": "broth",
        "temperature_C": str(celsius),
        "density_g_mL": str(density),
        "viscosity_mPa_s": str(viscosity),
        "osmolality_mOsm_kg": "310",
        "refractive_index": "",
        "spreads_as": "albumin",
        "source": "tang2021 sepsim_choice",
    }


@pytest.fixture
def broth():
    return Biofluid.from_rows([row(37, 1.004, 0.80), row(5, 1.011, 1.70)])


def test_the_table_is_met_at_its_points(broth):
    assert broth.density(278.15) == pytest.approx(1011.0, abs=1e-9)
    assert broth.viscosity(310.15) == pytest.approx(0.80e-3, rel=1e-12)
    assert broth.osmolality == pytest.approx(0.310)
    assert broth.sources == ("tang2021", "sepsim_choice", "kell1975", "kestin1978")  # it is told relative to water


def test_between_the_points_excess_and_ratio_are_interpolated(broth):
    middle = 294.15
    excess = (1011.0 - water.density(278.15) + 1004.0 - water.density(310.15)) / 2
    ratio = (1.70e-3 / water.viscosity(278.15) + 0.80e-3 / water.viscosity(310.15)) / 2
    assert broth.density(middle) == pytest.approx(water.density(middle) + excess, abs=1e-9)
    assert broth.viscosity(middle) == pytest.approx(water.viscosity(middle) * ratio, rel=1e-12)


def test_just_beyond_the_table_excess_and_ratio_stay_constant(broth):
    assert broth.density(313.15) - water.density(313.15) == pytest.approx(1004.0 - water.density(310.15))
    assert broth.viscosity(313.15) / water.viscosity(313.15) == pytest.approx(0.80e-3 / water.viscosity(310.15))


@pytest.mark.parametrize("of", ["density", "viscosity"])
def test_far_beyond_the_table_it_warns_with_the_source(of):
    cold_only = Biofluid.from_rows([row(4, 1.011, 1.70)])
    with pytest.warns(ModelRangeWarning, match=r"broth: used at 20 degC, tabulated at 4 .*tang2021"):
        getattr(cold_only, of)(293.15)


@pytest.mark.parametrize("name", ["PBS", "saline", "DMEM", "plasma", "serum", "urine", "serum-free conditioned medium"])
@given(temperature=st.floats(277.15, 309.15), step=st.floats(0.01, 1.0))
def test_biofluids_are_denser_and_thicker_than_water_and_thin_out_on_warming(name, temperature, step):
    biofluid = fluid(name)
    assert 3 < biofluid.density(temperature) - water.density(temperature) < 40
    assert 1.005 < biofluid.viscosity(temperature) / water.viscosity(temperature) < 2
    assert biofluid.viscosity(temperature + step) < biofluid.viscosity(temperature)


def test_saline_agrees_with_the_polynomials_of_ultrascan():
    """UltraScan III, bufferComponents.xml, NaCl at 20 degC: density and viscosity over molarity c."""
    c = 0.154
    density = 0.99823 + 4.14712e-2 * c - 1.23975e-3 * c**2 + 1.15528e-4 * c**3
    viscosity = 1.00193 - 5.05987e-3 * c**0.5 + 9.63862e-2 * c + 3.16583e-3 * c**3
    saline = fluid("saline")
    assert saline.density(293.15) == pytest.approx(1e3 * density, abs=0.2)
    assert saline.viscosity(293.15) == pytest.approx(1e-3 * viscosity, rel=0.002)


def test_urine_density_agrees_with_measured_specific_gravities():
    with URINE.open() as file:
        samples = list(csv.DictReader(file))
    computed = np.array([urine_density(float(row["osmolality_mOsm_kg"]) / 1e3, 293.15) for row in samples])
    deviation = computed / water.density(293.15) - [float(row["specific_gravity"]) for row in samples]
    assert len(samples) == 45
    assert np.sum(np.abs(deviation) > 0.004) <= 1
    assert np.sqrt(np.mean(deviation**2)) < 0.002


def test_the_urine_of_the_catalogue_follows_its_osmolality():
    urine = fluid("urine")
    assert urine.density(293.15) == pytest.approx(urine_density(urine.osmolality, 293.15), abs=0.1)


def test_urine_beyond_the_samples_warns_and_without_solutes_is_refused():
    with pytest.warns(ModelRangeWarning, match="Andrews and Herzberg"):
        urine_density(1.4, 293.15)
    with pytest.raises(InputError, match="must be above 0"):
        urine_density(0.0, 293.15)


@pytest.mark.parametrize("celsius", range(4, 41))
def test_heavy_water_agrees_with_the_formulations_of_iapws(celsius):
    with (URINE.parent / "water_d2o.csv").open() as file:
        measured = {float(row["T_C"]): row for row in csv.DictReader(file)}[celsius]
    heavy, kelvin = fluid("D2O"), celsius + 273.15
    assert heavy.density(kelvin) == pytest.approx(float(measured["rho_d2o_kg_m3"]), abs=0.05)
    assert 1e3 * heavy.viscosity(kelvin) == pytest.approx(float(measured["eta_d2o_mPa_s"]), rel=2e-3)


def test_what_spreads_between_two_fluids():
    """Salts spread some twenty times faster than albumin, and all faster in the warmth."""
    salt, protein = fluid("PBS").interdiffusion(298.15), fluid("plasma").interdiffusion(298.15)
    assert 15 < salt / protein < 30
    assert (
        fluid("water").interdiffusion(298.15)
        == salt
        == fluid({"density_g_mL": 1, "viscosity_mPa_s": 1}).interdiffusion(298.15)
    )
    assert fluid("D2O").interdiffusion(310.15) > fluid("D2O").interdiffusion(277.15) > 1e-9
    with pytest.raises(InputError, match="substance = 'sand': unknown"):
        diffusion_in_water("sand", 298.15)
