"""Isoelectric points and surface potentials of populations, from a table of names and of kinds."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.data import rows
from sepsim.particles.particle_table import ParticleTable
from sepsim.units import to_si

NEUTRAL_PH = 7.4  # at which surface potentials are tabulated
MOST_CHARGED = 3.0  # times the tabulated potential, however far the pH is away


class SurfaceCharge(NamedTuple):
    """Charge of each class, shape (n_classes,).

    Attributes
    ----------
    isoelectric : ndarray [-]
        pH at which it has none.
    potential : ndarray [V]
        Of the surface.
    """

    isoelectric: FloatArray
    potential: FloatArray


def surface_charge(particles: ParticleTable, pH: float) -> SurfaceCharge:
    """Return the charge of each class; its potential is linear in the pH, and none at the isoelectric point.

    Parameters
    ----------
    particles : ParticleTable
    pH : float [-]

    Returns
    -------
    SurfaceCharge

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=1).prepare().particles
    >>> albumin = urine.population == urine.names.index("albumin")
    >>> abs(float(surface_charge(urine, 4.6).potential[albumin][0]))
    0.0
    """
    points, potentials = zip(*map(_of, particles.names, particles.kinds), strict=True)
    point, usual = np.array(points)[particles.population], np.array(potentials)[particles.population]
    strength = np.clip((pH - point) / (NEUTRAL_PH - point), -MOST_CHARGED, MOST_CHARGED)
    return SurfaceCharge(point, strength * usual)


@cache
def _of(name: str, kind: str) -> tuple[float, float]:
    """Return the isoelectric point and the surface potential [V] of a population, else those of its kind."""
    table = rows("surface_charges")
    row = next((row for row in table if row["population"] == name), None)
    row = row or next(row for row in table if not row["population"] and row["kind"] == kind)
    return float(row["isoelectric_pH"]), to_si("surface_potential_mV", float(row["surface_potential_mV"]))
