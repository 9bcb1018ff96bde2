"""The rule of the architecture: a technique imports the core and no other technique; the core imports no technique.

Lazy and relative imports count.
"""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest
from paths import ROOT

PACKAGE = ROOT / "sepsim"

# From the bottom up: a module imports only what stands in its own folder or in a line above. What shares a line are
# siblings that do not see each other.
ORDER = [
    ["kernels"],  # mathematics that techniques share
    ["errors", "constants", "arrays", "units", "settings", "text_table", "catalog", "data"],  # the ground
    ["media"],
    ["particles"],
    ["rotors", "samples"],
    ["technique"],
    ["method"],
    ["handling", "drawing"],
    ["techniques/"],  # siblings: each folder below techniques
    ["techniques"],  # the registry
    ["protocols"],
    ["plots"],
    ["cli"],
    ["__main__"],
]
GROUND = set(ORDER[1])
EXCEPTIONS: set[tuple[str, str]] = set()  # (technique, technique that it imports); each with a reason in the changelog
DOORS = {"sepsim", "sepsim.kernels"}  # they name what stands elsewhere by text, and nothing inside imports them

MODULES = {
    ".".join(("sepsim", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def home(name):
    """Return where a module belongs: a folder or module of the core, a technique, or what stands above."""
    inside = name.removeprefix("sepsim").removeprefix(".")
    parts = inside.split(".")
    if parts[0] == "techniques" and len(parts) > 1:
        return "/".join(parts[:2])
    return parts[0] or "__init__"


def rank(place):
    kind = "techniques/" if place.startswith("techniques/") else place
    return next(number for number, line in enumerate(ORDER) if kind in line)


def imports(name):
    """Yield the modules that a module names in imports, anywhere in its text; those of sepsim as modules that exist."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                full = f"{source}.{alias.name}"
                if full != "sepsim.__version__":
                    yield full if full in MODULES else source


EDGES = {name: {there for there in imports(name) if there in MODULES and there != name} for name in MODULES}


def crosses(here, there):
    """Whether a home may not import another."""
    if here == there or (here in GROUND and there in GROUND) or (here, there) in EXCEPTIONS:
        return False
    return rank(there) >= rank(here)


@pytest.mark.parametrize("name", sorted(MODULES.keys() - DOORS))
def test_module_imports_only_what_stands_below(name):
    assert [there for there in sorted(EDGES[name]) if there in DOORS or crosses(home(name), home(there))] == []


def test_every_module_has_its_place():
    known = {place for line in ORDER for place in line}
    assert {home(name).partition("/")[0] for name in MODULES.keys() - DOORS} <= known


def test_the_rule_would_notice():
    assert crosses("techniques/filtration", "techniques/chromatography")
    assert crosses("particles", "techniques/filtration")
    assert crosses("samples", "rotors")
    assert crosses("techniques/filtration", "plots")
    assert not crosses("techniques/filtration", "drawing")
    assert not crosses("cli", "techniques/filtration")


def test_no_module_imports_itself_by_a_detour():
    order = [*TopologicalSorter(EDGES).static_order()]  # raises CycleError with the circle
    assert len(order) == len(MODULES)


@pytest.mark.parametrize("name", [name for name in MODULES if ".kernels." in name])
def test_kernels_are_leaves(name):
    roots = {there.split(".")[0] for there in imports(name)}
    assert roots <= {"__future__", "collections", "math", "numba", "numpy", "typing"}


@pytest.mark.parametrize("name", MODULES)
def test_heavy_libraries_stay_in_their_folders(name):
    roots = {there.split(".")[0] for there in imports(name)}
    folders = set(name.split("."))
    assert "numba" not in roots or "kernels" in folders
    assert "matplotlib" not in roots or folders & {"pictures", "drawing", "plots"}


def imports_at_load(path):
    """Yield the roots of what a module imports while it loads: not in a function, not for type checkers alone."""
    pending = [*ast.parse(path.read_text()).body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            pending += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]


@pytest.mark.parametrize("name", MODULES)
def test_scipy_is_imported_inside_functions_only(name):
    assert "scipy" not in set(imports_at_load(MODULES[name]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["list", "rotors"],
        ["list", "media"],
        ["list", "columns"],
        ["show", "rotor", "Type 70 Ti"],
        ["show", "membrane", "Amicon Ultra-15 100 kDa"],
        ["show", "resin", "Sepharose CL-2B"],
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
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"
