"""How vesicles answer to the osmolality of their medium: water leaves, and they become smaller and denser.

An ideal osmometer (the law of Boyle and van 't Hoff): the water in the lumen is inversely proportional to the
osmolality outside, while membrane, solids and salts stay. A vesicle therefore bands at a higher density in sucrose
than in an iso-osmotic medium of the same density, such as iodixanol in buffer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Medium
from sepsim.particles.particle_table import ParticleTable

ISO_OSMOLALITY = 0.29  # osm/kg; of blood plasma, in which sizes and densities of vesicles are stated
LEAST_OSMOLALITY = 0.2  # osm/kg; vesicles may burst below
WATER_DENSITY = 1000.0  # kg/m3; of the water that leaves, at every temperature


class State(NamedTuple):
    """Particles as they are in a medium.

    Attributes
    ----------
    mass : ndarray, shape (..., n_classes) [kg]
        Mass without the water of hydration.
    volume : ndarray, shape (..., n_classes) [m3]
        Volume of medium that this mass displaces.
    diameter : ndarray, shape (..., n_classes) [m]
        Hydrodynamic diameter, a corona included.
    """

    mass: FloatArray
    volume: FloatArray
    diameter: FloatArray

    @property
    def density(self) -> FloatArray:
        """Density at which a particle neither sinks nor floats [kg/m3]."""
        return self.mass / self.volume


class Bands(NamedTuple):
    """Where particles band in a gradient, and as what, each of shape (n_classes,); nan for those that do not.

    Attributes
    ----------
    density : ndarray [kg/m3]
        Of the particle and of the medium around it.
    osmolality : ndarray [osm/kg]
        Of that medium.
    diameter : ndarray [m]
        Hydrodynamic diameter there.
    """

    density: FloatArray
    osmolality: FloatArray
    diameter: FloatArray


def water_share(osmolality: npt.ArrayLike) -> FloatArray:
    """Return the share of the osmotically active water that a vesicle keeps: x = min(1, 0.29/osmolality).

    Parameters
    ----------
    osmolality : array_like of any shape [osm/kg]
        Of the medium, at least 0.

    Returns
    -------
    ndarray, same shape [-]

    Notes
    -----
    Ideal and at equilibrium: water crosses a membrane of this size within milliseconds, the solutes outside do not
    cross. In a medium below 0.29 osm/kg vesicles would swell or burst; this is not modelled, they keep their size.

    Examples
    --------
    >>> water_share([0.0, 0.29, 0.58])
    array([1. , 1. , 0.5])
    """
    share: FloatArray = ISO_OSMOLALITY / np.maximum(np.asarray(osmolality, dtype=np.float64), ISO_OSMOLALITY)
    return share


def state_at(particles: ParticleTable, osmolality: npt.ArrayLike) -> State:
    """Return mass, displaced volume and hydrodynamic diameter of each class in media of some osmolality.

    With W the water that can leave, x the share of it that stays and c the thickness of the corona:

    m = m0 - 1000 W (1 - x),  V = V0 - W (1 - x),  d = [(d0 - 2c)^3 - (6/pi) W (1 - x)]^(1/3) + 2c

    Parameters
    ----------
    particles : ParticleTable
        The classes, as they are in an iso-osmotic medium.
    osmolality : array_like of any shape [osm/kg]
        Of one medium, or along a gradient.

    Returns
    -------
    State
        Arrays with the shape of `osmolality`, and the classes last.

    Notes
    -----
    The vesicle stays a sphere, and its corona keeps its volume and its thickness. Valid from 0.29 osm/kg upwards.

    Examples
    --------
    A 100 nm vesicle in twice the osmolality of plasma:

    >>> from sepsim.particles.catalog import population
    >>> from sepsim.particles.particle_table import particle_table
    >>> small = population({"name": "small", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9})
    >>> table = particle_table([("small", "vesicle", small.classes(1, 1))])
    >>> state = state_at(table, [0.29, 0.58])
    >>> (state.diameter * 1e9).round(1).ravel(), state.density.round().ravel()
    (array([100. ,  89.7]), array([1102., 1141.]))
    """
    return _with_share(particles, water_share(osmolality)[..., None])


def _with_share(particles: ParticleTable, share: FloatArray) -> State:
    """Return the particles with a share of their osmotically active water, which broadcasts with the classes [-]."""
    lost = particles.osmotic_water * (1.0 - share)
    shell = 2.0 * particles.corona
    core = particles.diameter - shell
    return State(
        mass=particles.mass - WATER_DENSITY * lost,
        volume=particles.volume - lost,
        diameter=core * np.cbrt(1.0 - 6.0 / np.pi * lost / core**3) + shell,
    )


def isopycnic_bands(particles: ParticleTable, media: Sequence[Medium]) -> Bands:
    """Return where each class bands in a gradient, and how large it is there.

    Parameters
    ----------
    particles : ParticleTable
        The classes, such as ``sample.particles``.
    media : sequence of Medium
        The gradient from its top to its bottom: rising density, at one temperature.

    Returns
    -------
    Bands

    Raises
    ------
    InputError
        If the density does not rise.

    Notes
    -----
    As `isopycnic_density`, which see for the error.

    Examples
    --------
    A vesicle of 100 nm in 0 to 60 % sucrose at 4 degC, which draws water out of it:

    >>> import sepsim
    >>> vesicle = {"name": "vesicle", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9}
    >>> recipe = sepsim.SampleRecipe(volume_mL=1, medium="PBS", population=[vesicle], density_quantiles=1)
    >>> sucrose = [sepsim.fluid({"sucrose_percent_w_w": percent}) for percent in range(1, 61)]
    >>> bands = isopycnic_bands(recipe.prepare().particles, [sepsim.Medium.pure(each, 277.15) for each in sucrose])
    >>> bands.density.round(), (1e9 * bands.diameter).round()
    (array([1204.]), array([79.]))
    """
    density, osmolality = (np.array([getattr(medium, name) for medium in media]) for name in ("density", "osmolality"))
    bands = isopycnic_density(particles, density, osmolality)
    there = np.interp(bands, density, osmolality)
    return Bands(bands, there, _with_share(particles, water_share(there)).diameter)


def isopycnic_density(particles: ParticleTable, density: npt.ArrayLike, osmolality: npt.ArrayLike) -> FloatArray:
    """Return the density at which each class bands in a gradient of a solute.

    Solves rho_particle(osmolality(c)) = rho_medium(c) on a grid of concentrations c, by linear interpolation. A band
    is stable: the particle sinks above it and floats below. Where there are several, it is the lightest.

    Parameters
    ----------
    particles : ParticleTable
        The classes.
    density : array_like, shape (n,) [kg/m3]
        Of the medium at rising concentrations; it must rise.
    osmolality : array_like, shape (n,) [osm/kg]
        Of the medium at the same concentrations.

    Returns
    -------
    ndarray, shape (n_classes,) [kg/m3]
        nan for a class that does not band within the grid.

    Raises
    ------
    InputError
        If the density does not rise, or the two arrays differ in shape.

    Notes
    -----
    Exact for rigid particles; for vesicles the error falls with the square of the grid's spacing and is below
    0.1 kg/m3 for steps of 1 % sucrose.

    Examples
    --------
    Where a 100 nm vesicle bands in sucrose at 4 degC, and in an iso-osmotic medium:

    >>> from sepsim.media import sucrose
    >>> from sepsim.particles.catalog import population
    >>> from sepsim.particles.particle_table import particle_table
    >>> small = population({"name": "small", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9})
    >>> table = particle_table([("small", "vesicle", small.classes(1, 1))])
    >>> percent = np.linspace(0.0, 0.6, 61)
    >>> isopycnic_density(table, sucrose.density(percent, 277.15), sucrose.osmolality(percent)).round()
    array([1204.])
    >>> isopycnic_density(table, [1000.0, 1200.0], [0.29, 0.29]).round()
    array([1102.])
    """
    medium, outside = np.asarray(density, dtype=np.float64), np.asarray(osmolality, dtype=np.float64)
    if medium.ndim != 1 or medium.shape != outside.shape or not np.all(np.diff(medium) > 0):
        raise InputError("isopycnic density: density and osmolality must be lists of one length, with rising densities")
    excess = state_at(particles, outside).density - medium[:, None]
    before, after = excess[:-1], excess[1:]
    crosses = (before >= 0) & (after <= 0) & (before > after)
    if not crosses.size:
        return np.full(len(particles), np.nan)
    first, classes = crosses.argmax(axis=0), np.arange(len(particles))
    above, below = before[first, classes], after[first, classes]
    along = np.divide(above, above - below, out=np.full(len(particles), np.nan), where=crosses[first, classes])
    bands_at: FloatArray = medium[first] + along * np.diff(medium)[first]
    return bands_at
