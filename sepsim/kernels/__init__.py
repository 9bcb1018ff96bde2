"""The kernels of all techniques, for people who bring their own arrays.

Plain arrays in, in SI units; arrays and a status out. A kernel loads, and Numba with it, when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "centrifugation.kernels.lamm": ("solve_lamm_fractions", "solve_lamm_profiles", "interpolate_profiles"),
    "centrifugation.kernels.lamm_gradient": ("TubeMesh", "GradientSteps", "GradientParticles", "solve_gradient"),
    "filtration.kernels.membrane_filtration": (
        *("Feed", "MembraneArrays", "Solutes", "FoulingLaw", "clean_membrane", "solve_membrane"),
        *("actual_sieving", "osmotic_pressure"),
    ),
    "chromatography.kernels.column": (
        *("BedArrays", "SpeciesArrays", "Injection"),
        *("cumulative_elution", "outlet_curve", "elution_moments"),
    ),
    "chromatography.kernels.column_march": ("BindingArrays", "even_cells", "solve_column"),
    "mass_spectrometry.kernels.ion_optics": (
        *("DRIFT", "ELECTRIC", "MAGNETIC", "WIEN", "SLIT", "element"),
        *("trace_ions", "trace_paths"),
    ),
    "mass_spectrometry.kernels.boris": ("push_uniform", "push_ions"),
}
_HOME_OF = {name: f"sepsim.techniques.{module}" for module, names in _HOMES.items() for name in names}

__all__ = [*_HOME_OF]


def __getattr__(name: str) -> Any:
    """Import a kernel when it is first used."""
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'sepsim.kernels' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
