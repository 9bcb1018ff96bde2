"""Analysers: times, stability, frequencies, charges, against integrated motion and numbers worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import minimize_scalar
from scipy.special import mathieu_a, mathieu_b
from scipy.stats import norm

from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.analysers.charge_detection import ChargeDetection
from sepsim.techniques.mass_spectrometry.analysers.frequency import IonCyclotron, Orbitrap, cyclotron_frequency
from sepsim.techniques.mass_spectrometry.analysers.mass_to_charge import mass_per_charge, mass_to_charge_number
from sepsim.techniques.mass_spectrometry.analysers.mathieu import (
    apex,
    is_stable,
    one_period_trace,
    phase_matrices,
    stable_interval,
)
from sepsim.techniques.mass_spectrometry.analysers.quadrupole import QuadrupoleFilter, mathieu_parameters
from sepsim.techniques.mass_spectrometry.analysers.time_of_flight import (
    LinearTimeOfFlight,
    SingleStageReflectron,
    TwoStageReflectron,
    flight_time,
)

PER_THOMSON = 1.66053906660e-27 / 1.602176634e-19
MDA = 1e6 * 1.66053906660e-27


def derivatives(function, at=1.0, step=1e-3):
    """First, second and third derivative by central differences of the sixth, sixth and fourth order."""
    f = [function(at + n * step) for n in range(-3, 4)]
    first = (-f[0] + 9 * f[1] - 45 * f[2] + 45 * f[4] - 9 * f[5] + f[6]) / (60 * step)
    second = (2 * f[0] - 27 * f[1] + 270 * f[2] - 490 * f[3] + 270 * f[4] - 27 * f[5] + 2 * f[6]) / (180 * step**2)
    third = (f[0] - 8 * f[1] + 13 * f[2] - 13 * f[4] + 8 * f[5] - f[6]) / (8 * step**3)
    return first, second, third


@given(st.floats(1, 1e6))
def test_mass_over_charge_there_and_back(mz):
    assert float(mass_to_charge_number(mass_per_charge(mz))) == pytest.approx(mz, rel=1e-14)
    assert float(mass_per_charge(mz)) == pytest.approx(mz * PER_THOMSON, rel=1e-14, abs=0)


# ---- time of flight ------------------------------------------------------------------------------------------


def test_flight_time_by_hand():
    """1 m at 20 kV, m/z 1000: 16.10 us."""
    assert 1e6 * float(flight_time(1000, 1.0, 20e3)) == pytest.approx(16.10, abs=0.005)


def integrated_time(analyser, mz, position, velocity):
    """Time of an ion through the fields of the two gaps and the drift, by integration of its motion."""
    gap, second, drift = (
        1e-3 * length for length in (analyser.source_mm, analyser.acceleration_mm, analyser.length_mm)
    )
    specific = 1 / (mz * PER_THOMSON)

    def motion(_, state):
        x, v = state
        field = 1e3 * analyser.source_kV / gap if x < gap else 0.0
        if gap <= x < gap + second:
            field = 1e3 * analyser.acceleration_kV / second
        return [v, specific * field]

    total, state = 0.0, [position, velocity]
    for end in (gap, gap + second, gap + second + drift):

        def arrived(_, state, end=end):
            return state[0] - end

        arrived.terminal, arrived.direction = True, 1
        if end - state[0] < 1e-9:
            continue
        run = solve_ivp(motion, (0, 1), state, events=arrived, rtol=1e-11, atol=1e-14, first_step=1e-9, max_step=2e-7)
        total += run.t[-1]
        state = [end * (1 + 1e-15), run.y[1, -1]]
    return total


@pytest.mark.parametrize(("position", "velocity"), [(0, 0), (1e-3, 0), (-1e-3, 500.0), (0, -2000.0)])
def test_linear_flight_against_integrated_motion(position, velocity):
    analyser = LinearTimeOfFlight(
        source_mm=5, source_kV=1, acceleration_mm=10, acceleration_kV=4, length_mm=300, position_spread_mm=1
    )
    expected = integrated_time(analyser, 500.0, position, velocity)
    assert float(analyser.time(500, position, velocity)) == pytest.approx(expected, rel=1e-6, abs=0)


@pytest.mark.parametrize(("second_mm", "second_kV"), [(0, 0), (10, 4), (20, 9)])
def test_ions_from_different_places_meet_at_the_space_focus(second_mm, second_kV):
    """There the time does not depend on the place, to first order; 20 % farther it does."""

    def slope(factor):
        probe = {"source_mm": 5, "source_kV": 1, "acceleration_mm": second_mm, "acceleration_kV": second_kV}
        focus = LinearTimeOfFlight(**probe).space_focus
        analyser = LinearTimeOfFlight(**probe, length_mm=1e3 * focus * factor)
        times = [float(analyser.time(500, place)) for place in (-2e-5, -1e-5, 1e-5, 2e-5)]
        return (times[0] - 8 * times[1] + 8 * times[2] - times[3]) / 12e-5 / float(analyser.time(500)) * 5e-3

    assert abs(slope(1.0)) < 1e-8
    assert abs(slope(1.2)) > 1e-3


def test_single_gap_focuses_at_twice_its_length():
    assert LinearTimeOfFlight(source_mm=7, source_kV=3).space_focus == pytest.approx(14e-3, rel=1e-12, abs=0)


def test_turning_round_costs_twice_the_speed_over_the_acceleration():
    analyser = LinearTimeOfFlight(source_mm=5, source_kV=1)
    speed = 300.0
    acceleration = 1e3 / 5e-3 / (800 * PER_THOMSON)
    late = float(analyser.time(800, velocity=-speed) - analyser.time(800, velocity=speed))
    assert late == pytest.approx(2 * speed / acceleration, rel=1e-9, abs=0)


def test_only_the_detector_limits_ions_that_start_together():
    analyser = LinearTimeOfFlight(source_mm=0, position_spread_mm=0, response_s=2e-9)
    assert float(analyser.resolving_power(1000)) == pytest.approx(16.0966e-6 / 4e-9, rel=1e-4)


def test_spreads_of_the_start_cost_resolving_power():
    sharp = LinearTimeOfFlight(position_spread_mm=0)
    powers = [
        float(one.resolving_power(1000))
        for one in (sharp, LinearTimeOfFlight(), LinearTimeOfFlight(position_spread_mm=0, energy_spread_eV=0.05))
    ]
    assert max(powers[1:]) < 0.9 * powers[0]


def test_slowest_ion_arrives_as_the_next_start():
    analyser = LinearTimeOfFlight(pulse_interval_s=5e-5)
    assert float(analyser.time(analyser.mz_range[1])) == pytest.approx(5e-5, rel=1e-9, abs=0)


def test_a_single_stage_mirror_focuses_once():
    """First derivative by the energy zero, second not; a depth off by a fifth does not focus."""
    mirror = SingleStageReflectron(length_mm=800, voltage_kV=5)
    first, second, _ = derivatives(lambda k: float(mirror.time(500, k) / mirror.time(500)))
    assert abs(first) < 1e-9
    assert second == pytest.approx(0.25, rel=1e-6)
    off = SingleStageReflectron(length_mm=800, depth_mm=240, voltage_kV=5)
    assert abs(derivatives(lambda k: float(off.time(500, k) / off.time(500)))[0]) > 0.04


@pytest.mark.parametrize("first_stage_mm", [10, 50, 150, 249])
def test_a_two_stage_mirror_focuses_twice(first_stage_mm):
    mirror = TwoStageReflectron(length_mm=1000, first_stage_mm=first_stage_mm)
    assert mirror.depth > 0
    step = 1e-3 * (1 - mirror.first_stage_share)  # within what reaches the second stage
    first, second, third = derivatives(lambda k: float(mirror.time(500, k) / mirror.time(500)), step=max(step, 1e-4))
    assert abs(first) < 1e-8
    assert abs(second) < 1e-5 * abs(third)


def test_mirror_time_against_integrated_motion():
    mirror = TwoStageReflectron(length_mm=600, first_stage_mm=40, voltage_kV=2)
    specific = 1 / (300 * PER_THOMSON)
    for energy in (0.5, 0.97, 1.0, 1.03):
        fields = (
            2e3 * mirror.first_stage_share / 40e-3,
            2e3 * (1 - mirror.first_stage_share) / mirror.depth,
        )

        def motion(_, state, fields=fields):
            x, v = state
            return [v, -specific * (0.0 if x < 0 else fields[0] if x < 40e-3 else fields[1])]

        def back(_, state):
            return state[0]

        back.terminal, back.direction = True, -1
        speed = math.sqrt(2 * 2e3 * energy * specific)
        run = solve_ivp(motion, (0, 1), [1e-12, speed], events=back, rtol=1e-9, atol=1e-12, max_step=2e-9)
        expected = 0.6 / speed + run.t[-1]
        assert float(mirror.time(300, energy)) == pytest.approx(expected, rel=1e-5, abs=0)


def test_mirrors_in_order_of_their_focusing():
    """With 2 % of energy spread a second stage beats one, and one beats none."""
    keys = {"length_mm": 1000, "energy_spread_percent": 2, "response_s": 0}
    two = float(TwoStageReflectron(**keys, first_stage_mm=50).resolving_power(1000))
    one = float(SingleStageReflectron(**keys).resolving_power(1000))
    none = 1 / 0.02  # t = L / v: dt / t = dk / 2k
    assert two > 20 * one > 20 * 20 * none


@pytest.mark.parametrize(
    ("kind", "table", "named"),
    [
        (LinearTimeOfFlight, {"source_mm": 1, "position_spread_mm": 3}, "position_spread_mm = 3"),
        (LinearTimeOfFlight, {"source_mm": 5, "position_spread_mm": 10}, "must be below 2 x source_mm = 10"),
        (LinearTimeOfFlight, {"acceleration_mm": 3}, "acceleration_mm = 3"),
        (TwoStageReflectron, {"length_mm": 400, "first_stage_mm": 100}, "first_stage_mm = 100"),
        (LinearTimeOfFlight, {"source_kV": 0}, "source_kV = 0"),
        (QuadrupoleFilter, {"entrance_mm": 4}, "entrance_mm = 4"),
        (Orbitrap, {"outer_radius_mm": 5}, "outer_radius_mm = 5"),
        (Orbitrap, {"characteristic_radius_mm": 10}, "characteristic_radius_mm = 10"),
        (ChargeDetection, {"lowest_mz": 2e6}, "lowest_mz = 2e"),
        (IonCyclotron, {"window": "han"}, "did you mean 'hann'"),
    ],
)
def test_what_cannot_work_is_named(kind, table, named):
    with pytest.raises(InputError, match=named):
        kind(**table)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: flight_time(0, 1.0, 20e3), "mz = 0"),
        (lambda: flight_time([1000, -5], 1.0, 20e3), "mz = -5"),
        (lambda: flight_time(1000, 1.0, 0.0), "voltage = 0"),
        (lambda: flight_time(1000, -1.0, 20e3), "length = -1"),
        (lambda: cyclotron_frequency(1000, 0.0), "field = 0"),
        (lambda: cyclotron_frequency(0.0, 7.0), "mz = 0"),
        (lambda: Orbitrap().frequency(-400), "mz = -400"),
        (lambda: LinearTimeOfFlight().resolving_power(0), "mz = 0"),
        (lambda: ChargeDetection().resolving_power([10, 0]), "charge = 0"),
        (lambda: ChargeDetection().measure([MDA], [0], rng=np.random.default_rng(0)), "charge = 0"),
        (lambda: ChargeDetection().measure([-MDA], [9], rng=np.random.default_rng(0)), "mass = -1.66"),
        (lambda: ChargeDetection().measure([math.nan], [9], rng=np.random.default_rng(0)), "mass = nan"),
    ],
)
def test_quantities_that_no_ion_has_are_named(call, named):
    with pytest.raises(InputError, match=f"{named}.*above 0"):
        call()


# ---- quadrupole ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", [0.1, 0.5, 0.706, 0.9, 2.0])
def test_borders_of_stability_are_characteristic_values(q):
    """Trace 2 on a_0(q), -2 on b_1(q) and a_1(q): Mathieu's characteristic values by another algorithm."""
    assert float(one_period_trace(mathieu_a(0, q), q)) == pytest.approx(2, abs=1e-9)
    assert float(one_period_trace(mathieu_b(1, q), q)) == pytest.approx(-2, abs=1e-9)
    assert float(one_period_trace(mathieu_a(1, q), q)) == pytest.approx(-2, abs=1e-9)


