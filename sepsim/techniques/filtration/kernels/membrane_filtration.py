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

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]

FINISHED, OUT_OF_TIME, STALLED, CLOGGED = 0, 1, 2, 3  # how a stage ends

_LEAST_FLUX = 1e-8  # m/s; some 30 uL per hour in a spin filter
_LEAST_OPEN = 0.05  # square of the radius of constricted pores over the first
_FASTEST = 1e6  # growth of a deposit over the flux
_PASSES = 100
_TOLERANCE = 1e-11
_MOST_ADDED = 0.03  # of the resistance, by the deposit of a step
_ROUND_OFF = 1e-12
_SETTLED_FLUX = 1e-7  # relative change of the flux, after which sieving is that of the flux
_LEAST_LEFT = 0.7  # of the flux, in half a step
_SHORTEST = 1e-6  # step, of what a stage filters
_CONVECTIVE = 40.0  # Peclet number from which diffusion is below round-off
_DOUBLINGS = 10
_JIT = {"cache": True, "error_model": "numpy"}
_IN_PLACE = {"inline": "always", **_JIT}  # where more arrays are handed over than a call is worth


# ---- what a caller brings and gets ---------------------------------------------------------------


class Feed(NamedTuple):
    """The liquid in the vessel, how much of it permeates in a stage, and what drives it.

    Attributes
    ----------
    volume, permeate : float [m3]
        In the vessel at the start, and to be filtered; less than `volume` unless that is constant.
    pressure : ndarray, shape (3,) [Pa, Pa/m3, Pa/m6]
        Polynomial in the volume in the vessel.
    viscosity, thermal_energy : float [Pa s, J]
        Of the liquid, and kT.
    constant : bool
        Whether buffer replaces what permeates (diafiltration).
    time : float [s]
        After which filtration stops; may be infinite.
    """

    volume: float
    permeate: float
    pressure: Array
    viscosity: float
    thermal_energy: float
    constant: bool = False
    time: float = math.inf


class MembraneArrays(NamedTuple):
    """A membrane with its m pore sizes.

    Attributes
    ----------
    area, resistance, pore_volume : float [m2, 1/m, m]
        Area, hydraulic resistance, and volume of pores per area.
    share, reach, cells : ndarray, shape (m,) [-, m, 1/m2]
        Of each pore size: share of the clean flow, length of a pore over the porosity times its velocity over the mean,
        and number per area, above 0 where there is flow.
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
        Hydrodynamic diameter, diffusion coefficient and mass-transfer coefficient; this is infinite where nothing
        polarises, and 0 where nothing carries particles back.
    """

    convection: Array
    diffusion: Array
    lysis: Array
    blocks: Array
    diameter: Array
    diffusivity: Array
    transfer: Array


class FoulingLaw(NamedTuple):
    """How particles foul the membrane.

    Attributes
    ----------
    packing : float [-]
        Volume fraction of a packed wall.
    coverage, sticking : float [-]
        Share of the area that adsorbed particles can cover, and share of encounters that stick.
    blocking, directed, seal, constriction : float [-]
        Pores that a deposited particle closes over those that it covers, share of deposited particles that follow the
        flow into open pores, resistance of the first layer over that of packed spheres, and share of what passes the
        pores that stays in them.
    """

    packing: float
    coverage: float
    sticking: float
    blocking: float
    directed: float
    seal: float
    constriction: float


class FoulingState(NamedTuple):
    """What fouls a membrane at a moment.

    Attributes
    ----------
    open_share : ndarray, shape (m,) [-]
        Share of the pores of each size that are open.
    deposit : ndarray, shape (n,) [-]
        Numbers of particles in the deposit.
    narrowing, free : float [-]
        Square of the pores' radius over its first value, and share of the adsorbing area that is free.
    lingering : ndarray, shape (n,) [-]
        Numbers in a film that nothing carries back.
    """

    open_share: Array
    deposit: Array
    narrowing: float
    free: float
    lingering: Array


class FiltrationRecord(NamedTuple):
    """A stage step by step: at its start, then of each step; volumes and time at the end of it, the rest in its middle.

    Attributes
    ----------
    time, permeate, volume : ndarray, shape (n_done + 1,) [s, m3, m3]
        Since the start, permeated since then, and in the vessel.
    flux, pressure, wall : ndarray, shape (n_done + 1,) [m/s, Pa, -]
        Flux, driving pressure, and volume fraction at the wall.
    conductance, hindrance : ndarray, shape (n_done + 1,) [-, 1/m]
        Conductance over that of the clean membrane, but for what constricts the pores, and resistance of the deposit
        with its first layer.
    """

    time: Array
    permeate: Array
    volume: Array
    flux: Array
    pressure: Array
    wall: Array
    conductance: Array
    hindrance: Array


class MembraneSolution(NamedTuple):
    """What a stage of filtration leaves.

    Attributes
    ----------
    record : FiltrationRecord
    vessel, passed : ndarray, shape (n_done + 1, n) [-]
        Numbers in the vessel, the film included, and in the permeate: at the start and at the end of each step done.
    burst, adsorbed : ndarray, shape (n,) [-]
        Numbers that burst, and that stick to the membrane or in its pores.
    state : FoulingState
        At the end.
    status : int
        FINISHED, OUT_OF_TIME, STALLED (no flux is left) or CLOGGED (pores are full).
    """

    record: FiltrationRecord
    vessel: Array
    passed: Array
    burst: Array
    adsorbed: Array
    state: FoulingState
    status: int


