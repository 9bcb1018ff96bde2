"""Columns: geometry of their beds, the flow that gravity drives, the catalogue, and what is refused."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.errors import InputError
from sepsim.techniques.chromatography.columns.columns import COLUMNS, Column, column, gravity_flow, permeability
from sepsim.techniques.chromatography.columns.resins import RESINS

OWN = {"bed_volume_mL": 10, "diameter_mm": 16, "resin": "Sepharose CL-2B"}
CORE = "core beads, 700 kDa shell"
sizes = st.floats(0.1, 100.0)
voids = st.floats(0.25, 0.6)


def test_a_bed_of_ten_millilitres():
    """10 mL in a tube 1.6 cm wide stand 4.97 cm high; 35 % of it is void, 95 % of the rest pores."""
    own = column(OWN)
    (bed,) = own.beds
    assert own.cross_section == pytest.approx(math.pi * 0.8**2 * 1e-4, rel=1e-12)
    assert bed.length == pytest.approx(10 / (math.pi * 0.8**2) * 1e-2, rel=1e-12)
    assert own.void_volume == pytest.approx(3.5e-6, rel=1e-12)
    assert own.pore_volume == pytest.approx(0.95 * 6.5e-6, rel=1e-12)
    assert bed.phase_ratio == pytest.approx(65 / 35, rel=1e-12)
    assert own.extra_volume == 0.0
    assert column({**OWN, "extra_volume_mL": 0.2}).extra_volume == pytest.approx(0.2e-6, rel=1e-12)


@given(upper=sizes, lower=sizes, diameter=sizes, void=voids, other=voids)
def test_an_underlayer_stands_below_in_the_same_tube(upper, lower, diameter, void, other):
    below = {"bed_volume_mL": lower, "resin": CORE, "void_fraction": other}
    mixed = column({**OWN, "bed_volume_mL": upper, "diameter_mm": diameter, "void_fraction": void, "underlayer": below})
    top, bottom = mixed.beds
    assert (top.resin, bottom.resin) == (RESINS.get("Sepharose CL-2B"), RESINS.get(CORE))
    assert top.cross_section == bottom.cross_section
    assert bottom.length / top.length == pytest.approx(lower / upper, rel=1e-12)
    assert mixed.length == pytest.approx((upper + lower) * 1e-6 / mixed.cross_section, rel=1e-12)
    assert mixed.volume == pytest.approx((upper + lower) * 1e-6, rel=1e-12)
    assert mixed.void_volume == pytest.approx((upper * void + lower * other) * 1e-6, rel=1e-12)
    solid = 0.05 * upper * (1 - void) + 0.1 * lower * (1 - other)  # porosities 0.95 and 0.9
    assert mixed.void_volume + mixed.pore_volume == pytest.approx((upper + lower - solid) * 1e-6, rel=1e-12)


def test_permeability_by_hand():
    """0.35^3 (130 um)^2/(180 * 0.65^2) = 9.528e-12 m2."""
    assert permeability(column(OWN).beds[0]) == pytest.approx(9.528e-12, rel=1e-4, abs=0)


def test_gravity_flow_by_hand():
    """10 cm of water through 4.974 cm: 2.0106e-4 m2 * 980.7 Pa * 9.528e-12 m2/(1e-3 Pa s * 0.04974 m)."""
    assert gravity_flow(column(OWN), 0.1, 1000.0, 1e-3) == pytest.approx(3.777e-8, rel=1e-3, abs=0)


@given(head=st.floats(0.01, 1.0), viscosity=st.floats(5e-4, 5e-3), lower=sizes)
def test_beds_in_series_resist_one_after_the_other(head, viscosity, lower):
    one, other = column(OWN), column({**OWN, "bed_volume_mL": lower, "resin": CORE})
    both = column({**OWN, "underlayer": {"bed_volume_mL": lower, "resin": CORE}})
    parts = [gravity_flow(each, head, 1000.0, viscosity) for each in (one, other)]
    flow = gravity_flow(both, head, 1000.0, viscosity)
    assert 1 / flow == pytest.approx(1 / parts[0] + 1 / parts[1], rel=1e-12)
    drops = [bed.length * flow * viscosity / (bed.cross_section * permeability(bed)) for bed in both.beds]
    assert sum(drops) == pytest.approx(1000.0 * 9.80665 * head, rel=1e-12)


def test_smaller_beads_and_higher_beds_slow_the_flow():
    flows = [
        gravity_flow(column({**OWN, **change}), 0.1, 1000.0, 1e-3)
        for change in ({}, {"resin": "Sepharose CL-6B"}, {"bed_volume_mL": 20})
    ]
    assert flows[1] / flows[0] == pytest.approx((90 / 130) ** 2, rel=1e-9)
    assert flows[2] / flows[0] == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({}, "bed_volume_mL: missing"),
        ({**OWN, "bed_volume_mL": 0}, "bed_volume_mL = 0: must be above 0"),
        ({**OWN, "bed_volume": 10}, "did you mean 'bed_volume_mL'"),
        ({**OWN, "void_fraction": 0.1}, "void_fraction = 0.1: must be at least 0.2 and at most 0.9"),
        ({**OWN, "extra_volume_mL": -1}, "extra_volume_mL = -1: must be at least 0"),
        ({**OWN, "resin": "Sepharose"}, "resin = 'Sepharose': 'Sepharose' fits"),
        ({**OWN, "resin": {"bead_diameter_um": 90}}, "resin: pore_diameter_nm: missing"),
        ({**OWN, "underlayer": CORE}, "must be a table such as { bed_volume_mL = 2"),
        ({**OWN, "underlayer": {"resin": CORE}}, "underlayer: bed_volume_mL: missing"),
        ({**OWN, "underlayer": {"bed_volume_mL": 2, "resin": "core"}}, "underlayer: resin = 'core': 'core' fits 2"),
    ],
)
def test_wrong_tables(table, problem):
    with pytest.raises(InputError) as caught:
        column(table)
    assert problem in str(caught.value)


@pytest.mark.parametrize("name", COLUMNS.names)
def test_columns_of_the_catalogue_are_of_a_plausible_shape(name):
    found = column(name)
    assert 1 < found.length * 1e3 / found.diameter_mm < 20
    assert found.void_volume + found.pore_volume < found.volume


def test_the_dual_mode_column_is_a_cation_exchanger_under_cl6b():
    """Ter-Ovanesyan 2023: 2 mL of cation exchanger below."""
    top, bottom = column("Ter-Ovanesyan 2023").beds
    assert top.resin.name == "Sepharose CL-6B"
    assert bottom.volume == pytest.approx(2e-6, rel=1e-12)
    assert "ldl" in bottom.resin.binds


def test_the_void_of_a_small_column_exceeds_the_buffer_volume_before_the_vesicles():
    """Izon: on a qEVsingle the vesicles begin to leave after 1.0 mL, so the mean excluded volume lies beyond."""
    found = column("qEVsingle 35 nm")
    assert 1.0e-6 < found.void_volume < 2.0e-6


def test_a_fibre_tip_is_as_long_as_the_one_measured():
    """Jackson 2020: a tip of about 5 uL, 1 cm long."""
    (bed,) = column("C-CP tip").beds
    assert bed.length == pytest.approx(0.01, rel=0.05)


def test_a_column_of_ones_own_is_described_by_its_table():
    own = column({**OWN, "underlayer": {"bed_volume_mL": 2, "resin": {"bead_diameter_um": 50, "bead_porosity": 0}}})
    table = COLUMNS.describe(own)
    assert table["resin"] == "Sepharose CL-2B"
    assert table["underlayer"]["resin"]["bead_porosity"] == 0.0
    assert table["confidence"] == "user"
    assert column(table) == own
    assert COLUMNS.sources(own) == COLUMNS.sources(column(OWN))  # the resin by name keeps its own


def test_a_changed_column_of_the_catalogue_is_the_users():
    changed = replace(column("Boing 2014"), bed_volume_mL=12.5)
    assert isinstance(COLUMNS.describe(changed), dict)
    assert "boing2014" not in COLUMNS.sources(changed)


def test_names():
    with pytest.raises(InputError, match=r"unknown column 'Sepharose CL-3B, 10 mL'; did you mean 'Sepharose CL-"):
        column("Sepharose CL-3B, 10 mL")
    with pytest.raises(InputError, match="must be a table"):
        column(45)
    assert column("cl-4b 10 ml").name == "Sepharose CL-4B, 10 mL"
    assert isinstance(column(Column(**OWN)), Column)
