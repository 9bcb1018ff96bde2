"""The techniques, and the methods by the names that protocol files call them.

A technique describes itself in the record ``TECHNIQUE`` of its package, which loads nothing else. Add one: a folder
here and its name in `FOLDERS`; or, in a distribution of its own, an entry point of the group ``sepsim.techniques`` that
points at such a record.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points

from sepsim.errors import InputError
from sepsim.technique import MethodEntry, Technique

FOLDERS = ("centrifugation", "filtration", "chromatography", "mass_spectrometry")
GROUP = "sepsim.techniques"

HANDLING = Technique(
    name="handling",
    methods=(
        MethodEntry(
            name="dilution",
            home="sepsim.handling:Dilution",
            summary="Dilute the sample with fresh medium; hands out ``diluted``.",
            sentence="sepsim.handling:dilution_sentences",
            nouns={"diluted": "diluted sample"},
            example={"medium": '"PBS"', "factor": "4", "keep": '"diluted"'},
        ),
        MethodEntry(
            name="pooling",
            home="sepsim.handling:Pooling",
            summary="Pour fractions together (name them in ``from``); hands out ``pool``.",
            sentence="sepsim.handling:pooling_sentences",
            example={"keep": '"pool"'},
        ),
        MethodEntry(
            name="aliquot",
            home="sepsim.handling:Aliquot",
            summary="Take a volume of the well mixed sample; hands out ``aliquot`` and ``rest``.",
            sentence="sepsim.handling:aliquot_sentences",
            example={"volume_mL": "1", "keep": '"aliquot"'},
        ),
    ),
)


@cache
def techniques() -> tuple[Technique, ...]:
    """Return what all techniques say of themselves: those of sepsim, then those of other distributions by name.

    Returns
    -------
    tuple of Technique

    Raises
    ------
    InputError
        If a technique of another distribution cannot be loaded, is no `Technique`, or takes a name that is taken; names
        the distribution.

    Examples
    --------
    >>> [technique.name for technique in techniques()][:2]
    ['centrifugation', 'filtration']
    """
    own = [importlib.import_module(f"sepsim.techniques.{folder}").TECHNIQUE for folder in FOLDERS]
    found = [*own, HANDLING]
    for entry_point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        origin = f"technique {entry_point.name!r} of {entry_point.dist.name if entry_point.dist else entry_point.value}"
        try:
            technique = entry_point.load()
        except Exception as error:  # whatever a foreign module raises
            fault = f"{type(error).__name__}: {error}"
            raise InputError(f"{origin}: cannot be loaded ({fault}); mend or uninstall it") from error
        if not isinstance(technique, Technique):
            raise InputError(f"{origin}: {entry_point.value} is no Technique; mend or uninstall it")
        taken = {name for each in found for name in _names(each)}
        if twice := sorted(taken & {*_names(technique)}):
            raise InputError(f"{origin}: {twice[0]} is there already; rename it or uninstall the technique")
        found.append(technique)
    return tuple(found)


def _names(technique: Technique) -> Iterator[str]:
    """Yield what must not be there twice, in words."""
    yield f"technique {technique.name!r}"
    yield from (f"method {method.name!r}" for method in technique.methods)
    yield from (f"figure {figure.name!r}" for figure in technique.figures)
    for catalogue in technique.catalogues:
        yield from (f"catalogue {catalogue.topic!r}", f"catalogue {catalogue.kind!r}")


class _Methods(Mapping[str, MethodEntry]):
    """Methods by name, in the order of the lists; found when they are first asked for."""

    def __getitem__(self, name: str) -> MethodEntry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def _entries(self) -> dict[str, MethodEntry]:
        return {method.name: method for technique in techniques() for method in technique.methods}


METHODS: Mapping[str, MethodEntry] = _Methods()
