"""Inertial focusing: fast flow lifts cells off walls and centre; vesicles are far too small for it.

What happens in the chip: shear pushes a particle to the wall, the wall pushes it back, and in between it is carried
along. With the diameter a, the mean velocity U, the hydraulic diameter D_h and s = 2y/w - 1 across,

    F(s) = C rho U^2 a^4/D_h^2 g(s),   v = F/(3 pi eta a),   g(s) ~ s (s0^2 - s^2),   s0 = 0.6

so that cells gather at two lines; g is 1 at its largest before the line. In a curved channel the secondary flow of Dean
carries round what is not held, and cells gather at the inner line, that on the left, alone: g(s) = -(s + s0). Its speed
is U_D = 1.8e-4 De^1.63 m/s with De = Re (D_h/2R)^(1/2). It stirs by 0.02 U_D w |s + s0|, so that a lift of 0.08 of its
drag holds cells within a quarter of the width: the criterion of those who build spirals.

The drift grows with a^3: cells of a/D_h > 0.07 focus within centimetres, vesicles of 100 nm would need a million times
as long. Its use is the first step of a protocol: cells out of blood or plasma, vesicles wherever their liquid goes.

Assumptions: dilute, rigid spheres; profile and coefficient of the force are fits to channels of like width and height.

Valid range: Reynolds numbers of some 1 to 200. Sources: Di Carlo, Lab Chip 9, 3038 (2009); Ookawara et al., Chem. Eng.
J. 101, 171 (2004); Kuntaegowdanahalli et al., Lab Chip 9, 2973 (2009) (all recalled).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.settings import number, settings
from sepsim.techniques.microfluidics.chips.sheath_chip import SheathFlowChip
from sepsim.techniques.microfluidics.load import Load
from sepsim.units import to_si

LINE = 0.6  # of the half width, where lift vanishes
STEEPEST = LINE**3 * 2.0 / 3.0**1.5  # the largest s (s0^2 - s^2)
FOCUSING = 0.07  # diameter over hydraulic diameter
HOLDING = 0.08  # lift over the drag of Dean's flow from which on it focuses: Kuntaegowdanahalli 2009, recalled
INERTIAL = 1.0  # Reynolds number below which there is no lift to speak of


@settings
class InertialFocusing(SheathFlowChip):
    """A channel, straight or curved, through which the sample flows fast.

    Parameters
    ----------
    name, flow_uL_min, buffer_ratio, dead_volume_uL, adsorbed_percent, pressure_limit_bar
        As for `Chip`.
    width_um, height_um, length_mm, channels, sample_at, target_at, target_percent
        As for `SheathFlowChip`; the left wall is the inner one.
    curve_radius_mm : float [mm]
        Of a spiral, in the mean; left out: straight.
    lift : float [-]
        C, of the force.

    Examples
    --------
    >>> chip = InertialFocusing(flow_uL_min=100, width_um=50, height_um=50, length_mm=50, target_at="centre")
    >>> chip.curve_radius_mm is None
    True
    """

    mechanism: ClassVar[str] = "inertial focusing"

    curve_radius_mm: float | None = number(default=None, above=0, maximum=1e4, help="of a spiral; left out: straight")
    lift: float = number(default=0.5, minimum=0, maximum=10, help="C in F = C rho U^2 a^4/D_h^2; 0.02 to 0.5")

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of its physics."""
        curved = () if self.curve_radius_mm is None else ("ookawara2004", "kuntaegowdanahalli2009")
        return ("dicarlo2009", *curved)

    def dean(self, load: Load) -> float:
        """Return the Dean number [-]; 0 of a straight channel."""
        if self.curve_radius_mm is None:
            return 0.0
        curve = 2.0 * to_si("curve_radius_mm", self.curve_radius_mm)
        return self.reynolds(load) * math.sqrt(self.channel.hydraulic_diameter / curve)

    def drift(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return the drift by lift, to the lines of a straight channel or the inner one of a curved one."""
        channel, carrier = self.channel, load.carrier
        pressure = carrier.density * channel.mean_velocity(load.total_flow) ** 2
        force = self.lift * pressure * load.diameter[rows] ** 4 / channel.hydraulic_diameter**2
        place = 2.0 * y / channel.width - 1.0
        profile = place * (LINE**2 - place**2) / STEEPEST if self.curve_radius_mm is None else -(place + LINE)
        speed: FloatArray = np.multiply.outer(
            force / (3.0 * math.pi * carrier.viscosity * load.diameter[rows]), profile
        )
        return speed

    def stirring(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return the stirring by the flow of Dean, shape (n, m) [m2/s]."""
        speed = 1.8e-4 * self.dean(load) ** 1.63
        away = np.abs(2.0 * y / self.channel.width - 1.0 + LINE)
        return np.tile(0.25 * HOLDING * speed * self.channel.width * away, (rows.size, 1))

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield whether anything is focused, and what is not."""
        yield from super(InertialFocusing, self).doubts(load)
        reynolds, table, passing = self.reynolds(load), load.sample.particles, load.passing
        if reynolds < INERTIAL:
            yield f"flow_uL_min = {load.flow * 6e10:.4g}: at a Reynolds number of {reynolds:.2g} nothing is lifted"
        held = passing & (load.diameter > FOCUSING * self.channel.hydraulic_diameter)
        names = table.named(held)
        least = FOCUSING * self.channel.hydraulic_diameter * 1e6
        told = f"some of {', '.join(names)}" if names else "none of this sample"
        yield f"lift focuses particles above {least:.2g} um, {told}; all else, vesicles too, goes with the liquid"
