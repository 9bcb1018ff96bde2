"""How long must PEG stand? Clusters grow while it does, faster where there are more particles to meet."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

MINUTES = np.array([5, 15, 30, 60, 120, 240, 480, 960])
LIQUIDS = {"vesicles in PBS": [], "with serum protein": [{"name": "alpha2_macroglobulin", "mass_mg_per_mL": 0.2}]}

ax = Figure(figsize=(9, 5), layout="constrained").add_subplot(xscale="log", xlabel="time with 8 % PEG 6000 [min]")
ax.set(ylabel="vesicles in the pellet [%]", ylim=(0, 103), xticks=MINUTES, xticklabels=MINUTES)
ax.minorticks_off()
left = {}
print("in the pellet after [min]      " + "".join(f"{minutes:8d}" for minutes in MINUTES))
for (liquid, others), style in zip(LIQUIDS.items(), ("-", "--"), strict=True):
    for number, color in ((1e8, "#56B4E9"), (1e9, "#0072B2"), (1e10, "#D55E00")):
        vesicles = {"name": "vesicles", "kind": "vesicle", "diameter_nm": 100, "particles_per_mL": number}
        sample = sepsim.SampleRecipe(volume_mL=10, medium="PBS", temperature_C=4, population=[vesicles, *others])
        found = []
        for minutes in MINUTES:
            step = sepsim.Precipitation(
                peg_percent_w_v=8, incubation_min=float(minutes), rotor="SX4750", rcf_xg=3200, rcf_at="rmax",
                time_min=60,
            )  # fmt: skip
            outcome = step.run(sepsim.prepared_sample(sample, [step]), rng=None)
            found.append(outcome.trace.spin.pelleted[0])
        left[liquid, number] = found
        print(f"{liquid:20s} {number:8.0e}  " + "".join(f"{share:8.1%}" for share in found))
        ax.plot(MINUTES, 100 * np.array(found), style, color=color, marker="o", label=f"{number:.0e} per mL, {liquid}")
ax.legend()
Path("out").mkdir(exist_ok=True)
ax.figure.savefig("out/23_how_long_must_peg_stand.png", dpi=150)
few, many, beside = left["vesicles in PBS", 1e8], left["vesicles in PBS", 1e10], left["with serum protein", 1e8]
print(
    f"Of 1e8 vesicles per mL of PBS {few[2]:.0%} come down after 30 min and {few[-1]:.0%} after a night; of 1e10 it is "
    f"{many[2]:.0%} and {many[-1]:.0%}; beside protein that precipitates {beside[2]:.0%} do within half an hour."
)
