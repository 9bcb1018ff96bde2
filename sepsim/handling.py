"""Handling between the separations: dilution, adding salt, pooling, taking an aliquot.

What happens in the tube: liquids are poured together or divided, and every particle goes with its liquid. What
decanting and resuspending a pellet lose belongs to the step that made the pellet.

Assumptions: complete mixing, no adsorption. Valid for suspensions; a pellet must be resuspended first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from sepsim import media
from sepsim.errors import InputError
from sepsim.media import Fluid, Medium
from sepsim.media.salt import SALTS
from sepsim.media.salting import salted
from sepsim.method import Method, Outcome
from sepsim.samples.sample import Sample
from sepsim.settings import Named, number, part, settings, text
from sepsim.text.sentences import as_given, sentences
from sepsim.units import to_si


@settings
class Dilution(Method):
    """Dilute the sample with fresh medium; hands out ``diluted``.

    Parameters
    ----------
    medium : str, mapping or Fluid
        What is added.
    factor : float [-]
        Final volume over the volume before; or instead
    volume_mL : float [mL]
        Volume added.

    Raises
    ------
    InputError
        If both or neither of factor and volume_mL are given.

    Examples
    --------
    >>> Dilution(medium="PBS", factor=8).fraction_names
    ('diluted',)
    """

    technique: ClassVar[str] = "dilution"

    medium: Named[Fluid] = part(
        accept=media.fluid, dump=media.describe, allowed=media.FLUID_FORMS, help="medium that is added"
    )
    factor: float | None = number(default=None, minimum=1, help="final volume over initial volume")
    volume_mL: float | None = number(default=None, minimum=0, help="volume added, instead")

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """The one fraction."""
        return ("diluted",)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the properties of the diluent come from."""
        return self.medium.sources

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[None]:
        """Add the medium at the temperature of the sample."""
        if self.factor is not None:
            added = (self.factor - 1.0) * sample.volume
        else:
            added = to_si("volume_mL", self.volume_mL or 0.0)
        fresh = Medium.pure(self.medium, sample.medium.temperature)
        return Outcome(fractions={"diluted": sample.dilute(added, fresh)})

    def conflicts(self) -> list[str]:
        """Exactly one amount."""
        if (self.factor is None) == (self.volume_mL is None):
            return ["give exactly one of factor and volume_mL"]
        return []


