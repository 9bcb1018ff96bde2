"""Look-up of populations: from the catalogue, from a table of one's own, or from both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sepsim.data import numbers, rows
from sepsim.errors import InputError, collected_warnings, did_you_mean
from sepsim.particles.population import AMOUNTS, KINDS, Particle, Population
from sepsim.particles.size_file import read_sizes
from sepsim.settings import Draft, declared, unknown_key
from sepsim.text.quoting import quoted

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
    "intrinsic_viscosity_mL_g",
    "lumen_rna_g_mL",
    "rna_mass_fraction",
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
        f"population {quoted(name)}: unknown, and it has no kind{did_you_mean(name, known)}; see "
        f"`sepsim list populations`, or give it a kind ({', '.join(KINDS)}) and sizes of its own"
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
    draft = population_draft(table, folder)
    if draft.record is None or draft.problems:
        raise InputError(*draft.problems)
    return draft.record


def population_draft(table: Any, folder: Path = Path()) -> Draft[Population | None]:
    """Build a population from a table as far as that is sound.

    Parameters
    ----------
    table : mapping
        As for `population`.
    folder : Path
        Where relative paths start.

    Returns
    -------
    Draft
        Its record is None where nothing tells the kind.

    Examples
    --------
    >>> population_draft({"name": "ldl", "particles_per_mL": -1, "colour": "red"}).problems[1]
    "population 'ldl': particles_per_mL = -1: must be at least 0 and at most 1e+22"
    """
    if not isinstance(table, Mapping):
        return Draft(None, (f"population {quoted(table)}: must be a table with a name and an amount",))
    given, unclear = dict(table), []
    problems: list[str] = []
    sizes_file: Path | None = None
    doubts: Sequence[str] = ()
    if "sizes_csv" in given:
        path = given.pop("sizes_csv")
        try:
            sizes_file = _sizes_file(path, given, folder)
            measured, doubts = _measured_sizes(sizes_file, given)
            given |= measured
        except InputError as error:
            problems += error.problems
            unclear = ["diameters_nm", "weights"]
            unclear += [] if any(amount in given for amount in AMOUNTS) else AMOUNTS
    record: Population | None = None
    try:
        kind, given = _with_kind(given)
    except InputError as error:
        problems += [*error.problems, *_problems_of_any_kind(given, unclear)]
    else:
        draft = KINDS[kind].draft(given, unclear)
        record, problems = draft.record, [*problems, *draft.problems]
    if record is not None and not problems and sizes_file is not None:
        record = replace(record, sizes_file=sizes_file, doubts=(*(record.doubts or ()), *doubts) or None)
    name = table.get("name")
    place = f"population {quoted(name)}" if isinstance(name, str) else "population"
    return Draft(record, tuple(text if place in text else f"{place}: {text}" for text in problems))


def _with_kind(given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the kind of a population and its settings, from the catalogue if there is no kind."""
    settings, name = dict(given), given.get("name")
    kind = settings.pop("kind", None)
    if kind is None:
        if not isinstance(name, str):
            raise InputError(
                'has no name; add name = "..."' if name is None else f"name = {quoted(name)}: must be a text"
            )
        row = population_row(name)
        return row["kind"], _filled_in(row, settings)
    if not isinstance(kind, str) or kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS)
        raise InputError(f"kind = {quoted(kind)}: must be one of {', '.join(KINDS)}{hint}")
    return kind, settings


def _problems_of_any_kind(given: Mapping[str, Any], unclear: Collection[str]) -> list[str]:
    """Return what is wrong with a population whatever its kind: keys that no kind has, and its amount."""
    keys = dict.fromkeys(["kind", *(key for kind in KINDS.values() for key in declared(kind))])
    shared = declared(Population)
    own = declared(Particle).keys() - shared
    amount = Particle.draft({key: value for key, value in given.items() if key in shared}, {"name", *own, *unclear})
    return [*(unknown_key(str(key), keys) for key in given if key not in keys), *amount.problems]


def _filled_in(row: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a table from the catalogue; sizes given in any way replace those of the catalogue whole."""
    known = numbers(dict(row), *_NUMERIC_COLUMNS)
    if not {"median_diameter_nm", "geometric_sd"} >= given.keys() & set(_SIZE_KEYS):
        known = {key: value for key, value in known.items() if key not in _SIZE_KEYS}
    if "s20w_S" in given:
        known.pop("stokes_radius_nm", None)
    allowed = declared(KINDS[row["kind"]])
    return {key: value for key, value in known.items() if key in allowed} | dict(given)


def _sizes_file(path: Any, given: Mapping[str, Any], folder: Path) -> Path:
    """Return the file of measured sizes that a table names beside what else is given."""
    if not isinstance(path, (str, Path)):
        raise InputError(f"sizes_csv = {quoted(path)}: must be the path of a CSV file")
    clash = [key for key in _SIZE_KEYS if key in given]
    if clash:
        raise InputError(f"sizes_csv: cannot stand beside {', '.join(clash)}; keep one of them")
    return folder / path


def _measured_sizes(file: Path, given: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[str]]:
    """Return the sizes that a file holds, with its concentration and doubts about it unless an amount is given."""
    with collected_warnings() as doubts:
        measured = read_sizes(file)
    sizes: dict[str, Any] = {
        "diameters_nm": [float(diameter) for diameter in measured.diameters * 1e9],
        "weights": [float(weight) for weight in measured.concentrations / measured.concentrations.sum()],
    }
    if any(amount in given for amount in AMOUNTS):
        return sizes, ()
    sizes["particles_per_mL"] = float(measured.concentrations.sum() * 1e-6)
    return sizes, doubts


def describe(population: Population) -> dict[str, Any]:
    """Return the table from which `population` builds the same record again."""
    return {"name": population.name, "kind": population.kind, **population.to_table()}
