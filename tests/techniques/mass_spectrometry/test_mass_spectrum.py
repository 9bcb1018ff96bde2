"""Peak profiles, resolving power, doublets, scans and slits, against geometry and an independent program."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.signal import fftconvolve

from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.mass_spectrum import (
    doublet,
    field_of_mz,
    mz_of_field,
    needed_resolving_power,
    peak_areas,
    scan,
    slit_tradeoff,
)
from sepsim.techniques.mass_spectrometry.peak_profile import (
    SourceRays,
    aberration_widths,
    estimated_resolving_power,
    image_positions,
    ray_profile,
    slit_profile,
    source_rays,
)

UM = 1e-6
MAGNET_M = 0.3048
# 90/60 degrees, radii 1.25 : 1, with the refraction at the boundaries of the electric sector; traced elsewhere
NIER_JOHNSON = {
    "x": 2 / 3,
    "g": 5 / 6 * MAGNET_M,
    "aa": -0.2449 * MAGNET_M,
    "ad": -0.4318 * MAGNET_M,
    "dd": 0.1727 * MAGNET_M,
}
DISPERSION = NIER_JOHNSON["g"]
MASSES = {
    "CO": 27.994915,
    "N2": 28.006148,
    "C2H4": 28.031300,
    "32S": 31.972071,
    "O2": 31.989829,
    "87Rb": 86.909181,
    "87Sr": 86.908878,
}
NEEDED = [("CO", "N2", 2493), ("N2", "C2H4", 1114), ("CO", "C2H4", 770), ("32S", "O2", 1801)]
widths = st.floats(1e-6, 1e-3)


def traced_profile(coefficients, slit, collector, half_angle, energy_fwhm, count=100_000):
    rays = source_rays(count, slit=slit, half_angle=half_angle, energy_fwhm=energy_fwhm)
    return ray_profile(image_positions(coefficients, rays), collector)


# ---- profiles ------------------------------------------------------------------------------------------------


@given(widths, widths)
def test_trapezoid_has_the_base_top_and_height_of_two_slits(image, collector):
    peak = slit_profile(image, collector)
    assert np.ptp(peak.position) == pytest.approx(image + collector, rel=1e-12, abs=0)
    assert peak.width(0.5) == pytest.approx(max(image, collector), rel=1e-9, abs=0)
    assert peak.width(0.05) == pytest.approx(image + collector - 0.1 * min(image, collector), rel=1e-9, abs=0)
    assert peak.height == pytest.approx(min(1, collector / image))
    assert peak.area == pytest.approx(collector, rel=1e-9, abs=0)


@pytest.mark.parametrize(("image", "collector"), [(60, 100), (100, 60), (80, 80)])
def test_trapezoid_is_the_convolution_of_both_slits(image, collector):
    x = np.arange(-2000, 2001) * 0.1 * UM
    first, second = (np.where(np.abs(x) <= 0.5 * width * UM, 1.0, 0.0) for width in (image, collector))
    expected = fftconvolve(first / first.sum(), second, mode="same")
    assert slit_profile(image * UM, collector * UM).at(x) == pytest.approx(expected, abs=5e-3)


@given(widths, widths)
def test_rays_without_aberrations_give_the_trapezoid(image, collector):
    assume(0.05 < image / collector < 20)
    traced = ray_profile(np.linspace(-0.5, 0.5, 20_001) * image, collector)
    exact = slit_profile(image, collector)
    for level in (0.05, 0.5, 0.9):
        assert traced.width(level) == pytest.approx(exact.width(level), rel=0.01, abs=0)
    assert traced.height == pytest.approx(exact.height, rel=1e-2)


def test_a_profile_catches_every_ray_once():
    """Its area is the slit's width, whatever the rays."""
    places = np.random.default_rng(1).normal(3e-5, 4e-5, 5000)
    assert ray_profile(places, 50 * UM).area == pytest.approx(50 * UM, rel=1e-3, abs=0)


