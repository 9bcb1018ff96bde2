"""How much of a liquid its particles take up: the limits, the same whatever the bins, and in every technique."""

import warnings

import pytest

from sepsim.errors import InputError, ModelRangeWarning
from sepsim.particles.catalog import population
from sepsim.protocols.protocol_file import protocol_from_table
from sepsim.samples.crowding import about_crowding, refuse_fuller
from sepsim.samples.sample_recipe import recipe, sample_from_catalog, sample_names

BLOOD = [  # 45 % of cells in plasma, of which the volume is 55 %
    {"name": "erythrocyte", "particles_per_mL": 4.84e9},
    {"name": "platelet", "particles_per_mL": 2.5e8},
    {"name": "albumin", "mass_mg_per_mL": 22},
    {"name": "igg", "mass_mg_per_mL": 5.5},
    {"name": "fibrinogen", "mass_mg_per_mL": 1.7},
]
WIDE = {"name": "x", "kind": "particle", "median_diameter_nm": 500, "geometric_sd": 2.5, "density_g_mL": 1.1}
STEPS = {
    "aliquot": {"volume_mL": 1, "keep": "aliquot"},
    "filtration": {"membrane": "PVDF 0.22 um", "pressure_bar": 1, "keep": "permeate"},
    "chromatography": {
        "column": "Sepharose CL-2B, 10 mL",
        "flow_mL_min": 0.5,
        "fraction_volume_mL": 1,
        "fractions": 9,
        "keep": "fraction 3",
    },
    "centrifugation": {"rotor": "A-4-81", "rcf_xg": 300, "rcf_at": "rmax", "time_min": 10, "keep": "supernatant"},
}


def sample(*populations, **changes):
    return recipe({"volume_mL": 10, "medium": "plasma", "population": [*populations]} | changes)


def spheres(volume_fraction, name="x", nm=100.0):
    amount = volume_fraction / (0.5235987755982988 * (nm * 1e-7) ** 3)
    return {"name": name, "kind": "particle", "diameter_nm": nm, "density_g_mL": 1.1, "particles_per_mL": amount}


def warned(of):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        of.prepare()
    return [str(item.message) for item in caught]


@pytest.mark.parametrize("method", STEPS)
@pytest.mark.parametrize("attempt", ["run", "dry_run"])
def test_no_technique_takes_particles_that_fill_more_than_the_liquid(method, attempt):
    step = {"name": "it", "method": method} | STEPS[method]
    own = {"volume_mL": 1.5, "medium": "PBS", "population": [spheres(382.0)]}
    protocol = protocol_from_table({"target": "x", "sample": own, "step": [step]})
    with pytest.raises(InputError, match="382 times the volume of the sample"):
        getattr(protocol, attempt)()


def test_the_refusal_names_who_takes_most_and_what_to_try():
    with pytest.raises(InputError) as caught:
        sample(spheres(0.2, "few"), spheres(0.5, "many", 200)).prepare()
    (text,) = caught.value.problems
    for piece in ("0.7 times", "at most 0.64", "'many' with 0.5 times", "particles_per_mL = 1.19366e+14",
                  "diameter_nm = 200", "lower amount", "smaller sizes", "larger volume_mL"):  # fmt: skip
        assert piece in text
    assert "few" not in text


@pytest.mark.parametrize("bins", [1, 8, 40, 400])
@pytest.mark.parametrize("amount", ["particles_per_mL", "mass_mg_per_mL"])
def test_the_limit_is_the_same_for_any_bins(bins, amount):
    one = population(WIDE | {amount: 1}).volume_fraction
    for times, told in ((0.04, 0), (0.06, 1), (0.63, 1)):
        assert len(warned(sample(WIDE | {amount: times / one}, size_bins=bins))) == told
    with pytest.raises(InputError, match=r"0\.65 times"):
        sample(WIDE | {amount: 0.65 / one}, size_bins=bins).prepare()


