"""Which contacts outlast the washes, by the bonds that hold them and how soon a bond opens."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sepsim.drawing.canvas import INK, grid, own_or_new, tidy, wrapped
from sepsim.drawing.curves import legend_beside
from sepsim.drawing.palette import COLORS
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.techniques.immunocapture.binding import survival
from sepsim.techniques.immunocapture.capture_model import CONSTANTS
from sepsim.techniques.immunocapture.pictures.capture_course import capture_of

BONDS = (1, 2, 3, 5)
OPENING = np.geomspace(1e-6, 1.0, 241)  # 1/s


def bond_washout(step: StepResult, *, ax: Axes | None = None) -> Axes:
    """Draw which share of the contacts outlasts all washes, against k_off, for one to five bonds.

    The shade is that of two bonds over the band of the rate at which a contact makes further bonds, which nobody has
    measured on vesicles. A single bond does not depend on it.

    Parameters
    ----------
    step : StepResult
        Of immunocapture, with washes.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step captures nothing on beads, or does not wash.

    Examples
    --------
    >>> import sepsim
    >>> beads = {"method": "immunocapture", "beads": "M-280", "beads_per_mL": 1e8, "antigen": "CD9",
    ...          "incubation_min": 30, "keep": "bound"}
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 3, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [beads]}).run()
    >>> bond_washout(run.bench[0]).get_xscale()
    'log'
    """
    done = capture_of(step)
    time = done.handling.washes * done.handling.wash_time
    if not time:
        raise InputError(f"step {step.name!r}: does not wash; give washes and wash_min")
    conditions = done.incubation.conditions
    _, low, high = CONSTANTS.bounds("rebinding_per_s")
    axes = own_or_new(ax, 9.5, 5.6)
    for bonds, color in zip(BONDS, COLORS, strict=False):
        lasting = {
            rate: 100.0 * np.array([survival(time, float(bonds), k_off, rate) for k_off in OPENING])
            for rate in (low, conditions.model.rebinding_per_s, high)
        }
        if bonds == 2:
            axes.fill_between(OPENING, lasting[low], lasting[high], color=color, alpha=0.15, linewidth=0)
        name = "1 bond" if bonds == 1 else f"{bonds} bonds"
        axes.plot(OPENING, lasting[conditions.model.rebinding_per_s], color=color, linewidth=2.4, label=name)
    axes.axvline(conditions.ligand.k_off, color=INK, linestyle=":", linewidth=1.6, label=f"{conditions.ligand.name}")
    washing = f"{done.handling.washes} x {done.handling.wash_time / 60.0:.3g} min"
    rebinding = f"k$_r$ {conditions.model.rebinding_per_s:g} 1/s (shade of 2 bonds: {low:g} to {high:g})"
    tidy(
        axes,
        title=f"What outlasts {washing} of washing: {wrapped(step.name, 40)}\n{rebinding}",
        x="k$_{off}$ of one bond [1/s]",
        y="contacts that still hold [%]",
    )
    axes.set_xscale("log")
    axes.set_xlim(OPENING[0], OPENING[-1])
    axes.set_ylim(0.0, 104.0)
    grid(axes)
    legend_beside(axes, axes.get_legend_handles_labels()[0])
    return axes
