"""Techniques describe themselves: their records are light and true, and one of another distribution joins them."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from paths import ROOT
from PIL import Image

from sepsim.technique import resolve
from sepsim.techniques import METHODS, techniques

CONTRIBUTED = re.search(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)[1]
ENTRY_POINT = re.search(r"```toml\n(\[project.entry-points.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)[
    1
]
CATALOGUE = """
from sepsim import Catalogue
from dataclasses import replace

def spoons():
    return [{"spoon": "tea", "volume_mL": "5"}]

TECHNIQUE = replace(TECHNIQUE, catalogues=(Catalogue(topic="spoons", kind="spoon", rows="skimming:spoons"),))
"""

PROTOCOL = """
[sample]
source = "urine"
volume_mL = 5
size_bins = 4

[[step]]
name = "skim"
method = "skimming"
share_percent = 20
keep = "rest"
"""


@pytest.fixture
def installed(tmp_path):
    """Install a distribution with a technique of its own, and return what runs sepsim beside it."""
    (tmp_path / "skimming.py").write_text(CONTRIBUTED)
    declared = tomllib.loads(ENTRY_POINT)["project"]["entry-points"]
    points = [f"[{group}]\n{name} = {where}\n" for group, each in declared.items() for name, where in each.items()]
    information = tmp_path / "sepsim_skimming-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: sepsim-skimming\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("".join(points))
    (tmp_path / "skim.toml").write_text(PROTOCOL)
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]

    def sepsim(*arguments):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-m", "sepsim", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=Path.cwd())

    return sepsim


@pytest.mark.parametrize("name", METHODS)
def test_an_entry_says_what_its_method_says(name):
    method = METHODS[name].load()
    assert method.technique == name
    assert method.__doc__.splitlines()[0] == METHODS[name].summary


@pytest.mark.parametrize("technique", techniques(), ids=lambda technique: technique.name)
def test_every_address_leads_somewhere(technique):
    addresses = [*technique.commands, *(method.home for method in technique.methods)]
    addresses += [address for each in technique.catalogues for address in (each.rows, each.entry) if address]
    addresses += [table.record for method in technique.methods for table in method.own_tables.values()]
    assert all(callable(resolve(address)) for address in addresses)


def loaded_by(statement):
    """Names of the modules of techniques, and of heavy libraries, that a statement loads in a fresh process."""
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_records_load_nothing_heavy():
    loaded = loaded_by("from sepsim.techniques import techniques; techniques()")
    assert not {"numpy", "numba", "scipy", "matplotlib"} & set(loaded)


def test_a_method_loads_no_other_technique():
    loaded = loaded_by("from sepsim.techniques import METHODS; METHODS['centrifugation'].load()")
    inside = [name for name in loaded if name.startswith("sepsim.techniques.") and name.count(".") > 2]
    assert inside
    assert {name.split(".")[2] for name in inside} == {"centrifugation"}


def test_the_technique_that_is_shown_is_short():
    assert len([line for line in CONTRIBUTED.splitlines() if line.strip()]) <= 50


def test_a_technique_of_another_distribution_works_everywhere(installed, tmp_path):
    assert "skimming" in installed("list", "techniques").stdout
    assert "what is in the cream" in installed("list", "figures").stdout
    assert "share_percent = 10" in installed("new", "skimming").stdout
    protocol = str(tmp_path / "skim.toml")
    assert "sound" in installed("check", protocol).stdout
    cited = installed("cite", protocol, "--methods").stdout
    assert "The sample was skimmed of its topmost 20 %, and the rest was kept." in cited
    files = ["--csv", str(tmp_path / "skim.csv"), "--figure", f"cream:skim={tmp_path}/cream.png"]
    run = installed("run", protocol, *files, "--figures", str(tmp_path / "all"))
    assert run.returncode == 0
    rows = (tmp_path / "skim.csv").read_text().splitlines()
    (yielded,) = {row.split(",")[-1] for row in rows if row.startswith("bench,skim,rest,") and ",exosome," in row}
    assert float(yielded) == pytest.approx(0.8, rel=1e-12)
    assert (tmp_path / "cream.png").read_bytes() == (tmp_path / "all" / "1_cream.png").read_bytes()
    with Image.open(tmp_path / "cream.png") as picture:
        assert len(picture.convert("L").getcolors()) > 100


def test_it_may_have_a_catalogue_and_its_figures_are_in_plots(installed, tmp_path):
    (tmp_path / "skimming.py").write_text(CONTRIBUTED + CATALOGUE)
    assert "tea" in installed("list", "spoons").stdout
    command = [sys.executable, "-c", "import sepsim, skimming; print(sepsim.plots.cream is skimming.cream)"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.stdout == "True\n", done.stderr


def test_lists_and_checks_stay_light_beside_it(installed, tmp_path):
    heavy = "print(sorted({{'matplotlib', 'numba'}} & set(sys.modules)))"
    code = f"import sys; from sepsim.cli import main; main({{0!r}}); {heavy}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    for arguments in (["list", "techniques"], ["check", str(tmp_path / "skim.toml")]):
        command = [sys.executable, "-c", code.format(arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
        assert done.stdout.splitlines()[-1] == "[]", done.stderr


TAKEN = {
    "a figure": ('name="cream",', 'name="chromatogram",', "figure 'chromatogram' is there already"),
    "a picture of protocols": ('name="cream",', 'name="protocol_flow",', "figure 'protocol_flow' is there already"),
    "a catalogue of the core": (
        "methods=(SKIMMING,)",
        'methods=(SKIMMING,), catalogues=(sepsim.Catalogue(topic="rotors", kind="spoon", rows=""),)',
        "catalogue 'rotors' is there already",
    ),
    "a command": (
        "methods=(SKIMMING,)",
        'methods=(SKIMMING,), commands=("skimming:add",)',
        "its command cannot be added",
    ),
    "itself": ('Technique(name="skimming"', 'Technique(name="filtration"', "technique 'filtration' is there already"),
    "a catalogue": (
        "methods=(SKIMMING,)",
        'methods=(SKIMMING,), catalogues=(sepsim.Catalogue(topic="membranes", kind="sheet", rows=""),)',
        "catalogue 'membranes' is there already",
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_is_taken_is_told_with_the_distribution(name, installed, tmp_path):
    old, new, message = TAKEN[name]
    assert old in CONTRIBUTED
    command = "\n\ndef add(commands):\n    commands.add_parser('run')\n"
    (tmp_path / "skimming.py").write_text("import sepsim\n" + CONTRIBUTED.replace(old, new, 1) + command)
    done = installed("list", "rotors")
    assert done.returncode == 2
    assert "technique 'skimming'" in done.stderr
    assert message in done.stderr


def test_its_errors_are_those_of_any_other(installed, tmp_path):
    (tmp_path / "wrong.toml").write_text(PROTOCOL.replace("share_percent = 20", "share_percent = 200"))
    done = installed("check", str(tmp_path / "wrong.toml"))
    assert done.returncode == 2
    assert "share_percent = 200: must be above 0 and at most 100" in done.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("raise RuntimeError('half installed')", "cannot be loaded (RuntimeError: half installed); mend or uninstall"),
        ("TECHNIQUE = 5", "skimming:TECHNIQUE is no Technique"),
        (
            CONTRIBUTED.replace('name="skimming",\n    home', 'name="filtration",\n    home'),
            "'filtration' is there",
        ),
    ],
    ids=["broken", "no record", "a name that is taken"],
)
def test_a_technique_that_does_not_fit_is_named(installed, tmp_path, content, message):
    (tmp_path / "skimming.py").write_text(content)
    done = installed("list", "rotors")
    assert done.returncode == 2
    assert "technique 'skimming' of sepsim-skimming" in done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
