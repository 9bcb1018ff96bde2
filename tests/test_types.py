"""What a type checker knows of the package: every public name, what each record accepts, all code that is shown."""

import ast
import os
import subprocess
import sys

import pytest
from paths import ROOT
from shown_code import SHOWN

import sepsim


def test_the_stub_names_what_loads_lazily():
    tree = ast.parse((ROOT / "sepsim" / "__init__.pyi").read_text())
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    found = {alias.asname: node.module for node in imports for alias in node.names}
    assert found == {**sepsim._HOMES, **dict.fromkeys(sepsim._MODULES, "sepsim")}
    assert all(alias.name == alias.asname for node in imports for alias in node.names)


# Matplotlib types the figure of an axes as one that may stand within another and cannot be saved.
OF_MATPLOTLIB = 'error: Item "SubFigure" of "Figure | SubFigure" has no attribute "savefig"  [union-attr]'
SPIN = 'rotor="Type 45 Ti", rcf_xg=100_000, rcf_at="rav"'
ACCEPTED = {
    "equipment by name": 'spin = sepsim.Centrifugation(rotor="SW 28", time_min=70); print(spin.rotor.rmax_mm)',
    "equipment as a table": 'sepsim.Chromatography(column={"bed_volume_mL": 10, "diameter_mm": 15}, flow_mL_min=1)',
    "equipment as a record": 'sepsim.Filtration(membrane=sepsim.membrane("Amicon Ultra-15 100 kDa"))',
    "a record within": 'spin = sepsim.Wash(medium=sepsim.fluid("PBS"), volume_mL=2); print(spin.medium.name)',
    "a record as a table": f'sepsim.Centrifugation({SPIN}, time_min=70, resuspend={{"medium": "PBS", "volume_mL": 1}})',
    "a list of tables": 'sepsim.DensityGradient(rotor="SW 28", time_min=9, layers=[{"medium": "PBS", "volume_mL": 3}])',
    "steps as a list": 'sepsim.Protocol(name="", target="", sample=sepsim.SampleRecipe(volume_mL=1, medium="PBS", '
    'population=[{"name": "ldl"}]), steps=[sepsim.Step(name="", method=sepsim.Pooling(), keep="pool")])',
    "the trace of a method": "\n".join(
        [
            'sample = sepsim.sample_from_catalog("urine", volume_mL=1).prepare()',
            'column = sepsim.Chromatography(column="Sepharose CL-2B, 10 mL", flow_mL_min=1)',
            "volumes: int = column.ideal().run(sample, rng=None).trace.volumes  # type: ignore[assignment]",
        ]
    ),
}
REFUSED = {
    "no settings": ("sepsim.Centrifugation()", 'Missing named argument "rotor"'),
    "a setting is missing": (f"sepsim.Centrifugation({SPIN})", 'Missing named argument "time_min"'),
    "a setting of a mixin is missing": ("sepsim.Ultrafiltration()", 'Missing named argument "membrane"'),
    "a list is missing": ('sepsim.SampleRecipe(volume_mL=1, medium="PBS")', 'Missing named argument "population"'),
    "a medium is missing": ("sepsim.Wash(volume_mL=1)", 'Missing named argument "medium"'),
    "unknown key": (f"sepsim.Centrifugation({SPIN}, time_mn=70)", 'Unexpected keyword argument "time_mn"'),
    "by position": ('sepsim.Centrifugation("Type 45 Ti", time_min=70)', "Too many positional arguments"),
    "a number as text": (f'sepsim.Centrifugation({SPIN}, time_min="70")', 'expected "float"'),
    "a share of a count": ("sepsim.Chromatography(column='', flow_mL_min=1, fractions=2.5)", 'expected "int | None"'),
    "a number as a rotor": ("sepsim.Centrifugation(rotor=45, time_min=70)", 'expected "Rotor | str | Mapping'),
    "a name as a record": (f'sepsim.Centrifugation({SPIN}, time_min=1, wash="PBS")', 'expected "Wash | '),
    "another record": ('sepsim.Centrifugation(rotor=sepsim.column("x"), time_min=1)', 'incompatible type "Column"'),
    "unknown name": ("sepsim.Centrifuge", 'has no attribute "Centrifuge"'),
    "unknown attribute": ('sepsim.rotor("SW 28").rmax', 'has no attribute "rmax"'),
    "no trace": (
        'sepsim.Aliquot(volume_mL=1).run(sepsim.sample_from_catalog("urine", volume_mL=1).prepare(), rng=None).trace.x',
        '"None" has no attribute "x"',
    ),
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """What mypy says in strict mode about each snippet: of all in one go, since it reads the package once."""
    folder = tmp_path_factory.mktemp("snippets")
    sources = {**SHOWN, **{name: f"import sepsim\n\n{code}\n" for name, code in ACCEPTED.items()}}
    sources |= {name: f"import sepsim\n\n{code}\n" for name, (code, _) in REFUSED.items()}
    paths = {name: folder / f"snippet_{number}.py" for number, name in enumerate(sources)}
    for name, path in paths.items():
        path.write_text(sources[name])
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml", "--no-pretty"]
    done = subprocess.run(
        [*command, *map(str, paths.values())],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
    )
    assert f"checked {len(paths)} source files" in done.stdout, done.stdout + done.stderr
    said = [line for line in done.stdout.splitlines() if ": error: " in line and not line.endswith(OF_MATPLOTLIB)]
    return {name: [line for line in said if f"{path.name}:" in line] for name, path in paths.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SHOWN, *ACCEPTED])
def test_what_is_shown_and_what_is_sound_passes(name, complaints):
    assert complaints[name] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused(name, complaints):
    assert REFUSED[name][1] in complaints[name][0]


def test_code_is_shown():
    assert {"README_0.py", "kernels_0.py", "01_first_run.py"} <= SHOWN.keys()
