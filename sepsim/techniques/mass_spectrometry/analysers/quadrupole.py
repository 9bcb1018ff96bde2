"""Quadrupole mass filter: between four rods, direct and radio-frequency voltage let ions of one m/z through.

With U - V cos(W t) between the rod pairs, x'' + (a - 2 q cos 2 xi) x = 0 with xi = W t / 2,
a = 8 U / ((m/q) r0^2 W^2), q = 4 V / ((m/q) r0^2 W^2), and the same with -a, -q for y. Motion is bounded where the
matrix of one period has a trace between -2 and 2, for both. Ions of different m/z lie on the line a / q = 2 U / V; near
the apex of the region it crosses a short stable piece. An ion that spends few cycles in the field is not thrown out
although its motion is unbounded: the resolving power cannot exceed about N^2 / K.

Assumptions: ideal hyperbolic field that begins and ends abruptly; ions are lost at |x| or |y| = r0; no space charge,
no gas.

Sources: Paul, Reinhard and von Zahn 1958; Mathieu's equation: McLachlan 1947.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.settings import Settings, number, settings
from sepsim.techniques.mass_spectrometry.analysers.mass_to_charge import mass_per_charge, mass_to_charge_number
from sepsim.techniques.mass_spectrometry.analysers.mathieu import apex, phase_matrices, stable_interval
from sepsim.units import to_si

_PHASES = 40  # instants of a cycle at which ions enter and are watched


def mathieu_parameters(
    mz: npt.ArrayLike, dc: float, rf: float, radius: float, frequency: float
) -> tuple[FloatArray, FloatArray]:
    """Return a = 8 U / ((m/q) r0^2 W^2) and q = 4 V / ((m/q) r0^2 W^2).

    Parameters
    ----------
    mz : array_like [-]
    dc, rf : float [V]
        U and the amplitude V between the pairs of rods.
    radius : float [m]
        r0, from the axis to a rod.
    frequency : float [Hz]

    Returns
    -------
    a, q : ndarray, shape of mz [-]

    Examples
    --------
    >>> a, q = mathieu_parameters(100, 50.0, 300.0, 4e-3, 1e6)
    >>> round(float(a), 5), round(float(q), 5)
    (0.611, 1.833)
    """
    scale = mass_per_charge(mz) * (2.0 * math.pi * frequency * radius) ** 2
    return np.asarray(8.0 * dc / scale), np.asarray(4.0 * rf / scale)


@settings
class QuadrupoleFilter(Settings):
    """Four rods of hyperbolic section with a direct and a radio-frequency voltage.

    Parameters
    ----------
    radius_mm : float
        From the axis to a rod [mm].
    length_mm : float
        Of the rods [mm].
    frequency_per_s : float
        Of the alternating voltage [1/s].
    dc_share : float
        U / V over that of the apex [-]: 0 lets all through above a lowest m/z, close to 1 separates best; at 1 and
        above nothing is stable, and only the shortness of the stay lets ions through.
    axial_energy_eV : float
        Energy along the axis per elementary charge [eV], which sets how many cycles an ion spends.
    highest_rf_kV : float
        Largest amplitude V [kV], which sets the highest m/z.
    entrance_mm : float
        Radius of the beam at the entrance [mm].
    half_angle_mrad : float
        Half angle of the beam [mrad].

    Examples
    --------
    >>> rods = QuadrupoleFilter(dc_share=0.999)
    >>> round(float(rods.line_resolving_power)), round(float(rods.cycles(500)), 1)
    (753, 101.8)
    >>> dc, rf = rods.voltages(500)
    >>> a, q = mathieu_parameters(500, dc, rf, 4e-3, 1e6)
    >>> round(float(a / q), 4)
    0.3354
    """

    radius_mm: float = number(default=4.0, above=0, help="from the axis to a rod")
    length_mm: float = number(default=200.0, above=0, help="length of the rods")
    frequency_per_s: float = number(default=1e6, above=0, help="frequency of the alternating voltage")
    dc_share: float = number(default=0.99, minimum=0, maximum=1.05, help="U/V over that of the apex")
    axial_energy_eV: float = number(default=10.0, above=0, help="energy along the axis per elementary charge")
    highest_rf_kV: float = number(default=5.0, above=0, help="largest amplitude of the alternating voltage")
    entrance_mm: float = number(default=0.5, above=0, help="radius of the beam at the entrance")
    half_angle_mrad: float = number(default=5.0, minimum=0, maximum=500, help="half angle of the beam")

    def conflicts(self) -> list[str]:
        """Return what does not fit: a beam wider than the space between the rods."""
        if self.entrance_mm < self.radius_mm:
            return []
        return [
            f"entrance_mm = {self.entrance_mm:g}: must be below radius_mm = {self.radius_mm:g}, or the beam hits the "
            "rods at once"
        ]

    @property
    def ratio(self) -> float:
        """Slope a / q = 2 U / V of the line on which all ions lie [-]."""
        a, q = apex()
        return self.dc_share * a / q

    @property
    def centre(self) -> float:
        """Parameter q of the chosen m/z [-]: the middle of the stable piece, or the apex where there is none."""
        return sum(stable_interval(self.ratio)) / 2.0 if self.dc_share < 1.0 else apex()[1]

    @property
    def line_resolving_power(self) -> float:
        """Resolving power m / dm of the stable piece [-], for ions that stay forever; infinite from the apex on."""
        if self.dc_share >= 1.0:
            return math.inf
        lowest, highest = stable_interval(self.ratio)
        return math.inf if highest <= lowest else lowest * highest / (self.centre * (highest - lowest))

    def voltages(self, mz: float) -> tuple[float, float]:
        """Return the direct voltage U and the amplitude V that hold an m/z in the middle of its peak [V].

        Parameters
        ----------
        mz : float [-]

        Returns
        -------
        dc, rf : float [V]
        """
        rf = 0.25 * self.centre * float(self._scale(mz))
        return 0.5 * self.ratio * rf, rf

    def cycles(self, mz: npt.ArrayLike) -> FloatArray:
        """Return how many cycles of the field ions spend between the rods [-]."""
        speed = np.sqrt(2.0 * self.axial_energy_eV / mass_per_charge(mz))
        return np.asarray(self.frequency_per_s * to_si("length_mm", self.length_mm) / speed)

    def resolving_power(self, mz: npt.ArrayLike, cycle_constant: float = 12.25) -> FloatArray:
        """Return the smaller of what the voltages and what the number of cycles allow, N^2 / K.

        Parameters
        ----------
        mz : array_like [-]
        cycle_constant : float [-]
            K; 12.25 is Paul's N = 3.5 sqrt(R), 20 a cautious figure. Ions traced at the apex give about 6 by the full
            width at half maximum and above 20 by that at 5 % of the height.

        Returns
        -------
        ndarray, shape of mz [-]
        """
        return np.asarray(np.minimum(self.line_resolving_power, self.cycles(mz) ** 2 / cycle_constant))

    @property
    def mz_range(self) -> tuple[float, float]:
        """Lowest and highest m/z that the filter can hold in the middle of its peak [-]."""
        scale = 4.0 * to_si("highest_rf_kV", self.highest_rf_kV) / (self.centre * self._angular_reach**2)
        return 0.0, float(mass_to_charge_number(scale))

    def transmission(
        self, mz: npt.ArrayLike, held: float, *, rng: np.random.Generator, ions_per_phase: int = 5
    ) -> FloatArray:
        """Return the share of ions that pass while the filter holds one m/z, by tracing them through their cycles.

        Ions start evenly over the entrance and the cone of the beam, at all phases of the field.

        Parameters
        ----------
        mz : array_like, shape (n,) [-]
            Of the ions.
        held : float [-]
            m/z that the voltages are set on.
        rng : numpy.random.Generator
            For the starts.
        ions_per_phase : int
            Ions at each of 40 phases; the error of a share p is sqrt(p (1 - p) / (40 ions_per_phase)).

        Returns
        -------
        ndarray, shape (n,) [-]

        Examples
        --------
        >>> rods = QuadrupoleFilter(dc_share=0.8)
        >>> rods.transmission([50, 100, 150], 100, rng=np.random.default_rng(1)).round(1).tolist()
        [0.0, 1.0, 0.0]
        """
        ions = np.atleast_1d(np.asarray(mz, dtype=np.float64))
        a, q = mathieu_parameters(ions, *self.voltages(held), self.radius, self.frequency_per_s)
        last = np.rint(self.cycles(ions) * _PHASES).astype(int)
        lanes = (ions.size, _PHASES, ions_per_phase)
        x, dx, y, dy = self._starts(ions, lanes, rng)
        matrices_x, matrices_y = phase_matrices(a, q, _PHASES), phase_matrices(-a, -q, _PHASES)
        alive = np.ones(lanes, dtype=bool)
        phases = np.arange(_PHASES)
        for step in range(int(last.max(initial=0))):
            now = (phases + step) % _PHASES
            x, dx = _moved(matrices_x[:, now], x, dx)
            y, dy = _moved(matrices_y[:, now], y, dy)
            inside = (np.abs(x) < 1.0) & (np.abs(y) < 1.0)
            alive &= inside | (step >= last)[:, None, None]
            x, y = np.where(inside, x, 0.0), np.where(inside, y, 0.0)
            dx, dy = np.where(inside, dx, 0.0), np.where(inside, dy, 0.0)
        return np.asarray(alive.mean(axis=(1, 2)))

    @property
    def radius(self) -> float:
        """From the axis to a rod [m]."""
        return to_si("radius_mm", self.radius_mm)

    @property
    def _angular_reach(self) -> float:
        return 2.0 * math.pi * self.frequency_per_s * self.radius

    def _scale(self, mz: npt.ArrayLike) -> FloatArray:
        """Return (m/q) r0^2 W^2 [V]."""
        return mass_per_charge(mz) * self._angular_reach**2

    def _starts(
        self, ions: FloatArray, lanes: tuple[int, int, int], rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return x, dx/dxi, y, dy/dxi over r0: evenly over a disc and over a cone."""
        radius, turn, tilt, towards = rng.random((4, *lanes))
        offset = self.entrance_mm / self.radius_mm * np.sqrt(radius)
        speed = np.sqrt(2.0 * self.axial_energy_eV / mass_per_charge(ions)) / (0.5 * self._angular_reach)
        slope = np.tan(to_si("half_angle_mrad", self.half_angle_mrad) * np.sqrt(tilt)) * speed[:, None, None]
        turn, towards = 2.0 * math.pi * turn, 2.0 * math.pi * towards
        return offset * np.cos(turn), slope * np.cos(towards), offset * np.sin(turn), slope * np.sin(towards)


def _moved(matrices: FloatArray, x: FloatArray, dx: FloatArray) -> tuple[FloatArray, FloatArray]:
    m = matrices[..., None, :, :]
    return m[..., 0, 0] * x + m[..., 0, 1] * dx, m[..., 1, 0] * x + m[..., 1, 1] * dx
