"""Benchmark of the Lamm kernel: four sector cells with 100 x 1201 output, and lanes of a rotor.

    python benchmarks/lamm.py [--quick]          prints a table; without --quick writes benchmarks/lamm.json

One core. Kernel and peers alternate in one process; minimum and median of several runs, warm. Errors are
those of r <= 7.1 cm against benchmarks/lamm_reference.npz (see lamm_reference.py). Peers, tuned to an RMS
error of about 1e-4: graded linear finite elements with one prefactored complex tridiagonal solve per step
by LAPACK through SciPy, for several species as one system (a strong baseline), and, for one species, the
same elements in scipy.integrate.solve_ivp. P4 stands twice: at the accuracy of about 1e-4, and, as the
kernel is more accurate there, with the strong peer at equal error.
"""

import os  # thread counts are set before the libraries are loaded

for _variable in ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import argparse
import importlib.util
import json
import platform
import statistics
import sys
import time
from pathlib import Path

import llvmlite
import numba
import numpy as np
import scipy
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.linalg import lapack

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from lamm_reference import INNER, OUTER, RADII, SCANS, problems

from sepsim.techniques.centrifugation.kernels import lamm

OUTPUT_RADII = np.linspace(INNER, OUTER, 1201)
POSITIONS = np.linspace(0.0, 1.0, 1201)
with np.load(HERE / "lamm_reference.npz") as stored:
    REFERENCE = dict(stored)
INSIDE = RADII <= 0.0710001

# front_resolution, step_resolution of the kernel; h / front width and travel / front width of the peers
SETTINGS = {"P1": (0.65, 2.0), "P2": (0.65, 2.0), "P3": (0.65, 2.0), "P4": (1.2, 2.0)}
PEER = {"P1": (0.2, 0.25), "P2": (0.2, 0.25), "P3": (0.15, 0.2), "P4": (0.6, 0.8)}
PEER_EQUAL = {"P4": (0.33, 0.4)}  # at the error of the kernel
IVP = {"P1": (0.05, 1e-6), "P2": (0.035, 1e-6), "P3": (0.025, 1e-6)}  # h / front width, tolerance
# Ratios to the LAPACK peer, and of the uncompiled to the compiled source: half of what a quiet machine shows.
FLOORS = {"P1": 2.8, "P2": 2.9, "P3": 6.3, "P4": 6.0, "python": 100.0}
# How far below zero the march may fall before profiles are lifted, in fractions of the load: twice what it does.
CEILINGS = {"P1": 5e-6, "P2": 8e-5, "P3": 1.2e-4, "P4": 2.7e-4}


# ---- kernel --------------------------------------------------------------------------------------


def scan_times(problem, scans):
    """Equidistant output times [s]."""
    return problem.duration * np.arange(1, scans + 1) / scans


def kernel(problem, front_resolution, step_resolution, scans=SCANS):
    """Weighted sum of the species, closed sector cell, as a run with equidistant output times."""
    return lamm.solve_lamm_profiles(
        INNER, OUTER, problem.s, problem.D, problem.omega_squared, problem.duration, scan_times(problem, scans),
        sector=True, absorbing=False,
        weights=np.full(len(problem.s), 1.0 / len(problem.s)),
        front_resolution=front_resolution, step_resolution=step_resolution,
    )  # fmt: skip


def table(problem, *settings):
    """Run of the kernel, and its concentration at 100 times and 1201 radii."""
    run = kernel(problem, *settings)
    return run, lamm.interpolate_profiles(run.mesh, run.profiles[:, 0], POSITIONS)


def lowest_unlifted(problem, front_resolution, step_resolution):
    """Lowest concentration of any species at any scan as the march holds it, before profiles are lifted to zero."""
    lowest = []
    original = lamm._lift_all

    def recording(profiles, *rest):
        lowest.append(float(profiles.min()))
        original(profiles, *rest)

    lamm._lift_all = recording
    try:
        lamm.solve_lamm_profiles(
            INNER, OUTER, problem.s, problem.D, problem.omega_squared, problem.duration, scan_times(problem, SCANS),
            sector=True, absorbing=False, front_resolution=front_resolution, step_resolution=step_resolution,
        )  # fmt: skip
    finally:
        lamm._lift_all = original
    return min(lowest)


def cell_steps(call):
    """Node intervals x steps x lanes of one call."""
    total = 0
    original = lamm._run_group

    def counting(buffer, mesh, quantities, members, absorbing, initial, phases, *rest):
        nonlocal total
        total += 2 * (mesh.size - 1) * phases[2].sum() * members.size
        original(buffer, mesh, quantities, members, absorbing, initial, phases, *rest)

    lamm._run_group = counting
    try:
        call()
    finally:
        lamm._run_group = original
    return float(total)


