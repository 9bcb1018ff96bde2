"""One fixed look for every population, the same in all pictures and safe for colour-blind readers.

Extracellular vesicles have the strong colours of Okabe & Ito; lipoproteins are yellow to brown, proteins pink to
purple, cells black, blue and red, debris olive (mostly of Paul Tol's schemes). Within a family, line styles and
markers tell apart what colour alone does not.

Sources: Okabe & Ito 2008, Color Universal Design; Tol 2021, SRON technical note SRON/EPS/TN/09-002.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from sepsim.drawing.canvas import plain, wrapped

SOLID, DASHED, DOTTED, DASHDOT = (0, ()), (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2))
DASHDOTDOT, LONG_DASHED, SPARSE = (0, (6, 2, 1, 2, 1, 2)), (0, (9, 3)), (0, (2, 4))

LineStyle = tuple[int, tuple[float, ...]]

# Of things that are no populations, such as rotors and membranes.
COLORS = ("#4477AA", "#EE6677", "#228833", "#AA3377", "#66CCEE", "#CCBB44", "#BBBBBB")  # Tol's bright scheme
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


class Look(NamedTuple):
    """How a population is drawn.

    Attributes
    ----------
    color : str
        As ``"#rrggbb"``.
    line : tuple
        Offset and dashes of a line, as matplotlib takes them.
    marker : str
        Marker of a point.
    """

    color: str
    line: LineStyle
    marker: str


FAMILIES: dict[str, dict[str, Look]] = {
    "extracellular vesicles": {
        "exosome": Look("#0072B2", SOLID, "o"),
        "microvesicle": Look("#D55E00", SOLID, "s"),
        "apoptotic_body": Look("#009E73", SOLID, "^"),
        "bovine_vesicle": Look("#3D7F8F", DASHED, "o"),
    },
    "lipoproteins": {
        "chylomicron": Look("#662506", DASHDOT, "D"),
        "vldl": Look("#993404", DASHED, "D"),
        "idl": Look("#C26E0A", DOTTED, "D"),
        "ldl": Look("#E69F00", SOLID, "D"),
        "hdl": Look("#DDCC77", SOLID, "d"),
        "hdl2": Look("#BBAA44", DASHED, "d"),
        "hdl3": Look("#999933", DOTTED, "d"),
        "milk_fat_globule": Look("#DDAA66", DASHDOT, "d"),
    },
    "proteins and complexes": {
        "albumin": Look("#CC79A7", SOLID, "v"),
        "igg": Look("#882255", SOLID, "<"),
        "fibrinogen": Look("#AA4499", DASHED, ">"),
        "alpha2_macroglobulin": Look("#EE99AA", DASHED, "<"),
        "igm": Look("#661133", DASHDOT, ">"),
        "transferrin": Look("#D8A9C8", DOTTED, "v"),
        "haptoglobin": Look("#AA7788", DASHDOT, "v"),
        "other_protein": Look("#BB88AA", DASHDOTDOT, "v"),
        "casein_micelle": Look("#5A4B9C", DOTTED, "X"),
        "ago2_complex": Look("#7A68A6", DASHDOT, "p"),
        "exomere": Look("#9966CC", DOTTED, "p"),
        "supermere": Look("#B799D6", SOLID, "p"),
        "ribosome": Look("#5566AA", DOTTED, "P"),
        "nucleosome": Look("#8899CC", DASHED, "P"),
        "protein_aggregate": Look("#332288", DASHED, "X"),
    },
    "cells, debris, viruses": {
        "platelet": Look("#56B4E9", DASHED, "h"),
        "erythrocyte": Look("#A50026", DASHDOT, "h"),
        "lymphocyte": Look("#225555", DASHED, "H"),
        "cell": Look("#000000", SOLID, "H"),
        "debris": Look("#666633", DOTTED, "X"),
        "virus": Look("#762A83", DASHDOTDOT, "P"),
    },
}
OTHERS = "others"

_KNOWN = {name: look for members in FAMILIES.values() for name, look in members.items()}
_FAMILY = {name: family for family, members in FAMILIES.items() for name in members}
_ORDER = (*list(FAMILIES)[:1], OTHERS, *list(FAMILIES)[1:])
_SPARE_COLORS = ("#4477AA", "#EE6677", "#228833", "#44AA99", "#997700", "#6699CC", "#994455", "#EE3377", "#6611CC")
_SPARE_LINES = (LONG_DASHED, SPARSE, DASHDOTDOT, SOLID)
_SPARE_LOOKS = len(_SPARE_COLORS) * len(_SPARE_LINES)
_SPARE_MARKERS = ("*", "P", "8", "o", "s", "D", "^")
_LABELS = {
    "vldl": "VLDL",
    "idl": "IDL",
    "ldl": "LDL",
    "hdl": "HDL",
    "hdl2": "HDL2",
    "hdl3": "HDL3",
    "igg": "IgG",
    "igm": "IgM",
    "alpha2_macroglobulin": "α2-macroglobulin",
    "ago2_complex": "Ago2 complex",
}
_UNCOUNTED = (
    *("vldl", "idl", "ldl", "hdl", "hdl2", "hdl3", "albumin", "igg", "igm", "fibrinogen", "alpha2_macroglobulin"),
    *("transferrin", "haptoglobin", "debris"),
)
_IRREGULAR = {"apoptotic_body": "apoptotic bodies", "ago2_complex": "Ago2 complexes", "virus": "viruses"}


def look(population: str) -> Look:
    """Return the look of a population by itself; one of your own gets a stable one from its name.

    Parameters
    ----------
    population : str
        Name, as in `ParticleTable.names`.

    Returns
    -------
    Look

    Examples
    --------
    >>> look("exosome").color, look("small vesicles") == look("small vesicles")
    ('#0072B2', True)
    """
    return _KNOWN[population] if population in _KNOWN else _spare(population, _home(population))


def looks(populations: Iterable[str]) -> dict[str, Look]:
    """Return the looks of populations that are seen together, no two alike while there are spare looks.

    As `look`, but of several of your own whose names lead to the same colour and line, the first in the alphabet
    keeps it and the others take the next that are free. The same names give the same looks in any order.

    Parameters
    ----------
    populations : iterable of str
        Names of all populations of a run, so that one looks the same in each of its pictures.

    Returns
    -------
    dict of str to Look

    Examples
    --------
    >>> looks(["100 nm beads", "exosome"]) == {name: look(name) for name in ("100 nm beads", "exosome")}
    True
    >>> look("100 nm beads")[:2] == look("200 nm beads")[:2]
    True
    >>> both = looks(["100 nm beads", "200 nm beads"])
    >>> both["100 nm beads"].color == both["200 nm beads"].color
    False
    """
    names = list(dict.fromkeys(populations))
    places = _places(sorted(name for name in names if name not in _KNOWN))
    return {name: _spare(name, places[name]) if name in places else _KNOWN[name] for name in names}


def _places(names: Iterable[str]) -> dict[str, int]:
    """Return which spare colour and line each name gets; who is first at home there stays.

    As long as there are spare colours no two names share one, since bands and bars show colours alone.
    """
    every, colors = [*names], len(_SPARE_COLORS)
    first: dict[int, str] = {}
    late = [name for name in every if first.setdefault(_home(name) % colors, name) != name]
    places = {name: _home(name) for name in first.values()}
    for name in late:
        rounds = len(places) // _SPARE_LOOKS  # beyond the first, looks repeat
        used = set([*places.values()][rounds * _SPARE_LOOKS :])
        around = [(_home(name) + step) % _SPARE_LOOKS for step in range(_SPARE_LOOKS)]
        free = [place for place in around if place not in used]
        new = [place for place in free if place % colors not in {each % colors for each in used}]
        places[name] = (new or free)[0]
    return places


def _home(name: str) -> int:
    return zlib.crc32(name.encode()) % _SPARE_LOOKS


def _spare(name: str, place: int) -> Look:
    line, color = divmod(place, len(_SPARE_COLORS))
    marker = zlib.crc32(name.encode()) // _SPARE_LOOKS % len(_SPARE_MARKERS)
    return Look(_SPARE_COLORS[color], _SPARE_LINES[line], _SPARE_MARKERS[marker])


def label(population: str, width: int | None = None) -> str:
    r"""Return the name of a population as people write it, ready to be drawn.

    Parameters
    ----------
    population : str
        Name, as in `ParticleTable.names`.
    width : int, optional
        Largest number of letters in a line; without, one line.

    Returns
    -------
    str

    Examples
    --------
    >>> label("apoptotic_body"), label("ldl")
    ('apoptotic body', 'LDL')
    >>> label("apoptotic_body", 10)
    'apoptotic\nbody'
    """
    name = _LABELS.get(population, population.replace("_", " "))
    return plain(name) if width is None else wrapped(name, width)


def plural(population: str) -> str:
    """Return the name of many of a population, ready to be drawn; what the catalogue lacks stands in quotes, as it is.

    Examples
    --------
    >>> plural("exosome"), plural("apoptotic_body"), plural("ldl"), plural("my_beads")
    ('exosomes', 'apoptotic bodies', 'LDL', "'my_beads'")
    """
    if population not in _KNOWN:
        return plain(repr(population))
    return label(population) if population in _UNCOUNTED else _IRREGULAR.get(population, f"{label(population)}s")


def family(population: str) -> str:
    """Return the family of a population, or ``"others"``.

    Examples
    --------
    >>> family("ldl"), family("small vesicles")
    ('lipoproteins', 'others')
    """
    return _FAMILY.get(population, OTHERS)


def in_families(populations: Iterable[str]) -> list[list[str]]:
    """Return populations family by family, vesicles first; within a family in the order given.

    Examples
    --------
    >>> in_families(["albumin", "ldl", "exosome", "hdl"])
    [['exosome'], ['ldl', 'hdl'], ['albumin']]
    """
    names = list(populations)
    groups = [[name for name in names if family(name) == group] for group in _ORDER]
    return [group for group in groups if group]


def tint(color: str, strength: float) -> str:
    """Return a colour mixed with white: strength 1 leaves it, 0 is white.

    Examples
    --------
    >>> tint("#000000", 0.5)
    '#808080'
    """
    channels = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 + strength * (channel - 255)):02x}" for channel in channels)
