"""Trapped ions that ring: cyclotron resonance in a magnetic field, axial oscillation in an Orbitrap.

Both measure a frequency over a transient of time T. The full width at half maximum of a peak in the magnitude spectrum
is 1.2067 / T without a window and 2.0 / T with a Hann window. The cyclotron frequency goes as 1/m, so that
m / dm = f / df (f T / 2 with a Hann window); that of an Orbitrap as 1/sqrt(m), so that m / dm = f / (2 df).

Assumptions: transients keep their strength (no collisions), ions of one m/z move together, no space charge.

Sources: Marshall, Hendrickson and Jackson 1998; Makarov 2000; Harris 1978 for windows.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.settings import Settings, number, settings, text
from sepsim.techniques.mass_spectrometry.analysers.mass_to_charge import (
    check_positive,
    mass_per_charge,
    mass_to_charge_number,
)
from sepsim.units import to_si

# Full widths at half maximum of the magnitude spectrum, in 1/T: roots of |sin(pi x) / (pi x)| = 1/2 and of the same
# over 1 - x^2, which is the Hann window's and has its root at exactly 1.
_BINS = {"none": 1.2067091288, "hann": 2.0}


def cyclotron_frequency(mz: npt.ArrayLike, field: float) -> FloatArray:
    """Return the frequency of an ion that circles in a magnetic field alone, f = q B / (2 pi m).

    Parameters
    ----------
    mz : array_like [-]
    field : float [T]

    Returns
    -------
    ndarray, shape of mz [Hz]

    Raises
    ------
    InputError
        If an m/z or the field is not above 0.

    Examples
    --------
    >>> round(float(cyclotron_frequency(1000, 7.0)) / 1e3, 2)
    107.49
    """
    check_positive(field=field)
    return field / (2.0 * math.pi * mass_per_charge(mz))


@settings
class IonCyclotron(Settings):
    """An ion-cyclotron resonance cell: a strong magnetic field, and plates that keep ions from leaving along it.

    The trapping potential also pushes ions outwards and lowers the frequency:
    w = w_c / 2 + sqrt(w_c^2 / 4 - w_z^2 / 2) with w_c = q B / m and w_z^2 = 2 q V alpha / (m a^2) (Marshall et al.
    1998). Where the root becomes imaginary no ion is held: m/q = B^2 a^2 / (4 V alpha).

    Parameters
    ----------
    field_T : float
        Magnetic field [T].
    transient_s : float
        Time over which the ions are heard [s].
    window : str
        ``"hann"`` or ``"none"``.
    cell_mm : float
        Distance a of the trapping plates [mm].
    trapping_kV : float
        Potential V of the plates [kV].
    geometry_factor : float
        alpha [-]; the default 2.774 is that of a cube.

    Examples
    --------
    >>> cell = IonCyclotron(field_T=7)
    >>> round(float(cell.frequency(1000)) / 1e3, 2), round(float(cell.resolving_power(1000)), -2)
    (107.47, 53700.0)
    """

    field_T: float = number(default=7.0, above=0, help="magnetic field")
    transient_s: float = number(default=1.0, above=0, help="time over which the ions are heard")
    window: str = text(default="hann", choices=_BINS, help="window over the transient")
    cell_mm: float = number(default=50.0, above=0, help="distance of the trapping plates")
    trapping_kV: float = number(default=1e-3, minimum=0, help="potential of the trapping plates")
    geometry_factor: float = number(default=2.774, above=0, help="shape of the trapping potential")

    def frequency(self, mz: npt.ArrayLike) -> FloatArray:
        """Return the frequency that is heard [Hz]; nan for ions that are not held."""
        own = 2.0 * math.pi * cyclotron_frequency(mz, to_si("field_T", self.field_T))
        axial2 = 2.0 * self._curvature / mass_per_charge(mz)
        with np.errstate(invalid="ignore"):
            return np.asarray((own / 2.0 + np.sqrt(own**2 / 4.0 - axial2 / 2.0)) / (2.0 * math.pi))

    def resolving_power(self, mz: npt.ArrayLike) -> FloatArray:
        """Return f T / bins [-] by the full width at half maximum: f T / 2 with a Hann window."""
        return np.asarray(self.frequency(mz) * self.transient_s / _BINS[self.window])

    @property
    def mz_range(self) -> tuple[float, float]:
        """Lowest and highest m/z that the cell holds [-]."""
        if self.trapping_kV == 0.0:
            return 0.0, math.inf
        limit = to_si("field_T", self.field_T) ** 2 / (4.0 * self._curvature)
        return 0.0, float(mass_to_charge_number(limit))

    @property
    def _curvature(self) -> float:
        """V alpha / a^2 [V/m2]."""
        return to_si("trapping_kV", self.trapping_kV) * self.geometry_factor / to_si("cell_mm", self.cell_mm) ** 2


@settings
class Orbitrap(Settings):
    """Ions circle a spindle electrode and swing along it, at a frequency that depends on m/z alone.

    The potential is (k/2) (z^2 - r^2/2) + (k/2) Rm^2 ln(r) + const, hence w = sqrt(k q / m); between electrodes whose
    radii at the middle are R1 and R2, k = 2 V / (Rm^2 ln(R2/R1) - (R2^2 - R1^2) / 2) (Makarov 2000).

    Parameters
    ----------
    voltage_kV : float
        Between the electrodes [kV].
    inner_radius_mm, outer_radius_mm : float
        R1 and R2 [mm].
    characteristic_radius_mm : float
        Rm [mm], up to which ions are drawn inwards; circles are stable up to Rm / sqrt(2).
    transient_s : float
        Time over which the ions are heard [s].
    window : str
        ``"hann"`` or ``"none"``.
    highest_mz : float
        That the ion guides before the trap let through [-].

    Examples
    --------
    >>> trap = Orbitrap()
    >>> round(float(trap.frequency(400)) / 1e3), round(float(trap.resolving_power(400)), -3)
    (350, 67000.0)
    """

    voltage_kV: float = number(default=3.5, above=0, help="voltage between the electrodes")
    inner_radius_mm: float = number(default=6.0, above=0, help="of the spindle, at its middle")
    outer_radius_mm: float = number(default=15.0, above=0, help="of the barrel, at its middle")
    characteristic_radius_mm: float = number(default=22.0, above=0, help="radius up to which ions are drawn inwards")
    transient_s: float = number(default=0.768, above=0, help="time over which the ions are heard")
    window: str = text(default="hann", choices=_BINS, help="window over the transient")
    highest_mz: float = number(default=6000.0, above=0, help="highest m/z that comes into the trap")

    def conflicts(self) -> list[str]:
        """Return what does not fit: electrodes out of order, or orbits that would not stay."""
        if self.outer_radius_mm <= self.inner_radius_mm:
            return [
                f"outer_radius_mm = {self.outer_radius_mm:g}: must be above inner_radius_mm = {self.inner_radius_mm:g}"
            ]
        if self.characteristic_radius_mm <= self.outer_radius_mm:
            return [
                f"characteristic_radius_mm = {self.characteristic_radius_mm:g}: must be above outer_radius_mm = "
                f"{self.outer_radius_mm:g}, or ions near the barrel are drawn to it"
            ]
        return []

    @property
    def curvature(self) -> float:
        """Curvature k of the potential along the axis [V/m2]."""
        inner, outer = to_si("inner_radius_mm", self.inner_radius_mm), to_si("outer_radius_mm", self.outer_radius_mm)
        reach = to_si("characteristic_radius_mm", self.characteristic_radius_mm)
        shape = reach**2 * math.log(outer / inner) - 0.5 * (outer**2 - inner**2)
        return 2.0 * to_si("voltage_kV", self.voltage_kV) / shape

    def frequency(self, mz: npt.ArrayLike) -> FloatArray:
        """Return the axial frequency sqrt(k q / m) / (2 pi) [Hz]."""
        return np.asarray(np.sqrt(self.curvature / mass_per_charge(mz)) / (2.0 * math.pi))

    def resolving_power(self, mz: npt.ArrayLike) -> FloatArray:
        """Return f T / (2 bins) [-] by the full width at half maximum: f T / 4 with a Hann window."""
        return np.asarray(self.frequency(mz) * self.transient_s / (2.0 * _BINS[self.window]))

    @property
    def mz_range(self) -> tuple[float, float]:
        """Lowest and highest m/z that the trap is given [-]; guides with radio frequency let 1 : 40 through."""
        return self.highest_mz / 40.0, self.highest_mz
