"""A magnet sorts ions by mass over charge: why does nobody sort whole exosomes with one?"""

import numpy as np

import sepsim

DALTON, KILOVOLTS = 1.66053907e-27, 8.0  # kg
PARTICLES = {  # mass [Da], density [kg/m3]
    "peptide of 1.5 kDa": (1.5e3, 1350.0),
    "albumin": (66.5e3, 1350.0),
    "LDL": (2.6e6, 1050.0),
    "vesicle of 18 nm": (2e6, 1100.0),
    "vesicle of 64 nm": (90e6, 1100.0),
    "vesicle of 100 nm": (347e6, 1100.0),
}

print(f"at {KILOVOLTS:g} kV            charges        m/z   speed [m/s]   B r [T m]   radius at 1 T [m]")
for name, (dalton, density) in PARTICLES.items():
    mass = dalton * DALTON
    radius = np.cbrt(0.75 / np.pi * mass / density)
    charge = max(float(np.floor(sepsim.rayleigh_charge(radius))), 1.0)  # the most that it can hold
    rigidity = float(sepsim.magnetic_rigidity(mass, charge, 1e3 * KILOVOLTS))
    speed = float(sepsim.ion_speed(mass, charge, 1e3 * KILOVOLTS))
    print(f"{name:20s} {charge:10.0f} {dalton / charge:10.0f} {speed:13.0f} {rigidity:11.2f} {rigidity:19.2f}")
once = float(sepsim.magnetic_rigidity(347e6 * DALTON, 1.0, 1e4))
print(f"The largest with a single charge, at 10 kV and 1 T: a circle of {once:.0f} m.")
print("Real sectors give B r = 0.3 to 0.5 T m: they sort peptides and lipids of lysed vesicles, not vesicles.")