@given(st.floats(-2, 4))
@settings(max_examples=20)
def test_without_radio_frequency_the_motion_is_harmonic(a):
    expected = 2 * math.cos(math.pi * math.sqrt(a)) if a >= 0 else 2 * math.cosh(math.pi * math.sqrt(-a))
    assert float(one_period_trace(a, 0.0)) == pytest.approx(expected, abs=1e-9, rel=1e-9)


def test_trace_against_integrated_motion():
    a, q = 0.21, 0.65
    ends = [
        solve_ivp(
            lambda t, s: [s[1], -(a - 2 * q * math.cos(2 * t)) * s[0]],
            (0, math.pi),
            start,
            method="DOP853",
            rtol=1e-12,
            atol=1e-13,
        ).y[:, -1]
        for start in ([1, 0], [0, 1])
    ]
    assert float(one_period_trace(a, q)) == pytest.approx(ends[0][0] + ends[1][1], abs=1e-9)


def test_parts_of_a_period_keep_the_phase_space():
    """Determinant 1 each; together they are one period, from any phase on."""
    parts = phase_matrices([0.2, -0.1], [0.68, 0.3], 40)
    assert np.linalg.det(parts) == pytest.approx(np.ones((2, 40)), abs=1e-12)
    for start in (0, 5):
        whole = np.eye(2)
        for part in range(start, start + 40):
            whole = parts[:, part % 40] @ whole
        traces = np.trace(whole, axis1=-2, axis2=-1)
        assert traces == pytest.approx(one_period_trace([0.2, -0.1], [0.68, 0.3]), abs=1e-7)


