"""Pictures in files: written whole or not at all, and what is wrong with them in words."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sepsim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from sepsim.run import Run, StepResult

MISSING_GLYPH = re.compile(r"Glyph (\d+) .*missing from")
NO_ROOM = "layout not applied"
DPI = 150
PICTURES = (".png", ".pdf", ".svg")
ANIMATIONS = (".gif", ".mp4")

Fits = Callable[["StepResult"], bool]


class Picture(NamedTuple):
    """An option of ``sepsim run`` that draws.

    Attributes
    ----------
    option, help : str
    write : callable
        Takes a run, the name of a step or None, and a path; draws into the file and returns the picture's faults.
    endings : tuple of str
        Of the file.
    """

    option: str
    help: str
    write: Callable[[Run, str | None, str], str]
    endings: tuple[str, ...] = PICTURES


def of_run(name: str) -> Callable[[Run, str | None, str], str]:
    """Return what writes a picture of a whole run, by its name in `sepsim.plots`."""

    def write(run: Run, _: str | None, path: str) -> str:
        return save(lambda: _plot(name)(run), path)

    return write


def of_step(draw: str | Callable[[StepResult], Any], fits: Fits, what: str) -> Callable[[Run, str | None, str], str]:
    """Return what writes a picture of a step, by its name in `sepsim.plots` or as a function.

    The step that is named, else the last that fits; `what` says in words what such a step does.
    """

    def write(run: Run, step: str | None, path: str) -> str:
        function = _plot(draw) if isinstance(draw, str) else draw
        return save(lambda: _first(function(_step(run, step, fits, what))), path)

    return write


def save_comparison(runs: Sequence[Run], path: str) -> str:
    """Write yield against purity; returns its faults."""
    return save(lambda: _plot("yield_against_purity")(runs), path)


def save_membrane(name: str, path: str) -> str:
    """Write the sieving curve of a membrane of the catalogue; returns its faults."""
    return save(lambda: _plot("sieving_curve")(name), path)


def _plot(name: str) -> Callable[..., Any]:
    """Return a function of `sepsim.plots`, which is loaded only now."""
    from sepsim import plots

    function: Callable[..., Any] = getattr(plots, name)
    return function


def _first(axes: Any) -> Any:
    """Return the first of several axes, or the only one."""
    return axes.flat[0] if hasattr(axes, "flat") else axes


def _tube(step: StepResult) -> Any:
    """Draw the tube of a spin, with or without a gradient."""
    return _plot("gradient_tube" if _in_gradient(step) else "tube_during_spin")(step)


def _animate(run: Run, step: str | None, path: str) -> str:
    """Write bands forming; there are no faults."""
    _plot("animate_bands")(_step(run, step, _in_gradient, "has a gradient or a cushion"), path)
    return ""


def _spun(step: StepResult) -> bool:
    from sepsim.spin import Spin

    return isinstance(step.outcome.trace, Spin) or _in_gradient(step)


def _in_gradient(step: StepResult) -> bool:
    from sepsim.gradient_spin import GradientSpin

    return isinstance(step.outcome.trace, GradientSpin)


def _eluted(step: StepResult) -> bool:
    from sepsim.elution import Elution

    return isinstance(step.outcome.trace, Elution)


def _filtered(step: StepResult) -> bool:
    from sepsim.membrane_run import MembraneRun

    return isinstance(step.outcome.trace, MembraneRun)


def _collected(step: StepResult) -> bool:
    return _in_gradient(step) or _eluted(step)


OF_RUN: tuple[Picture, ...] = (
    Picture("--plot", "draw where each population went (png, pdf or svg)", of_run("protocol_flow")),
    Picture("--plot-tube", "draw the tube during a spin or gradient", of_step(_tube, _spun, "spins")),
    Picture(
        "--plot-fractions",
        "draw what the fractions of a gradient or a column hold",
        of_step("fraction_bars", _collected, "has a gradient, a cushion or a column"),
    ),
    Picture("--plot-column", "draw what leaves a column", of_step("chromatogram", _eluted, "runs through a column")),
    Picture(
        "--plot-membrane",
        "draw flux, pressure and concentrations during a filtration",
        of_step("filtration_course", _filtered, "filters through a membrane"),
    ),
    Picture(
        "--plot-washing",
        "draw what washing or concentrating over a membrane leaves in the vessel",
        of_step("washing_out", _filtered, "filters through a membrane"),
    ),
    Picture("--animate", "draw bands forming in a gradient (gif or mp4)", _animate, ANIMATIONS),
)


def _step(run: Run, name: str | None, fits: Fits, what: str) -> StepResult:
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
