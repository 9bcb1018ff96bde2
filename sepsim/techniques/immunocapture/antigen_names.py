"""Antigens as a setting: one name, or a list of some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sepsim.errors import InputError
from sepsim.particles.marker_profile import antigen_name

MOST_ANTIGENS = 8
FORM = "the name of an antigen, or a list"


def accepted_antigens(value: Any) -> tuple[str, ...]:
    """Return the names of antigens as the catalogue spells them, each once.

    Raises
    ------
    InputError
        If it is neither a name nor a list of at most eight.

    Examples
    --------
    >>> accepted_antigens("cd81"), accepted_antigens(["A33", "epcam"])
    (('CD81',), ('A33', 'EpCAM'))
    """
    items = [value] if isinstance(value, str) else value
    sound = isinstance(items, Sequence) and all(isinstance(item, str) and item.strip() for item in items)
    if not sound or not 1 <= len(items) <= MOST_ANTIGENS:
        raise InputError(f"must be the name of an antigen such as 'CD81', or a list of at most {MOST_ANTIGENS}")
    return tuple(dict.fromkeys(antigen_name(item) for item in items))


def written(antigens: tuple[str, ...]) -> str | list[str]:
    """Return antigens as a protocol file writes them.

    Examples
    --------
    >>> written(("CD81",)), written(("A33", "EpCAM"))
    ('CD81', ['A33', 'EpCAM'])
    """
    return antigens[0] if len(antigens) == 1 else list(antigens)
