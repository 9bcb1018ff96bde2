"""What a methods section says of columns: the sentences of a paper, true to the settings, and complete."""

import pytest

from sepsim.settings import declared
from sepsim.techniques.chromatography.chromatography import Chromatography
from sepsim.techniques.chromatography.methods_section import chromatography_sentences

SEC = {"column": "Sepharose CL-2B, 10 mL", "flow_mL_min": 0.5, "fraction_volume_mL": 0.5, "fractions": 26}
BED = "'Sepharose CL-2B, 10 mL' (bed volume 10 mL, inner diameter 16 mm, resin 'Sepharose CL-2B')"
STEP = {"after_mL": 6, "eluent": {"name": "1 M NaCl", "density_g_mL": 1.04, "viscosity_mPa_s": 1.1}}


def eluted(**settings):
    return chromatography_sentences(Chromatography(**SEC | settings), "the retentate")


def test_size_exclusion():
    assert eluted(temperature_C=20) == (
        f"The retentate was loaded onto the column {BED} and eluted with PBS at 0.5 mL/min at 20 °C. Volumes were "
        "counted from the entry of the sample. The effluent was collected in 26 fractions of 0.5 mL."
    )


def test_gravity_a_stronger_eluent_and_uneven_fractions():
    uneven = {"fraction_volume_mL": None, "fractions": None, "fraction_ends_mL": [1.5, 3, 12]}
    assert eluted(flow_mL_min=None, hydrostatic_head_mm=150, count_from="void", step_elution=STEP, **uneven) == (
        f"The retentate was loaded onto the column {BED} and eluted with PBS by gravity under 150 mm of liquid above "
        "the outlet. Volumes were counted from the end of the void volume. From 6 mL on the eluent was 1 M NaCl "
        "(1.04 g/mL and 1.1 mPa s). The effluent was collected in 3 fractions up to 1.5, 3 and 12 mL."
    )


def test_a_second_bed():
    bed = "(bed volume 10 mL, inner diameter 15 mm, resin 'Sepharose CL-6B', above 2 mL of 'cation exchanger, strong')"
    assert f"the column 'dual-mode column' {bed}" in eluted(column="dual-mode column")


CHANGED = {
    "column": "Sepharose CL-4B, 10 mL", "eluent": "saline", "flow_mL_min": 0.4, "temperature_C": 20,
    "fraction_volume_mL": 0.4, "fractions": 30, "count_from": "void", "step_elution": STEP,
}  # fmt: skip
TOLD_ABOVE = {"hydrostatic_head_mm", "fraction_ends_mL"}
OF_THE_SIMULATION = {"model", "solver", "axial_dispersion_m2_s", "vesicle_adsorption_percent"}


@pytest.mark.parametrize("key", CHANGED)
def test_every_setting_that_is_given_is_told(key):
    assert eluted(**{key: CHANGED[key]}) != eluted()


def test_no_setting_is_forgotten():
    assert declared(Chromatography).keys() - CHANGED.keys() == TOLD_ABOVE | OF_THE_SIMULATION
