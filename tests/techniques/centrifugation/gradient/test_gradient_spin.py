"""Particles in a gradient: analytic limits, convergence, independence of what must not matter."""

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf

from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.media import Blend, ConstantFluid
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient
from sepsim.rotors.rotors import rotor
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation.gradient import gradient_spin
from sepsim.techniques.centrifugation.gradient.gradient import GradedLayer, Gradient, Layer, pour, shares_above
from sepsim.techniques.centrifugation.gradient.gradient_setup import GradientSetup
from sepsim.techniques.centrifugation.gradient.gradient_spin import spin_in_gradient
from sepsim.techniques.centrifugation.spin import speed_profile
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn, liquid_column

COLD = 277.15
BUCKET = rotor("SW 55 Ti")
OMEGA = 3500.0  # rad/s, about 100,000 x g


def pipe(cells=400, inner=0.065, outer=0.105):
    """A tube of constant cross-section: no wall is met on the way."""
    faces = np.linspace(inner, outer, cells + 1)
    return LiquidColumn(faces, np.full(cells + 1, 1e-4), 1e-4 * (faces - inner))


def bead(nm, density, name=None):
    name = name or f"{nm:g} nm of {density:g}"
    return {"name": name, "kind": "particle", "diameter_nm": nm, "density_g_mL": density, "particles_per_mL": 1e6}


def protein(kDa, s20w):
    return {"name": f"{kDa} kDa", "kind": "protein", "molar_mass_kDa": kDa, "s20w_S": s20w, "particles_per_mL": 1e6}


def loaded(*population, medium="PBS"):
    table = {"volume_mL": 1, "temperature_C": 4, "medium": medium, "population": list(population)}
    return recipe(table).prepare()


def linear_in_radius(column, light=1.06, dense=1.20, viscosity=1.5):
    """Density linear in the radius at constant viscosity, of two liquids."""
    ends = tuple(ConstantFluid(density_g_mL=each, viscosity_mPa_s=viscosity) for each in (light, dense))
    share = (column.centres - column.faces[0]) / (column.faces[-1] - column.faces[0])
    solutes = np.zeros((0, share.size))
    return Gradient(Blend(ends, (), COLD), solutes, np.stack([1.0 - share, share]))


def uniform(column, density=1.0, viscosity=1.5):
    still = ConstantFluid(density_g_mL=density, viscosity_mPa_s=viscosity)
    cells = column.centres.size
    return Gradient(Blend((still,), (), COLD), np.zeros((0, cells)), np.ones((1, cells)))


def filled(column, gradient, load, *, hours, omega=OMEGA, frozen=True, walls_catch=True):
    return GradientSetup(
        rotor=BUCKET,
        tubes=1,
        runs=1,
        column=column,
        gradient=gradient,
        load=load / load.sum(),
        borders=np.linspace(0.0, column.depths[-1], 11),
        profile=speed_profile(omega, 3600.0 * hours, 0.0, 0.0),
        frozen=frozen,
        walls_catch=walls_catch,
    )


def spun(sample, given):
    return spin_in_gradient(sample.particles, sample.counts, given)


def mean_and_width(column, shares):
    """Mean and standard deviation of the radius, without the second moment of the cells themselves."""
    held = shares / shares.sum()
    mean = held @ column.centres
    return mean, math.sqrt(held @ (column.centres - mean) ** 2)


def ends_of(column, end, thickness=0.02):
    """A load in the first or the last cells."""
    load = np.zeros(column.centres.size)
    count = max(1, round(thickness * load.size))
    load[slice(None, count) if end == "top" else slice(-count, None)] = 1.0
    return load


# ---- limits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["top", "bottom"])
@pytest.mark.parametrize("nm", [15, 20, 30])
def test_an_isopycnic_band_is_as_wide_as_heat_makes_it(nm, end):
    """sigma = sqrt(kT/(V w^2 r drho/dr)) about the radius where the liquid has the density of the particle."""
    column, density = pipe(), 1.13
    gradient = linear_in_radius(column)
    spin = spun(loaded(bead(nm, density)), filled(column, gradient, ends_of(column, end), hours=150))
    slope = (1200.0 - 1060.0) / (column.faces[-1] - column.faces[0])
    place = column.faces[0] + (1e3 * density - 1060.0) / slope
    volume = np.pi / 6 * (nm * 1e-9) ** 3
    width = math.sqrt(BOLTZMANN_J_PER_K * COLD / (volume * OMEGA**2 * place * slope))
    found, deviation = mean_and_width(column, spin.shares[0])
    assert deviation == pytest.approx(width, rel=0.02)
    assert abs(found - place) < 0.1 * width
    assert spin.pelleted[0] == 0.0


