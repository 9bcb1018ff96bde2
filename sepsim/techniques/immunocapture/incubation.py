"""Beads and sample together: which share of each class is bound, sticks or stays free, in the course of time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.techniques.immunocapture.capacity import footprint
from sepsim.techniques.immunocapture.conditions import Conditions
from sepsim.techniques.immunocapture.copies import AntigenBins, antigen_bins

POINTS = 33  # times of a course


@dataclass(frozen=True, slots=True, eq=False)
class Particles:
    """Particles that meet the beads, class by class.

    Attributes
    ----------
    radius : ndarray, shape (n,) [m]
        Hydrodynamic.
    numbers : ndarray, shape (n,) [1/m3]
        Of bodies that move, per volume.
    antigens : ndarray, shape (n,) [-]
        Mean per body, summed over those that the beads bind.
    dispersion : float or None [-]
        Of the negative binomial; None: Poisson.
    """

    radius: FloatArray
    numbers: FloatArray
    antigens: FloatArray
    dispersion: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Incubation:
    """What came of the particles.

    Attributes
    ----------
    conditions : Conditions
    particles : Particles
    bins : AntigenBins
        Of all classes, with the antigens that nothing masks.
    times : ndarray, shape (n_times,) [s]
    free, bound, stuck : ndarray, shape (n_times, n_bins) [-]
        Shares of each bin, which sum to one.
    coverage : ndarray, shape (n_times,) [-]
        Of the beads, over that at jamming.
    exhausted : bool
        Whether the kernel ran out of steps.
    """

    conditions: Conditions
    particles: Particles
    bins: AntigenBins
    times: FloatArray
    free: FloatArray
    bound: FloatArray
    stuck: FloatArray
    coverage: FloatArray
    exhausted: bool

    @property
    def radius(self) -> FloatArray:
        """Of the particles of each bin, shape (n_bins,) [m]."""
        return self.particles.radius[self.bins.row]

    @property
    def bonds(self) -> FloatArray:
        """Most bonds of a contact of each bin, shape (n_bins,) [-]."""
        return self.conditions.bonds(self.radius, self.bins.antigens)

    def of_rows(self, of_bins: FloatArray) -> FloatArray:
        """Sum shares of bins over those of each class, shape (..., n_bins) to (..., n)."""
        return by_row(self.bins.row, of_bins * self.bins.share, self.particles.radius.size)


def by_row(row: IntArray, values: FloatArray, rows: int) -> FloatArray:
    """Sum the last axis over bins of one row.

    Parameters
    ----------
    row : ndarray of int, shape (n_bins,) [-]
        Rising.
    values : ndarray, shape (..., n_bins) [any unit]
    rows : int

    Returns
    -------
    ndarray, shape (..., rows) [same unit]

    Examples
    --------
    >>> by_row(np.array([0, 0, 2]), np.array([1.0, 2.0, 4.0]), 3).tolist()
    [3.0, 0.0, 4.0]
    """
    total = np.zeros((*values.shape[:-1], rows))
    if row.size:
        first = np.flatnonzero(np.diff(row, prepend=-1))
        total[..., row[first]] = np.add.reduceat(values, first, axis=-1)
    return total


Incubate = Callable[[Conditions, Particles, float], Incubation]


def incubate(conditions: Conditions, particles: Particles, time: float) -> Incubation:
    """Return what beads capture in a time.

    Parameters
    ----------
    conditions : Conditions
    particles : Particles
    time : float [s]

    Returns
    -------
    Incubation

    Notes
    -----
    Two courses of the same kernel: by their antigens particles share the surface of the beads; what sticks without any
    shares the bare surface between the ligands. The two do not hinder one another.
    """
    from sepsim.techniques.immunocapture.kernels.capture import OK, Lanes, solve_capture

    bins = antigen_bins(particles.antigens * conditions.competition.open_antigens, particles.dispersion)
    radius, antigens = particles.radius[bins.row], bins.antigens
    covered = particles.numbers[bins.row] * bins.share * footprint(radius, conditions.bead.radius) / conditions.beads
    lanes = Lanes(
        binding=conditions.binding(radius, antigens),
        sticking=conditions.sticking(radius),
        opening=np.where(antigens > 0, conditions.opening(radius, antigens), 0.0),
        covers=covered,
        soils=covered,
    )
    times = course(time)
    found = solve_capture(lanes, times, clearing_time=conditions.clearing_time)
    return Incubation(
        conditions, particles, bins, times, found.free, found.bound, found.stuck, found.coverage, found.status != OK
    )


def course(time: float) -> FloatArray:
    """Return times from 0 to a time [s] that are dense at the start."""
    return time * np.linspace(0.0, 1.0, POINTS) ** 2


def estimate(conditions: Conditions, particles: Particles, time: float) -> Incubation:
    """Return about what beads capture in a time, without a kernel: as if they never filled and nothing came off.

    Parameters
    ----------
    conditions : Conditions
    particles : Particles
    time : float [s]

    Returns
    -------
    Incubation
        Of two bins for each class, without antigens and with their mean.
    """
    mean = particles.antigens * conditions.competition.open_antigens
    r = particles.dispersion
    none = np.exp(-mean if r is None else -r * np.log1p(mean / r))
    row = np.repeat(np.arange(mean.size), 2)
    share = np.column_stack([none, 1.0 - none]).ravel()
    antigens = np.column_stack([0.0 * mean, mean / np.maximum(1.0 - none, math.ulp(1.0))]).ravel()
    bins = AntigenBins(row, antigens, share)
    radius = particles.radius[row]
    mixed = min(time, 0.5 * conditions.clearing_time)
    free = np.exp(-conditions.binding(radius, antigens) * mixed)
    nothing = np.zeros_like(free)
    start = np.ones_like(free)
    return Incubation(
        conditions,
        particles,
        bins,
        np.array([0.0, time]),
        np.array([start, free]),
        np.array([nothing, 1.0 - free]),
        np.zeros((2, free.size)),
        np.zeros(2),
        exhausted=False,
    )
