"""Paths through chips: as many as asked, between the walls, parted as the chip parts particles."""

import numpy as np
import pytest
from PIL import Image

import sepsim
from sepsim.errors import InputError
from sepsim.plots import chip_paths, particles_moving

ARRAY = {
    "mechanism": "deterministic lateral displacement", "flow_uL_min": 2e-5, "gap_nm": 235, "pitch_nm": 400,
    "row_shift": 0.1, "depth_nm": 240, "array_width_um": 20, "array_length_um": 80, "dead_volume_uL": 0,
    "buffer_ratio": 4,
}  # fmt: skip
RESONATOR = {
    "mechanism": "acoustophoresis", "flow_uL_min": 50, "buffer_ratio": 1, "width_um": 375, "height_um": 150,
    "length_mm": 35, "frequency_MHz": 1.98, "energy_density_J_m3": 100, "target_at": "sides",
}  # fmt: skip
CHIPS = {
    "posts": ARRAY,
    "sound": RESONATOR,
    "tilted": {"like": "saw vesicles", "dead_volume_uL": 0},
    "charge": {"like": "FFE chip", "dead_volume_uL": 0},
    "magnet": {"like": "bead sorter", "dead_volume_uL": 0},
    "polymer": {"like": "Liu 2017", "dead_volume_uL": 0},
    "inertia": {"like": "spiral", "dead_volume_uL": 0},
    "electrodes": {"like": "IDE chip", "dead_volume_uL": 0},
    "membrane": {"like": "AF4", "dead_volume_uL": 0},
    "coats": {"like": "planar", "dead_volume_uL": 0},
}
POPULATIONS = [
    {"name": name, "kind": "vesicle", "density_g_mL": 1.1, "particles_per_mL": 1e7, "diameter_nm": diameter,
     "marker_profile": {"strata": [{"share": 1, "CD63": 20}]}}
    for name, diameter in (("small", 40), ("large", 200))
]  # fmt: skip


def passed(chip, populations=POPULATIONS, volume_mL=0.1):
    keep = {"AF4": "fraction 3", "planar": "captured", "IDE chip": "captured"}.get(chip.get("like"), "target outlet")
    step = {"method": "microfluidics", "chip": chip, "keep": keep}
    load = {"medium": "PBS", "volume_mL": volume_mL, "population": populations}
    return sepsim.protocol_from_table({"target": "large", "sample": load, "step": [step]}).run(seed=1).bench[0]


def paths(ax, name):
    return [line for line in ax.lines if line.get_label() == f"_{name}"]


@pytest.mark.parametrize("name", CHIPS)
def test_every_chip_has_paths_between_its_walls(name):
    step = passed(CHIPS[name])
    axes = chip_paths(step)
    chip = step.outcome.trace.chip
    sides = (chip.array if name == "posts" else chip.channel).width, chip.channel.height
    breadth = 1e6 * sides[1 if name in ("membrane", "coats", "electrodes") else 0]
    for population in ("small", "large"):
        drawn = paths(axes[0], population)
        assert len(drawn) == (2 if name in ("membrane", "coats", "electrodes") else 5)
        for line in drawn:
            across = line.get_ydata()
            assert across.size > 10
            margin = 0.1 if name == "posts" else 1e-9  # a post at a wall may push a particle into it by its radius
            assert -margin <= across.min() <= across.max() <= breadth + margin
    words = axes[0].get_ylabel()
    assert "[µm]" in words
    assert "stretched" in words or "logarithmic" in words


def test_posts_bump_large_ones_aside_and_let_small_ones_pass():
    whole, close = chip_paths(passed(ARRAY))
    rise = {
        name: np.mean([line.get_ydata()[-1] - line.get_ydata()[0] for line in paths(whole, name)])
        for name in ("small", "large")
    }
    assert rise["large"] == pytest.approx(8, abs=2.5)  # a tenth of 80 um
    assert abs(rise["small"]) < 0.5 * rise["large"]
    assert close.get_aspect() == 1.0
    posts = next(each for each in close.collections if each.get_label() == "_posts")
    assert len(posts.get_paths()) > 100
    for line in paths(close, "large"):
        x, y = line.get_data()
        rows = np.round((y - np.round(x / 0.4) * 0.04) / 0.4)
        away = np.hypot(x - np.round(x / 0.4) * 0.4, y - rows * 0.4 - np.round(x / 0.4) * 0.04)
        assert away.min() > 0.9 * (0.5 * 0.165 + 0.1)  # a post and a particle


def test_sound_gathers_cells_at_the_node_in_the_centre():
    cells = [{**POPULATIONS[0], "name": "large", "diameter_nm": 6000, "particles_per_mL": 1e5}]
    (ax,) = chip_paths(passed(RESONATOR, cells))
    ends = [line.get_ydata()[-1] for line in paths(ax, "large")]
    assert ends == pytest.approx(5 * [187.5], abs=20)
    assert any(each.get_label() == "pressure nodes" for each in ax.collections)


def test_the_same_seed_draws_the_same_paths():
    step = passed(CHIPS["coats"])
    first, again, other = (paths(chip_paths(step, seed=seed)[0], "small")[0].get_ydata() for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[:20], other[:20])


def test_particles_enter_and_leave_in_a_moving_picture(tmp_path):
    picture = particles_moving(passed(CHIPS["charge"]), particles=60)
    ax = picture.figure.axes[0]
    seen = []
    for frame in (0, 20, 40):
        picture.show(frame)
        dots = np.concatenate([line.get_xdata() for line in ax.lines if line.get_label() in ("small", "large")])
        assert dots.size == 60
        seen.append(np.isfinite(dots).sum())
    assert 0 < seen[0] < 10 < seen[1]
    assert seen[2] < seen[1]
    assert ax.get_title("left").endswith(" s")


def test_a_moving_picture_is_written(tmp_path):
    picture = particles_moving(passed(CHIPS["coats"]), "small", particles=20)
    short = type(picture)(figure=picture.figure, show=picture.show, frames=[0, 20])
    with Image.open(short.save(tmp_path / "small.gif")) as movie:
        assert movie.n_frames == 2


@pytest.mark.parametrize("figure", [chip_paths, particles_moving])
def test_what_is_not_there_is_refused(figure, aliquot):
    with pytest.raises(InputError, match="was not loaded"):
        figure(passed(CHIPS["charge"]), "nothing")
    with pytest.raises(InputError, match="no flow through a chip"):
        figure(aliquot.step(1))
