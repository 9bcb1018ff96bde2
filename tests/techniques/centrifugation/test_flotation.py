"""Flotation: lipoproteins part at their densities, and nothing is lost between them."""

import numpy as np
import pytest
from paths import DATA

import sepsim
from sepsim.errors import InputError
from sepsim.techniques.centrifugation.flotation import Flotation
from sepsim.techniques.centrifugation.methods_section import flotation_sentences

SPIN = {"rotor": "Type 50.4 Ti", "speed_rpm": 45_000, "time_min": 1200, "skimmed_volume_mL": 1}


@pytest.fixture(scope="module")
def run():
    return sepsim.load_example("sequential_flotation").run(seed=1)


@pytest.mark.parametrize(
    ("step", "floats"), [("d 1.006", "vldl"), ("d 1.063", "ldl"), ("d 1.21", "hdl")], ids=["VLDL", "LDL", "HDL"]
)
def test_each_class_floats_in_its_step(run, step, floats):
    """Above 80 % of it in its own layer, and no more than 5 % of any other class there."""
    top = run.step(step).outcome.fractions["floating"].by_population
    loaded = run.loaded.by_population
    assert top[floats] > 0.8 * loaded[floats]
    assert all(top[name] < 0.05 * loaded[name] for name in loaded if name != floats)


def test_the_floating_layer_and_the_infranatant_are_the_whole():
    sample = sepsim.load_example("sequential_flotation").run(seed=1).loaded
    outcome = Flotation(**SPIN).run(sample, rng=np.random.default_rng(0))
    parts = outcome.fractions
    assert parts["floating"].counts + parts["infranatant"].counts == pytest.approx(sample.counts, rel=1e-9)
    assert parts["floating"].volume == pytest.approx(1e-6)
    assert parts["infranatant"].volume == pytest.approx(sample.volume - 1e-6)
    assert parts["lost"].counts.sum() == 0.0


def test_a_flotation_takes_no_settings_of_a_pellet():
    with pytest.raises(InputError, match=r"resuspend: not in a flotation(.|\n)*residual_volume_mL: not in a flotation"):
        Flotation(**SPIN, resuspend={"medium": "PBS", "volume_mL": 1}, residual_volume_mL=0.1)


def test_the_sentence_tells_what_became_of_the_infranatant():
    told = flotation_sentences(Flotation(**SPIN), "the sample")
    assert told.endswith("The upper 1 mL of each tube was skimmed off; all below it was mixed with what had sunk.")


def test_a_spin_that_is_skimmed_tells_what_sank():
    """LDL of the case below sink at 1.006 g/mL; who keeps the supernatant loses them."""
    run = sepsim.load_protocol(DATA / "cases" / "sequential_flotation.toml").run(seed=1)
    (remark,) = run.step("d 1.006").outcome.remarks
    assert remark.startswith("sunk to the pellet, and not in the supernatant: ldl ")
    assert 'method = "flotation"' in remark
