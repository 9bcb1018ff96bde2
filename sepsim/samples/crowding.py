"""How much of a liquid its particles take up: where they hinder one another, and where no suspension can be so full."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sepsim.errors import InputError
from sepsim.particles.osmosis import state_at
from sepsim.particles.population import AMOUNTS, SIZES, Population
from sepsim.samples.sample import Sample
from sepsim.text.tables import percent

RANDOM_CLOSE_PACKING = 0.64  # share of the volume that spheres take when poured together: 0.6366, Scott & Kilgour 1969
JAMMING_COVERAGE = 0.547  # share of a wall that discs cover which adsorb at random and stay: Feder 1980
CROWDED = 0.05  # share of the volume from which particles hinder one another
SOLUTE_DIAMETER_M = 30e-9  # what is smaller is already in the viscosity of its medium


def load_crowding(populations: Sequence[Population]) -> Iterator[str]:
    """Yield whether the particles of a sample hinder one another, from the laws of their sizes.

    The answer does not depend on the bins of a run. Every particle counts with its hydrodynamic volume, n pi <d^3>/6.

    Parameters
    ----------
    populations : sequence of Population
        Of the sample.

    Yields
    ------
    str

    Raises
    ------
    InputError
        If they take more of the volume than spheres can; names the population that takes most.

    Notes
    -----
    Equal spheres that are poured together and shaken take 0.6366 of the volume (Scott & Kilgour 1969,
    doi 10.1088/0022-3727/2/6/311); a suspension that flows holds less. Blood with 45 % of cells is legal. The warning
    counts populations whose mean volume is that of a sphere of 30 nm or more: what is smaller is part of the medium.

    Examples
    --------
    >>> from sepsim.particles.catalog import population
    >>> next(load_crowding([population({"name": "erythrocyte", "particles_per_mL": 4.5e9})])).split(",")[0]
    "particles take 41.8 % of the sample's volume"
    """
    shares = [who.volume_fraction for who in populations]
    if sum(shares) > RANDOM_CLOSE_PACKING:
        share, who = _largest(shares, populations)
        raise InputError(
            f"particles take {sum(shares):.3g} times the volume of the sample, and spheres poured together at most "
            f"{RANDOM_CLOSE_PACKING:g}; most of it is population {who.name!r} with {share:.3g} times the volume, from "
            f"{who.stated(*AMOUNTS, *SIZES)}: give it a lower amount, smaller sizes or a narrower spread, or as many "
            "particles in a larger volume_mL"
        )
    suspended = [
        share if who.mean_volume >= math.pi / 6.0 * SOLUTE_DIAMETER_M**3 else 0.0
        for share, who in zip(shares, populations, strict=True)
    ]
    if sum(suspended) > CROWDED:
        _, who = _largest(suspended, populations)
        yield (
            f"particles take {percent(sum(suspended))} of the sample's volume, most of it population {who.name!r} "
            f"({who.stated(*AMOUNTS, *SIZES)}); above {100 * CROWDED:g} % they hinder one another, which the models "
            "leave out: dilute it"
        )


def filled_share(sample: Sample, smallest: float = 0.0) -> float:
    """Return the share of a sample's volume that its particles take.

    Parameters
    ----------
    sample : Sample
        With liquid.
    smallest : float [m]
        Diameter of the smallest that count.

    Returns
    -------
    float [-]

    Examples
    --------
    >>> import sepsim
    >>> filled_share(sepsim.sample_from_catalog("urine", volume_mL=1).prepare()) < 0.01
    True
    """
    counted = sample.particles.moving(sample.counts) * (sample.particles.diameter >= smallest)
    return float(counted @ state_at(sample.particles, sample.medium.osmolality).volume) / sample.volume


def about_crowding(sample: Sample) -> Iterator[str]:
    """Yield whether the particles of a sample within a run are so many that they hinder one another.

    Parameters
    ----------
    sample : Sample
        What a step treats; nothing is said of one without liquid.

    Yields
    ------
    str

    Examples
    --------
    >>> import sepsim
    >>> [*about_crowding(sepsim.sample_from_catalog("urine", volume_mL=1).prepare())]
    []
    """
    if sample.volume > 0 and (share := filled_share(sample, SOLUTE_DIAMETER_M)) > CROWDED:
        yield (
            f"particles fill {share:.1%} of the volume; above {CROWDED:.0%} they hinder one another and move more "
            "slowly than computed"
        )


def refuse_fuller(sample: Sample) -> None:
    """Raise if the particles of a sample within a run would fill more than all of its volume.

    Parameters
    ----------
    sample : Sample
        What a step treats.

    Raises
    ------
    InputError
        If they would.

    Examples
    --------
    >>> import sepsim
    >>> refuse_fuller(sepsim.sample_from_catalog("urine", volume_mL=1).prepare())
    """
    if sample.volume > 0 and (share := filled_share(sample, SOLUTE_DIAMETER_M)) > 1.0:
        raise InputError(
            f"the particles would fill {share:.3g} times the volume of the sample; lower their amounts, or take them "
            "up in more liquid"
        )


def _largest(shares: Sequence[float], populations: Sequence[Population]) -> tuple[float, Population]:
    return max(zip(shares, populations, strict=True), key=lambda pair: pair[0])
