"""What does a cushion of "30 % sucrose" hold back? It is three fluids, and vesicles sink through two of them."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

CUSHIONS = {
    "30 % w/v in water": {"sucrose_percent_w_v": 30, "diluent": "water"},
    "30 % w/w in water": {"sucrose_percent_w_w": 30, "diluent": "water"},
    "30 % w/v in Tris/D2O": {"sucrose_percent_w_v": 30, "diluent": "Tris/D2O"},
}
SHOWN = ("exosome", "ldl", "hdl", "ago2_complex", "albumin")
SPIN = {"method": "centrifugation", "rotor": "SW 28", "rcf_xg": 100_000, "rcf_at": "rav", "time_min": 75}
SAMPLE = {"source": "serum", "volume_mL": 8, "temperature_C": 4}
DILUTE = {"name": "dilute", "method": "dilution", "medium": "PBS", "factor": 3, "keep": "diluted"}
COLORS = {"supernatant": "#DDDDDD", "cushion": "#56B4E9", "pellet": "#444444"}

figure, pelleted = Figure(figsize=(11, 4.8), layout="constrained"), {}
print(" " * 15 + "".join(f"{name:>14s}" for name in SHOWN))
for ax, (name, fluid) in zip(figure.subplots(1, 3, sharey=True), CUSHIONS.items(), strict=True):
    spin = {"name": "spin", **SPIN, "cushion": {"volume_mL": 4, **fluid}, "keep": "cushion"}
    run = sepsim.protocol_from_table({"sample": SAMPLE, "step": [DILUTE, spin]}).run()
    density = sepsim.Medium.pure(sepsim.fluid(fluid), 293.15).density * 1e-3
    print(f"{name}, {density:.3f} g/mL")
    ax.set(title=f"{name}\n{density:.3f} g/mL at 20 °C", ylabel="share of the load [%]", ylim=(0, 100))
    top = np.full(len(SHOWN), 100.0)
    for where, color in COLORS.items():
        found = run.ideal[-1].outcome.fractions[where].by_population
        shares = np.array([found[who] / run.loaded.by_population[who] for who in SHOWN])
        print(f"  {where:13s}" + "".join(f"{share:14.1%}" for share in shares))
        top -= 100 * shares
        ax.bar([sepsim.plots.label(who, 8) for who in SHOWN], 100 * shares, bottom=top, color=color, label=where)
    pelleted[name] = f"{shares[0]:.0%} through {name}"
figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3)
Path("out").mkdir(exist_ok=True)
figure.savefig("out/07_three_sucrose_cushions.png", dpi=150)
print(f"Of the exosomes these sink into the pellet: {', '.join(pelleted.values())}.")
