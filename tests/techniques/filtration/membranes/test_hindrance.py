"""Hindrance in pores: published formulas computed elsewhere, limits, and the theory of spheres on the centreline."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.techniques.filtration.membranes.hindrance import hindered_convection, hindered_diffusion, partition

# lambda: H, W of Dechadilok and Deen 2006, computed from the formulas by two other scripts, to 1e-5 absolute
ELSEWHERE = {
    0.05: (0.75502, 0.98269),
    0.1: (0.59184, 0.93879),
    0.2: (0.35790, 0.80512),
    0.4: (0.10501, 0.48383),
    0.5: (0.04745, 0.33641),
    0.7: (0.00490, 0.11512),
    0.8: (8.01e-4, 0.04845),
    0.9: (3.30e-5, 0.01119),
    0.95: (1.554e-6, 0.00266),
}
ratios = st.floats(0.0, 1.0)


def bungay_brenner(lam):
    """Return W and H of a sphere on the axis of a pore: matched expansions, Bungay and Brenner 1973."""
    a = (-73 / 60, 77293 / 50400, -22.5083, -5.6117, -0.3363, -1.216, 1.647)
    b = (7 / 60, -2227 / 50400, 4.018, -3.9788, -1.9215, 4.392, 5.006)
    gap = 1 - lam

    def drag(c):
        near = 2.25 * np.pi**2 * np.sqrt(2) * gap**-2.5 * (1 + c[0] * gap + c[1] * gap**2)
        return near + sum(c[n + 2] * lam**n for n in range(5))

    share = gap**2
    return share * (2 - share) * drag(b) / (2 * drag(a)), share * 6 * np.pi / drag(a)


@pytest.mark.parametrize("lam", ELSEWHERE)
def test_values_of_the_published_formulas_computed_elsewhere(lam):
    H, W = ELSEWHERE[lam]
    assert hindered_diffusion(lam) == pytest.approx(H, rel=0, abs=1e-5 if H >= 1e-3 else 0.6 * 10 ** digit(H))
    assert hindered_convection(lam) == pytest.approx(W, rel=0, abs=0.51e-5)


def digit(printed):
    """Return the exponent of the last digit of a number printed with three (or four) figures."""
    return np.floor(np.log10(printed)) - (3 if printed < 1e-5 else 2)


def test_diffusion_is_the_published_polynomial_up_to_its_end():
    lam = np.linspace(1e-6, 0.95, 5001)
    coefficients = [1, -1.56034, 0.528155, 1.91521, -2.81903, 0.270788, 1.10115, -0.435933]
    published = 1.125 * lam * np.log(lam) + sum(c * lam**n for n, c in enumerate(coefficients))
    assert np.abs(hindered_diffusion(lam) - published).max() < 1e-12


def test_diffusion_follows_the_law_of_the_tight_pore_above():
    lam = np.linspace(0.952, 1 - 1e-9, 1001)
    np.testing.assert_allclose(hindered_diffusion(lam), 0.984 * (1 - lam) ** 4.5 / lam**2.5, rtol=1e-12)


def test_diffusion_falls_strictly_across_the_blend():
    fine = hindered_diffusion(np.linspace(0.945, 0.957, 200_001))
    assert np.diff(fine).max() < 0
    assert np.abs(np.diff(np.log(fine))).max() < 1e-5  # no step: the slope of ln H is below about 100


@given(st.lists(ratios, min_size=2, max_size=20, unique=True))
def test_factors_are_positive_and_fall_inside_the_pore(lams):
    lam = np.sort([value for value in lams if value < 1.0])
    for factor in (partition, hindered_convection, hindered_diffusion):
        values = factor(lam)
        assert np.all(values > 0)
        assert np.all(values <= 1 + 1e-15)
        assert np.all(np.diff(values) <= 1e-15)


def test_factors_fall_strictly_on_a_fine_grid():
    lam = np.linspace(1e-3, 0.9999, 100_001)
    for factor in (partition, hindered_convection, hindered_diffusion):
        assert np.all(np.diff(factor(lam)) < 0)


@pytest.mark.parametrize("factor", [partition, hindered_convection, hindered_diffusion])
def test_limits(factor):
    assert factor([0.0, 1.0, 1.5, 1e6]).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert factor(1e-9) == pytest.approx(1.0, abs=1e-7)


def test_spheres_on_the_centreline_are_carried_a_little_faster():
    """Bungay and Brenner: W of the cross-section lies 5 to 8 % below the centreline for lambda = 0.2 to 0.7."""
    lam = np.linspace(0.2, 0.7, 11)
    ratio = hindered_convection(lam) / bungay_brenner(lam)[0]
    assert np.all((ratio > 0.90) & (ratio < 0.96))
    near_wall = np.linspace(0.9, 0.99, 10)
    np.testing.assert_allclose(hindered_convection(near_wall), bungay_brenner(near_wall)[0], rtol=0.06)


def test_the_tight_pore_follows_lubrication_theory():
    lam = np.array([0.99, 0.999])
    law = 6 / (2.25 * np.pi * np.sqrt(2)) * (1 - lam) ** 4.5  # leading term of Bungay and Brenner
    np.testing.assert_allclose(bungay_brenner(lam)[1], law, rtol=0.03)
    ratio = hindered_diffusion(lam) / law
    assert np.all((ratio > 1.0) & (ratio < 2.0))  # off the axis the gap is wider on one side


def test_shapes_follow_numpy():
    assert hindered_diffusion(np.zeros((2, 3))).shape == (2, 3)
