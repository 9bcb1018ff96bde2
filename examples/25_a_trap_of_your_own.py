"""How stiff must an optical trap be to hold a vesicle of 100 nm within a micrometre, and when is it at rest?"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from sepsim import kernels

DIAMETER, THERMAL_ENERGY = 100e-9, 4.116e-21  # m, and J at 25 degC
FRICTION = 3.0 * np.pi * 0.89e-3 * DIAMETER  # N s/m in water
MANY = 4096


def pull(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Return the drift towards the middle, times the strength of the field."""
    return -x, -y, -z


still = np.full(MANY, THERMAL_ENERGY / FRICTION)
free = kernels.Walls(np.full(3, -np.inf), np.full(3, np.inf), np.zeros(6))
field = kernels.custom_field(pull)
ax = Figure(figsize=(8, 5), layout="constrained").add_subplot(xscale="log", xlabel="time [s]")
ax.set(ylabel="root mean square distance from the middle [µm]")
print("stiffness [nN/m]   walks [um]   equipartition [um]")
for stiffness in (1e-9, 3e-9, 1e-8, 3e-8):  # N/m
    relaxation = FRICTION / stiffness
    walkers = kernels.Walkers(np.zeros((3, MANY)), still, np.full(MANY, DIAMETER / 2))
    found = kernels.walk(walkers, [field], [1 / relaxation], free, relaxation / 100, 1000, seed=1, frames=100)
    spread = 1e6 * np.sqrt((found.walked.paths**2).sum(axis=1).mean(axis=1))
    times = np.linspace(0.1, 10.0, 100) * relaxation
    rest, walked = 1e6 * np.sqrt([3.0 * THERMAL_ENERGY / stiffness, found.variance.value.sum()])
    print(f"{1e9 * stiffness:16g} {walked:12.3f} {rest:20.3f}")
    (line,) = ax.plot(times, spread, linewidth=2, label=f"{1e9 * stiffness:g} nN/m")
    ax.axhline(rest, color=line.get_color(), linestyle="--", linewidth=1)
ax.legend(title="stiffness; dashed: equipartition")
Path("out").mkdir(exist_ok=True)
ax.figure.savefig("out/25_a_trap_of_your_own.png", dpi=150)
enough = 3.0 * THERMAL_ENERGY / 1e-12
print(f"{1e9 * enough:.1f} nN/m hold it within 1 um, and it rests after some {3 * FRICTION / enough:.2f} s.")
