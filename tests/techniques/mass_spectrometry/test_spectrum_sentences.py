"""What a methods section says of mass spectrometry: the sentences of a paper, true to the settings, and complete."""

import pytest

from sepsim.settings import declared
from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
from sepsim.techniques.mass_spectrometry.methods_section import mass_spectrometry_sentences

CD9 = {"protein": "CD9", "population": "exosome", "copies": 10, "place": "each", "peptides": ["DYVSQFEGSALGK"]}


def measured(**settings):
    return mass_spectrometry_sentences(MassSpectrometry(**settings), "the retentate")


def test_peptides():
    assert measured(digestion={"serum": "bovine"}, highest_mz=1500) == (
        "The retentate was lysed, alkylated and digested with trypsin. Signature peptides of marker proteins of "
        "vesicles and of bovine serum were ionised by electrospray and measured from m/z 300 to 1,500 in a "
        "double-focusing Nier-Johnson spectrometer (magnet radius 304.8 mm, electric radius 381 mm, source slit 30 "
        "um, collector slit 30 um, 8 kV)."
    )


def test_own_markers_and_another_source():
    told = measured(digestion={"marker": [CD9], "alkylated": False}, maldi={})
    assert told.startswith(
        "The retentate was lysed and digested with trypsin. Signature peptides of CD9 were ionised by "
        "matrix-assisted laser desorption and measured from m/z 300 to 2,000 in a "
    )


@pytest.mark.parametrize(
    ("instrument", "words"),
    [
        (
            {"single_magnet": {"radius_mm": 305, "ion": {"mass_Da": 1000, "voltage_kV": 10}}},
            "single-focusing magnetic sector spectrometer (radius 305 mm, source slit 100 um, collector slit 100 "
            "um, 10 kV)",
        ),
        (
            {"mattauch_herzog": {"source": {"slit_um": 20}}},
            "double-focusing Mattauch-Herzog spectrometer (magnet radius 200 mm, electric radius 250 mm, source "
            "slit 20 um, 8 kV)",
        ),
        ({"bainbridge_jordan": {"radius_mm": 250}}, "double-focusing Bainbridge-Jordan spectrometer (radius 250 mm, "),
    ],
)
def test_instruments(instrument, words):
    assert f"in a {words}" in measured(**instrument)


def test_whole_particles():
    trap = {"noise_per_passage": 100, "passages": 10_000, "lowest_mz": 1000, "highest_mz": 500_000}
    assert measured(mode="intact", charge_detection=trap) == (
        "The whole particles of the retentate were ionised by electrospray and weighed one by one by charge "
        "detection (10,000 passages with a noise of 100 elementary charges each, at least 5 elementary charges, m/z "
        "1,000 to 500,000)."
    )


CHANGED = {
    "mode": "intact", "maldi": {}, "digestion": {"serum": "bovine"}, "lowest_mz": 200, "highest_mz": 1500,
    "nier_johnson": {"magnet_radius_mm": 300}, "single_magnet": {"radius_mm": 300}, "mattauch_herzog": {},
    "bainbridge_jordan": {},
}  # fmt: skip
TOLD_ABOVE = {"electrospray", "charge_detection"}
OF_THE_SIMULATION = {"points", "ions", "lumen"}


@pytest.mark.parametrize("key", CHANGED)
def test_every_setting_that_is_given_is_told(key):
    assert measured(**{key: CHANGED[key]}) != measured()


def test_no_setting_is_forgotten():
    assert declared(MassSpectrometry).keys() - CHANGED.keys() == TOLD_ABOVE | OF_THE_SIMULATION
