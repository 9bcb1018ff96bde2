"""A magnet sorts ions by mass over charge: why does nobody sort whole exosomes with one?"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

DALTON, KILOVOLTS, REAL = 1.66053907e-27, 8.0, (0.3, 0.5)  # kg; field times radius of sectors [T m]
PARTICLES = {  # mass [Da], density [kg/m3]
    "peptide of 1.5 kDa": (1.5e3, 1350.0),
    "albumin": (66.5e3, 1350.0),
    "LDL": (2.6e6, 1050.0),
    "vesicle of 18 nm": (2e6, 1100.0),
    "vesicle of 64 nm": (90e6, 1100.0),
    "vesicle of 100 nm": (347e6, 1100.0),
}
figure, rigidities = Figure(figsize=(8, 4.8), layout="constrained"), []
ax = figure.add_subplot(xscale="log", yscale="log", ylim=(0.1, 20))
ax.set(xlabel="mass [Da]", ylabel="field times radius [T m]")
ax.axhspan(*REAL, color="#56B4E9", alpha=0.5, label="real sectors")
print(f"at {KILOVOLTS:g} kV            charges        m/z   speed [m/s]   B r [T m]   radius at 1 T [m]")
for name, (dalton, density) in PARTICLES.items():
    mass = dalton * DALTON
    charge = max(float(np.floor(sepsim.rayleigh_charge(np.cbrt(0.75 / np.pi * mass / density)))), 1.0)  # at most
    rigidity = float(sepsim.magnetic_rigidity(mass, charge, 1e3 * KILOVOLTS))
    speed = float(sepsim.ion_speed(mass, charge, 1e3 * KILOVOLTS))
    print(f"{name:20s} {charge:10.0f} {dalton / charge:10.0f} {speed:13.0f} {rigidity:11.2f} {rigidity:19.2f}")
    rigidities.append(rigidity)
    ax.plot(dalton, rigidity, "o", label=f"{name}, {charge:.0f}+")
ax.legend()
Path("out").mkdir(exist_ok=True)
figure.savefig("out/17_no_magnet_for_an_exosome.png", dpi=150)
once = float(sepsim.magnetic_rigidity(mass, 1.0, 1e4))
print(f"The largest with a single charge, at 10 kV and 1 T: a circle of {once:.0f} m.")
print(
    f"With all {charge:.0f} charges that it can hold a {name} needs {rigidities[-1]:.1f} T m, a peptide "
    f"{rigidities[0]:.2f} T m; real sectors give {REAL[0]} to {REAL[1]} T m."
)
