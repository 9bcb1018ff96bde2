"""Files that commands write replace neither what they read nor one another, and are whole or as they were."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sepsim.cli import main
from sepsim.cli.outputs import Output, check_outputs
from sepsim.errors import InputError
from sepsim.protocols.protocol import Protocol
from sepsim.protocols.protocol_file import dump_protocol, load_protocol

MEASURED = """
[sample]
medium = "PBS"
volume_mL = 10
size_bins = 2
population = [{ name = "exosome", sizes_csv = "nta.csv" }, { name = "albumin", mass_mg_per_mL = 1 }]
[[step]]
name = "take"
method = "aliquot"
volume_mL = 1
keep = "aliquot"
"""
SIZES = "diameter_nm,particles_per_mL\n80,1e9\n120,2e9\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A protocol and the sizes that it reads."""
    (tmp_path / "nta.csv").write_text(SIZES)
    (tmp_path / "p.toml").write_text(MEASURED)
    (tmp_path / "q.toml").write_text(MEASURED.replace("nta.csv", "more.csv"))
    (tmp_path / "more.csv").write_text(SIZES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def unrun(monkeypatch):
    """Let no protocol run: what is refused costs no time."""

    def run(*_, **__):
        raise AssertionError("run all the same")

    monkeypatch.setattr(Protocol, "run", run)


def outputs(*paths):
    return [Output(f"--csv {path}", str(path), lambda _: None) for path in paths]


def refused(paths, inputs=()):
    with pytest.raises(InputError) as caught:
        check_outputs(outputs(*paths), inputs)
    return caught.value.problems


# ---- what is read -------------------------------------------------------------------------------------------


def test_a_protocol_knows_which_files_it_read(folder):
    protocol = load_protocol(folder / "p.toml")
    assert protocol.files == (folder / "nta.csv",)
    assert load_protocol("p.toml").files == (Path("nta.csv"),)
    (folder / "resolved.toml").write_text(dump_protocol(protocol))
    resolved = load_protocol(folder / "resolved.toml")
    assert resolved == protocol
    assert resolved.files == ()


@pytest.mark.parametrize("command", [["run", "p.toml"], ["compare", "p.toml", "q.toml"], ["massspec", "p.toml"]])
@pytest.mark.parametrize("name", ["nta.csv", "p.toml", "./p.toml", "linked.csv", "hard.csv"])
def test_no_output_replaces_an_input(name, command, folder, capsys, unrun):
    (folder / "linked.csv").symlink_to("nta.csv")
    (folder / "hard.csv").hardlink_to("nta.csv")
    assert main([*command, "--csv", name]) == 2
    read = "p.toml" if "p.toml" in name else "nta.csv"
    assert capsys.readouterr().err == f"sepsim: error: --csv {name}: is the input '{read}'; choose another name\n"
    assert (folder / "nta.csv").read_text() == SIZES


def test_no_output_replaces_an_input_of_any_protocol(folder, capsys, unrun):
    assert main(["compare", "p.toml", "q.toml", "--json-file", "more.csv"]) == 2
    assert "is the input 'more.csv'" in capsys.readouterr().err


def test_a_figure_in_a_folder_replaces_no_input():
    assert refused(["figures/overview.png"], ["figures/overview.png"])


def test_no_output_replaces_what_standard_input_reads(folder):
    if not Path("/dev/stdin").exists():
        pytest.skip("needs a name for what standard input reads")
    arguments = [sys.executable, "-m", "sepsim", "run", "-", "--csv", "p.toml"]
    with (folder / "p.toml").open() as file:
        done = subprocess.run(arguments, stdin=file, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "sepsim: error: --csv p.toml: is the input '-'; choose another name\n"
    assert (folder / "p.toml").read_text() == MEASURED


# ---- what is written ----------------------------------------------------------------------------------------


def linked(one, other):
    one.write_text("")
    other.symlink_to(one)


def dangling(one, other):
    other.symlink_to(one)


def hard_linked(one, other):
    one.write_text("")
    other.hardlink_to(one)


@pytest.mark.parametrize("tie", [linked, dangling, hard_linked])
def test_two_outputs_are_not_one_file(tie, tmp_path):
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    tie(one, other)
    assert refused([one, other]) == (f"--csv {other}: is where --csv {one} goes; choose another name",)


def test_two_outputs_through_a_linked_folder_are_not_one_file(tmp_path):
    (tmp_path / "linked").symlink_to(tmp_path)
    assert "is where" in refused([tmp_path / "out.csv", tmp_path / "linked" / "out.csv"])[0]


def test_a_device_serves_many_outputs():
    check_outputs(outputs(os.devnull, os.devnull), [os.devnull])


@pytest.mark.parametrize("protected", ["file", "folder"])
def test_what_is_write_protected_is_told_before_the_run(protected, folder, capsys, monkeypatch, unrun):
    place = folder / "out.csv"
    place.write_text("old")
    shut = Path(os.path.realpath(place if protected == "file" else folder))
    allowed = os.access  # root may write anywhere
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != shut and allowed(path, mode))
    assert main(["run", "p.toml", "--csv", str(place)]) == 2
    assert f"--csv {place}: {str(shut)!r} is write-protected; choose another place" in capsys.readouterr().err


# ---- whole or as it was -------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--csv", "--json-file", "--plot"])
def test_a_full_disk_costs_no_older_file(option, folder, capsys, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    place = folder / "out.png"
    place.write_text("old")
    before = {*folder.iterdir()}
    monkeypatch.setattr(os, "fsync", full)
    assert main(["run", "p.toml", option, "out.png"]) == 1
    out, err = capsys.readouterr()
    assert "yield bench" in out
    assert err == f"sepsim: error: {option} out.png: cannot be written (No space left on device)\n"
    assert place.read_text() == "old"
    assert {*folder.iterdir()} == before


def test_a_full_device_is_told(folder, capsys):
    if not Path("/dev/full").exists():
        pytest.skip("needs a device that is always full")
    assert main(["run", "p.toml", "--csv", "/dev/full"]) == 1
    assert "--csv /dev/full: cannot be written (No space left on device)" in capsys.readouterr().err


def test_an_interrupted_picture_costs_no_older_file(folder, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    (folder / "out.png").write_text("old")
    before = {*folder.iterdir()}
    monkeypatch.setattr("sepsim.plots.flow.protocol_flow", interrupted)
    assert main(["run", "p.toml", "--plot", "out.png"]) == 130
    assert capsys.readouterr().err == "sepsim: interrupted\n"
    assert (folder / "out.png").read_text() == "old"
    assert {*folder.iterdir()} == before


def test_a_run_writes_whole_files(folder, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    run = load_protocol("p.toml").run()
    run.to_csv("run.csv")
    run.to_json(folder / "run.json")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert before[folder / "run.csv"].decode() == run.to_csv()
    assert before[folder / "run.json"].decode() == run.to_json() + "\n"
    monkeypatch.setattr(os, "fsync", full)
    for write in (run.to_csv, run.to_json):
        with pytest.raises(OSError, match="No space left on device"):
            write("run.csv")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_an_input_of_a_file_that_cannot_be_read_is_not_replaced(tmp_path, capsys):
    sizes = tmp_path / "nta.csv"
    sizes.write_text("diameter_nm,particles_per_mL\n80,1e9\n100,1e9\n")
    take = '[[step]]\nname = "take"\nmethod = "aliquot"\nvolume_mL = 1\nkeep = "{}"\n'
    own = '[[sample.population]]\nname = "exosome"\nsizes_csv = "nta.csv"\n'
    (tmp_path / "bad.toml").write_text(f'[sample]\nmedium = "PBS"\nvolume_mL = 5\n{own}{take.format("nope")}')
    (tmp_path / "good.toml").write_text(f'[sample]\nsource = "urine"\nvolume_mL = 5\n{take.format("aliquot")}')
    before = sizes.read_text()
    assert main(["compare", str(tmp_path / "bad.toml"), str(tmp_path / "good.toml"), "--csv", str(sizes)]) == 2
    assert sizes.read_text() == before
    out, err = capsys.readouterr()
    assert "urine" in out or "good" in out
    assert f"--csv {sizes}: not written, since a FILE could not be read" in err


def test_paths_are_safe_to_print(tmp_path, capsys):
    (tmp_path / "good.toml").write_text(
        '[sample]\nsource = "urine"\nvolume_mL = 5\n[[step]]\nmethod = "aliquot"\nvolume_mL = 1\nkeep = "aliquot"\n'
    )
    assert main(["run", str(tmp_path / "good.toml"), "--csv", str(tmp_path / "a\x1b[31m.csv")]) == 0
    assert "\x1b" not in capsys.readouterr().err
