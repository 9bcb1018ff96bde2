"""The kernel of filtration against closed forms, conservation laws and independent solvers."""

import importlib.util
import math
from itertools import pairwise

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from sepsim.techniques.filtration.kernels import membrane_filtration as kernel
from sepsim.techniques.filtration.kernels.membrane_filtration import solve_membrane

AREA = 1e-3  # m2
RESISTANCE = 1e10  # 1/m
VISCOSITY = 1e-3  # Pa s
KT = 4e-21  # J
PUSH = 1e4  # Pa
CLEAN = PUSH / (VISCOSITY * RESISTANCE)  # m/s, flux of the clean membrane
BEAD = 5e-6  # m


def membrane(share=(1.0,), reach=1e-5, cells=1e12, **changes):
    share = np.array(share, dtype=float)
    made = kernel.MembraneArrays(
        AREA, RESISTANCE, 1e-7, share, np.full(share.size, reach), np.broadcast_to(cells, share.shape).astype(float)
    )
    return made._replace(**changes)


def solutes(convection, *, diffusion=0.0, lysis=0.0, blocks=0.0, diameter=7e-9, diffusivity=6e-11, transfer=math.inf):
    """Solutes of given sieving, in rows; a column for each pore size."""
    convection = np.atleast_1d(np.asarray(convection, dtype=float))
    convection = convection[:, None] if convection.ndim == 1 else convection
    n = convection.shape[0]

    def table(value):
        return np.array(np.broadcast_to(value, convection.shape), dtype=float)

    def column(value):
        return np.array(np.broadcast_to(value, n), dtype=float)

    return kernel.Solutes(
        convection.copy(), table(diffusion), table(lysis), table(blocks), column(diameter), column(diffusivity),
        column(transfer),
    )  # fmt: skip


def law(**changes):
    plain = kernel.FoulingLaw(0.64, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0)
    return plain._replace(**changes)


class Run:
    """One call of the kernel, with names."""

    def __init__(
        self, numbers, particles, *, steps=100, volume=1e-4, permeate=5e-5, constant=False, time=math.inf,
        push=PUSH, thermal_energy=0.0, walls=None, how=None, solve=solve_membrane,
    ):  # fmt: skip
        self.loaded = np.atleast_1d(np.asarray(numbers, dtype=float))
        pressure = np.array([push, 0.0, 0.0]) if np.ndim(push) == 0 else np.array(push)
        feed = kernel.Feed(volume, permeate, pressure, VISCOSITY, thermal_energy, constant, time)
        found = solve(self.loaded, feed, walls or membrane(), particles, how or law(), steps=steps)
        self.time, self.permeate, self.volume, self.flux, self.push, self.wall, _, self.hindrance = found.record
        self.vessel, self.passed, self.burst, self.adsorbed = found.vessel, found.passed, found.burst, found.adsorbed
        self.state, self.status = found.state, found.status

    @property
    def kept(self):
        return self.vessel[-1] / self.loaded

    @property
    def total(self):
        return self.vessel[-1] + self.passed[-1] + self.burst + self.adsorbed + self.state.deposit


def spheres(volume_fraction, diameter, volume=1e-4):
    """Numbers of spheres that fill a part of a volume."""
    return volume_fraction * volume / (math.pi / 6 * diameter**3)


# ---- process algebra -----------------------------------------------------------------------------------------

SIEVING = np.array([0.0, 1e-6, 0.3, 0.7, 1.0])


