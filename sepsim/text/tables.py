"""Tables of results: plain text for the terminal, HTML for notebooks; numbers as they stand in them."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context

from sepsim.text.quoting import brief, escaped

_FIGURE = r"[<>~+-]?\d[\d.,]*(?:e[+-]?\d+)?(?: (?:%|x|h|min|s|nm|um|mm|mL|kDa))?"
NUMBER = re.compile(rf"-?|inf|{_FIGURE}(?: / {_FIGURE})?")
LONGEST_CELL = 120  # characters of a cell on a terminal


def columns(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Return a table in columns: the first stands left, those of numbers, with or without a unit, right, others left.

    Very long cells are shortened.

    Examples
    --------
    >>> print(columns(["rotor", "g", "kind"], [["SW 28", "141100", "swinging bucket"], ["A-4-81", "3220", "-"]]))
    rotor        g  kind
    ------  ------  ---------------
    SW 28   141100  swinging bucket
    A-4-81    3220  -
    """
    lines = [[brief(cell, LONGEST_CELL) for cell in row] for row in (header, *body)]
    table = [*zip(*lines, strict=True)]
    widths = [max(map(len, column)) for column in table]
    right = [False, *(2 * sum(map(bool, map(NUMBER.fullmatch, column[1:]))) > len(body) for column in table[1:])]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def html_table(header: Sequence[str], body: Iterable[Sequence[str]], texts: int = 1) -> str:
    """Return a table for a notebook, the first columns aligned left, the others right.

    Nothing sets a colour or a font, so that the table follows the notebook's theme. What a user calls something is
    escaped.

    Parameters
    ----------
    header : sequence of str
    body : iterable of sequence of str
        The rows.
    texts : int
        How many columns hold texts, not numbers.

    Returns
    -------
    str

    Examples
    --------
    >>> print(html_table(["rotor", "g"], [["<own>", "141100"]]))
    <table>
    <thead><tr><th style="text-align: left">rotor</th><th style="text-align: right">g</th></tr></thead>
    <tbody>
    <tr><td style="text-align: left">&lt;own&gt;</td><td style="text-align: right">141100</td></tr>
    </tbody>
    </table>
    """

    def row(tag: str, cells: Sequence[str]) -> str:
        sides = ["left" if index < texts else "right" for index in range(len(cells))]
        filled = (
            f'<{tag} style="text-align: {side}">{html.escape(escaped(cell))}</{tag}>'
            for side, cell in zip(sides, cells, strict=True)
        )
        return f"<tr>{''.join(filled)}</tr>"

    lines = ["<table>", f"<thead>{row('th', header)}</thead>", "<tbody>", *(row("td", cells) for cells in body)]
    return "\n".join([*lines, "</tbody>", "</table>"])


def html_paragraph(text: str, title: str = "") -> str:
    """Return a paragraph for a notebook, below a title in bold if there is one; both are escaped.

    Examples
    --------
    >>> html_paragraph("5 < 6", title="A & B")
    '<p><strong>A &amp; B</strong><br>5 &lt; 6</p>'
    """
    head = f"<strong>{html.escape(escaped(title))}</strong><br>" if title else ""
    return f"<p>{head}{html.escape(escaped(text))}</p>"


def cut(text: str, length: int) -> str:
    """Return a text in one line of at most some letters, cut off where it is longer.

    Examples
    --------
    >>> cut("conditioned medium", 12), cut("urine", 12)
    ('conditioned…', 'urine')
    """
    return escaped(text if len(text) <= length else f"{text[: length - 1]}…")


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


def scientific(number: float) -> str:
    """Return a number by its first three figures and a power of ten, undefined ones as a dash.

    Examples
    --------
    >>> scientific(6.0221e23), scientific(math.nan)
    ('6.02e+23', '-')
    """
    return "-" if math.isnan(number) else f"{number:.2e}"


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


def rounded_down(value: float, figures: int = 4) -> str:
    """Return the number of so many figures that is nearest below: an upper limit that may be written as it is told.

    Parameters
    ----------
    value : float [any one unit]
    figures : int

    Returns
    -------
    str

    Examples
    --------
    >>> rounded_down(1.87659), rounded_down(0.5)
    ('1.876', '0.5')
    """
    return _rounded(value, figures, ROUND_FLOOR)


def rounded_up(value: float, figures: int = 4) -> str:
    """Return the number of so many figures that is nearest above: a lower limit that may be written as it is told.

    Parameters
    ----------
    value : float [any one unit]
    figures : int

    Returns
    -------
    str

    Examples
    --------
    >>> rounded_up(0.99704), rounded_up(0.5)
    ('0.9971', '0.5')
    """
    return _rounded(value, figures, ROUND_CEILING)


def _rounded(value: float, figures: int, rounding: str) -> str:
    exact = Context(prec=figures, rounding=rounding).create_decimal(f"{value:.12g}")  # without the round-off of units
    return f"{float(exact):.{figures}g}"
