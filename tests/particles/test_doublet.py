"""Doublets and the spread of density of vesicles."""

import numpy as np
import pytest

from sepsim.media import Medium, fluid
from sepsim.particles.doublet import DOUBLET_DRAG
from sepsim.particles.particle_table import particle_table
from sepsim.particles.population import Vesicle
from sepsim.particles.transport import diffusion_coefficient, sedimentation_coefficient

PBS = Medium.pure(fluid("PBS"), 293.15)
SIZES = {"name": "v", "particles_per_mL": 1e9}


def table(**given):
    return particle_table([("v", "vesicle", Vesicle(**SIZES, **given).classes(1, 1))])


def test_the_drag_is_the_mean_over_orientations():
    """Touching spheres: 0.645 (Stimson & Jeffery 1926) and 0.725 of two single drags; mobilities average."""
    assert pytest.approx(3 / (1 / (2 * 0.645) + 2 / (2 * 0.725)), abs=0.005) == DOUBLET_DRAG


def test_a_doublet_sinks_faster_and_diffuses_more_slowly_than_one():
    both = table(diameter_nm=70, doublet_share=0.5)
    s, D = sedimentation_coefficient(both, PBS), diffusion_coefficient(both, PBS)
    assert s[1] / s[0] == pytest.approx(2 / 1.39)
    assert D[0] / D[1] == pytest.approx(1.39)


def test_a_share_of_doublets_keeps_the_number_of_particles():
    classes = Vesicle(**SIZES, median_diameter_nm=70, geometric_sd=1.35, doublet_share=0.1).classes(20, 3)
    assert classes.weight.sum() == pytest.approx(1.0)
    assert np.all(classes.weight >= 0)


def test_vesicles_of_a_distribution_spread_over_three_fractions():
    """Fractions of 0.011 g/mL: two thirds of one size in the middle one, the rest in its neighbours."""
    classes = Vesicle(**SIZES, diameters_nm=[104, 105, 106], weights=[0, 1, 0]).classes(1, 400)
    density = classes.mass / classes.volume
    away = np.abs(density - density @ classes.weight)
    middle = classes.weight[away < 5.5].sum()
    assert middle == pytest.approx(0.64, abs=0.02)
    assert classes.weight[away < 16.5].sum() - middle > 0.3


@pytest.mark.parametrize(
    "given",
    [
        {"diameter_nm": 105},
        {"median_diameter_nm": 85, "geometric_sd": 1.4, "density_g_mL": 1.1},
        {"median_diameter_nm": 85, "geometric_sd": 1.4, "density_sd_g_mL": 0},
    ],
)
def test_one_size_and_a_stated_density_have_no_spread_of_their_own(given):
    assert Vesicle(**SIZES, **given).density_spread == 0.0
