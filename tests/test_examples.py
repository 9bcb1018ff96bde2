"""Every numbered example runs, is short, and asks one question."""

import ast
import os
import subprocess
import sys

import pytest
from paths import ROOT

SCRIPTS = sorted((ROOT / "examples").glob("[0-9]*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_example_runs_and_is_short(path, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], capture_output=True, text=True, cwd=tmp_path, env=os.environ.copy()
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    source = path.read_text()
    assert len(source.splitlines()) <= 40
    assert "?" in ast.get_docstring(ast.parse(source))


def test_there_are_examples():
    assert len(SCRIPTS) >= 4


def test_dilution_example_shows_ldl_sinking():
    script = next(path for path in SCRIPTS if "ldl" in path.stem)
    out = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True).stdout
    ldl = [float(line.split()[-1].rstrip("%")) for line in out.splitlines()[1:]]
    assert ldl == sorted(ldl)
    assert ldl[-1] > 2 * ldl[0]
