"""What becomes of the load at each step: which fractions go on, wait or are left behind, and what they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sepsim.run import Run, StepResult

LOST = "lost"
OTHERS = "other fractions"  # numbered ones that are not told apart

Fraction = tuple[StepResult, str]


class Column(NamedTuple):
    """One step of a run, as a picture needs it.

    Attributes
    ----------
    number : int
        Counted from 0.
    bench, ideal : StepResult
    onward, onward_ideal : tuple of str
        Fractions that go on together: those that are kept, or if nothing is done with them, those that another step
        treats first; with losses and without.
    elsewhere : tuple of str
        Other fractions that a step treats.
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
    onward_ideal: tuple[str, ...]
    elsewhere: tuple[str, ...]
    behind: tuple[str, ...]
    lossy: bool
    waiting: tuple[Fraction, ...]
    gone: tuple[Fraction, ...]


Users = Mapping[tuple[str, str], int]


def columns(run: Run) -> list[Column]:
    """Return the steps of a run with the fate of their fractions."""
    users, ideal_users = _users(run.bench), _users(run.ideal)
    return [
        _column(index, bench, users, _onward(ideal, ideal_users), ideal, run.bench[:index])
        for index, (bench, ideal) in enumerate(zip(run.bench, run.ideal, strict=True))
    ]


def _column(
    index: int,
    bench: StepResult,
    users: Users,
    onward_ideal: tuple[str, ...],
    ideal: StepResult,
    earlier: Sequence[StepResult],
) -> Column:
    names = [*bench.outcome.fractions]
    onward = _onward(bench, users)
    elsewhere = tuple(name for name in names if (bench.name, name) in users and name not in onward)
    going = (*onward, *elsewhere)
    before = [(step, name, users.get((step.name, name))) for step in earlier for name in step.outcome.fractions]
    return Column(
        number=index,
        bench=bench,
        ideal=ideal,
        onward=onward,
        onward_ideal=onward_ideal,
        elsewhere=elsewhere,
        behind=tuple(name for name in names if name not in going and name != LOST),
        lossy=LOST in names and LOST not in going,
        waiting=tuple((step, name) for step, name, user in before if user is not None and user > index),
        gone=tuple((step, name) for step, name, user in before if user is None),
    )


def _onward(step: StepResult, users: Users) -> tuple[str, ...]:
    """Return the fractions that go where what is kept goes first, or if that goes nowhere, where any goes first."""
    goals = {name: users[step.name, name] for name in step.outcome.fractions if (step.name, name) in users}
    main = min((goals[name] for name in step.chosen if name in goals), default=min(goals.values(), default=None))
    return tuple(name for name, goal in goals.items() if goal == main)


def _users(steps: Sequence[StepResult]) -> dict[tuple[str, str], int]:
    """Return the number of the step that treats each fraction that goes on, by names of step and fraction.

    The product counts as treated after the last step.
    """
    product = {(steps[-1].name, name): len(steps) for name in steps[-1].chosen}
    return product | {fraction: index for index, step in enumerate(steps) for fraction in step.treated}


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
