"""The closed form of capture in a slit, against values computed independently and its limits."""

import math

import numpy as np
import pytest

from sepsim.kernels.graetz import LEVEQUE, graetz_series, slit_capture

EIGENVALUES = [2.43036839, 23.5906866, 66.1618772, 130.091766, 215.36827, 321.98648]  # spectral, and finite volumes
WEIGHTS = [0.89556145, 0.06049981, 0.01804064, 0.00817716, 0.0045359, 0.0028353]


def test_the_series_is_the_one_computed_elsewhere():
    values, weights = graetz_series()
    assert values[:6] == pytest.approx(EIGENVALUES, rel=2e-7)
    assert weights[:6] == pytest.approx(WEIGHTS, rel=1e-5)


@pytest.mark.parametrize("damkohler", [0.0, 0.01, 1.0, 100.0, math.inf])
def test_all_of_what_enters_is_in_the_series(damkohler):
    values, weights = graetz_series(damkohler)
    assert weights.sum() == pytest.approx(1.0, abs=2e-7)
    assert np.all(np.diff(values) > 0)
    assert values[0] >= -1e-9


@pytest.mark.parametrize(
    ("zeta", "share"), [(0.001, 0.01447), (0.01, 0.06596), (0.1, 0.29192), (0.2, 0.44866), (1.0, 0.92119)]
)
def test_shares_are_those_computed_elsewhere(zeta, share):
    assert slit_capture(zeta) == pytest.approx(share, abs=6e-6)


def test_the_entrance_follows_leveque_without_a_jump():
    assert pytest.approx(1.4674, abs=1e-4) == LEVEQUE
    assert slit_capture(1e-7) == pytest.approx(LEVEQUE * 1e-7 ** (2 / 3), rel=2e-3)
    below, above = slit_capture([0.000999999, 0.001000001])
    assert above / below == pytest.approx(1.0, abs=6e-4)


def test_a_slow_wall_is_no_limit_of_transport_and_a_fast_one_is():
    assert slit_capture(5.0, 0.001) == pytest.approx(-math.expm1(-0.005), rel=1e-3)
    assert slit_capture(0.1, 1e5) == pytest.approx(float(slit_capture(0.1)), rel=1e-4)
    shares = [float(slit_capture(0.1, damkohler)) for damkohler in (0.0, 0.01, 0.1, 1.0, 10.0, 100.0, math.inf)]
    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(0.0, abs=1e-12)
