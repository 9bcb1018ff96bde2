"""What ``sepsim list`` and ``sepsim show`` tell of membranes and of what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sepsim.data import chosen, entry, filled, rows


def membranes() -> list[dict[str, str]]:
    """Return the membranes of the catalogue, from its table alone."""
    return [
        {
            "membrane": row["membrane"],
            "rating": _rating(row),
            "area_cm2": row["area_cm2"],
            "max_volume_mL": row["max_volume_mL"],
            "limit": f"{row['max_rcf_xg']} x g" if row["max_rcf_xg"] else f"{row['max_pressure_bar']} bar",
            "confidence": row["confidence"],
        }
        for row in rows("membranes")
    ]


def _rating(row: Mapping[str, str]) -> str:
    return f"{row['mwco_kDa']} kDa, {row['rated_with']}" if row["mwco_kDa"] else f"{row['pore_diameter_nm']} nm"


def membrane_entry(name: str) -> dict[str, Any]:
    """Return the row of a membrane.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    from sepsim.techniques.filtration.membranes.membranes import MEMBRANES

    return filled(MEMBRANES.row(name))


def materials() -> list[dict[str, str]]:
    """Return the materials of membranes."""
    return chosen("membrane_materials", "material", "adsorbed_coverage", "confidence")


def material_entry(name: str) -> dict[str, Any]:
    """Return the row of a material.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    return filled(entry("membrane_materials", "material", name, "materials"))
