"""Classes spread to halfway to their neighbours: number is kept, one class stays, many classes are the limit."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.techniques.centrifugation.kernels import between_classes
from sepsim.techniques.centrifugation.kernels.between_classes import spread_between

DEPTHS = np.concatenate([[0.0], np.cumsum(np.linspace(0.5, 1.5, 200))])
MIDDLES = 0.5 * (DEPTHS[1:] + DEPTHS[:-1])


def in_a_row(lanes):
    """Neighbours of lanes that stand in one row."""
    return np.arange(-1, lanes - 1).clip(min=0), np.arange(1, lanes + 1).clip(max=lanes - 1)


def bands(places, width):
    """Gaussian bands at some places, an amount of 1 each."""
    found = np.exp(-0.5 * ((MIDDLES - np.asarray(places)[:, None]) / width) ** 2) * np.diff(DEPTHS)
    return found / found.sum(axis=1, keepdims=True)


amounts = st.lists(st.lists(st.sampled_from([0.0, 1e-9, 0.3, 1.0, 1e12]), min_size=20, max_size=20), max_size=6)


@given(amounts)
@settings(deadline=None)  # compilation
def test_number_is_kept_and_nothing_falls_below_zero(given):
    loaded = np.array(given).reshape(-1, 20)
    found = spread_between(loaded, DEPTHS[:21], *in_a_row(len(loaded)))
    assert np.all(found >= 0.0)
    np.testing.assert_allclose(found.sum(axis=1), loaded.sum(axis=1), rtol=1e-13)


def test_a_class_alone_or_between_empty_ones_stays():
    alone = bands([90.0], 3.0)
    assert np.array_equal(spread_between(alone, DEPTHS, [0], [0]), alone)
    among = np.concatenate([0.0 * alone, alone, 0.0 * alone])
    np.testing.assert_allclose(spread_between(among, DEPTHS, *in_a_row(3)), among, rtol=1e-12)


def test_equal_neighbours_stay():
    equal = np.repeat(bands([90.0], 6.0), 3, axis=0)
    found = spread_between(equal, DEPTHS, *in_a_row(3))
    np.testing.assert_allclose(found, equal, atol=1e-3 * equal.max())  # cells are not split in halves


@pytest.mark.parametrize("width", [1.5, 6.0])
def test_even_classes_become_an_even_spread(width):
    """Bands ten apart, as narrow as a cell or wide: together they are a plateau of a tenth per depth."""
    spread = spread_between(bands(np.arange(45.0, 165.0, 10.0), width), DEPTHS, *in_a_row(12)).sum(axis=0)
    inner = (MIDDLES > 55.0) & (MIDDLES < 145.0)
    np.testing.assert_allclose((spread / np.diff(DEPTHS))[inner], 0.1, rtol=0.05)


def law(classes):
    """Classes of a normal law of places, 12 wide about 100, and narrow bands of them."""
    edges = np.linspace(-4.0, 4.0, classes + 1)
    from scipy.special import ndtr

    return np.diff(ndtr(edges))[:, None] * bands(100.0 + 6.0 * (edges[1:] + edges[:-1]), 1.0)


def test_few_classes_are_as_many():
    many = law(800).sum(axis=0)  # a normal law that needs no filling in
    off = {
        classes: 0.5 * np.abs(spread_between(law(classes), DEPTHS, *in_a_row(classes)).sum(axis=0) - many).sum()
        for classes in (10, 20, 40)
    }
    assert off[10] < 0.125 * 0.5 * np.abs(law(10).sum(axis=0) - many).sum()
    assert off[20] < 0.4 * off[10]
    assert off[40] < 0.01


def test_what_reaches_an_end_of_the_liquid_stays_in_it():
    ends = spread_between(bands([3.0, 30.0], 0.5), DEPTHS, [0, 0], [1, 1])
    assert ends[0, 0] > 0.0
    assert ends.sum() == pytest.approx(2.0, rel=1e-13)


def test_compiled_and_plain_agree():
    loaded, neighbours = law(20), in_a_row(20)
    names = ("_passed", "_place", "_spread_evenly")
    plain = {name: getattr(between_classes, name) for name in names}
    spread = between_classes._spread.py_func
    with pytest.MonkeyPatch.context() as patch:
        for name, kernel in plain.items():
            patch.setattr(between_classes, name, kernel.py_func)
        np.testing.assert_allclose(spread(loaded, DEPTHS, *neighbours), spread_between(loaded, DEPTHS, *neighbours))


def test_a_population_takes_milliseconds():
    loaded, neighbours = law(200), in_a_row(200)
    spread_between(loaded, DEPTHS, *neighbours)
    begun = time.perf_counter()
    spread_between(loaded, DEPTHS, *neighbours)
    assert time.perf_counter() - begun < 0.2  # 3 ms where nothing else runs
