"""The field of interdigitated electrodes against one summed from the potential, and its far field."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sepsim.techniques.microfluidics.electrode_field import WAVES, Electrodes

BARS = Electrodes(width=10e-6, gap=10e-6, voltage=2.5)


def potential(x, z, bars):
    """Of the floor by Fourier's integral of bars at +V and -V with straight lines between, decaying by wave."""
    period = 2 * (bars.width + bars.gap)
    grid = (np.arange(4096) + 0.5) / 4096 * period
    place = np.abs((grid + period / 2) % period - period / 2)  # from the middle of a bar at +V
    floor = bars.voltage * np.clip((period / 4 - place) / (bars.gap / 2), -1, 1)
    total = 0.0
    for n in range(1, 2 * WAVES, 2):
        k = n * 2 * math.pi / period
        total = total + 2 * np.mean(floor * np.cos(k * grid)) * np.cos(k * x) * np.exp(-k * z)
    return total


@pytest.mark.parametrize("z", [2e-6, 5e-6, 20e-6])
def test_the_mean_square_is_that_of_the_potential(z):
    x = np.linspace(0, 40e-6, 400, endpoint=False)
    step = 1e-9
    along = (potential(x + step, z, BARS) - potential(x - step, z, BARS)) / (2 * step)
    up = (potential(x, z + step, BARS) - potential(x, z - step, BARS)) / (2 * step)
    mean = 0.5 * np.mean(along**2 + up**2)
    assert float(BARS.mean_square(np.array([z]))[0]) == pytest.approx(mean, rel=2e-3)


@given(st.floats(1e-7, 5e-5))
def test_the_slope_is_the_derivative(z):
    h = 1e-11
    around = BARS.mean_square(np.array([z - h, z + h]))
    assert float(BARS.slope(np.array([z]))[0]) == pytest.approx(float(np.diff(around)[0]) / (2 * h), rel=1e-3)


def test_far_above_one_wave_is_left():
    far = np.array([60e-6])
    k = math.pi / 20e-6
    amplitude = 4 * 2.5 / math.pi * math.sin(math.pi / 4) / (math.pi / 4)
    assert float(BARS.mean_square(far)[0]) == pytest.approx(
        0.5 * (k * amplitude) ** 2 * math.exp(-2 * k * 60e-6), rel=1e-4
    )
    assert BARS.decay_length == pytest.approx(1 / (2 * k))


def test_twice_the_voltage_has_four_times_the_square():
    near = np.array([1e-6, 1e-5])
    assert BARS._replace(voltage=5.0).mean_square(near) == pytest.approx(4 * BARS.mean_square(near))
