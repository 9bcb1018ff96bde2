"""Chromatography: a sample runs through a column of porous beads."""
