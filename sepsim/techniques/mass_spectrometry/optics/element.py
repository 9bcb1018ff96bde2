"""What an element is, and the two without a field: the drift and the slit."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.settings import Settings, number, settings
from sepsim.techniques.mass_spectrometry.optics.fringe import Fringe, HardEdge
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.transfer_map import TransferMap
from sepsim.units import from_si, to_si

HARD_EDGE = HardEdge()
_NARROWEST_UM = 1.0


class Element(Protocol):
    """A stretch of the axis. Its own frame starts at its entrance: s along the flight, x to the left, y upwards."""

    @property
    def transfer(self) -> TransferMap:
        """Coefficients between the planes that stand upright on the axis at its ends."""

    def trace(self, rays: Rays) -> Rays:
        """Return rays at the exit plane by the exact map; nan for those that never get there."""

    def field(
        self, position: FloatArray, ion: ReferenceIon, fringe: Fringe = HARD_EDGE
    ) -> tuple[FloatArray, FloatArray]:
        """Return the electric [V/m] and the magnetic field [T] at positions (..., 3) of s, x, y [m]."""

    def axis(self, shares: FloatArray) -> FloatArray:
        """Return the axis (n, 3) after shares of the element: s [m], x [m], heading to the left [rad]."""


@settings
class Drift(Settings):
    """A space without field. x grows by L tan a.

    Parameters
    ----------
    length_mm : float
        Length along the axis [mm].

    Examples
    --------
    >>> float(Drift(length_mm=500).transfer.coefficient("x|a"))  # m
    0.5
    """

    length_mm: float = number(minimum=0, help="length along the axis")

    @property
    def length(self) -> float:
        """Length along the axis [m]."""
        return to_si("length_mm", self.length_mm)

    @property
    def transfer(self) -> TransferMap:
        """Coefficients between its ends."""
        return TransferMap.drift(self.length)

    def trace(self, rays: Rays) -> Rays:
        """Return rays at the exit plane by the exact map."""
        return rays.drifted(self.length)

    def field(
        self, position: FloatArray, ion: ReferenceIon, fringe: Fringe = HARD_EDGE
    ) -> tuple[FloatArray, FloatArray]:
        """Return no field at positions (..., 3)."""
        return np.zeros_like(position), np.zeros_like(position)

    def axis(self, shares: FloatArray) -> FloatArray:
        """Return the axis (n, 3) after shares of the length: s, x [m], heading [rad]."""
        return straight_axis(self.length, shares)


@settings
class Slit(Settings):
    """Two jaws at equal distance from the axis; rays that hit them end there.

    Parameters
    ----------
    width_mm : float
        Distance between the jaws [mm]; at least 1 um, a limit of workmanship.

    Examples
    --------
    >>> Slit(width_mm=0.2).trace(Rays(x=[0.0, 2e-4])).x
    array([ 0., nan])
    """

    width_mm: float = number(above=0, help="distance between the jaws")

    @property
    def width(self) -> float:
        """Distance between the jaws [m]."""
        return to_si("width_mm", self.width_mm)

    def conflicts(self) -> list[str]:
        """Return whether the slit is too narrow to be made."""
        return narrow_slit("width_mm", self.width_mm)

    @property
    def transfer(self) -> TransferMap:
        """Coefficients: a slit changes nothing."""
        return TransferMap.drift(0.0)

    def passes(self, rays: Rays) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Return which rays pass."""
        return np.asarray(np.abs(rays.x) <= 0.5 * self.width)

    def trace(self, rays: Rays) -> Rays:
        """Return the rays, those that hit the jaws as nan."""
        passes = self.passes(rays)
        x, a, y, b = (np.where(passes, values, np.nan) for values in (rays.x, rays.a, rays.y, rays.b))
        return Rays(x=x, a=a, y=y, b=b, d=rays.d, g=rays.g)

    def field(
        self, position: FloatArray, ion: ReferenceIon, fringe: Fringe = HARD_EDGE
    ) -> tuple[FloatArray, FloatArray]:
        """Return no field at positions (..., 3)."""
        return np.zeros_like(position), np.zeros_like(position)

    def axis(self, shares: FloatArray) -> FloatArray:
        """Return the axis (n, 3), all at one place: s, x [m], heading [rad]."""
        return straight_axis(0.0, shares)


def narrow_slit(key: str, value: float) -> list[str]:
    """Return what is wrong with a slit narrower than 1 um.

    The waves of ions of kiloelectronvolts are far shorter, so that diffraction sets no such limit; but no jaws are
    that straight and parallel.

    Parameters
    ----------
    key : str
        Of the width, with its unit.
    value : float
        The width [unit of the key].

    Returns
    -------
    list of str

    Examples
    --------
    >>> narrow_slit("slit_um", 1.0), len(narrow_slit("slit_um", 0.1))
    ([], 1)
    """
    least = from_si(key, to_si("slit_um", _NARROWEST_UM))
    if value >= least * (1.0 - 1e-12):
        return []
    return [f"{key} = {value:g}: must be at least {least:g}; no jaws are straight and parallel to below 1 um"]


def straight_axis(length: float, shares: FloatArray) -> FloatArray:
    """Return a straight axis after shares of its length.

    Parameters
    ----------
    length : float [m]
    shares : array (n,) [1]

    Returns
    -------
    array (n, 3)
        s [m], x [m], heading [rad].

    Examples
    --------
    >>> straight_axis(2.0, np.array([0.5]))
    array([[1., 0., 0.]])
    """
    return np.stack([length * shares, np.zeros_like(shares), np.zeros_like(shares)], axis=-1)


def curved_axis(radius: float, angle: float, sense: int, shares: FloatArray) -> FloatArray:
    """Return an axis that is an arc, after shares of its length.

    Parameters
    ----------
    radius : float [m]
    angle : float [rad]
    sense : int
        +1 bends to the right, -1 to the left.
    shares : array (n,) [1]

    Returns
    -------
    array (n, 3)
        s [m], x [m], heading [rad].

    Examples
    --------
    >>> curved_axis(1.0, np.pi / 2, 1, np.array([1.0])).round(3)
    array([[ 1.   , -1.   , -1.571]])
    """
    turned = angle * shares
    x = -sense * radius * (1.0 - np.cos(turned))
    return np.stack([radius * np.sin(turned), x, -sense * turned], axis=-1)
