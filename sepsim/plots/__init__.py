"""Pictures of results; matplotlib is used here alone.

Each function takes a result, draws into the axes or figure given or else into a new figure, and returns the axes.
In a notebook the axes show their figure when they are the value of a cell. No window opens and no global setting is
touched: save with ``ax.figure.savefig("picture.png", dpi=150)``.
"""

from sepsim.drawing.palette import Look, label, look, looks
from sepsim.plots.comparison import (
    PARTICLE_PURITY,
    PARTICLES_PER_UG,
    PROTEIN_PURITY,
    PurityFigure,
    enrichment_over,
    yield_against_purity,
)
from sepsim.plots.flow import protocol_flow
from sepsim.plots.fraction_bars import fraction_bars
from sepsim.plots.sizes import number_density, size_distributions
from sepsim.techniques.centrifugation.pictures.animation import animate_bands
from sepsim.techniques.centrifugation.pictures.gradient_bands import density_and_bands
from sepsim.techniques.centrifugation.pictures.gradient_tube import gradient_tube
from sepsim.techniques.centrifugation.pictures.pelleting import pelleted_percentage
from sepsim.techniques.centrifugation.pictures.tube import tube_during_spin
from sepsim.techniques.chromatography.pictures.chromatogram import chromatogram
from sepsim.techniques.filtration.pictures.filtration_course import filtration_course
from sepsim.techniques.filtration.pictures.sieving_curve import sieving_curve
from sepsim.techniques.filtration.pictures.washing import washing_out
from sepsim.techniques.mass_spectrometry.pictures.charge_histogram import charge_histogram
from sepsim.techniques.mass_spectrometry.pictures.energy_focus import energy_focus, with_and_without
from sepsim.techniques.mass_spectrometry.pictures.focal_plane import focal_plane
from sepsim.techniques.mass_spectrometry.pictures.ion_paths import ion_paths
from sepsim.techniques.mass_spectrometry.pictures.mass_spectrum import mass_spectrum
from sepsim.techniques.mass_spectrometry.pictures.peak_shapes import peak_shapes

__all__ = [
    "PARTICLES_PER_UG",
    "PARTICLE_PURITY",
    "PROTEIN_PURITY",
    "Look",
    "PurityFigure",
    "animate_bands",
    "charge_histogram",
    "chromatogram",
    "density_and_bands",
    "energy_focus",
    "enrichment_over",
    "filtration_course",
    "focal_plane",
    "fraction_bars",
    "gradient_tube",
    "ion_paths",
    "label",
    "look",
    "looks",
    "mass_spectrum",
    "number_density",
    "peak_shapes",
    "pelleted_percentage",
    "protocol_flow",
    "sieving_curve",
    "size_distributions",
    "tube_during_spin",
    "washing_out",
    "with_and_without",
    "yield_against_purity",
]
