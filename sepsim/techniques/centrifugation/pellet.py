"""Pellets: what decanting leaves at the bottom of a tube, and what comes back on resuspension.

On the bench these two manipulations lose more vesicles than the physics of the spin: liquid stays on the pellet and
carries soluble protein along, some pellet goes off with the supernatant, and much of a hard pellet sticks to the wall
or stays clumped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sepsim import media
from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Fluid
from sepsim.samples.sample import Sample, pool
from sepsim.settings import Named, Settings, integer, number, part, settings
from sepsim.units import to_si


@settings
class Resuspension(Settings):
    """Taking up a pellet in fresh medium.

    Parameters
    ----------
    medium : str, mapping or Fluid
        What it is taken up in.
    volume_mL : float [mL]
        Final volume, liquid left on the pellet included.

    Examples
    --------
    >>> Resuspension(medium="PBS", volume_mL=1).volume_mL
    1.0
    """

    medium: Named[Fluid] = part(
        accept=media.fluid, dump=media.describe, allowed=media.FLUID_FORMS, help="medium that takes the pellet up"
    )
    volume_mL: float = number(above=0, help="final volume")


@settings
class Wash(Resuspension):
    """Washing a pellet: take it up in fresh medium and spin it again in the same way.

    Parameters
    ----------
    medium : str, mapping or Fluid
    volume_mL : float [mL]
        Volume in which the pellets of all tubes are taken up.
    times : int
        How often; default 1.

    Examples
    --------
    >>> Wash(medium="PBS", volume_mL=60).times
    1
    """

    times: int = integer(default=1, minimum=1, maximum=100, help="number of washes")


class Pellet(NamedTuple):
    """What lies at the bottom after decanting.

    Attributes
    ----------
    solid : Sample
        The pelleted particles, volume 0.
    liquid : Sample
        The supernatant left on them.
    """

    solid: Sample
    liquid: Sample

    def as_it_lies(self) -> Sample:
        """Return solid and liquid as one sample."""
        return pool([self.liquid, self.solid])


class Decanted(NamedTuple):
    """The liquid and the pellet of a spin, taken apart.

    Attributes
    ----------
    pellet : Pellet
    supernatant : Sample
    floating : Sample or None
        What was skimmed off the top, if it was.
    """

    pellet: Pellet
    supernatant: Sample
    floating: Sample | None

    @property
    def liquids(self) -> list[Sample]:
        """All that was taken off the pellet."""
        return [self.supernatant] if self.floating is None else [self.supernatant, self.floating]


def decant(
    sample: Sample,
    pelleted: FloatArray,
    floated: FloatArray,
    *,
    residual_volume: float,
    disturbed: float,
    skimmed_volume: float | None = None,
) -> Decanted:
    """Skim off what floats, if asked, and pour the supernatant off the pellet.

    Parameters
    ----------
    sample : Sample
        What was spun.
    pelleted, floated : ndarray, shape (n_classes,) [-]
        Share of each class that has reached the outer wall, and the meniscus or inner wall.
    residual_volume : float [m3]
        Liquid that stays on the pellet. It has the mean composition of what is still suspended, as if the supernatant
        were mixed before decanting, and nothing of what has floated.
    disturbed : float [-]
        Share of the pellet that goes off with the supernatant.
    skimmed_volume : float [m3], optional
        Liquid taken off the top together with what floats; None leaves it in the supernatant.

    Returns
    -------
    Decanted

    Raises
    ------
    InputError
        If the two volumes are larger than the sample.
    """
    skimmed = skimmed_volume or 0.0
    if residual_volume + skimmed > sample.volume:
        raise InputError(
            f"residual_volume_mL and skimmed_volume_mL: {residual_volume * 1e6:g} mL on the pellets and "
            f"{skimmed * 1e6:g} mL off the top are more than the {sample.volume * 1e6:g} mL of the sample; reduce them"
        )
    suspended = (1.0 - pelleted - floated).clip(0.0, 1.0)
    solid, _ = sample.take(pelleted * (1.0 - disturbed), 0.0)
    liquid, _ = sample.take(suspended * (residual_volume / sample.volume), residual_volume)
    taken = [solid, liquid]
    floating = None
    if skimmed_volume is not None:
        floating, _ = sample.take((floated + suspended * (skimmed / sample.volume)).clip(max=1.0), skimmed)
        taken.append(floating)
    return Decanted(Pellet(solid, liquid), _remainder(sample, taken), floating)


def _remainder(sample: Sample, taken: Sequence[Sample]) -> Sample:
    counts = sample.counts - np.sum([part.counts for part in taken], axis=0)
    volume = sample.volume - sum(part.volume for part in taken)
    return replace(sample, counts=counts.clip(min=0.0), volume=max(volume, 0.0))


def resuspend(
    pellet: Pellet, resuspension: Resuspension, recovery: float, key: str = "resuspend"
) -> tuple[Sample, Sample]:
    """Take a pellet up in fresh medium; part of the solid sticks and is lost.

    Parameters
    ----------
    pellet : Pellet
    resuspension : Resuspension
        Medium and final volume.
    recovery : float [-]
        Share of the solid that comes back into suspension; the liquid on it comes along whole.
    key : str
        The setting that asks for it, for errors.

    Returns
    -------
    suspension, lost : Sample

    Raises
    ------
    InputError
        If more liquid lies on the pellet than the final volume.
    """
    volume = to_si("volume_mL", resuspension.volume_mL)
    added = volume - pellet.liquid.volume
    if added < 0:
        raise InputError(
            f"{key}: volume_mL = {resuspension.volume_mL:g}: {pellet.liquid.volume * 1e6:g} mL of liquid is left "
            "on the pellets; give a larger volume, or a smaller residual_volume_mL"
        )
    recovered, lost = pellet.solid.take(recovery, 0.0)
    temperature = pellet.liquid.medium.temperature
    fresh = media.Medium.pure(resuspension.medium, temperature)
    return pool([pellet.liquid, recovered]).dilute(added, fresh), lost
