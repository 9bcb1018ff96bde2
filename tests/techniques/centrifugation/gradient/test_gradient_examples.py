"""What the example protocols of gradients and cushions show, on samples of few classes."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from paths import PROTOCOLS

from sepsim.media import Medium, fluid
from sepsim.particles.osmosis import isopycnic_density
from sepsim.particles.particle_table import particle_table
from sepsim.particles.population import Vesicle
from sepsim.protocols.protocol_file import load_protocol

COLD = 277.15


FREE = {"lipoprotein_association_percent": 0, "protein_association_percent": 0}  # nothing goes along with vesicles


@cache
def carried_out(name, free=False):
    protocol = load_protocol(PROTOCOLS / f"{name}.toml")
    settings = FREE if free else {}
    return replace(protocol, sample=replace(protocol.sample, size_bins=12, density_quantiles=3, **settings)).run()


def yields(name, hands):
    return {population: figures[hands] for population, figures in carried_out(name).yields.items()}


def shares(name, free=False):
    """Return the share of each population in each fraction of the last step, of what reached it."""
    fractions = carried_out(name, free).ideal[-1].outcome.fractions
    found = {key: sample.by_population for key, sample in fractions.items()}
    total = {who: sum(each[who] for each in found.values()) for who in found["pellet"]}
    return {key: {who: each[who] / total[who] for who in total if total[who]} for key, each in found.items()}


@pytest.mark.parametrize("contaminant", ["ldl", "hdl", "ago2_complex"])
def test_a_cushion_gives_more_yield_and_less_contamination_than_three_pellets(contaminant):
    """Tang et al. 2021 of serum; with the losses of the bench."""
    double = yields("cushion_double_ultracentrifugation", "bench")
    triple = yields("triple_ultracentrifugation", "bench")
    assert double["exosome"] > 1.3 * triple["exosome"]
    relative = (double[contaminant] / double["exosome"]) / (triple[contaminant] / triple["exosome"])
    assert 0 < relative < (1.0 if contaminant == "ago2_complex" else 1.02)  # what goes with vesicles is equal in both


def test_plasma_on_iodixanol_leaves_lipoproteins_and_albumin_above_the_vesicles():
    found = shares("optiprep_plasma", free=True)
    upper = [f"fraction {number}" for number in (1, 2, 3)]
    for population in ("vldl", "ldl", "albumin"):
        assert sum(found[name][population] for name in upper) > 0.99
    assert sum(found[name]["exosome"] for name in upper) < 0.01


def test_vesicles_float_up_and_complexes_stay_below():
    """After Jeppesen et al. 2019: small vesicles are light, what is not vesicular is heavy."""
    found = shares("optiprep_bottom_loaded", free=True)
    densities = {
        name: part.medium.density
        for name, part in carried_out("optiprep_bottom_loaded", free=True).ideal[-1].outcome.fractions.items()
    }
    light = [name for name in found if name.startswith("fraction") and densities[name] < 1130]
    assert sum(found[name]["exosome"] for name in light) > 0.9
    for population in ("ago2_complex", "alpha2_macroglobulin", "albumin"):
        assert sum(found[name][population] for name in light) < 0.05


@pytest.mark.slow
def test_exosomes_band_in_sucrose_where_reviews_say():
    fractions = carried_out("sucrose_overnight").ideal[-1].outcome.fractions
    found = shares("sucrose_overnight")
    numbered = [name for name in found if name.startswith("fraction")]
    weights = np.array([found[name]["exosome"] for name in numbered])
    densities = np.array([fractions[name].medium.density for name in numbered])
    mean = weights @ densities / weights.sum()
    assert 1130 < mean < 1200  # 1.13-1.19 g/mL, and 0.01 for the fraction's own width


@pytest.mark.slow
def test_a_gradient_purifies_and_costs_yield():
    gradient, pellets = (carried_out(name, free=True) for name in ("sucrose_overnight", "differential"))
    purity = {run.name: run.to_dict()["purity"]["bench"] for run in (gradient, pellets)}
    assert purity[gradient.name]["protein"] > purity[pellets.name]["protein"]
    assert purity[gradient.name]["particle"] > purity[pellets.name]["particle"]
    assert gradient.yields["exosome"]["ideal"] < pellets.yields["exosome"]["ideal"]


def test_capsids_part_in_caesium_chloride_by_their_density():
    fractions = carried_out("cesium_chloride_self_forming").ideal[-1].outcome.fractions
    found = shares("cesium_chloride_self_forming")
    numbered = [name for name in found if name.startswith("fraction")]
    for population, density in (("full capsid", 1410), ("empty capsid", 1310)):
        weights = np.array([found[name][population] for name in numbered])
        mean = weights @ np.array([fractions[name].medium.density for name in numbered])
        assert mean == pytest.approx(density, abs=5)


def test_marker_proteins_move_in_proportion_to_their_svedbergs():
    """Martin & Ames 1961; distances in 5-20 % sucrose are linear in s20,w."""
    protocol = load_protocol(PROTOCOLS / "rate_zonal.toml")
    spin = carried_out("rate_zonal").ideal[-1].outcome.trace
    cells = spin.populations[:, :, :] @ spin.column.centres / spin.populations.sum(axis=2)
    moved = cells[-1] - cells[0]
    per_svedberg = moved / np.array([marker.s20w_S for marker in protocol.sample.population])
    assert per_svedberg == pytest.approx(np.full(4, per_svedberg.mean()), rel=0.06, abs=0)


def banding(key, percents, **more):
    """Return the densities at which vesicles of 60 to 110 nm band, of one set of membrane and lumen."""
    sizes = (60, 80, 100, 110)
    vesicles = particle_table(
        [
            (
                f"{d} nm",
                "vesicle",
                Vesicle(name="v", diameter_nm=d, particles_per_mL=1).classes(1, 1),
            )
            for d in sizes
        ]
    )
    liquids = [Medium.pure(fluid({key: float(percent), **more}), COLD) for percent in percents]
    density, osmolality = (np.array([getattr(each, what) for each in liquids]) for what in ("density", "osmolality"))
    return isopycnic_density(vesicles, density, osmolality)


def test_one_set_of_parameters_bands_in_both_published_ranges():
    iodixanol = banding("iodixanol_percent_w_v", np.linspace(1, 50, 100), diluent="PBS")
    sucrose = banding("sucrose_percent_w_w", np.linspace(1, 60, 200))
    assert np.all((iodixanol > 1080) & (iodixanol < 1120))
    assert np.all((sucrose > 1130) & (sucrose < 1190))
    assert np.all(np.diff(iodixanol) < 0)
    # Another calculation with bound water and hard spheres: 1.163-1.168 g/mL in sucrose from 50 to 200 nm.
    assert sucrose == pytest.approx(1165.5, abs=3)


def test_the_plasma_gradient_is_one_that_the_program_is_content_with():
    """It carries its load, keeps most of the exosomes, and bursts no vesicles."""
    run = carried_out("optiprep_plasma")
    assert run.yields["exosome"]["bench"] > 0.9
    for words in ("turns over", "burst", "the window"):
        assert not any(words in text for text in run.warnings)
