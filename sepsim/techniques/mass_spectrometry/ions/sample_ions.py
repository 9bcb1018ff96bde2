"""From a sample to its ions: the signature peptides of its lysed particles, or the particles as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import PROTON_MASS_KG
from sepsim.errors import InputError
from sepsim.particles.markers import SERA, Marker, copies_in
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.vesicle import SALT_WATER_DENSITY, SOLIDS_DENSITY, CoreShell
from sepsim.samples.sample import Sample
from sepsim.settings import Accepts, Settings, Table, flag, number, part, settings, text
from sepsim.techniques.mass_spectrometry.ions.ionisation import Electrospray, IonSource, compact_radius
from sepsim.techniques.mass_spectrometry.ions.ions import Ions, Origin
from sepsim.techniques.mass_spectrometry.ions.isotope_patterns import isotope_pattern
from sepsim.techniques.mass_spectrometry.ions.isotopes import protonated_mass
from sepsim.techniques.mass_spectrometry.ions.marker_peptides import PeptideMarker, peptide_markers, peptide_sources
from sepsim.techniques.mass_spectrometry.ions.peptides import peptide_formula, peptide_mass
from sepsim.units import to_si

LUMENS = ("kept", "dried", "lost")


def _markers(value: Any) -> tuple[PeptideMarker, ...]:
    if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence) or not value:
        raise InputError("must be a list of tables, one for each protein in each population")
    return tuple(item if isinstance(item, PeptideMarker) else PeptideMarker.from_table(item) for item in value)


@settings
class Digestion(Settings):
    """Lysis and digestion: which proteins are looked for, and how many of their peptides come free.

    Parameters
    ----------
    efficiency_percent : float [%]
        Peptides that come free, of those there could be; a choice.
    serum : str, optional
        "human" or "bovine": whose soluble proteins the sample holds; left out: as the sample was prepared
        (``serum_species``), human where that is not known.
    alkylated : bool
        Whether cysteines are alkylated.
    marker : list of tables, optional
        Markers of one's own, instead of the catalogue's.

    Examples
    --------
    >>> len(Digestion(serum="bovine").markers) < len(Digestion().markers)
    True
    """

    efficiency_percent: float = number(default=80.0, above=0, maximum=100, help="peptides that digestion sets free")
    serum: str | None = text(default=None, choices=SERA, help="whose serum proteins; left out: as the sample tells")
    alkylated: bool = flag(default=True, help="whether cysteines are alkylated")
    marker: Accepts[tuple[PeptideMarker, ...] | None, Sequence[PeptideMarker | Table] | None] = part(
        default=None,
        accept=_markers,
        dump=lambda value: [item.to_table() for item in value],
        allowed="[[marker]] tables",
        help="markers of one's own, instead of the catalogue's",
    )

    @property
    def markers(self) -> tuple[PeptideMarker, ...]:
        """Markers of one's own, or the catalogue's."""
        return peptide_markers(self.serum or "human") if self.marker is None else self.marker

    def within(self, sample: Sample) -> Digestion:
        """Return the same with the serum of a sample, if none is given; human where it does not tell."""
        return self if self.serum is not None else replace(self, serum=sample.particles.serum_species or "human")

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of the catalogue's markers; none of one's own."""
        return peptide_sources() if self.marker is None else ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the peptides less certain."""
        if self.marker is not None:
            return ()
        return (
            "markers: their copies per particle are unverified defaults; compare samples, not proteins, or give "
            "measured copies as [[marker]]",
        )


def protein_numbers(sample: Sample, looked_for: Sequence[Marker]) -> FloatArray:
    """Return how many molecules of each marker a sample holds.

    Parameters
    ----------
    sample : Sample
    looked_for : sequence of Marker, length n

    Returns
    -------
    ndarray, shape (n,) [-]
        0 where the sample lacks the population.

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=1).prepare()
    >>> albumin = [marker for marker in peptide_markers() if marker.protein == "albumin"]
    >>> bool(np.isclose(protein_numbers(urine, albumin)[0], urine.by_population["albumin"]))
    True
    """
    return np.array([float(copies_in(sample.particles, marker) @ sample.counts) for marker in looked_for])


def peptide_ions(sample: Sample, source: IonSource | None = None, digestion: Digestion | None = None) -> Ions:
    """Return the ions of the signature peptides of a sample, at their monoisotopic masses.

    Each molecule of a marker gives each of its peptides once, times the efficiency of digestion; each peptide molecule
    becomes an ion with the yield of the source, which is the same for all. Isotopologues are counted in.

    Parameters
    ----------
    sample : Sample
    source : IonSource
        Default: `Electrospray`.
    digestion : Digestion

    Returns
    -------
    Ions
        One species per marker, peptide and charge state; those of no ions are left out.

    Notes
    -----
    Left out: unequal response of peptides, suppression by abundant ones, losses in a liquid chromatograph.

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> ions = peptide_ions(sample_from_catalog("AMSC conditioned medium", volume_mL=1).prepare())
    >>> roles = ions.total("role")
    >>> roles["contaminant"] > 1e4 * roles["vesicle"]  # albumin drowns the vesicles of raw medium
    True
    """
    source, digestion = source or Electrospray(), (digestion or Digestion()).within(sample)
    freed = to_si("efficiency_percent", digestion.efficiency_percent) * source.ion_yield
    mass, charge, amount, origins = [], [], [], []
    for marker, molecules in zip(digestion.markers, protein_numbers(sample, digestion.markers).tolist(), strict=True):
        for sequence in marker.peptides if molecules > 0 else ():
            states = source.peptide_charges(sequence)
            neutral = peptide_mass(sequence, digestion.alkylated)
            mass.append(protonated_mass(neutral, states.charge))
            charge.append(states.charge)
            amount.append(molecules * freed * states.share)
            origins += [Origin(marker.population, marker.protein, sequence, marker.role)] * states.charge.size
    if not origins:
        return Ions(np.empty(0), np.empty(0), np.empty(0), ())
    return Ions(np.concatenate(mass), np.concatenate(charge), np.concatenate(amount), origins)


def with_isotopes(ions: Ions, alkylated: bool = True, least_share: float = 1e-3) -> Ions:
    """Spread the ions of peptides over their isotopic peaks.

    Parameters
    ----------
    ions : Ions
        Of peptides, as `peptide_ions` returns them.
    alkylated : bool
        Whether cysteines are alkylated.
    least_share : float [-]
        Peaks below this share of the largest are left out, and their ions given to the others.

    Returns
    -------
    Ions

    Raises
    ------
    InputError
        If ions have no peptide.

    Examples
    --------
    >>> from sepsim.constants import DALTON_KG
    >>> peptide = Ions([1400.669 * DALTON_KG], [1], [100.0], [Origin(peptide="DYVSQFEGSALGK")])
    >>> with_isotopes(peptide).number[:3].round()
    array([46., 34., 15.])
    """
    if not len(ions):
        return ions
    if any(not origin.peptide for origin in ions.origins):
        raise InputError("with_isotopes: takes ions of peptides alone")
    patterns = {
        sequence: isotope_pattern(peptide_formula(sequence, alkylated)).above(least_share)
        for sequence in dict.fromkeys(origin.peptide for origin in ions.origins)
    }
    spread = [patterns[origin.peptide] for origin in ions.origins]
    sizes = [pattern.share.size for pattern in spread]
    return Ions(
        np.concatenate([protonated_mass(p.mass, z) for p, z in zip(spread, ions.charge, strict=True)]),
        np.repeat(ions.charge, sizes),
        np.concatenate([n * p.share / p.share.sum() for p, n in zip(spread, ions.number, strict=True)]),
        [origin for origin, size in zip(ions.origins, sizes, strict=True) for _ in range(size)],
    )


@dataclass(frozen=True, slots=True, eq=False)
class WholeIons:
    """Whole particles as ions: one row per particle class.

    Attributes
    ----------
    particles : ParticleTable
    source : IonSource
    mass : ndarray, shape (n_classes,) [kg]
        Of the neutral particle that flies.
    radius : ndarray, shape (n_classes,) [m]
        That bounds its charge.
    number : ndarray, shape (n_classes,) [-]
        Of ions.
    """

    particles: ParticleTable
    source: IonSource
    mass: FloatArray
    radius: FloatArray
    number: FloatArray

    @property
    def mean_charge(self) -> FloatArray:
        """Mean number of charges, shape (n_classes,) [-]."""
        return self.source.mean_charge(self.radius)

    @property
    def ions(self) -> Ions:
        """The ions at their mean charges, one species per class that has any."""
        seen = np.flatnonzero(self.number > 0)
        charge = self.mean_charge[seen]
        origins = [Origin(self.particles.names[which]) for which in self.particles.population[seen]]
        return Ions(self.mass[seen] + charge * PROTON_MASS_KG, charge, self.number[seen], origins)

    def draw(self, number: int, rng: np.random.Generator) -> Ions:
        """Draw single ions, each with a whole charge of its own: equally many of each population, so that all appear.

        `number` [-] of them in all, and at least one of each population. The number of each is how many ions of the
        sample it stands for; within a population they are drawn in proportion. A class stands for all sizes halfway to
        its neighbours, and its ions are drawn from all of them, evenly in the logarithms of mass and radius.
        """
        if not self.number.sum() > 0:
            raise InputError("whole ions: there are none to draw from")
        there = np.unique(self.particles.population[self.number > 0])
        sizes = [max(1, len(part)) for part in np.array_split(np.arange(number), there.size)]
        drawn, weight = [], []
        for which, size in zip(there, sizes, strict=True):
            mine = np.where(self.particles.population == which, self.number, 0.0)
            drawn.append(rng.choice(mine.size, size=size, p=mine / mine.sum()))
            weight.append(np.full(size, mine.sum() / size))
        rows = np.concatenate(drawn)
        reach = rng.uniform(-0.5, 0.5, rows.size)
        nearest = self.particles.in_size[(reach > 0).astype(np.int64), rows]
        mass, radius = (own[rows] * (own[nearest] / own[rows]) ** np.abs(reach) for own in (self.mass, self.radius))
        charge = self.source.draw_charges(radius, rng).astype(np.float64)
        origins = [Origin(self.particles.names[which]) for which in self.particles.population[rows]]
        return Ions(mass + charge * PROTON_MASS_KG, charge, np.concatenate(weight), origins)


def whole_ions(sample: Sample, source: IonSource | None = None, lumen: str = "kept") -> WholeIons:
    """Return the particles of a sample as ions.

    A vesicle is a shell that keeps its outer radius, and with it its charge, whatever becomes of its lumen: at equal
    mass it is larger than a solid ball, and carries more. All others are compact spheres of their mass and density.

    Parameters
    ----------
    sample : Sample
    source : IonSource
        Default: `Electrospray`.
    lumen : str
        Of vesicles: "kept", "dried" (its water is lost) or "lost" (its solids too: a hollow shell).

    Returns
    -------
    WholeIons

    Raises
    ------
    InputError
        If the lumen is none of these.

    Notes
    -----
    That a dried or hollow vesicle keeps its radius in vacuum is an assumption; if it shrank, it would carry less. Ions
    of whole vesicles need charge detection: a sector that bends them does not exist.

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=1).prepare()
    >>> kept, lost = whole_ions(urine), whole_ions(urine, lumen="lost")
    >>> bool(lost.mass.sum() < kept.mass.sum()), bool(np.all(lost.mean_charge == kept.mean_charge))
    (True, True)
    """
    if lumen not in LUMENS:
        raise InputError(f"lumen = {lumen!r}: must be one of {', '.join(LUMENS)}")
    source, table = source or Electrospray(), sample.particles
    vesicle = table.of_kind("vesicle")
    if table.variants is not None:
        vesicle &= ~table.variants.in_body  # a cluster collapses as it dries, whatever it is made of
    radius = np.where(vesicle, 0.5 * table.diameter, compact_radius(table.mass, table.mass / table.volume))
    mass = table.mass - np.where(vesicle, _lost_mass(table, lumen), 0.0)
    return WholeIons(table, source, mass, radius, table.moving(sample.counts) * source.ion_yield)


def _lost_mass(table: ParticleTable, lumen: str) -> FloatArray:
    """Return what leaves a vesicle [kg]: the water of its lumen, and with it the solids."""
    water = table.osmotic_water.water
    if lumen == "kept":
        return np.zeros_like(water)
    if lumen == "dried":
        return water * SALT_WATER_DENSITY
    solids = (table.osmotic_water.lumen - water) * SOLIDS_DENSITY
    return np.minimum(water * SALT_WATER_DENSITY + solids, table.mass - _shell_mass(table))


def _shell_mass(table: ParticleTable) -> FloatArray:
    """Return the least mass of a vesicle [kg]: its membrane."""
    bare = table.diameter - 2.0 * table.corona
    return CoreShell().membrane_density * np.pi / 6.0 * bare**3 * (1.0 - CoreShell().lumen_share(bare))
