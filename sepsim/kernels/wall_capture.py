"""Capture of particles on a wall: diffusion through the liquid in series with Langmuir kinetics on the surface.

At the wall y = 0 each of n species binds to what is free of a surface that all of them share,

    dG_i/dt = J_i = k_i phi c_i(0) - d_i G_i,    phi = 1 - sum_j a_j G_j

with the captured number per area G, the speed of adsorption k, the rate of desorption d and the area a that one takes
up (1/a is its capacity when it is alone). The liquid brings them,

    well:  dc/dt = D d2c/dy2,               0 < y < depth, nothing crosses the far side
    slit:  u(y) dc/dx = D d2c/dy2,          u = 6 U (y/h)(1 - y/h), in its steady state at each G(x)
    film:  U (h/walls) dC/dx = -J,          C mixed, with c(0) = C - J/m behind a film of the transfer coefficient m

Well and slit are one march, over time or down the slit: implicit (backward) steps on cells that widen away from the
wall. What a step leaves of the liquid at the wall is linear in J, so that the step ends in one equation for phi. It is
concave and increases, so that Newton's method finds it from any start. Numbers stay above zero, the surface is never
more than full, and mass is conserved to round-off, whatever the steps; their error falls with the number of steps.

Limits: 2 c sqrt(D t/pi) taken up by a wall that keeps all it meets (Cottrell), Langmuir's isotherm
G/G_max = K c/(1 + K c), the approach exp(-(k a c + d) t) where the liquid is no limit, Leveque's 1.4674 zeta^(2/3) and
Graetz's series of the captured share in a slit with zeta = L D/(U h^2).

Sources: Leveque, Ann. Mines 13 (1928) 201; Langmuir, J. Am. Chem. Soc. 40 (1918) 1361; Crank, The Mathematics of
Diffusion (1975).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]

OK, UNBALANCED = 0, 1  # statuses

_BALANCE = 1e-10  # relative error of a species' number beyond which a solution is not trusted
_WIDENING = 3.0  # power by which cells widen away from the wall
_SLOWING = 2.0  # power by which steps grow from the first
_ITERATIONS = 60
_ROUND_OFF = 1e-14
_JIT = {"cache": True, "error_model": "numpy"}


class WallSpecies(NamedTuple):
    """What n species of particles do in the liquid and on the wall; arrays of shape (n,).

    Attributes
    ----------
    concentration : ndarray [1/m3]
        At the start in a well, at the inlet of a slit.
    diffusivity : ndarray [m2/s]
        Above 0.
    adsorption : ndarray [m/s]
        k, onto a bare wall.
    desorption : ndarray [1/s]
        d.
    footprint : ndarray [m2]
        a; 0 for what fills no surface.
    """

    concentration: Array
    diffusivity: Array
    adsorption: Array
    desorption: Array
    footprint: Array


class WellUptake(NamedTuple):
    """What a wall takes up from liquid at rest.

    Attributes
    ----------
    time : ndarray, shape (steps + 1,) [s]
    bound : ndarray, shape (steps + 1, n) [1/m2]
        G against time.
    liquid : ndarray, shape (cells, n) [1/m3]
        Concentrations at the end, from the wall on.
    faces : ndarray, shape (cells + 1,) [m]
        Of the cells.
    mass_error : float [-]
        Largest relative error of the number of a species.
    status : int
        `OK` or `UNBALANCED`.
    """

    time: Array
    bound: Array
    liquid: Array
    faces: Array
    mass_error: float
    status: int


class SlitUptake(NamedTuple):
    """What a wall takes up from a liquid that flows along it.

    Attributes
    ----------
    time : ndarray, shape (steps + 1,) [s]
    bound : ndarray, shape (steps + 1, n) [1/m2]
        Mean of G over the wall against time.
    outlet : ndarray, shape (steps, n) [1/m3]
        Concentration of what leaves in each step.
    place : ndarray, shape (sections + 1,) [m]
        Faces of the sections along the wall.
    along : ndarray, shape (sections, n) [1/m2]
        G at the end.
    mass_error : float [-]
        Largest relative error of the number of a species.
    status : int
        `OK` or `UNBALANCED`.
    """

    time: Array
    bound: Array
    outlet: Array
    place: Array
    along: Array
    mass_error: float
    status: int


class _Scratch(NamedTuple):
    """Arrays of a step: by which a cell follows its neighbour, and what all cells beyond one hand to it."""

    follows: Array
    alone: Array
    surface: Array
    arrival: Array
    resistance: Array


@njit(**_JIT)
def _scratch(cells: int, lanes: int) -> _Scratch:
    """Return the arrays of a step."""
    across, one = np.empty((cells, lanes)), np.empty(lanes)
    return _Scratch(across, np.empty_like(across), one, np.empty_like(one), np.empty_like(one))


@njit(**_JIT)
def _free_surface(
    surface: Array, arrival: Array, resistance: Array, species: WallSpecies, bound: Array, step: float, guess: float
) -> float:
    """Return phi at the end of a step: the root of phi - 1 + sum a G(phi).

    The concentration in the first cell is (arrival - J)/surface, that at the wall lower by `resistance` J.
    """
    free = guess
    for _ in range(_ITERATIONS):
        value, slope = free - 1.0, 1.0
        for lane in range(bound.size):
            k, d, a = species.adsorption[lane], species.desorption[lane], species.footprint[lane]
            rate = k * (1.0 / surface[lane] + resistance[lane])
            below = 1.0 + d * step + free * rate
            gain = k * arrival[lane] / surface[lane]
            flux = (free * gain - d * bound[lane]) / below
            value += a * (bound[lane] + step * flux)
            slope += a * step * (gain - flux * rate) / below
        change = value / slope
        free = max(free - change, 0.0)
        if abs(change) <= _ROUND_OFF:
            break
    return free


@njit(**_JIT)
def _flux(
    surface: Array,
    arrival: Array,
    resistance: Array,
    species: WallSpecies,
    bound: Array,
    step: float,
    free: float,
    lane: int,
) -> float:
    """Return J of one species over a step, from phi at its end."""
    k, d = species.adsorption[lane], species.desorption[lane]
    rate = k * (1.0 / surface[lane] + resistance[lane])
    flux: float = (free * k * arrival[lane] / surface[lane] - d * bound[lane]) / (1.0 + d * step + free * rate)
    return flux


@njit(**_JIT)
def _advance(
    liquid: Array,
    holds: Array,
    gaps: Array,
    species: WallSpecies,
    bound: Array,
    step: float,
    free: float,
    scratch: _Scratch,
) -> float:
    """Advance the liquid over one step of the march, and the wall beside it by `step` seconds; return phi.

    `holds` of a cell times its concentration is what it carries over into the step: widths over seconds in a well,
    flows over the length of a section in a slit. `gaps` are the distances over which neighbours exchange.
    """
    cells, lanes = liquid.shape
    follows, alone, surface, arrival, resistance = scratch
    for lane in range(lanes):
        surface[lane] = holds[cells - 1]
        arrival[lane] = holds[cells - 1] * liquid[cells - 1, lane]
    for cell in range(cells - 1, 0, -1):
        for lane in range(lanes):
            exchange = species.diffusivity[lane] / gaps[cell]
            whole = surface[lane] + exchange
            follows[cell, lane] = exchange / whole
            alone[cell, lane] = arrival[lane] / whole
            surface[lane] = holds[cell - 1] + surface[lane] * exchange / whole
            arrival[lane] = holds[cell - 1] * liquid[cell - 1, lane] + exchange * alone[cell, lane]
    for lane in range(lanes):
        resistance[lane] = gaps[0] / species.diffusivity[lane]
    free = _free_surface(surface, arrival, resistance, species, bound, step, free)
    for lane in range(lanes):
        flux = _flux(surface, arrival, resistance, species, bound, step, free, lane)
        bound[lane] += step * flux
        liquid[0, lane] = (arrival[lane] - flux) / surface[lane]
    for cell in range(1, cells):
        for lane in range(lanes):
            liquid[cell, lane] = alone[cell, lane] + follows[cell, lane] * liquid[cell - 1, lane]
    return free


@njit(**_JIT)
def _graded(end: float, parts: int, power: float) -> Array:
    """Return the ends of parts that grow from the first on."""
    ends: Array = end * (np.arange(parts + 1) / parts) ** power
    return ends


@njit(**_JIT)
def _gaps(faces: Array) -> Array:
    """Return the distances of the middles of cells, the first that to the wall."""
    middles = 0.5 * (faces[1:] + faces[:-1])
    gaps = np.empty(middles.size)
    gaps[0] = middles[0] - faces[0]
    gaps[1:] = middles[1:] - middles[:-1]
    return gaps


@njit(**_JIT)
def solve_wall_well(
    depth: float, duration: float, species: WallSpecies, cells: int = 80, steps: int = 200
) -> WellUptake:
    """Return what a wall takes up from liquid at rest above it.

    Parameters
    ----------
    depth : float [m]
        Of the liquid: volume over the area of the wall.
    duration : float [s]
    species : WallSpecies
    cells, steps : int
        Resolution; the number bound is first order in 1/steps, 0.3 % at 200.

    Returns
    -------
    WellUptake

    Notes
    -----
    Particles do not settle, and the liquid is thin against the curvature of the wall, or the depth against the reach of
    diffusion sqrt(2 D t).

    Examples
    --------
    >>> one = np.ones(1)
    >>> species = WallSpecies(1e15 * one, 5e-12 * one, 1.0 * one, 0.0 * one, 0.0 * one)
    >>> found = solve_wall_well(1e-3, 3600.0, species)
    >>> f"{found.bound[-1, 0] / (2e15 * np.sqrt(5e-12 * 3600 / np.pi)):.2f}"  # of Cottrell's uptake
    '1.00'
    """
    faces = _graded(depth, cells, _WIDENING)
    time = _graded(duration, steps, _SLOWING)
    widths, gaps, lanes = faces[1:] - faces[:-1], _gaps(faces), species.concentration.size
    liquid = np.empty((cells, lanes))
    liquid[:] = species.concentration
    scratch = _scratch(cells, lanes)
    bound = np.zeros((steps + 1, lanes))
    held, free = np.zeros(lanes), 1.0
    for number in range(steps):
        step = time[number + 1] - time[number]
        free = _advance(liquid, widths / step, gaps, species, held, step, free, scratch)
        bound[number + 1] = held
    error = 0.0
    for lane in range(lanes):
        total = depth * species.concentration[lane]
        if total > 0.0:
            error = max(error, abs((widths * liquid[:, lane]).sum() + held[lane] - total) / total)
    return WellUptake(time, bound, liquid, faces, error, OK if error < _BALANCE else UNBALANCED)


@njit(**_JIT)
def solve_wall_slit(
    height: float,
    length: float,
    velocity: float,
    duration: float,
    species: WallSpecies,
    cells: int = 60,
    sections: int = 100,
    steps: int = 100,
    walls: int = 1,
) -> SlitUptake:
    """Return what the walls of a slit take up from a liquid that flows through it.

    Parameters
    ----------
    height, length : float [m]
        Of the slit.
    velocity : float [m/s]
        Mean velocity; above 0.
    duration : float [s]
    species : WallSpecies
    cells, sections, steps : int
        Resolution across, along, and in time; first order in 1/sections, 0.5 % at 100.
    walls : int
        That take up: 1, with the wall opposite inert, or 2 that are alike; what is bound is per area of these.

    Returns
    -------
    SlitUptake

    Notes
    -----
    Laminar flow between wide plates, fully developed, from the first second on: the liquid that fills the slit is
    forgotten, which holds where many slits full of liquid pass. Diffusion along the slit is left out, which holds for
    Peclet numbers U h/D above some ten.

    Examples
    --------
    >>> one = np.ones(1)
    >>> species = WallSpecies(1e15 * one, 5e-12 * one, 1.0 * one, 0.0 * one, 0.0 * one)
    >>> found = solve_wall_slit(100e-6, 0.02, 1e-4, 10.0, species)  # zeta = 0.1
    >>> f"{1 - found.outlet[-1, 0] / 1e15:.2f}"
    '0.29'
    """
    depth = height / walls  # two walls share the flow, and nothing crosses the middle
    faces = _graded(depth, cells, _WIDENING)
    place = _graded(length, sections, _SLOWING)
    time = _graded(duration, steps, _SLOWING)
    relative = faces / height
    carried = velocity * height * (3.0 * relative**2 - 2.0 * relative**3)
    flows, gaps, lanes = carried[1:] - carried[:-1], _gaps(faces), species.concentration.size
    liquid = np.empty((cells, lanes))
    scratch = _scratch(cells, lanes)
    along, free = np.zeros((sections, lanes)), np.ones(sections)
    bound, outlet = np.zeros((steps + 1, lanes)), np.zeros((steps, lanes))
    left = np.zeros(lanes)
    for number in range(steps):
        step = time[number + 1] - time[number]
        liquid[:] = species.concentration
        for part in range(sections):
            span = place[part + 1] - place[part]
            free[part] = _advance(liquid, flows / span, gaps, species, along[part], step, free[part], scratch)
            bound[number + 1] += along[part] * span / length
        for cell in range(cells):
            outlet[number] += flows[cell] * liquid[cell] / (velocity * depth)
        left += outlet[number] * velocity * depth * step
    error = 0.0
    for lane in range(lanes):
        total = species.concentration[lane] * velocity * depth * duration
        if total > 0.0:
            error = max(error, abs(left[lane] + bound[steps, lane] * length - total) / total)
    return SlitUptake(time, bound, outlet, place, along, error, OK if error < _BALANCE else UNBALANCED)


@njit(**_JIT)
def solve_wall_film(
    depth: float,
    place: Array,
    velocity: float,
    duration: float,
    species: WallSpecies,
    transfer: Array,
    steps: int = 100,
) -> SlitUptake:
    """Return what a wall takes up from a liquid that is mixed but for a film on the wall.

    Parameters
    ----------
    depth : float [m]
        Cross-section of the flow over the wetted width of the wall: the height of a slit, half of it with two walls.
    place : ndarray, shape (sections + 1,) [m]
        Faces of the sections along the wall, rising; each is mixed.
    velocity : float [m/s]
        Mean velocity; above 0.
    duration : float [s]
    species : WallSpecies
        Its diffusivities are not used.
    transfer : ndarray, shape (sections, n) [m/s]
        Coefficient of each section: flux to a wall that keeps all it meets, over the concentration.
    steps : int
        Resolution in time.

    Returns
    -------
    SlitUptake

    Notes
    -----
    A section takes the share N/(1 + N) with N = (m and k in series)(its length)/(velocity depth); short ones together
    take 1 - exp(-N), first order in their length.

    Examples
    --------
    >>> one = np.ones(1)
    >>> species = WallSpecies(1e15 * one, 5e-12 * one, 1e6 * one, 0.0 * one, 0.0 * one)
    >>> place = np.linspace(0.0, 0.02, 201)
    >>> found = solve_wall_film(1e-4, place, 1e-4, 10.0, species, np.full((200, 1), 5e-7))
    >>> f"{1 - found.outlet[-1, 0] / 1e15:.3f}"  # 1 - exp(-1)
    '0.631'
    """
    time = _graded(duration, steps, _SLOWING)
    sections, lanes = place.size - 1, species.concentration.size
    along, free = np.zeros((sections, lanes)), np.ones(sections)
    bound, outlet = np.zeros((steps + 1, lanes)), np.zeros((steps, lanes))
    left, flow = np.zeros(lanes), velocity * depth
    surface, arrival, resistance = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    for number in range(steps):
        step = time[number + 1] - time[number]
        liquid = species.concentration.copy()
        for part in range(sections):
            span = place[part + 1] - place[part]
            for lane in range(lanes):
                surface[lane] = flow / span
                arrival[lane] = flow / span * liquid[lane]
                resistance[lane] = 1.0 / transfer[part, lane]
            free[part] = _free_surface(surface, arrival, resistance, species, along[part], step, free[part])
            for lane in range(lanes):
                flux = _flux(surface, arrival, resistance, species, along[part], step, free[part], lane)
                along[part, lane] += step * flux
                liquid[lane] = (arrival[lane] - flux) / surface[lane]
            bound[number + 1] += along[part] * span / (place[sections] - place[0])
        outlet[number] = liquid
        left += liquid * flow * step
    error = 0.0
    for lane in range(lanes):
        total = species.concentration[lane] * flow * duration
        if total > 0.0:
            held = bound[steps, lane] * (place[sections] - place[0])
            error = max(error, abs(left[lane] + held - total) / total)
    return SlitUptake(time, bound, outlet, place, along, error, OK if error < _BALANCE else UNBALANCED)
