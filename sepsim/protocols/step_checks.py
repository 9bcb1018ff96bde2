"""What the runner says of every step, whatever its technique: what no method need remember."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sepsim.arrays import BoolArray
from sepsim.media import ConstantFluid
from sepsim.method import Method, Outcome
from sepsim.particles.osmosis import LYTIC_STRAIN, lysis_osmolality, water_share
from sepsim.samples.crowding import RANDOM_CLOSE_PACKING, about_crowding, filled_share
from sepsim.samples.fractions import shortened
from sepsim.samples.sample import Sample
from sepsim.text.tables import cut
from sepsim.units import from_si

LONGEST_LIST = 80  # letters
TOLD_SHARE = 0.01  # of a population that bursts or collapses
LARGEST_LOSS = 0.85  # of the free water of a vesicle
DENSE_G_ML = 1.03  # beyond biofluids and buffers
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
        One warning each: vesicles that burst in a hypo-osmotic liquid or lose nearly all water in a concentrated one,
        dense fluids that count as iso-osmotic because nothing else was said, particles that hinder one another, and
        more of them than a liquid can hold.

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
    if taken.counts @ (taken.particles.osmotic_water.free > 0) >= 1.0:
        yield from _about_osmolality(taken, outcome, first)
    yield from _about_own_fluids(taken, outcome, first)
    if not first:  # of the load its recipe tells
        yield from about_crowding(taken)
    for name, sample in () if dry else outcome.fractions.items():
        if sample.volume > 0 and not method.spent(name) and (share := filled_share(sample)) > RANDOM_CLOSE_PACKING:
            yield (
                f"{name}: its particles take {share * sample.volume * 1e6:.3g} mL of its {sample.volume * 1e6:.3g} mL; "
                f"at most {RANDOM_CLOSE_PACKING:.0%} of a volume can be particles: no suspension; use more liquid"
            )


def _about_osmolality(taken: Sample, outcome: Outcome, first: bool) -> Iterator[str]:
    """Tell where vesicles burst or collapse, and not again as long as they are in such a liquid."""
    for affected, tell in ((_burst, _of_bursting), (_collapsed, _of_collapse)):
        if np.any(affected(taken, taken)):
            if first:
                yield f"the sample: {tell(taken, [taken])}"
            continue
        found = [name for name, sample in outcome.fractions.items() if np.any(affected(taken, sample))]
        if shown := [name for name in found if name != LOST] or found:
            where = cut(", ".join(shortened(shown)), LONGEST_LIST)
            yield f"{where}: {tell(taken, [outcome.fractions[name] for name in shown])}"


def _about_own_fluids(taken: Sample, outcome: Outcome, first: bool) -> Iterator[str]:
    """Tell of dense fluids whose osmolality nobody gave, where particles that answer to it come into them."""
    water = taken.particles.osmotic_water
    if taken.counts @ ((water.free > 0) | (water.hydration > 0)) < 1.0:
        return
    known, come = (
        _dense_fluids(taken),
        [each for sample in outcome.fractions.values() for each in _dense_fluids(sample)],
    )
    for fluid in dict.fromkeys([*known, *come] if first else [each for each in come if each not in known]):
        yield (
            f"{fluid.name} of {fluid.density_g_mL:g} g/mL counts as iso-osmotic, {1e3 * fluid.osmolality:g} mOsm/kg, "
            "where vesicles and lipoproteins keep their water; if salt or sugar makes it dense, give osmolality_mOsm_kg"
        )


def _dense_fluids(sample: Sample) -> list[ConstantFluid]:
    return [
        part
        for part, share in sample.medium.components
        if isinstance(part, ConstantFluid) and share > TOLD_SHARE and sample.volume > 0
        if part.density_g_mL > DENSE_G_ML and part.osmolality_mOsm_kg is None
    ]


def _burst(taken: Sample, sample: Sample) -> BoolArray:
    """Return which classes burst that came into this liquid, though they may have left it again."""
    return _of_note(taken, lysis_osmolality(taken.particles) > sample.medium.osmolality) & (sample.volume > 0)


def _collapsed(taken: Sample, sample: Sample) -> BoolArray:
    """Return which classes in this liquid have lost nearly all free water."""
    lost = 1.0 - water_share(taken.particles, sample.medium.osmolality)
    return _of_note(sample, lost > LARGEST_LOSS) & (sample.volume > 0)


def _of_note(sample: Sample, affected: BoolArray) -> BoolArray:
    """Return the affected classes that are there, of populations with more than a hundredth of such particles."""
    totals, here = sample.particles.totals, affected & (sample.counts > 0)
    noted = totals(sample.counts * here) > TOLD_SHARE * totals(sample.counts)
    return here & noted[sample.particles.population]


def _of_bursting(taken: Sample, samples: Sequence[Sample]) -> str:
    particles = taken.particles
    burst = np.any([_burst(taken, sample) for sample in samples], axis=0)
    sizes = {
        particles.names[index]: from_si(
            "diameter_nm", particles.diameter[burst & (particles.population == index)].min()
        )
        for index in np.unique(particles.population[burst])
    }
    told = ", ".join(f"{name} from {size:.3g} nm on" for name, size in sizes.items())
    return (
        f"{_osmolalities(samples)}; vesicles burst there ({told}): their membrane gives way at {LYTIC_STRAIN:.0%} more "
        "area; they are computed whole and as large as that; take an iso-osmotic liquid"
    )


def _of_collapse(taken: Sample, samples: Sequence[Sample]) -> str:
    particles = taken.particles
    collapsed = np.any([_collapsed(taken, sample) for sample in samples], axis=0)
    names = ", ".join(particles.named(collapsed))
    return (
        f"{_osmolalities(samples)}; more than {LARGEST_LOSS:.0%} of the free water has left vesicles ({names}), beyond "
        "what is known of so dense a lumen; their densities are uncertain"
    )


def _osmolalities(samples: Sequence[Sample]) -> str:
    found = [1e3 * sample.medium.osmolality for sample in samples]
    low, high = (f"{round(each, -1 if each >= 100.0 else 0):.0f}" for each in (min(found), max(found)))
    return f"{low if low == high else f'{low} to {high}'} mOsm/kg"
