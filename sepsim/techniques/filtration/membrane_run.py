"""One filtration: what passes a membrane, what stays in the vessel, and what the membrane takes, class by class.

The vessel is filled, and liquid permeates in stages: concentration lets the volume fall, diafiltration replaces what
permeates by buffer. Small molecules of the liquid pass freely. Charge plays no part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.errors import InputError
from sepsim.media import Fluid, Medium
from sepsim.particles.osmosis import state_at
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.transport import diffusion_coefficient
from sepsim.samples.sample import Sample
from sepsim.techniques.filtration.fouling import Fouling, Stage
from sepsim.techniques.filtration.kernels import membrane_filtration as kernel
from sepsim.techniques.filtration.membranes.filter_modules import FilterModule
from sepsim.techniques.filtration.membranes.membranes import Membrane
from sepsim.techniques.filtration.membranes.pores import PoreDistribution
from sepsim.techniques.filtration.sieving import PorePassage, VesicleSkin, flow_shares, pore_passage

PIECES = 12  # of a stage, each with the liquid and the pressure at its start for what depends weakly on them
STEPS = 12  # in a piece
RANDOM_PACKING = 0.64  # volume fraction of spheres that are poured together


@dataclass(frozen=True, slots=True, eq=False)
class MembraneRun:
    """A filtration in numbers; arrays have one entry per step, of one device.

    Attributes
    ----------
    particles : ParticleTable
    membrane : Membrane
    module : FilterModule
    devices : int
        Side by side.
    stages : tuple of Stage
    ends : tuple of int
        Index of the last entry of each stage that was begun.
    stopped : str
        Why a stage ended before all of it was done, or an empty text.
    time, permeate, volume : ndarray, shape (n_steps + 1,) [s, m3, m3]
        Since the start; volume is that in the vessel.
    diavolumes : ndarray, shape (n_steps + 1,) [-]
        Buffer added so far over the volume in the vessel when it was added.
    flux, pressure, wall, conductance, hindrance : ndarray, shape (n_steps + 1,) [m/s, Pa, -, -, 1/m]
        Flux, pressure, volume fraction at the membrane, conductance over that of the clean membrane, and resistance of
        what covers it.
    vessel, passed : ndarray, shape (n_steps + 1, n_populations) [-]
        Numbers of particles in the vessels and in the permeate of all devices.
    retained, permeated, burst, adsorbed, deposited : ndarray, shape (n_classes,) [-]
        Where the particles of each class are at the end, in all devices.
    liquids : (Medium, Medium)
        In the vessel at the end, and all that permeated.
    """

    particles: ParticleTable
    membrane: Membrane
    module: FilterModule
    devices: int
    stages: tuple[Stage, ...]
    ends: tuple[int, ...]
    stopped: str
    time: FloatArray
    permeate: FloatArray
    volume: FloatArray
    diavolumes: FloatArray
    flux: FloatArray
    pressure: FloatArray
    wall: FloatArray
    conductance: FloatArray
    hindrance: FloatArray
    vessel: FloatArray
    passed: FloatArray
    retained: FloatArray
    permeated: FloatArray
    burst: FloatArray
    adsorbed: FloatArray
    deposited: FloatArray
    liquids: tuple[Medium, Medium]

    @property
    def conversion(self) -> float:
        """Largest share of the feed that passes the membrane [-]; 0 where nothing is fed along it."""
        return float(self.flux.max()) * self.membrane.area / self.module.feed(self.membrane)


@dataclass(frozen=True, kw_only=True)
class MembraneConditions:
    """A membrane in its module, and how particles and membrane give way.

    Attributes
    ----------
    membrane : Membrane
    module : FilterModule
    fouling : Fouling
    skin : VesicleSkin
    coverage : float [-]
        Share of the area that adsorbed particles can cover.
    """

    membrane: Membrane
    module: FilterModule
    fouling: Fouling
    skin: VesicleSkin
    coverage: float

    @cached_property
    def arrays(self) -> kernel.MembraneArrays:
        """The membrane as the kernel sees it."""
        membrane, pores = self.membrane, self.membrane.pores
        radius, share = flow_shares(pores)
        cells = share / radius**4
        return kernel.MembraneArrays(
            area=membrane.area,
            resistance=membrane.resistance,
            pore_volume=membrane.open_share * membrane.thickness,
            share=share,
            reach=membrane.skin_ratio * radius**2 * pores.moment(2) / pores.moment(4),
            cells=membrane.pore_number_per_area * cells / cells.sum(),
        )

    @cached_property
    def law(self) -> kernel.FoulingLaw:
        """Fouling as the kernel sees it."""
        return kernel.FoulingLaw(
            packing=RANDOM_PACKING,
            coverage=self.coverage,
            sticking=self.fouling.sticking,
            blocking=self.fouling.blocking,
            directed=self.fouling.directed,
            seal=self.fouling.first_layer,
            constriction=self.fouling.constriction,
        )

    def pressure(self, full: float, left: float, density: float) -> FloatArray:
        """Return the driving pressure between two volumes as a polynomial of degree 2 [Pa, Pa/m3, Pa/m6]."""
        volumes = np.array([left, 0.5 * (left + full), full]) if full > left else np.full(3, full)
        pressures = np.array([self.module.driving(volume, density, self.membrane) for volume in volumes])
        if np.ptp(pressures) == 0.0:
            return np.array([pressures[0], 0.0, 0.0])
        return np.asarray(np.polynomial.Polynomial.fit(volumes, pressures, 2).convert().coef, dtype=np.float64)

    def solutes(self, groups: _SoluteGroups, medium: Medium, pressure: float) -> kernel.Solutes:
        """Return what the particles do at the membrane in a liquid under a pressure [Pa]."""
        particles = groups.particles
        diameter = state_at(particles, medium.osmolality).diameter[groups.first]
        diffusivity = diffusion_coefficient(particles, medium)[groups.first]
        transfer = self.module.mass_transfer(diffusivity, diameter, medium.density, medium.viscosity, self.membrane)
        through = groups.passage(0.5 * diameter, self.membrane.pores, pressure, self.skin)
        return kernel.Solutes(*through, diameter, diffusivity, transfer)


class _SoluteGroups:
    """Particle classes that behave alike at a membrane go together: density plays no part."""

    def __init__(self, particles: ParticleTable) -> None:
        vesicle = np.array([kind == "vesicle" for kind in particles.kinds])[particles.population]
        traits = [particles.diameter, particles.osmotic_water, particles.corona, vesicle]
        _, first, group = np.unique(np.column_stack(traits), axis=0, return_index=True, return_inverse=True)
        self.particles = particles
        self.first: IntArray = first
        self.group: IntArray = group.reshape(-1)
        self.vesicle = vesicle[first]
        self._rigid: tuple[FloatArray, PorePassage] | None = None

    def passage(self, radius: FloatArray, pores: PoreDistribution, pressure: float, skin: VesicleSkin) -> PorePassage:
        """Return what happens in the pores; of what does not stretch it is found once for all pressures."""
        if self._rigid is None or not np.array_equal(self._rigid[0], radius):
            self._rigid = radius, pore_passage(radius, np.zeros(radius.size, dtype=bool), pores, 0.0, skin)
        whole = PorePassage(*(values.copy() for values in self._rigid[1]))
        if self.vesicle.any():
            stretching = pore_passage(radius[self.vesicle], self.vesicle[self.vesicle], pores, pressure, skin)
            for values, changed in zip(whole, stretching, strict=True):
                values[self.vesicle] = changed
        return whole

    def together(self, counts: FloatArray) -> FloatArray:
        """Sum numbers of classes over each group."""
        return np.bincount(self.group, weights=counts, minlength=self.first.size).astype(np.float64)


_ENDINGS = {
    kernel.OUT_OF_TIME: "the time is over",
    kernel.STALLED: "the flux has come to an end: what is held back presses back as hard as it is pressed",
    kernel.CLOGGED: "the pores are filled",
}


class _Vessel:
    """What is in one device, and the record of what was done to it."""

    def __init__(self, setting: MembraneConditions, sample: Sample, buffer: Fluid, devices: int, time: float) -> None:
        self.setting, self.groups = setting, _SoluteGroups(sample.particles)
        self.medium, self.buffer = sample.medium, Medium.pure(buffer, sample.medium.temperature)
        self.volume = sample.volume / devices
        self.loaded = self.groups.together(sample.counts) / devices
        self.time_left = time
        n = self.loaded.size
        self.numbers, self.passed = self.loaded.copy(), np.zeros(n)
        self.burst, self.adsorbed = np.zeros(n), np.zeros(n)
        self.state = kernel.clean_membrane(n, setting.arrays.share.size)
        self.buffered = 0.0  # volume of buffer added
        self.original = self.volume  # volume of the first liquid in the vessel
        self.diavolumes = 0.0
        self.rows: list[FloatArray] = []
        self.amounts: list[tuple[FloatArray, FloatArray]] = []
        self.status = kernel.FINISHED

    def pour(self, volume: float) -> None:
        """Add buffer."""
        self.medium = Medium.mixed([(self.medium, self.volume), (self.buffer, volume)])
        self.diavolumes += volume / self.volume
        self.volume += volume
        self.buffered += volume

    def filter(self, portion: float, constant: bool) -> None:
        """Let a portion permeate."""
        left = self.volume if constant else self.volume - portion
        pressure = self.setting.pressure(self.volume, left, self.medium.density)
        push = float(pressure @ [1.0, self.volume, self.volume**2])
        feed = kernel.Feed(
            volume=self.volume,
            permeate=portion,
            pressure=pressure,
            viscosity=self.medium.viscosity,
            thermal_energy=BOLTZMANN_J_PER_K * self.medium.temperature,
            constant=constant,
            time=self.time_left,
        )
        solutes = self.setting.solutes(self.groups, self.medium, push)
        found = kernel.solve_membrane(
            self.numbers, feed, self.setting.arrays, solutes, self.setting.law, self.state, steps=STEPS
        )
        record = np.column_stack(found.record)
        if self.rows:
            record[:, :2] += self.rows[-1][-1, :2]
        added = found.record.permeate / self.volume if constant else np.zeros(len(record))
        passed = found.passed + self.passed
        first = 1 if self.rows else 0
        self.rows.append(np.column_stack([record, self.diavolumes + added])[first:])
        self.amounts.append((found.vessel[first:], passed[first:]))
        self.numbers, self.passed = found.vessel[-1].copy(), passed[-1].copy()
        self.burst, self.adsorbed = self.burst + found.burst, self.adsorbed + found.adsorbed
        self.state, self.status = found.state, found.status
        self.time_left -= found.record.time[-1]
        self._replace(float(found.record.permeate[-1]), constant)

    def _replace(self, permeate: float, constant: bool) -> None:
        """Mix in the buffer that replaces a permeate, or let the volume fall."""
        if not constant:
            self.original *= 1.0 - permeate / self.volume
            self.volume -= permeate
        elif permeate > 0:
            left = math.exp(-permeate / self.volume)
            self.medium = Medium.mixed([(self.medium, left), (self.buffer, 1.0 - left)])
            self.original *= left
            self.diavolumes += permeate / self.volume
            self.buffered += permeate


def run_membrane(
    sample: Sample, setting: MembraneConditions, stages: Sequence[Stage], buffer: Fluid, devices: int, time: float
) -> MembraneRun:
    """Filter a sample through one membrane, or through several alike side by side.

    Parameters
    ----------
    sample : Sample
        What is filled in, at the temperature of the run.
    setting : MembraneConditions
    stages : sequence of Stage
        In order.
    buffer : Fluid
        What is poured in.
    devices : int
    time : float [s]
        After which filtration stops; may be infinite.

    Returns
    -------
    MembraneRun

    Raises
    ------
    InputError
        If there is no liquid, or the membrane would be pressed beyond its limits.
    """
    if sample.volume <= 0:
        raise InputError("there is no liquid to filter; give the sample a volume")
    vessel = _Vessel(setting, sample, buffer, devices, time)
    ends: list[int] = []
    stopped = ""
    for stage in stages:
        if stage.poured > 0:
            vessel.pour(stage.poured)
        if problem := setting.module.limit_problem(setting.membrane, vessel.volume, vessel.medium.density):
            raise InputError(problem)
        for portion in _portions(stage, vessel.volume):
            vessel.filter(portion, stage.constant)
            if vessel.status != kernel.FINISHED:
                stopped = stopped or f"{stage.name!r}: {_ENDINGS[vessel.status]}"
                break
        ends.append(sum(map(len, vessel.rows)) - 1)
        later = stages[len(ends) : len(ends) + 1]
        diluted = any(each.poured > 0 for each in later)  # which may let a gel go on
        if vessel.status != kernel.FINISHED and not (vessel.status == kernel.STALLED and diluted):
            break
    return _run(sample, vessel, tuple(stages), tuple(ends), devices, stopped)


def _portions(stage: Stage, volume: float) -> FloatArray:
    """Return the volumes that permeate in each piece of a stage: equal, or in equal ratios of a falling volume."""
    if stage.constant:
        return np.full(PIECES, stage.permeate / PIECES)
    return -np.diff(np.geomspace(volume, volume - stage.permeate, PIECES + 1))


def _run(
    sample: Sample, vessel: _Vessel, stages: tuple[Stage, ...], ends: tuple[int, ...], devices: int, stopped: str
) -> MembraneRun:
    """Gather what a vessel went through."""
    groups, particles = vessel.groups, sample.particles
    columns = np.concatenate(vessel.rows).T.copy()
    kept, passed = (np.concatenate(each) for each in zip(*vessel.amounts, strict=True))

    def of_classes(numbers: FloatArray) -> FloatArray:
        shares = np.divide(numbers, vessel.loaded, out=np.zeros_like(numbers), where=vessel.loaded > 0)
        return shares[groups.group] * sample.counts

    def of_populations(history: FloatArray) -> FloatArray:
        return np.array([particles.totals(of_classes(numbers)) for numbers in history])

    foreign = max(vessel.buffered - (vessel.volume - vessel.original), 0.0)  # buffer that permeated
    own = max(sample.volume / devices - vessel.original, 0.0)
    permeate = vessel.medium if own + foreign <= 0 else Medium.mixed([(sample.medium, own), (vessel.buffer, foreign)])
    return MembraneRun(
        particles=particles,
        membrane=vessel.setting.membrane,
        module=vessel.setting.module,
        devices=devices,
        stages=stages,
        ends=ends,
        stopped=stopped,
        time=columns[0],
        permeate=columns[1],
        volume=columns[2],
        flux=columns[3],
        pressure=columns[4],
        wall=columns[5],
        conductance=columns[6],
        hindrance=columns[7],
        diavolumes=columns[8],
        vessel=of_populations(kept),
        passed=of_populations(passed),
        retained=of_classes(vessel.numbers),
        permeated=of_classes(vessel.passed),
        burst=of_classes(vessel.burst),
        adsorbed=of_classes(vessel.adsorbed),
        deposited=of_classes(vessel.state.deposit),
        liquids=(vessel.medium, permeate),
    )
