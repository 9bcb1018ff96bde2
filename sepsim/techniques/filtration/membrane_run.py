"""One filtration: what passes a membrane, what stays in the vessel, and what the membrane takes, class by class.

The vessel is filled, and liquid permeates in stages: concentration lets the volume fall, diafiltration replaces what
permeates by buffer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.media import Medium
from sepsim.particles.particle_table import ParticleTable
from sepsim.techniques.filtration.fouling import Stage
from sepsim.techniques.filtration.membranes.filter_modules import FilterModule
from sepsim.techniques.filtration.membranes.membranes import Membrane
from sepsim.techniques.filtration.vessel import Ending, Vessel


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


def run_membrane(vessel: Vessel, stages: Sequence[Stage]) -> MembraneRun:
    """Filter what is in a vessel through one membrane, or in several alike side by side.

    Parameters
    ----------
    vessel : Vessel
        As it was filled; it is used up.
    stages : sequence of Stage
        In order.

    Returns
    -------
    MembraneRun

    Raises
    ------
    InputError
        If the membrane would be pressed beyond its limits.
    """
    ends: list[int] = []
    stopped = ""
    for stage in stages:
        vessel.begin(stage)
        for portion in vessel.portions(stage):
            vessel.filter(portion, stage.constant)
            if vessel.ending is not None:
                stopped = stopped or f"{stage.name!r}: {vessel.ending.value}"
                break
        ends.append(sum(map(len, vessel.rows)) - 1)
        later = stages[len(ends) : len(ends) + 1]
        diluted = any(each.poured > 0 for each in later)  # which may let a gel go on
        if vessel.ending is not None and not (vessel.ending is Ending.STALLED and diluted):
            break
    return _run(vessel, tuple(stages), tuple(ends), stopped)


def _run(vessel: Vessel, stages: tuple[Stage, ...], ends: tuple[int, ...], stopped: str) -> MembraneRun:
    """Gather what a vessel went through."""
    columns = np.concatenate(vessel.rows).T.copy()
    kept, passed = (np.concatenate(each) for each in zip(*vessel.amounts, strict=True))
    return MembraneRun(
        particles=vessel.sample.particles,
        membrane=vessel.setting.membrane,
        module=vessel.setting.module,
        devices=vessel.devices,
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
        vessel=vessel.of_populations(kept),
        passed=vessel.of_populations(passed),
        retained=vessel.of_classes(vessel.numbers),
        permeated=vessel.of_classes(vessel.passed),
        burst=vessel.of_classes(vessel.burst),
        adsorbed=vessel.of_classes(vessel.adsorbed),
        deposited=vessel.of_classes(vessel.deposit),
        liquids=vessel.liquids,
    )
