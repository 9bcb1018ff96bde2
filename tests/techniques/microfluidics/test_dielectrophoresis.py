"""Electrodes on the floor: who is pulled, who is held, who flows on; heating; what is refused."""

import dataclasses
import math
from typing import NamedTuple

import captures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

import sepsim
from sepsim import InputError, Microfluidics, media
from sepsim.kernels.brownian_walk import walk
from sepsim.kernels.drift_fields import exponential_field, slit_flow
from sepsim.kernels.langevin import Walkers, Walls
from sepsim.media import Medium
from sepsim.media.electrolyte import conductivity
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.electrode_field import Electrodes
from sepsim.techniques.microfluidics.electrode_march import touched

THIN = {"density_g_mL": 1.0, "viscosity_mPa_s": 0.89, "osmolality_mOsm_kg": 1.9}  # 1 mmol/L of salt
CHANNEL = Channel(width=5e-3, height=50e-6, length=0.02)
BARS = Electrodes(width=10e-6, gap=10e-6, voltage=5.0)


def vesicles(diameter=100, medium=None, **more):
    population = {"name": "v", "kind": "vesicle", "diameter_nm": diameter, "particles_per_mL": 1e9, **more}
    table = {"sucrose_M": 0.25, "diluent": THIN} if medium is None else medium
    return recipe({"volume_mL": 0.03, "medium": table, "temperature_C": 25, "population": [population]}).prepare()


def method(**keys):
    chip = {"mechanism": "dielectrophoresis", "voltage_V": 10, "frequency_kHz": 1000, "flow_uL_min": 2, **keys}
    return Microfluidics(chip=chip).ideal()


def captured(sample, **keys):
    outcome = method(**keys).run(sample, rng=None)
    return float(outcome.fractions["captured"].counts.sum() / sample.counts.sum())


# ---- the march -----------------------------------------------------------------------------------


def test_without_a_field_an_absorbing_floor_takes_what_graetz_says():
    """0.2919 at L D/(U h^2) = 0.1 (six eigenvalues); a weak pull only marks the floor as absorbing."""
    wide = Channel(width=0.5, height=50e-6, length=0.02)
    diffusivity = 0.1 * 1e-3 * (50e-6) ** 2 / 0.02
    found = touched(wide, BARS, 1e-3, np.array([1e-40]), np.array([diffusivity]), np.array([1e-9]))
    assert found.share[0] == pytest.approx(0.29192, abs=0.004)


def test_without_diffusion_all_below_a_streamline_come_down():
    """Far field alone: exp(2kz) falls by 4 k^2 m S t, so those that start below z*, integrated with the parabola."""
    far = Electrodes(width=60e-6, gap=60e-6, voltage=5.0)
    wide, mobility, velocity = Channel(width=0.5, height=50e-6, length=0.02), 2e-21, 1e-3
    z = np.linspace(0, 50e-6, 20001)
    speed = 6 * velocity * (z / 50e-6) * (1 - z / 50e-6)
    way = np.concatenate([[0.0], np.cumsum(np.diff(z) * (speed / np.abs(mobility * far.slope(z)))[1:])])
    reached = np.searchsorted(way, 0.02)
    y = z[reached] / 50e-6
    found = touched(wide, far, velocity, np.array([mobility]), np.array([1e-16]), np.array([1e-9]))
    assert found.share[0] == pytest.approx(3 * y**2 - 2 * y**3, abs=0.01)


@how(max_examples=30, deadline=None)
@given(power=st.floats(-25, -19), more=st.floats(1.1, 10))
def test_a_stronger_pull_brings_more_down_and_a_push_none(power, more):
    one = np.ones(3)
    pull = 10.0**power * np.array([1.0, more, -1.0])
    found = touched(CHANNEL, BARS, 1e-3, pull, 5e-12 * one, 50e-9 * one)
    assert found.share[1] >= found.share[0] - 1e-9
    assert found.share[2] == 0.0
    assert found.outflow[2].sum() == pytest.approx(1.0, abs=1e-9)


# ---- the chip ------------------------------------------------------------------------------------


def test_vesicles_are_held_in_thin_salt_and_flow_on_in_saline():
    assert captured(vesicles()) > 0.05
    assert captured(vesicles(medium="PBS")) == 0.0


