"""Size exclusion leaves LDL with the vesicles, a gradient leaves proteins and HDL: what do the two do in series?"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

column, gradient = (sepsim.load_example(name).to_table() for name in ("sec_plasma", "optiprep_plasma"))
plasma = {**column["sample"], "corona_thickness_nm": 2}  # for which the fractions of the gradient are chosen
chains = {
    "size exclusion": column["step"],
    "gradient": gradient["step"],
    "one after the other": [*column["step"], *gradient["step"]],
}
SHOWN = ("albumin", "hdl", "ldl", "vldl")

figure, left = Figure(figsize=(9, 5), layout="constrained"), []
ax = figure.add_subplot(ylabel="enrichment of exosomes over the contaminant [-]", yscale="log", ylim=(0.3, 3e7))
print("exosomes, yield and enrichment        yield   albumin       HDL       LDL      VLDL")
for place, (name, steps) in zip((-0.3, 0.0, 0.3), chains.items(), strict=True):
    run = sepsim.protocol_from_table({"name": name, "target": "exosome", "sample": plasma, "step": steps}).run()
    left.append({who: run.yields[who]["ideal"] for who in ("exosome", *SHOWN)})
    over = [run.purity["ideal"].enrichment[who] for who in SHOWN]
    print(f"{name:34s} {left[-1]['exosome']:8.1%}" + "".join(f"{each:10.3g}" for each in over))
    ax.bar_label(ax.bar(np.arange(4) + place, over, 0.26, label=name), [f"{each:.3g}" for each in over], fontsize=8)
ax.set_xticks(range(4), [sepsim.plots.label(who) for who in SHOWN])
ax.legend()
Path("out").mkdir(exist_ok=True)
figure.savefig("out/13_size_and_density_in_series.png", dpi=150)
size, _, both = left
print(
    f"In series {both['exosome']:.0%} of the exosomes are left with {both['albumin']:.0e} of the albumin and "
    f"{both['ldl']:.0%} of the LDL; after size exclusion alone it is {size['albumin']:.0e} and {size['ldl']:.0%}."
)