def test_lost_rays_lower_the_peak_and_keep_its_shape():
    places = np.linspace(-1e-5, 1e-5, 501)
    all_arrive, half_lost = ray_profile(places, 30 * UM), ray_profile(places, 30 * UM, sent=1002)
    assert half_lost.signal == pytest.approx(0.5 * all_arrive.signal)
    assert half_lost.width(0.05) == pytest.approx(all_arrive.width(0.05), rel=1e-12, abs=0)


def test_profile_follows_a_skewed_image():
    """Blur by the square of the angle lies on one side: the tail of the peak too."""
    peak = traced_profile({"x": -1.0, "aa": -10.0}, 10 * UM, 10 * UM, 5e-3, 0)
    top = peak.position[np.argmax(peak.signal)]
    assert top - peak.position[0] > 5 * (peak.position[-1] - top)


def test_image_positions_multiply_the_named_variables():
    rays = SourceRays(x=np.array([1.0, 2.0]), a=np.array([3.0, 0.0]), d=np.array([-5.0, 7.0]))
    places = image_positions({"x": 2.0, "aa": 0.5, "ad": 1.0, "xd": 10.0, "g": 99.0, "yy": 99.0}, rays)
    assert places.tolist() == [2 + 4.5 - 15 - 50, 4 + 140]


def test_image_of_rays_traced_elsewhere():
    """Angles of 2 mrad: -0.2986 um; energies 1e-3 off: +0.0526 um."""
    rays = SourceRays(x=np.zeros(4), a=np.array([2e-3, -2e-3, 0, 0]), d=np.array([0, 0, 1e-3, -1e-3]))
    assert image_positions(NIER_JOHNSON, rays) / UM == pytest.approx([-0.2986, -0.2986, 0.0526, 0.0526], abs=1e-4)


def test_source_rays_fill_the_slit_the_cone_and_the_gaussian():
    rays = source_rays(50_000, slit=1e-4, half_angle=3e-3, energy_fwhm=2e-3)
    for values, half in ((rays.x, 5e-5), (rays.a, 3e-3)):
        assert np.abs(values).max() <= half
        share, _ = np.histogram(values, bins=20, range=(-half, half))
        assert share / 50_000 == pytest.approx(np.full(20, 0.05), abs=5e-4)
    assert np.mean(np.abs(rays.d) < 1e-3) == pytest.approx(0.7610, abs=1e-3)  # within half of the full width
    correlations = np.corrcoef(np.array(rays)) - np.eye(3)
    assert np.abs(correlations).max() < 1e-3


# ---- resolving power -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slit", "half_angle", "valley", "fwhm", "formula"),
    [(100, 2e-3, 1588, 2549, 1523), (10, 1e-3, 15_871, 25_473, 15_235), (10, 5e-3, 15_580, 25_475, 15_235)],
)
def test_resolving_power_as_ray_traced_elsewhere(slit, half_angle, valley, fwhm, formula):
    """The double-focusing instrument at three settings, energy spread 1e-3: both definitions and the slit formula."""
    power = traced_profile(NIER_JOHNSON, slit * UM, slit * UM, half_angle, 1e-3).resolving_power(DISPERSION)
    assert power.valley == pytest.approx(valley, rel=0.01)
    assert power.fwhm == pytest.approx(fwhm, rel=0.01)
    estimate = estimated_resolving_power(NIER_JOHNSON, source_slit=slit * UM, collector_slit=slit * UM)
    assert estimate == pytest.approx(formula, rel=1e-3)
    assert estimate == pytest.approx(power.valley, rel=0.05)


def test_the_trapezoid_gives_nearly_the_traced_resolving_power():
    power = slit_profile(2 / 3 * 100 * UM, 100 * UM).resolving_power(DISPERSION)
    assert power.valley == pytest.approx(1588, rel=0.01)
    assert power.fwhm == pytest.approx(2549, rel=0.01)


def test_single_focusing_is_stuck_near_a_thousand():
    """With (x|d) = D an energy spread of 1e-3 costs more than slits of 10 um could give: about 1e3 by FWHM."""
    single = {"x": -1.0, "g": DISPERSION, "d": DISPERSION, "aa": -DISPERSION}
    power = traced_profile(single, 10 * UM, 10 * UM, 1e-3, 1e-3).resolving_power(DISPERSION)
    assert power.fwhm == pytest.approx(1000, rel=0.02)
    assert power.valley < 600
    double = traced_profile(NIER_JOHNSON, 10 * UM, 10 * UM, 1e-3, 1e-3).resolving_power(DISPERSION)
    assert double.valley > 20 * power.valley


