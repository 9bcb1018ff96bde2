"""Benchmark of the population balance, against SciPy's integrators on the same equations.

    python benchmarks/aggregation.py [--quick]     prints; without --quick writes benchmarks/aggregation.json

One core, warm, minimum and median of several. 40 kinds of particles from 20 to 300 nm, 1e12 to 1e9 per mL, meet in the
viscosity of 8 % PEG at 4 degC for 18 h by diffusion and settling, on 60 bins. Three things are timed: `aggregate` as
users call it; the kernel with all 40 kinds; and the numbers alone, one kind, which suits the peers best.

Peers in the same run: scipy.integrate.solve_ivp with the same right-hand side in NumPy, its sums over pairs as a sparse
matrix. Kernel and peers each run at the cheapest of their settings with an error below 1e-4 of what is in any bin at
five times, and of the number of clusters. The reference is RK45 at 1e-10. SciPy's implicit integrators find a dense
Jacobian by differences, of 60 unknowns for the numbers alone and of 2,400 for all kinds; a run that takes longer than
150 s is the last of its method. This problem is hardly stiff, which suits RK45; a spin of crowded samples is, and there
the kernel takes no more steps.
"""

import argparse
import json
import math
import sys
import time

import numpy as np
from lamm import HERE, alternate, machine  # sets the number of threads
from scipy.integrate import solve_ivp
from scipy.sparse import coo_array

from sepsim.techniques.precipitation.aggregation import Conditions, Primaries, aggregate
from sepsim.techniques.precipitation.kernels import population_balance as kernel

FLOORS = {"numbers": 5.0, "kinds": 30.0}  # time of the best implicit peer over that of the kernel, at equal error
BINS, KINDS, HOURS = 60, 40, 18.0
ASKED = 1e-4
TOLERANCES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6, 1e-7, 1e-8)
IMPLICIT, EXPLICIT = ("BDF", "LSODA", "Radau"), ("RK45",)
TIMES = np.geomspace(10.0, HOURS * 3600.0, 5)
KT, VISCOSITY, LIQUID = 1.380649e-23 * 277.15, 5e-3, 1010.0


def rows():
    """Return 40 kinds of compact spheres."""
    diameter = np.geomspace(20e-9, 300e-9, KINDS)
    number = 1e18 * (diameter / diameter[0]) ** -2.55
    density = np.linspace(1040.0, 1120.0, KINDS)
    return Primaries(
        diameter=diameter, volume=math.pi / 6 * diameter**3, density=density, number=number, sticking=np.ones(KINDS)
    )


def problem(kinds):
    """Return pivots, start, constituents and collisions, of all kinds or of the smallest alone."""
    every = rows()
    radius, volume = 0.5 * every.diameter[:kinds], every.volume[:kinds]
    pivots = np.geomspace(volume[0], (50e-6 / radius[0]) ** 2 * volume[0], BINS)
    start = np.zeros((BINS, kinds))
    start[np.searchsorted(pivots, 0.999 * volume), np.arange(kinds)] = 1.0
    surface = radius**2 / volume
    parts = kernel.Constituents(
        every.number[:kinds] * volume, surface, surface, surface, every.density[:kinds] - LIQUID
    )
    law = kernel.Collisions(
        np.zeros((BINS, BINS)), 2 * KT / (3 * VISCOSITY), 0.0, 9.80665 / (6 * math.pi * VISCOSITY), 2.0
    )
    return pivots, start, parts, law


def by_kernel(given, tolerance):
    """Return shares of kinds in bins at the times, and the numbers of clusters."""
    found = kernel.solve_aggregation(*given, TIMES, tolerance=tolerance)
    return found.shares, found.number.sum(axis=1)


def pairs(pivots):
    """Return the sparse matrix from encounters of each pair to what each bin gives to each other one."""
    target, _, upward = kernel._daughters(pivots)
    i, j = np.indices(target.shape)
    up = upward > 0
    row = np.concatenate([(target * BINS + i).ravel(), ((target + 1) * BINS + i)[up], (i * BINS + i).ravel()])
    column = np.concatenate([(i * BINS + j).ravel(), (i * BINS + j)[up], (i * BINS + j).ravel()])
    value = np.concatenate([(1.0 - upward).ravel(), upward[up], -np.ones(target.size)])
    return coo_array((value, (row, column)), shape=(BINS**2, BINS**2)).tocsr()


