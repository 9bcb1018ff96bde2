"""How much of a solute a solution holds, in the measures of the lab: % w/v, % w/w, mol/L, or its density."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from sepsim.media.fluid import Fluid
from sepsim.media.solute import Solute

CSCL_DENSITY_AT_K = 298.15  # at which densities of CsCl solutions are quoted


def _by_volume(amount: float, main: Solute, diluent: Fluid, temperature: float) -> float:
    return amount


def _by_moles(amount: float, main: Solute, diluent: Fluid, temperature: float) -> float:
    return amount * main.molar_mass


def _by_weight(amount: float, main: Solute, diluent: Fluid, temperature: float) -> float:
    added = amount / (1.0 - amount) * diluent.density(temperature)
    c = added
    for _ in range(40):  # the apparent volume hardly changes with concentration
        c = added / (1.0 + added * float(main.specific_volume(c, temperature)))
    return c


def _by_density(amount: float, main: Solute, diluent: Fluid, temperature: float) -> float:
    start = diluent.density(temperature)
    c = amount - start
    for _ in range(40):
        gained = 1.0 - start * float(main.specific_volume(c, temperature))
        if gained <= 0.0 < amount - start:
            return math.inf  # the solute makes so dense a diluent no denser
        c = (amount - start) / gained
    return c


def _by_density_at_25(amount: float, main: Solute, diluent: Fluid, temperature: float) -> float:
    c = _by_density(amount, main, diluent, CSCL_DENSITY_AT_K)
    if not math.isfinite(c):
        return c
    start, at_preparation = (diluent.density(kelvin) for kelvin in (CSCL_DENSITY_AT_K, temperature))
    added = c / (1.0 - float(main.volume(c, CSCL_DENSITY_AT_K))) / start * at_preparation
    for _ in range(40):
        c = added / (1.0 + added * float(main.specific_volume(c, temperature)))
    return c


def density_quoted_at(key: str, temperature: float) -> float:
    """Return the temperature [K] at which an amount given as a density holds.

    Parameters
    ----------
    key : str
        Of `AMOUNTS`.
    temperature : float [K]
        Of preparation.

    Returns
    -------
    float [K]

    Examples
    --------
    >>> density_quoted_at("cscl_g_mL", 293.15), density_quoted_at("kbr_g_mL", 293.15)
    (298.15, 293.15)
    """
    return CSCL_DENSITY_AT_K if key == "cscl_g_mL" else temperature


Conversion = Callable[[float, Solute, Fluid, float], float]  # amount in SI -> kg/m3 at the temperature of preparation

AMOUNTS: Mapping[str, tuple[Conversion, str]] = {
    "iodixanol_percent_w_v": (_by_volume, "% w/v"),
    "sucrose_percent_w_w": (_by_weight, "% w/w"),
    "sucrose_percent_w_v": (_by_volume, "% w/v"),
    "sucrose_M": (_by_moles, "M"),
    "cscl_percent_w_w": (_by_weight, "% w/w"),
    "cscl_M": (_by_moles, "M"),
    "cscl_g_mL": (_by_density_at_25, "g/mL"),
    "kbr_percent_w_w": (_by_weight, "% w/w"),
    "kbr_M": (_by_moles, "M"),
    "kbr_g_mL": (_by_density, "g/mL"),
    "nabr_percent_w_w": (_by_weight, "% w/w"),
    "nabr_M": (_by_moles, "M"),
    "nabr_g_mL": (_by_density, "g/mL"),
    "ammonium_sulfate_percent_w_v": (_by_volume, "% w/v"),
    "ammonium_sulfate_M": (_by_moles, "M"),
    "peg_percent_w_v": (_by_volume, "% w/v"),
    "dextran_percent_w_v": (_by_volume, "% w/v"),
    "solute_percent_w_v": (_by_volume, "% w/v"),
}
