"""Exact maps and fields of the elements of an ion beam, against Newton's equation, Kepler and Laplace."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from sepsim.techniques.mass_spectrometry.optics.electric_sector import ElectricSector
from sepsim.techniques.mass_spectrometry.optics.fringe import EngeFringe
from sepsim.techniques.mass_spectrometry.optics.magnetic_sector import MagneticSector
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.toroidal_potential import indexed_field, potential, potential_gradient
from sepsim.techniques.mass_spectrometry.optics.wien_filter import WienFilter
from sepsim.units import to_si

ION = ReferenceIon(mass_Da=28, charge=1, voltage_kV=8)
RAY = {"x": 0.012, "a": -0.02, "y": 0.008, "b": 0.015, "d": 0.03, "g": -0.02}


# Independent solutions


class Everywhere:
    """A field without an end, to integrate Newton's equation inside an element."""

    def share(self, outside):
        return np.ones_like(outside)

    def slope(self, outside):
        return np.zeros_like(outside)


def flown(element, rays, leaves, fringe=None, start=0.0):
    """Return position and velocity [SI] where `leaves` first rises through 0, by Newton's equation in `field`.

    The ray starts at the entrance plane, moved along by `start`.
    """
    mass = to_si("mass_Da", ION.mass_Da) * (1.0 + rays.g.item())
    charge = ION.energy / ION.voltage

    def rate(_, state):
        electric, magnetic = element.field(state[None, :3], ION, fringe or Everywhere())
        return np.concatenate([state[3:], charge / mass * (electric[0] + np.cross(state[3:], magnetic[0]))])

    def event(_, state):
        return leaves(state[:3])

    event.terminal, event.direction = True, 1.0
    velocity = ION.speed * np.array([part.item() for part in rays.velocity])
    there = rays.drifted(start)
    begin = np.concatenate([[start, there.x.item(), there.y.item()], velocity])
    step = 2e-3 / ION.speed if fringe else np.inf
    done = solve_ivp(
        rate,
        (0.0, 1e-4),
        begin,
        method="DOP853",
        rtol=1e-9 if fringe else 1e-13,
        atol=1e-14,
        events=event,
        max_step=step,
    )
    assert done.t_events[0].size == 1
    return done.y_events[0][0]


def exit_plane(element):
    s, x, heading = element.axis(np.ones(1))[0]
    along = np.array([math.cos(heading), math.sin(heading), 0.0])
    across = np.array([-math.sin(heading), math.cos(heading), 0.0])
    return np.array([s, x, 0.0]), along, across


def arrival(element, state):
    """Return x, y and the velocity along, left and up at the exit plane."""
    corner, along, across = exit_plane(element)
    place, velocity = state[:3] - corner, state[3:]
    return place @ across, place[2], np.array([velocity @ along, velocity @ across, velocity[2]])


def stepped(velocity, volts, mass):
    """Return a velocity after a fall through a potential, taken along the axis."""
    gain = 2.0 * ION.energy / ION.voltage * volts / mass
    return np.array([math.sqrt(velocity[0] ** 2 + gain), velocity[1], velocity[2]])


@pytest.mark.parametrize("toroid", [0.0, 1.0])
def test_electric_sector_against_newton_in_the_potential(toroid):
    """Cylinder and sphere, whose potentials are elementary; the potential step is applied by hand."""
    sector = ElectricSector(radius_mm=500, angle_deg=100, toroid=toroid)
    ray = Rays(**RAY)
    mass = to_si("mass_Da", ION.mass_Da) * (1.0 + RAY["g"])

    def volts(x, y):
        r = 1.0 + x / 0.5
        return 2.0 * ION.voltage * (math.log(r) if toroid == 0.0 else 1.0 - 1.0 / math.hypot(r, y / 0.5))

    def exit_distance(place):
        corner, along, _ = exit_plane(sector)
        return (place - corner) @ along

    start = ION.speed * np.array([part.item() for part in ray.velocity])
    inside = stepped(start, -volts(RAY["x"], RAY["y"]), mass)
    speed = np.linalg.norm(inside) / ION.speed
    moved = Rays(
        x=RAY["x"],
        a=math.atan2(inside[1], inside[0]),
        y=RAY["y"],
        b=math.asin(inside[2] / np.linalg.norm(inside)),
        d=speed**2 * (1.0 + RAY["g"]) - 1.0,
        g=RAY["g"],
    )
    x, y, velocity = arrival(sector, flown(sector, moved, exit_distance))
    velocity = stepped(velocity, volts(x, y), mass)
    end = sector.trace(ray)
    assert [end.x.item(), end.y.item()] == pytest.approx([x, y], rel=0, abs=1e-11)
    angles = [math.atan(velocity[1] / velocity[0]), math.asin(velocity[2] / np.linalg.norm(velocity))]
    assert [end.a.item(), end.b.item()] == pytest.approx(angles, rel=0, abs=1e-10)


