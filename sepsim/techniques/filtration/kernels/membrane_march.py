"""Filtration through a membrane: sieving, polarisation, deposit and fouling of many solutes on one flux.

The vessel is well mixed but for a film at the membrane. In each step the flux J [m/s] is found from

    J = (p - Pi) G,    G = u^2 sum_k q_k g_k / (mu R_m)
    g_k = o_k R_m / (R_m + R_k) + (1 - o_k) R_m / (R_m + R_1 + R_c)

with the share o_k of the pores of size k that are open, their share q_k of the clean flow, the relative square u of the
radius of constricted pores, and the resistances of the first layer, of the whole deposit, and of that part of it which
does not close pores of size k, R_1, R_c and R_k (Kozeny and Carman). The osmotic pressure Pi is that of hard spheres at
the concentration of the wall,

    c_w = c_b [1 - L (1 - exp(-x))] / [exp(-x) + (S + v/J)(1 - exp(-x))],    x = J/k

by the film theory with what leaves the film at its wall: S passes, and a deposit grows at the speed v, which is 0 while
the wall is dilute and else keeps the volume fraction at the wall at random packing. So a deposit has the composition of
the wall, a gel limits the flux, and without back-diffusion (k = 0) all that is held back is deposited. Of the vesicles
that the liquid carries to the membrane, J c_b, the share L is carried to pores in which they burst. Where nothing
carries particles back (k = 0), those that are carried to pores that they close lie down there at once, but for the
share 1/(1 + J d/D) that Brownian motion frees again; they count as part of L.

The film is in its steady state and holds its part of what is in the vessel, so that a small sample cannot fill a wall;
without back-diffusion it holds what has come so far. Deposited particles close pores, by following the flow into them
(complete blocking) or by landing anywhere (intermediate blocking).

In a step the coefficients are those of its middle, and what is in the vessel falls exponentially; steps are cut so that
a deposit adds 3 % to the resistance at most and the flux does not collapse. The error falls with the square of the
steps, numbers stay above zero, and a constant sieving coefficient gives X^(1 - S) and exp(-N S) to round-off.

Solutes are lanes: an innermost loop goes over them where sums over solutes are taken.

Sources: Zydney, J. Membr. Sci. 130 (1997) 275 (film); Ho, Zydney, J. Colloid Interface Sci. 232 (2000) 389 (blocking
and deposit together); Carnahan, Starling, J. Chem. Phys. 51 (1969) 635, and Mansoori et al., J. Chem. Phys. 54 (1971)
1523 (osmotic pressure); Carman, Trans. Inst. Chem. Eng. 15 (1937) 150.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

FINISHED, OUT_OF_TIME, STALLED, CLOGGED = 0, 1, 2, 3  # how a stage ends

_LEAST_FLUX = 1e-8  # m/s; some 30 uL per hour in a spin filter
_LEAST_OPEN = 0.05  # square of the radius of constricted pores over the first
_FASTEST = 1e6  # growth of a deposit over the flux
_PASSES = 100
_TOLERANCE = 1e-11
_MOST_ADDED = 0.03  # of the resistance, by the deposit of a step
_ROUND_OFF = 1e-12
_SETTLED = 1e-7  # relative change of the flux, after which sieving is that of the flux
_LEAST_LEFT = 0.7  # of the flux, in half a step
_SHORTEST = 1e-6  # step, of what a stage filters
_CONVECTIVE = 40.0  # Peclet number from which diffusion is below round-off
_DOUBLINGS = 10
_JIT = {"cache": True, "error_model": "numpy"}


class Membrane(NamedTuple):
    """A membrane with its m pore sizes.

    Attributes
    ----------
    area, resistance, pore_volume : float [m2, 1/m, m]
        Area, hydraulic resistance, and volume of pores per area.
    share, reach, cells : ndarray, shape (m,) [-, m, 1/m2]
        Of each pore size: share of the clean flow, length of a pore over the porosity times its velocity over the mean,
        and number per area.
    """

    area: float
    resistance: float
    pore_volume: float
    share: Array
    reach: Array
    cells: Array


class Solutes(NamedTuple):
    """What n solutes do at the membrane and in the film.

    Attributes
    ----------
    convection, diffusion, lysis, blocks : ndarray, shape (n, m) [-]
        Hindrance coefficients W and H in each pore size, share of what comes to its mouth that bursts, and 1 where a
        particle closes the pore.
    diameter, diffusivity, transfer : ndarray, shape (n,) [m, m2/s, m/s]
        Hydrodynamic diameter, diffusion coefficient and mass-transfer coefficient.
    """

    convection: Array
    diffusion: Array
    lysis: Array
    blocks: Array
    diameter: Array
    diffusivity: Array
    transfer: Array


class Setting(NamedTuple):
    """The liquid and what fouling does.

    Attributes
    ----------
    viscosity, thermal_energy, packing : float [Pa s, J, -]
        Of the liquid, kT, and the volume fraction of a packed wall.
    coverage, sticking : float [-]
        Share of the area that adsorbed particles can cover, and share of encounters that stick.
    blocking, directed, seal, constriction : float [-]
        Pores that a deposited particle closes over those that it covers, share of deposited particles that follow the
        flow into open pores, resistance of the first layer over that of packed spheres, and share of what passes the
        pores that stays in them.
    """

    viscosity: float
    thermal_energy: float
    packing: float
    coverage: float
    sticking: float
    blocking: float
    directed: float
    seal: float
    constriction: float


class State(NamedTuple):
    """What a stage leaves behind on the membrane; changed in place.

    Attributes
    ----------
    open_share : ndarray, shape (m,) [-]
        Share of the pores of each size that are open.
    deposit : ndarray, shape (n,) [-]
        Numbers of particles in the deposit.
    narrowing, free : ndarray, shape (1,) [-]
        Square of the pores' radius over its first value, and share of the adsorbing area that is free.
    lingering : ndarray, shape (n,) [-]
        Numbers in a film that nothing carries back.
    """

    open_share: Array
    deposit: Array
    narrowing: Array
    free: Array
    lingering: Array


@njit(**_JIT)
def osmotic_pressure(concentration: Array, diameter: Array, packing: float, thermal_energy: float) -> float:
    """Return the osmotic pressure of a mixture of hard spheres.

    (6 kT/pi) [z0/(1 - z3) + 3 z1 z2/(1 - z3)^2 + (3 - z3) z2^3/(1 - z3)^3], z_j = (pi/6) sum of c d^j: that of Carnahan
    and Starling for one size; among much larger spheres a small solute has the pressure of the space that they leave.

    Parameters
    ----------
    concentration, diameter : ndarray, shape (n,) [1/m3, m]
    packing : float [-]
        Largest volume fraction, below 1.
    thermal_energy : float [J]

    Returns
    -------
    float [Pa]
    """
    number = length = surface = volume = 0.0
    for i in range(concentration.size):
        c, d = math.pi / 6.0 * concentration[i], diameter[i]
        number += c
        length += c * d
        surface += c * d * d
        volume += c * d * d * d
    full = min(volume, packing)
    room = 1.0 - full
    pairs = 3.0 * length * surface / room**2 + (3.0 - full) * (surface / room) ** 3
    return 6.0 / math.pi * thermal_energy * (number / room + pairs)


@njit(**_JIT)
def actual_sieving(convection: float, diffusion: float, drift: float) -> float:
    """Return the sieving coefficient of one pore size, W / [1 - (1 - W) exp(-Pe)], Pe = (W/H) v delta / D.

    Parameters
    ----------
    convection, diffusion : float [-]
        Hindrance coefficients W and H; 0 for what does not enter.
    drift : float [-]
        Velocity of the liquid in the pore times its length, over the diffusivity of the solute, v delta / D.

    Returns
    -------
    float [-]
        From W, where convection rules, to 1, where diffusion does.
    """
    if convection <= 0.0 or convection * drift >= _CONVECTIVE * diffusion:
        return convection
    leaving = convection - (1.0 - convection) * math.expm1(-convection / diffusion * drift)
    return min(convection / leaving, 1.0)


@njit(**_JIT)
def _sieve(
    flux: float, weights: Array, mouths: Array, membrane: Membrane, solutes: Solutes, sieving: Array, straight: Array,
    bursting: Array, caught: Array,
) -> None:  # fmt: skip
    """Fill what passes of the concentration at the wall, and what passes, bursts or is caught of that carried to it.

    The liquid of a pore comes down a tube of radius a. Where the film is thicker than that, D/J >> a, all pores draw
    from one wall; where it is thinner, each has a film of its own. In between, with lateral diffusion in a film of
    thickness D/J over the flow, beta = 2 (D/(J a))^2, the concentration at a pore is
    (c_b + beta c_w)/[exp(-x) + S (1 - exp(-x)) + beta]; for equal pores that is the wall of one film.
    """
    total = np.sum(weights)
    for i in range(sieving.size):
        kept = -math.expm1(-flux / solutes.transfer[i])
        mixing = 2.0 * math.pi * (solutes.diffusivity[i] / flux) ** 2 * total
        from_wall = from_tube = bursts = closes = 0.0
        for k in range(weights.size):
            bursts += weights[k] * solutes.lysis[i, k]
            closes += weights[k] * solutes.blocks[i, k]
            faster = mouths[k] / (membrane.share[k] * total)  # in an open pore than in the clean membrane
            drift = flux * faster * membrane.reach[k] / solutes.diffusivity[i]
            passing = actual_sieving(solutes.convection[i, k], solutes.diffusion[i, k], drift)
            lateral = mixing * membrane.cells[k]
            if weights[k] > 0.0:
                drawn = weights[k] * passing / (weights[k] * (1.0 - kept + passing * kept) + lateral)
                from_wall += drawn * lateral
                from_tube += drawn * weights[k]
        sieving[i] = from_wall / total
        straight[i] = from_tube / total
        bursting[i] = bursts / total
        caught[i] = 0.0
        if solutes.transfer[i] == 0.0:
            caught[i] = closes / total / (1.0 + solutes.diffusivity[i] / (flux * solutes.diameter[i]))


@njit(**_JIT)
def _films(
    flux: float, volume: float, area: float, numbers: Array, lingering: Array, sieving: Array, taken: Array,
    solutes: Solutes, films: Array,
) -> None:  # fmt: skip
    """Fill what bulk and film hold relative to the concentration at the wall, and the slopes with the deposit's growth.

    Rows, of each solute without a deposit: bulk over wall, its slope with v/J, volume of the film, and by how much that
    falls with v/J; last, the highest concentration at the wall. Of what is carried to the wall, a share leaves there at
    once: through a pore, burst or caught. A film that nothing carries back holds no more than what has come to it.
    """
    for i in range(sieving.size):
        diffusivity, transfer = solutes.diffusivity[i], solutes.transfer[i]
        x = flux / transfer
        kept = -math.expm1(-x)
        free = max(1.0 - taken[i] * kept, _ROUND_OFF)
        bulk = (math.exp(-x) + sieving[i] * kept) / free
        slope = kept / free
        leaving = sieving[i] + taken[i] * bulk
        excess = kept * diffusivity / flux  # volume of a film over a wall that lets nothing through
        if transfer > 0.0:
            excess -= math.exp(-x) * diffusivity / transfer
        films[0, i] = bulk
        films[1, i] = slope
        films[2, i] = area * (1.0 - leaving) * excess
        films[3, i] = area * (1.0 + taken[i] * slope) * excess
        films[4, i] = math.inf
        if transfer == 0.0:
            films[4, i] = (numbers[i] - lingering[i]) / volume + lingering[i] * flux / (area * diffusivity)


@njit(**_JIT)
def _crowding(growth: float, volume: float, films: Array, numbers: Array, size: Array, wall: Array) -> float:
    """Fill the concentrations at the wall and return their volume fraction."""
    total = 0.0
    for i in range(numbers.size):
        bulk = films[0, i] + growth * films[1, i]
        film = max(films[2, i] - growth * films[3, i], 0.0)
        wall[i] = min(numbers[i] / max(bulk * volume + film, 1e-300), films[4, i])
        total += wall[i] * size[i]
    return total


@njit(**_JIT)
def _growth(volume: float, films: Array, numbers: Array, size: Array, packing: float, wall: Array) -> float:
    """Return the growth of the deposit over the flux at which the wall is just packed, 0 if it is dilute."""
    low, loose = 0.0, _crowding(0.0, volume, films, numbers, size, wall)
    if loose <= packing:
        return 0.0
    high = 1e-9
    tight = _crowding(high, volume, films, numbers, size, wall)
    while tight > packing and high < _FASTEST:
        low, loose = high, tight
        high *= 30.0
        tight = _crowding(high, volume, films, numbers, size, wall)
    for turn in range(_PASSES):  # the inverse of the crowding is nearly linear in the growth
        share = (1.0 / packing - 1.0 / loose) / (1.0 / tight - 1.0 / loose) if turn % 3 < 2 else 0.5
        middle = low + (high - low) * share
        found = _crowding(middle, volume, films, numbers, size, wall)
        if abs(found - packing) <= _TOLERANCE * packing or high - low <= _TOLERANCE * high:
            return middle
        if found > packing:
            low, loose = middle, found
        else:
            high, tight = middle, found
    return high


@njit(**_JIT)
def _flux(
    guess: float, conductance: float, pressure: float, numbers: Array, lingering: Array, volume: float, area: float,
    sieving: Array, straight: Array, taken: Array, solutes: Solutes, setting: Setting, size: Array, films: Array,
    wall: Array, held: Array,
) -> tuple[float, float]:  # fmt: skip
    """Return the flux that the pressure drives against the wall that it makes, and the growth of the deposit."""
    low, high = 0.0, conductance * pressure
    below, above = high, -high  # flux driven less flux assumed, at both ends
    flux, growth = guess, 0.0
    for turn in range(_PASSES):
        _films(flux, volume, area, numbers, lingering, sieving, taken, solutes, films)
        growth = _growth(volume, films, numbers, size, setting.packing, wall)
        for i in range(numbers.size):
            passes = sieving[i] + straight[i] * (films[0, i] + growth * films[1, i])
            held[i] = wall[i] * max(1.0 - passes, 0.0)
        osmotic = osmotic_pressure(held, solutes.diameter, setting.packing, setting.thermal_energy)
        driven = conductance * (pressure - osmotic)
        excess = driven - flux
        if abs(excess) <= _TOLERANCE * flux or high - low <= _TOLERANCE * high:
            break
        if excess > 0.0:
            low, below = flux, excess
        else:
            high, above = flux, excess
        flux = low + (high - low) * (below / (below - above) if turn % 3 < 2 else 0.5)
    return flux, growth


@njit(**_JIT)
def _fall(rate: float, film: float, bulk: float, before: float, after: float, portion: float) -> float:
    """Return how much the logarithm of the number in the vessel falls while a portion permeates.

    d ln n = -rate dV_p / (bulk V + film), with the volume V constant or falling with the permeate V_p.
    """
    end = bulk * after + film
    drop = bulk * (before - after) / end
    return rate * portion / end if drop < 1e-9 else rate / bulk * math.log1p(drop)


@njit(**_JIT)
def _resistances(deposit: Array, size: Array, diameter: Array, area: float, packing: float) -> tuple[float, float]:
    """Return the resistance of one layer of the deposit's particles, and of the deposit, whose parts add up."""
    surfaces = drags = 0.0
    for i in range(deposit.size):
        surfaces += deposit[i] * size[i] / diameter[i]
        drags += deposit[i] * size[i] / diameter[i] ** 2
    if surfaces <= 0.0:
        return 0.0, 0.0
    factor = 180.0 * packing / (1.0 - packing) ** 3
    return factor * packing * drags / surfaces, factor * drags / area


