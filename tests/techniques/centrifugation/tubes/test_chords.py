"""Bundles of chords against random points moved through the tube, closed forms and the divergence theorem."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from sepsim.errors import InputError
from sepsim.rotors.rotors import ROTORS, Rotor, rotor
from sepsim.techniques.centrifugation.tubes import tilted_tube
from sepsim.techniques.centrifugation.tubes.chords import (
    Chords,
    chords,
    condensed,
    fill_volume,
    meniscus,
    pelleted_fraction,
)

POINTS = 300_000
SIGMAS = 4.5


def own(angle, bottom="round", cone=None, bore=20.0, length=70.0, rmax=110.0):
    tube = {"inner_diameter_mm": bore, "length_mm": length, "volume_mL": 1e-3, "bottom": bottom}
    if cone is not None:
        tube["cone_height_mm"] = cone
    rough = Rotor(angle_deg=angle, rmax_mm=rmax, tube=tube)
    return replace(rough, tube=replace(rough.tube, volume_mL=rough.tube.brim_volume * 1e6))


CASES = {
    "SW 41 Ti": (rotor("SW 41 Ti"), 0.93),
    "SW 28 nearly empty": (rotor("SW 28"), 0.04),
    "A-4-81": (rotor("A-4-81"), 0.8),
    "A-4-81 in the cone": (rotor("A-4-81"), 0.04),
    "Type 45 Ti full": (rotor("Type 45 Ti"), 1.0),
    "Type 45 Ti half": (rotor("Type 45 Ti"), 0.5),
    "Type 45 Ti nearly empty": (rotor("Type 45 Ti"), 0.03),
    "TLA-55": (rotor("TLA-55"), 0.6),
    "NVT 65": (rotor("NVT 65"), 0.95),
    "NVT 65 part": (rotor("NVT 65"), 0.3),
    "VTi 50": (rotor("VTi 50"), 1.0),
    "VTi 50 part": (rotor("VTi 50"), 0.4),
    "FA-45-6-30": (rotor("FA-45-6-30"), 0.9),
    "FA-45-6-30 part": (rotor("FA-45-6-30"), 0.25),
    "brim-full, round, 30 deg": (own(30), 1.0),
    "brim-full, vertical": (own(0), 1.0),
    "flat, 25 deg": (own(25, "flat"), 0.7),
    "flat, 25 deg, brim-full": (own(25, "flat"), 1.0),
    "flat, vertical": (own(0, "flat"), 0.5),
    "flat, bucket": (own(90, "flat"), 0.5),
    "blunt cone, 40 deg": (own(40, "conical", 4.0), 0.6),
    "blunt cone, 40 deg, in the bottom": (own(40, "conical", 4.0), 0.02),
    "sharp cone, 40 deg": (own(40, "conical", 30.0), 0.6),
    "sharp cone, 40 deg, in the tip": (own(40, "conical", 30.0), 0.02),
    "sharp cone, vertical": (own(0, "conical", 30.0), 0.6),
    "cone of 45 deg at 45 deg": (own(45, "conical", 10.0), 0.5),
}


class RandomTube:
    """The tilted body by its definition alone: axis, bore, bottom, and the outermost point at r_max."""

    def __init__(self, one):
        self.tube, self.sine, self.cosine = one.tube, math.sin(one.angle), math.cos(one.angle)
        s = np.append(np.linspace(0, one.tube.length, 200_001), one.tube.length - one.tube.bottom_height)
        self.mouth = one.r_max - float(np.max(s * self.sine + self.bore_at(s) * self.cosine))

    def bore_at(self, s):
        tube = self.tube
        below = s - (tube.length - tube.bottom_height)
        if tube.bottom == "round":
            narrowed = np.sqrt(np.maximum(tube.radius**2 - np.maximum(below, 0) ** 2, 0))
        elif tube.bottom == "conical":
            narrowed = tube.radius * (1 - np.maximum(below, 0) / tube.bottom_height)
        else:
            narrowed = np.full_like(s, tube.radius)
        return np.where(s <= tube.length, narrowed, -1.0)

    def holds(self, x, y, z):
        s = (x - self.mouth) * self.sine - z * self.cosine
        t = (x - self.mouth) * self.cosine + z * self.sine
        return (s >= 0) & (self.bore_at(s) >= 0) & (t**2 + y**2 <= np.maximum(self.bore_at(s), 0) ** 2)

    def points(self, rng):
        R, length = self.tube.radius, self.tube.length
        s, t, y = rng.uniform(0, length, POINTS), rng.uniform(-R, R, POINTS), rng.uniform(-R, R, POINTS)
        x, z = self.mouth + s * self.sine + t * self.cosine, -s * self.cosine + t * self.sine
        inside = self.holds(x, y, z)
        return x[inside], y[inside], z[inside], length * (2 * R) ** 2


@pytest.mark.parametrize("case", CASES)
def test_bundle_against_random_points(case):
    one, filling = CASES[case]
    volume = filling * one.tube.volume
    bundle, surface = chords(one, volume), meniscus(one, volume)
    body = RandomTube(one)
    x, y, z, box = body.points(np.random.default_rng(20240607))
    wet = x >= surface
    expected = volume / box
    assert wet.sum() / POINTS == pytest.approx(expected, abs=SIGMAS * math.sqrt(expected / POINTS))
    assert bundle.volume == pytest.approx(volume, rel=1e-12)
    assert bundle.inner.min() >= surface - 1e-12
    assert bundle.outer.max() <= one.r_max + 1e-12
    x, y, z = x[wet], y[wet], z[wet]
    for share_of_clearing in (0.05, 0.3, 0.6, 0.9):
        exponent = share_of_clearing * bundle.clearing_exponent
        flow = pelleted_fraction(bundle, [exponent, -exponent])
        left_outwards = ~body.holds(x * math.exp(exponent), y, z)
        inwards = x * math.exp(-exponent)
        left_inwards = (inwards < surface) | ~body.holds(inwards, y, z)
        for share, left in ((flow.pelleted[0], left_outwards), (flow.floated[1], left_inwards)):
            tolerance = SIGMAS * math.sqrt(max(share * (1 - share), 1e-3) / x.size)
            assert left.mean() == pytest.approx(share, abs=tolerance)


@pytest.mark.parametrize("name", [name for name in ROTORS.names if rotor(name).angle_deg < 90])
def test_volume_of_the_body_up_to_the_brim(name):
    """Discs across the tube's axis, summed numerically, give the volume of cylinder and bottom."""
    body = tilted_tube.body(rotor(name))
    volume, _ = tilted_tube.volume_beyond(body, -body.radius * body.cosine)
    assert volume == pytest.approx(rotor(name).tube.brim_volume, rel=1e-12)


