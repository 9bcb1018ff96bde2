"""Microfluidics: a sample flows through channels as wide as a hair, in which particles part by what they are.

What happens in the chip: the flow is laminar, so that a particle stays on its streamline unless a post, a field or its
own diffusion takes it off. Outlets divide the streamlines among them; walls may catch what touches them.

Each mechanism is a record of chips with its own equations: deterministic lateral displacement, acoustophoresis,
field-flow fractionation, viscoelastic and inertial focusing, electrophoresis, dielectrophoresis, magnetophoresis, and
immunocapture on walls. Three numbers tell which effects matter: Reynolds (inertia over friction), Peclet (carried over
diffusing) and Damkohler (bound over diffusing to the wall).

Equations of a step: with V the volume that is not left in dead volumes, a the share that sticks to the walls, and s_o
what the mechanism says of each class, an outlet hands out s_o (1 - a) of the particles in its part of the liquid.

Assumptions: steady flow; what adsorbs is the same share of all particles; dead volumes hold sample as it came.

Valid range: Reynolds numbers below 2000; each mechanism warns outside its own.

Sources: Bruus, Theoretical Microfluidics (2008), and those of the mechanism. Adsorbed shares and dead volumes are
choices: few devices have published a balance.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from sepsim import media
from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Fluid, Medium
from sepsim.method import Method, Outcome
from sepsim.particles.states import ParticleState
from sepsim.samples.fractions import collector_problem, is_numbered
from sepsim.samples.sample import Sample
from sepsim.settings import Named, integer, number, part, settings
from sepsim.techniques.microfluidics.chip_results import chip_remarks, chip_warnings
from sepsim.techniques.microfluidics.chip_run import ChipRun
from sepsim.techniques.microfluidics.chips.chip import Chip
from sepsim.techniques.microfluidics.chips.chips import CHIPS, FORMS, chip
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Liquid
from sepsim.text.tables import counted
from sepsim.units import to_si


@settings
class Microfluidics(Method):
    """Let a sample flow through chips; hands out what their outlets do, such as ``target outlet``, and ``lost``.

    Parameters
    ----------
    chip : str, mapping or Chip
        A name of the catalogue, or a chip of one's own.
    flow_uL_min : float [uL/min]
        Of the sample into each chip; left out: that of the chip.
    chips : int
        How many alike work side by side.
    buffer : str, mapping or Fluid
        What flows in beside the sample, carries it or washes the chip.
    temperature_C : float [degC]
        Left out: that of the sample.
    dead_volume_uL : float [uL]
        Of sample that stays in each chip and its tubing; left out: that of the chip.
    adsorbed_percent : float [%]
        Of the particles, lost on the walls; left out: that of the chip.

    Raises
    ------
    InputError
        With every problem of the settings.

    Notes
    -----
    Dead volume and adsorption are choices; ideal handling has none.

    Examples
    --------
    >>> step = Microfluidics(chip={"like": "half-wave resonator 2 MHz", "flow_uL_min": 20}, chips=2)
    >>> step.fraction_names, step.chip.mechanism
    (('target outlet', 'waste', 'lost'), 'acoustophoresis')
    """

    technique: ClassVar[str] = "microfluidics"
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType({"dead_volume_uL": 0.0, "adsorbed_percent": 0.0})
    tells_apart: ClassVar[bool] = True

    chip: Named[Chip] = part(accept=chip, dump=CHIPS.describe, allowed=FORMS, help="the chip")
    flow_uL_min: float | None = number(
        default=None, minimum=1e-9, maximum=1e6, help="of the sample into each chip; left out: that of the chip"
    )
    chips: int = integer(default=1, minimum=1, maximum=100_000, help="how many alike work side by side")
    buffer: Named[Fluid] = part(
        default=media.fluid("PBS"),
        accept=media.fluid,
        dump=media.describe,
        allowed=media.FLUID_FORMS,
        help="what flows in beside the sample, carries it or washes the chip",
    )
    temperature_C: float | None = number(default=None, minimum=0, maximum=60, help="left out: that of the sample")
    dead_volume_uL: float | None = number(
        default=None, minimum=0, maximum=1e6, help="of sample left in each chip; left out: that of the chip"
    )
    adsorbed_percent: float | None = number(
        default=None, minimum=0, maximum=99, help="of the particles, lost on walls; left out: that of the chip"
    )

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions."""
        return (*self.chip.outlets, "lost")

    @property
    def antigens(self) -> tuple[str, ...]:
        """Antigens whose copies the chip needs to know."""
        return self.chip.antigens

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics, the chip and the buffer come from."""
        return (*("bruus2008", "sepsim_choice"), *self.chip.sources, *CHIPS.sources(self.chip), *self.buffer.sources)

    def states(self, sample: Sample) -> tuple[ParticleState, ...]:
        """Return the states that the chip can bring particles into."""
        return self.chip.states(sample)

    def keep_problem(self, keep: str) -> str:
        """Return why a fraction cannot be kept, or an empty text."""
        if not self.chip.numbered:
            return super(Microfluidics, self).keep_problem(keep)
        named = [name for name in self.fraction_names if not is_numbered(name)]
        return collector_problem(keep, self.chip.numbered, named)

    def obstacle(self, fraction: str) -> str:
        """Return why what is lost cannot go on."""
        return "it sticks to the walls, or is left in dead volumes" if fraction == "lost" else ""

    def spent(self, fraction: str) -> str:
        """Return why a fraction cannot be treated by a later step, or an empty text."""
        return self.obstacle(fraction) or self.chip.spent(fraction)

    def product_remark(self, fraction: str) -> str:
        """Return what is worth telling of a fraction that is the product, or an empty text."""
        return self.chip.product_remark(fraction)

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[ChipRun]:
        """Let the sample through, and collect what the outlets hand out."""
        return self._collected(sample, dry=False)

    def dry_run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[ChipRun]:
        """Do the same without the mechanism: particles spread evenly over the liquid that leaves."""
        return self._collected(sample, dry=True)

    def load(self, sample: Sample) -> Load:
        """Return the sample as it enters the chips.

        Parameters
        ----------
        sample : Sample
            Without what stays in dead volumes.

        Returns
        -------
        Load
        """
        buffer = Medium.pure(self.buffer, sample.medium.temperature)
        flow = to_si("flow_uL_min", self.chip.flow_uL_min if self.flow_uL_min is None else self.flow_uL_min)
        return Load(
            sample=sample,
            buffer=buffer,
            carrier=self.chip.carrier(sample, buffer),
            flow=flow,
            buffer_flow=self.chip.buffer_ratio * flow,
            chips=self.chips,
        )

    def _collected(self, sample: Sample, *, dry: bool) -> Outcome[ChipRun]:
        if self.temperature_C is not None:
            sample = sample.at(to_si("temperature_C", self.temperature_C))
        treated, dead = self._let_in(sample)
        load = self.load(treated)
        self.chip.refuse(load)
        liquids = self.chip.liquids(load)
        passage = None if dry else self.chip.passage(load)
        done = ChipRun(chip=self.chip, load=load, liquids=liquids, passage=passage)
        kept = 1.0 - to_si("adsorbed_percent", self._adsorbed_percent)
        fractions, rest = {}, treated
        for outlet, liquid in liquids.items():
            share = kept * (passage.shares[outlet] if passage else _evenly(liquids, outlet, treated))
            taken, rest = _tapped(treated, rest, liquid, share, load.buffer)
            fractions[outlet] = self.chip.handed_out(outlet, taken, passage)
        return Outcome(
            fractions={**fractions, "lost": _together(rest, dead)},
            duration=self.chip.time(load),
            trace=done,
            remarks=tuple(chip_remarks(done)),
            warnings=tuple(chip_warnings(done)),
            equipment={"chip": self.chips},
        )

    @property
    def _adsorbed_percent(self) -> float:
        return self.chip.adsorbed_percent if self.adsorbed_percent is None else self.adsorbed_percent

    def _let_in(self, sample: Sample) -> tuple[Sample, Sample]:
        """Return what flows through, and what stays in dead volumes."""
        if sample.volume == 0:
            raise InputError("there is no liquid to let into a chip; give the sample a volume, or resuspend it")
        each = self.chip.dead_volume_uL if self.dead_volume_uL is None else self.dead_volume_uL
        dead = self.chips * to_si("dead_volume_uL", each)
        if dead >= sample.volume:
            raise InputError(
                f"dead_volume_uL = {each:g}: {counted(self.chips, 'chip')} would keep {dead * 1e9:.3g} uL, and there "
                f"are {sample.volume * 1e9:.3g} uL of sample; take fewer chips, or more sample"
            )
        left, through = sample.take(dead / sample.volume, dead)
        return through, left


def _tapped(treated: Sample, rest: Sample, liquid: Liquid, share: FloatArray, buffer: Medium) -> tuple[Sample, Sample]:
    """Return what leaves by an outlet, and what is then left."""
    taken, _ = treated.take(share, liquid.load_share * treated.volume)
    counts = np.maximum(rest.counts - taken.counts, 0.0)
    left = Sample(rest.particles, rest.medium, max(rest.volume - taken.volume, 0.0), counts)
    return taken.dilute(liquid.buffer, buffer), left


def _evenly(liquids: Mapping[str, Liquid], outlet: str, treated: Sample) -> FloatArray:
    """Return what leaves by an outlet if particles spread evenly over all liquid, buffer included, shape (n,) [-]."""
    volumes = {name: liquid.load_share * treated.volume + liquid.buffer for name, liquid in liquids.items()}
    return np.full(len(treated.counts), volumes[outlet] / sum(volumes.values()))


def _together(rest: Sample, dead: Sample) -> Sample:
    """Return what is left of all, and what dead volumes hold."""
    return Sample(rest.particles, rest.medium, rest.volume + dead.volume, rest.counts + dead.counts)
