"""Chromatography: size exclusion, and elution of what a resin has bound ("flushing separation").

What happens in the column: liquid carries the sample past porous beads; what is too large for the pores runs with the
liquid between the beads and leaves first, what enters them leaves the later the more of the pores it finds. A resin may
also bind some populations, which leave later, after a change of eluent, or not at all.

Equation, for each species, with the concentration c between the beads, c_p in their pores and q bound:

    dc/dt = D_ax d2c/dz2 - u dc/dz - k c - (1-eps)/eps (3/r_p) k_f (c - c_p(r_p))
    K eps_p dc_p/dt + dq/dt = (1/r^2) d/dr (r^2 K eps_p D_p dc_p/dr) - K eps_p k_p c_p

with dq/dt = k_a c_p (1 - sum_j q_j/q_j,max) - k_d q, or q proportional to c_p where nothing limits it. Of the sites the
share K is in the pores, the rest on the outer surface of the beads, which the film alone parts from the liquid. The
"lumped rate with pores" has no gradient in the beads, the "equilibrium dispersive" model no film either.

Assumptions: dilute particles that neither clog the bed nor change the flow; one temperature; the sample enters as a
plug, is followed by eluent, and is as thin as that; the pores admit a particle by its hydrodynamic radius; a stronger
eluent changes binding alone, at a sharp front that moves with the liquid, that of the pores included.

Valid range: beads by the correlations of film and dispersion, 0.0016 < Re < 55; vesicles that hold their shape.

Known gap: measured tails of protein and HDL before their peak are higher than these equations give, since complexes,
aggregates and uneven packing are not in them. Adsorption of vesicles is a share that the user sets.

Sources: Danckwerts 1953; Kucera 1965; Wilson & Geankoplis 1966; Chung & Wen 1968; Hagel 1996.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from sepsim import media
from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Fluid, Medium
from sepsim.method import Method, Outcome
from sepsim.samples.fractions import collector_problem, numbered
from sepsim.samples.sample import Sample
from sepsim.settings import Accepts, Named, Settings, Tabled, as_float, integer, number, part, record, settings, text
from sepsim.techniques.chromatography.column_conditions import MODELS, Conditions, StrongerEluent, needs_steps
from sepsim.techniques.chromatography.columns.columns import COLUMNS, Column, gravity_flow
from sepsim.techniques.chromatography.elution import Elution, Solver, elute
from sepsim.techniques.chromatography.elution_validity import binds, elution_warnings
from sepsim.techniques.chromatography.estimated_elution import estimate_elution
from sepsim.techniques.chromatography.solved_elution import solve_elution
from sepsim.units import to_si

STARTS = ("sample", "void")
SOLVERS = ("exact", "stepped")
MOST_FRACTIONS = 1000
NAMED = ("column", "lost")
MIXING_MISS = 5.0  # kg/m3, by which a mixture may lie beyond the densities of what is mixed


def _accept_ends(value: Any) -> tuple[float, ...]:
    items = value if isinstance(value, (list, tuple)) else []
    ends = [as_float(item) for item in items]
    if not ends or len(ends) > MOST_FRACTIONS or not all(end is not None and 0 < end < float("inf") for end in ends):
        raise InputError(f"must be a list of 1 to {MOST_FRACTIONS} volumes above 0, such as [1.5, 3.0, 5.0]")
    accepted = tuple(end for end in ends if end is not None)
    problems = [
        f"fractions overlap: fraction {index} ends at {after:g} mL, at or before the end of the one before it at "
        f"{before:g} mL; the ends must rise"
        for index, (before, after) in enumerate(pairwise(accepted), start=2)
        if after <= before
    ]
    if problems:
        raise InputError(*problems)
    return accepted


@settings
class StepElution(Settings):
    """A stronger eluent that takes over in the course of an elution.

    Parameters
    ----------
    after_mL : float [mL]
        Volume from which on it enters the column, counted as the fractions are.
    eluent : str, mapping or Fluid
        What it is made of. How it acts stands in the resin: `eluted_retention_factor`.
    released_percent : float [%]
        Share of the vesicles taken up by the resin that it sets free; default 0. They come off where its front meets
        them, and then run with the liquid between the beads, ahead of the front, which also fills the pores.

    Raises
    ------
    InputError
        If the volume or the share is out of its range.

    Examples
    --------
    >>> StepElution(after_mL=20, eluent="PBS").released_percent
    0.0
    """

    after_mL: float = number(above=0, help="volume from which on it enters, counted as the fractions are")
    eluent: Named[Fluid] = part(
        accept=media.fluid, dump=media.describe, allowed=media.FLUID_FORMS, help="the stronger eluent"
    )
    released_percent: float = number(
        default=0.0, minimum=0, maximum=100, help="share of the vesicles taken up by the resin that it sets free"
    )


@settings
class Chromatography(Method):
    """Run a sample through a column; hands out ``fraction 1``, ``fraction 2`` ..., ``column`` and ``lost``.

    What leaves before fraction 1 is handed out as ``void``; what more eluent would still bring out is on the
    ``column``, what the resin keeps for good is ``lost``.

    Parameters
    ----------
    column : str, mapping or Column
        A name of the catalogue, or a column of one's own.
    eluent : str, mapping or Fluid
        Fills the column and follows the sample; default "PBS".
    flow_mL_min : float [mL/min]
        Flow; or instead
    hydrostatic_head_mm : float [mm]
        Height of the liquid above the outlet, which drives the flow by gravity; at least that of the bed.
    temperature_C : float [degC]
        Default that of the sample.
    fraction_volume_mL : float [mL]
        Volume of equal fractions, with
    fractions : int
        Their number; or instead
    fraction_ends_mL : sequence of float [mL]
        Where each fraction ends.
    count_from : "sample" | "void"
        Volumes and numbers count from the moment at which the sample enters (default), or from the end of the void
        volume, the liquid between the beads. By then some of the vesicles have left; makers' "buffer volume" ends
        earlier, before the first of them.
    model : str
        "general rate" (default), "lumped rate with pores" or "equilibrium dispersive".
    solver : "exact" | "stepped"
        Left out: exact, unless binding saturates or a stronger eluent changes it.
    step_elution : mapping or StepElution
        A stronger eluent from some volume on.
    axial_dispersion_m2_s : float [m2/s]
        Left out: from the correlation of Chung and Wen.
    vesicle_adsorption_percent : float [%]
        Share of the vesicles that the resin takes up on the way through; default 40, none in ideal handling.

    Raises
    ------
    InputError
        With every problem of the settings.

    Notes
    -----
    The adsorbed share is a choice within published recoveries; it depends on resin, on how it was washed before, and on
    how dilute the sample is. It is a first-order uptake from the liquid between the beads of the first bed, alike for
    all vesicles.

    Examples
    --------
    >>> run = Chromatography(
    ...     column="Sepharose CL-2B, 10 mL", flow_mL_min=0.5, fraction_volume_mL=0.5, fractions=26
    ... )
    >>> run.fraction_names[-3:], run.without_losses["vesicle_adsorption_percent"]
    (('fraction 26', 'column', 'lost'), 0.0)
    """

    technique: ClassVar[str] = "chromatography"
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType({"vesicle_adsorption_percent": 0.0})

    column: Named[Column] = part(
        accept=COLUMNS.get,
        dump=COLUMNS.describe,
        allowed="a name from `sepsim list columns`, or a table { bed_volume_mL, diameter_mm, resin }",
        help="the column",
    )
    eluent: Named[Fluid] = part(
        accept=media.fluid,
        dump=media.describe,
        allowed=media.FLUID_FORMS,
        default=media.fluid("PBS"),
        help="fills the column and follows the sample",
    )
    flow_mL_min: float | None = number(default=None, above=0, maximum=1000, help="flow")
    hydrostatic_head_mm: float | None = number(
        default=None, above=0, maximum=10_000, help="height of liquid above the outlet, instead: flow by gravity"
    )
    temperature_C: float | None = number(
        default=None, minimum=0, maximum=60, help="of the run; left out: that of the sample"
    )
    fraction_volume_mL: float | None = number(
        default=None, above=0, maximum=1e5, help="volume of a fraction, with fractions"
    )
    fractions: int | None = integer(default=None, minimum=1, maximum=MOST_FRACTIONS, help="number of equal fractions")
    fraction_ends_mL: Accepts[tuple[float, ...] | None, Sequence[float] | None] = part(
        default=None,
        accept=_accept_ends,
        dump=list,
        allowed="a list of rising volumes such as [1.5, 3.0, 5.0]",
        help="where each fraction ends, instead",
    )
    count_from: str = text(
        default="sample", choices=STARTS, help="volumes count from sample entry or from the void volume"
    )
    model: str = text(default=MODELS[0], choices=MODELS, help="what is resolved in the beads")
    solver: str | None = text(default=None, choices=SOLVERS, help="left out: exact where binding is linear")
    step_elution: Tabled[StepElution | None] = record(
        StepElution, default=None, example='{ after_mL = 20, eluent = "PBS" }', help="a stronger eluent takes over"
    )
    axial_dispersion_m2_s: float | None = number(
        default=None, above=0, maximum=1e-3, help="left out: from a correlation"
    )
    vesicle_adsorption_percent: float = number(
        default=40.0, minimum=0, maximum=99, help="share of the vesicles that the resin takes up"
    )

    def conflicts(self) -> list[str]:
        """Return what is wrong between the settings: flow, fractions, solver."""
        problems = self.found(self._flow_problems, self._fraction_problems)
        return problems or self.found(self._head_problems, self._step_problems, self._solver_problems)

    def _flow_problems(self) -> Iterator[str]:
        if (self.flow_mL_min is None) == (self.hydrostatic_head_mm is None):
            yield "give exactly one of flow_mL_min and hydrostatic_head_mm"

    def _fraction_problems(self) -> Iterator[str]:
        equal = (self.fraction_volume_mL is not None, self.fractions is not None)
        if any(equal) and not all(equal):
            yield "give fraction_volume_mL and fractions together"
        elif all(equal) == (self.fraction_ends_mL is not None):
            yield "give either fraction_volume_mL with fractions, or fraction_ends_mL"

    def _head_problems(self) -> Iterator[str]:
        bed_mm = self.column.length * 1e3
        if self.hydrostatic_head_mm is not None and self.hydrostatic_head_mm < bed_mm:
            yield (
                f"hydrostatic_head_mm = {self.hydrostatic_head_mm:g}: below the top of the bed of {bed_mm:.3g} mm, "
                f"which would run dry; it counts from the outlet: give at least {bed_mm:.3g}, or flow_mL_min"
            )

    def _solver_problems(self) -> Iterator[str]:
        step = self.step_elution is not None
        bound = {
            name
            for bed in self.column.beds
            for name, binding in bed.resin.binds.items()
            if needs_steps(binding, step_elution=step)
        }
        if self.solver == "exact" and bound:
            yield (
                f"solver = 'exact': the binding of {', '.join(sorted(bound))} saturates, or changes with the stronger "
                "eluent, which has no closed solution; leave solver out"
            )

    def _step_problems(self) -> Iterator[str]:
        if self.step_elution is not None and self.step_elution.after_mL >= self._lab_ends[-1]:
            yield (
                f"step_elution: after_mL = {self.step_elution.after_mL:g}: the last fraction ends at "
                f"{self._lab_ends[-1]:g} mL, before the stronger eluent comes; collect more fractions, or let it come "
                "earlier"
            )

    @property
    def _lab_ends(self) -> tuple[float, ...]:
        """Where each numbered fraction ends, counted as they are [mL]."""
        if self.fraction_ends_mL is not None:
            return self.fraction_ends_mL
        return tuple(index * (self.fraction_volume_mL or 0.0) for index in range(1, (self.fractions or 0) + 1))

    @property
    def _offset(self) -> float:
        """Volume that leaves the column between sample entry and the start of fraction 1 [m3]."""
        return self.column.void_volume if self.count_from == "void" else 0.0

    @property
    def _borders(self) -> FloatArray:
        """Volumes since sample entry at which what is handed out begins and ends [m3]."""
        ends = self._offset + np.array([0.0, *(to_si("volume_mL", end) for end in self._lab_ends)])
        return ends if self._offset == 0.0 else np.append(0.0, ends)

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions, in the order in which they leave the column."""
        before = ("void",) if self.count_from == "void" else ()
        return (*before, *numbered(len(self._lab_ends)), *NAMED)

    def keep_problem(self, keep: str) -> str:
        """Return why a selection of fractions cannot be kept, or an empty text."""
        if keep == "void" and self.count_from != "void":
            return "what leaves before fraction 1 is handed out with count_from = 'void'; set it, or keep fractions"
        named = [name for name in self.fraction_names if name in ("void", *NAMED)]
        return collector_problem(keep, len(self._lab_ends), named)

    def obstacle(self, fraction: str) -> str:
        """Return why what stays on the column cannot go on to another step."""
        ways_out = {
            "column": "it stays on the resin; collect more fractions, or let a step_elution bring it out",
            "lost": "the resin has taken it up for good; of vesicles a step_elution may bring back released_percent",
        }
        return ways_out.get(fraction, "")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics, the media and the column come from."""
        fluids = [self.eluent] if self.step_elution is None else [self.eluent, self.step_elution.eluent]
        dispersion = ("chung1968",) if self.axial_dispersion_m2_s is None else ()
        return (
            *("danckwerts1953", "kucera1965", "wilson1966", *dispersion, "sepsim_choice"),
            *COLUMNS.sources(self.column),
            *(key for fluid in fluids for key in fluid.sources),
        )

    def flow(self, eluent: Medium) -> float:
        """Return the flow through the column.

        Parameters
        ----------
        eluent : Medium
            At the temperature of the run.

        Returns
        -------
        float [m3/s]
        """
        if self.flow_mL_min is not None:
            return to_si("flow_mL_min", self.flow_mL_min)
        assert self.hydrostatic_head_mm is not None  # by `conflicts`
        head = to_si("hydrostatic_head_mm", self.hydrostatic_head_mm)
        return gravity_flow(self.column, head, eluent.density, eluent.viscosity)

    def conditions(self, temperature: float) -> Conditions:
        """Return how the column is run.

        Parameters
        ----------
        temperature : float [K]
            Of the sample; the one of the settings goes before it.

        Returns
        -------
        Conditions
        """
        if self.temperature_C is not None:
            temperature = to_si("temperature_C", self.temperature_C)
        eluent = Medium.pure(self.eluent, temperature)
        return Conditions(
            column=self.column,
            flow=self.flow(eluent),
            eluent=eluent,
            model=self.model,
            solver=self.solver,
            dispersion=self.axial_dispersion_m2_s,
            adsorption=to_si("vesicle_adsorption_percent", self.vesicle_adsorption_percent),
            stronger=self._stronger(temperature),
        )

    def _stronger(self, temperature: float) -> StrongerEluent | None:
        if (step := self.step_elution) is None:
            return None
        return StrongerEluent(
            after=self._offset + to_si("after_mL", step.after_mL),
            medium=Medium.pure(step.eluent, temperature),
            released=to_si("released_percent", step.released_percent),
        )

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[Elution]:
        """Load, elute, and collect the fractions."""
        return self._eluted(sample, solve_elution)

    def dry_run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[Elution]:
        """Load, elute and collect by the mean times and variances of the model, without solving it.

        Volumes and refusals are those of a run, and so are the liquids but for the edges of the sample. Not told is
        what only the solved curves can know: how sure stepped ones are, and what runs through where binding saturates.
        """
        return self._eluted(sample, estimate_elution)

    def fraction_densities(self, sample: Sample, dry: Outcome[Elution]) -> tuple[float, float]:
        """Return the least and the greatest density of the liquids that mix in the fractions [kg/m3]."""
        conditions = dry.trace.conditions
        liquids = [sample.at(conditions.eluent.temperature).liquid, conditions.eluent]
        if conditions.stronger is not None:
            liquids.append(conditions.stronger.medium)
        densities = [liquid.density for liquid in liquids]
        return min(densities) - MIXING_MISS, max(densities) + MIXING_MISS

    def _eluted(self, sample: Sample, solve: Solver) -> Outcome[Elution]:
        conditions = self.conditions(sample.medium.temperature)
        self._refuse_load(sample, conditions)
        elution = elute(
            sample.particles,
            sample.counts,
            conditions,
            load_volume=sample.volume,
            borders=self._borders,
            solve=solve,
            count_offset=self._offset,
        )
        collected = elution.collected
        tempered = sample.at(conditions.eluent.temperature)
        left = [
            replace(tempered, medium=medium, volume=volume, counts=sample.counts * share)
            for medium, volume, share in zip(*_liquids(tempered, elution), collected.shares, strict=True)
        ]
        on_column = replace(tempered, volume=0.0, counts=sample.counts * collected.remaining)
        lost = replace(tempered, volume=0.0, counts=sample.counts * collected.captured)
        return Outcome(
            fractions=dict(zip(self.fraction_names, [*left, on_column, lost], strict=True)),
            duration=collected.borders[-1] / conditions.flow,
            trace=elution,
            equipment={"column": 1},
            remarks=(elution.numbering,),
            warnings=tuple(elution_warnings(sample, elution)),
        )

    def _refuse_load(self, sample: Sample, conditions: Conditions) -> None:
        """Raise if the column cannot take the sample, or is not given the time to."""
        load_mL, bed_mL = sample.volume * 1e6, self.column.volume * 1e6
        name = self.column.name
        if load_mL == 0:
            raise InputError(f"column {name!r}: there is no liquid to load; give the sample a volume, or resuspend it")
        if load_mL > bed_mL and not binds(self.column, sample):
            raise InputError(
                f"column {name!r}: the sample has {load_mL:.4g} mL, more than the bed of {bed_mL:.4g} mL; concentrate "
                'it first (method = "ultrafiltration"), load a part of it (method = "aliquot"), or take a larger column'
            )
        if (end_mL := self._borders[-1] * 1e6) < load_mL:
            raise InputError(
                f"column {name!r}: the last fraction ends {end_mL:.4g} mL after the sample enters, before all its "
                f"{load_mL:.4g} mL are on the column; collect more"
            )
        if conditions.stronger is not None and conditions.stronger.after < sample.volume:
            raise InputError(
                f"step_elution: the stronger eluent comes {conditions.stronger.after * 1e6:.4g} mL after the sample "
                f"enters, before all its {load_mL:.4g} mL are on the column; let it come later"
            )


def _liquids(sample: Sample, elution: Elution) -> tuple[list[Medium], list[float]]:
    """Return the liquid of each collected fraction and its volume [m3]."""
    conditions, collected = elution.conditions, elution.collected
    eluent, stronger = conditions.eluent, conditions.stronger
    volumes = np.diff(collected.borders).tolist()
    mixed = []
    for volume, own, strong in zip(volumes, collected.liquid, collected.stronger, strict=True):
        parts = [(sample.medium, float(own)), (eluent, max(volume - own - strong, 0.0))]
        if stronger is not None:
            parts.append((stronger.medium, float(strong)))
        mixed.append(Medium.mixed(parts))
    return mixed, volumes