# ---- peers ---------------------------------------------------------------------------------------


def graded_mesh(nu, h_over_width):
    """Nodes: a fraction of the front's width, geometric to half a layer at the bottom; nu = s w2 / D."""
    nodes = [INNER]
    layer = 1.0 / (nu * OUTER)
    while nodes[-1] < OUTER:
        d = nodes[-1] - INNER
        front = h_over_width * np.sqrt(2.0 * d / (nu * INNER) + layer**2)
        bottom = 0.5 * layer + min(0.5 * h_over_width, 0.15) * (OUTER - nodes[-1])
        nodes.append(nodes[-1] + min(front, bottom, 0.02 * (OUTER - INNER)))
    nodes = np.array(nodes)
    return INNER + (nodes - INNER) * (OUTER - INNER) / (nodes[-1] - INNER)


def linear_elements(nodes, s, D, omega_squared):
    """Diagonals (lower, main, upper) of mass and transport matrix, weight r, three Gauss points."""
    h = np.diff(nodes)
    mass, transport = np.zeros((2, 2, h.size)), np.zeros((2, 2, h.size))
    for u, w in zip(*np.polynomial.legendre.leggauss(3), strict=True):
        x = 0.5 * (1.0 + u)
        r = nodes[:-1] + x * h
        shape, slope = (1.0 - x, x), (-1.0 / h, 1.0 / h)
        for i in range(2):
            for j in range(2):
                mass[i, j] += 0.5 * w * h * r * shape[i] * shape[j]
                flux = s * omega_squared * r * shape[j] - D * slope[j]
                transport[i, j] += 0.5 * w * h * r * slope[i] * flux
    bands = []
    for matrix in (mass, transport):
        main = np.zeros(nodes.size)
        main[:-1] += matrix[0, 0]
        main[1:] += matrix[1, 1]
        bands.append((matrix[1, 0], main, matrix[0, 1]))
    return bands


def times_tridiagonal(bands, c):
    """Matrix times vector."""
    lower, main, upper = bands
    out = main * c
    out[1:] += lower * c[:-1]
    out[:-1] += upper * c[1:]
    return out


def steps_per_scan(problem, nu, travel):
    """Numbers of equal steps for which the front travels a given part of its width per step."""
    dt = problem.duration / SCANS
    t = dt * np.arange(SCANS)
    t[0] = 0.3 * dt
    speed = nu * problem.D.min() * INNER * np.exp(nu * problem.D.min() * t)
    width = np.sqrt(2.0 * problem.D.min() * t)
    return np.maximum(1, np.ceil(speed * dt / (travel * width))).astype(int)


def stacked(bands):
    """Bands of several tridiagonal systems as those of one: (lower, main, upper)[species, node]."""
    lower, main, upper = (np.stack(band) for band in zip(*bands, strict=True))
    none = np.zeros((len(bands), 1))
    lower, upper = (np.hstack((band, none)).ravel()[:-1] for band in (lower, upper))
    return lower, main.ravel(), upper


def peer_lapack(problem, h_over_width, travel):
    """Concentration at times and radii by the strong peer: Pade(1,2), one complex tridiagonal solve per step."""
    nu = (problem.s * problem.omega_squared / problem.D).max()
    nodes = graded_mesh(nu, h_over_width)
    counts = steps_per_scan(problem, nu, travel)
    species = [linear_elements(nodes, s, D, problem.omega_squared) for s, D in zip(problem.s, problem.D, strict=True)]
    mass, transport = (stacked(bands) for bands in zip(*species, strict=True))
    theta, weight = 2.0 + 1.4142135623730950j, -2.0 + 7.0710678118654752j

    def factors(dt):
        return lapack.zgttrf(*(theta * m - dt * k for m, k in zip(mass, transport, strict=True)))[:5]

    def advance(c, lu):
        load = weight * times_tridiagonal(mass, c)
        return lapack.zgttrs(*lu, load)[0].real

    dt = problem.duration / SCANS
    c = np.ones(len(species) * nodes.size)
    out = np.empty((SCANS, nodes.size))
    first = dt / counts[0]
    for level in range(-10, 0):  # dyadic start: 2^-10, then 2^-10, 2^-9, ... of the first step
        lu = factors(first * 2.0**level)
        for _ in range(2 if level == -10 else 1):
            c = advance(c, lu)
    size = None
    for scan in range(SCANS):
        if dt / counts[scan] != size:
            size = dt / counts[scan]
            lu = factors(size)
        for _ in range(counts[scan] - (scan == 0)):
            c = advance(c, lu)
        out[scan] = c.reshape(len(species), nodes.size).mean(axis=0)
    return CubicSpline(nodes, out, axis=1)(OUTPUT_RADII)


