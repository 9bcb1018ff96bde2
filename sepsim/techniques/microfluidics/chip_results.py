"""What a run of a chip tells: throughput, times, pressure, heating, and the numbers that say which effects matter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.microfluidics.chip_run import ChipRun
from sepsim.text.tables import counted, duration

DAY = 86400.0  # s
WARM = 10.0  # K of heating, from which on proteins and vesicles may suffer
LONGEST = 4  # populations in a line
UNSURE = 0.02  # error of a share
RINSED = 1e3  # dilution from which on what leaves is buffer, and no sample that is diluted


def chip_remarks(done: ChipRun) -> Iterator[str]:
    """Yield the results of a run in words.

    Parameters
    ----------
    done : ChipRun

    Yields
    ------
    str
    """
    load = done.load
    chips = counted(load.chips, "chip")
    yield (
        f"{load.volume * 1e9:.4g} uL of sample pass {chips} at {load.flow * 6e10:.3g} uL/min each in "
        f"{duration(done.chip.time(load))}; residence {done.residence:.2g} s, pressure {done.pressure * 1e-5:.2g} bar, "
        f"wall stress {done.wall_stress:.2g} Pa, Reynolds number {done.reynolds:.2g}"
    )
    diluted = [f"{name} {done.dilution(name):.3g}" for name in done.liquids if 1.0 < done.dilution(name) < RINSED]
    if diluted:
        yield f"dilution: {', '.join(diluted[:LONGEST])}-fold"
    if (passage := done.passage) is None:
        return
    yield f"Peclet numbers: {', '.join(_means(done, passage.peclet))}"
    if passage.damkohler is not None:
        yield f"Damkohler numbers: {', '.join(_means(done, passage.damkohler))}"
    if passage.heating > 0:
        yield f"the liquid in the chip is warmed by {passage.heating:.2g} K"
    yield from passage.remarks


def chip_warnings(done: ChipRun) -> Iterator[str]:
    """Yield what makes a run less certain, or takes days.

    Parameters
    ----------
    done : ChipRun

    Yields
    ------
    str
    """
    load, chip = done.load, done.chip
    time = chip.time(load)
    if time > DAY:
        yield (
            f"{load.volume * 1e9:.3g} uL of sample take {duration(time)} through {counted(load.chips, 'chip')} at "
            f"{load.flow * 6e10:.3g} uL/min each; {chip.chips_within(load, DAY)} chips side by side take a day"
        )
    yield from chip.doubts(load)
    if (passage := done.passage) is None:
        return
    if passage.heating > WARM:
        yield f"the liquid in the chip is warmed by {passage.heating:.3g} K, which proteins and vesicles may not stand"
    if passage.error > UNSURE:
        yield f"the shares of the outlets are within {100 * passage.error:.2g} %: the march did not converge further"
    yield from passage.warnings


def _means(done: ChipRun, values: FloatArray) -> Iterator[str]:
    """Yield names of populations, vesicles first, with their means over their particles."""
    table, known = done.load.sample.particles, np.isfinite(values)
    counts = np.where(known, done.load.sample.counts, 0.0)
    number = table.totals(counts)
    total = table.totals(np.where(known, values, 0.0) * counts)
    vesicles_first = sorted(range(len(table.names)), key=lambda index: table.kinds[index] != "vesicle")
    for index in [index for index in vesicles_first if number[index] > 0][:LONGEST]:
        yield f"{table.names[index]} {total[index] / number[index]:.2g}"