@njit(**_JIT)
def _mouths(deposit: Array, size: Array, membrane: Membrane, solutes: Solutes, packing: float, mouths: Array) -> None:
    """Fill the share of the clean flow that open pores let through under what lies on them without closing them."""
    factor = 180.0 * packing / (1.0 - packing) ** 3 / membrane.area
    for k in range(mouths.size):
        drags = 0.0
        for i in range(deposit.size):
            drags += deposit[i] * (1.0 - solutes.blocks[i, k]) * size[i] / solutes.diameter[i] ** 2
        mouths[k] = membrane.share[k] * membrane.resistance / (membrane.resistance + factor * drags)


@njit(**_JIT)
def _block(
    settled: Array, aim: Array, membrane: Membrane, solutes: Solutes, setting: Setting, open_share: Array
) -> None:
    """Close pores by the numbers that settled; those that follow the flow close the largest pores first.

    The aim is the share of the flow that the open pores of a size would have if all of them were open.
    """
    cell_number = np.sum(membrane.cells)
    for k in range(open_share.size):
        covered = 0.0  # pores under what settled, per area
        for i in range(settled.size):
            under = max(0.25 * math.pi * solutes.diameter[i] ** 2 * cell_number, 1.0)
            covered += settled[i] / membrane.area * solutes.blocks[i, k] * under
        if membrane.cells[k] > 0.0:
            aimed = aim[k] / membrane.cells[k]
            closing = setting.directed * aimed + (1.0 - setting.directed) / cell_number
            open_share[k] *= math.exp(-setting.blocking * closing * covered)


