"""What the pictures of a gradient show: which spin, which populations, at which of the times that were recorded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Real

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import NOT_A_STEP, wrapped
from sepsim.drawing.curves import chosen
from sepsim.drawing.palette import Look, looks
from sepsim.errors import InputError, collected_warnings
from sepsim.method import StepResult
from sepsim.rotors.rotors import rcf
from sepsim.settings import as_float
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.spin import Spin
from sepsim.units import from_si, to_si

PREFERRED = ("exosome", "microvesicle", "ldl", "hdl", "albumin", "apoptotic_body")
MOST_BY_DEFAULT = 5
ROTOR_WIDTH = 40  # letters
SLICES = 400  # of the liquid, of equal volume
BLUR = 8  # slices, the full width at half maximum of what one place is seen as


def gradient_spin(step: GradientSpin | StepResult) -> GradientSpin:
    """Return the spin in a gradient of a step, or raise InputError with the picture that fits instead."""
    if isinstance(step, GradientSpin):
        return step
    if not hasattr(step, "outcome"):
        raise InputError(NOT_A_STEP)
    trace = step.outcome.trace
    if not isinstance(trace, GradientSpin):
        fits = "tube_during_spin" if isinstance(trace, Spin) else "protocol_flow"
        raise InputError(f"step {step.name!r}: {step.technique} is no spin in a gradient; draw it with {fits}")
    return trace


def seen(spin: GradientSpin, populations: str | Sequence[str] | None) -> dict[str, Look]:
    """Return the populations to draw, by default up to five of the usual ones, and how each looks."""
    totals = spin.particles.totals(spin.counts)
    loaded = [name for name, total in zip(spin.particles.names, totals, strict=True) if total > 0]
    known = [name for name in PREFERRED if name in loaded]
    default = [*known, *(name for name in loaded if name not in known)][:MOST_BY_DEFAULT]
    every = looks(spin.particles.names)
    return {name: every[name] for name in chosen(populations, loaded, default)}


def frames_at(spin: GradientSpin, key: str, times: float | Sequence[float]) -> list[int]:
    """Return the recorded frames that are nearest to times [min], in order, each once.

    Raises
    ------
    InputError
        If there is no time, or one is no finite number or lies outside the run; it names the key.
    """
    given = [times] if isinstance(times, Real) else [*times] if isinstance(times, Iterable) else [times]
    numbers = [as_float(time) for time in given]
    end = from_si("time_min", float(spin.times[-1]))
    if not given or not all(number is not None and 0 <= number <= end * (1 + 1e-9) for number in numbers):
        raise InputError(
            f"{key} = {times!r}: must be one or more numbers [min] from 0 to {end:.6g}, the end of the run"
        )
    wanted = [to_si("time_min", number) for number in numbers if number is not None]
    return sorted({int(np.argmin(np.abs(spin.times - time))) for time in wanted})


def slice_middles(spin: GradientSpin) -> FloatArray:
    """Return the volume above the middle of each of the slices that pictures show, shape (n_slices,) [mL]."""
    volume = float(spin.column.depths[-1]) * 1e6
    return np.linspace(0.5 / SLICES, 1.0 - 0.5 / SLICES, SLICES) * volume


def percent_per_volume(spin: GradientSpin, name: str) -> FloatArray:
    """Return how much of the load of a population there is per mL of a tube, shape (n_frames, n_slices) [%/mL].

    Means over fiftieths of the volume, weighted as a triangle, so that what lies at one place can be seen; what would
    reach beyond an end is mirrored there, so that nothing is lost.
    """
    index = spin.particles.names.index(name)
    depths = spin.column.depths
    borders = np.linspace(0.0, depths[-1], SLICES + 1)
    above = np.cumsum(np.pad(spin.populations[:, index], ((0, 0), (1, 0))), axis=1)
    held = np.diff([np.interp(borders, depths, numbers) for numbers in above], axis=1)
    weights = np.convolve(np.ones(BLUR), np.ones(BLUR)) / BLUR**2
    mirrored = np.pad(held, ((0, 0), (BLUR - 1, BLUR - 1)), mode="symmetric")
    seen = np.array([np.convolve(numbers, weights, mode="valid") for numbers in mirrored])
    slice_mL = float(depths[-1]) * 1e6 / SLICES
    density: FloatArray = seen * (100.0 / float(spin.particles.totals(spin.counts)[index]) / slice_mL)
    return density


def pellet_shares(spin: GradientSpin, name: str) -> FloatArray:
    """Return the share of a population in the pellet, shape (n_frames,) [-]."""
    index = spin.particles.names.index(name)
    shares: FloatArray = spin.pellets[:, index] / spin.particles.totals(spin.counts)[index]
    return shares


def liquid_density(spin: GradientSpin, frame: int) -> FloatArray:
    """Return the density of each cell, shape (n_cells,) [g/mL]."""
    with collected_warnings():  # warnings about densities stand among those of the step
        return spin.gradients[frame].density * 1e-3


def duration_text(time: float) -> str:
    """Return a time [s] in minutes, or from two hours on in hours.

    Examples
    --------
    >>> duration_text(2700.0), duration_text(64_800.0)
    ('45 min', '18 h')
    """
    return f"{time / 3600.0:.3g} h" if time >= 7200.0 else f"{time / 60.0:.3g} min"


def conditions(spin: GradientSpin) -> str:
    """Return rotor, speed, duration and volume in words."""
    omega = spin.profile.top_speed
    speed = f"{from_si('speed_rpm', omega):,.0f} rpm ({rcf(omega, spin.rotor.r_max):,.0f} x g at r$_{{max}}$)"
    volume = spin.column.depths[-1] * 1e6
    duration = duration_text(math.fsum(spin.profile.durations))
    return f"{wrapped(spin.rotor.name, ROTOR_WIDTH)}, {speed}, {duration}, {volume:.3g} mL"
