"""Layers at a wall: retention, spreading and their limits, against values of independent codes and quadrature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from sepsim.techniques.microfluidics.fff_retention import layer_capacity, retention_ratio, spreading

THICKNESS, VOLUME = 350e-6, 350e-6 * 35e-4  # of the channel of the reference table, in water at 25 degC
D_100NM = 4.907e-12


def layer(diameter, cross_flow_ml_min):
    return D_100NM * 1e-7 / diameter * VOLUME / (cross_flow_ml_min * 1e-6 / 60.0 * THICKNESS**2)


@pytest.mark.parametrize(
    ("gamma", "cross_flow", "diameter_nm"),
    [(1, 0.5, 641), (1, 1.0, 453), (1, 3.0, 262), (2, 0.5, 453), (2, 1.0, 320), (2, 3.0, 185)],
)
def test_steric_inversion_lies_where_independent_codes_find_it(gamma, cross_flow, diameter_nm):
    diameter = np.linspace(50e-9, 1500e-9, 5000)
    ratio = retention_ratio(layer(diameter, cross_flow), 0.5 * diameter / THICKNESS, gamma)
    assert 1e9 * diameter[np.argmin(ratio)] == pytest.approx(diameter_nm, rel=0.02)


@given(lam=st.floats(1e-4, 1e3), alpha=st.floats(0, 0.45))
def test_retention_is_the_mean_of_the_stream_over_the_layer(lam, alpha):
    def weighted(x, stream):
        return stream * np.exp(-(x - alpha) / lam)

    depth = min(1.0 - 2.0 * alpha, 60.0 * lam)
    carried = quad(lambda x: weighted(x, 6.0 * x * (1.0 - x)), alpha, alpha + depth)[0]
    assert retention_ratio(lam, alpha) == pytest.approx(
        carried / quad(lambda x: weighted(x, 1.0), alpha, alpha + depth)[0], rel=1e-6
    )


@given(lam=st.floats(2e-3, 20.0))
def test_capacity_is_the_slope_of_the_mean_height(lam):
    def height(thickness):
        return thickness - 1.0 / np.expm1(1.0 / thickness)

    step = 1e-4 * lam
    slope = (height(lam + step) - height(lam - step)) / (2.0 * step)
    assert layer_capacity(lam) == pytest.approx(slope, rel=1e-4, abs=1e-7)


def test_spreading_of_a_thin_layer_and_of_none():
    assert spreading(1e-4) == pytest.approx(6e-4 * 24e-12, rel=2e-3)  # R chi, of chi = 24 lambda^3
    assert spreading(1e3) == pytest.approx(1.0 / 105.0, rel=1e-3)  # Taylor and Aris


@pytest.mark.parametrize("lam", [0.02, 0.1, 0.5])
def test_spreading_is_the_integral_of_aris(lam):
    whole = lam * -np.expm1(-1.0 / lam)
    ratio = float(retention_ratio(lam))

    def lag(x):
        return quad(lambda y: (6.0 * y * (1.0 - y) - ratio) * np.exp(-y / lam) / whole, 0.0, x, epsabs=1e-13)[0]

    end = min(1.0, 15.0 * lam)
    expected = 2.0 * quad(lambda x: lag(x) ** 2 * np.exp(x / lam) * whole, 0.0, end, limit=100)[0]
    assert spreading(lam) == pytest.approx(expected, rel=2e-3)
