"""A membrane in what drives it: the settings that every filtration has, and what the bench loses in it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from sepsim.errors import InputError
from sepsim.media import Fluid, Medium
from sepsim.method import Method, Outcome
from sepsim.samples.crowding import CROWDED, JAMMING_COVERAGE, filled_share
from sepsim.samples.sample import Sample, pool
from sepsim.settings import Named, Tabled, integer, number, part, record, settings
from sepsim.techniques.filtration.clean_vessel import CleanVessel
from sepsim.techniques.filtration.filtration_validity import feed_problem
from sepsim.techniques.filtration.fouling import Fouling, Stage
from sepsim.techniques.filtration.membrane_run import MembraneRun, run_membrane
from sepsim.techniques.filtration.membranes.filter_modules import FilterModule
from sepsim.techniques.filtration.membranes.membranes import MEMBRANES, Membrane
from sepsim.techniques.filtration.sieving import VesicleSkin
from sepsim.techniques.filtration.vessel import MembraneConditions, Vessel
from sepsim.text.tables import percent
from sepsim.units import from_si, to_si

DEPOSIT_RECOVERY = 0.5  # a choice: no recovery of vesicles from a membrane could be read in a primary source
FLUX_L_M2_H = 3.6e6  # in 1 m/s
ROUND_OFF = 1e-9

PHYSICS = (
    *("dechadilok2006", "zydney1997", "ho2000", "carnahan1969", "mansoori1971", "carman1937"),
    *("bertrand2012", "rawicz2000"),
)


@settings
class FilterSettings(Method):
    """Settings of a filtration through one device, or through several alike side by side.

    Parameters
    ----------
    membrane, devices, temperature_C, time_min, hold_up_mL, deposit_recovery, adsorbed_coverage, fouling, vesicles
        As for `Ultrafiltration`.
    """

    membrane: Named[Membrane] = part(
        accept=MEMBRANES.get,
        dump=MEMBRANES.describe,
        allowed="a name of `sepsim list membranes`, or a table",
        help="the membrane in its device",
    )
    devices: int | None = integer(
        default=None, minimum=1, maximum=1000, help="left out: the fewest that hold the sample"
    )
    temperature_C: float | None = number(default=None, minimum=0, maximum=60, help="left out: that of the sample")
    time_min: float | None = number(
        default=None, above=0, help="after which filtration stops; left out: until it is done"
    )
    hold_up_mL: float | None = number(
        default=None, minimum=0, help="liquid that stays in a device; left out: the membrane's"
    )
    deposit_recovery: float = number(
        default=DEPOSIT_RECOVERY,
        minimum=0,
        maximum=1,
        help="share of what lies on the membrane that comes off with the retentate",
    )
    adsorbed_coverage: float | None = number(
        default=None,
        minimum=0,
        maximum=JAMMING_COVERAGE,
        help="area share that adsorbed particles cover; left out: the membrane's",
    )
    fouling: Tabled[Fouling] = record(
        Fouling, default=Fouling(), example="{ blocking = 0.1 }", help="how the membrane fouls"
    )
    vesicles: Tabled[VesicleSkin] = record(
        VesicleSkin, default=VesicleSkin(), example="{ lysis_tension_mN_m = 6 }", help="how vesicles give way in pores"
    )

    @property
    def hold_up(self) -> float:
        """Liquid that stays in a device [m3]."""
        return self.membrane.hold_up if self.hold_up_mL is None else to_si("hold_up_mL", self.hold_up_mL)

    @property
    def time(self) -> float:
        """After which filtration stops [s]; infinite if it is not set."""
        return math.inf if self.time_min is None else to_si("time_min", self.time_min)

    def devices_for(self, volume: float) -> int:
        """Return how many devices hold a volume [m3].

        Raises
        ------
        InputError
            If fewer are set than that takes.
        """
        most = self.membrane.max_volume
        needed = max(1, math.ceil(volume / most - ROUND_OFF)) if math.isfinite(most) else 1
        devices = needed if self.devices is None else self.devices
        if devices < needed:
            raise InputError(
                f"devices = {devices}: {from_si('volume_mL', volume):g} mL do not fit into {devices} of "
                f"{self.membrane.name!r} with {from_si('volume_mL', most):g} mL each; use at least {needed}, or a "
                "smaller sample"
            )
        return devices

    def tempered(self, sample: Sample) -> Sample:
        """Return the sample at the temperature of the run."""
        return sample if self.temperature_C is None else sample.at(to_si("temperature_C", self.temperature_C))

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[MembraneRun]:
        """Filter a sample; its particles pile up at the membrane and foul it."""
        from sepsim.techniques.filtration.fouling_vessel import FoulingVessel  # numba loads only when it is solved

        outcome = self.treated(sample, FoulingVessel)
        if problem := feed_problem(outcome.trace):
            raise InputError(problem)
        return outcome

    def dry_run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[MembraneRun]:
        """Filter a sample through a membrane that stays clean, by the textbook powers of a sieving coefficient.

        Volumes, liquids and refusals are those of a run. Not told is what only the solved flux can know: that it comes
        to an end, that pores are filled, or that `time_min` is too short for a membrane that fouls. What adsorbs, or
        lies down although the module carries it back, stays in the retentate; in a run that may be half of it. More
        flux than feed is a warning, since what is held back lowers the flux of a run. With `time_min`,
        and with a crowded retentate, whose flux may come to an end, volumes are left open.
        """
        outcome = self.treated(sample, CleanVessel)
        left = outcome.fractions["retentate"]
        may_stall = left.volume > 0.0 and filled_share(left) > CROWDED  # no run of fewer particles did
        outcome = replace(outcome, volumes_open=may_stall or math.isfinite(self.time))
        if problem := feed_problem(outcome.trace):
            doubt = f"{problem}; that is the flux of a clean membrane: a run refuses it unless its own is lower"
            return replace(outcome, warnings=(*outcome.warnings, doubt))
        return outcome

    @abstractmethod
    def treated(self, sample: Sample, vessel: type[Vessel]) -> Outcome[MembraneRun]:
        """Filter a sample in a kind of vessel, and empty the devices."""

    def filtered(
        self,
        sample: Sample,
        vessel: type[Vessel],
        module: FilterModule,
        stages: Sequence[Stage],
        buffer: Fluid,
        devices: int,
    ) -> MembraneRun:
        """Return what happens to a sample; stages are those of one device."""
        coverage = self.membrane.coverage if self.adsorbed_coverage is None else self.adsorbed_coverage
        setting = MembraneConditions(
            membrane=self.membrane, module=module, fouling=self.fouling, skin=self.vesicles, coverage=coverage
        )
        return run_membrane(vessel(sample, setting, buffer, devices, self.time), stages)

    def collected(self, sample: Sample, run: MembraneRun) -> tuple[Sample, Sample, Sample]:
        """Return retentate, permeate and what is lost, before the device is emptied.

        What lies on the membrane comes off in part; what is adsorbed or burst is lost.
        """
        inside, outside = run.liquids
        recovered = self.deposit_recovery * run.deposited
        gone = run.burst + run.adsorbed + (run.deposited - recovered)
        return (
            replace(sample, medium=inside, volume=float(run.volume[-1]) * run.devices, counts=run.retained + recovered),
            replace(sample, medium=outside, volume=float(run.permeate[-1]) * run.devices, counts=run.permeated),
            replace(sample, medium=inside, volume=0.0, counts=gone),
        )

    def emptied(
        self, retentate: Sample, lost: Sample, devices: int, rinse: float, buffer: Fluid
    ) -> tuple[Sample, Sample]:
        """Return the retentate that is poured out of the devices and all that is lost.

        A device keeps its hold-up; rinsing with a volume V of buffer brings V/(V + hold-up) of that back.
        """
        held = min(self.hold_up * devices, retentate.volume)
        left, out = retentate.take(held / retentate.volume if held > 0 else 0.0, held)
        if rinse > 0 and held > 0:
            rinsed = left.dilute(rinse * devices, Medium.pure(buffer, left.medium.temperature))
            back, left = rinsed.take(rinse * devices / rinsed.volume, rinse * devices)
            out = pool([out, back])
        return out, pool([lost, left])

    def remarks(self, sample: Sample, run: MembraneRun) -> Iterator[str]:
        """Yield how the filtration went: time, flux and pressure, and what the membrane took."""
        flux, pressure = run.flux * FLUX_L_M2_H, run.pressure * 1e-5
        side = f"{run.devices} devices side by side, " if run.devices > 1 else ""
        yield (
            f"{side}{run.time[-1] / 60.0:.3g} min; flux {flux[0]:.3g} to {flux[-1]:.3g} L m-2 h-1, pressure "
            f"{pressure[0]:.3g} to {pressure[-1]:.3g} bar; {percent(float(run.conductance[-1]))} of the "
            "clean permeability left at the end"
        )
        vesicle = sample.particles.of_kind("vesicle")
        loaded = float(sample.counts[vesicle].sum())
        if loaded > 0:
            taken = {"lay on the membrane": run.deposited, "were adsorbed": run.adsorbed, "burst": run.burst}
            told = (f"{percent(float(counts[vesicle].sum()) / loaded)} {how}" for how, counts in taken.items())
            yield f"of the vesicles {', '.join(told)}"

    @property
    def membrane_sources(self) -> tuple[str, ...]:
        """Where the physics and the membrane come from."""
        return (*PHYSICS, *MEMBRANES.sources(self.membrane))
