"""Resins: their pores, what they bind, the catalogue, and what is refused."""

from dataclasses import replace

import pytest

from sepsim.data import rows
from sepsim.errors import InputError
from sepsim.techniques.chromatography.columns.partition import CylindricalPore, FibreGel, Solid
from sepsim.techniques.chromatography.columns.resins import RESINS, Binding, Bindings, Resin

BEADS = {"bead_diameter_um": 90}
PORES = {**BEADS, "pore_diameter_nm": 42}


@pytest.mark.parametrize(("name", "diameter"), [("Sepharose CL-6B", 24), ("Sepharose CL-4B", 42), ("CL-2B", 75)])
def test_pores_of_agarose_are_those_of_hagel(name, diameter):
    """Hagel 1996, transcribed by Ter-Ovanesyan 2021."""
    assert RESINS.get(name).law.limit == pytest.approx(diameter / 2 * 1e-9, rel=1e-12)


def test_more_agarose_admits_less():
    gels = [RESINS.get(f"Sepharose CL-{n}B") for n in (2, 4, 6)]
    shares = [float(gel.partition(5e-9)) * gel.bead_porosity for gel in gels]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("table", "law"),
    [
        ({"pore_diameter_nm": 42}, CylindricalPore(21e-9, 1.0)),
        ({"pore_diameter_nm": 42, "pore_geometric_sd": 1.4}, CylindricalPore(21e-9, 1.4)),
        ({"fibre_radius_nm": 2.5, "fibre_volume_fraction": 0.021}, FibreGel(2.5e-9, 0.021)),
        ({"bead_porosity": 0}, Solid()),
    ],
)
def test_one_law_of_the_pores(table, law):
    own = RESINS.get({**BEADS, **table})
    for radius in (0.0, 3e-9, 25e-9):
        assert own.partition(radius) == pytest.approx(law.partition(radius), rel=1e-12)
    assert own.bead_radius == pytest.approx(45e-6, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({}, "bead_diameter_um: missing"),
        (BEADS, "pore_diameter_nm: missing; give it, or fibre_radius_nm with"),
        ({**BEADS, "fibre_radius_nm": 2.5}, "fibre_volume_fraction: missing"),
        ({**BEADS, "fibre_volume_fraction": 0.02}, "fibre_radius_nm: missing"),
        ({**BEADS, "pore_geometric_sd": 1.4}, "pore_diameter_nm: missing; pore_geometric_sd is its spread"),
        ({**PORES, "fibre_radius_nm": 2.5}, "fibre_radius_nm = 2.5: goes instead of pore_diameter_nm"),
        ({**PORES, "bead_porosity": 0}, "pore_diameter_nm = 42: solid beads"),
        ({**PORES, "bead_porosity": 1.2}, "bead_porosity = 1.2: must be at least 0 and at most 1"),
        ({**PORES, "pore_geometric_sd": 0.9}, "pore_geometric_sd = 0.9: must be at least 1"),
        ({**PORES, "pore_diffusion": 0}, "pore_diffusion = 0: must be above 0"),
        ({**PORES, "core_capture_per_s": -1}, "core_capture_per_s = -1: must be at least 0"),
        ({**PORES, "pore_diameter": 3}, "did you mean 'pore_diameter_nm'"),
        ({**PORES, "binds": "ldl"}, "binds = 'ldl': must be a table by population"),
        ({**PORES, "binds": {"ldl": {"retention": 3}}}, "binds: ldl: retention: unknown key; did you mean"),
        ({**PORES, "binds": {"ldl": 3}}, "binds: ldl: 3: must be a table"),
        ({**PORES, "binds": {"ldl": {"capacity_per_mL": 1e9}}}, "nothing binds; give a retention_factor"),
        (
            {**PORES, "binds": {"ldl": {"retention_factor": 1, "eluted_retention_factor": 2}}},
            "eluted_retention_factor = 2: must be at most retention_factor = 1",
        ),
        (
            {**PORES, "binds": {"ldl": {"retention_factor": 1, "capture_per_s": 2, "capacity_per_mL": 1e9}}},
            "capture_per_s = 2: with capacity_per_mL it goes without retention_factor = 1",
        ),
    ],
)
def test_wrong_tables(table, problem):
    with pytest.raises(InputError) as caught:
        RESINS.get(table)
    assert problem in str(caught.value)