def test_particles_come_to_their_density_from_both_sides():
    column = pipe()
    gradient, place = linear_in_radius(column), 0.065 + 0.04 * 0.5
    gaps = []
    for hours in (1, 4, 16):
        means = [
            mean_and_width(
                column,
                spun(loaded(bead(40, 1.13)), filled(column, gradient, ends_of(column, end), hours=hours)).shares[0],
            )[0]
            for end in ("top", "bottom")
        ]
        assert means[0] < place + 1e-5
        assert means[1] > place - 1e-5
        gaps.append(means[1] - means[0])
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-5


def test_a_front_at_rest_spreads_as_the_error_function():
    column = pipe()
    sample = loaded(protein(66, 4.3), medium={"density_g_mL": 1.0, "viscosity_mPa_s": 1.5})
    hours, border = 24, 0.085
    load = np.where(column.centres < border, 1.0, 0.0)
    spin = spun(sample, filled(column, uniform(column), load, hours=hours, omega=1e-3))
    length = math.sqrt(4.0 * diffusion_coefficient(sample.particles, sample.medium)[0] * 3600.0 * hours)
    exact = 0.5 * (1.0 - erf((column.centres - border) / length)) / load.sum()
    assert length > 20 * (column.faces[1] - column.faces[0])
    assert spin.shares[0] == pytest.approx(exact, abs=1e-3 * exact.max())


def test_a_band_in_a_uniform_medium_moves_and_spreads_as_known():
    """r exp(sW) for the middle; D t (exp(2 sW) - 1)/(sW) and the widening of the band itself for the variance."""
    column = pipe()
    sample = loaded(protein(670, 19.3), medium={"density_g_mL": 1.0, "viscosity_mPa_s": 1.5})
    start, width, hours = 0.070, 1e-3, 5
    load = np.exp(-0.5 * ((column.centres - start) / width) ** 2)
    given = filled(column, uniform(column), load, hours=hours)
    s, D = (of(sample.particles, sample.medium)[0] for of in (sedimentation_coefficient, diffusion_coefficient))
    way = s * given.profile.dose
    begun, before = mean_and_width(column, given.load)
    mean, after = mean_and_width(column, spun(sample, given).shares[0])
    assert mean == pytest.approx(begun * math.exp(way), abs=1e-6)
    spread = D * 3600.0 * hours * math.expm1(2 * way) / way
    assert spread > 0.2 * before**2
    assert after**2 == pytest.approx(before**2 * math.exp(2 * way) + spread, rel=2e-3)


def test_the_boundary_of_a_frozen_and_of_a_moving_uniform_medium_are_one():
    column = liquid_column(BUCKET, 4.5e-6, 400)
    layer = Layer.from_table({"volume_mL": 4.5, "medium": "PBS"})
    gradient = pour([layer.stretch(COLD)], column.depths)
    sample = loaded(bead(100, 1.15), protein(66, 4.3))
    one, other = (
        spun(sample, filled(column, gradient, column.volumes, hours=1, frozen=frozen)) for frozen in (True, False)
    )
    assert np.array_equal(one.shares, other.shares)
    assert np.array_equal(one.pelleted, other.pelleted)


# ---- the mesh and the steps ----------------------------------------------------------------------------------


SUCROSE = GradedLayer(shape="linear", top={"sucrose_percent_w_w": 5}, bottom={"sucrose_percent_w_w": 30}, volume_mL=4.5)
STEPPED = tuple(
    Layer.from_table({"volume_mL": 1.5, "iodixanol_percent_w_v": percent, "diluent": "PBS"}) for percent in (8, 18, 36)
)


def above_borders(monkeypatch, sample, layers, *, cells, steps, hours=2.5, frozen=False):
    """Share of each class above each border, and the error that is told."""
    monkeypatch.setattr(gradient_spin, "STEPS", steps)
    column = liquid_column(BUCKET, 4.8e-6, cells)
    stretches = [Layer.from_table({"volume_mL": 0.3, "medium": "PBS"}).stretch(COLD)]
    stretches += [each.stretch(COLD) for each in layers]
    load = np.diff(shares_above(stretches, column.depths)[0])
    given = filled(column, pour(stretches, column.depths), load, hours=hours, frozen=frozen)
    spin = spun(sample, given)
    gathered = np.concatenate([np.zeros((len(sample.particles), 1)), np.cumsum(spin.shares, axis=1)], axis=1)
    shares = np.array([np.interp(given.borders[1:-1], column.depths, each) for each in gathered])
    return shares, spin.error


