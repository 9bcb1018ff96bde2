"""How far do marker proteins move in 5-20 % sucrose? In proportion to their sedimentation coefficients."""

from pathlib import Path

import numpy as np

import sepsim

protocol = sepsim.load_protocol(Path(__file__).parent / "protocols" / "rate_zonal.toml")
run = protocol.run()
spin = run.bench[-1].outcome.trace
start = spin.populations[0, 0] @ spin.column.centres / spin.populations[0, 0].sum()
s20w = {who["name"]: who["s20w_S"] for who in protocol.sample.to_table()["population"]}

distances = {}
for name, cells in zip(spin.particles.names, spin.populations[-1], strict=True):
    distances[name] = 1e3 * (cells @ spin.column.centres / cells.sum() - start)
slope = np.sum([distances[name] * s for name, s in s20w.items()]) / np.sum([s**2 for s in s20w.values()])

print("marker                  s20,w    moved   per svedberg, relative")
for name, s in s20w.items():
    print(f"{name:22s} {s:5.1f} S  {distances[name]:5.1f} mm  {distances[name] / s / slope:12.3f}")
