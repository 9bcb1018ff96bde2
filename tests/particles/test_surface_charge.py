"""Surface potentials of populations: those of the table at pH 7.4, none at the isoelectric point."""

import numpy as np
import pytest

from sepsim.particles.surface_charge import MOST_CHARGED, surface_charge
from sepsim.samples.sample_recipe import sample_from_catalog

PLASMA = sample_from_catalog("platelet-poor plasma", volume_mL=1, size_bins=3).prepare().particles


def potential(name, pH):
    return surface_charge(PLASMA, pH).potential[PLASMA.population == PLASMA.names.index(name)][0]


@pytest.mark.parametrize(  # middles of J. Lipid Res. 1992 (abstract)
    ("name", "millivolt"), [("ldl", -5.75), ("vldl", -8.75), ("hdl", -11.5), ("albumin", -13.25)]
)
def test_potentials_at_neutral_ph_are_those_of_the_table(name, millivolt):
    assert 1e3 * potential(name, 7.4) == pytest.approx(millivolt)


def test_a_particle_has_no_potential_at_its_isoelectric_point_and_changes_sign_there():
    assert potential("albumin", 4.6) == pytest.approx(0.0, abs=1e-12)
    assert potential("albumin", 3.5) > 0 > potential("albumin", 6.0)


def test_potentials_are_bounded_far_from_that_point():
    charge = surface_charge(PLASMA, 14.0)
    usual = surface_charge(PLASMA, 7.4).potential
    assert np.all(np.abs(charge.potential) <= MOST_CHARGED * np.abs(usual) + 1e-15)
