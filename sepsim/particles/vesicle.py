"""The core-shell vesicle: density, water and protein that follow from membrane and lumen; and its protein corona.

A vesicle is a membrane shell of thickness t around a lumen. Small vesicles are mostly membrane and therefore denser.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.particles.osmosis import ISO_OSMOLALITY, WATER_DENSITY, hard_sphere_factor
from sepsim.particles.particle_table import ParticleClasses

SOLIDS_DENSITY = 1000.0 / 0.73  # kg/m3; of what is dissolved in the lumen, mostly protein
SALT_WATER_DENSITY = 1009.0  # kg/m3; of the water in the lumen with 9 g/L of salts, which stay when it leaves
LIGHTEST_REST = 900.0  # kg/m3; about that of fat: what is not water is not lighter
DRY_PROTEIN_DENSITY = 1350.0  # kg/m3; of a corona without water
PURE_WATER_DENSITY = 1000.0  # kg/m3; of the water in a corona


class LumenContent(NamedTuple):
    """Lumens in an iso-osmotic medium.

    Attributes
    ----------
    volume, water : ndarray, any one shape [m3]
        Of the lumen, and of all water in it.
    """

    volume: FloatArray
    water: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class CoreShell:
    """Membrane and lumen of a vesicle in an iso-osmotic medium.

    rho(d) = [rho_m (V - V_l) + rho_l V_l] / V,  V = pi d^3/6,  V_l = pi (d - 2t)^3/6

    Parameters
    ----------
    thickness : float [m]
        Membrane with its protein coat.
    membrane_density, lumen_density : float [kg/m3]
        Mean densities of shell and lumen.
    membrane_protein, lumen_protein : float [kg/m3]
        Mass of protein per volume of shell and of lumen.

    Notes
    -----
    The densities are anchored at small vesicles that band at 1.086 to 1.119 g/mL in iodixanol at a mean
    diameter of 108.6 nm (Geeurickx et al. 2019, doi 10.1038/s41467-019-11182-0): the model gives 1.100 g/mL there.
    Membrane and lumen densities as such, and the protein loads, are unverified. Valid for bilayer vesicles of 30 nm
    to 1 um; apoptotic bodies are denser and carry a density of their own.

    Examples
    --------
    >>> bool(abs(CoreShell().density(np.array(108.6e-9)) - 1100) < 0.5)
    True
    """

    thickness: float = 6e-9
    membrane_density: float = 1160.0
    lumen_density: float = 1075.0
    membrane_protein: float = 565.0
    lumen_protein: float = 150.0

    def lumen_share(self, diameter: FloatArray) -> FloatArray:
        """Return the share of the volume that is lumen, shape of `diameter` [-]; 0 for d <= 2t."""
        return np.clip(1.0 - 2.0 * self.thickness / diameter, 0.0, None) ** 3

    def density(self, diameter: FloatArray) -> FloatArray:
        """Return the density [kg/m3] of vesicles of outer diameter [m], same shape."""
        return _blend(self.membrane_density, self.lumen_density, self.lumen_share(diameter))

    def protein_mass(self, diameter: FloatArray) -> FloatArray:
        """Return the mass of protein [kg] in vesicles of outer diameter [m], same shape.

        Examples
        --------
        A 100 nm vesicle carries 148 ag of protein, so that 1 ug is 6.8e9 vesicles:

        >>> round(float(CoreShell().protein_mass(np.array(100e-9))) * 1e21, 1)
        147.8
        """
        loads = _blend(self.membrane_protein, self.lumen_protein, self.lumen_share(diameter))
        return np.pi / 6.0 * diameter**3 * loads

    def lumen_content(self, diameter: FloatArray, density: FloatArray) -> LumenContent:
        """Return the volume of the lumen and of the water in it.

        The membrane takes its share of the mass; the lumen has what is left, and its density tells how much of it is
        solids: rho_l = b/0.73 + (1 - b) 1.009 [g/mL] and V_w = (1 - b) V_l.

        Parameters
        ----------
        diameter : ndarray [m]
            Outer diameter in an iso-osmotic medium.
        density : ndarray, same shape [kg/m3]
            Of the vesicle: that of the model, or a measured one.

        Returns
        -------
        LumenContent
            With water between 0, for a vesicle too dense to hold any water, and the volume of the lumen; for one
            lighter than its lumen, as little as keeps the rest as dense as fat (0.9 g/mL).

        Notes
        -----
        The salts count 9 g/L and no volume; they stay. A spread of densities is thus a spread of solids in the lumen.
        The densities of solids and salt water are textbook values, unverified.

        Examples
        --------
        A lumen of 1.075 g/mL is 18 % solids:

        >>> model, size = CoreShell(), np.array(100e-9)
        >>> lumen, water = model.lumen_content(size, model.density(size))
        >>> bool(abs(water / lumen - 0.817) < 0.001)
        True
        """
        volume = np.pi / 6.0 * diameter**3
        lumen = volume * self.lumen_share(diameter)
        lumen_mass = density * volume - self.membrane_density * (volume - lumen)
        by_solids = (SOLIDS_DENSITY * lumen - lumen_mass) / (SOLIDS_DENSITY - SALT_WATER_DENSITY)
        by_lightness = (density - LIGHTEST_REST) * volume / (SALT_WATER_DENSITY - LIGHTEST_REST)
        return LumenContent(lumen, np.clip(by_solids, 0.0, np.clip(by_lightness, 0.0, lumen)))


def lumen_solution(content: LumenContent, hydration: float, molar_mass: float) -> tuple[FloatArray, FloatArray]:
    """Return the water that is bound in a lumen, and the osmolality of its protein, were it ideal.

    Parameters
    ----------
    content : LumenContent
        Lumen and water, shape (n,) each.
    hydration : float [kg/kg]
        Bound water per mass of solids.
    molar_mass : float [kg/mol]
        Mean, by number, of the solids.

    Returns
    -------
    bound : ndarray, shape (n,) [m3]
        At most the water that there is.
    osmolality : ndarray, shape (n,) [osm/kg]
        Of the solids in the whole lumen. Where hard spheres of that size would press more than 0.29 osm/kg, they are
        taken as larger units that press that much.

    Notes
    -----
    Counts all solids as protein of 0.73 mL/g: 0.25 g per mL of the default lumen. The larger units stand for a lumen
    that is no solution: above 0.46 g/mL of solids at 0.35 g/g and 20 kDa.

    Examples
    --------
    In a lumen of 1 mL with 0.25 g of protein of 44 kDa:

    >>> content = LumenContent(np.array([1e-6]), np.array([0.8175e-6]))
    >>> bound, osmolality = lumen_solution(content, 0.35, 44.0)
    >>> (bound * 1e6).round(4), osmolality.round(5)
    (array([0.0875]), array([0.00568]))
    """
    lumen, water = content
    solids = SOLIDS_DENSITY * (lumen - water)
    bound = np.minimum(hydration * solids / WATER_DENSITY, water)
    per_lumen = np.divide(solids, lumen, out=np.zeros_like(lumen), where=lumen > 0) / molar_mass
    filled = np.divide(lumen - water + bound, lumen, out=np.zeros_like(lumen), where=bound < water)
    return bound, np.minimum(per_lumen / WATER_DENSITY, ISO_OSMOLALITY / hard_sphere_factor(filled))


def with_corona(bare: ParticleClasses, thickness: float, density: float) -> ParticleClasses:
    """Return particles that wear a shell of adsorbed protein.

    m = m0 + rho_c V_c,  V = V0 + V_c,  V_c = pi [(d + 2c)^3 - d^3]/6

    Parameters
    ----------
    bare : ParticleClasses
        Spheres without a corona.
    thickness : float [m]
        Of the shell, c.
    density : float [kg/m3]
        Of the shell, rho_c: 1350 for a shell of protein alone, less for a thicker one that holds water. The rest up to
        1350 is water of 1000 kg/m3, by additive volumes, which gives the mass of protein in it.

    Returns
    -------
    ParticleClasses

    Notes
    -----
    Vesicles in plasma adsorb immunoglobulins and other proteins and band at a higher density; protease takes it back
    (Geeurickx et al. 2019, doi 10.1038/s41467-019-11182-0). No thickness was measured: it is an input.

    Examples
    --------
    5 nm of dry protein shift a small vesicle by 0.06 g/mL:

    >>> from sepsim.particles.catalog import population
    >>> bare = population({"name": "x", "kind": "vesicle", "diameter_nm": 108.6, "particles_per_mL": 1}).classes(1, 1)
    >>> worn = with_corona(bare, 5e-9, 1350.0)
    >>> (worn.mass / worn.volume).round()
    array([1158.])
    """
    diameter = bare.diameter + 2.0 * thickness
    shell = np.pi / 6.0 * (diameter**3 - bare.diameter**3)
    protein_share = (density - PURE_WATER_DENSITY) / (DRY_PROTEIN_DENSITY - PURE_WATER_DENSITY)
    return replace(
        bare,
        diameter=diameter,
        mass=bare.mass + density * shell,
        volume=bare.volume + shell,
        protein_mass=bare.protein_mass + protein_share * DRY_PROTEIN_DENSITY * shell,
        corona=np.full_like(diameter, thickness),
    )


def _blend(shell: float, core: float, core_share: FloatArray) -> FloatArray:
    return shell + (core - shell) * core_share
