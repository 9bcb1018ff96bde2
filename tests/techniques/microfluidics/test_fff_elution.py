"""Elution under a cross flow: closed solutions at constant flows, conservation, the delayed layer and the membrane."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.techniques.microfluidics.fff_elution import CrossFlowChannel, _relaxed, elute

ML_MIN = 1e-6 / 60.0
CHANNEL = {"thickness": 350e-6, "area": 35e-4, "outlet_flow": ML_MIN}
GOLDEN = {20: 5.97, 35: 10.18, 70: 20.02, 110: 31.26, 200: 56.56}  # nm: min; two independent codes, no steric term
DIFFUSIVITY = np.array([4.907e-10 / diameter for diameter in GOLDEN])


def run(cross_flow, minutes=60.0, steps=2000, passage=0.0, radius=0.0, diffusivity=DIFFUSIVITY, **channel):
    time = np.linspace(0.0, 60.0 * minutes, steps + 1)
    return elute(
        CrossFlowChannel(**{**CHANNEL, **channel}),
        time=time,
        cross_flow=np.broadcast_to(np.vectorize(cross_flow)(time / 60.0) * ML_MIN, time.shape),
        diffusivity=diffusivity,
        radius=np.full(diffusivity.size, radius),
        passage=np.full(diffusivity.size, passage),
    )


def test_retention_times_at_a_constant_cross_flow():
    found = run(lambda minute: 0.5).retention_time / 60.0
    assert found == pytest.approx(list(GOLDEN.values()), rel=0.005)


def test_a_band_that_starts_downstream_leaves_earlier():
    part = run(lambda minute: 0.5, start=0.8).retention_time / run(lambda minute: 0.5).retention_time
    assert part == pytest.approx(np.log1p(0.5 * 0.8) / np.log1p(0.5), rel=1e-3)


def test_a_decaying_cross_flow_brings_all_out_sooner_in_the_same_order():
    constant, decaying = run(lambda minute: 0.5), run(lambda minute: 0.5 * max(1.0 - minute / 45.0, 0.0))
    assert np.all(decaying.retention_time < constant.retention_time)
    assert np.all(np.diff(decaying.retention_time) > 0)
    assert decaying.retention_time[-1] < 45 * 60


def test_without_a_field_bands_are_those_of_taylor_and_aris():
    # the layer fills the channel: R = 1, K = <v>^2 w^2/(210 D), and the spread in time is (2 K t)^(1/2)/<v>
    diffusivity = np.array([2e-9])
    found = run(lambda minute: 1e-6, minutes=3.0, steps=4000, diffusivity=diffusivity)
    time = CHANNEL["thickness"] * CHANNEL["area"] / CHANNEL["outlet_flow"]
    spread = np.sqrt(2.0 * CHANNEL["thickness"] ** 2 / 210.0 / diffusivity * time)
    early, late = (np.interp(share, found.eluted[:, 0], found.time) for share in (0.1587, 0.8413))
    assert found.retention_time == pytest.approx([time], rel=1e-3)
    assert 0.5 * (late - early) == pytest.approx(spread[0], rel=0.02)


def test_bands_of_a_constant_field_have_the_plate_height_of_giddings():
    # the flow is nearly the same all along: sigma_t/t = (H/L)^(1/2) with H = chi w^2 <v>/D
    cross, out, diffusivity = 0.5, 10.0, np.array([1e-12, 2e-12, 3e-12])
    lam = diffusivity / (cross * ML_MIN / 35e-4 * 350e-6)
    found = run(lambda minute: cross, 30.0, 6000, diffusivity=diffusivity, outlet_flow=out * ML_MIN)
    chi = 24.0 * lam**3 * (1.0 - 8.0 * lam + 12.0 * lam**2)
    heights = chi * 350e-6 * (out + 0.5 * cross) * ML_MIN / (diffusivity * 35e-4)
    spread = [0.5 * np.diff(np.interp([0.1587, 0.8413], found.eluted[:, i], found.time))[0] for i in range(3)]
    assert spread / found.retention_time == pytest.approx(np.sqrt(heights), rel=0.03)


def test_a_layer_that_is_let_go_grows_by_diffusion():
    # of a thin layer without a field: mean square height 2 D t of one wall, as the closure has it
    lam = np.array([1e-3])
    for _ in range(200):
        lam = _relaxed(lam, 1e-5, 0.0, 1.0)
    assert lam == pytest.approx(np.sqrt(1e-6 + 2.0 * 1e-5 * 200.0), rel=0.01)


@given(lam=st.floats(1e-3, 0.5), ahead=st.floats(0.1, 10.0), length=st.floats(1e-3, 1e6))
def test_layers_go_to_where_diffusion_and_field_balance(lam, ahead, length):
    rest, pull = np.array([lam]), 0.01
    assert _relaxed(rest, pull * rest, pull, length) == pytest.approx(rest, rel=1e-6)
    start = rest * ahead
    after = _relaxed(start, pull * rest, pull, length)
    assert min(start, rest) * (1 - 1e-9) <= after <= max(start, rest) * (1 + 1e-9)


@settings(max_examples=20)
@given(start=st.floats(0.02, 5.0), end=st.floats(0.0, 5.0), passage=st.floats(0.0, 1.0), width=st.floats(0.0, 0.1))
def test_every_particle_leaves_passes_or_stays(start, end, passage, width):
    found = run(lambda minute: start + (end - start) * minute / 40.0, 40.0, 300, passage=passage, width=width)
    assert found.eluted[-1] + found.passed[-1] + found.left == pytest.approx(np.ones(DIFFUSIVITY.size), abs=1e-12)
    assert np.all(np.diff(found.eluted, axis=0) >= 0)
    assert np.all(np.diff(found.passed, axis=0) >= -1e-15)


def test_what_the_membrane_does_not_hold_leaves_with_the_cross_flow():
    found = run(lambda minute: 0.5, passage=1.0, radius=0.0)
    before = found.time < 100.0  # long before the first of it reaches the outlet
    exchanged = 0.5 * ML_MIN / (350e-6 * 35e-4) * found.time[before]
    for lane in range(DIFFUSIVITY.size):
        assert found.passed[before, lane] == pytest.approx(-np.expm1(-exchanged), rel=1e-6, abs=1e-12)


def test_steps_do_not_matter():
    coarse, fine = (run(lambda minute: 0.5 * np.exp(-minute / 15.0), steps=steps, width=0.01) for steps in (400, 1600))
    assert coarse.eluted[::40] == pytest.approx(fine.eluted[::160], abs=5e-3)


@pytest.mark.parametrize("middle", [60.0, 700.0])
def test_a_lane_that_reaches_to_its_neighbours_is_the_mean_of_the_sizes_between(middle):
    """Fine lanes over three wide ones, also about the size at which elution turns round (453 nm at 1 mL/min)."""
    ratio, each = 1.25, 20
    wide = middle * 1e-9 * ratio ** np.arange(-1.0, 2.0)
    fine = (wide[:, None] * ratio ** ((np.arange(each) + 0.5) / each - 0.5)).ravel()
    time = np.linspace(0.0, 7200.0, 1601)

    def eluted(diameter, **neighbours):
        run = elute(
            CrossFlowChannel(**CHANNEL, start=0.9, width=0.005),
            time=time,
            cross_flow=np.full(time.size, ML_MIN),
            diffusivity=4.907e-19 / diameter,
            radius=0.5 * diameter,
            passage=np.zeros(diameter.size),
            **neighbours,
        )
        assert run.eluted[-1] + run.left == pytest.approx(np.ones(diameter.size), abs=1e-12)
        return run.eluted

    mean = eluted(fine).reshape(time.size, 3, each).mean(axis=2)
    reaching = eluted(wide, before=np.array([0, 0, 1]), after=np.array([1, 2, 2]))
    assert np.abs(reaching - mean).mean() < 0.4 * np.abs(eluted(wide) - mean).mean()


def test_tails_end_and_nothing_is_lost_with_them():
    found = run(lambda minute: 0.5)
    assert np.min(found.eluted, where=found.eluted > 0, initial=1.0) > 1e-13
    assert found.eluted[-1] + found.left == pytest.approx(np.ones(DIFFUSIVITY.size), abs=1e-15)
