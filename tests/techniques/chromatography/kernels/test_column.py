"""The column in the Laplace domain against closed forms, limits and independent inversions."""

import cmath
import importlib.util
import math

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sepsim.techniques.chromatography.kernels import column
from sepsim.techniques.chromatography.kernels.column import (
    NOT_CONVERGED,
    BedArrays,
    Injection,
    SpeciesArrays,
    cumulative_elution,
    elution_moments,
    outlet_curve,
)

INF = math.inf
BED = BedArrays(residence=[200.0], peclet=[395.0], phase_ratio=[1.857], bead_radius=[65e-6])


def species(*fields, **named):
    """Species in one bed, each field a number or one number per species."""
    numbers = SpeciesArrays(*fields, **named)
    rows = np.broadcast_arrays(*numbers)
    return SpeciesArrays(*(np.array(np.reshape(row, (1, -1)), float) for row in rows))


def column_of(*beds, **injection):
    """Arguments of beds in series, each the numbers of the bed and of one species in it."""
    table = np.array(beds, float)
    return BedArrays(*table[:, :4].T), SpeciesArrays(*table[:, 4:].T[:, :, np.newaxis]), Injection(**injection)


def transfer(s, *beds):
    """G(s) of the general rate model, written down once more with complex numbers of Python."""
    G = 1.0
    for tau, Pe, F, r, kf, P, kappa, D, k_liquid, k_pore, *surface in beds:
        phi = s + k_liquid
        held = kappa * s + P * k_pore
        flow = r / 3 * s * sum(surface)
        if kappa > 0.0 and (P == 0.0 or D == INF):
            flow += r / 3 * held
        elif kappa > 0.0:
            b = r * cmath.sqrt(held / (P * D))
            flow += P * D / r * (b / cmath.tanh(b) - 1)
        phi += 3 / r * F * flow if kf == INF else F * 3 * kf / r * (1 - kf / (kf + flow))
        q = cmath.sqrt(1 + 4 * phi * tau / Pe)
        G *= 4 * q * cmath.exp(Pe * (1 - q) / 2) / ((1 + q) ** 2 - (1 - q) ** 2 * cmath.exp(-Pe * q))
    return G


GRM = (200, 395, 1.857, 65e-6, 1e-5, 0.4655, 0.4655, 9e-12, 0, 0)
LOSSY = (200, 395, 1.857, 65e-6, 1e-5, 0.4655, 0.9, 9e-12, 1e-3, 2e-3)
MIXED = (150, 100, 1.857, 65e-6, 3e-5, 0.5, 0.5, INF, 0, 0)
NO_FILM = (50, 300, 1.5, 45e-6, INF, 0.3, 2.0, 9e-12, 0, 1e-3)
OUTSIDE = (200, 50, 1.857, 65e-6, 1e-5, 0, 3, 0, 0, 0)
SURFACE = (*LOSSY, 1.3)
SURFACE_ALONE = (200, 50, 1.857, 65e-6, 1e-5, 0, 0, 0, 0, 0, 3)
EQUILIBRIUM = (200, 20000, 1.857, 30e-6, INF, 0.8, 0.8, INF, 0, 0)

# A Fourier series of twice the period and 26 digits of damping, in arithmetic of 40 digits.
INVERTED = {
    "general rate": (
        (GRM,), 60, 0, [150, 230, 400, 500, 600, 1500],
        [5.3639906654154743e-11, 0.0051547726914279465, 0.57118382188638345, 0.82931162429833155,
         0.94126983692048371, 0.99999973053936172],
    ),
    "losses": (
        (LOSSY,), 0, 5, [150, 230, 400, 800, 3000],
        [1.0546606440326291e-11, 0.0015690806392280960, 0.20543171961601090, 0.54962972718033351,
         0.59180003015529862],
    ),
    "two beds": (
        (MIXED, NO_FILM), 30, 3, [100, 230, 400, 800, 3000],
        [0.0, 2.1679498423829250e-6, 0.27731157862902881, 0.91259605999187944, 0.97807564174445134],
    ),
    "outside of beads": (
        (OUTSIDE,), 60, 0, [300, 1000, 1500, 4000],
        [5.7233302087411953e-10, 0.10176880686743579, 0.72928846312544792, 0.99999999447383531],
    ),
    "equilibrium": (
        (EQUILIBRIUM,), 0, 0, [490, 500, 510, 1000],
        [0.075263523216004639, 0.71994815787241693, 0.99481279168488332, 1.0],
    ),
}  # fmt: skip


