"""The physics of one spin: how far each particle class gets along the chords of a tube.

On each chord, from its inner end to the outer wall of the tube,

    dc/dt = -d/dr (s w^2 r c - D dc/dr),    W = integral of w^2 dt.

Plug flow (D = 0) moves a particle from r to r exp(s W), which gives the pelleted share in closed form; the Lamm
equation is solved where diffusion matters.

Sources: Svedberg & Pedersen 1940; Lamm 1929, Ark. Mat. Astron. Fys. 21B:1.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.errors import MassBalanceError, ModelRangeWarning, ProtocolError
from sepsim.particles.particle_table import ParticleTable
from sepsim.rotors.rotors import Rotor
from sepsim.techniques.centrifugation.tubes.chords import Chords, condensed, pelleted_fraction

PLUG_FLOW_PECLET = 1e4
FRONT_WIDTHS = 6.0  # a front this many diffusion lengths away from the wall does not feel it
LAMM_CHORDS = 12
LARGEST_EXPONENT = 50.0  # e^50 is beyond any tube; keeps exponentials finite


class SpeedProfile(NamedTuple):
    """Speed over time: stages in which it changes linearly, or stays.

    Attributes
    ----------
    starts, ends : tuple of float [rad/s]
        Angular speed at the beginning and the end of each stage.
    durations : tuple of float [s]
    """

    starts: tuple[float, ...]
    ends: tuple[float, ...]
    durations: tuple[float, ...]

    @property
    def omega_squared(self) -> tuple[float, ...]:
        """Mean of w^2 over each stage, (w1^2 + w1 w2 + w2^2)/3 [rad2/s2]: dose and clock of a stage are exact."""
        return tuple((w1 * w1 + w1 * w2 + w2 * w2) / 3.0 for w1, w2 in zip(self.starts, self.ends, strict=True))

    @property
    def dose(self) -> float:
        """The integral of w^2 dt [rad2/s]."""
        return sum(square * time for square, time in zip(self.omega_squared, self.durations, strict=True))

    @property
    def top_speed(self) -> float:
        """Largest angular speed [rad/s]."""
        return max((*self.starts, *self.ends))

    @property
    def clock(self) -> float:
        """Duration from start to stand-still [s]."""
        return sum(self.durations)

    @property
    def braking(self) -> float:
        """Duration of the ramp to rest [s]; 0 if there is none."""
        return self.durations[-1] if self.ends[-1] == 0.0 else 0.0

    def until(self, time: float) -> SpeedProfile:
        """Return the profile cut off at a time [s], in the middle of a ramp if need be."""
        stages, left = [], time
        for start, end, duration in zip(*self, strict=True):
            spent = min(duration, max(left, 0.0))
            stages.append((start, start + (end - start) * (spent / duration if duration else 1.0), spent))
            left -= duration
        return SpeedProfile(*zip(*stages, strict=True))


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
    stages = [(0.0, omega, acceleration), (omega, omega, time), (omega, 0.0, braking)]
    kept = [stage for stage in stages if stage[2] > 0]
    return SpeedProfile(*zip(*kept, strict=True)) if kept else SpeedProfile((omega,), (omega,), (0.0,))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
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
    """Separate by the Lamm equation, for every class that has not left the tube altogether.

    The equation is solved on twelve chords that stand for the bundle, and its difference to plug flow there is added to
    plug flow on all chords. What the field carries onto either end stays there.

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

    Notes
    -----
    Takes milliseconds for each class and chord of high Peclet number, where it only confirms plug flow.
    """
    few = condensed(bundle, LAMM_CHORDS)
    return _corrected(bundle, few, s, D, profile, widths_to_the_wall(few, s, D, profile) > -FRONT_WIDTHS)


def automatic(bundle: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile) -> Separated:
    """Separate by plug flow, and by the Lamm equation on the chords where diffusion matters.

    In a homogeneous medium the plateau ahead of the moving front stays uniform, so that plug flow is exact until
    the front, widened by diffusion, comes near the wall, and again after all of it has arrived. With all chords solved
    the shares differ by less than 1e-3.

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
    return _corrected(bundle, few, s, D, profile, diffusion_matters(few, s, D, profile))


