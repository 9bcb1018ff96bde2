"""Viscoelastic and inertial chips: laws of size and speed, and what they are good for."""

import numpy as np
import pytest

import sepsim
from sepsim import Microfluidics
from sepsim.techniques.microfluidics.chips.chips import CHIPS
from sepsim.techniques.microfluidics.inertial_focusing import LINE, InertialFocusing
from sepsim.techniques.microfluidics.viscoelastic_focusing import ViscoelasticFocusing

POLYMER = {
    "flow_uL_min": 3.3,
    "buffer_ratio": 6,
    "width_um": 20,
    "height_um": 50,
    "length_mm": 32,
    "polymer_viscosity_mPa_s": 1,
    "relaxation_ms": 0.1,
    "target_at": "sides",
    "target_percent": 60,
}


@pytest.fixture(scope="module")
def plasma():
    return sepsim.sample_from_catalog("platelet-rich plasma", volume_mL=0.1, size_bins=12).prepare().at(298.15)


def run(sample, chip):
    return Microfluidics(chip=chip).run(sample, rng=None).trace


def share(sample, chip, name, outlet="target outlet"):
    passage = run(sample, chip).passage
    table, counts = sample.particles, sample.counts
    rows = table.population == table.names.index(name)
    return float((passage.shares[outlet] * counts)[rows].sum() / counts[rows].sum())


def drift(sample, chip, y):
    load = Microfluidics(chip=chip).load(sample)
    return load, chip.drift(load, np.arange(load.diameter.size), np.atleast_1d(y) * chip.channel.width)


def test_polymer_drives_to_the_centre_as_the_square_of_the_size(plasma):
    load, speed = drift(plasma, ViscoelasticFocusing(**POLYMER), [0.2, 0.5, 0.8])
    assert np.all(speed[:, 0] > 0.0)
    assert np.all(speed[:, 2] < 0.0)
    assert np.abs(speed[:, 1]).max() < 1e-6 * speed[:, 0].max()
    assert np.ptp(speed[:, 0] / load.diameter**2) < 1e-9 * (speed[:, 0] / load.diameter**2).max()


def test_polymer_drives_as_in_a_slit(plasma):
    """In a slit u = 6 U s (1 - s), so that N1 = 2 eta_p lambda (6 U/w)^2 (1 - 2 s)^2."""
    table = {**POLYMER, "height_um": 400, "flow_uL_min": 20}
    chip = ViscoelasticFocusing(**table)
    load, speed = drift(plasma, chip, [0.25])
    width, velocity = (
        chip.channel.width,
        chip.channel.profile(0.5, 0.5) / 1.5 * chip.channel.mean_velocity(load.total_flow),
    )
    slope = 2e-3 * 1e-4 * (6.0 * velocity / width) ** 2 * 2.0 * 0.5 * 2.0 / width
    expected = 0.05 * load.diameter**2 * slope / (3.0 * np.pi * (load.carrier.viscosity + 1e-3))
    assert speed[:, 0] == pytest.approx(expected, rel=0.01)


def test_large_vesicles_go_to_the_centre_and_small_ones_stay(plasma):
    chip = ViscoelasticFocusing(**POLYMER)
    assert share(plasma, chip, "exosome") > share(plasma, chip, "microvesicle") > share(plasma, chip, "platelet")
    stiff = ViscoelasticFocusing(**{**POLYMER, "relaxation_ms": 1.0})
    assert share(plasma, stiff, "exosome") < share(plasma, chip, "exosome") - 0.1


def test_polymer_slows_diffusion_and_takes_pressure(plasma):
    chip = ViscoelasticFocusing(**POLYMER)
    load = Microfluidics(chip=chip).load(plasma)
    ratio = (load.carrier.viscosity + 1e-3) / load.carrier.viscosity
    assert chip.diffusivity(load) * ratio == pytest.approx(load.diffusivity)
    bare = chip.channel.pressure_drop(load.total_flow, load.carrier.viscosity)
    assert chip.pressure(load) == pytest.approx(ratio * bare)


def test_weissenberg_number_is_told(plasma):
    told = " ".join(
        ViscoelasticFocusing(**POLYMER).doubts(Microfluidics(chip=ViscoelasticFocusing(**POLYMER)).load(plasma))
    )
    assert "Weissenberg number 3.9" in told


def test_spiral_takes_cells_out_and_leaves_vesicles_to_their_liquid(plasma):
    spiral = CHIPS.get("inertial spiral")
    exosome, albumin = (share(plasma, spiral, name) for name in ("exosome", "albumin"))
    assert exosome == pytest.approx(share(plasma, spiral, "microvesicle"), abs=0.01)
    assert exosome == pytest.approx(albumin, abs=0.05)
    assert share(plasma, spiral, "lymphocyte") < 0.25 * exosome
    assert share(plasma, spiral, "erythrocyte") < 0.6 * exosome


def test_lift_grows_with_the_cube_of_the_size(plasma):
    straight = InertialFocusing(flow_uL_min=200, width_um=50, height_um=50, length_mm=50)
    load, speed = drift(plasma, straight, [0.4])
    assert np.ptp(speed[:, 0] / load.diameter**3) < 1e-9 * np.abs(speed[:, 0] / load.diameter**3).max()


def test_lift_vanishes_at_the_lines_and_points_to_them(plasma):
    straight = InertialFocusing(flow_uL_min=200, width_um=50, height_um=50, length_mm=50)
    right = 0.5 * (1.0 + LINE)
    _, speed = drift(plasma, straight, [0.5, 0.7, right, 0.95])
    fastest = np.abs(speed).max()
    assert np.abs(speed[:, [0, 2]]).max() < 1e-9 * fastest
    assert np.all(speed[:, 1] > 0.0)
    assert np.all(speed[:, 3] < 0.0)


def test_straight_channel_sends_cells_to_two_lines(plasma):
    """From the whole width, cells leave between the centre and the walls."""
    chip = InertialFocusing(
        flow_uL_min=300,
        width_um=50,
        height_um=50,
        length_mm=50,
        sample_at="centre",
        target_at="centre",
        target_percent=30,
        pressure_limit_bar=30,
    )
    assert share(plasma, chip, "erythrocyte") < 0.05
    assert share(plasma, chip, "exosome") == pytest.approx(0.3, abs=0.02)


def test_what_is_focused_is_told(plasma):
    spiral = CHIPS.get("inertial spiral")
    told = " ".join(spiral.doubts(Microfluidics(chip=spiral).load(plasma)))
    assert "lift focuses particles above 5.2 um" in told
    slow = InertialFocusing(flow_uL_min=0.1, width_um=50, height_um=50, length_mm=50)
    assert "nothing is lifted" in " ".join(slow.doubts(Microfluidics(chip=slow).load(plasma)))
