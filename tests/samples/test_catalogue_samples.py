"""What the samples of the catalogue hold, against orderings and numbers that others published."""

import numpy as np
import pytest
from spins import RNG

from sepsim.data import rows
from sepsim.media import fluid
from sepsim.samples.metrics import purity
from sepsim.samples.sample_catalog import sample_lines, sample_names
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.chromatography.chromatography import Chromatography
from sepsim.techniques.mass_spectrometry.ions.sample_ions import peptide_ions

SOURCES = ("AMSC", "UC-MSC", "BMSC")
WITH_SERUM, DEPLETED, FREE = "conditioned medium", "EV-depleted conditioned medium", "serum-free conditioned medium"


def made(name, volume_mL=1.0):
    return sample_from_catalog(name, volume_mL=volume_mL, size_bins=12, density_quantiles=1).prepare()


def exosomes(name):
    return made(name).by_population["exosome"]


# ---- sources ---------------------------------------------------------------------------------------------------


def test_sources_release_in_the_order_of_the_review():
    """Tang et al. 2021: amniotic fluid above bone marrow; canine bone marrow above canine adipose. No numbers."""
    assert exosomes("amniotic-fluid MSC conditioned medium") > exosomes("BMSC conditioned medium")
    assert exosomes("canine BMSC conditioned medium") > exosomes("canine AMSC conditioned medium")


@pytest.mark.parametrize("name", [f"{source} conditioned medium" for source in SOURCES])
def test_medium_holds_as_many_particles_as_were_measured(name):
    """Cell Biosci. 2022, 12:51, Table 3: 1.4 to 6.0e9 particles per mL in 48 h of flat culture."""
    assert 1.4e9 < exosomes(name) < 6.0e9


def test_a_multiplier_is_flagged():
    line = sample_lines("canine BMSC conditioned medium")["exosome"]
    assert (line["confidence"], "flagged multiplier" in line["note"]) == ("unverified", True)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("medium", [DEPLETED, FREE])
def test_a_source_differs_in_its_exosomes_and_in_the_markers_of_its_vesicles_alone(source, medium):
    own, general = sample_lines(f"{source} {medium}"), sample_lines(medium)
    assert own.keys() == general.keys()
    assert all(own[who] == general[who] for who in own if who not in ("exosome", "microvesicle"))
    assert own["microvesicle"]["particles_per_mL"] == general["microvesicle"]["particles_per_mL"]
    assert (own["exosome"]["marker_profile"], own["microvesicle"]["marker_profile"]) == (source, "MSC microvesicles")


# ---- serum -----------------------------------------------------------------------------------------------------


def test_depleted_serum_spares_protein_and_keeps_a_quarter_of_its_vesicles():
    """Measured: 6.9e8 vesicles per mL after 75 % depletion."""
    whole, depleted, free = made(WITH_SERUM), made(DEPLETED), made(FREE)
    kept = depleted.by_population["bovine_vesicle"] / whole.by_population["bovine_vesicle"]
    assert kept == pytest.approx(0.25, abs=0.01)
    protein = [sum(each.protein_by_population.values()) for each in (whole, depleted, free)]
    assert protein[1] > 0.98 * protein[0]
    assert protein[2] < 0.02 * protein[0]
    assert "bovine_vesicle" not in free.particles.names


def test_an_overnight_spin_takes_the_vesicles_of_serum_and_not_its_albumin():
    """Exosome-depleted serum is made so: 18 h at 100,000 x g, the supernatant is kept."""
    serum = made("fetal bovine serum", 60)
    spin = Centrifugation(rotor="Type 45 Ti", rcf_xg=100_000, rcf_at="rav", time_min=18 * 60, temperature_C=4)
    left = spin.run(serum, rng=RNG).fractions["supernatant"]
    shares = {who: left.by_population[who] / serum.by_population[who] for who in serum.by_population}
    soluble = ("albumin", "igg", "alpha2_macroglobulin", "transferrin", "other_protein", "ago2_complex")
    assert all(shares[who] > 0.99 for who in soluble)  # what is dissolved does not become a solid
    assert 0.02 < shares["bovine_vesicle"] < 0.06  # 95-97 % of vesicles leave a supernatant (Murakami et al. 2014)


def test_vesicles_of_the_calf_are_no_target():
    sample = made(WITH_SERUM)
    found = purity(sample, sample, "exosome")
    assert found.enrichment["bovine_vesicle"] == pytest.approx(1.0)
    exosome, calf = (sample.by_population[who] for who in ("exosome", "bovine_vesicle"))
    assert found.particle < exosome / (exosome + calf)


