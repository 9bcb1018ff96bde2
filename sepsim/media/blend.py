"""Solutions of several solutes in several solvents, for arrays of places at one temperature.

Modelling choices, all ideal: the density of the solvent is linear in the volume shares of its diluents; each solute
takes up its apparent volume in water; the logarithm of the viscosity of the solvent is linear in the shares (the law
of Arrhenius, in the form of Grunberg and Nissan without interaction), and each solute multiplies it by its relative
viscosity in water; osmolalities add, each solute by its mass per mass of solvent; refractive increments add. No
measurement of a plasma or serum dilution stands behind the viscosity rule, and none of mixed solutes.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import ZERO_CELSIUS_K
from sepsim.errors import InputError, ModelRangeWarning
from sepsim.media.fluid import Fluid
from sepsim.media.solute import Solute

LEAST_SOLVENT = 1e-3  # by volume; solutes alone would have no mass of solvent
ROUND_OFF_KG_PER_M3 = 1e-6  # negative concentrations down to here are taken as zero


@dataclass(frozen=True)
class Blend:
    """Solutes in a mixture of diluents at a temperature.

    In all methods `shares` has the shape (n_diluents, ...) and sums to 1 over the first axis: shares of the volume of
    the solvent. `concentrations` has the shape (n_solutes, ...): mass per volume of solution [kg/m3]. Results have the
    shape of one diluent.

    Parameters
    ----------
    diluents : tuple of Fluid
        At least one.
    solutes : tuple of Solute
    temperature : float [K]

    Examples
    --------
    >>> import numpy as np
    >>> from sepsim.media import Iodixanol, Water
    >>> blend = Blend((Water(),), (Iodixanol(),), 293.15)
    >>> blend.density(np.ones((1, 3)), np.array([[0.0, 200.0, 400.0]])).round(1).tolist()
    [998.2, 1105.5, 1212.7]

    References
    ----------
    Grunberg, L., Nissan, A. H., Nature 164, 799 (1949).
    """

    diluents: tuple[Fluid, ...]
    solutes: tuple[Solute, ...]
    temperature: float

    def density(self, shares: FloatArray, concentrations: FloatArray) -> FloatArray:
        """Return the density [kg/m3].

        Raises
        ------
        InputError
            If a concentration is not a number or below -1e-6 kg/m3 (this and all other methods).
        """
        c = self._checked(concentrations)
        density: FloatArray = self._solvent_density(shares) * self._solvent_volume(c) + c.sum(axis=0)
        return density

    def viscosity(self, shares: FloatArray, concentrations: FloatArray) -> FloatArray:
        """Return the dynamic viscosity [Pa s]."""
        viscosity = self._solvent_viscosity(shares)
        for solute, c in zip(self.solutes, self._checked(concentrations), strict=True):
            viscosity = viscosity * solute.relative_viscosity(c, self.temperature)
        return viscosity

    def osmolality(self, shares: FloatArray, concentrations: FloatArray) -> FloatArray:
        """Return the osmolality [osm/kg]."""
        osmolality = np.tensordot(self._of_each("osmolality"), np.asarray(shares), axes=1)
        for solute, ratio in zip(self.solutes, self.mass_ratios(shares, concentrations), strict=True):
            osmolality = osmolality + solute.osmolality(ratio)
        return np.asarray(osmolality)

    def refractive_index(self, shares: FloatArray, concentrations: FloatArray) -> FloatArray:
        """Return the refractive index at 20 degC, sodium D line [-]; nan if that of a part is unknown."""
        index = np.tensordot(self._of_each("refractive_index"), np.asarray(shares), axes=1)
        for solute, c in zip(self.solutes, self._checked(concentrations), strict=True):
            index = index + solute.refractive_increment(c, self.temperature)
        return np.asarray(index)

    def solvent_volume(self, concentrations: FloatArray) -> FloatArray:
        """Return the volume of solvent per volume of solution [-]."""
        return self._solvent_volume(self._checked(concentrations))

    def mass_ratios(self, shares: FloatArray, concentrations: FloatArray) -> FloatArray:
        """Return the mass of each solute per mass of solvent [kg/kg], shape (n_solutes, ...)."""
        c = self._checked(concentrations)
        ratios: FloatArray = c / (self._solvent_density(shares) * np.maximum(self._solvent_volume(c), LEAST_SOLVENT))
        return ratios

    def concentrations(self, shares: FloatArray, mass_ratios: FloatArray) -> FloatArray:
        """Return the concentrations [kg/m3] that have these masses of solute per mass of solvent [kg/kg]."""
        solvent, ratios = self._solvent_density(shares), np.asarray(mass_ratios, dtype=np.float64)
        c = ratios * solvent
        for _ in range(40):  # the apparent volumes hardly change with concentration: each pass gains a digit or more
            taken: FloatArray = np.zeros(np.shape(solvent))
            for solute, found, ratio in zip(self.solutes, c, ratios, strict=True):
                taken = taken + ratio * solute.specific_volume(found, self.temperature)
            c = ratios * solvent / (1.0 + solvent * taken)
        return c

    def _checked(self, concentrations: FloatArray) -> FloatArray:
        c = np.asarray(concentrations, dtype=np.float64)
        if c.shape[:1] != (len(self.solutes),):
            raise InputError(f"concentrations: shape {c.shape} for {len(self.solutes)} solutes")
        if c.size == 0:
            return c
        if not c.min() >= -ROUND_OFF_KG_PER_M3:
            raise InputError(f"concentration = {c.min():g} kg/m3: must be a number, at least 0")
        for solute, found, highest in zip(self.solutes, c, self._highest, strict=True):
            if found.max() > highest * (1.0 + 1e-6):
                message = (
                    f"{solute.name}: {found.max():.4g} kg/m3 at {self.temperature - ZERO_CELSIUS_K:.4g} degC, above "
                    f"the {highest:.4g} kg/m3 where its solubility or the data on it end"
                )
                warnings.warn(message, ModelRangeWarning, stacklevel=3)
        return np.maximum(c, 0.0)

    def _solvent_volume(self, c: FloatArray) -> FloatArray:
        volume: FloatArray = np.ones(c.shape[1:])
        for solute, found in zip(self.solutes, c, strict=True):
            volume = volume - solute.volume(found, self.temperature)
        return volume

    def _solvent_density(self, shares: FloatArray) -> FloatArray:
        return np.asarray(np.tensordot(self._densities, np.asarray(shares), axes=1))

    def _solvent_viscosity(self, shares: FloatArray) -> FloatArray:
        if len(self.diluents) == 1:
            return np.full(np.shape(shares)[1:], self._viscosities[0])
        logarithm: FloatArray = np.tensordot(np.log(self._viscosities), np.asarray(shares), axes=1)
        return np.asarray(np.exp(logarithm))

    def _of_each(self, quantity: str) -> FloatArray:
        return np.array([getattr(fluid, quantity) for fluid in self.diluents])

    @cached_property
    def _densities(self) -> FloatArray:
        return np.array([fluid.density(self.temperature) for fluid in self.diluents])

    @cached_property
    def _viscosities(self) -> FloatArray:
        return np.array([fluid.viscosity(self.temperature) for fluid in self.diluents])

    @cached_property
    def _highest(self) -> tuple[float, ...]:
        return tuple(solute.highest_concentration(self.temperature) for solute in self.solutes)
