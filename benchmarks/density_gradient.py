"""How long a gradient run takes on one core, and its parts; writes density_gradient.json."""

import argparse
import json
import os
import platform
import statistics
import time
import warnings
from pathlib import Path

for variable in ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"
os.cpu_count = lambda: 1  # classes in one thread

import numpy as np

from sepsim.errors import ModelRangeWarning
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation.density_gradient import DensityGradient
from sepsim.techniques.centrifugation.gradient.gradient_evolution import evolve
from sepsim.techniques.centrifugation.gradient.gradient_spin import CELLS, STEPS, spin_in_gradient

BUFFER = "0.25 M sucrose buffer"
LAYERS = [
    {"volume_mL": v, "iodixanol_percent_w_v": c, "diluent": BUFFER} for v, c in ((2, 5), (3, 10), (3, 20), (3, 40))
]
CEILING_S = 1.0  # for 250 classes


def sample(sizes, densities):
    """Return vesicles in so many sizes and densities."""
    population = {
        "name": "vesicle",
        "kind": "vesicle",
        "median_diameter_nm": 80,
        "geometric_sd": 1.5,
        "density_sd_g_mL": 0.01,
        "particles_per_mL": 1e10,
    }
    table = {"volume_mL": 1, "temperature_C": 4, "medium": "PBS", "population": [population]}
    return recipe({**table, "size_bins": sizes, "density_quantiles": densities}).prepare()


def seconds(call, repeats):
    """Return the times of several calls, the first not counted."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return {"min_s": min(times), "median_s": statistics.median(times)}


def measure(repeats):
    """Return the times of 18 h at 100 000 x g in a step gradient, with its error estimate from a coarser run."""
    method = DensityGradient(
        rotor="SW 41 Ti", rcf_xg=100_000, rcf_at="rav", time_min=1080, layers=LAYERS, fraction_volume_mL=1
    )
    result = {"machine": platform.machine(), "cells": CELLS, "steps": STEPS, "hours": 18}
    setup = method.filled(sample(1, 1))
    nodes = np.linspace(0.0, setup.profile.clock, 2 * STEPS + 1)
    result["gradient alone"] = seconds(lambda: evolve(setup.gradient, setup.column, setup.profile, nodes), repeats)
    for sizes, densities in ((10, 5), (50, 5), (100, 10)):
        loaded = sample(sizes, densities)
        filled = method.filled(loaded)
        result[f"{len(loaded.particles)} classes"] = seconds(
            lambda loaded=loaded, filled=filled: spin_in_gradient(loaded.particles, loaded.counts, filled), repeats
        )
    return result


def main():
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ModelRangeWarning)  # the gradient alone meets the end of the data on iodixanol
    result = measure(options.repeats)
    for name, times in result.items():
        if isinstance(times, dict):
            print(f"{1e3 * times['min_s']:8.0f} ms min {1e3 * times['median_s']:8.0f} ms median  {name}")
    Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=2) + "\n")
    if result["250 classes"]["min_s"] > CEILING_S:
        raise SystemExit(f"250 classes take more than {CEILING_S:g} s")


if __name__ == "__main__":
    main()
