"""A vessel with a membrane: what is in one device, what is poured in, and what becomes of what permeates.

Small molecules of the liquid pass freely. Charge plays no part. How a volume permeates is that of the kind of vessel:
over a membrane that fouls it is solved (`FoulingVessel`), over one that stays clean it has a closed form
(`CleanVessel`).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, NamedTuple

import numpy as np

from sepsim.arrays import FloatArray, IntArray
from sepsim.errors import InputError
from sepsim.media import Fluid, Medium
from sepsim.particles.osmosis import state_at
from sepsim.particles.particle_table import ParticleTable
from sepsim.particles.transport import diffusion_coefficient
from sepsim.samples.liquid import suspending_liquid
from sepsim.samples.sample import Sample
from sepsim.techniques.filtration.fouling import Fouling, Stage
from sepsim.techniques.filtration.membranes.filter_modules import FilterModule
from sepsim.techniques.filtration.membranes.membranes import Membrane
from sepsim.techniques.filtration.membranes.pores import PoreDistribution
from sepsim.techniques.filtration.sieving import PorePassage, VesicleSkin, pore_passage


@dataclass(frozen=True, kw_only=True, slots=True)
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


class SoluteGroups:
    """Particle classes that behave alike at a membrane go together: density plays no part."""

    def __init__(self, particles: ParticleTable) -> None:
        vesicle = particles.of_kind("vesicle") | particles.rides
        if particles.variants is not None:
            vesicle &= ~particles.variants.in_body  # neither a bead nor a cluster stretches into a pore
        water = particles.osmotic_water
        traits = [particles.diameter, particles.corona, vesicle, water.lumen, water.free, water.protein_osmolality]
        traits += [water.response, water.prolate]
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
        """Sum numbers of classes over each group; what rides on another particle adds next to none."""
        felt = self.particles.felt(counts)
        return np.bincount(self.group, weights=felt, minlength=self.first.size).astype(np.float64)


class Mobility(NamedTuple):
    """How groups of solutes move in a liquid before the membrane.

    Attributes
    ----------
    diameter, diffusivity, transfer : ndarray, shape (n,) [m, m2/s, m/s]
        Hydrodynamic diameter, diffusion coefficient, and mass-transfer coefficient, 0 where nothing carries them back.
    """

    diameter: FloatArray
    diffusivity: FloatArray
    transfer: FloatArray


class Ending(Enum):
    """Why filtration stops before all of a stage is done."""

    OUT_OF_TIME = "the time is over"
    STALLED = "the flux has come to an end: what is held back presses back as hard as it is pressed"
    CLOGGED = "the pores are filled"


class Piece(NamedTuple):
    """What came of a volume that permeated, or of as much of it as did; n is the number of groups of solutes.

    Attributes
    ----------
    record : ndarray, shape (n_steps + 1, 8) [s, m3, m3, m/s, Pa, -, -, 1/m]
        Time and permeate since the start of the piece, volume in the vessel, flux, pressure, volume fraction at the
        membrane, conductance over that of the clean membrane, and resistance of what covers it.
    vessel, passed : ndarray, shape (n_steps + 1, n) [-]
        Numbers in the vessel, and those that passed since the start of the piece.
    burst, adsorbed, deposit : ndarray, shape (n,) [-]
        Numbers that burst and that were adsorbed since then, and all that lies on the membrane.
    ending : Ending or None
    """

    record: FloatArray
    vessel: FloatArray
    passed: FloatArray
    burst: FloatArray
    adsorbed: FloatArray
    deposit: FloatArray
    ending: Ending | None


class Vessel(ABC):
    """What is in one device, and the record of what was done to it.

    Parameters
    ----------
    sample : Sample
        What is filled in, at the temperature of the run.
    setting : MembraneConditions
    buffer : Fluid
        What is poured in.
    devices : int
        Alike, side by side.
    time : float [s]
        After which filtration stops; may be infinite.

    Raises
    ------
    InputError
        If there is no liquid.
    """

    pieces: ClassVar[int]  # of a stage, each with the liquid and the pressure at its start

    def __init__(self, sample: Sample, setting: MembraneConditions, buffer: Fluid, devices: int, time: float) -> None:
        if sample.volume <= 0:
            raise InputError("there is no liquid to filter; give the sample a volume")
        self.sample, self.setting, self.devices = sample, setting, devices
        self.groups = SoluteGroups(sample.particles)
        self.medium, self.buffer = sample.medium, Medium.pure(buffer, sample.medium.temperature)
        self.volume = sample.volume / devices
        self.loaded = self.groups.together(sample.counts) / devices
        self.time_left = time
        n = self.loaded.size
        self.numbers, self.passed = self.loaded.copy(), np.zeros(n)
        self.burst, self.adsorbed, self.deposit = np.zeros(n), np.zeros(n), np.zeros(n)
        self.buffered = 0.0  # volume of buffer added
        self.original = self.volume  # volume of the first liquid in the vessel
        self.diavolumes = 0.0
        self.rows: list[FloatArray] = []
        self.amounts: list[tuple[FloatArray, FloatArray]] = []
        self.ending: Ending | None = None

    @abstractmethod
    def permeate(self, portion: float, constant: bool) -> Piece:
        """Return what comes of a volume [m3] that permeates, while buffer replaces it or the volume falls."""

    def begin(self, stage: Stage) -> None:
        """Pour in what a stage begins with; raise InputError if that presses the membrane beyond its limits."""
        if stage.poured > 0:
            self.medium = Medium.mixed([(self.medium, self.volume), (self.buffer, stage.poured)])
            self.diavolumes += stage.poured / self.volume
            self.volume += stage.poured
            self.buffered += stage.poured
        module, membrane = self.setting.module, self.setting.membrane
        if problem := module.limit_problem(membrane, self.volume, self.liquid.density):
            raise InputError(problem)

    def portions(self, stage: Stage) -> FloatArray:
        """Return the volumes that permeate in each piece of a stage [m3]: equal, or in equal ratios of the volume."""
        if stage.constant:
            return np.full(self.pieces, stage.permeate / self.pieces)
        return -np.diff(np.geomspace(self.volume, self.volume - stage.permeate, self.pieces + 1))

    def filter(self, portion: float, constant: bool) -> None:
        """Let a portion permeate, and write down what came of it."""
        piece = self.permeate(portion, constant)
        time, permeated = piece.record[:, 0], piece.record[:, 1]
        record = piece.record.copy()
        if self.rows:
            record[:, :2] += self.rows[-1][-1, :2]
        added = permeated / self.volume if constant else np.zeros(len(record))
        passed = piece.passed + self.passed
        first = 1 if self.rows and len(record) > 1 else 0  # a piece that stalls at once has its start alone
        self.rows.append(np.column_stack([record, self.diavolumes + added])[first:])
        self.amounts.append((piece.vessel[first:], passed[first:]))
        self.numbers, self.passed = piece.vessel[-1].copy(), passed[-1].copy()
        self.burst, self.adsorbed = self.burst + piece.burst, self.adsorbed + piece.adsorbed
        self.deposit, self.ending = piece.deposit, piece.ending
        self.time_left -= time[-1]
        self._replace(float(permeated[-1]), constant)

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

    def mobility(self) -> Mobility:
        """Return how the particles move in the liquid as it is now."""
        particles, first, medium = self.groups.particles, self.groups.first, self.liquid
        diameter = state_at(particles, medium.osmolality).diameter[first]
        diffusivity = diffusion_coefficient(particles, medium)[first]
        module, membrane = self.setting.module, self.setting.membrane
        transfer = module.mass_transfer(diffusivity, diameter, medium.density, medium.viscosity, membrane)
        return Mobility(diameter, diffusivity, transfer)

    @property
    def liquid(self) -> Medium:
        """What the vessel holds now, with the proteins dissolved in it."""
        counts = self.of_classes(self.numbers) / self.devices
        return suspending_liquid(self.groups.particles, self.medium, counts, self.volume)

    @property
    def liquids(self) -> tuple[Medium, Medium]:
        """The media of what is in the vessel, and of all that permeated."""
        foreign = max(self.buffered - (self.volume - self.original), 0.0)  # buffer that permeated
        own = max(self.sample.volume / self.devices - self.original, 0.0)
        if own + foreign <= 0:
            return self.medium, self.medium
        return self.medium, Medium.mixed([(self.sample.medium, own), (self.buffer, foreign)])

    def of_classes(self, numbers: FloatArray) -> FloatArray:
        """Return numbers of groups in one device as those of their classes in all devices."""
        shares = np.divide(numbers, self.loaded, out=np.zeros_like(numbers), where=self.loaded > 0)
        return shares[self.groups.group] * self.sample.counts

    def of_populations(self, history: FloatArray) -> FloatArray:
        """Return rows of such numbers as those of populations."""
        return np.array([self.sample.particles.totals(self.of_classes(numbers)) for numbers in history])
