"""Lipoproteins that go with vesicles: through every technique as their hosts, and counted as none of them."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sepsim
from sepsim.particles.association import HOSTS, hosts_among, with_association
from sepsim.particles.catalog import population
from sepsim.samples.metrics import purity
from sepsim.samples.sample_recipe import sample_from_catalog

PLASMA = {"source": "platelet-poor plasma", "volume_mL": 0.5, "temperature_C": 4, "size_bins": 20}
COLUMN = {
    "name": "column",
    "method": "chromatography",
    "column": "Sepharose CL-2B, 10 mL",
    "flow_mL_min": 0.5,
    "fraction_volume_mL": 0.5,
    "fractions": 26,
    "keep": "3.5-5.5 mL",
}


def classes(name, bins=20, quantiles=3):
    return population({"name": name, "particles_per_mL": 1e9}).classes(bins, quantiles)


@given(st.floats(0, 1))
def test_the_number_of_lipoproteins_and_their_protein_are_kept(share):
    ldl, exosomes = classes("ldl"), classes("exosome")
    both = with_association(ldl, hosts_among([(exosomes, exosomes.weight)]), share)
    assert both.weight.sum() == pytest.approx(1.0, rel=1e-12)
    assert both.weight[-HOSTS:].sum() == pytest.approx(share, abs=1e-12)
    for column in ("protein_mass", "rna_mass"):
        assert both.weight @ getattr(both, column) == pytest.approx(ldl.weight @ getattr(ldl, column), rel=1e-9)


def test_hosts_stand_for_the_sizes_of_all_vesicles_by_number():
    exosomes, large = classes("exosome", 200), classes("microvesicle", 200)
    hosts = hosts_among([(exosomes, 9 * exosomes.weight), (large, large.weight)])
    every = np.concatenate([exosomes.diameter, large.diameter])
    weight = np.concatenate([9 * exosomes.weight, large.weight])
    rising = np.argsort(every)
    quantiles = np.interp([0.25, 0.5, 0.75], np.cumsum(weight[rising]) / weight.sum(), every[rising])
    assert np.quantile(hosts.diameter, [0.25, 0.5, 0.75]) == pytest.approx(quantiles, rel=0.06)


def test_without_vesicles_nothing_rides():
    sample = {"volume_mL": 1, "medium": "PBS", "population": [{"name": "ldl", "particles_per_mL": 1e12}]}
    assert not sepsim.SampleRecipe(**sample).prepare().particles.rides.any()


def test_riders_count_as_no_particles():
    with_riders, without = (
        sample_from_catalog("serum", volume_mL=1, lipoprotein_association_percent=percent).prepare()
        for percent in (1, 0)
    )
    figures = [purity(sample, sample, "exosome") for sample in (with_riders, without)]
    # free VLDL are above 30 nm, and a hundredth of them rides
    assert figures[0].particle == pytest.approx(figures[1].particle, rel=0.02)
    assert figures[0].protein == pytest.approx(figures[1].protein, rel=1e-6)
    assert with_riders.by_population["ldl"] == pytest.approx(without.by_population["ldl"], rel=1e-12)


def test_the_mass_of_lipoproteins_is_their_own():
    """A vesicle weighs some hundred LDL: a rider must not count as heavy as what it rides on."""
    told = {}
    for percent in (0, 1):
        split = {"method": "aliquot", "volume_mL": 0.1, "keep": "aliquot"}
        table = {"sample": PLASMA | {"lipoprotein_association_percent": percent}, "step": [split]}
        rows = csv.DictReader(io.StringIO(sepsim.protocol_from_table(table).run().to_csv()))
        told[percent] = {row["population"]: float(row["mass_ug"]) for row in rows if row["fraction"] == "aliquot"}
    assert told[1] == pytest.approx(told[0], rel=1e-9)


def test_a_membrane_does_not_feel_riders():
    membrane = "spin filter 15 mL, regenerated cellulose, 100 kDa"
    step = {"name": "filter", "method": "ultrafiltration", "membrane": membrane, "spin_filter": {"rcf_xg": 4000}}
    step |= {"concentrate_to_mL": 0.5, "keep": "retentate"}
    runs = [
        sepsim.protocol_from_table(
            {"sample": {"source": "conditioned medium", "volume_mL": 12, "lipoprotein_association_percent": percent},
             "step": [step]}
        ).run()
        for percent in (0, 1)
    ]  # fmt: skip
    times = [run.bench[0].outcome.duration for run in runs]
    assert times[1] == pytest.approx(times[0], rel=0.01)


@pytest.mark.slow
def test_size_and_density_together_leave_a_share_of_the_lipoproteins():
    """About a hundredth is left by a cushion and a column (recalled); without riders, next to nothing."""
    left = {}
    for percent in (1, 0):
        cushion = {
            "name": "cushion",
            "method": "centrifugation",
            "rotor": "SW 55 Ti",
            "rcf_xg": 100_000,
            "rcf_at": "rav",
            "time_min": 120,
            "cushion": {"volume_mL": 1, "sucrose_percent_w_v": 30, "diluent": "PBS"},
            "resuspend": {"medium": "PBS", "volume_mL": 1},
            "keep": "pellet",
        }
        dilute = {"name": "dilute", "method": "dilution", "medium": "PBS", "factor": 6, "keep": "diluted"}
        table = {"sample": PLASMA | {"lipoprotein_association_percent": percent}, "step": [dilute, cushion, COLUMN]}
        run = sepsim.protocol_from_table(table).run()
        left[percent] = run.purity["bench"].enrichment["ldl"]
        told = [text for text in run.sample_warnings if "each lipoprotein (" in text]
        assert bool(told) == bool(percent)
    assert 50 < left[1] < 200
    assert left[0] > 1e4


@pytest.mark.parametrize(
    ("resin", "kept"), [("cation exchanger, strong", "flow"), ("anion exchanger, strong", "bound")]
)
def test_an_exchanger_holds_riders_as_it_holds_vesicles(resin, kept):
    """A cation exchanger takes free LDL and lets vesicles pass; an anion exchanger the other way round."""
    sample = sample_from_catalog("platelet-poor plasma", volume_mL=0.1, size_bins=8, density_quantiles=1).prepare()
    bed = {"resin": resin, "bed_volume_mL": 1, "diameter_mm": 7}
    step = sepsim.Chromatography(column=bed, eluent="PBS", flow_mL_min=0.5, fraction_volume_mL=1, fractions=6)
    outcome = step.ideal().run(sample, rng=None)
    passed = sum(each.counts for name, each in outcome.fractions.items() if name.startswith("fraction"))
    particles = sample.particles
    of_ldl = particles.population == particles.names.index("ldl")
    free, riding = (
        passed[of_ldl & who].sum() / sample.counts[of_ldl & who].sum() for who in (~particles.rides, particles.rides)
    )
    vesicles = passed[particles.population == particles.names.index("exosome")].sum() / sample.by_population["exosome"]
    assert riding == pytest.approx(vesicles, abs=0.05)
    assert (free < 0.05, vesicles > 0.9) == ((True, True) if kept == "flow" else (False, False))
