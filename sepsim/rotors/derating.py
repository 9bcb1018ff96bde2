"""How fast a rotor may turn with a dense liquid in its tubes.

A rotor is rated for tubes of a stated density. Of a denser load the force on bucket or body, m w^2 r, stays what it is
rated for if

    n = n_max sqrt(rho_rated / rho),

with the mean density rho of what is in the tube. Rated density: 1.2 g/mL for swinging-bucket and fixed-angle rotors;
1.7 g/mL for vertical and near-vertical ones, which is a choice, since no manual that states it could be read. The
manual of a rotor goes first.

Source: manual of the Medibas+ (Auxilab), 5.6, for the threshold of 1.2 g/mL; the square root is the makers' usual rule.
"""

from __future__ import annotations

import math

from sepsim.rotors.rotors import Rotor

DENSE_LIQUID = 1200.0  # kg/m3
DENSE_LIQUID_UPRIGHT = 1700.0  # kg/m3; vertical and near-vertical rotors


def rated_density(rotor: Rotor) -> float:
    """Return the mean density [kg/m3] of a tube's contents up to which a rotor may turn at its full speed.

    Parameters
    ----------
    rotor : Rotor

    Returns
    -------
    float [kg/m3]
    """
    return DENSE_LIQUID_UPRIGHT if rotor.kind in ("vertical", "near vertical") else DENSE_LIQUID


def derated_speed(rotor: Rotor, density: float) -> float:
    """Return the largest angular speed with a liquid of a density, n_max sqrt(rho_rated/rho) or n_max.

    Parameters
    ----------
    rotor : Rotor
    density : float [kg/m3]
        Mean of what is in a tube.

    Returns
    -------
    float [rad/s]
        Infinite if the rotor's largest speed is not known.

    Examples
    --------
    An SW 41 Ti, 41,000 rpm, with caesium chloride of 1.70 g/mL:

    >>> from sepsim.rotors.rotors import rotor
    >>> round(derated_speed(rotor("SW 41 Ti"), 1700.0) * 60 / (2 * math.pi))  # rpm
    34447
    """
    return rotor.max_angular_speed * math.sqrt(min(1.0, rated_density(rotor) / density))
