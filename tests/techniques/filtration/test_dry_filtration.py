"""Dry runs of filtrations: volumes, liquids and refusals are those of a run, contents come near it."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from paths import ROOT
from spins import RNG

from sepsim.errors import InputError, ModelRangeWarning
from sepsim.method import check_balance
from sepsim.protocols.protocol_file import load_protocol
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.filtration.filtration import Filtration
from sepsim.techniques.filtration.ultrafiltration import Ultrafiltration

MEDIUM, PLASMA, URINE = "conditioned medium", "platelet-poor plasma", "urine"
SPIN = {"membrane": "Amicon Ultra-15 100 kDa", "spin_filter": {"rcf_xg": 4000}}
FIBRES = "hollow fibres 790 cm2, modified polyethersulfone, 500 kDa"
DISC = {"material": "regenerated cellulose", "rated_with": "protein", "area_cm2": 5, "permeability_L_m2_h_bar": 200}
CELL = {"pressure_bar": 1, "stirring_rpm": 700, "cell_diameter_mm": 25}


def feed(**pressure):
    return {"membrane": FIBRES, "tangential_flow": {"shear_rate_per_s": 4000} | pressure}


CASES = {
    "spin filter": (MEDIUM, 15, Ultrafiltration(**SPIN, concentrate_to_mL=0.5)),
    "washes": (
        MEDIUM, 15,
        Ultrafiltration(
            **SPIN, concentrate_to_mL=1, diavolumes=20, washes=2, final_volume_mL=0.5, rinse_mL=0.1, buffer="water"
        ),
    ),
    "several devices": (URINE, 60, Ultrafiltration(**SPIN, concentration_factor=30)),
    "stirred cell": (
        MEDIUM, 10,
        Ultrafiltration(membrane=DISC | {"mwco_kDa": 100}, stirred_cell=CELL, concentrate_to_mL=1, diavolumes=5),
    ),
    "dead end": (
        MEDIUM, 10,
        Ultrafiltration(
            membrane=DISC | {"mwco_kDa": 300, "area_cm2": 20}, dead_end={"pressure_bar": 1}, concentrate_to_mL=2
        ),
    ),
    "tangential flow": (
        MEDIUM, 500, Ultrafiltration(**feed(pressure_bar=0.02), concentration_factor=10, diavolumes=7, rinse_mL=30)
    ),
    "tangential flow, pressed": (
        PLASMA, 200, Ultrafiltration(**feed(pressure_bar=1), concentration_factor=5)
    ),
    "sterile filter": (MEDIUM, 15, Filtration()),
    "finer filter": (MEDIUM, 5, Filtration(membrane="0.1 um syringe filter")),
}  # fmt: skip
TARGET_FACTOR = 2.5  # of vesicles in the largest fraction, about what a run loses on the membrane of a dilute sample


def load(source, volume_mL):
    return sample_from_catalog(
        source, volume_mL=volume_mL, temperature_C=20, size_bins=8, density_quantiles=2
    ).prepare()


def both(case):
    source, volume, method = CASES[case]
    sample = load(source, volume)
    return sample, method.run(sample, rng=RNG), method.dry_run(sample, rng=RNG)


@pytest.mark.parametrize("case", CASES)
def test_fractions_are_those_of_a_run(case):
    sample, run, dry = both(case)
    check_balance(sample, dry)
    assert [*dry.fractions] == [*run.fractions]
    for name, fraction in run.fractions.items():
        found = dry.fractions[name]
        assert found.volume == pytest.approx(fraction.volume, rel=1e-9, abs=1e-18)
        assert found.medium.density == pytest.approx(fraction.medium.density, rel=1e-9)
        assert found.medium.viscosity == pytest.approx(fraction.medium.viscosity, rel=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_vesicles_are_about_where_a_run_leaves_them(case):
    sample, run, dry = both(case)
    for population in ("exosome", "microvesicle"):
        shares = {name: fraction.by_population[population] for name, fraction in run.fractions.items()}
        largest = max(shares, key=shares.get)
        found = dry.fractions[largest].by_population[population]
        assert shares[largest] / TARGET_FACTOR < found < shares[largest] * TARGET_FACTOR
        assert found <= sample.by_population[population]


@pytest.mark.parametrize("case", ["sterile filter", "finer filter"])
def test_where_nothing_is_swept_back_a_dry_run_is_nearly_a_run(case):
    sample, run, dry = both(case)
    for name, fraction in run.fractions.items():
        difference = sample.particles.totals(fraction.counts - dry.fractions[name].counts)
        assert np.all(np.abs(difference) < 0.02 * sample.particles.totals(sample.counts))


@pytest.mark.parametrize("case", CASES)
def test_a_dry_run_takes_the_time_of_a_clean_membrane(case):
    _, run, dry = both(case)
    assert 0 < dry.duration < 1.01 * run.duration  # with the viscosity at the start of each stage


def numbers_left_out(texts):
    return [re.sub(r"[\d.e+-]+", "#", text) for text in texts]


@pytest.mark.parametrize("case", CASES)
def test_warnings_are_those_of_a_run(case):
    _, run, dry = both(case)
    assert numbers_left_out(dry.warnings) == numbers_left_out(run.warnings)


# ---- closed forms ------------------------------------------------------------------------------------------------


def solute(nm, volume_mL=10, **more):
    own = {"name": "it", "kind": "particle", "diameter_nm": nm, "density_g_mL": 1.1, "particles_per_mL": 1e6} | more
    return recipe({"volume_mL": volume_mL, "temperature_C": 20, "medium": "PBS", "population": [own]}).prepare()


@pytest.mark.parametrize("nm", [3.0, 6.0, 9.0])
def test_concentration_and_washing_follow_the_textbook_powers(nm):
    """X^-S, then exp(-N S), with S of the pores at high flux."""
    method = Ultrafiltration(
        membrane=DISC | {"mwco_kDa": 100}, stirred_cell=CELL, concentrate_to_mL=2, diavolumes=3, hold_up_mL=0
    )
    kept = method.dry_run(solute(nm), rng=RNG).fractions["retentate"].counts[0] / 1e7
    sieving = float(method.membrane.pores.sieving(0.5e-9 * nm))
    assert kept == pytest.approx(5**-sieving * math.exp(-3 * sieving), rel=0.01)


def test_what_no_pore_admits_stays_where_it_is_swept_and_lies_down_where_it_is_not():
    swept = Ultrafiltration(membrane=DISC | {"mwco_kDa": 100}, stirred_cell=CELL, concentrate_to_mL=2)
    still = Ultrafiltration(membrane=DISC | {"mwco_kDa": 100}, dead_end={"pressure_bar": 1}, concentrate_to_mL=2)
    kept, left = (method.dry_run(solute(900), rng=RNG).trace for method in (swept, still))
    assert kept.retained[0] == pytest.approx(1e7, rel=1e-12)
    assert left.retained[0] == pytest.approx(2e6, rel=1e-9)
    assert left.deposited[0] == pytest.approx(8e6, rel=1e-9)


def test_time_that_even_a_clean_membrane_does_not_have_is_told():
    method = Ultrafiltration(**SPIN, concentrate_to_mL=0.5, time_min=0.2)
    sample = load(MEDIUM, 15)
    run, dry = method.run(sample, rng=RNG), method.dry_run(sample, rng=RNG)
    for outcome in (run, dry):
        assert "filtration ended early in 'concentrate': the time is over" in outcome.warnings[0]
        assert outcome.duration == pytest.approx(12, rel=1e-9)
    assert 0.5e-6 < dry.fractions["retentate"].volume < run.fractions["retentate"].volume


def test_correlations_outside_their_range_are_told():
    method = Ultrafiltration(
        membrane=DISC | {"mwco_kDa": 100}, stirred_cell=CELL | {"stirring_rpm": 10}, concentrate_to_mL=2
    )
    with pytest.warns(ModelRangeWarning, match="mass transfer in a stirred cell"):
        method.dry_run(solute(50), rng=RNG)


THREE_SIZES = recipe({
    "volume_mL": 10, "temperature_C": 20, "medium": "PBS",
    "population": [
        {"name": f"{nm} nm", "kind": "particle", "diameter_nm": nm, "density_g_mL": 1.1, "particles_per_mL": 1e6}
        for nm in (5, 60, 400)
    ],
}).prepare()  # fmt: skip


@settings(deadline=None)
@given(
    volume=st.floats(1, 30),
    factor=st.floats(1.1, 100),
    diavolumes=st.floats(0.1, 20),
    washes=st.integers(2, 5),
    recovery=st.floats(0, 1),
    driven=st.sampled_from(["spin_filter", "dead_end"]),
    counts=st.lists(st.just(0.0) | st.floats(1e-9, 1e15), min_size=3, max_size=3),
)
def test_every_particle_is_somewhere(volume, factor, diavolumes, washes, recovery, driven, counts):
    module = {"spin_filter": {"rcf_xg": 500}, "dead_end": {"pressure_bar": 0.5}}[driven]
    method = Ultrafiltration(
        membrane=DISC | {"mwco_kDa": 300},
        concentration_factor=factor,
        diavolumes=diavolumes,
        washes=washes,
        deposit_recovery=recovery,
        **{driven: module},
    )
    sample = replace(THREE_SIZES, volume=1e-6 * volume, counts=np.array(counts))
    try:
        outcome = method.dry_run(sample, rng=RNG)
    except InputError:  # a wash that would stand up to the axis
        reject()
    check_balance(sample, outcome)
    assert all(np.all(fraction.counts >= 0) for fraction in outcome.fractions.values())


# ---- refusals ----------------------------------------------------------------------------------------------------

REFUSED = {
    "20 mL do not fit into 1 of": (20, Ultrafiltration(**SPIN, concentrate_to_mL=1, devices=1)),
    "there are only 5 mL": (5, Ultrafiltration(**SPIN, concentrate_to_mL=6)),
    "would stay in the": (15, Ultrafiltration(**SPIN, concentrate_to_mL=0.04)),
    "there are only 0.5 mL": (
        15,
        Ultrafiltration(**SPIN, concentrate_to_mL=0.5, diavolumes=5, washes=1, final_volume_mL=1),
    ),
    "use more washes or fewer diavolumes": (
        15,
        Ultrafiltration(**SPIN, concentrate_to_mL=5, diavolumes=20, washes=2),
    ),
    "use fewer or smaller filters": (0.05, Filtration()),
    "bears at most 2 bar; spin at up to": (
        14,
        Ultrafiltration(
            membrane=DISC | {"mwco_kDa": 100, "max_pressure_bar": 2},
            spin_filter={"rcf_xg": 1000, "bore_mm": 25},
            concentrate_to_mL=1,
        ),
    ),
    "there is no liquid to filter": (0, Ultrafiltration(**SPIN, diavolumes=2, washes=1)),
}


def refusal(treat, sample):
    with pytest.raises(InputError) as caught:
        treat(sample, rng=RNG)
    return str(caught.value)


@pytest.mark.parametrize("told", REFUSED)
def test_refusals_are_those_of_a_run(told):
    volume, method = REFUSED[told]
    sample = replace(solute(80), volume=volume * 1e-6)
    assert re.search(told, refusal(method.dry_run, sample))
    assert refusal(method.dry_run, sample) == refusal(method.run, sample)


def test_the_hold_up_of_one_filter_does_not_pass_another():
    left = replace(solute(80), volume=0.1e-6 * (1 + 1e-15))
    assert left.volume > Filtration().hold_up
    for treat in (Filtration().run, Filtration().dry_run):
        assert "all of the 0.1 mL would stay in the filter" in refusal(treat, left)


def test_a_wash_that_presses_too_hard_is_refused():
    method = Ultrafiltration(
        membrane=DISC | {"mwco_kDa": 100, "max_pressure_bar": 2},
        spin_filter={"rcf_xg": 1000, "bore_mm": 25},
        concentrate_to_mL=1,
        diavolumes=15,
        washes=1,
    )
    sample = solute(80, 4)
    assert "16 mL press with" in refusal(method.dry_run, sample)
    assert refusal(method.dry_run, sample) == refusal(method.run, sample)


def test_more_than_the_feed_is_a_warning():
    """Only the solved flux decides."""
    method = Ultrafiltration(**feed(pressure_bar=2), concentration_factor=5)
    sample = load(MEDIUM, 500)
    told, refused = method.dry_run(sample, rng=RNG).warnings[-1], refusal(method.run, sample)
    assert "times the feed of 740.6 mL/min would pass the membrane" in refused
    assert numbers_left_out([told])[0].startswith(numbers_left_out([refused])[0])


@pytest.mark.parametrize("shear_rate", [2480, 2500])
def test_a_flux_that_the_sample_holds_below_the_feed_passes(shear_rate):
    method = Ultrafiltration(
        membrane="hollow fibres 115 cm2, modified polyethersulfone, 500 kDa",
        tangential_flow={"pressure_bar": 1, "shear_rate_per_s": shear_rate},
        concentration_factor=5,
    )
    sample = load(PLASMA, 50)
    run, dry = method.run(sample, rng=RNG), method.dry_run(sample, rng=RNG)
    assert run.trace.conversion < 1 < dry.trace.conversion
    assert "times the feed" in dry.warnings[0]


# ---- examples ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spin_filter_then_sec", "tff_diafiltration"])
def test_examples_end_as_their_runs(name):
    protocol = load_protocol(ROOT / "examples" / "protocols" / f"{name}.toml")
    few = replace(protocol, sample=replace(protocol.sample, size_bins=8, density_quantiles=2))
    run, dry = few.run(), few.dry_run()
    assert dry.warnings == run.warnings
    for hands in ("bench", "ideal"):
        for step, found in zip(getattr(run, hands), getattr(dry, hands), strict=True):
            assert found.chosen == step.chosen
            assert found.kept.volume == pytest.approx(step.kept.volume, rel=1e-9, abs=0)
        assert dry.yields["exosome"][hands] == pytest.approx(run.yields["exosome"][hands], rel=0.25)
