"""The catalogue tables: units, sources, confidence, and that they refer to what exists."""

import csv
import math
import re
from pathlib import Path

import pytest
from paths import DATA

import sepsim.data
from sepsim.data import numbers, rows
from sepsim.particles.population import KINDS
from sepsim.samples.sample_recipe import sample_from_catalog
from sepsim.settings import declared
from sepsim.units import suffix

FOLDER = Path(sepsim.data.__file__).parent
TABLES = sorted(path.stem for path in FOLDER.glob("*.csv"))
CONFIDENCES = {"read", "transcribed", "computed", "unverified"}
DIMENSIONLESS = {
    "geometric_sd",
    "protein_mass_fraction",
    "n_tubes",
    "k_catalogue",
    "weight_fraction_min",
    "weight_fraction_max",
    "index",
    "refractive_index",
    "bead_porosity",
    "fibre_volume_fraction",
    "pore_diffusion",
    "retention_factor",
    "eluted_retention_factor",
    "void_fraction",
    "porosity",
    "adsorbed_coverage",
    "mass_number",
    "copies",
    *("default", "low", "high"),  # of a parameter, whose name carries the unit
    "rna_mass_fraction",
    "doublet_share",
    "release_factor",
    "isoelectric_pH",
    "charge",
    "proteinase_K_per_sample",
    "reagent_per_sample",
    "take_up_per_sample",
    "antibodies_per_bead",
    "binding_sites",
    *("k_off_factor", "k_off_factor_low", "k_off_factor_high", "rebinding_factor"),
    "value",  # of a coefficient, whose unit follows from the correlation
}
NEEDED = {
    "vesicle": {"median_diameter_nm", "geometric_sd"},
    "lipoprotein": {
        "median_diameter_nm",
        "geometric_sd",
        "density_g_mL",
        "density_sd_g_mL",
        "protein_mass_fraction",
    },
    "particle": {
        "median_diameter_nm",
        "geometric_sd",
        "density_g_mL",
        "density_sd_g_mL",
        "protein_mass_fraction",
    },
    "protein": {
        "molar_mass_kDa",
        "partial_specific_volume_mL_g",
        "stokes_radius_nm",
        "protein_mass_fraction",
    },
}
CLASS_LIMITS = {  # nm of spheres that float as measured (gels: 3 to 6 nm more for IDL and LDL), and g/mL
    "idl": (20, 28, 1.006, 1.019),
    "ldl": (16.5, 23, 1.019, 1.063),
    "hdl": (5, 12, 1.063, 1.210),
    "hdl2": (9, 12, 1.063, 1.125),
    "hdl3": (5, 9, 1.125, 1.210),
}


def is_number(text):
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) is not None


def bibliography():
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.bib")]
    return [key for text in texts for key in re.findall(r"^@\w+\{([^,\s]+),", text, flags=re.M)]


def populations():
    return {row["population"]: row for row in rows("populations")}


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_whole_and_ends_with_confidence_source_and_note(table):
    for row in rows(table):
        assert list(row)[-3:] == ["confidence", "source", "note"]
        assert None not in row.values(), row
        assert None not in row, row


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_confidence_and_known_sources(table):
    known = set(bibliography())
    for row in rows(table):
        assert row["confidence"] in CONFIDENCES
        assert row["source"].split(), row
        assert set(row["source"].split()) <= known, row


@pytest.mark.parametrize("table", TABLES)
def test_every_numeric_column_names_its_unit(table):
    for column in rows(table)[0]:
        cells = [row[column] for row in rows(table) if row[column]]
        if cells and all(is_number(cell) for cell in cells):
            assert suffix(column) or column in DIMENSIONLESS, column


def test_keys_of_the_bibliography_are_unique_and_modelling_choices_have_one():
    keys = bibliography()
    assert len(keys) == len(set(keys))
    assert "sepsim_choice" in keys


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv")), ids=lambda path: path.stem)
def test_no_unverified_number_serves_as_an_oracle(path):
    with path.open(encoding="utf-8", newline="") as file:
        assert [row for row in csv.DictReader(file) if row.get("confidence") == "unverified"] == []


