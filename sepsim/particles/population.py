"""Populations: a named kind of particle with its sizes, densities and amount, as a user describes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import AVOGADRO_PER_MOL
from sepsim.errors import InputError
from sepsim.particles import lipoprotein, size_distribution
from sepsim.particles.doublet import DOUBLET_DRAG, with_doublets
from sepsim.particles.marker_profile import FORM, MARKER_PROFILES, MarkerProfile, default_profile
from sepsim.particles.osmosis import WATER_DENSITY
from sepsim.particles.osmotic_water import OsmoticWater
from sepsim.particles.particle_table import ParticleClasses
from sepsim.particles.protein import stokes_radius
from sepsim.particles.size_distribution import SPAN_IN_SD, SizeDistribution
from sepsim.particles.size_laws import Lognormal, Normal, SizeLaw, Tabulated, mean_volume, one_size
from sepsim.particles.vesicle import CoreShell, lumen_solution, with_corona
from sepsim.settings import Accepts, Named, Settings, as_float, number, part, settings, text
from sepsim.text.quoting import quoted
from sepsim.text.tables import percent
from sepsim.units import from_si, to_si

SMALLEST_NM = 0.1  # an atom
LARGEST_NM = 1e6  # 1 mm
DENSITY_SD_G_ML = 0.006  # of vesicles of one size in a real population
MOST_PER_ML = 1e22  # molecules of a liquid
HEAVIEST_KDA = 1e9  # a thousand of the largest viruses
SIZES_FOR_MASS = 400  # bins from which the volume per mass follows, whatever the bins of a run
TOLD_SHARE = 0.01  # of vesicles that are smaller than a vesicle can be
ROUND_OFF = 1e-9  # of a bound in lab units that became one in SI
AMOUNTS = ("particles_per_mL", "mass_mg_per_mL")
SIZES = (
    "median_diameter_nm",
    "geometric_sd",
    "mean_diameter_nm",
    "diameter_sd_nm",
    "diameter_nm",
    "diameters_nm",
    "stokes_radius_nm",
    "s20w_S",
    "corona_thickness_nm",
)


def _list_of(least: float, most: float, help: str) -> Any:
    """Declare a list of numbers, each within a range; an error tells the place of the first that is not."""
    allowed = f"a list of numbers, each at least {least:g} and at most {most:g}"

    def accept(value: Any) -> tuple[float, ...]:
        floats = [as_float(item) for item in value] if isinstance(value, (list, tuple)) else []
        accepted = tuple(item for item in floats if item is not None)
        if not accepted or len(accepted) < len(floats):
            raise InputError(f"must be {allowed}")
        for place, item in enumerate(accepted, 1):
            if not least <= item <= most:
                raise InputError(f"must be {allowed}; number {place} is {item:g}")
        return accepted

    return part(default=None, accept=accept, dump=list, allowed=allowed, help=help)


def _accept_doubts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) and item.strip() for item in value):
        raise InputError("must be a list of texts")
    return tuple(value)


@settings
class Population(Settings, ABC):
    """What all kinds of populations have: a name and an amount.

    Parameters
    ----------
    name : str
        In results.
    particles_per_mL : float [1/mL]
        Number concentration; or instead
    mass_mg_per_mL : float [mg/mL]
        Mass concentration.
    doubts : list of str
        What makes sizes or amount less certain; told with every result.

    Attributes
    ----------
    sizes_file : Path or None
        From which its sizes were read, for the record alone.
    """

    kind: ClassVar[str]

    name: str = text(help="name of the population in results")
    particles_per_mL: float | None = number(default=None, minimum=0, maximum=MOST_PER_ML, help="number concentration")
    mass_mg_per_mL: float | None = number(default=None, minimum=0, maximum=1000, help="mass concentration, instead")
    doubts: Accepts[tuple[str, ...] | None, Sequence[str] | None] = part(
        default=None,
        accept=_accept_doubts,
        dump=list,
        allowed="a list of texts",
        help="what makes sizes or amount less certain",
    )
    sizes_file: Path | None = field(default=None, repr=False, compare=False)

    @abstractmethod
    def classes(self, bins: int, quantiles: int) -> ParticleClasses:
        """Return the particle classes: `bins` diameters times `quantiles` densities."""

    def concentration(self, classes: ParticleClasses) -> float:
        """Return the number concentration [1/m3], from the mass concentration if that was given."""
        if self.particles_per_mL is not None:
            return to_si("particles_per_mL", self.particles_per_mL)
        mass = to_si("mass_mg_per_mL", self.mass_mg_per_mL or 0.0)
        return mass / float(classes.weight @ classes.mass)

    @property
    @abstractmethod
    def mean_volume(self) -> float:
        """Mean hydrodynamic volume of a particle [m3], from the law of the sizes, not from bins."""

    @property
    def volume_fraction(self) -> float:
        """Hydrodynamic volume of the particles per volume of liquid [-], the same for any number of bins of a run."""
        if self.particles_per_mL is not None:
            return to_si("particles_per_mL", self.particles_per_mL) * self.mean_volume
        classes = self.classes(SIZES_FOR_MASS, 1)
        mean_volume = np.pi / 6.0 * float(classes.weight @ classes.diameter**3)
        return self.concentration(classes) * mean_volume

    @property
    def profile(self) -> MarkerProfile:
        """The antigens on its particles: none, unless a kind has a marker profile."""
        return MARKER_PROFILES.get("none")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes this population less certain."""
        return tuple(f"population {self.name!r}: {doubt}" for doubt in (*(self.doubts or ()), *self._size_doubts()))

    def _size_doubts(self) -> Iterator[str]:
        """Yield what makes the sizes less certain; kinds add their own."""
        yield from ()

    def stated(self, *keys: str) -> str:
        """Return those of some settings that it has, as a protocol file states them; of a list the largest number."""
        table = self.to_table()
        return ", ".join(
            f"{key} up to {max(table[key]):g}" if isinstance(table[key], list) else f"{key} = {table[key]:g}"
            for key in keys
            if table.get(key)
        )

    def conflicts(self) -> list[str]:
        """Exactly one amount, and what a kind adds."""
        return self.found(self._amount_problems, self._kind_problems)

    def _amount_problems(self) -> Iterator[str]:
        if (self.particles_per_mL is None) == (self.mass_mg_per_mL is None):
            yield f"population {quoted(self.name)}: give exactly one of particles_per_mL and mass_mg_per_mL"

    @abstractmethod
    def _kind_problems(self) -> Iterator[str]:
        """Yield what is wrong besides the amount."""


