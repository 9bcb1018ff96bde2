"""The pull of a magnet on what is magnetic, and its push on what is less magnetic than the liquid.

    F = V [M_p(B) - M_m(B)] dB/dy,    v = F/(3 pi eta d)

M_p is that of a bead or grain of iron oxide, M_m that of the liquid: a ferrofluid, or a paramagnetic salt. Iron oxide
in grains of a volume v_g that turn freely is magnetised by the law of Langevin, a salt in proportion to the field::

    M = M_s [coth x - 1/x],   x = M_d v_g B/kT        (M_d: 4.46e5 A/m of magnetite)
    M = chi B/mu0

In a salt F becomes -V chi d(B^2)/dy/(2 mu0): negative magnetophoresis, that needs no label.

Assumptions: grains and beads neither chain up nor pull on one another; the ferrofluid stays even; B is that of the
magnet alone. Chains of beads move faster (De Las Cuevas 2008).

Sources: Rosensweig, Ferrohydrodynamics (1985); Pamme, Lab Chip 6, 24 (2006).
"""

from __future__ import annotations

import math

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K, VACUUM_PERMEABILITY_N_PER_A2

MAGNETITE_A_PER_M = 4.46e5  # of the bulk, saturated: Rosensweig 1985
SMALL = 1e-3  # argument below which Langevin's law is its first term


def langevin_law(argument: FloatArray) -> FloatArray:
    """Return coth(x) - 1/x, the mean alignment of dipoles.

    Parameters
    ----------
    argument : ndarray of any shape [-]
        Energy of a dipole in the field over kT; at least 0.

    Returns
    -------
    ndarray of the same shape [-]
        x/3 of weak fields, towards 1 of strong ones.

    Examples
    --------
    >>> langevin_law(np.array([0.0, 0.03, 3.0, 1e3])).round(3).tolist()
    [0.0, 0.01, 0.672, 0.999]
    """
    x = np.asarray(argument, dtype=np.float64)
    safe = np.maximum(x, SMALL)
    aligned: FloatArray = np.where(x < SMALL, x / 3.0, 1.0 / np.tanh(safe) - 1.0 / safe)
    return aligned


def alignment(field: FloatArray, grain: float, temperature: float) -> FloatArray:
    """Return how far grains of magnetite are aligned.

    Parameters
    ----------
    field : ndarray of any shape [T]
    grain : float [m]
        Diameter.
    temperature : float [K]

    Returns
    -------
    ndarray of the same shape [-]

    Examples
    --------
    Grains of 10 nm beside a strong magnet:

    >>> round(float(alignment(np.array(0.3), 10e-9, 298.15)), 2)
    0.94
    """
    moment = MAGNETITE_A_PER_M * math.pi / 6.0 * grain**3
    return langevin_law(moment * np.asarray(field) / (BOLTZMANN_J_PER_K * temperature))


def salt_magnetisation(field: FloatArray, susceptibility: float) -> FloatArray:
    """Return the magnetisation of what answers in proportion to the field.

    Parameters
    ----------
    field : ndarray of any shape [T]
    susceptibility : float [-]
        By volume.

    Returns
    -------
    ndarray of the same shape [A/m]
    """
    magnetisation: FloatArray = susceptibility * np.asarray(field) / VACUUM_PERMEABILITY_N_PER_A2
    return magnetisation


def magnetic_speed(
    volume: FloatArray,
    diameter: FloatArray,
    excess: FloatArray,
    gradient: float,
    viscosity: float,
) -> FloatArray:
    """Return how fast particles move up a gradient of a field.

    Parameters
    ----------
    volume, diameter : ndarray, shape (n,) [m3], [m]
        Of what is magnetised, and hydrodynamic.
    excess : ndarray, broadcast with them [A/m]
        Magnetisation over that of the liquid.
    gradient : float [T/m]
    viscosity : float [Pa s]

    Returns
    -------
    ndarray of their shape [m/s]
        Below zero of what is pushed away.

    Examples
    --------
    A bead of 2.8 um with 15 kA/m at 50 T/m in water:

    >>> d = 2.8e-6
    >>> f"{float(magnetic_speed(math.pi / 6 * d**3, d, 15e3, 50.0, 0.89e-3)):.2g} m/s"
    '0.00037 m/s'
    """
    speed: FloatArray = np.asarray(volume) * excess * gradient / (3.0 * math.pi * viscosity * np.asarray(diameter))
    return speed