# ---- exactness -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INVERTED)
def test_shares_agree_with_an_inversion_in_forty_digits(name):
    beds, pulse, mixing, times, expected = INVERTED[name]
    shares, terms = cumulative_elution(*column_of(*beds, pulse=pulse, mixing=mixing), times)
    assert shares[0] == pytest.approx(expected, rel=0, abs=5e-13)
    assert 0 < terms[0] < 1200


@pytest.mark.parametrize("bed", [GRM, LOSSY, MIXED, NO_FILM, OUTSIDE, EQUILIBRIUM])
@pytest.mark.parametrize("s", [1e-6, 1e-4 + 3e-5j, 0.003 + 0.01j, 0.003 - 0.01j, 0.01 + 1.0j, 0.1 + 30j])
def test_transfer_function_is_that_of_the_general_rate_model(bed, s):
    beds, species_in_them, _ = column_of(bed)
    found = column._transfer(complex(s), 0, *column._packed(beds, species_in_them))
    assert found == pytest.approx(transfer(complex(s), bed), rel=1e-11, abs=0)


def cumulants(beds, radius=1e-3, points=64):
    """Mean and variance from derivatives of ln G at 0, by Cauchy's integral around it."""
    angles = np.exp(2j * np.pi * (np.arange(points) + 0.5) / points)
    logs = np.array([cmath.log(transfer(radius * z, *beds)) for z in angles])
    first, second = (np.mean(logs * angles**-n).real / radius**n for n in (1, 2))
    return -first, 2.0 * second


@pytest.mark.parametrize("bed", [GRM, MIXED, OUTSIDE, (*NO_FILM[:8], 0, 0), (*EQUILIBRIUM[:1], 200, *EQUILIBRIUM[2:])])
def test_moments_are_derivatives_of_the_transfer_function(bed):
    mean, variance, recovered = elution_moments(*column_of(bed))
    assert (mean[0], variance[0]) == pytest.approx(cumulants([bed]), rel=1e-10, abs=0)
    assert recovered[0] == 1.0


def test_moments_of_beds_in_series_with_mixer_and_pulse_add():
    plain = (*NO_FILM[:8], 0, 0)
    mean, variance, _ = elution_moments(*column_of(GRM, plain, pulse=60.0, mixing=7.0))
    by_bed = [elution_moments(*column_of(bed)) for bed in (GRM, plain)]
    assert mean[0] == pytest.approx(sum(m[0][0] for m in by_bed) + 30.0 + 7.0, rel=1e-14)
    assert variance[0] == pytest.approx(sum(m[1][0] for m in by_bed) + 300.0 + 49.0, rel=1e-14)


@pytest.mark.parametrize("beds", [(GRM,), (MIXED,), (OUTSIDE,), (GRM, (*NO_FILM[:8], 0, 0))])
def test_moments_of_the_inverted_curve(beds):
    arguments = column_of(*beds, pulse=60.0, mixing=7.0)
    mean, variance, _ = elution_moments(*arguments)
    end = float(mean[0] + 40.0 * variance[0] ** 0.5)
    curve, _ = outlet_curve(*arguments, end, 8192)
    t, weight = np.linspace(0.0, end, 8193), curve[0] * end / 8192
    assert weight.sum() == pytest.approx(1.0, abs=1e-10)
    assert weight @ t == pytest.approx(mean[0], rel=1e-8)
    assert weight @ (t - mean[0]) ** 2 == pytest.approx(variance[0], rel=1e-8)


