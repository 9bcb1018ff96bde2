"""Chips with sound: who goes where, what limits it, and what they refuse and warn of."""

import math

import numpy as np
import pytest

import sepsim
from sepsim import InputError, Microfluidics
from sepsim.kernels import Walkers, Walls, standing_wave, streaming_rolls, walk
from sepsim.techniques.microfluidics.acoustophoresis import Acoustophoresis
from sepsim.techniques.microfluidics.chips.chips import CHIPS
from sepsim.techniques.microfluidics.chips.sheath_chip import SheathFlowChip

HALF_WAVE = {
    "flow_uL_min": 2,
    "buffer_ratio": 1,
    "width_um": 375,
    "height_um": 150,
    "length_mm": 35,
    "frequency_MHz": 2,
    "energy_density_J_m3": 100,
    "sample_at": "sides",
    "target_at": "centre",
    "target_percent": 40,
}
NARROW = {**HALF_WAVE, "width_um": 37.5, "frequency_MHz": 20, "height_um": 15, "flow_uL_min": 0.02}


@pytest.fixture(scope="module")
def plasma():
    return sepsim.sample_from_catalog("platelet-rich plasma", volume_mL=0.1, size_bins=12).prepare().at(298.15)


def shares(sample, chip, name, outlet="target outlet"):
    """Share of a population that leaves by an outlet."""
    passage = Microfluidics(chip=chip).run(sample, rng=None).trace.passage
    table, counts = sample.particles, sample.counts
    rows = table.population == table.names.index(name)
    return float((passage.shares[outlet] * counts)[rows].sum() / counts[rows].sum())


def test_cells_are_focused_and_small_vesicles_are_not(plasma):
    chip = Acoustophoresis(**HALF_WAVE)
    assert shares(plasma, chip, "erythrocyte") > 0.95
    assert shares(plasma, chip, "exosome") < 0.5


@pytest.mark.slow
def test_streaming_undoes_what_is_below_its_limit_and_nothing_above(plasma):
    still, stirred = (Acoustophoresis(**NARROW, streaming=streaming) for streaming in (False, True))
    assert shares(plasma, still, "microvesicle") > shares(plasma, stirred, "microvesicle") + 0.2
    assert shares(plasma, stirred, "platelet") == pytest.approx(shares(plasma, still, "platelet"), abs=1e-6)


def test_streaming_limit_does_not_move_with_the_energy_and_the_thermal_one_does(plasma):
    def limits(energy):
        chip = Acoustophoresis(**{**HALF_WAVE, "energy_density_J_m3": energy})
        return chip.limits(Microfluidics(chip=chip).load(plasma), 0.1)

    low, high = limits(10.0), limits(80.0)
    assert low["streaming"] == high["streaming"]
    assert low["thermal"] == pytest.approx(2.0 * high["thermal"])
    assert low["transit"] == pytest.approx(math.sqrt(8.0) * high["transit"])


def test_pressure_and_energy_density_say_the_same(plasma):
    by_energy = Acoustophoresis(**HALF_WAVE)
    load = Microfluidics(chip=by_energy).load(plasma)
    sound = by_energy.sound(load)
    pressure = math.sqrt(4.0 * sound.density * sound.speed**2 * 100.0) * 1e-6
    table = {key: value for key, value in HALF_WAVE.items() if key != "energy_density_J_m3"}
    by_pressure = Acoustophoresis(**table, pressure_MPa=pressure)
    assert by_pressure.energy_density(sound) == pytest.approx(100.0)


def test_drift_points_to_the_node(plasma):
    chip = Acoustophoresis(**HALF_WAVE)
    load = Microfluidics(chip=chip).load(plasma)
    table = plasma.particles
    rows = np.flatnonzero(table.population == table.names.index("erythrocyte"))[:1]
    left, middle, right = chip.drift(load, rows, np.array([0.25, 0.5, 0.75]) * chip.channel.width)[0]
    assert left > 0.0 > right
    assert abs(middle) < 1e-6 * left
    opposite = Acoustophoresis(**{**HALF_WAVE, "node_in_centre": False})
    assert opposite.drift(load, rows, np.array([0.25 * chip.channel.width]))[0, 0] < 0.0


@pytest.mark.slow
def test_tilted_lines_carry_cells_over_and_leave_vesicles(plasma):
    cells = CHIPS.get("taSSAW cells 19.6 MHz")
    assert shares(plasma, cells, "erythrocyte", "waste") > 0.98
    assert shares(plasma, cells, "platelet", "waste") > 0.8
    assert shares(plasma, cells, "exosome") > 0.95


def test_what_is_locked_goes_no_further_than_its_line(plasma):
    """A line crosses L tan(tilt); what enters left of the divide by more than that stays on its side."""
    table = {**CHIPS.get("taSSAW cells 19.6 MHz").to_table(), "target_at": "left", "target_percent": 60}
    chip = Acoustophoresis.from_table({**table, "length_mm": 1.0})
    assert shares(plasma, chip, "erythrocyte") > 0.98  # 87 um, and the divide is some 270 um away


def test_slower_flow_carries_smaller_particles_over(plasma):
    table = CHIPS.get("taSSAW cells 19.6 MHz").to_table()
    fast, slow = (Acoustophoresis.from_table({**table, "flow_uL_min": flow}) for flow in (8.0, 1.0))
    assert shares(plasma, slow, "platelet", "waste") > shares(plasma, fast, "platelet", "waste") + 0.05


