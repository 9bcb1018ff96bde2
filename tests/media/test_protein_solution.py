"""Fluids with more or less protein than they stand for, against values computed apart from this code."""

import numpy as np
import pytest

from sepsim.media import Medium, fluid
from sepsim.media.protein_solution import CROWDING, STEEPEST, ProteinSolution, own_protein, relative_viscosity

ROOM = 293.15


def albumin(excess, own=0.0):
    """So much more, kg/m3, than is in a fluid by its name."""
    crowding = {"crowding": 4.2e-3 * (own + excess), "own_crowding": 4.2e-3 * own}
    return {"excess": excess, "displaced": 0.733e-3 * excess, **crowding}


@pytest.mark.parametrize(("concentration", "expected"), [(50, 1.26), (100, 1.67), (200, 3.66)])
def test_albumin_thickens_as_ross_and_minton_say(concentration, expected):
    """Computed by hand: ln eta = x / (1 - 0.42 x) with x = 4.2 mL/g times the concentration."""
    assert relative_viscosity(4.2e-3 * concentration) == pytest.approx(expected, rel=0.01)


def test_serum_and_plasma_come_out_near_their_measured_viscosities():
    """Serum 1.44-1.55 and plasma 1.6-1.7 times water, from their main proteins at 4.2, 6.3, 25 and 5 mL/g."""
    serum = 4.2 * 40 + 6.3 * 10 + 5.0 * 20  # the last are all other proteins, to a total of 70-73 mg/mL
    assert 1.4 < relative_viscosity(1e-3 * serum) < 1.55
    assert 1.5 < relative_viscosity(1e-3 * (serum + 25 * 3 - 5 * 3)) < 1.7


def test_the_viscosity_goes_on_smoothly_where_the_law_would_blow_up():
    edge = STEEPEST / CROWDING
    x = edge + np.array([-2e-6, -1e-6, 1e-6, 2e-6])
    logarithm = np.log([relative_viscosity(each) for each in x])
    slopes = np.diff(logarithm)[[0, 2]] / 1e-6
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-4)
    rising = [relative_viscosity(each) for each in np.linspace(0.0, 3.0, 100)]
    assert np.all(np.diff(rising) > 0)


def test_the_density_rises_by_the_partial_volume():
    """Albumin: 1 - 0.733 x 0.9982, +0.268 kg/m3 for 1 g/L in water."""
    water = Medium.pure(fluid("water"), ROOM)
    rich = water.laden(**albumin(100.0))
    assert (rich.density - water.density) / 100.0 == pytest.approx(0.268, abs=0.001)


def test_an_excess_over_what_is_there_thickens_as_all_of_it_less_what_was_there():
    serum = fluid("serum")
    more = ProteinSolution(fluid=serum, **albumin(44.0, own=56.0))
    ratio = more.viscosity(ROOM) / serum.viscosity(ROOM)
    assert ratio == pytest.approx(relative_viscosity(0.42) / relative_viscosity(4.2e-3 * 56.0), rel=1e-12)
    assert own_protein(more) == pytest.approx(100.0)


def test_what_is_laden_comes_off_again():
    mixture = Medium.mixed([(Medium.pure(fluid("plasma"), ROOM), 1.0), (Medium.pure(fluid("PBS"), ROOM), 2.0)])
    assert mixture.laden(**albumin(20.0)).bare == mixture


def test_in_a_dense_solution_the_excess_is_per_volume_of_it():
    """What the solvent gains is divided by the share of it that the sucrose leaves."""
    syrup = Medium.pure(fluid({"sucrose_percent_w_w": 40}), ROOM)
    solvent = fluid("water").density(ROOM)
    gained = syrup.laden(**albumin(10.0)).density - syrup.density
    assert gained == pytest.approx(10.0 * (1.0 - 0.733e-3 * solvent), rel=1e-9)
