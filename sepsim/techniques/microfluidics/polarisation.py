"""How particles polarise in an alternating field: the Clausius-Mossotti factor.

    K = (p - m)/(p + 2 m),   m = eps_m - i sigma_m/omega,   p of the particle, complex permittivities

A vesicle is a thin shell around a conducting lumen, a solid particle a sphere; the ions that move along the surface of
either conduct as a bulk of 2 Ks/R::

    p = C R l/(C R + l) - i (2 Ks/R)/omega,   l = eps_l - i sigma_l/omega,   C = C_m - i G_m/omega

K lies between -1/2 and 1. Where Re K is above zero a particle is pulled to strong fields, below it is pushed away. A
shell around a lumen that conducts far better than the medium crosses from minus to plus at

    f = sqrt(2) sigma_m/(2 pi sqrt[(C R - eps_m)(C R + 2 eps_m)]),   C R > eps_m

which is the textbook's sqrt(2) sigma_m/(2 pi R C_m) of cells. Vesicles below a radius eps_m/C_m, some 70 nm in water,
never cross: their membrane holds less charge than the water whose place they take. What pulls them is the conduction
along their surface, at frequencies below some megahertz, where the medium conducts less than 2 Ks/R.

Assumptions: homogeneous spheres in a field that hardly changes over their size; membranes of 0.01 F/m2 (0.7 to 1 uF/cm2
of lipid bilayers), which do not leak.

Sources: Jones, Electromechanics of Particles (1995); Irimajiri, Hanai & Inouye, J. Theor. Biol. 78, 251 (1979);
O'Konski, J. Phys. Chem. 64, 605 (1960) for the surface.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sepsim.arrays import FloatArray
from sepsim.constants import VACUUM_PERMITTIVITY_F_PER_M

Complex = NDArray[np.complex128]


class Dielectric(NamedTuple):
    """A bulk.

    Attributes
    ----------
    permittivity : float or ndarray [-]
        Over that of vacuum.
    conductivity : float or ndarray [S/m]
    """

    permittivity: float | FloatArray
    conductivity: float | FloatArray

    def at(self, frequency: float) -> Complex:
        """Return the complex permittivity [F/m] at a frequency [Hz]."""
        loss = np.asarray(self.conductivity) / (2.0 * math.pi * frequency)
        return np.asarray(VACUUM_PERMITTIVITY_F_PER_M * np.asarray(self.permittivity) - 1j * loss)


def clausius_mossotti(particle: Complex, medium: Complex) -> Complex:
    """Return the Clausius-Mossotti factor of complex permittivities.

    Parameters
    ----------
    particle, medium : ndarray of any shape [F/m]

    Returns
    -------
    ndarray of the same shape [-]

    Examples
    --------
    >>> metal, air, water = (Dielectric(eps, sigma).at(1e3) for eps, sigma in ((1, 1e7), (1, 0), (78.4, 0.01)))
    >>> [round(float(clausius_mossotti(each, water).real), 3) for each in (metal, air)]
    [1.0, -0.5]
    """
    factor: Complex = (particle - medium) / (particle + 2.0 * medium)
    return factor


def shell(
    radius: FloatArray, lumen: Dielectric, frequency: float, *, capacitance: float, conductance: float = 0.0
) -> Complex:
    """Return the complex permittivity of a lumen in a thin membrane.

    Parameters
    ----------
    radius : ndarray, shape (n,) [m]
    lumen : Dielectric
    frequency : float [Hz]
    capacitance : float [F/m2]
        Of the membrane.
    conductance : float [S/m2]
        Through the membrane.

    Returns
    -------
    ndarray, shape (n,) [F/m]

    Examples
    --------
    At low frequency the membrane keeps the field out, as an insulator does:

    >>> vesicle = shell(np.array([50e-9]), Dielectric(60, 0.5), 1e3, capacitance=0.01)
    >>> round(float(clausius_mossotti(vesicle, Dielectric(78.4, 0.01).at(1e3)).real[0]), 3)
    -0.5
    """
    membrane = (capacitance - 1j * conductance / (2.0 * math.pi * frequency)) * np.asarray(radius)
    inside = lumen.at(frequency)
    whole: Complex = membrane * inside / (membrane + inside)
    return whole


def with_surface(bulk: Complex, radius: FloatArray, surface_conductance: float, frequency: float) -> Complex:
    """Return a complex permittivity with what ions conduct along the surface.

    Parameters
    ----------
    bulk : ndarray, shape (n,) [F/m]
    radius : ndarray, shape (n,) [m]
    surface_conductance : float [S]
    frequency : float [Hz]

    Returns
    -------
    ndarray, shape (n,) [F/m]
    """
    whole: Complex = bulk - 1j * 2.0 * surface_conductance / np.asarray(radius) / (2.0 * math.pi * frequency)
    return whole


def shell_crossover(radius: FloatArray, medium: Dielectric, capacitance: float) -> FloatArray:
    """Return the frequency at which a shell around a good conductor turns from repelled to attracted.

    Parameters
    ----------
    radius : ndarray of any shape [m]
    medium : Dielectric
    capacitance : float [F/m2]
        Of the membrane.

    Returns
    -------
    ndarray of the same shape [Hz]
        Infinite where it never does.

    Examples
    --------
    A cell of 10 um and a vesicle of 100 nm, in water of 10 mS/m:

    >>> crossings = shell_crossover(np.array([5e-6, 50e-9]), Dielectric(78.4, 0.01), 0.01)
    >>> [float(f"{frequency:.2g}") for frequency in crossings]
    [45000.0, inf]
    """
    stored = np.asarray(radius) * capacitance
    own = VACUUM_PERMITTIVITY_F_PER_M * np.asarray(medium.permittivity)
    surplus = np.maximum((stored - own) * (stored + 2.0 * own), 0.0)
    with np.errstate(divide="ignore"):
        frequency: FloatArray = math.sqrt(2.0) * np.asarray(medium.conductivity) / (2.0 * math.pi * np.sqrt(surplus))
    return frequency
