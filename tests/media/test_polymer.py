"""Polymers, ammonium sulfate and organic solvents as solutes of a medium."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim import media
from sepsim.errors import InputError
from sepsim.media import Medium, Polymer, Precipitant

COLD, WARM = 277.15, 293.15
PEG = Polymer("PEG", 6.0)


def medium(**table):
    return Medium.pure(media.fluid(table), COLD)


@pytest.mark.parametrize(("percent", "low", "high"), [(5, 3.7, 4.3), (8, 5.6, 6.7), (10, 7.1, 8.7), (12, 8.8, 10.9)])
def test_viscosity_of_peg_6000_at_4_degc_is_that_of_fox_and_flory(percent, low, high):
    """Computed independently: radius of gyration 3.4 nm, 2.1e23 to 2.5e23 per mol, Huggins 0.37, water 1.567 mPa s."""
    assert low <= 1e3 * medium(peg_percent_w_v=percent).viscosity <= high


@pytest.mark.parametrize(("percent", "kilopascal"), [(5, 43), (8, 99), (12, 217)])
def test_osmotic_pressure_of_peg_6000_at_4_degc(percent, kilopascal):
    """Computed independently from the law of Cohen et al. 2009."""
    assert float(PEG.pressure(10.0 * percent, COLD)) / 1e3 == pytest.approx(kilopascal, rel=0.02)


def test_coils_overlap_at_6_percent_and_not_where_the_osmotic_pressure_turns():
    assert pytest.approx(59, rel=0.02) == PEG.overlap
    assert PEG._crossover == pytest.approx(23.8, rel=0.005)


def test_ten_percent_of_peg_make_water_denser_by_16_to_18_g_per_litre():
    gained = medium(peg_percent_w_v=10, prepared_at_C=4).density - medium(peg_percent_w_v=0).density
    assert 16 <= gained <= 18


@given(st.floats(1e-6, 0.8), st.sampled_from(["PEG", "dextran"]), st.floats(0.4, 35))
def test_the_thermodynamic_factor_is_the_slope_of_the_osmolality(ratio, kind, mass):
    polymer = Polymer(kind, mass)
    step = 1e-5 * ratio
    slope = (polymer.osmolality(ratio + step) - polymer.osmolality(ratio - step)) / (2.0 * step) * mass
    assert float(polymer.thermodynamic_factor(ratio)) == pytest.approx(float(slope), rel=1e-5)


def test_dilute_polymers_are_ideal():
    assert float(PEG.osmolality(1e-9)) == pytest.approx(1e-9 / 6.0, rel=1e-6)
    assert float(PEG.thermodynamic_factor(0.0)) == 1.0


@given(st.floats(0, 50), st.floats(0.01, 10), st.floats(0.01, 10))
def test_polymer_is_conserved_on_mixing(percent, left, right):
    rich, buffer = medium(peg_percent_w_v=percent, diluent="PBS"), medium(sucrose_percent_w_v=1)
    mixed = Medium.mixed([(rich, left), (buffer, right)])
    held = dict(rich.solutes).get(PEG, 0.0)
    assert dict(mixed.solutes).get(PEG, 0.0) * (left + right) == pytest.approx(held * left, rel=1e-9, abs=1e-300)


def test_a_solution_of_a_polymer_round_trips():
    table = {"peg_percent_w_v": 5.0, "peg_molar_mass_kDa": 20.0, "diluent": "PBS"}
    assert media.fluid(media.describe(media.fluid(table))) == media.fluid(table)
    assert media.fluid(table).name == "5 % w/v PEG 20000 in PBS"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"peg_percent_w_v": 60}, "at most 55"),
        ({"peg_molar_mass_kDa": 6}, "exactly one"),
        ({"sucrose_M": 1, "peg_molar_mass_kDa": 6}, "only with peg_percent_w_v"),
        ({"peg_percent_w_v": 5, "peg_molar_mass_kDa": 100}, "at most 35"),
        ({"ammonium_sulfate_M": 5}, "at most 4.06"),
        ({"peg_percent": 5}, "which measure"),
    ],
)
def test_wrong_solutions_say_why(table, told):
    with pytest.raises(InputError, match=told):
        media.fluid(table)


def test_ammonium_sulfate_and_solvents_meet_their_tables():
    """CRC Handbook, 20 degC: 20 % w/w ammonium sulfate, 40 % w/w methanol, 70 % w/w ethanol."""
    for name, fraction, density, viscosity in [
        ("ammonium sulfate", 0.20, 1115.4, 1.421),
        ("methanol", 0.40, 934.7, 1.837),
        ("ethanol", 0.70, 867.6, 2.214),
    ]:
        solute = Precipitant(name)
        c = fraction * density
        assert 998.2 * (1 - float(solute.volume(c, WARM))) + c == pytest.approx(density, rel=1e-6)
        assert 1.002 * float(solute.relative_viscosity(c, WARM)) == pytest.approx(viscosity, rel=1e-6)


def test_saturated_ammonium_sulfate_is_four_molar():
    """A textbook of biochemistry: about 4.1 mol/L."""
    salt = Precipitant("ammonium sulfate")
    assert salt.highest_concentration(298.15) / 132.14 == pytest.approx(4.1, rel=0.01)


def test_solvents_cross_membranes_and_salts_do_not():
    assert float(Precipitant("methanol").osmolality(0.5)) == 0.0
    assert float(Precipitant("ammonium sulfate").osmolality(0.13214)) == pytest.approx(1.95)
    assert np.all(Precipitant("methanol").thermodynamic_factor(np.array([0.1, 0.2])) == 1.0)
