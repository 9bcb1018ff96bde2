"""Which rotor pellets small vesicles best at the same 100,000 x g and 70 min?"""

import sepsim

ROTORS = ("SW 32 Ti", "SW 41 Ti", "Type 45 Ti", "Type 70 Ti", "VTi 50")

print("rotor        kind             tube mL  exosomes pelleted")
for name in ROTORS:
    chosen = sepsim.rotor(name)
    spin = sepsim.Centrifugation(rotor=chosen, rcf_xg=100_000, rcf_at="rav", time_min=70)
    sample = sepsim.sample_from_catalog(
        "conditioned medium", volume_mL=chosen.tube.volume_mL, temperature_C=4
    ).prepare()
    outcome = spin.ideal().run(sample, rng=None)
    share = outcome.fractions["pellet"].by_population["exosome"] / sample.by_population["exosome"]
    print(f"{name:<12} {chosen.kind:<16} {chosen.tube.volume_mL:7.1f}  {share:17.1%}")

axes = sepsim.plots.pelleted_percentage(
    [sepsim.rotor(name) for name in ROTORS], rcf_xg=10_000, rcf_at="rav", time_min=30
)
print("drawn:", axes.get_title(loc="left"))
