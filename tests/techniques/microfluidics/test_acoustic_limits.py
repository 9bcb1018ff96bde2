"""What limits a standing wave, as the march finds it: the exponents of energy, frequency and time, and the largest."""

import functools

import numpy as np
import pytest

from sepsim import Microfluidics
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.microfluidics.acoustophoresis import Acoustophoresis

SIZES = np.geomspace(30, 4900, 80)  # nm, of spheres of one contrast
pytestmark = pytest.mark.slow


@functools.cache
def spheres():
    population = {"name": "spheres", "kind": "particle", "density_g_mL": 1.05, "protein_mass_fraction": 0}
    population |= {"particles_per_mL": 1e6, "diameters_nm": SIZES.tolist(), "weights": [1.0] * SIZES.size}
    return recipe({"volume_mL": 0.1, "medium": "water", "temperature_C": 25, "population": [population]}).prepare()


def cut_off(frequency, energy, seconds, *, streaming=False):
    """Diameter [nm] half way between the share of the smallest and of the largest, and the limits of the formulas."""
    width = 0.5 * 1496.7 / frequency  # um, half a wave
    flow = 0.8 * width**2 * 1e-12 * 20e-3 / seconds * 6e10
    chip = Acoustophoresis(
        flow_uL_min=flow / 2, buffer_ratio=1, width_um=width, height_um=0.8 * width, length_mm=20,
        frequency_MHz=frequency, energy_density_J_m3=energy, target_percent=50, streaming=streaming,
        dead_volume_uL=0, pressure_limit_bar=1e4,
    )  # fmt: skip
    method = Microfluidics(chip=chip, buffer="water")
    share = method.run(spheres(), rng=None).trace.passage.shares["target outlet"]
    assert share[-1] > 0.99  # the largest are focused
    half = 0.5 * (share[0] + share[-1])
    above = int(np.argmax(share > half))
    found = np.exp(np.interp(half, share[above - 1 : above + 1], np.log(SIZES[above - 1 : above + 1])))
    load = method.load(spheres())
    return found, chip.limits(load, float(chip.contrast(load)[above]))


def test_heat_is_the_limit_of_a_long_way_and_falls_with_the_cube_root_of_the_energy():
    weak, limits = cut_off(40, 10, 30)
    strong, _ = cut_off(40, 80, 30)
    other, _ = cut_off(60, 80, 30)
    assert max(limits, key=limits.get) == "thermal"
    assert weak / strong == pytest.approx(2.0, rel=0.03)
    assert other == pytest.approx(strong, rel=0.01)  # at any frequency
    assert weak == pytest.approx(1e9 * limits["thermal"], rel=0.25)


def test_time_is_the_limit_of_a_short_way():
    slow, limits = cut_off(2, 100, 2.0)
    assert max(limits, key=limits.get) == "transit"
    for frequency, energy, seconds in ((2, 400, 0.5), (4, 100, 0.5), (4, 25, 2.0)):  # f^2 E t is the same
        assert cut_off(frequency, energy, seconds)[0] == pytest.approx(slow, rel=0.02)
    assert slow / cut_off(2, 400, 2.0)[0] == pytest.approx(2.0, rel=0.05)


def test_streaming_is_the_limit_that_no_energy_moves():
    rolls, limits = cut_off(2, 100, 60, streaming=True)
    assert max(limits, key=limits.get) == "streaming"
    assert cut_off(2, 400, 60, streaming=True)[0] == pytest.approx(rolls, rel=0.01)
    assert rolls / cut_off(8, 100, 60, streaming=True)[0] == pytest.approx(2.0, rel=0.02)  # f^-1/2
    assert rolls == pytest.approx(1e9 * limits["streaming"], rel=0.25)
