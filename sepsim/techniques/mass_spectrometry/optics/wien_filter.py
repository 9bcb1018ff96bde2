"""The Wien filter: crossed fields that let one velocity pass straight."""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.settings import Settings, integer, number, settings
from sepsim.techniques.mass_spectrometry.optics.electric_sector import bend_problems
from sepsim.techniques.mass_spectrometry.optics.element import HARD_EDGE, straight_axis
from sepsim.techniques.mass_spectrometry.optics.fringe import Fringe
from sepsim.techniques.mass_spectrometry.optics.rays import Rays, ReferenceIon
from sepsim.techniques.mass_spectrometry.optics.sector_integrals import harmonic, product, quadrature
from sepsim.techniques.mass_spectrometry.optics.transfer_map import TransferMap
from sepsim.units import to_si

_NEWTON_STEPS = 8  # on the time of flight, from that of the reference ion


@settings
class WienFilter(Settings):
    """Parallel plates between the poles of a magnet: the forces on the reference ion cancel.

    E = v0 B, both uniform with sharp ends. The field strength is given by the radius rho that the magnet alone would
    bend the reference ion to. An ion at x has crossed the potential of the plates when it enters. First order, with
    the phase p = L/rho: (x|x) = (a|a) = cos p, (x|a) = rho sin p, (a|x) = -sin p/rho, (x|d) = -(x|g) =
    -rho (1 - cos p)/2, (a|d) = -(a|g) = -sin p/2; y drifts. Between the ends an ion turns about a point that moves at
    v0: closed form but for the time at which it leaves. Valid for slow ions. Source: Wollnik 1987.

    Parameters
    ----------
    length_mm : float
        Length along the axis [mm].
    gyroradius_mm : float
        Radius rho of the reference ion in the magnetic field alone [mm].
    gap_mm : float, optional
        Distance between the plates [mm].
    sense : int
        +1: the magnet alone bends to the right, -1: to the left.

    Examples
    --------
    >>> velocity_filter = WienFilter(length_mm=100, gyroradius_mm=500)
    >>> round(velocity_filter.transfer.coefficient("x|d") * 1e3, 3)  # mm
    -4.983
    """

    length_mm: float = number(above=0, help="length along the axis")
    gyroradius_mm: float = number(above=0, help="radius of the reference ion in the magnetic field alone")
    gap_mm: float | None = number(default=None, above=0, help="distance between the plates")
    sense: int = integer(
        default=1, minimum=-1, maximum=1, help="+1: the magnet alone bends to the right, -1: to the left"
    )

    def conflicts(self) -> list[str]:
        """Return what is wrong between the fields: no sense, plates wider apart than the radius, too long."""
        problems = bend_problems(self.sense, None, self.gyroradius_mm)
        if self.length_mm > 6.0 * self.gyroradius_mm:
            problems.append(
                f"length_mm = {self.length_mm:g}: must be at most 6 gyroradius_mm = {6.0 * self.gyroradius_mm:g}, "
                "about one turn; shorten it or weaken the field"
            )
        return problems

    @property
    def length(self) -> float:
        """Length along the axis [m]."""
        return to_si("length_mm", self.length_mm)

    @property
    def gyroradius(self) -> float:
        """Radius of the reference ion in the magnetic field alone [m]."""
        return to_si("gyroradius_mm", self.gyroradius_mm)

    @property
    def transfer(self) -> TransferMap:
        """Coefficients between its ends, to second order.

        With v_s = 1 + tau and the velocity u across, x' = u/(1 + tau) and u' = -tau/((1 + g)(1 + tau)) exactly, where
        tau = b + x + its second order by the energy; the second order drives the first-order oscillation.
        """
        phase = self.length / self.gyroradius

        def path(tau: float) -> FloatArray:
            cosine, sine, bend = harmonic(1.0, tau)
            return np.array([[cosine, sine, -0.5 * bend, 0.5 * bend], [-sine, cosine, -0.5 * sine, 0.5 * sine]])

        x0, a0, d, g = np.eye(4)
        velocity = 0.5 * (d - g)
        along = 0.5 * (product(g, g) - product(d, g) - product(a0, a0) - product(velocity + x0, velocity + x0))
        cosine, sine, _ = harmonic(1.0, phase)
        start = product(a0, velocity)  # of u, which is v sin a
        second = np.stack([sine * start, cosine * start])
        for tau, weight in quadrature(phase):
            x, u = path(tau)
            faster = velocity + x
            lengthening = -product(u, faster)
            bending = product(g, x) + product(faster, faster) + product(g, faster) - along
            cosine, sine, _ = harmonic(1.0, phase - tau)
            second[0] += weight * (cosine * lengthening + sine * bending)
            second[1] += weight * (cosine * bending - sine * lengthening)
        end = path(phase)
        second[1] -= product(end[1], velocity)
        whole = TransferMap(end, second, np.array([[1.0, phase], [0.0, 1.0]])).scaled(self.gyroradius)
        return whole if self.sense > 0 else whole.mirrored()

    def trace(self, rays: Rays) -> Rays:
        """Return rays at the exit plane by the exact map, with the potential step at both ends; nan if turned back."""
        start = rays if self.sense > 0 else rays.mirrored()
        x, rate = start.x / self.gyroradius, 1.0 / (1.0 + start.g)
        with np.errstate(invalid="ignore"):
            along, across, up = start.velocity
            slip = np.sqrt(along**2 + 2.0 * rate * x) - 1.0  # from the point that moves at v0
            time = np.full_like(x, self.length / self.gyroradius)
            for _ in range(_NEWTON_STEPS):
                cosine, sine = np.cos(rate * time), np.sin(rate * time)
                place = time + (slip * sine + across * (1.0 - cosine)) / rate
                speed = 1.0 + slip * cosine + across * sine
                time = time - (place - self.length / self.gyroradius) / speed
            cosine, sine = np.cos(rate * time), np.sin(rate * time)
            x = x + (across * sine - slip * (1.0 - cosine)) / rate
            forward = np.sqrt((1.0 + slip * cosine + across * sine) ** 2 - 2.0 * rate * x)
            height = start.y + self.gyroradius * up * time
            velocity = (forward, across * cosine - slip * sine, up)
            end = start.at(x=x * self.gyroradius, y=height, velocity=velocity)
        return end if self.sense > 0 else end.mirrored()

    def field(
        self, position: FloatArray, ion: ReferenceIon, fringe: Fringe = HARD_EDGE
    ) -> tuple[FloatArray, FloatArray]:
        """Return the electric [V/m] and the magnetic field [T] at positions (..., 3) of s, x, y [m].

        E = -grad(V F) and B = grad(Phi F) with V = -E0 x, Phi = B0 y and the share F of the fringe at the nearer end.
        """
        s, x, y = position[..., 0], position[..., 1], position[..., 2]
        entrance = s < 0.5 * self.length
        outside = np.where(entrance, -s, s - self.length)
        share, slope = fringe.share(outside), fringe.slope(outside) * np.where(entrance, -1.0, 1.0)
        strength = self.sense * 2.0 * ion.voltage / self.gyroradius
        magnet = self.sense * ion.rigidity / self.gyroradius
        nothing = np.zeros_like(share)
        electric = strength * np.stack([x * slope, share, nothing], axis=-1)
        magnetic = magnet * np.stack([y * slope, nothing, share], axis=-1)
        return electric, magnetic

    def axis(self, shares: FloatArray) -> FloatArray:
        """Return the axis (n, 3) after shares of the length: s, x [m], heading [rad]."""
        return straight_axis(self.length, shares)
