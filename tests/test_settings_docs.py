"""What a record of settings documents is what it declares: the same keys, in the same units."""

import dataclasses
import importlib
import inspect
import pkgutil
import re

import pytest
from test_docstrings import documented

import sepsim
from sepsim.settings import Settings, declared
from sepsim.units import suffix

for module in pkgutil.walk_packages(sepsim.__path__, "sepsim."):
    if not module.name.startswith(("sepsim.__main__", "sepsim.cli")) and ".kernels" not in module.name:
        importlib.import_module(module.name)

SPELT = {"C": "degC", "M": "mol/L", "mg_per_mL": "mg/mL", "L_m2_h_bar": "L m-2 h-1 bar-1"}  # otherwise than the key


def descendants(kind):
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


RECORDS = {
    f"{kind.__module__.removeprefix('sepsim.')}.{kind.__name__}": kind
    for kind in descendants(Settings)
    if kind.__module__.startswith("sepsim.")
    and dataclasses.is_dataclass(kind)
    and not kind.__name__.startswith("_")
    and not inspect.isabstract(kind)
}


def folded(unit):
    """A unit without its punctuation."""
    return re.sub(r"[^\w%]|_", "", unit.replace("%", "percent").replace("1/", "per"))


def test_records_are_found():
    assert {"handling.Dilution", "particles.population.Vesicle", "rotors.tubes.Tube"} <= RECORDS.keys()


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_documented_keys_are_those_declared(record):
    assert sorted(name for names, _, _ in documented(record) for name in names) == sorted(declared(record))


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_documented_units_are_those_of_the_keys(record):
    for names, kind, description in documented(record):
        units = {folded(unit) for unit in re.findall(r"\[([^\]]+)\]", kind + description)}
        for name in names:
            unit = suffix(name)
            if unit is not None and "float" in kind:
                assert folded(SPELT.get(unit, unit)) in units, f"{name}: {kind}"
