"""What ``sepsim list`` and ``sepsim show`` tell of the constants behind pellets."""

from __future__ import annotations

from typing import Any

from sepsim.data import chosen, entry, filled


def pellet_constants() -> list[dict[str, str]]:
    """Return the constants of `PelletModel`, each with its default and its band."""
    return chosen("pellet_model", "parameter", "default", "low", "high", "confidence")


def pellet_constant_entry(name: str) -> dict[str, Any]:
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
    >>> pellet_constant_entry("yield_stress_Pa")["high"]
    '3'
    """
    return filled(entry("pellet_model", "parameter", name, "pellet_model"))
