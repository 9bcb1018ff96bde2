"""The liquid that particles move in: a medium with the proteins that are dissolved in it, each counted once.

Plasma, serum and other biofluids hold protein by their name, and density and viscosity of the medium include it. What a
sample declares as populations of kind "protein" stands for that protein; only what there is more of, or less, changes
the liquid:

    e = sum of the dissolved proteins - sum over the fluids of share x own protein x share that is declared.

So diluted plasma is diluted plasma, a permeate that has left its protein behind is thin, and a retentate is thick.
Lipoproteins and other particles are suspended, not dissolved: those of plasma (some 10 mg/mL) are in the medium's
viscosity, and their own is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from sepsim.arrays import FloatArray
from sepsim.media import ConstantFluid, Medium
from sepsim.media.fluid import Shares
from sepsim.particles.particle_table import ParticleTable

LEAST_EXCESS = 0.02  # kg/m3; 0.01 % of the viscosity and 0.005 kg/m3, which no correlation resolves
MOST_DISSOLVED = 600.0  # kg/m3; what there is more of, as in a pellet with a trace of liquid, is no solution
TOLERATED = 10.0  # kg/m3, between what is declared and what a name stands for
CONCENTRATED = 350.0  # kg/m3
GLOBULAR = (0.73e-3, 5e-3)  # m3/kg: partial volume and intrinsic viscosity where no protein is left to ask


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
    masses = particles.mass * counts * particles.dissolved
    declared, own = dissolved_protein(particles, counts, volume), medium.proteins
    excess = min(declared, MOST_DISSOLVED) - sum(own.get(fluid, 0.0) * share for fluid, share in particles.stands_for)
    if abs(excess) < LEAST_EXCESS:
        return medium
    partial_volume, thickening = GLOBULAR
    if declared > 0.0:
        partial_volume = float((particles.volume * counts * particles.dissolved).sum() / masses.sum())
        thickening = float(masses @ particles.intrinsic_viscosity / masses.sum())
    return medium.laden(
        excess=excess, present=sum(own.values()), specific_volume=partial_volume, intrinsic_viscosity=thickening
    )


def stood_for(medium: Medium, declared: float) -> Shares:
    """Return the fluids of a medium that hold protein by their name, and which share of it a sample declares.

    Parameters
    ----------
    medium : Medium
    declared : float [kg/m3]
        Dissolved proteins among the populations.

    Returns
    -------
    tuple of (Fluid, float) [-]

    Examples
    --------
    >>> from sepsim.media import fluid
    >>> [share for _, share in stood_for(Medium.pure(fluid("plasma"), 293.15), 29.5)]
    [0.5]
    """
    own = medium.proteins
    share = min(declared / sum(own.values()), 1.0) if own else 0.0
    return tuple((part, share) for part in own)


def about_proteins(medium: Medium, declared: float) -> Iterator[str]:
    """Yield whether the proteins that a sample declares and those that its medium stands for disagree.

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
    if declared > CONCENTRATED:
        yield (
            f"{declared:.3g} mg/mL of dissolved protein: above {CONCENTRATED:g} mg/mL the viscosity is an order of "
            "magnitude alone"
        )


def dissolved_protein(particles: ParticleTable, counts: FloatArray, volume: float) -> float:
    """Return the mass of dissolved protein per volume [kg/m3].

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
    >>> round(dissolved_protein(serum.particles, serum.counts, serum.volume))
    56
    """
    return float((particles.mass * counts)[particles.dissolved].sum()) / volume
