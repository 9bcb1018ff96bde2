"""Marker profiles: mixtures of strata, what the catalogue holds of them, and how a population comes by its own."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sepsim
from sepsim.cli import main
from sepsim.data import rows
from sepsim.errors import InputError
from sepsim.particles.catalog import describe, population
from sepsim.particles.marker_profile import MARKER_PROFILES, MOST_STRATA, MarkerProfile, antigen_name, antigen_rows
from sepsim.particles.markers import Marker, markers
from sepsim.samples.sample_catalog import sample_names

OWN = {"strata": [{"share": 0.4, "CD81": 20, "CD9": 10}, {"share": 0.6}]}
MSC = ("AMSC", "UC-MSC", "BMSC")
REVIEW = {  # Tang et al. 2021: positive and negative on exosomes, else on the cells
    "AMSC": ("CD9 CD10 CD13 CD29 CD44 CD63 CD73 CD81 CD90 CD105 MHC-I", "CD3 CD19 CD45"),
    "UC-MSC": ("CD9 CD29 CD44 CD63 CD73 CD81 CD90 CD105", "CD11b CD34 CD45"),
    "BMSC": ("CD9 CD29 CD44 CD63 CD73 CD81 CD90 CD105 CD106", "CD14 CD34 CD45"),
}


def vesicles(**own):
    return population({"name": "exosome", "particles_per_mL": 1e9, **own})


def surface_marker(antigen, who):
    """Return the marker by which mass spectra count an antigen."""
    (found,) = [each for each in markers() if (each.protein, each.population) == (antigen, who)]
    assert isinstance(found, Marker)
    return found


# ---- mixtures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MARKER_PROFILES.names)
def test_a_profile_of_the_catalogue_is_a_mixture_of_at_most_eight(name):
    profile = MARKER_PROFILES.get(name)
    assert 1 <= len(profile.mixture) <= MOST_STRATA
    assert sum(stratum.share for stratum in profile.mixture) == pytest.approx(1, abs=1e-12)
    assert len({*profile.antigens}) == len(profile.antigens)


@pytest.mark.parametrize(
    "name", ["cultured cells", "microvesicles", *MSC, "colorectal cancer", "tumour", "plasma", "serum", "bovine"]
)
def test_some_vesicles_carry_no_marker(name):
    profile = MARKER_PROFILES.get(name)
    (bare,) = [each for each in profile.strata(profile.antigens) if not any(each.copies)]
    assert 0.05 < bare.share < 0.5


@given(st.lists(st.sampled_from(["CD9", "CD63", "CD81", "CD44", "CD45", "of nobody"]), unique=True))
def test_strata_keep_shares_and_means_whatever_the_antigens(antigens):
    profile = MARKER_PROFILES.get("AMSC")
    strata = profile.strata(antigens)
    assert sum(each.share for each in strata) == pytest.approx(1, abs=1e-12)
    assert len({each.copies for each in strata}) == len(strata) <= len(profile.mixture)
    for place, antigen in enumerate(antigens):
        mean = sum(each.share * each.copies[place] for each in strata)
        assert mean == pytest.approx(profile.mean_copies(antigen), abs=1e-12)


def test_the_order_of_antigens_is_that_of_the_copies():
    profile = MarkerProfile.from_table(OWN)
    assert profile.strata(["CD9", "CD81"])[0].copies == (10, 20)
    assert profile.strata(["CD81", "CD9"])[0].copies == (20, 10)
    assert [each.share for each in profile.strata([])] == [1]


def test_antigens_go_together():
    """The share with two antigens is not the product of the shares, as it were for independent ones."""
    profile = MARKER_PROFILES.get("cultured cells")
    both = sum(each.share for each in profile.strata(["CD9", "CD81"]) if min(each.copies) > 0)
    assert both == pytest.approx(0.35)
    assert both > 1.3 * profile.positive_share("CD9") * profile.positive_share("CD81")


# ---- what was published ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("cultured cells", "exosome"),
        *((name, "exosome") for name in (*MSC, "colorectal cancer", "tumour")),
        ("microvesicles", "microvesicle"),
        ("MSC microvesicles", "microvesicle"),
        ("colorectal cancer microvesicles", "microvesicle"),
        ("apoptotic bodies", "apoptotic_body"),
        ("cell", "cell"),
    ],
)
@pytest.mark.parametrize("antigen", ["CD9", "CD63", "CD81"])
def test_beads_and_mass_spectra_count_the_same_copies(name, who, antigen):
    counted = surface_marker(antigen, who).copies_on(np.array([100e-9]))[0]
    assert MARKER_PROFILES.get(name).mean_copies(antigen) == pytest.approx(counted, rel=1e-3)


def test_tetraspanins_of_blood_stand_in_the_published_order():
    """Karimi et al. 2022: CD9 most in EDTA plasma, CD63 enriched in serum, CD81 rarest, hardly any CD63 with CD81."""
    plasma, serum = MARKER_PROFILES.get("plasma"), MARKER_PROFILES.get("serum")
    assert plasma.positive_share("CD9") > serum.positive_share("CD9")
    assert serum.positive_share("CD63") > plasma.positive_share("CD63")
    for profile in (plasma, serum):
        shares = {antigen: profile.positive_share(antigen) for antigen in ("CD9", "CD63", "CD81")}
        assert min(shares, key=shares.get) == "CD81"
        both = sum(each.share for each in profile.strata(["CD63", "CD81"]) if min(each.copies) > 0)
        assert both < 0.1 * shares["CD63"]
        on_platelets = [each for each in profile.strata(["CD41", "CD9"]) if each.copies[0] > 0]
        assert all(each.copies[1] > 0 for each in on_platelets)


@pytest.mark.parametrize("name", ["colorectal cancer", "colorectal cancer microvesicles"])
def test_the_second_class_of_colorectal_cancer_alone_has_cd63(name):
    """Tauro et al. 2013: anti-A33, then anti-EpCAM; CD63 in the second class only."""
    strata = MARKER_PROFILES.get(name).strata(["A33", "EpCAM", "CD63"])
    assert all(epcam > 0 and a33 == 0 for a33, epcam, cd63 in (each.copies for each in strata) if cd63 > 0)
    assert any(a33 > 0 and epcam > 0 for a33, epcam, _ in (each.copies for each in strata))


@pytest.mark.parametrize("name", MSC)
def test_stem_cells_carry_what_the_review_lists(name):
    positive, negative = (names.split() for names in REVIEW[name])
    profile = MARKER_PROFILES.get(name)
    assert all(profile.positive_share(antigen) > 0 for antigen in positive)
    assert all(antigen in profile.antigens and profile.mean_copies(antigen) == 0 for antigen in negative)


def test_numbers_that_are_choices_are_named_unverified():
    assert {row["confidence"] for row in rows("marker_profiles")} == {"unverified"}
    for row in rows("marker_profile_antigens"):
        absent = not any(map(float, row["copies"].split()))
        assert absent or row["confidence"] == "unverified", row
        assert absent == (row["low"] == "") == (row["high"] == ""), row


def test_bands_hold_the_mean():
    for row in rows("marker_profile_antigens"):
        if row["low"]:
            mean = MARKER_PROFILES.get(row["marker_profile"]).mean_copies(row["antigen"])
            assert float(row["low"]) < mean < float(row["high"])


def test_every_line_belongs_to_a_profile_and_every_name_exists():
    names = set(MARKER_PROFILES.names)
    assert {row["marker_profile"] for row in rows("marker_profile_antigens")} <= names
    assert {row["marker_profile"] for row in rows("populations")} - {""} <= names
    assert {row["marker_profile"] for row in rows("sample_populations")} - {""} <= names
    assert sum(1 for name in names for _ in antigen_rows(name)) == len(rows("marker_profile_antigens"))


# ---- populations -----------------------------------------------------------------------------------------------


def test_a_population_has_the_profile_of_its_name_unless_it_is_given_one():
    assert vesicles().profile.name == "cultured cells"
    assert vesicles(marker_profile="amsc").profile.name == "AMSC"
    assert vesicles(marker_profile=OWN).profile.mean_copies("CD81") == 8
    own_name = population({"name": "mine", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9})
    assert own_name.profile.name == population({"name": "ldl", "particles_per_mL": 1}).profile.name == "none"
    assert population({"name": "platelet", "particles_per_mL": 1}).profile.mean_copies("CD9") > 0


@pytest.mark.parametrize("given", [None, "AMSC", OWN, {"name": "mine", **OWN}])
def test_a_population_is_described_with_its_own_profile_alone(given):
    who = vesicles(**({} if given is None else {"marker_profile": given}))
    table = describe(who)
    assert ("marker_profile" in table) == (given is not None)
    assert population(json.loads(json.dumps(table))) == who


@pytest.mark.parametrize("name", MARKER_PROFILES.names)
def test_a_profile_is_rebuilt_from_its_table(name):
    profile = MARKER_PROFILES.get(name)
    assert MarkerProfile.from_table(profile.to_table()) == profile


@pytest.mark.parametrize(
    ("sample", "names"),
    [
        ("AMSC conditioned medium", {"AMSC", "MSC microvesicles"}),
        ("platelet-poor plasma", {"plasma", "blood microvesicles"}),
        ("colorectal cancer serum-free conditioned medium", {"colorectal cancer", "colorectal cancer microvesicles"}),
    ],
)
def test_samples_name_the_profiles_of_their_vesicles(sample, names):
    recipe = sepsim.sample_from_catalog(sample, volume_mL=1)
    assert names <= {who.profile.name for who in recipe.population}
    assert sepsim.SampleRecipe.from_table(recipe.to_table()) == recipe


@pytest.mark.parametrize("sample", sample_names())
def test_populations_of_a_sample_say_no_more_than_differs(sample):
    for who in sepsim.sample_from_catalog(sample, volume_mL=1).population:
        default = population({"name": who.name, "particles_per_mL": 1}).profile
        assert ("marker_profile" in who.to_table()) == (who.profile != default)


def test_a_protocol_cites_the_profiles_that_its_steps_ask_for():
    table = {"source": "platelet-poor plasma", "volume_mL": 1}
    beads = {"method": "immunocapture", "beads": "M-280", "beads_per_mL": 1e8, "incubation_min": 60, "keep": "bound"}
    plain = {"method": "aliquot", "volume_mL": 0.5, "keep": "aliquot"}
    for antigens, cited in (("CD81", True), ("MHC-I", False)):
        step = {"name": "beads", "antigen": antigens, **beads}
        protocol = sepsim.protocol_from_table({"target": "exosome", "sample": table, "step": [step]})
        assert ("karimi2022" in protocol.sources) == cited
    protocol = sepsim.protocol_from_table({"target": "exosome", "sample": table, "step": [{"name": "part", **plain}]})
    assert "karimi2022" not in protocol.sources


# ---- bad input -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strata", "told"),
    [
        ([{"share": 0.4, "CD81": 20}, {"share": 0.5}], "add up to 0.9"),
        ([{"share": 0.1}] * 9, "at most 8 tables; 9 are given"),
        ([{"share": 0.4, "CD81": -1}, {"share": 0.6}], "stratum 1: 'CD81' = -1: copies must be at least 0"),
        ([{"share": 0.4, "CD81": "many"}, {"share": 0.6}], "stratum 1: 'CD81' = 'many'"),
        ([{"share": 0.4, "CD81": 1, "cd81": 2}, {"share": 0.6}], "stratum 1: 'cd81': given twice"),
        ([{"share": 0, "CD81": 20}, {"share": 1}], "stratum 1: share = 0: must be a number above 0"),
        ([{"CD81": 20}, {"share": 1}], "stratum 1: share: missing"),
        ([], "at least 1 and at most 8"),
        ("CD81", "strata: must be a list"),
    ],
)
def test_a_mixture_that_is_none_is_told(strata, told):
    with pytest.raises(InputError, match=told.replace("(", r"\(")):
        vesicles(marker_profile={"strata": strata})


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ("AMCS", "did you mean 'AMSC'"),
        ({"stratum": [{"share": 1}]}, "stratum: unknown key; did you mean 'strata'"),
        (7, "must be a name of `sepsim list marker_profiles`"),
        ({"strata": [{"share": 1}], "name": ""}, "name = ''"),
    ],
)
def test_a_profile_that_is_none_is_told(profile, told):
    with pytest.raises(InputError, match=told):
        vesicles(marker_profile=profile)


def test_lipoproteins_and_proteins_have_no_profile():
    with pytest.raises(InputError, match="marker_profile: unknown key"):
        population({"name": "ldl", "particles_per_mL": 1, "marker_profile": "AMSC"})


def test_antigens_are_found_whatever_their_case():
    assert (antigen_name("pd-l1"), antigen_name("PDL1"), antigen_name(" cd 81 ")) == ("PD-L1", "PD-L1", "CD81")
    assert antigen_name(" my antigen ") == "my antigen"
    assert all(antigen_name(row["antigen"]) == row["antigen"] for row in rows("marker_profile_antigens"))
    assert MarkerProfile.from_table({"strata": [{"share": 1, "cd81": 3}]}).antigens == ("CD81",)


# ---- the command line ------------------------------------------------------------------------------------------


def test_profiles_are_listed_and_shown(capsys):
    assert main(["list", "marker_profiles", "--json"]) == 0
    assert [row["marker_profile"] for row in json.loads(capsys.readouterr().out)] == [*MARKER_PROFILES.names]
    assert main(["show", "marker_profile", "AMSC"]) == 0
    text = capsys.readouterr().out
    assert "CD81" in text
    assert "absent (read)" in text
    assert main(["show", "marker_profile", "AMCS"]) == 2
    assert "did you mean 'AMSC'" in capsys.readouterr().err
    assert main(["show", "marker_profile", "none"]) == 0
