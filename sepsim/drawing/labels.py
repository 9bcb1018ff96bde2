"""Names beside points, where they cover nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from sepsim.drawing.canvas import INK, TEXT_PT

Point = tuple[float, float]

DIRECTIONS = ((1, 0), (1, 1), (1, -1), (0, 1), (0, -1), (-1, 0), (-1, 1), (-1, -1))
DISTANCES_PT = (10.0, 20.0)
SIDE = {-1: "right", 0: "center", 1: "left"}
HEIGHT = {-1: "top", 0: "center", 1: "bottom"}
CLEARANCE = 6.0  # half the side of the squares that points and lines keep free [pixel at 100 dpi]
STATIONS = 80  # squares along a line


class Label(NamedTuple):
    """A name to be written.

    Attributes
    ----------
    texts : sequence of str
        Ways to break it into lines, the best first.
    points : sequence of (x, y)
        Points that it may stand beside, the best first.
    """

    texts: Sequence[str]
    points: Sequence[Point]


class _Place(NamedTuple):
    text: str
    point: Point
    right: float
    up: float


def place_labels(ax: Axes, labels: Sequence[Label], strokes: Sequence[Sequence[Point]]) -> None:
    """Write each label in the first place inside the axes that covers nothing, or else covers the least.

    Parameters
    ----------
    ax : Axes
        With its final limits and scales.
    labels : sequence of Label
    strokes : sequence of sequence of (x, y)
        Points and straight lines to be left free.
    """
    root = ax.figure.canvas.figure
    root.draw_without_rendering()
    half = CLEARANCE * root.dpi / 100.0
    taken = [box for stroke in strokes for box in _squares(ax, stroke, half)]
    for label in labels:
        best = min(_places(label), key=lambda place: _covered(ax, place, taken))
        taken.append(_write(ax, best))


def _places(label: Label) -> Iterator[_Place]:
    for distance, point, text, (right, up) in product(DISTANCES_PT, label.points, label.texts, DIRECTIONS):
        yield _Place(text, point, right * distance, up * distance)


def _write(ax: Axes, place: _Place) -> Bbox:
    """Write a label; returns its box in pixels."""
    return ax.annotate(
        place.text,
        place.point,
        xytext=(place.right, place.up),
        textcoords="offset points",
        ha=SIDE[int(np.sign(place.right))],
        va=HEIGHT[int(np.sign(place.up))],
        fontsize=TEXT_PT,
        color=INK,
    ).get_window_extent()


def _covered(ax: Axes, place: _Place, taken: Sequence[Bbox]) -> float:
    """Return the area that a label would cover of what is taken, or of what lies outside the axes [pixel2]."""
    box = _write(ax, place)
    ax.texts[-1].remove()
    outside = box.width * box.height - _common(box, ax.get_window_extent())
    return round(outside) + sum(_common(box, other) for other in taken)


def _common(box: Bbox, other: Bbox) -> float:
    width = min(box.x1, other.x1) - max(box.x0, other.x0)
    height = min(box.y1, other.y1) - max(box.y0, other.y0)
    return float(max(width, 0.0) * max(height, 0.0))


def _squares(ax: Axes, stroke: Sequence[Point], half: float) -> Iterator[Bbox]:
    """Yield squares along a stroke, in pixels."""
    corners = ax.transData.transform(stroke)
    along = np.linspace(0.0, len(corners) - 1.0, STATIONS if len(corners) > 1 else 1)
    index = np.arange(len(corners))
    for x, y in zip(*(np.interp(along, index, corners[:, axis]) for axis in (0, 1)), strict=True):
        yield Bbox.from_extents(x - half, y - half, x + half, y + half)
