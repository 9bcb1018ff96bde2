"""Sieving of one pore size: convection against diffusion along the pore."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.techniques.filtration.kernels.membrane_filtration import actual_sieving
from sepsim.techniques.filtration.membranes.hindrance import hindered_convection, hindered_diffusion

ratios = st.floats(0.0, 0.94)
actual_sieving(0.5, 0.1, 1.0)  # compiled before hypothesis takes the time


def sieving(lam, peclet):
    W, H = float(hindered_convection(lam)), float(hindered_diffusion(lam))
    return actual_sieving(W, H, peclet * H / W)


@given(ratios)
def test_between_diffusion_and_convection(lam):
    W = float(hindered_convection(lam))
    assert sieving(lam, 0.0) == 1.0
    assert sieving(lam, 1e-12) == pytest.approx(1.0, abs=1e-9 / W + 1e-12)
    assert sieving(lam, 50.0) == pytest.approx(W, rel=1e-10, abs=0)
    assert W * (1 - 1e-12) <= sieving(lam, 1.0) <= 1.0


@given(st.floats(0.94, 0.999))
def test_tight_pores_sieve_by_convection(lam):
    W, H = float(hindered_convection(lam)), float(hindered_diffusion(lam))
    assert actual_sieving(W, H, 1.0) == pytest.approx(W, rel=1e-10, abs=0)


def test_balance_along_the_pore():
    """Flux N = W J c - H D dc/dx is uniform: follow c from the filtrate side, where N = J c, to the feed."""
    lam, peclet, steps = 0.4, 1.7, 20_000
    W, H = float(hindered_convection(lam)), float(hindered_diffusion(lam))
    JD = peclet * H / W  # J delta / D
    c = 1.0  # in units of the filtrate's concentration, from x = 1 to x = 0
    for _ in range(steps):
        half = c - (W * JD * c - JD) / H * (0.5 / steps)
        c -= (W * JD * half - JD) / H / steps
    assert sieving(lam, peclet) == pytest.approx(1.0 / c, rel=1e-6, abs=0)


def test_what_does_not_fit_does_not_pass():
    assert actual_sieving(0.0, 0.0, 0.0) == 0.0
    assert actual_sieving(0.0, 0.0, np.inf) == 0.0
