"""Benchmark of the filtration kernel: a spin filter, and the kernel against SciPy's integrators.

    python benchmarks/membrane.py [--quick]     prints; without --quick writes benchmarks/membrane.json

One core, warm, minimum and median of several. Three things are timed: the concentration of 200 sizes of vesicles from
15 to 0.5 mL in a spin filter as users call it, sieving over 60 pore sizes, osmotic pressure, deposit and adsorption
included; the kernel's part of it; and a problem that SciPy solves too: 200 solutes, 60 pore sizes, constant mass
transfer, a pressure that falls with the volume, film and hindered transport, but neither osmotic pressure nor fouling.

Peers in the same run: scipy.integrate.solve_ivp with the same right-hand side in NumPy over all solutes at once. Kernel
and peers each run at the cheapest of their settings with an error below 1e-3 of what is left. The reference is DOP853
at 1e-12. This problem is smooth and not stiff, which suits integrators of higher order; the kernel also holds where a
gel, a deposit and closing pores are stiff, for which they have no counterpart here.
"""

import argparse
import json
import math
import sys

import numpy as np
from lamm import HERE, alternate, machine  # sets the number of threads
from scipy.integrate import solve_ivp

from sepsim.media import fluid
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.filtration.fouling import Fouling, Stage
from sepsim.techniques.filtration.fouling_vessel import FoulingVessel
from sepsim.techniques.filtration.kernels import membrane_filtration as kernel
from sepsim.techniques.filtration.membrane_run import run_membrane
from sepsim.techniques.filtration.membranes.filter_modules import SpinFilter
from sepsim.techniques.filtration.membranes.hindrance import hindered_convection, hindered_diffusion
from sepsim.techniques.filtration.membranes.membranes import membrane
from sepsim.techniques.filtration.sieving import VesicleSkin
from sepsim.techniques.filtration.vessel import MembraneConditions

FLOORS = {"LSODA": 0.5, "BDF": 3.0}  # time of a peer over that of the kernel, at equal error
METHODS = ("LSODA", "BDF", "RK45")
TOLERANCES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5, 1e-6, 1e-7)
SIZES, PORES = 200, 60
ASKED = 1e-3
STEPS = (6, 9, 12, 18, 24, 36, 48, 72, 144)
VOLUME, LEFT, AREA, RESISTANCE, VISCOSITY, TRANSFER = 15e-6, 0.5e-6, 7.6e-4, 1.8e12, 1e-3, 4e-6
PUSH = np.array([0.0, 1e5 / VOLUME, 0.0])


# ---- a spin filter -------------------------------------------------------------------------------


def spin_filter():
    """Return a call that concentrates 200 sizes of vesicles, and one of the kernel's parts of it."""
    vesicles = {"name": "vesicles", "kind": "vesicle", "median_diameter_nm": 90, "geometric_sd": 1.5,
                "particles_per_mL": 1e10}  # fmt: skip
    sample = recipe({
        "volume_mL": 15, "temperature_C": 20, "medium": "PBS", "size_bins": SIZES, "density_quantiles": 1,
        "population": [vesicles],
    }).prepare()  # fmt: skip
    walls = membrane("Amicon Ultra-15 100 kDa")
    setting = MembraneConditions(
        membrane=walls, module=SpinFilter(rcf_xg=4000), fouling=Fouling(), skin=VesicleSkin(), coverage=walls.coverage
    )
    stages = [Stage("concentrate", 0.0, VOLUME - LEFT, constant=False)]
    buffer = fluid("PBS")

    def whole():
        return run_membrane(FoulingVessel(sample, setting, buffer, 1, math.inf), stages)

    calls = []
    original = kernel.solve_membrane

    def recording(*arguments, steps):
        calls.append((arguments, steps))
        return original(*arguments, steps=steps)

    kernel.solve_membrane = recording
    try:
        run = whole()
    finally:
        kernel.solve_membrane = original

    def pieces():
        for arguments, steps in calls:
            original(*arguments, steps=steps)

    return whole, pieces, run


# ---- a problem that solve_ivp solves as well ------------------------------------------------------


def problem():
    """Return membrane, solutes and law of fouling: radii of 1 to 20 nm, pores of 4 to 16 nm."""
    radius, pore = np.linspace(1e-9, 20e-9, SIZES), np.geomspace(4e-9, 16e-9, PORES)
    share = np.exp(-0.5 * (np.log(pore / 8e-9) / 0.3) ** 2)
    share /= share.sum()
    ratio = radius[:, None] / pore
    W, H = hindered_convection(ratio), hindered_diffusion(ratio)
    D = 4.05e-21 / (6 * math.pi * VISCOSITY * radius)
    walls = kernel.MembraneArrays(AREA, RESISTANCE, 1e-7, share, 5e-6 * pore**2 / (8e-9) ** 2, np.full(PORES, 1e14))
    nothing = np.zeros_like(W)
    particles = kernel.Solutes(W, H, nothing, nothing, 2 * radius, D, np.full(SIZES, TRANSFER))
    return walls, particles, kernel.FoulingLaw(0.64, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0)


