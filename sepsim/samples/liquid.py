"""The liquid that particles move in: a medium with the proteins that are dissolved in it, each counted once.

Plasma, serum and other biofluids hold protein by their name, and density and viscosity of the medium include it. What a
sample declares as populations of kind "protein" stands for that protein; only what there is more of, or less, changes
the liquid:

    e = sum of the dissolved proteins - sum over the fluids of share x own protein x share that is declared.

So diluted plasma is diluted plasma, a permeate that has left its protein behind is thin, and a retentate is thick. What
has left was the mixture of proteins that the sample began with; what is there counts as what it is.
Lipoproteins and other particles are suspended, not dissolved: those of plasma (some 10 mg/mL) are in the medium's
viscosity, and their own is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sepsim.arrays import FloatArray
from sepsim.media import ConstantFluid, Medium
from sepsim.particles.particle_table import OwnProtein, ParticleTable

LEAST_EXCESS = 0.02  # kg/m3; 0.01 % of the viscosity and 0.005 kg/m3, which no correlation resolves
MOST_DISSOLVED = 600.0  # kg/m3; what there is more of, as in a pellet with a trace of liquid, is no solution
TOLERATED = 10.0  # kg/m3, between what is declared and what a name stands for
CONCENTRATED = 350.0  # kg/m3
GLOBULAR = (0.73e-3, 5e-3)  # m3/kg: partial volume and intrinsic viscosity of protein of which no population tells


class DissolvedProtein(NamedTuple):
    """Protein per volume of liquid.

    Attributes
    ----------
    mass : float [kg/m3]
    volume : float [-]
        That it takes up.
    crowding : float [-]
        Sum over the proteins of intrinsic viscosity times concentration.
    """

    mass: float
    volume: float
    crowding: float

    def times(self, factor: float) -> DissolvedProtein:
        """Return so many times as much of the same mixture."""
        return DissolvedProtein(*(factor * each for each in self))


def suspending_liquid(particles: ParticleTable, medium: Medium, counts: FloatArray, volume: float) -> Medium:
    """Return a medium with what is dissolved in it.

    Parameters
    ----------
    particles : ParticleTable
    medium : Medium
    counts : ndarray, shape (n_classes,) [-]
    volume : float [m3]

    Returns
    -------
    Medium
        The medium itself where its own protein is all there is, or where there is no liquid.

    Examples
    --------
    >>> import sepsim
    >>> plasma = sepsim.sample_from_catalog("platelet-poor plasma", volume_mL=1).prepare()
    >>> suspending_liquid(plasma.particles, plasma.medium, plasma.counts, plasma.volume) is plasma.medium
    True
    """
    if volume <= 0.0:
        return medium
    declared = dissolved_protein(particles, counts, volume)
    declared = declared.times(min(1.0, MOST_DISSOLVED / max(declared.mass, MOST_DISSOLVED)))
    own = _own_proteins(particles, medium)
    excess = declared.mass - sum(named.mass * share for named, share in own)
    if abs(excess) < LEAST_EXCESS:
        return medium
    return medium.laden(
        excess=excess,
        displaced=declared.volume - sum(named.volume * share for named, share in own),
        crowding=declared.crowding + sum(named.crowding * (1.0 - share) for named, share in own),
        own_crowding=sum(named.crowding for named, _ in own),
    )


def _own_proteins(particles: ParticleTable, medium: Medium) -> list[tuple[DissolvedProtein, float]]:
    """Return the protein of each fluid of a medium that holds some, and which share of it is among the particles."""
    known = {each.fluid: each for each in particles.stands_for}
    return [
        (protein_of(each, mass), each.share)
        for part, mass in medium.proteins.items()
        for each in [known.get(part, OwnProtein(part, 0.0, *GLOBULAR))]
    ]


def protein_of(kind: OwnProtein, mass: float) -> DissolvedProtein:
    """Return so much [kg/m3] of the protein that a fluid stands for."""
    return DissolvedProtein(mass, kind.specific_volume * mass, kind.intrinsic_viscosity * mass)


def stood_for(medium: Medium, declared: DissolvedProtein) -> tuple[OwnProtein, ...]:
    """Return the protein that fluids of a medium hold by their name, and which share of it a sample declares.

    Parameters
    ----------
    medium : Medium
    declared : DissolvedProtein
        Among the populations; the protein of the fluids is taken to be such a mixture.

    Returns
    -------
    tuple of OwnProtein

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> mixture = DissolvedProtein(29.5, 0.0215, 0.15)
    >>> [each.share for each in stood_for(Medium.pure(fluid("plasma"), 293.15), mixture)]
    [0.5]
    """
    own = medium.proteins
    if not own or declared.mass <= 0.0:
        return ()
    share = min(declared.mass / sum(own.values()), 1.0)
    mixture = declared.times(1.0 / declared.mass)
    return tuple(OwnProtein(part, share, mixture.volume, mixture.crowding) for part in own)


def about_proteins(medium: Medium, declared: float) -> Iterator[str]:
    """Yield whether a sample declares other proteins than its medium stands for, or more than any law holds for.

    A sample without any dissolved protein, such as vesicles alone in plasma, says nothing of them.

    Parameters
    ----------
    medium : Medium
    declared : float [kg/m3]
        Dissolved proteins among the populations.

    Yields
    ------
    str

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> next(about_proteins(Medium.pure(fluid("plasma"), 293.15), 10.0)).split(";")[0]
    'the populations hold 10 mg/mL of dissolved protein and the medium, plasma, 59 mg/mL by its name'
    """
    if declared > CONCENTRATED:
        yield (
            f"{declared:.3g} mg/mL of dissolved protein: above {CONCENTRATED:g} mg/mL the viscosity is an order of "
            "magnitude alone"
        )
    own = sum(medium.proteins.values())
    measured = any(isinstance(part, ConstantFluid) for part, _ in medium.components)
    if not declared or abs(declared - own) <= TOLERATED or not (own or measured):
        return
    if own:
        kept = (
            "what is more is added to its density and viscosity"
            if declared > own
            else "its density and viscosity stay those of its name"
        )
        yield (
            f"the populations hold {declared:.3g} mg/mL of dissolved protein and the medium, {medium.name}, {own:.3g} "
            f"mg/mL by its name; {kept}: give amounts that fit the medium, or the medium without protein"
        )
    else:
        yield (
            f"the populations hold {declared:.3g} mg/mL of dissolved protein, which is added to density and viscosity "
            f"of the medium, {medium.name}; if they were measured with the protein, tell it protein_mg_per_mL"
        )


def dissolved_protein(particles: ParticleTable, counts: FloatArray, volume: float) -> DissolvedProtein:
    """Return what protein is dissolved in a volume.

    Parameters
    ----------
    particles : ParticleTable
    counts : ndarray, shape (n_classes,) [-]
    volume : float [m3]
        Above 0.

    Examples
    --------
    >>> import sepsim
    >>> serum = sepsim.sample_from_catalog("serum", volume_mL=1).prepare()
    >>> round(dissolved_protein(serum.particles, serum.counts, serum.volume).mass)
    56
    """
    number = counts * particles.dissolved / volume
    mass = number * particles.mass
    return DissolvedProtein(
        float(mass.sum()), float(number @ particles.volume), float(mass @ particles.intrinsic_viscosity)
    )
