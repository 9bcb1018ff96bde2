"""Benchmark of the ion-optical kernels: pushes per second, ions per second, against NumPy and PlasmaPy.

    python benchmarks/ion_optics.py [--quick]     prints; without --quick writes benchmarks/ion_optics.json

One core, warm, minimum and median of several, all in one run. Four things are timed.
Uniform magnetic field, three-dimensional: the kernel; a careful push in NumPy, state as separate arrays that stay in
cache, operations in place; and, where `pip install sepsim[benchmark]` brought it, PlasmaPy's BorisIntegrator, whose
fields are arrays per particle. All three leave the same velocities.
Sectors with hard edges and with fringes: a condenser and a magnet. NumPy pushes in a 1/r field for comparison.
Exact map: ions per second through a Nier-Johnson spectrometer, with the image error against many steps.
"""

import argparse
import json
import math
import sys

import numpy as np
from lamm import HERE, alternate, machine  # sets the number of threads

from sepsim.techniques.mass_spectrometry.kernels import boris, ion_optics

try:
    from plasmapy import __version__ as plasmapy_version
    from plasmapy.simulation.particle_integrators import BorisIntegrator
except ImportError:
    BorisIntegrator = plasmapy_version = None

FLOORS = {"uniform": 5.0, "condenser": 5.0, "PlasmaPy": 50.0}  # pushes per second over those of the peer
IONS, STEPS = 25_600, 100
SIZES = (2048, 8192, 16_384, 32_768)  # of the arrays of NumPy; the fastest counts
RATIO, FIELD, DT = 1e7, np.array([0.0, 0.5, 0.0]), 1e-9


def ions(n):
    """Return positions and velocities (6, n)."""
    return np.random.default_rng(1).normal(size=(6, n)) * np.array([1e-3] * 3 + [1e4] * 3)[:, None]


def numpy_uniform(state, steps):
    """Push by the same formulas in NumPy: along y only, so that zero components cost nothing."""
    x, y, z, u, v, w = (np.ascontiguousarray(row) for row in state)
    h = 0.5 * DT * RATIO * FIELD[1]
    t = 2.0 * h / (1.0 + h * h)
    one, two = np.empty_like(u), np.empty_like(u)
    x += 0.5 * DT * u
    y += 0.5 * DT * v
    z += 0.5 * DT * w
    for _ in range(steps):
        np.multiply(w, h, out=one)
        np.subtract(u, one, out=one)  # u'
        np.multiply(u, h, out=two)
        two += w  # w'
        two *= t
        u -= two
        one *= t
        w += one
        for place, velocity in ((x, u), (y, v), (z, w)):
            np.multiply(velocity, DT, out=two)
            place += two
    return u, v, w


def numpy_condenser(place, velocity, dt, steps):
    """Push in a 1/r field in NumPy, in place, in the plane."""
    (x, z), (u, w) = place, velocity
    one, two = np.empty_like(x), np.empty_like(x)
    for _ in range(steps):
        np.multiply(x, x, out=one)
        np.multiply(z, z, out=two)
        one += two
        np.divide(-dt, one, out=one)
        np.multiply(x, one, out=two)
        u += two
        np.multiply(z, one, out=two)
        w += two
        np.multiply(u, dt, out=two)
        x += two
        np.multiply(w, dt, out=two)
        z += two


def measure_uniform(quick):
    """Pushes in a uniform field, and how far the peers' velocities are from those of the kernel."""
    state = ions(IONS)
    ratio, none = np.full(IONS, RATIO), np.zeros(3)
    calls = {"kernel": (IONS * STEPS, lambda: boris.push_uniform(state, ratio, none, FIELD, DT, STEPS))}
    for n in SIZES:
        some = ions(n)
        calls[f"NumPy, {n}"] = (n * STEPS, lambda s=some: numpy_uniform(s, STEPS))
    few = SIZES[0]
    ours = ions(few)
    boris.push_uniform(ours, ratio[:few], none, FIELD, DT, STEPS)
    difference = {f"NumPy, {few}": np.abs(np.array(numpy_uniform(ions(few), STEPS)) - ours[3:]).max() / 1e4}
    if BorisIntegrator is not None:
        n, steps = 100_000, 5
        x, v = np.ascontiguousarray(ions(n)[:3].T), np.ascontiguousarray(ions(n)[3:].T)
        B, E = np.tile(FIELD, (n, 1)), np.zeros((n, 3))

        def plasmapy(x=x, v=v):
            for _ in range(steps):
                x, v = BorisIntegrator.push(x, v, B, E, RATIO, 1.0, DT)
            return v

        start = ions(n)
        boris.push_uniform(start, np.full(n, RATIO), none, FIELD, DT, steps)
        difference["PlasmaPy"] = np.abs(plasmapy(x.copy(), v.copy()).T - start[3:]).max() / 1e4
        calls["PlasmaPy"] = (n * steps, plasmapy)
    return rates(calls, quick, difference)


