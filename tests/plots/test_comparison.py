"""Yield against purity."""

from dataclasses import replace
from itertools import combinations

import pytest

from sepsim import plots
from sepsim.errors import InputError
from sepsim.plots import PARTICLE_PURITY, PurityFigure, enrichment_over, yield_against_purity

pytestmark = pytest.mark.lowest


def dots(ax, hollow):
    found = [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    return [line.get_data() for line in found if (line.get_markerfacecolor() == "white") == hollow]


def test_dots_are_yield_and_purity(run):
    ax = yield_against_purity([run])
    ((x, y),) = dots(ax, hollow=False)
    assert (x[0], y[0]) == pytest.approx((100 * run.yields["exosome"]["bench"], 100 * run.purity["bench"].protein))
    ((x, y),) = dots(ax, hollow=True)
    assert (x[0], y[0]) == pytest.approx((100 * run.yields["exosome"]["ideal"], 100 * run.purity["ideal"].protein))
    assert any("1.7\N{NO-BREAK SPACE}h" in text.get_text() for text in ax.texts)


def test_title_speaks_of_many(run):
    ax = yield_against_purity([run])
    assert ax.get_title(loc="left") == "Yield against purity of exosomes"
    assert ax.get_xlabel() == "yield of exosomes [%]"
    own = yield_against_purity([replace(run, target="ldl"), run])
    assert own.get_xlabel() == "yield of LDL or exosomes [%]"


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (PARTICLE_PURITY, lambda purity: 100 * purity.particle),
        (enrichment_over("ldl"), lambda purity: purity.enrichment["ldl"]),
        (PurityFigure("particles [1/µg]", lambda purity: purity.particles_per_ug_protein), None),
    ],
)
def test_purity_is_a_function(run, figure, value):
    ax = yield_against_purity([run], figure)
    ((_, y),) = dots(ax, hollow=False)
    assert y[0] == pytest.approx((value or figure.of)(run.purity["bench"]))
    assert ax.get_ylabel() == figure.name


def test_undefined_is_named_and_not_drawn_as_zero(run, aliquot):
    ax = yield_against_purity([run, aliquot], enrichment_over("platelet"))
    assert dots(ax, hollow=False) == dots(ax, hollow=True) == []
    note = " ".join(text.get_text() for text in ax.texts)
    assert "Not drawn" in note
    assert "two spins" in note
    assert "a quarter" in note


def of_runs(*pairs):
    """A figure of purity that takes given values with bench handling; ideal handling gives 100."""
    values = {id(run.purity["bench"]): value for run, value in pairs}
    return PurityFigure("purity [%]", lambda purity: values.get(id(purity), 100.0))


def test_infinite_is_not_called_undefined_and_does_not_stretch_the_axis(run, aliquot):
    ax = yield_against_purity((run, aliquot), of_runs((run, 60.0), (aliquot, float("inf"))))
    assert ax.get_yscale() == "linear"
    assert len(dots(ax, hollow=False)) == 1
    (note,) = [text.get_text() for text in ax.texts if "Not drawn" in text.get_text()]
    assert note == "Not drawn, infinite, above the axis: a quarter"


def test_zero_on_a_logarithmic_axis_is_not_called_undefined(run, aliquot, branched):
    runs = (run, aliquot, branched)
    ax = yield_against_purity(runs, of_runs((run, 1.0), (aliquot, 0.0), (branched, float("nan"))))
    assert ax.get_yscale() == "log"
    assert len(dots(ax, hollow=False)) == 1
    note = next(text.get_text() for text in ax.texts if "Not drawn" in text.get_text())
    assert note.split("\n") == [
        "Not drawn, as undefined: both pellets",
        "Not drawn, purity 0, below the axis: a quarter",
    ]
    ax.figure.draw_without_rendering()
    (box,) = (text.get_window_extent() for text in ax.texts if "Not drawn" in text.get_text())
    assert not box.overlaps(ax.get_legend().get_window_extent())
    assert box.y0 >= 0


def test_zero_on_a_linear_axis_is_drawn(run, aliquot):
    ax = yield_against_purity([run, aliquot], of_runs((run, 50.0), (aliquot, 0.0)))
    assert ax.get_yscale() == "linear"
    assert sorted(y[0] for _, y in dots(ax, hollow=False)) == [0.0, 50.0]
    assert not any("Not drawn" in text.get_text() for text in ax.texts)


def test_one_run_by_itself_and_none(run):
    assert len(dots(yield_against_purity(run), hollow=False)) == 1
    with pytest.raises(InputError, match="runs: none; give at least one"):
        yield_against_purity([])


def test_axis_of_purity_is_logarithmic_over_decades_only(run, aliquot):
    assert yield_against_purity([run]).get_yscale() == "linear"
    cubed = PurityFigure("enrichment cubed [-]", lambda purity: purity.enrichment["ldl"] ** 3)
    ax = yield_against_purity([run, aliquot], cubed)
    assert ax.get_yscale() == "log"
    assert 0 < ax.get_ylim()[0] < 1 < ax.get_ylim()[1]  # an aliquot enriches nothing
    assert yield_against_purity([run]).get_ylim()[0] == 0


def test_labels_do_not_overlap(run, aliquot, branched, renamed):
    runs = [run, aliquot, branched, renamed("the same once more under a rather long name"), renamed("again")]
    for figure in (plots.PROTEIN_PURITY, enrichment_over("ldl")):
        ax = yield_against_purity(runs, figure)
        ax.figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in ax.texts]
        assert len(boxes) == 5
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
