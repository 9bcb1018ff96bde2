"""Ultrafiltration: concentration and washing over a membrane, in a spin filter, a stirred cell or tangential flow.

What happens in the device: pressure drives liquid and what is smaller than the pores through the membrane; what is
held back piles up in front of it, diffuses back, and in the end lies down on it. Fresh buffer washes out what passes.

Equation, for each particle class, of concentration c_b in the vessel of volume V and at the flux J over the area A:

    dn/dt = -A J [S c_w + L c_b + (v/J) c_w] - adsorption,    J = (p - Pi) / [mu (R_m + R_fouling)]

with the concentration c_w at the wall by film theory, the sieving coefficient S of hindered transport over the
flow-weighted pores, the share L that bursts in them, and the growth v of a deposit at random packing. A constant S
gives X^(1 - S) on concentration and exp(-N S) on diafiltration.

Assumptions: round pores with a lognormal spread; spheres without charge, so that neither pH nor salt matters; a well
mixed vessel with a film in its steady state; the viscosity of the liquid is that of the vessel with its proteins, not
of the film; the deposit holds back liquid, not particles; small molecules pass freely.

Valid range: dilute vessels (volume fraction below about 0.1) and laminar films.

Sources: Dechadilok & Deen 2006, doi 10.1021/ie051387n; Michaels 1980, doi 10.1080/01496398008068507; Zydney 1997,
doi 10.1016/S0376-7388(97)00006-7; Ho & Zydney 2000, doi 10.1006/jcis.2000.7231; Bertrand & Joos 2012,
doi 10.1103/PhysRevE.85.011910.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from sepsim import media
from sepsim.errors import InputError
from sepsim.media import Fluid, fluid
from sepsim.method import Outcome
from sepsim.samples.sample import Sample
from sepsim.settings import Named, Tabled, integer, number, part, record, settings
from sepsim.techniques.filtration.filter_settings import ROUND_OFF, FilterSettings
from sepsim.techniques.filtration.filtration_validity import filtration_warnings
from sepsim.techniques.filtration.fouling import Stage
from sepsim.techniques.filtration.membrane_run import MembraneRun
from sepsim.techniques.filtration.membranes.filter_modules import (
    DeadEnd,
    FilterModule,
    SpinFilter,
    StirredCell,
    TangentialFlow,
)
from sepsim.techniques.filtration.vessel import Vessel
from sepsim.units import from_si, to_si


@settings
class Ultrafiltration(FilterSettings):
    """Concentrate and wash a sample over a membrane; hands out ``retentate``, ``permeate`` and ``lost``.

    Parameters
    ----------
    membrane : str, mapping or Membrane
        A name of the catalogue, or a membrane of one's own.
    spin_filter, stirred_cell, dead_end, tangential_flow : mapping or FilterModule
        Exactly one: what drives the liquid, such as ``{"rcf_xg": 4000}`` or ``{"pressure_bar": 0.5, "shear_rate_per_s":
        4000}``.
    concentrate_to_mL : float [mL]
        Volume, of all devices together, to which the sample is concentrated first; or instead
    concentration_factor : float [-]
        By which its volume falls.
    diavolumes : float [-]
        Volumes of buffer, in units of the concentrated volume, that then wash it.
    washes : int
        Into how many equal portions the buffer is divided, each poured in and spun off; left out: it flows in as fast
        as liquid permeates, which a spin filter does not allow.
    buffer : str, mapping or Fluid
        That washes and rinses; default PBS.
    final_volume_mL : float [mL]
        To which the sample is concentrated after washing.
    rinse_mL : float [mL]
        Buffer that rinses each device at the end.
    devices : int
        Devices side by side; default the fewest that hold the sample.
    temperature_C : float [degC]
        Of the run; default that of the sample.
    time_min : float [min]
        After which filtration stops, done or not.
    hold_up_mL : float [mL]
        Liquid that stays in a device; default the membrane's.
    deposit_recovery : float [-]
        Share of what lies on the membrane at the end that comes off with the retentate.
    adsorbed_coverage : float [-]
        Area share that adsorbed particles cover; default the membrane's.
    fouling : mapping or Fouling
        How the membrane fouls.
    vesicles : mapping or VesicleSkin
        How vesicles give way in pores.

    Raises
    ------
    InputError
        With every problem of the settings.

    Notes
    -----
    Recovery from the deposit (0.5), coverage and sticking are choices: no recovery of vesicles could be read in a
    primary source. Regenerated cellulose recovers most (Vergauwen et al. 2017, doi 10.1038/s41598-017-02599-y).

    Examples
    --------
    >>> step = Ultrafiltration(membrane="Amicon Ultra-15 100 kDa", spin_filter={"rcf_xg": 4000}, concentrate_to_mL=0.5)
    >>> step.fraction_names
    ('retentate', 'permeate', 'lost')
    """

    technique: ClassVar[str] = "ultrafiltration"
    without_losses: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {"hold_up_mL": 0.0, "deposit_recovery": 1.0, "adsorbed_coverage": 0.0}
    )

    spin_filter: Tabled[SpinFilter | None] = record(
        SpinFilter, default=None, example="{ rcf_xg = 4000 }", help="driven by a centrifuge; or one of the next three"
    )
    stirred_cell: Tabled[StirredCell | None] = record(
        StirredCell,
        default=None,
        example="{ pressure_bar = 1, stirring_rpm = 300, cell_diameter_mm = 25 }",
        help="driven by gas pressure and stirred",
    )
    dead_end: Tabled[DeadEnd | None] = record(
        DeadEnd, default=None, example="{ pressure_bar = 1 }", help="driven without stirring"
    )
    tangential_flow: Tabled[TangentialFlow | None] = record(
        TangentialFlow,
        default=None,
        example="{ pressure_bar = 0.5, shear_rate_per_s = 4000 }",
        help="pumped along hollow fibres",
    )
    concentrate_to_mL: float | None = number(
        default=None, above=0, help="volume of all devices to which it is concentrated"
    )
    concentration_factor: float | None = number(default=None, above=1, help="by which the volume falls, instead")
    diavolumes: float | None = number(
        default=None, above=0, maximum=1000, help="volumes of buffer that wash the concentrate"
    )
    washes: int | None = integer(
        default=None, minimum=1, maximum=100, help="portions of buffer; left out: continuously"
    )
    buffer: Named[Fluid] = part(
        accept=media.fluid,
        dump=media.describe,
        allowed=media.FLUID_FORMS,
        default=fluid("PBS"),
        help="that washes and rinses",
    )
    final_volume_mL: float | None = number(default=None, above=0, help="to which it is concentrated after washing")
    rinse_mL: float = number(default=0.0, minimum=0, help="buffer that rinses each device at the end")

    @property
    def module(self) -> FilterModule:
        """What drives the liquid."""
        return next(each for each in self._modules if each is not None)

    @property
    def _modules(self) -> tuple[FilterModule | None, ...]:
        return (self.spin_filter, self.stirred_cell, self.dead_end, self.tangential_flow)

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions."""
        return ("retentate", "permeate", "lost")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics, the membrane and the buffer come from."""
        return (*self.membrane_sources, *self.module.sources, *self.buffer.sources)

    def conflicts(self) -> list[str]:
        """Return what does not fit together."""
        return self.found(self._module_problems, self._aim_problems, self._washing_problems)

    def _module_problems(self) -> Iterator[str]:
        if sum(each is not None for each in self._modules) != 1:
            yield "give exactly one of spin_filter, stirred_cell, dead_end and tangential_flow"
        elif problem := self.module.misfit(self.membrane) or self.module.limit_problem(self.membrane, volume=0.0):
            yield problem  # the pressure of the sample's volume is told when that is known
        elif self.spin_filter is not None and self.diavolumes is not None and self.washes is None:
            yield "diavolumes: buffer cannot flow into a spin filter; pour it in portions, such as washes = 3"

    def _aim_problems(self) -> Iterator[str]:
        if self.concentrate_to_mL is not None and self.concentration_factor is not None:
            yield "concentrate_to_mL and concentration_factor: give one of them, not both"
        aims = (self.concentrate_to_mL, self.concentration_factor, self.diavolumes)
        if all(aim is None for aim in aims):
            yield "give concentrate_to_mL, concentration_factor or diavolumes, or several of them"

    def _washing_problems(self) -> Iterator[str]:
        if self.diavolumes is None:
            alone = {"washes": self.washes, "final_volume_mL": self.final_volume_mL}
            yield from (f"{key}: only with diavolumes" for key, value in alone.items() if value is not None)

    def treated(self, sample: Sample, vessel: type[Vessel]) -> Outcome[MembraneRun]:
        """Concentrate, wash, and empty the devices."""
        sample = self.tempered(sample)
        devices = self.devices_for(sample.volume)
        run = self.filtered(sample, vessel, self.module, self._stages(sample.volume, devices), self.buffer, devices)
        retentate, permeate, lost = self.collected(sample, run)
        retentate, lost = self.emptied(retentate, lost, devices, to_si("rinse_mL", self.rinse_mL), self.buffer)
        return Outcome(
            fractions={"retentate": retentate, "permeate": permeate, "lost": lost},
            duration=float(run.time[-1]),
            trace=run,
            equipment={"device": run.devices},
            remarks=tuple(self.remarks(sample, run)),
            warnings=tuple(filtration_warnings(sample, run)),
        )

    def _stages(self, volume: float, devices: int) -> list[Stage]:
        """Return what is done with a volume [m3], in volumes of one device."""
        stages, here = [], volume / devices
        target = self._target(volume, devices) / devices
        if target < here:
            stages.append(Stage("concentrate", 0.0, here - target, constant=False))
            here = target
        if self.diavolumes is not None:
            stages += self._washing(here)
        if self.final_volume_mL is not None:
            final = to_si("final_volume_mL", self.final_volume_mL)
            self._check_aim("final_volume_mL", self.final_volume_mL, final, here * devices, devices)
            stages.append(Stage("concentrate again", 0.0, here - final / devices, constant=False))
        return stages

    def _target(self, volume: float, devices: int) -> float:
        """Return the volume to which all devices concentrate [m3]."""
        if self.concentrate_to_mL is not None:
            target = to_si("concentrate_to_mL", self.concentrate_to_mL)
            self._check_aim("concentrate_to_mL", self.concentrate_to_mL, target, volume, devices)
        elif self.concentration_factor is not None:
            target = volume / self.concentration_factor
            self._check_aim("concentration_factor", self.concentration_factor, target, volume, devices)
        else:
            target = volume
        return target

    def _check_aim(self, key: str, value: float, target: float, volume: float, devices: int) -> None:
        """Raise if all devices cannot concentrate to a volume, or all of it would stay in them [m3]."""
        if target >= volume * (1.0 - ROUND_OFF):
            raise InputError(
                f"{key} = {value:g}: there are only {from_si('volume_mL', volume):.4g} mL; give a smaller volume"
            )
        held = self.hold_up * devices
        if target <= held * (1.0 + ROUND_OFF) and held > 0:
            raise InputError(
                f"{key} = {value:g}: all of the {from_si('volume_mL', target):.4g} mL would stay in the "
                f"{from_si('volume_mL', held):.4g} mL of hold-up of {devices} device(s); concentrate less, or use "
                "fewer or smaller devices"
            )

    def _washing(self, volume: float) -> list[Stage]:
        """Return the stages that wash a volume [m3] in one device."""
        buffer = (self.diavolumes or 0.0) * volume
        if self.washes is None:
            return [Stage("diafilter", 0.0, buffer, constant=True)]
        portion = buffer / self.washes
        most = self.membrane.max_volume
        if volume + portion > most * (1.0 + ROUND_OFF):
            raise InputError(
                f"washes = {self.washes}: {from_si('volume_mL', portion):.4g} mL of buffer on "
                f"{from_si('volume_mL', volume):.4g} mL do not fit into the {from_si('volume_mL', most):g} mL of "
                f"{self.membrane.name!r}; use more washes or fewer diavolumes"
            )
        return [Stage(f"wash {index}", portion, portion, constant=False) for index in range(1, self.washes + 1)]
