"""The text of a protocol file as a table, within bounds: no text takes minutes to read or exhausts the memory."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from sepsim.errors import InputError

DEEPEST = 24  # tables and lists within one another
MOST_KEYS = 5000  # of all tables together, with the tables and the texts in them
MOST_PARTS = 24  # of a key such as a.b.c; time and memory to read one rise with their square
MOST_BITS = 14_000  # of a whole number: some 4000 digits, which is as many as Python writes out

# Strings and comments of TOML. What is not closed ends with its line or with the text, so that no start is tried twice.
_QUOTED = re.compile(
    r'"""(?:\\.|[^\\"]|"{1,2}(?!"))*+(?:""")?'
    r"|'''(?:[^']|'{1,2}(?!'))*+(?:''')?"
    r'|"(?:\\.|[^\\"\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+",
    re.DOTALL,
)
_BETWEEN_KEYS = re.compile(r"[=,\n\[\]{}]")


def parsed(text: str) -> dict[str, Any]:
    """Return the table that a text in TOML is.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If it is not valid TOML, or exceeds a bound.

    Examples
    --------
    >>> parsed("sample.volume_mL = 1")
    {'sample': {'volume_mL': 1}}
    """
    if max(piece.count(".") for piece in _BETWEEN_KEYS.split(_QUOTED.sub("", text))) >= MOST_PARTS:
        raise InputError(f"a key has more than {MOST_PARTS} parts with dots between; no key of a protocol has as many")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not valid TOML: {error}; see https://toml.io") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # the one that Python raises of a number of thousands of digits
        raise _too_large() from None


def refuse_excess(table: Mapping[str, Any]) -> None:
    """Refuse a table that no protocol needs.

    Parameters
    ----------
    table : mapping
        Of values as TOML knows them, or of records.

    Raises
    ------
    InputError
        If tables and lists stand more than 24 deep in one another or hold more than 5000 keys and texts, or if a whole
        number has thousands of digits.

    Examples
    --------
    >>> refuse_excess({"sample": {"volume_mL": 1}})
    """
    level: list[Any] = [table]
    keys = 0
    for _ in range(DEEPEST):
        values = [value for holder in level for value in _values(holder)]
        keys += sum(len(holder) for holder in level if isinstance(holder, Mapping))
        keys += sum(isinstance(value, (Mapping, str)) for value in values)
        if keys > MOST_KEYS:
            raise InputError(f"more than {MOST_KEYS} keys and texts; no protocol needs as many")
        if any(isinstance(value, int) and value.bit_length() > MOST_BITS for value in values):
            raise _too_large()
        level = [value for value in values if isinstance(value, (Mapping, list, tuple))]
    if level:
        raise _too_deep()


def _values(holder: Mapping[str, Any] | Iterable[Any]) -> Iterable[Any]:
    return holder.values() if isinstance(holder, Mapping) else holder


def _too_deep() -> InputError:
    return InputError(f"tables or lists stand more than {DEEPEST} deep in one another; no protocol needs as many")


def _too_large() -> InputError:
    return InputError("a whole number has thousands of digits; no key takes one as large")
