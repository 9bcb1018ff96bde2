"""Heating by a current, against the balance of what is let in and what leaves."""

import numpy as np
import pytest

from sepsim.techniques.microfluidics.heating import CONDUCTS_HEAT_W_PER_M_K, channel_heating, electrode_heating


def test_heat_that_leaves_by_the_walls_is_that_of_the_current():
    """T = T_max 4 s (1 - s) between the walls: both take k 4 T_max/h, and the current makes sigma E^2 h."""
    field, sigma, height = 2e4, 1.5, 80e-6
    warmest = channel_heating(field, sigma, height)
    assert 2 * CONDUCTS_HEAT_W_PER_M_K * 4 * warmest / height == pytest.approx(sigma * field**2 * height)


def test_the_profile_solves_the_equation_of_heat():
    field, sigma, height = 1e4, 1.5, 50e-6
    z = np.linspace(0, height, 201)
    made = sigma * field**2 / CONDUCTS_HEAT_W_PER_M_K
    matrix = (np.diag(-2 * np.ones(199)) + np.diag(np.ones(198), 1) + np.diag(np.ones(198), -1)) / z[1] ** 2
    found = np.linalg.solve(matrix, -made * np.ones(199))
    assert channel_heating(field, sigma, height) == pytest.approx(found.max(), rel=1e-6)


def test_over_electrodes_it_goes_with_the_square_of_the_voltage_whatever_their_size():
    assert electrode_heating(14.0, 1.5) == pytest.approx(4 * electrode_heating(7.0, 1.5))
