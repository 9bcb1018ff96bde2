"""Techniques describe themselves: their records are light and true, and one of another distribution joins them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sepsim.technique import resolve
from sepsim.techniques import METHODS, techniques

CONTRIBUTED = '''\
"""Skimming: what floats is taken off with the topmost liquid."""

from typing import ClassVar

from sepsim import Catalogue, Method, MethodEntry, Outcome, Technique
from sepsim.settings import number, settings

TECHNIQUE = Technique(
    name="skimming",
    methods=(
        MethodEntry(
            name="skimming",
            home="skimming:Skimming",
            summary="Take the topmost liquid off; hands out ``cream`` and ``rest``.",
            example={"share_percent": "10", "keep": '"rest"'},
            sample_volume_mL=5,
        ),
    ),
    catalogues=(Catalogue(topic="spoons", kind="spoon", rows="skimming:spoons"),),
)


@settings
class Skimming(Method):
    """Take the topmost liquid off; hands out ``cream`` and ``rest``."""

    technique: ClassVar[str] = "skimming"

    share_percent: float = number(above=0, maximum=100, help="share of the volume that is taken off")

    @property
    def fraction_names(self):
        return ("cream", "rest")

    def run(self, sample, *, rng):
        share = self.share_percent / 100
        cream, rest = sample.take(share, share * sample.volume)
        return Outcome(fractions={"cream": cream, "rest": rest})


def spoons():
    return [{"spoon": "tea", "volume_mL": "5"}]
'''

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
    information = tmp_path / "sepsim_skimming-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: sepsim-skimming\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[sepsim.techniques]\nskimming = skimming:TECHNIQUE\n")
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


def test_a_technique_of_another_distribution_works_everywhere(installed, tmp_path):
    assert "skimming" in installed("list", "techniques").stdout
    assert "tea" in installed("list", "spoons").stdout
    new = installed("new", "skimming")
    assert "share_percent = 10" in new.stdout
    assert "volume_mL = 5\n" in new.stdout
    assert "sound" in installed("check", str(tmp_path / "skim.toml")).stdout
    told = installed("cite", str(tmp_path / "skim.toml"), "--methods").stdout
    assert (
        "Step 'skim' was carried out by skimming (share_percent = 20.0) on the sample, and the rest was kept." in told
    )
    run = installed("run", str(tmp_path / "skim.toml"), "--csv", str(tmp_path / "skim.csv"))
    assert run.returncode == 0
    rows = (tmp_path / "skim.csv").read_text().splitlines()
    (yielded,) = {row.split(",")[-1] for row in rows if row.startswith("bench,skim,rest,") and ",exosome," in row}
    assert float(yielded) == pytest.approx(0.8, rel=1e-12)


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
            CONTRIBUTED.replace('name="skimming",\n            home', 'name="filtration",\n            home'),
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
