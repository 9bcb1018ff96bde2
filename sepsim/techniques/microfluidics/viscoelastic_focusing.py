"""Viscoelastic focusing: long molecules in the liquid push particles to where the flow shears it least.

What happens in the chip: the sample flows along the sides of a stream of dilute polymer. Where the stream is sheared,
the molecules are stretched and pull along the streamlines; a particle feels more of that on the side of the wall, and
moves to the centre, the faster the larger it is:

    N1 = 2 eta_p lambda (du/dy)^2,   F = -C d^3 dN1/dy,   v = F/(3 pi eta d)

with the diameter d, the viscosity eta_p that the polymer adds, its relaxation time lambda and a coefficient C of
0.01 to 0.1, which is fitted wherever it is known. Large vesicles reach the outlet in the centre, small ones do not.

Assumptions: Oldroyd-B, no shear thinning; the sample holds the polymer as the buffer does; no inertia; at all heights
the force of half the height, since particles leave the floor and the ceiling as they leave the walls.

Valid range: Reynolds numbers below the Weissenberg number, particles below a tenth of the width. Above Wi of some tens
N1 grows less than with the square of the shear rate.

Sources: Leshansky et al., Phys. Rev. Lett. 98, 234501 (2007); Liu et al., ACS Nano 11, 6968 (2017) (both recalled).
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

STEP = 1e-3  # of the width, over which the profile is differentiated
STRETCHED = 30.0  # Weissenberg number above which molecules are as long as they get


@settings
class ViscoelasticFocusing(SheathFlowChip):
    """A channel through which sample and buffer flow with polymer in them.

    Parameters
    ----------
    name, flow_uL_min, buffer_ratio, dead_volume_uL, adsorbed_percent, pressure_limit_bar
        As for `Chip`.
    width_um, height_um, length_mm, channels, sample_at, target_at, target_percent
        As for `SheathFlowChip`.
    polymer_viscosity_mPa_s : float [mPa s]
        That the polymer adds to the liquid.
    relaxation_ms : float [ms]
        Of the polymer.
    elastic_lift : float [-]
        C, of the force.

    Examples
    --------
    >>> chip = ViscoelasticFocusing(
    ...     flow_uL_min=3, buffer_ratio=6, width_um=20, height_um=50, length_mm=30, polymer_viscosity_mPa_s=1,
    ...     relaxation_ms=0.1,
    ... )
    >>> f"{chip.channel.volume * 1e9:.2g} uL"
    '0.03 uL'
    """

    mechanism: ClassVar[str] = "viscoelastic focusing"

    polymer_viscosity_mPa_s: float = number(above=0, maximum=1e3, help="that the polymer adds to the liquid")
    relaxation_ms: float = number(above=0, maximum=1e4, help="relaxation time of the polymer")
    elastic_lift: float = number(default=0.05, minimum=0, maximum=10, help="C in F = C d^3 dN1/dy; 0.01 to 0.1")

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of its physics."""
        return ("leshansky2007", "liu2017")

    def viscosity(self, load: Load) -> float:
        """Return that of the liquid with the polymer [Pa s]."""
        return load.carrier.viscosity + to_si("polymer_viscosity_mPa_s", self.polymer_viscosity_mPa_s)

    def diffusivity(self, load: Load) -> FloatArray:
        """Return that of each class in the thicker liquid, shape (n,) [m2/s]."""
        slower: FloatArray = load.diffusivity * (load.carrier.viscosity / self.viscosity(load))
        return slower

    def weissenberg(self, load: Load) -> float:
        """Return relaxation time times mean shear rate, lambda 2 U/w [-]."""
        rate = 2.0 * self.channel.mean_velocity(load.total_flow) / min(self.channel.width, self.channel.height)
        return to_si("relaxation_ms", self.relaxation_ms) * rate

    def drift(self, load: Load, rows: IntArray, y: FloatArray) -> FloatArray:
        """Return the drift down the slope of the first normal stress difference at half the height."""
        polymer = to_si("polymer_viscosity_mPa_s", self.polymer_viscosity_mPa_s)
        elastic = 2.0 * polymer * to_si("relaxation_ms", self.relaxation_ms) * self._shear_slope(load, y)
        mobility = self.elastic_lift * load.diameter[rows] ** 2 / (3.0 * math.pi * self.viscosity(load))
        speed: FloatArray = -np.multiply.outer(mobility, elastic)
        return speed

    def _shear_slope(self, load: Load, y: FloatArray) -> FloatArray:
        """Return how the square of the shear rate changes across the channel, shape as `y` [1/s2/m]."""
        place = np.clip(y / self.channel.width, 2.0 * STEP, 1.0 - 2.0 * STEP)
        low, middle, high = (self.channel.profile(place + step, 0.5) for step in (-STEP, 0.0, STEP))
        shear, bend = (high - low) / (2.0 * STEP), (high - 2.0 * middle + low) / STEP**2
        slope: FloatArray = (
            2.0 * shear * bend * self.channel.mean_velocity(load.total_flow) ** 2 / self.channel.width**3
        )
        return slope

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield where the force is not that of the model."""
        yield from super(ViscoelasticFocusing, self).doubts(load)
        channel, number, reynolds = self.channel, self.weissenberg(load), self.reynolds(load)
        yield (
            f"Weissenberg number {number:.2g}, elasticity number {number / reynolds:.2g}; the coefficient of the "
            "elastic force is a choice within 0.01 to 0.1, and moves the cut-off with its root"
        )
        if number > STRETCHED:
            yield f"relaxation_ms = {self.relaxation_ms:g}: at such a Weissenberg number the force grows less than here"
        if reynolds > number:
            yield "inertia is as strong as elasticity, and is left out"
        if channel.height < channel.width:
            yield "the channel is wider than high: particles focus across its height, and not its width as in the model"
