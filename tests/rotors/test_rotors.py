"""Rotor and tube records: radii, speed, and wrong input."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.rotors.rotors import RADII, ROTORS, Rotor, Tube, angular_speed, rcf, rotor

TUBE = {"inner_diameter_mm": 25, "length_mm": 89, "volume_mL": 38.5}


def rotor_with(**changes):
    return Rotor(**{"name": "test", "angle_deg": 90, "rmax_mm": 161, "rmin_mm": 75.3, "tube": TUBE} | changes)


def tube_with(**changes):
    return Tube(**TUBE | changes)


def test_radii_in_metres():
    bucket = rotor("SW 28")
    assert [bucket.radius(at) for at in RADII] == pytest.approx([0.161, 0.11815, 0.0753])


def test_rotor_without_rmin_says_so():
    with pytest.raises(InputError, match=r"rotor 'A-4-81': has no rmin_mm.*rcf_at = \"rmax\""):
        _ = rotor("A-4-81").r_av
    with pytest.raises(InputError, match="A-4-81"):
        angular_speed(rotor("A-4-81"), rcf_xg=300, rcf_at="rav")
    omega = angular_speed(rotor("A-4-81"), rcf_xg=300, rcf_at="rmax")
    assert omega**2 * rotor("A-4-81").rmax_mm * 1e-3 == pytest.approx(300 * 9.80665)


def test_radius_by_an_unknown_name():
    with pytest.raises(
        InputError, match=r"rcf_at = 'r_max': must be one of 'rmax', 'rav', 'rmin'; did you mean 'rmax'"
    ):
        rotor("SW 28").radius("r_max")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"angle_deg": 60}, "angle_deg = 60: must be 90 .* or 0 to 45, .* is it 30?"),
        ({"angle_deg": 91}, "angle_deg = 91: must be at least 0 and at most 90"),
        ({"rmin_mm": 161}, "rmin_mm = 161: must be below rmax_mm = 161"),
        ({"rmax_mm": 0}, "rmax_mm = 0: must be above 0"),
        ({"max_rpm": -5}, "max_rpm = -5: must be above 0"),
        ({"n_tubes": 0}, "n_tubes = 0: must be a whole number, at least 1"),
        ({"angle_deg": 45, "rmax_mm": 100, "rmin_mm": 80}, "inner_diameter_mm = 25 at 45 deg spans 35.4 mm .* 20.0"),
        ({"rmax_mm": 80, "rmin_mm": None}, "rmax_mm = 80: tube .* of 89 mm would reach the rotor's axis"),
        ({"angle_deg": 0, "rmax_mm": 24, "rmin_mm": None}, "rmax_mm = 24: .* use a larger rmax_mm"),
    ],
)
def test_wrong_rotors(changes, expected):
    with pytest.raises(InputError, match=expected):
        rotor_with(**changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"volume_mL": 50}, "volume_mL = 50: must be at most 41.64"),
        ({"length_mm": 12}, "length_mm = 12: must be at least 12.5, the round bottom alone"),
        ({"bottom": "conical"}, "cone_height_mm: missing"),
        ({"cone_height_mm": 5}, "cone_height_mm = 5: only for a conical bottom"),
        ({"bottom": "rund"}, "bottom = 'rund': must be one of .*did you mean 'round'"),
        ({"inner_diameter_mm": 0}, "inner_diameter_mm = 0: must be above 0"),
    ],
)
def test_wrong_tubes(changes, expected):
    with pytest.raises(InputError, match=expected):
        tube_with(**changes)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "speed_rpm or rcf_xg: one of them is required"),
        ({"speed_rpm": 100, "rcf_xg": 100, "rcf_at": "rmax"}, "speed_rpm = 100 and rcf_xg = 100: give one"),
        ({"rcf_xg": 100}, r'rcf_xg = 100: rcf_at is missing; say "rmax", "rav" or "rmin" .*up to 1.5x'),
        ({"rcf_xg": 100, "rcf_at": "ravg"}, "rcf_at = 'ravg': .*did you mean 'rav'"),
        ({"speed_rpm": 100, "rcf_at": "rmax"}, "rcf_at = 'rmax': says where rcf_xg holds"),
        ({"speed_rpm": 0}, "speed_rpm = 0: must be a finite number above 0"),
        ({"rcf_xg": math.nan, "rcf_at": "rmax"}, "rcf_xg = nan: must be"),
        (
            {"speed_rpm": 35000},
            "speed_rpm = 35000: 35000 rpm exceeds .*'SW 28'; at most 28000 rpm, which is 141149 g at rmax",
        ),
        ({"rcf_xg": 150e3, "rcf_at": "rav"}, "rcf_xg = 150000 at rav: 33695 rpm exceeds .* 103582 g at rav"),
    ],
)
def test_wrong_speeds(asked, expected):
    with pytest.raises(InputError, match=expected):
        angular_speed(rotor("SW 28"), **asked)


def test_allowed_force_of_the_message_is_accepted():
    assert angular_speed(rotor("SW 28"), rcf_xg=141_149, rcf_at="rmax") < rotor("SW 28").max_angular_speed
    assert angular_speed(rotor("SW 28"), speed_rpm=28_000) == pytest.approx(28_000 * 2 * math.pi / 60)


def test_rotor_without_a_largest_speed_is_not_limited():
    one = rotor("F-45-24-15")
    assert one.max_rpm is None
    assert angular_speed(one, rcf_xg=1e6, rcf_at="rmax") ** 2 * one.rmax_mm * 1e-3 == pytest.approx(1e6 * 9.80665)


@given(force=st.floats(1, 1e5), at=st.sampled_from(RADII), name=st.sampled_from(["SW 28", "Type 45 Ti", "VTi 50"]))
def test_force_and_speed_are_inverse(force, at, name):
    omega = angular_speed(rotor(name), rcf_xg=min(force, 3e4), rcf_at=at)
    radius = {"rmin": rotor(name).rmin_mm, "rmax": rotor(name).rmax_mm}
    radius["rav"] = 0.5 * (radius["rmin"] + radius["rmax"])
    assert rcf(omega, rotor(name).radius(at)) == pytest.approx(min(force, 3e4), rel=1e-12)
    assert omega**2 * radius[at] * 1e-3 / 9.80665 == pytest.approx(min(force, 3e4), rel=1e-9)


@pytest.mark.parametrize("name", ROTORS.names)
def test_tube_lies_between_the_axis_and_rmax(name):
    one = rotor(name)
    assert 0 < one.mouth_radius < one.r_max
