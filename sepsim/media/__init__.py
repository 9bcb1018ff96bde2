"""What particles float in: fluids, their mixtures, and a catalogue of them."""

from sepsim.media.catalog import FluidRecord, describe, fluid, fluid_names, fluid_records, medium
from sepsim.media.medium import ConstantFluid, Fluid, Medium
from sepsim.media.sucrose import SucroseSolution

__all__ = [
    "ConstantFluid",
    "Fluid",
    "FluidRecord",
    "Medium",
    "SucroseSolution",
    "describe",
    "fluid",
    "fluid_names",
    "fluid_records",
    "medium",
]
