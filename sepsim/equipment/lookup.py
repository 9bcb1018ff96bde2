"""Find a piece of equipment by the name that people write, or say which names are near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sepsim.errors import InputError, did_you_mean


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
