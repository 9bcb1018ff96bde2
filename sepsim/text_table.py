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
    """Return a share as a percentage, small ones by their first two figures, undefined ones as a dash.

    Examples
    --------
    >>> percent(0.0673), percent(0.00069), percent(2.1e-5), percent(0.0), percent(None)
    ('6.7 %', '0.069 %', '2.1e-03 %', '0.0 %', '-')
    """
    if share is None or math.isnan(share):
        return "-"
    value = 100.0 * share
    if value >= 0.95 or value == 0:
        return f"{value:.1f} %"
    return f"{value:#.2g} %" if value >= 0.00995 else f"{value:.1e} %"


def duration(seconds: float) -> str:
    """Return a time in hours, below one hour in minutes.

    Examples
    --------
    >>> duration(9000), duration(2538), duration(90)
    ('2.5 h', '42 min', '1.5 min')
    """
    minutes = seconds / 60.0
    if minutes >= 59.5:
        return f"{seconds / 3600.0:.1f} h"
    return f"{minutes:.0f} min" if minutes >= 9.95 else f"{minutes:.2g} min"


def counted(number: int, noun: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> counted(1, "step"), counted(2, "step")
    ('1 step', '2 steps')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