@pytest.mark.parametrize("frozen", [True, False])
def test_shares_of_fractions_converge_in_second_order(monkeypatch, frozen):
    sample = loaded(protein(670, 19.3), protein(66, 4.3), bead(30, 1.1))
    finest, _ = above_borders(monkeypatch, sample, [SUCROSE], cells=1280, steps=384, frozen=frozen)
    errors = [
        np.abs(
            above_borders(monkeypatch, sample, [SUCROSE], cells=80 * n, steps=24 * n, frozen=frozen)[0] - finest
        ).max()
        for n in (1, 2, 4)
    ]
    order = np.log2(errors[0] / errors[2]) / 2
    assert 1.6 < order < 3.2
    assert errors[2] < 2e-3


@pytest.mark.parametrize("layers", [(SUCROSE,), STEPPED], ids=["linear", "steps"])
def test_the_error_that_is_told_is_not_below_the_true_one(monkeypatch, layers):
    sample = loaded(protein(670, 19.3), bead(30, 1.1), bead(60, 1.12), bead(100, 1.08), bead(100, 1.3))
    finest, _ = above_borders(monkeypatch, sample, layers, cells=1600, steps=480)
    shares, told = above_borders(monkeypatch, sample, layers, cells=400, steps=120)
    true = np.abs(shares - finest).max(axis=1)
    assert np.all(true < told + 5e-4)
    assert np.all(told < 20 * true + 5e-3)


# ---- what must not matter ------------------------------------------------------------------------------------


def in_sucrose(*population, **more):
    column = liquid_column(BUCKET, 4.5e-6, 200)
    gradient = pour([SUCROSE.stretch(COLD)], column.depths)
    return spun(loaded(*population), filled(column, gradient, ends_of(column, "top"), hours=1, **more))


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(5)))
def test_a_class_goes_its_way_whatever_is_beside_it(order):
    population = [bead(nm, density) for nm, density in ((30, 1.05), (60, 1.1), (90, 1.15), (120, 1.2), (50, 0.98))]
    with patch.object(gradient_spin, "REFINEMENTS", (1,)):  # else the worst of all classes decides on more steps
        together = in_sucrose(*population)
        mixed = in_sucrose(*(population[index] for index in order))
        alone = in_sucrose(population[order[0]])
    assert np.array_equal(mixed.shares, together.shares[list(order)])
    assert np.array_equal(mixed.pelleted, together.pelleted[list(order)])
    assert np.array_equal(alone.shares[0], together.shares[order[0]])


def test_blocks_of_classes_do_not_matter(monkeypatch):
    population = [bead(nm, 1.12) for nm in range(30, 100, 10)]
    whole = in_sucrose(*population)
    monkeypatch.setattr(gradient_spin, "LANES_AT_ONCE", 3)
    parts = in_sucrose(*population)
    assert np.array_equal(parts.shares, whole.shares)
    assert parts.populations == pytest.approx(whole.populations, rel=1e-12, abs=1e-9)
    assert parts.stability == pytest.approx(whole.stability, rel=1e-9)


@pytest.mark.parametrize("walls_catch", [True, False])
def test_the_pictures_hold_all_particles_at_all_times(walls_catch):
    spin = in_sucrose(bead(200, 1.3), bead(60, 1.1), protein(66, 4.3), walls_catch=walls_catch)
    held = spin.populations.sum(axis=2) + spin.pellets
    assert held == pytest.approx(np.tile(spin.particles.totals(spin.counts), (spin.times.size, 1)), rel=1e-10)
    assert spin.shares.sum(axis=1) + spin.pelleted == pytest.approx(np.ones(3), abs=1e-10)
    assert np.all(spin.shares >= 0)
    assert np.all(np.diff(spin.pellets, axis=0) >= -1e-9 * spin.counts)
    assert spin.times[[0, -1]] == pytest.approx([0.0, 3600.0])
    assert len(spin.gradients) == spin.times.size


def test_what_meets_a_narrowing_wall_is_caught_or_slides_on():
    """Loaded as a thin band, it is caught little by little in the rounded bottom, or reaches its lowest point whole."""
    caught, sliding = (
        [in_sucrose(bead(nm, 1.25), walls_catch=each).pelleted[0] for nm in (40, 58, 60, 70)] for each in (True, False)
    )
    assert max(caught[0], sliding[0]) < 1e-12  # still above the bottom
    assert 0.01 < caught[1] < caught[2] < 0.99
    assert sliding[1] < 0.1 * caught[1]
    assert caught[3] == pytest.approx(1.0, abs=1e-6)
    assert sliding[3] == pytest.approx(1.0, abs=1e-6)
