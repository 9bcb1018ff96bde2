"""What a sample is made of, in lab units: the part of a protocol from which a Sample is prepared."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sepsim import media
from sepsim.data import numbers, rows
from sepsim.errors import InputError, ModelRangeWarning, collected_warnings, did_you_mean
from sepsim.media import Fluid, Medium
from sepsim.particles import catalog
from sepsim.particles.association import hosts_among, with_association
from sepsim.particles.marker_profile import Stratum, marker_sources
from sepsim.particles.markers import SERA
from sepsim.particles.particle_table import ParticleClasses, particle_table
from sepsim.particles.population import Population, Vesicle
from sepsim.samples.crowding import load_crowding
from sepsim.samples.liquid import about_proteins, dissolved_protein, stood_for
from sepsim.samples.sample import LONGEST_NAME, Sample
from sepsim.samples.sample_catalog import sample_lines, sample_names, sample_row
from sepsim.samples.serum import serum_of
from sepsim.settings import (
    Accepts,
    Draft,
    Named,
    Settings,
    Table,
    declared,
    integer,
    misspelt,
    number,
    part,
    settings,
    text,
)
from sepsim.text.quoting import quoted
from sepsim.text.tables import counted, cut, html_paragraph
from sepsim.units import to_si


def _accept_populations(value: Any) -> tuple[Population, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise InputError("must be a list of populations, at least one")
    accepted: list[Population] = []
    problems: list[str] = []
    for item in value:
        try:
            accepted.append(item if isinstance(item, Population) else catalog.population(item))
        except InputError as error:
            problems.extend(error.problems)
    problems.extend(_given_twice([population.name for population in accepted]))
    if problems:
        raise InputError(*problems)
    return tuple(accepted)


def _given_twice(names: Sequence[str]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"population {quoted(name)}: given twice"


def _dump_populations(populations: tuple[Population, ...]) -> list[dict[str, Any]]:
    return [catalog.describe(population) for population in populations]


@settings
class SampleRecipe(Settings):
    """Volume, temperature, medium and populations of a sample.

    Parameters
    ----------
    volume_mL : float [mL]
        Above 0.
    temperature_C : float [degC]
        From 0 to 60; default 20.
    medium : str, mapping or Fluid
        A name of the catalogue, or a table with density_g_mL and viscosity_mPa_s.
    population : list
        Populations, or tables of them.
    corona_thickness_nm : float [nm]
        Shell of adsorbed protein on every vesicle; default what each population says.
    lipoprotein_association_percent : float [%]
        Share of each lipoprotein that moves as vesicles do, bound to them or entrained; default 1, 0.1 to 3 are
        defensible.
    protein_association_percent : float [%]
        The same of each soluble protein: a corona, and aggregates of the size of vesicles; default 0.1, 0.01 to 0.65.
    serum_species : "human" | "bovine"
        Whose serum proteins and lipoproteins are in it, through all steps; default: by the medium, if its name tells.
    size_bins, density_quantiles : int
        Resolution: diameters per distribution, densities per diameter.
    source : str
        Name of the catalogue sample that it came from, for the record.

    Raises
    ------
    InputError
        With every problem found.

    Examples
    --------
    >>> sample = sample_from_catalog("platelet-poor plasma", volume_mL=1, temperature_C=4).prepare()
    >>> sample.by_population["exosome"] > 1e9
    True
    """

    volume_mL: float = number(above=0, maximum=1e9, help="volume of the sample")
    temperature_C: float = number(default=20.0, minimum=0, maximum=60, help="its temperature")
    medium: Named[Fluid] = part(
        accept=media.fluid, dump=media.describe, allowed=media.FLUID_FORMS, help="what the particles float in"
    )
    population: Accepts[tuple[Population, ...], Sequence[Population | Table]] = part(
        accept=_accept_populations,
        dump=_dump_populations,
        allowed="[[sample.population]] tables",
        help="what floats in it",
    )
    corona_thickness_nm: float | None = number(
        default=None,
        minimum=0,
        maximum=100,
        help="shell of adsorbed protein on every vesicle; left out: that of its population",
    )
    lipoprotein_association_percent: float = number(
        default=1.0, minimum=0, maximum=100, help="share of each lipoprotein that moves as vesicles do"
    )
    protein_association_percent: float = number(
        default=0.1, minimum=0, maximum=100, help="share of each soluble protein that moves as vesicles do"
    )
    serum_species: str | None = text(
        default=None, choices=SERA, help="whose serum proteins are in it; left out: by the medium's name"
    )
    size_bins: int = integer(default=40, minimum=1, maximum=2000, help="diameters per size distribution")
    density_quantiles: int = integer(default=5, minimum=1, maximum=200, help="densities per diameter")
    source: str | None = text(default=None, help="the sample of the catalogue that it came from")

    def __repr__(self) -> str:
        return f"SampleRecipe({cut(self.liquid, LONGEST_NAME)}, {counted(len(self.population), 'population')})"

    def _repr_html_(self) -> str:
        return html_paragraph(self.liquid, title="Sample") + self._poured().html_of_populations()

    @property
    def liquid(self) -> str:
        """Volume, medium and temperature in words."""
        origin = "" if self.source in (None, self.medium.name) else f", {self.source!r} of the catalogue,"
        return f"{self.volume_mL:.4g} mL of {self.medium.name}{origin} at {self.temperature_C:.3g} °C"

    @property
    def amounts(self) -> dict[str, float]:
        """How much of each population there is, each in its own measure: particles_per_mL or mass_mg_per_mL."""
        return {who.name: _amount(who) for who in self.population}

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of the catalogue's sample, its populations, and the medium."""
        names = [population.name for population in self.population]
        listed = [
            *(row["source"] for row in [self._of_catalog] if row is not None),
            *(line["source"] for row in [self._of_catalog] if row for line in sample_lines(row["sample"]).values()),
            *(row["source"] for row in rows("populations") if row["population"] in names),
        ]
        keys = [key for cell in listed for key in cell.split()]
        poured = self._poured()
        return tuple(dict.fromkeys([*keys, *self.medium.sources, *poured.liquid.sources]))

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that it was read from, such as measured sizes."""
        return tuple(population.sizes_file for population in self.population if population.sizes_file is not None)

    @property
    def _of_catalog(self) -> dict[str, str] | None:
        """The row of the catalogue's sample that it came from."""
        return None if self.source is None else sample_row(self.source)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes this sample less certain."""
        return (*self._about_amounts(), *self._about_association())

    def _about_amounts(self) -> Iterator[str]:
        row = self._of_catalog
        if row is not None and row["confidence"] == "unverified":
            yield (
                f"sample {self.source!r}: its amounts are unverified defaults; purities depend on them, and so do "
                "yields where particles crowd (membranes, resins with a capacity, gradients near their limit): give "
                "measured amounts as [[sample.population]]"
            )

    def _about_association(self) -> Iterator[str]:
        present = {who.kind for who, amount in zip(self.population, self.amounts.values(), strict=True) if amount > 0}
        bands = {
            "lipoprotein": ("lipoprotein_association_percent", "0.1 to 3"),
            "protein": ("protein_association_percent", "0.01 to 0.65"),
        }
        told = [
            f"{getattr(self, key):g} % of each {kind} ({key}; {band} are defensible)"
            for kind, (key, band) in bands.items()
            if {"vesicle", kind} <= present and getattr(self, key) > 0
        ]
        if told:
            yield f"{' and '.join(told)} goes with vesicles: how pure a product is of them rests on this choice"

    def prepare(self) -> Sample:
        """Return the sample with its particle table.

        What makes it less certain is a `ModelRangeWarning`, which a run hands out with its results: doubts about a
        population, particles that hinder one another, a medium outside the range of its data.

        Raises
        ------
        InputError
            If it holds no particles, or more than a suspension can.
        """
        sample = self._poured()
        if not sample.counts.any():
            raise InputError("the sample is empty: give at least one population an amount above 0")
        for doubt in dict.fromkeys(self._doubts(sample)):
            warnings.warn(doubt, ModelRangeWarning, stacklevel=2)
        return sample

    def strata(self, antigens: Sequence[str]) -> dict[str, tuple[Stratum, ...]]:
        """Return the marker strata of the populations that carry any of some antigens.

        Parameters
        ----------
        antigens : sequence of str

        Returns
        -------
        dict of str to tuple of Stratum
            Copies in the order of `antigens`.

        Raises
        ------
        InputError
            If nothing in the sample carries one of them; names those that are carried.

        Examples
        --------
        >>> urine = sample_from_catalog("urine", volume_mL=1)
        >>> [round(stratum.share, 2) for stratum in urine.strata(["CD81"])["exosome"]]
        [0.2, 0.25, 0.55]
        """
        profiles = {who.name: who.profile for who in self.population if _amount(who) > 0}
        carried = {
            antigen for profile in profiles.values() for antigen in profile.antigens if profile.mean_copies(antigen) > 0
        }
        problems = [
            f"antigen = {quoted(antigen)}: no population of the sample carries it{did_you_mean(antigen, carried)}; "
            f"carried: {', '.join(sorted(carried)) or 'none'}; give populations a marker_profile that has it"
            for antigen in antigens
            if antigen not in carried
        ]
        if problems:
            raise InputError(*problems)
        return {name: profile.strata(antigens) for name, profile in profiles.items()}

    def marker_sources(self, antigens: Sequence[str]) -> tuple[str, ...]:
        """Return the bibliography keys behind the marker profiles of its populations, as to some antigens."""
        keys = (key for who in self.population for key in marker_sources(who.profile, antigens))
        return tuple(dict.fromkeys(keys))

    def _doubts(self, sample: Sample) -> Iterator[str]:
        populations = [*self._with_corona()]
        for who in populations:
            yield from who.warnings
        yield from load_crowding(populations)
        yield from about_proteins(sample.medium, dissolved_protein(sample.particles, sample.counts, sample.volume).mass)
        yield from _about_traces(sample)
        with collected_warnings() as beyond_data:
            _look_at(sample.liquid)
        yield from beyond_data

    def _poured(self) -> Sample:
        """Return the sample, be it empty."""
        volume = to_si("volume_mL", self.volume_mL)
        free = [(who, who.classes(self.size_bins, self.density_quantiles)) for who in self._with_corona()]
        numbers = [who.concentration(members) * volume for who, members in free]
        classes = [*self._associated(free, numbers)]
        counts = [members.weight * number for (_, members), number in zip(classes, numbers, strict=True)]
        medium = Medium.pure(self.medium, to_si("temperature_C", self.temperature_C))
        named = [(who.name, who.kind, members) for who, members in classes]
        table = particle_table(named)
        declared = dissolved_protein(table, np.concatenate(counts), volume)
        return Sample(
            particles=replace(
                table,
                serum_species=self.serum_species or serum_of(medium),
                stands_for=stood_for(medium, declared),
            ),
            medium=medium,
            volume=volume,
            counts=np.concatenate(counts),
        )

    def _associated(
        self, free: Sequence[tuple[Population, ParticleClasses]], numbers: Sequence[float]
    ) -> Iterator[tuple[Population, ParticleClasses]]:
        """Yield the populations with their classes, and with those of them that ride on vesicles."""
        shares = {
            "lipoprotein": to_si("lipoprotein_association_percent", self.lipoprotein_association_percent),
            "protein": to_si("protein_association_percent", self.protein_association_percent),
        }
        hosts = hosts_among(
            [
                (members, members.weight * number)
                for (who, members), number in zip(free, numbers, strict=True)
                if isinstance(who, Vesicle)
            ]
        )
        for who, members in free:
            share = shares.get(who.kind, 0.0)
            yield who, members if hosts is None or share == 0 else with_association(members, hosts, share)

    def _with_corona(self) -> Iterator[Population]:
        """Yield the populations, vesicles with the corona of the sample if it has one."""
        for who in self.population:
            if self.corona_thickness_nm is not None and isinstance(who, Vesicle):
                yield replace(who, corona_thickness_nm=self.corona_thickness_nm)
            else:
                yield who


def _about_traces(sample: Sample) -> Iterator[str]:
    """Yield which populations have an amount, but less than one particle of it in the whole sample."""
    for name, count in sample.by_population.items():
        if 0.0 < count < 1.0:
            yield f"population {name!r}: {count:.3g} particles in the whole sample, fewer than one"


def _look_at(medium: Medium) -> None:
    """Ask a medium for what results show of it, so that it warns where that is beyond its data."""
    for quantity in ("density", "viscosity", "osmolality", "refractive_index"):
        getattr(medium, quantity)


def sample_from_catalog(source: str, **settings: Any) -> SampleRecipe:
    """Return the recipe of a catalogue sample; settings replace its own.

    Parameters
    ----------
    source : str
        A name from `sample_names`.
    **settings
        Fields of `SampleRecipe`; volume_mL is required.

    Raises
    ------
    InputError
        If the name is unknown or a setting is wrong.

    Examples
    --------
    >>> sample_from_catalog("serum", volume_mL=2, temperature_C=4).medium.name
    'serum'
    """
    return recipe({"source": source, **settings})


def recipe(table: Mapping[str, Any], folder: Path = Path()) -> SampleRecipe:
    """Build a recipe from a table such as ``[sample]`` of a protocol file.

    With ``source`` the catalogue gives medium and populations; a population of the same name in the table replaces
    that of the catalogue, others are added.

    Parameters
    ----------
    table : mapping
        Fields of `SampleRecipe`.
    folder : Path
        Where relative paths of measured sizes start.

    Returns
    -------
    SampleRecipe

    Raises
    ------
    InputError
        With every problem of the table.
    """
    draft = recipe_draft(table, folder)
    if draft.problems:
        raise InputError(*draft.problems)
    return draft.record


@dataclass(frozen=True, slots=True)
class RecipeDraft(Draft[SampleRecipe]):
    """A recipe as far as its table is sound.

    Parameters
    ----------
    record, problems
        As for `Draft`.
    amounts : mapping of str to float or None
        As `SampleRecipe.amounts`, None for those that are wrong; None as a whole if the names are not known.
    """

    amounts: Mapping[str, float | None] | None


def recipe_draft(table: Mapping[str, Any], folder: Path = Path()) -> RecipeDraft:
    """Build a recipe from a table as far as that is sound.

    Parameters
    ----------
    table : mapping
        As for `recipe`.
    folder : Path
        Where relative paths of measured sizes start.

    Returns
    -------
    RecipeDraft

    Examples
    --------
    >>> draft = recipe_draft({"source": "urine", "volume_mL": 0})
    >>> draft.problems, "exosome" in draft.amounts
    (('volume_mL = 0: must be above 0 and at most 1e+09',), True)
    """
    given, unclear = dict(table), []
    populations, problems = _own_populations(given.get("population", []), folder)
    if "source" in given:
        try:
            medium, species, listed = _of_catalog(given["source"])
        except InputError as error:
            problems += error.problems
            populations = None
            unclear += ["source"] if "medium" in given else ["source", "medium"]
        else:
            given = {"medium": medium, "serum_species": species} | given
            populations = None if populations is None else {**listed, **populations}
    elif "source" in misspelt(given, declared(SampleRecipe)):
        populations, unclear = None, ["medium", "population"]
    if populations and None not in populations.values():
        given["population"] = [*populations.values()]
    elif problems:
        unclear.append("population")
    draft = SampleRecipe.draft(given, unclear)
    amounts = (
        None
        if populations is None
        else {name: None if who is None else _amount(who) for name, who in populations.items()}
    )
    return RecipeDraft(draft.record, (*problems, *draft.problems), amounts)


def _amount(who: Population) -> float:
    return who.particles_per_mL or who.mass_mg_per_mL or 0.0


def _own_populations(tables: Any, folder: Path) -> tuple[dict[str, Population | None] | None, list[str]]:
    """Return populations by name, None for those that are wrong or as a whole if a name is unclear; and problems."""
    if not isinstance(tables, list):
        return None, ["population: must be a list of tables; write [[sample.population]] with two brackets each"]
    drafts = [
        Draft(each, ()) if isinstance(each, Population) else catalog.population_draft(each, folder) for each in tables
    ]
    names = [_known_name(draft.record) for draft in drafts]
    problems = [*(problem for draft in drafts for problem in draft.problems), *_given_twice([*filter(None, names)])]
    if not all(names):
        return None, problems
    return {name: None if draft.problems else draft.record for name, draft in zip(names, drafts, strict=True)}, problems


def _known_name(who: Population | None) -> str:
    """Return the name of a population, an empty text if it is not known."""
    return "" if who is None else who.answer(lambda: who.name, "")


def _of_catalog(source: Any) -> tuple[str, str | None, dict[str, Population]]:
    """Return medium, species of the serum, and populations of a sample of the catalogue."""
    row = sample_row(source) if isinstance(source, str) else None
    if row is None:
        hint = did_you_mean(str(source), sample_names())
        raise InputError(f"source = {quoted(source)}: unknown sample{hint}; see `sepsim list samples`")
    columns = ("particles_per_mL", "mass_mg_per_mL", "median_diameter_nm", "geometric_sd", "doublet_share")
    listed = {
        name: catalog.population({"name": name, **numbers(line, *columns), **_profile_of(line)})
        for name, line in sample_lines(row["sample"]).items()
    }
    return row["medium"], row["serum_species"] or None, listed


def _profile_of(line: Mapping[str, str]) -> dict[str, str]:
    """Return the marker profile that a line of a sample names, if it names one."""
    return {"marker_profile": line["marker_profile"]} if line["marker_profile"] else {}
