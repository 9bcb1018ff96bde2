"""Small captures that tests share."""

import sepsim

NEGATIVE, DOUBLE = {"share": 0.4}, {"share": 0.2, "A33": 60, "EpCAM": 60}
BOTH = {"strata": [{"share": 0.3, "A33": 60}, DOUBLE, {"share": 0.1, "EpCAM": 60}, NEGATIVE]}
ONE = {"strata": [{"share": 0.5, "CD81": 20, "CD9": 10}, {"share": 0.3, "CD9": 10}, {"share": 0.2}]}
CLEAN = {"sticking_probability": 0.0}


def vesicles(profile=None, per_mL=1e8, diameter=100, **changes):
    return {
        "name": "small vesicles", "kind": "vesicle", "particles_per_mL": per_mL, "diameter_nm": diameter,
        "marker_profile": profile or ONE, **changes,
    }  # fmt: skip


def albumin(mg_per_mL=10):
    return {"name": "albumin", "mass_mg_per_mL": mg_per_mL}


def step(name="beads", keep="bound", **settings):
    needed = {"beads": "M-280", "incubation_min": 60}
    amount = {} if {"bead_mg", "beads_per_mL"} & {*settings} else {"beads_per_mL": 1e8}
    antigen = {} if {"antigen", "ligand"} & {*settings} else {"antigen": "CD81"}
    return {"name": name, "method": "immunocapture", "keep": keep, **needed, **amount, **antigen, **settings}


def protocol(*steps, populations=None, volume_mL=1, target="small vesicles", **sample):
    load = {
        "medium": "PBS", "volume_mL": volume_mL, "temperature_C": 25, "size_bins": 3, "density_quantiles": 1,
        "population": populations or [vesicles(), albumin()], **sample,
    }  # fmt: skip
    return sepsim.protocol_from_table({"target": target, "sample": load, "step": [*steps]})


def captured(*steps, **others):
    """Steps of a run on the bench."""
    return protocol(*steps, **others).run(seed=1).bench


def share(result, fraction, population="small vesicles"):
    """Of what entered a step, by number."""
    fractions = result.outcome.fractions
    total = sum(each.by_population[population] for each in fractions.values())
    return fractions[fraction].by_population[population] / total


def on_beads(sample, population="small vesicles"):
    """Share of what a sample holds of a population that is on beads."""
    held = sum(numbers.get(population, 0.0) for numbers in sample.by_state.values())
    return held / sample.by_population[population]
