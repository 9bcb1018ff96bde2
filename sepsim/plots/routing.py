"""What becomes of the load at each step: which fractions go on, which are left behind, and what they hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sepsim.run import Run, StepResult

LOST = "lost"


class Column(NamedTuple):
    """One step of a run, as a picture needs it.

    Attributes
    ----------
    number : int
        Counted from 0.
    bench, ideal : StepResult
    onward : tuple of str
        Fractions that another step treats or that are the product, the kept one first.
    behind : tuple of str
        Fractions that nothing is done with.
    lossy : bool
        Whether the step hands out a fraction ``lost``.
    """

    number: int
    bench: StepResult
    ideal: StepResult
    onward: tuple[str, ...]
    behind: tuple[str, ...]
    lossy: bool


def columns(run: Run) -> list[Column]:
    """Return the steps of a run with the fate of their fractions."""
    used = _used(run)
    return [
        _column(index, bench, ideal, used)
        for index, (bench, ideal) in enumerate(zip(run.bench, run.ideal, strict=True))
    ]


def _column(index: int, bench: StepResult, ideal: StepResult, used: set[str]) -> Column:
    names = [bench.keep, *(name for name in bench.outcome.fractions if name != bench.keep)]
    onward = [name for name in names if f"{bench.name}.{name}" in used]
    behind = [name for name in names if name not in onward and name != LOST]
    return Column(index, bench, ideal, tuple(onward), tuple(behind), LOST in names and LOST not in onward)


def _used(run: Run) -> set[str]:
    """Return the fractions that go on, each as ``"step name.fraction"``."""
    kept = [f"{step.name}.{step.keep}" for step in run.bench]
    used = {kept[-1]}
    for index, step in enumerate(run.protocol["step"]):
        sources = step.get("from") or kept[max(index - 1, 0) : index]
        used.update([sources] if isinstance(sources, str) else sources)
    return used


def shares(run: Run, step: StepResult, fractions: Sequence[str]) -> dict[str, float]:
    """Return what fractions of a step hold together of the load of each population.

    Parameters
    ----------
    run : Run
    step : StepResult
        One of its steps, bench or ideal.
    fractions : sequence of str

    Returns
    -------
    dict of str to float [-]
        nan where nothing was loaded.
    """
    held = [step.outcome.fractions[fraction].by_population for fraction in fractions]
    return {
        name: math.fsum(part[name] for part in held) / number if number else math.nan
        for name, number in run.loaded.by_population.items()
    }