@pytest.mark.parametrize("name", ["Type 45 Ti", "NVT 65", "VTi 50", "FA-45-6-30", "SW 41 Ti", "A-4-81"])
@pytest.mark.parametrize("filling", [1.0, 0.6, 0.05])
def test_default_resolution_suffices(name, filling):
    one = rotor(name)
    volume = filling * one.tube.volume
    doses = np.logspace(-4, 0.5, 500)
    coarse, fine = chords(one, volume), chords(one, volume, resolution=300)
    tolerance = 2.5e-6 if one.angle_deg == 90 else 1.5e-4
    for sign in (1, -1):
        for share, reference in zip(
            pelleted_fraction(coarse, sign * doses), pelleted_fraction(fine, sign * doses), strict=True
        ):
            assert share == pytest.approx(reference, abs=tolerance)
    assert coarse.inner.size <= 512


@pytest.mark.parametrize("name", ["Type 45 Ti", "VTi 50", "FA-45-6-30", "NVT 65"])
@pytest.mark.parametrize("filling", [1.0, 0.5, 0.05])
def test_chords_and_discs_agree_on_the_volume(name, filling):
    """Two independent cuts of the body, along and across the tube."""
    one = rotor(name)
    body = tilted_tube.body(one)
    level = tilted_tube.meniscus(body, filling * one.tube.volume)
    inner, outer, area = tilted_tube.cut_chords(body, level, 200, 60)
    assert area @ (outer - inner) == pytest.approx(filling * one.tube.volume, rel=2e-5)


