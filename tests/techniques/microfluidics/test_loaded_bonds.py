"""Contacts under a load: Bell's law, the chain solved as linear equations, and who feels a stream at all."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.techniques.immunocapture.binding import residence_time, within_reach
from sepsim.techniques.microfluidics.loaded_bonds import held_contacts
from sepsim.techniques.microfluidics.near_wall import wall_drag

K_OFF, K_R = 0.05, 1.0


def chain(most, load, k_off=K_OFF, k_r=K_R):
    """Mean time to no bond, and probability of the firm number before none, from one bond, by linear equations."""
    number = np.arange(1, most + 1)
    opening, forming = number * k_off * np.exp(load / number), (most - number) * k_r
    rates = np.diag(-(opening + forming)) + np.diag(opening[1:], -1) + np.diag(forming[:-1], 1)
    time = np.linalg.solve(rates, -np.ones(most))[0]
    growing = np.flatnonzero(forming[:-1] > opening[:-1])
    firm = growing[-1] + 2 if growing.size else min(2, most)
    if firm == 1:
        return time, 1.0
    inside = rates[: firm - 1, : firm - 1]
    reach = np.zeros(firm - 1)
    reach[-1] = -forming[firm - 2]
    return time, np.linalg.solve(inside, reach)[0]


@pytest.mark.parametrize("most", [1, 2, 3, 6])
@pytest.mark.parametrize("load", [0.01, 1.0, 5.0, 12.0])
def test_the_chain_is_that_of_linear_equations(most, load):
    held = held_contacts(np.array([float(most)]), np.array([load]), K_OFF, K_R)
    (loaded, reached), (_, free) = chain(most, load), chain(most, 0.0)
    assert held.residence[0] == pytest.approx(loaded, rel=1e-8)
    assert held.taking[0] == pytest.approx(reached / free, rel=1e-8)


def test_a_single_bond_opens_as_bell_says():
    load = np.array([0.0, 1.0, 5.0])
    assert held_contacts(np.ones(3), load, K_OFF, K_R).residence == pytest.approx(20.0 * np.exp(-load), rel=1e-6)


def test_without_a_load_contacts_are_those_of_beads():
    bonds = np.array([1.0, 2.0, 7.3, 80.0])
    held = held_contacts(bonds, np.zeros(4), K_OFF, K_R)
    assert held.taking == pytest.approx(1.0)
    assert held.residence == pytest.approx(residence_time(bonds, K_OFF, K_R), rel=1e-12)
    assert held.opening == pytest.approx(1 / held.residence, rel=1e-12)


def load_of(radius, stress):
    """f of a sphere at a wall, with 0.5 nm and twice the drag on the bonds; drag goes with the stress alone."""
    return 2.0 * wall_drag(radius, stress, 1.0) * 0.5e-9 / (BOLTZMANN_J_PER_K * 298.15)


def taking(radius, stress, antigens):
    bonds = min(antigens, within_reach(radius, 10e-9, 2.5e16))
    return held_contacts(np.array([bonds]), np.array([load_of(radius, stress)]), 1e-4, K_R).taking[0]


def test_no_chip_pulls_a_vesicle_off_and_cells_feel_it_at_once():
    """Of cells the capture drops sharply above some stress (Cheung 2010, abstract); 0.01 to 1 Pa are those of chips."""
    assert taking(50e-9, 10.0, 10.0) > 0.9999
    assert load_of(50e-9, 1.0) < 0.05
    shares = [taking(7.5e-6, stress, 1e4) for stress in (0.01, 0.03, 0.1, 0.3, 1.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.99
    assert shares[-1] < 1e-3


@given(
    st.floats(1.0, 300.0), st.lists(st.floats(0.0, 200.0), min_size=2, max_size=5),
    st.floats(1e-5, 1e-1), st.floats(0.01, 100.0),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_a_heavier_load_is_never_held_better(most, loads, k_off, k_r):
    rising = np.sort(np.array(loads))
    held = held_contacts(np.full(rising.size, most), rising, k_off, k_r)
    assert np.all((held.taking >= 0) & (held.taking <= 1 + 1e-9))
    assert np.all(np.diff(held.residence) <= 1e-6 * held.residence[:-1])
    assert held.residence[-1] <= residence_time(most, k_off, k_r) * (1 + 1e-9)
    assert not math.isnan(held.taking.sum() + held.opening.sum())


def test_no_load_is_too_large():
    held = held_contacts(np.array([1.0, 80.0, 5000.0]), np.full(3, 1e5), 1e-4, K_R)
    assert held.taking.tolist() == [1.0, 0.0, 0.0]  # a single bond takes hold as it did, and opens at once
    assert held.opening[0] > 1e6
    assert held.opening[1:] == pytest.approx([79.0, 4999.0], rel=2e-4)  # as often as a second bond would form