def test_populations_are_unique_and_of_a_known_kind():
    names = [row["population"] for row in rows("populations")]
    assert len(names) == len(set(names))
    assert {row["kind"] for row in rows("populations")} == set(NEEDED)


@pytest.mark.parametrize("name", populations())
def test_a_population_has_what_its_kind_needs_and_nothing_foreign(name):
    row = populations()[name]
    given = set(numbers(row, *NEEDED["lipoprotein"], *NEEDED["protein"]))
    needed = NEEDED[row["kind"]]
    optional = needed if row["kind"] != "vesicle" else NEEDED["lipoprotein"]
    assert needed <= given <= needed | optional


@pytest.mark.parametrize("name", populations())
def test_the_numbers_of_a_population_are_physical(name):
    found = numbers(populations()[name], *NEEDED["lipoprotein"], *NEEDED["protein"])
    assert found.get("geometric_sd", 1.1) > 1
    assert 0.9 < found.get("density_g_mL", 1.1) < 1.4
    assert 0 < found.get("density_sd_g_mL", 0.01) < 0.05
    assert 0 < found.get("protein_mass_fraction", 0.5) <= 1
    lowest = 0.55 if found.get("protein_mass_fraction", 1.0) < 0.9 else 0.69  # nucleic acid is denser than protein
    assert lowest < found.get("partial_specific_volume_mL_g", 0.73) < 0.75


def test_vesicles_that_follow_the_shell_model_state_no_density():
    stated = {name for name, row in populations().items() if row["kind"] == "vesicle" and row["density_g_mL"]}
    assert stated == {"apoptotic_body"}


@pytest.mark.parametrize("name", CLASS_LIMITS)
def test_a_lipoprotein_spans_about_its_class(name):
    smallest, largest, lightest, heaviest = CLASS_LIMITS[name]
    found = numbers(populations()[name], *NEEDED["lipoprotein"])
    spread, median = found["geometric_sd"] ** 2, found["median_diameter_nm"]
    assert median / spread == pytest.approx(smallest, rel=0.25)
    assert median * spread == pytest.approx(largest, rel=0.1)
    density, deviation = found["density_g_mL"], found["density_sd_g_mL"]
    assert density - 2 * deviation == pytest.approx(lightest, abs=0.016)
    assert density + 2 * deviation == pytest.approx(heaviest, abs=0.021)


@pytest.mark.parametrize("name", list(populations()))
def test_no_number_of_a_population_goes_unused(name):
    row = populations()[name]
    columns = [column for column in row if column in set().union(*NEEDED.values()) | {"protein_mass_fraction"}]
    assert set(numbers(row, *columns)) <= set(declared(KINDS[row["kind"]]))


def test_every_sample_names_a_medium_and_its_populations():
    media = {row["medium"] for row in rows("media")}
    filled = {row["sample"] for row in rows("sample_populations")}
    assert {row["medium"] for row in rows("samples")} <= media
    assert (
        {row["sample"] for row in rows("samples") if not row["base"]}
        <= filled
        <= {row["sample"] for row in rows("samples")}
    )
    assert {row["base"] for row in rows("samples") if row["base"]} <= filled


def test_every_population_of_a_sample_exists_once_with_exactly_one_positive_amount():
    pairs = [(row["sample"], row["population"]) for row in rows("sample_populations")]
    assert len(pairs) == len(set(pairs))
    assert {population for _, population in pairs} <= set(populations())
    for row in rows("sample_populations"):
        amounts = numbers(row, "particles_per_mL", "mass_mg_per_mL")
        assert len(amounts) == 1, row
        assert min(amounts.values()) > 0, row


