"""Magnetophoresis: a magnet beside the channel pulls beads out of the sample, or pushes particles away in a ferrofluid.

What happens in the chip: the sample flows beside fresh buffer, past a magnet at the far side. Beads, with what they
carry, cross the stream towards it; in a liquid that is more magnetic than they are, particles without a label are
pushed away from it, the large ones furthest, since the force goes with their volume and the drag with their diameter.

    v(y) = V [M_p(B) - M_m(B)] (dB/dy)/(3 pi eta d)                     (`magnetic_force`)

with B falling in a straight line from the side of the magnet. Particles that drift across a laminar stream are marched
along it (`cross_stream`); beads that reach the side slide along it to their outlet.

Assumptions: an even gradient; beads single, saturating as grains of 10 nm do; nothing sticks at the side; the
ferrofluid is spread evenly and does not feel the magnet. Chains of beads are faster, of nanobeads by orders of
magnitude (De Las Cuevas 2008): the time of nanobeads is an upper bound.

Valid range: ferrofluids below some 1 % of iron oxide by volume, particles larger than its grains.

Sources: Pamme, Lab Chip 6, 24 (2006); Rosensweig, Ferrohydrodynamics (1985); Zeng et al. 2022 for vesicles in a thin
ferrofluid (press release).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.particles.transport import sedimentation_coefficient
from sepsim.settings import number, settings
from sepsim.techniques.microfluidics.chips.sheath_chip import SheathFlowChip
from sepsim.techniques.microfluidics.cross_stream import Crossing
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.magnetic_force import (
    MAGNETITE_A_PER_M,
    alignment,
    magnetic_speed,
    salt_magnetisation,
)
from sepsim.units import to_si

NANOBEAD = 0.2e-6  # m, below which beads chain up and move faster
THICK = 1.0  # % v/v of a ferrofluid, above which its grains act on one another
SETTLED = 0.5  # of the height of the channel


@settings
class Magnetophoresis(SheathFlowChip):
    """A channel with a magnet along its right side.

    Parameters
    ----------
    name, flow_uL_min, buffer_ratio, dead_volume_uL, adsorbed_percent, pressure_limit_bar
        As for `Chip`.
    width_um, height_um, length_mm, channels, sample_at, target_at, target_percent
        As for `SheathFlowChip`.
    field_T : float [T]
        At the side of the magnet.
    gradient_T_m : float [T/m]
        By which it falls away from there.
    grain_nm : float [nm]
        Of iron oxide, in beads and in a ferrofluid.
    ferrofluid_percent_v_v : float [% v/v]
        Iron oxide in the liquid, of the sample and of the buffer.
    susceptibility : float [-]
        By volume, of a salt in the liquid, such as of gadolinium.

    Examples
    --------
    >>> sizes = {"width_um": 200, "height_um": 50, "length_mm": 20}
    >>> chip = Magnetophoresis(flow_uL_min=5, buffer_ratio=1, field_T=0.5, gradient_T_m=100, **sizes)
    >>> chip.field_at(np.array([0.0, 200e-6])).round(2).tolist()
    [0.48, 0.5]
    """

    mechanism: ClassVar[str] = "magnetophoresis"

    field_T: float = number(above=0, maximum=10, help="at the side of the magnet")
    gradient_T_m: float = number(above=0, maximum=1e6, help="by which it falls away from there")
    grain_nm: float = number(default=10.0, above=0, maximum=30, help="of iron oxide, in beads and in a ferrofluid")
    ferrofluid_percent_v_v: float = number(default=0.0, minimum=0, maximum=10, help="iron oxide in the liquid")
    susceptibility: float = number(default=0.0, minimum=0, maximum=0.1, help="of a salt in the liquid, by volume")

    def conflicts(self) -> list[str]:
        """Let the field reach across the channel."""
        return self.found(self._field_problems)

    def _field_problems(self) -> Iterator[str]:
        fall = self.gradient_T_m * to_si("width_um", self.width_um)
        if fall > self.field_T:
            yield (
                f"gradient_T_m = {self.gradient_T_m:g}: over the {self.width_um:g} um of the channel the field would "
                f"fall by {fall:.3g} T, and it is field_T = {self.field_T:g}; give a stronger field or a smaller "
                "gradient"
            )

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of its physics."""
        return ("rosensweig1985", "pamme2006", "zeng2022")

    def field_at(self, y: FloatArray) -> FloatArray:
        """Return the field at places y from the left wall [m], of the same shape [T]."""
        field: FloatArray = self.field_T - self.gradient_T_m * (self.channel.width - y)
        return field

    def drift(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return how fast classes drift to the magnet, or away from it, shape (n, m) [m/s]."""
        field = self.field_at(y)
        aligned = alignment(field, to_si("grain_nm", self.grain_nm), load.carrier.temperature)
        liquid = MAGNETITE_A_PER_M * to_si("ferrofluid_percent_v_v", self.ferrofluid_percent_v_v) * aligned
        excess = magnetisation(load)[rows, None] * aligned - liquid - salt_magnetisation(field, self.susceptibility)
        volume, diameter = load.particle_volume[rows, None], load.diameter[rows, None]
        return magnetic_speed(volume, diameter, excess, self.gradient_T_m, load.carrier.viscosity)

    def told(self, load: Load, crossing: Crossing) -> dict[str, Any]:
        """Return what else a passage holds: its course, and how fast beads are."""
        return {"course": crossing, "remarks": tuple(self._remarks(load))}

    def _remarks(self, load: Load) -> Iterator[str]:
        (rows,) = np.nonzero((magnetisation(load) > 0.0) & (load.sample.counts > 0))
        if rows.size:
            middle = np.array([0.5 * self.channel.width])
            speed = float(np.average(self.drift(load, rows, middle)[:, 0], weights=load.sample.counts[rows]))
            way = speed * self.channel.residence_time(load.total_flow)
            yield (
                f"beads cross the stream at {speed * 1e6:.2g} um/s, {way * 1e6:.3g} um in the mean time that the "
                f"liquid is in the channel, whose width is {self.width_um:g} um"
            )

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield what the model leaves out: chains, sinking beads, thick ferrofluids, and a magnet without a task."""
        yield from super(Magnetophoresis, self).doubts(load)
        beads = (magnetisation(load) > 0.0) & (load.sample.counts > 0)
        labelled = bool(np.any(beads))
        if not (labelled or self.ferrofluid_percent_v_v or self.susceptibility):
            yield "neither sample nor liquid is magnetic, and the magnet parts nothing; bind vesicles to beads first"
        if np.any(beads & (load.diameter < NANOBEAD)):
            yield (
                "single beads below 0.2 um are pulled slowly; they chain up in the field and come sooner, which is "
                "left out: what reaches the target outlet is a lower bound"
            )
        fall = np.abs(sedimentation_coefficient(load.sample.particles, load.carrier)) * STANDARD_GRAVITY_M_PER_S2
        channel = self.channel
        if np.any(beads & (fall * channel.residence_time(load.total_flow) > SETTLED * channel.height)):
            yield "the beads settle to the floor of the channel on the way, where they are slower, which is left out"
        if self.ferrofluid_percent_v_v > THICK:
            yield (
                f"ferrofluid_percent_v_v = {self.ferrofluid_percent_v_v:g}: above {THICK:g} % grains act on one "
                "another, and the liquid thickens, which is left out"
            )


def magnetisation(load: Load) -> FloatArray:
    """Return what magnetises each class when saturated: that of the beads that carry it.

    Parameters
    ----------
    load : Load

    Returns
    -------
    ndarray, shape (n,) [A/m]
    """
    variants = load.sample.particles.variants
    return np.zeros(load.diameter.size) if variants is None else variants.magnetisation
