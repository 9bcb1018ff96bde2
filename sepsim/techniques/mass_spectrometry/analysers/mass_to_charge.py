"""Mass over charge: the number m/z that spectrometrists read, and the SI ratio that enters the equations of motion."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.constants import DALTON_KG, ELEMENTARY_CHARGE_C
from sepsim.errors import InputError


def mass_per_charge(mz: npt.ArrayLike) -> FloatArray:
    """Return the mass over charge in SI of ions of given m/z.

    Parameters
    ----------
    mz : array_like [-]
        Mass in daltons over the number of charges, of the ion: a cation lacks its electrons.

    Returns
    -------
    ndarray, same shape [kg/C]

    Raises
    ------
    InputError
        If an m/z is not above 0.

    Examples
    --------
    >>> f"{mass_per_charge(1000):.6e}"
    '1.036427e-05'
    """
    check_positive(mz=mz)
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


def check_positive(**quantities: npt.ArrayLike) -> None:
    """Refuse quantities of which a value is not finite and above 0.

    Parameters
    ----------
    **quantities : array_like
        By the name that the error gives them [any unit].

    Raises
    ------
    InputError
        That names each with the first such value.

    Examples
    --------
    >>> check_positive(mz=[500.0, 1000.0], voltage=8e3)
    """
    problems = []
    for name, given in quantities.items():
        values = np.ravel(np.asarray(given, dtype=np.float64))
        wrong = values[~((values > 0.0) & np.isfinite(values))]
        if wrong.size:
            problems.append(f"{name} = {wrong[0]:g}: must be finite and above 0")
    if problems:
        raise InputError(*problems)
