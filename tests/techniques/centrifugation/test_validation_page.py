"""The tables of docs/validation.md about rotors are what the catalogue's rotors give."""

import re
from dataclasses import replace

import numpy as np
import pytest
from paths import ROOT
from spins import SIZES_NM, spin, vesicles

from sepsim.rotors.rotors import Tube, angular_speed_for_rcf, rotor
from sepsim.techniques.centrifugation.tubes.rotor_calculator import (
    fixed_angle_pelleted,
    fixed_angle_pelleted_constant_field,
    sphere_sedimentation_coefficient,
    swinging_bucket_pelleted,
)

NOMINAL_WIDTHS = {"Type 45 Ti": 38, "Type 60 Ti": 25, "Type 70 Ti": 25, "F-45-24-15": 11, "TLA-110": 13}
BUCKETS = ("SW 40 Ti", "SW 28", "MLS-50")
PAGE = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")


def documented(name):
    (row,) = re.findall(rf"^\| {re.escape(name)} \| (.*) \|$", PAGE, re.MULTILINE)
    return [[float(number) for number in cell.split(" / ")] for cell in row.split(" | ")]


def exponents(one):
    s = sphere_sedimentation_coefficient(np.array(SIZES_NM) * 1e-9, density_difference=150, viscosity=1.55e-3)
    return s * angular_speed_for_rcf(10_000, one.r_av) ** 2 * 1800


def simulated(name):
    full = vesicles(rotor(name).tube.volume_mL)
    return 100 * spin(full, rotor=name, rcf_xg=10_000, rcf_at="rav", time_min=30).trace.pelleted


@pytest.mark.parametrize("name", BUCKETS)
def test_rows_of_swinging_buckets(name):
    _, formula, run = documented(name)
    assert 100 * swinging_bucket_pelleted(rotor(name), exponents(rotor(name))) == pytest.approx(formula, abs=0.51)
    assert simulated(name) == pytest.approx(run, abs=0.51)


@pytest.mark.parametrize("name", NOMINAL_WIDTHS)
def test_rows_of_fixed_angle_rotors(name):
    one = rotor(name)
    wide = Tube(inner_diameter_mm=NOMINAL_WIDTHS[name], length_mm=one.tube.length_mm, volume_mL=0.1)
    _, nominal, bore, section, run = documented(name)
    shares = [
        fixed_angle_pelleted_constant_field(replace(one, tube=wide), exponents(one)),
        fixed_angle_pelleted_constant_field(one, exponents(one)),
        fixed_angle_pelleted(one, exponents(one)),
    ]
    assert 100 * np.array(shares) == pytest.approx(np.array([nominal, bore, section]), abs=0.51)
    assert simulated(name) == pytest.approx(run, abs=0.51)
