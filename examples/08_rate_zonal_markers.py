"""How far do marker proteins move in 5-20 % sucrose? In proportion to their sedimentation coefficients."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

protocol = sepsim.load_example("rate_zonal")
run = protocol.run()
spin = run.bench[-1].outcome.trace
start = spin.populations[0, 0] @ spin.column.centres / spin.populations[0, 0].sum()
s20w = {who["name"]: who["s20w_S"] for who in protocol.sample.to_table()["population"]}

distances = {}
for name, cells in zip(spin.particles.names, spin.populations[-1], strict=True):
    distances[name] = 1e3 * (cells @ spin.column.centres / cells.sum() - start)
slope = np.sum([distances[name] * s for name, s in s20w.items()]) / np.sum([s**2 for s in s20w.values()])

print("marker                  s20,w    moved   per svedberg, relative")
figure = Figure(figsize=(8, 4.8), layout="constrained")
ax = figure.add_subplot(xlabel="sedimentation coefficient s$_{20,w}$ [S]", ylabel="distance moved [mm]")
ax.axline((0, 0), slope=slope, color="grey", linestyle="--", label=f"{slope:.2f} mm per svedberg")
for name, s in s20w.items():
    print(f"{name:22s} {s:5.1f} S  {distances[name]:5.1f} mm  {distances[name] / s / slope:12.3f}")
    ax.plot(s, distances[name], "o", markersize=9, label=name)

ax.set(xlim=(0, None), ylim=(0, None))
ax.legend()
Path("out").mkdir(exist_ok=True)
figure.savefig("out/08_rate_zonal_markers.png", dpi=150)
off = max(abs(distances[name] / s / slope - 1) for name, s in s20w.items())
print(f"All {len(s20w)} markers, up to {max(s20w.values())} S, move {slope:.2f} mm per svedberg, within {off:.1%}.")
