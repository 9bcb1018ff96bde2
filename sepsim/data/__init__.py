"""The catalogue tables that ship with sepsim, as rows of text.

Each table carries units in its header and `confidence`, `source` (keys of ``sources.bib``) and `note` in its last
columns. Confidence is ``read``, ``transcribed``, ``computed`` or ``unverified``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from sepsim.errors import InputError, did_you_mean
from sepsim.text.quoting import quoted


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """Return the rows of ``<table>.csv`` as dictionaries by column name.

    Examples
    --------
    >>> rows("media")[0]["medium"]
    'water'
    """
    text = (resources.files(__name__) / f"{table}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def entry(table: str, column: str, name: str, topic: str) -> dict[str, str]:
    """Return the row of a table that has a name, in any case, in a column.

    Parameters
    ----------
    table, column : str
    name : str
        As people write it.
    topic : str
        Under which ``sepsim list`` shows the table.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.

    Examples
    --------
    >>> entry("tubes", "tube", "50 ML conical", "tubes")["bottom"]
    'conical'
    """
    for row in rows(table):
        if row[column].casefold() == name.casefold():
            return row
    hint = did_you_mean(name, [row[column] for row in rows(table)])
    raise InputError(f"{column} {quoted(name)}: unknown{hint}; see `sepsim list {topic}`")


def filled(row: Mapping[str, str]) -> dict[str, Any]:
    """Return the filled cells of a row.

    Parameters
    ----------
    row : mapping of str to str

    Examples
    --------
    >>> filled({"name": "PBS", "note": ""})
    {'name': 'PBS'}
    """
    return {column: cell for column, cell in row.items() if cell}


def chosen(table: str, *columns: str) -> list[dict[str, str]]:
    """Return some columns of a table, for a list.

    Parameters
    ----------
    table : str
    columns : str

    Examples
    --------
    >>> chosen("samples", "sample", "medium")[0]
    {'sample': 'conditioned medium', 'medium': 'conditioned medium with serum'}
    """
    return [{column: row[column] for column in columns} for row in rows(table)]


def numbers(row: dict[str, str], *columns: str) -> dict[str, float]:
    """Return the filled cells of numeric columns; empty cells are left out."""
    return {column: float(row[column]) for column in columns if row[column]}


@cache
def bibliography() -> dict[str, str]:
    """Return the entries of ``sources.bib`` by key, each as BibTeX text.

    Examples
    --------
    >>> "10.1038/srep17319" in bibliography()["livshits2015"]
    True
    """
    text = (resources.files(__name__) / "sources.bib").read_text(encoding="utf-8")
    entries = ["@" + entry.strip() for entry in text.split("\n@")]
    entries[0] = entries[0].removeprefix("@")
    return {entry.split("{", 1)[1].split(",", 1)[0].strip(): entry for entry in entries if "{" in entry}
