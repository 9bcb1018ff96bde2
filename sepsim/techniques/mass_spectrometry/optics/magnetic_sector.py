"""The magnetic sector: a bend that sorts ions by momentum over charge."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.settings import Settings, integer, number, settings
from sepsim.techniques.mass_spectrometry.optics.electric_sector import bend_problems
from sepsim.techniques.mass_spectrometry.optics.element import HARD_EDGE, curved_axis
from sepsim.techniques.mass_spectrometry.optics.fringe import Fringe
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.sector_frame import SectorFrame
from sepsim.techniques.mass_spectrometry.optics.sector_integrals import harmonic, integrated, product, quadrature
from sepsim.techniques.mass_spectrometry.optics.toroidal_potential import indexed_field, indexed_potential
from sepsim.techniques.mass_spectrometry.optics.transfer_map import TransferMap
from sepsim.units import to_si

_NEWTON_STEPS = 5  # from an exit guess within the edge's tilt; each doubles the digits


@settings
class MagneticSector(Settings):
    """A magnet whose field bends the reference ion on a circle, with straight edges that may be tilted.

    The field on the middle plane is B = (m v/(q r_m)) (r_m/r)^n and ends sharply. First order, in units of r_m, with
    k^2 = 1 - n: (x|x) = (a|a) = cos k phi, (x|a) = sin(k phi)/k, (a|x) = -k sin k phi,
    (x|d) = (x|g) = (1 - cos k phi)/(2 k^2), (a|d) = (a|g) = sin(k phi)/(2 k); y and b with k^2 = n.
    A tilt e of an edge adds (a|x) = tan e/r_m and (b|y) = -tan(e - psi)/r_m, psi = (G/r_m) K1 (1 + sin^2 e)/cos e.
    The map is exact: circles and straight edges for n = 0, else the equation of motion integrated to rounding; of the
    edges the vertical kick is kept to first order in y. Valid for slow ions and |y| < 0.4 r. An ion whose path does not
    meet the exit edge is nan; with an index so is one that leaves far from the axis.
    Sources: Herzog 1934 (first order), Wollnik 1987.

    Parameters
    ----------
    radius_mm : float
        Radius of the axis [mm].
    angle_deg : float
        Angle of deflection [deg].
    entrance_edge_deg, exit_edge_deg : float
        Tilt of the edges [deg]; positive where outer rays stay shorter in the field: focuses vertically.
    field_index : float
        n = -(r/B) dB/dr on the axis.
    gap_mm : float, optional
        Distance between the poles [mm].
    fringe_integral : float
        K1, the integral of F (1 - F) over the edge in gaps; 0 for a sharp edge.
    sense : int
        +1 bends to the right, -1 to the left.

    Examples
    --------
    >>> magnet = MagneticSector(radius_mm=304.8, angle_deg=60)
    >>> round(magnet.transfer.coefficient("x|g") / magnet.radius, 6)
    0.25
    """

    radius_mm: float = number(above=0, help="radius of the axis")
    angle_deg: float = number(above=0, maximum=350, help="angle of deflection")
    entrance_edge_deg: float = number(default=0.0, minimum=-75, maximum=75, help="tilt of the entrance edge")
    exit_edge_deg: float = number(default=0.0, minimum=-75, maximum=75, help="tilt of the exit edge")
    field_index: float = number(default=0.0, minimum=-2, maximum=2, help="relative fall of the field with the radius")
    gap_mm: float | None = number(default=None, above=0, help="distance between the poles")
    fringe_integral: float = number(
        default=0.0, minimum=0, maximum=1, help="integral of F (1 - F) over an edge; 0: sharp"
    )
    sense: int = integer(default=1, minimum=-1, maximum=1, help="+1 bends to the right, -1 to the left")

    def conflicts(self) -> list[str]:
        """Return what is wrong between the fields: no sense, poles beyond the centre, a fringe without a gap."""
        problems = bend_problems(self.sense, self.gap_mm, self.radius_mm)
        if self.fringe_integral > 0 and self.gap_mm is None:
            problems.append(f"fringe_integral = {self.fringe_integral:g}: needs gap_mm, which scales the fringe")
        return problems

    @property
    def radius(self) -> float:
        """Radius of the axis [m]."""
        return to_si("radius_mm", self.radius_mm)

    @property
    def angle(self) -> float:
        """Angle of deflection [rad]."""
        return to_si("angle_deg", self.angle_deg)

    @property
    def entrance_edge(self) -> float:
        """Tilt of the entrance edge [rad]."""
        return to_si("entrance_edge_deg", self.entrance_edge_deg)

    @property
    def exit_edge(self) -> float:
        """Tilt of the exit edge [rad]."""
        return to_si("exit_edge_deg", self.exit_edge_deg)

    @property
    def frame(self) -> SectorFrame:
        """Where the sector lies about its centre."""
        return SectorFrame(self.radius, self.angle, self.sense, self.entrance_edge, self.exit_edge)

    def fringe_angle(self, tilt: float) -> float:
        """Return psi, by which a soft fringe lessens the tilt that the vertical motion sees [rad]."""
        gap = 0.0 if self.gap_mm is None else to_si("gap_mm", self.gap_mm)
        return gap / self.radius * self.fringe_integral * (1.0 + math.sin(tilt) ** 2) / math.cos(tilt)

    @property
    def transfer(self) -> TransferMap:
        """Coefficients between its ends, to second order.

        Along the angle theta, exactly, r' = r tan a and a' = 1 - r^(1-n)/(P cos a) with P = sqrt((1 + d)(1 + g)); the
        second order of both drives the first-order oscillation. An edge acts where the ray crosses it.
        """
        whole = self._edge_map(self.entrance_edge, entrance=True).then(_body_map(self.field_index, self.angle))
        whole = whole.then(self._edge_map(self.exit_edge, entrance=False)).scaled(self.radius)
        return whole if self.sense > 0 else whole.mirrored()

    def _edge_map(self, tilt: float, *, entrance: bool) -> TransferMap:
        """Return the map of a tilted edge, between the upright plane without and with field, in units of the radius."""
        t, n = math.tan(tilt), self.field_index
        kick = math.tan(tilt - self.fringe_angle(tilt))
        edge = TransferMap.linear([[1, 0, 0, 0], [t, 1, 0, 0]], [[1, 0], [-kick, 1]])
        sign = 1.0 if entrance else -1.0
        edge.second_order[0, 0, 0] = -0.5 * sign * t * t
        edge.second_order[1, 0, 0] = -n * t if entrance else -(0.5 * t**3 + n * t)
        edge.second_order[1, 0, 1] = edge.second_order[1, 1, 0] = 0.5 * sign * t * t
        for momentum in (2, 3):
            edge.second_order[1, 0, momentum] = edge.second_order[1, momentum, 0] = -0.25 * t
        return edge

    def trace(self, rays: Rays) -> Rays:
        """Return rays at the exit plane by the exact map; nan for those that never meet the exit edge."""
        start = rays if self.sense > 0 else rays.mirrored()
        with np.errstate(invalid="ignore"):
            tangent = math.tan(self.entrance_edge)
            to_edge = start.x * tangent / (1.0 - tangent * np.tan(start.a))
            at_edge = self._kicked(start.drifted(to_edge), to_edge, entrance=True)
            inside = self._circle if self.field_index == 0.0 else self._bent
            leaving, beyond = inside(at_edge, to_edge)
            end = self._kicked(leaving, beyond, entrance=False).drifted(-beyond)
        return end if self.sense > 0 else end.mirrored()

    def _kicked(self, rays: Rays, along: FloatArray, *, entrance: bool) -> Rays:
        """Return rays after the vertical kick of an edge that they cross at a place along the entrance or exit axis.

        The component of the fringe field upright on the edge is y dB/dn; it kicks by -y tan(angle of incidence)/rho.
        """
        tilt = self.entrance_edge if entrance else self.exit_edge
        incidence = tilt + (rays.a if entrance else -rays.a) - self.fringe_angle(tilt)
        distance = np.sqrt((self.radius + rays.x) ** 2 + along**2)
        field = (distance / self.radius) ** -self.field_index / self.radius
        forward, left, up = rays.velocity
        kicked = up - rays.y * field * np.tan(incidence) / (1.0 + rays.g)
        level = np.sqrt((forward**2 + left**2 + up**2 - kicked**2) / (forward**2 + left**2))
        return rays.at(x=rays.x, y=rays.y, velocity=(forward * level, left * level, kicked))

    def _circle(self, rays: Rays, along: FloatArray) -> tuple[Rays, FloatArray]:
        """Return rays at the exit edge of a uniform field, and how far beyond the exit plane they are [m]."""
        forward, left, up = rays.velocity
        level = np.sqrt(forward**2 + left**2)
        radius = self.radius * level * (1.0 + rays.g)
        s = along + radius * np.sin(rays.a)  # the centre of the ray's own circle, from the exit's corner
        x = rays.x - radius * np.cos(rays.a)
        s, x = s - self.radius * math.sin(self.angle), x - self.radius * (math.cos(self.angle) - 1.0)
        edge = self.angle - self.exit_edge
        distance = s * math.cos(edge) - x * math.sin(edge)
        turned = rays.a + edge - np.arcsin(distance / radius)
        turned = turned - 2.0 * math.pi * np.floor(np.real(turned) / (2.0 * math.pi))
        s, x = s - radius * np.sin(rays.a - turned), x + radius * np.cos(rays.a - turned)
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        direction = rays.a - turned + self.angle
        direction = direction - 2.0 * math.pi * np.round(np.real(direction) / (2.0 * math.pi))
        height = rays.y + radius * turned * up / level
        leaving = Rays(x=s * sine + x * cosine, a=direction, y=height, b=rays.b, d=rays.d, g=rays.g)
        return leaving, s * cosine - x * sine

    def _bent(self, rays: Rays, along: FloatArray) -> tuple[Rays, FloatArray]:
        """Return rays at the exit edge of a field with an index, and how far beyond the exit plane they are [m]."""
        side, ahead = 1.0 + rays.x / self.radius, along / self.radius
        theta = np.arctan(ahead / side)
        forward, left, up = rays.velocity
        squared = forward**2 + left**2 + up**2
        radial = np.sqrt(forward**2 + left**2) * np.sin(rays.a + theta)
        state = np.stack([np.sqrt(side**2 + ahead**2), radial, rays.y / self.radius, up])
        per_mass = 1.0 / (1.0 + rays.g)

        def rate(state: FloatArray) -> FloatArray:
            r, v_r, y, v_y = state
            around = np.sqrt(squared - v_r**2 - v_y**2)
            field_r, field_y = indexed_field(r, y, self.field_index)
            time = r / around
            force_r = around**2 / r - per_mass * around * field_y
            return np.stack([v_r * time, force_r * time, v_y * time, per_mass * around * field_r * time])

        state = integrated(rate, state, self.angle - theta)
        theta = np.full_like(theta, self.angle)
        tangent = math.tan(self.exit_edge)
        for _ in range(_NEWTON_STEPS):  # on the distance from the exit edge, s + x tan e, in units of the radius
            r, (r_slope, *_) = state[0], rate(state)
            turned = theta - self.angle
            cosine, sine = np.cos(turned), np.sin(turned)
            distance = r * sine + (r * cosine - 1.0) * tangent
            slope = (r_slope + r * -tangent) * sine + (r + r_slope * tangent) * cosine
            state = integrated(rate, state, -distance / slope)
            theta = theta - distance / slope
        r, radial, y, up = state
        turned = theta - self.angle
        direction = np.arctan(radial / np.sqrt(squared - radial**2 - up**2)) - turned
        elevation = np.arcsin(up / np.sqrt(squared))
        x, beyond = self.radius * (r * np.cos(turned) - 1.0), self.radius * r * np.sin(turned)
        return Rays(x=x, a=direction, y=self.radius * y, b=elevation, d=rays.d, g=rays.g), beyond

    def field(
        self, position: FloatArray, ion: ReferenceIon, fringe: Fringe = HARD_EDGE
    ) -> tuple[FloatArray, FloatArray]:
        """Return no electric and the magnetic field [T] at positions (..., 3) of s, x, y [m].

        B = grad(Phi F) with the scalar potential Phi of the field inside and the share F of the fringe at the nearer
        edge, which leaves a divergence of second order in y.
        """
        r, theta, y = self.frame.polar(position)
        strength = self.sense * ion.rigidity / self.radius
        outward, up = indexed_field(r / self.radius, y / self.radius, self.field_index)
        level = self.radius * indexed_potential(r / self.radius, y / self.radius, self.field_index)
        share, share_gradient = self.frame.fringe(position, fringe)
        inside = self.frame.cartesian(theta, outward, up)
        magnetic = strength * (share[..., None] * inside + level[..., None] * share_gradient)
        return np.zeros_like(magnetic), magnetic

    def axis(self, shares: FloatArray) -> FloatArray:
        """Return the axis (n, 3) after shares of the angle: s, x [m], heading [rad]."""
        return curved_axis(self.radius, self.angle, self.sense, shares)


@lru_cache(maxsize=32)
def _body_map(n: float, angle: float) -> TransferMap:
    """Return the map of a field of index n over an angle [rad], in units of the radius."""
    k_squared = 1.0 - n

    def path(tau: float) -> FloatArray:
        cosine, sine, bend = harmonic(k_squared, tau)
        return np.array([[cosine, sine, 0.5 * bend, 0.5 * bend], [-k_squared * sine, cosine, 0.5 * sine, 0.5 * sine]])

    momentum = np.array([0.0, 0.0, 0.5, 0.5])  # first order of P - 1
    weaker = np.zeros((4, 4))  # second order of 1/P
    weaker[2:, 2:] = [[0.375, 0.125], [0.125, 0.375]]
    second = np.zeros((2, 4, 4))
    for tau, weight in quadrature(angle):
        x, a = path(tau)
        lengthening = product(x, a)
        bending = 0.5 * n * k_squared * product(x, x) + k_squared * product(momentum, x)
        bending = bending - 0.5 * product(a, a) - weaker
        cosine, sine, _ = harmonic(k_squared, angle - tau)
        second[0] += weight * (cosine * lengthening + sine * bending)
        second[1] += weight * (cosine * bending - k_squared * sine * lengthening)
    along, up, _ = harmonic(n, angle)
    return TransferMap(path(angle), second, np.array([[along, up], [-n * up, along]]))
