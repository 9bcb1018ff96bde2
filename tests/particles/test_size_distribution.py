import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.particles.size_distribution import (
    SizeDistribution,
    equal_quantiles,
    lognormal,
    normal,
    single,
    tabulated,
)


def share_between(sizes, low, high):
    inside = (sizes.diameters >= low) & (sizes.diameters <= high)
    return sizes.weights[inside].sum()


@pytest.mark.parametrize(
    ("median", "sigma", "low", "high", "share"),
    # Shares of the lognormal law itself, by the error function.
    [
        (85e-9, 0.35, 30e-9, 200e-9, 0.991),
        (220e-9, 0.45, 100e-9, 1000e-9, 0.960),
        (1800e-9, 0.35, 1000e-9, 1, 0.953),
    ],
)
def test_lognormal_shares_of_the_vesicle_classes(median, sigma, low, high, share):
    exact = 0.5 * (
        math.erf(math.log(high / median) / sigma / math.sqrt(2))
        - math.erf(math.log(low / median) / sigma / math.sqrt(2))
    )
    assert exact == pytest.approx(share, abs=5e-4)
    assert share_between(lognormal(median, math.exp(sigma), 4000), low, high) == pytest.approx(exact, abs=2e-3)


@given(st.floats(1e-8, 1e-5), st.floats(1.01, 2.5), st.integers(2, 200))
def test_lognormal_keeps_its_median_and_its_sum(median, geometric_sd, bins):
    sizes = lognormal(median, geometric_sd, bins)
    assert sizes.weights.sum() == pytest.approx(1, abs=1e-12)
    assert sizes.weights @ np.log(sizes.diameters) == pytest.approx(math.log(median), abs=1e-9)


def test_lognormal_moments_converge_to_theory():
    sizes = lognormal(85e-9, math.exp(0.35), 400)
    assert sizes.mean == pytest.approx(85e-9 * math.exp(0.35**2 / 2), rel=1e-3)
    third = sizes.weights @ sizes.diameters**3
    assert third == pytest.approx((85e-9) ** 3 * math.exp(4.5 * 0.35**2), rel=5e-3, abs=0)


def test_no_spread_is_one_size():
    assert lognormal(1e-7, 1.0).diameters.size == 1
    assert normal(1e-7, 0.0).diameters.size == 1


def test_normal_is_cut_off_at_zero():
    sizes = normal(50e-9, 30e-9, 100)
    assert sizes.diameters.min() > 0
    assert sizes.weights.sum() == pytest.approx(1)
    assert sizes.mean > 50e-9  # what is cut lies below


@given(st.integers(1, 40))
def test_quantiles_have_mean_zero_and_variance_one(count):
    values = equal_quantiles(count)
    assert values.sum() == pytest.approx(0, abs=1e-12)
    assert np.all(np.diff(values) > 0)
    if count > 1:
        assert np.mean(values**2) == pytest.approx(1, abs=1e-12)


def test_quantiles_approach_the_normal_law():
    values = equal_quantiles(2000)
    assert np.mean(np.abs(values) < 1) == pytest.approx(0.6827, abs=2e-3)
    assert np.mean(values**4) == pytest.approx(3, abs=0.03)


@pytest.mark.parametrize(
    ("diameters", "weights", "message"),
    [
        ([1e-7], [1, 2], "one weight for each"),
        ([1e-7, -1e-7], [1, 1], "above 0"),
        ([1e-7, math.nan], [1, 1], "finite"),
        ([1e-7], [0], "all are 0"),
        ([1e-7, 2e-7], [1, -1], "at least 0"),
    ],
)
def test_bad_tables_are_refused(diameters, weights, message):
    with pytest.raises(InputError, match=message):
        tabulated(diameters, weights)


def test_single_and_tabulated_are_distributions():
    assert isinstance(single(1e-7), SizeDistribution)
    assert tabulated([1e-7, 2e-7], [3, 1]).mean == pytest.approx(1.25e-7)
