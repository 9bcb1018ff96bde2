"""Files that a command writes: refused before time is spent on them, and written whole; none costs another."""

from __future__ import annotations

import csv
import io
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sepsim.errors import InputError, SepsimError
from sepsim.protocols.whole_files import write_whole
from sepsim.text.bounded_files import shown_path
from sepsim.text.quoting import escaped

STANDARD = "-"  # standard input or output in place of a file
STANDARD_INPUT = Path("/dev/stdin")  # leads to the file that the shell opened, if it did
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


def check_outputs(outputs: Iterable[Output], inputs: Iterable[str | Path], *, json: bool = False) -> None:
    """Refuse outputs that cannot be written, or that would replace an input, before time is spent on computing them.

    Also refuses two for standard output, where ``--json`` prints as well.
    """
    problems: list[str] = []
    taken = [(STANDARD_INPUT if file == STANDARD else Path(file), f"the input {str(file)!r}") for file in inputs]
    printed = "--json" if json else ""
    for output in outputs:
        if output.path == STANDARD:
            if printed:
                problems.append(f"{output.said}: standard output is where {printed} goes; name a file")
            printed = output.said
            continue
        place = Path(output.path)
        problems += [f"{output.said}: {problem}" for problem in _problems(output, place)]
        use = next((use for other, use in taken if _same_file(place, other)), None)
        if use is not None:
            problems.append(f"{output.said}: is {use}; choose another name")
        taken.append((place, f"where {output.said} goes"))
    if problems:
        raise InputError(*problems)


def _problems(output: Output, place: Path) -> Iterator[str]:
    if not output.in_folder and not place.parent.is_dir():
        yield f"the folder {str(place.parent)!r} does not exist; create it first"
    elif place.is_dir():
        yield "is a folder; name a file in it"
    elif (protected := _write_protected(place)) is not None:
        yield f"{str(protected)!r} is write-protected; choose another place"
    if output.endings and place.suffix.lower() not in output.endings:
        yield f"must end in {', '.join(output.endings)}"


def _write_protected(place: Path) -> Path | None:
    """Return the file, if there is one that must not be written to, or the folder if nothing may be put into it."""
    real = Path(os.path.realpath(place))
    needed = [real] if real.exists() else []
    if not needed or real.is_file():
        needed.append(next(folder for folder in real.parents if folder.exists()))
    return next((each for each in needed if not os.access(each, os.W_OK)), None)


def _same_file(one: Path, other: Path) -> bool:
    """Whether two names, through links or not, are one file, or will be; a device is nothing that could be replaced."""
    try:
        return one.samefile(other) and one.is_file()
    except OSError:  # one is not there yet
        return os.path.realpath(one) == os.path.realpath(other)


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
            print(f"sepsim: left out {shown_path(output.path)}: {error}", file=sys.stderr)
            return 0
        print(f"sepsim: error: {escaped(output.said)}: cannot be written ({_reason(error)})", file=sys.stderr)
        return 1
    if content.faults:
        print(f"sepsim: warning: {escaped(output.said)}: {content.faults}", file=sys.stderr)
    if output.path == STANDARD:
        _print(content.data)
    else:
        print(f"sepsim: {'replaced' if replaced else 'wrote'} {shown_path(output.path)}", file=sys.stderr)
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
