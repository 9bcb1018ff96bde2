"""Who comes out of solution at which amount: order, limits, the law of solubility, and axes of each precipitant."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from precipitates_drawn import PLASMA, alone, precipitated, within

from sepsim.errors import InputError
from sepsim.plots import precipitation_curve

KIT = {"kit": "ExoQuick"}  # pours the same volume at any amount of polymer


@pytest.fixture(scope="module")
def by_kit():
    return precipitated(PLASMA, **KIT)


def drawn(ax):
    return {line.get_label(): line.get_data() for line in ax.lines if not line.get_label().startswith("_")}


def half(curve):
    """Amount at which a half wants to come down."""
    amounts, share = curve
    return amounts[np.argmax(share >= 50)]


def test_larger_particles_come_down_first(by_kit):
    names = ["microvesicle", "exosome", "vldl", "ldl", "igg"]
    found = drawn(precipitation_curve(by_kit, [*names, "albumin", "hdl"]))
    halves = [half(curve) for curve in list(found.values())[:5]]
    assert halves == sorted(halves)
    assert found["albumin"][1].max() < 50
    assert found["HDL"][1].max() < 50


def test_nothing_without_precipitant_and_more_with_more(by_kit):
    found = drawn(precipitation_curve(by_kit, ["exosome", "igg", "albumin", "igm"]))
    for amounts, share in found.values():
        assert amounts[0] == share[0] == 0
        assert np.all(np.diff(share) > -0.05)
        assert share.max() <= 100


def of_protein(number):
    """Return the curve of IgG alone, and its slope of log10 S [1/(% w/v)] by Atha & Ingham 1981."""
    step = precipitated(alone("igg", number), **KIT, model={"coprecipitation": 0})
    given = step.outcome.trace.given
    (radius,) = np.unique(0.5e9 * given.particles.diameter[given.counts > 0])
    return drawn(precipitation_curve(step))["IgG"], 0.215 * (radius / 3.5) ** 1.5


def test_the_slope_is_that_of_the_law_of_solubility():
    """1 - S/c comes down, and log10 S falls by K for each % w/v."""
    (amounts, share), slope = of_protein(4e16)
    chosen = (share > 5) & (share < 99)
    assert chosen.sum() > 4
    assert np.polyfit(amounts[chosen], np.log10(1 - share[chosen] / 100), 1)[0] == pytest.approx(-slope, rel=0.01)


def test_a_third_of_the_protein_needs_more_polymer():
    """By log10(3)/K."""
    (many, slope), (few, _) = of_protein(4e16), of_protein(4e16 / 3)
    middles = [float(np.interp(50, share, amounts)) for amounts, share in (many, few)]
    assert middles[1] - middles[0] == pytest.approx(np.log10(3) / slope, rel=0.1)


def test_circles_stand_at_what_the_step_wanted(by_kit):
    ax = precipitation_curve(by_kit, ["exosome", "igg", "albumin"])
    made = by_kit.outcome.trace
    particles, counts = made.given.particles, made.given.counts
    wanted = 100 * particles.totals(counts * made.wanting.share) / particles.totals(counts)
    circles = [line.get_data() for line in ax.lines if line.get_label() == "_of the step"]
    places = [particles.names.index(name) for name in ("exosome", "igg", "albumin")]
    assert [float(x[0]) for x, _ in circles] == [8, 8, 8]
    assert [float(y[0]) for _, y in circles] == pytest.approx(wanted[places].tolist())
    (top,) = ax.child_axes
    assert top.get_xticklabels()[0].get_text() == "this step (its polymer is a guess)"


@pytest.mark.parametrize(
    ("reagent", "name", "most"),
    [
        ({"peg_percent_w_v": 8, "peg_molar_mass_kDa": 10}, "PEG 10000 in the mixture [% w/v]", 20),
        ({"peg_percent_w_v": 8, "stock_percent_w_v": 10}, "PEG 6000 in the mixture [% w/v]", 9.8),
        ({"dextran_percent_w_v": 16}, "dextran 40000 in the mixture [% w/v]", 24),
        ({"ammonium_sulfate_M": 2}, "ammonium sulfate in the mixture [mol/L]", 4),
        ({"solvent": "acetone", "solvent_percent_v_v": 50}, "acetone [% v/v]", 90),
        (KIT, "PEG 6000 in the mixture [% w/v]", 11.1),  # a saturated stock: 55 * 0.252/1.252
    ],
)
def test_each_precipitant_has_its_axis(reagent, name, most):
    ax = precipitation_curve(precipitated(PLASMA, **reagent))
    assert ax.get_xlabel() == name
    assert ax.get_xlim() == pytest.approx((0, most))
    assert "[% of the particles]" in ax.get_ylabel()
    amounts, share = drawn(ax)["exosome"]
    assert (amounts[0], amounts[-1]) == pytest.approx((0, most))
    assert share[-1] > 95
    assert within(ax.figure)
    shaded = [patch for patch in ax.patches if patch.get_label() == "solvent bursts vesicles"]
    assert len(shaded) == ("solvent" in reagent)


def test_draws_into_the_axes_given(by_kit):
    ax = Figure().add_subplot()
    assert precipitation_curve(by_kit, "exosome", ax=ax) is ax


def test_what_cannot_be_drawn_is_refused(by_kit, run):
    with pytest.raises(InputError, match="centrifugation is no precipitation"):
        precipitation_curve(run.bench[0])
    with pytest.raises(InputError, match="'cell' was not loaded"):
        precipitation_curve(by_kit, "cell")
