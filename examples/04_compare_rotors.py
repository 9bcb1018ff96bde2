"""Which rotor pellets small vesicles best at the same 100,000 x g and 70 min?"""

from pathlib import Path

import sepsim

ROTORS = ("SW 32 Ti", "SW 41 Ti", "Type 45 Ti", "Type 70 Ti", "VTi 50")

print("rotor        kind             tube mL  exosomes pelleted")
pelleted = {}
for name in ROTORS:
    chosen = sepsim.rotor(name)
    spin = sepsim.Centrifugation(rotor=chosen, rcf_xg=100_000, rcf_at="rav", time_min=70)
    sample = sepsim.sample_from_catalog(
        "conditioned medium", volume_mL=chosen.tube.volume_mL, temperature_C=4
    ).prepare()
    outcome = spin.ideal().run(sample, rng=None)
    pelleted[name] = outcome.fractions["pellet"].by_population["exosome"] / sample.by_population["exosome"]
    print(f"{name:<12} {chosen.kind:<16} {chosen.tube.volume_mL:7.1f}  {pelleted[name]:17.2%}")

axes = sepsim.plots.pelleted_percentage(
    ROTORS, rcf_xg=100_000, rcf_at="rav", time_min=70, medium="conditioned medium with serum", temperature_C=4
)
Path("out").mkdir(exist_ok=True)
axes.figure.savefig("out/04_compare_rotors.png", dpi=150)
worst, *_, best = sorted(pelleted, key=pelleted.__getitem__)
print(
    f"Best is {best} with {pelleted[best]:.2%} of the exosomes in its pellet, worst {worst} with {pelleted[worst]:.2%}."
)
