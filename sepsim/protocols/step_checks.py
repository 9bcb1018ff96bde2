"""What the runner says of every step, whatever its technique: what no method need remember."""

from __future__ import annotations

from collections.abc import Iterator

from sepsim.method import Method, Outcome
from sepsim.particles.osmosis import LEAST_OSMOLALITY, state_at
from sepsim.samples.fractions import shortened
from sepsim.samples.sample import Sample
from sepsim.text_table import counted, cut

RANDOM_PACKING = 0.64  # of the volume, for spheres poured together (Scott & Kilgour 1969)
FEW = 0.01  # of the vesicles of a step, up to which a fraction is not told of
LONGEST_LIST = 80  # letters
LOST = "lost"


def step_warnings(method: Method, taken: Sample, outcome: Outcome, *, first: bool) -> Iterator[str]:
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

    Yields
    ------
    str
        One warning each: vesicles that come into a hypo-osmotic liquid, and particles that no liquid can hold.

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
    if _bursts(taken):
        if first:
            yield _of_osmolality("the sample", [taken])
    else:
        vesicles = sum(_vesicles(sample) for sample in outcome.fractions.values())
        burst = [
            name for name, sample in outcome.fractions.items() if _bursts(sample) and _vesicles(sample) > FEW * vesicles
        ]
        if told := [name for name in burst if name != LOST] or burst:
            where = cut(", ".join(shortened(told)), LONGEST_LIST)
            yield _of_osmolality(where, [outcome.fractions[name] for name in told])
    for name, sample in outcome.fractions.items():
        filled = float(sample.counts @ state_at(sample.particles, sample.medium.osmolality).volume)
        if filled > RANDOM_PACKING * sample.volume > 0 and not method.spent(name):
            yield (
                f"{name}: its particles take {filled * 1e6:.3g} mL of its {sample.volume * 1e6:.3g} mL; at most "
                f"{RANDOM_PACKING:.0%} of a volume can be particles: this is no suspension; use more liquid"
            )


def unused(steps: int) -> str:
    """Return what is said of a step of which no later one takes anything.

    Parameters
    ----------
    steps : int
        How many come later.

    Returns
    -------
    str

    Examples
    --------
    >>> unused(1)
    'nothing of it goes on: none of the 1 step after it takes any of its fractions'
    """
    return f"nothing of it goes on: none of the {counted(steps, 'step')} after it takes any of its fractions"


def _vesicles(sample: Sample) -> float:
    """Return the number of particles that answer to the osmolality."""
    return float(sample.counts @ (sample.particles.osmotic_water > 0))


def _bursts(sample: Sample) -> bool:
    """Return whether vesicles of a liquid sample would swell or burst."""
    return sample.volume > 0 and sample.medium.osmolality < LEAST_OSMOLALITY and _vesicles(sample) >= 1


def _of_osmolality(where: str, samples: list[Sample]) -> str:
    osmolalities = [1e3 * sample.medium.osmolality for sample in samples]
    low, high = f"{min(osmolalities):.0f}", f"{max(osmolalities):.0f}"
    return (
        f"{where}: {low if low == high else f'{low} to {high}'} mOsm/kg; vesicles swell or burst below "
        f"{LEAST_OSMOLALITY * 1e3:.0f} mOsm/kg, but are computed with their iso-osmotic size and density; take an "
        "iso-osmotic liquid"
    )
