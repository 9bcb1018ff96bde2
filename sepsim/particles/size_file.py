"""Measured size distributions from files: a plain table, or a NanoSight NTA 3.2 experiment summary."""

from __future__ import annotations

import csv
import io
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError, ModelRangeWarning
from sepsim.particles.population import LARGEST_NM, MOST_PER_ML, SMALLEST_NM
from sepsim.text.bounded_files import read_text, shown_path
from sepsim.text.quoting import brief

_NANOSIGHT_FIRST_CELL = "NTA Experiment Summary File"
_RANGES = {"diameter_nm": (SMALLEST_NM, LARGEST_NM), "particles_per_mL": (0.0, MOST_PER_ML)}
_COLUMNS = [*_RANGES]


class MeasuredSizes(NamedTuple):
    """A measured number-size distribution.

    Attributes
    ----------
    diameters : ndarray, shape (n,) [m]
        Bin centres.
    concentrations : ndarray, shape (n,) [1/m3]
        Particles per volume in each bin.
    """

    diameters: FloatArray
    concentrations: FloatArray


def read_sizes(path: str | Path) -> MeasuredSizes:
    """Read a size distribution; the kind of file is told from its first cell.

    A plain table has the header ``diameter_nm,particles_per_mL``. From a NanoSight NTA 3.2 experiment summary the
    column ``Average`` of the graph data is taken or, where there is one measurement only, that one.

    Parameters
    ----------
    path : str or Path
        The CSV file.

    Returns
    -------
    MeasuredSizes
        Diameters [m] and concentrations [1/m3].

    Raises
    ------
    InputError
        If the file is missing, is not text, is too long, has another header, or has a cell that is no number of its
        range: diameters from 0.1 nm to 1 mm, concentrations from 0 to 1e22 per mL.

    Examples
    --------
    >>> read_sizes("nowhere.csv")
    Traceback (most recent call last):
        ...
    sepsim.errors.InputError: nowhere.csv: no such file
    """
    rows, place = _rows(Path(path)), shown_path(path)
    if rows and rows[0][0].strip() == _NANOSIGHT_FIRST_CELL:
        first, column = _find_nanosight_graph(place, rows)
        _warn_of_nanosight(place, rows)
        body = _until_blank(rows, first)
    else:
        first, column = 1, 1
        header = [cell.strip() for cell in rows[0]] if rows else []
        if header != _COLUMNS:
            raise InputError(
                f"{place}: the first line {_described(header)}; it must be {','.join(_COLUMNS)!r}, "
                "or the file a NanoSight NTA 3.2 ExperimentSummary"
            )
        body = [(line, row) for line, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    table = np.array([_numbers(place, line, row, column) for line, row in body])
    if table.size == 0 or table[:, 1].sum() <= 0:
        raise InputError(f"{place}: holds no particles; at least one concentration must be above 0")
    return MeasuredSizes(table[:, 0] * 1e-9, table[:, 1] * 1e6)


def _rows(path: Path) -> list[list[str]]:
    text = read_text(path, newline="")
    try:
        return [row or [""] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise InputError(f"{shown_path(path)}: cannot be read as a CSV text file ({error})") from error


def _described(header: list[str]) -> str:
    """Return what a first line looks like that is no header of sizes; names of columns alone are repeated.

    A path may lead to a file that is no table, and whose content is nobody's business.
    """
    if not any(header):
        return "is empty"
    if len(header) == 1:
        return "has one column; commas must divide columns"
    known = [name for name in _COLUMNS if name in header]  # nothing else of a file that may be any file
    return f"has {len(header)} columns{f', of which one is {known[0]}' if known else ', none of them known'}"


def _find_nanosight_graph(place: str, rows: list[list[str]]) -> tuple[int, int]:
    """Return the first row of the size data, counted from 0, and the column to read."""
    start = next((k for k, row in enumerate(rows) if row[0].strip() == "Bin centre (nm)"), None)
    names = next((row for row in rows if row[0].strip() == "Filename"), [])
    if start is None:
        raise InputError(f"{place}: a NanoSight summary without a line 'Bin centre (nm)'; export the size data too")
    stripped = [name.strip() for name in names]
    return start + 1, stripped.index("Average") if "Average" in stripped else 1


def _warn_of_nanosight(place: str, rows: list[list[str]]) -> None:
    """Warn where the instrument itself says that its concentration may be off."""
    for row in rows:
        name, values = row[0].strip(), [cell.strip() for cell in row[1:] if cell.strip()]
        if name.startswith("Dilution factor") and "Not recorded" in values:
            _warn(
                f"{place}: the dilution is not recorded, so that the concentration may be that of the diluted sample; "
                "give particles_per_mL of the sample itself"
            )
        if name == "Validity of concentration measurement" and any(value != "OK" for value in values):
            verdicts = ", ".join(map(brief, dict.fromkeys(values)))
            _warn(f"{place}: the instrument calls its concentration {verdicts}; check it")


def _warn(text: str) -> None:
    warnings.warn(text, ModelRangeWarning, stacklevel=4)


def _until_blank(rows: list[list[str]], first: int) -> list[tuple[int, list[str]]]:
    body = []
    for line, row in enumerate(rows[first:], first + 1):
        if not row[0].strip():
            break
        body.append((line, row))
    return body


def _numbers(place: str, line: int, row: list[str], column: int) -> tuple[float, float]:
    if len(row) <= column:
        raise InputError(f"{place}, line {line}: {len(row)} cells; {column + 1} are needed")
    values = []
    for (name, (least, most)), cell in zip(_RANGES.items(), (row[0], row[column]), strict=True):
        try:
            value = float(cell)
        except ValueError:
            raise InputError(f"{place}, line {line}: {name} is not a number") from None
        if not least <= value <= most:
            raise InputError(
                f"{place}, line {line}: {name} = {brief(cell.strip())}: must be at least {least:g} and at most {most:g}"
            )
        values.append(value)
    return values[0], values[1]
