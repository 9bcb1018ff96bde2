"""How do bands form in a gradient, and how soon? An animation of the tube."""

from pathlib import Path

import numpy as np

import sepsim

run = sepsim.load_example("optiprep_plasma").run()
step = run.bench[-1]
shown = ["exosome", "ldl", "hdl", "albumin"]

Path("out").mkdir(exist_ok=True)
sepsim.plots.bands_forming(step, populations=shown).save("out/09_bands_forming.gif")

spin = step.outcome.trace
bands = spin.populations[:, [spin.particles.names.index(name) for name in shown]]
middles = 1e3 * bands @ spin.column.centres / bands.sum(axis=2)  # mm from the axis of the rotor
moved = middles - middles[0]
half, nearly = np.interp(np.array([0.5, 0.95]) * moved[-1, 0], moved[:, 0], spin.times / 3600)
fractions = {name: each for name, each in step.outcome.fractions.items() if name.startswith("fraction")}
band = max(fractions, key=lambda name: fractions[name].by_population["exosome"])
print(
    f"On average exosomes go half of their way in {half:.1f} h and 95 % in {nearly:.1f} h; in the end {band}, of "
    f"{fractions[band].medium.density / 1e3:.2f} g/mL, holds most of all; LDL, HDL and albumin move "
    f"by {moved[-1, 1:].min():.0f} to {moved[-1, 1:].max():.0f} mm, exosomes by {moved[-1, 0]:.0f} mm."
)
