"""What a user should know about a precipitation: what to doubt, and what came of it, a sentence each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sepsim.samples.metrics import COUNTED_FROM_M
from sepsim.samples.sample import Sample
from sepsim.techniques.centrifugation.pellet import Pellet, Resuspension
from sepsim.techniques.precipitation.growth import needed_cluster
from sepsim.techniques.precipitation.kits.kits import Kit
from sepsim.techniques.precipitation.mixing import held_polymer, polymer_in_words
from sepsim.techniques.precipitation.precipitate import Precipitate
from sepsim.techniques.precipitation.precipitation_model import PrecipitationModel
from sepsim.text.tables import percent
from sepsim.units import from_si, to_si

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.aggregation import Aggregates

AS_TOLD = 2.0  # times or part of a volume, within which it counts as that
MOST_POLYMER_PERCENT = 20.0  # w/v, up to which the law of its viscosity holds
LARGEST_TOLD_M = 100e-6  # diameter beyond which clusters are flakes that break
THICKENED = 1.02  # viscosity over that without the polymer, from which it is told


def mixture_warnings(
    made: Precipitate,
    kit: Kit | None,
    sample_volume: float,
    resuspension: Resuspension | None,
    model: PrecipitationModel,
) -> Iterator[str]:
    """Yield what makes a precipitation less certain.

    Parameters
    ----------
    made : Precipitate
    kit : Kit, optional
    sample_volume : float [m3]
        Before the reagent is added.
    resuspension : Resuspension, optional
        Of the pellet.
    model : PrecipitationModel

    Yields
    ------
    str
    """
    if kit is not None:
        polymer = polymer_in_words(made.mixture.sample.medium)
        yield f"kit {kit.name!r} does not tell its polymer; {polymer} in the mixture is a guess"
        yield from _about_kit(kit, from_si("volume_mL", sample_volume), resuspension)
    if made.mixture.after.concentration > to_si("peg_percent_w_v", MOST_POLYMER_PERCENT):
        yield (
            f"{polymer_in_words(made.mixture.sample.medium)}: above {MOST_POLYMER_PERCENT:g} % w/v the mixture is more "
            "viscous than computed, and less comes down"
        )
    if made.mixture.after.polymer is not None and made.mixture.after.polymer.kind == "dextran":
        yield (
            "dextran: solubilities of proteins are taken to fall as with polyethylene glycol of its molar mass, for "
            "want of measurements; likely they fall less (model: albumin_slope_factor)"
        )
    solvent = made.mixture.solvent_share
    if from_si("solvent_percent_v_v", solvent) > model.burst_solvent_percent_v_v:
        yield (
            f"{percent(solvent)} of organic solvent dissolves membranes: vesicles burst, and count no more; how many "
            "is a guess with a band (model: burst_percent)"
        )
    if made.grown is not None and made.grown.reached < made.grown.time[-1] * (1.0 - 1e-9):
        yield (
            f"clusters could be followed for {made.grown.reached / 60.0:.3g} of {made.grown.time[-1] / 60.0:.3g} min; "
            "they are larger than told"
        )
    if made.landed is not None and not made.landed.followed:
        yield "clusters could not be followed through all of the spin; more may come down than told"


def _about_kit(kit: Kit, volume: float, resuspension: Resuspension | None) -> Iterator[str]:
    if kit.proteinase_K_per_sample > 0:
        yield (
            f"kit {kit.name!r} begins with proteinase K: vesicles lose the antigens that antibodies bind, so that "
            "neither a capture nor an ELISA finds them later; dissolved protein is computed as if it were not digested"
        )
    least, most = kit.least_sample_mL, kit.most_sample_mL
    if (least is not None and volume < least * (1 - 1e-9)) or (most is not None and volume > most * (1 + 1e-9)):
        yield (
            f"kit {kit.name!r}: its instructions are for {least or 0:g} to {most or math.inf:g} mL of sample, and this "
            f"is {volume:.3g} mL"
        )
    told = (kit.take_up_per_sample or 0.0) * volume
    if resuspension is not None and told > 0 and not 1.0 / AS_TOLD < resuspension.volume_mL / told < AS_TOLD:
        yield f"kit {kit.name!r}: the pellet of so much sample is taken up in {told:.3g} mL by its instructions"


def precipitation_remarks(made: Precipitate, loaded: Sample, pellet: Pellet, taken_up: Sample | None) -> Iterator[str]:
    """Yield what came of a precipitation.

    Parameters
    ----------
    made : Precipitate
    loaded : Sample
        The mixture, with what has burst in it.
    pellet : Pellet
    taken_up : Sample, optional
        The pellet after it was resuspended.

    Yields
    ------
    str
    """
    yield _about_liquid(made)
    yield from _about_clusters(made)
    yield from _about_yields(loaded, pellet)
    if taken_up is not None:
        yield from _about_polymer(taken_up)


def _about_liquid(made: Precipitate) -> str:
    mixture = made.mixture
    added = f"{from_si('volume_mL', mixture.added):.3g} mL were poured in: " if mixture.added > 0 else ""
    medium = mixture.sample.medium
    return (
        f"{added}{from_si('volume_mL', mixture.sample.volume):.4g} mL of {medium.density * 1e-3:.4f} g/mL and "
        f"{medium.viscosity * 1e3:.3g} mPa s"
    )


def _about_clusters(made: Precipitate) -> Iterator[str]:
    """Tell how large clusters have grown beside how large the spin needs them."""
    if made.grown is None or made.parts is None or made.conditions is None:
        return
    needed, members = needed_cluster(made.parts, made.conditions, made.spin.chords, made.spin.profile)
    yield (
        f"after the incubation {_grown(made.grown)}; {_needed(needed, members)}; in the spin they grow as they sink "
        "past one another"
    )


def _needed(diameter: float, members: float) -> str:
    """Return how large a cluster must be for the spin."""
    if math.isinf(diameter):
        return "none of them sinks"
    if diameter > LARGEST_TOLD_M:
        return f"only one larger than {1e6 * LARGEST_TOLD_M:g} um reaches the bottom from the top of the tube"
    return (
        f"one of {members:.2g} particles, {1e6 * diameter:.2g} um, reaches the bottom from the top of the tube without "
        "further growth"
    )


def _grown(grown: Aggregates) -> str:
    """Return how large clusters are at the end of an incubation, in the mean by volume."""
    held = grown.number[-1] * grown.solids
    known = np.isfinite(grown.diameter[-1]) & (held > 0)
    mean = float(held[known] @ grown.diameter[-1][known] / held[known].sum())
    if mean > LARGEST_TOLD_M:
        return f"clusters have outgrown {1e6 * LARGEST_TOLD_M:g} um"
    return f"a cluster has {float(grown.mean_size_by_volume[-1]):.2g} particles and {1e6 * mean:.2g} um in the mean"


def _about_yields(loaded: Sample, pellet: Pellet) -> Iterator[str]:
    """Tell vesicles and particles apart: a counter sees lipoproteins too, those that are not too small for it."""
    particles = loaded.particles
    vesicle = particles.of_kind("vesicle")
    vesicle, others = (chosen & particles.intact & ~particles.rides for chosen in (vesicle, ~vesicle))
    others &= particles.bare_diameter >= COUNTED_FROM_M
    of_vesicles, of_others = (float(loaded.counts[chosen].sum()) for chosen in (vesicle, others))
    if of_vesicles > 0 and of_others > 0:
        landed, besides = (float(pellet.solid.counts[chosen].sum()) for chosen in (vesicle, others))
        before, after = of_vesicles / (of_vesicles + of_others), landed / max(landed + besides, 1e-300)
        yield (
            f"{percent(landed / of_vesicles)} of the vesicles and {percent(besides / of_others)} of other particles of "
            f"{1e9 * COUNTED_FROM_M:g} nm and more came down; vesicles are {percent(before)} of both before and "
            f"{percent(after)} in the pellet, so that a count of particles is no yield of vesicles"
        )


def _about_polymer(taken_up: Sample) -> Iterator[str]:
    polymer, concentration = held_polymer(taken_up.medium)
    if polymer is None:
        return
    thicker = float(polymer.relative_viscosity(concentration, taken_up.medium.temperature))
    if thicker > THICKENED:
        yield (
            f"the resuspended pellet holds {polymer_in_words(taken_up.medium)} of the liquid that was left on it, "
            f"which makes it {thicker:.2f} times as viscous: tracking analysis then tells particles too large"
        )
