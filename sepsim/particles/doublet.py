"""Doublets: two vesicles in contact, which sediment and diffuse as one particle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.particles.osmotic_water import OsmoticWater
from sepsim.particles.particle_table import ParticleClasses

DOUBLET_DRAG = 1.39  # over that of one sphere, in the mean over all orientations


def with_doublets(singles: ParticleClasses, share: float) -> ParticleClasses:
    """Return particles of which a share are two equal ones in contact.

    A doublet has twice the mass, volume, protein, RNA and water of one, and the drag of a sphere of 1.39 times its
    diameter: 6 pi eta a times 1.290 along its axis and 1.450 across, in the mean 3/(1/1.290 + 2/1.450) = 1.392. It
    sediments 2/1.39 = 1.44 times as fast as one, and bands where one bands.

    Parameters
    ----------
    singles : ParticleClasses
    share : float [-]
        Of the particles, by number.

    Returns
    -------
    ParticleClasses
        The same for a share of 0; else the singles and then as many classes of doublets.

    Notes
    -----
    Drag of touching spheres along their axis: Stimson & Jeffery 1926, doi 10.1098/rspa.1926.0053; across: Goldman, Cox
    & Brenner 1966 (both recalled). A deflated doublet shrinks by up to 6 % less than its vesicles do.

    Examples
    --------
    >>> from sepsim.particles.catalog import population
    >>> one = population({"name": "x", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1})
    >>> both = with_doublets(one.classes(1, 1), 0.2)
    >>> both.weight, (both.diameter * 1e9).round(), (both.mass / both.volume).round()
    (array([0.8, 0.2]), array([100., 139.]), array([1102., 1102.]))
    """
    if share == 0.0:
        return singles

    def both(column: FloatArray, factor: float) -> FloatArray:
        return np.concatenate([column, factor * column])

    ((series, sizes, densities),) = singles.grids
    return replace(
        singles,
        weight=np.concatenate([(1.0 - share) * singles.weight, share * singles.weight]),
        diameter=both(singles.diameter, DOUBLET_DRAG),
        mass=both(singles.mass, 2.0),
        volume=both(singles.volume, 2.0),
        protein_mass=both(singles.protein_mass, 2.0),
        rna_mass=both(singles.rna_mass, 2.0),
        osmotic_water=OsmoticWater.stacked([singles.osmotic_water, singles.osmotic_water.times(2.0)]),
        corona=both(singles.corona, 1.0),
        intrinsic_viscosity=both(singles.intrinsic_viscosity, 1.0),
        grids=((2 * series, sizes, densities),),
    )
