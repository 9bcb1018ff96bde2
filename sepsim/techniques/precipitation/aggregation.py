"""How particles that stick together grow into clusters, while they are incubated and while they are spun.

Particles that stick meet others by diffusion, by shear where the liquid is mixed, and because larger clusters settle
past smaller ones. Clusters are fractal: n particles of radius a reach out to R = a n^(1/D), with D from 1.8 (they stick
where they meet) to 2.5 (they rearrange). `aggregate` follows the clusters on bins of the volume of their solids and
tells in which of them each row of particles ends up; unlike particles share clusters as they meet. The equations stand
in `kernels.population_balance`.

What a bin holds is one mixture: a single large vesicle and a cluster of small particles with as much solids meet others
at their mean radius, with their mean density and chance to stick.

Not in the model: clusters that break in a strong shear, that settle out of the liquid while they grow, and flow around
a large cluster that carries small ones past it (settling and shear then count too many encounters).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K, STANDARD_GRAVITY_M_PER_S2
from sepsim.techniques.precipitation.kernels.population_balance import (
    GELLED,
    Aggregation,
    Collisions,
    Constituents,
    solve_aggregation,
)

LARGEST_CLUSTER_M = 100e-6  # diameter that bins reach
_LEAST_GROWTH = 1000.0  # of the largest particle's solids, that bins reach
_TRACE = 1e-30  # of all particles: number of a row without any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Primaries:
    """Single particles that stick, a row for each kind.

    Attributes
    ----------
    diameter : ndarray, shape (n,) [m]
        At which they meet; hydrodynamic.
    volume : ndarray, shape (n,) [m3]
        Of the solids of one particle.
    density : ndarray, shape (n,) [kg/m3]
        Of these solids.
    number : ndarray, shape (n,) [1/m3]
        Per volume of liquid; 0 is a tracer.
    sticking : ndarray, shape (n,) [-]
        Chance that a contact of two equal particles lasts, 1/W, from 0 to 1.

    Raises
    ------
    ValueError
        If lengths differ or a value is out of range.

    Examples
    --------
    >>> vesicles = Primaries(diameter=[100e-9], volume=[5.2e-22], density=[1100.0], number=[1e14], sticking=[1.0])
    >>> vesicles.number.tolist()
    [100000000000000.0]
    """

    diameter: FloatArray
    volume: FloatArray
    density: FloatArray
    number: FloatArray
    sticking: FloatArray

    def __post_init__(self) -> None:
        for each in fields(self):
            values = np.ascontiguousarray(getattr(self, each.name), dtype=np.float64)
            if values.ndim != 1 or values.size == 0 or values.size != np.size(self.diameter):
                raise ValueError(f"{each.name} must have one value for each row of particles, at least one")
            if not np.all(np.isfinite(values)) or np.any(values < 0.0):
                raise ValueError(f"{each.name} must be finite and not below 0")
            object.__setattr__(self, each.name, values)
        if np.any(self.diameter <= 0.0) or np.any(self.volume <= 0.0):
            raise ValueError("diameter and volume must be above 0")
        if np.any(self.sticking > 1.0):
            raise ValueError("sticking must not be above 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The liquid in which particles meet, and what brings them together.

    Attributes
    ----------
    temperature : float [K]
        Of the liquid.
    viscosity : float [Pa s]
        Of the liquid, polymer included.
    liquid_density : float [kg/m3]
        Of the liquid, polymer included.
    shear_rate : float [1/s]
        While it is mixed.
    acceleration : float [m/s2]
        Gravity on the bench, more in a spin.
    fractal_dimension : float [-]
        Of clusters, above 1, at most 3.

    Raises
    ------
    ValueError
        If a value is out of range.

    Examples
    --------
    >>> Conditions(temperature=277.15, viscosity=5e-3, liquid_density=1010.0).fractal_dimension
    2.0
    """

    temperature: float
    viscosity: float
    liquid_density: float
    shear_rate: float = 0.0
    acceleration: float = STANDARD_GRAVITY_M_PER_S2
    fractal_dimension: float = 2.0

    def __post_init__(self) -> None:
        for name in ("temperature", "viscosity", "liquid_density"):
            if not 0.0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be above 0")
        for name in ("shear_rate", "acceleration"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must not be below 0")
        if not 1.0 < self.fractal_dimension <= 3.0:
            raise ValueError("fractal_dimension must be above 1 and at most 3")


class Kinds(NamedTuple):
    """What begins in each bin, as one kind of particles; sums over many rows, which a run that goes on takes over.

    Attributes
    ----------
    primaries : Primaries
    conditions : Conditions
        The liquid, of which density and fractal dimension matter.
    constituents : Constituents
    number : ndarray, shape (n_kinds,) [1/m3]
        Single particles.
    """

    primaries: Primaries
    conditions: Conditions
    constituents: Constituents
    number: FloatArray

    def hold_for(self, primaries: Primaries, conditions: Conditions) -> bool:
        """Return whether these are the kinds of the same particles in a liquid of the same density."""
        same = ("liquid_density", "fractal_dimension")
        return primaries is self.primaries and all(
            getattr(conditions, key) == getattr(self.conditions, key) for key in same
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aggregates:
    """Clusters at each of the times, and where each row of single particles is among them.

    Attributes
    ----------
    time : ndarray, shape (n_times,) [s]
        As asked for.
    solids : ndarray, shape (n_bins,) [m3]
        Volume of the solids of one cluster in each bin.
    number : ndarray, shape (n_times, n_bins) [1/m3]
        Clusters, single particles included; in the last bin, which collects all that is larger, its solids over those
        of one cluster.
    diameter : ndarray, shape (n_times, n_bins) [m]
        Of clusters, by which they meet and settle.
    density : ndarray, shape (n_times, n_bins) [kg/m3]
        Of the solids of clusters.
    particles : ndarray, shape (n_times, n_bins) [1/m3]
        Single particles in all clusters of a bin.
    origin : ndarray, shape (n_rows, n_kinds) [-]
        Share of the solids of each row that begins in each kind: rows that begin in the same bin fare alike.
    fate : ndarray, shape (n_times, n_bins, n_kinds) [-]
        Share of each kind in each bin; sums over bins are 1, or less where some had left at the start.
    reached : float [s]
        Time of the last state; below the last of the times if the solution took too many steps.
    gelled : bool
        Whether most of the solids are in the last bin at the end.
    kinds : Kinds
        What begins in each bin.
    """

    time: FloatArray
    solids: FloatArray
    number: FloatArray
    diameter: FloatArray
    density: FloatArray
    particles: FloatArray
    origin: FloatArray
    fate: FloatArray
    reached: float
    gelled: bool
    kinds: Kinds

    @property
    def share(self) -> FloatArray:
        """Share of each row of particles in each bin, shape (n_times, n_rows, n_bins) [-]; sums over bins are 1."""
        shares: FloatArray = np.einsum("rc,tbc->trb", self.origin, self.fate, optimize=True)
        return shares

    @property
    def mean_size(self) -> FloatArray:
        """Particles per cluster, the mean over clusters, shape (n_times,) [-]; nan without particles."""
        return _ratio(self.particles.sum(axis=1), self.number.sum(axis=1))

    @property
    def mean_size_by_volume(self) -> FloatArray:
        """Particles in the cluster of a piece of solids, the mean over solids, shape (n_times,) [-]; or nan."""
        return _ratio(self.particles @ self.solids, self.number @ self.solids)


def aggregate(
    primaries: Primaries,
    conditions: Conditions,
    times: ArrayLike,
    *,
    start: Aggregates | None = None,
    bins: int = 60,
) -> Aggregates:
    """Let particles meet and stick.

    Parameters
    ----------
    primaries : Primaries
        Single particles.
    conditions : Conditions
        Of the liquid.
    times : array_like, shape (n_times,) [s]
        After the start, increasing, none below 0.
    start : Aggregates, optional
        Of the same `primaries`: go on from its last state, such as in a spin after an incubation. What has left the
        liquid meanwhile may be taken off its `fate`.
    bins : int
        From the smallest particle to clusters of 100 um; of no effect after a `start`.

    Returns
    -------
    Aggregates

    Raises
    ------
    ValueError
        If `times` do not increase or begin below 0, there are fewer than four `bins`, or `start` is of other rows.

    Examples
    --------
    Vesicles at 1e8 per mL in the viscosity of 8 % PEG: a night brings seven together.

    >>> vesicles = Primaries(diameter=[100e-9], volume=[5.2e-22], density=[1060.0], number=[1e14], sticking=[1.0])
    >>> bench = Conditions(temperature=277.15, viscosity=5e-3, liquid_density=1010.0, acceleration=0.0)
    >>> night = aggregate(vesicles, bench, [16 * 3600.0])
    >>> night.mean_size.round().tolist()
    [7.0]

    In a hundred times as many, half an hour does more:

    >>> from dataclasses import replace
    >>> many = replace(vesicles, number=[1e16])
    >>> aggregate(many, bench, [1800.0]).mean_size.round().tolist()
    [22.0]
    """
    asked: FloatArray = np.ascontiguousarray(times, dtype=np.float64)
    if asked.ndim != 1 or asked.size == 0 or not np.all(np.diff(asked, prepend=0.0) >= 0.0):
        raise ValueError("times must increase and not begin below 0")
    if start is None:
        if bins < 4:
            raise ValueError("bins must be at least 4")
        solids = _pivots(primaries, conditions, bins)
        spread = _on_pivots(primaries.volume, solids)
        begun = np.flatnonzero(spread.any(axis=0))
        origin, shares = spread[:, begun], np.eye(solids.size)[:, begun]
    else:
        if start.origin.shape[0] != primaries.volume.size:
            raise ValueError("start must be of the same rows of particles")
        solids, origin, shares = start.solids, start.origin, start.fate[-1]
    kinds = None if start is None else start.kinds
    if kinds is None or not kinds.hold_for(primaries, conditions):
        parts = _constituents(primaries, conditions, origin)
        kinds = Kinds(primaries, conditions, parts, primaries.number @ origin)
    found = solve_aggregation(solids, shares, kinds.constituents, _collisions(conditions, solids.size), asked)
    return _aggregates(asked, solids, conditions, origin, kinds, found)


def discretisation_error(
    primaries: Primaries, conditions: Conditions, times: ArrayLike, *, bins: int = 60
) -> FloatArray:
    """Return how far wrong the share of all solids in a bin is, by a second run on half the bins.

    The error falls with the square of the width of bins, so a third of the difference is that of the finer run. It is
    compared on the coarser bins.

    Parameters
    ----------
    primaries, conditions, times
        As of `aggregate`.
    bins : int
        Of the finer run, at least 8.

    Returns
    -------
    ndarray, shape (n_times,) [-]
        Of the bin with the largest error, as a share of all solids.

    Examples
    --------
    >>> vesicles = Primaries(diameter=[100e-9], volume=[5.2e-22], density=[1060.0], number=[1e16], sticking=[1.0])
    >>> bench = Conditions(temperature=277.15, viscosity=5e-3, liquid_density=1010.0)
    >>> bool(discretisation_error(vesicles, bench, [1800.0])[0] < 0.01)
    True
    """
    fine = aggregate(primaries, conditions, times, bins=bins)
    coarse = aggregate(primaries, conditions, times, bins=bins // 2)
    shares = _shares_of_solids(fine) @ _on_pivots(fine.solids, coarse.solids)
    error: FloatArray = np.abs(shares - _shares_of_solids(coarse)).max(axis=1) / 3.0
    return error


def _shares_of_solids(found: Aggregates) -> FloatArray:
    """Share of all solids in each bin, shape (n_times, n_bins)."""
    held: FloatArray = found.number * found.solids
    shares: FloatArray = held / held.sum(axis=1, keepdims=True)
    return shares


def _pivots(primaries: Primaries, conditions: Conditions, bins: int) -> FloatArray:
    """Solids of a cluster in each bin, from the smallest particle to clusters of 100 um."""
    bulk = _weighted(primaries.number, (0.5 * primaries.diameter) ** conditions.fractal_dimension)
    largest = (0.5 * LARGEST_CLUSTER_M) ** conditions.fractal_dimension * _weighted(primaries.number, primaries.volume)
    top = max(largest / bulk, _LEAST_GROWTH * float(primaries.volume.max()))
    pivots: FloatArray = np.geomspace(primaries.volume.min(), top, bins)
    return pivots


def _weighted(number: FloatArray, values: FloatArray) -> float:
    """Mean over particles; over rows if there are none."""
    return float(np.average(values, weights=number if number.any() else None))


def _on_pivots(volume: FloatArray, pivots: FloatArray) -> FloatArray:
    """Share of solids of each volume on the two pivots around it, which keeps number and volume; or on the last."""
    lower = np.clip(np.searchsorted(pivots, volume, side="right") - 1, 0, pivots.size - 2)
    below, above = pivots[lower], pivots[lower + 1]
    upper_share = np.clip((volume - below) / (above - below) * above / volume, 0.0, 1.0)
    spread: FloatArray = np.zeros((volume.size, pivots.size))
    rows = np.arange(volume.size)
    spread[rows, lower], spread[rows, lower + 1] = 1.0 - upper_share, upper_share
    return spread


def _constituents(primaries: Primaries, conditions: Conditions, origin: FloatArray) -> Constituents:
    """Return what begins in each bin, as one kind of particles."""
    number = np.maximum(primaries.number, _TRACE * max(float(primaries.number.sum()), 1.0))
    radius, volume = 0.5 * primaries.diameter, primaries.volume
    surface = radius**2 / volume
    quantities = np.stack(
        [
            np.ones(volume.size),
            radius**conditions.fractal_dimension / volume,
            surface,
            surface * np.sqrt(primaries.sticking),
            primaries.density - conditions.liquid_density,
        ]
    )
    total, *sums = (quantities * (number * volume)) @ origin
    return Constituents(total, *(each / total for each in sums))


def _collisions(conditions: Conditions, bins: int) -> Collisions:
    """Return what brings clusters together, in the units of the kernel."""
    return Collisions(
        matrix=np.zeros((bins, bins)),
        brownian=2.0 * BOLTZMANN_J_PER_K * conditions.temperature / (3.0 * conditions.viscosity),
        shear=conditions.shear_rate,
        settling=conditions.acceleration / (6.0 * math.pi * conditions.viscosity),
        fractal_dimension=conditions.fractal_dimension,
    )


def _aggregates(
    times: FloatArray, solids: FloatArray, conditions: Conditions, origin: FloatArray, kinds: Kinds, found: Aggregation
) -> Aggregates:  # fmt: skip
    """Read the solution."""
    parts = kinds.constituents
    held = found.shares @ parts.volume
    excess = found.shares @ (parts.volume * parts.excess)
    mean_excess = np.divide(excess, held, out=np.zeros_like(held), where=held > 0.0)
    return Aggregates(
        time=times,
        solids=solids,
        number=found.number,
        diameter=2.0 * found.radius,
        density=conditions.liquid_density + mean_excess,
        particles=found.shares @ kinds.number,
        origin=origin,
        fate=found.shares,
        reached=found.reached,
        gelled=found.status == GELLED,
        kinds=kinds,
    )


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Quotient, nan where there is nothing."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=(above > 0.0) & (below > 0.0))
