"""The samples of the catalogue: some stand on another one and say only what differs."""

from __future__ import annotations

from collections.abc import Mapping

from sepsim.data import entry, rows

CELLS_OWN = ("exosome", "microvesicle", "apoptotic_body")  # what cells release, and a release factor multiplies


def sample_names() -> tuple[str, ...]:
    """Return the names of the samples in the catalogue."""
    return tuple(row["sample"] for row in rows("samples"))


def sample_row(name: str) -> dict[str, str] | None:
    """Return the row of a sample, None if there is none of that name."""
    return next((row for row in rows("samples") if row["sample"] == name), None)


def sample_lines(name: str) -> dict[str, dict[str, str]]:
    """Return the rows of the populations in a sample, those of the one it stands on included.

    Parameters
    ----------
    name : str
        As in the catalogue.

    Returns
    -------
    dict of str to dict of str
        By population; numbers of vesicles are multiplied by the release factor.

    Examples
    --------
    >>> [sample_lines(name)["exosome"]["particles_per_mL"] for name in ("BMSC conditioned medium", "urine")]
    ['3e9', '1e9']
    >>> sample_lines("canine BMSC conditioned medium")["exosome"]["particles_per_mL"]
    '6e+09'
    """
    row = entry("samples", "sample", name, "samples")
    lines = sample_lines(row["base"]) if row["base"] else {}
    lines |= {each["population"]: each for each in rows("sample_populations") if each["sample"] == name}
    if not row["release_factor"]:
        return lines
    return lines | {who: _released(lines[who], row) for who in CELLS_OWN if who in lines}


def _released(line: Mapping[str, str], sample: Mapping[str, str]) -> dict[str, str]:
    number = float(line["particles_per_mL"]) * float(sample["release_factor"])
    return {**line, "particles_per_mL": f"{number:g}", "confidence": "unverified", "note": sample["note"]}