@settings
class _Spheres(Population):
    """Populations with a distribution of sizes and densities."""

    median_diameter_nm: float | None = number(
        default=None, minimum=SMALLEST_NM, maximum=LARGEST_NM, help="lognormal sizes: the median"
    )
    geometric_sd: float | None = number(default=None, minimum=1, maximum=10, help="lognormal sizes: exp(sd of ln d)")
    mean_diameter_nm: float | None = number(
        default=None, minimum=SMALLEST_NM, maximum=LARGEST_NM, help="normal sizes: the mean"
    )
    diameter_sd_nm: float | None = number(
        default=None, minimum=0, maximum=LARGEST_NM, help="normal sizes: the standard deviation"
    )
    diameter_nm: float | None = number(default=None, minimum=SMALLEST_NM, maximum=LARGEST_NM, help="one size")
    diameters_nm: Accepts[tuple[float, ...] | None, Sequence[float] | None] = _list_of(
        SMALLEST_NM, LARGEST_NM, help="tabulated sizes, with weights"
    )
    weights: Accepts[tuple[float, ...] | None, Sequence[float] | None] = _list_of(
        0.0, MOST_PER_ML, help="number share of each of diameters_nm"
    )
    density_g_mL: float | None = number(default=None, minimum=0.5, maximum=25, help="mean density")
    density_sd_g_mL: float | None = number(
        default=None, minimum=0, maximum=0.1, help="spread of density within a size; left out: none"
    )

    @property
    def density_spread(self) -> float:
        """Standard deviation of the density within a size [kg/m3]."""
        return to_si("density_sd_g_mL", self.density_sd_g_mL or 0.0)

    @property
    def size_law(self) -> SizeLaw:
        """The law of the sizes, however they are given."""
        if self.median_diameter_nm is not None and self.geometric_sd is not None:
            return Lognormal(to_si("median_diameter_nm", self.median_diameter_nm), self.geometric_sd)
        if self.mean_diameter_nm is not None and self.diameter_sd_nm is not None:
            mean, sd = to_si("mean_diameter_nm", self.mean_diameter_nm), to_si("diameter_sd_nm", self.diameter_sd_nm)
            return Normal(mean, sd)
        if self.diameters_nm is not None and self.weights is not None:
            return Tabulated(np.array(self.diameters_nm) * 1e-9, np.array(self.weights))
        assert self.diameter_nm is not None
        return one_size(to_si("diameter_nm", self.diameter_nm))

    def sizes(self, bins: int) -> SizeDistribution:
        """Return the size distribution in `bins` bins (a table keeps its own)."""
        return self.size_law.in_bins(bins)

    @property
    def mean_volume(self) -> float:
        """Mean volume of the spheres [m3]."""
        return mean_volume(self.size_law, 0.0)

    def classes(self, bins: int, quantiles: int) -> ParticleClasses:
        """Cross the sizes with equally likely densities about the mean density of each size."""
        sizes = self.sizes(bins)
        sd = self.density_spread
        steps = sd * size_distribution.equal_quantiles(quantiles if sd > 0 else 1)
        diameter = np.repeat(sizes.diameters, steps.size)
        weight = np.repeat(sizes.weights / steps.size, steps.size)
        density = self.mean_density(diameter) + np.tile(steps, sizes.diameters.size)
        volume = np.pi / 6.0 * diameter**3
        return ParticleClasses(
            weight=weight,
            diameter=diameter,
            mass=density * volume,
            volume=volume,
            protein_mass=self.protein_mass(diameter, density),
            rna_mass=self.rna_mass(diameter, density),
            osmotic_water=OsmoticWater.on_surface(np.zeros_like(volume)),
            corona=np.zeros_like(volume),
            intrinsic_viscosity=np.zeros_like(volume),
            grids=((*self._series(sizes.diameters.size), steps.size),),
        )

    def _series(self, sizes: int) -> tuple[int, int]:
        """Return how many series the sizes form, and of how many each: one of a law, as many as sizes of a list."""
        return (sizes, 1) if isinstance(self.size_law, Tabulated) else (1, sizes)

    def mean_density(self, diameter: FloatArray) -> FloatArray:
        """Return the mean density [kg/m3] of particles of these diameters [m]."""
        assert self.density_g_mL is not None
        return np.full_like(diameter, to_si("density_g_mL", self.density_g_mL))

    @abstractmethod
    def protein_mass(self, diameter: FloatArray, density: FloatArray) -> FloatArray:
        """Return the protein mass [kg] of particles of these diameters [m] and densities [kg/m3]."""

    @abstractmethod
    def rna_mass(self, diameter: FloatArray, density: FloatArray) -> FloatArray:
        """Return the mass of RNA [kg] in particles of these diameters [m] and densities [kg/m3]."""

    def _kind_problems(self) -> Iterator[str]:
        """Yield what is wrong unless the sizes are given in one way."""
        ways = {
            "median_diameter_nm with geometric_sd": (self.median_diameter_nm, self.geometric_sd),
            "mean_diameter_nm with diameter_sd_nm": (self.mean_diameter_nm, self.diameter_sd_nm),
            "diameters_nm with weights": (self.diameters_nm, self.weights),
            "diameter_nm": (self.diameter_nm,),
        }
        begun = [way for way, values in ways.items() if any(value is not None for value in values)]
        whole = [way for way, values in ways.items() if all(value is not None for value in values)]
        if begun == whole and len(whole) == 1:
            try:
                law = self.size_law
            except InputError as error:
                yield from error.within(f"population {quoted(self.name)}").problems
            else:
                yield from (f"population {quoted(self.name)}: {problem}" for problem in self._law_problems(law))
            return
        found = f" (found: {'; '.join(begun)})" if begun else ""
        yield (
            f"population {quoted(self.name)}: give its sizes in exactly one way, whole: {', or '.join(ways)}, "
            f"or sizes_csv{found}"
        )

    def _law_problems(self, law: SizeLaw) -> Iterator[str]:
        """Yield what is wrong with the law of the sizes as a whole."""
        largest = from_si("diameter_nm", law.largest)
        if largest > LARGEST_NM * (1.0 + ROUND_OFF):
            yield (
                f"{self.stated(*SIZES)}: sizes reach {largest:.3g} nm, {SPAN_IN_SD:g} standard deviations out; must be "
                f"at most {LARGEST_NM:g}; give a narrower distribution"
            )


