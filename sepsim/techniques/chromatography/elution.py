"""One elution: when each particle class, and the liquid of the sample, leaves a column.

Liquid flows at a constant rate past beads, whose pores a solute enters by its size, and which may bind it. Volumes
count from the moment at which the sample enters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.particles.particle_table import ParticleTable
from sepsim.techniques.chromatography.column_conditions import Conditions, Departure, Load, Species
from sepsim.techniques.chromatography.columns.columns import Column

Solver = Callable[[Load, FloatArray], Departure]


class Collected(NamedTuple):
    """Where everything is when the flow stops.

    Attributes
    ----------
    borders : ndarray, shape (n_fractions + 1,) [m3]
        Volumes at which the fractions meet.
    shares : ndarray, shape (n_fractions, n_classes) [-]
        Share of each class in each fraction.
    liquid, stronger : ndarray, shape (n_fractions,) [m3]
        Liquid of the sample, and of the stronger eluent, in each fraction; the rest is the eluent.
    remaining, captured : ndarray, shape (n_classes,) [-]
        Share that more eluent would still bring out, and share that the resin keeps.
    """

    borders: FloatArray
    shares: FloatArray
    liquid: FloatArray
    stronger: FloatArray
    remaining: FloatArray
    captured: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Elution:
    """One elution as it happened: what plots need to draw the chromatogram.

    Attributes
    ----------
    conditions : Conditions
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number loaded.
    load_volume : float [m3]
    count_offset : float [m3]
        Volume at which the counting of fractions starts.
    collected : Collected
    stepped : bool
        Whether the solution was stepped through time.
    stepping_error : float [-]
        Estimated error of a fraction, of what is loaded of a population; 0 where nothing was stepped.
    volumes : ndarray, shape (n_points,) [m3]
        Of liquid that has left the column, 0 when the sample enters.
    concentration : ndarray, shape (n_populations, n_points) [1/m3]
        Of each population in the liquid that leaves at each of the volumes.
    protein : ndarray, shape (n_populations, n_points) [kg/m3]
        Protein of each population in it.
    """

    conditions: Conditions
    particles: ParticleTable
    counts: FloatArray
    load_volume: float
    count_offset: float
    collected: Collected
    stepped: bool
    stepping_error: float
    volumes: FloatArray
    concentration: FloatArray
    protein: FloatArray

    @property
    def names(self) -> tuple[str, ...]:
        """The populations."""
        return self.particles.names

    @property
    def column(self) -> Column:
        """The column."""
        return self.conditions.column

    @property
    def void_volume(self) -> float:
        """Liquid between the beads [m3]: the mean volume at which an excluded particle leaves, less half the load."""
        return self.column.void_volume

    @property
    def numbering(self) -> str:
        """Where the counting of fractions starts, by both conventions."""
        offset, void = self.count_offset, self.void_volume
        beyond = offset - void
        side = "beyond" if beyond >= 0 else "before the end of"
        return (
            f"void volume {void * 1e6:.3g} mL; fraction 1 starts {offset * 1e6:.3g} mL after the sample enters, "
            f"{abs(beyond) * 1e6:.3g} mL {side} the void volume"
        )


def elute(
    particles: ParticleTable,
    counts: FloatArray,
    conditions: Conditions,
    *,
    load_volume: float,
    borders: FloatArray,
    solve: Solver,
    count_offset: float = 0.0,
) -> Elution:
    """Run a sample through a column and collect what leaves it.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
        Number loaded.
    conditions : Conditions
    load_volume : float [m3]
        Of the sample.
    borders : ndarray, shape (n_fractions + 1,) [m3]
        Volumes since sample entry at which the fractions meet; from 0, rising.
    solve : callable
        Returns how a load leaves, by those volumes: `solve_elution`, or `estimate_elution` in closed forms.
    count_offset : float [m3]
        At which the counting of fractions starts; told in the result alone.

    Returns
    -------
    Elution

    Raises
    ------
    InputError
        If so much is collected that it cannot be stepped through.
    ProtocolError
        If the equations cannot be solved to the accuracy that is promised.
    """
    species = Species.of(particles, conditions, counts)
    numbers = species.numbers(particles, counts)
    felt = species.numbers(particles, particles.felt(counts))
    load = Load(conditions, species, particles.names, felt, load_volume / conditions.flow)
    found = solve(load, borders)
    profile = found.profile
    proteins = species.numbers(particles, counts * particles.protein_mass)
    of_class = species.of_class
    fractions = np.diff(profile.left, axis=1)
    return Elution(
        conditions=conditions,
        particles=particles,
        counts=counts,
        load_volume=load_volume,
        count_offset=count_offset,
        collected=Collected(
            borders=borders,
            shares=fractions[of_class].T,
            liquid=fractions[-1] * load_volume,
            stronger=found.stronger,
            remaining=profile.remaining[of_class],
            captured=profile.captured[of_class],
        ),
        stepped=found.stepped,
        stepping_error=found.stepping_error,
        volumes=found.volumes,
        concentration=numbers @ profile.rate / conditions.flow,
        protein=proteins @ profile.rate / conditions.flow,
    )
