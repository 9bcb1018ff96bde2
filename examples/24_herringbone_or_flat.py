"""Does a herringbone of ridges catch more vesicles than a flat wall, and what does a faster flow cost?"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

FLOWS = np.array([0.1, 0.3, 1, 3, 10, 30])  # uL/min
SIZE = {"mechanism": "wall immunocapture", "width_mm": 4, "height_um": 50, "length_mm": 20, "antigen": "CD63"}
WALLS = {"flat": {}, "herringbone": {"herringbone": {"cycle_mm": 1}}}

vesicles = {"name": "vesicles", "kind": "vesicle", "particles_per_mL": 1e9, "diameter_nm": 100}
vesicles |= {"marker_profile": {"strata": [{"share": 1, "CD63": 10}]}}
sample = sepsim.SampleRecipe(medium="PBS", volume_mL=0.02, population=[vesicles])
ax = Figure(figsize=(8, 5), layout="constrained").add_subplot(xscale="log", xlabel="flow [µL/min]")
ax.set(ylabel="vesicles captured of 20 µL [%]", ylim=(0, 103))
caught: dict[str, list[float]] = {name: [] for name in WALLS}
print("flow [uL/min]" + "".join(f"{flow:9g}" for flow in FLOWS))
for name, ridges in WALLS.items():
    for flow in FLOWS:
        wash = {"wash_uL": 40, "wash_flow_uL_min": 2, "dead_volume_uL": 0}  # as gentle for all
        step = sepsim.Microfluidics(chip=SIZE | ridges | wash | {"flow_uL_min": float(flow)})
        load = sepsim.prepared_sample(sample, [step])
        captured = step.run(load, rng=None).fractions["captured"]
        caught[name].append(100 * captured.counts.sum() / load.counts.sum())
    print(f"{name:13s}" + "".join(f"{share:8.1f}%" for share in caught[name]))
    ax.plot(FLOWS, caught[name], marker="o", linewidth=2, label=name)
ax.legend()
Path("out").mkdir(exist_ok=True)
ax.figure.savefig("out/24_herringbone_or_flat.png", dpi=150)
flat, ridged = caught["flat"], caught["herringbone"]
print(
    f"At 3 uL/min a herringbone catches {ridged[3]:.0f} % and a flat wall {flat[3]:.0f} %; ten times the flow leaves "
    f"{ridged[-1]:.0f} % and {flat[-1]:.0f} %."
)
