"""When things leave a column: moments, correlations, limits, and what the trace tells."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.media import Medium, fluid
from sepsim.particles.transport import diffusion_coefficient
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.chromatography.column_conditions import (
    Conditions,
    StrongerEluent,
    axial_dispersion,
    film_coefficient,
    needs_steps,
    reynolds_number,
)
from sepsim.techniques.chromatography.columns.columns import Column
from sepsim.techniques.chromatography.columns.resins import Binding
from sepsim.techniques.chromatography.elution import elute
from sepsim.techniques.chromatography.solved_elution import solve_elution

pytestmark = pytest.mark.lowest

ROOM = 293.15
PBS = Medium.pure(fluid("PBS"), ROOM)
FLOW = 0.5e-6 / 60.0
RADII_NM = (0.5, 3.5, 5.0, 11.0, 20.0, 50.0)


def beads(*radii_nm):
    population = [
        {"name": f"{r:g}", "kind": "particle", "diameter_nm": 2 * r, "density_g_mL": 1.05, "particles_per_mL": 1e9}
        for r in radii_nm
    ]
    return recipe({"volume_mL": 1, "temperature_C": 20, "medium": "PBS", "population": population}).prepare()


def own_column(**change):
    resin = {"bead_diameter_um": 100, "bead_porosity": 0.9, "pore_diameter_nm": 60, "pore_diffusion": 0.4}
    resin |= {key: change.pop(key) for key in list(change) if key in resin or key == "binds"}
    return Column(**({"bed_volume_mL": 8, "diameter_mm": 14, "resin": resin, "void_fraction": 0.4} | change))


def run(column, radii_nm=RADII_NM, *, load_mL=0.5, end_mL=60.0, fractions=4, **change):
    sample = beads(*radii_nm)
    return elute(
        sample.particles,
        sample.counts,
        Conditions(**({"column": column, "flow": FLOW, "eluent": PBS} | change)),
        load_volume=load_mL * 1e-6,
        borders=np.linspace(0.0, end_mL * 1e-6, fractions + 1),
        solve=solve_elution,
    )


def curve_moments(elution):
    """Mean and variance of the volume at which each population leaves, from its curve."""
    volumes, curve = elution.volumes, elution.concentration
    amount = curve.sum(axis=1)
    mean = curve @ volumes / amount
    return mean, (curve @ volumes**2) / amount - mean**2


# ---- moments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["general rate", "lumped rate with pores", "equilibrium dispersive"])
def test_mean_and_variance_are_those_of_the_closed_form(model):
    column, load, diameter = own_column(), 0.5e-6, 100e-6
    found, spread = curve_moments(run(column, model=model, end_mL=40))
    radius = np.array(RADII_NM) * 1e-9
    porous = 0.9 * np.clip(1 - radius / 30e-9, 0, None) ** 2
    bed, void, ratio = column.beds[0], 0.4 * 8e-6, 0.6 / 0.4
    mean = void * (1 + ratio * porous)
    assert found == pytest.approx(mean + load / 2, rel=1e-8, abs=0)

    free = diffusion_coefficient(beads(*RADII_NM).particles, PBS)
    film = {"equilibrium dispersive": 0.0}.get(model, diameter / 6 / film_coefficient(bed, FLOW, free))
    pore = {"general rate": 1.0}.get(model, 0.0) * (diameter / 2) ** 2 / 15 / (0.4 * free)
    peclet = FLOW / bed.cross_section / 0.4 * bed.length / axial_dispersion(bed, FLOW, PBS)
    by_dispersion = mean**2 * (2 / peclet) * (1 - (1 - math.exp(-peclet)) / peclet)
    by_exchange = 2 * void * ratio * FLOW * (porous**2 * film + porous * pore)
    assert spread == pytest.approx(by_dispersion + by_exchange + load**2 / 12, rel=1e-5, abs=0)


def test_two_beds_and_a_mixer_add_their_means():
    upper, lower = own_column(), own_column(bed_volume_mL=3, pore_diameter_nm=30)
    below = {"bed_volume_mL": 3, "resin": lower.resin.to_table(), "void_fraction": 0.4}
    both = own_column(underlayer=below, extra_volume_mL=0.3)
    one, other, together = (curve_moments(run(each))[0] for each in (upper, lower, both))
    assert together == pytest.approx(one + other - 0.25e-6 + 0.3e-6, rel=1e-7, abs=0)


def test_binding_delays_by_its_retention_factor():
    binds = {"5": {"retention_factor": 2.5}, "50": {"retention_factor": 4.0}}
    free, bound = curve_moments(run(own_column()))[0], curve_moments(run(own_column(binds=binds)))[0]
    void = 0.4 * 8e-6
    assert (bound - free) / void == pytest.approx([0, 0, 2.5, 0, 0, 4.0], abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    radii=st.lists(st.integers(1, 120), min_size=2, max_size=6, unique=True).map(sorted),
    pore=st.floats(10, 200),
    flow=st.floats(0.05, 3),
)
def test_a_larger_solute_never_leaves_later(radii, pore, flow):
    elution = run(own_column(pore_diameter_nm=pore), radii, flow=flow * 1e-6 / 60, end_mL=80, fractions=1)
    mean, _ = curve_moments(elution)
    assert np.all(np.diff(mean) <= 1e-6 * mean[0])


# ---- what is kept, and how it is shared out ------------------------------------------------------------------


def test_excluded_vesicles_are_taken_up_by_the_share_that_is_set():
    population = [{"name": "v", "kind": "vesicle", "diameter_nm": 150, "particles_per_mL": 1e9}]
    sample = recipe({"volume_mL": 1, "temperature_C": 20, "medium": "PBS", "population": population}).prepare()
    conditions = Conditions(own_column(), FLOW, PBS, dispersion=1e-12, adsorption=0.4)
    elution = elute(
        sample.particles,
        sample.counts,
        conditions,
        load_volume=1e-7,
        borders=np.array([0.0, 4e-6]),
        solve=solve_elution,
    )  # all but plug flow
    assert elution.collected.captured == pytest.approx(0.4, abs=1e-4)
    assert elution.collected.shares[0] == pytest.approx(0.6, abs=1e-4)


def test_core_beads_keep_what_enters_them_and_let_the_rest_pass():
    plain = own_column(pore_diameter_nm=14)
    core = plain.resin.to_table() | {"core_capture_per_s": 0.1}
    elution = run(own_column(resin=core), (3.5, 50.0))
    small, large = elution.collected.captured
    assert large == 0.0
    assert small > 0.9
    assert elution.collected.shares[:, 1].sum() == pytest.approx(1.0, abs=1e-10)


def test_classes_of_one_size_leave_alike_whatever_their_density():
    spread = {"name": "v", "kind": "vesicle", "diameter_nm": 40, "density_sd_g_mL": 0.02, "particles_per_mL": 1e9}
    sample = recipe({"volume_mL": 1, "temperature_C": 20, "medium": "PBS", "population": [spread]}).prepare()
    assert len(sample.particles) > 1
    elution = elute(
        sample.particles,
        sample.counts,
        Conditions(own_column(), FLOW, PBS),
        load_volume=1e-6,
        borders=np.linspace(0, 2e-5, 21),
        solve=solve_elution,
    )
    assert np.all(np.ptp(elution.collected.shares, axis=1) == 0.0)


def test_the_chromatogram_holds_what_the_fractions_hold():
    elution = run(own_column(), end_mL=20, fractions=1)
    step = elution.volumes[1]
    held = elution.concentration.sum(axis=1) * step
    collected = elution.counts * elution.collected.shares[0]
    assert held == pytest.approx(collected, rel=1e-6, abs=0)


def test_protein_of_the_chromatogram_is_that_of_the_particles():
    albumin = {"name": "albumin", "mass_mg_per_mL": 40}
    sample = recipe({"volume_mL": 0.5, "temperature_C": 20, "medium": "PBS", "population": [albumin]}).prepare()
    elution = elute(
        sample.particles,
        sample.counts,
        Conditions(own_column(), FLOW, PBS),
        load_volume=0.5e-6,
        borders=np.array([0.0, 30e-6]),
        solve=solve_elution,
    )
    assert elution.protein.sum() * elution.volumes[1] == pytest.approx(20e-6, rel=1e-6, abs=0)  # kg
    assert 1.0 < elution.protein.max() < 40.0  # kg/m3: thinner than it was loaded


# ---- liquids -------------------------------------------------------------------------------------------------


def test_the_liquid_of_the_sample_leaves_at_the_whole_liquid_volume():
    elution = run(own_column(), load_mL=1, end_mL=30, fractions=600)
    volumes, liquid = elution.collected.borders, elution.collected.liquid
    assert liquid.sum() == pytest.approx(1e-6, rel=1e-9, abs=0)
    centre = 0.5 * (volumes[1:] + volumes[:-1])
    whole = 8e-6 * (0.4 + 0.6 * 0.9)
    assert liquid @ centre / liquid.sum() == pytest.approx(whole + 0.5e-6, rel=1e-4, abs=0)


def test_a_stronger_eluent_follows_after_the_liquid_of_the_column():
    column = own_column()
    stronger = StrongerEluent(10e-6, PBS)
    elution = run(column, load_mL=1, end_mL=40, fractions=400, stronger=stronger)
    volumes, strong = elution.collected.borders, elution.collected.stronger
    per_fraction = np.diff(volumes)
    front = 40e-6 - strong.sum()  # where a sharp front of the same volume would stand
    assert front == pytest.approx(10e-6 + 8e-6 * (0.4 + 0.6 * 0.9), rel=1e-6, abs=0)
    assert np.all(strong >= 0)
    assert np.all(strong <= per_fraction * (1 + 1e-9))
    assert strong[-1] == pytest.approx(per_fraction[-1], rel=1e-6, abs=0)


def test_what_a_stronger_eluent_sets_free_leaves_after_its_front_has_met_it():
    """Plug flow: taken up at z of the bed as exp(-k z) goes, free at 15 mL + z (V_0 + V_p), out (1 - z) V_0 later."""
    population = [{"name": "v", "kind": "vesicle", "diameter_nm": 150, "particles_per_mL": 1e9}]
    sample = recipe({"volume_mL": 1, "temperature_C": 20, "medium": "PBS", "population": population}).prepare()
    conditions = Conditions(own_column(), FLOW, PBS, adsorption=0.5)
    loaded = dict(load_volume=1e-7, borders=np.linspace(0, 30e-6, 301), solve=solve_elution)
    kept = elute(sample.particles, sample.counts, conditions, **loaded).collected
    stronger = StrongerEluent(15e-6, PBS, 0.4)
    freed = elute(sample.particles, sample.counts, conditions._replace(stronger=stronger), **loaded).collected
    assert freed.shares[:170] == pytest.approx(kept.shares[:170], abs=1e-5)
    gained = freed.shares.sum() - kept.shares.sum()
    assert gained == pytest.approx(0.4 * kept.captured[0], rel=1e-8, abs=0)
    assert freed.captured[0] == pytest.approx(0.6 * kept.captured[0], rel=1e-8, abs=0)
    void, pores, uptake = 3.2, 0.9 * 4.8, math.log(2.0)
    place = 1.0 / uptake - 1.0  # mean of z, half being taken up
    late = (freed.shares - kept.shares)[:, 0]
    assert late @ (0.1 * np.arange(300) + 0.05) / late.sum() == pytest.approx(15 + void + place * pores, abs=0.02)


# ---- correlations --------------------------------------------------------------------------------------------


def test_correlations_by_hand():
    bed = own_column().beds[0]
    area = math.pi * 0.007**2
    superficial = FLOW / area
    reynolds = PBS.density * superficial * 100e-6 / PBS.viscosity
    assert reynolds_number(bed, FLOW, PBS) == pytest.approx(reynolds, rel=1e-12, abs=0)
    schmidt = PBS.viscosity / PBS.density / 6e-11
    sherwood = 1.09 / 0.4 * (reynolds * schmidt) ** (1 / 3)
    assert film_coefficient(bed, FLOW, np.array([6e-11]))[0] == pytest.approx(
        sherwood * 6e-11 / 100e-6, rel=1e-12, abs=0
    )
    dispersion = superficial / 0.4 * 100e-6 * 0.4 / (0.2 + 0.011 * reynolds**0.48)
    assert axial_dispersion(bed, FLOW, PBS) == pytest.approx(dispersion, rel=1e-12, abs=0)


def test_void_volume_and_counting_are_told():
    elution = run(own_column())
    assert elution.void_volume == pytest.approx(3.2e-6)
    assert "void volume 3.2 mL" in elution.numbering
    assert "0 mL after the sample enters" in elution.numbering
    assert "3.2 mL before the end of the void volume" in elution.numbering


@pytest.mark.parametrize(
    ("binding", "step", "expected"),
    [
        (Binding(), True, False),
        (Binding(retention_factor=3), False, False),
        (Binding(retention_factor=3), True, True),
        (Binding(retention_factor=3, eluted_retention_factor=3), True, False),
        (Binding(retention_factor=3, capacity_per_mL=1e12), False, True),
    ],
)
def test_only_what_linear_theory_cannot_do_is_stepped(binding, step, expected):
    assert needs_steps(binding, step_elution=step) is expected
