"""What goes on in the tube during a spin: concentration along the radius, and the growing pellet.

For pictures; yields come from `sepsim.techniques.centrifugation.spin`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.particles.particle_table import ParticleTable
from sepsim.techniques.centrifugation.spin import FRONT_WIDTHS, LARGEST_EXPONENT, SpeedProfile, Spin, closed_form
from sepsim.techniques.centrifugation.tubes.chords import Chords, chords

SHARPEST_FRONT_M = 1e-9
PROFILE_RESOLUTION = 400  # of the chords of a leaning tube
PROFILE_STARTS = 300  # chords that begin closer than this part of their range are taken together


def pelleted_over_time(spin: Spin, times: npt.ArrayLike) -> FloatArray:
    """Return the share of each population that has met the outer wall by a time, by plug flow.

    The shares are those of plug flow at every time; they are not scaled to meet `Spin.pelleted` at the end, from
    which they differ where the Lamm equation was solved.

    Parameters
    ----------
    spin : Spin
    times : array_like, shape (n_times,) [s]
        Since the start; after the end of the spin nothing changes.

    Returns
    -------
    ndarray, shape (n_populations, n_times) [-]
        Number-weighted; nan for a population that was not loaded.
    """
    share = _class_shares(spin)
    pelleted = np.empty((len(spin.particles.names), np.size(times)))
    for index, time in enumerate(np.asarray(times, dtype=float)):
        until = spin.profile.until(float(time))
        at_wall = closed_form(spin.chords, spin.sedimentation, spin.diffusion, until).pelleted
        pelleted[:, index] = spin.particles.totals(share * at_wall)
    return pelleted


def concentration_profile(spin: Spin, times: npt.ArrayLike, radii: npt.ArrayLike) -> FloatArray:
    """Return the number concentration along the radius while the tube spins, relative to the load.

    On a chord, the plateau of a class is e^(-s W) (the paths diverge) and its front stands where the dose has carried
    the inner end, x e^(s W); a class that floats has its front at the outer end, and a plateau above 1. The front is
    widened by diffusion and by the divergence of the paths, d(sigma^2)/dt = 2 s w^2 sigma^2 + 2 D, and nothing leaves
    through the end from which it came. The value at a radius is the mean over the chords there. A class of a
    distribution of sizes stands for a bin of diameters, so its front is also widened by the width of the bin.

    Parameters
    ----------
    spin : Spin
    times : array_like, shape (n_times,) [s]
        Since the start; after the end of the spin nothing changes.
    radii : array_like, shape (n_radii,) [m]
        Distances from the rotor's axis.

    Returns
    -------
    ndarray, shape (n_populations, n_times, n_radii) [-]
        Number-weighted over the classes of a population; nan outside the liquid and for a population that was not
        loaded.

    Notes
    -----
    What is suspended here and what plug flow has pelleted add up to the load, until the front reaches the far wall.
    The dense layer that diffusion keeps in front of that wall is left out, and so is what diffusion brings back.

    The front is that of a constant field that leaves a reflecting wall (van Genuchten & Alves 1982, USDA Technical
    Bulletin 1661, case A2), with the displacement and the width of the centrifugal field.
    """
    radius = np.asarray(radii, dtype=float)
    bundle = _fine_chords(spin)
    section = bundle.area[:, None] * ((bundle.inner[:, None] <= radius) & (radius <= bundle.outer[:, None]))
    area = section.sum(axis=0)
    inside = area > 0
    ends = [_starts(side, section[:, inside]) for side in (bundle.inner, bundle.outer)]
    profile = np.full((len(spin.particles.names), np.size(times), radius.size), np.nan)
    for index, time in enumerate(np.asarray(times, dtype=float)):
        content = _content(spin, spin.profile.until(float(time)), radius[inside], *ends)
        profile[:, index, inside] = content / area[inside]
    profile[spin.particles.totals(spin.counts) == 0] = np.nan
    return profile


class _Starts(NamedTuple):
    """Where chords begin or end [m], and the cross-section [m2] of those that begin there, at each radius."""

    position: FloatArray
    section: FloatArray


def _fine_chords(spin: Spin) -> Chords:
    """Return chords so dense that a profile shows no steps; a swinging bucket's are, as they begin at one radius."""
    if np.ptp(spin.chords.inner) == 0:
        return spin.chords
    return chords(spin.rotor, spin.fill_volume, resolution=PROFILE_RESOLUTION)


