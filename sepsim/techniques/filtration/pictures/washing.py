"""What a filtration leaves in the liquid of the vessel: washed out with buffer, or pressed out on concentration."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import grid, own_or_new, short_percent, tidy, wrapped
from sepsim.drawing.curves import chosen, draw_lines, legend_beside, own_lines, own_name
from sepsim.drawing.palette import label
from sepsim.method import StepResult
from sepsim.techniques.filtration.pictures.filtration_course import (
    Abscissa,
    filled,
    log_axis,
    membrane_run,
    passed_once,
)

if TYPE_CHECKING:
    from sepsim.techniques.filtration.membrane_run import MembraneRun

LOWEST_PERCENT = 1e-2  # that is drawn
LEAST_LYING, MOST_LYING = 0.01, 8  # share on the membrane that is told, and populations
LYING_WIDTH = 34  # letters
CONCENTRATION = "concentration factor X of the volume [-]"
GUIDE = "#444444"


class Removal(NamedTuple):
    """The part of a filtration that takes out what passes.

    Attributes
    ----------
    doing, x_name, law : str
        What is done, the name of the abscissa, and how much of what goes with the liquid is left.
    x : ndarray, shape (n_points,) [unit of the axis]
    held : ndarray, shape (n_points, n_populations) [-]
        Numbers of particles in the vessels.
    free : ndarray, shape (n_points,) [-]
        Share that would be left of what goes with the liquid, if what washes it flows in continuously.
    ends : ndarray, shape (n_stages,) [unit of the axis]
        Where its stages end.
    """

    doing: str
    x_name: str
    law: str
    x: FloatArray
    held: FloatArray
    free: FloatArray
    ends: FloatArray

    @classmethod
    def of(cls, step: StepResult, run: MembraneRun) -> Removal:
        """Return the washing of a filtration, or all of one that does not wash."""
        if passed_once(step):
            return cls.filtering(step, run)
        if any(stage.constant or stage.poured > 0 for stage in run.stages[: len(run.ends)]):
            return cls.washing(run)
        return cls.concentrating(run)

    @classmethod
    def washing(cls, run: MembraneRun) -> Removal:
        """Return all that is done with buffer, over the diavolumes of permeate since it began."""
        begun = zip(run.stages, [0, *run.ends], run.ends, strict=False)
        washing = [(start, end) for stage, start, end in begun if stage.constant or stage.poured > 0]
        volume = filled(run) / run.devices
        first, last = washing[0][0], washing[-1][1]
        washed = float(run.volume[first]) if first else volume
        diavolumes = (run.permeate - run.permeate[first]) / washed
        x = diavolumes[first : last + 1]
        return cls(
            doing="washing",
            x_name="diavolumes of permeate [-]",
            law="exp(–N) in continuous washing",
            x=x,
            held=run.vessel[first : last + 1],
            free=washed / volume * np.exp(-x),
            ends=diavolumes[[end for _, end in washing]],
        )

    @classmethod
    def concentrating(cls, run: MembraneRun) -> Removal:
        """Return a concentration, over the factor by which the volume has fallen."""
        volume = filled(run) / run.devices
        return cls(
            doing="concentrating",
            x_name=CONCENTRATION,
            law="1/X is left",
            x=volume / run.volume,
            held=run.vessel,
            free=run.volume / volume,
            ends=volume / run.volume[[*run.ends]],
        )

    @classmethod
    def filtering(cls, step: StepResult, run: MembraneRun) -> Removal:
        """Return a single pass through a filter, over the volume of the permeate."""
        along = Abscissa.of(step, run)
        return cls(
            doing="filtering",
            x_name=along.name,
            law="as much is left as of the liquid",
            x=along.values,
            held=run.vessel,
            free=run.volume * run.devices / filled(run),
            ends=along.values[[*run.ends]],
        )


def washing_out(step: StepResult, populations: str | Sequence[str] | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw what is left of each population in the liquid of the vessel while it is washed or concentrated.

    In percent of what was filled in, against the diavolumes of permeate, or where nothing is washed against the factor
    by which the volume has fallen; a single pass through a filter against the volume of the permeate. The dashed line
    is what goes with the liquid, exp(-N) after N diavolumes of continuous washing and 1/X after concentrating X times:
    through the membrane if it is smaller than the pores, or onto it if it is larger and is not swept back. What is held
    back and swept back stays at 100. How much lies on the membrane at the end stands beside; the setting
    `deposit_recovery` says how much of that comes back.

    Parameters
    ----------
    step : StepResult
        Of ultrafiltration or filtration.
    populations : str or sequence of str, optional
        Which to draw; default all, with one line for those that look alike, at most eight lines, and the rest in grey.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step is no filtration, or a population was not there.

    Examples
    --------
    >>> import sepsim
    >>> wash = {"method": "ultrafiltration", "membrane": "Amicon Ultra-15 100 kDa", "spin_filter": {"rcf_xg": 4000},
    ...         "concentrate_to_mL": 1, "diavolumes": 3, "washes": 3, "keep": "retentate"}
    >>> urine = {"source": "urine", "volume_mL": 10, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [wash]}).run()
    >>> washing_out(run.bench[0], "albumin").get_xlabel()
    'diavolumes of permeate [-]'
    """
    run = membrane_run(step)
    there = [name for name, number in zip(run.particles.names, run.vessel[0], strict=True) if number > 0]
    asked = chosen(populations, there, there)
    removal = Removal.of(step, run)
    places = {name: run.particles.names.index(name) for name in asked}
    curves = {name: 100.0 * removal.held[:, place] / run.vessel[0, place] for name, place in places.items()}
    free = 100.0 * removal.free
    lowest = max(LOWEST_PERCENT, 0.5 * min(float(curve.min()) for curve in (*curves.values(), free)))
    shapes = {
        name: np.log(np.maximum(curve, lowest) / 100.0) / np.log(100.0 / lowest) for name, curve in curves.items()
    }
    axes = own_or_new(ax, 10.5, 5.8)
    draw_lines(axes, removal.x, curves, own_lines(shapes, apart=populations is not None), run.particles.names)
    axes.axhline(100.0, color=GUIDE, linewidth=1.2, linestyle=":", label="held back and swept back")
    axes.plot(removal.x, free, color=GUIDE, linewidth=1.6, linestyle=(0, (5, 3)), label=_with_the_liquid(removal))
    _frame(axes, step, run, removal, lowest)
    lying = [Patch(color="none", label=text) for text in _on_the_membrane(run, asked)]
    legend_beside(axes, [*axes.get_legend_handles_labels()[0], *lying])
    return axes


