"""Catalogues of equipment: find a piece by the name that people write, or say which names are near."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from sepsim.data import rows
from sepsim.errors import InputError, did_you_mean
from sepsim.settings import Settings

Record = TypeVar("Record", bound=Settings)


def listed_aliases(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return the other names that a row of a table gives, divided by bars."""
    return tuple(filter(None, row["aliases"].split("|")))


@dataclass(frozen=True, kw_only=True)
class Catalog(Generic[Record]):
    """The rows of a table of ``sepsim/data`` as records, found by name.

    Attributes
    ----------
    kind : str
        What it lists, which names its column and, with an s, its table.
    record : type of Settings
    build : callable
        Makes a record of a row; a record has a ``name``.
    aliases : callable
        Returns the other names of a row.
    """

    kind: str
    record: type[Record]
    build: Callable[[dict[str, str]], Record]
    aliases: Callable[[Mapping[str, str]], tuple[str, ...]] = listed_aliases

    @cached_property
    def rows(self) -> dict[str, dict[str, str]]:
        """Rows by name, in the order of the table."""
        return {row[self.kind]: row for row in rows(f"{self.kind}s")}

    @cached_property
    def spellings(self) -> dict[str, tuple[str, ...]]:
        """Names with their aliases."""
        return {name: self.aliases(row) for name, row in self.rows.items()}

    @cached_property
    def _records(self) -> dict[str, Record]:
        return {}

    def _built(self, name: str) -> Record:
        """Return the record of a name, built when it is first asked for: some take a while."""
        if name not in self._records:
            self._records[name] = self.build(self.rows[name])
        return self._records[name]

    def row(self, name: str) -> dict[str, str]:
        """Return the row of a name as people write it, or raise InputError with the nearest."""
        return self.rows[find(name, self.spellings, self.kind)]

    def get(self, value: str | Mapping[str, Any] | Record) -> Record:
        """Return a record from its name, from a table of its data, or as it is; InputError if it is none."""
        if isinstance(value, self.record):
            return value
        if isinstance(value, str):
            return self._built(find(value, self.spellings, self.kind))
        table: Any = value
        return self.record.from_table(table)

    def holds(self, record: Any) -> bool:
        """Return whether a record is one of the catalogue's, unchanged."""
        return record.name in self.rows and bool(self._built(record.name) == record)

    def describe(self, record: Any) -> Any:
        """Return what `get` turns into the same record again: its name, or its table."""
        return record.name if self.holds(record) else record.to_table()

    def sources(self, record: Any) -> tuple[str, ...]:
        """Return the bibliography keys of a row; none for a record of the user."""
        return tuple(self.rows[record.name]["source"].split()) if self.holds(record) else ()


def find(value: str, names: Mapping[str, Iterable[str]], kind: str) -> str:
    """Return the catalogue's name for what a user wrote.

    Case, spaces and punctuation do not matter. A name or an alias wins; else the text must be part of exactly
    one of them.

    Parameters
    ----------
    value : str
        What the user wrote.
    names : mapping of str to iterable of str
        Each name of the catalogue with its aliases.
    kind : str
        What is looked up ("rotor"), for the message.

    Returns
    -------
    str
        A key of `names`.

    Raises
    ------
    InputError
        If nothing fits (with the nearest names) or several do (with their names).

    Examples
    --------
    >>> find("sw28", {"SW 28": ["SW 28 Ti"], "SW 28.1": []}, "rotor")
    'SW 28'
    """
    wanted = _folded(value)
    spellings = {name: {_folded(name), *map(_folded, aliases)} for name, aliases in names.items()}
    exact = [name for name, spelt in spellings.items() if wanted in spelt]
    fitting = exact or [name for name, spelt in spellings.items() if wanted and any(wanted in s for s in spelt)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        choice = " or ".join(map(repr, fitting[:5]))
        raise InputError(f"{value!r} fits {len(fitting)} {kind}s; did you mean {choice}?")
    hint = did_you_mean(value, [*names, *(alias for aliases in names.values() for alias in aliases)])
    raise InputError(f"unknown {kind} {value!r}{hint}; see `sepsim list {kind}s`, or give a table of its data")


def _folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
