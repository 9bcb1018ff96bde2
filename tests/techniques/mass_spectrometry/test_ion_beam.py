"""Beams through whole instruments: against exact maps, images traced elsewhere, and losses told beforehand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.constants import DALTON_KG
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ion_beam import beam, beam_paths, element_table, fly, of_ions
from sepsim.techniques.mass_spectrometry.optics.electric_sector import ElectricSector
from sepsim.techniques.mass_spectrometry.optics.element import Drift, Slit
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.wien_filter import WienFilter
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    BainbridgeJordan,
    MattauchHerzog,
    NierJohnson,
    SingleMagnet,
)
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_layout import poses
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import BeamSource, Detector, Spectrometer

pytestmark = pytest.mark.lowest

CLASSIC = NierJohnson(magnet_radius_mm=304.8, electric_radius_mm=381).spectrometer
FILTER = Spectrometer(
    elements=[
        Drift(length_mm=100),
        WienFilter(length_mm=120, gyroradius_mm=400),
        Drift(length_mm=300),
        ElectricSector(radius_mm=250, angle_deg=40, toroid=0.5, sense=-1),
        MagneticSector(radius_mm=300, angle_deg=70, entrance_edge_deg=12, exit_edge_deg=-7, field_index=0.3),
        Drift(length_mm=200),
    ]
)
INSTRUMENTS = {
    "forward": CLASSIC,
    "reverse": NierJohnson(order="BE").spectrometer,
    "plate": MattauchHerzog().spectrometer,
    "equal radii": BainbridgeJordan().spectrometer,
    "to the left": SingleMagnet(radius_mm=305, angle_deg=90, sense=-1).spectrometer,
    "all kinds": FILTER,
}
SMALL = st.floats(-1, 1)


@pytest.mark.parametrize("name", INSTRUMENTS)
@given(x=SMALL, a=SMALL, d=SMALL, g=SMALL)
@settings(max_examples=30, deadline=None)
def test_the_kernel_agrees_with_the_elements_own_exact_maps(name, x, a, d, g):
    rays = Rays(x=[1e-4 * x], a=[3e-3 * a], d=[3e-3 * d], g=[1e-3 * g])
    spectrometer = INSTRUMENTS[name]
    found, exact = fly(spectrometer, rays), spectrometer.trace(rays)
    assert found.x == pytest.approx(exact.x, rel=0, abs=1e-9)
    assert found.a == pytest.approx(exact.a, rel=0, abs=1e-8)


def test_images_of_the_classic_instrument_as_traced_elsewhere():
    # Exact traces of a 90/60 degree instrument of r_e = 381 mm and r_m = 304.8 mm, in um.
    rays = Rays(a=[0, 2e-3, -2e-3, 0, 0], d=[0, 0, 0, 1e-3, -1e-3])
    centre, left, right, fast, slow = 1e6 * fly(CLASSIC, rays).x
    assert [centre, left, right, fast, slow] == pytest.approx([0, -0.298, -0.299, 0.052, 0.053], abs=1.5e-3)
    assert 0.5 * (left + right) == pytest.approx(-0.2449 * 304.8e3 * 4e-6, abs=1e-4)  # (x|aa) a^2
    assert 0.5 * (fast + slow) == pytest.approx(0.1727 * 304.8e3 * 1e-6, abs=1e-4)  # (x|dd) d^2


@pytest.mark.parametrize("mass", [0.25, 1.0, 2.0])
def test_every_mass_is_in_focus_on_the_plate(mass):
    spectrometer = MattauchHerzog(magnet_radius_mm=200).spectrometer
    found = fly(spectrometer, Rays(a=[0, 1e-5, -1e-5, 0, 0], d=[0, 0, 0, 1e-5, -1e-5], g=mass - 1.0))
    assert abs(found.x[0]) == pytest.approx(math.sqrt(2) * 0.2 * abs(math.sqrt(mass) - 1), rel=1e-9, abs=1e-12)
    assert found.x[1:] == pytest.approx(np.full(4, found.x[0]), rel=0, abs=1e-9)  # second order is left: 1e-10 r


def test_the_wrong_bending_sense_does_not_focus_energies():
    right = MattauchHerzog(magnet_radius_mm=200).spectrometer
    turned = [replace(e, sense=1) if isinstance(e, ElectricSector) else e for e in right.elements]
    wrong = replace(right, elements=turned, detector=Detector(tilt_deg=0))
    moved = {name: float(fly(it, Rays(d=[1e-5])).x[0]) for name, it in {"right": right, "wrong": wrong}.items()}
    assert abs(moved["wrong"]) == pytest.approx(0.2 * 1e-5, rel=1e-3, abs=0)  # (x|d) = r_m
    assert abs(moved["right"]) < 1e-3 * abs(moved["wrong"])


def test_only_mass_over_charge_counts():
    rays = beam(CLASSIC, 50)
    single = fly(CLASSIC, of_ions(CLASSIC, rays, 28.01 * DALTON_KG, 1))
    double = fly(CLASSIC, of_ions(CLASSIC, rays, 2 * 28.01 * DALTON_KG, 2))
    assert double.x == pytest.approx(single.x, rel=1e-13, abs=0)
    assert np.abs(single.x - fly(CLASSIC, rays).x).min() > 5e-5  # and it does count


def test_dispersion_is_five_sixths_of_the_magnets_radius():
    ions = of_ions(CLASSIC, Rays(), 28.0 * DALTON_KG * np.array([1 - 1e-6, 1 + 1e-6]), 1)
    light, heavy = fly(CLASSIC, ions).x
    assert (heavy - light) / 2e-6 == pytest.approx(5 / 6 * 0.3048, rel=1e-5, abs=0)


@pytest.mark.parametrize(("mass", "charge"), [(-1.0, 1), (0.0, 1), (1.0, 0), (1.0, -2), (math.nan, 1)])
def test_ions_need_mass_and_charge(mass, charge):
    with pytest.raises(InputError, match="above 0"):
        of_ions(CLASSIC, Rays(), mass, charge)


def test_ions_that_are_too_fast_hit_the_plates():
    narrow = NierJohnson(electric_gap_mm=10).spectrometer
    found = fly(narrow, Rays(d=[0.0, 0.01, 0.05, -0.05]))  # 0.306 m per unit of d at the exit: 3 and 15 mm
    assert found.lost.tolist() == [0, 0, 2, 2]
    assert found.losses == {"2 electric sector": 2}
    assert np.isnan(found.x).tolist() == [False, False, True, True]


def test_the_energy_slit_passes_the_share_of_a_gaussian():
    width, spread = 1e-3, 8.0
    design = NierJohnson(
        source=BeamSource(slit_um=1, half_angle_mrad=0, energy_spread_eV=spread), energy_slit_mm=1e3 * width
    )
    dispersion = 2 * 0.381 / 2  # (x|d) at the image of a symmetric electric sector: r_e (1 + 1) / 2
    deviation = spread / 8000 / math.sqrt(8 * math.log(2))
    expected = math.erf(0.5 * width / (dispersion * deviation) / math.sqrt(2))
    found = fly(design.spectrometer, beam(design.spectrometer, 40_000))
    assert found.arrived.mean() == pytest.approx(expected, abs=2e-3)
    assert list(found.losses) == ["4 slit"]


def test_a_random_beam_fills_the_slit_and_is_repeated_by_its_seed():
    first, again, other = (beam(CLASSIC, 20_000, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)
    assert first.x.std() == pytest.approx(1e-4 / math.sqrt(12), rel=0.02, abs=0)
    assert np.abs(first.a).max() <= 2e-3
    assert first.d.std() == pytest.approx(1e-3 / 2.3548, rel=0.02, abs=0)
    with pytest.raises(InputError, match="at least one ray"):
        beam(CLASSIC, 0)


def test_paths_end_where_the_ions_arrive():
    rays = Rays(a=[0.0, 5e-3, -5e-3], d=[0.0, 2e-3, 2e-3])
    s, x, heading = poses(CLASSIC)[-1]
    ends = beam_paths(CLASSIC, rays, points=6)[-1]
    across = -(ends[:, 0] - s) * math.sin(heading) + (ends[:, 1] - x) * math.cos(heading)
    assert across == pytest.approx(fly(CLASSIC, rays).x, rel=0, abs=1e-9)


def test_the_table_tells_slits_and_gaps():
    whole = Spectrometer(
        elements=[Slit(width_mm=0.4), MagneticSector(radius_mm=300, angle_deg=90, gap_mm=8)],
        ion=ReferenceIon(mass_Da=28),
    )
    table = element_table(whole)
    assert table[0].tolist()[8] == 2e-4
    assert table[1].tolist()[7] == 8e-3