def clean_membrane(n_solutes: int, n_pores: int) -> FoulingState:
    """Return the state of a membrane that nothing has fouled.

    Parameters
    ----------
    n_solutes, n_pores : int
        How many solutes and pore sizes there are.

    Returns
    -------
    FoulingState

    Examples
    --------
    >>> clean_membrane(1, 2).open_share
    array([1., 1.])
    """
    return FoulingState(np.ones(n_pores), np.zeros(n_solutes), 1.0, 1.0, np.zeros(n_solutes))


def solve_membrane(
    numbers: ArrayLike,
    feed: Feed,
    membrane: MembraneArrays,
    solutes: Solutes,
    law: FoulingLaw,
    state: FoulingState | None = None,
    *,
    steps: int = 100,
) -> MembraneSolution:
    """Let a volume permeate through a membrane: one stage of a filtration.

    Equations, method, accuracy and sources stand in the module. Fields of the records may be lists; nothing that is
    handed in is changed.

    Parameters
    ----------
    numbers : array_like, shape (n,) [-]
        Particles of each solute in the vessel.
    feed : Feed
        Liquid and pressure.
    membrane : MembraneArrays
        With m pore sizes.
    solutes : Solutes
        What the n solutes do at the membrane.
    law : FoulingLaw
        How they foul it.
    state : FoulingState, optional
        What earlier stages left; a clean membrane without.
    steps : int
        Equal steps of the logarithm of the volume, or of the permeate where the volume is constant; those in which a
        deposit grows fast are divided further.

    Returns
    -------
    MembraneSolution
        What became of the particles, and flux, pressure and fouling over time.

    Raises
    ------
    ValueError
        If an argument is not as said above; it is named.

    Examples
    --------
    Concentrate a protein, of which 30 % pass, and vesicles that close the pores, from 15 to 1.5 mL at 0.5 bar:

    >>> feed = Feed(volume=15e-6, permeate=13.5e-6, pressure=[5e4, 0, 0], viscosity=1e-3, thermal_energy=4.05e-21)
    >>> membrane = MembraneArrays(
    ...     area=1e-3, resistance=1e12, pore_volume=1e-7, share=[1.0], reach=[1e-6], cells=[1e14]
    ... )
    >>> solutes = Solutes(
    ...     convection=[[0.3], [0.0]], diffusion=[[0.1], [0.0]], lysis=[[0.0], [0.0]], blocks=[[0.0], [1.0]],
    ...     diameter=[7e-9, 1e-7], diffusivity=[6e-11, 4e-12], transfer=[1e-5, 2e-6],
    ... )
    >>> law = FoulingLaw(
    ...     packing=0.64, coverage=0.2, sticking=0.01, blocking=1.0, directed=1.0, seal=1.0, constriction=0.0
    ... )
    >>> found = solve_membrane([1e14, 1e11], feed, membrane, solutes, law, steps=20)
    >>> found.status == FINISHED, round(float(found.record.time[-1]) / 60, 1)  # min
    (True, 4.5)
    >>> print((found.vessel[-1] / [1e14, 1e11]).round(3))  # left in the vessel; the rest permeates or sticks
    [0.103 0.749]
    """
    loaded, feed, membrane, solutes, law, before = _checked(numbers, feed, membrane, solutes, law, state)
    if steps < 1 or steps != int(steps):
        raise ValueError(f"steps must be a whole number of at least 1, and not {steps}")
    rows = np.zeros((6, loaded.size))
    rows[_VESSEL], rows[_DEPOSIT], rows[_LINGERING] = loaded, before.deposit, before.lingering
    contents = _Contents(rows, before.open_share.copy(), np.array([before.narrowing]), np.array([before.free]))
    record, vessel, passed, done, status = _solve(contents, int(steps), feed, membrane, solutes, law)
    narrowing, free = float(contents.narrowing[0]), float(contents.free[0])
    return MembraneSolution(
        FiltrationRecord(*record[: done + 1].T.copy()),
        vessel[: done + 1],
        passed[: done + 1],
        rows[_BURST],
        rows[_ADSORBED],
        FoulingState(contents.open_share, rows[_DEPOSIT], narrowing, free, rows[_LINGERING]),
        status,
    )


def osmotic_pressure(concentration: ArrayLike, diameter: ArrayLike, packing: float, thermal_energy: float) -> float:
    """Return the osmotic pressure of a mixture of hard spheres.

    (6 kT/pi) [z0/(1 - z3) + 3 z1 z2/(1 - z3)^2 + (3 - z3) z2^3/(1 - z3)^3], z_j = (pi/6) sum of c d^j: that of Carnahan
    and Starling for one size; among much larger spheres a small solute has the pressure of the space that they leave.

    Parameters
    ----------
    concentration : array_like, shape (n,) [1/m3]
        Number of spheres of each size per volume.
    diameter : array_like, shape (n,) [m]
    packing : float [-]
        Largest volume fraction, below 1; what is denser presses as at this.
    thermal_energy : float [J]
        kT.

    Returns
    -------
    float [Pa]

    Raises
    ------
    ValueError
        If an argument is not as said above; it is named.

    Examples
    --------
    A tenth of the volume in spheres of 7 nm, in kPa; without their volume they would press with n kT, 2.26:

    >>> number = 0.1 / (np.pi / 6 * 7e-9**3)
    >>> round(1e-3 * osmotic_pressure([number], [7e-9], 0.64, 4.05e-21), 2)
    3.43
    """
    size = (np.size(concentration),)
    return _osmotic_pressure(
        _array("concentration", concentration, _AT_LEAST_0, size),
        _array("diameter", diameter, _ABOVE_0, size),
        _number("packing", packing, _BELOW_1),
        _number("thermal_energy", thermal_energy, _AT_LEAST_0),
    )


