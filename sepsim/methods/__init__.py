"""The techniques, one file each, and the names by which protocol files call them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sepsim.methods.base import Method
from sepsim.methods.centrifugation import Centrifugation
from sepsim.methods.chromatography import Chromatography
from sepsim.methods.density_gradient import DensityGradient
from sepsim.methods.filtration import Filtration
from sepsim.methods.handling import Aliquot, Dilution, Pooling
from sepsim.methods.mass_spectrometry import MassSpectrometry
from sepsim.methods.ultrafiltration import Ultrafiltration

TECHNIQUES: Mapping[str, type[Method]] = MappingProxyType(
    {
        method.technique: method
        for method in (
            Centrifugation,
            DensityGradient,
            Ultrafiltration,
            Filtration,
            Chromatography,
            MassSpectrometry,
            Dilution,
            Pooling,
            Aliquot,
        )
    }
)