def test_pulse_is_the_mean_over_instant_loads():
    nodes, weights = np.polynomial.legendre.leggauss(40)
    times = np.array([300.0, 420.0, 700.0])
    instant, _ = cumulative_elution(*column_of(GRM), np.sort((times[:, None] - 30.0 * (nodes + 1.0)).reshape(-1)))
    expected = np.sort(instant[0]).reshape(3, 40) @ weights[::-1] / 2.0
    found, _ = cumulative_elution(*column_of(GRM, pulse=60.0), times)
    assert found[0] == pytest.approx(expected, rel=0, abs=1e-11)


@pytest.mark.parametrize("pulse", [1e-9, 1e-3])
def test_short_pulses_tend_to_an_instant(pulse):
    times = [230.0, 400.0, 900.0]
    short, _ = cumulative_elution(*column_of(GRM, pulse=pulse), times)
    instant, _ = cumulative_elution(*column_of(GRM), np.array(times) - pulse / 2)
    assert short == pytest.approx(instant, rel=0, abs=1e-11)


def test_differences_of_shares_are_integrals_of_the_curve():
    arguments = column_of(GRM, pulse=60.0)
    curve, _ = outlet_curve(*arguments, 1200.0, 1200)
    shares, _ = cumulative_elution(*arguments, [0.0, 300.0, 400.0, 1200.0])
    for start, stop, share in ((300, 400, shares[0, 2] - shares[0, 1]), (400, 1200, shares[0, 3] - shares[0, 2])):
        y = curve[0, start : stop + 1]
        simpson = (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum()) / 3.0
        assert simpson == pytest.approx(share, abs=1e-8)


def test_a_coarse_grid_has_the_values_of_a_fine_one():
    arguments = column_of(GRM, pulse=60.0)
    fine, terms = outlet_curve(*arguments, 1500.0, 1024)
    coarse, _ = outlet_curve(*arguments, 1500.0, 16)
    assert terms[0] > 2 * 16 + 1
    assert coarse[0] == pytest.approx(fine[0, ::64], rel=0, abs=1e-12 * fine.max())
    assert column._spectra(*arguments, 1500.0, 16)[0].shape == (1, 33)


def test_times_may_repeat_and_do_not_affect_one_another():
    arguments = column_of(GRM, pulse=60.0)
    several, _ = cumulative_elution(*arguments, [300.0, 400.0, 400.0, 401.0, 1500.0])
    alone = [cumulative_elution(*arguments, [t])[0][0, 0] for t in (300.0, 400.0, 400.0, 401.0, 1500.0)]
    assert several[0] == pytest.approx(alone, rel=0, abs=1e-12)
    assert several[0, 1] == several[0, 2]


def test_fractions_cut_in_two_add_up():
    shares, _ = cumulative_elution(*column_of(GRM, pulse=60.0), np.linspace(0, 1500, 53))
    whole, _ = cumulative_elution(*column_of(GRM, pulse=60.0), np.linspace(0, 1500, 27))
    assert np.diff(shares[0]).reshape(26, 2).sum(axis=1) == pytest.approx(np.diff(whole[0]), rel=0, abs=1e-13)


# ---- outer surface -------------------------------------------------------------------------------


@pytest.mark.parametrize("bed", [SURFACE, SURFACE_ALONE, (*MIXED, 0.7), (*NO_FILM, 0.4)])
@pytest.mark.parametrize("s", [1e-6, 0.003 - 0.01j, 0.1 + 30j])
def test_transfer_function_with_a_surface(bed, s):
    beds, species_in_them, _ = column_of(bed)
    found = column._transfer(complex(s), 0, *column._packed(beds, species_in_them))
    assert found == pytest.approx(transfer(complex(s), bed), rel=1e-11, abs=0)


@pytest.mark.parametrize("bed", [(*GRM, 1.3), SURFACE_ALONE, (*MIXED, 0.7)])
def test_moments_with_a_surface_are_derivatives_of_the_transfer_function(bed):
    mean, variance, _ = elution_moments(*column_of(bed))
    assert (mean[0], variance[0]) == pytest.approx(cumulants([bed]), rel=1e-10, abs=0)


