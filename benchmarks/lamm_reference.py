"""Reference solutions of four Lamm problems, by a method that shares nothing with the kernel.

Space: spectral elements of degree 12 on Gauss-Lobatto-Legendre nodes, graded to both ends of a
sector-shaped cell with closed ends. Time: Radau IIA of order 5 in fixed steps, one real and one complex
sparse factorisation per step size, a dyadic start. Every problem is solved at two resolutions; their
difference is stored beside the finer solution.

    python benchmarks/lamm_reference.py          writes benchmarks/lamm_reference.npz (some minutes)
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Legendre
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu

DEGREE = 12
INNER, OUTER = 0.060, 0.072  # m
SCANS = 100
RADII = np.linspace(INNER, OUTER, 241)  # m
STORE = Path(__file__).with_name("lamm_reference.npz")


class Problem(NamedTuple):
    """One benchmark problem: species of equal weight in one cell."""

    s: np.ndarray  # s
    D: np.ndarray  # m^2/s
    omega_squared: float  # rad^2/s^2
    duration: float  # s


def problems():
    """P1 protein, P2 vesicle, P3 large vesicle, P4 a population of 64 species."""

    def omega_squared(rpm):
        return (2.0 * np.pi * rpm / 60.0) ** 2

    f = 0.5 + np.arange(64) / 63.0
    return {
        "P1": Problem(np.array([5e-13]), np.array([5e-11]), omega_squared(60_000), 21_600.0),
        "P2": Problem(np.array([1.2e-11]), np.array([4.3e-12]), omega_squared(10_000), 7_200.0),
        "P3": Problem(np.array([2e-10]), np.array([1e-12]), omega_squared(3_000), 7_200.0),
        "P4": Problem(1.2e-11 * f, 4.3e-12 / f, omega_squared(10_000), 7_200.0),
    }


def lobatto(degree):
    """Gauss-Lobatto-Legendre nodes, weights and differentiation matrix on [-1, 1]."""
    legendre = Legendre.basis(degree)
    x = np.concatenate(([-1.0], np.sort(legendre.deriv().roots().real), [1.0]))
    weights = 2.0 / (degree * (degree + 1) * legendre(x) ** 2)
    gaps = x[:, None] - x[None, :] + np.eye(degree + 1)
    scale = legendre(x)
    derivative = scale[:, None] / (scale[None, :] * gaps)
    np.fill_diagonal(derivative, 0.0)
    np.fill_diagonal(derivative, -derivative.sum(axis=1))
    return x, weights, derivative


def element_ends(drift, resolution):
    """Element ends: multiples of the front's width, geometric to the layers at both ends; drift = s w2/D."""
    ends = [INNER]
    while ends[-1] < OUTER:
        x = ends[-1] - INNER
        layer = 1.0 / (drift * OUTER)
        front = np.sqrt(2.0 * x * layer + layer**2)
        bottom = layer + 0.15 * (OUTER - INNER - x)
        ends.append(ends[-1] + min(resolution * min(front, bottom), 0.05 * (OUTER - INNER)))
    ends = np.array(ends)
    return INNER + (ends - INNER) * (OUTER - INNER) / (ends[-1] - INNER)


def operators(ends, s, D, omega_squared):
    """Nodes, lumped mass and transport matrix of r dc/dt = -d/dr [r (s w2 r c - D dc/dr)]."""
    x, weights, derivative = lobatto(DEGREE)
    n = DEGREE * (len(ends) - 1) + 1
    nodes, mass = np.empty(n), np.zeros(n)
    rows, columns, values = [], [], []
    for e in range(len(ends) - 1):
        half = 0.5 * (ends[e + 1] - ends[e])
        r = ends[e] + half * (x + 1.0)
        at = DEGREE * e + np.arange(DEGREE + 1)
        nodes[at] = r
        mass[at] += weights * half * r
        flux = np.diag(s * omega_squared * r) - D * derivative / half
        rows.append(np.repeat(at, DEGREE + 1))
        columns.append(np.tile(at, DEGREE + 1))
        values.append((derivative.T @ np.diag(weights * r) @ flux).ravel())
    K = csc_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))
    return nodes, mass, K


