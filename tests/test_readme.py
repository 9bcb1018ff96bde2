"""The README's code runs, its files exist, and its commands are commands."""

import math
import re
import shlex

import pytest
from paths import ROOT
from saved_pictures import check_png, labels

from sepsim.cli import main, parser
from sepsim.rotors.rotors import rotor

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_eight_lines_run(tmp_path, monkeypatch, capsys, saved):
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 8
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    assert "yield bench" in capsys.readouterr().out
    (figure,) = saved
    check_png(tmp_path / "flow.png", figure, dpi=figure.dpi)
    assert labels(figure) == ["share of the load [%]"]


def test_the_first_commands_run(tmp_path, monkeypatch, capsys, saved):
    new, run = re.findall(r"^sepsim (.+)$", re.search(r"```\n(sepsim .*?)```", README, re.DOTALL)[1], re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    command, _, path = new.partition(" > ")
    assert main(shlex.split(command)) == 0
    (tmp_path / path).write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(shlex.split(run)) == 0
    check_png(tmp_path / "my.png", *saved)


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_somewhere(target):
    assert (ROOT / target).exists()


@pytest.mark.parametrize("command", re.findall(r"`sepsim ([^`]+)`", README))
def test_commands_are_understood(command):
    words = shlex.split(command.split(">")[0])
    if words != ["run", "FILE"] and words != ["list"]:
        assert callable(parser().parse_args(words).command)  # what is not understood ends in SystemExit


def test_the_convert_example_of_the_readme(capsys):
    command = re.search(r"`sepsim (convert [^`]+)`", README)[1]
    assert main(shlex.split(command)) == 0
    out = capsys.readouterr().out
    speeds = [float(rpm) for rpm in re.findall(r"(\d+) rpm", out)]
    k_factors = [float(k) for k in re.findall(r"k-factor (\d+\.\d)", out)]
    for name, rpm, k in zip(("Type 45 Ti", "SW 32 Ti"), speeds, k_factors, strict=True):
        one = rotor(name)
        assert k == pytest.approx(2.533e11 * math.log(one.rmax_mm / one.rmin_mm) / rpm**2, rel=1e-3)
        assert 1.1182e-6 * 0.5 * (one.rmax_mm + one.rmin_mm) * rpm**2 == pytest.approx(1e5, rel=1e-3)
