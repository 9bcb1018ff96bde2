"""Files that a command writes: refused before time is spent on them, and written whole; none costs another."""

from __future__ import annotations

import csv
import io
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sepsim.errors import InputError, SepsimError
from sepsim.files import write_whole

STANDARD = "-"  # standard input or output in place of a file
LONGEST_REASON = 200  # characters of what went wrong


class Content(NamedTuple):
    """What stands in a file, and in one line what is wrong with it, if anything."""

    data: str | bytes
    faults: str = ""


class Output(NamedTuple):
    """A file that a command is asked for.

    Attributes
    ----------
    said : str
        The option and the path as a user wrote them.
    path : str
        A dash is standard output.
    content : callable
        Takes the result of the command and returns the `Content`.
    endings : tuple of str
        Of the file; empty if any will do.
    in_folder : bool
        Whether it is one of many in a folder, which is made, and left out where there is nothing to show.
    """

    said: str
    path: str
    content: Callable[[Any], Content]
    endings: tuple[str, ...] = ()
    in_folder: bool = False


def text_outputs(**asked: tuple[str | None, Callable[[Any], str]]) -> list[Output]:
    """Return the outputs of those options that name a file; of each option the path and what makes its text."""
    return [
        Output(f"--{option.replace('_', '-')} {path}", path, _as_content(text))
        for option, (path, text) in asked.items()
        if path
    ]


def csv_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV, with a column for every key of any row; undefined is empty."""
    table = [*rows]
    header = dict.fromkeys(key for row in table for key in row)
    file = io.StringIO()
    writer = csv.DictWriter(file, [*header], lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return file.getvalue()


def _as_content(text: Callable[[Any], str]) -> Callable[[Any], Content]:
    return lambda result: Content(text(result))


def check_outputs(outputs: Iterable[Output], files: Sequence[str], *, json: bool = False) -> None:
    """Refuse outputs that cannot be written, or that would replace an input, before time is spent on computing them.

    Also refuses two for standard output, where ``--json`` prints as well.
    """
    problems: list[str] = []
    taken = {Path(file).resolve(): "the protocol itself" for file in files}
    printed = "--json" if json else ""
    for output in outputs:
        if output.path == STANDARD:
            if printed:
                problems.append(f"{output.said}: standard output is where {printed} goes; name a file")
            printed = output.said
            continue
        problems += _file_problems(output, taken)
        taken[Path(output.path).resolve()] = f"where {output.said} goes"
    if problems:
        raise InputError(*problems)


def _file_problems(output: Output, taken: dict[Path, str]) -> list[str]:
    place, problems = Path(output.path), []
    if output.in_folder and place.parent.exists() and not place.parent.is_dir():
        problems.append(f"{output.said}: {str(place.parent)!r} is a file; name a folder")
    elif not output.in_folder and not place.parent.is_dir():
        problems.append(f"{output.said}: the folder {str(place.parent)!r} does not exist; create it first")
    elif place.is_dir():
        problems.append(f"{output.said}: is a folder; name a file in it")
    if place.resolve() in taken:
        problems.append(f"{output.said}: is {taken[place.resolve()]}; choose another name")
    if output.endings and place.suffix.lower() not in output.endings:
        problems.append(f"{output.said}: must end in {', '.join(output.endings)}")
    return problems


def deliver(text: str, outputs: Sequence[Output], result: Any) -> int:
    """Print a result, unless an output takes its place, then write the outputs, so that none costs the others.

    Return the exit code.
    """
    try:
        if all(output.path != STANDARD for output in outputs):
            print(text, flush=True)
    finally:  # a reader of the result who has gone may still want the files
        codes = [_write(output, result) for output in outputs]
    return max(codes, default=0)


def _write(output: Output, result: Any) -> int:
    """Write one output and say so; a failure is reported. Return the exit code."""
    try:
        content = output.content(result)
        replaced = Path(output.path).exists()
        if output.in_folder:
            Path(output.path).parent.mkdir(parents=True, exist_ok=True)
        if output.path != STANDARD:
            write_whole(output.path, content.data)
    except Exception as error:  # whatever it is, the others are worth having
        if output.in_folder and isinstance(error, InputError):
            print(f"sepsim: left out {output.path}: {error}", file=sys.stderr)
            return 0
        print(f"sepsim: error: {output.said}: cannot be written ({_reason(error)})", file=sys.stderr)
        return 1
    if content.faults:
        print(f"sepsim: warning: {output.said}: {content.faults}", file=sys.stderr)
    if output.path == STANDARD:
        _print(content.data)
    else:
        print(f"sepsim: {'replaced' if replaced else 'wrote'} {output.path}", file=sys.stderr)
    return 0


def _print(data: str | bytes) -> None:
    if isinstance(data, str):
        print(data, end="" if data.endswith("\n") else "\n", flush=True)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def _reason(error: Exception) -> str:
    """Return in one line what went wrong."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, SepsimError):
        return str(error)
    return textwrap.shorten(f"{type(error).__name__}: {error}", LONGEST_REASON, placeholder=" ...")
