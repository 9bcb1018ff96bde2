"""Ions of a sample: markers scale with size, peptides are counted, whole particles keep their mass and charge."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.constants import DALTON_KG, PROTON_MASS_KG
from sepsim.data import bibliography, rows
from sepsim.errors import InputError
from sepsim.media import ConstantFluid, Medium, fluid
from sepsim.particles.states import Body, ParticleState
from sepsim.samples.changes import varied
from sepsim.samples.sample_recipe import SampleRecipe, sample_from_catalog
from sepsim.samples.serum import serum_of
from sepsim.techniques.mass_spectrometry.ions.ionisation import Electrospray, Maldi, rayleigh_charge
from sepsim.techniques.mass_spectrometry.ions.ions import Ions, Origin
from sepsim.techniques.mass_spectrometry.ions.marker_peptides import PeptideMarker, peptide_markers
from sepsim.techniques.mass_spectrometry.ions.peptides import digest
from sepsim.techniques.mass_spectrometry.ions.sample_ions import (
    Digestion,
    peptide_ions,
    protein_numbers,
    whole_ions,
    with_isotopes,
)


def vesicles(diameter_nm=100, number=1e9, **more):
    population = {"name": "exosome", "kind": "vesicle", "diameter_nm": diameter_nm, "particles_per_mL": number, **more}
    return SampleRecipe.from_table({"volume_mL": 1, "medium": "PBS", "population": [population]}).prepare()


def cd9(**changes):
    given = {"copies": 10, "place": "surface", "reference_diameter_nm": 100, "role": "vesicle"} | changes
    return PeptideMarker(protein="CD9", population="exosome", peptides=["DVLETFTVK"], **given)


@given(st.floats(20, 1000), st.floats(1.0, 4.0))
def test_surface_markers_grow_with_the_area_and_lumen_markers_with_the_inner_volume(nm, factor):
    size = np.array([nm, nm * factor]) * 1e-9
    surface = cd9().copies_on(size)
    assert surface[1] / surface[0] == pytest.approx(factor**2, rel=1e-9)
    lumen = cd9(place="lumen").copies_on(size)
    assert lumen[1] / lumen[0] == pytest.approx(((factor * nm - 12) / (nm - 12)) ** 3, rel=1e-9)
    each = cd9(place="each", reference_diameter_nm=None).copies_on(size)
    assert each.tolist() == [10.0, 10.0]


def test_copies_are_those_stated_at_the_reference_and_none_without_a_lumen():
    reference = np.array([100e-9])
    assert cd9().copies_on(reference) == pytest.approx(10)
    assert cd9(place="lumen").copies_on(reference) == pytest.approx(10)
    assert cd9(place="lumen").copies_on(np.array([12e-9, 5e-9])).tolist() == [0.0, 0.0]


def test_a_corona_adds_no_markers():
    bare, worn = vesicles(), vesicles(corona_thickness_nm=5)
    assert protein_numbers(worn, [cd9()]) == pytest.approx(protein_numbers(bare, [cd9()]), rel=1e-12)


@pytest.mark.parametrize("serum", ["human", "bovine"])
def test_every_marker_of_the_catalogue_belongs_to_a_population_and_has_peptides(serum):
    known = {row["population"] for row in rows("populations")}
    found = peptide_markers(serum)
    assert {marker.population for marker in found} <= known
    pairs = [(marker.protein, marker.population) for marker in found]
    assert len(pairs) == len(set(pairs))


def test_the_targets_and_contaminants_that_are_looked_for_are_there():
    proteins = {row["protein"] for row in rows("marker_proteins")}
    assert {"CD9", "CD63", "CD81", "TSG101", "ALIX", "HSP70", "syntenin-1", "GM130"} <= proteins
    assert {"apoB-100", "apoA-I", "albumin", "AGO2", "bovine_albumin", "bovine_apoA-I"} <= proteins
    assert {row["protein"] for row in rows("marker_copies")} == proteins
    assert {row["protein"] for row in rows("signature_peptides")} == proteins


@pytest.mark.parametrize("row", rows("signature_peptides"), ids=lambda row: row["sequence"])
def test_signature_peptides_are_whole_tryptic_peptides_that_do_not_oxidise(row):
    sequence = row["sequence"]
    assert [piece.sequence for piece in digest(sequence)] == [sequence]
    assert sequence[-1] in "KR"
    assert "C" not in sequence
    assert 7 <= len(sequence) <= 25


def test_no_signature_peptide_of_a_calf_is_one_of_a_human_and_vesicles_share_none_with_contaminants():
    peptides = {}
    for protein in rows("marker_proteins"):
        group = protein["role"] if protein["role"] != "contaminant" else protein["origin"]
        owned = {row["sequence"] for row in rows("signature_peptides") if row["protein"] == protein["protein"]}
        peptides.setdefault(group, set()).update(owned)
    groups = list(peptides.values())
    assert sum(map(len, groups)) == len(set().union(*groups))


def test_clean_vesicles_show_no_golgi_and_cells_do():
    by_population = {m.population: m.copies for m in peptide_markers() if m.protein == "GM130"}
    assert by_population["exosome"] == by_population["microvesicle"] == 0
    assert by_population["cell"] > 0
    ions = peptide_ions(vesicles())
    assert "GM130" not in ions.total("protein")
    assert set(ions.total("role")) == {"vesicle"}


def test_peptide_ions_count_copies_digestion_and_ion_yield():
    source, digestion = Electrospray(ion_yield_percent=2), Digestion(efficiency_percent=50, marker=[cd9()])
    ions = peptide_ions(vesicles(diameter_nm=200, number=3e8), source, digestion)
    assert ions.number.sum() == pytest.approx(3e8 * 10 * 4 * 0.5 * 0.02, rel=1e-9)
    assert set(ions.origins) == {Origin("exosome", "CD9", "DVLETFTVK", "vesicle")}


def test_peptide_ions_have_exact_masses():
    marker = PeptideMarker(protein="apoA-I", population="exosome", copies=1, peptides=["DYVSQFEGSALGK"])
    ions = peptide_ions(vesicles(), Maldi(), Digestion(marker=[marker]))
    assert ions.charge.tolist() == [1, 2, 3]
    assert ions.mz == pytest.approx([1399.6620 + 1.00728, 700.8383, 467.5613], abs=1e-4)


def test_serum_decides_whose_albumin_is_seen():
    sample = sample_from_catalog("conditioned medium", volume_mL=1).prepare()
    human, bovine = (peptide_ions(sample, digestion=Digestion(serum=who)) for who in ("human", "bovine"))
    assert {"LVNEVTEFAK"} <= set(human.total("peptide"))
    assert {"LVNELTEFAK"} <= set(bovine.total("peptide"))
    assert not set(human.total("peptide")) & {"LVNELTEFAK", "DYVAQFEASALGK"}
    assert not set(bovine.total("peptide")) & {"LVNEVTEFAK", "DYVSQFEGSALGK"}
    assert human.total("role")["vesicle"] == pytest.approx(bovine.total("role")["vesicle"], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("conditioned medium with serum", "bovine"),
        ("serum-free conditioned medium", None),
        ("DMEM", None),
        ("PBS", None),
        ("plasma", "human"),
        ("serum", "human"),
        ("urine", "human"),
    ],
)
def test_the_medium_tells_whose_serum_it_holds(name, told):
    medium = Medium.pure(fluid(name), 293.15)
    assert serum_of(medium) == told
    assert serum_of(Medium.mixed([(medium, 1.0), (Medium.pure(fluid("saline"), 293.15), 9.0)])) == told


def test_media_of_ones_own_tell_by_their_names():
    def named(name):
        return serum_of(Medium.pure(ConstantFluid(name=name, density_g_mL=1, viscosity_mPa_s=1), 293.15))

    assert named("Medium with 10 % fetal Bovine serum") == named("growth medium, 5 % serum") == "bovine"
    assert named("human serum") == "human"
    assert named("broth") is None


@pytest.mark.parametrize(
    ("source", "peptide"), [("AMSC conditioned medium", "LVNELTEFAK"), ("serum", "LVNEVTEFAK"), ("urine", "LVNEVTEFAK")]
)
def test_left_out_the_serum_is_that_of_the_medium(source, peptide):
    ions = peptide_ions(sample_from_catalog(source, volume_mL=1).prepare())
    assert {"LVNELTEFAK", "LVNEVTEFAK"} & set(ions.total("peptide")) == {peptide}


def test_taking_out_albumin_raises_the_share_of_vesicle_peptides_and_spares_their_number():
    sample = sample_from_catalog("conditioned medium", volume_mL=1).prepare()
    albumin = sample.particles.population == sample.particles.names.index("albumin")
    cleaned = sample.take(np.where(albumin, 0.0, 1.0), sample.volume)[0]
    before, after = peptide_ions(sample), peptide_ions(cleaned)
    assert "albumin" not in after.total("protein")
    assert after.total("role")["vesicle"] == pytest.approx(before.total("role")["vesicle"], rel=1e-12)
    assert after.number.sum() < before.number.sum()


def test_a_sample_without_marked_particles_gives_no_ions():
    ions = peptide_ions(vesicles(), digestion=Digestion(marker=[cd9(copies=0)]))
    assert len(ions) == 0
    assert ions.total("role") == {}
    assert len(with_isotopes(ions)) == 0


def test_isotopes_spread_ions_and_lose_none():
    ions = peptide_ions(vesicles())
    spread = with_isotopes(ions)
    assert spread.total("peptide") == pytest.approx(ions.total("peptide"), rel=1e-12)
    assert spread.mz[0] == pytest.approx(ions.mz[0], abs=1e-6)
    same = [i for i, origin in enumerate(spread.origins) if origin == ions.origins[-1]]
    doubly = [i for i in same if spread.charge[i] == 2]
    assert np.diff(spread.mz[doubly])[0] == pytest.approx(0.5 * 1.00335, abs=1e-3)


def test_a_whole_vesicle_has_the_mass_of_its_class_and_the_charge_of_its_size():
    sample = vesicles(density_g_mL=1.1)
    whole = whole_ions(sample, Electrospray(rayleigh_share=1.0))
    assert whole.mass / DALTON_KG == pytest.approx(347e6, rel=2e-3)
    assert whole.mean_charge == pytest.approx(float(rayleigh_charge(50e-9)), rel=1e-9)
    ions = whole.ions
    assert ions.mass == pytest.approx(whole.mass + whole.mean_charge * PROTON_MASS_KG, rel=1e-12, abs=0)
    assert ions.number.sum() == pytest.approx(1e9 * 0.01)


@given(st.floats(25, 1500))
@settings(deadline=None, max_examples=25)
def test_a_vesicle_that_loses_its_lumen_is_lighter_and_no_less_charged(nm):
    sample = vesicles(diameter_nm=nm)
    kept, dried, lost = (whole_ions(sample, lumen=lumen) for lumen in ("kept", "dried", "lost"))
    assert kept.mass[0] > dried.mass[0] > lost.mass[0] > 0
    assert lost.mean_charge == kept.mean_charge
    shell = 1160.0 * np.pi / 6 * ((nm * 1e-9) ** 3 - (nm * 1e-9 - 12e-9) ** 3)
    assert lost.mass[0] == pytest.approx(shell, rel=1e-6, abs=0)


def test_a_hollow_shell_carries_more_than_a_solid_ball_of_its_mass():
    lost = whole_ions(vesicles(), Electrospray(rayleigh_share=1.0), lumen="lost")
    solid = (3 * lost.mass[0] / (4 * np.pi * 1160.0)) ** (1 / 3)
    assert lost.mean_charge[0] > 1.4 * rayleigh_charge(solid)


def test_albumin_is_a_compact_ion_and_not_as_wide_as_its_drag():
    table = {"volume_mL": 1, "medium": "PBS", "population": [{"name": "albumin", "mass_mg_per_mL": 1}]}
    whole = whole_ions(SampleRecipe.from_table(table).prepare(), Electrospray(rayleigh_share=1.0))
    assert whole.mean_charge == pytest.approx(17.5, abs=0.2)  # 18 when rounded; its Stokes radius would give 26
    assert whole.mass / DALTON_KG == pytest.approx(66.5e3, rel=1e-6)


def test_drawn_ions_have_whole_charges_and_stand_for_the_composition_of_the_sample():
    sample = sample_from_catalog("urine", volume_mL=1).prepare()
    whole = whole_ions(sample)
    drawn = whole.draw(20_000, np.random.default_rng(3))
    assert (drawn.charge == np.rint(drawn.charge)).all()
    assert drawn.charge.min() >= 1
    free = sample.particles.totals(sample.counts * ~sample.particles.rides)  # riders are part of their host's ion
    yielded = {name: 0.01 * number for name, number in zip(sample.particles.names, free, strict=True) if number > 0}
    assert drawn.total("population") == pytest.approx(yielded, rel=1e-9, abs=0)
    sizes = Counter(origin.population for origin in drawn.origins)
    assert len(drawn) == 20_000
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_ions_of_one_population_are_drawn_in_proportion_to_their_number():
    sizes = {"diameters_nm": [50, 100], "weights": [0.2, 0.8]}
    table = {"name": "exosome", "kind": "vesicle", "density_g_mL": 1.1, "particles_per_mL": 1e9, **sizes}
    rare = {"name": "microvesicle", "kind": "vesicle", "diameter_nm": 200, "density_g_mL": 1.1, "particles_per_mL": 1}
    both = SampleRecipe.from_table({"volume_mL": 1, "medium": "PBS", "population": [table, rare]}).prepare()
    drawn = whole_ions(both).draw(20_000, np.random.default_rng(3))
    mine = np.array([origin.population == "exosome" for origin in drawn.origins])
    light = drawn.mass < 100e6 * DALTON_KG  # 43 MDa or 347 MDa
    assert light[mine].mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.2 * 0.8 / 10_000))
    assert drawn.number[mine] == pytest.approx(1e9 * 0.01 / 10_000, rel=1e-9)


def test_drawing_few_ions_takes_one_of_each_population_at_least():
    whole = whole_ions(sample_from_catalog("urine", volume_mL=1).prepare())
    drawn = whole.draw(2, np.random.default_rng(3))
    assert set(drawn.total("population")) == set(whole.ions.total("population"))


def test_drawn_ions_are_those_of_the_seed():
    whole = whole_ions(sample_from_catalog("urine", volume_mL=1).prepare())
    drawn = whole.draw(20_000, np.random.default_rng(3))
    again = whole.draw(20_000, np.random.default_rng(3))
    assert (again.mass == drawn.mass).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: peptide_markers("horse"), "human, bovine"),
        (lambda: cd9(place="surface", reference_diameter_nm=None), "reference_diameter_nm: missing"),
        (lambda: cd9(place="each"), "has no meaning"),
        (lambda: cd9(place="lumen", reference_diameter_nm=12), "has no lumen"),
        (lambda: cd9(place="membrane"), "must be one of"),
        (lambda: cd9(copies=-1), "copies"),
        (lambda: PeptideMarker(protein="a", population="b", copies=1, peptides=["PEPTIDEX"]), "'X' at place 8"),
        (lambda: PeptideMarker(protein="a", population="b", copies=1, peptides="PEPTIDE"), "list of sequences"),
        (lambda: Digestion(marker=[]), "list of tables"),
        (lambda: Digestion(marker=[{"protein": "a"}]), "population: missing"),
        (lambda: Digestion(serum="horse"), "serum"),
        (lambda: whole_ions(vesicles(), lumen="gone"), "kept, dried, lost"),
        (lambda: with_isotopes(Ions([1e-25], [1], [1.0], [Origin("exosome")])), "peptides alone"),
        (lambda: whole_ions(vesicles().take(0.0, 0.0)[0]).draw(5, np.random.default_rng(0)), "none to draw"),
    ],
)
def test_bad_input_is_refused_by_name(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_digestion_round_trips_through_its_table():
    digestion = Digestion(serum="bovine", marker=[cd9()])
    assert Digestion.from_table(digestion.to_table()) == digestion


def test_the_markers_of_the_catalogue_are_warned_of_and_sourced_and_ones_own_are_not():
    assert "unverified" in Digestion().warnings[0]
    assert set(Digestion().sources) <= set(bibliography())
    own = Digestion(marker=[cd9()])
    assert own.warnings == own.sources == ()


@pytest.mark.parametrize("source", [Electrospray(), Maldi()])
def test_ion_sources_cite_what_is_in_the_bibliography(source):
    assert set(source.sources) <= set(bibliography())


def test_a_cluster_is_one_ion_whatever_it_is_made_of():
    """It collapses as it dries: a sphere of its solids, not the fractal that moved in liquid."""
    body = Body(diameter=1e-6, volume=5e-20, density=1100.0)
    state = ParticleState(name="in clusters", kinds=("vesicle", "lipoprotein", "protein"), body=body)
    plasma = sample_from_catalog("platelet-poor plasma", volume_mL=1, size_bins=4, density_quantiles=1).prepare()
    sample = varied(plasma, {}, (), [state])
    rows_of_it = sample.particles.variants.state == 1
    for lumen in ("kept", "dried", "lost"):
        ions = whole_ions(sample, lumen=lumen)
        assert ions.mass[rows_of_it] == pytest.approx(5e-20 * 1100.0)
        assert ions.radius[rows_of_it] == pytest.approx((5e-20 / (4.0 / 3.0 * np.pi)) ** (1.0 / 3.0))
