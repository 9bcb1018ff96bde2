"""What a methods section says of filtrations: the sentences of a paper, true to the settings, and complete."""

import pytest

from sepsim.settings import declared
from sepsim.techniques.filtration.filtration import Filtration
from sepsim.techniques.filtration.methods_section import filtration_sentences, ultrafiltration_sentences
from sepsim.techniques.filtration.ultrafiltration import Ultrafiltration

SPIN_FILTER = {
    "membrane": "Amicon Ultra-15 100 kDa",
    "spin_filter": {"rcf_xg": 4000},
    "concentrate_to_mL": 0.5,
    "diavolumes": 6,
    "washes": 3,
}
AMICON = (
    "the membrane 'spin filter 15 mL, regenerated cellulose, 100 kDa' (spin filter, regenerated cellulose, "
    "molecular-weight cut-off 100 kDa, rated with protein, 7.6 cm2)"
)
AT_4000 = "in a spin filter at 4,000 x g at a radius of 150 mm (4,883 rpm)"


def ultrafiltered(**settings):
    return ultrafiltration_sentences(Ultrafiltration(**SPIN_FILTER | settings), "the sample")


def driven(membrane, **drive):
    return ultrafiltration_sentences(Ultrafiltration(membrane=membrane, **drive, concentration_factor=10), "the sample")


def filtered(**settings):
    return filtration_sentences(Filtration(**settings), "the sample")


def test_a_spin_filter_that_washes():
    assert ultrafiltered(
        final_volume_mL=0.3, rinse_mL=0.2, buffer="saline", devices=2, time_min=150, temperature_C=4
    ) == (
        f"The sample was ultrafiltered {AT_4000} through {AMICON} in 2 devices side by side at 4 °C for at most 2 h "
        "30 min. It was concentrated to 0.5 mL, washed in 3 equal portions with 6 diavolumes of saline and "
        "concentrated again to 0.3 mL. Each device was rinsed with 0.2 mL of saline."
    )


def test_tangential_flow():
    flow = {"pressure_bar": 0.02, "shear_rate_per_s": 4000}
    step = Ultrafiltration(
        membrane="hollow fibres 790 cm2, modified polyethersulfone, 500 kDa", tangential_flow=flow,
        concentration_factor=10, diavolumes=7,
    )  # fmt: skip
    assert ultrafiltration_sentences(step, "the supernatant") == (
        "The supernatant was ultrafiltered by tangential flow in fibres 0.5 mm wide and 200 mm long at a mean "
        "transmembrane pressure of 0.02 bar and a shear rate of 4,000 1/s at the wall through the membrane 'hollow "
        "fibres 790 cm2, modified polyethersulfone, 500 kDa' (hollow fibres, modified polyethersulfone, "
        "molecular-weight cut-off 500 kDa, rated with dextran, 790 cm2). It was concentrated 10-fold and washed "
        "continuously with 7 diavolumes of PBS."
    )


@pytest.mark.parametrize(
    ("membrane", "drive", "words"),
    [
        (
            "hollow fibres 115 cm2, polysulfone, 500 kDa",
            {"tangential_flow": {"pressure_bar": 0.5, "flow_mL_min": 80}},
            "at a mean transmembrane pressure of 0.5 bar and a feed of 80 mL/min",
        ),
        ("Nuclepore 50 nm", {"dead_end": {"pressure_bar": 1}}, "at 1 bar without stirring"),
        (
            "Nuclepore 50 nm",
            {"stirred_cell": {"pressure_bar": 1.5, "stirring_rpm": 300, "cell_diameter_mm": 25}},
            "at 1.5 bar in a cell of 25 mm stirred at 300 rpm",
        ),
    ],
)
def test_what_drives_the_liquid(membrane, drive, words):
    assert words in driven(membrane, **drive)


def test_a_syringe_filter():
    assert filtered(pressure_bar=0.5) == (
        "The sample was filtered at 0.5 bar through the membrane 'syringe filter 33 mm, polyethersulfone, 0.22 um' "
        "(syringe filter, polyethersulfone, pore size 0.22 um, 4.5 cm2)."
    )
    assert "(disc, polycarbonate, pore size 50 nm, " in filtered(membrane="Nuclepore 50 nm")


def test_an_own_membrane_has_no_device_unless_it_is_given():
    own = {"material": "polysulfone", "pore_diameter_nm": 200, "area_cm2": 10, "permeability_L_m2_h_bar": 5000}
    assert "the membrane 'membrane of the user' (polysulfone, pore size 0.2 um, 10 cm2)." in filtered(membrane=own)


CHANGED = {
    "membrane": "Amicon Ultra-15 30 kDa", "spin_filter": {"rcf_xg": 3000}, "concentrate_to_mL": 1, "diavolumes": 9,
    "washes": 4, "buffer": "saline", "final_volume_mL": 0.4, "rinse_mL": 0.3, "devices": 2, "temperature_C": 4,
    "time_min": 30,
}  # fmt: skip
CHANGED_FILTER = {
    "membrane": "Millex-GV 0.22 um", "pressure_bar": 0.4, "devices": 2, "temperature_C": 4, "time_min": 30,
}  # fmt: skip
TOLD_ABOVE = {"stirred_cell", "dead_end", "tangential_flow", "concentration_factor"}
OF_THE_SIMULATION = {"hold_up_mL", "deposit_recovery", "adsorbed_coverage", "fouling", "vesicles"}


@pytest.mark.parametrize("key", CHANGED)
def test_every_setting_of_an_ultrafiltration_that_is_given_is_told(key):
    assert ultrafiltered(**{key: CHANGED[key]}) != ultrafiltered()


@pytest.mark.parametrize("key", CHANGED_FILTER)
def test_every_setting_of_a_filtration_that_is_given_is_told(key):
    assert filtered(**{key: CHANGED_FILTER[key]}) != filtered()


def test_a_spin_filter_is_told_with_its_radius():
    assert "at a radius of 100 mm (5,981 rpm)" in ultrafiltered(spin_filter={"rcf_xg": 4000, "radius_mm": 100})


@pytest.mark.parametrize(("method", "changed"), [(Ultrafiltration, CHANGED), (Filtration, CHANGED_FILTER)])
def test_no_setting_is_forgotten(method, changed):
    assert declared(method).keys() - changed.keys() <= TOLD_ABOVE | OF_THE_SIMULATION
