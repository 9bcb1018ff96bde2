"""The rule of the architecture: a technique imports the core and no other technique; the core imports no technique.

Lazy and relative imports count.
"""

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest
from paths import PROTOCOLS, ROOT

PACKAGE = ROOT / "sepsim"

# From the bottom up: a module imports only what stands in its own folder or in a line above. What shares a line are
# siblings that do not see each other.
ORDER = [
    ["kernels"],  # mathematics that techniques share
    [
        "errors",
        "constants",
        "arrays",
        "units",
        "settings",
        "text",
        "catalog",
        "data",
    ],  # the ground
    ["media"],
    ["particles"],
    ["rotors", "samples"],
    ["technique", "model_constants"],
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
EXCEPTIONS = {
    ("techniques/precipitation", "techniques/centrifugation"),
    ("techniques/microfluidics", "techniques/immunocapture"),
}  # (technique, technique that it imports); each with a reason in the changelog
DOORS = {"sepsim", "sepsim.kernels"}  # they name what stands elsewhere by text, and nothing inside imports them
CACHING = "sepsim.kernels.caching"  # the only module that imports numba: kernels are compiled through it
COMPILATION = "sepsim.kernels.compilation"  # which tells those who show progress that it is at work

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


KERNELS = [
    name for name in MODULES if "kernels" in name.split(".") and name not in ("sepsim.kernels", CACHING, COMPILATION)
]


def compiles(name):
    """Whether a module has compiled functions, whose machine code on disk knows no other file."""
    tree = ast.parse(MODULES[name].read_text())
    return any(isinstance(node, ast.Name) and node.id == "njit" for node in ast.walk(tree))


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_are_leaves(name):
    """What compiles nothing may build on kernels beside it."""
    folder = name.rpartition(".")[0]
    beside = set() if compiles(name) else {other for other in KERNELS if other.rpartition(".")[0] == folder}
    roots = {there.split(".")[0] for there in imports(name) if there != CACHING and there not in beside}
    assert roots <= {"__future__", "collections", "concurrent", "functools", "itertools", "math", "numpy", "typing"}


def test_some_kernels_compile_and_some_do_not():
    assert compiles("sepsim.kernels.langevin")
    assert not compiles("sepsim.kernels.drift_fields")


def test_what_compiles_kernels_is_a_leaf():
    assert EDGES[CACHING] <= {COMPILATION, "sepsim.kernels"}
    assert EDGES[COMPILATION] == set()


def folders(name):
    """Folders in which a module stands; a package stands in itself."""
    parts = name.split(".")
    return set(parts if MODULES[name].name == "__init__.py" else parts[:-1])


@pytest.mark.parametrize("name", MODULES)
def test_heavy_libraries_stay_in_their_folders(name):
    roots = {there.split(".")[0] for there in imports(name)}
    assert "numba" not in roots or name == CACHING
    assert "matplotlib" not in roots or folders(name) & {"pictures", "drawing", "plots"}


@pytest.mark.parametrize("name", [name for name in MODULES if home(name).startswith("techniques/")])
def test_pictures_alone_draw(name):
    drawn = {there for there in EDGES[name] if home(there) == "drawing" or "pictures" in folders(there)}
    assert not drawn or "pictures" in folders(name)


# Doors, and the records by which techniques describe themselves.
NAMED_BY_TEXT = {
    "sepsim",
    "sepsim.kernels",
    "sepsim.plots",
    *(name for name in MODULES if name.startswith("sepsim.techniques") and name.count(".") < 3),
}


@pytest.mark.parametrize("name", sorted(MODULES.keys() - NAMED_BY_TEXT))
def test_no_module_is_imported_by_its_name_as_text(name):
    tree = ast.parse(MODULES[name].read_text())
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert texts & (MODULES.keys() - {"sepsim"}) == set()


def at_load(nodes):
    """Yield the imports that run while a module loads: not in a function, not for type checkers alone."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            yield from at_load(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from at_load(ast.iter_child_nodes(node))


@pytest.mark.parametrize("name", MODULES)
def test_scipy_is_imported_inside_functions_only(name):
    found = [*at_load(ast.parse(MODULES[name].read_text()).body)]
    roots = {alias.name.split(".")[0] for node in found if isinstance(node, ast.Import) for alias in node.names}
    roots |= {(node.module or "").split(".")[0] for node in found if isinstance(node, ast.ImportFrom)}
    assert "scipy" not in roots


def test_imports_at_load_are_found_wherever_they_stand():
    text = """
try:
    pass
except ImportError:
    import a
match x:
    case 1:
        import b
if not TYPE_CHECKING:
    import c
if TYPE_CHECKING:
    import d
def f():
    import e
"""
    assert [node.names[0].name for node in at_load(ast.parse(text).body)] == ["a", "b", "c"]


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
        ["list", "examples"],
        ["show", "example", "mass_spectrometry"],
        ["new", "--example", "mass_spectrometry"],
        *(["check", str(path)] for path in sorted(PROTOCOLS.glob("*.toml"))),
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


def test_the_command_line_starts_no_idle_threads():
    script = (
        "import os, sys\nfrom sepsim.cli import main\nassert 'numpy' not in sys.modules\nmain(['list', 'figures'])\n"
    )
    script += "print(os.environ['OPENBLAS_NUM_THREADS'])"
    for given in ({}, {"OPENBLAS_NUM_THREADS": "3"}):
        plain = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=plain | given)
        assert done.stdout.splitlines()[-1] == given.get("OPENBLAS_NUM_THREADS", "1")
