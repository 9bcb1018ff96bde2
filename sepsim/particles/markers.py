"""Marker proteins: which population carries how many of them.

Proteins of the surface grow with the area of a particle, those of the lumen with its volume. Proteins of a serum are
human or bovine: conditioned medium carries those of the calf whose serum was added.
"""

from __future__ import annotations

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.data import rows
from sepsim.errors import InputError
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.vesicle import CoreShell
from sepsim.settings import Settings, number, settings, text

SERA = ("human", "bovine")
PLACES = ("surface", "lumen", "each")
ROLES = ("vesicle", "negative", "contaminant")


@settings
class Marker(Settings):
    """A protein on or in the particles of one population.

    n(d) = n0 (d/d0)^2 on the surface, n0 [(d - 2t)/(d0 - 2t)]^3 in the lumen, n0 on each; t the membrane's thickness.

    Parameters
    ----------
    protein : str
        Name.
    population : str
        That carries it.
    copies : float
        n0, on a particle of the reference diameter; 0: absent.
    place : str
        "surface", "lumen" or "each".
    reference_diameter_nm : float [nm]
        d0, without corona; for surface and lumen.
    role : str
        "vesicle" (a marker of vesicles), "negative" (of cells and their debris) or "contaminant".

    Raises
    ------
    InputError
        If the place and the reference diameter do not fit together.

    Notes
    -----
    No copy number of the catalogue is measured: all are choices, named unverified in the table ``marker_copies``.

    Examples
    --------
    >>> cd9 = Marker(protein="CD9", population="exosome", copies=10, place="surface", reference_diameter_nm=100)
    >>> cd9.copies_on(np.array([50e-9, 100e-9]))
    array([ 2.5, 10. ])
    """

    protein: str = text(help="name of the protein")
    population: str = text(help="population that carries it")
    copies: float = number(minimum=0, maximum=1e12, help="copies on a particle of the reference diameter")
    place: str = text(default="each", choices=PLACES, help="what the copies grow with")
    reference_diameter_nm: float | None = number(
        default=None, above=0, maximum=1e6, help="diameter that has these copies"
    )
    role: str = text(default="contaminant", choices=ROLES, help="what it stands for")

    def conflicts(self) -> list[str]:
        """Give a diameter where copies grow with it, larger than a bare membrane for the lumen."""
        diameter, thinnest = self.reference_diameter_nm, 2e9 * CoreShell().thickness
        if self.place == "each" and diameter is not None:
            return ["reference_diameter_nm: has no meaning where each particle has the same copies; leave it out"]
        if self.place != "each" and diameter is None:
            return [f"reference_diameter_nm: missing; copies in place {self.place!r} belong to a diameter"]
        if self.place == "lumen" and diameter is not None and diameter <= thinnest:
            return [f"reference_diameter_nm = {diameter:g}: has no lumen; must be above {thinnest:g}"]
        return []

    def copies_on(self, diameter: FloatArray) -> FloatArray:
        """Return the copies on particles of diameters [m] without corona, same shape [-]."""
        if self.reference_diameter_nm is None:
            return np.full_like(diameter, self.copies)
        reference, shell = self.reference_diameter_nm * 1e-9, 2.0 * CoreShell().thickness
        if self.place == "surface":
            return self.copies * (diameter / reference) ** 2
        return self.copies * (np.maximum(diameter - shell, 0.0) / (reference - shell)) ** 3


def copies_in(table: ParticleTable, marker: Marker) -> FloatArray:
    """Return the copies of a marker on a primary particle of each class.

    Parameters
    ----------
    table : ParticleTable
        Of which strata are told apart, if it knows of the marker as an antigen.
    marker : Marker

    Returns
    -------
    ndarray, shape (n_classes,) [-]
        0 outside the population that carries it.

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> table = sample_from_catalog("urine", volume_mL=1).prepare().particles
    >>> cd9 = Marker(protein="CD9", population="exosome", copies=10, place="surface", reference_diameter_nm=100)
    >>> bool(np.all((copies_in(table, cd9) > 0) == (table.population == table.names.index("exosome"))))
    True
    """
    mine = np.array([name == marker.population for name in table.names])[table.population]
    if marker.place == "surface" and table.variants is not None:
        if marker.protein in table.variants.antigens:
            return np.where(mine, table.variants.copies_of(marker.protein), 0.0)
        mine &= ~table.variants.bare
    return np.where(mine, marker.copies_on(table.bare_diameter), 0.0)


def markers(serum: str = "human") -> tuple[Marker, ...]:
    """Return the markers of the catalogue.

    Parameters
    ----------
    serum : str
        "human" or "bovine": whose albumin, lipoproteins and immunoglobulins float in the sample. Cells and vesicles
        are human. Of bovine serum the table holds albumin and apolipoprotein A-I alone.

    Returns
    -------
    tuple of Marker

    Raises
    ------
    InputError
        If the serum is neither.

    Examples
    --------
    >>> [marker.protein for marker in markers("bovine") if marker.population == "albumin"]
    ['bovine_albumin']
    """
    if serum not in SERA:
        raise InputError(f"serum = {serum!r}: must be one of {', '.join(SERA)}")
    proteins = {row["protein"]: row for row in rows("marker_proteins")}
    return tuple(
        _marker(row, proteins[row["protein"]])
        for row in rows("marker_copies")
        if proteins[row["protein"]]["origin"] in ("cell", f"{serum} serum")
    )


def marker_sources() -> tuple[str, ...]:
    """Return the bibliography keys of the tables of markers.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> "uniprot" in marker_sources()
    True
    """
    tables = ("marker_proteins", "marker_copies")
    return tuple(dict.fromkeys(key for table in tables for row in rows(table) for key in row["source"].split()))


def _marker(row: dict[str, str], protein: dict[str, str]) -> Marker:
    diameter = row["reference_diameter_nm"]
    return Marker(
        protein=row["protein"],
        population=row["population"],
        copies=float(row["copies"]),
        place=row["place"],
        reference_diameter_nm=float(diameter) if diameter else None,
        role=protein["role"],
    )
