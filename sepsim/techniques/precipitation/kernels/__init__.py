"""Kernels of precipitation."""
