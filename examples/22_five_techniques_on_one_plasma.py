"""Which technique for half a millilitre of plasma? Five of them, and what each leaves of lipoproteins and proteins."""

from pathlib import Path

import sepsim

NAMES = {
    "tetraspanin_beads_plasma": "beads",
    "plasma_by_gradient": "gradient",
    "plasma_by_ultracentrifugation": "ultracentrifugation",
    "sec_plasma": "size exclusion",
    "exoquick_plasma": "precipitation",
}
runs = {name: sepsim.load_example(example).run() for example, name in NAMES.items()}

print("                     exosomes  particles  over apoB  over albumin  by protein   time")
for name, run in runs.items():
    purity = run.purity["bench"]
    over = [purity.enrichment[who] for who in ("apoB lipoproteins", "albumin")]
    print(
        f"{name:20s} {run.yields['exosome']['bench']:8.1%} {run.particle_yields['bench']:10.2%} {over[0]:10.3g} "
        f"{over[1]:13.3g} {purity.protein:11.2%} {run.duration / 3600:6.1f} h"
    )

Path("out").mkdir(exist_ok=True)
ax = sepsim.plots.yield_against_purity([*runs.values()])
ax.figure.savefig("out/22_five_techniques_on_one_plasma.png", dpi=150)
pure = sorted(runs, key=lambda name: -runs[name].purity["bench"].enrichment["apoB lipoproteins"])
most = max(runs, key=lambda name: runs[name].yields["exosome"]["bench"])
print(
    f"From pure to impure by apoB: {', '.join(pure)}; {most} recovers most of the exosomes, "
    f"{runs[most].yields['exosome']['bench']:.0%}, with {runs[most].particle_yields['bench']:.0%} of all particles."
)
