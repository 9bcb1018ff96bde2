"""Pushes of ions against closed forms, the exact map and independent integration."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher
from scipy.integrate import solve_ivp
from scipy.special import expit

from sepsim.techniques.mass_spectrometry.kernels import boris as kernel
from sepsim.techniques.mass_spectrometry.kernels import ion_optics as exact
from sepsim.techniques.mass_spectrometry.kernels.boris import push_ions, push_uniform, pushes
from sepsim.techniques.mass_spectrometry.kernels.ion_optics import DRIFT, ELECTRIC, MAGNETIC, SLIT, WIEN, element

R_M, R_E = 0.3048, 0.381
WAVE = math.sqrt(2.0) * math.pi / 2
ARM = R_E / math.sqrt(2.0) * (1.0 / math.sin(WAVE) + 1.0 / math.tan(WAVE))
A, D = np.array([0.0, 2e-3, -2e-3, 0.0, 0.0]), np.array([0.0, 0.0, 0.0, 1e-3, -1e-3])


def nier_johnson(gap=0.02):
    return np.array([
        element(DRIFT, ARM), element(ELECTRIC, R_E, math.pi / 2, gap=gap), element(DRIFT, ARM + 2.309401 * R_M),
        element(MAGNETIC, R_M, math.pi / 3, gap=gap), element(DRIFT, 1.347150 * R_M),
    ])  # fmt: skip


# ---- uniform fields -----------------------------------------------------------------------------------


def test_energy_is_kept_over_many_turns():
    rng = np.random.default_rng(0)
    state = rng.normal(size=(6, 30)) * 1e4
    ratio = rng.uniform(1e5, 1e8, 30)
    before = (state[3:] ** 2).sum(axis=0)
    push_uniform(state, ratio, np.zeros(3), np.array([0.1, 0.7, -0.3]), 1e-9, 100_000)
    assert np.abs((state[3:] ** 2).sum(axis=0) / before - 1.0).max() < 1e-12


def test_gyration_has_the_radius_and_the_period_of_theory():
    ratio, field, speed = 1e7, 0.5, 2e4
    steps = 4000
    period = 2 * math.pi / (ratio * field)
    state = np.array([[0.0], [0.0], [0.0], [speed], [0.0], [0.0]])
    quarter = state.copy()
    push_uniform(quarter, np.array([ratio]), np.zeros(3), np.array([0.0, 0.0, field]), period / steps, steps // 4)
    assert quarter[:2, 0] == pytest.approx([speed / (ratio * field), -speed / (ratio * field)], rel=1e-6)
    push_uniform(state, np.array([ratio]), np.zeros(3), np.array([0.0, 0.0, field]), period / steps, steps)
    assert state[:2, 0] == pytest.approx([0.0, 0.0], abs=1e-5 * speed / (ratio * field))


def test_crossed_fields_let_one_velocity_straight_through():
    velocity = np.array([3e4, -1e4, 2e4])
    magnetic = np.array([0.2, 0.5, -0.1])
    electric = -np.cross(velocity, magnetic)
    state = np.concatenate([np.zeros(3), velocity])[:, None]
    push_uniform(state, np.array([1e7]), electric, magnetic, 1e-9, 1000)
    assert state[:, 0] == pytest.approx(np.concatenate([velocity * 1e-6, velocity]), rel=1e-11)


@settings(max_examples=20, deadline=None)
@given(ratio=st.floats(1e4, 1e8), dt=st.floats(1e-10, 1e-7))
def test_a_flight_can_be_flown_back(ratio, dt):
    start = np.array([1e-3, -2e-3, 0.0, 1e4, 2e3, -3e3])[:, None]
    state, ratios = start.copy(), np.array([ratio])
    fields = np.array([1e3, -2e3, 500.0]), np.array([0.1, 0.4, -0.2])
    push_uniform(state, ratios, *fields, dt, 200)
    push_uniform(state, ratios, *fields, -dt, 200)
    assert np.abs(state[3:] - start[3:]).max() < 1e-9 * (1e4 + ratio * 2e3 * dt)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"state": np.ones((2, 2))}, "state"), ({"state": np.ones(6)}, "state"), ({"state": [[1.0] * 2] * 6}, "state"),
        ({"state": np.ones((6, 2), dtype=np.float32)}, "state"), ({"state": np.ones((2, 6)).T}, "state"),
        ({"state": np.broadcast_to(1.0, (6, 2))}, "state"), ({"ratio": [1.0]}, "ratio"), ({"ratio": 1.0}, "ratio"),
        ({"ratio": ["a", "b"]}, "ratio"), ({"electric": [0.0, math.nan, 0.0]}, "electric"),
        ({"magnetic": [0.0, 1.0]}, "magnetic"), ({"dt": math.inf}, "dt"), ({"dt": None}, "dt"),
        ({"steps": -1}, "steps"), ({"steps": 1.5}, "steps"),
    ],
)  # fmt: skip
def test_bad_arguments_of_a_push_are_named(change, name):
    good = {"state": np.ones((6, 2)), "ratio": [1.0, 2.0], "electric": [0.0] * 3, "magnetic": [0.0] * 3, "dt": 0.1}
    with pytest.raises(ValueError, match=name):
        push_uniform(**{**good, "steps": 1, **change})


def test_a_push_keeps_to_its_rows():
    whole = np.arange(48.0).reshape(12, 4)
    before = whole.copy()
    push_uniform(whole[3:9], np.ones(4), np.ones(3), np.ones(3), 0.1, 3)
    assert np.array_equal(whole[[0, 1, 2, 9, 10, 11]], before[[0, 1, 2, 9, 10, 11]])
    assert not np.array_equal(whole[3:9], before[3:9])


# ---- hard edges -----------------------------------------------------------------------------------------


def general(gap=math.inf):
    return np.array([
        element(DRIFT, 0.3), element(MAGNETIC, 0.3, 1.0, edge_in=0.4, edge_out=-0.2, gap=gap, sense=-1),
        element(DRIFT, 0.3), element(WIEN, 0.2, 0.7, gap=gap), element(DRIFT, 0.2),
        element(ELECTRIC, 0.4, 1.0, gap=gap, sense=-1), element(DRIFT, 0.1),
    ])  # fmt: skip


def beam(n, seed=3):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, n) * size for size in (1e-3, 2e-3, 1e-3, 1e-3, 2e-3, 2e-3)]


def test_hard_edges_converge_to_the_exact_map_with_the_square_of_the_step():
    rays = beam(20)
    expected = exact.trace_ions(general(), *rays, steps=4).x
    errors = [
        np.abs(push_ions(general(), *rays, soft=False, refine=refine).x - expected).max() for refine in (0.25, 1.0)
    ]
    assert errors[1] < 2e-9
    assert errors[0] / errors[1] == pytest.approx(16.0, rel=0.3)


def test_vertical_motion_is_that_of_the_exact_map():
    rays = beam(20)
    expected, found = exact.trace_ions(general(), *rays, steps=4), push_ions(general(), *rays, soft=False, refine=4)
    assert found.y == pytest.approx(expected.y, abs=2e-8)
    assert found.b == pytest.approx(expected.b, abs=2e-8)


def without_potential_step(x, a, d, steps):
    """Push through the 90 degree cylinder (c = 0) as if its edges were no electrodes: return x and a behind it.

    The field ends at once, but what it does to an ion that enters beside the axis is left out. No potential belongs
    to such a field. More steps only bring it closer to a wrong image.
    """
    speed = np.sqrt(1.0 + d)
    place, velocity = np.array([R_E + x, 0.0 * x]), speed * np.array([np.sin(a), np.cos(a)])
    dt = R_E * math.pi / 2 / steps / speed
    for count in [steps] + [1] * 4:
        if count == 1:
            dt = place[0] / velocity[0] * -1.0  # to the exit plane
        for _ in range(count):
            place = place + 0.5 * dt * velocity
            velocity = velocity - dt * place / (place**2).sum(axis=0)
            place = place + 0.5 * dt * velocity
    return place[1] - R_E, np.arctan2(velocity[1], -velocity[0]), (velocity**2).sum(axis=0) - 1.0


def test_hard_edges_without_the_potential_step_converge_to_a_wrong_image():
    table, images = nier_johnson(), []
    for steps in (1000, 4000):
        start = exact.trace_ions(table[:1], 0.0, A, d=D)
        x, a, energy = without_potential_step(start.x, start.a, D, steps)
        images.append(exact.trace_ions(table[2:], x, a, d=energy).x * 1e6)
    assert images[1][1:] == pytest.approx([-926, 932, -408, 407], abs=4.0)
    assert images[0] == pytest.approx(images[1], abs=1.0)  # converged, hundreds of micrometres from the truth
    right = exact.trace_ions(table, 0.0, A, d=D).x * 1e6
    assert np.abs(right).max() < 0.4
    assert push_ions(table, 0.0, A, d=D, soft=False).x * 1e6 == pytest.approx(right, abs=1e-3)


# ---- fringes -----------------------------------------------------------------------------------------------


def test_sigmoid_is_exact_enough():
    z = np.linspace(-36, 36, 20001)
    found = np.array([kernel._sigmoid(value) for value in z])
    assert np.abs(found - expit(-z)).max() < 2e-14


def share(s, gap):
    """Enge's function and its slope, by its definition."""
    t = np.clip(s / gap, -4.0, 4.0)
    p = np.polynomial.Polynomial(kernel.ENGE)
    value = expit(-p(t))
    return value, -value * (1.0 - value) * p.deriv()(t) / gap


