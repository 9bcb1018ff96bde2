"""The mass spectrum of the peptides of a sample, its marker proteins named."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, SMALL_PT, TEXT_PT, TITLE_PT, grid, own_or_new, plain, tidy
from sepsim.drawing.curves import trace_of
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.techniques.mass_spectrometry.ion_spectrum import MassSpectrometryRun, Peak
from sepsim.techniques.mass_spectrometry.mass_spectrum import Spectrum

ROLE_COLORS = {"vesicle": "#0072B2", "contaminant": "#D55E00", "negative": "#000000"}
ROLE_NAMES = {"vesicle": "of vesicles", "contaminant": "of contaminants", "negative": "of cells (negative control)"}
OTHER = "#AAAAAA"
TITLE, TITLE_PAD, LETTER = "Peptides of the digested sample", 36.0, 6.6  # room below the title, and for a letter [pt]
DECADES = 8  # at most, of a logarithmic axis
FAINT = 0.05  # of the highest line, below which vesicle markers need a logarithmic axis
COLUMNS = 4000  # in which the scan is drawn, by the highest point of each
NAMES_AT, LEAST_APART = 1.10, 0.021  # height of the names, and what they need side by side [share of the axes]


def mass_spectrum(
    run: StepResult | MassSpectrometryRun, *, log_scale: bool | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the spectrum of a sample's peptides: markers of vesicles, of contaminants and of cells in colours.

    Heights are over that of the highest line. A coloured line stands at the monoisotopic ion of each signature peptide
    and charge, grey ones are its heavier isotopologues. The strongest line of each protein that is resolved from its
    neighbours has its name and charge above; where none is, the name stands in brackets. Areas over areas are in the
    line below the axis: they compare samples, as copies per particle are unverified.

    Parameters
    ----------
    run : StepResult or MassSpectrometryRun
        Of mass spectrometry in mode "peptide".
    log_scale : bool, optional
        Whether heights are logarithmic; left out: if all markers of vesicles are below 5 % of the highest line.
    ax : Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the step is of another technique or mode, or no peak lies within the scan.

    Examples
    --------
    >>> import sepsim
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 3, "density_quantiles": 1}
    >>> step = {"method": "mass_spectrometry", "keep": "detected"}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [step]}).run()
    >>> ax = mass_spectrum(run.bench[0])
    >>> any(text.get_text().startswith("albumin") for text in ax.texts)
    True
    """
    taken = run if isinstance(run, MassSpectrometryRun) else _taken(run)
    if not taken.peaks:
        raise InputError("mass spectrum: no peak lies within the scan; widen lowest_mz or highest_mz")
    heights = _heights(taken.spectrum, taken.peaks)
    faint = max((h for h, peak in zip(heights, taken.peaks, strict=True) if peak.role == "vesicle"), default=1.0)
    logarithmic = faint < FAINT if log_scale is None else log_scale
    floor = _floor(heights) if logarithmic else 0.0
    axes = own_or_new(ax, 12.5, 6.4)
    _draw_scan(axes, taken.spectrum, floor)
    for peak, height in zip(taken.peaks, heights.tolist(), strict=True):
        color, line = ROLE_COLORS[peak.role], "-" if peak.resolved else (0, (1, 1))
        axes.vlines(peak.mz, floor, max(height, floor), color=color, linewidth=2.2, linestyle=line, label="_peak")
    _frame(axes, taken, floor)
    _write_names(axes, taken.peaks, heights)
    return axes


def _taken(step: StepResult) -> MassSpectrometryRun:
    return trace_of(step, MassSpectrometryRun, "no spectrum of peptides")


def _heights(spectrum: Spectrum, peaks: Sequence[Peak]) -> FloatArray:
    """Return the height of the scan at each peak over its highest point [-]."""
    places = np.array([peak.mz for peak in peaks])
    return np.asarray(np.interp(places, spectrum.mz, spectrum.intensity) / spectrum.intensity.max())


def _floor(heights: FloatArray) -> float:
    """Return the power of ten below the lowest line, at most some decades down."""
    lowest = heights[heights > 0].min()
    return float(10.0 ** max(math.floor(math.log10(lowest)), -DECADES))


def _draw_scan(ax: Axes, spectrum: Spectrum, floor: float) -> None:
    """Draw the highest points of the scan within narrow columns."""
    edges = np.linspace(spectrum.mz[0], spectrum.mz[-1], COLUMNS + 1)
    starts = np.unique(np.searchsorted(spectrum.mz, edges[:-1]))
    highest = np.maximum.reduceat(spectrum.intensity, starts) / spectrum.intensity.max()
    seen = highest > floor
    ax.vlines(spectrum.mz[starts][seen], floor, highest[seen], color=OTHER, linewidth=0.8, label="_scan", zorder=1.5)


