"""A vessel over a membrane that stays clean: what a dry run takes for a filtration, in closed forms.

Of what the liquid carries to the membrane, the share S of a class passes, the share L bursts in pores, and B lies down.
Where the module carries particles back, S is the hindrance W in the mean over the flow, which is right where they pile
up little, and B is 0. Where nothing does, S is the share of the flow through pores that admit the class, B the rest.
Concentrating X times leaves X^-(S + L + B) of a class in the vessel, and N diavolumes leave exp(-N (S + L + B)).

Nothing crowds, adsorbs or fouls: the flux is that of the clean membrane, and the time the least that it can take.

Sources: Dechadilok & Deen 2006, doi 10.1021/ie051387n; Zydney 1997, doi 10.1016/S0376-7388(97)00006-7.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.techniques.filtration.sieving import flow_passage
from sepsim.techniques.filtration.vessel import Ending, Piece, Vessel

UNKNOWN_WALL = math.nan  # volume fraction at the membrane


class CleanVessel(Vessel):
    """A vessel whose membrane stays clean; parameters are those of `Vessel`."""

    pieces: ClassVar[int] = 1  # closed forms hold for a whole stage

    def permeate(self, portion: float, constant: bool) -> Piece:
        """Return what comes of a volume [m3] that permeates, or of what the first pressure drives through in time."""
        membrane, full, before = self.setting.membrane, self.volume, self._pressure(self.volume)
        flux = before / (self.liquid.viscosity * membrane.resistance)
        flow = flux * membrane.area
        permeated = min(portion, flow * self.time_left)
        left = full if constant else full - permeated
        after = self._pressure(left)
        turnover = permeated / full if constant else math.log(full / left)  # N, or ln X
        fates = self._fates(before)
        leaving = fates.sum(axis=0)
        gone = self.numbers * -np.expm1(-turnover * leaving)
        passed, burst, settled = fates * np.divide(gone, leaving, out=np.zeros_like(gone), where=leaving > 0.0)
        clean = (UNKNOWN_WALL, 1.0, 0.0)
        start = (0.0, 0.0, full, flux, before, *clean)
        end = (permeated / flow, permeated, left, flux * after / before, after, *clean)
        return Piece(
            record=np.array([start, end]),
            vessel=np.array([self.numbers, self.numbers * np.exp(-turnover * leaving)]),
            passed=np.array([np.zeros_like(passed), passed]),
            burst=burst,
            adsorbed=np.zeros_like(burst),
            deposit=self.deposit + settled,
            ending=Ending.OUT_OF_TIME if permeated < portion else None,
        )

    def _pressure(self, volume: float) -> float:
        """Return the driving pressure [Pa] with a volume [m3] in the vessel."""
        return self.setting.module.driving(volume, self.liquid.density, self.setting.membrane)

    def _fates(self, pressure: float) -> FloatArray:
        """Return which shares of what comes to the membrane pass, burst and lie down, shape (3, n) [-]."""
        setting, mobility = self.setting, self.mobility()
        through = flow_passage(
            0.5 * mobility.diameter, self.groups.vesicle, setting.membrane.pores, pressure, setting.skin
        )
        swept = mobility.transfer > 0.0
        passes = np.where(swept, through.convection, np.maximum(1.0 - through.lysis - through.blocks, 0.0))
        return np.array([passes, through.lysis, np.where(swept, 0.0, through.blocks)])
