"""Elution where binding saturates, or is ended by a stronger eluent: stepped through time.

Rates of binding follow from the retention factor k' and the rate of desorption k_d: at equilibrium k_d q = k_a c_p, so
that k_a = k_d k'/F. A capture with a capacity has no desorption. Binding happens in the pores; what enters none binds
from a layer at the surface of the beads, thick enough that a step can fill it, which delays it by some 0.1 void volumes
where nothing binds it.

With 400 cells a fraction is within 1e-3 of the load of the exact one where both can be had, within 4e-3 for the
equilibrium dispersive model; many species, or a long elution, are stepped in fewer.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sepsim.column_run import Chosen, Coefficients, Load, Passage, needs_steps
from sepsim.equipment.columns import Bed
from sepsim.errors import InputError, ProtocolError
from sepsim.particles.size_distribution import FloatArray

CELLS = (100, 400)  # least and most, about
SHELLS = 5  # of a bead
WORK = 1e7  # species and overhead, times void volumes, times the square of the cells: a few seconds
OVERHEAD = 10  # of a cell, in species
SURFACE_LAYER = 0.05  # of a bead's volume
LARGEST_UPTAKE = 0.99  # of what the layer would store


def march(load: Load, chosen: Chosen, marks: FloatArray, grid: FloatArray) -> Passage:
    """Step some species through time together, since they share the capacity of the resin.

    Parameters
    ----------
    load : Load
    chosen : ndarray of bool, shape (n_species,) [-]
    marks : ndarray, shape (n_marks,) [s]
        Times by which shares that have left are wanted, from 0, rising.
    grid : ndarray, shape (n_points,) [s]
        Times at which rates are wanted; ends with the marks.

    Returns
    -------
    Passage
        Of the chosen species.

    Raises
    ------
    InputError
        If so much is collected that it cannot be stepped through.
    ProtocolError
        If particles are gained or lost.
    """
    from sepsim.kernels import column_march as kernel

    coefficients = load.coefficients().of(chosen)
    voids = grid[-1] / coefficients.residence.sum()
    wanted = np.sqrt(WORK / (voids * (chosen.sum() + OVERHEAD)))
    cells = kernel.even_cells(coefficients.residence, int(np.clip(wanted, *CELLS)))
    step = float(coefficients.residence.sum() / cells.sum())
    if grid[-1] > kernel.MAX_STEPS * step:
        raise InputError(
            f"chromatography: {grid[-1] * load.conditions.flow * 1e6:.3g} mL are more than can be stepped through a "
            f"column with a void volume of {load.conditions.column.void_volume * 1e6:.3g} mL; collect less"
        )
    residence = np.multiply(cells, step, dtype=np.float64)
    coefficients, rates = _kinetics(load, coefficients._replace(residence=residence), chosen, step)
    diffuses = (coefficients.pore_share > 0.0) & np.isfinite(coefficients.pore_diffusivity)
    times = np.union1d(marks, grid)
    found = kernel.march(
        *coefficients,
        load.pulse,
        load.mixing,
        times,
        cells=cells,
        shells=SHELLS if diffuses.any() else 1,
        flow=load.conditions.flow,
        load=load.numbers.sum(axis=0)[chosen],
        adsorption=rates.on,
        desorption=rates.off,
        capacity_use=rates.use,
        switch=math.inf if load.switch is None else load.switch,
        front=[(bed.void_volume + bed.pore_volume) / load.conditions.flow for bed in load.conditions.column.beds],
        adsorption_after=rates.on_after,
        desorption_after=rates.off,
    )
    if np.any(found.status != kernel.OK):
        raise ProtocolError("chromatography: the stepped solution gained or lost particles; shorten the elution")
    captured = found.lost + np.where(rates.holds, found.bound, 0.0)
    left = found.shares[:, np.searchsorted(times, marks)]
    rate = np.gradient(found.shares[:, np.searchsorted(times, grid)], grid, axis=1)
    return Passage(left, (1.0 - left[:, -1] - captured).clip(min=0.0), captured, rate)


class _Kinetics(NamedTuple):
    """Rates of the binding that is beyond linear theory, shape (n_beds, n_species)."""

    on: FloatArray
    on_after: FloatArray
    off: FloatArray
    use: FloatArray

    @property
    def holds(self) -> Chosen:
        """Whether a bed binds a species and never lets go, shape (n_species,)."""
        chosen: Chosen = np.logical_and(self.on > 0.0, self.off == 0.0).sum(axis=0) > 0
        return chosen


def _kinetics(load: Load, coefficients: Coefficients, chosen: Chosen, step: float) -> tuple[Coefficients, _Kinetics]:
    """Take the binding that is beyond linear theory out of the storage of the beads, and return it as rates.

    Since k_d q = k_a c_p at equilibrium, k_a = k_d k'/F. A capture with a capacity has k_d = 0.
    """
    rates = _Kinetics(*(np.zeros_like(coefficients.storage) for _ in range(4)))
    film, storage, capture = (each.copy() for each in (coefficients.film, coefficients.storage, coefficients.pore_loss))
    pores = coefficients.pore_share
    for b, bed in enumerate(load.conditions.column.beds):
        bindings = np.array(load.bindings(bed), dtype=object)[chosen]
        for j, binding in enumerate(bindings):
            if not needs_steps(binding, step_elution=load.switch is not None):
                continue
            layer = max(SURFACE_LAYER - pores[b, j], 0.0)  # holds a part of what is bound, or a little more
            rates.use[b, j] = (1.0 - bed.void_fraction) / binding.capacity
            if binding.capture_per_s > 0.0 and math.isfinite(binding.capacity):
                rates.on[b, j] = rates.on_after[b, j] = pores[b, j] * binding.capture_per_s
                capture[b, j] = bed.resin.core_capture_per_s
            else:
                factors = np.array([binding.retention_factor, binding.eluted_retention_factor])
                held = np.maximum(factors / bed.phase_ratio - layer, 0.0)
                rates.off[b, j] = binding.desorption_per_s
                rates.on[b, j], rates.on_after[b, j] = binding.desorption_per_s * held
            storage[b, j] = pores[b, j] + layer
            if layer > 0.0:
                film[b, j] *= _film_gain(bed, film[b, j], storage[b, j], step)
    return coefficients._replace(film=film, storage=storage, pore_loss=capture), rates


def _film_gain(bed: Bed, film: float, storage: float, step: float) -> float:
    """Return by how much a film must be better for the uptake of a step, since it is emptied only after it.

    The exchange of a step brings (1 - exp(-x (1 + 1/S))) S/(1 + S) of the liquid's content into a layer that stores S
    times as much at equal concentration, x being the rate of the film times the step. Beads that bind at once would
    take 1 - exp(-x).
    """
    rate = bed.phase_ratio * 3.0 * film / bed.resin.bead_radius * step
    held = bed.phase_ratio * storage
    if not 0.0 < rate < math.inf:
        return 1.0
    due = min(-math.expm1(-rate) * (1.0 + held) / held, LARGEST_UPTAKE)
    return max(-math.log1p(-due) / (1.0 + 1.0 / held) / rate, 1.0)
