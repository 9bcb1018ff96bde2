"""Moving pictures: frames of one figure, written as GIF or MP4."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, PillowWriter
from matplotlib.figure import Figure

from sepsim.errors import InputError
from sepsim.settings import as_float

DPI = 80
FRAMES_PER_SECOND = 4.0
FASTEST = 50.0  # of a GIF, whose clock counts hundredths of a second
WRITERS: Mapping[str, Any] = {".gif": PillowWriter, ".mp4": FFMpegWriter}


@dataclass(frozen=True, kw_only=True, slots=True)
class MovingPicture:
    """A figure that changes from frame to frame; in a notebook it plays.

    Attributes
    ----------
    figure : Figure
    show : callable
        Makes the figure show a frame.
    frames : sequence of int
        In the order in which they are shown.
    """

    figure: Figure
    show: Callable[[int], None]
    frames: Sequence[int]

    def save(self, path: str | Path, *, frames_per_second: float = FRAMES_PER_SECOND) -> Path:
        """Write the frames to a file.

        Parameters
        ----------
        path : str or Path
            File to write; ``.gif``, or ``.mp4`` where ffmpeg is installed.
        frames_per_second : float [1/s]
            Up to 50.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the format is unknown, its writer or the folder is missing, or the rate is out of range.
        """
        file = Path(path)
        writer = _writer(file, frames_per_second)
        with writer.saving(self.figure, str(file), DPI):
            for frame in self.frames:
                self.show(frame)
                writer.grab_frame()
        return file

    def encoded(self, ending: str) -> bytes:
        """Return the bytes of a file with an ending, ``.gif`` or ``.mp4``."""
        with tempfile.TemporaryDirectory() as folder:
            return self.save(Path(folder) / f"moving{ending}").read_bytes()

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.encoded(".gif")).decode()
        return f'<img src="data:image/gif;base64,{data}">'


def _writer(file: Path, frames_per_second: float) -> AbstractMovieWriter:
    """Return what writes the format of a file, or raise InputError with all that is wrong."""
    problems = []
    rate = as_float(frames_per_second)
    kind: Any = WRITERS.get(file.suffix.lower())
    if rate is None or not (isfinite(rate) and 0 < rate <= FASTEST):
        problems.append(f"frames_per_second = {frames_per_second!r}: must be above 0 and at most {FASTEST:g}")
    if kind is None:
        problems.append(f"path = {str(file)!r}: must end in {' or '.join(WRITERS)}")
    elif not kind.isAvailable():
        problems.append(f"path = {str(file)!r}: {file.suffix} needs the program ffmpeg; install it, or write a .gif")
    if not file.parent.is_dir():
        problems.append(f"path = {str(file)!r}: there is no folder {str(file.parent)!r}; make it first")
    if problems:
        raise InputError(*problems)
    writer: AbstractMovieWriter = kind(fps=rate)
    return writer
