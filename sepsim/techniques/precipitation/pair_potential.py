"""The energy of two particles at a distance, what it binds, and what it holds apart.

For equal spheres of radius a with their surfaces at a distance h, R = 2 a + h::

    van der Waals    -(A/6) [2 a^2/(R^2 - 4 a^2) + 2 a^2/R^2 + ln(1 - 4 a^2/R^2)]
    charges          32 pi eps a (kT/e)^2 tanh^2(e psi/4kT) exp(-kappa h)
    hydration        pi a P0 l^2 exp(-h/l)
    depletion        -Pi V_o(h)                                          (`depletion`)

Without the water that is bound between membranes they would coagulate in buffered saline: charges of -10 mV raise no
barrier there. With it the particles meet in a shallow minimum some 2 nm apart. Polymer deepens that minimum, and takes
nothing away from the wall behind it, so that its bonds come apart again where the polymer is diluted.

    K = 4 pi integral of R^2 [exp(-V/kT) - 1] dR where V < 0            (a pair per n^2, second virial)
    W = R0 integral from R0 of exp(V/kT)/R^2 dR                          (Fuchs 1934)

Both are integrated in logarithms, from a cut-off of 0.3 nm on, since van der Waals energies diverge at contact. W is
counted down to the minimum, where a pair is bound, or to the cut-off where there is none.

Sources: Asakura & Oosawa 1958; Fuchs 1934, Z. Phys. 89, 736; the hydration term of liposomes, Sabin et al. 2007, doi
10.1140/epje/i2007-10231-3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import (
    BOLTZMANN_J_PER_K,
    ELEMENTARY_CHARGE_C,
    VACUUM_PERMITTIVITY_F_PER_M,
)
from sepsim.media import Polymer
from sepsim.media.electrolyte import screening_length
from sepsim.techniques.precipitation.depletion import depletion_energy

CUT_OFF_M = 0.3e-9  # nearest distance of two surfaces: a choice
FARTHEST_M = 60e-9  # beyond it nothing acts that matters
POINTS = 400


class Surroundings(NamedTuple):
    """What acts between particles in a liquid.

    Attributes
    ----------
    temperature : float [K]
    ionic_strength : float [mol/m3]
    permittivity : float [-]
        Of the liquid, over that of vacuum.
    hamaker : float [J]
    hydration_pressure, hydration_length : float [Pa], [m]
    polymer : Polymer or None
    concentration : float [kg/m3]
        Of the polymer.
    """

    temperature: float
    ionic_strength: float
    permittivity: float
    hamaker: float
    hydration_pressure: float
    hydration_length: float
    polymer: Polymer | None = None
    concentration: float = 0.0

    @property
    def thermal(self) -> float:
        """The energy kT [J]."""
        return BOLTZMANN_J_PER_K * self.temperature

    @property
    def debye_length(self) -> float:
        """Over which charges are screened [m].

        Examples
        --------
        0.78 nm in buffered saline:

        >>> saline = Surroundings(298.15, 150.0, 78.4, 3.1e-21, 1e8, 0.25e-9)
        >>> round(1e9 * saline.debye_length, 2)
        0.78
        """
        return screening_length(self.ionic_strength, self.permittivity, self.temperature)


def distances() -> FloatArray:
    """Return the distances of surfaces at which energies are tabulated, shape (400,) [m]: a geometric series."""
    return np.geomspace(CUT_OFF_M, FARTHEST_M, POINTS)


def pair_energy(around: Surroundings, radius: FloatArray, surface_potential: FloatArray) -> FloatArray:
    """Return the energies of pairs of equal particles over kT, at the distances of `distances`.

    Parameters
    ----------
    around : Surroundings
    radius, surface_potential : ndarray, shape (n,) [m], [V]

    Returns
    -------
    ndarray, shape (n, 400) [-]

    Examples
    --------
    Vesicles of 100 nm in saline: a wall and a shallow minimum (-1.1 kT where spheres count as large, A a/(12 h)).

    >>> saline = Surroundings(298.15, 150.0, 78.4, 3.1e-21, 1e8, 0.25e-9)
    >>> energy = pair_energy(saline, np.array([50e-9]), np.array([-0.010]))[0]
    >>> round(float(energy[0])), round(float(energy.min()), 1), round(1e9 * float(distances()[energy.argmin()]), 1)
    (66, -0.7, 2.1)
    """
    a, h = radius[:, None], distances()
    apart = 2.0 * a + h
    gap = h * (4.0 * a + h)  # R^2 - 4 a^2, without the difference of large numbers
    square = 2.0 * a * a
    attraction = around.hamaker / 6.0 * (square / gap + square / apart**2 + np.log(gap / apart**2))
    unit = around.thermal / ELEMENTARY_CHARGE_C
    charge = np.tanh(surface_potential[:, None] / (4.0 * unit)) ** 2
    permittivity = VACUUM_PERMITTIVITY_F_PER_M * around.permittivity
    repulsion = 32.0 * np.pi * permittivity * a * unit**2 * charge * np.exp(-h / around.debye_length)
    length = around.hydration_length
    hydration = np.pi * a * around.hydration_pressure * length**2 * np.exp(-h / length)
    energy: FloatArray = (repulsion + hydration - attraction) / around.thermal
    if around.polymer is not None:
        energy = energy - depletion_energy(around.polymer, around.concentration, around.temperature, a, h)
    return energy


class Bonds(NamedTuple):
    """What energies do to pairs of equal particles, shape (n,) each.

    Attributes
    ----------
    depth : ndarray [-]
        Of the minimum, over kT.
    distance : ndarray [m]
        Of the surfaces there; the cut-off where nothing attracts.
    log_constant : ndarray [-]
        Natural logarithm of the constant K of pairs in m3; -inf where nothing attracts.
    stability : ndarray [-]
        By how much particles meet less often than if nothing acted between them.
    """

    depth: FloatArray
    distance: FloatArray
    log_constant: FloatArray
    stability: FloatArray


def bonds(around: Surroundings, radius: FloatArray, surface_potential: FloatArray) -> Bonds:
    """Return what binds particles and what keeps them apart.

    Parameters
    ----------
    around : Surroundings
    radius, surface_potential : ndarray, shape (n,) [m], [V]

    Returns
    -------
    Bonds

    Examples
    --------
    8 % w/v of PEG 6000 bind vesicles of 100 nm by twenty kT, and nothing keeps them apart:

    >>> saline = Surroundings(277.15, 150.0, 86.0, 3.1e-21, 1e8, 0.25e-9)
    >>> peg = saline._replace(polymer=Polymer("PEG", 6.0), concentration=80.0)
    >>> found = bonds(peg, np.array([50e-9]), np.array([-0.010]))
    >>> bool(found.depth[0] > 15), bool(found.stability[0] < 1)
    (True, True)
    """
    h, energy = distances(), pair_energy(around, radius, surface_potential)
    lowest = energy.argmin(axis=1)
    rows = np.arange(radius.size)
    depth = np.maximum(-energy[rows, lowest], 0.0)
    start = np.where(depth > 0.0, lowest, 0)
    return Bonds(depth, h[start], log_pair_constant(h, energy, radius), stability_ratio(h, energy, radius, start))


def log_pair_constant(distance: FloatArray, energy: FloatArray, radius: FloatArray) -> FloatArray:
    """Return the logarithm of the constant of pairs, integrated where particles attract one another.

    Parameters
    ----------
    distance : ndarray, shape (m,) [m]
        A geometric series.
    energy : ndarray, shape (n, m) [-]
        Over kT.
    radius : ndarray, shape (n,) [m]

    Returns
    -------
    ndarray, shape (n,) [-]
        Of K in m3; -inf where nothing attracts.

    Examples
    --------
    >>> h = distances()
    >>> float(log_pair_constant(h, np.ones((1, h.size)), np.array([50e-9]))[0])
    -inf
    """
    attracts = energy < 0.0
    bound = np.minimum(energy, -1e-300)
    weight = 4.0 * np.pi * (2.0 * radius[:, None] + distance) ** 2 * _widths(distance)
    terms = np.where(attracts, -bound + np.log(-np.expm1(bound)) + np.log(weight), -np.inf)
    return _log_sum(terms)


def stability_ratio(
    distance: FloatArray, energy: FloatArray, radius: FloatArray, start: FloatArray | int = 0
) -> FloatArray:
    """Return Fuchs' stability ratio of particles that come from far to a distance; hydrodynamics is left out.

    Parameters
    ----------
    distance : ndarray, shape (m,) [m]
        A geometric series.
    energy : ndarray, shape (n, m) [-]
        Over kT; none beyond the last distance.
    radius : ndarray, shape (n,) [m]
    start : ndarray of int, shape (n,), or int [-]
        Index of the distance at which a pair counts as met.

    Returns
    -------
    ndarray, shape (n,) [-]
        1 where nothing acts; infinite beyond exp(709).

    Examples
    --------
    >>> h = distances()
    >>> round(float(stability_ratio(h, np.zeros((1, h.size)), np.array([50e-9]))[0]), 12)
    1.0
    """
    apart = 2.0 * radius[:, None] + distance
    first = np.broadcast_to(np.asarray(start), radius.shape)[:, None]
    index = np.arange(distance.size)
    # exact for a constant energy between two distances, so that W is 1 where nothing acts
    steps = 1.0 / apart[:, :-1] - 1.0 / apart[:, 1:]
    middle = 0.5 * (energy[:, 1:] + energy[:, :-1])
    terms = np.where(index[:-1] >= first, middle + np.log(steps), -np.inf)
    beyond = -np.log(apart[:, -1:])
    met = np.take_along_axis(np.log(apart), first.astype(np.int64), axis=1)[:, 0]
    with np.errstate(over="ignore"):
        ratio: FloatArray = np.exp(met + _log_sum(np.concatenate([terms, beyond], axis=1)))
    return ratio


def _widths(distance: FloatArray) -> FloatArray:
    """Weights of a sum over distances that is the integral by trapezoids."""
    steps = np.diff(distance)
    return 0.5 * (np.append(steps, 0.0) + np.insert(steps, 0, 0.0))


def _log_sum(terms: FloatArray) -> FloatArray:
    """Return the logarithm of the sum of exponentials over the last axis."""
    most = terms.max(axis=-1)
    shift = np.where(np.isfinite(most), most, 0.0)
    with np.errstate(divide="ignore"):
        total: FloatArray = shift + np.log(np.exp(terms - shift[..., None]).sum(axis=-1))
    return total
