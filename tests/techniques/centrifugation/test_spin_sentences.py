"""What a methods section says of spins: the sentences of a paper, true to the settings, and complete."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.rotors.rotors import RADII, ROTORS, Rotor
from sepsim.rotors.tubes import Tube
from sepsim.settings import declared
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.centrifugation.density_gradient import DensityGradient
from sepsim.techniques.centrifugation.methods_section import centrifugation_sentences, gradient_sentences

TO_PBS = {"medium": "PBS", "volume_mL": 1}
SPIN = {"rotor": "SW 32 Ti", "rcf_xg": 100_000, "rcf_at": "rav", "time_min": 120}
IN_SW32 = (
    "in the swinging-bucket rotor SW 32 Ti (Beckman Coulter) at 100,000 x g at r_av (28,558 rpm; 139,079 x g at r_max; "
    "adjusted k-factor 256) for 2 h"
)
LAYERS = [{"volume_mL": 3, "iodixanol_percent_w_v": percent, "diluent": "PBS"} for percent in (10, 20, 40)]
GRADIENT = SPIN | {"layers": LAYERS, "fraction_volume_mL": 1}
OWN_ROTOR = Rotor(name="lab rotor", angle_deg=30, rmax_mm=90, tube="50 mL conical")
OWN_TUBE = Tube(name="short tube", inner_diameter_mm=24, length_mm=60, volume_mL=20)


def spun(treated="the sample", **settings):
    return centrifugation_sentences(Centrifugation(**SPIN | settings), treated)


def layered(**settings):
    return gradient_sentences(DensityGradient(**GRADIENT | settings), "the sample")


def test_a_pellet_that_is_washed_and_taken_up():
    assert spun(
        "the supernatant",
        wash={"medium": "PBS", "volume_mL": 60, "times": 2},
        resuspend={"medium": "PBS", "volume_mL": 0.2},
    ) == (
        f"The supernatant was centrifuged {IN_SW32}. The pellet was washed twice: it was resuspended in 60 mL of PBS "
        "and centrifuged as before. The pellet was resuspended in PBS to a final volume of 0.2 mL."
    )


def test_a_cushion():
    cushion = {"volume_mL": 4, "sucrose_percent_w_v": 30, "diluent": "Tris/D2O", "collected_mL": 5}
    assert spun(cushion=cushion) == (
        "The sample was layered on a cushion of 4 mL of 30 % w/v sucrose in Tris/D2O in each tube and centrifuged "
        f"{IN_SW32}. The lowest 5 mL of each tube was taken off as the cushion."
    )


def test_tubes_ramps_temperature_and_skimming():
    told = spun(
        temperature_C=4, tubes=6, fill_volume_mL=35, acceleration_min=5, braking_min=7.5, skimmed_volume_mL=2,
        residual_volume_mL=0.5,
    )  # fmt: skip
    assert told == (
        "The sample was centrifuged in the swinging-bucket rotor SW 32 Ti (Beckman Coulter), in 6 tubes with at "
        "most 35 mL in each, at 100,000 x g at r_av (28,558 rpm; 139,079 x g at r_max; adjusted k-factor 256) for 2 "
        "h at 4 °C, plus 5 min of acceleration and 7.5 min of braking. The upper 2 mL of each tube was skimmed off. "
        "In each tube 0.5 mL was left on the pellet."
    )


def test_own_equipment_is_described():
    own = {"rotor": OWN_ROTOR, "tube": OWN_TUBE, "rcf_xg": None, "rcf_at": None, "speed_rpm": 3000, "time_min": 12.5}
    assert spun(**own) == (
        "The sample was centrifuged in the fixed-angle rotor 'lab rotor' (r_max 90 mm, angle 30°), in tubes 'short "
        "tube' (24 x 60 mm inside, 20 mL), at 3,000 rpm (906 x g at r_max) for 12.5 min."
    )


def test_a_gradient_of_layers():
    assert layered(collect_from="bottom", resuspend=TO_PBS) == (
        "Each tube was filled with layers from top to bottom: 3 mL of 10 % w/v iodixanol in PBS, 3 mL of 20 % w/v "
        "iodixanol in PBS and 3 mL of 40 % w/v iodixanol in PBS. The sample was layered on top. The gradient was "
        f"centrifuged {IN_SW32}. It was collected from the bottom in fractions of 1 mL. The pellet was resuspended "
        "in PBS to a final volume of 1 mL."
    )


def test_a_graded_layer():
    ends = {"top": {"sucrose_M": 0.25}, "bottom": {"sucrose_M": 2}}
    linear = {"shape": "linear", **ends, "volume_mL": 30}
    told = layered(layers=None, gradient=linear, fraction_volume_mL=None, fractions=12, load=1)
    assert told == (
        "Each tube was filled with 30 mL of a linear gradient from 0.25 M sucrose in water to 2 M sucrose in water. "
        f"The sample was mixed in. The gradient was centrifuged {IN_SW32}. It was collected from the top in 12 equal "
        "fractions."
    )
    convex = linear | {"shape": "convex", "chamber_ratio": 2}
    assert "30 mL of a convex gradient (chambers 2 to 1) from" in layered(layers=None, gradient=convex)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"load": "bottom"}, "The sample was layered below."),
        (
            {"load": 2, "load_volume_mL": 3},
            "The sample was mixed into layer 2 from the top, at most 3 mL in each tube.",
        ),
        (
            {"layers": LAYERS[::-1], "layers_from": "bottom", "load": 3},
            "The sample was mixed into layer 3 from the bottom.",
        ),
        ({"layers": LAYERS[:1], "load": 1}, "The sample was mixed in."),
    ],
)
def test_where_the_load_goes(settings, words):
    assert words in layered(**settings)


@pytest.mark.parametrize(
    ("name", "at"),
    [(name, at) for name in ROTORS.names for at in RADII if at == "rmax" or ROTORS.get(name).rmin_mm is not None],
)
def test_forces_speed_and_k_factor_are_those_of_the_textbook(name, at):
    rotor = ROTORS.get(name)
    told = spun(rotor=name, rcf_xg=1500, rcf_at=at)
    numbers = {what: float(found.replace(",", "")) for found, what in re.findall(r"([\d.,]+) (rpm|x g at r_\w+)", told)}
    assert numbers[f"x g at r_{at[1:]}"] == 1500
    radii_cm = {"r_max": rotor.rmax_mm / 10} | (
        {} if rotor.rmin_mm is None else {"r_av": (rotor.rmax_mm + rotor.rmin_mm) / 20}
    )
    assert {f"x g at {radius}" for radius in radii_cm} <= numbers.keys()
    for radius, centimetres in radii_cm.items():  # the nomogram of rotor manuals
        assert numbers[f"x g at {radius}"] == pytest.approx(1.118e-5 * centimetres * numbers["rpm"] ** 2, rel=2e-3)
    k = re.search(r"adjusted k-factor ([\d.,]+)", told)
    assert (k is None) == (rotor.rmin_mm is None)
    if k is not None:
        expected = 2.533e11 * math.log(rotor.rmax_mm / rotor.rmin_mm) / numbers["rpm"] ** 2
        assert float(k[1].replace(",", "")) == pytest.approx(expected, rel=2e-3)


CHANGED = {
    "rotor": "SW 28", "tube": "25 x 89 mm, 39 mL", "rcf_xg": 90_000, "rcf_at": "rmax", "time_min": 90,
    "acceleration_min": 5, "braking_min": 6, "temperature_C": 4, "tubes": 5, "residual_volume_mL": 0.3,
    "resuspend": TO_PBS,
}  # fmt: skip
CHANGED_SPIN = CHANGED | {
    "fill_volume_mL": 30,
    "cushion": {"volume_mL": 4, "sucrose_M": 1},
    "meniscus_mm": 80,
    "skimmed_volume_mL": 2,
    "wash": {"medium": "PBS", "volume_mL": 60},
}
CHANGED_GRADIENT = CHANGED | {
    "layers": LAYERS[:2],
    "load": 2,
    "load_volume_mL": 3,
    "fraction_volume_mL": 2,
    "collect_from": "bottom",
}
TOLD_ABOVE = {"speed_rpm", "gradient", "fractions", "layers_from"}  # they go instead of, or with, others
OF_THE_SIMULATION = {"pellet_recovery", "solver", "pellet_disturbed", "fraction_mixing_mL", "frozen_gradient", "wall",
                     "residual_film_um", "waiting_min", "pellet_model"}  # fmt: skip


@pytest.mark.parametrize("key", CHANGED_SPIN)
def test_every_setting_of_a_spin_that_is_given_is_told(key):
    assert spun(**{key: CHANGED_SPIN[key]}) != spun()


@pytest.mark.parametrize("key", CHANGED_GRADIENT)
def test_every_setting_of_a_gradient_that_is_given_is_told(key):
    assert layered(**{key: CHANGED_GRADIENT[key]}) != layered()


@pytest.mark.parametrize(("method", "changed"), [(Centrifugation, CHANGED_SPIN), (DensityGradient, CHANGED_GRADIENT)])
def test_no_setting_is_forgotten(method, changed):
    assert declared(method).keys() - changed.keys() <= TOLD_ABOVE | OF_THE_SIMULATION


@given(st.floats(0.1, 500), st.integers(1, 20), st.sampled_from(["PBS", "saline", "water"]))
def test_volumes_media_and_washes_are_those_given(volume, times, medium):
    told = spun(
        wash={"medium": medium, "volume_mL": volume, "times": times}, resuspend={"medium": medium, "volume_mL": volume}
    )
    volumes = [float(found.replace(",", "")) for found in re.findall(r"([\d.,e-]+) mL", told)]
    assert volumes == pytest.approx([volume, volume], rel=1e-9)
    assert told.count(f"in {medium}") + told.count(f"mL of {medium}") == 2
    assert {1: "once", 2: "twice"}.get(times, f"{times} times") in told
