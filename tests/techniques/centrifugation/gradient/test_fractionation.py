"""Drawing off fractions: volumes, order, and mixing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.techniques.centrifugation.gradient.fractionation import borders, drawn


@given(cells=st.integers(1, 60), total=st.floats(1e-7, 1e-4), share=st.floats(0.02, 1.0))
def test_fractions_by_volume_hold_the_whole_tube(cells, total, share):
    marks = borders(total, volume=share * total)
    taken = drawn(np.linspace(0.0, total, cells + 1), marks)
    assert marks[0] == 0.0
    assert marks[-1] == pytest.approx(total, rel=1e-12)
    assert np.diff(marks)[:-1] == pytest.approx(share * total, rel=1e-9)
    assert taken.sum(axis=1) == pytest.approx(np.diff(marks), abs=1e-12 * total)
    assert taken.sum(axis=0) == pytest.approx(np.full(cells, total / cells), rel=1e-9)


def test_twelve_millilitres_in_fractions_of_one_are_twelve():
    assert borders(12e-6, volume=1e-6).size == 13
    assert borders(12.0000000001e-6, volume=1e-6).size == 13
    assert borders(12.5e-6, volume=1e-6).size == 14


def test_a_fraction_larger_than_the_tube_is_refused():
    with pytest.raises(InputError, match=r"fraction_volume_mL = 20.*only 12 mL"):
        borders(12e-6, volume=20e-6)


def test_a_cell_across_a_border_is_split_by_volume():
    taken = drawn(np.array([0.0, 1.0, 3.0]), np.array([0.0, 1.5, 3.0]))
    assert taken == pytest.approx(np.array([[1.0, 0.5], [0.0, 1.5]]))


def test_mixing_spreads_a_thin_band_as_a_gaussian():
    """A band of no width at 5 mL, displaced by 0.5 mL: 68.3 % stay within one standard deviation."""
    depths = np.concatenate([np.linspace(0, 4.999, 50), np.linspace(5.001, 10, 50)])
    taken = drawn(depths, np.array([0.0, 4.5, 5.5, 10.0]), mixing=0.5)
    band = taken[:, 49] / 0.002
    assert band == pytest.approx([0.15866, 0.68269, 0.15866], abs=1e-4)


@given(mixing=st.floats(0.0, 3.0), count=st.integers(1, 20))
def test_mixing_conserves_what_each_cell_holds(mixing, count):
    depths = np.linspace(0.0, 10.0, 41)
    taken = drawn(depths, borders(10.0, number=count), mixing=mixing)
    assert taken.sum(axis=0) == pytest.approx(np.diff(depths), rel=1e-12)
    assert np.all(taken >= -1e-12)
