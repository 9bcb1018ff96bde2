"""Pore distributions: rated solutes, far tails, moments and bins."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from sepsim.errors import InputError
from sepsim.techniques.filtration.membranes.hindrance import hindered_convection
from sepsim.techniques.filtration.membranes.pores import PoreDistribution, dextran_radius, protein_radius

ALBUMIN, IGG, LDL, SMALL_VESICLE, VESICLE = 3.5e-9, 5.3e-9, 12e-9, 25e-9, 50e-9

# law, MWCO [kDa], geometric sd: median radius [nm] and sieving of the solutes, from an adaptive 30-digit quadrature
TABLE = [
    (protein_radius, 30, 1.2, 2.89, {ALBUMIN: 0.009, IGG: 2.9e-5}),
    (protein_radius, 30, 1.5, 1.48, {ALBUMIN: 0.027, IGG: 0.0031, LDL: 3.7e-6, SMALL_VESICLE: 4e-10}),
    (protein_radius, 100, 1.2, 4.32, {ALBUMIN: 0.12, IGG: 0.008, LDL: 1e-9}),
    (protein_radius, 100, 1.5, 2.22, {ALBUMIN: 0.12, IGG: 0.026, LDL: 1.5e-4, SMALL_VESICLE: 9.0e-8, VESICLE: 5e-12}),
    (protein_radius, 300, 1.2, 6.23, {IGG: 0.10, LDL: 1.1e-5}),
    (protein_radius, 300, 1.5, 3.20, {IGG: 0.10, LDL: 0.0022, SMALL_VESICLE: 5.3e-6, VESICLE: 1.3e-9}),
    (protein_radius, 750, 1.2, 8.45, {ALBUMIN: 0.54, IGG: 0.27, LDL: 0.0016, SMALL_VESICLE: 1.9e-10}),
    (protein_radius, 750, 1.5, 4.34, {ALBUMIN: 0.44, IGG: 0.22, LDL: 0.013, SMALL_VESICLE: 9.2e-5, VESICLE: 6.9e-8}),
    (dextran_radius, 100, 1.2, 8.01, {ALBUMIN: 0.50, IGG: 0.24, LDL: 7.6e-4, SMALL_VESICLE: 3.3e-11}),
    (dextran_radius, 100, 1.5, 4.11, {ALBUMIN: 0.41, IGG: 0.20, LDL: 0.0097, SMALL_VESICLE: 5.7e-5, VESICLE: 3.5e-8}),
    (dextran_radius, 300, 1.2, 13.3, {IGG: 0.56, LDL: 0.076, SMALL_VESICLE: 1.8e-5}),
    (dextran_radius, 300, 1.5, 6.84, {IGG: 0.46, LDL: 0.084, SMALL_VESICLE: 0.0026, VESICLE: 1.0e-5}),
    (dextran_radius, 750, 1.2, 20.3, {ALBUMIN: 0.87, IGG: 0.75, LDL: 0.31, SMALL_VESICLE: 0.0080, VESICLE: 4.0e-8}),
    (dextran_radius, 750, 1.5, 10.4, {ALBUMIN: 0.82, IGG: 0.67, LDL: 0.25, SMALL_VESICLE: 0.026, VESICLE: 4.1e-4}),
]
spreads = st.floats(1.02, 3.0)


def decimals(value, figures):
    return figures - 1 - math.floor(math.log10(value))


@pytest.mark.parametrize(("law", "mwco", "spread", "median", "sieved"), TABLE)
def test_pores_that_a_rating_means(law, mwco, spread, median, sieved):
    pores = PoreDistribution.from_rating(law(mwco), 0.9, spread)
    last_digit = 10.0 ** -decimals(median, 3)
    assert pores.median_radius * 1e9 == pytest.approx(median, rel=0, abs=0.55 * last_digit)
    for radius, printed in sieved.items():
        figures = 1 if f"{printed:.1e}"[2] == "0" else 2
        tolerance = max(0.55 * 10.0 ** -decimals(printed, figures), 0.02 * printed)
        assert pores.sieving(radius) == pytest.approx(printed, rel=0, abs=tolerance)


@given(st.floats(1e-9, 1e-7), st.floats(0.01, 0.999), st.floats(1.0, 3.0))
def test_the_rated_solute_is_rejected_as_rated(radius, rejection, spread):
    pores = PoreDistribution.from_rating(radius, rejection, spread)
    assert 1 - pores.sieving(radius) == pytest.approx(rejection, rel=0, abs=1e-9)


@given(st.floats(1.05, 2.5), st.floats(0.3, 1.5), st.floats(1.3, 3.0))
def test_two_measured_points_fix_the_membrane(spread, size, ratio):
    made = PoreDistribution(median_radius=3e-9, geometric_sd=spread)
    small = size * made.flow_median_radius
    points = [(radius, float(made.sieving(radius))) for radius in (small, ratio * small)]
    found = PoreDistribution.from_sieving(*points)
    assert found.geometric_sd == pytest.approx(spread, rel=1e-6)
    assert found.median_radius == pytest.approx(3e-9, rel=1e-6, abs=0)
    assert PoreDistribution.from_sieving(*points[::-1]) == found


def by_adaptive_quadrature(pores, radius):
    """Return the sieving by adaptive quadrature over r itself, from the kink on, with the normal tail factored out."""
    s, median = math.log(pores.geometric_sd), pores.median_radius * math.exp(4 * math.log(pores.geometric_sd) ** 2)
    entry = math.log(radius / median) / s

    def integrand(r):
        z = math.log(r / median) / s
        return math.exp(-0.5 * (z * z - max(entry, 0.0) ** 2)) / r * float(hindered_convection(radius / r))

    last = math.sqrt(max(entry, 0.0) ** 2 + 90.0)
    borders = median * np.exp(s * np.linspace(max(entry, -9.5), last, 25))
    pieces = [quad(integrand, low, high, epsabs=0, epsrel=1e-11)[0] for low, high in pairwise(borders)]
    return sum(pieces) * math.exp(-0.5 * max(entry, 0.0) ** 2) / (s * math.sqrt(2 * math.pi))


@pytest.mark.parametrize("spread", [1.02, 1.2, 1.5, 2.5])
@pytest.mark.parametrize("deviations", [-8.0, -3.0, -0.5, 0.0, 1.0, 4.0, 7.0, 11.0])
def test_sieving_is_exact_into_the_far_tail(spread, deviations):
    pores = PoreDistribution(median_radius=2e-9, geometric_sd=spread)
    radius = pores.flow_median_radius * spread**deviations
    expected = by_adaptive_quadrature(pores, radius)
    assert pores.sieving(radius) == pytest.approx(expected, rel=1e-8, abs=0)


def test_the_cases_above_reach_below_the_smallest_shares_that_matter():
    pores = PoreDistribution(median_radius=2e-9, geometric_sd=1.5)
    assert pores.sieving(pores.flow_median_radius * 1.5**7.0) < 1e-12


@given(st.floats(1.0, 3.0), st.floats(0.01, 100.0), st.floats(1.001, 3.0))
def test_larger_particles_pass_less_and_larger_pores_pass_more(spread, size, factor):
    pores = PoreDistribution(median_radius=3e-9, geometric_sd=spread)
    wider = PoreDistribution(median_radius=3e-9 * factor, geometric_sd=spread)
    radius = size * 3e-9
    here, larger, in_wider = pores.sieving(radius), pores.sieving(radius * factor), wider.sieving(radius)
    assert 0 <= larger <= here <= in_wider <= 1 + 1e-12
    if 1e-300 < here < 0.999:
        assert larger < here < in_wider


@given(st.floats(0.05, 0.999), st.floats(1e-9, 1e-7))
def test_equal_pores_are_the_limit_of_a_narrow_spread(lam, pore):
    single = PoreDistribution(median_radius=pore).sieving(lam * pore)
    narrow = PoreDistribution(median_radius=pore, geometric_sd=1 + 1e-6).sieving(lam * pore)
    assert single == hindered_convection(lam * pore / pore)
    assert narrow == pytest.approx(float(single), rel=0, abs=1e-5)


def test_equal_pores_from_a_rating():
    pores = PoreDistribution.from_rating(4e-9, 0.9, 1.0)
    assert hindered_convection(4e-9 / pores.median_radius) == pytest.approx(0.1, rel=1e-9)
    assert 4e-9 / pores.median_radius == pytest.approx(0.719, abs=5e-4)  # W = 0.1 at lambda = 0.719


@given(spreads, st.integers(1, 5))
def test_moments_are_those_of_the_number_of_pores(spread, order):
    pores = PoreDistribution(median_radius=2e-9, geometric_sd=spread)
    s = math.log(spread)
    mean, _ = quad(
        lambda z: math.exp(-0.5 * z * z + order * s * z) / math.sqrt(2 * math.pi), order * s - 12, order * s + 12
    )
    assert pores.moment(order) == pytest.approx(mean * 2e-9**order, rel=1e-7, abs=0)


@given(spreads, st.integers(1, 200))
def test_bins_share_the_whole_flow(spread, count):
    pores = PoreDistribution(median_radius=2e-9, geometric_sd=spread)
    radius, share = pores.bins(count)
    assert radius.shape == share.shape == (count,)
    assert share.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.all(share > 0)
    assert np.all(np.diff(radius) > 0)
    assert (share * np.log(radius)).sum() == pytest.approx(
        math.log(pores.flow_median_radius), abs=1e-7 * math.log(spread)
    )


def test_a_bin_across_the_median_has_its_share():
    """The normal distribution holds 0.99730020 within 3 standard deviations and 0.93319280 below 1.5 (tables)."""
    _, fifths = PoreDistribution(median_radius=2e-9, geometric_sd=1.5).bins(5)  # borders at -6, -3, 0, 3, 6, 9
    assert fifths[1:3].sum() == pytest.approx(0.99730020, rel=1e-7)
    _, halves = PoreDistribution(median_radius=2e-9, geometric_sd=1.5).bins(2)  # border at 1.5
    assert halves[0] == pytest.approx(0.93319280, rel=1e-7)


def test_bins_keep_the_tail_of_the_flow():
    pores = PoreDistribution(median_radius=2e-9, geometric_sd=1.5)
    _, share = pores.bins(150)  # a tenth of a standard deviation each
    beyond = np.cumsum(share[::-1])[::-1]
    for deviations in (0, 3, 6, 8):
        expected = 0.5 * (math.erfc(deviations / math.sqrt(2)) - math.erfc(9 / math.sqrt(2)))
        assert beyond[60 + 10 * deviations] == pytest.approx(expected, rel=1e-6, abs=0)


def test_sieving_over_bins_tends_to_the_integral():
    pores = PoreDistribution.from_rating(protein_radius(100), 0.9, 1.5)
    for radius in (1e-9, ALBUMIN, IGG, LDL, SMALL_VESICLE):
        errors = []
        for count in (40, 80, 160, 320):
            pore, share = pores.bins(count)
            errors.append(abs(float((share * hindered_convection(radius / pore)).sum() / pores.sieving(radius)) - 1))
        assert errors == sorted(errors, reverse=True)
        assert errors[-1] < 3e-3


@pytest.mark.parametrize(("kDa", "nm"), [(9.479, 2.29), (100, 6.82), (1000, 19.8)])
def test_radii_of_dextrans(kDa, nm):
    """2.29 nm at 9479 g/mol: PMC8145727, Table 1; the others follow from its law."""
    assert dextran_radius(kDa) * 1e9 == pytest.approx(nm, rel=2e-3)


def test_radius_of_a_protein_is_that_of_its_volume_with_a_fifth_for_shape_and_hydration():
    """A sphere of the mass of 100 kDa at 0.73 mL/g."""
    volume = 100 / 6.02214076e23 * 0.73e-3
    assert protein_radius(100) == pytest.approx(1.2 * (3 * volume / (4 * math.pi)) ** (1 / 3), rel=0.01)


def test_a_dextran_rating_means_about_twice_the_pore():
    medians = [
        PoreDistribution.from_rating(law(100), 0.9, 1.5).median_radius for law in (dextran_radius, protein_radius)
    ]
    assert 1.7 < medians[0] / medians[1] < 2.2


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: PoreDistribution(median_radius=0.0), r"median_radius = 0: must be above 0"),
        (lambda: PoreDistribution(median_radius=1e-9, geometric_sd=0.9), r"geometric_sd = 0.9: must be at least 1"),
        (lambda: PoreDistribution(median_radius=1e-9, geometric_sd=math.nan), r"geometric_sd = nan"),
        (lambda: PoreDistribution.from_rating(3e-9, 1.0, 1.5), r"rejection = 1: must be above 0 and below 1"),
        (lambda: PoreDistribution.from_sieving((3e-9, 0.1), (5e-9, 0.2)), r"larger solute must sieve less"),
        (lambda: PoreDistribution.from_sieving((3e-9, 0.3), (3e-9, 0.2)), r"two radii are needed"),
        (lambda: PoreDistribution.from_sieving((3e-9, 0.5), (4e-9, 1e-6)), r"more steeply .* than equal pores"),
        (lambda: PoreDistribution.from_sieving((3e-9, 0.5), (90e-9, 0.499)), r"has the membrane a leak\?"),
    ],
)
def test_wrong_pores(build, expected):
    with pytest.raises(InputError, match=expected):
        build()
