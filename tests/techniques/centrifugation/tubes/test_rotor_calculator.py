"""The rotor calculator against the tables of Livshits et al. 2015 (doi 10.1038/srep17319) and its own limits."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA
from scipy import integrate

from sepsim.errors import InputError
from sepsim.rotors.rotors import Rotor, Tube, angular_speed_for_rcf, rcf, rotor
from sepsim.techniques.centrifugation.tubes.chords import Chords, chords, pelleted_fraction
from sepsim.techniques.centrifugation.tubes.rotor_calculator import (
    clearing_exponent,
    cut_off_diameter,
    equivalent_time,
    fixed_angle_clearing,
    fixed_angle_clearing_constant_field,
    fixed_angle_pelleted,
    fixed_angle_pelleted_constant_field,
    k_factor,
    k_factor_warning,
    path_half_axis,
    pelleted,
    sphere_sedimentation_coefficient,
    swinging_bucket_clearing,
    swinging_bucket_pelleted,
)

MEDIUM = {"density_difference": 150.0, "viscosity": 1.55e-3}
SIZES = (150, 120, 100, 70)
HALF_HOUR = 30 * 60.0
with (DATA / "livshits2015.csv").open(newline="") as file:
    PUBLISHED = {row["rotor"]: row for row in csv.DictReader(file)}
SWINGING = [name for name, row in PUBLISHED.items() if row["type"] == "SW"]
FIXED_ANGLE = [name for name, row in PUBLISHED.items() if row["type"] == "FA"]


def published(name, column):
    return float(PUBLISHED[name][column])


def as_published(name):
    """Return a rotor as the paper has it: its tubes are as wide inside as their nominal, outer diameter."""
    one = rotor(name)
    if name in SWINGING:
        return one
    bore = published(name, "tube_diameter_mm")
    return replace(one, tube=Tube(inner_diameter_mm=bore, length_mm=one.tube.length_mm, volume_mL=0.1))


def dose(name, time=HALF_HOUR, at="rav"):
    one = rotor(name)
    return angular_speed_for_rcf(10_000, one.radius(at)) ** 2 * time


def exponents(name, time=HALF_HOUR, at="rav"):
    return sphere_sedimentation_coefficient(np.array(SIZES) * 1e-9, **MEDIUM) * dose(name, time, at)


def percents(name, table):
    return [published(name, f"{table}_p{size}_percent") for size in SIZES]


def constant_field(name, exponent):
    form = swinging_bucket_pelleted if name in SWINGING else fixed_angle_pelleted_constant_field
    return 100 * form(as_published(name), exponent)


@pytest.mark.parametrize("name", PUBLISHED)
def test_radii_and_angle_are_the_published_and_the_bore_is_narrower_than_the_nominal_diameter(name):
    one = rotor(name)
    assert (one.rmin_mm, one.rmax_mm) == (published(name, "rmin_mm"), published(name, "rmax_mm"))
    assert one.r_av * 1e3 == pytest.approx(published(name, "rav_mm"), abs=0.1)
    if name in FIXED_ANGLE:
        assert one.angle_deg == published(name, "angle_deg")
        assert (
            0.8 * published(name, "tube_diameter_mm") < one.tube.inner_diameter_mm < published(name, "tube_diameter_mm")
        )


@pytest.mark.parametrize("name", PUBLISHED)
def test_table_2_pelleted_shares(name):
    assert constant_field(name, exponents(name)) == pytest.approx(percents(name, "t2"), abs=1)


@pytest.mark.parametrize("name", PUBLISHED)
def test_table_2_cut_off_diameters(name):
    clearing = swinging_bucket_clearing if name in SWINGING else fixed_angle_clearing_constant_field
    diameter = cut_off_diameter(clearing(as_published(name)), dose(name), **MEDIUM)
    assert diameter * 1e9 == pytest.approx(published(name, "t2_d_star_nm"), abs=1)


@pytest.mark.parametrize("name", SWINGING)
def test_table_3_k_factors(name):
    omega = angular_speed_for_rcf(10_000, rotor(name).r_av)
    assert k_factor(rotor(name), omega) == pytest.approx(published(name, "t3_k"), rel=2e-3)


@pytest.mark.parametrize("name", SWINGING)
def test_table_3_shares_after_the_time_of_equal_k(name):
    time = HALF_HOUR * published(name, "t3_k") / published("MLS-50", "t3_k")
    assert time / 60 == pytest.approx(published(name, "t3_time_min"), abs=0.5)
    assert constant_field(name, exponents(name, time)) == pytest.approx(percents(name, "t3"), abs=1)
    printed_time = 60 * published(name, "t3_time_min")
    diameter = cut_off_diameter(swinging_bucket_clearing(rotor(name)), dose(name, printed_time), **MEDIUM)
    assert diameter * 1e9 == pytest.approx(published(name, "t3_d_star_nm"), abs=1)


@pytest.mark.parametrize("name", SWINGING)
def test_chords_of_a_flat_tube_from_rmin_to_rmax_give_the_published_rows(name):
    one = rotor(name)
    bore = one.tube.inner_diameter_mm
    length = one.rmax_mm - one.rmin_mm
    flat = Tube(inner_diameter_mm=bore, length_mm=length, volume_mL=math.pi / 4e3 * bore**2 * length, bottom="flat")
    bundle = chords(replace(one, tube=flat), flat.volume)
    share = 100 * pelleted_fraction(bundle, exponents(name)).pelleted
    assert share == pytest.approx(constant_field(name, exponents(name)), abs=0.1)
    assert share == pytest.approx(percents(name, "t2"), abs=1)


class TestMistakesOfOtherCalculators:
    """Each of these mistakes was once published; each moves a number that the table fixes."""

    @pytest.mark.parametrize("name", SWINGING)
    def test_force_at_rmax_instead_of_rav_misses_the_table(self, name):
        ratio = dose(name, at="rav") / dose(name, at="rmax")
        assert ratio == pytest.approx(rotor(name).r_max / rotor(name).r_av)
        assert ratio > 1.3
        missed = np.abs(constant_field(name, exponents(name, at="rmax")) - percents(name, "t2"))
        assert missed.max() > 7

    @pytest.mark.parametrize("name", FIXED_ANGLE)
    def test_diameter_and_angle_are_not_swapped(self, name):
        assert path_half_axis(as_published(name)) * 2e3 == pytest.approx(published(name, "path_mm"), abs=0.1)
        swapped = published(name, "angle_deg") / math.cos(math.radians(published(name, "tube_diameter_mm")))
        assert abs(swapped - published(name, "path_mm")) > 1

    @pytest.mark.parametrize("name", ["Type 45 Ti", "Type 60 Ti", "Type 70 Ti", "TLA-110"])
    def test_path_is_over_the_cosine_not_the_sine(self, name):
        wrong = 2 * as_published(name).tube.radius / math.sin(rotor(name).angle)
        assert wrong * 1e3 > 1.5 * published(name, "path_mm")

    @pytest.mark.parametrize("name", ["Type 45 Ti", "F-45-24-15"])
    def test_section_is_an_ellipse_not_a_circle(self, name):
        circle = constant_field_with_path(name, 2 * as_published(name).tube.radius)
        ellipse = constant_field_with_path(name, 2 * path_half_axis(as_published(name)))
        assert ellipse == pytest.approx(percents(name, "t2"), abs=1)
        assert np.abs(circle - percents(name, "t2")).max() > 5


def constant_field_with_path(name, path):
    shift = np.minimum(exponents(name) * rotor(name).r_av / path, 1)
    return 200 / math.pi * (np.arcsin(shift) + shift * np.sqrt(1 - shift**2))


class TestExactFixedAngle:
    """One elliptic section in the growing field."""

    name = "Type 45 Ti"

    def ratio(self):
        return rotor(self.name).r_av / path_half_axis(rotor(self.name))

    def test_slope_at_small_dose(self):
        slope = fixed_angle_pelleted(rotor(self.name), 1e-7) / 1e-7
        assert slope == pytest.approx(0.5 + 2 * self.ratio() / math.pi, rel=1e-6)

    def test_growing_field_lies_half_the_dose_above_the_constant_field(self):
        exponent = 1e-5
        more = fixed_angle_pelleted(rotor(self.name), exponent)
        more -= fixed_angle_pelleted_constant_field(rotor(self.name), exponent)
        assert more / exponent == pytest.approx(0.5, rel=1e-4)

    def test_everything_pelleted_from_the_clearing_exponent_on(self):
        clearing = fixed_angle_clearing(rotor(self.name))
        assert clearing == pytest.approx(math.log((self.ratio() + 1) / (self.ratio() - 1)), rel=1e-12)
        before, at, after = fixed_angle_pelleted(rotor(self.name), clearing * np.array([0.999, 1.0, 2.0]))
        assert before < 1
        assert at == pytest.approx(1, abs=1e-12)
        assert after == 1

    def test_narrow_tube_far_out_is_the_constant_field(self):
        far = Rotor(
            angle_deg=30,
            rmax_mm=1e7,
            rmin_mm=1e7 - 20,
            tube={"inner_diameter_mm": 10, "length_mm": 30, "volume_mL": 1},
        )
        exponent = np.array([0.1, 0.4, 0.7, 0.95]) * 2 * path_half_axis(far) / far.r_av
        expected = fixed_angle_pelleted_constant_field(far, exponent)
        assert fixed_angle_pelleted(far, exponent) == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize("exponent", [1e-4, 0.05, 0.3, 0.6])
    @pytest.mark.parametrize("width", [0.01, 0.3])
    def test_is_the_integral_over_the_ellipse_whatever_its_width(self, exponent, width):
        r, a, q = rotor(self.name).r_av, path_half_axis(rotor(self.name)), math.exp(-exponent)

        def left(turn):  # at y = width sin(turn)
            u = a * math.cos(turn)
            return max(0, q * (r + u) - (r - u)) * width * math.cos(turn)

        kink = math.acos(min(r / a * math.tanh(exponent / 2), 1))
        total = math.pi / 2 * a * width
        unpelleted = integrate.quad(left, 0, math.pi / 2, points=[kink], epsabs=1e-14)[0] / total
        assert fixed_angle_pelleted(rotor(self.name), exponent) == pytest.approx(1 - unpelleted, abs=1e-10)

    @given(st.lists(st.floats(0, 2), min_size=2, max_size=9))
    def test_monotone_between_zero_and_one(self, drawn):
        share = fixed_angle_pelleted(rotor(self.name), np.sort(drawn))
        assert np.all(np.diff(share) >= -1e-14)
        assert np.all((share >= 0) & (share <= 1))

    def test_vertical_flat_tube_is_a_bundle_of_such_sections(self):
        one = rotor("VTi 50")
        brim = replace(one.tube, bottom="flat").brim_volume * 1e6
        flat = replace(one.tube, bottom="flat", volume_mL=brim)
        bundle = chords(replace(one, tube=flat), flat.volume)
        doses = np.linspace(0, 0.5, 41)
        middle = replace(one, rmin_mm=one.rmax_mm - one.tube.inner_diameter_mm)
        assert pelleted_fraction(bundle, doses).pelleted == pytest.approx(
            fixed_angle_pelleted(middle, doses), abs=1.5e-4
        )


def test_exact_form_lies_above_the_published_fixed_angle_rows():
    """The table holds constant-field numbers: the growing field pellets more of the small sizes."""
    share = 100 * pelleted(rotor("Type 45 Ti"), exponents("Type 45 Ti"))
    assert np.all(share > np.array(percents("Type 45 Ti", "t2")) + 2)


def test_kind_chooses_the_form():
    assert clearing_exponent(rotor("SW 28")) == swinging_bucket_clearing(rotor("SW 28"))
    assert clearing_exponent(rotor("VTi 50")) == fixed_angle_clearing(rotor("VTi 50"))
    assert pelleted(rotor("SW 28"), 0.3) == swinging_bucket_pelleted(rotor("SW 28"), 0.3)
    assert pelleted(rotor("NVT 65"), 0.1) == fixed_angle_pelleted(rotor("NVT 65"), 0.1)


@pytest.mark.parametrize("name", ["SW 28", "Type 45 Ti", "VTi 50"])
def test_floating_particles_do_not_pellet(name):
    assert pelleted(rotor(name), [-1.0, 0.0]) == pytest.approx([0, 0], abs=0)


@pytest.mark.parametrize("name", ["SW 28", "Type 45 Ti", "VTi 50", "NVT 65"])
def test_cut_off_diameter_is_just_pelleted(name):
    diameter = cut_off_diameter(clearing_exponent(rotor(name)), dose(name), **MEDIUM)
    exponent = sphere_sedimentation_coefficient(diameter * np.array([0.99, 1.0]), **MEDIUM) * dose(name)
    below, at = pelleted(rotor(name), exponent)
    assert below < 1
    assert at == pytest.approx(1, abs=1e-9)


def test_no_cut_off_without_a_density_difference():
    with pytest.raises(InputError, match="density difference 0 kg/m3: must be above 0"):
        cut_off_diameter(1.0, 1e10, density_difference=0, viscosity=1e-3)


def test_k_factor_without_rmin_says_so():
    with pytest.raises(InputError, match=r"A-4-81.*rmin_mm"):
        k_factor(rotor("A-4-81"), 400)


def both_times(first, other, speeds=(2000, 2000)):
    here, there = rotor(first), rotor(other)
    return [
        equivalent_time(3600, path(here), speeds[0], other_path=path(there), other_angular_speed=speeds[1])
        for path in (swinging_bucket_clearing, clearing_exponent)
    ]


def test_times_agree_between_swinging_buckets():
    by_k, by_cut_off = both_times("SW 28", "SW 41 Ti", (2000, 3000))
    assert by_k == pytest.approx(by_cut_off, rel=1e-12)
    expected = 3600 * k_factor(rotor("SW 41 Ti"), 3000) / k_factor(rotor("SW 28"), 2000)
    assert by_k == pytest.approx(expected, rel=1e-12)
    assert k_factor_warning(rotor("SW 28"), rotor("SW 41 Ti")) == ""


@pytest.mark.parametrize("other", ["Type 45 Ti", "Type 70 Ti", "NVT 65.2"])
def test_the_k_factor_misleads_where_the_path_is_across_the_tube(other):
    by_k, by_cut_off = both_times("SW 28", other)
    assert by_cut_off < 0.95 * by_k
    assert "misleads" in k_factor_warning(rotor("SW 28"), rotor(other))


def test_the_time_of_equal_cut_off_clears_the_same_size():
    _, seconds = both_times("SW 28", "Type 45 Ti")
    here, there = (
        cut_off_diameter(clearing_exponent(rotor(name)), 2000**2 * time, **MEDIUM)
        for name, time in (("SW 28", 3600), ("Type 45 Ti", seconds))
    )
    assert here == pytest.approx(there, rel=1e-12)


def test_force_and_speed_are_inverse():
    assert rcf(angular_speed_for_rcf(12_345, 0.1), 0.1) == pytest.approx(12_345)


def test_one_section_as_a_bundle_of_chords_converges_to_the_closed_form():
    r, a = rotor("Type 70 Ti").r_av, path_half_axis(rotor("Type 70 Ti"))
    node, weight = np.polynomial.legendre.leggauss(400)
    u = a * np.cos(math.pi / 4 * (node + 1))
    bundle = Chords(r - u, r + u, weight * u)
    doses = np.linspace(0.01, 0.5, 30)
    expected = fixed_angle_pelleted(rotor("Type 70 Ti"), doses)
    assert pelleted_fraction(bundle, doses).pelleted == pytest.approx(expected, abs=1e-5)
