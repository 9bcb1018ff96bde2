"""The techniques, a package each, and the names by which protocol files call their methods.

A package loads when one of its methods is first asked for. Add a technique: a folder here, and an entry per method.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sepsim.technique import Method


class Entry(NamedTuple):
    """Where a method stands, and the first line of its documentation, for lists that load no method."""

    home: str
    summary: str


ENTRIES: Mapping[str, Entry] = {
    "centrifugation": Entry(
        "sepsim.techniques.centrifugation.centrifugation:Centrifugation",
        "Spin a sample; hands out ``pellet``, ``supernatant`` and ``lost``, and on request ``floating`` and ``wash``.",
    ),
    "density_gradient": Entry(
        "sepsim.techniques.centrifugation.density_gradient:DensityGradient",
        "Spin a sample in a gradient; hands out ``fraction 1``, ``fraction 2`` ..., ``pellet`` and ``lost``.",
    ),
    "ultrafiltration": Entry(
        "sepsim.techniques.filtration.ultrafiltration:Ultrafiltration",
        "Concentrate and wash a sample over a membrane; hands out ``retentate``, ``permeate`` and ``lost``.",
    ),
    "filtration": Entry(
        "sepsim.techniques.filtration.filtration:Filtration",
        "Push a sample through a filter; hands out ``permeate``, ``retentate`` and ``lost``.",
    ),
    "chromatography": Entry(
        "sepsim.techniques.chromatography.chromatography:Chromatography",
        "Run a sample through a column; hands out ``fraction 1``, ``fraction 2`` ..., ``column`` and ``lost``.",
    ),
    "mass_spectrometry": Entry(
        "sepsim.techniques.mass_spectrometry.mass_spectrometry:MassSpectrometry",
        "Ions of a sample by m/z; hands out ``detected`` and ``lost``, both used up.",
    ),
    "dilution": Entry(
        "sepsim.handling:Dilution",
        "Dilute the sample with fresh medium; hands out ``diluted``.",
    ),
    "pooling": Entry(
        "sepsim.handling:Pooling",
        "Pour fractions together (name them in ``from``); hands out ``pool``.",
    ),
    "aliquot": Entry(
        "sepsim.handling:Aliquot",
        "Take a volume of the well mixed sample; hands out ``aliquot`` and ``rest``.",
    ),
}


class _Methods(Mapping[str, "type[Method]"]):
    """Methods by the name in a protocol file, in the order of the lists."""

    def __getitem__(self, name: str) -> type[Method]:
        module, _, method = ENTRIES[name].home.partition(":")
        found: type[Method] = getattr(importlib.import_module(module), method)
        return found

    def __contains__(self, name: object) -> bool:
        return name in ENTRIES

    def __iter__(self) -> Iterator[str]:
        return iter(ENTRIES)

    def __len__(self) -> int:
        return len(ENTRIES)


TECHNIQUES: Mapping[str, type[Method]] = _Methods()
