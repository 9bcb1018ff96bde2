"""A vessel over a membrane that fouls: sieving, polarisation, deposit and flux are solved together."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.constants import BOLTZMANN_J_PER_K
from sepsim.media import Fluid
from sepsim.samples.crowding import RANDOM_CLOSE_PACKING
from sepsim.samples.sample import Sample
from sepsim.techniques.filtration.kernels import membrane_filtration as kernel
from sepsim.techniques.filtration.sieving import flow_shares
from sepsim.techniques.filtration.vessel import Ending, MembraneConditions, Piece, Vessel

STEPS = 12  # in a piece

_ENDINGS = {
    kernel.FINISHED: None,
    kernel.OUT_OF_TIME: Ending.OUT_OF_TIME,
    kernel.STALLED: Ending.STALLED,
    kernel.CLOGGED: Ending.CLOGGED,
}


class FoulingVessel(Vessel):
    """A vessel whose membrane fouls; parameters are those of `Vessel`."""

    pieces: ClassVar[int] = 12  # for what depends weakly on liquid and pressure

    def __init__(self, sample: Sample, setting: MembraneConditions, buffer: Fluid, devices: int, time: float) -> None:
        super().__init__(sample, setting, buffer, devices, time)
        self.membrane, self.law = _membrane_arrays(setting), _fouling_law(setting)
        self.state = kernel.clean_membrane(self.loaded.size, self.membrane.share.size)

    def permeate(self, portion: float, constant: bool) -> Piece:
        """Return what comes of a volume [m3] that permeates; its liquid is that at the start."""
        left = self.volume if constant else self.volume - portion
        pressure = self._pressure(left)
        push = float(pressure @ [1.0, self.volume, self.volume**2])
        feed = kernel.Feed(
            volume=self.volume,
            permeate=portion,
            pressure=pressure,
            viscosity=self.liquid.viscosity,
            thermal_energy=BOLTZMANN_J_PER_K * self.medium.temperature,
            constant=constant,
            time=self.time_left,
        )
        mobility, pores = self.mobility(), self.setting.membrane.pores
        through = self.groups.passage(0.5 * mobility.diameter, pores, push, self.setting.skin)
        solutes = kernel.Solutes(*through, *mobility)
        found = kernel.solve_membrane(self.numbers, feed, self.membrane, solutes, self.law, self.state, steps=STEPS)
        self.state = found.state
        return Piece(
            record=np.column_stack(found.record),
            vessel=found.vessel,
            passed=found.passed,
            burst=found.burst,
            adsorbed=found.adsorbed,
            deposit=found.state.deposit,
            ending=_ENDINGS[found.status],
        )

    def _pressure(self, left: float) -> FloatArray:
        """Return the driving pressure until a volume [m3] is left, a polynomial of degree 2 [Pa, Pa/m3, Pa/m6]."""
        full, density, setting = self.volume, self.liquid.density, self.setting
        volumes = np.array([left, 0.5 * (left + full), full]) if full > left else np.full(3, full)
        pressures = np.array([setting.module.driving(volume, density, setting.membrane) for volume in volumes])
        if np.ptp(pressures) == 0.0:
            return np.array([pressures[0], 0.0, 0.0])
        return np.asarray(np.polynomial.Polynomial.fit(volumes, pressures, 2).convert().coef, dtype=np.float64)


def _membrane_arrays(setting: MembraneConditions) -> kernel.MembraneArrays:
    """Return a membrane as the kernel sees it."""
    membrane, pores = setting.membrane, setting.membrane.pores
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


def _fouling_law(setting: MembraneConditions) -> kernel.FoulingLaw:
    """Return how a membrane fouls as the kernel sees it."""
    fouling = setting.fouling
    return kernel.FoulingLaw(
        packing=RANDOM_CLOSE_PACKING,
        coverage=setting.coverage,
        sticking=fouling.sticking,
        blocking=fouling.blocking,
        directed=fouling.directed,
        seal=fouling.first_layer,
        constriction=fouling.constriction,
    )
