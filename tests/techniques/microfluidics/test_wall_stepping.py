"""Capture in a slit by Brownian dynamics, beside the eigenfunctions and the march: three ways to one share."""

import math

import numpy as np
import pytest

from sepsim.kernels import WallSpecies, slit_capture, slit_flow, solve_wall_slit, walk
from sepsim.kernels.langevin import Walkers, Walls

HEIGHT, VELOCITY, DIFFUSIVITY = 1e-5, 1e-4, 5e-12  # Peclet number 200, so that diffusion along the flow is little
PARTICLES = 16384


def stepped(zeta, damkohler, walls):
    """Share that the walls hold, with its error: particles enter as the flow carries them."""
    length, speed = zeta * VELOCITY * HEIGHT**2 / DIFFUSIVITY, damkohler * DIFFUSIVITY / HEIGHT
    grid = np.linspace(0, 1, 4001)
    place = np.interp((np.arange(PARTICLES) + 0.5) / PARTICLES, 3 * grid**2 - 2 * grid**3, grid)
    position = np.array([np.zeros(PARTICLES), np.zeros(PARTICLES), place * HEIGHT])
    walkers = Walkers(position, np.full(PARTICLES, DIFFUSIVITY), np.zeros(PARTICLES))
    uptake = np.array([0.0, np.inf, 0.0, 0.0, speed, speed if walls == 2 else 0.0])  # the end takes what has passed
    box = Walls(np.array([-np.inf, -np.inf, 0.0]), np.array([length, np.inf, HEIGHT]), uptake)
    steps = 2 * round(15 * length / VELOCITY / 4e-3)
    found = walk(walkers, [slit_flow(HEIGHT)], [VELOCITY], box, 2e-3, steps, 5, axes=(0, 2)).share
    assert found.value[0] < 2e-3  # who is still under way
    held = found.value[5] + found.value[6]
    return held, math.hypot(found.error[5], found.error[6]) + 0.5 * abs(found.step_error[5] + found.step_error[6])


@pytest.mark.parametrize("walls", [1, 2])
@pytest.mark.parametrize("damkohler", [2.0, math.inf])
def test_stepping_marching_and_eigenfunctions_agree(damkohler, walls):
    zeta = 0.1
    expected = float(slit_capture(zeta, damkohler, walls))
    held, error = stepped(zeta, damkohler, walls)
    assert held == pytest.approx(expected, abs=4 * error + 3e-3)
    one = np.ones(1)
    speed = min(damkohler * DIFFUSIVITY / HEIGHT, 1.0)
    species = WallSpecies(one, DIFFUSIVITY * one, speed * one, 0 * one, 0 * one)
    length = zeta * VELOCITY * HEIGHT**2 / DIFFUSIVITY
    marched = solve_wall_slit(HEIGHT, length, VELOCITY, 1.0, species, steps=1, walls=walls)
    assert 1 - marched.outlet[-1, 0] == pytest.approx(expected, rel=6e-3)
