"""Every problem of a protocol file is told at once, and each once."""

from pathlib import Path

import pytest

from sepsim.cli import main
from sepsim.errors import InputError, ProtocolError
from sepsim.protocols.protocol import Protocol
from sepsim.protocols.protocol_file import protocol_from_table
from sepsim.samples.sample_recipe import recipe_draft

EIGHT = """
target = "exosom"

[sample]
source = "urine"
volume_mL = 0
colour = "red"

[[step]]
name = "clear"
method = "centrifugation"
rotor = "A-4-81"
rcf_xg = 2000
time_min = "20"
keep = "supernatent"

[[step]]
name = "pellet"
method = "centrifugation"
rotor = "Type 70 Ti"
rcf_xg = 100_000
rcf_at = "rav"
keep = "pelet"
"""

SAMPLE = {"source": "urine", "volume_mL": 30}
OWN = {"volume_mL": 30, "medium": "PBS", "population": [{"name": "exosome", "particles_per_mL": 1e9}]}
SPIN = {
    "name": "spin",
    "method": "centrifugation",
    "rotor": "Type 70 Ti",
    "rcf_xg": 100_000,
    "rcf_at": "rav",
    "time_min": 70,
    "resuspend": {"medium": "PBS", "volume_mL": 1},
    "keep": "pellet",
}
TAKE = {"name": "take", "method": "aliquot", "volume_mL": 0.5, "keep": "aliquot"}
COLUMN = {
    "name": "column",
    "method": "chromatography",
    "column": "Sepharose CL-4B, 10 mL",
    "flow_mL_min": 0.5,
    "fraction_volume_mL": 0.5,
    "fractions": 20,
    "keep": "fraction 8",
}
GRADIENT = {
    "name": "gradient",
    "method": "density_gradient",
    "rotor": "SW 41 Ti",
    "rcf_xg": 100_000,
    "rcf_at": "rav",
    "time_min": 1080,
    "layers": [{"volume_mL": 3, "iodixanol_percent_w_v": c, "diluent": "PBS"} for c in (5, 10, 20)],
    "fractions": 12,
    "keep": "fraction 8",
}


def problems(*steps, sample=SAMPLE, **changes):
    with pytest.raises(InputError) as caught:
        protocol_from_table({"sample": sample, "step": list(steps or [SPIN])} | changes)
    return list(caught.value.problems)


def without(table, *keys):
    return {key: value for key, value in table.items() if key not in keys}


def test_a_file_with_eight_faults_takes_one_round(tmp_path, capsys):
    path = tmp_path / "eight.toml"
    path.write_text(EIGHT)
    assert main(["check", str(path)]) == 2
    out = capsys.readouterr().out
    assert "8 problems" in out
    for piece in (
        "target = 'exosom': the sample holds no such population; did you mean 'exosome'?",
        "[sample]: volume_mL = 0",
        "[sample]: colour: unknown key",
        "step 1 'clear': time_min = '20': must be a number",
        "step 1 'clear': rcf_xg = 2000: rcf_at is missing",
        "step 1 'clear': keep = 'supernatent': method 'centrifugation' hands out",
        "step 2 'pellet': time_min: missing",
        "step 2 'pellet': keep = 'pelet': method 'centrifugation' hands out",
    ):
        assert piece in out
    mended = EIGHT.replace("exosom", "exosome").replace("volume_mL = 0", "volume_mL = 10").replace('colour = "red"', "")
    mended = mended.replace('time_min = "20"', 'time_min = 20\nrcf_at = "rmax"').replace("supernatent", "supernatant")
    mended = mended.replace('"rav"', '"rav"\ntime_min = 70\nresuspend = { medium = "PBS", volume_mL = 1 }')
    path.write_text(mended.replace("pelet", "pellet"))
    assert main(["check", str(path)]) == 0


# ---- what hides what: (sample, steps, changes, what must be told), one problem for each piece ---------------------

