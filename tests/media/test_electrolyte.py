"""Ionic strength, Debye length and conductivity of media, against measured solutions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim import media
from sepsim.media import Medium
from sepsim.media.electrolyte import Ion, conductivity, debye_length, equivalent_conductivity, ionic_strength

POTASSIUM, CHLORIDE = Ion(1, 73.48e-4), Ion(1, 76.31e-4)
SODIUM = Ion(1, 50.08e-4)


def of(table, celsius=25.0):
    return Medium.pure(media.fluid(table), 273.15 + celsius)


@pytest.mark.parametrize(
    ("molality", "measured"),
    [(0.01, 0.140823), (0.1, 1.28246)],  # mol/kg and S/m at 25 degC: Wu et al. 1991, by the CRC Handbook
)
def test_potassium_chloride_conducts_as_the_primary_standard(molality, measured):
    molar = 997.05 * molality / (1.0 + molality * 0.0270)  # 27 mL/mol
    assert molar * equivalent_conductivity(POTASSIUM, CHLORIDE, molar) == pytest.approx(measured, rel=0.005)


@pytest.mark.parametrize(
    ("table", "measured"),
    [  # S/m at 20 degC, CRC Handbook
        ({"cscl_percent_w_w": 0.5}, 0.38),
        ({"cscl_percent_w_w": 1}, 0.74),
        ({"cscl_percent_w_w": 2}, 1.38),
        ({"cscl_percent_w_w": 5}, 3.29),
        ({"ammonium_sulfate_percent_w_v": 0.5}, 0.74),
        ({"ammonium_sulfate_percent_w_v": 1}, 1.42),
        ({"ammonium_sulfate_percent_w_v": 2}, 2.57),
    ],
)
def test_salts_conduct_as_measured(table, measured):
    assert conductivity(of(table, 20)) == pytest.approx(measured, rel=0.08)


@pytest.mark.parametrize(("celsius", "measured"), [(5, 0.818370), (15, 1.04371), (20, 1.16159), (35, 1.53160)])
def test_conductivity_follows_the_temperature_as_that_of_the_standard(celsius, measured):
    """Potassium chloride of 0.1 mol/kg; so the ratio to 25 degC of any medium whose viscosity follows that of water."""
    found = conductivity(of("PBS", celsius)) / conductivity(of("PBS", 25))
    assert found == pytest.approx(measured / 1.28246, rel=0.01)


def test_buffered_saline_conducts_1_4_to_1_6_siemens_per_metre():
    assert 1.4 < conductivity(of("PBS")) < 1.6
    assert conductivity(of("saline")) == pytest.approx(conductivity(of("PBS")), rel=0.02)


def test_plasma_conducts_less_than_saline_by_its_protein():
    """56.8 ohm cm of dogs at 37 degC, "The Specific Resistance of Canine Blood at Body Temperature" (abstract)."""
    assert conductivity(of("plasma", 37)) == pytest.approx(1 / 0.568, rel=0.03)
    assert conductivity(of("plasma")) == pytest.approx(0.91 * conductivity(of("PBS")), rel=0.01)


def test_dilute_salt_conducts_by_its_ions_alone():
    limit = equivalent_conductivity(SODIUM, CHLORIDE, 1e-6)
    assert limit == pytest.approx(126.39e-4, rel=1e-4)


def test_sugar_and_cold_slow_ions_down():
    sweet = {"sucrose_percent_w_w": 30, "diluent": "PBS"}
    assert conductivity(of(sweet)) < 0.6 * conductivity(of("PBS"))
    assert conductivity(of("PBS", 4)) < 0.65 * conductivity(of("PBS"))


def test_debye_length_is_that_of_textbooks():
    """0.304 nm over the root of mol/L at 25 degC (Israelachvili), of salts of one charge per ion."""
    assert debye_length(of("PBS")) == pytest.approx(0.304e-9 / math.sqrt(0.150), rel=0.003)


def test_dissolved_salts_count_by_their_ions():
    assert ionic_strength(of({"kbr_M": 1.0, "prepared_at_C": 25})) == pytest.approx(1000.0, rel=1e-6)
    assert ionic_strength(of({"ammonium_sulfate_M": 0.1}, 20)) == pytest.approx(300.0, rel=1e-3)


@given(first=st.floats(0.0, 500.0), second=st.floats(0.0, 500.0))
def test_more_salt_conducts_more_but_less_each(first, second):
    low, high = sorted((first, second))
    assert equivalent_conductivity(SODIUM, CHLORIDE, high) <= equivalent_conductivity(SODIUM, CHLORIDE, low)
    assert high * equivalent_conductivity(SODIUM, CHLORIDE, high) >= low * equivalent_conductivity(
        SODIUM, CHLORIDE, low
    )
