"""The exact map of ions against closed forms, textbook coefficients and independent integration."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher
from scipy.integrate import solve_ivp
from scipy.optimize import fsolve

from sepsim.techniques.mass_spectrometry.kernels import ion_optics as kernel
from sepsim.techniques.mass_spectrometry.kernels.ion_optics import (
    DRIFT,
    ELECTRIC,
    MAGNETIC,
    SLIT,
    WIEN,
    element,
    trace_ions,
    trace_paths,
)

QUARTER = math.pi / 2


def magnet(**changes):
    return element(MAGNETIC, 0.3, math.pi / 3, **changes)


def condenser(**changes):
    return element(ELECTRIC, 0.4, QUARTER, **changes)


def nier_johnson(r=0.3048):
    """90/60 degrees, radii 1.25 : 1, bending alike; the distances solved for double focusing."""
    radius, wave = 1.25 * r, math.sqrt(2.0) * QUARTER
    ahead = radius / math.sqrt(2.0) * (1.0 / math.sin(wave) + 1.0 / math.tan(wave))

    def table(between, behind):
        return [
            element(DRIFT, ahead), element(ELECTRIC, radius, QUARTER), element(DRIFT, ahead + between),
            element(MAGNETIC, r, math.pi / 3), element(DRIFT, behind),
        ]  # fmt: skip

    def defect(distances):
        step = 1e-5
        found = trace_ions(table(*distances), 0.0, [step, -step, 0, 0], d=[0, 0, step, -step], steps=8).x
        return [(found[0] - found[1]) / step, (found[2] - found[3]) / step]

    between, behind = fsolve(defect, [2.3 * r, 1.35 * r], xtol=1e-9)
    return between / r, behind / r, table(between, behind)


def derivative(table, order, step=2e-3):
    """Return d^2 x / (2 da^2) or d^2 x / (2 dd^2) of the image, from five rays, to fourth order."""
    a, d = {"aa": (1, 0), "dd": (0, 1)}[order]
    h = step * np.array([-2, -1, 0, 1, 2])
    x = trace_ions(table, 0.0, a * h, d=d * h, steps=8).x
    return (-x[0] + 16 * x[1] - 30 * x[2] + 16 * x[3] - x[4]) / (24 * step**2)


# ---- textbook coefficients ------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [60, 90, 180])
def test_symmetric_magnet_inverts_disperses_by_its_radius_and_blurs_by_r_a_squared(degrees):
    phi = math.radians(degrees)
    arm = 1.0 / math.tan(phi / 2)
    table = [element(DRIFT, arm), element(MAGNETIC, 1.0, phi), element(DRIFT, arm)]
    h = 1e-5
    x = trace_ions(table, [h, -h, 0, 0, 0, 0], [0, 0, h, -h, 0, 0], g=[0, 0, 0, 0, h, -h]).x
    assert (x[0] - x[1]) / (2 * h) == pytest.approx(-1.0, rel=1e-9)
    assert (x[2] - x[3]) / (2 * h) == pytest.approx(0.0, abs=1e-9)
    assert (x[4] - x[5]) / (2 * h) == pytest.approx(1.0, rel=1e-9)
    assert derivative(table, "aa") == pytest.approx(-1.0, rel=1e-5)


def test_half_turn_of_the_cylinder_has_the_aberration_of_hughes_and_rojansky():
    table = [element(ELECTRIC, 1.0, math.pi / math.sqrt(2.0))]
    h = 1e-5
    x = trace_ions(table, 0.0, [h, -h, 0, 0], d=[0, 0, h, -h], steps=8).x
    assert (x[0] - x[1]) / h == pytest.approx(0.0, abs=1e-8)
    assert (x[2] - x[3]) / (2 * h) == pytest.approx(1.0, rel=1e-8)
    assert derivative(table, "aa") == pytest.approx(-4 / 3, rel=1e-5)


def test_nier_johnson_has_the_distances_and_image_traced_elsewhere():
    r = 0.3048
    between, behind, table = nier_johnson(r)
    assert between == pytest.approx(2.3094, abs=5e-5)
    assert behind == pytest.approx(1.3472, abs=1e-4)
    image = trace_ions(table, 0.0, [2e-3, -2e-3, 0, 0], d=[0, 0, 1e-3, -1e-3]).x
    assert image == pytest.approx([-0.298e-6, -0.299e-6, 0.052e-6, 0.053e-6], abs=1e-9)
    assert derivative(table, "aa") / r == pytest.approx(-0.2449, abs=2e-4)
    assert derivative(table, "dd") / r == pytest.approx(0.1727, abs=2e-4)


# ---- against independent integration -----------------------------------------------------------------


def integrated(c, n, x, a, d, g, angle):
    """Return x and a behind a sector with r = 1 on its middle plane: DOP853 in the plane's polar coordinates.

    c is None in a magnet, n in an electric sector.
    """
    speed = math.sqrt((1 + d) / (1 + g))
    along, across = speed * math.cos(a), speed * math.sin(a)

    def potential(r):
        return math.log(r) if c == 0 else (1.0 - r**-c) / c

    if c is not None:
        along = math.sqrt(along**2 - 2.0 * potential(1 + x) / (1 + g))

    def rate(_, state):
        r, v_r, v_t = state
        if c is not None:
            pull, swing = -(r ** -(1 + c)) / (1 + g), 0.0
        else:
            field = r**-n / (1 + g)
            pull, swing = -field * v_t, field * v_r
        per_time = r / v_t
        return [v_r * per_time, (v_t**2 / r + pull) * per_time, (-v_r * v_t / r + swing) * per_time]

    found = solve_ivp(rate, (0.0, angle), [1 + x, across, along], method="DOP853", rtol=1e-13, atol=1e-15)
    r, v_r, v_t = found.y[:, -1]
    if c is not None:
        v_t = math.sqrt(v_t**2 + 2.0 * potential(r) / (1 + g))
    return r - 1.0, math.atan2(v_r, v_t)


RAYS = [(0.0, 2e-3, 1e-3, 0.0), (1e-3, -2e-3, -1e-3, 0.01), (0.01, 0.01, 0.01, -0.02), (-0.02, 0.02, 0.0, 0.3)]


@pytest.mark.parametrize("c", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("ray", RAYS[:3])
def test_electric_sector_is_the_orbit_in_its_field(c, ray):
    x, a, d, g = ray
    found = trace_ions([element(ELECTRIC, 1.0, QUARTER, index=c)], x, a, d=d, g=g, steps=8)
    expected = integrated(c, None, x, a, d, g, QUARTER)
    assert (found.x[0], found.a[0]) == pytest.approx(expected, rel=0, abs=2e-10)


@pytest.mark.parametrize("n", [0.0, 0.5, -0.3])
@pytest.mark.parametrize("ray", RAYS)
def test_magnet_is_the_orbit_in_its_field(n, ray):
    x, a, d, g = ray
    found = trace_ions([element(MAGNETIC, 1.0, QUARTER, index=n)], x, a, d=d, g=g, steps=8)
    expected = integrated(None, n, x, a, d, g, QUARTER)
    assert (found.x[0], found.a[0]) == pytest.approx(expected, rel=0, abs=1e-12 if n == 0 else 2e-9)


def test_more_steps_reach_the_accuracy_that_is_promised():
    rays = {"x": 1e-3, "a": 2e-3, "d": 1e-3}
    errors = []
    for steps in (1, 2):
        found = trace_ions([element(ELECTRIC, 1.0, QUARTER)], **rays, steps=steps)
        errors.append(abs(found.x[0] - integrated(0.0, None, 1e-3, 2e-3, 1e-3, 0.0, QUARTER)[0]))
    assert errors[0] < 2e-9
    assert errors[1] < 2e-12


def test_sphere_is_kepler_exactly():
    x, a, d, phi = 0.03, 0.02, 0.01, 2.0
    r, speed = 1 + x, math.sqrt(1 + d)
    around = math.sqrt((speed * math.cos(a)) ** 2 - 2.0 * (1 - 1 / r))
    h = r * around
    u = 1 / h**2 + (1 / r - 1 / h**2) * math.cos(phi) - speed * math.sin(a) / h * math.sin(phi)
    found = trace_ions([element(ELECTRIC, 1.0, phi, index=1.0)], x, a, d=d, steps=1)
    assert found.x[0] == pytest.approx(1 / u - 1, rel=1e-12)


def test_tilted_faces_focus_upwards_and_defocus_sideways():
    h, tilt = 1e-6, math.radians(25)
    thin = element(MAGNETIC, 1.0, 1e-9, edge_in=tilt, edge_out=0.0, psi_in=0.02)
    found = trace_ions([thin], [h, 0.0], 0.0, [0.0, h])
    assert found.a[0] / h == pytest.approx(math.tan(tilt), rel=1e-5)
    assert found.b[1] / h == pytest.approx(-math.tan(tilt - 0.02), rel=1e-5)


def test_wien_filter_passes_one_velocity_and_bends_the_others():
    length, rho = 0.2, 0.3
    row = [element(WIEN, length, length / rho)]
    same = trace_ions(row, 0.0, 0.0, d=[0.0, 0.3, -0.4], g=[0.0, 0.3, -0.4])
    assert same.x == pytest.approx(0.0, abs=1e-15)
    beta = 1e-6
    found = trace_ions(row, 0.0, 0.0, d=(1 + beta) ** 2 - 1)
    assert found.x[0] == pytest.approx(-rho * beta * (1 - math.cos(length / rho)), rel=1e-5)


def test_wien_filter_is_the_orbit_in_its_fields():
    length, rho, g = 0.5, 0.2, 0.05
    x, a, y, b, d = 0.01, 0.02, 0.003, 0.01, 0.04
    speed = math.sqrt((1 + d) / (1 + g))
    u, v, w = speed * math.cos(b) * math.sin(a), speed * math.sin(b), speed * math.cos(b) * math.cos(a)
    w = math.sqrt(w * w + 2 * x / rho / (1 + g))

    def rate(_, s):  # against z
        u, w = s[2], s[3]
        strength = 1 / rho / (1 + g)
        return [u / w, v / w, (1 - w) * strength / w, u * strength / w]

    end = solve_ivp(rate, (0, length), [x, y, u, w], method="DOP853", rtol=1e-13, atol=1e-15).y[:, -1]
    found = trace_ions([element(WIEN, length, length / rho)], x, a, y, b, d, g)
    assert (found.x[0], found.y[0]) == pytest.approx((end[0], end[1]), abs=1e-13)
    out = math.sqrt(end[3] ** 2 - 2 * end[0] / rho / (1 + g))
    assert found.a[0] == pytest.approx(math.atan2(end[2], out), abs=1e-13)


# ---- properties -----------------------------------------------------------------------------------------

ELEMENTS = {
    "cylinder": condenser(), "torus": condenser(index=0.5), "sphere": condenser(index=1.0), "magnet": magnet(),
    "faces": magnet(edge_in=0.4, edge_out=-0.3), "index": magnet(index=0.5), "wien": element(WIEN, 0.2, 0.6),
}  # fmt: skip
SMALL = st.floats(-5e-3, 5e-3)


@pytest.mark.parametrize("name", ELEMENTS)
@settings(max_examples=20, deadline=None)
@given(x=SMALL, a=SMALL, d=SMALL, g=SMALL)
def test_phase_space_is_kept(name, x, a, d, g):
    """The area of x and sin a at one energy outside all fields is that of the start (Liouville)."""
    h = 1e-4
    s = math.sin(a)
    found = trace_ions(
        [ELEMENTS[name]], [x + h, x - h, x, x], np.arcsin([s, s, s + h, s - h]), d=d, g=g, steps=4
    )  # fmt: skip
    xs, ss = found.x / (2 * h), np.sin(found.a) / (2 * h)
    area = (xs[0] - xs[1]) * (ss[2] - ss[3]) - (xs[2] - xs[3]) * (ss[0] - ss[1])
    assert area == pytest.approx(1.0, abs=3e-6)


@pytest.mark.parametrize("name", ELEMENTS)
def test_the_other_sense_is_the_mirror_image(name):
    other = ELEMENTS[name].copy()
    other[kernel.SENSE] = -1.0
    one = trace_ions([ELEMENTS[name]], [1e-3, -2e-3], [3e-3, 1e-3], 1e-3, 1e-3, [1e-3, 0.0], 2e-3)
    two = trace_ions([other], [-1e-3, 2e-3], [-3e-3, -1e-3], 1e-3, 1e-3, [1e-3, 0.0], 2e-3)
    assert two.x == pytest.approx(-one.x, rel=1e-15)
    assert two.a == pytest.approx(-one.a, rel=1e-15)
    assert two.y == pytest.approx(one.y, rel=1e-15)


def test_only_mass_per_charge_matters_where_it_should():
    light = trace_ions([condenser()], 1e-3, 2e-3, d=1e-3, g=0.0)
    heavy = trace_ions([condenser()], 1e-3, 2e-3, d=1e-3, g=4.0)  # electric: mass does not matter at all
    assert heavy.x == pytest.approx(light.x, rel=1e-13)
    energetic = trace_ions([magnet()], 1e-3, 2e-3, d=0.02, g=-0.01)  # magnetic: the product counts
    massive = trace_ions([magnet()], 1e-3, 2e-3, d=-0.01, g=0.02)
    assert massive.x == pytest.approx(energetic.x, rel=1e-13)


def beam(n, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, n) * size for size in (1e-3, 5e-3, 1e-3, 1e-3, 2e-3, 2e-3)]


WHOLE = [
    element(DRIFT, 0.2), element(SLIT, half_width=1.2e-3), condenser(gap=8e-3), element(DRIFT, 0.5),
    magnet(edge_in=0.2, gap=6e-3), element(DRIFT, 0.3), element(WIEN, 0.1, 0.2, gap=0.02),
    magnet(index=0.4, sense=-1), condenser(index=0.5), element(SLIT, half_width=2e-3),
]  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99), n=st.integers(1, 300))
def test_an_ion_flies_as_if_it_were_alone(seed, n):
    rays = np.array(beam(300, 5))
    order = np.random.default_rng(seed).permutation(300)[:n]
    whole, part = trace_ions(WHOLE, *rays), trace_ions(WHOLE, *rays[:, order])
    for all_ions, some in zip(whole, part, strict=True):
        assert np.array_equal(all_ions[order], some, equal_nan=True)


def test_compiled_is_as_interpreted(monkeypatch):
    rays = beam(200)
    compiled = trace_ions(WHOLE, *rays)
    for name, value in vars(kernel).items():
        if isinstance(value, Dispatcher):
            monkeypatch.setattr(kernel, name, value.py_func)
    with np.errstate(invalid="ignore"):
        plain = kernel.trace_ions(WHOLE, *rays)
    assert np.array_equal(compiled.lost, plain.lost)
    assert 0 < np.count_nonzero(plain.lost) < 200
    for one, other in zip(compiled[:4], plain[:4], strict=True):
        assert one == pytest.approx(other, rel=1e-10, abs=1e-15, nan_ok=True)


# ---- losses ------------------------------------------------------------------------------------------------


def test_a_slit_takes_what_is_beyond_its_jaws():
    found = trace_ions([element(DRIFT, 0.1), element(SLIT, half_width=1e-3)], [0.0, 0.99e-3, 1.01e-3, -2e-3], 0.0)
    assert found.lost.tolist() == [0, 0, 2, 2]
    assert np.isnan(found.x).tolist() == [False, False, True, True]


def test_electrodes_take_what_swings_out_between_the_ends():
    # from a point at the entrance, half a turn back to a point: widest r a / sqrt(2) = 7.1 mm in the middle
    for gap, lost in ((14.9e-3, 0), (13.5e-3, 2)):
        found = trace_ions([element(DRIFT, 0.0), element(ELECTRIC, 1.0, math.pi / math.sqrt(2), gap=gap)], 0.0, -0.01)
        assert found.lost[0] == lost


def test_poles_take_what_rises():
    found = trace_ions([magnet(gap=4e-3), element(DRIFT, 1.0)], 0.0, 0.0, [0.0, 1.9e-3, 2.1e-3], [0.0, 2e-3, 0.0])
    assert found.lost.tolist() == [0, 1, 1]


def test_the_first_loss_counts_and_what_is_turned_back_is_lost():
    table = [element(SLIT, half_width=1e-3), element(SLIT, half_width=1e-4), element(MAGNETIC, 0.3, 2.0)]
    found = trace_ions(table, [2e-3, 5e-4, 0.0, 0.0], 0.0, g=[0.0, 0.0, -0.999, 0.0])
    assert found.lost.tolist() == [1, 2, 3, 0]


# ---- pictures -------------------------------------------------------------------------------------------------


def test_paths_end_where_the_map_ends():
    _, _, table = nier_johnson()
    rays = beam(5)
    end = trace_ions(table, *rays, steps=8)
    way = trace_paths(table, *rays, points=8)
    assert way.shape == (41, 5, 3)
    heading = -math.radians(150)
    axis = trace_paths(table, 0.0, 0.0, points=8)[-1, 0]
    aside = (way[-1] - axis) @ [-math.sin(heading), math.cos(heading), 0.0]
    assert aside == pytest.approx(end.x, abs=1e-10)
    assert way[-1, :, 2] == pytest.approx(end.y, abs=1e-10)


def test_a_path_in_a_magnet_is_a_circle():
    way = trace_paths([element(MAGNETIC, 0.3, 2.0)], 1e-3, 0.01, d=0.02, points=20)[:, 0, :2]
    centre = np.array([0.0, 1e-3]) + 0.3 * math.sqrt(1.02) * np.array([math.sin(0.01), -math.cos(0.01)])
    assert np.hypot(*(way - centre).T) == pytest.approx(0.3 * math.sqrt(1.02), rel=1e-12)


# ---- bad cases ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        ((99, -1.0), {}, "kind must be DRIFT.*not 99"), ((1.5, 1.0), {}, "kind"), ((DRIFT, -1.0), {}, "length.*not -1"),
        ((DRIFT, math.inf), {}, "length"), ((MAGNETIC, 0.0, 1.0), {}, "length must be finite and above 0"),
        ((MAGNETIC, 0.3, math.nan), {}, "angle"), ((ELECTRIC, 0.3, 1.0), {"index": math.inf}, "index"),
        ((WIEN, 0.3, 1.0), {"sense": 0.0}, "sense"), ((ELECTRIC, 0.3, 1.0), {"gap": -1e-3}, "gap"),
        ((SLIT,), {"half_width": math.nan}, "half_width"),
    ],
)  # fmt: skip
def test_bad_elements_are_named(arguments, changes, message):
    with pytest.raises(ValueError, match=message):
        element(*arguments, **changes)


@pytest.mark.parametrize("follow", [trace_ions, trace_paths])
@pytest.mark.parametrize(
    ("table", "message"),
    [
        (magnet(), r"table must have the shape \(n_elements, 11\).*not \(11,\)"), ([], "table"), (5.0, "table"),
        (np.zeros((2, 10)), r"not \(2, 10\)"), ([["a"] * 11], "table"), ([magnet(), [1.0]], "table"),
        ([magnet(), np.full(11, 99.0)], "element 2: kind"), ([np.full(11, math.nan)], "element 1: kind"),
    ],
)  # fmt: skip
def test_bad_tables_are_named(follow, table, message):
    with pytest.raises(ValueError, match=message):
        follow(table, 0.0, 0.0)


@pytest.mark.parametrize("count", [0, 1.5, math.nan])
def test_bad_counts_are_named(count):
    with pytest.raises(ValueError, match="steps must be a whole number"):
        trace_ions([magnet()], 0.0, 0.0, steps=count)
    with pytest.raises(ValueError, match="points must be a whole number"):
        trace_paths([magnet()], 0.0, 0.0, points=count)


def test_no_element_changes_nothing():
    assert trace_ions(np.empty((0, 11)), 1e-3, 0.0).x == pytest.approx([1e-3])