def by_kernel(walls, particles, law, steps):
    """Logarithm of what is left of each solute, and of the time."""
    feed = kernel.Feed(VOLUME, VOLUME - LEFT, PUSH, VISCOSITY, thermal_energy=0.0)
    found = kernel.solve_membrane(np.full(SIZES, 1e6), feed, walls, particles, law, steps=steps)
    return np.append(np.log(found.vessel[-1] / 1e6), np.log(found.record.time[-1]))


def by_solve_ivp(walls, particles, method, tolerance):
    """Return the same by an integrator: number of each solute and time against the permeate."""
    W, H, D = particles.convection, np.maximum(particles.diffusion, 1e-300), particles.diffusivity
    drift = W / H * walls.reach / D[:, None]
    weighted, kept = walls.share * W, 1.0 - W

    def slope(permeate, y):
        volume = VOLUME - permeate
        flux = (PUSH[0] + PUSH[1] * volume) / (VISCOSITY * RESISTANCE)
        S = (weighted / np.where(W > 0, W - kept * np.expm1(-drift * flux), 1.0)).sum(axis=1)
        outside = math.exp(-flux / TRANSFER)
        bulk = outside + S * (1.0 - outside)
        film = AREA * (1.0 - S) * D * ((1.0 - outside) / flux - outside / TRANSFER)
        return np.append(-S / (bulk * volume + film), 1.0 / (AREA * flux * SCALE))

    found = solve_ivp(slope, (0.0, VOLUME - LEFT), np.zeros(SIZES + 1), method=method, rtol=tolerance,
                      atol=1e-2 * tolerance).y[:, -1]  # fmt: skip
    return np.append(found[:-1], np.log(found[-1] * SCALE))


SCALE = 1e3  # s, so that all unknowns are of order 1


def error(found, reference):
    """Return the largest error of a share that is left, and of the time, relative."""
    return float(np.abs(np.expm1(found - reference)).max())


def measure_peers(quick):
    """Kernel and peers at equal error."""
    walls, particles, law = problem()
    reference = by_solve_ivp(walls, particles, "DOP853", 1e-12)
    solvers = {"kernel": (STEPS, lambda steps: by_kernel(walls, particles, law, steps))}
    for method in METHODS:
        solvers[method] = (TOLERANCES, lambda tolerance, m=method: by_solve_ivp(walls, particles, m, tolerance))
    rows, calls = {}, {}
    for name, (choices, solver) in solvers.items():
        errors = {choice: error(solver(choice), reference) for choice in choices}
        cheapest = next(choice for choice, reached in errors.items() if reached <= ASKED)
        rows[name] = {"setting": cheapest, "error": errors[cheapest]}
        calls[name] = lambda s=solver, c=cheapest: s(c)
    for name, (least, median) in alternate(calls, 3 if quick else 9).items():
        rows[name] |= {"ms": least, "ms_median": median}
    for row in rows.values():
        row["ratio"] = row["ms"] / rows["kernel"]["ms"]
    return rows


def measure_spin_filter(quick):
    """Time of a run, and of the kernel in it."""
    whole, pieces, run = spin_filter()
    took = alternate({"run": whole, "kernel": pieces}, 3 if quick else 9)
    return {
        "sizes": SIZES, "pore_sizes": PORES, "steps": run.time.size - 1, "minutes": float(run.time[-1]) / 60.0,
        **{f"{name}_ms": least for name, (least, _) in took.items()},
        **{f"{name}_ms_median": median for name, (_, median) in took.items()},
    }  # fmt: skip


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Benchmark of the filtration kernel.")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, nothing written")
    quick = parser.parse_args().quick
    result = {"machine": machine(), "spin filter": measure_spin_filter(quick), "peers": measure_peers(quick)}
    spin = result["spin filter"]
    print(f"spin filter, {SIZES} sizes x {PORES} pore sizes: run {spin['run_ms']:.1f} ms "
          f"(median {spin['run_ms_median']:.1f}), kernel {spin['kernel_ms']:.1f} ms")  # fmt: skip
    for name, row in result["peers"].items():
        print(f"{name:8}{row['ms']:9.2f} ms (median {row['ms_median']:.2f}) at {row['setting']:g}  "
              f"error {row['error']:.1e}  ratio {row['ratio']:.1f}")  # fmt: skip
    if not quick:
        (HERE / "membrane.json").write_text(json.dumps(result, indent=1) + "\n")
    slow = [name for name, floor in FLOORS.items() if result["peers"][name]["ratio"] < floor]
    if slow:
        sys.exit("; ".join(f"{name}: ratio {result['peers'][name]['ratio']:.1f} < {FLOORS[name]}" for name in slow))


if __name__ == "__main__":
    main()
