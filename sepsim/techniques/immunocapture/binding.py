"""How a particle binds to a surface that carries ligands, and how long it stays: equations alone, on plain arrays.

On its way to the surface a particle is carried there (rate K) and then reacts (rate k_a), in series:

    k_a = k_on N n g / N_A,    1/k = 1/K + 1/k_a

Once one bond holds, up to m = min(antigens, ligands within reach) of them form: i bonds become i + 1 at (m - i) k_r and
i - 1 at i k_off. The mean time until the last one has opened is

    T_i = 1/(i k_off) + [(m - i) k_r/(i k_off)] T_(i+1),    that is    T_1 = [(1 + k_r/k_off)^m - 1] / (m k_r)

A particle whose bonds have opened is still at the surface: it binds again with the probability k_a/(K + k_a), so that
it gets away at the rate K/(K + k_a)/T_1. Bound over free is then k/k_away = k_a T_1 in equilibrium, whatever brings it
there.

Assumptions: antigens move freely in the membrane, so that all of a particle can gather at the contact; bonds are alike
and independent; the chain starts from one bond. Sources: Shoup & Szabo 1982; Collins & Kimball 1949.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import AVOGADRO_PER_MOL

Number = TypeVar("Number", float, FloatArray)

LONGEST = 1e15  # s; thirty million years stand for ever


def reaction_rate(k_on: float, ligands: float, antigens: Number, accessible: float) -> Number:
    """Return the rate at which a particle that touches a bead reacts with it, k_on N n g / N_A.

    Parameters
    ----------
    k_on : float [m3/mol/s]
        Association rate constant of one ligand; 1 /M/s is 1e-3.
    ligands : float [-]
        On the bead, that bind the antigen.
    antigens : float or ndarray [-]
        On the particle.
    accessible : float [-]
        Share of all pairs of ligand and antigen that can meet.

    Returns
    -------
    float or ndarray [m3/s]

    Examples
    --------
    >>> float(f"{reaction_rate(1e5 * 1e-3, 6e5, 10.0, 0.5):.3g}")
    4.98e-16
    """
    return k_on * ligands * antigens * accessible / AVOGADRO_PER_MOL


def in_series(transport: Number, reaction: Number) -> Number:
    """Return the rate of two steps one after the other, K k_a/(K + k_a); 0 where either is 0.

    Parameters
    ----------
    transport, reaction : float or ndarray [m3/s]

    Returns
    -------
    float or ndarray [m3/s]

    Examples
    --------
    >>> float(in_series(1.0, 0.0)), float(in_series(2.0, 2.0))
    (0.0, 1.0)
    """
    return transport * _captured(transport, reaction)


def _captured(transport: Number, reaction: Number) -> Number:
    """Return the probability that a particle at the surface reacts before it leaves."""
    total = transport + reaction
    share: Number = np.divide(reaction, total, out=np.zeros_like(total, dtype=float), where=np.asarray(total) > 0)[()]
    return share


def within_reach(radius: Number, reach: float, density: float) -> Number:
    """Return how many ligands of a surface a sphere that lies on it can bind, 2 pi R h sigma.

    It is the area of the cap of the sphere below the height h. Valid for h far below R.

    Parameters
    ----------
    radius : float or ndarray [m]
        Of the particle.
    reach : float [m]
        Length of ligand and antigen together, h.
    density : float [1/m2]
        Ligands per area.

    Returns
    -------
    float or ndarray [-]

    Examples
    --------
    >>> round(within_reach(50e-9, 10e-9, 2.5e16))
    79
    """
    return 2.0 * np.pi * radius * reach * density


def most_bonds(antigens: FloatArray, reached: FloatArray) -> FloatArray:
    """Return the most bonds of a contact: its antigens, or the ligands within reach, and at least 1.

    Parameters
    ----------
    antigens : ndarray, shape (n,) [-]
        On the particle.
    reached : ndarray, shape (n,) [-]
        Ligands, as of `within_reach`.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> most_bonds(np.array([0.0, 10.0, 500.0]), np.array([79.0, 79.0, 79.0])).tolist()
    [1.0, 10.0, 79.0]
    """
    return np.maximum(np.minimum(antigens, reached), 1.0)


def log_residence(bonds: Number, k_off: float, k_r: float) -> Number:
    """Return the logarithm of the mean time that a contact lasts, ln T_1, of which no number of bonds is too large.

    Parameters
    ----------
    bonds : float or ndarray [-]
        Most bonds of the contact, at least 1; between whole numbers the closed form interpolates.
    k_off : float [1/s]
        At which a bond opens.
    k_r : float [1/s]
        At which a free pair of a contact that holds binds.

    Returns
    -------
    float or ndarray [ln s]

    Examples
    --------
    >>> float(f"{np.exp(log_residence(2.0, 1e-3, 1.0)):.4g}")
    501000.0
    """
    growth = bonds * np.log1p(k_r / k_off)
    logarithm: Number = growth + np.log(-np.expm1(-growth)) - np.log(bonds * k_r)
    return logarithm


def residence_time(bonds: Number, k_off: float, k_r: float) -> Number:
    """Return the mean time T_1 that a contact lasts, at most 1e15 s.

    Parameters
    ----------
    bonds : float or ndarray [-]
        As in `log_residence`.
    k_off, k_r : float [1/s]

    Returns
    -------
    float or ndarray [s]

    Examples
    --------
    >>> [f"{residence_time(bonds, 1e-3, 1.0):.4g}" for bonds in (1.0, 2.0, 80.0)]
    ['1000', '5.01e+05', '1e+15']
    """
    time: Number = np.minimum(np.exp(np.minimum(log_residence(bonds, k_off, k_r), 40.0)), LONGEST)
    return time


def escape_rate(transport: Number, reaction: Number, residence: Number) -> Number:
    """Return the rate at which bound particles get away from a bead, K/(K + k_a)/T_1.

    Parameters
    ----------
    transport, reaction : float or ndarray [m3/s]
    residence : float or ndarray [s]

    Returns
    -------
    float or ndarray [1/s]

    Examples
    --------
    >>> float(escape_rate(1.0, 3.0, 50.0))
    0.005
    """
    return (1.0 - _captured(transport, reaction)) / residence


def survival(time: float, bonds: Number, k_off: float, k_r: float) -> Number:
    """Return the share of contacts that outlast a time, exp(-t/T_1).

    Nothing binds again: what opens in a wash is diluted.

    Parameters
    ----------
    time : float [s]
    bonds : float or ndarray [-]
    k_off, k_r : float [1/s]

    Returns
    -------
    float or ndarray [-]

    Examples
    --------
    >>> round(float(survival(900.0, 1.0, 1e-4, 1.0)), 3)  # a single bond outlives three washes of 5 min
    0.914
    """
    share: Number = np.exp(-time / residence_time(bonds, k_off, k_r))
    return share
