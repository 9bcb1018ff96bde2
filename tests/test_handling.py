from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.errors import InputError, MassBalanceError
from sepsim.handling import Aliquot, DensityAdjustment, Dilution, Pooling
from sepsim.media import Medium, Salt, fluid
from sepsim.method import Outcome, check_balance
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.centrifugation.pellet import Resuspension, decant, resuspend
from sepsim.techniques.centrifugation.wall_layer import WallLayer

RNG = np.random.default_rng(0)
SAMPLE = sample_from_catalog("urine", volume_mL=10, size_bins=3, density_quantiles=2).prepare()
NONE = np.zeros(len(SAMPLE.particles))
STAYS = WallLayer(NONE + 1.0, NONE)
share = st.floats(0, 1)


def test_dilution_by_factor_and_by_volume_agree():
    by_factor = Dilution(medium="PBS", factor=4).run(SAMPLE, rng=RNG).fractions["diluted"]
    by_volume = Dilution(medium="PBS", volume_mL=30).run(SAMPLE, rng=RNG).fractions["diluted"]
    assert by_factor.volume == pytest.approx(40e-6)
    assert by_volume.volume == pytest.approx(40e-6)
    assert by_factor.counts.tolist() == SAMPLE.counts.tolist()
    assert by_factor.medium.density == pytest.approx(by_volume.medium.density)
    buffer = Medium.pure(fluid("PBS"), SAMPLE.medium.temperature)
    assert by_factor.medium.density == pytest.approx(0.25 * SAMPLE.medium.density + 0.75 * buffer.density)


def test_aliquot_is_in_proportion():
    fractions = Aliquot(volume_mL=2.5).run(SAMPLE, rng=RNG).fractions
    assert fractions["aliquot"].counts == pytest.approx(0.25 * SAMPLE.counts)
    assert fractions["rest"].volume == pytest.approx(7.5e-6)


def test_pooling_hands_on_what_came_in():
    assert Pooling().run(SAMPLE, rng=RNG).fractions["pool"] is SAMPLE


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Dilution(medium="PBS"), "exactly one of factor and volume_mL"),
        (lambda: Dilution(medium="PBS", factor=2, volume_mL=3), "exactly one of"),
        (lambda: Dilution(medium="PBS", factor=0.5), "at least 1"),
        (lambda: Aliquot(volume_mL=0), "above 0"),
        (lambda: Aliquot(volume_mL=11).run(SAMPLE, rng=RNG), "the sample has only 10 mL"),
    ],
)
def test_bad_handling_says_what_to_do(call, message):
    with pytest.raises(InputError, match=message):
        call()


@given(share, share, share, share, st.floats(0, 4e-6), share, st.none() | st.floats(0, 4e-6))
def test_decanting_conserves_particles_and_liquid(pelleted, floated, attached, in_film, residual, disturbed, skimmed):
    floated *= 1 - pelleted
    layer = WallLayer(NONE + attached, NONE + in_film * (1 - attached))
    parts = decant(
        SAMPLE,
        NONE + pelleted,
        NONE + floated,
        layer,
        residual_volume=residual,
        disturbed=disturbed,
        skimmed_volume=skimmed,
    )
    together = [parts.pellet.solid, parts.pellet.liquid, parts.supernatant]
    together += [] if parts.floating is None else [parts.floating]
    assert sum(part.counts for part in together) == pytest.approx(SAMPLE.counts, rel=1e-9)
    assert sum(part.volume for part in together) == pytest.approx(SAMPLE.volume, rel=1e-12)


def test_what_floats_is_not_in_the_liquid_on_the_pellet():
    parts = decant(SAMPLE, NONE, NONE + 1.0, STAYS, residual_volume=1e-6, disturbed=0.0)
    assert parts.pellet.liquid.counts.sum() == 0


def test_a_disturbed_pellet_goes_off_with_the_supernatant():
    parts = decant(SAMPLE, NONE + 0.8, NONE, STAYS, residual_volume=0.0, disturbed=0.25)
    assert parts.pellet.solid.counts == pytest.approx(0.6 * SAMPLE.counts)
    assert parts.supernatant.counts == pytest.approx(0.4 * SAMPLE.counts)


