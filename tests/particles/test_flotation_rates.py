"""Lipoproteins of the catalogue float as they are measured to float, in the salt in which that was done."""

import numpy as np
import pytest

from sepsim.media import Medium, fluid
from sepsim.particles.transport import sedimentation_coefficient
from sepsim.samples.sample_recipe import recipe

WARM = 299.15
IN_NABR = Medium.pure(fluid({"nabr_g_mL": 1.21, "prepared_at_C": 26}), WARM)
IN_NACL = Medium.pure(
    fluid({"density_g_mL": 1.063, "viscosity_mPa_s": 1.03, "osmolality_mOsm_kg": 3300}), WARM
)  # 1.75 mol/L


def rates(name, medium):
    """Flotation rates of the classes of a population [S], and their numbers."""
    table = {"volume_mL": 1, "temperature_C": 26, "medium": "water", "size_bins": 20, "density_quantiles": 5}
    sample = recipe(table | {"population": [{"name": name, "particles_per_mL": 1e12}]}).prepare()
    return -1e13 * sedimentation_coefficient(sample.particles, medium), sample.counts


@pytest.mark.parametrize(("name", "slowest", "fastest"), [("ldl", 26.7, 37.2), ("idl", 45.6, 61.6)])
def test_flotation_at_1_21_in_sodium_bromide(name, slowest, fastest):
    """Opplt & Holzberg 1994: LDL1 to LDL3 37.2, 31.1 and 26.7 S; IDL1 to IDL4 61.6, 53.9, 50.1 and 45.6 S."""
    rate, counts = rates(name, IN_NABR)
    assert slowest < np.average(rate, weights=counts) < fastest


@pytest.mark.parametrize(
    ("name", "slowest", "fastest"),
    [("ldl", 0.0, 12.0), ("idl", 12.0, 20.0), ("vldl", 20.0, 400.0), ("chylomicron", 400.0, np.inf)],
)
def test_flotation_at_1_063_in_sodium_chloride(name, slowest, fastest):
    """S_f, by which the classes are named; of LDL 0 to 12, most of it 6 S (Krauss & Burke 1982)."""
    rate, counts = rates(name, IN_NACL)
    assert slowest < np.average(rate, weights=counts) < fastest
    if name == "ldl":
        assert np.average(rate, weights=counts) == pytest.approx(6.0, abs=0.7)


def test_potassium_bromide_floats_lipoproteins_faster_than_sodium_bromide():
    """It is a quarter thinner at the same density."""
    in_kbr = Medium.pure(fluid({"kbr_g_mL": 1.21, "prepared_at_C": 26}), WARM)
    fast, slow = (np.average(*[rates("ldl", medium)[0]]) for medium in (in_kbr, IN_NABR))
    assert slow / fast == pytest.approx(0.76, abs=0.02)


def test_high_density_lipoproteins_sink_at_1_063_and_float_at_1_21():
    for name in ("hdl2", "hdl3"):
        low, high = (np.average(*rates(name, medium)[:1]) for medium in (IN_NACL, IN_NABR))
        assert low < 0.0 < high
