"""Membranes: ratings, Hagen and Poiseuille's tie, the catalogue, and wrong input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.cli import main
from sepsim.data import rows
from sepsim.errors import InputError
from sepsim.samples.crowding import JAMMING_COVERAGE
from sepsim.techniques.filtration.membranes.membranes import MEMBRANES, Membrane, membrane

VISCOSITY = 1.002e-3  # Pa s, water at 20 C
LITRES = 1e-3 / 3600 / 1e5  # m s-1 Pa-1 in L m-2 h-1 bar-1


def membrane_with(**changes):
    settings = {
        "material": "regenerated cellulose",
        "mwco_kDa": 100,
        "rated_with": "protein",
        "area_cm2": 7.6,
        "permeability_L_m2_h_bar": 200,
    }
    return Membrane(**{key: value for key, value in (settings | changes).items() if value is not None})


def straight_pores(**changes):
    settings = {
        "material": "polycarbonate",
        "pore_diameter_nm": 100,
        "geometric_sd": 1.0,
        "area_cm2": 3.5,
        "thickness_um": 10,
        "porosity": 0.05,
    }
    return Membrane(**{key: value for key, value in (settings | changes).items() if value is not None})


def test_equal_straight_pores_obey_hagen_and_poiseuille():
    """N pores per area, each pi r^4 / (8 mu l) per pressure."""
    found = straight_pores()
    number = 0.05 / (math.pi * 50e-9**2)
    assert found.pore_number_per_area == pytest.approx(number, rel=1e-12)
    flow = number * math.pi * 50e-9**4 / (8 * VISCOSITY * 10e-6)
    assert found.permeability == pytest.approx(flow, rel=1e-6, abs=0)
    assert found.resistance == pytest.approx(1 / (VISCOSITY * flow), rel=1e-6)
    assert found.skin_ratio == pytest.approx(10e-6 / 0.05, rel=1e-12, abs=0)


def test_spread_pores_obey_hagen_and_poiseuille_in_the_sum_over_the_pores():
    found = straight_pores(geometric_sd=1.4)
    z = np.random.default_rng(3).standard_normal(400_000)
    radius = 50e-9 * 1.4**z
    number = 0.05 / (math.pi * np.mean(radius**2))
    flow = number * math.pi * np.mean(radius**4) / (8 * VISCOSITY * 10e-6)
    assert found.pore_number_per_area == pytest.approx(number, rel=0.01)
    assert found.permeability == pytest.approx(flow, rel=0.03, abs=0)


@given(st.floats(1.0, 2.0), st.floats(0.01, 0.6), st.floats(0.1, 100.0))
def test_porosity_and_permeability_are_two_ways_to_say_the_same(spread, porosity, thickness):
    by_porosity = straight_pores(geometric_sd=spread, porosity=porosity, thickness_um=thickness)
    by_flow = straight_pores(
        geometric_sd=spread,
        porosity=None,
        thickness_um=thickness,
        permeability_L_m2_h_bar=by_porosity.permeability / LITRES,
    )
    assert by_flow.open_share == pytest.approx(porosity, rel=1e-9)
    assert by_flow.skin_ratio == pytest.approx(by_porosity.skin_ratio, rel=1e-9, abs=0)
    by_skin = straight_pores(
        geometric_sd=spread,
        porosity=porosity,
        thickness_um=None,
        permeability_L_m2_h_bar=by_porosity.permeability / LITRES,
    )
    assert by_skin.thickness == pytest.approx(thickness * 1e-6, rel=1e-9, abs=0)


def test_resistance_follows_from_the_stated_permeability():
    """200 L m-2 h-1 bar-1 are 5.56e-10 m s-1 Pa-1."""
    assert membrane_with().resistance == pytest.approx(1 / (VISCOSITY * 5.5556e-10), rel=1e-4)


def test_the_rated_solute_is_rejected_as_rated():
    for rating in ("protein", "dextran"):
        found = membrane_with(rated_with=rating, rejection_percent=95)
        assert found.pores.sieving(found.rated_radius) == pytest.approx(0.05, rel=1e-6)


def test_a_pore_size_is_the_median_diameter_of_the_number():
    assert straight_pores(geometric_sd=1.1).pores.median_radius == pytest.approx(50e-9, rel=1e-12, abs=0)
    assert math.isnan(straight_pores().rated_radius)


def test_values_in_si():
    found = membrane_with(hold_up_mL=0.15, max_volume_mL=15, max_pressure_bar=3, max_rcf_xg=4000)
    assert (found.area, found.hold_up, found.max_volume) == pytest.approx((7.6e-4, 1.5e-7, 1.5e-5), rel=1e-12, abs=0)
    assert (found.max_pressure, found.max_rcf) == pytest.approx((3e5, 4000))
    unknown = membrane_with()
    assert (unknown.hold_up, unknown.max_volume, unknown.max_pressure, unknown.max_rcf) == (0, *[math.inf] * 3)


def test_coverage_is_that_of_the_material_unless_stated():
    coverages = {row["material"]: float(row["adsorbed_coverage"]) for row in rows("membrane_materials")}
    assert membrane_with().coverage == coverages["regenerated cellulose"]
    assert membrane_with(adsorbed_coverage=0.3).coverage == 0.3
    assert membrane_with(adsorbed_coverage=0).coverage == 0
    assert membrane_with(material="zeolite", adsorbed_coverage=0.3).coverage == 0.3


def test_regenerated_cellulose_adsorbs_least():
    """Vergauwen et al. 2017, Sci. Rep.: it recovered vesicles best."""
    coverages = {row["material"]: float(row["adsorbed_coverage"]) for row in rows("membrane_materials")}
    least = coverages.pop("regenerated cellulose")
    assert 0 <= least < min(coverages.values())
    assert max(coverages.values()) <= JAMMING_COVERAGE


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"rated_with": None},
            'rated_with: missing; say "protein" or "dextran": at the same number a dextran-rated membrane has about '
            "twice the pore radius; makers of spin filters mostly rate with proteins: "
            'rated_with = "protein"$',
        ),
        ({"rated_with": "peg"}, r"rated_with = 'peg': must be one of 'protein', 'dextran'"),
        ({"pore_diameter_nm": 20}, "mwco_kDa = 100 and pore_diameter_nm = 20: give one of them, not both"),
        ({"mwco_kDa": None, "rated_with": None}, "mwco_kDa or pore_diameter_nm: one of them is required"),
        ({"mwco_kDa": None, "pore_diameter_nm": 20}, "rated_with = 'protein': only with mwco_kDa"),
        ({"mwco_kDa": 0}, "mwco_kDa = 0: must be above 0"),
        ({"area_cm2": -1}, "area_cm2 = -1: must be above 0"),
        ({"rejection_percent": 100}, "rejection_percent = 100: must be above 0 and at most 99.999"),
        ({"geometric_sd": 0.9}, "geometric_sd = 0.9: must be at least 1"),
        ({"adsorbed_coverage": 0.6}, "adsorbed_coverage = 0.6: must be at least 0 and at most 0.547"),
        ({"material": "regenerated celulose"}, "unknown; did you mean 'regenerated cellulose'.*adsorbed_coverage"),
        ({"material": "zeolite"}, "material = 'zeolite': unknown; known: regenerated cellulose, .*adsorbed_coverage"),
        ({"permeability_L_m2_h_bar": None}, "permeability_L_m2_h_bar: missing; give it, or both porosity and thick"),
        (
            {"permeability_L_m2_h_bar": None, "porosity": 0.1},
            "permeability_L_m2_h_bar: missing; give it, or both porosity and thickness_um",
        ),
        (
            {"permeability_L_m2_h_bar": 5000},
            "permeability_L_m2_h_bar = 5000: pores of 8.64 nm through a skin of 0.5 um would need porosity = "
            "2.45, more than 1; give a thickness_um below 0.2,",
        ),
    ],
)
def test_wrong_membranes(changes, expected):
    with pytest.raises(InputError, match=expected):
        membrane_with(**changes)


def test_permeability_that_contradicts_the_pores_more_than_twofold():
    by_pores = straight_pores().permeability / LITRES
    for factor in (0.55, 1.8):
        assert straight_pores(permeability_L_m2_h_bar=factor * by_pores).permeability == pytest.approx(
            factor * by_pores * LITRES, rel=1e-12, abs=0
        )
    for factor in (0.45, 2.2):
        with pytest.raises(InputError, match=r"pores of 100 nm .* would give .*; leave one of the three out"):
            straight_pores(permeability_L_m2_h_bar=factor * by_pores)


def test_all_wrong_keys_of_a_table_are_told_at_once():
    with pytest.raises(InputError) as error:
        membrane({"mwco": 100, "material": "nylon", "porosity": 2})
    assert len(error.value.problems) == 3
    assert "mwco: unknown key; did you mean 'mwco_kDa'" in error.value.problems[0]
    assert error.value.problems[1].startswith("area_cm2: missing")
    assert error.value.problems[2].startswith("porosity = 2: must be above 0 and at most 1")


@pytest.mark.parametrize("name", MEMBRANES.names)
def test_every_membrane_of_the_catalogue_is_plausible(name):
    found = membrane(name)
    assert 1e-3 < found.open_share < 0.8
    assert math.isfinite(found.max_rcf) or math.isfinite(found.max_pressure)


def test_larger_ratings_of_one_device_are_more_open():
    devices = {}
    for name in MEMBRANES.names:
        found = membrane(name)
        if found.mwco_kDa:
            devices.setdefault(name.rsplit(",", 1)[0], []).append(found)
    for family in devices.values():
        family.sort(key=lambda found: found.mwco_kDa)
        assert [found.permeability for found in family] == sorted({found.permeability for found in family})
        medians = [found.pores.median_radius for found in family]
        assert medians == sorted(set(medians))


def test_a_membrane_of_ones_own_round_trips():
    own = membrane_with(name="mine")
    assert membrane(MEMBRANES.describe(own)) == own
    assert MEMBRANES.sources(own) == ("sepsim_choice", "vergauwen2017")
    assert MEMBRANES.sources(membrane_with(name="mine", adsorbed_coverage=0.1)) == ()


def test_a_changed_membrane_is_no_longer_that_of_the_catalogue():
    table = membrane("Amicon Ultra-15 100 kDa").to_table() | {"geometric_sd": 1.5}
    assert MEMBRANES.describe(membrane(table))["geometric_sd"] == 1.5


def test_unknown_membranes_name_the_nearest():
    with pytest.raises(InputError, match=r"unknown membrane .*did you mean 'spin filter 15 mL, regenerated cellulose"):
        membrane("spin filter 15 mL, regenerated celulose, 99 kDa")
    with pytest.raises(InputError, match=r"fits 4 membranes"):
        membrane("Amicon Ultra-15")


def test_vesicles_stay_above_every_rated_membrane():
    """Radius 50 nm: at most 1e-3 of what the liquid carries passes 750 kDa and below."""
    for name in MEMBRANES.names:
        found = membrane(name)
        if found.mwco_kDa:
            assert found.pores.sieving(50e-9) < 1e-3


def test_the_command_line_lists_and_shows_membranes(capsys):
    assert main(["list", "membranes"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in MEMBRANES.names)
    assert "100 kDa, protein" in listed
    assert "220 nm" in listed
    assert main(["show", "membrane", "Amicon Ultra-15 100 kDa"]) == 0
    shown = capsys.readouterr().out
    assert "7.6" in shown
    assert "amicon_ultra sepsim_choice" in shown
