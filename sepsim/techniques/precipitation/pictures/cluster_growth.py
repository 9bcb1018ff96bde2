"""Clusters of a precipitation: how they grow, what of each size the spin pellets, and who stays dispersed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.drawing.canvas import (
    INK,
    LABEL_PT,
    SMALL_PT,
    TEXT_PT,
    TITLE_PT,
    AxesArray,
    grid,
    new_figure,
    short_percent,
    tidy,
    together,
    wrapped,
)
from sepsim.drawing.curves import chosen, loaded
from sepsim.drawing.palette import in_families, label, tint
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.particles.osmosis import state_at
from sepsim.techniques.precipitation.growth import needed_cluster
from sepsim.techniques.precipitation.pictures.cluster_sizes import (
    EDGES,
    LARGEST_M,
    SizeShares,
    after_spin,
    bin_width,
    mean_log_diameter,
    shares_of_solids,
)
from sepsim.techniques.precipitation.pictures.fates import Fates
from sepsim.techniques.precipitation.pictures.precipitate_drawn import precipitate_of

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.aggregation import Aggregates, Conditions, Primaries
    from sepsim.techniques.precipitation.growth import Landed
    from sepsim.techniques.precipitation.precipitate import Precipitate

MOST_TIMES = 5
LEAST_APART = 0.2  # decades of the mean diameter, between times that are drawn
LEAST_SEEN = 0.01  # share per decade of diameter, that the axis reaches down to
NO_FLAKES = 1e-6  # share of solids
FLAKES = (1.0, 10.0)  # where flakes are drawn, times the largest diameter: one decade, so that height is a share
GROWING, PELLETED, ALONE, SUSPENDED, DISPERSED = "#0072B2", "#8C510A", "#D8B365", "#80B1D3", "#D9D9D9"
NEEDED, SMOLUCHOWSKI, FLAKY = "#B2182B", "#666666", "#EFEFEF"
NEEDED_LINE: dict[str, Any] = {"linewidth": 1.8, "linestyle": (0, (5, 2))}
NEEDED_NAME = "lands from anywhere"
LEAST_BAR = 0.05  # percent, from which a fate is in the legend
FEWEST_ROWS = 5  # of bars, so that a single one is not a wall
NAME_WIDTH = 18  # letters


class Clusters(NamedTuple):
    """What a precipitation made of what stuck together."""

    parts: Primaries
    conditions: Conditions
    grown: Aggregates
    landed: Landed


def cluster_growth(
    step: StepResult, populations: str | Sequence[str] | None = None, *, figure: Figure | None = None
) -> AxesArray:
    """Draw clusters by size while they grow and after the spin, their mean size over time, and who came down.

    Sizes are those of solids: the area under a curve is the share of what came out of solution. Protein is drawn in the
    grains in which it comes down. Clusters above 100 um are flakes whose size the model does not know; they stand
    beside the axis as one column, one decade wide, so that its height is their share. A red line marks the size that
    reaches the bottom from anywhere in the tube without further growth. The thin line beside the mean size is that of
    equal spheres that meet by Brownian motion alone, 1 + k N t/2 with k = 8 kT/(3 mu W). Bars are of the particles of
    each population, at the end of the spin and before the liquid is drawn off.

    Parameters
    ----------
    step : StepResult
        Of precipitation.
    populations : str or sequence of str, optional
        Of which bars are drawn; default all.
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (4,)
        Sizes while clusters grow, sizes after the spin, mean size over time, bars of populations.

    Raises
    ------
    InputError
        If the step is no precipitation, nothing came out of solution, or a population was not there.

    Examples
    --------
    >>> import sepsim
    >>> step = {"method": "precipitation", "peg_percent_w_v": 8, "incubation_min": 60, "rotor": "SX4750",
    ...         "rcf_xg": 3200, "rcf_at": "rmax", "time_min": 60, "keep": "pellet"}
    >>> urine = {"source": "urine", "volume_mL": 10, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [step]}).run()
    >>> growing, after, mean, bars = cluster_growth(run.bench[0])
    >>> growing.get_xscale(), mean.get_ylabel()
    ('log', 'particles in a cluster [-]')
    """
    made = precipitate_of(step)
    there = loaded(made.spin.particles, made.spin.counts)
    asked = [name for family in in_families(chosen(populations, there, there)) for name in family]
    if made.parts is None or made.conditions is None or made.grown is None or made.landed is None:
        raise InputError(f"step {step.name!r}: nothing came out of solution, so that no clusters grew")
    clusters = Clusters(made.parts, made.conditions, made.grown, made.landed)
    canvas = new_figure(14.0, 9.2) if figure is None else figure
    columns = canvas.add_gridspec(1, 2, width_ratios=(1.15, 1.0), wspace=0.06)
    sizes = columns[0].subgridspec(2, 1, hspace=0.06)
    others = columns[1].subgridspec(2, 1, height_ratios=(1.0, 1.25), hspace=0.06)
    growing = canvas.add_subplot(sizes[0])
    axes = together(
        [
            growing,
            canvas.add_subplot(sizes[1], sharex=growing),
            *(canvas.add_subplot(place) for place in (others[0], others[1])),
        ]
    )
    needed = needed_cluster(clusters.parts, clusters.conditions, made.spin.chords, made.spin.profile)
    _size_axis(axes[0], clusters)
    _draw_growing(axes[0], clusters)
    _finish_sizes(axes[0], needed[0], "_needed")
    _draw_after_spin(axes[1], clusters)
    _finish_sizes(axes[1], needed[0], f"{NEEDED_NAME} in the tube")
    _draw_mean(axes[2], clusters, needed[1])
    _draw_fates(axes[3], made, asked)
    canvas.suptitle(_title(step, made, clusters.parts), fontsize=TITLE_PT, color=INK)
    return axes


def _title(step: StepResult, made: Precipitate, parts: Primaries) -> str:
    from sepsim.techniques.precipitation.precipitation import burst_share

    sample = made.mixture.sample
    volume = state_at(sample.particles, sample.medium.osmolality).volume
    came_out = float(parts.number @ parts.volume * sample.volume / (sample.particles.moving(sample.counts) @ volume))
    out, left = short_percent(min(came_out, 1.0)), short_percent(max(1.0 - came_out, 0.0))
    burst = burst_share(made.mixture.solvent_share, step.method.model)  # type: ignore[attr-defined]
    return (
        f"{wrapped(step.name, 70)}\n{out} % of the volume of all solids, protein included, came out of solution; "
        f"{left} % stayed dispersed"
        + (f"\nthe solvent bursts {short_percent(burst)} % of the vesicles, drawn here as if whole" if burst else "")
    )


def shown_times(grown: Aggregates) -> list[int]:
    """Return which times of an incubation are drawn: the first, the last, and some between as clusters grow.

    Parameters
    ----------
    grown : Aggregates

    Returns
    -------
    list of int
        Places among the times, rising.
    """
    sizes = np.array(
        [mean_log_diameter(shares_of_solids(grown, time), grown.diameter[time]) for time in range(grown.time.size)]
    )
    places = [int(np.argmin(np.abs(sizes - size))) for size in np.linspace(sizes[0], sizes[-1], MOST_TIMES)]
    kept = [0]
    for place in sorted({*places[1:-1]}):
        if min(abs(sizes[place] - sizes[kept[-1]]), abs(sizes[place] - sizes[-1])) >= LEAST_APART:
            kept.append(place)
    return [*kept, grown.time.size - 1] if grown.time.size > 1 else kept


def time_in_words(seconds: float) -> str:
    """Return a time as a legend tells it.

    Examples
    --------
    >>> [time_in_words(seconds) for seconds in (0.0, 1.84, 90.0, 1800.0, 57600.0)]
    ['as mixed', '1.8 s', '1.5 min', '30 min', '16 h']
    """
    if seconds == 0.0:
        return "as mixed"
    unit, name = next((unit, name) for unit, name in ((3600.0, "h"), (60.0, "min"), (0.0, "s")) if seconds >= unit)
    value = seconds / (unit or 1.0)
    return f"{value:.0f} {name}" if value >= 10.0 else f"{float(f'{value:.2g}'):g} {name}"


def _draw_growing(ax: Axes, clusters: Clusters) -> None:
    grown = clusters.grown
    width = bin_width(grown, clusters.conditions.fractal_dimension)
    times = shown_times(grown)
    for place, time in enumerate(times):
        found = SizeShares.of(shares_of_solids(grown, time), grown.diameter[time], width)
        strength = 0.3 + 0.7 * place / max(len(times) - 1, 1)
        _step_line(ax, found, tint(GROWING, strength), time_in_words(float(grown.time[time])), 1.6 + 1.2 * strength)
    tidy(ax, title="During the incubation", x="", y="solids that came out\n[% per decade of diameter]")
    ax.tick_params(labelbottom=False)


def _step_line(ax: Axes, found: SizeShares, color: str, name: str, width: float) -> None:
    """Draw a density up to the largest diameter, and beside it the flakes as a level line."""
    micrometres = 1e6 * 10.0 ** (0.5 * (EDGES[1:] + EDGES[:-1]))
    ax.plot(micrometres, 100.0 * found.per_decade, color=color, linewidth=width, label=name)
    edges = [1e6 * LARGEST_M * edge for edge in FLAKES]
    if found.larger >= LEAST_SEEN:
        ax.plot(edges, [100.0 * found.larger] * 2, color=color, linewidth=width, label=f"_larger after {name}")


def _draw_after_spin(ax: Axes, clusters: Clusters) -> None:
    landed, suspended = after_spin(clusters.parts, clusters.landed)
    width = bin_width(clusters.grown, clusters.conditions.fractal_dimension)
    down = SizeShares.of(landed, clusters.landed.diameter, width)
    left = SizeShares.of(suspended, clusters.landed.grown.diameter[-1], width)
    micrometres = 1e6 * 10.0**EDGES
    told = (
        (down, np.zeros_like(down.per_decade), 0.0, PELLETED, f"pelleted, {short_percent(landed.sum())} %"),
        (left, down.per_decade, down.larger, SUSPENDED, f"still suspended, {short_percent(suspended.sum())} %"),
    )
    for shares, base, larger_base, color, name in told:
        ax.stairs(
            100.0 * (base + shares.per_decade), micrometres, baseline=100.0 * base, fill=True, color=color, label=name
        )
        flakes = [1e6 * LARGEST_M * edge for edge in FLAKES]
        ax.stairs(
            [100.0 * (larger_base + shares.larger)], flakes, baseline=[100.0 * larger_base], fill=True, color=color,
            label=f"_larger, {name}",
        )  # fmt: skip
    tidy(
        ax, title="After the spin", x="cluster diameter [µm]", y="solids that came out\n[% per decade of diameter]"
    )  # fmt: skip


def _size_axis(ax: Axes, clusters: Clusters) -> None:
    """Make the axis of diameters logarithmic, with room for flakes at its end; the axes below share it."""
    ax.set_xscale("log")
    smallest = 2e6 * 10.0 ** math.floor(math.log10(float(clusters.parts.diameter.min()) / 2.0))
    ax.set_xlim(smallest, 1e6 * LARGEST_M * FLAKES[1])
    ax.xaxis.set_major_locator(LogLocator(numticks=12))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value <= 1e6 * LARGEST_M else ""))
    ax.xaxis.set_minor_locator(NullLocator())


def _finish_sizes(ax: Axes, needed: float, name: str) -> None:
    """Mark the size that the spin brings down from anywhere, and where flakes are, and name all."""
    if needed <= LARGEST_M:
        ax.axvline(1e6 * needed, color=NEEDED, label=name, **NEEDED_LINE)
    ax.axvspan(*(1e6 * LARGEST_M * edge for edge in FLAKES), color=FLAKY, linewidth=0, zorder=0)
    ax.set_ylim(0.0, 1.15 * ax.get_ylim()[1])
    ax.text(
        1e6 * LARGEST_M * math.sqrt(FLAKES[1]), 0.97, "flakes", transform=ax.get_xaxis_transform(), ha="center",
        va="top", fontsize=SMALL_PT, color=INK,
    )  # fmt: skip
    grid(ax)
    _legend_above(ax, 6)


def _legend_above(ax: Axes, columns: int) -> None:
    """Write the legend between the axes and its title."""
    rows = math.ceil(len(ax.get_legend_handles_labels()[0]) / columns)
    legend = ax.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, borderaxespad=0.2, borderpad=0.1, frameon=False,
        fontsize=SMALL_PT, handlelength=1.4, columnspacing=1.0, handletextpad=0.5,
    )  # fmt: skip
    legend.set_in_layout(False)  # the title, which is in the layout, leaves the room for it
    ax.set_title(ax.get_title(loc="left"), fontsize=LABEL_PT, color=INK, loc="left", pad=8.0 + 17.0 * rows)


def smoluchowski(parts: Primaries, conditions: Conditions, time: FloatArray) -> FloatArray:
    """Return the mean size of clusters of equal spheres that meet by Brownian motion alone, 1 + k N t/2.

    Parameters
    ----------
    parts : Primaries
    conditions : Conditions
    time : ndarray, shape (n_times,) [s]

    Returns
    -------
    ndarray, shape (n_times,) [-]
    """
    number = float(parts.number.sum())
    sticks = float(parts.number @ np.sqrt(parts.sticking) / number) ** 2  # pairs hold by both of their surfaces
    rate = 8.0 * BOLTZMANN_J_PER_K * conditions.temperature / (3.0 * conditions.viscosity) * sticks
    return 1.0 + 0.5 * rate * number * time


def _draw_mean(ax: Axes, clusters: Clusters, members: float) -> None:
    """Draw mean sizes over time, until the first flakes, which have no size."""
    grown = clusters.grown
    tidy(ax, title="Mean size during the incubation", x="time since mixing [min]", y="particles in a cluster [-]")
    if grown.time.size == 1:
        ax.text(0.5, 0.5, "no incubation: it is spun as mixed", transform=ax.transAxes, ha="center", fontsize=TEXT_PT)
        ax.set(xticks=[], yticks=[])
        return
    flakes = np.array([_flakes(clusters, time) for time in range(grown.time.size)])
    known = (grown.time > 0) & (flakes < NO_FLAKES)
    minutes = grown.time / 60.0
    ax.plot(minutes[known], grown.mean_size[known], color=GROWING, linewidth=2.8, label="mean over clusters")
    ax.plot(
        minutes[known], grown.mean_size_by_volume[known], color=tint(GROWING, 0.5), linewidth=2.4,
        linestyle=(0, (5, 2)), label="mean over solids",
    )  # fmt: skip
    simple = smoluchowski(clusters.parts, clusters.conditions, grown.time)
    ax.plot(minutes[1:], simple[1:], color=SMOLUCHOWSKI, linewidth=1.2, label="Brownian only: 1 + k N t/2")
    if math.isfinite(members):
        ax.axhline(members, color=NEEDED, label=NEEDED_NAME, **NEEDED_LINE)
    if flakes[-1] >= NO_FLAKES:
        begin = float(minutes[np.argmax(flakes >= NO_FLAKES)])
        ax.axvspan(begin, float(minutes[-1]), color=FLAKY, linewidth=0, zorder=0, label="flakes form")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(float(minutes[1]), float(minutes[-1]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    grid(ax)
    _legend_above(ax, 2)


def _flakes(clusters: Clusters, time: int) -> float:
    """Return the share of solids in flakes at one of the times."""
    grown = clusters.grown
    width = bin_width(grown, clusters.conditions.fractal_dimension)
    return SizeShares.of(shares_of_solids(grown, time), grown.diameter[time], width).larger


def _draw_fates(ax: Axes, made: Precipitate, asked: Sequence[str]) -> None:
    """Draw a bar for each population, of shares that sum to 100 %."""
    fates = Fates.of(made)
    places = [made.spin.particles.names.index(name) for name in asked]
    rows = range(len(asked))
    start = np.zeros(len(asked))
    told = (
        (fates.in_clusters, PELLETED, "pelleted in clusters"),
        (fates.alone, ALONE, "pelleted alone"),
        (fates.suspended, SUSPENDED, "in clusters, suspended"),
        (fates.dispersed, DISPERSED, "dispersed"),
    )
    for share, color, name in told:
        width = 100.0 * share[places]
        seen = bool(np.any(width >= LEAST_BAR))
        ax.barh(rows, width, 0.78, left=start, color=color, label=name if seen else f"_{name}")
        start = start + width
    tidy(ax, title="Populations after the spin", x="particles of each population [%]", y="")
    ax.set_yticks(rows, [label(name, NAME_WIDTH) for name in asked], fontsize=SMALL_PT)
    ax.set_ylim(max(len(asked), FEWEST_ROWS) - 0.4, -0.6)
    ax.set_xlim(0.0, 100.0)
    _legend_above(ax, 2)
    for row, down in zip(rows, (fates.in_clusters + fates.alone)[places], strict=True):
        ax.text(101.0, row, f"{short_percent(down)} %", va="center", fontsize=SMALL_PT, color=PELLETED)
