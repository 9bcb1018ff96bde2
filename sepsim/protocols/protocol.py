"""A protocol: a sample, ordered steps, and which fraction of each goes where."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sepsim import __version__
from sepsim.errors import InputError, ProtocolError, SepsimError, collected_warnings, did_you_mean
from sepsim.method import Method, Outcome, StepResult, carried_out, prepared_sample
from sepsim.protocols.methods_section import Treatment, methods_section
from sepsim.protocols.routing import Source, already_used, routing_problems, sources_of
from sepsim.protocols.run import Run
from sepsim.protocols.step_checks import UNUSED, step_warnings
from sepsim.samples.crowding import refuse_fuller
from sepsim.samples.fractions import DensityWindow, Selection, poured, selection, shortened
from sepsim.samples.sample import Sample
from sepsim.samples.sample_recipe import SampleRecipe
from sepsim.settings import toml_value
from sepsim.text.quoting import brief, quoted
from sepsim.text.tables import counted, cut, html_paragraph, html_table

Progress = Callable[[int, int, str], None]

LONGEST_NAME = 50  # letters in a line
DRY_RUN_SIZES = 8  # enough for the warnings of a run, and quick


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Step:
    """One step of a protocol.

    Parameters
    ----------
    name : str
        Unique within the protocol.
    method : Method
        What is done.
    keep : str
        What goes on to the next step, or is the product: a fraction by its name; of techniques that hand out numbered
        fractions also a range of them, ``fractions 7-10``, or all within a window of density or of volume,
        ``1.08-1.12 g/mL``, ``3.5-5 mL``, which are poured together.
    sources : sequence of Source
        Fractions that are treated, poured together; empty means what the step before keeps.

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> Step(name="take", method=Aliquot(volume_mL=1), keep="aliquot").to_table()
    {'name': 'take', 'method': 'aliquot', 'volume_mL': 1.0, 'keep': 'aliquot'}
    """

    name: str
    method: Method
    keep: str
    sources: Sequence[Source] = ()

    def __repr__(self) -> str:
        return (
            f"Step({quoted(self.name, LONGEST_NAME)}: {self.method.technique}, keeps {quoted(self.keep, LONGEST_NAME)})"
        )

    def to_table(self) -> dict[str, Any]:
        """Return the step as a table of a protocol file."""
        routing: dict[str, Any] = {}
        if self.sources:
            names = [str(source) for source in self.sources]
            routing["from"] = names[0] if len(names) == 1 else names
        return {
            "name": self.name,
            "method": self.method.technique,
            **self.method.to_table(),
            **routing,
            "keep": self.keep,
        }


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Protocol:
    """A sample and the steps that separate it.

    Parameters
    ----------
    name : str
        Title of results.
    target : str
        The population that is wanted.
    sample : SampleRecipe
        What goes in.
    steps : sequence of Step
        In order; at least one.

    Raises
    ------
    InputError
        With every problem of the routing.

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> protocol = Protocol(
    ...     name="an aliquot", target="exosome", sample=sample_from_catalog("urine", volume_mL=10),
    ...     steps=(Step(name="take", method=Aliquot(volume_mL=1), keep="aliquot"),),
    ... )
    >>> round(protocol.run().yields["exosome"]["bench"], 12)
    0.1
    """

    name: str
    target: str
    sample: SampleRecipe
    steps: Sequence[Step]

    def __post_init__(self) -> None:
        """Check target and routing."""
        given: tuple[Any, Any] = (self.sample, self.steps)
        if not isinstance(given[0], SampleRecipe) or not all(isinstance(step, Step) for step in given[1]):
            raise InputError("sample must be a SampleRecipe, and steps a sequence of Step")
        problems = [*target_problems(str(self.target), self.sample.amounts), *routing_problems(self.steps)]
        if problems:
            raise InputError(*problems)

    def __repr__(self) -> str:
        steps = counted(len(self.steps), "step")
        return (
            f"Protocol({quoted(self.name, LONGEST_NAME)}: {steps} for {cut(self.target, LONGEST_NAME)}; "
            "print(sepsim.dump_protocol(protocol)) shows all)"
        )

    def _repr_html_(self) -> str:
        head = html_paragraph(
            f"{counted(len(self.steps), 'step')} for {self.target}, from {self.sample.liquid}", title=self.name
        )
        rows = (
            [
                step.name,
                step.method.technique,
                ", ".join(f"{key} = {toml_value(value)}" for key, value in step.method.given().items()),
                " + ".join(map(str, step.sources)) or (before.keep if before else "sample"),
                step.keep,
            ]
            for step, before in zip(self.steps, (None, *self.steps), strict=False)
        )
        return head + html_table(["step", "method", "settings", "treats", "keeps"], rows, texts=5)

    def run(self, seed: int = 0, progress: Progress | None = None) -> Run:
        """Carry the protocol out, once with the losses of the bench and once with ideal hands.

        Parameters
        ----------
        seed : int
            Of all random numbers; equal seeds give identical results.
        progress : callable, optional
            Called before each step with the steps done, their number, and the name of the step; all steps are done
            twice, on the bench and with ideal hands.

        Returns
        -------
        Run

        Raises
        ------
        InputError
            If a step cannot be done with what reaches it, such as a volume larger than the tubes.
        ProtocolError
            If a step fails although its input is sound.
        """
        return self._run(_checked_seed(seed), progress)

    def _run(self, seed: int, progress: Progress | None, *, dry: bool = False) -> Run:
        with collected_warnings() as doubts:
            loaded = prepared_sample(self.sample, [step.method for step in self.steps])

        def report(done: int, name: str) -> None:
            if progress is not None:
                progress(done, len(self.steps), name)

        def report_ideal(done: int, name: str) -> None:
            report(done, f"{name}, with ideal hands")

        bench = _carry_out(self.steps, self.target, loaded, seed, report, dry)
        perfect = [replace(step, method=step.method.ideal()) for step in self.steps]
        try:
            ideal = _carry_out(perfect, self.target, loaded, seed, report_ideal, dry)
        except InputError as error:
            raise error.within("with ideal handling") from None
        done = min(len(bench), len(ideal))  # a dry run may end early
        return Run(
            name=self.name,
            target=self.target,
            loaded=loaded,
            bench=bench[:done],
            ideal=ideal[:done],
            protocol=self.to_table(),
            seed=seed,
            sample_warnings=tuple(dict.fromkeys([*self.sample.warnings, *doubts])),
            sources=self.sources,
            version=__version__,
        )

    def dry_run(self) -> Run:
        """Go through the motions with few particle classes and quick models, to find what cannot be done.

        Returns
        -------
        Run
            With the warnings that follow from settings, media, equipment and sample; figures in them are rough. What
            only a run can know, since it solves the physics, may be missing, such as a flux that comes to an end. The
            steps end before one that cannot be done with a volume that settings do not fix, which is a warning.

        Raises
        ------
        InputError
            If a step cannot be done with what reaches it.
        """
        few = replace(self.sample, size_bins=DRY_RUN_SIZES, density_quantiles=2)
        return replace(self, sample=few)._run(0, None, dry=True)

    @property
    def sources(self) -> tuple[str, ...]:
        """Bibliography keys of sample, media, equipment and physics, each once."""
        antigens = [antigen for step in self.steps for antigen in step.method.antigens]
        of_steps = [key for step in self.steps for key in step.method.sources]
        used = (*self.sample.sources, *self.sample.marker_sources(antigens), *of_steps)
        return tuple(dict.fromkeys(used))

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that it was read from beside that of its own, such as measured sizes."""
        return self.sample.files

    def methods_section(self) -> str:
        """Return what the methods section of a paper prints of the protocol: one paragraph.

        Returns
        -------
        str

        Examples
        --------
        >>> from sepsim.handling import Dilution
        >>> from sepsim.samples.sample_recipe import sample_from_catalog
        >>> protocol = Protocol(
        ...     name="thin plasma", target="exosome", sample=sample_from_catalog("serum", volume_mL=10),
        ...     steps=(Step(name="dilute", method=Dilution(medium="PBS", factor=3), keep="diluted"),),
        ... )
        >>> protocol.methods_section().split(". ")[2]
        'The sample was diluted 3-fold with PBS'
        """
        treatments = [
            Treatment(
                step.name,
                step.method,
                tuple((source.step, source.fraction) for source in sources_of(step, before)),
                step.keep,
            )
            for step, before in zip(self.steps, (None, *self.steps), strict=False)
        ]
        return methods_section(self.sample, treatments)

    def to_table(self) -> dict[str, Any]:
        """Return the resolved protocol as plain values, from which it can be built again."""
        return {
            "name": self.name,
            "target": self.target,
            "sample": self.sample.to_table(),
            "step": [step.to_table() for step in self.steps],
        }


