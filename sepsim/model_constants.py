"""Constants of a model that nobody knows well: a table of the catalogue gives each a default and a band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sepsim.data import chosen, entry, filled, rows
from sepsim.settings import number


@dataclass(frozen=True, slots=True)
class ModelConstants:
    """The constants of one model, which stand in ``data/<table>.csv``.

    Parameters
    ----------
    table : str
        With the columns parameter, default, low and high; also its topic in ``sepsim list``.

    Examples
    --------
    >>> pellet = ModelConstants("pellet_model")
    >>> pellet.bounds("yield_stress_Pa"), pellet.entry("yield_stress_pa")["high"]
    ((1.0, 0.3, 3.0), '3')
    """

    table: str

    def bounds(self, parameter: str) -> tuple[float, float, float]:
        """Return the default of a constant, its lower and its upper value, in its unit.

        Parameters
        ----------
        parameter : str
            A key of the record that `setting` declares.
        """
        row = next(row for row in rows(self.table) if row["parameter"] == parameter)
        return float(row["default"]), float(row["low"]), float(row["high"])

    def setting(self, parameter: str, help: str, **limits: Any) -> Any:
        """Declare a constant in a record of settings, with the default of the table.

        Parameters
        ----------
        parameter : str
        help : str
            One line.
        **limits
            As of `sepsim.settings.number`.
        """
        return number(default=self.bounds(parameter)[0], help=help, **limits)

    def listed(self) -> list[dict[str, str]]:
        """Return what ``sepsim list`` tells of each constant."""
        return chosen(self.table, "parameter", "default", "low", "high", "confidence")

    def entry(self, name: str) -> dict[str, Any]:
        """Return the row of a constant for ``sepsim show``.

        Parameters
        ----------
        name : str
            As people write it.

        Raises
        ------
        InputError
            If the name is unknown; names the nearest.
        """
        return filled(entry(self.table, "parameter", name, self.table))
