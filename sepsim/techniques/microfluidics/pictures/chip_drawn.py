"""A chip as pictures of paths show it: from above or from the side, with what parts its particles."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import FuncFormatter

from sepsim.arrays import FloatArray, IntArray
from sepsim.drawing.canvas import INK, TEXT_PT, tidy
from sepsim.drawing.curves import PREFERRED, chosen, loaded
from sepsim.techniques.microfluidics.acoustophoresis import Acoustophoresis
from sepsim.techniques.microfluidics.chip_run import ChipRun
from sepsim.techniques.microfluidics.chips.chip import Chip
from sepsim.techniques.microfluidics.chips.sheath_chip import SheathFlowChip
from sepsim.techniques.microfluidics.dielectrophoresis import Dielectrophoresis
from sepsim.techniques.microfluidics.drives import streamline_places
from sepsim.techniques.microfluidics.electrophoresis import Electrophoresis
from sepsim.techniques.microfluidics.field_flow_fractionation import FieldFlowFractionation
from sepsim.techniques.microfluidics.lateral_displacement import LateralDisplacement
from sepsim.techniques.microfluidics.magnetophoresis import Magnetophoresis
from sepsim.techniques.microfluidics.wall_immunocapture import WallImmunocapture

TALL = 0.42  # height over width of a drawn chip
EDGE = 0.07  # of the breadth, beyond the walls
WALL, SAMPLE, NODE, HOLDS = "#BBBBBB", "#FFE9A8", "#888888", "#228833"
POST = "#CCCCCC"
MOST_NODES = 24  # that are all drawn
MOST_POPULATIONS = 5
LOWEST = 1e-7  # m, above a membrane, from which on the height is shown


class View(NamedTuple):
    """What is shown of a chip.

    Attributes
    ----------
    across : int
        Axis that is drawn upwards: 1 from above, 2 from the side.
    length, breadth : float [m]
        Along and across.
    unit : str
    scale : float
        Of the unit along, over a metre.
    lowest : float [m]
        Above 0 if the axis across is logarithmic, and starts there.
    """

    across: int
    length: float
    breadth: float
    unit: str
    scale: float
    lowest: float = 0.0

    @property
    def words(self) -> str:
        """What the axis across is."""
        return "across the channel" if self.across == 1 else "above the membrane" if self.lowest else "above the floor"


@singledispatch
def view_of(chip: Chip) -> View:
    """Return what is shown of a chip: of a stream that is divided, its plane; of one over a wall, its section."""
    return _view(2, chip.channel.length, chip.channel.height)


@view_of.register
def _(chip: SheathFlowChip) -> View:
    return _view(1, chip.channel.length, chip.channel.width)


@view_of.register
def _(chip: LateralDisplacement) -> View:
    return _view(1, chip.array.length, chip.array.width)


@view_of.register
def _(chip: FieldFlowFractionation) -> View:
    return _view(2, chip.channel.length, chip.channel.height)._replace(lowest=LOWEST)


def _view(across: int, length: float, breadth: float) -> View:
    unit, scale = ("mm", 1e3) if length >= 2e-3 else ("µm", 1e6)
    return View(across, length, breadth, unit, scale)


def shown_populations(done: ChipRun, populations: str | list[str] | None, target: str) -> list[str]:
    """Return the populations to draw: those asked for, or the target and some others that pass."""
    passes = _passing(done)
    there = loaded(done.load.sample.particles, done.load.bodies * passes)
    first = [target, *PREFERRED, *there]
    default = [name for name in dict.fromkeys(first) if name in there][:MOST_POPULATIONS]
    return chosen(populations, there, default)


def rows_of(done: ChipRun, names: list[str], each: int, seed: int) -> IntArray:
    """Return classes of so many particles of each population, by their numbers, shape (n_names * each,)."""
    table, rng = done.load.sample.particles, np.random.default_rng(seed)
    numbers = done.load.bodies * _passing(done)
    picked = []
    for name in names:
        weights = numbers * (table.population == table.names.index(name))
        picked.append(rng.choice(weights.size, each, p=weights / weights.sum()))
    return np.concatenate(picked)


def _passing(done: ChipRun) -> FloatArray:
    """Return 1 of classes that do not clog the chip, and 0 of others, shape (n,)."""
    assert done.passage is not None
    passes: FloatArray = np.where(np.sum([*done.passage.shares.values()], axis=0) > 0.0, 1.0, 0.0)
    return passes


def draw_chip(ax: Axes, done: ChipRun, view: View, title: str) -> None:
    """Draw walls, inlet, outlets and what parts particles, and name the axes with how far one is stretched."""
    ax.set_xlim(0.0, view.length * view.scale)
    drawn = _scale_up(ax, view) if view.lowest else _stretch(ax, view)
    tidy(ax, title=title, x=f"along the channel [{view.unit}]", y=f"{view.words} [µm]\n({drawn})")
    _parts(done.chip, ax, done, view)


def _stretch(ax: Axes, view: View) -> str:
    """Draw the walls, and return how many times the axis across is stretched."""
    breadth = view.breadth * 1e6
    low, high = -EDGE * breadth, (1.0 + EDGE) * breadth
    for edge in (low, breadth):
        ax.add_patch(
            Rectangle((0.0, edge), view.length * view.scale, EDGE * breadth, color=WALL, linewidth=0, label="_wall")
        )
    true = (high - low) * 1e-6 / view.length  # height over width, to scale
    stretch = max(float(f"{TALL / true:.2g}"), 1.0)
    ax.set_ylim(low, high)
    ax.set_box_aspect(stretch * true)
    return "to scale" if stretch == 1.0 else f"stretched {stretch:g}-fold"


def _scale_up(ax: Axes, view: View) -> str:
    """Draw the upper wall above a logarithmic axis."""
    breadth = view.breadth * 1e6
    ax.set_yscale("log")
    ax.set_ylim(view.lowest * 1e6, 1.3 * breadth)
    ax.add_patch(
        Rectangle((0.0, breadth), view.length * view.scale, 0.3 * breadth, color=WALL, linewidth=0, label="_wall")
    )
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_box_aspect(TALL)
    return "logarithmic"


@singledispatch
def _parts(chip: Chip, ax: Axes, done: ChipRun, view: View) -> None:
    """Draw what is special to a mechanism."""


@_parts.register
def _(chip: SheathFlowChip, ax: Axes, done: ChipRun, view: View) -> None:
    length, edge = view.length * view.scale, EDGE * view.breadth * 1e6
    for band in chip.inlet:
        low, high = 1e6 * streamline_places(chip.channel, np.array(band))
        ax.add_patch(Rectangle((0.0, low), 0.03 * length, high - low, color=SAMPLE, linewidth=0, label="sample"))
    for name, taken in chip.outlet_bands.items():
        for band in taken:
            low, high = 1e6 * streamline_places(chip.channel, np.array(band))
            _name_outlet(ax, name, 0.5 * (low + high))
            for place in (low, high):
                if edge < place < view.breadth * 1e6 - edge:
                    ax.plot([0.93 * length, length], [place, place], color=INK, linewidth=2.0, label="_outlet")
    if isinstance(chip, Acoustophoresis):
        _draw_wave(ax, chip, done, view)
    if isinstance(chip, Electrophoresis):
        _write(ax, length, -0.5 * edge, "cathode −")
        _write(ax, length, view.breadth * 1e6 + 0.5 * edge, "anode +")
    if isinstance(chip, Magnetophoresis):
        _write(ax, length, view.breadth * 1e6 + 0.5 * edge, "magnet")


def _name_outlet(ax: Axes, name: str, place: float) -> None:
    ax.annotate(
        name, (1.0, place), (5.0, 0.0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
        fontsize=TEXT_PT, color=INK,
    )  # fmt: skip


def _write(ax: Axes, length: float, place: float, words: str) -> None:
    ax.text(0.5 * length, place, words, ha="center", va="center", fontsize=TEXT_PT, color=INK)


def _draw_wave(ax: Axes, chip: Acoustophoresis, done: ChipRun, view: View) -> None:
    """Draw the pressure nodes, which under a tilt rise along the channel."""
    half = math.pi / chip.sound(done.load).wavenumber
    rise = view.length * math.tan(math.radians(chip.tilt_deg))
    apart = half / math.cos(math.radians(chip.tilt_deg))
    node = 0.5 * view.breadth + (0.0 if chip.node_in_centre else 0.5 * half)
    many = np.arange(-math.ceil((rise + node) / apart), math.ceil(view.breadth / apart) + 1)
    places = node + many * apart
    seen = places[(places + rise > 0) & (places < view.breadth)]
    stride = -(-seen.size // MOST_NODES)
    words = "pressure nodes" if stride == 1 else f"one in {stride} pressure nodes"
    length = view.length * view.scale
    segments = [[(0.0, 1e6 * place), (length, 1e6 * (place + rise))] for place in seen[::stride]]
    inside = Rectangle((0.0, 0.0), length, view.breadth * 1e6, transform=ax.transData)
    lines = LineCollection(segments, colors=NODE, linewidths=1.2, linestyles=":", label=words)
    ax.add_collection(lines)
    lines.set_clip_path(inside)


@_parts.register
def _(chip: LateralDisplacement, ax: Axes, done: ChipRun, view: View) -> None:
    length, breadth = view.length * view.scale, view.breadth * 1e6
    high = breadth / (1.0 + chip.buffer_ratio)
    ax.add_patch(Rectangle((0.0, 0.0), 0.03 * length, high, color=SAMPLE, linewidth=0, label="sample"))
    divider = chip.divider * breadth
    ax.plot([0.93 * length, length], [divider, divider], color=INK, linewidth=2.0, label="_outlet")
    above, below = chip.outlets if chip.target == "bumped" else chip.outlets[::-1]
    _name_outlet(ax, above, 0.5 * (divider + breadth))
    _name_outlet(ax, below, 0.5 * divider)


@_parts.register
def _(chip: Dielectrophoresis, ax: Axes, done: ChipRun, view: View) -> None:
    _write(ax, view.length * view.scale, -0.5 * EDGE * view.breadth * 1e6, "electrodes")
    _name_outlet(ax, chip.outlets[1], 0.5e6 * view.breadth)


@_parts.register
def _(chip: WallImmunocapture, ax: Axes, done: ChipRun, view: View) -> None:
    length, breadth = view.length * view.scale, view.breadth * 1e6
    for place in (0.0, breadth)[: chip.walls]:
        ax.plot([0.0, length], [place, place], color=HOLDS, linewidth=4.0, label="_antibodies", zorder=1.5)
    _write(ax, length, -0.5 * EDGE * breadth, "antibodies")
    _name_outlet(ax, chip.outlets[1], 0.5 * breadth)


@_parts.register
def _(chip: FieldFlowFractionation, ax: Axes, done: ChipRun, view: View) -> None:
    low = view.lowest * 1e6
    place = (0.0, 0.6 * low), view.length * view.scale, 0.4 * low
    membrane = Rectangle(*place, facecolor="white", edgecolor=NODE, hatch="....", linewidth=0, label="membrane")
    ax.add_patch(membrane)
    ax.set_ylim(0.6 * low, 1.3e6 * view.breadth)
    ax.annotate(
        "cross flow", (0.98, 0.62), (0.98, 0.86), xycoords="axes fraction", ha="center", fontsize=TEXT_PT, color=INK,
        arrowprops={"arrowstyle": "-|>", "color": INK},
    )  # fmt: skip


def draw_posts(ax: Axes, chip: LateralDisplacement, window: tuple[float, float, float, float]) -> None:
    """Draw the posts of an array in a window (x low, x high, y low, y high) [m], to scale."""
    pitch, gap = 1e-9 * chip.pitch_nm, 1e-9 * chip.gap_nm
    columns = np.arange(math.floor(window[0] / pitch), math.ceil(window[1] / pitch) + 1)
    posts = []
    for column in columns:
        shift = column * chip.row_shift
        rows = np.arange(math.floor(window[2] / pitch - shift), math.ceil(window[3] / pitch - shift) + 1)
        posts += [Circle((1e6 * column * pitch, 1e6 * (row + shift) * pitch), 0.5e6 * (pitch - gap)) for row in rows]
    ax.add_collection(PatchCollection(posts, color=POST, linewidths=0, label="_posts"))
    ax.set_xlim(1e6 * window[0], 1e6 * window[1])
    ax.set_ylim(1e6 * window[2], 1e6 * window[3])
    ax.set_aspect("equal")
