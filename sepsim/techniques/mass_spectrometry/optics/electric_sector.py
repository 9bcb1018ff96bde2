"""The electric sector: two bent plates that sort ions by energy over charge, whatever their mass."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.settings import Settings, integer, number, settings
from sepsim.techniques.mass_spectrometry.optics.element import HARD_EDGE, curved_axis
from sepsim.techniques.mass_spectrometry.optics.fringe import Fringe
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.sector_frame import SectorFrame
from sepsim.techniques.mass_spectrometry.optics.sector_integrals import harmonic, integrated, product, quadrature
from sepsim.techniques.mass_spectrometry.optics.toroidal_potential import potential, potential_gradient
from sepsim.techniques.mass_spectrometry.optics.transfer_map import TransferMap
from sepsim.units import to_si

_D = np.array([0.0, 0.0, 1.0, 0.0])  # the row of d among x, a, d, g


@settings
class ElectricSector(Settings):
    """A cylindrical, toroidal or spherical condenser on whose middle surface the reference ion flies a circle.

    The field on the middle plane is E = (2 K/(q r_e)) (r_e/r)^(1+c): c = 0 is the cylinder, c = 1 the sphere; in
    between the surfaces of equal potential have the vertical radius r/c, a torus near the axis. An ion at r has crossed
    the potential U(r) of the plates when it enters; the impulse stands upright on the boundary, so its radial velocity
    stays and the velocity along the axis changes, and the reverse happens at the exit. The field ends sharply.

    First order, in units of r_e, with k^2 = 2 - c: (x|x) = (a|a) = cos k phi, (x|a) = sin(k phi)/k,
    (a|x) = -k sin k phi, (x|d) = (1 - cos k phi)/k^2, (a|d) = sin(k phi)/k, (x|g) = (a|g) = 0; y and b with k^2 = c.
    The map is exact: the equation of motion, which has no closed solution for c = 0 and for toroids, is integrated to
    rounding. Valid for slow ions and |y| < 0.4 r. Sources: Herzog 1934 (first order), Wollnik 1987.

    Parameters
    ----------
    radius_mm : float
        Radius of the axis [mm].
    angle_deg : float
        Angle of deflection [deg].
    toroid : float
        c, the radius of the axis over the vertical radius of the middle surface.
    gap_mm : float, optional
        Distance between the plates [mm].
    sense : int
        +1 bends to the right, -1 to the left.

    Examples
    --------
    >>> sector = ElectricSector(radius_mm=381, angle_deg=90)
    >>> round(sector.transfer.coefficient("x|d"), 4), sector.transfer.coefficient("x|g")
    (0.3059, 0.0)
    """

    radius_mm: float = number(above=0, help="radius of the axis")
    angle_deg: float = number(above=0, maximum=350, help="angle of deflection")
    toroid: float = number(default=0.0, minimum=0, maximum=2, help="radius of the axis over the vertical radius")
    gap_mm: float | None = number(default=None, above=0, help="distance between the plates")
    sense: int = integer(default=1, minimum=-1, maximum=1, help="+1 bends to the right, -1 to the left")

    def conflicts(self) -> list[str]:
        """Return what is wrong between the fields: no sense, plates beyond the centre."""
        return bend_problems(self.sense, self.gap_mm, self.radius_mm)

    @property
    def radius(self) -> float:
        """Radius of the axis [m]."""
        return to_si("radius_mm", self.radius_mm)

    @property
    def angle(self) -> float:
        """Angle of deflection [rad]."""
        return to_si("angle_deg", self.angle_deg)

    @property
    def frame(self) -> SectorFrame:
        """Where the sector lies about its centre."""
        return SectorFrame(self.radius, self.angle, self.sense)

    @property
    def transfer(self) -> TransferMap:
        """Coefficients between its ends, to second order, with refraction at the boundaries.

        With w = r_e/r - 1 the exact equation w'' + 1 + w = (1 + w)^(c-1)/H has H = 1 + d - a^2 - (2-c) x^2 + 2 x d from
        the entrance, to second order; its linear part is solved by w1 = -(x C + a S + d D), and the rest drives w2
        through the integral of S(phi - tau).
        """
        cosine, sine, deflection = harmonic(2.0 - self.toroid, self.angle)
        first = [[cosine, sine, deflection, 0.0], [-(2.0 - self.toroid) * sine, cosine, sine, 0.0]]
        along, up, _ = harmonic(self.toroid, self.angle)
        normalised = TransferMap(
            np.array(first), _second_order(self.toroid, self.angle), np.array([[along, up], [-self.toroid * up, along]])
        ).scaled(self.radius)
        return normalised if self.sense > 0 else normalised.mirrored()

    def trace(self, rays: Rays) -> Rays:
        """Return rays at the exit plane by the exact map, with the potential step at both boundaries."""
        return self._traced(rays, _refracted)

    def _traced(self, rays: Rays, step: Callable[[Velocity, FloatArray], Velocity]) -> Rays:
        start = rays if self.sense > 0 else rays.mirrored()
        x, y = start.x / self.radius, start.y / self.radius
        with np.errstate(invalid="ignore"):
            lift = 2.0 / (1.0 + start.g)  # twice the potential energy over m v0^2, per unit of potential
            along, outward, up = step(start.velocity, -lift * potential(1.0 + x, y, self.toroid))
            momentum = (1.0 + x) * along  # angular, kept
            state = np.stack([1.0 + x, outward, y, up])

            def rate(state: FloatArray) -> FloatArray:
                r, v_r, height, v_y = state
                pull_r, pull_y = potential_gradient(r, height, self.toroid)
                time = r * r / momentum
                force_r = momentum**2 / r**3 - 0.5 * lift * pull_r
                return np.stack([v_r * time, force_r * time, v_y * time, -0.5 * lift * pull_y * time])

            r, outward, y, up = integrated(rate, state, self.angle)
            velocity = step((momentum / r, outward, up), lift * potential(r, y, self.toroid))
            end = start.at(x=(r - 1.0) * self.radius, y=y * self.radius, velocity=velocity)
        return end if self.sense > 0 else end.mirrored()

    def field(
        self, position: FloatArray, ion: ReferenceIon, fringe: Fringe = HARD_EDGE
    ) -> tuple[FloatArray, FloatArray]:
        """Return the electric [V/m] and no magnetic field at positions (..., 3) of s, x, y [m].

        E = -grad(V F) with the potential V of the plates, 0 on the axis, and the share F of the fringe at the nearer
        end: the gradient of F is the component along the axis that a fringe cannot do without.
        """
        r, theta, y = self.frame.polar(position)
        scale = 2.0 * ion.voltage
        level = scale * potential(r / self.radius, y / self.radius, self.toroid)
        slope_r, slope_y = potential_gradient(r / self.radius, y / self.radius, self.toroid)
        share, share_gradient = self.frame.fringe(position, fringe)
        inward = self.frame.cartesian(theta, -scale / self.radius * slope_r, -scale / self.radius * slope_y)
        electric = share[..., None] * inward - level[..., None] * share_gradient
        return electric, np.zeros_like(electric)

    def axis(self, shares: FloatArray) -> FloatArray:
        """Return the axis (n, 3) after shares of the angle: s, x [m], heading [rad]."""
        return curved_axis(self.radius, self.angle, self.sense, shares)


@lru_cache(maxsize=32)
def _second_order(c: float, angle: float) -> FloatArray:
    """Return the second order of a sector of a toroid c and an angle [rad], in units of the radius."""
    k_squared = 2.0 - c

    def path(tau: float) -> FloatArray:
        cosine, sine, deflection = harmonic(k_squared, tau)
        return -np.array([cosine, sine, deflection, 0.0])

    entrance = np.zeros((4, 4))  # d^2 less the second order of H
    entrance[0, 0], entrance[1, 1], entrance[2, 2] = k_squared, 1.0, 1.0
    entrance[0, 2] = entrance[2, 0] = -1.0
    cosine, sine, _ = harmonic(k_squared, angle)
    start = np.diag([1.0, 0.0, 0.0, 0.0])  # w = -x + x^2
    w, slope = cosine * start, -k_squared * sine * start
    for tau, weight in quadrature(angle):
        here = path(tau)
        source = entrance + (1.0 - c) * product(_D, here) + 0.5 * (c - 1.0) * (c - 2.0) * product(here, here)
        cosine, sine, _ = harmonic(k_squared, angle - tau)
        w = w + weight * sine * source
        slope = slope + weight * cosine * source
    end = path(angle)
    return np.stack([np.outer(end, end) - w, -slope])


Velocity = tuple[FloatArray, FloatArray, FloatArray]


def _refracted(velocity: Velocity, gain: FloatArray) -> Velocity:
    """Return a velocity after a step of the potential across the axis: only the part along the axis changes."""
    along, outward, up = velocity
    return np.sqrt(along**2 + gain), outward, up


def _straight(velocity: Velocity, gain: FloatArray) -> Velocity:
    along, outward, up = velocity
    squared = along**2 + outward**2 + up**2
    faster = np.sqrt((squared + gain) / squared)
    return along * faster, outward * faster, up * faster


def trace_without_refraction(sector: ElectricSector, rays: Rays) -> Rays:
    """Return rays behind a sector at whose boundaries they keep their direction, as older theories have it.

    The kinetic energy changes by the potential as it must, but the direction stays, which no field can do. The first
    order agrees with `ElectricSector.trace`, the second does not; for comparison with such theories, not for design.

    Parameters
    ----------
    sector : ElectricSector
    rays : Rays

    Returns
    -------
    Rays

    Examples
    --------
    >>> half, ray = ElectricSector(radius_mm=1000, angle_deg=127.28), Rays(x=0.01, a=0.01)
    >>> f"{half.trace(ray).x:.5f} {trace_without_refraction(half, ray).x:.5f}"
    '-0.01017 -0.01016'
    """
    return sector._traced(rays, _straight)


def bend_problems(sense: int, gap_mm: float | None, radius_mm: float) -> list[str]:
    """Return what is wrong with a bend: no sense, or a gap that reaches the centre.

    Parameters
    ----------
    sense : int
    gap_mm : float or None [mm]
    radius_mm : float [mm]

    Returns
    -------
    list of str

    Examples
    --------
    >>> bend_problems(0, None, 100.0)
    ['sense = 0: must be +1 (bends to the right) or -1 (bends to the left)']
    """
    problems = []
    if sense == 0:
        problems.append("sense = 0: must be +1 (bends to the right) or -1 (bends to the left)")
    if gap_mm is not None and gap_mm >= radius_mm:
        problems.append(f"gap_mm = {gap_mm:g}: must be below radius_mm = {radius_mm:g}")
    return problems
