"""Permittivities of water and of organic solvents, by which charges hold on to water."""

from __future__ import annotations

from functools import cache

from sepsim.data import rows
from sepsim.media.medium import Medium
from sepsim.media.precipitant import Precipitant


def permittivity(liquid: str, temperature: float) -> float:
    """Return the permittivity of a pure liquid over that of vacuum.

    Parameters
    ----------
    liquid : "water" | "methanol" | "ethanol" | "acetone"
    temperature : float [K]
        273-293 for methanol, to 323 for the others.

    Returns
    -------
    float [-]

    Examples
    --------
    >>> [round(permittivity(liquid, 298.15), 1) for liquid in ("water", "methanol", "ethanol", "acetone")]
    [78.4, 32.6, 24.9, 20.5]

    References
    ----------
    CRC Handbook of Chemistry and Physics, permittivity (dielectric constant) of liquids.
    """
    return sum(value * temperature**power for power, value in enumerate(_coefficients(liquid)))


def mixed_permittivity(medium: Medium) -> float:
    """Return the permittivity of a medium: linear in the volumes of water and of organic solvents.

    Parameters
    ----------
    medium : Medium

    Returns
    -------
    float [-]

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> round(mixed_permittivity(Medium.pure(fluid("PBS"), 298.15)), 1)
    78.4
    """
    total = permittivity("water", medium.temperature)
    return total + sum(
        share * (permittivity(name, medium.temperature) - permittivity("water", medium.temperature))
        for name, share in solvent_shares(medium).items()
    )


def solvent_shares(medium: Medium) -> dict[str, float]:
    """Return what organic solvents take up of the volume of a medium [-], by name."""
    return {
        solute.name: float(solute.volume(c, medium.temperature))
        for solute, c in medium.solutes
        if isinstance(solute, Precipitant) and solute.crosses_membranes
    }


@cache
def _coefficients(liquid: str) -> tuple[float, ...]:
    return tuple(float(row["value"]) for row in rows("permittivity") if row["liquid"] == liquid)
