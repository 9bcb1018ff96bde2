"""The physics of one spin: how far each particle class gets along the chords of a tube.

On each chord, from its inner end to the outer wall of the tube,

    dc/dt = -d/dr (s w^2 r c - D dc/dr),    W = integral of w^2 dt.

Plug flow (D = 0) moves a particle from r to r exp(s W), which gives the pelleted share in closed form; the Lamm
equation is solved where diffusion matters.

Sources: Svedberg & Pedersen 1940; Lamm 1929, Ark. Mat. Astron. Fys. 21B:1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.equipment.chords import Chords, condensed, pelleted_fraction
from sepsim.equipment.rotors import Rotor
from sepsim.errors import ProtocolError
from sepsim.particles.particle_table import IntArray, ParticleTable
from sepsim.particles.size_distribution import BoolArray, FloatArray

PLUG_FLOW_PECLET = 1e4
FRONT_WIDTHS = 6.0  # a front this many diffusion lengths away from the wall does not feel it
LAMM_CHORDS = 12
SHARPEST_FRONT_M = 1e-9
LARGEST_EXPONENT = 50.0  # e^50 is beyond any tube; keeps exponentials finite


class SpeedProfile(NamedTuple):
    """Speed over time as stages of constant speed.

    A linear ramp to w in time t is one stage of the mean of w^2 over it, w^2/3: dose and clock are exact.

    Attributes
    ----------
    omega_squared : tuple of float [rad2/s2]
    durations : tuple of float [s]
    """

    omega_squared: tuple[float, ...]
    durations: tuple[float, ...]

    @property
    def dose(self) -> float:
        """The integral of w^2 dt [rad2/s]."""
        return sum(square * time for square, time in zip(*self, strict=True))

    @property
    def clock(self) -> float:
        """Duration from start to stand-still [s]."""
        return sum(self.durations)

    def until(self, time: float) -> SpeedProfile:
        """Return the profile cut off at a time [s]."""
        left, durations = time, []
        for duration in self.durations:
            durations.append(min(duration, max(left, 0.0)))
            left -= duration
        return SpeedProfile(self.omega_squared, tuple(durations))


def speed_profile(omega: float, time: float, acceleration: float, braking: float) -> SpeedProfile:
    """Return a linear ramp up, a plateau, and a linear brake; empty stages are left out.

    Parameters
    ----------
    omega : float [rad/s]
    time, acceleration, braking : float [s]

    Returns
    -------
    SpeedProfile

    Examples
    --------
    A ramp of 3 min counts like 1 min at speed:

    >>> speed_profile(10.0, 60.0, 180.0, 0.0).dose == 10.0**2 * 120.0
    True
    """
    square = omega**2
    stages = [(square / 3.0, acceleration), (square, time), (square / 3.0, braking)]
    kept = [stage for stage in stages if stage[1] > 0]
    return SpeedProfile(*zip(*kept, strict=True)) if kept else SpeedProfile((square,), (0.0,))


@dataclass(frozen=True, kw_only=True, slots=True)
class Spin:
    """One spin as it happened: what plots need to draw the tube at any time.

    Attributes
    ----------
    rotor : Rotor
    tubes, runs : int
        Tubes filled altogether, and runs of the centrifuge that they take.
    fill_volume : float [m3]
        Volume in each tube.
    chords : Chords
        The filled part of a tube.
    profile : SpeedProfile
    particles : ParticleTable
    counts, sedimentation, diffusion, pelleted, floated : ndarray, shape (n_classes,)
        Number loaded [-], s [s], D [m2/s], and share at the outer and the inner end after the spin [-].
    lamm_classes : int
        How many classes needed the Lamm equation.
    """

    rotor: Rotor
    tubes: int
    runs: int
    fill_volume: float
    chords: Chords
    profile: SpeedProfile
    particles: ParticleTable
    counts: FloatArray
    sedimentation: FloatArray
    diffusion: FloatArray
    pelleted: FloatArray
    floated: FloatArray
    lamm_classes: int


class Separated(NamedTuple):
    """Shares of each class that have met the outer wall, and the inner wall or meniscus."""

    pelleted: FloatArray
    floated: FloatArray
    lamm_classes: int


Solver = Callable[[Chords, FloatArray, FloatArray, SpeedProfile], Separated]


def closed_form(bundle: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile) -> Separated:
    """Separate by plug flow: a particle at r moves to r exp(s W).

    Parameters
    ----------
    bundle : Chords
        The filled tube.
    s, D : ndarray, shape (n_classes,) [s], [m2/s]
        Sedimentation and diffusion coefficients; D is not used.
    profile : SpeedProfile

    Returns
    -------
    Separated
    """
    pelleted, floated = pelleted_fraction(bundle, s * profile.dose)
    return Separated(pelleted, floated, 0)


def lamm(bundle: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile) -> Separated:
    """Separate by the Lamm equation on every chord of a condensed bundle, for every class.

    What the field carries onto either end stays there.

    Parameters
    ----------
    bundle : Chords
        The filled tube.
    s, D : ndarray, shape (n_classes,) [s], [m2/s]
        Sedimentation and diffusion coefficients.
    profile : SpeedProfile

    Returns
    -------
    Separated

    Raises
    ------
    ProtocolError
        If the solver runs out of its budget of steps.
    """
    few = condensed(bundle, LAMM_CHORDS)
    by_class = (s.size, few.inner.size)
    of_class, on_chord = (index.ravel() for index in np.indices(by_class))
    ends = _lamm_on_chords(few, s, D, profile, of_class, on_chord)
    share = few.volumes / few.volume
    pelleted, floated = ((end.reshape(by_class) @ share).clip(0.0, 1.0) for end in ends)
    return Separated(pelleted, floated, s.size)


def automatic(bundle: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile) -> Separated:
    """Separate by plug flow, corrected by the Lamm equation on the chords where diffusion matters.

    In a homogeneous medium the plateau ahead of the moving front stays uniform, so that plug flow is exact until
    the front, widened by diffusion, comes near the wall, and again after all of it has arrived. The correction is the
    difference of the two solutions on those chords of a condensed bundle.

    Parameters
    ----------
    bundle : Chords
        The filled tube.
    s, D : ndarray, shape (n_classes,) [s], [m2/s]
        Sedimentation and diffusion coefficients.
    profile : SpeedProfile

    Returns
    -------
    Separated

    Raises
    ------
    ProtocolError
        If the solver runs out of its budget of steps.
    """
    plug = closed_form(bundle, s, D, profile)
    few = condensed(bundle, LAMM_CHORDS)
    of_class, on_chord = np.nonzero(diffusion_matters(few, s, D, profile))
    if of_class.size == 0:
        return plug
    solved = _lamm_on_chords(few, s, D, profile, of_class, on_chord)
    plain = _plug_on_chords(few.inner[on_chord], few.outer[on_chord], s[of_class] * profile.dose)
    share = few.volumes[on_chord] / few.volume
    pelleted, floated = (
        (whole + np.bincount(of_class, share * (ends - ends_of_plug), minlength=s.size)).clip(0.0, 1.0)
        for whole, ends, ends_of_plug in zip(plug[:2], solved, plain, strict=True)
    )
    return Separated(pelleted, floated, np.unique(of_class).size)


def _lamm_on_chords(
    few: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile, of_class: IntArray, on_chord: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return pelleted and floated shares of the given pairs of class and chord."""
    from sepsim.kernels.lamm import DIFFUSION_RAISED, OK, solve  # numba loads only when a spin needs it

    lanes = solve(
        inner=few.inner[on_chord],
        outer=few.outer[on_chord],
        s=s[of_class],
        D=D[of_class],
        omega_squared=np.array(profile.omega_squared),
        duration=np.array(profile.durations),
    )
    if not np.all(np.isin(lanes.status, (OK, DIFFUSION_RAISED))):
        raise ProtocolError(
            "the Lamm equation needs more steps than the solver allows; use solver = 'closed_form', "
            "which is as good as exact at such high Peclet numbers"
        )
    return lanes.pelleted, lanes.floated