def _corrected(
    bundle: Chords, few: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile, solve: BoolArray
) -> Separated:
    """Correct plug flow by the difference to the Lamm equation on the given pairs of class and chord.

    The difference is smooth over the chords, so that a few of them carry it; plug flow takes them all.
    """
    plug = closed_form(bundle, s, D, profile)
    of_class, on_chord = np.nonzero(solve)
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
    try:
        from sepsim.techniques.centrifugation.kernels.lamm import (
            DIFFUSION_RAISED,
            STEP_BUDGET_EXCEEDED,
            UNBALANCED,
            solve_lamm_fractions,
        )
    except RuntimeError as error:
        raise ProtocolError(
            f"the compiled kernels cannot be kept ({error}); name a writable folder in NUMBA_CACHE_DIR"
        ) from error

    lanes = solve_lamm_fractions(
        inner=few.inner[on_chord],
        outer=few.outer[on_chord],
        s=s[of_class],
        D=D[of_class],
        omega_squared=np.array(profile.omega_squared),
        duration=np.array(profile.durations),
    )
    if np.any(lanes.status == DIFFUSION_RAISED):
        warnings.warn(
            "the Lamm equation is solved with more diffusion than there is at Peclet numbers above 1e5; "
            "plug flow is more exact there",
            ModelRangeWarning,
            stacklevel=4,
        )
    if np.any(lanes.status == STEP_BUDGET_EXCEEDED):
        raise ProtocolError(
            "the Lamm equation needs more steps than the solver allows; use solver = 'closed_form', "
            "which is as good as exact at such high Peclet numbers"
        )
    if np.any(lanes.status == UNBALANCED):
        raise MassBalanceError("the solution of the Lamm equation does not hold its load; use solver = 'closed_form'")
    return lanes.pelleted, lanes.floated


def _plug_on_chords(inner: FloatArray, outer: FloatArray, exponent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return pelleted and floated shares of plug flow, each on its own chord."""
    still = np.clip(exponent, -LARGEST_EXPONENT, LARGEST_EXPONENT)
    pelleted = np.where(still > 0, -np.expm1(-still) * outer, 0.0) / (outer - inner)
    floated = np.where(still < 0, np.expm1(-still) * inner, 0.0) / (outer - inner)
    return pelleted.clip(max=1.0), floated.clip(max=1.0)


SOLVERS: Mapping[str, Solver] = MappingProxyType({"closed_form": closed_form, "lamm": lamm})


def diffusion_matters(bundle: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile) -> BoolArray:
    """Tell on which chords diffusion changes the pelleted share of a class.

    Where Pe = s w^2 (x2^2 - x1^2)/(2 D) is below 1e4 and the front is within six of its widths of the far end. At
    higher Pe plug flow is off by at most 0.6 % of the load of that chord, at the one moment when the front meets the
    wall, and by less as 1/sqrt(Pe).

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
    peclet = np.abs(s[:, None]) * profile.top_speed**2 * (bundle.outer**2 - bundle.inner**2) / (2.0 * D[:, None])
    near: BoolArray = np.abs(widths_to_the_wall(bundle, s, D, profile)) < FRONT_WIDTHS
    return near & (peclet < PLUG_FLOW_PECLET)


def widths_to_the_wall(bundle: Chords, s: FloatArray, D: FloatArray, profile: SpeedProfile) -> FloatArray:
    """Return how far the front of each class still is from the far end of each chord, in widths of the front.

    The front stands at x1 exp(sW) (at x2 exp(sW) if the class floats); its variance is (D t/sW)(exp(2sW) - 1), that of
    diffusion in the frame that moves with the plug.

    Parameters
    ----------
    bundle : Chords
        The filled tube.
    s, D : ndarray, shape (n_classes,) [s], [m2/s]
        Sedimentation and diffusion coefficients.
    profile : SpeedProfile

    Returns
    -------
    ndarray, shape (n_classes, n_chords) [-]
        Negative where the front has passed the end; infinite where nothing moves.
    """
    exponent = np.clip(s * profile.dose, -LARGEST_EXPONENT, LARGEST_EXPONENT)[:, None]
    sinks, moving = exponent > 0, exponent != 0
    front = np.where(sinks, bundle.inner, bundle.outer) * np.exp(exponent)
    distance = np.where(sinks, bundle.outer - front, front - bundle.inner)
    growth = np.divide(np.expm1(2.0 * exponent), exponent, where=moving, out=np.full_like(exponent, 2.0))
    width = np.sqrt(D[:, None] * profile.clock * growth)
    widths: FloatArray = np.divide(distance, width, where=moving & (width > 0), out=np.full(distance.shape, np.inf))
    return widths