def test_formula_for_the_first_single_focusing_magnet():
    """r = 305 mm, slits of 0.004 in: 305 / 0.203 = 1500 without aberrations; 102 um of them leave 1000."""
    magnet = {"x": -1.0, "g": 0.305, "d": 0.305, "aa": -0.305}
    slits = {"source_slit": 101.6 * UM, "collector_slit": 101.6 * UM}
    assert estimated_resolving_power(magnet, **slits) == pytest.approx(1500, rel=2e-3)
    half = 102 * UM / 0.305 / 2
    assert estimated_resolving_power(magnet, **slits, half_energy=half) == pytest.approx(1000, rel=3e-3)


@pytest.mark.parametrize("term", ["a", "d", "aa", "ad", "dd", "aad"])
def test_aberration_widths_span_the_image_of_all_corners(term):
    """Full width of the term over the box of angles and energies, found by filling it."""
    a, d = np.meshgrid(np.linspace(-2e-3, 2e-3, 41), np.linspace(-5e-4, 5e-4, 41))
    rays = SourceRays(x=np.zeros(a.size), a=a.ravel(), d=d.ravel())
    expected = np.ptp(image_positions({term: -0.7}, rays))
    assert aberration_widths({term: -0.7}, 2e-3, 5e-4)[term] == pytest.approx(expected, rel=1e-9, abs=0)


def test_dispersion_of_either_sign_resolves_alike():
    peak = slit_profile(20 * UM, 40 * UM)
    assert peak.resolving_power(-0.25) == peak.resolving_power(0.25)


# ---- doublets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second", "needed"), NEEDED)
def test_resolving_power_that_doublets_need(first, second, needed):
    assert needed_resolving_power(MASSES[first], MASSES[second]) == pytest.approx(needed, abs=0.5)
    assert needed_resolving_power(MASSES[second], MASSES[first]) == pytest.approx(needed, abs=0.5)


@pytest.mark.parametrize(("first", "second", "needed"), NEEDED)
@pytest.mark.parametrize("shape", [0.2, 2 / 3, 1.0, 3.0])
def test_doublets_resolve_when_the_valley_resolving_power_says_so(first, second, needed, shape):
    """1 % above what is needed the valley is below 10 %, 1 % below it is above: for any ratio of the slits."""
    for factor, resolved in ((1.01, True), (0.99, False)):
        unit = slit_profile(shape, 1.0).width(0.05)
        collector = DISPERSION / (factor * needed_resolving_power(MASSES[first], MASSES[second])) / unit
        peak = slit_profile(shape * collector, collector)
        assert peak.resolving_power(DISPERSION).valley == pytest.approx(factor * needed, rel=1e-3)
        pair = doublet(MASSES[first], MASSES[second], peak, DISPERSION)
        assert pair.resolved is resolved
        assert pair.valley == pytest.approx(0.1, abs=0.08)


def test_half_height_does_not_tell_whether_a_doublet_is_resolved():
    """100 um slits reach 2549 by FWHM, above the 2493 that CO/N2 need, and leave hardly a valley."""
    peak = traced_profile(NIER_JOHNSON, 100 * UM, 100 * UM, 2e-3, 1e-3)
    assert peak.resolving_power(DISPERSION).fwhm > 2493
    assert not doublet(MASSES["CO"], MASSES["N2"], peak, DISPERSION).resolved


@given(st.floats(3e-6, 1e-3), st.floats(0.1, 10))
def test_isobars_of_rubidium_and_strontium_never_resolve_below_1e5(collector, shape):
    peak = slit_profile(shape * collector, collector)
    assume(peak.resolving_power(DISPERSION).fwhm < 1e5)
    pair = doublet(MASSES["87Rb"], MASSES["87Sr"], peak, DISPERSION)
    assert pair.needed == pytest.approx(286_425, rel=3e-3)
    assert not pair.resolved
    assert pair.valley > 0.9