@pytest.mark.parametrize("steps", [1, 7, 50])
def test_concentration_leaves_the_power_of_the_factor(steps):
    run = Run(np.full(5, 1e6), solutes(SIEVING), steps=steps, permeate=0.9e-4)
    assert run.kept == pytest.approx(10.0**-SIEVING, rel=1e-12, abs=0)
    assert run.passed[-1] == pytest.approx(1e6 * -np.expm1(-SIEVING * math.log(10)), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("steps", [1, 7, 50])
def test_diafiltration_leaves_the_exponential_of_the_diavolumes(steps):
    run = Run(np.full(5, 1e6), solutes(SIEVING), steps=steps, permeate=7e-4, constant=True)
    assert run.kept == pytest.approx(np.exp(-7 * SIEVING), rel=1e-12, abs=0)
    assert np.all(run.volume == 1e-4)


def test_concentration_then_diafiltration():
    first = Run(np.full(5, 1e6), solutes(SIEVING), permeate=0.8e-4)
    second = Run(first.vessel[-1], solutes(SIEVING), volume=0.2e-4, permeate=1e-4, constant=True)
    assert second.vessel[-1] / 1e6 == pytest.approx(5.0**-SIEVING * np.exp(-5 * SIEVING), rel=1e-12, abs=0)


def test_time_is_that_of_the_clean_membrane():
    run = Run([1e6], solutes(0.5))
    assert run.time == pytest.approx(run.permeate / (AREA * CLEAN), rel=1e-9, abs=0)


def test_falling_pressure_is_integrated():
    """Pressure in proportion to the volume: V falls exponentially."""
    run = Run([1e6], solutes(0.5), push=[0.0, PUSH / 1e-4, 0.0], steps=400)
    rate = AREA * CLEAN / 1e-4
    assert run.time[-1] == pytest.approx(math.log(2) / rate, rel=1e-6)


# ---- sieving in the pores ------------------------------------------------------------------------------------


@pytest.mark.parametrize("peclet", [1e-3, 0.5, 3.0, 50.0])
def test_diffusion_in_the_pores_adds_to_sieving(peclet):
    """W / [1 - (1 - W) exp(-Pe)], Pe = (W/H) J reach / D."""
    W, H, D = 0.2, 0.05, 6e-11
    walls = membrane(reach=peclet * D * H / (W * CLEAN))
    run = Run([1e6], solutes(W, diffusion=H, diffusivity=D), walls=walls, permeate=1e-4, constant=True)
    assert -math.log(run.kept[0]) == pytest.approx(W / (1 - (1 - W) * math.exp(-peclet)), rel=1e-9)


def test_sieving_is_the_mean_over_the_flow_through_the_pores():
    walls = membrane(share=(0.5, 0.3, 0.2))
    run = Run([1e6], solutes([[0.0, 0.4, 0.9]]), walls=walls, permeate=1e-4, constant=True)
    assert -math.log(run.kept[0]) == pytest.approx(0.3 * 0.4 + 0.2 * 0.9, rel=1e-12)


# ---- film ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [1e-6, 0.3, 2.0, 8.0, 300.0])
@pytest.mark.parametrize("S", [1e-3, 0.2, 0.9])
def test_film_theory_in_a_huge_vessel(x, S):
    """S_obs = S / [S + (1 - S) exp(-J/k)]; tends to S and to 1."""
    volume = 1e3
    particles = solutes(S, transfer=CLEAN / x)
    run = Run([1e3], particles, volume=volume, permeate=0.5 * volume, constant=True)
    assert -math.log(run.kept[0]) / 0.5 == pytest.approx(S / (S + (1 - S) * math.exp(-x)), rel=1e-7)


def passed_on_wide_pores(cells, x=20.0, wide=0.1):
    """Observed sieving of a membrane whose wide pores carry a part of the flow, the others holding all back."""
    volume = 1e3
    particles = solutes([[0.0, 1.0]], transfer=CLEAN / x)
    walls = membrane(share=(1.0 - wide, wide), cells=(10.0 * cells, cells))
    run = Run([1e3], particles, volume=volume, permeate=1e-3 * volume, constant=True, walls=walls)
    return -math.log(run.kept[0]) / 1e-3


def test_rare_wide_pores_pass_what_they_draw_and_many_pass_what_the_wall_holds():
    """Unmixed along the wall, a wide pore empties its own tube of liquid; mixed, the film of the whole wall."""
    observed = [passed_on_wide_pores(cells) for cells in np.geomspace(1e2, 1e22, 11)]
    assert observed[0] == pytest.approx(0.1, rel=1e-2)
    assert observed[-1] == pytest.approx(0.1 / (0.1 + 0.9 * math.exp(-20.0)), rel=1e-6)
    assert all(more >= less for less, more in pairwise(observed))


def test_mixing_along_the_wall_matters_where_the_film_is_as_thick_as_the_tubes():
    """D/J = a, the radius of the tube of liquid of a pore: between 0.1 and 0.1/(0.1 + 0.9 exp(-3)) = 0.69."""
    length = 6e-11 / CLEAN  # D/J
    few, some, many = (passed_on_wide_pores(0.1 / (math.pi * (ratio * length) ** 2), x=3.0) for ratio in (30, 1, 0.03))
    assert few < 0.2 < 0.4 < some < 0.65 < many < 0.691


def test_film_limits():
    observed = {}
    for x in (1e-14, 700.0):
        run = Run([1e3], solutes(0.3, transfer=CLEAN / x), volume=1e6, permeate=1e6, constant=True)
        observed[x] = -math.log(run.kept[0])
    assert observed[1e-14] == pytest.approx(0.3, rel=1e-12)
    assert observed[700.0] == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize(("S", "x"), [(0.0, 0.5), (0.0, 4.0), (0.2, 4.0), (0.6, 1.0)])
def test_the_film_holds_its_part_of_what_is_in_the_vessel(S, x):
    """Number = V c_b + A times the integral of c - c_b over the film, with the film's exact profile."""
    volume, D = 1e-7, 6e-11
    push = VISCOSITY * RESISTANCE * 1e-6
    run = Run([1e8], solutes(S, transfer=1e-6 / x, diffusivity=D), volume=volume, permeate=1e-12, push=push, steps=1)
    thickness, flow = D * x / 1e-6, 1e-6

    def over_wall(y):  # y from the wall
        return S + (1 - S) * math.exp(-flow * y / D)

    bulk = over_wall(thickness)
    film = AREA * quad(lambda y: over_wall(y) - bulk, 0, thickness, epsabs=0, epsrel=1e-12)[0]
    expected = 1e8 / (bulk * volume + film) * math.pi / 6 * 7e-9**3
    assert run.wall[0] == pytest.approx(expected, rel=1e-6, abs=0)
    assert film > 0.05 * bulk * volume  # it matters here


@given(st.floats(1e-9, 1e-3), st.floats(0, 1), st.floats(1e-8, 1e-5), st.floats(1e3, 1e12))
@settings(max_examples=60, deadline=None)
def test_the_wall_never_holds_more_than_the_vessel(volume, S, transfer, number):
    """A film as thick as D/J at the concentration of the wall, less what the bulk holds of it."""
    run = Run([number], solutes(S, transfer=transfer), volume=volume, permeate=0.5 * volume, steps=20)
    assert np.all(run.vessel >= 0)
    assert np.all(run.wall <= 0.64 * (1 + 1e-9))
    x = CLEAN / transfer
    bulk = math.exp(-x) + S * -math.expm1(-x)
    at_wall = run.wall[0] / (math.pi / 6 * 7e-9**3)
    assert at_wall * bulk * volume <= number * (1 + 1e-9)


# ---- what limits the flux ------------------------------------------------------------------------------------


def carnahan_starling(fraction, number):
    return number * KT * (1 + fraction + fraction**2 - fraction**3) / (1 - fraction) ** 3


@pytest.mark.parametrize("push", [1e3, 1e4, 5e4])
def test_osmotic_limit(push):
    """J = Lp [p - Pi(c_b exp(J/k))] for one solute that is held back."""
    fraction, k, size = 1e-3, 2e-6, math.pi / 6 * 7e-9**3
    volume = 1.0
    run = Run(
        [fraction * volume / size], solutes(0.0, transfer=k), volume=volume, permeate=1e-6, constant=True, push=push,
        thermal_energy=KT, steps=2,
    )  # fmt: skip

    def excess(flux):
        wall = fraction * math.exp(flux / k)
        return (push - carnahan_starling(wall, wall / size)) / (VISCOSITY * RESISTANCE) - flux

    expected = brentq(excess, 0, k * math.log(0.64 / fraction), xtol=1e-20)
    assert run.flux[-1] == pytest.approx(expected, rel=1e-5, abs=0)
    assert expected < 0.2 * push / (VISCOSITY * RESISTANCE)


@pytest.mark.parametrize("fraction", [1e-4, 0.1, 0.4, 0.6])
def test_spheres_of_one_size_press_as_of_carnahan_and_starling(fraction):
    c = np.array([0.3, 0.7]) * fraction / (math.pi / 6 * 7e-9**3)
    found = kernel.osmotic_pressure(c, np.full(2, 7e-9), 0.64, KT)
    assert found == pytest.approx(carnahan_starling(fraction, c.sum()), rel=1e-12)


def test_large_spheres_only_take_room_from_small_solutes():
    """n kT/(1 - f): as if dissolved in what the spheres leave free."""
    spheres, small = 0.5 / (math.pi / 6 * 1e-6**3), 1e24
    found = kernel.osmotic_pressure(np.array([small, spheres]), np.array([1e-12, 1e-6]), 0.64, KT)
    assert found == pytest.approx(small * KT / 0.5, rel=1e-4)


def test_the_osmotic_pressure_of_a_mixture_is_capped_at_packing():
    c, d = np.array([1.0, 1.0]) / (math.pi / 6 * 1e-7**3), np.full(2, 1e-7)
    packed = kernel.osmotic_pressure(c, d, 0.64, KT)
    assert math.isfinite(packed)
    assert packed > kernel.osmotic_pressure(0.3 * c, d, 0.64, KT) > 0


def test_what_passes_presses_from_the_other_side():
    """Dilute: Pi = (1 - S) c_w kT."""
    S, k, number = 0.4, 1e-4, 1e23
    run = Run(
        [number], solutes(S, transfer=k, diameter=1e-10), volume=1.0, permeate=1e-6, constant=True, push=3e3,
        thermal_energy=KT, steps=2,
    )  # fmt: skip

    def excess(flux):
        wall = number / (S + (1 - S) * math.exp(-flux / k))
        return (3e3 - (1 - S) * wall * KT) / (VISCOSITY * RESISTANCE) - flux

    assert run.flux[-1] == pytest.approx(brentq(excess, 0, 3e-4), rel=1e-4, abs=0)


@pytest.mark.parametrize("blocks", [0.0, 1.0])
@pytest.mark.parametrize("push", [1e5, 2e5, 1e6])
def test_gel_limit_whatever_the_pressure(push, blocks):
    """J = k ln(0.64 / c_b) once the deposit has grown, for one solute that is held back, closing pores or not."""
    fraction, k, diameter = 0.01, 1e-6, 1e-7
    volume = 1e-2
    run = Run(
        [spheres(fraction, diameter, volume)],
        solutes(0.0, transfer=k, diameter=diameter, diffusivity=4e-12, blocks=blocks), volume=volume, permeate=1e-3,
        constant=True, push=push, steps=200, walls=membrane(cells=1e14), how=law(blocking=1.0),
    )  # fmt: skip
    assert run.status == kernel.FINISHED
    bulk = run.vessel[-1, 0] / run.loaded[0] * fraction
    assert run.flux[-1] == pytest.approx(k * math.log(0.64 / bulk), rel=2e-3)
    assert run.flux[-1] < 0.01 * run.push[0] / (VISCOSITY * RESISTANCE)


def test_filtration_ends_where_osmotic_pressure_equals_the_push():
    """Nothing polarises: the liquid itself presses back."""
    size, loaded = math.pi / 6 * 7e-9**3, 0.05
    run = Run(
        [loaded * 1e-4 / size], solutes(0.0), permeate=0.99e-4, thermal_energy=KT, push=2e4, steps=2000,
    )  # fmt: skip
    assert run.status == kernel.STALLED
    balance = brentq(lambda f: carnahan_starling(f, f / size) - 2e4, 1e-3, 0.6)
    assert loaded * 1e-4 / run.volume[-1] == pytest.approx(balance, rel=3e-3)
    assert run.total == pytest.approx(run.loaded, rel=1e-12)


def test_filtration_stops_at_its_time_exactly():
    whole = Run([1e6], solutes(0.5))
    run = Run([1e6], solutes(0.5), time=0.3 * whole.time[-1])
    assert run.status == kernel.OUT_OF_TIME
    assert run.time[-1] == pytest.approx(0.3 * whole.time[-1], rel=1e-12)
    assert run.permeate[-1] == pytest.approx(0.3 * 5e-5, rel=1e-9, abs=0)
    assert run.kept[0] == pytest.approx((1 - 0.15) ** 0.5, rel=1e-9)


# ---- fouling: Hermia's laws as limits ------------------------------------------------------------------------


def bead_run(how, steps=400, concentration=1e12, permeate=1e-5, **more):
    """Beads on a dead-end filter, all of which lie down; the vessel keeps its concentration."""
    beads = solutes(0.0, blocks=1.0, diameter=BEAD, diffusivity=1e-20, transfer=0.0)
    return Run([concentration * 1e-4], beads, steps=steps, permeate=permeate, how=how, **more)


COVERED = 1e12 * math.pi / 4 * BEAD**2  # area under the beads of a volume [1/m]


def test_complete_blocking():
    """J = J0 exp(-k t): particles follow the flow and seal what they land on."""
    run = bead_run(law(blocking=1.0, directed=1.0, seal=1e30))
    k = COVERED * CLEAN
    assert run.permeate[-1] / AREA == pytest.approx(CLEAN / k * -math.expm1(-k * run.time[-1]), rel=1e-6, abs=0)
    assert run.state.open_share[0] == pytest.approx(math.exp(-k * run.time[-1]), rel=1e-6)
    assert run.state.open_share[0] < 0.85


def test_intermediate_blocking():
    """J = J0 / (1 + k t): particles land anywhere."""
    run = bead_run(law(blocking=1.0, directed=0.0, seal=1e30))
    k = COVERED * CLEAN
    assert run.permeate[-1] / AREA == pytest.approx(CLEAN / k * math.log1p(k * run.time[-1]), rel=1e-6, abs=0)
    assert run.state.open_share[0] == pytest.approx(1 / (1 + k * run.time[-1]), rel=1e-6)


def kozeny_carman(diameter, packing=0.64):
    """Resistance per volume of packed spheres [1/m2 per m3/m2 of spheres]."""
    return 180 * packing / (1 - packing) ** 3 / diameter**2


def test_cake():
    """J = J0 (1 + K t)^-1/2: all pores are closed at once, and the deposit grows."""
    run = bead_run(law(blocking=1e12, seal=0.0), permeate=5e-5)
    specific = kozeny_carman(BEAD) * 1e12 * math.pi / 6 * BEAD**3
    K = 2 * specific * CLEAN / RESISTANCE
    assert run.permeate[-1] / AREA == pytest.approx(
        2 * CLEAN / K * (math.sqrt(1 + K * run.time[-1]) - 1), rel=1e-6, abs=0
    )
    assert run.hindrance[-1] / RESISTANCE > 0.02


def test_standard_blocking():
    """J = J0 (1 + k t)^-2: what passes lines the pores."""
    number, diameter, kept = 1e16, 1e-7, 0.5
    run = Run(
        [number * 1e-4], solutes(1.0, diameter=diameter), how=law(constriction=kept), permeate=2e-5, steps=1000,
        walls=membrane(pore_volume=1e-7),
    )  # fmt: skip
    k = kept * number * math.pi / 6 * diameter**3 * CLEAN / 1e-7
    expected = CLEAN / k * (1 - 1 / (1 + k * run.time[-1]))
    assert run.permeate[-1] / AREA == pytest.approx(expected, rel=1e-6, abs=0)
    assert run.state.narrowing == pytest.approx(1 / (1 + k * run.time[-1]), rel=1e-6)
    assert run.state.narrowing < 0.7


def test_pores_that_are_filled_end_the_filtration():
    run = Run([1e12], solutes(1.0, diameter=1e-7), how=law(constriction=1.0), permeate=9e-5)
    assert run.status == kernel.CLOGGED
    assert run.total == pytest.approx(run.loaded, rel=1e-12)


def combined(permeate, directed, seal, share, cells, blocks):
    """Time by which a volume per area has passed: blocking and deposit together, as a plain ODE in that volume."""
    c, size = 1e12, math.pi / 6 * BEAD**3
    packed = kozeny_carman(BEAD)
    layer = packed * 0.64 * BEAD * seal  # one layer is one diameter thick

    def slope(volume, y):
        opened, cake = y[:-1], packed * c * size * volume
        mouths = share * RESISTANCE / (RESISTANCE + (1 - blocks) * cake)
        through = mouths * opened + share * (1 - opened) * RESISTANCE / (RESISTANCE + cake + layer * (volume > 0))
        flow = CLEAN * through.sum()
        under = max(math.pi / 4 * BEAD**2 * cells.sum(), 1.0)
        aimed, anywhere = mouths / (cells * through.sum()), 1 / cells.sum()
        closing = -opened * c * blocks * under * (directed * aimed + (1 - directed) * anywhere)
        return np.append(closing, 1 / flow)

    start = np.append(np.ones(share.size), 0.0)
    return solve_ivp(slope, (0, permeate), start, rtol=1e-11, atol=1e-13, method="LSODA").y[:, -1]


@pytest.mark.parametrize(("directed", "seal"), [(1.0, 1.0), (0.0, 30.0), (0.5, 5.0)])
def test_blocking_and_cake_together(directed, seal):
    share, cells, blocks = np.array([0.2, 0.5, 0.3]), np.array([6e9, 3e9, 1e9]), np.array([1.0, 1.0, 0.3])
    beads = solutes([[0.0] * 3], blocks=blocks, diameter=BEAD, diffusivity=1e-20, transfer=0.0)
    how = law(blocking=1.0, directed=directed, seal=seal)
    run = Run([1e8], beads, steps=400, permeate=5e-6, walls=membrane(share=share, cells=cells), how=how)
    *opened, time = combined(5e-3, directed, seal, share, cells, blocks)
    assert run.state.open_share == pytest.approx(opened, rel=1e-5)
    assert run.time[-1] == pytest.approx(time, rel=1e-5)
    assert min(opened) < 0.95


def test_the_largest_pores_close_first_and_the_rest_selects_better():
    radius = np.array([1.0, 2.0, 4.0])
    cells = np.array([1e12, 1e12, 1e12])
    share = radius**4 / (radius**4).sum()
    inf = math.inf
    particles = solutes(
        [[0.0] * 3, [0.1, 0.5, 0.8], [0.0, 0.1, 0.6]], blocks=[[1.0] * 3, [0.0] * 3, [0.0] * 3],
        diameter=[BEAD, 7e-9, 1e-8], diffusivity=1e-16, transfer=[0.0, inf, inf],
    )  # fmt: skip
    how = law(blocking=1.0, seal=1e30)
    run = Run([3e7, 1e10, 1e10], particles, permeate=5e-5, walls=membrane(share=share, cells=cells), how=how)
    assert np.all(np.diff(run.state.open_share) < -0.01)
    through = np.diff(run.passed, axis=0)[:, 1:] / run.vessel[:-1, 1:]
    selectivity = through[:, 1] / through[:, 0]  # of the larger over the smaller
    assert np.all(np.diff(selectivity) < 0)
    assert selectivity[-1] < 0.93 * selectivity[0]


@pytest.mark.parametrize(("held", "close"), [(1e-3, 0.05), (1.0, 1e-3), (1e3, 1e-5)])
def test_a_screen_without_stirring_keeps_what_comes_to_narrow_pores(held, close):
    """60 % of the flow goes through pores that a particle closes; Brownian motion frees 1/(1 + J d/D) of it there.

    What is freed dwells in the film, the longer the more freely it moves.
    """
    beads = solutes([[0.0, 1.0]], blocks=[[1.0, 0.0]], diameter=1e-6, diffusivity=1e-6 * CLEAN / held, transfer=0.0)
    run = Run([1e5], beads, permeate=0.5e-4, walls=membrane(share=(0.6, 0.4)), steps=50)
    caught = 0.6 * held / (1 + held)
    gone = run.loaded[0] - run.vessel[-1, 0]
    assert run.state.deposit[0] == pytest.approx(caught * gone, rel=close)
    assert run.passed[-1, 0] == pytest.approx((1 - caught) * gone, rel=close)


def test_stirring_frees_what_comes_to_narrow_pores():
    beads = solutes([[0.0, 1.0]], blocks=[[1.0, 0.0]], diameter=1e-6, diffusivity=4e-13, transfer=1e-2)
    run = Run([1e5], beads, permeate=0.5e-4, walls=membrane(share=(0.6, 0.4)))
    assert run.state.deposit[0] == 0


# ---- bursting and sticking -----------------------------------------------------------------------------------


@pytest.mark.parametrize("transfer", [0.0, 1e-4, math.inf])
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_of_what_the_liquid_carries_a_share_bursts(share, transfer):
    """The liquid carries J c_b to the membrane, and no more leaves the vessel than that."""
    held_back = solutes(0.0, lysis=share, diameter=1e-6, diffusivity=1e-18, transfer=transfer)
    run = Run([1e7], held_back, permeate=0.5e-4, constant=True, steps=400)
    carried = run.burst[0] / (share * 0.5)  # in a vessel that is stirred, V c_b is what is in it
    leaves = -math.log(run.kept[0])
    if transfer == 0.0:
        assert leaves == pytest.approx(0.5, rel=1e-6)
        assert run.burst[0] == pytest.approx(share * (run.burst[0] + run.state.deposit[0]), rel=1e-6)
    else:
        assert leaves == pytest.approx(0.5 * share, rel=1e-6)
        assert run.state.deposit[0] == 0
        assert carried == pytest.approx(1e7 * -math.expm1(-leaves) / (0.5 * share), rel=1e-9)


def test_adsorption_saturates_at_the_coverage():
    run = Run(
        [1e12], solutes(0.0, diameter=1e-7, diffusivity=4e-12, transfer=1e-3), constant=True, permeate=1e-3,
        how=law(coverage=0.3, sticking=1.0),
    )  # fmt: skip
    assert run.adsorbed[0] * math.pi / 4 * 1e-7**2 == pytest.approx(0.3 * AREA, rel=1e-6)
    assert run.state.free < 1e-6


def adsorbing(coverage, sticking, d, D, numbers, volume, duration):
    """Numbers adsorbed in a stirred vessel, as a plain ODE: sticking D/d per area and concentration."""
    area = math.pi / 4 * d**2

    def slope(_, stuck):
        free = 1 - np.sum(area * stuck) / (coverage * AREA)
        return sticking * D / d * AREA * (numbers - stuck) / volume * free / numbers

    def scaled(t, share):
        return slope(t, share * numbers)

    return solve_ivp(scaled, (0, duration), np.zeros(d.size), rtol=1e-10, atol=1e-13, method="LSODA").y[:, -1]


@pytest.mark.parametrize("sticking", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_adsorption_of_two_solutes_as_a_plain_ode(sticking, scale):
    """From a membrane that takes all there is to one that is full."""
    d, D, volume = np.array([5e-8, 2e-7]), np.array([8e-12, 2e-12]), 1e-4
    numbers = scale * 0.1 * AREA / (math.pi / 4 * d**2)
    run = Run(
        numbers, solutes([0.0, 0.0], diameter=d, diffusivity=D), volume=volume, constant=True, permeate=1e-2,
        how=law(coverage=0.2, sticking=sticking), steps=100, push=PUSH / 10,
    )  # fmt: skip
    assert run.time[-1] == pytest.approx(1e5)
    expected = adsorbing(0.2, sticking, d, D, numbers, volume, 1e5)
    assert run.adsorbed / numbers == pytest.approx(expected, rel=5e-3)
    assert np.sum(run.adsorbed * math.pi / 4 * d**2) == pytest.approx(0.2 * AREA * (1 - run.state.free), rel=1e-9)


def test_two_solutes_compete_for_the_membrane():
    """Numbers as D c / d, areas as D d c."""
    d, D, c = np.array([5e-8, 2e-7]), np.array([8e-12, 2e-12]), np.array([1e12, 3e12])
    run = Run(
        c * 1e2, solutes([0.0, 0.0], diameter=d, diffusivity=D), volume=1e2, constant=True, permeate=1e-2,
        how=law(coverage=0.2, sticking=0.1),
    )  # fmt: skip
    assert run.adsorbed[0] / run.adsorbed[1] == pytest.approx((D * c / d)[0] / (D * c / d)[1], rel=1e-6)
    assert np.sum(run.adsorbed * math.pi / 4 * d**2) == pytest.approx(0.2 * AREA * (1 - run.state.free), rel=1e-9)


# ---- conservation and numerics -------------------------------------------------------------------------------

AMOUNTS = st.floats(0, 1e14)
SHARES = st.floats(0, 1)


@given(
    numbers=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), sieving=st.tuples(SHARES, SHARES, SHARES), lysis=SHARES,
    foul=st.tuples(st.floats(0, 10), SHARES, st.floats(0, 100), SHARES), sticking=SHARES,
    transfer=st.sampled_from([0.0, 1e-7, 1e-5, math.inf]), constant=st.booleans(),
    push=st.sampled_from([1e2, 1e4, 1e6]), time=st.sampled_from([1.0, 1e3, math.inf]),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost(numbers, sieving, lysis, foul, sticking, transfer, constant, push, time):
    particles = solutes(
        np.column_stack([sieving, np.square(sieving)]), lysis=lysis * np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.5]]),
        diffusion=0.1 * np.column_stack([sieving, np.square(sieving)]), blocks=[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]],
        diameter=[7e-9, 4e-8, 2e-7], diffusivity=[6e-11, 1e-11, 2e-12], transfer=transfer,
    )  # fmt: skip
    how = law(
        coverage=0.3, sticking=sticking, blocking=foul[0], directed=foul[1], seal=foul[2],
        constriction=foul[3],
    )  # fmt: skip
    walls = membrane(share=(0.4, 0.6), cells=(2e12, 1e12))
    run = Run(
        numbers, particles, steps=15, permeate=0.95e-4, constant=constant, time=time, push=push, thermal_energy=KT,
        walls=walls, how=how,
    )  # fmt: skip
    assert run.total == pytest.approx(run.loaded, rel=1e-12, abs=1e-290)
    parts = (run.vessel, run.passed, run.burst, run.adsorbed, run.state.deposit, run.state.open_share, run.wall)
    assert all(np.all(part >= 0) and np.all(np.isfinite(part)) for part in parts)
    assert np.all(run.wall <= 0.64 * (1 + 1e-9))
    assert np.all(np.diff(run.time) >= 0)
    assert run.time[-1] <= time
    covered = np.sum(run.adsorbed * math.pi / 4 * particles.diameter**2) if foul[3] == 0 else 0.0
    assert covered <= 0.3 * AREA * (1 + 1e-9)


