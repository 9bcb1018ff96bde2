"""What stays at the wall and what spreads back, against solutions of one's own and published shares."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spins import RNG

from sepsim.rotors.rotors import rotor
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.centrifugation.pellet_model import PelletModel
from sepsim.techniques.centrifugation.spin import speed_profile
from sepsim.techniques.centrifugation.wall_layer import mobility, still_in_film, tube_wall, wall_layer

SPIN = dict(rotor="Type 45 Ti", rcf_xg=100_000, rcf_at="rav", time_min=70)


def loaded(*populations, volume=90, medium="PBS"):
    held = {"medium": medium, "population": [*populations], "density_quantiles": 1, "protein_association_percent": 0}
    return recipe({"volume_mL": volume, "temperature_C": 4, **held}).prepare()


def vesicle(diameter, number=1e9):
    return {"name": f"v{diameter}", "kind": "vesicle", "diameter_nm": diameter, "particles_per_mL": number}


def by_steps(time, cells=400, steps=4000):
    """Explicit diffusion from a closed wall into an open end, in a film of thickness 1."""
    c = np.zeros(cells)
    c[0] = cells
    dx, dt = 1.0 / cells, time / steps
    inverse = np.linalg.inv(
        np.eye(cells) * (1 + 2 * dt / dx**2)
        - np.diag(np.full(cells - 1, dt / dx**2), 1)
        - np.diag(np.full(cells - 1, dt / dx**2), -1)
        - np.diag([dt / dx**2, *[0.0] * (cells - 1)])
    )
    return float((np.linalg.matrix_power(inverse, steps) @ c).sum() * dx)


@pytest.mark.parametrize("time", [0.05, 0.2, 0.54, 1.5])
def test_diffusion_out_of_a_film_agrees_with_an_integration_in_steps(time):
    assert float(still_in_film(np.array(time))) == pytest.approx(by_steps(time), abs=3e-3)


def test_diffusion_out_of_a_film_agrees_with_images_at_short_times():
    for time in (0.02, 0.05, 0.1):
        images = 1.0 - 2.0 * math.erfc(0.5 / math.sqrt(time)) + 2.0 * math.erfc(1.5 / math.sqrt(time))
        assert float(still_in_film(np.array(time))) == pytest.approx(images, abs=1e-9)


def test_albumin_leaves_a_film_in_which_a_vesicle_stays():
    # 0.21 and 0.06 mm are sqrt(2 D t) of ten minutes at 4 degC, by Stokes and Einstein in 1.57 mPa s
    sample = loaded({"name": "albumin", "mass_mg_per_mL": 1}, vesicle(100))
    moving = mobility(sample.particles, sample.medium)
    assert np.sqrt(2 * moving.diffusion * 600) * 1e3 == pytest.approx([0.21, 0.06], abs=0.005)
    profile = speed_profile(3130.0, 4200.0, 0.0, 0.0)
    layer = wall_layer(
        sample.particles, moving, profile, 0.1, waiting=600, film=2e-4, model=PelletModel(attachment_per_s=0)
    )
    assert layer.in_film[0] < 0.5
    assert layer.in_film[1] > 0.99


@pytest.mark.parametrize("diameter", [50, 70, 100, 200])
def test_vesicles_stay_where_they_arrived(diameter):
    spun = Centrifugation(**SPIN).ideal().run(loaded(vesicle(diameter)), rng=RNG)
    held = spun.fractions["pellet"].counts[0] / spun.trace.counts[0]
    assert held == pytest.approx(spun.trace.pelleted[0], abs=0.01)


@pytest.mark.parametrize("protein", ["albumin", "igg", "igm"])
def test_soluble_protein_on_the_pellet_is_residual_liquid(protein):
    sample = loaded({"name": protein, "mass_mg_per_mL": 1})
    method = Centrifugation(**SPIN, resuspend={"medium": "PBS", "volume_mL": 1}, pellet_recovery=1)
    outcome = method.run(sample, rng=RNG)
    carried = outcome.fractions["pellet"].counts[0] / sample.counts[0]
    pelleted = outcome.trace.pelleted[0]
    assert pelleted > 0.04  # as sedimentation theory has it
    assert carried == pytest.approx(0.1 / 90 * (1 - pelleted), rel=0.05)


def test_shares_do_not_depend_on_the_amount():
    few, many = (
        Centrifugation(**SPIN).ideal().run(loaded(vesicle(100, number)), rng=RNG).fractions["pellet"].counts[0] / number
        for number in (1e3, 1e9)
    )
    assert few == pytest.approx(many, rel=1e-9)


@given(st.floats(20, 500), st.floats(50, 3000), st.floats(60, 1e5), st.floats(0, 1e4), st.floats(0, 1e-3))
def test_shares_are_shares_and_grow_with_the_dose(diameter, omega, time, waiting, film):
    sample = loaded(vesicle(diameter))
    moving = mobility(sample.particles, sample.medium)
    layers = [
        wall_layer(sample.particles, moving, profile, 0.1, waiting=waiting, film=film, model=PelletModel())
        for profile in (speed_profile(omega, time, 0, 0), speed_profile(omega, 1.1 * time, 0, 0))
    ]
    for layer in layers:
        assert 0 <= layer.attached[0] <= 1
        assert 0 <= layer.in_film[0] <= 1 - layer.attached[0] + 1e-12
    assert layers[1].attached[0] >= layers[0].attached[0]


def test_the_longer_one_waits_the_more_protein_has_left():
    sample = loaded({"name": "igm", "mass_mg_per_mL": 1})
    carried = [
        Centrifugation(**SPIN, waiting_min=wait).run(sample, rng=RNG).fractions["pellet"].counts[0]
        for wait in (0, 0.01, 0.1, 1, 10)
    ]
    assert carried == sorted(carried, reverse=True)


def test_a_wall_is_met_at_the_bottom_of_a_bucket_and_along_a_leaning_tube():
    bucket, leaning = rotor("SW 32 Ti"), rotor("Type 45 Ti")
    disc = math.pi * bucket.tube.radius**2
    assert tube_wall(bucket, 1, disc).area == pytest.approx(2 * disc)
    assert tube_wall(leaning, 1, 3e-3).area == pytest.approx(math.pi / 2 * 3e-3)
    assert leaning.mouth_radius < tube_wall(leaning, 1, 3e-3).radius < leaning.r_max
