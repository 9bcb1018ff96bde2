"""What a methods section says of captures."""

import pytest

from sepsim.techniques.immunocapture.immunocapture import Immunocapture
from sepsim.techniques.immunocapture.methods_section import immunocapture_sentences

PLAIN = {"beads": "M-280", "bead_mg": 1, "antigen": "CD81", "incubation_min": 60}


def said(**changes):
    settings = {key: value for key, value in {**PLAIN, **changes}.items() if value is not None}
    return immunocapture_sentences(Immunocapture(**settings), "the sample")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "with 1 mg of 'M-280' beads (2.8 um)"),
        ({}, "rotating at 20 rpm"),
        ({}, "taken up in 0.1 mL of PBS"),
        ({"rotation_rpm": 0}, "without mixing"),
        ({"shear_rate_per_s": 50}, "shear rate of 50 per s"),
        ({"temperature_C": 4}, "at 4 °C"),
        ({"antigen": ["CD9", "CD63", "CD81"]}, "carried monoclonal antibody against CD9, CD63 and CD81 for"),
        ({"antigen": None, "ligand": "hA33"}, "carried anti-A33 hA33 for"),
        ({"bead_mg": None, "beads_per_mL": 1e8}, "per mL of 'M-280' beads"),
        ({"washes": 0}, "collected with a tube magnet. "),
        ({"elution": "low pH"}, "eluted in 0.1 mL by 'low pH' for 5 min"),
    ],
)
def test_settings_are_told(changes, words):
    assert words in said(**changes)
