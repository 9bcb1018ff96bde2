"""Where a sector lies in the frame of its entrance, and how its field fades at its ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.mass_spectrometry.optics.fringe import Fringe


@dataclass(frozen=True, slots=True)
class SectorFrame:
    """A sector about its centre, with straight edges that may be tilted.

    Parameters
    ----------
    radius : float [m]
    angle : float [rad]
    sense : int
        +1 bends to the right, -1 to the left.
    entrance_edge, exit_edge : float [rad]
        Tilt of the edges; positive where outer rays stay shorter in the field.

    Examples
    --------
    >>> r, theta, y = SectorFrame(1.0, 1.5, 1).polar(np.array([0.5, 0.0, 0.1]))
    >>> float(r.round(4)), float(theta.round(4)), float(y)
    (1.118, 0.4636, 0.1)
    """

    radius: float
    angle: float
    sense: int
    entrance_edge: float = 0.0
    exit_edge: float = 0.0

    def polar(self, position: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the distance from the centre [m], the angle from the entrance [rad] and the height [m].

        The angle runs half a turn to both sides of the middle of the sector.
        """
        s, outward = position[..., 0], self.sense * position[..., 1] + self.radius
        middle = 0.5 * self.angle
        turned = np.arctan2(s, outward) - middle
        theta = middle + np.remainder(turned + math.pi, 2.0 * math.pi) - math.pi
        return np.hypot(s, outward), theta, position[..., 2]

    def cartesian(self, theta: FloatArray, outward: FloatArray, up: FloatArray) -> FloatArray:
        """Return vectors (..., 3) in the entrance's frame, from their parts along r and y at an angle."""
        return np.stack([outward * np.sin(theta), self.sense * outward * np.cos(theta), up], axis=-1)

    def fringe(self, position: FloatArray, fringe: Fringe) -> tuple[FloatArray, FloatArray]:
        """Return the share of the inner field at positions, by the nearer edge, and its gradient (..., 3) [1/m]."""
        _, theta, _ = self.polar(position)
        entrance = theta < 0.5 * self.angle
        plane = position * np.array([1.0, self.sense, 0.0])
        corner = self.radius * np.array([math.sin(self.angle), math.cos(self.angle) - 1.0, 0.0])
        inlet = np.array([-math.cos(self.entrance_edge), math.sin(self.entrance_edge), 0.0])
        leaving = self.angle - self.exit_edge
        outlet = np.array([math.cos(leaving), -math.sin(leaving), 0.0])
        outside = np.where(entrance, plane @ inlet, (plane - corner) @ outlet)
        normal = np.where(entrance[..., None], inlet, outlet) * np.array([1.0, self.sense, 0.0])
        return fringe.share(outside), fringe.slope(outside)[..., None] * normal
