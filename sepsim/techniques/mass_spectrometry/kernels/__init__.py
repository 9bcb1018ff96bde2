"""Kernels of ion optics: exact maps of elements, and Boris pushes with fringe fields."""
