"""Pellets: what decanting leaves at the bottom of a tube, and what comes back on resuspension.

On the bench these two manipulations lose more vesicles than the physics of the spin: liquid stays on the pellet and
carries soluble protein along, some pellet goes off with the supernatant, and much of it sticks to the wall or stays
clumped. What is dissolved does not become a solid: it spreads back into the liquid (`wall_layer`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim import media
from sepsim.arrays import FloatArray
from sepsim.errors import InputError
from sepsim.media import Fluid
from sepsim.samples.sample import Sample, pool
from sepsim.settings import Named, Settings, integer, number, part, settings
from sepsim.techniques.centrifugation.wall_layer import WallLayer
from sepsim.text.tables import percent
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
    layer: WallLayer,
    *,
    residual_volume: float,
    disturbed: npt.ArrayLike,
    skimmed_volume: float | None = None,
) -> Decanted:
    """Skim off what floats, if asked, and pour the supernatant off the pellet.

    Parameters
    ----------
    sample : Sample
        What was spun.
    pelleted, floated : ndarray, shape (n_classes,) [-]
        Share of each class that has reached the outer wall, and the meniscus or inner wall.
    layer : WallLayer
        What of that stays at the wall, and in the film of liquid on it.
    residual_volume : float [m3]
        Liquid that stays on the pellet. It has the mean composition of what is suspended, or has left the film after
        skimming, as if that were mixed before decanting, with what is loose in the film and nothing of what floats.
    disturbed : array_like, shape () or (n_classes,) [-]
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
    spread = pelleted * (1.0 - layer.attached - layer.in_film).clip(min=0.0)
    solid, _ = sample.take(pelleted * layer.attached * (1.0 - np.asarray(disturbed)), 0.0)
    on_pellet = suspended * (residual_volume / sample.volume) + pelleted * layer.in_film
    if residual_volume > 0:
        on_pellet += spread * (residual_volume / (sample.volume - skimmed))
    liquid, _ = sample.take(on_pellet.clip(max=1.0), residual_volume)
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
    pellet: Pellet, resuspension: Resuspension, recovery: npt.ArrayLike, key: str = "resuspend"
) -> tuple[Sample, Sample]:
    """Take a pellet up in fresh medium; part of the solid sticks and is lost.

    Parameters
    ----------
    pellet : Pellet
    resuspension : Resuspension
        Medium and final volume.
    recovery : array_like, shape () or (n_classes,) [-]
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


def pellet_remarks(spun: Sample, solid: Sample, back: Sequence[FloatArray]) -> Iterator[str]:
    """Yield what left the supernatant of the vesicles, apart from what came back into suspension.

    Parameters
    ----------
    spun : Sample
        What was spun.
    solid : Sample
        The pellet of it.
    back : sequence of ndarray, shape (n_classes,) [-]
        Share of each class that came back each time the pellet was taken up; nothing is told without.

    Yields
    ------
    str
        One remark for each population of vesicles.

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=1).prepare()
    >>> next(pellet_remarks(urine, urine.take(0.9, 0.0)[0], [np.full(len(urine.particles), 0.3)]))
    'of exosome 90.0 % left the supernatant into the pellet and 30.0 % of that came back into suspension'
    """
    particles = spun.particles
    loaded, landed = spun.by_population, solid.by_population
    for name, kind in zip(particles.names, particles.kinds, strict=True):
        if kind == "vesicle" and landed[name] > 0 and back:
            members = solid.counts * (particles.population == particles.names.index(name))
            shares = [percent(float(members @ share) / float(members.sum())) for share in back]
            yield (
                f"of {name} {percent(landed[name] / loaded[name])} left the supernatant into the pellet and "
                f"{' and then '.join(shares)} of that came back into suspension"
            )
