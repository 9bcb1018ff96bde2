"""What the example protocols of membranes and columns show, on samples of few classes of which nothing rides."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from paths import PROTOCOLS

from sepsim.protocols.protocol import Protocol
from sepsim.protocols.protocol_file import load_protocol, protocol_from_table
from sepsim.samples import metrics
from sepsim.techniques.filtration.membranes.membranes import membrane

TFF = "hollow fibres 790 cm2, modified polyethersulfone, 500 kDa"
FREE = {"lipoprotein_association_percent": 0.0, "protein_association_percent": 0.0}
HANDS = pytest.mark.parametrize("hands", ["bench", "ideal"])


def few(protocol: Protocol, size_bins: int = 12, density_quantiles: int = 3) -> Protocol:
    resolution = {"size_bins": size_bins, "density_quantiles": density_quantiles}
    return replace(protocol, sample=replace(protocol.sample, **resolution, **FREE))


@cache
def carried_out(name, *classes):
    return few(load_protocol(PROTOCOLS / f"{name}.toml"), *classes).run()


@cache
def of_plasma(*names):
    """Run the steps of several protocols one after the other on the plasma of the column."""
    plasma = load_protocol(PROTOCOLS / "sec_plasma.toml").to_table()
    plasma["sample"]["corona_thickness_nm"] = 2  # as the fractions of the gradient are chosen for
    steps = [step for name in names for step in load_protocol(PROTOCOLS / f"{name}.toml").to_table()["step"]]
    return few(protocol_from_table({**plasma, "step": steps})).run()


def after(run, hands, step):
    """Return yields and purity of what a step keeps."""
    kept = next(each for each in getattr(run, hands) if each.name == step).kept
    return metrics.yields(run.loaded, kept), metrics.purity(run.loaded, kept, run.target)


def others(run, purity):
    """Return particles, and protein, per that of the target, without vesicles of the calf, which are like it."""
    found = []
    for share, loaded in (
        (purity.particle, run.loaded.by_population),
        (purity.protein, run.loaded.protein_by_population),
    ):
        calf = loaded["bovine_vesicle"] / loaded[run.target] / purity.enrichment["bovine_vesicle"]
        found.append(1.0 / share - 1.0 - calf)
    return np.array(found)


@HANDS
def test_each_stage_after_ultrafiltration_raises_purity_and_costs_yield(hands):
    """The order in Tang et al. 2021: ultrafiltration, then washing, then OptiPrep."""
    run = carried_out("ultrafiltration_wash_optiprep")
    stages = [after(run, hands, step) for step in ("ultrafiltration", "washing spin", "OptiPrep gradient")]
    for (more, dirty), (less, clean) in pairwise(stages):
        assert less["exosome"] < more["exosome"]
        assert clean.protein > dirty.protein
        assert clean.particle > dirty.particle
        assert np.all(others(run, clean) < others(run, dirty) / [3, 2])
        for contaminant in ("albumin", "hdl", "ago2_complex"):
            left = less[contaminant] / less["exosome"]
            assert left < 0.5 * more[contaminant] / more["exosome"]


def test_ultrafiltration_alone_keeps_vesicles_and_contaminants_alike():
    run = carried_out("ultrafiltration_wash_optiprep")
    yields, _ = after(run, "ideal", "ultrafiltration")
    assert yields["exosome"] > 0.95
    for contaminant in ("ldl", "vldl", "ago2_complex"):
        assert yields[contaminant] > 0.9
    assert yields["albumin"] > 0.3


def test_a_gradient_takes_ago2_off_the_vesicles():
    """As Van Deun et al. 2014 found, doi 10.3402/jev.v3.24858."""
    run = carried_out("ultrafiltration_wash_optiprep")
    before, _ = after(run, "bench", "washing spin")
    behind, _ = after(run, "bench", "OptiPrep gradient")
    assert behind["ago2_complex"] / behind["exosome"] < 0.01 * before["ago2_complex"] / before["exosome"]


@pytest.mark.slow
def test_size_and_density_remove_different_contaminants():
    column, gradient = of_plasma("sec_plasma"), of_plasma("optiprep_plasma")
    by_size = {name: figures["ideal"] / column.yields["exosome"]["ideal"] for name, figures in column.yields.items()}
    by_density = {name: each["ideal"] / gradient.yields["exosome"]["ideal"] for name, each in gradient.yields.items()}
    said = {"albumin": 600, "hdl": 140, "ldl": 6.2, "vldl": 1.0}  # fold, by size, in the documentation
    assert {name: 1 / by_size[name] for name in said} == pytest.approx(said, rel=0.1)
    assert 1 / by_density["hdl"] > 3
    for name in ("albumin", "transferrin", "hdl"):
        assert by_size[name] < 0.03
    for name in ("ldl", "vldl"):
        assert by_size[name] > 0.1
        assert by_density[name] < 0.01 * by_size[name]


@pytest.mark.slow
def test_size_and_density_in_series_beat_either():
    column, gradient = of_plasma("sec_plasma"), of_plasma("optiprep_plasma")
    series = of_plasma("sec_plasma", "optiprep_plasma")
    for alone in (column, gradient):
        assert series.purity["ideal"].protein > alone.purity["ideal"].protein
    for name in ("albumin", "hdl", "ldl", "vldl"):
        left = [run.yields[name]["ideal"] / run.yields["exosome"]["ideal"] for run in (column, gradient, series)]
        assert left[2] <= min(left[:2]) + 1e-3


def test_diavolumes_wash_proteins_out_and_keep_vesicles():
    """Between X^-S exp(-N S) with the sieving coefficient of the pores, and S = 1: polarisation adds to what passes."""
    run = carried_out("tff_diafiltration")
    particles, pores = run.loaded.particles, membrane(TFF).pores
    ideal = {name: figures["ideal"] for name, figures in run.yields.items()}
    assert ideal["exosome"] > 0.7
    for name in ("albumin", "igg", "transferrin"):
        radius = 0.5 * particles.diameter[particles.population == particles.names.index(name)][0]
        sieving = float(pores.sieving(radius))
        assert 0.99 * 10.0**-1 * np.exp(-7.0) < ideal[name] < 10.0**-sieving * np.exp(-7.0 * sieving)


def test_the_filter_takes_cells_and_passes_exosomes():
    run = carried_out("spin_filter_then_sec")
    step = next(each for each in run.ideal if each.name == "0.22 um filter")
    went_in = sum(each.counts for each in step.outcome.fractions.values())
    passed = step.outcome.fractions["permeate"]
    wide = passed.particles.diameter > 450e-9
    assert went_in[wide].sum() > 0
    assert passed.counts[wide].sum() < 0.02 * went_in[wide].sum()
    exosome = passed.particles.population == passed.particles.names.index("exosome")
    assert passed.counts[exosome].sum() > 0.98 * went_in[exosome].sum()


def test_a_column_after_the_spin_filter_takes_the_protein_off():
    run = carried_out("spin_filter_then_sec")
    concentrated, _ = after(run, "bench", "concentrate")
    eluted, _ = after(run, "bench", "size exclusion")
    assert eluted["albumin"] / eluted["exosome"] < 1e-3 * concentrated["albumin"] / concentrated["exosome"]
    assert eluted["vldl"] / eluted["exosome"] > 0.5 * concentrated["vldl"] / concentrated["exosome"]


def test_the_window_after_the_spin_filter_holds_the_vesicles():
    run = carried_out("spin_filter_then_sec")
    concentrated, _ = after(run, "ideal", "concentrate")
    eluted, _ = after(run, "ideal", "size exclusion")
    assert eluted["exosome"] > 0.9 * concentrated["exosome"]
    assert not any("'void'" in warning for warning in run.warnings)


@pytest.mark.slow
def test_vesicles_stay_on_an_anion_exchanger_until_they_are_flushed():
    run = carried_out("flushing_separation", 4, 2)
    fractions = run.ideal[-1].outcome.fractions
    loaded = run.loaded.by_population
    washed = sum(fractions[f"fraction {number}"].by_population["exosome"] for number in range(1, 13))
    protein = sum(fractions[f"fraction {number}"].by_population["albumin"] for number in range(1, 13))
    assert washed < 0.03 * loaded["exosome"]
    assert protein > 0.999 * loaded["albumin"]
    assert run.yields["exosome"]["ideal"] > 0.95
