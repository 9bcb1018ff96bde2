"""Time of flight: ions of equal energy per charge race, and the light ones win.

Through a drift of length L an ion accelerated by V takes t = L sqrt(m / (2 q V)); m goes as t^2, so that the mass
resolving power is t / (2 dt). What spoils it is where and how fast ions start: a linear instrument focuses the place of
the start (Wiley and McLaren), a mirror focuses the energy (Mamyrin and co-workers), because the faster ion goes deeper.

Assumptions: fields are uniform between ideal grids, motion along the axis alone, no collisions, no space charge, speeds
far below that of light.

Sources: Wiley and McLaren 1955, Mamyrin et al. 1973; every time is exact for these fields, and every focusing
condition is derived from it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.settings import Settings, number, settings
from sepsim.techniques.mass_spectrometry.analysers.mass_to_charge import check_positive, mass_per_charge
from sepsim.units import to_si

_SAMPLES = 101  # start places or energies that span a width


def flight_time(mz: npt.ArrayLike, length: float, voltage: float) -> FloatArray:
    """Return the time through a field-free length, t = L sqrt(m / (2 q V)).

    Parameters
    ----------
    mz : array_like [-]
    length : float [m]
    voltage : float [V]
        That accelerated the ions from rest.

    Returns
    -------
    ndarray, shape of mz [s]

    Raises
    ------
    InputError
        If an m/z, the length or the voltage is not above 0.

    Examples
    --------
    >>> round(1e6 * float(flight_time(1000, 1.0, 20e3)), 2)
    16.1
    """
    check_positive(length=length, voltage=voltage)
    return length * np.sqrt(mass_per_charge(mz) / (2.0 * voltage))


class _Flight(Settings, ABC):
    """What all times of flight share: how times become resolving power, and the m/z that come before the next start."""

    __slots__ = ()
    pulse_interval_s: float

    @abstractmethod
    def time(self, mz: npt.ArrayLike) -> FloatArray:
        """Return the time of flight [s]."""

    @abstractmethod
    def time_width(self, mz: npt.ArrayLike) -> FloatArray:
        """Return the width of the arrival times [s]."""

    def resolving_power(self, mz: npt.ArrayLike) -> FloatArray:
        """Return t / (2 dt) [-] by the full width at half maximum; infinite without any spread."""
        with np.errstate(divide="ignore"):
            return np.asarray(self.time(mz) / (2.0 * self.time_width(mz)))

    @property
    def mz_range(self) -> tuple[float, float]:
        """Lowest and highest m/z that arrive before the next start [-]."""
        return 0.0, (self.pulse_interval_s / float(self.time(1.0))) ** 2


class _Reflectron(_Flight):
    """What mirrors share: the spread of the energies as the cause of the width."""

    __slots__ = ()
    energy_spread_percent: float
    response_s: float

    @abstractmethod
    def time(self, mz: npt.ArrayLike, energy: npt.ArrayLike = 1.0) -> FloatArray:
        """Return the time of flight at a share of the energy [s]."""

    def time_width(self, mz: npt.ArrayLike) -> FloatArray:
        """Return the width of the arrival times [s]: range over the width of the energies, and detector."""
        spread = to_si("energy_spread_percent", self.energy_spread_percent)
        energies = 1.0 + spread * np.linspace(-0.5, 0.5, _SAMPLES)
        times = self.time(np.asarray(mz, dtype=np.float64)[..., None], energies)
        return np.asarray(np.hypot(np.ptp(times, axis=-1), self.response_s))


@settings
class LinearTimeOfFlight(_Flight):
    """A straight time-of-flight analyser: source gap, optional second acceleration gap, drift, detector.

    Ions start at rest in the middle of their cloud, `source_mm` before the grid. Those nearer to the grid get less
    energy but start with a lead; the others overtake them at the space focus,
    D = 2 s k^(3/2) (1 - d / (s (k + sqrt(k)))) with k = V / V_s (Wiley and McLaren 1955). Ions that start backwards
    turn round and arrive late by 2 v / acceleration, which no drift mends.

    Parameters
    ----------
    source_mm : float
        From the middle of the cloud to the grid [mm]; 0: ions appear at the grid with their full energy.
    source_kV : float
        Voltage over `source_mm` [kV].
    acceleration_mm, acceleration_kV : float
        Length and voltage of a second gap [mm], [kV].
    length_mm : float
        Of the field-free drift [mm].
    position_spread_mm : float
        Full width of the cloud along the axis [mm], at half maximum.
    energy_spread_eV : float
        Kinetic energy along the axis, per elementary charge, that half of the width of the start velocities has [eV].
    response_s : float
        Width of the pulse that the detector gives for one ion [s].
    pulse_interval_s : float
        Time between two starts [s]: slower ions are counted among the next.

    Raises
    ------
    InputError
        If the cloud is wider than the source gap allows, or a gap has a length without a voltage.

    Examples
    --------
    >>> ideal = LinearTimeOfFlight(source_mm=0, source_kV=20, length_mm=1000, position_spread_mm=0)
    >>> round(1e6 * float(ideal.time(1000)), 2)
    16.1
    >>> gap = LinearTimeOfFlight(source_mm=5, source_kV=20)
    >>> round(gap.space_focus, 6)
    0.01
    """

    source_mm: float = number(default=5.0, minimum=0, help="from the middle of the cloud to the grid")
    source_kV: float = number(default=20.0, above=0, help="voltage over the source gap")
    acceleration_mm: float = number(default=0.0, minimum=0, help="length of a second gap")
    acceleration_kV: float = number(default=0.0, minimum=0, help="voltage over the second gap")
    length_mm: float = number(default=1000.0, above=0, help="field-free drift")
    position_spread_mm: float = number(default=0.1, minimum=0, help="full width of the cloud along the axis")
    energy_spread_eV: float = number(default=0.0, minimum=0, help="energy of the start velocities along the axis")
    response_s: float = number(default=1e-9, minimum=0, help="width of the pulse of the detector")
    pulse_interval_s: float = number(default=1e-4, above=0, help="time between two starts")

    def conflicts(self) -> list[str]:
        """Return what does not fit: a cloud beyond the grid, a gap without a field."""
        problems = []
        if 0.0 < self.position_spread_mm >= 2.0 * self.source_mm:
            problems.append(
                f"position_spread_mm = {self.position_spread_mm:g}: must be below 2 x source_mm = "
                f"{2 * self.source_mm:g}, or part of the cloud would start on the grid or behind it"
            )
        if self.acceleration_mm > 0 and self.acceleration_kV == 0:
            problems.append(
                f"acceleration_mm = {self.acceleration_mm:g}: the second gap has no acceleration_kV; a gap without a "
                "field belongs to length_mm"
            )
        return problems

    @property
    def space_focus(self) -> float:
        """Drift after which ions from different places meet [m], to first order; if negative, there is none."""
        source, second = to_si("source_mm", self.source_mm), to_si("acceleration_mm", self.acceleration_mm)
        k = (self.source_kV + self.acceleration_kV) / self.source_kV
        return 2.0 * k * math.sqrt(k) * (source - second / (k + math.sqrt(k)))

    def time(self, mz: npt.ArrayLike, position: npt.ArrayLike = 0.0, velocity: npt.ArrayLike = 0.0) -> FloatArray:
        """Return the time from the start to the detector; exact.

        Parameters
        ----------
        mz : array_like [-]
        position : array_like [m]
            Where the ion starts, ahead of the middle of the cloud.
        velocity : array_like [m/s]
            Along the axis; negative: away from the detector.

        Returns
        -------
        ndarray, broadcast shape [s]
        """
        specific = 1.0 / mass_per_charge(mz)
        start = np.asarray(velocity, dtype=np.float64)
        source = to_si("source_mm", self.source_mm)
        volts = to_si("source_kV", self.source_kV)
        share = (source - np.asarray(position, dtype=np.float64)) / source if source else np.float64(1.0)
        after_source = np.sqrt(start**2 + 2.0 * specific * volts * share)
        total = np.zeros(np.broadcast_shapes(np.shape(specific), np.shape(after_source)))
        if source:
            total = total + (after_source - start) * source / (specific * volts)
        final = np.sqrt(after_source**2 + 2.0 * specific * to_si("acceleration_kV", self.acceleration_kV))
        total = total + 2.0 * to_si("acceleration_mm", self.acceleration_mm) / (after_source + final)
        return np.asarray(total + to_si("length_mm", self.length_mm) / final)

    def time_width(self, mz: npt.ArrayLike) -> FloatArray:
        """Return the width of the arrival times [s]: that of the cloud, turn-round and detector, in quadrature.

        Each of the first two is the whole range of times over its full width.
        """
        ions = np.asarray(mz, dtype=np.float64)[..., None]
        places = np.linspace(-0.5, 0.5, _SAMPLES) * to_si("position_spread_mm", self.position_spread_mm)
        speed = np.sqrt(2.0 * self.energy_spread_eV / mass_per_charge(ions))
        starts = np.linspace(-1.0, 1.0, _SAMPLES) * speed
        cloud = np.ptp(self.time(ions, places), axis=-1)
        turn_round = np.ptp(self.time(ions, velocity=starts), axis=-1)
        return np.asarray(np.sqrt(cloud**2 + turn_round**2 + self.response_s**2))


@settings
class SingleStageReflectron(_Reflectron):
    """A time-of-flight analyser with a uniform mirror field, which focuses the energy to first order.

    An ion of the relative energy k goes `depth` k deep: t = L / v + 4 depth k / v with v = sqrt(k) v0. The
    derivative by k vanishes at L = 4 depth.

    Parameters
    ----------
    length_mm : float
        Field-free way, to the mirror and back [mm].
    depth_mm : float, optional
        How deep ions of the nominal energy go [mm]; left out: a quarter of `length_mm`, which focuses the energy.
    voltage_kV : float
        That accelerated the ions [kV].
    energy_spread_percent : float
        Full width of the energies over the nominal one [%], at half maximum.
    response_s, pulse_interval_s : float
        As for `LinearTimeOfFlight` [s].

    Examples
    --------
    >>> mirror = SingleStageReflectron(length_mm=1000, voltage_kV=20)
    >>> mirror.depth, [round(1e6 * float(mirror.time(1000, k)), 3) for k in (0.98, 1, 1.02)]
    (0.25, [32.195, 32.194, 32.195])
    """

    length_mm: float = number(default=1000.0, above=0, help="field-free way, to the mirror and back")
    depth_mm: float | None = number(default=None, above=0, help="how deep ions go; left out: focuses the energy")
    voltage_kV: float = number(default=20.0, above=0, help="voltage that accelerated the ions")
    energy_spread_percent: float = number(default=1.0, minimum=0, maximum=50, help="full width of the energies")
    response_s: float = number(default=1e-9, minimum=0, help="width of the pulse of the detector")
    pulse_interval_s: float = number(default=1e-4, above=0, help="time between two starts")

    @property
    def depth(self) -> float:
        """How deep ions of the nominal energy go [m]."""
        return to_si("length_mm", self.length_mm) / 4.0 if self.depth_mm is None else to_si("depth_mm", self.depth_mm)

    def time(self, mz: npt.ArrayLike, energy: npt.ArrayLike = 1.0) -> FloatArray:
        """Return the flight time; exact.

        Parameters
        ----------
        mz : array_like [-]
        energy : array_like [-]
            Over the nominal energy.

        Returns
        -------
        ndarray, broadcast shape [s]
        """
        root = np.sqrt(np.asarray(energy, dtype=np.float64))
        path = to_si("length_mm", self.length_mm) / root + 4.0 * self.depth * root
        return np.asarray(flight_time(mz, 1.0, to_si("voltage_kV", self.voltage_kV)) * path)


@settings
class TwoStageReflectron(_Reflectron):
    """A time-of-flight analyser whose mirror has two uniform fields: it focuses the energy to second order.

    With the first stage of length d1 taking the share u of the energy, and p the depth in the second,
    t = [L / sqrt(k) + (4 d1 / u) (sqrt(k) - sqrt(k - u)) + 4 p sqrt(k - u) / (1 - u)] / v0. First and second
    derivative by k vanish at u = (2/3) (1 + 2 d1 / L) and
    p = (1 - u) [d1 / u + (1 - u)^(3/2) (3 L / 4 - d1 / u)] (Mamyrin et al. 1973; derived from t here).

    Parameters
    ----------
    length_mm : float
        Field-free way, to the mirror and back [mm].
    first_stage_mm : float
        Length of the first, strong field [mm]; below a quarter of `length_mm`.
    voltage_kV, energy_spread_percent, response_s, pulse_interval_s : float
        As for `SingleStageReflectron` [kV], [%], [s], [s].

    Raises
    ------
    InputError
        If the first stage is so long that nothing is left for the second.

    Examples
    --------
    >>> mirror = TwoStageReflectron(length_mm=1000, first_stage_mm=50)
    >>> round(mirror.first_stage_share, 4), round(mirror.depth, 5)
    (0.7333, 0.04322)
    >>> [round(1e9 * float(mirror.time(1000, k) - mirror.time(1000)), 2) for k in (0.98, 1.02)]
    [-0.05, 0.04]
    """

    length_mm: float = number(default=1000.0, above=0, help="field-free way, to the mirror and back")
    first_stage_mm: float = number(default=50.0, above=0, help="length of the first, strong field")
    voltage_kV: float = number(default=20.0, above=0, help="voltage that accelerated the ions")
    energy_spread_percent: float = number(default=1.0, minimum=0, maximum=50, help="full width of the energies")
    response_s: float = number(default=1e-9, minimum=0, help="width of the pulse of the detector")
    pulse_interval_s: float = number(default=1e-4, above=0, help="time between two starts")

    def conflicts(self) -> list[str]:
        """Return what does not fit: a first stage that would have to take all of the energy."""
        if self.first_stage_mm < self.length_mm / 4.0:
            return []
        return [
            f"first_stage_mm = {self.first_stage_mm:g}: must be below length_mm / 4 = {self.length_mm / 4:g}, or no "
            "energy is left for the second stage; there a single stage focuses"
        ]

    @property
    def first_stage_share(self) -> float:
        """Share of the nominal energy that the first stage takes [-]."""
        return 2.0 / 3.0 * (1.0 + 2.0 * self.first_stage_mm / self.length_mm)

    @property
    def depth(self) -> float:
        """How deep ions of the nominal energy go into the second stage [m]."""
        length, share = to_si("length_mm", self.length_mm), self.first_stage_share
        slope = to_si("first_stage_mm", self.first_stage_mm) / share
        left = 1.0 - share
        return left * (slope + left * math.sqrt(left) * (0.75 * length - slope))

    def time(self, mz: npt.ArrayLike, energy: npt.ArrayLike = 1.0) -> FloatArray:
        """Return the flight time; exact, also for ions that turn in the first stage.

        Parameters
        ----------
        mz : array_like [-]
        energy : array_like [-]
            Over the nominal energy.

        Returns
        -------
        ndarray, broadcast shape [s]
        """
        k, share = np.asarray(energy, dtype=np.float64), self.first_stage_share
        left = np.sqrt(np.maximum(k - share, 0.0))
        path = to_si("length_mm", self.length_mm) / np.sqrt(k)
        path = path + 4.0 * to_si("first_stage_mm", self.first_stage_mm) / share * (np.sqrt(k) - left)
        path = path + 4.0 * self.depth * left / (1.0 - share)
        return np.asarray(flight_time(mz, 1.0, to_si("voltage_kV", self.voltage_kV)) * path)
