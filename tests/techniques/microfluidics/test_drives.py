"""Chips by Brownian dynamics: particles that are stepped leave where those do that are marched or summed."""

import math

import numpy as np
import pytest

import sepsim
from sepsim.errors import InputError
from sepsim.kernels import slit_capture
from sepsim.techniques.microfluidics.brownian import stepped_shares, tracks
from sepsim.techniques.microfluidics.drives import drive, streamline_places, streamline_shares

PARTICLES = 2048
NOISE = 4.0  # standard errors


def passed(like, *diameters_nm, keep="target outlet", kind="vesicle", **keys):
    populations = [
        {"name": f"{diameter} nm", "kind": kind, "density_g_mL": 1.1, "particles_per_mL": 1e5,
         "diameter_nm": diameter, "marker_profile": {"strata": [{"share": 1, "CD63": 20}]}}
        for diameter in diameters_nm
    ]  # fmt: skip
    chip = {"like": like, "dead_volume_uL": 0, **keys}
    step = {"method": "microfluidics", "chip": chip, "keep": keep}
    load = {"medium": "PBS", "volume_mL": 0.1, "temperature_C": 25, "population": populations}
    table = {"target": f"{diameters_nm[0]} nm", "sample": load, "step": [step]}
    return sepsim.protocol_from_table(table).run(seed=1).bench[0].outcome.trace


def row_of(done, population=0):
    (rows,) = np.nonzero((done.load.sample.particles.population == population) & (done.load.moving > 0))
    return int(rows[0])


def driven(done, row, particles=PARTICLES):
    found = drive(done.chip, done, np.full(particles, row), 3)
    return found._replace(radius=np.zeros(particles))  # points, as in the march


def to_the_target(chip):
    def law(position, fate):
        share = streamline_shares(chip.channel, position[1])
        return np.mean(np.any([(share >= low) & (share < high) for low, high in chip.outlet_bands["target outlet"]], 0))

    return law


SORTERS = {
    "charge": ("FFE chip", 100, {}),
    "sound": ("half-wave", 2000, {"streaming": False}),
    "tilted sound": ("saw cells", 1200, {}),
    "polymer": ("Liu 2017", 200, {}),
    "inertia": ("spiral", 6000, {"buffer_ratio": 1}),
    "ferrofluid": ("ferrofluid sorter", 100, {}),
}


DIFFUSING = {"charge", "ferrofluid", "inertia"}  # or stirred, far enough to change their depth


@pytest.mark.slow
@pytest.mark.parametrize("name", SORTERS)
def test_stepped_and_marched_particles_leave_by_the_same_outlet(name):
    like, diameter, keys = SORTERS[name]
    done = passed(like, diameter, **keys)
    row = row_of(done)
    particles = driven(done, row)
    if name not in DIFFUSING:
        particles = particles._replace(axes=(0, 1))
    found = stepped_shares(particles, to_the_target(done.chip), 5)
    marched = done.passage.shares["target outlet"][row]
    allowed = NOISE * found.error + abs(found.step_error) + done.passage.error + 0.5 * found.under_way + 0.02
    assert found.value == pytest.approx(marched, abs=float(allowed))
    assert found.under_way < 0.03


@pytest.mark.slow
def test_rolls_of_streaming_and_the_stirring_that_stands_for_them():
    done = passed("half-wave", 2500)
    row = row_of(done)
    found = stepped_shares(driven(done, row), to_the_target(done.chip), 5)
    still = passed("half-wave", 2500, streaming=False).passage.shares["target outlet"][row]
    marched = done.passage.shares["target outlet"][row]
    assert found.value - still > 5 * NOISE * found.error  # rolls undo what sound does
    assert found.value == pytest.approx(marched, abs=0.15)  # one number stands for them


def test_electrodes_catch_whom_the_march_lets_touch_them():
    done = passed("IDE chip", 200, keep="captured", buffer_ratio=99, voltage_V=6)
    row = row_of(done)
    found = stepped_shares(driven(done, row, 512), lambda position, fate: np.mean(fate == 5), 7)
    marched = done.passage.course.march.share[row]
    assert found.value == pytest.approx(marched, abs=float(NOISE * found.error + abs(found.step_error)) + 0.03)


def test_coats_take_what_eigenfunctions_say():
    done = passed("planar", 30, keep="captured", ligands_per_um2=1e5)
    row, channel = row_of(done), done.chip.channel
    particles = driven(done, row)
    found = stepped_shares(particles, lambda position, fate: np.mean(fate > 2), 9)
    damkohler = particles.uptake[4, 0] * channel.height / particles.diffusivity[0]
    zeta = done.passage.course.channel.zeta(particles.diffusivity[:1])[0]
    expected = float(slit_capture(zeta, damkohler, done.chip.walls))
    assert found.value == pytest.approx(expected, abs=float(NOISE * found.error + abs(found.step_error)) + 0.01)


def test_membranes_let_go_when_retention_says():
    done = passed("AF4 constant", 40, keep="fraction 5", fractions=20)
    row = row_of(done)
    found = tracks(drive(done.chip, done, np.full(64, row), 3), 400, 3)
    here = found.position[:, 0]
    arrival = found.time[np.argmax(here >= here[-1].max() - 1e-6, axis=0)]
    assert np.all(found.fate == 2)
    expected = done.passage.course.retention_time[row]
    assert arrival.mean() == pytest.approx(expected, rel=0.05 + NOISE * arrival.std() / math.sqrt(64) / expected)


def test_streamlines_share_the_flow():
    channel = passed("half-wave", 100).chip.channel
    places = streamline_places(channel, np.array([0.0, 0.5, 1.0]))
    assert places == pytest.approx([0.0, 0.5 * channel.width, channel.width])
    share = np.array([0.1, 0.4, 0.9])
    assert streamline_shares(channel, streamline_places(channel, share)) == pytest.approx(share, abs=1e-6)


def test_paths_do_not_depend_on_how_often_they_are_kept():
    done = passed("FFE chip", 100)
    particles = driven(done, row_of(done), 8)
    particles = particles._replace(step=particles.time / 4800)
    often, seldom = (tracks(particles, frames, 1) for frames in (48, 12))
    assert np.array_equal(often.position[::4], seldom.position)


def test_a_mechanism_without_paths_says_so():
    done = passed("FFE chip", 100)
    with pytest.raises(InputError, match="has no paths of particles"):
        drive.dispatch(object)(done.chip, done, np.zeros(1, dtype=int), 1)
