"""Measured size distributions from files: a plain table, or a NanoSight NTA 3.2 experiment summary."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError, ModelRangeWarning
from sepsim.particles.population import LARGEST_NM, MOST_PER_ML, SMALLEST_NM

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
        If the file is missing, is not text, has another header, or has a cell that is no number of its range: diameters
        from 0.1 nm to 1 mm, concentrations from 0 to 1e22 per mL.

    Examples
    --------
    >>> read_sizes("nowhere.csv")
    Traceback (most recent call last):
        ...
    sepsim.errors.InputError: nowhere.csv: no such file
    """
    rows = _rows(Path(path))
    if rows and rows[0][0].strip() == _NANOSIGHT_FIRST_CELL:
        first, column = _find_nanosight_graph(path, rows)
        _warn_of_nanosight(path, rows)
        body = _until_blank(rows, first)
    else:
        first, column = 1, 1
        header = [cell.strip() for cell in rows[0]] if rows else []
        if header != _COLUMNS:
            raise InputError(
                f"{path}: the first line is {','.join(header)!r}; it must be {','.join(_COLUMNS)!r}, "
                "or the file a NanoSight NTA 3.2 ExperimentSummary"
            )
        body = [(line, row) for line, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    table = np.array([_numbers(path, line, row, column) for line, row in body])
    if table.size == 0 or table[:, 1].sum() <= 0:
        raise InputError(f"{path}: holds no particles; at least one concentration must be above 0")
    return MeasuredSizes(table[:, 0] * 1e-9, table[:, 1] * 1e6)


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row or [""] for row in csv.reader(file)]
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as a CSV text file ({error})") from error


def _find_nanosight_graph(path: str | Path, rows: list[list[str]]) -> tuple[int, int]:
    """Return the first row of the size data, counted from 0, and the column to read."""
    start = next((k for k, row in enumerate(rows) if row[0].strip() == "Bin centre (nm)"), None)
    names = next((row for row in rows if row[0].strip() == "Filename"), [])
    if start is None:
        raise InputError(f"{path}: a NanoSight summary without a line 'Bin centre (nm)'; export the size data too")
    stripped = [name.strip() for name in names]
    return start + 1, stripped.index("Average") if "Average" in stripped else 1


def _warn_of_nanosight(path: str | Path, rows: list[list[str]]) -> None:
    """Warn where the instrument itself says that its concentration may be off."""
    for row in rows:
        name, values = row[0].strip(), [cell.strip() for cell in row[1:] if cell.strip()]
        if name.startswith("Dilution factor") and "Not recorded" in values:
            _warn(
                f"{path}: the dilution is not recorded, so that the concentration may be that of the diluted sample; "
                "give particles_per_mL of the sample itself"
            )
        if name == "Validity of concentration measurement" and any(value != "OK" for value in values):
            _warn(f"{path}: the instrument calls its concentration {', '.join(dict.fromkeys(values))}; check it")


def _warn(text: str) -> None:
    warnings.warn(text, ModelRangeWarning, stacklevel=4)


def _until_blank(rows: list[list[str]], first: int) -> list[tuple[int, list[str]]]:
    body = []
    for line, row in enumerate(rows[first:], first + 1):
        if not row[0].strip():
            break
        body.append((line, row))
    return body


def _numbers(path: str | Path, line: int, row: list[str], column: int) -> tuple[float, float]:
    if len(row) <= column:
        raise InputError(f"{path}, line {line}: {len(row)} cells; {column + 1} are needed")
    values = []
    for (name, (least, most)), cell in zip(_RANGES.items(), (row[0], row[column]), strict=True):
        try:
            value = float(cell)
        except ValueError:
            raise InputError(f"{path}, line {line}: {cell!r} is not a number") from None
        if not least <= value <= most:
            raise InputError(
                f"{path}, line {line}: {name} = {cell.strip()}: must be at least {least:g} and at most {most:g}"
            )
        values.append(value)
    return values[0], values[1]
