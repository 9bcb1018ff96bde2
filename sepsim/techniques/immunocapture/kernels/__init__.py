"""Kernels of immunocapture."""
