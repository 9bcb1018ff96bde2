"""What a tilted wave holds back of a flow, against the integral of Stratonovich."""

import math

import numpy as np
import pytest

from sepsim.techniques.microfluidics.tilted_wave import held_back


def integral(a, b, d, nodes=3000):
    """Mean speed in a washboard: 2 pi D [1 - exp(-2 pi a/D)] / double integral, by the midpoint rule."""
    place = 2.0 * math.pi * (np.arange(nodes) + 0.5) / nodes
    total = (
        sum(np.exp((-a * later + b * (np.cos(place) - np.cos(place + later))) / d).sum() for later in place)
        * (2.0 * math.pi / nodes) ** 2
    )
    return 2.0 * math.pi * d * -math.expm1(-2.0 * math.pi * a / d) / total


@pytest.mark.parametrize(
    ("a", "b", "d"), [(2.0, 1.0, 2.0), (1.0, 1.0, 0.3), (0.5, 1.0, 0.2), (1.0, 1.5, 0.1), (3.0, 1.0, 0.9)]
)
def test_stratonovich(a, b, d):
    assert float(held_back(np.array([a]), np.array([b]), np.array([d]))[0]) == pytest.approx(
        a - integral(a, b, d), rel=2e-3
    )


def test_without_noise_it_locks_or_slips():
    back = held_back(np.array([0.5, 1.0, 2.0]), np.array([1.0]), np.array([1e-9]))
    assert back == pytest.approx([0.5, 1.0, 2.0 - math.sqrt(3.0)])


def test_it_holds_back_no_more_than_there_is():
    a, b, d = np.meshgrid(np.geomspace(1e-3, 1e3, 9), np.geomspace(1e-3, 1e3, 9), np.geomspace(1e-3, 1e3, 9))
    back = held_back(a, b, d)
    assert np.all(back >= 0.0)
    assert np.all(back <= a * (1.0 + 1e-9))


def test_the_sign_of_the_contrast_does_not_count():
    assert held_back(np.array([1.0]), np.array([-0.7]), np.array([0.2])) == held_back(
        np.array([1.0]), np.array([0.7]), np.array([0.2])
    )


def test_strong_noise_frees_all():
    """To first order it takes a b^2/2/(a^2 + d^2)."""
    back = held_back(np.array([1.0]), np.array([0.1]), np.array([3.0]))
    assert back[0] == pytest.approx(0.01 / 2.0 / (1.0 + 9.0), rel=0.01)
