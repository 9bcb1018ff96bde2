"""Aqueous sucrose after Barber (1966): density, viscosity, osmolality and the units of concentration.

With Y the weight fraction, t the temperature in degC and y the mole fraction of sucrose::

    rho       = (B0 + B1 t + B2 t^2) + (B3 + B4 t + B5 t^2) Y + (B6 + B7 t + B8 t^2) Y^2      [g/mL]
    log10 eta = A(y) + B(y) / (t + C(y)),    C = c0 - c1 sqrt(1 + (y / c2)^2)                 [mPa s]

A and B are polynomials in y, one pair below and one above Y = 0.48. Two corrections are ours. The density at
Y = 0 is up to 0.6 kg/m3 too high: the difference to water is taken off with the weight (1 - Y)^12. The two
viscosity branches differ by 0.2 % where they meet: they are blended over 0.46-0.50, so that the viscosity
rises with Y everywhere. Valid for 0-75 % w/w (refused beyond: the polynomials explode) and 0-60 degC (a
warning beyond). Against the CRC tables at 20 degC: 0.5 kg/m3 and 1.5 %.

"30 % sucrose" is not one fluid: 30 % w/w is 1.127 g/mL, 30 % w/v (30 g in 100 mL of solution) is 1.113 g/mL.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from sepsim.arrays import FloatArray
from sepsim.constants import ZERO_CELSIUS_K
from sepsim.data import rows
from sepsim.errors import InputError, ModelRangeWarning
from sepsim.media.diffusion import diffusion_in_water
from sepsim.media.monotone import MonotoneCurve
from sepsim.media.solute import Solute, coefficients, weight_fraction
from sepsim.media.water import Values, kell_1975, kestin_1978, warn_outside

MOLAR_MASS_KG_PER_MOL = 0.3423  # sucrose, C12H22O11, as Barber (1966) used it
HIGHEST_WEIGHT_FRACTION = 0.75  # end of the correlation of Barber (1966)
HIGHEST_MOLALITY = 6.0  # mol/kg, end of the osmotic coefficients
LOWEST_K, HIGHEST_K = 273.15, 333.15
TABLE_POINTS = 6001  # keeps the interpolated viscosity within 1e-6
BLENDED = (0.46, 0.50)  # weight fractions over which the two viscosity branches are joined


def density(weight_fraction: Values, temperature: float) -> Values:
    """Return the density of a sucrose solution.

    Parameters
    ----------
    weight_fraction : float or array of any shape [g/g]
        Grams of sucrose per gram of solution, 0-0.75.
    temperature : float [K]
        Valid at 273.15-333.15 K; a `ModelRangeWarning` outside.

    Returns
    -------
    float or array of the same shape [kg/m3]

    Raises
    ------
    InputError
        If a weight fraction lies outside 0-0.75.

    Examples
    --------
    The CRC Handbook gives 1127.0 kg/m3 for 30 % w/w at 20 degC.

    >>> round(density(0.30, 293.15), 1)
    1126.8

    References
    ----------
    Barber, E. J., Natl. Cancer Inst. Monogr. 21, 219 (1966).
    """
    _refuse_outside(weight_fraction)
    warn_outside(temperature, 0.0, 60.0, "density of sucrose (Barber 1966)")
    return _density(weight_fraction, temperature)


def viscosity(weight_fraction: Values, temperature: float) -> Values:
    """Return the dynamic viscosity of a sucrose solution.

    Parameters
    ----------
    weight_fraction : float or array of any shape [g/g]
        Grams of sucrose per gram of solution, 0-0.75.
    temperature : float [K]
        Valid at 273.15-333.15 K; a `ModelRangeWarning` outside.

    Returns
    -------
    float or array of the same shape [Pa s]

    Raises
    ------
    InputError
        If a weight fraction lies outside 0-0.75.

    Examples
    --------
    The CRC Handbook gives 6.162 mPa s for 40 % w/w at 20 degC; the correlation is 0.3 % lower.

    >>> round(1e3 * viscosity(0.40, 293.15), 3)
    6.143

    References
    ----------
    Barber, E. J., Natl. Cancer Inst. Monogr. 21, 219 (1966).
    """
    _refuse_outside(weight_fraction)
    warn_outside(temperature, 0.0, 60.0, "viscosity of sucrose (Barber 1966)")
    return _like(weight_fraction, _viscosity(weight_fraction, temperature))


def osmolality(weight_fraction: Values) -> Values:
    """Return the osmolality of a sucrose solution from its molality m.

    osm = phi m with the osmotic coefficient phi = 1 + 0.07028 m + 0.01847 m^2 - 0.004045 m^3 + 0.000228 m^4,
    measured at 25 degC.

    Parameters
    ----------
    weight_fraction : float or array of any shape [g/g]
        0-0.75; a `ModelRangeWarning` above 6 mol/kg (0.67).

    Returns
    -------
    float or array of the same shape [osm/kg]

    Raises
    ------
    InputError
        If a weight fraction lies outside 0-0.75.

    Examples
    --------
    0.25 mol/L, the usual iso-osmotic buffer, is 8.3 % w/w.

    >>> round(osmolality(0.083), 2)
    0.27

    References
    ----------
    Robinson, R. A., Stokes, R. H., Electrolyte Solutions, Butterworths (1959); coefficients unverified.
    """
    _refuse_outside(weight_fraction)
    return _osmolality(weight_fraction / (MOLAR_MASS_KG_PER_MOL * (1.0 - weight_fraction)))


def mass_concentration(weight_fraction: Values, temperature: float) -> Values:
    """Return the mass of sucrose per volume of solution; 10 kg/m3 is 1 % w/v.

    Parameters
    ----------
    weight_fraction : float or array of any shape [g/g]
        0-0.75.
    temperature : float [K]
        At which the volume is measured, 273.15-333.15 K.

    Returns
    -------
    float or array of the same shape [kg/m3]

    Raises
    ------
    InputError
        If a weight fraction lies outside 0-0.75.

    Examples
    --------
    >>> round(mass_concentration(0.30, 293.15), 1)
    338.0
    """
    return weight_fraction * density(weight_fraction, temperature)


def molarity(weight_fraction: Values, temperature: float) -> Values:
    """Return the amount of sucrose per volume of solution; 1000 mol/m3 is 1 mol/L.

    Parameters
    ----------
    weight_fraction : float or array of any shape [g/g]
        0-0.75.
    temperature : float [K]
        At which the volume is measured, 273.15-333.15 K.

    Returns
    -------
    float or array of the same shape [mol/m3]

    Raises
    ------
    InputError
        If a weight fraction lies outside 0-0.75.

    Examples
    --------
    >>> round(molarity(0.10, 293.15))
    303
    """
    return mass_concentration(weight_fraction, temperature) / MOLAR_MASS_KG_PER_MOL


def weight_fraction_from_mass_concentration(mass_concentration: Values, temperature: float) -> Values:
    """Return the weight fraction Y that solves Y rho(Y) = c.

    Parameters
    ----------
    mass_concentration : float or array of any shape [kg/m3]
        Mass of sucrose per volume of solution; 30 % w/v is 300 kg/m3.
    temperature : float [K]
        At which the volume is measured, 273.15-333.15 K.

    Returns
    -------
    float or array of the same shape [g/g]

    Raises
    ------
    InputError
        If the solution would hold more than 75 % w/w.

    Examples
    --------
    30 % w/v is not 30 % w/w.

    >>> round(weight_fraction_from_mass_concentration(300.0, 293.15), 4)
    0.2697
    """
    warn_outside(temperature, 0.0, 60.0, "density of sucrose (Barber 1966)")
    highest = HIGHEST_WEIGHT_FRACTION * _density(HIGHEST_WEIGHT_FRACTION, temperature)
    c = np.asarray(mass_concentration, dtype=np.float64)
    if not np.all((c >= 0.0) & (c <= highest * (1.0 + 1e-12))):
        raise InputError(f"mass concentration of sucrose = {_text(c)} kg/m3: must lie within 0 to {highest:.0f}")
    fraction = np.zeros_like(c)
    for _ in range(40):  # each pass shrinks the error at least threefold, because Y rho'(Y) < rho / 3
        fraction = np.minimum(c / _density(fraction, temperature), HIGHEST_WEIGHT_FRACTION)
    return _like(mass_concentration, fraction)


def weight_fraction_from_molarity(molarity: Values, temperature: float) -> Values:
    """Return the weight fraction of a solution of a given molarity.

    Parameters
    ----------
    molarity : float or array of any shape [mol/m3]
        Amount of sucrose per volume of solution; 0.25 mol/L is 250 mol/m3.
    temperature : float [K]
        At which the volume is measured, 273.15-333.15 K.

    Returns
    -------
    float or array of the same shape [g/g]

    Raises
    ------
    InputError
        If the solution would hold more than 75 % w/w.

    Examples
    --------
    >>> round(weight_fraction_from_molarity(250.0, 293.15), 4)
    0.083
    """
    return weight_fraction_from_mass_concentration(molarity * MOLAR_MASS_KG_PER_MOL, temperature)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sucrose(Solute):
    """Sucrose in solution, in a form fast enough for solvers: interpolated in a table per temperature.

    The relative viscosity is that of the correlation over that of water. At Y = 0 the correlation lies up to 0.4 % off
    water; this is taken off with the weight (1 - Y)^12, as for the density.

    Parameters
    ----------
    name : str

    Notes
    -----
    The correlations reach to 75 % w/w, the solubility to 64.2 % w/w at 0, 67.1 at 20 and 74.2 at 60 degC.

    Examples
    --------
    >>> round(float(Sucrose().relative_viscosity(338.0, 293.15)), 2)
    3.18

    References
    ----------
    Barber, E. J., Natl. Cancer Inst. Monogr. 21, 219 (1966). Ribeiro, A. C. F., et al., J. Chem. Eng. Data 51, 1836
    (2006). CRC Handbook of Chemistry and Physics, 102nd edition (2021). Solubility: Mohos, F., Confectionery and
    Chocolate Engineering, Wiley-Blackwell (2010), table A2.3.
    """

    name: str = "sucrose"

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography."""
        return ("barber1966", "robinson1959", "ribeiro2006", "crc2021", "mohos2010")

    @property
    def molar_mass(self) -> float:
        """Molar mass [kg/mol]."""
        return MOLAR_MASS_KG_PER_MOL

    def specific_volume(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the apparent specific volume in water [m3/kg]; constant above 75 % w/w."""
        table = _table(temperature)
        return np.asarray(np.interp(concentration, table.concentration, table.specific_volume))

    def relative_viscosity(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the viscosity over that of the solvent [-]; constant above 75 % w/w."""
        table = _table(temperature)
        relative: FloatArray = np.exp(np.interp(concentration, table.concentration, table.log_viscosity))
        return relative

    def osmolality(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg] from the mass ratio [kg/kg], measured at 25 degC up to 6 mol/kg."""
        return np.asarray(_osmolality(np.asarray(mass_ratio) / MOLAR_MASS_KG_PER_MOL))

    def thermodynamic_factor(self, mass_ratio: float | FloatArray) -> FloatArray:
        """Return the slope of the osmolality over the molality [-]; constant above 6 mol/kg, 1.8."""
        m = np.minimum(np.asarray(mass_ratio) / MOLAR_MASS_KG_PER_MOL, HIGHEST_MOLALITY)
        factor: FloatArray = np.asarray(1.0 + m * (0.14056 + m * (0.05541 + m * (-0.01618 + m * 0.00114))))
        return factor

    @property
    def crystallises(self) -> bool:
        """Yes."""
        return True

    def diffusion(self, temperature: float) -> float:
        """Return the diffusion coefficient in water [m2/s] at a temperature [K]."""
        return diffusion_in_water("sucrose", temperature)

    def highest_concentration(self, temperature: float) -> float:
        """Return the concentration of the saturated solution in water [kg/m3]."""
        constant, linear, quadratic = coefficients("sucrose", "solubility")
        t = temperature - ZERO_CELSIUS_K
        return float(mass_concentration(constant + t * (linear + t * quadratic), temperature))

    def refractive_increment(self, concentration: float | FloatArray, temperature: float) -> FloatArray:
        """Return the refractive index minus that of the solvent at 20 degC [-]."""
        fraction = weight_fraction(self, concentration, temperature, kell_1975(temperature))
        return _refraction()(fraction)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Table:
    concentration: FloatArray
    specific_volume: FloatArray
    log_viscosity: FloatArray


def _table(temperature: float) -> _Table:
    if not LOWEST_K <= temperature <= HIGHEST_K:  # checked before the cache, so that every use warns
        warn_outside(temperature, 0.0, 60.0, "density and viscosity of sucrose (Barber 1966)")
    return _tabulated(temperature)


@lru_cache(maxsize=32)
def _tabulated(temperature: float) -> _Table:
    fraction = np.linspace(0.0, HIGHEST_WEIGHT_FRACTION, TABLE_POINTS)
    density, solvent = _density(fraction, temperature), kell_1975(temperature)
    concentration = fraction * density
    volume = 1.0 - (1.0 - fraction) * density / solvent
    log_viscosity = np.log(_viscosity(fraction, temperature) / kestin_1978(temperature))
    specific = volume[1:] / concentration[1:]
    infinitely_dilute = 2.0 * specific[0] - specific[1]
    return _Table(
        concentration=concentration,
        specific_volume=np.concatenate(([infinitely_dilute], specific)),
        log_viscosity=log_viscosity - log_viscosity[0] * (1.0 - fraction) ** 12,
    )


@cache
def _refraction() -> MonotoneCurve:
    points = [row for row in rows("aqueous_solutions") if row["solute"] == "sucrose"]
    index = [float(row["refractive_index"]) for row in points]
    return MonotoneCurve([float(row["solute_percent_w_w"]) / 100 for row in points], [n - index[0] for n in index])


@cache
def _coefficients(quantity: str) -> tuple[float, ...]:
    chosen = [row for row in rows("barber1966") if row["quantity"] == quantity]
    return tuple(float(row["value"]) for row in sorted(chosen, key=lambda row: int(row["index"])))


def _density(weight_fraction: Values, temperature: float) -> Values:
    offset = kell_1975(temperature) - _unpatched_density(0.0, temperature)
    return _unpatched_density(weight_fraction, temperature) + offset * (1.0 - weight_fraction) ** 12


def _unpatched_density(weight_fraction: Values, temperature: float) -> Values:
    t = temperature - ZERO_CELSIUS_K
    b = _coefficients("density")
    constant, linear, quadratic = (b[i] + t * (b[i + 1] + t * b[i + 2]) for i in (0, 3, 6))
    return 1e3 * (constant + weight_fraction * (linear + weight_fraction * quadratic))


def _viscosity(weight_fraction: float | FloatArray, temperature: float) -> FloatArray:
    start, end = BLENDED
    along = np.clip((weight_fraction - start) / (end - start), 0.0, 1.0)
    share = along * along * (3.0 - 2.0 * along)
    low = _log10_viscosity("low", np.minimum(weight_fraction, end), temperature)
    high = _log10_viscosity("high", np.maximum(weight_fraction, start), temperature)
    viscosity: FloatArray = 1e-3 * 10.0 ** ((1.0 - share) * low + share * high)
    return viscosity


def _osmolality(molality: Values) -> Values:
    if np.any(np.asarray(molality) > HIGHEST_MOLALITY):
        message = "osmolality of sucrose (Robinson and Stokes 1959): used above its range of 6 mol/kg"
        warnings.warn(message, ModelRangeWarning, stacklevel=3)
    m = molality
    return m * (1.0 + m * (0.07028 + m * (0.01847 + m * (-0.004045 + m * 0.000228))))


def _log10_viscosity(
    branch: str, weight_fraction: float | NDArray[np.float64], temperature: float
) -> NDArray[np.float64]:
    t = temperature - ZERO_CELSIUS_K
    sucrose = np.asarray(weight_fraction) / (1e3 * MOLAR_MASS_KG_PER_MOL)
    y = sucrose / (sucrose + (1.0 - np.asarray(weight_fraction)) / _coefficients("molar_mass_water")[0])
    c = _coefficients("viscosity_c")
    a_of_y = np.polyval(_coefficients(f"viscosity_a_{branch}")[::-1], y)
    b_of_y = np.polyval(_coefficients(f"viscosity_b_{branch}")[::-1], y)
    log10: NDArray[np.float64] = a_of_y + b_of_y / (t + c[0] - c[1] * np.sqrt(1.0 + (y / c[2]) ** 2))
    return log10


def _refuse_outside(weight_fraction: float | NDArray[np.float64]) -> None:
    fraction = np.asarray(weight_fraction)
    if not np.all((fraction >= 0.0) & (fraction <= HIGHEST_WEIGHT_FRACTION)):
        shown = _text(fraction)
        hint = "; percent were meant?" if np.all(fraction >= 0.0) and np.any(fraction > 1.0) else ""
        raise InputError(f"weight fraction of sucrose = {shown}: must lie within 0 to 0.75 (Barber 1966){hint}")


def _text(values: NDArray[np.float64]) -> str:
    return " to ".join(f"{value:.4g}" for value in dict.fromkeys((float(values.min()), float(values.max()))))


def _like(given: Values, values: NDArray[np.float64]) -> Values:
    return values if isinstance(given, np.ndarray) else float(values)  # type: ignore[redundant-expr]
