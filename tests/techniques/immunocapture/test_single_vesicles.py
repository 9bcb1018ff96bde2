"""A hundred vesicles at one bead, event by event (Gillespie), against the mean equations of binding and the kernel.

A free vesicle comes to the bead, reacts there or leaves again; one by one bonds form and open; when the last has opened
it reacts again or leaves. Replicas are independent, so that their scatter gives the standard error of each mean.
"""

import numpy as np
import pytest

from sepsim.techniques.immunocapture.binding import escape_rate, in_series, residence_time
from sepsim.techniques.immunocapture.kernels.capture import Lanes, free_room, solve_capture

VESICLES, REPLICAS, SIGMAS = 100, 60, 4.0
TRANSPORT, REACTION = 1.0, 2.0  # in units of encounters of a vesicle with the bead
MEETINGS = 2e-3  # 1/s, of a vesicle with the bead
K_OFF, K_R = 4e-3, 1e-2  # 1/s
STAYS = REACTION / (TRANSPORT + REACTION)  # probability that a vesicle at the bead reacts before it leaves


def watched(vesicles, bonds, times, rng, covers=0.0):
    """Return how many vesicles of each replica hold on by i bonds at some times, shape (times, replicas, bonds + 1).

    Vesicles hold on by at most `bonds`; each covers the share `covers` of the bead.
    """
    state = np.zeros((REPLICAS, bonds + 1))
    state[:, 0] = vesicles
    seen = np.zeros((len(times), REPLICAS, bonds + 1))
    clock, told = np.zeros(REPLICAS), np.zeros(REPLICAS, dtype=int)
    each, held = np.arange(REPLICAS), np.arange(1, bonds + 1)
    free = np.array([free_room(covers * bound) for bound in range(vesicles + 1)])
    while np.any(told < len(times)):
        bound = state[:, 1:]
        arrives = MEETINGS * STAYS * free[bound.sum(axis=1).astype(int)] * state[:, 0]
        rates = np.column_stack([arrives, K_R * (bonds - held) * bound, K_OFF * held * bound])
        total = rates.sum(axis=1)
        clock = clock + rng.exponential(1.0, REPLICAS) / total
        for replica in np.flatnonzero(told < len(times)):
            while told[replica] < len(times) and times[told[replica]] < clock[replica]:
                seen[told[replica], replica] = state[replica]
                told[replica] += 1
        drawn = rng.random(REPLICAS) * total
        event = (np.cumsum(rates, axis=1) < drawn[:, None]).sum(axis=1)
        opens = event > bonds
        before = np.where(opens, event - bonds, event)
        after = np.where(opens, before - 1, before + 1)
        after = np.where(opens & (after == 0) & (rng.random(REPLICAS) < STAYS), 1, after)
        state[each, before] -= 1
        state[each, after] += 1
    return seen


def by_the_kernel(bonds, times, covers=0.0):
    """Return the bound share at some times by the mean equations."""
    one = np.ones(1)
    away = escape_rate(TRANSPORT, REACTION, residence_time(float(bonds), K_OFF, K_R))
    lanes = Lanes(
        binding=MEETINGS * in_series(TRANSPORT, REACTION) * one,
        sticking=0.0 * one,
        opening=away * one,
        covers=VESICLES * covers * one,
        soils=0.0 * one,
    )
    return solve_capture(lanes, [0.0, *times]).bound[1:, 0]


def assert_within_error(samples, expected):
    """Compare the mean over replicas, the first axis, with what is expected."""
    error = samples.std(axis=0, ddof=1) / np.sqrt(samples.shape[0])
    assert np.all(np.abs(samples.mean(axis=0) - expected) < SIGMAS * error)
    assert np.all(error < 0.05 * expected)


def test_single_bonds_bind_and_open_as_the_kernel_says():
    times = [50.0, 200.0, 600.0, 1500.0]
    seen = watched(VESICLES, 1, times, np.random.default_rng(1))
    assert np.all(seen.sum(axis=2) == VESICLES)
    assert_within_error(seen[:, :, 1].T / VESICLES, by_the_kernel(1, times))


@pytest.mark.parametrize("covers", [0.005, 0.01, 0.02])
def test_vesicles_that_leave_no_room_for_one_another_bind_as_the_kernel_says(covers):
    times = [100.0, 500.0, 2000.0]
    seen = watched(VESICLES, 1, times, np.random.default_rng(2), covers)
    bound = seen[:, :, 1].T
    assert bound.max() * covers <= 1.0
    assert_within_error(bound / VESICLES, by_the_kernel(1, times, covers))


@pytest.mark.parametrize("bonds", [2, 3])
def test_in_equilibrium_as_many_are_bound_as_the_kernel_says(bonds):
    """Bound over free is k_a T_1 n_b, however many bonds hold (detailed balance)."""
    late = np.linspace(5e3, 1e4, 11)
    seen = watched(VESICLES, bonds, late, np.random.default_rng(3))
    share = 1.0 - seen[:, :, 0].mean(axis=0) / VESICLES
    expected = by_the_kernel(bonds, [1e6])[0]
    balance = MEETINGS * REACTION / TRANSPORT * residence_time(float(bonds), K_OFF, K_R)
    assert expected == pytest.approx(balance / (1.0 + balance), rel=1e-6)
    assert_within_error(share, expected)


@pytest.mark.parametrize("bonds", [1, 2, 3, 4])
def test_contacts_last_as_long_as_the_chain_of_bonds_says(bonds):
    """From one bond to none, without binding again."""
    rng = np.random.default_rng(4)
    held, lasted = np.ones(4000, dtype=int), np.zeros(4000)
    while np.any(held):
        alive = held > 0
        up, down = K_R * (bonds - held), K_OFF * held
        total = np.where(alive, up + down, 1.0)
        lasted += np.where(alive, rng.exponential(1.0, held.size) / total, 0.0)
        held += np.where(alive, np.where(rng.random(held.size) * total < up, 1, -1), 0)
    error = lasted.std(ddof=1) / np.sqrt(lasted.size)
    assert lasted.mean() == pytest.approx(residence_time(float(bonds), K_OFF, K_R), abs=SIGMAS * error)
    assert error < 0.04 * lasted.mean()
