"""How far a run is: one line on a terminal, which goes when the run is done."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from sepsim.kernels.compilation import compiling
from sepsim.text.quoting import brief

PATIENCE_S = 1.0  # before the first word, and between two
CLEAR = "\r\x1b[K"


class Progress:
    """Tells on stderr, where that is a terminal, at which step a run is and for how long it has run.

    Parameters
    ----------
    name : str
        Of the protocol.
    quiet : bool
        Whether nothing is told.
    """

    def __init__(self, name: str, *, quiet: bool = False) -> None:
        self._name = name
        self._where = "reading"
        self._over = threading.Event()
        self._start = time.monotonic()
        speaks = not quiet and sys.stderr.isatty()
        self._thread = threading.Thread(target=self._tell, daemon=True) if speaks else None

    def __enter__(self) -> Progress:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def __call__(self, done: int, total: int, step: str) -> None:
        """Take the news of a run: steps done, their number, the name of the step that begins."""
        self._where = f"step {done + 1} of {total}, {brief(step)}"

    def _tell(self) -> None:
        told = False
        while not self._over.wait(PATIENCE_S):
            elapsed = time.monotonic() - self._start
            where = f"{self._where}, compiling, once" if compiling() else self._where
            print(f"{CLEAR}sepsim: {self._name}: {where}; {elapsed:.0f} s", end="", file=sys.stderr, flush=True)
            told = True
        if told:
            print(CLEAR, end="", file=sys.stderr, flush=True)