@settings
class DensityAdjustment(Method):
    """Dissolve a dry salt in the sample until it has a density; hands out ``adjusted``.

    Parameters
    ----------
    solute : "KBr" | "NaBr" | "CsCl"
    density_g_mL : float [g/mL]
        Of the liquid with its dissolved proteins, at the temperature of the sample.

    Notes
    -----
    Lipoproteins are classed by the density of the solvent without proteins, 1.006 g/mL for serum of 1.024, since the
    proteins sink away from what floats. A liquid stays as it is during a spin here: for a sequence of flotations give
    the sample that solvent as its medium, as the example `sequential_flotation` does.

    Examples
    --------
    >>> DensityAdjustment(solute="KBr", density_g_mL=1.063).fraction_names
    ('adjusted',)
    """

    technique: ClassVar[str] = "density_adjustment"

    solute: str = text(choices=SALTS, help="the salt that is dissolved")
    density_g_mL: float = number(minimum=0.9, maximum=2.5, help="density that the liquid is brought to")

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """The one fraction."""
        return ("adjusted",)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the properties of the salt come from."""
        return media.Salt(self.solute).sources

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[None]:
        """Dissolve as much as it takes; the volume grows by that of the salt, and all particles stay."""
        liquid, growth = salted(sample.liquid, media.Salt(self.solute), to_si("density_g_mL", self.density_g_mL))
        medium = liquid.bare
        adjusted = replace(sample, medium=medium, volume=growth * sample.volume)
        held = {solute.name: c for solute, c in sample.medium.solutes}.get(self.solute, 0.0)
        grams = 1e3 * (adjusted.volume * dict(medium.solutes)[media.Salt(self.solute)] - sample.volume * held)
        return Outcome(fractions={"adjusted": adjusted}, remarks=(f"{grams:.3g} g of {self.solute} were dissolved",))


@settings
class Pooling(Method):
    """Pour fractions together (name them in ``from``); hands out ``pool``.

    Examples
    --------
    >>> Pooling().fraction_names
    ('pool',)
    """

    technique: ClassVar[str] = "pooling"

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """The one fraction."""
        return ("pool",)

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[None]:
        """Hand out what came in: several fractions named in ``from`` arrive as one sample."""
        return Outcome(fractions={"pool": sample})


@settings
class Aliquot(Method):
    """Take a volume of the well mixed sample; hands out ``aliquot`` and ``rest``.

    Parameters
    ----------
    volume_mL : float [mL]
        Volume taken, above 0 and at most that of the sample.

    Examples
    --------
    >>> Aliquot(volume_mL=0.5).fraction_names
    ('aliquot', 'rest')
    """

    technique: ClassVar[str] = "aliquot"

    volume_mL: float = number(above=0, help="volume taken")

    @property
    def fraction_names(self) -> tuple[str, ...]:
        """The two fractions."""
        return ("aliquot", "rest")

    def run(self, sample: Sample, *, rng: np.random.Generator | None) -> Outcome[None]:
        """Divide by volume."""
        volume = to_si("volume_mL", self.volume_mL)
        if volume > sample.volume:
            raise InputError(
                f"volume_mL = {self.volume_mL:g}: the sample has only {sample.volume * 1e6:g} mL; take less"
            )
        aliquot, rest = sample.take(volume / sample.volume, volume)
        return Outcome(fractions={"aliquot": aliquot, "rest": rest})


def dilution_sentences(method: Dilution, treated: str) -> str:
    """Return what a methods section says of a dilution.

    Parameters
    ----------
    method : Dilution
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> dilution_sentences(Dilution(medium="PBS", factor=2.5), "the sample")
    'The sample was diluted 2.5-fold with PBS.'
    """
    medium = media.in_words(method.medium)
    if method.factor is not None:
        return sentences([f"{treated} was diluted {as_given(method.factor)}-fold with {medium}"])
    return sentences([f"{treated} was diluted with {as_given(method.volume_mL or 0.0)} mL of {medium}"])


def density_adjustment_sentences(method: DensityAdjustment, treated: str) -> str:
    """Return what a methods section says of salt that is added.

    Parameters
    ----------
    method : DensityAdjustment
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> density_adjustment_sentences(DensityAdjustment(solute="KBr", density_g_mL=1.21), "the sample")
    'The sample was brought to a density of 1.21 g/mL with solid KBr.'
    """
    return sentences(
        [f"{treated} was brought to a density of {as_given(method.density_g_mL)} g/mL with solid {method.solute}"]
    )


def pooling_sentences(method: Pooling, treated: str) -> str:
    """Return what a methods section says of fractions that are poured together.

    Parameters
    ----------
    method : Pooling
    treated : str
        Such as ``"the pool of fractions 1-2 and fraction 5"``.

    Returns
    -------
    str

    Examples
    --------
    >>> pooling_sentences(Pooling(), "the pool of fractions 1-2 and fraction 5")
    'The pool of fractions 1-2 and fraction 5 was collected.'
    """
    return sentences([f"{treated} was collected"])


def aliquot_sentences(method: Aliquot, treated: str) -> str:
    """Return what a methods section says of an aliquot.

    Parameters
    ----------
    method : Aliquot
    treated : str
        Such as ``"the sample"``.

    Returns
    -------
    str

    Examples
    --------
    >>> aliquot_sentences(Aliquot(volume_mL=0.5), "the sample")
    'An aliquot of 0.5 mL was taken from the sample.'
    """
    return sentences([f"an aliquot of {as_given(method.volume_mL)} mL was taken from {treated}"])
