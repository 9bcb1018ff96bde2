"""The example protocols ship with the package, and are found by their names."""

import tomllib

import pytest
from paths import PROTOCOLS, ROOT

import sepsim
from sepsim.errors import InputError
from sepsim.protocols.examples import example_entry, example_names, example_text, examples
from sepsim.protocols.protocol_file import load_protocol


def test_every_file_is_an_example():
    assert example_names() == tuple(sorted(path.stem for path in PROTOCOLS.glob("*.toml")))
    assert len(example_names()) >= 16


@pytest.mark.parametrize("name", example_names())
def test_an_example_is_its_file(name):
    path = PROTOCOLS / f"{name}.toml"
    assert example_text(name) == path.read_text(encoding="utf-8")
    assert sepsim.load_example(name) == load_protocol(path)


@pytest.mark.parametrize("name", example_names())
def test_lists_tell_what_the_protocol_holds(name):
    protocol, entry = sepsim.load_example(name), example_entry(name)
    (row,) = [row for row in examples() if row["example"] == name]
    assert row["title"] == entry["title"] == protocol.name
    assert row["methods"].split(", ") == [*dict.fromkeys(step.method.technique for step in protocol.steps)]
    assert entry["target"] == protocol.target
    assert entry["sample"].startswith(f"{protocol.sample.volume_mL:g} mL of ")
    assert len(entry["steps"]) == len(protocol.steps)
    for told, step in zip(entry["steps"], protocol.steps, strict=True):
        assert told == f"{step.name}: {step.method.technique}, keeps {step.keep}"


@pytest.mark.parametrize("name", ["diferential", "differential.toml", "../protocols/differential"])
def test_an_unknown_name_is_told_the_nearest(name):
    with pytest.raises(InputError, match="did you mean 'differential'"):
        sepsim.load_example(name)


def test_the_package_takes_every_file_along():
    """What is no module goes into a wheel only if a pattern of pyproject.toml names it."""
    package = ROOT / "sepsim"
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["sepsim"]
    taken = {path for pattern in patterns for path in package.glob(pattern)}
    files = {path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in files if path.suffix != ".py"} == taken


def test_paths_of_the_examples_folder_lead_to_the_package():
    there = ROOT / "examples" / "protocols"
    if not there.is_symlink():
        pytest.skip("checked out without symbolic links")
    assert there.resolve() == PROTOCOLS
