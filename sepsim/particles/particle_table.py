"""The particle table: one row per particle class, shared by every sample of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import NamedTuple

import numpy as np

from sepsim.arrays import BoolArray, FloatArray, IntArray
from sepsim.media.fluid import Fluid
from sepsim.particles.osmotic_water import OsmoticWater
from sepsim.particles.variants import Variants
from sepsim.text.tables import cut

RIDER = 1e-9  # of a particle
GUESTS = ("protein", "lipoprotein")  # kinds of which a share may go with vesicles
Grid = tuple[int, int, int]  # series, sizes, densities
LONGEST_LIST = 150  # letters of the populations in a line


@dataclass(frozen=True, slots=True, eq=False)
class ParticleClasses:
    """The classes of one population: each one (diameter bin, density quantile).

    Attributes
    ----------
    weight : ndarray, shape (n,) [-]
        Number share of each class within its population; sums to 1.
    diameter : ndarray, shape (n,) [m]
        Hydrodynamic diameter in an iso-osmotic medium, the corona included.
    mass : ndarray, shape (n,) [kg]
        Mass of a particle without its water of hydration (a vesicle includes its lumen and its corona).
    volume : ndarray, shape (n,) [m3]
        Volume of medium that this mass displaces.
    protein_mass : ndarray, shape (n,) [kg]
        Mass of protein in a particle, the corona included.
    rna_mass : ndarray, shape (n,) [kg]
        Mass of RNA in a particle.
    osmotic_water : OsmoticWater
        Water that comes and goes with the osmolality.
    corona : ndarray, shape (n,) [m]
        Thickness of the shell of adsorbed protein that rides on the core; 0 without one.
    intrinsic_viscosity : ndarray, shape (n,) [m3/kg]
        By which what is dissolved thickens the liquid; 0 for what is suspended.
    grids : tuple of (int, int, int)
        The classes in order are those of so many series, of so many sizes each, of so many densities each; then those
        of the next grid. Neighbours of a series stand for particles in between; sizes that a user has listed are a
        series each.
    """

    weight: FloatArray
    diameter: FloatArray
    mass: FloatArray
    volume: FloatArray
    protein_mass: FloatArray
    rna_mass: FloatArray
    osmotic_water: OsmoticWater
    corona: FloatArray
    intrinsic_viscosity: FloatArray
    grids: tuple[Grid, ...]


class OwnProtein(NamedTuple):
    """Protein that a fluid stands for by its name.

    Attributes
    ----------
    fluid : Fluid
    share : float [-]
        Of it that is among the particles.
    specific_volume, intrinsic_viscosity : float [m3/kg]
        Means over it, by mass.
    """

    fluid: Fluid
    share: float
    specific_volume: float
    intrinsic_viscosity: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParticleTable:
    """All particle classes of a run, as a structure of arrays; immutable.

    Attributes
    ----------
    names, kinds : tuple of str
        Names of the populations, and whether each is a vesicle, lipoprotein, protein or particle.
    population : ndarray of int, shape (n_classes,)
        Index into `names`.
    diameter, mass, volume, protein_mass, rna_mass, corona, intrinsic_viscosity : ndarray, shape (n_classes,)
        As in `ParticleClasses`, [m], [kg], [m3], [kg], [kg], [m], [m3/kg]; in an iso-osmotic medium.
    osmotic_water : OsmoticWater
        Of all classes.
    grids : tuple of tuple of (int, int, int)
        Series, sizes and densities of each population, as in `ParticleClasses`.
    serum_species : str, optional
        "human" or "bovine": whose serum proteins and lipoproteins they are; None if nothing tells.
    stands_for : tuple of OwnProtein
        Of fluids whose protein is among the particles, or part of it.
    variants : Variants, optional
        What tells rows of one size and density apart; None where no step of a protocol asks for it. With them diameter,
        mass, volume and water are those of the body that moves, protein and RNA those of one primary particle.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    population: IntArray
    diameter: FloatArray
    mass: FloatArray
    volume: FloatArray
    protein_mass: FloatArray
    rna_mass: FloatArray
    osmotic_water: OsmoticWater
    corona: FloatArray
    intrinsic_viscosity: FloatArray
    grids: tuple[tuple[Grid, ...], ...]
    serum_species: str | None = None
    stands_for: tuple[OwnProtein, ...] = ()
    variants: Variants | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        self.osmotic_water.freeze()
        for column in (getattr(self, field.name) for field in fields(self)):
            if isinstance(column, np.ndarray):
                column.setflags(write=False)

    def __repr__(self) -> str:
        return f"ParticleTable({len(self)} classes of {cut(', '.join(self.names), LONGEST_LIST)})"

    def __len__(self) -> int:
        return self.diameter.size

    @property
    def dissolved(self) -> BoolArray:
        """Which classes are proteins in solution, shape (n_classes,)."""
        suspended = self.rides if self.variants is None else self.rides | self.variants.in_body
        return self.of_kind("protein") & ~suspended

    @property
    def rides(self) -> BoolArray:
        """Which classes something else carries, shape (n_classes,).

        Proteins and lipoproteins that have the lumen of a host go with vesicles: the host counts as a particle, and
        they do not. Beads carry what is bound to them.
        """
        if self.variants is not None:
            return self.variants.rides
        guest = np.array([kind in GUESTS for kind in self.kinds])[self.population]
        return guest & (self.osmotic_water.lumen > 0)

    @property
    def intact(self) -> BoolArray:
        """Which classes count as particles of their population, shape (n_classes,)."""
        return np.ones(len(self), dtype=np.bool_) if self.variants is None else self.variants.intact

    @property
    def bare_diameter(self) -> FloatArray:
        """Diameter of a primary particle of each class without its corona, shape (n_classes,) [m]."""
        bare = self.diameter - 2.0 * self.corona
        return bare if self.variants is None else bare[self.variants.origin]

    def moving(self, counts: FloatArray) -> FloatArray:
        """Return numbers of bodies that move: a cluster is one, and what is carried is none.

        Parameters
        ----------
        counts : ndarray, shape (n_classes,) [-]
            Of primary particles.

        Returns
        -------
        ndarray, shape (n_classes,) [-]
        """
        return self._bodies(counts) * ~self.rides

    def felt(self, counts: FloatArray) -> FloatArray:
        """Return numbers of bodies as others feel them: what something else carries adds next to none.

        Parameters
        ----------
        counts : ndarray, shape (n_classes,) [-]
            Of primary particles.

        Returns
        -------
        ndarray, shape (n_classes,) [-]
            Above 0 where there are riders, which are to be followed even where no host is left.
        """
        return self._bodies(counts) * np.where(self.rides, RIDER, 1.0)

    def _bodies(self, counts: FloatArray) -> FloatArray:
        return counts if self.variants is None else counts / self.variants.members

    def of_kind(self, kind: str) -> BoolArray:
        """Return which classes belong to populations of a kind.

        Parameters
        ----------
        kind : str
            "vesicle", "lipoprotein", "protein" or "particle".

        Returns
        -------
        ndarray of bool, shape (n_classes,)
        """
        return np.array([each == kind for each in self.kinds], dtype=np.bool_)[self.population]

    def named(self, classes: BoolArray | IntArray) -> list[str]:
        """Return the names of the populations to which some classes belong, each once.

        Parameters
        ----------
        classes : ndarray of bool, shape (n_classes,), or of int, shape (n,)
            Which classes, or their places.

        Returns
        -------
        list of str
        """
        return [self.names[index] for index in np.unique(self.population[classes])]

    @property
    def in_size(self) -> IntArray:
        """The next smaller and the next larger class of one law and density, shape (2, n_classes); itself at an end."""
        found, start = [], 0
        for grid in chain.from_iterable(self.grids):
            lanes = start + np.arange(np.prod(grid)).reshape(grid)
            last = grid[1] - 1
            found.append([lanes[:, (np.arange(last + 1) + step).clip(0, last)].ravel() for step in (-1, 1)])
            start += lanes.size
        return np.concatenate(found, axis=1)

    def totals(self, per_class: FloatArray) -> FloatArray:
        """Sum a quantity of the classes within each population.

        Parameters
        ----------
        per_class : ndarray, shape (n_classes,)
            Any extensive quantity, such as numbers of particles.

        Returns
        -------
        ndarray, shape (n_populations,)
            Sums in the order of `names`.
        """
        sums = np.bincount(self.population, weights=per_class, minlength=len(self.names))
        return sums.astype(np.float64)


def particle_table(populations: Sequence[tuple[str, str, ParticleClasses]]) -> ParticleTable:
    """Stack the classes of several populations into one table.

    Parameters
    ----------
    populations : sequence of (name, kind, ParticleClasses)
        In the order in which results shall name them.

    Returns
    -------
    ParticleTable
        One row per class.
    """

    def stacked(column: str) -> FloatArray:
        return np.concatenate([getattr(classes, column) for *_, classes in populations])

    sizes = [classes.weight.size for *_, classes in populations]
    return ParticleTable(
        names=tuple(name for name, *_ in populations),
        kinds=tuple(kind for _, kind, _ in populations),
        population=np.repeat(np.arange(len(sizes)), sizes),
        diameter=stacked("diameter"),
        mass=stacked("mass"),
        volume=stacked("volume"),
        protein_mass=stacked("protein_mass"),
        rna_mass=stacked("rna_mass"),
        osmotic_water=OsmoticWater.stacked([classes.osmotic_water for *_, classes in populations]),
        corona=stacked("corona"),
        intrinsic_viscosity=stacked("intrinsic_viscosity"),
        grids=tuple(classes.grids for *_, classes in populations),
    )