@settings
class _Marked(_Spheres):
    """Populations that carry antigens on their surface."""

    marker_profile: Named[MarkerProfile | None] = part(
        default=None,
        accept=MARKER_PROFILES.get,
        dump=MARKER_PROFILES.describe,
        allowed=FORM,
        help="antigens on the surface; left out: those of populations of its name",
    )

    @property
    def profile(self) -> MarkerProfile:
        """The antigens on its particles: its own profile, else that of populations of its name."""
        return default_profile(self.name) if self.marker_profile is None else self.marker_profile


@settings
class Vesicle(_Marked):
    """Vesicles; their density follows from the core-shell model unless it is given.

    Sizes and densities are those of the bare vesicle in an iso-osmotic medium. In a hyperosmotic one free water leaves
    the lumen, in a hypo-osmotic one it swells until it bursts; a corona of adsorbed protein adds to size and mass.

    Parameters
    ----------
    name, particles_per_mL, mass_mg_per_mL, doubts
        As for `Population`.
    median_diameter_nm : float [nm]
        Of lognormal sizes, with
    geometric_sd : float [-]
        exp of the standard deviation of ln d; or
    mean_diameter_nm : float [nm]
        Of normal sizes, with
    diameter_sd_nm : float [nm]
        Their standard deviation; or
    diameter_nm : float [nm]
        Of one size; or
    diameters_nm : list of float [nm]
        Tabulated sizes, with
    weights : list of float [-]
        Number share of each.
    density_g_mL : float [g/mL]
        Mean density; left out: from the core-shell model, which makes small vesicles denser.
    density_sd_g_mL : float [g/mL]
        Spread of the density within a size; default 0.006 where sizes are distributed and the density follows from the
        model: vesicles of one size then band over three fractions of 0.011 g/mL, as they are found to (64 % in the
        middle one). Default 0 for vesicles of one size, or of a stated density.
    doublet_share : float [-]
        Share of the particles that are two vesicles in contact, of twice the mass and 1.39 times the diameter; default
        0.
    membrane_thickness_nm : float [nm]
        Of the shell, bilayer with its protein; default 6.
    membrane_density_g_mL, lumen_density_g_mL : float [g/mL]
        Of shell and lumen; defaults 1.16 and 1.075.
    membrane_protein_g_mL, lumen_protein_g_mL : float [g/mL]
        Protein per volume of shell and of lumen; defaults 0.565 and 0.150.
    protein_mass_fraction : float [-]
        Protein in the mass without the corona; left out: from shell and lumen.
    hydration_g_g : float [g/g]
        Water that stays bound per mass of solids in the lumen; default 0.35, 0.2 to 0.6 are defensible.
    lumen_molar_mass_kDa : float [kDa]
        Mean molar mass, by number, of the solids in the lumen; default 20: proteins of human cells have 44 on average,
        and two fifths of the solids are smaller molecules.
    lumen_rna_g_mL : float [g/mL]
        RNA per volume of lumen; default 0.001, unverified: a tenth to a fifth of a cell's, since ribosomes are missing,
        which is some six molecules of 100 nucleotides in a vesicle of 100 nm.
    osmotic_response : float [-]
        Share of the change of volume that happens: 1 by default, 0 is rigid.
    deflated_prolate : float [-]
        Drag of a vesicle that has lost water: 1 is that of a prolate spheroid that keeps the membrane's area, 0 that of
        a sphere; default 0.5, half way.
    corona_thickness_nm : float [nm]
        Shell of adsorbed protein, which adds to the size; default 0.
    corona_density_g_mL : float [g/mL]
        Of that shell: 1.35, the default, is dry protein.
    marker_profile : str or table
        Antigens on the surface, as a name of `sepsim list marker_profiles` or a table of strata; left out: those of
        populations of its name, none for a name of your own.

    Raises
    ------
    InputError
        If the amount or the sizes are not given in exactly one way.

    Examples
    --------
    >>> small = Vesicle(name="small vesicles", diameter_nm=100, particles_per_mL=1e10)
    >>> classes = small.classes(bins=40, quantiles=5)
    >>> round(float(classes.mass[0] / classes.volume[0]))
    1102
    """

    kind: ClassVar[str] = "vesicle"

    membrane_thickness_nm: float = number(default=6.0, above=0, help="shell: bilayer with its protein")
    membrane_density_g_mL: float = number(default=1.16, minimum=0.5, maximum=2, help="density of the shell")
    lumen_density_g_mL: float = number(
        default=1.075, minimum=1.009, maximum=1.37, help="density of the lumen, between salt water and dry protein"
    )
    membrane_protein_g_mL: float = number(default=0.565, minimum=0, help="protein per volume of shell")
    lumen_protein_g_mL: float = number(default=0.150, minimum=0, help="protein per volume of lumen")
    protein_mass_fraction: float | None = number(
        default=None,
        minimum=0,
        maximum=1,
        help="protein in the mass without the corona; left out: from shell and lumen",
    )
    hydration_g_g: float = number(
        default=0.35, minimum=0, maximum=2, help="water that stays bound per mass of solids in the lumen"
    )
    lumen_molar_mass_kDa: float = number(
        default=20.0, minimum=1, maximum=HEAVIEST_KDA, help="mean molar mass, by number, of the solids in the lumen"
    )
    lumen_rna_g_mL: float = number(default=0.001, minimum=0, maximum=0.5, help="RNA per volume of lumen")
    doublet_share: float = number(
        default=0.0, minimum=0, maximum=1, help="share of the particles that are two vesicles in contact"
    )
    osmotic_response: float = number(
        default=1.0, minimum=0, maximum=1, help="share of the change of volume that happens; 0 is rigid"
    )
    deflated_prolate: float = number(
        default=0.5, minimum=0, maximum=1, help="drag after losing water: 1 prolate of the same area, 0 sphere"
    )
    corona_thickness_nm: float = number(
        default=0.0, minimum=0, maximum=100, help="shell of adsorbed protein; adds to the size"
    )
    corona_density_g_mL: float = number(
        default=1.35, above=1, maximum=1.35, help="density of that shell: 1.35 is dry protein, less holds water"
    )

    @property
    def density_spread(self) -> float:
        """Standard deviation of the density within a size [kg/m3]: as given, or the default of a real population."""
        ideal = self.diameter_nm is not None or self.density_g_mL is not None
        if self.density_sd_g_mL is None and not ideal:
            return to_si("density_sd_g_mL", DENSITY_SD_G_ML)
        return to_si("density_sd_g_mL", self.density_sd_g_mL or 0.0)

    @property
    def mean_volume(self) -> float:
        """Mean volume of the spheres with their corona [m3]; a doublet counts as the sphere that drags alike."""
        single = mean_volume(self.size_law, to_si("corona_thickness_nm", self.corona_thickness_nm))
        return single * (1.0 + self.doublet_share * (DOUBLET_DRAG**3 - 1.0))

    def _size_doubts(self) -> Iterator[str]:
        """Yield whether some vesicles are smaller than one can be."""
        share = self.size_law.share_below(self._smallest)
        if share > TOLD_SHARE:
            yield (
                f"{percent(share)} of the vesicles are smaller than {self._smallest_in_words}, and computed as "
                "membrane without a lumen"
            )

    @property
    def _smallest(self) -> float:
        """Diameter of a vesicle that is membrane throughout [m]."""
        return 2.0 * to_si("membrane_thickness_nm", self.membrane_thickness_nm)

    @property
    def _smallest_in_words(self) -> str:
        return f"{2.0 * self.membrane_thickness_nm:g} nm, twice membrane_thickness_nm = {self.membrane_thickness_nm:g}"

    def conflicts(self) -> list[str]:
        """One amount, one way to give the sizes, and no more protein than there is of membrane and lumen."""
        return [*_Spheres.conflicts(self), *self._protein_problems()]

    def _law_problems(self, law: SizeLaw) -> Iterator[str]:
        """Yield also whether most of the vesicles are smaller than one can be."""
        yield from _Spheres._law_problems(self, law)
        if law.share_below(self._smallest) > 0.5:
            yield (
                f"{self.stated(*SIZES)}: most of the vesicles are smaller than {self._smallest_in_words}, and a "
                "vesicle is a membrane about a lumen; give larger sizes, a thinner membrane, or kind = 'particle'"
            )

    def _protein_problems(self) -> Iterator[str]:
        for part_of_it in ("membrane", "lumen"):
            protein, density = f"{part_of_it}_protein_g_mL", f"{part_of_it}_density_g_mL"
            if getattr(self, protein) > getattr(self, density):
                yield (
                    f"population {self.name!r}: {protein} = {getattr(self, protein):g}: must be at most {density} = "
                    f"{getattr(self, density):g}, the mass that there is"
                )

    @property
    def core_shell(self) -> CoreShell:
        """The core-shell model with these settings."""
        return CoreShell(
            thickness=to_si("membrane_thickness_nm", self.membrane_thickness_nm),
            membrane_density=to_si("membrane_density_g_mL", self.membrane_density_g_mL),
            lumen_density=to_si("lumen_density_g_mL", self.lumen_density_g_mL),
            membrane_protein=to_si("membrane_protein_g_mL", self.membrane_protein_g_mL),
            lumen_protein=to_si("lumen_protein_g_mL", self.lumen_protein_g_mL),
        )

    def classes(self, bins: int, quantiles: int) -> ParticleClasses:
        """Cross sizes and densities of the bare vesicle, then add its water and its corona."""
        bare = _Spheres.classes(self, bins, quantiles)
        singles = with_corona(
            replace(bare, osmotic_water=self._osmotic_water(bare)),
            thickness=to_si("corona_thickness_nm", self.corona_thickness_nm),
            density=to_si("corona_density_g_mL", self.corona_density_g_mL),
        )
        return with_doublets(singles, self.doublet_share)

    def _osmotic_water(self, bare: ParticleClasses) -> OsmoticWater:
        content = self.core_shell.lumen_content(bare.diameter, bare.mass / bare.volume)
        bound, protein = lumen_solution(content, self.hydration_g_g, to_si("molar_mass_kDa", self.lumen_molar_mass_kDa))
        return OsmoticWater(
            lumen=content.volume,
            water=content.water,
            free=content.water - bound,
            protein_osmolality=protein,
            response=np.full_like(bare.volume, self.osmotic_response),
            prolate=np.full_like(bare.volume, self.deflated_prolate),
            hydration=np.zeros_like(bare.volume),
        )

    def mean_density(self, diameter: FloatArray) -> FloatArray:
        """Return the given density, else that of the core-shell model [kg/m3]."""
        if self.density_g_mL is not None:
            return _Spheres.mean_density(self, diameter)
        return self.core_shell.density(diameter)

    def rna_mass(self, diameter: FloatArray, density: FloatArray) -> FloatArray:
        """Return the RNA in the lumen [kg]."""
        lumen = np.pi / 6.0 * diameter**3 * self.core_shell.lumen_share(diameter)
        return to_si("lumen_rna_g_mL", self.lumen_rna_g_mL) * lumen

    def protein_mass(self, diameter: FloatArray, density: FloatArray) -> FloatArray:
        """Return the given share of the mass, else the protein of shell and lumen [kg]."""
        if self.protein_mass_fraction is not None:
            return _share_of_mass(self.protein_mass_fraction, diameter, density)
        return self.core_shell.protein_mass(diameter)


