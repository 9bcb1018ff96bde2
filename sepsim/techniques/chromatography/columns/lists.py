"""What ``sepsim list`` and ``sepsim show`` tell of columns and resins."""

from __future__ import annotations

from typing import Any

from sepsim.data import filled, rows
from sepsim.techniques.chromatography.columns.columns import COLUMNS
from sepsim.techniques.chromatography.columns.resins import RESINS


def columns() -> list[dict[str, str]]:
    """Return the columns of the catalogue."""
    return [
        {
            "column": name,
            "resin": " over ".join(bed.resin.name for bed in COLUMNS.get(name).beds),
            "bed_volume_mL": " over ".join(filter(None, [row["bed_volume_mL"], row["underlayer_volume_mL"]])),
            "diameter_mm": row["diameter_mm"],
            "void_volume_mL": f"{COLUMNS.get(name).void_volume * 1e6:.4g}",
            "confidence": row["confidence"],
        }
        for name, row in COLUMNS.rows.items()
    ]


def column_entry(name: str) -> dict[str, Any]:
    """Return the row of a column.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    return filled(COLUMNS.row(name))


def resins() -> list[dict[str, str]]:
    """Return the resins of the catalogue."""
    return [
        {
            "resin": name,
            "bead_diameter_um": row["bead_diameter_um"],
            "pore_diameter_nm": row["pore_diameter_nm"],
            "binds": ", ".join(RESINS.get(name).binds),
            "confidence": row["confidence"],
        }
        for name, row in RESINS.rows.items()
    ]


def resin_entry(name: str) -> dict[str, Any]:
    """Return the row of a resin and what it binds.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    row = RESINS.row(name)
    bindings = [each for each in rows("resin_bindings") if each["resin"] == row["resin"]]
    if not bindings:
        return filled(row)
    return {**filled(row), "binds": [_binding_text(each) for each in bindings]}


def _binding_text(row: dict[str, str]) -> str:
    return (
        f"{row['population']:<16}retention factor {row['retention_factor']}"
        + f", eluted {row['eluted_retention_factor']}"
        + (f", at most {row['capacity_per_mL']} per mL" if row["capacity_per_mL"] else "")
        + f"  ({row['confidence']})"
    )
