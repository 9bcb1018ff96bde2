"""The physics of one elution: when each particle class, and the liquid of the sample, leaves a column.

Liquid flows at a constant rate past beads, whose pores a solute enters by its size, and which may bind it. Where
binding is linear the outlet curve has a closed Laplace transform, inverted numerically; where it saturates, or a
stronger eluent ends it, the same equations are stepped through time. Volumes count from the moment at which the sample
enters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sepsim.arrays import BoolArray, FloatArray
from sepsim.errors import ProtocolError
from sepsim.particles.particle_table import ParticleTable
from sepsim.techniques.chromatography.column_conditions import Coefficients, Conditions, ElutionProfile, Load, Species
from sepsim.techniques.chromatography.columns.columns import Column
from sepsim.techniques.chromatography.stepped_elution import solve_in_steps, stepping_error

if TYPE_CHECKING:
    from sepsim.techniques.chromatography.kernels.column import Injection

CURVE_POINTS = (1024, 8192)  # of the chromatogram, least and most
POINTS_PER_SD = 4  # of the narrowest peak
RELEASE_CELLS = 16  # of the bed from which a stronger eluent sets vesicles free
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
    stepping_error : float [-]
        Estimated error of a fraction, of what is loaded of a population; 0 where nothing was stepped.
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
    stepping_error: float
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
        """Liquid between the beads [m3]: the mean volume at which an excluded particle leaves, less half the load."""
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
    species = Species.of(particles, conditions, counts)
    numbers = species.numbers(particles, counts)
    load = Load(conditions, species, particles.names, numbers, load_volume / conditions.flow)
    grid = np.linspace(0.0, borders[-1], _curve_points(load, borders[-1] / conditions.flow) + 1)
    profile, stepping = _profile(load, borders / conditions.flow, grid / conditions.flow)
    proteins = species.numbers(particles, counts * particles.protein_mass)
    of_class = species.of_class
    fractions = np.diff(profile.left, axis=1)
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
            remaining=profile.remaining[of_class],
            captured=profile.captured[of_class],
        ),
        stepped=bool(load.stepped.any()),
        stepping_error=stepping,
        volumes=grid,
        concentration=numbers @ profile.rate / conditions.flow,
        protein=proteins @ profile.rate / conditions.flow,
    )


def _curve_points(load: Load, end: float) -> int:
    """Return how many intervals of time draw the narrowest peak of what is loaded."""
    from sepsim.techniques.chromatography.kernels import column as kernel  # numba loads only when something is eluted

    loaded = load.numbers.sum(axis=0) > 0.0
    _, variance, _ = kernel.elution_moments(*load.coefficients(), load.injection._replace(pulse=0.0))
    narrowest = np.sqrt(variance[loaded].min()) if loaded.any() else end
    wanted = np.clip(POINTS_PER_SD * end / narrowest, *CURVE_POINTS)
    return 1 << int(np.ceil(np.log2(wanted)))


def _profile(load: Load, borders: FloatArray, grid: FloatArray) -> tuple[ElutionProfile, float]:
    """Solve every species by the shortest way, at borders and on a grid of times [s]; estimate the error of steps."""
    stepped = load.stepped
    marks = borders if load.switch is None else np.union1d(borders, load.switch)
    size = stepped.size
    profile = ElutionProfile(np.zeros((size, marks.size)), np.zeros(size), np.zeros(size), np.zeros((size, grid.size)))
    for chosen, solve in ((~stepped, _exact), (stepped, solve_in_steps)):
        if chosen.any():
            for whole, part in zip(profile, solve(load, chosen, marks, grid), strict=True):
                whole[chosen] = part
    error = stepping_error(load, stepped, marks, profile.left[stepped]) if stepped.any() else 0.0
    if load.switch is not None:
        profile = _with_released(load, profile, marks, grid, load.switch)
    return profile._replace(left=profile.left[:, np.isin(marks, borders)]), error


def _exact(load: Load, chosen: BoolArray, marks: FloatArray, grid: FloatArray) -> ElutionProfile:
    return _transformed(load.coefficients().of(chosen), load.injection, marks, grid)


def _transformed(
    coefficients: Coefficients, injection: Injection, marks: FloatArray, grid: FloatArray
) -> ElutionProfile:
    """Invert the Laplace transforms of the outlet curve and of its integral."""
    from sepsim.techniques.chromatography.kernels import column as kernel

    left, terms = kernel.cumulative_elution(*coefficients, injection, marks)
    rate, curve_terms = kernel.outlet_curve(*coefficients, injection, end=grid[-1], points=grid.size - 1)
    if np.any(terms < 0):
        raise ProtocolError(
            "chromatography: a peak is too narrow for the time over which it is followed; collect fewer fractions, or "
            "give a larger axial_dispersion_m2_s"
        )
    if np.any(sharp := curve_terms < 0):  # the shares converge before the curve, whose mean over intervals they give
        times = np.linspace(0.0, grid[-1], CURVE_POINTS[0] + 1)
        shares, _ = kernel.cumulative_elution(*coefficients.of(sharp), injection, times)
        means = np.diff(shares, axis=1) / times[1]
        rate[sharp] = [np.interp(grid, times[1:] - 0.5 * times[1], each) for each in means]
    recovered = _recovered(coefficients)
    end = recovered[:, np.newaxis]
    left = np.where(left < LEAST_SHARE, 0.0, np.where(left > end - LEAST_SHARE, end, left))
    left = np.maximum.accumulate(left, axis=1)
    return ElutionProfile(left, recovered - left[:, -1], 1.0 - recovered, rate.clip(min=0.0))


def _with_released(
    load: Load, profile: ElutionProfile, marks: FloatArray, grid: FloatArray, switch: float
) -> ElutionProfile:
    """Add the vesicles that the stronger eluent sets free, each where its front meets them.

    Those are met that were taken up until it enters: as many as go with the share of the others that has left, and
    along the first bed as uptake of first order leaves them. From there they run with the liquid between the beads,
    ahead of the front, which the pores delay.
    """
    assert load.conditions.stronger is not None
    chosen = load.species.adsorbs > 0
    if not chosen.any() or load.conditions.stronger.released == 0.0:
        return profile
    beds, adsorbing = load.coefficients().of(chosen)
    taken_up = 1.0 - _recovered(Coefficients(beds, adsorbing._replace(pore_loss=np.zeros_like(adsorbing.pore_loss))))
    passed = profile.left[chosen, np.searchsorted(marks, switch)] / np.maximum(1.0 - profile.captured[chosen], TINY)
    released = np.minimum(load.conditions.stronger.released * taken_up * passed, profile.captured[chosen])
    left, remaining, captured, rate = (each.copy() for each in profile)
    captured[chosen] -= released
    for share, free in _set_free(load, chosen, marks - switch, grid - switch):
        amount = share * released
        left[chosen] += amount[:, np.newaxis] * free.left
        remaining[chosen] += amount * free.remaining
        captured[chosen] += amount * free.captured
        rate[chosen] += amount[:, np.newaxis] * free.rate
    return ElutionProfile(left, remaining, captured, rate)


def _set_free(
    load: Load, chosen: BoolArray, marks: FloatArray, grid: FloatArray
) -> Iterator[tuple[float, ElutionProfile]]:
    """Yield how much of what is set free each part of the first bed held, and what becomes of it.

    Times count from the moment at which the stronger eluent enters.
    """
    clean = load._replace(conditions=load.conditions._replace(adsorption=0.0))
    beds, species = clean.coefficients(eluted=True).of(chosen)
    bed, flow = load.conditions.column.beds[0], load.conditions.flow
    front, passes = (bed.void_volume + bed.pore_volume) / flow, bed.void_volume / flow
    borders = np.linspace(0.0, 1.0, RELEASE_CELLS + 1)
    held = (1.0 - load.conditions.adsorption) ** borders
    for above, below, share in zip(borders, borders[1:], -np.diff(held) / load.conditions.adsorption, strict=False):
        middle = 0.5 * (above + below)
        rest = np.append(1.0 - middle, np.ones(beds.residence.size - 1))
        onward = Coefficients(beds._replace(residence=beds.residence * rest, peclet=beds.peclet * rest), species)
        start = above * front + (middle - above) * passes
        since, points = np.maximum(marks - start, 0.0), np.linspace(0.0, grid[-1] - start, grid.size)
        if since[-1] <= 0.0:
            none, size = np.zeros, int(chosen.sum())  # it has not come so far
            yield share, ElutionProfile(none((size, marks.size)), np.ones(size), none(size), none((size, grid.size)))
            continue
        plug = load.injection._replace(pulse=(below - above) * (front - passes))
        free = _transformed(onward, plug, since, points)
        late = np.array([np.interp(grid - start, points, each, left=0.0) for each in free.rate])
        yield share, free._replace(rate=late)


def _recovered(coefficients: Coefficients) -> FloatArray:
    """Return the share of each species that leaves the column at all."""
    from sepsim.techniques.chromatography.kernels import column as kernel

    *_, recovered = kernel.elution_moments(*coefficients, kernel.Injection())
    return np.minimum(recovered, 1.0)


def _stronger_liquid(load: Load, borders: FloatArray) -> FloatArray:
    """Return the volume of the stronger eluent in each fraction [m3]."""
    if load.switch is None:
        return np.zeros(borders.size - 1)
    flow = load.conditions.flow
    liquid = np.arange(load.species.radius.size) == load.species.radius.size - 1
    coefficients = load.coefficients().of(liquid)
    since = np.maximum(borders / flow - load.switch, 0.0)
    profile = _transformed(coefficients, load.injection._replace(pulse=since[-1]), since, since)
    volume: FloatArray = np.diff(profile.left[0]) * since[-1] * flow
    return volume
