"""Moving pictures: as many frames as asked, the same each time, and clear words where none can be written."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

import sepsim
from sepsim.drawing import moving
from sepsim.errors import InputError
from sepsim.plots import bands_forming


@pytest.fixture(scope="module")
def step():
    spin = {
        "method": "density_gradient",
        "rotor": "SW 41 Ti",
        "speed_rpm": 35_000,
        "time_min": 180,
        "layers": [{"volume_mL": 5, "sucrose_percent_w_w": percent} for percent in (10, 60)],
        "fractions": 6,
        "keep": "fraction 3",
    }
    sample = {"source": "urine", "volume_mL": 1, "size_bins": 2, "density_quantiles": 1}
    return sepsim.protocol_from_table({"sample": sample, "step": [spin]}).run(seed=1).bench[0]


def test_as_many_frames_as_asked_and_the_same_each_time(step, tmp_path):
    bands = bands_forming(step, times_min=[0, 60, 180], populations="exosome")
    written = [bands.save(tmp_path / name, frames_per_second=5) for name in ("one.gif", "two.GIF")]
    assert written == [tmp_path / "one.gif", tmp_path / "two.GIF"]
    with Image.open(written[0]) as movie:
        assert movie.n_frames == 3
        for frame in range(3):
            movie.seek(frame)
            assert movie.info["duration"] == 200  # ms
    assert written[0].read_bytes() == written[1].read_bytes()


def test_nothing_moves_but_the_bands(step, monkeypatch, tmp_path):
    places, edges = [], []

    class Measure(moving.PillowWriter):
        def grab_frame(self, **settings):
            self.fig.draw_without_rendering()
            places.append([ax.get_position().bounds for ax in self.fig.axes])
            density = next(ax for ax in self.fig.axes if "g/mL" in ax.get_ylabel() and ax.lines)
            low, high = density.get_ylim()
            assert low < min(density.lines[0].get_ydata()) < max(density.lines[0].get_ydata()) < high
            edges.append(self.fig.get_tightbbox().x1 * self.fig.dpi - self.fig.bbox.x1)
            self._frames.append(Image.new("RGB", (1, 1)))

    monkeypatch.setattr(moving, "WRITERS", {".gif": Measure})
    bands_forming(step, times_min=[0, 30, 180]).save(tmp_path / "still.gif")
    assert places[0] == places[1] == places[2]
    assert max(edges) <= 2


def test_every_recorded_time_is_a_frame(step, monkeypatch, tmp_path):
    grabbed = []

    class Counter(moving.PillowWriter):
        def grab_frame(self, **settings):
            bands = next(ax for ax in self.fig.axes if ax.get_ylabel().startswith("particles"))
            grabbed.append((self.fig.get_suptitle().split("\n")[1], bands.lines[0].get_ydata().copy()))
            self._frames.append(Image.new("RGB", (1, 1)))

    monkeypatch.setattr(moving, "WRITERS", {".gif": Counter})
    bands_forming(step, populations="exosome").save(str(tmp_path / "all.gif"))
    times = step.outcome.trace.times
    assert [title for title, _ in grabbed] == [f"after {time / 3600:.2f} h" for time in times]
    centres = [np.average(np.arange(band.size), weights=band) for _, band in grabbed]
    assert centres == sorted(centres)  # exosomes sink to where 60 % sucrose begins


@pytest.mark.skipif(not moving.FFMpegWriter.isAvailable(), reason="ffmpeg is not installed")
def test_mp4(step, tmp_path):
    file = bands_forming(step, times_min=[0, 180]).save(tmp_path / "bands.mp4")
    assert file.read_bytes()[4:8] == b"ftyp"


def test_mp4_without_ffmpeg_names_what_is_missing(step, monkeypatch, tmp_path):
    monkeypatch.setattr(moving.FFMpegWriter, "isAvailable", classmethod(lambda cls: False))
    with pytest.raises(InputError, match=r"\.mp4 needs the program ffmpeg; install it, or write a \.gif"):
        bands_forming(step, times_min=0).save(tmp_path / "bands.mp4")


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("bands.avi", {}, "bands.avi': must end in .gif or .mp4"),
        ("bands", {}, "bands': must end in .gif or .mp4"),
        ("no such folder/bands.gif", {}, "no such folder'; make it first"),
        ("bands.gif", {"frames_per_second": 0}, "frames_per_second = 0: must be above 0 and at most 50"),
        ("bands.gif", {"frames_per_second": 51}, "frames_per_second = 51: must be"),
        ("bands.gif", {"frames_per_second": "fast"}, "frames_per_second = 'fast': must be"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_written(name, given, message, step, tmp_path):
    with pytest.raises(InputError) as caught:
        bands_forming(step, times_min=0).save(tmp_path / name, **given)
    assert message in str(caught.value)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"times_min": 181}, "times_min = 181: must be one or more numbers [min] from 0 to 180"),
        ({"populations": "exosom"}, "did you mean 'exosome'?"),
    ],
)
def test_what_was_not_there_is_refused(asked, message, step):
    with pytest.raises(InputError) as caught:
        bands_forming(step, **asked)
    assert message in str(caught.value)


def test_all_problems_are_told_at_once(step, tmp_path):
    with pytest.raises(InputError) as caught:
        bands_forming(step, times_min=0).save(tmp_path / "bands.avi", frames_per_second=-1)
    assert len(caught.value.problems) == 2


def test_a_moving_picture_plays_in_a_notebook(step):
    html = bands_forming(step, times_min=[0, 180])._repr_html_()
    data = base64.b64decode(html.split("base64,")[1].removesuffix('">'))
    with Image.open(io.BytesIO(data)) as movie:
        assert movie.n_frames == 2


def test_a_step_without_a_gradient_is_refused(run):
    with pytest.raises(InputError, match="draw it with tube_during_spin"):
        bands_forming(run.bench[0])