def test_apex_and_end_of_the_stable_region():
    """As in textbooks, 0.237, 0.706 and 0.908; further digits by the trace of one period, computed elsewhere."""
    assert apex() == pytest.approx((0.236994, 0.705996), abs=5e-7)
    assert stable_interval(0.0)[1] == pytest.approx(0.908046, abs=5e-7)


def test_just_below_the_apex_is_stable_and_just_above_is_not():
    a, q = apex()
    assert is_stable([a - 1e-4, a + 1e-4], [q, q]).tolist() == [True, False]


@pytest.mark.parametrize("share", [0.99, 0.995, 0.999])
def test_resolving_power_of_the_voltages(share):
    """m/dm = 0.126 / (0.16784 - U/V), the usual approximation near the apex."""
    tip = apex()[0] / apex()[1] / 2
    assert QuadrupoleFilter(dc_share=share).line_resolving_power == pytest.approx(0.126 / (tip * (1 - share)), rel=0.01)


def test_voltages_hold_the_chosen_mass_in_the_stable_piece():
    rods = QuadrupoleFilter(dc_share=0.99)
    voltages = rods.voltages(300.0)
    half = 0.5 / rods.line_resolving_power
    a, q = mathieu_parameters(300 * (1 + np.array([-1.2, -0.9, 0, 0.9, 1.2]) * half), *voltages, 4e-3, 1e6)
    assert is_stable(a, q).tolist() == [False, True, True, True, False]


