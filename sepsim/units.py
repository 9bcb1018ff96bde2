"""Lab units <-> SI, at the boundary and nowhere else.

Every quantity that a user writes or reads carries its lab unit as a suffix of its name
(``time_min``, ``volume_mL``, ``temperature_C``); everything inside is SI.
"""

from __future__ import annotations

import math
from functools import lru_cache

from sepsim.constants import DALTON_KG, ELEMENTARY_CHARGE_C, SVEDBERG_S, ZERO_CELSIUS_K
from sepsim.errors import InputError

# suffix: (factor, offset) with SI = factor * lab + offset
UNITS: dict[str, tuple[float, float]] = {
    "s": (1.0, 0.0),
    "min": (60.0, 0.0),
    "h": (3600.0, 0.0),
    "nm": (1e-9, 0.0),
    "um": (1e-6, 0.0),
    "mm": (1e-3, 0.0),
    "ms": (1e-3, 0.0),
    "mL": (1e-6, 0.0),
    "uL": (1e-9, 0.0),
    "mL_g": (1e-3, 0.0),
    "g_mL": (1e3, 0.0),
    "mPa_s": (1e-3, 0.0),
    "C": (1.0, ZERO_CELSIUS_K),
    "rpm": (2.0 * math.pi / 60.0, 0.0),
    "xg": (1.0, 0.0),
    "deg": (math.pi / 180.0, 0.0),
    "Da": (DALTON_KG, 0.0),  # the mass of one particle, unlike kDa
    "kDa": (1.0, 0.0),  # 1 kDa = 1 kg/mol
    "S": (SVEDBERG_S, 0.0),
    "per_mL": (1e6, 0.0),
    "per_um2": (1e12, 0.0),
    "mg_per_mL": (1.0, 0.0),
    "ug": (1e-9, 0.0),
    "mOsm_kg": (1e-3, 0.0),
    "mg": (1e-6, 0.0),
    "per_mg": (1e6, 0.0),
    "percent_w_w": (1e-2, 0.0),
    "percent_w_v": (10.0, 0.0),  # g in 100 mL of solution -> kg/m3
    "M": (1e3, 0.0),  # mol/L -> mol/m3
    "nM": (1e-6, 0.0),
    "per_M_s": (1e-3, 0.0),  # L/mol/s -> m3/mol/s
    "m2_s": (1.0, 0.0),
    "bar": (1e5, 0.0),
    "cm2": (1e-4, 0.0),
    "L_m2_h_bar": (1e-3 / 3600.0 / 1e5, 0.0),
    "mL_min": (1e-6 / 60.0, 0.0),
    "uL_min": (1e-9 / 60.0, 0.0),
    "cm_h": (1e-2 / 3600.0, 0.0),
    "per_s": (1.0, 0.0),
    "mN_m": (1e-3, 0.0),
    "Pa": (1.0, 0.0),
    "mg_m2": (1e-6, 0.0),
    "percent": (1e-2, 0.0),
    "percent_v_v": (1e-2, 0.0),
    "per_M": (1e-3, 0.0),
    "MPa": (1e6, 0.0),
    "zJ": (1e-21, 0.0),
    "mV": (1e-3, 0.0),
    "kV": (1e3, 0.0),
    "V": (1.0, 0.0),
    "kHz": (1e3, 0.0),
    "MHz": (1e6, 0.0),
    "J_m3": (1.0, 0.0),
    "S_m": (1.0, 0.0),
    "nS": (1e-9, 0.0),
    "F_m2": (1.0, 0.0),
    "mm_s": (1e-3, 0.0),
    "um_s": (1e-6, 0.0),
    "T": (1.0, 0.0),
    "T_m": (1.0, 0.0),
    "A_m2_kg": (1.0, 0.0),
    "mrad": (1e-3, 0.0),
    "S_cm2_mol": (1e-4, 0.0),
    "eV": (ELEMENTARY_CHARGE_C, 0.0),
}


@lru_cache(maxsize=1024)
def suffix(key: str) -> str | None:
    """Return the unit suffix of a key, the longest that fits, or None.

    Parameters
    ----------
    key : str
        Such as ``"volume_mL"``.

    Examples
    --------
    >>> suffix("density_g_mL"), suffix("volume_mL"), suffix("name")
    ('g_mL', 'mL', None)
    """
    fitting = [unit for unit in UNITS if key.endswith("_" + unit)]
    return max(fitting, key=len, default=None)


def to_si(key: str, value: float) -> float:
    """Convert a lab value to SI by the unit suffix of its key.

    Parameters
    ----------
    key : str
        Name that ends in a unit suffix, for example ``"time_min"``.
    value : float [unit of the key]

    Returns
    -------
    float
        Value in SI.

    Raises
    ------
    InputError
        If the key carries no known unit suffix.

    Examples
    --------
    >>> to_si("time_min", 70), to_si("temperature_C", 4)
    (4200.0, 277.15)
    """
    factor, offset = _unit(key)
    return factor * value + offset


def from_si(key: str, value: float) -> float:
    """Convert an SI value to the lab unit named by the suffix of the key.

    Parameters
    ----------
    key : str
        Name that ends in a unit suffix.
    value : float [SI unit of the key]

    Examples
    --------
    >>> round(from_si("volume_mL", 2.5e-4), 9)
    250.0
    """
    factor, offset = _unit(key)
    return (value - offset) / factor


def _unit(key: str) -> tuple[float, float]:
    unit = suffix(key)
    if unit is None:
        raise InputError(f"{key}: carries no unit suffix; known suffixes: {', '.join(UNITS)}")
    return UNITS[unit]
