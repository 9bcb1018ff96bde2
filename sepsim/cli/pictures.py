"""Pictures in files: written whole or not at all, and what is wrong with them in words."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

MISSING_GLYPH = re.compile(r"Glyph (\d+) .*missing from")
NO_ROOM = "layout not applied"
DPI = 150


def save(draw: Callable[[], Any], path: str) -> str:
    """Draw axes and write their picture in the format of the file's ending; returns its faults in one line, or none.

    Whatever goes wrong before the picture is complete leaves a file of this name as it was.
    """
    picture = io.BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        draw().figure.savefig(picture, format=Path(path).suffix[1:].lower(), dpi=DPI)
    Path(path).write_bytes(picture.getvalue())
    return _faults(str(item.message) for item in caught)


def _faults(messages: Iterable[str]) -> str:
    """Return warnings of matplotlib as a user understands them, each once."""
    letters: dict[str, None] = {}
    faults: dict[str, None] = {}
    for message in messages:
        if missing := MISSING_GLYPH.match(message):
            letters[chr(int(missing[1]))] = None
        elif NO_ROOM in message:
            faults["names are too long for the picture, which may cut them off"] = None
        else:
            faults[" ".join(message.split())] = None
    boxes = [f"the font has no {' '.join(letters)}, drawn as boxes"] if letters else []
    return "; ".join([*boxes, *faults])
