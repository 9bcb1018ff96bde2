"""Brownian dynamics: laws of diffusion, closed forms, and other kernels beside it."""

import numpy as np
import pytest

from sepsim.kernels import langevin
from sepsim.kernels.langevin import Walkers, Walls, uniform_field, walk

DIFFUSIVITY = 5e-12
FREE = Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros(6))


def walkers(n, place=(0.0, 0.0, 0.0), diffusivity=DIFFUSIVITY, radius=0.0):
    position = np.repeat(np.array(place, dtype=float)[:, None], n, axis=1)
    return Walkers(position, np.full(n, diffusivity), np.full(n, radius))


def test_mean_square_displacement_is_twice_its_axes_times_dt():
    found = walk(walkers(100_000), [uniform_field((0, 0, 0))], [0.0], FREE, 0.1, 20, 3)
    assert found.variance.value / (2 * DIFFUSIVITY * 2.0) == pytest.approx(1.0, abs=0.01)
    assert np.all(np.abs(found.mean.value) < 4 * found.mean.error)


def test_the_stationary_profile_is_exponential():
    """Pe exp(-Pe z)/(1 - exp(-Pe)) has the mean 0.12466 at Pe = 8."""
    n = 100_000
    slit = Walls(np.array([-np.inf, -np.inf, 0.0]), np.array([np.inf, np.inf, 1.0]), np.zeros(6))
    start = np.zeros((3, n))
    start[2] = -np.log1p(-(1 - np.exp(-8)) * (np.arange(n) + 0.5) / n) / 8
    kind = Walkers(start, np.ones(n), np.zeros(n))
    found = walk(kind, [uniform_field((0, 0, -1))], [8.0], slit, 2e-4, 1000, 5, axes=(2,))
    assert found.mean.value[2] == pytest.approx(0.12466, abs=4 * found.mean.error[2])


def test_threads_and_slices_do_not_matter():
    kind = walkers(1000)
    one = walk(kind, [uniform_field((0, 0, 1))], [1e-6], FREE, 0.1, 30, 3).walked.position
    two = walk(kind, [uniform_field((0, 0, 1))], [1e-6], FREE, 0.1, 30, 3, threads=2).walked.position
    some = Walkers(*(each[..., 100:200] for each in kind))
    part = walk(some, [uniform_field((0, 0, 1))], [1e-6], FREE, 0.1, 30, 3, first=100).walked.position
    assert np.array_equal(one, two)
    assert np.array_equal(one[:, 100:200], part)


def test_single_precision_would_lose_the_drift():
    found = walk(walkers(64, (5e-4, 0, 0)), [uniform_field((1, 0, 0))], [1e-8], FREE, 1e-3, 20_000, 3, noise=False)
    assert found.walked.position[0] - 5e-4 == pytest.approx(2.0e-7, rel=0.01)
    assert found.walked.status == langevin.OK
