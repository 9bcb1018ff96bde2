"""Protocols that a command reads, from a file or from standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sepsim.cli.outputs import STANDARD
from sepsim.errors import InputError

if TYPE_CHECKING:
    from sepsim.protocols.protocol import Protocol


def load(path: str) -> Protocol:
    """Read a protocol from a file, or from standard input if the path is a dash."""
    from sepsim.protocols.protocol_file import load_protocol, protocol_from_text

    if path == STANDARD:
        return protocol_from_text(_standard_text(), origin="standard input")
    return load_protocol(path)


def _standard_text() -> str:
    """Return standard input as text; protocols are UTF-8 whatever the terminal's encoding is."""
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: cannot be read as a text file ({error})") from None


def named(path: str) -> str:
    """Return how messages call an input."""
    return "standard input" if path == STANDARD else path


def check_inputs(files: Sequence[str]) -> None:
    """Refuse to read standard input twice."""
    if [*files].count(STANDARD) > 1:
        raise InputError("FILE -: standard input can be read only once; name files")
