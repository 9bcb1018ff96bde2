"""Depletion: polymer coils cannot come close to a particle, and their osmotic pressure pushes particles together.

Around two spheres of radius a there is a layer of thickness delta without polymer. Where the layers overlap, over the
volume V_o, the pressure Pi acts from outside alone (Asakura & Oosawa 1958)::

    U = Pi V_o(h),   V_o = (pi/12) (4 b + R) (2 b - R)^2,   b = a + delta,   R = 2 a + h < 2 b
    at contact  V_o = 2 pi a delta^2 + (4 pi/3) delta^3

    delta = Rg min[1, (c/c*)^-0.77]

with the radius of gyration Rg and the overlap concentration c* of the coils (`sepsim.media.Polymer`).

Assumptions: the coils do not adsorb and are small beside the particles. For proteins, which are no larger than coils,
the energies come out too large, and they level off above c*, where solubilities of proteins go on falling:
`solubility` takes their place there.
"""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.media import Polymer

MESH_POWER = -0.77  # of the mesh of entangled chains (Joanny, Leibler, de Gennes 1979)


def layer_thickness(polymer: Polymer, concentration: float) -> float:
    """Return the thickness of the layer without polymer.

    Parameters
    ----------
    polymer : Polymer
    concentration : float [kg/m3]
        Above 0.

    Returns
    -------
    float [m]

    Examples
    --------
    >>> round(1e9 * layer_thickness(Polymer("PEG", 6.0), 80.0), 2)
    2.71
    """
    return polymer.coil_radius * float(min(1.0, (concentration / polymer.overlap) ** MESH_POWER))


def overlap_volume(radius: FloatArray, distance: FloatArray, layer: float) -> FloatArray:
    """Return the volume in which the layers around two equal spheres overlap.

    Parameters
    ----------
    radius, distance : ndarray, shapes that broadcast [m]
        Of the spheres, and between their surfaces.
    layer : float [m]

    Returns
    -------
    ndarray [m3]

    Examples
    --------
    >>> a, d = 50e-9, 3e-9
    >>> contact = 2 * np.pi * a * d**2 + 4 / 3 * np.pi * d**3
    >>> bool(np.isclose(overlap_volume(np.array(a), np.array(0.0), d), contact))
    True
    """
    apart = 2.0 * radius + distance
    reach = np.maximum(2.0 * (radius + layer) - apart, 0.0)
    volume: FloatArray = np.pi / 12.0 * (4.0 * (radius + layer) + apart) * reach**2
    return volume


def depletion_energy(
    polymer: Polymer, concentration: float, temperature: float, radius: FloatArray, distance: FloatArray
) -> FloatArray:
    """Return by how much two equal spheres are held together, over kT.

    Parameters
    ----------
    polymer : Polymer
    concentration : float [kg/m3]
        0 without.
    temperature : float [K]
    radius, distance : ndarray, shapes that broadcast [m]

    Returns
    -------
    ndarray [-]
        At least 0.

    Examples
    --------
    Vesicles of 100 nm in contact, in 8 % w/v of PEG 6000:

    >>> round(float(depletion_energy(Polymer("PEG", 6.0), 80.0, 277.15, np.array(50e-9), np.array(0.0))))
    62

    References
    ----------
    Asakura, S., Oosawa, F., J. Polym. Sci. 33, 183 (1958).
    """
    if concentration <= 0.0:
        return np.zeros(np.broadcast_shapes(np.shape(radius), np.shape(distance)))
    pressure = float(polymer.pressure(concentration, temperature))
    volume = overlap_volume(radius, distance, layer_thickness(polymer, concentration))
    energy: FloatArray = pressure * volume / (BOLTZMANN_J_PER_K * temperature)
    return energy
