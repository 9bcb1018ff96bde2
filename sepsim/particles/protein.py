"""Proteins: friction and buoyancy from molar mass, partial specific volume and Stokes radius."""

from __future__ import annotations

import math

from sepsim.constants import AVOGADRO_PER_MOL, ZERO_CELSIUS_K
from sepsim.media import water

_20_C = ZERO_CELSIUS_K + 20.0


def sedimentation_coefficient_20w(molar_mass: float, partial_specific_volume: float, stokes_radius: float) -> float:
    """Return s20,w, the sedimentation coefficient in water at 20 degC.

    s = M (1 - v rho) / (N_A 6 pi eta R)  (Svedberg & Pedersen 1940)

    Parameters
    ----------
    molar_mass : float [kg/mol]
    partial_specific_volume : float [m3/kg]
    stokes_radius : float [m]

    Returns
    -------
    float [s]

    Examples
    --------
    Serum albumin; measured values lie between 4.3 and 4.6 S:

    >>> round(sedimentation_coefficient_20w(66.5, 0.733e-3, 3.5e-9) * 1e13, 2)
    4.48
    """
    return _buoyant_mass_20w(molar_mass, partial_specific_volume) / (
        6.0 * math.pi * float(water.viscosity(_20_C)) * stokes_radius
    )


def stokes_radius(molar_mass: float, partial_specific_volume: float, s20w: float) -> float:
    """Return the Stokes radius [m] that gives a measured s20,w [s]; the inverse of the above.

    Parameters
    ----------
    molar_mass : float [kg/mol]
    partial_specific_volume : float [m3/kg]
    s20w : float [s]

    Returns
    -------
    float [m]

    Examples
    --------
    >>> round(stokes_radius(66.5, 0.733e-3, 4.4865e-13) * 1e9, 2)
    3.5
    """
    return _buoyant_mass_20w(molar_mass, partial_specific_volume) / (
        6.0 * math.pi * float(water.viscosity(_20_C)) * s20w
    )


def _buoyant_mass_20w(molar_mass: float, partial_specific_volume: float) -> float:
    buoyancy = 1.0 - partial_specific_volume * float(water.density(_20_C))
    return molar_mass * buoyancy / AVOGADRO_PER_MOL
