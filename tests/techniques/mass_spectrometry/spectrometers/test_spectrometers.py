"""Spectrometers: what classic designs focus and how well, against textbooks and tracers; and what is refused."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ion_derivatives import STEPS, WEIGHTS, first_order, second_order, slopes
from scipy.optimize import brentq

from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.mass_spectrum import doublet
from sepsim.techniques.mass_spectrometry.optics.electric_sector import ElectricSector, trace_without_refraction
from sepsim.techniques.mass_spectrometry.optics.element import Drift, Slit
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.wien_filter import WienFilter
from sepsim.techniques.mass_spectrometry.peak_profile import slit_profile
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    BainbridgeJordan,
    MattauchHerzog,
    NierJohnson,
    SingleMagnet,
)
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_layout import layout, poses
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import BeamSource, Detector, Spectrometer

UNIT = NierJohnson(magnet_radius_mm=1000, electric_radius_mm=1250)  # r_m = 1 m
DESIGNS = [
    SingleMagnet(radius_mm=305),
    SingleMagnet(radius_mm=305, angle_deg=60, entrance_edge_deg=15, exit_edge_deg=10, field_index=0.2, sense=-1),
    SingleMagnet(radius_mm=305, angle_deg=90, object_mm=500),
    NierJohnson(),
    NierJohnson(order="BE"),
    NierJohnson(entrance_edge_deg=10, exit_edge_deg=-5, toroid=0.4, energy_slit_mm=2),
    NierJohnson(entrance_edge_deg=10, exit_edge_deg=-5, toroid=0.4, order="BE"),
    BainbridgeJordan(),
    MattauchHerzog(),
]
designs = pytest.mark.parametrize("design", DESIGNS, ids=repr)


def drifts(spectrometer):
    return [element.length for element in spectrometer.elements if isinstance(element, Drift)]


@designs
def test_designs_focus_to_rounding(design):
    image = design.spectrometer.image
    for name in design.focused:
        assert image.coefficient(name) == pytest.approx(0.0, abs=1e-12)
    derivatives = first_order(design.spectrometer.trace)
    assert derivatives[0, 1] == pytest.approx(0.0, abs=1e-10)
    if "x|d" in design.focused:
        assert derivatives[0, 2] == pytest.approx(0.0, abs=1e-10)


@designs
def test_whole_coefficients_are_derivatives_of_the_whole_exact_map(design):
    spectrometer = dataclasses.replace(
        design.spectrometer,
        elements=[element for element in design.spectrometer.elements if not isinstance(element, Slit)],
    )
    assert spectrometer.image.first_order == pytest.approx(first_order(spectrometer.trace), rel=1e-10, abs=1e-10)
    assert spectrometer.image.second_order == pytest.approx(second_order(spectrometer.trace, 1e-3), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize(("angle", "distance"), [(60, 1.7321), (90, 1.0), (180, 0.0)])
def test_symmetric_magnet(angle, distance):
    """The textbook figures, among them the blur r alpha^2."""
    spectrometer = SingleMagnet(radius_mm=1000, angle_deg=angle).spectrometer
    assert drifts(spectrometer) == pytest.approx([distance, distance], abs=5e-5)
    image = spectrometer.image
    expected = {"x|a": 0.0, "x|x": -1.0, "x|g": 1.0, "x|d": 1.0, "x|aa": -1.0}
    assert {name: image.coefficient(name) for name in expected} == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(radius=st.floats(50, 2000), angle=st.floats(20, 170), share=st.floats(0.6, 5))
def test_single_magnets_obey_herzogs_lens(radius, angle, share):
    r, phi = radius * 1e-3, math.radians(angle)
    f, g = r / math.sin(phi), r / math.tan(phi)
    before = max(g, 0.0) + share * f
    spectrometer = (
        SingleMagnet(radius_mm=radius, angle_deg=angle, object_mm=1e3 * before).spectrometer
        if (g + f * f / (before - g) >= 0)
        else None
    )
    if spectrometer is not None:
        after = drifts(spectrometer)[1]
        assert (before - g) * (after - g) == pytest.approx(f * f, rel=1e-9)


def test_nier_johnson_has_the_distances_and_aberrations_traced_elsewhere():
    """By two exact tracers, to the digits given; (x|ad) there from rounded distances."""
    spectrometer = UNIT.spectrometer
    symmetric = 1.25 / math.sqrt(2) / math.tan(math.sqrt(2) * math.pi / 4)
    assert drifts(spectrometer) == pytest.approx([symmetric, symmetric, 2.3094, 1.3472], abs=6e-5)
    image = spectrometer.image
    assert image.coefficient("x|x") == pytest.approx(2 / 3, rel=1e-12)
    assert image.coefficient("x|g") == pytest.approx(5 / 6, rel=1e-12)
    assert image.coefficient("x|aa") == pytest.approx(-0.2449, abs=5e-5)
    assert image.coefficient("x|ad") == pytest.approx(-0.4318, abs=3e-4)
    assert image.coefficient("x|dd") == pytest.approx(0.1727, abs=5e-5)


def test_image_of_a_point_by_nier_johnson():
    """Micrometres, of rays at 2 mrad and at 1e-3 of the energy."""
    rays = Rays(a=[0, 2e-3, -2e-3, 0, 0], d=[0, 0, 0, 1e-3, -1e-3])
    assert NierJohnson().spectrometer.trace(rays).x * 1e6 == pytest.approx(
        [0, -0.298, -0.299, 0.052, 0.053], abs=1.2e-3
    )


def test_reverse_order_is_the_same_instrument_flown_backwards():
    forward, reverse = NierJohnson().spectrometer, NierJohnson(order="BE").spectrometer
    assert drifts(reverse) == drifts(forward)[::-1]
    assert reverse.image.coefficient("x|x") == pytest.approx(1 / forward.image.coefficient("x|x"), rel=1e-12)
    assert abs(reverse.image.coefficient("x|g")) == pytest.approx(
        forward.image.coefficient("x|g") / forward.image.coefficient("x|x"), rel=1e-12
    )


def test_an_energy_spread_of_a_single_magnet_is_what_the_electric_sector_takes_away():
    ray = Rays(d=1e-3)
    single = SingleMagnet(radius_mm=304.8, angle_deg=60).spectrometer.trace(ray).x.item()
    assert single == pytest.approx(304.8e-6, rel=1e-2)
    assert abs(NierJohnson().spectrometer.trace(ray).x.item()) < 1e-3 * single


@settings(deadline=None, max_examples=30)
@given(ratio=st.floats(0.6, 3), electric=st.floats(60, 110), magnet=st.floats(45, 100), toroid=st.floats(0, 0.8))
def test_every_nier_johnson_focuses_or_names_the_distance(ratio, electric, magnet, toroid):
    settings = {
        "magnet_radius_mm": 300,
        "electric_radius_mm": 300 * ratio,
        "electric_angle_deg": electric,
        "magnet_angle_deg": magnet,
        "toroid": toroid,
    }
    try:
        spectrometer = NierJohnson(**settings).spectrometer
    except InputError:
        with pytest.raises(InputError, match="the distance turns negative"):
            NierJohnson(**settings)
        return
    assert first_order(spectrometer.trace)[0, 1:3] == pytest.approx([0.0, 0.0], abs=1e-10)
    assert min(drifts(spectrometer)) >= 0


def test_bainbridge_jordan_is_symmetric():
    spectrometer = BainbridgeJordan(radius_mm=1000).spectrometer
    assert drifts(spectrometer) == pytest.approx([0, 0, math.sqrt(3), math.sqrt(3)], abs=1e-12)
    assert spectrometer.image.coefficient("x|x") == pytest.approx(1.0, rel=1e-12)
    assert spectrometer.image.coefficient("x|g") == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("mass", [0.25, 0.5, 1.0, 2.0])
def test_mattauch_herzog_focuses_every_mass_on_its_plate(mass):
    spectrometer = MattauchHerzog(magnet_radius_mm=1000).spectrometer
    image = spectrometer.trace(Rays(g=mass - 1.0)).x.item()
    assert image == pytest.approx(math.sqrt(2) * (math.sqrt(mass) - 1), abs=1e-14)  # from the reference mass' image
    for variable in "ad":
        assert slopes(spectrometer.trace, "x", variable, g=mass - 1.0)[0] == pytest.approx(0.0, abs=1e-10)
    assert slopes(spectrometer.trace, "x", "g", g=mass - 1.0)[0] == pytest.approx(0.5 * math.sqrt(2 / mass), rel=1e-12)


def test_mattauch_herzog_makes_the_beam_parallel_and_the_distance_between_indifferent():
    spectrometer = MattauchHerzog(electric_radius_mm=1000).spectrometer
    assert drifts(spectrometer)[0] == pytest.approx(1 / math.sqrt(2), rel=1e-12)
    begin, sector = spectrometer.elements[:2]
    assert begin.transfer.then(sector.transfer).coefficient("a|a") == pytest.approx(0.0, abs=1e-12)
    for between in (0.0, 700.0):
        MattauchHerzog(between_mm=between)


def test_mattauch_herzog_with_equal_senses_does_not_focus():
    right = MattauchHerzog(magnet_radius_mm=1000).spectrometer
    begin, sector, space, magnet = right.elements
    wrong = dataclasses.replace(right, elements=[begin, dataclasses.replace(sector, sense=1), space, magnet])
    assert wrong.transfer.coefficient("x|d") == pytest.approx(1.0, rel=1e-12)  # r_m
    with pytest.raises(InputError, match=r"\(x\|d\) = 0.283 at the detector instead of 0.*\n?.*sense of a sector"):
        MattauchHerzog(magnet_radius_mm=200, electric_sense=1)


def test_plate_runs_at_45_degrees_through_the_entrance_of_the_magnet():
    spectrometer = MattauchHerzog(magnet_radius_mm=200).spectrometer
    plate = layout(spectrometer)[-1].points
    entrance = poses(spectrometer)[-2]
    along = (plate[1] - plate[0]) / np.linalg.norm(plate[1] - plate[0])
    assert plate[0] == pytest.approx(entrance[:2], abs=1e-12)
    heading = np.array([math.cos(entrance[2]), math.sin(entrance[2])])
    assert along @ heading == pytest.approx(math.cos(math.pi / 4), rel=1e-12)


def test_refraction_moves_the_radius_ratio_without_aperture_aberration_by_per_cents():
    def ratio(bend):
        def aberration(ratio):
            instrument = NierJohnson(magnet_radius_mm=1000, electric_radius_mm=1000 * ratio).spectrometer

            def trace(rays):
                for element in instrument.elements:
                    rays = bend(element, rays) if isinstance(element, ElectricSector) else element.trace(rays)
                return rays

            return slopes(trace, "x", "a", a=1e-3 * STEPS)[0] @ WEIGHTS

        return brentq(aberration, 0.9, 2.4, xtol=1e-4)

    with_refraction = ratio(lambda sector, rays: sector.trace(rays))
    without = ratio(trace_without_refraction)
    assert 0.01 < abs(with_refraction / without - 1) < 0.2


# Spectrometers of one's own


def test_a_spectrometer_survives_its_own_table():
    design = NierJohnson(energy_slit_mm=1, electric_gap_mm=20)
    spectrometer = design.spectrometer
    again = Spectrometer.from_table(spectrometer.to_table())
    assert again == spectrometer
    assert again.tube == pytest.approx(0.02)
    assert NierJohnson.from_table(design.to_table()) == design


def test_slits_stop_rays_on_the_way():
    spectrometer = NierJohnson(energy_slit_mm=1).spectrometer  # the energy dispersion there is r_e
    through = spectrometer.trace(Rays(d=[0.0, 1e-3, 2e-3]))
    assert np.isnan(through.x).tolist() == [False, False, True]


def test_tilted_detector_meets_rays_where_they_cross_it():
    detector = Detector(tilt_deg=30)
    image = detector.image(Rays(x=0.01, a=0.2, y=0.001, b=0.1))
    s, x = image.x.item() * math.sin(math.pi / 6), image.x.item() * math.cos(math.pi / 6)
    assert x == pytest.approx(0.01 + s * math.tan(0.2), rel=1e-12)
    assert image.y.item() == pytest.approx(0.001 + s * math.tan(0.1) / math.cos(0.2), rel=1e-12)
    assert detector.transfer.second_order == pytest.approx(second_order(detector.image), abs=1e-10)


def test_summary_lists_the_image():
    lines = UNIT.spectrometer.summary().splitlines()
    table = {line.split()[0]: line.split()[1:] for line in lines[2:]}
    assert table["(x|a)"][0] == table["(x|d)"][0] == "0"
    assert table["(x|x)"] == ["0.66667", "666.67", "um"]
    assert table["(x|dd)"] == ["0.1727", "17.27", "um"]  # 1 %: 0.1727 m * 1e-4
    assert {"(x|g)", "(x|aa)", "(x|ad)"} <= set(table)


def test_energy_spread_is_relative_to_the_ion_whatever_its_charge():
    ion = ReferenceIon(mass_Da=1500, charge=2, voltage_kV=10)
    spectrometer = NierJohnson(ion=ion, source=BeamSource(energy_spread_eV=5)).spectrometer
    assert spectrometer.energy_spread == pytest.approx(5e-4, rel=1e-12)


@designs
def test_layout_is_to_scale(design):
    spectrometer = design.spectrometer
    axis = layout(spectrometer)[0].points
    length = sum(
        element.radius * element.angle if isinstance(element, (ElectricSector, MagneticSector)) else element.length
        for element in spectrometer.elements
        if not isinstance(element, Slit)
    )
    assert np.linalg.norm(np.diff(axis, axis=0), axis=1).sum() == pytest.approx(length, rel=1e-3)
    turned = sum(element.sense * element.angle for element in spectrometer.elements if hasattr(element, "angle"))
    assert poses(spectrometer)[-1, 2] == pytest.approx(-turned, rel=1e-12)
    assert axis[-1] == pytest.approx(poses(spectrometer)[-1, :2], abs=1e-12)
    for outline in layout(spectrometer):
        assert outline.closed == outline.kind.endswith("sector")


def test_layout_of_a_wien_filter_and_a_slit():
    elements = [Drift(length_mm=100), Slit(width_mm=1), WienFilter(length_mm=50, gyroradius_mm=200, gap_mm=8)]
    drawn = {outline.kind: outline.points for outline in layout(Spectrometer(elements=elements))}
    assert drawn["wien filter"].min(axis=0) == pytest.approx([0.1, -0.004])
    assert drawn["wien filter"].max(axis=0) == pytest.approx([0.15, 0.004])
    assert np.nanmin(np.abs(drawn["slit"][:, 1])) == pytest.approx(5e-4)


@pytest.mark.parametrize("slit_um", [1, 3, 10, 100])
def test_no_slit_that_can_be_made_parts_rubidium_from_strontium(slit_um):
    """Even without any aberration: the two slits alone blur 2/3 s + s over r_m / 1.2 of dispersion."""
    spectrometer = NierJohnson(source={"slit_um": slit_um}, detector={"slit_um": slit_um}).spectrometer
    image = spectrometer.image
    sharp = slit_profile(abs(image.coefficient("x|x")) * spectrometer.source.width, spectrometer.detector.width)
    pair = doublet(86.909180531, 86.908877497, sharp, image.coefficient("x|g"))  # atomic masses of AME2020
    assert not pair.resolved


def test_the_plate_of_mattauch_and_herzog_stays_tilted():
    for given_detector in ({}, {"tilt_deg": 45}, Detector(tilt_deg=45)):
        assert MattauchHerzog(detector=given_detector) == MattauchHerzog()
    assert MattauchHerzog.from_table(MattauchHerzog().to_table()) == MattauchHerzog()


def test_the_narrowest_wall_limits_the_beam():
    assert NierJohnson().spectrometer.tube == pytest.approx(0.03)
    assert NierJohnson(electric_gap_mm=12).spectrometer.tube == pytest.approx(0.012)
    assert NierJohnson(electric_gap_mm=12, tube_mm=8).spectrometer.tube == pytest.approx(0.008)


MAGNET = MagneticSector(radius_mm=300, angle_deg=90)


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (lambda: NierJohnson(magnet_sense=-1), "image to magnet: the distance turns negative, -1056 mm"),
        (lambda: NierJohnson(electric_radius_mm=100), "magnet to detector: the distance turns negative"),
        (lambda: NierJohnson(electric_radius_mm=70), "image to magnet: the distance turns negative"),
        (lambda: NierJohnson(electric_angle_deg=150), "source to electric sector: the distance turns negative"),
        (
            lambda: SingleMagnet(radius_mm=300, angle_deg=60, object_mm=0),
            "magnet to detector: the distance turns negative",
        ),
        # f = r/sin(phi), g = r cot(phi): rays from g leave parallel
        (lambda: SingleMagnet(radius_mm=300, object_mm=0), "magnet to detector: the image is at infinity"),
        (
            lambda: SingleMagnet(radius_mm=300, angle_deg=45, object_mm=300),
            "magnet to detector: the image is at infinity",
        ),
        (
            lambda: SingleMagnet(radius_mm=300, angle_deg=60, object_mm=300 / math.sqrt(3)),
            "magnet to detector: the image is at infinity",
        ),
        (lambda: NierJohnson(magnet_angle_deg=180), "image to magnet: at infinity"),
        (lambda: SingleMagnet(radius_mm=300, field_index=1), "source to magnet, and magnet to detector: none focuses"),
        (lambda: SingleMagnet(radius_mm=300, field_index=2), "source to magnet: the distance turns negative"),
        (lambda: SingleMagnet(radius_mm=300, angle_deg=200), "source to magnet: the distance turns negative"),
        (lambda: SingleMagnet(radius_mm=0), "radius_mm = 0: must be above 0"),
        (lambda: NierJohnson(magnet_sense=0), "sense = 0: must be +1"),
        (lambda: NierJohnson(order="EBE"), "order = 'EBE': must be one of 'EB', 'BE'"),
        (
            lambda: NierJohnson(electric_gap_mm=5, energy_slit_mm=6),
            "element 4: width 6 mm is wider than the beam tube, 5 mm",
        ),
        (
            lambda: MattauchHerzog(electric_gap_mm=0.05),
            "source: slit 0.1 mm is wider than the beam tube, 0.05 mm",
        ),
        (
            lambda: BainbridgeJordan(tube_mm=0.05),
            "detector: slit 0.1 mm is wider than the beam tube, 0.05 mm",
        ),
        (
            lambda: Spectrometer(elements=[MAGNET], tube_mm=10, source=BeamSource(slit_um=20_000)),
            "source: slit 20 mm is wider than the beam tube, 10 mm",
        ),
        (
            lambda: Spectrometer(elements=[MAGNET], tube_mm=1, detector=Detector(slit_um=1500)),
            "detector: slit 1.5 mm is wider than the beam tube, 1 mm",
        ),
        (
            lambda: Spectrometer(elements=[Detector(), MAGNET]),
            "element 1 is a detector: out of order; it stands behind the last element",
        ),
        (
            lambda: Spectrometer.from_table(
                {"elements": [MAGNET, {"element": "detector", "slit_um": 10}, {"element": "slit", "width_mm": 1}]}
            ),
            "element 2 is a detector: out of order",
        ),
        (
            lambda: Spectrometer(elements=[MAGNET, BeamSource()]),
            "element 2 is a source: out of order; it stands before the first element",
        ),
        (lambda: Spectrometer(elements=[Drift(length_mm=5)]), "elements: none has a field"),
        (lambda: Spectrometer(elements=[]), "elements: none has a field"),
        (lambda: Spectrometer(elements="drift"), "must be a list of elements"),
        (
            lambda: Spectrometer(elements=[{"element": "magnet"}, {"element": "drift", "length_m": 1}]),
            "element 2: length_m: unknown key; did you mean 'length_mm'",
        ),
        (
            lambda: Spectrometer(elements=[{"element": "magnet"}]),
            "element 1: must be a table with element = one of 'drift'",
        ),
        (lambda: Detector(slit_um=10, tilt_deg=45), "slit_um = 10: a tilted plate"),
        (lambda: MattauchHerzog(detector={"slit_um": 10}), "slit_um = 10: a tilted plate (tilt_deg = 45) has none"),
        (lambda: MattauchHerzog(detector=Detector(slit_um=10)), "tilt_deg = 0: the masses are in focus on a plate"),
        (lambda: MattauchHerzog(detector={"tilt_deg": 30}), "tilt_deg = 30: the masses are in focus on a plate"),
        (lambda: MattauchHerzog(detector=45), "must be a table such as { tilt_deg = 45 }"),
        (lambda: BeamSource(slit_um=0.99), "slit_um = 0.99: must be at least 1"),
        (lambda: Detector(slit_um=1e-3), "slit_um = 0.001: must be at least 1"),
        (lambda: NierJohnson(energy_slit_mm=5e-4), "must be at least 0.001"),
        (lambda: NierJohnson(source={"slit_um": 30_000}), "source: slit 30 mm is wider than the beam tube, 30 mm"),
        (lambda: SingleMagnet(radius_mm=300, detector={"slit_um": 1e9}), "wider than the beam tube, 30 mm"),
        (lambda: NierJohnson(electric_gap_mm=5, tube_mm=50, energy_slit_mm=6), "wider than the beam tube, 5 mm"),
        (lambda: BeamSource(half_angle_mrad=101), "half_angle_mrad = 101: must be at least 0 and at most 100"),
        (
            lambda: NierJohnson(source={"energy_spread_eV": 1600}),
            "source: energy_spread_eV = 1600: must be below 1600, a fifth of the 8000 V",
        ),
    ],
)
def test_what_is_refused(build, problem):
    with pytest.raises(InputError) as caught:
        build()
    assert problem in str(caught.value)