def test_a_surface_alone_is_a_well_mixed_bead():
    times = np.linspace(0, 4000, 27)
    expected, _ = cumulative_elution(*column_of(OUTSIDE), times)
    assert cumulative_elution(*column_of(SURFACE_ALONE), times)[0] == pytest.approx(expected, rel=0, abs=1e-12)


def test_pores_that_close_leave_the_surface():
    times = np.linspace(0, 4000, 27)
    found, _ = cumulative_elution(BED, species(1e-5, 1e-9, 2e-9, 1e-11, surface=3.0), Injection(), times)
    alone, _ = cumulative_elution(BED, species(1e-5, 0, 0, 0, surface=3.0), Injection(), times)
    assert found == pytest.approx(alone, rel=0, abs=1e-6)


# ---- limits --------------------------------------------------------------------------------------


def test_excluded_species_does_not_see_the_beads():
    times = np.linspace(150, 300, 31)
    load = Injection(pulse=30.0)
    excluded = species([1e-5, 1e-9, 0.0, 1e-5], [0, 0, 0.9, 0.9], [0, 0, 0.9, 0.9], [0, 1e-9, 1, 0])
    shares, _ = cumulative_elution(BED, excluded, load, times)
    empty, _ = cumulative_elution(BED._replace(phase_ratio=[0.0]), species(1e-5, 0.9, 0.9, 1e-11), load, times)
    assert shares == pytest.approx(np.broadcast_to(empty, shares.shape), rel=0, abs=1e-14)


def test_vanishing_pores_tend_to_exclusion():
    mean, variance, _ = elution_moments(BED, species(1e-5, [0, 1e-9], [0, 1e-9], 1e-11), Injection())
    times = np.linspace(150, 300, 31)
    shares, _ = cumulative_elution(BED, species(1e-5, [0, 1e-9], [0, 1e-9], 1e-11), Injection(), times)
    assert shares[1] == pytest.approx(shares[0], rel=0, abs=1e-6)
    assert mean[0] == pytest.approx(200.0, rel=1e-14)
    assert variance[0] == pytest.approx(200.0**2 * 2 / 395 * (1 - (1 - math.exp(-395)) / 395), rel=1e-13)


def test_small_molecule_that_sees_all_liquid_passes_in_the_total_liquid():
    mean, _, _ = elution_moments(BED, species(1e-5, 0.95, 0.95, 1e-9), Injection())
    assert mean[0] == pytest.approx(200.0 * (1 + 1.857 * 0.95), rel=1e-14)


@pytest.mark.parametrize(("peclet", "tolerance"), [(100.0, 2e-2), (1e4, 2e-4)])
def test_narrow_tracer_is_an_inverse_gaussian(peclet, tolerance):
    times = 200.0 * (1 + np.linspace(-3, 3, 13) * math.sqrt(2 / peclet))
    found, _ = cumulative_elution(*column_of((200, peclet, 0, 1e-5, 0, 0, 0, 0, 0, 0)), times)

    def normal(x):
        return 0.5 * math.erfc(-x / math.sqrt(2))

    x, shape = times / 200.0, peclet / 2
    root = np.sqrt(shape / x)
    tail = [math.exp(2 * shape + math.log(normal(-a * (b + 1)))) if a * (b + 1) < 37 else 0.0
            for a, b in zip(root, x, strict=True)]  # fmt: skip
    if peclet < 1000:
        expected = np.array([normal(a * (b - 1)) for a, b in zip(root, x, strict=True)]) + tail
    else:  # exp(shape) overflows; Mills' ratio of the tail
        expected = np.array([normal(a * (b - 1)) for a, b in zip(root, x, strict=True)])
        far = root * (x + 1)
        expected += np.exp(-0.5 * (root * (x - 1)) ** 2) / (far * math.sqrt(2 * math.pi)) * (1 - 1 / far**2)
    assert found[0] == pytest.approx(expected, rel=0, abs=tolerance)


def test_tiny_peclet_number_is_a_stirred_tank():
    times = np.array([0.0, 10.0, 100.0, 200.0, 500.0, 4000.0])
    found, _ = cumulative_elution(*column_of((200, 1e-5, 0, 1e-5, 0, 0, 0, 0, 0, 0)), times)
    assert found[0] == pytest.approx(1 - np.exp(-times / 200.0), rel=0, abs=1e-5)


