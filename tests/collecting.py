"""A technique that hands out numbered fractions of rising density, as simple as can be."""

from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from sepsim.media import ConstantFluid, Medium
from sepsim.method import Method, Outcome
from sepsim.samples.fractions import collector_problem, numbered
from sepsim.settings import integer, number, settings

NAMED = ("pellet", "lost")


@settings
class Collecting(Method):
    """Divide a sample by volume, the densities evenly spaced; some is pelleted and some is lost.

    Without `count`, fractions of 1 mL are collected, and only the run tells how many. In a dry run all have the
    density of the first.
    """

    technique: ClassVar[str] = "collecting"
    without_losses: ClassVar = MappingProxyType({"loss": 0.0})

    count: int | None = integer(default=None, minimum=1, maximum=1000, help="number of fractions")
    lightest_g_mL: float = number(default=1.00, above=0, help="density of the first")
    step_g_mL: float = number(default=0.02, minimum=0, help="density from one to the next")
    loss: float = number(default=0.1, minimum=0, maximum=0.5, help="share of every class that sticks")

    @property
    def fraction_names(self):
        return (*numbered(self.count or 0), *NAMED)

    def keep_problem(self, keep):
        return collector_problem(keep, self.count, NAMED)

    def dry_run(self, sample, *, rng):
        return replace(self, step_g_mL=0.0).run(sample, rng=rng)

    def run(self, sample, *, rng):
        names = numbered(self.count or round(sample.volume * 1e6))
        solid, lost = ({"volume": 0.0, "counts": share * sample.counts} for share in (0.2, self.loss))
        left = sample.counts * (0.8 - self.loss)
        centre = np.linspace(0.2, 0.8, left.size) * len(names)  # each class has its place
        bands = np.exp(-np.abs(np.arange(len(names))[:, np.newaxis] - centre))
        fractions = {
            name: replace(sample, medium=self.liquid(index), volume=sample.volume / len(names), counts=left * share)
            for index, (name, share) in enumerate(zip(names, bands / bands.sum(axis=0), strict=True))
        }
        return Outcome(fractions={**fractions, "pellet": replace(sample, **solid), "lost": replace(sample, **lost)})

    def liquid(self, index):
        density = self.lightest_g_mL + index * self.step_g_mL
        return Medium.pure(ConstantFluid(name=f"{density:.3f}", density_g_mL=density, viscosity_mPa_s=1.0), 277.15)
