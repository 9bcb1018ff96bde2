"""Solutions: amounts on every basis, over every diluent, their mixtures, limits and errors."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.errors import InputError, ModelRangeWarning
from sepsim.media import (
    Blend,
    ConstantFluid,
    Iodixanol,
    Medium,
    Salt,
    Solution,
    Sucrose,
    Water,
    describe,
    fluid,
    in_words,
)

AT_4, AT_20, AT_25 = 277.15, 293.15, 298.15
OWN = {
    "name": "Nycodenz",
    "percent_w_v": [10, 30, 60],
    "density_g_mL": [1.052, 1.159, 1.319],
    "viscosity_mPa_s": [1.3, 1.8, 7.2],
    "molar_mass_kDa": 0.821,
    "stokes_radius_nm": 0.6,
}
TABLES = [
    {"iodixanol_percent_w_v": 20, "diluent": "0.25 M sucrose buffer"},
    {"iodixanol_percent_w_v": 40, "diluent": {"density_g_mL": 1.01, "viscosity_mPa_s": 1.1}, "viscosity_factor": 1.1},
    {"sucrose_percent_w_w": 30, "name": "cushion"},
    {"sucrose_percent_w_v": 30, "diluent": "Tris/D2O"},
    {"sucrose_M": 2.0, "prepared_at_C": 25},
    {"cscl_g_mL": 1.7, "diluent": "Tris buffer"},
    {"cscl_M": 3.0},
    {"cscl_percent_w_w": 50, "diluent": {"sucrose_M": 0.25}},
    {"solute": OWN, "solute_percent_w_v": 25, "diluent": "saline"},
]


@pytest.mark.parametrize(
    ("diluent", "density", "column"),
    [
        ("water", None, (1.025, 1.052, 1.106, 1.159, 1.213, 1.266, 1.320)),
        ("PBS", 1.0062, (1.032, 1.059, 1.111, 1.163, 1.215, 1.268, 1.320)),
        ("0.25 M sucrose buffer", None, (1.055, 1.079, 1.127, 1.175, 1.224, 1.272, 1.320)),
    ],
)
def test_iodixanol_mixes_linearly_by_volume(diluent, density, column):
    """Density of the stock 1.320 g/mL and of the diluent; the column for PBS counts it as 1.0062 g/mL."""
    over = ConstantFluid(density_g_mL=density, viscosity_mPa_s=1.0) if density else diluent
    for percent, expected in zip((5, 10, 20, 30, 40, 50, 60), column, strict=True):
        layer = Solution(iodixanol_percent_w_v=percent, diluent=over)
        assert layer.density(AT_20) * 1e-3 == pytest.approx(expected, abs=1e-3)


def test_twenty_percent_iodixanol_matches_the_density_of_bacteria():
    """Motile E. coli were neutrally buoyant, 1.11 g/mL, in 20 % iodixanol over a salt buffer."""
    assert 1110 <= Solution(iodixanol_percent_w_v=20, diluent="PBS").density(AT_20) <= 1111


@pytest.mark.parametrize(
    ("table", "density"),
    [
        ({"sucrose_percent_w_v": 30}, 1.1125),
        ({"sucrose_percent_w_w": 30}, 1.127),
        ({"sucrose_percent_w_v": 30, "diluent": "D2O"}, 1.200),
        ({"sucrose_percent_w_v": 30, "diluent": "Tris/D2O"}, 1.205),
    ],
)
def test_thirty_percent_sucrose_is_several_fluids(table, density):
    assert fluid(table).density(AT_20) * 1e-3 == pytest.approx(density, abs=0.002)


def test_the_isoosmotic_buffer_on_three_bases():
    buffer = Solution(sucrose_M=0.25)
    for same in (Solution(sucrose_percent_w_w=8.30), Solution(sucrose_percent_w_v=8.5575)):
        assert same.density(AT_20) == pytest.approx(buffer.density(AT_20), rel=5e-5)
        assert same.osmolality == pytest.approx(buffer.osmolality, rel=2e-3)
    assert buffer.density(AT_20) == pytest.approx(1030.8, rel=5e-4)
    assert buffer.osmolality == pytest.approx(0.27, rel=5e-3)


def test_cscl_on_three_bases():
    """Novotny and Sohnel 1988: 1.7 g/mL at 25 degC is 56.01 % w/w and 5.6556 mol/L."""
    by_density = Solution(cscl_g_mL=1.7)
    assert by_density.density(AT_25) == pytest.approx(1700.0, abs=1e-6)
    for same in (Solution(cscl_percent_w_w=56.01), Solution(cscl_M=5.6556, prepared_at_C=25)):
        assert same.density(AT_25) == pytest.approx(1700.0, abs=0.2)


def test_cscl_over_a_denser_diluent_still_has_the_density_that_is_asked_for():
    assert Solution(cscl_g_mL=1.5, diluent="PBS").density(AT_25) == pytest.approx(1500.0, abs=1e-6)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: next(iter(table)))
def test_the_mass_of_solute_per_mass_of_solvent_stays_constant_with_temperature(table):
    solution = fluid(table)

    def ratios(temperature):
        shares, solutes = solution.composition(temperature)
        blend = Blend(tuple(f for f, _ in shares), tuple(s for s, _ in solutes), temperature)
        return blend.mass_ratios(np.array([x for _, x in shares]), np.array([c for _, c in solutes]))

    np.testing.assert_allclose(ratios(AT_4), ratios(AT_20), rtol=1e-10)
    assert solution.density(AT_4) > solution.density(AT_20)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: next(iter(table)))
def test_solutions_return_from_their_tables_and_are_fluids(table):
    solution = fluid(table)
    assert isinstance(solution, Solution)
    assert fluid(describe(solution)) == solution
    assert {solution: 1}[fluid(table)] == 1
    medium = Medium.pure(solution, AT_20)
    assert medium.density == pytest.approx(solution.density(AT_20), rel=1e-12)
    assert medium.viscosity == pytest.approx(solution.viscosity(AT_20), rel=1e-12)
    assert medium.osmolality == pytest.approx(solution.osmolality, rel=1e-9) or table.get("prepared_at_C")
    assert medium.name == solution.name
    assert solution.interdiffusion(AT_20) > 0


@given(st.floats(0, 60))
def test_iodixanol_solutions_return_from_their_table(percent):
    solution = Solution(iodixanol_percent_w_v=percent, diluent="PBS")
    assert fluid(describe(solution)) == solution


@given(st.floats(1, 60), st.floats(1, 60), st.floats(0.01, 0.99), st.sampled_from(["water", "PBS", "D2O", "plasma"]))
def test_mixing_two_dilutions_of_the_stock_is_the_dilution_in_between(low, high, share, diluent):
    parts = [
        (Medium.pure(Solution(iodixanol_percent_w_v=c, diluent=diluent), AT_20), v)
        for c, v in ((low, share), (high, 1 - share))
    ]
    mixed = Medium.mixed(parts)
    percent = min(share * low + (1 - share) * high, 60.0)  # round-off may lift two stocks above the stock
    between = Solution(iodixanol_percent_w_v=percent, diluent=diluent)
    assert mixed.density == pytest.approx(between.density(AT_20), rel=1e-9)
    assert mixed.viscosity == pytest.approx(between.viscosity(AT_20), rel=1e-9)
    assert dict(mixed.solutes)[Iodixanol()] == pytest.approx(10 * percent, rel=1e-9)


def test_the_stock_dilutes_what_the_diluent_holds():
    shares, solutes = Solution(iodixanol_percent_w_v=20, diluent="0.25 M sucrose buffer").composition(AT_20)
    assert shares == ((Water(), 1.0),)
    assert dict(solutes)[Sucrose()] == pytest.approx(2 / 3 * 250 * 0.3423, rel=1e-6)
    salts, _ = Solution(iodixanol_percent_w_v=30, diluent="PBS").composition(AT_20)
    water_of_stock = 0.5 * (1 - 0.4645 * 0.6)
    assert dict(salts)[Water()] == pytest.approx(water_of_stock / (0.5 + water_of_stock), rel=1e-3)


def test_solids_leave_the_diluent_as_it_is():
    shares, _ = Solution(sucrose_percent_w_w=40, diluent="Tris/D2O").composition(AT_20)
    assert shares == ((fluid("Tris/D2O"), 1.0),)


def test_sucrose_thickens_the_diluent_of_iodixanol():
    """8.3 % w/w sucrose has 1.26 times the viscosity of water at 20 degC; at 10 % iodixanol 5/6 of it is there."""
    plain, sugared = (
        Solution(iodixanol_percent_w_v=10, diluent=diluent).viscosity(AT_20)
        for diluent in ("water", "0.25 M sucrose buffer")
    )
    assert sugared / plain == pytest.approx(1.26 ** (5 / 6), rel=0.01)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"sucrose_percent": 30},
            r"sucrose_percent: which measure\? .*percent_w_w.*percent_w_v.*sucrose_M",
        ),
        ({"cscl": 1.7}, r"cscl: which measure\? .*cscl_g_mL"),
        ({"optiprep_percent": 30}, "iodixanol_percent_w_v"),
        ({"iodixanol_percent_w_v": 70}, "at most 60"),
        ({"sucrose_M": 4.0}, r"sucrose_M = 4: at most 2\.6\d* at 20 degC"),
        ({"cscl_g_mL": 2.1}, r"cscl_g_mL = 2\.1: at most 1\.9"),
        ({"cscl_g_mL": 0.9}, "must be at least that of its diluent"),
        ({"solute": OWN, "solute_percent_w_v": 65}, "solute_percent_w_v = 65: at most 60 at 20 degC"),
        ({"solute": OWN}, "give solute and solute_percent_w_v together"),
        ({"iodixanol_percent_w_v": 10, "sucrose_M": 1}, "got iodixanol_percent_w_v and sucrose_M"),
        ({"diluent": "PBS"}, "give exactly one of"),
        ({"sucrose_M": 1, "diluent": "0.25 M sucrose buffer"}, "holds sucrose already"),
        ({"sucrose_M": 1, "viscosity_factor": 1.2}, "only with iodixanol_percent_w_v"),
        ({"iodixanol_percent_w_v": 30, "diluent": "PBSS"}, "did you mean 'PBS'"),
        ({"iodixanol_percent_w_v": 30, "dilutent": "PBS"}, "did you mean 'diluent'"),
    ],
)
def test_mistakes_are_named_with_what_to_write(table, message):
    with pytest.raises(InputError, match=message):
        fluid(table)


@pytest.mark.parametrize("asked", [1.85, 1.93, 1.99, 2.0, 2.4, 3.5, 5.0])
@pytest.mark.parametrize("prepared_at_C", [0, 20, 40])
@pytest.mark.parametrize("diluent_g_mL", [0.998, 1.1, 1.5, 2.5, 3.4])
def test_the_limit_of_a_cscl_density_is_the_largest_that_is_taken(asked, prepared_at_C, diluent_g_mL):
    table = {
        "diluent": {"density_g_mL": diluent_g_mL, "viscosity_mPa_s": 1.0},
        "prepared_at_C": prepared_at_C,
    }
    try:
        fluid(table | {"cscl_g_mL": asked})
    except InputError as error:
        limit = float(re.search(r"(?:at most|its diluent,) (\d\.\d+)", str(error))[1])
    else:
        return
    assert fluid(table | {"cscl_g_mL": limit}).cscl_g_mL == limit
    beyond = limit - 0.002 if asked < diluent_g_mL else limit + 0.002
    with pytest.raises(InputError, match=str(limit)):
        fluid(table | {"cscl_g_mL": beyond})


def test_a_diluent_that_cscl_makes_no_denser_is_named():
    heavy = {"density_g_mL": 4.5, "viscosity_mPa_s": 1.0}
    with pytest.raises(InputError, match=r"makes a diluent of 4\.5 g/mL no denser; give cscl_percent_w_w or cscl_M"):
        fluid({"cscl_g_mL": 4.6, "diluent": heavy})


def test_a_lower_limit_can_be_written_as_it_is_told():
    with pytest.raises(InputError, match=r"at least that of its diluent, 0\.9971"):
        fluid({"cscl_g_mL": 0.997})
    assert fluid({"cscl_g_mL": 0.9971}).density(AT_25) == pytest.approx(997.1)


def test_an_unclear_measure_hides_no_other_mistake():
    with pytest.raises(InputError) as caught:
        fluid({"sucrose_percent": 30, "diluent": "BPS", "prepared_at_C": 90})
    assert len(caught.value.problems) == 3


def test_a_solution_saturated_at_20_degrees_warns_in_the_cold_room():
    saturated = Solution(cscl_percent_w_w=64.5)
    assert saturated.density(AT_20) > 1850
    with pytest.warns(ModelRangeWarning, match="CsCl: .* at 4 degC, above"):
        saturated.density(AT_4)


@given(
    st.floats(0.0, 1.0),
    st.lists(st.floats(0.0, 150.0), min_size=2, max_size=2),
    st.sampled_from([Iodixanol(), Sucrose()]),
    st.floats(277.15, 310.15),
)
def test_each_solute_makes_a_blend_denser_and_thicker(share, held, more, temperature):
    blend = Blend((fluid("PBS"), fluid("D2O")), (Iodixanol(), Sucrose()), temperature)
    shares = np.array([share, 1 - share])[:, None].repeat(20, axis=1)
    concentrations = np.array(held)[:, None].repeat(20, axis=1)
    concentrations[blend.solutes.index(more)] = np.linspace(0.0, 400.0, 20)
    for rising in (blend.density, blend.viscosity, blend.osmolality):
        assert np.all(np.diff(rising(shares, concentrations)) > 0)


def test_a_blend_works_on_arrays_of_any_shape_as_on_single_places():
    blend = Blend((Water(), fluid("PBS")), (Salt("CsCl"), Sucrose()), AT_20)
    shares = np.random.default_rng(1).dirichlet((1, 1), (3, 4)).transpose(2, 0, 1)
    c = np.random.default_rng(2).uniform(0, 300, (2, 3, 4))
    for of in ("density", "viscosity", "osmolality", "refractive_index", "solvent_volume"):
        arguments = (c,) if of == "solvent_volume" else (shares, c)
        whole = getattr(blend, of)(*arguments)
        assert whole.shape == (3, 4)
        assert whole[1, 2] == pytest.approx(
            float(getattr(blend, of)(*(each[:, 1, 2] for each in arguments))), rel=1e-12
        )
    ratios = blend.mass_ratios(shares, c)
    np.testing.assert_allclose(blend.concentrations(shares, ratios), c, rtol=1e-10)


def test_round_off_below_zero_is_zero_and_more_is_refused():
    blend, one = Blend((Water(),), (Sucrose(),), AT_20), np.ones((1, 1))
    assert blend.density(one, np.array([[-1e-7]])) == blend.density(one, np.array([[0.0]]))
    for wrong in (-1e-3, float("nan")):
        with pytest.raises(InputError, match="must be a number, at least 0"):
            blend.viscosity(one, np.array([[wrong]]))
    with pytest.raises(InputError, match="for 1 solutes"):
        blend.density(one, np.zeros((2, 1)))
    with pytest.warns(ModelRangeWarning, match="sucrose: 1100 kg/m3"):
        blend.density(one, np.array([[1100.0]]))


def test_a_solution_far_thinner_than_water_is_refused():
    table = {
        "name": "my solute",
        "percent_w_v": [10, 20],
        "density_g_mL": [1.05, 1.10],
        "viscosity_mPa_s": [0.2, 1.8],
        "molar_mass_kDa": 0.8,
        "stokes_radius_nm": 0.6,
    }
    with pytest.raises(InputError, match=r"viscosity_mPa_s: 0\.2 is far thinner than water; must be at least 0\.8"):
        Solution(solute=table, solute_percent_w_v=20)
    with pytest.raises(InputError, match=r"molar_mass_kDa = 800: at most .* kDa fill a sphere of its Stokes radius"):
        Solution(solute=table | {"viscosity_mPa_s": [1.3, 1.8], "molar_mass_kDa": 800}, solute_percent_w_v=20)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("PBS", "PBS"),
        ("0.25 M sucrose buffer", "0.25 M sucrose buffer"),
        (
            {"iodixanol_percent_w_v": 30, "diluent": {"sucrose_M": 0.25, "diluent": "Tris buffer"}},
            "30 % w/v iodixanol in 0.25 M sucrose in Tris buffer",
        ),
        ({"name": "heavy", "sucrose_percent_w_w": 60}, "heavy (60 % w/w sucrose in water)"),
        ({"density_g_mL": 1.04, "viscosity_mPa_s": 1.1}, "a fluid of 1.04 g/mL and 1.1 mPa s"),
        ({"name": "1 M NaCl", "density_g_mL": 1.04, "viscosity_mPa_s": 1.1}, "1 M NaCl (1.04 g/mL and 1.1 mPa s)"),
        ({"name": "PBS", "density_g_mL": 1.1, "viscosity_mPa_s": 1.1}, "PBS (1.1 g/mL and 1.1 mPa s)"),
    ],
)
def test_a_sentence_says_what_an_own_fluid_consists_of(written, words):
    assert in_words(fluid(written)) == words
