"""A magnet beside the stream: beads that cross it, particles that a ferrofluid pushes, what is refused and told."""

import dataclasses
import math

import numpy as np
import pytest
from captures import captured, on_beads, step

import sepsim
from sepsim import InputError, Microfluidics
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.microfluidics.magnetophoresis import magnetisation

CHIP = {
    "mechanism": "magnetophoresis", "flow_uL_min": 10, "buffer_ratio": 2, "field_T": 0.4, "gradient_T_m": 100,
    "width_um": 500, "height_um": 100, "length_mm": 30, "sample_at": "left", "target_at": "right", "target_percent": 40,
}  # fmt: skip
FERROFLUID = {
    **CHIP, "flow_uL_min": 0.2, "buffer_ratio": 3, "field_T": 0.8, "gradient_T_m": 1e4, "ferrofluid_percent_v_v": 0.05,
    "width_um": 50, "height_um": 50, "length_mm": 40, "sample_at": "right", "target_at": "left", "target_percent": 50,
}  # fmt: skip


def method(**keys):
    return Microfluidics(chip={**CHIP, **keys}).ideal()


def beads(**settings):
    """A sample that beads have met, taken up with the liquid around them."""
    (done,) = captured(step(**{"beads": "MyOne", "washes": 0, "residual_volume_mL": 0.2, **settings}))
    return done.outcome.fractions["bound"]


BEADS = beads()


def sized(*diameters):
    populations = [{"name": f"{d} nm", "kind": "vesicle", "diameter_nm": d, "particles_per_mL": 1e8} for d in diameters]
    table = {"volume_mL": 0.02, "medium": "PBS", "temperature_C": 25, "population": populations}
    return recipe(table).prepare()


def to_target(sample, **keys):
    target = method(**keys).run(sample, rng=None).fractions["target outlet"]
    return {name: number / sample.by_population[name] for name, number in target.by_population.items()}


def test_beads_cross_to_the_magnet_and_what_is_free_stays():
    target = method().run(BEADS, rng=None).fractions["target outlet"]
    held = BEADS.particles.variants.carried
    assert target.counts[held].sum() == pytest.approx(BEADS.counts[held].sum(), rel=1e-3)
    assert target.counts[~held].sum() < 0.02 * BEADS.counts[~held].sum()
    assert on_beads(target) > on_beads(BEADS)


@pytest.mark.parametrize("gradient", [25, 40, 60, 100])
def test_beads_get_as_far_as_speed_times_time_in_their_layer(gradient):
    """v L/u(z), u = 6 U s (1 - s), in a channel ten times as wide as it is high."""
    keys = {"gradient_T_m": gradient, "width_um": 1000, "flow_uL_min": 20, "target_percent": 50}
    step = method(**keys)
    load, channel = step.load(BEADS), step.chip.channel
    row = np.flatnonzero((magnetisation(load) > 0) & (BEADS.counts > 0))[:1]
    speed = float(step.chip.drift(load, row, np.array([250e-6]))[0, 0])
    s = (np.arange(4000) + 0.5) / 4000
    u = 6 * channel.mean_velocity(load.total_flow) * s * (1 - s)
    inlet = channel.width / 3
    beyond = np.clip((inlet - 0.5 * channel.width + speed * channel.length / u) / inlet, 0, 1)
    found = step.run(BEADS, rng=None).fractions["target outlet"].counts[row] / BEADS.counts[row]
    assert found[0] == pytest.approx(np.average(beyond, weights=u), abs=0.04)


def test_a_bead_moves_as_the_force_on_it_says():
    """MyOne: 23.5 A m2/kg of 1.8 g/mL in 1.05 um, 92 to 95 % aligned at 0.35 to 0.4 T."""
    load = method().load(BEADS)
    row = np.flatnonzero((magnetisation(load) > 0) & (BEADS.counts > 0))[:1]
    speed = float(method().chip.drift(load, row, np.array([500e-6]))[0, 0])
    saturated = (1.05e-6) ** 2 * 23.5 * 1800 * 100 / (18 * load.carrier.viscosity)
    assert 0.9 * saturated < speed < saturated


