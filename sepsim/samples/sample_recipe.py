"""What a sample is made of, in lab units: the part of a protocol from which a Sample is prepared."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sepsim import media
from sepsim.data import numbers, rows
from sepsim.errors import InputError, ModelRangeWarning, collected_warnings, did_you_mean
from sepsim.media import Fluid, Medium
from sepsim.particles import catalog
from sepsim.particles.particle_table import particle_table
from sepsim.particles.population import Population, Vesicle
from sepsim.samples.crowding import load_crowding
from sepsim.samples.sample import LONGEST_NAME, Sample
from sepsim.settings import Accepts, Named, Settings, Table, integer, number, part, settings, text
from sepsim.text_table import counted, cut, html_paragraph
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
    names = [population.name for population in accepted]
    problems.extend(f"population {name!r}: given twice" for name in {*names} if names.count(name) > 1)
    if problems:
        raise InputError(*problems)
    return tuple(accepted)


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
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of the catalogue's sample, its populations, and the medium."""
        names = [population.name for population in self.population]
        listed = [
            *(row["source"] for row in rows("samples") if row["sample"] == self.source),
            *(row["source"] for row in rows("sample_populations") if row["sample"] == self.source),
            *(row["source"] for row in rows("populations") if row["population"] in names),
        ]
        keys = [key for cell in listed for key in cell.split()]
        return tuple(dict.fromkeys([*keys, *self.medium.sources]))

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that it was read from, such as measured sizes."""
        return tuple(population.sizes_file for population in self.population if population.sizes_file is not None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes this sample less certain."""
        row = next((row for row in rows("samples") if row["sample"] == self.source), None)
        if row is None or row["confidence"] != "unverified":
            return ()
        return (
            f"sample {self.source!r}: its amounts are unverified defaults; purities depend on them, and so do yields "
            "where particles crowd (membranes, resins with a capacity, gradients near their limit): give measured "
            "amounts as [[sample.population]]",
        )

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

    def _doubts(self, sample: Sample) -> Iterator[str]:
        populations = [*self._with_corona()]
        for who in populations:
            yield from who.warnings
        yield from load_crowding(populations)
        yield from _about_traces(sample)
        with collected_warnings() as beyond_data:
            _look_at(sample.medium)
        yield from beyond_data

    def _poured(self) -> Sample:
        """Return the sample, be it empty."""
        volume = to_si("volume_mL", self.volume_mL)
        classes = [(who, who.classes(self.size_bins, self.density_quantiles)) for who in self._with_corona()]
        counts = [members.weight * who.concentration(members) * volume for who, members in classes]
        return Sample(
            particles=particle_table([(who.name, who.kind, members) for who, members in classes]),
            medium=Medium.pure(self.medium, to_si("temperature_C", self.temperature_C)),
            volume=volume,
            counts=np.concatenate(counts),
        )

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


def sample_names() -> tuple[str, ...]:
    """Return the names of the samples in the catalogue."""
    return tuple(row["sample"] for row in rows("samples"))


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
    given = dict(table)
    if "population" in given:
        given["population"] = _from_folder(given["population"], folder)
    if "source" in given:
        given = _with_catalog(given)
    return SampleRecipe.from_table(given)


def _from_folder(tables: Any, folder: Path) -> list[Population]:
    if not isinstance(tables, list) or not all(isinstance(table, (Mapping, Population)) for table in tables):
        raise InputError("population: must be a list of tables; write [[sample.population]] with two brackets each")
    populations: list[Population] = []
    problems: list[str] = []
    for table in tables:
        try:
            populations.append(table if isinstance(table, Population) else catalog.population(table, folder))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(*problems)
    return populations


def _with_catalog(given: dict[str, Any]) -> dict[str, Any]:
    source = given["source"]
    row = next((row for row in rows("samples") if row["sample"] == source), None)
    if row is None:
        hint = did_you_mean(str(source), sample_names())
        raise InputError(f"source = {source!r}: unknown sample{hint}; see `sepsim list samples`")
    amounts = ("particles_per_mL", "mass_mg_per_mL", "median_diameter_nm", "geometric_sd")
    listed = {
        line["population"]: catalog.population({"name": line["population"], **numbers(line, *amounts)})
        for line in rows("sample_populations")
        if line["sample"] == source
    }
    own = {population.name: population for population in given.get("population", ())}
    return {"medium": row["medium"], **given, "population": [*(listed | own).values()]}
