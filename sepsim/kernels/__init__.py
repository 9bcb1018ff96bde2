"""Numba kernels, named by their mathematics; leaves that import nothing of sepsim."""