@settings
class Lipoprotein(_Spheres):
    """Lipoproteins: spheres that float or sink with the sign of their density minus that of the medium.

    Parameters
    ----------
    name, particles_per_mL, mass_mg_per_mL, doubts
        As for `Population`.
    median_diameter_nm, geometric_sd, mean_diameter_nm, diameter_sd_nm, diameter_nm, diameters_nm, weights
        Sizes in one of the ways of `Vesicle`.
    density_g_mL : float [g/mL]
        Mean density in concentrated salt, in which lipoproteins are classed.
    density_sd_g_mL : float [g/mL]
        Spread of the density within a size; default 0.
    hydration_g_g : float [g/g]
        Water on the surface per mass in concentrated salt, which adds to mass and volume in iso-osmotic media; default
        0.25, published bands of LDL imply 0.18 to 0.37.
    protein_mass_fraction : float [-]
        Protein in the mass; left out: from the density.
    rna_mass_fraction : float [-]
        RNA in the mass; default 0.

    Raises
    ------
    InputError
        If the amount or the sizes are not given in exactly one way.
    """

    kind: ClassVar[str] = "lipoprotein"

    density_g_mL: float | None = number(minimum=0.5, maximum=25, help="mean density in concentrated salt")
    hydration_g_g: float = number(
        default=0.25, minimum=0, maximum=2, help="water on the surface per mass, in iso-osmotic media; salt takes it"
    )
    protein_mass_fraction: float | None = number(
        default=None, minimum=0, maximum=1, help="protein in the mass; left out: from the density"
    )
    rna_mass_fraction: float = number(default=0.0, minimum=0, maximum=1, help="RNA in the mass")

    def rna_mass(self, diameter: FloatArray, density: FloatArray) -> FloatArray:
        """Return the stated share of the mass [kg]."""
        return _share_of_mass(self.rna_mass_fraction, diameter, density)

    def classes(self, bins: int, quantiles: int) -> ParticleClasses:
        """Cross sizes and densities, then add the water on the surface."""
        dry = _Spheres.classes(self, bins, quantiles)
        return replace(dry, osmotic_water=OsmoticWater.on_surface(self.hydration_g_g * dry.mass / WATER_DENSITY))

    def protein_mass(self, diameter: FloatArray, density: FloatArray) -> FloatArray:
        """Return the apolipoprotein mass [kg]."""
        fraction: FloatArray | float | None = self.protein_mass_fraction
        if fraction is None:
            fraction = lipoprotein.protein_mass_fraction(density)
        return _share_of_mass(fraction, diameter, density)


