"""Text files of users, read up to a bound."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from sepsim.errors import InputError
from sepsim.text.quoting import brief

LARGEST = 1_000_000  # characters: more than 20,000 lines of measured sizes
LONGEST_PATH = 300  # characters of a path that messages repeat


def shown_path(path: str | Path) -> str:
    """Return a path as messages repeat it.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    str

    Examples
    --------
    >>> shown_path("my.toml")
    'my.toml'
    """
    return brief(str(path), LONGEST_PATH)


def read_text(path: Path, newline: str | None = None) -> str:
    """Return what stands in a text file.

    Parameters
    ----------
    path : Path
    newline : str, optional
        As for `open`; an empty text keeps line ends as they are.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it does not exist, cannot be read, is no UTF-8 text, or is longer than 1,000,000 characters.

    Examples
    --------
    >>> read_text(Path("nowhere.toml"))
    Traceback (most recent call last):
        ...
    sepsim.errors.InputError: nowhere.toml: no such file
    """
    place = shown_path(path)
    try:
        with path.open(encoding="utf-8-sig", newline=newline) as file:
            return read_stream(file, place)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{place}: no such file") from None
    except (OSError, ValueError) as error:
        raise _unreadable(place, error) from error


def read_stream(stream: TextIO, place: str) -> str:
    """Return what a stream holds.

    Parameters
    ----------
    stream : text stream
        Open for reading.
    place : str
        What messages call it.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is no text, or is longer than 1,000,000 characters.

    Examples
    --------
    >>> import io
    >>> read_stream(io.StringIO("volume_mL = 1"), "standard input")
    'volume_mL = 1'
    """
    try:
        text = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(place, error) from error
    if len(text) > LARGEST:
        raise InputError(f"{place}: is longer than {LARGEST:,} characters; give a shorter file")
    return text


def _unreadable(place: str, error: OSError | ValueError) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else error
    return InputError(f"{place}: cannot be read as a text file ({reason})")
