"""Looking up fluids by name and by table, and writing them back."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.cli import main
from sepsim.errors import InputError
from sepsim.media import (
    ConstantFluid,
    Fluid,
    Medium,
    Solution,
    catalog,
    describe,
    fluid,
    fluid_names,
    fluid_records,
)

REQUIRED = {
    "water",
    "PBS",
    "DMEM",
    "serum-free conditioned medium",
    "conditioned medium with serum",
    "plasma",
    "serum",
    "urine",
    "0.25 M sucrose buffer",
}


def test_the_media_of_the_field_are_there():
    assert set(fluid_names()) >= REQUIRED


@pytest.mark.parametrize("name", fluid_names())
def test_every_fluid_is_a_hashable_value_that_returns_from_its_description(name):
    found = fluid(name)
    assert isinstance(found, Fluid)
    assert found.name == name
    assert fluid(name.upper()) == found
    assert fluid(describe(found)) == found
    assert fluid(found) is found
    assert {found: 1}[fluid(name)] == 1
    assert found.sources


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("temperature", [277.15, 293.15, 310.15])
def test_usual_temperatures_need_no_warning(name, temperature):
    medium = Medium.pure(fluid(name), temperature)
    assert 990 < medium.density < 1040
    assert 0.6e-3 < medium.viscosity < 3e-3


def test_an_unknown_name_gets_the_nearest_ones():
    with pytest.raises(InputError, match=r"'plasm': unknown; did you mean 'plasma'.*known: water, PBS"):
        fluid("plasm")


def test_a_table_of_ones_own():
    own = fluid({"density_g_mL": 1.00, "viscosity_mPa_s": 1.55})
    assert (own.density(277.15), own.osmolality) == (1000.0, pytest.approx(0.29))
    assert own.viscosity(277.15) == pytest.approx(1.55e-3)
    assert own.density(277.15) == own.density(310.15)


def test_a_table_with_mistakes_lists_them_all():
    with pytest.raises(InputError) as caught:
        fluid({"density_kg_m3": 1000, "viscosity_mPa_s": -1})
    text = str(caught.value)
    assert "density_kg_m3: unknown key; did you mean 'density_g_mL'?" in text
    assert "density_g_mL: missing" not in text  # it is what "density_kg_m3" meant
    assert "viscosity_mPa_s = -1: must be at least 0.01 and at most 1e+06" in text


def test_a_density_in_other_units_is_refused():
    with pytest.raises(InputError, match="density_g_mL = 1000"):
        ConstantFluid(density_g_mL=1000, viscosity_mPa_s=1)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("density_g_mL", (1e-300, 1e300)),  # of anything that flows on a bench
        ("viscosity_mPa_s", (1e-300, 1e300)),
        ("osmolality_mOsm_kg", (-1, 1e300)),
    ],
)
def test_a_fluid_is_a_liquid(key, values):
    for value in values:
        with pytest.raises(InputError, match=f"{key} = .*: must be at least .* and at most"):
            ConstantFluid(**{"density_g_mL": 1, "viscosity_mPa_s": 1, key: value})


@pytest.mark.parametrize("value", [None, 3, ["PBS"]])
def test_what_is_no_medium_is_refused(value):
    with pytest.raises(InputError, match="must be a name, a table or a fluid"):
        fluid(value)


@given(st.floats(0.6, 2.0), st.floats(0.1, 100), st.floats(0, 2000), st.sampled_from(["PBS", "broth"]))
def test_own_fluids_return_from_their_table_even_under_a_known_name(density, viscosity, osmolality, name):
    own = ConstantFluid(density_g_mL=density, viscosity_mPa_s=viscosity, osmolality_mOsm_kg=osmolality, name=name)
    assert fluid(describe(own)) == own
    assert own != fluid("PBS")


@given(st.floats(0, 67))
def test_sucrose_solutions_return_from_their_table(percent):
    solution = Solution(sucrose_percent_w_w=percent)
    assert fluid(describe(solution)) == solution


def test_a_fluid_that_no_table_holds_is_refused():
    class Foam:
        name = "foam"

    with pytest.raises(InputError, match="cannot be written as a table"):
        describe(Foam())


def test_medium_with_serum_is_nine_parts_dmem_and_one_part_serum():
    for celsius in (4, 20, 37):
        kelvin = celsius + 273.15
        parts = [(Medium.pure(fluid("DMEM"), kelvin), 9.0), (Medium.pure(fluid("fetal bovine serum"), kelvin), 1.0)]
        mixed, tabulated = Medium.mixed(parts), fluid("conditioned medium with serum")
        assert tabulated.density(kelvin) == pytest.approx(mixed.density, abs=0.05)
        assert tabulated.viscosity(kelvin) == pytest.approx(mixed.viscosity, rel=1e-3)
        assert tabulated.osmolality == pytest.approx(mixed.osmolality, abs=1e-3)


def test_serum_free_conditioned_medium_flows_like_dmem():
    conditioned, dmem = fluid("serum-free conditioned medium"), fluid("DMEM")
    assert conditioned.density(300.0) == dmem.density(300.0)
    assert conditioned.viscosity(300.0) == dmem.viscosity(300.0)


def test_plasma_is_thicker_than_serum_and_within_the_normal_range():
    plasma, serum = fluid("plasma"), fluid("serum")
    assert 1.10e-3 <= plasma.viscosity(310.15) <= 1.30e-3
    assert 0.85 < serum.viscosity(310.15) / plasma.viscosity(310.15) < 0.97
    assert 1022 <= plasma.density(293.15) <= 1027


def test_the_confidence_of_a_record_is_that_of_its_weakest_point(monkeypatch):
    point = {
        "medium": "broth",
        "density_g_mL": "1.01",
        "viscosity_mPa_s": "1.1",
        "osmolality_mOsm_kg": "300",
        "refractive_index": "",
        "spreads_as": "salt",
        "description": "a soup",
        "source": "sepsim_choice",
        "note": "thin",
    }
    points = tuple(
        point | {"temperature_C": celsius, "confidence": confidence}
        for celsius, confidence in [("4", "read"), ("20", "unverified"), ("37", "computed")]
    )
    monkeypatch.setattr(catalog, "rows", lambda table: points if table == "media" else ())
    (record,) = catalog.fluids().values()
    assert (record.confidence, record.description, record.notes) == ("unverified", "a soup", ("thin",))


def test_records_follow_the_order_of_the_names():
    assert tuple(record.fluid.name for record in fluid_records()) == fluid_names()


def test_media_import_neither_scipy_nor_numba_nor_matplotlib():
    code = (
        "import sys, sepsim.media; sepsim.media.fluid_records();"
        "print([name for name in ('scipy', 'numba', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_list_of_media_says_what_can_be_dissolved_in_them(capsys):
    assert main(["list", "media"]) == 0
    shown = capsys.readouterr().out
    assert "D2O" in shown
    assert "iodixanol_percent_w_v" in shown
    assert main(["show", "medium", "PBS"]) == 0
    assert "1.3346" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "key"), [("KBr", "kbr_g_mL"), ("Sucrose", "sucrose_M"), ("optiprep", "")])
def test_a_solute_alone_is_asked_how_much_of_it(name, key):
    with pytest.raises(InputError, match=f"medium = '{name}': how much of it.*{key}"):
        fluid(name)
