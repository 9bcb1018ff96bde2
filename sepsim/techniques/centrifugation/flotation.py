"""Flotation: what is lighter than the liquid gathers at the top and is skimmed off; all below it is one fraction.

What happens in the tube: particles lighter than the liquid move inwards at s w^2 r, denser ones outwards, as in any
spin (`Centrifugation`). What has sunk is stirred up with the liquid below the skimmed layer, the infranatant, so that a
sequence of flotations at rising densities loses nothing: VLDL at 1.006, LDL at 1.063, HDL at 1.21 g/mL.

Assumptions: those of `Centrifugation`, so that salt stays as even as it was poured, which in a day or two it does not;
what sank comes back into suspension whole; the skimmed layer holds all that floated, and what neither floated nor sank
as concentrated as below it. Hands stir the layers: a class that sank or floated whole is purer here than at the bench.

Source: Havel, Eder & Bragdon 1955, doi 10.1172/JCI103182.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import ClassVar

import numpy as np

from sepsim.method import Method, Outcome
from sepsim.samples.sample import Sample, pool
from sepsim.settings import number, settings
from sepsim.techniques.centrifugation.centrifugation import Centrifugation
from sepsim.techniques.centrifugation.rotor_settings import RotorSettings


@settings
class Flotation(RotorSettings, Method):
    """Spin a sample and skim off what floats; hands out ``floating``, ``infranatant`` and ``lost``.

    Parameters
    ----------
    rotor, tube, tubes, speed_rpm, rcf_xg, rcf_at, time_min, acceleration_min, braking_min, temperature_C
        As for `Centrifugation`.
    pellet_recovery, residual_volume_mL, residual_film_um, waiting_min, pellet_model, resuspend
        Not here: what has sunk is stirred up with the infranatant.
    skimmed_volume_mL : float [mL]
        Volume taken off the top of each tube with what floats.
    fill_volume_mL : float [mL]
        Most that goes into one tube; default what the tube holds.

    Raises
    ------
    InputError
        With every problem of the settings.

    Examples
    --------
    >>> step = Flotation(rotor="Type 50.4 Ti", speed_rpm=45_000, time_min=1200, skimmed_volume_mL=1)
    >>> step.fraction_names
    ('floating', 'infranatant', 'lost')
    """

    technique: ClassVar[str] = "flotation"
    refused: ClassVar[tuple[str, ...]] = (
        *("resuspend", "pellet_recovery", "residual_volume_mL", "residual_film_um", "waiting_min", "pellet_model"),
    )

    skimmed_volume_mL: float = number(above=0, help="taken off the top, per tube")
    fill_volume_mL: float | None = number(default=None, above=0, help="most that goes into one tube")

    def conflicts(self) -> list[str]:
        """Return what is wrong with the spin, and settings of a pellet."""
        problems = RotorSettings.conflicts(self) + self.found(self._pellet_problems)
        return problems or self.found(self._spin_problems)

    def _pellet_problems(self) -> Iterator[str]:
        usual = {field.name: field.default for field in fields(self)}
        for key in self.refused:
            if getattr(self, key) != usual[key]:
                yield f"{key}: not in a flotation, where what has sunk is stirred up with the infranatant; leave it out"

    def _spin_problems(self) -> Iterator[str]:
        yield from self._spin.conflicts()

    @property
    def _spin(self) -> Centrifugation:
        return Centrifugation(
            rotor=self.rotor,
            tube=self.tube,
            tubes=self.tubes,
            speed_rpm=self.speed_rpm,
            rcf_xg=self.rcf_xg,
            rcf_at=self.rcf_at,
            time_min=self.time_min,
            acceleration_min=self.acceleration_min,
            braking_min=self.braking_min,
            temperature_C=self.temperature_C,
            fill_volume_mL=self.fill_volume_mL,
            skimmed_volume_mL=self.skimmed_volume_mL,
            residual_volume_mL=0.0,
        )

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """Names of the fractions."""
        return ("floating", "infranatant", "lost")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the physics and the rotor's radii come from."""
        return ("havel1955", *self._spin.sources)

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome:
        """Spin, skim, and stir up the rest."""
        return _stirred_up(self._spin.run(sample, rng=rng))

    def dry_run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome:
        """Spin in plug flow."""
        return _stirred_up(self._spin.dry_run(sample, rng=rng))


def _stirred_up(outcome: Outcome) -> Outcome:
    """Pour all that was not skimmed off together."""
    fractions = dict(outcome.fractions)
    floating, lost = fractions.pop("floating"), fractions.pop("lost")
    return Outcome(
        fractions={"floating": floating, "infranatant": pool([*fractions.values()]), "lost": lost},
        duration=outcome.duration,
        trace=outcome.trace,
        warnings=outcome.warnings,
        equipment=outcome.equipment,
    )
