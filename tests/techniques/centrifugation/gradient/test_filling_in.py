"""Classes are no subpopulations: what pictures of a gradient show is what many more classes would give."""

import numpy as np
import pytest

import sepsim

LINEAR = {
    "shape": "linear",
    "top": {"iodixanol_percent_w_v": 10, "diluent": "PBS"},
    "bottom": {"iodixanol_percent_w_v": 36, "diluent": "PBS"},
    "volume_mL": 11,
}
STEP = {
    "method": "density_gradient",
    "rotor": "SW 41 Ti",
    "rcf_xg": 100_000,
    "rcf_at": "rav",
    "time_min": 300,
    "gradient": LINEAR,
    "fraction_volume_mL": 1,
    "keep": "fractions 5-9",
}
LAW = {"name": "vesicle", "kind": "vesicle", "median_diameter_nm": 85, "geometric_sd": 1.4, "particles_per_mL": 1e9}
LISTED = {
    "name": "listed",
    "kind": "vesicle",
    "diameters_nm": [60, 150],
    "weights": [1, 1],
    "density_sd_g_mL": 0,
    "particles_per_mL": 1e9,
}
ALONE = {"name": "alone", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9}


def spun(size_bins, density_quantiles):
    table = {"medium": "PBS", "volume_mL": 0.5, "temperature_C": 4, "population": [LAW, LISTED, ALONE]}
    sample = table | {"size_bins": size_bins, "density_quantiles": density_quantiles}
    return sepsim.protocol_from_table({"target": "vesicle", "sample": sample, "step": [STEP]}).run().ideal[0].outcome


@pytest.fixture(scope="module")
def few():
    return spun(10, 5)


def unfilled(spin):
    """The end of a spin as the classes alone have it."""
    members = spin.particles.population == np.arange(len(spin.particles.names))[:, None]
    return (members * spin.counts) @ spin.shares


def apart(one, other):
    return 0.5 * np.abs(one / one.sum() - other / other.sum()).sum()


def test_number_is_kept_in_every_frame(few):
    spin = few.trace
    held = spin.populations.sum(axis=2) + spin.pellets
    np.testing.assert_allclose(held, np.tile(spin.particles.totals(spin.counts), (len(held), 1)), rtol=1e-10)


def test_one_class_and_listed_sizes_stay_as_they_are(few):
    np.testing.assert_allclose(few.trace.populations[-1, 1:], unfilled(few.trace)[1:], rtol=1e-9, atol=1e-3)


@pytest.mark.slow
def test_a_population_has_one_peak_and_that_of_eight_times_as_many_sizes(few):
    spin, many = few.trace, spun(80, 5).trace
    shown, finer = spin.populations[-1, 0], many.populations[-1, 0]
    assert apart(shown, finer) < 0.03
    assert apart(unfilled(spin)[0], finer) > 10 * apart(shown, finer)
    smooth = np.convolve(shown, np.ones(9) / 9, mode="same")
    above = smooth > 0.5 * smooth.max()
    assert np.count_nonzero(np.diff(above.astype(int)) == 1) == 1


def test_a_remark_names_populations_whose_shares_rest_on_classes(few):
    (told,) = [each for each in few.remarks if "size_bins" in each]
    assert "vesicle (" in told
    assert "listed" not in told
    assert "alone" not in told


def test_neighbours_in_size_stay_within_a_law_and_a_density():
    doublets = LAW | {"doublet_share": 0.2}
    sample = sepsim.SampleRecipe(
        medium="PBS", volume_mL=1, population=[doublets, LISTED, ALONE], size_bins=3, density_quantiles=2
    ).prepare()
    smaller, larger = sample.particles.in_size
    assert sample.particles.grids[0] == ((2, 3, 2),)
    assert smaller[:12].tolist() == [0, 1, 0, 1, 2, 3, 6, 7, 6, 7, 8, 9]
    assert larger[:12].tolist() == [2, 3, 4, 5, 4, 5, 8, 9, 10, 11, 10, 11]
    assert np.array_equal(smaller[12:], larger[12:])
