"""Benchmark of drift across a stream: the march of `solve_cross_stream` against NumPy and the method of lines.

    python benchmarks/cross_stream.py [--quick]     prints; without --quick writes benchmarks/cross_stream.json

One core, warm, minimum and median of several. Sixty-four sizes of vesicles, 40 to 2000 nm, in a standing wave of
100 J/m3 across 200 um, in one layer of a laminar flow; they enter along the walls.

Peers in the same run: the same implicit steps on the same cells in NumPy, vectorised over the classes, which gives the
same numbers; and scipy.integrate.solve_ivp (LSODA, banded Jacobian) on the same fluxes, class by class, at the loosest
tolerance with an error of at most that of the march. Errors are those of the share in the middle half of the channel,
against the march on four times as many cells and sixteen times as many steps.
"""

import argparse
import json
import time

import numpy as np
from lamm import HERE, alternate, machine  # sets the number of threads
from scipy.integrate import solve_ivp

from sepsim.kernels import solve_cross_stream

WIDTH, LENGTH, CELLS, STEPS, LANES = 200e-6, 0.03, 200, 200, 64
SIZES = np.geomspace(40e-9, 2000e-9, LANES)
DIFFUSIVITY = 4.9e-12 * 100e-9 / SIZES
SPEED = 8e-7 * (SIZES / 100e-9) ** 2
TOLERANCES = (1e-2, 1e-3, 1e-4)


def problem(cells):
    """Arrays of the kernel, but for the steps."""
    faces = np.linspace(0.0, WIDTH, cells + 1)
    relative = faces / WIDTH
    flow = 1e-3 * cells * np.diff(3.0 * relative**2 - 2.0 * relative**3)[None]
    drift = SPEED[:, None] * np.sin(2.0 * np.pi * relative)
    middle = 0.5 * (relative[1:] + relative[:-1])
    start = (np.abs(middle - 0.5) > 0.25) * 1.0
    none = np.zeros((LANES, cells + 1))
    return faces, flow, np.ones(1), LENGTH, drift, DIFFUSIVITY, none, start, np.zeros((2, LANES))


def bernoulli(p):
    """Return p/(e^p - 1)."""
    safe = np.where(np.abs(p) < 1e-6, 1.0, np.clip(p, -700.0, 700.0))
    return np.where(np.abs(p) < 1e-6, 1.0 - 0.5 * p, safe / np.expm1(safe))


def leaves(cells):
    """Speeds up and down through the faces, shape (cells + 1, lanes)."""
    exchange = DIFFUSIVITY / (WIDTH / cells)
    exponent = problem(cells)[4].T / exchange
    up, down = exchange * bernoulli(-exponent), exchange * bernoulli(exponent)
    up[[0, -1]] = down[[0, -1]] = 0.0
    return up, down


def with_numpy(cells, steps):
    """Return the outflow by the same steps, with loops over the cells alone."""
    faces, flow, *_, start, _ = problem(cells)
    carried = flow[0] * np.diff(faces)
    up, down = leaves(cells)
    content = np.repeat(start[:, None], LANES, axis=1)
    follows = np.empty((cells, LANES))
    place = LENGTH * (np.arange(steps + 1) / steps) ** 2
    for step in np.diff(place):
        loses = carried[0] / step + down[0]
        whole = 1.0 / (loses + up[1])
        follows[0], content[0], loses = down[1] * whole, content[0] * (carried[0] / step) * whole, loses * whole
        for cell in range(1, cells):
            held = carried[cell] / step
            loss = held + down[cell] * loses
            whole = 1.0 / (loss + up[cell + 1])
            content[cell] = (held * content[cell] + up[cell] * content[cell - 1]) * whole
            follows[cell], loses = down[cell + 1] * whole, loss * whole
        for cell in range(cells - 2, -1, -1):
            content[cell] += follows[cell] * content[cell + 1]
    return (carried[:, None] * content).T / (carried @ start)


def with_lines(cells, tolerance):
    """Return the outflow by the method of lines."""
    faces, flow, *_, start, _ = problem(cells)
    carried = flow[0] * np.diff(faces)
    up, down = leaves(cells)
    found = []
    for lane in range(LANES):
        high, low = up[:, lane], down[:, lane]

        def rates(_, c, high=high, low=low):
            flux = np.zeros(cells + 1)
            flux[1:-1] = high[1:-1] * c[:-1] - low[1:-1] * c[1:]
            return -np.diff(flux) / carried

        done = solve_ivp(
            rates,
            (0.0, LENGTH),
            start,
            method="LSODA",
            rtol=tolerance,
            atol=tolerance,
            lband=1,
            uband=1,
            t_eval=[LENGTH],
        )
        found.append(carried * done.y[:, -1] / (carried @ start))
    return np.array(found)


def middle(outflow):
    """Return the share that leaves within the middle half, by class."""
    cells = outflow.shape[1]
    return outflow[:, cells // 4 : 3 * cells // 4].sum(axis=1)


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repeats, nothing written")
    quick = parser.parse_args().quick
    arrays = problem(CELLS)
    begun = time.perf_counter()
    solve_cross_stream(*arrays, STEPS)
    result = {"machine": machine(), "first_call_ms": 1e3 * (time.perf_counter() - begun)}
    reference = middle(solve_cross_stream(*problem(4 * CELLS), 16 * STEPS).outflow)

    def error(outflow):
        return float(np.abs(middle(outflow) - reference).max())

    ours, plain = solve_cross_stream(*arrays, STEPS).outflow, with_numpy(CELLS, STEPS)
    lines = {tolerance: error(with_lines(CELLS, tolerance)) for tolerance in TOLERANCES}
    loosest = next((each for each in TOLERANCES if lines[each] <= error(ours)), TOLERANCES[-1])
    took = alternate(
        {
            "march": lambda: solve_cross_stream(*arrays, STEPS),
            "numpy": lambda: with_numpy(CELLS, STEPS),
            "lines": lambda: with_lines(CELLS, loosest),
        },
        3 if quick else 7,
    )
    result["64 classes"] = {
        "cells": CELLS, "steps": STEPS, "error": error(ours), "ms": took["march"][0], "ms_median": took["march"][1],
        "ns_per_cell_step": 1e6 * took["march"][0] / (CELLS * STEPS * LANES),
        "numpy": {"ms": took["numpy"][0], "difference": float(np.abs(ours - plain).max())},
        "solve_ivp": {"tolerance": loosest, "error": lines[loosest], "ms": took["lines"][0]},
        "ratio_to_numpy": took["numpy"][0] / took["march"][0],
        "ratio_to_solve_ivp": took["lines"][0] / took["march"][0],
    }  # fmt: skip
    row = result["64 classes"]
    print(
        f"64 classes: {row['ms']:.2f} ms at {row['error']:.1e}, {row['ns_per_cell_step']:.2f} ns per cell and step; "
        f"NumPy {row['ratio_to_numpy']:.0f} times as long, solve_ivp {row['ratio_to_solve_ivp']:.0f} times at "
        f"{row['solve_ivp']['error']:.1e}"
    )
    if not quick:
        (HERE / "cross_stream.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