def test_a_stall_inside_a_step_loses_nothing():
    """The deposit is followed in small steps, and the flux ends between two of those that are recorded."""
    falling = [PUSH * (1 - 1 / 0.35), PUSH / 0.35 / 1e-4, 0.0]  # no pressure is left with 65 % of the volume
    run = bead_run(law(blocking=1e12), steps=2, concentration=1e15, permeate=9e-5, push=falling)
    assert run.status == kernel.STALLED
    assert run.total == pytest.approx(run.loaded, rel=1e-12)
    assert run.volume[-1] == pytest.approx(0.65e-4, rel=0.1)


def mixed_case(order=slice(None), steps=12, solve=solve_membrane):
    """A bit of everything, smooth in time."""

    def table(*rows):
        return np.array(rows, dtype=float)[order]

    numbers = table(3e15, 2e12, 1e10)
    particles = solutes(
        table([0.5, 0.9], [0.1, 0.6], [0.0, 0.0]), diffusion=table([0.1, 0.1], [0.05, 0.05], [0.0, 0.0]),
        lysis=table([0.0, 0.0], [0.0, 0.0], [0.0, 0.2]), blocks=table([0.0, 0.0], [0.0, 0.0], [1.0, 1.0]),
        diameter=table(7e-9, 2e-8, 1e-7), diffusivity=table(6e-11, 2e-11, 4e-12), transfer=table(1e-5, 4e-6, 1e-6),
    )  # fmt: skip
    how = law(coverage=0.3, sticking=1e-5, blocking=1.0, directed=0.7, seal=2.0, constriction=1e-5)
    walls = membrane(share=(0.4, 0.6), cells=(2e10, 1e10))._replace(resistance=1e12)
    return Run(
        numbers, particles, steps=steps, permeate=0.8e-4, push=[5e3, 1e8, 0.0], thermal_energy=KT, walls=walls,
        how=how, solve=solve,
    )  # fmt: skip


