"""Masses of formulas: against standard atomic weights, doublets, and an independent library."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyteomics import mass

from sepsim.constants import DALTON_KG, ELECTRON_MASS_KG, PROTON_MASS_KG
from sepsim.data import rows
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ions.isotopes import (
    atoms_of,
    average_mass,
    cation_mass,
    isotopes,
    monoisotopic_mass,
    parse_formula,
    protonated_mass,
)

ELEMENTS = sorted({row["element"] for row in rows("isotopes")})

# IUPAC, conventional or abridged standard atomic weights
ATOMIC_WEIGHTS = {
    "H": 1.008,
    "C": 12.011,
    "N": 14.007,
    "O": 15.999,
    "Na": 22.990,
    "Si": 28.085,
    "P": 30.974,
    "S": 32.06,
    "Cl": 35.45,
    "Ar": 39.948,
    "K": 39.098,
    "Ca": 40.078,
    "V": 50.942,
    "Cr": 51.996,
    "Fe": 55.845,
    "Se": 78.971,
    "Br": 79.904,
    "Rb": 85.468,
    "Sr": 87.62,
}

# two partners, and the resolving power m/dm that tells them apart
DOUBLETS = [
    ("CO", "N2", 2493),
    ("N2", "C2H4", 1114),
    ("CO", "C2H4", 770),
    ("[32S]", "[16O]2", 1801),
    ("[56Fe]", "[40Ar][16O]", 2502),
    ("[51V]", "[35Cl][16O]", 2572),
    ("[52Cr]", "[40Ar][12C]", 2375),
    ("[80Se]", "[40Ar]2", 9693),
    ("[31P]", "[14N][16O]H", 967),
    ("[28Si]", "N2", 958),
    ("[13C]", "[12C]H", 2909),
    ("[2H]", "H2", 1301),
    ("[39K]", "[38Ar]H", 5688),
    ("[40Ar]", "[40Ca]", 192_259),
    ("[87Sr]", "[87Rb]", 286_425),
]

formulas = st.dictionaries(st.sampled_from(ELEMENTS), st.integers(1, 500), min_size=1)


def dalton(mass):
    return mass / DALTON_KG


@pytest.mark.parametrize("element", ELEMENTS)
def test_isotopes_are_whole_and_near_their_mass_numbers(element):
    found = isotopes(element)
    assert found.abundance.sum() == pytest.approx(1.0, abs=1e-12)
    assert abs(dalton(found.mass) - found.mass_number).max() < 0.1
    assert (found.mass_number[1:] > found.mass_number[:-1]).all()


@pytest.mark.parametrize("element", ELEMENTS)
def test_mean_masses_are_the_standard_atomic_weights(element):
    assert dalton(average_mass(element)) == pytest.approx(ATOMIC_WEIGHTS[element], rel=3e-4, abs=0)


@pytest.mark.parametrize(("one", "other", "needed"), DOUBLETS)
def test_doublets_need_the_resolving_power_known_for_them(one, other, needed):
    first, second = sorted((monoisotopic_mass(one), monoisotopic_mass(other)))
    # the heavier or the lighter mass over the difference: one apart; older tables of masses change the closest by 1e-3
    assert second / (second - first) == pytest.approx(needed, abs=1.6 if needed < 1e5 else 1.5e-3 * needed)


@pytest.mark.parametrize(("one", "other", "printed"), [("[56Fe]", "[40Ar][16O]", 2510), ("[51V]", "[35Cl][16O]", 2580)])
def test_doublets_of_argon_plasmas_need_what_ebdon_prints(one, other, printed):
    """Ebdon, Table 5.1, in round numbers."""
    first, second = monoisotopic_mass(one), monoisotopic_mass(other)
    assert first / abs(second - first) == pytest.approx(printed, rel=5e-3)


@pytest.mark.parametrize(
    ("formula", "mass"),
    [("CO", 27.994915), ("N2", 28.006148), ("C2H4", 28.031300), ("S", 31.972071), ("O2", 31.989829)],
)
def test_masses_of_small_molecules(formula, mass):
    assert dalton(monoisotopic_mass(formula)) == pytest.approx(mass, abs=5e-7)


def test_insulin():
    insulin = "C254H377N65O75S6"
    assert dalton(monoisotopic_mass(insulin)) == pytest.approx(5729.6009, abs=5e-5)
    assert dalton(average_mass(insulin)) == pytest.approx(5733.50, abs=5e-3)


@given(formulas)
@settings(deadline=None)
def test_masses_add_up_and_an_independent_library_agrees(formula):
    assert dalton(monoisotopic_mass(formula)) == pytest.approx(mass.calculate_mass(formula), rel=1e-7, abs=0)


@given(formulas, st.integers(2, 20))
@settings(deadline=None)
def test_a_group_counts_as_often_as_it_says(formula, times):
    text = "".join(f"{symbol}{number}" for symbol, number in formula.items())
    assert parse_formula(text) == formula
    repeated = monoisotopic_mass(f"({text}){times}")
    assert repeated == pytest.approx(times * monoisotopic_mass(formula), rel=1e-12, abs=0)


def test_brackets_nest_and_labels_stay():
    assert parse_formula("Ca((OH)2)3[13C]2C") == {"Ca": 1, "O": 6, "H": 6, "[13C]": 2, "C": 1}
    assert atoms_of({"N": 2}) == {"N": 2}
    assert dalton(monoisotopic_mass("[13C]O2") - monoisotopic_mass("CO2")) == pytest.approx(1.00335, abs=1e-5)


def test_a_cation_lacks_its_electrons_and_a_protonated_ion_has_its_protons():
    nitrogen = monoisotopic_mass("N2")
    assert nitrogen - cation_mass(nitrogen, 2) == pytest.approx(2 * ELECTRON_MASS_KG, rel=1e-6, abs=0)
    assert dalton(cation_mass(nitrogen, 1)) == pytest.approx(28.006148 - 0.00054858, abs=1e-6)
    assert protonated_mass(nitrogen, 3) - nitrogen == pytest.approx(3 * PROTON_MASS_KG, rel=1e-9, abs=0)
    hydrogen = cation_mass(monoisotopic_mass("H"), 1)
    assert hydrogen == pytest.approx(PROTON_MASS_KG, rel=3e-8, abs=0)  # but for the 13.6 eV that bind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no atoms"),
        ("C6h12", "cannot be read from 'h12'"),
        ("C(OH", "stays open"),
        ("CO)2", "cannot be read"),
        ("Xx2", "no isotopes in the table"),
        ("[14C]", "12, 13 of C"),
        ("C0", "holds no atoms"),
        ("C999999999", "at most"),
    ],
)
def test_bad_formulas_are_refused_with_a_hint(text, message):
    with pytest.raises(InputError, match=message):
        monoisotopic_mass(text)


@pytest.mark.parametrize("atoms", [{}, {"C": 0}, {"C": -1}, {"C": 1.5}])
def test_bad_numbers_of_atoms_are_refused(atoms):
    with pytest.raises(InputError, match=r"formula"):
        average_mass(atoms)


@pytest.mark.parametrize("make", [cation_mass, protonated_mass])
@pytest.mark.parametrize(("mass", "charge"), [(0.0, 1), (-1e-26, 1), (1e-26, 0), (1e-26, -1), (float("nan"), 1)])
def test_ions_need_a_mass_and_a_charge(make, mass, charge):
    with pytest.raises(InputError, match="above 0"):
        make(mass, charge)
