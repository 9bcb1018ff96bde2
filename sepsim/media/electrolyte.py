"""What the salt in a medium does: ionic strength, Debye length, electrical conductivity.

Buffers and biofluids are known by their osmolality alone: iso-osmotic ones count as 150 mol/m3 of sodium chloride,
thinner ones in proportion. Salts that are dissolved count by their own ions. The equivalent conductivity of a salt
falls with the ionic strength I by the law of Debye, Hueckel and Onsager, with ions of a size a (Robinson & Stokes 1959,
chapter 7)::

    L = L0 - [B1 L0 + B2] sqrt(I)/(1 + kappa a)
    B1 = 2.801e6 |z1 z2| q/[(eps T)^1.5 (1 + sqrt q)],   B2 = 41.25 (|z1| + |z2|)/[eta (eps T)^0.5]
    q = |z1 z2| (L1 + L2)/[(|z1| + |z2|)(|z1| L2 + |z2| L1)]

(S cm2/mol, mol/L, poise; 25 degC), and with the temperature, or with sugar, as the viscosity to the power of -0.84, a
fractional rule of Walden. The exponent is that of the standard solutions of potassium chloride at 5-50 degC (Wu et al.
1991). Solutions of caesium chloride and ammonium sulfate to 0.3 mol/L are met within 8 %.

Protein stands in the way of ions: spheres that fill a share p of the liquid, with their water of hydration, leave
(1 - p)/(1 + p/2) of its conductivity (Maxwell 1873), 0.91 in plasma, of which dogs have 1.76 S/m at 37 degC ("The
Specific Resistance of Canine Blood at Body Temperature", abstract).

Above 0.5 mol/L it is an estimate. Polymer stands in the way too, which is left out. Milk, whose sugar counts as salt
here, conducts several times less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sepsim.constants import (
    AVOGADRO_PER_MOL,
    BOLTZMANN_J_PER_K,
    ELEMENTARY_CHARGE_C,
    VACUUM_PERMITTIVITY_F_PER_M,
)
from sepsim.data import rows
from sepsim.media import water
from sepsim.media.fluid import ISO_OSMOTIC_MOSM_KG
from sepsim.media.medium import Medium
from sepsim.media.permittivity import mixed_permittivity, permittivity
from sepsim.media.polymer import Polymer
from sepsim.media.precipitant import AMMONIUM_SULFATE, SODIUM_CHLORIDE, Precipitant
from sepsim.media.protein_solution import own_protein
from sepsim.media.salt import Salt
from sepsim.units import to_si

SALINE = 150.0  # mol/m3, the ionic strength of what is iso-osmotic
STANDARD_K = 298.15  # at which conductivities of ions are tabulated
ION_SIZE_M = 0.4e-9  # nearest distance of two ions: Robinson & Stokes 1959, of alkali halides
WALDEN = 0.84  # power of the viscosity
HYDRATED_M3_KG = 1.03e-3  # that protein fills: 0.73 mL/g, and 0.3 g/g of water
PURE_WATER_S_PER_M = 5.5e-6  # by its own ions, at 25 degC
LEAST_STRENGTH = 1e-3  # mol/m3; carbon dioxide of the air makes as much
IONS_OF = {
    "CsCl": ("Cs", "Cl"),
    "KBr": ("K", "Br"),
    "NaBr": ("Na", "Br"),
    SODIUM_CHLORIDE: ("Na", "Cl"),
    AMMONIUM_SULFATE: ("NH4", "SO4"),
}


class Ion(NamedTuple):
    """An ion at infinite dilution in water at 25 degC.

    Attributes
    ----------
    charge : int [-]
        Without its sign.
    conductivity : float [S m2/mol]
        Per mole of charge.
    """

    charge: int
    conductivity: float


def ionic_strength(medium: Medium) -> float:
    """Return the ionic strength of a medium.

    Parameters
    ----------
    medium : Medium

    Returns
    -------
    float [mol/m3]

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> [ionic_strength(Medium.pure(fluid(name), 298.15)) for name in ("PBS", "water")]
    [150.0, 0.0]
    """
    return of_buffers(medium) + sum(strength for _, strength in of_salts(medium))


def of_buffers(medium: Medium) -> float:
    """Return the ionic strength of the fluids of a medium [mol/m3]: of saline if iso-osmotic, less in proportion."""
    solvent = 1.0 - sum(float(solute.volume(c, medium.temperature)) for solute, c in medium.solutes)
    iso_osmotic = to_si("osmolality_mOsm_kg", ISO_OSMOTIC_MOSM_KG)
    return SALINE * solvent * sum(share * min(part.osmolality / iso_osmotic, 1.0) for part, share in medium.components)


def of_salts(medium: Medium) -> Iterator[tuple[str, float]]:
    """Yield the salts dissolved in a medium, each with the ionic strength that it makes [mol/m3]."""
    for solute, c in medium.solutes:
        if isinstance(solute, Salt):
            yield solute.name, c / solute.molar_mass
        elif isinstance(solute, Precipitant) and not solute.crosses_membranes:
            yield solute.name, solute.ionic_strength(c)


def debye_length(medium: Medium) -> float:
    """Return the distance over which charges are screened.

    Parameters
    ----------
    medium : Medium

    Returns
    -------
    float [m]
        Of pure water, that of 1 umol/L.

    Examples
    --------
    0.78 nm in buffered saline:

    >>> from sepsim.media import fluid
    >>> round(1e9 * debye_length(Medium.pure(fluid("PBS"), 298.15)), 2)
    0.78
    """
    return screening_length(ionic_strength(medium), mixed_permittivity(medium), medium.temperature)


def screening_length(strength: float, relative_permittivity: float, temperature: float) -> float:
    """Return the Debye length of a symmetric electrolyte of one charge per ion.

    Parameters
    ----------
    strength : float [mol/m3]
        Ionic strength; no less than 0.001 is taken.
    relative_permittivity : float [-]
    temperature : float [K]

    Returns
    -------
    float [m]

    Examples
    --------
    >>> round(1e9 * screening_length(1.0, 78.4, 298.15), 1)
    9.6
    """
    charges = 2.0 * AVOGADRO_PER_MOL * ELEMENTARY_CHARGE_C**2 * max(strength, LEAST_STRENGTH)
    return math.sqrt(VACUUM_PERMITTIVITY_F_PER_M * relative_permittivity * BOLTZMANN_J_PER_K * temperature / charges)


def conductivity(medium: Medium) -> float:
    """Return the electrical conductivity of a medium.

    Parameters
    ----------
    medium : Medium

    Returns
    -------
    float [S/m]

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> [float(f"{conductivity(Medium.pure(fluid(name), 298.15)):.2g}") for name in ("PBS", "Tris buffer", "water")]
    [1.6, 0.22, 5.5e-06]

    References
    ----------
    Robinson, R. A., Stokes, R. H., Electrolyte Solutions, 2nd ed., Butterworths, London (1959).
    Wu, Y. C. et al., J. Res. Natl. Inst. Stand. Technol. 96, 191 (1991).
    """
    strength = ionic_strength(medium)
    total = PURE_WATER_S_PER_M
    for salt, own in [(SODIUM_CHLORIDE, of_buffers(medium)), *of_salts(medium)]:
        cation, anion = (_ion(name) for name in IONS_OF[salt])
        charges = 2.0 * own / (cation.charge + anion.charge)  # mol of charge per m3
        total += charges * equivalent_conductivity(cation, anion, strength)
    return float(total * _thinness(medium) ** WALDEN * _way_around_protein(medium))


def equivalent_conductivity(cation: Ion, anion: Ion, strength: float) -> float:
    """Return the conductivity of a salt in water at 25 degC, per mole of charge.

    Parameters
    ----------
    cation, anion : Ion
    strength : float [mol/m3]
        Of all ions.

    Returns
    -------
    float [S m2/mol]

    Examples
    --------
    Sodium chloride of 0.1 mol/L has 106.7 S cm2/mol (Robinson & Stokes 1959):

    >>> sodium, chloride = Ion(1, 50.08e-4), Ion(1, 76.31e-4)
    >>> round(1e4 * equivalent_conductivity(sodium, chloride, 100.0), 1)
    106.4
    """
    first, second = cation.charge, anion.charge
    both = cation.conductivity + anion.conductivity
    crossed = first * anion.conductivity + second * cation.conductivity
    q = first * second * both / ((first + second) * crossed)
    relative = permittivity("water", STANDARD_K)
    warmth = relative * STANDARD_K
    relaxation = 2.801e6 * first * second * q * both / (warmth**1.5 * (1.0 + math.sqrt(q)))
    drag = 1e-4 * 41.25 * (first + second) / (10.0 * water.kestin_1978(STANDARD_K) * math.sqrt(warmth))
    near = 1.0 + ION_SIZE_M / screening_length(strength, relative, STANDARD_K)
    return float(max(both - (relaxation + drag) * math.sqrt(1e-3 * strength) / near, 0.0))


def _way_around_protein(medium: Medium) -> float:
    """Return what protein leaves of the conductivity."""
    filled = HYDRATED_M3_KG * max(sum(share * own_protein(part) for part, share in medium.components), 0.0)
    return (1.0 - filled) / (1.0 + 0.5 * filled)


def _thinness(medium: Medium) -> float:
    """Return the viscosity of water at 25 degC over that which ions feel in a medium."""
    viscosity = water.kestin_1978(medium.temperature)
    for solute, c in medium.solutes:
        if not isinstance(solute, Polymer):
            viscosity *= float(solute.relative_viscosity(c, medium.temperature))
    return float(water.kestin_1978(STANDARD_K) / viscosity)


@cache
def _ion(name: str) -> Ion:
    row = next(row for row in rows("ions") if row["ion"] == name)
    key = "equivalent_conductivity_S_cm2_mol"
    return Ion(abs(int(row["charge"])), to_si(key, float(row[key])))
