"""The closed form of capture in a slit, against values computed independently and its limits."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import hyp1f1

from sepsim.kernels.graetz import LEVEQUE, graetz_series, log_slit_left, slit_capture

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


def isothermal_walls():
    """Eigenvalues of even modes between two walls that keep all: M(1/4 - k/4, 1/2, k) = 0, lambda = 8/3 k^2."""
    roots = [
        brentq(lambda k: hyp1f1(0.25 - 0.25 * k, 0.5, k), near - 0.5, near + 0.5) for near in (1.7, 5.7, 9.7, 13.7)
    ]
    return 8.0 / 3.0 * np.array(roots) ** 2


def test_two_walls_are_those_of_heat_transfer():
    """Nusselt numbers of Shah & London 1978: 7.541 of two isothermal walls, 4.861 of one beside an insulated one."""
    values, weights = graetz_series(walls=2)
    assert values[:8:2] == pytest.approx(isothermal_walls(), rel=1e-8)
    assert values[0] == pytest.approx(7.541, abs=5e-4)
    assert 2.0 * graetz_series()[0][0] == pytest.approx(4.861, abs=5e-4)
    assert weights[1::2] == pytest.approx(0.0, abs=1e-12)
    assert weights.sum() == pytest.approx(1.0, abs=1e-6)


def test_two_walls_take_twice_as_much_until_their_layers_meet():
    near = [1e-4, 1e-3, 1e-2]
    assert slit_capture(near, walls=2) == pytest.approx(2.0 * slit_capture(near), rel=2e-3)
    assert slit_capture(0.3, walls=2) < 1.8 * slit_capture(0.3)
    assert slit_capture(2.0, 0.001, walls=2) == pytest.approx(-math.expm1(-0.004), rel=1e-3)


def test_half_a_slit_with_its_own_parabola_is_no_half_of_a_slit():
    """A slit of half the height, with the same mean velocity and one wall, has 4 zeta; its far side is at rest."""
    assert slit_capture(0.1, walls=2) < 0.9 * slit_capture(0.4)


@pytest.mark.parametrize(("walls", "rate"), [(1, 2.43036839), (2, 7.54070087)])
def test_what_a_long_slit_leaves_falls_on_with_the_first_eigenvalue(walls, rate):
    """1 - f stops at round-off and at the terms left out; the logarithm does not (Nu of isothermal walls)."""
    left = log_slit_left([3.0, 30.0, 3000.0], walls)
    assert np.diff(left) == pytest.approx([-27.0 * rate, -2970.0 * rate], rel=1e-6)
    near = np.array([1e-4, 0.01, 0.5])
    assert np.exp(log_slit_left(near, walls)) == pytest.approx(1.0 - slit_capture(near, walls=walls), abs=1e-6)
