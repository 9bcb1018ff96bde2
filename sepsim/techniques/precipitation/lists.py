"""What ``sepsim list`` and ``sepsim show`` tell of kits and of the constants of precipitation."""

from __future__ import annotations

from typing import Any

from sepsim.data import chosen, entry, filled, rows


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


def constants() -> list[dict[str, str]]:
    """Return the constants of `PrecipitationModel`, each with its default and its band."""
    return chosen("precipitation_model", "parameter", "default", "low", "high", "confidence")


def constant_entry(name: str) -> dict[str, Any]:
    """Return the row of a constant.

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
    >>> constant_entry("size_exponent")["high"]
    '2'
    """
    return filled(entry("precipitation_model", "parameter", name, "precipitation_model"))
