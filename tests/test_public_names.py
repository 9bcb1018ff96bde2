"""Code that a reader is shown uses public names alone."""

import ast

import pytest
from shown_code import SHOWN

import sepsim


def beyond_public(code):
    """Return what a piece of code takes of sepsim that is no public name."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("sepsim.")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sepsim":
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name for name in names if not is_public(name)]
        elif isinstance(node, ast.Attribute):
            home, _, name = ast.unparse(node).rpartition(".")
            home = home.removeprefix("sepsim.")
            if home == "sepsim":
                found += [name] if name not in sepsim.__all__ else []
            elif home in sepsim._MODULES:
                found += [f"{home}.{name}"] if name not in dir(getattr(sepsim, home)) else []
    return found


def is_public(name):
    """Whether a dotted name is one of the package or of one of its public modules."""
    inside = name.removeprefix("sepsim.")
    module, _, last = inside.rpartition(".")
    return last in dir(getattr(sepsim, module)) if module in sepsim._MODULES else inside in sepsim.__all__


@pytest.mark.parametrize("name", SHOWN)
def test_shown_code_uses_public_names_alone(name):
    assert beyond_public(SHOWN[name]) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import sepsim.media", ["sepsim.media"]),
        ("from sepsim.media import fluid", ["sepsim.media.fluid"]),
        ("from sepsim.plots import chromatogram", []),
        ("from sepsim.plots import flow_steps", ["sepsim.plots.flow_steps"]),
        ("from sepsim import media, plots", ["sepsim.media"]),
        ("import sepsim; sepsim.media.fluid('PBS')", ["media"]),
        ("from sepsim import kernels; kernels.secret()", ["kernels.secret"]),
        ("import sepsim; sepsim.plots.secret(sepsim.rotor('SW 28').rmax_mm)", ["plots.secret"]),
        ("import sepsim; from sepsim import kernels; kernels.solve_column; sepsim.plots.label('ldl')", []),
    ],
)
def test_what_is_no_public_name_is_found(code, found):
    assert beyond_public(code) == found
