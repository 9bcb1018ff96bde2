"""How fast dissolved matter diffuses in water, scaled over temperature."""

from __future__ import annotations

from functools import cache

from sepsim.data import rows
from sepsim.errors import InputError
from sepsim.media.water import kestin_1978
from sepsim.units import to_si


def diffusion_in_water(substance: str, temperature: float) -> float:
    """Return the diffusion coefficient of a substance at infinite dilution in water.

    Scaled from the tabulated temperature T0 by Stokes and Einstein: D = D0 (T / T0) eta_w(T0) / eta_w(T). Against
    the measured coefficients of sucrose the rule runs low by up to 9 % at 45 degC, scaled from 25 degC.

    Parameters
    ----------
    substance : str
        Of the table ``diffusion.csv``: sucrose, iodixanol, cscl, kbr, nabr, salt, heavy water, albumin.
    temperature : float [K]
        273-323 K.

    Returns
    -------
    float [m2/s]

    Raises
    ------
    InputError
        If the substance is not in the table.

    Examples
    --------
    >>> round(1e10 * diffusion_in_water("sucrose", 298.15), 2)
    5.23

    References
    ----------
    Ribeiro, A. C. F., et al., J. Chem. Eng. Data 51, 1836 (2006).
    """
    if substance not in _table():
        raise InputError(f"substance = {substance!r}: unknown; known: {', '.join(_table())}")
    tabulated_at, coefficient = _table()[substance]
    return scaled_diffusion(coefficient, tabulated_at, temperature)


def scaled_diffusion(coefficient: float, measured_at: float, temperature: float) -> float:
    """Return a diffusion coefficient in water at another temperature, by Stokes and Einstein.

    Parameters
    ----------
    coefficient : float [m2/s]
    measured_at : float [K]
    temperature : float [K]

    Returns
    -------
    float [m2/s]

    Examples
    --------
    >>> scaled_diffusion(5e-10, 298.15, 298.15)
    5e-10
    """
    thinner = kestin_1978(measured_at) / kestin_1978(temperature)
    return coefficient * (temperature / measured_at) * thinner


@cache
def _table() -> dict[str, tuple[float, float]]:
    return {
        row["substance"]: (to_si("temperature_C", float(row["temperature_C"])), float(row["diffusion_m2_s"]))
        for row in rows("diffusion")
    }