def test_mixer_behind_plug_flow():
    times = np.array([90.0, 101.0, 120.0, 200.0, 1000.0])
    found, _ = cumulative_elution(*column_of((100, 1e5, 0, 1e-5, 0, 0, 0, 0, 0, 0), mixing=50.0), times)
    assert found[0] == pytest.approx(np.where(times < 100, 0, 1 - np.exp(-(times - 100) / 50)), rel=0, abs=1e-3)


@pytest.mark.parametrize(
    ("limited", "limit"),
    [
        (species(1e3, 0.5, 0.8, INF), species(INF, 0.5, 0.8, INF)),
        (species(1e-5, 0.5, 0.8, 1e-3), species(1e-5, 0.5, 0.8, INF)),
        (species(1e3, 0.5, 0.8, 1e-11), species(INF, 0.5, 0.8, 1e-11)),
        (species(1e-5, 1e-6, 0.8, 1e3), species(1e-5, 0.0, 0.8, INF)),
    ],
    ids=["film", "pores", "film before pores", "outside"],
)
def test_fast_transport_tends_to_the_model_without(limited, limit):
    times = np.linspace(200, 1500, 27)
    found, expected = (cumulative_elution(BED, which, Injection(pulse=60.0), times)[0] for which in (limited, limit))
    assert found == pytest.approx(expected, rel=0, abs=1e-6)


def test_adsorption_delays_by_its_henry_constant():
    henry, porosity = 3.0, 0.6
    open_, held = 0.5, 0.5 + (1 - porosity) * henry
    mean, _, _ = elution_moments(BED, species(1e-5, open_, [open_, held], 1e-11), Injection(pulse=60.0))
    assert mean[1] - mean[0] == pytest.approx(200.0 * 1.857 * (1 - porosity) * henry, rel=1e-12)
    end = 12_000.0
    curve, _ = outlet_curve(BED, species(1e-5, open_, [open_, held], 1e-11), Injection(pulse=60.0), end, 8192)
    eluted = curve @ np.linspace(0, end, 8193) / curve.sum(axis=1)
    assert eluted[1] - eluted[0] == pytest.approx(mean[1] - mean[0], rel=1e-9)


def test_halves_of_a_bed_in_series():
    half = (100, 5e4 / 2, *GRM[2:])
    one, two = column_of((200, 5e4, *GRM[2:])), column_of(half, half)
    assert elution_moments(*two)[0] == pytest.approx(elution_moments(*one)[0], rel=1e-14)
    times = np.linspace(200, 1000, 33)
    assert cumulative_elution(*two, times)[0] == pytest.approx(cumulative_elution(*one, times)[0], rel=0, abs=1e-5)


def test_first_order_capture_in_plug_flow():
    rate, pores = 2e-3, 4e-3
    bed = (200, 1e7, 1.857, 65e-6, INF, 0.5, 0.5, INF, rate, pores)
    recovered = elution_moments(*column_of(bed))[2]
    assert recovered[0] == pytest.approx(math.exp(-200 * (rate + 1.857 * 0.5 * pores)), rel=1e-6)


def test_capture_in_pores_behind_film_and_diffusion():
    """Thiele's modulus: a sphere takes up (P D / r) (phi coth phi - 1), in series with the film."""
    phi = 65e-6 * math.sqrt(5e-3 / 1e-12)
    flow = 0.5 * 1e-12 / 65e-6 * (phi / math.tanh(phi) - 1)
    rate = 1.857 * 3 / 65e-6 / (1 / flow + 1 / 1e-5)
    recovered = elution_moments(*column_of((200, 1e8, 1.857, 65e-6, 1e-5, 0.5, 0.5, 1e-12, 0, 5e-3)))[2]
    assert recovered[0] == pytest.approx(math.exp(-200 * rate), rel=1e-6)


