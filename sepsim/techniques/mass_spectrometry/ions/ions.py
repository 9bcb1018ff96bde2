"""Ions: their masses, charges and numbers, and how a voltage moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.constants import DALTON_KG, ELEMENTARY_CHARGE_C
from sepsim.errors import InputError


class Origin(NamedTuple):
    """Where ions come from.

    Attributes
    ----------
    population : str
        Of the particles; empty if it does not matter.
    protein, peptide : str
        Empty for whole particles; the peptide by its sequence.
    role : str
        "vesicle", "negative" or "contaminant" for a marker protein, else empty.
    """

    population: str = ""
    protein: str = ""
    peptide: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ions:
    """Species of ions, as a structure of arrays; immutable.

    Parameters
    ----------
    mass : ndarray, shape (n,) [kg]
        Of the ion, electrons and protons counted.
    charge : ndarray, shape (n,) [-]
        Elementary charges.
    number : ndarray, shape (n,) [-]
        How many ions of each species.
    origins : sequence of Origin, length n

    Raises
    ------
    InputError
        If lengths differ, a mass or a charge is not positive, or a number is negative.

    Examples
    --------
    >>> ions = Ions(np.array([1401.677 * DALTON_KG]), np.array([2.0]), np.array([1e6]), [Origin("hdl", "apoA-I")])
    >>> round(float(ions.mz[0]), 4), ions.total("protein")
    (700.8385, {'apoA-I': 1000000.0})
    """

    mass: FloatArray
    charge: FloatArray
    number: FloatArray
    origins: Sequence[Origin]

    def __post_init__(self) -> None:
        """Check and freeze."""
        for name in ("mass", "charge", "number"):
            column = np.array(getattr(self, name), dtype=np.float64)
            column.setflags(write=False)
            object.__setattr__(self, name, column)
        object.__setattr__(self, "origins", tuple(self.origins))
        if not self.mass.shape == self.charge.shape == self.number.shape == (len(self.origins),):
            raise InputError("ions: give one mass, charge, number and origin for each species")
        _checked_ions(self.mass, self.charge, 1.0)
        if not np.all(self.number >= 0):
            raise InputError("ions: numbers must be at least 0")

    def __len__(self) -> int:
        return len(self.origins)

    def __repr__(self) -> str:
        return f"Ions({len(self)} species, {self.number.sum():.3g} ions)"

    @property
    def coulombs(self) -> FloatArray:
        """Charge of each ion [C]."""
        return self.charge * ELEMENTARY_CHARGE_C

    @property
    def mz(self) -> FloatArray:
        """Mass over charge as spectra show it: in Da per elementary charge [Da]."""
        return self.mass / DALTON_KG / self.charge

    def total(self, by: str) -> dict[str, float]:
        """Return the numbers of ions by "population", "protein", "peptide" or "role"."""
        if by not in Origin._fields:
            raise InputError(f"by = {by!r}: must be one of {', '.join(Origin._fields)}")
        sums: dict[str, float] = {}
        for origin, count in zip(self.origins, self.number.tolist(), strict=True):
            key = getattr(origin, by)
            sums[key] = sums.get(key, 0.0) + count
        return sums


def ion_speed(mass: FloatArray | float, charge: npt.ArrayLike, voltage: float) -> FloatArray:
    """Return the speed of ions that start at rest and fall through a voltage: v = sqrt(2 z e V / m).

    Parameters
    ----------
    mass : array_like [kg]
    charge : array_like [-]
        Elementary charges.
    voltage : float [V]

    Returns
    -------
    ndarray [m/s]
        Not relativistic: right to 1e-5 at 8 kV and any m/z.

    Raises
    ------
    InputError
        If a mass, a charge or the voltage is not positive.

    Examples
    --------
    >>> round(float(ion_speed(66.5e3 * 1.66054e-27, 17.5, 8e3)), -2)  # albumin
    20200.0
    """
    masses, charges = _checked_ions(mass, charge, voltage)
    return np.sqrt(2.0 * charges * voltage / masses)


def magnetic_rigidity(mass: FloatArray | float, charge: npt.ArrayLike, voltage: float) -> FloatArray:
    """Return field times radius that bends ions after a voltage: B r = sqrt(2 m V / (z e)).

    Parameters
    ----------
    mass : array_like [kg]
    charge : array_like [-]
        Elementary charges.
    voltage : float [V]

    Returns
    -------
    ndarray [T m]
        A sector of 0.3 m in a field of 1 T gives 0.3; whole vesicles need some 6.

    Raises
    ------
    InputError
        If a mass, a charge or the voltage is not positive.

    Examples
    --------
    >>> round(float(magnetic_rigidity(347e6 * 1.66054e-27, 1400, 8e3)), 2)  # a 100 nm vesicle
    6.41
    """
    masses, charges = _checked_ions(mass, charge, voltage)
    return np.sqrt(2.0 * masses * voltage / charges)


def _checked_ions(mass: FloatArray | float, charge: npt.ArrayLike, voltage: float) -> tuple[FloatArray, FloatArray]:
    """Return masses [kg] and charges [C]."""
    masses, charges = np.asarray(mass, dtype=np.float64), np.asarray(charge, dtype=np.float64)
    if not (np.all(masses > 0) and np.all(charges > 0) and voltage > 0):
        raise InputError("mass, charge and voltage: must be above 0")
    return masses, charges * ELEMENTARY_CHARGE_C
