"""Drawing the liquid of a tube off in fractions, from its top or from its bottom."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.errors import InputError, ModelRangeWarning
from sepsim.media import Medium
from sepsim.samples.sample import Sample
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.pellet import Pellet
from sepsim.techniques.centrifugation.wall_layer import WallLayer

ROUND_OFF = 1e-9
LEAST_SHARE = 1e-12  # of a class; the tail of a profile below it is that of the method


def borders(total: float, *, volume: float | None = None, number: int | None = None) -> FloatArray:
    """Return how much liquid has been drawn before and after each fraction.

    Parameters
    ----------
    total : float [m3]
        Liquid in the tube.
    volume : float [m3], optional
        Of each fraction; the last may be smaller.
    number : int, optional
        Of equal fractions, instead.

    Returns
    -------
    ndarray, shape (n_fractions + 1,) [m3]
        From 0 to the total.

    Raises
    ------
    InputError
        If a fraction is larger than the total.

    Examples
    --------
    >>> (borders(12e-6, volume=5e-6) * 1e6).round(9).tolist()
    [0.0, 5.0, 10.0, 12.0]
    """
    if volume is None:
        return np.linspace(0.0, total, (number or 1) + 1)
    if volume > total * (1.0 + ROUND_OFF):
        raise InputError(
            f"fraction_volume_mL = {volume * 1e6:g}: the tube holds only {total * 1e6:g} mL; take smaller fractions"
        )
    count = math.ceil(total / volume - ROUND_OFF)
    marks: FloatArray = np.minimum(np.arange(count + 1) * volume, total)
    return marks


def draw_off(
    sample: Sample,
    spin: GradientSpin,
    borders: FloatArray,
    *,
    residual_volume: float,
    settled: Callable[[Medium, float], WallLayer],
    from_bottom: bool = False,
    mixing: float = 0.0,
) -> tuple[list[Sample], Pellet]:
    """Draw off the liquid of all tubes in fractions, and leave the pellet with some of the last liquid above it.

    Parameters
    ----------
    sample : Sample
        What was spun.
    spin : GradientSpin
    borders : ndarray, shape (n_fractions + 1,) [m3]
        Liquid drawn from a tube before and after each fraction.
    residual_volume : float [m3]
        Liquid left on the pellets of all tubes, from the fraction at the bottom.
    settled : callable
        What stays at the walls, given the medium at the bottom and the liquid left on them [m3].
    from_bottom : bool
        Draw the bottom first.
    mixing : float [m3]
        As in `drawn`.

    Returns
    -------
    fractions : list of Sample
        In the order in which they are drawn.
    pellet : Pellet

    Raises
    ------
    InputError
        If more liquid shall be left on the pellets than the fraction at the bottom holds.
    """
    column, total = spin.column, spin.column.depths[-1]
    depths = (total - column.depths)[::-1] if from_bottom else column.depths
    taken = drawn(depths, borders, mixing=mixing)[:, :: -1 if from_bottom else 1]
    *shares, pelleted = _resolved(np.column_stack([spin.shares @ (taken / column.volumes).T, spin.pelleted])).T
    fractions = [
        replace(
            sample,
            medium=spin.gradients[-1].pooled(volumes),
            volume=spin.tubes * volumes.sum(),
            counts=sample.counts * share,
        )
        for volumes, share in zip(taken, shares, strict=True)
    ]
    lowest = 0 if from_bottom else -1
    bottom = fractions[lowest]
    if residual_volume > bottom.volume:
        raise InputError(
            f"residual_volume_mL: {residual_volume * 1e6:g} mL on the pellets are more than the "
            f"{bottom.volume * 1e6:g} mL of the fraction at the bottom; reduce it"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelRangeWarning)  # gradient_warnings tells once how far solutes gather
        layer = settled(bottom.medium, residual_volume)
    landed = sample.counts * pelleted
    in_film = landed * layer.in_film
    bottom = replace(bottom, counts=bottom.counts + (landed * (1.0 - layer.attached) - in_film).clip(min=0.0))
    liquid, fractions[lowest] = bottom.take(residual_volume / bottom.volume, residual_volume)
    liquid = replace(liquid, counts=liquid.counts + in_film)
    return fractions, Pellet(replace(sample, volume=0.0, counts=landed * layer.attached), liquid)


def _resolved(shares: FloatArray) -> FloatArray:
    """Return the shares of classes (rows) in parts without those that are too small to mean anything."""
    kept = np.where(shares > LEAST_SHARE, shares, 0.0)
    total = kept.sum(axis=1, keepdims=True)
    scaled: FloatArray = kept * np.divide(shares.sum(axis=1, keepdims=True), total, out=total.copy(), where=total > 0)
    return scaled


def drawn(depths: FloatArray, borders: FloatArray, *, mixing: float = 0.0) -> FloatArray:
    """Return how much of the liquid of each cell gets into each fraction.

    While it is drawn off, liquid is displaced by a Gaussian of a standard deviation, reflected at both ends, so that
    the fractions keep their volumes. Valid for displacements that are small against the whole.

    Parameters
    ----------
    depths : ndarray, shape (n_cells + 1,) [m3]
        Liquid drawn when each face passes, from 0 to the total.
    borders : ndarray, shape (n_fractions + 1,) [m3]
        As `borders` gives them.
    mixing : float [m3]
        Standard deviation of the displacement; 0 keeps the order of the liquid.

    Returns
    -------
    ndarray, shape (n_fractions, n_cells) [m3]
        Columns sum to the volumes of the cells.

    Examples
    --------
    >>> drawn(np.array([0.0, 2.0, 4.0]), np.array([0.0, 3.0, 4.0])).tolist()
    [[2.0, 1.0], [0.0, 1.0]]
    """
    border, total = borders[1:-1, None], depths[-1]
    passed = np.maximum(depths - border, 0.0)  # what lies above each face and comes after each border
    if mixing > ROUND_OFF * total:
        passed = (
            _mean_excess(depths - border, mixing)
            - _mean_excess(-depths - border, mixing)
            - _mean_excess(depths + border - 2.0 * total, mixing)
        )
    behind = np.diff(passed, axis=1)  # volume of each cell that comes after the border
    volumes = np.diff(depths)
    after = np.vstack([volumes, behind, np.zeros_like(volumes)])
    taken: FloatArray = (-np.diff(after, axis=0)).clip(min=0.0)  # of round-off
    return taken


def _mean_excess(distance: FloatArray, deviation: float) -> FloatArray:
    """Return the mean of max(0, distance + x) over a normal x of a standard deviation."""
    from scipy.special import ndtr  # scipy loads only when fractions are mixed

    z = distance / deviation
    density = np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)
    excess: FloatArray = distance * ndtr(z) + deviation * density
    return excess
