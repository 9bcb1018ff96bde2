"""Water: the reference against which the other fluids are tabulated.

Density after Kell (1975) and viscosity after Kestin, Sokolov and Wakeham (1978), at atmospheric pressure.
Both agree with IAPWS-95 and IAPWS 2008 within 0.01 kg/m3 and 0.1 % at 0-40 degC, the range in which they are
used without a warning.
"""

from __future__ import annotations

import warnings
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sepsim.constants import ZERO_CELSIUS_K
from sepsim.errors import ModelRangeWarning

SOURCES = ("kell1975", "kestin1978")
REFRACTIVE_INDEX = 1.3330  # of water at 20 degC, sodium D line; CRC Handbook
Values = TypeVar("Values", float, NDArray[np.float64])


def density(temperature: Values) -> Values:
    """Return the density of water at atmospheric pressure.

    Parameters
    ----------
    temperature : float or array of any shape [K]
        Valid at 273.15-313.15 K; a `ModelRangeWarning` outside.

    Returns
    -------
    float or array of the same shape [kg/m3]

    Examples
    --------
    IAPWS-95 gives 998.207 kg/m3 at 20 degC; the correlation is 0.003 kg/m3 lower.

    >>> round(density(293.15), 3)
    998.204

    References
    ----------
    Kell, G. S., J. Chem. Eng. Data 20, 97 (1975).
    """
    warn_outside(temperature, 0.0, 40.0, "density of water (Kell 1975)")
    return kell_1975(temperature)


def viscosity(temperature: Values) -> Values:
    """Return the dynamic viscosity of water at atmospheric pressure.

    Parameters
    ----------
    temperature : float or array of any shape [K]
        Valid at 273.15-313.15 K; a `ModelRangeWarning` outside.

    Returns
    -------
    float or array of the same shape [Pa s]

    Examples
    --------
    IAPWS 2008 gives 1.0016 mPa s at 20 degC; the correlation is built on 1.002.

    >>> round(1e3 * viscosity(293.15), 4)
    1.002

    References
    ----------
    Kestin, J., Sokolov, M., Wakeham, W. A., J. Phys. Chem. Ref. Data 7, 941 (1978).
    """
    warn_outside(temperature, 0.0, 40.0, "viscosity of water (Kestin 1978)")
    return kestin_1978(temperature)


def kell_1975(temperature: Values) -> Values:
    """Return the correlation of Kell for the density [kg/m3] at a temperature [K], its range unchecked.

    With t in degC: rho = (a0 + a1 t + ... + a5 t^5) / (1 + b t).

    Parameters
    ----------
    temperature : float or ndarray [K]

    Examples
    --------
    >>> round(kell_1975(277.15), 2)
    999.97
    """
    t = temperature - ZERO_CELSIUS_K
    tail = -7.9870401e-3 + t * (-46.170461e-6 + t * (105.56302e-9 - t * 280.54253e-12))
    return (999.83952 + t * (16.945176 + t * tail)) / (1.0 + 16.879850e-3 * t)


def kestin_1978(temperature: Values) -> Values:
    """Return the correlation of Kestin for the viscosity [Pa s] at a temperature [K], its range unchecked.

    With d = 20 - t, t in degC: log10(eta / eta_20) = d / (t + 96) (1.2364 - 1.37e-3 d + 5.7e-6 d^2).

    Parameters
    ----------
    temperature : float or ndarray [K]

    Examples
    --------
    >>> round(1e3 * kestin_1978(310.15), 3)
    0.691
    """
    t = temperature - ZERO_CELSIUS_K
    below_20 = 20.0 - t
    exponent = below_20 / (t + 96.0) * (1.2364 + below_20 * (-1.37e-3 + below_20 * 5.7e-6))
    eta: Values = 1.002e-3 * 10.0**exponent
    return eta


def warn_outside(temperature: Any, lowest: float, highest: float, what: str) -> None:
    """Warn if a temperature [K] lies outside the range [degC] in which a correlation holds.

    Examples
    --------
    >>> warn_outside(293.15, 0.0, 40.0, "density of water (Kell 1975)")
    """
    t = np.asarray(temperature) - ZERO_CELSIUS_K
    if np.any(t < lowest - 1e-6) or np.any(t > highest + 1e-6):
        reached = " to ".join(f"{value:.4g}" for value in dict.fromkeys((float(t.min()), float(t.max()))))
        message = f"{what}: used at {reached} degC, outside its range of {lowest:.4g} to {highest:.4g} degC"
        warnings.warn(message, ModelRangeWarning, stacklevel=3)
