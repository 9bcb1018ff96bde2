"""Rays at a plane across the beam, and the ion that the axis belongs to."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.arrays import FloatArray
from sepsim.constants import ELEMENTARY_CHARGE_C
from sepsim.settings import Settings, integer, number, settings
from sepsim.units import to_si


@dataclass(frozen=True, slots=True, eq=False)
class Rays:
    """Rays where they cross a plane that stands upright on the axis; all fields take the same shape.

    Parameters
    ----------
    x : array [m]
        Distance from the axis in the bending plane, positive to the left of the flight.
    a : array [rad]
        Angle to the axis, in the bending plane.
    y : array [m]
        Height above the bending plane.
    b : array [rad]
        Elevation of the flight above the bending plane.
    d : array [1]
        Kinetic energy over that of the reference ion, less one.
    g : array [1]
        Mass per charge over that of the reference ion, less one.

    Examples
    --------
    >>> Rays(a=[-1e-3, 1e-3], d=0.01).d
    array([0.01, 0.01])
    """

    x: FloatArray = 0.0  # type: ignore[assignment]  # numbers become arrays below
    a: FloatArray = 0.0  # type: ignore[assignment]
    y: FloatArray = 0.0  # type: ignore[assignment]
    b: FloatArray = 0.0  # type: ignore[assignment]
    d: FloatArray = 0.0  # type: ignore[assignment]
    g: FloatArray = 0.0  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Bring all fields to one shape."""
        names = [field.name for field in dataclasses.fields(self)]
        shaped = np.broadcast_arrays(*(_inexact(getattr(self, name)) for name in names))
        for name, values in zip(names, shaped, strict=True):
            object.__setattr__(self, name, values)

    @property
    def velocity(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Velocity along the axis, to the left and upwards, over the speed of the reference ion."""
        speed = np.sqrt((1.0 + self.d) / (1.0 + self.g))
        level = speed * np.cos(self.b)
        return level * np.cos(self.a), level * np.sin(self.a), speed * np.sin(self.b)

    def at(self, x: FloatArray, y: FloatArray, velocity: tuple[FloatArray, FloatArray, FloatArray]) -> Rays:
        """Return the same ions elsewhere: at x and y [m], with a velocity along, left and up [any unit]."""
        along, left, up = velocity
        a = np.arctan(left / along)
        b = np.arctan(up / np.sqrt(along**2 + left**2))
        return Rays(x=x, a=a, y=y, b=b, d=self.d, g=self.g)

    def mirrored(self) -> Self:
        """Return the rays with left and right exchanged."""
        return dataclasses.replace(self, x=-self.x, a=-self.a)

    def drifted(self, length: float | FloatArray) -> Self:
        """Return the rays where they cross a plane further along the axis, in a space without field.

        x increases by L tan a, y by L tan b/cos a.
        """
        across = length * np.tan(self.a)
        upwards = length * np.tan(self.b) / np.cos(self.a)
        return dataclasses.replace(self, x=self.x + across, y=self.y + upwards)


def _inexact(values: ArrayLike) -> NDArray[Any]:
    array = np.asarray(values)
    return array if np.issubdtype(array.dtype, np.inexact) else array.astype(np.float64)


@settings
class ReferenceIon(Settings):
    """The ion that flies along the axis; fields are set for it. Ions are slow against light.

    Parameters
    ----------
    mass_Da : float
        Mass of the ion [Da].
    charge : int
        Charge in elementary charges.
    voltage_kV : float
        Voltage that has accelerated it [kV].

    Examples
    --------
    >>> ion = ReferenceIon(mass_Da=750 * 2, charge=2, voltage_kV=10)
    >>> round(ion.rigidity, 3)  # T m: the radius at 1 T
    0.394
    """

    mass_Da: float = number(above=0, help="mass of the ion")
    charge: int = integer(default=1, minimum=1, maximum=1_000_000, help="charge in elementary charges")
    voltage_kV: float = number(default=8.0, above=0, help="voltage that has accelerated it")

    @property
    def energy(self) -> float:
        """Kinetic energy [J]."""
        return self.charge * ELEMENTARY_CHARGE_C * self.voltage

    @property
    def speed(self) -> float:
        """Speed v = sqrt(2 K/m) [m/s]."""
        return math.sqrt(2.0 * self.energy / to_si("mass_Da", self.mass_Da))

    @property
    def rigidity(self) -> float:
        """Magnetic field times the radius it bends to, m v/q [T m]."""
        return math.sqrt(2.0 * to_si("mass_Da", self.mass_Da) * self.energy) / (self.charge * ELEMENTARY_CHARGE_C)

    @property
    def voltage(self) -> float:
        """Energy per charge K/q [V]; an electric field of twice this over a radius bends to that radius."""
        return to_si("voltage_kV", self.voltage_kV)
