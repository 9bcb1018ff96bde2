"""The physics of one spin in a gradient: where each particle class is afterwards.

Particles obey the Lamm equation in the local medium, whose density, viscosity and osmolality change along the tube and
with time. The gradient moves first (dilute particles do not disturb it), then all classes in it, on one mesh.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.errors import MassBalanceError, ModelRangeWarning, ProtocolError
from sepsim.particles.osmosis import StateTable
from sepsim.particles.particle_table import ParticleTable
from sepsim.rotors.rotors import Rotor
from sepsim.techniques.centrifugation.gradient.filling_in import filled_in
from sepsim.techniques.centrifugation.gradient.gradient import Gradient
from sepsim.techniques.centrifugation.gradient.gradient_evolution import evolve
from sepsim.techniques.centrifugation.gradient.gradient_setup import GradientSetup, refuse_collapse
from sepsim.techniques.centrifugation.gradient.gradient_stability import (
    Stability,
    excess_mass,
    least_stable,
    small_and_others,
)
from sepsim.techniques.centrifugation.spin import SpeedProfile
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn, at_faces

if TYPE_CHECKING:
    from sepsim.techniques.centrifugation.kernels.lamm_gradient import GradientDistribution

CELLS = 400
STEPS = 120  # even: pairs of them make the coarse run
REFINEMENTS = (1, 4, 16)  # times as many steps, tried in turn while the error is large
LARGE_ERROR = 0.05  # of the share of a population
FRAMES = 24  # of a picture in time
LEAST_STEPS = 8  # of a stage, such as a ramp
STEP_GROWTH = 3.0  # the last step of a stage is e^3 times the first: interfaces are sharp at the start
LANES_AT_ONCE = 128  # bounds the memory of the states in between


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class GradientSpin:
    """One spin in a gradient as it happened: what plots need to draw the tube at any time.

    Attributes
    ----------
    rotor : Rotor
    tubes, runs : int
        Tubes filled altogether, and runs of the centrifuge that they take.
    column : LiquidColumn
        The cells of a tube.
    profile : SpeedProfile
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number loaded, in all tubes.
    shares : ndarray, shape (n_classes, n_cells) [-]
        Share of each class in each cell after the spin; zero for a class that was not loaded.
    pelleted : ndarray, shape (n_classes,) [-]
        Share of each class at the outer wall after the spin.
    error : ndarray, shape (n_classes,) [-]
        Largest change of the share of a class above any of the borders at which the liquid is parted, when mesh and
        steps are twice as coarse: up to three times the error where it falls with the square of both.
    times : ndarray, shape (n_frames,) [s]
    gradients : sequence of Gradient
        At each time.
    populations : ndarray, shape (n_frames, n_populations, n_cells) [-]
        Number of particles of each population in each cell, in all tubes, those between its classes filled in.
    pellets : ndarray, shape (n_frames, n_populations) [-]
        Number of particles of each population in the pellet, in all tubes.
    stability : Stability
    """

    rotor: Rotor
    tubes: int
    runs: int
    column: LiquidColumn
    profile: SpeedProfile
    particles: ParticleTable
    counts: FloatArray
    shares: FloatArray
    pelleted: FloatArray
    error: FloatArray
    times: FloatArray
    gradients: Sequence[Gradient]
    populations: FloatArray
    pellets: FloatArray
    stability: Stability

    @property
    def population_errors(self) -> dict[str, float]:
        """Largest change of the share of each loaded population above any border, as in `error` [-]."""
        loaded, off = self.particles.totals(self.counts), self.particles.totals(self.counts * self.error)
        return {
            name: float(error / number)
            for name, error, number in zip(self.particles.names, off, loaded, strict=True)
            if number > 0
        }


def spin_in_gradient(particles: ParticleTable, counts: FloatArray, setup: GradientSetup) -> GradientSpin:
    """Spin particles in a gradient, in more steps if the error of the shares is large.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number loaded, in all tubes.
    setup : GradientSetup

    Returns
    -------
    GradientSpin

    Raises
    ------
    ProtocolError
        If the gradient cannot be followed in time, or the particles in it.
    MassBalanceError
        If particles were gained or lost.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelRangeWarning)  # gradient_warnings tells once how far solutes gather
        best = None
        for refinement in REFINEMENTS:
            found = _spun(particles, counts, setup, refinement * STEPS)
            if best is None or _worst(found) < _worst(best):
                best = found
            if _worst(best) < LARGE_ERROR:
                break
        assert best is not None
        return best


def _worst(spin: GradientSpin) -> float:
    return max(spin.population_errors.values(), default=0.0)