@settings
class Particle(_Marked):
    """Any other particle: cells, platelets, debris, aggregates, viruses, beads.

    Parameters
    ----------
    name, particles_per_mL, mass_mg_per_mL, doubts
        As for `Population`.
    median_diameter_nm, geometric_sd, mean_diameter_nm, diameter_sd_nm, diameter_nm, diameters_nm, weights
        Sizes in one of the ways of `Vesicle`.
    density_g_mL : float [g/mL]
        Mean density.
    density_sd_g_mL : float [g/mL]
        Spread of the density within a size; default 0.
    protein_mass_fraction : float [-]
        Protein in the mass; default 0.
    rna_mass_fraction : float [-]
        RNA in the mass; default 0.
    marker_profile : str or table
        Antigens on the surface, as a name of `sepsim list marker_profiles` or a table of strata; left out: those of
        populations of its name, none for a name of your own.

    Raises
    ------
    InputError
        If the amount or the sizes are not given in exactly one way.
    """

    kind: ClassVar[str] = "particle"

    density_g_mL: float | None = number(minimum=0.5, maximum=25, help="mean density")
    protein_mass_fraction: float = number(default=0.0, minimum=0, maximum=1, help="protein in the mass")
    rna_mass_fraction: float = number(default=0.0, minimum=0, maximum=1, help="RNA in the mass")

    def rna_mass(self, diameter: FloatArray, density: FloatArray) -> FloatArray:
        """Return the stated share of the mass [kg]."""
        return _share_of_mass(self.rna_mass_fraction, diameter, density)

    def protein_mass(self, diameter: FloatArray, density: FloatArray) -> FloatArray:
        """Return the stated share of the mass [kg]."""
        return _share_of_mass(self.protein_mass_fraction, diameter, density)


