"""Lipoproteins: how much of one is protein follows from its density."""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray

APOLIPOPROTEIN_VOLUME = 0.705e-3  # m3/kg; partial specific volume (unverified)
LIPID_VOLUME = 1.07e-3  # m3/kg; neutral core and phospholipid together (unverified)


def protein_mass_fraction(density: FloatArray) -> FloatArray:
    """Return the share of protein in the mass of a lipoprotein, from additive volumes.

    1/rho = w v_protein + (1 - w) v_lipid, cut off at 0 and 1.

    Parameters
    ----------
    density : ndarray [kg/m3]
        Hydrated density of the particle.

    Returns
    -------
    ndarray, same shape [-]

    Notes
    -----
    Composition tables give 0.08-0.10 for VLDL, 0.20-0.25 for LDL, 0.40 for HDL2 and 0.55 for HDL3 (unverified); the
    rule gives 0.14, 0.28, 0.42 and 0.55 since it treats core lipids and phospholipids as one.

    Examples
    --------
    >>> protein_mass_fraction(np.array([1090.0, 1150.0])).round(2)
    array([0.42, 0.55])
    """
    fraction = (LIPID_VOLUME - 1.0 / np.asarray(density)) / (LIPID_VOLUME - APOLIPOPROTEIN_VOLUME)
    return np.clip(fraction, 0.0, 1.0)
