"""What keeps a standing wave from holding small vesicles: heat, time or streaming?"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

CONTRAST, TIME, TEMPERATURE = 0.1, 1.0, 298.15  # of vesicles [-], in the wave [s], [K]
FREQUENCIES, ENERGIES = np.geomspace(1e6, 100e6, 41), np.geomspace(1, 1000, 41)  # Hz, J/m3
CAUSES = ("thermal", "transit", "streaming")


def limits(frequency: float, energy: float) -> list[float]:
    """Return the diameters below which vesicles are not held, by cause [nm]."""
    sound = sepsim.Sound(frequency=float(frequency), density=997.0, speed=1497.0, viscosity=0.89e-3)
    found = sepsim.acoustic_cut_offs(CONTRAST, float(energy), TIME, sound, TEMPERATURE)
    return [1e9 * found[cause] for cause in CAUSES]


print("frequency [MHz]   energy density [J/m3]   thermal   transit   streaming [nm]")
for frequency in (2e6, 20e6, 100e6):
    for energy in (1, 100, 1000):
        told = "".join(f"{limit:10.0f}" for limit in limits(frequency, energy))
        print(f"{1e-6 * frequency:15g}{energy:24g}{told}")
found = np.array([[limits(frequency, energy) for frequency in FREQUENCIES] for energy in ENERGIES])
ruling = found.argmax(axis=2)
ax = Figure(figsize=(8, 5), layout="constrained").add_subplot(xscale="log", yscale="log", xlabel="frequency [MHz]")
ax.set(ylabel="energy density [J/m³]", title="what rules, and the smallest vesicle that is held [nm]")
ax.contourf(1e-6 * FREQUENCIES, ENERGIES, ruling, levels=[-0.5, 0.5, 1.5, 2.5], colors=["#fdd", "#ddf", "#dfd"])
ax.clabel(ax.contour(1e-6 * FREQUENCIES, ENERGIES, found.max(axis=2), [300, 500, 1000, 3000, 10000], colors="k"))
for index, cause in enumerate(CAUSES):
    if (ruling == index).any():
        row, column = np.argwhere(ruling == index).mean(axis=0).round().astype(int)
        ax.text(1e-6 * FREQUENCIES[column], ENERGIES[row], cause, ha="center", fontsize=14)
Path("out").mkdir(exist_ok=True)
ax.figure.savefig("out/26_what_limits_sound.png", dpi=150)
best = limits(100e6, 1000)
print(f"At 100 MHz and 1000 J/m3 streaming rules: {best[2]:.0f} nm are held; heat alone would allow {best[0]:.0f}.")
