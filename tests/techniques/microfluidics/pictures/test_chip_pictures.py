"""Pictures of chips with a few outlets: shares sum to all, and the map is what the chip answers at other flows."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import sepsim
from sepsim.errors import InputError
from sepsim.plots import outlet_split, peclet_map
from sepsim.techniques.microfluidics.figures import drives_sizes

RESONATOR = {
    "mechanism": "acoustophoresis", "flow_uL_min": 100, "buffer_ratio": 1, "width_um": 375, "height_um": 150,
    "length_mm": 35, "frequency_MHz": 1.98, "energy_density_J_m3": 100, "target_at": "sides",
}  # fmt: skip
LARGE = {"median_diameter_nm": 4000, "geometric_sd": 1.6, "particles_per_mL": 1e5}
SMALL = {"diameter_nm": 100, "particles_per_mL": 1e9}
BEADS = [
    {"name": name, "kind": "particle", "density_g_mL": 1.05, **sizes}
    for name, sizes in (("large", LARGE), ("small", SMALL))
]


def passed(chip=RESONATOR, keep="target outlet", **settings):
    step = {"method": "microfluidics", "chip": chip, "keep": keep, **settings}
    load = {"medium": "PBS", "volume_mL": 0.1, "temperature_C": 25, "size_bins": 6, "population": BEADS}
    return sepsim.protocol_from_table({"target": "large", "sample": load, "step": [step]}).run(seed=1).bench[0]


@pytest.fixture(scope="module")
def done():
    return passed()


def curves(ax):
    return {line.get_label(): line for line in ax.lines}


def test_shares_of_a_size_sum_to_all_over_the_outlets(done):
    panels = outlet_split(done, ["large", "small"])
    assert [ax.get_title("left") for ax in panels] == ["target outlet", "waste"]
    for name in ("large", "small"):
        total = sum(curves(ax)[name].get_ydata() for ax in panels)
        assert total == pytest.approx(100)
    sizes, waste = curves(panels[1])["large"].get_data()
    assert sizes.size == 6
    assert np.all(np.diff(waste) > -1e-9)  # large ones gather at the node in the centre
    assert curves(panels[0])["small"].get_markersize() > 0  # a single size is a point


def test_what_stays_in_the_chip_has_a_panel():
    array = {
        "mechanism": "deterministic lateral displacement", "flow_uL_min": 0.01, "gap_nm": 3000, "pitch_nm": 6000,
        "row_shift": 0.1, "depth_nm": 9000, "array_width_um": 600, "array_length_um": 9000, "arrays": 1000,
    }  # fmt: skip
    panels = outlet_split(passed(array), "large")
    assert [ax.get_title("left") for ax in panels] == ["target outlet", "waste", "stays in the chip"]
    clogs = curves(panels[2])["large"]
    assert clogs.get_ydata() == pytest.approx(100.0 * (clogs.get_xdata() >= 3000))


def test_map_at_the_flow_of_the_step_is_the_step(done):
    ax = peclet_map(done, "large")
    mesh = ax.collections[0].get_array()
    middle = np.asarray(mesh[len(mesh) // 2])
    load, table = done.outcome.trace.load, done.outcome.trace.load.sample.particles
    mine = table.population == table.names.index("large")
    order = np.argsort(load.diameter[mine])
    assert middle == pytest.approx(done.outcome.trace.passage.peclet[mine][order], rel=0.05)


def test_line_of_one_half_is_where_another_flow_parts_a_size(done):
    ax = peclet_map(done, "large")
    (lines,) = [each for each in ax.collections if hasattr(each, "levels")]
    assert list(lines.levels) == [10.0, 50.0, 90.0]
    vertices = lines.get_paths()[1].vertices
    diameter, flow = vertices[len(vertices) // 2]
    half = outlet_split(passed(flow_uL_min=float(flow)), "large")[0]
    sizes, share = curves(half)["large"].get_data()
    assert np.interp(np.log(diameter), np.log(sizes), share) == pytest.approx(50, abs=12)


def test_flows_that_the_chip_refuses_are_left_out():
    ax = peclet_map(passed({**RESONATOR, "pressure_limit_bar": 0.1}), "large")
    mesh = ax.collections[0].get_array()
    refused = np.ma.getmaskarray(mesh).all(axis=1)
    assert refused[-1]
    assert not refused[: len(mesh) // 2 + 1].any()


def test_a_single_size_has_a_map_without_lines(done):
    ax = peclet_map(done, "small")
    assert not [each for each in ax.collections if hasattr(each, "levels")]


@pytest.mark.parametrize("figure", [outlet_split, peclet_map])
def test_axes_are_named_with_units(done, figure):
    for ax in np.atleast_1d(figure(done))[:1]:
        assert ax.get_xlabel().endswith("[nm]")
        assert ax.get_ylabel().endswith("]")


@pytest.mark.parametrize("figure", [outlet_split, peclet_map])
def test_what_is_not_there_is_refused(done, figure, aliquot):
    with pytest.raises(InputError, match="was not loaded"):
        figure(done, "nothing")
    with pytest.raises(InputError, match="no flow through a chip"):
        figure(aliquot.step(1))


def test_an_axes_of_the_user_is_drawn_into(done):
    ax = Figure().add_subplot()
    assert peclet_map(done, ax=ax) is ax


@pytest.fixture(scope="module")
def sorted_beads():
    return sepsim.load_example("magnetic_sorting").run(seed=1).bench[-1]


def test_beads_are_drawn_where_they_leave_with_what_they_carry(sorted_beads):
    target, waste = outlet_split(sorted_beads)
    for ax, share in ((target, 100.0), (waste, 0.0)):
        (beads,) = (line for line in ax.lines if line.get_label() == "on MyOne beads")
        assert beads.get_xdata() == pytest.approx([1050.0])
        assert beads.get_ydata() == pytest.approx([share], abs=0.5)


def test_a_magnet_that_drives_beads_alone_has_no_map_of_sizes(sorted_beads):
    assert not drives_sizes(sorted_beads.method)
    assert drives_sizes(sepsim.Microfluidics(chip="ferrofluid sorter"))
    with pytest.raises(InputError, match="nothing drives it in this chip"):
        peclet_map(sorted_beads)
