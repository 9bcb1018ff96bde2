"""What users wrote is repeated in one line, shortened, and harmless to a terminal; sound names stay as they are."""

import pickle
import tomllib
import unicodedata

import pytest
from conftest import conditioned_medium, protocol

from sepsim.cli import main
from sepsim.errors import InputError, ModelRangeWarning, ProtocolError, did_you_mean
from sepsim.handling import Aliquot
from sepsim.protocols.protocol import Step
from sepsim.protocols.protocol_file import load_protocol, protocol_from_table
from sepsim.settings import toml_value
from sepsim.text.quoting import brief, escaped, quoted
from sepsim.text.tables import columns, cut

SOUND = ["Überstand", "größe", "外泌体 大小", "عينة", "می‌خواهم", "O'Brien", "ideographic　space", "a\u00a0b", "😀"]
EVIL = "red \x1b[31m\x9b2J\r\nsepsim: error: forged \u202egnp.exe\u2066\u200b\x07"
LONG = "a very long name " * 6000


def harmless(text):
    """Whether nothing in a text does more than a line feed."""
    return all(unicodedata.category(each) not in ("Cc", "Cf", "Zl", "Zp") for each in text.replace("\n", ""))


@pytest.mark.parametrize("name", SOUND)
def test_sound_names_stay_as_they_are(name):
    assert escaped(name) == brief(name) == cut(name, 50) == name
    assert quoted(name).strip("'\"") == name
    assert str(InputError(f"step {quoted(name)}: wrong")) == f"step {quoted(name)}: wrong"
    assert name in columns(["population"], [[name]])
    assert toml_value(name) == f'"{name}"'


@pytest.mark.parametrize("name", [EVIL, LONG, EVIL * 1000])
def test_whatever_is_raised_or_warned_of_is_short_and_harmless(name):
    for text in (
        str(InputError(f"{name}: wrong", f"wrong is {name}").within(name)),
        str(ProtocolError(name)),
        str(ModelRangeWarning(name)),
        columns([name], [[name]]),
        quoted(name),
        quoted([name, {"key": name}]),
    ):
        assert harmless(text)
        assert len(text) < 10_000
        assert text.count("\n") <= 2


def test_problems_stay_apart_however_they_are_written():
    error = InputError("one\ntwo", "three")
    assert error.problems == ("one\\ntwo", "three")
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
    assert error.within("here").problems == ("here: one\\ntwo", "here: three")


def test_numbers_and_tables_too_long_for_python_are_quoted_all_the_same():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert quoted(1 << 100_000) == quoted(deep) == "what is too long to show"


def test_names_beyond_any_length_have_no_neighbours():
    assert did_you_mean("exosome" * 100_000, ["exosome"]) == ""


@pytest.mark.parametrize("name", [EVIL, *SOUND])
def test_written_names_read_back_the_same(name):
    text = f"name = {toml_value(name)}"
    assert tomllib.loads(text)["name"] == name
    assert harmless(text.replace("\u200c", ""))


def named(name):
    """Return a protocol in which all that can be named has a name."""
    own = [{"name": name, "kind": "vesicle", "particles_per_mL": 1e9, "diameter_nm": 100}]
    medium = {"name": name, "density_g_mL": 1.0, "viscosity_mPa_s": 1.0}
    return {
        "name": name,
        "target": name,
        "sample": {"volume_mL": 60, "medium": medium, "population": own},
        "step": [{"name": name, "method": "aliquot", "volume_mL": 15, "keep": "aliquot"}],
    }


WRONG = {
    "keep": {"keep": "LONG"},
    "from": {"from": "LONG.LONG"},
    "method": {"method": "LONG"},
    "value": {"volume_mL": "LONG"},
    "key": {"LONG": 1},
    "no volume": {"volume_mL": 1000},
}


@pytest.mark.parametrize("name", [EVIL, LONG])
@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("command", ["check", "run"])
def test_wrong_protocols_are_told_shortly(name, case, command, tmp_path, capsys):
    table = named(name)
    wrong = {key.replace("LONG", name): value for key, value in WRONG[case].items()}
    wrong = {key: value.replace("LONG", name) if isinstance(value, str) else value for key, value in wrong.items()}
    table["step"][0] |= wrong
    told = printed(command, table, tmp_path, capsys, code=2)
    assert "step 1" in told or case == "no volume"


@pytest.mark.parametrize("name", [EVIL, LONG])
@pytest.mark.parametrize("command", ["check", "run", "cite"])
def test_sound_protocols_are_told_shortly(name, command, tmp_path, capsys):
    told = printed(command, named(name), tmp_path, capsys, code=0)
    expected = {"check": "sound; 1 step", "run": "yield bench", "cite": "\n"}[command]
    assert expected == told if command == "cite" else expected in told  # of a sample of one's own there is no source


def printed(command, table, tmp_path, capsys, *, code):
    """Return what a command prints of a protocol."""
    path = tmp_path / "named.toml"
    steps = [f"[[step]]\n{lines(step)}" for step in table["step"]]
    path.write_text(lines({k: table[k] for k in ("name", "target", "sample")}) + "\n".join(steps), encoding="utf-8")
    assert main([command, str(path)]) == code
    out, err = capsys.readouterr()
    assert harmless(out + err)
    assert max(map(len, (out + err).splitlines())) < 2500
    assert not any(line.startswith("sepsim: error: forged") for line in (out + err).splitlines())
    return out + err


def lines(table):
    return "".join(f"{toml_value(key)} = {toml_value(value)}\n" for key, value in table.items())


def test_lines_of_records_are_harmless():
    step = Step(name=EVIL, method=Aliquot(volume_mL=15), keep="aliquot")
    run = protocol(EVIL, step, sample=conditioned_medium()).run()
    own = protocol_from_table(named(EVIL))
    for record in (run, step, run.bench[0], own, own.sample, own.run().product, own.run().product.medium):
        assert harmless(repr(record))
        assert "\n" not in repr(record)
        assert harmless(getattr(record, "_repr_html_", str)().replace("\n", ""))
    assert harmless(run.summary())


def test_paths_and_arguments_are_repeated_harmlessly(tmp_path, capsys):
    assert main(["check", str(tmp_path / EVIL)]) == 2
    assert main(["run", str(tmp_path / ("x" * 100_000))]) == 2
    assert main(["show", "rotor", EVIL]) == 2
    with pytest.raises(SystemExit):
        main(["list", EVIL])
    with pytest.raises(SystemExit):
        main(["list", "rotors", LONG])
    out, err = capsys.readouterr()
    assert harmless(out + err)
    assert max(map(len, (out + err).splitlines())) < 2500


def test_load_protocol_repeats_long_paths_in_part(tmp_path):
    with pytest.raises(InputError) as caught:
        load_protocol(tmp_path / "x" / ("y" * 10_000))
    assert len(str(caught.value)) < 500
