"""Bands that form while a gradient spins, as a moving picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, PillowWriter
from matplotlib.figure import Figure

from sepsim.drawing.canvas import INK, SMALL_PT, TITLE_PT, new_figure
from sepsim.errors import InputError
from sepsim.method import StepResult
from sepsim.settings import as_float
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.pictures.gradient_bands import BandsPicture
from sepsim.techniques.centrifugation.pictures.gradient_frames import conditions, frames_at, gradient_spin, seen
from sepsim.techniques.centrifugation.pictures.gradient_tube import density_bar, density_scale
from sepsim.techniques.centrifugation.pictures.tube_picture import PelletPicture, TubePicture

WIDE, TALL = 13.5, 7.4  # inch
DPI = 80
FRAMES_PER_SECOND = 4.0
FASTEST = 50.0  # of a GIF, whose clock counts hundredths of a second
SHORT = 7200.0  # s
SETTLED = 3  # the scale of the bands leaves out this first part of the frames, one in so many
WRITERS: Mapping[str, Any] = {".gif": PillowWriter, ".mp4": FFMpegWriter}


def animate_bands(
    step: GradientSpin | StepResult,
    path: str | Path,
    *,
    frames_per_second: float = FRAMES_PER_SECOND,
    times_min: float | Sequence[float] | None = None,
    populations: str | Sequence[str] | None = None,
) -> Path:
    """Write a moving picture of the bands as they form: the tube, what has pelleted, and the bands along the tube.

    Parameters
    ----------
    step : GradientSpin or StepResult
        A spin in a gradient or on a cushion.
    path : str or Path
        File to write; ``.gif``, or ``.mp4`` where ffmpeg is installed.
    frames_per_second : float [1/s]
        Up to 50.
    times_min : float or sequence of float, optional [min]
        A frame for each, the nearest that was recorded. Default all that were recorded, which lie closer together at
        the start, where more happens; the title tells the time.
    populations : str or sequence of str, optional
        Which to draw; default up to five of the vesicles and main contaminants that were loaded.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the step is no spin in a gradient, a population was not loaded, a time lies outside the run, the format is
        unknown, its writer or the folder is missing, or the number of frames per second is out of range.

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
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     animate_bands(run.bench[0], f"{folder}/bands.gif", times_min=[0, 60], populations="exosome").name
    'bands.gif'
    """
    spin = gradient_spin(step)
    file = Path(path)
    writer = _writer(file, frames_per_second)
    frames = [*range(len(spin.times))] if times_min is None else frames_at(spin, "times_min", times_min)
    picture = _Picture(spin, frames, populations)
    with writer.saving(picture.figure, str(file), DPI):
        for frame in frames:
            picture.show(frame)
            writer.grab_frame()
    return file


def _writer(file: Path, frames_per_second: float) -> AbstractMovieWriter:
    """Return what writes the format of a file, or raise InputError with all that is wrong."""
    problems = []
    rate = as_float(frames_per_second)
    kind: Any = WRITERS.get(file.suffix.lower())
    if rate is None or not (isfinite(rate) and 0 < rate <= FASTEST):
        problems.append(f"frames_per_second = {frames_per_second!r}: must be above 0 and at most {FASTEST:g}")
    if kind is None:
        problems.append(f"path = {str(file)!r}: must end in {' or '.join(WRITERS)}")
    elif not kind.isAvailable():
        problems.append(f"path = {str(file)!r}: {file.suffix} needs the program ffmpeg; install it, or write a .gif")
    if not file.parent.is_dir():
        problems.append(f"path = {str(file)!r}: there is no folder {str(file.parent)!r}; make it first")
    if problems:
        raise InputError(*problems)
    writer: AbstractMovieWriter = kind(fps=rate)
    return writer


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
