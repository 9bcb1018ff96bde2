"""Centrifugation on the bench: handling, tubes and runs, warnings, and wrong input."""

import re

import numpy as np
import pytest
from spins import PBS, RNG, spin, vesicles

from sepsim.errors import InputError
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.centrifugation.centrifugation import Centrifugation

# ---- handling ------------------------------------------------------------------------------------------------


def test_bench_and_ideal_differ_by_the_pellet_recovery():
    sample = vesicles(60, medium="PBS")
    method = Centrifugation(
        rotor="Type 45 Ti",
        rcf_xg=100_000,
        rcf_at="rav",
        time_min=70,
        residual_film_um=3,
        pellet_model={"attachment_per_s": 1e20},  # so that nothing is loose
        pellet_disturbed=0,
        pellet_recovery=0.3,
        resuspend=PBS,
        wash={"medium": "PBS", "volume_mL": 60, "times": 1},
    )
    bench = method.run(sample, rng=RNG).fractions
    ideal = method.ideal().run(sample, rng=RNG).fractions
    assert bench["pellet"].counts == pytest.approx(0.3**2 * ideal["pellet"].counts, rel=1e-12)
    assert ideal["lost"].counts == pytest.approx(0, abs=1e-9)


def test_residual_liquid_carries_soluble_protein_in_proportion():
    sample = recipe(
        {"volume_mL": 90, "medium": "PBS", "population": [{"name": "albumin", "mass_mg_per_mL": 4}]}
    ).prepare()
    settings = dict(rotor="Type 45 Ti", rcf_xg=300, rcf_at="rav", time_min=1)
    carried = spin(sample, **settings, residual_volume_mL=0.9).fractions["pellet"]
    pelleted = spin(sample, **settings, residual_volume_mL=0.0).fractions["pellet"]
    assert (carried.counts - pelleted.counts) / sample.counts == pytest.approx(0.01, rel=1e-3)
    assert carried.volume == pytest.approx(0.9e-6)


def test_ideal_hands_leave_a_film():
    method = Centrifugation(rotor="Type 45 Ti", rcf_xg=10_000, rcf_at="rav", time_min=30).ideal()
    pellet = method.run(vesicles(90, medium="PBS"), rng=RNG).fractions["pellet"]
    body = 0.5 * np.pi * 36.0 * 100.0  # mm2, the outer half of a tube of about this bore and length
    assert pellet.volume * 1e9 == pytest.approx(3e-3 * body, rel=0.2)


def test_skimming_takes_what_floats():
    sample = sample_from_catalog("platelet-poor plasma", volume_mL=30, temperature_C=4, size_bins=8).prepare()
    settings = dict(rotor="SW 32 Ti", speed_rpm=32_000, time_min=600)
    outcome = spin(sample, **settings, skimmed_volume_mL=1.0)
    vldl = {name: part.by_population["vldl"] for name, part in outcome.fractions.items()}
    assert vldl["floating"] > 0.9 * sample.by_population["vldl"]
    assert outcome.fractions["floating"].volume == pytest.approx(1e-6)


# ---- tubes, runs, volumes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("volume", "tubes", "runs"), [(94, 1, 1), (95, 2, 1), (250, 3, 1), (564, 6, 1), (565, 7, 2), (1200, 13, 3)]
)
def test_tubes_and_runs_follow_from_the_volume(volume, tubes, runs):
    outcome = spin(vesicles(volume), rotor="Type 45 Ti", speed_rpm=10_000, time_min=30)
    assert (outcome.trace.tubes, outcome.trace.runs) == (tubes, runs)
    assert outcome.trace.fill_volume * tubes == pytest.approx(volume * 1e-6)
    assert outcome.duration == pytest.approx(runs * 1800)
    assert any("runs of rotor" in text for text in outcome.warnings) == (runs > 1)


def test_a_fuller_tube_is_a_longer_way():
    settings = dict(rotor="SW 41 Ti", speed_rpm=20_000, time_min=3)
    full, part = (spin(vesicles(volume), **settings).trace for volume in (13.0, 5.0))
    assert np.all(part.pelleted > full.pelleted)
    assert part.chords.inner[0] > full.chords.inner[0]


def test_the_meniscus_can_be_given():
    settings = dict(rotor="SW 41 Ti", speed_rpm=20_000, time_min=30)
    filled = spin(vesicles(12), **settings).trace
    given = spin(vesicles(12), **settings, meniscus_mm=filled.chords.inner[0] * 1e3).trace
    assert given.pelleted == pytest.approx(filled.pelleted, rel=1e-6)


