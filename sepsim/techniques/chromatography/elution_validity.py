"""Warnings about an elution: column, load, correlations, eluent, binding, numerics, and what stays behind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sepsim.arrays import BoolArray, FloatArray
from sepsim.errors import did_you_mean
from sepsim.particles.catalog import population_names
from sepsim.particles.osmosis import state_at
from sepsim.samples.sample import Sample
from sepsim.techniques.chromatography.column_conditions import (
    DISPERSION_RANGE,
    FILM_RANGE,
    MODELS,
    Conditions,
    reynolds_number,
)
from sepsim.techniques.chromatography.columns.columns import Bed, Column
from sepsim.techniques.chromatography.elution import Elution
from sepsim.units import from_si, to_si

LARGEST_LOAD = 0.05  # of the bed; beyond it the load widens every peak
ROUND_OFF = 1e-9
LARGEST_REMAINDER = 0.03  # of a population, on the column in the end
LARGEST_VOID_SHARE = 0.05  # of a population of vesicles, before fraction 1
LARGEST_STEPPING_ERROR = 0.01  # of a population, in a fraction
STRAINED = 0.1  # of the diameter of the beads, whose gaps are about 0.15 wide; Herzig 1970, recalled
FEW = 0.01  # of a population


def elution_warnings(sample: Sample, elution: Elution) -> Iterator[str]:
    """Yield the warnings about an elution, a sentence each.

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
    yield from _about_velocity(elution.conditions)
    yield from _about_straining(sample, elution.conditions)
    for bed in elution.column.beds:
        if bed.resin.binds:
            yield from _about_names(sample, bed)
            yield from _about_bound(sample, bed)
            yield from _about_capacity(sample, bed)
            yield from _about_capture(sample, bed, elution.conditions)
    yield from _about_steps(elution)
    yield from _about_void(sample, elution)
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
    return all(_loaded(sample) & set(bed.resin.binds) for bed in column.beds)


def _loaded(sample: Sample) -> set[str]:
    return {name for name, number in sample.by_population.items() if number > 0}


def _about_column(column: Column) -> Iterator[str]:
    if column.confidence == "unverified":
        yield (
            f"column {column.name!r}: its dimensions are unverified, and with them its void volume of "
            f"{column.void_volume * 1e6:.3g} mL, on which the place of every peak depends; measure yours"
        )


def _about_load(sample: Sample, column: Column) -> Iterator[str]:
    share = sample.volume / column.volume
    if share > LARGEST_LOAD * (1.0 + ROUND_OFF):
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


def _about_velocity(conditions: Conditions) -> Iterator[str]:
    for bed in conditions.column.beds:
        most = bed.resin.max_velocity_cm_h
        if most is not None and conditions.flow / bed.cross_section > to_si("max_velocity_cm_h", most):
            velocity = from_si("max_velocity_cm_h", conditions.flow / bed.cross_section)
            yield (
                f"the liquid comes at {velocity:.3g} cm/h; beads of {bed.resin.name!r} keep their shape up to {most:g} "
                "cm/h, beyond it the bed is compressed: lower the flow, or take a wider column"
            )


def _about_straining(sample: Sample, conditions: Conditions) -> Iterator[str]:
    diameter = state_at(sample.particles, conditions.eluent.osmolality).diameter
    for bed in conditions.column.beds:
        limit = STRAINED * 2.0 * bed.resin.bead_radius
        shares = _shares(sample, diameter > limit, FEW)
        if shares:
            yield (
                f"{shares} larger than a tenth of the beads of {bed.resin.name!r}, {limit * 1e6:.3g} um: they would be "
                "strained between the beads and clog the bed, but are let through; remove them before"
            )


