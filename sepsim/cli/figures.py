"""Options that draw, one way for every command, and the figures in files."""

from __future__ import annotations

import argparse
import io
import re
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sepsim.cli.outputs import STANDARD, Content, Output
from sepsim.errors import InputError
from sepsim.technique import FigureEntry, resolve

if TYPE_CHECKING:
    from sepsim.protocols.protocol import Protocol as SepsimProtocol

DPI = 150
REQUEST = re.compile(r"""(?P<name>[^:=]+)(:(?P<step>"[^"]*"|'[^']*'|[^=]*))?=(?P<path>.+)""", re.DOTALL)
MISSING_GLYPH = re.compile(r"Glyph (\d+) .*missing from")
NO_ROOM = "layout not applied"


class Request(NamedTuple):
    """A figure that a user asks for by name, of a step or of whatever fits, and where it goes."""

    name: str
    step: str | None
    path: str


class Drawn(Protocol):
    """A figure of a result that is yet to come."""

    @property
    def figure(self) -> FigureEntry:
        """How it describes itself."""

    def draw(self, result: Any) -> Any:
        """Draw it."""


class OfCommand(NamedTuple):
    """A figure that a command draws of its own result."""

    figure: FigureEntry
    function: Callable[[Any], Any]

    def draw(self, result: Any) -> Any:
        """Draw it."""
        return self.function(result)


def add_figure_options(parser: argparse.ArgumentParser, overview: str, *, steps: bool = False) -> None:
    """Add ``--plot``, ``--figure`` and ``--figures``; say what the first one draws, and whether steps can be named."""
    of_step = ", from a step by its number or name, else from the last that has it" if steps else ""
    parser.add_argument("--plot", metavar="F", help=f"draw {overview} (png, pdf or svg)")
    parser.add_argument(
        "--figure",
        metavar="NAME[:STEP]=F" if steps else "NAME=F",
        type=_request,
        action="append",
        default=[],
        help=f"draw a figure of `sepsim list figures`{of_step}; may be repeated",
    )
    parser.add_argument("--figures", metavar="FOLDER", help="draw every figure that there is into a folder")


def _request(text: str) -> Request:
    match = REQUEST.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r}: must be NAME=FILE or NAME:STEP=FILE, such as chromatogram:2=c.png")
    return Request(match["name"].strip(), match["step"], match["path"])


def figures_of_run(options: argparse.Namespace, protocol: SepsimProtocol, overview: str) -> list[Output]:
    """Return the figures that are asked for of a run of a protocol.

    Raises
    ------
    InputError
        With every figure that the run will not have.
    """
    from sepsim.plots.figures import drawing, drawings

    def find(name: str, step: str | None) -> Drawn:
        return drawing(protocol, name, step)

    every = {each.file_name(len(protocol.steps)): each for each in drawings(protocol)} if options.figures else {}
    return _outputs(options, find, every, overview)


def figures_among(options: argparse.Namespace, choices: Mapping[str, Callable[[Any], Any]]) -> list[Output]:
    """Return the figures that are asked for of those that a command has by name, the overview first.

    Raises
    ------
    InputError
        With every figure that it does not have.
    """
    from sepsim.plots.figures import figure_named

    def find(name: str, step: str | None) -> Drawn:
        figure = figure_named(name)
        if name not in choices:
            raise InputError(f"is drawn from {figure.needs}; here: {', '.join(choices)}")
        if step is not None:
            raise InputError(f"there is no step {step} here; leave it out")
        return OfCommand(figure, choices[name])

    every = {f"{name}{find(name, None).figure.endings[0]}": find(name, None) for name in choices}
    return _outputs(options, find, every, next(iter(choices)))


def figure_of_name(path: str, name: str) -> list[Output]:
    """Return a figure that draws an entry of a catalogue by its name."""
    from sepsim.plots.figures import figure_named

    figure = figure_named(name)
    return [_output(f"--plot {path}", path, OfCommand(figure, lambda entry: resolve(figure.home)(entry)))]


def _outputs(
    options: argparse.Namespace,
    find: Callable[[str, str | None], Drawn],
    every: Mapping[str, Drawn],
    overview: str,
) -> list[Output]:
    asked = [(f"--plot {options.plot}", Request(overview, None, options.plot))] if options.plot else []
    for request in options.figure:
        step = "" if request.step is None else f":{request.step}"
        asked.append((f"--figure {request.name}{step}={request.path}", request))
    outputs, problems = [], []
    for said, request in asked:
        try:
            outputs.append(_output(said, request.path, find(request.name, request.step)))
        except InputError as error:
            problems += [f"{said}: {problem}" for problem in error.problems]
    if options.figures:
        problems += _folder_problems(Path(options.figures))
        for name, drawn in every.items():
            path = str(Path(options.figures) / name)
            outputs.append(_output(f"--figures {options.figures}: {name}", path, drawn)._replace(in_folder=True))
    if problems:
        raise InputError(*problems)
    return outputs


def _folder_problems(folder: Path) -> Iterator[str]:
    """Yield why figures cannot be put into a folder, which is made if it is not there."""
    if str(folder) == STANDARD:
        yield f"--figures {folder}: many figures do not go to standard output; name a folder"
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        yield f"--figures {folder}: {str(there)!r} is a file; name a folder"


def _output(said: str, path: str, drawn: Drawn) -> Output:
    ending = drawn.figure.endings[0] if path == STANDARD else Path(path).suffix.lower()
    if ending == ".mp4" and shutil.which("ffmpeg") is None:
        raise InputError("needs the program ffmpeg; install it, or write a .gif")
    return Output(said, path, lambda result: encoded(lambda: drawn.draw(result), ending), drawn.figure.endings)


def encoded(draw: Callable[[], Any], ending: str) -> Content:
    """Draw a figure and return it as a file with an ending."""
    from sepsim.drawing.moving import MovingPicture

    file = io.BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drawn = draw()
        if isinstance(drawn, MovingPicture):
            file.write(drawn.encoded(ending))
        else:
            _first(drawn).figure.savefig(file, format=ending[1:], dpi=DPI)
    return Content(file.getvalue(), _faults(str(item.message) for item in caught))


def _first(axes: Any) -> Any:
    """Return the first of several axes, or the only one."""
    return axes.flat[0] if hasattr(axes, "flat") else axes


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
