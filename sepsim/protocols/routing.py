"""Which fraction of which step goes where, and what is wrong with that, also among steps that are known in part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sepsim.errors import InputError, did_you_mean
from sepsim.method import Method
from sepsim.protocols.step_address import split_source
from sepsim.samples.fractions import overlapping, selection
from sepsim.text.quoting import quoted


@dataclass(frozen=True, slots=True)
class Source:
    """Fractions of an earlier step, written ``step name.fraction``.

    Parameters
    ----------
    step : str
    fraction : str
        One fraction, or several as `Step` keeps them: ``fractions 7-10``, ``1.08-1.12 g/mL``, ``3.5-5 mL``.

    Examples
    --------
    >>> str(Source("remove cells", "pellet"))
    'remove cells.pellet'
    """

    step: str
    fraction: str

    def __str__(self) -> str:
        return f"{self.step}.{self.fraction}"

    @classmethod
    def parse(cls, text: str, earlier: Sequence[str]) -> Source:
        """Return the source that a text names: a step by its place or its name, a dot, and a fraction.

        Parameters
        ----------
        text : str
            Such as ``clear.pellet``, ``2.pellet`` or ``"spin 1.5 h".pellet``.
        earlier : sequence of str
            Names of the steps before; the longest that fits is meant.

        Returns
        -------
        Source
            Of a step that does not exist if none fits.

        Examples
        --------
        >>> Source.parse("spin 1.5 h.1.08-1.12 g/mL", ["spin 1", "spin 1.5 h"])
        Source(step='spin 1.5 h', fraction='1.08-1.12 g/mL')
        """
        return cls(*split_source(text, earlier))


class RoutedStep(Protocol):
    """What routing asks of a step: a `Step`, or a `StepDraft`."""

    @property
    def name(self) -> str:
        """Name of the step."""

    @property
    def method(self) -> Method | None:
        """What is done, if its technique is known; settings that are wrong are not set."""

    @property
    def keep(self) -> str | None:
        """What goes on, if it is known."""

    @property
    def sources(self) -> Sequence[Source] | None:
        """What is treated, if it is known; empty is what the step before keeps."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepDraft:
    """A step that cannot be built, as far as it is known.

    Parameters
    ----------
    name : str
    method : Method or None
        Its settings that are wrong are not set; None if its technique is not known.
    keep : str or None
    sources : sequence of Source or None
    """

    name: str
    method: Method | None = None
    keep: str | None = None
    sources: Sequence[Source] | None = None


def sources_of(step: RoutedStep, before: RoutedStep | None) -> Sequence[Source]:
    """Return what a step treats.

    Parameters
    ----------
    step : RoutedStep
    before : RoutedStep or None
        The step before; None for the first.

    Returns
    -------
    sequence of Source
        Empty if it is the load, or if it is not known.
    """
    if step.sources or step.sources is None or before is None or before.keep is None:
        return step.sources or ()
    return (Source(before.name, before.keep),)


def routing_problems(steps: Sequence[RoutedStep]) -> list[str]:
    """Return what is wrong with names, kept fractions and sources; each fraction can be used once.

    Parameters
    ----------
    steps : sequence of RoutedStep
        Nothing is said of what depends on what is not known of them.

    Returns
    -------
    list of str
    """
    problems = [] if steps else ["step: missing; a protocol needs at least one [[step]]"]
    earlier: dict[str, RoutedStep] = {}
    used: dict[Source, str] = {}
    before: RoutedStep | None = None
    fault = ""
    for number, step in enumerate(steps, 1):
        told = fault and not step.sources  # what the step before keeps is wrong, which is told there
        treated = () if told else sources_of(step, before)
        found = [*_name_problems(step.name, earlier)]
        if fault := _says(step, step.keep, lambda method, keep: method.keep_problem(keep)):
            found.append(f"keep = {quoted(step.keep)}: {fault}")
        for source in treated:
            if wrong := _source_problem(source, earlier, used):
                found.append(wrong)
            else:
                used[source] = step.name
        problems += [f"step {number} {quoted(step.name)}: {text}" for text in found]
        earlier[step.name] = before = step
    if before and not fault and (obstacle := _says(before, before.keep, lambda method, keep: method.obstacle(keep))):
        problems.append(f"step {len(steps)} {quoted(before.name)}: keep = {quoted(before.keep)}: {obstacle}")
    return problems


def already_used(user: str) -> str:
    """Return what is wrong with a fraction that another step takes.

    Parameters
    ----------
    user : str
        Name of that step.

    Returns
    -------
    str

    Examples
    --------
    >>> already_used("pellet")
    "already used by step 'pellet'; divide it first by method = 'aliquot'"
    """
    return f"already used by step {quoted(user)}; divide it first by method = 'aliquot'"


def _name_problems(name: str, earlier: Mapping[str, RoutedStep]) -> Iterator[str]:
    if name in earlier:
        yield "another step has this name; names must differ"
    if name.strip().isdecimal():
        yield "a number alone means the step at that place; give it a name with a letter"


def _source_problem(source: Source, earlier: Mapping[str, RoutedStep], used: Mapping[Source, str]) -> str:
    """Return why a source cannot be taken, or an empty text."""
    place = f"from = {quoted(str(source))}"
    if source.step not in earlier:
        hint = did_you_mean(source.step, earlier) or (
            f"; earlier steps: {', '.join(map(quoted, earlier))}" if earlier else "; no step comes before"
        )
        return f"{place}: no earlier step is called {quoted(source.step)}{hint}"
    step = earlier[source.step]
    if problem := _says(step, source.fraction, lambda method, fraction: method.keep_problem(fraction)):
        return f"{place}: {problem}"
    for other, user in used.items():
        if _overlapping(source, other):
            return f"{place}: {already_used(user)}"
    obstacle = _says(step, source.fraction, lambda method, fraction: method.spent(fraction))
    return f"{quoted(str(source))} cannot go on: {obstacle}" if obstacle else ""


def _overlapping(one: Source, other: Source) -> bool:
    """Return whether two sources have a fraction in common."""
    try:
        return one.step == other.step and overlapping(selection(one.fraction), selection(other.fraction))
    except InputError:  # no selection; where it is known what the step hands out, that is told
        return False


def _says(step: RoutedStep, fraction: str | None, question: Callable[[Method, str], str]) -> str:
    """Return what a method says of a fraction; an empty text if that is not known."""
    method = step.method
    if method is None or fraction is None:
        return ""
    return method.answer(lambda: question(method, fraction), "")
