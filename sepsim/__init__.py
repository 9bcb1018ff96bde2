"""sepsim: simulate from physics how extracellular vesicles are separated, and predict yield and purity."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "load_protocol": "sepsim.protocols.protocol_file",
    "protocol_from_table": "sepsim.protocols.protocol_file",
    "dump_protocol": "sepsim.protocols.protocol_file",
    "load_example": "sepsim.protocols.examples",
    "Protocol": "sepsim.protocols.protocol",
    "Step": "sepsim.protocols.protocol",
    "Source": "sepsim.protocols.routing",
    "Run": "sepsim.protocols.run",
    "Sample": "sepsim.samples.sample",
    "SampleRecipe": "sepsim.samples.sample_recipe",
    "sample_from_catalog": "sepsim.samples.sample_recipe",
    "population": "sepsim.particles.catalog",
    "read_sizes": "sepsim.particles.size_file",
    "Medium": "sepsim.media",
    "fluid": "sepsim.media",
    "Rotor": "sepsim.rotors.rotors",
    "Tube": "sepsim.rotors.tubes",
    "rotor": "sepsim.rotors.rotors",
    "Membrane": "sepsim.techniques.filtration.membranes.membranes",
    "membrane": "sepsim.techniques.filtration.membranes.membranes",
    "Column": "sepsim.techniques.chromatography.columns.columns",
    "column": "sepsim.techniques.chromatography.columns.columns",
    "Resin": "sepsim.techniques.chromatography.columns.resins",
    "Centrifugation": "sepsim.techniques.centrifugation.centrifugation",
    "Flotation": "sepsim.techniques.centrifugation.flotation",
    "DensityGradient": "sepsim.techniques.centrifugation.density_gradient",
    "Ultrafiltration": "sepsim.techniques.filtration.ultrafiltration",
    "Filtration": "sepsim.techniques.filtration.filtration",
    "Precipitation": "sepsim.techniques.precipitation.precipitation",
    "Kit": "sepsim.techniques.precipitation.kits.kits",
    "Chromatography": "sepsim.techniques.chromatography.chromatography",
    "Immunocapture": "sepsim.techniques.immunocapture.immunocapture",
    "Bead": "sepsim.techniques.immunocapture.beads.beads",
    "Microfluidics": "sepsim.techniques.microfluidics.microfluidics",
    "Chip": "sepsim.techniques.microfluidics.chips.chip",
    "chip": "sepsim.techniques.microfluidics.chips.chips",
    "Ligand": "sepsim.techniques.immunocapture.beads.ligands",
    "MassSpectrometry": "sepsim.techniques.mass_spectrometry.mass_spectrometry",
    "Spectrometer": "sepsim.techniques.mass_spectrometry.spectrometers.spectrometers",
    "NierJohnson": "sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs",
    "MattauchHerzog": "sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs",
    "BainbridgeJordan": "sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs",
    "SingleMagnet": "sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs",
    "Electrospray": "sepsim.techniques.mass_spectrometry.ions.ionisation",
    "Maldi": "sepsim.techniques.mass_spectrometry.ions.ionisation",
    "Digestion": "sepsim.techniques.mass_spectrometry.ions.sample_ions",
    "ChargeDetection": "sepsim.techniques.mass_spectrometry.analysers.charge_detection",
    "elisa": "sepsim.techniques.immunocapture.elisa",
    "ElisaReading": "sepsim.techniques.immunocapture.elisa",
    "ElisaPlate": "sepsim.techniques.immunocapture.plates",
    "PlateReader": "sepsim.techniques.immunocapture.plates",
    "Wash": "sepsim.techniques.centrifugation.pellet",
    "Resuspension": "sepsim.techniques.centrifugation.pellet",
    "Method": "sepsim.method",
    "Outcome": "sepsim.method",
    "StepResult": "sepsim.method",
    "prepared_sample": "sepsim.method",
    "ParticleState": "sepsim.particles.states",
    "Body": "sepsim.particles.states",
    "Technique": "sepsim.technique",
    "MethodEntry": "sepsim.technique",
    "Catalogue": "sepsim.technique",
    "FigureEntry": "sepsim.technique",
    "Dilution": "sepsim.handling",
    "DensityAdjustment": "sepsim.handling",
    "Pooling": "sepsim.handling",
    "Aliquot": "sepsim.handling",
    "angular_speed": "sepsim.rotors.rotors",
    "rcf": "sepsim.rotors.rotors",
    "k_factor": "sepsim.techniques.centrifugation.tubes.rotor_calculator",
    "clearing_exponent": "sepsim.techniques.centrifugation.tubes.rotor_calculator",
    "cut_off_diameter": "sepsim.techniques.centrifugation.tubes.rotor_calculator",
    "equivalent_time": "sepsim.techniques.centrifugation.tubes.rotor_calculator",
    "Sound": "sepsim.techniques.microfluidics.acoustic_force",
    "acoustic_cut_offs": "sepsim.techniques.microfluidics.acoustic_force",
    "isopycnic_bands": "sepsim.particles.osmosis",
    "ion_doublet": "sepsim.techniques.mass_spectrometry.ion_doublet",
    "resolving_power": "sepsim.techniques.mass_spectrometry.ion_spectrum",
    "rayleigh_charge": "sepsim.techniques.mass_spectrometry.ions.ionisation",
    "ion_speed": "sepsim.techniques.mass_spectrometry.ions.ions",
    "magnetic_rigidity": "sepsim.techniques.mass_spectrometry.ions.ions",
    "InputError": "sepsim.errors",
    "ModelRangeWarning": "sepsim.errors",
    "SepsimError": "sepsim.errors",
}
_MODULES = ("kernels", "plots", "settings")

__all__ = ["__version__", *_HOMES, *_MODULES]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import sepsim` stays quick."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"sepsim.{name}")
    raise AttributeError(f"module 'sepsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
