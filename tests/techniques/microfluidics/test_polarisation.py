"""The Clausius-Mossotti factor: its limits at both ends of the spectrum, and where vesicles cross to plus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from sepsim.techniques.microfluidics.polarisation import (
    Dielectric,
    clausius_mossotti,
    shell,
    shell_crossover,
    with_surface,
)

R = np.array([50e-9])
THIN, SALINE = Dielectric(78.4, 0.01), Dielectric(78.4, 1.55)


def factor(frequency, lumen, medium, capacitance=0.01, surface=0.0):
    vesicle = with_surface(shell(R, lumen, frequency, capacitance=capacitance), R, surface, frequency)
    return float(clausius_mossotti(vesicle, medium.at(frequency)).real[0])


def test_good_conductors_have_one_and_insulators_minus_a_half():
    at = 1e3
    metal, air = Dielectric(1.0, 1e7).at(at), Dielectric(1.0, 0.0).at(at)
    assert float(clausius_mossotti(metal, THIN.at(at)).real) == pytest.approx(1.0, abs=1e-6)
    assert float(clausius_mossotti(air, THIN.at(at)).real) == pytest.approx(-0.5, abs=1e-3)


@given(eps=st.floats(1, 200), sigma=st.floats(0, 10), power=st.floats(2, 11), medium=st.floats(1e-4, 2))
def test_it_lies_between_minus_a_half_and_one(eps, sigma, power, medium):
    at = 10.0**power
    found = float(clausius_mossotti(Dielectric(eps, sigma).at(at), Dielectric(78.4, medium).at(at)).real)
    assert -0.5 - 1e-9 <= found <= 1.0 + 1e-9


def test_low_frequencies_compare_conductivities_and_high_ones_permittivities():
    solid, medium = Dielectric(2.5, 0.04), THIN
    low = float(clausius_mossotti(solid.at(1.0), medium.at(1.0)).real)
    high = float(clausius_mossotti(solid.at(1e13), medium.at(1e13)).real)
    assert low == pytest.approx((0.04 - 0.01) / (0.04 + 0.02), rel=1e-6)
    assert high == pytest.approx((2.5 - 78.4) / (2.5 + 156.8), rel=1e-6)


@pytest.mark.parametrize(("sigma", "megahertz"), [(0.01, 4.50), (1.5, 675.0)])
def test_a_shell_crosses_where_the_textbook_says(sigma, megahertz):
    """Independently computed: sqrt(2) sigma/(2 pi R C), which leaves out the permittivity of the medium."""
    medium, lumen = Dielectric(0.0, sigma), Dielectric(1e-9, 1e6)
    assert float(shell_crossover(R, medium, 0.01)[0]) == pytest.approx(1e6 * megahertz, rel=1e-3)
    assert brentq(lambda f: factor(f, lumen, medium), 1e4, 1e11) == pytest.approx(1e6 * megahertz, rel=1e-3)


def test_water_shifts_the_crossing_of_large_vesicles_and_forbids_that_of_small_ones():
    lumen, large = Dielectric(60.0, 1e6), np.array([500e-9])

    def of_large(frequency):
        vesicle = shell(large, lumen, frequency, capacitance=0.01)
        return float(clausius_mossotti(vesicle, THIN.at(frequency)).real[0])

    assert brentq(of_large, 1e4, 1e8) == pytest.approx(float(shell_crossover(large, THIN, 0.01)[0]), rel=1e-3)
    assert shell_crossover(R, THIN, 0.01) == np.inf
    assert max(factor(10.0**power, lumen, THIN) for power in np.arange(3, 11, 0.1)) < 0


def test_vesicles_in_saline_are_pushed_away_at_kilohertz():
    assert factor(1e4, Dielectric(60.0, 0.5), SALINE) == pytest.approx(-0.5, abs=0.01)
    assert factor(1e4, Dielectric(60.0, 0.5), SALINE, surface=1e-9) < -0.4


def test_ions_along_the_surface_pull_at_low_frequencies():
    lumen = Dielectric(60.0, 0.5)
    assert factor(1e4, lumen, THIN, surface=0.0) < 0 < factor(1e4, lumen, THIN, surface=1e-9)


def test_no_membrane_is_that_of_the_lumen_alone():
    lumen = Dielectric(60.0, 0.5)
    thin = factor(1e6, lumen, THIN, capacitance=1e9)
    assert thin == pytest.approx(float(clausius_mossotti(lumen.at(1e6), THIN.at(1e6)).real), rel=1e-9)