def test_steps_converge_with_their_square():
    """Where nothing lies down; the wall is dilute."""

    def figures(steps):
        run = mixed_case(steps=steps)
        return np.array([run.time[-1], *run.vessel[-1], run.burst[-1], *run.adsorbed])

    best = figures(1600)
    errors = [np.abs(figures(steps) / best - 1) for steps in (20, 40, 80)]
    for coarse, fine in pairwise(errors):
        assert fine.max() < coarse.max() / 3.5
        assert np.all(fine <= 0.3 * coarse.max())
    assert errors[-1].max() < 1e-3
    assert 0 < mixed_case().adsorbed[2] < 9e9


def test_the_order_of_solutes_does_not_matter():
    order = np.array([2, 0, 1])
    one, other = mixed_case(), mixed_case(order)
    assert other.vessel[-1] == pytest.approx(one.vessel[-1][order], rel=1e-9)
    assert other.passed[-1] == pytest.approx(one.passed[-1][order], rel=1e-9)
    assert other.adsorbed == pytest.approx(one.adsorbed[order], rel=1e-9)
    assert other.time[-1] == pytest.approx(one.time[-1], rel=1e-9)


def test_compiled_and_plain_source_agree():
    spec = importlib.util.spec_from_file_location("membrane_filtration_plain", kernel.__file__)
    plain = importlib.util.module_from_spec(spec)
    numba.config.DISABLE_JIT = True
    try:
        spec.loader.exec_module(plain)
    finally:
        numba.config.DISABLE_JIT = False
    one, other = mixed_case(steps=4), mixed_case(steps=4, solve=plain.solve_membrane)
    for name in ("time", "flux", "wall", "vessel", "passed", "burst", "adsorbed"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-9, abs=0), name
    assert other.state.deposit == pytest.approx(one.state.deposit, rel=1e-9, abs=0)


