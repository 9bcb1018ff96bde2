"""Analysers other than sectors: time of flight, quadrupole filter, trapped-ion frequencies, charge detection.

Each is a frozen record that says how well it tells ions apart (`resolving_power`, by the full width at half maximum)
and what it can hold (`mz_range`).
"""
