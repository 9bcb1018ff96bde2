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
from sepsim.technique import Catalogue, FigureEntry, MethodEntry, Technique

FOLDERS = (
    "centrifugation",
    "filtration",
    "chromatography",
    "precipitation",
    "immunocapture",
    "microfluidics",
    "mass_spectrometry",
)
GROUP = "sepsim.techniques"

# What is no technique of separation: handling, the catalogues of the core, pictures of whole protocols.
CORE = Technique(
    name="core",
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
            name="density_adjustment",
            home="sepsim.handling:DensityAdjustment",
            summary="Dissolve a dry salt in the sample until it has a density; hands out ``adjusted``.",
            sentence="sepsim.handling:density_adjustment_sentences",
            nouns={"adjusted": "salted sample"},
            example={"solute": '"KBr"', "density_g_mL": "1.063", "keep": '"adjusted"'},
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
    catalogues=(
        Catalogue(
            topic="rotors",
            summary="rotors, with radii, largest speed and tube",
            kind="rotor",
            rows="sepsim.rotors.lists:rotors",
            entry="sepsim.rotors.lists:rotor_entry",
        ),
        Catalogue(
            topic="tubes",
            summary="centrifuge tubes, with their measures",
            kind="tube",
            rows="sepsim.rotors.lists:tubes",
            entry="sepsim.rotors.lists:tube_entry",
        ),
        Catalogue(
            topic="media",
            summary="liquids, with density and viscosity",
            kind="medium",
            rows="sepsim.media.lists:media",
            entry="sepsim.media.lists:medium_entry",
            note="dissolve in any of them: iodixanol_percent_w_v; sucrose_percent_w_w, sucrose_percent_w_v or "
            "sucrose_M; cscl_percent_w_w,\ncscl_M or cscl_g_mL, likewise kbr, nabr; ammonium_sulfate_M; "
            "peg_percent_w_v or dextran_percent_w_v; or a solute of your own;\nsuch as "
            '{ iodixanol_percent_w_v = 30, diluent = "PBS" }',
        ),
        Catalogue(
            topic="samples",
            summary="biofluids and culture media to start from",
            kind="sample",
            rows="sepsim.samples.lists:samples",
            entry="sepsim.samples.lists:sample_entry",
        ),
        Catalogue(
            topic="populations",
            summary="kinds of particles, with sizes and densities",
            kind="population",
            rows="sepsim.samples.lists:populations",
            entry="sepsim.samples.lists:population_entry",
        ),
        Catalogue(
            topic="marker_profiles",
            summary="antigens of vesicles and cells, as strata that carry them together",
            kind="marker_profile",
            rows="sepsim.samples.lists:marker_profiles",
            entry="sepsim.samples.lists:marker_profile_entry",
            note="copies belong to a particle of 100 nm and grow with its area; give a population one of these, or\n"
            "marker_profile = { strata = [{ share = 0.4, CD81 = 20, CD9 = 10 }, { share = 0.6 }] }",
        ),
        Catalogue(
            topic="figures",
            summary="figures, and from which results they are drawn",
            kind="figure",
            rows="sepsim.plots.figures:figure_rows",
        ),
        Catalogue(
            topic="examples",
            summary="example protocols of the package",
            kind="example",
            rows="sepsim.protocols.examples:examples",
            entry="sepsim.protocols.examples:example_entry",
            note="start from one of them: sepsim new --example differential > my.toml",
        ),
        Catalogue(
            topic="techniques",
            summary="methods of a step, and what they hand out",
            kind="technique",
            rows="sepsim.cli.catalog:listed_methods",
        ),
    ),
    figures=(
        FigureEntry(
            name="protocol_flow",
            home="sepsim.plots.flow:protocol_flow",
            summary="where each population went, step by step",
            needs="a run",
            of_run=True,
        ),
        FigureEntry(
            name="yield_against_purity",
            home="sepsim.plots.comparison:yield_against_purity",
            summary="yield of the target against its purity",
            needs="a run, or several to compare",
            of_run=True,
            of_runs=True,
        ),
        FigureEntry(
            name="size_distributions",
            home="sepsim.plots.sizes:size_distributions",
            summary="number of particles by size: of load and product, or of what enters and leaves a step",
            needs="a run, or any step",
            fits="sepsim.plots.figures:every_step",
            of_run=True,
        ),
        FigureEntry(
            name="fraction_bars",
            home="sepsim.plots.bars:fraction_bars",
            summary="what each fraction holds of each population",
            needs="a step with a gradient, a cushion or a column",
            fits="sepsim.plots.figures:collects",
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
    found = [*own, CORE]
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


def core_first() -> list[Technique]:
    """Return all techniques in the order of the lists of catalogues and figures.

    Returns
    -------
    list of Technique

    Examples
    --------
    >>> core_first()[0].name
    'core'
    """
    return sorted(techniques(), key=lambda technique: technique is not CORE)


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
