"""Roots by Brent's method: against SciPy to the last bit, and wrong brackets."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from sepsim.techniques.filtration.membranes.brent import TOLERANCE, root

SHAPES = {
    "bent": lambda x, at: math.tanh(x - at),
    "steep": lambda x, at: math.exp(x) - math.exp(at),
    "flat": lambda x, at: (x - at) ** 3 + 1e-6 * (x - at),
    "tiny": lambda x, at: 1e-160 * math.sinh(0.3 * (x - at)),
    "jump": lambda x, at: 1.0 if x > at else -1e-3,
}


@pytest.mark.parametrize("shape", SHAPES)
@given(at=st.floats(-20, 20), below=st.floats(0.1, 30), above=st.floats(0.1, 30))
def test_the_root_is_that_of_scipy_bit_by_bit(shape, at, below, above):
    def function(x):
        return SHAPES[shape](x, at)

    found = root(function, at - below, at + above)
    assert found == brentq(function, at - below, at + above, xtol=TOLERANCE, rtol=TOLERANCE)
    assert found == pytest.approx(at, rel=2 * TOLERANCE, abs=1e-9 if shape == "flat" else 1e-13)


def test_an_end_that_is_the_root_is_returned():
    assert root(lambda x: x, 0.0, 1.0) == 0.0
    assert root(lambda x: x - 1.0, 0.0, 1.0) == 1.0


def test_signs_must_differ():
    with pytest.raises(ValueError, match="the same sign at 1 and at 2"):
        root(lambda x: x, 1.0, 2.0)
