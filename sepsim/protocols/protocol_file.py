"""TOML <-> Protocol: reading with every problem at once, and writing what reads back the same."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sepsim.errors import InputError, did_you_mean
from sepsim.method import Method
from sepsim.protocols.protocol import Protocol, Source, Step, routing_problems
from sepsim.samples.sample_recipe import SampleRecipe, recipe
from sepsim.settings import toml_value
from sepsim.techniques import METHODS

_TOP_KEYS = ("name", "target", "sample", "step")
_STEP_KEYS = ("name", "method", "keep", "from")


def load_protocol(path: str | Path) -> Protocol:
    """Read a protocol from a TOML file.

    Parameters
    ----------
    path : str or Path
        The file; paths inside it are relative to its folder.

    Returns
    -------
    Protocol

    Raises
    ------
    InputError
        With every problem of the file at once.

    Examples
    --------
    >>> load_protocol("nowhere.toml")
    Traceback (most recent call last):
        ...
    sepsim.errors.InputError: nowhere.toml: no such file
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a text file ({error})") from error
    return protocol_from_text(text, origin=str(path), name=file.stem, folder=file.parent)


def protocol_from_text(text: str, *, origin: str, name: str = "protocol", folder: Path = Path()) -> Protocol:
    """Build a protocol from the text of a protocol file.

    Parameters
    ----------
    text : str
        TOML.
    origin : str
        Leads every problem, such as the path of the file.
    name : str
        Of the protocol, unless the text names it.
    folder : Path
        Where relative paths start.

    Returns
    -------
    Protocol

    Raises
    ------
    InputError
        With every problem of the text at once.

    Examples
    --------
    >>> protocol_from_text("name = 5", origin="my.toml")
    Traceback (most recent call last):
        ...
    sepsim.errors.InputError: my.toml: name = 5: must be a text
    my.toml: [sample]: missing; add a [sample] table with source or medium and populations, and volume_mL
    my.toml: step: missing; a protocol needs at least one [[step]]
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{origin}: is not valid TOML: {error}; see https://toml.io") from None
    try:
        return protocol_from_table({"name": name} | table, folder)
    except InputError as error:
        raise error.within(origin) from None


def protocol_from_table(table: Mapping[str, Any], folder: Path = Path()) -> Protocol:
    """Build a protocol from a table with the keys of a protocol file.

    Parameters
    ----------
    table : mapping
        ``name``, ``target`` (default exosome), ``sample`` and ``step``.
    folder : Path
        Where relative paths start.

    Returns
    -------
    Protocol

    Raises
    ------
    InputError
        With every problem of the table at once.

    Examples
    --------
    >>> step = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    >>> protocol = protocol_from_table({"sample": {"source": "urine", "volume_mL": 10}, "step": [step]})
    >>> protocol.target, len(protocol.steps)
    ('exosome', 1)
    """
    problems = [
        f"{key}: unknown key{did_you_mean(key, _TOP_KEYS) or '; allowed: ' + ', '.join(_TOP_KEYS)}"
        for key in table
        if key not in _TOP_KEYS
    ]
    for key, default in (("name", "protocol"), ("target", "exosome")):
        if not isinstance(table.get(key, default), str):
            problems.append(f"{key} = {table[key]!r}: must be a text")
    sample = _collect(problems, "[sample]", _sample, table, folder)
    steps = _steps(problems, table)
    if problems or sample is None:
        raise InputError(*problems, *routing_problems(steps))
    return Protocol(
        name=table.get("name", "protocol"),
        target=table.get("target", "exosome"),
        sample=sample,
        steps=tuple(step for step in steps if isinstance(step, Step)),
    )


def dump_protocol(protocol: Protocol) -> str:
    """Return a protocol as TOML text; reading it gives an equal protocol.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    str

    Examples
    --------
    >>> step = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    >>> protocol = protocol_from_table({"sample": {"source": "urine", "volume_mL": 10}, "step": [step]})
    >>> print(dump_protocol(protocol).splitlines()[-3])
    method = "aliquot"
    """
    table = protocol.to_table()
    populations = table["sample"].pop("population")
    parts = [_lines({"name": table["name"], "target": table["target"]}), "[sample]", _lines(table["sample"])]
    for population in populations:
        parts += ["[[sample.population]]", _lines(population)]
    for step in table["step"]:
        parts += ["[[step]]", _lines(step)]
    return "\n".join(parts)


def _collect(problems: list[str], place: str, build: Any, *arguments: Any) -> Any:
    """Call a builder; put its problems, led by the place, on the list and return None."""
    try:
        return build(*arguments)
    except InputError as error:
        problems.extend(error.within(place).problems)
        return None


def _sample(table: Mapping[str, Any], folder: Path) -> SampleRecipe:
    sample = table.get("sample")
    if not isinstance(sample, Mapping):
        raise InputError("missing; add a [sample] table with source or medium and populations, and volume_mL")
    return recipe(sample, folder)


def _steps(problems: list[str], table: Mapping[str, Any]) -> list[Step | str]:
    """Return the steps; of one that cannot be built, put the problems on the list and return its name."""
    tables = table.get("step", [])
    if not isinstance(tables, list) or not all(isinstance(item, Mapping) for item in tables):
        problems.append("step: must be a list of [[step]] tables")
        return []
    steps: list[Step | str] = []
    for number, item in enumerate(tables, 1):
        name = item.get("name", f"step {number}")
        if not isinstance(name, str) or not name.strip():
            problems.append(f"step {number}: name = {name!r}: must be a text")
            name = f"step {number}"
        place = f"step {number}" if name == f"step {number}" else f"step {number} {name!r}"
        earlier = [each.name if isinstance(each, Step) else each for each in steps]
        step = _collect(problems, place, _step, name, item, earlier)
        steps.append(name if step is None else step)
    return steps


def _step(name: str, table: Mapping[str, Any], earlier: Sequence[str]) -> Step:
    problems: list[str] = []
    settings = {key: value for key, value in table.items() if key not in _STEP_KEYS}
    method = _collect(problems, "", _method, table.get("method"), settings)
    keep = table.get("keep")
    if not isinstance(keep, str):
        fractions = "" if method is None else f"; {method.keep_problem('')}"
        wrong = "missing" if keep is None else f"{keep!r} is no text"
        problems.append(f"keep: {wrong}; name the fraction that goes on{fractions}")
    sources = _collect(problems, "", _sources, table.get("from", []), earlier)
    if problems:
        raise InputError(*(problem.removeprefix(": ") for problem in problems))
    return Step(name=name, method=method, keep=str(keep), sources=sources)


def _method(technique: Any, settings: Mapping[str, Any]) -> Method:
    if not isinstance(technique, str) or technique not in METHODS:
        known = ", ".join(map(repr, METHODS))
        if technique is None:
            raise InputError(f"method: missing; one of {known}")
        raise InputError(f"method = {technique!r}: must be one of {known}{did_you_mean(str(technique), METHODS)}")
    method: Method = METHODS[technique].load().from_table(settings)
    return method


def _sources(value: Any, earlier: Sequence[str]) -> tuple[Source, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and "." in name for name in names):
        raise InputError(f"from = {value!r}: must be 'STEP.fraction', STEP a name or a number, or a list of them")
    return tuple(Source.parse(name, earlier) for name in names)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {toml_value(value)}\n" for key, value in table.items())
