"""The figures by name, of whole protocols and of each technique: what they are drawn of, and drawing them.

Nothing here loads matplotlib before a figure is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sepsim.errors import InputError, did_you_mean
from sepsim.protocols.step_address import find_step, numbered_names
from sepsim.technique import FigureEntry, resolve
from sepsim.techniques import core_first
from sepsim.text.quoting import quoted

if TYPE_CHECKING:
    from sepsim.method import Method
    from sepsim.protocols.protocol import Protocol
    from sepsim.protocols.run import Run

OVERVIEW, COMPARISON = "protocol_flow", "yield_against_purity"


def every_step(method: Method) -> bool:
    """Return True: any step has the figure.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> every_step(Aliquot(volume_mL=1))
    True
    """
    return True


def collects(method: Method) -> bool:
    """Return whether a method draws off numbered fractions, or a cushion.

    Parameters
    ----------
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> collects(Aliquot(volume_mL=1))
    False
    """
    return "cushion" in method.fraction_names or not method.keep_problem("fraction 1")


def figures() -> dict[str, FigureEntry]:
    """Return the figures of protocols and of all techniques by name.

    Returns
    -------
    dict of str to FigureEntry

    Examples
    --------
    >>> figures()["chromatogram"].needs
    'a step that runs through a column'
    """
    return {figure.name: figure for technique in core_first() for figure in technique.figures}


def figure_named(name: str) -> FigureEntry:
    """Return a figure by name.

    Parameters
    ----------
    name : str

    Returns
    -------
    FigureEntry

    Raises
    ------
    InputError
        If there is none of this name; tells the nearest.

    Examples
    --------
    >>> figure_named("gradient_tube").summary
    'the tube upright at chosen times: gradient, bands and pellet'
    """
    known = figures()
    if name not in known:
        hint = did_you_mean(name, known) or f"; there are: {', '.join(known)}"
        raise InputError(f"no figure is called {quoted(name)}{hint}")
    return known[name]


def figure_rows() -> list[dict[str, str]]:
    """Return the rows that ``sepsim list figures`` shows.

    Returns
    -------
    list of dict of str to str

    Examples
    --------
    >>> figure_rows()[0]["figure"]
    'protocol_flow'
    """
    return [
        {
            "figure": figure.name,
            "what it shows": figure.summary,
            "drawn from": figure.needs,
            "files": " ".join(figure.endings),
        }
        for figure in figures().values()
    ]


class Drawing(NamedTuple):
    """A figure of a run, or of one of its steps.

    Attributes
    ----------
    figure : FigureEntry
    place : int or None
        Of the step, counted from 1; None of the run as a whole.
    """

    figure: FigureEntry
    place: int | None = None

    def draw(self, run: Run) -> Any:
        """Draw it.

        Parameters
        ----------
        run : Run

        Returns
        -------
        Axes, ndarray of Axes or MovingPicture

        Raises
        ------
        InputError
            If what the figure shows is not there.
        """
        return resolve(self.figure.home)(run if self.place is None else run.step(self.place))

    def file_name(self, steps: int) -> str:
        """Return a name for its file in a folder with those of a run of so many steps."""
        number = "" if self.place is None else f"{self.place:0{len(str(steps))}d}_"
        return f"{number}{self.figure.name}{self.figure.endings[0]}"


def drawings(protocol: Protocol) -> list[Drawing]:
    """Return every figure that a run of a protocol has: of the whole, then step by step.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    list of Drawing

    Examples
    --------
    >>> import sepsim
    >>> step = {"name": "take", "method": "aliquot", "volume_mL": 1, "keep": "aliquot"}
    >>> protocol = sepsim.protocol_from_table({"sample": {"source": "urine", "volume_mL": 10}, "step": [step]})
    >>> [drawing.file_name(steps=1) for drawing in drawings(protocol)]
    ['protocol_flow.png', 'yield_against_purity.png', 'size_distributions.png', '1_size_distributions.png']
    """
    known = [*figures().values()]
    whole = [Drawing(figure) for figure in known if figure.of_run]
    steps = [
        Drawing(figure, place)
        for place, step in enumerate(protocol.steps, 1)
        for figure in known
        if has(figure, step.method)
    ]
    return [*whole, *steps]


def has(figure: FigureEntry, method: Method) -> bool:
    """Return whether a step with these settings has a figure.

    Parameters
    ----------
    figure : FigureEntry
    method : Method

    Returns
    -------
    bool

    Examples
    --------
    >>> from sepsim.handling import Aliquot
    >>> has(figures()["chromatogram"], Aliquot(volume_mL=1))
    False
    """
    return bool(figure.fits) and bool(resolve(figure.fits)(method))


def drawing(protocol: Protocol, name: str, address: str | None) -> Drawing:
    """Return a figure of the step that is addressed, else of the whole run, else of the last step that has it.

    Parameters
    ----------
    protocol : Protocol
    name : str
        Of the figure.
    address : str or None
        Place or name of a step.

    Returns
    -------
    Drawing

    Raises
    ------
    InputError
        If there is no such figure or step, or the step does not have the figure; tells what it needs and what is there.
    """
    figure = figure_named(name)
    if address is None and figure.of_run:
        return Drawing(figure)
    names = [step.name for step in protocol.steps]
    fitting = [place for place, step in enumerate(protocol.steps, 1) if has(figure, step.method)]
    if address is None and fitting:
        return Drawing(figure, fitting[-1])
    place = None if address is None else find_step(names, address) + 1
    if place in fitting:
        return Drawing(figure, place)
    raise InputError(f"is drawn from {figure.needs}; {_there(protocol.steps, names, place)}")


def _there(steps: Sequence[Any], names: Sequence[str], place: int | None) -> str:
    """Return which steps there are with their methods, or which was asked for."""
    told = [f"{name} ({step.method.technique})" for name, step in zip(numbered_names(names), steps, strict=True)]
    return f"there are: {', '.join(told)}" if place is None else f"this is step {told[place - 1]}"