# ---- species ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "peptide"), [("conditioned medium", "LVNELTEFAK"), ("platelet-poor plasma", "LVNEVTEFAK")]
)
def test_all_fractions_of_one_column_have_one_serum(name, peptide):
    """Fractions differ in how much of the sample's medium and how much eluent they hold; their albumin does not."""
    column = Chromatography(
        column="qEVoriginal 70 nm", eluent="PBS", flow_mL_min=0.5, fraction_volume_mL=0.5, fractions=14
    )
    outcome = column.run(made(name, 0.5), rng=RNG)
    seen = [
        {"LVNELTEFAK", "LVNEVTEFAK"} & set(peptide_ions(fraction).total("peptide"))
        for fraction in outcome.fractions.values()
        if fraction.by_population["albumin"] > 1e6
    ]
    assert len(seen) > 5
    assert all(each == {peptide} for each in seen)


def test_the_species_outlives_its_medium():
    washed = made(WITH_SERUM).dilute(1.0, made("platelet-poor plasma").medium)
    assert washed.particles.serum_species == "bovine"


def test_the_species_can_be_given():
    albumin = {"name": "albumin", "mass_mg_per_mL": 1}
    given = {"volume_mL": 1, "medium": "PBS", "population": [albumin]}
    assert recipe(given).prepare().particles.serum_species is None
    assert recipe(given | {"serum_species": "bovine"}).prepare().particles.serum_species == "bovine"
    assert (
        sample_from_catalog(WITH_SERUM, volume_mL=1, serum_species="human").prepare().particles.serum_species == "human"
    )


# ---- other fluids ----------------------------------------------------------------------------------------------


def test_cerebrospinal_fluid_holds_the_protein_of_its_reference_limits():
    """332 controls: median 0.32-0.46 g/L; albumin 0.17-0.26 g/L from its quotient."""
    sample = made("cerebrospinal fluid")
    protein = {who: 1e6 * mass for who, mass in sample.protein_by_population.items()}
    soluble = sum(protein[who] for who in ("albumin", "igg", "transferrin", "other_protein"))
    assert 0.32 < soluble < 0.46
    assert 0.17 < protein["albumin"] < 0.26


@pytest.mark.parametrize("name", ["skimmed milk", "saliva", "urine"])
def test_fluids_without_sources_say_so(name):
    assert all(line["confidence"] == "unverified" for line in sample_lines(name).values())
    assert any("unverified" in text for text in sample_from_catalog(name, volume_mL=1).warnings)


@pytest.mark.parametrize("name", sample_names())
def test_the_protein_of_a_medium_is_that_of_its_samples(name):
    sample = made(name)
    soluble = (sample.particles.mass * sample.counts)[sample.particles.dissolved].sum() / sample.volume
    declared = soluble / 0.999  # a thousandth goes with vesicles
    assert sum(sample.medium.proteins.values()) == pytest.approx(declared, abs=0.02)


def test_medium_with_fetal_serum_is_hardly_thicker_than_without():
    """3.5 mg/mL at some 4.4 mL/g: 1.5 %."""
    with_serum, without = (fluid(each).viscosity(293.15) for each in ("conditioned medium with serum", "DMEM"))
    assert with_serum / without == pytest.approx(1.015, abs=0.001)


# ---- RNA -------------------------------------------------------------------------------------------------------


def test_rna_goes_with_the_volume_of_the_lumen():
    """1 mg/mL of a lumen of 88 nm: 0.36 ag."""
    vesicle = {"name": "v", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e10}
    sample = recipe({"volume_mL": 1, "medium": "PBS", "population": [vesicle]}).prepare()
    assert sample.rna_by_population["v"] / 1e10 == pytest.approx(np.pi / 6 * 88e-9**3 * 1.0, rel=1e-9)


def test_purity_by_rna_counts_every_carrier():
    sample = made("platelet-poor plasma")
    rna = sample.rna_by_population
    assert min(rna[who] for who in ("exosome", "ago2_complex", "hdl", "ldl")) > 0
    assert rna["albumin"] == 0
    found = purity(sample, sample, "exosome")
    assert found.rna == pytest.approx(rna["exosome"] / sum(rna.values()))
    assert found.rna_ug == pytest.approx(1e9 * sum(rna.values()))


@pytest.mark.parametrize("resin", sorted({row["resin"] for row in rows("resin_bindings")}))
def test_a_resin_that_binds_exosomes_binds_vesicles_of_the_calf_alike(resin):
    """Charge and grease of a membrane do not tell one species from another."""
    held = {row["population"]: row for row in rows("resin_bindings") if row["resin"] == resin}
    if "exosome" in held:
        same = held["exosome"] | {"population": "bovine_vesicle", "note": ""}
        assert held["bovine_vesicle"] | {"note": ""} == same