def _with_the_liquid(removal: Removal) -> str:
    return f"goes with the liquid, through the\nmembrane or onto it:\n{removal.law}"


def _on_the_membrane(run: MembraneRun, asked: Sequence[str]) -> Iterator[str]:
    """Yield how much of each population lies on the membrane at the end, in percent of what was filled in."""
    lying = run.particles.totals(run.deposited)
    shares = {
        name: lying[place] / run.vessel[0, place] for place, name in enumerate(run.particles.names) if name in asked
    }
    told = sorted((name for name in shares if shares[name] >= LEAST_LYING), key=lambda name: -shares[name])
    if not told:
        return
    listed = [f"{label(name)} {short_percent(shares[name])}" for name in told[:MOST_LYING]]
    more = [f"{len(told) - MOST_LYING} more"] if len(told) > MOST_LYING else []
    text = textwrap.fill(", ".join([*listed, *more]), LYING_WIDTH)
    yield f"on the membrane at the end [%],\nsome comes back (deposit_recovery):\n{text}"


def _frame(ax: Axes, step: StepResult, run: MembraneRun, removal: Removal, lowest: float) -> None:
    name = own_name(run.membrane)
    title = f"What is left in the vessel on {removal.doing}: {wrapped(step.name, 50)}\n{wrapped(name, 70)}".strip()
    tidy(ax, title=title, x=removal.x_name, y="left in the liquid of the vessel\n[% of what was filled in]")
    if passed_once(step):
        ax.set_ylim(0.0, 110.0)
        grid(ax)
    else:
        log_axis(ax, lowest, 150.0)
    if removal.x_name == CONCENTRATION:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    start, end = float(removal.x[0]), float(removal.x[-1])
    ax.set_xlim(start, end if end > start else start + 1.0)
    for place in removal.ends[:-1]:
        ax.axvline(float(place), color="#BBBBBB", linewidth=1.0, label="_end of a stage", zorder=0)