def test_mass_and_number_of_the_same_particles_take_the_same_volume():
    one = population(WIDE | {"particles_per_mL": 1e8})
    classes = one.classes(400, 1)
    mass = one.concentration(classes) * float(classes.weight @ classes.mass)
    again = population(WIDE | {"mass_mg_per_mL": mass})
    assert again.volume_fraction == pytest.approx(one.volume_fraction, rel=0.12)  # bins end at 4 standard deviations


def test_the_volume_is_that_of_the_particles_in_the_sample():
    worn = {"name": "x", "kind": "vesicle", "median_diameter_nm": 85, "geometric_sd": 1.4, "particles_per_mL": 1e13}
    poured = sample(worn, corona_thickness_nm=5, size_bins=400).prepare()
    taken = float(poured.counts @ poured.particles.diameter**3) * 0.5235987755982988 / poured.volume
    assert population(worn | {"corona_thickness_nm": 5}).volume_fraction == pytest.approx(taken, rel=2e-3)


def test_a_corona_of_the_sample_counts():
    bare = spheres(0.5) | {"kind": "vesicle"}
    with pytest.raises(InputError, match="corona_thickness_nm = 100"):
        sample(bare, corona_thickness_nm=100).prepare()
    assert len(warned(sample(bare))) == 1


@pytest.mark.parametrize("name", sample_names())
def test_samples_of_the_catalogue_are_not_crowded(name):
    assert warned(sample_from_catalog(name, volume_mL=1)) == []


def test_whole_blood_is_legal_and_told():
    (told,) = [text for text in warned(sample(*BLOOD)) if "hinder" in text]
    assert told.startswith("particles take 45.2 % of the sample's volume, most of it population 'erythrocyte'")
    assert "particles_per_mL = 4.84e+09" in told
    assert "hinder one another" in told


def test_much_protein_is_legal():
    albumin = {"name": "albumin", "mass_mg_per_mL": 300}  # half of the volume is that of hydrated molecules
    assert population(albumin).volume_fraction == pytest.approx(0.488, abs=1e-3)
    assert not any("hinder" in text for text in warned(sample(albumin)))


def test_the_load_is_told_once_and_what_later_steps_crowd_with_them():
    cells = {"name": "cell", "kind": "particle", "diameter_nm": 1e4, "density_g_mL": 1.1, "particles_per_mL": 1.2e8}
    spin = {"name": "spin", "method": "centrifugation"} | STEPS["centrifugation"]
    thin = {"name": "thin", "method": "dilution", "medium": "PBS", "factor": 100, "keep": "diluted"}
    pellet = spin | {"name": "pellet", "keep": "pellet", "resuspend": {"medium": "PBS", "volume_mL": 5}}
    take = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    own = {"volume_mL": 10, "medium": "PBS", "population": [cells]}
    run = protocol_from_table({"target": "cell", "sample": own, "step": [pellet, take]}).run()
    crowded = [text for text in run.warnings if "hinder" in text]
    assert len(crowded) == 2
    assert crowded[0].startswith("particles take 6.3 % of the sample's volume")
    assert crowded[1].startswith("take: particles fill ")
    thinned = protocol_from_table({"target": "cell", "sample": own, "step": [thin, spin]}).run()
    assert [text for text in thinned.warnings if "hinder" in text] == crowded[:1]


def test_a_step_refuses_more_than_its_volume():
    full = sample(spheres(0.6), medium="PBS")
    with pytest.warns(ModelRangeWarning, match="hinder"):
        loaded = full.prepare()
    halved = loaded.take(1.0, 0.5 * loaded.volume)[0]
    with pytest.raises(InputError, match=r"1\.2 times the volume"):
        refuse_fuller(halved)
    refuse_fuller(loaded)
    refuse_fuller(loaded.take(1.0, 0.0)[0])  # a dry pellet is no suspension
    assert [*about_crowding(loaded.take(1.0, 0.0)[0])] == []