@pytest.mark.parametrize(("index", "tilt"), [(0.0, 25.0), (0.6, 0.0), (0.6, 20.0)])
def test_magnetic_sector_against_newton_in_its_field(index, tilt):
    """On the middle plane, where the edges exert no vertical kick."""
    sector = MagneticSector(
        radius_mm=500, angle_deg=75, field_index=index, entrance_edge_deg=tilt, exit_edge_deg=0.5 * tilt
    )
    ray = Rays(**{**RAY, "y": 0.0, "b": 0.0})
    to_edge = RAY["x"] * math.tan(math.radians(tilt)) / (1 - math.tan(math.radians(tilt)) * math.tan(RAY["a"]))
    corner, along, across = exit_plane(sector)
    edge = along * math.cos(math.radians(0.5 * tilt)) + across * math.sin(math.radians(0.5 * tilt))
    state = flown(sector, ray, lambda place: (place - corner) @ edge, start=to_edge)
    x, _, velocity = arrival(sector, state)
    beyond = (state[:3] - corner) @ along
    end = sector.trace(ray)
    assert end.x.item() == pytest.approx(x - beyond * velocity[1] / velocity[0], rel=0, abs=1e-11)
    assert end.a.item() == pytest.approx(math.atan(velocity[1] / velocity[0]), rel=1e-8, abs=0)


def test_index_off_the_middle_plane_against_newton():
    sector = MagneticSector(radius_mm=500, angle_deg=75, field_index=0.6)
    corner, along, _ = exit_plane(sector)
    ray = Rays(x=0.01, y=0.02, b=0.02)  # upright on the entrance edge, which then exerts no kick
    x, y, velocity = arrival(sector, flown(sector, ray, lambda place: (place - corner) @ along))
    kick = y / 0.5 * (1 + x / 0.5) ** -0.6 * velocity[1] / velocity[0]  # y B v_t/v_n, at the exit edge
    b = math.asin(velocity[2] / np.linalg.norm(velocity) + kick)
    end = sector.trace(ray)
    assert [end.x.item(), end.y.item(), end.b.item()] == pytest.approx([x, y, b], rel=1e-8, abs=0)


def test_sphere_follows_kepler():
    """On the middle plane of a sphere the orbit is u = mu/h^2 + A cos + B sin, with u = r_e/r."""
    angle = math.radians(140)
    sphere = ElectricSector(radius_mm=1000, angle_deg=140, toroid=1)
    x, a, d = 0.03, 0.04, -0.06
    along = math.sqrt((1 + d) * math.cos(a) ** 2 - 2 * (1 - 1 / (1 + x)))
    h = (1 + x) * along
    radial = math.sqrt(1 + d) * math.sin(a)
    u = 1 / h**2 + (1 / (1 + x) - 1 / h**2) * math.cos(angle) - radial / h * math.sin(angle)
    assert sphere.trace(Rays(x=x, a=a, d=d)).x.item() == pytest.approx(1 / u - 1, rel=1e-12, abs=0)


@pytest.mark.parametrize("toroid", [1e-6, 0.4, 1.0, 1.7])
def test_toroidal_potential_obeys_laplace_and_has_its_gradient(toroid):
    h, r, y = 1e-3, 1.07, 0.21

    def v(r, y):
        return float(potential(np.array(r), np.array(y), toroid))

    slope_r, slope_y = (v(r + h, y) - v(r - h, y)) / (2 * h), (v(r, y + h) - v(r, y - h)) / (2 * h)
    curvature = (v(r + h, y) + v(r - h, y) + v(r, y + h) + v(r, y - h) - 4 * v(r, y)) / h**2
    assert curvature + slope_r / r == pytest.approx(0.0, abs=3e-6)
    outward, up = potential_gradient(np.array(r), np.array(y), toroid)
    assert float(outward) == pytest.approx(slope_r, rel=1e-5)
    assert float(up) == pytest.approx(slope_y, rel=1e-5)
    assert float(potential_gradient(np.array(1.3), np.array(0.0), toroid)[0]) == pytest.approx(1.3 ** -(1 + toroid))


