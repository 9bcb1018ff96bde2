"""The methods section of a paper on a protocol: the sample, each step in order, and the program that simulated them.

What is said of a step is the technique's; what it treated and what was kept is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sepsim import __version__
from sepsim.media import in_words
from sepsim.method import Method
from sepsim.samples.fractions import NamedFraction, NumberRange, selection
from sepsim.samples.sample_recipe import SampleRecipe
from sepsim.settings import toml_value
from sepsim.technique import resolve
from sepsim.techniques import METHODS
from sepsim.text.sentences import as_given, at_temperature, listed, sentences


class Treatment(NamedTuple):
    """A step as the methods section needs it.

    Attributes
    ----------
    name : str
        Of the step.
    method : Method
    treated : tuple of (str, str)
        Earlier steps and what of them is treated; none for the sample.
    keep : str
    """

    name: str
    method: Method
    treated: tuple[tuple[str, str], ...]
    keep: str


class _Kept(NamedTuple):
    """What a sentence calls one fraction or several."""

    words: str
    many: bool


def methods_section(sample: SampleRecipe, steps: Sequence[Treatment]) -> str:
    """Return what a paper prints of a sample and the steps that separate it, as one paragraph.

    Parameters
    ----------
    sample : SampleRecipe
    steps : sequence of Treatment
        In order.

    Returns
    -------
    str

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=10, temperature_C=4)
    >>> methods_section(urine, [Treatment("take", Aliquot(volume_mL=1), (), "rest")]).split(". ")[2]
    'An aliquot of 1 mL was taken from the sample, and the rest was kept'
    """
    return " ".join(
        [
            sentences([f"the sample was {_sample(sample)}", _temperature(sample, steps)]),
            *_told(steps),
            sentences([f"the protocol was simulated with sepsim {__version__}"]),
        ]
    )


def _sample(sample: SampleRecipe) -> str:
    """Return volume, origin or populations, medium and temperature."""
    medium = in_words(sample.medium)
    if sample.source is None:
        what = f"{medium} with {listed([who.name for who in sample.population])}"
    else:
        what = sample.source if sample.source == medium else f"{sample.source} (medium: {medium})"
    return f"{as_given(sample.volume_mL)} mL of {what}{at_temperature(sample.temperature_C)}"


def _temperature(sample: SampleRecipe, steps: Sequence[Treatment]) -> str:
    """Return at which temperature the steps were that do not tell it themselves."""
    own = {getattr(step.method, "temperature_C", None) for step in steps} - {None, sample.temperature_C}
    if own:
        return "a step without a stated temperature was carried out at that of the liquid it received"
    return f"all steps were carried out{at_temperature(sample.temperature_C)}"


def _told(steps: Sequence[Treatment]) -> Iterator[str]:
    """Yield the sentences of each step."""
    methods = {step.name: step.method for step in steps}
    before: Treatment | None = None
    for step in steps:
        told = _sentences(step, _treated(step, before, methods))
        if len(step.method.fraction_names) > 1:
            kept = _kept(step.method, step.keep)
            told = f"{told.removesuffix('.')}, and {kept.words} {'were pooled' if kept.many else 'was kept'}."
        yield told
        before = step


def _sentences(step: Treatment, treated: str) -> str:
    """Return what the technique says of a step, or its settings if it says nothing."""
    entry = METHODS.get(step.method.technique)
    if entry is not None and entry.sentence:
        return str(resolve(entry.sentence)(step.method, treated))
    given = ", ".join(f"{key} = {toml_value(value)}" for key, value in step.method.given().items())
    by = f"{step.method.technique} ({given})" if given else step.method.technique
    return sentences([f"step {step.name!r} was carried out by {by} on {treated}"])


def _treated(step: Treatment, before: Treatment | None, methods: dict[str, Method]) -> str:
    """Return what a step treats; what does not simply come from the step before has the name of its own step."""
    if not step.treated:
        return "the sample"
    straight = before is not None and step.treated == ((before.name, before.keep),)
    parts = [_kept(methods[name], fraction) for name, fraction in step.treated]
    origins = ["" if straight else f" of {name!r}" for name, _ in step.treated]
    words = listed([f"{part.words}{origin}" for part, origin in zip(parts, origins, strict=True)])
    return f"the pool of {words}" if len(parts) > 1 or parts[0].many else words


def _kept(method: Method, keep: str) -> _Kept:
    """Return what a sentence calls what a step keeps or another one takes from it."""
    wanted = selection(keep)
    match wanted:
        case NamedFraction(name):
            entry = METHODS.get(method.technique)
            return _Kept(f"the {name if entry is None else entry.nouns.get(name, name)}", many=False)
        case NumberRange(first, last):
            return _Kept(str(wanted), many=last > first)
    return _Kept(f"the fractions within {wanted}", many=True)