def test_faster_flow_and_less_voltage_hold_less():
    sample = vesicles()
    by_flow = [captured(sample, flow_uL_min=flow) for flow in (1, 3, 10)]
    by_voltage = [captured(sample, voltage_V=volts) for volts in (4, 8, 16)]
    assert by_flow == sorted(by_flow, reverse=True)
    assert by_voltage == sorted(by_voltage)


def test_nothing_is_held_whose_trap_is_shallower_than_its_warmth():
    """Protein polarises as much as a vesicle, and has a ten-thousandth of its volume."""
    protein = {"name": "p", "kind": "protein", "molar_mass_kDa": 66.5, "stokes_radius_nm": 3.5, "mass_mg_per_mL": 1}
    table = {"sucrose_M": 0.25, "diluent": THIN}
    sample = recipe({"volume_mL": 0.03, "medium": table, "temperature_C": 25, "population": [protein]}).prepare()
    assert captured(sample) < 1e-3


def test_low_frequencies_and_high_frequencies_have_the_factor_of_conduction_and_of_capacity():
    step, sample = method(), vesicles()
    load = step.load(sample)
    low = dataclasses.replace(step.chip, frequency_kHz=1e-3).factors(load)
    solid, around = 2 * 1.3e-9 / load.radius, conductivity(load.carrier)
    assert low == pytest.approx((solid - around) / (solid + 2 * around), rel=1e-2)


def test_charge_on_the_electrodes_screens_half_of_the_square_of_the_field_at_the_frequency_of_charging():
    """sigma lambda/(2 pi eps l) of 10 um bars and gaps, and a tenth of a decade above and below it."""
    step, sample = method(), vesicles()
    load = step.load(sample)
    eps, length = 78.4 * 8.854e-12, 20e-6 / (2 * math.pi)
    charging = conductivity(load.carrier) * 9.6e-9 / (2 * math.pi * eps * length)
    pull = [
        float(chip.trap(load).mobility[0] / chip.factors(load)[0])
        for chip in (dataclasses.replace(step.chip, frequency_kHz=1e-3 * charging * by) for by in (1e-2, 1.0, 1e3))
    ]
    assert pull[1] == pytest.approx(0.5 * pull[2], rel=0.02)
    assert pull[0] == pytest.approx(1e-4 * pull[2], rel=0.02)


def test_on_a_bead_it_is_the_bead_that_polarises():
    """Latex of 2.8 um whose surface conducts less than saline, and no shell around a lumen: -1/2 at all frequencies."""
    (done,) = captures.captured(captures.step(washes=0))
    held = done.outcome.fractions["bound"]
    on_bead = held.particles.variants.carried & (held.counts > 0)
    step = method(frequency_kHz=1e5, lumen_S_m=5, surface_nS=0)
    factors = step.chip.factors(step.load(held))[on_bead]
    assert np.all(factors < -0.4)
    with pytest.raises(InputError, match=r"height_um = 2: the sample holds particles of 2.8 um, which clog"):
        method(height_um=2, flow_uL_min=0.01).run(held, rng=None)


def test_the_field_heats_by_the_square_of_the_voltage():
    sample = vesicles(medium="PBS")
    heating = [method(voltage_V=volts).run(sample, rng=None).trace.passage.heating for volts in (5, 10)]
    assert heating[1] == pytest.approx(4 * heating[0])
    assert heating[1] == pytest.approx(1.55 * 100 / 8 / (8 * 0.6), rel=0.01)


def test_volumes_are_the_sample_and_the_buffer_of_the_release():
    fractions = method(release_uL=7).run(vesicles(), rng=None).fractions
    assert fractions["captured"].volume == pytest.approx(7e-9)
    assert fractions["waste"].volume == pytest.approx(30e-9)


@pytest.mark.parametrize(
    ("sample", "keys", "message"),
    [
        ({"medium": "PBS"}, {"voltage_V": 60}, "voltage_V = 60: heats the liquid by .* K, and it boils"),
        (
            {"diameter": 6000, "particles_per_mL": 1e6},
            {"height_um": 5},
            "height_um = 5: the sample holds particles of .* which clog",
        ),
    ],
    ids=["boiling", "clogging"],
)
def test_what_cannot_be_done_is_refused(sample, keys, message):
    for run in ("run", "dry_run"):
        with pytest.raises(InputError, match=message):
            getattr(method(**keys), run)(vesicles(**sample), rng=None)