# ---- what a caller brings ------------------------------------------------------------------------------------


def stage(**changes):
    """Arguments of two solutes and two pore sizes, with fields replaced: `feed__volume=0`."""
    records = {
        "numbers": np.array([1e12, 1e10]),
        "feed": kernel.Feed(1e-4, 5e-5, np.array([PUSH, 0.0, 0.0]), VISCOSITY, KT),
        "membrane": membrane(share=(0.5, 0.5)),
        "solutes": solutes(
            [[0.4, 0.9], [0.0, 0.0]], blocks=[[0.0, 0.0], [1.0, 1.0]], diameter=[7e-9, 1e-7], transfer=[math.inf, 0.0]
        ),
        "law": law(coverage=0.3, sticking=0.1, blocking=1.0),
        "state": kernel.clean_membrane(2, 2),
    }
    for name, value in changes.items():
        record, _, field = name.partition("__")
        records[record] = records[record]._replace(**{field: value}) if field else value
    return records


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numbers": [1e12, -1.0]}, "numbers must be finite and at least 0, and not -1"),
        ({"numbers": [[1e12, 1e10]]}, r"numbers must have the shape \(2,\), and not \(1, 2\)"),
        ({"numbers": ["many", "few"]}, "numbers must be numbers of the shape"),
        ({"feed__volume": 0.0}, "feed.volume must be finite and above 0, and not 0"),
        ({"feed__permeate": 1e-4}, "feed.permeate must be below the volume of 0.0001 m3"),
        ({"feed__pressure": [PUSH]}, r"feed.pressure must have the shape \(3,\)"),
        ({"feed__viscosity": "thin"}, "feed.viscosity must be a number, and not 'thin'"),
        ({"feed__time": math.nan}, "feed.time must be at least 0, and not nan"),
        ({"membrane__resistance": math.inf}, "membrane.resistance must be finite and above 0"),
        ({"membrane__share": [0.5, 1.5]}, "membrane.share must be between 0 and 1, and not 1.5"),
        ({"membrane__reach": [1e-6]}, r"membrane.reach must have the shape \(2,\), and not \(1,\)"),
        ({"membrane__cells": [1e12, 0.0]}, "membrane.cells must be above 0 where share is"),
        ({"solutes__convection": [[0.4, 0.9]]}, r"solutes.convection must have the shape \(2, 2\)"),
        ({"solutes__lysis": np.full((2, 2), math.nan)}, "solutes.lysis must be between 0 and 1, and not nan"),
        ({"solutes__diameter": [7e-9, 0.0]}, "solutes.diameter must be finite and above 0"),
        ({"solutes__transfer": [-1e-6, 0.0]}, "solutes.transfer must be at least 0"),
        ({"law__packing": 1.0}, "law.packing must be above 0 and below 1, and not 1"),
        ({"law__sticking": -0.1}, "law.sticking must be finite and at least 0"),
        ({"state__open_share": [1.0]}, r"state.open_share must have the shape \(2,\)"),
        ({"state__lingering": [2e12, 0.0]}, "state.lingering must be at most numbers"),
        ({"steps": 0}, "steps must be a whole number of at least 1, and not 0"),
        ({"steps": 2.5}, "steps must be a whole number of at least 1, and not 2.5"),
    ],
    ids=str,
)
def test_wrong_arguments_are_named(change, message):
    steps = change.pop("steps", 5)
    with pytest.raises(ValueError, match=f"^{message}"):
        solve_membrane(**stage(**change), steps=steps)


