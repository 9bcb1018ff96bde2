"""Isotope patterns: against enumeration, binomials, moments, ratios by molmass, and IsoSpec."""

import math
import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from sepsim.constants import DALTON_KG
from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ions.isotope_patterns import fine_structure, isotope_pattern
from sepsim.techniques.mass_spectrometry.ions.isotopes import average_mass, isotopes

pytestmark = pytest.mark.lowest

BY_MOLMASS = {
    "Cl2": ([69.938, 71.935, 73.932], [0.574, 0.367, 0.059]),
    "Br2": ([157.837, 159.835, 161.833], [0.257, 0.500, 0.243]),
}
INSULIN = "C254H377N65O75S6"


def enumerated(elements):
    """Return mean mass [Da] and share by mass number, from every combination of isotopes."""
    peaks = {}
    for choice in product(*(list(zip(*isotopes(element), strict=True)) for element in elements)):
        number = sum(int(a) for a, _, _ in choice)
        share = math.prod(p for _, _, p in choice)
        moment, total = peaks.get(number, (0.0, 0.0))
        peaks[number] = (moment + share * sum(m for _, m, _ in choice) / DALTON_KG, total + share)
    return {number: (moment / total, total) for number, (moment, total) in sorted(peaks.items())}


@pytest.mark.parametrize("formula", BY_MOLMASS)
def test_ratios_of_the_halogens_by_an_independent_library(formula):
    masses, shares = BY_MOLMASS[formula]
    pattern = isotope_pattern(formula)
    assert pattern.mass / DALTON_KG == pytest.approx(masses, abs=6e-4)
    assert pattern.share == pytest.approx(shares, abs=6e-4)


def test_ratios_of_carbon_tetrachloride_and_carbon_monoxide_by_an_independent_library():
    pattern = isotope_pattern("CCl4")
    found = dict(zip(pattern.mass_number.tolist(), pattern.share, strict=True))
    assert [found[152], found[154], found[156]] == pytest.approx([0.326, 0.417, 0.200], abs=6e-4)
    assert isotope_pattern("CO").share[0] == pytest.approx(0.9869, abs=5e-5)


@given(st.lists(st.sampled_from(["H", "C", "N", "O", "S", "Cl", "Br", "Fe", "K"]), min_size=1, max_size=5))
@settings(deadline=None)
def test_small_patterns_equal_the_enumeration_of_all_isotopologues(elements):
    pattern = isotope_pattern({element: elements.count(element) for element in elements})
    expected = {number: peak for number, peak in enumerated(elements).items() if peak[1] > 1e-14}
    found = {
        number: peak
        for number, *peak in zip(pattern.mass_number.tolist(), pattern.mass / DALTON_KG, pattern.share, strict=True)
        if peak[1] > 1e-14
    }
    assert found.keys() == expected.keys()
    for number, (mass, share) in expected.items():
        assert found[number][1] == pytest.approx(share, rel=1e-9, abs=1e-15)
        assert found[number][0] == pytest.approx(mass, abs=1e-6)


@given(st.dictionaries(st.sampled_from(["H", "C", "N", "O", "S", "Se"]), st.integers(1, 20_000), min_size=1))
@settings(deadline=None, max_examples=40)
def test_mean_and_variance_are_those_of_the_atoms(formula):
    pattern = isotope_pattern(formula)
    assert pattern.share.sum() == pytest.approx(1.0, abs=1e-12)
    assert pattern.mean == pytest.approx(average_mass(formula), rel=1e-11, abs=0)
    offset = pattern.mass_number - float(pattern.mass_number @ pattern.share)
    variance = sum(
        number * float(of.abundance @ (of.mass_number - of.abundance @ of.mass_number) ** 2)
        for of, number in ((isotopes(symbol), number) for symbol, number in formula.items())
    )
    assert pattern.share @ offset**2 == pytest.approx(variance, rel=1e-8, abs=0)


@pytest.mark.parametrize("atoms", [10, 1000, 1_000_000])
def test_carbon_is_binomial_at_any_size(atoms):
    pattern = isotope_pattern({"C": atoms})
    heavy = pattern.mass_number - 12 * atoms
    expected = binom.pmf(heavy, atoms, isotopes("C").abundance[1])
    assert pattern.share == pytest.approx(expected, rel=1e-8, abs=1e-15)
    assert pattern.share.sum() == pytest.approx(1.0, abs=1e-12)


def test_peaks_of_carbon_lie_1_00335_apart():
    assert np.diff(isotope_pattern("C60").mass) / DALTON_KG == pytest.approx(1.00335, abs=1e-5)
    first, second = isotope_pattern(INSULIN).mass[:2] / DALTON_KG
    assert 1.0025 < second - first < 1.0034  # mostly 13C, with some 15N and 33S


def test_a_protein_of_a_megadalton_does_not_underflow():
    pattern = isotope_pattern("C44000H69000N12000O13500S300")
    assert pattern.share.max() == pytest.approx(1 / math.sqrt(2 * math.pi * 590), rel=0.1)
    assert (pattern.share > 0).all()


def test_a_label_shifts_the_pattern_and_is_not_dropped():
    plain, labelled = isotope_pattern("C6H12O6"), isotope_pattern("[13C]6H12O6")
    assert labelled.mass_number[0] == plain.mass_number[0] + 6
    assert labelled.share[0] > plain.share[0]


def test_fine_structure_without_the_library_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "IsoSpecPy", None)
    with pytest.raises(ImportError, match=r"pip install 'sepsim\[massspec\]'"):
        fine_structure("CO2")


@pytest.mark.parametrize("coverage", [0.0, 1.0, -1.0, float("nan")])
def test_a_coverage_outside_its_range_is_refused(coverage):
    with pytest.raises(InputError, match="coverage"):
        fine_structure("CO2", coverage)


def test_isospec_sums_to_the_peaks_of_insulin():
    mass, share = fine_structure(INSULIN, 0.999999)
    pattern = isotope_pattern(INSULIN)
    assert share.sum() >= 0.999999
    nearest = np.abs(mass[:, None] - pattern.mass[None, :]).argmin(axis=1)
    summed = np.bincount(nearest, weights=share, minlength=pattern.share.size)
    moment = np.bincount(nearest, weights=share * mass, minlength=pattern.share.size)
    large = pattern.share > 1e-3
    assert summed[large] == pytest.approx(pattern.share[large], rel=2e-3, abs=0)
    assert moment[large] / summed[large] / DALTON_KG == pytest.approx(pattern.mass[large] / DALTON_KG, abs=1e-4)
