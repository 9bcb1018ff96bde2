"""Which share of each size leaves by which outlet of a chip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, SMALL_PT, TITLE_PT, AxesArray, grid, new_figure, plain, tidy, together, wrapped
from sepsim.drawing.curves import GREY, LINE_WIDTH, TARGET_WIDTH, Lines, chosen, legend_beside, loaded, own_lines
from sepsim.drawing.curves import together as names_of
from sepsim.drawing.palette import OTHERS, looks
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.pictures.passed import BySize, by_size, passage_of

COLUMN, TALL, LEGEND = 4.6, 4.8, 3.2  # inch
MOST_PANELS = 4
LEAST_LOST = 1e-3  # share of a class that stays in the chip, from which on that has a panel
STAYS = "stays in the chip"
POINTS = 65  # at which curves are compared


def outlet_split(step: StepResult, populations: str | Sequence[str] | None = None) -> AxesArray:
    """Draw which share of each size leaves by which outlet, a panel for each outlet and a line for each population.

    What is lost on walls and in dead volumes besides is left out: it is the same share of all. The shares of a size
    sum to 100 % over the panels. A population of one size is a point, and so are beads, with what they carry.

    Parameters
    ----------
    step : StepResult
        Of microfluidics, on a chip with up to four outlets.
    populations : str or sequence of str, optional
        Which to draw; default all, with one line for those that look alike, at most eight lines, and the rest in grey.

    Returns
    -------
    ndarray of Axes, shape (n_outlets,)
        Or one more, if something stays in the chip.

    Raises
    ------
    InputError
        If the step is no flow through a chip, the chip collects numbered fractions, or a population was not loaded.

    Examples
    --------
    >>> import sepsim
    >>> chip = {"method": "microfluidics", "chip": "half-wave resonator 2 MHz", "keep": "target outlet"}
    >>> urine = {"source": "urine", "volume_mL": 0.1, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [chip]}).run()
    >>> [ax.get_title("left") for ax in outlet_split(run.bench[0], "exosome")]
    ['target outlet', 'waste']
    """
    done, passage = passage_of(step)
    if done.chip.numbered:
        raise InputError(f"step {step.name!r}: its chip collects numbered fractions; draw it with fractogram")
    load = done.load
    there = loaded(load.sample.particles, load.moving)
    asked = chosen(populations, there, there)
    shares = np.array([*passage.shares.values()])
    names = [*passage.shares]
    lost = 1.0 - shares.sum(axis=0)
    if np.max(lost, where=load.moving > 0, initial=0.0) > LEAST_LOST:
        shares, names = np.vstack([shares, lost]), [*names, STAYS]
    found = {name: by_size(load, name, 100.0 * shares) for name in asked}
    lines = own_lines(_shapes(found), apart=populations is not None, target=step.target)
    figure = new_figure(COLUMN * len(names) + LEGEND, TALL)
    axes = [*np.atleast_1d(figure.subplots(1, len(names), sharex=True, sharey=True))]
    for place, (ax, name) in enumerate(zip(axes, names, strict=True)):
        _draw(
            ax, {each: BySize(sizes.diameter * 1e9, sizes.values[place]) for each, sizes in found.items()}, lines, step
        )
        _beads(ax, load, shares[place])
        tidy(ax, title=name, x="diameter in the chip [nm]", y="" if place else "leaves by the outlet [%]")
        grid(ax)
    _frame(axes[0])
    figure.suptitle(f"{plain(done.chip.name)}: {wrapped(step.name, 60)}", fontsize=TITLE_PT, color=INK)
    legend_beside(axes[-1], axes[0].get_legend_handles_labels()[0])
    return together(axes)


def _shapes(found: Mapping[str, BySize]) -> dict[str, FloatArray]:
    """Return the curves of all outlets, one behind another, where they can be compared."""
    ends = [sizes.diameter[end] for sizes in found.values() for end in (0, -1)]
    at = np.geomspace(min(ends), max(ends), POINTS)
    return {
        name: np.concatenate([np.interp(at, sizes.diameter, row) for row in 0.01 * sizes.values])
        for name, sizes in found.items()
    }


def _draw(ax: Axes, curves: Mapping[str, BySize], lines: Lines, step: StepResult) -> None:
    """Draw the curves of an outlet; those that look alike in one look."""
    every = looks(step.outcome.trace.load.sample.particles.names)
    for name in lines.others:
        _curve(ax, curves[name], {"color": GREY, "linewidth": 1.0, "marker": ".", "label": f"_{name}"})
    for names in lines.own:
        look, wanted = every[names[0]], step.target in names
        style = {"color": look.color, "marker": look.marker, "linestyle": "-" if wanted else look.line}
        width = TARGET_WIDTH if wanted else LINE_WIDTH
        for place, name in enumerate(names):
            label = f"_{name}" if place else names_of(names)
            _curve(ax, curves[name], {**style, "linewidth": width, "zorder": 2.5 if wanted else 2.0, "label": label})
    if lines.others:
        ax.plot([], [], color=GREY, linewidth=1.0, label=OTHERS)


def _beads(ax: Axes, load: Load, share: FloatArray) -> None:
    """Draw where beads of each kind leave, by what they carry."""
    if (variants := load.sample.particles.variants) is None:
        return
    for place, state in enumerate(variants.states, 1):
        on_them = load.sample.counts * (variants.state == place)
        if state.carried and state.body is not None and on_them.any():
            of_all = 100.0 * float(share @ on_them / on_them.sum())
            ax.plot([state.body.diameter * 1e9], [of_all], "H", color=INK, markersize=11, label=state.name, zorder=3)


def _curve(ax: Axes, sizes: BySize, style: dict[str, Any]) -> None:
    """Draw a curve, with a marker at each size as long as these are few."""
    few = sizes.diameter.size <= 1
    ax.plot(sizes.diameter, sizes.values, markersize=8 if few else 0, **style)


def _frame(ax: Axes) -> None:
    ax.set_xscale("log")
    ax.set_ylim(-3.0, 103.0)
    low, high = ax.get_xlim()
    narrow = high < 20.0 * low
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if narrow else (1.0,)))
    ax.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.tick_params(labelsize=SMALL_PT)
