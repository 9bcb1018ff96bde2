"""What every run of a centrifuge is set by: rotor, tube, speed, time, temperature, and what becomes of the pellet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Medium
from sepsim.particles.particle_table import ParticleTable
from sepsim.rotors.rotors import ROTORS, SLOWEST, Rotor, angular_speed, rcf, speed_problem
from sepsim.rotors.tubes import TUBES, Tube
from sepsim.settings import Named, Settings, Tabled, integer, number, part, record, settings, text
from sepsim.techniques.centrifugation.gradient.gradient import Stretch
from sepsim.techniques.centrifugation.pellet import Pellet, Resuspension
from sepsim.techniques.centrifugation.pellet_model import PelletModel
from sepsim.techniques.centrifugation.pellet_recovery import held_back
from sepsim.techniques.centrifugation.speed_limits import speed_limits
from sepsim.techniques.centrifugation.spin import SpeedProfile, speed_profile
from sepsim.techniques.centrifugation.wall_layer import TubeWall, WallLayer, mobility, wall_layer
from sepsim.units import from_si, to_si

RESIDUAL_VOLUME_M3 = 1e-7  # liquid left on a pellet, per tube ...
RESIDUAL_SHARE = 0.05  # ... but not more than this share of the liquid above it
THINNEST_FILM_UM = 3.0  # water 5 cm down a wall after ten minutes of draining: sqrt(eta x/(rho g t)), Jeffreys 1930
WITHOUT_LOSSES: Mapping[str, Any] = MappingProxyType(
    {
        "pellet_recovery": 1.0,
        "residual_volume_mL": None,
        "residual_film_um": THINNEST_FILM_UM,
        "waiting_min": 0.0,
    }
)
WAITING_MIN = 10.0  # from stand-still until the liquid is off: a choice
PLAY = 1.1  # by which sizes of tubes may differ, since catalogues round them
STEEP_ANGLE_DEG = 10.0


@settings
class RotorSettings(Settings):
    """Settings that all techniques of centrifugation share.

    Parameters
    ----------
    rotor, tube, tubes, speed_rpm, rcf_xg, rcf_at, time_min, acceleration_min, braking_min, temperature_C
        As for `Centrifugation`.
    pellet_recovery, residual_volume_mL, residual_film_um, waiting_min, pellet_model, resuspend
        As for `Centrifugation`.
    """

    rotor: Named[Rotor] = part(
        accept=ROTORS.get,
        dump=ROTORS.describe,
        allowed="a name from `sepsim list rotors`, or a table { name, angle_deg, rmax_mm, n_tubes, tube }",
        help="the rotor",
    )
    tube: Named[Tube | None] = part(
        default=None,
        accept=TUBES.get,
        dump=TUBES.describe,
        allowed="a name from `sepsim list tubes`, or a table { name, inner_diameter_mm, length_mm, volume_mL }",
        help="tube, instead of the rotor's own",
    )
    speed_rpm: float | None = number(default=None, minimum=SLOWEST, help="speed")
    rcf_xg: float | None = number(
        default=None, minimum=SLOWEST, help="relative centrifugal force, instead of the speed"
    )
    rcf_at: str | None = text(default=None, choices=("rmax", "rav", "rmin"), help="radius at which rcf_xg holds")
    time_min: float = number(above=0, maximum=1e6, help="time at speed")
    acceleration_min: float = number(default=0.0, minimum=0, help="linear ramp to speed")
    braking_min: float = number(default=0.0, minimum=0, help="linear ramp to rest")
    temperature_C: float | None = number(
        default=None, minimum=0, maximum=60, help="of the run; left out: that of the sample"
    )
    tubes: int | None = integer(default=None, minimum=1, maximum=10_000, help="number of tubes; left out: the fewest")
    pellet_recovery: float | None = number(
        default=None, minimum=0, maximum=1, help="share of the pellet that comes back on resuspension"
    )
    residual_volume_mL: float | None = number(default=None, minimum=0, help="liquid left on the pellet, per tube")
    residual_film_um: float | None = number(
        default=None, minimum=0, maximum=1000, help="thickness of that liquid on the wall, instead"
    )
    waiting_min: float = number(default=WAITING_MIN, minimum=0, help="from stand-still until the liquid is off")
    pellet_model: Tabled[PelletModel] = record(
        PelletModel,
        default=PelletModel(),
        example="{ yield_stress_Pa = 2 }",
        help="how particles hold on to the wall and to one another",
    )
    resuspend: Tabled[Resuspension | None] = record(
        Resuspension, default=None, example='{ medium = "PBS", volume_mL = 1 }', help="take the pellet up"
    )

    def conflicts(self) -> list[str]:
        """Return what is wrong with the speed, with the tube, or with the liquid that is left."""
        return self.found(self._speed_problems, self._tube_problems, self._residue_problems)

    def _residue_problems(self) -> Iterator[str]:
        if self.residual_volume_mL is not None and self.residual_film_um is not None:
            yield "give residual_volume_mL or residual_film_um, not both"

    def _speed_problems(self) -> Iterator[str]:
        if not hasattr(self, "rcf_xg") and self.rcf_at is None:  # which a wrong value must not hide
            yield 'rcf_at: missing; rcf_xg goes with it: say "rmax", "rav" or "rmin"'
            return
        if problem := speed_problem(self.speed_rpm, self.rcf_xg, self.rcf_at):
            yield problem
            return
        try:
            _ = self.omega
        except InputError as error:
            yield from error.problems

    def _tube_problems(self) -> Iterator[str]:
        if self.tube is not None and (misfit := _misfit(self.tube, self.rotor)):
            yield misfit

    @property
    def loaded_rotor(self) -> Rotor:
        """The rotor with the tube that is used."""
        return self.rotor if self.tube is None else replace(self.rotor, tube=self.tube)

    @property
    def omega(self) -> float:
        """Angular speed of the plateau [rad/s]."""
        return angular_speed(self.rotor, speed_rpm=self.speed_rpm, rcf_xg=self.rcf_xg, rcf_at=self.rcf_at)

    @property
    def profile(self) -> SpeedProfile:
        """Speed over time."""
        return speed_profile(
            self.omega,
            to_si("time_min", self.time_min),
            to_si("acceleration_min", self.acceleration_min),
            to_si("braking_min", self.braking_min),
        )

    def recovered(self, pellet: Pellet, wall: TubeWall, covered: float) -> FloatArray:
        """Return the share of each class of a pellet that comes back into suspension, shape (n_classes,) [-]."""
        if self.pellet_recovery is not None:
            return np.full(len(pellet.solid.particles), self.pellet_recovery)
        solid = replace(pellet.solid, medium=pellet.liquid.medium)
        field = self.omega**2 * wall.radius
        return held_back(solid, wall, field=field, covered=covered, model=self.pellet_model).recovered

    def settled(self, particles: ParticleTable, medium: Medium, wall: TubeWall, residual_volume: float) -> WallLayer:
        """Return what stays at the walls of all tubes, under so much liquid [m3] of them together."""
        return wall_layer(
            particles,
            mobility(particles, medium),
            self.profile,
            wall.radius,
            waiting=to_si("waiting_min", self.waiting_min),
            film=residual_volume / (wall.tubes * wall.area),
            model=self.pellet_model,
        )

    def obstacle(self, fraction: str) -> str:
        """Return why what is lost cannot be the product."""
        return "it is lost; keep another fraction" if fraction == "lost" else ""

    def spent(self, fraction: str) -> str:
        """Return why a pellet that is not resuspended, or what is lost, cannot go on."""
        if fraction == "pellet" and self.resuspend is None:
            return (
                "the pellet lies at the bottom of the tube; take it up with "
                'resuspend = { medium = "PBS", volume_mL = 1 } in the step that makes it'
            )
        return self.obstacle(fraction)

    def product_remark(self, fraction: str) -> str:
        """Return what is worth telling of a pellet that is the product as it lies."""
        if fraction == "pellet" and self.resuspend is None:
            return "the pellet is the product as it lies: nothing was resuspended, so that no recovery applies"
        return ""

    def run_medium(self, medium: Medium) -> Medium:
        """Return the medium of a sample at the temperature of the run."""
        return medium if self.temperature_C is None else medium.at(to_si("temperature_C", self.temperature_C))

    def tubes_and_runs(self, volume: float, most: float, slack: float = 1e-9) -> tuple[int, int]:
        """Return the number of tubes and of runs that a volume [m3] takes, at most so much of it [m3] in each tube.

        Raises
        ------
        InputError
            If there is no liquid, or fewer tubes are set than that takes.
        """
        rotor = self.loaded_rotor
        if volume <= 0:
            raise InputError(f"rotor {rotor.name!r}: there is no liquid to spin; give the sample a volume")
        needed = max(1, int(np.ceil(volume / most - slack)))
        tubes = needed if self.tubes is None else self.tubes
        if tubes < needed:
            raise InputError(
                f"tubes = {tubes}: {volume * 1e6:g} mL do not fit into {tubes} tubes of rotor {rotor.name!r} with "
                f"{most * 1e6:g} mL each; use at least {needed} tubes, or a smaller sample"
            )
        return tubes, int(np.ceil(tubes / rotor.n_tubes))

    def refuse_unsafe_speed(self, stretches: Sequence[Stretch]) -> None:
        """Refuse a speed that is too high for what is in each tube, given from its top to its bottom.

        Raises
        ------
        InputError
            If the contents are too dense for the speed, or a salt would crystallise; it names the allowed speed.
        """
        rpm, at = from_si("speed_rpm", self.omega), self.rcf_at or "rmax"
        asked = f"speed_rpm = {rpm:g}" if self.rcf_xg is None else f"rcf_xg = {self.rcf_xg:g} at {at}: {rpm:.0f} rpm"
        problems = [
            f"{asked}: {limit.reason}; at most {math.floor(from_si('speed_rpm', limit.speed))} rpm, which is "
            f"{math.floor(rcf(limit.speed, self.rotor.radius(at)))} g at {at}; {limit.remedy}"
            for limit in speed_limits(self.loaded_rotor, stretches)
            if self.omega > limit.speed * (1 + 1e-9)
        ]
        if problems:
            raise InputError(*problems)

    def residual_volume(self, above: float, wall: TubeWall) -> float:
        """Return the liquid left on the pellets of all tubes [m3], each of which holds so much liquid [m3]."""
        if self.residual_volume_mL is not None:
            return wall.tubes * to_si("residual_volume_mL", self.residual_volume_mL)
        usual = RESIDUAL_VOLUME_M3
        if self.residual_film_um is not None:
            usual = to_si("residual_film_um", self.residual_film_um) * wall.area
        return wall.tubes * min(usual, RESIDUAL_SHARE * above)

    def pellet_warnings(self) -> Iterator[str]:
        """Yield warnings about the recovery of the pellet."""
        rotor = self.rotor
        if rotor.angle_deg < STEEP_ANGLE_DEG and self.resuspend is not None:
            yield (
                f"rotor {rotor.name!r} ({rotor.kind}): the pellet lies along the whole outer wall and may slide off "
                "when the tube is taken out; the recovery of such pellets is not known"
            )


def _misfit(tube: Tube, rotor: Rotor) -> str:
    """Return why a tube does not go into the place of the rotor's own, or an empty text."""
    own = rotor.tube
    if tube.width_mm <= PLAY * own.width_mm and tube.length_mm <= PLAY * own.length_mm:
        return ""
    return (
        f"tube {tube.name!r} ({tube.width_mm:g} mm wide, {tube.length_mm:g} mm long inside) does not fit into rotor "
        f"{rotor.name!r}, which takes {own.width_mm:g} x {own.length_mm:g} mm; use a smaller tube"
    )
