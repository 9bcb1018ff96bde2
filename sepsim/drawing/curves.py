"""What curves of many populations share: whose step it is, which get a line of their own, and the legend beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, NamedTuple, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import NOT_A_STEP, TEXT_PT
from sepsim.drawing.palette import OTHERS, Look, family, in_families, label, looks
from sepsim.errors import InputError, did_you_mean
from sepsim.method import StepResult
from sepsim.particles.particle_table import ParticleTable

PREFERRED = ("exosome", "microvesicle", "ldl", "hdl", "albumin", "igg", "vldl", "apoptotic_body")
MOST_LINES = 8
ALIKE = 0.02  # of the height of the picture, within which curves are drawn as one
NAME_WIDTH = 26  # letters
GREY = "#AAAAAA"
LINE_WIDTH, TARGET_WIDTH = 2.4, 4.0
ON_TOP = 2.5  # where the target is drawn; lines are drawn at 2


Kind = TypeVar("Kind")
TARGET = {"linestyle": "-", "linewidth": TARGET_WIDTH, "zorder": ON_TOP}


class Lines(NamedTuple):
    """Which populations are drawn.

    Attributes
    ----------
    own : tuple of tuple of str
        A line each; several populations share one that runs alike for all.
    others : tuple of str
        Those that are drawn thin and grey.
    """

    own: tuple[tuple[str, ...], ...]
    others: tuple[str, ...]


def trace_of(step: StepResult, kind: type[Kind], what: str) -> Kind:
    """Return the trace of a step, or raise InputError if it is not of a kind.

    Parameters
    ----------
    step : StepResult
    kind : type
    what : str
        In words, such as "no elution from a column".

    Returns
    -------
    object
        Of the kind.

    Raises
    ------
    InputError
        If what is given is no step, or the step is of another technique.
    """
    if not hasattr(step, "outcome"):
        raise InputError(NOT_A_STEP)
    trace = step.outcome.trace
    if not isinstance(trace, kind):
        raise InputError(f"step {step.name!r}: {step.technique} is {what}; draw it with protocol_flow")
    return trace


def own_name(equipment: Any) -> str:
    """Return the name of a piece of equipment; empty if it is the one that stands in for a name of the user.

    Examples
    --------
    >>> from sepsim.rotors.tubes import Tube
    >>> body = {"inner_diameter_mm": 20, "length_mm": 100, "volume_mL": 25}
    >>> own_name(Tube(**body)), own_name(Tube(name="wide tube", **body))
    ('', 'wide tube')
    """
    stand_in = next(field.default for field in fields(equipment) if field.name == "name")
    return "" if equipment.name == stand_in else equipment.name


def loaded(particles: ParticleTable, counts: FloatArray) -> list[str]:
    """Return the populations of which there is something.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]

    Returns
    -------
    list of str
    """
    return [name for name, total in zip(particles.names, particles.totals(counts), strict=True) if total > 0]


def chosen(populations: str | Sequence[str] | None, loaded: Sequence[str], default: Sequence[str]) -> list[str]:
    """Return the populations to draw, each once.

    Parameters
    ----------
    populations : str or sequence of str, optional
        As the user names them.
    loaded : sequence of str
        What there is to draw.
    default : sequence of str
        What is drawn without a choice.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If one was not loaded, or there is none.
    """
    if not loaded:
        raise InputError("nothing was loaded, so there is nothing to draw")
    there = f"; there are: {', '.join(loaded)}"
    asked = [populations] if isinstance(populations, str) else [*(default if populations is None else populations)]
    if not asked:
        raise InputError(f"populations = []: name at least one, or leave it out{there}")
    for name in asked:
        if name not in loaded:
            raise InputError(f"populations: {name!r} was not loaded{did_you_mean(str(name), loaded) or there}")
    return [*dict.fromkeys(asked)]


def own_lines(
    shapes: Mapping[str, FloatArray], *, apart: bool, most: int = MOST_LINES, target: str | None = None
) -> Lines:
    """Return which populations get a line of their own.

    Populations whose shapes differ by no more than can be seen share a line, and at most so many lines are drawn, the
    target first, then those of the user's own, then the usual ones.

    Parameters
    ----------
    shapes : mapping of str to ndarray, shape (n_points,) [-]
        Height of each curve in the picture, of which 1 is all.
    apart : bool
        Whether each has its line in any case.
    most : int
        Lines, unless `apart`.
    target : str, optional
        The population that is wanted.

    Returns
    -------
    Lines

    Examples
    --------
    >>> import numpy as np
    >>> flat, steep = np.zeros(3), np.linspace(0, 1, 3)
    >>> own_lines({"albumin": flat, "igg": flat + 0.01, "exosome": steep}, apart=False)
    Lines(own=(('exosome',), ('albumin', 'igg')), others=())
    """
    if apart:
        return Lines(tuple((name,) for name in shapes), ())
    groups: list[list[str]] = []
    for name in sorted(shapes, key=lambda name: (name != target, *_prominence(name))):
        alike = (group for group in groups if np.max(np.abs(shapes[group[0]] - shapes[name])) <= ALIKE)
        group = next(alike, None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    order = [name for members in in_families(shapes) for name in members]
    own = sorted(groups[:most], key=lambda group: order.index(group[0]))
    return Lines(tuple(map(tuple, own)), tuple(name for group in groups[most:] for name in group))


def _prominence(name: str) -> tuple[int, int]:
    """Return what sorts the user's own populations first, then the usual ones, then the rest."""
    if family(name) == OTHERS:
        return (0, 0)
    return (1, PREFERRED.index(name)) if name in PREFERRED else (2, 0)


