"""Plain text tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence


def columns(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Return a table in columns, the first aligned left, the others right.

    Examples
    --------
    >>> print(columns(["rotor", "g"], [["SW 28", "141100"]]))
    rotor       g
    -----  ------
    SW 28  141100
    """
    lines = [list(header), *map(list, body)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
