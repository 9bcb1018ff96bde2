"""What ``sepsim list`` and ``sepsim show`` tell of beads, ligands, magnets and ways to elute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sepsim.catalog import Catalog
from sepsim.data import filled
from sepsim.techniques.immunocapture.beads.beads import BEADS
from sepsim.techniques.immunocapture.beads.elutions import ELUTIONS
from sepsim.techniques.immunocapture.beads.ligands import LIGANDS
from sepsim.techniques.immunocapture.beads.magnets import MAGNETS


def beads() -> list[dict[str, str]]:
    """Return the beads of the catalogue."""
    columns = ("diameter_um", "beads_per_mg", "antibodies_per_bead", "magnetisation_A_m2_kg", "confidence")
    return _listed(BEADS, *columns)


def ligands() -> list[dict[str, str]]:
    """Return the ligands of the catalogue."""
    return _listed(LIGANDS, "antigen", "k_on_per_M_s", "k_off_per_s", "binding_sites", "confidence")


def magnets() -> list[dict[str, str]]:
    """Return the magnets of the catalogue."""
    return _listed(MAGNETS, "gradient_T_m", "path_mm", "rcf_xg", "confidence")


def elutions() -> list[dict[str, str]]:
    """Return the ways to elute of the catalogue."""
    return _listed(ELUTIONS, "k_off_factor", "release_percent", "time_min", "damages", "confidence")


def bead_entry(name: str) -> dict[str, Any]:
    """Return the row of beads; `name` as people write it."""
    return filled(BEADS.row(name))


def ligand_entry(name: str) -> dict[str, Any]:
    """Return the row of a ligand; `name` as people write it."""
    return filled(LIGANDS.row(name))


def magnet_entry(name: str) -> dict[str, Any]:
    """Return the row of a magnet; `name` as people write it."""
    return filled(MAGNETS.row(name))


def elution_entry(name: str) -> dict[str, Any]:
    """Return the row of a way to elute; `name` as people write it."""
    return filled(ELUTIONS.row(name))


def _listed(catalogue: Catalog[Any], *columns: str) -> list[dict[str, str]]:
    return [{catalogue.kind: name, **_cells(row, columns)} for name, row in catalogue.rows.items()]


def _cells(row: Mapping[str, str], columns: tuple[str, ...]) -> dict[str, str]:
    return {column: row[column] for column in columns}
