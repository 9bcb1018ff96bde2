"""Bonds of a contact: the tables of the reference, the chain itself, detailed balance, and washes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.techniques.immunocapture.binding import (
    LONGEST,
    escape_rate,
    in_series,
    log_residence,
    reaction_rate,
    residence_time,
    survival,
    within_reach,
)
from sepsim.techniques.immunocapture.collisions import diffusive_collisions

K_D = diffusive_collisions(50e-9, 1.4e-6, 298.15, 0.89e-3)
rates = st.floats(-6, 3).map(lambda power: 10.0**power)


def chain(bonds, k_off, k_r):
    """T_1 by the recurrence of the chain, from its end."""
    time = 1.0 / (bonds * k_off)
    for i in range(bonds - 1, 0, -1):
        time = 1.0 / (i * k_off) + (bonds - i) * k_r / (i * k_off) * time
    return time


def generator(bonds, k_off, k_r):
    """Rates among the numbers of bonds 1 ... m, with the loss of the last one."""
    Q = np.zeros((bonds, bonds))
    for i in range(1, bonds + 1):
        Q[i - 1, i - 1] -= i * k_off + (bonds - i) * k_r
        if i > 1:
            Q[i - 1, i - 2] += i * k_off
        if i < bonds:
            Q[i - 1, i] += (bonds - i) * k_r
    return Q


def test_reaction_rate_is_the_golden_value():
    assert reaction_rate(1e5 * 1e-3, 6e5, 10.0, 0.5) == pytest.approx(4.98e-16, rel=2e-3)


@pytest.mark.parametrize(
    ("k_on", "reached"),
    [(1e4, (0.051, 0.350, 0.729)), (1e5, (0.350, 0.843, 0.964)), (1e6, (0.843, 0.982, 0.996))],
)
def test_share_of_the_diffusion_limit_is_that_tabulated(k_on, reached):
    k_a = reaction_rate(k_on * 1e-3, 6e5, np.array([1.0, 10.0, 50.0]), 0.5)
    assert in_series(K_D, k_a) / K_D == pytest.approx(reached, abs=2e-3)


def test_the_slower_of_two_steps_rules():
    assert in_series(1.0, 1e9) == pytest.approx(1.0, rel=1e-8)
    assert in_series(1e9, 1.0) == pytest.approx(1.0, rel=1e-8)


def test_no_antigen_no_rate():
    assert reaction_rate(100.0, 6e5, 0.0, 0.5) == 0
    assert in_series(K_D, 0.0) == 0
    assert in_series(np.zeros(2), np.zeros(2)).tolist() == [0, 0]


@pytest.mark.parametrize(("bonds", "seconds"), [(1, 1.000e3), (2, 5.010e5), (3, 3.343e8), (4, 2.510e11)])
def test_residence_times_are_those_tabulated(bonds, seconds):
    assert residence_time(float(bonds), 1e-3, 1.0) == pytest.approx(seconds, rel=2e-3)


@given(st.integers(1, 12), rates, rates)
def test_the_closed_form_is_the_chain(bonds, k_off, k_r):
    assert np.exp(log_residence(float(bonds), k_off, k_r)) == pytest.approx(chain(bonds, k_off, k_r), rel=1e-9)


@pytest.mark.parametrize("bonds", [1, 2, 3, 5])
def test_the_closed_form_is_the_mean_time_of_the_markov_chain(bonds):
    times = np.linalg.solve(generator(bonds, 0.3, 1.0), -np.ones(bonds))
    assert residence_time(float(bonds), 0.3, 1.0) == pytest.approx(times[0], rel=1e-10)


def test_many_bonds_hold_for_ever_and_overflow_nowhere():
    assert residence_time(5000.0, 1e-6, 100.0) == LONGEST
    assert np.isfinite(log_residence(5000.0, 1e-6, 100.0))


def test_a_single_bond_does_not_ask_for_more():
    for k_r in (1e-9, 1.0, 1e6):
        assert residence_time(1.0, 1e-4, k_r) == pytest.approx(1e4)


@given(st.integers(1, 10), rates, rates, st.floats(0.01, 100))
def test_in_equilibrium_transport_does_not_matter(bonds, k_off, k_r, ratio):
    """Bound over free is k/k_away: that of the chain with its end open, which knows nothing of transport."""
    k_a = 1e-16
    residence = chain(bonds, k_off, k_r)
    K = ratio * k_a
    constant = in_series(K, k_a) / escape_rate(K, k_a, residence)
    occupied, total = 1.0, 0.0  # of i bonds over none, for a chain that gains its first bond at k_a
    for i in range(1, bonds + 1):
        occupied *= (k_a if i == 1 else (bonds - i + 1) * k_r) / (i * k_off)
        total += occupied
    assert constant == pytest.approx(total, rel=1e-9)


def test_antibodies_within_reach_are_those_tabulated():
    found = within_reach(np.array([25e-9, 50e-9, 100e-9]), 10e-9, 2.5e16)
    assert found == pytest.approx([39, 79, 157], abs=0.6)


@pytest.mark.parametrize("k_off", [1e-5, 1e-4, 1e-3, 1e-2])
@pytest.mark.parametrize("bonds", [1, 2, 3])
def test_contacts_outlast_a_wash_by_their_mean_time(k_off, bonds):
    assert survival(900.0, float(bonds), k_off, 1.0) == pytest.approx(
        np.exp(-900.0 / chain(bonds, k_off, 1.0)), rel=1e-6
    )


def test_at_slow_opening_a_single_bond_outlives_three_washes():
    kept = [survival(900.0, 1.0, k_off, 1.0) for k_off in (1e-5, 1e-4, 1e-3, 1e-2)]
    assert kept[1] > 0.9
    assert kept[3] < 1e-3
    assert kept == sorted(kept, reverse=True)


@given(st.floats(1, 60), st.floats(1, 60), rates, rates)
def test_more_bonds_hold_longer(one, other, k_off, k_r):
    few, many = sorted((one, other))
    assert log_residence(few, k_off, k_r) <= log_residence(many, k_off, k_r) + 1e-9
