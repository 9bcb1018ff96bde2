"""The catalogue of chips, and how a table of one's own becomes a chip: by mechanism, or like one of the catalogue."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from sepsim.catalog import Catalog
from sepsim.errors import InputError, did_you_mean
from sepsim.techniques.microfluidics.acoustophoresis import Acoustophoresis
from sepsim.techniques.microfluidics.chips.chip import Chip
from sepsim.techniques.microfluidics.dielectrophoresis import Dielectrophoresis
from sepsim.techniques.microfluidics.electrophoresis import Electrophoresis
from sepsim.techniques.microfluidics.field_flow_fractionation import FieldFlowFractionation
from sepsim.techniques.microfluidics.inertial_focusing import InertialFocusing
from sepsim.techniques.microfluidics.lateral_displacement import LateralDisplacement
from sepsim.techniques.microfluidics.magnetophoresis import Magnetophoresis
from sepsim.techniques.microfluidics.viscoelastic_focusing import ViscoelasticFocusing
from sepsim.techniques.microfluidics.wall_immunocapture import WallImmunocapture
from sepsim.text.quoting import quoted

RECORDS: tuple[type[Chip], ...] = (  # one of each mechanism
    LateralDisplacement,
    FieldFlowFractionation,
    Acoustophoresis,
    ViscoelasticFocusing,
    InertialFocusing,
    Electrophoresis,
    Dielectrophoresis,
    Magnetophoresis,
    WallImmunocapture,
)
MECHANISMS: dict[str, type[Chip]] = {record.mechanism: record for record in RECORDS}
FORMS = (
    "a name from `sepsim list chips`, or a table { mechanism, ... }, or { like = 'NAME', ... } with what differs from "
    "one of the catalogue"
)


def _from_row(row: dict[str, str]) -> Chip:
    return _of_mechanism(row["mechanism"], {"name": row["chip"], **_settings(row)})


def _settings(row: dict[str, str]) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(f"settings = {row['settings']}")["settings"]
    return table


CHIPS: Catalog[Chip] = Catalog(kind="chip", record=Chip, build=_from_row)  # type: ignore[type-abstract]


def chip(value: str | Mapping[str, Any] | Chip) -> Chip:
    """Return a chip from its name, from a table of its data, or as it is.

    Parameters
    ----------
    value : str, mapping or Chip
        A name of the catalogue, or a table that names a ``mechanism`` and gives its keys, or one that says ``like``
        which of the catalogue it is, and gives what differs.

    Returns
    -------
    Chip

    Raises
    ------
    InputError
        If a name is unknown, or the table is wrong, with one problem per key.

    Examples
    --------
    >>> "wall immunocapture" in MECHANISMS
    True
    """
    if isinstance(value, str | Chip):
        return CHIPS.get(value)
    if not isinstance(value, Mapping):
        raise InputError(f"must be {FORMS}")
    if "like" not in value:
        return _of_mechanism(value.get("mechanism"), value)
    if not isinstance(value["like"], str):
        raise InputError(f"like = {quoted(value['like'])}: must be a name from `sepsim list chips`")
    row = CHIPS.row(value["like"])
    if value.get("mechanism", row["mechanism"]) != row["mechanism"]:
        raise InputError(f"mechanism: {row['chip']!r} has that of {row['mechanism']}; leave mechanism out")
    given = {key: part for key, part in value.items() if key != "like"}
    return _of_mechanism(row["mechanism"], {"name": f"own chip like {row['chip']}", **_settings(row), **given})


def _of_mechanism(mechanism: Any, table: Mapping[str, Any]) -> Chip:
    if not isinstance(mechanism, str) or mechanism not in MECHANISMS:
        said = "missing" if mechanism is None else f"unknown{did_you_mean(str(mechanism), MECHANISMS)}"
        shown = "mechanism" if mechanism is None else f"mechanism = {quoted(mechanism)}"
        raise InputError(f"{shown}: {said}; one of {', '.join(map(repr, MECHANISMS))}")
    found: Chip = MECHANISMS[mechanism].from_table(table)
    return found
