"""What only a whole run can tell: figures that contradict what is expected, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sepsim.method import StepResult
from sepsim.text_table import percent

if TYPE_CHECKING:
    from sepsim.protocols.run import Run

NOTICED = 0.01  # relative, by which the ideal yield falls below that of the bench


def whole_warnings(run: Run) -> Iterator[str]:
    """Yield what is wrong with a run as a whole.

    Parameters
    ----------
    run : Run

    Yields
    ------
    str
        One warning each: nothing of the target in the product, and an ideal yield below that of the bench.
    """
    if run.product.by_population[run.target] < 1.0 <= run.loaded.by_population[run.target]:
        yield _about_nothing(run)
    figures = run.yields[run.target]
    if figures["ideal"] < (1.0 - NOTICED) * figures["bench"]:
        yield _about_ideal(run)


def _about_nothing(run: Run) -> str:
    """Say where the last of the target went, by the fraction that holds most of it."""
    where = next(step for step in run.bench if step.kept.by_population[run.target] < 1.0)
    held = {name: sample.by_population[run.target] for name, sample in where.outcome.fractions.items()}
    most = max(held, key=lambda name: held[name])
    return (
        f"the product holds no {run.target}: {where.name!r} keeps {where.keep!r}, but it is in {most!r}; yield and "
        "purity tell nothing"
    )


def _about_ideal(run: Run) -> str:
    """Say at which step ideal hands keep a smaller part of the target than the bench, and what that step warns of."""
    figures = run.yields[run.target]
    told = (
        f"the yield of {run.target} is lower with ideal hands, {percent(figures['ideal'])}, than on the bench, "
        f"{percent(figures['bench'])}"
    )
    for bench, ideal in zip(run.bench, run.ideal, strict=True):
        kept, kept_ideal = (_passed(step, run.target) for step in (bench, ideal))
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
