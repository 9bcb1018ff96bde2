"""Membranes: what they are rated at, which pores follow from it, and how easily water passes."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from sepsim.catalog import Catalog
from sepsim.constants import ZERO_CELSIUS_K
from sepsim.data import numbers, rows
from sepsim.errors import did_you_mean
from sepsim.media.water import kestin_1978
from sepsim.samples.crowding import JAMMING_COVERAGE
from sepsim.settings import Settings, number, settings, text
from sepsim.techniques.filtration.membranes.pores import PoreDistribution, dextran_radius, protein_radius
from sepsim.units import to_si

DEVICES = ("spin filter", "hollow fibres", "syringe filter", "disc")
USUAL_SKIN = 0.5e-6  # m, separating skin of an asymmetric membrane where nothing better is known

_MOST_DISAGREEMENT = 2.0  # between the stated permeability and that of the pores
_COLUMNS = (
    "mwco_kDa",
    "rejection_percent",
    "pore_diameter_nm",
    "geometric_sd",
    "area_cm2",
    "permeability_L_m2_h_bar",
    "thickness_um",
    "porosity",
    "max_pressure_bar",
    "max_rcf_xg",
    "hold_up_mL",
    "max_volume_mL",
)


@settings
class Membrane(Settings):
    """A membrane in its device: rating or pore size, area, permeability, and what it may bear.

    The pores follow from the rating (`mwco_kDa` with what it was rated with) or are stated (`pore_diameter_nm`).
    Permeability, porosity and thickness of the separating skin are tied by Hagen and Poiseuille's law,
    Lp = porosity <r^4> / (8 mu <r^2> thickness): permeability alone is enough; without it, porosity and thickness.

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list membranes``.
    material : str
        As in the table of materials; another one needs `adsorbed_coverage`.
    device : str, optional
        What it comes in: ``"spin filter"``, ``"hollow fibres"``, ``"syringe filter"`` or ``"disc"``; left out, it may
        be driven in any way.
    mwco_kDa : float, optional
        Molecular-weight cut-off [kDa]; this or `pore_diameter_nm`.
    rated_with : str, optional
        What the cut-off was measured with, ``"protein"`` or ``"dextran"``; needed with `mwco_kDa`: at the same number a
        dextran-rated membrane has about twice the pore radius.
    rejection_percent : float
        How much of the solute of that mass is held back [%].
    pore_diameter_nm : float, optional
        Median diameter of the number of pores [nm].
    geometric_sd : float
        Spread of the pores. The default 1.2, a standard deviation of a fifth of the mean, is usual in analyses of
        ultrafiltration (Mehta & Zydney 2005); how much of what is far larger than the rating leaks depends on it
        strongly, and published values go up to 1.5 and beyond. Track-etched membranes have about
        1.1.
    area_cm2 : float
        Filtering area [cm2].
    permeability_L_m2_h_bar : float, optional
        To water at 20 C [L m-2 h-1 bar-1].
    thickness_um : float, optional
        Of the separating skin, or of the whole film where it has straight pores [um].
    porosity : float, optional
        Open share of the skin's surface.
    max_pressure_bar, max_rcf_xg : float, optional
        What the maker allows [bar], [x g].
    adsorbed_coverage : float, optional
        Share of the filtering area that adsorbed particles cover at saturation, up to the jamming limit 0.547 of
        random sequential adsorption; by default that of the material.
    hold_up_mL : float
        Volume that stays in the device [mL].
    max_volume_mL : float, optional
        What the device takes at once [mL].
    confidence : str
        How far the numbers can be trusted: "user", or the catalogue's read, transcribed, computed, unverified.

    Examples
    --------
    >>> spin = Membrane(material="regenerated cellulose", mwco_kDa=100, rated_with="protein", area_cm2=7.6,
    ...                 permeability_L_m2_h_bar=200)
    >>> round(spin.pores.median_radius * 1e9, 2), f"{spin.resistance:.2e}"
    (4.32, '1.80e+12')
    """

    name: str = text(default="membrane of the user", help="name of the membrane")
    material: str = text(help="what it is made of, as in the table of materials")
    device: str | None = text(default=None, choices=DEVICES, help="what it comes in; left out: driven in any way")
    mwco_kDa: float | None = number(default=None, above=0, help="molecular-weight cut-off; this or pore_diameter_nm")
    rated_with: str | None = text(
        default=None, choices=("protein", "dextran"), help="what the cut-off was measured with"
    )
    rejection_percent: float = number(
        default=90, above=0, maximum=99.999, help="how much of the rated solute is held back"
    )
    pore_diameter_nm: float | None = number(default=None, above=0, help="median diameter of the number of pores")
    geometric_sd: float = number(default=1.2, minimum=1, maximum=5, help="spread of the pore radii; 1 is equal pores")
    area_cm2: float = number(above=0, help="filtering area")
    permeability_L_m2_h_bar: float | None = number(default=None, above=0, help="permeability to water at 20 C")
    thickness_um: float | None = number(default=None, above=0, help="thickness of the separating skin")
    porosity: float | None = number(default=None, above=0, maximum=1, help="open share of the skin's surface")
    max_pressure_bar: float | None = number(default=None, above=0, help="largest allowed pressure")
    max_rcf_xg: float | None = number(default=None, above=0, help="largest allowed centrifugal force")
    adsorbed_coverage: float | None = number(
        default=None, minimum=0, maximum=JAMMING_COVERAGE, help="share of the area that adsorbed particles can cover"
    )
    hold_up_mL: float = number(default=0, minimum=0, help="volume that stays in the device")
    max_volume_mL: float | None = number(default=None, above=0, help="what the device takes at once")
    confidence: str = text(default="user", help="how far the numbers can be trusted")

    @property
    def area(self) -> float:
        """Filtering area [m2]."""
        return to_si("area_cm2", self.area_cm2)

    @property
    def hold_up(self) -> float:
        """Volume that stays in the device [m3]."""
        return to_si("hold_up_mL", self.hold_up_mL)

    @property
    def max_volume(self) -> float:
        """What the device takes at once [m3]; infinite if unknown."""
        return math.inf if self.max_volume_mL is None else to_si("max_volume_mL", self.max_volume_mL)

    @property
    def max_pressure(self) -> float:
        """Largest allowed pressure [Pa]; infinite if unknown."""
        return math.inf if self.max_pressure_bar is None else to_si("max_pressure_bar", self.max_pressure_bar)

    @property
    def max_rcf(self) -> float:
        """Largest allowed centrifugal force [x g]; infinite if unknown."""
        return math.inf if self.max_rcf_xg is None else self.max_rcf_xg

    @property
    def coverage(self) -> float:
        """Share of the area that adsorbed particles cover at saturation: as stated, else that of the material."""
        return _coverages()[self.material] if self.adsorbed_coverage is None else self.adsorbed_coverage

    @property
    def rated_radius(self) -> float:
        """Radius of the solute that the cut-off names [m]; nan for a membrane sold by pore size."""
        if self.mwco_kDa is None:
            return math.nan
        law = dextran_radius if self.rated_with == "dextran" else protein_radius
        return law(to_si("mwco_kDa", self.mwco_kDa))

    @property
    def pores(self) -> PoreDistribution:
        """Pores that the rating or the pore size means."""
        if self.pore_diameter_nm is not None:
            median = 0.5 * to_si("pore_diameter_nm", self.pore_diameter_nm)
            return PoreDistribution(median_radius=median, geometric_sd=self.geometric_sd)
        rejection = to_si("rejection_percent", self.rejection_percent)
        return _rated_pores(self.rated_radius, rejection, self.geometric_sd)

    @property
    def permeability(self) -> float:
        """Permeability to water at 20 C [m s-1 Pa-1]: as stated, else that of the pores."""
        if self.permeability_L_m2_h_bar is None:
            return self._pore_permeability()
        return to_si("permeability_L_m2_h_bar", self.permeability_L_m2_h_bar)

    @property
    def resistance(self) -> float:
        """Hydraulic resistance R_m = 1 / (mu Lp) [1/m]; a property of the membrane alone."""
        return 1.0 / (_water_viscosity() * self.permeability)

    @property
    def skin_ratio(self) -> float:
        """Thickness over porosity of the skin [m], <r^4> / (8 mu <r^2> Lp)."""
        return _conductance(self.pores) / self.permeability

    @property
    def thickness(self) -> float:
        """Thickness of the separating skin [m]: stated, from the porosity, or a usual one."""
        if self.thickness_um is not None:
            return to_si("thickness_um", self.thickness_um)
        return USUAL_SKIN if self.porosity is None else self.skin_ratio * self.porosity

    @property
    def open_share(self) -> float:
        """Porosity of the skin: stated, or from its permeability and thickness."""
        return self.thickness / self.skin_ratio if self.porosity is None else self.porosity

    @property
    def pore_number_per_area(self) -> float:
        """Number of pores per area of membrane, porosity / (pi <r^2>) [1/m2]."""
        return self.open_share / (math.pi * self.pores.moment(2))

    def conflicts(self) -> list[str]:
        """Return what does not fit together: rating, material, and permeability against the pores."""
        problems = [*self._rating_problems(), *self._material_problems()]
        return problems or self._permeability_problems()

    def _rating_problems(self) -> list[str]:
        if self.mwco_kDa is None and self.pore_diameter_nm is None:
            return ["mwco_kDa or pore_diameter_nm: one of them is required; mwco_kDa goes with rated_with"]
        if self.mwco_kDa is not None and self.pore_diameter_nm is not None:
            return [
                f"mwco_kDa = {self.mwco_kDa:g} and pore_diameter_nm = {self.pore_diameter_nm:g}: give one of them, "
                "not both"
            ]
        if self.mwco_kDa is not None and self.rated_with is None:
            return [
                'rated_with: missing; say "protein" or "dextran": at the same number a dextran-rated membrane has '
                "about twice the pore radius; makers of spin filters mostly rate with proteins: "
                'rated_with = "protein"'
            ]
        if self.mwco_kDa is None and self.rated_with is not None:
            return [f"rated_with = {self.rated_with!r}: only with mwco_kDa; leave it out with pore_diameter_nm"]
        return []

    def _material_problems(self) -> list[str]:
        known = _coverages()
        if self.adsorbed_coverage is not None or self.material in known:
            return []
        hint = did_you_mean(self.material, known) or f"; known: {', '.join(known)}"
        return [f"material = {self.material!r}: unknown{hint}; or give adsorbed_coverage for a material of your own"]

    def _permeability_problems(self) -> list[str]:
        stated = self.permeability_L_m2_h_bar
        if stated is None and (self.thickness_um is None or self.porosity is None):
            return ["permeability_L_m2_h_bar: missing; give it, or both porosity and thickness_um"]
        if stated is None:
            return []
        if self.porosity is not None and self.thickness_um is not None:
            ratio = self._pore_permeability() / self.permeability
            if not 1 / _MOST_DISAGREEMENT <= ratio <= _MOST_DISAGREEMENT:
                return [
                    f"permeability_L_m2_h_bar = {stated:g}: pores of {self._median_nm():.3g} nm with porosity = "
                    f"{self.porosity:g} and thickness_um = {self.thickness_um:g} would give {stated * ratio:.3g}; "
                    "leave one of the three out"
                ]
        elif self.open_share > 1:
            most_um = 1e6 * self.skin_ratio
            return [
                f"permeability_L_m2_h_bar = {stated:g}: pores of {self._median_nm():.3g} nm through a skin of "
                f"{1e6 * self.thickness:g} um would need porosity = {self.open_share:.3g}, more than 1; give a "
                f"thickness_um below {most_um:.2g}, larger pores or a lower permeability"
            ]
        return []

    def _median_nm(self) -> float:
        return 2e9 * self.pores.median_radius

    def _pore_permeability(self) -> float:
        """Return what porosity and thickness give; both are stated."""
        return _conductance(self.pores) * self.open_share / self.thickness


def _water_viscosity() -> float:
    return kestin_1978(20.0 + ZERO_CELSIUS_K)


def _conductance(pores: PoreDistribution) -> float:
    """Return <r^4> / (8 mu <r^2>) [m2 s-1 Pa-1] for water at 20 C: permeability of a skin all pores and 1 m thick."""
    return pores.moment(4) / pores.moment(2) / (8.0 * _water_viscosity())


@cache
def _rated_pores(radius: float, rejection: float, geometric_sd: float) -> PoreDistribution:
    return PoreDistribution.from_rating(radius, rejection, geometric_sd)


@cache
def _coverages() -> dict[str, float]:
    return {row["material"]: float(row["adsorbed_coverage"]) for row in rows("membrane_materials")}


def _from_row(row: dict[str, str]) -> Membrane:
    texts: dict[str, Any] = {key: row[key] for key in ("material", "device", "rated_with", "confidence") if row[key]}
    return Membrane(name=row["membrane"], **texts | numbers(row, *_COLUMNS))


def _material_sources(membrane: Membrane) -> list[str]:
    """Return the bibliography keys behind what the material adsorbs; none if the membrane states it."""
    if membrane.adsorbed_coverage is not None:
        return []
    return next(row["source"] for row in rows("membrane_materials") if row["material"] == membrane.material).split()


MEMBRANES = Catalog(kind="membrane", record=Membrane, build=_from_row, part_sources=_material_sources)
membrane = MEMBRANES.get