def test_with_losses_shares_end_at_what_is_recovered():
    arguments = column_of(LOSSY, pulse=60.0, mixing=5.0)
    shares, _ = cumulative_elution(*arguments, [8000.0, 9000.0])
    assert shares[0] == pytest.approx(elution_moments(*arguments)[2][0], rel=0, abs=1e-12)
    assert shares[0, -1] < 0.6


# ---- properties ----------------------------------------------------------------------------------

UNBOUNDED = st.just(INF)
BEDS = st.tuples(
    st.floats(10, 1000),
    st.floats(20, 3000),
    st.floats(0, 3),
    st.floats(1e-5, 1e-4),
    UNBOUNDED | st.floats(1e-6, 1e-3),
    st.just(0.0) | st.floats(1e-3, 1),
    st.floats(0, 5),
    UNBOUNDED | st.floats(1e-13, 1e-9),
    st.floats(0, 1e-2),
    st.floats(0, 1e-2),
).map(lambda bed: (*bed[:6], bed[5] + bed[6], *bed[7:]))


@settings(max_examples=60, deadline=None)
@given(st.lists(BEDS, min_size=1, max_size=3), st.floats(0, 500), st.floats(0, 50), st.floats(1, 20))
def test_shares_rise_from_nothing_to_what_is_recovered(beds, pulse, mixing, longest):
    arguments = column_of(*beds, pulse=pulse, mixing=mixing)
    mean, variance, recovered = elution_moments(*arguments)
    end = mean[0] + longest * variance[0] ** 0.5
    sharpest = sum(2.0 * residence**2 / peclet for residence, peclet, *_ in beds) ** 0.5  # what only flows past
    assume(end < 1e4 * sharpest)  # the series needs some 5 terms for each of these widths until the end
    shares, terms = cumulative_elution(*arguments, np.linspace(0, end, 40))
    curve, needed = outlet_curve(*arguments, end, 128)
    assert min(terms[0], needed[0]) > NOT_CONVERGED
    assert shares[0, 0] == 0.0
    assert np.all(np.diff(shares[0]) >= 0.0)
    assert 0.0 <= shares[0, -1] <= recovered[0] <= 1.0
    assert curve.min() >= -max(1e-9 * curve.max(), 1e-12 / end)  # nothing lifts the curve but round-off


@settings(max_examples=30, deadline=None)
@given(BEDS, BEDS, st.floats(0, 100))
def test_order_of_beds_does_not_matter(one, other, pulse):
    times = np.linspace(0, 4000, 41)
    found = [cumulative_elution(*column_of(*beds, pulse=pulse), times) for beds in ((one, other), (other, one))]
    if found[0][1][0] != NOT_CONVERGED:
        assert found[0][0] == pytest.approx(found[1][0], rel=0, abs=1e-11)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 0.95), st.floats(0, 0.95))
def test_of_two_solutes_the_one_that_sees_more_pores_leaves_later(one, other):
    mean, _, _ = elution_moments(BED, species(1e-5, [one, other], [one, other], 1e-11), Injection())
    assert (mean[0] - mean[1]) * (one - other) >= 0.0
    if abs(one - other) > 1e-3:
        assert (mean[0] - mean[1]) / (one - other) > 0.01 * max(mean)


def test_species_do_not_affect_one_another():
    rows = species(
        [1e-5, 1e-6, 1e-4, INF], [0.9, 0, 0.2, 0.5], [0.9, 0, 3, 0.5], [1e-11, 0, 1e-12, INF], [0, 0, 1e-3, 0]
    )
    load, times = Injection(pulse=60.0, mixing=2.0), np.linspace(0, 3000, 27)
    shares, terms = cumulative_elution(BED, rows, load, times)
    order = [2, 0, 3, 1]
    again, again_terms = cumulative_elution(BED, SpeciesArrays(*(row[:, order] for row in rows)), load, times)
    assert np.array_equal(again, shares[order])
    assert np.array_equal(again_terms, terms[order])


