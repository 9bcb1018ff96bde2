"""What the methods section of a paper says of a precipitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sepsim.techniques.centrifugation.methods_section import pellet_in_words, run_in_words
from sepsim.text.sentences import as_given, at_temperature, sentences, time_in_words

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.precipitation import Precipitation


def precipitation_sentences(method: Precipitation, treated: str) -> str:
    """Return what a methods section says of a precipitation.

    Parameters
    ----------
    method : Precipitation
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.techniques.precipitation.precipitation import Precipitation
    >>> step = Precipitation(kit="ExoQuick", rotor="SX4750")
    >>> precipitation_sentences(step, "the sample").partition(",")[0]
    'The sample was mixed with 0.252 volumes of ExoQuick'
    """
    mixing = f" under a shear rate of {as_given(method.shear_rate_per_s)} 1/s" if method.shear_rate_per_s else ""
    time = time_in_words(method.incubation_min or 0.0)
    standing = f"incubated for {time}{at_temperature(method.temperature_C)}{mixing}"
    again, kit = method.second_spin_min, method.kit
    digested = ""
    if kit is not None and kit.proteinase_K_per_sample > 0:
        digested = (
            f"digested with {as_given(kit.proteinase_K_per_sample)} volumes of proteinase K for "
            f"{time_in_words(kit.proteinase_K_min)}, "
        )
    twice = (
        "" if again is None else f"it was spun again for {time_in_words(again)}, and the rest of the liquid drawn off"
    )
    return sentences(
        [
            f"{treated} was {digested}mixed with {_reagent(method)}, {standing}, "
            f"and centrifuged {run_in_words(method)}",
            twice,
            *pellet_in_words(method),
        ]
    )


def _reagent(method: Precipitation) -> str:
    salt = f" and NaCl (final {as_given(method.nacl_M)} M)" if method.nacl_M else ""
    if method.kit is not None:
        return f"{as_given(method.kit.reagent_per_sample)} volumes of {method.kit.name}{salt}"
    if method.ammonium_sulfate_M is not None:
        return f"ammonium sulfate (final {as_given(method.ammonium_sulfate_M)} M){salt}"
    if method.solvent is not None:
        return f"{method.solvent} (final {as_given(method.solvent_percent_v_v or 0.0)} % v/v){salt}"
    polymer, percent = method.polymer
    assert polymer is not None  # by `reagent_problems`
    return f"a stock of {as_given(method.stock)} % w/v {polymer.name} (final {as_given(percent)} % w/v){salt}"
