"""Protocol files that are far too deep, long or large are refused in words, and soon."""

import io
import time
from pathlib import Path

import pytest
from paths import PROTOCOLS

from sepsim.cli import main
from sepsim.errors import InputError
from sepsim.protocols.protocol_file import load_protocol, protocol_from_table
from sepsim.protocols.toml_text import DEEPEST, MOST_KEYS, MOST_PARTS, parsed, refuse_excess
from sepsim.text.bounded_files import LARGEST

SOON_S = 1.0  # of the processor
PARTS = ".".join(["a"] * 20_000)
EXCESSIVE = {
    "arrays in arrays": (f"x = {'[' * 2000}{']' * 2000}", "more than 24 deep"),
    "arrays in arrays within the reach of the parser": (f"x = {'[' * 100}{']' * 100}", "more than 24 deep"),
    "tables in tables": (f"x = {'{ a = ' * 2000}1{' }' * 2000}", "more than 24 deep"),
    "diluents of diluents": (
        f"[sample]\nvolume_mL = 1\nmedium = {'{ sucrose_M = 1, diluent = ' * 60}'water'{' }' * 60}",
        "more than 24 deep",
    ),
    "key of many parts": (f"{PARTS} = 1", "more than 24 parts"),
    "key of quoted parts": (PARTS.replace("a", '"a.b"') + " = 1", "more than 24 parts"),
    "table of many parts": (f"[{PARTS}]", "more than 24 parts"),
    "inline table with a key of many parts": (f"x = {{ {PARTS} = 1 }}", "more than 24 parts"),
    "tables below one another": ("\n".join(f"[{'.'.join('a' * n)}]" for n in range(1, 200)), "more than 24 parts"),
    "number of many digits": (f"[sample]\nvolume_mL = {'1' * 5000}", "thousands of digits"),
    "hexadecimal number of many digits": (f"[sample]\nvolume_mL = 0x{'f' * 50_000}", "thousands of digits"),
    "number of many digits in a list": (f"x = [1, [0b{'1' * 20_000}]]", "thousands of digits"),
    "many keys": ("\n".join(f"k{n} = 1" for n in range(20_000)), "more than 5000 keys"),
    "many steps": ("[[step]]\n" * 20_000, "more than 5000 keys"),
    "many texts": ("[[step]]\nfrom = [" + '"a.b", ' * 20_000 + "]", "more than 5000 keys"),
    "large text": (f'name = "{"a" * LARGEST}"', "is longer than 1,000,000 characters"),
    "open string": ('name = "' + '\\"' * 200_000, "is not valid TOML"),
    "open long string": ('name = """' + '""a' * 100_000, "is not valid TOML"),
}


@pytest.mark.parametrize("case", EXCESSIVE)
@pytest.mark.parametrize("command", ["check", "run"])
def test_excess_is_refused_in_words_and_soon(case, command, tmp_path, capsys):
    text, message = EXCESSIVE[case]
    path = tmp_path / "excessive.toml"
    path.write_text(text)
    start = time.process_time()
    assert main([command, str(path)]) == 2
    assert time.process_time() - start < SOON_S
    out, err = capsys.readouterr()
    assert message in out + err
    assert "internal error" not in out + err
    assert len(out + err) < 1000


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without an end")
@pytest.mark.parametrize("command", ["check", "run", "cite"])
def test_a_file_without_an_end_is_refused(command, capsys):
    start = time.process_time()
    assert main([command, "/dev/zero"]) == 2
    assert time.process_time() - start < SOON_S
    out, err = capsys.readouterr()
    assert "longer than 1,000,000 characters" in out + err


def test_standard_input_is_read_up_to_the_same_bound(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"#" * (LARGEST + 1))))
    assert main(["check", "-"]) == 2
    assert "standard input: 1 problem\n  - is longer than 1,000,000 characters" in capsys.readouterr().out


def test_standard_input_that_is_no_text_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\x89PNG\xff"), encoding="utf-8"))
    assert main(["check", "-"]) == 2
    assert "cannot be read as a text file" in capsys.readouterr().out


def test_bounds_hold_for_tables_of_a_script_too():
    deep = {"volume_mL": 1}
    for _ in range(50_000):
        deep = {"diluent": deep}
    for table in ({"sample": deep}, {"sample": {"volume_mL": 10**5000}}, {"step": [{}] * 10_000}):
        with pytest.raises(InputError):
            protocol_from_table(table)


def test_bounds_are_reached():
    key = ".".join(["a"] * (MOST_PARTS - 1))
    assert parsed(f"{key} = 1")
    within = {}
    for _ in range(DEEPEST - 1):
        within = {"a": within}
    refuse_excess(within)
    refuse_excess({f"k{n}": 1 for n in range(MOST_KEYS)})
    with pytest.raises(InputError):
        refuse_excess({"a": within})


@pytest.mark.parametrize(
    "text",
    [
        'note = "' + "a.b" * 100 + '"',
        "note = '" + "a.b" * 100 + "'",
        'note = """' + "a.b\n" * 100 + '"""',
        'note = """"quoted" ' + "a." * 100 + '"""""',
        "note = '''" + "a." * 100 + "''''",
        "# " + "a.b" * 100 + "\nnote = 1",
        "note = [" + "1.5, " * 1000 + "]",
        '"' + "a." * 100 + '" = 1',
        'note = "' + "[" * 2000 + '"',
    ],
)
def test_dots_and_brackets_in_texts_and_numbers_are_no_parts(text):
    assert len(parsed(text)) == 1


@pytest.mark.parametrize("path", sorted(PROTOCOLS.glob("*.toml")), ids=lambda path: path.stem)
def test_examples_stay_far_within_the_bounds(path):
    assert load_protocol(path)
    assert path.stat().st_size < LARGEST / 50
