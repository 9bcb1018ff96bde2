"""What the example protocols of immunocapture show, on samples of few classes of which nothing rides."""

from functools import cache

import pytest
from test_separation_chains import HANDS, carried_out

SMALL = (4, 2)  # sizes and densities


@cache
def run(name):
    return carried_out(name, *SMALL)


def purity(name, hands):
    """Share of the protein that is of the target."""
    sample = getattr(run(name), hands)[-1].kept
    return sample.protein_by_population["exosome"] / sum(sample.protein_by_population.values())


def recovered(name, hands, step):
    """Yield of exosomes of one step, of what entered it."""
    done = next(each for each in getattr(run(name), hands) if each.name == step)
    entered = sum(each.by_population["exosome"] for each in done.outcome.fractions.values())
    return done.kept.by_population["exosome"] / entered


@HANDS
@pytest.mark.parametrize("other", ["plasma", "optiprep_plasma", "exoquick_plasma"])
def test_beads_are_at_least_twice_as_pure_as_spins_gradients_and_kits(other, hands):
    """Tauro et al. 2012 (abstract): four proteins of vesicles at least twofold in anti-EpCAM beads over both others."""
    assert purity("tetraspanin_beads_plasma", hands) > 2 * purity(other, hands)


def test_beads_that_take_one_antigen_leave_half_of_the_vesicles():
    """By the profile 45 % of them carry CD81: the yield over all vesicles is that share, less what handling loses."""
    done = run("cd81_beads").bench[-1]
    variants, load = done.outcome.trace.load.particles.variants, done.outcome.trace.load
    exosomes = load.counts * (load.particles.population == load.particles.names.index("exosome"))
    carriers = exosomes @ (variants.copies_of("CD81") > 0) / exosomes.sum()
    assert 0.7 * carriers < recovered("cd81_beads", "bench", "anti-CD81 beads") < carriers
    assert recovered("cd81_beads", "bench", "anti-CD81 beads") < recovered("cd81_beads", "ideal", "anti-CD81 beads")


@HANDS
def test_cd63_is_in_the_second_class_alone(hands):
    """Tauro et al. 2013 (abstract): A33 beads, then EpCAM beads; CD63 only in the second class."""
    first, second = (
        next(each for each in getattr(run("a33_then_epcam"), hands) if each.name == name)
        for name in ("anti-A33 beads", "anti-EpCAM beads")
    )
    copies = []
    for sample in (first.outcome.fractions["bound"], second.outcome.fractions["eluted"]):
        table = sample.particles
        exosomes = sample.counts * (table.population == table.names.index("exosome"))
        copies.append(exosomes @ table.variants.copies_of("CD63") / exosomes.sum())
    assert copies[0] < 0.02 * copies[1]
    assert copies[1] > 10