def test_a_scarce_neighbour_drowns_first():
    """The valley counts against the lower peak."""
    peak = traced_profile(NIER_JOHNSON, 60 * UM, 60 * UM, 2e-3, 1e-3)
    even = doublet(MASSES["CO"], MASSES["N2"], peak, DISPERSION)
    uneven = doublet(MASSES["CO"], MASSES["N2"], peak, DISPERSION, (1.0, 0.02))
    assert uneven.valley >= even.valley
    assert even.needed == uneven.needed


@pytest.mark.parametrize("dispersion", [DISPERSION, -DISPERSION])
def test_an_image_beside_the_axis_resolves_as_well(dispersion):
    """A shift of the whole image moves both peaks alike."""
    centred = slit_profile(60 * UM, 70 * UM)
    beside = replace(centred, position=centred.position + 900 * UM)
    pairs = [doublet(MASSES["CO"], MASSES["N2"], peak, dispersion) for peak in (centred, beside)]
    assert pairs[0].valley == pytest.approx(pairs[1].valley, abs=0.02)
    assert 0.1 < pairs[0].valley < 0.9


def test_equal_masses_are_one_peak():
    pair = doublet(28.0, 28.0, slit_profile(UM, UM), 0.25)
    assert (pair.needed, pair.valley, pair.resolved) == (np.inf, 1.0, False)


def test_far_masses_are_resolved():
    assert doublet(12.0, 238.05, slit_profile(UM, UM), 0.25).valley == 0.0


# ---- scans ---------------------------------------------------------------------------------------------------


@given(st.floats(1, 5000), st.floats(0.05, 2), st.floats(100, 20_000))
def test_field_and_mass_there_and_back(mz, radius, voltage):
    field = field_of_mz(mz, radius, voltage)
    assert float(mz_of_field(field, radius, voltage)) == pytest.approx(mz, rel=1e-12)


def test_twice_the_voltage_holds_half_the_mass():
    assert mz_of_field(0.5, 0.3, [4e3, 8e3])[0] == pytest.approx(2 * float(mz_of_field(0.5, 0.3, 8e3)), rel=1e-12)


def test_a_peptide_in_a_field_of_one_tesla():
    """m/z 750 at 10 kV and 1 T bends at 0.39 m."""
    assert float(mz_of_field(1.0, 0.39, 10e3)) == pytest.approx(750, rel=0.03)


@pytest.mark.parametrize("dispersion", [0.25, -0.25])
def test_scan_moves_each_ion_over_the_slit(dispersion):
    """Signal at a setting = share of a displaced image within the slit, counted ray by ray, for a skewed image."""
    rays = source_rays(5000, slit=20 * UM, half_angle=5e-3, energy_fwhm=0)
    image = image_positions({"x": 1.0, "aa": -2.0}, rays)
    peak = ray_profile(image, 30 * UM)
    held = np.array([499.92, 499.98, 500.03, 500.05])
    shifted = image[:, None] + dispersion * (500.0 / held - 1)
    expected = 4.0 * np.mean(np.abs(shifted) <= 15 * UM, axis=0)
    assert scan(held, [500.0], [4.0], peak, dispersion).intensity == pytest.approx(expected, abs=0.02)
    assert np.ptp(expected) > 1


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=6), st.integers(0, 99))
def test_areas_give_back_the_abundances(amounts, seed):
    """Resolved ions from m/z 100 to 1500, of any abundances, through a skewed peak."""
    peak = traced_profile(NIER_JOHNSON, 30 * UM, 40 * UM, 3e-3, 1e-3, count=3000)
    ions = 100.0 + 240.0 * np.arange(len(amounts)) + np.random.default_rng(seed).uniform(0, 100, len(amounts))
    half = 3 * 60 * UM / DISPERSION
    held = np.concatenate([ion * np.linspace(1 - half, 1 + half, 4001) for ion in ions])
    spectrum = scan(held, ions, amounts, peak, DISPERSION)
    found = peak_areas(spectrum, np.outer(ions, [1 - half, 1 + half]), peak, DISPERSION)
    assert found == pytest.approx(amounts, rel=2e-3)


