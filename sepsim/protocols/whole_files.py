"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from uuid import uuid4


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file beside its place and move it there, so that it is whole, or what it was before.

    Parameters
    ----------
    path : str or Path
        Its place. Of a link that to which it points is replaced; a device or a pipe is written to.
    content : str or bytes
        A text is written in UTF-8.

    Raises
    ------
    OSError
        If it cannot be written, such as on a full disk; names the path.

    Examples
    --------
    >>> write_whole("nowhere/out.csv", "yield")
    Traceback (most recent call last):
        ...
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere/out.csv'
    """
    place = Path(os.path.realpath(path))
    data = content.encode() if isinstance(content, str) else content
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(data)
        else:
            _replace(place, data)
    except OSError as error:  # which names the part
        raise OSError(error.errno, error.strerror, str(path)) from None


def _replace(place: Path, data: bytes) -> None:
    part = place.with_name(f".{uuid4().hex}.part")  # of this writer alone
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # some disks tell only then that they are full
        if place.exists():
            with contextlib.suppress(OSError):  # a disk may know no permissions
                shutil.copymode(place, part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
