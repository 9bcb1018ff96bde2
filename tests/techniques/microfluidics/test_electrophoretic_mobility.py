"""Henry's law: its two limits, the value of a vesicle in buffered saline, and zeta potentials in thin salt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import exp1

from sepsim.constants import VACUUM_PERMITTIVITY_F_PER_M
from sepsim.techniques.microfluidics.electrophoretic_mobility import henry_function, mobility, zeta_in

EPS = 78.4 * VACUUM_PERMITTIVITY_F_PER_M


def test_small_particles_move_as_hueckel_says_and_large_ones_as_smoluchowski():
    zeta, viscosity = np.array(-10e-3), 0.89e-3
    small, large = (mobility(zeta, np.array(ka), 78.4, viscosity) for ka in (1e-4, 1e6))
    assert float(small) == pytest.approx(2 * EPS * -10e-3 / (3 * viscosity), rel=1e-4)
    assert float(large) == pytest.approx(EPS * -10e-3 / viscosity, rel=1e-4)


def test_a_vesicle_of_100_nm_in_buffered_saline():
    """Independently computed: -0.75 um cm/(V s) at -10 mV and kappa a = 64."""
    found = 1e8 * float(mobility(np.array(-10e-3), np.array(64.0), 78.4, 0.89e-3))
    assert found == pytest.approx(-0.75, abs=0.005)


@pytest.mark.parametrize("ka", [0.1, 0.5, 1.0, 2.0, 5.0])
def test_ohshimas_form_is_within_one_percent_of_henrys_integral(ka):
    tail = np.exp(ka) * exp1(ka)
    exact = 1 + ka**2 / 16 - 5 * ka**3 / 48 - ka**4 / 96 + ka**5 / 96 + (ka**4 / 8 - ka**6 / 96) * tail
    assert float(henry_function(np.array(ka))) == pytest.approx(exact, rel=0.01)


@given(st.floats(1e-3, 1e4), st.floats(1e-3, 1e4))
def test_henrys_function_rises(first, second):
    low, high = sorted((first, second))
    assert henry_function(np.array(low)) <= henry_function(np.array(high)) <= 1.5


def test_zeta_is_that_of_the_table_in_saline_and_larger_in_thin_salt():
    table = np.array([-10e-3, 5e-3])
    assert zeta_in(table, 150.0) == pytest.approx(table)
    strengths = [1e-3, 0.01, 0.1, 1.0, 10.0, 100.0, 300.0, 3000.0]
    assert np.all(np.diff([abs(zeta_in(table, each)[0]) for each in strengths]) <= 0)
    assert np.array_equal(zeta_in(table, 3000.0), zeta_in(table, 300.0))


def test_zeta_in_one_millimolar_lies_below_that_of_a_constant_charge():
    """By Gouy and Chapman at constant charge, flat: 2 kT/e asinh[sinh(e zeta/2kT) sqrt(150)] = 82 mV."""
    kt = 25.69e-3
    constant = 2 * kt * np.arcsinh(np.sinh(10e-3 / (2 * kt)) * np.sqrt(150))
    assert 10e-3 < abs(zeta_in(np.array(-10e-3), 1.0)) < constant
