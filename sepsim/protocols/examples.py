"""The example protocols that ship with sepsim: their names, their text, and what lists tell of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from sepsim import data
from sepsim.errors import InputError, did_you_mean
from sepsim.protocols.protocol import Protocol
from sepsim.protocols.protocol_file import protocol_from_table

_FOLDER = resources.files(data) / "protocols"


def example_names() -> tuple[str, ...]:
    """Return the names of the example protocols, in the order of the alphabet.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> "differential" in example_names()
    True
    """
    files = (file.name for file in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml")))


def example_text(name: str) -> str:
    """Return an example protocol as it is written, comments included.

    Parameters
    ----------
    name : str
        One of `example_names`.

    Returns
    -------
    str
        A protocol file.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.

    Examples
    --------
    >>> print(example_text("differential").splitlines()[0])
    # Differential ultracentrifugation of conditioned medium, with one wash in PBS.
    """
    if name not in example_names():
        raise InputError(f"example {name!r}: unknown{did_you_mean(name, example_names())}; see `sepsim list examples`")
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def load_example(name: str) -> Protocol:
    """Return an example protocol that ships with sepsim.

    Parameters
    ----------
    name : str
        As ``sepsim list examples`` shows it.

    Returns
    -------
    Protocol

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.

    Examples
    --------
    >>> load_example("platelet_clearing").name
    'Platelet clearing, 2 x 2,500 g'
    """
    return protocol_from_table(_table(name))


def examples() -> list[dict[str, str]]:
    """Return the example protocols with their titles and the methods that they use."""
    tables = {name: _table(name) for name in example_names()}
    return [
        {
            "example": name,
            "title": table["name"],
            "methods": ", ".join(dict.fromkeys(step["method"] for step in table["step"])),
        }
        for name, table in tables.items()
    ]


def example_entry(name: str) -> dict[str, Any]:
    """Return the title of an example protocol, what it is after, its sample and its steps.

    Parameters
    ----------
    name : str
        One of `example_names`.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    table = _table(name)
    return {
        "example": name,
        "title": table["name"],
        "target": table["target"],
        "sample": _sample_text(table["sample"]),
        "steps": [f"{step['name']}: {step['method']}, keeps {step['keep']}" for step in table["step"]],
    }


def _table(name: str) -> dict[str, Any]:
    """Return an example as plain values: what lists need, without loading its methods."""
    return tomllib.loads(example_text(name))


def _sample_text(sample: Mapping[str, Any]) -> str:
    populations = ", ".join(population["name"] for population in sample.get("population", ()))
    liquid = sample.get("source") or sample["medium"]
    return f"{sample['volume_mL']:g} mL of {liquid}" + (f" with {populations}" if populations else "")
