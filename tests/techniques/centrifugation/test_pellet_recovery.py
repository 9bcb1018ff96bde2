"""What comes back of a pellet: limits, continuity, and the four recoveries that the constants are calibrated on."""

import math
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spins import RNG

import sepsim
from sepsim.data import rows
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.settings import declared
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.centrifugation.pellet_model import CONSTANTS, PelletModel
from sepsim.techniques.centrifugation.pellet_recovery import covered_share, held_back, stirred_up
from sepsim.techniques.centrifugation.wall_layer import TubeWall

WALL = TubeWall(tubes=1, projected=1e-4, area=2e-4, radius=0.1)
MODEL = PelletModel()
TAKEN_UP = {"medium": "PBS", "volume_mL": 0.1}


def vesicles(number, diameter=100.0, density_sd=0.0):
    who = {"name": "small", "kind": "vesicle", "diameter_nm": diameter, "density_sd_g_mL": density_sd}
    return recipe({"volume_mL": 1, "medium": "PBS", "population": [who | {"particles_per_mL": number}]}).prepare()


def recovered(number, *, covered=0.0, field=1e6, diameter=100.0, model=MODEL):
    return float(held_back(vesicles(number, diameter), WALL, field=field, covered=covered, model=model).recovered[0])


# ---- limits --------------------------------------------------------------------------------------------------


def test_a_square_centimetre_holds_seven_billion_vesicles_of_100_nm():
    # 0.547/(pi d2/4) = 7.0e9 per cm2 by hand; far more than that, so that the sites are full, and nothing is compacted
    strong = PelletModel(compacted_loss_percent=0, detachment_diameter_nm=1e12)
    number = 1e13
    lost = (1 - recovered(number, model=strong)) * number
    assert lost / (WALL.area * 1e4) == pytest.approx(0.547 / (math.pi / 4 * 1e-10), rel=1e-6)


def test_a_trace_in_a_clean_tube_stays_on_its_wall():
    assert recovered(1e4) == pytest.approx(1 - 1 / 1.1, rel=1e-3)  # but for what is torn off at a tenth of 1 um


def test_a_trace_in_a_tube_covered_by_protein_comes_back():
    assert recovered(1e4, covered=1.0) == pytest.approx(1.0, abs=1e-4)


def test_a_compacted_pellet_loses_no_more_than_plasma_does():
    # Geeurickx 2019: 0.24 to 0.34 of tracer vesicles of 110 nm
    assert recovered(1e13, covered=1.0, diameter=110) == pytest.approx(0.30, abs=0.005)


@given(st.floats(2, 10), st.floats(0, 1), st.floats(2, 7), st.floats(20, 1000))
def test_what_comes_back_is_a_share_and_falls_with_the_field(decade, covered, field, diameter):
    shares = [recovered(10.0**decade, covered=covered, field=10.0**f, diameter=diameter) for f in (field, field + 0.1)]
    assert 0 <= shares[1] <= shares[0] + 1e-12
    assert shares[0] <= 1


@given(st.floats(2, 13), st.floats(0, 1))
def test_no_step_in_the_amount(decade, covered):
    low, high = (recovered(10.0**decade * factor, covered=covered) for factor in (1.0, 1.01))
    assert low == pytest.approx(high, abs=0.01)


def test_protein_covers_the_wall_of_plasma_and_not_of_buffer():
    plasma = sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare()
    assert covered_share(plasma, WALL, PelletModel()) == pytest.approx(1.0)
    assert covered_share(vesicles(1e9), WALL, PelletModel()) == 0.0


def test_large_particles_are_stirred_up_more_than_small_ones():
    small, middle, large = stirred_up(np.array([1e-9, 1e-6, 1e-3]), PelletModel())
    assert (small, middle, large) == pytest.approx((0.03, 0.075, 0.12), abs=1e-3)


# ---- continuity in speed -------------------------------------------------------------------------------------


def test_no_step_at_ten_thousand_g():
    sample = sample_from_catalog("conditioned medium", volume_mL=80, temperature_C=4).prepare()
    product = [
        Centrifugation(rotor="Type 45 Ti", rcf_xg=g, rcf_at="rmax", time_min=30, resuspend=TAKEN_UP | {"volume_mL": 1})
        .run(sample, rng=RNG)
        .fractions["pellet"]
        .by_population["microvesicle"]
        for g in (9_990, 10_010)
    ]
    assert product[0] == pytest.approx(product[1], rel=0.002)


def test_a_pellet_of_cells_comes_back_nearly_whole():
    # 300 g, as cultured cells are passaged
    cells = recipe({"volume_mL": 40, "medium": "PBS", "population": [{"name": "cell", "particles_per_mL": 1e5}]})
    spin = Centrifugation(
        rotor="A-4-81",
        rcf_xg=300,
        rcf_at="rmax",
        time_min=10,
        resuspend=TAKEN_UP | {"volume_mL": 1},
        pellet_disturbed=0,
    )
    sample = cells.prepare()
    assert spin.run(sample, rng=RNG).fractions["pellet"].counts.sum() > 0.5 * sample.counts.sum()


# ---- what the constants are calibrated on --------------------------------------------------------------------


def yield_of(sample, *steps):
    table = {"target": "exosome", "sample": {"temperature_C": 4, **sample}, "step": [*steps]}
    return sepsim.protocol_from_table(table).run().yields["exosome"]["bench"]


ULTRA = {
    "name": "ultracentrifugation",
    "method": "centrifugation",
    "rcf_xg": 100_000,
    "rcf_at": "rav",
    "time_min": 180,
    "resuspend": TAKEN_UP,
    "keep": "pellet",
}


def test_a_pellet_of_plasma_returns_a_quarter_to_a_third():
    # Geeurickx 2019: 0.24 to 0.34 per pellet
    diluted = {"name": "dilute", "method": "dilution", "medium": "PBS", "factor": 6, "keep": "diluted"}
    bench = yield_of({"source": "platelet-poor plasma", "volume_mL": 0.8}, diluted, ULTRA | {"rotor": "SW 55 Ti"})
    assert 0.24 < bench < 0.34


@pytest.mark.parametrize("per_mL", [1e8, 1e9, 2e9])
def test_a_pellet_of_a_gradient_fraction_returns_less(per_mL):
    # Geeurickx 2019: 0.05 to 0.18, diluted to 16 mL of buffer, 3 h, taken up in 0.1 mL
    vesicles = [{"name": "exosome", "particles_per_mL": per_mL}]
    bench = yield_of({"medium": "PBS", "volume_mL": 16, "population": vesicles}, ULTRA | {"rotor": "SW 32.1 Ti"})
    assert 0.05 < bench < 0.18


# ---- the constants -------------------------------------------------------------------------------------------


def test_each_constant_has_a_band_with_its_default_inside():
    names = {row["parameter"] for row in rows("pellet_model")}
    assert names == declared(PelletModel).keys()
    for name in names:
        default, low, high = CONSTANTS.bounds(name)
        assert low <= default <= high
        assert getattr(PelletModel(), name) == default
        PelletModel(**{name: low})
        PelletModel(**{name: high})
    assert resources.files("sepsim.data").joinpath("pellet_model.csv").is_file()