def test_what_is_loose_stays_in_the_film_or_goes_off_with_the_supernatant():
    layer = WallLayer(NONE + 0.5, NONE + 0.2)
    parts = decant(SAMPLE, NONE + 1.0, NONE, layer, residual_volume=0.0, disturbed=0.0)
    for part, expected in ((parts.pellet.solid, 0.5), (parts.pellet.liquid, 0.2), (parts.supernatant, 0.3)):
        assert part.counts == pytest.approx(expected * SAMPLE.counts)


def test_resuspension_loses_solid_only():
    parts = decant(SAMPLE, NONE + 0.5, NONE, STAYS, residual_volume=1e-6, disturbed=0.0)
    suspension, lost = resuspend(parts.pellet, Resuspension(medium="PBS", volume_mL=2), 0.3)
    assert lost.counts == pytest.approx(0.7 * 0.5 * SAMPLE.counts)
    assert suspension.counts == pytest.approx((0.3 * 0.5 + 0.5 * 0.1) * SAMPLE.counts)
    assert suspension.volume == pytest.approx(2e-6)
    assert suspension.medium.name == "50 % PBS + 50 % urine"


def test_the_balance_names_the_population_that_is_off():
    taken, rest = SAMPLE.take(0.5, 0.0)
    check_balance(SAMPLE, Outcome(fractions={"a": taken, "b": rest}))
    with pytest.raises(MassBalanceError, match=r"exosome|microvesicle"):
        check_balance(SAMPLE, Outcome(fractions={"a": taken}))


@given(st.sampled_from(["KBr", "NaBr", "CsCl"]), st.floats(1.02, 1.3), st.floats(277.15, 303.15))
def test_salt_makes_the_density_and_swells_the_liquid_by_its_own_volume(salt, density, temperature):
    """What is added weighs what the liquid gains."""
    sample = replace(SAMPLE, medium=SAMPLE.medium.at(temperature))
    adjusted = DensityAdjustment(solute=salt, density_g_mL=density).run(sample, rng=RNG).fractions["adjusted"]
    assert adjusted.medium.density == pytest.approx(1e3 * density, rel=1e-9)
    assert adjusted.counts.tolist() == sample.counts.tolist()
    gained = adjusted.medium.density * adjusted.volume - sample.medium.density * sample.volume
    assert dict(adjusted.medium.solutes)[Salt(salt)] * adjusted.volume == pytest.approx(gained, rel=1e-6)
    assert adjusted.volume > sample.volume


@pytest.mark.parametrize(("medium", "albumin"), [("PBS", 60), ("plasma", 59), ("plasma", 120)])
@pytest.mark.filterwarnings("ignore::sepsim.errors.ModelRangeWarning")  # told: 120 mg/mL are more than plasma holds
def test_the_density_that_salt_makes_is_that_of_the_liquid_with_its_proteins(medium, albumin):
    populations = [{"name": "albumin", "mass_mg_per_mL": albumin}]
    sample = recipe({"volume_mL": 1, "medium": medium, "population": populations}).prepare()
    (adjusted,) = DensityAdjustment(solute="KBr", density_g_mL=1.063).run(sample, rng=RNG).fractions.values()
    assert adjusted.liquid.density == pytest.approx(1063.0, abs=0.01)
    assert adjusted.medium == adjusted.medium.bare


def test_grams_of_potassium_bromide_in_a_litre_at_the_densities_of_lipoproteins():
    """27.4, 89.2, 178.1, 302.6 g/L of solution at 1.019, 1.063, 1.125, 1.210 g/mL and 15 degC, by another program."""
    held, sample = [], replace(SAMPLE, medium=Medium.pure(fluid("water"), 288.15))
    for density in (1.019, 1.063, 1.125, 1.210):  # one after the other
        sample = DensityAdjustment(solute="KBr", density_g_mL=density).run(sample, rng=RNG).fractions["adjusted"]
        held.append(sample.medium.solutes[0][1])
    assert held == pytest.approx([27.4, 89.2, 178.1, 302.6], abs=0.1)


@pytest.mark.parametrize(
    ("density", "message"), [(1.001, "the liquid has 1.0.* already"), (1.6, r"at most 1\.37.* with KBr")]
)
def test_salt_that_cannot_make_a_density_says_why(density, message):
    with pytest.raises(InputError, match=message):
        DensityAdjustment(solute="KBr", density_g_mL=density).run(SAMPLE, rng=RNG)