def test_heaviest_ion_needs_the_largest_voltage():
    rods = QuadrupoleFilter(highest_rf_kV=3)
    assert rods.voltages(rods.mz_range[1])[1] == pytest.approx(3e3, rel=1e-9)


def integrated_share(rods, mz, held, count, rng):
    """Share of ions that stay within the rods, by Runge-Kutta steps of the equations of motion in real time."""
    dc, rf = rods.voltages(held)
    r0, specific = 1e-3 * rods.radius_mm, 1 / (mz * PER_THOMSON)
    speed = math.sqrt(2 * rods.axial_energy_eV * specific)
    angular = 2 * math.pi * rods.frequency_per_s
    radius, turn, tilt, towards, phase = rng.random((5, count)) * np.array(
        [[1], [2 * np.pi], [1], [2 * np.pi], [2 * np.pi]]
    )
    offset, slope = (
        1e-3 * rods.entrance_mm * np.sqrt(radius),
        speed * np.tan(1e-3 * rods.half_angle_mrad * np.sqrt(tilt)),
    )
    state = np.array([offset * np.cos(turn), offset * np.sin(turn), slope * np.cos(towards), slope * np.sin(towards)])

    def motion(t, s):
        pull = 2 * specific * (dc - rf * np.cos(angular * t + phase)) / r0**2
        return np.array([s[2], s[3], -pull * s[0], pull * s[1]])

    stay = 1e-3 * rods.length_mm / speed
    steps = round(40 * stay * rods.frequency_per_s)
    h, alive = stay / steps, np.ones(count, dtype=bool)
    for step in range(steps):
        t = step * h
        k1 = motion(t, state)
        k2 = motion(t + h / 2, state + h / 2 * k1)
        k3 = motion(t + h / 2, state + h / 2 * k2)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + motion(t + h, state + h * k3))
        alive &= (np.abs(state[:2]) < r0).all(axis=0)
    return alive.mean()


