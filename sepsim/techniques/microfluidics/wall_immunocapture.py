"""Chips with antibodies on the walls of their channels, flat or under a herringbone of ridges.

The sample flows along the coated walls, vesicles diffuse to them and bind by their antigens, a wash takes the rest
away, and an elution takes the vesicles off, or they stay where they are. `wall_uptake` says what limits it: far above
Da = 1 the transport, so that the share taken depends on zeta = L D/(U h^2) alone (Graetz, Leveque) and falls with the
flow; far below it the reaction. Ridges thin the depleted layer (`herringbone`). A wall that is rough or porous carries
more ligands, and liquid drains through it.

Valid range: laminar flow; channels wide against their height; particles small against it. Only numbers of transport are
sure: antigens per vesicle, rate constants on vesicles and ligands per area are choices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.errors import InputError
from sepsim.particles.states import ParticleState
from sepsim.particles.transport import sedimentation_coefficient
from sepsim.samples.changes import NOT_PREPARED, changed
from sepsim.samples.sample import Sample
from sepsim.settings import Accepts, Named, Tabled, flag, integer, number, part, record, settings
from sepsim.techniques.immunocapture.antigen_names import FORM, accepted_antigens, written
from sepsim.techniques.immunocapture.beads.elutions import ELUTIONS, Elution
from sepsim.techniques.immunocapture.beads.ligands import LIGANDS, Ligand
from sepsim.techniques.immunocapture.capture_model import CaptureModel
from sepsim.techniques.immunocapture.wall_capture import Wall
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.chips.chip import WASTE, Chip
from sepsim.techniques.microfluidics.herringbone import CONSTANTS, Herringbone
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Liquid, Passage
from sepsim.techniques.microfluidics.wall_lanes import wall_lanes
from sepsim.techniques.microfluidics.wall_results import WallCourse, wall_remarks, wall_warnings
from sepsim.techniques.microfluidics.wall_uptake import CoatedChannel, wall_uptake
from sepsim.techniques.microfluidics.wall_washing import Rinse, wall_shares
from sepsim.text.tables import percent
from sepsim.units import to_si

CAPTURED = "captured"
ON_THE_CHIP = ParticleState(name="on the chip", kinds=("vesicle", "lipoprotein", "protein", "particle"), carried=True)
UNRINSED = 0.05  # of the liquid in the channels, from which on left by a wash it is told
CLEAN = 1e-6  # of the liquid of the sample, below which none is left
SLIT = 3.0  # width over height from which on side walls matter little
LARGE = 0.05  # radius over height from which on a particle is no point


@settings
class WallImmunocapture(Chip):
    """A chip whose channels carry ligands on their walls; hands out ``captured`` and ``waste``.

    Parameters
    ----------
    name : str
    flow_uL_min : float [uL/min]
        Of the sample into one chip.
    buffer_ratio : float [-]
        0: nothing flows in beside the sample.
    dead_volume_uL : float [uL]
        Of sample that stays in one chip and its tubing.
    adsorbed_percent : float [%]
        Of the particles, lost on its walls besides what `capture_model` lets stick.
    pressure_limit_bar : float [bar]
        Beyond which it leaks.
    width_mm : float [mm]
        Of a channel.
    height_um : float [um]
    length_mm : float [mm]
    channels : int
        Side by side in a chip.
    ligand : str, mapping or Ligand
    antigen : str or sequence of str
        That the ligands bind; several in equal parts.
    ligands_per_um2 : float [1/um2]
        That can bind, per area.
    walls : int
        Of the wide walls that carry them, 1 or 2.
    herringbone : mapping or Herringbone
        Ridges that stir; left out: the channel is flat.
    area_factor : float [-]
        Area with ligands over that of a smooth wall, of one that is rough or porous.
    drains : bool
        Whether liquid drains through the wall before a particle.
    wash_uL : float [uL]
        Buffer through each chip after the sample.
    wash_flow_uL_min : float [uL/min]
        Its flow; left out: that of the sample.
    elution : str, mapping or Elution
        Left out: vesicles stay on the wall.
    elution_uL : float [uL]
        Volume in which they are eluted, of each chip.
    copies_dispersion : float [-]
        Of a negative binomial about the mean of a stratum; left out: Poisson.
    bond_length_nm : float [nm]
        Over which a force helps a bond to open.
    load_factor : float [-]
        Force on the bonds over the drag.
    capture_model : mapping or CaptureModel
        How particles take hold.

    Raises
    ------
    InputError
        With every problem of the settings.

    Examples
    --------
    >>> chip = WallImmunocapture(flow_uL_min=1, width_mm=2, height_um=50, length_mm=20, antigen="CD63")
    >>> chip.outlets, f"{chip.channel.volume * 1e9:.3g} uL"
    (('captured', 'waste'), '2 uL')
    """

    mechanism: ClassVar[str] = "wall immunocapture"

    buffer_ratio: float = number(default=0.0, minimum=0, maximum=0, help="nothing flows in beside the sample")
    adsorbed_percent: float = number(default=0.0, minimum=0, maximum=99, help="besides what capture_model lets stick")
    width_mm: float = number(minimum=1e-4, maximum=1e3, help="width of a channel")
    height_um: float = number(minimum=0.1, maximum=1e4, help="height of a channel")
    length_mm: float = number(minimum=1e-3, maximum=1e4, help="length of a channel")
    channels: int = integer(default=1, minimum=1, maximum=10_000, help="channels side by side in a chip")
    ligand: Named[Ligand] = part(
        default=LIGANDS.get("monoclonal antibody"),
        accept=LIGANDS.get,
        dump=LIGANDS.describe,
        allowed="a name from `sepsim list ligands`, or a table { k_on_per_M_s, k_off_per_s }",
        help="what the walls carry",
    )
    antigen: Accepts[tuple[str, ...] | None, str | Sequence[str] | None] = part(
        default=None,
        accept=accepted_antigens,
        dump=written,
        allowed=FORM,
        help="that the ligand binds; left out: its own",
    )
    ligands_per_um2: float = CONSTANTS.setting("ligands_per_um2", "that can bind, per area", above=0, maximum=1e6)
    walls: int = integer(default=1, minimum=1, maximum=2, help="of the wide walls that carry ligands")
    herringbone: Tabled[Herringbone | None] = record(
        Herringbone, default=None, example="{ cycle_mm = 1 }", help="ridges that stir; left out: flat"
    )
    area_factor: float = number(
        default=1.0, minimum=1, maximum=1e3, help="area with ligands over that of a smooth wall"
    )
    drains: bool = flag(default=False, help="whether liquid drains through the wall before a particle")
    wash_uL: float = number(default=100.0, minimum=0, maximum=1e6, help="buffer through each chip after the sample")
    wash_flow_uL_min: float | None = number(
        default=None, minimum=1e-9, maximum=1e6, help="of the wash; left out: that of the sample"
    )
    elution: Named[Elution | None] = part(
        default=None,
        accept=ELUTIONS.get,
        dump=ELUTIONS.describe,
        allowed="a name from `sepsim list elutions`, or a table { k_off_factor, time_min }",
        help="left out: the vesicles stay on the wall",
    )
    elution_uL: float = number(default=50.0, above=0, maximum=1e6, help="volume in which they are eluted, of each chip")
    copies_dispersion: float | None = number(
        default=None, above=0, maximum=1e6, help="of a negative binomial; left out: Poisson"
    )
    bond_length_nm: float = CONSTANTS.setting(
        "bond_length_nm", "over which a force helps a bond to open", minimum=0, maximum=10
    )
    load_factor: float = CONSTANTS.setting("load_factor", "force on the bonds over the drag", minimum=0, maximum=100)
    capture_model: Tabled[CaptureModel] = record(
        CaptureModel, default=CaptureModel(), example="{ sticking_probability = 1e-5 }", help="how particles take hold"
    )

    def conflicts(self) -> list[str]:
        """Return what does not fit together: ligand and antigen."""
        if self.antigen is None and self.ligand.target is None:
            return [f"antigen: missing; say which the ligand {self.ligand.name!r} binds, such as antigen = 'CD81'"]
        if self.antigen is not None and (misfit := self.ligand.misfit(self.antigen)):
            return [f"antigen = {written(self.antigen)!r}: {misfit}; leave antigen out"]
        return []

    @property
    def channel(self) -> Channel:
        """The channels."""
        return Channel(
            width=to_si("width_mm", self.width_mm),
            height=to_si("height_um", self.height_um),
            length=to_si("length_mm", self.length_mm),
            parallel=self.channels,
        )

    @property
    def outlets(self) -> tuple[str, ...]:
        """What it holds, or hands out of that, and what flows through."""
        return (CAPTURED, WASTE)

    @property
    def antigens(self) -> tuple[str, ...]:
        """Antigens that the walls bind."""
        return self.antigen or (self.ligand.target or "",)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics, the ligand and the elution come from."""
        return (
            *("leveque1928", "shah1978", "goldman1967", "bevan2000", "bell1978", "chang1999", "collins1949"),
            *("schaaf1989", "sepsim_choice"),
            *(() if self.herringbone is None else ("kirtland2006", "stroock2002")),
            *LIGANDS.sources(self.ligand),
            *(() if self.elution is None else ELUTIONS.sources(self.elution)),
        )

    def states(self, sample: Sample) -> tuple[ParticleState, ...]:
        """Return the state of what stays on the wall, unless it is eluted."""
        return (ON_THE_CHIP,) if self.elution is None else ()

    def spent(self, outlet: str) -> str:
        """Return why what is captured cannot be treated further."""
        stays = outlet == CAPTURED and self.elution is None
        return "it is on the walls of the chip; give it an elution, such as elution = 'low pH'" if stays else ""

    def product_remark(self, outlet: str) -> str:
        """Return what a counter sees of vesicles on a wall."""
        stays = outlet == CAPTURED and self.elution is None
        return "the vesicles stay on the walls of the chip, where no counter of particles sees them" if stays else ""

    def handed_out(self, outlet: str, fraction: Sample, passage: Passage | None) -> Sample:
        """Return what is captured, of which a part is on the wall."""
        if outlet != CAPTURED or self.elution is not None:
            return fraction
        if (variants := fraction.particles.variants) is None:
            raise InputError(NOT_PREPARED)
        share = np.ones(len(fraction.counts)) if passage is None else passage.course.on_wall
        # What has burst or lost its antigens stays so, and what is on beads stays on those.
        return changed(fraction, ON_THE_CHIP.name, share * (variants.intact & ~variants.carried & ~variants.bare))

    def liquids(self, load: Load) -> dict[str, Liquid]:
        """Return the liquid that fills the channels in the end, or the eluate, and the rest."""
        rinse = self.rinse(load)
        inside = load.chips * self.channel.volume
        wash = load.chips * to_si("wash_uL", self.wash_uL)
        sample = rinse.liquid * load.volume
        if self.elution is not None:
            eluate = load.chips * to_si("elution_uL", self.elution_uL)
            return {CAPTURED: Liquid(rinse.liquid, max(eluate - sample, 0.0)), WASTE: Liquid(1.0 - rinse.liquid, wash)}
        left = min(max(inside - sample, 0.0), wash)
        return {CAPTURED: Liquid(rinse.liquid, left), WASTE: Liquid(1.0 - rinse.liquid, wash - left)}

    def rinse(self, load: Load) -> Rinse:
        """Return how the chips are washed and eluted.

        Parameters
        ----------
        load : Load

        Returns
        -------
        Rinse
        """
        inside, wash = self.channel.volume, to_si("wash_uL", self.wash_uL)
        flow, left = self.wash_flow(load), math.exp(-wash / inside)
        return Rinse(
            time=wash / flow,
            shear_rate=self.channel.wall_shear_rate(flow),
            viscosity=load.buffer.viscosity,
            left=left if left > CLEAN else 0.0,
            held_volume=min(load.chips * inside / load.volume, 1.0),
            elution=self.elution,
            flushed=-math.expm1(-to_si("elution_uL", self.elution_uL) / inside),
        )

    def wash_flow(self, load: Load) -> float:
        """Return the flow of the wash through a chip [m3/s]."""
        return load.flow if self.wash_flow_uL_min is None else to_si("wash_flow_uL_min", self.wash_flow_uL_min)

    def time(self, load: Load) -> float:
        """Return how long sample, wash and elution take [s]."""
        eluting = 0.0
        if self.elution is not None:
            eluting = to_si("time_min", self.elution.time_min) + to_si("elution_uL", self.elution_uL) / self.wash_flow(
                load
            )
        return super(WallImmunocapture, self).time(load) + self.rinse(load).time + eluting

    def coated(self, load: Load) -> CoatedChannel:
        """Return the channels as a load flows along their walls.

        Parameters
        ----------
        load : Load

        Returns
        -------
        CoatedChannel
        """
        channel = self.channel
        density = to_si("ligands_per_um2", self.ligands_per_um2)
        return CoatedChannel(
            wall=Wall(ligand=self.ligand, density=density, model=self.capture_model, kinds=len(self.antigens)),
            height=channel.height,
            length=channel.length,
            walls=self.walls,
            velocity=channel.mean_velocity(load.flow),
            shear_rate=channel.wall_shear_rate(load.flow),
            viscosity=load.carrier.viscosity,
            temperature=load.carrier.temperature,
            area_factor=self.area_factor,
            drains=self.drains,
            renewal=self._renewal,
            bond_length=to_si("bond_length_nm", self.bond_length_nm),
            load_factor=self.load_factor,
        )

    @property
    def _renewal(self) -> float | None:
        """Length along which the depleted layer grows [m]; None: all of the channel, as without ridges."""
        if self.herringbone is None or self.herringbone.renewal >= self.channel.length:
            return None
        return self.herringbone.renewal

    def refuse(self, load: Load) -> None:
        """Raise if a particle is larger than the channel, or its wash too fast, besides what any chip refuses."""
        super(WallImmunocapture, self).refuse(load)
        channel, wash, flow = self.channel, load.buffer, self.wash_flow(load)
        reynolds = channel.reynolds(flow, wash.density, wash.viscosity)
        self._refuse_flow("wash_flow_uL_min", flow, reynolds, channel.pressure_drop(flow, wash.viscosity))
        if load.sample.particles.variants is None:
            raise InputError(NOT_PREPARED)
        moves = load.moving >= 1.0
        largest = float(load.diameter[moves].max(initial=0.0))
        narrow = min(self.channel.height, self.channel.width)
        if largest >= narrow:
            raise InputError(
                f"height_um = {self.height_um:g}: particles of {largest * 1e6:.3g} um clog a channel of "
                f"{narrow * 1e6:.3g} um; take them out first, or take a higher channel"
            )

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield where a slit of points that do not settle is not what flows."""
        channel, rinse = self.channel, self.rinse(load)
        if load.volume < load.chips * channel.volume:
            yield (
                f"{load.volume * 1e9:.3g} uL of sample do not fill the channels, which hold "
                f"{load.chips * channel.volume * 1e9:.3g} uL; the model takes the sample for a long stream"
            )
        if rinse.left > UNRINSED:
            yield (
                f"wash_uL = {self.wash_uL:g}: leaves {percent(rinse.left)} of the liquid in channels of "
                f"{channel.volume * 1e9:.3g} uL, with all that is not bound; wash with several times that"
            )
        if self.elution is not None and self.elution.damages:
            yield f"elution {self.elution.name!r} may damage vesicles and their antigens, which is left out"
        yield (
            "antigens per vesicle, rate constants on vesicles and ligands per area are unverified choices; what "
            "transport allows is sure"
        )
        if channel.width < SLIT * channel.height:
            yield (
                f"a channel {channel.width / channel.height:.2g} times as wide as high is no slit: side walls slow "
                "the flow, and take up nothing in the model"
            )
        table, moves = load.sample.particles, load.moving >= 1.0
        large = moves & (load.radius > LARGE * channel.height)
        fall = np.abs(sedimentation_coefficient(table, load.carrier)) * STANDARD_GRAVITY_M_PER_S2
        settles = moves & (fall * channel.residence_time(load.flow) > channel.height)
        doubtful = (
            (large, "are no points in this channel, which is left out; clear them first"),
            (settles, "settle in it before they leave: what lands and rolls is a rough estimate, of a coated floor"),
        )
        for rows, what in doubtful:
            if names := table.named(rows):
                yield f"particles of {', '.join(names)} {what}"

    def passage(self, load: Load) -> Passage:
        """Return what the walls hold and what flows through."""
        channel = self.coated(load)
        lanes = wall_lanes(load, self.antigens, self.copies_dispersion)
        uptake, rinse = wall_uptake(channel, lanes, load.flow_time), self.rinse(load)
        shares = wall_shares(channel, load, lanes, uptake, rinse)
        handed = np.minimum(shares.wall + shares.free, 1.0)
        classes = load.moving.size
        course = WallCourse(
            channel=channel,
            lanes=lanes,
            uptake=uptake,
            on_wall=np.minimum(np.divide(shares.wall, handed, out=np.zeros_like(handed), where=handed > 0), 1.0),
            captured=handed,
        )
        carriers = lanes.of_rows(np.ones(lanes.of.size), classes)
        number = lanes.of_rows(uptake.damkohler, classes)
        return Passage(
            shares={CAPTURED: handed, WASTE: shares.waste},
            peclet=channel.velocity * channel.height / load.diffusivity,
            damkohler=np.divide(number, carriers, out=np.full_like(number, np.nan), where=carriers > 0),
            error=uptake.error,
            course=course,
            remarks=tuple(wall_remarks(course, load, self.herringbone, rinse)),
            warnings=tuple(wall_warnings(course, load)),
        )
