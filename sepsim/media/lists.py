"""What ``sepsim list`` and ``sepsim show`` tell of media."""

from __future__ import annotations

import math
from typing import Any

from sepsim.media.solution import fluid, fluid_records


def media() -> list[dict[str, str]]:
    """Return the media of the catalogue."""
    return [
        {
            "medium": record.fluid.name,
            "g/mL at 4 C": f"{record.fluid.density(277.15) * 1e-3:.4f}",
            "g/mL at 20 C": f"{record.fluid.density(293.15) * 1e-3:.4f}",
            "mPa s at 4 C": f"{record.fluid.viscosity(277.15) * 1e3:.3f}",
            "mPa s at 20 C": f"{record.fluid.viscosity(293.15) * 1e3:.3f}",
            "confidence": record.confidence,
        }
        for record in fluid_records()
    ]


def medium_entry(name: str) -> dict[str, Any]:
    """Return what is known about a medium.

    Parameters
    ----------
    name : str
        As people write it.

    Raises
    ------
    InputError
        If the name is unknown; names the nearest.
    """
    wanted = fluid(name)
    record = next(record for record in fluid_records() if record.fluid == wanted)
    return {
        "medium": wanted.name,
        "description": record.description,
        "density_g_mL": [f"{wanted.density(273.15 + t) * 1e-3:.4f} at {t} C" for t in (4, 20, 25, 37)],
        "viscosity_mPa_s": [f"{wanted.viscosity(273.15 + t) * 1e3:.3f} at {t} C" for t in (4, 20, 25, 37)],
        "osmolality_mOsm_kg": f"{wanted.osmolality * 1e3:.4g}",
        "refractive_index": "unknown" if math.isnan(wanted.refractive_index) else f"{wanted.refractive_index:.4f}",
        "confidence": record.confidence,
        "source": " ".join(wanted.sources),
        "note": list(record.notes),
    }