def test_what_is_handed_in_stays_and_may_be_lists_or_read_only():
    given = stage(state__deposit=[1e3, 2e3], solutes__diameter=[7e-9, 1e-7])
    for array in (given["numbers"], given["membrane"].share, given["solutes"].convection):
        array.flags.writeable = False
    found = solve_membrane(**given, steps=5)
    again = solve_membrane(**given, steps=5)
    assert given["state"].deposit == [1e3, 2e3]
    assert np.all(given["state"].open_share == 1.0)
    assert np.all(found.state.deposit >= [1e3, 2e3])
    assert np.all(found.state.open_share < 1.0)
    assert np.array_equal(found.vessel, again.vessel)
    assert len(kernel._solve.signatures) == 1  # all that users bring runs through one compiled version


def test_a_stage_goes_on_where_the_one_before_ended():
    """Two halves of a diafiltration are the whole."""
    given = stage(feed__constant=True, feed__permeate=1e-4)
    whole = solve_membrane(**given, steps=400)
    half = given["feed"]._replace(permeate=5e-5)
    first = solve_membrane(**given | {"feed": half}, steps=200)
    second = solve_membrane(**given | {"feed": half, "numbers": first.vessel[-1], "state": first.state}, steps=200)
    assert second.vessel[-1] == pytest.approx(whole.vessel[-1], rel=1e-5)
    assert second.state.deposit == pytest.approx(whole.state.deposit, rel=1e-5)
    assert second.state.free == pytest.approx(whole.state.free, rel=1e-5)
    assert first.record.time[-1] + second.record.time[-1] == pytest.approx(whole.record.time[-1], rel=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernel.osmotic_pressure([1e20, 1e20], [7e-9], 0.64, KT), r"diameter must have the shape \(2,\)"),
        (lambda: kernel.osmotic_pressure([1e20], [7e-9], 1.0, KT), "packing must be above 0 and below 1"),
        (lambda: kernel.actual_sieving(-0.1, 0.1, 1.0), "convection must be between 0 and 1"),
        (lambda: kernel.actual_sieving(0.1, 0.1, -1.0), "drift must be at least 0"),
    ],
)
def test_wrong_arguments_of_formulas_are_named(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()
