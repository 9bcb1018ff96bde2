"""The liquid as a column: volumes against solids of known volume, and reorientation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.rotors.rotors import Rotor, rotor
from sepsim.techniques.centrifugation.tubes.chords import chords
from sepsim.techniques.centrifugation.tubes.liquid_column import liquid_column

ROTORS = ["SW 41 Ti", "SW 28", "Type 70 Ti", "NVT 65", "VTi 50", "TLA-55", "A-4-81"]


def filled(name, share):
    chosen = rotor(name)
    return chosen, share * chosen.tube.volume


def test_meniscus_of_a_full_bucket_of_an_sw_41():
    """By hand: 12 mL in a bore of 13.95 mm are 12000/152.8 + 13.95/6 = 80.8 mm deep."""
    column = liquid_column(rotor("SW 41 Ti"), 12e-6, 400)
    assert column.faces[0] == pytest.approx((153.1 - 80.8) * 1e-3, abs=0.1e-3)
    assert column.faces[-1] == pytest.approx(153.1e-3, rel=1e-14)
    assert column.volumes.sum() == pytest.approx(12e-6, rel=1e-14)


@given(name=st.sampled_from(ROTORS), share=st.floats(0.1, 1.0), cells=st.integers(4, 300))
def test_cells_fill_the_tube_and_have_volume(name, share, cells):
    chosen, volume = filled(name, share)
    column = liquid_column(chosen, volume, cells)
    assert column.depths[-1] == volume
    assert np.all(column.volumes > 0)
    assert np.all(column.areas >= 0)


@pytest.mark.parametrize("name", ROTORS)
def test_cross_section_is_the_derivative_of_the_volume(name):
    column = liquid_column(*filled(name, 0.8), 4000)
    slope = column.volumes / np.diff(column.faces)
    between = 0.5 * (column.areas[1:] + column.areas[:-1])
    inner = slice(20, -20)  # at the ends of a leaning tube the section grows like a square root
    assert slope[inner] == pytest.approx(between[inner], abs=2e-4 * column.areas.max())


@pytest.mark.parametrize("name", ["SW 41 Ti", "SW 28", "A-4-81", "VTi 50"])  # of others chords are merged by length
def test_volumes_agree_with_the_bundle_of_chords(name):
    chosen, volume = filled(name, 0.7)
    column, bundle = liquid_column(chosen, volume, 50), chords(chosen, volume, resolution=200)
    reached = np.clip(column.faces[:, None] - bundle.inner, 0.0, bundle.outer - bundle.inner) @ bundle.area
    assert column.depths == pytest.approx(reached, abs=2e-4 * volume)


@pytest.mark.parametrize("name", ["Type 70 Ti", "NVT 65", "TLA-55"])
def test_volumes_of_a_leaning_tube_agree_with_a_count_of_random_points(name):
    """Points in the cylinder and its round bottom, placed by the angle, are counted beyond each face."""
    chosen, volume = filled(name, 0.7)
    column, tube, random = liquid_column(chosen, volume, 10), chosen.tube, np.random.default_rng(1)
    assert tube.bottom == "round" or name == "TLA-55"
    along, across, out = random.uniform([0, -1, -1], [tube.length, 1, 1], (400_000, 3)).T
    across, out = across * tube.radius, out * tube.radius
    height = tube.length - along  # above the deepest point
    low = np.minimum(height / tube.bottom_height, 1.0) if tube.bottom_height else np.ones_like(height)
    inside = np.sqrt(1.0 - (1.0 - low) ** 2) if tube.bottom == "round" else low
    kept = across**2 + out**2 < (tube.radius * inside) ** 2
    radius = chosen.mouth_radius + along * np.sin(chosen.angle) + out * np.cos(chosen.angle)
    cell = 4 * tube.radius**2 * tube.length / along.size
    counted = np.array([np.sum(kept & (radius > face)) * cell for face in column.faces])
    assert volume - column.depths == pytest.approx(counted, abs=4e-3 * volume)


def test_hemisphere_and_cone_hold_their_volumes():
    for bottom, extra, held in (("round", {}, 2 / 3), ("conical", {"cone_height_mm": 10}, 1 / 3), ("flat", {}, None)):
        tube = {"inner_diameter_mm": 20, "length_mm": 60, "volume_mL": 10, "bottom": bottom, **extra}
        bucket = Rotor(angle_deg=90, rmax_mm=150, tube=tube)
        column = liquid_column(bucket, 10e-6, 2000)
        below = 10e-6 - np.interp(0.140, column.faces, column.depths)
        height = 0.010 * (1.0 if held is None else held)
        assert below == pytest.approx(math.pi * 0.01**2 * height, rel=1e-5)


def test_vertical_tube_is_a_cylinder_on_its_side():
    """Half of the liquid of a full cylinder lies beyond its axis, whatever it is filled with on the way."""
    tube = {"inner_diameter_mm": 20, "length_mm": 80, "volume_mL": 25, "bottom": "flat"}
    lying = Rotor(angle_deg=0, rmax_mm=90, tube=tube)
    column = liquid_column(lying, 25e-6, 400)
    beyond_axis = 25e-6 - np.interp(0.080, column.faces, column.depths)
    assert beyond_axis == pytest.approx(math.pi * 0.01**2 * 0.080 / 2, rel=1e-4)


@given(name=st.sampled_from(ROTORS), share=st.floats(0.2, 1.0), part=st.lists(st.floats(0, 1), min_size=2, max_size=9))
def test_reorientation_keeps_volumes_and_order_there_and_back(name, share, part):
    """Layers poured at rest take radii in spin; from these radii the volumes at rest come back."""
    chosen, volume = filled(name, share)
    column = liquid_column(chosen, volume, 200)
    at_rest = np.sort(part) * volume
    radii = column.radius_at(at_rest)
    assert np.all(np.diff(radii) >= 0)
    assert np.interp(radii, column.faces, column.depths) == pytest.approx(at_rest, abs=1e-6 * volume)