def peer_solve_ivp(problem, h_over_width, tolerance):
    """Concentration of one species by the usual peer: lumped elements, LSODA with a banded Jacobian."""
    nu = (problem.s * problem.omega_squared / problem.D).max()
    nodes = graded_mesh(nu, h_over_width)
    mass, transport = linear_elements(nodes, problem.s[0], problem.D[0], problem.omega_squared)
    lumped = times_tridiagonal(mass, np.ones(nodes.size))

    def derivative(_, c):
        return times_tridiagonal(transport, c) / lumped

    times = problem.duration * np.arange(1, SCANS + 1) / SCANS
    solution = solve_ivp(
        derivative, (0.0, problem.duration), np.ones(nodes.size), method="LSODA", t_eval=times,
        rtol=tolerance, atol=0.1 * tolerance, lband=1, uband=1,
    )  # fmt: skip
    return CubicSpline(nodes, solution.y.T, axis=1)(OUTPUT_RADII)


# ---- measuring -----------------------------------------------------------------------------------


def errors(name, concentration):
    """RMS and largest error inside r <= 7.1 cm."""
    difference = (concentration[:, ::5] - REFERENCE[name])[:, INSIDE]
    return float(np.sqrt(np.mean(difference**2))), float(np.abs(difference).max())


def alternate(calls, repeats):
    """Milliseconds (min, median) of each call; the calls take turns, in batches of at least 10 ms."""
    taken = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(repeats):
        for name, call in calls.items():
            batch = 0
            start = time.perf_counter()
            while time.perf_counter() - start < 0.010:
                call()
                batch += 1
            taken[name].append(1e3 * (time.perf_counter() - start) / batch)
    return {name: (min(t), statistics.median(t)) for name, t in taken.items()}


def measure_problem(name, quick):
    """One row of the table."""
    problem = problems()[name]
    run, concentration = table(problem, *SETTINGS[name])
    calls = {
        "kernel": lambda: table(problem, *SETTINGS[name]),
        "one output": lambda: kernel(problem, *SETTINGS[name], scans=1),
        "lapack": lambda: peer_lapack(problem, *PEER[name]),
    }
    if name in PEER_EQUAL:
        calls["lapack_equal_error"] = lambda: peer_lapack(problem, *PEER_EQUAL[name])
    if name in IVP and not quick:
        calls["solve_ivp"] = lambda: peer_solve_ivp(problem, *IVP[name])
    took = alternate(calls, 5 if quick else 15)
    rms, largest = errors(name, concentration)
    work = cell_steps(calls["one output"])
    row = {
        "settings": SETTINGS[name],
        "nodes": run.mesh.size,
        "ms": took["kernel"][0],
        "ms_median": took["kernel"][1],
        "ms_one_output": took["one output"][0],
        "cell_steps_one_output": work,
        "ns_per_cell_step": 1e6 * took["one output"][0] / work,
        "rmsd": rms,
        "max_error": largest,
        "min_value": float(concentration.min()),
        "min_value_unlifted": lowest_unlifted(problem, *SETTINGS[name]),
        "mass_error": float(run.mass_error.max()),
    }
    for peer in list(calls)[2:]:
        rms, largest = errors(name, calls[peer]())
        ms, median = took[peer]
        row[peer] = {"ms": ms, "ms_median": median, "rmsd": rms, "max_error": largest, "ratio": ms / row["ms"]}
    return row


def rotor_lanes(classes, chords, omega_squared):
    """Lanes of a fixed-angle rotor with Peclet numbers up to 1e3: particle classes x chords."""
    rng = np.random.default_rng(1)
    diameter = np.geomspace(4e-9, 400e-9, classes)
    density = np.where(diameter < 15e-9, 300.0, np.where(diameter < 60e-9, 60.0, 110.0))
    s = diameter**2 * density * rng.uniform(0.7, 1.3, classes) / 18e-3
    s[5::11] *= -0.5
    D = 4.1e-21 / (3.0 * np.pi * 1e-3 * diameter)
    half = 0.0207 * np.sqrt(1.0 - ((np.arange(chords) + 0.5) / chords) ** 2)
    s, half_of = (a.ravel() for a in np.meshgrid(s, half, indexing="ij"))
    D = np.repeat(D, chords)
    inner, outer = 0.0696 - half_of, 0.0696 + half_of
    keep = np.abs(s) * omega_squared * (outer**2 - inner**2) / (2.0 * D) < 1e3
    return tuple(a[keep] for a in (inner, outer, s, D))


