"""The physics of one elution: when each particle class, and the liquid of the sample, leaves a column.

Liquid flows at a constant rate past beads, whose pores a solute enters by its size, and which may bind it. Where
binding is linear the outlet curve has a closed Laplace transform, inverted numerically; where it saturates, or a
stronger eluent ends it, the same equations are stepped through time. Volumes count from the moment at which the sample
enters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sepsim.column_run import Chosen, Coefficients, Conditions, Load, Passage, Species
from sepsim.equipment.columns import Column
from sepsim.errors import ProtocolError
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.size_distribution import FloatArray
from sepsim.stepped_elution import march

CURVE_POINTS = 1024  # of the chromatogram
TINY = 1e-300
LEAST_SHARE = 1e-11  # of a class; what is below it is round-off of the inversion


class Collected(NamedTuple):
    """Where everything is when the flow stops.

    Attributes
    ----------
    borders : ndarray, shape (n_fractions + 1,) [m3]
        Volumes at which the fractions meet.
    shares : ndarray, shape (n_fractions, n_classes) [-]
        Share of each class in each fraction.
    liquid, stronger : ndarray, shape (n_fractions,) [m3]
        Liquid of the sample, and of the stronger eluent, in each fraction; the rest is the eluent.
    remaining, captured : ndarray, shape (n_classes,) [-]
        Share that more eluent would still bring out, and share that the resin keeps.
    """

    borders: FloatArray
    shares: FloatArray
    liquid: FloatArray
    stronger: FloatArray
    remaining: FloatArray
    captured: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Elution:
    """One elution as it happened: what plots need to draw the chromatogram.

    Attributes
    ----------
    conditions : Conditions
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number loaded.
    load_volume : float [m3]
    count_offset : float [m3]
        Volume at which the counting of fractions starts.
    collected : Collected
    stepped : bool
        Whether the solution was stepped through time.
    volumes : ndarray, shape (n_points,) [m3]
        Of liquid that has left the column, 0 when the sample enters.
    concentration : ndarray, shape (n_populations, n_points) [1/m3]
        Of each population in the liquid that leaves at each of the volumes.
    protein : ndarray, shape (n_populations, n_points) [kg/m3]
        Protein of each population in it.
    """

    conditions: Conditions
    particles: ParticleTable
    counts: FloatArray
    load_volume: float
    count_offset: float
    collected: Collected
    stepped: bool
    volumes: FloatArray
    concentration: FloatArray
    protein: FloatArray

    @property
    def names(self) -> tuple[str, ...]:
        """The populations."""
        return self.particles.names

    @property
    def column(self) -> Column:
        """The column."""
        return self.conditions.column

    @property
    def void_volume(self) -> float:
        """Liquid between the beads [m3]: what leaves the column before anything of the sample can."""
        return self.column.void_volume

    @property
    def numbering(self) -> str:
        """Where the counting of fractions starts, by both conventions."""
        offset, void = self.count_offset, self.void_volume
        beyond = offset - void
        side = "beyond" if beyond >= 0 else "before the end of"
        return (
            f"void volume {void * 1e6:.3g} mL; fraction 1 starts {offset * 1e6:.3g} mL after the sample enters, "
            f"{abs(beyond) * 1e6:.3g} mL {side} the void volume"
        )


def elute(
    particles: ParticleTable,
    counts: FloatArray,
    conditions: Conditions,
    *,
    load_volume: float,
    borders: FloatArray,
    count_offset: float = 0.0,
) -> Elution:
    """Run a sample through a column and collect what leaves it.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number loaded.
    conditions : Conditions
    load_volume : float [m3]
        Of the sample.
    borders : ndarray, shape (n_fractions + 1,) [m3]
        Volumes since sample entry at which the fractions meet; from 0, rising.
    count_offset : float [m3]
        At which the counting of fractions starts; told in the result alone.

    Returns
    -------
    Elution

    Raises
    ------
    InputError
        If so much is collected that it cannot be stepped through.
    ProtocolError
        If the equations cannot be solved to the accuracy that is promised.
    """
    species = Species.of(particles, conditions)
    numbers = species.numbers(particles, counts)
    load = Load(conditions, species, particles.names, numbers, load_volume / conditions.flow)
    grid = np.linspace(0.0, borders[-1], CURVE_POINTS + 1)
    passage = _passage(load, borders / conditions.flow, grid / conditions.flow)
    proteins = species.numbers(particles, counts * particles.protein_mass)
    of_class = species.of_class
    fractions = np.diff(passage.left, axis=1)
    return Elution(
        conditions=conditions,
        particles=particles,
        counts=counts,
        load_volume=load_volume,
        count_offset=count_offset,
        collected=Collected(
            borders=borders,
            shares=fractions[of_class].T,
            liquid=fractions[-1] * load_volume,
            stronger=_stronger_liquid(load, borders),
            remaining=passage.remaining[of_class],
            captured=passage.captured[of_class],
        ),
        stepped=bool(load.stepped.any()),
        volumes=grid,
        concentration=numbers @ passage.rate / conditions.flow,
        protein=proteins @ passage.rate / conditions.flow,
    )


def _passage(load: Load, borders: FloatArray, grid: FloatArray) -> Passage:
    """Solve every species by the shortest way, at borders and on a grid of times [s]."""
    stepped = load.stepped
    marks = borders if load.switch is None else np.union1d(borders, load.switch)
    size = stepped.size
    passage = Passage(np.zeros((size, marks.size)), np.zeros(size), np.zeros(size), np.zeros((size, grid.size)))
    for chosen, solve in ((~stepped, _exact), (stepped, march)):
        if chosen.any():
            for whole, part in zip(passage, solve(load, chosen, marks, grid), strict=True):
                whole[chosen] = part
    if load.switch is not None:
        passage = _with_released(load, passage, marks, grid, load.switch)
    return passage._replace(left=passage.left[:, np.isin(marks, borders)])


def _exact(load: Load, chosen: Chosen, marks: FloatArray, grid: FloatArray) -> Passage:
    coefficients = load.coefficients().of(chosen)
    return _transformed(coefficients, load.pulse, load.mixing, marks, grid)


def _transformed(
    coefficients: Coefficients, pulse: float, mixing: float, marks: FloatArray, grid: FloatArray
) -> Passage:
    """Invert the Laplace transforms of the outlet curve and of its integral."""
    from sepsim.kernels import column as kernel  # numba loads only when something is eluted

    left, terms = kernel.cumulative(*coefficients, pulse, mixing, marks)
    if np.any(terms < 0):
        raise ProtocolError(
            "chromatography: a peak is too narrow for the time over which it is followed; collect fewer fractions, or "
            "give a larger axial_dispersion_m2_s"
        )
    recovered = _recovered(coefficients)
    end = recovered[:, np.newaxis]
    left = np.where(left < LEAST_SHARE, 0.0, np.where(left > end - LEAST_SHARE, end, left))
    left = np.maximum.accumulate(left, axis=1)
    rate, _ = kernel.outlet_curve(*coefficients, pulse, mixing, grid[-1], grid.size - 1)
    return Passage(left, recovered - left[:, -1], 1.0 - recovered, rate.clip(min=0.0))


def _with_released(load: Load, passage: Passage, marks: FloatArray, grid: FloatArray, switch: float) -> Passage:
    """Add the vesicles that the stronger eluent sets free, as if they entered the column with it.

    Those are free that were taken up until then: as many as go with the share of the others that has left.
    """
    assert load.conditions.stronger is not None
    chosen = load.species.adsorbs > 0
    if not chosen.any() or load.conditions.stronger.released == 0.0:
        return passage
    adsorbing = load.coefficients().of(chosen)
    taken_up = 1.0 - _recovered(adsorbing._replace(pore_loss=np.zeros_like(adsorbing.pore_loss)))
    passed = passage.left[chosen, np.searchsorted(marks, switch)] / np.maximum(1.0 - passage.captured[chosen], TINY)
    released = np.minimum(load.conditions.stronger.released * taken_up * passed, passage.captured[chosen])

    clean = load._replace(conditions=load.conditions._replace(adsorption=0.0)).coefficients(eluted=True).of(chosen)
    since, points = np.maximum(marks - switch, 0.0), np.linspace(0.0, grid[-1] - switch, grid.size)
    free = _transformed(clean, 0.0, load.mixing, since, points)
    left, remaining, captured, rate = (each.copy() for each in passage)
    left[chosen] += released[:, np.newaxis] * free.left
    remaining[chosen] += released * free.remaining
    captured[chosen] += released * (free.captured - 1.0)
    late = np.array([np.interp(grid - switch, points, each, left=0.0) for each in free.rate])
    rate[chosen] += released[:, np.newaxis] * late
    return Passage(left, remaining, captured, rate)


def _recovered(coefficients: Coefficients) -> FloatArray:
    """Return the share of each species that leaves the column at all."""
    from sepsim.kernels import column as kernel

    *_, recovered = kernel.moments(*coefficients, 0.0, 0.0)
    return np.minimum(recovered, 1.0)


def _stronger_liquid(load: Load, borders: FloatArray) -> FloatArray:
    """Return the volume of the stronger eluent in each fraction [m3]."""
    if load.switch is None:
        return np.zeros(borders.size - 1)
    flow = load.conditions.flow
    liquid = np.arange(load.species.radius.size) == load.species.radius.size - 1
    coefficients = load.coefficients().of(liquid)
    since = np.maximum(borders / flow - load.switch, 0.0)
    passage = _transformed(coefficients, since[-1], load.mixing, since, since)
    volume: FloatArray = np.diff(passage.left[0]) * since[-1] * flow
    return volume