def draw_lines(
    ax: Axes,
    x: FloatArray,
    curves: Mapping[str, FloatArray],
    lines: Lines,
    population: Iterable[str],
    target: str | None = None,
) -> None:
    """Draw curves, each line with the names that share it; the others thin and grey, named together.

    The target is solid, wider than the others, and lies on top of them.

    Parameters
    ----------
    ax : Axes
    x : ndarray, shape (n_points,) [unit of the axis]
    curves : mapping of str to ndarray, shape (n_points,) [unit of the axis]
    lines : Lines
    population : iterable of str
        All of the run, so that each looks the same in every picture.
    target : str, optional
        The population that is wanted.
    """
    every = looks(population)
    for name in lines.others:
        ax.plot(x, curves[name], color=GREY, linewidth=1.0, label=f"_{name}")
    for names in lines.own:
        style = _style(every[names[0]]) | (TARGET if target in names else {})
        ax.plot(x, curves[names[0]], label=together(names), **style)
    if lines.others:
        ax.plot([], [], color=GREY, linewidth=1.0, label=OTHERS)


def _style(look: Look) -> dict[str, Any]:
    return {"color": look.color, "linestyle": look.line, "linewidth": LINE_WIDTH}


def together(names: Iterable[str]) -> str:
    r"""Return the names of populations that share a line, in lines of at most some letters, ready to be drawn.

    Examples
    --------
    >>> together(["microvesicle", "apoptotic_body", "ldl"])
    'microvesicle,\napoptotic body, LDL'
    """
    rows: list[str] = []
    for text in (label(name, NAME_WIDTH) for name in names):
        if rows and "\n" not in text and len(rows[-1]) + 2 + len(text) <= NAME_WIDTH:
            rows[-1] += f", {text}"
        else:
            rows.append(text)
    return ",\n".join(rows)


def legend_beside(ax: Axes, handles: Sequence[Any], distance: float = 0.2) -> None:
    """Write the legend to the right of the axes, at a distance [inch].

    Parameters
    ----------
    ax : Axes
    handles : sequence of Artist
        With labels.
    distance : float [inch]
    """
    ax.legend(
        handles=[*handles],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        bbox_transform=ax.transAxes + ScaledTranslation(distance, 0.0, ax.figure.dpi_scale_trans),
        borderaxespad=0.0,
        frameon=False,
        fontsize=TEXT_PT,
        handlelength=3.0,
    )
