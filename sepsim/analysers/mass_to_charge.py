"""Mass over charge: the number m/z that spectrometrists read, and the SI ratio that enters the equations of motion."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sepsim.constants import DALTON_KG, ELEMENTARY_CHARGE_C

FloatArray = npt.NDArray[np.float64]


def mass_per_charge(mz: npt.ArrayLike) -> FloatArray:
    """Return the mass over charge in SI of ions of given m/z.

    Parameters
    ----------
    mz : array_like [-]
        Mass in daltons over the number of charges, of the ion: a cation lacks its electrons.

    Returns
    -------
    ndarray, same shape [kg/C]

    Examples
    --------
    >>> f"{mass_per_charge(1000):.6e}"
    '1.036427e-05'
    """
    return np.asarray(mz, dtype=np.float64) * (DALTON_KG / ELEMENTARY_CHARGE_C)


def mass_to_charge_number(mass_over_charge: npt.ArrayLike) -> FloatArray:
    """Return m/z of ions of given mass over charge in SI: the inverse of `mass_per_charge`.

    Parameters
    ----------
    mass_over_charge : array_like [kg/C]

    Returns
    -------
    ndarray, same shape [-]

    Examples
    --------
    >>> round(float(mass_to_charge_number(mass_per_charge(467.5613))), 6)
    467.5613
    """
    return np.asarray(mass_over_charge, dtype=np.float64) * (ELEMENTARY_CHARGE_C / DALTON_KG)