WIDE_CONE = {"dc_share": 0, "length_mm": 60, "axial_energy_eV": 300, "entrance_mm": 0.1, "half_angle_mrad": 300}
USUAL = {"length_mm": 50, "axial_energy_eV": 20, "entrance_mm": 1, "half_angle_mrad": 10}


@pytest.mark.parametrize(
    ("keys", "mz"),
    [
        (USUAL | {"dc_share": 0.98}, 100.8),
        (USUAL | {"dc_share": 0.98}, 98.6),
        (USUAL | {"dc_share": 1}, 100.0),
        (WIDE_CONE, 82.0),
    ],
)
def test_transmission_against_integrated_motion(keys, mz):
    """Near either edge of the peak, at the apex, and where it matters that x and y feel the field in opposite phase."""
    rods = QuadrupoleFilter(**keys)
    share = integrated_share(rods, mz, 100.0, 16_000, np.random.default_rng(3))
    traced = float(rods.transmission([mz], 100.0, rng=np.random.default_rng(1), ions_per_phase=400)[0])
    assert 0.05 < share < 0.95
    assert traced == pytest.approx(share, abs=4 * math.sqrt(2 * share * (1 - share) / 16_000))


def test_each_ion_stays_as_long_as_its_mass_says():
    """A heavy ion in the same call, which is slower, does not keep the light one between the rods for longer."""
    rods = QuadrupoleFilter(dc_share=1.0, length_mm=50)
    alone, together = (
        rods.transmission(ions, 100, rng=np.random.default_rng(4), ions_per_phase=100)[0]
        for ions in ([100.0], [100.0, 3000.0])
    )
    assert together == pytest.approx(alone, abs=0.03)
    assert alone > 0.1


@pytest.mark.slow
def test_resolving_power_by_cycles_grows_with_their_square():
    """At the apex only the number of cycles limits; twice as many make the peak a quarter as wide."""
    widths = []
    for length in (50.0, 100.0, 200.0):
        rods = QuadrupoleFilter(dc_share=1.0, length_mm=length, half_angle_mrad=0)
        span = 25 / float(rods.cycles(500)) ** 2
        offsets = np.linspace(-span, span, 41)
        seen = rods.transmission(500 * (1 + offsets), 500, rng=np.random.default_rng(5), ions_per_phase=30)
        widths.append(span * seen.mean() / seen.max())
        assert seen[[0, -1]].max() < 0.1 * seen.max()
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.2)
    assert widths[1] / widths[2] == pytest.approx(4, rel=0.2)


def test_radio_frequency_alone_lets_heavy_ions_through():
    rods = QuadrupoleFilter(dc_share=0)
    lightest = 500 * rods.centre / stable_interval(0.0)[1]
    seen = rods.transmission(
        [0.9 * lightest, 1.1 * lightest, 500, 2000], 500, rng=np.random.default_rng(2), ions_per_phase=5
    )
    assert seen[0] == 0
    assert seen[1:].min() > 0.9


def test_the_same_seed_gives_the_same_transmission():
    first, second = (QuadrupoleFilter().transmission([99.5], 100, rng=np.random.default_rng(8)) for _ in range(2))
    assert first == second


# ---- frequencies ---------------------------------------------------------------------------------------------


def test_cyclotron_frequency_by_hand():
    """7 T, m/z 1000: 107.49 kHz."""
    assert float(cyclotron_frequency(1000, 7.0)) / 1e3 == pytest.approx(107.49, abs=0.005)


def peak_width(window, frequency=1000.37, transient=1.0):
    """Full width at half maximum of the magnitude spectrum of a transient, by a finely padded Fourier transform."""
    t = np.arange(8192) / 8192 * transient
    shape = np.hanning(8192) if window == "hann" else np.ones(8192)
    spectrum = np.abs(np.fft.rfft(np.cos(2 * math.pi * frequency * t) * shape, n=8192 * 64))
    above = np.flatnonzero(spectrum >= spectrum.max() / 2)
    return (above[-1] - above[0]) / 64 / transient


