"""TOML <-> Protocol: reading with every problem at once, and writing what reads back the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sepsim.errors import InputError, did_you_mean
from sepsim.method import Method
from sepsim.protocols.protocol import Protocol, Step, target_problems
from sepsim.protocols.routing import Source, StepDraft, routing_problems
from sepsim.protocols.toml_text import parsed, refuse_excess
from sepsim.samples.sample_recipe import RecipeDraft, recipe_draft
from sepsim.settings import declared, misspelt, toml_value, unknown_key
from sepsim.techniques import METHODS
from sepsim.text.bounded_files import read_text, shown_path
from sepsim.text.quoting import quoted

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
    return protocol_from_text(read_text(file), origin=shown_path(path), name=file.stem, folder=file.parent)


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
        return protocol_from_table({"name": name} | parsed(text), folder)
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
    refuse_excess(table)
    misspelt_keys = misspelt(table, _TOP_KEYS)
    problems = [unknown_key(str(key), _TOP_KEYS) for key in table if key not in _TOP_KEYS]
    name, target = table.get("name", "protocol"), table.get("target", "exosome")
    for key, value in (("name", name), ("target", target)):
        if not isinstance(value, str):
            problems.append(f"{key} = {quoted(value)}: must be a text")
    sample = None if "sample" in misspelt_keys else _sample(problems, table.get("sample"), folder)
    steps = None if "step" in misspelt_keys else _steps(problems, table.get("step", []))
    if steps is not None:
        problems += routing_problems(steps)
    if sample and sample.amounts and isinstance(target, str) and "target" not in misspelt_keys:
        problems += target_problems(target, sample.amounts)
    if problems or sample is None or steps is None:
        raise InputError(*problems)
    whole = tuple(step for step in steps if isinstance(step, Step))
    return Protocol(name=name, target=target, sample=sample.record, steps=whole)


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


def _sample(problems: list[str], table: Any, folder: Path) -> RecipeDraft | None:
    """Return the sample as far as its table is sound, and put what is wrong on the list."""
    if not isinstance(table, Mapping):
        needed = "table with source or medium and populations, and volume_mL"
        wrong = f"missing; add a [sample] {needed}"
        problems.append(f"[sample]: {wrong if table is None else f'must be one {needed}; write [sample] once'}")
        return None
    draft = recipe_draft(table, folder)
    problems += [f"[sample]: {problem}" for problem in draft.problems]
    return draft


def _steps(problems: list[str], tables: Any) -> list[Step | StepDraft] | None:
    """Return the steps, each as far as its table is sound, and put what is wrong on the list."""
    if not isinstance(tables, list):
        problems.append("step: must be a list of [[step]] tables")
        return None
    steps: list[Step | StepDraft] = []
    for number, table in enumerate(tables, 1):
        step, found = _step(f"step {number}", table, [each.name for each in steps])
        place = f"step {number}" if step.name == f"step {number}" else f"step {number} {quoted(step.name)}"
        problems += [f"{place}: {problem}" for problem in found]
        steps.append(step)
    return steps


def _step(name: str, table: Any, earlier: Sequence[str]) -> tuple[Step | StepDraft, list[str]]:
    """Return a step, called so unless it names itself, as far as its table is sound, and what is wrong with it."""
    if not isinstance(table, Mapping):
        return StepDraft(name=name), [f"{quoted(table)}: must be a table; write [[step]] with two brackets each"]
    problems: list[str] = []
    own_name = table.get("name", name)
    if not isinstance(own_name, str) or not own_name.strip():
        problems.append(f"name = {quoted(own_name)}: must be a text")
        own_name = name
    technique = _technique(problems, table.get("method"))
    method, unclear = None, set()
    if technique is not None:
        known = declared(technique)
        unclear = misspelt(table, [*_STEP_KEYS, *known])
        problems += [unknown_key(str(key), [*_STEP_KEYS, *known]) for key in table if key not in {*_STEP_KEYS, *known}]
        draft = technique.draft({key: value for key, value in table.items() if key in known}, unclear)
        method, problems = draft.record, [*problems, *draft.problems]
    keep = None if "keep" in unclear else _keep(problems, table.get("keep"), method)
    sources = None if "from" in unclear else _sources(problems, table.get("from", []), earlier)
    if problems or method is None or keep is None or sources is None:
        return StepDraft(name=own_name, method=method, keep=keep, sources=sources), problems
    return Step(name=own_name, method=method, keep=keep, sources=sources), problems


def _technique(problems: list[str], name: Any) -> type[Method] | None:
    """Return the class of a method; if it is unknown, put that on the list and return None."""
    if isinstance(name, str) and name in METHODS:
        technique: type[Method] = METHODS[name].load()
        return technique
    known = ", ".join(map(repr, METHODS))
    if name is None:
        problems.append(f"method: missing; one of {known}")
    else:
        problems.append(f"method = {quoted(name)}: must be one of {known}{did_you_mean(str(name), METHODS)}")
    return None


def _keep(problems: list[str], keep: Any, method: Method | None) -> str | None:
    """Return what goes on; if it is no text, put that on the list and return None."""
    if isinstance(keep, str):
        return keep
    fractions = "" if method is None else method.answer(lambda: f"; {method.keep_problem('')}", "")
    wrong = "missing" if keep is None else f"{quoted(keep)} is no text"
    problems.append(f"keep: {wrong}; name the fraction that goes on{fractions}")
    return None


def _sources(problems: list[str], value: Any, earlier: Sequence[str]) -> tuple[Source, ...] | None:
    """Return what is treated; if it is not written as such, put that on the list and return None."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and "." in name for name in names):
        problems.append(f"from = {quoted(value)}: must be 'STEP.fraction', STEP a name or a number, or a list of them")
        return None
    return tuple(Source.parse(name, earlier) for name in names)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {toml_value(value)}\n" for key, value in table.items())
