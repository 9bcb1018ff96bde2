"""Look-up of rotors and tubes by the names that people write."""

from dataclasses import replace

import pytest

from sepsim.errors import InputError
from sepsim.rotors.rotor_catalog import (
    describe,
    describe_tube,
    rotor,
    rotor_names,
    rotor_row,
    rotor_sources,
    tube,
    tube_names,
)


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
    assert rotor(written).name == name


def test_unknown_rotor_names_the_nearest():
    with pytest.raises(InputError, match=r"unknown rotor 'Type 71 Ti'; did you mean 'Type 70") as caught:
        rotor("Type 71 Ti")
    assert "sepsim list rotors" in str(caught.value)


def test_ambiguous_rotor_names_the_candidates():
    with pytest.raises(InputError, match=r"TLA-120.*'TLA-120.1' or 'TLA-120.2'"):
        rotor("TLA-120")


@pytest.mark.parametrize("nothing", ["", "  ", "-"])
def test_empty_name_is_unknown(nothing):
    with pytest.raises(InputError, match="unknown rotor"):
        rotor(nothing)


def test_something_else_than_a_name_or_table_is_refused():
    with pytest.raises(InputError, match="must be a table"):
        rotor(45)
    with pytest.raises(InputError, match="must be a table"):
        tube(45)


def test_rotor_as_a_table_with_a_tube_by_name():
    own = rotor({"name": "mine", "angle_deg": 90, "rmax_mm": 160, "tube": "14 x 89"})
    assert own.tube == tube("14 x 89 mm, 13.2 mL")
    assert own.confidence == "user"
    assert rotor(describe(own)) == own
    assert describe(own)["tube"] == "14 x 89 mm, 13.2 mL"


def test_rotor_as_a_table_with_a_tube_as_a_table():
    glass = {"name": "glass", "inner_diameter_mm": 20, "length_mm": 80, "volume_mL": 20, "bottom": "flat"}
    own = rotor({"angle_deg": 30, "rmax_mm": 100, "n_tubes": 4, "tube": glass})
    assert own.tube.bottom == "flat"
    assert rotor(describe(own)) == own
    assert describe(own)["tube"] == {**glass, "inner_diameter_mm": 20.0}


def test_changed_rotor_of_the_catalogue_is_described_by_its_table():
    changed = replace(rotor("SW 28"), rmax_mm=160.0)
    assert isinstance(describe(changed), dict)
    assert rotor(describe(changed)) == changed
    assert rotor_sources(changed) == ()


def test_wrong_tables_report_every_key():
    with pytest.raises(InputError) as caught:
        rotor({"angle": 90, "rmax_mm": -1, "tube": "50 mL conicle"})
    text = "\n".join(caught.value.problems)
    assert "did you mean 'angle_deg'" in text
    assert "rmax_mm = -1: must be above 0" in text
    assert "did you mean '50 mL conical'" in text


def test_names_rows_and_sources():
    assert "SW 28" in rotor_names()
    assert "50 mL conical" in tube_names()
    assert describe_tube(tube("50 mL conical")) == "50 mL conical"
    assert rotor_row("ti 60")["confidence"] == "transcribed"
    assert rotor_sources(rotor("Type 60 Ti")) == ("livshits2015", "beckman_tubes")
