"""An elution in closed forms, for a dry run: a plug whose edges the passage blurs to a normal distribution.

Mean and variance of the time in which a species passes are those of the general rate model, over all beds,

    m = sum T,    T = tau (1 + F H)
    s^2 = sum 2 T^2 [1 - (1 - exp(-Pe))/Pe]/Pe + 2 tau F [H^2 r/(3 k_f) + H_p^2 r^2/(15 P D_p)]

with the residence tau of the liquid, F volumes of beads per volume of liquid, and what a bead holds of a species, H in
all and H_p in its pores. Uptake of first order leaves exp(-tau k), with the resistances of film and pores in series.
Binding is taken as far from saturation. Where a stronger eluent comes, a species leaves with its front, or as long
after it enters as the weaker binding delays; or without it, if that is sooner.

Sources: Kucera 1965 (moments); Glueckauf 1955 (linear driving force).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.chromatography.column_conditions import Departure, ElutionProfile, InBed, Load
from sepsim.techniques.chromatography.stepped_elution import CELLS, refuse_endless

SHORTEST_PLUG = 1e-3  # in standard deviations; a shorter one differs from it by nothing
FAR = 9.0  # standard deviations after which all has left

_erf = np.vectorize(math.erf, otypes=[np.float64])


class Passage(NamedTuple):
    """How long each species takes from entering to leaving.

    Attributes
    ----------
    mean, sd : ndarray, shape (n_species,) [s]
        Mean and standard deviation.
    """

    mean: FloatArray
    sd: FloatArray


def estimate_elution(load: Load, borders: FloatArray) -> Departure:
    """Estimate how each species leaves a column.

    Parameters
    ----------
    load : Load
    borders : ndarray, shape (n_fractions + 1,) [m3]
        Volumes since sample entry at which the fractions meet; from 0, rising.

    Returns
    -------
    Departure
        With rates at the borders alone.

    Raises
    ------
    InputError
        If so much is collected that a run cannot step through it.
    """
    times, beds = borders / load.conditions.flow, load.in_beds()
    if load.stepped.any():
        refuse_endless(load, times[-1], sum(bed.residence for bed in beds) / CELLS[0])
    first = passage(beds, load.mixing)
    captured = 1.0 - np.exp(-np.sum([uptake(bed) for bed in beds], axis=0))
    left = left_by(times, load.pulse, first) * (1.0 - captured)[:, np.newaxis]
    if load.switch is not None:
        left, captured = _eluted(load, load.switch, times, first, left, captured)
    left[:, 0] = 0.0
    profile = ElutionProfile(
        left=left,
        remaining=(1.0 - captured - left[:, -1]).clip(min=0.0),
        captured=captured,
        rate=np.gradient(left, times, axis=1),
    )
    return Departure(profile, volumes=borders, stronger=_stronger_liquid(load, times))


def passage(beds: Sequence[InBed], mixing: float = 0.0) -> Passage:
    """Return how long each species takes, without uptake.

    Parameters
    ----------
    beds : sequence of InBed
        That it passes, one after the other.
    mixing : float [s]
        Mean time in an ideal mixer.

    Returns
    -------
    Passage

    Examples
    --------
    >>> species = np.array([[1e-5], [0.5], [0.5], [3e-11], [0.0], [0.0], [0.0]])
    >>> mean, sd = passage([InBed(200.0, 400.0, 2.0, 65e-6, *species)])
    >>> print(f"{mean[0]:.1f} s, {sd[0]:.1f} s")
    400.0 s, 70.6 s
    """
    mean = np.full(beds[0].film.size, mixing)
    variance = mean**2
    for bed in beds:
        held = bed.storage + bed.surface
        time = bed.residence * (1.0 + bed.phase_ratio * held)
        dispersion = 2.0 * (1.0 + math.expm1(-bed.peclet) / bed.peclet) / bed.peclet
        inside = np.divide(bed.storage**2, bed.pore_share, out=np.zeros_like(held), where=bed.pore_share > 0.0)
        delay = held**2 * bed.bead_radius / (3.0 * bed.film)
        delay += inside * bed.bead_radius**2 / (15.0 * bed.pore_diffusivity)
        mean += time
        variance += dispersion * time**2 + 2.0 * bed.residence * bed.phase_ratio * delay
    return Passage(mean, np.sqrt(variance))


def uptake(bed: InBed) -> FloatArray:
    """Return tau k of the uptake of first order in a bed: the logarithm of what it lets pass, taken as positive.

    Parameters
    ----------
    bed : InBed

    Returns
    -------
    ndarray, shape (n_species,) [-]

    Examples
    --------
    >>> species = np.array([[1e-5], [0.5], [0.5], [3e-11], [0.01], [0.0], [0.0]])
    >>> print(f"{uptake(InBed(200.0, 400.0, 2.0, 65e-6, *species))[0]:.3f}")
    2.000
    """
    radius, loss = bed.bead_radius, bed.pore_loss
    by_pores = radius / 3.0 * bed.pore_share * loss / (1.0 + radius**2 * loss / (15.0 * bed.pore_diffusivity))
    by_beads = 3.0 / radius * by_pores / (1.0 + by_pores / bed.film)
    total: FloatArray = bed.residence * (bed.liquid_loss + bed.phase_ratio * by_beads)
    return total


def left_by(times: FloatArray, plug: float, passage: Passage) -> FloatArray:
    """Return the share of a plug that has left by some times: a rectangle, convolved with a normal distribution.

    Parameters
    ----------
    times : ndarray, shape (n_times,) [s]
        Since the plug begins to enter; rising.
    plug : float [s]
        In which it enters.
    passage : Passage

    Returns
    -------
    ndarray, shape (n_species, n_times) [-]
        From 0 to 1, rising.

    Examples
    --------
    >>> left_by(np.array([0.0, 80.0, 110.0, 200.0]), 20.0, Passage(np.array([100.0]), np.array([5.0]))).round(3)
    array([[0. , 0. , 0.5, 1. ]])
    """
    mean, sd = (each[:, np.newaxis] for each in passage)
    width = np.maximum(plug, SHORTEST_PLUG * sd)
    last = np.minimum((times - mean - width) / sd, FAR)
    share = sd / width * (_excess(last + width / sd) - _excess(last))
    return np.maximum.accumulate(share.clip(0.0, 1.0), axis=1)


def _excess(z: FloatArray) -> FloatArray:
    """Return the mean excess of z over a standard normal number, the integral of its distribution up to z."""
    excess: FloatArray = z * _below(z) + np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)
    return excess


def _below(z: FloatArray) -> FloatArray:
    """Return the standard normal distribution."""
    below: FloatArray = 0.5 * (1.0 + _erf(z / math.sqrt(2.0)))
    return below


def _eluted(
    load: Load, switch: float, times: FloatArray, first: Passage, left: FloatArray, captured: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return what has left and what is captured for good if a stronger eluent enters at the switch [s].

    What it releases leaves with its front or behind it, since it is bound again ahead of it. The part of the vesicles
    taken up by then that it sets free runs ahead of the front, which the pores delay, from where it meets them.
    """
    column, stronger, flow = load.conditions.column, load.conditions.stronger, load.conditions.flow
    assert stronger is not None
    later, since = passage(load.in_beds(eluted=True), load.mixing), times - switch
    front = np.maximum(later.mean, (column.void_volume + column.pore_volume) / flow)
    behind = _below((since - front[:, np.newaxis]) / later.sd[:, np.newaxis])
    passed = left_by(np.array([switch]), load.pulse, first)[:, 0]
    taken_up = load.conditions.adsorption * load.species.adsorbs * passed
    freed = np.minimum(stronger.released * taken_up, captured)
    ahead = left_by(since, column.beds[0].pore_volume / flow, later)
    left = np.maximum(left, behind * (1.0 - captured)[:, np.newaxis]) + ahead * freed[:, np.newaxis]
    return left, captured - freed


def _stronger_liquid(load: Load, times: FloatArray) -> FloatArray:
    """Return the volume of the stronger eluent in each fraction [m3]."""
    if load.switch is None:
        return np.zeros(times.size - 1)
    mean, sd = passage(load.in_beds(), load.mixing)
    since = times - load.switch
    share = left_by(since, since[-1], Passage(mean[-1:], sd[-1:]))[0]
    volume: FloatArray = np.diff(share) * since[-1] * load.conditions.flow
    return volume
