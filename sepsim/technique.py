"""How a technique describes itself, in a record so light that lists and help load nothing else.

Methods, catalogues, figures, commands and templates are named by where they stand, ``"package.module:name"``, and load
when they are first used.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


def resolve(address: str) -> Any:
    """Return what stands at an address.

    Parameters
    ----------
    address : str
        ``"package.module:name"``; the name may have parts, as in ``"sepsim.rotors.rotors:ROTORS.row"``.

    Returns
    -------
    object

    Examples
    --------
    >>> resolve("sepsim.units:suffix")("volume_mL")
    'mL'
    """
    module, _, name = address.partition(":")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


class OwnTable(NamedTuple):
    """A table by which a user describes equipment of his own.

    Attributes
    ----------
    record : str
        Address of the record that the table fills.
    example : mapping of str to str
        Keys and their values as they are written in a protocol file.
    """

    record: str
    example: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class MethodEntry:
    """A method, as lists and templates know it before it loads.

    Parameters
    ----------
    name : str
        By which protocol files call it.
    home : str
        Address of the class, a `Method`.
    summary : str
        First line of its documentation.
    sentence : str
        Address of a function of the method and of what it treats, such as ``"the sample"``, that returns what a methods
        section says of such a step; empty if there is none. What is kept is not said there.
    nouns : mapping of str to str
        What a methods section calls a fraction, such as ``"diluted sample"``, if not by its name.
    example : mapping of str to str
        Keys of a step, ``keep`` among them, and their values as a protocol file writes them: what ``sepsim new`` shows.
    sample_volume_mL : float [mL]
        Of the sample in that protocol.
    own_tables : mapping of str to OwnTable
        By path, such as ``"step.column"`` and ``"step.column.resin"``; the outermost first.

    Examples
    --------
    >>> entry = MethodEntry(name="aliquot", home="sepsim.handling:Aliquot", summary="Take a volume.", example={})
    >>> entry.load().technique
    'aliquot'
    """

    name: str
    home: str
    summary: str
    sentence: str = ""
    nouns: Mapping[str, str] = field(default_factory=dict)
    example: Mapping[str, str]
    sample_volume_mL: float = 100
    own_tables: Mapping[str, OwnTable] = field(default_factory=dict)

    def load(self) -> Any:
        """Return the class."""
        return resolve(self.home)


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """What ``sepsim list`` and ``sepsim show`` offer of one kind of thing.

    Parameters
    ----------
    topic, kind : str
        Its name for many and for one, such as ``"rotors"`` and ``"rotor"``.
    summary : str
        What it lists, in one line.
    rows : str
        Address of a function that returns the rows of the list, each a mapping of column to text.
    entry : str
        Address of a function that returns what is known about a name, as a mapping; empty if there is no more.
    note : str
        Printed below the list.
    figure : str
        Name of the figure that draws one of them by its name; empty if none does.

    Examples
    --------
    >>> spoons = Catalogue(topic="spoons", kind="spoon", rows="kitchen.drawer:spoons")
    >>> spoons.kind
    'spoon'
    """

    topic: str
    kind: str
    rows: str
    summary: str = ""
    entry: str = ""
    note: str = ""
    figure: str = ""


PICTURES = (".png", ".pdf", ".svg")
ANIMATIONS = (".gif", ".mp4")


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureEntry:
    """A figure, as lists and commands know it before it loads.

    Parameters
    ----------
    name : str
        In `sepsim.plots` and on the command line.
    home : str
        Address of the function that draws it, of a `Run` or a `StepResult`.
    summary : str
        What it shows, in one line.
    needs : str
        What it is drawn of, in words, such as "a step that spins without a gradient".
    fits : str
        Address of a function of a `Method` that returns whether a step with these settings has the figure; empty if
        no step has.
    of_run, of_runs : bool
        Whether `home` draws a whole run, and several runs side by side.
    endings : tuple of str
        Of the files that can be written.

    Examples
    --------
    >>> entry = FigureEntry(name="routes", home="kitchen.pictures:routes", summary="Ways.", needs="a run", of_run=True)
    >>> entry.endings
    ('.png', '.pdf', '.svg')
    """

    name: str
    home: str
    summary: str
    needs: str
    fits: str = ""
    of_run: bool = False
    of_runs: bool = False
    endings: tuple[str, ...] = PICTURES


@dataclass(frozen=True, kw_only=True, slots=True)
class Technique:
    """What a technique offers.

    A technique of another distribution is such a record behind an entry point of the group ``sepsim.techniques``.

    Parameters
    ----------
    name : str
    methods : tuple of MethodEntry
    catalogues : tuple of Catalogue
    figures : tuple of FigureEntry
    commands : tuple of str
        Addresses of functions that add a command to the parser of ``sepsim``.

    Examples
    --------
    >>> from sepsim.techniques.filtration import TECHNIQUE
    >>> [entry.name for entry in TECHNIQUE.methods]
    ['ultrafiltration', 'filtration']
    """

    name: str
    methods: tuple[MethodEntry, ...]
    catalogues: tuple[Catalogue, ...] = ()
    figures: tuple[FigureEntry, ...] = ()
    commands: tuple[str, ...] = ()