class TestSwingingBucket:
    """A cylinder with a hemisphere, where everything is known in closed form."""

    one = rotor("SW 41 Ti")

    def unpelleted(self, volume, exponent):
        R, q = self.one.tube.radius, math.exp(-exponent)
        r_m, rim = meniscus(self.one, volume), self.one.r_max - R
        low = min(max(r_m / q - rim, 0), R)
        bottom = (q * rim - r_m) * (R**2 - low**2) / 2 + q * (R**3 - low**3) / 3
        return 2 * math.pi / volume * bottom

    def test_meniscus_of_12_ml(self):
        """By hand: 12 mL in a bore of 13.95 mm are 12000/152.8 + 13.95/6 = 80.8 mm deep."""
        assert meniscus(self.one, 12e-6) * 1e3 == pytest.approx(153.1 - 80.8, abs=0.1)

    def test_fractions_add_up_to_the_fill(self):
        edges = [meniscus(self.one, volume * 1e-6) for volume in range(1, 13)]
        volumes = [fill_volume(self.one, edge) for edge in edges]
        fractions = np.diff([0, *volumes])
        assert fractions == pytest.approx(np.full(12, 1e-6), rel=1e-9)
        assert fractions.sum() == pytest.approx(12e-6, rel=1e-12)

    @pytest.mark.parametrize("exponent", [1e-6, 0.05, 0.3, 0.6, 0.7, 0.76])
    def test_closed_form_is_the_integral_over_the_section(self, exponent):
        R, q, volume = self.one.tube.radius, math.exp(-exponent), 12e-6
        r_m, rim = meniscus(self.one, volume), self.one.r_max - R

        def left(rho):
            return 2 * math.pi * rho * max(0, q * (rim + math.sqrt(R**2 - rho**2)) - r_m)

        kink = math.sqrt(R**2 - min(max(r_m / q - rim, 0), R) ** 2)
        number = integrate.quad(left, 0, R, points=[kink], epsabs=1e-18)[0] / volume
        assert self.unpelleted(volume, exponent) == pytest.approx(number, abs=1e-9)

    @pytest.mark.parametrize("millilitres", [12.9, 12, 6, 2])
    def test_bundle_is_the_closed_form(self, millilitres):
        volume = millilitres * 1e-6
        exponent = np.linspace(0, 0.8, 801)
        share = pelleted_fraction(chords(self.one, volume), exponent).pelleted
        expected = [1 - self.unpelleted(volume, one) for one in exponent]
        assert share == pytest.approx(expected, abs=1e-6)
        assert share[0] == 0

    def test_while_no_chord_is_cleared_the_bundle_is_exact(self):
        bundle, volume = chords(self.one, 12e-6), 12e-6
        R, r_max, r_m = self.one.tube.radius, self.one.r_max, meniscus(self.one, volume)
        exponent = np.array([1e-12, 1e-6, 0.1, 0.7])
        expected = -np.expm1(-exponent) * (r_max - R / 3) / (r_max - r_m - R / 3)
        assert exponent[-1] < math.log((r_max - R) / r_m)
        assert pelleted_fraction(bundle, exponent).pelleted == pytest.approx(expected, rel=1e-12)

    def test_nothing_is_pelleted_at_rest(self):
        flow = pelleted_fraction(chords(self.one, 12e-6), [0.0])
        assert flow.pelleted == flow.floated == [0.0]

    def test_everything_is_pelleted_at_the_clearing_exponent(self):
        bundle = chords(self.one, 12e-6)
        exact = math.log(self.one.r_max / meniscus(self.one, 12e-6))
        assert bundle.clearing_exponent == pytest.approx(exact, rel=1e-4)
        assert pelleted_fraction(bundle, [exact, np.inf]).pelleted == pytest.approx([1, 1])


