"""Benchmark of Brownian dynamics: millions of steps of particles per second, beside other ways to take them.

    python benchmarks/langevin.py [--quick] [--openmm PYTHON]

Prints, and without --quick writes benchmarks/langevin.json. One core but where threads are named; all in one run, in
turns, warm; the fastest of several. 4096 particles of different sizes. A: drift and noise in one axis between two
reflecting walls. B: noise in three axes, a laminar flow between two reflecting walls.

The kernel draws by Philox4x32-7. Peers: vectorised NumPy with its fastest generator (SFC64) and with its own Philox,
arrays in place; a plain loop in Numba with np.random; and, where --openmm names
a Python that has OpenMM, its BrownianIntegrator, with walls as half springs in z and without the flow of B, which its
forces cannot express. LAMMPS was not measured: it needs a library of MPI.
"""

import argparse
import json
import subprocess
import sys
import time

import numba
import numpy as np
from lamm import HERE, machine  # sets the number of threads

from sepsim.kernels import Walkers, Walls, slit_flow, solve_langevin, superpose, uniform_field, walk

N = 4096
FLOORS = {"A": 5.0, "B": 5.0}  # ratios to NumPy: half of what a quiet machine shows
DIFFUSIVITY = np.geomspace(2e-12, 2e-11, N)
DRIFT = -np.linspace(1e-6, 5e-6, N)
HEIGHT, STEP, MEAN = 1e-5, 1e-3, 1e-4
WALLS = Walls(np.array([-np.inf, -np.inf, 0.0]), np.array([np.inf, np.inf, HEIGHT]), np.zeros((6, N)))
PLACES = Walkers(np.full((3, N), 0.5 * HEIGHT), DIFFUSIVITY, np.zeros(N))
OPENMM = """
import sys, time, openmm
from openmm import unit
n, steps = 4096, int(sys.argv[2])
system = openmm.System()
for _ in range(n):
    system.addParticle(1.0)
walls = openmm.CustomExternalForce("1000*(step(-z)*z^2 + step(z-10)*(z-10)^2)")
for each in range(n):
    walls.addParticle(each)
system.addForce(walls)
integrator = openmm.BrownianIntegrator(300.0, 1.0, 1e-3)
platform = openmm.Platform.getPlatformByName(sys.argv[1])
extra = {"Threads": "1"} if sys.argv[1] == "CPU" else {}
context = openmm.Context(system, integrator, platform, extra)
context.setPositions([openmm.Vec3(0, 0, 5)] * n)
integrator.step(10)
context.getState(getPositions=True)
best = 1e9
for _ in range(3):
    start = time.perf_counter()
    integrator.step(steps)
    context.getState(getPositions=True)
    best = min(best, time.perf_counter() - start)
print(openmm.version.version, n * steps / best / 1e6)
"""


def kernel(task, steps):
    """Take steps by the kernel."""
    if task == "A":
        fields, strength, axes = superpose(uniform_field((0.0, 0.0, 1.0))), DRIFT[None], np.array([2])
    else:
        fields, strength, axes = superpose(slit_flow(HEIGHT)), np.full((1, N), MEAN), np.arange(3)
    return solve_langevin(PLACES, fields, strength, WALLS, STEP, steps, 1, axes)


def arrays(task, steps, generator):
    """Take steps by NumPy, in place."""
    spread = np.sqrt(2.0 * DIFFUSIVITY * STEP)
    axes = 1 if task == "A" else 3
    place, noise, flow = np.full((axes, N), 0.5 * HEIGHT), np.empty((axes, N)), np.empty(N)
    drift, z = DRIFT * STEP, place[-1]
    for _ in range(steps):
        generator.standard_normal(out=noise)
        noise *= spread
        if task == "A":
            noise += drift
        else:
            np.multiply(z, -6.0 * MEAN * STEP / HEIGHT**2, out=flow)
            flow += 6.0 * MEAN * STEP / HEIGHT
            flow *= z
            place[0] += flow
        place += noise
        np.abs(z, out=z)
        np.subtract(HEIGHT, z, out=z)
        np.abs(z, out=z)
        np.subtract(HEIGHT, z, out=z)
    return place