@pytest.mark.parametrize("window", ["none", "hann"])
def test_widths_of_frequency_peaks_against_a_transform(window):
    cell = IonCyclotron(transient_s=1.0, trapping_kV=0, window=window)
    expected = float(cell.frequency(1000)) / peak_width(window)
    assert float(cell.resolving_power(1000)) == pytest.approx(expected, rel=0.03)


def test_hann_window_gives_half_of_the_periods_heard():
    cell = IonCyclotron(transient_s=1.5, trapping_kV=0)
    assert float(cell.resolving_power(1000)) == pytest.approx(107.49e3 * 1.5 / 2, rel=1e-4)


def test_mass_resolving_power_of_an_orbitrap_is_half_that_of_its_frequency():
    trap = Orbitrap(transient_s=0.5)
    mz = 700.0
    frequency = float(trap.frequency(mz))
    lighter = minimize_scalar(
        lambda m: (float(trap.frequency(m)) - frequency - 2 / 0.5) ** 2, bounds=(699, 700), options={"xatol": 1e-12}
    ).x
    assert float(trap.resolving_power(mz)) == pytest.approx(mz / (mz - lighter), rel=1e-3)


def test_trapped_cyclotron_motion_against_integration():
    """Field along z, potential V alpha / a^2 (z^2 - (x^2 + y^2) / 2): the fast line of the motion across it."""
    cell = IonCyclotron(field_T=1, trapping_kV=1e-3, cell_mm=25)
    specific, curvature = 1 / (2000 * PER_THOMSON), 2.774 / 0.025**2

    def motion(_, s):
        x, y, u, v = s
        return [u, v, specific * (curvature * x + v), specific * (curvature * y - u)]

    # free of magnetron motion: a circle about the axis at the frequency of the answer closes on itself
    frequency = float(cell.frequency(2000))
    speed = 2 * math.pi * frequency * 1e-3
    run = solve_ivp(motion, (0, 1 / frequency), [1e-3, 0, 0, -speed], method="DOP853", rtol=1e-11, atol=1e-12)
    assert frequency < 0.97 * float(cyclotron_frequency(2000, 1.0))
    assert run.y[:2, -1] == pytest.approx([1e-3, 0], abs=1e-9)


def test_too_heavy_ions_are_not_held_by_the_cell():
    cell = IonCyclotron()
    limit = cell.mz_range[1]
    assert np.isfinite(cell.frequency(0.999 * limit))
    assert np.isnan(cell.frequency(1.001 * limit))
    assert IonCyclotron(trapping_kV=0).mz_range[1] == math.inf


def test_orbitrap_frequency_against_an_orbit():
    """An ion that circles and swings in the potential of the trap, integrated over 20 axial periods."""
    trap = Orbitrap()
    inner, outer, reach = 6e-3, 15e-3, 22e-3
    specific = 1 / (524 * PER_THOMSON)

    def potential(r, z, k):
        return k / 2 * (z**2 - r**2 / 2) + k / 2 * reach**2 * math.log(r)

    k = trap.curvature
    assert potential(outer, 0, k) - potential(inner, 0, k) == pytest.approx(3500, rel=1e-9)

    def motion(_, s):
        x, y, z, *speed = s
        r = math.hypot(x, y)
        inward = k / 2 * (reach**2 / r - r)
        return [*speed, -specific * inward * x / r, -specific * inward * y / r, -specific * k * z]

    r0 = 9e-3
    around = math.sqrt(specific * k / 2 * (reach**2 - r0**2))
    frequency = float(trap.frequency(524))
    run = solve_ivp(motion, (0, 20 / frequency), [r0, 0, 2e-3, 0, around, 0], method="DOP853", rtol=1e-10, atol=1e-12)
    assert run.y[2, -1] == pytest.approx(2e-3, abs=1e-9)
    assert run.y[5, -1] == pytest.approx(0, abs=1e-6 * around)


# ---- charge detection ----------------------------------------------------------------------------------------


def test_errors_of_charge_and_mass():
    """Standard deviations of what is measured: noise of the charge, and both errors in quadrature for the mass."""
    trap = ChargeDetection(noise_per_passage=100, passages=2500, mz_error_percent=0.5)
    rng = np.random.default_rng(4)
    seen = trap.measure(np.full(40_000, 30 * MDA), np.full(40_000, 300.0), rng=rng)
    assert seen.charge.std() == pytest.approx(2, rel=0.02)
    assert seen.mass.mean() == pytest.approx(30 * MDA, rel=1e-3, abs=0)
    assert seen.mass.std() / seen.mass.mean() == pytest.approx(math.hypot(2 / 300, 0.005), rel=0.02)
    full_width = 2 * math.sqrt(2 * math.log(2)) * seen.mass.std()
    assert float(trap.resolving_power(300)) == pytest.approx(30 * MDA / full_width, rel=0.02)