def test_a_meniscus_that_contradicts_the_volume_is_refused():
    with pytest.raises(InputError, match=r"meniscus_mm = 70\.6: a tube then holds 12\.3 mL, but 3 mL"):
        spin(vesicles(3), rotor="SW 41 Ti", speed_rpm=20_000, time_min=30, meniscus_mm=70.6)


@pytest.mark.parametrize(
    ("settings", "volume", "medium", "message"),
    [
        (dict(rotor="F-45-24-15"), 1, "PBS", "largest speed is unknown"),
        (dict(rotor="VTi 50", resuspend=PBS), 39, "PBS", "pellet lies along the whole outer wall"),
        (dict(rotor="Type 45 Ti"), 1, "PBS", "so thin a film"),
        (
            dict(rotor="SW 41 Ti", resuspend=PBS, wash={"medium": "PBS", "volume_mL": 200}, residual_volume_mL=0.01),
            12,
            "PBS",
            "wash: .*runs of",
        ),
    ],
)
def test_warnings_are_told(settings, volume, medium, message):
    outcome = spin(vesicles(volume, medium=medium), **settings, speed_rpm=10_000, time_min=10)
    assert any(re.search(message, text) for text in outcome.warnings)


@pytest.mark.parametrize("medium", ["PBS", "urine", {"sucrose_percent_w_w": 30}])
def test_a_sound_spin_raises_no_warning(medium):
    # Vesicles that shrink in a hyperosmotic medium are computed as they are there.
    assert spin(vesicles(90, medium=medium), **GOOD).warnings == ()


def test_unverified_radii_are_a_warning():
    (told,) = spin(vesicles(10), rotor="T-1270", speed_rpm=40_000, time_min=30).warnings
    assert "rotor 'T-1270': its radii are unverified" in told


def test_fast_particles_are_a_warning():
    lead = {"name": "shot", "kind": "particle", "diameter_nm": 3e4, "density_g_mL": 3.0, "particles_per_mL": 1}
    slow = recipe({"volume_mL": 50, "medium": "PBS", "population": [lead]}).prepare()
    brief = spin(slow, rotor="A-4-81", rcf_xg=300, rcf_at="rmax", time_min=1e-3)
    assert any("Reynolds number" in text for text in brief.warnings)


# ---- wrong input ---------------------------------------------------------------------------------------------

GOOD = dict(rotor="Type 45 Ti", rcf_xg=10_000, rcf_at="rav", time_min=30)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rotor": "Typ 45 Ti"}, "did you mean"),
        ({"rotor": 7}, "rotor"),
        ({"rcf_at": None}, "rcf_at is missing"),
        ({"speed_rpm": 9000}, "one of them, not both"),
        ({"rcf_xg": None, "rcf_at": None}, "one of them is required"),
        ({"rcf_xg": 1e6}, "exceeds the limit of rotor 'Type 45 Ti'; at most 45000 rpm"),
        ({"rcf_at": "middle"}, "must be one of 'rmax', 'rav', 'rmin'"),
        ({"time_min": -1}, "time_min = -1: must be above 0"),
        ({"time_min": float("nan")}, "finite"),
        ({"pellet_recovery": 1.5}, "at most 1"),
        ({"solver": "exact"}, "must be one of 'closed_form', 'lamm'"),
        ({"fill_volume_mL": 200}, "holds 94 mL"),
        ({"fill_volume_mL": 50, "meniscus_mm": 60}, "not both"),
        ({"resuspend": {"medium": "PBS"}}, "volume_mL: missing"),
        ({"resuspend": 3}, "must be a table"),
        ({"wash": {"medium": "BPS", "volume_mL": 3}}, "did you mean 'PBS'"),
        ({"rotor": "A-4-81", "rcf_at": "rav", "rcf_xg": 300}, 'use rcf_at = "rmax"'),
    ],
)
def test_bad_settings_say_what_to_do(change, message):
    with pytest.raises(InputError, match=message):
        Centrifugation(**(GOOD | change))


@pytest.mark.parametrize(
    ("change", "volume", "message"),
    [
        ({"tubes": 1}, 250, "do not fit into 1 tubes"),
        ({"residual_volume_mL": 60}, 50, "more than the 50 mL of the sample"),
        ({"resuspend": {"medium": "PBS", "volume_mL": 0.01}}, 50, "give a larger volume"),
    ],
)
def test_what_cannot_be_done_with_this_sample(change, volume, message):
    with pytest.raises(InputError, match=message):
        spin(vesicles(volume), **(GOOD | change))


def test_a_dry_pellet_cannot_be_spun():
    _, solid = vesicles(10).take(0.0, 10e-6)
    with pytest.raises(InputError, match="no liquid to spin"):
        spin(solid, **GOOD)