def _starts(position: FloatArray, section: FloatArray) -> _Starts:
    """Merge chords that begin within a small step of one another."""
    step = max(float(np.ptp(position)) / PROFILE_STARTS, SHARPEST_FRONT_M)
    group = np.floor((position - position.min()) / step)
    order = np.argsort(group, kind="stable")
    _, first, size = np.unique(group[order], return_index=True, return_counts=True)
    return _Starts(np.add.reduceat(position[order], first) / size, np.add.reduceat(section[order], first, axis=0))


def _class_shares(spin: Spin) -> FloatArray:
    """Return the number share of each class in its population, shape (n_classes,); nan where none was loaded."""
    totals = spin.particles.totals(spin.counts)[spin.particles.population]
    return np.divide(spin.counts, totals, out=np.full_like(totals, np.nan), where=totals > 0)


def _content(spin: Spin, until: SpeedProfile, radius: FloatArray, inner: _Starts, outer: _Starts) -> FloatArray:
    """Return concentration times cross-section [m2] of each population at each radius."""
    exponent = np.clip(spin.sedimentation * until.dose, -LARGEST_EXPONENT, LARGEST_EXPONENT)
    share, spread = _class_shares(spin), np.abs(exponent) * _class_width(spin.particles) / np.sqrt(12.0)
    variance = _front_variance(spin.sedimentation, spin.diffusion, until)
    content = np.zeros((len(spin.particles.names), radius.size))
    for starts, moving in ((inner, exponent >= 0), (outer, exponent < 0)):
        members = np.flatnonzero(moving & (spin.counts > 0))
        present, first = np.unique(spin.particles.population[members], return_index=True)
        growth = np.exp(exponent[members])
        plateau = (share[members] / growth)[:, None]
        for start, across in zip(*starts, strict=True):
            there = np.flatnonzero(across)
            moved = np.abs(start * np.expm1(exponent[members]))
            width = np.sqrt(2.0 * (variance[members] + (start * growth * spread[members]) ** 2))
            behind = _behind_front(np.abs(radius[there] - start), moved[:, None], width[:, None])
            if members.size:
                content[np.ix_(present, there)] += across[there] * np.add.reduceat(plateau * behind, first, axis=0)
    return content


def _class_width(particles: ParticleTable) -> FloatArray:
    """Return the width in ln s of each class, twice that of its bin in ln d; 0 for a population of one size."""
    width = np.zeros(len(particles))
    for index in range(len(particles.names)):
        members = particles.population == index
        diameters, size = np.unique(particles.diameter[members], return_inverse=True)
        if diameters.size > 1:
            width[members] = 2.0 * np.gradient(np.log(diameters))[size]
    return width


def _front_variance(s: FloatArray, D: FloatArray, profile: SpeedProfile) -> FloatArray:
    """Return the variance [m2] of the front of each class."""
    variance = np.zeros_like(s)
    for square, duration in zip(profile.omega_squared, profile.durations, strict=True):
        growth = np.clip(2.0 * s * square * duration, -LARGEST_EXPONENT, LARGEST_EXPONENT)
        mean_growth = np.divide(np.expm1(growth), growth, out=np.ones_like(growth), where=growth != 0)
        variance = variance * np.exp(growth) + 2.0 * D * duration * mean_growth
    return variance


def _behind_front(distance: FloatArray, moved: FloatArray, width: FloatArray) -> FloatArray:
    """Return the concentration relative to the plateau, at distances from an end which the front has left behind.

    With z = (y - a)/w and h = (y + a)/w for distance y, displacement a and width w, it is
    1 - erfc(z)/2 - e^(-z^2) [2 a/(w sqrt(pi)) - (1 + 4 a h/w) e^(h^2) erfc(h)/2].
    """
    from scipy.special import erfc, erfcx  # scipy loads only when a profile is drawn

    width = np.maximum(width, SHARPEST_FRONT_M)
    scaled = (distance - moved) / width
    relative = (scaled > 0).astype(float)
    near = np.abs(scaled) < FRONT_WIDTHS
    z = scaled[near]
    gone = (moved / width + np.zeros_like(scaled))[near]
    mirrored = z + 2.0 * gone
    wall = 2.0 * gone / np.sqrt(np.pi) - 0.5 * (1.0 + 4.0 * gone * mirrored) * erfcx(mirrored)
    relative[near] = 1.0 - 0.5 * erfc(z) - np.exp(-(z**2)) * wall
    return relative
