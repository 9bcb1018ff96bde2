"""What the pictures share: a figure of their own, plain axes, names as they are written, and percentages as text.

Figures are built without pyplot and without touching global settings, so that pictures can be drawn anywhere.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

AxesArray = NDArray[np.object_]  # of Axes

NOT_A_STEP = "give one step of a run, such as run.bench[-1]"
INK = "#222222"
TITLE_PT, LABEL_PT, TEXT_PT, SMALL_PT = 14.0, 13.0, 12.0, 11.0


SHOWN_DPI = 72.0  # a point of type is a pixel of the page, so that letters are as large as those around the picture
DRAWN_DPI = 2 * SHOWN_DPI  # sharp on dense screens too

Png = tuple[bytes, dict[str, int]]  # as Jupyter takes it: the file, and how wide it is shown [pixel]

# How pictures show themselves in a notebook. Jupyter asks the value of a cell for `_repr_png_`, so figures, axes and
# arrays of axes that sepsim makes answer it by themselves. The other ways reach further than our own pictures: a
# formatter registered with IPython would show every axes and array of the user as a picture, pyplot would choose a
# backend and keep each figure alive. What is drawn into a figure of the user is shown as the user's figures are.


class Picture(Figure):
    """A figure that shows itself, and whose axes and arrays of axes show it."""

    def add_subplot(self, *args: Any, **kwargs: Any) -> Any:
        """Add axes that show the figure; those of a projection stay what the projection makes them."""
        if not {"projection", "polar"} & kwargs.keys():
            kwargs.setdefault("axes_class", PictureAxes)
        return super().add_subplot(*args, **kwargs)

    def subplots(self, *args: Any, **kwargs: Any) -> Any:
        """Add a grid of axes, as an array that shows the figure unless it is squeezed to a single one."""
        made = super().subplots(*args, **kwargs)
        return made.view(PictureGrid) if isinstance(made, np.ndarray) else made

    def _repr_png_(self) -> Png:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=DRAWN_DPI)
        return file.getvalue(), {"width": round(SHOWN_DPI * self.get_figwidth())}


class PictureAxes(Axes):
    """Axes that show the figure they are part of."""

    def _repr_png_(self) -> Png | None:
        return _shown(self)


class PictureGrid(np.ndarray):
    """An array of axes that shows the figure they are part of."""

    def _repr_png_(self) -> Png | None:
        return _shown(self.flat[0]) if self.size else None


def _shown(ax: Axes) -> Png | None:
    """Return the picture of the figure of an axes; none of a figure of the user's own."""
    return ax.figure._repr_png_() if isinstance(ax.figure, Picture) else None


def new_figure(width: float, height: float) -> Picture:
    """Return an empty figure of a size [inch] that keeps labels from being cut off."""
    return Picture(figsize=(width, height), layout="constrained")


def together(axes: Iterable[Axes]) -> AxesArray:
    """Return axes of one figure as an array, shape (n_axes,), that shows the figure."""
    return np.array([*axes], dtype=object).view(PictureGrid)


def own_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the axes given, or those of a new figure of a size [inch]."""
    return new_figure(width, height).add_subplot() if ax is None else ax


def tidy(ax: Axes, *, title: str, x: str, y: str) -> None:
    """Name an axes and its two axes, and leave out what carries no information."""
    ax.set_title(title, fontsize=TITLE_PT, color=INK, loc="left")
    ax.set_xlabel(x, fontsize=LABEL_PT, color=INK)
    ax.set_ylabel(y, fontsize=LABEL_PT, color=INK)
    ax.tick_params(labelsize=TEXT_PT, colors=INK)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)


def grid(ax: Axes) -> None:
    """Draw faint lines at the major ticks."""
    ax.grid(True, color="#E3E3E3", linewidth=0.8)


def plain(text: str) -> str:
    r"""Return a text of the user for matplotlib, which would take what stands between two ``$`` for mathematics.

    Examples
    --------
    >>> plain("beads, 5$ or 10$")
    'beads, 5\\$ or 10\\$'
    """
    return text.replace("$", r"\$")


def wrapped(text: str, width: int, lines: int = 3) -> str:
    r"""Return a text of the user in lines of at most some letters, cut off where they are not enough.

    Examples
    --------
    >>> wrapped("vesicles of mesenchymal stem cells", 16)
    'vesicles of\nmesenchymal stem\ncells'
    """
    return plain(textwrap.fill(text, width, max_lines=lines, placeholder=" …"))


def short_percent(share: float) -> str:
    """Return a share [-] as a percentage without the sign, in the fewest figures; a dash where it is undefined.

    Examples
    --------
    >>> [short_percent(share) for share in (0.9996, 0.0671, 0.00069, 7e-7, 0.0)]
    ['100', '6.7', '0.07', '<0.01', '0']
    >>> short_percent(float("nan"))
    '–'
    """
    if math.isnan(share):
        return "–"
    value = 100.0 * share
    if value == 0:
        return "0"
    if value < 0.01:
        return "<0.01"
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.95 else f"{value:.1g}"
