"""Peptides: masses against known ones and an independent library, digestion against the rule of trypsin."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyteomics import mass

from sepsim.constants import DALTON_KG
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ions.isotopes import average_mass, protonated_mass
from sepsim.techniques.mass_spectrometry.ions.peptides import (
    RESIDUES,
    basic_sites,
    digest,
    peptide_formula,
    peptide_mass,
)

# UniProt P02647, human apolipoprotein A-I, mature chain
APOA1 = (
    "DEPPQSPWDRVKDLATVYVDVLKDSGRDYVSQFEGSALGKQLNLKLLDNWDSVTSTFSKLREQLGPVTQEFWDNLEKETEGLRQEMSKDLEEVKAKVQPYLDDFQK"
    "KWQEEMELYRQKVEPLRAELQEGARQKLHELQEKLSPLGEEMRDRARAHVDALRTHLAPYSDELRQRLAARLEALKENGGARLAEYHAKATEHLSTLSEKAKPALED"
    "LRQGLLPVLESFKVSFLSALEEYTKKLNTQ"
)
sequences = st.text(alphabet=sorted(RESIDUES), min_size=1, max_size=60)


def dalton(mass):
    return mass / DALTON_KG


@pytest.mark.parametrize(("charge", "mz"), [(2, 700.8383), (3, 467.5613)])
def test_ions_of_a_peptide_of_apolipoprotein_a1(charge, mz):
    mass = peptide_mass("DYVSQFEGSALGK")
    assert dalton(mass) == pytest.approx(1399.6620, abs=5e-5)
    assert dalton(protonated_mass(mass, charge)) / charge == pytest.approx(mz, abs=5e-5)


def test_the_mature_protein_has_its_known_mass():
    assert dalton(average_mass(peptide_formula(APOA1))) == pytest.approx(28_078.6, abs=0.5)  # as UniProt gives it


@given(sequences)
@settings(deadline=None)
def test_masses_agree_with_an_independent_library(sequence):
    assert dalton(peptide_mass(sequence)) == pytest.approx(mass.calculate_mass(sequence=sequence), rel=1e-8, abs=0)


@given(sequences)
def test_order_does_not_matter_and_a_bond_costs_a_water(sequence):
    assert peptide_mass(sequence) == pytest.approx(peptide_mass(sequence[::-1]), rel=1e-14, abs=0)
    joined = peptide_mass(sequence + "GG")
    assert dalton(peptide_mass(sequence) + peptide_mass("GG") - joined) == pytest.approx(18.010565, abs=1e-5)


def test_alkylated_cysteines_weigh_57_da_more_each():
    shift = dalton(peptide_mass("CAC", alkylated=True) - peptide_mass("CAC"))
    assert shift == pytest.approx(2 * 57.021464, abs=1e-5)
    assert peptide_mass("AGK", alkylated=True) == peptide_mass("AGK")


def test_isomers_have_one_mass_and_k_and_q_do_not():
    assert peptide_mass("LAK") == peptide_mass("IAK")
    assert dalton(peptide_mass("AK") - peptide_mass("AQ")) == pytest.approx(0.03639, abs=1e-5)


def test_trypsin_sets_free_the_signature_peptides_of_apolipoprotein_a1():
    freed = [peptide.sequence for peptide in digest(APOA1)]
    assert {"DYVSQFEGSALGK", "DLATVYVDVLK", "THLAPYSDELR"} <= set(freed)
    assert freed[-1] == "LNTQ"
    assert "AKPALEDLR" in freed  # no cut before proline


@given(sequences)
def test_pieces_join_to_the_protein_and_end_where_trypsin_cuts(sequence):
    pieces = digest(sequence)
    assert "".join(piece.sequence for piece in pieces) == sequence
    for piece, following in pairwise(pieces):
        assert piece.sequence[-1] in "KR"
        assert following.sequence[0] != "P"
    for piece in pieces:
        inner = pairwise(piece.sequence)
        assert all(left not in "KR" or right == "P" for left, right in inner)


@given(sequences, st.integers(0, 4))
def test_missed_cleavages_add_runs_of_neighbours(sequence, missed):
    limit, found = digest(sequence), digest(sequence, missed)
    n = len(limit)
    assert len(found) == sum(max(n - spared, 0) for spared in range(missed + 1))
    for piece in found:
        assert sequence[piece.start - 1 : piece.start - 1 + len(piece.sequence)] == piece.sequence
        assert piece.missed_cleavages <= missed


def test_basic_sites_are_lysine_arginine_histidine_and_the_amino_end():
    assert basic_sites("AKRHG") == 4
    assert basic_sites("PEPTIDE") == 1


@pytest.mark.parametrize("use", [peptide_mass, digest, basic_sites])
@pytest.mark.parametrize(("sequence", "message"), [("", "is empty"), ("PEPTIDEX", "'X' at place 8"), ("pep", "'p'")])
def test_bad_sequences_are_refused_with_their_place(use, sequence, message):
    with pytest.raises(InputError, match=message):
        use(sequence)


@pytest.mark.parametrize("missed", [-1, 11])
def test_missed_cleavages_have_a_range(missed):
    with pytest.raises(InputError, match="missed_cleavages"):
        digest("PEPTIDEK", missed)
