"""Does a larger cut-off wash proteins out at the cost of vesicles? They are lost on the membrane, not through it."""

import sepsim

sample = sepsim.sample_from_catalog("conditioned medium", volume_mL=15, temperature_C=20).prepare()
loaded = sample.by_population

print(f"{'kept of':49s} {'albumin':>9s} {'IgM':>8s} {'exosomes':>9s}   exosomes on the membrane")
for cut_off, material in ((10, "regenerated cellulose"), (100, "regenerated cellulose"), (300, "polyethersulfone")):
    size = 15 if material == "regenerated cellulose" else 20
    step = sepsim.Ultrafiltration(
        membrane=f"spin filter {size} mL, {material}, {cut_off} kDa",
        spin_filter={"rcf_xg": 3000},
        concentrate_to_mL=0.5,
        diavolumes=28,
        washes=1,
    )
    outcome = step.run(sample, rng=None)
    kept = outcome.fractions["retentate"].by_population
    lying = sample.particles.totals(outcome.trace.deposited)[sample.particles.names.index("exosome")]
    print(
        f"{step.membrane.name:49s} {kept['albumin'] / loaded['albumin']:9.1%} {kept['igm'] / loaded['igm']:8.1%}"
        f" {kept['exosome'] / loaded['exosome']:9.1%} {lying / loaded['exosome']:26.1%}"
    )
