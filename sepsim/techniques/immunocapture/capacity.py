"""How many particles find room on a bead: spheres that stick at random jam at a coverage of 0.547.

The centres of particles of radius R_p lie on the sphere of radius R_b + R_p, of whose area each covers pi R_p^2. All
particles share it, so that an abundant population takes the room of a rare one. Source: Schaaf & Talbot 1989.
"""

from __future__ import annotations

from typing import TypeVar

from sepsim.arrays import FloatArray

Number = TypeVar("Number", float, FloatArray)

JAMMING = 0.547  # coverage at which discs that stay where they land find no more room


def footprint(particle: Number, bead: float) -> Number:
    """Return what a particle covers of a bead, over what is covered at jamming [-].

    Parameters
    ----------
    particle : float or ndarray [m]
        Radius of the particle.
    bead : float [m]
        Radius of the bead.

    Returns
    -------
    float or ndarray [-]

    Examples
    --------
    >>> [round(1.0 / footprint(50e-9, bead)) for bead in (0.5e-6, 1.4e-6, 2.25e-6)]  # particles per bead
    [265, 1840, 4630]
    """
    return (particle / (2.0 * (bead + particle))) ** 2 / JAMMING
