"""The techniques, a package each, and the names by which protocol files call their methods.

A package loads when one of its methods is first asked for. Add a technique: a folder here, and a line per method.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from sepsim.technique import Method

_HOMES = {
    "centrifugation": "sepsim.techniques.centrifugation.centrifugation:Centrifugation",
    "density_gradient": "sepsim.techniques.centrifugation.density_gradient:DensityGradient",
    "ultrafiltration": "sepsim.techniques.filtration.ultrafiltration:Ultrafiltration",
    "filtration": "sepsim.techniques.filtration.filtration:Filtration",
    "chromatography": "sepsim.techniques.chromatography.chromatography:Chromatography",
    "mass_spectrometry": "sepsim.techniques.mass_spectrometry.mass_spectrometry:MassSpectrometry",
    "dilution": "sepsim.handling:Dilution",
    "pooling": "sepsim.handling:Pooling",
    "aliquot": "sepsim.handling:Aliquot",
}


class _Methods(Mapping[str, type[Method]]):
    """Methods by the name in a protocol file, in the order of the lists."""

    def __getitem__(self, name: str) -> type[Method]:
        module, _, method = _HOMES[name].partition(":")
        found: type[Method] = getattr(importlib.import_module(module), method)
        return found

    def __contains__(self, name: object) -> bool:
        return name in _HOMES

    def __iter__(self) -> Iterator[str]:
        return iter(_HOMES)

    def __len__(self) -> int:
        return len(_HOMES)


TECHNIQUES: Mapping[str, type[Method]] = _Methods()
