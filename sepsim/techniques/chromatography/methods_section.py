"""What the methods section of a paper says of a column: bed and resin, eluent, flow, and how fractions were collected.

What a simulation assumes beyond that, such as the model of the beads or the uptake of vesicles, is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sepsim.media import in_words
from sepsim.text.sentences import as_given, at_temperature, listed, sentences
from sepsim.text.tables import counted

if TYPE_CHECKING:
    from sepsim.techniques.chromatography.chromatography import Chromatography
    from sepsim.techniques.chromatography.columns.columns import Column

STARTS = {"sample": "the entry of the sample", "void": "the end of the void volume"}


def chromatography_sentences(method: Chromatography, treated: str) -> str:
    """Return what a methods section says of a run through a column.

    Parameters
    ----------
    method : Chromatography
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.chromatography.chromatography import Chromatography
    >>> step = Chromatography(column="CL-2B, 10 mL", flow_mL_min=0.5, fraction_volume_mL=0.5, fractions=26)
    >>> chromatography_sentences(step, "the sample").partition(". ")[2]
    'Volumes were counted from the entry of the sample. The effluent was collected in 26 fractions of 0.5 mL.'
    """
    elution = f"eluted with {in_words(method.eluent)} {_flow(method)}{at_temperature(method.temperature_C)}"
    step = method.step_elution
    return sentences(
        [
            f"{treated} was loaded onto the column {_column(method.column)} and {elution}",
            f"volumes were counted from {STARTS[method.count_from]}",
            "" if step is None else f"from {as_given(step.after_mL)} mL on the eluent was {in_words(step.eluent)}",
            f"the effluent was collected in {_fractions(method)}",
        ]
    )


def _column(column: Column) -> str:
    """Return a column with its bed and resin, and what lies below."""
    bed = f"bed volume {as_given(column.bed_volume_mL)} mL, inner diameter {as_given(column.diameter_mm)} mm"
    below = ""
    if (lower := column.underlayer) is not None:
        below = f", above {as_given(lower.bed_volume_mL)} mL of {lower.resin.name!r}"
    return f"{column.name!r} ({bed}, resin {column.resin.name!r}{below})"


def _flow(method: Chromatography) -> str:
    if method.flow_mL_min is not None:
        return f"at {as_given(method.flow_mL_min)} mL/min"
    return f"by gravity under {as_given(method.hydrostatic_head_mm or 0.0)} mm of liquid above the outlet"


def _fractions(method: Chromatography) -> str:
    if method.fraction_ends_mL is not None:
        ends = listed([as_given(end) for end in method.fraction_ends_mL])
        return f"{counted(len(method.fraction_ends_mL), 'fraction')} up to {ends} mL"
    return f"{counted(method.fractions or 0, 'fraction')} of {as_given(method.fraction_volume_mL or 0.0)} mL"