def test_all_wrong_bindings_are_told_at_once():
    binds = {"ldl": {"retention_factor": -1}, "vldl": {"capacity_per_mL": 1e9}}
    with pytest.raises(InputError) as caught:
        RESINS.get({**PORES, "binds": binds})
    assert [problem[:11] for problem in caught.value.problems] == ["binds: ldl:", "binds: vldl"]


def test_bindings_by_population():
    own = RESINS.get({**PORES, "binds": {"ldl": {"retention_factor": 50, "capacity_per_mL": 1e12}, "vldl": Binding()}})
    assert list(own.binds) == ["ldl", "vldl"]
    assert own.binds["ldl"].capacity == pytest.approx(1e18, rel=1e-12)
    assert own.binds["vldl"].capacity == float("inf")
    assert "albumin" not in own.binds
    assert own.binds.get("albumin") is None


def test_equal_bindings_are_equal_in_any_order():
    pairs = (("ldl", Binding(retention_factor=2)), ("hdl", Binding(retention_factor=3)))
    assert Bindings(pairs) == Bindings(pairs[::-1])
    assert hash(Bindings(pairs)) == hash(Bindings(pairs[::-1]))
    assert Bindings(pairs) != Bindings(pairs[:1])


@pytest.mark.parametrize("name", RESINS.names)
def test_what_a_resin_binds_stands_in_its_table(name):
    found = RESINS.get(name)
    assert found.to_table()["binds"] == {population: binding.to_table() for population, binding in found.binds.items()}


def test_a_changed_resin_is_described_by_its_table():
    changed = replace(RESINS.get("cl-2b"), bead_diameter_um=100.0)
    assert RESINS.get(RESINS.describe(changed)) == changed
    assert RESINS.describe(changed)["bead_diameter_um"] == 100.0
    assert RESINS.sources(changed) == ()


def test_sources_are_those_of_the_beads_and_of_the_binding():
    found = RESINS.sources(RESINS.get("cation exchanger, strong"))
    assert {"vandeun2020", "terovanesyan2023"} <= set(found)
    assert len(found) == len(set(found))


def test_every_binding_of_the_tables_belongs_to_a_resin_and_a_population():
    populations = {row["population"] for row in rows("populations")}
    for row in rows("resin_bindings"):
        assert row["resin"] in RESINS.names
        assert row["population"] in populations
        assert row["population"] in RESINS.get(row["resin"]).binds


def test_the_cation_exchanger_holds_lipoproteins_with_apob_and_no_vesicles():
    """Van Deun 2020: LDL and VLDL are held, vesicles and HDL pass."""
    binds = RESINS.get("cation exchanger, strong").binds
    assert {"vldl", "ldl"} <= set(binds)
    assert not {"exosome", "microvesicle", "hdl", "albumin"} & set(binds)


def test_shells_of_core_beads_admit_what_is_below_their_cut_off():
    """Albumin (66 kDa, 3.5 nm) enters, a vesicle does not."""
    for name in ("Capto Core 700", "Capto Core 400"):
        assert RESINS.get(name).core_capture_per_s > 0.0
        assert RESINS.get(name).partition(3.5e-9) > 0.1
        assert RESINS.get(name).partition(15e-9) == 0.0


def test_unknown_names_name_the_nearest():
    with pytest.raises(InputError, match="unknown resin 'Sepharose CL-3B'; did you mean 'Sepharose CL-"):
        RESINS.get("Sepharose CL-3B")
    with pytest.raises(InputError, match="must be a table"):
        RESINS.get(45)
    assert isinstance(RESINS.get(Resin(**PORES)), Resin)
