"""The method of all chips: what it lets in, divides, loses, refuses and tells, with a chip that only divides."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sepsim
from sepsim import InputError, Microfluidics
from sepsim.settings import number, settings
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.chips.chip import Chip
from sepsim.techniques.microfluidics.chips.chips import CHIPS
from sepsim.techniques.microfluidics.passage import Liquid, Passage


@settings
class Divider(Chip):
    """Sends a share of all particles to the target."""

    mechanism: ClassVar[str] = "dividing"
    share: float = number(default=0.75, minimum=0, maximum=1, help="of the particles")
    heat_K: float = number(default=0.0, minimum=0, help="of its field")

    @property
    def channel(self):
        return Channel(width=2e-4, height=1e-4, length=0.02)

    def liquids(self, load):
        buffer = load.buffer_flow * load.flow_time * load.chips
        return {"target outlet": Liquid(0.5, buffer), "waste": Liquid(0.5)}

    def passage(self, load):
        to_target = np.full(load.diameter.size, self.share)
        shares = {"target outlet": to_target, "waste": 0.75 * (1.0 - to_target)}
        return Passage(shares=shares, peclet=np.ones(load.diameter.size), heating=self.heat_K)

    def heating(self, load):
        return self.heat_K


@pytest.fixture(scope="module")
def urine():
    return sepsim.sample_from_catalog("urine", volume_mL=0.5, size_bins=4).prepare()


def step(**keys):
    chip = Divider(flow_uL_min=5, dead_volume_uL=50, adsorbed_percent=20, **keys.pop("chip", {}))
    return Microfluidics(chip=chip, **keys)


def test_losses_are_dead_volume_and_walls(urine):
    outcome = step().run(urine, rng=None)
    share = outcome.fractions["target outlet"].counts / urine.counts
    assert share[urine.counts > 0] == pytest.approx(0.75 * 0.8 * 0.9)
    assert outcome.fractions["lost"].volume == pytest.approx(50e-9)


def test_ideal_hands_lose_only_what_the_mechanism_keeps(urine):
    outcome = step().ideal().run(urine, rng=None)
    assert outcome.fractions["target outlet"].counts == pytest.approx(0.75 * urine.counts)
    assert outcome.fractions["lost"].counts == pytest.approx(0.25 * 0.25 * urine.counts)


@given(share=st.floats(0, 1), ratio=st.floats(0, 100), chips=st.integers(1, 5), adsorbed=st.floats(0, 99))
def test_nothing_is_made_or_lost(urine, share, ratio, chips, adsorbed):
    chip = {"share": share, "buffer_ratio": ratio}
    method = Microfluidics(chip=Divider(flow_uL_min=5, **chip), chips=chips, adsorbed_percent=adsorbed)
    fractions = method.run(urine, rng=None).fractions.values()
    total = np.sum([fraction.counts for fraction in fractions], axis=0)
    assert total == pytest.approx(urine.counts, rel=1e-12)
    buffer = ratio * (urine.volume - chips * 1e-9)
    assert sum(fraction.volume for fraction in fractions) == pytest.approx(urine.volume + buffer, rel=1e-12)


def test_a_dry_run_hands_out_the_same_volumes(urine):
    method = step(chip={"buffer_ratio": 3})
    wet, dry = (each(urine, rng=None).fractions for each in (method.run, method.dry_run))
    assert wet.keys() == dry.keys()
    for name, fraction in wet.items():
        assert dry[name].volume == pytest.approx(fraction.volume, rel=1e-12)


def test_chips_side_by_side_save_time_in_proportion(urine):
    one, five = (step(chips=number) for number in (1, 5))
    passing = [
        method.run(urine, rng=None).duration * method.chips / (urine.volume - method.chips * 50e-9)
        for method in (one, five)
    ]
    assert passing[0] == pytest.approx(passing[1], rel=0.01)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"flow_uL_min": 50_000}, "the Reynolds number of the channel is"),
        ({"chip": {"pressure_limit_bar": 1e-4}}, "and the chip holds 0.0001 bar; give at most"),
        ({"chip": {"heat_K": 90.0}}, "and it boils"),
        ({"dead_volume_uL": 600}, "dead_volume_uL = 600: 1 chip would keep 600 uL, and there are 500 uL of sample"),
    ],
    ids=["turbulence", "pressure", "boiling", "dead volume"],
)
def test_what_cannot_be_done_is_refused_in_a_dry_run_too(urine, keys, message):
    for run in (step(**keys).run, step(**keys).dry_run):
        with pytest.raises(InputError, match=message):
            run(urine, rng=None)


def test_what_is_offered_instead_can_be_done(urine):
    with pytest.raises(InputError, match="or more chips") as told:
        step(flow_uL_min=50_000).run(urine, rng=None)
    offered = float(str(told.value).split("give at most ")[1].split(",")[0])
    step(flow_uL_min=offered, chip={"pressure_limit_bar": 1e4}).run(urine, rng=None)


def test_a_week_is_told(urine):
    outcome = step(flow_uL_min=0.03).run(urine, rng=None)
    assert any("chips side by side take a day" in text for text in outcome.warnings)
    assert not step().run(urine, rng=None).warnings


def test_an_outlet_that_does_not_exist():
    assert "target outlet" in step().keep_problem("outlet 3")
    assert step().keep_problem("waste") == ""


def test_a_sample_without_liquid_is_refused(urine):
    dry = dataclasses.replace(urine, volume=0.0)
    with pytest.raises(InputError, match="there is no liquid to let into a chip"):
        step().run(dry, rng=None)


def test_numbers_that_tell_which_effects_matter_are_told(urine):
    remarks = " ".join(step(chip={"buffer_ratio": 3}).run(urine, rng=None).remarks)
    for word in ("Reynolds number", "Peclet numbers: exosome", "pressure", "residence", "dilution: target outlet 7"):
        assert word in remarks


@pytest.mark.parametrize("name", CHIPS.names)
def test_every_chip_of_the_catalogue_is_whole(name):
    chip = CHIPS.get(name)
    assert sepsim.chip(chip.to_table()) == chip
    assert CHIPS.describe(chip) == name


@pytest.mark.parametrize("name", CHIPS.names[:1])
def test_a_chip_like_another_differs_in_what_is_given(name):
    own = sepsim.chip({"like": name, "flow_uL_min": 123})
    assert own.flow_uL_min == 123
    assert own == dataclasses.replace(CHIPS.get(name), flow_uL_min=123, name=own.name)
    assert sepsim.chip(CHIPS.describe(own)) == own


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"flow_uL_min": 1}, "mechanism: missing; one of"),
        ({"mechanism": "acoustics"}, "mechanism = 'acoustics': unknown"),
        ({"mechanism": ["inertial focusing"]}, "mechanism = .*unknown"),
        ({"like": "no such chip"}, "unknown chip 'no such chip'"),
        ({"like": 3}, "like = 3: must be a name"),
        (3, "must be a name from `sepsim list chips`"),
        ({"like": "3-D nano-herringbone", "buffer_ratio": 1}, "buffer_ratio = 1: must be 0"),
    ],
)
def test_a_table_that_is_wrong_says_why(table, message):
    with pytest.raises(InputError, match=message):
        sepsim.chip(table)


@pytest.mark.slow
def test_a_chip_needs_less_sample_and_time_than_ultracentrifugation():
    chip, spin = (sepsim.load_example(name) for name in ("herringbone_capture", "plasma_by_ultracentrifugation"))
    assert chip.sample.volume_mL < 0.1 * spin.sample.volume_mL
    durations = [sum(step.outcome.duration for step in protocol.run().bench) for protocol in (chip, spin)]
    assert durations[0] < durations[1]


@pytest.mark.parametrize(
    ("name", "key"),
    [("interdigitated electrodes", "height_um"), ("AF4 490 um", "spacer_um"), ("nano-DLD 235 nm", "gap_nm")],
)
def test_a_channel_of_no_width_is_refused_not_divided_by(urine, name, key):
    with pytest.raises(InputError):
        Microfluidics(chip={"like": name, key: 1e-300}, dead_volume_uL=0).dry_run(urine, rng=None)