def interpolation(ends, nodes):
    """Sparse matrix from nodal values to values at RADII."""
    x, _, _ = lobatto(DEGREE)
    bary = np.array([1.0 / np.prod(x[i] - np.delete(x, i)) for i in range(DEGREE + 1)])
    rows, columns, values = [], [], []
    for i, r in enumerate(RADII):
        e = min(max(np.searchsorted(ends, r, side="right") - 1, 0), len(ends) - 2)
        u = 2.0 * (r - ends[e]) / (ends[e + 1] - ends[e]) - 1.0
        gap = u - x
        near = np.argmin(np.abs(gap))
        weights = np.zeros(DEGREE + 1)
        if abs(gap[near]) < 1e-14:
            weights[near] = 1.0
        else:
            weights = bary / gap
            weights /= weights.sum()
        rows += [i] * (DEGREE + 1)
        columns += list(DEGREE * e + np.arange(DEGREE + 1))
        values += list(weights)
    return csc_matrix((values, (rows, columns)), shape=(len(RADII), len(nodes))).tocsr()


class Radau:
    """Radau IIA of order 5 for mass c' = K c, by partial fractions of its stability function."""

    def __init__(self, mass, K, step):
        denominator = np.array([-1.0 / 60.0, 3.0 / 20.0, -3.0 / 5.0, 1.0])
        numerator = np.array([1.0 / 20.0, 2.0 / 5.0, 1.0])
        poles = np.roots(denominator)
        residues = np.polyval(numerator, poles) / np.polyval(np.polyder(denominator), poles)
        self.mass = mass
        self.parts = []
        for pole, residue in zip(poles, residues, strict=True):
            if pole.imag < -1e-9:
                continue
            real = abs(pole.imag) < 1e-9
            theta = pole.real if real else pole
            matrix = csc_matrix((mass * theta, (range(len(mass)), range(len(mass)))), shape=K.shape) - step * K
            weight = -residue.real if real else -2.0 * residue
            self.parts.append((splu(matrix.tocsc()), weight, real))

    def advance(self, c):
        """Profile one step later."""
        load = self.mass * c
        total = np.zeros_like(c)
        for solver, weight, real in self.parts:
            total += weight * solver.solve(load) if real else (weight * solver.solve(load.astype(complex))).real
        return total


def solve_species(s, D, omega_squared, duration, resolution, steps_per_scan):
    """Concentration [SCANS, RADII] of one species from a uniform load 1, closed ends."""
    ends = element_ends(s * omega_squared / D, resolution)
    nodes, mass, K = operators(ends, s, D, omega_squared)
    to_radii = interpolation(ends, nodes)
    c = np.ones_like(nodes)
    out = np.empty((SCANS, len(RADII)))
    step = duration / SCANS / steps_per_scan
    first = step * 2.0**-22
    c = Radau(mass, K, first).advance(c)
    for level in range(22):  # 1 + 1 + 2 + 4 + ... = 2^22
        c = Radau(mass, K, first * 2.0**level).advance(c)
    regular = Radau(mass, K, step)
    for scan in range(SCANS):
        for _ in range(steps_per_scan - (scan == 0)):
            c = regular.advance(c)
        out[scan] = to_radii @ c
    return out


def solve_problem(problem, resolution, steps_per_scan):
    """Mean concentration of the species of a problem."""
    total = np.zeros((SCANS, len(RADII)))
    for s, D in zip(problem.s, problem.D, strict=True):
        total += solve_species(s, D, problem.omega_squared, problem.duration, resolution, steps_per_scan)
    return total / len(problem.s)


def main():
    """Solve everything twice and write the store."""
    store = {}
    for name, problem in problems().items():
        fine = solve_problem(problem, 1.4, 24)
        coarse = solve_problem(problem, 2.0, 12)
        inside = RADII <= 0.0710001
        difference = (fine - coarse)[:, inside]
        store[name] = fine.astype(np.float32)
        store[name + "_agreement"] = np.array([np.sqrt(np.mean(difference**2)), np.abs(difference).max()])
        print(name, "two resolutions differ by (rms, max)", store[name + "_agreement"], flush=True)
    np.savez_compressed(STORE, **store)


if __name__ == "__main__":
    main()
