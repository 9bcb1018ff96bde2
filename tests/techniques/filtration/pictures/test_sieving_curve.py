"""Sieving curves: the rated solute lies on its curve, larger pores let larger particles pass."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from sepsim.errors import InputError
from sepsim.plots import sieving_curve
from sepsim.techniques.filtration.membranes.membranes import membrane

PROTEIN_RATED, DEXTRAN_RATED = (
    {"name": f"100 kDa, {solute}", "material": "regenerated cellulose", "mwco_kDa": 100, "rated_with": solute,
     "area_cm2": 1, "permeability_L_m2_h_bar": 100}
    for solute in ("protein", "dextran")
)  # fmt: skip


def curves(ax):
    return [line.get_data() for line in ax.lines if len(line.get_xdata()) > 2]


def rated(ax):
    return [line for line in ax.lines if len(line.get_xdata()) == 1]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("log_scale", [False, True])
@pytest.mark.parametrize("rejection", [80, 90, 99])
def test_the_rated_solute_is_held_back_as_rated(rejection, log_scale):
    ax = sieving_curve({**PROTEIN_RATED, "rejection_percent": rejection}, log_scale=log_scale)
    ((diameters, sieving),) = curves(ax)
    (solute,) = rated(ax)
    (diameter,), (passing,) = solute.get_data()
    assert passing == pytest.approx(1 - rejection / 100)
    assert np.interp(diameter, diameters, sieving) == pytest.approx(passing, rel=0.01)
    assert solute.get_label().startswith("rated: 100 kDa protein, 7.4 nm")  # Erickson 2009: 1.2 * 0.066 M^(1/3)
    assert f"{100 - rejection} % passes" in solute.get_label()


def test_a_dextran_rated_membrane_lets_larger_particles_pass():
    small, large = (sieving for _, sieving in curves(sieving_curve([PROTEIN_RATED, DEXTRAN_RATED])))
    assert np.all(large >= small)
    assert large[300] > 10 * small[300] > 0


def test_all_pass_when_small_and_none_when_larger_than_the_pores():
    ax = sieving_curve("0.22 um syringe filter")
    ((diameters, sieving),) = curves(ax)
    assert diameters[[0, -1]] == pytest.approx([1, 1000])
    assert np.all(np.diff(sieving) <= 0)
    assert sieving[0] == pytest.approx(1, abs=1e-3)
    assert sieving[-1] < 1e-10
    assert not rated(ax)  # sold by its pore size


def test_equal_pores_let_nothing_through_that_is_larger():
    own = {"name": "equal", "material": "alumina", "pore_diameter_nm": 50, "geometric_sd": 1, "area_cm2": 1,
           "permeability_L_m2_h_bar": 500}  # fmt: skip
    for log_scale in (False, True):
        ax = sieving_curve(own, log_scale=log_scale)
        ((diameters, sieving),) = curves(ax)
        assert np.all(sieving[diameters > 50] == 0)
        assert np.all(sieving[diameters < 49] > 0)
        ax.figure.draw_without_rendering()


def test_familiar_particles_along_the_top():
    ax = sieving_curve(membrane("Amicon Ultra-15 100 kDa"))
    (top,) = ax.child_axes
    names = [text.get_text() for text in top.get_xticklabels()]
    assert names == ["albumin, 7 nm", "IgG, 10.6 nm", "LDL, 19.5 nm", "exosome, 85 nm", "microvesicle, 220 nm"]
    assert top.get_xticks() == pytest.approx([7, 10.6, 19.5, 85, 220])
    lines = [line.get_xdata()[0] for line in ax.lines if line.get_label() == "_familiar"]
    assert lines == pytest.approx(top.get_xticks())


def test_axes_names_and_legend():
    ax = sieving_curve([PROTEIN_RATED, "0.22 um syringe filter"], ax=Figure(layout="constrained").add_subplot())
    assert ax.get_xlabel() == "particle diameter [nm]"
    assert ax.get_ylabel() == "intrinsic sieving coefficient [-],\nwithout polarisation"
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    assert sieving_curve(PROTEIN_RATED, log_scale=True).get_yscale() == "log"
    texts = [text.replace("\n", " ") for text in legend(ax)]
    assert texts[0] == "100 kDa, protein"
    assert texts[-1] == "syringe filter 33 mm, polyethersulfone, 0.22 um"


def test_everything_stands_within_the_picture():
    figure = sieving_curve([PROTEIN_RATED, DEXTRAN_RATED, "0.22 um syringe filter"]).figure
    figure.draw_without_rendering()
    used = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert min(used.x0, used.y0) >= -2
    assert used.x1 <= figure.bbox.x1 + 2
    assert used.y1 <= figure.bbox.y1 + 2


def test_unknown_membranes_are_refused():
    with pytest.raises(InputError, match="unknown membrane 'Amicon Ultra-15 100 kDaa'"):
        sieving_curve("Amicon Ultra-15 100 kDaa")
    with pytest.raises(InputError, match="name at least one"):
        sieving_curve([])
