"""Antigens per particle in bins: those of the exact laws, with none lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sepsim.techniques.immunocapture.copies import antigen_bins
from sepsim.techniques.immunocapture.incubation import by_row

means = st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 2000.0)), min_size=1, max_size=6)
dispersions = st.one_of(st.none(), st.floats(0.2, 50.0))


def law(mean, dispersion):
    if dispersion is None:
        return stats.poisson(mean)
    return stats.nbinom(dispersion, dispersion / (dispersion + mean))


@given(means, dispersions)
def test_particles_and_antigens_are_conserved(mean, dispersion):
    mean = np.array(mean)
    bins = antigen_bins(mean, dispersion)
    assert by_row(bins.row, bins.share, mean.size) == pytest.approx(np.ones(mean.size), abs=1e-12)
    assert by_row(bins.row, bins.share * bins.antigens, mean.size) == pytest.approx(mean, rel=1e-6, abs=1e-9)
    assert np.all(bins.share > 0)
    assert np.all(np.diff(bins.row) >= 0)


@pytest.mark.parametrize("dispersion", [None, 0.5, 1.0, 5.0])
@pytest.mark.parametrize("mean", [0.1, 1.0, 5.0, 12.0])
def test_few_antigens_are_counted_one_by_one(mean, dispersion):
    bins = antigen_bins(np.array([mean]), dispersion)
    few = bins.antigens < 4.5
    assert bins.antigens[few] == pytest.approx(np.arange(5.0), abs=1e-6)
    assert bins.share[few] == pytest.approx(law(mean, dispersion).pmf(np.arange(5)), rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("mean", [0.5, 3.0, 20.0])
def test_without_antigen_is_the_share_of_poisson(mean):
    bins = antigen_bins(np.array([mean]))
    assert bins.share[bins.antigens == 0].sum() == pytest.approx(np.exp(-mean), abs=1e-12)


@pytest.mark.parametrize("dispersion", [None, 1.0])
@pytest.mark.parametrize("mean", [1.0, 10.0, 60.0])
def test_bins_stand_for_the_law_in_what_saturates(mean, dispersion):
    """Capture saturates with the number of antigens."""
    number = np.arange(20_000)
    exact = law(mean, dispersion).pmf(number) @ (number / (number + 5.0))
    bins = antigen_bins(np.array([mean]), dispersion)
    assert bins.share @ (bins.antigens / (bins.antigens + 5.0)) == pytest.approx(exact, abs=1e-3)


def test_a_wide_law_has_more_particles_without():
    none = [antigen_bins(np.array([10.0]), r).share[0] for r in (1.0, 5.0, None)]
    assert none == sorted(none, reverse=True)
    assert none[0] == pytest.approx(1 / 11)


def test_no_classes_no_bins():
    assert antigen_bins(np.zeros(0)).row.size == 0
