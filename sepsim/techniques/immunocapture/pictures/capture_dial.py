"""What beads take, against the antigens of a vesicle and how fast the antibody binds: the dials of a capture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, grid, own_or_new, tidy, wrapped
from sepsim.drawing.curves import legend_beside
from sepsim.method import StepResult
from sepsim.techniques.immunocapture.conditions import Conditions
from sepsim.techniques.immunocapture.copies import antigen_bins
from sepsim.techniques.immunocapture.incubation import by_row
from sepsim.techniques.immunocapture.pictures.capture_course import capture_of

RATES = (1e3, 1e4, 1e5, 1e6, 1e7)  # 1/(M s)
COLORS = ("#C6DBEF", "#9ECAE1", "#6BAED6", "#3182BD", "#08519C")
OWN = "#EE6677"
ANTIGENS = np.geomspace(0.1, 100.0, 121)
RADIUS = 50e-9  # m


def capture_dial(step: StepResult, *, ax: Axes | None = None) -> Axes:
    """Draw which share of vesicles of 100 nm beads bind, against their mean antigens, for several k_on.

    Beads, time, liquid and mixing are those of the step; the beads are taken to have room. The dotted line is the share
    that carries any antigen at all: no antibody binds more.

    Parameters
    ----------
    step : StepResult
        Of immunocapture.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step captures nothing on beads.

    Examples
    --------
    >>> import sepsim
    >>> beads = {"method": "immunocapture", "beads": "M-280", "beads_per_mL": 1e8, "antigen": "CD9",
    ...          "incubation_min": 30, "keep": "bound"}
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [beads]}).run()
    >>> capture_dial(run.bench[0]).get_ylabel()
    'bound of vesicles of 100 nm [%]'
    """
    done = capture_of(step)
    conditions, time = done.incubation.conditions, float(done.incubation.times[-1])
    dispersion = done.incubation.particles.dispersion
    axes = own_or_new(ax, 9.5, 5.6)
    for rate, color in zip(RATES, COLORS, strict=True):
        share = bound_share(conditions, ANTIGENS, time, rate, dispersion)
        axes.plot(ANTIGENS, 100.0 * share, color=color, linewidth=2.0, label=_rate(rate))
    own = conditions.ligand.k_on_per_M_s
    share = bound_share(conditions, ANTIGENS, time, own, dispersion)
    axes.plot(ANTIGENS, 100.0 * share, color=OWN, linewidth=3.0, linestyle="--", label=f"{_rate(own)}, of this step")
    positive = 100.0 * bound_share(conditions, ANTIGENS, np.inf, own, dispersion)
    axes.plot(ANTIGENS, positive, color=INK, linewidth=1.4, linestyle=":", label="carry any antigen")
    beads = f"{conditions.beads * 1e-6:.2g} {conditions.bead.name} beads per mL, {time / 60.0:.3g} min"
    tidy(
        axes,
        title=f"What antigens and k$_{{on}}$ decide: {wrapped(step.name, 40)}\n{beads}",
        x="mean antigens on a vesicle of 100 nm [-]",
        y="bound of vesicles of 100 nm [%]",
    )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(ANTIGENS[0], ANTIGENS[-1])
    axes.set_ylim(0.0, 104.0)
    grid(axes)
    heading = Patch(color="none", label="k$_{on}$ [1/(M s)]:")
    legend_beside(axes, [heading, *axes.get_legend_handles_labels()[0]])
    return axes


def _rate(value: float) -> str:
    return f"{value:.2g}" if value < 1e3 else f"{value:.1e}".replace("e+0", "e").replace(".0e", "e")


def bound_share(
    conditions: Conditions, antigens: FloatArray, time: float, k_on_per_M_s: float, dispersion: float | None
) -> FloatArray:
    """Return the share of vesicles of 100 nm that beads with room bind, if nothing comes off.

    Parameters
    ----------
    conditions : Conditions
    antigens : ndarray, shape (n,) [-]
        Mean per vesicle.
    time : float [s]
    k_on_per_M_s : float [1/(M s)]
    dispersion : float or None [-]
        Of the antigens.

    Returns
    -------
    ndarray, shape (n,) [-]
    """
    other = replace(conditions, ligand=replace(conditions.ligand, k_on_per_M_s=k_on_per_M_s))
    bins = antigen_bins(antigens, dispersion)
    rate = other.binding(np.full(bins.antigens.size, RADIUS), bins.antigens)
    bound = np.where(rate > 0, -np.expm1(-rate * time) if np.isfinite(time) else 1.0, 0.0)
    return by_row(bins.row, bins.share * bound, antigens.size)
