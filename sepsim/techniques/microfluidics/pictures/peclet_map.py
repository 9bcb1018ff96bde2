"""How far sizes are carried while they diffuse, against the flow through a chip, and where that parts them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.ticker import FuncFormatter, LogLocator

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, LABEL_PT, TEXT_PT, own_or_new, plain, tidy, wrapped
from sepsim.drawing.palette import plural
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.samples.sample import Sample
from sepsim.techniques.microfluidics.chips.chip import Chip
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.pictures.passed import by_size, passage_of

FLOWS = 11
SPAN = 30.0  # times the flow of the step, up and down
MOST_SIZES = 12
LEVELS = (10.0, 50.0, 90.0)  # %
HALO: list[AbstractPathEffect] = [withStroke(linewidth=4.5, foreground="white")]
COLORS = "cividis"
LEAST_PECLET = 1e-6
REFUSED = "#DDDDDD"


class _Map(NamedTuple):
    """Peclet numbers and shares [%] by flow [m3/s] and diameter [m], shape (n_flows, n_sizes); nan where refused."""

    flow: FloatArray
    diameter: FloatArray
    peclet: FloatArray
    share: FloatArray


def peclet_map(step: StepResult, population: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw Peclet numbers against size and flow, with lines of the share that leaves by the first outlet.

    The population is let through alone, at flows up to thirty times above and below that of the step, which is marked.
    Where the chip refuses a flow, since it leaks or is turbulent, the map is grey.

    Parameters
    ----------
    step : StepResult
        Of microfluidics, on a chip with a few outlets.
    population : str, optional
        Default the target, or what there is most of if that was not loaded.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step is no flow through a chip, the chip collects numbered fractions, or the population was not loaded
        or is not driven.

    Examples
    --------
    >>> import sepsim
    >>> chip = {"method": "microfluidics", "chip": "free-flow electrophoresis", "keep": "target outlet"}
    >>> urine = {"source": "urine", "volume_mL": 0.1, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [chip]}).run()
    >>> peclet_map(run.bench[0]).get_ylabel()
    'flow of the sample [µL/min]'
    """
    done, _ = passage_of(step)
    if done.chip.numbered:
        raise InputError(f"step {step.name!r}: its chip collects numbered fractions; draw it with fractogram")
    numbers = done.load.sample.by_population
    name = population or (step.target if numbers.get(step.target) else max(numbers, key=numbers.__getitem__))
    if not numbers.get(name):
        raise InputError(f"population = {name!r}: was not loaded; there are: {', '.join(numbers)}")
    found = _mapped(done.chip, _alone(done.load, name), name)
    if not np.nanmax(found.peclet) > 0.0:
        raise InputError(f"population = {name!r}: nothing drives it in this chip; draw what is driven")
    axes = own_or_new(ax, 9.0, 5.8)
    _draw(axes, found)
    _mark_step(axes, done.load.flow * 6e10)
    most = float(np.nanmax(found.share))
    what = f"lines: share of {plural(name)} in {done.chip.outlets[0]!r}"
    if most < LEVELS[0]:
        what += f", nowhere above {most:.2g} %"
    if np.isnan(found.peclet).any():
        what += "; grey: the chip refuses such a flow"
    title = f"{plain(done.chip.name)}: {wrapped(step.name, 50)}\n{what}"
    tidy(axes, title=title, x=f"diameter of {plural(name)} in the chip [nm]", y="flow of the sample [µL/min]")
    return axes


def _alone(load: Load, population: str) -> Load:
    """Return a load of some sizes of a population alone."""
    table, sample = load.sample.particles, load.sample
    sizes = by_size(load, population, load.diameter).diameter
    some = sizes[np.unique(np.linspace(0, sizes.size - 1, min(sizes.size, MOST_SIZES)).round().astype(int))]
    near = np.abs(np.log(load.diameter[:, None] / some)).min(axis=1) < 1e-3
    counts = np.where(near & (table.population == table.names.index(population)), sample.counts, 0.0)
    return replace(load, sample=Sample(table, sample.medium, sample.volume, counts))


def _mapped(chip: Chip, load: Load, population: str) -> _Map:
    flows = load.flow * np.geomspace(1.0 / SPAN, SPAN, FLOWS)
    sizes = by_size(load, population, load.diameter)
    peclet, share = np.full((2, FLOWS, sizes.diameter.size), np.nan)
    for place, flow in enumerate(flows):
        each = replace(load, flow=flow, buffer_flow=load.buffer_flow * flow / load.flow)
        try:
            chip.refuse(each)
        except InputError:
            continue
        passage = chip.passage(each)
        peclet[place] = by_size(each, population, passage.peclet).values
        share[place] = 100.0 * by_size(each, population, passage.shares[chip.outlets[0]]).values
    return _Map(flows, sizes.diameter, peclet, share)


def _draw(ax: Axes, found: _Map) -> None:
    diameter, flow = found.diameter * 1e9, found.flow * 6e10
    ax.set_facecolor(REFUSED)
    shown = np.ma.masked_invalid(np.maximum(found.peclet, LEAST_PECLET))
    norm = LogNorm(10.0 ** np.floor(np.log10(shown.min())), 10.0 ** np.ceil(np.log10(shown.max() * 1.0001)))
    mesh = ax.pcolormesh(_edges(diameter), _edges(flow), shown, norm=norm, cmap=COLORS, rasterized=True)
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.02)
    bar.set_label("Peclet number [-]", fontsize=LABEL_PT, color=INK)
    bar.ax.tick_params(labelsize=TEXT_PT, colors=INK)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(*_edges(diameter)[[0, -1]])
    ax.set_ylim(*_edges(flow)[[0, -1]])
    if diameter.size > 1 and np.isfinite(found.share[:, 0]).sum() > 1:
        lines = ax.contour(diameter, flow, found.share, [*LEVELS], colors=INK, linewidths=2.2)
        lines.set(path_effects=HALO)
        for text in ax.clabel(lines, fmt=lambda level: f"{level:g} %", fontsize=TEXT_PT):
            text.set_path_effects(HALO)
    subs = (1.0, 2.0, 5.0) if diameter[-1] < 30.0 * diameter[0] else (1.0,)
    for axis, ticks in ((ax.xaxis, subs), (ax.yaxis, (1.0,))):
        axis.set_major_locator(LogLocator(subs=ticks))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(FuncFormatter(lambda value, _: ""))


def _mark_step(ax: Axes, flow: float) -> None:
    """Draw a line at the flow of the step [uL/min]."""
    ax.axhline(flow, color=INK, linestyle=":", linewidth=2.0, path_effects=HALO)
    ax.annotate(
        "this step", (0.01, flow), (0.0, 5.0), xycoords=("axes fraction", "data"), textcoords="offset points",
        fontsize=TEXT_PT, color=INK, path_effects=HALO,
    )  # fmt: skip


def _edges(middles: FloatArray) -> FloatArray:
    """Return edges between middles, halfway in the logarithm; of a single one 10 % to both sides."""
    if middles.size < 2:
        alone: FloatArray = np.outer(middles, [0.9, 1.1])[0]
        return alone
    logarithms = np.log(middles)
    half = 0.5 * np.diff(logarithms)
    inner = logarithms[:-1] + half
    edges: FloatArray = np.exp(np.concatenate([[logarithms[0] - half[0]], inner, [logarithms[-1] + half[-1]]]))
    return edges
