"""Centrifugation: differential pelleting in swinging-bucket, fixed-angle, near-vertical and vertical rotors.

What happens in the tube: each particle moves along the radius at s w^2 r, outwards if it is denser than the
medium and inwards if it is lighter, while it diffuses; what meets the outer wall of the tube has pelleted, what meets
the meniscus or the inner wall has floated.

Equation, on each chord of the tube from its inner end to the outer wall:

    dc/dt = -d/dr (s w^2 r c - D dc/dr),    W = integral of w^2 dt

Plug flow (D = 0) moves a particle from r to r exp(s W), which gives the pelleted share in closed form; the Lamm
equation is solved where diffusion matters.

Assumptions: dilute particles that do not interact, a homogeneous medium at one temperature, no convection; a particle
that meets the wall stays there; chords do not exchange particles; the wall is met at the tube's nominal geometry.

Valid range: creeping flow (Re < 0.1), particle volume fraction below 5 %.

Sources: Svedberg & Pedersen 1940; Lamm 1929; Livshits et al. 2015, doi 10.1038/srep17319.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.method import Method, Outcome
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient
from sepsim.rotors.rotors import ROTORS
from sepsim.samples.sample import Sample, pool
from sepsim.settings import Tabled, number, record, settings, text
from sepsim.techniques.centrifugation.gradient.fractionation import draw_off
from sepsim.techniques.centrifugation.gradient.gradient import Cushion, Stretch, pour, refuse_overturning, shares_above
from sepsim.techniques.centrifugation.gradient.gradient_setup import GradientSetup
from sepsim.techniques.centrifugation.gradient.gradient_spin import CELLS, GradientSpin, spin_in_gradient
from sepsim.techniques.centrifugation.gradient.gradient_validity import gradient_warnings
from sepsim.techniques.centrifugation.gradient.plug_flow import FEW_CELLS, spin_in_plug_flow
from sepsim.techniques.centrifugation.pellet import Decanted, Wash, decant, pellet_remarks, resuspend
from sepsim.techniques.centrifugation.pellet_recovery import covered_share, stirred_up
from sepsim.techniques.centrifugation.rotor_settings import WITHOUT_LOSSES, RotorSettings
from sepsim.techniques.centrifugation.spin import SOLVERS, Spin, automatic
from sepsim.techniques.centrifugation.spin_validity import spin_warnings
from sepsim.techniques.centrifugation.tubes.chords import chords, fill_volume
from sepsim.techniques.centrifugation.tubes.liquid_column import liquid_column
from sepsim.techniques.centrifugation.wall_layer import TubeWall, tube_wall
from sepsim.text.tables import percent
from sepsim.units import to_si

MENISCUS_TOLERANCE = 0.05
NOTED_SHARE = 0.1  # of a population in the pellet of a spin that is skimmed


class _Round(NamedTuple):
    """One spin with what came of it, and the share of its wall that protein covers."""

    spin: Spin
    decanted: Decanted
    wall: TubeWall
    covered: float
    warnings: list[str]


@settings
class Centrifugation(RotorSettings, Method):
    """Spin a sample; hands out ``pellet``, ``supernatant`` and ``lost``, and on request ``floating`` and ``wash``.

    Parameters
    ----------
    rotor : str, mapping or Rotor
        A name of the catalogue, or a rotor of one's own.
    tube : str, mapping or Tube
        Instead of the rotor's own.
    speed_rpm : float [rpm]
        Speed; or instead
    rcf_xg : float [x g]
        Relative centrifugal force, with
    rcf_at : "rmax" | "rav" | "rmin"
        The radius at which it holds.
    time_min : float [min]
        Time at speed.
    acceleration_min, braking_min : float [min]
        Linear ramps before and after it; default 0.
    temperature_C : float [degC]
        Of the run; default that of the sample.
    fill_volume_mL : float [mL]
        Most that goes into one tube; default what the tube holds.
    tubes : int
        Number of tubes; default the fewest that hold the sample.
    cushion : mapping or Cushion
        A dense layer under the sample, in each tube; handed out as ``cushion``. Both liquids form a gradient, in which
        particles that meet the wall slide on to liquid of their own density.
    meniscus_mm : float [mm]
        Radius of the meniscus in the spin; sets how much is filled into each tube.
    solver : "closed_form" | "lamm"
        Force plug flow or the Lamm equation; left out: chosen class by class.
    pellet_recovery : float [-]
        Share of the pellet that comes back on resuspension; left out: from what attaches to the tube and what is
        compacted, see `pellet_model`.
    residual_volume_mL : float [mL]
        Liquid left on the pellet of one tube; default 0.1 mL, at most 5 % of the filling; or instead
    residual_film_um : float [um]
        Thickness of that liquid on the wall; 3 with ideal hands, who decant at once.
    waiting_min : float [min]
        From stand-still until the liquid is off, in which what is dissolved leaves the wall; default 10.
    pellet_model : mapping or PelletModel
        How particles hold on to the wall and to one another.
    pellet_disturbed : float [-]
        Share of the pellet that goes off with the supernatant; left out: 3 % of small and 12 % of large particles.
    skimmed_volume_mL : float [mL]
        Volume taken off the top of each tube with what floats, as ``floating``; left out: it stays in the supernatant.
    wash : mapping or Wash
        Take the pellet up in fresh medium and spin again.
    resuspend : mapping or Resuspension
        Take the pellet up; without it the pellet cannot go on.

    Raises
    ------
    InputError
        With every problem of the settings.

    Notes
    -----
    What comes back of a pellet is calibrated on tracer vesicles in plasma and in gradient fractions (Geeurickx et al.
    2019, doi 10.1038/s41467-019-11182-0), with a band for each constant; residual volume and waiting are choices.

    Examples
    --------
    >>> spin = Centrifugation(rotor="Type 45 Ti", rcf_xg=100_000, rcf_at="rav", time_min=70,
    ...                       resuspend={"medium": "PBS", "volume_mL": 1})
    >>> spin.fraction_names
    ('pellet', 'supernatant', 'lost')
    """

    technique: ClassVar[str] = "centrifugation"
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType({**WITHOUT_LOSSES, "pellet_disturbed": 0.0})

    fill_volume_mL: float | None = number(default=None, above=0, help="most that goes into one tube")
    cushion: Tabled[Cushion | None] = record(
        Cushion,
        default=None,
        example='{ volume_mL = 4, sucrose_percent_w_w = 30, diluent = "water" }',
        help="dense layer under the sample, in each tube",
    )
    meniscus_mm: float | None = number(default=None, above=0, help="radius of the meniscus; left out: from the filling")
    solver: str | None = text(default=None, choices=SOLVERS, help="left out: chosen class by class")
    pellet_disturbed: float | None = number(
        default=None, minimum=0, maximum=1, help="share of the pellet lost to the supernatant; left out: by size"
    )
    skimmed_volume_mL: float | None = number(default=None, minimum=0, help="taken off the top, per tube")
    wash: Tabled[Wash | None] = record(
        Wash,
        default=None,
        example='{ medium = "PBS", volume_mL = 60, times = 1 }',
        help="take the pellet up in fresh medium and spin again",
    )

    def conflicts(self) -> list[str]:
        """Return what is wrong with the speed, and with the filling of the tube."""
        filling = (self._tube_problems, self._filling_problems, self._cushion_problems)  # each relies on those before
        of_filling = next(filter(None, map(self.found, filling)), [])
        return [*self.found(self._speed_problems, self._residue_problems), *of_filling]

    def _filling_problems(self) -> Iterator[str]:
        if self.meniscus_mm is not None:
            try:
                fill_volume(self.loaded_rotor, to_si("meniscus_mm", self.meniscus_mm))
            except InputError as error:
                yield from error.problems
                return
        capacity = self.loaded_rotor.tube.volume
        if self.fill_volume_mL is not None and to_si("fill_volume_mL", self.fill_volume_mL) > capacity * (1 + 1e-9):
            yield (
                f"fill_volume_mL = {self.fill_volume_mL:g}: a tube {self.loaded_rotor.tube.name!r} of rotor "
                f"{self.rotor.name!r} holds {capacity * 1e6:g} mL; give at most that, or another tube"
            )
        elif self.meniscus_mm is not None and self.fill_volume_mL is not None:
            yield "give meniscus_mm or fill_volume_mL, not both"

    def _cushion_problems(self) -> Iterator[str]:
        if self.cushion is None:
            return
        for key in ("solver", "wash", "skimmed_volume_mL"):
            if getattr(self, key) is not None:
                yield f"{key}: not with a cushion; leave it out" + (
                    ", and wash in a step of its own" if key == "wash" else ""
                )
        if to_si("volume_mL", self.cushion.volume_mL) >= self._most_per_tube * (1 - 1e-9):
            yield (
                f"cushion: volume_mL = {self.cushion.volume_mL:g} leaves no room for the sample in a tube of "
                f"{self._most_per_tube * 1e6:g} mL; use less of it, or a larger tube"
            )

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions."""
        optional = {"cushion": self.cushion, "floating": self.skimmed_volume_mL, "wash": self.wash}
        asked = tuple(name for name, setting in optional.items() if setting is not None)
        return ("pellet", "supernatant", *asked, "lost")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics and the rotor's radii come from."""
        media = [record.medium for record in (self.wash, self.resuspend, self.cushion) if record is not None]
        return (
            *("svedberg1940", "lamm1929", "livshits2015", "geeurickx2019"),
            *ROTORS.sources(self.rotor),
            *(key for medium in media for key in medium.sources),
        )

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[Spin | GradientSpin]:
        """Spin, decant, wash and resuspend as the settings say."""
        if self.cushion is not None:
            return self._parted(sample, self.cushion, _spun_on_cushion(self.ideal(), sample))
        rounds = [self._spin(sample)]
        lost = [sample.take(0.0, 0.0)[0]]
        back: list[FloatArray] = []
        for wash in [] if self.wash is None else [self.wash] * self.wash.times:
            back.append(self._recovered(rounds))
            suspension, stuck = resuspend(rounds[-1].decanted.pellet, wash, back[-1], key="wash")
            rounds.append(self._spin(suspension))
            lost.append(stuck)
        pellet, first, washes = rounds[-1].decanted.pellet, rounds[0], rounds[1:]
        taken_up = pellet.as_it_lies()
        if self.resuspend is not None:
            back.append(self._recovered(rounds))
            taken_up, stuck = resuspend(pellet, self.resuspend, back[-1])
            lost.append(stuck)
        fractions = {
            "pellet": taken_up,
            "supernatant": first.decanted.supernatant,
            "floating": first.decanted.floating,
            "wash": pool([liquid for again in washes for liquid in again.decanted.liquids]) if washes else None,
            "lost": pool(lost),
        }
        return Outcome(
            fractions={name: fraction for name, fraction in fractions.items() if fraction is not None},
            duration=sum(each.spin.runs * each.spin.profile.clock for each in rounds),
            equipment={"tube": rounds[0].spin.tubes, "run": sum(each.spin.runs for each in rounds)},
            trace=first.spin,
            remarks=(
                *pellet_remarks(sample, first.decanted.pellet.solid, back),
                *(() if self.skimmed_volume_mL is None else _about_sunk(first.spin)),
            ),
            warnings=tuple(dict.fromkeys([*first.warnings, *(f"wash: {text}" for w in washes for text in w.warnings)])),
        )

    def dry_run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[Spin | GradientSpin]:
        """Spin in plug flow.

        On a cushion it tells that the liquid turns over as it is filled; not that it does so later, nor how uncertain
        the shares of a run are.
        """
        if self.cushion is not None:
            return self._parted(sample, self.cushion, _in_plug_flow_on_cushion(self.ideal(), sample))
        return replace(self, solver="closed_form").run(sample, rng=rng)

    def _parted(self, sample: Sample, cushion: Cushion, spin: GradientSpin) -> Outcome[GradientSpin]:
        """Take off what is above the cushion, the cushion, and the pellet."""
        loaded = replace(sample, medium=self.run_medium(sample.medium))
        total, below = spin.column.depths[-1], cushion.collected_volume
        wall = tube_wall(self.loaded_rotor, spin.tubes, float(chords(self.loaded_rotor, total).area.sum()))
        (supernatant, collected), pellet = draw_off(
            loaded,
            spin,
            np.array([0.0, total - below, total]),
            residual_volume=self.residual_volume(below, wall),
            settled=lambda medium, residual: self.settled(loaded.particles, medium, wall, residual),
        )
        stirred, solid = pellet.solid.take(self._disturbed(loaded.particles), 0.0)
        pellet = pellet._replace(solid=solid)
        taken_up, lost = pellet.as_it_lies(), loaded.take(0.0, 0.0)[0]
        back: list[FloatArray] = []
        if self.resuspend is not None:
            covered = covered_share(pool([collected, pellet.as_it_lies()]), wall, self.pellet_model)
            back.append(self.recovered(pellet, wall, covered))
            taken_up, lost = resuspend(pellet, self.resuspend, back[-1])
        return Outcome(
            fractions={
                "pellet": taken_up,
                "supernatant": supernatant,
                "cushion": pool([collected, stirred]),
                "lost": lost,
            },
            duration=spin.runs * spin.profile.clock,
            equipment={"tube": spin.tubes, "run": spin.runs},
            trace=spin,
            remarks=tuple(pellet_remarks(loaded, pellet.solid, back)),
            warnings=tuple([*gradient_warnings(loaded, spin), *self.pellet_warnings()]),
        )

    def on_cushion(self, sample: Sample, cushion: Cushion, cells: int = CELLS) -> GradientSetup:
        """Return the tubes as they are filled with a sample on a cushion.

        Parameters
        ----------
        sample : Sample
            At the temperature of the run.
        cushion : Cushion
        cells : int
            Of the column of liquid.

        Returns
        -------
        GradientSetup

        Raises
        ------
        InputError
            If the sample does not fit, or is denser than the cushion.
        """
        lower = cushion.stretch(sample.medium.temperature)
        tubes, runs = self.tubes_and_runs(sample.volume, self._most_per_tube - lower.volume)
        stretches = [Stretch(sample.volume / tubes, sample.liquid, sample.liquid), lower]
        refuse_overturning(stretches, ["the sample", "the cushion"])
        self.refuse_unsafe_speed(stretches)
        column = liquid_column(self.loaded_rotor, sum(each.volume for each in stretches), cells)
        if cushion.collected_volume > column.depths[-1]:
            raise InputError(
                f"cushion: collected_mL = {cushion.collected_mL:g}: sample and cushion are only "
                f"{column.depths[-1] * 1e6:g} mL in each tube; take less"
            )
        return GradientSetup(
            rotor=self.loaded_rotor,
            tubes=tubes,
            runs=runs,
            column=column,
            gradient=pour(stretches, column.depths),
            load=np.diff(shares_above(stretches, column.depths)[0]),
            borders=column.depths[-1] - np.array([cushion.collected_volume]),
            profile=self.profile,
            walls_catch=cushion.wall == "catches",
        )

    def _spin(self, sample: Sample) -> _Round:
        """Spin once and take liquid and pellet apart."""
        tubes, runs, filling = self._load(sample.volume)
        rotor, profile = self.loaded_rotor, self.profile
        bundle = chords(rotor, filling)
        medium = self.run_medium(sample.liquid)
        self.refuse_unsafe_speed([Stretch(filling, medium, medium)])
        s = sedimentation_coefficient(sample.particles, medium)
        D = diffusion_coefficient(sample.particles, medium)
        solve = automatic if self.solver is None else SOLVERS[self.solver]
        separated = solve(bundle, s, D, profile)
        spin = Spin(
            rotor=rotor,
            tubes=tubes,
            runs=runs,
            fill_volume=filling,
            chords=bundle,
            profile=profile,
            particles=sample.particles,
            counts=sample.counts,
            sedimentation=s,
            diffusion=D,
            pelleted=separated.pelleted,
            floated=separated.floated,
            lamm_classes=separated.lamm_classes,
        )
        skimmed = self.skimmed_volume_mL
        wall = tube_wall(rotor, tubes, float(bundle.area.sum()))
        residual = self.residual_volume(filling, wall)
        decanted = decant(
            sample,
            separated.pelleted,
            separated.floated,
            self.settled(sample.particles, medium, wall, residual),
            residual_volume=residual,
            disturbed=self._disturbed(sample.particles),
            skimmed_volume=None if skimmed is None else tubes * to_si("skimmed_volume_mL", skimmed),
        )
        covered = covered_share(sample, wall, self.pellet_model)
        return _Round(spin, decanted, wall, covered, [*spin_warnings(sample, spin, medium), *self.pellet_warnings()])

    def _disturbed(self, particles: ParticleTable) -> FloatArray:
        """Return the share of a pellet of each class that goes off with the supernatant."""
        if self.pellet_disturbed is not None:
            return np.full(len(particles), self.pellet_disturbed)
        return stirred_up(particles.diameter, self.pellet_model)

    def _recovered(self, rounds: Sequence[_Round]) -> FloatArray:
        """Return the share of the last pellet that comes back; protein that covers a wall stays on it in washes."""
        last = rounds[-1]
        return self.recovered(last.decanted.pellet, last.wall, max(each.covered for each in rounds))

    def _load(self, volume: float) -> tuple[int, int, float]:
        """Return the number of tubes, the number of runs, and the volume in each tube [m3]."""
        most = self._most_per_tube
        slack = 1e-9 if self.meniscus_mm is None else MENISCUS_TOLERANCE
        tubes, runs = self.tubes_and_runs(volume, most, slack)
        filling = volume / tubes
        if self.meniscus_mm is not None and abs(filling / most - 1.0) > MENISCUS_TOLERANCE:
            raise InputError(
                f"meniscus_mm = {self.meniscus_mm:g}: a tube then holds {most * 1e6:.3g} mL, but {volume * 1e6:g} mL "
                f"in {tubes} tubes are {filling * 1e6:.3g} mL each; leave meniscus_mm out, or adapt volume or tubes"
            )
        return tubes, runs, filling

    @property
    def _most_per_tube(self) -> float:
        """Volume that one tube may take [m3]."""
        if self.meniscus_mm is not None:
            return fill_volume(self.loaded_rotor, to_si("meniscus_mm", self.meniscus_mm))
        if self.fill_volume_mL is not None:
            return to_si("fill_volume_mL", self.fill_volume_mL)
        return self.loaded_rotor.tube.volume


