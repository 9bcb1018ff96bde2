"""Clusters of what came out of solution: how they grow while the mixture stands, and what of them a spin brings down.

In the spin clusters sink past one another and still grow. It is taken in short stretches of equal time: in each, first
they meet (`aggregation`), then each size loses to the wall what plug flow in the tube brings there over that stretch.
Density and drag of a cluster are both those of a fractal: the weight of its solids against the drag of the sphere that
it reaches out to.

Clusters that are lighter than the liquid gather at the meniscus and go off with the supernatant.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import STANDARD_GRAVITY_M_PER_S2
from sepsim.media import Medium
from sepsim.particles.osmosis import state_at
from sepsim.samples.crowding import RANDOM_CLOSE_PACKING
from sepsim.samples.sample import Sample
from sepsim.techniques.centrifugation.spin import SpeedProfile
from sepsim.techniques.centrifugation.tubes.chords import Chords, pelleted_fraction
from sepsim.techniques.precipitation.equilibrium import Wanting
from sepsim.techniques.precipitation.precipitation_model import PrecipitationModel

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.aggregation import Aggregates, Conditions, Primaries

STRETCHES = 24  # of a spin
TOLD_TIMES = 24  # of an incubation
ALL_BUT = 1e-9
ALMOST = 1.0 - 1e-9


class Landed(NamedTuple):
    """What of the clusters has met the wall.

    Attributes
    ----------
    share : ndarray, shape (n_classes,) [-]
        Of what came out of solution.
    by_bin : ndarray, shape (n_classes, n_bins) [-]
        The same by size of cluster.
    diameter, members : ndarray, shape (n_bins,) [m], [-]
        Of clusters as they land, and particles in each.
    grown : Aggregates
        Clusters that are left at the end of the spin.
    followed : bool
        Whether their growth could be computed all through the spin.
    """

    share: FloatArray
    by_bin: FloatArray
    diameter: FloatArray
    members: FloatArray
    grown: Aggregates
    followed: bool


def primaries(sample: Sample, wanting: Wanting, grain: float) -> Primaries:
    """Return what sticks: particles as they are, and grains of what follows its solubility.

    Parameters
    ----------
    sample : Sample
        With the precipitant.
    wanting : Wanting
    grain : float [m]
        Diameter of the grains.

    Returns
    -------
    Primaries
        A row for each class.
    """
    from sepsim.techniques.precipitation.aggregation import Primaries

    particles = sample.particles
    state = state_at(particles, sample.medium.osmolality)
    solids = RANDOM_CLOSE_PACKING * math.pi / 6.0 * grain**3
    out = wanting.share * sample.counts
    number = np.where(wanting.dissolves, out * state.volume / solids, particles.moving(out))
    return Primaries(
        diameter=np.where(wanting.dissolves, grain, state.diameter),
        volume=np.where(wanting.dissolves, solids, state.volume),
        density=state.density,
        number=number / sample.volume,
        sticking=np.where(wanting.dissolves, 1.0, wanting.sticking),
    )


def bench(liquid: Medium, shear_rate: float, model: PrecipitationModel) -> Conditions:
    """Return the conditions of clusters that stand on the bench.

    They are those of particles that meet on straight lines: shear and weight count for as much less as the flow around
    a cluster carries particles past it.

    Parameters
    ----------
    liquid : Medium
        With what is still dissolved in it.
    shear_rate : float [1/s]
    model : PrecipitationModel

    Returns
    -------
    Conditions
    """
    from sepsim.techniques.precipitation.aggregation import Conditions

    return Conditions(
        temperature=liquid.temperature,
        viscosity=liquid.viscosity,
        liquid_density=liquid.density,
        shear_rate=model.flow_capture * shear_rate,
        acceleration=model.flow_capture * STANDARD_GRAVITY_M_PER_S2,
        fractal_dimension=model.fractal_dimension,
    )


def incubated(parts: Primaries, conditions: Conditions, time: float) -> Aggregates:
    """Return the clusters at times that rise to the end of an incubation.

    Parameters
    ----------
    parts : Primaries
    conditions : Conditions
    time : float [s]

    Returns
    -------
    Aggregates
    """
    from sepsim.techniques.precipitation.aggregation import aggregate

    times = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, TOLD_TIMES) * time]) if time > 0 else np.array([0.0])
    return aggregate(parts, conditions, times)


def brought_down(
    parts: Primaries,
    conditions: Conditions,
    grown: Aggregates,
    bundle: Chords,
    profile: SpeedProfile,
    flow_capture: float,
) -> Landed:
    """Return what a spin brings down of clusters that go on to grow in it.

    Parameters
    ----------
    parts : Primaries
    conditions : Conditions
        On the bench; at rest in the tube nothing shears.
    grown : Aggregates
        At the start of the spin.
    bundle : Chords
        The filled tube.
    profile : SpeedProfile
    flow_capture : float [-]
        Of what lies in the path of a cluster that touches it.

    Returns
    -------
    Landed
    """
    from sepsim.techniques.precipitation.aggregation import aggregate

    clock = np.linspace(0.0, profile.clock, STRETCHES + 1)
    dose = np.array([profile.until(float(time)).dose for time in clock])
    middle = 0.5 * float((bundle.inner + bundle.outer) @ bundle.volumes) / bundle.volume
    lost = np.zeros_like(grown.fate[-1])
    weight = np.zeros((2, grown.solids.size))  # of diameters and members of what lands
    landing, followed = np.zeros(grown.solids.size), True
    for start, end, spent, reached in zip(clock[:-1], clock[1:], dose[:-1], dose[1:], strict=True):
        force = replace(
            conditions, shear_rate=0.0, acceleration=flow_capture * middle * (reached - spent) / (end - start)
        )
        grown = aggregate(parts, force, [end - start], start=grown)
        followed &= grown.reached >= (end - start) * ALMOST
        diameter, number = grown.diameter[-1], grown.number[-1]
        share = _landing(grown, conditions, bundle, spent, reached)
        solids = share * number * grown.solids
        landing += solids
        members = np.divide(grown.particles[-1], number, out=np.ones_like(number), where=number > 0)
        weight += solids * np.stack([np.where(np.isfinite(diameter), diameter, 0.0), members])
        lost += grown.fate[-1] * share[:, None]
        grown = replace(grown, fate=grown.fate * (1.0 - share)[:, None])
    mean = np.divide(weight, landing, out=np.zeros_like(weight), where=landing > 0)
    by_bin = grown.origin @ lost.T
    return Landed(by_bin.sum(axis=1).clip(0.0, 1.0), by_bin, mean[0], mean[1], grown, followed)


def _landing(grown: Aggregates, conditions: Conditions, bundle: Chords, spent: float, reached: float) -> FloatArray:
    """Return the share of each size that is still suspended after one dose and has met the wall after another."""
    s = cluster_sedimentation(grown, conditions)
    before, after = (pelleted_fraction(bundle, s * dose).pelleted for dose in (spent, reached))
    left = 1.0 - before
    return np.where(left > ALL_BUT, (after - before) / np.maximum(left, ALL_BUT), 1.0).clip(0.0, 1.0)


def cluster_sedimentation(grown: Aggregates, conditions: Conditions) -> FloatArray:
    """Return the sedimentation coefficients of the clusters of each bin at the last time.

    Parameters
    ----------
    grown : Aggregates
    conditions : Conditions

    Returns
    -------
    ndarray, shape (n_bins,) [s]
    """
    excess = grown.solids * (grown.density[-1] - conditions.liquid_density)
    diameter = grown.diameter[-1]
    drag = 3.0 * math.pi * conditions.viscosity * diameter
    s: FloatArray = np.divide(excess, drag, out=np.zeros_like(excess), where=np.isfinite(drag) & (drag > 0))
    return s


def landing_diameter(viscosity: float, excess_density: float, path: float, acceleration: float, time: float) -> float:
    """Return the smallest compact sphere that reaches the bottom from the top, d = sqrt(18 mu h/(drho a t)).

    Parameters
    ----------
    viscosity : float [Pa s]
    excess_density : float [kg/m3]
        Of the sphere over the liquid.
    path : float [m]
    acceleration : float [m/s2]
    time : float [s]

    Returns
    -------
    float [m]
        Infinite where nothing sinks.

    Examples
    --------
    30 min at 1,500 x g through 3 cm of 5 mPa s:

    >>> round(1e6 * landing_diameter(5e-3, 60.0, 0.03, 1500 * 9.80665, 1800.0), 2)
    1.3
    """
    if excess_density <= 0 or acceleration * time <= 0:
        return math.inf
    return math.sqrt(18.0 * viscosity * path / (excess_density * acceleration * time))


def needed_cluster(
    parts: Primaries, conditions: Conditions, bundle: Chords, profile: SpeedProfile
) -> tuple[float, float]:
    """Return the smallest cluster that a spin brings to the wall from anywhere in the tube, without further growth.

    A cluster of n mean particles has the radius R = a n^(1/D) and sediments at s = n v drho/(6 pi mu R); it needs
    s W = ln(outer/inner) of the longest path.

    Parameters
    ----------
    parts : Primaries
    conditions : Conditions
    bundle : Chords
    profile : SpeedProfile

    Returns
    -------
    diameter : float [m]
    members : float [-]
        Particles in it, at least 1; both infinite if none sinks.

    Examples
    --------
    Vesicles of 100 nm in 8 % PEG, 1 h at some 3,000 x g: some thousand of them, if they reach out as fractals do.

    >>> from sepsim.rotors.rotors import ROTORS
    >>> from sepsim.techniques.centrifugation.spin import speed_profile
    >>> from sepsim.techniques.centrifugation.tubes.chords import chords
    >>> from sepsim.techniques.precipitation.aggregation import Conditions, Primaries
    >>> vesicles = Primaries(diameter=[100e-9], volume=[5.2e-22], density=[1100.0], number=[1e15], sticking=[1.0])
    >>> liquid = Conditions(temperature=277.15, viscosity=5e-3, liquid_density=1020.0)
    >>> tube = chords(ROTORS.get("SX4750"), 30e-6)
    >>> diameter, members = needed_cluster(vesicles, liquid, tube, speed_profile(400.0, 3600.0, 0.0, 0.0))
    >>> 1e3 < members < 1e4, 3e-6 < diameter < 10e-6
    (True, True)
    """
    weight = parts.number / parts.number.sum()
    dimension = conditions.fractal_dimension
    radius = float(weight @ (0.5 * parts.diameter) ** dimension) ** (1.0 / dimension)
    excess = float(weight @ (parts.volume * (parts.density - conditions.liquid_density)))
    if excess <= 0.0 or profile.dose <= 0.0:
        return math.inf, math.inf
    single = excess / (6.0 * math.pi * conditions.viscosity * radius)
    members = max((bundle.clearing_exponent / (single * profile.dose)) ** (dimension / (dimension - 1.0)), 1.0)
    return 2.0 * radius * members ** (1.0 / dimension), members
