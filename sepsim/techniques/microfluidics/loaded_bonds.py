"""Contacts that a stream pulls at: fewer of them take hold, and those that do open sooner.

A contact of i bonds carries the load together, so that each opens the faster (Bell),

    i -> i - 1 at i k_off exp(f/i),    i -> i + 1 at (m - i) k_r,    f = F x/(k_B T)

with the force F on the contact, the length x of the barrier and the most bonds m. A contact takes hold if from its
first bond it reaches the number of bonds above which more open than form; with the share p of contacts that do, and the
mean time T_1 from one bond on, particles are taken up p times as fast and come off at p/T_1, so that bound over free in
equilibrium, k T_1, is that of the chain. A vesicle of 100 nm feels none of it in any chip. For a cell the first bond
decides: above a stress at which it opens before the second one forms, hardly any stays, as is seen of cells.

Assumptions: bonds share the load evenly; the load stays the same while bonds form. Contacts form no more slowly in a
faster stream: they are shorter, and in proportion more frequent (Chang & Hammer).

Sources: Bell, Science 200 (1978) 618; Chang & Hammer, Biophys. J. 76 (1999) 1280; Cheung & others, J. Microelectromech.
Syst. 19 (2010) 752 (cells at a wall with antibodies).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.immunocapture.binding import LONGEST, log_residence

MOST = 20000  # bonds that are followed one by one; more share the load as these do
FASTEST = 1e9  # per s; at once
NEGLIGIBLE = 1e-6  # f of a contact that the stream does not touch


class Held(NamedTuple):
    """How contacts fare under a load; arrays of shape (n,).

    Attributes
    ----------
    taking : ndarray [-]
        Share of the contacts that take hold, over that without a load.
    residence : ndarray [s]
        Mean time from one bond on, T_1.
    opening : ndarray [1/s]
        At which those that have taken hold open.
    """

    taking: FloatArray
    residence: FloatArray
    opening: FloatArray


def held_contacts(bonds: FloatArray, load: FloatArray, k_off: float, k_r: float) -> Held:
    """Return how contacts fare under a load.

    Parameters
    ----------
    bonds : ndarray, shape (n,) [-]
        Most bonds of a contact, at least 1.
    load : ndarray, shape (n,) [-]
        f: force times length of the barrier over k_B T.
    k_off, k_r : float [1/s]
        Of a bond without a load, and of a free pair of a contact.

    Returns
    -------
    Held
        Without a load all contacts take hold, for the time of `immunocapture.binding.residence_time`.

    Examples
    --------
    >>> held = held_contacts(np.array([1.0, 80.0, 80.0]), np.array([2.0, 0.01, 40.0]), 1e-3, 1.0)
    >>> held.taking.round(3).tolist(), f"{held.residence[0]:.0f} s"  # exp(-2) of a thousand seconds
    ([1.0, 1.0, 0.0], '135 s')
    """
    taking, change = np.zeros(bonds.size), np.zeros(bonds.size)  # logarithms, of which no load is too large
    for place in np.flatnonzero(load > NEGLIGIBLE):
        most = round(min(bonds[place], MOST))
        pulled, free = (_logarithms(most, each, k_off, k_r) for each in (load[place], 0.0))
        taking[place] = pulled[0] - free[0]
        change[place] = pulled[1] - free[1]
    lasting = np.minimum(log_residence(bonds, k_off, k_r) + change, np.log(LONGEST))
    return Held(np.exp(taking), np.exp(lasting), np.exp(np.minimum(taking - lasting, np.log(FASTEST))))


def _logarithms(most: int, load: float, k_off: float, k_r: float) -> tuple[float, float]:
    """Return ln p and ln T_1 of a contact of so many bonds."""
    number = np.arange(1.0, most + 1.0)
    opening = np.log(number * k_off) + load / number
    forming = np.log((most - number[:-1]) * k_r)
    against = np.concatenate([[0.0], np.cumsum(opening[:-1] - forming)])
    growing = np.flatnonzero(forming > opening[:-1])
    firm = int(growing[-1]) + 1 if growing.size else min(1, most - 1)
    return -_log_sum(against[: firm + 1]), _log_sum(-opening - against)


def _log_sum(logarithms: FloatArray) -> float:
    largest = logarithms.max()
    return float(largest + np.log(np.exp(logarithms - largest).sum()))