TOLD = {
    "unknown source, unknown key": (
        SAMPLE | {"source": "urin", "colour": 1, "volume_mL": "30"},
        [SPIN],
        ["did you mean 'urine'", "colour: unknown key", "volume_mL = '30'"],
    ),
    "source that is no text": (SAMPLE | {"source": 5, "size_bins": 0}, [SPIN], ["source = 5", "size_bins = 0"]),
    "population that is no list": (
        {"medium": "PSB", "population": {"name": "exosome"}},
        [SPIN],
        ["two brackets", "volume_mL: missing", "did you mean 'PBS'"],
    ),
    "population of an unknown kind": (
        OWN | {"population": [{"name": "x", "kind": "vesikle", "particles_per_mL": -1, "colour": 1}], "volume_mL": 0},
        [SPIN],
        ["did you mean 'vesicle'", "particles_per_mL = -1", "colour: unknown key", "volume_mL = 0"],
    ),
    "sizes that cannot be read": (
        OWN | {"population": [{"name": "exosome", "sizes_csv": "nowhere.csv", "density_g_mL": 99}]},
        [SPIN],
        ["nowhere.csv: no such file", "density_g_mL = 99"],
    ),
    "wrong amount, two ways for sizes": (
        OWN | {"population": [{"name": "x", "kind": "vesicle", "particles_per_mL": "many", "median_diameter_nm": 80}]},
        [TAKE],
        ["particles_per_mL = 'many'", "give its sizes in exactly one way", "target = 'exosome'"],
    ),
    "the same population twice beside a source": (
        SAMPLE | {"population": [{"name": "ldl", "particles_per_mL": 1e9}] * 2},
        [SPIN],
        ["population 'ldl': given twice"],
    ),
    "wrong sample, wrong target, wrong step": (
        SAMPLE | {"volume_mL": 0},
        [SPIN | {"keep": "pelet"}],
        ["volume_mL = 0", "keep = 'pelet'", "target = 'exosom'"],
    ),
    "wrong type, wrong keep, missing key": (
        SAMPLE,
        [without(SPIN, "rotor") | {"rcf_xg": "many", "keep": "pelet"}],
        ["rcf_xg = 'many'", "rotor: missing", "keep = 'pelet'"],
    ),
    "unknown rotor, missing radius": (
        SAMPLE,
        [without(SPIN, "rcf_at") | {"rotor": "Typ 70 Ti"}],
        ["did you mean 'Type 70 Ti'", "rcf_at is missing"],
    ),
    "conflict, wrong keep": (
        SAMPLE,
        [SPIN | {"speed_rpm": 1000, "keep": "pelet"}],
        ["give one of them, not both", "keep = 'pelet'"],
    ),
    "wrong flow, wrong fraction": (
        SAMPLE,
        [COLUMN | {"flow_mL_min": 0, "keep": "fraction 21"}],
        ["flow_mL_min = 0", "the last fraction is 'fraction 20'"],
    ),
    "wrong flow, half of a pair": (
        SAMPLE,
        [without(COLUMN, "fractions") | {"flow_mL_min": 0}],
        ["flow_mL_min = 0", "give fraction_volume_mL and fractions together"],
    ),
    "wrong volume, no layers": (
        SAMPLE,
        [without(GRADIENT, "layers") | {"fraction_volume_mL": -1, "rcf_at": "top"}],
        ["fraction_volume_mL = -1", "rcf_at = 'top'", "give exactly one of layers and gradient"],
    ),
    "wrong factor, no module": (
        SAMPLE,
        [{"method": "ultrafiltration", "membrane": "Amicon Ultra-15 100 kDa", "concentration_factor": 0, "keep": "x"}],
        ["concentration_factor = 0", "give exactly one of spin_filter", "keep = 'x'"],
    ),
    "wrong gradient, wrong range": (
        SAMPLE,
        [GRADIENT | {"time_min": -1, "keep": "fractions 9-13"}],
        ["time_min = -1", "the last fraction is 'fraction 12'"],
    ),
    "broken step, source that is not handed out": (
        SAMPLE,
        [SPIN | {"time_min": -1}, TAKE | {"from": "spin.pelet"}],
        ["time_min = -1", "from = 'spin.pelet'"],
    ),
    "fraction of an unknown method used twice": (
        SAMPLE,
        [SPIN | {"method": "spin"}, TAKE | {"from": "spin.pellet"}, TAKE | {"name": "again", "from": "spin.pellet"}],
        ["method = 'spin'", "already used by step 'take'"],
    ),
    "step that is no table": (SAMPLE, [5, TAKE | {"volume_mL": 0}], ["step 1: 5: must be a table", "volume_mL = 0"]),
    "measure of a solution, wrong diluent": (
        SAMPLE,
        [SPIN | {"resuspend": {"volume_mL": 0, "medium": {"sucrose": 30, "diluent": "BPS"}}}],
        ["sucrose: which measure?", "did you mean 'PBS'", "volume_mL = 0"],
    ),
    # one typo is one problem
    "misspelt fraction of a middle step": (SAMPLE, [SPIN | {"keep": "pelet"}, TAKE], ["keep = 'pelet'"]),
    "misspelt required key": (SAMPLE, [without(SPIN, "time_min") | {"tiem_min": 70}], ["did you mean 'time_min'"]),
    "misspelt key of a pair": (SAMPLE, [without(SPIN, "rcf_xg") | {"rfc_xg": 70}], ["did you mean 'rcf_xg'"]),
    "misspelt keep": (SAMPLE, [without(SPIN, "keep") | {"kepe": "pellet"}], ["did you mean 'keep'"]),
    "misspelt from": (SAMPLE, [TAKE, SPIN, TAKE | {"name": "more", "form": "take.rest"}], ["did you mean 'from'"]),
    "misspelt source": ({"souce": "urine", "volume_mL": 30}, [SPIN], ["did you mean 'source'"]),
    "misspelt name of a population": (
        OWN | {"population": [{"name": "exosom", "particles_per_mL": 1e9}]},
        [SPIN],
        ["population 'exosom': unknown"],
    ),
    # what depends on what is wrong is not told
    "fractions that depend on a wrong setting": (
        SAMPLE,
        [SPIN | {"wash": {"medium": "BPS", "volume_mL": 1}, "keep": "wash"}],
        ["did you mean 'PBS'"],
    ),
    "fractions that depend on a missing setting": (
        SAMPLE,
        [without(COLUMN, "fraction_volume_mL")],
        ["give fraction_volume_mL and fractions together"],
    ),
    "number of fractions that is wrong": (SAMPLE, [GRADIENT | {"fractions": 0}], ["fractions = 0"]),
    "target of an unknown sample": (SAMPLE | {"source": "urin"}, [SPIN], ["did you mean 'urine'"]),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_is_wrong_is_told_at_once_and_once(case):
    sample, steps, pieces = TOLD[case]
    target = "exosom" if "target = 'exosom'" in pieces else "exosome"
    found = problems(*steps, sample=sample, target=target)
    for piece in pieces:
        assert [piece in text for text in found].count(True) == 1, (piece, found)
    assert len(found) == len(pieces), found


@pytest.mark.parametrize(
    ("changes", "pieces"),
    [
        (
            {"target": 5, "sample": 3, "step": [SPIN | {"time_min": 0}]},
            ["target = 5", "[sample]: must be one table", "time_min = 0"],
        ),
        ({"step": 3, "sample": SAMPLE | {"volume_mL": 0}}, ["volume_mL = 0", "step: must be a list"]),
        ({"step": []}, ["step: missing"]),
        ({"targt": "exosome"}, ["did you mean 'target'"]),
    ],
)
def test_wrong_tables_at_the_top_hide_nothing(changes, pieces):
    found = problems(**changes)
    assert len(found) == len(pieces), found
    assert all(piece in text for piece, text in zip(pieces, found, strict=True))


def test_misspelt_tables_at_the_top_are_one_problem_each():
    with pytest.raises(InputError) as caught:
        protocol_from_table({"sampel": SAMPLE, "stpe": [SPIN]})
    assert [text.split(":")[0] for text in caught.value.problems] == ["sampel", "stpe"]


def test_amounts_are_known_as_far_as_their_populations_are_sound():
    own = [{"name": "ldl", "particles_per_mL": 0}, {"name": "hdl", "particles_per_mL": -1}]
    draft = recipe_draft(SAMPLE | {"population": own, "volume_mL": 0})
    assert draft.amounts["ldl"] == 0
    assert draft.amounts["hdl"] is None
    assert draft.amounts["exosome"] > 0
    assert len(draft.problems) == 2


# ---- several files ------------------------------------------------------------------------------------------------

SOUND = """
[sample]
source = "urine"
volume_mL = 10
[[step]]
name = "take"
method = "aliquot"
volume_mL = 1
keep = "aliquot"
"""


@pytest.fixture
def files(tmp_path):
    """Write sound files under names, and return their paths."""

    def written(*names):
        for name in names:
            (tmp_path / name).write_text(SOUND)
        return [str(tmp_path / name) for name in names]

    return written


def failing(monkeypatch, name, error):
    """Let the dry run of the protocol of a name fail."""
    real = Protocol.dry_run

    def dry_run(protocol):
        if protocol.name == name:
            raise error
        return real(protocol)

    monkeypatch.setattr(Protocol, "dry_run", dry_run)


def test_check_goes_on_after_a_failure_in_one_file(files, monkeypatch, capsys):
    paths = files("first.toml", "second.toml", "third.toml")
    failing(monkeypatch, "second", ProtocolError("step 'take': particles got lost"))
    assert main(["check", *paths]) == 1
    out = capsys.readouterr().out
    assert out.index("first.toml: sound") < out.index("second.toml: fails") < out.index("third.toml: sound")
    assert "  - step 'take': particles got lost\n" in out


@pytest.mark.parametrize("order", [("bad.toml", "fails.toml"), ("fails.toml", "bad.toml")])
def test_bad_input_goes_before_a_failure_in_the_exit_code(order, files, monkeypatch, capsys):
    paths = files(*order)
    failing(monkeypatch, "fails", ProtocolError("no"))
    bad = next(path for path in paths if path.endswith("bad.toml"))
    Path(bad).write_text(SOUND.replace("aliquot", "aliqout"))
    assert main(["check", *paths]) == 2
    out = capsys.readouterr().out
    assert "bad.toml: 1 problem" in out
    assert "fails.toml: fails in a dry run" in out


def test_a_wrong_force_hides_no_missing_radius():
    spin = {key: value for key, value in SPIN.items() if key not in ("speed_rpm", "rcf_xg", "rcf_at")}
    found = problems(spin | {"rcf_xg": "fast"})
    assert len(found) == 2, found
    assert "rcf_xg = 'fast': must be" in found[0]
    assert "rcf_at: missing; rcf_xg goes with it" in found[1]


def test_a_setting_is_told_once():
    dilution = {"name": "thin", "method": "dilution", "factor": 2, "keep": "diluted", "medium": "watr"}
    (found,) = problems(dilution)
    assert found.count("medium = 'watr'") == 1
    assert "did you mean 'water'" in found
