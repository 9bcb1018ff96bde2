"""What a filtration leaves in the liquid of the vessel: washed out with buffer, or pressed out on concentration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from sepsim.particles.size_distribution import FloatArray
from sepsim.plots.canvas import own_or_new, tidy, wrapped
from sepsim.plots.curves import draw_lines, legend_beside, own_lines
from sepsim.plots.filtration import filled, log_axis, membrane_run
from sepsim.plots.gradient_frames import chosen
from sepsim.run import StepResult

if TYPE_CHECKING:
    from sepsim.membrane_run import MembraneRun

LOWEST_PERCENT = 1e-2  # that is drawn
GUIDE = "#444444"


class Removal(NamedTuple):
    """The part of a filtration that takes out what passes.

    Attributes
    ----------
    washes : bool
        Whether it is washed with buffer; else it is concentrated.
    x : ndarray, shape (n_points,) [-]
        Diavolumes of permeate since washing began, or factor by which the volume has fallen.
    held : ndarray, shape (n_points, n_populations) [-]
        Numbers of particles in the vessels.
    free : ndarray, shape (n_points,) [-]
        Share that would be left of what goes with the liquid, if what washes it flows in continuously.
    ends : ndarray, shape (n_stages,) [-]
        Where its stages end.
    """

    washes: bool
    x: FloatArray
    held: FloatArray
    free: FloatArray
    ends: FloatArray

    @classmethod
    def of(cls, run: MembraneRun) -> Removal:
        """Return the washing of a filtration, or all of one that does not wash."""
        begun = [*zip(run.stages, [0, *run.ends], run.ends, strict=False)]
        washing = [(start, end) for stage, start, end in begun if stage.constant or stage.poured > 0]
        volume = filled(run) / run.devices
        if not washing:
            return cls(False, volume / run.volume, run.vessel, run.volume / volume, volume / run.volume[[*run.ends]])
        first, last = washing[0][0], washing[-1][1]
        washed = float(run.volume[first]) if first else volume
        diavolumes = (run.permeate - run.permeate[first]) / washed
        x = diavolumes[first : last + 1]
        ends = diavolumes[[end for _, end in washing]]
        return cls(True, x, run.vessel[first : last + 1], washed / volume * np.exp(-x), ends)


def washing_out(step: StepResult, populations: str | Sequence[str] | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw what is left of each population in the liquid of the vessel while it is washed or concentrated.

    In percent of what was filled in, against the diavolumes of permeate, or where nothing is washed against the factor
    by which the volume has fallen. The dashed line is what goes with the liquid, exp(-N) after N diavolumes of
    continuous washing and 1/X after concentrating X times: through the membrane if it is smaller than the pores, or
    onto it if it is larger and is not swept back. What is held back and swept back stays at 100.

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
    ...         "diavolumes": 3, "keep": "retentate"}
    >>> urine = {"source": "urine", "volume_mL": 10, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [wash]}).run()
    >>> washing_out(run.bench[0], "albumin").get_xlabel()
    'diavolumes of permeate [-]'
    """
    run = membrane_run(step)
    there = [name for name, number in zip(run.particles.names, run.vessel[0], strict=True) if number > 0]
    asked = chosen(populations, there, there)
    removal = Removal.of(run)
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
    legend_beside(axes, axes.get_legend_handles_labels()[0])
    return axes


def _with_the_liquid(removal: Removal) -> str:
    law = "exp(–N) in continuous washing" if removal.washes else "1/X is left"
    return f"goes with the liquid, through the\nmembrane or onto it:\n{law}"


def _frame(ax: Axes, step: StepResult, run: MembraneRun, removal: Removal, lowest: float) -> None:
    x = "diavolumes of permeate [-]" if removal.washes else "concentration factor X of the volume [-]"
    doing = "washing" if removal.washes else "concentrating"
    title = f"What is left in the vessel on {doing}: {wrapped(step.name, 50)}\n{wrapped(run.membrane.name, 70)}"
    tidy(ax, title=title, x=x, y="left in the liquid of the vessel\n[% of what was filled in]")
    log_axis(ax, lowest, 150.0)
    if not removal.washes:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    start, end = float(removal.x[0]), float(removal.x[-1])
    ax.set_xlim(start, end if end > start else start + 1.0)
    for place in removal.ends[:-1]:
        ax.axvline(float(place), color="#BBBBBB", linewidth=1.0, label="_end of a stage", zorder=0)
