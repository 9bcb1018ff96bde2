"""What ``sepsim list`` and ``sepsim show`` tell of kits."""

from __future__ import annotations

from typing import Any

from sepsim.data import filled, rows


def kits() -> list[dict[str, str]]:
    """Return the kits of the catalogue."""
    return [
        {
            "kit": row["kit"],
            "sample": row["sample"],
            "reagent": f"{row['reagent_per_sample']} volumes",
            "incubation": f"{row['incubation_min']} min, {row['temperature_C']} C",
            "spin": f"{row['rcf_xg']} x g, {row['time_min']} min",
            "peg_percent_w_v": row["peg_percent_w_v"],
            "confidence": row["confidence"],
        }
        for row in rows("kits")
    ]


def kit_entry(name: str) -> dict[str, Any]:
    """Return the row of a kit.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.

    Examples
    --------
    >>> kit_entry("exo-quick-tc")["incubation_min"]
    '720'
    """
    from sepsim.techniques.precipitation.kits.kits import KITS

    return filled(KITS.row(name))