@njit(**_JIT)
def march(
    numbers: Array, steps: int, volume: float, permeate: float, constant: bool, time_left: float, pressure: Array,
    membrane: Membrane, solutes: Solutes, setting: Setting, state: State,
) -> tuple[Array, Array, Array, Array, Array, int, int]:  # fmt: skip
    """Let a volume permeate: one stage of a filtration.

    Parameters
    ----------
    numbers : ndarray, shape (n,) [-]
        Particles of each solute in the vessel.
    steps : int
        Equal steps of the logarithm of the volume, or of the permeate where the volume is constant.
    volume, permeate : float [m3]
        In the vessel at the start, and to be filtered; less than `volume` unless that is constant.
    constant : bool
        Whether buffer replaces what permeates.
    time_left : float [s]
        After which filtration stops; may be infinite.
    pressure : ndarray, shape (3,) [Pa, Pa/m3, Pa/m6]
        Polynomial in the volume in the vessel.
    membrane : Membrane
    solutes : Solutes
    setting : Setting
    state : State
        Changed in place.

    Returns
    -------
    record : ndarray, shape (steps + 1, 8) [s, m3, m3, m/s, Pa, -, -, 1/m]
        Time, permeate, volume in the vessel, flux, pressure, volume fraction at the wall, conductance over that of
        the clean membrane, and resistance of the deposit with its first layer: in the middle of each step done, time
        and volumes at its end; and at the start.
    vessel, passed : ndarray, shape (steps + 1, n) [-]
        Numbers in the vessel, the film included, and in the permeate.
    burst, adsorbed : ndarray, shape (n,) [-]
        Numbers that burst, and that stick to the membrane or in its pores.
    done, status : int
        Steps done, and FINISHED, OUT_OF_TIME, STALLED (no flux is left) or CLOGGED (pores are full).
    """
    n = numbers.size
    record = np.zeros((steps + 1, 8))
    vessel = np.zeros((steps + 1, n))
    passed = np.zeros((steps + 1, n))
    has, through_all = numbers.copy(), np.zeros(n)
    burst, adsorbed, settled = np.zeros(n), np.zeros(n), np.zeros(n)
    wall, sieving, straight, passing = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    bursting, caught = np.zeros(n), np.zeros(n)
    films, held = np.zeros((5, n)), np.zeros(n)
    size = math.pi / 6.0 * solutes.diameter**3
    weights, unblocked, mouths = membrane.share.copy(), membrane.share.copy(), membrane.share.copy()
    trial, lying, meeting, staying = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    vessel[0] = numbers
    record[0, 2] = volume
    flux, growth, time, done, status = 0.0, 0.0, 0.0, 0, FINISHED

    collected, longest = 0.0, permeate
    for step in range(steps):
        mark = permeate * (step + 1.0) / steps
        if not constant:
            mark = volume - volume * (1.0 - permeate / volume) ** ((step + 1.0) / steps)
        while collected < mark and status == FINISHED:
            portion = min(mark - collected, longest)
            at_start = 0.0
            trial[:] = has
            staying[:] = state.lingering
            lying[:] = state.deposit
            unblocked[:] = state.open_share
            narrowing = state.narrowing[0]
            for sweep in range(2):  # at the start of the step, then at its middle
                layer, cake = _resistances(lying, size, solutes.diameter, membrane.area, setting.packing)
                hindrance = setting.seal * layer + cake
                covered = membrane.resistance / (membrane.resistance + hindrance)
                _mouths(lying, size, membrane, solutes, setting.packing, mouths)
                weights[:] = mouths * unblocked + membrane.share * (1.0 - unblocked) * covered
                carried = np.sum(weights)
                conductance = narrowing**2 * carried / (setting.viscosity * membrane.resistance)
                here = volume if constant else volume - collected - (0.5 * portion if sweep else 0.0)
                push = pressure[0] + pressure[1] * here + pressure[2] * here * here
                free_flux = conductance * push
                known = sweep == 0 and flux > 0.0  # at its start, the sieving in the middle of the last step serves
                for _ in range(_PASSES):  # sieving depends weakly on the flux
                    guess = min(flux, free_flux) if flux > 0.0 else free_flux
                    if guess <= _LEAST_FLUX:
                        flux = 0.0
                        break
                    if not known:
                        _sieve(guess, weights, mouths, membrane, solutes, sieving, straight, bursting, caught)
                    flux, growth = _flux(
                        guess, conductance, push, trial, staying, here, membrane.area, sieving, straight,
                        straight + bursting + caught, solutes, setting, size, films, wall, held,
                    )  # fmt: skip
                    if known or abs(flux - guess) <= _SETTLED * guess:
                        break
                if flux <= _LEAST_FLUX:
                    status = STALLED
                    break
                for i in range(n):
                    films[0, i] += growth * films[1, i]
                    films[2, i] = max(films[2, i] - growth * films[3, i], 0.0)
                    if wall[i] == films[4, i] and wall[i] > 0.0:  # the film is still filling
                        films[2, i] = staying[i] / wall[i]
                        films[0, i] = (trial[i] - staying[i]) / (wall[i] * here)
                    passing[i] = sieving[i] + straight[i] * films[0, i]
                if collected == 0.0 and sweep == 0:
                    record[0, 2:] = volume, flux, push, np.sum(wall * size), carried, hindrance
                if sweep == 0:
                    at_start = flux
                    portion = _short_enough(
                        portion, growth + caught * films[0], wall, size, hindrance, narrowing, passing, membrane,
                        solutes, setting,
                    )  # fmt: skip
                    for i in range(n):
                        settles = growth + caught[i] * films[0, i]
                        rate = passing[i] + settles + bursting[i] * films[0, i]
                        later = here if constant else here - 0.5 * portion
                        fall = _fall(rate, films[2, i], films[0, i], here, later, 0.5 * portion)
                        trial[i] = has[i] * math.exp(-fall)
                        if solutes.transfer[i] == 0.0:
                            straightway = straight[i] + bursting[i] + caught[i]
                            brought = 0.5 * portion * films[0, i] * wall[i] * (1.0 - straightway)
                            gone = (has[i] - trial[i]) * (sieving[i] + growth) / rate if rate > 0.0 else 0.0
                            staying[i] = min(max(staying[i] + brought - gone, 0.0), trial[i])
                        settled[i] = (has[i] - trial[i]) * settles / rate if rate > 0.0 else 0.0
                        through = (has[i] - trial[i]) * passing[i] / rate if rate > 0.0 else 0.0
                        narrowing -= setting.constriction * through * size[i] / (membrane.area * membrane.pore_volume)
                    lying += settled
                    _block(settled, mouths / carried, membrane, solutes, setting, unblocked)
            if at_start > 0.0 and flux < _LEAST_LEFT * at_start and portion > _SHORTEST * permeate:
                longest, status, flux = 0.25 * portion, FINISHED, at_start  # too far: the flux must fall gently
                continue
            if status != FINISHED:
                break
            longest = 2.0 * max(portion, longest)
            duration = portion / (membrane.area * flux)
            if time + duration >= time_left:
                portion *= (time_left - time) / duration
                duration = time_left - time
                status = OUT_OF_TIME
            before = volume if constant else volume - collected
            after = before if constant else before - portion
            for i in range(n):
                inside = max(films[0, i] * here + films[2, i], 1e-300)
                meeting[i] = setting.sticking * solutes.diffusivity[i] / solutes.diameter[i] * membrane.area / inside
            exposure = _exposure(
                duration, has, meeting, membrane.area, solutes.diameter, setting.coverage, state.free[0]
            )
            filled = 0.0
            for i in range(n):
                settles = growth + caught[i] * films[0, i]
                rate = passing[i] + settles + bursting[i] * films[0, i]
                fall = _fall(rate, films[2, i], films[0, i], before, after, portion)
                sticks = meeting[i] * exposure
                leaves = -has[i] * math.expm1(-fall - sticks)
                stuck = leaves * (sticks / (fall + sticks)) if sticks > 0.0 else 0.0
                gone = leaves - stuck
                if stuck > 0.0:
                    taken = 0.25 * math.pi * solutes.diameter[i] ** 2 * stuck / (setting.coverage * membrane.area)
                    state.free[0] = max(state.free[0] - taken, 0.0)
                through = gone * passing[i] / rate if rate > 0.0 else 0.0
                inside = setting.constriction * through
                settled[i] = gone * settles / rate if rate > 0.0 else 0.0
                state.deposit[i] += settled[i]
                if solutes.transfer[i] == 0.0:
                    straightway = straight[i] + bursting[i] + caught[i]
                    brought = portion * films[0, i] * wall[i] * (1.0 - straightway)
                    fed = gone * (sieving[i] + growth) / rate if rate > 0.0 else 0.0
                    state.lingering[i] = min(max(state.lingering[i] + brought - fed, 0.0), has[i] - leaves)
                burst[i] += gone * bursting[i] * films[0, i] / rate if rate > 0.0 else 0.0
                adsorbed[i] += stuck + inside
                through_all[i] += through - inside
                has[i] -= leaves
                filled += inside * size[i]
            _block(settled, mouths / carried, membrane, solutes, setting, state.open_share)
            state.narrowing[0] -= filled / (membrane.area * membrane.pore_volume)
            collected = min(collected + portion, mark)
            if mark - collected < _ROUND_OFF * permeate:
                collected = mark
            time += duration
            if state.narrowing[0] < _LEAST_OPEN:
                status = CLOGGED
        if status == STALLED and collected == record[done, 1]:
            break
        done = step + 1
        vessel[done] = has
        passed[done] = through_all
        record[done, 0] = time
        record[done, 1] = collected
        record[done, 2] = volume if constant else volume - collected
        record[done, 3:] = flux, push, np.sum(wall * size), carried, hindrance
        if status != FINISHED:
            break
    return record, vessel, passed, burst, adsorbed, done, status


