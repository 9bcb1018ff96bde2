"""Columns: one bed of resin or two on top of each other, and how fast liquid runs through them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sepsim.catalog import Catalog
from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.data import numbers
from sepsim.settings import Named, Settings, Tabled, number, part, record, settings, text
from sepsim.techniques.chromatography.columns.resins import RESINS, Resin
from sepsim.units import to_si

VOID_FRACTION = 0.35  # of a settled bed of beads; a choice
_COLUMNS = ("bed_volume_mL", "diameter_mm", "void_fraction", "extra_volume_mL")
_UNDERLAYER = '{ bed_volume_mL = 2, resin = "core beads, 700 kDa shell" }'


@dataclass(frozen=True, kw_only=True, slots=True)
class Bed:
    """A cylinder packed with beads of one resin, in SI.

    Parameters
    ----------
    resin : Resin
    volume : float [m3]
        Of the packed bed: beads and the liquid between them.
    cross_section : float [m2]
    void_fraction : float
        Share of the bed that is liquid between the beads.

    Examples
    --------
    >>> bed = Bed(resin=RESINS.get("Sepharose CL-2B"), volume=10e-6, cross_section=2e-4, void_fraction=0.35)
    >>> round(bed.length, 9), round(bed.phase_ratio, 4)
    (0.05, 1.8571)
    """

    resin: Resin
    volume: float
    cross_section: float
    void_fraction: float

    @property
    def length(self) -> float:
        """Height of the bed [m]."""
        return self.volume / self.cross_section

    @property
    def void_volume(self) -> float:
        """Liquid between the beads [m3]."""
        return self.void_fraction * self.volume

    @property
    def pore_volume(self) -> float:
        """Liquid in the pores of the beads [m3]."""
        return self.resin.bead_porosity * (self.volume - self.void_volume)

    @property
    def phase_ratio(self) -> float:
        """Volume of the beads over that of the liquid between them, F = (1 - eps)/eps."""
        return (1.0 - self.void_fraction) / self.void_fraction


@settings
class Underlayer(Settings):
    """A second bed of the same diameter below the first, as in mixed columns.

    Parameters
    ----------
    bed_volume_mL : float
        Volume of the bed [mL].
    resin : Resin
        By name, as a table or as a record.
    void_fraction : float
        Share of the bed that is liquid between the beads.

    Examples
    --------
    >>> Underlayer(bed_volume_mL=2, resin="core beads, 700 kDa shell").void_fraction
    0.35
    """

    bed_volume_mL: float = number(above=0, help="volume of the lower bed")
    resin: Named[Resin] = part(
        accept=RESINS.get, dump=RESINS.describe, allowed="the name of a resin or a table", help="beads of the lower bed"
    )
    void_fraction: float = number(
        default=VOID_FRACTION, minimum=0.2, maximum=0.9, help="share of liquid between the beads"
    )


@settings
class Column(Settings):
    """A column packed with a resin, by what people measure on it.

    Parameters
    ----------
    name : str
        Name, as in ``sepsim list columns``.
    bed_volume_mL : float
        Volume of the packed bed [mL].
    diameter_mm : float
        Inner diameter [mm].
    resin : Resin
        By name, as a table or as a record.
    void_fraction : float
        Share of the bed that is liquid between the beads; the default is a choice for settled beads, 0.40 is
        loosely packed and 0.26 the densest packing of equal spheres.
    underlayer : Underlayer, optional
        A second bed below, such as ``{ bed_volume_mL = 2, resin = ... }``.
    extra_volume_mL : float
        Liquid in which the outflow mixes outside the bed: frit, tubing, drip chamber [mL].
    confidence : str
        How far the numbers can be trusted: "user", or the catalogue's read, transcribed, computed, unverified.

    Examples
    --------
    >>> own = Column(bed_volume_mL=10, diameter_mm=16, resin="Sepharose CL-2B")
    >>> round(own.beds[0].length * 1e3, 1), round(own.void_volume * 1e6, 2)  # mm, mL
    (49.7, 3.5)
    """

    name: str = text(default="column of the user", help="name of the column")
    bed_volume_mL: float = number(above=0, help="volume of the packed bed")
    diameter_mm: float = number(above=0, help="inner diameter")
    resin: Named[Resin] = part(
        accept=RESINS.get, dump=RESINS.describe, allowed="the name of a resin or a table", help="beads of the bed"
    )
    void_fraction: float = number(
        default=VOID_FRACTION, minimum=0.2, maximum=0.9, help="share of liquid between the beads"
    )
    underlayer: Tabled[Underlayer | None] = record(
        Underlayer, default=None, example=_UNDERLAYER, help="a second bed below"
    )
    extra_volume_mL: float = number(default=0.0, minimum=0, help="volume in which the outflow mixes outside the bed")
    confidence: str = text(default="user", help="how far the numbers can be trusted")

    @property
    def cross_section(self) -> float:
        """Area of the empty column [m2]."""
        return 0.25 * math.pi * to_si("diameter_mm", self.diameter_mm) ** 2

    @property
    def extra_volume(self) -> float:
        """Volume in which the outflow mixes outside the bed [m3]."""
        return to_si("extra_volume_mL", self.extra_volume_mL)

    @property
    def beds(self) -> tuple[Bed, ...]:
        """The beds, from top to bottom."""
        layers: list[Column | Underlayer] = [self]
        if self.underlayer is not None:
            layers.append(self.underlayer)
        return tuple(
            Bed(
                resin=layer.resin,
                volume=to_si("bed_volume_mL", layer.bed_volume_mL),
                cross_section=self.cross_section,
                void_fraction=layer.void_fraction,
            )
            for layer in layers
        )

    @property
    def volume(self) -> float:
        """Volume of all beds [m3]."""
        return sum(bed.volume for bed in self.beds)

    @property
    def length(self) -> float:
        """Height of all beds [m]."""
        return sum(bed.length for bed in self.beds)

    @property
    def void_volume(self) -> float:
        """Liquid between the beads of all beds [m3]: the mean volume at which an excluded particle leaves them."""
        return sum(bed.void_volume for bed in self.beds)

    @property
    def pore_volume(self) -> float:
        """Liquid in the pores of all beds [m3]."""
        return sum(bed.pore_volume for bed in self.beds)


def permeability(bed: Bed) -> float:
    """Return the permeability of a bed to liquid by Kozeny and Carman.

    k = eps^3 d^2 / (180 (1 - eps)^2), with the void fraction eps and the diameter d of the beads. Valid for creeping
    flow through rigid spheres of nearly one size, eps from about 0.3 to 0.7; soft beads pack closer under pressure.
    Source: Carman 1937.

    Parameters
    ----------
    bed : Bed

    Returns
    -------
    float [m2]

    Examples
    --------
    >>> round(permeability(column("Sepharose CL-2B, 10 mL").beds[0]) * 1e12, 2)  # um2
    9.53
    """
    void, diameter = bed.void_fraction, 2.0 * bed.resin.bead_radius
    return void**3 * diameter**2 / (180.0 * (1.0 - void) ** 2)


def gravity_flow(column: Column, head: float, density: float, viscosity: float) -> float:
    """Return the flow that a column of liquid drives through the beds, one after the other.

    Darcy: Q = A rho g h / (eta sum_b L_b/k_b) with `permeability` k. The frits and the outlet are taken to resist
    nothing, so it is the most that gravity gives. Source: Carman 1937.

    Parameters
    ----------
    column : Column
    head : float [m]
        Height of the liquid's surface above the outlet.
    density : float [kg/m3]
    viscosity : float [Pa s]

    Returns
    -------
    float [m3/s]

    Examples
    --------
    >>> flow = gravity_flow(column("Sepharose CL-2B, 10 mL"), 0.1, 1000.0, 1e-3)
    >>> round(flow * 60e6, 1)  # mL/min
    2.3
    """
    resistance = sum(bed.length / permeability(bed) for bed in column.beds)
    return column.cross_section * density * STANDARD_GRAVITY_M_PER_S2 * head / (viscosity * resistance)


def _from_row(row: dict[str, str]) -> Column:
    underlayer = None
    if below := numbers(row, "underlayer_volume_mL"):
        underlayer = Underlayer(bed_volume_mL=below["underlayer_volume_mL"], resin=RESINS.get(row["underlayer_resin"]))
    return Column(
        name=row["column"],
        resin=RESINS.get(row["resin"]),
        underlayer=underlayer,
        confidence=row["confidence"],
        **numbers(row, *_COLUMNS),
    )


def _resin_sources(column: Column) -> list[str]:
    return [key for bed in column.beds for key in RESINS.sources(bed.resin)]


COLUMNS = Catalog(kind="column", record=Column, build=_from_row, part_sources=_resin_sources)
column = COLUMNS.get
