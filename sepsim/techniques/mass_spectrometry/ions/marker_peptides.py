"""Signature peptides: what trypsin releases of a marker protein and what tells it from others."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache
from typing import Any

from sepsim.data import rows
from sepsim.errors import InputError
from sepsim.particles.markers import Marker, marker_sources, markers
from sepsim.settings import Accepts, part, settings
from sepsim.techniques.mass_spectrometry.ions.peptides import checked_sequence


def _sequences(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise InputError('must be a list of sequences, such as ["DYVSQFEGSALGK"]')
    return tuple(checked_sequence(str(sequence)) for sequence in value)


@settings
class PeptideMarker(Marker):
    """A marker protein with its signature peptides.

    Parameters
    ----------
    protein, population, role, place : str
        As for `Marker`.
    copies : float
        As for `Marker`.
    reference_diameter_nm : float [nm]
        As for `Marker`.
    peptides : list of str
        Signature peptides that trypsin releases, one of each per protein.

    Raises
    ------
    InputError
        As for `Marker`, or if a sequence holds an unknown letter.

    Examples
    --------
    >>> cd9 = PeptideMarker(protein="CD9", population="exosome", copies=10, peptides=["DVLETFTVK"], place="surface",
    ...     reference_diameter_nm=100)
    >>> cd9.peptides
    ('DVLETFTVK',)
    """

    peptides: Accepts[tuple[str, ...], Sequence[str]] = part(
        accept=_sequences, dump=list, allowed="a list of sequences", help="its signature peptides"
    )


@cache
def peptide_markers(serum: str = "human") -> tuple[PeptideMarker, ...]:
    """Return the markers of the catalogue with their signature peptides.

    Parameters
    ----------
    serum : str
        As for `sepsim.particles.markers.markers`.

    Returns
    -------
    tuple of PeptideMarker

    Raises
    ------
    InputError
        If the serum is neither.

    Examples
    --------
    >>> [marker.peptides for marker in peptide_markers("bovine") if marker.population == "albumin"]
    [('LVNELTEFAK', 'HLVDEPQNLIK', 'LGEYGFQNALIVR')]
    """
    peptides: dict[str, tuple[str, ...]] = {}
    for row in rows("signature_peptides"):
        peptides[row["protein"]] = (*peptides.get(row["protein"], ()), row["sequence"])
    return tuple(
        PeptideMarker(
            **{field.name: getattr(marker, field.name) for field in dataclasses.fields(marker)},
            peptides=peptides[marker.protein],
        )
        for marker in markers(serum)
    )


def peptide_sources() -> tuple[str, ...]:
    """Return the bibliography keys of the tables of markers and of their peptides.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> "uniprot" in peptide_sources()
    True
    """
    of_peptides = (key for row in rows("signature_peptides") for key in row["source"].split())
    return tuple(dict.fromkeys([*marker_sources(), *of_peptides]))