def test_plain_python_agrees():
    spec = importlib.util.spec_from_file_location("column_plain", column.__file__)
    plain = importlib.util.module_from_spec(spec)
    numba.config.DISABLE_JIT = True
    try:
        spec.loader.exec_module(plain)
    finally:
        numba.config.DISABLE_JIT = False
    assert not hasattr(plain._fill_shares, "py_func")
    for beds in ((GRM,), (LOSSY, OUTSIDE), (MIXED, NO_FILM)):
        arguments = column_of(*beds, pulse=60.0, mixing=3.0)
        times = np.linspace(0, 2500, 7)
        (fast, terms), (slow, slow_terms) = (which.cumulative_elution(*arguments, times) for which in (column, plain))
        assert slow == pytest.approx(fast, rel=0, abs=1e-12)
        assert slow_terms == pytest.approx(terms, abs=2)
        fast, slow = (which.outlet_curve(*arguments, 2500.0, 32)[0] for which in (column, plain))
        assert slow == pytest.approx(fast, rel=0, abs=1e-12 * fast.max())
        assert np.allclose(column.elution_moments(*arguments), plain.elution_moments(*arguments), rtol=1e-13, atol=0)
    arguments = column_of(SURFACE)
    fast, slow = (which.cumulative_elution(*arguments, [300.0, 2500.0])[0] for which in (column, plain))
    assert slow == pytest.approx(fast, rel=0, abs=1e-12)
    moments_of = [which.elution_moments(*arguments) for which in (column, plain)]
    assert np.allclose(*moments_of, rtol=1e-13, atol=0)


# ---- hard and bad cases --------------------------------------------------------------------------


def test_strong_retention_leaves_nothing_and_takes_few_terms():
    held = species(1e-5, 0.5, [500.0, 1e6, 1e12], 1e-11)
    shares, terms = cumulative_elution(BED, held, Injection(pulse=60.0), [0.0, 100.0, 2000.0])
    assert np.abs(shares).max() < 1e-12
    assert terms.max() < 600
    assert terms[-1] < 5


def test_series_that_would_be_too_long_is_told():
    _, terms = cumulative_elution(*column_of((100, 1e9, 0, 1e-5, 0, 0, 0, 0, 0, 0)), [90.0, 110.0, 2000.0])
    assert terms[0] == NOT_CONVERGED
    assert outlet_curve(*column_of((100, 1e9, 0, 1e-5, 0, 0, 0, 0, 0, 0)), 2000.0, 64)[1][0] == NOT_CONVERGED


def test_peclet_number_of_a_hundred_thousand_converges():
    arguments = column_of((100, 1e5, 0, 1e-5, 0, 0, 0, 0, 0, 0))
    deviation = 100 * math.sqrt(2 / 1e5)
    shares, terms = cumulative_elution(*arguments, [100 - 3 * deviation, 100 + 3 * deviation, 1000.0])
    assert terms[0] != NOT_CONVERGED
    assert shares[0] == pytest.approx([0.00135, 0.99865, 1.0], rel=0, abs=1e-4)


def test_no_time_no_share():
    assert not cumulative_elution(*column_of(GRM), [0.0, 0.0])[0].any()
    assert cumulative_elution(*column_of(GRM), [])[0].shape == (1, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("residence", [0.0]), ("peclet", [INF]), ("phase_ratio", [math.nan]), ("bead_radius", [-1e-5]),
        ("film", [[math.nan]]), ("film", [1e-5]), ("pore_share", [[1.1]]), ("storage", [[0.1]]),
        ("pore_diffusivity", [[-1.0]]), ("liquid_loss", [[INF]]), ("pore_loss", [[0.0, 1.0]]), ("pulse", -1.0),
        ("mixing", math.nan), ("times", [2.0, 1.0]), ("times", [INF]),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(name, value):
    arguments = [each._replace(**{name: value} if name in each._fields else {}) for each in column_of(GRM)]
    with pytest.raises(ValueError, match=name):
        cumulative_elution(*arguments, value if name == "times" else [1.0, 2.0])


@pytest.mark.parametrize(("end", "points"), [(0.0, 10), (INF, 10), (10.0, 0)])
def test_bad_grids_are_refused(end, points):
    with pytest.raises(ValueError, match=r"end|points"):
        outlet_curve(*column_of(GRM), end, points)
