"""Single ions are drawn from all sizes of a law, not from its classes alone."""

import numpy as np

import sepsim
from sepsim.constants import PROTON_MASS_KG
from sepsim.techniques.mass_spectrometry.ions.sample_ions import whole_ions

LAW = {"name": "vesicle", "kind": "vesicle", "median_diameter_nm": 85, "geometric_sd": 1.4, "particles_per_mL": 1e9}
BEADS = {"name": "beads", "kind": "vesicle", "diameters_nm": [60, 150], "weights": [1, 1], "particles_per_mL": 1e9}


def drawn(population, bins):
    sample = sepsim.SampleRecipe(
        medium="PBS", volume_mL=1, population=[population], size_bins=bins, density_quantiles=1
    ).prepare()
    return whole_ions(sample).draw(40_000, np.random.default_rng(1))


def test_a_law_gives_no_comb_and_the_spread_of_many_classes():
    few, many = (np.log(drawn(LAW, bins).mass) for bins in (40, 640))
    edges = np.linspace(*np.quantile(many, [0.02, 0.98]), 120)  # finer than 40 classes
    numbers, smooth = (np.histogram(each, edges)[0] for each in (few, many))
    assert numbers.min() > 0.4 * smooth.min()
    assert np.abs(numbers - smooth).sum() < 0.15 * smooth.sum()  # of which 0.06 is chance
    assert abs(few.mean() - many.mean()) < 0.02
    assert abs(few.std() / many.std() - 1.0) < 0.02


def test_listed_sizes_are_drawn_as_listed():
    ions = drawn(BEADS, 40)
    neutral = ions.mass - ions.charge * PROTON_MASS_KG
    assert np.unique(np.log(neutral).round(6)).size == 2
