"""How a gradient changes while it spins: its solutes sediment and diffuse, and so do the liquids it is made of.

Each solute obeys the Lamm equation in the tube's cross-section A(r), closed at both ends,

    A dc/dt = -d/dr { A [ s w^2 r c - D dc/dr ] },    D = D0(T) F eta_water/eta,

with the density and the viscosity that all of them make together; s/D and the factor F follow from the osmolality of
each (`sepsim.media.solute`). A solute that would crystallise ends the run. Liquids that differ from one another (plasma
over a buffer, D2O under water) even out by diffusion, each pair at the pace of the slower, and yield to solutes that
move: with shares x_k of the solvent, specific volumes v_j and fluxes J_j of the solutes, the volume flux of a liquid is

    F_k = -x_k sum_j v_j J_j - phi sum_i D_ik (x_i dx_k/dr - x_k dx_i/dr),    D_ik = min(D_i, D_k) eta_water/eta,

phi the volume of solvent per volume, so that all volume fluxes add up to none.

Method: finite volumes with exponentially fitted fluxes (Scharfetter & Gummel 1969, doi 10.1109/T-ED.1969.16566), which
have the sedimentation equilibrium of each cell exactly. The unknowns are the amounts above each face, less the whole in
the lower half, so that the integrator sees what little the tip of a cone holds. Their ends are fixed, so that mass is
conserved to round-off, whatever the integrator does (LSODA, with its own error control).

Valid for dilute particles, which feel the gradient and are not felt by it; the sedimentation of one solute does not
drag another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import ZERO_CELSIUS_K
from sepsim.errors import ProtocolError
from sepsim.media.water import viscosity as water_viscosity
from sepsim.techniques.centrifugation.gradient.gradient import Gradient
from sepsim.techniques.centrifugation.spin import SpeedProfile
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn

RELATIVE_TOLERANCE = 1e-6
ABSOLUTE_TOLERANCE = 1e-8  # of the total of a solute; less where cells are narrow
LARGEST_DRIFT = 500.0  # keeps exponentials finite
SUPERSATURATION = 1e-3  # allowed, of the solubility; more than round-off and mixing make
NUDGE = 1e-7  # of an unknown, for derivatives
MOST_EVALUATIONS = 100_000  # of the rate; a run of a day takes a thousand


def evolve(gradient: Gradient, column: LiquidColumn, profile: SpeedProfile, times: FloatArray) -> list[Gradient]:
    """Return what the cells of a gradient hold at some times of a run.

    Parameters
    ----------
    gradient : Gradient
        At the start.
    column : LiquidColumn
        The cells.
    profile : SpeedProfile
    times : ndarray, shape (n_times,) [s]
        Increasing, from 0 to the end of the run.

    Returns
    -------
    list of Gradient
        One for each time.

    Raises
    ------
    ProtocolError
        If a solute would crystallise, or the integrator gives up.
    """
    movement = _Movement(gradient, column)
    state, begun = movement.start, 0.0
    if movement.room(state) <= 0.0:
        raise movement.crystals(state, 0.0)
    found: list[FloatArray] = []
    for first, last, duration in zip(*profile, strict=True):
        ended = begun + duration
        asked = times[(times >= begun) & (times < ended)] if ended < profile.clock else times[times >= begun]
        until = np.append(np.minimum(asked - begun, duration), duration)
        states = _integrate(movement, state, _Stage(begun, first, last, duration), until)
        found.extend(states[:-1])
        state, begun = states[-1], ended
    return [movement.gradient(each) for each in found]


def evolve_in_strides(
    gradient: Gradient, column: LiquidColumn, profile: SpeedProfile, times: FloatArray
) -> list[Gradient]:
    """Return roughly what the cells of a gradient hold at some times of a run, by one implicit step between them.

    Linearly implicit Euler, y' = y + h (1 - h J)^-1 f(y), with the Jacobian J of the rate f that `evolve` integrates.
    Any stride is stable; the error falls with its first power.

    Parameters
    ----------
    gradient : Gradient
        At the start.
    column : LiquidColumn
        The cells; few, since the equations are solved without regard to their bands.
    profile : SpeedProfile
    times : ndarray, shape (n_times,) [s]
        Increasing, from 0 to the end of the run.

    Returns
    -------
    list of Gradient
        One for each time.

    Examples
    --------
    The top and the bottom of 1.4 g/mL of caesium chloride before and after a day:

    >>> from sepsim.rotors.rotors import rotor
    >>> from sepsim.techniques.centrifugation.gradient.gradient import Layer, pour
    >>> from sepsim.techniques.centrifugation.spin import speed_profile
    >>> from sepsim.techniques.centrifugation.tubes.liquid_column import liquid_column
    >>> column = liquid_column(rotor("SW 55 Ti"), 5e-6, 40)
    >>> start = pour([Layer.from_table({"volume_mL": 5, "cscl_g_mL": 1.4}).stretch(293.15)], column.depths)
    >>> day = np.linspace(0.0, 86_400.0, 7)
    >>> found = evolve_in_strides(start, column, speed_profile(4000.0, day[-1], 0.0, 0.0), day)
    >>> [cells.density[[0, -1]].round(-1).tolist() for cells in (found[0], found[-1])]
    [[1400.0, 1400.0], [1290.0, 1590.0]]
    """
    movement = _Movement(gradient, column)
    state, found = movement.start, [gradient]
    doses = np.array([profile.until(float(time)).dose for time in times])
    for duration, dose in zip(np.diff(times), np.diff(doses), strict=True):
        state = state + _stride(movement, state, float(dose / duration), duration)
        found.append(movement.gradient(state))
    return found


def _stride(movement: _Movement, state: FloatArray, omega_squared: float, duration: float) -> FloatArray:
    """Return by how much a state changes in a linearly implicit step."""
    if state.size == 0:
        return state
    rate, slopes = movement.rate(state, omega_squared), movement.slopes(state, omega_squared)
    implicit = -duration * slopes
    implicit[1] += np.eye(movement.n_components)
    return _solved(implicit, duration * rate.reshape(-1, movement.n_components)).ravel()


def _solved(blocks: FloatArray, right: FloatArray) -> FloatArray:
    """Solve block-tridiagonal equations by elimination.

    With blocks below, on and above the diagonal, shape (3, n, k, k), and right-hand sides of shape (n, k). A dense
    solver would start threads, which take longer than the work.
    """
    below, on, above = blocks
    reduced = np.concatenate([above, right[..., None]], axis=2)
    for row, own in enumerate(on):
        if row > 0:
            own = own - below[row] @ reduced[row - 1, :, :-1]
            reduced[row, :, -1] -= below[row] @ reduced[row - 1, :, -1]
        reduced[row] = np.linalg.solve(own, reduced[row])
    found = reduced[..., -1].copy()
    for row in range(len(found) - 2, -1, -1):
        found[row] -= reduced[row, :, :-1] @ found[row + 1]
    return found


class _Stage(NamedTuple):
    """A stretch of time in which the speed changes linearly."""

    begun: float
    first: float
    last: float
    duration: float

    def omega_squared(self, time: float) -> float:
        """Return w^2 [rad2/s2] at a time [s] since its beginning."""
        return (self.first + (self.last - self.first) * time / self.duration) ** 2


def _integrate(movement: _Movement, state: FloatArray, stage: _Stage, times: FloatArray) -> FloatArray:
    """Return the state at times [s] since the beginning of a stage, shape (n_times, n_unknowns)."""
    from scipy.integrate import solve_ivp  # scipy loads only when a gradient runs

    if state.size == 0 or times[-1] == 0.0:
        return np.tile(state, (times.size, 1))
    band = 2 * movement.n_components - 1
    nodes, back = np.unique(times, return_inverse=True)

    def room(time: float, y: FloatArray) -> float:
        return movement.room(y)

    room.terminal, room.direction = True, -1  # type: ignore[attr-defined]  # SciPy's way to stop at a root
    solution = solve_ivp(
        lambda t, y: movement.rate(y, stage.omega_squared(t)),
        (0.0, nodes[-1]),
        state,
        method="LSODA",
        t_eval=nodes,
        events=room,
        rtol=RELATIVE_TOLERANCE,
        atol=movement.tolerance,
        lband=band,
        uband=band,
    )
    if solution.t_events[0].size:
        raise movement.crystals(solution.y_events[0][0], stage.begun + float(solution.t_events[0][0]))
    if not solution.success:
        raise ProtocolError(f"the gradient cannot be followed in time: {solution.message}")
    states: FloatArray = solution.y.T[back]
    return states


class _Movement:
    """The rate of change of a gradient; unknowns are shares above each inner face, or minus those below it."""

    def __init__(self, gradient: Gradient, column: LiquidColumn) -> None:
        """Lay out the unknowns: for each inner face the solutes, then the diluents if they are several."""
        blend = gradient.blend
        spread = np.array([fluid.interdiffusion(blend.temperature) for fluid in blend.diluents])
        moving = [gradient.solutes, gradient.diluents] if spread.size > 1 else [gradient.solutes]
        amounts = np.concatenate(moving) * column.volumes
        self._blend, self._n_solutes, self.n_components = blend, len(blend.solutes), amounts.shape[0]
        self._totals = amounts.sum(axis=1)[:, None]
        self._volumes, self._radii = column.volumes, column.faces[1:-1]
        self._steps, self._areas = np.diff(column.centres), column.areas[1:-1]
        self._water = float(water_viscosity(blend.temperature))
        self._solute_diffusion = np.array([each.diffusion(blend.temperature) for each in blend.solutes])[:, None]
        self._crystallising = [index for index, each in enumerate(blend.solutes) if each.crystallises]
        most = [blend.solutes[index].highest_concentration(blend.temperature) for index in self._crystallising]
        self._saturated = np.array(most).reshape(-1, 1) * (1.0 + SUPERSATURATION)
        self._depths = column.depths[1:]
        self._spread = np.minimum.outer(spread, spread)
        self._evaluations = 0
        above = (np.cumsum(amounts, axis=1)[:, :-1] / self._totals).T.ravel()
        self._whole = np.where(above > 0.5, 1.0, 0.0)
        self.start = above - self._whole
        narrow = np.minimum(column.volumes[1:], column.volumes[:-1]) / column.volumes.mean()
        self.tolerance = ABSOLUTE_TOLERANCE * np.repeat(narrow.clip(max=1.0), self.n_components)

    def gradient(self, state: FloatArray) -> Gradient:
        """Return what the cells hold in a state."""
        above = (state + self._whole).reshape(self._radii.size, self.n_components).T
        ends = np.zeros((self.n_components, 1))
        content = np.diff(np.hstack([ends, above, ends + 1.0])) * self._totals / self._volumes
        solutes, diluents = content[: self._n_solutes], content[self._n_solutes :]
        if not diluents.size:
            diluents = self._blend.solvent_volume(solutes.clip(min=0.0))[None]
        return Gradient(self._blend, solutes, diluents)

    def room(self, state: FloatArray) -> float:
        """Return how far the solution nearest to its solubility is from it, negative beyond [-]."""
        return float(self._rooms(state).min(initial=1.0))

    def crystals(self, state: FloatArray, time: float) -> ProtocolError:
        """Return what to tell of a state in which a solute begins to crystallise, after some time [s]."""
        rooms = self._rooms(state)
        index, cell = np.unravel_index(int(rooms.argmin()), rooms.shape)
        solute, most = self._blend.solutes[self._crystallising[index]], self._saturated[index, 0]
        celsius = self._blend.temperature - ZERO_CELSIUS_K
        return ProtocolError(
            f"{solute.name} would crystallise {self._depths[cell] * 1e6:.3g} mL below the meniscus after "
            f"{time / 60.0:.3g} min: more than {most:.4g} g/L do not dissolve at {celsius:.3g} degC; "
            "spin slower or for a shorter time, or pour less of it"
        )

    def _rooms(self, state: FloatArray) -> FloatArray:
        """Return how far solutes that crystallise are from it, shape (n_crystallising, n_cells) [-]."""
        held: FloatArray = 1.0 - self.gradient(state).solutes[self._crystallising] / self._saturated
        return held

    def rate(self, state: FloatArray, omega_squared: float) -> FloatArray:
        """Return the rate of change [1/s] of each unknown at w^2 [rad2/s2]."""
        self._evaluations += 1
        if self._evaluations > MOST_EVALUATIONS:
            raise ProtocolError(
                "the gradient moves too fast to be followed; check molar mass and diffusion of its solutes"
            )
        if not np.all(np.isfinite(state)):
            raise ProtocolError(
                "the gradient cannot be followed in time: what is dissolved gathers without limit at an end of the "
                "tube; spin slower or for a shorter time"
            )
        cells = self.gradient(state)
        blend = self._blend
        shares = cells.diluents / cells.diluents.sum(axis=0)  # as they are: a bend at zero would mislead the integrator
        solutes, mixture = _between(cells.solutes).clip(min=0.0), _between(shares)
        density, ratios = blend.density(mixture, solutes), blend.mass_ratios(mixture, solutes)
        mobility = self._water / blend.viscosity(mixture, solutes)
        flux = np.empty((self.n_components, self._radii.size))
        displaced = np.zeros_like(density)  # volume that solutes carry outwards, and liquid inwards
        for index, solute in enumerate(blend.solutes):
            per_diffusion = solute.sedimentation_per_diffusion(
                solutes[index], density, ratios[index], blend.temperature
            )
            drift = per_diffusion * omega_squared * self._radii * self._steps
            moved = bernoulli(-drift) * cells.solutes[index, :-1] - bernoulli(drift) * cells.solutes[index, 1:]
            flux[index] = self._solute_diffusion[index] * solute.spreading_factor(ratios[index]) * moved
            displaced += solute.specific_volume(solutes[index], blend.temperature) * flux[index]
        if self.n_components > self._n_solutes:
            slope, solvent = np.diff(shares), _between(cells.diluents.sum(axis=0))
            exchanged = mixture * (self._spread @ slope) - slope * (self._spread @ mixture)
            flux[self._n_solutes :] = solvent * exchanged - mixture * displaced
        rate: FloatArray = -flux * (mobility * self._areas / self._steps) / self._totals
        return rate.T.ravel()

    def slopes(self, state: FloatArray, omega_squared: float) -> FloatArray:
        """Return the derivatives of the rate by the face before, the face itself and the face behind [1/s].

        Shape (3, n_faces, n_components, n_components), rates in rows. No rate depends on faces further away, so that
        the unknowns of every third face are moved together.
        """
        faces, each = state.size // self.n_components, self.n_components
        rate, slopes = self.rate(state, omega_squared), np.zeros((3, faces + 2, each, each))
        for first in range(3):
            for component in range(each):
                moved = state.copy()
                moved[first * each + component :: 3 * each] += NUDGE
                change = np.zeros((faces + 2, each))  # with a face more at either end
                change[1:-1] = (self.rate(moved, omega_squared) - rate).reshape(faces, each) / NUDGE
                for place in range(3):
                    rows = slice(first + 2 - place, faces + 2 - place, 3)
                    slopes[place, rows, :, component] = change[rows]
        return slopes[:, 1:-1]


def _between(cells: FloatArray) -> FloatArray:
    """Return the means of neighbouring cells, one fewer along the last axis."""
    return 0.5 * (cells[..., :-1] + cells[..., 1:])


def bernoulli(z: FloatArray) -> FloatArray:
    """Return the function of Bernoulli, z/(e^z - 1).

    Parameters
    ----------
    z : ndarray of any shape [-]

    Returns
    -------
    ndarray, same shape [-]

    Examples
    --------
    >>> bernoulli(np.array([-1.0, 0.0, 1.0])).round(3)
    array([1.582, 1.   , 0.582])
    """
    small = np.abs(z) < 1e-5
    safe = np.where(small, 1.0, z)
    return np.where(small, 1.0 - 0.5 * z, safe / np.expm1(np.minimum(safe, LARGEST_DRIFT)))
