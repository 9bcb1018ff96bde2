"""A spin in a gradient without diffusion, for a dry run: each class moves at s w^2 r, in NumPy and on few cells.

What it leaves out is the width of bands. The gradient moves in a few implicit strides. In each of them a class follows
the velocity field exactly that is linear between faces: what is in a cell afterwards is what lay between the points
from which its two faces have come. A class that meets its own density stays in that cell; what passes the bottom has
pelleted, and where walls catch, so has what no longer fits into the narrowing tube.

Source: Leonard, Lock & MacVean 1996, on long conservative steps through the cumulative amount.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.errors import ModelRangeWarning
from sepsim.particles.osmosis import StateTable, state_at
from sepsim.particles.particle_table import ParticleTable
from sepsim.techniques.centrifugation.gradient.gradient import Gradient
from sepsim.techniques.centrifugation.gradient.gradient_evolution import bernoulli, evolve_in_strides
from sepsim.techniques.centrifugation.gradient.gradient_setup import GradientSetup, refuse_collapse
from sepsim.techniques.centrifugation.gradient.gradient_spin import STEP_GROWTH, GradientSpin
from sepsim.techniques.centrifugation.gradient.gradient_stability import excess_mass, least_stable, small_and_others
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn, at_faces

FEW_CELLS = 64
STRIDES = 14
STEPS = 1  # of the particles in each stride
FAR = 2.0  # steps; a cell that takes longer than one step is not left backwards in one


def spin_in_plug_flow(particles: ParticleTable, counts: FloatArray, setup: GradientSetup) -> GradientSpin:
    """Spin particles in a gradient without diffusion.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number loaded, in all tubes.
    setup : GradientSetup
        With some tens of cells of equal thickness.

    Returns
    -------
    GradientSpin
        With two frames, start and end, and no error; its stability is that of the tubes as they are filled.

    Raises
    ------
    InputError
        If vesicles would collapse.

    Examples
    --------
    Where a bead of 1.09 g/mL is after three hours in iodixanol, in volume of liquid above it:

    >>> from sepsim.samples.sample_recipe import recipe
    >>> from sepsim.techniques.centrifugation.density_gradient import DensityGradient
    >>> method = DensityGradient(rotor="SW 41 Ti", rcf_xg=100_000, rcf_at="rav", time_min=180, fractions=12,
    ...     gradient={"shape": "linear", "top": {"iodixanol_percent_w_v": 5, "diluent": "PBS"},
    ...               "bottom": {"iodixanol_percent_w_v": 35, "diluent": "PBS"}, "volume_mL": 11})
    >>> beads = recipe({"volume_mL": 0.5, "temperature_C": 4, "medium": "PBS", "population": [
    ...     {"name": "bead", "kind": "particle", "diameter_nm": 300, "density_g_mL": 1.09, "particles_per_mL": 1e6},
    ... ]}).prepare()
    >>> spin = spin_in_plug_flow(beads.particles, beads.counts, method.filled(beads, cells=64))
    >>> band = spin.shares[0].argmax()
    >>> round(float(spin.column.depths[band]) * 1e6), round(float(spin.gradients[-1].density[band]), -1)
    (4, 1090.0)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelRangeWarning)  # gradient_warnings tells once how far solutes gather
        return _spun(particles, counts, setup)


