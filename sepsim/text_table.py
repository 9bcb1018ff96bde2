"""Plain text tables for the terminal."""

from __future__ import annotations

import math
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


def percent(share: float | None) -> str:
    """Return a share as a percentage, small ones by their first figures, undefined ones as a dash.

    Examples
    --------
    >>> percent(0.0673), percent(2.1e-5), percent(0.0), percent(None)
    ('6.7 %', '2.1e-03 %', '0.0 %', '-')
    """
    if share is None or math.isnan(share):
        return "-"
    value = 100.0 * share
    return f"{value:.1f} %" if value >= 0.1 or value == 0 else f"{value:.1e} %"
