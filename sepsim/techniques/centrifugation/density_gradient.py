"""Density-gradient centrifugation: rate-zonal, isopycnic and self-forming, in any rotor.

What happens in the tube: each particle moves towards the place where the liquid has its own density, the faster the
larger it is and the thinner the liquid; meanwhile the gradient itself sediments and diffuses. Afterwards the liquid is
drawn off in fractions.

Equation, in the cross-section A(r) of the tube, for solutes and particles alike:

    A dc/dt = -d/dr { A [ s w^2 r c - D dc/dr ] },    s = (m - V rho)/(3 pi eta d),    D = k T/(3 pi eta d)

with the local density rho, viscosity eta and osmolality, to which vesicles respond by losing water.

Assumptions: dilute particles, which do not disturb the gradient; what is at one radius is well mixed across the tube;
one temperature; no disturbance by acceleration, braking, or the reorientation of the liquid, which passes from spin to
rest layer by layer.

Valid range: as the media; creeping flow.

Sources: Svedberg & Pedersen 1940; Lamm 1929; Meselson, Stahl & Vinograd 1957, doi 10.1073/pnas.43.7.581; Martin & Ames
1961.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Fluid
from sepsim.method import Method, Outcome
from sepsim.rotors.rotors import ROTORS
from sepsim.samples.fractions import collector_problem, numbered
from sepsim.samples.sample import Sample, pool
from sepsim.settings import Accepts, Table, Tabled, flag, integer, number, part, record, settings, text
from sepsim.techniques.centrifugation.gradient.fractionation import borders, draw_off
from sepsim.techniques.centrifugation.gradient.gradient import (
    WALLS,
    AnyLayer,
    GradedLayer,
    Stretch,
    layers,
    pour,
    refuse_overturning,
    shares_above,
)
from sepsim.techniques.centrifugation.gradient.gradient_setup import GradientSetup
from sepsim.techniques.centrifugation.gradient.gradient_spin import CELLS, GradientSpin, spin_in_gradient
from sepsim.techniques.centrifugation.gradient.gradient_validity import gradient_remarks, gradient_warnings
from sepsim.techniques.centrifugation.gradient.plug_flow import FEW_CELLS, spin_in_plug_flow
from sepsim.techniques.centrifugation.pellet import pellet_remarks, resuspend
from sepsim.techniques.centrifugation.pellet_recovery import covered_share
from sepsim.techniques.centrifugation.rotor_settings import WITHOUT_LOSSES, RotorSettings
from sepsim.techniques.centrifugation.tubes.chords import chords
from sepsim.techniques.centrifugation.tubes.liquid_column import LiquidColumn, liquid_column
from sepsim.techniques.centrifugation.wall_layer import tube_wall
from sepsim.units import to_si

ENDS = ("top", "bottom")
ROUND_OFF = 1e-9
DRY_RUN_MISS = 5.0  # kg/m3, by which densities of a dry run may differ from those of a run
MOST_FRACTIONS = 1000
ROOM_TEMPERATURE_K = 293.15  # at which the order of layers is checked before the sample is known


def _accept_load(value: Any) -> str | int:
    if isinstance(value, str) and value in ENDS:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise InputError('must be "top", "bottom" or the number of a layer, 1 being the first of the list')


@settings
class DensityGradient(RotorSettings, Method):
    """Spin a sample in a gradient; hands out ``fraction 1``, ``fraction 2`` ..., ``pellet`` and ``lost``.

    Parameters
    ----------
    rotor, tube, tubes, speed_rpm, rcf_xg, rcf_at, time_min, acceleration_min, braking_min, temperature_C
        As for `Centrifugation`.
    pellet_recovery, residual_volume_mL, residual_film_um, waiting_min, pellet_model, resuspend
        As for `Centrifugation`.
    layers : sequence of mapping or Layer
        Each a volume and a medium, or a graded layer; from the top of the tube to its bottom.
    layers_from : "top" | "bottom"
        Order of the list; default "top".
    gradient : mapping or GradedLayer
        Instead of layers: one that is graded.
    load : "top" | "bottom" | int
        The sample is a layer of its own on top (default) or at the bottom, or it is stirred into the layer of this
        number.
    load_volume_mL : float [mL]
        Most of the sample that goes into one tube; default what the layers leave free.
    fraction_volume_mL : float [mL]
        Volume of the fractions, the last may be smaller; or instead
    fractions : int
        Number of equal fractions.
    collect_from : "top" | "bottom"
        Where the first fraction is drawn; default "top".
    fraction_mixing_mL : float [mL]
        Standard deviation by which liquid is displaced while it is drawn off; default 0.
    frozen_gradient : bool
        Keep the gradient as it was poured, to see what its movement does; default false.
    wall : "catches" | "slides"
        What meets a narrowing wall on its way outwards slides along it to liquid of its own density (default), or is
        pelleted where it meets the wall, as in a spin without a gradient.

    Raises
    ------
    InputError
        With every problem of the settings.

    Notes
    -----
    How much of a sample the wall retains in a gradient has not been published; compare both settings. In a uniform
    medium "catches" pellets what plug flow does in a swinging bucket (1e-4 of the load and better); in a leaning tube,
    where this technique mixes what is at one radius, the shares differ by up to 0.5 %.

    Examples
    --------
    >>> run = DensityGradient(
    ...     rotor="SW 41 Ti", rcf_xg=100_000, rcf_at="rav", time_min=1080, fraction_volume_mL=1,
    ...     layers=[{"volume_mL": 3, "iodixanol_percent_w_v": c, "diluent": "PBS"} for c in (5, 10, 20)],
    ... )
    >>> run.layers[2].volume_mL
    3.0
    """

    technique: ClassVar[str] = "density_gradient"
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType({**WITHOUT_LOSSES, "fraction_mixing_mL": 0.0})

    layers: Accepts[tuple[AnyLayer, ...] | None, Sequence[AnyLayer | Table] | None] = part(
        default=None,
        accept=layers,
        dump=lambda value: [each.to_table() for each in value],
        allowed='[{ volume_mL = 3, iodixanol_percent_w_v = 5, diluent = "PBS" }, ...]',
        help="from the top of the tube to its bottom",
    )
    layers_from: str = text(default="top", choices=ENDS, help="order of the list")
    gradient: Tabled[GradedLayer | None] = record(
        GradedLayer,
        default=None,
        example='{ shape = "linear", top = { sucrose_percent_w_w = 5 }, bottom = { sucrose_percent_w_w = 20 }, '
        "volume_mL = 11 }",
        help="one graded layer, instead of layers",
    )
    load: str | int = part(
        default="top",
        accept=_accept_load,
        dump=lambda value: value,
        allowed='"top", "bottom" or the number of a layer',
        help="where the sample goes; into a layer it is stirred",
    )
    load_volume_mL: float | None = number(default=None, above=0, help="most of the sample that goes into one tube")
    fraction_volume_mL: float | None = number(default=None, above=0, help="volume of the fractions")
    fractions: int | None = integer(
        default=None, minimum=1, maximum=MOST_FRACTIONS, help="number of equal fractions, instead"
    )
    collect_from: str = text(default="top", choices=ENDS, help="where the first fraction is drawn")
    fraction_mixing_mL: float = number(
        default=0.0, minimum=0, help="standard deviation of the displacement while drawing"
    )
    frozen_gradient: bool = flag(default=False, help="keep the gradient as poured, for comparison")
    wall: str = text(default="slides", choices=WALLS, help="what becomes of particles that meet the narrowing wall")

    def conflicts(self) -> list[str]:
        """Return what is wrong between the settings: speed, layers, volumes, fractions."""
        problems = [*RotorSettings.conflicts(self), *self.found(self._gradient_problems, self._fraction_problems)]
        return problems or self.found(self._load_problems, self._volume_problems, self._layer_problems)

    def _gradient_problems(self) -> Iterator[str]:
        if (self.layers is None) == (self.gradient is None):
            yield "give exactly one of layers and gradient"

    def _fraction_problems(self) -> Iterator[str]:
        if (self.fraction_volume_mL is None) == (self.fractions is None):
            yield "give exactly one of fraction_volume_mL and fractions"

    def _load_problems(self) -> Iterator[str]:
        count = len(self._stack)
        if isinstance(self.load, int) and self.load > count:
            yield f"load = {self.load}: there is no such layer; the last is {count}"

    def _volume_problems(self) -> Iterator[str]:
        tube = self.loaded_rotor.tube
        free = self._free_volume
        if free <= ROUND_OFF * tube.volume:
            yield (
                f"layers: {(tube.volume - free) * 1e6:g} mL leave no room for the sample in tube {tube.name!r} of "
                f"rotor {self.rotor.name!r}, which holds {tube.volume_mL:g} mL; use less of them, or a larger tube"
            )
        elif self.load_volume_mL is not None and to_si("load_volume_mL", self.load_volume_mL) > free * (1 + ROUND_OFF):
            yield (
                f"load_volume_mL = {self.load_volume_mL:g}: the layers leave only {free * 1e6:.4g} mL free in tube "
                f"{tube.name!r}, which holds {tube.volume_mL:g} mL"
            )
        if self.fraction_volume_mL is not None:
            smallest = tube.volume_mL / MOST_FRACTIONS
            if not smallest <= self.fraction_volume_mL <= tube.volume_mL:
                yield (
                    f"fraction_volume_mL = {self.fraction_volume_mL:g}: must be at least {smallest:.2g}, for at most "
                    f"{MOST_FRACTIONS} fractions, and at most the {tube.volume_mL:g} mL of tube {tube.name!r}"
                )

        if self.fraction_mixing_mL > tube.volume_mL:
            yield (
                f"fraction_mixing_mL = {self.fraction_mixing_mL:g}: at most the {tube.volume_mL:g} mL of tube "
                f"{tube.name!r}"
            )

    def _layer_problems(self) -> Iterator[str]:
        temperature = ROOM_TEMPERATURE_K if self.temperature_C is None else to_si("temperature_C", self.temperature_C)
        try:
            refuse_overturning(self._poured(temperature), self._layer_names)
        except InputError as error:
            yield from error.problems

    @property
    def _stack(self) -> tuple[AnyLayer, ...]:
        """The layers from the top of the tube to its bottom, without the sample."""
        given = (self.gradient,) if self.layers is None else self.layers
        stack = tuple(each for each in given if each is not None)
        return stack if self.layers_from == "top" else stack[::-1]

    @property
    def _layer_names(self) -> list[str]:
        if self.layers is None:
            return ["gradient"]
        names = [f"layer {index}" for index in range(1, len(self.layers) + 1)]
        return names if self.layers_from == "top" else names[::-1]

    @property
    def _free_volume(self) -> float:
        """Volume that the layers leave free in a tube [m3]."""
        return self.loaded_rotor.tube.volume - sum(to_si("volume_mL", each.volume_mL) for each in self._stack)

    def _poured(self, temperature: float) -> list[Stretch]:
        return [each.stretch(temperature) for each in self._stack]

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions, as far as they are known before the tube is filled."""
        return (*numbered(self.fractions or 0), "pellet", "lost")

    def keep_problem(self, keep: str) -> str:
        """Return why a selection of fractions cannot be kept, or an empty text."""
        return collector_problem(keep, self.fractions, ("pellet", "lost"))

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics, the media and the rotor's radii come from."""
        fluids = [fluid for each in self._stack for fluid in _fluids(each)]
        if self.resuspend is not None:
            fluids.append(self.resuspend.medium)
        return (
            *("svedberg1940", "lamm1929", "meselson1957", "scharfetter1969"),
            *ROTORS.sources(self.rotor),
            *(key for fluid in fluids for key in fluid.sources),
        )

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[GradientSpin]:
        """Layer, spin, and draw off fractions."""
        return self._drawn_off(sample, _spun(self.ideal(), sample))

    def dry_run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[GradientSpin]:
        """Spin in plug flow on few cells, and draw off without mixing.

        Fractions have the volumes of a run, nearly its densities, and bands without width. It tells that the liquid
        turns over as it is filled; not that it does so later, nor how uncertain the shares of a run are.
        """
        return replace(self, fraction_mixing_mL=0.0)._drawn_off(sample, _spun_in_plug_flow(self.ideal(), sample))

    def fraction_densities(self, sample: Sample, dry: Outcome[GradientSpin]) -> tuple[float, float]:
        """Return between which densities fractions of a run lie: nearly those of the tube before and after a dry run.

        What a single layer comes to is left to the run, since all of its gradient forms itself.
        """
        if self.layers is not None and len(self.layers) == 1:
            return 0.0, math.inf
        densities = np.concatenate([gradient.density for gradient in dry.trace.gradients])
        return float(densities.min()) - DRY_RUN_MISS, float(densities.max()) + DRY_RUN_MISS

    def _drawn_off(self, sample: Sample, spin: GradientSpin) -> Outcome[GradientSpin]:
        """Draw off fractions, and take up the pellet."""
        loaded = replace(sample, medium=self.run_medium(sample.medium))
        marks, from_bottom = self._marks(spin.column), self.collect_from == "bottom"
        lowest = marks[1] - marks[0] if from_bottom else marks[-1] - marks[-2]
        wall = tube_wall(
            self.loaded_rotor, spin.tubes, float(chords(self.loaded_rotor, float(spin.column.depths[-1])).area.sum())
        )
        collected, pellet = draw_off(
            loaded,
            spin,
            marks,
            residual_volume=self.residual_volume(lowest, wall),
            settled=lambda medium, residual: self.settled(loaded.particles, medium, wall, residual),
            from_bottom=from_bottom,
            mixing=to_si("fraction_mixing_mL", self.fraction_mixing_mL),
        )
        taken_up, lost = pellet.as_it_lies(), loaded.take(0.0, 0.0)[0]
        back: list[FloatArray] = []
        if self.resuspend is not None:
            bottom = collected[0 if from_bottom else -1]
            covered = covered_share(pool([bottom, pellet.as_it_lies()]), wall, self.pellet_model)
            back.append(self.recovered(pellet, wall, covered))
            taken_up, lost = resuspend(pellet, self.resuspend, back[-1])
        numbered_fractions = dict(zip(numbered(len(collected)), collected, strict=True))
        return Outcome(
            fractions={**numbered_fractions, "pellet": taken_up, "lost": lost},
            duration=spin.runs * spin.profile.clock,
            equipment={"tube": spin.tubes, "run": spin.runs},
            trace=spin,
            remarks=(
                *pellet_remarks(loaded, pellet.solid, back),
                *gradient_remarks(spin, marks[-1] - marks[::-1] if from_bottom else marks),
            ),
            warnings=tuple([*gradient_warnings(loaded, spin), *self.pellet_warnings()]),
        )

    def filled(self, sample: Sample, cells: int = CELLS) -> GradientSetup:
        """Return the tubes as they are filled with a sample and with the layers.

        Parameters
        ----------
        sample : Sample
            At the temperature of the run.
        cells : int
            Of the column of liquid.

        Returns
        -------
        GradientSetup

        Raises
        ------
        InputError
            If the sample does not fit, or would not stay in its place.
        """
        most = self._free_volume if self.load_volume_mL is None else to_si("load_volume_mL", self.load_volume_mL)
        tubes, runs = self.tubes_and_runs(sample.volume, most)
        stretches, names, loaded = self._with_sample(sample, sample.volume / tubes)
        refuse_overturning(stretches, names)
        self.refuse_unsafe_speed(stretches)
        rotor = self.loaded_rotor
        column = liquid_column(rotor, sum(each.volume for each in stretches), cells)
        marks = self._marks(column)
        return GradientSetup(
            rotor=rotor,
            tubes=tubes,
            runs=runs,
            column=column,
            gradient=pour(stretches, column.depths),
            load=np.diff(shares_above(stretches, column.depths)[loaded]),
            borders=marks if self.collect_from == "top" else marks[-1] - marks,
            profile=self.profile,
            frozen=self.frozen_gradient,
            walls_catch=self.wall == "catches",
        )

    def _marks(self, column: LiquidColumn) -> FloatArray:
        """Return the volumes drawn from a tube before and after each fraction [m3]."""
        volume = None if self.fraction_volume_mL is None else to_si("fraction_volume_mL", self.fraction_volume_mL)
        return borders(column.depths[-1], volume=volume, number=self.fractions)

    def _with_sample(self, sample: Sample, volume: float) -> tuple[list[Stretch], list[str], int]:
        """Return the liquids of a tube from its top, what to call them, and which of them holds the particles."""
        stretches, names = self._poured(sample.medium.temperature), self._layer_names
        if isinstance(self.load, int):
            place = names.index(f"layer {self.load}") if self.layers is not None else 0
            stretches[place] = stretches[place].mixed_with(sample.liquid, volume)
            names[place] += " with the sample"
            return stretches, names, place
        place = 0 if self.load == "top" else len(stretches)
        stretches.insert(place, Stretch(volume, sample.liquid, sample.liquid))
        names.insert(place, "the sample")
        return stretches, names, place


@lru_cache(maxsize=2)
def _spun(method: DensityGradient, sample: Sample) -> GradientSpin:
    """Spin a sample; kept, since bench and ideal handling spin alike and part only afterwards."""
    loaded = replace(sample, medium=method.run_medium(sample.medium))
    return spin_in_gradient(sample.particles, sample.counts, method.filled(loaded, CELLS))


@lru_cache(maxsize=2)
def _spun_in_plug_flow(method: DensityGradient, sample: Sample) -> GradientSpin:
    loaded = replace(sample, medium=method.run_medium(sample.medium))
    return spin_in_plug_flow(sample.particles, sample.counts, method.filled(loaded, FEW_CELLS))


def _fluids(layer: AnyLayer) -> Sequence[Fluid]:
    return (layer.top, layer.bottom) if isinstance(layer, GradedLayer) else (layer.medium,)
