"""Kernels of microfluidics."""