@settings
class Protein(Population):
    """A soluble protein or complex: one molecule, one size.

    Parameters
    ----------
    name, particles_per_mL, mass_mg_per_mL, doubts
        As for `Population`.
    molar_mass_kDa : float [kDa]
    partial_specific_volume_mL_g : float [mL/g]
        Default 0.73.
    stokes_radius_nm : float [nm]
        Hydrodynamic radius; or instead
    s20w_S : float [S]
        Measured sedimentation coefficient in water at 20 degC.
    protein_mass_fraction : float [-]
        Protein in the mass; default 1.
    rna_mass_fraction : float [-]
        RNA in the mass; default 0.
    intrinsic_viscosity_mL_g : float [mL/g]
        By which it thickens the liquid; default 5, that of a globular protein.

    Raises
    ------
    InputError
        If there is not one amount and one of radius and s20,w, or the molecule does not fit into its radius.

    Examples
    --------
    >>> albumin = Protein(name="albumin", molar_mass_kDa=66.5, stokes_radius_nm=3.5, mass_mg_per_mL=40)
    >>> f"{albumin.concentration(albumin.classes(1, 1)) / 1e6:.2e} per mL"
    '3.62e+17 per mL'
    """

    kind: ClassVar[str] = "protein"

    molar_mass_kDa: float = number(minimum=1e-3, maximum=HEAVIEST_KDA, help="molar mass")
    partial_specific_volume_mL_g: float = number(default=0.73, minimum=0.04, maximum=2, help="volume per mass")
    stokes_radius_nm: float | None = number(
        default=None, minimum=SMALLEST_NM / 2, maximum=LARGEST_NM / 2, help="hydrodynamic radius"
    )
    s20w_S: float | None = number(default=None, above=0, help="measured s20,w, instead of the radius")
    protein_mass_fraction: float = number(
        default=1.0, minimum=0, maximum=1, help="protein in the mass; the rest is nucleic acid or other matter"
    )
    rna_mass_fraction: float = number(default=0.0, minimum=0, maximum=1, help="RNA in the mass")
    intrinsic_viscosity_mL_g: float = number(
        default=5.0, minimum=0, maximum=500, help="by which it thickens the liquid"
    )

    def classes(self, bins: int, quantiles: int) -> ParticleClasses:
        """Return the one class of the molecule."""
        mass = to_si("molar_mass_kDa", self.molar_mass_kDa) / AVOGADRO_PER_MOL
        volume = mass * to_si("partial_specific_volume_mL_g", self.partial_specific_volume_mL_g)
        return ParticleClasses(
            weight=np.ones(1),
            diameter=np.array([2.0 * self._stokes_radius]),
            mass=np.array([mass]),
            volume=np.array([volume]),
            protein_mass=np.array([self.protein_mass_fraction * mass]),
            rna_mass=np.array([self.rna_mass_fraction * mass]),
            osmotic_water=OsmoticWater.on_surface(np.zeros(1)),
            corona=np.zeros(1),
            intrinsic_viscosity=np.array([to_si("intrinsic_viscosity_mL_g", self.intrinsic_viscosity_mL_g)]),
            grids=((1, 1, 1),),
        )

    @property
    def mean_volume(self) -> float:
        """Volume of the sphere that the molecule drags along [m3]."""
        return mean_volume(one_size(2.0 * self._stokes_radius), 0.0)

    @property
    def _stokes_radius(self) -> float:
        if self.stokes_radius_nm is not None:
            return to_si("stokes_radius_nm", self.stokes_radius_nm)
        assert self.s20w_S is not None
        return stokes_radius(
            to_si("molar_mass_kDa", self.molar_mass_kDa),
            to_si("partial_specific_volume_mL_g", self.partial_specific_volume_mL_g),
            to_si("s20w_S", self.s20w_S),
        )

    def _kind_problems(self) -> Iterator[str]:
        """Yield what is wrong unless there is one of Stokes radius and s20,w, in which the molecule fits."""
        name = quoted(self.name)
        if (self.stokes_radius_nm is None) == (self.s20w_S is None):
            yield f"population {name}: give exactly one of stokes_radius_nm and s20w_S"
        elif not self._stokes_radius > 0.9 * self._dry_radius:
            yield (
                f"population {name}: {self.molar_mass_kDa:g} kDa at {self.partial_specific_volume_mL_g:g} mL/g "
                f"fill a sphere of {self._dry_radius * 1e9:.2g} nm radius, but the Stokes radius is "
                f"{self._stokes_radius * 1e9:.2g} nm; check stokes_radius_nm or s20w_S"
            )
        elif self._stokes_radius > to_si("stokes_radius_nm", LARGEST_NM / 2) * (1.0 + ROUND_OFF):
            yield (
                f"population {quoted(self.name)}: s20w_S = {self.s20w_S:g}: gives a Stokes radius of "
                f"{self._stokes_radius * 1e9:.2g} nm; must be at most {LARGEST_NM / 2:g}"
            )

    @property
    def _dry_radius(self) -> float:
        """Radius of the sphere that the bare molecule fills [m]; no Stokes radius is smaller."""
        volume = to_si("partial_specific_volume_mL_g", self.partial_specific_volume_mL_g)
        volume *= to_si("molar_mass_kDa", self.molar_mass_kDa) / AVOGADRO_PER_MOL
        return float((3.0 * volume / (4.0 * np.pi)) ** (1.0 / 3.0))


def _share_of_mass(share: FloatArray | float, diameter: FloatArray, density: FloatArray) -> FloatArray:
    return share * density * np.pi / 6.0 * diameter**3


KINDS: Mapping[str, type[Population]] = {kind.kind: kind for kind in (Vesicle, Lipoprotein, Protein, Particle)}
