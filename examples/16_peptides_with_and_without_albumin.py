"""Mass spectrometry looks for peptides of vesicles among those of serum: what must be gone before they are seen?"""

from pathlib import Path

import sepsim

chain = sepsim.load_protocol(Path(__file__).parent / "protocols" / "mass_spectrometry.toml").to_table()
*purifying, detecting = chain["step"]
medium = {**chain["sample"], "size_bins": 12}
no_albumin = [{"name": "albumin", "particles_per_mL": 0}]
samples = {
    "conditioned medium": (medium, [detecting]),
    "the same, had it no albumin": ({**medium, "population": no_albumin}, [detecting]),
    "after spin filter and column": (medium, [*purifying, detecting]),
}

print("                              strongest line          best of vesicles    its share   vesicle/contaminant")
for name, (sample, steps) in samples.items():
    run = sepsim.protocol_from_table({"name": name, "target": "exosome", "sample": sample, "step": steps}).run()
    spectrum = run.bench[-1].outcome.trace
    strongest = max(spectrum.peaks, key=lambda peak: peak.area)
    vesicles = [peak for peak in spectrum.peaks if peak.role == "vesicle" and peak.resolved]
    best = max(vesicles, key=lambda peak: peak.area)
    print(
        f"{name:29s} {strongest.protein + f' {strongest.charge}+':23s} {best.protein + f' {best.charge}+':14s}"
        f"{best.relative_abundance:14.1e} {spectrum.vesicle_to_contaminant:21.1e}"
    )
