"""How a step is addressed everywhere: by its place in the protocol, counted from 1, or by its name, quoted or not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sepsim.errors import InputError, did_you_mean
from sepsim.text.quoting import quoted

QUOTED = re.compile(r"""(?P<quote>["'])(?P<name>.*?)(?P=quote)""", re.DOTALL)


def find_step(names: Sequence[str], address: int | str) -> int:
    """Return which step an address means.

    Parameters
    ----------
    names : sequence of str
        Of the steps, in order; none is a number.
    address : int or str
        Place, counted from 1, or name; a name may stand in quotes.

    Returns
    -------
    int
        Counted from 0.

    Raises
    ------
    InputError
        If there is no such step; tells which there are.

    Examples
    --------
    >>> [find_step(["clear", "pellet 1"], address) for address in (2, "2", "clear", '"pellet 1"')]
    [1, 1, 0, 1]
    """
    if address in names:
        return names.index(str(address))
    text = str(address).strip()
    if text.isdecimal() and 1 <= int(text) <= len(names):
        return int(text) - 1
    name = unquoted(text)
    if name in names:
        return names.index(name)
    hint = did_you_mean(name, names) or f"; there are: {', '.join(numbered_names(names))}"
    raise InputError(f"step {quoted(address)}: no such step{hint}")


def unquoted(text: str) -> str:
    """Return a text without the quotes around it.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> unquoted('"pellet 1"')
    'pellet 1'
    """
    match = QUOTED.fullmatch(text)
    return match["name"] if match else text


def numbered_names(names: Sequence[str]) -> list[str]:
    """Return how each step can be addressed, place and name.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> numbered_names(["clear", "pellet"])
    ["1 'clear'", "2 'pellet'"]
    """
    return [f"{place} {quoted(name)}" for place, name in enumerate(names, 1)]


def split_source(text: str, earlier: Sequence[str]) -> tuple[str, str]:
    """Return the step and the fraction that a text such as ``clear.pellet`` or ``2.pellet`` names.

    Names of steps and densities may hold dots.

    Parameters
    ----------
    text : str
        With a dot between the address of a step and a fraction.
    earlier : sequence of str
        Names of the steps before; the longest that fits is meant.

    Returns
    -------
    step, fraction : str
        The step as it was written where none fits.

    Examples
    --------
    >>> [split_source(text, ["spin 1", "spin 1.5 h"]) for text in ("spin 1.5 h.1.08-1.12 g/mL", "1.pellet")]
    [('spin 1.5 h', '1.08-1.12 g/mL'), ('spin 1', 'pellet')]
    """
    if fitting := [name for name in earlier if text.startswith(f"{name}.")]:
        step = max(fitting, key=len)
        return step, text[len(step) + 1 :]
    if (quoted := QUOTED.match(text)) and text[quoted.end() :].startswith("."):
        return quoted["name"], text[quoted.end() + 1 :]
    place, _, fraction = text.partition(".")
    if place.isdecimal() and 1 <= int(place) <= len(earlier):
        return earlier[int(place) - 1], fraction
    step, _, fraction = text.partition(".") if text.endswith("mL") else text.rpartition(".")
    return step, fraction
