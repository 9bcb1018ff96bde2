"""Density and bands along the tube, as they would be drawn off from its top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sepsim.arrays import FloatArray
from sepsim.drawing.canvas import INK, LABEL_PT, TEXT_PT, TITLE_PT, AxesArray, new_figure, short_percent, tidy
from sepsim.drawing.palette import Look, label
from sepsim.method import StepResult
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.pictures.gradient_frames import (
    conditions,
    duration_text,
    frames_at,
    gradient_spin,
    liquid_density,
    pellet_shares,
    percent_per_volume,
    seen,
    slice_middles,
)
from sepsim.techniques.centrifugation.pictures.tube_picture import WIDEST_NUMBER

BROWN = "#7A6540"  # the liquid, as in the tube
WIDE, TALL = 10.5, 4.3  # of a panel with its legend [inch]
HEADROOM = 1.06
RADIUS_TICKS = 8
APART = 0.05  # least distance of two of them, of the axis
NAME_WIDTH = 24  # letters


def density_and_bands(
    step: GradientSpin | StepResult,
    times_min: float | Sequence[float] | None = None,
    populations: str | Sequence[str] | None = None,
    *,
    figure: Figure | None = None,
) -> AxesArray:
    """Draw the density of the liquid and the bands of the populations along the tube.

    Number per volume in percent of the load (on the left), so that the area under a curve is the share that is not
    pelleted; the legend tells the share that is. Density on the right. Position as the volume above, and along the
    top as the distance from the rotor's axis in spin. Bands are seen as sharp as a fiftieth of the volume. What lies
    between the bands of neighbouring classes is filled in; sizes that were listed one by one are drawn one by one.

    Parameters
    ----------
    step : GradientSpin or StepResult
        A spin in a gradient or on a cushion.
    times_min : float or sequence of float, optional [min]
        Since the start, a panel for each; of the times that were recorded the nearest are drawn. Default the end.
    populations : str or sequence of str, optional
        Which to draw; default up to five of the vesicles and main contaminants that were loaded.
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (n_times,)
        The bands; the density is in the axes that lies behind each, ``figure.axes`` holds both.

    Raises
    ------
    InputError
        If the step is no spin in a gradient, a population was not loaded, or a time lies outside the run.

    Examples
    --------
    >>> import sepsim
    >>> layers = [{"volume_mL": 5, "sucrose_percent_w_w": percent} for percent in (10, 60)]
    >>> spin = {"method": "density_gradient", "rotor": "SW 41 Ti", "speed_rpm": 35_000, "time_min": 60,
    ...         "layers": layers, "fractions": 6, "keep": "fractions 3-4"}
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 2, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [spin]}).run()
    >>> (ax,) = density_and_bands(run.bench[0], populations="exosome")
    >>> volume, percent_per_mL = ax.lines[0].get_data()  # exosomes gather where 60 % sucrose begins
    >>> round(float(volume[percent_per_mL.argmax()]))
    6
    """
    spin = gradient_spin(step)
    names = seen(spin, populations)
    frames = [len(spin.times) - 1] if times_min is None else frames_at(spin, "times_min", times_min)
    canvas = new_figure(WIDE, 0.9 + TALL * len(frames)) if figure is None else figure
    axes: AxesArray = canvas.subplots(len(frames), 1, squeeze=False)[:, 0]
    for ax, frame in zip(axes, frames, strict=True):
        BandsPicture.drawn(ax, spin, names, [frame], [frame]).show(frame)
        ax.set_title(f"after {duration_text(spin.times[frame])}", fontsize=LABEL_PT, color=INK, loc="left")
    canvas.suptitle(f"Density and bands\n{conditions(spin)}", fontsize=TITLE_PT, color=INK)
    return axes


class BandsPicture(NamedTuple):
    """Density and bands along the tube that can show any frame of a spin.

    Attributes
    ----------
    spin : GradientSpin
    curves : mapping of str to ndarray, shape (n_frames, n_slices) [% of load per mL]
    lines : sequence of Line2D
        Of the curves.
    density : Line2D
    legend : Legend
    """

    spin: GradientSpin
    curves: Mapping[str, FloatArray]
    lines: Sequence[Line2D]
    density: Line2D
    legend: Legend

    @classmethod
    def drawn(
        cls, ax: Axes, spin: GradientSpin, names: Mapping[str, Look], frames: Sequence[int], settled: Sequence[int]
    ) -> BandsPicture:
        """Draw density and bands with axes that hold the density of some frames, and the bands of some of these."""
        depths = spin.column.depths * 1e6
        behind = ax.twinx()
        behind.set_zorder(ax.get_zorder() - 1)
        ax.patch.set_visible(False)
        curves = {name: percent_per_volume(spin, name) for name in names}
        lines = []
        for name, look in names.items():
            style: dict[str, Any] = {"color": look.color, "linestyle": look.line, "linewidth": 2.4}
            lines += ax.plot(slice_middles(spin), curves[name][0], label=label(name), **style)
        (density,) = behind.plot(
            0.5 * (depths[1:] + depths[:-1]), liquid_density(spin, 0), color=BROWN, linewidth=4.0, alpha=0.55
        )
        _frame(ax, depths, max(float(curve[[*settled]].max()) for curve in curves.values()))
        _density_axis(behind, spin, frames)
        _radius_axis(ax, spin)
        legend = ax.legend(
            [*lines, density],
            [*(f"{label(name, NAME_WIDTH)}: {WIDEST_NUMBER} %" for name in names), "density of\nthe liquid"],
            title="share in the pellet",
            title_fontsize=TEXT_PT,
            loc="upper left",
            bbox_to_anchor=(1.13, 1.0),
            frameon=False,
            fontsize=TEXT_PT,
            handlelength=3.0,
        )
        legend.get_title().set_multialignment("left")
        return cls(spin, curves, lines, density, legend)

    def show(self, frame: int) -> None:
        """Show a frame."""
        texts = self.legend.get_texts()
        for line, text, (name, curve) in zip(self.lines, texts, self.curves.items(), strict=False):
            line.set_ydata(curve[frame])
            share = short_percent(float(pellet_shares(self.spin, name)[frame]))
            text.set_text(f"{label(name, NAME_WIDTH)}: {share} %")
        self.density.set_ydata(liquid_density(self.spin, frame))


def _frame(ax: Axes, depths: FloatArray, highest: float) -> None:
    tidy(ax, title="", x="volume from the top [mL]", y="particles [% of load per mL]")
    ax.set_xlim(0.0, float(depths[-1]))
    ax.set_ylim(0.0, HEADROOM * max(highest, 1e-3))


def _density_axis(ax: Axes, spin: GradientSpin, frames: Sequence[int]) -> None:
    values = [liquid_density(spin, frame) for frame in frames]
    lowest, highest = float(np.min(values)), float(np.max(values))
    room = 0.04 * (highest - lowest) + 1e-3
    ax.set_ylim(lowest - room, highest + room)
    ax.set_ylabel("density of the liquid [g/mL]", fontsize=LABEL_PT, color=BROWN)
    ax.tick_params(labelsize=TEXT_PT, colors=BROWN)
    ax.spines[:].set_visible(False)


def _radius_axis(ax: Axes, spin: GradientSpin) -> None:
    """Mark round radii along the top, as many as there is room for."""
    faces, depths = spin.column.faces * 1e3, spin.column.depths * 1e6
    round_radii = MaxNLocator(RADIUS_TICKS).tick_values(faces[0], faces[-1])
    shown: list[tuple[float, float]] = []
    for radius in round_radii[(round_radii >= faces[0]) & (round_radii <= faces[-1])]:
        place = float(np.interp(radius, faces, depths))
        if not shown or place - shown[-1][0] > APART * depths[-1]:
            shown.append((place, float(radius)))
    top = ax.secondary_xaxis("top")
    top.set_xticks([place for place, _ in shown], [f"{radius:g}" for _, radius in shown])
    top.set_xlabel("distance from the axis in spin [mm]", fontsize=LABEL_PT, color=INK)
    top.tick_params(labelsize=TEXT_PT, colors=INK)
