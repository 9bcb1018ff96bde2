"""Filtration: one pass through a filter, to clear a sample of what is larger than its pores.

What happens in the filter: a syringe or vacuum pushes the whole sample through; what is larger than the pores lies
down on them and closes them, soft vesicles are squeezed through or burst, and a little liquid stays behind.

Equation: as for ultrafiltration, without stirring: all that does not pass is deposited.

Assumptions: as for ultrafiltration; the filter works as a screen with the pores that its size names, although cast
filters also catch smaller particles in their depth.

Valid range: as for ultrafiltration.

Sources: Dechadilok & Deen 2006, doi 10.1021/ie051387n; Ho & Zydney 2000, doi 10.1006/jcis.2000.7231.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from sepsim.errors import InputError
from sepsim.method import Outcome
from sepsim.samples.sample import Sample
from sepsim.settings import Named, number, part, settings
from sepsim.techniques.filtration.filter_settings import ROUND_OFF, FilterSettings
from sepsim.techniques.filtration.filtration_validity import filtration_warnings
from sepsim.techniques.filtration.fouling import Stage
from sepsim.techniques.filtration.membrane_run import MembraneRun
from sepsim.techniques.filtration.membranes.filter_modules import DeadEnd
from sepsim.techniques.filtration.membranes.membranes import MEMBRANES, Membrane
from sepsim.techniques.filtration.vessel import Vessel
from sepsim.units import from_si

LEAST_LEFT = 1e-4  # of the volume, that no pressure drives out
USUAL_FILTER = "syringe filter 33 mm, polyethersulfone, 0.22 um"


@settings
class Filtration(FilterSettings):
    """Push a sample through a filter; hands out ``permeate``, ``retentate`` and ``lost``.

    Parameters
    ----------
    membrane : str, mapping or Membrane
        A name of the catalogue, or a filter of one's own; default a syringe filter of 0.22 um.
    pressure_bar : float [bar]
        Of the syringe or the vacuum; default 1.
    devices, temperature_C, time_min, hold_up_mL, deposit_recovery, adsorbed_coverage, fouling, vesicles
        As for ultrafiltration.

    Raises
    ------
    InputError
        With every problem of the settings.

    Examples
    --------
    >>> Filtration().fraction_names
    ('permeate', 'retentate', 'lost')
    """

    technique: ClassVar[str] = "filtration"
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {"hold_up_mL": 0.0, "deposit_recovery": 1.0, "adsorbed_coverage": 0.0}
    )

    membrane: Named[Membrane] = part(
        default=MEMBRANES.get(USUAL_FILTER),
        accept=MEMBRANES.get,
        dump=MEMBRANES.describe,
        allowed="a name of `sepsim list membranes`, or a table",
        help="the filter",
    )
    pressure_bar: float = number(default=1.0, above=0, help="of the syringe or the vacuum")

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions."""
        return ("permeate", "retentate", "lost")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics and the filter come from."""
        return self.membrane_sources

    def conflicts(self) -> list[str]:
        """Return what does not fit together."""
        module = DeadEnd(pressure_bar=self.pressure_bar)
        problem = module.misfit(self.membrane) or module.limit_problem(self.membrane)
        return [problem] if problem else []

    def treated(self, sample: Sample, vessel: type[Vessel]) -> Outcome[MembraneRun]:
        """Push the sample through until only the hold-up is left."""
        sample = self.tempered(sample)
        devices = self.devices_for(sample.volume)
        volume = sample.volume / devices
        left = max(self.hold_up, LEAST_LEFT * volume)
        if left >= volume * (1.0 - ROUND_OFF) > 0:
            raise InputError(
                f"hold_up_mL = {from_si('volume_mL', left):g}: all of the {from_si('volume_mL', volume):.3g} mL would "
                "stay in the filter; use fewer or smaller filters"
            )
        stages = [Stage("filter", 0.0, volume - left, constant=False)]
        buffer = sample.medium.components[0][0]
        run = self.filtered(sample, vessel, DeadEnd(pressure_bar=self.pressure_bar), stages, buffer, devices)
        retentate, permeate, lost = self.collected(sample, run)
        return Outcome(
            fractions={"permeate": permeate, "retentate": retentate, "lost": lost},
            duration=float(run.time[-1]),
            trace=run,
            equipment={"device": run.devices},
            remarks=tuple(self.remarks(sample, run)),
            warnings=tuple(filtration_warnings(sample, run)),
        )
