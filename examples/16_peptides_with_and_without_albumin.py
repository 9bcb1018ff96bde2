"""Mass spectrometry looks for peptides of vesicles among those of serum: what must be gone before they are seen?"""

from pathlib import Path

from matplotlib.figure import Figure

import sepsim

chain = sepsim.load_example("mass_spectrometry").to_table()
*purifying, detecting = chain["step"]
medium = chain["sample"]
no_albumin = {**medium, "population": [{"name": "albumin", "particles_per_mL": 0}]}
samples = {
    "conditioned medium": (medium, [detecting]),
    "the same, had it no albumin": (no_albumin, [detecting]),
    "after spin filter and column": (medium, [*purifying, detecting]),
}
figure = Figure(figsize=(9, 5.5), layout="constrained")
found: list[float] = []
ax = figure.add_subplot(yscale="log", xlim=(-0.9, 5.8), ylim=(3e-9, 5), ylabel="relative abundance of peptides [-]")
print("                              strongest line          best of vesicles    its share   vesicle/contaminant")
for name, (sample, steps) in samples.items():
    run = sepsim.protocol_from_table({"name": name, "target": "exosome", "sample": sample, "step": steps}).run()
    spectrum = run.bench[-1].outcome.trace
    for place, (role, color) in enumerate((("contaminant", "#D55E00"), ("vesicle", "#0072B2")), 2 * len(found)):
        of_role = {peak.relative_abundance: peak for peak in spectrum.peaks if peak.role == role and peak.resolved}
        ax.plot([place] * len(of_role), [*of_role], "_", color=color, markersize=45, markeredgewidth=2)
        best = of_role[max(of_role)]
        ax.text(place, 1.4 * best.relative_abundance, f"{role}: {best.protein}".replace("_", " "), ha="center")
    strongest = max(spectrum.peaks, key=lambda peak: peak.area)
    names = (f"{peak.protein} {peak.charge}+" for peak in (strongest, best))
    found.append(best.relative_abundance)
    print("{:29s} {:23s} {:14s}{:14.1e} {:21.1e}".format(name, *names, found[-1], spectrum.vesicle_to_contaminant))
ax.set_xticks([0.5, 2.5, 4.5], samples)
Path("out").mkdir(exist_ok=True)
figure.savefig("out/16_peptides_with_and_without_albumin.png", dpi=150)
less, pure = (f"{share / found[0]:.0f}" for share in found[1:])
print(
    f"Relative to the highest line, vesicles gain {less}-fold without albumin, {pure}-fold by spin filter and column."
)
