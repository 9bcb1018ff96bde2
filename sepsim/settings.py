"""Records that users fill in: declared once, checked on construction, read from and written to tables.

A record is a class under `settings`, a frozen dataclass whose fields are declared with `number`, `integer`, `text`,
`flag`, `number_list`, `record` or `part`. The declaration carries the allowed range and one line of help, so that the
checks, the error messages, the protocol file and the commented template all follow from it.
"""

from __future__ import annotations

import dataclasses
import json
import math
import numbers
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, dataclass_transform, overload

from sepsim.errors import InputError, did_you_mean, near_names
from sepsim.text.quoting import LONGEST_QUOTED, quoted, unseen
from sepsim.text.tables import cut, html_table
from sepsim.units import UNITS, suffix

_REQUIRED = dataclasses.MISSING
_BARE_KEY = re.compile("[A-Za-z0-9_-]+")
_WORD = re.compile(r"\w+")
Stored = TypeVar("Stored")
Given = TypeVar("Given")
Record = TypeVar("Record")
Answer = TypeVar("Answer")
LONGEST_CELL = 300  # characters of a value in a notebook, such as a long list


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What one field accepts: a check that returns the accepted value, and its help."""

    accept: Callable[[Any], Any]
    dump: Callable[[Any], Any]
    allowed: str
    help: str


class Accepts(Generic[Stored, Given]):
    """Type of a setting that accepts more than the record then holds; for type checkers alone."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, record: None, kind: Any) -> Self: ...
        @overload
        def __get__(self, record: object, kind: Any) -> Stored: ...
        def __get__(self, record: object, kind: Any) -> Any: ...
        def __set__(self, record: Any, value: Given) -> None: ...


Table = Mapping[str, Any]
Tabled = Accepts[Stored, Stored | Table]  # a record, or a table of its settings
Named = Accepts[Stored, Stored | str | Table]  # or a name of the catalogue


def _field(default: Any, setting: Setting) -> Any:
    return dataclasses.field(default=default, metadata={"setting": setting})


def number(
    *,
    default: Any = _REQUIRED,
    minimum: float = -math.inf,
    above: float = -math.inf,
    maximum: float = math.inf,
    help: str,
) -> Any:
    """Declare a finite real number within a range; None is allowed if it is the default."""
    allowed = _range_text(minimum, above, maximum)

    def accept(value: Any) -> float:
        real = as_float(value)
        if real is None:
            raise InputError(f"must be a number, {allowed}")
        if not math.isfinite(real):
            raise InputError(f"must be a finite number, {allowed}")
        if not (real >= minimum and real > above and real <= maximum):
            raise InputError(f"must be {allowed}")
        return real

    return _field(default, Setting(accept=accept, dump=_plain, allowed=allowed, help=help))


