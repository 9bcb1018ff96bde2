"""Protocols that a command reads, from a file or from standard input."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sepsim.cli.outputs import STANDARD
from sepsim.errors import InputError
from sepsim.text.bounded_files import read_stream, shown_path

if TYPE_CHECKING:
    from sepsim.protocols.protocol import Protocol


def load(path: str) -> Protocol:
    """Read a protocol from a file, or from standard input if the path is a dash."""
    from sepsim.protocols.protocol_file import load_protocol, protocol_from_text

    if path == STANDARD:
        stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig")  # whatever the terminal's encoding is
        return protocol_from_text(read_stream(stream, named(path)), origin=named(path))
    return load_protocol(path)


def named(path: str) -> str:
    """Return how messages call an input."""
    return "standard input" if path == STANDARD else shown_path(path)


def check_inputs(files: Sequence[str]) -> None:
    """Refuse to read standard input twice."""
    if [*files].count(STANDARD) > 1:
        raise InputError("FILE -: standard input can be read only once; name files")
