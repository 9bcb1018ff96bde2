"""Magnets: the tables of the reference, and beads that start anywhere in a bore."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.techniques.immunocapture.beads.beads import BEADS, Bead
from sepsim.techniques.immunocapture.beads.magnets import MAGNETS, Magnet
from sepsim.techniques.immunocapture.pull_down import collected_share, pull_speed

WATER = (997.0, 0.89e-3)


@pytest.mark.parametrize(
    ("diameter_um", "density", "magnetisation", "tube_s", "column_s"),
    [(2.8, 1.4, 10, 15, 0.07), (4.5, 1.5, 20, 2.6, 0.01), (0.05, 3.0, 30, 2.0 * 3600, 36)],
)
def test_times_over_five_millimetres_are_those_tabulated(diameter_um, density, magnetisation, tube_s, column_s):
    bead = Bead(
        diameter_um=diameter_um, density_g_mL=density, antibodies_per_bead=1, magnetisation_A_m2_kg=magnetisation
    )
    for gradient, seconds, tolerance in ((50, tube_s, 0.05), (1e4, column_s, 0.35 if column_s < 0.02 else 0.06)):
        speed = pull_speed(bead, Magnet(gradient_T_m=gradient), *WATER)
        assert 5e-3 / speed == pytest.approx(seconds, rel=tolerance)


@given(st.floats(0.0, 1.2))
def test_collected_share_is_that_of_starts_anywhere_in_a_disc(way):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-0.5, 0.5, (2, 40_000))
    inside = x**2 + y**2 < 0.25
    to_wall = np.sqrt(0.25 - y[inside] ** 2) - x[inside]
    assert collected_share(way, 1.0) == pytest.approx(np.mean(to_wall <= way), abs=0.012)


def test_a_spin_collects_what_no_magnet_pulls():
    latex = BEADS.get("latex, 4 um")
    assert pull_speed(latex, MAGNETS.get("tube magnet"), *WATER) == 0
    assert pull_speed(latex, MAGNETS.get("benchtop spin"), *WATER) > 1e-4


def test_a_column_collects_nanobeads_and_a_magnet_beside_a_tube_does_not():
    nano = BEADS.get("nanobeads, 50 nm")
    shares = {
        name: collected_share(pull_speed(nano, MAGNETS.get(name), *WATER) * 120.0, bore)
        for name, bore in (("tube magnet", 9e-3), ("column", 1e-4))
    }
    assert shares["column"] == 1
    assert shares["tube magnet"] < 0.1
