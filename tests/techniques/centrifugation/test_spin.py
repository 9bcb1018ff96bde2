"""One spin: speed profiles, the choice between plug flow and the Lamm equation, and its error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.techniques.centrifugation.spin import (
    SpeedProfile,
    automatic,
    closed_form,
    diffusion_matters,
    lamm,
    speed_profile,
)
from sepsim.techniques.centrifugation.tubes.chords import Chords

pytestmark = pytest.mark.lowest

CHORD = Chords(np.array([0.07]), np.array([0.15]), np.array([1e-4]))
S = 1e-11  # s
SQUARE = 1e6  # rad2/s2


def profile(exponent):
    return SpeedProfile((SQUARE**0.5,), (SQUARE**0.5,), (exponent / (S * SQUARE),))


def diffusion(peclet):
    return np.array([S * SQUARE * (0.15**2 - 0.07**2) / 2 / peclet])


@given(st.floats(1, 1e4), st.floats(1, 1e5), st.floats(0, 1e4), st.floats(0, 1e4))
def test_dose_of_ramps_is_the_integral(omega, time, acceleration, braking):
    spin = speed_profile(omega, time, acceleration, braking)
    assert spin.dose == pytest.approx(omega**2 * (time + acceleration / 3 + braking / 3), rel=1e-12)
    assert spin.clock == pytest.approx(time + acceleration + braking, rel=1e-12)


@given(st.floats(0, 2000))
def test_a_profile_cut_off_in_time_grows_to_the_whole(time):
    spin = speed_profile(100.0, 600.0, 300.0, 300.0)
    cut = spin.until(time)
    assert cut.clock == pytest.approx(min(time, 1200.0))
    assert cut.dose <= spin.dose * (1 + 1e-12)
    assert spin.until(5000.0) == spin


@given(st.floats(0, 1), st.floats(10, 1000))
def test_a_ramp_cut_off_has_the_dose_of_its_cube(part, ramp):
    up = speed_profile(100.0, 1.0, ramp, 0.0)
    assert up.until(part * ramp).dose == pytest.approx(100.0**2 * part**3 * ramp / 3, rel=1e-9, abs=1e-9)
    down = speed_profile(100.0, 1.0, 0.0, ramp)
    left = down.dose - down.until(1.0 + part * ramp).dose
    assert left == pytest.approx(100.0**2 * (1 - part) ** 3 * ramp / 3, rel=1e-6, abs=1e-6 * down.dose)


def test_diffusion_is_left_out_only_where_the_front_is_far_from_the_wall():
    s, D = np.array([S]), diffusion(300)
    far, near, gone = (diffusion_matters(CHORD, s, D, profile(exponent)) for exponent in (0.1, 0.74, 3.0))
    assert (far.item(), near.item(), gone.item()) == (False, True, False)
    assert not diffusion_matters(CHORD, s, diffusion(2e4), profile(0.74)).item()


@pytest.mark.parametrize("exponent", [0.05, 0.1, 0.2, 3.0])
def test_plug_flow_is_exact_while_the_front_is_far(exponent):
    s, D = np.array([S]), diffusion(300)
    assert not diffusion_matters(CHORD, s, D, profile(exponent)).item()
    plug, solved = (solve(CHORD, s, D, profile(exponent)).pelleted for solve in (closed_form, lamm))
    assert plug == pytest.approx(solved, abs=2e-5)


@pytest.mark.parametrize(("peclet", "limit"), [(1e4, 6e-3), (3e4, 4e-3)])
def test_the_error_of_plug_flow_at_high_peclet_number_is_bounded(peclet, limit):
    s, D = np.array([S]), diffusion(peclet)
    errors = [
        abs(closed_form(CHORD, s, D, at).pelleted - lamm(CHORD, s, D, at).pelleted).item()
        for at in map(profile, np.linspace(0.70, 0.82, 7))
    ]
    assert 0.1 * limit < max(errors) < limit


def test_the_correction_of_a_bundle_is_the_lamm_equation_on_its_chords():
    bundle = Chords(np.linspace(0.07, 0.08, 30), np.linspace(0.1, 0.15, 30), np.full(30, 1e-5))
    s, D = np.array([S, 0.3 * S, -S]), np.full(3, diffusion(200).item())
    chosen, solved = (solve(bundle, s, D, profile(0.5)) for solve in (automatic, lamm))
    assert chosen.pelleted == pytest.approx(solved.pelleted, abs=2e-3)
    assert chosen.floated == pytest.approx(solved.floated, abs=2e-3)
    assert 0 < chosen.lamm_classes <= 3
