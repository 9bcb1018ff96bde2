"""Room on beads and what competes for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from sepsim.techniques.immunocapture.capacity import footprint
from sepsim.techniques.immunocapture.competition import competition

amounts = st.floats(1e-9, 1e-3)  # mol/m3, 1 pM to 1 uM


@pytest.mark.parametrize(("bead", "vesicles"), [(1e-6, 265), (2.8e-6, 1840), (4.5e-6, 4630)])
def test_a_bead_holds_as_many_vesicles_as_tabulated(bead, vesicles):
    assert 1.0 / footprint(50e-9, 0.5 * bead) == pytest.approx(vesicles, rel=5e-3)


def test_ten_million_beads_hold_the_vesicles_of_a_millilitre_of_plasma():
    assert 1e7 / footprint(50e-9, 1.4e-6) == pytest.approx(1.84e10, rel=5e-3)


@given(amounts, amounts, amounts, amounts)
def test_soluble_antigen_and_sites_are_balanced(sites, free_antibody, soluble, K):
    left = competition(sites, free_antibody, soluble, K)
    free = brentq(lambda s: s + (sites + free_antibody) * s / (K + s) - soluble, 0.0, soluble, xtol=1e-300, rtol=1e-13)
    assert left.open_sites == pytest.approx(K / (K + free), rel=1e-6)
    assert left.open_antigens == pytest.approx(K / (K + free_antibody * left.open_sites), rel=1e-9)


@given(amounts, amounts, amounts)
def test_more_soluble_antigen_leaves_fewer_sites(sites, soluble, K):
    assert competition(sites, 0.0, 2 * soluble, K).open_sites <= competition(sites, 0.0, soluble, K).open_sites


def test_a_trace_of_antigen_on_many_sites_takes_its_part():
    assert competition(1e-4, 0.0, 1e-5, 1e-9).open_sites == pytest.approx(0.9, abs=1e-3)


def test_nothing_competes_where_nothing_is():
    assert competition(1e-4, 0.0, 0.0, 1e-6) == (1.0, 1.0)