def as_float(value: Any) -> float | None:
    """Return a real number as a float, infinite if it is beyond floats; None if it is no number."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def integer(*, default: Any = _REQUIRED, minimum: int, maximum: int, help: str) -> Any:
    """Declare a whole number within a range."""
    allowed = f"a whole number, at least {minimum} and at most {maximum}"

    def accept(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, numbers.Integral) or not minimum <= int(value) <= maximum:
            raise InputError(f"must be {allowed}")
        return int(value)

    return _field(default, Setting(accept=accept, dump=_plain, allowed=allowed, help=help))


def text(*, default: Any = _REQUIRED, choices: Iterable[str] = (), help: str) -> Any:
    """Declare a text, free or out of a few choices."""
    options = tuple(choices)
    allowed = "one of " + ", ".join(map(repr, options)) if options else "a text"

    def accept(value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise InputError(f"must be {allowed}")
        if options and value not in options:
            raise InputError(f"must be {allowed}{did_you_mean(value, options)}")
        return value

    return _field(default, Setting(accept=accept, dump=_plain, allowed=allowed, help=help))


def flag(*, default: bool, help: str) -> Any:
    """Declare a choice between true and false."""

    def accept(value: Any) -> bool:
        if not isinstance(value, bool):
            raise InputError("must be true or false")
        return value

    return _field(default, Setting(accept=accept, dump=_plain, allowed="true or false", help=help))


def number_list(*, default: Any = _REQUIRED, above: float, maximum: float, help: str) -> Any:
    """Declare a list of numbers, each within a range."""
    allowed = f"a list of numbers, each above {above:g} and at most {maximum:g}"

    def accept(value: Any) -> tuple[float, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise InputError(f"must be {allowed}")
        items = [as_float(item) for item in value]
        if not items or any(item is None or not above < item <= maximum for item in items):
            raise InputError(f"must be {allowed}")
        return tuple(item for item in items if item is not None)

    return _field(default, Setting(accept=accept, dump=list, allowed=allowed, help=help))


def part(
    *,
    default: Any = _REQUIRED,
    accept: Callable[[Any], Any],
    dump: Callable[[Any], Any],
    allowed: str,
    help: str,
) -> Any:
    """Declare a value with a reader and a writer of its own, such as a rotor or a list."""
    return _field(default, Setting(accept=accept, dump=dump, allowed=allowed, help=help))


def record(kind: type[Settings], *, default: Any = _REQUIRED, example: str, help: str) -> Any:
    """Declare a record within a record, written as a table such as the example."""

    def accept(value: Any) -> Settings:
        if isinstance(value, kind):
            return value
        if isinstance(value, Mapping):
            return kind.from_table(value)
        raise InputError(f"must be a table such as {example}")

    return part(default=default, accept=accept, dump=lambda value: value.to_table(), allowed=example, help=help)


@dataclass_transform(
    kw_only_default=True,
    # For pyright alone: of a frozen record mypy 2.4 reads an inherited setting as what it accepts.
    frozen_default=TYPE_CHECKING,  # type: ignore[literal-required]
    field_specifiers=(number, integer, text, flag, number_list, part, record),
)
def settings(record: type[Record]) -> type[Record]:
    """Make a record of a class: a frozen dataclass, filled in by keyword."""
    return dataclass(frozen=True, kw_only=True, slots=True)(record)


class Settings:
    """Base of the frozen dataclasses whose fields are declared above.

    Construction checks every field and raises one `InputError` with all problems. A record that is found wrong is left
    without the settings that are wrong, so that the rest of it can still be asked: see `answer`.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        """Accept each field, then ask the record for the problems between its fields."""
        problems: list[str] = []
        for name, setting in declared(type(self)).items():
            value = getattr(self, name, None)
            if value is None and (_default(type(self), name) is None or not hasattr(self, name)):
                continue
            try:
                object.__setattr__(self, name, setting.accept(value))
            except InputError as error:
                shown = _shown(name, value)
                problems.extend(text if text.startswith(shown) else f"{shown}: {text}" for text in error.problems)
                object.__delattr__(self, name)
        between = self.found(self.conflicts)
        if problems or between:
            self._forget(set(_WORD.findall(" ".join(between))))
            raise InputError(*problems, *between)

    def _forget(self, names: Collection[str]) -> None:
        """Unset the settings of these names."""
        for name in declared(type(self)):
            if name in names and hasattr(self, name):
                object.__delattr__(self, name)

    def conflicts(self) -> list[str]:
        """Return the problems between fields that are each sound; overridden by records.

        Each names the settings that it is about. It may read settings that are wrong and not set: then it is left out
        as a whole, unless it asks several rules by `found`.
        """
        return []

    def found(self, *rules: Callable[[], Iterable[str]]) -> list[str]:
        """Return the problems that rules find, without those rules that need a setting which is not set."""
        problems: list[str] = []
        for rule in rules:
            try:
                problems.extend(rule())
            except AttributeError as error:
                if not self._lacks(error):
                    raise
        return problems

    def answer(self, question: Callable[[], Answer], otherwise: Answer) -> Answer:
        """Return what the record answers, or something else where that needs a setting which is not set."""
        try:
            return question()
        except AttributeError as error:
            if self._lacks(error):
                return otherwise
            raise

    def _lacks(self, error: AttributeError) -> bool:
        """Return whether an error comes from a setting that is not set."""
        return error.obj is self and error.name in declared(type(self))

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Build the record from a table, reporting every unknown, missing or wrong key at once.

        Raises
        ------
        InputError
            With one problem per key.
        """
        draft = cls.draft(table)
        if draft.problems:
            raise InputError(*draft.problems)
        return draft.record

    @classmethod
    def draft(cls, table: Mapping[str, Any], left_open: Collection[str] = ()) -> Draft[Self]:
        """Build the record from a table as far as that is sound.

        Parameters
        ----------
        table : mapping
        left_open : collection of str
            Settings that could not be found out elsewhere: nothing is said of them, and they are not set.

        Returns
        -------
        Draft

        Raises
        ------
        InputError
            If it is no table.
        """
        if not isinstance(table, Mapping):
            raise InputError(f"{quoted(table)}: must be a table of {', '.join(declared(cls))}")
        known = declared(cls)
        unknown = [str(key) for key in table if key not in known]
        unclear = {*left_open, *misspelt(table, known)}
        problems = [unknown_key(key, known) for key in unknown]
        record = object.__new__(cls)
        for name, default in _defaults_beside(cls, known).items():
            object.__setattr__(record, name, default)
        for name, setting in known.items():
            value = table.get(name, _default(cls, name))
            if value is not _REQUIRED and name not in unclear:
                object.__setattr__(record, name, value)
            elif name not in unclear:
                problems.append(f"{name}: missing; it must be {setting.allowed} ({setting.help})")
        try:
            record.answer(record.__post_init__, None)
        except InputError as error:
            problems.extend(error.problems)
        return Draft(record, tuple(problems))

    def to_table(self) -> dict[str, Any]:
        """Return the record as a table of plain values; fields that are None are left out."""
        values = {name: getattr(self, name) for name in declared(type(self))}
        return {
            name: setting.dump(values[name])
            for name, setting in declared(type(self)).items()
            if values[name] is not None
        }

    def given(self) -> dict[str, Any]:
        """Return the table without numbers, texts and records that are left at their default.

        Equipment and media that go by a name stay: they are what a reader asks for first.
        """
        table: dict[str, Any] = {}
        for name, setting in declared(type(self)).items():
            value = getattr(self, name)
            if value is None:
                continue
            dumped = setting.dump(value)
            named = isinstance(dumped, str) and not isinstance(value, str)
            if named or value != _default(type(self), name):
                table[name] = _given(value, dumped)
        return table

    def _repr_html_(self) -> str:
        rows = ([key, cut(toml_value(value), LONGEST_CELL)] for key, value in self.to_table().items())
        return html_table([type(self).__name__, "value"], rows, texts=2)


@dataclass(frozen=True, slots=True)
class Draft(Generic[Record]):
    """A record as far as its table is sound.

    Parameters
    ----------
    record : Settings
        Settings that are wrong, missing or unclear are not set: ask it by `Settings.answer`.
    problems : tuple of str
        What is wrong with the table; none if the record is whole.
    """

    record: Record
    problems: tuple[str, ...]


def declared(record: type) -> dict[str, Setting]:
    """Return the declared settings of a record class by name, in order."""
    return {
        field.name: field.metadata["setting"] for field in dataclasses.fields(record) if "setting" in field.metadata
    }


def _defaults_beside(record: type, known: Collection[str]) -> dict[str, Any]:
    """Return the defaults of fields that are no settings."""
    return {field.name: field.default for field in dataclasses.fields(record) if field.name not in known}


def _default(record: type, name: str) -> Any:
    return next(field.default for field in dataclasses.fields(record) if field.name == name)


def _given(value: Any, dumped: Any) -> Any:
    """Return a dumped record, or list of records, without its defaults; one that goes by its name as it is."""
    if isinstance(value, Settings) and isinstance(dumped, Mapping):
        return value.given()
    if isinstance(value, tuple) and isinstance(dumped, list):
        return [_given(*pair) for pair in zip(value, dumped, strict=True)]
    return dumped


def _shown(name: str, value: Any) -> str:
    return name if isinstance(value, (Mapping, list)) else f"{name} = {quoted(value)}"


def _with_same_stem(key: str, known: Iterable[str]) -> list[str]:
    """Return the known names that differ from a key in the unit alone."""
    stem = key.removesuffix("_" + unit) if (unit := suffix(key)) else key
    return [name for name in known if any(name == f"{stem}_{unit}" for unit in UNITS)]


def misspelt(table: Iterable[str], known: Collection[str]) -> set[str]:
    """Return the known keys that a table lacks, but that one of its unknown keys may mean.

    Parameters
    ----------
    table : iterable of str
        Keys that are given.
    known : collection of str
        Keys that may be given.

    Returns
    -------
    set of str

    Examples
    --------
    >>> misspelt(["time_h", "rotor"], ["time_min", "rotor", "tube"])
    {'time_min'}
    """
    given = {str(key) for key in table}
    meant: set[str] = set()
    for key in given.difference(known):
        missing = [name for name in [*_with_same_stem(key, known), *near_names(key, known)] if name not in given]
        meant.update(missing[:1])
    return meant


def unknown_key(key: str, known: Collection[str]) -> str:
    """Return what is wrong with a key that is not known, and what to try.

    Parameters
    ----------
    key : str
    known : collection of str
        The keys that may stand there.

    Returns
    -------
    str

    Examples
    --------
    >>> unknown_key("time", ["time_min"])
    "time: unknown key; did you mean 'time_min'?"
    """
    place = key if _BARE_KEY.fullmatch(key) and len(key) <= LONGEST_QUOTED else quoted(key)
    if same_stem := _with_same_stem(key, known):
        return f"{place}: unknown key; did you mean {' or '.join(map(repr, same_stem))}?"
    hint = did_you_mean(key, known) or (f"; allowed: {', '.join(known)}" if known else "; it takes none")
    return f"{place}: unknown key{hint}"


def _range_text(minimum: float, above: float, maximum: float) -> str:
    if minimum == maximum:
        return f"{minimum:g}"
    bounds = []
    if above > -math.inf:
        bounds.append(f"above {above:g}")
    if minimum > -math.inf:
        bounds.append(f"at least {minimum:g}")
    if maximum < math.inf:
        bounds.append(f"at most {maximum:g}")
    return " and ".join(bounds) or "any finite number"


def _plain(value: Any) -> Any:
    return value


def toml_value(value: Any) -> str:
    """Return a plain value as it is written in a protocol file.

    Parameters
    ----------
    value : bool, str, number, mapping or list

    Returns
    -------
    str

    Examples
    --------
    >>> toml_value({"rcf_xg": 4000.0, "own key": [True, "a"]})
    '{ rcf_xg = 4000.0, "own key" = [true, "a"] }'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "".join(
            f"\\U{ord(each):08X}" if unseen(each) else each for each in json.dumps(value, ensure_ascii=False)
        )
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml_value, value))}]"
    return repr(value)


def _key(key: str) -> str:
    """Return a key as TOML takes it: bare if it may be."""
    return key if _BARE_KEY.fullmatch(key) else str(toml_value(key))