def rates(calls, quick, difference=None):
    """Return millions per second of calls that name how much they do, and the kernel's ratio to each."""
    took = alternate({name: call for name, (_, call) in calls.items()}, 3 if quick else 9)
    rows = {}
    for name, (least, median) in took.items():
        rows[name] = {"M_per_s": calls[name][0] / least / 1e3, "M_per_s_median": calls[name][0] / median / 1e3}
        if difference and name in difference:
            rows[name]["velocity_difference"] = float(difference[name])
    for row in rows.values():
        row["ratio"] = rows["kernel"]["M_per_s"] / row["M_per_s"] if "kernel" in rows else None
    return rows


def measure_sectors(quick):
    """Pushes in a condenser and a magnet, with hard edges and with fringes."""
    n, steps = 2560, 2000
    rays = np.zeros((6, n))
    rays[4:] = 1.0
    image, lost, count = np.empty((5, n)), np.empty(n, dtype=np.int64), np.array([steps])
    calls = {}
    for size in SIZES:
        place = np.array([np.full(size, 0.38), np.zeros(size)])
        velocity = np.array([np.zeros(size), np.ones(size)])
        calls[f"condenser, NumPy, {size}"] = (
            size * STEPS,
            lambda p=place, v=velocity: numpy_condenser(p, v, 1e-4, STEPS),
        )
    for name, kind in (("condenser", boris.ELECTRIC), ("magnet", boris.MAGNETIC)):
        table = np.array([ion_optics.element(kind, 0.38, 1.5, gap=0.01)])
        for soft in (False, True):
            calls[f"{name}, {'fringes' if soft else 'hard edges'}"] = (
                n * steps,
                lambda t=table, s=soft: boris._push(t, rays, count, s, image, lost),
            )
    rows = rates(calls, quick)
    for row in rows.values():
        del row["ratio"]
    return rows


def over_numpy(rows, name):
    """Return the ratio of a row to the fastest of NumPy's."""
    return rows[name]["M_per_s"] / max(row["M_per_s"] for key, row in rows.items() if "NumPy" in key)


def spectrometer(r=0.3048):
    """Return a Nier-Johnson spectrometer of 90 and 60 degrees."""
    radius, wave = 1.25 * r, math.sqrt(2.0) * math.pi / 2
    arm = radius / math.sqrt(2.0) * (1.0 / math.sin(wave) + 1.0 / math.tan(wave))
    return np.array([
        ion_optics.element(ion_optics.DRIFT, arm), ion_optics.element(ion_optics.ELECTRIC, radius, math.pi / 2),
        ion_optics.element(ion_optics.DRIFT, arm + 2.309401 * r),
        ion_optics.element(ion_optics.MAGNETIC, r, math.pi / 3), ion_optics.element(ion_optics.DRIFT, 1.347150 * r),
    ])  # fmt: skip


def measure_map(quick):
    """Ions through the exact map of a spectrometer, and the error of the image."""
    n, table, rng = 100_000, spectrometer(), np.random.default_rng(1)
    sizes = (5e-5, 2e-3, 1e-3, 1e-3, 1e-3, 1e-3)
    rays = np.array([rng.uniform(-1, 1, n) * size for size in sizes])
    right = ion_optics.trace_ions(table, *rays, steps=8).x
    image, lost = np.empty((4, n)), np.empty(n, dtype=np.int64)
    calls = {
        str(steps): (n, lambda s=steps: ion_optics._trace(table, rays, s, image, lost)) for steps in (1, 2, 4)
    }  # fmt: skip
    rows = rates(calls, quick)
    for steps, row in rows.items():
        del row["ratio"]
        row["image_error_m"] = float(np.abs(ion_optics.trace_ions(table, *rays, steps=int(steps)).x - right).max())
    return rows


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Benchmark of the ion-optical kernels.")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, nothing written")
    quick = parser.parse_args().quick
    result = {
        "machine": machine() | {"plasmapy": plasmapy_version}, "uniform field": measure_uniform(quick),
        "sectors": measure_sectors(quick), "exact map, steps": measure_map(quick),
    }  # fmt: skip
    for title in ("uniform field", "sectors", "exact map, steps"):
        for name, row in result[title].items():
            rest = "  ".join(f"{key} {value:.2g}" for key, value in row.items() if not key.startswith("M_per_s"))
            print(f"{title:18}{name:24}{row['M_per_s']:9.1f} M/s (median {row['M_per_s_median']:.1f})  {rest}")
    if not quick:
        (HERE / "ion_optics.json").write_text(json.dumps(result, indent=1) + "\n")
    found = {
        "uniform": over_numpy(result["uniform field"], "kernel"),
        "condenser": over_numpy(result["sectors"], "condenser, hard edges"),
    }
    print(f"over the fastest NumPy: uniform {found['uniform']:.1f}, condenser {found['condenser']:.1f}")
    if BorisIntegrator is not None:
        found["PlasmaPy"] = result["uniform field"]["PlasmaPy"]["ratio"]
    slow = [f"{name}: ratio {ratio:.1f} < {FLOORS[name]}" for name, ratio in found.items() if ratio < FLOORS[name]]
    if slow:
        sys.exit("; ".join(slow))


if __name__ == "__main__":
    main()
