"""Signal of a sandwich assay against the concentration of vesicles, with its limit of detection."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import cycle

from matplotlib.axes import Axes

from sepsim.drawing.canvas import INK, SMALL_PT, grid, own_or_new, tidy, wrapped
from sepsim.drawing.curves import legend_beside
from sepsim.drawing.palette import COLORS, MARKERS
from sepsim.errors import InputError
from sepsim.techniques.immunocapture.elisa import ElisaReading
from sepsim.techniques.immunocapture.plates import SIGMAS

NAME_WIDTH = 34  # letters
BLANK = "#999999"


def elisa_curve(readings: ElisaReading | Mapping[str, ElisaReading], *, ax: Axes | None = None) -> Axes:
    """Draw the signal of dilutions of a sample, or of several samples, against the vesicles in a well.

    A band is the blank with three of its standard deviations; a marker on each curve is the limit of detection, left
    out where it is not reached. Signals of different plates stand side by side, each over its own blank.

    Parameters
    ----------
    readings : ElisaReading or mapping of str to ElisaReading
        By the name that the legend gives.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no reading.

    Examples
    --------
    >>> import sepsim
    >>> serum = sepsim.sample_from_catalog("serum", volume_mL=1, size_bins=6)
    >>> ax = elisa_curve(sepsim.elisa(serum, sepsim.ElisaPlate(antigen="CD9", detection="CD63")))
    >>> ax.get_xlabel()
    'vesicles in the well [1/mL]'
    """
    named = {_name(readings): readings} if isinstance(readings, ElisaReading) else dict(readings)
    if not named:
        raise InputError("readings: none; give at least one")
    axes = own_or_new(ax, 11.0, 6.0)
    for (name, reading), color, marker in zip(named.items(), cycle(COLORS), cycle(MARKERS), strict=False):
        _draw(axes, name, reading, color, marker)
    for blank, sd in {(reading.blank, reading.blank_sd): None for reading in named.values()}:
        axes.axhspan(blank - SIGMAS * sd, blank + SIGMAS * sd, color=BLANK, alpha=0.3, linewidth=0)
        axes.annotate(  # below all curves, none of which is lower than the blank
            f"blank and {SIGMAS:g} sd",
            (0.02, blank - SIGMAS * sd),
            (0.0, 6.0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="bottom",
            color=INK,
            fontsize=SMALL_PT,
        )
    tidy(axes, title="What an ELISA tells of vesicles", x="vesicles in the well [1/mL]", y="absorbance [-]")
    grid(axes)
    axes.set_xscale("log")
    axes.set_yscale("log")
    legend_beside(axes, axes.get_legend_handles_labels()[0])
    return axes


def _name(reading: ElisaReading) -> str:
    return f"captured by {' and '.join(reading.plate.antigen)}, detected by {reading.plate.detected}"


def _draw(ax: Axes, name: str, reading: ElisaReading, color: str, marker: str) -> None:
    ax.plot(reading.vesicles_per_mL, reading.signal, color=color, linewidth=2.6, label=wrapped(name, NAME_WIDTH))
    limit = reading.detection_limit_per_mL
    if math.isfinite(limit):
        at = reading.blank + SIGMAS * reading.blank_sd
        told = f"limit of detection, {limit:.1g} per mL"
        ax.plot([limit], [at], color=color, marker=marker, markersize=9, linestyle="none", label=told)
