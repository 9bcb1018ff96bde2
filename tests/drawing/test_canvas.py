"""Pictures show themselves where a notebook asks them, and nothing else does."""

import struct

import numpy as np
import pytest
from matplotlib.figure import Figure

from sepsim import plots
from sepsim.drawing.canvas import new_figure, together


def pixels(png):
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def shown(value):
    """Return what Jupyter would show, pixels and width on the page."""
    png, page = value._repr_png_()
    return pixels(png), page["width"]


def test_figure_axes_and_arrays_show_the_same_picture():
    figure = new_figure(5.0, 3.0)
    axes = figure.subplots(2, 2)
    axes[0, 0].plot([0, 1])
    for value in (figure, axes[0, 0], axes, axes[1], axes[:, 0], together([*axes.flat]), axes[0, 0].twinx()):
        assert shown(value) == ((720, 432), 360)
    assert not hasattr(figure.subplots(), "flat")


def test_letters_are_drawn_twice_as_large_as_they_are_shown():
    (width, _), page = shown(new_figure(13.5, 6.0).add_subplot())
    assert width == 2 * page
    assert page == 13.5 * 72


def test_drawing_for_a_notebook_leaves_the_figure_as_it_is():
    figure = new_figure(5.0, 3.0)
    figure._repr_png_()
    assert figure.dpi == Figure().dpi
    assert figure.get_size_inches().tolist() == [5.0, 3.0]


def test_no_axes_and_other_projections_show_nothing():
    figure = new_figure(5.0, 3.0)
    assert figure.subplots(1, 2)[:0]._repr_png_() is None
    assert figure.add_subplot(polar=True).name == "polar"


@pytest.mark.parametrize("draw", [plots.protocol_flow, plots.size_distributions])
def test_pictures_of_a_run_show_themselves(run, draw):
    (width, height), page = shown(draw(run))
    assert width == pytest.approx(2 * page, abs=2)
    assert 500 < page < 1300
    assert height < 2 * width


def test_every_array_of_axes_shows_itself(run):
    for axes in (plots.tube_during_spin(run.bench[1]), plots.energy_focus()):
        assert isinstance(axes, np.ndarray)
        assert shown(axes)[1] > 500


def test_a_figure_of_the_user_is_shown_as_the_user_shows_it(run):
    given = plots.tube_during_spin(run.bench[1], figure=Figure())
    assert given._repr_png_() is None
    ax = Figure().add_subplot()
    assert not hasattr(plots.protocol_flow(run, ax=ax), "_repr_png_")
