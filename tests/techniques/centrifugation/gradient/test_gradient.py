"""Gradients as they are poured: shapes, order of layers, and what cells hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.techniques.centrifugation.gradient.gradient import (
    Cushion,
    GradedLayer,
    Layer,
    layers,
    pour,
    refuse_overturning,
    shares_above,
)

WARM = 293.15


def sucrose(percent, volume=1.0, **more):
    return Layer.from_table({"volume_mL": volume, "sucrose_percent_w_w": percent, **more})


def poured(*given, cells=120):
    stretches = [each.stretch(WARM) for each in given]
    depths = np.linspace(0.0, sum(each.volume for each in stretches), cells + 1)
    return pour(stretches, depths), depths


def test_a_step_gradient_holds_its_layers():
    cells, _ = poured(sucrose(10), sucrose(20), sucrose(40))
    for third, published in zip(np.split(cells.density, 3), (1038.1, 1081.0, 1176.5), strict=True):  # CRC Handbook
        assert third == pytest.approx(np.full(40, published), abs=0.6)


def test_a_cell_across_a_border_is_the_mean_of_both():
    cells, _ = poured(sucrose(10), sucrose(20), cells=1)
    apart, _ = poured(sucrose(10), sucrose(20), cells=2)
    assert cells.solutes[0, 0] == pytest.approx(apart.solutes[0].mean(), rel=1e-12)


def test_a_linear_gradient_is_linear_in_concentration():
    zone = GradedLayer(shape="linear", top={"sucrose_M": 0.25}, bottom={"sucrose_M": 2.0}, volume_mL=11)
    cells, depths = poured(zone)
    middles = 0.5 * (depths[1:] + depths[:-1]) / depths[-1]
    assert cells.solutes[0] == pytest.approx(342.3 * (0.25 + 1.75 * middles), rel=1e-3)


@settings(max_examples=10, deadline=None)
@given(ratio=st.floats(1.1, 8.0))
def test_a_convex_gradient_is_what_two_chambers_pour(ratio):
    """Drawn step by step: the mixing chamber gives, the reservoir refills it so that the levels stay equal."""
    zone = GradedLayer(
        shape="convex",
        top={"sucrose_percent_w_w": 5},
        bottom={"sucrose_percent_w_w": 40},
        volume_mL=10,
        chamber_ratio=ratio,
    )
    cells, _ = poured(zone, cells=20)
    low, high = (end.solutes[0][1] for end in (zone.stretch(WARM).top, zone.stretch(WARM).bottom))
    steps, mixed, drawn = 40_000, low, []
    for left in np.linspace(1.0, 0.0, steps, endpoint=False):
        drawn.append(mixed)
        mixing_chamber = left / (1.0 + ratio)
        mixed += (high - mixed) * min(1.0, (ratio / (1.0 + ratio)) / steps / mixing_chamber)
    assert cells.solutes[0] == pytest.approx(np.mean(np.reshape(drawn, (20, -1)), axis=1), rel=2e-3)


@given(
    percents=st.lists(st.floats(0, 60), min_size=1, max_size=6),
    volumes=st.lists(st.floats(0.1, 9), min_size=6, max_size=6),
    cells=st.integers(1, 80),
)
def test_pouring_conserves_solute_and_volume(percents, volumes, cells):
    given = [sucrose(percent, volume) for percent, volume in zip(percents, volumes, strict=False)]
    gradient, depths = poured(*given, cells=cells)
    stretches = [each.stretch(WARM) for each in given]
    mass = sum(
        each.volume * dict(each.top.solutes).get(solute, 0.0) for each in stretches for solute in gradient.blend.solutes
    )
    assert float((gradient.solutes @ np.diff(depths)).sum()) == pytest.approx(mass, rel=1e-12, abs=1e-18)
    assert shares_above(stretches, depths)[:, [0, -1]].T.tolist() == [[0.0] * len(given), [1.0] * len(given)]


def test_pooled_cells_are_the_medium_that_was_poured():
    cells, depths = poured(sucrose(30))
    assert cells.pooled(np.diff(depths)).density == pytest.approx(1127.0, abs=0.3)  # CRC Handbook


def test_the_wrong_way_round_is_refused_with_the_names():
    stretches = [each.stretch(WARM) for each in (sucrose(10), sucrose(30), sucrose(20))]
    with pytest.raises(InputError, match=r"layer 2 \(1\.1268 g/mL\) is denser than layer 3 below it \(1\.0806 g/mL\)"):
        refuse_overturning(stretches, ["layer 1", "layer 2", "layer 3"])


def test_a_graded_layer_upside_down_is_refused():
    zone = GradedLayer(shape="linear", top={"sucrose_percent_w_w": 20}, bottom={"sucrose_percent_w_w": 5}, volume_mL=5)
    with pytest.raises(InputError, match=r"gradient: its top .* is denser than its bottom .*; exchange them"):
        refuse_overturning([zone.stretch(WARM)], ["gradient"])


def test_equal_densities_may_lie_on_one_another_and_a_tenth_of_a_percent_more_may_not():
    refuse_overturning([sucrose(20).stretch(WARM)] * 2, ["a", "b"])
    with pytest.raises(InputError, match=r"a .* is denser than b below it"):
        refuse_overturning([sucrose(20.1).stretch(WARM), sucrose(20).stretch(WARM)], ["a", "b"])


@pytest.mark.parametrize(
    "table",
    [
        {"volume_mL": 3.0, "sucrose_percent_w_w": 30.0},
        {"volume_mL": 3.0, "iodixanol_percent_w_v": 20.0, "diluent": "0.25 M sucrose buffer"},
        {"volume_mL": 1.0, "medium": "PBS"},
    ],
)
def test_layers_survive_a_round_trip(table):
    layer = Layer.from_table(table)
    assert Layer.from_table(layer.to_table()) == layer


def test_a_cushion_keeps_its_own_keys_apart_from_its_medium():
    cushion = Cushion.from_table(
        {"volume_mL": 4, "collected_mL": 3.5, "sucrose_percent_w_v": 30, "diluent": "Tris/D2O"}
    )
    assert cushion.collected_volume == 3.5e-6
    assert cushion.stretch(WARM).top.density == pytest.approx(1205, abs=2)  # the recipe of Thery et al. 2006
    assert Cushion.from_table(cushion.to_table()) == cushion


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "must be a list of tables"),
        ("PBS", "must be a list of tables"),
        ([{"volume_mL": -1, "medium": "PBS"}], r"layer 1: volume_mL = -1"),
        ([{"medium": "PBS"}], "layer 1: volume_mL: missing"),
        ([{"volume_mL": 1}], "layer 1: medium: missing"),
        ([{"volume_mL": 1, "sucrose_percent_w_w": 90}], "layer 1: .*sucrose_percent_w_w = 90"),
        ([{"volume_mL": 1, "medium": "PSB"}], "did you mean 'PBS'"),
        ([{"volume_mL": 1, "shape": "linear", "top": "PBS"}], "layer 1: bottom: missing"),
        (
            [{"volume_mL": 1, "shape": "convex", "top": "water", "bottom": "PBS"}],
            "chamber_ratio: required",
        ),
    ],
)
def test_what_is_wrong_with_layers_is_said_with_their_number(table, message):
    with pytest.raises(InputError, match=message):
        layers(table)
