"""How fast charged particles move in a field: Henry's law, with zeta potentials that follow the salt.

    mu = 2 eps zeta f(kappa a)/(3 eta)                                   (Henry 1931)
    f  = 1 + (1/2) [1 + 2.5/(kappa a (1 + 2 exp(-kappa a)))]^-3          (Ohshima 1994, within 1 %)
    zeta(c) = zeta(150 mM) log10(c)/log10(0.150)                         (Kirby & Hasselbrink 2004, c in mol/L)

f is 1 for particles that are small beside the Debye length (Hueckel) and 1.5 for large ones (Smoluchowski). Potentials
are those of `sepsim.particles.surface_charge`, in buffered saline. That zeta follows the logarithm of the salt is found
for many surfaces, and takes vesicles from -10 mV in buffered saline to -36 mV in 1 mM, where some -30 mV is quoted; at
a constant density of charge it would be -78 mV, more than any report.

Assumptions: rigid spheres with an even charge; no relaxation of the double layer, which holds below 50 mV; the zeta
potential is that at the surface. A particle on a bead has the potential of the particle.

Sources: Ohshima, J. Colloid Interface Sci. 168, 269 (1994); Kirby & Hasselbrink, Electrophoresis 25, 187 (2004).
"""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import VACUUM_PERMITTIVITY_F_PER_M
from sepsim.media.electrolyte import SALINE, debye_length, ionic_strength
from sepsim.media.permittivity import mixed_permittivity
from sepsim.particles.surface_charge import surface_charge
from sepsim.techniques.microfluidics.load import Load

THINNEST, STRONGEST = 1e-2, 300.0  # mol/m3, between which zeta follows the salt; beyond it stays as there
LARGEST_ZETA = 50e-3  # V, above which the double layer relaxes


def henry_function(kappa_a: FloatArray) -> FloatArray:
    """Return Henry's function of electrophoresis.

    Parameters
    ----------
    kappa_a : ndarray of any shape [-]
        Radius over Debye length.

    Returns
    -------
    ndarray of the same shape [-]
        From 1 to 1.5.

    Examples
    --------
    >>> henry_function(np.array([1e-3, 64.0, 1e6])).round(3).tolist()
    [1.0, 1.446, 1.5]
    """
    ka = np.asarray(kappa_a, dtype=np.float64)
    factor: FloatArray = 1.0 + 0.5 / (1.0 + 2.5 / (ka * (1.0 + 2.0 * np.exp(-ka)))) ** 3
    return factor


def zeta_in(potential: FloatArray, strength: float) -> FloatArray:
    """Return zeta potentials in salt.

    Parameters
    ----------
    potential : ndarray of any shape [V]
        In buffered saline.
    strength : float [mol/m3]
        Ionic strength; below 0.01 and above 300 as there.

    Returns
    -------
    ndarray of the same shape [V]

    Examples
    --------
    >>> (1e3 * zeta_in(np.array([-10e-3]), 10.0)).round(1).tolist()
    [-24.3]
    """
    molar = 1e-3 * np.clip(strength, THINNEST, STRONGEST)
    zeta: FloatArray = np.asarray(potential) * (np.log10(molar) / np.log10(1e-3 * SALINE))
    return zeta


def mobility(zeta: FloatArray, kappa_a: FloatArray, relative_permittivity: float, viscosity: float) -> FloatArray:
    """Return electrophoretic mobilities by Henry's law.

    Parameters
    ----------
    zeta, kappa_a : ndarray of any shape [V], [-]
        Potential, and radius over Debye length.
    relative_permittivity : float [-]
    viscosity : float [Pa s]

    Returns
    -------
    ndarray of the same shape [m2/V/s]

    Examples
    --------
    A vesicle of 100 nm in buffered saline, in um cm/V/s:

    >>> round(1e8 * float(mobility(np.array(-10e-3), np.array(64.0), 78.4, 0.89e-3)), 2)
    -0.75
    """
    speed: FloatArray = (
        2.0 * VACUUM_PERMITTIVITY_F_PER_M * relative_permittivity * zeta * henry_function(kappa_a) / (3.0 * viscosity)
    )
    return speed


def zeta_potentials(load: Load, pH: float) -> FloatArray:
    """Return the zeta potential of each class in the carrier, shape (n,) [V]."""
    return zeta_in(surface_charge(load.sample.particles, pH).potential, ionic_strength(load.carrier))


def mobilities(load: Load, pH: float) -> FloatArray:
    """Return the electrophoretic mobility of each class in the carrier.

    Parameters
    ----------
    load : Load
    pH : float [-]

    Returns
    -------
    ndarray, shape (n,) [m2/V/s]
    """
    carrier = load.carrier
    kappa_a = load.radius / debye_length(carrier)
    return mobility(zeta_potentials(load, pH), kappa_a, mixed_permittivity(carrier), carrier.viscosity)
