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
    from sepsim.method import StepResult
    from sepsim.protocols.protocol import Protocol, Step
    from sepsim.protocols.run import Run

MISSING_GLYPH = re.compile(r"Glyph (\d+) .*missing from")
NO_ROOM = "layout not applied"
DPI = 150
PICTURES = (".png", ".pdf", ".svg")
ANIMATIONS = (".gif", ".mp4")

Fits = Callable[["Step"], bool]


class Picture(NamedTuple):
    """An option of ``sepsim run`` that draws.

    Attributes
    ----------
    option, help : str
    draw : callable
        Takes a run and the name of the step to draw, if it needs one, and a path; returns the picture's faults.
    needs : str
        What a step to draw does, in words; empty if the whole run is drawn.
    fits : tuple of callable
        Which steps do so; those that an earlier one finds are preferred.
    endings : tuple of str
        Of the file.
    """

    option: str
    help: str
    draw: Callable[[Run, str, str], str]
    needs: str = ""
    fits: tuple[Fits, ...] = ()
    endings: tuple[str, ...] = PICTURES

    def step(self, protocol: Protocol, name: str | None) -> str:
        """Return the name of the step to draw: the one that is named, else the last that fits.

        Raises
        ------
        InputError
            If none fits, or not the one that is named; tells what it needs and which steps there are.
        """
        fitting = [step.name for fits in self.fits for step in reversed(protocol.steps) if fits(step)]
        if not self.needs or name in fitting:
            return name or ""
        if name is None and fitting:
            return fitting[0]
        techniques = {step.name: step.method.technique for step in protocol.steps}
        named = "" if name is None else f"; {name!r} is {techniques[name]}"
        there = ", ".join(f"{step!r} ({technique})" for step, technique in techniques.items())
        raise InputError(
            f"{self.option}: needs a step that {self.needs}{named}; there are: {there}; --plot draws any protocol"
        )


def steps_to_draw(asked: Sequence[Picture], protocol: Protocol, name: str | None) -> dict[str, str]:
    """Return the name of the step that each picture shows, by option; raise InputError with all that cannot be."""
    steps = [step.name for step in protocol.steps]
    if name is not None and name not in steps:
        hint = did_you_mean(name, steps) or f"; there are: {', '.join(map(repr, steps))}"
        raise InputError(f"--step {name!r}: no step of this name{hint}")
    found: dict[str, str] = {}
    problems: list[str] = []
    for picture in asked:
        try:
            found[picture.option] = picture.step(protocol, name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return found


def _of_run(name: str) -> Callable[[Run, str, str], str]:
    """Return what writes a picture of a whole run, by its name in `sepsim.plots`."""
    return lambda run, _, path: save(lambda: _plot(name)(run), path)


def _of_step(draw: str | Callable[[StepResult], Any]) -> Callable[[Run, str, str], str]:
    """Return what writes a picture of a step, by its name in `sepsim.plots` or as a function."""

    def write(run: Run, step: str, path: str) -> str:
        function = _plot(draw) if isinstance(draw, str) else draw
        return save(lambda: _first(function(_result(run, step))), path)

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


def _result(run: Run, name: str) -> StepResult:
    return next(step for step in run.bench if step.name == name)


def _column(run: Run, step: str, path: str) -> str:
    """Write a chromatogram, in which the target stands out; returns its faults."""
    return save(lambda: _plot("chromatogram")(_result(run, step), target=run.target), path)


def _tube(step: StepResult) -> Any:
    """Draw the tube of a spin, with or without a gradient."""
    from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin

    return _plot("gradient_tube" if isinstance(step.outcome.trace, GradientSpin) else "tube_during_spin")(step)


def _spectrum(step: StepResult) -> Any:
    """Draw what a mass spectrometer shows of peptides or of whole particles."""
    from sepsim.techniques.mass_spectrometry.whole_ion_spectrum import WholeIonRun

    return _plot("charge_histogram" if isinstance(step.outcome.trace, WholeIonRun) else "mass_spectrum")(step)


def _animate(run: Run, step: str, path: str) -> str:
    """Write bands forming; there are no faults."""
    _plot("animate_bands")(_result(run, step), path)
    return ""


def _technique(*names: str) -> Fits:
    return lambda step: step.method.technique in names


def _on_cushion(step: Step) -> bool:
    from sepsim.techniques.centrifugation.centrifugation import Centrifugation

    return isinstance(step.method, Centrifugation) and step.method.cushion is not None


def _in_gradient(step: Step) -> bool:
    return step.method.technique == "density_gradient" or _on_cushion(step)


def _collected(step: Step) -> bool:
    return _in_gradient(step) or step.method.technique == "chromatography"


FILTERS = (_technique("ultrafiltration"), _technique("filtration"))

OF_RUN: tuple[Picture, ...] = (
    Picture("--plot", "draw where each population went (png, pdf or svg)", _of_run("protocol_flow")),
    Picture(
        "--plot-tube",
        "draw the tube during a spin or gradient",
        _of_step(_tube),
        "spins",
        (_technique("centrifugation", "density_gradient"),),
    ),
    Picture(
        "--plot-fractions",
        "draw what the fractions of a gradient or a column hold",
        _of_step("fraction_bars"),
        "has a gradient, a cushion or a column",
        (_collected,),
    ),
    Picture(
        "--plot-column",
        "draw what leaves a column",
        _column,
        "runs through a column",
        (_technique("chromatography"),),
    ),
    Picture(
        "--plot-membrane",
        "draw flux, pressure and concentrations during a filtration",
        _of_step("filtration_course"),
        "filters through a membrane",
        FILTERS,
    ),
    Picture(
        "--plot-washing",
        "draw what washing or concentrating over a membrane leaves in the vessel",
        _of_step("washing_out"),
        "filters through a membrane",
        FILTERS,
    ),
    Picture(
        "--plot-spectrum",
        "draw the mass spectrum of peptides, or the masses and charges of whole particles",
        _of_step(_spectrum),
        "is mass spectrometry",
        (_technique("mass_spectrometry"),),
    ),
    Picture(
        "--animate",
        "draw bands forming in a gradient (gif or mp4)",
        _animate,
        "has a gradient or a cushion",
        (_in_gradient,),
        ANIMATIONS,
    ),
)


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
