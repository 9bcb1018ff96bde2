"""The liquid of a sample: proteins count once, whatever is mixed with what."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spins import RNG

from sepsim.media import Medium, fluid
from sepsim.samples.sample import pool
from sepsim.samples.sample_recipe import recipe, sample_from_catalog, sample_names
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.filtration.ultrafiltration import Ultrafiltration

PBS = fluid("PBS")
EXOSOME = {"name": "exosome", "particles_per_mL": 1e10}
SPIN = {"rotor": "Type 45 Ti", "rcf_xg": 100_000, "rcf_at": "rav"}


def made(medium="PBS", volume_mL=60, **proteins):
    populations = [EXOSOME, *({"name": name, "mass_mg_per_mL": amount} for name, amount in proteins.items() if amount)]
    given = {"volume_mL": volume_mL, "temperature_C": 20, "medium": medium, "population": populations}
    return recipe(given | {"size_bins": 10, "density_quantiles": 1})


def warned(of):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        of.prepare()
    return [str(item.message) for item in caught]


def relative(sample):
    return sample.liquid.viscosity / sample.medium.viscosity


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_of_the_catalogue_is_its_medium(name):
    sample = sample_from_catalog(name, volume_mL=1).prepare()
    assert sample.liquid is sample.medium


def test_without_protein_nothing_changes():
    sample = made().prepare()
    assert sample.liquid is sample.medium


@pytest.mark.parametrize(("albumin", "expected"), [(50, 1.26), (100, 1.67), (200, 3.66)])
def test_albumin_thickens_a_buffer(albumin, expected):
    assert relative(made(albumin=albumin).prepare()) == pytest.approx(expected, rel=0.01)


def test_serum_proteins_in_buffer_thicken_it_about_as_serum_is():
    """Measured: serum 1.44-1.55 times water."""
    mixed = made(albumin=40, igg=10, alpha2_macroglobulin=2, igm=1.5, transferrin=2.5, haptoglobin=10).prepare()
    assert 1.38 < relative(mixed) < 1.55


def test_exosomes_pellet_more_slowly_among_albumin():
    """By 3.7 in viscosity and by the buoyancy: 1102 - 1058 instead of 1102 - 1005 kg/m3 for one of 100 nm."""
    method = Centrifugation(**SPIN, time_min=5)
    pellets = [
        method.run(made(volume_mL=60, albumin=albumin).prepare(), rng=RNG).fractions["pellet"]
        for albumin in (0, 50, 200)
    ]
    free, some, much = (each.by_population["exosome"] for each in pellets)
    assert 0 < much < 0.25 * free
    assert much < some < free


@settings(max_examples=30, deadline=None)
@given(
    plasma=st.floats(0.1, 20.0),
    buffer=st.floats(0.0, 20.0),
    serum=st.floats(0.0, 20.0),
)
def test_diluted_plasma_holds_its_protein_once(plasma, buffer, serum):
    """The protein of the plasma stays counted in its name; serum poured to it brings its own."""
    sample = sample_from_catalog("platelet-poor plasma", volume_mL=plasma, size_bins=1, density_quantiles=1).prepare()
    thinned = sample.dilute(buffer * 1e-6, Medium.pure(PBS, 293.15)).dilute(
        serum * 1e-6, Medium.pure(fluid("serum"), 293.15)
    )
    assert thinned.liquid is thinned.medium


@settings(max_examples=30, deadline=None)
@given(albumin=st.floats(1.0, 150.0), dilution=st.floats(0.0, 5.0))
def test_declared_protein_dilutes_with_its_liquid(albumin, dilution):
    sample = made(albumin=albumin, volume_mL=1).prepare()
    thinned = sample.dilute(dilution * 1e-6, Medium.pure(PBS, 293.15))
    alike = made(albumin=albumin / (1.0 + dilution), volume_mL=1).prepare()
    assert thinned.liquid.density == pytest.approx(alike.liquid.density, rel=1e-6)
    assert thinned.liquid.viscosity == pytest.approx(alike.liquid.viscosity, rel=2e-4)  # below 0.02 mg/mL none counts


def test_more_than_plasma_holds_counts_beyond_it():
    """Plasma with 150 mg/mL: 91 more than the 59 of its name, each at 0.267 kg/m3."""
    sample = sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare()
    richer = made("plasma", albumin=131, igg=10, fibrinogen=3, alpha2_macroglobulin=2, igm=1.5, transferrin=2.5)
    with pytest.warns(UserWarning, match="150 mg/mL"):
        rich = richer.prepare()
    assert rich.liquid.density - sample.liquid.density == pytest.approx(91 * 0.25, rel=0.03)  # 1 - 0.733 x 1.025
    assert rich.liquid.viscosity > 1.6 * sample.liquid.viscosity


def test_less_than_plasma_holds_leaves_it_as_its_name_says():
    with pytest.warns(UserWarning, match="9.99 mg/mL"):  # a thousandth goes with vesicles
        thin = made("plasma", albumin=10).prepare()
    assert thin.liquid is thin.medium


def test_plasma_without_its_protein_is_about_salt_water():
    """A permeate: 1.009 g/mL left of 1.025, and less than 1.25 times the viscosity of PBS."""
    sample = sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare()
    cleared, _ = sample.take(np.where(sample.particles.dissolved, 0.0, 1.0), sample.volume)
    assert cleared.liquid.density == pytest.approx(1025.0 - 59 * 0.267, abs=1.0)
    assert 1.0 < cleared.liquid.viscosity / Medium.pure(PBS, cleared.medium.temperature).viscosity < 1.25


@pytest.mark.parametrize("source", ["platelet-poor plasma", "serum", "fetal bovine serum"])
@pytest.mark.parametrize("trace", ["albumin", "fibrinogen", "igg", None])
def test_a_trace_of_one_protein_does_not_make_a_liquid_thinner_than_buffer(source, trace):
    """What has left was the mixture of the sample, whatever is left; fibrinogen thickens five times as albumin does."""
    sample = sample_from_catalog(source, volume_mL=1).prepare()
    of_trace = [name == trace for name in sample.particles.names]
    left = np.where(sample.particles.dissolved, 1e-6 * np.array(of_trace)[sample.particles.population], 1.0)
    cleared, _ = sample.take(left, sample.volume)
    buffer = Medium.pure(PBS, sample.medium.temperature)
    assert 0.99 < cleared.liquid.viscosity / buffer.viscosity < 1.25
    assert cleared.liquid.density > buffer.density - 1.0


def test_fibrinogen_alone_thickens_what_is_left_of_plasma():
    """3 mg/mL of 25 mL/g: by 8 %."""
    sample = sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare()
    kept = [name == "fibrinogen" for name in sample.particles.names]
    thin, thick = (
        sample.take(np.where(sample.particles.dissolved, left, 1.0), sample.volume)[0].liquid.viscosity
        for left in (0.0, np.array(kept, dtype=float)[sample.particles.population])
    )
    assert thick / thin == pytest.approx(1.08, abs=0.005)


def test_halves_that_part_come_together_as_the_whole():
    sample = made(albumin=60, volume_mL=1).prepare()
    rich, thin = sample.take(np.where(sample.particles.dissolved, 0.8, 0.5), 0.5 * sample.volume)
    assert thin.liquid.density < sample.liquid.density < rich.liquid.density
    together = pool([rich, thin]).liquid
    assert together.density == pytest.approx(sample.liquid.density, rel=1e-12)


def test_a_retentate_thickens_and_takes_longer():
    sample = made(albumin=20, volume_mL=15).prepare()
    spin = {"membrane": "Amicon Ultra-15 10 kDa", "spin_filter": {"rcf_xg": 4000}, "concentrate_to_mL": 1}
    outcome = Ultrafiltration(**spin).run(sample, rng=RNG)
    assert outcome.fractions["retentate"].liquid.viscosity > 1.5 * sample.liquid.viscosity


@pytest.mark.parametrize(("albumin", "told"), [(340, False), (360, True)])
@pytest.mark.parametrize("medium", ["PBS", "plasma"])
def test_more_protein_than_the_law_of_viscosity_holds_for_is_told(medium, albumin, told):
    assert any("an order of magnitude alone" in text for text in warned(made(medium, albumin=albumin))) == told


@pytest.mark.parametrize(("albumin", "told"), [(0, 0), (10, 1), (48, 1), (55, 0), (65, 0), (75, 1)])
def test_a_medium_and_its_populations_that_disagree_are_told(albumin, told):
    """Plasma stands for 59 mg/mL; 10 mg/mL off is told, nothing at all is no statement."""
    assert sum("by its name" in text for text in warned(made("plasma", albumin=albumin))) == told


def test_protein_in_a_medium_of_ones_own_is_added_unless_it_is_said_to_be_in_it():
    measured = {"density_g_mL": 1.02, "viscosity_mPa_s": 1.6}
    added, known = (made(measured | more, albumin=50) for more in ({}, {"protein_mg_per_mL": 50}))
    assert any("protein_mg_per_mL" in text for text in warned(added))
    assert warned(known) == []
    assert relative(known.prepare()) == pytest.approx(1.0)
