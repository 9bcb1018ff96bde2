"""What particles float in: fluids, what is dissolved in them, their mixtures, and a catalogue."""

from sepsim.media.blend import Blend
from sepsim.media.catalog import FluidRecord
from sepsim.media.fluid import ConstantFluid, Fluid, Water
from sepsim.media.iodixanol import Iodixanol
from sepsim.media.medium import Medium
from sepsim.media.polymer import Polymer
from sepsim.media.precipitant import Precipitant
from sepsim.media.protein_solution import ProteinSolution, own_protein
from sepsim.media.salt import Salt
from sepsim.media.solute import Solute
from sepsim.media.solution import FLUID_FORMS, Solution, describe, fluid, fluid_names, fluid_records, in_words
from sepsim.media.sucrose import Sucrose
from sepsim.media.tabulated import TabulatedSolute

__all__ = [
    "FLUID_FORMS",
    "Blend",
    "ConstantFluid",
    "Fluid",
    "FluidRecord",
    "Iodixanol",
    "Medium",
    "Polymer",
    "Precipitant",
    "ProteinSolution",
    "Salt",
    "Solute",
    "Solution",
    "Sucrose",
    "TabulatedSolute",
    "Water",
    "describe",
    "fluid",
    "fluid_names",
    "fluid_records",
    "in_words",
    "own_protein",
]
