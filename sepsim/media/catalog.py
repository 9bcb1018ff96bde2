"""The fluids of the catalogue, with what is known about each."""

from __future__ import annotations

from dataclasses import dataclass

from sepsim.data import rows
from sepsim.media.biofluids import Biofluid
from sepsim.media.fluid import Fluid
from sepsim.units import to_si

CONFIDENCES = ("read", "transcribed", "computed", "unverified")  # falling


@dataclass(frozen=True, kw_only=True, slots=True)
class FluidRecord:
    """A fluid of the catalogue with what is known about it, for lists.

    Parameters
    ----------
    fluid : Fluid
    description : str
    confidence : str
        Of the weakest of its tabulated points.
    notes : tuple of str
    """

    fluid: Fluid
    description: str
    confidence: str
    notes: tuple[str, ...]


def fluids(*correlated: Fluid) -> dict[str, FluidRecord]:
    """Return the fluids of the table by name; those that follow from correlations are given, the others interpolate.

    Parameters
    ----------
    correlated : Fluid
        Named as in the table.

    Returns
    -------
    dict of FluidRecord

    Examples
    --------
    >>> from sepsim.media.fluid import Water
    >>> stand_in = Water(name="0.25 M sucrose buffer")
    >>> fluids(Water(), stand_in)["PBS"].confidence
    'computed'
    """
    known = {fluid.name: fluid for fluid in correlated}
    proteins = {
        row["medium"]: to_si("protein_mg_per_mL", float(row["protein_mg_per_mL"])) for row in rows("medium_proteins")
    }
    by_name: dict[str, list[dict[str, str]]] = {}
    for row in rows("media"):
        by_name.setdefault(row["medium"], []).append(row)
    return {
        name: FluidRecord(
            fluid=known.get(name) or Biofluid.from_rows(found, proteins.get(name, 0.0)),
            description=found[0]["description"],
            confidence=max((row["confidence"] for row in found), key=CONFIDENCES.index),
            notes=tuple(dict.fromkeys(row["note"] for row in found if row["note"])),
        )
        for name, found in by_name.items()
    }
