"""Look-up of rotors and tubes: from the catalogue, or from a table of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sepsim.catalog import Catalog, listed_aliases
from sepsim.data import numbers, rows
from sepsim.rotors.rotors import Rotor
from sepsim.rotors.tubes import describe_tube, tube, tube_names

__all__ = [
    "describe",
    "describe_tube",
    "rotor",
    "rotor_names",
    "rotor_row",
    "rotor_sources",
    "tube",
    "tube_names",
]


def _from_row(row: dict[str, str]) -> Rotor:
    return Rotor(
        name=row["rotor"],
        n_tubes=int(row["n_tubes"]),
        tube=tube(row["tube"]),
        confidence=row["confidence"],
        **numbers(row, "angle_deg", "rmax_mm", "rmin_mm", "max_rpm"),
    )


def _aliases(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return the other names of a rotor, with the maker's name before it among them."""
    maker, name = row["manufacturer"], row["rotor"]
    return (f"{maker} {name}", f"{maker.split()[0]} {name}", *listed_aliases(row))


CATALOG = Catalog(kind="rotor", record=Rotor, build=_from_row, aliases=_aliases)


def rotor_names() -> tuple[str, ...]:
    """Return the names of the catalogue's rotors, in its order."""
    return tuple(CATALOG.rows)


def rotor_row(name: str) -> dict[str, str]:
    """Return the catalogue's row of a rotor as text: radii, aliases, confidence, source, note.

    Parameters
    ----------
    name : str
        As for `rotor`.

    Returns
    -------
    dict of str
        By column of the table.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.

    Examples
    --------
    >>> rotor_row("sw41")["rmax_mm"]
    '153.1'
    """
    return CATALOG.row(name)


def rotor(value: str | Mapping[str, Any] | Rotor) -> Rotor:
    """Return a rotor from its name, from a table of its data, or as it is.

    Parameters
    ----------
    value : str, mapping or Rotor
        A name of the catalogue, as people write it ("SW28", "Ti 45"), or a table with the keys of `Rotor`;
        its ``tube`` is a name or again a table.

    Returns
    -------
    Rotor

    Raises
    ------
    InputError
        If the name is unknown (with the nearest names) or the table is wrong (with one problem per key).

    Examples
    --------
    >>> rotor("Ti 45").name
    'Type 45 Ti'
    """
    return CATALOG.get(value)


def describe(rotor: Rotor) -> str | dict[str, Any]:
    """Return what `rotor` turns into the same rotor again: the catalogue's name, or the table.

    Parameters
    ----------
    rotor : Rotor

    Returns
    -------
    str or dict

    Examples
    --------
    >>> describe(rotor("sw 28"))
    'SW 28'
    """
    described: str | dict[str, Any] = CATALOG.describe(rotor)
    return described


def rotor_sources(rotor: Rotor) -> tuple[str, ...]:
    """Return the bibliography keys behind a rotor and its tube; empty for a rotor of the user.

    Parameters
    ----------
    rotor : Rotor

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> rotor_sources(rotor("Type 60 Ti"))
    ('livshits2015', 'beckman_tubes')
    """
    if not CATALOG.holds(rotor):
        return ()
    of_tube = next(row["source"] for row in rows("tubes") if row["tube"] == rotor.tube.name)
    return tuple(dict.fromkeys([*CATALOG.sources(rotor), *of_tube.split()]))
