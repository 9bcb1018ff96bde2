"""Catalogues of equipment: find a piece by the name that people write, or say which names are near."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, Self, TypeVar

from sepsim.data import rows
from sepsim.errors import InputError, did_you_mean
from sepsim.text.quoting import quoted


class Piece(Protocol):
    """What a catalogue lists: a record with a name, which can be written as a table and read from it."""

    @property
    def name(self) -> str:
        """Name in the catalogue, or that of the user."""

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Build the record from a table."""

    def to_table(self) -> dict[str, Any]:
        """Return the record as a table."""


Record = TypeVar("Record", bound=Piece)


def listed_aliases(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return the other names that a row of a table gives, divided by bars."""
    return tuple(filter(None, row["aliases"].split("|")))


@dataclass(frozen=True, kw_only=True)
class Catalog(Generic[Record]):
    """The rows of a table of ``sepsim/data`` as records, found by name.

    Parameters
    ----------
    kind : str
        What it lists, which names its column and, with an s, its table.
    record : type
        Class of the records.
    build : callable
        Makes a record of a row.
    aliases : callable, optional
        Returns the other names of a row; by default those in its column of aliases.
    part_sources : callable, optional
        Returns the bibliography keys behind the parts of a record, such as the resin of a column.

    Examples
    --------
    >>> from sepsim.rotors.rotors import ROTORS
    >>> ROTORS.get("sw28").rmax_mm
    161.0
    """

    kind: str
    record: type[Record]
    build: Callable[[dict[str, str]], Record]
    aliases: Callable[[Mapping[str, str]], tuple[str, ...]] = listed_aliases
    part_sources: Callable[[Record], Iterable[str]] = lambda record: ()

    @cached_property
    def rows(self) -> dict[str, dict[str, str]]:
        """Rows of the table by name, as text, in its order.

        Returns
        -------
        dict of str to dict of str
        """
        return {row[self.kind]: row for row in rows(f"{self.kind}s")}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of what it lists, in the order of the table.

        Returns
        -------
        tuple of str

        Examples
        --------
        >>> from sepsim.rotors.tubes import TUBES
        >>> "50 mL conical" in TUBES.names
        True
        """
        return tuple(self.rows)

    def find(self, written: str) -> str:
        """Return the catalogue's name for what people write.

        Case, spaces and punctuation do not matter. A name or an alias wins; else the text must be part of those of
        exactly one entry.

        Parameters
        ----------
        written : str

        Returns
        -------
        str
            One of `names`.

        Raises
        ------
        InputError
            If nothing fits (with the nearest names) or several do (with their names).

        Examples
        --------
        >>> from sepsim.rotors.rotors import ROTORS
        >>> ROTORS.find("type-45-ti"), ROTORS.find("surespin")
        ('Type 45 Ti', 'SureSpin 630')
        """
        wanted = _folded(written)
        exact = [name for name, spelt in self._spellings.items() if wanted in spelt]
        fitting = exact or [
            name for name, spelt in self._spellings.items() if wanted and any(wanted in text for text in spelt)
        ]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            choice = " or ".join(map(repr, fitting[:5]))
            raise InputError(f"{quoted(written)} fits {len(fitting)} {self.kind}s; did you mean {choice}?")
        aliases = [alias for row in self.rows.values() for alias in self.aliases(row)]
        hint = did_you_mean(written, [*self.names, *aliases])
        raise InputError(
            f"unknown {self.kind} {quoted(written)}{hint}; see `sepsim list {self.kind}s`, or give a table of its data"
        )

    def row(self, written: str) -> dict[str, str]:
        """Return the row of a name as text: numbers, aliases, confidence, source, note.

        Parameters
        ----------
        written : str
            As for `find`.

        Returns
        -------
        dict of str
            By column of the table.

        Raises
        ------
        InputError
            As `find`.

        Examples
        --------
        >>> from sepsim.rotors.rotors import ROTORS
        >>> ROTORS.row("sw41")["rmax_mm"]
        '153.1'
        """
        return self.rows[self.find(written)]

    def get(self, value: str | Mapping[str, Any] | Record) -> Record:
        """Return a piece of equipment from its name, from a table of its data, or as it is.

        Parameters
        ----------
        value : str, mapping or record
            A name of the catalogue, as people write it ("SW28", "Ti 45"), or a table with the keys of the record, in
            which a part, such as a rotor's tube or a column's resin, is a name or again a table.

        Returns
        -------
        record

        Raises
        ------
        InputError
            If the name is unknown (with the nearest names) or the table is wrong (with one problem per key).

        Examples
        --------
        >>> import sepsim
        >>> sepsim.rotor("Ti 45").name
        'Type 45 Ti'
        >>> sepsim.rotor({"angle_deg": 90, "rmax_mm": 160, "tube": "14 x 89"}).kind
        'swinging bucket'
        >>> sepsim.membrane("Amicon Ultra-15 100 kDa").name
        'spin filter 15 mL, regenerated cellulose, 100 kDa'
        >>> sepsim.column("Sepharose CL-4B, 10 mL").resin.name
        'Sepharose CL-4B'
        """
        if isinstance(value, self.record):
            return value
        if isinstance(value, str):
            return self._built(self.find(value))
        table: Any = value
        return self.record.from_table(table)

    def holds(self, record: Record) -> bool:
        """Return whether a record is one of the catalogue's, unchanged.

        Parameters
        ----------
        record : record

        Returns
        -------
        bool

        Examples
        --------
        >>> from dataclasses import replace
        >>> from sepsim.rotors.rotors import ROTORS
        >>> bucket = ROTORS.get("SW 28")
        >>> ROTORS.holds(bucket), ROTORS.holds(replace(bucket, rmax_mm=160))
        (True, False)
        """
        return record.name in self.rows and self._built(record.name) == record

    def describe(self, record: Record) -> str | dict[str, Any]:
        """Return what `get` turns into the same record again: its name, or the table of one of the user.

        Parameters
        ----------
        record : record

        Returns
        -------
        str or dict

        Examples
        --------
        >>> from sepsim.rotors.rotors import ROTORS
        >>> ROTORS.describe(ROTORS.get("sw 28"))
        'SW 28'
        """
        return record.name if self.holds(record) else record.to_table()

    def sources(self, record: Record) -> tuple[str, ...]:
        """Return the bibliography keys behind a record and its parts, each once.

        Parameters
        ----------
        record : record
            One of the user has those of its parts at most.

        Returns
        -------
        tuple of str

        Examples
        --------
        >>> from sepsim.rotors.rotors import ROTORS
        >>> ROTORS.sources(ROTORS.get("Type 60 Ti"))
        ('livshits2015', 'beckman_tubes', 'rotor_table')
        """
        own = self.rows[record.name]["source"].split() if self.holds(record) else []
        return tuple(dict.fromkeys([*own, *self.part_sources(record)]))

    @cached_property
    def _spellings(self) -> dict[str, set[str]]:
        """Names, each with what it and its aliases are without case, spaces and punctuation."""
        return {name: {*map(_folded, [name, *self.aliases(row)])} for name, row in self.rows.items()}

    @cached_property
    def _records(self) -> dict[str, Record]:
        return {}

    def _built(self, name: str) -> Record:
        """Return the record of a name, built when it is first asked for: some take a while."""
        if name not in self._records:
            self._records[name] = self.build(self.rows[name])
        return self._records[name]


def _folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
