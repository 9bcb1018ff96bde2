"""The protein corona of vesicles against published and independently computed figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.constants import AVOGADRO_PER_MOL
from sepsim.errors import InputError
from sepsim.particles.catalog import describe, population

SMALL = {"name": "x", "kind": "vesicle", "particles_per_mL": 1, "diameter_nm": 108.6, "density_g_mL": 1.100}


def classes(**settings):
    return population(SMALL | settings).classes(1, 1)


# Dry-equivalent thickness [nm], density [g/mL], and how many IgG of 150 kDa that is: computed independently, with
# 1.35 g/mL for the protein.
CORONA = [(2, 1.126, 417), (5, 1.158, 1099), (8, 1.185, 1855)]


@pytest.mark.parametrize(("nm", "density", "molecules"), CORONA)
def test_a_corona_makes_a_vesicle_denser(nm, density, molecules):
    worn, bare = classes(corona_thickness_nm=nm), classes()
    assert worn.mass / worn.volume == pytest.approx(density * 1e3, abs=1)
    added = worn.mass - bare.mass
    assert added * AVOGADRO_PER_MOL / 150 == pytest.approx(molecules, rel=2e-3)
    assert (worn.protein_mass - bare.protein_mass) / added == pytest.approx(1)
    assert worn.diameter * 1e9 == pytest.approx(108.6 + 2 * nm)


@given(st.floats(0.1, 20), st.floats(1.01, 1.35))
def test_a_wet_corona_is_protein_and_water(nm, density):
    worn, bare = classes(corona_thickness_nm=nm, corona_density_g_mL=density), classes()
    shell = worn.volume - bare.volume
    assert np.pi / 6 * (worn.diameter**3 - bare.diameter**3) / shell == pytest.approx(1)
    protein = (worn.protein_mass - bare.protein_mass) / shell
    water = 1 - protein / 1350
    assert protein + 1000 * water == pytest.approx((worn.mass - bare.mass) / shell)
    assert water >= -1e-9


@pytest.mark.parametrize("share", [None, 0.3])
def test_a_corona_leaves_the_core_as_it_is(share):
    worn, bare = (classes(corona_thickness_nm=nm, protein_mass_fraction=share) for nm in (5, 0))
    assert (worn.osmotic_water.free, worn.osmotic_water.water) == (bare.osmotic_water.free, bare.osmotic_water.water)
    assert (worn.diameter - 2 * worn.corona) / bare.diameter == pytest.approx(1)
    assert worn.weight == bare.weight
    assert (worn.protein_mass - bare.protein_mass) / (worn.mass - bare.mass) == pytest.approx(1)


def test_without_thickness_there_is_none():
    bare = classes(corona_density_g_mL=1.1)
    assert bare.corona == 0
    assert bare.diameter * 1e9 == pytest.approx(108.6)
    assert bare.mass / bare.volume == pytest.approx(1100)


def test_a_corona_returns_from_its_table():
    worn = population(SMALL | {"corona_thickness_nm": 7, "corona_density_g_mL": 1.1, "osmotic_response": 0.5})
    assert population(describe(worn)) == worn


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("corona_thickness_nm", -1, "at least 0"),
        ("corona_density_g_mL", 1.0, "above 1"),
        ("corona_density_g_mL", 1.5, "at most 1.35"),
        ("corona_thickness", 5, "did you mean 'corona_thickness_nm'"),
    ],
)
def test_impossible_coronas_are_refused(key, value, message):
    with pytest.raises(InputError, match=message):
        classes(**{key: value})
