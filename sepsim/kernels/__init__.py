"""The kernels of all techniques, for people who bring their own arrays.

Plain arrays in, in SI units; arrays and a status out. A kernel loads, and Numba with it, when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "kernels.wall_capture": (
        *("WallSpecies", "WellUptake", "SlitUptake"),
        *("solve_wall_well", "solve_wall_slit", "solve_wall_film"),
    ),
    "kernels.graetz": ("slit_capture", "log_slit_left", "graetz_series"),
    "kernels.langevin": ("Walkers", "Walls", "Walked", "solve_langevin"),
    "kernels.drift_fields": (
        *("superpose", "uniform_field", "centrifugal_field", "slit_flow", "rectangle_flow", "standing_wave"),
        *("streaming_rolls", "polynomial_field", "exponential_field", "post_array_field", "custom_field"),
    ),
    "kernels.brownian_walk": ("Estimate", "Walk", "walk", "estimate"),
    "kernels.post_array": ("PostFlow", "post_flow"),
    "centrifugation.kernels.lamm": (
        *("LammFractions", "LammProfiles"),
        *("solve_lamm_fractions", "solve_lamm_profiles", "interpolate_profiles"),
    ),
    "centrifugation.kernels.lamm_gradient": (
        *("TubeMesh", "GradientSteps", "GradientParticles", "GradientDistribution", "solve_gradient"),
    ),
    "centrifugation.kernels.between_classes": ("spread_between",),
    "filtration.kernels.membrane_filtration": (
        *("Feed", "MembraneArrays", "Solutes", "FoulingLaw", "FoulingState", "FiltrationRecord", "MembraneSolution"),
        *("clean_membrane", "solve_membrane", "actual_sieving", "osmotic_pressure"),
    ),
    "chromatography.kernels.column": (
        *("BedArrays", "SpeciesArrays", "Injection"),
        *("cumulative_elution", "outlet_curve", "elution_moments"),
    ),
    "chromatography.kernels.column_steps": ("BindingArrays", "ColumnBalance", "even_cells", "solve_column"),
    "immunocapture.kernels.capture": ("Lanes", "Captured", "solve_capture", "free_room"),
    "mass_spectrometry.kernels.ion_optics": (
        *("DRIFT", "ELECTRIC", "MAGNETIC", "WIEN", "SLIT", "element"),
        *("Image", "trace_ions", "trace_paths"),
    ),
    "mass_spectrometry.kernels.boris": ("PushedImage", "push_uniform", "push_ions"),
    "microfluidics.kernels.cross_stream": ("CrossStream", "solve_cross_stream"),
    "precipitation.kernels.population_balance": ("Constituents", "Collisions", "Aggregation", "solve_aggregation"),
}
_STATUSES = {  # modules give them the same short names and different values
    "kernels.wall_capture": ("WALL", ("OK", "UNBALANCED")),
    "kernels.langevin": ("LANGEVIN", ("OK", "NOT_FINITE", "STEP_TOO_LONG")),
    "centrifugation.kernels.lamm": ("LAMM", ("OK", "DIFFUSION_RAISED", "STEP_BUDGET_EXCEEDED", "UNBALANCED")),
    "centrifugation.kernels.lamm_gradient": ("GRADIENT", ("OK", "UNBALANCED", "NOT_FINITE")),
    "filtration.kernels.membrane_filtration": ("MEMBRANE", ("FINISHED", "OUT_OF_TIME", "STALLED", "CLOGGED")),
    "chromatography.kernels.column": ("COLUMN", ("NOT_CONVERGED",)),
    "chromatography.kernels.column_steps": ("COLUMN", ("OK", "UNBALANCED")),
    "microfluidics.kernels.cross_stream": ("CROSS_STREAM", ("OK", "UNBALANCED")),
    "precipitation.kernels.population_balance": ("AGGREGATION", ("DONE", "TOO_MANY_STEPS", "GELLED")),
    "immunocapture.kernels.capture": ("CAPTURE", ("OK", "OUT_OF_STEPS")),
}
_HOME_OF = {name: (module, name) for module, names in _HOMES.items() for name in names} | {
    f"{prefix}_{name}": (module, name) for module, (prefix, names) in _STATUSES.items() for name in names
}

__all__ = [*_HOME_OF]


def __getattr__(name: str) -> Any:
    """Import a kernel when it is first used."""
    if name in _HOME_OF:
        module, inside = _HOME_OF[name]
        home = "sepsim" if module.startswith("kernels.") else "sepsim.techniques"
        return getattr(importlib.import_module(f"{home}.{module}"), inside)
    raise AttributeError(f"module 'sepsim.kernels' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
