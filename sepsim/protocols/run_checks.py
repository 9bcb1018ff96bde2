"""What only a whole run can tell: figures that contradict what is expected, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sepsim.method import StepResult
from sepsim.samples.sample import Sample
from sepsim.text.tables import percent

NOTICED = 0.01  # relative, by which the ideal yield falls below that of the bench


def whole_warnings(
    target: str, loaded: Sample, bench: Sequence[StepResult], ideal: Sequence[StepResult]
) -> Iterator[str]:
    """Yield what is wrong with a run as a whole.

    Parameters
    ----------
    target : str
        The population that is wanted.
    loaded : Sample
    bench, ideal : sequence of StepResult
        All steps, with the losses of handling and without.

    Yields
    ------
    str
        One warning each: nothing of the target in the product, and an ideal yield below that of the bench.

    Examples
    --------
    >>> import sepsim
    >>> step = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    >>> run = sepsim.protocol_from_table({"sample": {"source": "urine", "volume_mL": 10}, "step": [step]}).run()
    >>> [*whole_warnings("exosome", run.loaded, run.bench, run.ideal)]
    []
    """
    at_start = loaded.by_population[target]
    product, ideal_product = (steps[-1].kept.by_population[target] for steps in (bench, ideal))
    if product < 1.0 <= at_start:
        yield _about_nothing(target, bench)
    if ideal_product < (1.0 - NOTICED) * product:
        yield _about_ideal(
            target,
            bench,
            ideal,
            f"{percent(ideal_product / at_start)}, than on the bench, {percent(product / at_start)}",
        )


def _about_nothing(target: str, steps: Sequence[StepResult]) -> str:
    """Say where the last of the target went, by the fraction that holds most of it."""
    where = next(step for step in steps if step.kept.by_population[target] < 1.0)
    held = {name: sample.by_population[target] for name, sample in where.outcome.fractions.items()}
    most = max(held, key=lambda name: held[name])
    return (
        f"the product holds no {target}: {where.name!r} keeps {where.keep!r}, but it is in {most!r}; yield and purity "
        "tell nothing"
    )


def _about_ideal(target: str, steps: Sequence[StepResult], ideal_steps: Sequence[StepResult], yields: str) -> str:
    """Say at which step ideal hands keep a smaller part of the target than the bench, and what that step warns of."""
    told = f"the yield of {target} is lower with ideal hands, {yields}"
    for bench, ideal in zip(steps, ideal_steps, strict=True):
        kept, kept_ideal = _passed(bench, target), _passed(ideal, target)
        if kept_ideal < (1.0 - NOTICED) * kept:
            more = [text for text in ideal.outcome.warnings if text not in bench.outcome.warnings]
            why = f": {more[0]}" if more else ", since it keeps what ideal hands leave behind or take away"
            return (
                f"{told}; {bench.name!r} keeps {percent(kept_ideal)} of what reaches it with ideal hands and "
                f"{percent(kept)} on the bench{why}"
            )
    return told


def _passed(step: StepResult, target: str) -> float:
    """Return the share of the target that a step keeps of what it treated [-]."""
    entered = sum(sample.by_population[target] for sample in step.outcome.fractions.values())
    return step.kept.by_population[target] / entered if entered else 0.0
