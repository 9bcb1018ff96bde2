"""Elements of an ion beam: coefficients and exact maps against one another; and what is refused."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ion_derivatives import first_order, second_order, slopes, vertical

from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.optics.electric_sector import ElectricSector, trace_without_refraction
from sepsim.techniques.mass_spectrometry.optics.element import Drift, Slit
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.transfer_map import TransferMap
from sepsim.techniques.mass_spectrometry.optics.wien_filter import WienFilter

ELEMENTS = [
    Drift(length_mm=800),
    ElectricSector(radius_mm=800, angle_deg=90),
    ElectricSector(radius_mm=800, angle_deg=127.28, toroid=0.6, sense=-1),
    ElectricSector(radius_mm=1200, angle_deg=100, toroid=1),
    ElectricSector(radius_mm=1200, angle_deg=60, toroid=2),
    MagneticSector(radius_mm=700, angle_deg=60),
    MagneticSector(radius_mm=700, angle_deg=90, entrance_edge_deg=25, exit_edge_deg=-30, sense=-1),
    MagneticSector(radius_mm=700, angle_deg=80, entrance_edge_deg=25, gap_mm=20, fringe_integral=0.45),
    MagneticSector(radius_mm=700, angle_deg=90, field_index=0.5),
    MagneticSector(radius_mm=700, angle_deg=120, field_index=1),
    MagneticSector(radius_mm=700, angle_deg=70, field_index=-0.7, entrance_edge_deg=25, exit_edge_deg=-30),
    WienFilter(length_mm=700, gyroradius_mm=600),
    WienFilter(length_mm=1700, gyroradius_mm=600, sense=-1),
]
BENDS = [element for element in ELEMENTS if isinstance(element, (ElectricSector, MagneticSector))]
RAY = {"x": 0.012, "a": -0.02, "y": 0.008, "b": 0.015, "d": 0.03, "g": -0.02}
names = pytest.mark.parametrize("element", ELEMENTS, ids=repr)


@names
def test_first_order_is_the_derivative_of_the_exact_map(element):
    assert element.transfer.first_order == pytest.approx(first_order(element.trace), rel=0, abs=1e-12)
    assert element.transfer.vertical == pytest.approx(vertical(element.trace), rel=0, abs=1e-12)


@names
def test_second_order_is_the_derivative_of_the_exact_map(element):
    assert element.transfer.second_order == pytest.approx(second_order(element.trace), rel=0, abs=1e-9)


@names
def test_determinants_are_one(element):
    assert np.linalg.det(element.transfer.first_order[:, :2]) == pytest.approx(1.0, rel=1e-12)
    assert np.linalg.det(element.transfer.vertical) == pytest.approx(1.0, rel=1e-12)


@names
@settings(deadline=None, max_examples=8)
@given(x=st.floats(-0.02, 0.02), a=st.floats(-0.03, 0.03), d=st.floats(-0.05, 0.05), g=st.floats(-0.05, 0.05))
def test_exact_maps_keep_the_area_of_phase_space(element, x, a, d, g):
    """At any amplitude the Jacobian of (x, sin a) is 1 (Liouville), which no wrong edge or potential step survives."""
    end = element.trace(Rays(x=x, a=a, d=d, g=g))
    at = {"x": x, "a": a, "d": d, "g": g}
    columns = [slopes(element.trace, "xa", variable, **at) for variable in "xa"]
    (xx, ax), (xa, aa) = columns
    assert (xx * aa - xa * ax) * math.cos(end.a.item()) / math.cos(a) == pytest.approx(1.0, rel=1e-10)


@names
def test_the_polynomial_misses_the_exact_map_by_the_third_order(element):
    ray = {name: value for name, value in RAY.items() if name not in "yb"}

    def misses(share):
        rays = Rays(**{name: share * value for name, value in ray.items()})
        exact, polynomial = element.trace(rays), element.transfer.apply(rays)
        return math.hypot((exact.x - polynomial.x).item(), (exact.a - polynomial.a).item())

    assert misses(0.5) < misses(1.0) / 7.0 or misses(1.0) < 1e-14


@pytest.mark.parametrize("element", BENDS, ids=repr)
def test_the_other_sense_is_the_mirror_image(element):
    other = dataclasses.replace(element, sense=-element.sense)
    end, mirrored = element.trace(Rays(**RAY)), other.trace(Rays(**RAY).mirrored()).mirrored()
    for name in "xayb":
        assert getattr(end, name) == pytest.approx(getattr(mirrored, name), rel=1e-13)
    assert other.transfer.coefficient("x|g") == -element.transfer.coefficient("x|g")


def normalised(k_squared, angle):
    k = math.sqrt(k_squared)
    return math.cos(k * angle), math.sin(k * angle) / k, (1.0 - math.cos(k * angle)) / k_squared


@pytest.mark.parametrize("toroid", [0.0, 0.4, 1.0])
def test_electric_sector_has_the_textbook_coefficients(toroid):
    sector = ElectricSector(radius_mm=400, angle_deg=70, toroid=toroid)
    cosine, sine, bend = normalised(2.0 - toroid, math.radians(70))
    expected = [
        [cosine, 0.4 * sine, 0.4 * bend, 0.0],
        [-(2.0 - toroid) * sine / 0.4, cosine, sine, 0.0],
    ]
    assert sector.transfer.first_order == pytest.approx(np.array(expected), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("index", [0.0, 0.5])
def test_magnetic_sector_has_the_textbook_coefficients(index):
    sector = MagneticSector(radius_mm=400, angle_deg=70, field_index=index)
    cosine, sine, bend = normalised(1.0 - index, math.radians(70))
    expected = [
        [cosine, 0.4 * sine, 0.2 * bend, 0.2 * bend],
        [-(1.0 - index) * sine / 0.4, cosine, 0.5 * sine, 0.5 * sine],
    ]
    assert sector.transfer.first_order == pytest.approx(np.array(expected), rel=1e-13)


def test_edges_are_thin_lenses():
    plain = MagneticSector(radius_mm=400, angle_deg=70)
    tilted = MagneticSector(
        radius_mm=400, angle_deg=70, entrance_edge_deg=20, exit_edge_deg=30, gap_mm=10, fringe_integral=0.4
    )

    def lens(tilt_deg):
        e = math.radians(tilt_deg)
        psi = 10 / 400 * 0.4 * (1 + math.sin(e) ** 2) / math.cos(e)
        return TransferMap.linear([[1, 0, 0, 0], [math.tan(e) / 0.4, 1, 0, 0]], [[1, 0], [-math.tan(e - psi) / 0.4, 1]])

    composed = lens(20).then(plain.transfer).then(lens(30))
    assert tilted.transfer.first_order == pytest.approx(composed.first_order, rel=1e-12)
    assert tilted.transfer.vertical == pytest.approx(composed.vertical, rel=1e-12)


def test_half_turn_of_an_electric_sector_has_the_aberration_of_hughes_and_rojansky():
    half = ElectricSector(radius_mm=1000, angle_deg=180 / math.sqrt(2)).transfer
    assert half.coefficient("x|a") == pytest.approx(0.0, abs=1e-12)
    assert half.coefficient("x|d") == pytest.approx(1.0, rel=1e-12)
    assert half.coefficient("x|aa") == pytest.approx(-4 / 3, rel=1e-12)


def test_electric_sector_ignores_the_mass_and_a_magnet_the_momentum_it_keeps():
    electric = ElectricSector(radius_mm=500, angle_deg=90)
    light, heavy = electric.trace(Rays(**{**RAY, "g": -0.5})), electric.trace(Rays(**{**RAY, "g": 3.0}))
    assert light.x.item() == pytest.approx(heavy.x.item(), rel=0, abs=1e-14)
    magnet = MagneticSector(radius_mm=500, angle_deg=90, field_index=0.3)
    slow, fast = magnet.trace(Rays(x=0.01, d=-0.2, g=0.25)), magnet.trace(Rays(x=0.01, d=0.25, g=-0.2))
    assert slow.x.item() == pytest.approx(fast.x.item(), rel=0, abs=1e-14)


# Wien filter


def test_wien_filter_passes_one_velocity_whatever_the_mass():
    passed = WienFilter(length_mm=300, gyroradius_mm=200).trace(Rays(d=[-0.3, 0.0, 0.5], g=[-0.3, 0.0, 0.5]))
    assert passed.x == pytest.approx(np.zeros(3), abs=1e-16)
    assert passed.a == pytest.approx(np.zeros(3), abs=1e-15)


def test_short_wien_filter_bends_by_the_relative_velocity():
    beta, length, rho = 1e-6, 0.01, 1.0
    ray = Rays(d=(1 + beta) ** 2 - 1)
    end = WienFilter(length_mm=10, gyroradius_mm=1000).trace(ray)
    assert end.x.item() == pytest.approx(-(length**2) * beta / (2 * rho), rel=2e-5, abs=0)
    long = WienFilter(length_mm=1500, gyroradius_mm=1000).trace(ray)
    assert long.x.item() == pytest.approx(-rho * beta * (1 - math.cos(1.5)), rel=2e-6, abs=0)


# The rest


def test_without_refraction_only_the_first_order_is_the_same():
    sector = ElectricSector(radius_mm=1000, angle_deg=90)

    def unrefracted(rays):
        return trace_without_refraction(sector, rays)

    assert first_order(unrefracted) == pytest.approx(sector.transfer.first_order, abs=1e-12)
    assert np.abs(second_order(unrefracted) - sector.transfer.second_order).max() > 0.1


def test_a_slit_stops_what_is_outside_and_changes_nothing_else():
    through = Slit(width_mm=1).trace(Rays(x=[-6e-4, -5e-4, 0.0, 5e-4, 6e-4], a=0.1))
    assert np.isnan(through.x).tolist() == [True, False, False, False, True]
    assert through.a[1] == 0.1
    assert np.isnan(through.a[0])


def test_maps_compose_as_rays_do():
    first, second = ELEMENTS[2], ELEMENTS[6]
    both = first.transfer.then(second.transfer)
    numerical = second_order(lambda rays: second.trace(first.trace(rays)))
    assert both.second_order == pytest.approx(numerical, abs=1e-8)


def test_coefficients_by_name():
    transfer = MagneticSector(radius_mm=500, angle_deg=90).transfer
    found = transfer.coefficients()
    assert len(found) == 2 * (4 + 10) + 4
    assert found["x|ad"] == 2 * transfer.second_order[0, 1, 2]
    assert found["y|b"] == pytest.approx(0.5 * math.pi / 2)
    for wrong in ("x|q", "q|x", "x|aaa", "y|a", ""):
        with pytest.raises(InputError, match="no coefficient"):
            transfer.coefficient(wrong)


def test_an_ion_that_misses_the_exit_edge_is_nan():
    magnet = MagneticSector(radius_mm=500, angle_deg=90)
    assert np.isnan(magnet.trace(Rays(x=0.6, g=[-0.99])).x).all()


@pytest.mark.parametrize(("mass", "charge", "radius"), [(1500, 2, 0.394), (3.4e8, 1, 265), (3.4e8, 1000, 8.4)])
def test_rigidity_at_one_tesla_and_ten_kilovolts(mass, charge, radius):
    ion = ReferenceIon(mass_Da=mass, charge=charge, voltage_kV=10)
    assert ion.rigidity == pytest.approx(radius, rel=2e-3)
    in_daltons = ion.rigidity**2 / (2 * ion.voltage) * 1.602176634e-19 / 1.66053906660e-27
    assert in_daltons == pytest.approx(mass / charge, rel=1e-12)


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (lambda: ElectricSector(radius_mm=0, angle_deg=90), "radius_mm = 0: must be above 0"),
        (lambda: ElectricSector(radius_mm=-5, angle_deg=90), "radius_mm = -5: must be above 0"),
        (lambda: MagneticSector(radius_mm=100, angle_deg=0), "angle_deg = 0: must be above 0"),
        (lambda: MagneticSector(radius_mm=100, angle_deg=400), "angle_deg = 400: must be above 0 and at most 350"),
        (lambda: MagneticSector(radius_mm=100, angle_deg=90, sense=0), "sense = 0: must be +1"),
        (lambda: MagneticSector(radius_mm=100, angle_deg=90, gap_mm=120), "gap_mm = 120: must be below radius_mm"),
        (
            lambda: MagneticSector(radius_mm=100, angle_deg=90, fringe_integral=0.4),
            "fringe_integral = 0.4: needs gap_mm",
        ),
        (lambda: WienFilter(length_mm=700, gyroradius_mm=100), "length_mm = 700: must be at most 6 gyroradius_mm"),
        (lambda: Slit(width_mm=0), "width_mm = 0: must be above 0"),
        (lambda: Slit(width_mm=0.0009), "width_mm = 0.0009: must be at least 0.001"),
        (lambda: Drift(length_mm=-1), "length_mm = -1: must be at least 0"),
        (lambda: ReferenceIon(mass_Da=0), "mass_Da = 0: must be above 0"),
        (lambda: ReferenceIon(mass_Da=1, charge=-1), "charge = -1: must be a whole number"),
    ],
)
def test_what_is_refused(build, problem):
    with pytest.raises(InputError) as caught:
        build()
    assert problem in str(caught.value)
