"""Asymmetrical-flow field-flow fractionation: a cross flow through a membrane holds back what diffuses slowly.

What happens in the channel: the sample is injected while liquid enters from both ends and leaves through the membrane,
which focuses it into a narrow band, relaxed to the membrane. Then the stream carries the bands to the outlet, the
smallest first, since they diffuse farthest up into it; large particles, which touch the membrane with their surface and
reach faster liquid with their centre, come early again (steric inversion). A cross flow that decays brings all of them
out within an hour. What is left leaves with the cross flow off, as the ``purge``.

Equations: `fff_retention` (retention and spreading), `fff_elution` (programmed cross flow, membrane). The membrane has
equal pores that hold back 90 % of a protein of the cut-off; share of what is carried to them that passes, with k the
radius over that of the pore: (1 - k)^2 [2 - (1 - k)^2] (Ferry 1936).

Assumptions: dilute bands, relaxed at the start of the elution; the liquid of the sample leaves through the membrane and
the eluent replaces it; nothing settles; repulsion from the membrane is in the steric factor alone.

Valid range: thin layers, lambda < 0.1, of up to some 100 ug injected. Known gap: adsorption to the membrane, the same
for all, is a choice within recoveries of 50 to 80 % that are usual (recalled: no balance of vesicles could be read).

Sources: Giddings 1978, Giddings et al. 1975, Wahlund & Giddings 1987; settings as in Zhang & Lyden 2019 (abstract).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.errors import InputError
from sepsim.media import Medium
from sepsim.samples.fractions import numbered
from sepsim.samples.sample import Sample
from sepsim.settings import Accepts, as_float, integer, number, part, settings, text
from sepsim.techniques.microfluidics.chips.channel import Channel
from sepsim.techniques.microfluidics.chips.chip import WASTE, Chip
from sepsim.techniques.microfluidics.fff_elution import CrossFlowChannel, Elution, elute
from sepsim.techniques.microfluidics.fff_retention import FILLED
from sepsim.techniques.microfluidics.load import Load
from sepsim.techniques.microfluidics.passage import Liquid, Passage
from sepsim.text.tables import duration
from sepsim.units import to_si

PURGE = "purge"
STEPS = 1600  # of an elution
REJECTED = 0.7735  # radius over that of the pore at which 90 % are held back: (1 - k)^2 [2 - (1 - k)^2] = 0.1
PROTEIN = 1.2 * 0.066e-9  # m, radius over the cube root of the mass in g/mol (Erickson 2009)
STILL_IN = 0.05  # of a population, from which on the purge is told
MOST_POINTS = 100
POINTS = "a list of [time_min, flow_mL_min] with rising times from 0, such as [[0, 0.5], [45, 0]]"


def _accept_points(value: Any) -> tuple[tuple[float, float], ...]:
    rows = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    pairs = [row if isinstance(row, Sequence) and not isinstance(row, str) and len(row) == 2 else () for row in rows]
    points = [(time, flow) for time, flow in map(_as_point, pairs) if 0 <= time < 1e4 and 0 <= flow < 1e4]
    if not points or len(points) > MOST_POINTS or len(points) < len(pairs):
        raise InputError(f"must be {POINTS}")
    times = [point[0] for point in points]
    if times[0] != 0 or any(late <= early for early, late in pairwise(times)):
        raise InputError(f"times must rise from 0; give {POINTS}")
    if points[0][1] == 0:
        raise InputError("starts with a cross flow of 0, which holds nothing to the membrane; give more than 0")
    return tuple(points)


def _as_point(pair: Sequence[Any]) -> tuple[float, float]:
    """Return a pair of numbers; infinite where there is none."""
    time, flow = (as_float(item) for item in pair) if pair else (None, None)
    return (math.inf if time is None else time, math.inf if flow is None else flow)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fractogram:
    """What left the channel in the course of a run.

    Attributes
    ----------
    time : ndarray, shape (n_times,) [s]
        Since the elution began.
    cross_flow : ndarray, shape (n_times,) [m3/s]
    signal : ndarray, shape (n_populations, n_times) [1/s]
        Bodies of each population that leave in a second, in the order of the names of the particles.
    retention_time : ndarray, shape (n_classes,) [s]
        Of each class; nan if it has not left.
    """

    time: FloatArray
    cross_flow: FloatArray
    signal: FloatArray
    retention_time: FloatArray


@settings
class FieldFlowFractionation(Chip):
    """A channel above a membrane; hands out ``fraction 1``, ``fraction 2`` ..., ``purge`` and ``waste``.

    Fractions are counted from the start of the elution; ``waste`` is what passes the membrane, with the liquid of the
    sample.

    Parameters
    ----------
    name : str
    flow_uL_min : float [uL/min]
        Of the sample into the channel, while it is focused.
    buffer_ratio : float [-]
        0: the eluent is told by the flows.
    dead_volume_uL : float [uL]
        Of sample that stays in the injector.
    adsorbed_percent : float [%]
        Of the particles, lost on the membrane.
    pressure_limit_bar : float [bar]
        Beyond which it leaks.
    spacer_um : float [um]
        Thickness of the channel; that of the spacer, unless the membrane swells into it.
    area_cm2 : float [cm2]
        Of the membrane in the channel, whatever its outline.
    length_mm : float [mm]
        From inlet to outlet.
    mwco_kDa : float [kDa]
        Cut-off of the membrane, rated with protein.
    focus_min : float [min]
        For which the band is focused after the injection.
    focus_percent : float [%]
        Share of the area that is upstream of the focus.
    focus_width_mm : float [mm]
        Breadth of the focused band, of which it holds 95 %.
    outlet_flow_mL_min : float [mL/min]
        To the detector and the collector.
    cross_flow : sequence of (float, float)
        Points of time [min] since the start of the elution and cross flow [mL/min]; after the last it stays. The first
        holds while the sample is focused.
    cross_flow_decay : "linear" | "exponential"
        How it goes from point to point.
    fraction_min : float [min]
        For which a fraction is collected.
    fractions : int
    purge_min : float [min]
        For which the channel is flushed without a cross flow in the end.
    steric_factor : float [-]
        1 of a sphere that is dragged along at the speed of the stream at its centre; above 1 if it is lifted off.
    capacity_ug : float [ug]
        Particles and proteins injected, above which the bands are overloaded.

    Raises
    ------
    InputError
        With every problem of the settings.

    Examples
    --------
    >>> channel = FieldFlowFractionation(
    ...     flow_uL_min=100, spacer_um=350, area_cm2=35, length_mm=270, outlet_flow_mL_min=1,
    ...     cross_flow=[[0, 0.5], [45, 0]], fraction_min=5, fractions=10)
    >>> channel.outlets[-3:], f"{channel.cross_flow_at([0, 900])[-1] * 6e7:.3f} mL/min"
    (('fraction 10', 'purge', 'waste'), '0.333 mL/min')
    """

    mechanism: ClassVar[str] = "field-flow fractionation"

    buffer_ratio: float = number(default=0.0, minimum=0, maximum=0, help="0: the eluent is told by the flows")
    dead_volume_uL: float = number(default=1.0, minimum=0, maximum=1e5, help="sample that stays in the injector")
    adsorbed_percent: float = number(default=30.0, minimum=0, maximum=99, help="of the particles, on the membrane")
    spacer_um: float = number(above=0, maximum=5000, help="thickness of the channel")
    area_cm2: float = number(above=0, maximum=1e4, help="of the membrane in the channel")
    length_mm: float = number(above=0, maximum=1e4, help="from inlet to outlet")
    mwco_kDa: float = number(default=10.0, above=0, maximum=1000, help="cut-off of the membrane, rated with protein")
    focus_min: float = number(default=5.0, minimum=0, maximum=600, help="focusing after the injection")
    focus_percent: float = number(default=10.0, minimum=0, maximum=90, help="of the area, upstream of the focus")
    focus_width_mm: float = number(default=5.0, above=0, maximum=1e3, help="breadth of the focused band")
    outlet_flow_mL_min: float = number(above=0, maximum=1000, help="to the detector and the collector")
    cross_flow: Accepts[tuple[tuple[float, float], ...], Sequence[Sequence[float]]] = part(
        accept=_accept_points, dump=lambda points: [list(point) for point in points], allowed=POINTS, help=POINTS
    )
    cross_flow_decay: str = text(
        default="linear", choices=("linear", "exponential"), help="how the cross flow goes from point to point"
    )
    fraction_min: float = number(above=0, maximum=600, help="for which a fraction is collected")
    fractions: int = integer(minimum=1, maximum=500, help="number of fractions")
    purge_min: float = number(default=5.0, above=0, maximum=600, help="flush without a cross flow in the end")
    steric_factor: float = number(default=1.0, minimum=0, maximum=10, help="of particles that touch the membrane")
    capacity_ug: float = number(default=100.0, above=0, maximum=1e6, help="injected, above which it is overloaded")

    def conflicts(self) -> list[str]:
        """Return what does not fit together: an exponential decay that ends at 0, a focus as long as the channel."""
        problems = []
        if self.cross_flow_decay == "exponential" and any(flow == 0 for _, flow in self.cross_flow):
            problems.append("cross_flow: an exponential decay never reaches 0; end above 0, or decay linearly")
        if self.focus_width_mm > 0.5 * self.length_mm:
            problems.append(
                f"focus_width_mm = {self.focus_width_mm:g}: more than half of length_mm = {self.length_mm:g}"
            )
        return problems

    @property
    def channel(self) -> Channel:
        """The channel, as broad everywhere as on the average."""
        length = to_si("length_mm", self.length_mm)
        return Channel(width=self._area / length, height=to_si("spacer_um", self.spacer_um), length=length)

    @property
    def outlets(self) -> tuple[str, ...]:
        """Numbered fractions, what the purge brings out, and what passes the membrane."""
        return (*numbered(self.fractions), PURGE, WASTE)

    @property
    def numbered(self) -> int:
        """How many fractions are numbered."""
        return self.fractions

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the equations come from."""
        return ("giddings1978steric", "giddings1975", "wahlund1987", "erickson2009")

    def cross_flow_at(self, time: Sequence[float] | FloatArray) -> FloatArray:
        """Return the cross flow in the course of the elution.

        Parameters
        ----------
        time : array_like, shape (n,) [s]

        Returns
        -------
        ndarray, shape (n,) [m3/s]
        """
        times = np.array([to_si("time_min", time) for time, _ in self.cross_flow])
        flows = np.array([to_si("flow_mL_min", flow) for _, flow in self.cross_flow])
        decays = self.cross_flow_decay == "exponential"
        found: FloatArray = np.exp(np.interp(time, times, np.log(flows))) if decays else np.interp(time, times, flows)
        return found

    def carrier(self, sample: Sample, buffer: Medium) -> Medium:
        """Return the eluent, which replaces the liquid of the sample."""
        return buffer

    def channel_flow(self, load: Load) -> float:
        """Return what enters the channel when the elution begins [m3/s]."""
        return self._outlet_flow + float(self.cross_flow_at([0.0])[0])

    def time(self, load: Load) -> float:
        """Return how long injection, focus, elution and purge take [s]."""
        return self._held(load) + self._eluting + to_si("time_min", self.purge_min)

    def liquids(self, load: Load) -> dict[str, Liquid]:
        """Return eluent in all fractions; the liquid of the sample leaves through the membrane."""
        collected = load.chips * self._outlet_flow * to_si("time_min", self.fraction_min)
        times = np.linspace(0.0, self._eluting, STEPS + 1)
        flow = self.cross_flow_at(times)
        crossed = load.chips * (self._held(load) * flow[0] + float(np.trapezoid(flow, times)))
        purged = load.chips * self._outlet_flow * to_si("time_min", self.purge_min)
        fractions = {name: Liquid(0.0, collected) for name in numbered(self.fractions)}
        return {**fractions, PURGE: Liquid(0.0, purged), WASTE: Liquid(1.0, max(crossed - load.volume, 0.0))}

    def refuse(self, load: Load) -> None:
        """Raise also if the injection overruns the focus, or a particle does not fit into the channel.

        Raises
        ------
        InputError
        """
        super(FieldFlowFractionation, self).refuse(load)
        focus = float(self.cross_flow_at([0.0])[0])
        if load.flow >= focus:
            raise InputError(
                f"flow_uL_min = {load.flow * 6e10:.4g}: the sample enters faster than the membrane takes liquid up "
                f"while it is focused, {focus * 6e10:.4g} uL/min; inject more slowly"
            )
        thickness = to_si("spacer_um", self.spacer_um)
        largest = float(np.max(load.diameter, where=load.passing, initial=0.0))
        if largest >= thickness:
            raise InputError(
                f"spacer_um = {self.spacer_um:g}: the largest particles, of {largest * 1e6:.3g} um, clog the channel; "
                "filter or spin them out before"
            )

    def doubts(self, load: Load) -> Iterator[str]:
        """Yield overloading, and a focus too short for the sample to reach the membrane."""
        mass = float(np.sum(load.sample.counts * load.sample.particles.mass)) / load.chips
        if mass > to_si("mass_ug", self.capacity_ug):
            yield (
                f"{mass * 1e9:.3g} ug are injected into a channel, above capacity_ug = {self.capacity_ug:g}: bands are "
                "overloaded, broader and earlier than computed; inject less, or clean the sample before"
            )
        relaxing = to_si("spacer_um", self.spacer_um) * self._area / float(self.cross_flow_at([0.0])[0])
        if to_si("time_min", self.focus_min) < relaxing:
            yield (
                f"focus_min = {self.focus_min:g}: the cross flow needs {duration(relaxing)} to bring the sample down "
                "to the membrane; what has not arrived leaves early, with the void, and is computed as if it had"
            )

    def passage(self, load: Load) -> Passage:
        """Return when each class leaves the channel, and in which fraction that is."""
        before, after = load.sample.particles.in_size
        law = np.stack([load.diffusivity, load.radius])
        laws = np.concatenate([law, law[:, before], law[:, after]])
        _, first, lane_of = np.unique(laws, axis=1, return_index=True, return_inverse=True)
        lanes, neighbours = law[:, first], np.stack([lane_of[before[first]], lane_of[after[first]]])
        per_fraction = 2 * max(math.ceil(0.5 * STEPS / self.fractions), 2)
        run, coarse = (self._eluted(load, lanes, neighbours, per_fraction * self.fractions // part) for part in (1, 2))
        shares, rough = (self._shares(each, lane_of) for each in (run, coarse))
        counted = load.moving > 0
        error = max(float(np.max(np.abs(shares[name] - rough[name]), where=counted, initial=0.0)) for name in shares)
        settled = np.minimum(load.diffusivity / (self._pull * to_si("spacer_um", self.spacer_um)), FILLED)
        return Passage(
            shares=shares,
            peclet=1.0 / settled,
            error=error,
            course=self._fractogram(load, run, lane_of),
            remarks=tuple(self._remarks(load, run.retention_time[lane_of])),
            warnings=tuple(self._warnings(load, shares[PURGE])),
        )

    def _eluted(self, load: Load, lanes: FloatArray, neighbours: IntArray, steps: int) -> Elution:
        time = np.linspace(0.0, self._eluting, steps + 1)
        channel = CrossFlowChannel(
            thickness=to_si("spacer_um", self.spacer_um),
            area=self._area,
            outlet_flow=self._outlet_flow,
            start=1.0 - self.focus_percent / 100.0,
            width=0.25 * self.focus_width_mm / self.length_mm,
            gamma=self.steric_factor,
        )
        return elute(
            channel,
            time=time,
            cross_flow=self.cross_flow_at(time),
            diffusivity=lanes[0],
            radius=lanes[1],
            passage=membrane_passage(lanes[1], self.mwco_kDa),
            held=self._held(load),
            before=neighbours[0],
            after=neighbours[1],
        )

    def _shares(self, run: Elution, lane_of: IntArray) -> dict[str, FloatArray]:
        per_fraction = (run.time.size - 1) // self.fractions
        collected = np.diff(run.eluted[::per_fraction], axis=0)[:, lane_of]
        fractions = dict(zip(numbered(self.fractions), collected, strict=True))
        return {**fractions, PURGE: run.left[lane_of], WASTE: run.passed[-1][lane_of]}

    def _fractogram(self, load: Load, run: Elution, lane_of: IntArray) -> Fractogram:
        particles = load.sample.particles
        rates = np.gradient(run.eluted, run.time, axis=0)
        lanes = run.retention_time.size
        row = particles.population * lanes + lane_of
        weights = np.bincount(row, weights=load.moving, minlength=len(particles.names) * lanes)
        return Fractogram(
            time=run.time,
            cross_flow=self.cross_flow_at(run.time),
            signal=weights.reshape(-1, lanes) @ rates.T,
            retention_time=run.retention_time[lane_of],
        )

    def _remarks(self, load: Load, retention: FloatArray) -> Iterator[str]:
        collected = load.chips * self._outlet_flow * to_si("time_min", self.fraction_min)
        yield f"each fraction is {collected * 1e6:.3g} mL, {collected / load.volume:.3g} times the volume of the sample"
        out = (load.moving > 0) & np.isfinite(retention)
        particles = load.sample.particles
        told = [
            f"{name} {np.average(retention[mine], weights=load.moving[mine]) / 60:.3g} min"
            for index, name in enumerate(particles.names)
            if particles.kinds[index] == "vesicle" and np.any(mine := out & (particles.population == index))
        ]
        if told:
            yield f"mean retention of vesicles that leave before the purge: {', '.join(told)}"

    def _warnings(self, load: Load, left: FloatArray) -> Iterator[str]:
        particles = load.sample.particles
        number, still = particles.totals(load.moving), particles.totals(load.moving * left)
        held = [
            f"{100 * still[index] / number[index]:.2g} % of {name}"
            for index, name in enumerate(particles.names)
            if particles.kinds[index] == "vesicle" and still[index] > STILL_IN * number[index]
        ]
        if held:
            yield (
                f"{', '.join(held)} are still in the channel after the last fraction, and leave in the purge; collect "
                "longer, or let the cross flow decay sooner"
            )

    @property
    def _area(self) -> float:
        return to_si("area_cm2", self.area_cm2)

    @property
    def _outlet_flow(self) -> float:
        return to_si("flow_mL_min", self.outlet_flow_mL_min)

    @property
    def _eluting(self) -> float:
        return self.fractions * to_si("time_min", self.fraction_min)

    @property
    def _pull(self) -> float:
        """Speed of the first cross flow [m/s]."""
        return float(self.cross_flow_at([0.0])[0]) / self._area

    def _held(self, load: Load) -> float:
        """Time of injection and focus [s]."""
        return load.flow_time + to_si("time_min", self.focus_min)


def membrane_passage(radius: FloatArray, mwco_kDa: float) -> FloatArray:
    """Return the share of what liquid carries to a membrane that passes it.

    Parameters
    ----------
    radius : ndarray, shape (n,) [m]
        Hydrodynamic.
    mwco_kDa : float [kDa]
        Mass of the protein that is held back to 90 %.

    Returns
    -------
    ndarray, shape (n,) [-]

    Examples
    --------
    >>> membrane_passage(np.array([1.7e-9, 3.5e-9]), 10.0).round(2)
    array([0.1, 0. ])
    """
    pore = PROTEIN * (1e3 * mwco_kDa) ** (1.0 / 3.0) / REJECTED
    free = np.maximum(1.0 - radius / pore, 0.0) ** 2
    passing: FloatArray = free * (2.0 - free)
    return passing
