"""Rotors and their tubes, speed and relative centrifugal force: what every device that spins needs."""