def actual_sieving(convection: float, diffusion: float, drift: float) -> float:
    """Return the sieving coefficient of one pore size, W / [1 - (1 - W) exp(-Pe)], Pe = (W/H) v delta / D.

    Parameters
    ----------
    convection, diffusion : float [-]
        Hindrance coefficients W and H, 0 to 1; 0 for what does not enter.
    drift : float [-]
        Velocity of the liquid in the pore times its length, over the diffusivity of the solute, v delta / D.

    Returns
    -------
    float [-]
        From W, where convection rules, to 1, where diffusion does.

    Raises
    ------
    ValueError
        If an argument is not as said above; it is named.

    Examples
    --------
    A solute with W = 0.3 and H = 0.1, in liquid at rest, slow and fast:

    >>> [round(actual_sieving(0.3, 0.1, drift), 2) for drift in (0.0, 0.3, 30.0)]
    [1.0, 0.42, 0.3]
    """
    return _actual_sieving(
        _number("convection", convection, _SHARE),
        _number("diffusion", diffusion, _SHARE),
        _number("drift", drift, _UNBOUNDED),
    )


# ---- checks --------------------------------------------------------------------------------------


class _Range(NamedTuple):
    """From where to where values may lie, ends included, and how an error says so."""

    low: float
    high: float
    words: str


_SMALLEST, _LARGEST = float(np.nextafter(0.0, 1.0)), float(np.finfo(np.float64).max)
_ABOVE_0 = _Range(_SMALLEST, _LARGEST, "finite and above 0")
_AT_LEAST_0 = _Range(0.0, _LARGEST, "finite and at least 0")
_UNBOUNDED = _Range(0.0, math.inf, "at least 0")
_FINITE = _Range(-_LARGEST, _LARGEST, "finite")
_SHARE = _Range(0.0, 1.0 + 1e-9, "between 0 and 1")
_BELOW_1 = _Range(_SMALLEST, 1.0 - 1e-9, "above 0 and below 1")

# Of each field: how many values, n solutes or m pore sizes, and which; nothing is a single number.
_FEED = {
    **dict.fromkeys(("volume", "permeate", "viscosity"), ("", _ABOVE_0)),
    "pressure": ("3", _FINITE),
    "thermal_energy": ("", _AT_LEAST_0),
    "time": ("", _UNBOUNDED),
}
_MEMBRANE = {
    **dict.fromkeys(("area", "resistance", "pore_volume"), ("", _ABOVE_0)),
    "share": ("m", _SHARE),
    **dict.fromkeys(("reach", "cells"), ("m", _AT_LEAST_0)),
}
_SOLUTES = {
    **dict.fromkeys(("convection", "diffusion", "lysis", "blocks"), ("nm", _SHARE)),
    **dict.fromkeys(("diameter", "diffusivity"), ("n", _ABOVE_0)),
    "transfer": ("n", _UNBOUNDED),
}
_LAW = {
    "packing": ("", _BELOW_1),
    **dict.fromkeys(("coverage", "directed", "constriction"), ("", _SHARE)),
    **dict.fromkeys(("sticking", "blocking", "seal"), ("", _AT_LEAST_0)),
}
_STATE = {
    "open_share": ("m", _SHARE),
    **dict.fromkeys(("narrowing", "free"), ("", _SHARE)),
    **dict.fromkeys(("deposit", "lingering"), ("n", _AT_LEAST_0)),
}


def _checked(
    numbers: ArrayLike,
    feed: Feed,
    membrane: MembraneArrays,
    solutes: Solutes,
    law: FoulingLaw,
    state: FoulingState | None,
) -> tuple[Array, Feed, MembraneArrays, Solutes, FoulingLaw, FoulingState]:
    """Return the arguments of `solve_membrane` as the compiled part takes them."""
    n, m = np.size(numbers), np.size(membrane.share)
    shapes = {"n": (n,), "m": (m,), "nm": (n, m), "3": (3,)}
    loaded = _array("numbers", numbers, _AT_LEAST_0, (n,))
    feed = _fields("feed", feed, _FEED, shapes)._replace(constant=bool(feed.constant))
    membrane = _fields("membrane", membrane, _MEMBRANE, shapes)
    solutes = _fields("solutes", solutes, _SOLUTES, shapes)
    law = _fields("law", law, _LAW, shapes)
    state = clean_membrane(n, m) if state is None else _fields("state", state, _STATE, shapes)
    if not feed.constant and feed.permeate >= feed.volume:
        raise ValueError(
            f"feed.permeate must be below the volume of {feed.volume:g} m3 unless that is constant, and not "
            f"{feed.permeate:g}"
        )
    if (membrane.cells[membrane.share > 0.0] == 0.0).any():
        raise ValueError("membrane.cells must be above 0 where share is")
    if (state.lingering > loaded).any():
        raise ValueError("state.lingering must be at most numbers: the film is part of the vessel")
    return loaded, feed, membrane, solutes, law, state


