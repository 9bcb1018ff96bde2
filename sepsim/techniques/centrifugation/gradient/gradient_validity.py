"""Warnings and remarks about a spin in a gradient: the rotor, the load, the media, and the resolution."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.media import Iodixanol
from sepsim.samples.sample import Sample
from sepsim.techniques.centrifugation.gradient.gradient_spin import GradientSpin
from sepsim.techniques.centrifugation.spin_validity import about_rotor, about_runs

WHOLE_BLOOD = ("plasma", "serum")
SELF_FORMED = 0.05  # of the liquid, by which iodixanol moves down
LEAST_FILLED = 0.1  # of a population, moved to where none of its classes has a band
LARGEST_ERROR = 0.03  # of the share of a population in a fraction; the estimate is up to three times the error


def gradient_warnings(sample: Sample, spin: GradientSpin) -> list[str]:
    """Return the warnings about a spin in a gradient, a sentence each.

    Parameters
    ----------
    sample : Sample
        What was loaded.
    spin : GradientSpin

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If the particles fill more of the volume than spheres can.
    """
    return [
        *about_rotor(spin.rotor),
        *about_runs(sample, spin.rotor, spin.tubes, spin.runs),
        *_about_stability(sample, spin),
        *_about_concentration(spin),
        *_about_association(spin),
        *_about_corona(sample),
        *_about_resolution(spin),
    ]


def gradient_remarks(spin: GradientSpin, borders: FloatArray) -> Iterator[str]:
    """Yield which populations have classes whose bands are narrower than the distance to the next.

    Parameters
    ----------
    spin : GradientSpin
    borders : ndarray, shape (n_borders,) [m3]
        Volumes of liquid above the places at which it is parted.

    Yields
    ------
    str
    """
    told = []
    for which, name in enumerate(spin.particles.names):
        mine = spin.particles.population == which
        loaded = float(spin.counts[mine].sum())
        off = spin.populations[-1, which] - spin.counts[mine] @ spin.shares[mine]
        if loaded > 0 and 0.5 * np.abs(off).sum() > LEAST_FILLED * loaded:
            above = np.interp(borders, spin.column.depths, np.concatenate([[0.0], np.cumsum(off)]))
            told.append(f"{name} ({np.abs(np.diff(above)).max() / loaded:.1%})")
    if told:
        yield (
            "bands of single classes are narrower than the distance to the next; pictures fill in what lies between, "
            f"the shares of fractions rest on the classes (in brackets, how far they would move): {', '.join(told)}; "
            "size_bins and density_quantiles make more classes"
        )


def _about_stability(sample: Sample, spin: GradientSpin) -> Iterator[str]:
    carried, time, depth = spin.stability
    if carried <= 0.0:
        yield (
            f"the liquid itself becomes lighter downwards {depth * 1e6:.2g} mL below the meniscus, after "
            f"{time / 60.0:.3g} min, because what is dissolved in it diffuses apart, so that it turns over there"
        )
    elif carried < 1.0:
        per_tube = carried * sample.volume / spin.tubes
        yield (
            f"the particles make the liquid heavier {depth * 1e6:.2g} mL below the meniscus than beneath, after "
            f"{time / 60.0:.3g} min, so that it turns over there; the gradient carries {carried:.2g} times this load, "
            f"such as {per_tube * 1e6:.2g} mL of this sample in a tube, or a sample so much more dilute"
        )


def _about_concentration(spin: GradientSpin) -> Iterator[str]:
    cells = spin.gradients[-1]
    for solute, found in zip(cells.blend.solutes, cells.solutes, strict=True):
        highest = solute.highest_concentration(cells.blend.temperature)
        beyond = spin.column.volumes[found > highest].sum()
        if beyond > 0:
            yield (
                f"{solute.name} gathers at the bottom up to {found.max():.3g} g/L, beyond the {highest:.3g} g/L where "
                f"its solubility or the data on it end, in the last {beyond * 1e6:.2g} mL; what lies there is uncertain"
            )


def _about_association(spin: GradientSpin) -> Iterator[str]:
    """Tell that iodixanol has shaped the gradient, by how far down the tube its mean place has moved."""
    start, end = spin.gradients[0], spin.gradients[-1]
    middles = 0.5 * (spin.column.depths[1:] + spin.column.depths[:-1]) / spin.column.depths[-1]
    for solute, poured, found in zip(start.blend.solutes, start.solutes, end.solutes, strict=True):
        weights = spin.column.volumes * middles
        moved = float((found - poured) @ weights / (poured @ spin.column.volumes))
        if isinstance(solute, Iodixanol) and moved > SELF_FORMED:
            yield (
                f"iodixanol has sedimented by {moved:.0%} of the liquid and shaped the gradient; how it associates, "
                "which sets the equilibrium, is measured at 55 to 65 % w/v alone, so that densities of such a gradient "
                "are not quantitative: measure them, or pour the gradient"
            )


def _about_corona(sample: Sample) -> Iterator[str]:
    bare = (sample.particles.osmotic_water.lumen > 0) & (sample.particles.corona == 0) & (sample.counts > 0)
    whole = [fluid.name for fluid, share in sample.medium.components if fluid.name in WHOLE_BLOOD and share > 0.5]
    if np.any(bare) and whole:
        yield (
            f"vesicles taken straight from {whole[0]} carry adsorbed proteins and band denser; how much protein is "
            "not known: compare with corona_thickness_nm = 2 in [sample]"
        )


def _about_resolution(spin: GradientSpin) -> Iterator[str]:
    for name, error in spin.population_errors.items():
        if error > LARGEST_ERROR:
            yield f"{name}: shares of fractions are uncertain by up to {error:.1%} from mesh and time steps"
