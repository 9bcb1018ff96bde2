"""Laws of sizes: closed forms against sums over many bins, and one bound on every way that sizes come in."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.particles.catalog import population
from sepsim.particles.size_laws import Lognormal, Normal, Tabulated, mean_volume, one_size

LAWS = [
    Lognormal(85e-9, 1.419),
    Lognormal(85e-9, 1.0),
    Normal(100e-9, 20e-9),
    Normal(50e-9, 30e-9),  # cut off at 0
    Normal(50e-9, 0.0),
    Tabulated(np.array([50e-9, 80e-9, 1.0]), np.array([1.0, 3.0, 0.0])),  # an empty bin is no particle
]
PARTICLE = {"name": "x", "kind": "particle", "density_g_mL": 1.1, "particles_per_mL": 1e9}
VESICLE = {"name": "x", "kind": "vesicle", "particles_per_mL": 1e9}
PROTEIN = {"name": "x", "kind": "protein", "molar_mass_kDa": 66.5, "stokes_radius_nm": 3.5, "mass_mg_per_mL": 1}


def median(nm, geometric_sd=1.2):
    return {"median_diameter_nm": nm, "geometric_sd": geometric_sd}


def mean(nm, sd_nm=1.0):
    return {"mean_diameter_nm": nm, "diameter_sd_nm": sd_nm}


def one(nm):
    return {"diameter_nm": nm}


def table(*nm):
    return {"diameters_nm": [*nm], "weights": [1.0] * len(nm)}


@pytest.mark.parametrize("law", LAWS)
def test_closed_forms_are_those_of_many_bins(law):
    sizes = law.in_bins(4000)
    scale = 1e-9 ** np.arange(4)
    summed = [sizes.weights @ sizes.diameters**power for power in range(4)]
    assert law.moments / scale == pytest.approx(summed / scale, rel=2e-3)
    for nm in (20, 49, 85.001, 120):
        assert law.share_below(nm * 1e-9) == pytest.approx(sizes.weights[sizes.diameters < nm * 1e-9].sum(), abs=2e-3)
    assert law.largest == pytest.approx(sizes.diameters.max(), rel=1e-2)


@given(st.sampled_from(LAWS), st.floats(0, 100e-9))
def test_a_shell_grows_every_sphere(law, shell):
    sizes = law.in_bins(4000)
    grown = math.pi / 6 * sizes.weights @ (sizes.diameters + 2 * shell) ** 3
    assert mean_volume(law, shell) == pytest.approx(grown, rel=2e-3, abs=0)


def test_one_size_by_hand():
    assert mean_volume(one_size(100e-9), 10e-9) == pytest.approx(math.pi / 6 * 120e-9**3, rel=1e-12, abs=0)


@pytest.mark.parametrize("nm", [1e300, 1e-100, 0.0, -5.0, math.nan, math.inf, 10**400], ids=str)
@pytest.mark.parametrize(
    "way",
    [median, mean, lambda nm: {"diameter_nm": nm}, lambda nm: table(50, nm)],
    ids=["median", "mean", "one", "list"],
)
def test_every_way_refuses_sizes_that_no_particle_has(way, nm):
    with pytest.raises(InputError, match=r"diameters?_nm.*at least 0.1 and at most 1e\+06"):
        population(PARTICLE | way(nm))


def test_a_list_tells_which_of_its_numbers_is_wrong():
    with pytest.raises(InputError, match=r"diameters_nm: must be .*; number 2 is 1e\+300"):
        population(PARTICLE | table(50, 1e300, -1))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (median(1e5, 10), r"median_diameter_nm = 100000, geometric_sd = 10: sizes reach 1e\+09 nm"),
        (mean(100, 1e6), r"mean_diameter_nm = 100, diameter_sd_nm = 1e\+06: sizes reach 4e\+06 nm"),
        (mean(100, 1e300), r"diameter_sd_nm = 1e\+300: must be at least 0 and at most 1e\+06"),
        (median(100, 1e6), "geometric_sd = 1000000.0: must be at least 1 and at most 10"),
    ],
)
def test_a_spread_does_not_reach_beyond_the_bound(sizes, message):
    with pytest.raises(InputError, match=message):
        population(PARTICLE | sizes)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0, 0], "all are 0"),
        ([-1, -2], "number 1 is -1"),
        ([1, math.nan], "number 2 is nan"),
        ([1e308, 1e308], r"number 1 is 1e\+308"),  # their sum is no float
        ([1], "one weight for each"),
        ([], "must be a list of numbers"),
        (["many", 1], "must be a list of numbers"),
    ],
)
def test_weights_are_shares(weights, message):
    with pytest.raises(InputError, match=message):
        population(PARTICLE | {"diameters_nm": [50, 60], "weights": weights})


@pytest.mark.parametrize("sizes", [{"diameter_nm": 0.1}, median(5), mean(11.9), table(2, 3, 80)], ids=str)
def test_a_vesicle_is_a_membrane_about_a_lumen(sizes):
    with pytest.raises(InputError, match=r"smaller than 12 nm, twice membrane_thickness_nm = 6"):
        population(VESICLE | sizes)
    assert population(VESICLE | sizes | {"membrane_thickness_nm": 0.05}).warnings == ()
    assert population(PARTICLE | sizes).warnings == ()


def test_some_vesicles_too_small_for_a_lumen_are_a_doubt():
    (told,) = population(VESICLE | {"diameters_nm": [8, 80], "weights": [1, 9]}).warnings
    assert told.startswith("population 'x': 10.0 % of the vesicles are smaller than 12 nm")
    assert population(VESICLE | {"diameters_nm": [8, 80], "weights": [1, 999]}).warnings == ()


@pytest.mark.parametrize("part", ["membrane", "lumen"])
def test_no_part_of_a_vesicle_holds_more_protein_than_mass(part):
    with pytest.raises(InputError, match=rf"{part}_protein_g_mL = 1.2: must be at most {part}_density_g_mL"):
        population(VESICLE | {"diameter_nm": 100, f"{part}_protein_g_mL": 1.2})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"molar_mass_kDa": 1e-300}, "molar_mass_kDa = 1e-300: must be at least 0.001"),
        ({"molar_mass_kDa": 1e300}, r"molar_mass_kDa = 1e\+300: must be at least 0.001 and at most 1e\+09"),
        ({"partial_specific_volume_mL_g": 1e-300}, "must be at least 0.04 and at most 2"),
        ({"stokes_radius_nm": 1e300}, "must be at least 0.05 and at most 500000"),
        ({"stokes_radius_nm": None, "s20w_S": 1e-300}, r"s20w_S = 1e-300: gives a Stokes radius of 1.6e\+301 nm"),
    ],
)
def test_molecules_have_bounds_too(changes, message):
    with pytest.raises(InputError, match=message):
        population(PROTEIN | changes)


@pytest.mark.parametrize("doubts", ["one text", [1], [""]])
def test_doubts_are_texts(doubts):
    with pytest.raises(InputError, match=r"doubts.*must be a list of texts"):
        population(PROTEIN | {"doubts": doubts})
