"""Exceptions for misuse, which say what to try, and warnings for what makes a result less certain."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class SepsimError(Exception):
    """Base of every error that sepsim raises on purpose."""


class InputError(SepsimError, ValueError):
    """What the user asked for cannot be done; holds every problem that was found.

    Parameters
    ----------
    *problems : str
        One sentence each: the key, the value, what is allowed, what to try.

    Examples
    --------
    >>> str(InputError("volume_mL = 0: must be above 0"))
    'volume_mL = 0: must be above 0'
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def within(self, place: str) -> InputError:
        """Return the same problems, each led by the place where it stands."""
        return InputError(*(f"{place}: {problem}" for problem in self.problems))


class ProtocolError(SepsimError):
    """A protocol failed while it was running, though its input looked sound."""


class MassBalanceError(ProtocolError):
    """A step created or lost particles: a defect of the method, not of the input."""


class ModelRangeWarning(UserWarning):
    """A correlation or a model is used outside the range that its source covers."""


def did_you_mean(name: str, known: Iterable[str], count: int = 3) -> str:
    """Return a hint with the nearest known names, or an empty text if none is near.

    Examples
    --------
    >>> did_you_mean("Type 70 T", ["Type 70 Ti", "SW 28"])
    "; did you mean 'Type 70 Ti'?"
    """
    by_folded = {item.casefold(): item for item in known}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=count, cutoff=0.55)
    if not near:
        return ""
    return "; did you mean " + " or ".join(repr(by_folded[item]) for item in near) + "?"


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
