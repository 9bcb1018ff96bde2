"""Kernels of sedimentation: the Lamm equation in a uniform liquid and in a gradient."""
