"""The import order of the architecture, lazy imports included, and what light commands must not load."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sepsim"

# From the top down: a module imports only what stands below it. Modules in one line do not see each other.
LAYERS = [
    ["__main__"],
    ["cli"],
    ["plots"],
    ["protocol_file"],
    ["protocol"],
    ["run"],
    ["metrics"],
    ["methods", "spin_profile"],
    [
        *("fractionation", "gradient_doubts", "rotor_run", "elution_doubts", "membrane_device"),
        *("ion_spectrum", "whole_ion_spectrum"),
    ],
    ["gradient_spin", "membrane_run", "elution", "ion_beam"],
    ["spin_doubts", "gradient_evolution", "sieving", "membrane_plan", "stepped_elution"],
    ["spin", "gradient", "column_run"],
    ["pellet", "fractions"],
    ["sample_recipe", "sample_ions"],
    ["sample"],
    ["equipment"],
    ["ionisation", "ions", "markers"],
    ["particles"],
    ["media"],
    ["peptides", "isotope_patterns"],
    ["isotopes"],
    ["mass_spectrum"],
    ["peak_profile", "analysers"],
    ["settings", "text_table", "data"],
    ["units"],
    ["errors"],
    ["constants", "arrays"],
    ["kernels"],
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
KERNEL_CALLERS = {"methods", "spin", "gradient_spin", "elution", "stepped_elution", "membrane_run", "ion_beam"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module == "sepsim":
                yield from (f"sepsim.{alias.name}" for alias in node.names)
            else:
                yield node.module
        elif isinstance(node, ast.ImportFrom):
            yield f"relative import in {path}"
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def layer(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_layers_below(path):
    here = layer(path)
    if here == "__init__":
        return
    for name in imported(path):
        if not name.startswith("sepsim.") or name == "sepsim.__version__":
            assert not name.startswith("relative")
            continue
        there = name.split(".")[1]
        assert there == here or RANK[there] > RANK[here], f"{here} imports {name}"
        if there == "kernels" and here != "kernels":
            assert here in KERNEL_CALLERS


def test_every_module_has_a_layer():
    assert {layer(path) for path in MODULES} - {"__init__"} == set(RANK)


@pytest.mark.parametrize("path", sorted((PACKAGE / "methods").glob("*.py")), ids=lambda path: path.stem)
def test_methods_do_not_import_one_another(path):
    if path.stem == "__init__":
        return
    others = {name for name in imported(path) if name.startswith("sepsim.methods.")}
    assert others <= {"sepsim.methods.base"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernels").glob("*.py")), ids=lambda path: path.stem)
def test_kernels_are_leaves(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert roots <= {"__future__", "collections", "math", "numba", "numpy", "typing"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_stay_in_their_folders(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert "numba" not in roots or layer(path) == "kernels"
    assert "matplotlib" not in roots or layer(path) == "plots"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["list", "rotors"],
        ["list", "media"],
        ["show", "rotor", "Type 70 Ti"],
        ["new", "centrifugation"],
        ["check", "examples/protocols/differential.toml"],
    ],
    ids=" ".join,
)
def test_light_commands_load_no_heavy_library(arguments):
    script = (
        "import sys\nfrom sepsim.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "print(sorted({'numba', 'scipy', 'matplotlib', 'pandas'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert done.stderr.strip() == "[]"
