"""The tube with its gradient, and density and bands along it: what is drawn is what the spin did."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import same_color, to_rgb
from matplotlib.figure import Figure

import sepsim
from sepsim.drawing.palette import look
from sepsim.errors import InputError
from sepsim.plots import density_and_bands, gradient_tube

LONG = "small vesicles of mesenchymal stem cells, batch 1, at 5$ each"
NAMES = ["exosome", "ldl", "albumin"]
SUCROSE = {
    "shape": "linear",
    "top": {"sucrose_percent_w_w": 8},
    "bottom": {"sucrose_percent_w_w": 45},
    "volume_mL": 11.5,
}


def gradient_run(*populations, volume_mL=0.5, **settings):
    step = {"name": "gradient", "method": "density_gradient", "time_min": 240, "fractions": 6, "keep": "fraction 3"}
    own = [{"name": name, "particles_per_mL": 1e10} if isinstance(name, str) else name for name in populations]
    sample = {"medium": "PBS", "volume_mL": volume_mL, "temperature_C": 4, "size_bins": 3, "density_quantiles": 2}
    table = {"sample": {**sample, "population": own}, "step": [{**step, **settings}], "target": own[0]["name"]}
    return sepsim.protocol_from_table(table).run(seed=1)


@pytest.fixture(scope="module")
def sucrose():
    """A swinging bucket; rigid spheres of 2 g/mL and 1 um pellet within it."""
    beads = {"name": "beads", "kind": "particle", "density_g_mL": 2.0, "diameter_nm": 1000, "particles_per_mL": 1e6}
    return gradient_run(*NAMES, beads, rotor="SW 41 Ti", speed_rpm=35_000, gradient=SUCROSE).bench[0]


@pytest.fixture(scope="module")
def vertical():
    """A vertical rotor."""
    gradient = {**SUCROSE, "volume_mL": 36}
    return gradient_run("exosome", volume_mL=2, rotor="VTi 50", speed_rpm=40_000, gradient=gradient).bench[0]


def outline(ax):
    """Half-widths and heights of the drawn liquid [mm], from the meniscus down."""
    corners = np.asarray(ax.collections[0].get_coordinates())
    assert corners[:, 0, 0] == pytest.approx(-corners[:, -1, 0])
    return corners[:, -1, 0], corners[:, 0, 1]


@pytest.mark.parametrize("name", ["sucrose", "vertical"])
def test_the_drawn_liquid_has_the_shape_and_the_volume_of_the_tube(name, request):
    spin = request.getfixturevalue(name).outcome.trace
    widths, heights = outline(gradient_tube(spin, 0, "exosome")[0, 0])
    radius = 0.5 * spin.rotor.tube.inner_diameter_mm
    hemisphere = np.minimum(heights, radius)
    assert widths == pytest.approx(np.sqrt(hemisphere * (2 * radius - hemisphere)), abs=0.03 * radius)
    volume = np.pi * (0.5 * (widths[1:] + widths[:-1])) ** 2 @ -np.diff(heights)
    assert volume * 1e-3 == pytest.approx(spin.column.depths[-1] * 1e6, rel=2e-3)
    full = np.pi * radius**2 * (heights[0] - radius / 3)  # cylinder and hemisphere
    assert full * 1e-3 == pytest.approx(spin.column.depths[-1] * 1e6, rel=1e-6)


def test_a_swinging_bucket_is_drawn_as_it_spins(sucrose):
    spin = sucrose.outcome.trace
    heights = outline(gradient_tube(sucrose, 0, "exosome")[0, 0])[1]
    assert heights == pytest.approx(1e3 * (spin.rotor.r_max - spin.column.faces), abs=0.02)


def test_lanes_are_coloured_where_the_populations_are(sucrose):
    tubes = gradient_tube(sucrose, [0, 240], NAMES)[0]
    start, end = (np.asarray(ax.collections[0].get_array()) for ax in tubes)
    assert start.shape[1] == 3
    for lane, name in enumerate(NAMES):
        assert start[0, lane] == pytest.approx(to_rgb(look(name).color))  # the sample, 24 times as dense as spread out
        assert start[-1, lane] == pytest.approx(start[-1, 0])  # and nothing of it below, where the shade is seen
    assert not np.allclose(end[0, 0], to_rgb(look("exosome").color), atol=0.2)


def test_denser_liquid_is_darker(sucrose):
    ax = gradient_tube(sucrose, 0, "exosome")[0, 0]
    liquid = np.asarray(ax.collections[0].get_array())[30:, 0].sum(axis=1)
    assert np.all(np.diff(liquid) <= 1e-9)
    assert liquid[0] > liquid[-1] + 0.5


def test_bars_of_the_pellet(sucrose):
    trace = sucrose.outcome.trace
    axes = gradient_tube(sucrose, [0, 240], ["beads", "exosome"])
    for ax, frame in zip(axes[1], (0, -1), strict=True):
        drawn = [bar.get_width() for bar in next(each for each in ax.containers if each.get_label() == "pellet")]
        index = [trace.particles.names.index(name) for name in ("beads", "exosome")]
        loaded = trace.particles.totals(trace.counts)[index]
        assert drawn == pytest.approx(100 * trace.pellets[frame][index] / loaded)
    assert drawn[0] == pytest.approx(100)
    assert axes[1, 1].texts[0].get_text() == "100"


def test_times_are_the_nearest_that_were_recorded(sucrose):
    times = sucrose.outcome.trace.times / 60
    panels = gradient_tube(sucrose, [240, 50, 50.1, 0], "exosome")[0]
    nearest = times[np.abs(times - 50).argmin()]
    assert [ax.get_title() for ax in panels] == ["0 min", f"{nearest:.3g} min", "4 h"]


def test_area_under_a_band_is_what_has_not_pelleted(sucrose):
    trace = sucrose.outcome.trace
    names = trace.particles.names
    for ax, frame in zip(density_and_bands(sucrose, [0, 240], list(names)), (0, -1), strict=True):
        for index, line in enumerate(ax.lines):
            volume, band = line.get_data()
            area = band.sum() * (volume[1] - volume[0])
            number = trace.particles.totals(trace.counts)[index]
            assert area == pytest.approx(100 * (1 - trace.pellets[frame, index] / number), abs=1e-6)
            assert band.min() >= 0


def test_bands_lie_where_the_particles_are(sucrose):
    trace = sucrose.outcome.trace
    (ax,) = density_and_bands(sucrose, populations=NAMES)
    middles = 0.5e6 * (trace.column.depths[1:] + trace.column.depths[:-1])
    for line, name in zip(ax.lines, NAMES, strict=True):
        number = trace.populations[-1, trace.particles.names.index(name)]
        volume, band = line.get_data()
        assert same_color(line.get_color(), look(name).color)
        assert volume @ band / band.sum() == pytest.approx(middles @ number / number.sum(), abs=0.02)


def test_sample_is_drawn_as_it_was_layered(sucrose):
    (ax,) = density_and_bands(sucrose, 0, "albumin")
    volume, band = ax.lines[0].get_data()
    assert band[volume < 0.25] == pytest.approx(100 / 0.5)  # % per mL of a sample of 0.5 mL
    assert band[volume > 0.8] == pytest.approx(0, abs=1e-9)


def test_density_is_that_of_the_liquid(sucrose):
    axes = density_and_bands(sucrose, [0, 240])
    behind = [ax for ax in axes[0].figure.axes if ax not in axes]
    for ax, frame in zip(behind, (0, -1), strict=True):
        expected = sucrose.outcome.trace.gradients[frame].density * 1e-3
        assert ax.lines[0].get_ydata() == pytest.approx(expected)
        low, high = ax.get_ylim()
        assert low < expected.min() < expected.max() < high


def test_radii_stand_where_the_volume_above_them_says(sucrose):
    spin = sucrose.outcome.trace
    (ax,) = density_and_bands(sucrose)
    top = ax.child_axes[0]
    disc, meniscus = np.pi * spin.rotor.tube.radius**2 * 1e4, spin.column.faces[0] * 1e3  # mL per mm / 10
    radii = np.array([float(text.get_text()) for text in top.get_xticklabels()])
    places = top.get_xticks()
    straight = radii < 1e3 * (spin.rotor.r_max - spin.rotor.tube.radius)
    assert straight.sum() >= 3
    assert places[straight] == pytest.approx(disc * 0.1 * (radii[straight] - meniscus), abs=0.01)


def test_the_legend_tells_what_has_pelleted(sucrose):
    (ax,) = density_and_bands(sucrose, populations=["beads"])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["beads: 100 %", "density of\nthe liquid"]


def test_a_cushion_is_a_gradient():
    cushion = {"volume_mL": 2, "sucrose_percent_w_v": 30, "diluent": "Tris/D2O"}
    settings = {"method": "centrifugation", "rotor": "SW 41 Ti", "speed_rpm": 30_000, "cushion": cushion}
    sample = {"source": "urine", "volume_mL": 10, "size_bins": 2, "density_quantiles": 1}
    step = {"name": "cushion", "keep": "cushion", "time_min": 60, **settings}
    result = sepsim.protocol_from_table({"sample": sample, "step": [step]}).run().bench[0]
    assert gradient_tube(result).shape == (2, 4)
    assert len(density_and_bands(result)) == 1


PICTURES = {
    "tube": lambda step, **given: gradient_tube(step, **given).ravel(),
    "bands": density_and_bands,
}


@pytest.mark.parametrize("name", PICTURES)
def test_everything_is_named_with_units_and_legible_and_in_the_picture(name):
    beads = {"name": LONG, "kind": "particle", "density_g_mL": 1.1, "diameter_nm": 100, "particles_per_mL": 1e6}
    step = gradient_run("exosome", beads, rotor="SW 41 Ti", speed_rpm=35_000, gradient=SUCROSE).bench[0]
    figure = PICTURES[name](step)[0].figure
    figure.draw_without_rendering()
    labels = [text for ax in figure.axes for text in (ax.get_xlabel(), ax.get_ylabel()) if text]
    assert len(labels) >= 2
    assert all("[" in text for text in labels)
    written = [text for ax in figure.axes for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]]
    assert min(text.get_fontsize() for text in written) >= 9
    used = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert min(used.x0, used.y0) >= -2
    assert used.x1 <= figure.bbox.x1 + 2
    assert used.y1 <= figure.bbox.y1 + 2


def test_long_names_beside_the_pellet_do_not_overlap():
    common = {"kind": "particle", "density_g_mL": 1.1, "diameter_nm": 100, "particles_per_mL": 1e6}
    beads = [{**common, "name": f"{LONG}, {number}"} for number in range(3)]
    step = gradient_run(*beads, rotor="SW 41 Ti", speed_rpm=35_000, gradient=SUCROSE).bench[0]
    bars = gradient_tube(step, 0)[1, 0]
    bars.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in bars.get_yticklabels()]
    assert not any(one.overlaps(other) for one, other in pairwise(boxes))


@pytest.mark.parametrize("name", PICTURES)
def test_draws_into_the_figure_given(name, sucrose):
    figure = Figure()
    assert all(ax.figure is figure for ax in PICTURES[name](sucrose, figure=figure))


def test_densities_of_one_bar_hold_for_all_tubes(sucrose):
    bars = [ax for ax in gradient_tube(sucrose, [0, 60, 240])[0, 0].figure.axes if "g/mL" in ax.get_ylabel()]
    assert len(bars) == 1
    low, high = bars[0].get_ylim()
    for gradient in (sucrose.outcome.trace.gradients[frame].density * 1e-3 for frame in (0, -1)):
        assert low <= gradient.min() + 1e-9
        assert gradient.max() <= high + 1e-9


@pytest.mark.parametrize("draw", [gradient_tube, density_and_bands])
def test_a_step_without_a_gradient_is_refused_with_what_fits(draw, run, aliquot):
    with pytest.raises(InputError, match="centrifugation is no spin in a gradient; draw it with tube_during_spin"):
        draw(run.bench[0])
    with pytest.raises(InputError, match="aliquot is no spin in a gradient; draw it with protocol_flow"):
        draw(aliquot.bench[0])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("exosom", "populations: 'exosom' was not loaded; did you mean 'exosome'?"),
        (["platelet"], "populations: 'platelet' was not loaded; there are: exosome, ldl, albumin, beads"),
        ([], "populations = []: name at least one, or leave it out; there are: exosome"),
        ([1], "populations: 1 was not loaded"),
    ],
)
@pytest.mark.parametrize("draw", [gradient_tube, density_and_bands])
def test_unknown_populations_are_named(draw, given, message, sucrose):
    with pytest.raises(InputError) as caught:
        draw(sucrose, populations=given)
    assert message in str(caught.value)


@pytest.mark.parametrize("times", [[], -1, 241, [0, np.nan], [np.inf], "30", [None], True])
def test_bad_times_are_named_with_what_is_allowed(times, sucrose):
    with pytest.raises(InputError, match=r"times_min = .*: must be one or more numbers \[min\] from 0 to 240"):
        gradient_tube(sucrose, times)
    with pytest.raises(InputError, match=r"^times_min = "):
        density_and_bands(sucrose, times)


def test_later_frames_hold_later_bands(sucrose):
    axes = density_and_bands(sucrose, [0, 60, 240], "exosome")
    centres = [line.get_xdata() @ line.get_ydata() / line.get_ydata().sum() for line in (ax.lines[0] for ax in axes)]
    assert all(early < late for early, late in pairwise(centres))