def _spun(particles: ParticleTable, counts: FloatArray, setup: GradientSetup, steps: int) -> GradientSpin:
    nodes = _nodes(setup.profile, steps)
    gradients = _gradients(setup, nodes)
    fine, coarse = _Background.of(setup, gradients, nodes, 1), _Background.of(setup, gradients, nodes, 2)
    osmolality = np.concatenate([fine.osmolality.ravel(), coarse.osmolality.ravel()])
    refuse_collapse(particles, counts, osmolality)
    states = StateTable.of(particles, osmolality)
    frames = _frames(nodes.size // 2)
    shown = [gradients[index] for index in [0, *(2 * (frames + 1))]]
    journal = _Journal(particles, counts, states, shown, setup.column.depths)
    shares, pelleted, error = (
        np.zeros((len(particles), setup.load.size)),
        np.zeros_like(counts),
        np.zeros_like(counts),
    )

    def carry(classes: IntArray) -> tuple[GradientDistribution, GradientDistribution]:
        return fine.carry(states, classes, frames), coarse.carry(states, classes, frames[:0])

    blocks = _blocks(particles, counts)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # classes do not depend on one another, nor on their order
        carried = zip(blocks, pool.map(carry, blocks), strict=True)
        for which, of_population in groupby(carried, key=lambda block: particles.population[block[0][0]]):
            histories, pellets = [], []
            for classes, (finer, coarser) in of_population:
                shares[classes], pelleted[classes] = finer.amounts, finer.pelleted
                error[classes] = _difference(setup, finer.amounts, coarser.amounts)
                histories.append(finer.history)
                pellets.append(finer.pelleted_history)
            journal.enter(int(which), np.concatenate(histories, axis=1), np.concatenate(pellets, axis=1))
    times = nodes[[0, *(2 * (frames + 1))]]
    start = setup.load * particles.totals(counts)[:, None]
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
        error=error,
        times=times,
        gradients=shown,
        populations=np.concatenate([start[None], journal.populations]),
        pellets=np.concatenate([np.zeros((1, len(particles.names))), journal.pellets]),
        stability=least_stable(setup, times, shown, journal.with_load(setup.load)),
    )


def _nodes(profile: SpeedProfile, number: int) -> FloatArray:
    """Return the ends and the middles of the steps, shape (2 n_steps + 1,) [s]; steps do not cross stages."""
    nodes, begun = [np.zeros(1)], 0.0
    for duration in profile.durations:
        steps = max(LEAST_STEPS, 2 * round(number * duration / profile.clock / 2))
        grown = np.expm1(STEP_GROWTH * np.linspace(0.0, 1.0, 2 * steps + 1)[1:]) / np.expm1(STEP_GROWTH)
        nodes.append(begun + duration * grown)
        begun += duration
    return np.concatenate(nodes)


def _frames(steps: int) -> IntArray:
    """Return the steps after which a picture is taken."""
    return np.unique(np.linspace(0, steps - 1, FRAMES).round().astype(np.int64))


def _blocks(particles: ParticleTable, counts: FloatArray) -> list[IntArray]:
    """Cut the loaded classes of each population into blocks of at most so many."""
    loaded = [np.flatnonzero((particles.population == which) & (counts > 0)) for which in range(len(particles.names))]
    return [
        classes[begin : begin + LANES_AT_ONCE] for classes in loaded for begin in range(0, classes.size, LANES_AT_ONCE)
    ]


def _gradients(setup: GradientSetup, nodes: FloatArray) -> Sequence[Gradient]:
    """Return the gradient at each node."""
    if setup.frozen:
        return [setup.gradient] * nodes.size
    return evolve(setup.gradient, setup.column, setup.profile, nodes)


