"""Immunocapture: beads with antibodies take vesicles by their antigens out of a sample, and a magnet takes the beads.

What happens in the tube: vesicles meet beads by diffusion, by the settling of the beads and in shear; those that carry
the antigen bind, first by one bond and then by several. A magnet holds the beads while the liquid is taken off and
fresh medium comes on. In the washes single bonds open; an elution opens the others, or the vesicles stay on their
beads.

Equations, of each class of particles with n antigens (see `collisions`, `binding`, `copies`, `washing`):

    1/k = 1/[4 pi (D_p + D_b)(R_p + R_b) + pi (R_p + R_b)^2 |w_b| + (4/3) G (R_p + R_b)^3] + N_A/(k_on N n g)
    dC_n/dt = -k n_b phi(theta) C_n + B_n/T_away,    T_1 = [(1 + k_r/k_off)^m - 1]/(m k_r)

with n by Poisson (or a negative binomial) about the mean of each stratum and size, so that a particle without the
antigen is never bound by it, m = min(n, antibodies within reach), and phi the room that random sequential adsorption
leaves on beads which all classes share. What carries no antigen comes along by sticking to the beads and in the liquid
between them.

Assumptions: dilute, well mixed; rate constants as given, whatever the temperature; ligands of several antigens stand on
every bead in equal parts; antigens move freely in the membrane; soluble antigen is in equilibrium from the start;
nothing binds again in a wash; a vesicle on a bead stays whole. Left out: multivalent kinetics within a contact but for
its mean time, the hydrodynamics near a bead, chains of beads in the field, adsorption to the tube.

Valid range: beads from 50 nm to 5 um; particles smaller than beads of micrometres. What a nanobead carries moves in
later steps as that bead alone.

Sources: Smoluchowski 1917; Collins & Kimball 1949; Shoup & Szabo 1982; Schaaf & Talbot 1989. Antigens per vesicle, rate
constants on vesicles and non-specific sticking are the least certain inputs: each has a band in the catalogues.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from sepsim import media
from sepsim.errors import InputError
from sepsim.media import Fluid, Medium
from sepsim.method import Method, Outcome
from sepsim.particles.states import Body, ParticleState
from sepsim.rotors.tubes import TUBES, Tube
from sepsim.samples.sample import Sample
from sepsim.settings import Accepts, Named, Tabled, integer, number, part, record, settings
from sepsim.techniques.immunocapture.antigen_names import FORM, accepted_antigens, written
from sepsim.techniques.immunocapture.beads.beads import BEADS, Bead
from sepsim.techniques.immunocapture.beads.elutions import ELUTIONS, Elution
from sepsim.techniques.immunocapture.beads.ligands import LIGANDS, Ligand
from sepsim.techniques.immunocapture.beads.magnets import MAGNETS, Magnet
from sepsim.techniques.immunocapture.capture_model import CaptureModel
from sepsim.techniques.immunocapture.capture_validity import capture_warnings
from sepsim.techniques.immunocapture.captured_sample import Capture, capture, fractions
from sepsim.techniques.immunocapture.conditions import Conditions
from sepsim.techniques.immunocapture.incubation import Incubate, estimate, incubate
from sepsim.techniques.immunocapture.pull_down import collected_share, pull_speed
from sepsim.techniques.immunocapture.washing import Handling, eluted_share, handling_time
from sepsim.text.tables import percent
from sepsim.units import to_si

LARGEST_FILLING = 0.64  # of a volume, by spheres poured together
SMALL_TUBE, LARGE_TUBE = "2 mL microtube", "50 mL conical"
GENTLE_RPM = 20.0
KINDS = ("vesicle", "lipoprotein", "protein", "particle")


@settings
class Immunocapture(Method):
    """Take particles out by their antigens; hands out ``bound`` or ``eluted``, ``unbound``, ``wash`` and ``lost``.

    ``bound`` are the beads with what they carry, without an elution; ``eluted`` is what an elution sets free.

    Parameters
    ----------
    beads : str, mapping or Bead
        A name of the catalogue, or beads of one's own.
    bead_mg : float [mg]
        Beads in all; or instead
    beads_per_mL : float [1/mL]
        Beads per volume of the sample.
    ligand : str, mapping or Ligand
        What the beads carry; default a monoclonal antibody.
    antigen : str or sequence of str
        That it binds, such as "CD81"; several stand on every bead in equal parts. Left out: that of the ligand.
    incubation_min : float [min]
        Time with the beads.
    temperature_C : float [degC]
        Default that of the sample.
    rotation_rpm : float [rpm]
        Of the tubes, which keeps the beads in the liquid and shears it about as fast as it turns; 0: they settle.
    shear_rate_per_s : float [1/s]
        Of another way of mixing, instead.
    washes : int
        Default 3.
    wash_volume_mL : float [mL]
        Of each wash, in each tube.
    wash_min : float [min]
        Time in each wash.
    wash_medium : str, mapping or Fluid
        Of washes, and in which beads are taken up or eluted.
    residual_volume_mL : float [mL]
        Liquid left between the beads of a tube each time.
    final_volume_mL : float [mL]
        In which the beads of a tube are taken up or eluted.
    magnet : str, mapping or Magnet
        What collects the beads; a column for nanobeads, a spin for beads that are not magnetic.
    magnet_min : float [min]
        Time of each collection.
    bead_loss_percent : float [%]
        Of the beads, poured off with each wash; with what they carry.
    elution : str, mapping or Elution
        Left out: the vesicles stay on the beads.
    soluble_antigen_nM : float [nM]
        Antigen in solution, which takes ligands.
    free_antibody_nM : float [nM]
        Antibody in solution, which takes antigens.
    copies_dispersion : float [-]
        Of the negative binomial of the antigens about the mean of a stratum; left out: Poisson.
    follow : sequence of str
        Further antigens to be told apart, for pictures and later steps.
    tube : str, mapping or Tube
        Left out: a tube of 2 mL, or of 50 mL for larger samples.
    capture_model : mapping or CaptureModel
        How particles take hold.

    Raises
    ------
    InputError
        With every problem of the settings.

    Notes
    -----
    Bead loss and residual volume are choices within what laboratories report; so are the constants of the model.

    Examples
    --------
    >>> step = Immunocapture(beads="M-280", beads_per_mL=1e8, antigen="CD81", incubation_min=60)
    >>> step.fraction_names, step.without_losses["bead_loss_percent"]
    (('bound', 'unbound', 'wash', 'lost'), 0.0)
    """

    technique: ClassVar[str] = "immunocapture"
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {"bead_loss_percent": 0.0, "residual_volume_mL": 0.0}
    )
    tells_apart: ClassVar[bool] = True

    beads: Named[Bead] = part(
        accept=BEADS.get,
        dump=BEADS.describe,
        allowed="a name from `sepsim list beads`, or a table { diameter_um, density_g_mL, antibodies_per_bead }",
        help="the beads",
    )
    bead_mg: float | None = number(default=None, above=0, maximum=1e6, help="beads in all")
    beads_per_mL: float | None = number(default=None, above=0, maximum=1e16, help="per volume of the sample, instead")
    ligand: Named[Ligand] = part(
        default=LIGANDS.get("monoclonal antibody"),
        accept=LIGANDS.get,
        dump=LIGANDS.describe,
        allowed="a name from `sepsim list ligands`, or a table { k_on_per_M_s, k_off_per_s }",
        help="what the beads carry",
    )
    antigen: Accepts[tuple[str, ...] | None, str | Sequence[str] | None] = part(
        default=None,
        accept=accepted_antigens,
        dump=written,
        allowed=FORM,
        help="that the ligand binds; left out: its own",
    )
    incubation_min: float = number(above=0, maximum=1e5, help="time with the beads")
    temperature_C: float | None = number(default=None, minimum=0, maximum=60, help="left out: that of the sample")
    rotation_rpm: float | None = number(
        default=None, minimum=0, maximum=1000, help="of the tubes; 0: the beads settle; left out: 20"
    )
    shear_rate_per_s: float | None = number(
        default=None, above=0, maximum=1e4, help="of another way of mixing, instead"
    )
    washes: int = integer(default=3, minimum=0, maximum=100, help="number of washes")
    wash_volume_mL: float = number(default=1.0, above=0, maximum=1e4, help="of each wash, in each tube")
    wash_min: float = number(default=5.0, minimum=0, maximum=1e4, help="time in each wash")
    wash_medium: Named[Fluid] = part(
        default=media.fluid("PBS"),
        accept=media.fluid,
        dump=media.describe,
        allowed=media.FLUID_FORMS,
        help="of washes and eluate",
    )
    residual_volume_mL: float = number(
        default=0.02, minimum=0, maximum=100, help="liquid left between the beads of a tube"
    )
    final_volume_mL: float = number(
        default=0.1, above=0, maximum=1e4, help="in which the beads of a tube are taken up or eluted"
    )
    magnet: Named[Magnet] = part(
        default=MAGNETS.get("tube magnet"),
        accept=MAGNETS.get,
        dump=MAGNETS.describe,
        allowed="a name from `sepsim list magnets`, or a table { gradient_T_m }",
        help="what collects the beads",
    )
    magnet_min: float = number(default=2.0, above=0, maximum=1e4, help="time of each collection")
    bead_loss_percent: float = number(default=2.0, minimum=0, maximum=100, help="of the beads, with each wash")
    elution: Named[Elution | None] = part(
        default=None,
        accept=ELUTIONS.get,
        dump=ELUTIONS.describe,
        allowed="a name from `sepsim list elutions`, or a table { k_off_factor, time_min }",
        help="left out: the vesicles stay on the beads",
    )
    soluble_antigen_nM: float = number(default=0.0, minimum=0, maximum=1e6, help="antigen in solution")
    free_antibody_nM: float = number(default=0.0, minimum=0, maximum=1e6, help="antibody in solution")
    copies_dispersion: float | None = number(
        default=None, above=0, maximum=1e6, help="of a negative binomial; left out: Poisson"
    )
    follow: Accepts[tuple[str, ...] | None, str | Sequence[str] | None] = part(
        default=None,
        accept=accepted_antigens,
        dump=list,
        allowed="a list of antigens",
        help="further antigens to be told apart",
    )
    tube: Named[Tube | None] = part(
        default=None,
        accept=TUBES.get,
        dump=TUBES.describe,
        allowed="a name from `sepsim list tubes`, or a table",
        help="left out: of 2 or 50 mL",
    )
    capture_model: Tabled[CaptureModel] = record(
        CaptureModel, default=CaptureModel(), example="{ sticking_probability = 1e-5 }", help="how particles take hold"
    )

    def conflicts(self) -> list[str]:
        """Return what does not fit together: amount and kind of beads, antigen, mixing."""
        return self.found(self._amount_problems, self._antigen_problems, self._mixing_problems, self._magnet_problems)

    def _amount_problems(self) -> Iterator[str]:
        if (self.bead_mg is None) == (self.beads_per_mL is None):
            yield "give exactly one of bead_mg and beads_per_mL"

    def _antigen_problems(self) -> Iterator[str]:
        if self.antigen is None and self.ligand.target is None:
            yield f"antigen: missing; say which antigen the ligand {self.ligand.name!r} binds, such as antigen = 'CD81'"
        elif self.antigen is not None and (misfit := self.ligand.misfit(self.antigen)):
            yield f"antigen = {written(self.antigen)!r}: {misfit}; leave antigen out"

    def _mixing_problems(self) -> Iterator[str]:
        if self.rotation_rpm is not None and self.shear_rate_per_s is not None:
            yield "give rotation_rpm or shear_rate_per_s, not both"

    def _magnet_problems(self) -> Iterator[str]:
        if not self.beads.magnetisation_A_m2_kg and not self.magnet.rcf_xg:
            yield (
                f"magnet = {self.magnet.name!r}: the beads {self.beads.name!r} are not magnetic; collect them with "
                "magnet = 'benchtop spin'"
            )

    @property
    def captured_antigens(self) -> tuple[str, ...]:
        """Antigens that the beads bind."""
        return self.antigen or (self.ligand.target or "",)

    @property
    def antigens(self) -> tuple[str, ...]:
        """Antigens whose copies it needs to know: those that the beads bind, and those to follow."""
        return tuple(dict.fromkeys([*self.captured_antigens, *(self.follow or ())]))

    def states(self, sample: Sample) -> tuple[ParticleState, ...]:
        """Return the one state: on the beads."""
        return (self.on_beads,)

    @property
    def on_beads(self) -> ParticleState:
        """The state of what a bead carries, which moves as the bead."""
        bead = self.beads
        own = f"{bead.name} ({bead.diameter_um:g} um, {bead.density_g_mL:g} g/mL)"
        name = f"on {bead.name} beads" if BEADS.holds(bead) else f"on {own}"
        body = Body(2.0 * bead.radius, bead.volume, bead.density, bead.magnetisation)
        return ParticleState(name=name, kinds=KINDS, carried=True, body=body)

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions."""
        return ("bound" if self.elution is None else "eluted", "unbound", "wash", "lost")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics, the beads and the ligand come from."""
        return (
            *("smoluchowski1917", "collins1949", "shoup1982", "schaaf1989", "sepsim_choice"),
            *BEADS.sources(self.beads),
            *LIGANDS.sources(self.ligand),
            *(() if self.elution is None else ELUTIONS.sources(self.elution)),
            *self.wash_medium.sources,
        )

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[Capture]:
        """Mix, collect, wash, and elute or take up."""
        return self._captured(sample, incubate)

    def dry_run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[Capture]:
        """Do the same without the kernel: as if the beads never filled and nothing came off them."""
        return self._captured(sample, estimate)

    def _captured(self, sample: Sample, incubate: Incubate) -> Outcome[Capture]:
        if self.temperature_C is not None:
            sample = sample.at(to_si("temperature_C", self.temperature_C))
        tube = self.tube_for(sample.volume)
        tubes = math.ceil(sample.volume / tube.volume * (1.0 - 1e-12))
        self._refuse(sample, tube, tubes)
        conditions = self.conditions(sample, tube, tubes)
        handling = self.handling(sample, tube, tubes)
        done = capture(
            sample, conditions, handling, self.captured_antigens, self.on_beads,
            time=to_si("incubation_min", self.incubation_min), dispersion=self.copies_dispersion, incubate=incubate,
        )  # fmt: skip
        fresh = Medium.pure(self.wash_medium, sample.medium.temperature)
        beads_mg = self.bead_number(sample.volume) / self.beads.per_mass * 1e6
        return Outcome(
            fractions=fractions(done, fresh),
            duration=handling_time(
                handling, to_si("magnet_min", self.magnet_min), to_si("incubation_min", self.incubation_min)
            ),
            trace=done,
            equipment={"tube": tubes},
            remarks=(
                f"{beads_mg:.3g} mg of beads {self.beads.name!r}, {conditions.beads * 1e-6:.3g} per mL",
                *_about_elution(done),
            ),
            warnings=tuple(capture_warnings(done, self.magnet, to_si("magnet_min", self.magnet_min))),
        )

    def bead_number(self, volume: float) -> float:
        """Return how many beads come to a sample of a volume [m3]."""
        if self.bead_mg is not None:
            return to_si("bead_mg", self.bead_mg) * self.beads.per_mass
        return to_si("beads_per_mL", self.beads_per_mL or 0.0) * volume

    def tube_for(self, volume: float) -> Tube:
        """Return the tube for a sample of a volume [m3]."""
        if self.tube is not None:
            return self.tube
        small = TUBES.get(SMALL_TUBE)
        return small if volume <= small.volume * (1.0 + 1e-9) else TUBES.get(LARGE_TUBE)

    @property
    def shear_rate(self) -> float:
        """Of the mixing [1/s]: rotation shears the liquid about as fast as it turns, a choice."""
        if self.shear_rate_per_s is not None:
            return self.shear_rate_per_s
        return to_si("rotation_rpm", GENTLE_RPM if self.rotation_rpm is None else self.rotation_rpm)

    def conditions(self, sample: Sample, tube: Tube, tubes: int) -> Conditions:
        """Return how the beads are mixed with a sample.

        Parameters
        ----------
        sample : Sample
            At the temperature of the incubation.
        tube : Tube
        tubes : int

        Returns
        -------
        Conditions
        """
        liquid = sample.liquid
        return Conditions(
            bead=self.beads,
            ligand=self.ligand,
            model=self.capture_model,
            kinds=len(self.captured_antigens),
            beads=self.bead_number(sample.volume) / sample.volume,
            density=liquid.density,
            viscosity=liquid.viscosity,
            temperature=liquid.temperature,
            shear_rate=self.shear_rate,
            height=sample.volume / tubes / (math.pi * tube.radius**2),
            free_antibody=to_si("free_antibody_nM", self.free_antibody_nM) * self.ligand.binding_sites,
            soluble_antigen=to_si("soluble_antigen_nM", self.soluble_antigen_nM),
        )

    def handling(self, sample: Sample, tube: Tube, tubes: int) -> Handling:
        """Return how the beads are collected and washed, for all tubes together.

        Parameters
        ----------
        sample : Sample
        tube : Tube
        tubes : int

        Returns
        -------
        Handling
        """
        liquid = sample.liquid
        speed = pull_speed(self.beads, self.magnet, liquid.density, liquid.viscosity)
        bore = 2.0 * tube.radius if self.magnet.path_mm is None else to_si("path_mm", self.magnet.path_mm)
        return Handling(
            collected=collected_share(speed * to_si("magnet_min", self.magnet_min), bore),
            bead_loss=to_si("bead_loss_percent", self.bead_loss_percent),
            residual=tubes * to_si("residual_volume_mL", self.residual_volume_mL),
            load=sample.volume,
            wash=tubes * to_si("wash_volume_mL", self.wash_volume_mL),
            final=tubes * to_si("final_volume_mL", self.final_volume_mL),
            washes=self.washes,
            wash_time=to_si("wash_min", self.wash_min),
            elution=self.elution,
        )

    def _refuse(self, sample: Sample, tube: Tube, tubes: int) -> None:
        """Raise if there is no liquid, or it holds neither the beads nor what is left between them."""
        if sample.volume == 0:
            raise InputError("there is no liquid to mix with beads; give the sample a volume, or resuspend it")
        beads = self.bead_number(sample.volume)
        if beads < 1.0:
            raise InputError(f"beads: {beads:.2g} in all, less than one; give more of bead_mg or beads_per_mL")
        filling = beads * self.beads.volume / sample.volume
        if filling > LARGEST_FILLING:
            raise InputError(
                f"beads: they would fill {filling:.3g} of the volume, and spheres poured together {LARGEST_FILLING:g} "
                "of it; take fewer beads, or more liquid"
            )
        if tubes * self.residual_volume_mL >= sample.volume * 1e6:
            raise InputError(
                f"residual_volume_mL = {self.residual_volume_mL:g}: is no less than the "
                f"{sample.volume * 1e6 / tubes:.3g} mL of a tube; give a smaller rest, or a larger sample"
            )
        for key, volume_mL in (("wash_volume_mL", self.wash_volume_mL), ("final_volume_mL", self.final_volume_mL)):
            if volume_mL > tube.volume_mL:
                raise InputError(
                    f"{key} = {volume_mL:g}: a tube {tube.name!r} holds {tube.volume_mL:g} mL; give at most that, or "
                    "another tube"
                )


def _about_elution(done: Capture) -> Iterator[str]:
    if (elution := done.handling.elution) is not None and done.vesicles.any():
        share = eluted_share(done.incubation, done.handling, elution, done.vesicles)
        yield (
            f"elution {elution.name!r} sets free {percent(share)} of the vesicles that antibodies hold; the rest stays "
            "on the beads and is lost"
        )
