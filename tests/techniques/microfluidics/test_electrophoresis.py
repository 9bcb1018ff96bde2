"""Free-flow electrophoresis: how far charged particles get across a stream, what parts, what is refused."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

import sepsim
from sepsim import InputError, Microfluidics
from sepsim.kernels.brownian_walk import walk
from sepsim.kernels.drift_fields import slit_flow, uniform_field
from sepsim.kernels.langevin import Walkers, Walls
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.cross_stream import Movers, Stream, bands, cross_stream
from sepsim.techniques.microfluidics.electrophoretic_mobility import mobilities

POPULATIONS = [
    {"name": "v", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": 1e9},
    {"name": "ldl", "mass_mg_per_mL": 0.1},
    {"name": "igg", "mass_mg_per_mL": 0.1},
    {"name": "albumin", "mass_mg_per_mL": 0.1},
]
CHIP = {
    "mechanism": "electrophoresis", "flow_uL_min": 1, "buffer_ratio": 9, "voltage_V": 24, "width_um": 3000,
    "height_um": 50, "length_mm": 30, "sample_at": "left", "target_at": "right", "target_percent": 50,
}  # fmt: skip


def sample(medium="PBS", populations=POPULATIONS):
    table = {"volume_mL": 0.05, "medium": medium, "temperature_C": 25, "size_bins": 3, "population": populations}
    return recipe(table).prepare()


def method(buffer="PBS", **keys):
    return Microfluidics(chip={**CHIP, **keys}, buffer=buffer).ideal()


def to_target(load, **keys):
    """Share of each population that leaves to the anode."""
    buffer = keys.pop("buffer", "PBS")
    outcome = method(buffer, **keys).run(load, rng=None)
    target = outcome.fractions["target outlet"].by_population
    return {name: target[name] / load.by_population[name] for name in target}


LOAD = sample()


# ---- the march -----------------------------------------------------------------------------------


@pytest.mark.parametrize("voltage", [30, 45, 60, 90])
def test_without_diffusion_particles_get_as_far_as_speed_times_time_in_their_layer(voltage):
    """v L/u(z) at each height of a wide channel, u = 6 U s (1 - s): counted as a share of what flows in there."""
    step = method(voltage_V=voltage)
    still = sample(populations=[{**POPULATIONS[0], "diameter_nm": 10_000, "particles_per_mL": 1e5}])
    load = step.load(still)
    row = int(np.flatnonzero(load.sample.particles.population == 0)[0])
    channel = step.chip.channel
    speed = -step.chip.field * mobilities(load, 7.4)[row]
    s = (np.arange(4000) + 0.5) / 4000
    u = 6 * channel.mean_velocity(load.total_flow) * s * (1 - s)
    inlet = 0.1 * channel.width
    beyond = np.clip((inlet - 0.5 * channel.width + speed * channel.length / u) / inlet, 0, 1)
    found = to_target(still, voltage_V=voltage)["v"]
    assert found == pytest.approx(np.average(beyond, weights=u), abs=0.005)


@pytest.mark.parametrize("voltage", [5, 20, 40])
def test_the_closed_solution_is_that_of_the_march_where_both_hold(voltage):
    """Broad enough by diffusion for the march, and far enough from the walls for the solution."""
    step = method(voltage_V=voltage, width_um=400, flow_uL_min=0.4, buffer_ratio=3)
    load = step.load(LOAD)
    closed = step.chip.crossing(load)
    marched = cross_stream(step.chip.stream(load), step.chip.movers(load), LOAD.counts > 0)
    vesicles = LOAD.particles.population == 0
    for outlet in ("target outlet", "waste"):
        assert closed.shares[outlet][vesicles] == pytest.approx(marched.shares[outlet][vesicles], abs=0.02)
    assert closed.outflow.sum(axis=1) == pytest.approx(np.ones(len(closed.outflow)))


def test_a_micro_chip_is_solved_to_one_percent():
    assert method().run(LOAD, rng=None).trace.passage.error < 0.01


def test_particles_leave_where_random_walks_do():
    channel, speed, diffusivity, count = Channel(width=100e-6, height=10e-6, length=4e-3), 12e-6, 2e-13, 20_000
    stream = Stream(
        channel=channel,
        flow=channel.area * 1e-3,
        inlet=bands("left", 0.5),
        outlets={"left": bands("left", 0.5), "right": bands("right", 0.5)},
    )
    movers = Movers(
        diffusivity=np.array([diffusivity]),
        drift=lambda rows, y, z: np.full((rows.size, y.size), speed),
        stirring=lambda rows, y, z: np.zeros((rows.size, y.size)),
        uptake=np.zeros((2, 1)),
    )
    march = cross_stream(stream, movers, np.array([True]))
    draw = np.random.default_rng(5)
    s = np.linspace(0, 1, 2001)
    height = 10e-6 * np.interp(draw.uniform(size=count), 3 * s**2 - 2 * s**3, s)  # as the liquid carries them in
    start = np.array([np.zeros(count), draw.uniform(0, 50e-6, count), height])
    walls = Walls(np.array([-np.inf, 0, 0]), np.array([4e-3, 100e-6, 10e-6]), np.array([0, np.inf, 0, 0, 0, 0.0]))
    walkers = Walkers(start, np.full(count, diffusivity), np.zeros(count))
    drift = [slit_flow(10e-6), uniform_field((0, 1, 0))]
    walked = walk(walkers, drift, [1e-3, speed], walls, 4e-3, 10_000, 7).walked
    left = walked.fate > 0
    assert left.mean() > 0.97  # the rest is in the slow layers at floor and lid
    right = np.mean(walked.position[1][left] > 50e-6)
    assert march.shares["right"][0] == pytest.approx(right, abs=0.03)


# ---- the chip ------------------------------------------------------------------------------------


def test_what_has_no_charge_stays_with_its_liquid():
    """IgG at its isoelectric point of pH 7."""
    assert to_target(LOAD, pH=7.0)["igg"] == pytest.approx(0.0, abs=0.01)
    assert to_target(LOAD, pH=7.0, sample_at="right")["igg"] == pytest.approx(1.0, abs=0.01)


def test_vesicles_get_further_than_ldl_and_that_further_than_igg():
    shares = to_target(LOAD, voltage_V=40)
    assert shares["v"] > shares["ldl"] + 0.1
    assert shares["ldl"] > shares["igg"]


def test_below_their_isoelectric_point_particles_go_to_the_cathode():
    assert to_target(LOAD, pH=3.0, sample_at="right", target_at="left", voltage_V=60)["igg"] > 0.9


def test_thin_salt_makes_charges_count():
    thin = {"sucrose_M": 0.25, "diluent": "Tris buffer"}
    mobility = {
        medium: abs(mobilities(method(buffer).load(sample(buffer)), 7.4)[0]) * sample(buffer).medium.viscosity
        for medium, buffer in (("PBS", "PBS"), ("thin", thin))
    }
    assert mobility["thin"] > 1.5 * mobility["PBS"]


def test_twice_the_voltage_is_half_the_flow():
    fast, slow = to_target(LOAD, voltage_V=60), to_target(LOAD, voltage_V=30, flow_uL_min=0.5)
    assert fast["v"] == pytest.approx(slow["v"], abs=0.02)


@how(max_examples=15, deadline=None)
@given(volts=st.floats(1, 200), flow=st.floats(0.2, 20))
def test_every_particle_is_somewhere(volts, flow):
    fractions = method(voltage_V=volts, flow_uL_min=flow).run(LOAD, rng=None).fractions
    assert np.sum([each.counts for each in fractions.values()], axis=0) == pytest.approx(LOAD.counts, rel=1e-9)


def test_the_current_heats_by_the_square_of_the_field():
    heating = [method(voltage_V=volts).run(LOAD, rng=None).trace.passage.heating for volts in (30, 60)]
    assert heating[1] == pytest.approx(4 * heating[0])
    assert heating[0] == pytest.approx((50e-6) ** 2 * 1.55 * 1e8 / (8 * 0.6), rel=0.01)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"voltage_V": 1000}, "voltage_V = 1000: heats the liquid by .* K, and it boils"),
        ({"voltage_V": 0}, "voltage_V = 0: must be above 0"),
        ({"target_at": "up"}, "target_at = 'up': must be one of"),
    ],
    ids=["boiling", "no voltage", "no such outlet"],
)
def test_what_cannot_be_done_is_refused(keys, message):
    with pytest.raises(InputError, match=message):
        method(**keys).run(LOAD, rng=None)


@pytest.mark.parametrize(
    ("buffer", "keys", "told"),
    [
        ("Tris buffer", {}, "the field is not even"),
        ("PBS", {"voltage_V": 550}, "proteins begin to unfold"),
        ("PBS", {}, None),
    ],
    ids=["salt", "warmth", "nothing"],
)
def test_what_is_left_out_is_told(buffer, keys, told):
    warnings = method(buffer, **keys).run(LOAD, rng=None).warnings
    assert any(told in text for text in warnings) if told else not [text for text in warnings if "march" not in text]


def test_charges_beyond_henrys_law_are_told():
    thin = {"sucrose_M": 0.25, "diluent": "water"}
    warnings = method(thin).run(sample(thin), rng=None).warnings
    assert any("zeta potentials of" in text and "above 50 mV" in text for text in warnings)


def test_settings_round_trip():
    chip = method().chip
    assert sepsim.chip(chip.to_table()) == chip
    assert dataclasses.replace(chip, voltage_V=30).field == pytest.approx(1e4)
