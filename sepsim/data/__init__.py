"""The catalogue tables that ship with sepsim, as rows of text.

Each table carries units in its header and `confidence`, `source` (keys of ``sources.bib``) and `note` in its last
columns. Confidence is ``read``, ``transcribed``, ``computed`` or ``unverified``.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


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