def _number(name: str, value: float, span: _Range) -> float:
    """Return a number in a range."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, and not {value!r}") from None
    if not span.low <= number <= span.high:
        raise ValueError(f"{name} must be {span.words}, and not {number:g}")
    return number


def _array(name: str, value: ArrayLike, span: _Range, shape: tuple[int, ...]) -> Array:
    """Return an array of a shape in a range, as the compiled part takes it."""
    try:
        array = np.asarray(value, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers of the shape {shape}") from None
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, and not {array.shape}")
    if _outside(array.ravel(), span.low, span.high):
        wrong = array[~((array >= span.low) & (array <= span.high))]
        raise ValueError(f"{name} must be {span.words}, and not {wrong[0]:g}")
    return array if array.flags.writeable else array.copy()  # numba would compile anew for what is read-only


def _fields(
    name: str, record: NamedTuple, rules: dict[str, tuple[str, _Range]], shapes: dict[str, tuple[int, ...]]
) -> NamedTuple:
    """Return a record with its numbers and arrays checked."""
    checked = {}
    for field, (form, span) in rules.items():
        value, place = getattr(record, field), f"{name}.{field}"
        checked[field] = _array(place, value, span, shapes[form]) if form else _number(place, value, span)
    return record._replace(**checked)


@njit(**_JIT)
def _outside(values: Array, low: float, high: float) -> bool:
    """Return whether a value is outside a range, or no number."""
    inside = 0
    for i in range(values.size):
        inside += (low <= values[i]) & (values[i] <= high)
    return inside < values.size


# ---- one step after another ----------------------------------------------------------------------

# Rows of what a stage follows: numbers of each solute.
_VESSEL, _PASSED, _BURST, _ADSORBED, _DEPOSIT, _LINGERING = range(6)

# Rows of a moment, of each pore size: conductance, and that of open pores, over that of the clean membrane; and the
# velocity in an open pore times its length.
_WEIGHT, _MOUTH, _DRIFT = range(3)

# Rows of a moment, of each solute. Pores: what passes of the concentration at the wall; what passes, bursts, or lies
# down at once of what is carried to it, and the sum of these three.
_SIEVING, _STRAIGHT, _BURSTING, _CAUGHT, _TAKEN = range(5)
# Film: concentration in the bulk over that at the wall, and its slope with the growth of the deposit; what the film
# holds over the concentration at the wall, and how that falls with the growth; highest and actual concentration at the
# wall, and the part of it that presses back.
_BULK, _BULK_SLOPE, _FILM, _FILM_SLOPE, _CEILING, _WALL, _PRESSING = range(5, 12)
# Rates over permeated volume and concentration at the wall: what passes, settles, and leaves the vessel in sum.
_PASSING, _SETTLING, _LEAVING = range(12, 15)
# What comes of them in a step: numbers that have left the vessel, and that have settled; how fast the membrane is met.
_GONE, _SETTLED, _MEETING = range(15, 18)


class _Case(NamedTuple):
    """What stays the same in a stage; with the volume of a particle of each solute."""

    feed: Feed
    membrane: MembraneArrays
    solutes: Solutes
    law: FoulingLaw
    size: Array


class _Contents(NamedTuple):
    """Where the particles are, and what they have done to the membrane, as in `FoulingState`."""

    numbers: Array
    open_share: Array
    narrowing: Array  # one value
    free: Array  # one value


class _Moment(NamedTuple):
    """How the membrane filters at a moment."""

    flux: float  # m/s
    growth: float  # of the deposit, over the flux
    volume: float  # m3, in the vessel
    pressure: float  # Pa
    crowding: float  # volume fraction at the wall
    conductance: float  # over that of the clean membrane
    hindrance: float  # 1/m


@njit(**_JIT)
def _solve(
    contents: _Contents, steps: int, feed: Feed, membrane: MembraneArrays, solutes: Solutes, law: FoulingLaw
) -> tuple[Array, Array, Array, int, int]:
    """Go through a stage step by step; contents are changed in place."""
    numbers = contents.numbers
    n, m = solutes.diameter.size, membrane.share.size
    case = _Case(feed, membrane, solutes, law, math.pi / 6.0 * solutes.diameter**3)
    ahead = _Contents(numbers.copy(), np.zeros(m), np.zeros(1), np.zeros(1))
    pores, lanes = np.zeros((3, m)), np.zeros((18, n))
    record, vessel, passed = np.zeros((steps + 1, 8)), np.zeros((steps + 1, n)), np.zeros((steps + 1, n))
    vessel[0] = numbers[_VESSEL]
    record[0, 2] = feed.volume
    middle = _Moment(0.0, 0.0, feed.volume, 0.0, 0.0, 0.0, 0.0)
    flux = time = collected = 0.0
    longest, done, status = feed.permeate, 0, FINISHED
    for step in range(steps):
        mark = _mark(feed, step + 1.0, steps)
        while collected < mark and status == FINISHED:
            before = feed.volume if feed.constant else feed.volume - collected
            portion = min(mark - collected, longest)
            start, middle, portion = _look_ahead(portion, before, flux, contents, ahead, case, pores, lanes)
            if collected == 0.0 and start.flux > _LEAST_FLUX:
                record[0, 3:] = _columns(start)
            if middle.flux < _LEAST_LEFT * start.flux and portion > _SHORTEST * feed.permeate:
                longest, flux = 0.25 * portion, start.flux  # too far: the flux must fall gently
                continue
            flux = middle.flux
            if flux <= _LEAST_FLUX:
                status = STALLED
                break
            longest = 2.0 * max(portion, longest)
            duration = portion / (membrane.area * flux)
            if time + duration >= feed.time:
                portion *= (feed.time - time) / duration
                duration = feed.time - time
                status = OUT_OF_TIME
            _full_step(portion, duration, before, middle, contents, case, pores, lanes)
            time += duration
            collected = min(collected + portion, mark)
            if mark - collected < _ROUND_OFF * feed.permeate:
                collected = mark
            if contents.narrowing[0] < _LEAST_OPEN:
                status = CLOGGED
        if status == STALLED and collected == record[done, 1]:
            break
        done = step + 1
        vessel[done], passed[done] = numbers[_VESSEL], numbers[_PASSED]
        record[done, :3] = time, collected, feed.volume if feed.constant else feed.volume - collected
        record[done, 3:] = _columns(middle)
        if status != FINISHED:
            break
    return record, vessel, passed, done, status


@njit(**_JIT)
def _mark(feed: Feed, step: float, steps: int) -> float:
    """Return how much has permeated at the end of a step."""
    if feed.constant:
        return feed.permeate * step / steps
    return feed.volume - feed.volume * (1.0 - feed.permeate / feed.volume) ** (step / steps)


@njit(**_JIT)
def _columns(moment: _Moment) -> tuple[float, float, float, float, float]:
    """Return what the record tells of a moment."""
    return moment.flux, moment.pressure, moment.crowding, moment.conductance, moment.hindrance


@njit(**_IN_PLACE)
def _look_ahead(
    portion: float, before: float, flux: float, now: _Contents, ahead: _Contents, case: _Case, pores: Array,
    lanes: Array,
) -> tuple[_Moment, _Moment, float]:  # fmt: skip
    """Return the moments at the start and in the middle of a step, and what permeates in it.

    If the flux has come to an end at the start, that stands for the middle. At the start, the sieving in the middle of
    the step before serves.
    """
    anew = flux <= 0.0
    start = _moment(flux, anew, before, now, case, pores, lanes)
    if start.flux <= _LEAST_FLUX:
        return start, start, portion
    portion = _short_enough(portion, start.hindrance, now.narrowing[0], case, lanes)
    _half_step(portion, start, now, ahead, case, pores, lanes)
    anew = start.flux > 0.0  # true, but no constant, for which numba would compile everything once more
    middle = before if case.feed.constant else before - 0.5 * portion
    return start, _moment(start.flux, anew, middle, ahead, case, pores, lanes), portion


@njit(**_IN_PLACE)
def _moment(
    guess: float, anew: bool, volume: float, contents: _Contents, case: _Case, pores: Array, lanes: Array
) -> _Moment:
    """Return how the membrane filters, and fill the rows of pores and lanes for that.

    A guess of 0 is none; sieving is that of the moment before unless it is found anew.
    """
    pressure, numbers = case.feed.pressure, contents.numbers
    push = pressure[0] + pressure[1] * volume + pressure[2] * volume * volume
    carried, hindrance = _conductances(contents.open_share, numbers[_DEPOSIT], case, pores)
    conductance = contents.narrowing[0] ** 2 * carried / (case.feed.viscosity * case.membrane.resistance)
    flux, growth = _flux(guess, anew, conductance, push, volume, numbers, case, pores, lanes)
    if flux > _LEAST_FLUX:
        _fill_rates(growth, volume, numbers, lanes)
    return _Moment(flux, growth, volume, push, np.sum(lanes[_WALL] * case.size), carried, hindrance)


@njit(**_IN_PLACE)
def _half_step(
    portion: float, start: _Moment, now: _Contents, ahead: _Contents, case: _Case, pores: Array, lanes: Array
) -> None:
    """Fill numbers and membrane in the middle of a step by the rates at its start."""
    law, membrane, size = case.law, case.membrane, case.size
    for k in range(now.open_share.size):
        ahead.open_share[k] = now.open_share[k]
    narrowing = now.narrowing[0]
    half = 0.5 * portion
    later = start.volume if case.feed.constant else start.volume - half
    for i in range(size.size):
        has, leaving = now.numbers[_VESSEL, i], lanes[_LEAVING, i]
        fall = _fall(leaving, lanes[_FILM, i], lanes[_BULK, i], start.volume, later, half)
        left = has * math.exp(-fall)
        through = _part(has - left, lanes[_PASSING, i], leaving)
        narrowing -= law.constriction * through * size[i] / (membrane.area * membrane.pore_volume)
        lanes[_GONE, i] = has - left
        ahead.numbers[_VESSEL, i] = left
        ahead.numbers[_DEPOSIT, i] = now.numbers[_DEPOSIT, i]
        ahead.numbers[_LINGERING, i] = now.numbers[_LINGERING, i]
    ahead.narrowing[0] = narrowing
    _settle(half, start.growth, ahead.numbers, case.solutes.transfer, lanes)
    _block(start.conductance, lanes[_SETTLED], membrane, case.solutes, law, pores[_MOUTH], ahead.open_share)


@njit(**_IN_PLACE)
def _full_step(
    portion: float, duration: float, before: float, middle: _Moment, now: _Contents, case: _Case, pores: Array,
    lanes: Array,
) -> None:  # fmt: skip
    """Move numbers and membrane to the end of a step by the rates in its middle."""
    law, membrane, diameter, numbers = case.law, case.membrane, case.solutes.diameter, now.numbers
    after = before if case.feed.constant else before - portion
    exposure = _exposure(duration, middle.volume, numbers[_VESSEL], now.free[0], case, lanes)
    filled = 0.0
    for i in range(diameter.size):
        leaving, bulk = lanes[_LEAVING, i], lanes[_BULK, i]
        fall = _fall(leaving, lanes[_FILM, i], bulk, before, after, portion)
        sticks = lanes[_MEETING, i] * exposure
        leaves = -numbers[_VESSEL, i] * math.expm1(-fall - sticks)
        stuck = leaves * (sticks / (fall + sticks)) if sticks > 0.0 else 0.0
        if stuck > 0.0:
            covered = 0.25 * math.pi * diameter[i] ** 2 * stuck / (law.coverage * membrane.area)
            now.free[0] = max(now.free[0] - covered, 0.0)
        gone = leaves - stuck
        through = _part(gone, lanes[_PASSING, i], leaving)
        inside = law.constriction * through
        filled += inside * case.size[i]
        lanes[_GONE, i] = gone
        numbers[_VESSEL, i] -= leaves
        numbers[_PASSED, i] += through - inside
        numbers[_BURST, i] += _part(gone * lanes[_BURSTING, i], bulk, leaving)
        numbers[_ADSORBED, i] += stuck + inside
    _settle(portion, middle.growth, numbers, case.solutes.transfer, lanes)
    _block(middle.conductance, lanes[_SETTLED], membrane, case.solutes, law, pores[_MOUTH], now.open_share)
    now.narrowing[0] -= filled / (membrane.area * membrane.pore_volume)


@njit(**_JIT)
def _settle(portion: float, growth: float, numbers: Array, transfer: Array, lanes: Array) -> None:
    """Lay down what settles of what has left the vessel, and feed the films that nothing carries back."""
    for i in range(transfer.size):
        gone, leaving = lanes[_GONE, i], lanes[_LEAVING, i]
        lanes[_SETTLED, i] = _part(gone, lanes[_SETTLING, i], leaving)
        numbers[_DEPOSIT, i] += lanes[_SETTLED, i]
        if transfer[i] == 0.0:
            brought = portion * lanes[_BULK, i] * lanes[_WALL, i] * (1.0 - lanes[_TAKEN, i])
            fed = _part(gone, lanes[_SIEVING, i] + growth, leaving)
            lingering = max(numbers[_LINGERING, i] + brought - fed, 0.0)
            numbers[_LINGERING, i] = min(lingering, numbers[_VESSEL, i])


@njit(**_JIT)
def _part(number: float, rate: float, of: float) -> float:
    """Return the part of a number that goes by one rate, of the sum of all rates."""
    return number * rate / of if of > 0.0 else 0.0


@njit(**_JIT)
def _fall(rate: float, film: float, bulk: float, before: float, after: float, portion: float) -> float:
    """Return how much the logarithm of the number in the vessel falls while a portion permeates.

    d ln n = -rate dV_p / (bulk V + film), with the volume V constant or falling with the permeate V_p.
    """
    end = bulk * after + film
    drop = bulk * (before - after) / end
    return rate * portion / end if drop < 1e-9 else rate / bulk * math.log1p(drop)


@njit(**_JIT)
def _short_enough(portion: float, hindrance: float, narrowing: float, case: _Case, lanes: Array) -> float:
    """Return a portion that adds no more than a small part to the resistance, and takes no more of the pores."""
    membrane, law, diameter, size = case.membrane, case.law, case.solutes.diameter, case.size
    drags = lining = 0.0  # of what settles, and what stays in the pores, from a volume
    for i in range(size.size):
        drags += lanes[_SETTLING, i] * lanes[_WALL, i] * size[i] / diameter[i] ** 2
        lining += law.constriction * lanes[_PASSING, i] * lanes[_WALL, i] * size[i]
    added = 180.0 * law.packing / (1.0 - law.packing) ** 3 * drags / membrane.area
    most = _MOST_ADDED * (membrane.resistance + hindrance)
    room = _MOST_ADDED * narrowing * membrane.area * membrane.pore_volume
    if added * portion > most:
        portion = most / added
    return room / lining if lining * portion > room else portion


@njit(**_JIT)
def _exposure(duration: float, volume: float, numbers: Array, free: float, case: _Case, lanes: Array) -> float:
    """Fill how fast solutes meet the membrane; return the time in which a free one would adsorb as much.

    d(exposure)/dt is the free share of the area, which falls by what has stuck, n (1 - exp(-meeting exposure)); it is
    followed in steps that double, each exact for a straight line.
    """
    area, coverage, sticking = case.membrane.area, case.law.coverage, case.law.sticking
    diameter, diffusivity, meeting = case.solutes.diameter, case.solutes.diffusivity, lanes[_MEETING]
    for i in range(numbers.size):
        inside = max(lanes[_BULK, i] * volume + lanes[_FILM, i], 1e-300)
        meeting[i] = sticking * diffusivity[i] / diameter[i] * area / inside
    if coverage <= 0.0:
        return 0.0
    exposure, step = 0.0, duration / (2.0**_DOUBLINGS - 1.0)
    for _ in range(_DOUBLINGS):
        left, slope = free, 0.0
        for i in range(numbers.size):
            taken = 0.25 * math.pi * diameter[i] ** 2 * numbers[i] / (coverage * area)
            remains = math.exp(-meeting[i] * exposure)
            left -= taken * (1.0 - remains)
            slope += taken * meeting[i] * remains
        if left <= 0.0:
            break
        exposure += -left * math.expm1(-slope * step) / slope if slope * step > 1e-12 else left * step
        step *= 2.0
    return exposure


# ---- flux at a moment ----------------------------------------------------------------------------


@njit(**_JIT)
def _flux(
    guess: float, anew: bool, conductance: float, pressure: float, volume: float, numbers: Array, case: _Case,
    pores: Array, lanes: Array,
) -> tuple[float, float]:  # fmt: skip
    """Return the flux that agrees with its own sieving, and the growth of the deposit; 0 where there is hardly any."""
    free = conductance * pressure
    flux, growth = guess, 0.0
    for _ in range(_PASSES):  # sieving depends weakly on the flux
        assumed = min(flux, free) if flux > 0.0 else free
        if assumed <= _LEAST_FLUX:
            return 0.0, 0.0
        if anew:
            _sieve(assumed, case.membrane, case.solutes, pores, lanes)
        flux, growth = _balanced_flux(assumed, conductance, pressure, volume, numbers, case, lanes)
        if not anew or abs(flux - assumed) <= _SETTLED_FLUX * assumed:
            break
    return flux, growth


@njit(**_JIT)
def _balanced_flux(
    guess: float, conductance: float, pressure: float, volume: float, numbers: Array, case: _Case, lanes: Array
) -> tuple[float, float]:
    """Return the flux that the pressure drives against the wall that it makes, and the growth of the deposit."""
    diameter, size, packing = case.solutes.diameter, case.size, case.law.packing
    low, high = 0.0, conductance * pressure
    below, above = high, -high  # flux driven less flux assumed, at both ends
    flux, growth = guess, 0.0
    for turn in range(_PASSES):
        _films(flux, volume, case.membrane.area, numbers, case.solutes, lanes)
        growth = _growth(volume, numbers[_VESSEL], size, packing, lanes)
        for i in range(size.size):
            bulk = lanes[_BULK, i] + growth * lanes[_BULK_SLOPE, i]
            passes = lanes[_SIEVING, i] + lanes[_STRAIGHT, i] * bulk
            lanes[_PRESSING, i] = lanes[_WALL, i] * max(1.0 - passes, 0.0)
        osmotic = _osmotic_pressure(lanes[_PRESSING], diameter, packing, case.feed.thermal_energy)
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
def _osmotic_pressure(concentration: Array, diameter: Array, packing: float, thermal_energy: float) -> float:
    """Return what `osmotic_pressure` does."""
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
def _fill_rates(growth: float, volume: float, numbers: Array, lanes: Array) -> None:
    """Bring the films to the growth of the deposit, and fill what passes, settles and leaves."""
    for i in range(numbers.shape[1]):
        lingering, wall = numbers[_LINGERING, i], lanes[_WALL, i]
        bulk = lanes[_BULK, i] + growth * lanes[_BULK_SLOPE, i]
        film = max(lanes[_FILM, i] - growth * lanes[_FILM_SLOPE, i], 0.0)
        if wall == lanes[_CEILING, i] and wall > 0.0:  # the film is still filling
            film = lingering / wall
            bulk = (numbers[_VESSEL, i] - lingering) / (wall * volume)
        lanes[_BULK, i], lanes[_FILM, i] = bulk, film
        lanes[_PASSING, i] = lanes[_SIEVING, i] + lanes[_STRAIGHT, i] * bulk
        lanes[_SETTLING, i] = growth + lanes[_CAUGHT, i] * bulk
        lanes[_LEAVING, i] = lanes[_PASSING, i] + lanes[_SETTLING, i] + lanes[_BURSTING, i] * bulk


# ---- sieving in the pores ------------------------------------------------------------------------


@njit(**_JIT)
def _actual_sieving(convection: float, diffusion: float, drift: float) -> float:
    """Return what `actual_sieving` does."""
    if convection <= 0.0 or convection * drift >= _CONVECTIVE * diffusion:
        return convection
    leaving = convection - (1.0 - convection) * math.expm1(-convection / diffusion * drift)
    return min(convection / leaving, 1.0)


@njit(**_JIT)
def _sieve(flux: float, membrane: MembraneArrays, solutes: Solutes, pores: Array, lanes: Array) -> None:
    """Fill what passes of the concentration at the wall, and what passes, bursts or is caught of that carried to it.

    The liquid of a pore comes down a tube of radius a. Where the film is thicker than that, D/J >> a, all pores draw
    from one wall; where it is thinner, each has a film of its own. In between, with lateral diffusion in a film of
    thickness D/J over the flow, beta = 2 (D/(J a))^2, the concentration at a pore is
    (c_b + beta c_w)/[exp(-x) + S (1 - exp(-x)) + beta]; for equal pores that is the wall of one film.
    """
    weights, drifts = pores[_WEIGHT], pores[_DRIFT]
    total = np.sum(weights)
    for k in range(weights.size):
        faster = pores[_MOUTH, k] / (membrane.share[k] * total)  # in an open pore than in the clean membrane
        drifts[k] = flux * faster * membrane.reach[k]
    for i in range(solutes.diameter.size):
        transfer, diffusivity = solutes.transfer[i], solutes.diffusivity[i]
        kept = -math.expm1(-flux / transfer)
        mixing = 2.0 * math.pi * (diffusivity / flux) ** 2 * total
        from_wall = from_tube = bursts = 0.0
        for k in range(weights.size):
            bursts += weights[k] * solutes.lysis[i, k]
            if solutes.convection[i, k] > 0.0 and weights[k] > 0.0:
                passing = _actual_sieving(solutes.convection[i, k], solutes.diffusion[i, k], drifts[k] / diffusivity)
                lateral = mixing * membrane.cells[k]
                drawn = weights[k] * passing / (weights[k] * (1.0 - kept + passing * kept) + lateral)
                from_wall += drawn * lateral
                from_tube += drawn * weights[k]
        lanes[_SIEVING, i] = from_wall / total
        lanes[_STRAIGHT, i] = from_tube / total
        lanes[_BURSTING, i] = bursts / total
        lanes[_CAUGHT, i] = 0.0
        if transfer == 0.0:
            closes = 0.0
            for k in range(weights.size):
                closes += weights[k] * solutes.blocks[i, k]
            lanes[_CAUGHT, i] = closes / total / (1.0 + diffusivity / (flux * solutes.diameter[i]))
        lanes[_TAKEN, i] = lanes[_STRAIGHT, i] + lanes[_BURSTING, i] + lanes[_CAUGHT, i]


# ---- film and wall -------------------------------------------------------------------------------


@njit(**_JIT)
def _films(flux: float, volume: float, area: float, numbers: Array, solutes: Solutes, lanes: Array) -> None:
    """Fill bulk and film without a deposit, their slopes with its growth, and the highest concentration at the wall.

    Of what is carried to the wall, a share leaves there at once: through a pore, burst or caught. A film that nothing
    carries back holds no more than what has come to it.
    """
    for i in range(solutes.diameter.size):
        diffusivity, transfer = solutes.diffusivity[i], solutes.transfer[i]
        sieving, taken = lanes[_SIEVING, i], lanes[_TAKEN, i]
        x = flux / transfer
        kept = -math.expm1(-x)
        free = max(1.0 - taken * kept, _ROUND_OFF)
        bulk = (math.exp(-x) + sieving * kept) / free
        slope = kept / free
        leaving = sieving + taken * bulk
        excess = kept * diffusivity / flux  # volume of a film over a wall that lets nothing through
        if transfer > 0.0:
            excess -= math.exp(-x) * diffusivity / transfer
        lanes[_BULK, i] = bulk
        lanes[_BULK_SLOPE, i] = slope
        lanes[_FILM, i] = area * (1.0 - leaving) * excess
        lanes[_FILM_SLOPE, i] = area * (1.0 + taken * slope) * excess
        lanes[_CEILING, i] = math.inf
        if transfer == 0.0:
            lingering = numbers[_LINGERING, i]
            in_bulk = (numbers[_VESSEL, i] - lingering) / volume
            lanes[_CEILING, i] = in_bulk + lingering * flux / (area * diffusivity)


@njit(**_JIT)
def _growth(volume: float, numbers: Array, size: Array, packing: float, lanes: Array) -> float:
    """Return the growth of the deposit over the flux at which the wall is just packed, 0 if it is dilute."""
    low, loose = 0.0, _crowding(0.0, volume, numbers, size, lanes)
    if loose <= packing:
        return 0.0
    high = 1e-9
    tight = _crowding(high, volume, numbers, size, lanes)
    while tight > packing and high < _FASTEST:
        low, loose = high, tight
        high *= 30.0
        tight = _crowding(high, volume, numbers, size, lanes)
    for turn in range(_PASSES):  # the inverse of the crowding is nearly linear in the growth
        share = (1.0 / packing - 1.0 / loose) / (1.0 / tight - 1.0 / loose) if turn % 3 < 2 else 0.5
        middle = low + (high - low) * share
        found = _crowding(middle, volume, numbers, size, lanes)
        if abs(found - packing) <= _TOLERANCE * packing or high - low <= _TOLERANCE * high:
            return middle
        if found > packing:
            low, loose = middle, found
        else:
            high, tight = middle, found
    return high


@njit(**_JIT)
def _crowding(growth: float, volume: float, numbers: Array, size: Array, lanes: Array) -> float:
    """Fill the concentrations at the wall and return their volume fraction."""
    total = 0.0
    for i in range(size.size):
        bulk = lanes[_BULK, i] + growth * lanes[_BULK_SLOPE, i]
        film = max(lanes[_FILM, i] - growth * lanes[_FILM_SLOPE, i], 0.0)
        wall = min(numbers[i] / max(bulk * volume + film, 1e-300), lanes[_CEILING, i])
        lanes[_WALL, i] = wall
        total += wall * size[i]
    return total


# ---- deposit and pores ---------------------------------------------------------------------------


@njit(**_JIT)
def _conductances(open_share: Array, deposit: Array, case: _Case, pores: Array) -> tuple[float, float]:
    """Fill those of the pores; return their sum over that of the clean membrane, and the resistance on closed pores."""
    membrane, law, size = case.membrane, case.law, case.size
    layer, cake = _resistances(deposit, size, case.solutes.diameter, membrane.area, law.packing)
    hindrance = law.seal * layer + cake
    covered = membrane.resistance / (membrane.resistance + hindrance)
    _mouths(deposit, size, membrane, case.solutes, law.packing, pores[_MOUTH])
    carried = 0.0
    for k in range(open_share.size):
        closed = membrane.share[k] * (1.0 - open_share[k])
        pores[_WEIGHT, k] = pores[_MOUTH, k] * open_share[k] + closed * covered
        carried += pores[_WEIGHT, k]
    return carried, hindrance


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
def _mouths(
    deposit: Array, size: Array, membrane: MembraneArrays, solutes: Solutes, packing: float, mouths: Array
) -> None:
    """Fill the share of the clean flow that open pores let through under what lies on them without closing them."""
    factor = 180.0 * packing / (1.0 - packing) ** 3 / membrane.area
    for k in range(mouths.size):
        drags = 0.0
        for i in range(deposit.size):
            drags += deposit[i] * (1.0 - solutes.blocks[i, k]) * size[i] / solutes.diameter[i] ** 2
        mouths[k] = membrane.share[k] * membrane.resistance / (membrane.resistance + factor * drags)


@njit(**_JIT)
def _block(
    carried: float, settled: Array, membrane: MembraneArrays, solutes: Solutes, law: FoulingLaw, mouths: Array,
    open_share: Array,
) -> None:  # fmt: skip
    """Close pores by the numbers that settled; those that follow the flow close the largest pores first."""
    cell_number = np.sum(membrane.cells)
    for k in range(open_share.size):
        covered = 0.0  # pores under what settled, per area
        for i in range(settled.size):
            under = max(0.25 * math.pi * solutes.diameter[i] ** 2 * cell_number, 1.0)
            covered += settled[i] / membrane.area * solutes.blocks[i, k] * under
        if membrane.cells[k] > 0.0:
            aimed = mouths[k] / carried / membrane.cells[k]  # by the flow, if all pores of this size were open
            closing = law.directed * aimed + (1.0 - law.directed) / cell_number
            open_share[k] *= math.exp(-law.blocking * closing * covered)
