"""Catalogues: every entry by the names that people write, as a table, with its sources; what is refused."""

from dataclasses import replace

import pytest

from sepsim.data import bibliography
from sepsim.errors import InputError
from sepsim.rotors.rotors import ROTORS
from sepsim.rotors.tubes import TUBES
from sepsim.techniques.chromatography.columns.columns import COLUMNS
from sepsim.techniques.chromatography.columns.resins import RESINS
from sepsim.techniques.filtration.membranes.membranes import MEMBRANES

CATALOGS = [ROTORS, TUBES, MEMBRANES, COLUMNS, RESINS]
ENTRIES = [pytest.param(catalog, name, id=f"{catalog.kind} {name}") for catalog in CATALOGS for name in catalog.names]


@pytest.mark.parametrize(("catalog", "name"), ENTRIES)
def test_every_entry_is_found_by_each_of_its_names(catalog, name):
    found, row = catalog.get(name), catalog.row(name)
    assert found.name == row[catalog.kind] == name
    assert catalog.get(found) is found
    assert all(catalog.get(alias) is found for alias in catalog.aliases(row))


@pytest.mark.parametrize(("catalog", "name"), ENTRIES)
def test_every_entry_is_described_by_its_name_and_read_back_from_its_table(catalog, name):
    found = catalog.get(name)
    assert catalog.describe(found) == name
    again = catalog.get(found.to_table())
    assert (again, hash(again)) == (found, hash(found))


@pytest.mark.parametrize(("catalog", "name"), ENTRIES)
def test_every_entry_has_its_sources_once(catalog, name):
    sources = catalog.sources(catalog.get(name))
    assert set() < set(catalog.row(name)["source"].split()) <= set(sources) <= bibliography().keys()
    assert len(sources) == len(set(sources))


@pytest.mark.parametrize("catalog", CATALOGS, ids=lambda catalog: catalog.kind)
def test_a_renamed_entry_is_of_the_user(catalog):
    own = replace(catalog.get(catalog.names[0]), name="mine")
    assert not catalog.holds(own)
    assert catalog.get(catalog.describe(own)) == own


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("SW 28", "SW 28"),
        ("sw28", "SW 28"),
        ("SW 28 Ti", "SW 28"),
        ("SW28.1", "SW 28.1"),
        ("SW32", "SW 32 Ti"),
        ("Ti 45", "Type 45 Ti"),
        ("type-45-ti", "Type 45 Ti"),
        ("45Ti", "Type 45 Ti"),
        ("Type 70", "Type 70 Ti"),
        ("Beckman Coulter SW 41 Ti", "SW 41 Ti"),
        ("Eppendorf A-4-81", "A-4-81"),
        ("airfuge", "A-100/30"),
        ("sorvall SS-34", "SS-34"),
        ("surespin", "SureSpin 630"),
    ],
)
def test_rotor_by_the_name_people_write(written, name):
    assert ROTORS.get(written).name == name


def test_unknown_rotor_names_the_nearest():
    with pytest.raises(InputError, match=r"unknown rotor 'Type 71 Ti'; did you mean 'Type 70") as caught:
        ROTORS.get("Type 71 Ti")
    assert "sepsim list rotors" in str(caught.value)


def test_ambiguous_rotor_names_the_candidates():
    with pytest.raises(InputError, match=r"TLA-120.*'TLA-120.1' or 'TLA-120.2'"):
        ROTORS.get("TLA-120")


@pytest.mark.parametrize("nothing", ["", "  ", "-"])
def test_empty_name_is_unknown(nothing):
    with pytest.raises(InputError, match="unknown rotor"):
        ROTORS.get(nothing)


def test_something_else_than_a_name_or_table_is_refused():
    with pytest.raises(InputError, match="must be a table"):
        ROTORS.get(45)
    with pytest.raises(InputError, match="must be a table"):
        TUBES.get(45)


def test_rotor_as_a_table_with_a_tube_by_name():
    own = ROTORS.get({"name": "mine", "angle_deg": 90, "rmax_mm": 160, "tube": "14 x 89"})
    assert own.tube == TUBES.get("14 x 89 mm, 13.2 mL")
    assert own.confidence == "user"
    assert ROTORS.get(ROTORS.describe(own)) == own
    assert ROTORS.describe(own)["tube"] == "14 x 89 mm, 13.2 mL"


def test_rotor_as_a_table_with_a_tube_as_a_table():
    glass = {"name": "glass", "inner_diameter_mm": 20, "length_mm": 80, "volume_mL": 20, "bottom": "flat"}
    own = ROTORS.get({"angle_deg": 30, "rmax_mm": 100, "n_tubes": 4, "tube": glass})
    assert own.tube.bottom == "flat"
    assert ROTORS.get(ROTORS.describe(own)) == own
    assert ROTORS.describe(own)["tube"] == {**glass, "inner_diameter_mm": 20.0}


def test_changed_rotor_of_the_catalogue_is_described_by_its_table():
    changed = replace(ROTORS.get("SW 28"), rmax_mm=160.0)
    assert isinstance(ROTORS.describe(changed), dict)
    assert ROTORS.get(ROTORS.describe(changed)) == changed
    assert ROTORS.sources(changed) == ()


def test_wrong_tables_report_every_key():
    with pytest.raises(InputError) as caught:
        ROTORS.get({"angle": 90, "rmax_mm": -1, "tube": "50 mL conicle"})
    text = "\n".join(caught.value.problems)
    assert "did you mean 'angle_deg'" in text
    assert "rmax_mm = -1: must be above 0" in text
    assert "did you mean '50 mL conical'" in text


def test_the_sources_of_a_rotor_include_those_of_its_tube():
    assert ROTORS.sources(ROTORS.get("Type 60 Ti")) == ("livshits2015", "beckman_tubes", "rotor_table")