def measure_rotor(quick):
    """Accounts only: about 2000 lanes, three durations."""
    rows = []
    for rcf, classes, seconds in ((1e4, 170, 1200.0), (1e5, 360, 4200.0), (1e5, 360, 72_000.0)):
        omega2 = rcf * 9.80665 / 0.0696
        lanes = rotor_lanes(classes, 25, omega2)
        took = alternate(
            {"kernel": lambda a=lanes, w=omega2, t=seconds: lamm.solve_lamm_fractions(*a, w, t)}, 5 if quick else 12
        )
        solution = lamm.solve_lamm_fractions(*lanes, omega2, seconds)
        fine = lamm.solve_lamm_fractions(*lanes, omega2, seconds, front_resolution=0.3, step_resolution=0.5)
        rows.append({
            "lanes": lanes[0].size, "rcf_xg": rcf, "duration_s": seconds,
            "ms": took["kernel"][0], "ms_median": took["kernel"][1],
            "max_error": float(np.abs(solution.suspended - fine.suspended).max()),
            "mass_error": float(solution.mass_error.max()),
        })  # fmt: skip
    return rows


def measure_python():
    """Ratio of the uncompiled source to the compiled one on a small case."""
    spec = importlib.util.spec_from_file_location("lamm_plain", lamm.__file__)
    plain = importlib.util.module_from_spec(spec)
    numba.config.DISABLE_JIT = True
    try:
        spec.loader.exec_module(plain)
    finally:
        numba.config.DISABLE_JIT = False
    lanes = (np.full(8, 0.06), np.full(8, 0.07), np.linspace(1e-13, 2e-13, 8), np.full(8, 4e-11))
    took = {
        name: alternate(
            {"": lambda m=module: m.solve_lamm_fractions(*lanes, 1e7, 1000.0, front_resolution=1.5)}, repeats
        )[""]
        for name, module, repeats in (("compiled", lamm, 20), ("python", plain, 2))
    }
    return {"compiled_ms": took["compiled"][0], "python_ms": took["python"][0],
            "ratio": took["python"][0] / took["compiled"][0]}  # fmt: skip


def machine():
    """Describe what the numbers were measured on."""
    cpu = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")),
        platform.processor(),
    ) if Path("/proc/cpuinfo").exists() else platform.processor()  # fmt: skip
    return {
        "cpu": cpu, "python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
        "numba": numba.__version__, "llvmlite": llvmlite.__version__, "load_average": os.getloadavg(),
    }  # fmt: skip


def failures(result):
    """Say which ratio is below its floor, and which profile falls further below zero than its ceiling."""
    ratios = {name: row["lapack"]["ratio"] for name, row in result["problems"].items()}
    ratios["python"] = result["python"]["ratio"]
    slow = [f"{name}: ratio {ratios[name]:.1f} < {floor}" for name, floor in FLOORS.items() if ratios[name] < floor]
    lowest = {name: row["min_value_unlifted"] for name, row in result["problems"].items()}
    deep = [
        f"{name}: lowest value {lowest[name]:.1e} < {-ceiling:.1e}"
        for name, ceiling in CEILINGS.items()
        if not lowest[name] >= -ceiling
    ]
    return slow + deep


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Benchmark of the Lamm kernel.")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, no solve_ivp, nothing written")
    quick = parser.parse_args().quick
    result = {"machine": machine(), "problems": {}, "rotor": [], "python": {}}
    print(f"{'':4}{'ms':>8}{'median':>8}{'ns/cell-step':>13}{'RMSD':>10}{'max':>9}{'unlifted':>9}{'mass':>9}   peers")
    for name in problems():
        row = result["problems"][name] = measure_problem(name, quick)
        print(f"{name:4}{row['ms']:8.3f}{row['ms_median']:8.3f}{row['ns_per_cell_step']:13.2f}{row['rmsd']:10.1e}"
              f"{row['max_error']:9.1e}{row['min_value_unlifted']:9.1e}{row['mass_error']:9.1e}")  # fmt: skip
        for peer in ("lapack", "lapack_equal_error", "solve_ivp"):
            if peer in row:
                at = row[peer]
                print(f"{'':70} {peer:18}{at['ms']:9.2f} ms  RMSD {at['rmsd']:.1e}  ratio {at['ratio']:.1f}")
    result["rotor"] = measure_rotor(quick)
    for row in result["rotor"]:
        print(f"{row['lanes']} lanes, {row['rcf_xg']:.0f} g, {row['duration_s']:.0f} s: "
              f"{row['ms']:.1f} ms (median {row['ms_median']:.1f}), "
              f"max error {row['max_error']:.1e}, mass {row['mass_error']:.0e}")  # fmt: skip
    result["python"] = measure_python()
    print(f"uncompiled / compiled: {result['python']['ratio']:.0f}")
    if not quick:
        (HERE / "lamm.json").write_text(json.dumps(result, indent=1) + "\n")
    if failed := failures(result):
        sys.exit("; ".join(failed))


if __name__ == "__main__":
    main()
