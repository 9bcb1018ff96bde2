"""Chips with arrays of posts that bump large particles aside (DLD), down to gaps of some ten nanometres.

What happens in the chip: the sample flows through rows of posts, each shifted against the last. Particles above a
critical diameter walk along the posts to one side of the array, smaller ones go with the flow; the outlet of that side
hands out the larger ones (`target = "bumped"`) or the other the smaller ones ("zigzag"). Buffer beside the sample
(`buffer_ratio`) makes the sample enter as a stream at the far side; without it the sample fills the array, and what is
bumped is concentrated at the wall.

Equations: `bump_array`. Each row is a row of slots as long as the posts are thick, which resist by Hagen and
Poiseuille. A particle that is larger than a gap clogs one at the inlet; a chip with half of them clogged is refused.

Assumptions: dilute rigid spheres, or vesicles with a softness; streams of equal flow; no mixing of sample and buffer.

Valid range: 0.01 < row_shift < 0.5, Pe above some 3. Known gaps: nano-DLD takes nanolitres to microlitres an hour and
array, so that the time of a sample is part of the answer. A field across the flow, which lowers the critical diameter
about ten-fold (Gillams et al. 2022, abstract: an AC field, in 0.1 to 0.7 S/m), comes in as `held_off_nm`, a distance
that the user measures or fits; plug flow and repulsion alone lower it two-fold and by some Debye lengths.

Sources: Davis 2006, Inglis et al. 2006, Kim et al. 2017; chips of Wunsch et al. 2016 and Smith et al. 2018, recalled.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sepsim.arrays import BoolArray, FloatArray
from sepsim.errors import InputError
from sepsim.media.electrolyte import debye_length
from sepsim.media.permittivity import mixed_permittivity
from sepsim.model_constants import ModelConstants
from sepsim.particles.surface_charge import NEUTRAL_PH
from sepsim.settings import integer, number, settings, text
from sepsim.techniques.microfluidics.bump_array import (
    bump_probability,
    charged_distance,
    critical_diameter,
    flattening,
    plug_critical_diameter,
    share_beyond,
)
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.chips.chip import TARGET, WASTE, Chip
from sepsim.techniques.microfluidics.electrophoretic_mobility import zeta_potentials
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Liquid, Passage
from sepsim.units import to_si

CONSTANTS = ModelConstants("bump_array_model")
DRIVES = ("pressure", "electroosmosis")
TARGETS = ("bumped", "zigzag")
WALKED = (2.5, 17.0)  # c_w and k of walks among round posts; docs/validation.md
DIFFUSIVE = 3.0  # Peclet number below which no stream keeps a particle for a row
CLOGGED = 0.5  # of the gaps at the inlet
FLAT = 0.9  # short axis over diameter, below which shear deforms what is to be bumped


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BumpCourse:
    """How an array displaces the classes of a load.

    Attributes
    ----------
    critical : float [m]
        Critical diameter.
    met : ndarray, shape (n,) [m]
        Diameter of each class as posts meet it.
    bumped : ndarray, shape (n,) [-]
        Mean displacement as a share of the full bump.
    moved, spread : ndarray, shape (n,) [m]
        Mean and standard deviation of the way across the array.
    """

    critical: float
    met: FloatArray
    bumped: FloatArray
    moved: FloatArray
    spread: FloatArray


@settings
class LateralDisplacement(Chip):
    """An array of posts; hands out ``target outlet`` and ``waste``.

    Parameters
    ----------
    name : str
    flow_uL_min : float [uL/min]
        Of the sample into one chip, all arrays together.
    buffer_ratio : float [-]
        Volumes of buffer that flow in beside one of sample, on the side to which particles are bumped.
    dead_volume_uL : float [uL]
        Of sample that stays in one chip and its tubing.
    adsorbed_percent : float [%]
        Of the particles, lost on its walls.
    pressure_limit_bar : float [bar]
        Beyond which it leaks.
    gap_nm : float [nm]
        Between the posts of a row.
    pitch_nm : float [nm]
        From post to post, and from row to row.
    row_shift : float [-]
        Of a row against the one before, as a share of the pitch.
    depth_nm : float [nm]
        Height of the posts.
    array_width_um, array_length_um : float [um]
        Of one array.
    arrays : int
        In one chip, side by side.
    divider : float [-]
        Share of the width of an array, from the side that particles are bumped away from, at which the outlets part.
    target : "bumped" | "zigzag"
        What leaves by the target outlet.
    drive : "pressure" | "electroosmosis"
    post_zeta_mV : float [mV]
        Zeta potential of the posts; 0: no repulsion.
    held_off_nm : float [nm]
        Distance by which a field across the flow holds particles off the posts besides.
    transition_width : float [-]
        c_w, of the transition.
    diffusion_shift : float [-]
        k, by which diffusion raises the diameter that is bumped half the way.
    softness : float [-]
        Diameter that a vesicle shows to a post over its own.
    bending_stiffness_zJ : float [zJ]
        Of the membranes of vesicles.
    shortest_axis : float [-]
        Of a vesicle in any shear, over its diameter: its membrane has little more area than a sphere needs.

    Raises
    ------
    InputError
        With every problem of the settings.

    Examples
    --------
    >>> chip = LateralDisplacement(
    ...     flow_uL_min=1e-5, gap_nm=235, pitch_nm=400, row_shift=0.1, depth_nm=240, array_width_um=20,
    ...     array_length_um=200)
    >>> f"{chip.critical_diameter * 1e9:.1f} nm", f"{chip.channel.mean_velocity(1e-14 / 60) * 1e6:.0f} um/s"
    ('108.9 nm', '59 um/s')
    """

    mechanism: ClassVar[str] = "deterministic lateral displacement"

    dead_volume_uL: float = number(default=0.1, minimum=0, maximum=1e5, help="sample that stays in it and its tubing")
    gap_nm: float = number(above=0, maximum=1e6, help="between the posts of a row")
    pitch_nm: float = number(above=0, maximum=1e6, help="from post to post, and from row to row")
    row_shift: float = number(minimum=0.005, maximum=0.5, help="of a row against the last, as a share of the pitch")
    depth_nm: float = number(above=0, maximum=1e6, help="height of the posts")
    array_width_um: float = number(above=0, maximum=1e6, help="of one array")
    array_length_um: float = number(above=0, maximum=1e6, help="of one array")
    arrays: int = integer(default=1, minimum=1, maximum=1_000_000, help="in one chip, side by side")
    divider: float = number(default=0.5, above=0, maximum=0.99, help="share of the width at which the outlets part")
    target: str = text(default="bumped", choices=TARGETS, help="what leaves by the target outlet")
    drive: str = text(default="pressure", choices=DRIVES, help="what drives the flow")
    post_zeta_mV: float = number(default=0.0, minimum=-200, maximum=200, help="of the posts; 0: no repulsion")
    held_off_nm: float = number(default=0.0, minimum=0, maximum=1e5, help="by a field across the flow, besides")
    transition_width: float = CONSTANTS.setting("transition_width", "c_w, of the transition", above=0, maximum=100)
    diffusion_shift: float = CONSTANTS.setting(
        "diffusion_shift",
        "k, by which diffusion raises the diameter that is bumped half the way",
        minimum=0,
        maximum=100,
    )
    softness: float = CONSTANTS.setting("softness", "diameter a vesicle shows over its own", above=0, maximum=1)
    bending_stiffness_zJ: float = CONSTANTS.setting(
        "bending_stiffness_zJ", "of the membranes of vesicles", above=0, maximum=1e6
    )
    shortest_axis: float = CONSTANTS.setting(
        "shortest_axis", "of a vesicle in any shear, over its diameter", above=0, maximum=1
    )

    def conflicts(self) -> list[str]:
        """Return what does not fit together: gap and pitch, width and length of an array."""
        if self.pitch_nm <= self.gap_nm:
            return [f"pitch_nm = {self.pitch_nm:g}: must be above gap_nm = {self.gap_nm:g}, or no posts are left"]
        sizes = {"array_width_um": self.array_width_um, "array_length_um": self.array_length_um}
        return [
            f"{key} = {size:g}: holds no row of posts at pitch_nm = {self.pitch_nm:g}"
            for key, size in sizes.items()
            if 1e3 * size < self.pitch_nm
        ]

    @property
    def critical_diameter(self) -> float:
        """Diameter from which on posts bump particles aside [m]."""
        law = critical_diameter if self.drive == "pressure" else plug_critical_diameter
        return law(self._gap, self.row_shift)

    @property
    def channel(self) -> Channel:
        """All gaps of a row, as long as the posts of all rows are thick."""
        return Channel(
            width=self._gap,
            height=to_si("depth_nm", self.depth_nm),
            length=self._rows * (self._pitch - self._gap),
            parallel=self.gaps,
        )

    @property
    def array(self) -> Channel:
        """The room of the arrays, posts included."""
        depth, length = to_si("depth_nm", self.depth_nm), self._rows * self._pitch
        return Channel(width=self._width, height=depth, length=length, parallel=self.arrays)

    @property
    def gaps(self) -> int:
        """At the inlet of a chip."""
        return self.arrays * round(self._width / self._pitch)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics comes from."""
        return ("davis2006", "inglis2006", "taylor1934", "sepsim_choice")

    def pressure(self, load: Load) -> float:
        """Return what drives a load through the rows [Pa]; none of an electroosmotic flow."""
        return 0.0 if self.drive == "electroosmosis" else super(LateralDisplacement, self).pressure(load)

    def residence(self, load: Load) -> float:
        """Return the time in the array, with the liquid between its rows [s]."""
        posts = 0.25 * math.pi * (1.0 - self._gap / self._pitch) ** 2
        area = self.arrays * self._width * self._rows * self._pitch
        return area * to_si("depth_nm", self.depth_nm) * (1.0 - posts) / load.total_flow

    def liquids(self, load: Load) -> dict[str, Liquid]:
        """Return what the streams on both sides of the divider hold; liquid is not displaced."""
        sample_ends = 1.0 / (1.0 + self.buffer_ratio)
        buffer = load.buffer_flow * load.flow_time * load.chips
        near = min(self.divider / sample_ends, 1.0)
        near_buffer = max(self.divider - sample_ends, 0.0) / (1.0 - sample_ends) if self.buffer_ratio > 0 else 0.0
        zigzag = Liquid(near, near_buffer * buffer)
        bumped = Liquid(1.0 - near, (1.0 - near_buffer) * buffer)
        return {TARGET: bumped, WASTE: zigzag} if self.target == "bumped" else {TARGET: zigzag, WASTE: bumped}

    def refuse(self, load: Load) -> None:
        """Raise also if particles larger than the gaps clog half of those at the inlet.

        Raises
        ------
        InputError
        """
        super(LateralDisplacement, self).refuse(load)
        clogged = float(np.sum(load.bodies, where=self._too_large(load))) / load.chips
        if clogged >= CLOGGED * self.gaps:
            raise InputError(
                f"gap_nm = {self.gap_nm:g}: {', '.join(self._clogging(load))} are larger than the gaps and clog the "
                f"chip, which has {self.gaps} of them at its inlet; filter them out before, take a smaller sample or "
                "more chips"
            )

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield what clogs, and what the laws are not made for."""
        if clogging := list(self._clogging(load)):
            yield (
                f"{', '.join(clogging)} are larger than the gaps of {self.gap_nm:g} nm and clog some of the "
                f"{load.chips * self.gaps} at the inlet; they are lost"
            )
        if not 0.01 <= self.row_shift <= 0.5:
            yield f"row_shift = {self.row_shift:g}: the critical diameter was fitted for 0.01 to 0.5 (Davis)"

    def passage(self, load: Load) -> Passage:
        """Return how far each class is bumped aside, and by which outlet it leaves."""
        course = self._course(load)
        width = self._width
        beyond = share_beyond(
            self.divider * width,
            start=width / (1.0 + self.buffer_ratio),
            moved=course.moved,
            spread=course.spread,
        )
        through = ~self._too_large(load)
        bumped, zigzag = through * beyond, through * (1.0 - beyond)
        shares = {TARGET: bumped, WASTE: zigzag} if self.target == "bumped" else {TARGET: zigzag, WASTE: bumped}
        return Passage(
            shares=shares,
            peclet=self._peclet(load),
            course=course,
            remarks=tuple(self._remarks(load, course)),
            warnings=tuple(self._warnings(load)),
        )

    def _course(self, load: Load) -> BumpCourse:
        met = self._met(load)
        bumped = bump_probability(
            met, self.critical_diameter, self._peclet(load), self.transition_width, self.diffusion_shift
        )
        length = self._rows * self._pitch
        periods = max(self._rows * self.row_shift, 1.0)
        mixed = periods * bumped * (1.0 - bumped) * self._pitch**2
        diffused = 2.0 * load.diffusivity * self.residence(load)
        return BumpCourse(
            critical=self.critical_diameter,
            met=met,
            bumped=bumped,
            moved=bumped * self.row_shift * length,
            spread=np.sqrt(mixed + diffused),
        )

    def _met(self, load: Load) -> FloatArray:
        """Return the diameters that posts meet, shape (n,) [m]."""
        carrier = load.carrier
        held = charged_distance(
            load.radius,
            zeta_potentials(load, NEUTRAL_PH),
            to_si("post_zeta_mV", self.post_zeta_mV),
            debye_length(carrier),
            mixed_permittivity(carrier),
            carrier.temperature,
        )
        return self._shown(load) * self._short_axis(load) + 2.0 * (held + to_si("held_off_nm", self.held_off_nm))

    def _shown(self, load: Load) -> FloatArray:
        """Return diameters, of vesicles after their softness, shape (n,) [m]."""
        return np.where(load.sample.particles.of_kind("vesicle"), self.softness, 1.0) * load.diameter

    def _short_axis(self, load: Load) -> FloatArray:
        """Return the short axes of vesicles in the shear of a gap over their diameters, 1 of all else, shape (n,)."""
        if self.drive == "electroosmosis":
            return np.ones_like(load.radius)
        shear = 6.0 * self._speed(load) / self._gap
        stiffness = to_si("bending_stiffness_zJ", self.bending_stiffness_zJ)
        axis = flattening(load.radius, shear, load.carrier.viscosity, stiffness, self.shortest_axis)
        return np.where(load.sample.particles.of_kind("vesicle"), axis, 1.0)

    def _speed(self, load: Load) -> float:
        return self.channel.mean_velocity(load.total_flow)

    def _peclet(self, load: Load) -> FloatArray:
        return self._speed(load) * self._pitch / load.diffusivity

    def _too_large(self, load: Load) -> BoolArray:
        """Return which classes do not pass a gap, shape (n,)."""
        return self._shown(load) >= min(self._gap, to_si("depth_nm", self.depth_nm))

    def _clogging(self, load: Load) -> Iterator[str]:
        particles = load.sample.particles
        number = particles.totals(np.where(self._too_large(load), load.bodies, 0.0))
        for index in np.flatnonzero(number >= 0.5):
            yield f"{number[index]:.3g} of {particles.names[index]}"

    def _remarks(self, load: Load, course: BumpCourse) -> Iterator[str]:
        yield (
            f"critical diameter {course.critical * 1e9:.4g} nm, velocity in the gaps {self._speed(load) * 1e6:.3g} um/s"
        )
        walked = bump_probability(course.met, course.critical, self._peclet(load), *WALKED)
        told = zip(_vesicle_means(load, course.bumped), _vesicle_means(load, walked), strict=True)
        if shares := [f"{name} {100 * mean:.3g} % ({100 * other:.2g} %)" for (name, mean), (_, other) in told]:
            yield (
                f"mean displacement, of the full bump, by the closed law of c_w = {self.transition_width:g} and k = "
                f"{self.diffusion_shift:g} (by walks among round posts): {', '.join(shares)}"
            )

    def _warnings(self, load: Load) -> Iterator[str]:
        vesicles = load.sample.particles.of_kind("vesicle") & (load.moving > 0)
        large = vesicles & (self._shown(load) > self.critical_diameter)
        if np.any(large):
            flat = np.average(self._short_axis(load)[large], weights=load.moving[large])
            if flat < FLAT:
                yield (
                    f"shear flattens the vesicles that are to be bumped to {100 * flat:.2g} % of their diameter: a "
                    "faster flow no longer sharpens the separation; flow more slowly"
                )
        slow = vesicles & (self._peclet(load) < DIFFUSIVE)
        if np.any(slow) and np.sum(load.moving[slow]) > 0.5 * np.sum(load.moving[vesicles]):
            yield (
                f"most vesicles have Peclet numbers below {DIFFUSIVE:g}: they diffuse from stream to stream within a "
                "row, and posts tell no sizes apart; flow faster"
            )

    @property
    def _gap(self) -> float:
        return to_si("gap_nm", self.gap_nm)

    @property
    def _pitch(self) -> float:
        return to_si("pitch_nm", self.pitch_nm)

    @property
    def _width(self) -> float:
        return to_si("array_width_um", self.array_width_um)

    @property
    def _rows(self) -> int:
        return round(to_si("array_length_um", self.array_length_um) / self._pitch)


def _vesicle_means(load: Load, values: FloatArray) -> Iterator[tuple[str, float]]:
    """Yield populations of vesicles with the means of values over those that move."""
    particles = load.sample.particles
    number, total = particles.totals(load.moving), particles.totals(load.moving * values)
    for index in np.flatnonzero(number):
        if particles.kinds[index] == "vesicle":
            yield particles.names[index], total[index] / number[index]