@pytest.mark.parametrize("key", ["voltage_V", "frequency_kHz"])
def test_a_voltage_or_frequency_of_zero_is_refused(key):
    with pytest.raises(InputError, match=f"{key} = 0: must be above 0"):
        method(**{key: 0})


@pytest.mark.parametrize(
    ("sample", "keys", "told"),
    [
        ({"medium": "PBS"}, {"frequency_kHz": 10}, "electro-osmosis"),
        ({"medium": "PBS"}, {"frequency_kHz": 1}, "keeps most of the voltage from the liquid, and gas may form"),
        ({"medium": "PBS"}, {"voltage_V": 25}, "proteins begin to unfold"),
        ({"medium": "PBS"}, {}, "v: pushed away from the electrodes in 1.6 S/m, and not held"),
        ({"diameter": 3000, "particles_per_mL": 1e6}, {"gap_um": 2}, "v: larger than gap_um = 2"),
        ({"medium": "PBS"}, {"voltage_V": 25}, "heat at the electrodes drives the liquid"),
        ({}, {}, None),
    ],
    ids=["osmosis", "screening", "warmth", "pushed", "large", "electrothermal", "nothing"],
)
def test_what_is_left_out_is_told(sample, keys, told):
    warnings = method(**keys).run(vesicles(**sample), rng=None).warnings
    assert any(told in text for text in warnings) if told else not warnings


@how(max_examples=30, deadline=None)
@given(volts=st.floats(1, 12), power=st.floats(1, 5), flow=st.floats(0.5, 20))
def test_every_particle_is_somewhere(volts, power, flow):
    sample = vesicles()
    keys = {"voltage_V": volts, "frequency_kHz": 10.0**power, "flow_uL_min": flow}
    fractions = method(**keys).run(sample, rng=None).fractions
    total = np.sum([fraction.counts for fraction in fractions.values()], axis=0)
    assert total == pytest.approx(sample.counts, rel=1e-9)
    assert math.isclose(sum(f.volume for f in fractions.values()), sample.volume + 20e-9, rel_tol=1e-9)


def test_settings_round_trip():
    chip = method().chip
    assert sepsim.chip(chip.to_table()) == chip
    assert Medium.pure(media.fluid(THIN), 298.15).viscosity == pytest.approx(0.89e-3)


class OneWave(NamedTuple):
    """The field of one wave, as far above electrodes."""

    decay_length: float
    strength: float  # V2/m2 at the floor

    def slope(self, height):
        return -self.strength / self.decay_length * np.exp(-height / self.decay_length)


def test_random_walks_in_the_same_field_touch_the_floor_as_often():
    height, decay, mobility, diffusivity, count = 50e-6, 8e-6, 1e-22, 2e-11, 20_000
    wave = OneWave(decay, 2e12)
    wide = Channel(width=0.5, height=height, length=4e-3)
    march = touched(wide, wave, 1e-3, np.array([mobility]), np.array([diffusivity]), np.array([1e-12]))
    s = np.linspace(0, 1, 2001)
    draw = np.random.default_rng(3).uniform(size=count)
    start = np.array([np.zeros(count), np.zeros(count), height * np.interp(draw, 3 * s**2 - 2 * s**3, s)])
    walls = Walls(
        np.array([-np.inf, -np.inf, 0]), np.array([4e-3, np.inf, height]), np.array([0, np.inf, 0, 0, np.inf, 0.0])
    )
    walkers = Walkers(start, np.full(count, diffusivity), np.zeros(count))
    fields = [slit_flow(height), exponential_field(2, 0.0, decay)]
    speed = mobility * wave.slope(0.0)
    walked = walk(walkers, fields, [1e-3, speed], walls, 4e-3, 8000, 11, axes=(0, 2)).walked
    share = np.mean(walked.fate == 5)
    assert np.mean(walked.fate == 0) < 0.02
    assert march.share[0] == pytest.approx(share, abs=0.015)
    assert march.share[0] > 0.2
