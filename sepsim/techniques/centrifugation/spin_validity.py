"""Warnings about a spin: the rotor, the filling, the medium, and the limits of Stokes' drag."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sepsim.media import Medium
from sepsim.particles.osmosis import state_at
from sepsim.rotors.rotors import Rotor
from sepsim.samples.sample import Sample
from sepsim.techniques.centrifugation.spin import Spin

REYNOLDS_LIMIT = 0.1
LEAST_FILLING = 0.05


def spin_warnings(sample: Sample, spin: Spin, medium: Medium) -> list[str]:
    """Return the warnings about a spin, a sentence each.

    Parameters
    ----------
    sample : Sample
        What was spun.
    spin : Spin
    medium : Medium
        Its medium at the temperature of the run.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If the particles fill more of the volume than spheres can.
    """
    return [
        *about_rotor(spin.rotor),
        *about_runs(sample, spin.rotor, spin.tubes, spin.runs),
        *_about_filling(spin),
        *_about_drag(sample, spin, medium),
    ]


def about_rotor(rotor: Rotor) -> Iterator[str]:
    """Yield what is not known of a rotor."""
    if rotor.confidence == "unverified":
        yield f"rotor {rotor.name!r}: its radii are unverified; check them against the manual of your rotor"
    if rotor.max_rpm is None:
        yield f"rotor {rotor.name!r}: its largest speed is unknown; check that it may turn this fast"


def about_runs(sample: Sample, rotor: Rotor, tubes: int, runs: int) -> Iterator[str]:
    """Yield whether a sample takes more than one run."""
    if runs > 1:
        yield (
            f"{sample.volume * 1e6:g} mL need {tubes} tubes and so {runs} runs of rotor {rotor.name!r}; the duration "
            "counts them all"
        )


def _about_filling(spin: Spin) -> Iterator[str]:
    if spin.fill_volume < LEAST_FILLING * spin.rotor.tube.volume:
        yield (
            f"{spin.fill_volume * 1e6:.3g} mL are less than {LEAST_FILLING:.0%} of what tube {spin.rotor.tube.name!r} "
            "takes; so thin a film does not keep the shape that is computed"
        )


def _about_drag(sample: Sample, spin: Spin, medium: Medium) -> Iterator[str]:
    particles = sample.particles
    speed = np.abs(spin.sedimentation) * spin.profile.top_speed**2 * spin.rotor.r_max
    diameter = state_at(particles, medium.osmolality).diameter
    reynolds = speed * diameter * medium.density / medium.viscosity
    fast = (reynolds > REYNOLDS_LIMIT) & (spin.pelleted + spin.floated < 0.999) & (sample.counts > 0)
    if np.any(fast):
        names = sorted({particles.names[index] for index in particles.population[fast]})
        yield (
            f"{', '.join(names)}: Reynolds number up to {reynolds[fast].max():.2g}; Stokes' drag holds below "
            f"{REYNOLDS_LIMIT:g}, so these move more slowly than computed"
        )