def _about_sunk(spin: Spin) -> Iterator[str]:
    """Tell what a skimmed spin has pelleted, which its supernatant lacks."""
    loaded, sunk = (spin.particles.totals(counts) for counts in (spin.counts, spin.counts * spin.pelleted))
    shares = {name: s / n for name, s, n in zip(spin.particles.names, sunk, loaded, strict=True) if n > 0}
    if much := [f"{name} {percent(share)}" for name, share in shares.items() if share > NOTED_SHARE]:
        yield (
            f'sunk to the pellet, and not in the supernatant: {", ".join(much)}; method = "flotation" keeps all that '
            "is not skimmed together"
        )


@lru_cache(maxsize=2)
def _spun_on_cushion(method: Centrifugation, sample: Sample) -> GradientSpin:
    """Spin a sample; kept, since bench and ideal handling spin alike and part only afterwards."""
    assert method.cushion is not None
    loaded = replace(sample, medium=method.run_medium(sample.medium))
    return spin_in_gradient(sample.particles, sample.counts, method.on_cushion(loaded, method.cushion))


@lru_cache(maxsize=2)
def _in_plug_flow_on_cushion(method: Centrifugation, sample: Sample) -> GradientSpin:
    assert method.cushion is not None
    loaded = replace(sample, medium=method.run_medium(sample.medium))
    return spin_in_plug_flow(sample.particles, sample.counts, method.on_cushion(loaded, method.cushion, FEW_CELLS))
