"""Exceptions for misuse, which say what to try, and warnings for what makes a result less certain."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sepsim.text.quoting import brief, quoted

LONGEST_PROBLEM = 2000  # characters of a message; a list of all fractions may be long


class SepsimError(Exception):
    """Base of every error that sepsim raises on purpose; holds every problem that was found.

    Parameters
    ----------
    *problems : str
        One sentence each: the key, the value, what is allowed, what to try.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__(*(brief(problem, LONGEST_PROBLEM) for problem in problems))

    def __str__(self) -> str:
        return "\n".join(self.problems)

    @property
    def problems(self) -> tuple[str, ...]:
        """Each in one line that is safe to print."""
        return self.args


class InputError(SepsimError, ValueError):
    """What the user asked for cannot be done.

    Examples
    --------
    >>> str(InputError("volume_mL = 0: must be above 0"))
    'volume_mL = 0: must be above 0'
    """

    def within(self, place: str) -> InputError:
        """Return the same problems, each led by the place where it stands."""
        return InputError(*(f"{place}: {problem}" for problem in self.problems))


class ProtocolError(SepsimError):
    """A protocol failed while it was running, though its input looked sound."""


class MassBalanceError(ProtocolError):
    """A step created or lost particles: a defect of the method, not of the input."""


class ModelRangeWarning(UserWarning):
    """A correlation or a model is used outside the range that its source covers."""

    def __init__(self, text: str) -> None:
        super().__init__(brief(text, LONGEST_PROBLEM))


def near_names(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the known names that a wrong one may mean, the nearest first.

    Parameters
    ----------
    name : str
    known : iterable of str
    count : int
        How many at most.

    Returns
    -------
    list of str

    Examples
    --------
    >>> near_names("type 70 t", ["Type 70 Ti", "SW 28"])
    ['Type 70 Ti']
    """
    by_folded = {item.casefold(): item for item in known}
    longest = max(map(len, by_folded), default=0)
    if len(name) > 4 * longest:  # no match, and slow to tell apart where it is very long
        return []
    return [by_folded[near] for near in difflib.get_close_matches(name.casefold(), by_folded, n=count, cutoff=0.55)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest known names, or an empty text if none is near.

    Examples
    --------
    >>> did_you_mean("Type 70 T", ["Type 70 Ti", "SW 28"])
    "; did you mean 'Type 70 Ti'?"
    """
    near = near_names(name, known)
    return f"; did you mean {' or '.join(map(quoted, near))}?" if near else ""


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Gather the warnings raised inside the block as texts, each once, in order."""
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ModelRangeWarning)
        try:
            yield texts
        finally:
            ours = [item for item in caught if issubclass(item.category, ModelRangeWarning)]
            texts.extend(dict.fromkeys(str(item.message) for item in ours))
    for item in caught:
        if item not in ours:
            warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)