def _spun(particles: ParticleTable, counts: FloatArray, setup: GradientSetup) -> GradientSpin:
    times = setup.profile.clock * np.expm1(STEP_GROWTH * np.linspace(0.0, 1.0, STRIDES + 1)) / np.expm1(STEP_GROWTH)
    gradients = [setup.gradient] * times.size
    if not setup.frozen:
        gradients = evolve_in_strides(setup.gradient, setup.column, setup.profile, times)
    media = [_Faces.of(each) for each in gradients]
    refuse_collapse(particles, counts, np.stack([each.osmolality for each in media]))
    doses = np.diff([setup.profile.until(float(time)).dose for time in times])
    shares = np.zeros((len(particles), setup.load.size))
    loaded = counts > 0
    shares[loaded] = _flow(setup, [_velocity(particles, setup.column, each)[:, loaded] for each in media], doses).T
    pelleted = np.where(loaded, setup.load.sum() - shares.sum(axis=1), 0.0).clip(min=0.0)  # of round-off
    members = (particles.population == np.arange(len(particles.names))[:, None]) * counts
    states = StateTable.of(particles, media[0].osmolality)
    excess = excess_mass(states, gradients[0])
    weighed = small_and_others(particles, counts) @ excess.T * setup.load
    return GradientSpin(
        rotor=setup.rotor,
        tubes=setup.tubes,
        runs=setup.runs,
        column=setup.column,
        profile=setup.profile,
        particles=particles,
        counts=counts,
        shares=shares,
        pelleted=pelleted,
        error=np.zeros(len(particles)),
        times=times[[0, -1]],
        gradients=[gradients[0], gradients[-1]],
        populations=np.stack([np.outer(members.sum(axis=1), setup.load), members @ shares]),
        pellets=np.stack([np.zeros(len(members)), members @ pelleted]),
        stability=least_stable(setup, times[:1], gradients[:1], weighed[None]),
    )


def _flow(setup: GradientSetup, velocities: Sequence[FloatArray], doses: FloatArray) -> FloatArray:
    """Return the share of each class in each cell after strides of some doses, shape (n_cells, n_classes)."""
    uncut = uncut_share(setup.column) if setup.walls_catch else np.ones(setup.load.size)
    amounts = np.repeat(setup.load[:, None], velocities[0].shape[1], axis=1)
    for dose, (begun, ended) in zip(doses, pairwise(velocities), strict=True):
        for step in range(STEPS):
            late = (step + 0.5) / STEPS
            amounts = carried(amounts, dose / STEPS * (begun + late * (ended - begun)), uncut)
    return amounts


class _Faces(NamedTuple):
    """Density [kg/m3], viscosity [Pa s] and osmolality [osm/kg] of the liquid at the faces, shape (n_faces,) each."""

    density: FloatArray
    viscosity: FloatArray
    osmolality: FloatArray

    @classmethod
    def of(cls, gradient: Gradient) -> _Faces:
        """Return those of a gradient."""
        blend, shares, solutes = gradient.blend, at_faces(gradient.shares), at_faces(gradient.solutes).clip(min=0.0)
        return cls(blend.density(shares, solutes), blend.viscosity(shares, solutes), blend.osmolality(shares, solutes))


def _velocity(particles: ParticleTable, column: LiquidColumn, liquid: _Faces) -> FloatArray:
    """Return s r at the faces, in cells per dose, shape (n_faces, n_classes) [s]."""
    state = state_at(particles, liquid.osmolality)
    buoyant_mass = state.mass - state.volume * liquid.density[:, None]
    sedimentation = buoyant_mass / (3.0 * np.pi * liquid.viscosity[:, None] * state.diameter)
    velocity: FloatArray = sedimentation * (column.faces / (column.faces[1] - column.faces[0]))[:, None]
    return velocity


def uncut_share(column: LiquidColumn) -> FloatArray:
    """Return the share of the bundle of chords through each cell that the wall has not yet cut off.

    Parameters
    ----------
    column : LiquidColumn

    Returns
    -------
    ndarray, shape (n_cells,) [-]

    Examples
    --------
    The upper half of a tube is straight; then it narrows to a point:

    >>> faces, areas = np.array([1.0, 2.0, 3.0]), np.array([4.0, 4.0, 0.0])
    >>> uncut_share(LiquidColumn(faces, areas, depths=np.array([0.0, 4.0, 6.0]))).tolist()
    [1.0, 0.5]
    """
    widest = np.maximum.accumulate(column.areas)
    chords = np.where(column.areas[1:] < widest[1:], widest[1:] * np.diff(column.faces), column.volumes)
    share: FloatArray = np.minimum(column.volumes / chords, 1.0)
    return share