def test_spectra_add_up():
    peak = slit_profile(30 * UM, 30 * UM)
    held = np.linspace(27.95, 28.08, 500)
    both = scan(held, [28.0, 28.03], [2.0, 5.0], peak, 0.25).intensity
    apart = scan(held, [28.0], [2.0], peak, 0.25).intensity + scan(held, [28.03], [5.0], peak, 0.25).intensity
    assert both == pytest.approx(apart)
    assert both.max() == pytest.approx(5.0, rel=0.05)


# ---- slits ---------------------------------------------------------------------------------------------------


def test_wider_slits_trade_resolution_for_transmission():
    slits = np.array([5, 15, 50, 150, 500, 1000]) * UM
    curve = slit_tradeoff(slits, NIER_JOHNSON, half_angle=2e-3, energy_fwhm=1e-3, beam_width=500 * UM)
    assert np.all(np.diff(curve.valley[:5]) < 0)
    assert np.all(np.diff(curve.transmission) >= -1e-9)
    assert curve.transmission[4] == pytest.approx(1, abs=0.01)
    assert curve.transmission[2] == pytest.approx(0.1, abs=0.01)
    assert np.all(curve.fwhm > curve.valley)


def test_slits_wide_against_aberrations_follow_the_formula():
    """Collector as wide as the image: a triangle; R (FWHM) = D / (M s), with the sum of slits twice that."""
    curve = slit_tradeoff([300 * UM], NIER_JOHNSON, half_angle=1e-3, energy_fwhm=1e-3, beam_width=300 * UM)
    assert curve.collector_slit == pytest.approx([200 * UM], rel=1e-12, abs=0)
    assert curve.fwhm == pytest.approx([DISPERSION / (200 * UM)], rel=0.01)
    assert curve.valley == pytest.approx([DISPERSION / (200 * UM * 1.9)], rel=0.01)


def test_a_slit_wider_than_the_beam_does_not_blur_the_image():
    keys = {"half_angle": 1e-3, "energy_fwhm": 1e-3, "beam_width": 50 * UM, "collector_slits": [40 * UM]}
    just, wide = (slit_tradeoff([slit], NIER_JOHNSON, **keys) for slit in (50 * UM, 500 * UM))
    assert wide.valley == pytest.approx(just.valley)


# ---- what cannot work ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: slit_profile(0.0, UM), "image_width = 0"),
        (lambda: slit_profile(UM, -UM), "collector_width = -1e-06"),
        (lambda: slit_profile(np.nan, UM), "image_width = nan"),
        (lambda: ray_profile([0.0, np.nan], UM), "give their number"),
        (lambda: ray_profile([], UM), "no ray reaches the collector"),
        (lambda: scan([28.0], [-28.0], [1.0], slit_profile(UM, UM), 0.25), "mass and charge must be positive"),
        (lambda: scan([0.0], [28.0], [1.0], slit_profile(UM, UM), 0.25), "instrument is set on"),
        (lambda: scan([28.0], [28.0], [-1.0], slit_profile(UM, UM), 0.25), "abundance"),
        (lambda: scan([28.0], [28.0, 29.0], [1.0], slit_profile(UM, UM), 0.25), "1 values for 2 ions"),
        (lambda: needed_resolving_power(0.0, 28.0), "above 0"),
        (lambda: field_of_mz(0.0, 0.3, 8e3), "mz = 0: must be"),
        (lambda: field_of_mz(28.0, 0.3, -8e3), "voltage = -8000: must be"),
        (lambda: field_of_mz(28.0, 0.0, 8e3), "radius = 0: must be"),
        (lambda: mz_of_field(0.0, 0.3, 8e3), "field = 0: must be"),
        (lambda: mz_of_field([0.1, 0.2], 0.3, [8e3, 0.0]), "voltage = 0: must be"),
        (lambda: doublet(28.0, 28.1, slit_profile(UM, UM), 0.25, (1.0, 0.0)), "abundances"),
    ],
)
def test_what_makes_no_spectrum_is_named(call, named):
    with pytest.raises(InputError, match=named):
        call()