def test_every_particle_leaves_or_stays_in_the_balance(plasma):
    for name in ("taSSAW vesicles 39.4 MHz", "SAW nanofilter 38.5 MHz", "half-wave resonator 2 MHz"):
        passage = Microfluidics(chip=name).run(plasma, rng=None).trace.passage
        total = sum(passage.shares.values())
        assert total[plasma.counts > 0] == pytest.approx(1.0)
        assert passage.error < 0.02


def test_liquids_are_those_of_the_flows(plasma):
    for name in CHIPS.rows:
        chip = CHIPS.get(name)
        if not isinstance(chip, SheathFlowChip) or "electro" in chip.mechanism or "magneto" in chip.mechanism:
            continue
        load = Microfluidics(chip=chip).load(plasma)
        liquids = chip.liquids(load).values()
        assert sum(liquid.load_share for liquid in liquids) == pytest.approx(1.0)
        assert sum(liquid.buffer for liquid in liquids) == pytest.approx(chip.buffer_ratio * load.volume)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"energy_density_J_m3": None}, "exactly one of energy_density_J_m3 and pressure_MPa"),
        ({"pressure_MPa": 0.5}, "exactly one of energy_density_J_m3 and pressure_MPa"),
        ({"frequency_MHz": 0}, "frequency_MHz = 0"),
        ({"tilt_deg": 5}, "resonator = false"),
        ({"target_at": "third outlet"}, "target_at"),
        ({"sample_at": "center"}, "centre"),
    ],
)
def test_wrong_settings_are_refused(change, problem):
    with pytest.raises(InputError, match=problem):
        Acoustophoresis(**{**HALF_WAVE, **change})


def test_cells_that_clog_are_refused(plasma):
    chip = Acoustophoresis(**{**HALF_WAVE, "width_um": 8, "frequency_MHz": 93, "flow_uL_min": 0.01})
    with pytest.raises(InputError, match="clog"):
        Microfluidics(chip=chip).run(plasma, rng=None)


def test_a_transducer_that_boils_the_liquid_is_refused(plasma):
    chip = Acoustophoresis(**{**HALF_WAVE, "warming_K": 78})
    with pytest.raises(InputError, match="warming_K = 78: heats the liquid"):
        Microfluidics(chip=chip).run(plasma, rng=None)


def doubts(sample, **change):
    chip = Acoustophoresis(**{**HALF_WAVE, **change})
    return " ".join(chip.doubts(Microfluidics(chip=chip).load(sample)))


def test_doubts(plasma):
    assert "half waves lie across" in doubts(plasma, frequency_MHz=3)
    assert "half waves" not in doubts(plasma)
    assert "streaming is left out" in doubts(plasma, streaming=False)
    assert "heats transducer" in doubts(plasma, energy_density_J_m3=5000)
    assert "no points in a wave" in doubts(plasma, frequency_MHz=42, resonator=False)


def rolled(swifter, peclet=1000.0, number=400):
    """Share within the inner half of a quarter wave, of particles that start in the outer half of Rayleigh's rolls.

    In units of the quarter wave and the speed of the rolls, 0.8 high; that is `swifter` times the drift inward.
    """
    generator, wave, height = np.random.default_rng(1), 0.5 * math.pi, 0.4
    place = np.array(
        [np.zeros(number), generator.uniform(0.5, 1.0, number), generator.uniform(-height, height, number)]
    )
    walkers = Walkers(place, np.full(number, 1.0 / peclet), np.zeros(number))
    walls = Walls(np.array([-np.inf, 0.0, -height]), np.array([np.inf, 1.0, height]), np.zeros(6))
    fields = [standing_wave(wave, 0.0), streaming_rolls(wave, 0.0, -height, height)]
    step = 0.005 * min(swifter, 1.0)
    steps = 120 * math.ceil(15.0 / step / 120.0)
    found = walk(walkers, fields, np.array([1.0 / swifter, 1.0]), walls, step, steps, 3, axes=(1, 2), frames=60)
    return float((found.walked.paths[20:, 1] < 0.5).mean())


@pytest.mark.parametrize("swifter", [0.1, 0.5, 1.0, 1.25, 1.67, 2.5, 5.0, 10.0])
def test_stirring_is_about_that_of_rayleighs_rolls(plasma, swifter):
    """The stationary density exp(-integral v/E) of the march, against Brownian particles in two dimensions."""
    y = (np.arange(4000) + 0.5) / 4000
    spread = max(1.0 - 1.0 / swifter, 0.0) * np.sin(math.pi * y) + 1e-3
    density = np.exp(-np.cumsum(np.sin(math.pi * y) / swifter / spread) / y.size)
    marched = density[y < 0.5].sum() / density.sum()
    assert marched == pytest.approx(rolled(swifter), abs=0.1)

    chip = Acoustophoresis(**HALF_WAVE)
    load = Microfluidics(chip=chip).load(plasma)
    speed, rolls = np.abs(chip.amplitude(load)), chip.roll_speed(load)
    quarter = 0.5 * math.pi / chip.sound(load).wavenumber
    slow = speed < rolls
    assert chip.roll_diffusivity(load)[slow] == pytest.approx((rolls - speed[slow]) * quarter)
    assert np.all(chip.roll_diffusivity(load)[~slow] == 0.0)


def test_a_crossing_is_marched_once_whatever_the_numbers(plasma):
    step = Microfluidics(chip="half-wave resonator 2 MHz")
    whole = step.load(plasma)
    half, _ = plasma.take(0.5, 0.5 * plasma.volume)
    first = step.chip.crossing(whole)
    assert step.chip.crossing(step.load(half)) is first
    cells = np.isin(plasma.particles.population, [plasma.particles.names.index("platelet")])
    without, _ = plasma.take(np.where(cells, 0.0, 1.0), plasma.volume)
    assert step.chip.crossing(step.load(without)) is not first