class _Background(NamedTuple):
    """The medium at the faces of a mesh in the middle of each step, and the steps."""

    faces: FloatArray
    areas: FloatArray
    volumes: FloatArray
    load: FloatArray
    dose: FloatArray
    duration: FloatArray
    density: FloatArray
    viscosity: FloatArray
    osmolality: FloatArray
    temperature: float
    walls_catch: bool

    @classmethod
    def of(cls, setup: GradientSetup, gradients: Sequence[Gradient], nodes: FloatArray, coarseness: int) -> _Background:
        """Return the background on a mesh, and in steps, of so many cells and steps together."""
        column, ends = setup.column, nodes[:: 2 * coarseness]
        middles = gradients[coarseness :: 2 * coarseness]
        solutes = at_faces(np.stack([each.solutes for each in middles], axis=1))[..., ::coarseness].clip(min=0.0)
        shares = at_faces(np.stack([each.shares for each in middles], axis=1))[..., ::coarseness]
        blend = setup.gradient.blend
        doses = [setup.profile.until(float(end)).dose for end in ends]
        return cls(
            faces=column.faces[::coarseness],
            areas=column.areas[::coarseness],
            volumes=np.diff(column.depths[::coarseness]),
            load=np.add.reduceat(setup.load, np.arange(0, setup.load.size, coarseness)),
            dose=np.diff(doses),
            duration=np.diff(ends),
            density=blend.density(shares, solutes),
            viscosity=blend.viscosity(shares, solutes),
            osmolality=blend.osmolality(shares, solutes),
            temperature=blend.temperature,
            walls_catch=setup.walls_catch,
        )

    def carry(self, states: StateTable, classes: IntArray, record: IntArray) -> GradientDistribution:
        """Carry the shares of some classes through all steps."""
        try:  # numba loads only when a gradient runs
            from sepsim.techniques.centrifugation.kernels.lamm_gradient import (
                OK,
                UNBALANCED,
                GradientParticles,
                GradientSteps,
                TubeMesh,
                solve_gradient,
            )
        except RuntimeError as error:
            raise ProtocolError(
                f"the compiled kernels cannot be kept ({error}); name a writable folder in NUMBA_CACHE_DIR"
            ) from error

        found = solve_gradient(
            TubeMesh(self.faces, self.areas, self.volumes),
            GradientSteps(self.dose, self.duration, self.density, self.viscosity, states.among_nodes(self.osmolality)),
            GradientParticles(states.mass.T[classes], states.volume.T[classes], states.diameter.T[classes]),
            self.temperature,
            np.tile(self.load, (classes.size, 1)),
            walls_catch=self.walls_catch,
            record=record.tolist(),
        )
        if np.any(found.status == UNBALANCED):
            raise MassBalanceError("particles were gained or lost in the gradient")
        if np.any(found.status != OK):
            raise ProtocolError("the particles cannot be followed in this gradient")
        return found


def _difference(setup: GradientSetup, fine: FloatArray, coarse: FloatArray) -> FloatArray:
    """Return the largest difference of the share above the borders, shape (n_lanes,)."""
    depths = setup.column.depths
    above = _above(fine, depths, setup.borders) - _above(coarse, depths[::2], setup.borders)
    largest: FloatArray = np.abs(above).max(axis=1, initial=0.0)
    return largest


def _above(amounts: FloatArray, depths: FloatArray, borders: FloatArray) -> FloatArray:
    """Return the share above each border, shape (n_lanes, n_borders)."""
    total = np.insert(np.cumsum(amounts, axis=1), 0, 0.0, axis=1)
    cell = np.clip(np.searchsorted(depths, borders, side="right") - 1, 0, depths.size - 2)
    part = (borders - depths[cell]) / (depths[cell + 1] - depths[cell])
    above: FloatArray = total[:, cell] * (1.0 - part) + total[:, cell + 1] * part
    return above


class _Journal:
    """What happened in between, summed over the classes: numbers of each population, and how they weigh."""

    def __init__(
        self,
        particles: ParticleTable,
        counts: FloatArray,
        states: StateTable,
        shown: Sequence[Gradient],
        depths: FloatArray,
    ) -> None:
        """Prepare empty pages, for the gradient as filled and in each frame."""
        n_frames, n_cells = len(shown) - 1, shown[0].density.size
        self._particles, self._counts = particles, counts
        self._kinds = small_and_others(particles, counts)
        self._states, self._shown, self._depths = states, shown, depths
        self.populations = np.zeros((n_frames, len(particles.names), n_cells))
        self.pellets = np.zeros((n_frames, len(particles.names)))
        self._excess = np.zeros((n_frames, len(self._kinds), n_cells))

    def enter(self, which: int, history: FloatArray, pelleted: FloatArray) -> None:
        """Add the loaded classes of a population, with what lies between them."""
        members = np.flatnonzero(self._particles.population == which)
        loaded = self._counts[members] > 0
        classes = members[loaded]
        every = np.zeros((len(history), members.size, history.shape[2]))
        every[:, loaded] = history
        filled = filled_in(every, self._depths, self._particles.grids[which])[:, loaded]
        self.populations[:, which] = self._counts[classes] @ filled
        self.pellets[:, which] = pelleted @ self._counts[classes]
        kinds, states = self._kinds[:, classes], self._states.some(classes)
        for page, cells, shares in zip(self._excess, self._shown[1:], filled, strict=True):
            page += kinds @ (shares * excess_mass(states, cells).T)

    def with_load(self, load: FloatArray) -> FloatArray:
        """Return the excess mass of small particles and others, shape (n_frames + 1, 2, n_cells) [kg]."""
        start = self._kinds @ excess_mass(self._states, self._shown[0]).T * load
        return np.concatenate([start[None], self._excess])
