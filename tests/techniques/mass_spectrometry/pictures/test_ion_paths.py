"""Ion paths: circles in a magnet, one path for all masses between electric plates, one point for all energies."""

from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest
from matplotlib.figure import Figure

from sepsim.errors import InputError
from sepsim.plots import ion_paths
from sepsim.techniques.mass_spectrometry.optics.element import Drift, Slit
from sepsim.techniques.mass_spectrometry.optics.rays import Rays
from sepsim.techniques.mass_spectrometry.optics.wien_filter import WienFilter
from sepsim.techniques.mass_spectrometry.pictures.ray_paths import PLANES, ray_paths
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    BainbridgeJordan,
    MattauchHerzog,
    NierJohnson,
    SingleMagnet,
)
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_layout import poses
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import Spectrometer

RAYS = Rays(  # the last is the axis
    a=[-0.02, 0.0, 0.02, 0.0, 0.0, 0.0], d=[0.0, -0.03, 0.0, 0.03, 0.0, 0.0], g=[0.0, 0.0, 0.06, 0.0, 0.06, 0.0]
)
DESIGNS = {
    "forward": NierJohnson(),
    "reverse": NierJohnson(order="BE"),
    "plate": MattauchHerzog(),
    "equal radii": BainbridgeJordan(),
    "tilted edges": SingleMagnet(radius_mm=300, entrance_edge_deg=25, exit_edge_deg=25),
    "to the left": SingleMagnet(radius_mm=300, angle_deg=60, sense=-1, exit_edge_deg=-10),
    "index": SingleMagnet(radius_mm=300, field_index=0.5),
}


@cache
def paths_in(name):
    with patch("sepsim.techniques.mass_spectrometry.pictures.ray_paths.PLANES", 45):  # an index takes seconds for more
        return ray_paths(DESIGNS[name].spectrometer, RAYS)


