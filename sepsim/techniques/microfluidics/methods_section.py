"""What the methods section of a paper says of a run of chips: which chip, how fast, with which buffer.

What a simulation assumes beyond that, such as adsorbed shares and dead volumes, is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sepsim.media import in_words
from sepsim.text.sentences import as_given, at_temperature, sentences
from sepsim.text.tables import counted

if TYPE_CHECKING:
    from sepsim.techniques.microfluidics.microfluidics import Microfluidics


def microfluidics_sentences(method: Microfluidics, treated: str) -> str:
    """Return what a methods section says of a run of chips.

    Parameters
    ----------
    method : Microfluidics
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str
    """
    chip = method.chip
    side_by_side = "" if method.chips == 1 else f", {counted(method.chips, 'chip')} side by side"
    flow = chip.flow_uL_min if method.flow_uL_min is None else method.flow_uL_min
    through = (
        f"{treated} was run through a microfluidic chip ({chip.name}; {chip.mechanism}{side_by_side}) at "
        f"{as_given(flow)} uL/min{at_temperature(method.temperature_C)}"
    )
    return sentences([f"{through}, with {in_words(method.buffer)} as the buffer"])
