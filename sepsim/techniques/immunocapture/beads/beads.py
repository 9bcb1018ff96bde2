"""Beads: how large and heavy they are, how many ligands they carry, and how strongly a magnet pulls them."""

from __future__ import annotations

import math

from sepsim.catalog import Catalog
from sepsim.data import numbers
from sepsim.settings import Settings, number, settings, text
from sepsim.units import to_si

_COLUMNS = ("diameter_um", "density_g_mL", "beads_per_mg", "antibodies_per_bead", "magnetisation_A_m2_kg")


@settings
class Bead(Settings):
    """A bead that carries ligands.

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list beads``.
    diameter_um : float
        Diameter [um].
    density_g_mL : float
        Density [g/mL].
    antibodies_per_bead : float
        Ligands that can bind [-].
    magnetisation_A_m2_kg : float
        At saturation [A m2/kg]; 0: not magnetic.
    beads_per_mg : float, optional
        Number per mass [1/mg]; left out: that of spheres of this density.

    Examples
    --------
    >>> own = Bead(diameter_um=2.8, density_g_mL=1.4, antibodies_per_bead=6e5)
    >>> f"{own.per_mass * 1e-6:.3g} per mg"
    '6.21e+07 per mg'
    """

    name: str = text(default="beads of the user", help="name of the beads")
    diameter_um: float = number(above=0, maximum=1000, help="diameter")
    density_g_mL: float = number(minimum=0.5, maximum=10, help="density")
    antibodies_per_bead: float = number(minimum=1, maximum=1e12, help="ligands that can bind")
    magnetisation_A_m2_kg: float = number(default=0.0, minimum=0, maximum=200, help="at saturation; 0: not magnetic")
    beads_per_mg: float | None = number(default=None, above=0, help="left out: that of spheres of this density")

    @property
    def radius(self) -> float:
        """Half the diameter [m]."""
        return 0.5 * to_si("diameter_um", self.diameter_um)

    @property
    def volume(self) -> float:
        """Of one bead [m3]."""
        return 4.0 / 3.0 * math.pi * self.radius**3

    @property
    def density(self) -> float:
        """In SI [kg/m3]."""
        return to_si("density_g_mL", self.density_g_mL)

    @property
    def magnetisation(self) -> float:
        """Of its volume, saturated [A/m]."""
        return self.magnetisation_A_m2_kg * self.density

    @property
    def per_mass(self) -> float:
        """Number per mass [1/kg]."""
        if self.beads_per_mg is not None:
            return to_si("beads_per_mg", self.beads_per_mg)
        return 1.0 / (self.density * self.volume)

    @property
    def ligand_density(self) -> float:
        """Ligands per area of the bead [1/m2]."""
        return self.antibodies_per_bead / (4.0 * math.pi * self.radius**2)


def _from_row(row: dict[str, str]) -> Bead:
    return Bead(name=row["bead"], **numbers(row, *_COLUMNS))


BEADS = Catalog(kind="bead", record=Bead, build=_from_row)