class TestFirstOrderLaw:
    """P = sW (1/2 + x_mid A/V) from the divergence theorem; A the area that the radius sees."""

    small = 1e-7

    def slope(self, bundle):
        return pelleted_fraction(bundle, [self.small]).pelleted[0] / self.small

    def test_swinging_bucket_with_a_flat_bottom(self):
        one = own(90, "flat")
        volume = 0.6 * one.tube.volume
        middle = (one.r_max + meniscus(one, volume)) / 2
        law = 0.5 + middle * math.pi * one.tube.radius**2 / volume
        assert self.slope(chords(one, volume)) == pytest.approx(law, rel=1e-6)

    def test_full_vertical_tube(self):
        one = own(0)
        R, length = one.tube.radius, one.tube.length
        silhouette = 2 * R * (length - R) + math.pi * R**2 / 2
        law = 0.5 + (one.r_max - R) * silhouette / one.tube.volume
        assert self.slope(chords(one, one.tube.volume)) == pytest.approx(law, rel=1e-5)

    @pytest.mark.parametrize("case", ["Type 45 Ti half", "sharp cone, 40 deg", "NVT 65", "flat, 25 deg"])
    def test_any_tube_by_the_mean_of_its_surface(self, case):
        one, filling = CASES[case]
        volume = filling * one.tube.volume
        bundle = chords(one, volume)
        body = tilted_tube.body(one)
        surface = meniscus(one, volume)
        middle, _ = integrate.quad(
            lambda x: tilted_tube.volume_beyond(body, x - one.mouth_radius)[0], surface, one.r_max, epsrel=1e-8
        )
        mean_radius = surface + middle / volume  # of the liquid, from discs across the tube
        inner, outer, area = tilted_tube.cut_chords(body, surface - one.mouth_radius, 200, 60)
        mean_of_chords = area @ (outer - inner) * one.mouth_radius + area @ (outer**2 - inner**2) / 2
        assert mean_of_chords / volume == pytest.approx(mean_radius, rel=1e-5)
        seen = bundle.area.sum()
        x_mid = bundle.area @ (bundle.inner + bundle.outer) / 2 / seen
        assert self.slope(bundle) == pytest.approx(0.5 + x_mid * seen / volume, rel=1e-6)

    def test_growing_field_lies_half_the_exponent_above_the_constant_field(self):
        bundle = chords(rotor("VTi 50"), rotor("VTi 50").tube.volume)
        constant = bundle.area @ (bundle.inner + bundle.outer) / 2 / bundle.volume
        assert self.slope(bundle) - constant == pytest.approx(0.5, abs=1e-5)


