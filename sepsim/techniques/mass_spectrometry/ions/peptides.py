"""Peptides: sequences, their formulas and masses, and the digestion of a protein by trypsin.

Sequences are in one-letter code, from the amino end; the twenty amino acids of the genetic code, unmodified, or with
cysteines alkylated by iodoacetamide (+C2H3NO), as is usual after reduction.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ions.isotopes import monoisotopic_mass, parse_formula

# Residues (amino acid less water), textbook formulas; carboxyl and amino groups uncharged
RESIDUES = {
    "G": "C2H3NO",
    "A": "C3H5NO",
    "S": "C3H5NO2",
    "P": "C5H7NO",
    "V": "C5H9NO",
    "T": "C4H7NO2",
    "C": "C3H5NOS",
    "L": "C6H11NO",
    "I": "C6H11NO",
    "N": "C4H6N2O2",
    "D": "C4H5NO3",
    "Q": "C5H8N2O2",
    "K": "C6H12N2O",
    "E": "C5H7NO3",
    "M": "C5H9NOS",
    "H": "C6H7N3O",
    "F": "C9H9NO",
    "R": "C6H12N4O",
    "Y": "C9H9NO2",
    "W": "C11H10N2O",
}
WATER = "H2O"
CARBAMIDOMETHYL = "C2H3NO"
BASIC = "KRH"
MOST_MISSED = 10


class Peptide(NamedTuple):
    """A piece of a protein.

    Attributes
    ----------
    sequence : str
    start : int [-]
        Place of its first residue in the protein, from 1.
    missed_cleavages : int [-]
        Bonds inside it that trypsin could have cut.
    """

    sequence: str
    start: int
    missed_cleavages: int


def peptide_formula(sequence: str, alkylated: bool = False) -> dict[str, int]:
    """Return the atoms of a neutral peptide: its residues and one water.

    Parameters
    ----------
    sequence : str
        In one-letter code.
    alkylated : bool
        Whether cysteines carry a carbamidomethyl group.

    Returns
    -------
    dict of str to int

    Raises
    ------
    InputError
        If the sequence is empty or holds another letter; names its place.

    Examples
    --------
    >>> peptide_formula("GA")
    {'H': 10, 'O': 3, 'C': 5, 'N': 2}
    """
    atoms = Counter(parse_formula(WATER))
    for residue, number in Counter(checked_sequence(sequence)).items():
        parts = [RESIDUES[residue], CARBAMIDOMETHYL] if residue == "C" and alkylated else [RESIDUES[residue]]
        for part in parts:
            for symbol, count in parse_formula(part).items():
                atoms[symbol] += number * count
    return dict(atoms)


@lru_cache(maxsize=1024)
def peptide_mass(sequence: str, alkylated: bool = False) -> float:
    """Return the monoisotopic mass [kg] of a neutral peptide.

    Parameters
    ----------
    sequence : str
    alkylated : bool
        Whether cysteines carry a carbamidomethyl group.

    Returns
    -------
    float [kg]

    Raises
    ------
    InputError
        If the sequence is empty or holds an unknown letter.

    Examples
    --------
    >>> from sepsim.constants import DALTON_KG
    >>> round(peptide_mass("DYVSQFEGSALGK") / DALTON_KG, 4)
    1399.662
    """
    return monoisotopic_mass(peptide_formula(sequence, alkylated))


def basic_sites(sequence: str) -> int:
    """Return the number of sites of a peptide that readily take a proton: K, R, H and the amino end.

    Parameters
    ----------
    sequence : str

    Returns
    -------
    int [-]

    Raises
    ------
    InputError
        If the sequence is empty or holds an unknown letter.

    Examples
    --------
    >>> basic_sites("DYVSQFEGSALGK")
    2
    """
    return 1 + sum(residue in BASIC for residue in checked_sequence(sequence))


def digest(protein: str, missed_cleavages: int = 0) -> tuple[Peptide, ...]:
    """Return the peptides into which trypsin cuts a protein: after K and R, not before P.

    Parameters
    ----------
    protein : str
        Sequence.
    missed_cleavages : int [-]
        Up to how many cuts a peptide may have been spared, 0 to 10.

    Returns
    -------
    tuple of Peptide
        By start, then by length.

    Raises
    ------
    InputError
        If the sequence is empty or holds an unknown letter, or the number lies outside its range.

    Notes
    -----
    The rule of Keil 1992 without his exceptions; how fast a bond is cut, and what glycans shield, is left out.

    Examples
    --------
    >>> [peptide.sequence for peptide in digest("DSGRDYVAQFEASALGKQLNLKPL")]
    ['DSGR', 'DYVAQFEASALGK', 'QLNLKPL']
    """
    if not 0 <= missed_cleavages <= MOST_MISSED:
        raise InputError(f"missed_cleavages = {missed_cleavages!r}: must be at least 0 and at most {MOST_MISSED}")
    sequence = checked_sequence(protein)
    inner = [i for i in range(1, len(sequence)) if sequence[i - 1] in "KR" and sequence[i] != "P"]
    cuts = [0, *inner, len(sequence)]
    return tuple(
        Peptide(sequence[cuts[first] : cuts[last]], cuts[first] + 1, last - first - 1)
        for first in range(len(cuts) - 1)
        for last in range(first + 1, min(first + 2 + missed_cleavages, len(cuts)))
    )


def checked_sequence(sequence: str) -> str:
    """Return a sequence without white space.

    Parameters
    ----------
    sequence : str

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is empty or holds a letter that is no amino acid; names its place.

    Examples
    --------
    >>> checked_sequence("PEP TIDE")
    'PEPTIDE'
    """
    whole = "".join(sequence.split())
    if not whole:
        raise InputError("sequence: is empty; give it in one-letter code")
    for place, letter in enumerate(whole, start=1):
        if letter not in RESIDUES:
            raise InputError(f"sequence: {letter!r} at place {place} is no amino acid; allowed: {''.join(RESIDUES)}")
    return whole
