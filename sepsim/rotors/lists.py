"""What ``sepsim list`` and ``sepsim show`` tell of rotors and tubes."""

from __future__ import annotations

from typing import Any

from sepsim.data import chosen, entry, filled
from sepsim.rotors.rotors import ROTORS


def rotors() -> list[dict[str, str]]:
    """Return the rotors of the catalogue."""
    return [
        {
            "rotor": name,
            "manufacturer": row["manufacturer"],
            "kind": ROTORS.get(name).kind,
            "max_rpm": row["max_rpm"],
            "rmin_mm": row["rmin_mm"],
            "rmax_mm": row["rmax_mm"],
            "tubes": f"{row['n_tubes']} x {ROTORS.get(name).tube.volume_mL:g} mL",
            "confidence": row["confidence"],
        }
        for name, row in ROTORS.rows.items()
    ]


def rotor_entry(name: str) -> dict[str, Any]:
    """Return the row of a rotor.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    return filled(ROTORS.row(name))


def tubes() -> list[dict[str, str]]:
    """Return the tubes of the catalogue."""
    return chosen("tubes", "tube", "inner_diameter_mm", "length_mm", "volume_mL", "bottom", "confidence")


def tube_entry(name: str) -> dict[str, Any]:
    """Return the row of a tube.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    return filled(entry("tubes", "tube", name, "tubes"))
