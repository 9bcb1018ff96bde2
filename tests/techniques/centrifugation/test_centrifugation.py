"""The physics of centrifugation: published cases, limits, ordering."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import DATA
from spins import LIVSHITS_MEDIUM, PBS, RNG, SIZES_NM, spin, vesicles

from sepsim.errors import ModelRangeWarning
from sepsim.method import check_balance
from sepsim.rotors.rotors import Rotor, Tube, rotor
from sepsim.samples.metrics import purity
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.centrifugation.centrifugation import Centrifugation

LIVSHITS = list(csv.DictReader((DATA / "livshits2015.csv").read_text().splitlines()))


def full_cylinder(name, r_min_mm, r_max_mm):
    """Return a bucket with a flat-bottomed tube that reaches from r_min to r_max, as the simple formulas have it."""
    length = r_max_mm - r_min_mm
    tube = Tube(inner_diameter_mm=12, length_mm=length, volume_mL=np.pi * 36e-3 * length, bottom="flat")
    return Rotor(name=name, angle_deg=90, rmax_mm=r_max_mm, rmin_mm=r_min_mm, tube=tube)


def pelleted_percent(outcome):
    return 100 * outcome.trace.pelleted


# ---- Livshits et al. 2015 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [row for row in LIVSHITS if row["type"] == "SW"], ids=lambda row: row["rotor"])
def test_swinging_bucket_rows_of_livshits(row):
    bucket = full_cylinder(row["rotor"], float(row["rmin_mm"]), float(row["rmax_mm"]))
    simulated = spin(vesicles(bucket.tube.volume_mL), rotor=bucket, rcf_xg=10_000, rcf_at="rav", time_min=30)
    published = [float(row[f"t2_p{nm}_percent"]) for nm in SIZES_NM]
    assert pelleted_percent(simulated) == pytest.approx(published, abs=1.0)


@pytest.mark.parametrize("row", [row for row in LIVSHITS if row["type"] == "FA"], ids=lambda row: row["rotor"])
def test_fixed_angle_rows_lie_above_the_simple_ones_by_the_growing_field(row):
    """Against the same tube in the constant field of each chord's middle, the growing field adds sW/2.

    P = (1/V) integral of (x2 - x1 e^...) gives sW (1/2 + x_mid A/V) to first order; the constant field lacks the 1/2.
    """
    tilted = rotor(row["rotor"])
    sample = vesicles(tilted.tube.volume_mL)
    outcome = spin(sample, rotor=tilted, rcf_xg=10_000, rcf_at="rav", time_min=30, solver="closed_form")
    bundle, trace = outcome.trace.chords, outcome.trace
    exponent = trace.sedimentation * trace.profile.dose
    length, middle = bundle.outer - bundle.inner, 0.5 * (bundle.outer + bundle.inner)
    moved = np.minimum(exponent[:, None] * middle, length)
    constant_field = moved @ bundle.area / bundle.volume
    excess = trace.pelleted - constant_field
    published = [float(row[f"t2_p{nm}_percent"]) for nm in SIZES_NM]
    if row["rotor"] != "TLA-110":  # whose tube reaches further in than r_min, so that r_av is not its middle
        assert np.all(pelleted_percent(outcome) >= np.array(published) - 0.5)
    carried = -np.expm1(-exponent)[:, None] * bundle.outer  # from r, the inner edge of what arrives, to the wall
    growing_field = np.minimum(carried, length) @ bundle.area / bundle.volume
    assert trace.pelleted == pytest.approx(growing_field, abs=2e-4)
    assert np.all(excess[trace.pelleted < 0.95] > 0)  # the constant field overtakes on the last chord alone
    brief = spin(sample, rotor=tilted, rcf_xg=10_000, rcf_at="rav", time_min=0.03, solver="closed_form").trace
    small = brief.sedimentation * brief.profile.dose
    first_order = small * (middle @ bundle.area) / bundle.volume
    assert (brief.pelleted - first_order) / small == pytest.approx(0.5, abs=0.01)


def test_equal_k_makes_equal_cut_off_in_swinging_buckets_but_not_in_fixed_angle_rotors():
    """The point of the paper: k-factors transfer times only among swinging buckets."""
    sizes = np.arange(60, 400, 2.0)

    chosen = {name: full_cylinder(name, rotor(name).rmin_mm, rotor(name).rmax_mm) for name in ("SW 40 Ti", "MLS-50")}
    chosen["Type 45 Ti"] = rotor("Type 45 Ti")

    def cut_off(name, minutes):
        sample = vesicles(chosen[name].tube.volume_mL, diameters=sizes)
        settings = dict(rotor=chosen[name], rcf_xg=10_000, rcf_at="rav", time_min=minutes, solver="closed_form")
        pelleted = spin(sample, **settings).trace.pelleted
        return sizes[np.argmax(pelleted > 0.9999)]

    def k_factor(name):
        radii = chosen[name]
        return np.log(radii.r_max / radii.r_min) * radii.r_av  # at equal rcf, omega^2 is proportional to 1/r_av

    minutes = 30 * k_factor("SW 40 Ti") / k_factor("MLS-50")
    assert cut_off("SW 40 Ti", minutes) == pytest.approx(cut_off("MLS-50", 30), abs=2.0)
    minutes = 30 * k_factor("Type 45 Ti") / k_factor("MLS-50")
    assert cut_off("Type 45 Ti", minutes) < 0.85 * cut_off("MLS-50", 30)


# ---- what the field knows ------------------------------------------------------------------------------------


def test_two_spins_at_2500_g_clear_platelets_and_keep_small_vesicles():
    """Geeurickx et al. 2019 count 0e4 platelets per uL after two spins of 15 min at 2,500 g."""
    plasma = sample_from_catalog("platelet-rich plasma", volume_mL=10, temperature_C=20).prepare()
    bench = Centrifugation(rotor="A-4-81", rcf_xg=2500, rcf_at="rmax", time_min=15)
    stirred = bench.run(bench.run(plasma, rng=RNG).fractions["supernatant"], rng=RNG).fractions["supernatant"]
    assert 5.1e5 < stirred.by_population["platelet"] / (stirred.volume * 1e6) < 2.8e7  # Bettin et al. 2022
    method = bench.ideal()
    once = method.run(plasma, rng=RNG).fractions["supernatant"]
    twice = method.run(once, rng=RNG).fractions["supernatant"]
    before, after = plasma.by_population, twice.by_population
    assert after["platelet"] < 0.01 * before["platelet"]
    assert 1.0 < after["platelet"] / (twice.volume * 1e6) < 5e5  # small ones stay; more is stirred up on the bench
    assert after["exosome"] > 0.9 * before["exosome"]


def test_ldl_stays_in_plasma_and_sinks_in_pbs():
    settings = dict(rotor="SW 55 Ti", rcf_xg=120_000, rcf_at="rav", time_min=90, temperature_C=4)
    ldl = {"name": "ldl", "particles_per_mL": 1e14, "density_sd_g_mL": 0}
    shares = {
        medium: spin(recipe({"volume_mL": 4, "medium": medium, "population": [ldl]}).prepare(), **settings).trace
        for medium in ("plasma", "PBS")
    }
    assert shares["PBS"].pelleted.mean() > 5 * shares["plasma"].pelleted.mean()
    assert shares["plasma"].pelleted.mean() < 0.03
    vldl = {"name": "vldl", "particles_per_mL": 1e13}
    floating = spin(recipe({"volume_mL": 4, "medium": "PBS", "population": [vldl]}).prepare(), **settings).trace
    assert floating.floated.mean() > 0.1 > floating.pelleted.max()


def test_half_a_millilitre_of_plasma_in_pbs():
    """Diluted 8-fold, SW 55 Ti, 120,000 g at r_av, 90 min, over the whole path from r_min to r_max.

    By hand, P = r_max (1 - exp(-sW))/(r_max - r_min): LDL 7, HDL 5-6, albumin 4.6 %, 50 nm vesicles over 98 %.
    """
    names = {"ldl": 1e13, "hdl2": 1e15, "albumin": 1e16}
    populations = [
        {"name": name, "particles_per_mL": number} | ({} if name == "albumin" else {"density_sd_g_mL": 0})
        for name, number in names.items()
    ]
    populations.append(
        {"name": "50 nm", "kind": "vesicle", "diameter_nm": 50, "density_g_mL": 1.1, "particles_per_mL": 1e9}
    )
    medium = {"density_g_mL": 1.009, "viscosity_mPa_s": 1.66}
    bucket = full_cylinder("SW 55 Ti", 60.8, 108.5)
    volume = bucket.tube.volume_mL
    sample = recipe({"volume_mL": volume, "medium": medium, "temperature_C": 4, "population": populations}).prepare()
    outcome = spin(sample, rotor=bucket, rcf_xg=120_000, rcf_at="rav", time_min=90)
    totals = sample.particles.totals(outcome.trace.pelleted * sample.counts) / sample.particles.totals(sample.counts)
    percent = dict(zip(sample.particles.names, 100 * totals, strict=True))
    assert percent["ldl"] == pytest.approx(7, abs=1.5)
    assert percent["hdl2"] == pytest.approx(5.5, abs=1.5)
    assert percent["albumin"] == pytest.approx(4.6, abs=1.5)
    assert percent["50 nm"] > 98


def test_a_wash_raises_purity_over_what_does_not_pellet_by_the_dilution():
    """What the liquid on the pellet carries along is diluted by the wash volume over the volume left."""
    inert = {"name": "inert", "kind": "particle", "diameter_nm": 5, "density_g_mL": 1.0, "particles_per_mL": 1e15,
             "protein_mass_fraction": 1.0}  # fmt: skip
    target = {"name": "vesicle", "kind": "vesicle", "diameter_nm": 200, "density_g_mL": 1.15, "particles_per_mL": 1e9}
    sample = recipe({"volume_mL": 60, "medium": LIVSHITS_MEDIUM, "population": [target, inert]}).prepare()
    once = Centrifugation(
        rotor="Type 45 Ti", rcf_xg=50_000, rcf_at="rav", time_min=60, residual_volume_mL=0.3, resuspend=PBS,
        pellet_recovery=0.3, pellet_disturbed=0,
    )  # fmt: skip
    washed = replace(once, wash={"medium": LIVSHITS_MEDIUM, "volume_mL": 60})
    before, after = (
        purity(sample, method.run(sample, rng=RNG).fractions["pellet"], "vesicle") for method in (once, washed)
    )
    dilution = 60 / 0.3
    assert after.enrichment["inert"] / before.enrichment["inert"] == pytest.approx(0.3 * dilution, rel=0.02)


def test_a_wash_of_serum_protein_leaves_what_goes_with_vesicles():
    """What is dissolved leaves the wall; a thousandth goes with vesicles, in every spin."""
    sample = sample_from_catalog("conditioned medium", volume_mL=60, temperature_C=4).prepare()
    once = Centrifugation(rotor="Type 45 Ti", rcf_xg=100_000, rcf_at="rav", time_min=70, resuspend=PBS).ideal()
    washed = replace(once, wash={"medium": "PBS", "volume_mL": 60})
    before, after = (method.run(sample, rng=RNG).fractions["pellet"] for method in (once, washed))
    albumin = [part.by_population["albumin"] / sample.by_population["albumin"] for part in (before, after)]
    vesicles = [part.by_population["exosome"] / sample.by_population["exosome"] for part in (before, after)]
    film = before.counts[sample.particles.dissolved].sum() / sample.counts[sample.particles.dissolved].sum()
    assert film < 1e-3
    assert albumin[1] == pytest.approx(1e-3 * vesicles[1], rel=0.1)
    assert albumin[0] > albumin[1]


# ---- limits --------------------------------------------------------------------------------------------------


def test_lamm_equals_plug_flow_at_high_peclet_number():
    sample = vesicles(12, medium="PBS", diameters=(100, 200, 400))
    settings = dict(rotor="SW 41 Ti", rcf_xg=20_000, rcf_at="rmax", time_min=10)
    closed = spin(sample, **settings, solver="closed_form").trace.pelleted
    with pytest.warns(ModelRangeWarning, match="Peclet numbers above 1e5"):
        solved = spin(sample, **settings, solver="lamm").trace
    assert solved.pelleted == pytest.approx(closed, abs=2e-3)
    assert solved.lamm_classes == 2  # the largest has left the tube altogether
    assert solved.pelleted[2] == 1.0


@pytest.mark.parametrize(
    ("name", "minutes"), [("SW 55 Ti", 480), ("Type 50.4 Ti", 240), ("NVT 65.2", 240), ("VTi 65.2", 240)]
)
def test_automatic_choice_agrees_with_lamm_everywhere(name, minutes):
    populations = [
        {"name": "albumin", "mass_mg_per_mL": 1},
        {"name": "igm", "mass_mg_per_mL": 1},
        {"name": "exosome", "particles_per_mL": 1e9},
        {"name": "vldl", "particles_per_mL": 1e9},
    ]
    table = {"volume_mL": 4, "medium": "PBS", "population": populations, "size_bins": 6, "density_quantiles": 1}
    sample = recipe(table).prepare()
    settings = dict(rotor=name, speed_rpm=40_000, time_min=minutes, temperature_C=20)
    chosen, solved = (spin(sample, **settings, **solver).trace for solver in ({}, {"solver": "lamm"}))
    assert chosen.pelleted == pytest.approx(solved.pelleted, abs=5e-3)
    assert chosen.floated == pytest.approx(solved.floated, abs=5e-3)
    assert 0 < chosen.lamm_classes < len(sample.particles)


def test_a_linear_ramp_counts_a_third_of_its_time():
    sample = vesicles(12)
    settings = dict(rotor="SW 41 Ti", speed_rpm=10_000, solver="closed_form")
    ramped = spin(sample, time_min=10, acceleration_min=6, braking_min=3, **settings)
    longer = spin(sample, time_min=13, **settings)
    assert ramped.trace.pelleted == pytest.approx(longer.trace.pelleted, rel=1e-12)
    assert ramped.duration == pytest.approx(19 * 60)


def test_nothing_pellets_that_has_the_density_of_the_medium():
    sample = vesicles(12, density=1.0, medium=LIVSHITS_MEDIUM)
    trace = spin(sample, rotor="SW 41 Ti", speed_rpm=40_000, time_min=600).trace
    assert trace.pelleted == pytest.approx(0, abs=1e-12)
    assert trace.floated == pytest.approx(0, abs=1e-12)


# ---- ordering ------------------------------------------------------------------------------------------------

doses = st.tuples(st.floats(300, 100_000), st.floats(1, 300))
rotors = st.sampled_from(["A-4-81", "SW 32 Ti", "Type 45 Ti", "NVT 65", "VTi 50"])


def shares(sample, name, rcf, minutes, **settings):
    limit = rotor(name).max_angular_speed ** 2 * rotor(name).r_max / 9.80665
    return spin(sample, rotor=name, rcf_xg=min(rcf, limit), rcf_at="rmax", time_min=minutes, **settings).trace.pelleted


MIXTURE = [
    {"name": "exosome", "particles_per_mL": 1e9},
    {"name": "ldl", "particles_per_mL": 1e12},
    {"name": "igm", "mass_mg_per_mL": 1},
]


def mixture(populations=MIXTURE, **settings):
    table = {"volume_mL": 5, "medium": "PBS", "population": populations, "size_bins": 5, "density_quantiles": 2}
    return recipe(table | settings).prepare()


@settings(max_examples=30, deadline=None)
@given(rotors, doses, st.floats(1, 4), st.floats(1, 4))
def test_more_g_and_more_time_never_pellet_less(name, dose, harder, longer):
    sample = mixture()
    less = shares(sample, name, *dose)
    assert np.all(shares(sample, name, dose[0] * harder, dose[1]) >= less - 1e-6)
    assert np.all(shares(sample, name, dose[0], dose[1] * longer) >= less - 1e-6)


@settings(max_examples=30, deadline=None)
@given(rotors, doses, st.floats(1, 5))
def test_a_higher_viscosity_never_pellets_more(name, dose, factor):
    thin, thick = (mixture(medium={"density_g_mL": 1.005, "viscosity_mPa_s": viscosity}) for viscosity in (1.0, factor))
    assert np.all(shares(thick, name, *dose) <= shares(thin, name, *dose) + 1e-6)


@settings(max_examples=15, deadline=None)
@given(rotors, doses, st.permutations(range(3)))
def test_the_order_of_populations_changes_nothing(name, dose, order):
    shuffled = [MIXTURE[index] for index in order]
    one, other = mixture(), mixture(shuffled)
    first = one.particles.totals(one.counts * shares(one, name, *dose))
    second = other.particles.totals(other.counts * shares(other, name, *dose))
    assert dict(zip(other.particles.names, second, strict=True)) == pytest.approx(
        dict(zip(one.particles.names, first, strict=True)), rel=1e-9
    )


@settings(max_examples=15, deadline=None)
@given(rotors, doses, st.floats(0.1, 0.9))
def test_splitting_a_population_in_two_changes_nothing(name, dose, part):
    whole = {"name": "exosome", "particles_per_mL": 1e9}
    halves = [
        {"name": f"exosome {label}", "kind": "vesicle", "median_diameter_nm": 85, "geometric_sd": 1.419,
         "density_sd_g_mL": 0.006, "particles_per_mL": 1e9 * share}
        for label, share in (("a", part), ("b", 1 - part))
    ]  # fmt: skip
    one = mixture([whole | {"density_sd_g_mL": 0.006, "median_diameter_nm": 85, "geometric_sd": 1.419}])
    two = mixture(halves)
    first, second = (sample.counts @ shares(sample, name, *dose) for sample in (one, two))
    assert second == pytest.approx(first, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(rotors, doses, st.floats(0.2, 400), st.floats(0, 0.3), st.booleans(), st.booleans())
def test_every_particle_leaves_in_exactly_one_fraction(name, dose, volume, disturbed, skim, wash):
    sample = mixture(volume_mL=volume)
    limit = rotor(name).max_angular_speed ** 2 * rotor(name).r_max / 9.80665
    outcome = spin(
        sample,
        rotor=name,
        rcf_xg=min(dose[0], limit),
        rcf_at="rmax",
        time_min=dose[1],
        pellet_disturbed=disturbed,
        residual_volume_mL=1e-4,
        resuspend={"medium": "PBS", "volume_mL": 5},
        **({"skimmed_volume_mL": 1e-3} if skim else {}),
        **({"wash": {"medium": "PBS", "volume_mL": 5, "times": 2}} if wash else {}),
    )
    check_balance(sample, outcome)
    assert set(outcome.fractions) == {"pellet", "supernatant", "lost"} | ({"floating"} if skim else set()) | (
        {"wash"} if wash else set()
    )
