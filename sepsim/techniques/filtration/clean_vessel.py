"""A vessel over a membrane that stays clean: what a dry run takes for a filtration, in closed forms.

Of what the liquid carries to the membrane, the pores let the share S of a class pass, and the share L bursts in them.
Where the module carries particles back, S is the flow-weighted hindrance W of the pores, as after a fouled membrane has
slowed the flux, and the rest stays in the vessel; where nothing does, all passes that finds a pore which admits it, and
the rest lies down. What leaves the vessel in all is E = S + L + what lies down, so that X^-E of a class is left after
concentrating X times, and exp(-N E) after N diavolumes.

There is no osmotic pressure, no gel, no adsorption and no fouling: the flux is that of the clean membrane, and the time
the least that it can take. The course of the volume fraction at the membrane is unknown (nan).

Sources: Dechadilok & Deen 2006, doi 10.1021/ie051387n; Zydney 1997, doi 10.1016/S0376-7388(97)00006-7.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.filtration.sieving import flow_shares
from sepsim.techniques.filtration.vessel import Ending, Piece, Vessel


class CleanVessel(Vessel):
    """A vessel whose membrane stays clean; parameters are those of `Vessel`."""

    pieces: ClassVar[int] = 1  # closed forms hold for a whole stage

    def permeate(self, portion: float, constant: bool) -> Piece:
        """Return what comes of a volume [m3] that permeates, or of what the first pressure drives through in time."""
        membrane, full = self.setting.membrane, self.volume
        flux = self._pressure(full) / (self.medium.viscosity * membrane.resistance)
        most = flux * membrane.area * self.time_left
        permeated = min(portion, most)
        left = full if constant else full - permeated
        pressures = np.array([self._pressure(full), self._pressure(left)])
        course = [
            [0.0, permeated / (flux * membrane.area)],
            [0.0, permeated],
            [full, left],
            flux * pressures / pressures[0],
            pressures,
            [math.nan, math.nan],
            [1.0, 1.0],
            [0.0, 0.0],
        ]
        turnover = permeated / full if constant else math.log(full / left)  # N, or ln X
        fates = self._fates(pressures[0])
        leaving = fates.sum(axis=0)
        gone = self.numbers * -np.expm1(-turnover * leaving)
        passed, burst, settled = fates * np.divide(gone, leaving, out=np.zeros_like(gone), where=leaving > 0.0)
        return Piece(
            record=np.column_stack(course),
            vessel=np.array([self.numbers, self.numbers * np.exp(-turnover * leaving)]),
            passed=np.array([np.zeros_like(passed), passed]),
            burst=burst,
            adsorbed=np.zeros_like(burst),
            deposit=self.deposit + settled,
            ending=Ending.OUT_OF_TIME if most < portion else None,
        )

    def _pressure(self, volume: float) -> float:
        """Return the driving pressure [Pa] with a volume [m3] in the vessel."""
        return self.setting.module.driving(volume, self.medium.density, self.setting.membrane)

    def _fates(self, pressure: float) -> FloatArray:
        """Return which shares of what comes to the membrane pass, burst and lie down, shape (3, n) [-]."""
        met = self.solutes(pressure)
        _, flow = flow_shares(self.setting.membrane.pores)
        convection, burst, closes = met.through.convection @ flow, met.through.lysis @ flow, met.through.blocks @ flow
        swept = met.transfer > 0.0
        return np.array([np.where(swept, convection, 1.0 - burst - closes), burst, np.where(swept, 0.0, closes)])
