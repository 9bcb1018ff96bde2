"""What becomes of the load at each step: which fractions go on, wait or are left behind, and what they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sepsim.run import Run, StepResult

LOST = "lost"

Fraction = tuple[StepResult, str]


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
    waiting : tuple of (StepResult, str)
        Fractions of earlier steps, with losses, that a later step treats.
    gone : tuple of (StepResult, str)
        Fractions of earlier steps, with losses, that nothing is done with, or that are lost.
    """

    number: int
    bench: StepResult
    ideal: StepResult
    onward: tuple[str, ...]
    behind: tuple[str, ...]
    lossy: bool
    waiting: tuple[Fraction, ...]
    gone: tuple[Fraction, ...]


def columns(run: Run) -> list[Column]:
    """Return the steps of a run with the fate of their fractions."""
    users = _users(run)
    return [
        _column(index, bench, ideal, users, run.bench[:index])
        for index, (bench, ideal) in enumerate(zip(run.bench, run.ideal, strict=True))
    ]


def _column(
    index: int, bench: StepResult, ideal: StepResult, users: Mapping[str, int], earlier: Sequence[StepResult]
) -> Column:
    names = [bench.keep, *(name for name in bench.outcome.fractions if name != bench.keep)]
    onward = [name for name in names if f"{bench.name}.{name}" in users]
    behind = [name for name in names if name not in onward and name != LOST]
    before = [(step, name, users.get(f"{step.name}.{name}")) for step in earlier for name in step.outcome.fractions]
    return Column(
        number=index,
        bench=bench,
        ideal=ideal,
        onward=tuple(onward),
        behind=tuple(behind),
        lossy=LOST in names and LOST not in onward,
        waiting=tuple((step, name) for step, name, user in before if user is not None and user > index),
        gone=tuple((step, name) for step, name, user in before if user is None),
    )


def _users(run: Run) -> dict[str, int]:
    """Return the number of the step that treats each fraction that goes on, as ``"step name.fraction"``.

    The product counts as treated after the last step.
    """
    kept = [f"{step.name}.{step.keep}" for step in run.bench]
    users = {kept[-1]: len(kept)}
    for index, step in enumerate(run.protocol["step"]):
        sources = step.get("from") or kept[max(index - 1, 0) : index]
        users |= dict.fromkeys([sources] if isinstance(sources, str) else sources, index)
    return users


def shares(run: Run, fractions: Iterable[Fraction]) -> dict[str, float]:
    """Return what fractions hold together of the load of each population.

    Parameters
    ----------
    run : Run
    fractions : iterable of (StepResult, str)
        Steps of the run, bench or ideal, and which of their fractions.

    Returns
    -------
    dict of str to float [-]
        nan where nothing was loaded.
    """
    held = [step.outcome.fractions[name].by_population for step, name in fractions]
    return {
        name: math.fsum(part[name] for part in held) / number if number else math.nan
        for name, number in run.loaded.by_population.items()
    }
