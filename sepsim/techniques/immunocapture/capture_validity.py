"""Where capture by beads stops being what the model says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sepsim.techniques.immunocapture.capture_model import CONSTANTS
from sepsim.text.tables import percent

if TYPE_CHECKING:
    from sepsim.techniques.immunocapture.beads.magnets import Magnet
    from sepsim.techniques.immunocapture.captured_sample import Capture

NANOBEAD = 0.2e-6  # m
SMALLEST_BEAD, LARGEST_BEAD = 0.05, 5.0  # um, within which the rates hold
COLUMN_GRADIENT = 1e3  # T/m, above which no magnet beside a tube reaches
MISSED = 0.05  # of the beads
FILLED = 0.5  # of the room on the beads
LITTLE = 0.01  # of a class
CROWDED = 0.05  # of the volume, by beads
TAKEN = 0.5  # of ligands or antigens


def capture_warnings(done: Capture, magnet: Magnet, time: float) -> Iterator[str]:
    """Yield what makes a capture less certain.

    Parameters
    ----------
    done : Capture
    magnet : Magnet
    time : float [s]
        Of one collection.

    Yields
    ------
    str
    """
    yield from _about_magnet(done, magnet, time)
    yield from _about_mixing(done)
    yield from _about_room(done)
    yield from _about_size(done)
    yield from _about_earlier_beads(done)
    yield from _about_competition(done)
    yield from _about_riders(done)
    if done.handling.elution is not None and done.handling.elution.damages:
        yield f"elution {done.handling.elution.name!r} may damage vesicles and their antigens, which is left out"
    if done.incubation.exhausted:
        yield "the steps of the incubation were used up before its end; what is told is an earlier time"


def _about_riders(done: Capture) -> Iterator[str]:
    """Tell what purity rests on: how much of what goes with vesicles is bound to them."""
    load = done.load
    variants = load.particles.variants
    assert variants is not None  # by `capture`
    if not np.any(load.counts[load.particles.rides & ~variants.carried] > 0):
        return
    key = "association_bound_percent"
    _, low, high = CONSTANTS.bounds(key)
    yield (
        f"of the lipoproteins and proteins that go with vesicles {getattr(done.incubation.conditions.model, key):g} % "
        f"are taken to be bound to them (capture_model: {key}; {low:g} to {high:g} are defensible), and the rest to "
        "carry no antigen: how pure the product is rests on this choice"
    )


def _about_magnet(done: Capture, magnet: Magnet, time: float) -> Iterator[str]:
    bead, collected = done.incubation.conditions.bead, done.handling.collected
    if 2.0 * bead.radius < NANOBEAD and magnet.gradient_T_m < COLUMN_GRADIENT and not magnet.rcf_xg:
        yield (
            f"magnet = {magnet.name!r}: single beads of {bead.diameter_um:g} um come to it too slowly, "
            f"{percent(collected)} in {time / 60:.3g} min; they chain up and come sooner, which is left out: "
            "use a column"
        )
    elif collected < 1.0 - MISSED:
        yield (
            f"magnet = {magnet.name!r}: collects {percent(collected)} of the beads in {time / 60:.3g} min; give it more"
        )


def _about_mixing(done: Capture) -> Iterator[str]:
    conditions, time = done.incubation.conditions, float(done.incubation.times[-1])
    if conditions.clearing_time < time:
        yield (
            f"without mixing all beads have left the liquid after {conditions.clearing_time / 60:.3g} of "
            f"{time / 60:.3g} min, and capture stalls; rotate the tubes"
        )
    if (filling := conditions.beads * conditions.bead.volume) > CROWDED:
        yield f"beads fill {percent(filling)} of the volume; the rates are those of dilute beads"


def _about_room(done: Capture) -> Iterator[str]:
    if (coverage := float(done.incubation.coverage[-1])) > FILLED:
        yield f"{percent(coverage)} of the room on the beads is taken up; more beads would bind more"


def _about_earlier_beads(done: Capture) -> Iterator[str]:
    """Tell of vesicles that are on beads already."""
    table, variants = done.load.particles, done.load.particles.variants
    assert variants is not None  # by `capture`
    vesicle = table.of_kind("vesicle")
    vesicles = done.load.counts * vesicle
    on_beads = float(vesicles @ variants.carried) / max(float(vesicles.sum()), 1e-300)
    if on_beads > LITTLE:
        told = f"{percent(on_beads)} of the vesicles are on beads of an earlier step, and stay on those"
        yield told if done.handling.elution is None else f"{told}: lost, unless the step that bound them elutes them"


def _about_size(done: Capture) -> Iterator[str]:
    """Yield whether beads are unlike those that are known, and which populations are larger than they are."""
    table, bead = done.load.particles, done.incubation.conditions.bead
    assert table.variants is not None  # by `capture`
    if not SMALLEST_BEAD <= bead.diameter_um <= LARGEST_BEAD:
        known = f"{SMALLEST_BEAD:g} to {LARGEST_BEAD:g} um"
        yield f"beads of {bead.diameter_um:g} um: what is computed is known to hold for beads of {known}"
    if 2.0 * bead.radius < NANOBEAD:
        return
    bound = done.incubation.of_rows(done.incubation.bound)[-1][done.group] > LITTLE
    larger = table.diameter[done.rows] > 2.0 * bead.radius
    clusters = table.variants.in_body[done.rows]
    found = table.population[done.rows][bound & larger & ~clusters]
    names = [name for index, name in enumerate(table.names) if index in found]
    if np.any(bound & larger & clusters):
        names.append("clusters")
    if names:
        yield f"{', '.join(names)}: larger than the beads; rates and room are those of small particles on large beads"


def _about_competition(done: Capture) -> Iterator[str]:
    conditions = done.incubation.conditions
    left = conditions.competition
    if left.open_sites < TAKEN:
        yield f"soluble antigen takes {percent(1.0 - left.open_sites)} of the ligands; more beads would leave more"
    if left.open_antigens < TAKEN:
        yield f"free antibody masks {percent(1.0 - left.open_antigens)} of the antigens"
    if conditions.soluble_antigen or conditions.free_antibody:
        slowest = 1.0 / conditions.ligand.k_off
        if slowest > float(done.incubation.times[-1]):
            yield (
                "soluble antigen and free antibody are taken to be in equilibrium from the start, which is an upper "
                f"bound: a bond lasts {slowest / 60:.3g} min"
            )
