"""Elution where binding saturates, or is ended by a stronger eluent: stepped through time.

Rates of binding follow from the retention factor k' and the rate of desorption k_d: at equilibrium k_d q = k_a c_p, so
that k_a = k_d k'/F. A capture with a capacity has no desorption, and is in the pores. Else the share of the sites that
are in pores is that of the pores open to a species, as in linear binding; the others, with their share of the capacity,
are on the surface of the beads, and bind from a layer that is thick enough for a step to fill it. The layer delays by
some 0.2 void volumes what a stronger eluent has set free.

With 400 cells a fraction is within 1e-3 of the load of the exact one where both can be had, within 4e-3 for the
equilibrium dispersive model; many species, or a long elution, are stepped in fewer, down to 100, and the error is
estimated from cells twice as wide (`stepping_error`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sepsim.arrays import BoolArray, FloatArray
from sepsim.errors import InputError, ProtocolError
from sepsim.techniques.chromatography.column_conditions import ElutionProfile, Load, needs_steps
from sepsim.techniques.chromatography.columns.columns import Bed

if TYPE_CHECKING:
    from sepsim.techniques.chromatography.kernels.column import SpeciesArrays
    from sepsim.techniques.chromatography.kernels.column_steps import BindingArrays

CELLS = (100, 400)  # least and most, about
MOST_STEPS = 1_000_000  # that the kernel takes
SHELLS = 5  # of a bead
WORK = 1e7  # species and overhead, times void volumes, times the square of the cells: a few seconds
OVERHEAD = 10  # of a cell, in species
SURFACE_LAYER = 0.1  # of a bead's volume
LARGEST_UPTAKE = 0.99  # of what the layer would store
LARGEST_EXCHANGE = 0.15  # of the liquid with a surface that binds, before binding goes on
MOST_SUBSTEPS = 10


def solve_in_steps(
    load: Load, chosen: BoolArray, marks: FloatArray, grid: FloatArray, *, coarser: int = 1
) -> ElutionProfile:
    """Step some species through time together, since they share the capacity of the resin.

    Parameters
    ----------
    load : Load
    chosen : ndarray of bool, shape (n_species,) [-]
    marks : ndarray, shape (n_marks,) [s]
        Times by which shares that have left are wanted, from 0, rising.
    grid : ndarray, shape (n_points,) [s]
        Times at which rates are wanted; ends with the marks.
    coarser : int
        How many times as wide to make the cells.

    Returns
    -------
    ElutionProfile
        Of the chosen species.

    Raises
    ------
    InputError
        If so much is collected that it cannot be stepped through.
    ProtocolError
        If particles are gained or lost.
    """
    from sepsim.techniques.chromatography.kernels import column_steps as kernel

    beds, species = load.coefficients().of(chosen)
    residence = beds.residence.sum()
    effort = WORK / (grid[-1] / residence * (chosen.sum() + OVERHEAD))
    wanted = np.clip(np.sqrt(effort), *CELLS)
    substeps = _substeps(load, species, chosen, residence / wanted)
    wanted = np.clip(np.sqrt(effort / substeps), *CELLS)
    cells = kernel.even_cells(beds.residence, int(wanted) // coarser)
    step = float(residence / cells.sum())
    refuse_endless(load, grid[-1], step)
    substeps = _substeps(load, species, chosen, step)
    species, binding = _kinetics(load, species, chosen, step / substeps)
    diffuses = (species.pore_share > 0.0) & np.isfinite(species.pore_diffusivity)
    times = np.union1d(marks, grid)
    found = kernel.solve_column(
        beds._replace(residence=np.multiply(cells, step, dtype=np.float64)),
        species,
        load.injection,
        times,
        cells=cells,
        shells=SHELLS if diffuses.any() else 1,
        substeps=substeps,
        binding=binding,
        flow=load.conditions.flow,
        load=load.numbers.sum(axis=0)[chosen],
    )
    if np.any(found.status != kernel.OK):
        raise ProtocolError("chromatography: the stepped solution gained or lost particles; shorten the elution")
    for_good = (binding.adsorption > 0.0) & (binding.desorption == 0.0)
    captured = found.lost + np.where(for_good, found.bound, 0.0).sum(axis=0)
    left = found.shares[:, np.searchsorted(times, marks)]
    rate = np.gradient(found.shares[:, np.searchsorted(times, grid)], grid, axis=1)
    return ElutionProfile(left, (1.0 - left[:, -1] - captured).clip(min=0.0), captured, rate)


def refuse_endless(load: Load, end: float, step: float) -> None:
    """Raise if an elution cannot be stepped through.

    Parameters
    ----------
    load : Load
    end : float [s]
        When the last fraction ends.
    step : float [s]
        Time in which the liquid passes a cell.

    Raises
    ------
    InputError
        If it takes more than `MOST_STEPS`.
    """
    if end > MOST_STEPS * step:
        raise InputError(
            f"chromatography: {end * load.conditions.flow * 1e6:.3g} mL are more than can be stepped through a "
            f"column with a void volume of {load.conditions.column.void_volume * 1e6:.3g} mL; collect less"
        )


def stepping_error(load: Load, chosen: BoolArray, marks: FloatArray, fine: FloatArray) -> float:
    """Estimate the error of a stepped solution: how much it differs from one in cells twice as wide.

    Parameters
    ----------
    load : Load
    chosen : ndarray of bool, shape (n_species,) [-]
    marks : ndarray, shape (n_marks,) [s]
    fine : ndarray, shape (n_chosen, n_marks) [-]
        Shares that have left, as `solve_in_steps` finds them.

    Returns
    -------
    float [-]
        The largest difference, of a population between two marks, of what is loaded of it. Of a method of first order
        it is the error, of one of second order three times that.
    """
    coarse = solve_in_steps(load, chosen, marks, marks, coarser=2).left
    numbers = load.numbers[:, chosen]
    loaded = numbers.sum(axis=1)
    changed = np.abs(np.diff(numbers @ (coarse - fine), axis=1)).max(axis=1)
    return float(np.max(changed[loaded > 0.0] / loaded[loaded > 0.0], initial=0.0))


def _substeps(load: Load, species: SpeciesArrays, chosen: BoolArray, step: float) -> int:
    """Return into how many parts a step of exchange is divided, so that the layer on the beads can keep up."""
    fastest = 0.0
    for b, bed in enumerate(load.conditions.column.beds):
        bindings = np.array(load.bindings(bed), dtype=object)[chosen]
        beyond = np.array([needs_steps(each, step_elution=load.switch is not None) for each in bindings])
        on_surface = beyond & (species.surface[b] > 0.0) & np.isfinite(species.film[b])
        films = species.film[b, on_surface]
        fastest = max(fastest, bed.phase_ratio * 3.0 / bed.resin.bead_radius * films.max(initial=0.0) * step)
    return int(np.clip(np.ceil(fastest / LARGEST_EXCHANGE), 1, MOST_SUBSTEPS))


def _kinetics(
    load: Load, species: SpeciesArrays, chosen: BoolArray, step: float
) -> tuple[SpeciesArrays, BindingArrays]:
    """Take the binding that is beyond linear theory out of the storage of the beads, and return it as rates.

    Since k_d q = k_a c_p at equilibrium, k_a = k_d k'/F. A capture with a capacity has k_d = 0.
    """
    changed = type(species)(*(each.copy() for each in species))
    rates = _no_binding(load, species)
    for b, bed in enumerate(load.conditions.column.beds):
        bindings = np.array(load.bindings(bed), dtype=object)[chosen]
        for j, (binding, inside) in enumerate(zip(bindings, load.inside(bed)[chosen], strict=True)):
            if not needs_steps(binding, step_elution=load.switch is not None):
                continue
            changed.storage[b, j], changed.surface[b, j] = changed.pore_share[b, j], 0.0
            use = (1.0 - bed.void_fraction) / binding.capacity
            if binding.capture_per_s > 0.0 and math.isfinite(binding.capacity):
                rates.adsorption[b, j] = rates.adsorption_after[b, j] = changed.pore_share[b, j] * binding.capture_per_s
                rates.capacity_use[b, j] = use
                changed.pore_loss[b, j] = bed.resin.core_capture_per_s
                continue
            held = np.array([binding.retention_factor, binding.eluted_retention_factor]) / bed.phase_ratio
            layer = min(SURFACE_LAYER, (1.0 - inside) * held[0])  # holds a part of what is bound
            on_surface = np.maximum((1.0 - inside) * held - layer, 0.0)
            speed = binding.desorption_per_s
            rates.desorption[b, j] = rates.desorption_after[b, j] = speed
            rates.adsorption[b, j], rates.adsorption_after[b, j] = speed * inside * held
            rates.surface_adsorption[b, j], rates.surface_adsorption_after[b, j] = speed * on_surface
            if inside > 0.0:
                rates.capacity_use[b, j] = use / inside
            if layer > 0.0:
                changed.surface[b, j] = layer
                rates.surface_use[b, j] = use / (1.0 - inside)
                gain = _film_gain(bed, changed.film[b, j], layer, step)
                changed.film[b, j] *= 1.0 + (gain - 1.0) * (1.0 - inside)
    return changed, rates


def _no_binding(load: Load, species: SpeciesArrays) -> BindingArrays:
    """Return rates and uses of capacity that are zero and wait to be filled in, and when the eluent changes."""
    from sepsim.techniques.chromatography.kernels.column_steps import BindingArrays

    fronts = [(bed.void_volume + bed.pore_volume) / load.conditions.flow for bed in load.conditions.column.beds]
    fields: dict[str, Any] = {name: np.zeros_like(species.storage) for name in BindingArrays._fields}
    fields |= {"switch": math.inf if load.switch is None else load.switch, "front": np.array(fronts)}
    return BindingArrays(**fields)


def _film_gain(bed: Bed, film: float, storage: float, step: float) -> float:
    """Return by how much a film must be better for the uptake of a step, since the layer is emptied only after it.

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
