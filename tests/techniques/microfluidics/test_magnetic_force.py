"""Magnetisation by Langevin, and the speeds of beads and of particles in a ferrofluid."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.constants import VACUUM_PERMEABILITY_N_PER_A2
from sepsim.techniques.immunocapture.beads.beads import BEADS
from sepsim.techniques.immunocapture.beads.magnets import MAGNETS
from sepsim.techniques.immunocapture.pull_down import pull_speed
from sepsim.techniques.microfluidics.magnetic_force import (
    MAGNETITE_A_PER_M,
    alignment,
    langevin_law,
    magnetic_speed,
    salt_magnetisation,
)


@given(st.floats(1e-6, 1e3))
def test_langevins_law_is_that_of_coth(x):
    assert float(langevin_law(np.array(x))) == pytest.approx(
        x / 3 - x**3 / 45 if x < 0.02 else 1 / math.tanh(x) - 1 / x, rel=1e-5
    )


def test_weak_fields_magnetise_in_proportion():
    """chi = mu0 M_d m/(3 kT) per volume of grains, with the moment m = M_d v."""
    weak, grain, warm = 1e-5, 8e-9, 298.15
    moment = MAGNETITE_A_PER_M * math.pi / 6 * grain**3
    chi = VACUUM_PERMEABILITY_N_PER_A2 * MAGNETITE_A_PER_M * moment / (3 * 1.380649e-23 * warm)
    found = MAGNETITE_A_PER_M * float(alignment(np.array(weak), grain, warm))
    assert found == pytest.approx(float(salt_magnetisation(np.array(weak), chi)), rel=1e-4)


def test_a_saturated_bead_moves_as_in_a_tube_on_a_magnet():
    """Immunocapture has the same law, gravity apart."""
    bead, magnet = BEADS.get("M-280"), MAGNETS.get("tube magnet")
    speed = magnetic_speed(bead.volume, 2 * bead.radius, bead.magnetisation, magnet.gradient_T_m, 1e-3)
    assert float(speed) == pytest.approx(pull_speed(bead, magnet, 997.0, 1e-3), rel=0.01)


def test_a_paramagnetic_salt_pushes_as_the_square_of_the_field():
    """v = V (chi_p - chi_m) d(B^2)/dy/(2 mu0 3 pi eta d) for B = b y."""
    d, chi, b, y = 1e-6, 5e-4, 100.0, 2e-3
    volume = math.pi / 6 * d**3
    found = float(magnetic_speed(volume, d, -salt_magnetisation(np.array(b * y), chi), b, 1e-3))
    expected = volume * -chi * 2 * b**2 * y / (2 * VACUUM_PERMEABILITY_N_PER_A2) / (3 * math.pi * 1e-3 * d)
    assert found == pytest.approx(expected, rel=1e-12)


def test_what_is_as_magnetic_as_the_liquid_stays():
    assert float(magnetic_speed(1e-21, 1e-7, 0.0, 1e3, 1e-3)) == 0.0
