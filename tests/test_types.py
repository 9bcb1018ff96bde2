"""What a type checker knows of the package: every public name, what each record accepts, all code that is shown."""

import ast

from paths import ROOT

import sepsim


def test_the_stub_names_what_loads_lazily():
    tree = ast.parse((ROOT / "sepsim" / "__init__.pyi").read_text())
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    found = {alias.asname: node.module for node in imports for alias in node.names}
    assert found == {**sepsim._HOMES, **dict.fromkeys(sepsim._MODULES, "sepsim")}
    assert all(alias.name == alias.asname for node in imports for alias in node.names)