@njit(**_JIT)
def _short_enough(
    portion: float, settles: Array, wall: Array, size: Array, hindrance: float, narrowing: float, sieving: Array,
    membrane: Membrane, solutes: Solutes, setting: Setting,
) -> float:  # fmt: skip
    """Return a portion that adds no more than a small part to the resistance, and takes no more of the pores."""
    drags = lining = 0.0  # of what settles, and what stays in the pores, from a volume
    for i in range(wall.size):
        drags += settles[i] * wall[i] * size[i] / solutes.diameter[i] ** 2
        lining += setting.constriction * sieving[i] * wall[i] * size[i]
    added = 180.0 * setting.packing / (1.0 - setting.packing) ** 3 * drags / membrane.area
    most = _MOST_ADDED * (membrane.resistance + hindrance)
    room = _MOST_ADDED * narrowing * membrane.area * membrane.pore_volume
    if added * portion > most:
        portion = most / added
    return room / lining if lining * portion > room else portion


@njit(**_JIT)
def _exposure(
    duration: float, has: Array, meeting: Array, area: float, diameter: Array, coverage: float, free: float
) -> float:
    """Return the time in which a free membrane would adsorb as much.

    d(exposure)/dt is the free share of the area, which falls by what has stuck, has (1 - exp(-meeting exposure)); it is
    followed in steps that double, each exact for a straight line.
    """
    if coverage <= 0.0:
        return 0.0
    exposure, step = 0.0, duration / (2.0**_DOUBLINGS - 1.0)
    for _ in range(_DOUBLINGS):
        left, slope = free, 0.0
        for i in range(has.size):
            taken = 0.25 * math.pi * diameter[i] ** 2 * has[i] / (coverage * area)
            remains = math.exp(-meeting[i] * exposure)
            left -= taken * (1.0 - remains)
            slope += taken * meeting[i] * remains
        if left <= 0.0:
            break
        exposure += -left * math.expm1(-slope * step) / slope if slope * step > 1e-12 else left * step
        step *= 2.0
    return exposure
