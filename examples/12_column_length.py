"""How much purity does a longer column, or a resin with smaller pores, buy?"""

from pathlib import Path

from matplotlib.figure import Figure

import sepsim

BEDS_ML, SHOWN = (5, 10, 20), ("exosome", "albumin", "ldl")
STYLES = {"Sepharose CL-2B": "C0o-", "Sepharose CL-4B": "C1s-", "Sepharose CL-6B": "C2^--"}
sample = sepsim.sample_from_catalog("platelet-poor plasma", volume_mL=0.5, temperature_C=20).prepare()

figure, kept = Figure(figsize=(11, 4.8), layout="constrained"), {}
panels = figure.subplots(1, 3)
print("resin           bed      window    exosomes   albumin       LDL")
for resin, style in STYLES.items():
    for bed in BEDS_ML:
        step = sepsim.Chromatography(
            column={"bed_volume_mL": bed, "diameter_mm": 16, "resin": resin},
            flow_mL_min=0.5,
            fraction_ends_mL=[0.28 * bed, 0.25 + 0.45 * bed],  # about the void volume and half the sample
            vesicle_adsorption_percent=0,
        )
        window = step.run(sample, rng=None).fractions["fraction 2"]
        shares = [window.by_population[who] / sample.by_population[who] for who in SHOWN]
        row = f"{resin:15s} {bed:3d} mL  {window.volume * 1e6:5.2f} mL"
        print(row + "  {:8.1%} {:10.1e} {:9.1e}".format(*shares))
        kept[resin, bed] = [100 * share for share in shares]
    for ax, *percent in zip(panels, *(kept[resin, bed] for bed in BEDS_ML), strict=True):
        ax.plot(BEDS_ML, percent, style, label=resin)
for ax, who in zip(panels, SHOWN, strict=True):
    ax.set(title=sepsim.plots.label(who), ylabel="collected, of the load [%]", ylim=(0, 105))
    ax.set(xlabel="bed [mL]", xticks=BEDS_ML)
panels[1].set(yscale="log", ylim=(1e-8, 100))
figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
Path("out").mkdir(exist_ok=True)
figure.savefig("out/12_column_length.png", dpi=150)
told = (f"{kept[resin, 5][2]:.0f} % to {kept[resin, 20][2]:.0f} % on {resin}" for resin in STYLES)
print(f"LDL with the vesicles, from a bed of 5 mL to one of 20 mL: {', '.join(told)}.")
