"""Look-up of populations: from the catalogue, from a table of one's own, or from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sepsim.data import numbers, rows
from sepsim.errors import InputError, collected_warnings, did_you_mean
from sepsim.particles.population import KINDS, Population
from sepsim.particles.size_file import read_sizes
from sepsim.settings import declared

_SIZE_KEYS = (
    "median_diameter_nm",
    "geometric_sd",
    "mean_diameter_nm",
    "diameter_sd_nm",
    "diameter_nm",
    "diameters_nm",
    "weights",
)
_NUMERIC_COLUMNS = (
    "median_diameter_nm",
    "geometric_sd",
    "density_g_mL",
    "density_sd_g_mL",
    "molar_mass_kDa",
    "partial_specific_volume_mL_g",
    "stokes_radius_nm",
    "protein_mass_fraction",
)


def population_names() -> tuple[str, ...]:
    """Return the names of the catalogue, in its order."""
    return tuple(row["population"] for row in rows("populations"))


def population_row(name: str) -> dict[str, str]:
    """Return the catalogue's row of a population.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    for row in rows("populations"):
        if row["population"] == name:
            return row
    known = population_names()
    raise InputError(
        f"population {name!r}: unknown, and it has no kind{did_you_mean(name, known)}; see `sepsim list populations`, "
        f"or give it a kind ({', '.join(KINDS)}) and sizes of its own"
    )


def population(table: Mapping[str, Any], folder: Path = Path()) -> Population:
    """Build a population from a table; without a ``kind`` the catalogue fills in what the table leaves out.

    Parameters
    ----------
    table : mapping
        Keys as in a protocol file; ``sizes_csv`` names a measured size distribution, relative to `folder`.
    folder : Path
        Where relative paths start.

    Returns
    -------
    Population
        Of the class that `kind` names.

    Raises
    ------
    InputError
        With every problem of the table.

    Examples
    --------
    >>> population({"name": "ldl", "particles_per_mL": 1e14}).kind
    'lipoprotein'
    """
    if not isinstance(table, Mapping):
        raise InputError(f"population {table!r}: must be a table with a name and an amount")
    sizes_file = _sizes_file(table, folder)
    given, doubts = (dict(table), ()) if sizes_file is None else _with_measured_sizes(table, sizes_file)
    kind = given.pop("kind", None)
    name = given.get("name")
    if not isinstance(name, str):
        raise InputError('population: has no name; add name = "..."')
    if kind is None:
        row = population_row(name)
        kind, given = row["kind"], _filled_in(row, given)
    if not isinstance(kind, str) or kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS)
        raise InputError(f"population {name!r}: kind = {kind!r}: must be one of {', '.join(KINDS)}{hint}")
    try:
        built = KINDS[kind].from_table(given)
    except InputError as error:
        place = f"population {name!r}"
        raise InputError(*(text if place in text else f"{place}: {text}" for text in error.problems)) from None
    return replace(built, sizes_file=sizes_file, doubts=(*(built.doubts or ()), *doubts) or None)


def _filled_in(row: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a table from the catalogue; sizes given in any way replace those of the catalogue whole."""
    known = numbers(dict(row), *_NUMERIC_COLUMNS)
    if not {"median_diameter_nm", "geometric_sd"} >= given.keys() & set(_SIZE_KEYS):
        known = {key: value for key, value in known.items() if key not in _SIZE_KEYS}
    if "s20w_S" in given:
        known.pop("stokes_radius_nm", None)
    allowed = declared(KINDS[row["kind"]])
    return {key: value for key, value in known.items() if key in allowed} | dict(given)


def _sizes_file(table: Mapping[str, Any], folder: Path) -> Path | None:
    """Return the file of measured sizes that a table names."""
    if "sizes_csv" not in table:
        return None
    path = table["sizes_csv"]
    if not isinstance(path, (str, Path)):
        raise InputError(f"sizes_csv = {path!r}: must be the path of a CSV file")
    clash = [key for key in _SIZE_KEYS if key in table]
    if clash:
        raise InputError(f"sizes_csv: cannot stand beside {', '.join(clash)}; keep one of them")
    return folder / path


def _with_measured_sizes(table: Mapping[str, Any], file: Path) -> tuple[dict[str, Any], Sequence[str]]:
    """Replace ``sizes_csv`` by the sizes it holds, and by its concentration unless an amount is given.

    Also return what makes that concentration less certain.
    """
    given = {key: value for key, value in table.items() if key != "sizes_csv"}
    with collected_warnings() as doubts:
        measured = read_sizes(file)
    given["diameters_nm"] = [float(diameter) for diameter in measured.diameters * 1e9]
    given["weights"] = [float(weight) for weight in measured.concentrations / measured.concentrations.sum()]
    if "mass_mg_per_mL" in given or "particles_per_mL" in given:
        return given, ()
    given["particles_per_mL"] = float(measured.concentrations.sum() * 1e-6)
    return given, doubts


def describe(population: Population) -> dict[str, Any]:
    """Return the table from which `population` builds the same record again."""
    return {"name": population.name, "kind": population.kind, **population.to_table()}
