"""Documentation that cannot rot: examples are run and counted, parameters and units agree with the signatures."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest

import sepsim

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(sepsim.__path__, "sepsim.")
    if not module.name.startswith(("sepsim.__main__", "sepsim.cli"))
)
NUMERIC = re.compile(r"\b(float|ndarray|array_like)\b")
UNIT = re.compile(r"\[[^\]]+\]")


def public_functions():
    for name in MODULES:
        module = importlib.import_module(name)
        for attribute, value in vars(module).items():
            function = getattr(value, "py_func", value)
            if attribute.startswith("_") or not inspect.isfunction(function) or function.__module__ != name:
                continue
            yield pytest.param(function, id=f"{name.removeprefix('sepsim.')}.{attribute}")


FUNCTIONS = list(public_functions())


def documented(function):
    """Return the parameters of a docstring as (names, type and unit, description)."""
    text = inspect.getdoc(function) or ""
    section = re.search(r"Parameters\n-+\n(.*?)(\n\n[A-Z][a-z]+\n-+|\Z)", text, re.DOTALL)
    if section is None:
        return []
    entries = []
    for line in section[1].splitlines():
        if line and not line.startswith(" "):
            names, _, kind = line.partition(" : ")
            entries.append([[name.strip().lstrip("*") for name in names.split(",")], kind, ""])
        elif entries:
            entries[-1][2] += line
    return entries


@pytest.mark.parametrize("function", FUNCTIONS)
def test_documented_parameters_are_those_of_the_signature(function):
    assert inspect.getdoc(function)
    entries = documented(function)
    if entries:
        names = [name for group, _, _ in entries for name in group]
        assert names == list(inspect.signature(function).parameters)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_numbers_are_documented_with_a_unit(function):
    for names, kind, description in documented(function):
        if NUMERIC.search(kind):
            assert UNIT.search(kind + description), f"{names}: {kind}"


@pytest.mark.parametrize("name", [name for name in sepsim.__all__ if callable(getattr(sepsim, name))])
def test_what_the_package_exports_has_an_example(name):
    thing = getattr(sepsim, name)
    if not (inspect.isclass(thing) and issubclass(thing, Exception)):
        assert ">>>" in thing.__doc__


def test_examples_are_many_and_none_is_skipped():
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(tests) >= 350
    assert not any(example.options.get(doctest.SKIP) for test in tests for example in test.examples)


@pytest.mark.parametrize(("has", "share"), [(documented, 0.75), (lambda function: ">>>" in function.__doc__, 0.65)])
def test_most_functions_have_parameters_and_an_example_in_their_docstring(has, share):
    functions = [case.values[0] for case in FUNCTIONS]
    assert sum(map(bool, map(has, functions))) >= share * len(functions)