def _plug_on_chords(inner: FloatArray, outer: FloatArray, exponent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return pelleted and floated shares of plug flow, each on its own chord."""
    still = np.clip(exponent, -50.0, 50.0)
    pelleted = np.where(still > 0, -np.expm1(-still) * outer, 0.0) / (outer - inner)
    floated = np.where(still < 0, np.expm1(-still) * inner, 0.0) / (outer - inner)
    return pelleted.clip(max=1.0), floated.clip(max=1.0)


SOLVERS: Mapping[str, Solver] = MappingProxyType({"closed_form": closed_form, "lamm": lamm})


def diffusion_matters(bundle: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile) -> BoolArray:
    """Tell on which chords diffusion changes the pelleted share of a class.

    Where Pe = s w^2 (x2^2 - x1^2)/(2 D) is below 1e4 and the front, at x1 exp(sW), is within six of its widths of the
    far end; its variance is (D t/sW) (exp(2sW) - 1), diffusion in the frame that moves with the plug. At higher Pe plug
    flow is off by at most 0.6 % of the load of that chord, at the one moment when the front meets the wall, and by
    less as 1/sqrt(Pe).

    Parameters
    ----------
    bundle : Chords
        The filled tube.
    s, D : ndarray, shape (n_classes,) [s], [m2/s]
        Sedimentation and diffusion coefficients.
    profile : SpeedProfile

    Returns
    -------
    ndarray of bool, shape (n_classes, n_chords) [-]
    """
    exponent = np.clip(s * profile.dose, -50.0, 50.0)[:, None]
    inner, outer = bundle.inner, bundle.outer
    peclet = np.abs(s[:, None]) * max(profile.omega_squared) * (outer**2 - inner**2) / (2.0 * D[:, None])
    front = np.where(exponent > 0, inner * np.exp(exponent), outer * np.exp(exponent))
    distance = np.abs(np.where(exponent > 0, outer - front, front - inner))
    moving = exponent != 0
    growth = np.expm1(2.0 * exponent, where=moving, out=np.zeros_like(exponent))
    variance = D[:, None] * profile.clock * np.divide(growth, exponent, where=moving, out=np.zeros_like(exponent))
    near: BoolArray = (distance < FRONT_WIDTHS * np.sqrt(variance)) & moving & (peclet < PLUG_FLOW_PECLET)
    return near


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
    shares = _class_shares(spin)
    profiles = [spin.profile.until(float(time)) for time in np.asarray(times, dtype=float)]
    pelleted = [closed_form(spin.chords, spin.sedimentation, spin.diffusion, until).pelleted for until in profiles]
    return shares @ np.array(pelleted).T


def concentration_profile(spin: Spin, times: npt.ArrayLike, radii: npt.ArrayLike) -> FloatArray:
    """Return the number concentration along the radius while the tube spins, relative to the load.

    On a chord, the plateau of a class is e^(-s W) (the paths diverge) and its front stands where the dose has carried
    the inner end, x e^(s W); a class that floats has its front at the outer end, and a plateau above 1. The front is
    widened by diffusion and by the divergence of the paths, d(sigma^2)/dt = 2 s w^2 sigma^2 + 2 D, and nothing leaves
    through the end from which it came. The value at a radius is the mean over the chords there. Classes and chords
    stand for a continuum, so their fronts are also widened by their spacing; a population of one size in a swinging
    bucket keeps its front as it is.

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
    shares = _class_shares(spin)
    area = spin.chords.area @ _covers(spin.chords, radius)
    inside = area > 0
    profile = np.full((shares.shape[0], np.size(times), radius.size), np.nan)
    for index, time in enumerate(np.asarray(times, dtype=float)):
        content = _content(spin, spin.profile.until(float(time)), radius[inside], shares)
        profile[:, index, inside] = content / area[inside]
    return profile


def _class_shares(spin: Spin) -> FloatArray:
    """Return the number share of each class in its population, shape (n_populations, n_classes)."""
    totals = spin.particles.totals(spin.counts)
    shares = np.zeros((totals.size, spin.counts.size))
    shares[spin.particles.population, np.arange(spin.counts.size)] = spin.counts
    known = totals > 0
    shares[known] /= totals[known, None]
    shares[~known] = np.nan
    return shares


def _covers(bundle: Chords, radius: FloatArray) -> BoolArray:
    """Tell which chords reach which radii, shape (n_chords, n_radii)."""
    return (bundle.inner[:, None] <= radius) & (radius <= bundle.outer[:, None])


def _content(spin: Spin, until: SpeedProfile, radius: FloatArray, shares: FloatArray) -> FloatArray:
    """Return concentration times cross-section [m2] of each population at each radius."""
    exponent = np.clip(spin.sedimentation * until.dose, -LARGEST_EXPONENT, LARGEST_EXPONENT)
    variance = _front_variance(spin.sedimentation, spin.diffusion, until)
    spread = np.abs(exponent) * _class_width(spin.particles)
    section = spin.chords.area[:, None] * _covers(spin.chords, radius)
    content = np.zeros((shares.shape[0], radius.size))
    for ends, moving in ((spin.chords.inner, exponent >= 0), (spin.chords.outer, exponent < 0)):
        members = np.flatnonzero(moving & (spin.counts > 0))
        growth = np.exp(exponent[members])
        spacing = np.ptp(ends) / np.sqrt(ends.size)
        for end in np.unique(ends):
            across = section[ends == end].sum(axis=0)
            there = np.flatnonzero(across)
            steps = growth**2 * ((end * spread[members]) ** 2 + spacing**2) / 12.0
            width = np.maximum(np.sqrt(2.0 * (variance[members] + steps)), SHARPEST_FRONT_M)
            moved = np.abs(end * np.expm1(exponent[members]))
            behind = _behind_front(np.abs(radius[there] - end), moved[:, None], width[:, None])
            content[:, there] += across[there] * ((shares[:, members] / growth) @ behind)
    return content


def _class_width(particles: ParticleTable) -> FloatArray:
    """Return the width in ln s of each class: twice that of its diameter bin in ln d, 0 for a population of one size."""
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
    for square, duration in zip(*profile, strict=True):
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

    scaled = (distance - moved) / width
    relative = (scaled > 0).astype(float)
    near = np.abs(scaled) < FRONT_WIDTHS
    z = scaled[near]
    gone = (moved / width + np.zeros_like(scaled))[near]
    mirrored = z + 2.0 * gone
    wall = 2.0 * gone / np.sqrt(np.pi) - 0.5 * (1.0 + 4.0 * gone * mirrored) * erfcx(mirrored)
    relative[near] = 1.0 - 0.5 * erfc(z) - np.exp(-(z**2)) * wall
    return relative