def _checked_seed(seed: Any) -> int:
    """Return the seed, or raise InputError."""
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
        raise InputError(f"seed = {quoted(seed)}: must be a whole number, at least 0")
    return int(seed)


def _carry_out(
    steps: Sequence[Step], target: str, loaded: Sample, seed: int, report: Callable[[int, str], None], dry: bool
) -> tuple[StepResult, ...]:
    """Run the steps in order; each draws its own random numbers from the seed and its position.

    A dry run ends before a step that cannot be done with volumes that a run may change.
    """
    results: dict[str, StepResult] = {}
    chosen: dict[Source, tuple[str, ...]] = {}
    unsure: set[str] = set()  # steps of a dry run whose volumes a run may change
    inputs = [sources_of(step, before) for step, before in zip(steps, (None, *steps), strict=False)]
    streams = np.random.SeedSequence(seed).spawn(len(steps))
    for index, (step, stream) in enumerate(zip(steps, streams, strict=True)):
        report(index, step.name)
        treated = tuple((source.step, name) for source in inputs[index] for name in chosen[source])
        parts = [results[earlier].outcome.fractions[name] for earlier, name in treated]
        taken = poured(parts or [loaded])
        later = zip(steps[index + 1 :], inputs[index + 1 :], strict=True)
        users = {source: user.name for user, sources in later for source in sources if source.step == step.name}
        open_volume = dry and any(each.step in unsure or _is_density_window(each) for each in inputs[index])
        try:
            outcome = _outcome(step, taken, np.random.default_rng(stream), dry)
            choices, told = _choices(step, taken, outcome, users, dry)
        except InputError as error:
            if not open_volume:
                raise
            return _ended_early(tuple(results.values()), error)
        if open_volume or outcome.volumes_open:
            unsure.add(step.name)
        chosen |= choices
        with collected_warnings():  # about media, which the step has told
            told += step_warnings(step.method, taken, outcome, first=not parts, dry=dry)
        if not users and index + 1 < len(steps):
            told.append(UNUSED)
        remark = step.method.product_remark(step.keep) if index + 1 == len(steps) else ""
        results[step.name] = StepResult(
            name=step.name,
            method=step.method,
            target=target,
            keep=step.keep,
            treated=treated,
            outcome=replace(
                outcome, warnings=(*outcome.warnings, *told), remarks=(*outcome.remarks, *filter(None, [remark]))
            ),
            chosen=choices[_kept(step)],
        )
    return tuple(results.values())