def by_dop853(row, ray, reach):
    """Return x, y and the angles behind an element with fringes, from the fields' definition in fixed axes."""
    x, a, y, b, d, g = ray
    kind, radius, angle, gap = int(row[kernel.KIND]), row[kernel.LENGTH], row[kernel.ANGLE], row[kernel.GAP]
    tilts = row[kernel.EDGE_IN], row[kernel.EDGE_OUT]
    speed = math.sqrt((1 + d) / (1 + g))
    v = speed * np.array([math.cos(b) * math.sin(a), math.sin(b), math.cos(b) * math.cos(a)])
    place = np.array([radius + x, y, 0.0]) - v * reach * gap / v[2]

    def field(p):
        entrance = math.atan2(p[2], p[0]) < angle / 2
        if entrance:
            tilt, corner, along = (
                tilts[0],
                np.array([radius, 0, 0]),
                np.array([math.sin(tilts[0]), 0, -math.cos(tilts[0])]),
            )
        else:
            tilt = tilts[1]
            corner = radius * np.array([math.cos(angle), 0, math.sin(angle)])
            along = np.array([math.sin(tilt - angle), 0, math.cos(tilt - angle)])
        return (*share(float(along @ (p - corner)), gap), along)

    def rate(_, state):
        p, v = state[:3], state[3:]
        F, slope, along = field(p)
        if kind == ELECTRIC:
            r2 = p[0] ** 2 + p[2] ** 2
            force = -F * np.array([p[0], 0, p[2]]) / r2 - 0.5 * math.log(r2 / radius**2) * slope * along
        else:
            force = np.cross(v, np.array([0, F, 0]) + p[1] * slope * along) / radius
        return np.concatenate([v, force / (1 + g)])

    flight = (radius * angle * 1.02 + 2 * reach * gap) / speed
    found = solve_ivp(rate, (0, flight), np.concatenate([place, v]), method="DOP853", rtol=1e-12, atol=1e-14,
                      max_step=gap / 4).y[:, -1]  # fmt: skip
    co, si = math.cos(angle), math.sin(angle)
    place, v = found[:3], found[3:]
    across, along = place[0] * co + place[2] * si - radius, place[2] * co - place[0] * si
    u, w = v[0] * co + v[2] * si, v[2] * co - v[0] * si
    return across - along * u / w, math.atan2(u, w), place[1] - along * v[1] / w, math.asin(v[1] / np.linalg.norm(v))


