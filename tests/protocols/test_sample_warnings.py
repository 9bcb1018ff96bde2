"""What makes a sample less certain is part of the run: of its table, of its JSON, and of nothing printed besides."""

import json
import warnings

import pytest
from paths import DATA

from sepsim.cli import main
from sepsim.errors import ModelRangeWarning
from sepsim.particles.catalog import population
from sepsim.protocols.protocol_file import protocol_from_table
from sepsim.samples.sample_recipe import recipe

TAKE = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
SPIN = {"name": "spin", "method": "centrifugation", "rotor": "A-4-81", "rcf_xg": 300, "rcf_at": "rmax", "time_min": 5,
        "keep": "supernatant"}  # fmt: skip
NANOSIGHT = DATA / "nanosight_nta32_beads.csv"
BEADS = {"name": "beads", "kind": "particle", "density_g_mL": 1.05, "sizes_csv": str(NANOSIGHT)}
PLAIN = {"name": "x", "kind": "particle", "diameter_nm": 100, "density_g_mL": 1.05, "particles_per_mL": 1e9}
DOUBTFUL = {
    "a file of sizes": ({"population": [BEADS]}, "the dilution is not recorded"),
    "a hot medium": ({"population": [PLAIN], "temperature_C": 50}, "PBS: used at 50 degC"),
    "a hot solution": (
        {"population": [PLAIN], "temperature_C": 50, "medium": {"sucrose_M": 1}},
        "density of water (Kell 1975): used at 50 degC",
    ),
    "a cold syrup": (
        {"population": [PLAIN], "temperature_C": 0, "medium": {"sucrose_M": 2.5}},
        "sucrose: 862 kg/m3 at 0 degC, above the 847.9 kg/m3",
    ),
    "a crowd": ({"population": [PLAIN | {"particles_per_mL": 2e14}]}, "particles take 10.5 % of the sample's volume"),
    "a trace": ({"population": [PLAIN | {"particles_per_mL": 1e-300}]}, "1e-299 particles in the whole sample"),
    "small vesicles": (
        {"population": [{"name": "x", "kind": "vesicle", "median_diameter_nm": 15, "geometric_sd": 1.5,
                         "particles_per_mL": 1e9}]},
        "of the vesicles are smaller than 12 nm",
    ),
    "a doubt of one's own": (
        {"population": [PLAIN | {"doubts": ["counted once"]}]},
        "population 'x': counted once",
    ),
}  # fmt: skip


HOT = """
target = "beads"
[sample]
volume_mL = 10
medium = "PBS"
temperature_C = 50
[[sample.population]]
name = "beads"
kind = "particle"
density_g_mL = 1.05
sizes_csv = "nta.csv"
[[step]]
name = "take"
method = "aliquot"
volume_mL = 1
keep = "aliquot"
"""


def protocol(sample, *steps):
    own = {"volume_mL": 10, "medium": "PBS", "size_bins": 4} | sample
    return protocol_from_table({"target": own["population"][0]["name"], "sample": own, "step": [*(steps or [TAKE])]})


@pytest.mark.parametrize(("sample", "doubt"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_doubts_about_a_sample_are_in_every_record(sample, doubt):
    for _ in range(2):  # what a cache knows already is told again
        it = protocol(sample, TAKE, SPIN)
        run, dry = it.run(), it.dry_run()
        assert [text for text in run.sample_warnings if doubt in text]
        assert len({*run.warnings}) == len(run.warnings)
        assert sum(doubt in text for text in run.warnings) == 1
        assert dry.sample_warnings == run.sample_warnings
        assert json.loads(run.to_json())["warnings"][: len(run.sample_warnings)] == [*run.sample_warnings]
        assert run.summary().count(doubt) == 1


@pytest.mark.parametrize(("sample", "doubt"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_resolved_protocol_keeps_the_doubts(sample, doubt):
    run = protocol(sample).run()
    again = protocol_from_table(json.loads(run.to_json())["protocol"]).run()
    assert again.to_json() == run.to_json()


@pytest.mark.parametrize(("sample", "doubt"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_who_prepares_a_sample_alone_is_warned(sample, doubt):
    own = recipe({"volume_mL": 10, "medium": "PBS"} | sample)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        own.prepare()
    assert all(issubclass(item.category, ModelRangeWarning) for item in caught)
    assert sum(doubt in str(item.message) for item in caught) == 1


def test_a_sound_sample_has_no_warnings():
    assert protocol({"population": [PLAIN]}).run().sample_warnings == ()


@pytest.mark.parametrize("amount", [{"particles_per_mL": 1e9}, {"mass_mg_per_mL": 0.1}])
def test_a_dilution_does_not_matter_where_the_amount_is_given(amount):
    assert population(BEADS | amount).warnings == ()


def test_a_file_adds_to_the_doubts_that_are_given():
    told = population(BEADS | {"doubts": ["shaken"]}).warnings
    assert told[0] == "population 'beads': shaken"
    assert "dilution" in told[1]
    assert len(told) == 2


@pytest.mark.parametrize("command", ["run", "check"])
def test_the_command_tells_each_doubt_once_and_without_lines_of_source(command, tmp_path, capsys):
    (tmp_path / "nta.csv").write_text(NANOSIGHT.read_text(encoding="utf-8"), encoding="utf-8")
    path = tmp_path / "hot.toml"
    path.write_text(HOT, encoding="utf-8")
    assert main([command, str(path)]) == 0
    out, err = capsys.readouterr()
    for doubt in ("the dilution is not recorded", "PBS: used at 50 degC"):
        assert (out + err).count(doubt) == 1
    assert "ModelRangeWarning" not in out + err