def test_serum_is_plasma_without_fibrinogen_and_platelets():
    held = {}
    for row in rows("sample_populations"):
        held.setdefault(row["sample"], set()).add(row["population"])
    assert "fibrinogen" not in held["serum"]
    assert {"fibrinogen", "platelet"} <= held["platelet-rich plasma"]
    assert "platelet" not in held["serum"]


def test_fetal_bovine_serum_is_what_its_certificate_says():
    """Certificate 04-400-1: albumin 26.5 mg/mL within 18-30; 30-40 mg/mL of protein in all; hardly any IgG."""
    serum = sample_from_catalog("fetal bovine serum", volume_mL=1, lipoprotein_association_percent=0).prepare()
    proteins = {name: 1e6 * mass for name, mass in serum.protein_by_population.items()}
    assert proteins["albumin"] == pytest.approx(26.5)
    assert 30 < sum(proteins.values()) < 40
    assert proteins["igg"] <= 0.5
    cholesterol = {  # mg/mL: 38 % of LDL and 20 % of HDL by mass are cholesterol
        name: 1e6 * share * float((serum.counts * serum.particles.mass)[serum.particles.population == index].sum())
        for index, name in enumerate(serum.particles.names)
        for share in [{"ldl": 0.38, "hdl": 0.20}.get(name)]
        if share
    }
    assert cholesterol["ldl"] == pytest.approx(0.135, rel=0.1)
    assert cholesterol["hdl"] == pytest.approx(0.091, rel=0.1)


def test_a_tenth_of_fetal_bovine_serum_is_in_conditioned_medium():
    amounts = {
        (row["sample"], row["population"]): sum(numbers(row, "particles_per_mL", "mass_mg_per_mL").values())
        for row in rows("sample_populations")
    }
    for (sample, population), amount in amounts.items():
        if sample == "fetal bovine serum" and population != "ago2_complex":
            assert amounts["conditioned medium", population] == pytest.approx(amount / 10), population


def test_lipoproteins_outnumber_plasma_vesicles_a_million_fold():
    """Holcar et al. 2020, Sci. Rep. 10, 21346: lipoproteins outnumber vesicles 1e6-1e7-fold."""
    amounts = {
        row["population"]: numbers(row, "particles_per_mL").get("particles_per_mL", 0.0)
        for row in rows("sample_populations")
        if row["sample"] == "platelet-poor plasma"
    }
    lipoproteins = sum(amounts[name] for name in ("vldl", "idl", "ldl", "hdl"))
    vesicles = amounts["exosome"] + amounts["microvesicle"]
    assert 1e6 <= lipoproteins / vesicles <= 1e7


@pytest.mark.parametrize(
    ("sample", "largest"),
    [("AMSC conditioned medium", 120), ("UC-MSC conditioned medium", 100), ("BMSC conditioned medium", 100)],
)
def test_nine_in_ten_exosomes_of_a_source_have_the_size_reported_for_it(sample, largest):
    """Tang et al. 2021, Stem Cell Res. Ther.: 30-120 nm (adipose) and 30-100 nm (cord, bone marrow)."""
    (row,) = [row for row in rows("sample_populations") if (row["sample"], row["population"]) == (sample, "exosome")]
    assert share_between(row, 30, largest) == pytest.approx(0.90, abs=0.02)


@pytest.mark.parametrize(
    ("name", "smallest", "largest"),
    [("exosome", 30, 200), ("microvesicle", 100, 1000), ("apoptotic_body", 1000, math.inf)],
)
def test_vesicles_have_the_sizes_of_their_class(name, smallest, largest):
    """Tang et al. 2021, Stem Cell Res. Ther.: the three classes by size."""
    assert share_between(populations()[name], smallest, largest) > 0.95


def share_between(row, smallest, largest):
    median, sd = float(row["median_diameter_nm"]), math.log(float(row["geometric_sd"]))
    below = [0.5 * (1 + math.erf(math.log(size / median) / sd / math.sqrt(2))) for size in (smallest, largest)]
    return below[1] - below[0]