@pytest.mark.parametrize(
    "row",
    [
        element(ELECTRIC, 0.381, 1.2, gap=0.012),
        element(MAGNETIC, 0.3, 1.0, gap=0.012),
        element(MAGNETIC, 0.3, 1.0, edge_in=0.3, edge_out=-0.2, gap=0.012),
    ],
    ids=["electric", "magnetic", "tilted"],
)
def test_fringes_are_the_orbit_in_their_fields(row):
    ray = (1e-3, 3e-3, 1e-3, -1e-3, 2e-3, 5e-3)
    found = push_ions([row], *ray, soft=True, refine=8)
    expected = by_dop853(row, ray, kernel.REACH)
    assert (found.x[0], found.y[0]) == pytest.approx((expected[0], expected[2]), abs=2e-9)
    assert (found.a[0], found.b[0]) == pytest.approx((expected[1], expected[3]), abs=1e-8)


def test_fringes_tend_to_hard_edges_as_the_gap_closes():
    table, a, d = nier_johnson(), A / 4, D / 4
    right = exact.trace_ions(table, 0.0, a, d=d).x
    shapes, offsets = [], []
    for gap in (10e-3, 2e-3, 0.5e-3):
        found = push_ions(nier_johnson(gap), 0.0, a, d=d, soft=True)
        assert not found.lost.any()
        offsets.append(abs(found.x[0]))
        shapes.append(np.abs(found.x - found.x[0] - right).max())
    assert shapes[0] > 3 * shapes[1] > 9 * shapes[2]
    assert shapes[2] < 5e-8
    assert np.log(offsets[0] / offsets[1]) / np.log(5) == pytest.approx(2.0, abs=0.1)  # with the square of the gap


def test_fringes_keep_energy_because_the_field_has_a_potential():
    gain = [abs(push_ions(nier_johnson(4e-3), 2e-4, A / 4, d=D, soft=True, refine=f).gain).max() for f in (1, 4)]
    assert max(gain) < 1e-8
    middle = push_ions(nier_johnson(10e-3)[:2], 1e-3, A, 1e-3, 1e-3, d=D, soft=True)
    assert np.abs(middle.gain).max() < 1e-8


