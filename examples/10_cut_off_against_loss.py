"""Does a larger cut-off wash proteins out at the cost of vesicles? They are lost on the membrane, not through it."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

sample = sepsim.sample_from_catalog("conditioned medium", volume_mL=15, temperature_C=20).prepare()
loaded, WASHED = sample.by_population, ("albumin", "alpha2_macroglobulin", "exosome")
FILTERS = (
    "15 mL, regenerated cellulose, 10 kDa",
    "15 mL, regenerated cellulose, 100 kDa",
    "20 mL, polyethersulfone, 300 kDa",
)

figure = Figure(figsize=(8, 5.5), layout="constrained")
ax = figure.add_subplot(title="Spin filters, washed with 28 volumes", ylabel="share of the load [%]")
print(f"{'kept of':49s} {'albumin':>9s} {'a2M':>8s} {'exosomes':>9s}   exosomes on the membrane")
for place, name in enumerate(FILTERS):
    step = sepsim.Ultrafiltration(
        membrane=f"spin filter {name}", spin_filter={"rcf_xg": 3000}, concentrate_to_mL=0.5, diavolumes=28, washes=1
    )
    outcome = step.run(sample, rng=None)
    kept = outcome.fractions["retentate"].by_population
    lying = sample.particles.totals(outcome.trace.deposited)[sample.particles.names.index("exosome")]
    shares = [*(kept[who] / loaded[who] for who in WASHED), lying / loaded["exosome"]]
    print(f"{step.membrane.name:49s} {shares[0]:9.1%} {shares[1]:8.1%} {shares[2]:9.1%} {shares[3]:26.1%}")
    ax.bar(np.arange(4) + 0.27 * (place - 1), 100 * np.array(shares), 0.25, label=name)

ax.set_xticks(range(4), ["albumin kept", "a2M kept", "exosomes kept", "exosomes on\nthe membrane"])
figure.legend(loc="outside lower center")
Path("out").mkdir(exist_ok=True)
figure.savefig("out/10_cut_off_against_loss.png", dpi=150)
through = outcome.fractions["permeate"].by_population["exosome"] / loaded["exosome"]
print(
    f"With {name}, {1 - shares[0]:.1%} of the albumin are gone; of the exosomes {shares[3]:.1%} lie on the "
    f"membrane, and {through:.4%} went through it."
)
