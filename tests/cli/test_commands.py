"""The command line as a user meets it: output, files, exit codes, and errors without a traceback."""

import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.text import Text
from paths import PROTOCOLS
from saved_pictures import check_png, labels, legends

from sepsim import __version__
from sepsim.cli import main
from sepsim.cli.progress import CLEAR
from sepsim.data import rows
from sepsim.media import fluid_names
from sepsim.particles.catalog import population_names
from sepsim.particles.marker_profile import MARKER_PROFILES
from sepsim.protocols.examples import example_names, load_example
from sepsim.protocols.protocol_file import load_protocol
from sepsim.rotors.rotors import ROTORS
from sepsim.rotors.tubes import TUBES
from sepsim.samples.sample_recipe import SampleRecipe, sample_names
from sepsim.settings import declared
from sepsim.techniques import METHODS

DIFFERENTIAL = str(PROTOCOLS / "differential.toml")

SMALL = """
name = "small"
[sample]
source = "urine"
volume_mL = 30
size_bins = 4
density_quantiles = 2
[[step]]
name = "pellet"
method = "centrifugation"
rotor = "Type 70 Ti"
rcf_xg = 100_000
rcf_at = "rav"
time_min = 70
keep = "pellet"
resuspend = { medium = "PBS", volume_mL = 1 }
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return str(path)


def test_run_prints_the_table(small, capsys):
    assert main(["run", small]) == 0
    out, err = capsys.readouterr()
    assert "exosome" in out
    assert "yield bench" in out
    assert "error" not in err


def test_run_prints_json_and_nothing_else(small, capsys):
    assert main(["run", small, "--json", "--seed", "7"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "sepsim.run/1"
    assert document["seed"] == 7


def test_run_writes_files_and_says_so(small, tmp_path, capsys, saved):
    names = {option: str(tmp_path / f"out{suffix}") for option, suffix in
             {"--csv": ".csv", "--json-file": ".json", "--plot": ".png"}.items()}  # fmt: skip
    arguments = ["run", small, *(word for pair in names.items() for word in pair)]
    assert main(arguments) == 0
    assert capsys.readouterr().err.count("wrote") == 3
    assert json.loads(Path(names["--json-file"]).read_text())["target"] == "exosome"
    (figure,) = saved
    check_png(names["--plot"], figure)
    assert labels(figure) == ["share of the load [%]"]
    assert {"goes on", "supernatant, left behind"} <= set(legends(figure))
    assert "exosome" in [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert Path(names["--csv"]).read_text().startswith("handling,step,fraction")
    assert main(arguments) == 0
    assert capsys.readouterr().err.count("replaced") == 3


def test_compare_makes_one_table_and_one_picture(small, tmp_path, capsys, saved):
    picture = tmp_path / "compare.png"
    assert main(["compare", small, DIFFERENTIAL, "--plot", str(picture)]) == 0
    out = capsys.readouterr().out
    assert out.index("small") < out.index("Differential ultracentrifugation")
    (figure,) = saved
    check_png(picture, figure)
    assert labels(figure) == ["yield of exosomes [%]", "purity by protein mass [%]"]
    named = " ".join(" ".join(text.get_text().split()) for text in figure.axes[0].texts)
    assert "small" in named
    assert "Differential ultracentrifugation of conditioned medium" in named
    assert main(["compare", small, DIFFERENTIAL, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["name"] == "small"
    assert rows[0]["duration_h"] == pytest.approx(70 / 60)


def test_one_bad_file_does_not_cost_the_others_their_results(small, capsys):
    assert main(["run", "nowhere.toml", small]) == 2
    out, err = capsys.readouterr()
    assert "exosome" in out
    assert "nowhere.toml: no such file" in err
    assert main(["compare", small, "nowhere.toml"]) == 2
    assert "small" in capsys.readouterr().out


def test_check_lists_every_error(tmp_path, small, capsys):
    bad = tmp_path / "bad.toml"
    bad.write_text(SMALL.replace("time_min", "time").replace("urine", "urin").replace('pellet"\nres', 'pelet"\nres'))
    assert main(["check", small, str(bad)]) == 2
    out = capsys.readouterr().out
    assert "sound; 1 step, target" in out
    assert "3 problems" in out
    assert "did you mean 'time_min'" in out
    assert "did you mean 'pellet'" in out
    assert "did you mean 'urine'" in out


LISTED = {
    "rotors": ROTORS.names,
    "tubes": TUBES.names,
    "media": fluid_names(),
    "samples": sample_names(),
    "populations": population_names(),
    "marker_profiles": MARKER_PROFILES.names,
    "techniques": METHODS,
    "examples": example_names(),
    "materials": [row["material"] for row in rows("membrane_materials")],
}


@pytest.mark.parametrize("topic", LISTED)
def test_list(topic, capsys):
    assert main(["list", topic]) == 0
    text = capsys.readouterr().out
    assert main(["list", topic, "--json"]) == 0
    names = [next(iter(row.values())) for row in json.loads(capsys.readouterr().out)]
    assert sorted(names) == sorted(LISTED[topic])
    assert all(name in text for name in names)


def test_list_alone_tells_the_topics(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.split("\n\n")[0].splitlines()
    others = {"columns", "resins", "membranes", "pellet_model", "precipitation_model", "kits", "figures"}
    others |= {"beads", "ligands", "magnets", "elutions", "capture_model", "elisa_model", "wall_chip_model"}
    others |= {"acoustic_model", "bump_array_model", "chips"}
    assert {line.split()[0] for line in lines} == {*LISTED, *others}
    assert all(len(line.split(maxsplit=1)[1]) > 10 for line in lines)
    assert main(["list", "--json"]) == 0
    assert [row["topic"] for row in json.loads(capsys.readouterr().out)] == [line.split()[0] for line in lines]


@pytest.mark.parametrize(("one", "many"), [("membrane", "membranes"), ("medium", "media"), ("material", "materials")])
def test_catalogues_are_found_as_one_or_many(one, many, capsys):
    def printed(*arguments):
        assert main(arguments) == 0
        return capsys.readouterr().out

    listed = printed("list", many, "--json")
    assert printed("list", one, "--json") == listed
    name = json.loads(listed)[0][one]
    assert printed("show", one, name) == printed("show", many, name)


def test_list_flags_unverified_rotors(capsys):
    main(["list", "rotors"])
    lines = capsys.readouterr().out.splitlines()
    told = {line.split("  ")[0] for line in lines if "  unverified" in line}
    assert told == {row["rotor"] for row in rows("rotors") if row["confidence"] == "unverified"}


@pytest.mark.parametrize(
    ("kind", "name", "piece"),
    [
        ("rotor", "type 70 ti", "91.9"),
        ("tube", "50 mL conical", "conical"),
        ("medium", "pbs", "1.583 at 4 C"),
        ("population", "ldl", "lipoprotein"),
        ("sample", "urine", "exosome"),
        ("material", "NYLON", "binds protein strongly"),
    ],
)
def test_show(kind, name, piece, capsys):
    assert main(["show", kind, name]) == 0
    out = capsys.readouterr().out
    assert piece in out
    assert "source" in out
    assert main(["show", kind, name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_an_example_is_listed_shown_and_printed(capsys):
    assert main(["list", "examples"]) == 0
    (listed,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("spin_filter_then_sec ")]
    title, methods = re.split(" {2,}", listed)[1:]
    assert title == "Spin filter, then size exclusion"
    assert methods == "centrifugation, filtration, ultrafiltration, chromatography"
    assert main(["show", "example", "rate_zonal"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["example", "rate_zonal"]
    assert shown[2].split() == ["target", "catalase"]
    assert shown[3].endswith("0.2 mL of PBS with serum albumin, alcohol dehydrogenase, catalase, thyroglobulin")
    assert shown[4].endswith("5-20 % sucrose: density_gradient, keeps fractions 10-13")


def test_new_prints_an_example_as_it_is(tmp_path, capsys):
    assert main(["new", "--example", "differential"]) == 0
    text = capsys.readouterr().out
    assert text == Path(DIFFERENTIAL).read_text(encoding="utf-8")
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    assert load_protocol(path) == load_example("differential")


def test_new_takes_an_example_or_a_technique(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["new", "--example", "differential", "centrifugation"])
    assert stop.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err


@pytest.fixture
def new(tmp_path, capsys):
    """Write the protocol that `sepsim new` prints to a file."""

    def written(technique):
        assert main(["new", *([technique] if technique else [])]) == 0
        path = tmp_path / "new.toml"
        path.write_text(capsys.readouterr().out)
        return str(path)

    return written


@pytest.mark.parametrize("technique", [None, *METHODS])
def test_new_protocols_are_sound(technique, new, capsys):
    assert main(["check", new(technique)]) == 0
    assert "sound; " in capsys.readouterr().out


LONG = {"density_gradient"}


@pytest.mark.parametrize(
    "technique",
    [pytest.param(each, marks=pytest.mark.slow if each in LONG else ()) for each in (None, *METHODS)],
)
def test_new_protocols_run(technique, new, capsys):
    path = new(technique)
    steps = load_protocol(path).steps
    assert main(["run", path, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [step["name"] for step in document["steps"]] == [step.name for step in steps]
    assert 0 < document["populations"]["exosome"]["yield"]["bench"] <= 1


@pytest.mark.parametrize("technique", ["centrifugation", "flotation"])
def test_new_names_every_key_that_a_technique_takes(technique, capsys):
    main(["new", technique])
    out, method = capsys.readouterr().out, METHODS[technique].load()
    for key in declared(method):
        assert (f"{key} =" in out) == (key not in method.refused)


@pytest.mark.parametrize("technique", ["ultrafiltration", "filtration", "chromatography"])
def test_new_shows_equipment_of_ones_own_with_every_key(technique, tmp_path, capsys):
    """As it says: without the line of the catalogue's, and without the first # of each line of one's own."""
    main(["new", technique])
    listed, _, own = capsys.readouterr().out.partition("of one's own: drop the line ")
    key = own.split(" = ")[0]
    kept = [line for line in listed.splitlines()[:-1] if not line.startswith(f"{key} = ")]
    tables = [line.removeprefix("# ") for line in own.splitlines()[2:]]
    path = tmp_path / "own.toml"
    path.write_text("\n".join([*kept, *tables]))
    (step,) = load_protocol(path).steps
    record = getattr(step.method, key)
    assert record.name == f"my {'filter' if technique == 'filtration' else key}"
    records = [record] if key == "membrane" else [record, record.resin, record.resin.binds["ldl"]]
    written = {line.removeprefix("# ").split(" =")[0] for line in tables if " =" in line}
    for each in records:
        assert {*declared(type(each))} - {"resin", "binds"} <= written


def test_cite_prints_bibtex(small, capsys):
    assert main(["cite", small]) == 0
    out = capsys.readouterr().out
    assert "@" in out
    assert "10.1038/srep17319" in out


def test_cite_prints_the_methods_section_before_the_bibliography(small, capsys):
    main(["cite", small])
    entries = capsys.readouterr().out
    assert main(["cite", small, "--methods"]) == 0
    told, _, after = capsys.readouterr().out.partition("\n\n")
    assert told == load_protocol(small).methods_section()
    assert after == entries


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nowhere.toml"], "no such file"),
        (["show", "rotor", "Typ 77 Ti"], "did you mean"),
        (["show", "medium", "BPS"], "did you mean 'PBS'"),
        (["show", "sample", "urin"], "did you mean 'urine'"),
        (["new", "centrifuge"], "did you mean 'centrifugation'"),
        (["new", "--example", "diferential"], "did you mean 'differential'?; see `sepsim list examples`"),
        (["show", "example", "plasm"], "did you mean 'plasma'"),
        (["run", DIFFERENTIAL, "--plot", "picture.gif"], "must end in .png"),
        (["run", DIFFERENTIAL, "--csv", "nowhere/out.csv"], "folder 'nowhere' does not exist"),
        (["run", DIFFERENTIAL, DIFFERENTIAL, "--csv", "out.csv"], "one FILE at a time"),
        (["run", DIFFERENTIAL, "--seed", "-1"], "at least 0"),
        (["compare", DIFFERENTIAL], "give two or more FILEs"),
        (["show", "material", "nilon"], "did you mean 'nylon'?; see `sepsim list materials`"),
    ],
)
def test_bad_input_is_one_paragraph_and_exit_code_2(arguments, message, capsys):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert "Traceback" not in err


SPOILED = {
    "unknown key": ("time_min = 70", "time_min = 70\nfoo = 1", "foo: unknown key"),
    "missing suffix": ("time_min", "time", "did you mean 'time_min'"),
    "misspelt rotor": ("Type 70 Ti", "Typ 70 Ti", "did you mean 'Type 70 Ti'"),
    "negative": ("time_min = 70", "time_min = -70", "must be above 0"),
    "nan": ("volume_mL = 30", "volume_mL = nan", "finite number"),
    "rcf and speed": ("time_min = 70", "time_min = 70\nspeed_rpm = 9000", "not both"),
    "no rcf_at": ('rcf_at = "rav"', "", "rcf_at is missing"),
    "too fast": ("rcf_xg = 100_000", "rcf_xg = 900_000", "exceeds the limit of rotor 'Type 70 Ti'"),
    "volume 0": ("volume_mL = 30", "volume_mL = 0", "must be above 0"),
    "no such fraction": ('keep = "pellet"', 'keep = "pelet"', "did you mean 'pellet'"),
    "broken TOML": ("[[step]]", "[[step", "is not valid TOML"),
    "empty sample": (
        'source = "urine"',
        'medium = "PBS"\npopulation = [{ name = "exosome", particles_per_mL = 0 }]',
        "the sample is empty",
    ),
    "text in a CSV": (
        'source = "urine"',
        'medium = "PBS"\npopulation = [{ name = "exosome", sizes_csv = "sizes.csv" }]',
        "particles_per_mL is not a number",
    ),
}


@pytest.mark.parametrize("case", SPOILED)
@pytest.mark.parametrize("command", ["run", "check"])
def test_spoiled_protocols(case, command, tmp_path, capsys):
    old, new, message = SPOILED[case]
    assert old in SMALL
    (tmp_path / "sizes.csv").write_text("diameter_nm,particles_per_mL\n50,many\n")
    path = tmp_path / "spoiled.toml"
    path.write_text(SMALL.replace(old, new))
    assert main([command, str(path)]) == 2
    out, err = capsys.readouterr()
    assert message in (out if command == "check" else err)
    assert str(path) in out + err


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("options", [[], ["--quiet"]])
def test_progress_is_a_line_on_a_terminal_unless_quiet(options, small, monkeypatch):
    monkeypatch.setattr("sepsim.cli.progress.PATIENCE_S", 0.001)
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    assert main(["run", small, *options]) == 0
    said = terminal.getvalue()
    if options:
        assert said == ""
    else:
        assert re.search(r"small\.toml: step 1 of 1, pellet(, with ideal hands)?; \d+ s", said)
        assert said.endswith(CLEAR)


def test_progress_is_silent_where_stderr_is_no_terminal(small, capsys, monkeypatch):
    monkeypatch.setattr("sepsim.cli.progress.PATIENCE_S", 0.001)
    assert main(["run", small]) == 0
    assert capsys.readouterr().err == ""


def test_one_output_that_fails_does_not_cost_the_others(small, tmp_path, capsys):
    if not Path("/dev/full").exists():
        pytest.skip("needs a device that is always full")
    csv, picture = tmp_path / "out.csv", tmp_path / "out.png"
    assert main(["run", small, "--json-file", "/dev/full", "--csv", str(csv), "--plot", str(picture)]) == 1
    out, err = capsys.readouterr()
    assert "--json-file /dev/full: cannot be written" in err
    assert "yield bench" in out
    assert csv.exists()
    assert picture.exists()


@pytest.mark.parametrize("command", ["run", "compare"])
def test_a_picture_that_fails_costs_neither_the_table_nor_the_old_picture(
    command, small, tmp_path, capsys, monkeypatch
):
    seen = []

    def broken(*_):
        seen.append(capsys.readouterr().out)
        raise RuntimeError("no such\nfont")

    for home in ("flow.protocol_flow", "comparison.yield_against_purity"):
        monkeypatch.setattr(f"sepsim.plots.{home}", broken)
    picture = tmp_path / "out.png"
    picture.write_text("old")
    files = [small] if command == "run" else [small, small]
    assert main([command, *files, "--plot", str(picture)]) == 1
    (before,) = seen
    assert "exosome" in before if command == "run" else "small" in before
    err = capsys.readouterr().err
    assert f"--plot {picture}: cannot be written (RuntimeError: no such font)\n" in err
    assert picture.read_text() == "old"


@pytest.mark.parametrize("command", ["run", "compare"])
@pytest.mark.parametrize("ending", [".png", ".PDF", ".svg"])
def test_names_that_a_picture_cannot_show_are_told_in_one_line(command, ending, tmp_path, capsys, saved):
    path, picture = tmp_path / "odd.toml", tmp_path / f"out{ending}"
    path.write_text(SMALL.replace('"small"', '"囊泡 in 囊"'), encoding="utf-8")
    files = [str(path)] if command == "run" else [str(path), str(path)]
    assert main([command, *files, "--plot", str(picture)]) == 0
    err = capsys.readouterr().err.splitlines()
    assert f"sepsim: warning: --plot {picture}: the font has no 囊 泡, drawn as boxes" in err
    assert not any("Warning" in line or "Glyph" in line for line in err)
    (figure,) = saved
    assert any("囊泡 in 囊" in text.get_text() for text in figure.findobj(Text))
    if ending == ".png":
        check_png(picture, figure)
    elif ending == ".svg":
        assert ElementTree.parse(picture).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    else:
        content = picture.read_bytes()
        assert content.startswith(b"%PDF-")
        assert content.rstrip().endswith(b"%%EOF")


def test_a_picture_without_room_is_told_in_one_line(small, tmp_path, capsys, monkeypatch):
    from sepsim.plots import pelleted_percentage

    def crowded(_):
        ax = pelleted_percentage("SW 28", speed_rpm=20_000, time_min=60)
        ax.set_yticks([50], ["y" * 300])
        return ax

    monkeypatch.setattr("sepsim.plots.flow.protocol_flow", crowded)
    picture = tmp_path / "out.png"
    assert main(["run", small, "--plot", str(picture)]) == 0
    err = capsys.readouterr().err.splitlines()
    assert err == [
        f"sepsim: warning: --plot {picture}: names are too long for the picture, which may cut them off",
        f"sepsim: wrote {picture}",
    ]


def test_outputs_replace_neither_input_nor_one_another(small, tmp_path, capsys):
    before = Path(small).read_text()
    same = str(tmp_path / "same.png")
    assert main(["run", small, "--csv", small]) == 2
    assert f"is the input {small!r}" in capsys.readouterr().err
    assert main(["run", small, "--csv", same, "--plot", same]) == 2
    assert f"is where --csv {same} goes" in capsys.readouterr().err
    assert main(["run", small, "--csv", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err
    assert Path(small).read_text() == before


def test_a_reader_that_goes_away_does_not_cost_the_files(small, tmp_path):
    csv, picture = tmp_path / "out.csv", tmp_path / "out.png"
    command = f"{sys.executable} -m sepsim run {small} --csv {csv} --plot {picture} | true"
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)
    assert csv.read_text().startswith("handling,step")
    assert picture.exists()


def test_a_terminal_without_unicode_gets_its_result(tmp_path):
    path = tmp_path / "unicode.toml"
    path.write_text(SMALL.replace('name = "small"', 'name = "kleine Vesikel \u2013 Größe"'), encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "sepsim", "run", str(path)], capture_output=True, text=True, check=True, env=environment
    )
    assert "yield bench" in done.stdout


def test_check_shows_the_warnings_of_a_run(tmp_path, capsys):
    path = tmp_path / "uncertain.toml"
    path.write_text(SMALL.replace("Type 70 Ti", "T-865"))
    assert main(["check", str(path)]) == 0
    assert "its radii are unverified" in capsys.readouterr().out


def test_a_defect_of_ours_is_no_traceback(small, capsys, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("sepsim.protocols.protocol.SampleRecipe.prepare", broken)
    assert main(["run", small]) == 1
    assert "internal error, please report it: ZeroDivisionError: oops" in capsys.readouterr().err


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("stream", "lead"), [(io.StringIO, ""), (Terminal, CLEAR)])
def test_a_warning_is_one_line(stream, lead, small, monkeypatch):
    read = SampleRecipe.prepare

    def warned(recipe):
        warnings.warn("kernels are kept elsewhere", UserWarning, stacklevel=1)
        return read(recipe)

    monkeypatch.setattr(SampleRecipe, "prepare", warned)
    monkeypatch.setattr("sys.stderr", stderr := stream())
    before = warnings.showwarning
    assert main(["check", small]) == 0
    assert stderr.getvalue() == f"{lead}sepsim: warning: kernels are kept elsewhere\n"
    assert warnings.showwarning is before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("volume_mL = 30", f"volume_mL = 1{'0' * 400}", "must be a finite number"),
        ("size_bins = 4", "size_bins = 999999999", "at most 2000"),
        ('method = "centrifugation"', 'method = ["centrifugation"]', "must be one of"),
        ('name = "pellet"', "name = true", "name = True: must be a text"),
        ('keep = "pellet"', 'keep = ["pellet"]', "is no text"),
        ("time_min = 70", 'time_min = 70\ntube = "38 x 102 mm, 94 mL"\nspeed = 3', "speed: unknown key"),
        ("time_min = 70", 'time_min = 70\ntube = "38 x 102 mm, 94 mL"', "does not fit into rotor"),
        ('source = "urine"', 'source = "urine"\n[sample.population]\nname = "ldl"\n[other]', "two brackets each"),
    ],
)
def test_odd_values(old, new, message, tmp_path, capsys):
    path = tmp_path / "odd.toml"
    path.write_text(SMALL.replace(old, new))
    assert main(["run", str(path)]) == 2
    assert message in capsys.readouterr().err


def test_a_file_of_a_windows_editor_is_read(small, tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load_protocol(path) == load_protocol(small)
    assert main(["check", str(path)]) == 0
