"""A fractogram and a capture along a channel: what they show are the numbers of the run."""

import numpy as np
import pytest
from captures import albumin, vesicles

import sepsim
from sepsim.errors import InputError
from sepsim.plots import capture_along, fractogram, outlet_split, peclet_map

CHANNEL = {
    "mechanism": "field-flow fractionation", "flow_uL_min": 100, "spacer_um": 350, "area_cm2": 35, "length_mm": 270,
    "outlet_flow_mL_min": 1, "cross_flow": [[0, 0.5], [20, 0]], "fraction_min": 2, "fractions": 15,
}  # fmt: skip
COATED = {
    "mechanism": "wall immunocapture", "flow_uL_min": 10, "width_mm": 2, "height_um": 50, "length_mm": 20,
    "antigen": "CD81",
}  # fmt: skip


def passed(chip, keep):
    step = {"method": "microfluidics", "chip": chip, "keep": keep}
    load = {"medium": "PBS", "volume_mL": 0.1, "size_bins": 3, "population": [vesicles(), albumin(0.1)]}
    table = {"target": "small vesicles", "sample": load, "step": [step]}
    return sepsim.protocol_from_table(table).run(seed=1).bench[0]


@pytest.fixture(scope="module")
def eluted():
    return passed(CHANNEL, "fractions 8-10")


@pytest.fixture(scope="module")
def captured():
    return passed({**COATED, "herringbone": {"cycle_mm": 1}}, "captured")


def test_fractogram_shows_the_run(eluted):
    signal, cross = fractogram(eluted)
    albumins, vesicle = (line for line in signal.lines if line.get_label() in ("albumin", "small vesicles"))
    if albumins.get_label() != "albumin":
        albumins, vesicle = vesicle, albumins
    minutes = vesicle.get_xdata()
    peak = minutes[vesicle.get_ydata().argmax()]
    load, course = eluted.outcome.trace.load, eluted.outcome.trace.passage.course
    assert peak * 60 == pytest.approx(course.retention_time[load.sample.particles.population == 0].mean(), rel=0.1)
    assert minutes[albumins.get_ydata().argmax()] < peak
    assert max(vesicle.get_ydata()) == pytest.approx(1)
    assert np.interp([0, 10, 25], *cross.lines[0].get_data()) == pytest.approx([0.5, 0.25, 0.0], abs=1e-6)
    assert [text.get_text() for text in signal.texts] == [str(number) for number in range(1, 16)]
    assert len([patch for patch in signal.patches if patch.get_width() == pytest.approx(2)]) == 3


def test_what_sits_along_the_walls_is_what_they_took(captured):
    line = next(line for line in capture_along(captured).lines if line.get_label() == "small vesicles")
    course = captured.outcome.trace.passage.course
    area = np.diff(course.uptake.place) * 2e-3 * 1e6  # mm2
    taken = course.lanes.of_rows(course.uptake.share, len(captured.outcome.trace.load.sample.counts))
    expected = float(taken @ captured.outcome.trace.load.sample.counts)
    assert line.get_ydata() @ area == pytest.approx(expected, rel=0.02)


def test_ridges_take_more_than_a_flat_channel_downstream_of_a_cycle(captured):
    lines = {line.get_label(): line for line in capture_along(captured, "small vesicles").lines}
    stirred, flat = lines["small vesicles"], lines["_flat small vesicles"]
    assert np.interp(5.0, *stirred.get_data()) > np.interp(5.0, *flat.get_data())


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        (fractogram, "no field-flow fractionation"),
        (lambda step: capture_along(step, "albumin"), "was not loaded"),
        (lambda step: fractogram(step, "nothing"), "no field-flow fractionation"),
    ],
    ids=["no elution", "not captured", "nothing"],
)
def test_what_a_capture_does_not_have(captured, figure, message):
    with pytest.raises(InputError, match=message):
        figure(captured)


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        (capture_along, "no walls that capture"),
        (outlet_split, "draw it with fractogram"),
        (peclet_map, "draw it with fractogram"),
    ],
)
def test_what_an_elution_does_not_have(eluted, figure, message):
    with pytest.raises(InputError, match=message):
        figure(eluted)
