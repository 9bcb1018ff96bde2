"""What ``sepsim list`` and ``sepsim show`` tell of chips."""

from __future__ import annotations

from typing import Any

from sepsim.data import filled
from sepsim.techniques.microfluidics.chips.chips import CHIPS


def chips() -> list[dict[str, str]]:
    """Return the chips of the catalogue."""
    return [
        {"chip": name, **{column: row[column] for column in ("mechanism", "confidence")}}
        for name, row in CHIPS.rows.items()
    ]


def chip_entry(name: str) -> dict[str, Any]:
    """Return the row of a chip with every setting; `name` as people write it."""
    row = CHIPS.row(name)
    told: dict[str, Any] = filled(row)
    del told["settings"]
    tail: dict[str, Any] = {key: told.pop(key) for key in ("confidence", "source", "note") if key in told}
    settings = {key: value for key, value in CHIPS.get(name).to_table().items() if key not in ("name", "mechanism")}
    return {**told, **settings, **tail}