def carried(amounts: FloatArray, drift: FloatArray, uncut: FloatArray) -> FloatArray:
    """Return the amounts in the cells after a step of plug flow; what is missing has pelleted.

    Parameters
    ----------
    amounts : ndarray, shape (n_cells, n_classes) [any]
    drift : ndarray, shape (n_cells + 1, n_classes) [cells]
        How far each class would move in the step, were its velocity that at each face; linear in between.
    uncut : ndarray, shape (n_cells,) [-]
        Of each cell, as `uncut_share` gives it, or 1 where walls do not catch.

    Returns
    -------
    ndarray, shape (n_cells, n_classes) [any]

    Examples
    --------
    Everything moves one and a half cells outwards:

    >>> carried(np.ones((4, 1)), np.full((5, 1), 1.5), np.ones(4)).ravel().tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    origin, inner, outer = origins(drift), drift[:-1], drift[1:]
    turns = (inner > 0) & (outer < 0)
    still = np.arange(len(inner))[:, None] + np.divide(inner, inner - outer, out=np.zeros_like(inner), where=turns)
    middle = np.where(turns, still, np.where(inner + outer > 0, origin[1:], origin[:-1]))
    begun, half, ended = (_above(amounts, places) for places in (origin[:-1], middle, origin[1:]))
    outwards = half - begun
    if uncut.min() < 1.0:
        chords = amounts / uncut[:, None]
        outwards = np.minimum(outwards, (_above(chords, middle) - _above(chords, origin[:-1])) * uncut[:, None])
    return (outwards + ended - half).clip(min=0.0)  # of round-off


def _above(amounts: FloatArray, places: FloatArray) -> FloatArray:
    """Return what lies above places [cells], of each class."""
    total = np.concatenate([np.zeros_like(amounts[:1]), np.cumsum(amounts, axis=0)])
    cell = np.minimum(places.astype(np.int64), len(amounts) - 1)
    within = np.take_along_axis(amounts, cell, axis=0) * (places - cell)
    above: FloatArray = np.take_along_axis(total, cell, axis=0) + within
    return above


def origins(drift: FloatArray) -> FloatArray:
    """Return the places from which each face is reached in a step, in cells from the meniscus.

    Parameters
    ----------
    drift : ndarray, shape (n_faces, n_classes) [cells]
        As for `carried`.

    Returns
    -------
    ndarray, shape (n_faces, n_classes) [cells]
        At an end for what would come from beyond it, and for what would leave through the meniscus.

    Notes
    -----
    The time from face to face in a velocity that is linear in between, ln(b/a)/(b - a), adds up from the meniscus. The
    rest of the step a particle has spent in one cell, which it leaves at b having come with b exp(-(b - a) t).

    Examples
    --------
    Everything moves outwards, then everything inwards:

    >>> origins(np.array([[1.5, -1.5]] * 4)).T.tolist()
    [[0.0, 0.0, 0.5, 1.5], [0.0, 2.5, 3.0, 3.0]]
    """
    a, b, last = drift[:-1], drift[1:], len(drift) - 1
    same = a * b > 0
    ratio = np.divide(b, a, out=np.ones_like(a), where=same)
    crossing = np.divide(bernoulli(np.log(ratio)), np.abs(a), out=np.full_like(a, FAR), where=same).clip(max=FAR)
    reach = np.concatenate([np.zeros_like(a[:1]), np.cumsum(crossing, axis=0)])
    target = reach - np.sign(drift)
    found = _last_not_above(reach, target)
    cell = found.clip(0, last - 1)
    left = cell + (drift > 0)  # the face through which it has left that cell
    rest = np.abs(np.take_along_axis(reach, left, axis=0) - target)
    slope, speed = np.take_along_axis(b - a, cell, axis=0), np.take_along_axis(drift, left, axis=0)
    origin = left - (speed * rest / bernoulli(-slope * rest)).clip(-1.0, 1.0)
    origin = np.where(found < 0, 0.0, np.where(found >= last, last, origin))
    origin[0] = 0.0
    return origin


def _last_not_above(rising: FloatArray, values: FloatArray) -> IntArray:
    """Return the row of its rising column above which each value lies, -1 if none; all within 1 of its ends."""
    rows, columns = rising.shape
    apart = (FAR * rows + 1.0) * np.arange(columns)  # one column behind the other
    found = np.searchsorted((rising + apart).T.ravel(), (values + apart).T.ravel(), side="right")
    cell: IntArray = found.reshape(columns, rows).T - rows * np.arange(columns) - 1
    return cell
