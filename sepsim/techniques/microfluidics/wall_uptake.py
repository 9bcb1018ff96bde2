"""What the walls of a channel take from the stream: transport, reaction, load on the contacts, and room, together.

Particles come to the wall by diffusion from a laminar flow, or through the film that ridges leave (`herringbone`). On
the last nanometres the liquid between drains (`near_wall`), and they bind as on beads (`immunocapture.wall_capture`);
the stream pulls at the contacts (`loaded_bonds`). In series,

    k' = p k/(1 + p k l/D),    d' = (p/T_1)/(1 + p k l/D),    Da = k' h/D

with the share p of contacts that take hold and the draining length l. Both rates fall alike, since what has come off
is as slow to get away. `solve_wall_slit` and `solve_wall_film` march this with the room that is left on the wall; while
the wall is bare and nothing comes off they are 1 - sum A exp(-lambda zeta) (Graetz) and 1 - exp(-N), which tell their
error. What sinks to the floor meanwhile (`landing`) comes to it, as far as there is room left.

Assumptions: a slit, wide against its height, that lies flat; the load of the flow at the middle of the wall; diffusion
along the flow left out; no migration across it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.techniques.immunocapture.wall_capture import Wall, wall_footprint
from sepsim.techniques.microfluidics.bare_slit import bare_slit
from sepsim.techniques.microfluidics.herringbone import film_transfer
from sepsim.techniques.microfluidics.landing import bound_on_the_floor, landed_share
from sepsim.techniques.microfluidics.loaded_bonds import Held, held_contacts
from sepsim.techniques.microfluidics.near_wall import draining_length, wall_drag
from sepsim.techniques.microfluidics.wall_lanes import Lanes

if TYPE_CHECKING:
    from sepsim.kernels.wall_capture import SlitUptake, WallSpecies

CELLS, SECTIONS, STEPS = 50, 100, 30  # across and along a flat channel, and in time
FILM_SECTIONS = 300
TINY = 1e-300
WITNESSES = 4  # lanes, of those taken most, that tell the error


@dataclass(frozen=True, kw_only=True, slots=True)
class CoatedChannel:
    """A channel with ligands on its walls, and the stream through it.

    Parameters
    ----------
    wall : Wall
    height, length : float [m]
    walls : int
        That are coated: 1 or 2.
    velocity : float [m/s]
    shear_rate : float [1/s]
        At the wall.
    viscosity : float [Pa s]
    temperature : float [K]
    area_factor : float [-]
        Area with ligands over that of a smooth wall.
    drains : bool
        Whether the liquid before a particle drains through the wall.
    renewal : float or None [m]
        Length along which the depleted layer grows; None: along all of it.
    bond_length : float [m]
        Over which a force helps a bond to open.
    load_factor : float [-]
        Force on the bonds over the drag.
    """

    wall: Wall
    height: float
    length: float
    walls: int
    velocity: float
    shear_rate: float
    viscosity: float
    temperature: float
    area_factor: float
    drains: bool
    renewal: float | None
    bond_length: float
    load_factor: float

    @property
    def place(self) -> FloatArray:
        """Faces of the sections of a stirred channel, shape (n + 1,) [m]."""
        return self.length * np.linspace(0.0, 1.0, FILM_SECTIONS + 1) ** 2

    def zeta(self, diffusivity: FloatArray) -> FloatArray:
        """Return length times diffusivity over velocity and height squared, shape as given [-]."""
        return self.length * diffusivity / (self.velocity * self.height**2)

    def load(self, radius: FloatArray, shear_rate: float) -> FloatArray:
        """Return what pulls at contacts, shape as given [-]: force times length of the barrier over k_B T."""
        force = self.load_factor * wall_drag(radius, shear_rate, self.viscosity)
        return force * self.bond_length / (BOLTZMANN_J_PER_K * self.temperature)

    def held(self, lanes: Lanes, shear_rate: float, opening: float = 1.0, closing: float = 1.0) -> Held:
        """Return how the contacts of particles fare.

        Parameters
        ----------
        lanes : Lanes
        shear_rate : float [1/s]
            Of the stream over them.
        opening, closing : float [-]
            By which bonds open and form faster, as in an elution.

        Returns
        -------
        Held
        """
        bonds = self.wall.bonds(lanes.radius, lanes.antigens)
        load = self.load(lanes.radius, shear_rate)
        wall = self.wall
        return held_contacts(bonds, load, wall.ligand.k_off * opening, wall.model.rebinding_per_s * closing)

    def species(self, lanes: Lanes) -> WallSpecies:
        """Return particles as the kernels of capture on a wall take them."""
        bare = self.wall.species(lanes.radius, lanes.concentration, lanes.antigens, lanes.diffusivity)
        held = self.held(lanes, self.shear_rate)
        way = 0.0 if self.drains else draining_length(lanes.radius, self.wall.model.reach, 0.5 * self.height)
        speed = self.area_factor * held.taking * bare.adsorption
        slower = 1.0 + speed * way / lanes.diffusivity
        return bare._replace(
            adsorption=speed / slower,
            desorption=held.opening / slower,
            footprint=wall_footprint(lanes.radius) / self.area_factor,
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WallUptake:
    """What walls have taken up when the sample has passed.

    Attributes
    ----------
    share : ndarray, shape (n_lanes,) [-]
        Of the particles of each lane, on the wall.
    damkohler : ndarray, shape (n_lanes,) [-]
        Of the bare wall.
    covered, covered_most : float [-]
        Of the room on the walls: taken on average, and where most is.
    place : ndarray, shape (sections + 1,) [m]
        Faces of the sections along the wall.
    along : ndarray, shape (sections, n_lanes) [1/m2]
        Particles on the wall.
    error : float [-]
        Of the shares: march against closed form on a bare wall.
    """

    share: FloatArray
    damkohler: FloatArray
    covered: float
    covered_most: float
    place: FloatArray
    along: FloatArray
    error: float


def wall_uptake(channel: CoatedChannel, lanes: Lanes, duration: float) -> WallUptake:
    """Return what the walls of a channel take up in a time.

    Parameters
    ----------
    channel : CoatedChannel
    lanes : Lanes
    duration : float [s]

    Returns
    -------
    WallUptake
    """
    species = channel.species(lanes)
    found = _march(channel, species, duration, STEPS)
    entering = channel.velocity * channel.height / channel.walls * duration
    brought = species.concentration * entering / channel.length
    share = np.clip(found.bound[-1] / brought, 0.0, 1.0)
    room = found.along @ species.footprint
    covered = float(found.bound[-1] @ species.footprint)
    landed = _landed(channel, lanes, species)
    free, needed = max(1.0 - covered, 0.0), float((1.0 - share) * landed * brought @ species.footprint)
    return WallUptake(
        share=share + (1.0 - share) * landed * min(free / max(needed, TINY), 1.0),
        damkohler=species.adsorption * channel.height / species.diffusivity,
        covered=covered + min(free, needed),
        covered_most=float(room.max(initial=0.0)),
        place=found.place,
        along=found.along,
        error=_error(channel, species, share),
    )


def _landed(channel: CoatedChannel, lanes: Lanes, species: WallSpecies) -> FloatArray:
    """Return the share of the particles of each lane that lands on the floor and binds to it."""
    bound = bound_on_the_floor(
        lanes.sinking, lanes.radius, lanes.diffusivity, species.adsorption,
        channel.wall.model.reach, channel.length, channel.shear_rate,
    )  # fmt: skip
    return landed_share(lanes.sinking, channel.length, channel.height, channel.velocity) * bound


def bare_capture(channel: CoatedChannel, diffusivity: FloatArray, speed: FloatArray) -> FloatArray:
    """Return in closed form what bare walls take up that let nothing go.

    Parameters
    ----------
    channel : CoatedChannel
    diffusivity : ndarray, shape (n,) [m2/s]
    speed : ndarray, shape (n,) [m/s]
        Of uptake; infinite: they keep all they meet.

    Returns
    -------
    ndarray, shape (n,) [-]
        Share of the particles.
    """
    if channel.renewal is None:
        return bare_slit(channel.zeta(diffusivity), speed * channel.height / diffusivity, channel.walls)
    with np.errstate(divide="ignore"):
        rate = 1.0 / (1.0 / _transfer(channel, diffusivity) + 1.0 / speed)
    units = np.diff(channel.place) @ rate * channel.walls / (channel.velocity * channel.height)
    share: FloatArray = -np.expm1(-units)
    return share


def _transfer(channel: CoatedChannel, diffusivity: FloatArray) -> FloatArray:
    renewal = math.inf if channel.renewal is None else channel.renewal
    return film_transfer(channel.place, renewal, channel.height, channel.velocity, diffusivity, channel.walls)


def _march(channel: CoatedChannel, species: WallSpecies, duration: float, steps: int) -> SlitUptake:
    from sepsim.kernels.wall_capture import solve_wall_film, solve_wall_slit

    if channel.renewal is None:
        found: SlitUptake = solve_wall_slit(
            channel.height, channel.length, channel.velocity, duration, species, CELLS, SECTIONS, steps, channel.walls
        )
        return found
    depth = channel.height / channel.walls
    transfer = _transfer(channel, species.diffusivity)
    stirred: SlitUptake = solve_wall_film(depth, channel.place, channel.velocity, duration, species, transfer, steps)
    return stirred


def _error(channel: CoatedChannel, species: WallSpecies, share: FloatArray) -> float:
    """Return by how much the march misses the closed form on a bare wall, for the lanes taken most."""
    few = np.argsort(-share * species.concentration)[:WITNESSES]
    if not few.size:
        return 0.0
    nothing = np.zeros(few.size)
    bare = type(species)(*(each[few] for each in species))._replace(desorption=nothing, footprint=nothing)
    marched = 1.0 - _march(channel, bare, 1.0, 1).outlet[-1] / bare.concentration
    return float(np.abs(marched - bare_capture(channel, bare.diffusivity, bare.adsorption)).max())
