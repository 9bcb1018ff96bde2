"""What ``sepsim list`` and ``sepsim show`` tell of samples and of populations."""

from __future__ import annotations

from typing import Any

from sepsim.data import chosen, entry, filled
from sepsim.samples.sample_catalog import sample_lines


def samples() -> list[dict[str, str]]:
    """Return the samples of the catalogue."""
    return chosen("samples", "sample", "medium", "confidence", "description")


def sample_entry(name: str) -> dict[str, Any]:
    """Return the row of a sample and the amounts in it.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    row = entry("samples", "sample", name, "samples")
    parts = sample_lines(row["sample"]).values()
    return {**filled(row), "population": [_amount_text(part) for part in parts]}


def _amount_text(row: dict[str, str]) -> str:
    amount = f"{row['particles_per_mL']} per mL" if row["particles_per_mL"] else f"{row['mass_mg_per_mL']} mg/mL"
    return f"{row['population']:<22}{amount}  ({row['confidence']})"


def populations() -> list[dict[str, str]]:
    """Return the populations of the catalogue."""
    keys = ("population", "kind", "median_diameter_nm", "density_g_mL", "confidence", "description")
    return chosen("populations", *keys)


def population_entry(name: str) -> dict[str, Any]:
    """Return the row of a population.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    return filled(entry("populations", "population", name, "populations"))