def _shares(sample: Sample, part: BoolArray | FloatArray, beyond: float) -> str:
    """List the populations of which more than a share belongs to a part of the classes, or of each class."""
    loaded = sample.particles.totals(sample.counts)
    numbers = sample.particles.totals(sample.counts * part)
    return ", ".join(
        f"{number / total:.0%} of {name}"
        for name, number, total in zip(sample.particles.names, numbers, loaded, strict=True)
        if number > max(beyond * total, 1.0)  # of less than one particle nothing is told
    )


def _about_names(sample: Sample, bed: Bed) -> Iterator[str]:
    """Yield which names of what a resin binds mean nothing, and whether it binds anything at all."""
    known = (*sample.particles.names, *population_names())
    for name in bed.resin.binds:
        if name not in known:
            yield (
                f"resin {bed.resin.name!r} binds {name!r}, which is neither in the sample nor in the catalogue"
                f"{did_you_mean(name, known)}"
            )
    if not _loaded(sample) & set(bed.resin.binds):
        yield (
            f"resin {bed.resin.name!r} binds nothing of what is loaded, only {', '.join(bed.resin.binds)}; populations "
            "are bound by their names"
        )


def _about_bound(sample: Sample, bed: Bed) -> Iterator[str]:
    bound = [name for name in bed.resin.binds if name in _loaded(sample)]
    if bed.resin.confidence == "unverified" and bound:
        yield (
            f"only {', '.join(bound)} bind to {bed.resin.name!r} in this model; everything else is taken as unbound, "
            "so that the purity of what is bound is an upper bound, as is the yield of what is not"
        )


def _about_capacity(sample: Sample, bed: Bed) -> Iterator[str]:
    particles = sample.particles
    number = dict(zip(particles.names, particles.totals(particles.felt(sample.counts)), strict=True))
    taken = {
        name: number[name] / (binding.capacity * bed.volume)
        for name, binding in bed.resin.binds.items()
        if number.get(name, 0.0) > 0.0
    }
    if sum(taken.values()) > 1.0:
        full = ", ".join(name for name, share in taken.items() if share > FEW)
        yield (
            f"the load of {full} is {sum(taken.values()):.0%} of what {bed.resin.name!r} binds; the rest runs through: "
            "load less, or take a larger bed"
        )


def _about_capture(sample: Sample, bed: Bed, conditions: Conditions) -> Iterator[str]:
    names = {name for name, binding in bed.resin.binds.items() if binding.capture_per_s > 0.0}
    captured = np.array([name in names for name in sample.particles.names])[sample.particles.population]
    diameter = state_at(sample.particles, conditions.eluent.osmolality).diameter
    shares = _shares(sample, captured & (bed.resin.partition(0.5 * diameter) == 0.0), FEW)
    if shares:
        yield (
            f"{shares} too large for the pores of {bed.resin.name!r}, where alone capture_per_s acts; for binding at "
            "the surface of the beads give a retention_factor"
        )


def _about_steps(elution: Elution) -> Iterator[str]:
    if elution.stepping_error > LARGEST_STEPPING_ERROR:
        yield (
            f"fractions of the stepped solution are uncertain by up to {elution.stepping_error:.1%} of what is loaded "
            "of a population; collect less, or load fewer kinds and sizes"
        )


def _about_void(sample: Sample, elution: Elution) -> Iterator[str]:
    if elution.count_offset == 0.0:
        return
    vesicle = sample.particles.of_kind("vesicle")
    shares = _shares(sample, vesicle * elution.collected.shares[0], LARGEST_VOID_SHARE)
    if shares:
        yield (
            f"{shares} in the fraction 'void': vesicles begin to leave before the end of the void volume; count from "
            "the sample and keep a window that begins earlier"
        )


def _about_remainder(sample: Sample, elution: Elution) -> Iterator[str]:
    shares = _shares(sample, elution.collected.remaining, LARGEST_REMAINDER)
    if shares:
        end = elution.collected.borders[-1]
        yield (
            f"{shares} still on the column when the last fraction ends, {end * 1e6:.3g} mL after the sample enters; "
            "collect more, or wash the column before its next use"
        )