class TestProperties:
    """What must hold for any tube, filling and dose."""

    names = ("SW 28", "A-4-81", "Type 45 Ti", "NVT 90", "VTi 65.2", "FA-45-6-30")

    @given(
        name=st.sampled_from(names),
        filling=st.floats(0.01, 1),
        doses=st.lists(st.floats(-3, 3), min_size=2, max_size=20),
    )
    def test_shares_are_bounded_and_monotone_in_dose(self, name, filling, doses):
        bundle = chords(rotor(name), filling * rotor(name).tube.volume)
        exponent = np.sort(doses)
        flow = pelleted_fraction(bundle, exponent)
        for share in flow:
            assert np.all((share >= 0) & (share <= 1))
        assert np.all(np.diff(flow.pelleted) >= -1e-14)
        assert np.all(np.diff(flow.floated) <= 1e-14)
        assert np.all((flow.pelleted == 0) | (flow.floated == 0))

    @given(name=st.sampled_from(names), fillings=st.lists(st.floats(1e-3, 1), min_size=2, max_size=6, unique=True))
    def test_a_fuller_tube_has_its_surface_further_in(self, name, fillings):
        one = rotor(name)
        levels = [meniscus(one, filling * one.tube.volume) for filling in sorted(fillings)]
        assert np.all(np.diff(levels) <= 1e-12)
        assert one.mouth_radius - one.tube.radius - 1e-12 <= levels[-1] <= levels[0] < one.r_max

    @given(name=st.sampled_from(names), filling=st.floats(1e-3, 1))
    def test_fill_volume_is_the_inverse_of_the_meniscus(self, name, filling):
        volume = filling * rotor(name).tube.volume
        assert fill_volume(rotor(name), meniscus(rotor(name), volume)) == pytest.approx(volume, rel=1e-8)

    @given(name=st.sampled_from(names), filling=st.floats(0.01, 1), count=st.integers(1, 40))
    def test_condensing_keeps_volume_and_first_order(self, name, filling, count):
        bundle = chords(rotor(name), filling * rotor(name).tube.volume)
        few = condensed(bundle, count)
        assert few.inner.size <= count
        assert few.volume == pytest.approx(bundle.volume, rel=1e-12)
        small = [1e-9, -1e-9]
        for share, reference in zip(pelleted_fraction(few, small), pelleted_fraction(bundle, small), strict=True):
            assert share == pytest.approx(reference, rel=1e-9)

    def test_order_of_the_chords_does_not_matter(self):
        bundle = chords(rotor("Type 70 Ti"), 20e-6)
        order = np.random.default_rng(1).permutation(bundle.area.size)
        shuffled = Chords(*(column[order] for column in bundle))
        doses = np.linspace(-1, 1, 51)
        for share, reference in zip(pelleted_fraction(shuffled, doses), pelleted_fraction(bundle, doses), strict=True):
            assert share == pytest.approx(reference, abs=1e-13)


def test_two_chords_by_hand():
    """Chords 0.05-0.10 m and 0.08-0.10 m of equal area: e^(sW) = 1.25 just clears the short one."""
    bundle = Chords(np.array([0.05, 0.08]), np.array([0.10, 0.10]), np.array([1e-4, 1e-4]))
    flow = pelleted_fraction(bundle, [math.log(1.25), -math.log(1.25), 0.0])
    assert flow.pelleted == pytest.approx([(0.02 + 0.02) / 0.07, 0, 0])
    assert flow.floated == pytest.approx([0, (0.0125 + 0.02) / 0.07, 0])


def test_half_full_bucket_pellets_more_at_the_same_dose():
    """A part-filled bucket has its surface further out, so its particles have a shorter way."""
    full, half = (pelleted_fraction(chords(rotor("SW 28"), volume), [0.2]).pelleted[0] for volume in (38e-6, 19e-6))
    assert half > 1.5 * full


@pytest.mark.parametrize("volume", [0.0, -1e-6, 95e-6, math.nan])
def test_wrong_fill_is_refused(volume):
    with pytest.raises(
        InputError, match=r"fill volume .* mL: must be above 0 and at most 94 mL, .*'38 x 102 mm, 94 mL'"
    ):
        chords(rotor("Type 45 Ti"), volume)
    with pytest.raises(InputError, match="'Type 45 Ti' takes; use more tubes"):
        meniscus(rotor("Type 45 Ti"), volume)


@pytest.mark.parametrize("radius", [0.01, 0.2])
def test_meniscus_outside_the_tube_is_refused(radius):
    with pytest.raises(
        InputError, match=r"meniscus_mm = .* must lie inside the tube of rotor 'SW 41 Ti', from 64.4 to 153.1"
    ):
        fill_volume(rotor("SW 41 Ti"), radius)


def test_meniscus_of_a_tube_fuller_than_allowed_is_refused():
    with pytest.raises(InputError, match=r"is a fill of 39.6.? mL, but tube .* takes at most 38.5 mL"):
        fill_volume(rotor("SW 28"), 0.0729)
