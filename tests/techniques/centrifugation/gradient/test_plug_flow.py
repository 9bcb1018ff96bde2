"""Plug flow in a gradient: analytic limits, walls, conservation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sepsim.media import Blend, ConstantFluid, Medium
from sepsim.particles.transport import sedimentation_coefficient
from sepsim.rotors.rotors import rotor
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation.gradient.gradient import Gradient
from sepsim.techniques.centrifugation.gradient.gradient_setup import GradientSetup
from sepsim.techniques.centrifugation.gradient.plug_flow import (
    FEW_CELLS,
    carried,
    origins,
    spin_in_plug_flow,
    uncut_share,
)
from sepsim.techniques.centrifugation.kernels import lamm_gradient
from sepsim.techniques.centrifugation.spin import speed_profile
from sepsim.techniques.centrifugation.tubes.chords import chords, pelleted_fraction
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn, liquid_column

COLD = 277.15
BUCKET = rotor("SW 55 Ti")
OMEGA = 3500.0  # rad/s, about 100,000 x g


def pipe(cells=FEW_CELLS, inner=0.065, outer=0.105):
    faces = np.linspace(inner, outer, cells + 1)
    return LiquidColumn(faces, np.full(cells + 1, 1e-4), 1e-4 * (faces - inner))


def beads(*densities, nm=200):
    population = [
        {
            "name": f"{each:g}",
            "kind": "particle",
            "diameter_nm": nm,
            "density_g_mL": each,
            "particles_per_mL": 1e6,
        }
        for each in densities
    ]
    table = {"volume_mL": 1, "temperature_C": 4, "medium": "PBS", "population": population}
    return recipe(table).prepare()


def linear_in_radius(column, light, dense):
    """Density linear in the radius at constant viscosity; uniform if the ends are alike."""
    ends = tuple(ConstantFluid(density_g_mL=each, viscosity_mPa_s=1.5) for each in (light, dense))
    share = (column.centres - column.faces[0]) / (column.faces[-1] - column.faces[0])
    return Gradient(Blend(ends, (), COLD), np.zeros((0, share.size)), np.stack([1.0 - share, share]))


def spun(sample, column, *, light=1.0, dense=1.0, hours=1.0, load=None, walls_catch=False):
    load = column.volumes if load is None else load
    setup = GradientSetup(
        rotor=BUCKET,
        tubes=1,
        runs=1,
        column=column,
        gradient=linear_in_radius(column, light, dense),
        load=load / load.sum(),
        borders=np.zeros(0),
        profile=speed_profile(OMEGA, 3600.0 * hours, 60.0, 60.0),
        frozen=True,
        walls_catch=walls_catch,
    )
    return spin_in_plug_flow(sample.particles, sample.counts, setup)


# ---- one step ------------------------------------------------------------------------------------------------


@given(exponent=st.floats(-5, 5))
def test_in_a_uniform_medium_everything_comes_from_further_inside(exponent):
    """The velocity s w^2 r is linear over the whole column, so that each face comes from r exp(-s W)."""
    faces = np.linspace(0.065, 0.105, 41)
    thickness = faces[1] - faces[0]
    found = faces[0] + thickness * origins((exponent * faces / thickness)[:, None])[:, 0]
    expected = (faces * np.exp(-exponent)).clip(faces[0], faces[-1])
    expected[0] = faces[0]
    assert found == pytest.approx(expected, rel=1e-12)


def test_what_converges_comes_from_both_sides_and_stays_between():
    drift = np.linspace(30.0, -30.0, 12)[:, None]  # the place where nothing moves is the middle of the sixth cell
    load = np.ones((11, 1))
    held = carried(load, drift, np.ones(11))
    assert held[5, 0] == pytest.approx(11.0, rel=1e-9)
    assert origins(drift)[[5, 6], 0] == pytest.approx([0.0, 11.0])


@given(
    drift=arrays(float, (9, 3), elements=st.floats(-40, 40).map(lambda cells: round(cells, 9))),
    amounts=arrays(float, (8, 3), elements=st.floats(0, 1)),
    uncut=arrays(float, 8, elements=st.floats(0.01, 1)),
)
@settings(deadline=None)
def test_nothing_is_made_and_nothing_is_negative(drift, amounts, uncut):
    """With falling shares of the chords, as a tube that narrows has them; closed bottoms lose nothing."""
    narrowing = np.sort(uncut)[::-1]
    held = carried(amounts, drift, narrowing)
    assert np.all(held >= 0)
    assert np.all(held.sum(axis=0) <= amounts.sum(axis=0) * (1 + 1e-12) + 1e-12)
    drift[-1] = -np.abs(drift[-1])
    kept = carried(amounts, drift, np.ones(8))
    assert kept.sum(axis=0) == pytest.approx(amounts.sum(axis=0), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", ["SW 55 Ti", "SW 41 Ti", "Type 70 Ti", "NVT 65", "VTi 50"])
def test_the_wall_cuts_what_the_kernel_says(name):
    column = liquid_column(rotor(name), 0.8 * rotor(name).tube.volume, FEW_CELLS)
    assert np.array_equal(uncut_share(column), lamm_gradient._caught(column.faces, column.areas, column.volumes))


# ---- spins ---------------------------------------------------------------------------------------------------


def test_in_a_uniform_medium_a_bucket_pellets_what_plug_flow_in_closed_form_does():
    sample, column = beads(1.02, 1.05, 1.1, 1.2), liquid_column(BUCKET, 4e-6, FEW_CELLS)
    spin = spun(sample, column, hours=0.01, walls_catch=True)
    liquid = ConstantFluid(density_g_mL=1.0, viscosity_mPa_s=1.5)
    s = sedimentation_coefficient(sample.particles, Medium.pure(liquid, COLD))
    pelleted, _ = pelleted_fraction(chords(BUCKET, 4e-6), s * spin.profile.dose)
    assert 0.02 < pelleted[0] < pelleted[-1] < 0.98
    assert spin.pelleted == pytest.approx(pelleted, abs=5e-3)  # of cells


def test_what_is_denser_than_the_gradient_everywhere_pellets_and_what_is_lighter_floats():
    spin = spun(beads(1.3, 1.0), pipe(), light=1.06, dense=1.20, hours=20)
    assert spin.pelleted == pytest.approx([1.0, 0.0], abs=1e-12)
    assert spin.shares[1, 0] == pytest.approx(1.0, abs=1e-12)
    assert spin.shares[0].sum() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("density", [1.08, 1.111, 1.15])
def test_a_class_gathers_where_the_liquid_has_its_density(density):
    column = pipe()
    spin = spun(beads(density), column, light=1.06, dense=1.20, hours=100)
    place = column.faces[0] + (density - 1.06) / 0.14 * (column.faces[-1] - column.faces[0])
    cell = np.searchsorted(column.faces, place) - 1
    assert spin.shares[0, cell] == pytest.approx(1.0, abs=1e-9)
    assert spin.pelleted[0] == 0.0


def test_a_class_of_the_density_of_its_liquid_stays_where_it_is():
    column, load = pipe(), np.zeros(FEW_CELLS)
    density = 1.13  # of the face in the middle
    load[FEW_CELLS // 2 - 1 : FEW_CELLS // 2 + 1] = 0.5
    spin = spun(beads(density, nm=20), column, light=1.06, dense=1.20, hours=1, load=load)
    assert spin.shares[0, FEW_CELLS // 2 - 1 : FEW_CELLS // 2 + 1].sum() == pytest.approx(1.0, abs=1e-9)


def test_what_was_not_loaded_is_nowhere_and_frames_hold_what_was():
    sample = beads(1.1, 1.3)
    given = sample.particles, sample.counts * [1.0, 0.0]
    column = pipe()
    setup = GradientSetup(
        rotor=BUCKET,
        tubes=2,
        runs=1,
        column=column,
        gradient=linear_in_radius(column, 1.06, 1.2),
        load=column.volumes / column.volumes.sum(),
        borders=np.zeros(0),
        profile=speed_profile(OMEGA, 3600.0, 0.0, 0.0),
        frozen=True,
    )
    spin = spin_in_plug_flow(*given, setup)
    assert np.all(spin.shares[1] == 0)
    assert spin.pelleted[1] == 0
    total = spin.populations.sum(axis=2) + spin.pellets
    assert total == pytest.approx(np.array([given[1], given[1]]), rel=1e-12)
    assert spin.times.tolist() == [0.0, 3600.0]
