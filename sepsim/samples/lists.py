"""What ``sepsim list`` and ``sepsim show`` tell of samples, of populations and of their markers."""

from __future__ import annotations

from typing import Any

from sepsim.data import chosen, entry, filled
from sepsim.particles.marker_profile import MARKER_PROFILES, antigen_rows
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


def marker_profiles() -> list[dict[str, str]]:
    """Return the marker profiles of the catalogue."""
    return [
        {
            "marker_profile": name,
            "carries": ", ".join(line["antigen"] for line in antigen_rows(name) if line["low"]),
            "not": ", ".join(line["antigen"] for line in antigen_rows(name) if not line["low"]),
            "confidence": row["confidence"],
            "description": row["description"],
        }
        for name, row in MARKER_PROFILES.rows.items()
    ]


def marker_profile_entry(name: str) -> dict[str, Any]:
    """Return the row of a marker profile, with the copies of each antigen in each stratum.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    row = MARKER_PROFILES.row(name)
    lines = [*antigen_rows(row["marker_profile"])]
    return {**filled(row), **({"copies": [*map(_copies_text, lines)]} if lines else {})}


def _copies_text(line: dict[str, str]) -> str:
    copies = "".join(f"{each:>8}" for each in line["copies"].split())
    mean = MARKER_PROFILES.get(line["marker_profile"]).mean_copies(line["antigen"])
    band = f"mean {mean:.3g}, {line['low']} to {line['high']}" if line["low"] else "absent"
    return f"{line['antigen']:<12}{copies}  {band} ({line['confidence']})"