@numba.njit
def loop(steps, spread, drift, height):
    """Take the steps of A one particle after another, with Numba's np.random."""
    place = np.full(spread.size, 0.5 * height)
    for particle in range(spread.size):
        z = place[particle]
        for _ in range(steps):
            z += drift[particle] + spread[particle] * np.random.standard_normal()  # noqa: NPY002 - the plain way is what is measured
            z = height - abs(height - abs(z))
        place[particle] = z
    return place


def rates(calls, repeats):
    """Return the best and the median rate of each call, 1e6 steps of particles per second; calls take turns."""
    taken = {name: [] for name in calls}
    for call, steps in calls.values():
        call(steps)
    for _ in range(repeats):
        for name, (call, steps) in calls.items():
            start = time.perf_counter()
            call(steps)
            taken[name].append(N * steps / (time.perf_counter() - start) / 1e6)
    return {name: {"best": max(each), "median": float(np.median(each))} for name, each in taken.items()}


def threads(repeats):
    """Return how much faster two threads are."""
    many = 16 * N
    places = Walkers(*(np.tile(each, 16) for each in PLACES))
    took = {1: [], 2: []}
    for _ in range(max(repeats, 6)):  # the second core is rarely free all the time
        for number, times in took.items():
            start = time.perf_counter()
            walk(places, [slit_flow(HEIGHT)], [MEAN], WALLS._replace(uptake=np.zeros(6)), STEP, 800, 1, threads=number)
            times.append(time.perf_counter() - start)
    return {
        "particles": many,
        "seconds": [min(each) for each in took.values()],
        "speed_up": min(took[1]) / min(took[2]),
    }


def openmm(python, repeats):
    """Return the rates of OpenMM's platforms, in a process of its own."""
    found = {}
    for platform in ("Reference", "CPU"):
        lines = [
            subprocess.run(
                [python, "-c", OPENMM, platform, "300"], capture_output=True, text=True, check=True,
                env={"OPENMM_CPU_THREADS": "1"},
            ).stdout.split()
            for _ in range(repeats)
        ]  # fmt: skip
        found[platform] = max(float(line[1]) for line in lines)
        found["version"] = lines[0][0]
    return found


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repeats, nothing written")
    parser.add_argument("--openmm", help="a Python that has OpenMM")
    asked = parser.parse_args()
    repeats = 3 if asked.quick else 15
    start = time.perf_counter()
    kernel("A", 4)
    result = {"machine": machine(), "first_call_s": time.perf_counter() - start, "particles": N}
    spread = np.sqrt(2.0 * DIFFUSIVITY * STEP)
    for task in ("A", "B"):
        calls = {
            "kernel": (lambda steps, task=task: kernel(task, steps), 4000 if task == "A" else 1600),
            "numpy SFC64": (
                lambda steps, task=task: arrays(task, steps, np.random.Generator(np.random.SFC64(1))), 400
            ),
            "numpy Philox": (
                lambda steps, task=task: arrays(task, steps, np.random.Generator(np.random.Philox(1))), 400
            ),
        }  # fmt: skip
        if task == "A":
            calls["numba np.random"] = (lambda steps: loop(steps, spread, DRIFT * STEP, HEIGHT), 100)
        found = rates(calls, repeats)
        result[task] = {
            "million_steps_per_s": found,
            "ratio": {name: found["kernel"]["best"] / each["best"] for name, each in found.items() if name != "kernel"},
        }
        for name, each in found.items():
            ratio = result[task]["ratio"].get(name)
            print(
                f"{task}: {name}: {each['best']:.0f} M/s (median {each['median']:.0f})"
                + (f", 1/{ratio:.1f}" if ratio else "")
            )
    if asked.openmm:
        result["openmm"] = openmm(asked.openmm, 1 if asked.quick else 3)
        best = max(result["openmm"][name] for name in ("Reference", "CPU"))
        result["B"]["ratio"]["openmm"] = result["B"]["million_steps_per_s"]["kernel"]["best"] / best
        print(f"B: OpenMM {result['openmm']}: 1/{result['B']['ratio']['openmm']:.1f}")
    result["threads"] = threads(repeats)
    print(f"two threads: {result['threads']['speed_up']:.2f} times as fast")
    if not asked.quick:
        (HERE / "langevin.json").write_text(json.dumps(result, indent=1) + "\n")
    slow = [task for task, floor in FLOORS.items() if result[task]["ratio"]["numpy SFC64"] < floor]
    if slow:
        sys.exit(f"{', '.join(slow)}: less than {FLOORS} times as fast as NumPy")


if __name__ == "__main__":
    main()
