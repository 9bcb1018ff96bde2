"""What makes an elution doubtful: the column, the load, the correlations, the eluent, and what stays behind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sepsim.column_run import DISPERSION_RANGE, FILM_RANGE, MODELS, Conditions, reynolds_number
from sepsim.elution import Elution
from sepsim.equipment.columns import Column
from sepsim.sample import Sample
from sepsim.spin_doubts import LEAST_OSMOLALITY

LARGEST_LOAD = 0.05  # of the bed; beyond it the load widens every peak
LARGEST_REMAINDER = 0.03  # of a population, on the column in the end


def elution_doubts(sample: Sample, elution: Elution) -> Iterator[str]:
    """Yield what makes an elution doubtful, a sentence each.

    Parameters
    ----------
    sample : Sample
        What was loaded.
    elution : Elution

    Yields
    ------
    str
    """
    yield from _about_column(elution.column)
    if not binds(elution.column, sample):
        yield from _about_load(sample, elution.column)
    yield from _about_correlations(elution.conditions)
    yield from _about_osmolality(sample, elution.conditions)
    yield from _about_remainder(sample, elution)


def binds(column: Column, sample: Sample) -> bool:
    """Return whether every bed of a column binds some of a sample, so that it may take many times its volume.

    Parameters
    ----------
    column : Column
    sample : Sample

    Returns
    -------
    bool
    """
    loaded = {name for name, number in sample.by_population.items() if number > 0}
    return all(loaded & set(bed.resin.binds) for bed in column.beds)


def _about_column(column: Column) -> Iterator[str]:
    if column.confidence == "unverified":
        yield (
            f"column {column.name!r}: its dimensions are unverified, and with them its void volume of "
            f"{column.void_volume * 1e6:.3g} mL, on which the place of every peak depends; measure yours"
        )


def _about_load(sample: Sample, column: Column) -> Iterator[str]:
    share = sample.volume / column.volume
    if share > LARGEST_LOAD:
        yield (
            f"the sample of {sample.volume * 1e6:.3g} mL is {share:.0%} of the bed of {column.volume * 1e6:.3g} mL; "
            f"above {LARGEST_LOAD:.0%} the load widens the peaks: concentrate it first, or take a larger column"
        )


def _about_correlations(conditions: Conditions) -> Iterator[str]:
    used = {"film (Wilson & Geankoplis 1966)": FILM_RANGE, "axial dispersion (Chung & Wen 1968)": DISPERSION_RANGE}
    if conditions.model == MODELS[2]:
        del used["film (Wilson & Geankoplis 1966)"]
    if conditions.dispersion is not None:
        del used["axial dispersion (Chung & Wen 1968)"]
    for bed in conditions.column.beds:
        reynolds = reynolds_number(bed, conditions.flow, conditions.eluent)
        for name, (lowest, highest) in used.items():
            if not lowest <= reynolds <= highest:
                yield (
                    f"Reynolds number {reynolds:.2g} of the beads of {bed.resin.name!r} is outside {lowest:g} to "
                    f"{highest:g}, for which the correlation of the {name} holds"
                )


def _about_osmolality(sample: Sample, conditions: Conditions) -> Iterator[str]:
    respond = np.any((sample.particles.osmotic_water > 0) & (sample.counts > 0))
    if respond and conditions.eluent.osmolality < LEAST_OSMOLALITY:
        yield (
            f"the eluent has {conditions.eluent.osmolality * 1e3:.0f} mOsm/kg; vesicles swell or burst below "
            f"{LEAST_OSMOLALITY * 1e3:.0f} mOsm/kg, but are computed with their iso-osmotic size; take an iso-osmotic "
            "buffer"
        )


def _about_remainder(sample: Sample, elution: Elution) -> Iterator[str]:
    loaded = sample.particles.totals(sample.counts)
    left = sample.particles.totals(sample.counts * elution.collected.remaining)
    shares = {
        name: float(part / total)
        for name, part, total in zip(sample.particles.names, left, loaded, strict=True)
        if part > LARGEST_REMAINDER * total
    }
    if shares:
        listed = ", ".join(f"{share:.0%} of {name}" for name, share in shares.items())
        end = elution.collected.borders[-1]
        yield (
            f"{listed} still on the column when the last fraction ends, {end * 1e6:.3g} mL after the sample enters; "
            "collect more, or wash the column before its next use"
        )
