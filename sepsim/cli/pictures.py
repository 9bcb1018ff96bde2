"""Pictures in files: written whole or not at all, and what is wrong with them in words."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sepsim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from sepsim.run import Run, StepResult

MISSING_GLYPH = re.compile(r"Glyph (\d+) .*missing from")
NO_ROOM = "layout not applied"
DPI = 150


def flow(run: Run) -> Any:
    """Draw where each population went."""
    from sepsim import plots

    return plots.protocol_flow(run)


def comparison(runs: Sequence[Run]) -> Any:
    """Draw yield against purity."""
    from sepsim import plots

    return plots.yield_against_purity(runs)


def tube(run: Run, step: str | None) -> Any:
    """Draw the tube of a step during its spin."""
    from sepsim import plots

    chosen = _step(run, step, lambda each: each.outcome.trace is not None, "spins")
    draw = plots.gradient_tube if _in_gradient(chosen) else plots.tube_during_spin
    return draw(chosen).flat[0]


def fractions(run: Run, step: str | None) -> Any:
    """Draw what the fractions of a step hold."""
    from sepsim import plots

    return plots.fraction_bars(_step(run, step, _in_gradient, "has a gradient or a cushion")).flat[0]


def animate(run: Run, step: str | None, path: str) -> str:
    """Write bands forming; returns no faults."""
    from sepsim import plots

    plots.animate_bands(_step(run, step, _in_gradient, "has a gradient or a cushion"), path)
    return ""


def _in_gradient(step: StepResult) -> bool:
    from sepsim.gradient_spin import GradientSpin

    return isinstance(step.outcome.trace, GradientSpin)


def _step(run: Run, name: str | None, fits: Callable[[StepResult], bool], what: str) -> StepResult:
    """Return the step of a name, else the last that fits."""
    steps = {step.name: step for step in run.bench}
    if name is None:
        name = next((step.name for step in reversed(run.bench) if fits(step)), None)
        if name is None:
            raise InputError(f"no step {what}")
    if name not in steps:
        hint = did_you_mean(name, steps) or f"; there are: {', '.join(map(repr, steps))}"
        raise InputError(f"--step {name!r}: no step of this name{hint}")
    return steps[name]


def save(draw: Callable[[], Any], path: str) -> str:
    """Draw axes and write their picture in the format of the file's ending; returns its faults in one line, or none.

    Whatever goes wrong before the picture is complete leaves a file of this name as it was.
    """
    picture = io.BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        draw().figure.savefig(picture, format=Path(path).suffix[1:].lower(), dpi=DPI)
    Path(path).write_bytes(picture.getvalue())
    return _faults(str(item.message) for item in caught)


def _faults(messages: Iterable[str]) -> str:
    """Return warnings of matplotlib as a user understands them, each once."""
    letters: dict[str, None] = {}
    faults: dict[str, None] = {}
    for message in messages:
        if missing := MISSING_GLYPH.match(message):
            letters[chr(int(missing[1]))] = None
        elif NO_ROOM in message:
            faults["names are too long for the picture, which may cut them off"] = None
        else:
            faults[" ".join(message.split())] = None
    boxes = [f"the font has no {' '.join(letters)}, drawn as boxes"] if letters else []
    return "; ".join([*boxes, *faults])
