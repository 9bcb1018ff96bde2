"""Bands that form while a gradient spins, as a moving picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from sepsim.drawing.canvas import INK, SMALL_PT, TITLE_PT, new_figure
from sepsim.drawing.moving import MovingPicture
from sepsim.method import StepResult
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.pictures.gradient_bands import BandsPicture
from sepsim.techniques.centrifugation.pictures.gradient_frames import conditions, frames_at, gradient_spin, seen
from sepsim.techniques.centrifugation.pictures.gradient_tube import density_bar, density_scale
from sepsim.techniques.centrifugation.pictures.tube_picture import PelletPicture, TubePicture

WIDE, TALL = 13.5, 7.4  # inch
SHORT = 7200.0  # s
SETTLED = 3  # the scale of the bands leaves out this first part of the frames, one in so many


def bands_forming(
    step: GradientSpin | StepResult,
    *,
    times_min: float | Sequence[float] | None = None,
    populations: str | Sequence[str] | None = None,
) -> MovingPicture:
    """Draw the bands as they form, as a moving picture: the tube, what has pelleted, and the bands along the tube.

    Parameters
    ----------
    step : GradientSpin or StepResult
        A spin in a gradient or on a cushion.
    times_min : float or sequence of float, optional [min]
        A frame for each, the nearest that was recorded. Default all that were recorded, which lie closer together at
        the start, where more happens; the title tells the time.
    populations : str or sequence of str, optional
        Which to draw; default up to five of the vesicles and main contaminants that were loaded.

    Returns
    -------
    MovingPicture
        To be saved as ``.gif``, or as ``.mp4`` where ffmpeg is installed.

    Raises
    ------
    InputError
        If the step is no spin in a gradient, a population was not loaded, or a time lies outside the run.

    Notes
    -----
    The scale of the bands fits the last two thirds of the frames; of a higher band before that, a note tells how
    high it is.

    Examples
    --------
    >>> import tempfile
    >>> import sepsim
    >>> layers = [{"volume_mL": 5, "sucrose_percent_w_w": percent} for percent in (10, 60)]
    >>> spin = {"method": "density_gradient", "rotor": "SW 41 Ti", "speed_rpm": 35_000, "time_min": 60,
    ...         "layers": layers, "fractions": 6, "keep": "fractions 3-4"}
    >>> urine = {"source": "urine", "volume_mL": 1, "size_bins": 2, "density_quantiles": 1}
    >>> run = sepsim.protocol_from_table({"sample": urine, "step": [spin]}).run()
    >>> bands = bands_forming(run.bench[0], times_min=[0, 60], populations="exosome")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bands.save(f"{folder}/bands.gif").name
    'bands.gif'
    """
    spin = gradient_spin(step)
    frames = [*range(len(spin.times))] if times_min is None else frames_at(spin, "times_min", times_min)
    picture = _Picture(spin, frames, populations)
    return MovingPicture(figure=picture.figure, show=picture.show, frames=frames)


class _Picture:
    """Tube and bands side by side, which can show any frame of a spin."""

    def __init__(self, spin: GradientSpin, frames: Sequence[int], populations: str | Sequence[str] | None) -> None:
        names = seen(spin, populations)
        self._spin = spin
        self.figure: Figure = new_figure(WIDE, TALL)
        axes = self.figure.subplot_mosaic(
            [["tube", "bands"], ["pellet", "bands"]],
            width_ratios=(1.0, 4.0),
            height_ratios=(5.6, 0.3 + 0.3 * len(names)),
        )
        shade = density_scale(spin, frames)
        self._tube = TubePicture.drawn(axes["tube"], spin, names, shade, named=True)
        self._pellet = PelletPicture.drawn(axes["pellet"], spin, names, named=True)
        density_bar(axes["tube"], shade)
        self._ax = axes["bands"]
        self._bands = BandsPicture.drawn(self._ax, spin, names, frames, frames[len(frames) // SETTLED :])
        at_corner: dict[str, Any] = {"transform": self._ax.transAxes, "ha": "right", "va": "top"}
        self._note = self._ax.text(0.98, 0.97, "", fontsize=SMALL_PT, color=INK, **at_corner)
        self._tell(frames[-1])
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")  # from here on nothing moves but the bands

    def show(self, frame: int) -> None:
        """Show a frame."""
        for part in (self._tube, self._pellet, self._bands):
            part.show(frame)
        self._tell(frame)
        highest = max(float(curve[frame].max()) for curve in self._bands.curves.values())
        beyond = highest > self._ax.get_ylim()[1]
        self._note.set_text(f"a band reaches up to {highest:.0f} % of load per mL" if beyond else "")

    def _tell(self, frame: int) -> None:
        """Write the title of a frame."""
        title = f"{conditions(self._spin)}\nafter {self._clock(float(self._spin.times[frame]))}"
        self.figure.suptitle(f"{title}\n", fontsize=TITLE_PT, color=INK)

    def _clock(self, time: float) -> str:
        """Return a time [s] in hours, or of a short run in minutes, always in as many digits."""
        return f"{time / 3600.0:.2f} h" if self._spin.times[-1] >= SHORT else f"{time / 60.0:.1f} min"
