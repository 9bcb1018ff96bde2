"""A precipitation as it happened: what remarks tell of it, and what pictures draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sepsim.samples.sample import Sample
from sepsim.techniques.centrifugation.spin import Spin
from sepsim.techniques.precipitation.equilibrium import Wanting
from sepsim.techniques.precipitation.growth import Landed
from sepsim.techniques.precipitation.reagent import Mixture

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.aggregation import Aggregates, Conditions, Primaries


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Precipitate:
    """A precipitation as it happened, for plots.

    Attributes
    ----------
    given : Sample
        What was precipitated, at the temperature of the incubation.
    mixture : Mixture
    wanting : Wanting
        What wants to come down.
    conditions : Conditions or None
        Of the clusters on the bench; None in a dry run, or where nothing wants to come down.
    parts : Primaries or None
        What sticks.
    grown : Aggregates or None
        Clusters during the incubation.
    landed : Landed or None
        What of them met the wall.
    spin : Spin
        Of what stayed dispersed; its pelleted share is that of everything.
    """

    given: Sample
    mixture: Mixture
    wanting: Wanting
    conditions: Conditions | None
    parts: Primaries | None
    grown: Aggregates | None
    landed: Landed | None
    spin: Spin
