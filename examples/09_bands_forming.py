"""How do bands form in a gradient? Draw the tube over time, the fractions, and an animation."""

from pathlib import Path

import matplotlib

import sepsim

matplotlib.use("Agg")
table = sepsim.load_protocol(Path(__file__).parent / "protocols" / "optiprep_plasma.toml").to_table()
table["sample"] |= {"size_bins": 10, "density_quantiles": 3}
run = sepsim.protocol_from_table(table).run()
step = run.bench[-1]
shown = ["exosome", "ldl", "hdl", "albumin"]

tubes = sepsim.plots.gradient_tube(step, times_min=[0, 120, 1080], populations=shown)
tubes[0, 0].figure.savefig("tube.png")
fractions = sepsim.plots.fraction_bars(step)
fractions[0].figure.savefig("fractions.png")
sepsim.plots.animate_bands(step, "bands.gif", populations=shown)
print("wrote tube.png, fractions.png and bands.gif")
