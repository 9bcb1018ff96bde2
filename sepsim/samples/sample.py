"""A sample: a volume of medium with numbers of particles in it, and the algebra that conserves both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Medium
from sepsim.particles.particle_table import ParticleTable
from sepsim.samples.liquid import suspending_liquid
from sepsim.text.tables import cut, html_paragraph, html_table, scientific
from sepsim.units import from_si

ROUND_OFF = 1e-12  # lab volumes in SI are off by this much
LONGEST_NAME = 100  # letters of a medium in a line


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sample:
    """Particles in a volume of medium; immutable.

    Attributes
    ----------
    particles : ParticleTable
        The particle classes, shared by all samples of a run.
    medium : Medium
        What was poured together, at its temperature; `liquid` is that with the dissolved proteins.
    volume : float [m3]
        Volume of liquid; 0 for a dry pellet.
    counts : ndarray, shape (n_classes,) [-]
        Number of particles of each class.

    Raises
    ------
    InputError
        If volume or counts are negative, not finite, or of the wrong shape.

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> sample = sample_from_catalog("urine", volume_mL=10).prepare()
    >>> taken, left = sample.take(share=0.25, volume=5e-6)
    >>> taken
    Sample(5 mL of urine, 2.56e+14 particles)
    """

    particles: ParticleTable
    medium: Medium
    volume: float
    counts: FloatArray

    def __post_init__(self) -> None:
        """Check and freeze."""
        counts = np.array(self.counts, dtype=np.float64)
        if counts.shape != (len(self.particles),):
            raise InputError(f"counts: {counts.shape} numbers for {len(self.particles)} particle classes")
        if not np.all(np.isfinite(counts)) or np.any(counts < 0):
            raise InputError("counts: every one must be a finite number, at least 0")
        if not (np.isfinite(self.volume) and self.volume >= 0):
            raise InputError(f"volume = {self.volume!r} m3: must be a finite number, at least 0")
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)

    def __repr__(self) -> str:
        medium = cut(self.medium.name, LONGEST_NAME)
        return f"Sample({self.volume * 1e6:.4g} mL of {medium}, {self.counts.sum():.3g} particles)"

    def _repr_html_(self) -> str:
        warmth = from_si("temperature_C", self.medium.temperature)
        liquid = f"{self.volume * 1e6:.4g} mL of {self.medium.name} at {warmth:.3g} °C"
        return html_paragraph(liquid, title="Sample") + self.html_of_populations()

    def html_of_populations(self) -> str:
        """Return numbers, concentrations and sizes of the populations as a table for a notebook."""
        header = ["population", "kind", "number", "concentration [1/mL]", "median diameter [nm]", "10 to 90 % [nm]"]
        kinds = dict(zip(self.particles.names, self.particles.kinds, strict=True))
        volume = self.volume * 1e6
        rows = [
            [name, kinds[name], scientific(count), scientific(count / volume if volume else math.nan), *sizes]
            for (name, count), sizes in zip(self.by_population.items(), self._diameters(), strict=True)
        ]
        return html_table(header, rows, texts=2)

    def _diameters(self) -> Iterator[tuple[str, str]]:
        """Yield the median by number of the diameters of each population, and where 80 % of them lie."""
        for index in range(len(self.particles.names)):
            (members,) = np.nonzero((self.particles.population == index) & (self.counts > 0))
            if not members.size:
                yield "-", "-"
                continue
            rising = members[np.argsort(self.particles.diameter[members])]
            reached = np.cumsum(self.counts[rising])
            found = rising[np.searchsorted(reached, [reached[-1] * share for share in (0.1, 0.5, 0.9)])]
            low, median, high = (f"{float(f'{1e9 * diameter:.3g}'):g}" for diameter in self.particles.diameter[found])
            yield median, low if low == high else f"{low} to {high}"

    @property
    def liquid(self) -> Medium:
        """What the particles move in: the medium with the proteins dissolved in it, each counted once."""
        return suspending_liquid(self.particles, self.medium, self.counts, self.volume)

    @property
    def by_population(self) -> dict[str, float]:
        """Number of primary particles of each population; those that have burst are none."""
        totals = self.particles.totals(self.counts * self.particles.intact)
        return dict(zip(self.particles.names, totals.tolist(), strict=True))

    @property
    def by_state(self) -> dict[str, dict[str, float]]:
        """Number of primary particles of each population in each state that is not free, where there are any."""
        variants = self.particles.variants
        if variants is None:
            return {}
        found = {}
        for place, state in enumerate(variants.states, 1):
            totals = self.particles.totals(self.counts * (variants.state == place))
            there = {name: number for name, number in zip(self.particles.names, totals.tolist(), strict=True) if number}
            if there:
                found[state.name] = there
        return found

    @property
    def protein_by_population(self) -> dict[str, float]:
        """Mass of protein in each population [kg]."""
        totals = self.particles.totals(self.counts * self.particles.protein_mass)
        return dict(zip(self.particles.names, totals.tolist(), strict=True))

    @property
    def rna_by_population(self) -> dict[str, float]:
        """Mass of RNA in each population [kg]."""
        totals = self.particles.totals(self.counts * self.particles.rna_mass)
        return dict(zip(self.particles.names, totals.tolist(), strict=True))

    def take(self, share: npt.ArrayLike, volume: float) -> tuple[Sample, Sample]:
        """Divide into what is taken and what is left.

        Parameters
        ----------
        share : array_like, shape () or (n_classes,) [-]
            Share of each class that is taken, from 0 to 1.
        volume : float [m3]
            Volume of liquid that is taken, from 0 to the sample's.

        Returns
        -------
        taken, left : Sample

        Raises
        ------
        InputError
            If a share or the volume lies outside its range.
        """
        shares = np.broadcast_to(np.asarray(share, dtype=np.float64), self.counts.shape)
        if not np.all((shares >= 0) & (shares <= 1)):
            raise InputError("share: every one must lie between 0 and 1")
        if not 0 <= volume <= self.volume * (1.0 + ROUND_OFF):
            raise InputError(
                f"volume_mL = {volume * 1e6:g}: must be at least 0 and at most the {self.volume * 1e6:g} mL there are"
            )
        taken, volume = shares * self.counts, min(volume, self.volume)
        return (
            replace(self, volume=volume, counts=taken),
            replace(self, volume=self.volume - volume, counts=self.counts - taken),
        )

    def split(self, shares: Sequence[float]) -> tuple[Sample, ...]:
        """Divide into aliquots of equal composition.

        Parameters
        ----------
        shares : sequence of float [-]
            Share of each aliquot; they sum to 1.

        Returns
        -------
        tuple of Sample

        Raises
        ------
        InputError
            If a share is negative or they do not sum to 1 within 1e-12.
        """
        if any(not share >= 0 for share in shares) or abs(sum(shares) - 1.0) > 1e-12:
            raise InputError(f"shares = {list(shares)}: each must be at least 0, and their sum must be 1")
        return tuple(replace(self, volume=self.volume * share, counts=self.counts * share) for share in shares)

    def dilute(self, volume: float, medium: Medium) -> Sample:
        """Add a volume [m3] of medium that holds no particles; the medium takes the sample's temperature.

        Raises
        ------
        InputError
            If the volume is negative or not finite.
        """
        if not (np.isfinite(volume) and volume >= 0):
            raise InputError(f"volume_mL = {volume * 1e6:g}: must be a finite number, at least 0")
        added = medium.at(self.medium.temperature)
        if self.volume + volume == 0:
            return replace(self, medium=added)
        mixture = Medium.mixed([(self.medium, self.volume), (added, volume)])
        return replace(self, medium=mixture, volume=self.volume + volume)

    def at(self, temperature: float) -> Sample:
        """Return the same sample at another temperature [K]; thermal expansion is neglected."""
        return replace(self, medium=self.medium.at(temperature))


def pool(samples: Sequence[Sample]) -> Sample:
    """Pour samples of one run together.

    Parameters
    ----------
    samples : sequence of Sample
        At least one; all of the same particle table.

    Returns
    -------
    Sample
        Sum of volumes and counts, in the mixed medium.

    Raises
    ------
    InputError
        If there is none, or they come from different runs.
    """
    if not samples:
        raise InputError("nothing to pool: give at least one sample")
    first = samples[0]
    if any(sample.particles is not first.particles for sample in samples):
        raise InputError("samples of different runs have different particle classes and cannot be pooled")
    volume = sum(sample.volume for sample in samples)
    wet = [(sample.medium, sample.volume) for sample in samples if sample.volume > 0]
    return Sample(
        particles=first.particles,
        medium=Medium.mixed(wet) if wet else first.medium,
        volume=volume,
        counts=np.sum([sample.counts for sample in samples], axis=0),
    )