def _is_density_window(source: Source) -> bool:
    return isinstance(selection(source.fraction), DensityWindow)


def _ended_early(done: tuple[StepResult, ...], error: InputError) -> tuple[StepResult, ...]:
    """Return the steps of a dry run before one that may fail, the last of which warns of it."""
    *before, last = done
    told = (f"a run may find: {problem}; the dry run ends here" for problem in error.problems)
    return (*before, replace(last, outcome=replace(last.outcome, warnings=(*last.outcome.warnings, *told))))


def _kept(step: Step) -> Source:
    return Source(step.name, step.keep)


def _choices(
    step: Step, treated: Sample, outcome: Outcome, users: Mapping[Source, str], dry: bool
) -> tuple[dict[Source, tuple[str, ...]], list[str]]:
    """Return which fractions of a step are kept and taken by later steps, and warnings about them.

    All is settled as soon as the step is done, so that no later step runs in vain.
    """
    chosen: dict[Source, tuple[str, ...]] = {}
    taken: dict[str, str] = {}
    problems: list[str] = []
    told: list[str] = []
    fractions = outcome.fractions
    for source in dict.fromkeys((_kept(step), *users)):
        place = f"from = {quoted(str(source))}" if source != _kept(step) else f"keep = {quoted(step.keep)}"
        wanted = selection(source.fraction)
        try:
            chosen[source] = wanted.choose(fractions)
        except InputError as error:
            found = error.within(place).problems
            if dry and (nearest := _nearest(step, wanted, treated, outcome)):
                chosen[source] = nearest
                told += [f"{problem}; these are those of a dry run, which a run may change" for problem in found]
            else:
                problems += found
        if source in users and source in chosen and not (dry and isinstance(wanted, DensityWindow)):
            problems += _conflicts(place, chosen[source], taken)
            taken |= dict.fromkeys(chosen[source], users[source])
    if problems:
        raise InputError(*problems).within(f"step {quoted(step.name)}")
    return chosen, told


def _nearest(step: Step, wanted: Selection, treated: Sample, outcome: Outcome) -> tuple[str, ...]:
    """Return what a dry run takes for a window that holds none of its fractions, but may hold some of a run."""
    if isinstance(wanted, DensityWindow) and wanted.meets(*step.method.fraction_densities(treated, outcome)):
        return wanted.nearest(outcome.fractions)
    return ()


def _conflicts(place: str, names: Sequence[str], taken: Mapping[str, str]) -> list[str]:
    """Return what is wrong if some fractions are taken already; maps fractions to the steps that take them."""
    twice = [name for name in names if name in taken]
    if not twice:
        return []
    return [f"{place}: {', '.join(shortened(twice))} {already_used(taken[twice[0]])}"]


def _outcome(step: Step, sample: Sample, rng: np.random.Generator, dry: bool) -> Outcome:
    try:
        with collected_warnings() as caught:
            refuse_fuller(sample)
            outcome = carried_out(step.method, sample, rng, dry=dry)
    except InputError as error:
        raise error.within(f"step {quoted(step.name)}") from None
    except SepsimError as error:
        raise ProtocolError(f"step {quoted(step.name)}: {error}") from error
    return replace(outcome, warnings=(*outcome.warnings, *caught))


def target_problems(target: str, amounts: Mapping[str, float | None]) -> list[str]:
    """Return what is wrong with a target.

    Parameters
    ----------
    target : str
        Name of a population.
    amounts : mapping of str to float or None [any one unit each]
        How much of each population the sample holds; None if that is not known.

    Returns
    -------
    list of str

    Examples
    --------
    >>> target_problems("exosom", {"exosome": 1e9})
    ["target = 'exosom': the sample holds no such population; did you mean 'exosome'?"]
    """
    if target not in amounts:
        hint = did_you_mean(target, amounts) or f"; there are: {', '.join(map(brief, amounts))}"
        return [f"target = {quoted(target)}: the sample holds no such population{hint}"]
    if amounts[target] == 0 and any(amounts.values()):
        return [f"target = {quoted(target)}: its amount is 0, so that there is nothing to recover; give it an amount"]
    return []
