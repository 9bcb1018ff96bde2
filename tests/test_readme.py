"""The README's code runs, its files exist, and its commands are commands."""

import re
import shlex

import pytest
from paths import ROOT

from sepsim.cli import main, parser

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_eight_lines_run(tmp_path, monkeypatch, capsys):
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 8
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    exec(compile(code, "README.md", "exec"), {})
    assert "yield bench" in capsys.readouterr().out
    assert (tmp_path / "flow.png").exists()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_somewhere(target):
    assert (ROOT / target).exists()


@pytest.mark.parametrize("command", re.findall(r"`sepsim ([^`]+)`", README))
def test_commands_are_understood(command):
    words = shlex.split(command.split(">")[0])
    if words != ["run", "FILE"] and words != ["list"]:
        assert parser().parse_args(words).command


def test_the_convert_example_of_the_readme(capsys):
    command = re.search(r"`sepsim (convert [^`]+)`", README)[1]
    assert main(shlex.split(command)) == 0
    assert "k-factor" in capsys.readouterr().out
