"""Whole particles as ions: masses and charges by charge detection, and the magnet that a sector would need."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from sepsim.arrays import FloatArray
from sepsim.constants import DALTON_KG
from sepsim.drawing.canvas import INK, SMALL_PT, grid, new_figure, tidy, together
from sepsim.drawing.curves import trace_of
from sepsim.drawing.palette import in_families, label, looks
from sepsim.method import StepResult
from sepsim.techniques.mass_spectrometry.ions.ions import magnetic_rigidity
from sepsim.techniques.mass_spectrometry.whole_ion_spectrum import Histogram, WholeIonRun

BAR, SHARE = "#7A8CA3", "share of ions [%]"
PEPTIDE_MZ = 750.0  # that a sector does bend
FEW_DECADES = 300.0  # ratio of the ends of an axis, below which 2 and 5 are written too
REAL, REAL_T_M = "#CFE3D4", (0.3, 0.5)  # field times radius of sector magnets: about 1 T and 0.3 to 0.5 m


def charge_histogram(run: StepResult | WholeIonRun, *, figure: Figure | None = None) -> NDArray[np.object_]:
    """Draw whole particles as charge detection weighs them, and why none of them fits a sector.

    On the left the detected ions by measured mass and by measured charge, in classes of equal width on the logarithmic
    axis; in raw fluids nearly all are proteins, and vesicles show once these are gone. On the right the field times the
    radius that would bend the median ion of each population, a thought experiment: real sector magnets lie within the
    shaded strip.

    Parameters
    ----------
    run : StepResult or WholeIonRun
        Of mass spectrometry in mode "intact".
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (3,)

    Raises
    ------
    InputError
        If the step is of another technique or mode.

    Examples
    --------
    >>> import sepsim
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 3, "density_quantiles": 1}
    >>> step = {"method": "mass_spectrometry", "mode": "intact", "ions": 1000, "keep": "detected"}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [step]}).run()
    >>> [ax.get_xlabel() for ax in charge_histogram(run.bench[0])]
    ['mass [MDa]', 'charge [elementary charges]', 'field times radius [T m]']
    """
    weighed = run if isinstance(run, WholeIonRun) else trace_of(run, WholeIonRun, "no weighing of whole ions")
    fig = new_figure(13.5, 5.8) if figure is None else figure
    grid_of_axes = fig.add_gridspec(2, 2, width_ratios=(1.15, 1.0))
    mass, charge = fig.add_subplot(grid_of_axes[0, 0]), fig.add_subplot(grid_of_axes[1, 0])
    magnet = fig.add_subplot(grid_of_axes[:, 1])
    tidy(mass, title="Whole particles, detected and weighed one by one", x="mass [MDa]", y=SHARE)
    tidy(charge, title="", x="charge [elementary charges]", y=SHARE)
    _draw_histogram(mass, weighed.mass_histogram, 1e6 * DALTON_KG)
    _draw_histogram(charge, weighed.charge_histogram, 1.0)
    _draw_magnets(magnet, weighed)
    return together([mass, charge, magnet])


def _draw_histogram(ax: Axes, histogram: Histogram, unit: float) -> None:
    grid(ax)
    ax.set_xscale("log")
    if histogram.number.size:
        shares = 100.0 * histogram.number / histogram.number.sum()
        lowest = 0.5 * shares[shares > 0].min()
        ax.set_yscale("log")
        ax.stairs(np.maximum(shares, lowest), histogram.edges / unit, baseline=lowest, fill=True, color=BAR)
        ax.set_ylim(bottom=lowest)
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    else:
        ax.text(0.5, 0.5, "none rises above the noise", transform=ax.transAxes, ha="center", color=INK)
    _plain_ticks(ax)


def _draw_magnets(ax: Axes, run: WholeIonRun) -> None:
    needs = {need.population: need for need in run.magnets}
    names = [name for members in in_families(needs) for name in members][::-1]
    every = looks(run.ions.particles.names)
    rows: FloatArray = np.arange(len(names), dtype=np.float64)
    for row, name in zip(rows.tolist(), names, strict=True):
        ax.plot(needs[name].rigidity, row, marker=every[name].marker, markersize=9, color=every[name].color)
    ax.axvspan(*REAL_T_M, color=REAL, zorder=0, label="_real")
    ax.text(REAL_T_M[1], len(names) - 0.35, "  real sector magnets", fontsize=SMALL_PT, color="#3B6B4A", va="center")
    voltage = run.spectrometer.ion.voltage
    peptide = float(magnetic_rigidity(PEPTIDE_MZ * DALTON_KG, 1.0, voltage))
    ax.plot(peptide, -1.0, marker="*", markersize=12, color=INK)
    tidy(ax, title=f"Thought experiment: the magnet at {1e-3 * voltage:g} kV", x="field times radius [T m]", y="")
    grid(ax)
    ax.set_xscale("log")
    ax.set_yticks([-1.0, *rows], [f"a peptide, m/z {PEPTIDE_MZ:g}", *(label(name) for name in names)])
    ax.set_ylim(-1.7, len(names))
    rigidity = [need.rigidity for need in needs.values()]
    ax.set_xlim(0.5 * min(peptide, REAL_T_M[0]), 2.0 * max(rigidity, default=1.0))
    _plain_ticks(ax)


def _plain_ticks(ax: Axes) -> None:
    low, high = ax.get_xlim()
    few = high / low < FEW_DECADES
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=12))
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:g}" if 1e-3 <= value < 1e4 else f"{value:.0e}")
    )
    ax.xaxis.set_minor_formatter(NullFormatter())