@pytest.mark.parametrize("index", [-0.7, 0.5, 1.0])
def test_indexed_field_has_neither_curl_nor_divergence(index):
    h, r, y = 1e-3, 1.07, 0.21

    def field(r, y):
        return np.array([float(part) for part in indexed_field(np.array(r), np.array(y), index)])

    along_r, along_y = (field(r + h, y) - field(r - h, y)) / (2 * h), (field(r, y + h) - field(r, y - h)) / (2 * h)
    assert along_r[1] - along_y[0] == pytest.approx(0.0, abs=1e-6)
    assert along_r[0] + field(r, y)[0] / r + along_y[1] == pytest.approx(0.0, abs=1e-6)
    assert field(1.3, 0.0)[1] == pytest.approx(1.3**-index, rel=1e-12)


def test_wien_filter_against_newton_in_its_field():
    wien = WienFilter(length_mm=400, gyroradius_mm=300)
    ray = Rays(a=0.01, d=0.04, g=-0.02, y=0.003, b=0.01)  # on the axis of the plates: no potential step at the entrance
    x, y, velocity = arrival(wien, flown(wien, ray, lambda place: place[0] - 0.4))
    volts = -2.0 * ION.voltage / 0.3 * x
    velocity = stepped(velocity, volts, to_si("mass_Da", ION.mass_Da) * 0.98)
    end = wien.trace(ray)
    assert [end.x.item(), end.y.item()] == pytest.approx([x, y], rel=0, abs=1e-11)
    assert end.a.item() == pytest.approx(math.atan(velocity[1] / velocity[0]), rel=1e-8, abs=0)


# Fringe fields


def test_enge_fringe_has_the_area_of_its_effective_edge():
    fringe = EngeFringe(0.02)
    excess, _ = quad(lambda s: float(fringe.share(np.array(s))) - (s < 0), -0.1, 0.1, points=[0.0], limit=200)
    assert excess / 0.02 == pytest.approx(0.0, abs=1e-3)
    assert fringe.share(np.array([-1.0, 1.0])) == pytest.approx(np.array([1.0, 0.0]), abs=1e-12)


@pytest.mark.parametrize("s", [-0.011, 0.004])
def test_fringe_slope_is_the_derivative(s):
    fringe, h = EngeFringe(0.01), 1e-7
    numerical = (fringe.share(np.array(s + h)) - fringe.share(np.array(s - h))) / (2 * h)
    assert float(fringe.slope(np.array(s))) == pytest.approx(float(numerical), rel=1e-6)


def test_entering_through_the_fringe_crosses_the_potential_of_the_plates():
    """The work along a line parallel to the axis, which a field without a longitudinal part would miss."""
    sector = ElectricSector(radius_mm=400, angle_deg=90)
    fringe, x = EngeFringe(0.002), 0.01

    def longitudinal(s):
        return float(sector.field(np.array([s, x, 0.0]), ION, fringe)[0][0])

    work, _ = quad(longitudinal, -0.02, 0.02, points=[0.0], limit=400)
    r = math.hypot(0.4 + x, 0.02) / 0.4
    assert -work == pytest.approx(2.0 * ION.voltage * math.log(r), rel=1e-6)


def test_field_on_the_axis_bends_the_reference_ion():
    here = np.zeros(3) + np.array([1e-9, 0.0, 0.0])
    electric, _ = ElectricSector(radius_mm=400, angle_deg=90).field(here, ION)
    assert electric[1] == pytest.approx(-2 * 8000 / 0.4, rel=1e-6)
    _, magnetic = MagneticSector(radius_mm=400, angle_deg=90, sense=-1).field(here, ION)
    assert magnetic[2] == pytest.approx(-ION.rigidity / 0.4, rel=1e-6)
    assert ElectricSector(radius_mm=400, angle_deg=90).field(-here, ION)[0] == pytest.approx(np.zeros(3), abs=0)


@pytest.mark.slow
def test_orbit_through_the_fringe_tends_to_the_exact_map_with_the_gap():
    """Relative to the axis' own orbit, as a fringe shifts all orbits alike."""
    sector = ElectricSector(radius_mm=400, angle_deg=60)
    corner, along, _ = exit_plane(sector)

    def image(gap, a):
        ray = Rays(a=a)
        outside = 6 * gap
        state = flown(sector, ray, lambda place: (place - corner) @ along - outside, EngeFringe(gap), start=-outside)
        x, _, velocity = arrival(sector, state)
        return x - outside * velocity[1] / velocity[0]

    exact = sector.trace(Rays(a=0.01)).x.item()
    errors = [abs(image(gap, 0.01) - image(gap, 0.0) - exact) for gap in (0.02, 0.005)]
    assert errors[1] < errors[0] / 3
    assert errors[1] < 0.02 * exact