def test_more_passages_see_fewer_charges():
    shares = [ChargeDetection(passages=n).detected_share([20.0])[0] for n in (1, 100, 10_000)]
    assert shares == sorted(shares)
    assert shares[0] < 1e-5
    assert shares[2] > 0.999


@pytest.mark.parametrize("charge", [8.0, 10.0, 11.5])
def test_threshold_takes_the_share_that_rises_above_it(charge):
    trap = ChargeDetection(noise_per_passage=20, passages=100, threshold=10)
    seen = trap.measure(np.full(20_000, MDA), np.full(20_000, charge), rng=np.random.default_rng(9))
    expected = norm.sf((10 - charge) / 2)
    assert float(trap.detected_share(charge)) == pytest.approx(expected, rel=1e-12)
    assert seen.detected.mean() == pytest.approx(expected, abs=0.015)


def test_without_noise_all_is_exact():
    trap = ChargeDetection(noise_per_passage=0, mz_error_percent=0, threshold=50)
    seen = trap.measure([2 * MDA, 90 * MDA, 4 * MDA], [50, 1300, 49], rng=np.random.default_rng(0))
    assert seen.mass == pytest.approx([2 * MDA, 90 * MDA, 4 * MDA], rel=1e-12, abs=0)
    assert seen.detected.tolist() == [True, True, False]
    assert trap.detected_share([49, 50, 51]).tolist() == [0, 1, 1]
    assert float(trap.resolving_power(100)) == math.inf


def test_published_accuracy_of_whole_charges():
    """0.20 e: culling what lies more than one deviation off a whole number leaves 6.4e-5 wrong (Keifer et al. 2015)."""
    noise = ChargeDetection(noise_per_passage=20, passages=10_000).charge_noise
    assert noise == pytest.approx(0.2)
    assert norm.sf((1 - noise) / noise) * 2 == pytest.approx(6.4e-5, rel=0.02)
    trap = ChargeDetection(noise_per_passage=20, passages=10_000, whole_charges=True, mz_error_percent=0)
    seen = trap.measure(np.full(200_000, 3 * MDA), np.full(200_000, 100.0), rng=np.random.default_rng(6))
    assert np.mean(seen.charge != 100) == pytest.approx(2 * norm.sf(0.5 / 0.2), rel=0.06)


def test_ions_outside_the_range_are_not_detected():
    trap = ChargeDetection(lowest_mz=20_000, highest_mz=30_000)
    seen = trap.measure(np.array([15, 25, 35]) * MDA, np.full(3, 1000.0), rng=np.random.default_rng(0))
    assert seen.detected.tolist() == [False, True, False]


def test_histograms_hold_the_detected_ions():
    """Two kinds of capsids, 3 and 4 MDa: peaks at their masses with their weights; what is missed is in no bin."""
    trap = ChargeDetection(passages=10_000, threshold=60)
    mass = np.repeat([3.0, 4.0, 1.0], [600, 400, 500]) * MDA
    charge = np.repeat([118.0, 136.0, 40.0], [600, 400, 500])
    weights = np.where(mass > 2 * MDA, 2.0, 7.0)
    seen = trap.measure(mass, charge, rng=np.random.default_rng(11))
    edges = np.array([0.5, 2.0, 3.5, 5.0]) * MDA
    assert seen.mass_histogram(edges).tolist() == [0, 600, 400]
    assert seen.mass_histogram(edges, weights).tolist() == [0, 1200, 800]
    assert seen.charge_histogram([0, 60, 127, 200]).tolist() == [0, 600, 400]


@given(st.integers(1, 2000), st.floats(0.1, 400))
@settings(max_examples=30)
def test_measured_mass_is_measured_charge_times_measured_ratio(charge, megadaltons):
    seen = ChargeDetection().measure([megadaltons * MDA], [charge], rng=np.random.default_rng(1))
    assert seen.mass == pytest.approx(seen.charge * seen.mz * MDA / 1e6, rel=1e-12, abs=0)
