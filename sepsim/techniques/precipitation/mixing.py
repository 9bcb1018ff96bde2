"""Mixing a sample with what precipitates it: a stock of polymer, salt, or an organic solvent.

Volumes of liquids add, but for solutes, which take up their apparent volume: a mixture of water and alcohol is smaller
than its parts. Solids are dissolved in what is there.
"""

from __future__ import annotations

from dataclasses import replace

from sepsim import media
from sepsim.media import Medium, Polymer, Precipitant, Solute
from sepsim.samples.sample import Sample
from sepsim.units import from_si

ROUNDS = 60


def with_stock(sample: Sample, polymer: Polymer, stock: float, volume: float) -> Sample:
    """Return a sample after a volume of a stock of polymer in water was poured in.

    Parameters
    ----------
    sample : Sample
    polymer : Polymer
    stock : float [kg/m3]
        Polymer in the stock.
    volume : float [m3]
        Of the stock.

    Returns
    -------
    Sample

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=8).prepare()
    >>> with_stock(urine, Polymer("PEG", 6.0), 400.0, 2e-6)
    Sample(10 mL of 8 % w/v PEG 6000 in 85.7 % urine + 14.3 % water, 8.19e+14 particles)
    """
    solvent = Medium.pure(media.fluid("water"), sample.medium.temperature)
    return sample.dilute(volume, replace(solvent, solutes=((polymer, stock),)))


def stock_volume(sample: Sample, polymer: Polymer, concentration: float, stock: float) -> float:
    """Return the volume of a stock that brings a sample to a concentration of polymer.

    Parameters
    ----------
    sample : Sample
    polymer : Polymer
    concentration, stock : float [kg/m3]
        Of the mixture, and of the stock.

    Returns
    -------
    float [m3]
        0 if the sample holds as much already.
    """
    present = dict(sample.medium.solutes).get(polymer, 0.0)
    return sample.volume * max(concentration - present, 0.0) / (stock - concentration)


def dissolved(sample: Sample, solute: Solute, concentration: float) -> Sample:
    """Return a sample after so much of a dry solute is dissolved in it that it has a concentration.

    Parameters
    ----------
    sample : Sample
    solute : Solute
    concentration : float [kg/m3]
        In the mixture, what was there included; less than that is no change.

    Returns
    -------
    Sample

    Examples
    --------
    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=10).prepare()
    >>> dissolved(urine, Precipitant("ammonium sulfate"), 264.28)
    Sample(11.47 mL of 26.4 % w/v ammonium sulfate in urine, 1.02e+15 particles)
    """
    present = dict(sample.medium.solutes).get(solute, 0.0)
    if concentration <= present:
        return sample
    warmth = sample.medium.temperature
    room = 1.0 - float(solute.volume(present, warmth))
    return _with(sample, solute, concentration, room / (1.0 - float(solute.volume(concentration, warmth))))


def with_solvent(sample: Sample, solvent: Precipitant, share: float) -> tuple[Sample, float]:
    """Return a sample after an organic solvent was poured in, and the volume of that.

    Parameters
    ----------
    sample : Sample
    solvent : Precipitant
    share : float [-]
        Of the volumes before they are mixed, below 1.

    Returns
    -------
    mixture : Sample
    poured : float [m3]

    Examples
    --------
    Equal volumes of methanol and of urine are 3 % less than their sum:

    >>> from sepsim.samples.sample_recipe import sample_from_catalog
    >>> urine = sample_from_catalog("urine", volume_mL=10, temperature_C=20).prepare()
    >>> mixture, poured = with_solvent(urine, Precipitant("methanol"), 0.5)
    >>> round(poured * 1e6, 6), round(mixture.volume * 1e6, 1)
    (10.0, 19.3)
    """
    poured = sample.volume * share / (1.0 - share)
    warmth = sample.medium.temperature
    present = dict(sample.medium.solutes).get(solvent, 0.0)
    mass = present + poured * solvent.pure_density() / sample.volume  # per volume of the sample
    room = 1.0 - float(solvent.volume(present, warmth))
    growth = 1.0 + poured / sample.volume
    for _ in range(ROUNDS):
        growth = room + mass * float(solvent.specific_volume(mass / growth, warmth))
    return _with(sample, solvent, mass / growth, growth), poured


def _with(sample: Sample, solute: Solute, concentration: float, growth: float) -> Sample:
    """Return a sample in which a solute has a concentration, while its volume grows and all else is diluted by that."""
    others = tuple((each, c / growth) for each, c in sample.medium.solutes if each != solute)
    medium = replace(sample.medium, solutes=(*others, (solute, concentration)), label="")
    return replace(sample, medium=medium, volume=growth * sample.volume)


def held_polymer(medium: Medium) -> tuple[Polymer | None, float]:
    """Return the polymer of which a medium holds the most, and its concentration [kg/m3].

    Parameters
    ----------
    medium : Medium

    Returns
    -------
    polymer : Polymer or None
    concentration : float [kg/m3]

    Examples
    --------
    >>> held_polymer(Medium.pure(media.fluid("PBS"), 293.15))
    (None, 0.0)
    """
    for solute, c in medium.solutes:  # in falling order
        if isinstance(solute, Polymer):
            return solute, c
    return None, 0.0


def polymer_in_words(medium: Medium) -> str:
    """Return how much polymer a medium holds, in words, or an empty text.

    Parameters
    ----------
    medium : Medium

    Returns
    -------
    str

    Examples
    --------
    >>> polymer_in_words(Medium.pure(media.fluid({"peg_percent_w_v": 5}), 293.15))
    '5 % w/v of PEG 6000'
    """
    polymer, c = held_polymer(medium)
    return "" if polymer is None else f"{from_si('peg_percent_w_v', c):.2g} % w/v of {polymer.name}"
