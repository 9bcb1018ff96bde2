"""Size exclusion from geometry: partition coefficients by hand, limits, and what a spread of pores does."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.techniques.chromatography.columns.partition import CylindricalPore, FibreGel, Solid

VESICLE, LDL, HDL, ALBUMIN = 50e-9, 12e-9, 5e-9, 3.5e-9
RADII = np.array([VESICLE, LDL, HDL, ALBUMIN])

lengths = st.floats(1e-10, 1e-6)
laws = st.one_of(
    st.builds(CylindricalPore, lengths, st.one_of(st.just(1.0), st.floats(1.01, 5.0))),
    st.builds(FibreGel, lengths, st.floats(1e-3, 0.3)),
    st.just(Solid()),
)


def test_pores_of_sepharose_2b():
    """A cylinder 75 nm wide, worked out by hand: (1 - 12/37.5)^2 = 0.46 and so on."""
    assert CylindricalPore(37.5e-9).partition(RADII) == pytest.approx([0.0, 0.4624, 0.7511, 0.8220], abs=5e-5)


def test_gel_of_sepharose_2b():
    """Fibres of 2.5 nm taking 2.1 %: exponents -0.021 (1 + r/2.5 nm)^2 = -9.26, -0.70644, -0.189, -0.12096."""
    expected = np.exp([-9.261, -0.70644, -0.189, -0.12096])
    assert FibreGel(2.5e-9, 0.021).partition(RADII) == pytest.approx(expected, rel=1e-9)
    assert expected == pytest.approx([0.00, 0.49, 0.83, 0.88], abs=0.01)


def test_both_laws_of_sepharose_2b_agree_within_a_tenth():
    one, other = CylindricalPore(37.5e-9).partition(RADII), FibreGel(2.5e-9, 0.021).partition(RADII)
    assert np.abs(one - other).max() < 0.08


def test_a_point_enters_all_pores_and_all_of_a_gel_but_its_fibres():
    assert CylindricalPore(20e-9).partition(0.0) == 1.0
    assert CylindricalPore(20e-9, 2.0).partition(0.0) == pytest.approx(1.0, rel=1e-14)
    assert FibreGel(3e-9, 0.05).partition(0.0) == pytest.approx(math.exp(-0.05), rel=1e-14)
    assert Solid().partition(0.0) == 0.0


def test_nothing_enters_beyond_the_limit():
    pore = CylindricalPore(20e-9)
    assert pore.limit == 20e-9
    assert pore.partition(np.array([20e-9, 21e-9, 1e-3])).tolist() == [0.0, 0.0, 0.0]
    assert CylindricalPore(20e-9, 1.5).limit == FibreGel(3e-9, 0.05).limit == math.inf
    assert Solid().limit == 0.0


@given(law=laws, radii=st.lists(st.floats(0.0, 1e-5), min_size=2, max_size=20))
def test_a_share_that_never_rises_with_the_radius(law, radii):
    shares = law.partition(np.sort(radii))
    assert np.all((shares >= 0.0) & (shares <= 1.0))
    assert np.all(np.diff(shares) <= 1e-14)


@given(radius=lengths, ratio=st.floats(0.0, 3.0), sd=st.floats(1.05, 3.0))
def test_spread_pores_admit_the_mean_over_their_volume(radius, ratio, sd):
    """Against a quadrature over ln R."""
    z = np.linspace(-9.0, 9.0, 40_001)
    weight = np.exp(-0.5 * z**2)
    share = np.maximum(1.0 - ratio * sd**-z, 0.0) ** 2
    expected = float(np.sum(weight * share) / np.sum(weight))
    assert CylindricalPore(radius, sd).partition(ratio * radius) == pytest.approx(expected, abs=1e-7)


def test_a_vanishing_spread_is_a_single_pore():
    single, narrow = CylindricalPore(37.5e-9), CylindricalPore(37.5e-9, 1.0001)
    assert narrow.partition(RADII) == pytest.approx(single.partition(RADII), abs=1e-6)


def test_small_vesicles_enter_the_wide_pores_of_a_spread():
    """Equal pores of 75 nm shut out every vesicle above 75 nm; a spread admits the small ones more than the large."""
    small, large = CylindricalPore(37.5e-9, 1.5).partition(np.array([40e-9, 75e-9]))
    assert CylindricalPore(37.5e-9).partition(40e-9) == 0.0
    assert small > 0.02
    assert large < small / 10


@given(law=laws, radius=st.floats(0.0, 1e-4))
def test_shares_are_none_or_far_from_underflow(law, radius):
    share = float(law.partition(radius))
    assert share == 0.0 or share > 1e-150


def test_cells_are_shut_out_of_a_gel():
    assert FibreGel(2.5e-9, 0.021).partition(np.array([0.4e-6, 1e-6, 10e-6])).tolist() == [0.0, 0.0, 0.0]


def test_shapes_are_kept():
    for law in (CylindricalPore(1e-8), CylindricalPore(1e-8, 1.3), FibreGel(2e-9, 0.02), Solid()):
        assert law.partition(np.full((3, 2), 5e-9)).shape == (3, 2)
        assert np.shape(law.partition(5e-9)) == ()
