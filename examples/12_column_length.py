"""How much purity does a longer column, or a resin with smaller pores, buy?"""

import sepsim

sample = sepsim.sample_from_catalog("platelet-poor plasma", volume_mL=0.5, temperature_C=20).prepare()
loaded = sample.by_population

print("resin           bed      window    exosomes   albumin       LDL")
for resin in ("Sepharose CL-2B", "Sepharose CL-4B", "Sepharose CL-6B"):
    for bed in (5, 10, 20):
        step = sepsim.Chromatography(
            column={"bed_volume_mL": bed, "diameter_mm": 16, "resin": resin},
            flow_mL_min=0.5,
            fraction_ends_mL=[0.28 * bed, 0.25 + 0.45 * bed],  # about the void volume and half the sample
            vesicle_adsorption_percent=0,
        )
        collected = step.run(sample, rng=None).fractions["fraction 2"]
        kept = {name: number / loaded[name] for name, number in collected.by_population.items() if loaded[name]}
        print(
            f"{resin:15s} {bed:3d} mL  {collected.volume * 1e6:5.2f} mL  {kept['exosome']:8.1%}"
            f" {kept['albumin']:10.1e} {kept['ldl']:9.1e}"
        )
