"""A tube with its gradient, the bands of the populations in it, and the pellet at its bottom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from sepsim.drawing.canvas import INK, LABEL_PT, TEXT_PT, TITLE_PT, AxesArray, new_figure
from sepsim.method import StepResult
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.pictures.gradient_frames import (
    conditions,
    duration_text,
    frames_at,
    gradient_spin,
    liquid_density,
    seen,
)
from sepsim.techniques.centrifugation.pictures.tube_picture import PelletPicture, TubePicture

SEPIA = LinearSegmentedColormap.from_list("sepia", ["#FBF7EE", "#CDBB96", "#7A6540"])
MOMENTS = (0.0, 0.1, 0.4, 1.0)  # of the duration
PANEL, MARGIN, TALL = 2.1, 3.2, 5.6  # inch


def gradient_tube(
    step: GradientSpin | StepResult,
    times_min: float | Sequence[float] | None = None,
    populations: str | Sequence[str] | None = None,
    *,
    figure: Figure | None = None,
) -> AxesArray:
    """Draw the tube upright at chosen times, with its gradient, the bands in it, and the pellet.

    The denser the liquid, the browner. Each population has a lane of its own from top to bottom, the more coloured
    the more of its load there is per volume, in full from ten times an even spread on. The strip under the tube, and
    the bars below, are the share in the pellet. A leaning tube is drawn at rest, after the liquid has turned upright.

    Parameters
    ----------
    step : GradientSpin or StepResult
        A spin in a gradient or on a cushion.
    times_min : float or sequence of float, optional [min]
        Since the start; of the times that were recorded the nearest are drawn. Default the start, a tenth, four
        tenths and the end of the run.
    populations : str or sequence of str, optional
        Which to draw; default up to five of the vesicles and main contaminants that were loaded.
    figure : Figure, optional
        Where to draw; a new one without.

    Returns
    -------
    ndarray of Axes, shape (2, n_times)
        The tubes, then the bars of their pellets.

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
    >>> tubes = gradient_tube(run.bench[0], [0, 60], ["exosome", "albumin"])
    >>> [ax.get_title() for ax in tubes[0]]
    ['0 min', '60 min']
    """
    spin = gradient_spin(step)
    names = seen(spin, populations)
    end = float(spin.times[-1]) / 60.0
    frames = frames_at(spin, "times_min", [share * end for share in MOMENTS] if times_min is None else times_min)
    canvas = new_figure(MARGIN + PANEL * len(frames), TALL + 1.6 + 0.3 * len(names)) if figure is None else figure
    rows = (TALL, 0.3 + 0.3 * len(names))
    axes: AxesArray = canvas.subplots(2, len(frames), squeeze=False, sharey="row", height_ratios=rows)
    shade = density_scale(spin, frames)
    for (tube, bars), frame in zip(axes.T, frames, strict=True):
        first = tube is axes[0, 0]
        TubePicture.drawn(tube, spin, names, shade, named=first).show(frame)
        PelletPicture.drawn(bars, spin, names, named=first).show(frame)
        tube.set_title(duration_text(spin.times[frame]), fontsize=LABEL_PT, color=INK)
    density_bar(axes[0], shade)
    canvas.suptitle(f"Bands in the gradient\n{conditions(spin)}", fontsize=TITLE_PT, color=INK)
    return axes


def density_scale(spin: GradientSpin, frames: Sequence[int]) -> ScalarMappable:
    """Return the shades of the densities that occur in some frames."""
    values = [liquid_density(spin, frame) for frame in frames]
    return ScalarMappable(Normalize(float(np.min(values)), float(np.max(values))), SEPIA)


def density_bar(axes: Axes | AxesArray, shade: ScalarMappable) -> None:
    """Draw the scale of the shades beside some axes."""
    panels = [axes] if isinstance(axes, Axes) else [*axes]
    bar = panels[0].figure.colorbar(shade, ax=panels, shrink=0.85, aspect=30, pad=0.02)
    bar.set_label("density of the liquid [g/mL]", fontsize=LABEL_PT, color=INK)
    bar.ax.tick_params(labelsize=TEXT_PT, colors=INK)