def radius_through(points):
    """Of the circle through the first, the middle and the last of points (n, 2)."""
    first, middle, last = points[0], points[len(points) // 2], points[-1]
    a, b, c = (np.hypot(*side) for side in (middle - first, last - middle, last - first))
    (ux, uy), (vx, vy) = middle - first, last - first
    return a * b * c / (2 * abs(ux * vy - uy * vx))


def of_ray(paths, which):
    path = paths[:, which]
    return path[np.isfinite(path[:, 0])]


@pytest.mark.parametrize("edges", [(0, 0), (25, 25), (0, -45), (20, -10)])
@pytest.mark.parametrize("sense", [1, -1])
def test_in_a_magnet_ions_fly_circles_of_their_own_radius(edges, sense):
    magnet = SingleMagnet(
        radius_mm=300, angle_deg=90, object_mm=500, entrance_edge_deg=edges[0], exit_edge_deg=edges[1], sense=sense
    )
    elements = magnet.elements()[:2]
    paths = ray_paths(Spectrometer(elements=elements), RAYS)
    for which, momentum in enumerate(np.sqrt((1 + RAYS.d) * (1 + RAYS.g))):
        inside = of_ray(paths, which)[1:-1]  # without source and detector
        assert len(inside) > PLANES / 2
        assert radius_through(inside) == pytest.approx(0.3 * momentum, rel=1e-9)
        assert radius_through(inside[5:-5]) == pytest.approx(0.3 * momentum, rel=1e-9)


def test_between_electric_plates_all_masses_fly_one_path():
    spectrometer = NierJohnson().spectrometer
    short = replace(spectrometer, elements=spectrometer.elements[:3])
    same = ray_paths(short, Rays(a=0.01, d=0.02, g=[0.0, 0.5, 3.0]))
    assert same[:, 1:] == pytest.approx(same[:, [0, 0]], abs=1e-12)
    energies = ray_paths(short, Rays(d=[-0.02, 0.0, 0.02]))[-1]
    assert np.hypot(*(energies[0] - energies[2])) == pytest.approx(0.04 * 0.381, rel=1e-3)  # (x|d) = r_e, symmetric


@pytest.mark.parametrize("name", DESIGNS)
def test_paths_have_no_kinks_and_end_on_the_detector(name):
    spectrometer, paths = DESIGNS[name].spectrometer, paths_in(name)
    x, y, heading = poses(spectrometer)[-1]
    tilt = spectrometer.detector.tilt
    plate = np.array([np.cos(heading + np.pi / 2 - tilt), np.sin(heading + np.pi / 2 - tilt)])
    assert paths[-1] == pytest.approx([x, y] + spectrometer.trace(RAYS).x[:, None] * plate, abs=1e-12)
    for which in range(RAYS.a.size):
        legs = np.diff(of_ray(paths, which), axis=0)
        legs = legs[np.hypot(*legs.T) > 1e-9]
        headings = np.unwrap(np.arctan2(legs[:, 1], legs[:, 0]))
        assert np.abs(np.diff(headings)).max() < np.radians(6)  # 60 to 127 degrees in 45 planes


@pytest.mark.parametrize("name", DESIGNS)
def test_the_axis_is_a_path(name):
    end = of_ray(paths_in(name), -1)[-1]
    assert end == pytest.approx(poses(DESIGNS[name].spectrometer)[-1][:2], abs=1e-9)


def test_a_slit_ends_paths():
    spectrometer = NierJohnson(energy_slit_mm=4).spectrometer
    slit = next(index for index, element in enumerate(spectrometer.elements) if isinstance(element, Slit))
    paths = ray_paths(spectrometer, Rays(d=[0.0, 0.02]))  # 0.02 * 381 mm is beyond half of 4 mm
    stopped = of_ray(paths, 1)[-1] - poses(spectrometer)[slit][:2]
    assert np.hypot(*stopped) == pytest.approx(0.02 * 0.381, rel=1e-2)
    assert np.isfinite(paths[-1, 0]).all()


def test_in_a_wien_filter_the_wanted_speed_flies_straight():
    filtering = Spectrometer(elements=[WienFilter(length_mm=200, gyroradius_mm=300), Drift(length_mm=100)])
    straight, bent = np.moveaxis(ray_paths(filtering, Rays(d=[0.0, 0.002])), 1, 0)
    assert straight[:, 1] == pytest.approx(0, abs=1e-15)
    assert np.all(np.diff(np.abs(bent[:, 1])) >= 0)
    middle = bent[np.abs(bent[:, 0] - 0.1).argmin()]
    beta = np.sqrt(1.002) - 1
    assert abs(middle[1]) == pytest.approx(0.3 * beta * (1 - np.cos(middle[0] / 0.3)), rel=0.005)


def ends(ax, color):
    return np.array([
        [line.get_xdata()[-1], line.get_ydata()[-1]]
        for line in ax.lines
        if line.get_label() == "_path" and line.get_color() == color
    ])  # fmt: skip


@pytest.mark.parametrize(("design", "focused"), [(NierJohnson(), True), (SingleMagnet(radius_mm=300), False)])
def test_two_masses_and_three_energies_to_scale(design, focused):
    ax = ion_paths(design)
    assert ax.get_aspect() == 1
    assert ax.get_xlabel() == ax.get_ylabel() == "[m]"
    paths = [line for line in ax.lines if line.get_label() == "_path"]
    assert len(paths) == 2 * 3 * 3
    light, heavy = (ends(ax, color) for color in dict.fromkeys(line.get_color() for line in paths))
    apart = np.hypot(*(light.mean(axis=0) - heavy.mean(axis=0)))
    blur = np.hypot(*(light - light.mean(axis=0)).T).max()
    assert (blur < 0.05 * apart) == focused
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[:5] == ["28 Da", "29.68 Da", "energy −3 %", "energy as on the axis", "energy +3 %"]
    close_up = ax.figure.axes[1]
    assert ("do not meet" not in close_up.get_title(loc="left")) == focused


def test_sectors_are_shaded_in_their_size():
    ax = ion_paths(NierJohnson(), ax=Figure().add_subplot())
    electric, magnetic = (patch.get_xy() for patch in ax.patches)
    for border, radius, angle, width in ((electric, 0.381, 90, 0.15), (magnetic, 0.3048, 60, 0.36)):
        length = np.hypot(*np.diff(border, axis=0).T).sum()
        assert length == pytest.approx(2 * radius * (np.radians(angle) + width), rel=1e-3)  # two arcs, two ends


def test_ions_that_are_all_stopped_leave_the_surroundings_of_the_detector_empty():
    ax = ion_paths(NierJohnson(order="BE", energy_slit_mm=1), masses_Da=[32])
    ax.figure.draw_without_rendering()
    far = [line.get_xdata().max() for line in ax.lines if line.get_label() == "_path"]
    detector = next(line for line in ax.lines if line.get_label() == "_detector")
    assert max(far) < np.nanmin(detector.get_xdata()) - 0.3


def test_wrong_masses_and_energies_are_refused():
    with pytest.raises(InputError, match="masses_Da: -28 must be above 0"):
        ion_paths(NierJohnson(), masses_Da=[-28])
    with pytest.raises(InputError, match="energies_percent: -100"):
        ion_paths(NierJohnson(), energies_percent=[-100])
