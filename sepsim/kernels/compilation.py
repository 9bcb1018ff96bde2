"""Whether a kernel is being compiled, which takes seconds once; for those who show progress. Loads nothing."""

from __future__ import annotations

_under_way: list[str] = []  # names of kernels, since one compiles those that it calls


def begin(kernel: str) -> None:
    """Note that the compilation of a kernel begins."""
    _under_way.append(kernel)


def end(kernel: str) -> None:
    """Note that the compilation of a kernel is over."""
    if kernel in _under_way:
        _under_way.remove(kernel)


def compiling() -> bool:
    """Return whether a kernel is being compiled.

    Returns
    -------
    bool

    Examples
    --------
    >>> compiling()
    False
    """
    return bool(_under_way)
