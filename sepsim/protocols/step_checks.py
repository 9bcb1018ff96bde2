"""What the runner says of every step, whatever its technique: what no method need remember."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sepsim.method import Method, Outcome
from sepsim.particles.osmosis import LEAST_OSMOLALITY
from sepsim.samples.crowding import RANDOM_CLOSE_PACKING, about_crowding, filled_share
from sepsim.samples.fractions import shortened
from sepsim.samples.sample import Sample
from sepsim.text.tables import cut

LONGEST_LIST = 80  # letters
LOST = "lost"
UNUSED = "nothing of it goes on: no later step takes any of its fractions"


def step_warnings(method: Method, taken: Sample, outcome: Outcome, *, first: bool, dry: bool = False) -> Iterator[str]:
    """Yield what makes the outcome of any step less certain.

    Parameters
    ----------
    method : Method
        What was done.
    taken : Sample
        What the step treated.
    outcome : Outcome
    first : bool
        Whether it treated the load, of which no step before has told.
    dry : bool
        Whether volumes and contents are rough, so that nothing is said of how full a fraction is.

    Yields
    ------
    str
        One warning each: vesicles that come into a hypo-osmotic liquid, particles that hinder one another, and more of
        them than a liquid can hold.

    Notes
    -----
    Spheres poured together fill at most 64 % of a volume (Scott & Kilgour 1969, doi 10.1088/0022-3727/2/6/311).

    Examples
    --------
    >>> import sepsim
    >>> urine = sepsim.sample_from_catalog("urine", volume_mL=1).prepare()
    >>> dilution = sepsim.Dilution(medium="water", factor=10)
    >>> next(step_warnings(dilution, urine, dilution.run(urine, rng=None), first=True))[:20]
    'diluted: 60 mOsm/kg;'
    """
    if taken.counts @ (taken.particles.osmotic_water > 0) >= 1.0:  # vesicles
        yield from _about_osmolality(taken, outcome, first)
    if not first:  # of the load its recipe tells
        yield from about_crowding(taken)
    for name, sample in () if dry else outcome.fractions.items():
        if sample.volume > 0 and not method.spent(name) and (share := filled_share(sample)) > RANDOM_CLOSE_PACKING:
            yield (
                f"{name}: its particles take {share * sample.volume * 1e6:.3g} mL of its {sample.volume * 1e6:.3g} mL; "
                f"at most {RANDOM_CLOSE_PACKING:.0%} of a volume can be particles: no suspension; use more liquid"
            )


def _about_osmolality(taken: Sample, outcome: Outcome, first: bool) -> Iterator[str]:
    """Tell where vesicles come into a hypo-osmotic liquid, and not again as long as they are in it."""
    if _is_hypo_osmotic(taken):
        if first:
            yield _told("the sample", [taken])
        return
    hypo = [name for name, sample in outcome.fractions.items() if _is_hypo_osmotic(sample)]
    if shown := [name for name in hypo if name != LOST] or hypo:
        yield _told(cut(", ".join(shortened(shown)), LONGEST_LIST), [outcome.fractions[name] for name in shown])


def _is_hypo_osmotic(sample: Sample) -> bool:
    return sample.volume > 0 and sample.medium.osmolality < LEAST_OSMOLALITY


def _told(where: str, samples: Sequence[Sample]) -> str:
    osmolalities = [1e3 * sample.medium.osmolality for sample in samples]
    low, high = f"{min(osmolalities):.0f}", f"{max(osmolalities):.0f}"
    return (
        f"{where}: {low if low == high else f'{low} to {high}'} mOsm/kg; vesicles swell or burst below "
        f"{LEAST_OSMOLALITY * 1e3:.0f} mOsm/kg, but are computed with their iso-osmotic size and density; take an "
        "iso-osmotic liquid"
    )