# ---- what all have in common ------------------------------------------------------------------------------


@pytest.mark.parametrize("soft", [False, True])
def test_an_ion_flies_as_if_it_were_alone(soft):
    rays = np.array(beam(300))
    order = np.random.default_rng(1).permutation(300)[:170]
    table = [element(SLIT, half_width=8e-4), *general(6e-3)]
    whole, part = (push_ions(table, *some, soft=soft, refine=0.2) for some in (rays, rays[:, order]))
    assert 0 < np.count_nonzero(whole.lost) < 300
    for all_ions, some in zip(whole, part, strict=True):
        assert np.array_equal(all_ions[order], some, equal_nan=True)


@pytest.mark.parametrize("soft", [False, True])
def test_compiled_is_as_interpreted(soft, monkeypatch):
    rays, table = np.array(beam(3)) * 0.5, general(0.02)
    compiled = push_ions(table, *rays, soft=soft, refine=0.1)
    state, ratio, fields = np.ones((6, 2)), np.array([1.0, 2.0]), (np.array([0.1, 0, 0]), np.array([0, 1.0, 0.5]))
    once, again = state.copy(), state.copy()
    push_uniform(once, ratio, *fields, 0.1, 5)
    for name, value in vars(kernel).items():
        if isinstance(value, Dispatcher):
            monkeypatch.setattr(kernel, name, value.py_func)
    monkeypatch.setattr(kernel, "LANES", 4)
    kernel.push_uniform(again, ratio, *fields, 0.1, 5)
    assert again == pytest.approx(once, rel=1e-14)
    plain = kernel.push_ions(table, *rays, soft=soft, refine=0.1)
    assert not compiled.lost.any()
    for one, other in zip(compiled, plain, strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-14)


def test_losses_name_the_element():
    table = [
        element(SLIT, half_width=1e-3),
        element(MAGNETIC, 0.3, 1.0, gap=4e-3),
        element(ELECTRIC, 0.4, 1.0, gap=4e-3),
    ]
    for soft in (False, True):
        apart = [table[0], table[1], element(DRIFT, 0.1), table[2]]
        found = push_ions(
            apart, [0.0, 1.1e-3, 0.0, 0.5e-3, 0.0], 0.0, [0, 0, 2.1e-3, 0, 0], g=[0, 0, 0, 0, 0.2], soft=soft
        )
        assert found.lost.tolist() == [0, 1, 2, 0, 4]


def test_what_cannot_be_pushed_is_said():
    with pytest.raises(ValueError, match="element 1: only cylinders"):
        push_ions([element(ELECTRIC, 0.4, 1.0, index=1.0)], 0.0, 0.0, soft=False)
    with pytest.raises(ValueError, match="element 1: shorter than 8 gaps"):
        push_ions([element(MAGNETIC, 0.3, 0.5, gap=0.05)], 0.0, 0.0, soft=True)
    close = [element(ELECTRIC, 0.4, 1.0, gap=0.02), element(DRIFT, 0.1), element(MAGNETIC, 0.4, 1.0, gap=0.02)]
    with pytest.raises(ValueError, match=r"element 3: 0\.1 m from the one before"):
        push_ions(close, 0.0, 0.0, soft=True)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (element(DRIFT, 0.3), r"table must have the shape.*not \(11,\)"), (np.zeros((1, 12)), r"not \(1, 12\)"),
        ([["a"] * 11], "table"), ([element(DRIFT, 0.3), [99.0] * 11], "element 2: kind.*not 99"),
    ],
)  # fmt: skip
def test_bad_tables_are_named(table, message):
    with pytest.raises(ValueError, match=message):
        push_ions(table, 0.0, 0.0, soft=False)


def test_steps_follow_gap_and_radius():
    assert pushes([element(MAGNETIC, 0.3, 1.0, gap=1e-3)], soft=True)[0] > 10 * 0.3 / 1e-3
    assert pushes([element(MAGNETIC, 0.3, 1.0, gap=1.0)], soft=False).tolist() == [500]


def test_kernels_agree_on_the_table():
    for name in ("DRIFT", "ELECTRIC", "MAGNETIC", "WIEN", "SLIT", "KIND", "LENGTH", "ANGLE", "EDGE_IN", "EDGE_OUT",
                 "INDEX", "SENSE", "GAP", "HALF_WIDTH", "PSI_IN", "PSI_OUT", "COLUMNS"):  # fmt: skip
        assert getattr(kernel, name) == getattr(exact, name)


def test_fringes_without_a_gap_ask_for_one():
    found = kernel.problems(general(), soft=True)
    assert ["gap_mm" in problem for problem in found] == [True, True, True]
    assert kernel.problems(general(), soft=False) == []