def by_solve_ivp(given, method, tolerance):
    """Return the same by an integrator."""
    pivots, start, parts, law = given
    kinds = start.shape[1]
    moves = pairs(pivots)
    properties = parts.volume[:, None] * np.stack([np.ones(kinds), parts.bulk, parts.excess], axis=1)

    def slope(_, state):
        shares = state.reshape(BINS, kinds)
        solids, bulk, excess = (shares @ properties).T
        held = np.where(solids > 1e-280, solids, 1.0)
        radius = np.sqrt(np.where((solids > 1e-280) & (bulk > 0), pivots * bulk / held, pivots * parts.bulk[0]))
        w = law.settling * pivots * excess / held / radius
        reach = radius[:, None] + radius
        rate = reach**2 * (law.brownian / (radius[:, None] * radius) + math.pi * np.abs(w[:, None] - w))
        transfer = (moves @ (rate * (solids / pivots)).ravel()).reshape(BINS, BINS)
        return (transfer @ shares).ravel()

    found = solve_ivp(
        slope, (0.0, TIMES[-1]), start.ravel(), method=method, t_eval=TIMES, rtol=tolerance, atol=1e-3 * tolerance
    )
    if not found.success:
        return None
    shares = found.y.T.reshape(TIMES.size, BINS, kinds)
    return shares, (shares @ parts.volume / pivots).sum(axis=1)


def error(found, reference):
    """Return the largest error of a share, and of the number of clusters, relative."""
    if found is None:
        return math.inf
    return float(max(np.abs(found[0] - reference[0]).max(), np.abs(found[1] / reference[1] - 1).max()))


def measure(kinds, methods, quick):
    """Kernel and peers at equal error."""
    given = problem(kinds)
    reference = by_solve_ivp(given, "RK45", 1e-10)
    solvers = {"kernel": lambda tolerance: by_kernel(given, tolerance)}
    for method in methods:
        solvers[method] = lambda tolerance, m=method: by_solve_ivp(given, m, tolerance)
    result, calls = {}, {}
    for name, solver in solvers.items():
        for tolerance in TOLERANCES:
            begun = time.perf_counter()
            reached = error(solver(tolerance), reference)
            took = time.perf_counter() - begun
            if reached <= ASKED or (name != "kernel" and took > 150.0):
                break
        result[name] = {"tolerance": tolerance, "error": reached, "ms": 1e3 * took, "ms_median": 1e3 * took}
        if took < 5.0:
            calls[name] = lambda s=solver, t=tolerance: s(t)
    for name, (least, median) in alternate(calls, 3 if quick else 7).items():
        result[name] |= {"ms": least, "ms_median": median}
    for row in result.values():
        row["ratio"] = row["ms"] / result["kernel"]["ms"]
    result["kernel"]["steps"] = kernel.solve_aggregation(*given, TIMES, tolerance=result["kernel"]["tolerance"]).steps
    return result


def measure_whole(quick):
    """Time of `aggregate` and of the kernel at its default tolerance."""
    primaries, given = rows(), problem(KINDS)
    conditions = Conditions(temperature=277.15, viscosity=VISCOSITY, liquid_density=LIQUID)
    calls = {
        "aggregate": lambda: aggregate(primaries, conditions, TIMES),
        "kernel": lambda: kernel.solve_aggregation(*given, TIMES),
    }
    took = alternate(calls, 5 if quick else 15)
    return {
        "bins": BINS, "kinds": KINDS, "hours": HOURS,
        "steps": calls["kernel"]().steps,
        "mean_size": float(calls["aggregate"]().mean_size[-1]),
        **{f"{name}_ms": least for name, (least, _) in took.items()},
        **{f"{name}_ms_median": median for name, (_, median) in took.items()},
    }  # fmt: skip


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Benchmark of the population balance.")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, nothing written")
    quick = parser.parse_args().quick
    result = {
        "machine": machine(),
        "18 h": measure_whole(quick),
        "numbers": measure(1, IMPLICIT + EXPLICIT, quick),
        "kinds": measure(KINDS, EXPLICIT if quick else ("BDF", "LSODA", *EXPLICIT), quick),
    }
    whole = result["18 h"]
    print(
        f"{BINS} bins x {KINDS} kinds, {HOURS:g} h, {whole['steps']} steps: aggregate {whole['aggregate_ms']:.1f} ms "
        f"(median {whole['aggregate_ms_median']:.1f}), kernel {whole['kernel_ms']:.1f} ms"
    )
    for problem_name in FLOORS:
        for name, row in result[problem_name].items():
            print(f"{problem_name:8}{name:8}{row['ms']:11.2f} ms (median {row['ms_median']:.2f}) at "
                  f"{row['tolerance']:g}  error {row['error']:.1e}  ratio {row['ratio']:.1f}")  # fmt: skip
    if not quick:
        (HERE / "aggregation.json").write_text(json.dumps(result, indent=1) + "\n")
    best = {each: min((row["ratio"] for name, row in result[each].items() if name in IMPLICIT), default=math.inf)
            for each in FLOORS}  # fmt: skip
    slow = [f"{each}: ratio {best[each]:.1f} < {floor}" for each, floor in FLOORS.items() if best[each] < floor]
    if slow:
        sys.exit("; ".join(slow))


if __name__ == "__main__":
    main()
