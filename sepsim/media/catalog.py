"""Look-up of fluids: by name, from a table of one's own, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sepsim.data import rows
from sepsim.errors import InputError, did_you_mean
from sepsim.media.biofluids import Biofluid
from sepsim.media.fluid import Water
from sepsim.media.medium import ConstantFluid, Fluid  # its module must load before the function below
from sepsim.media.solution import AMOUNTS, Solution
from sepsim.settings import declared, part

SOLUTE_WORDS = {  # how the key of an amount may begin
    "iodixanol": "iodixanol",
    "optiprep": "iodixanol",
    "sucrose": "sucrose",
    "cscl": "cscl",
    "solute": "solute",
}
CONFIDENCES = ("read", "transcribed", "computed", "unverified")  # falling


@dataclass(frozen=True, kw_only=True, slots=True)
class FluidRecord:
    """A fluid of the catalogue with what is known about it, for lists.

    Parameters
    ----------
    fluid : Fluid
    description : str
    confidence : str
        Of the weakest of its tabulated points.
    notes : tuple of str
    """

    fluid: Fluid
    description: str
    confidence: str
    notes: tuple[str, ...]


def fluid(value: str | Mapping[str, Any] | Fluid) -> Fluid:
    """Return the fluid that a name, a table or a fluid stands for.

    Parameters
    ----------
    value : str, mapping or Fluid
        A name of `fluid_names`, in any case; or a table of `density_g_mL`, `viscosity_mPa_s` and optionally
        `name` and `osmolality_mOsm_kg`; or a table of `Solution`, such as one of `iodixanol_percent_w_v` and
        `diluent`; or a fluid.

    Returns
    -------
    Fluid

    Raises
    ------
    InputError
        If the name is unknown (with the nearest names) or the table is not sound.

    Examples
    --------
    >>> fluid("pbs").name
    'PBS'
    >>> fluid({"density_g_mL": 1.00, "viscosity_mPa_s": 1.55}).density(277.15)
    1000.0
    >>> fluid({"iodixanol_percent_w_v": 30, "diluent": "PBS"}).name
    '30 % w/v iodixanol in PBS'
    """
    if isinstance(value, str):
        return _named(value)
    if isinstance(value, Mapping):
        return _solution(value) if any(map(_of_a_solution, value)) else ConstantFluid.from_table(value)
    if isinstance(value, Fluid):
        return value
    raise InputError(f"medium = {value!r}: must be a name, a table or a fluid")


def medium(default: Any = dataclasses.MISSING, *, help: str) -> Any:
    """Declare a setting that names a fluid, or describes one of the user."""
    return part(
        default,
        accept=fluid,
        dump=describe,
        allowed="a name from `sepsim list media`, or { density_g_mL, viscosity_mPa_s }, or a solution such as "
        '{ iodixanol_percent_w_v = 30, diluent = "PBS" } or { sucrose_percent_w_w = 30 }',
        help=help,
    )


def fluid_names() -> tuple[str, ...]:
    """Return the names of the catalogue, in its order.

    Examples
    --------
    >>> fluid_names()[:2]
    ('water', 'PBS')
    """
    return tuple(_catalogue())


def fluid_records() -> tuple[FluidRecord, ...]:
    """Return every fluid of the catalogue with its description and confidence.

    Examples
    --------
    >>> fluid_records()[1].confidence
    'computed'
    """
    return tuple(_catalogue().values())


def describe(value: Fluid) -> str | dict[str, Any]:
    """Return the name or the table from which `fluid` builds the same fluid again.

    Parameters
    ----------
    value : Fluid

    Returns
    -------
    str or dict
        A name if the catalogue holds an equal fluid, else a table of lab values.

    Raises
    ------
    InputError
        If the fluid is neither in the catalogue nor one that can be written as a table.

    Examples
    --------
    >>> describe(fluid("pbs"))
    'PBS'
    """
    record = _catalogue().get(value.name)
    if record is not None and record.fluid == value:
        return value.name
    if isinstance(value, (ConstantFluid, Solution)):
        return value.to_table()
    raise InputError(f"medium {value.name!r}: not in the catalogue, and cannot be written as a table")


@cache
def _catalogue() -> dict[str, FluidRecord]:
    by_name: dict[str, list[dict[str, str]]] = {}
    for row in rows("media"):
        by_name.setdefault(row["medium"], []).append(row)
    return {name: _record(name, found) for name, found in by_name.items()}


def _record(name: str, found: list[dict[str, str]]) -> FluidRecord:
    return FluidRecord(
        fluid=_correlated().get(name) or Biofluid.from_rows(found),
        description=found[0]["description"],
        confidence=max((row["confidence"] for row in found), key=CONFIDENCES.index),
        notes=tuple(dict.fromkeys(row["note"] for row in found if row["note"])),
    )


@cache
def _correlated() -> dict[str, Fluid]:
    buffer = Solution(sucrose_M=0.25, diluent=Water(), name="0.25 M sucrose buffer")
    return {fluid.name: fluid for fluid in (Water(), buffer)}


def _of_a_solution(key: Any) -> bool:
    return key == "diluent" or (isinstance(key, str) and key.partition("_")[0].casefold() in SOLUTE_WORDS)


def _solution(table: Mapping[str, Any]) -> Solution:
    known = declared(Solution)
    problems = [
        f"{key}: which measure? Write {' or '.join(_measures(key))}"
        for key in table
        if key not in known and _of_a_solution(key)
    ]
    if problems:
        raise InputError(*problems)
    return Solution.from_table(table)


def _measures(key: str) -> list[str]:
    solute = SOLUTE_WORDS[key.partition("_")[0].casefold()]
    known = declared(Solution)
    return [f"{name} ({known[name].help})" for name in AMOUNTS if name.startswith(solute)]


def _named(name: str) -> Fluid:
    by_folded = {known.casefold(): record.fluid for known, record in _catalogue().items()}
    found = by_folded.get(name.strip().casefold())
    if found is None:
        hint = did_you_mean(name, fluid_names())
        raise InputError(f"medium = {name!r}: unknown{hint}; known: {', '.join(fluid_names())}")
    return found