def test_a_ferrofluid_pushes_large_particles_further():
    shares = [*to_target(sized(80, 120, 180, 270, 400), **FERROFLUID).values()]
    assert shares == sorted(shares)
    assert shares[-1] > 0.9
    assert shares[0] < 0.3


def test_the_push_is_that_of_the_magnetised_liquid():
    """-V M_d phi L(x) dB/dy/(3 pi eta d), x = M_d v_g B/kT."""
    step = method(**FERROFLUID)
    load = step.load(sized(100))
    x = 4.46e5 * math.pi / 6 * 1e-24 * 0.8 / (1.380649e-23 * 298.15)
    liquid = 4.46e5 * 5e-4 * (1 / math.tanh(x) - 1 / x)
    expected = -load.particle_volume[0] * liquid * 1e4 / (3 * math.pi * load.carrier.viscosity * load.diameter[0])
    assert float(step.chip.drift(load, np.array([0]), np.array([50e-6]))[0, 0]) == pytest.approx(expected, rel=1e-6)


def test_without_anything_magnetic_particles_go_where_their_liquid_goes():
    sample = sized(2000)
    outcome = method().run(sample, rng=None)
    assert to_target(sample)["2000 nm"] == pytest.approx(0.0, abs=0.01)
    assert any("neither sample nor liquid is magnetic" in text for text in outcome.warnings)


def test_beads_keep_the_order_of_their_size():
    """M-280 moves (2.8/1.05)^2 (10.8 x 1400)/(23.5 x 1800) times as fast as MyOne."""
    small, large = (method().load(each) for each in (BEADS, captured(step(washes=0))[0].outcome.fractions["bound"]))
    speeds = []
    for load in (small, large):
        row = np.flatnonzero((magnetisation(load) > 0) & (load.sample.counts > 0))[:1]
        speeds.append(float(method().chip.drift(load, row, np.array([250e-6]))[0, 0]) * load.carrier.viscosity)
    assert speeds[1] / speeds[0] == pytest.approx((2.8 / 1.05) ** 2 * (10.8 * 1400) / (23.5 * 1800), rel=0.01)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"gradient_T_m": 1000}, "the field would fall by 0.5 T, and it is field_T = 0.4"),
        ({"field_T": 0}, "field_T = 0: must be above 0"),
        ({"gradient_T_m": 0}, "gradient_T_m = 0: must be above 0"),
    ],
)
def test_wrong_settings_are_refused(keys, message):
    with pytest.raises(InputError, match=message):
        method(**keys)


def test_beads_wider_than_the_channel_clog_it():
    with pytest.raises(InputError, match=r"height_um = 1: particles of 1.0. um clog it"):
        method(height_um=1, flow_uL_min=0.01).run(BEADS, rng=None)


@pytest.mark.parametrize(
    ("sample", "keys", "told"),
    [
        (lambda: beads(beads="nanobeads, 50 nm", bead_mg=0.001, magnet="column"), {}, "single beads below 0.2 um"),
        (lambda: BEADS, {"flow_uL_min": 0.05}, "the beads settle to the floor"),
        (lambda: sized(100), {"ferrofluid_percent_v_v": 3}, "grains act on one another"),
        (lambda: BEADS, {}, None),
    ],
    ids=["chains", "settling", "thick ferrofluid", "nothing"],
)
def test_what_is_left_out_is_told(sample, keys, told):
    warnings = method(**keys).run(sample(), rng=None).warnings
    assert any(told in text for text in warnings) if told else not warnings


def test_what_beads_do_is_told():
    remarks = " ".join(method().run(BEADS, rng=None).remarks)
    assert "beads cross the stream at" in remarks


def test_every_particle_is_somewhere():
    fractions = method().run(BEADS, rng=None).fractions
    total = np.sum([each.counts for each in fractions.values()], axis=0)
    assert total == pytest.approx(BEADS.counts, rel=1e-9)


def test_settings_round_trip():
    chip = method().chip
    assert sepsim.chip(chip.to_table()) == chip
    assert dataclasses.replace(chip, name="other").name == "other"
