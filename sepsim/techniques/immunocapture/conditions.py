"""How beads are mixed with a sample, in SI, and the rates that follow for each particle."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sepsim.arrays import FloatArray
from sepsim.constants import AVOGADRO_PER_MOL
from sepsim.techniques.immunocapture.beads.beads import Bead
from sepsim.techniques.immunocapture.beads.ligands import Ligand
from sepsim.techniques.immunocapture.binding import (
    escape_rate,
    in_series,
    most_bonds,
    reaction_rate,
    residence_time,
    within_reach,
)
from sepsim.techniques.immunocapture.capture_model import CaptureModel
from sepsim.techniques.immunocapture.collisions import (
    diffusive_collisions,
    settling_collisions,
    settling_speed,
    shear_collisions,
)
from sepsim.techniques.immunocapture.competition import Competition, competition


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """Beads in a volume of liquid.

    Parameters
    ----------
    bead : Bead
    ligand : Ligand
    model : CaptureModel
    kinds : int
        Antigens that the ligands of a bead bind, in equal parts.
    beads : float [1/m3]
        Per volume of liquid.
    density, viscosity, temperature : float [kg/m3, Pa s, K]
        Of the liquid.
    shear_rate : float [1/s]
        Of the mixing; 0: none.
    height : float [m]
        Of the liquid in the tube.
    free_antibody, soluble_antigen : float [mol/m3]
        Binding sites in solution, and antigen that no vesicle carries.
    """

    bead: Bead
    ligand: Ligand
    model: CaptureModel
    kinds: int
    beads: float
    density: float
    viscosity: float
    temperature: float
    shear_rate: float
    height: float
    free_antibody: float = 0.0
    soluble_antigen: float = 0.0

    @property
    def settling_speed(self) -> float:
        """Of a bead [m/s]."""
        return settling_speed(self.bead.radius, self.bead.density - self.density, self.viscosity)

    @property
    def clearing_time(self) -> float:
        """After which all beads lie at the bottom, or float at the top [s]; infinite if they are mixed."""
        speed = abs(self.settling_speed)
        return math.inf if self.shear_rate > 0 or speed == 0 else self.height / speed

    @property
    def competition(self) -> Competition:
        """What soluble antigen and free antibody leave."""
        sites = self.beads * self.bead.antibodies_per_bead * self.ligand.binding_sites / AVOGADRO_PER_MOL
        return competition(sites, self.free_antibody, self.soluble_antigen, self.ligand.dissociation_constant)

    @property
    def ligands(self) -> float:
        """Ligands of a bead that are left to bind a vesicle [-]."""
        return self.bead.antibodies_per_bead * self.competition.open_sites

    def transport(self, radius: FloatArray) -> FloatArray:
        """Return how often particles of a radius [m] meet a bead, shape as given [m3/s]."""
        bead = self.bead.radius
        return (
            diffusive_collisions(radius, bead, self.temperature, self.viscosity)
            + settling_collisions(radius, bead, self.settling_speed)
            + shear_collisions(radius, bead, self.shear_rate)
        )

    def reaction(self, antigens: FloatArray) -> FloatArray:
        """Return how fast particles with so many antigens react with a bead that they touch [m3/s]."""
        of_a_kind = self.ligands / self.kinds
        return reaction_rate(self.ligand.k_on, of_a_kind, antigens, self.model.accessible_fraction)

    def bonds(self, radius: FloatArray, antigens: FloatArray) -> FloatArray:
        """Return the most bonds of a contact, at least 1 [-]: antigens, or the ligands within reach."""
        density = self.bead.ligand_density * self.competition.open_sites
        return most_bonds(antigens, within_reach(radius, self.model.reach, density))

    def binding(self, radius: FloatArray, antigens: FloatArray) -> FloatArray:
        """Return the rate at which a free particle binds to bare beads [1/s]."""
        return self.beads * in_series(self.transport(radius), self.reaction(antigens))

    def sticking(self, radius: FloatArray) -> FloatArray:
        """Return the rate at which a particle sticks to bare beads without any antigen [1/s]."""
        return self.beads * self.model.sticking_probability * self.transport(radius)

    def opening(self, radius: FloatArray, antigens: FloatArray) -> FloatArray:
        """Return the rate at which a bound particle gets away [1/s]."""
        residence = residence_time(self.bonds(radius, antigens), self.ligand.k_off, self.model.rebinding_per_s)
        return escape_rate(self.transport(radius), self.reaction(antigens), residence)
