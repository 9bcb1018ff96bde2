"""Kernels of columns: the general rate model in the Laplace domain, and in steps where binding saturates."""
