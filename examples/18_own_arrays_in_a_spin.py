"""Own arrays in the Lamm kernel: how much of 5, 50 and 500 S pellets in an hour, and does diffusion matter?"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from sepsim import kernels

s = np.array([5.0, 50.0, 500.0]) * 1e-13  # s: a protein, a large complex, a vesicle
D = np.array([6e-11, 1e-11, 3e-12])  # m2/s
inner, outer = 0.060, 0.090  # m from the axis
omega_squared, duration = 3400.0**2, 3600.0  # (rad/s)2, s: some 32,500 rpm

found = kernels.solve_lamm_fractions(inner, outer, s, D, omega_squared, duration)
line = np.concatenate([s, np.geomspace(1e-13, 1e-10, 200)])
plug = np.minimum(outer * (1 - np.exp(-line * omega_squared * duration)) / (outer - inner), 1.0)

print("   S   pelleted   without diffusion")
for svedberg, pelleted, carried in zip(s * 1e13, found.pelleted, plug[:3], strict=True):
    print(f"{svedberg:4.0f} {pelleted:10.2%} {carried:19.2%}")

figure = Figure(figsize=(8, 4.8), layout="constrained")
ax = figure.add_subplot(xscale="log", xlabel="sedimentation coefficient [S]", ylabel="pelleted in an hour [%]")
ax.plot(line[3:] * 1e13, 100 * plug[3:], color="grey", label="without diffusion, closed form")
ax.plot(s * 1e13, 100 * found.pelleted, "o", markersize=9, color="#D55E00", label="Lamm kernel")
ax.legend()
Path("out").mkdir(exist_ok=True)
figure.savefig("out/18_own_arrays_in_a_spin.png", dpi=150)
shares = ", ".join(f"{share:.1%}" for share in found.pelleted)
print(f"{shares} pellet; diffusion changes that by at most {np.abs(found.pelleted - plug[:3]).max():.2%} of the load.")
