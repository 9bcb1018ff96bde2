"""Files that a command writes: refused before time is spent on them, and one that fails costs no other."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sepsim.errors import InputError, SepsimError

LONGEST_REASON = 200  # characters of what went wrong


def check_outputs(
    outputs: Mapping[str, str | None], files: Sequence[str], endings: Mapping[str, Sequence[str]]
) -> None:
    """Refuse output that cannot be written, or that would replace an input, before time is spent on computing it.

    The paths by their options, the input files, and the endings that the files of some options must have.
    """
    problems: list[str] = []
    taken = {Path(file).resolve(): "the protocol itself" for file in files}
    for option, path in outputs.items():
        if not path:
            continue
        place = Path(path)
        if not place.parent.is_dir():
            problems.append(f"{option} {path}: the folder {str(place.parent)!r} does not exist; create it first")
        elif place.is_dir():
            problems.append(f"{option} {path}: is a folder; name a file in it")
        if place.resolve() in taken:
            problems.append(f"{option} {path}: is {taken[place.resolve()]}; choose another name")
        if option in endings and place.suffix.lower() not in endings[option]:
            problems.append(f"{option} {path}: must end in {', '.join(endings[option])}")
        taken[place.resolve()] = f"where {option} goes"
    if problems:
        raise InputError(*problems)


def write(option: str, path: str | None, writer: Callable[[str], Any]) -> int:
    """Write one output and say so; a failure is reported and does not cost the others. Return the exit code."""
    if not path:
        return 0
    replaced = Path(path).exists()
    try:
        writer(path)
    except Exception as error:  # whatever it is, the others are worth having
        print(f"sepsim: error: {option} {path}: cannot be written ({_reason(error)})", file=sys.stderr)
        return 1
    print(f"sepsim: {'replaced' if replaced else 'wrote'} {path}", file=sys.stderr)
    return 0


def _reason(error: Exception) -> str:
    """Return in one line what went wrong."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, SepsimError):
        return str(error)
    return textwrap.shorten(f"{type(error).__name__}: {error}", LONGEST_REASON, placeholder=" ...")


def print_and_draw(text: str, outputs: Mapping[str, str | None], draw: Callable[[str, str], str]) -> int:
    """Print a result, then draw its pictures, so that none costs the others. Return the exit code."""

    def save(option: str, path: str) -> None:
        if faults := draw(option, path):
            print(f"sepsim: warning: {option} {path}: {faults}", file=sys.stderr)

    try:
        print(text, flush=True)
    finally:  # a reader of the result who has gone may still want the pictures
        codes = [write(option, path, partial(save, option)) for option, path in outputs.items()]
    return max(codes)