def _frame(ax: Axes, run: MassSpectrometryRun, floor: float) -> None:
    tidy(ax, title="", x="m/z [Da per elementary charge]", y="relative abundance\n[% of the highest line]")
    grid(ax)
    ax.set_xlim(*run.spectrum.mz[[0, -1]].tolist())
    if floor > 0:
        ax.set_yscale("log")
    ax.set_ylim(floor, 1.0)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
    present = [role for role in ROLE_COLORS if any(peak.role == role for peak in run.peaks)]
    handles = [Line2D([], [], color=ROLE_COLORS[role], linewidth=2.2, label=ROLE_NAMES[role]) for role in present]
    handles.append(Line2D([], [], color=OTHER, linewidth=0.8, label="heavier isotopes"))
    if not all(peak.resolved for peak in run.peaks):
        handles.append(Line2D([], [], color=INK, linewidth=2.2, linestyle=(0, (1, 1)), label="not resolved"))
    ratio = run.vesicle_to_contaminant
    told = f"vesicle over contaminant areas: {ratio:.2g}" if math.isfinite(ratio) else "no markers of contaminants"
    title = f"R = {run.power.fwhm:.0f} (half maximum), {run.power.valley:.0f} (10 % valley); {told}"
    ax.set_xlabel(f"{ax.get_xlabel()}\n{title}", fontsize=TEXT_PT)
    ax.legend(
        handles=handles,
        title="lines of peptides",
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize=SMALL_PT,
        title_fontsize=SMALL_PT,
    )


def _write_names(ax: Axes, peaks: Sequence[Peak], heights: FloatArray) -> None:
    """Write the name of each protein above the axes, side by side, and lead to its strongest line."""
    strongest: dict[str, int] = {}
    for index in sorted(range(len(peaks)), key=lambda index: (peaks[index].resolved, heights[index])):
        strongest[peaks[index].protein] = index
    named = sorted(strongest.values(), key=lambda index: peaks[index].mz)
    low, high = ax.get_xlim()
    wanted = np.array([(peaks[index].mz - low) / (high - low) for index in named])
    for index, at, place in zip(named, wanted.tolist(), spread(wanted, LEAST_APART).tolist(), strict=True):
        peak, color = peaks[index], ROLE_COLORS[peaks[index].role]
        name = plain(peak.protein.replace("_", " "))
        name = f"{name} {peak.charge}+" if peak.resolved else f"({name} {peak.charge}+)"
        ax.plot(
            [at, at, place],
            [_up(ax, heights[index]), 1.01, NAMES_AT - 0.015],
            transform=ax.transAxes,
            color=color,
            linewidth=0.6,
            linestyle=(0, (3, 2)),
            clip_on=False,
            label="_leader",
        )
        ax.text(
            place,
            NAMES_AT,
            name,
            transform=ax.transAxes,
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=SMALL_PT,
            color=color,
        )

    longest = max(len(text.get_text()) for text in ax.texts)
    ax.set_title(TITLE, loc="left", fontsize=TITLE_PT, color=INK, pad=TITLE_PAD + LETTER * longest)


def _up(ax: Axes, height: float) -> float:
    """Return where a height stands, as a share of the axes."""
    low, high = ax.get_ylim()
    if ax.get_yscale() == "log":
        return math.log(max(height, low) / low) / math.log(high / low)
    return (height - low) / (high - low)


def spread(wanted: FloatArray, apart: float) -> FloatArray:
    """Return places between 0 and 1 near those wanted, at least so far apart, in the same order.

    Parameters
    ----------
    wanted : ndarray, shape (n,) [-]
        Increasing, between 0 and 1.
    apart : float [-]
        Less where they would not fit.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> spread(np.array([0.5, 0.5, 0.9]), 0.1).round(2).tolist()
    [0.45, 0.55, 0.9]
    """
    gap = min(apart, 1.0 / max(len(wanted) - 1, 1))
    groups: list[list[float]] = []  # of each, its members' wishes for the first place
    for index, place in enumerate(wanted.tolist()):
        groups.append([place - index * gap])
        while len(groups) > 1 and np.mean(groups[-2]) > np.mean(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    first = np.concatenate([np.full(len(group), np.mean(group)) for group in groups])
    room = 1.0 - gap * (len(wanted) - 1)
    return np.asarray(np.clip(first, 0.0, room) + gap * np.arange(len(wanted)))
