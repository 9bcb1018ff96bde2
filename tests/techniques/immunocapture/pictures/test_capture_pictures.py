"""Pictures of captures: what they show are numbers of the run and laws that can be asked apart from it."""

import math
from itertools import pairwise

import numpy as np
import pytest
from captures import CLEAN, albumin, captured, step, vesicles
from matplotlib.figure import Figure

from sepsim.errors import InputError
from sepsim.plots import bond_washout, capture_course, capture_dial, marker_change

LOADS = [vesicles(), vesicles({"strata": [{"share": 1}]}, name="bald vesicles"), albumin()]


@pytest.fixture(scope="module")
def done():
    return captured(step(follow=["CD9"]), populations=LOADS)[0]


@pytest.fixture(scope="module")
def elsewhere():
    return captured({"name": "rest", "method": "aliquot", "volume_mL": 0.5, "keep": "aliquot"})[0]


def drawn(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def test_course_ends_with_what_the_incubation_has_bound(done):
    lines = drawn(capture_course(done, ["small vesicles", "bald vesicles"]))
    ends = {name: line.get_ydata()[-1] for name, line in lines.items()}
    assert ends["small vesicles"] == pytest.approx(50.0, abs=0.2)
    assert ends["bald vesicles"] < 0.5
    minutes = lines["small vesicles"].get_xdata()
    assert (minutes[0], minutes[-1]) == (0.0, 60.0)
    assert np.all(np.diff(lines["small vesicles"].get_ydata()) >= 0)


def test_dial_rises_with_antigens_and_k_on_up_to_all_that_carry_any(done):
    ax = capture_dial(done)
    lines = drawn(ax)
    curves = [lines[name].get_ydata() for name in ("1e3", "1e4", "1e5", "1e6", "1e7")]
    most = lines["carry any antigen"].get_ydata()
    antigens = lines["1e3"].get_xdata()
    assert most == pytest.approx(100 * (1 - np.exp(-antigens)), abs=1e-6)
    for slow, quick in pairwise(curves):
        assert np.all(slow <= quick + 1e-9)
    assert np.all(curves[-1] <= most + 1e-9)
    assert all(np.all(np.diff(curve) >= -0.05) for curve in curves)


def test_washout_of_single_bonds_is_exponential(done):
    lines = drawn(bond_washout(done))
    k_off, kept = lines["1 bond"].get_data()
    assert kept == pytest.approx(100 * np.exp(-900 * k_off), abs=1e-6)
    assert np.all(lines["2 bonds"].get_ydata() >= kept - 1e-9)


def test_markers_of_load_taken_and_left(done):
    carriers, copies = marker_change(done)
    heights = {container.get_label(): [bar.get_height() for bar in container] for container in carriers.containers}
    assert heights["load"] == pytest.approx([50, 80], abs=0.1)
    assert heights["bound"] == pytest.approx([100, 100], abs=2)
    assert heights["unbound"] == pytest.approx([0, 60], abs=1)
    means = {container.get_label(): [bar.get_height() for bar in container] for container in copies.containers}
    assert means["load"] == pytest.approx([10, 8], rel=1e-6)


@pytest.mark.parametrize("figure", [capture_course, capture_dial, bond_washout, marker_change])
def test_axes_are_named_with_units(done, figure):
    for ax in np.atleast_1d(figure(done)):
        assert ax.get_ylabel().endswith("]")
        assert ax.get_xlabel() == "antigen" or ax.get_xlabel().endswith("]")


@pytest.mark.parametrize("figure", [capture_course, capture_dial, bond_washout, marker_change])
def test_other_steps_are_refused(elsewhere, figure):
    with pytest.raises(InputError, match="no capture on beads"):
        figure(elsewhere)


def test_unknown_populations_are_refused(done):
    with pytest.raises(InputError, match="was not loaded"):
        capture_course(done, "small vesicle")
    with pytest.raises(InputError, match="was not loaded"):
        marker_change(done, "nothing")


def test_a_step_without_washes_has_no_washout():
    (dry,) = captured(step(washes=0, capture_model=CLEAN))
    with pytest.raises(InputError, match="does not wash"):
        bond_washout(dry)


def test_an_axes_of_the_user_is_drawn_into(done):
    ax = Figure().add_subplot()
    assert capture_course(done, ax=ax) is ax
    assert math.isclose(ax.get_xlim()[1], 60.0)
