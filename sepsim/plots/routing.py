"""What becomes of the load at each step: which fractions go on, wait or are left behind, and what they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sepsim.method import StepResult
from sepsim.protocols.run import Run

LOST = "lost"
OTHERS = "other fractions"  # numbered ones that are not told apart

Fraction = tuple[StepResult, str]


class FlowStep(NamedTuple):
    """One step of a run, as a picture needs it.

    Attributes
    ----------
    number : int
        Counted from 0.
    bench, ideal : StepResult
    onward, onward_ideal : tuple of str
        Fractions that the next step treats, kept or not, or that are the product; with losses and without.
    elsewhere, elsewhere_ideal : tuple of str
        Fractions that a step after the next one treats; with losses and without.
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
    elsewhere_ideal: tuple[str, ...]
    behind: tuple[str, ...]
    lossy: bool
    waiting: tuple[Fraction, ...]
    gone: tuple[Fraction, ...]


Users = Mapping[tuple[str, str], int]


def flow_steps(run: Run) -> list[FlowStep]:
    """Return the steps of a run with the fate of their fractions."""
    users, ideal_users = _users(run.bench), _users(run.ideal)
    return [
        _flow_step(index, run.bench[: index + 1], users, run.ideal[index], ideal_users)
        for index in range(len(run.bench))
    ]


def _flow_step(
    index: int, steps: Sequence[StepResult], users: Users, ideal: StepResult, ideal_users: Users
) -> FlowStep:
    """Return the last of some steps, with losses, and the same step without."""
    *earlier, bench = steps
    names = [*bench.outcome.fractions]
    onward, elsewhere = _onward(index, bench, users)
    onward_ideal, elsewhere_ideal = _onward(index, ideal, ideal_users)
    going = (*onward, *elsewhere)
    before = [(step, name, users.get((step.name, name))) for step in earlier for name in step.outcome.fractions]
    return FlowStep(
        number=index,
        bench=bench,
        ideal=ideal,
        onward=onward,
        onward_ideal=onward_ideal,
        elsewhere=elsewhere,
        elsewhere_ideal=elsewhere_ideal,
        behind=tuple(name for name in names if name not in going and name != LOST),
        lossy=LOST in names and LOST not in going,
        waiting=tuple((step, name) for step, name, user in before if user is not None and user > index),
        gone=tuple((step, name) for step, name, user in before if user is None),
    )


def _onward(index: int, step: StepResult, users: Users) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fractions that the next step treats, and those that a later one does."""
    goals = {name: users[step.name, name] for name in step.outcome.fractions if (step.name, name) in users}
    onward = tuple(name for name, goal in goals.items() if goal == index + 1)
    return onward, tuple(name for name in goals if name not in onward)


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
