"""An elution solved: where binding is linear the outlet curve has a closed Laplace transform, inverted numerically.

Where binding saturates, or a stronger eluent ends it, the same equations are stepped through time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sepsim.arrays import BoolArray, FloatArray
from sepsim.errors import ProtocolError
from sepsim.techniques.chromatography.column_conditions import Coefficients, Departure, ElutionProfile, Load
from sepsim.techniques.chromatography.stepped_elution import solve_in_steps, stepping_error

if TYPE_CHECKING:
    from sepsim.techniques.chromatography.kernels.column import Injection

CURVE_POINTS = (1024, 8192)  # of the chromatogram, least and most
POINTS_PER_SD = 4  # of the narrowest peak
RELEASE_CELLS = 16  # of the bed from which a stronger eluent sets vesicles free
TINY = 1e-300
LEAST_SHARE = 1e-11  # of a class; what is below it is round-off of the inversion


def solve_elution(load: Load, borders: FloatArray) -> Departure:
    """Solve how each species leaves a column.

    Parameters
    ----------
    load : Load
    borders : ndarray, shape (n_fractions + 1,) [m3]
        Volumes since sample entry at which the fractions meet; from 0, rising.

    Returns
    -------
    Departure

    Raises
    ------
    InputError
        If so much is collected that it cannot be stepped through.
    ProtocolError
        If the equations cannot be solved to the accuracy that is promised.
    """
    flow = load.conditions.flow
    grid = np.linspace(0.0, borders[-1], _curve_points(load, borders[-1] / flow) + 1)
    profile, error = _profile(load, borders / flow, grid / flow)
    return Departure(
        profile=profile,
        volumes=grid,
        stronger=_stronger_liquid(load, borders),
        stepped=bool(load.stepped.any()),
        stepping_error=error,
    )


def _curve_points(load: Load, end: float) -> int:
    """Return how many intervals of time draw the narrowest peak of what is loaded."""
    from sepsim.techniques.chromatography.kernels import column as kernel  # numba loads only when it is solved

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
